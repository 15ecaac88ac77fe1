//! Where a saturated stretch begins and ends, to the second.

use super::signals::{CLEARLY, SHORTEST, STRETCHED, Signals, at, middle};
use crate::series::Axis;
use crate::stats::{median, quantile};
use std::ops::Range;

/// Goodput this near to the level is at the limit.
const NEAR: f64 = 0.95;
/// Share of the level from which the goodput of a single second counts as at the limit.
const SOON: f64 = 0.9;
/// A load this far below that of the limit is not at it.
const BELOW: f64 = 0.97;
/// Answers are a little late from here on.
const LATE: f64 = 1.03;

/// Signals are pooled over three seconds, so a stretch seems to begin a second early and to
/// end a second late: such a second is taken off where by itself it was not saturated.
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

/// The edges by level and load: seconds with a load that the system could serve and with
/// less goodput are taken off; seconds beside the stretch with a load beyond the limit and
/// about the same goodput belong to it. It does not reach back before `least`.
pub(super) fn by_level(signals: &Signals, span: Range<usize>, least: usize) -> Range<usize> {
    let mut span = span;
    let level = middle(&signals.goodput, &span);
    let Some(limit) = limit(signals, &span, level) else { return span };
    let below = |second| {
        at(&signals.load, second) < BELOW * limit && at(&signals.goodput, second) < NEAR * level
    };
    // On a busy machine goodput wanders: the better seconds show what the limit is.
    let part = signals.goodput.get(span.clone()).unwrap_or_default();
    let good = quantile(part.iter().copied(), 0.75).unwrap_or(level);
    let beyond = |second| {
        signals.missing.get(second) == Some(&false)
            && at(&signals.load, second) >= limit
            && at(&signals.goodput, second) >= NEAR * good
            && at(&signals.stretch, second) >= LATE
    };
    // After a jump of the load the second by itself shows the limit sooner.
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

/// The load that would just get the level with answers as at rest, by Little's law.
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
