//! CloudWatch: `aws cloudwatch get-metric-data` and `get-metric-statistics`. A time is
//! the start of the period that its value stands for.

use super::Warning;
use super::gather::{Reach, Series, SeriesCollector};
use serde_json::Value;

/// The statistics that a data point may have.
const STATISTICS: [&str; 5] = ["Average", "Maximum", "Minimum", "Sum", "SampleCount"];

/// Reads the answer of `get-metric-data`: times and values in two lists, the latest first.
pub(super) fn data(value: &Value, gather: &mut SeriesCollector) {
    gather.format = "CloudWatch get-metric-data";
    gather.goes_on = value.get("NextToken").and_then(Value::as_str).is_some();
    let results = value.get("MetricDataResults").and_then(Value::as_array);
    let results = results.map(Vec::as_slice).unwrap_or_default();
    let text = |result: &Value, key: &str| {
        result.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    for result in results {
        let (label, id) = (text(result, "Label"), text(result, "Id"));
        // Two instances may have one label; their ids differ.
        let name = if label.is_empty() { id.clone() } else { label };
        if text(result, "StatusCode") == "PartialData" {
            gather.warn(Warning::Incomplete { metric: name.clone() });
        }
        let list = |key: &str| result.get(key).and_then(Value::as_array).into_iter().flatten();
        let mut series = Series { reach: Reach::Forward, ..Series::new(name).known_as(id) };
        gather.pair(&series.name, list("Timestamps").count(), list("Values").count());
        for (time, value) in list("Timestamps").zip(list("Values")) {
            if let (Some(us), Some(value)) = (gather.moment(time), value.as_f64()) {
                series.points.push((us, value));
            }
        }
        if series.points.is_empty() {
            gather.no_values(&series);
        }
        gather.add(series);
    }
}

/// Reads the answer of `get-metric-statistics`: data points in any order, each with one or more
/// statistics.
pub(super) fn statistics(value: &Value, gather: &mut SeriesCollector) {
    gather.format = "CloudWatch get-metric-statistics";
    let label = value.get("Label").and_then(Value::as_str).unwrap_or("metric");
    let points = value.get("Datapoints").and_then(Value::as_array);
    let points = points.map(Vec::as_slice).unwrap_or_default();
    // A metric of one's own may have been sent in two units, which are separate series.
    let unit =
        |point: &'_ Value| point.get("Unit").and_then(Value::as_str).unwrap_or("").to_owned();
    let mut units: Vec<String> = points.iter().map(unit).collect();
    units.sort();
    units.dedup();
    let mut names: Vec<&str> = STATISTICS.to_vec();
    for point in points {
        let extended = point.get("ExtendedStatistics").and_then(Value::as_object);
        for name in extended.into_iter().flat_map(|all| all.keys()) {
            if !names.contains(&name.as_str()) && names.len() < 30 {
                names.push(name);
            }
        }
    }
    let pairs = names.iter().flat_map(|name| units.iter().map(move |unit| (*name, unit.as_str())));
    for (name, in_unit) in pairs {
        let named = format!("{label} ({})", name.to_lowercase());
        let measured = if name == "SampleCount" { None } else { Some(in_unit) };
        let series = Series::new(named).measured_in(measured).known_as(in_unit.to_lowercase());
        let mut series = Series { reach: Reach::Forward, ..series };
        for point in points.iter().filter(|point| unit(point) == in_unit) {
            let value = point.get(name).or_else(|| point.get("ExtendedStatistics")?.get(name));
            let time = point.get("Timestamp").and_then(|time| gather.moment(time));
            if let (Some(us), Some(value)) = (time, value.and_then(Value::as_f64)) {
                series.points.push((us, value));
            }
        }
        gather.add(series);
    }
}
