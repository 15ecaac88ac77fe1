//! Why runs cannot be compared.

use crate::unit::Unit;

/// Why runs cannot be compared.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// A side has no runs.
    #[error("no runs {side}: give at least one run on each side")]
    NoRuns {
        /// The side.
        side: &'static str,
    },
    /// A run keeps no samples.
    #[error(
        "{run}: no samples are left of this run; look at its window and filters, or leave it out"
    )]
    EmptyRun {
        /// The run.
        run: String,
    },
    /// The same recording is given twice.
    #[error(
        "{first} and {second} are the same recording, so they are not two runs: leave one of \
         them out"
    )]
    SameRun {
        /// One of them.
        first: String,
        /// The other.
        second: String,
    },
    /// Costs cannot be in the unit that was asked for.
    #[error(
        "{run}: costs cannot be per {}, because its {what} is not known; shares need neither",
        unit.work().unwrap_or("sample")
    )]
    Unknown {
        /// The run.
        run: String,
        /// The quantity that is not known.
        what: &'static str,
        /// The unit.
        unit: Unit,
    },
    /// A run's requests or sampling interval is no number above 0.
    #[error("{run}: {what} must be a number above 0, but is {value}")]
    BadNumber {
        /// The run.
        run: String,
        /// Which number.
        what: &'static str,
        /// What it is.
        value: f64,
    },
    /// A table does not fit its runs, or holds what is no count.
    #[error("a table of counts needs a column for each run, and counts of 0 or more")]
    Counts,
}
