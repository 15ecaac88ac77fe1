//! Why a load file could not be used.

use std::fmt::{self, Write};
use std::io;
use std::path::PathBuf;

/// One of several tests in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestSpan {
    /// When it began, in seconds of Unix time.
    pub start_s: i64,
    /// How long it took, in seconds.
    pub seconds: u64,
    /// Requests in it.
    pub requests: u64,
}

impl fmt::Display for TestSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let start = crate::read::time::show(self.start_s);
        write!(f, "from {start}, {} s, {} requests", self.seconds, self.requests)
    }
}

/// Why a load file could not be used, and what to do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file could not be opened or read.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The content is of no format that is read here.
    #[error(
        "{}: {found}; expected what a load generator saw: `k6 run --out json=FILE` or `--out csv=FILE`, \
         a k6 summary (JSON or text), `autocannon -j`, or a CSV table with a time column and one of \
         requests per second (name them with --columns time=...,rps=...)",
        path.display()
    )]
    Unrecognised {
        /// The file.
        path: PathBuf,
        /// What it looks like.
        found: &'static str,
    },
    /// The file is of a known format, and broken where nothing can be saved.
    #[error("{}: {at}: {expected}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where: `line 3 column 7`.
        at: String,
        /// What is wrong there, what was expected, and what to do.
        expected: String,
    },
    /// A load file without a request in it.
    #[error("{}: no requests in it; {why}", path.display())]
    NoRequests {
        /// The file.
        path: PathBuf,
        /// What may be the cause, and what to do.
        why: String,
    },
    /// More than one test, none chosen (or one that is not there).
    #[error("{}: choose one of the tests in it with --test N:{}", path.display(), numbered(tests))]
    SeveralTests {
        /// The file.
        path: PathBuf,
        /// The tests, in the order in which `--test` counts them from 1.
        tests: Vec<TestSpan>,
    },
    /// The points of several tests cannot be told apart.
    #[error(
        "{}: the points of {tests} tests lie at the same times or in mixed order, and nothing tells \
         which belongs to which; give the file of one test", path.display()
    )]
    MixedTests {
        /// The file.
        path: PathBuf,
        /// How many tests.
        tests: usize,
    },
    /// The load generator's clock was set while the test ran.
    #[error(
        "{}: line {line}: the clock jumps {} by {:.0} s, so no time in this file can be trusted; run the \
         test again with a steady clock{}",
        path.display(), if *seconds < 0.0 { "back" } else { "forward" }, seconds.abs(),
        if *seconds < 0.0 { "" } else { ", or, if the generator paused there, take one side of it with \
         --test 1 or --test 2" }
    )]
    ClockJump {
        /// The file.
        path: PathBuf,
        /// The line of the first point after it, from 1.
        line: u64,
        /// By how much; negative for a step back.
        seconds: f64,
    },
    /// No request went to the endpoint asked for.
    #[error("{}: no request to {asked:?}; {}", path.display(), there_are(known))]
    UnknownEndpoint {
        /// The file.
        path: PathBuf,
        /// What was asked for.
        asked: String,
        /// Names and groups in the file, busiest first.
        known: Vec<String>,
    },
    /// A table whose columns cannot be told.
    #[error(
        "{}: {problem}; its columns: {}; say which is which with --columns time=NAME,rps=NAME,...",
        path.display(), found.join(", ")
    )]
    Columns {
        /// The file.
        path: PathBuf,
        /// What is missing.
        problem: String,
        /// The columns it has.
        found: Vec<String>,
    },
    /// More seconds than are kept.
    #[error(
        "{}: the points lie in more than {most} seconds (a week); cut the file to the test", path.display()
    )]
    TooLong {
        /// The file.
        path: PathBuf,
        /// How many seconds are kept at most.
        most: usize,
    },
}

fn there_are(known: &[String]) -> String {
    match known {
        [] => "the file does not say where requests went".into(),
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
