//! Logs of statements that a service or a container has wrapped: the JSON of CloudWatch's commands, the
//! tables of its console, `aws logs tail`, lines of JSON, and prefixes before each line.

use crate::read::contents::has;
use crate::read::{csv, time};
use serde_json::Value;

/// Largest size of JSON, in bytes. A command of CloudWatch returns a few megabytes.
pub(super) const LARGEST_JSON_BYTES: u64 = 256 * 1024 * 1024;

/// The first line of an event of a slow query log.
const BEGINS: [&str; 3] = ["# Time: ", "# User@Host: ", "/rdsdbbin/"];

/// Returns true for JSON of `filter-log-events`, `get-log-events` or `get-query-results`.
pub(super) fn is_json(head: &[u8]) -> bool {
    head.trim_ascii_start().starts_with(b"{")
        && (has(head, "\"events\"") || has(head, "\"results\""))
}

/// Returns the messages of the events, in the order of their times.
pub(super) fn messages(json: &Value) -> Vec<String> {
    let list = |name: &str| json.get(name).and_then(Value::as_array).into_iter().flatten();
    let mut all: Vec<(String, String)> = Vec::new();
    for event in list("events") {
        if let Some(message) = text(event.get("message")) {
            let time = event.get("timestamp").and_then(Value::as_u64).unwrap_or(0);
            all.push((format!("{time:020}"), message));
        }
    }
    for row in list("results") {
        if let Some(message) = field(row, "@message") {
            all.push((field(row, "@timestamp").unwrap_or_default(), message));
        }
    }
    // A stable sort: events of one moment keep their order.
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all.into_iter().map(|(_, message)| message).collect()
}

/// Returns a field of a row of CloudWatch Logs Insights: its `value` beside its name in `field`.
fn field(row: &Value, name: &str) -> Option<String> {
    let mut fields = row.as_array().into_iter().flatten();
    let found = fields.find(|field| field.get("field").and_then(Value::as_str) == Some(name))?;
    text(found.get("value"))
}

fn text(value: Option<&Value>) -> Option<String> {
    value.and_then(Value::as_str).map(str::to_owned)
}

/// Returns the text of a line after the prefix of `aws logs tail`, if the line begins an event.
pub(super) fn behind_prefix(line: &str) -> Option<&str> {
    if !line.starts_with(|char: char| char.is_ascii_digit()) {
        return None;
    }
    let at = BEGINS.iter().filter_map(|begin| line.find(begin)).min()?;
    let (prefix, text) = line.split_at_checked(at)?;
    // A time, a log stream, and nothing else.
    (prefix.ends_with(' ') && prefix.split_whitespace().count() <= 3 && prefix.len() < 600)
        .then_some(text)
}

/// The longest prefix before a line, in bytes.
const LONGEST_PREFIX: usize = 200;

/// Fields of JSON that hold a line: those of docker, Loki's client, CloudWatch, Google Cloud and journald,
/// and the message of loggers: pino, Bunyan and Zap (`msg`), structlog (`event`), OpenTelemetry (`body`), GELF.
const FIELDS: [&str; 13] = [
    "log",
    "line",
    "@message",
    "message",
    "textPayload",
    "MESSAGE",
    "resultDescription",
    "msg",
    "event",
    "body",
    "Body",
    "short_message",
    "@m",
];

/// Fields of JSON that hold the time of a line.
const TIMES: [&str; 8] =
    ["time", "timestamp", "@timestamp", "ts", "datetime", "date", "Timestamp", "@t"];

/// Smallest number that is a time in milliseconds since 1970 and not in seconds.
const MILLISECONDS: f64 = 1e11;
/// Smallest number that is a time in seconds since 1970, in 2001. Smaller ones count from another moment.
const SECONDS: f64 = 1e9;
/// Smallest number that is a time since 1970 in a finer unit than milliseconds.
const FINER: f64 = 1e14;

/// A line that was packed into JSON.
#[derive(Debug, PartialEq)]
pub(super) struct PackedLine {
    pub(super) text: String,
    /// The time beside the text, in microseconds since 1970, when its time zone is known.
    pub(super) at_us: Option<i64>,
}

/// The kind of prefix that a container or a collector puts before each line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prefix {
    /// `db-1  | ` of docker compose.
    Bar,
    /// `Nov 23 01:24:47 host mysqld[77]: ` of journald.
    Process,
    /// `2026-11-23T01:24:47.1Z stderr F ` of Kubernetes: a time, and other words.
    Words(usize),
}

impl Prefix {
    /// Learns the prefix from a line that begins a record of the slow query log.
    pub(super) fn learn(line: &str) -> Option<Self> {
        let at = BEGINS.iter().filter_map(|begin| line.find(begin)).min()?;
        let prefix = line.get(..at).filter(|prefix| (1..LONGEST_PREFIX).contains(&prefix.len()))?;
        let words = prefix.split_whitespace().count();
        if prefix.contains(['\'', '"', '`', '#']) || words > 6 {
            None
        } else if prefix.ends_with("| ") && words <= 3 {
            Some(Self::Bar)
        } else if prefix.ends_with("]: ") {
            Some(Self::Process)
        } else if prefix.ends_with(' ') && begins_with_time(prefix) {
            Some(Self::Words(words))
        } else {
            None
        }
    }

