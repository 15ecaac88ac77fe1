//! The totals of a load test, as its end-of-test summary tells them.

/// A threshold and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// Metric and condition: `http_req_duration p(95)<500`.
    pub name: String,
    /// True when it held.
    pub passed: bool,
}

/// The totals of a load test; no timeline, so no plateau can be found in them. What
/// the summary does not tell is `None`. Durations are milliseconds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// The file's name as the user gave it.
    pub source: String,
    /// What wrote it: `k6 summary (JSON)`, `k6 summary (text)`, `autocannon`.
    pub format: &'static str,
    /// Requests, or iterations where the test sent none (see `warnings`).
    pub requests: Option<u64>,
    /// Requests a second.
    pub rps: Option<f64>,
    /// Failed requests.
    pub failed: Option<u64>,
    /// Failed requests as a share of all.
    pub error_rate: Option<f64>,
    /// Mean duration.
    pub avg_ms: Option<f64>,
    /// Median.
    pub med_ms: Option<f64>,
    /// 90th percentile.
    pub p90_ms: Option<f64>,
    /// 95th percentile.
    pub p95_ms: Option<f64>,
    /// 99th percentile.
    pub p99_ms: Option<f64>,
    /// Longest duration.
    pub max_ms: Option<f64>,
    /// Most virtual users (connections, in autocannon).
    pub vus_max: Option<f64>,
    /// How long the test took, in seconds.
    pub duration_s: Option<f64>,
    /// Thresholds.
    pub thresholds: Vec<Threshold>,
    /// What the user should know, a sentence each.
    pub warnings: Vec<String>,
}

impl Summary {
    /// Fills what follows from the rest.
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

    pub(crate) const ITERATIONS: &str =
        "the test sent no HTTP requests: its iterations stand for requests";
}
