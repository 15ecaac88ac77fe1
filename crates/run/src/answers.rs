//! The times of the first and the last answer of a load test.

use crate::time::{TENTH_US, length_us};
use spikeflame_load::{Second, Timeline};

/// Returns the times of the first and the last answer, in microseconds since the test's first
/// second. A test's first and last second are usually not full of load. Where only the second of an
/// answer is known, the first counts from the end of its second, and the last from the start.
pub(crate) fn answers_us(timeline: &Timeline) -> (u64, u64) {
    let seconds = &timeline.seconds;
    let ended = |second: &Second| second.requests() > 0.0;
    let ends = seconds.iter().position(ended).zip(seconds.iter().rposition(ended));
    let Some((first, last)) = ends else { return (0, 0) };
    let has = |count: &f64| *count > 0.0;
    let early = tenths(timeline, first).and_then(|tenths| tenths.iter().position(has));
    let late = tenths(timeline, last).and_then(|tenths| tenths.iter().rposition(has));
    (tenth_us(first, early.unwrap_or(10)), tenth_us(last, late.unwrap_or(0)))
}

/// Returns the answers in each tenth of a second, where the input shows when each came.
fn tenths(timeline: &Timeline, second: usize) -> Option<&[f64; 10]> {
    let second = timeline.seconds.get(second)?;
    (!timeline.coarse && second.failed == 0.0).then_some(&second.tenths)
}

/// Returns the start of a tenth of a second, in microseconds since the test's first second.
fn tenth_us(second: usize, tenth: usize) -> u64 {
    length_us(second).saturating_add(tenth as u64 * TENTH_US.unsigned_abs())
}
