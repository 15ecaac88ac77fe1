//! A whole recording: [`Profile`] and its parts.

use crate::clock::{Clock, ClockSource};
use crate::frame::FrameTable;
use crate::samples::Samples;
use crate::stack::{StackId, StackTree};
use crate::warning::Warning;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A file or stream from which a profile was read, with the facts about the recording in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// The name for people: as a rule, the file's name without the ending of its compression. A folder's
    /// name may be in front (`run/isolate-v8.log`).
    pub name: String,
    /// The path of the file, or `-` for standard input; empty for another stream.
    pub path: PathBuf,
    /// The program that wrote the recording, or the format, in words: `V8 11.3.244.8-node.57`, `perf cycles`,
    /// `pprof`, `speedscope of perf 6.1`.
    pub producer: String,
    /// Microseconds between two samples, measured from their times or read from the recording.
    /// `None` when it is not known.
    pub interval_us: Option<u64>,
    /// The sampling interval that the user asked for, in microseconds, when it is known and the
    /// samples show another one.
    pub asked_us: Option<u64>,
    /// The microseconds over which the samples of V8's CPU profiler are spread, the pauses between them
    /// included, and the number of these samples. `None` for other recordings, and when it is not known.
    pub spread: Option<(u64, u64)>,
    /// The part of `spread` in which the thread was idle, as far as the gaps between samples show it. `None`
    /// when it is not known; a sample then stands for the same time whether the thread was idle or not.
    pub idle_spread: Option<(u64, u64)>,
    /// The kind of time that is measured, in pprof's words (`cpu`, `wall`); empty when it is not
    /// known, or when no time is measured.
    pub time: String,
    /// The event that was sampled, such as `cpu-clock` or `page-faults`, or the type of the values
    /// that are read, such as `inuse_space`; empty when it is not known. If `event` is set and
    /// `time` is empty, the event does not measure time, or only that of waiting ([`Source::is_no_time`]).
    pub event: String,
    /// The end of the recording, in microseconds since its zero. It can be 0 when samples have no
    /// times.
    pub end_us: u64,
    /// True when the samples have times, so that a window can be selected. False when their times
    /// have no meaning.
    pub timed: bool,
    /// True for an application's log without times whose lines have times of day, or months and days, without a year.
    pub undated: bool,
    /// True when the recording contains the lines that ran only as sums over its whole time, and
    /// samples have lines. The lines in a window are then estimates.
    pub lines_are_sums: bool,
    /// The zero from which the samples' times count, on the clock that the recording uses.
    pub zero: Zero,
    /// The wall-clock time of zero by other evidence than `zero`, such as the file's name, or with an
    /// uncertainty of its own; `None` when there is none.
    pub clock: Option<Clock>,
    /// The time of the file's last write, in microseconds since 1970. `None` when it is not known,
    /// and for a file that is recognised as a copy.
    pub modified_us: Option<i64>,
    /// The unit of a weight of 1, in the plural: `ticks`, `samples`, `nanoseconds`, `errors`.
    pub unit: String,
    /// The number of lines that were read from an application's log; 0 for other recordings.
    pub lines: u64,
    /// The number of these lines, or records, for which a logger's level was recognised.
    pub levels: u64,
}

impl Source {
    /// Returns true when the recording names the sampled event and that event does not measure
    /// time, such as `page-faults`, or only the time that threads waited (perf's `offcpu-time`). Returns false
    /// when the event is not known.
    pub fn is_no_time(&self) -> bool {
        !self.event.is_empty() && self.time.is_empty()
    }

    /// Returns true for a recording of V8's CPU profiler (Chrome trace, `.cpuprofile`), and for a
    /// `.cpuprofile` that another profiler wrote, such as Bun's. [`Source::producer`] decides: a file that
    /// Spikeflame wrote counts as the recording from which it was made, where it names that.
    pub fn is_of_cpu_profiler(&self) -> bool {
        let engine = self.producer.split_once(" of ").map_or(&*self.producer, |(_, engine)| engine);
        ["cpuprofile", "Chrome trace"].iter().any(|name| engine.starts_with(name))
    }

    /// Returns true for weights in ticks, as those of V8's tick logs, and where
    /// [`Source::is_of_cpu_profiler`] is true. Such recordings also have samples of a thread that waits for
    /// a core: on a busy machine, the samples show more than the CPU that the thread used.
    pub fn counts_waits(&self) -> bool {
        self.unit == "ticks" || self.is_of_cpu_profiler()
    }

    /// Returns the nanoseconds that a weight of 1 stands for. Returns `None` when the weight is no
    /// time, or when the interval of the samples is not known.
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

    /// Returns the clock from the recording's own content, or else the one that its reader found in
    /// the file's time.
    fn own_clock(&self) -> Option<Clock> {
        let of_file = self.clock.filter(|clock| clock.known == ClockSource::FileTime);
        self.clocks()
            .find(|clock| matches!(clock.known, ClockSource::Recorded | ClockSource::Marks))
            .or(of_file)
    }

