//! Metrics of k6 from which no timeline is built.

use crate::error::Error;
use crate::warning::Warning;
use std::ops::BitOrAssign;

/// The most names that are noted.
const MOST_NAMES: usize = 4;
/// The longest name that is noted, in bytes.
const LONGEST_NAME_BYTES: usize = 60;

/// Protocols whose messages are not counted as requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct OtherProtocols {
    web_sockets: bool,
    browser: bool,
    calls: bool,
    streams: bool,
}

impl OtherProtocols {
    /// Returns the protocol of a metric from which no timeline is built.
    pub(super) fn of_metric(name: &[u8]) -> Self {
        Self {
            web_sockets: name.starts_with(b"ws_"),
            browser: name.starts_with(b"browser_"),
            calls: name.starts_with(b"grpc_req_"),
            streams: name.starts_with(b"grpc_streams"),
        }
    }

    /// Returns a warning for numbers that only contain other requests; `None` when there are none of these.
    pub(super) fn warning(self) -> Option<Warning> {
        let all = [
            (self.web_sockets, "WebSockets"),
            (self.browser, "k6's browser"),
            (self.calls, "calls of gRPC"),
            (self.streams, "streams of gRPC"),
        ];
        let names: Vec<&'static str> =
            all.into_iter().filter(|(used, _)| *used).map(|(_, name)| name).collect();
        (!names.is_empty()).then_some(Warning::OtherProtocols { names })
    }
}

impl BitOrAssign for OtherProtocols {
    fn bitor_assign(&mut self, other: Self) {
        self.web_sockets |= other.web_sockets;
        self.browser |= other.browser;
        self.calls |= other.calls;
        self.streams |= other.streams;
    }
}

/// Beginnings of the names of metrics that tests of HTTP have too, or that count no requests.
const USUAL: [&str; 7] =
    ["http_req", "iteration", "vus", "data_", "checks", "group_duration", "dropped_iterations"];

/// Names of metrics, such as `ws_session_duration`.
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
            "it has points of {names}, and none of http_req_duration, grpc_req_duration and \
             iteration_duration. Messages of WebSockets and other protocols are not read; a test of them is \
             read by its iterations, for each of which k6 writes iteration_duration at its end. Let the iterations \
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
