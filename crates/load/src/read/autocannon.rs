//! `autocannon -j`: one JSON object, totals only.

use super::summary::Summary;
use super::time;
use serde_json::Value;

/// True for a text that starts like autocannon's.
pub(super) fn is_head(head: &[u8]) -> bool {
    let has = |what: &str| memchr::memmem::find(head, what.as_bytes()).is_some();
    has("\"p97_5\"") && has("\"throughput\"") && has("\"latency\"")
}

/// The totals in `json`; `None` when it is not autocannon's.
pub(super) fn read(json: &Value) -> Option<Summary> {
    let latency = json.get("latency")?.as_object()?;
    let requests = json.get("requests")?.as_object()?;
    json.get("throughput")?;
    let number = |name: &str| json.get(name).and_then(Value::as_f64);
    let milliseconds = |name: &str| latency.get(name).and_then(Value::as_f64);
    let clock = |name: &str| {
        let text = json.get(name)?.as_str()?;
        Some(time::written(text.as_bytes())?.us as f64 / 1e6)
    };
    let took = clock("start").zip(clock("finish")).map(|(start, finish)| finish - start);
    // Errors are connections that failed (time-outs are among them) and have no
    // response; `total` counts responses.
    let errors = number("errors");
    let answered = requests.get("total").and_then(Value::as_f64);
    let failed = errors.zip(number("non2xx")).map(|(errors, other)| errors + other);
    let all = answered.map(|answered| answered + errors.unwrap_or(0.0));
    let count = |value: f64| (value >= 0.0).then_some(value as u64);
    let summary = Summary {
        format: "autocannon",
        requests: all.and_then(count),
        failed: failed.and_then(count),
        avg_ms: milliseconds("average").or_else(|| milliseconds("mean")),
        med_ms: milliseconds("p50"),
        p90_ms: milliseconds("p90"),
        p95_ms: milliseconds("p95"),
        p99_ms: milliseconds("p99"),
        max_ms: milliseconds("max"),
        vus_max: number("connections"),
        duration_s: number("duration").or(took),
        ..Summary::default()
    };
    Some(summary.complete())
}
