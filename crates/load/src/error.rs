//! Errors of reading a load file.

use std::fmt::{self, Write};
use std::io;
use std::path::PathBuf;

/// One of several tests in a file. `Display` writes its start, length and number of requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestSpan {
    /// Start of the test, in seconds since 1970. It counts from the start of the test or from midnight when
    /// `has_clock` is false.
    pub start_s: i64,
    /// False when the times of the file count from the start of the test or from midnight.
    pub has_clock: bool,
    /// Length of the test in whole seconds, from the first second with data to the end of the last one, or
    /// of the last row of a table.
    pub length_s: u64,
    /// Number of requests in the test, successful and failed together; of iterations, when a test of k6 sent no
    /// requests.
    pub requests: u64,
}

impl fmt::Display for TestSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.has_clock {
            true => write!(f, "from {}", crate::read::time::show(self.start_s))?,
            false => write!(f, "from {} s on", self.start_s)?,
        }
        write!(f, ", {} s, {} requests", self.length_s, self.requests)
    }
}

/// The sentence that names the most usual of the supported files. It is the end of the message of
/// [`Error::Unrecognised`].
pub const EXPECTED: &str = "expected the result of a load generator: `k6 run --out json=FILE` or \
    `--out csv=FILE`, a k6 summary (JSON or text), `autocannon -j`, or a CSV table with a time column \
    and one of requests per second, or with a row for each request: its time, duration and status";

/// The value of `found` in [`Error::Unrecognised`] when the file is the slow query log of MySQL or a
/// relative of it, as text, which is no load test. A caller can compare with it.
pub const SLOW_LOG: &str = "a slow query log";

/// The value of `found` in [`Error::Unrecognised`] when the file is JSON of CloudWatch or
/// Performance Insights, which [`monitor::read`](crate::monitor::read) reads.
pub const MONITOR: &str = "measurements of a monitor, which stand beside a load test";

/// The reason why the columns of a table are not clear.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ColumnFault {
    /// A fault that has no other variant. The value is the reason in words.
    #[error("{0}")]
    Words(String),
    /// The numbers of a column may be those of each row or those since the start.
    #[error("{name:?} may hold the {of} of each row, or those since the start")]
    Total {
        /// The name of the column.
        name: String,
        /// The quantity that the column counts: `requests` or `failed requests`.
        of: &'static str,
    },
    /// A column of durations names no unit: they may be seconds or milliseconds.
    #[error("{name:?} holds numbers below 10 without a unit, which may be seconds or milliseconds")]
    NoUnit {
        /// The name of the column.
        name: String,
        /// The meaning of the column: `p50`, `p95`, `p99` or `mean`.
        meaning: &'static str,
    },
    /// A column that is named as a share of the requests holds numbers above 100 per cent.
    #[error("{name:?} holds numbers above 100, so that it is no share of the requests")]
    NoShare {
        /// The name of the column.
        name: String,
        /// The quantity whose number the column may hold: `errors` or `success`.
        of: &'static str,
    },
    /// A column of shares has numbers that may be shares of one and per cent, because its name and
    /// its numbers disagree.
    #[error("{name:?} may be in per cent or a share of one: no number in it is above 1.5")]
    PercentOrShare {
        /// The name of the column.
        name: String,
    },
    /// A column of failed requests holds fractions, and the requests of each row are a whole number.
    #[error(
        "{name:?} holds fractions beside whole numbers of requests, so that it may be the share of \
         failed requests"
    )]
    Fractions {
        /// The name of the column.
        name: String,
    },
    /// A column of failed requests is named as a rate of a class of status, without a unit.
    #[error("{name:?} may hold failed requests a second, or their share of all")]
    RateOrShare {
        /// The name of the column.
        name: String,
    },
    /// A column of times since the start names no unit, and its numbers do not show which one it
    /// is.
    #[error(
        "{name:?} counts {step} from row to row without a unit, which may be seconds or milliseconds"
    )]
    NoTimeUnit {
        /// The name of the column.
        name: String,
        /// The usual difference between two rows.
        step: i64,
    },
}

/// A part of a table that can be too large to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TablePart {
    /// The rows.
    Rows,
    /// The numbers in columns that are neither times, requests, users nor durations.
    Values,
}

impl fmt::Display for TablePart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rows => "rows",
            Self::Values => "numbers in columns beside those of the load",
        })
    }
}

