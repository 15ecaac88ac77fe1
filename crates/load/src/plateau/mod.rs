//! Where more load no longer gives more throughput.
//!
//! A closed network of queues answers at most `min(N / (R + Z), Xmax)` requests a
//! second with `N` users, response time `R` at rest and think time `Z` (asymptotic
//! bounds; Denning and Buzen 1978). So goodput against load is a hinge, and its
//! knee, `Xmax (R + Z)`, is where the plateau begins.

mod hinge;
mod window;

use crate::series::{Axis, Series, error_rate};
use crate::stats::kendall;
use crate::timeline::Timeline;
use hinge::Hinge;
pub use window::{Stretch, Window};

/// Seconds that a plateau lasts at least.
const SHORTEST: usize = 10;

/// What the user knows of the test.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Options {
    /// What stands for the load, where the timeline's looks would mislead.
    pub axis: Option<Axis>,
    /// Mean think time of a VU between two requests, in seconds.
    pub think_s: Option<f64>,
}

/// A plateau.
#[derive(Clone, Debug, PartialEq)]
pub struct Plateau {
    /// What the load is counted in.
    pub axis: Axis,
    /// Its seconds.
    pub window: Window,
    /// Load at which it begins.
    pub knee: f64,
    /// Median goodput within, in requests a second.
    pub level_rps: f64,
    /// Goodput at the knee, as fitted.
    pub capacity_rps: f64,
    /// True when goodput falls as the load goes on growing.
    pub retrograde: bool,
    /// As many requests, before the knee.
    pub before: Stretch,
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

/// Why there is none, in the words of the rule that failed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NoPlateau {
    /// Nothing says how large the load was.
    #[error("the file tells neither VUs nor requests over time: there is no load to compare with")]
    NoLoad,
    /// Not enough seconds.
    #[error("the test is too short: {seconds} s, and a plateau alone takes {SHORTEST}")]
    TooShort {
        /// Whole seconds there are.
        seconds: usize,
    },
    /// No request succeeded.
    #[error("no request succeeded")]
    NothingSucceeded,
    /// The load hardly changed.
    #[error(
        "the load did not ramp ({low:.0} to {high:.0} {unit}): no plateau can be identified; let \
         k6 ramp, over a minute or more, to a load that is too much"
    )]
    DidNotRamp {
        /// Least load.
        low: f64,
        /// Greatest load.
        high: f64,
        /// What it is counted in.
        unit: &'static str,
    },
    /// The load passes the knee within too few seconds.
    #[error(
        "the load jumps past the point where throughput stops growing, so that it cannot be told: \
         somewhere between {low:.0} and {high:.0} {unit}; let it ramp slower"
    )]
    Jumped {
        /// The load below.
        low: f64,
        /// The load above.
        high: f64,
        /// What it is counted in.
        unit: &'static str,
    },
    /// A straight line is as good.
    #[error(
        "throughput was still rising with the load at {high:.0} {unit} ({rps:.0} requests a \
         second): the test did not reach the system's limit; give it more load"
    )]
    StillRising {
        /// Greatest load.
        high: f64,
        /// Goodput there.
        rps: f64,
        /// What the load is counted in.
        unit: &'static str,
    },
    /// It bends, but goes on rising.
    #[error(
        "throughput bends at {knee:.0} {unit} but goes on rising, {slope:.0} % as fast as before"
    )]
    Bends {
        /// Load where it bends.
        knee: f64,
        /// What it is counted in.
        unit: &'static str,
        /// Slope above, in percent of the one below.
        slope: f64,
    },
    /// Hardly any load beyond the knee.
    #[error(
        "throughput stops growing only at {knee:.0} of at most {high:.0} {unit}: too near the end \
         of the ramp to tell; give it at least 20 % more load"
    )]
    KneeTooLate {
        /// Load where it bends.
        knee: f64,
        /// Greatest load.
        high: f64,
        /// What it is counted in.
        unit: &'static str,
    },
    /// Too few seconds beyond the knee.
    #[error("the load stays above {knee:.0} {unit} for {seconds} s only: hold it for {SHORTEST}")]
    WindowTooShort {
        /// Load where it bends.
        knee: f64,
        /// What it is counted in.
        unit: &'static str,
        /// Seconds above.
        seconds: usize,
    },
    /// Answers came as fast as before.
    #[error(
        "throughput stops growing at {knee:.0} {unit}, but neither p95 ({before:.0} ms before, \
         {within:.0} ms then) nor errors climb with the load: the load generator was the limit, \
         or the load is not what was sent"
    )]
    NothingClimbs {
        /// Load where it bends.
        knee: f64,
        /// What it is counted in.
        unit: &'static str,
        /// p95 in ms before.
        before: f64,
        /// p95 in ms within.
        within: f64,
    },
}

