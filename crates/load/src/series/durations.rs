//! Durations of seconds, from all answers or from the columns of a table.

use crate::latencies::Latencies;
use crate::stats::median;
use crate::timeline::Second;

/// The number that stands for the mean among quantiles.
pub(crate) const MEAN: f64 = 0.0;
/// The durations that a table can have, the best one for a mean first.
pub(crate) const DURATIONS: [f64; 4] = [MEAN, 0.5, 0.95, 0.99];
/// Longest time without a duration that the durations beside it fill, in seconds.
const WITHOUT_DURATIONS: usize = 20;

/// Returns a duration of a table in milliseconds: its mean, or a quantile.
pub(crate) fn summary_ms(second: &Second, q: f64) -> Option<f64> {
    second.latency_summary.map(|told| match q {
        q if q > 0.97 => told.p99,
        q if q > 0.8 => told.p95,
        q if q > MEAN => told.p50,
        _ => told.mean,
    })
}

/// Returns the best duration for a mean that a table has for enough seconds.
pub(crate) fn known_quantile(seconds: &[Second]) -> Option<f64> {
    let has = |q: &f64| {
        let told = seconds.iter().filter_map(|second| summary_ms(second, *q));
        told.filter(|value| value.is_finite()).count() * 2 > seconds.len().min(10)
    };
    DURATIONS.into_iter().find(has)
}

/// Growth of the requests from which seconds without a duration are of another kind of time than those beside them:
/// requests that are refused come far more often, and have no duration.
const OTHER_TIME: f64 = 1.3;

/// Returns a duration of a table for each second in milliseconds. A second with answers and without
/// a value gets one from the seconds beside it, when it has about as many requests; a cell that is empty is a gap
/// in one column only. It is `NAN` where there is none.
pub(crate) fn durations(seconds: &[Second], q: f64) -> Vec<f64> {
    let value = |second: &Second| summary_ms(second, q).filter(|ms| ms.is_finite());
    let known: Vec<Option<f64>> = seconds.iter().map(value).collect();
    let mut filled = between(&known, WITHOUT_DURATIONS);
    let own = |(second, known): (&Second, &Option<f64>)| known.map(|_| second.requests());
    let own: Vec<Option<f64>> = seconds.iter().zip(&known).map(own).collect();
    let beside = between(&own, WITHOUT_DURATIONS);
    let is_other = |at: usize| {
        let (second, beside) = (seconds.get(at), beside.get(at));
        second.zip(beside).is_some_and(|(one, beside)| one.requests() > OTHER_TIME * beside)
    };
    let places: Vec<usize> = (0..known.len()).collect();
    let is_known = |at: &usize| known.get(*at).is_some_and(Option::is_some);
    for gap in places.chunk_by(|a, b| is_known(a) == is_known(b)) {
        let gap = gap.iter().copied().filter(|at| !is_known(at));
        let whole = gap.clone().any(is_other);
        for at in gap {
            let is_empty = seconds.get(at).is_some_and(|second| second.ok <= 0.0);
            if let Some(filled) = filled.get_mut(at).filter(|_| whole || is_empty) {
                *filled = f64::NAN;
            }
        }
    }
    filled
}

/// Returns the values. One that is absent lies on the line between its neighbours, when these are
/// at most `longest` places apart; at both ends it has the value of its neighbour. It is `NAN` where
/// there is none so near.
pub(super) fn between(known: &[Option<f64>], longest: usize) -> Vec<f64> {
    let mut next: Vec<Option<(usize, f64)>> = vec![None; known.len()];
    let mut found = None;
    for (at, (value, next)) in known.iter().zip(&mut next).enumerate().rev() {
        found = value.map(|value| (at, value)).or(found);
        *next = found;
    }
    let mut last = None;
    let mut all = Vec::with_capacity(known.len());
    for (at, (value, next)) in known.iter().zip(&next).enumerate() {
        last = value.map(|value| (at, value)).or(last);
        all.push(match (last, *next) {
            (Some((from, a)), Some((to, b))) if to - from <= longest => {
                a + (b - a) * (at - from) as f64 / (to - from).max(1) as f64
            }
            (Some((from, a)), None) if at - from <= longest => a,
            (None, Some((to, b))) if to - at <= longest => b,
            _ => f64::NAN,
        });
    }
    all
}

/// Returns a percentile over some seconds in milliseconds; NaN without a value.
pub(crate) fn percentile(seconds: &[Second], q: f64) -> f64 {
    percentile_of(&answers(seconds), seconds, q)
}

/// Returns the durations of all answers in some seconds.
pub(crate) fn answers(seconds: &[Second]) -> Latencies {
    let mut all = Latencies::default();
    seconds.iter().for_each(|second| all.merge(&second.latencies));
    all
}

/// Returns a percentile over some seconds in milliseconds, of which `all` are the answers; NaN
/// without a value.
pub(crate) fn percentile_of(all: &Latencies, seconds: &[Second], q: f64) -> f64 {
    all.quantile_ms(q).or_else(|| given_percentile(seconds, q)).unwrap_or(f64::NAN)
}

/// Returns the median of a percentile that the input gives for each second; `None` without one.
fn given_percentile(seconds: &[Second], q: f64) -> Option<f64> {
    let given = seconds.iter().filter_map(|second| second.latency_summary);
    median(given.map(|given| match q {
        q if q > 0.97 => given.p99,
        q if q > 0.8 => given.p95,
        _ => given.p50,
    }))
}
