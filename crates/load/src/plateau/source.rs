//! The durations that an input has: those of single requests, or a statistic of each row.

use super::model::Statistic;
use super::rest;
use crate::series::{durations, known_quantile};
use crate::timeline::{Second, Timeline};

/// Quantile above which a percentile shows that nearly all answers were fast.
const UPPER: f64 = 0.8;
/// The percentile that most tables have beside a mean or a median.
const P95: f64 = 0.95;

/// The source of durations in the input.
pub(super) enum DurationSource {
    /// Durations of single requests.
    Each,
    /// A percentile of a table: 0.5, 0.95 or 0.99; [`MEAN`] for its mean.
    Summary(f64),
    Nothing,
}

impl DurationSource {
    /// Returns the source that a list of seconds has.
    pub(super) fn detect(seconds: &[Second]) -> Self {
        if seconds.iter().any(|second| second.latencies.count() > 0) {
            return Self::Each;
        }
        known_quantile(seconds).map_or(Self::Nothing, Self::Summary)
    }

    /// Returns the statistic of the durations.
    pub(super) fn statistic(&self) -> Statistic {
        match self {
            Self::Summary(q) => Statistic::from_quantile(*q),
            Self::Each | Self::Nothing => Statistic::Mean,
        }
    }

    /// Returns the mean duration of a second in milliseconds. `filled` is the one from a table.
    fn mean_ms(&self, second: &Second, filled: Option<f64>) -> Option<f64> {
        match self {
            Self::Each => second.latencies.mean_ms(),
            Self::Summary(_) => filled.filter(|ms| ms.is_finite()),
            Self::Nothing => None,
        }
    }

    /// Returns the requests in flight in each second. A table has rates and durations, and requests
    /// in flight are computed from them (Little's law).
    pub(super) fn in_flights(&self, seconds: &[Second], users: &[f64]) -> Vec<f64> {
        let filled = match self {
            Self::Summary(q) => durations(seconds, *q),
            Self::Each | Self::Nothing => Vec::new(),
        };
        let in_flight = |(second, (place, users)): (&Second, (usize, &f64))| {
            if let Some(in_flight) = second.in_flight {
                return in_flight;
            }
            let took_ms = self.mean_ms(second, filled.get(place).copied());
            let in_flight = second.requests() * took_ms.unwrap_or_default() / 1e3;
            if *users > 0.0 { in_flight.min(*users) } else { in_flight }
        };
        seconds.iter().zip(users.iter().enumerate()).map(in_flight).collect()
    }

    /// Returns the upper percentile of each second as a multiple of the duration at rest, `rest_s` by the
    /// statistic of this source. It is empty when the input has none: half of the answers of a row, or their
    /// mean, do not show that all were fast. `load` is the number of users.
    pub(super) fn upper(&self, timeline: &Timeline, load: &[f64], rest_s: f64) -> Vec<f64> {
        let seconds = timeline.seconds.as_slice();
        let of = |q: f64, rest_s: f64| -> Vec<f64> {
            durations(seconds, q).into_iter().map(|ms| ms / 1e3 / rest_s).collect()
        };
        match self {
            Self::Summary(q) if *q > UPPER => of(*q, rest_s),
            Self::Summary(_) => match rest::of_table(timeline, load, P95) {
                Some(rest) => of(P95, rest.s),
                None => Vec::new(),
            },
            Self::Each | Self::Nothing => Vec::new(),
        }
    }

    /// Returns the duration of a request at rest.
    pub(super) fn at_rest(
        &self,
        timeline: &Timeline,
        load: &[f64],
        is_rate: bool,
    ) -> Option<rest::RestDuration> {
        match self {
            Self::Each => rest::at_rest(timeline, load, is_rate),
            Self::Summary(q) => rest::of_table(timeline, load, *q),
            Self::Nothing => None,
        }
    }
}
