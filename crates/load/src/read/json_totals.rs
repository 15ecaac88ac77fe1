//! Reads the totals that Fortio, bombardier and ghz write as JSON. These tools were not run here: the
//! meaning of a field is that of their sources.

use super::contents::has;
use super::summary::Summary;
use serde_json::Value;

/// The names of the formats.
pub(super) const FORTIO: &str = "Fortio's totals";
pub(super) const BOMBARDIER: &str = "bombardier's totals";
pub(super) const GHZ: &str = "ghz's totals";

/// Returns the name of the format of a text that starts like such totals.
pub(super) fn format(head: &[u8]) -> Option<&'static str> {
    if has(head, "\"RunType\"") && has(head, "\"ActualQPS\"") && has(head, "\"DurationHistogram\"")
    {
        Some(FORTIO)
    } else if has(head, "\"timeTakenSeconds\"")
        && has(head, "\"req2xx\"")
        && has(head, "\"req5xx\"")
    {
        Some(BOMBARDIER)
    } else if has(head, "\"endReason\"") && has(head, "\"fastest\"") && has(head, "\"slowest\"") {
        Some(GHZ)
    } else {
        None
    }
}

/// Reads the totals in `json`. Returns `None` when they are of another tool.
pub(super) fn read(json: &Value) -> Option<Summary> {
    fortio(json).or_else(|| bombardier(json)).or_else(|| ghz(json)).map(Summary::complete)
}

/// Adds up the counts whose names fit.
fn sum(counts: &Value, fits: impl Fn(&str) -> bool) -> u64 {
    let all = counts.as_object().into_iter().flatten().filter(|(name, _)| fits(name));
    all.filter_map(|(_, count)| count.as_u64()).fold(0, u64::saturating_add)
}

/// Returns the value of the entry of a list whose `key` is `wanted`.
fn entry(list: Option<&Value>, key: &str, wanted: f64, value: &str) -> Option<f64> {
    let all = list?.as_array()?;
    let is = |one: &&Value| one.get(key).and_then(Value::as_f64) == Some(wanted);
    all.iter().find(is)?.get(value)?.as_f64()
}

/// Reads Fortio's result. Its durations are seconds, those of failed calls included. The status of
/// a request without an answer is -1; calls of gRPC have names in place of statuses.
fn fortio(json: &Value) -> Option<Summary> {
    let durations = json.get("DurationHistogram")?;
    let requests = durations.get("Count")?.as_u64()?;
    json.get("ActualQPS")?;
    let milliseconds = |name: &str| Some(durations.get(name)?.as_f64()? * 1e3);
    let percentile = |rank: f64| {
        entry(durations.get("Percentiles"), "Percentile", rank, "Value").map(|value| value * 1e3)
    };
    let is_failed = |status: &str| status.parse::<i32>().is_ok_and(|it| !(100..400).contains(&it));
    let statuses = json.get("RetCodes");
    let has_numbers = |codes: &&Value| sum(codes, |name| name.parse::<i32>().is_ok()) == requests;
    let failed = statuses.filter(has_numbers).map(|codes| sum(codes, is_failed));
    let errors = || json.get("ErrorsDurationHistogram")?.get("Count")?.as_u64();
    Some(Summary {
        format: FORTIO,
        requests: Some(requests),
        failed: failed.or_else(errors),
        rps: json.get("ActualQPS")?.as_f64(),
        avg_ms: milliseconds("Avg"),
        max_ms: milliseconds("Max"),
        med_ms: percentile(50.0),
        p90_ms: percentile(90.0),
        p95_ms: percentile(95.0),
        p99_ms: percentile(99.0),
        vus_max: json.get("NumThreads").and_then(Value::as_f64),
        duration_s: json.get("ActualDuration").and_then(Value::as_f64).map(|ns| ns / 1e9),
        ..Summary::default()
    })
}

/// Reads bombardier's result. Its durations are microseconds. Requests without an answer are in
/// `others`, and again in the list of errors.
fn bombardier(json: &Value) -> Option<Summary> {
    let result = json.get("result")?;
    let seconds = result.get("timeTakenSeconds")?.as_f64()?;
    let is_answer = |name: &str| name.starts_with("req") && name.ends_with("xx");
    let others = sum(result, |name| name == "others");
    let refused = sum(result, |name| matches!(name, "req4xx" | "req5xx"));
    let latency = result.get("latency");
    let milliseconds = |name: &str| Some(latency?.get(name)?.as_f64()? / 1e3);
    let percentile = |name: &str| Some(latency?.get("percentiles")?.get(name)?.as_f64()? / 1e3);
    Some(Summary {
        format: BOMBARDIER,
        requests: sum(result, is_answer).checked_add(others),
        failed: refused.checked_add(others),
        avg_ms: milliseconds("mean"),
        max_ms: milliseconds("max"),
        med_ms: percentile("50"),
        p90_ms: percentile("90"),
        p95_ms: percentile("95"),
        p99_ms: percentile("99"),
        vus_max: json.get("spec")?.get("numberOfConnections").and_then(Value::as_f64),
        duration_s: Some(seconds),
        ..Summary::default()
    })
}

