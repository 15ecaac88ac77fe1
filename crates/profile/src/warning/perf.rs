//! Warnings about a recording of perf.

use super::{MissingBinary, MissingKernel, some_of};
use std::fmt;
use std::path::PathBuf;

/// A fact that a user should know about a recording of perf (`perf.data`, or the text of `perf
/// script`).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PerfFact {
    /// The text has samples of other events than the one that is read.
    OtherEvents {
        /// The event that is read.
        read: String,
        /// The other events with their numbers of samples.
        others: Vec<(String, u64)>,
    },
    /// The recording has samples of other events than the one that is read.
    FurtherEvents {
        /// The event that is read.
        read: String,
        /// The other events with their numbers of samples.
        others: Vec<(String, u64)>,
    },
    /// Perf lost records because its buffer was full.
    LostRecords(u64),
    /// Functions that the interpreter ran have no names.
    NamelessInterpreted {
        /// The number of samples with such functions.
        samples: u64,
        /// The number of all samples.
        all: u64,
    },
    /// The text has no name of a function.
    NoNames,
    /// Functions of WebAssembly have code at several places of a process, so they may belong to
    /// several modules. Perf does not record the module.
    SeveralModules {
        /// The names of the functions, in order.
        functions: Vec<String>,
    },
    /// Some threads are taken together, because there are too many.
    ManyThreads,
    /// Some mappings are not followed, because there are too many.
    ManyMappings,
    /// Perf was killed before it finished the file.
    Unfinished,
    /// The recording is cut off or damaged, and everything before that place is used.
    Cut {
        /// The place.
        at: CutRecording,
        /// Names of the features that should follow the records and are not in the file.
        missing: Vec<&'static str>,
    },
    /// All records are in the file, and the sections that follow them are cut off.
    CutBehind {
        /// Names of the features that are not in the file.
        missing: Vec<&'static str>,
    },
    /// Samples are in further files of a folder, which are not read.
    Scattered,
    /// Perf adapted the distance between samples, so that their number is no measure.
    SteadyPace {
        /// The event.
        event: String,
    },
    /// Events were sampled as a group, and only the one that leads it is read.
    Group,
    /// Stacks of user code are in a form that is not read, such as copies of the stack. Only their
    /// innermost frames are in the profile.
    UserStacks,
    /// A perf map is used for processes with other numbers.
    StrayMap {
        /// The file.
        map: PathBuf,
        /// The numbers of the processes.
        pids: Vec<i32>,
    },
    /// A perf map or a jitdump could not be used, or not whole.
    SideFile {
        /// The path of the file, with the reason when it could not be opened.
        file: String,
        /// The fault; `None` when it could not be opened.
        fault: Option<SideFault>,
    },
    /// Jitdumps that the recording names are not here.
    MissingDumps {
        /// Their paths.
        dumps: Vec<String>,
        /// True when perf maps give the names instead.
        has_maps: bool,
    },
    /// The times of a jitdump are of another clock than those of the recording.
    DumpClock,
    /// Names were inferred for code at a place that had other code before.
    InferredNames {
        /// The number of samples with such names.
        inferred: u64,
        /// The number of all samples.
        samples: u64,
    },
    /// Compiled code of processes has no names.
    NamelessCode {
        /// The numbers of the processes.
        pids: Vec<i32>,
    },
    /// Binaries give no names.
    NamelessBinaries {
        /// Their paths.
        paths: Vec<String>,
        /// The reason.
        why: MissingBinary,
    },
    /// The kernel's functions have no names.
    NamelessKernel(MissingKernel),
}

/// The place at which a recording of perf ends too early; positions are in bytes of the
/// records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CutRecording {
    /// No record begins at this position.
    NoRecord(u64),
    /// The packed records before this position are damaged.
    Packed(u64),
    /// The end of the file.
    End,
}

