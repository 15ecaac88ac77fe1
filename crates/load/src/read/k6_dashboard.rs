//! Reads the page of k6's web dashboard (`K6_WEB_DASHBOARD_EXPORT=page.html`) and its recording
//! (`K6_WEB_DASHBOARD_RECORD=events.ndjson`). Both have one line of JSON for each event; in the page,
//! a script element contains them as base64 of gzip. Tried with k6 1.1.
//!
//! A snapshot is a list in the order of the metrics' names, and each of its entries is a list in the
//! order that the event `param` gives for a metric of that type. The extension that came before k6
//! 0.49 wrote objects with names instead of both lists.

use super::contents::has;
use super::periods::{self, Period};
use crate::error::Error;
use crate::flights::SECOND_US;
use crate::timeline::Timeline;
use data_encoding::BASE64;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

/// Largest size of the page in bytes. The page of a test of a day has a few MiB.
pub(super) const LONGEST_PAGE: u64 = 64 << 20;
/// Largest size of the page's data in bytes after unpacking, which bounds the memory that a hostile
/// page can ask for.
const LONGEST_DATA: u64 = 512 << 20;

const MARK: &[u8] = b"<script id=\"data\" type=\"application/json";

/// Returns true for a page of k6's dashboard.
pub(super) fn is_head(head: &[u8]) -> bool {
    has(head, b"<html")
        && (has(head, b"k6 report")
            || has(head, b"k6 dashboard")
            || has(head, b"Raintank, Inc. dba Grafana"))
}

/// Returns true for the beginning of a recording of the dashboard's events.
pub(super) fn is_recording(head: &[u8]) -> bool {
    let first = head.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let is_event = first.starts_with(b"{\"event\":") && has(first, b"\"data\":");
    let events = ["param", "config", "metric", "start", "snapshot"];
    is_event && events.iter().any(|event| has(first, format!("\"event\":\"{event}\"")))
}

#[derive(Deserialize)]
struct Event {
    event: String,
    data: Value,
}

/// Reads the page or the recording.
///
/// # Errors
///
/// Returns [`Error::Damaged`] when the data are missing or broken.
pub(super) fn read(file: &[u8], path: &Path) -> Result<Timeline, Error> {
    let damaged = |at: &str, expected: &str| Error::Damaged {
        path: path.to_owned(),
        at: at.to_owned(),
        expected: expected.to_owned(),
    };
    if is_recording(file) {
        return timeline(file, path, false);
    }
    let packed = memchr::memmem::find(file, MARK)
        .and_then(|at| file.get(at..))
        .and_then(|rest| rest.get(memchr::memchr(b'>', rest)? + 1..))
        .and_then(|rest| rest.get(..memchr::memchr(b'<', rest)?))
        .ok_or_else(|| {
            damaged(
                "the page",
                "no data in it: export it at the end of the test, with K6_WEB_DASHBOARD_EXPORT",
            )
        })?;
    let packed = BASE64
        .decode(packed.trim_ascii())
        .map_err(|_| damaged("its data", "they are not base64"))?;
    let mut text = Vec::new();
    (flate2::read::GzDecoder::new(packed.as_slice()).take(LONGEST_DATA).read_to_end(&mut text))
        .map_err(|_| damaged("its data", "they are not whole gzip"))?;
    timeline(&text, path, true)
}

/// Makes the timeline of events. When `whole` is false, the last line may be cut, because the test
/// may still run.
fn timeline(text: &[u8], path: &Path, whole: bool) -> Result<Timeline, Error> {
    let mut snapshots = Snapshots::default();
    let mut before_us = None;
    let mut periods = Vec::new();
    let mut lines =
        text.split(|&byte| byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).peekable();
    while let Some(line) = lines.next() {
        let event: Event = match serde_json::from_slice(line) {
            Ok(event) => event,
            Err(_) if !whole && lines.peek().is_none() => break,
            Err(_) => {
                return Err(Error::Damaged {
                    path: path.to_owned(),
                    at: "its data".to_owned(),
                    expected: "a line of them is not an event of k6".to_owned(),
                });
            }
        };
        match event.event.as_str() {
            "param" => snapshots.name_values(&event.data),
            "metric" => snapshots.add_metrics(&event.data),
            "start" => before_us = first_time_us(&event.data),
            "snapshot" => periods.extend(snapshots.period(&event.data, &mut before_us)),
            _ => {}
        }
    }
    periods::timeline(&periods, path, "k6 dashboard")
}

