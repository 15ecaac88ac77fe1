//! Reasons why a monitor's file cannot be used, and warnings for its user.

use crate::show_time;
use crate::time_span::TimeSpan;
use crate::timeline::Loss;
use std::io;
use std::path::PathBuf;

/// Reasons why the file of a monitor cannot be used. A monitor is a program that measures the tested system, such
/// as CloudWatch or Prometheus.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file could not be opened or read.
    #[error("{}: {source}", path.display())]
    Io {
        /// Path of the file.
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
        /// Path of the file.
        path: PathBuf,
        /// Description of the content.
        found: &'static str,
    },
    /// The file has a known format, but it is damaged.
    #[error("{}: {at}: {expected}", path.display())]
    Damaged {
        /// Path of the file.
        path: PathBuf,
        /// The place or the part of the file that has the fault, in words: `line 3 column 7`.
        at: String,
        /// The fault, and the text that was expected.
        expected: String,
    },
    /// The file is an error message of the monitor instead of values.
    #[error("{}: {format} answered with an error: {message}; ask it again", path.display())]
    Answered {
        /// Path of the file.
        path: PathBuf,
        /// The name of the format.
        format: &'static str,
        /// The monitor's message.
        message: String,
    },
    /// The file has a known format, but no value.
    #[error(
        "{}: {format} without a value in it: ask for the time of the test, and check the name of the \
         metric and its dimensions", path.display()
    )]
    Empty {
        /// Path of the file.
        path: PathBuf,
        /// The name of the format.
        format: &'static str,
    },
    /// The file is larger than 64 MiB, and is not read.
    #[error("{}: more than {most}; ask for the time of the test only", path.display())]
    TooLong {
        /// Path of the file.
        path: PathBuf,
        /// The limit, in words.
        most: &'static str,
    },
    /// The times of the monitor's values and of the load test do not overlap.
    #[error("{}: it was measured from {measured}, and the load test ran from {test}", path.display())]
    Apart {
        /// Path of the file.
        path: PathBuf,
        /// The time from the monitor's first value to its last one.
        measured: TimeSpan,
        /// The time of the test.
        test: TimeSpan,
        /// An offset in seconds ahead of UTC, negative when behind, with which the two times would
        /// overlap, to be suggested to the user. It is `None` when none is to be suggested.
        zone_s: Option<i32>,
    },
    /// Each series of the file has one value, whose period begins before the load test, and nothing in the file
    /// shows the length of this period.
    #[error(
        "{}: its only value begins at {}, before the load test ({test}), and the file does not tell the \
         length of its period: ask the monitor for several periods, the first of them before that time",
        path.display(), show_time(at_us.div_euclid(1_000_000))
    )]
    Alone {
        /// Path of the file.
        path: PathBuf,
        /// The start of the period (the latest one, for several series), in microseconds since 1970.
        at_us: i64,
        /// The time of the test.
        test: TimeSpan,
    },
    /// The monitor has values from before and after the load test, and none from its time or shortly beside it.
    #[error(
        "{}: it has values before and after the load test, and none from {test}, the time of the test; \
         ask the monitor for this time", path.display()
    )]
    Gap {
        /// Path of the file.
        path: PathBuf,
        /// The time of the test.
        test: TimeSpan,
    },
    /// The load test has no wall-clock times, so that values of a monitor cannot be aligned with
    /// it.
    #[error(
        "{}: the load test's times count from its start and name no day, so that measurements cannot be \
         aligned with it", path.display()
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
    /// Dates may have the day or the month first, and no date of the file shows the order. The day
    /// is taken as the first number. The value is the first such date.
    DayOrMonth(String),
    /// Numbers have three digits behind a mark, and no cell shows whether these are a fraction or thousands.
    FractionOrThousands {
        /// The first such cell.
        cell: String,
        /// The number as which it was read, with a point before a fraction.
        value: String,
    },
    /// Some times have no offset from UTC. They are taken as UTC.
    LocalTimes,
    /// The answer is incomplete: it has a further page, or the monitor marked its data as partial.
    Incomplete {
        /// Name of the metric with partial data; empty when the whole answer is incomplete.
        metric: String,
    },
    /// The monitor answered one of several queries with an error.
    Answered {
        /// Name of the query.
        query: String,
        /// The monitor's message.
        message: String,
    },
    /// The file contains native histograms of Prometheus, which are left out. The value is the
    /// number of their series.
    Histograms(usize),
    /// Some series of the file have no value, and are left out.
    Empty {
        /// Name of one series without a value: the first one in alphabetical order.
        name: String,
        /// Number of series without a value, at most 200.
        series: usize,
    },
    /// The monitor put a warning of its own into the answer. The value is its text.
    FromMonitor(String),
    /// The file has more series or values than are kept. The rest is left out.
    Dropped {
        /// Number of series that were left out. In an answer with several pages, each page counts
        /// for itself, and a series may be kept with the values of its first pages.
        series: usize,
    },
    /// The values of a series named as the use of a CPU or a memory end below 1, so that they may be shares of one
    /// or small numbers of per cent. They are taken as plain numbers, which are no sign of a limit.
    ShareOrPercent {
        /// Name of the first such series.
        name: String,
        /// Its smallest value, with two decimals.
        from: String,
        /// Its largest value, with two decimals.
        to: String,
    },
    /// Some rows of the file, or some of their values, could not be used. The value has the reason and the
    /// number of these rows.
    Lost(Loss),
}
