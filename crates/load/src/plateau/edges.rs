//! Finds the first and the last second of a saturated stretch.

use super::signals::{CLEARLY, SHORTEST, STRETCHED, Signals, at, middle};
use crate::series::Axis;
use crate::stats::{median, quantile};
use std::ops::Range;

/// Goodput of at least this share of the level counts as being at the limit.
const NEAR: f64 = 0.95;
/// Share of the level from which the goodput of a single second counts as at the limit.
const SOON: f64 = 0.9;
/// A load below this share of the limit's load is not at the limit.
const BELOW: f64 = 0.97;
/// Answers count as a little late from this multiple of their duration at rest.
const LATE: f64 = 1.03;

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
/// beyond the limit and their goodput is about the same. The stretch does not begin before
/// `least`.
pub(super) fn by_level(signals: &Signals, span: Range<usize>, least: usize) -> Range<usize> {
    let mut span = span;
    let level = middle(&signals.goodput, &span);
    let Some(limit) = limit(signals, &span, level) else { return span };
    let below = |second| {
        at(&signals.load, second) < BELOW * limit && at(&signals.goodput, second) < NEAR * level
    };
    // On a busy machine goodput varies. The better seconds show the limit.
    let part = signals.goodput.get(span.clone()).unwrap_or_default();
    let good = quantile(part.iter().copied(), 0.75).unwrap_or(level);
    let beyond = |second| {
        signals.missing.get(second) == Some(&false)
            && at(&signals.load, second) >= limit
            && at(&signals.goodput, second) >= NEAR * good
            && at(&signals.stretch, second) >= LATE
    };
    // After a jump of the load, a single second shows the limit sooner than the average.
    let alone = |second| {
        signals.axis == Axis::Vus
            && at(&signals.load, second) >= limit
            && at(&signals.alone, second) >= CLEARLY
            && at(&signals.ok, second) >= SOON * good
    };
    while span.len() > SHORTEST && below(span.start) {
        span.start += 1;
    }
    while span.len() > SHORTEST && below(span.end - 1) {
        span.end -= 1;
    }
    while span.start > least && (beyond(span.start - 1) || alone(span.start - 1)) {
        span.start -= 1;
    }
    while span.end < signals.load.len() && (beyond(span.end) || alone(span.end)) {
        span.end += 1;
    }
    span
}

/// Returns the load that would just reach the level if answers took as long as at rest (Little's
/// law).
fn limit(signals: &Signals, span: &Range<usize>, level: f64) -> Option<f64> {
    match signals.axis {
        Axis::InFlight => None,
        Axis::Rate => Some(level),
        Axis::Vus => {
            let pauses = span.clone().filter_map(|second| {
                let pausing = at(&signals.load, second) - at(&signals.in_flight, second);
                let rate = at(&signals.answered, second);
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
