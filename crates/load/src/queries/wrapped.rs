//! Logs of statements that CloudWatch has wrapped: the JSON of its commands, the tables of its
//! console, and `aws logs tail`.

use crate::read::csv;
use serde_json::Value;

/// Largest size of JSON, in bytes. A command of CloudWatch returns a few megabytes.
pub(super) const LONGEST: u64 = 256 * 1024 * 1024;

/// The first line of an event of a slow query log.
const BEGINS: [&str; 3] = ["# Time: ", "# User@Host: ", "/rdsdbbin/"];

/// Returns true for JSON of `filter-log-events`, `get-log-events` or `get-query-results`.
pub(super) fn is_json(head: &[u8]) -> bool {
    let has = |what: &str| memchr::memmem::find(head, what.as_bytes()).is_some();
    head.trim_ascii_start().starts_with(b"{") && (has("\"events\"") || has("\"results\""))
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

/// Returns the position of the messages in the header of a table, and the number of its columns.
pub(super) fn table(line: &str) -> Option<(usize, usize)> {
    let fields = csv::split(line.trim_end().as_bytes(), b',')?;
    let is = |name: &[u8]| fields.iter().position(|field| field.trim_ascii() == name);
    let time = is(b"timestamp").or_else(|| is(b"@timestamp")).is_some();
    let message = is(b"message").or_else(|| is(b"@message")).filter(|_| time)?;
    Some((message, fields.len()))
}
