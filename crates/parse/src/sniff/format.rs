//! Formats, and their names.

use std::str::FromStr;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    V8Log,
    PerfText,
    PerfData,
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
    /// The log of an application: its errors.
    AppLog,
    /// Nothing that is read here; what it looks like, in words.
    Other(&'static str),
}

/// Formats by the names that [`InputFormat`] has for them.
const NAMES: [(&str, Format); 13] = [
    ("v8-log", Format::V8Log),
    ("perf-text", Format::PerfText),
    ("perf-data", Format::PerfData),
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

/// A format by its name, for a file whose content does not show what it is.
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
    /// The names that there are.
    pub fn names() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(|(name, _)| *name)
    }

    /// The name of this format.
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(_, format)| *format == self.0).map_or("", |(name, _)| *name)
    }
}

/// There is no format of that name.
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

/// Of text that may still be read when the user says what it is.
pub(crate) const UNKNOWN: &str = "not a recording that Spikeflame knows";
/// The same.
pub(crate) const OTHER_JSON: &str = "JSON, but no recording";
/// The same.
pub(crate) const UNCLEAR: &str = "text of which every line ends in a number, without a `;` that \
    parts callers from callees; folded stacks of one frame each look so, and many other texts";
/// The same.
pub(crate) const LOG: &str =
    "a log, and no recording; `spikeflame errors` lists the errors that are in one";
pub(crate) const LOAD: &str = "output of k6: the load, not a profile (`spikeflame plateau` reads it, and \
    --load beside a profile)";
