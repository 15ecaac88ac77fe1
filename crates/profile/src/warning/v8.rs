//! Facts about a log of V8.

use super::{MissingBinary, percent};
use std::fmt;

/// A fact about a log of V8.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum V8Fact {
    /// Several isolates wrote to the log at once.
    SeveralIsolates,
    /// V8 lost ticks because its buffer was full.
    LostTicks {
        /// The number of places in which it did.
        places: u64,
    },
    /// There are fewer ticks than can show anything.
    FewTicks {
        /// The number of ticks.
        ticks: u64,
        /// The number of ticks for the log's length and interval, when it is far larger.
        due: Option<u64>,
    },
    /// Native code that was loaded while the program ran has no names.
    LoadedLater {
        /// The number of ticks in it.
        ticks: u64,
        /// The number of all ticks.
        all: u64,
        /// The number of the process, when the file's name contains it.
        pid: Option<String>,
        /// True when a copy of `/proc/PID/maps` beside the log is of another process.
        other_maps: bool,
    },
    /// A library that was hit gives no names.
    NamelessLibrary {
        /// The path in the log.
        path: String,
        /// The reason.
        why: MissingBinary,
    },
}

impl fmt::Display for V8Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SeveralIsolates => f.write_str(
                "several isolates wrote to this log (--no-logfile-per-isolate), so code of one may \
                 be taken for another's",
            ),
            Self::LostTicks { places } => {
                write!(f, "V8 lost ticks in {places} places, its buffer being full")
            }
            Self::FewTicks { ticks, due: Some(due) } => write!(
                f,
                "only {ticks} ticks where about {due} were due: the process mostly waited, or \
                 --cpu-prof ran beside --prof, which stops the ticks"
            ),
            Self::FewTicks { ticks, due: None } => {
                write!(f, "only {ticks} ticks, too few to go by")
            }
            Self::LoadedLater { ticks, all, .. } => write!(
                f,
                "{:.0} % of the ticks are in native code that was loaded while the program ran, \
                 most likely an addon, and a log names only what was there at its start",
                percent(*ticks, *all)
            ),
            Self::NamelessLibrary { path, why } => match why {
                MissingBinary::File => write!(f, "{path} is not here"),
                MissingBinary::OtherBuild => {
                    write!(f, "{path} is another build than the one that ran")
                }
                MissingBinary::Unreadable => write!(f, "{path} is no object file"),
            },
        }
    }
}
