//! Facts about a recording that its user should know.
//!
//! A [`Warning`] holds data. Its `Display` states the fact in one sentence, without advice;
//! a program adds the advice, because only it knows its own flags.

mod formats;
mod perf;
mod source_maps;
mod v8;

pub use formats::{Column, CpuProfileFact, LeftOutValues, PprofFact, TraceFact};
pub use perf::{CutRecording, PerfFact, SideFault};
pub use source_maps::{CompiledFile, CompiledSign, MapTally};
pub use v8::V8Fact;

use std::fmt;

/// A fact about a recording, with the recording's name.
///
/// ```
/// use spikeflame_profile::warning::{Fact, Warning};
///
/// let warning = Warning::new("app.log", Fact::NoZone);
/// assert_eq!(warning.to_string(), "app.log: its times name no zone and are taken as UTC");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The name of the recording; empty when the fact is about all that was read.
    pub source: String,
    /// The fact.
    pub fact: Fact,
}

impl Warning {
    /// Makes a warning about the recording `source`.
    pub fn new(source: impl Into<String>, fact: impl Into<Fact>) -> Self {
        Self { source: source.into(), fact: fact.into() }
    }

    /// Makes a warning about all that was read.
    pub fn overall(fact: impl Into<Fact>) -> Self {
        Self::new("", fact)
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.source.is_empty() {
            write!(f, "{}: ", self.source)?;
        }
        self.fact.fmt(f)
    }
}

/// The data of a [`Warning`]: facts that several formats share, and those of each format.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fact {
    /// The compressed data is damaged, and everything before the damage is used.
    PackedData,
    /// The file ends within a line, so that its last stack may be incomplete.
    CutLine,
    /// The file is damaged, and everything before the damage is used.
    Damage {
        /// The place: `line 3 column 7`.
        at: String,
        /// The kind of the damage.
        what: String,
    },
    /// The rows of a table cannot be read from some row on.
    Table {
        /// The reason.
        what: String,
    },
    /// Raw names were asked for, which only the text of perf has.
    RawNames,
    /// Files of a folder contain samples of another recording in it, and are not read.
    Copies {
        /// The names of the files.
        files: Vec<String>,
    },
    /// Files that were named one by one contain the samples of others that were named, and
    /// are not read.
    NamedCopies {
        /// The paths of the files.
        files: Vec<String>,
    },
    /// Another recording that is read has the same weight and length.
    Twin {
        /// The unit of the weights, in the plural.
        unit: String,
        /// The name of the other recording.
        other: String,
    },
    /// The times of an application's log name no zone.
    NoZone,
    /// Weights have fractions, and are counted in parts of their unit.
    FractionalWeights {
        /// The part that weighs 1, in the plural: `thousandths of a sample`.
        unit: String,
    },
    /// Counts of folded stacks have fractions.
    FractionalCounts {
        /// The part that weighs 1, in the plural: `thousandths of a sample`.
        unit: String,
        /// True when further decimals were rounded away.
        rounded: bool,
    },
    /// Each line of folded stacks has two counts.
    TwoCounts {
        /// The count that is read.
        read: Column,
    },
    /// Some values are of another kind than those that are read.
    LeftOut(LeftOutValues),
    /// Machine code has no names in a file of the Firefox Profiler.
    NamelessCode {
        /// The weight of samples in such code.
        nameless: u64,
        /// The weight of all samples that are not idle.
        busy: u64,
    },
    /// A fact about a log of V8.
    V8(V8Fact),
    /// A fact about a recording of perf.
    Perf(PerfFact),
    /// A fact about a `.cpuprofile`.
    CpuProfile(CpuProfileFact),
    /// A fact about a profile of pprof.
    Pprof(PprofFact),
    /// A fact about the events of a trace.
    Trace(TraceFact),
    /// The result of resolving positions through source maps.
    SourceMaps(MapTally),
    /// Positions are those of code that has no file.
    Compiled(CompiledFile),
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PackedData => f.write_str("the packed data is damaged; used up to the damage"),
            Self::CutLine => f.write_str(
                "the file ends in the middle of a line; its last stack may lack callers",
            ),
            Self::Damage { at, what } => write!(f, "{at}: {what}; used up to there"),
            Self::Table { what } => f.write_str(what),
            Self::RawNames => {
                f.write_str("raw names are for the text of perf script, and not used")
            }
            Self::Copies { files } => {
                let others = if files.len() == 1 { "it holds" } else { "they hold" };
                write!(
                    f,
                    "{}: {others} samples of another recording in the folder, \
                     and would count them twice: passed over",
                    files.join(", ")
                )
            }
            Self::NamedCopies { files } => {
                let others = if files.len() == 1 { "it holds" } else { "they hold" };
                write!(
                    f,
                    "{}: {others} the samples of another recording that was named, and would \
                     count them twice: passed over",
                    files.join(", ")
                )
            }
            Self::Twin { unit, other } => {
                write!(f, "as many {unit} over as long a time as {other}")
            }
            Self::NoZone => f.write_str("its times name no zone and are taken as UTC"),
            Self::FractionalWeights { unit } => {
                write!(f, "weights have fractions, and are counted in {unit}")
            }
            Self::FractionalCounts { unit, rounded } => {
                let rounded = if *rounded { ", rounded" } else { "" };
                write!(f, "counts have fractions; they are in {unit}{rounded}")
            }
            Self::TwoCounts { read } => write!(f, "two counts a line; the {read} is read"),
            Self::LeftOut(values) => values.fmt(f),
            Self::NamelessCode { nameless, busy } => write!(
                f,
                "{:.0} % of what was not idle is in machine code without names: the file was saved \
                 without symbols",
                percent(*nameless, *busy)
            ),
            Self::V8(fact) => fact.fmt(f),
            Self::Perf(fact) => fact.fmt(f),
            Self::CpuProfile(fact) => fact.fmt(f),
            Self::Pprof(fact) => fact.fmt(f),
            Self::Trace(fact) => fact.fmt(f),
            Self::SourceMaps(tally) => tally.fmt(f),
            Self::Compiled(file) => file.fmt(f),
        }
    }
}

