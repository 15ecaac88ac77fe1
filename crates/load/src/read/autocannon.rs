//! Reads the output of `autocannon -j`: one JSON object with totals only.

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
    let has = |what: &str| memchr::memmem::find(head, what.as_bytes()).is_some();
    has("\"p97_5\"") && has("\"throughput\"") && has("\"latency\"")
}

/// Reads the totals in `json`. Returns `None` when it is not autocannon's.
pub(super) fn read(json: &Value) -> Option<Summary> {
    let latency = json.get("latency")?.as_object()?;
    let requests = json.get("requests")?.as_object()?;
    json.get("throughput")?;
    let number = |name: &str| json.get(name).and_then(Value::as_f64);
    // Without an answer there is no duration, although autocannon writes 0.
    let has_answer = requests.get("total").and_then(Value::as_f64).is_some_and(|total| total > 0.0);
    let clock = |name: &str| {
        let text = json.get(name)?.as_str()?;
        Some(seconds_of(time::written(text.as_bytes())?.us))
    };
    let took = clock("start").zip(clock("finish")).map(|(start, finish)| finish - start);
    // Errors are connections that failed (including time-outs) and have no response. `total` counts
    // responses.
    let errors = number("errors");
    let answered = requests.get("total").and_then(Value::as_f64);
    // Answers with another body than `--expectBody` are not among `non2xx` (seen with autocannon 9).
    // The body of an error page is another one too.
    let mismatches = number("mismatches").unwrap_or(0.0);
    let failed = errors.zip(number("non2xx")).map(|(errors, other)| errors + other.max(mismatches));
    let mut all = answered.map(|answered| answered + errors.unwrap_or(0.0));
    let mut failed = failed;
    let mut warnings = Vec::new();
    if mismatches > 0.0 {
        warnings.push(Warning::OtherBodies { answers: mismatches as u64 });
    }
    // Connections that the server closes are neither errors nor answers (seen with autocannon 9):
    // only the number of sent requests includes them. Requests in flight at the end are no
    // failures: there are up to two for each connection.
    let in_flight =
        2.0 * number("connections").unwrap_or(0.0) * number("pipelining").unwrap_or(1.0).max(1.0);
    // With a rate, autocannon adds durations that nothing measured, and counts requests as sent that
    // no server got (seen with autocannon 9).
    let measured = latency.get("totalCount").and_then(Value::as_f64);
    let padded = measured.zip(answered).is_some_and(|(count, all)| count > all + in_flight);
    if padded {
        warnings.push(Warning::AddedDurations);
    }
    let sent = requests.get("sent").and_then(Value::as_f64).filter(|_| !padded);
    if let (Some(sent), Some(known)) = (sent, all)
        && sent - known > in_flight
    {
        let lost = sent - known;
        warnings.push(Warning::Unanswered { sent, lost });
        all = Some(sent);
        failed = Some(failed.unwrap_or(0.0) + lost);
    }
    // With `--amount`, no request is under way at the end, and the time is that of the next sample.
    let sample_s = number("sampleInt").unwrap_or(1e3) / 1e3;
    if let Some(took_s) = number("duration").filter(|took_s| sample_s > SMALL_PART * took_s)
        && has_answer
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
        let found = latency.get(name).and_then(Value::as_f64).filter(|ms| *ms >= least);
        found.filter(|_| has_answer && !mistaken && !padded)
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
        vus_max: number("connections"),
        duration_s: number("duration").or(took),
        warnings,
        ..Summary::default()
    };
    Some(summary.complete())
}
