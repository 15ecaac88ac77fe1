//! Reasons why runs cannot be compared.

use crate::unit::Unit;
use std::fmt;

/// A quantity of a run that some units of costs need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Quantity {
    /// The number of successful requests in the window.
    Requests,
    /// The length of the window in seconds.
    Length,
    /// The time between two samples.
    Interval,
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Requests => "number of requests",
            Self::Length => "length",
            Self::Interval => "sampling interval",
        })
    }
}

/// A reason why runs cannot be compared.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A side has no runs.
    #[error("no runs {side}: give at least one run on each side")]
    NoRuns {
        /// The side: `before` or `after`.
        side: &'static str,
    },
    /// The window and the filters of a run leave none of its samples.
    #[error(
        "{run}: no samples are left of this run; look at its window and filters, or leave it out"
    )]
    EmptyRun {
        /// The name of the run.
        run: String,
    },
    /// Two runs seem to be one recording, also in two formats: their samples are equal.
    #[error(
        "{first} and {second} are the same recording, so they are not two runs: leave one of \
         them out"
    )]
    SameRun {
        /// The name of one run.
        first: String,
        /// The name of the other run.
        second: String,
    },
    /// A run is the log of an application, whose weights are errors and no CPU time.
    #[error("{run}: the log of an application with errors in it, and no recording of CPU time")]
    Log {
        /// The name of the run.
        run: String,
    },
    /// Two runs count different things, such as CPU time and allocated bytes.
    #[error(
        "{first} counts {first_counts}, and {second} counts {second_counts}: these cannot be compared"
    )]
    OtherCounts {
        /// The name of one run.
        first: String,
        /// The quantity that the one run counts: `CPU time`, `bytes`.
        first_counts: String,
        /// The name of the other run.
        second: String,
        /// The quantity that the other run counts.
        second_counts: String,
    },
    /// The costs cannot be in the unit that the caller chose.
    #[error(
        "{run}: costs cannot be per {}, because its {what} is not known; costs can be shares of the \
         CPU instead",
        unit.work().unwrap_or("sample")
    )]
    Unknown {
        /// The name of the run.
        run: String,
        /// The quantity that is not known.
        what: Quantity,
        /// The unit that the caller chose.
        unit: Unit,
    },
    /// A run's requests or sampling interval is not a finite number above 0. For costs per second, the
    /// length of the run must be such a number, too.
    #[error("{run}: {what} must be a number above 0, but is {value}")]
    BadNumber {
        /// The name of the run.
        run: String,
        /// The name of the number: `requests`, `sampling interval in ms` or `length in seconds`.
        what: &'static str,
        /// The value of the number.
        value: f64,
    },
    /// A history has too few points to find a change in it. In so short a history, each run is a point.
    #[error(
        "a history needs at least {least} runs, and these are {points}: add older runs, or compare two builds"
    )]
    ShortHistory {
        /// The number of points.
        points: usize,
        /// The least number of points that a history needs.
        least: usize,
    },
    /// A table has not one column for each run, or contains a count that is negative or not finite,
    /// or there is no table.
    #[error("a table of counts needs a column for each run, and counts of 0 or more")]
    Counts,
}
