//! Warnings about a recording of perf.

use super::{MissingBinary, MissingKernel, some_of};
use spikeflame_wall::seconds_of;
use std::fmt;
use std::path::PathBuf;

const SECONDS_OF_HOUR: f64 = 3600.0;

/// A fact about a recording of perf (`perf.data`, or the text of `perf script`) that its user
/// should know.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PerfFact {
    /// The text of `perf script` has samples of several events. The event that the user named is
    /// read, or else the first one that is CPU time, or else the first one. The samples of the others are
    /// left out.
    OtherEvents {
        /// The name of the event that is read.
        read: String,
        /// The names of the other events with their numbers of samples. Many are added up as
        /// `others`.
        others: Vec<(String, u64)>,
    },
    /// The `perf.data` file has samples of several events. The events with the name that the user
    /// gave are read, or else the first one that is CPU time, or else the first one, and the same event on
    /// other kinds of cores. The samples of the others are left out.
    FurtherEvents {
        /// The name of the first event that is read.
        read: String,
        /// The names of the other events that have samples, with their numbers of samples.
        others: Vec<(String, u64)>,
    },
    /// Perf lost this number of records because its buffer was full.
    LostRecords(u64),
    /// This number of records is much older than records that perf wrote before them. Times of the
    /// recording are damaged, or its clock was set back.
    LateRecords(u64),
    /// One time without a sample is far longer than all the rest of the recording. The time of a
    /// sample may be damaged.
    LoneGap {
        /// The length of the gap in seconds.
        seconds: u64,
    },
    /// A few samples of a software clock (`cpu-clock`, `task-clock`) have another period than all
    /// others, although the clock has a fixed interval. These periods are probably damaged.
    OddPeriods {
        /// The number of samples with such a period.
        samples: u64,
    },
    /// One sample weighs more than all others together. Its period may be damaged.
    HeavySample {
        /// The share of this sample in percent.
        percent: u64,
    },
    /// The times of a text go back. The text seems to have several recordings one after the other,
    /// or the same recording twice, and all are counted.
    TimesGoBack {
        /// The line at which the sample with the largest step back ends, from 1.
        line: u64,
        /// The size of the largest step back in microseconds.
        by_us: u64,
    },
    /// The times of a text go back in more than a quarter of its samples: they are differences to the event
    /// before. They are not used, and the recording counts as one without times
    /// ([`Source::timed`](crate::Source::timed)).
    Differences,
    /// The first sample of a text has no period, so each sample counts 1, although later ones have
    /// periods.
    UnusedPeriods {
        /// The number of samples with a period that is not used.
        samples: u64,
    },
    /// Samples contain functions that V8's interpreter ran and that have no names, because perf
    /// sees only the interpreter's code.
    NamelessInterpreted {
        /// The number of samples whose stacks contain an interpreted function without a name.
        samples: u64,
        /// The number of all samples.
        all: u64,
    },
    /// No sample of the text contains the name of a function.
    NoNames,
    /// WebAssembly functions of one name, or functions of code from `eval` with one name and place, have
    /// code at several places of a process, so they may belong to several modules. Perf does not record
    /// the module, and the functions are read as one.
    SeveralModules {
        /// The names of the functions with code at several places, in alphabetical order. Functions of
        /// `eval` have their places behind their names.
        functions: Vec<String>,
    },
    /// The recording has more threads than are kept apart. The samples of the further threads are
    /// in one thread.
    ManyThreads,
    /// The recording has more processes or mapped files than are followed. Functions in the rest
    /// have no names.
    ManyMappings,
    /// Perf was killed before it finished the file. Everything until the end of the file, or until damage
    /// in it, is used.
    Unfinished,
    /// The recording is cut off or damaged within its records. Everything before the damage is
    /// used.
    Cut {
        /// The place at which the records end.
        at: CutRecording,
        /// The names of perf's features that should follow the records and are missing; may be
        /// empty.
        missing: Vec<&'static str>,
    },
    /// All records are in the file, and sections that should follow them are cut off or too large.
    MissingSections {
        /// The names of perf's features that are missing; at least one.
        missing: Vec<&'static str>,
    },
    /// The recording is a folder of perf, and samples are in further files of it (`data.0`,
    /// `data.1`), which are not read.
    Scattered,
    /// Perf was to take a number of samples a second (`perf record -F`) of an event that is not
    /// time, and each sample weighs 1. The number of samples thus does not show how often the event
    /// occurred.
    SteadyPace {
        /// The name of the event.
        event: String,
    },
    /// The stacks of user code are copies of the stack or lists of branches, which are not read.
    /// Only the innermost frames of user code are in the profile.
    UserStacks,
    /// A perf map (`perf-PID.map`) is used for processes with other numbers, because their code is
    /// where the map has code.
    StrayMap {
        /// The path of the perf map.
        map: PathBuf,
        /// The numbers of the processes for which the map is used.
        pids: Vec<i32>,
    },
    /// A perf map or a jitdump could not be used, or only a part of it.
    SideFile {
        /// The path of the file. When `fault` is `None`, the reason why it could not be opened or
        /// unpacked follows the path.
        file: String,
        /// The fault; `None` when the file could not be opened or unpacked.
        fault: Option<SideFault>,
    },
    /// Jitdumps that the recording names were not found.
    MissingDumps {
        /// The paths of the jitdumps, as the recording has them.
        dumps: Vec<String>,
        /// True when perf maps were found, which give names in place of the jitdumps.
        has_maps: bool,
    },
    /// The times of a jitdump are of another clock than those of the recording. Code may therefore
    /// have the name of other code that was at the same address later.
    DumpClock,
    /// In many samples, a frame is at an address at which the perf map has several functions one
    /// after the other. The map has no times, so the function that was there at the time of the
    /// sample was inferred from other samples. The inferred name may be wrong.
    InferredNames {
        /// The number of samples in whose stack at least one name was inferred.
        inferred: u64,
        /// The number of all samples.
        samples: u64,
    },
    /// Code that V8 compiled in these processes has no names, because no perf map or jitdump was
    /// found.
    NamelessCode {
        /// The numbers of the processes, in ascending order.
        pids: Vec<i32>,
    },
    /// Names of functions are missing for binaries in which samples are, all for the same reason.
    NamelessBinaries {
        /// The paths of the binaries, as the recording has them, or of their debug files that cannot be
        /// opened.
        paths: Vec<String>,
        /// The reason why the names are missing.
        why: MissingBinary,
    },
    /// The kernel's functions have no names, for this reason.
    NamelessKernel(MissingKernel),
}

