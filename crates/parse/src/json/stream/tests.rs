//! Tests of the scanner against `serde_json`.

use super::*;
use crate::json::NODE;
use proptest::prelude::*;
use serde::de::{IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use std::fmt;

/// A stream that gives a few bytes at a time.
struct Drops<'a>(&'a [u8], usize);

impl Read for Drops<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let count = self.1.min(buf.len()).min(self.0.len());
        let (now, later) = self.0.split_at(count);
        buf[..count].copy_from_slice(now);
        self.0 = later;
        Ok(count)
    }
}

fn whole<'de, T: Deserialize<'de>>(text: &[u8], window: usize) -> Option<T> {
    let mut stream = Stream::with_window(Drops(text, 5), false, window);
    let value = T::deserialize(&mut stream).ok()?;
    stream.end().ok().map(|()| value)
}

/// A document whose floats are exact in any reader.
fn document() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<i32>().prop_map(|number| Value::from(f64::from(number) / 8.0)),
        "(\\PC|[\"\\\\\n\u{1}\u{10348}]){0,40}".prop_map(Value::from),
    ];
    scalar.prop_recursive(5, 60, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map("\\PC{0,6}", inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Replaces numbers by their nearest `f32`: `serde_json` rounds the last digit of long ones
/// differently.
fn rounded(value: Value) -> Value {
    match value {
        Value::Number(number) => Value::from(number.as_f64().unwrap() as f32),
        Value::Array(values) => values.into_iter().map(rounded).collect(),
        Value::Object(members) => {
            members.into_iter().map(|(name, value)| (name, rounded(value))).collect()
        }
        other => other,
    }
}

fn compare(text: &[u8], window: usize) -> Result<(), TestCaseError> {
    let theirs: Option<Value> = serde_json::from_slice(text).ok();
    let ours = whole::<Value>(text, window);
    prop_assert_eq!(ours.map(rounded), theirs.map(rounded), "{:?}", text);
    let is_sound = serde_json::from_slice::<IgnoredAny>(text).is_ok();
    prop_assert_eq!(whole::<IgnoredAny>(text, window).is_some(), is_sound, "{:?}", text);
    Ok(())
}

proptest! {
    #[test]
    fn documents_are_as_serde_json_has_them(
        value in document(),
        pretty in any::<bool>(),
        window in 48_usize..200,
    ) {
        let text = match pretty {
            true => serde_json::to_vec_pretty(&value),
            false => serde_json::to_vec(&value),
        };
        compare(&text.unwrap(), window)?;
    }

    #[test]
    fn damage_is_damage_for_serde_json_too(
        value in document(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4), 1..4),
        window in 48_usize..200,
    ) {
        let mut text = serde_json::to_vec(&value).unwrap();
        for (at, byte, how) in edits {
            let at = at.index(text.len().max(1));
            match how {
                0 => text.truncate(at),
                1 => text.insert(at, byte),
                2 => text.insert(at, b"[]{}\",:\\-.e0u"[usize::from(byte) % 13]),
                _ if at < text.len() => drop(text.remove(at)),
                _ => {}
            }
        }
        compare(&text, window)?;
    }

    #[test]
    fn escapes_are_as_serde_json_has_them(
        parts in prop::collection::vec(prop::sample::select(vec![
            "\\ud83d", "\\ude00", "\\u0041", "\\n", "\\\"", "\\\\", "x", "é", "\\u00", "\\x",
            "\\ud83d\\ude00", "\\uDBFF\\uDFFF",
        ]), 0..9),
        window in 48_usize..60,
    ) {
        let text = format!("\"{}\"", parts.concat());
        compare(text.as_bytes(), window)?;
        let theirs = serde_json::from_str::<crate::json::Text>(&text).ok();
        prop_assert_eq!(whole::<crate::json::Text>(text.as_bytes(), window), theirs);
    }
}

proptest! {
    #[test]
    fn a_fraction_is_the_float_of_its_text(start in 0..2_000_000_u64, places in "[0-9]{1,16}") {
        let text = format!("{start}.{places}");
        let value = whole::<f64>(format!("{text} ").as_bytes(), 64);
        prop_assert_eq!(value, text.parse().ok(), "{}", text);
    }
}

#[test]
fn numbers_are_as_serde_json_has_them() {
    for text in [
        "0",
        "-0",
        "00",
        "01",
        "-",
        "-1",
        "1.",
        "1.5",
        ".5",
        "1e5",
        "1E+5",
        "1e",
        "1e-2",
        "9999999999999999999",
        "18446744073709551615",
        "18446744073709551616",
        "-9223372036854775808",
        "-9223372036854775809",
        "1e400",
        "-1e400",
        "+1",
        "1 2",
        "1a",
        "0x1",
        "0.25e1",
        "0.1",
        "00.5",
        "1.5.2",
        "123456.78901234567",
        "12345678901234567890123",
    ] {
        compare(text.as_bytes(), 64).unwrap();
        compare(format!("[{text}]").as_bytes(), 64).unwrap();
    }
}

/// Reads a node of V8's profiler, by its layout or by its members.
struct AnyNode;

impl<'de> Visitor<'de> for AnyNode {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a node")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, node: D) -> Result<Value, D::Error> {
        Value::deserialize(node)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let id: i64 = seq.next_element()?.unwrap();
        let crate::json::Text(name) = seq.next_element()?.unwrap();
        let script: i64 = seq.next_element()?.unwrap();
        let crate::json::Text(url) = seq.next_element()?.unwrap();
        let [line, column, hits] = [(); 3].map(|()| seq.next_element::<i64>());
        let frame = json!({"functionName": name, "scriptId": script.to_string(), "url": url,
            "lineNumber": line?, "columnNumber": column?});
        let mut node = json!({"id": id, "callFrame": frame, "hitCount": hits?});
        let more: serde_json::Map<String, Value> = seq.next_element()?.unwrap();
        node.as_object_mut().unwrap().extend(more);
        Ok(node)
    }
}

