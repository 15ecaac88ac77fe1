//! Metrics of CloudWatch in lines of JSON, one event a line: embedded metrics, with `_aws`, as programs on Lambda and
//! ECS log them, and metric streams (Data Firehose to S3).

use super::gather::{Reach, Series, SeriesCollector};
use super::services::{id, list, number, text};
use serde_json::Value;
use std::collections::BTreeMap;

/// Words in every event.
pub(super) const MARKS: [&[u8]; 2] = [b"CloudWatchMetrics", b"metric_stream_name"];

/// Keys of the line that a program printed, as docker and collectors pack it.
const LOG_KEYS: [&str; 4] = ["log", "message", "@message", "MESSAGE"];

/// The measurements of one metric with the same dimensions and unit: their sum and number, by time.
type Moments = BTreeMap<i64, (f64, f64)>;

/// The metrics of all lines. CloudWatch adds up events of one time, and so does this collection.
#[derive(Default)]
pub(super) struct EventMetrics {
    /// The measurements by name, dimensions and unit, each with its place in the order of the file.
    metrics: BTreeMap<(String, String, Option<String>), (usize, Moments)>,
    /// The time to which a value applies.
    reach: Reach,
}

impl EventMetrics {
    /// Returns true for a line of one of the two formats.
    pub(super) fn is_event(value: &Value) -> bool {
        value.get("_aws").is_some() || value.get("metric_stream_name").is_some()
    }

    /// Reads a line.
    pub(super) fn line(&mut self, value: &Value, gather: &mut SeriesCollector) {
        match value.get("_aws") {
            Some(_) => self.embedded(value, gather),
            None => self.streamed(value, gather),
        }
    }

    /// Reads a line of embedded metrics. A metric is a number, a list of those that were measured in the same moment,
    /// or an object with their sum and number.
    fn embedded(&mut self, value: &Value, gather: &mut SeriesCollector) {
        gather.format = "CloudWatch embedded metrics";
        let time = value.pointer("/_aws/Timestamp");
        let Some(us) = time.and_then(|time| gather.moment(time)) else { return };
        for group in list(value, "/_aws/CloudWatchMetrics") {
            let keys = list(group, "/Dimensions/0").filter_map(Value::as_str);
            let id = id(keys.filter_map(|key| value.get(key)));
            for metric in list(group, "/Metrics") {
                let name = text(metric, "/Name");
                let measured = value.get(name).and_then(measured);
                let unit = metric.get("Unit").and_then(Value::as_str);
                self.add((name, &id, unit), us, measured);
            }
        }
    }

    /// Reads a line of a metric stream: the sum, the number, and the extremes of the samples of one period. Its time is
    /// the start of the period.
    fn streamed(&mut self, value: &Value, gather: &mut SeriesCollector) {
        gather.format = "CloudWatch metric stream";
        self.reach = Reach::Forward;
        let us = value.get("timestamp").and_then(|time| gather.moment(time));
        let (Some(us), Some(samples)) = (us, value.get("value")) else { return };
        let dimensions = value.get("dimensions").and_then(Value::as_object);
        let dimensions = dimensions.map(|all| id(all.values())).unwrap_or_default();
        let id = format!("{} {dimensions}", text(value, "/namespace"));
        let name = text(value, "/metric_name");
        let unit = value.get("unit").and_then(Value::as_str);
        self.add((name, id.trim(), unit), us, sum_and_count(samples, "sum", "count"));
        let most = samples.get("max").and_then(number);
        let most_name = format!("{name} (maximum)");
        self.add((&most_name, id.trim(), unit), us, most.map(|most| (most, 1.0)));
    }

    /// Adds measurements, by their sum and number, to the metric with this name, these dimensions and this unit.
    fn add(
        &mut self,
        (name, id, unit): (&str, &str, Option<&str>),
        us: i64,
        measured: Option<(f64, f64)>,
    ) {
        let Some((sum, count)) = measured else { return };
        let key = (name.to_owned(), id.to_owned(), unit.map(str::to_owned));
        let place = self.metrics.len();
        let (_, moments) = self.metrics.entry(key).or_insert_with(|| (place, Moments::new()));
        let all = moments.entry(us).or_default();
        *all = (all.0 + sum, all.1 + count);
    }

    /// Adds a series for each metric, with the mean of each time.
    pub(super) fn finish(self, gather: &mut SeriesCollector) {
        let mut metrics: Vec<_> = self.metrics.into_iter().collect();
        metrics.sort_by_key(|(_, (place, _))| *place);
        for ((name, id, unit), (_, moments)) in metrics {
            let points = moments.into_iter().map(|(us, (sum, count))| (us, sum / count)).collect();
            let series = Series::new(name).known_as(id).measured_in(unit.as_deref());
            gather.add(Series { points, reach: self.reach, ..series });
        }
    }
}

/// Returns the events in the lines of a log, one a line: behind a prefix, as `aws logs tail` and docker compose write it,
/// or as the text of docker's JSON. `None` for a file that begins with an event or an answer, and for one without events.
pub(super) fn in_lines(text: &[u8]) -> Option<String> {
    let is_marked =
        |text: &[u8]| MARKS.iter().any(|mark| memchr::memmem::find(text, mark).is_some());
    if !is_marked(text) {
        return None;
    }
    let first = serde_json::Deserializer::from_slice(text).into_iter::<Value>().next();
    if let Some(Ok(first)) = first
        && (first.is_array() || first.get("events").is_some() || EventMetrics::is_event(&first))
    {
        return None;
    }
    let text = String::from_utf8_lossy(text);
    let events = text.lines().filter(|line| is_marked(line.as_bytes())).filter_map(|line| {
        let event: Value = serde_json::from_str(line.get(line.find('{')?..)?.trim_end()).ok()?;
        if EventMetrics::is_event(&event) {
            return Some(event.to_string());
        }
        let packed = LOG_KEYS.iter().find_map(|key| event.get(*key)?.as_str());
        packed.filter(|text| text.starts_with('{')).map(|text| text.trim_end().to_owned())
    });
    let events: Vec<String> = events.collect();
    (!events.is_empty()).then(|| events.join("\n"))
}

/// Returns the sum and the number of the measurements of a metric in one line; `None` without any.
fn measured(value: &Value) -> Option<(f64, f64)> {
    match value {
        Value::Array(all) => {
            let numbers: Vec<f64> = all.iter().filter_map(number).collect();
            (!numbers.is_empty()).then(|| (numbers.iter().sum(), numbers.len() as f64))
        }
        // The exporter of OpenTelemetry writes histograms in this form.
        Value::Object(_) => sum_and_count(value, "Sum", "Count"),
        one => Some((number(one)?, 1.0)),
    }
}

fn sum_and_count(set: &Value, sum: &str, count: &str) -> Option<(f64, f64)> {
    let (sum, count) = (number(set.get(sum)?)?, number(set.get(count)?)?);
    (count > 0.0).then_some((sum, count))
}
