//! Files in which each line of a log is a value: exports of CloudWatch Logs from the AWS
//! command line and consoles, as JSON (`filter-log-events`, `get-log-events`,
//! `get-query-results`) and as CSV; JSON and tables of other services; and the text that Grafana
//! saves, a time and a tab before each line.

use super::entries::{self, Entries};
use super::level::{self, Level};
use super::line;
use super::messages::{Message, Messages};
use super::newest;
use super::reader::Reader;
use super::record::{self, Place, Record as Fields};
use super::time::{self, Stamp};
use crate::chunks::{Chunk, Chunks};
use crate::error::Error;
use crate::json::{self, Damage, Object, Record, Records, Scalar, StrictObject, skip};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use spikeflame_profile::warning::Fact;
use std::cell::Cell;
use std::fmt;
use std::io::{self, Read};
use std::path::Path;

/// The format that a log is wrapped in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrapper {
    /// A JSON document of events, or of rows of fields.
    Json,
    /// A JSON document of another service, with entries.
    Entries,
    /// A CSV table with a time and a message.
    Csv,
    /// Lines with a time and a tab before each.
    Tabs,
    /// Lines with a collector's time, the newest first.
    Newest,
}

/// Recognises a wrapped log from the beginning of its file.
pub(crate) fn wrapping(head: &[u8]) -> Option<Wrapper> {
    let head = head.strip_prefix(json::BYTE_ORDER_MARK).unwrap_or(head).trim_ascii_start();
    let has = |text: &str| memchr::memmem::find(head, text.as_bytes()).is_some();
    let is_events = has("\"events\"") && has("\"message\"") && has("\"timestamp\"");
    let has_text = || ["\"@message\"", "\"message\"", "\"msg\""].iter().any(|name| has(name));
    let is_rows = has("\"results\"") && has("\"field\"") && has_text();
    if head.starts_with(b"{") && (is_events || is_rows) {
        return Some(Wrapper::Json);
    }
    if entries::is_head(head) {
        return Some(Wrapper::Entries);
    }
    if has_tabs(head) {
        return Some(Wrapper::Tabs);
    }
    if newest::is_head(head) {
        return Some(Wrapper::Newest);
    }
    let first = head.split(|&b| b == b'\n').next()?;
    let columns = Columns::find(&csv::StringRecord::from(
        String::from_utf8_lossy(first).trim().split(',').map(unquoted).collect::<Vec<_>>(),
    ));
    columns.map(|_| Wrapper::Csv)
}

/// The lines that Grafana writes above those of the log.
const GRAFANA_HEAD: [&[u8]; 3] = [b"Common labels: ", b"Line limit: ", b"Total bytes processed: "];

/// Returns true for lines that all begin with a time and a tab, as Grafana's Explore saves them.
/// AWS Lambda has tabs too, with the id of a request between them.
fn has_tabs(head: &[u8]) -> bool {
    let is_above = |line: &&[u8]| GRAFANA_HEAD.iter().any(|start| line.starts_with(start));
    let mut lines = head.split(|&b| b == b'\n').filter(|line| !line.trim_ascii().is_empty());
    let (mut count, mut named) = (0, false);
    let mut newest_first = false;
    let mut last: Option<Stamp> = None;
    for bytes in lines.by_ref().take(20) {
        if is_above(&bytes) {
            named = true;
            continue;
        }
        let text = String::from_utf8_lossy(bytes);
        let Some((stamp, _)) = tabbed(&text) else { break };
        newest_first |= last.is_some_and(|last| stamp.us < last.us);
        last = Some(stamp);
        count += 1;
    }
    named && count > 0 || newest_first && count > 1
}

/// Splits a line into its time and the text after a tab.
fn tabbed(line: &str) -> Option<(Stamp, &str)> {
    // A time without a tab after it is the common case.
    memchr::memchr(b'\t', line.as_bytes().get(..40).unwrap_or(line.as_bytes()))?;
    let (stamp, rest) = time::take(line)?;
    let text = rest.strip_prefix('\t')?;
    (line::parse(line).level.is_none() || line::parse(text).level.is_some())
        .then_some((stamp, text))
}

