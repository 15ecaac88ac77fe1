//! Finds the first and the last second of a saturated stretch.

use super::model::Window;
use super::signals::{
    CLEARLY, FLAT, SEARCHED, SHORTEST, SLOWER, STRETCHED, Signals, at, middle, part,
};
use crate::series::Axis;
use crate::stats::{median, quantile, theil_sen};
use std::ops::Range;

/// Goodput of at least this share of the level counts as being at the limit.
const AT_LIMIT_SHARE: f64 = 0.95;
/// Share of the level from which a stretch without numbers of users begins.
const REACHED: f64 = 0.85;
/// Goodput of more than this multiple of the level shows that the limit has changed.
const CHANGED_LIMIT: f64 = 1.3;
/// Share of the level from which the goodput of a single second counts as at the limit.
const SECOND_AT_LIMIT_SHARE: f64 = 0.9;
/// A load below this share of the limit's load is not at the limit.
const BELOW_LIMIT_LOAD: f64 = 0.97;
/// Answers count as a little late from this multiple of their duration at rest.
const LATE_STRETCH: f64 = 1.03;
/// Loads that differ by less are one step of stairs.
const SAME_STEP_SHARE: f64 = 0.01;
/// The next step of stairs has at least this multiple of the load.
const NEXT_STEP: f64 = 1.15;
/// Fewest seconds of a step. The load is pooled, so a step of 5 s shows three equal ones.
const STEP: usize = 3;
/// Most seconds in which the load changes from one step to the next.
const CHANGE: usize = 4;
/// Share of the level from which answers to requests that piled up still come at the limit.
pub(super) const DRAINS: f64 = 0.8;
/// A rate that is wanted has to be this multiple of the level to be beyond the limit.
const WANTED: f64 = 1.03;

/// Removes the first and the last second when they were not saturated by themselves. Signals are
/// averages over three seconds, so a stretch seems to begin one second early and to end one second
/// late.
pub(super) fn alone(signals: &Signals, span: Range<usize>) -> Range<usize> {
    let mut span = span;
    let relieved = |second| {
        signals.missing.get(second) == Some(&false) && at(&signals.alone, second) < STRETCHED
    };
    if span.len() > SHORTEST && relieved(span.start) {
        span.start += 1;
    }
    if span.len() > SHORTEST && relieved(span.end - 1) {
        span.end -= 1;
    }
    span
}

/// Corrects the edges by level and load. Seconds are removed when their load could have been
/// served and their goodput is lower. Seconds beside the stretch are added when their load is
/// beyond the limit and their goodput is about the same. The stretch stays within `bounds`.
pub(super) fn by_level(
    signals: &Signals,
    span: Range<usize>,
    bounds: Range<usize>,
) -> Range<usize> {
    let mut span = span;
    let level = middle(&signals.goodput, &span);
    // Where nothing succeeds, goodput shows no level that other seconds could have.
    let limit = limit(signals, &span, level).filter(|limit| *limit > 0.0);
    let Some(limit) = limit else {
        return if signals.derived { from_level(signals, span, level) } else { span };
    };
    let below = |second| {
        at(&signals.load, second) < BELOW_LIMIT_LOAD * limit
            && at(&signals.goodput, second) < AT_LIMIT_SHARE * level
    };
    // On a busy machine goodput varies. The better seconds show the limit.
    let part = signals.goodput.get(span.clone()).unwrap_or_default();
    let good = quantile(part.iter().copied(), 0.75).unwrap_or(level);
    let beyond = |second| {
        signals.missing.get(second) == Some(&false)
            && at(&signals.load, second) >= limit
            && (AT_LIMIT_SHARE * good..=CHANGED_LIMIT * good)
                .contains(&at(&signals.goodput, second))
            && at(&signals.stretch, second) >= LATE_STRETCH
    };
    // After a jump of the load, a single second shows the limit sooner than the average.
    let alone = |second| {
        signals.axis == Axis::Vus
            && at(&signals.load, second) >= limit
            && at(&signals.alone, second) >= CLEARLY
            && at(&signals.ok, second) >= SECOND_AT_LIMIT_SHARE * good
    };
    while span.len() > SHORTEST && below(span.start) {
        span.start += 1;
    }
    let drains = |second| drains(signals, second, level);
    while span.len() > SHORTEST && below(span.end - 1) && !drains(span.end - 1) {
        span.end -= 1;
    }
    while span.start > bounds.start && (beyond(span.start - 1) || alone(span.start - 1)) {
        span.start -= 1;
    }
    while span.end < bounds.end && (beyond(span.end) || alone(span.end)) {
        span.end += 1;
    }
    with_steps(signals, span, (limit * good / level.max(1e-9), good), bounds)
}