/// Reasons why a load file cannot be used. The message names the file and the fault; a program adds
/// the next step where its flags help.
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
    #[error("{}: {found}; {EXPECTED}", path.display())]
    Unrecognised {
        /// Path of the file.
        path: PathBuf,
        /// Description of the content.
        found: &'static str,
    },
    /// The file has a known format, but is broken and cannot be used in part.
    #[error("{}: {at}: {expected}", path.display())]
    Damaged {
        /// Path of the file.
        path: PathBuf,
        /// The place, such as `line 3 column 7` or `the page`.
        at: String,
        /// The fault; where they are known, also the text that was expected and the next step.
        expected: String,
    },
    /// The file has a known format, but no request in it can be used.
    #[error("{}: no requests in it; {why}", path.display())]
    NoRequests {
        /// Path of the file.
        path: PathBuf,
        /// The cause or a possible one; where it is known, also the next step.
        why: String,
    },
    /// The file contains several tests, and the user chose none; or the user chose one that does not exist.
    #[error(
        "{}: it holds {}:{}", path.display(), if tests.len() == 1 { "one test" } else { "several tests" },
        numbered(tests)
    )]
    SeveralTests {
        /// Path of the file.
        path: PathBuf,
        /// The tests in order of their start. The first one has the number 1.
        tests: Vec<TestSpan>,
    },
    /// The file contains more tests than can be told apart.
    #[error(
        "{}: it holds {tests} tests, which are too many to tell apart; give the file of one test",
        path.display()
    )]
    ManyTests {
        /// Path of the file.
        path: PathBuf,
        /// Number of tests in the file.
        tests: usize,
    },
    /// The data of several tests are mixed and cannot be separated.
    #[error(
        "{}: it holds {tests} tests, and points of some lie at the same times or in mixed order, so they \
         cannot be separated; give the file of one test", path.display()
    )]
    MixedTests {
        /// Path of the file.
        path: PathBuf,
        /// Number of tests in the file. Some or all of them are mixed.
        tests: usize,
    },
    /// The times of the file jump back or forward, as after a clock that was set while the test ran.
    #[error(
        "{}: line {line}: the clock jumps {} by {:.0} s, so no time in this file can be trusted; run the \
         test again with a steady clock",
        path.display(), if *seconds < 0.0 { "back" } else { "forward" }, seconds.abs(),
    )]
    ClockJump {
        /// Path of the file.
        path: PathBuf,
        /// The first line with data after the jump, from 1.
        line: u64,
        /// Size of the jump in seconds. It is negative for a step back.
        seconds: f64,
    },
    /// The file, or the one test in it that is read, has no request to the endpoint that the caller chose,
    /// or its format has no endpoints.
    #[error("{}: no request to {asked:?}; {}", path.display(), endpoints(known, *long))]
    UnknownEndpoint {
        /// Path of the file.
        path: PathBuf,
        /// The endpoint that the caller chose.
        asked: String,
        /// Names in the file from which the user may choose; empty when the file has none that can
        /// be listed.
        known: Vec<String>,
        /// True when k6, Gatling or JMeter's XML has names that are too long for `known`.
        long: bool,
    },
    /// The caller chose an endpoint, but the users of the k6 test sent no requests over HTTP or gRPC, so that its
    /// iterations stand for requests.
    #[error(
        "{}: no request to {asked:?}; the users sent no requests over HTTP or gRPC, and iterations, which stand \
         for requests then, have no endpoint: leave the endpoint out", path.display()
    )]
    NoEndpoints {
        /// Path of the file.
        path: PathBuf,
        /// The endpoint that the caller chose.
        asked: String,
    },
    /// The file, or the one test in it that is read, has no request of the scenario that the caller chose,
    /// or its format has no scenarios.
    #[error("{}: no request of a scenario {asked:?}; {}", path.display(), scenarios(known))]
    UnknownScenario {
        /// Path of the file.
        path: PathBuf,
        /// The name of the scenario that the caller chose.
        asked: String,
        /// Names of scenarios in the file, in alphabetical order. It is empty when the file has
        /// none.
        known: Vec<String>,
    },
    /// The meaning of a table's columns is not clear.
    #[error("{}: {problem}; its columns: {}", path.display(), found.join(", "))]
    Columns {
        /// Path of the file.
        path: PathBuf,
        /// The fault, and the column that has it.
        problem: ColumnFault,
        /// Names of all columns of the table; empty for the tables of JMeter, hey and Locust.
        found: Vec<String>,
    },
    /// The points of the file cover more than a week.
    #[error(
        "{}: the points lie in more than {most} seconds (a week); cut the file to the test", path.display()
    )]
    TooLong {
        /// Path of the file.
        path: PathBuf,
        /// The largest number of seconds that are kept: 604,800.
        most: usize,
    },
    /// A table has more rows than a week has seconds, or more than 4,000,000 numbers in its further columns.
    #[error(
        "{}: the table has more than {most} {what}; {}", path.display(), smaller(*what)
    )]
    TooLarge {
        /// Path of the file.
        path: PathBuf,
        /// The largest number that is read: 604,800 rows or 4,000,000 values.
        most: usize,
        /// The part of the table that is too large.
        what: TablePart,
    },
}

impl Error {
    /// Returns true for [`Error::Unrecognised`] when the file is not known as one of another program either.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unrecognised { found, .. } if crate::read::is_general(found))
    }

    /// Returns the error for a file whose times are not those of a clock.
    pub(crate) fn without_clock(mut self) -> Self {
        if let Self::SeveralTests { tests, .. } = &mut self {
            tests.iter_mut().for_each(|test| test.has_clock = false);
        }
        self
    }
}

fn smaller(what: TablePart) -> &'static str {
    match what {
        TablePart::Rows => "cut it to the test, with a row for each second or more",
        TablePart::Values => "leave out columns that need not stand beside the load test",
    }
}

fn endpoints(known: &[String], long: bool) -> String {
    match (known, long) {
        ([], false) => "the file does not state where requests went".into(),
        ([], true) => {
            "its endpoints have names of more than 512 bytes, which are not listed".into()
        }
        (_, false) => format!("there are: {}", known.join(", ")),
        (_, true) => {
            format!("there are names of more than 512 bytes, and these: {}", known.join(", "))
        }
    }
}

fn scenarios(known: &[String]) -> String {
    match known {
        [] => "the file does not name a scenario".into(),
        _ => format!("there are: {}", known.join(", ")),
    }
}

fn numbered(tests: &[TestSpan]) -> String {
    let mut text = String::new();
    for (at, test) in tests.iter().enumerate() {
        let _ = write!(text, "\n  {}: {test}", at + 1);
    }
    text
}