impl Axis {
    /// What the load is counted in.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Vus => "VUs",
            Self::Rate => "requests wanted a second",
        }
    }
}

/// Finds the plateau of a test.
///
/// # Errors
/// When there is none, why.
pub fn find(timeline: &Timeline, options: &Options) -> Result<Plateau, NoPlateau> {
    let inner = timeline.seconds.len().saturating_sub(2);
    if inner <= SHORTEST {
        return Err(NoPlateau::TooShort { seconds: inner });
    }
    let series = Series::of(timeline, options.axis).ok_or(NoPlateau::NoLoad)?;
    if series.goodput.iter().all(|&y| y <= 0.0) {
        return Err(NoPlateau::NothingSucceeded);
    }
    let (hinge, span) = knee(&series)?;
    let window = Window::of(&series, span);
    climbs(timeline, &series, &hinge, window)?;
    Ok(window::describe(timeline, &series, &hinge, window, options))
}

/// The knee and the seconds of the series above it.
fn knee(series: &Series) -> Result<(Hinge, std::ops::Range<usize>), NoPlateau> {
    let (load, unit) = (&series.load, series.axis.unit());
    let high = load.iter().copied().fold(0.0, f64::max);
    let ramp = load.iter().rposition(|&x| x >= 0.99 * high).map_or(0, |last| last + 1);
    let (x, y) = match (load.get(..ramp), series.goodput.get(..ramp)) {
        (Some(x), Some(y)) => (x, y),
        _ => (load.as_slice(), series.goodput.as_slice()),
    };
    let low = x.iter().copied().fold(f64::INFINITY, f64::min);
    if high - low < 0.3 * high {
        return Err(NoPlateau::DidNotRamp { low, high, unit });
    }
    let top = y.iter().copied().fold(0.0, f64::max);
    let still = NoPlateau::StillRising { high, rps: top, unit };
    let hinge = hinge::fit(x, y).ok_or(still.clone())?;
    let knee = hinge.knee;
    if hinge.a <= 0.0 || hinge.better_by < hinge::EVIDENCE {
        return Err(still);
    }
    if hinge.b > hinge::FLAT * hinge.a {
        return Err(NoPlateau::Bends { knee, unit, slope: 100.0 * hinge.b / hinge.a });
    }
    if high < 1.2 * knee {
        return Err(NoPlateau::KneeTooLate { knee, high, unit });
    }
    // With nothing measured near the knee any place between would fit as well.
    let near = || x.iter().copied().filter(|x| (0.5 * knee..knee).contains(x));
    let spread = near().fold(0.0, f64::max) - near().fold(f64::INFINITY, f64::min);
    let below = x.iter().copied().filter(|&x| x < knee).fold(0.0, f64::max);
    let above = x.iter().copied().filter(|&x| x >= knee).fold(high, f64::min);
    if spread.max(0.0) < 0.2 * knee && above - below > 2.0 {
        return Err(NoPlateau::Jumped { low: below, high: above, unit });
    }
    let span = window::span(series, &hinge, ramp);
    if span.len() < SHORTEST {
        return Err(NoPlateau::WindowTooShort { knee, unit, seconds: span.len() });
    }
    Ok((hinge, span))
}

/// That answers come later, or fail, as the load grows: else it was not the
/// system that stopped.
fn climbs(
    timeline: &Timeline,
    series: &Series,
    hinge: &Hinge,
    window: Window,
) -> Result<(), NoPlateau> {
    let part = |from, to| timeline.seconds.get(from..to).unwrap_or_default();
    let (below, above) = (part(series.first, window.from), part(window.from, window.to));
    let p95 = |seconds| crate::series::percentile(seconds, 0.95);
    let (before, within) = (p95(below), p95(above));
    let end = window.to - series.first;
    let (tau, p) = kendall(
        series.load.get(..end).unwrap_or_default(),
        series.p95.get(..end).unwrap_or_default(),
        5.0,
    );
    let slower = within >= 1.3 * before && tau > 0.3 && p < 0.01;
    let errors = |seconds| Some(error_rate(seconds)).filter(|rate| !rate.is_nan()).unwrap_or(0.0);
    let failing = errors(above) > (3.0 * errors(below)).max(0.01);
    if slower || failing {
        return Ok(());
    }
    Err(NoPlateau::NothingClimbs { knee: hinge.knee, unit: series.axis.unit(), before, within })
}
