//! A whole recording.

use crate::clock::{Clock, Known};
use crate::frame::FrameTable;
use crate::samples::Samples;
use crate::stack::{StackId, StackTree};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Where a profile came from, and what it says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// The file's name as the user gave it; `-` for standard input.
    pub name: String,
    /// The file that was read; empty for a stream.
    pub path: PathBuf,
    /// What wrote it: `V8 11.3.244.8-node.57`.
    pub producer: String,
    /// Microseconds between two samples, as their times show or as the recording says:
    /// the time that a sample stands for.
    pub interval_us: Option<u64>,
    /// The interval that the recorder was asked for, where samples show another.
    pub asked_us: Option<u64>,
    /// The time that passes in an interval, as pprof names it (`cpu`, `wall`);
    /// empty when the recording does not say.
    pub time: String,
    /// The event that was sampled, where the recording names one: `cpu-clock`,
    /// `page-faults`. With an empty `time` it is no time.
    pub event: String,
    /// The recording's last moment, in microseconds since its zero.
    pub end_us: u64,
    /// False when samples carry no times, so that no window can be cut.
    pub timed: bool,
    /// Where the recording's zero lies.
    pub zero: Zero,
    /// The wall-clock time of zero, where something but `zero` tells it.
    pub clock: Option<Clock>,
    /// When the file was last written, in microseconds since 1970.
    pub modified_us: Option<i64>,
    /// What a weight of 1 is, in the plural: `ticks`, `samples`, `nanoseconds`.
    pub unit: String,
    /// Lines that were read of an application's log; 0 for other recordings.
    pub lines: u64,
}

impl Source {
    /// True when what was sampled is known to be something else than time.
    pub fn is_no_time(&self) -> bool {
        !self.event.is_empty() && self.time.is_empty()
    }

    /// Nanoseconds that a weight of 1 stands for; `None` where it is no time, or
    /// the recording does not say.
    pub fn weight_ns(&self) -> Option<u64> {
        match self.unit.as_str() {
            "ticks" | "samples" if self.is_no_time() => None,
            "ticks" | "samples" => self.interval_us?.checked_mul(1000),
            "nanoseconds" => Some(1),
            "microseconds" => Some(1_000),
            "milliseconds" => Some(1_000_000),
            "seconds" => Some(1_000_000_000),
            _ => None,
        }
    }

    /// The clock that the recording itself tells, if any.
    fn own_clock(&self) -> Option<Clock> {
        self.clocks().find(|clock| matches!(clock.known, Known::Recorded | Known::Marks))
    }

    /// Wall-clock times of zero that the recording or its file tell, the best
    /// first. A file's time is only right while nobody copied or unpacked it.
    pub fn clocks(&self) -> impl Iterator<Item = Clock> + '_ {
        let recorded = match self.zero {
            Zero::Wall(us) => i64::try_from(us).ok(),
            _ => None,
        };
        let recorded = recorded.map(|zero_us| Clock {
            zero_us,
            known: Known::Recorded,
            uncertainty_us: 1_000,
        });
        let written = self.modified_us.map(|end| Clock {
            zero_us: end.saturating_sub_unsigned(self.end_us),
            known: Known::FileTime,
            uncertainty_us: 500_000,
        });
        // What is told apart from the zero knows how well it is known.
        [self.clock, recorded, written].into_iter().flatten()
    }
}

/// Where a recording's zero lies, in microseconds of some clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Zero {
    /// The recording does not say.
    #[default]
    Unknown,
    /// Of the machine's monotonic clock.
    Monotonic(u64),
    /// Since 1970-01-01T00:00:00Z.
    Wall(u64),
}

/// The samples of one thread (for V8: of one isolate).
#[derive(Clone, Debug, Default)]
pub struct Thread {
    /// A name to tell it by, distinct within the profile.
    pub name: String,
    /// Its samples.
    pub samples: Samples,
}

/// Lines or records that could not be used, by reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// The file.
    pub source: String,
    /// What was wrong, in words.
    pub reason: &'static str,
    /// How many lines (or records).
    pub count: u64,
    /// How many of them would have been samples.
    pub samples: u64,
    /// Line (or record, ...) of the first, from 1.
    pub first_line: u64,
    /// What is counted: `line`, `record`, ...
    pub counted: &'static str,
}

/// Facts about an error of a log that its general name does not hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ErrorDetail {
    /// The message of the first such error as it was logged; empty where the name holds
    /// all of it.
    pub message: String,
    /// The error's code, such as `ER_CON_COUNT_ERROR`, or `errno 1040`; empty without one.
    pub code: String,
}

