//! Facts about a log of V8.

use super::{MissingBinary, percent};
use spikeflame_wall::seconds_of;
use std::fmt;

/// A fact about a tick log of V8 that its user should know.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum V8Fact {
    /// Several isolates wrote to the same log, so code of one may be taken for code of another.
    SeveralIsolates,
    /// V8 lost ticks because its buffer was full.
    LostTicks {
        /// The number of places in the log at which ticks were lost.
        places: u64,
    },
    /// The log has too few ticks for conclusions.
    FewTicks {
        /// The number of ticks.
        ticks: u64,
        /// The number of ticks that the log's length and interval would give, when it is far
        /// larger; `None` otherwise.
        due: Option<u64>,
    },
    /// The times of ticks go back. The times of the recording are wrong, and shares of the whole
    /// recording are right.
    ClockBack {
        /// The line of the largest step back, from 1.
        line: u64,
        /// The size of the largest step back, in microseconds.
        by_us: u64,
        /// The number of steps back.
        places: u64,
    },
    /// There is a long gap without a tick, in which the program did not wait.
    NoTicks {
        /// The line of the tick after the gap, from 1.
        line: u64,
        /// The length of the gap in microseconds.
        for_us: u64,
    },
    /// The file lacks the beginning of the log, which lists libraries and code. Their functions
    /// have no names.
    NoBeginning,
    /// The times of ticks and of the code that was created between them differ. The times of the
    /// recording are wrong, and shares of the whole recording are right.
    ClockApart {
        /// The line of the first tick or code that does not fit, from 1.
        line: u64,
        /// The difference at that line in microseconds.
        by_us: u64,
    },
    /// Ticks are much farther apart than V8 was to take them, while the program did not wait. Many
    /// ticks are missing, so times are too short.
    SparseTicks {
        /// The median time between two ticks, without waits, in microseconds.
        apart_us: u64,
        /// The interval that V8 was to keep, in microseconds.
        asked_us: u64,
    },
    /// Single ticks are missing throughout the log, while the program did not wait. Times that are
    /// computed from the number of ticks are too short.
    MissingTicks {
        /// The number of missing ticks, counted in gaps of two and three intervals; longer gaps are
        /// not counted.
        missing: u64,
        /// The number of gaps of up to three intervals plus `missing`: the ticks that were due in them.
        due: u64,
    },
    /// Ticks are in native code that was loaded while the program ran, such as an addon. The log
    /// lists only code from its start, so this code has no names.
    LoadedLater {
        /// The number of ticks in that code.
        ticks: u64,
        /// The number of all ticks.
        all: u64,
        /// The number of the process, when the log's name contains it.
        pid: Option<String>,
        /// True when copies of `/proc/PID/maps` are beside the log, and all belong to other processes.
        other_maps: bool,
    },
    /// In many ticks, V8 left out the function that called a builtin. The function that is put back
    /// in these ticks has other functions inlined into it, and no tick shows which one called the
    /// builtin.
    UncertainCallers {
        /// The number of such ticks.
        ticks: u64,
        /// The number of all ticks.
        all: u64,
    },
    /// A library with ticks in it is on this machine, and names of its functions are missing.
    NamelessLibrary {
        /// The path of the library, as the log has it, or of its debug file that cannot be opened.
        path: String,
        /// The reason; [`MissingBinary::File`] is not reported for a log of V8.
        why: MissingBinary,
    },
}

impl fmt::Display for V8Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SeveralIsolates => f.write_str(
                "several isolates wrote to this log (--no-logfile-per-isolate), so code of one may \
                 be taken for another's, and names of the first may be overwritten",
            ),
            Self::NoBeginning => f.write_str(
                "the beginning of the log is missing, so code and libraries that it lists have no \
                 names",
            ),
            Self::LostTicks { places } => {
                let s = if *places == 1 { "" } else { "s" };
                write!(f, "V8 lost ticks in {places} place{s}, because its buffer was full")
            }
            Self::FewTicks { ticks, due: Some(due) } => write!(
                f,
                "only {ticks} ticks where about {due} were due: the process mostly waited, or \
                 --cpu-prof ran beside --prof and stopped most ticks"
            ),
            Self::FewTicks { ticks, due: None } => {
                let s = if *ticks == 1 { "" } else { "s" };
                write!(f, "only {ticks} tick{s}: too few for reliable shares")
            }
            Self::ClockBack { line, by_us, places } => {
                let more = match places {
                    1 => String::new(),
                    places => format!(", the largest of {places} steps back"),
                };
                write!(
                    f,
                    "line {line}: the times of the ticks go back by {}{more}; shares of the whole \
                     recording are right, its times are not",
                    duration(*by_us)
                )
            }
            Self::NoTicks { line, for_us } => write!(
                f,
                "line {line}: no tick for {} before it, although the program did not wait: the \
                 clock was changed, the process was stopped, or ticks are missing",
                duration(*for_us)
            ),
            Self::ClockApart { line, by_us } => write!(
                f,
                "line {line}: the times of the ticks and of the code around them differ by {}; \
                 shares of the whole recording are right, its times are not",
                duration(*by_us)
            ),
            Self::SparseTicks { apart_us, asked_us } => write!(
                f,
                "the ticks are {} apart, where {} was asked for: most of them are missing, so times \
                 are too short",
                duration(*apart_us),
                duration(*asked_us)
            ),
            Self::MissingTicks { missing, due } => write!(
                f,
                "at least {:.0} % of the ticks are missing, as gaps of two and three intervals show, \
                 so times that are computed from the number of ticks are too short",
                percent(*missing, *due)
            ),
            Self::LoadedLater { ticks, all, .. } => write!(
                f,
                "{:.0} % of the ticks are in native code that was loaded while the program ran, \
                 most likely an addon, and a log names only what was there at its start",
                percent(*ticks, *all)
            ),
            Self::UncertainCallers { ticks, all } => write!(
                f,
                "in {:.0} % of the ticks, V8 left out the function that called a builtin, and functions that \
                 V8 inlined into the one that is shown may have called it",
                percent(*ticks, *all)
            ),
            Self::NamelessLibrary { path, why } => match why {
                MissingBinary::File => write!(f, "{path} is not here"),
                MissingBinary::Unopened => {
                    write!(f, "{path} could not be opened, so functions have no names")
                }
                MissingBinary::OtherBuild => {
                    write!(f, "{path} is another build than the one that ran")
                }
                MissingBinary::Unreadable => write!(f, "{path} is no object file"),
            },
        }
    }
}

/// Returns a time in the unit that suits it.
fn duration(us: u64) -> String {
    match us {
        0..1_000 => format!("{us} µs"),
        1_000..1_000_000 => format!("{:.1} ms", us as f64 / 1e3),
        _ => format!("{:.1} s", seconds_of(us)),
    }
}
