//! The conditions that the machine gave each run. They are shown beside a verdict, because
//! it depends on them.

/// The conditions under which a run was recorded. A condition that is not known is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Environment {
    /// Share of a core that the busiest thread used, as a rule from 0 to 1. In the runs of a
    /// [`Comparison`](crate::Comparison), it may be `kernel_cores`.
    pub cores: Option<f64>,
    /// True when `cores` also counts time in which the thread waited for a core, as samples of V8 do.
    pub counts_waits: bool,
    /// The kernel's count of the share in `cores`: from the `process.csv` of the recorder.
    pub kernel_cores: Option<f64>,
    /// The shares of a core by samples and as the kernel counted it, over the part of the window for which
    /// the kernel's count is known. It is needed where `kernel_cores` is not known, because this part is too
    /// small to stand for the window.
    pub counted_part: Option<(f64, f64)>,
    /// Share of the time in which the busiest thread's event loop did not wait, from 0 to 1. It is not known
    /// for a thread without idle samples.
    pub loop_utilisation: Option<f64>,
    /// Share of garbage collection among the busiest thread's samples that are not idle, from 0 to 1. It is
    /// not known for a thread without samples of garbage collection.
    pub gc_share: Option<f64>,
    /// Share of the samples of the whole recording that are missing, from 0 to 1. It is a lower
    /// limit, because recorders do not note each lost sample.
    pub lost: Option<f64>,
    /// Mean number of cores that the other threads used: all but the main threads, or, from
    /// samples, all but the busiest one. It can be above 1.
    pub other_threads: Option<f64>,
    /// Share of failed requests among those that ended in the window, from 0 to 1. It is not known without a load
    /// test, and for one that does not show which requests failed.
    pub failed: Option<f64>,
}

/// A fact on which the costs of a run depend, such as its version of Node or its processor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The name of the fact in words, such as `Node` or `CPU limit of the control group`.
    pub name: &'static str,
    /// The value of the fact in this run, such as `v22.11.0`.
    pub value: String,
}

/// The name of one condition under which a run was recorded, such as the share of a core that the
/// busiest thread got: a field of an [`Environment`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Condition {
    /// The condition [`Environment::cores`].
    Cores,
    /// The condition [`Environment::loop_utilisation`].
    LoopUtilisation,
    /// The condition [`Environment::gc_share`].
    GcShare,
    /// The condition [`Environment::lost`], the share of missing samples.
    Lost,
    /// The condition [`Environment::other_threads`], the cores that other threads used.
    OtherThreads,
    /// The condition [`Environment::failed`], the share of failed requests.
    Failed,
}

impl Condition {
    /// Every condition, in the order of the fields of [`Environment`].
    pub const ALL: [Self; 6] = [
        Self::Cores,
        Self::LoopUtilisation,
        Self::GcShare,
        Self::Lost,
        Self::OtherThreads,
        Self::Failed,
    ];

    /// Returns the word for the condition in JSON: `cores`. It is the name of the field of [`Environment`].
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cores => "cores",
            Self::LoopUtilisation => "loop_utilisation",
            Self::GcShare => "gc_share",
            Self::Lost => "lost",
            Self::OtherThreads => "other_threads",
            Self::Failed => "failed",
        }
    }

    /// Returns the name of the condition for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cores => "share of a core",
            Self::LoopUtilisation => "event-loop utilisation",
            Self::GcShare => "garbage collection",
            Self::Lost => "samples lost",
            Self::OtherThreads => "CPU of other threads, in cores",
            Self::Failed => "failed requests",
        }
    }
}

impl Environment {
    /// Returns the environment with the kernel's share of a core in place of that of the samples.
    pub(crate) fn by_kernel(self) -> Self {
        Self { cores: self.kernel_cores, counts_waits: false, ..self }
    }

    /// Returns the value of a condition; `None` when it is not known.
    pub(crate) const fn get(&self, condition: Condition) -> Option<f64> {
        match condition {
            Condition::Cores => self.cores,
            Condition::LoopUtilisation => self.loop_utilisation,
            Condition::GcShare => self.gc_share,
            Condition::Lost => self.lost,
            Condition::OtherThreads => self.other_threads,
            Condition::Failed => self.failed,
        }
    }
}

/// Returns the environments of runs, with one source of the share of a core: the kernel when it counted that
/// of every run, and otherwise the samples.
pub(crate) fn alike<'a>(runs: impl Iterator<Item = &'a Environment>) -> Vec<Environment> {
    let all: Vec<Environment> = runs.copied().collect();
    match all.iter().all(|of| of.kernel_cores.is_some()) {
        true => all.into_iter().map(Environment::by_kernel).collect(),
        false => all,
    }
}

/// Returns the mean over a side's runs; `None` when one run lacks the condition.
pub(crate) fn mean<'a>(
    environments: impl Iterator<Item = &'a Environment>,
    condition: Condition,
) -> Option<f64> {
    let values: Option<Vec<f64>> = environments.map(|of| of.get(condition)).collect();
    let values = values.filter(|values| !values.is_empty())?;
    Some(values.iter().sum::<f64>() / values.len() as f64)
}
