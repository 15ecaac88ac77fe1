//! Reads Artillery's report (`artillery run --output report.json`): counters and percentiles of
//! periods of ten seconds. Response times are in milliseconds. Tried with Artillery 2.0. A report without
//! periods has totals only, and so have reports of Artillery 1, which name their counters differently.

use super::Load;
use super::contents::has;
use super::periods::{self, Period};
use super::summary::Summary;
use crate::error::Error;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// Length of a period, in milliseconds.
const PERIOD_MS: f64 = 10_000.0;

/// Returns true for a text that starts like Artillery's report.
pub(super) fn is_head(head: &[u8]) -> bool {
    let of_first = has(head, "\"requestsCompleted\"") && has(head, "\"scenariosCreated\"");
    (has(head, "\"counters\"") || of_first)
        && (has(head, "\"aggregate\"") || has(head, "\"intermediate\""))
}

#[derive(Deserialize)]
struct Report {
    #[serde(default)]
    intermediate: Vec<PeriodReport>,
    #[serde(default)]
    aggregate: Option<Aggregate>,
}

/// The totals of the whole test.
#[derive(Deserialize)]
struct Aggregate {
    #[serde(flatten)]
    part: PeriodReport,
    /// The counters and times of Artillery 1.
    #[serde(default, rename = "requestsCompleted")]
    completed: Option<f64>,
    #[serde(default)]
    codes: BTreeMap<String, f64>,
    #[serde(default)]
    errors: BTreeMap<String, f64>,
    #[serde(default)]
    latency: BTreeMap<String, Option<f64>>,
}

/// Returns the sum of the counters whose names fit.
fn sum(counters: &BTreeMap<String, f64>, fits: impl Fn(&str) -> bool) -> f64 {
    let fitting = counters.iter().filter(|(name, _)| fits(name));
    fitting.map(|(_, count)| count).filter(|count| count.is_finite()).sum()
}

impl Aggregate {
    /// Returns the totals; `None` without a request.
    fn summary(&self, path: &Path) -> Option<Summary> {
        let Self { part, .. } = self;
        let is_code = |name: &str| name.starts_with("http.codes.");
        let is_error = |status: &str| status.parse::<u16>().is_ok_and(|status| status >= 400);
        let codes = part.sum(is_code) + sum(&self.codes, |_| true);
        let answered = part.counter("http.responses").max(self.completed.unwrap_or(0.0)).max(codes);
        let broken = part.sum(|name| name.starts_with("errors.")) + sum(&self.errors, |_| true);
        let sent = Some(part.counter("http.requests")).filter(|sent| *sent >= answered.max(1.0));
        // A failed check of an answer is an error, too, so errors are no requests of their own.
        let requests = sent.unwrap_or(answered + broken);
        if requests < 1.0 {
            return None;
        }
        let refused = part.sum(is_failed) + sum(&self.codes, is_error);
        let failed = (refused + broken).min(requests);
        let times = part.summaries.get("http.response_time").unwrap_or(&self.latency);
        let time = |name: &str| times.get(name).copied().flatten().filter(|ms| ms.is_finite());
        let length = part.last_at.zip(part.first_at).map(|(last, first)| (last - first) / 1e3);
        let summary = Summary {
            source: path.display().to_string(),
            format: "Artillery's totals",
            requests: Some(requests as u64),
            // Without statuses and errors it is not known which requests failed.
            failed: (codes > 0.0 || broken > 0.0).then_some(failed as u64),
            avg_ms: time("mean"),
            med_ms: time("p50").or_else(|| time("median")),
            p90_ms: time("p90"),
            p95_ms: time("p95"),
            p99_ms: time("p99"),
            max_ms: time("max"),
            duration_s: length.filter(|length| *length > 0.0),
            ..Summary::default()
        };
        Some(summary.complete())
    }
}

/// Most requests of a user for whom the rate of arrivals is the rate of wanted requests. A user who
/// sends more works in a loop: each request waits for the answer before, often over several periods.
const MOST_OF_ARRIVAL: f64 = 10.0;

