//! Windows: parts of a run by name, and by times of the recording.

use spikeflame_load::plateau::Stretch;
use spikeflame_profile::{Clock, Selection};

/// A part of a run. [`Run::place`](crate::Run::place) converts it to times of the recording.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Window {
    /// The whole recording.
    #[default]
    All,
    /// The time from the first request of the load test to the last. Without a load test, it is the
    /// time in which the recorder's load command ran.
    Load,
    /// The plateau of the load test: the one that the options choose.
    Plateau,
    /// The time before the plateau ([`Plateau::before`](spikeflame_load::Plateau::before)), with
    /// about as many successful requests where the test has them.
    Before,
    /// The time between a start and an end, in microseconds. They count from the first second of
    /// the load test, or from the recording's zero when there is no load timeline of the
    /// recording's time.
    Times {
        /// The start, which belongs to the window.
        from_us: u64,
        /// The end, which does not belong to the window.
        to_us: u64,
    },
}

impl Window {
    /// Returns the window's name for a sentence: `the whole run`, `the time under load`,
    /// `the plateau`, `the time before the plateau`, or `the window` for times.
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

/// A window as times of the recording. `from_us` is included, `to_us` is not.
#[derive(Clone, Debug, PartialEq)]
pub struct PlacedWindow {
    /// The window that the caller asked for.
    pub window: Window,
    /// The start in microseconds since the recording's zero. It is 0 when the window begins before
    /// the recording.
    pub from_us: u64,
    /// The end in microseconds since the recording's zero, which does not belong to the window.
    pub to_us: u64,
    /// The start and the end of the part that counts as covered ([`PlacedWindow::coverage`]), in
    /// microseconds since the first second of the load test; `None` for a window that does not come
    /// from a load timeline.
    pub test_us: Option<(u64, u64)>,
    /// The wall-clock time of the recording's zero, by which times of the load test were converted
    /// to times of the recording. It is `None` where none was needed.
    pub clock: Option<Clock>,
    /// Totals of the load test over the part of the window that the recording covers. It is `None`
    /// when there are none.
    pub stretch: Option<Stretch>,
    /// Share of the window that the recording covers, from 0 to 1. Time without answers may count
    /// as covered. It is 1 where coverage is not measured, such as for a log.
    pub coverage: f64,
    /// True when the window is [`Window::Before`] and has clearly fewer successful requests than
    /// the plateau.
    pub fewer_requests: bool,
}

impl PlacedWindow {
    /// Returns `selection` with its times replaced by those of this window. Its other fields stay.
    pub(crate) fn apply(&self, selection: Selection) -> Selection {
        Selection { from_us: Some(self.from_us), to_us: Some(self.to_us), ..selection }
    }
}
