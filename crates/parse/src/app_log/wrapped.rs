//! Files in which each line of a log is a value: exports of CloudWatch Logs from the AWS
//! command line and consoles, as JSON (`filter-log-events`, `get-log-events`,
//! `get-query-results`) and as CSV.

use super::reader::Reader;
use super::record;
use super::time::Stamp;
use crate::error::Error;
use crate::json::{self, Damage, Object, Record, Records, Scalar, StrictObject, skip};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use spikeflame_profile::warning::Fact;
use std::cell::Cell;
use std::fmt;
use std::io::{self, Read};
use std::path::Path;

/// The most messages that are held to bring a query's rows, newest first, into the order of
/// time. CloudWatch returns at most 10,000.
const HELD: usize = 100_000;

/// The format that a log is wrapped in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrapper {
    /// A JSON document of events, or of rows of fields.
    Json,
    /// A CSV table with a time and a message.
    Csv,
}

/// Recognises a wrapped log from the beginning of its file.
pub(crate) fn wrapping(head: &[u8]) -> Option<Wrapper> {
    let head = head.strip_prefix(json::BYTE_ORDER_MARK).unwrap_or(head).trim_ascii_start();
    let has = |text: &str| memchr::memmem::find(head, text.as_bytes()).is_some();
    let is_events = has("\"events\"") && has("\"message\"") && has("\"timestamp\"");
    let is_rows = has("\"results\"") && has("\"field\"") && has("\"@message\"");
    if head.starts_with(b"{") && (is_events || is_rows) {
        return Some(Wrapper::Json);
    }
    let first = head.split(|&b| b == b'\n').next()?;
    let columns = Columns::find(&csv::StringRecord::from(
        String::from_utf8_lossy(first).trim().split(',').map(unquoted).collect::<Vec<_>>(),
    ));
    columns.map(|_| Wrapper::Csv)
}

fn unquoted(text: &str) -> &str {
    text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text)
}

/// One message and its source.
#[derive(Clone, Debug, Default)]
struct Message {
    stamp: Option<Stamp>,
    stream: String,
    text: String,
}

/// Passes messages to the reader. The messages of a query that lists the newest first are
/// reversed.
struct Messages<'a> {
    reader: &'a mut Reader,
    held: Vec<Message>,
    passing: bool,
}

impl Messages<'_> {
    fn take(&mut self, message: Message) {
        if self.passing {
            return hand_over(self.reader, &message);
        }
        self.held.push(message);
        if self.held.len() == HELD {
            self.flush();
            self.passing = true;
        }
    }

    fn flush(&mut self) {
        let time = |message: &Message| message.stamp.map(|stamp| stamp.us);
        let first = self.held.iter().find_map(time);
        let last = self.held.iter().rev().find_map(time);
        if last < first {
            self.held.reverse();
        }
        for message in std::mem::take(&mut self.held) {
            hand_over(self.reader, &message);
        }
    }
}

fn hand_over(reader: &mut Reader, message: &Message) {
    reader.follow(&message.stream);
    if let Some(stamp) = message.stamp {
        reader.recorder.tick(stamp);
    }
    reader.zoned_outside = message.stamp.is_some_and(|stamp| stamp.zoned);
    for line in message.text.lines() {
        reader.line(line, 1);
    }
    reader.number += 1;
}

/// Reads a wrapped log into `reader`; returns the damage that was found.
pub(super) fn read(
    wrapping: Wrapper,
    input: impl Read,
    path: &Path,
    reader: &mut Reader,
) -> Result<Option<Fact>, Error> {
    let mut messages = Messages { reader, held: Vec::new(), passing: false };
    let damage = match wrapping {
        Wrapper::Json => {
            let mut document = Document { messages: &mut messages };
            let damage = json::read(input, path, false, StrictObject(&mut document))?;
            damage.as_ref().map(Damage::fact)
        }
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
    const WHAT: &'static str = "an object of log events";

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
    const WHAT: &'static str = "a log event";

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
            self.0.take(std::mem::take(&mut row).message);
        }
        Ok(())
    }
}

#[derive(Default)]
struct Row {
    field: String,
    value: String,
    message: Message,
}

impl Object for Row {
    const WHAT: &'static str = "a field of a row";

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
        match self.field.as_str() {
            "@timestamp" => self.message.stamp = query_time(&value),
            "@message" => self.message.text = value,
            "@logStream" => self.message.stream = value,
            _ => {}
        }
        self.field.clear();
        Ok(())
    }
}

/// Reads the time of a query's row, which is in UTC without naming a zone.
fn query_time(value: &str) -> Option<Stamp> {
    record::stamp(value).map(|stamp| Stamp { zoned: true, ..stamp })
}

/// The indices of the columns that are read.
struct Columns {
    time: usize,
    message: usize,
    stream: Option<usize>,
}

impl Columns {
    fn find(header: &csv::StringRecord) -> Option<Self> {
        let find = |names: [&str; 2]| {
            header.iter().position(|name| names.contains(&name.trim_start_matches('\u{feff}')))
        };
        Some(Self {
            time: find(["timestamp", "@timestamp"])?,
            message: find(["message", "@message"])?,
            stream: find(["logStreamName", "@logStream"]),
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
        messages.take(Message {
            stamp: query_time(&cell(columns.time)),
            stream: columns.stream.map(cell).unwrap_or_default(),
            text: cell(columns.message),
        });
    }
}
