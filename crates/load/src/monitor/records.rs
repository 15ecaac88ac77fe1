//! Makes a table of records in JSON: objects with a time and numbers, one a line or in a list, such as those of
//! RDS Enhanced Monitoring, of New Relic's queries, of sysstat, and of `docker stats` with a time added.

use super::cells::{is_time, number};
use crate::read::table::Mark;
use crate::read::time;
use serde_json::Value;
use std::collections::HashMap;

/// The most columns of the table.
const MOST_COLUMNS: usize = 280;

/// The most members of a list within a record that are columns: disks and networks, but not processes.
const MOST_MEMBERS: usize = 8;

/// The deepest object whose members are columns.
const DEEPEST: usize = 8;

/// Keys of times beside those that columns of a table have.
const TIMES: [&str; 4] = ["beginTimeSeconds", "timeStamp", "clock", "read"];

/// Keys of the name of the thing that a record or a member of a list is about.
const NAMES: [&str; 18] = [
    "name",
    "Name",
    "device",
    "interface",
    "mountPoint",
    "host",
    "hostname",
    "pod",
    "container",
    "service",
    "instance",
    "metric",
    "facet",
    "cpu",
    "disk_device",
    "disk-device",
    "filesystem",
    "iface",
];

/// Keys with a text by which an object is a line of a log: that of a program, of accesses or of a database.
const OF_LOGS: [&str; 22] = [
    "message",
    "@message",
    "msg",
    "log",
    "text",
    "textPayload",
    "line",
    "body",
    "content",
    "level",
    "severity",
    "log.level",
    "levelname",
    "error_severity",
    "error",
    "stack",
    "event",
    "method",
    "url",
    "path",
    "request",
    "statement",
];

/// Returns the key of a record's time; `None` for any other value, and for a line of a log.
fn time_key(record: &Value) -> Option<&String> {
    let is_text = |key: &&str| record.get(*key).is_some_and(Value::is_string);
    if OF_LOGS.iter().any(is_text) {
        return None;
    }
    let keys = record.as_object()?.keys();
    keys.filter(|key| is_time(key) || TIMES.contains(&key.as_str())).min_by_key(|key| key.len())
}

/// Returns lines of JSON with the time before each as a field of its record; `None` for any other text. `ts` of
/// moreutils writes such times: `docker stats --format json | ts '%FT%T%z'`.
pub(super) fn of_stamped_lines(text: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(text).ok()?;
    let split = |line: &str| -> Option<String> {
        let (time, record) = line.split_once(" {\"")?;
        let time = time.trim();
        time::either(time.as_bytes()).or_else(|| time::dated(time))?;
        Some(format!("{{\"time\":\"{time}\",\"{record}\n"))
    };
    // Other files are not searched as a whole.
    split(text.lines().find(|line| !line.trim().is_empty())?)?;
    Some(text.lines().filter_map(split).collect())
}

/// Returns the messages of CloudWatch Logs, one a line; `None` for any other text.
pub(super) fn messages(text: &[u8]) -> Option<String> {
    let value: Value = serde_json::from_slice(text).ok()?;
    let events = value.get("events")?.as_array()?;
    let messages = events.iter().filter_map(|event| event.get("message")?.as_str());
    Some(messages.filter(|text| text.trim_start().starts_with('{')).collect::<Vec<_>>().join("\n"))
}

/// Returns the samples in Heroku's log (`log-runtime-metrics`) as a table in CSV; `None` for any other text:
/// `TIME heroku[web.1]: source=web.1 sample#load_avg_1m=0.60 sample#memory_total=60.50MB`.
pub(super) fn of_heroku(text: &[u8]) -> Option<String> {
    let head = text.get(..text.len().min(64 * 1024))?;
    memchr::memmem::find(head, b" sample#")?;
    let text = std::str::from_utf8(text).ok()?;
    let mut columns = Columns::default();
    let mut rows = Vec::new();
    for line in text.lines().filter(|line| line.contains(" sample#")) {
        let mut words = line.split_whitespace();
        let Some(time) = words.next().filter(|it| time::either(it.as_bytes()).is_some()) else {
            continue;
        };
        for (key, cell) in words.filter_map(|word| word.split_once('=')) {
            match key.strip_prefix("sample#") {
                // The number of pages has no unit of time or size.
                Some(name) => columns.set(name.to_owned(), cell.trim_end_matches("pages")),
                None if key == "source" => columns.set(key.to_owned(), cell),
                None => {}
            }
        }
        rows.push((time.to_owned(), std::mem::take(&mut columns.cells)));
    }
    columns.table(&rows)
}

