//! Durations of requests by endpoint: the mean of all may grow because slower requests are sent.

use crate::flights::MOST_SECONDS;
use std::collections::BTreeMap;
use std::ops::Range;

/// Most endpoints whose durations are kept.
pub(crate) const MOST_ENDPOINTS: usize = 100;
/// Requests of an endpoint in a row whose mean is its duration.
const ENOUGH: f64 = 20.0;
/// Parts of an endpoint's requests, of which the fastest shows it at rest.
const PARTS: f64 = 5.0;
/// Share of the requests whose endpoint has to be known.
const NEARLY_ALL: f64 = 0.95;
/// Share of the requests whose endpoint has to be known outside of a window, too.
const MANY: f64 = 0.3;

/// The successful requests of an endpoint in a second.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Took {
    endpoint: usize,
    count: f64,
    sum_us: u64,
}

impl Took {
    fn ms(self) -> f64 {
        self.sum_us as f64 / 1e3
    }
}

/// Durations of the successful requests to each endpoint (100 at most), second by second.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EndpointDurations {
    seconds: BTreeMap<i64, Vec<Took>>,
}

impl EndpointDurations {
    /// Adds a request that ended in `second`, counted from the moment from which the test's start is.
    pub(crate) fn add(&mut self, second: i64, endpoint: Option<usize>, duration_us: u64) {
        let Some(endpoint) = endpoint.filter(|endpoint| *endpoint < MOST_ENDPOINTS) else { return };
        if self.seconds.len() >= MOST_SECONDS && !self.seconds.contains_key(&second) {
            return;
        }
        let all = self.seconds.entry(second).or_default();
        match all.iter_mut().find(|took| took.endpoint == endpoint) {
            Some(took) => {
                took.count += 1.0;
                took.sum_us = took.sum_us.saturating_add(duration_us);
            }
            None => all.push(Took { endpoint, count: 1.0, sum_us: duration_us }),
        }
    }

    /// Replaces the number of each endpoint by its place in `places`, so that the numbers do not depend on the order of
    /// the requests.
    pub(crate) fn renumber(&mut self, places: &[usize]) {
        for all in self.seconds.values_mut() {
            for took in all.iter_mut() {
                took.endpoint = places.get(took.endpoint).copied().unwrap_or(took.endpoint);
            }
            all.sort_by_key(|took| took.endpoint);
        }
    }

    /// Returns how many times as long the requests of a window took as the fastest ones of the same endpoints, on average.
    /// Where an endpoint has enough requests outside of the window, these are compared. Returns `None` for one endpoint,
    /// and for a window whose endpoints are not known. `all` is the number of requests in the window.
    pub(crate) fn slower(&self, window: Range<i64>, all: f64) -> Option<f64> {
        let mut endpoints: BTreeMap<usize, Vec<(i64, Took)>> = BTreeMap::new();
        for (second, took) in
            self.seconds.iter().flat_map(|(at, all)| all.iter().map(|one| (*at, *one)))
        {
            endpoints.entry(took.endpoint).or_default().push((second, took));
        }
        let (mut known, mut outside_too) = (0.0, 0.0);
        let (mut spent_ms, mut rest_ms) = (0.0, 0.0);
        for seconds in endpoints.values() {
            let is_within = |one: &&(i64, Took)| window.contains(&one.0);
            let within = sum(seconds.iter().filter(is_within));
            let outside: Vec<(i64, Took)> =
                seconds.iter().filter(|one| !is_within(one)).copied().collect();
            let fastest = fastest_ms(&outside);
            outside_too += fastest.map_or(0.0, |_| within.count);
            known += within.count;
            spent_ms += within.ms();
            let own_ms = || within.ms() / within.count.max(1.0);
            rest_ms +=
                within.count * fastest.or_else(|| fastest_ms(seconds)).unwrap_or_else(own_ms);
        }
        let is_known =
            endpoints.len() > 1 && known >= NEARLY_ALL * all && outside_too >= MANY * all;
        (is_known && rest_ms > 0.0).then(|| spent_ms / rest_ms)
    }
}

/// Least share of the requests that an endpoint needs to count as a part of the mix.
const LEAST_SHARE: f64 = 0.05;
/// An endpoint is new in the mix from this multiple of its share before.
const NEW: f64 = 2.0;

impl EndpointDurations {
    /// Returns true when an endpoint has twice the share of the requests in `within` that it had in `before`.
    pub(crate) fn has_new(&self, before: Range<i64>, within: Range<i64>) -> bool {
        let (before, within) = (self.counts(before), self.counts(within));
        let all = |counts: &BTreeMap<usize, f64>| counts.values().sum::<f64>().max(1.0);
        let (all_before, all_within) = (all(&before), all(&within));
        within.iter().any(|(endpoint, count)| {
            let share = count / all_within;
            let was = before.get(endpoint).copied().unwrap_or(0.0) / all_before;
            share >= LEAST_SHARE && share >= NEW * was
        })
    }

    /// Returns the number of successful requests to each endpoint in some seconds.
    pub(crate) fn counts(&self, seconds: Range<i64>) -> BTreeMap<usize, f64> {
        let mut counts = BTreeMap::new();
        for took in self.seconds.range(seconds).flat_map(|(_, all)| all) {
            *counts.entry(took.endpoint).or_default() += took.count;
        }
        counts
    }
}

fn sum<'a>(seconds: impl Iterator<Item = &'a (i64, Took)>) -> Took {
    seconds.fold(Took::default(), |sum, (_, one)| Took {
        endpoint: one.endpoint,
        count: sum.count + one.count,
        sum_us: sum.sum_us.saturating_add(one.sum_us),
    })
}

/// Returns the mean duration of the fastest part of the requests in milliseconds. Returns `None` for too few.
fn fastest_ms(seconds: &[(i64, Took)]) -> Option<f64> {
    let enough = (sum(seconds.iter()).count / PARTS).clamp(ENOUGH / 2.0, PARTS * ENOUGH);
    let mut part = Took::default();
    let mut least: Option<f64> = None;
    for (_, one) in seconds {
        part.count += one.count;
        part.sum_us = part.sum_us.saturating_add(one.sum_us);
        if part.count >= enough {
            let ms = part.ms() / part.count;
            least = Some(least.map_or(ms, |least| least.min(ms)));
            part = Took::default();
        }
    }
    least
}
