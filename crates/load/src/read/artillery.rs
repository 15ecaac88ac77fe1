//! Reads Artillery's report (`artillery run --output report.json`): counters and percentiles of
//! periods of ten seconds. Response times are in milliseconds. Tried with Artillery 2.0.

use super::periods::{self, Period};
use crate::error::Error;
use crate::timeline::Timeline;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// Length of a period, in milliseconds.
const PERIOD_MS: f64 = 10_000.0;

/// Returns true for a text that starts like Artillery's report.
pub(super) fn is_head(head: &[u8]) -> bool {
    let has = |what: &str| memchr::memmem::find(head, what.as_bytes()).is_some();
    has("\"counters\"") && (has("\"aggregate\"") || has("\"intermediate\""))
}

#[derive(Deserialize)]
struct Report {
    #[serde(default)]
    intermediate: Vec<Part>,
}

#[derive(Deserialize)]
struct Part {
    #[serde(default)]
    counters: BTreeMap<String, f64>,
    #[serde(default)]
    summaries: BTreeMap<String, BTreeMap<String, Option<f64>>>,
    #[serde(default)]
    period: serde_json::Value,
    #[serde(default, rename = "firstMetricAt")]
    first_at: Option<f64>,
    #[serde(default, rename = "lastMetricAt")]
    last_at: Option<f64>,
}

impl Part {
    fn counter(&self, name: &str) -> f64 {
        self.counters.get(name).copied().filter(|count| count.is_finite()).unwrap_or(0.0)
    }

    fn sum(&self, fits: impl Fn(&str) -> bool) -> f64 {
        let fitting = self.counters.iter().filter(|(name, _)| fits(name));
        fitting.map(|(_, count)| count).filter(|count| count.is_finite()).sum()
    }

    fn start_ms(&self) -> Option<f64> {
        let start = self.period.as_f64().or_else(|| self.period.as_str()?.parse().ok())?;
        (0.0..1e14).contains(&start).then_some(start)
    }
}

/// Returns true for the counter of responses with a status of 400 or more.
fn is_failed(name: &str) -> bool {
    let status = name.strip_prefix("http.codes.").and_then(|code| code.parse::<u16>().ok());
    status.is_some_and(|status| status >= 400)
}

/// Reads a report.
///
/// # Errors
///
/// Returns [`Error::Damaged`] when the report is not complete, and [`Error::NoRequests`] without a
/// period.
pub(super) fn read(text: &[u8], path: &Path) -> Result<Timeline, Error> {
    let report: Report = serde_json::from_slice(text).map_err(|error| Error::Damaged {
        path: path.to_owned(),
        at: format!("line {} column {}", error.line(), error.column()),
        expected: format!("{error}; expected a whole report of Artillery"),
    })?;
    let mut parts: Vec<(f64, &Part)> =
        report.intermediate.iter().filter_map(|part| Some((part.start_ms()?, part))).collect();
    parts.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (first, last) = (parts.first().map(|part| part.0), parts.last().map(|part| part.0));
    let mut users = 0.0;
    let mut periods = Vec::new();
    for (start, part) in &parts {
        users += part.counter("vusers.created")
            - part.counter("vusers.completed")
            - part.counter("vusers.failed");
        let failed = part.sum(is_failed) + part.sum(|name| name.starts_with("errors."));
        let ok = part.counter("http.responses") - part.sum(is_failed);
        // The first and the last period are shorter, because the test starts and ends within them.
        let within = |at: Option<f64>| at.filter(|at| (*start..=start + PERIOD_MS).contains(at));
        let from = within(part.first_at).filter(|_| Some(*start) == first).unwrap_or(*start);
        let end = start + PERIOD_MS;
        let to = within(part.last_at).filter(|_| Some(*start) == last).unwrap_or(end);
        let times = part.summaries.get("http.response_time");
        let time = |name: &str| {
            let known = times.and_then(|times| times.get(name).copied().flatten());
            known.filter(|value| value.is_finite()).unwrap_or(f64::NAN)
        };
        periods.push(Period {
            from_us: (from * 1e3) as i64,
            to_us: (to.max(from + 1.0) * 1e3) as i64,
            ok: ok.max(0.0),
            failed,
            vus: Some(f64::max(users, 0.0)),
            percentiles: [time("p50"), time("p95"), time("p99")],
        });
    }
    periods::timeline(&periods, path, "Artillery report")
}
