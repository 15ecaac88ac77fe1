//! The first requests of a constant load.
//!
//! All users send their first request at about the same moment. A server that can serve them only
//! one after another answers them at its limit, and the first ones much sooner than all later ones,
//! which find a queue. A server that is slow without a queue answers the first requests like the
//! later ones.

use crate::flights::SECOND_US;
use crate::latencies::Latencies;
use crate::stats::quantile;
use crate::timeline::{FirstAnswer, Timeline};
use spikeflame_wall::seconds_of;

/// Fewest users whose first answers have a shape.
const FEWEST_USERS: usize = 10;
/// The first answers must be complete: so many times the users were kept.
const COMPLETE: usize = 2;
/// Share of the later answers that are called fast.
const FAST: f64 = 0.02;
/// Fewest fast answers among the first ones that are no chance, beyond three times their share.
const NO_CHANCE: f64 = 5.0;
/// Range of the rate of the first answers, as a multiple of the rate of the whole test.
const LIKE_LATER: std::ops::Range<f64> = 0.3..2.0;
/// Smallest duration of the last ones of the first answers, as a share of the later median.
const SLOWEST_FIRST_SHARE: f64 = 0.6;

/// Most of the later median within which requests that began together all began.
const TOGETHER: f64 = 0.25;
/// First answers sooner than this share of the later median, all of them, are of another kind.
const OTHER_KIND_SHARE: f64 = 0.4;
/// Spread of durations (their 90th over their 10th percentile) that a queue exceeds.
const SPREAD: f64 = 3.0;

/// The first answers of a server that queues from the start.
#[derive(Clone, Copy, Debug)]
pub(super) struct FirstBurst {
    /// Mean duration of the very first answers, in seconds.
    pub(super) rest_s: f64,
    /// Number of first requests: one of each user.
    pub(super) requests: usize,
    /// Rate at which they were answered, in requests a second.
    pub(super) rps: f64,
    /// Seconds from the first request to the second one of a user, for the user whose second one came first. `None` for times
    /// in whole seconds.
    pub(super) cycle_s: Option<f64>,
}

/// The first request of each user, and the later answers.
struct Wave<'a> {
    first: &'a [FirstAnswer],
    /// Durations in milliseconds, in order.
    took: Vec<f64>,
    later: Latencies,
}

impl<'a> Wave<'a> {
    /// The later answers are those up to the second `until`.
    fn from_timeline(timeline: &'a Timeline, users: f64, until: usize) -> Option<Self> {
        let count = users as usize;
        if count < FEWEST_USERS || timeline.first.len() < COMPLETE * count {
            return None;
        }
        let first = timeline.first.get(..count)?;
        let last_s = first.iter().map(end_us).max()?.div_euclid(SECOND_US);
        let mut later = Latencies::default();
        for (at, second) in (timeline.start_s..).zip(timeline.seconds.get(..until)?) {
            if at > last_s {
                later.merge(&second.latencies);
            }
        }
        let mut took: Vec<f64> = first.iter().map(|one| one.duration_us as f64 / 1e3).collect();
        took.sort_by(f64::total_cmp);
        Some(Self { first, took, later })
    }

    /// Returns the time in milliseconds in which all of them began.
    fn began_ms(&self) -> Option<f64> {
        let (first, last) = (self.first.first()?, self.first.last()?);
        Some(last.start_us.saturating_sub(first.start_us) as f64 / 1e3)
    }

    fn took_ms(&self, q: f64) -> Option<f64> {
        quantile(self.took.iter().copied(), q)
    }

    /// Returns the rate at which they were answered, in requests a second.
    fn rps(&self) -> Option<f64> {
        let begin = self.first.first()?.start_us;
        let ends = self.first.iter().map(|one| end_us(one).saturating_sub(begin) as f64);
        let between_us = quantile(ends.clone(), 0.9)? - quantile(ends, 0.1)?;
        Some(0.8 * self.first.len() as f64 / seconds_of(between_us.max(1.0) as i64))
    }
}

/// Finds the signs of a queue in the first answers to `users` users, who get `rps` answers a second
/// up to the second `until`. Later, the system may have another limit.
pub(super) fn find(timeline: &Timeline, users: f64, rps: f64, until: usize) -> Option<FirstBurst> {
    let wave = Wave::from_timeline(timeline, users, until)?;
    let (median_ms, fast_ms) = (wave.later.quantile_ms(0.5)?, wave.later.quantile_ms(FAST)?);
    let fast = wave.took.iter().filter(|ms| **ms < fast_ms).count() as f64;
    let rate = wave.rps()?;
    let queues = wave.began_ms()? < median_ms
        && fast >= NO_CHANCE + 3.0 * FAST * users
        && LIKE_LATER.contains(&(rate / rps))
        && wave.took_ms(0.9)? >= SLOWEST_FIRST_SHARE * median_ms;
    let requests = wave.first.len();
    let soonest = wave.took.get(..(requests / 10).max(5))?;
    let rest_s = soonest.iter().sum::<f64>() / soonest.len() as f64 / 1e3;
    let begin_us = |at: usize| timeline.first.get(at).map(|one| one.start_us);
    let cycle_us = begin_us(requests).zip(begin_us(0)).filter(|_| !timeline.coarse);
    let cycle_s = cycle_us.map(|(second, first)| seconds_of(second.saturating_sub(first)));
    queues.then_some(FirstBurst { rest_s, requests, rps: rate, cycle_s })
}

/// Returns true when the first requests of the users are of another kind than the later ones, for
/// example a login: all of them are fast, and no queue forms although they begin together.
pub(super) fn is_of_another_kind(timeline: &Timeline, users: f64) -> bool {
    let whole = timeline.seconds.len();
    Wave::from_timeline(timeline, users, whole).and_then(|wave| wave.is_fast()).unwrap_or(false)
}

impl Wave<'_> {
    /// Returns true when the first answers were much faster than later ones, and no queue formed.
    /// Returns `None` without enough answers.
    fn is_fast(&self) -> Option<bool> {
        let median_ms = self.later.quantile_ms(0.5)?;
        let (soonest, latest) = (self.took_ms(0.1)?, self.took_ms(0.9)?);
        let together =
            self.began_ms()? < TOGETHER * median_ms && latest < OTHER_KIND_SHARE * median_ms;
        Some(together || latest < SLOWEST_FIRST_SHARE * median_ms && latest < SPREAD * soonest)
    }
}

fn end_us(one: &FirstAnswer) -> i64 {
    one.start_us.saturating_add_unsigned(one.duration_us)
}
