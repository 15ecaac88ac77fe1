//! Facts about a recording that its user should know.
//!
//! A [`Warning`] holds data. Its `Display` states the fact. The program that shows it adds the advice,
//! because only the program knows its own flags.

mod formats;
mod perf;
mod source_maps;
mod v8;

pub use formats::{Column, CpuProfileFact, PprofFact, TraceFact, TwoProfilers, UnreadValues};
pub use perf::{CutRecording, PerfFact, SideFault};
pub use source_maps::{CompiledFile, CompiledSign, MapTally, TypeScriptLines};
pub use v8::V8Fact;

use std::fmt;

/// A fact about a recording that its user should know, with the recording's name. Its `Display` is
/// `NAME: FACT`, or the fact alone when the name is empty.
///
/// ```
/// use spikeflame_profile::warning::{Fact, Warning};
///
/// let warning = Warning::new("app.log", Fact::NoZone);
/// assert_eq!(warning.to_string(), "app.log: its times name no zone and are taken as UTC");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The name of the recording, as in [`Source::name`](crate::Source::name); empty when the fact
    /// is about all that was read.
    pub source: String,
    /// The fact, as data. Its `Display` states it in words.
    pub fact: Fact,
}

impl Warning {
    /// Makes a warning about the recording called `source`.
    pub fn new(source: impl Into<String>, fact: impl Into<Fact>) -> Self {
        Self { source: source.into(), fact: fact.into() }
    }

