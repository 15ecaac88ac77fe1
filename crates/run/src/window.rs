//! From a window's name to times of the recording.

use crate::error::Error;
use crate::run::Run;
use crate::time::{Alignment, length_us};
use spikeflame_load::Timeline;
use spikeflame_load::plateau::{Stretch, Window as Seconds};
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

/// A part of a load test, in microseconds since its first second.
struct Part {
    from_us: u64,
    to_us: u64,
    fewer_requests: bool,
}

/// The window of a run; `None` for all of it.
pub(crate) fn cut(run: &Run, window: Window) -> Result<Option<Cut>, Error> {
    let part = match window {
        Window::All => return Ok(None),
        Window::Times { from_us, to_us } => {
            if run.timeline()?.is_none() {
                return Ok(Some(of_recording(window, from_us, to_us)));
            }
            Part { from_us, to_us, fewer_requests: false }
        }
        Window::Load => of_seconds(under_load(run.need_timeline()?)?),
        Window::Plateau => of_seconds(run.plateau()?.within.window),
        Window::Before => {
            let found = run.plateau()?;
            let before = found.before.ok_or_else(|| Error::NothingBefore {
                load: run.need_timeline().map(|one| one.source.clone()).unwrap_or_default(),
            })?;
            let fewer_requests = before.requests < 0.9 * found.within.requests;
            Part { fewer_requests, ..of_seconds(before.window) }
        }
    };
    let alignment = match run.alignment() {
        Err(Error::Align(crate::CannotAlign::Apart { .. })) if run.only_beside(window) => {
            let Part { from_us, to_us, .. } = part;
            return Ok(Some(of_recording(window, from_us, to_us)));
        }
        other => other?,
    };
    of_test(run, run.need_timeline()?, window, &part, alignment).map(Some)
}

fn of_recording(window: Window, from_us: u64, to_us: u64) -> Cut {
    let (clock, stretch) = (None, None);
    Cut { window, from_us, to_us, clock, stretch, coverage: 1.0, fewer_requests: false }
}

fn of_seconds(seconds: Seconds) -> Part {
    let (from_us, to_us) = (length_us(seconds.from), length_us(seconds.to));
    Part { from_us, to_us, fewer_requests: false }
}

/// From the first second with a request to the last.
fn under_load(timeline: &Timeline) -> Result<Seconds, Error> {
    let has = |at: &usize| {
        timeline.seconds.get(*at).is_some_and(|second| second.requests() + second.started > 0.0)
    };
    let from = (0..timeline.seconds.len()).find(has);
    let last = (0..timeline.seconds.len()).rev().find(has);
    match (from, last) {
        (Some(from), Some(last)) => Ok(Seconds { from, to: last + 1 }),
        _ => Err(Error::NoRequests { load: timeline.source.clone() }),
    }
}

/// Seconds that a recording may end before the window does: the last sample comes
/// before the process ends.
const TOLERANCE_US: u64 = 1_000_000;

fn of_test(
    run: &Run,
    timeline: &Timeline,
    window: Window,
    part: &Part,
    alignment: &Alignment,
) -> Result<Cut, Error> {
    let clock = alignment.clock;
    let length = part.to_us.saturating_sub(part.from_us);
    if clock.uncertainty_us >= length {
        return Err(Error::ClockUnsure { window, seconds: length as f64 / 1e6, clock });
    }
    let recorded = run.recorded_us()?;
    let (start, end) = (alignment.in_recording(part.from_us), alignment.in_recording(part.to_us));
    let (from_us, to_us) = (start.max(0).unsigned_abs(), end.max(0).unsigned_abs());
    if from_us >= recorded.min(to_us) {
        return Err(Error::OutsideRecording { window, clock });
    }
    let early = start.min(0).unsigned_abs();
    let late = to_us.saturating_sub(recorded);
    let late = if late > TOLERANCE_US { late } else { 0 };
    let covered = (part.from_us + early, part.to_us.saturating_sub(late));
    Ok(Cut {
        window,
        from_us,
        to_us,
        clock: Some(clock),
        stretch: stretch(timeline, covered.0, covered.1),
        coverage: 1.0 - (early + late).min(length) as f64 / length as f64,
        fewer_requests: part.fewer_requests,
    })
}

/// What a load test saw between two of its times, in microseconds since its start.
/// Requests are counted to the tenth of a second; percentiles are of whole seconds.
pub(crate) fn stretch(timeline: &Timeline, from_us: u64, to_us: u64) -> Option<Stretch> {
    let to_us = to_us.min(length_us(timeline.seconds.len()));
    if from_us >= to_us {
        return None;
    }
    let second = |us: u64| us / length_us(1);
    let inner =
        Seconds { from: from_us.div_ceil(length_us(1)) as usize, to: second(to_us) as usize };
    let outer =
        Seconds { from: second(from_us) as usize, to: to_us.div_ceil(length_us(1)) as usize };
    if inner == outer {
        return Some(Stretch::of(timeline, inner));
    }
    let shown = if inner.from < inner.to { inner } else { outer };
    let requests = requests(timeline, from_us, to_us);
    let rps = requests * 1e6 / (to_us - from_us) as f64;
    Some(Stretch { requests, rps, ..Stretch::of(timeline, shown) })
}

/// Successful requests that ended between two times of a test.
fn requests(timeline: &Timeline, from_us: u64, to_us: u64) -> f64 {
    let tenth_us = length_us(1) / 10;
    let (first, last) = (from_us / length_us(1), to_us.div_ceil(length_us(1)));
    let mut sum = 0.0;
    for at in first..last {
        let Some(second) = timeline.seconds.get(at as usize) else { break };
        let start = at * length_us(1);
        if from_us <= start && start + length_us(1) <= to_us {
            sum += second.ok;
            continue;
        }
        for (place, ok) in second.tenths.iter().enumerate() {
            let from = start + place as u64 * tenth_us;
            let within = (from + tenth_us).min(to_us).saturating_sub(from.max(from_us));
            sum += ok * within as f64 / tenth_us as f64;
        }
    }
    sum
}
