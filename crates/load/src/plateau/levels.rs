//! Parts a saturated stretch where the limit itself changed, for example because another instance
//! started to serve. Each part then has a level of its own.

use super::judge::HIGHER;
use super::model::Window;
use super::rows::RowUsers;
use super::signals::{SEARCHED, SLOWER, Signals, at, middle, part};
use crate::series::Axis;
use crate::stats::{median, quantile};
use crate::timeline::Timeline;
use std::ops::Range;

/// Fewest seconds on each side of a change. Other programs on a busy machine disturb a server for some
/// seconds, and that is no other limit.
const SIDE: usize = 10;
/// Most seconds that are compared on each side.
const LONGEST_SIDE: usize = 60;
/// Fewest rows of a table on each side.
const ROWS: usize = 3;
/// Noise of goodput (standard deviation of its logarithm) up to which [`SIDE`] seconds are enough.
const QUIET: f64 = 0.07;
/// Standard deviations of noise that a change has at least. The speed of a busy machine also wanders for longer
/// than the seconds from which the noise is known.
const LEAST_DEVIATIONS: f64 = 6.0;
/// Ratio of the standard deviation of normal values to the median distance of two of them.
const TO_DEVIATION: f64 = 1.4826 / std::f64::consts::SQRT_2;
/// Least noise of the answers of a second, as a share of the chance in requests at random. A system at its limit
/// answers more evenly than they come.
const EVEN: f64 = 0.5;
/// Share of the values of each side that lie on its own side of the change.
const APART: f64 = 0.8;
/// Largest part of a change of goodput, in logarithms, that a change of the load has, which could otherwise
/// be the reason.
const BY_LOAD: f64 = 0.5;
/// Largest part of a change, in logarithms, by which goodput drifts within a side, beside its noise. In a steady
/// growth it is more than a third.
const DRIFTS: f64 = 0.25;
/// Largest difference between the shares of failed requests: failures change goodput at the same limit.
const FAILING: f64 = 0.1;

/// Seconds that are compared on each side of a change, and those between both sides.
#[derive(Clone, Copy)]
struct Sides {
    length: usize,
    gap: usize,
    /// Noise of the mean of a side, in logarithms.
    noise: f64,
}

/// Returns the signals of a timeline. When goodput has several levels under a constant load, the first
/// answers are compared with those of the first level: later ones may find a shorter queue.
pub(super) fn signals(timeline: &Timeline, axis: Axis, rows: &RowUsers) -> Option<Signals> {
    let of = |until| Signals::from_timeline(timeline, axis, rows, until);
    let whole = of(timeline.seconds.len())?;
    let first = match whole.burst {
        None if whole.by_request => of_constant(&whole).into_iter().next(),
        _ => None,
    };
    let with_burst = first.and_then(|first| of(first.end)).filter(|one| one.burst.is_some());
    Some(with_burst.unwrap_or(whole))
}

/// Returns the levels of goodput under a constant number of users; none when there is only one.
fn of_constant(signals: &Signals) -> Vec<Range<usize>> {
    let first = signals.ended.iter().position(|rate| *rate > 0.0);
    let last = signals.ended.iter().rposition(|rate| *rate > 0.0);
    let Some((first, last)) = first.zip(last).filter(|_| signals.stood_still()) else {
        return Vec::new();
    };
    let levels = match signals.axis {
        Axis::Vus => parted(signals, first..last + 1),
        Axis::Rate | Axis::InFlight => Vec::new(),
    };
    if levels.len() > 1 { levels } else { Vec::new() }
}

/// Returns the levels of goodput under a constant number of users, each with its median, when answers
/// were later in one of them than in another one; else none.
pub(super) fn differing(signals: &Signals) -> Vec<(Window, f64)> {
    let levels = of_constant(signals);
    let slower = || levels.iter().map(|level| middle(&signals.slower, level));
    let (least, most) = (slower().fold(f64::INFINITY, f64::min), slower().fold(0.0, f64::max));
    if most < SLOWER * least {
        return Vec::new();
    }
    let with_rate = |level: &Range<usize>| {
        (Window { from: level.start, to: level.end }, middle(&signals.goodput, level))
    };
    levels.iter().map(with_rate).collect()
}

/// Returns the parts of a stretch between changes of the limit. It is one part without a change.
pub(super) fn parted(signals: &Signals, span: Range<usize>) -> Vec<Range<usize>> {
    let Some(sides) = sides(signals, &span) else { return vec![span] };
    let mut parts = Vec::new();
    let mut open = vec![span];
    while let Some(span) = open.pop() {
        match cut(signals, &span, sides) {
            Some(cut) => open.extend([cut..span.end, span.start..cut]),
            None => parts.push(span),
        }
    }
    parts
}

