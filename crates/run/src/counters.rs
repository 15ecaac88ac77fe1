//! Values of the load test over the recording's time.

use crate::time::{Alignment, seconds_us};
use spikeflame_load::{Series, Timeline, Unit};

/// A quantity over the recording's time, for a view that draws it.
#[derive(Clone, Debug, PartialEq)]
pub struct Counter {
    /// The name of the quantity, with its unit where it has one: `p95 (ms)`.
    pub name: String,
    /// Pairs of time and value, in order of time. Times are in microseconds since the recording's
    /// zero; values from before it are left out.
    pub points: Vec<(u64, f64)>,
}

/// Returns the known values of a series, each with its time in the recording. The first value belongs
/// to the second `first` of the test.
fn points(values: &[f64], first: usize, alignment: &Alignment) -> Vec<(u64, f64)> {
    let known = values.iter().enumerate().filter(|(_, value)| value.is_finite());
    let at = |second: usize| alignment.second_us(first + second);
    known.filter_map(|(second, value)| Some((at(second)?, *value))).collect()
}

/// Returns the offered load, goodput, p95 and error rate, one value for each second, and the tracks.
pub(crate) fn counters(timeline: &Timeline, alignment: &Alignment) -> Vec<Counter> {
    let Some(series) = Series::from_timeline(timeline, None) else { return Vec::new() };
    let rows: [(&str, &[f64]); 4] = [
        (series.axis.unit(), &series.load),
        ("requests a second", &series.goodput),
        ("p95 (ms)", &series.p95),
        ("error rate", &series.error_rate),
    ];
    let mut counters = Vec::new();
    for (name, values) in rows {
        let points = points(values, series.first, alignment);
        counters.push(Counter { name: name.to_owned(), points });
    }
    let start_us = seconds_us(timeline.start_s);
    let zero_us = alignment.test_start_us.saturating_sub(start_us);
    for track in &timeline.tracks {
        let at = |us: i64| u64::try_from(zero_us.checked_add(us)?).ok();
        let points = track.points.iter().filter_map(|&(us, value)| Some((at(us)?, value)));
        let name = match unit(track.unit) {
            "" => track.name.clone(),
            unit => format!("{} ({unit})", track.name),
        };
        counters.push(Counter { name, points: points.collect() });
    }
    counters
}

/// Returns the text for a unit that follows a quantity's name; empty for plain numbers.
fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Plain => "",
        Unit::Percent => "%",
        Unit::Share => "of 1",
        Unit::Bytes => "bytes",
        Unit::BytesPerSecond => "bytes a second",
        Unit::Seconds => "s",
        Unit::PerSecond => "a second",
    }
}
