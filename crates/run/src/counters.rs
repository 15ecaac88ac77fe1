//! Values of the load test over the recording's time.

use crate::time::Alignment;
use spikeflame_load::{Series, Timeline};

/// A quantity over the recording's time.
#[derive(Clone, Debug, PartialEq)]
pub struct Counter {
    /// The name, with its unit: `p95 (ms)`.
    pub name: &'static str,
    /// Pairs of microseconds since the recording's zero and the value.
    pub points: Vec<(u64, f64)>,
}

/// Offered load, goodput, p95 and error rate, one value for each second.
pub(crate) fn counters(timeline: &Timeline, alignment: &Alignment) -> Vec<Counter> {
    let Some(series) = Series::of(timeline, None) else { return Vec::new() };
    let points = |values: &[f64]| -> Vec<(u64, f64)> {
        let known = values.iter().enumerate().filter(|(_, value)| value.is_finite());
        let at = |second: usize| alignment.second_us(series.first + second);
        known.filter_map(|(second, value)| Some((at(second)?, *value))).collect()
    };
    let rows: [(&'static str, &[f64]); 4] = [
        (series.axis.unit(), &series.load),
        ("requests a second", &series.goodput),
        ("p95 (ms)", &series.p95),
        ("error rate", &series.error_rate),
    ];
    rows.map(|(name, values)| Counter { name, points: points(values) }).into()
}
