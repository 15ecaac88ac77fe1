//! Performance Insights: `aws pi get-resource-metrics`.

use super::gather::{Reach, Series, SeriesCollector};
use serde_json::Value;

/// Reads an answer. It may contain a metric as a whole, and again for each value of the dimension
/// by which it was grouped, such as a wait event.
pub(super) fn read(value: &Value, gather: &mut SeriesCollector) {
    gather.format = "Performance Insights get-resource-metrics";
    gather.goes_on = value.get("NextToken").and_then(Value::as_str).is_some();
    let start = value.get("AlignedStartTime").and_then(|time| gather.moment(time));
    for metric in value.get("MetricList").and_then(Value::as_array).into_iter().flatten() {
        let key = metric.get("Key");
        let name =
            key.and_then(|key| key.get("Metric")).and_then(Value::as_str).unwrap_or("metric");
        let mut series = Series::new(name.to_owned() + &dimensions(key, false))
            .known_as(dimensions(key, true).trim_start());
        if is_in_kilobytes(name) {
            series = series.measured_in(Some("KiB"));
        }
        let mut first = None;
        for point in metric.get("DataPoints").and_then(Value::as_array).into_iter().flatten() {
            let time = point.get("Timestamp").and_then(|time| gather.moment(time));
            first = first.into_iter().chain(time).min();
            // A period without samples has no value.
            if let (Some(us), Some(value)) = (time, point.get("Value").and_then(Value::as_f64)) {
                series.points.push((us, value));
            }
        }
        // A period's time is its end when the first period lies after the start of the answer.
        let at_start = first.zip(start).is_none_or(|(first, start)| first <= start);
        series.reach = if at_start { Reach::Forward } else { Reach::Backward };
        gather.add(series);
    }
}

/// Returns true for the counters of the operating system's memory, which are in kilobytes. Those of
/// the database's processes are in bytes, and those of huge pages are numbers of pages.
fn is_in_kilobytes(name: &str) -> bool {
    let rest = name.strip_prefix("os.memory.").or_else(|| name.strip_prefix("os.swap."));
    rest.is_some_and(|rest| {
        let counts = rest.starts_with("hugePages") && !rest.starts_with("hugePagesSize");
        !counts && !rest.starts_with("db.") && !rest.starts_with("outOfMemory")
    })
}

/// Returns the values of the dimensions in braces: ` {io/table/sql/handler}`. An id is left out
/// when there is a name.
fn dimensions(key: Option<&Value>, only_ids: bool) -> String {
    let Some(Value::Object(all)) = key.and_then(|key| key.get("Dimensions")) else {
        return String::new();
    };
    let values = |ids: bool| -> Vec<&str> {
        let chosen = all.iter().filter(|(name, _)| name.ends_with(".id") == ids);
        chosen.filter_map(|(_, value)| value.as_str()).collect()
    };
    let named = if only_ids { values(true) } else { values(false) };
    let shown = if named.is_empty() { values(true) } else { named };
    if shown.is_empty() { String::new() } else { format!(" {{{}}}", shown.join(", ")) }
}