fn unquoted(text: &str) -> &str {
    text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text)
}

/// Reads a wrapped log into `reader`; returns the damage that was found.
pub(super) fn read(
    wrapping: Wrapper,
    input: impl Read,
    path: &Path,
    reader: &mut Reader,
) -> Result<Option<Fact>, Error> {
    let mut messages = Messages::new(reader);
    let damage = match wrapping {
        Wrapper::Json => {
            let mut document = Document { messages: &mut messages };
            let damage = json::read(input, path, false, StrictObject(&mut document))?;
            damage.as_ref().map(Damage::fact)
        }
        Wrapper::Entries => {
            let document = Entries { messages: &mut messages, depth: 0 };
            let damage = json::read(input, path, false, document)?;
            damage.as_ref().map(Damage::fact)
        }
        Wrapper::Tabs => lines(input, path, &mut messages, tabbed)?,
        Wrapper::Newest => lines(input, path, &mut messages, newest::split)?,
        Wrapper::Csv => table(input, path, &mut messages)?,
    };
    messages.flush();
    Ok(damage)
}

/// Reads `{"events": [...]}` or `{"results": [[...], ...]}`.
struct Document<'a, 'b> {
    messages: &'a mut Messages<'b>,
}

impl Object for Document<'_, '_> {
    const OBJECT: &'static str = "an object of log events";

    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "events" => {
                let mut events = Event { at: Message::default(), messages: self.messages };
                map.next_value_seed(Records(&mut events))
            }
            "results" => map.next_value_seed(Rows(self.messages)),
            _ => skip(map),
        }
    }
}

/// Reads `{"timestamp": ..., "message": ..., "logStreamName": ...}`.
struct Event<'a, 'b> {
    at: Message,
    messages: &'a mut Messages<'b>,
}

impl Object for Event<'_, '_> {
    const OBJECT: &'static str = "a log event";

    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "timestamp" => {
                let mut value = String::new();
                map.next_value_seed(Scalar(&mut value))?;
                self.at.stamp = record::stamp(&value);
                Ok(())
            }
            "message" => map.next_value_seed(Scalar(&mut self.at.text)),
            "logStreamName" => map.next_value_seed(Scalar(&mut self.at.stream)),
            _ => skip(map),
        }
    }
}

impl Record for Event<'_, '_> {
    fn end(&mut self) -> json::Admission {
        self.messages.take(std::mem::take(&mut self.at));
        Ok(())
    }
}

/// Reads the rows of a query, each a list of `{"field": ..., "value": ...}`.
struct Rows<'a, 'b>(&'a mut Messages<'b>);

impl<'de> DeserializeSeed<'de> for Rows<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Rows<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("rows of a query")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let mut row = Row::default();
        while seq.next_element_seed(Records(&mut row))?.is_some() {
            let Row { stream, fields, .. } = std::mem::take(&mut row);
            self.0.take_record(stream, fields.unwrap_or_else(|| Fields::entry(None)));
        }
        Ok(())
    }
}

#[derive(Default)]
struct Row {
    field: String,
    value: String,
    stream: String,
    fields: Option<Fields>,
}

impl Object for Row {
    const OBJECT: &'static str = "a field of a row";

    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "field" => map.next_value_seed(Scalar(&mut self.field)),
            "value" => map.next_value_seed(Scalar(&mut self.value)),
            _ => skip(map),
        }
    }
}

impl Record for Row {
    fn end(&mut self) -> json::Admission {
        let value = std::mem::take(&mut self.value);
        let fields = self.fields.get_or_insert_with(|| Fields::entry(None));
        match self.field.as_str() {
            "@timestamp" => fields.stamp = query_time(&value).or(fields.stamp),
            "@message" => fields.message = value,
            "@logStream" => self.stream = value,
            // A time of the program's own may stand beside it.
            "time" | "timestamp" if fields.stamp.is_some() => {}
            name => fields.set(Place::Top, name, &value),
        }
        self.field.clear();
        Ok(())
    }
}

