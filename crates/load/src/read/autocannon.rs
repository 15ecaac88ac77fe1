//! Reads the output of `autocannon -j`: one JSON object with totals only.

use super::contents::has;
use super::summary::Summary;
use super::time;
use crate::warning::Warning;
use serde_json::Value;
use spikeflame_wall::seconds_of;

/// The part of a test's time that does not matter for its rate.
const SMALL_PART: f64 = 0.02;

/// The smallest mean that is used, in milliseconds. A mean of durations without their fractions is up
/// to 1 ms too small, which is a fifth of this.
const LEAST_MEAN_MS: f64 = 5.0;

/// Returns true for a text that starts like autocannon's output.
pub(super) fn is_head(head: &[u8]) -> bool {
    has(head, "\"p97_5\"") && has(head, "\"throughput\"") && has(head, "\"latency\"")
}

/// Returns the number with this name in an object.
fn number(object: &Value, name: &str) -> Option<f64> {
    object.get(name)?.as_f64()
}

/// Returns the time with this name, in seconds since 1970.
fn time_s(object: &Value, name: &str) -> Option<f64> {
    Some(seconds_of(time::written(object.get(name)?.as_str()?.as_bytes())?.us))
}

/// Returns a warning when the workers of a test ended at different times, as they may with `--amount`: the duration is
/// then that of the worker that ended first (seen with autocannon 9). The samples are those of all workers, and each
/// worker ends with a whole sample.
fn uneven_workers(json: &Value, sample_s: f64, requests: Option<f64>) -> Option<Warning> {
    let workers = number(json, "workers").filter(|workers| *workers >= 2.0)?;
    let (first_s, samples) = (number(json, "duration")?, number(json, "samples")?);
    let of_first = (first_s / sample_s).round();
    if !of_first.is_finite() || of_first < 1.0 || samples <= workers * of_first {
        return None;
    }
    // One of the others took at least as long as they did on average. Its last answer came within its last sample.
    let least_s = ((samples - of_first) / (workers - 1.0) - 1.0) * sample_s;
    let most_rps = requests? / least_s;
    Some(Warning::UnevenWorkers { workers: workers as u64, first_s, least_s, most_rps })
}

/// Reads the totals in `json`. Returns `None` when it is not autocannon's.
pub(super) fn read(json: &Value) -> Option<Summary> {
    let latency = json.get("latency").filter(|it| it.is_object())?;
    let requests = json.get("requests").filter(|it| it.is_object())?;
    json.get("throughput")?;
    let answered = number(requests, "total");
    // Without an answer there is no duration, although autocannon writes 0.
    let has_answer = answered.is_some_and(|total| total > 0.0);
    let ends = time_s(json, "start").zip(time_s(json, "finish"));
    let took = ends.map(|(start, finish)| finish - start);
    // Errors are connections that failed (including time-outs) and have no response. `total` counts
    // responses.
    let errors = number(json, "errors");
    // Answers with another body than `--expectBody` are not among `non2xx` (seen with autocannon 9).
    // The body of an error page is another one too.
    let mismatches = number(json, "mismatches").unwrap_or(0.0);
    let failed =
        errors.zip(number(json, "non2xx")).map(|(errors, other)| errors + other.max(mismatches));
    let mut all = answered.map(|answered| answered + errors.unwrap_or(0.0));
    let mut failed = failed;
    let mut warnings = Vec::new();
    if mismatches > 0.0 {
        warnings.push(Warning::OtherBodies { answers: mismatches as u64 });
    }
    // Connections that the server closes are neither errors nor answers (seen with autocannon 9):
    // only the number of sent requests includes them. Requests in flight at the end are no
    // failures: there are up to two for each connection.
    let connections = number(json, "connections");
    let pipelining = number(json, "pipelining").unwrap_or(1.0).max(1.0);
    let in_flight = 2.0 * connections.unwrap_or(0.0) * pipelining;
    // With a rate, autocannon adds durations that nothing measured, and counts requests as sent that
    // no server got (seen with autocannon 9).
    let measured = number(latency, "totalCount");
    let padded = measured.zip(answered).is_some_and(|(count, all)| count > all + in_flight);
    if padded {
        warnings.push(Warning::AddedDurations);
    }
    let sent = number(requests, "sent").filter(|_| !padded);
    if let (Some(sent), Some(known)) = (sent, all)
        && sent - known > in_flight
    {
        let lost = sent - known;
        warnings.push(Warning::Unanswered { sent, lost });
        all = Some(sent);
        failed = Some(failed.unwrap_or(0.0) + lost);
    }
    // With `--amount`, no request is under way at the end, and the time is that of the next sample.
    let sample_s = number(json, "sampleInt").unwrap_or(1e3) / 1e3;
    let uneven = uneven_workers(json, sample_s, all);
    let is_uneven = uneven.is_some();
    warnings.extend(uneven);
    if let Some(took_s) = number(json, "duration").filter(|took_s| sample_s > SMALL_PART * took_s)
        && has_answer
        && !is_uneven
        && sent == answered
        && errors == Some(0.0)
    {
        warnings.push(Warning::RoundedTime { took_s, sample_s });
    }
    let count = |value: f64| (value >= 0.0).then_some(value as u64);
    // After a request without an answer, each answer on that connection gets the start of an earlier
    // request: 187 ms for answers that took 21 ms (seen with autocannon 9).
    let unanswered = errors.is_some_and(|errors| errors > 0.0) || all > answered;
    let mistaken = has_answer && unanswered;
    if mistaken {
        warnings.push(Warning::ShiftedDurations);
    }
    // autocannon cuts each duration to whole milliseconds (seen with autocannon 9).
    let milliseconds = |name: &str, least: f64| {
        number(latency, name).filter(|ms| *ms >= least && has_answer && !mistaken && !padded)
    };
    let summary = Summary {
        format: "autocannon",
        requests: all.and_then(count),
        failed: failed.and_then(count),
        avg_ms: milliseconds("average", LEAST_MEAN_MS)
            .or_else(|| milliseconds("mean", LEAST_MEAN_MS)),
        med_ms: milliseconds("p50", 1.0),
        p90_ms: milliseconds("p90", 1.0),
        p95_ms: milliseconds("p95", 1.0),
        p99_ms: milliseconds("p99", 1.0),
        max_ms: milliseconds("max", 1.0),
        vus_max: connections,
        duration_s: number(json, "duration").or(took).filter(|_| !is_uneven),
        warnings,
        ..Summary::default()
    };
    Some(summary.complete())
}