/// The fault of a perf map or a jitdump.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SideFault {
    /// The map could not be read in a line.
    Damage {
        /// The reason.
        why: String,
        /// The number of the line, from 1.
        line: u64,
    },
    /// The map is larger than there is room for.
    Large {
        /// The number of the first line that is not read, from 1.
        line: u64,
    },
    /// The map is empty.
    Empty,
    /// Lines of the map are not entries.
    NoEntries {
        /// The number of these lines.
        lines: u64,
        /// The number of all lines.
        all: u64,
        /// The number of the first, from 1.
        first: u64,
    },
    /// The map ends within its last line.
    CutLine {
        /// The number of the line, from 1.
        line: u64,
    },
    /// The file is not a jitdump, or it is cut off in its header.
    NoDump,
    /// The jitdump is damaged.
    DumpDamage {
        /// The position, in bytes.
        at: u64,
    },
    /// The jitdump contains more code than there is room for.
    LargeDump,
}

impl fmt::Display for SideFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damage { why, line } => {
                write!(f, "is damaged ({why}) in line {line}; used up to there")
            }
            Self::Large { line } => {
                write!(f, "is larger than there is room for in line {line}; used up to there")
            }
            Self::Empty => f.write_str("is empty"),
            Self::NoEntries { lines, all, first } => {
                write!(f, "has lines that are none of a perf map: {lines} of {all}, first {first}")
            }
            Self::CutLine { line } => write!(f, "is cut off in line {line}; used up to there"),
            Self::NoDump => f.write_str("is no jitdump, or cut off in its header"),
            Self::DumpDamage { at } => write!(f, "is damaged at byte {at}; used up to there"),
            Self::LargeDump => {
                f.write_str("holds more code than there is room for; some has no name")
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
                "perf was killed before it could finish the file; used up to where it ends"
            }
            Self::Scattered => {
                "samples lie in further files of a folder (data.0, data.1, ...), which are not read"
            }
            Self::Group => {
                "the events were sampled as a group (`{a,b}:S`), and only the event that leads it \
                 is read"
            }
            Self::UserStacks => {
                "the stacks of user code are in a form that is not read (copies of the stack, or \
                 of branches), so only their innermost frames are here"
            }
            Self::NoNames => "no sample has the name of a function",
            Self::DumpClock => {
                "the times of the jitdump are of another clock, so code may carry the name of what \
                 lay there later"
            }
            Self::NamelessKernel(MissingKernel::Elsewhere) => {
                "the kernel's functions have no names, its kallsyms is not here"
            }
            Self::NamelessKernel(MissingKernel::Unknown) => {
                "the kernel's functions have no names, the recording does not tell which kernel it \
                 was"
            }
            Self::NamelessKernel(MissingKernel::Hidden) => {
                "the kernel's functions have no names, kallsyms hides its addresses from other \
                 users than root"
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
                write!(f, "perf lost {count} records, its buffer being full")
            }
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
                f.write_str("; used up to there")?;
                match missing.is_empty() {
                    true => Ok(()),
                    false => write!(f, ", and behind it are missing: {}", missing.join(", ")),
                }
            }
            Self::CutBehind { missing } => write!(
                f,
                "the recording is cut off behind its records; missing are: {}",
                missing.join(", ")
            ),
            Self::SteadyPace { event } => write!(
                f,
                "perf took about as many samples of {event} in each second, however many there \
                 were, so that numbers of samples do not tell how many"
            ),
            Self::StrayMap { map, pids } => write!(
                f,
                "{} is taken for process {}, which has no perf map of its own and whose code lies \
                 where this one has some (in a container it has another number)",
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
                "in {inferred} of {samples} samples code is named that took the place of other \
                 code; which one it was a perf map lets only infer"
            ),
            Self::NamelessCode { pids } => write!(
                f,
                "compiled code of process {} has no names: no perf-PID.map was found",
                some_of(pids)
            ),
            Self::NamelessBinaries { paths, why } => {
                let what = match why {
                    MissingBinary::File => "not here",
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