    /// Returns the possible wall-clock times of zero, the most reliable first. Times that are not
    /// known are left out.
    pub fn clocks(&self) -> impl Iterator<Item = Clock> + '_ {
        let recorded = match self.zero {
            Zero::Wall(us) => i64::try_from(us).ok(),
            _ => None,
        };
        let recorded = recorded.map(|zero_us| Clock {
            zero_us,
            known: ClockSource::Recorded,
            uncertainty_us: 1_000,
        });
        let written = self.modified_us.map(|end| Clock {
            zero_us: end.saturating_sub_unsigned(self.end_us),
            known: ClockSource::FileTime,
            uncertainty_us: 500_000,
        });
        // `self.clock` comes first: it has its own evidence and error.
        [self.clock, recorded, written].into_iter().flatten()
    }
}

/// The moment at which the times of a recording's samples are 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Zero {
    /// The zero is not known on either of these clocks. [`Source::clock`] may have the zero's wall-clock time
    /// from other evidence, such as marks in a log.
    #[default]
    Unknown,
    /// The zero is this time of the machine's monotonic clock, in microseconds (usually since the
    /// machine started).
    Monotonic(u64),
    /// The zero is this wall-clock time, in microseconds since 1970-01-01T00:00:00Z.
    Wall(u64),
}

/// The samples of one thread (for V8, of one isolate), as far as the recording keeps threads apart.
#[derive(Clone, Debug, Default)]
pub struct Thread {
    /// The name of the thread, which no other thread of the profile has.
    pub name: String,
    /// The samples of the thread, in the order of their times if [`Source::timed`] is true.
    pub samples: Samples,
    /// The index of the thread's recording in [`Profile::sources`].
    pub source: usize,
}

/// Lines or records of one recording that could not be used for one reason.
///
/// ```
/// use spikeflame_profile::Ledger;
///
/// let mut ledger = Ledger::new("sample");
/// ledger.lose("a sample without a weight", 6, 1);
/// let losses = ledger.close("out.pb");
/// assert_eq!(losses[0].place().as_deref(), Some("sample 7"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// The name of the recording, as in [`Source::name`].
    pub source: String,
    /// The reason, as a phrase for people that describes the lost thing:
    /// `a line longer than 16 MiB`.
    pub reason: &'static str,
    /// The number of lines or records that were lost for this reason.
    pub count: u64,
    /// The number of samples in these lines or records. It can be less than `count`, and more.
    pub samples: u64,
    /// The number of the first lost one, from 1, among the things that `counted` names; 0 when it
    /// is not known.
    pub first: u64,
    /// The singular word for the things that `count` counts: `line`, `record`, `sample`.
    pub counted: &'static str,
}

impl Loss {
    /// Returns the place of the first lost one, such as `line 7` or `sample 12`; `None` when it is not
    /// known.
    pub fn place(&self) -> Option<String> {
        (self.first > 0).then(|| format!("{} {}", self.counted, self.first))
    }
}

/// Facts about an error in an application's log that the error's name in the profile does not
/// contain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ErrorDetail {
    /// The message of the error as it was logged. When the name stands for several messages, it has
    /// their common parts, with `…` between them. It is empty when the error's name contains the
    /// message.
    pub message: String,
    /// The error's code, such as `ER_CON_COUNT_ERROR` or `errno 1040`; empty when the log has none,
    /// and `…` when the errors of this name do not all have the same code. A number counts only where there is
    /// no code in words, because one error may have both.
    pub code: String,
}

impl ErrorDetail {
    /// Adds the details of another error with the same name. The name stands for the messages of
    /// both, so that their common parts stay.
    ///
    /// ```
    /// use spikeflame_profile::ErrorDetail;
    ///
    /// let detail = |message: &str| ErrorDetail { message: message.to_owned(), ..ErrorDetail::default() };
    /// let mut one = detail("no user 'ann' in shop");
    /// one.join(detail("no user 'bob' in shop"));
    /// assert_eq!(one.message, "no user '…' in shop");
    /// ```
    pub fn join(&mut self, other: Self) {
        if self.message.is_empty() {
            self.message = other.message;
        } else if !other.message.is_empty() {
            self.message = common(&self.message, &other.message);
        }
        let is_number = |code: &str| code.starts_with("errno ");
        if other.code.is_empty() || other.code == self.code {
            return;
        }
        match (is_number(&self.code), is_number(&other.code)) {
            _ if self.code.is_empty() => self.code = other.code,
            (true, false) => self.code = other.code,
            (false, true) => {}
            _ => "…".clone_into(&mut self.code),
        }
    }
}