/// Returns the records of an answer: itself, those in its list, or the messages of CloudWatch Logs.
pub(super) fn of(value: &Value) -> Vec<Value> {
    let is_record = |value: &&Value| time_key(value).is_some();
    if is_record(&value) {
        return vec![value.clone()];
    }
    if let Some(hosts) = value.pointer("/sysstat/hosts").and_then(Value::as_array) {
        return hosts.iter().flat_map(of_sysstat).collect();
    }
    let messages = value.pointer("/events").and_then(Value::as_array);
    let parsed = messages.into_iter().flatten().filter_map(|event| {
        let message: Value = serde_json::from_str(event.get("message")?.as_str()?).ok()?;
        is_record(&&message).then_some(message)
    });
    let parsed: Vec<Value> = parsed.collect();
    let lists = ["/data/actor/account/nrql/results", "/results", "/timeSeries", ""];
    let listed = || lists.iter().find_map(|list| value.pointer(list)?.as_array());
    match parsed.is_empty() {
        true => listed().into_iter().flatten().filter(is_record).cloned().collect(),
        false => parsed,
    }
}

/// Returns the records of one host as `sadf -j` and `-o JSON` of mpstat and iostat write them. Their times
/// are objects, or times of day beside the date of the host.
fn of_sysstat(host: &Value) -> Vec<Value> {
    let statistics = host.get("statistics").and_then(Value::as_array).into_iter().flatten();
    statistics.filter_map(|one| record_of_sysstat(one, host)).collect()
}

fn record_of_sysstat(one: &Value, host: &Value) -> Option<Value> {
    let mut record = one.as_object()?.clone();
    record.remove("timestamp");
    record.insert("time".to_owned(), Value::String(time_of_sysstat(one, host)?));
    let all = ["/cpu-load/0", "/avg-cpu"].iter().find_map(|path| one.pointer(path));
    let part = |key: &str| all?.get(key)?.as_f64();
    if let (Some(idle), Some(waiting)) = (part("idle"), part("iowait")) {
        record.insert("CPU (%)".to_owned(), Value::from(100.0 - idle - waiting));
    }
    Some(Value::Object(record))
}

fn time_of_sysstat(one: &Value, host: &Value) -> Option<String> {
    let date = ["file-date", "date"].iter().find_map(|key| host.get(key)?.as_str());
    let is_zone_utc = host.get("timezone").and_then(Value::as_str) == Some("UTC");
    let time = one.get("timestamp")?;
    let part = |key: &str| time.get(key).and_then(Value::as_str);
    let (date, clock) = match time.as_str() {
        Some(text) if text.contains(['-', '/']) => return Some(text.to_owned()),
        Some(text) => (year_first(date?)?, text),
        None => (part("date")?.to_owned(), part("time")?),
    };
    let is_utc = is_zone_utc || time.get("utc").and_then(Value::as_u64) == Some(1);
    Some(format!("{date} {clock}{}", if is_utc { " UTC" } else { "" }))
}

/// Returns the date `11/30/26` of sysstat with its year first. Returns `None` where day and month may be
/// exchanged.
fn year_first(date: &str) -> Option<String> {
    let parts: Vec<&str> = date.split('/').collect();
    let [month, day, year] = parts.as_slice() else { return Some(date.to_owned()) };
    let is_clear = day.parse::<u32>().is_ok_and(|day| day > 12) || month == day;
    (is_clear && year.len() == 2).then(|| format!("20{year}-{month}-{day}"))
}

