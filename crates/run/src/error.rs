//! Errors of reading a run, or of cutting a window from it.

use crate::align::AlignError;
use crate::apart::TwoRuns;
use crate::window::Window;
use spikeflame_load::NoPlateau;
use spikeflame_profile::Clock;
use std::path::PathBuf;

/// Reasons why a run, or a window of a run, cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A recording could not be read.
    #[error(transparent)]
    Recording(#[from] spikeflame_parse::Error),
    /// A load test could not be read.
    #[error(transparent)]
    Load(#[from] spikeflame_load::Error),
    /// The file of a monitor could not be used.
    #[error(transparent)]
    Monitor(#[from] spikeflame_load::monitor::Error),
    /// The recording and the load test cannot be laid beside each other.
    #[error(transparent)]
    Align(#[from] AlignError),
    /// The folder holds no load test, and the window or view that was asked for needs one.
    #[error("{}: no load timeline in it", folder.display())]
    NoLoad {
        /// The folder of the run.
        folder: PathBuf,
    },
    /// The window needs a load test, but the user named only a recording.
    #[error("{run}: the window needs the load test that ran beside the recording")]
    LoadNotNamed {
        /// The run's name.
        run: String,
    },
    /// The recordings lie in several folders, so it is not clear which load test is meant.
    #[error("a window by a load test needs the load of one run, and several were given")]
    SeveralFolders,
    /// The folder holds load tests of different times, and the recording does not show which of
    /// them ran beside it.
    #[error("{}: load tests of different times are in it: {}", folder.display(), list(loads))]
    SeveralLoads {
        /// The folder of the run.
        folder: PathBuf,
        /// The load tests.
        loads: Vec<LoadTime>,
    },
    /// The load test holds totals only, and no timeline.
    #[error("{}: a {format} has no timeline to find a window in", path.display())]
    NoTimeline {
        /// The load test's file.
        path: PathBuf,
        /// The file's format, in words.
        format: &'static str,
    },
    /// The load test has no plateau.
    #[error("{load}: no plateau: {why}")]
    NoPlateau {
        /// The load test's file.
        load: String,
        /// The rule of the search that failed.
        why: Box<NoPlateau>,
    },
    /// The plateau begins with the first second of the test, so there is no time before it.
    #[error("{load}: the plateau begins with the first second, so there is nothing before it")]
    NothingBefore {
        /// The load test's file.
        load: String,
    },
    /// The load test has no request that ended.
    #[error("{load}: no request in it, so there is no stretch of load")]
    NoRequests {
        /// The load test's file.
        load: String,
    },
    /// The window is not longer than the uncertainty of the recording's clock, so its place in the
    /// recording is not known.
    #[error("{} lasts {seconds:.0} s, but the profile's clock is less exact", window.name())]
    ClockUnsure {
        /// The window that was asked for.
        window: Window,
        /// The window's length in seconds.
        seconds: f64,
        /// The clock, with its uncertainty.
        clock: Clock,
    },
    /// The recording has no part of the window.
    #[error(
        "{} lies outside the recording, which covers {:.0} s to {:.0} s by the clock of the load test",
        window.name(), covers_s.0, covers_s.1
    )]
    OutsideRecording {
        /// The window that was asked for.
        window: Window,
        /// The seconds of the load test that the recording covers.
        covers_s: (f64, f64),
        /// The clock that places the recording beside the test.
        clock: Clock,
    },
    /// Two windows were named: one by the load test, and one by times of the recording.
    #[error("two windows are named")]
    TwoWindows,
    /// The recording's samples carry no times.
    #[error("{recording}: a window needs a recording with times, and this one has none")]
    NoTimes {
        /// The recording.
        recording: String,
    },
    /// Recordings of two executions were given as one run.
    #[error("{0}")]
    TwoRuns(TwoRuns),
}

/// A load test's file, and its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadTime {
    /// Path of the file.
    pub path: PathBuf,
    /// Start of the test as text for a message, as `spikeflame_load::show_time` writes it.
    pub began: String,
    /// Length of the test in seconds.
    pub seconds: usize,
}

fn list(loads: &[LoadTime]) -> String {
    let one = |load: &LoadTime| {
        let name = load.path.file_name().unwrap_or_default().to_string_lossy();
        format!("{name} ({} for {} s)", load.began, load.seconds)
    };
    loads.iter().map(one).collect::<Vec<_>>().join(", ")
}
