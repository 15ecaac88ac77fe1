//! Warnings for the user of a run.

use crate::apart::TwoRuns;
use crate::window::Window;
use spikeflame_load::NoPlateau;
use spikeflame_profile::Loss;
use std::path::PathBuf;

/// A warning for the user of a run. The library holds the data, and the binary words it.
#[derive(Debug)]
#[non_exhaustive]
pub enum Warning {
    /// Some records of a recording could not be used.
    Lost(Loss),
    /// A fact about a recording.
    Recording(spikeflame_profile::warning::Warning),
    /// Some lines of a load test could not be used.
    LoadLost {
        /// The load test's file.
        path: PathBuf,
        /// Number and reasons of the unusable lines.
        loss: spikeflame_load::Loss,
    },
    /// A fact about a load test.
    Load {
        /// The load test's file.
        path: PathBuf,
        /// The fact.
        warning: spikeflame_load::Warning,
    },
    /// A fact about a monitor beside a load test.
    Monitor {
        /// The monitor's file.
        path: PathBuf,
        /// The fact.
        warning: spikeflame_load::monitor::Warning,
    },
    /// The recorder's facts of the run cannot be read.
    NoFacts {
        /// The run's folder.
        folder: PathBuf,
        /// The reason.
        why: crate::NoFacts,
    },
    /// The recorder's facts of the run have no end: it is still recorded, or its recorder was killed.
    Unfinished {
        /// The run's folder.
        folder: PathBuf,
    },
    /// The recording covers only a part of the window.
    PartlyCovered {
        /// The run's name.
        run: String,
        /// The part of the window in which there is a recording, from 0 to 1.
        coverage: f64,
    },
    /// Recordings of different programs, or of different versions of one, were read as one run.
    SeveralPrograms {
        /// The programs and versions.
        producers: Vec<String>,
    },
    /// Recordings of two executions were read as one run.
    TwoRuns(TwoRuns),
    /// The values of the load test cannot be shown beside the recording.
    NoCounters(Box<crate::Error>),
    /// Some of several runs lack the window that was asked for, so all runs use another one.
    FellBack(Fallback),
}

/// A window that some of several runs lack, and the window that replaces it for all of them.
#[derive(Debug)]
pub struct Fallback {
    /// The window that was asked for.
    pub asked: Window,
    /// The window that is used instead.
    pub taken: Window,
    /// The runs that lack the window asked for.
    pub without: Vec<RunWithoutWindow>,
    /// Number of all runs.
    pub runs: usize,
}

/// A run that lacks the window that was asked for.
#[derive(Debug)]
pub struct RunWithoutWindow {
    /// The run's name.
    pub run: String,
    /// The rule of the plateau search that failed; `None` when the run has no load timeline.
    pub why: Option<NoPlateau>,
}