/// The columns of the table, and the cells of the row that is being read.
#[derive(Default)]
struct Columns {
    names: Vec<String>,
    places: HashMap<String, usize>,
    cells: Vec<String>,
}

impl Columns {
    /// Sets the cell of a column.
    fn set(&mut self, name: String, cell: &str) {
        let next = self.names.len();
        let at = *self.places.entry(name.clone()).or_insert(next);
        if at == next && next < MOST_COLUMNS {
            self.names.push(name);
        }
        self.cells.resize(self.names.len(), String::new());
        self.cells.get_mut(at).into_iter().for_each(|slot| cell.clone_into(slot));
    }

    /// Returns the table of rows, each with its time; `None` without a column.
    fn table(&self, rows: &[(String, Vec<String>)]) -> Option<String> {
        if self.names.is_empty() {
            return None;
        }
        let head = self.line("time", &self.names);
        let rows = rows.iter().map(|(time, cells)| self.line(time, cells));
        Some(std::iter::once(head).chain(rows).collect())
    }

    /// Returns a row of CSV with `first` before the cells, which may be fewer than the columns.
    fn line(&self, first: &str, cells: &[String]) -> String {
        let blank = (cells.len()..self.names.len()).map(|_| String::new());
        let cells = std::iter::once(quoted(first)).chain(cells.iter().map(|cell| quoted(cell)));
        cells.chain(blank).collect::<Vec<_>>().join(",") + "\n"
    }
}

/// Returns the table of the records as CSV; `None` when they have no numbers.
pub(super) fn table(records: &[Value]) -> Option<String> {
    let mut columns = Columns::default();
    let mut rows = Vec::new();
    for record in records {
        let Some(time) = time_key(record) else { continue };
        flatten(record, "", time, DEEPEST, &mut columns);
        let time = record.get(time).and_then(scalar).unwrap_or_default();
        rows.push((time, std::mem::take(&mut columns.cells)));
    }
    columns.table(&rows)
}

/// Sets the cells of the numbers in an object, with their paths as names, and of the name of the thing that a
/// record is about.
fn flatten(value: &Value, path: &str, time: &str, left: usize, columns: &mut Columns) {
    let Some(left) = left.checked_sub(1) else { return };
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    for (key, value) in value.as_object().into_iter().flatten() {
        match value {
            _ if path.is_empty() && (key == time || key == "endTimeSeconds") => {}
            Value::Number(number) => columns.set(below(key), &number.to_string()),
            Value::String(text) if path.is_empty() && NAMES.contains(&key.as_str()) => {
                columns.set(key.clone(), text);
            }
            // `docker stats` writes the memory in use and its limit: `20MiB / 1GiB`.
            Value::String(text) if number(first_of(text), Mark::Point).is_some() => {
                columns.set(below(key), first_of(text));
            }
            Value::Array(members) if members.len() <= MOST_MEMBERS => {
                for (at, member) in members.iter().enumerate() {
                    let named =
                        NAMES.iter().find_map(|name| Some((*name, member.get(*name)?.as_str()?)));
                    let name = named.map_or_else(|| at.to_string(), |(_, name)| name.to_owned());
                    // sysstat writes the number of a core as a text, which is no measurement.
                    let mut member = member.clone();
                    if let (Some((key, _)), Some(fields)) = (named, member.as_object_mut()) {
                        fields.remove(key);
                    }
                    flatten(&member, &below(&format!("{key}.{name}")), time, left, columns);
                }
            }
            value => flatten(value, &below(key), time, left, columns),
        }
    }
}

/// Returns the first of two quantities in one text.
fn first_of(text: &str) -> &str {
    text.split(" / ").next().unwrap_or(text)
}

/// Returns a cell of CSV.
fn quoted(cell: &str) -> String {
    match cell.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.to_owned(),
    }
}

/// Returns the text of a number or a text.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
