//! Metrics of k6 from which no timeline is built, in a file without requests and iterations.

use crate::error::Error;

/// The most names that are noted.
const MOST_NAMES: usize = 4;
/// The longest name that is noted, in bytes.
const LONGEST_NAME_BYTES: usize = 60;

/// Beginnings of the names of metrics that tests of HTTP have too, or that count no requests.
const USUAL: [&str; 7] =
    ["http_req", "iteration", "vus", "data_", "checks", "group_duration", "dropped_iterations"];

/// Names of metrics, such as `grpc_req_duration` and `ws_session_duration`.
#[derive(Clone, Debug, Default)]
pub(super) struct OtherMetrics(Vec<String>);

impl OtherMetrics {
    /// Notes the metric of a point.
    pub(super) fn see(&mut self, name: &[u8]) {
        let is_known = |known: &String| known.as_bytes() == name;
        if self.0.len() >= MOST_NAMES
            || name.len() > LONGEST_NAME_BYTES
            || self.0.iter().any(is_known)
        {
            return;
        }
        let Ok(name) = std::str::from_utf8(name) else { return };
        if !name.is_empty() && !USUAL.iter().any(|usual| name.starts_with(usual)) {
            self.0.push(name.to_owned());
        }
    }

    /// Returns the error of a test without requests with its likely reason, when metrics were noted.
    pub(super) fn explain(&self, error: Error) -> Error {
        match error {
            Error::NoRequests { path, .. } if !self.0.is_empty() => {
                Error::NoRequests { path, why: self.why() }
            }
            error => error,
        }
    }

    /// Returns the likely reason why a file has no requests, and the next step.
    pub(super) fn why(&self) -> String {
        if self.0.is_empty() {
            return "is it the whole file?".to_owned();
        }
        let names = self.0.join(", ");
        format!(
            "it has points of {names}, and neither http_req_duration nor iteration_duration. Requests \
             of gRPC, WebSockets and other protocols are not read; a test of them is read by its \
             iterations, for each of which k6 writes iteration_duration at its end. Let the iterations \
             end within the test and keep all metrics in the file, or give a CSV table with a row a \
             second (time,rps,p95_ms)"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_of_other_protocols_are_named() {
        let mut others = OtherMetrics::default();
        for name in ["vus", "http_req_waiting", "checks", "data_sent"] {
            others.see(name.as_bytes());
        }
        assert_eq!(others.why(), "is it the whole file?");
        for name in ["ws_connecting", "ws_session_duration", "ws_connecting"] {
            others.see(name.as_bytes());
        }
        assert!(others.why().starts_with("it has points of ws_connecting, ws_session_duration,"));
    }
}