/// Returns the sides for the noise of a stretch. Returns `None` when the stretch is too short.
fn sides(signals: &Signals, span: &Range<usize>) -> Option<Sides> {
    let width = signals.pooled_s;
    let noise = |lag: usize| {
        let moved = span.clone().skip(lag);
        let moved = moved.map(|second| (log(signals, second) - log(signals, second - lag)).abs());
        median(moved).map(|moved| TO_DEVIATION * moved)
    };
    let answers = middle(&signals.goodput, span) * width as f64;
    let noise = noise(width)?.max(noise(width.max(SIDE / 2))?).max(EVEN / answers.max(1.0).sqrt());
    let enough = SIDE.max(ROWS * width);
    let length = (SIDE as f64 * (noise / QUIET).powi(2)) as usize;
    let length = length.clamp(enough, LONGEST_SIDE.max(enough));
    let noise = noise / (length as f64 / SIDE as f64).sqrt();
    let gap = width / 2 + 1;
    (span.len() >= 2 * (length + gap)).then_some(Sides { length, gap, noise })
}

/// Returns the second in which the limit of a stretch changed by most.
fn cut(signals: &Signals, span: &Range<usize>, sides: Sides) -> Option<usize> {
    let reach = sides.length + sides.gap;
    let last = (span.end + 1).checked_sub(reach)?;
    let candidates = (span.start + reach..last).step_by(span.len().div_ceil(SEARCHED * 4));
    let changes = candidates.filter_map(|second| Some((change(signals, second, sides)?, second)));
    let (_, second) = changes.max_by(|a, b| a.0.total_cmp(&b.0))?;
    // The sides have a gap between them, so that the change is near the second.
    let near = second - sides.gap..second + sides.gap + 1;
    let around = second - reach..second + reach;
    near.max_by(|a, b| between(signals, &around, *a).total_cmp(&between(signals, &around, *b)))
}

/// Returns the size of a change at a second, in logarithms; `None` when it is no change of the limit.
fn change(signals: &Signals, second: usize, sides: Sides) -> Option<f64> {
    let early = (second - sides.gap - sides.length)..(second - sides.gap);
    let late = (second + sides.gap)..(second + sides.gap + sides.length);
    let step = (middle(&signals.goodput, &late) / middle(&signals.goodput, &early)).ln();
    let size = step.abs();
    if !size.is_finite() || size < HIGHER.ln().max(LEAST_DEVIATIONS * sides.noise) {
        return None;
    }
    let (low, high) = if step > 0.0 { (&early, &late) } else { (&late, &early) };
    let values = |side: &Range<usize>, q| quantile(part(&signals.goodput, side).iter().copied(), q);
    let are_apart = values(low, APART)? < values(high, 1.0 - APART)?;
    // A load that ramps changes less than goodput in the seconds between both sides.
    let of_load = (at(&signals.load, late.start) / at(&signals.load, early.end - 1)).ln();
    let by_load = of_load * step.signum() > BY_LOAD * size;
    let failing = middle(&signals.failing, &early) - middle(&signals.failing, &late);
    let drifts =
        [early, late].iter().any(|side| drift(signals, side) > DRIFTS * size + sides.noise);
    (are_apart && !by_load && !drifts && failing.abs() <= FAILING).then_some(size)
}

/// Returns the change of goodput from the first to the second half of a side, in logarithms.
fn drift(signals: &Signals, side: &Range<usize>) -> f64 {
    let half = side.start + side.len() / 2;
    let (early, late) = (side.start..half, half..side.end);
    (middle(&signals.goodput, &late) / middle(&signals.goodput, &early)).ln().abs()
}

/// Returns the part of the variance of a stretch that lies between the two sides of a second.
fn between(signals: &Signals, around: &Range<usize>, second: usize) -> f64 {
    let mean = |side: Range<usize>| {
        let sum: f64 = side.clone().map(|second| at(&signals.ok, second)).sum();
        (sum / side.len() as f64, side.len() as f64)
    };
    let (early, late) = (mean(around.start..second), mean(second..around.end));
    (early.0 - late.0).powi(2) * early.1 * late.1
}

fn log(signals: &Signals, second: usize) -> f64 {
    at(&signals.goodput, second).max(1e-3).ln()
}