    /// Makes a warning about all that was read: its `source` is empty.
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

/// The data of a [`Warning`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fact {
    /// The data that gzip or zstd packed is damaged. Everything before the damage is used.
    PackedData,
    /// The file ends in the middle of a line, so its last stack may lack callers. The other lines are used.
    CutLine,
    /// The file is damaged or cut off at the place `at`, or takes too much memory from there on. Everything
    /// before this place is used.
    Damage {
        /// The place, in words: `line 3 column 7`, `byte 1042`.
        at: String,
        /// The kind of damage, in words.
        what: String,
    },
    /// A row of a CSV table with an application's log (read as a profile of its errors) cannot be read. The
    /// rows before it are used.
    Table {
        /// The reason, in words.
        what: String,
    },
    /// Samples have stacks as long as the recorder seems to allow. Their outermost functions are
    /// probably missing, and the totals of these functions are too small.
    CutStacks {
        /// The most frames of a stack that the recorder keeps, or seems to keep.
        frames: u16,
        /// True when perf recorded the samples, because a user can ask perf for longer stacks;
        /// false for V8 and other recorders.
        by_perf: bool,
        /// The weight of the samples with such stacks.
        cut: u64,
        /// The weight of all samples.
        all: u64,
    },
    /// Functions of several scripts that `eval`, `new Function` or `vm` made have one name and one
    /// place, and are together in one row.
    SeveralScripts {
        /// The labels of the rows, the row with the most weight of further scripts first, with
        /// their numbers of scripts.
        rows: Vec<(String, u64)>,
        /// The weight of all scripts but the one with the most in each row.
        samples: u64,
        /// The weight of all samples.
        all: u64,
    },
    /// The user asked for raw names (frames named as FlameGraph's stackcollapse-perf does it), but
    /// the recording is not text of `perf script`. The request has no effect on it.
    RawNames,
    /// The samples of files in a folder are, as far as can be seen, also in other recordings of that
    /// folder. These files are left out, so that nothing is counted twice.
    CopiesInFolder {
        /// The names of the files that are left out, in alphabetical order.
        files: Vec<String>,
    },
    /// The samples of files that the user named are, as far as can be seen, also in other files that the
    /// user named. These files are left out, so that nothing is counted twice.
    NamedCopies {
        /// The paths of the files that are left out, in alphabetical order.
        files: Vec<String>,
    },
    /// Other logs have errors of this log too: at the same times, with the same texts and stacks. These errors
    /// count once.
    SameErrors {
        /// Number of errors that other logs have too.
        errors: u64,
        /// Number of errors in this log.
        all: u64,
    },
    /// A process was recorded by two profilers at the same time, and the files of one profiler are
    /// left out.
    TwoProfilers(TwoProfilers),
    /// Another recording has the same sum of weights and about the same length. The two may be records of
    /// the same run. Both are counted.
    Twin {
        /// The unit of the weights, in the plural.
        unit: String,
        /// The name of the other recording, which was read earlier.
        other: String,
    },
    /// A recording and another one of the same time are in the same functions far more often than
    /// by chance. Both recordings may be of one thread.
    OneThread {
        /// The name of the other recording, which was read earlier.
        other: String,
        /// The share of the common moments at which both are in the same functions, in percent.
        percent: u64,
    },
    /// Two recordings count samples that were taken at intervals that differ clearly. Their samples
    /// are added one by one, so that the shares of functions in the recording with the longer
    /// interval are too small.
    Intervals {
        /// The name of the recording with the shorter interval.
        short: String,
        /// The shorter interval, in microseconds.
        short_us: u64,
        /// The name of the recording with the longer interval.
        long: String,
        /// The longer interval, in microseconds.
        long_us: u64,
        /// The unit of the weights of `short`, in the plural.
        unit: String,
    },
    /// A large part of the weight that is not idle is in calls in which a thread is known to wait.
    /// The samples were taken by the clock, so these calls stand for time and not for CPU time.
    Waits {
        /// The names of the calls, in alphabetical order.
        calls: Vec<String>,
        /// The weight of the samples in these calls.
        waiting: u64,
        /// The weight of all samples that are not idle.
        busy: u64,
    },
    /// Times of an application's log name no time zone, and the user gave none. These times are taken as
    /// UTC.
    NoZone,
    /// Times of an application's log fall from 12 to 1 o'clock on one day, and have neither AM nor PM. Those of
    /// the afternoon are therefore 12 hours too early.
    NoHalves,
    /// No line of an application's log has a time that is read, and some begin with a date whose year has two
    /// digits. A level behind such a date is not read either.
    ShortYears,
    /// Records in an application's log have levels that no logger is known to have. Without a stack, they are no
    /// errors.
    UnknownLevels {
        /// The words for these levels, the first one in the log first.
        levels: Vec<String>,
        /// The number of records with such a level.
        records: u64,
    },
    /// An application's log has more names of errors than are kept. The errors with further names, or
    /// with causes of further names, have one name together.
    FurtherNames {
        /// Number of errors with a further name, or with a cause of one.
        errors: u64,
        /// Number of names that are kept: the first ones in the log.
        kept: u64,
        /// The name that all further names became.
        row: String,
    },
    /// Weights in a file of speedscope or of the Firefox Profiler have fractions. They are counted
    /// in decimal parts of their unit, to at most [`DECIMALS`](crate::folded::DECIMALS) decimals.
    FractionalWeights {
        /// The unit of a weight of 1, in the plural: `thousandths of a sample`.
        unit: String,
    },
    /// Counts of folded stacks have fractions. They are counted in decimal parts of a sample.
    FractionalCounts {
        /// The unit of a weight of 1, in the plural: `thousandths of a sample`.
        unit: String,
        /// True when a count had more than [`DECIMALS`](crate::folded::DECIMALS) decimals and was
        /// rounded.
        rounded: bool,
    },
    /// The lines of folded stacks have two counts each, from before and after a change. Only one
    /// count is read.
    TwoCounts {
        /// The count that is read.
        read: Column,
    },
    /// Some threads, profiles or maps of the file measure another kind of value than the one that is
    /// read, and are left out.
    LeftOut(UnreadValues),
    /// Machine code without names has a large part of the weight of a file of the Firefox Profiler,
    /// as in files that were saved without symbols.
    NamelessCode {
        /// The weight of the samples in machine code without names.
        nameless: u64,
        /// The weight of all samples that are not idle.
        busy: u64,
    },
    /// A fact about a tick log of V8.
    V8(V8Fact),
    /// A fact about a recording of perf.
    Perf(PerfFact),
    /// A fact about a `.cpuprofile`, or about such profiles in a Chrome trace.
    CpuProfile(CpuProfileFact),
    /// A fact about a profile of pprof.
    Pprof(PprofFact),
    /// A fact about the events of a Chrome trace.
    Trace(TraceFact),
    /// The result of resolving positions through source maps, unless it is complete
    /// ([`MapTally::is_complete`]).
    SourceMaps(MapTally),
    /// Functions of a TypeScript file have positions that are not those of the file.
    Compiled(CompiledFile),
    /// Lines that ran in TypeScript or JSX files are left out, because those of a profile of Deno are not
    /// lines of these files.
    TypeScriptLines(TypeScriptLines),
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PackedData => f.write_str("the packed data is damaged; read up to the damage"),
            Self::CutLine => f.write_str(
                "the file ends in the middle of a line; its last stack may lack callers",
            ),
            Self::Damage { at, what } => write!(f, "{at}: {what}; read up to there"),
            Self::Table { what } => f.write_str(what),
            Self::SeveralScripts { rows, samples, all } => {
                let rows: Vec<String> = rows
                    .iter()
                    .map(|(label, count)| format!("{label} ({count} scripts)"))
                    .collect();
                write!(
                    f,
                    "functions of several scripts of eval, new Function or vm have one name and place, \
                     and are one row: {}; {:.0} % of the samples are not of the first script",
                    some_of(&rows),
                    percent(*samples, *all)
                )
            }
            Self::RawNames => {
                f.write_str("raw names are for the text of perf script, and not used")
            }
            Self::CopiesInFolder { files } => {
                let others = if files.len() == 1 { "it holds" } else { "they hold" };
                write!(
                    f,
                    "{}: {others} samples of another recording in the folder, \
                     and would count them twice: passed over",
                    some_of(files)
                )
            }
            Self::NamedCopies { files } => {
                let others = if files.len() == 1 { "it holds" } else { "they hold" };
                write!(
                    f,
                    "{}: {others} the samples of another recording that was named, and would \
                     count them twice: passed over",
                    some_of(files)
                )
            }
            Self::SameErrors { errors, all } => write!(
                f,
                "{errors} of its {all} errors are also in another log, at the same times, with the same texts and \
                 stacks: they count once"
            ),
            Self::TwoProfilers(found) => found.fmt(f),
            Self::Twin { unit, other } => {
                write!(f, "it has as many {unit} over as long a time as {other}")
            }
            Self::OneThread { other, percent } => write!(
                f,
                "ran at the same time as {other}, and is in the same functions at {percent} % of the \
                 moments that both have"
            ),
            Self::Intervals { short, short_us, long, long_us, unit } => write!(
                f,
                "{short} has {unit} every {short_us} µs and {long} every {long_us} µs, and each \
                 counts as one: functions of {long} have too small a share"
            ),
            Self::FurtherNames { errors, kept, row } => {
                let have = if *errors == 1 { "error has a name" } else { "errors have names" };
                write!(
                    f,
                    "{errors} {have} beyond the first {kept}; together they are the row `{row}`"
                )
            }
            Self::NoZone => f.write_str("its times name no zone and are taken as UTC"),
            Self::NoHalves => f.write_str(
                "its times fall from 12 to 1 o'clock and have no AM or PM: those of the afternoon are 12 hours \
                 too early",
            ),
            Self::ShortYears => f.write_str(
                "its dates have years of two digits, so that nobody knows which number is the year: neither these \
                 times nor a level behind them are read",
            ),
            Self::UnknownLevels { levels, records } => {
                let have = if *records == 1 { "line has" } else { "lines have" };
                let levels: Vec<String> = levels.iter().map(|level| format!("`{level}`")).collect();
                let (the, is) = if levels.len() == 1 { ("the level", "is") } else { ("levels", "are") };
                let levels = some_of(&levels);
                write!(
                    f,
                    "{records} {have} {the} {levels}, which {is} not known: without a stack, such lines are no errors"
                )
            }
            Self::FractionalWeights { unit } => {
                write!(f, "weights have fractions, and are counted in {unit}")
            }
            Self::FractionalCounts { unit, rounded } => {
                let rounded = if *rounded { ", rounded" } else { "" };
                write!(f, "counts have fractions; they are in {unit}{rounded}")
            }
            Self::CutStacks { frames, cut, all, .. } => write!(
                f,
                "{:.0} % of the samples have stacks of {frames} frames, the most that was recorded: \
                 the outermost functions are missing there, so their totals are too small; numbers \
                 for self are right",
                percent(*cut, *all)
            ),
            Self::Waits { calls, waiting, busy } => write!(
                f,
                "in {:.0} % of the samples that are not idle, the thread waits in {}: this is \
                 waiting time, and no CPU time",
                percent(*waiting, *busy),
                some_of(calls)
            ),
            Self::TwoCounts { read } => write!(f, "each line has two counts; the {read} is read"),
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
            Self::TypeScriptLines(lines) => lines.fmt(f),
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
    LeftOut(UnreadValues),
    V8(V8Fact),
    Perf(PerfFact),
    CpuProfile(CpuProfileFact),
    Pprof(PprofFact),
    Trace(TraceFact),
    SourceMaps(MapTally),
    Compiled(CompiledFile),
    TypeScriptLines(TypeScriptLines),
}

