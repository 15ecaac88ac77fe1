//! A line that is a JSON object, as pino, winston, Nest and docker write them.

use super::line::Level;
use super::time::{self, Stamp};
use crate::json::{Scalar, Text};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use std::fmt;

/// What such a line says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Record {
    pub(super) level: Option<Level>,
    pub(super) stamp: Option<Stamp>,
    pub(super) message: String,
    /// The error's class and message, where they are told apart.
    pub(super) class: String,
    pub(super) error_message: String,
    pub(super) stack: String,
    /// The line that a program printed, where docker has packed it.
    pub(super) log: Option<String>,
}

impl Record {
    /// True when it looks like a logger's.
    pub(super) fn is_log(&self) -> bool {
        self.log.is_some() && self.stamp.is_some()
            || self.level.is_some() && (self.stamp.is_some() || !self.message.is_empty())
    }
}

/// Reads a line; `None` when it is no JSON object.
pub(super) fn parse(line: &str) -> Option<Record> {
    let mut record = Record::default();
    let mut json = serde_json::Deserializer::from_str(line.trim());
    (Fields { record: &mut record, within: false }).deserialize(&mut json).ok()?;
    json.end().ok()?;
    // Where a logger has no place for it.
    if record.stack.is_empty() && record.message.contains("\n    at ") {
        record.stack.clone_from(&record.message);
    }
    Some(record)
}

/// An object's fields; `within` for those of its error.
struct Fields<'a> {
    record: &'a mut Record,
    within: bool,
}

impl<'de> DeserializeSeed<'de> for Fields<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.within {
            deserializer.deserialize_any(self)
        } else {
            deserializer.deserialize_map(self)
        }
    }
}

impl<'de> Visitor<'de> for Fields<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { record, within } = self;
        while let Some(Text(key)) = map.next_key()? {
            let mut value = String::new();
            match key.as_str() {
                "err" | "error" | "exception" if !within => {
                    map.next_value_seed(Fields { record, within: true })?;
                }
                "stack" | "trace" | "stack_trace" | "stackTrace" => {
                    map.next_value_seed(Scalar(&mut value))?;
                    // Winston 3 with an error among its arguments has it twice.
                    if record.stack.is_empty() {
                        record.stack = value;
                    }
                }
                "type" | "name" if within => map.next_value_seed(Scalar(&mut record.class))?,
                "message" if within => map.next_value_seed(Scalar(&mut record.error_message))?,
                "msg" | "message" if !within => map.next_value_seed(Scalar(&mut record.message))?,
                "level" | "severity" if !within => {
                    map.next_value_seed(Scalar(&mut value))?;
                    record.level = level(&value);
                }
                "time" | "timestamp" | "@timestamp" | "ts" if !within => {
                    map.next_value_seed(Scalar(&mut value))?;
                    record.stamp = stamp(&value);
                }
                "log" if !within => {
                    map.next_value_seed(Scalar(&mut value))?;
                    record.log = Some(value).filter(|log| !log.is_empty());
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        // `"error": "message"`, or a whole stack.
        let slot = match text.contains("\n    at ") {
            true => &mut self.record.stack,
            false => &mut self.record.error_message,
        };
        text.clone_into(slot);
        Ok(())
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// pino's numbers (50 is an error), or a word.
fn level(value: &str) -> Option<Level> {
    if let Ok(number) = value.parse::<f64>() {
        return Some(if number >= 50.0 { Level::Error } else { Level::Other });
    }
    let word = value.to_ascii_lowercase();
    let errors = ["error", "fatal", "crit", "emerg", "alert", "severe", "panic"];
    match errors.iter().any(|error| word.contains(error)) {
        true => Some(Level::Error),
        false => (!word.is_empty()).then_some(Level::Other),
    }
}

/// ISO 8601, or Unix time in seconds, milliseconds, micro- or nanoseconds.
fn stamp(value: &str) -> Option<Stamp> {
    if let Some((stamp, _)) = time::take(value).filter(|_| value.contains(':')) {
        return Some(stamp);
    }
    let number: f64 = value.parse().ok()?;
    let scale = match number {
        // 1985 to 2286, in each unit.
        5e8..1e10 => 1e6,
        5e11..1e13 => 1e3,
        5e14..1e16 => 1.0,
        5e17..1e19 => 1e-3,
        _ => return None,
    };
    Some(Stamp { us: (number * scale) as i64, zoned: true })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loggers_differ_in_their_keys() {
        let pino = r#"{"level":50,"time":1795480210395,"err":{"type":"TypeError","message":"m","stack":"s","code":1},"msg":"x"}"#;
        let record = parse(pino).unwrap();
        assert_eq!(record.level, Some(Level::Error));
        assert_eq!(record.stamp, Some(Stamp { us: 1_795_480_210_395_000, zoned: true }));
        let texts = [record.class, record.error_message, record.stack, record.message];
        assert_eq!(texts, ["TypeError", "m", "s", "x"]);
        let winston = r#"{"level":"info","message":"x","error":null,"stack":["a"],"timestamp":"2026-11-24T00:30:10.525Z"}"#;
        let record = parse(winston).unwrap_or_default();
        assert_eq!(record.level, Some(Level::Other));
        assert!(record.is_log());
        for line in [
            r#"{"severity":"ERROR","message":"Error: x\n    at f (/a.js:1:2)"}"#,
            r#"{"log.level":"error","level":"error","stack_trace":"Error: x\n    at f (/a.js:1:2)"}"#,
        ] {
            assert_eq!(parse(line).unwrap().stack, "Error: x\n    at f (/a.js:1:2)", "{line}");
        }
        let docker =
            r#"{"log":"Error: x\n","stream":"stderr","time":"2026-11-24T00:30:10.525123456Z"}"#;
        assert_eq!(parse(docker).unwrap().log.as_deref(), Some("Error: x\n"));
        for line in ["", "{", "[1]", r#"{"a":1} x"#, "7"] {
            assert_eq!(parse(line), None, "{line}");
        }
        assert!(
            !parse(r#"{"metric":"x","type":"Point","data":{"time":"2026-11-24T00:30:10Z"}}"#)
                .unwrap()
                .is_log()
        );
    }
}