#[derive(Deserialize)]
struct PeriodReport {
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

impl PeriodReport {
    fn counter(&self, name: &str) -> f64 {
        self.counters.get(name).copied().filter(|count| count.is_finite()).unwrap_or(0.0)
    }

    fn sum(&self, fits: impl Fn(&str) -> bool) -> f64 {
        sum(&self.counters, fits)
    }

    /// Returns the users that came in the period, without those that went.
    fn change_of_users(&self) -> f64 {
        let ended = self.counter("vusers.completed") + self.counter("vusers.failed");
        self.counter("vusers.created") - ended
    }

    /// Returns a value of the durations in milliseconds, such as `p95`; NaN without it.
    fn duration_ms(&self, name: &str) -> f64 {
        let times = self.summaries.get("http.response_time");
        let known = times.and_then(|times| times.get(name).copied().flatten());
        known.filter(|value| value.is_finite()).unwrap_or(f64::NAN)
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
/// period and without totals.
pub(super) fn read(text: &[u8], path: &Path) -> Result<Load, Error> {
    let report: Report = serde_json::from_slice(text).map_err(|error| Error::Damaged {
        path: path.to_owned(),
        at: format!("line {} column {}", error.line(), error.column()),
        expected: format!("{error}; expected a whole report of Artillery"),
    })?;
    let mut parts: Vec<(f64, &PeriodReport)> =
        report.intermediate.iter().filter_map(|part| Some((part.start_ms()?, part))).collect();
    parts.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (first, last) = (parts.first().map(|part| part.0), parts.last().map(|part| part.0));
    // An arrival rate asks for the requests of all users who come. Users who wait for an answer have
    // not sent the rest of theirs, so the requests that were sent are fewer.
    let sum = |name: &str| parts.iter().map(|(_, part)| part.counter(name)).sum::<f64>();
    let each_user = sum("http.requests") / sum("vusers.created");
    let arrives = each_user <= MOST_OF_ARRIVAL;
    let ends = parts.iter().scan(0.0, |users, (_, part)| {
        *users += part.change_of_users();
        Some(*users)
    });
    let ends: Vec<f64> = ends.collect();
    // Users who come and go within a period are not in the number at its end.
    let stay = ends.iter().rev().skip(1).all(|users| *users >= 1.0);
    let mut periods = Vec::new();
    for ((start, part), users) in parts.iter().zip(&ends) {
        let failed = part.sum(is_failed) + part.sum(|name| name.starts_with("errors."));
        let ok = part.counter("http.responses") - part.sum(is_failed);
        // The first and the last period are shorter, because the test starts and ends within them.
        let within = |at: Option<f64>| at.filter(|at| (*start..=start + PERIOD_MS).contains(at));
        let from = within(part.first_at).filter(|_| Some(*start) == first).unwrap_or(*start);
        let end = start + PERIOD_MS;
        let to = within(part.last_at).filter(|_| Some(*start) == last).unwrap_or(end);
        periods.push(Period {
            from_us: (from * 1e3) as i64,
            to_us: (to.max(from + 1.0) * 1e3) as i64,
            ok: ok.max(0.0),
            failed,
            wanted: Some(part.counter("vusers.created") * each_user)
                .filter(|all| all.is_finite() && arrives),
            dropped: 0.0,
            vus: (arrives || stay).then(|| users.max(0.0)),
            percentiles: ["p50", "p95", "p99"].map(|name| part.duration_ms(name)),
            mean_ms: part.duration_ms("mean"),
        });
    }
    let format = if arrives { "Artillery report" } else { "Artillery report of loops" };
    match periods::timeline(&periods, path, format) {
        Err(Error::NoRequests { path, why }) if periods.is_empty() => {
            let totals = report.aggregate.and_then(|all| all.summary(&path));
            totals.map(Load::Summary).ok_or(Error::NoRequests { path, why })
        }
        timeline => timeline.map(Load::Timeline),
    }
}
