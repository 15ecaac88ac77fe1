//! Finds the plateau: the time in which more load no longer gives more throughput.
//!
//! A closed network of queues answers at most `min(N / (R + Z), Xmax)` requests a second. `N` is
//! the number of users, `R` the response time at rest, `Z` the think time, and `Xmax` the limit
//! (asymptotic bounds; Denning and Buzen 1978). Goodput against load is therefore a hinge. Its
//! knee, `Xmax (R + Z)`, is the start of the plateau.
//!
//! Most tests do not ramp that slowly. There a second is saturated where the load gets
//! much less than it would at rest while more of it would not help (`signals`, `spans`).

mod edges;
mod grade;
mod hinge;
mod ramp;
mod reason;
mod signals;
mod spans;
mod window;

use crate::series::{Axis, Series};
use crate::timeline::Timeline;
use ramp::Ramp;
pub use reason::{NoPlateau, Why};
use signals::Signals;
use spans::Not;
pub use window::{Failing, Stretch, Window};

/// Facts about the test that the user gives.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// The quantity that measures the load, when the choice from the timeline would be wrong.
    pub axis: Option<Axis>,
    /// Mean think time of a virtual user between two requests, in seconds.
    pub think_s: Option<f64>,
    /// Number of the plateau to choose, from 1 in order of time. `None` chooses the longest.
    pub number: Option<usize>,
    /// Share of each second of the timeline in which the main thread was busy, from a profile;
    /// `NAN` when it is unknown.
    pub busy: Option<Vec<f64>>,
}

/// Certainty of a plateau.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grade {
    /// The load rose slowly enough to see the load at which throughput stops growing.
    Knee,
    /// The load grew and throughput did not. The knee lies in an interval.
    Saturated,
    /// The load was constant. Answers took longer than the first or the last ones.
    Held,
    /// More requests were wanted than were served.
    Offered,
}

/// A measurement that shows a plateau.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Evidence {
    /// Goodput grew little while the load grew.
    Flat {
        /// Growth of goodput over growth of load, both in per cent.
        elasticity: f64,
    },
    /// Requests took longer than at rest.
    Slower {
        /// Mean duration at rest, in milliseconds.
        rest_ms: f64,
        /// Mean duration in the plateau, in milliseconds.
        within_ms: f64,
    },
    /// At rest, the same load would have got several times as many answers.
    Stretched {
        /// Answers at rest, divided by answers in the plateau.
        times: f64,
    },
    /// Requests failed.
    Failing {
        /// Share of failed requests before the plateau, from 0 to 1.
        rest: f64,
        /// Share of failed requests in the plateau, from 0 to 1.
        within: f64,
    },
    /// More requests were wanted than were served.
    Unserved {
        /// Requests wanted a second.
        wanted_rps: f64,
        /// Successful requests a second.
        served_rps: f64,
        /// Number of iterations that found no free virtual user.
        dropped: f64,
    },
    /// The main thread in the profile had no time left.
    Busy {
        /// Share of the time in which it was busy, from 0 to 1.
        share: f64,
    },
}

/// The interval of loads in which a knee lies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Knee {
    /// The lowest load.
    pub low: f64,
    /// The highest load.
    pub high: f64,
}

/// A plateau of a load test.
#[derive(Clone, Debug, PartialEq)]
pub struct Plateau {
    /// The quantity that measures the load.
    pub axis: Axis,
    /// The seconds of the plateau.
    pub window: Window,
    /// Certainty of the plateau.
    pub grade: Grade,
    /// Measurements that show the plateau.
    pub evidence: Vec<Evidence>,
    /// The load at which the plateau begins; `None` when it is not known.
    pub knee: Option<Knee>,
    /// Median goodput in the plateau, in requests a second.
    pub level_rps: f64,
    /// Goodput at the knee by the fit, in requests a second; `None` unless the ramp shows the knee.
    pub capacity_rps: Option<f64>,
    /// True when goodput falls while the load still grows.
    pub retrograde: bool,
    /// Durations as a multiple of those at rest; `None` without durations.
    pub stretch: Option<f64>,
    /// Number of iterations in the plateau that found no free virtual user.
    pub dropped: f64,
    /// Failed requests by kind, the most frequent within first; empty where the input has
    /// no kinds.
    pub failing: Vec<Failing>,
    /// A time with as many requests, directly before the plateau; `None` when the test begins with
    /// the plateau.
    pub before: Option<Stretch>,
    /// Totals of the plateau.
    pub within: Stretch,
    /// Totals of the time after the plateau; `None` when the test ends with it.
    pub after: Option<Stretch>,
    /// Mean load in the plateau, divided by requests a second times (mean duration + think time).
    /// By Little's law it is 1. Outside 0.9 to 1.1, clocks or think time are wrong. It is `None`
    /// without virtual users or without a think time.
    pub little_ratio: Option<f64>,
    /// The think time for each request, in seconds, with which that ratio would be 1.
    pub implied_think_s: Option<f64>,
}

impl Plateau {
    /// The knee as one number: the middle of its interval.
    pub fn knee_load(&self) -> Option<f64> {
        self.knee.map(|knee| (knee.low + knee.high) / 2.0)
    }
}

/// The plateaus of a test in order of time. There is at least one.
#[derive(Clone, Debug, PartialEq)]
pub struct Plateaus {
    chosen: Plateau,
    /// All plateaus.
    pub all: Vec<Plateau>,
    /// Index of the chosen one in `all`.
    pub index: usize,
}