#[test]
fn a_node_is_the_same_by_its_layout_and_by_its_members() {
    let node = |name: &str, line: &str, end: &str| {
        format!(
            "{{\"id\":7,\"callFrame\":{{\"functionName\":\"{name}\",\"scriptId\":\"80\",\"url\":\"node:fs\",\
             \"lineNumber\":{line},\"columnNumber\":-1}},\"hitCount\":3{end}"
        )
    };
    let long = "x".repeat(90);
    let mut by_layout = 0;
    for name in ["read", "", "é", "a\\nb", "a\u{1}b", "\\ud835", "a \\\" b", &long] {
        for line in
            ["12", "0", "-1", "-0", "012", "1.5", "1e2", "99999999999999999999", "\"1\"", ""]
        {
            for end in ["}", ",\"children\":[8,9]}", " , \"x\":{} }", "", ",}", "5}", ".5}"] {
                for window in [64, 300] {
                    let text = node(name, line, end);
                    let mut stream = Stream::with_window(Drops(text.as_bytes(), 5), true, window);
                    stream.skip_mark(b"-").unwrap();
                    by_layout += u32::from(stream.scan_layout(&layout::V8_NODE).is_some());
                    let mut stream = Stream::with_window(Drops(text.as_bytes(), 5), true, window);
                    stream.skip_mark(b"-").unwrap();
                    let ours = stream.deserialize_newtype_struct(NODE, AnyNode).ok();
                    let ours = ours.filter(|_| stream.end().is_ok());
                    let theirs: Option<Value> = serde_json::from_str(&text).ok();
                    assert_eq!(ours, theirs, "{text}");
                }
            }
        }
    }
    // Three of the names and of the lines are plain, and so are five ends. The small window never holds a
    // whole beginning.
    assert_eq!(by_layout, 3 * 3 * 5);
}

#[test]
fn the_place_of_damage_is_its_line_and_column() {
    let text = b"{\"a\": [1,\n2],\n\n  \"b\": x}";
    for window in [8, 11, 100] {
        let mut stream = Stream::with_window(Drops(text, 3), false, window);
        let fault = IgnoredAny::deserialize(&mut stream).unwrap_err();
        assert_eq!((fault.to_string(), stream.position()), ("expected a value".into(), (4, 7)));
    }
}

#[test]
fn nesting_has_a_limit_where_the_reader_has_none() {
    let nested = |levels: usize| [vec![b'['; levels], vec![b']'; levels]].concat();
    assert!(whole::<Value>(&nested(100), 64).is_some());
    assert!(whole::<Value>(&nested(200), 64).is_none());
    // A skipped value needs no stack.
    assert!(whole::<IgnoredAny>(&nested(200_000), 64).is_some());
}
