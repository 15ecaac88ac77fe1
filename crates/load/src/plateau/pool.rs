//! Averages over the seconds around each second.

use crate::timeline::{Second, Timeline};
use std::collections::VecDeque;

/// Number of seconds that are averaged, so that a request that ends a little later does not matter. Tests
/// with few answers need more ([`width`]).
pub(super) const POOLED_SECONDS: usize = 3;
/// Fewest answers in the seconds that are averaged: the rate of so many varies by a quarter by chance.
const FEWEST_ANSWERS: f64 = 15.0;
/// Most seconds that are averaged for that. In more, the load of a ramp changes too much.
const LONGEST_MEAN_S: usize = 31;

/// Returns the number of seconds that are averaged. It is that of a row of a table, and large enough for
/// some answers: a server that takes seconds for a request gives one or two answers a second.
pub(super) fn width(timeline: &Timeline) -> usize {
    let row = POOLED_SECONDS.max(timeline.resolution_s as usize);
    let seconds = &timeline.seconds;
    let (first, last) = (
        seconds.iter().position(|second| second.requests() > 0.0),
        seconds.iter().rposition(|second| second.requests() > 0.0),
    );
    let (Some(first), Some(last)) = (first, last) else { return row };
    let counted = seconds.iter().any(|second| second.in_flight.is_some());
    let sum: f64 = seconds.iter().map(Second::requests).sum();
    let rate = sum / (last + 1 - first) as f64;
    if !counted || rate * row as f64 >= FEWEST_ANSWERS {
        return row;
    }
    let width = ((FEWEST_ANSWERS / rate).ceil() as usize).clamp(row, LONGEST_MEAN_S.max(row));
    // The second itself is in the middle.
    width | 1
}

/// Returns for each second the mean of the known values among the `width` seconds around it.
pub(super) fn means(seconds: &[Second], width: usize, of: &dyn Fn(usize) -> f64) -> Vec<f64> {
    let half = width / 2;
    let mean = |at: usize| {
        let (from, to) = (at.saturating_sub(half), (at + half + 1).min(seconds.len()));
        let known = (from..to).filter(|&at| seconds.get(at).is_some_and(|one| !one.missing));
        let (sum, count) = known.fold((0.0, 0.0), |(sum, n), at| (sum + of(at), n + 1.0));
        if count > 0.0 { sum / count } else { 0.0 }
    };
    if width <= WIDE {
        return (0..seconds.len()).map(mean).collect();
    }
    // Sums up to each second: rows may be hours apart, and a test may last for days.
    let mut sums = Vec::with_capacity(seconds.len() + 1);
    let mut sum = (0.0, 0.0);
    sums.push(sum);
    for (at, second) in seconds.iter().enumerate() {
        if !second.missing {
            sum = (sum.0 + of(at), sum.1 + 1.0);
        }
        sums.push(sum);
    }
    let up_to = |at: usize| sums.get(at.min(seconds.len())).copied().unwrap_or_default();
    let mean = |at: usize| {
        let (from, to) = (up_to(at.saturating_sub(half)), up_to(at + half + 1));
        if to.1 > from.1 { (to.0 - from.0) / (to.1 - from.1) } else { 0.0 }
    };
    (0..seconds.len()).map(mean).collect()
}

/// The most seconds around one that are added anew for each second.
const WIDE: usize = 120;

/// Returns for each value the greatest one among itself and the `reach` values before and behind it, and at
/// least 0. Rows of a table may be hours apart, so no value is compared with all of those.
pub(super) fn greatest_around(values: &[f64], reach: usize) -> Vec<f64> {
    let mut ahead = values.iter().enumerate();
    // Greatest values so far, each behind a greater one.
    let mut queue: VecDeque<(usize, f64)> = VecDeque::new();
    let mut seen = 0;
    let mut found = Vec::with_capacity(values.len());
    for at in 0..values.len() {
        let until = (at + reach + 1).min(values.len());
        for (index, value) in ahead.by_ref().take(until - seen) {
            let value = value.max(0.0);
            while queue.back().is_some_and(|(_, last)| *last <= value) {
                queue.pop_back();
            }
            queue.push_back((index, value));
        }
        seen = until;
        while queue.front().is_some_and(|(first, _)| first + reach < at) {
            queue.pop_front();
        }
        found.push(queue.front().map_or(0.0, |(_, value)| *value));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greatest_around_is_that_of_all_around() {
        let values: Vec<f64> = (0..500).map(|at| (at * 37 % 101) as f64 - 9.0).collect();
        for reach in [0, 1, 7, 400, 600] {
            for (at, greatest) in greatest_around(&values, reach).into_iter().enumerate() {
                let around = at.saturating_sub(reach)..(at + reach + 1).min(values.len());
                let slow = values[around].iter().copied().fold(0.0, f64::max);
                assert_eq!(greatest, slow, "{reach} {at}");
            }
        }
    }

    /// The error was: a table whose rows are hours apart took minutes, because every second added
    /// thousands of others. Fuzzing found it.
    #[test]
    fn means_over_many_seconds_are_those_of_all_seconds_added() {
        let seconds: Vec<Second> =
            (0..1_000).map(|at| Second { missing: at % 7 == 0, ..Second::default() }).collect();
        let of = |at: usize| (at * 37 % 101) as f64;
        for width in [WIDE + 1, 500, 2_500] {
            let half = width / 2;
            let fast = means(&seconds, width, &of);
            for (at, mean) in fast.iter().enumerate() {
                let around = at.saturating_sub(half)..(at + half + 1).min(seconds.len());
                let known: Vec<f64> = around.filter(|at| at % 7 != 0).map(of).collect();
                let slow = known.iter().sum::<f64>() / known.len() as f64;
                assert!((mean - slow).abs() < 1e-9, "{width} {at}: {mean} {slow}");
            }
        }
    }
}
