//! What the user of a run should know.

use crate::apart::Apart;
use crate::window::Window;
use spikeflame_load::NoPlateau;
use spikeflame_profile::Loss;
use std::path::PathBuf;

/// What the user of a run should know. The binary words it.
#[derive(Debug)]
#[non_exhaustive]
pub enum Warning {
    /// Records of a recording that could not be used.
    Lost(Loss),
    /// A sentence of the reader of a recording.
    Recording(String),
    /// Lines of a load test that could not be used.
    LoadLost {
        /// The load test's file.
        path: PathBuf,
        /// The lines.
        loss: spikeflame_load::Loss,
    },
    /// A sentence of the reader of a load test.
    Load {
        /// The load test's file.
        path: PathBuf,
        /// The sentence.
        text: String,
    },
    /// The recording has only a part of the window.
    PartlyCovered,
    /// Recordings of two executions were read as one run.
    TwoRuns(Apart),
    /// The load test cannot be shown beside the recording.
    NoCounters(Box<crate::Error>),
    /// Some of several runs lack the window that was asked for, so all take another.
    FellBack(FellBack),
}

/// A window that some of several runs lack, and the one that all of them have.
#[derive(Debug)]
pub struct FellBack {
    /// The window that was asked for.
    pub asked: Window,
    /// The window that was taken.
    pub taken: Window,
    /// Runs without the window asked for.
    pub without: Vec<Lacking>,
    /// How many runs there are.
    pub runs: usize,
}

/// A run without a window.
#[derive(Debug)]
pub struct Lacking {
    /// The run's name.
    pub run: String,
    /// The rule that failed; `None` for a run without a load timeline.
    pub why: Option<NoPlateau>,
}
