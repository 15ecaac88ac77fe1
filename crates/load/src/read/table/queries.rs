//! Names of columns that are functions of a query language: `bin(10s)`, `count(eval(status>=500))`, `AVG(error)`.

use super::meaning::Meaning;
use super::names;

/// Functions that make the periods of a query, in dialects of SQL and others.
const PERIODS: [&str; 8] = [
    "time_bucket",
    "date_trunc",
    "date_bin",
    "date_histogram",
    "datetrunc",
    "tostartofinterval",
    "timestamp_trunc",
    "time_slice",
];

/// Splits a name into a function, in small letters, and its arguments.
fn call(name: &str) -> Option<(String, &str)> {
    let (function, rest) = name.trim().split_once('(')?;
    let inner = rest.strip_suffix(')')?;
    let is_word = |char: char| char.is_ascii_alphanumeric() || char == '_';
    let function = function.trim();
    (!function.is_empty() && function.chars().all(is_word))
        .then(|| (function.to_ascii_lowercase(), inner.trim()))
}

/// Returns true for the name of the periods of a query: `bin(10s)`, `time_bucket('10 seconds', ts)`. `is_time`
/// is true for the name of a column of times.
pub(super) fn is_period(name: &str, is_time: impl Fn(&str) -> bool) -> bool {
    let Some((function, inner)) = call(name) else { return false };
    let mut arguments = inner.split(',').map(|part| part.trim().trim_matches(['\'', '"', '`']));
    let is_known = PERIODS.contains(&function.as_str()) || function.starts_with("tostartof");
    // CloudWatch and Kusto use the same function for other quantities.
    is_known || function == "bin" && arguments.all(|part| is_length(part) || is_time(part))
}

/// Returns the name before the length of a period: `@timestamp` of Kibana's `@timestamp per 10 seconds`.
pub(super) fn before_period(name: &str) -> Option<&str> {
    let (before, length) = name.rsplit_once(" per ")?;
    is_length(length).then_some(before)
}

/// Returns true for a length of time: `10s`, `10 seconds`, `minute`, `interval 10 second`, `PT10S`.
fn is_length(text: &str) -> bool {
    let lower = text.trim().to_ascii_lowercase();
    let lower = lower.strip_prefix("interval ").unwrap_or(&lower).trim_matches(['\'', '"', ' ']);
    let lower = lower.strip_prefix("pt").unwrap_or(lower);
    let unit = lower.trim_start_matches(|char: char| char.is_ascii_digit() || char == ' ');
    let known = ["ms", "millisecond", "s", "sec", "second", "m", "min", "minute", "h", "hour"];
    known.contains(&unit)
        || known.iter().any(|it| it.len() > 1 && unit.strip_suffix('s') == Some(it))
}

/// Returns the meaning of a function that counts the requests with a condition, or its mean:
/// `count(eval(status>=500))`, `countIf(status >= 500)`, `SUM(error)`, `AVG(error)`.
pub(super) fn counted(name: &str) -> Option<Meaning> {
    let (function, inner) = call(name)?;
    let (condition, is_mean) = match function.as_str() {
        "count" => (call(inner).filter(|(eval, _)| eval == "eval")?.1, false),
        "countif" | "count_if" => (inner, false),
        "sum" => (inner_condition(inner), false),
        "avg" | "average" | "mean" => (inner_condition(inner), true),
        _ => return None,
    };
    Some(match (is_failed(condition)?, is_mean) {
        (true, false) => Meaning::Errors,
        (true, true) => Meaning::ErrorShare(false),
        (false, false) => Meaning::Succeeded,
        (false, true) => Meaning::SuccessShare(false),
    })
}

/// Returns the condition in `if(condition, 1, 0)`, and else the text itself.
fn inner_condition(text: &str) -> &str {
    let choice = call(text).filter(|(name, _)| matches!(name.as_str(), "if" | "iff" | "iif"));
    let condition = choice.and_then(|(_, inner)| {
        let (rest, zero) = inner.rsplit_once(',')?;
        let (condition, one) = rest.rsplit_once(',')?;
        (one.trim() == "1" && zero.trim() == "0").then_some(condition)
    });
    condition.unwrap_or(text)
}

/// Words in the name of a field that holds the status of an answer.
const STATUS: [&str; 6] = ["http", "response", "status", "code", "sc", "statuscode"];

/// Returns true for a condition that failed requests fulfil, false for one of those that succeeded, and `None` for
/// any other: `status>=500`, `success="false"`, `isnotnull(error)`.
fn is_failed(condition: &str) -> Option<bool> {
    let condition = condition.trim();
    if let Some((function, field)) = call(condition) {
        return (function == "isnotnull").then(|| is_failed(field))?.filter(|failed| *failed);
    }
    let end = condition.find(['<', '>', '=', '!']).unwrap_or(condition.len());
    let (field, rest) = condition.split_at_checked(end)?;
    let compared = rest.trim_start_matches(['<', '>', '=', '!']);
    let sign = rest.get(..rest.len() - compared.len())?;
    let value = compared.trim().trim_matches(['"', '\'']).to_ascii_lowercase();
    let words = names::split(field);
    let is_of = |known: &[&str]| {
        !words.is_empty() && words.iter().all(|word| known.contains(&word.as_str()))
    };
    let holds = match (sign, value.as_str()) {
        ("", "") | ("=" | "==", "true" | "1") => Some(true),
        ("=" | "==", "false" | "0") => Some(false),
        _ => None,
    };
    if is_of(&["is", "has", "error", "errors", "failed", "failure"]) {
        return holds;
    }
    if is_of(&["is", "success", "ok", "successful", "succeeded"]) {
        return holds.map(|holds| !holds);
    }
    let status: u32 = value.parse().ok().filter(|_| is_of(&STATUS) && words.len() < 4)?;
    match (sign, status) {
        (">=", 400 | 500) | (">", 399 | 499) => Some(true),
        ("<", 400 | 500) | ("<=", 399 | 499) => Some(false),
        ("=" | "==", 400..=599) => Some(true),
        ("=" | "==", 200) => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The error was: Splunk's and Honeycomb's columns of failed requests were tracks, and no request failed.
    #[test]
    fn conditions_of_failed_requests_are_read() {
        let failed = "count(eval(status>=500));count(eval(status >= 400));countIf(status >= 500);\
            count_if(http_status > 499);SUM(error);sum(if(status>=500,1,0));count(eval(success=\"false\"));\
            count(eval(isnotnull(error)));sum(is_error);countif(statusCode=503)";
        for name in failed.split(';') {
            assert_eq!(counted(name), Some(Meaning::Errors), "{name}");
        }
        assert_eq!(counted("AVG(error)"), Some(Meaning::ErrorShare(false)));
        assert_eq!(counted("avg(success)"), Some(Meaning::SuccessShare(false)));
        assert_eq!(counted("count(eval(status<400))"), Some(Meaning::Succeeded));
        let others = "count(*);count(error);AVG(duration_ms);count(eval(duration>500));sum(bytes);\
            SUM(status);count(eval(status>=300));max(error);avg(error_code);countif(cpu >= 500)";
        for name in others.split(';') {
            assert_eq!(counted(name), None, "{name}");
        }
    }
}
