//! Facts about recordings of other formats than V8's and perf's.

use super::some_of;
use std::fmt;

/// One of the two counts in each line of differential folded stacks (`difffolded.pl`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// The first count, from before a change.
    Before,
    /// The second count, from after a change.
    After,
}

impl Column {
    /// Returns the name by which a user chooses the count: `before` or `after`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::After => "after",
        }
    }

    /// Returns the other count: [`Column::After`] for [`Column::Before`], and the reverse.
    pub const fn other(self) -> Self {
        match self {
            Self::Before => Self::After,
            Self::After => Self::Before,
        }
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = if *self == Self::Before { "first" } else { "second" };
        write!(f, "{number} ({})", self.name())
    }
}

/// The threads, profiles or maps of a file that are left out, because they measure another kind of
/// value than the one that is read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnreadValues {
    /// Threads in a file of the Firefox Profiler are left out.
    Threads {
        /// The number of threads that are left out.
        threads: u64,
        /// The kind of value that is read: `samples`, `time`, `bytes`.
        read: String,
    },
    /// Profiles in a speedscope file are left out.
    Profiles {
        /// The number of profiles that are left out.
        profiles: u64,
        /// The kind of value that is read, such as `time`.
        read: String,
        /// All kinds of value in the file, with the one that is read.
        kinds: Vec<String>,
    },
    /// Profiles in an OTLP file are left out.
    Otlp {
        /// The number of profiles that are left out.
        profiles: u64,
        /// The kind of value that is read, such as `cpu`.
        read: String,
        /// The kinds of value that are left out.
        kinds: Vec<String>,
    },
    /// Stacks of other maps in the output of bpftrace are left out.
    Maps {
        /// The name of the map that is read: `@`, `@bytes`.
        read: String,
        /// The names of the other maps with their numbers of stacks. Many are added up as `others`.
        others: Vec<(String, u64)>,
    },
}

impl fmt::Display for UnreadValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Threads { threads, read } => {
                write!(f, "{threads} threads do not measure {read}, and are left out")
            }
            Self::Profiles { profiles, read, .. } => {
                write!(f, "{profiles} profiles do not measure {read}, and are left out")
            }
            Self::Otlp { profiles, read, kinds } => write!(
                f,
                "profiles of {read} are read; there are {profiles} others, of other kinds of value \
                 ({})",
                kinds.join(", ")
            ),
            Self::Maps { read, others } => {
                let stacks = |count: u64| if count == 1 { "stack" } else { "stacks" };
                let others: Vec<String> = others
                    .iter()
                    .map(|(name, count)| format!("{name} ({count} {})", stacks(*count)))
                    .collect();
                write!(f, "only the map {read} is read; left out: {}", some_of(&others))
            }
        }
    }
}

/// Files that are left out because another profiler recorded the same process at the same time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TwoProfilers {
    /// The names of tick logs that are left out, because they have much less CPU time.
    pub logs: Vec<String>,
    /// The names of `.cpuprofile` files that are left out: the tick log of the same process is used.
    pub profiles: Vec<String>,
}

impl fmt::Display for TwoProfilers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { logs, profiles } = self;
        if !logs.is_empty() {
            write!(
                f,
                "{}: --cpu-prof ran beside --prof and stopped most ticks; the .cpuprofile of the same \
                 process is used",
                some_of(logs)
            )?;
        }
        if !logs.is_empty() && !profiles.is_empty() {
            f.write_str("; ")?;
        }
        if !profiles.is_empty() {
            write!(
                f,
                "{}: not used, because the tick log of the same process is read, which also has native code",
                some_of(profiles)
            )?;
        }
        Ok(())
    }
}