/// The names for the values of snapshots that are lists.
#[derive(Default)]
struct Snapshots {
    /// The type of each metric: `trend`, `counter`, `rate` or `gauge`.
    types: BTreeMap<String, String>,
    /// The names of the values of each type, in their order.
    names: BTreeMap<String, Vec<String>>,
}

/// The values of each type of metric in the order in which k6 writes them.
const USUAL: [(&str, &[&str]); 4] = [
    ("counter", &["count", "rate"]),
    ("gauge", &["value"]),
    ("rate", &["rate"]),
    ("trend", &["avg", "max", "med", "min", "p(90)", "p(95)", "p(99)"]),
];

impl Snapshots {
    fn name_values(&mut self, data: &Value) {
        if let Some(names) = data.get("aggregates") {
            self.names = BTreeMap::deserialize(names).unwrap_or_default();
        }
    }

    fn add_metrics(&mut self, data: &Value) {
        for (name, about) in data.as_object().into_iter().flatten() {
            let kind = about.get("type").and_then(Value::as_str).unwrap_or_default();
            self.types.insert(name.clone(), kind.to_owned());
        }
    }

    /// Returns a value of a metric in a snapshot, such as `p(95)` of `http_req_duration`.
    fn value(&self, snapshot: &Value, metric: &str, name: &str) -> Option<f64> {
        if let Value::Object(metrics) = snapshot {
            return number(metrics.get(metric)?.get(name)?);
        }
        let place = self.types.keys().position(|known| known == metric)?;
        let kind = self.types.get(metric)?;
        let at = match self.names.get(kind) {
            Some(names) => names.iter().position(|known| known == name)?,
            None => {
                let (_, names) = USUAL.iter().find(|(known, _)| known == kind)?;
                names.iter().position(|known| *known == name)?
            }
        };
        number(snapshot.get(place)?.get(at)?)
    }

    /// Returns the period that ends with a snapshot, and stores its end in `before_us`.
    fn period(&self, snapshot: &Value, before_us: &mut Option<i64>) -> Option<Period> {
        let value = |metric: &str, name: &str| self.value(snapshot, metric, name);
        let to_us = value("time", "value").map(|ms| (ms * 1e3).round() as i64)?;
        let from_us = before_us.replace(to_us).unwrap_or(to_us - SECOND_US);
        let all = value("http_reqs", "count").unwrap_or(0.0);
        let failed = all * value("http_req_failed", "rate").unwrap_or(0.0).clamp(0.0, 1.0);
        // The durations of k6's dashboard are those of all requests.
        let has_succeeded = all - failed >= 0.5;
        let time =
            |name| value("http_req_duration", name).filter(|_| has_succeeded).unwrap_or(f64::NAN);
        Some(Period {
            from_us: from_us.min(to_us - 1),
            to_us,
            ok: all - failed,
            failed,
            wanted: None,
            dropped: value("dropped_iterations", "count").unwrap_or(0.0),
            vus: value("vus", "value"),
            percentiles: [time("med"), time("p(95)"), time("p(99)")],
            mean_ms: time("avg"),
        })
    }
}

/// Returns the time of the event `start`: a list within a list, or an object of the name `time`.
fn first_time_us(data: &Value) -> Option<i64> {
    let time = data.get(0).and_then(|time| time.get(0));
    let time = time.or_else(|| data.get("time").and_then(|time| time.get("value")));
    time.and_then(number).map(|ms| (ms * 1e3).round() as i64)
}

fn number(value: &Value) -> Option<f64> {
    value.as_f64().filter(|value| value.is_finite() && (0.0..1e15).contains(value))
}
