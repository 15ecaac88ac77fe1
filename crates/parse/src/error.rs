//! Why a recording could not be used.

use crate::sniff::format::{Format, InputFormat, UNCLEAR};
use std::io;
use std::path::PathBuf;

/// Why a recording could not be used, and what to do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file could not be opened or read.
    #[error("{}: {source}{}", path.display(), denied(source))]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The content is of no format that is read here.
    #[error(
        "{}: {found}; expected a recording: a V8 tick log (`node --prof app.js`), perf.data, the text of \
         `perf script`, a .cpuprofile, a Chrome trace, pprof, speedscope, Firefox Profiler JSON, OTLP profiles, folded stacks, or an application's log with errors in it",
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
        /// Where: `byte 1042`, `line 3 column 7`, `record 12`.
        at: String,
        /// What is wrong there, what was expected, and what to do.
        expected: String,
    },
    /// A folder without one recording in it.
    #[error(
        "{}: none of the {files} files in this folder is a recording; expected isolate-*-v8.log, \
         *.cpuprofile or perf.data, as `node --prof app.js`, `node --cpu-prof app.js` and `perf \
         record` write them into the folder they are started in, or another format that is read",
        path.display()
    )]
    NoRecording {
        /// The folder.
        path: PathBuf,
        /// How many files were looked at.
        files: usize,
    },
    /// Recordings of which one counts what the other does not.
    #[error(
        "{first} counts {first_unit} and {second} {second_unit}: they cannot be added; read one \
         of them, or name files rather than their folder"
    )]
    Units {
        /// The one file, and what it counts.
        first: String,
        /// `samples`, `nanoseconds`, `bytes`.
        first_unit: String,
        /// The other.
        second: String,
        /// The same of the other.
        second_unit: String,
    },
    /// A recording that holds no samples.
    #[error("{}: no samples in it; {why}", path.display())]
    NoSamples {
        /// The file.
        path: PathBuf,
        /// What may be the cause, and what to do.
        why: String,
    },
}

impl Error {
    /// The format to read the file as, where its content allows that but does not show it.
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

/// What to do about a file that may not be read.
fn denied(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::PermissionDenied => {
            "; what `sudo perf record` writes belongs to root: `sudo chown` gives it to you"
        }
        _ => "",
    }
}
