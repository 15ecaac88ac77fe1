//! Reads k6's summaries in JSON: `--summary-export` (flat), `handleSummary` (nested), and the
//! machine-readable one of k6 2.x (`results.metrics`, a list).

use super::contents::has;
use super::others::OtherProtocols;
use super::summary::{Summary, Threshold};
use crate::warning::Warning;
use serde_json::{Map, Value};

/// Returns true for a text that starts like one of k6's summaries.
pub(super) fn is_head(head: &[u8]) -> bool {
    let inside = ["http_req", "iteration", "vus", "data_received", "group_duration", "checks"];
    has(head, "\"metrics\"") && inside.iter().any(|name| has(head, name))
}

/// A metric: its name, its numbers and its thresholds, from any of the three shapes.
type Metric<'a> = (&'a str, &'a Map<String, Value>, Option<&'a Value>);

/// Reads the totals in `json`. Returns `None` when it is not k6's.
pub(super) fn read(json: &Value) -> Option<Summary> {
    let metrics: Vec<Metric<'_>> = match json.get("metrics") {
        Some(metrics) => metrics.as_object()?.iter().filter_map(named).collect(),
        None => {
            json.get("results")?.get("metrics")?.as_array()?.iter().filter_map(listed).collect()
        }
    };
    let number = |metric: &str, names: &[&str]| number(find(&metrics, metric)?, names);
    let http = find(&metrics, "http_reqs").is_some();
    let (count, duration) = if http {
        ("http_reqs", "http_req_duration")
    } else {
        ("iterations", "iteration_duration")
    };
    find(&metrics, count)?;
    let failed = http.then(|| failed(find(&metrics, "http_req_failed"))).flatten();
    let told = |part: &str, name: &str| json.get(part)?.get(name)?.as_f64();
    let state = told("state", "testRunDurationMs").map(|ms| ms / 1e3);
    let mut used = OtherProtocols::default();
    metrics.iter().for_each(|(name, ..)| used |= OtherProtocols::of_metric(name.as_bytes()));
    let others = used.warning().into_iter().collect();
    let summary = Summary {
        format: "k6 summary (JSON)",
        requests: number(count, &["count"]).map(|count| count as u64),
        rps: number(count, &["rate"]),
        failed,
        error_rate: http.then(|| number("http_req_failed", &["value", "rate"])).flatten(),
        avg_ms: number(duration, &["avg"]),
        med_ms: number(duration, &["med", "p(50)"]),
        p90_ms: number(duration, &["p(90)"]),
        p95_ms: number(duration, &["p(95)"]),
        p99_ms: number(duration, &["p(99)"]),
        max_ms: number(duration, &["max"]),
        vus_max: number("vus", &["max"]).or_else(|| number("vus_max", &["max"])),
        duration_s: state.or_else(|| told("config", "duration")),
        thresholds: metrics.iter().flat_map(thresholds).collect(),
        warnings: if http { others } else { vec![Warning::Iterations { successful: false }] },
        ..Summary::default()
    };
    Some(summary.complete())
}

/// Returns the numbers of the metric with this name.
fn find<'a>(metrics: &[Metric<'a>], wanted: &str) -> Option<&'a Map<String, Value>> {
    metrics.iter().find(|(name, ..)| *name == wanted).map(|metric| metric.1)
}

/// Returns the first of several numbers that a metric has, unless it is negative.
fn number(values: &Map<String, Value>, names: &[&str]) -> Option<f64> {
    names.iter().find_map(|name| values.get(*name)?.as_f64()).filter(|value| *value >= 0.0)
}

/// Reads a metric of the flat or the nested shape.
fn named<'a>((name, metric): (&'a String, &'a Value)) -> Option<Metric<'a>> {
    let flat = metric.as_object()?;
    let values = flat.get("values").and_then(Value::as_object).unwrap_or(flat);
    Some((name, values, flat.get("thresholds")))
}

fn listed(metric: &Value) -> Option<Metric<'_>> {
    let name = metric.get("name")?.as_str()?;
    Some((name, metric.get("values")?.as_object()?, metric.get("thresholds")))
}

/// Returns the number of failed requests. `passes` counts the points with the value 1, which are
/// failures.
fn failed(rate: Option<&Map<String, Value>>) -> Option<u64> {
    let rate = rate?;
    rate.get("passes").or_else(|| rate.get("matches")).and_then(Value::as_u64)
}

/// Reads thresholds. In `{"p(95)<50": true}` true means that it was crossed; in `{"ok": true}` true
/// means that it held.
fn thresholds((name, values, all): &Metric<'_>) -> Vec<Threshold> {
    let number = |name: &str| values.get(name).and_then(Value::as_f64);
    let unanswered = match (number("max"), number("passes")) {
        (Some(max), None) => max == 0.0 && name.contains("duration"),
        (None, Some(passes)) => passes == 0.0 && number("fails") == Some(0.0),
        _ => false,
    };
    let all = all.and_then(Value::as_object).into_iter().flatten();
    all.filter_map(|(condition, result)| {
        let passed = match result {
            Value::Bool(crossed) => !crossed,
            _ => result.get("ok")?.as_bool()?,
        };
        Some(Threshold { name: format!("{name} {condition}"), passed, unanswered })
    })
    .collect()
}
