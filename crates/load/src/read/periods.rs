//! Spreads the totals of successive periods over seconds. Several load generators report such
//! periods.

use crate::error::Error;
use crate::flights::{MOST_SECONDS, SECOND_US};
use crate::timeline::{LatencySummary, Second, Timeline};
use std::path::Path;

/// Totals between two moments of a test.
#[derive(Clone, Copy, Debug)]
pub(super) struct Period {
    /// Start, in microseconds since 1970.
    pub(super) from_us: i64,
    /// End, in microseconds since 1970.
    pub(super) to_us: i64,
    /// Numbers of successful and of failed requests.
    pub(super) ok: f64,
    pub(super) failed: f64,
    /// Requests that were wanted in the period; `None` where the input counts answers only.
    pub(super) wanted: Option<f64>,
    /// Iterations that were not started, because no user was free; 0 where the input does not count them.
    pub(super) dropped: f64,
    /// Virtual users at the end of the period.
    pub(super) vus: Option<f64>,
    /// Median, 95th and 99th percentile in milliseconds; NaN when unknown.
    pub(super) percentiles: [f64; 3],
    /// Mean duration in milliseconds; NaN when unknown.
    pub(super) mean_ms: f64,
}

/// Spreads each period evenly over its time. The periods must be in order of time. A second in which
/// several lie has the requests of all, and the users and durations of the last one that has them.
///
/// # Errors
///
/// Returns [`Error::NoRequests`] without a request, and [`Error::TooLong`] for more than a week.
pub(super) fn timeline(
    periods: &[Period],
    path: &Path,
    format: &'static str,
) -> Result<Timeline, Error> {
    let none = || Error::NoRequests {
        path: path.to_owned(),
        why: "expected periods with requests in them".into(),
    };
    let first_us = periods.iter().map(|period| period.from_us).min().ok_or_else(none)?;
    let last_us = periods.iter().map(|period| period.to_us).max().ok_or_else(none)?;
    let start_s = first_us.div_euclid(SECOND_US);
    let count = (last_us - start_s * SECOND_US + SECOND_US - 1).max(SECOND_US) / SECOND_US;
    if count > MOST_SECONDS as i64 {
        return Err(Error::TooLong { path: path.to_owned(), most: MOST_SECONDS });
    }
    let mut seconds = vec![Second::default(); count as usize];
    let mut lengths = Vec::new();
    for period in periods {
        let length = (period.to_us - period.from_us).max(1);
        lengths.push(length);
        let from = (period.from_us - start_s * SECOND_US).div_euclid(SECOND_US);
        let to = (period.to_us - start_s * SECOND_US - 1).div_euclid(SECOND_US);
        for at in from..=to.max(from) {
            let Some(second) = usize::try_from(at).ok().and_then(|at| seconds.get_mut(at)) else {
                continue;
            };
            let begins = (start_s + at) * SECOND_US;
            let covered = period.to_us.min(begins + SECOND_US) - period.from_us.max(begins);
            let share = covered.max(0) as f64 / length as f64;
            second.ok += period.ok * share;
            second.failed += period.failed * share;
            second.dropped += period.dropped * share;
            second.started = match period.wanted {
                Some(wanted) => second.started + wanted * share,
                None => second.requests(),
            };
            second.vus = period.vus.or(second.vus);
            let [p50, p95, p99] = period.percentiles;
            let mean = period.mean_ms;
            if [p50, p95, p99, mean].iter().any(|value| !value.is_nan()) {
                second.latency_summary = Some(LatencySummary { p50, p95, p99, mean });
            }
        }
    }
    if !seconds.iter().any(|second| second.requests() > 0.0) {
        return Err(none());
    }
    lengths.sort_unstable();
    let usual = lengths.get(lengths.len() / 2).copied().unwrap_or(SECOND_US);
    let mut timeline = Timeline {
        source: path.display().to_string(),
        format,
        start_s,
        seconds,
        resolution_s: ((usual + SECOND_US / 2) / SECOND_US).clamp(1, 86_400) as u32,
        ..Timeline::default()
    };
    timeline.coarsen();
    Ok(timeline)
}