/// Reads the time of a query's row, which is in UTC without naming a zone.
fn query_time(value: &str) -> Option<Stamp> {
    record::stamp(value).map(|stamp| Stamp { zoned: true, ..stamp })
}

/// Reads the time of a row: without a zone it is UTC in CloudWatch's tables, and the time of the
/// reader's browser in Kibana's, Grafana's and Datadog's.
fn row_time(value: &str, is_utc: bool) -> Option<Stamp> {
    record::stamp(value)
        .map(|stamp| Stamp { zoned: stamp.zoned || is_utc && !value.contains(" @ "), ..stamp })
}

/// The indices of the columns that are read.
struct Columns {
    time: usize,
    /// True when times without a zone are UTC.
    is_utc: bool,
    /// The columns of a message. Google Cloud fills one of two in each row.
    messages: Vec<usize>,
    /// True for a table of exceptions of Application Insights, in which each row is an error.
    is_insights: bool,
    stream: Option<usize>,
    /// Columns of a level and of an error, with the names of the fields that they are.
    fields: Vec<(usize, Place, String)>,
}

/// Returns the place and the name of the field that a column holds, for a level and the parts of an
/// error. `is_insights` is true for a table of exceptions of Application Insights.
fn field(name: &str, is_insights: bool) -> Option<(Place, String)> {
    // Google Cloud writes `json_payload.level`, Kibana and Datadog `error.stack_trace` and `@level`.
    let name = name.trim_start_matches('\u{feff}');
    let payload = ["json_payload.", "jsonPayload."].iter().find_map(|it| name.strip_prefix(it));
    let place = if payload.is_some() { Place::Payload } else { Place::Top };
    let name = payload.unwrap_or(name);
    let lower = name.trim_start_matches("@error.").to_lowercase();
    let is_error = ["error.", "err.", "exception."].iter().any(|start| name.starts_with(start));
    let name = match lower.as_str() {
        "status" | "stack" | "stack_trace" => lower,
        // Application Insights has the class of an exception beside its message.
        "type" | "exceptiontype" if is_insights => return Some((Place::Error, "type".to_owned())),
        "details" if is_insights => return Some((Place::Top, "details".to_owned())),
        "outermessage" => return Some((Place::Error, "message".to_owned())),
        _ if is_error || level::scale(name).is_some() => name.to_owned(),
        _ => return None,
    };
    Some((place, name))
}

impl Columns {
    fn find(header: &csv::StringRecord) -> Option<Self> {
        let find = |names: &[&str]| {
            header.iter().position(|name| names.contains(&name.trim_start_matches('\u{feff}')))
        };
        let cloudwatch = find(&["timestamp", "@timestamp"]);
        let azure =
            find(&["TimeGenerated [UTC]", "timestamp [UTC]", "TimeGenerated", "generated_at"]);
        let is_utc = cloudwatch.or(azure).is_some();
        let cloudwatch = cloudwatch.or(azure);
        let messages = [
            ["message", "@message"].as_slice(),
            &["Message", "Content", "Line", "textPayload", "text_payload", "_raw"],
            &["ResultDescription", "Log", "outerMessage", "OuterMessage"],
            &[
                "json_payload.message",
                "jsonPayload.message",
                "msg",
                "LogEntry",
                "LogMessage",
                "Log_s",
            ],
            &["json_payload.msg", "jsonPayload.msg"],
        ];
        let is_insights = find(&["outerMessage", "OuterMessage"]).is_some();
        let messages: Vec<usize> = messages.iter().filter_map(|names| find(names)).collect();
        Some(Self {
            // Grafana has nanoseconds beside a time of the reader's zone.
            time: find(&["tsNs"])
                .or(cloudwatch)
                .or_else(|| find(&["Date", "Time", "_time", "date", "time", "ts"]))
                .filter(|_| !messages.is_empty())?,
            is_utc,
            is_insights,
            messages,
            fields: (header.iter().enumerate())
                .filter_map(|(at, name)| {
                    field(name, is_insights).map(|(place, name)| (at, place, name))
                })
                .collect(),
            stream: find(&["logStreamName", "@logStream"]),
        })
    }
}

