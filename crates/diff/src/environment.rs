//! What the machine gave each run: beside a verdict, because a verdict rests on it.

/// What the machine gave a run, as far as it is known. Shares are of 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Environment {
    /// How much of a core the main thread got.
    pub cores: Option<f64>,
    /// Time that the event loop did not wait.
    pub loop_utilisation: Option<f64>,
    /// Samples in garbage collection.
    pub gc_share: Option<f64>,
    /// Samples that the recording lost or that are not readable.
    pub lost: Option<f64>,
}

/// A part of an [`Environment`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Condition {
    /// [`Environment::cores`].
    Cores,
    /// [`Environment::loop_utilisation`].
    LoopUtilisation,
    /// [`Environment::gc_share`].
    GcShare,
    /// [`Environment::lost`].
    Lost,
}

impl Condition {
    /// Every condition.
    pub const ALL: [Self; 4] = [Self::Cores, Self::LoopUtilisation, Self::GcShare, Self::Lost];

    /// The word for it in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cores => "cores",
            Self::LoopUtilisation => "loop_utilisation",
            Self::GcShare => "gc_share",
            Self::Lost => "lost",
        }
    }

    /// The name of it in words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cores => "share of a core",
            Self::LoopUtilisation => "event-loop utilisation",
            Self::GcShare => "garbage collection",
            Self::Lost => "samples lost",
        }
    }
}

impl Environment {
    /// One of its parts.
    pub const fn get(&self, condition: Condition) -> Option<f64> {
        match condition {
            Condition::Cores => self.cores,
            Condition::LoopUtilisation => self.loop_utilisation,
            Condition::GcShare => self.gc_share,
            Condition::Lost => self.lost,
        }
    }
}

/// The mean of a side's runs; `None` where a run does not show it.
pub(crate) fn mean<'a>(
    environments: impl Iterator<Item = &'a Environment>,
    condition: Condition,
) -> Option<f64> {
    let values: Option<Vec<f64>> = environments.map(|of| of.get(condition)).collect();
    let values = values.filter(|values| !values.is_empty())?;
    Some(values.iter().sum::<f64>() / values.len() as f64)
}
