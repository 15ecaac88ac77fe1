//! The parts of a test that a file may lack.

use spikeflame_load::{Latencies, LatencySummary, Second, Timeline};

/// The form in which the finder gets a test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Form {
    /// Every request.
    Requests,
    /// A table with requests, errors, users and percentiles of each second.
    Table,
    /// Such a table without users.
    NoUsers,
    /// Such a table without percentiles.
    NoDurations,
}

impl Form {
    pub(crate) const NAMES: [&str; 4] = ["requests", "table", "no-vus", "no-durations"];

    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "" | "requests" => Some(Self::Requests),
            "table" => Some(Self::Table),
            "no-vus" => Some(Self::NoUsers),
            "no-durations" => Some(Self::NoDurations),
            _ => None,
        }
    }

    /// Returns the test as a file of this form shows it.
    pub(crate) fn shown_by(self, timeline: Timeline) -> Timeline {
        if self == Self::Requests {
            return timeline;
        }
        let seconds = timeline.seconds.iter().map(|second| self.row(second)).collect();
        Timeline { seconds, first: Vec::new(), ..timeline }
    }

    fn row(self, second: &Second) -> Second {
        let quantile = |q| second.latencies.quantile_ms(q).unwrap_or(f64::NAN);
        let told =
            LatencySummary { p50: f64::NAN, p95: quantile(0.95), p99: f64::NAN, mean: f64::NAN };
        Second {
            started: second.requests(),
            in_flight: None,
            in_flight_unanswered: 0.0,
            unanswered: 0.0,
            dropped: 0.0,
            latencies: Latencies::default(),
            vus: second.vus.filter(|_| self != Self::NoUsers),
            latency_summary: Some(told).filter(|_| self != Self::NoDurations),
            ..second.clone()
        }
    }
}
