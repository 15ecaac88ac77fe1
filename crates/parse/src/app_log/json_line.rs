//! Lines that are JSON objects, as pino, winston, Nest and docker write them.

use super::record::{Place, Record};
use crate::json::Key;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// Reads a line; `None` when it is not a JSON object.
pub(super) fn parse(line: &str) -> Option<Record> {
    let mut record = Record::default();
    let mut json = serde_json::Deserializer::from_str(line.trim());
    (Fields { record: &mut record, place: Place::Top }).deserialize(&mut json).ok()?;
    json.end().ok()?;
    record.complete();
    Some(record)
}

/// Returns a text in which the object of JSON at its end, if any, gives way to the message of that
/// object. `JSON.stringify` in a filter of exceptions makes such texts.
pub(super) fn without_object(text: &str) -> Cow<'_, str> {
    let text = text.trim_end();
    if !text.ends_with('}') {
        return Cow::Borrowed(text);
    }
    let at = memchr::memmem::find(text.as_bytes(), b"{\"");
    let parts = at.and_then(|at| text.split_at_checked(at));
    let record = parts.and_then(|(_, object)| parse(object)).filter(Record::is_object);
    match (parts, record) {
        (Some((before, _)), Some(record)) => {
            Cow::Owned(format!("{before}{}", record.into_error().error_name()))
        }
        _ => Cow::Borrowed(text),
    }
}

/// Reads the fields of an object.
struct Fields<'a> {
    record: &'a mut Record,
    place: Place,
}

impl<'de> DeserializeSeed<'de> for Fields<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Fields<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        self.read(map).map(drop)
    }
}

impl Fields<'_> {
    /// Reads all fields; returns their number.
    fn read<'de, A: MapAccess<'de>>(self, mut map: A) -> Result<usize, A::Error> {
        let Self { record, place } = self;
        let mut number = 0;
        while let Some(key) = map.next_key::<Key>()? {
            map.next_value_seed(Value { record, place, key: key.as_str() })?;
            number += 1;
        }
        Ok(number)
    }
}

/// Reads the value of a field.
///
/// A text or a number is set. For an array, its first text is set, because nest-winston
/// writes stacks in this way; the texts of a message are joined. Objects are read field by field.
pub(super) struct Value<'a> {
    pub(super) record: &'a mut Record,
    pub(super) place: Place,
    pub(super) key: &'a str,
}

impl<'de> DeserializeSeed<'de> for Value<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.record.set(self.place, self.key, text);
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.record.set(self.place, self.key, &value.to_string());
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.record.set(self.place, self.key, &value.to_string());
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.record.set(self.place, self.key, &value.to_string());
        Ok(())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.record.set_member(self.place, self.key, if value { "true" } else { "false" });
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.record.set_member(self.place, self.key, "null");
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        let Self { record, place, key } = self;
        record.set_member(place, key, "{…}");
        let outer = (key == "cause" && place.is_below_cause()).then(|| record.begin_cause());
        let number = (Fields { record: &mut *record, place: place.below(key) }).read(map)?;
        if let Some(outer) = outer {
            record.end_cause(outer);
        }
        if number == 0 {
            record.set_empty(place, key);
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let Self { record, place, key } = self;
        // journald writes a text with colours as a list of bytes.
        if key == "MESSAGE" && place == Place::Top {
            let mut bytes = Vec::new();
            while let Some(Byte(byte)) = seq.next_element()? {
                bytes.extend(byte);
            }
            record.set(place, key, &String::from_utf8_lossy(&bytes));
            return Ok(());
        }
        record.set_member(place, key, "[…]");
        loop {
            let before = record.begin_item(key);
            let next = seq.next_element_seed(Value { record, place, key })?;
            record.join_item(before);
            if next.is_none() {
                return Ok(());
            }
        }
    }
}

/// A number of one byte; `None` for any other value.
struct Byte(Option<u8>);

impl<'de> serde::Deserialize<'de> for Byte {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        Ok(Self(value.as_u64().and_then(|number| u8::try_from(number).ok())))
    }
}

#[cfg(test)]
mod tests {
    use super::super::level::Level;
    use super::super::time::Stamp;
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
        let journal =
            r#"{"__REALTIME_TIMESTAMP":"1795933739984123","MESSAGE":[27,91,51,49,109,120]}"#;
        assert_eq!(parse(journal).unwrap().log.as_deref(), Some("\u{1b}[31mx"));
        let firelens = r#"{"container_id":"ab","source":"stdout","log":"Error: x"}"#;
        assert!(parse(firelens).unwrap().is_log());
        let fluent_bit = r#"{"date":1795933739.984123,"log":"Error: x"}"#;
        assert_eq!(
            parse(fluent_bit).unwrap().stamp.map(|stamp| stamp.us / 1_000),
            Some(1_795_933_739_984)
        );
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
