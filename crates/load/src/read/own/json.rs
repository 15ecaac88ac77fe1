//! Finds the requests in JSON: an object or a list for each, in lines, in one list, or in a list within an object.

use super::columns::Columns;
use crate::read::csv::Cells;
use crate::warning::Warning;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::fmt;
use std::io::Read;

/// Number of requests at the start of a file by which it is recognised.
const LOOKED_AT: usize = 100;
/// Names of a list with the names of columns, beside a list of rows.
const NAMES: [&str; 5] = ["columns", "fields", "header", "headers", "names"];

/// The first requests of a file.
pub(super) struct FirstItems {
    pub(super) items: Vec<Value>,
    /// The names of columns that stand apart from the requests.
    names: Option<Vec<String>>,
    /// The key of the list within an object.
    pub(super) key: Option<String>,
}

impl FirstItems {
    fn new(items: Vec<Value>) -> Self {
        Self { items, names: None, key: None }
    }

    /// Returns the names of the columns.
    pub(super) fn names(&self) -> Vec<String> {
        if let Some(names) = &self.names {
            return names.clone();
        }
        if let Some(names) = self.items.first().and_then(texts) {
            return names;
        }
        let mut names: Vec<String> = Vec::new();
        for (name, _) in self.items.iter().filter_map(Value::as_object).flat_map(flat) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }
}

/// Returns the texts of a list that has nothing else.
fn texts(value: &Value) -> Option<Vec<String>> {
    let list = value.as_array().filter(|list| !list.is_empty())?;
    list.iter().map(|text| text.as_str().map(str::to_owned)).collect()
}

/// Returns the requests of the first lines.
pub(super) fn of_lines(head: &[u8]) -> FirstItems {
    let lines = head.split(|&byte| byte == b'\n').take(LOOKED_AT);
    FirstItems::new(lines.filter_map(|line| serde_json::from_slice(line).ok()).collect())
}

/// Returns the first requests of a list.
pub(super) fn of_list(head: &[u8]) -> FirstItems {
    let items = head.get(1..).unwrap_or_default();
    let mut found = Vec::new();
    let mut rest = items.trim_ascii_start();
    while found.len() < LOOKED_AT && rest.starts_with(b"{") | rest.starts_with(b"[") {
        let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<Value>();
        let Some(Ok(value)) = values.next() else { break };
        found.push(value);
        rest = rest.get(values.byte_offset()..).unwrap_or_default().trim_ascii_start();
        rest = rest.strip_prefix(b",").unwrap_or(rest).trim_ascii_start();
    }
    FirstItems::new(found)
}

/// Returns the first requests of a list within an object: `{"requests": [...]}`, or `{"columns": [...], "rows": [...]}`.
pub(super) fn of_object(head: &[u8]) -> Option<FirstItems> {
    let mut names = None;
    let mut rest = head.strip_prefix(b"{")?.trim_ascii_start();
    loop {
        let (key, behind) = value_at::<String>(rest)?;
        rest = behind.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
        let first = rest.strip_prefix(b"[").and_then(|list| list.trim_ascii_start().first());
        if matches!(first, Some(b'{' | b'[')) {
            return Some(FirstItems { names, key: Some(key), ..of_list(rest) });
        }
        let (value, behind) = value_at::<Value>(rest)?;
        if NAMES.contains(&key.as_str()) {
            names = texts(&value);
        }
        rest = behind.trim_ascii_start().strip_prefix(b",")?.trim_ascii_start();
    }
}

/// Reads the value at the start of a text; also returns the text behind it.
fn value_at<T: for<'de> serde::Deserialize<'de>>(text: &[u8]) -> Option<(T, &[u8])> {
    let mut values = serde_json::Deserializer::from_slice(text).into_iter::<T>();
    let value = values.next()?.ok()?;
    Some((value, text.get(values.byte_offset()..)?))
}

/// Returns the fields of an object, with those of the objects in it under both names: `response.status`.
fn flat(object: &Map<String, Value>) -> impl Iterator<Item = (String, &Value)> {
    object.iter().flat_map(|(name, value)| {
        let inner = value.as_object().into_iter().flatten();
        let inner = inner.map(move |(key, value)| (format!("{name}.{key}"), value));
        std::iter::once((name.clone(), value)).chain(inner)
    })
}

/// Returns the values of a request in the order of the columns.
pub(super) fn row(request: &Value, columns: &Columns) -> Cells<'static> {
    let find = |(at, name): (usize, &String)| match request {
        Value::Array(list) => list.get(at),
        _ => request.get(name).or_else(|| {
            let (outer, inner) = name.split_once('.')?;
            request.get(outer)?.get(inner)
        }),
    };
    let text = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let cell = |column| Cow::Owned(find(column).map(text).unwrap_or_default().into_bytes());
    Cells(columns.names.iter().enumerate().map(cell).collect())
}

/// Returns true for the names of the columns in a list of their own.
pub(super) fn is_names(request: &Value, columns: &Columns) -> bool {
    texts(request).is_some_and(|names| names == columns.names)
}

/// Reads a list of requests up to damage, of which a warning is returned. `add` takes each request with its
/// number, and returns false to end.
pub(super) fn list(
    input: impl Read,
    key: Option<&str>,
    add: &mut dyn FnMut(&Value, u64) -> bool,
) -> Option<Warning> {
    let mut list = List { add, is_ended: false };
    let mut json = serde_json::Deserializer::from_reader(std::io::BufReader::new(input));
    let read = match key {
        Some(key) => json.deserialize_map(Within { key, list: &mut list }),
        None => json.deserialize_seq(&mut list),
    };
    let damage = read.err().filter(|_| !list.is_ended);
    damage.map(|error| Warning::CutFile { line: error.line() as u64 })
}

struct List<'a> {
    add: &'a mut dyn FnMut(&Value, u64) -> bool,
    is_ended: bool,
}

impl<'de> Visitor<'de> for &mut List<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of requests")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let mut number = 0;
        while let Some(request) = items.next_element::<Value>()? {
            number += 1;
            if !(self.add)(&request, number) {
                self.is_ended = true;
                return Ok(());
            }
        }
        Ok(())
    }
}

impl<'de> serde::de::DeserializeSeed<'de> for &mut List<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

/// An object that has the list below a key.
struct Within<'k, 'l, 'a> {
    key: &'k str,
    list: &'l mut List<'a>,
}

impl<'de> Visitor<'de> for Within<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with a list of requests")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            if key == self.key {
                map.next_value_seed(&mut *self.list)?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}
