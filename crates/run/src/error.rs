//! Errors of reading a run, or of cutting a window from it.

use crate::align::AlignError;
use crate::apart::TwoRuns;
use crate::window::Window;
use spikeflame_load::NoPlateau;
use spikeflame_profile::Clock;
use std::fmt;
use std::path::PathBuf;

/// Reasons why a run, or a window of it, cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A recording could not be read, or the file of a load test or of a monitor could not be opened.
    #[error(transparent)]
    Recording(#[from] spikeflame_parse::Error),
    /// A load test could not be read from its file.
    #[error(transparent)]
    Load(#[from] spikeflame_load::Error),
    /// The file of a monitor could not be used.
    #[error(transparent)]
    Monitor(#[from] spikeflame_load::monitor::Error),
    /// The times of the recording and of the load test cannot be aligned.
    #[error(transparent)]
    Align(#[from] AlignError),
    /// No load test with a timeline was found, and the method that was called needs one.
    #[error("{}: no load timeline in it", folder.display())]
    NoLoad {
        /// The folder that was searched.
        folder: PathBuf,
    },
    /// Only recordings were given, without a load test, and the method that was called needs one.
    #[error("{run}: the window needs the load test that ran beside the recording")]
    LoadNotNamed {
        /// The name of the run, as [`Run::name`](crate::Run::name) returns it.
        run: String,
    },
    /// The recordings do not lie in one folder, so it is not known which load test is the run's.
    #[error("a window by a load test needs the load of one run, and several were given")]
    SeveralFolders,
    /// The folder in which the load test is searched contains several, and the recording does not show which
    /// is the run's. [`Options::load`](crate::Options::load) can name one.
    #[error("{}: several load tests are in it: {}", folder.display(), list(loads))]
    SeveralLoads {
        /// The folder with the load tests.
        folder: PathBuf,
        /// The load tests that may be the run's.
        loads: Vec<LoadTime>,
    },
    /// The load test has only totals of the whole test, and the method that was called needs a
    /// timeline (numbers for each second), or files of monitors were given for it.
    #[error("{}: its format ({format}) has no timeline to find a window in", path.display())]
    NoTimeline {
        /// Path of the load test's file.
        path: PathBuf,
        /// The name of the file's format.
        format: &'static str,
    },
    /// The load test has no plateau, or not the one that was chosen. The value is the reason.
    #[error("{load}: no plateau: {why}")]
    NoPlateau {
        /// Path of the load test's file.
        load: String,
        /// The reason, with the measured values.
        why: Box<NoPlateau>,
    },
    /// There is no time before the plateau: no request came before it, or another plateau ends where it
    /// begins.
    #[error("{load}: {}, so there is nothing before it", nothing_before(*after_another))]
    NothingBefore {
        /// Path of the load test's file.
        load: String,
        /// True when another plateau ends where this one begins.
        after_another: bool,
    },
    /// The times that the caller asked for begin after the load test, or contain no time.
    #[error("the window begins after the end of the load test, which lasts {seconds} s: {load}")]
    OutsideTest {
        /// Path of the load test's file.
        load: String,
        /// Length of the load test in seconds.
        seconds: usize,
    },
    /// The load test has no request, so it has no [`Window::Load`].
    #[error("{load}: no request in it, so there is no stretch of load")]
    NoRequests {
        /// Path of the load test's file.
        load: String,
    },
    /// The window is not longer than the uncertainty of the recording's clock, so its place in the
    /// recording is not known.
    #[error("{} lasts {seconds:.0} s, but the profile's clock is less exact", window.name())]
    ClockUnsure {
        /// The window that the caller asked for.
        window: Window,
        /// The window's length in seconds.
        seconds: f64,
        /// The wall-clock time of the recording's zero, with its uncertainty.
        clock: Clock,
    },
    /// The recording covers no part of the window.
    #[error(
        "{} lies outside the recording, which covers {:.0} s to {:.0} s by the clock of the load test",
        window.name(), whole(covers_s.0), whole(covers_s.1)
    )]
    OutsideRecording {
        /// The window that the caller asked for.
        window: Window,
        /// Start and end of the recording, in seconds since the start of the load test.
        covers_s: (f64, f64),
        /// The wall-clock time of the recording's zero, by which the two were aligned.
        clock: Clock,
    },
    /// The caller asked for a window, but the selection already has times.
    #[error("two windows are named")]
    TwoWindows,
    /// The recording's samples have no times, so no window can be cut from it.
    #[error(
        "{recording}: a window needs a recording with times, and {}",
        if *undated { "those of this log have no date" } else { "this one has none" }
    )]
    NoTimes {
        /// Name of the recording.
        recording: String,
        /// True for a log whose times have no date.
        undated: bool,
    },
    /// Recordings of several executions were given as one run, so a load test cannot be aligned with
    /// them.
    #[error("{0}")]
    TwoRuns(TwoRuns),
}

/// A load test's file, its start and its length, for a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadTime {
    /// Path of the file.
    pub path: PathBuf,
    /// Start of the test in UTC, as [`spikeflame_load::show_time`] writes it. `None` when the times of the
    /// file are not those of a clock.
    pub began: Option<String>,
    /// Length of the test in seconds.
    pub seconds: usize,
}

impl fmt::Display for LoadTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        match &self.began {
            Some(began) => write!(f, "{name} ({began} for {} s)", self.seconds),
            None => write!(f, "{name} (no clock, {} s)", self.seconds),
        }
    }
}

/// Returns the reason why there is no time before a plateau, as a clause: another plateau ends where it
/// begins (`after_another`), or no request came before it.
const fn nothing_before(after_another: bool) -> &'static str {
    match after_another {
        true => "the plateau begins where another one ends",
        false => "no request succeeded before the plateau",
    }
}

fn list(loads: &[LoadTime]) -> String {
    loads.iter().map(LoadTime::to_string).collect::<Vec<_>>().join(", ")
}

/// Returns whole seconds, without the sign of a time that rounds to 0.
fn whole(seconds: f64) -> f64 {
    // The sum of a negative zero and zero is zero.
    seconds.round() + 0.0
}

#[cfg(test)]
mod tests {
    use super::whole;

    #[test]
    fn a_time_that_rounds_to_zero_has_no_sign() {
        assert_eq!([-0.3, -1.6, 28.4].map(|s| format!("{:.0}", whole(s))), ["0", "-2", "28"]);
    }
}
