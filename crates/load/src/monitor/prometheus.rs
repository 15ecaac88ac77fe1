//! Reads answers of Prometheus's /api/v1/query_range. A value applies to one moment, and is
//! written as text.

use super::counters::is_gauge;
use super::gather::{Reach, Series, SeriesCollector};
use super::{Error, Warning};
use serde_json::{Map, Value};
use std::path::Path;

/// Ends of the names of counters that only grow.
const COUNTERS: [&str; 4] = ["_total", "_count", "_sum", "_bucket"];

/// Units at the end of a metric's name, by the conventions of Prometheus.
const UNITS: [(&str, &str); 3] =
    [("_bytes", "bytes"), ("_seconds", "seconds"), ("_ratio", "percentunit")];

/// Largest number of characters that are kept of a warning.
const LONGEST_WARNING: usize = 200;

/// Reads an answer.
///
/// # Errors
///
/// Returns [`Error::Answered`] for an error of Prometheus, [`Error::Unrecognised`] for a query of
/// one moment and for other JSON.
pub(super) fn read(value: &Value, path: &Path, gather: &mut SeriesCollector) -> Result<(), Error> {
    gather.format = "Prometheus";
    if value.get("status").and_then(Value::as_str) == Some("error") {
        let message = value.get("error").and_then(Value::as_str).unwrap_or("unknown").to_owned();
        return Err(Error::Answered { path: path.to_owned(), format: "Prometheus", message });
    }
    for warning in value.get("warnings").and_then(Value::as_array).into_iter().flatten() {
        let text = warning.as_str().unwrap_or_default();
        gather.warn(Warning::FromMonitor(text.chars().take(LONGEST_WARNING).collect()));
    }
    if value.get("isPartial").and_then(Value::as_bool) == Some(true) {
        gather.warn(Warning::Incomplete { metric: String::new() });
    }
    let data = value.get("data");
    let kind = data.and_then(|data| data.get("resultType")).and_then(Value::as_str);
    if kind != Some("matrix") {
        let found = match kind {
            Some("vector" | "scalar") => {
                "Prometheus' answer to /api/v1/query, which is of one moment (/api/v1/query_range is \
                 over time)"
            }
            _ => "JSON of another kind",
        };
        return Err(Error::Unrecognised { path: path.to_owned(), found });
    }
    let result = data.and_then(|data| data.get("result")).and_then(Value::as_array);
    series(result.map(Vec::as_slice).unwrap_or_default(), gather);
    Ok(())
}

/// Returns true for a series alone, as VictoriaMetrics exports it and `promtool query range -o json`
/// prints it in a list.
pub(super) fn is_series(value: &Value) -> bool {
    let is = |name: &str| value.get(name).is_some_and(Value::is_array);
    value.get("metric").is_some_and(Value::is_object) && (is("values") || is("histograms"))
}

/// Reads series: their values are pairs of time and value, or stand beside a list of times.
pub(super) fn series(result: &[Value], gather: &mut SeriesCollector) {
    gather.format = "Prometheus";
    let empty = Map::new();
    let labels = |series: &'_ Value| series.get("metric").and_then(Value::as_object).cloned();
    let all: Vec<Map<String, Value>> =
        result.iter().map(|one| labels(one).unwrap_or_default()).collect();
    let mut histograms = 0;
    for (at, one) in result.iter().enumerate() {
        let labels = all.get(at).unwrap_or(&empty);
        let metric = labels.get("__name__").and_then(Value::as_str).unwrap_or_default();
        let unit = UNITS.iter().find(|(end, _)| metric.ends_with(end)).map(|(_, unit)| *unit);
        let named = Series::new(name(metric, labels, &all)).measured_in(unit);
        let mut series = Series { reach: Reach::Moment, ..named };
        let values = one.get("values").and_then(Value::as_array);
        let times = one.get("timestamps").and_then(Value::as_array);
        if let (Some(times), Some(values)) = (times, values) {
            gather.pair(&series.name, times.len(), values.len());
        }
        for (at, written) in values.into_iter().flatten().enumerate() {
            let number = |value: &Value| match value {
                Value::String(text) => text.parse::<f64>().ok(),
                value => value.as_f64(),
            };
            let (time, value) = match times {
                Some(times) => (times.get(at), Some(written)),
                None => (written.get(0), written.get(1)),
            };
            let time = time.and_then(|time| gather.moment(time));
            let value = value.and_then(number).filter(|value| value.is_finite());
            if let (Some(us), Some(value)) = (time, value) {
                series.points.push((us, value));
            }
        }
        series.counts = is_counter(metric, &series.points);
        histograms += usize::from(one.get("histograms").is_some());
        gather.add(series);
    }
    if histograms > 0 {
        gather.warn(Warning::Histograms(histograms));
    }
}

/// Returns true for a counter, by its name and its values. A counter falls to little or nothing, and
/// seldom; some gauges have names of counters.
fn is_counter(metric: &str, points: &[(i64, f64)]) -> bool {
    let named = COUNTERS.iter().any(|end| metric.ends_with(end)) && !is_gauge(metric);
    let pairs = || points.iter().zip(points.iter().skip(1));
    let falls = pairs().filter(|(before, after)| after.1 < before.1).count();
    // A process that counts again from 0 has less than half of what it had before.
    let small = pairs().filter(|(before, after)| after.1 < 0.5 * before.1).count();
    named && falls == small && falls <= 1 + points.len() / 10
}

/// Returns a series' name, with those of its labels that differ between the series.
fn name(metric: &str, labels: &Map<String, Value>, all: &[Map<String, Value>]) -> String {
    let differs = |key: &str| {
        let own = labels.get(key);
        all.iter().any(|other| other.get(key) != own)
    };
    let told: Vec<String> = labels
        .iter()
        .filter(|(key, _)| *key != "__name__" && (metric.is_empty() || differs(key)))
        .filter_map(|(key, value)| Some(format!("{key}=\"{}\"", value.as_str()?)))
        .collect();
    match (metric.is_empty(), told.is_empty()) {
        (true, true) => "value".to_owned(),
        (_, true) => metric.to_owned(),
        (_, false) => format!("{metric}{{{}}}", told.join(", ")),
    }
}
