//! Where more load no longer gives more throughput.
//!
//! A closed network of queues answers at most `min(N / (R + Z), Xmax)` requests a
//! second with `N` users, response time `R` at rest and think time `Z` (asymptotic
//! bounds; Denning and Buzen 1978). So goodput against load is a hinge, and its
//! knee, `Xmax (R + Z)`, is where the plateau begins.
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

/// What the user knows of the test.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// What stands for the load, where the timeline's looks would mislead.
    pub axis: Option<Axis>,
    /// Mean think time of a VU between two requests, in seconds.
    pub think_s: Option<f64>,
    /// Which of several plateaus, from 1 in the order of time; the longest without.
    pub number: Option<usize>,
    /// Share of each second of the timeline that the main thread was busy for, by a
    /// profile; `NAN` where it is unknown.
    pub busy: Option<Vec<f64>>,
}

/// How well a plateau is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grade {
    /// The load ramped slowly enough to see where throughput stops growing.
    Knee,
    /// The load grew and throughput did not; the knee lies in an interval.
    Saturated,
    /// The load stood still; answers took longer than the first or the last ones.
    Held,
    /// More was wanted than was served.
    Offered,
}

/// Something measured that shows a plateau.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Evidence {
    /// Goodput grew by this share of the load's growth (both in percent).
    Flat {
        /// Growth of goodput over growth of load.
        elasticity: f64,
    },
    /// A request took longer than at rest.
    Slower {
        /// Mean duration at rest in ms.
        rest_ms: f64,
        /// The same in the plateau.
        within_ms: f64,
    },
    /// The load would have got this many times as many answers at rest.
    Stretched {
        /// Answers at rest over answers in the plateau.
        times: f64,
    },
    /// Requests failed.
    Failing {
        /// Share before.
        rest: f64,
        /// Share in the plateau.
        within: f64,
    },
    /// More was wanted than was served.
    Unserved {
        /// Requests wanted a second.
        wanted_rps: f64,
        /// Good answers a second.
        served_rps: f64,
        /// Iterations that found no free VU.
        dropped: f64,
    },
    /// The profile's main thread had no time left.
    Busy {
        /// Share of the time it was busy.
        share: f64,
    },
}

/// Loads between which a knee lies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Knee {
    /// The least load.
    pub low: f64,
    /// The greatest.
    pub high: f64,
}

/// A plateau.
#[derive(Clone, Debug, PartialEq)]
pub struct Plateau {
    /// What the load is counted in.
    pub axis: Axis,
    /// Its seconds.
    pub window: Window,
    /// How well it is known.
    pub grade: Grade,
    /// What shows it.
    pub evidence: Vec<Evidence>,
    /// The load at which it begins; `None` where nothing says.
    pub knee: Option<Knee>,
    /// Median goodput within, in requests a second.
    pub level_rps: f64,
    /// Goodput at the knee, as fitted: only where the knee was seen.
    pub capacity_rps: Option<f64>,
    /// True when goodput falls as the load goes on growing.
    pub retrograde: bool,
    /// How many times as long a request took as at rest; `None` without durations.
    pub stretch: Option<f64>,
    /// Iterations that found no free VU within.
    pub dropped: f64,
    /// Failed requests by kind, the most frequent within first; empty where the input has
    /// no kinds.
    pub failing: Vec<Failing>,
    /// As many requests, before it; `None` when the test begins with it.
    pub before: Option<Stretch>,
    /// What was seen within.
    pub within: Stretch,
    /// What was seen behind it; `None` when the test ends with it.
    pub after: Option<Stretch>,
    /// Mean load within, by requests a second times (mean duration + think time): 1 by
    /// Little's law. Outside 0.9 to 1.1 clocks or think time are wrong. `None`
    /// without VUs or think time.
    pub little_ratio: Option<f64>,
    /// The think time a request, in seconds, that would make the ratio 1.
    pub implied_think_s: Option<f64>,
}

impl Plateau {
    /// The knee as one number: the middle of its interval.
    pub fn knee_load(&self) -> Option<f64> {
        self.knee.map(|knee| (knee.low + knee.high) / 2.0)
    }
}

/// The plateaus of a test, in the order of time; never empty.
#[derive(Clone, Debug, PartialEq)]
pub struct Plateaus {
    chosen: Plateau,
    /// All of them.
    pub all: Vec<Plateau>,
    /// Index of the chosen one in `all`.
    pub index: usize,
}

impl Plateaus {
    /// The one asked for, or the longest.
    pub fn chosen(&self) -> &Plateau {
        &self.chosen
    }
}

impl Axis {
    /// What the load is counted in.
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
/// # Errors
/// When there is none, why.
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

/// The reason why nothing was found, from what came nearest.
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