/// Returns true for a second in which requests of a rate that piled up keep the system at its limit, `level`. The rate
/// may have ended.
fn drains(signals: &Signals, second: usize, level: f64) -> bool {
    signals.axis == Axis::Rate
        && at(&signals.goodput, second) >= DRAINS * level
        && at(&signals.alone, second) >= CLEARLY
}

/// Adds the seconds behind a window in which requests that piled up are still served at its limit, up to `most`.
pub(super) fn drained(signals: &Signals, window: Window, most: usize) -> Window {
    let level = middle(&signals.goodput, &(window.from..window.to));
    let seconds = window.to..most;
    let more = seconds.take_while(|&second| {
        signals.missing.get(second) == Some(&false) && drains(signals, second, level)
    });
    Window { to: window.to + more.count(), ..window }
}

/// Removes seconds from the front of a stretch whose goodput is not yet near the level. A load that
/// is computed from durations grows with these long before the limit, so that goodput seems flat
/// beside the load.
fn from_level(signals: &Signals, span: Range<usize>, level: f64) -> Range<usize> {
    let near = |of: &[f64], second: usize| at(of, second) >= REACHED * level;
    // After a jump of the load, the seconds themselves show the level sooner than the average.
    let alone = |second: usize| near(&signals.ok, second) && near(&signals.ok, second + 1);
    let reached = |second: &usize| near(&signals.goodput, *second) || alone(*second);
    let from = span.clone().find(reached).unwrap_or(span.start);
    from.min(span.end.saturating_sub(SHORTEST).max(span.start))..span.end
}

/// Adds the steps of stairs directly beside the stretch that were beyond the limit by so little
/// that no second of them shows it. `level` is the goodput of the better seconds, and `limit` the
/// load that would just get this goodput.
fn with_steps(
    signals: &Signals,
    span: Range<usize>,
    (limit, level): (f64, f64),
    bounds: Range<usize>,
) -> Range<usize> {
    let mut span = span;
    let load = middle(&signals.load, &span);
    let mut next = load;
    while let Some(step) = step_before(signals, span.start, bounds.start, next) {
        if !is_at_limit(signals, &step, limit, (next, level)) {
            break;
        }
        (next, span.start) = (middle(&signals.load, &step), step.start);
    }
    let mut next = load;
    while let Some(step) = step_after(signals, span.end, bounds.end, next) {
        if !is_at_limit(signals, &step, limit, (next, level)) {
            break;
        }
        (next, span.end) = (middle(&signals.load, &step), step.end);
    }
    span
}

/// The step of equal load that ends shortly before `start`, with clearly less load than `next`.
fn step_before(signals: &Signals, start: usize, least: usize, next: f64) -> Option<Range<usize>> {
    (1..=CHANGE).find_map(|gap| {
        let last = start.checked_sub(gap).filter(|last| *last >= least)?;
        let load = at(&signals.load, last);
        let equal = (least..=last).rev().take_while(|&second| alike(signals, second, load));
        let step = last + 1 - equal.count()..last + 1;
        (step.len() >= STEP && load > 0.0 && next >= NEXT_STEP * load).then_some(step)
    })
}

