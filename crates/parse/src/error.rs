//! Reasons why a recording could not be used.

use crate::sniff::format::{Format, InputFormat, UNCLEAR};
use std::path::PathBuf;
use std::{fmt, io};

/// The recordings that are read, in words.
pub const EXPECTED: &str = "expected a recording: a V8 tick log (`node --prof app.js`), perf.data, \
    the text of `perf script`, a .cpuprofile, a Chrome trace, pprof, speedscope, Firefox Profiler \
    JSON, OTLP profiles, folded stacks, or an application's log with errors in it";

/// The reason why a recording could not be used. The message states the fault, and how to record
/// anew; a program adds the advice where its flags help.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file could not be opened or read.
    #[error("{}: {source}{}", path.display(), denied(source))]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The content has no format that is read here.
    #[error("{}: {found}; {EXPECTED}", path.display())]
    Unrecognised {
        /// The file.
        path: PathBuf,
        /// A description of what the content looks like.
        found: &'static str,
    },
    /// The file has a known format, and is damaged at a place where nothing of it can be
    /// used.
    #[error("{}: {at}: {expected}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The place: `byte 1042`, `line 3 column 7`, `record 12`.
        at: String,
        /// The problem at that place, what was expected, and the advice.
        expected: String,
    },
    /// A folder contains no recording.
    #[error(
        "{}: {} recording; expected isolate-*-v8.log, \
         *.cpuprofile or perf.data, as `node --prof app.js`, `node --cpu-prof app.js` and `perf \
         record` write them into the folder they are started in, or another format that is read",
        path.display(),
        none_of(*files)
    )]
    NoRecording {
        /// The folder.
        path: PathBuf,
        /// The number of files that were looked at.
        files: usize,
    },
    /// Two recordings have different units, so that they cannot be added.
    #[error(
        "{first} counts {first_unit} and {second} {second_unit}: they cannot be added; read one \
         of them, or name files rather than their folder"
    )]
    Units {
        /// The first file.
        first: String,
        /// The unit of the first: `samples`, `nanoseconds`, `bytes`.
        first_unit: String,
        /// The second file.
        second: String,
        /// The unit of the second.
        second_unit: String,
    },
    /// A recording contains no values of the kind asked for, or none above 0.
    #[error("{}: no samples in it; {fault}; there are: {}", path.display(), kinds.join(", "))]
    NoSuchValues {
        /// The file.
        path: PathBuf,
        /// The fault.
        fault: ValueFault,
        /// The kinds of value in the file that can be asked for.
        kinds: Vec<String>,
    },
    /// Folded stacks have no count of this name.
    #[error("{}: no count called `{wanted}`; there are before and after", path.display())]
    NoSuchCount {
        /// The file.
        path: PathBuf,
        /// The name that was asked for.
        wanted: String,
    },
    /// A recording contains no samples.
    #[error("{}: no samples in it; {why}", path.display())]
    NoSamples {
        /// The file.
        path: PathBuf,
        /// The possible cause, and the advice.
        why: String,
    },
}

/// The reason why a recording has no values to read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ValueFault {
    /// No kind of value in a profile of pprof has this name.
    NoKind(String),
    /// No profile in a speedscope file measures the quantity that was asked for. The value is its
    /// name.
    NoMeasure(String),
    /// No event in a recording of perf has the name that was asked for. The value is that name.
    NoEvent(String),
    /// All samples are of other events of perf than the one that is read.
    OtherEvents,
    /// The recording has values of the kind that was asked for, but every one is 0.
    Zero,
}

impl fmt::Display for ValueFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoKind(wanted) => write!(f, "`{wanted}` is no kind of value in it"),
            Self::NoMeasure(wanted) => write!(f, "none measure `{wanted}`"),
            Self::NoEvent(wanted) => write!(f, "no event is called {wanted}"),
            Self::OtherEvents => f.write_str("of that event"),
            Self::Zero => f.write_str("every value is 0"),
        }
    }
}

impl Error {
    /// Returns the format that the file could be read as, when its content fits that format
    /// but does not show it.
    ///
    /// ```
    /// let text = &b"main 3\nidle 4\n"[..];
    /// let options = spikeflame_parse::Options::default();
    /// let error = spikeflame_parse::read_stream(text, "x".as_ref(), &options).unwrap_err();
    /// assert_eq!(error.may_be().map(|format| format.name()), Some("folded"));
    /// ```
    pub fn may_be(&self) -> Option<InputFormat> {
        match self {
            Self::Unrecognised { found, .. } if *found == UNCLEAR => {
                Some(InputFormat(Format::Folded))
            }
            _ => None,
        }
    }
}

/// Returns the advice for a file that the user may not read.
fn none_of(files: usize) -> String {
    match files {
        0 => "this folder has no files, and so no".to_owned(),
        1 => "the one file in this folder is no".to_owned(),
        files => format!("none of the {files} files in this folder is a"),
    }
}

fn denied(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::PermissionDenied => {
            "; what `sudo perf record` writes belongs to root: `sudo chown` gives it to you"
        }
        _ => "",
    }
}