impl Plateaus {
    /// The plateau that was asked for, or the longest one.
    pub fn chosen(&self) -> &Plateau {
        &self.chosen
    }
}

impl Axis {
    /// The unit of the load, in words.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Vus => "VUs",
            Self::Rate => "requests wanted a second",
            Self::InFlight => "requests in flight",
        }
    }
}

/// Finds the plateaus of a test.
///
/// ```
/// use spikeflame_load::Timeline;
/// use spikeflame_load::plateau::{Options, find};
///
/// let reason = find(&Timeline::default(), &Options::default());
/// assert!(reason.is_err());
/// ```
///
/// # Errors
///
/// Returns the reason when there is no plateau.
pub fn find(timeline: &Timeline, options: &Options) -> Result<Plateaus, NoPlateau> {
    let bare = |why| NoPlateau { why, steadiest: None };
    let inner = timeline.seconds.len();
    if inner < spans::SHORTEST {
        return Err(bare(Why::TooShort { seconds: inner }));
    }
    let series = Series::of(timeline, options.axis).ok_or(bare(Why::NoLoad))?;
    if timeline.seconds.iter().all(|second| second.ok <= 0.0) {
        return Err(bare(Why::NothingSucceeded));
    }
    let signals = Signals::of(timeline, series.axis);
    let ramp = ramp::find(timeline, &series);
    let busy = options.busy.as_deref();
    let find = |busy| signals.as_ref().map(|signals| spans::find(signals, busy));
    let mut spans = find(None).unwrap_or_default();
    if spans.found.is_empty() && !matches!(ramp, Some(Ramp::Knee { .. })) && busy.is_some() {
        // The load test alone does not show it, but the main thread may.
        spans = find(busy).unwrap_or_default();
    }
    let mut all: Vec<Plateau> = Vec::new();
    if let Some(Ramp::Knee { hinge, window, short }) = ramp {
        let mut spans = spans.found.iter().map(|span| Window { from: span.start, to: span.end });
        let parted = signals.as_ref().is_some_and(|signals| spans::relieved(signals, window));
        if !((short || parted) && spans.any(|span| span.overlaps(window))) {
            all.push(grade::of_hinge(timeline, &series, signals.as_ref(), &hinge, window, options));
        }
    }
    for span in &spans.found {
        let window = Window { from: span.start, to: span.end };
        if let Some(signals) = &signals
            && !all.iter().any(|known| known.window.overlaps(window))
        {
            all.push(grade::of_span(timeline, &series, signals, window, options));
        }
    }
    all.sort_by_key(|plateau| plateau.window.from);
    let longest =
        (0..all.len()).rev().max_by_key(|&at| all.get(at).map(|plateau| plateau.window.seconds()));
    let index = match options.number {
        Some(number) => number.checked_sub(1),
        None => longest,
    };
    match index.and_then(|index| Some((index, all.get(index)?.clone()))) {
        Some((index, chosen)) => Ok(Plateaus { chosen, all, index }),
        None => {
            let why = match (options.number, all.len()) {
                (Some(asked), found @ 1..) => Why::NoSuch { asked, found },
                _ => refusal(&series, signals.as_ref(), ramp, &spans.not),
            };
            let steadiest = signals.as_ref().and_then(spans::steadiest);
            let steadiest = steadiest.map(|span| Window { from: span.start, to: span.end });
            Err(NoPlateau { why, steadiest })
        }
    }
}

/// The reason why there is no plateau, from the candidate that came nearest.
fn refusal(
    series: &Series,
    signals: Option<&Signals>,
    ramp: Option<Ramp>,
    not: &[(std::ops::Range<usize>, Not)],
) -> Why {
    let unit = series.axis.unit();
    let Some(signals) = signals else { return Why::NoDurations };
    if let Some(Ramp::NothingClimbs { knee, before_ms, within_ms }) = ramp {
        return Why::NothingClimbs { knee, unit, before_ms, within_ms };
    }
    let greatest = grade::Greatest::of(signals);
    let nearest = not
        .iter()
        .max_by_key(|(span, not)| (!matches!(not, Not::Fast | Not::Short { .. }), span.len()));
    let window = |span: &std::ops::Range<usize>| Window { from: span.start, to: span.end };
    let (high, rps) = (greatest.load, greatest.rps);
    match nearest {
        Some((span, Not::Rises)) => {
            return Why::StillRising { window: window(span), high, unit, rps };
        }
        Some((span, Not::SlowPhase)) => return Why::SlowPhase { window: window(span) },
        Some((_, Not::Served)) => return Why::AllServed { rps },
        Some((span, Not::Short { seconds: 2.. })) if greatest.slower >= ramp::SLOWER => {
            return Why::TooBrief { window: window(span) };
        }
        _ => {}
    }
    let (rest_ms, then_ms) = (signals.rest_s * 1e3, signals.rest_s * 1e3 * greatest.slower);
    if greatest.steady {
        return Why::NothingToCompare { load: high, unit, then_ms };
    }
    if greatest.slower < ramp::SLOWER {
        return Why::NotReached { high, unit, rps, rest_ms, then_ms };
    }
    Why::NotHeldBack { high, unit, times: greatest.slower, stretch: greatest.stretch }
}
