//! Reasons why a recording could not be used.

use crate::sniff::format::{Format, InputFormat, UNCLEAR};
use std::path::PathBuf;
use std::{fmt, io};

/// The formats that are read, as a phrase for messages. It begins with `expected a recording: `.
pub const EXPECTED: &str = "expected a recording: a V8 tick log (`node --prof app.js`) or what \
    `node --prof-process --preprocess` makes of it, perf.data, the text of `perf script`, stacks \
    that bpftrace or bcc's `profile` prints, a .cpuprofile, a Chrome trace, pprof, speedscope, \
    Firefox Profiler JSON, OTLP profiles, folded stacks, or an application's log with errors in it";

/// The reason why a recording could not be used. Its `Display` is a message for people.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder could not be opened, read or unpacked.
    #[error("{}: {source}{}", path.display(), denied(source))]
    Io {
        /// The path of the file or folder.
        path: PathBuf,
        /// The operating system's error, or that of the unpacking.
        source: io::Error,
    },
    /// The content of the file is in no format that is read here.
    #[error("{}: {found}; {EXPECTED}", path.display())]
    Unrecognised {
        /// The path of the file.
        path: PathBuf,
        /// A phrase for messages that describes what the content looks like, as
        /// [`describe`](crate::describe) returns it where it has a description.
        found: &'static str,
    },
    /// The file has a known format, and is so damaged, or so large, that nothing of it is used.
    #[error("{}: {at}: {expected}", path.display())]
    Damaged {
        /// The path of the file.
        path: PathBuf,
        /// The place of the problem, in words: `byte 1042`, `line 3 column 7`, `record 12`.
        at: String,
        /// A phrase for messages with the problem at that place, what was expected, and advice.
        expected: String,
    },
    /// A folder contains no recording of the kinds that the options allow. It is also returned when no
    /// file at all was named.
    #[error(
        "{}: {} recording; expected isolate-*-v8.log, \
         *.cpuprofile or perf.data, as `node --prof app.js`, `node --cpu-prof app.js` and `perf \
         record` write them into the folder they are started in, or another format that is read",
        path.display(),
        none_of(*files)
    )]
    NoRecording {
        /// The path of the folder; `.` when no file was named.
        path: PathBuf,
        /// The number of files directly in the folder.
        files: usize,
    },
    /// Two recordings count in different units (such as samples and nanoseconds), so their weights
    /// cannot be added. Ticks and samples can be.
    #[error(
        "{first} counts {first_unit} and {second} {second_unit}: they cannot be added; read one \
         of them, or name files rather than their folder"
    )]
    Units {
        /// The name of the first recording, as in
        /// [`Source::name`](spikeflame_profile::Source::name).
        first: String,
        /// The unit of the first recording, in the plural: `samples`, `nanoseconds`, `bytes`.
        first_unit: String,
        /// The name of the second recording.
        second: String,
        /// The unit of the second recording, in the plural.
        second_unit: String,
    },
    /// A perf.data, pprof or speedscope file has no values of the kind that is read, which
    /// [`Options::sample_type`](crate::Options::sample_type) can name, or all of them are 0, or the
    /// file is a difference. For OTLP, bpftrace, the Firefox Profiler and texts of perf, a kind that is not in
    /// the file is [`Error::NoSamples`].
    #[error("{}: {}", path.display(), no_values(fault, kinds))]
    NoSuchValues {
        /// The path of the file.
        path: PathBuf,
        /// The fault.
        fault: ValueFault,
        /// The kinds of value in the file, from which the user can choose, as a message shows them: of
        /// pprof as `cpu (nanoseconds)`, which is chosen as `cpu` or `cpu/nanoseconds`.
        kinds: Vec<String>,
    },
    /// Folded stacks have two counts a line, and
    /// [`Options::sample_type`](crate::Options::sample_type) is a name other than `before` and
    /// `after`.
    #[error("{}: no count called `{wanted}`; there are before and after", path.display())]
    NoSuchCount {
        /// The path of the file.
        path: PathBuf,
        /// The name that [`Options::sample_type`](crate::Options::sample_type) gave.
        wanted: String,
    },
    /// The recording contains no samples, or none that can be read, or none of the kind that
    /// [`Options::sample_type`](crate::Options::sample_type) names.
    #[error("{}: no samples in it; {why}", path.display())]
    NoSamples {
        /// The path of the file.
        path: PathBuf,
        /// A phrase for messages with the possible cause, often with advice.
        why: String,
    },
}

