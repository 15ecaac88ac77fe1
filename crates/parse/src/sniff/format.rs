//! Formats, and their names.

use std::str::FromStr;

/// The format of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    V8Log,
    PerfText,
    PerfData,
    /// The stacks that bpftrace prints.
    Bpftrace,
    /// The stacks that bcc's `profile` prints.
    Bcc,
    CpuProfile,
    ChromeTrace,
    /// The output of `node --prof-process --preprocess`.
    Preprocessed,
    Speedscope,
    /// The Firefox Profiler's JSON, processed or gecko.
    Firefox,
    Pprof,
    /// OTLP profiles as protobuf, and as JSON.
    Otlp,
    OtlpJson,
    Folded,
    /// The log of an application, read for its errors.
    AppLog,
    /// A file that is not read here, with a description of what it looks like.
    Other(&'static str),
}

/// Formats by the names of [`InputFormat`].
const NAMES: [(&str, Format); 15] = [
    ("v8-log", Format::V8Log),
    ("perf-text", Format::PerfText),
    ("perf-data", Format::PerfData),
    ("bpftrace", Format::Bpftrace),
    ("bcc", Format::Bcc),
    ("cpuprofile", Format::CpuProfile),
    ("chrome-trace", Format::ChromeTrace),
    ("preprocessed", Format::Preprocessed),
    ("speedscope", Format::Speedscope),
    ("firefox", Format::Firefox),
    ("pprof", Format::Pprof),
    ("otlp", Format::Otlp),
    ("otlp-json", Format::OtlpJson),
    ("folded", Format::Folded),
    ("app-log", Format::AppLog),
];

/// A format of recordings that is read here. A user can name it ([`Options::format`](crate::Options::format))
/// for files whose content does not show it. [`FromStr`] reads the names that [`InputFormat::names`] returns.
///
/// ```
/// use spikeflame_parse::InputFormat;
///
/// let folded: InputFormat = "folded".parse().unwrap();
/// assert_eq!(folded.name(), "folded");
/// assert!("pdf".parse::<InputFormat>().is_err());
/// assert!(InputFormat::names().any(|name| name == "pprof"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InputFormat(pub(crate) Format);

impl InputFormat {
    /// Returns the names of all formats, such as `v8-log`, `perf-data`, `cpuprofile` and `folded`.
    pub fn names() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(|(name, _)| *name)
    }

    /// Returns the format's name, such as `perf-data`. It is one of [`InputFormat::names`].
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(_, format)| *format == self.0).map_or("", |(name, _)| *name)
    }
}

/// The error for a text that is none of [`InputFormat::names`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no format of that name")]
pub struct NoSuchFormat;

impl FromStr for InputFormat {
    type Err = NoSuchFormat;

    fn from_str(name: &str) -> Result<Self, NoSuchFormat> {
        let known = NAMES.iter().find(|(known, _)| *known == name);
        known.map(|(_, format)| Self(*format)).ok_or(NoSuchFormat)
    }
}

/// A text that can still be read when the user names its format.
pub(crate) const UNKNOWN: &str = "not a recording that Spikeflame knows";
/// JSON of an unknown kind.
pub(crate) const OTHER_JSON: &str = "JSON, but no recording";
/// Text in which all or most of the first lines end with a number.
pub(crate) const UNCLEAR: &str = "text of which most lines end in a number: a file of folded \
    stacks, or one of many other lists";
/// The description of a text that looks like the log of a program, but in which no format of logs is recognised.
/// [`Error::Unrecognised`](crate::Error::Unrecognised) has it in `found`, by which a caller
/// recognises that case.
pub const LOG: &str = "a log, and no recording";
/// The result of [`describe`](crate::describe) for the log of an application.
pub const APP_LOG: &str = "the log of an application";
/// The result of [`describe`](crate::describe) for a recording in a format that is read here.
pub const RECORDING: &str = "a recording of a profiler";
/// A file without a byte.
pub(crate) const EMPTY: &str = "an empty file";
/// The description of k6's points and summaries, which are load tests and not profiles.
/// [`Error::Unrecognised`](crate::Error::Unrecognised) has it in `found`, by which a caller
/// recognises that case.
pub const LOAD: &str = "the result of a load test by k6, and no profile";
