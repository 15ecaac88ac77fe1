//! Reasons why a monitor's file cannot be used, and warnings for its user.

use crate::read::time::show;
use crate::timeline::Loss;
use std::fmt;
use std::io;
use std::path::PathBuf;

/// A time between two moments, in microseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The beginning, in microseconds since 1970.
    pub from_us: i64,
    /// The end, in microseconds since 1970. It does not belong to the time, except in
    /// [`Queries::span`](crate::queries::Queries::span), where it is the time of the last
    /// statement.
    pub to_us: i64,
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = |us: i64| show(us.div_euclid(1_000_000));
        write!(f, "{} to {}", time(self.from_us), time(self.to_us))
    }
}

/// Reasons why a monitor's file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file could not be opened or read.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
    /// The format of the content is not supported.
    #[error(
        "{}: {found}; expected measurements over time: JSON of `aws cloudwatch get-metric-data` or \
         `get-metric-statistics`, of `aws pi get-resource-metrics`, of Prometheus' /api/v1/query_range, \
         of Grafana's /api/ds/query or of a panel (Inspect > JSON > Panel data), or a CSV table with a \
         column of times", path.display()
    )]
    Unrecognised {
        /// The file.
        path: PathBuf,
        /// Description of the content.
        found: &'static str,
    },
    /// The file has a known format, but it is broken.
    #[error("{}: {at}: {expected}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The place: `line 3 column 7`.
        at: String,
        /// The problem there.
        expected: String,
    },
    /// The monitor answered with an error of its own.
    #[error("{}: {format} answered with an error: {message}; ask it again", path.display())]
    Answered {
        /// The file.
        path: PathBuf,
        /// The format.
        format: &'static str,
        /// The monitor's words.
        message: String,
    },
    /// There is no value in the file.
    #[error(
        "{}: {format} without a value in it: ask for the time of the test, and check the name of the \
         metric and its dimensions", path.display()
    )]
    Empty {
        /// The file.
        path: PathBuf,
        /// The format.
        format: &'static str,
    },
    /// The file is larger than the limit.
    #[error("{}: more than {most}; ask for the time of the test only", path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
        /// The limit, in words.
        most: &'static str,
    },
    /// The times of monitor and load test do not overlap.
    #[error("{}: it was measured from {measured}, and the load test ran from {test}", path.display())]
    Apart {
        /// The file.
        path: PathBuf,
        /// The time that was measured.
        measured: Span,
        /// The time of the test.
        test: Span,
        /// The offset from UTC, in seconds, with which the times would overlap, when the monitor's
        /// times have no offset.
        zone_s: Option<i32>,
    },
    /// The load test has no wall-clock times, so that values of a monitor cannot be placed beside
    /// it.
    #[error(
        "{}: the load test's times count from its start and name no day, so that nothing can be laid \
         beside it", path.display()
    )]
    NoClock {
        /// The monitor's file.
        path: PathBuf,
    },
}

/// A fact about a monitor's file that its user should know. The file is still used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// Dates may have the day or the month first, and no date of the file shows the order. The day is
    /// taken as the first. The value is the first such date.
    DayOrMonth(String),
    /// Times have no offset from UTC, and count as UTC.
    LocalTimes,
    /// The answer is incomplete: it has another page, or partial data.
    Incomplete {
        /// The metric, or empty for the whole answer.
        metric: String,
    },
    /// One of several queries was answered with an error.
    Answered {
        /// The query.
        query: String,
        /// The monitor's words.
        message: String,
    },
    /// The file contains native histograms of Prometheus, which are not read. The value is their
    /// number.
    Histograms(usize),
    /// Some series of the file have no value.
    Empty {
        /// The name of the first one.
        name: String,
        /// The number of these series.
        series: usize,
    },
    /// The monitor added its own warning to the answer. The value is its text.
    Told(String),
    /// The file has more series than are kept; the rest is left out.
    Dropped {
        /// The number of series that were left out.
        series: usize,
    },
    /// Some rows of the file could not be used.
    Lost(Loss),
}