/// The place at which the readable part of a `perf.data` file ends. Positions are in bytes from the
/// start of the records. Packed records count with the bytes that they have in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CutRecording {
    /// The bytes at this position are not a record.
    NoRecord(u64),
    /// Packed records (of `perf record -z`) cannot be unpacked. The records that were unpacked
    /// until then are used.
    Packed(u64),
    /// The file ends before all of its records are there.
    End,
}

/// The fault of a file with names of compiled code: a perf map or a jitdump.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SideFault {
    /// The perf map could not be read further. Everything before that line is used.
    Damage {
        /// The reason, in words.
        why: String,
        /// The number of the line that could not be read, from 1.
        line: u64,
    },
    /// The perf map has more code than the memory limit of all maps together still allows. Everything before
    /// that line is used.
    Large {
        /// The number of the first line that is not used, from 1.
        line: u64,
    },
    /// The perf map has no lines.
    Empty,
    /// Some lines of the perf map are not entries (`start size name`). They are skipped.
    NoEntries {
        /// The number of lines that are not entries.
        lines: u64,
        /// The number of all lines of the map.
        all: u64,
        /// The number of the first line that is not an entry, from 1.
        first: u64,
    },
    /// The perf map ends without a line break, so its last line may be incomplete. Every line that
    /// is an entry is used.
    CutLine {
        /// The number of the last line, from 1.
        line: u64,
    },
    /// The file is not a jitdump, or is cut off in its header. Nothing of it is used.
    NoDump,
    /// The jitdump is damaged. Everything before the damage is used.
    DumpDamage {
        /// The position of the damage, in bytes from the start of the file.
        at: u64,
    },
    /// The jitdump has more code than the limit of memory allows. Some of the code has no names.
    LargeDump,
}

impl fmt::Display for SideFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damage { why, line } => {
                write!(f, "is damaged ({why}) in line {line}; read up to there")
            }
            Self::Large { line } => {
                write!(f, "is too large to be kept in memory from line {line} on; read up to there")
            }
            Self::Empty => f.write_str("is empty"),
            Self::NoEntries { lines, all, first } => {
                write!(
                    f,
                    "has lines that do not belong in a perf map: {lines} of {all}, the first is line \
                     {first}"
                )
            }
            Self::CutLine { line } => {
                write!(f, "has no line break at its end: line {line}, its last one, may be cut off")
            }
            Self::NoDump => f.write_str("is no jitdump, or cut off in its header"),
            Self::DumpDamage { at } => write!(f, "is damaged at byte {at}; read up to there"),
            Self::LargeDump => {
                f.write_str("holds more code than is kept in memory; some has no name")
            }
        }
    }
}

impl PerfFact {
    /// Returns the sentence of a fact without data.
    fn fixed(&self) -> &'static str {
        match self {
            Self::ManyThreads => {
                "there are too many threads to keep apart; some are taken together"
            }
            Self::ManyMappings => {
                "there are too many mappings to follow; some functions have no names"
            }
            Self::Unfinished => {
                "perf was killed before it could finish the file; read up to where it ends"
            }
            Self::Scattered => {
                "samples lie in further files of a folder (data.0, data.1, ...), which are not read"
            }
            Self::UserStacks => {
                "the stacks of user code are in a form that is not read (copies of the stack, or \
                 of branches), so only their innermost frames are here"
            }
            Self::NoNames => "no sample has the name of a function",
            Self::DumpClock => {
                "the times of the jitdump are of another clock, so code may have the name of other \
                 code that lay there later"
            }
            Self::NamelessKernel(MissingKernel::NoUsableList) => {
                "the kernel's functions have no names: no usable copy of its kallsyms is here"
            }
            Self::NamelessKernel(MissingKernel::Unknown) => {
                "the kernel's functions have no names: the recording does not show which kernel ran"
            }
            Self::NamelessKernel(MissingKernel::Hidden) => {
                "the kernel's functions have no names: kallsyms hides its addresses from users \
                 other than root"
            }
            _ => "",
        }
    }
}