macro_rules! facts {
    ($($variant:ident($type:ty),)*) => {
        $(impl From<$type> for Fact {
            fn from(fact: $type) -> Self {
                Self::$variant(fact)
            }
        })*
    };
}

facts! {
    LeftOut(LeftOutValues),
    V8(V8Fact),
    Perf(PerfFact),
    CpuProfile(CpuProfileFact),
    Pprof(PprofFact),
    Trace(TraceFact),
    SourceMaps(MapTally),
    Compiled(CompiledFile),
}

/// The reason why a binary gives no names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissingBinary {
    /// No such file exists here.
    File,
    /// The file is another build than the one that ran.
    OtherBuild,
    /// The file is not an object file, or cannot be read.
    Unreadable,
}

/// The reason why the kernel's functions have no names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissingKernel {
    /// The kernel's list of symbols is not on this machine.
    Elsewhere,
    /// The recording does not contain which kernel it was.
    Unknown,
    /// The list of symbols has no addresses.
    Hidden,
}

/// Returns a part as percent of the whole; at least 1 is taken for the whole.
fn percent(part: u64, whole: u64) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}

/// The most names in a sentence.
const FEW: usize = 3;

/// Returns the first few names, and the number of further ones: `a, b, c and 4 more`.
///
/// ```
/// assert_eq!(spikeflame_profile::warning::some_of(&["a", "b", "c", "d"]), "a, b, c and 1 more");
/// ```
pub fn some_of<T: fmt::Display>(names: &[T]) -> String {
    let shown: Vec<String> = names.iter().take(FEW).map(T::to_string).collect();
    let shown = shown.join(", ");
    match names.len().saturating_sub(FEW) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
