//! JSON documents of log services, each with a list of entries: Datadog's search, Elasticsearch's
//! hits, Google Cloud's entries, Loki's answer, and what Grafana's Explore saves.

use super::messages::{Message, Messages};
use super::record;
use crate::json::{Key, Scalar, nothing_else};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// The deepest object that is read. Datadog nests an event's fields four levels deep.
const DEEPEST: u8 = 8;

/// Returns true for the beginning of a document that this module reads.
pub(super) fn is_head(head: &[u8]) -> bool {
    const START: usize = 400;
    let start: Vec<u8> =
        (head.iter().take(START).copied()).filter(|byte| !byte.is_ascii_whitespace()).collect();
    let begins = |with: &str| start.starts_with(with.as_bytes());
    let has = |text: &str| memchr::memmem::find(head, text.as_bytes()).is_some();
    // The search through the head is for the few documents that begin so.
    let has_message = || has("\"message\"");
    let has_time = || has("\"timestamp\"") || has("\"@timestamp\"");
    let is_google = || has("\"textPayload\"") || has("\"jsonPayload\"");
    let is_elastic = ["{\"took\":", "{\"hits\":", "{\"_shards\":"].iter().any(|it| begins(it));
    let is_loki = begins("{\"status\":") || begins("{\"data\":{\"result");
    begins("[{") && (has_time() && (has_message() || has("\"line\"")) || is_google())
        || begins("{\"data\":[{") && has("\"attributes\"") && has_message() && has_time()
        || is_elastic && has("\"_source\"") && has_message()
        || is_loki && (has("\"resultType\":\"streams\"") || has("\"resultType\": \"streams\""))
}

/// Reads a document: entries are the elements of its outermost lists.
pub(super) struct Entries<'a, 'b> {
    pub(super) messages: &'a mut Messages<'b>,
    pub(super) depth: u8,
}

impl<'de> DeserializeSeed<'de> for Entries<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("entries of a log")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while map.next_key::<Key>()?.is_some() {
            if self.depth >= DEEPEST {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let (messages, depth) = (&mut *self.messages, self.depth + 1);
            map.next_value_seed(Entries { messages, depth })?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(Entry { messages: &mut *self.messages })?.is_some() {}
        Ok(())
    }

    nothing_else!(bool, number, text, unit);
}

/// Reads an entry: an object, or Loki's pair of a time and a line.
struct Entry<'a, 'b> {
    messages: &'a mut Messages<'b>,
}

impl<'de> DeserializeSeed<'de> for Entry<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Entry<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an entry of a log")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        let mut fields = Fields::default();
        let messages = self.messages;
        (Object { fields: &mut fields, messages, parent: "", depth: 0 }).visit_map(map)?;
        messages.take_some(fields.message());
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let (mut time, mut text) = (String::new(), String::new());
        let is_pair = seq.next_element_seed(Scalar(&mut time))?.is_some()
            && seq.next_element_seed(Scalar(&mut text))?.is_some();
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        let stamp = record::stamp(&time).filter(|_| is_pair);
        if stamp.is_some() {
            self.messages.take_some(Message { stamp, text, ..Message::default() });
        }
        Ok(())
    }

    nothing_else!(bool, number, text, unit);
}

/// The fields of an entry that are used.
#[derive(Default)]
struct Fields {
    at: Message,
    /// The level that the program's logger wrote, of an entry whose fields were taken apart.
    level: String,
    /// The level that the service has for it, which is a guess for a line of text.
    status: String,
    is_structured: bool,
    class: String,
    error_message: String,
    stack: String,
}

