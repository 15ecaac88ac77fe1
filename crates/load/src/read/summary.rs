//! The totals of a load test, from the summary at its end.

use crate::warning::Warning;

/// A condition that the test's script set, and whether it held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// Metric and condition: `http_req_duration p(95)<500`. The text that k6 before 1.0 prints
    /// names the metric alone, and the mark there is for all of its conditions.
    pub name: String,
    /// True when the threshold held.
    pub passed: bool,
}

/// The totals of a load test. There is no timeline, so no plateau can be found. A value that the
/// summary lacks is `None`. Durations are in milliseconds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// The file's name as the user gave it.
    pub source: String,
    /// The summary's format: `k6 summary (JSON)`, `k6 summary (text)`, `autocannon`.
    pub format: &'static str,
    /// Number of requests, or of iterations when the test sent no requests (see `warnings`).
    pub requests: Option<u64>,
    /// Mean number of requests a second over the whole test.
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
    /// Largest number of virtual users (connections in autocannon).
    pub vus_max: Option<f64>,
    /// Length of the test, in seconds.
    pub duration_s: Option<f64>,
    /// The thresholds with their results.
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
