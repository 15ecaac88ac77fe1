//! Facts about recordings of other formats than V8's and perf's.

use std::fmt;

/// A count of folded stacks with two counts a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// The first count, from before a change.
    Before,
    /// The second count, from after a change.
    After,
}

impl Column {
    /// Returns the name by which the count is chosen: `before` or `after`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::After => "after",
        }
    }

    /// Returns the other one of the two counts.
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

/// Values of a recording that are of another kind than those that are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeftOutValues {
    /// Threads of the Firefox Profiler.
    Threads {
        /// Their number.
        threads: u64,
        /// The kind of value that is read: `samples`, `time`, `bytes`.
        read: String,
    },
    /// Profiles of speedscope.
    Profiles {
        /// Their number.
        profiles: u64,
        /// The kind of value that is read.
        read: String,
        /// All kinds of value in the file.
        kinds: Vec<String>,
    },
    /// Profiles of OTLP.
    Otlp {
        /// Their number.
        profiles: u64,
        /// The kind of value that is read.
        read: String,
        /// All kinds of value in the file.
        kinds: Vec<String>,
    },
}

impl fmt::Display for LeftOutValues {
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
        }
    }
}

/// A fact about a `.cpuprofile`, or about such profiles in a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CpuProfileFact {
    /// The samples are cut off, so that the counts of the nodes are used instead.
    NodeCounts,
    /// Steps between samples are no times, and were left out.
    WrongSteps {
        /// The number of these steps.
        count: u64,
        /// The number of the first sample with one, from 1.
        first: u64,
    },
    /// There are more or fewer times than samples.
    NumberOfTimes {
        /// The number of times.
        times: u64,
        /// The number of samples.
        samples: u64,
    },
    /// Much of the time is in gaps between samples.
    Gaps {
        /// The share of the time in gaps, in percent.
        percent: u64,
        /// A gap is longer than this many usual distances.
        usual_times: u64,
        /// The usual distance between samples, in microseconds.
        usual_us: u64,
    },
    /// The samples end before the profile does.
    EndsEarly {
        /// The end of the samples, in microseconds since the start.
        samples_us: u64,
        /// The length of the profile, in microseconds.
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
                 {first}); those samples stand at the time of the one before"
            ),
            Self::NumberOfTimes { times, samples } => {
                write!(f, "times for {times} samples, of which there are {samples}")
            }
            Self::Gaps { percent, usual_times, usual_us } => write!(
                f,
                "{percent} % of the time lies in gaps between samples of over {usual_times} times \
                 the usual {usual_us} µs; samples count one each here, and viewers that weigh them \
                 by time show what ran before a gap as longer"
            ),
            Self::EndsEarly { samples_us, profile_us } => write!(
                f,
                "the samples end {} ms after the start of a profile of {} ms: the rest was not \
                 recorded (the profiler's buffer was full)",
                samples_us / 1000,
                profile_us / 1000
            ),
        }
    }
}

/// A fact about a profile of pprof.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PprofFact {
    /// The file is damaged within its names.
    NamesLost {
        /// The position, in bytes.
        at: usize,
        /// The kind of the damage.
        what: String,
    },
    /// The compressed data is damaged at its end.
    CutEnd,
    /// Samples have no time, while others have one.
    NoTimes {
        /// The number of these samples.
        samples: u64,
    },
    /// The meaning of the lines is a guess.
    GuessedLines {
        /// True when they are read as lines that ran, and false when as the lines where
        /// functions begin.
        by_line: bool,
        /// The number of functions with a name.
        named: u64,
        /// The number of these functions with several lines.
        several: u64,
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
                write!(f, "samples without a time, put at the end of the recording: {samples}")
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
                    "nothing in it shows what its lines are; they are read as {read}, because \
                     {several} of {named} functions have several lines; if that is wrong, \
                     {else_wrong}"
                )
            }
        }
    }
}

/// A fact about the events of a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TraceFact {
    /// Events overlap without being nested.
    Overlaps {
        /// The number of these events.
        events: u64,
        /// The thread of the first.
        thread: String,
    },
    /// Profiles are of a thread that another profile records at the same time.
    Twice {
        /// The number of these profiles.
        profiles: u64,
        /// The name of the first.
        first: String,
    },
    /// Samples have no time.
    NoTimes {
        /// The number of these samples.
        samples: u64,
    },
}

impl fmt::Display for TraceFact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Overlaps { events, thread } => write!(
                f,
                "{events} events end after the one that they are in, the first on thread \
                 `{thread}`: they are nested as long as both last"
            ),
            Self::Twice { profiles, first } => write!(
                f,
                "profiles of a thread that another is of at the same time, so that its time counts \
                 more than once ({profiles} in all, the first is `{first}`)"
            ),
            Self::NoTimes { samples } => {
                write!(f, "{samples} samples have no time; they stand at that of the one before")
            }
        }
    }
}
