//! Reads vegeta's results: a line of JSON or a row of CSV for each request (`vegeta encode`), and the
//! totals of `vegeta report -type=json`.
//!
//! A time is the moment at which a request began; durations are nanoseconds. A request succeeded
//! with a status from 200 to 399 and without an error; the totals have statuses alone. The forms are
//! those of vegeta 12's documentation.

use super::contents::has;
use super::summary::Summary;
use super::{ReadOptions, appended::AppendedTests, csv, lines::Lines, time};
use crate::error::Error;
use crate::recorder::Recorder;
use crate::timeline::Timeline;
use serde::Deserialize;
use serde_json::Value;
use std::borrow::Cow;
use std::io::Read;
use std::path::Path;

/// The encoding of results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Json,
    Csv,
}

/// Recognises results by their first line.
pub(super) fn encoding(head: &[u8]) -> Option<Encoding> {
    let line = head.split(|&byte| byte == b'\n').next()?;
    if line.starts_with(b"{") {
        let all = has(line, "\"attack\":") && has(line, "\"seq\":") && has(line, "\"latency\":");
        return all.then_some(Encoding::Json);
    }
    row(line).map(|_| Encoding::Csv)
}

/// Returns true for the JSON of `vegeta report`.
pub(super) fn is_report(head: &[u8]) -> bool {
    has(head, "\"latencies\":") && has(head, "\"status_codes\":") && has(head, "\"throughput\":")
}

/// One request.
struct Hit {
    began_us: i64,
    took_us: u64,
    ok: bool,
    /// False when no answer came: vegeta then writes the status 0.
    answered: bool,
}

#[derive(Deserialize)]
struct Line<'a> {
    code: u16,
    #[serde(borrow)]
    timestamp: Cow<'a, str>,
    latency: u64,
    #[serde(borrow, default)]
    error: Option<Cow<'a, str>>,
}

fn hit(began_us: i64, took_ns: u64, code: u16, error: &[u8]) -> Hit {
    let ok = error.is_empty() && (200..400).contains(&code);
    Hit { began_us, took_us: took_ns / 1_000, ok, answered: code != 0 }
}

fn object(line: &[u8]) -> Option<Hit> {
    let line: Line<'_> = serde_json::from_slice(line).ok()?;
    let began = time::written(line.timestamp.as_bytes())?;
    Some(hit(began.us, line.latency, line.code, line.error.as_deref().unwrap_or("").as_bytes()))
}

/// Reads a row. Its fields are: nanoseconds since 1970, status, duration in nanoseconds, bytes out
/// and in, error, body, name, number; since version 12.8 also method, address and headers.
fn row(line: &[u8]) -> Option<Hit> {
    let fields = csv::split(line, b',').filter(|fields| (8..=12).contains(&fields.len()))?;
    let field = |at: usize| fields.get(at).map_or(&b""[..], AsRef::as_ref);
    let number = |at: usize| std::str::from_utf8(field(at)).ok()?.parse::<u64>().ok();
    let began = field(0);
    let began = time::unix(began).filter(|_| began.len() == 19)?;
    let (code, took_ns) = (u16::try_from(number(1)?).ok()?, number(2)?);
    number(3).zip(number(4)).zip(number(8))?;
    Some(hit(began.us, took_ns, code, field(5)))
}

/// Reads the results of an attack.
///
/// # Errors
///
/// Returns an [`Error`] for a file without a request, or with several tests of which the user chose
/// none.
pub(super) fn read(
    input: impl Read,
    path: &Path,
    encoding: Encoding,
    options: &ReadOptions,
) -> Result<Timeline, Error> {
    let mut lines = Lines::new(input);
    let (mut recorder, mut seen) = (Recorder::default(), AppendedTests::default());
    while let Some((number, line)) = lines.next_of(path)? {
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        let found = match encoding {
            Encoding::Json => object(line),
            Encoding::Csv => row(line),
        };
        match found {
            Some(hit) => {
                recorder.at_line(number);
                let end_us = hit.began_us.saturating_add_unsigned(hit.took_us);
                seen.see(end_us, hit.took_us);
                match hit.answered {
                    true => recorder.request(end_us, hit.took_us, hit.ok),
                    false => recorder.request_without_answer(end_us, hit.took_us),
                }
            }
            None => lines.lose("a line that is no result of vegeta"),
        }
    }
    seen.choose(&mut recorder, path, options)?;
    lines.close(|ledger| {
        let mut timeline = recorder.finish(path, "vegeta")?;
        timeline.losses = ledger.close();
        Ok(timeline)
    })
}

/// Reads the totals in `json`. Returns `None` when they are not vegeta's.
///
/// `rate` is the rate at which requests were sent. `throughput` counts those that succeeded, over
/// the attack and the wait for its last answer.
pub(super) fn report(json: &Value) -> Option<Summary> {
    let latencies = json.get("latencies")?;
    let codes = json.get("status_codes")?.as_object()?;
    let requests = json.get("requests")?.as_u64()?;
    let milliseconds = |name: &str| Some(latencies.get(name)?.as_f64()? / 1e6);
    let succeeded = codes.iter().filter(|(code, _)| code.starts_with(['2', '3']));
    let succeeded = succeeded.filter_map(|(_, count)| count.as_u64()).fold(0, u64::saturating_add);
    let seconds = |name: &str| Some(json.get(name)?.as_f64()? / 1e9);
    let summary = Summary {
        format: "vegeta's totals",
        requests: Some(requests),
        failed: Some(requests.saturating_sub(succeeded)),
        rps: json.get("rate").and_then(Value::as_f64),
        avg_ms: milliseconds("mean"),
        med_ms: milliseconds("50th"),
        p90_ms: milliseconds("90th"),
        p95_ms: milliseconds("95th"),
        p99_ms: milliseconds("99th"),
        max_ms: milliseconds("max"),
        duration_s: seconds("duration"),
        ..Summary::default()
    };
    Some(summary.complete())
}
