//! Reads the output of `oha --output-format json`: totals only.
//!
//! `successRate` is the share of requests with any answer, whatever its status. Failures are
//! therefore counted from the statuses and the errors. `rps` is a distribution over moments; the
//! rate of the test is `requestsPerSec`. Tried with oha 1.16.

use super::contents::has;
use super::summary::Summary;
use serde_json::Value;

/// The name that oha gives to requests which it ended itself at the end of the test.
pub(super) const DEADLINE: &str = "aborted due to deadline";

/// Returns true for a text that starts like oha's output.
pub(super) fn is_head(head: &[u8]) -> bool {
    has(head, "\"summary\"") && has(head, "\"successRate\"") && has(head, "\"requestsPerSec\"")
}

/// Reads the totals in `json`. Returns `None` when it is not oha's.
pub(super) fn read(json: &Value) -> Option<Summary> {
    let totals = json.get("summary")?;
    totals.get("successRate")?;
    let seconds = |name: &str| totals.get(name).and_then(Value::as_f64);
    let percentile = |name: &str| {
        json.get("latencyPercentiles")?.get(name)?.as_f64().map(|seconds| seconds * 1e3)
    };
    let sum = |name: &str, fits: &dyn Fn(&str) -> bool| -> u64 {
        let counts = json.get(name).and_then(Value::as_object);
        let fitting = counts.into_iter().flatten().filter(|(key, _)| fits(key));
        fitting.filter_map(|(_, count)| count.as_u64()).fold(0, u64::saturating_add)
    };
    let answered = sum("statusCodeDistribution", &|_| true);
    let refused = sum("statusCodeDistribution", &|status| {
        status.parse::<u16>().is_ok_and(|status| status >= 400)
    });
    let errors = sum("errorDistribution", &|error| error != DEADLINE);
    let all = answered.saturating_add(errors);
    let summary = Summary {
        format: "oha",
        requests: Some(all),
        failed: Some(refused.saturating_add(errors)),
        avg_ms: seconds("average").map(|seconds| seconds * 1e3),
        med_ms: percentile("p50"),
        p90_ms: percentile("p90"),
        p95_ms: percentile("p95"),
        p99_ms: percentile("p99"),
        max_ms: seconds("slowest").map(|seconds| seconds * 1e3),
        duration_s: seconds("total"),
        ..Summary::default()
    };
    Some(summary.complete())
}