/// A fact about a `.cpuprofile`, or about such a profile in a Chrome trace, that its user should
/// know.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CpuProfileFact {
    /// The list of samples is cut off. The hit counts of the nodes are used in its place, and these
    /// have no times.
    NodeCounts,
    /// Some steps of time between samples are impossible. They count as 0.
    WrongSteps {
        /// The number of impossible steps.
        count: u64,
        /// The number of the first sample with an impossible step, from 1.
        first: u64,
    },
    /// The file has more or fewer times than samples.
    NumberOfTimes {
        /// The number of times in the file.
        times: u64,
        /// The number of samples in the file.
        samples: u64,
    },
    /// Much of the time that is not idle is in long gaps between samples. Each sample weighs 1
    /// here, and viewers that weigh samples by time show other results.
    Gaps {
        /// The share of the time that is not idle in long gaps, in percent.
        percent: u64,
        /// A gap of this many microseconds or more is long.
        long_us: u64,
        /// The median time from a sample that is not idle to the next, in microseconds.
        usual_us: u64,
    },
    /// Many samples were taken within `burst_us` of the sample before: V8's profiler made up for samples that
    /// it missed. Of each such burst, only samples that are a usual gap apart are counted. The fact is given when
    /// at least one in 16 samples is left out of bursts of six samples or more.
    Bursts {
        /// The number of samples that are not counted.
        extra: u64,
        /// The number of samples in the file, with those.
        all: u64,
        /// Samples that are closer to each other than this many microseconds are of one burst.
        burst_us: u64,
    },
    /// V8 takes no sample during a system call, so the time of some calls is missing. More than a tenth of
    /// the time that is not idle is in long gaps that end with samples of these native functions. The share
    /// of each of them among the samples is less than a quarter of its share of this time.
    UnsampledCalls {
        /// The names of up to three of the functions, the one with most time in gaps first.
        calls: Vec<String>,
        /// The share of the time that is not idle in the gaps of all these functions, in percent.
        percent: u64,
        /// The share of the samples that have one of the functions as their innermost, in percent, rounded
        /// down.
        samples_percent: u64,
        /// A gap of this many microseconds or more is long.
        long_us: u64,
    },
    /// The samples end before the profile does, probably because the profiler's buffer was full. The
    /// time after the last sample is longer than a tenth of the profile, than 100 mean times between samples
    /// and than 0.1 s. It counts as not recorded.
    EndsEarly {
        /// The time of the end of the samples, in microseconds since the profile's start.
        samples_us: u64,
        /// The length of the profile in microseconds.
        profile_us: u64,
    },
}

impl fmt::Display for CpuProfileFact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NodeCounts => f.write_str("the counts of nodes are used, which have no times"),
            Self::WrongSteps { count, first } => write!(
                f,
                "{count} of the times between samples cannot be right (the first is that of sample \
                 {first}); each of these samples has the time of the one before it"
            ),
            Self::NumberOfTimes { times, samples } => {
                write!(f, "the file has times for {times} samples, but {samples} samples")
            }
            Self::Gaps { percent, long_us, usual_us } => write!(
                f,
                "{percent} % of the time that is not idle lies in gaps between samples of {} ms or more, and the usual \
                 gap is {usual_us} µs; each sample counts as one here, and viewers that weigh \
                 samples by time show what ran before a gap as longer",
                long_us.div_ceil(1000)
            ),
            Self::Bursts { extra, all, burst_us } => write!(
                f,
                "{extra} of {all} samples were taken less than {burst_us} µs after another, and are not \
                 counted: V8 makes up at once for samples that it missed while other programs used the \
                 processor (Node 23 and newer), all of one moment; viewers that count them show other shares"
            ),
            Self::UnsampledCalls { calls, percent, samples_percent, long_us } => write!(
                f,
                "{percent} % of the time that is not idle lies in gaps of {} ms or more between samples that end in `{}`, \
                 but {samples_percent} % of the samples: V8 takes no sample during a system call, so the \
                 time of these calls, whether they worked or waited, is missing",
                long_us.div_ceil(1000),
                calls.join("`, `")
            ),
            Self::EndsEarly { samples_us, profile_us } => write!(
                f,
                "the samples end {} ms after the start of a profile of {} ms: the rest was not \
                 recorded (as when the profiler's buffer is full)",
                samples_us / 1000,
                profile_us / 1000
            ),
        }
    }
}