impl fmt::Display for PerfFact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherEvents { read, others } => {
                let others: Vec<String> =
                    others.iter().map(|(name, count)| format!("{name} ({count})")).collect();
                write!(f, "samples of {read} only; left out: {}", others.join(", "))
            }
            Self::FurtherEvents { read, others } => {
                let others: Vec<String> = others
                    .iter()
                    .map(|(name, count)| format!("{name} ({count} samples)"))
                    .collect();
                write!(f, "only {read} is read; the recording has {} too", some_of(&others))
            }
            Self::LostRecords(count) => {
                write!(f, "perf lost {count} records, because its buffer was full")
            }
            Self::LateRecords(count) => write!(
                f,
                "{count} records are older by more than a second than records that came long before \
                 them: times are damaged, or the clock was set back"
            ),
            Self::LoneGap { seconds } => write!(
                f,
                "no sample for {:.1} hours, and all samples are close to the two ends of that time: \
                 the program waited, or the time of a sample is damaged",
                *seconds as f64 / SECONDS_OF_HOUR
            ),
            Self::OddPeriods { samples } => write!(
                f,
                "the weight of {samples} sample{} is not the fixed interval of the clock: the periods \
                 are damaged",
                if *samples == 1 { "" } else { "s" }
            ),
            Self::HeavySample { percent } => {
                write!(f, "one sample has {percent} % of the weight: its period may be damaged")
            }
            Self::TimesGoBack { line, by_us } => write!(
                f,
                "line {line}: times go back by {:.1} s: the text has several recordings, and all are \
                 counted",
                seconds_of(*by_us)
            ),
            Self::Differences => f.write_str(
                "the times are those since the event before (`--deltatime`), and are not used",
            ),
            Self::UnusedPeriods { samples } => write!(
                f,
                "the first sample has no period, so each sample counts 1, although {samples} have one"
            ),
            Self::NamelessInterpreted { samples, all } => write!(
                f,
                "in {samples} of {all} samples `Builtin: InterpreterEntryTrampoline` stands for \
                 functions that the interpreter ran, which have no names here"
            ),
            Self::SeveralModules { functions } => write!(
                f,
                "{} {} code at several places, and perf does not record the module of a function: \
                 functions of several modules may be one row",
                some_of(functions),
                if functions.len() == 1 { "has" } else { "have" },
            ),
            Self::Cut { at, missing } => {
                at.fmt(f)?;
                f.write_str("; read up to there")?;
                match missing.is_empty() {
                    true => Ok(()),
                    false => write!(f, "; what is missing after it: {}", missing.join(", ")),
                }
            }
            Self::MissingSections { missing } => write!(
                f,
                "the recording is cut off after its records; what is missing: {}",
                missing.join(", ")
            ),
            Self::SteadyPace { event } => write!(
                f,
                "perf took about as many samples of {event} in each second, whether there were \
                 many events or few, so that the number of samples is not the number of events"
            ),
            Self::StrayMap { map, pids } => write!(
                f,
                "{} is taken for process {}, which has no perf map of its own, but has code at \
                 addresses of this one (in a container, a process has another number)",
                map.display(),
                some_of(pids)
            ),
            Self::SideFile { file, fault: None } => f.write_str(file),
            Self::SideFile { file, fault: Some(fault) } => write!(f, "{file} {fault}"),
            Self::MissingDumps { dumps, has_maps } => {
                let are = if dumps.len() == 1 { "is" } else { "are" };
                let instead = if *has_maps { ", so perf maps give the names" } else { "" };
                write!(f, "{} {are} not here{instead}", some_of(dumps))
            }
            Self::InferredNames { inferred, samples } => write!(
                f,
                "in {inferred} of {samples} samples, the perf map has several functions at the \
                 address of the code, and no times: the name of the function was inferred, and may \
                 be wrong"
            ),
            Self::NamelessCode { pids } => write!(
                f,
                "compiled code of process {} has no names: no perf-PID.map was found",
                some_of(pids)
            ),
            Self::NamelessBinaries { paths, why } => {
                let what = match why {
                    MissingBinary::File => "not here",
                    MissingBinary::Unopened => "could not be opened",
                    MissingBinary::OtherBuild => "another build than ran",
                    MissingBinary::Unreadable => "no object file",
                };
                write!(f, "{}: {what}, so the functions have no names", some_of(paths))
            }
            fixed => f.write_str(fixed.fixed()),
        }
    }
}

impl fmt::Display for CutRecording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRecord(at) => write!(f, "no record at byte {at} of the records"),
            Self::Packed(at) => {
                write!(f, "the packed records before byte {at} of the records are damaged")
            }
            Self::End => f.write_str("the recording is cut off"),
        }
    }
}
