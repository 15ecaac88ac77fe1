//! The duration of a request at rest.

use super::burst;
use crate::latencies::{Latencies, Moments};
use crate::series::percentile;
use crate::timeline::Timeline;

/// Number of answers. A rate over fewer is chance.
pub(super) const ENOUGH: u64 = 10;

/// Returns the mean of the fastest second, or of the fastest three, five or nine seconds, plus
/// three standard errors. Without this margin, chance could make the rest of the test look slow.
///
/// `load` is the number of users, or the rate of requests (`is_rate`).
pub(super) fn at_rest(timeline: &Timeline, load: &[f64], is_rate: bool) -> Option<(f64, f64)> {
    let seconds = timeline.seconds.as_slice();
    let mut rest = f64::INFINITY;
    // For each second: durations, requests in flight that get an answer, and answers.
    let sums: Vec<(Moments, f64, f64)> = (seconds.iter())
        .map(|second| {
            let waiting = second.in_flight_answered().unwrap_or_default();
            (second.latencies.moments(), waiting, second.answers())
        })
        .collect();
    for at in 0..sums.len() {
        for width in [1, 3, 5, 9] {
            let (mut all, mut spent_s, mut answers) = (Moments::default(), 0.0, 0.0);
            for (moments, waiting, answered) in
                sums.get(at..).unwrap_or_default().iter().take(width)
            {
                all += *moments;
                spent_s += waiting;
                answers += answered;
            }
            if all.count >= ENOUGH as f64 {
                let (mean, error) = all.mean_ms();
                // After a jump, only fast requests have ended. The time for each answer also counts
                // requests that still wait (Little's law).
                let by_chance = 1.0 + 3.0 / answers.max(1.0).sqrt();
                rest = rest.min((mean + 3.0 * error).max(1e3 * by_chance * spent_s / answers));
            }
        }
    }
    let mut whole = Latencies::default();
    seconds.iter().for_each(|second| whole.merge(&second.latencies));
    if !rest.is_finite() {
        rest = whole.mean_ms()?;
    }
    let rest =
        first_answers(timeline, load, is_rate).map_or(rest, |first| first.min(rest)).max(1e-3);
    let least = percentile(seconds, 0.02).min(rest).max(1e-3);
    Some((rest / 1e3, least / 1e3))
}

/// Returns the mean duration of the first answers. It is needed when the load is constant from the
/// first second on: only answers that came before there was a queue were then as fast as at rest.
///
/// Let `t` be the duration that 2 % of the later answers do not exceed. The first answers are used
/// only when clearly more than 2 % of the requests that began were faster than `t`. Otherwise
/// returns `None`.
fn first_answers(timeline: &Timeline, load: &[f64], is_rate: bool) -> Option<f64> {
    let seconds = timeline.seconds.as_slice();
    let begin = seconds.iter().position(|second| second.started > 0.0)?;
    let most = load.iter().copied().fold(0.0, f64::max);
    // The number of users is written at the end of a second, and may be that of the second before.
    let soon = load.get(begin..(begin + 2).min(load.len())).unwrap_or_default();
    let soon = soon.iter().copied().fold(0.0, f64::max);
    if soon < 0.5 * most || !is_rate && burst::is_of_another_kind(timeline, soon) {
        return None;
    }
    // The queue may take a second or two to build up.
    (1..=3).find_map(|width| {
        let part = seconds.get(begin..begin + width)?;
        let mut first = Latencies::default();
        part.iter().for_each(|second| first.merge(&second.latencies));
        let mut later = Latencies::default();
        seconds.get(begin + width..)?.iter().for_each(|second| later.merge(&second.latencies));
        let (fast, mean) = first.fastest(later.quantile_ms(0.02)?);
        // Counts requests that began, because slow ones have not ended yet.
        let began: f64 = part.iter().map(|second| second.started).sum();
        (fast >= 5.0 + 3.0 * 0.02 * began).then_some(mean)
    })
}
