//! Windows: parts of a run by name, and by times of the recording.

use spikeflame_load::plateau::Stretch;
use spikeflame_profile::{Clock, Selection};

/// A part of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Window {
    /// The whole run.
    #[default]
    All,
    /// The time from the first request to the last.
    Load,
    /// The plateau of the load test.
    Plateau,
    /// The time before the plateau in which as many requests succeeded as on the plateau.
    Before,
    /// Times in microseconds. With a load test they count from its first second, and without one
    /// from the recording's zero.
    Times {
        /// The start.
        from_us: u64,
        /// The end, which does not belong to the window.
        to_us: u64,
    },
}

impl Window {
    /// Returns the window's name in a sentence: `the plateau`.
    pub fn name(self) -> &'static str {
        match self {
            Self::All => "the whole run",
            Self::Load => "the time under load",
            Self::Plateau => "the plateau",
            Self::Before => "the time before the plateau",
            Self::Times { .. } => "the window",
        }
    }
}

/// A window as times of the recording.
#[derive(Clone, Debug, PartialEq)]
pub struct Cut {
    /// The window that was asked for.
    pub window: Window,
    /// The start, in microseconds since the recording's zero.
    pub from_us: u64,
    /// The end in microseconds since the recording's zero. It does not belong to the window.
    pub to_us: u64,
    /// The clock by which times of the load test became times of the recording. It is `None` when
    /// the window was given in the recording's own times.
    pub clock: Option<Clock>,
    /// Totals of the load test in the part of the window that the recording covers; `None` for a
    /// run without a load timeline.
    pub stretch: Option<Stretch>,
    /// The share of the window that the recording covers, from 0 to 1.
    pub coverage: f64,
    /// True when the window is [`Window::Before`] and has clearly fewer successful requests than
    /// the plateau, because the test is not longer. It is false for all other windows.
    pub fewer_requests: bool,
}

impl Cut {
    /// Returns the selection, cut to this window.
    pub fn apply(&self, selection: Selection) -> Selection {
        Selection { from_us: Some(self.from_us), to_us: Some(self.to_us), ..selection }
    }
}
