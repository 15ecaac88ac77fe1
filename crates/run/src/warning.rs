//! Warnings for the user of a run.

use crate::apart::TwoRuns;
use crate::facts::ClockStep;
use crate::window::Window;
use spikeflame_load::{Axis, NoPlateau};
use spikeflame_profile::Loss;
use std::path::PathBuf;

/// A warning for the user of a run, as data. A program puts it into words.
#[derive(Debug)]
#[non_exhaustive]
pub enum Warning {
    /// Some lines or records of a recording could not be used, for one reason.
    Lost(Loss),
    /// A fact about a recording.
    Recording(spikeflame_profile::warning::Warning),
    /// Some lines of a load test could not be used, for one reason.
    LoadLost {
        /// The load test's file.
        path: PathBuf,
        /// The reason, and the number of lines that could not be used for it.
        loss: spikeflame_load::Loss,
    },
    /// A fact about a load test.
    Load {
        /// The load test's file.
        path: PathBuf,
        /// The fact, as data.
        warning: spikeflame_load::Warning,
    },
    /// The folder that the user named has load tests of several times, and one of them is used: the one at
    /// whose time the recording ran.
    OtherLoads {
        /// The load test that is used.
        used: PathBuf,
        /// The load tests that are not used. There is at least one.
        others: Vec<PathBuf>,
    },
    /// A fact about the file of a monitor.
    Monitor {
        /// The monitor's file.
        path: PathBuf,
        /// The fact, as data.
        warning: spikeflame_load::monitor::Warning,
    },
    /// The recorder's `run.json` cannot be used. The run is read without it.
    NoFacts {
        /// The run's folder.
        folder: PathBuf,
        /// The reason why `run.json` cannot be used.
        why: crate::NoFacts,
    },
    /// The end of the run in the recorder's `run.json` is `null`: it is still recorded, or its recorder was
    /// killed.
    Unfinished {
        /// The run's folder.
        folder: PathBuf,
    },
    /// The load command of the run was stopped before its own end, so the plateau or the reason why there is none
    /// is of the part that ran.
    LoadStopped {
        /// The run's folder.
        folder: PathBuf,
        /// The reason in words, such as `the end was asked for`.
        why: String,
    },
    /// While the run was recorded, a write into its folder failed, for example because the disk was
    /// full. Recordings in the folder can end there.
    WriteFailed {
        /// The run's folder.
        folder: PathBuf,
        /// The reason, after its time if that is known.
        why: String,
    },
    /// The machine's clock was set during the run, or the machine slept.
    ClockStepped {
        /// The run's folder.
        folder: PathBuf,
        /// The steps, in their order. There is at least one.
        steps: Vec<ClockStep>,
    },
    /// The load test has answers from before or after the recording, by the clocks of both, and CPU
    /// activity goes with throughput at another time: most likely, the load generator has another
    /// clock.
    OtherClock {
        /// The name of the run, as [`Run::name`](crate::Run::name) returns it.
        run: String,
        /// Microseconds by which the load test's times are too late, by the correlation; negative when
        /// they are too early.
        late_us: i64,
        /// The wall-clock time of the recording's zero on the clock of the load test, in
        /// microseconds since 1970.
        zero_us: i64,
    },
    /// A time was selected in a run of several recordings, and some of these do not contain
    /// the time at which they began. They are taken as if they had begun at the zero of the whole profile.
    UnknownStarts {
        /// The names of the recordings without that time.
        recordings: Vec<String>,
    },
    /// A file that was given as a monitor is a recorder's `process.csv`, and is not read as one.
    RecordersTable {
        /// The path of the file.
        path: PathBuf,
        /// True when it is the table of this run, which the run uses anyway.
        is_own: bool,
    },
    /// The recording covers only a part of the window.
    PartlyCovered {
        /// The name of the run, as [`Run::name`](crate::Run::name) returns it.
        run: String,
        /// The share of the window that the recording covers, from 0 to below 1.
        coverage: f64,
    },
    /// A window that was given in seconds ends clearly after the recording.
    EndsEarlier {
        /// The name of the run, as [`Run::name`](crate::Run::name) returns it.
        run: String,
        /// The end of the recording, in microseconds since the zero of the window's seconds.
        end_us: u64,
        /// True when the window is in seconds of the load test, false when it is in seconds of the
        /// recording.
        of_test: bool,
    },
    /// Recordings of different programs, or of different versions of a program, were read as one
    /// run.
    SeveralPrograms {
        /// The different programs with their versions, in alphabetical order.
        producers: Vec<String>,
    },
    /// Recordings of several executions were read as one run.
    TwoRuns(TwoRuns),
    /// The load test in the folder of the recording cannot be shown over the recording's time. The
    /// value is the reason.
    NoCounters(Box<crate::Error>),
    /// One or more runs lack the window that the caller asked for, so another window is used
    /// for all runs.
    FellBack(Fallback),
    /// The user measures the load in another quantity than the one that is chosen for the test
    /// ([`Series::from_timeline`](spikeflame_load::Series::from_timeline)).
    ForeignAxis {
        /// The load test's file, or its name.
        source: String,
        /// The quantity that the user chose.
        asked: Axis,
        /// The quantity that is chosen for the test without the user.
        usual: Axis,
    },
}

/// A window that one or more runs lack, and the window that is used for all runs instead.
#[derive(Debug)]
pub struct Fallback {
    /// The window that the caller asked for.
    pub asked: Window,
    /// The window that is used instead.
    pub taken: Window,
    /// The runs that lack the window `asked`, or a wider one that was tried after it.
    pub without: Vec<RunWithoutWindow>,
    /// Number of all runs: those that have the window and those that lack it.
    pub runs: usize,
}

/// A run that lacks the window [`Fallback::asked`], or a wider one that was tried after it.
#[derive(Debug)]
pub struct RunWithoutWindow {
    /// The name of the run, as [`Run::name`](crate::Run::name) returns it.
    pub run: String,
    /// The reason why the run lacks the window.
    pub why: NoWindow,
}

/// Reasons why a run lacks a window.
#[derive(Debug)]
#[non_exhaustive]
pub enum NoWindow {
    /// The run has no load timeline.
    NoTimeline,
    /// The load test has no plateau, or not the one that the options choose. The value is the reason, with
    /// the measured values.
    NoPlateau(NoPlateau),
    /// There is no time before the plateau: no request came before it, or another plateau ends where it
    /// begins.
    NothingBefore {
        /// True when another plateau ends where this one begins.
        after_another: bool,
    },
    /// The window cannot be converted to times of the recording. The value is the reason.
    NotPlaced(Box<crate::Error>),
}