/// The step of equal load that begins shortly after `end` and before `most`, with clearly less load than
/// `next`.
fn step_after(signals: &Signals, end: usize, most: usize, next: f64) -> Option<Range<usize>> {
    (0..CHANGE).find_map(|gap| {
        let first = end + gap;
        let load = at(&signals.load, first);
        let seconds = first..most;
        let equal = seconds.take_while(|&second| alike(signals, second, load));
        let step = first..first + equal.count();
        (step.len() >= STEP && load > 0.0 && next >= NEXT_STEP * load).then_some(step)
    })
}

fn alike(signals: &Signals, second: usize, load: f64) -> bool {
    (at(&signals.load, second) - load).abs() <= SAME_STEP_SHARE * load
}

/// True for a step with a load beyond the limit, late answers, and about the goodput of the
/// next step, whose load is `next` and whose goodput is `level`.
fn is_at_limit(
    signals: &Signals,
    step: &Range<usize>,
    limit: f64,
    (next, level): (f64, f64),
) -> bool {
    let mean = |of: &[f64]| step.clone().map(|second| at(of, second)).sum::<f64>();
    let mean = |of: &[f64]| mean(of) / step.len().max(1) as f64;
    let (load, goodput) = (mean(&signals.load), mean(&signals.goodput));
    let beyond = match signals.axis {
        Axis::Rate => load >= WANTED * level,
        Axis::Vus | Axis::InFlight => load >= BELOW_LIMIT_LOAD * limit,
    };
    let late = mean(&signals.slower) >= SLOWER && mean(&signals.stretch) >= LATE_STRETCH;
    beyond && late && (level / goodput).ln() <= FLAT * (next / load).ln()
}

/// Returns the load that would just reach the level if answers took as long as at rest (Little's
/// law).
pub(super) fn limit(signals: &Signals, span: &Range<usize>, level: f64) -> Option<f64> {
    match signals.axis {
        Axis::InFlight => None,
        Axis::Rate => Some(level),
        Axis::Vus => {
            let pauses = span.clone().filter_map(|second| {
                let pausing = at(&signals.load, second) - at(&signals.in_flight, second);
                let rate = at(&signals.ended, second);
                (rate > 0.0).then_some(pausing.max(0.0) / rate)
            });
            let cycle_s = match signals.rest_cycle_s {
                Some(cycle_s) => cycle_s,
                None => signals.rest_s + median(pauses)?,
            };
            Some(level * cycle_s)
        }
    }
}

/// Removes seconds from the end of a stretch while the load falls, and goodput with it: the load is
/// then below the limit. Only a load that is computed from answers needs this.
pub(super) fn trim_fall(signals: &Signals, span: Range<usize>) -> Range<usize> {
    let mut span = span;
    let whole = span.clone();
    while span.len() > SHORTEST && falls(signals, &span) {
        span.end -= span.len().div_ceil(SEARCHED);
    }
    if falls(signals, &span) { whole } else { span }
}

/// Returns true when goodput surely falls by more than a quarter of the load's fall, from the first
/// second of the greatest load on.
fn falls(signals: &Signals, span: &Range<usize>) -> bool {
    let load = part(&signals.load, span);
    let high = load.iter().copied().fold(0.0, f64::max);
    let Some(top) = load.iter().position(|&x| x >= 0.95 * high) else { return false };
    let falling = load.get(top..).unwrap_or_default();
    let low = falling.iter().copied().fold(f64::INFINITY, f64::min);
    if falling.len() < SHORTEST || low <= 0.0 || high < 1.3 * low {
        return false;
    }
    let goodput = part(&signals.goodput, span).get(top..).unwrap_or_default();
    let points = falling.iter().zip(goodput).filter(|(_, y)| **y > 0.0);
    let logs: Vec<(f64, f64)> = points.map(|(x, y)| (x.ln(), y.ln())).collect();
    theil_sen(&logs).is_some_and(|(slope, error)| slope - error > FLAT)
}
