//! Values of each second: requests wanted and in flight, and the number of users.

use super::durations::{DURATIONS, between, durations};
use crate::stats::median;
use crate::timeline::{Second, Timeline};
use crate::warning::Warning;

/// Returns the running mean over `width` values. Its cost does not depend on `width`.
pub(super) fn means(values: &[f64], width: usize) -> Vec<f64> {
    let mut sums = vec![0.0];
    let mut sum = 0.0;
    sums.extend(values.iter().map(|value| {
        sum += value;
        sum
    }));
    let (half, end) = (width / 2, values.len());
    let at = |place: usize| sums.get(place).copied().unwrap_or(sum);
    let mean = |place: usize| {
        let (from, to) = (place.saturating_sub(half), (place + half + 1).min(end));
        (at(to) - at(from)) / (to - from) as f64
    };
    (0..end).map(mean).collect()
}

/// Returns the number of requests that were wanted in a second.
pub(crate) fn wanted(second: &Second) -> f64 {
    second.started + second.dropped
}

/// Returns the requests in flight in each second: the value from the input, or else rate times
/// duration. A duration without a value is computed from those beside it.
pub(super) fn in_flights(seconds: &[Second]) -> Vec<f64> {
    let each = DURATIONS.map(|q| durations(seconds, q));
    let in_flight = |(at, second): (usize, &Second)| {
        let told = each.iter().filter_map(|durations| durations.get(at).copied());
        let each = second.latencies.quantile_ms(0.5);
        let took_ms = each.into_iter().chain(told).find(|ms| ms.is_finite());
        second.in_flight.unwrap_or(second.requests() * took_ms.unwrap_or_default() / 1e3)
    };
    seconds.iter().enumerate().map(in_flight).collect()
}

/// Most seconds in which requests end without a number of users, before the number counts as
/// unknown.
pub(crate) const WITHOUT_USERS: usize = 10;

/// Longest time between two numbers of users within which the number is assumed to change evenly.
const BETWEEN_USERS: usize = 60;

/// Returns the virtual users of each second. A second without a number lies between the numbers
/// before and after it; when these are far apart, or there is none after it, it gets the last one.
pub(crate) fn carried(seconds: &[Second]) -> Option<Vec<f64>> {
    let known: Vec<Option<f64>> = seconds.iter().map(|second| second.vus).collect();
    let mut last = known.iter().find_map(|users| *users)?;
    let carry = |(users, even): (&Option<f64>, f64)| {
        last = users.unwrap_or(last);
        if even.is_nan() { last } else { even }
    };
    Some(known.iter().zip(between(&known, BETWEEN_USERS)).map(carry).collect())
}

/// Returns the most users that each second may have: its own number, or the greater one of the
/// numbers before and after it.
pub(crate) fn most_users(seconds: &[Second]) -> Vec<f64> {
    let mut most: Vec<f64> = Vec::with_capacity(seconds.len());
    let mut last: Option<f64> = None;
    for second in seconds {
        last = second.vus.or(last);
        most.push(last.unwrap_or_default());
    }
    let mut next: Option<f64> = None;
    for (second, most) in seconds.iter().zip(&mut most).rev() {
        next = second.vus.or(next);
        *most = second.vus.unwrap_or(most.max(next.unwrap_or_default()));
    }
    most
}

/// Returns for each second whether the number of users is known: from the second itself, or from
/// one at most `longest` seconds before it. That time is at least the length of two rows.
pub(crate) fn users_known(timeline: &Timeline, longest: usize) -> Vec<bool> {
    let longest = longest.max(2 * timeline.resolution_s as usize);
    let mut since = 0;
    let known = |second: &Second| {
        since = if second.vus.is_some() { 0 } else { since + 1 };
        since <= longest
    };
    timeline.seconds.iter().map(known).collect()
}

/// Returns a warning when the number of users is missing for a long time in which requests ended. A file
/// may have a number every so many seconds only: no such stretch is longer than two of these steps.
pub(crate) fn users_not_written(seconds: &[Second]) -> Option<Warning> {
    let known = || seconds.iter().enumerate().filter_map(|(at, one)| Some((at, one.vus?)));
    let steps = known().zip(known().skip(1)).map(|((a, _), (b, _))| (b - a) as f64);
    let step = median(steps).unwrap_or(1.0) as usize;
    let begun = seconds.iter().position(|second| second.requests() > 0.0)?;
    let first = known().next()?.1;
    let (mut longest, mut run, mut last) = ((0, 0, 0.0), 0, first);
    for (at, second) in seconds.iter().enumerate().skip(begun) {
        if let Some(vus) = second.vus {
            (last, run) = (vus, 0);
        } else {
            run += 1;
            if second.requests() > 0.0 && run > longest.0 {
                longest = (run, at + 1 - run, last);
            }
        }
    }
    let (seconds, from, vus) = longest;
    (seconds > WITHOUT_USERS.max(2 * step)).then_some(Warning::NoVusFor { seconds, from, vus })
}