    /// Returns the text of a line behind the prefix; `None` for a line without it.
    pub(super) fn strip(self, line: &str) -> Option<&str> {
        match self {
            Self::Bar => line.split_once("| ").map(|(_, text)| text),
            Self::Process => line.split_once("]: ").map(|(_, text)| text),
            Self::Words(words) => {
                let mut rest = begins_with_time(line).then_some(line)?;
                for _ in 0..words {
                    rest = rest.split_once(' ').map_or("", |(_, behind)| behind);
                }
                Some(rest)
            }
        }
    }
}

/// Returns true for a line whose first word is a time with its date.
fn begins_with_time(line: &str) -> bool {
    let word = line.split(' ').next().unwrap_or_default();
    word.starts_with(|char: char| char.is_ascii_digit())
        && word.len() > "2026-11-23".len()
        && time::written(word.as_bytes()).is_some()
}

/// Returns the text in a line of JSON, which may stand behind the prefix of a container or a collector.
pub(super) fn packed(line: &str) -> Option<PackedLine> {
    let at = line.find('{')?;
    let (prefix, json) = line.split_at_checked(at)?;
    // Values of a statement may be JSON, but stand in quotes.
    if prefix.len() >= LONGEST_PREFIX || prefix.contains(['\'', '"', '`', '#']) {
        return None;
    }
    let json: Value = serde_json::from_str(json).ok()?;
    let texts = || FIELDS.iter().filter_map(|field| text(json.get(field)));
    // Google Cloud writes an empty line of a statement too.
    let text = texts().find(|text| !text.is_empty()).or_else(|| texts().next())?;
    let at_us = TIMES.iter().find_map(|field| moment(json.get(field)?));
    Some(PackedLine { text, at_us })
}

/// Returns the microseconds of a time that contains its zone, or of a number of seconds or milliseconds
/// since 1970.
fn moment(value: &Value) -> Option<i64> {
    if let Some(text) = value.as_str() {
        let time = time::written(text.as_bytes()).filter(|time| !time.local);
        return time.map(|time| time.us);
    }
    match value.as_f64()? {
        seconds if (SECONDS..MILLISECONDS).contains(&seconds) => {
            Some((seconds * 1e6).round() as i64)
        }
        milliseconds if (MILLISECONDS..FINER).contains(&milliseconds) => {
            Some((milliseconds * 1e3).round() as i64)
        }
        _ => None,
    }
}

/// Returns the position of the messages in the header of a table, and the number of its columns.
pub(super) fn table(line: &str) -> Option<(usize, usize)> {
    let fields = csv::split(line.trim_end().as_bytes(), b',')?;
    let is = |name: &[u8]| fields.iter().position(|field| field.trim_ascii() == name);
    let time = is(b"timestamp").or_else(|| is(b"@timestamp")).is_some();
    let message = is(b"message").or_else(|| is(b"@message")).filter(|_| time)?;
    Some((message, fields.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_are_known_by_the_line_that_begins_a_record() {
        let time = "# Time: 2026-11-23T01:24:47.123456Z";
        for (prefix, other) in [
            ("db-1  | ", "db-1  | select '| ';"),
            ("Nov 23 01:24:47 ip mysqld[77]: ", "Nov 23 01:24:48 ip mysqld[77]: select '| ';"),
            ("2026-11-23T01:24:47.1Z ", "2026-11-23T01:24:47.123456789Z select '| ';"),
            (
                "2026-11-23T01:24:47.1Z stderr F ",
                "2026-11-23T01:24:47.123456789Z stdout F select '| ';",
            ),
        ] {
            let found = Prefix::learn(&format!("{prefix}{time}")).unwrap();
            assert_eq!(found.strip(&format!("{prefix}{time}")), Some(time), "{prefix}");
            assert_eq!(found.strip(other), Some("select '| ';"), "{prefix}");
        }
        for line in [time, "select '| # Time: 1'", "insert into t values (1) /* ]: # Time: 1", "x"]
        {
            assert_eq!(Prefix::learn(line), None, "{line}");
        }
        let docker = packed(r#"{"log":"select 1;\n","stream":"stderr"}"#);
        assert_eq!(docker.map(|line| line.text).as_deref(), Some("select 1;\n"));
        let empty = packed(r#"{"textPayload":"","timestamp":"2026-11-27T11:00:00Z"}"#);
        assert_eq!(empty.map(|line| line.text).as_deref(), Some(""));
        assert_eq!((packed("{"), packed("{}"), packed("select 1")), (None, None, None));
    }
}