/// A fact about a profile of pprof that its user should know.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PprofFact {
    /// The file is cut off within its names. All samples are read, and names after the cut are
    /// missing.
    NamesLost {
        /// The position of the cut in the unpacked file, in bytes from its start.
        at: usize,
        /// The kind of the damage, in words.
        what: String,
    },
    /// The packed data (gzip or zstd) is damaged at its end. The profile that was unpacked until
    /// there is used as if it were whole.
    CutEnd,
    /// Some samples have no time, while others have one. Samples without a time are put at the end
    /// of the recording.
    NoTimes {
        /// The number of samples without a time.
        samples: u64,
    },
    /// The profile does not show whether its lines are those that ran or those where functions
    /// begin, so this was guessed.
    GuessedLines {
        /// True when the lines are read as those that ran, and false when they are read as those
        /// where functions begin.
        by_line: bool,
        /// The number of functions with a name.
        named: u64,
        /// The number of functions with a name that have several lines, on which the guess is
        /// based.
        several: u64,
    },
    /// A thread was sampled all the time, also while it waited, and the profile has far fewer
    /// samples than that gives: the profiler could not take the others.
    MissingSamples {
        /// The number of samples.
        samples: u64,
        /// The interval that the profile states, in microseconds.
        interval_us: u64,
        /// The length of the profile in microseconds.
        profile_us: u64,
    },
}

impl fmt::Display for PprofFact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NamesLost { at, what } => {
                write!(f, "byte {at}: {what}; the names after it are lost")
            }
            Self::CutEnd => f.write_str("the packed data is damaged at its end"),
            Self::NoTimes { samples } => {
                write!(f, "samples without a time stand at the end of the recording: {samples}")
            }
            Self::GuessedLines { by_line, named, several } => {
                let (read, else_wrong) = match by_line {
                    true => ("lines that ran", "functions of one name in one file are joined"),
                    false if *several == 0 => {
                        ("the lines where functions begin", "functions begin in other lines")
                    }
                    false => {
                        ("the lines where functions begin", "a function may be in several rows")
                    }
                };
                write!(
                    f,
                    "the file does not show whether its lines are those that ran or those where \
                     functions begin; they are read as {read}, because \
                     {several} of {named} functions have several lines; if that is wrong, \
                     {else_wrong}"
                )
            }
            Self::MissingSamples { samples, interval_us, profile_us } => {
                let due = profile_us / (*interval_us).max(1);
                let percent = samples * 100 / due.max(1);
                write!(
                    f,
                    "{samples} samples, where {due} are due (one every {interval_us} µs for {} ms): the \
                     profiler took {percent} % of them; shares may be wrong, and times are too low",
                    profile_us / 1000
                )
            }
        }
    }
}

/// A fact about a Chrome trace that its user should know.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TraceFact {
    /// Some events end after the event in which they begin.
    Overlaps {
        /// The number of events that end after the event in which they begin.
        events: u64,
        /// The name of the first thread, in the order of the ids, that has such events.
        thread: String,
    },
    /// The trace has CPU profiles of a thread that another profile records at the same time, so
    /// this time counts more than once.
    Twice {
        /// The number of surplus profiles.
        profiles: u64,
        /// The name of the thread that was made of the first surplus profile.
        thread: String,
    },
    /// Some samples of CPU profiles have no time. They are at the time of the sample before.
    NoTimes {
        /// The number of samples without a time.
        samples: u64,
    },
}

impl fmt::Display for TraceFact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Overlaps { events, thread } => write!(
                f,
                "{events} events end after the event in which they began, the first on thread \
                 `{thread}`: they are nested as long as both last"
            ),
            Self::Twice { profiles, thread } => write!(
                f,
                "a thread has several profiles of the same time, so that its time counts more than \
                 once (further profiles: {profiles}, the first is `{thread}`)"
            ),
            Self::NoTimes { samples } => {
                write!(f, "{samples} samples have no time; each has the time of the one before it")
            }
        }
    }
}