impl Fields {
    fn set(&mut self, parent: &str, key: &str, value: &str) {
        let is_error = matches!(parent, "error" | "err" | "exception");
        let slot = match key {
            "stack" | "stack_trace" | "trace" if is_error || parent == "jsonPayload" => {
                &mut self.stack
            }
            "error.stack_trace" | "error.stack" | "err.stack" => &mut self.stack,
            "type" | "name" | "kind" if is_error => &mut self.class,
            "message" if is_error => &mut self.error_message,
            "timestamp" | "@timestamp" | "date" | "time" if self.at.stamp.is_none() => {
                self.at.stamp = record::stamp(value);
                return;
            }
            "level" | "log.level" => &mut self.level,
            "severity" | "status" => &mut self.status,
            "message" | "msg" | "textPayload" | "line" | "body" | "log"
                if !is_error && self.at.text.is_empty() =>
            {
                &mut self.at.text
            }
            _ => return,
        };
        value.clone_into(slot);
    }

    /// Returns the message: the text as the program printed it, or a line of JSON when the service
    /// has taken that line apart.
    fn message(mut self) -> Message {
        let level = match self.level.as_str() {
            "" if self.is_structured => self.status,
            _ => self.level,
        };
        if !level.is_empty() && !self.at.text.trim_start().starts_with('{') {
            let (message, stack) = (&self.at.text, &self.stack);
            let error = serde_json::json!({ "type": self.class, "message": self.error_message,
                "stack": stack });
            self.at.text =
                serde_json::json!({ "level": level, "message": message, "error": error })
                    .to_string();
        } else if !self.stack.is_empty() && !self.at.text.contains("\n    at ") {
            self.at.text = format!("{}\n{}", self.at.text, self.stack);
        }
        self.at
    }
}

/// Reads an object of an entry, and those within it that loggers and services use.
struct Object<'a, 'b> {
    fields: &'a mut Fields,
    messages: &'a mut Messages<'b>,
    parent: &'a str,
    depth: u8,
}

impl<'de> Visitor<'de> for Object<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of an entry")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Key>()? {
            let (fields, messages) = (&mut *self.fields, &mut *self.messages);
            let (parent, key, depth) = (self.parent, key.as_str(), self.depth);
            map.next_value_seed(Field { fields, messages, parent, key, depth })?;
        }
        Ok(())
    }
}

/// Reads the value of a field.
struct Field<'a, 'b> {
    fields: &'a mut Fields,
    messages: &'a mut Messages<'b>,
    parent: &'a str,
    key: &'a str,
    depth: u8,
}

impl<'de> DeserializeSeed<'de> for Field<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Field<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.fields.set(self.parent, self.key, text);
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.fields.set(self.parent, self.key, &value.to_string());
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.fields.set(self.parent, self.key, &value.to_string());
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        const WITHIN: [&str; 7] =
            ["attributes", "_source", "jsonPayload", "error", "err", "exception", "message"];
        if !WITHIN.contains(&self.key) || self.depth >= DEEPEST {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(());
        }
        self.fields.is_structured |= self.key == "jsonPayload";
        let Self { fields, messages, key, depth, .. } = self;
        (Object { fields, messages, parent: key, depth: depth + 1 }).visit_map(map)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        // Loki's lines of one stream.
        if self.key == "values" && self.depth == 0 {
            while seq.next_element_seed(Entry { messages: &mut *self.messages })?.is_some() {}
            return Ok(());
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    nothing_else!(bool, unit);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_of_services_are_known_by_their_beginning() {
        for head in [
            r#"[{"line":"x","timestamp":"1795933739984123000","date":"2026-11-29T06:28:59Z"}]"#,
            r#"[ { "insertId": "1", "textPayload": "x" } ]"#,
            r#"{"data":[{"id":"1","attributes":{"timestamp":"t","message":"x"}}]}"#,
            r#"{"took":3,"hits":{"hits":[{"_source":{"@timestamp":"t","message":"x"}}]}}"#,
            r#"{"status":"success","data":{"resultType":"streams","result":[]}}"#,
        ] {
            assert!(is_head(head.as_bytes()), "{head}");
        }
        for head in [
            "",
            "[]",
            "[{\"a\":1}]",
            r#"{"status":"success","data":{"resultType":"matrix","result":[]}}"#,
            r#"{"level":50,"time":1,"message":"x","data":[{"attributes":1}],"timestamp":1}"#,
        ] {
            assert!(!is_head(head.as_bytes()), "{head}");
        }
    }
}
