//! What the machine gave each run: beside a verdict, because a verdict rests on it.

use crate::run::RunCounts;
use crate::table::Side;
use crate::warnings::Warning;

/// Sides further apart than this factor were not served alike.
const ALIKE: f64 = 1.2;
/// A share of both sides below this is not worth a word.
const LEAST: f64 = 0.02;

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

/// Conditions in which the sides differ. A change of the code can move them too, but
/// only runs made in turn show that it was the code.
pub(crate) fn differences(runs: &[(Side, &RunCounts)]) -> Vec<Warning> {
    let of = |side: Side, condition| {
        let own = runs.iter().filter(move |(of, _)| *of == side);
        mean(own.map(|(_, run)| &run.environment), condition)
    };
    let differs = |&condition: &Condition| {
        let (before, after) = (of(Side::Before, condition)?, of(Side::After, condition)?);
        let far = before.max(after) > ALIKE * before.min(after) && before.max(after) >= LEAST;
        far.then_some(Warning::EnvironmentsDiffer { condition, before, after })
    };
    Condition::ALL.iter().filter_map(differs).collect()
}