/// Returns the parts that two texts have in common at their beginning and their end.
fn common(one: &str, other: &str) -> String {
    let pairs = one.chars().zip(other.chars());
    let start: String = pairs.take_while(|(a, b)| a == b).map(|(a, _)| a).collect();
    let rest =
        |text: &str| text.get(start.len()..).unwrap_or_default().chars().rev().collect::<Vec<_>>();
    let (one, other) = (rest(one), rest(other));
    if one.is_empty() && other.is_empty() {
        return start;
    }
    let end: Vec<char> =
        one.iter().zip(&other).take_while(|(a, b)| a == b).map(|(a, _)| *a).collect();
    format!("{start}…{}", end.iter().rev().collect::<String>())
}

/// The content of one recording of any format, or of several recordings that were added up: the
/// samples of threads, the stacks and frames that they refer to, and facts about the files.
///
/// ```
/// use spikeflame_profile::{Profile, Sample, Samples, StackId, Thread, VmState};
///
/// let mut profile = Profile::default();
/// let frame = profile.frames.labelled("main /srv/app.js:1:1");
/// let stack = profile.stacks.child(StackId::ROOT, frame);
/// let mut samples = Samples::default();
/// samples.push(Sample { time_us: 1_000, stack, state: VmState::JS });
/// profile.threads.push(Thread { name: "main".to_owned(), samples, source: 0 });
/// assert_eq!((profile.samples(), profile.total()), (1, 1));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Profile {
    /// The files or streams that were read, in the order in which they were added.
    pub sources: Vec<Source>,
    /// The functions and frames that the stacks refer to.
    pub frames: FrameTable,
    /// The stacks that the samples refer to.
    pub stacks: StackTree,
    /// The threads of all sources, each with its samples.
    pub threads: Vec<Thread>,
    /// The input that could not be read; empty when all was read.
    pub losses: Vec<Loss>,
    /// Details of the errors in logs. The key is the name of the error's function, such as
    /// `Error: Queue limit reached`.
    pub error_details: BTreeMap<String, ErrorDetail>,
    /// Facts about the recordings that their user should know, in the order in which they were
    /// found.
    pub warnings: Vec<Warning>,
}

impl Profile {
    /// Returns the sum of the weights of all samples of all threads, in [`Source::unit`].
    pub fn total(&self) -> u64 {
        self.threads.iter().map(|thread| thread.samples.total()).sum()
    }

    /// Returns the number of samples of all threads, without regard to their weights.
    pub fn samples(&self) -> u64 {
        self.threads.iter().map(|thread| thread.samples.len() as u64).sum()
    }

    /// Returns the number of samples in the input that could not be read: the sum of
    /// [`Loss::samples`].
    pub fn unreadable(&self) -> u64 {
        self.losses.iter().map(|loss| loss.samples).sum()
    }

    /// Returns true when [`Source::timed`] is true for every source, so that a window can be selected.
    /// It is also true for a profile without sources.
    pub fn is_timed(&self) -> bool {
        self.sources.iter().all(|source| source.timed)
    }

    /// Adds the sources, threads with their samples, losses, error details and warnings of another
    /// profile to this one. A thread with a name that another thread already has gets a number
    /// after it, such as `main (2)`. The details of an error in both are joined ([`ErrorDetail::join`]).
    ///
    /// When both profiles have a zero on a common clock and overlap in time (as processes of one
    /// run do), all times then count from one zero. Otherwise, the times of each stay as they are.
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
            thread.source += self.sources.len();
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
            self.error_details.entry(name).or_default().join(detail);
        }
        self.warnings.extend(other.warnings);
    }

    /// Removes the samples before `from_us` and those at or after `to_us`. Both are microseconds
    /// since the profile's zero. Threads stay, also without a sample. Returns the weight of the
    /// removed samples.
    ///
    /// ```
    /// use spikeflame_profile::{Profile, Sample, Samples, StackId, Thread, VmState};
    ///
    /// let mut profile = Profile::default();
    /// let mut samples = Samples::default();
    /// for time_us in [1_000, 2_000, 3_000] {
    ///     samples.push(Sample { time_us, stack: StackId::ROOT, state: VmState::JS });
    /// }
    /// profile.threads.push(Thread { name: "main".to_owned(), samples, source: 0 });
    /// assert_eq!(profile.keep_between(1_500, 3_000), 2);
    /// assert_eq!(profile.total(), 1);
    /// ```
    pub fn keep_between(&mut self, from_us: u64, to_us: u64) -> u64 {
        let before = self.total();
        for thread in &mut self.threads {
            let mut kept = Samples::default();
            let within = |time_us: u64| (from_us..to_us).contains(&time_us);
            for (sample, weight) in thread.samples.iter().filter(|(one, _)| within(one.time_us)) {
                kept.push_weighted(sample, weight);
            }
            thread.samples = kept;
        }
        before.saturating_sub(self.total())
    }

    /// Returns the microseconds by which this zero is later than the other's; `None` when
    /// the recordings do not overlap or have no common clock.
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

    /// Moves the zero to an earlier time: all times grow by `us`.
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