/// A recording of any format, or several of the same program.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    /// Where it came from: one entry a file.
    pub sources: Vec<Source>,
    /// Interned frames.
    pub frames: FrameTable,
    /// Interned stacks.
    pub stacks: StackTree,
    /// Threads and their samples.
    pub threads: Vec<Thread>,
    /// What could not be read.
    pub losses: Vec<Loss>,
    /// Details of the errors of logs, by the name of the error's function.
    pub error_details: BTreeMap<String, ErrorDetail>,
    /// What the user should know, a sentence each.
    pub warnings: Vec<String>,
}

impl Profile {
    /// Weight of all samples.
    pub fn total(&self) -> u64 {
        self.threads.iter().map(|thread| thread.samples.total()).sum()
    }

    /// Number of samples, whatever each weighs.
    pub fn samples(&self) -> u64 {
        self.threads.iter().map(|thread| thread.samples.len() as u64).sum()
    }

    /// Samples that were in the input and could not be read.
    pub fn unreadable(&self) -> u64 {
        self.losses.iter().map(|loss| loss.samples).sum()
    }

    /// Microseconds between two samples of all sources: the mean, where the same
    /// interval was asked for. `None` where one is not known or another was asked for.
    ///
    /// Two threads that were sampled alike never show quite the same interval.
    pub fn interval_us(&self) -> Option<u64> {
        let asked = |source: &Source| source.asked_us.or(source.interval_us).filter(|us| *us > 0);
        let first = asked(self.sources.first()?)?;
        let mut sum = 0u64;
        for source in &self.sources {
            asked(source).filter(|us| *us == first)?;
            sum = sum.saturating_add(source.interval_us?);
        }
        let count = self.sources.len() as u64;
        Some(sum.saturating_add(count / 2) / count)
    }

    /// True when every source has times, so that a window can be cut.
    pub fn is_timed(&self) -> bool {
        self.sources.iter().all(|source| source.timed)
    }

    /// Adds another recording's threads, samples and ledger to this one. Where both
    /// ran at the same time by their own clocks (processes of one run), times
    /// count from the first one's zero; else each counts from its own.
    pub fn append(&mut self, mut other: Self) {
        match self.later_by(&other) {
            Some(us) if us > 0 => self.delay(us.unsigned_abs()),
            Some(us) => other.delay(us.unsigned_abs()),
            None => {}
        }
        let frames: Vec<_> =
            other.frames.frames().map(|(id, _)| self.frames.import(&other.frames, id)).collect();
        let mut stacks = vec![StackId::ROOT; other.stacks.len()];
        for (id, parent, frame) in other.stacks.nodes() {
            let parent = stacks.get(parent.index()).copied().unwrap_or_default();
            let Some(&frame) = frames.get(frame.index()) else { continue };
            let stack = self.stacks.child(parent, frame);
            if let Some(slot) = stacks.get_mut(id.index()) {
                *slot = stack;
            }
        }
        for mut thread in other.threads {
            thread.samples.map_stacks(|id| stacks.get(id.index()).copied().unwrap_or_default());
            let taken = |name: &str| self.threads.iter().any(|t| t.name == name);
            if taken(&thread.name) {
                let name =
                    (2..).map(|n| format!("{} ({n})", thread.name)).find(|name| !taken(name));
                thread.name = name.unwrap_or_default();
            }
            self.threads.push(thread);
        }
        self.sources.extend(other.sources);
        self.losses.extend(other.losses);
        for (name, detail) in other.error_details {
            self.error_details.entry(name).or_insert(detail);
        }
        self.warnings.extend(other.warnings);
    }

    /// By how much this zero is later than the other's, if both ran together.
    fn later_by(&self, other: &Self) -> Option<i64> {
        let (ours, theirs) = (self.sources.first()?, other.sources.first()?);
        let later = match (ours.zero, theirs.zero) {
            (Zero::Monotonic(ours), Zero::Monotonic(theirs)) => {
                i64::try_from(ours).ok()?.checked_sub(i64::try_from(theirs).ok()?)?
            }
            _ => ours.own_clock()?.zero_us.checked_sub(theirs.own_clock()?.zero_us)?,
        };
        let first = if later > 0 { other } else { self };
        let end = first.sources.iter().map(|source| source.end_us).max()?;
        (later.unsigned_abs() < end).then_some(later)
    }

    /// Counts times from an earlier zero.
    fn delay(&mut self, us: u64) {
        self.threads.iter_mut().for_each(|thread| thread.samples.delay(us));
        for source in &mut self.sources {
            source.end_us = source.end_us.saturating_add(us);
            source.zero = match source.zero {
                Zero::Monotonic(zero) => Zero::Monotonic(zero.saturating_sub(us)),
                Zero::Wall(zero) => Zero::Wall(zero.saturating_sub(us)),
                Zero::Unknown => Zero::Unknown,
            };
            if let Some(clock) = &mut source.clock {
                clock.zero_us = clock.zero_us.saturating_sub_unsigned(us);
            }
        }
    }
}
