//! A part of a run, by name, and in times of the recording.

use spikeflame_load::plateau::Stretch;
use spikeflame_profile::{Clock, Selection};

/// A part of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Window {
    /// All of it.
    #[default]
    All,
    /// From the first request to the last.
    Load,
    /// The plateau.
    Plateau,
    /// As many requests as the plateau has, before it.
    Before,
    /// Two times, in microseconds: of the load test where there is one, since its
    /// first second; else of the recording, since its zero.
    Times {
        /// The start.
        from_us: u64,
        /// The end, which is no longer in it.
        to_us: u64,
    },
}

impl Window {
    /// The window in words: `the plateau`.
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

/// A window of a recording.
#[derive(Clone, Debug, PartialEq)]
pub struct Cut {
    /// The window that was asked for.
    pub window: Window,
    /// The start, in microseconds since the recording's zero.
    pub from_us: u64,
    /// The end, which is no longer in it.
    pub to_us: u64,
    /// The clock by which the load test's time became the recording's; `None` where
    /// the times are the recording's.
    pub clock: Option<Clock>,
    /// What the load test saw in the part of the window that the recording has.
    pub stretch: Option<Stretch>,
    /// The share of the window that the recording has: 1 for all of it.
    pub coverage: f64,
    /// True when `Before` has clearly fewer requests than the plateau.
    pub fewer_requests: bool,
}

impl Cut {
    /// The selection, cut to this window.
    pub fn apply(&self, selection: Selection) -> Selection {
        Selection { from_us: Some(self.from_us), to_us: Some(self.to_us), ..selection }
    }
}