/// The longest row in bytes. Without a limit, a quote that is never closed would take all
/// memory.
const LONGEST_ROW: u64 = 64 << 20;

/// A stream that fails when a row gets too long.
struct RowBound<'a, R> {
    input: R,
    since_row: &'a Cell<u64>,
}

impl<R: Read> Read for RowBound<'_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(buf)?;
        self.since_row.set(self.since_row.get() + count as u64);
        if self.since_row.get() > LONGEST_ROW {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a row of more than 64 MiB"));
        }
        Ok(count)
    }
}

/// Reads lines with a time before each, which `split` takes off. A line without a time continues the one
/// above.
fn lines(
    input: impl Read,
    path: &Path,
    messages: &mut Messages<'_>,
    split: fn(&str) -> Option<(Stamp, &str)>,
) -> Result<Option<Fact>, Error> {
    let fail = |source| Error::Io { path: path.to_owned(), source };
    let (mut chunks, mut chunk) = (Chunks::new(input), Chunk::default());
    let mut open = Message::default();
    while chunks.next(&mut chunk).map_err(fail)? {
        for bytes in chunk.bytes().split(|&b| b == b'\n') {
            let line = String::from_utf8_lossy(bytes);
            match split(&line) {
                Some((stamp, text)) => {
                    let text = text.to_owned();
                    let next = Message { stamp: Some(stamp), text, ..Message::default() };
                    messages.take_some(std::mem::replace(&mut open, next));
                }
                // Grafana's own lines stand above the first time.
                None if open.stamp.is_some() && !bytes.is_empty() => {
                    open.text.push('\n');
                    open.text.push_str(&line);
                }
                None => {}
            }
        }
    }
    messages.take_some(open);
    Ok(chunks.ending().damaged.then_some(Fact::PackedData))
}

/// Returns true for the cell of a field that a row does not have. Kibana writes a bar.
fn is_nothing(cell: &str) -> bool {
    matches!(cell, "" | "-" | "(null)" | "null")
}

fn table(
    input: impl Read,
    path: &Path,
    messages: &mut Messages<'_>,
) -> Result<Option<Fact>, Error> {
    let since_row = Cell::new(0);
    let input = RowBound { input, since_row: &since_row };
    let mut rows = csv::ReaderBuilder::new().flexible(true).from_reader(input);
    let fail = |error: csv::Error| match error.into_kind() {
        csv::ErrorKind::Io(source) if !crate::chunks::is_damage(&source) => {
            Err(Error::Io { path: path.to_owned(), source })
        }
        csv::ErrorKind::Io(source) => Ok(Some(Fact::Table { what: source.to_string() })),
        _ => Ok(Some(Fact::Table { what: "a row is not CSV".to_owned() })),
    };
    let columns = match rows.byte_headers() {
        Ok(header) => Columns::find(&csv::StringRecord::from_byte_record_lossy(header.clone())),
        Err(error) => return fail(error),
    };
    let Some(columns) = columns else { return Ok(None) };
    let mut row = csv::ByteRecord::new();
    loop {
        match rows.read_byte_record(&mut row) {
            Ok(true) => {}
            Ok(false) => return Ok(None),
            Err(error) => return fail(error),
        }
        since_row.set(0);
        let cell = |at| String::from_utf8_lossy(row.get(at).unwrap_or_default()).into_owned();
        let stamp = row_time(&cell(columns.time), columns.is_utc);
        let mut fields = Fields::entry(stamp);
        for (at, place, name) in &columns.fields {
            let value = cell(*at);
            if !is_nothing(&value) {
                fields.set(*place, name, &value);
            }
        }
        if columns.is_insights {
            fields.level = fields.level.or(Some(Level::Error));
        }
        let texts = columns.messages.iter().map(|at| cell(*at));
        fields.message = texts.into_iter().find(|text| !is_nothing(text)).unwrap_or_default();
        let stream = columns.stream.map(cell).unwrap_or_default();
        messages.take_record(stream, fields);
    }
}