/// The reason why names of a binary's functions are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MissingBinary {
    /// No file is at the binary's path or in the folders that are searched.
    File,
    /// The binary or its debug file is there, and cannot be opened.
    Unopened,
    /// A file is there, and is another build than the one that ran, as far as can be seen.
    OtherBuild,
    /// A file is there, and it is not an object file (such as ELF).
    Unreadable,
}

/// The reason why the kernel's functions have no names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MissingKernel {
    /// No usable list of the recorded kernel's symbols (`kallsyms`) was found on this machine: none is
    /// there, or one that cannot be read or lists no functions.
    NoUsableList,
    /// The recording does not identify its kernel, and the user's folders contain no list of its
    /// symbols (`kallsyms`).
    Unknown,
    /// A list of symbols was found in which all addresses are 0, as the kernel shows it to users
    /// other than root.
    Hidden,
}

/// Returns a part as percent of the whole; at least 1 is taken for the whole.
fn percent(part: u64, whole: u64) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}

/// The most names in a sentence.
const NAMES_IN_SENTENCE: usize = 3;

/// Returns the first three names with commas between them, and the number of further ones:
/// `a, b, c and 4 more`. Returns an empty text for no names.
///
/// ```
/// assert_eq!(spikeflame_profile::warning::some_of(&["a", "b", "c", "d"]), "a, b, c and 1 more");
/// ```
pub fn some_of<T: fmt::Display>(names: &[T]) -> String {
    let shown: Vec<String> = names.iter().take(NAMES_IN_SENTENCE).map(T::to_string).collect();
    let shown = shown.join(", ");
    match names.len().saturating_sub(NAMES_IN_SENTENCE) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
