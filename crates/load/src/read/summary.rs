//! The totals of a load test, from the summary at its end.

use crate::warning::Warning;

/// A threshold: a condition that the test's script set, and whether the test met it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// The metric and its condition, such as `http_req_duration p(95)<500`; the metric alone where the file does not
    /// have the condition (the text of k6 before 1.0).
    pub name: String,
    /// True when the threshold held; where only a metric is marked, when all of its thresholds held.
    pub passed: bool,
    /// True when the file shows a sign that requests of the metric had no answer. k6 takes 0 for a
    /// missing value, so such a threshold usually holds.
    pub unanswered: bool,
}

/// The totals of a load test; in a file of Locust, those of the endpoint that was chosen, if any. The file has
/// no numbers over time, so no plateau can be found in it. A value is `None` when the file lacks it, or has one
/// that is known to be wrong, and it cannot be computed from others. [`Summary::warnings`] may have the reason.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// The path of the file, as it was given.
    pub source: String,
    /// Name of the format, such as `k6 summary (JSON)` or `autocannon`.
    pub format: &'static str,
    /// Number of requests, successful and failed. It is the number of iterations when the file has no
    /// requests ([`Warning::Iterations`]).
    pub requests: Option<u64>,
    /// Mean number of requests a second over the whole test, successful and failed.
    pub rps: Option<f64>,
    /// Number of failed requests in the whole test.
    pub failed: Option<u64>,
    /// Share of failed requests among all, from 0 to 1.
    pub error_rate: Option<f64>,
    /// Mean duration of requests, in milliseconds.
    pub avg_ms: Option<f64>,
    /// Median duration of requests, in milliseconds.
    pub med_ms: Option<f64>,
    /// 90th percentile of request durations, in milliseconds.
    pub p90_ms: Option<f64>,
    /// 95th percentile of request durations, in milliseconds.
    pub p95_ms: Option<f64>,
    /// 99th percentile of request durations, in milliseconds.
    pub p99_ms: Option<f64>,
    /// Longest duration of a request, in milliseconds.
    pub max_ms: Option<f64>,
    /// Largest number of virtual users, or the number of connections (autocannon, wrk, ab and others).
    pub vus_max: Option<f64>,
    /// Length of the test, in seconds.
    pub duration_s: Option<f64>,
    /// The thresholds of the test's script and their results; empty when there are none.
    pub thresholds: Vec<Threshold>,
    /// Facts about the summary that the user should know.
    pub warnings: Vec<Warning>,
}

impl Summary {
    /// Computes missing values from the others.
    pub(crate) fn complete(mut self) -> Self {
        if let (None, Some(requests), Some(rps)) = (self.duration_s, self.requests, self.rps)
            && rps > 0.0
        {
            self.duration_s = Some(requests as f64 / rps);
        }
        if let (None, Some(requests), Some(seconds)) = (self.rps, self.requests, self.duration_s)
            && seconds > 0.0
        {
            self.rps = Some(requests as f64 / seconds);
        }
        if let (None, Some(requests), Some(failed)) = (self.error_rate, self.requests, self.failed)
            && requests > 0
        {
            self.error_rate = Some(failed as f64 / requests as f64);
        }
        self
    }
}
