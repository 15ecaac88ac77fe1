//! JSON documents of log services, each with a list of entries: Datadog's search, Elasticsearch's
//! hits, Google Cloud's entries, Loki's answer, and what Grafana's Explore saves.

use super::json_line::Value;
use super::level::Level;
use super::messages::{Message, Messages};
use super::record::{self, Place, Record};
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
    let any = |keys: &[&str]| keys.iter().any(|key| has(&format!("\"{key}\"")));
    let has_message = || any(&["message", "msg", "log", "body"]);
    let has_azure_text = || {
        any(&["LogMessage", "LogEntry", "Log_s", "Log", "Message"])
            || any(&["OuterMessage", "outerMessage"])
    };
    let has_time =
        || any(&["timestamp", "@timestamp", "_time", "dt"]) || any(&["date"]) && any(&["log"]);
    let is_azure = || any(&["TimeGenerated", "TimeStamp", "timestamp"]) && has_azure_text();
    let is_google = || has("\"textPayload\"") || has("\"jsonPayload\"");
    let is_elastic = ["{\"took\":", "{\"hits\":", "{\"_shards\":"].iter().any(|it| begins(it));
    let is_loki = begins("{\"status\":") || begins("{\"data\":{\"result");
    begins("[{") && (has_time() && (has_message() || has("\"line\"")) || is_google() || is_azure())
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
        while seq.next_element_seed(Entry { messages: &mut *self.messages, level: None })?.is_some()
        {
        }
        Ok(())
    }

    nothing_else!(bool, number, text, unit);
}

/// Reads an entry: an object, or Loki's pair of a time and a line.
struct Entry<'a, 'b> {
    messages: &'a mut Messages<'b>,
    /// The level of the stream that the entry is from.
    level: Option<Level>,
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

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let (messages, mut record) = (self.messages, Record::entry(None));
        while let Some(key) = map.next_key::<Key>()? {
            let key = key.as_str();
            // Loki's lines of one stream, whose labels stand before them.
            if key == "values" {
                let level = record.level;
                map.next_value_seed(Lines { messages, level })?;
                continue;
            }
            map.next_value_seed(Value { record: &mut record, place: Place::Top, key })?;
        }
        messages.take_record(String::new(), record);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let (mut time, mut text) = (String::new(), String::new());
        let is_pair = seq.next_element_seed(Scalar(&mut time))?.is_some()
            && seq.next_element_seed(Scalar(&mut text))?.is_some();
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        let stamp = record::stamp(&time).filter(|_| is_pair);
        if stamp.is_some() {
            self.messages.take_some(Message {
                stamp,
                text,
                level: self.level,
                ..Message::default()
            });
        }
        Ok(())
    }

    nothing_else!(bool, number, text, unit);
}

/// Reads Loki's lines of one stream, whose level is a label of it.
struct Lines<'a, 'b> {
    messages: &'a mut Messages<'b>,
    level: Option<Level>,
}

impl<'de> DeserializeSeed<'de> for Lines<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Lines<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("lines of a stream")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let level = self.level;
        while seq.next_element_seed(Entry { messages: &mut *self.messages, level })?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }

    nothing_else!(bool, number, text, unit);
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