/// Reads the result of ghz. Its durations are nanoseconds. The percentiles and the longest duration
/// are those of calls that succeeded, and the mean is of all, so it is used only when none failed.
fn ghz(json: &Value) -> Option<Summary> {
    let count = json.get("count")?.as_u64()?;
    let statuses = json.get("statusCodeDistribution")?;
    json.get("fastest")?;
    let failed = sum(statuses, |status| status != "OK");
    let milliseconds = |name: &str| Some(json.get(name)?.as_f64()? / 1e6);
    let percentile = |rank: f64| {
        entry(json.get("latencyDistribution"), "percentage", rank, "latency").map(|ns| ns / 1e6)
    };
    Some(Summary {
        format: GHZ,
        requests: Some(count),
        failed: Some(failed),
        avg_ms: milliseconds("average").filter(|_| failed == 0),
        max_ms: milliseconds("slowest"),
        med_ms: percentile(50.0),
        p90_ms: percentile(90.0),
        p95_ms: percentile(95.0),
        p99_ms: percentile(99.0),
        vus_max: json.get("options")?.get("concurrency").and_then(Value::as_f64),
        duration_s: json.get("total").and_then(Value::as_f64).map(|ns| ns / 1e9),
        ..Summary::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::{Load, ReadOptions, recognise};
    use std::path::Path;

    fn totals(text: &str) -> Summary {
        let read = crate::read::read(text.as_bytes(), Path::new("x"), &ReadOptions::default());
        let name = recognise(text.as_bytes()).unwrap().name;
        match read.unwrap() {
            Load::Summary(summary) => {
                assert_eq!(summary.format, name);
                for cut in 0..text.len() {
                    let (text, options) = (&text.as_bytes()[..cut], ReadOptions::default());
                    let _ = crate::read::read(text, Path::new("x"), &options);
                }
                summary
            }
            Load::Timeline(_) => panic!("a timeline: {text}"),
        }
    }

    #[test]
    fn fortios_totals_have_failed_calls_among_them() {
        let http = r#"{"RunType": "HTTP", "ActualQPS": 100, "ActualDuration": 10000000000, "NumThreads": 8,
            "DurationHistogram": {"Count": 1000, "Min": 0.02, "Max": 0.41, "Avg": 0.066, "Percentiles":
            [{"Percentile": 50, "Value": 0.0225}, {"Percentile": 95, "Value": 0.4}]},
            "ErrorsDurationHistogram": {"Count": 103}, "RetCodes": {"200": 890, "301": 7, "500": 100, "-1": 3}}"#;
        let found = totals(http);
        assert_eq!((found.requests, found.failed, found.rps), (Some(1000), Some(103), Some(100.0)));
        assert_eq!(
            (found.med_ms, found.p95_ms, found.max_ms),
            (Some(22.5), Some(400.0), Some(410.0))
        );
        assert_eq!((found.duration_s, found.vus_max), (Some(10.0), Some(8.0)));
        // Names of gRPC are no statuses.
        let grpc =
            http.replace(r#""200": 890, "301": 7, "500": 100, "-1": 3"#, r#""SERVING": 1000"#);
        assert_eq!(totals(&grpc).failed, Some(103));
    }

    #[test]
    fn bombardiers_requests_without_an_answer_failed() {
        let text = r#"{"spec":{"numberOfConnections":8},"result":{"timeTakenSeconds":6.0,"req1xx":0,"req2xx":670,
            "req3xx":1,"req4xx":4,"req5xx":70,"others":3,"errors":[{"description":"x","count":3}],"latency":
            {"mean":64701.2,"stddev":1,"max":410200,"percentiles":{"50":21000,"90":400000,"95":401000,"99":405000}}}}"#;
        let found = totals(text);
        assert_eq!((found.requests, found.failed), (Some(748), Some(77)));
        assert_eq!(
            (found.med_ms, found.p95_ms, found.max_ms),
            (Some(21.0), Some(401.0), Some(410.2))
        );
        assert_eq!(found.duration_s, Some(6.0));
    }

    #[test]
    fn the_mean_of_ghz_is_of_failed_calls_too() {
        let text = r#"{"endReason":"normal","options":{"concurrency":50},"count":200,"total":500000000,
            "average":98200000,"fastest":50100000,"slowest":192500000,"rps":400,"statusCodeDistribution":
            {"OK":197,"Internal":3},"latencyDistribution":[{"percentage":50,"latency":98300000},
            {"percentage":95,"latency":180100000}]}"#;
        let found = totals(text);
        assert_eq!((found.requests, found.failed, found.rps), (Some(200), Some(3), Some(400.0)));
        assert_eq!((found.med_ms, found.p95_ms, found.avg_ms), (Some(98.3), Some(180.1), None));
        let all = totals(&text.replace(r#""OK":197,"Internal":3"#, r#""OK":200"#));
        assert_eq!((all.failed, all.avg_ms), (Some(0), Some(98.2)));
    }
}
