//! Short pauses between two spikes, in which the load went away and the system recovered.

use super::pool::POOLED_SECONDS;
use super::signals::{CLEARLY, Signals, at, part};
use crate::series::Axis;
use std::collections::BTreeSet;
use std::ops::Range;

/// Share of the load before and after a second below which the load went away in it.
const AWAY: f64 = 0.5;
/// Fewest successive seconds in which the load went away and answers were not clearly held back, that part two spikes. One
/// second may have the users of another moment.
const RECOVERED_S: usize = 2;

/// Returns the seconds of a stretch in which the number of users was less than half of that before and of that after
/// them, while answers were not clearly held back. The averages over three seconds hide so short a pause. Two successive
/// seconds or more are returned.
pub(super) fn find(signals: &Signals, span: &Range<usize>) -> BTreeSet<usize> {
    // A longer row has the users of one moment.
    if signals.axis != Axis::Vus || signals.pooled_s > POOLED_SECONDS {
        return BTreeSet::new();
    }
    let own = part(&signals.own_load, span);
    let before = greatest_so_far(own.iter());
    let after = greatest_so_far(own.iter().rev());
    let around = before.into_iter().zip(after.into_iter().rev());
    let seconds = span.clone().zip(own).zip(around);
    let away = seconds.filter(|((second, own), (before, after))| {
        **own < AWAY * before.min(*after) && at(&signals.alone, *second) < CLEARLY
    });
    let away: Vec<usize> = away.map(|((second, _), _)| second).collect();
    let runs = away.chunk_by(|a, b| a + 1 == *b).filter(|run| run.len() >= RECOVERED_S);
    runs.flatten().copied().collect()
}

fn greatest_so_far<'a>(values: impl Iterator<Item = &'a f64>) -> Vec<f64> {
    let greatest = values.scan(0.0, |most, value| {
        *most = f64::max(*most, *value);
        Some(*most)
    });
    greatest.collect()
}