/// The reason why a recording has no values to read, for [`Error::NoSuchValues`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ValueFault {
    /// No type of value in a profile of pprof has the name that the user gave, which is the field.
    NoKind(String),
    /// No profile in a speedscope file measures the quantity that the user named, which is the
    /// field.
    NoMeasure(String),
    /// No event in a perf.data file has the name that the user gave, which is the field.
    NoEvent(String),
    /// All samples in a perf.data file are of other events than the one that is read.
    OtherEvents,
    /// Every value of the kind that is read is 0, in a profile of pprof.
    Zero,
    /// The profile of pprof is the difference of two profiles: values of the kind that is read are below 0, in
    /// this number of samples.
    Difference(u64),
}

impl fmt::Display for ValueFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoKind(wanted) => write!(f, "`{wanted}` is no kind of value in it"),
            Self::NoMeasure(wanted) => write!(f, "none measure `{wanted}`"),
            Self::NoEvent(wanted) => write!(f, "no event is called {wanted}"),
            Self::OtherEvents => f.write_str("of that event"),
            Self::Zero => f.write_str("every value is 0"),
            Self::Difference(samples) => write!(
                f,
                "it is the difference of two profiles, which has no shares: {samples} samples have values \
                 below 0"
            ),
        }
    }
}

impl Error {
    /// Returns true for a file that is not recognised, and of which no more is known than that it
    /// is text, JSON, binary data, a zip archive or a program.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unrecognised { found, .. } if crate::sniff::is_general(found))
    }

    /// Returns the format that a user may name so that the file is read after all. It is `None`
    /// when no format is likely.
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

/// Returns the beginning of the sentence for a folder with this number of files and no recording.
fn none_of(files: usize) -> String {
    match files {
        0 => "this folder has no files, and so no".to_owned(),
        1 => "the one file in this folder is no".to_owned(),
        files => format!("none of the {files} files in this folder is a"),
    }
}

/// Returns the message for values that are not there, or have no shares.
fn no_values(fault: &ValueFault, kinds: &[String]) -> String {
    match fault {
        ValueFault::Difference(_) => fault.to_string(),
        _ => format!("no samples in it; {fault}; there are: {}", kinds.join(", ")),
    }
}

/// Returns the advice for a file that the user may not read; it is empty for other errors.
fn denied(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::PermissionDenied => {
            "; what `sudo perf record` writes belongs to root: `sudo chown` gives it to you"
        }
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::{EXPECTED, Format, InputFormat};

    /// The error was: the message for an unknown file did not name the stacks of bpftrace and bcc, nor
    /// logs that `node --prof-process --preprocess` read.
    #[test]
    fn every_format_is_in_the_message_for_unknown_files() {
        for name in InputFormat::names() {
            let InputFormat(format) = name.parse().unwrap();
            let words = match format {
                Format::V8Log => "V8 tick log",
                Format::PerfText => "`perf script`",
                Format::PerfData => "perf.data",
                Format::Bpftrace => "bpftrace",
                Format::Bcc => "bcc's `profile`",
                Format::CpuProfile => ".cpuprofile",
                Format::ChromeTrace => "Chrome trace",
                Format::Preprocessed => "`node --prof-process --preprocess`",
                Format::Speedscope => "speedscope",
                Format::Firefox => "Firefox Profiler JSON",
                Format::Pprof => "pprof",
                Format::Otlp | Format::OtlpJson => "OTLP",
                Format::Folded => "folded stacks",
                Format::AppLog => "an application's log",
                Format::Other(_) => unreachable!("it has no name"),
            };
            assert!(EXPECTED.contains(words), "{name}");
        }
    }
}
