//! Tests of the scanner against `serde_json`.

use super::*;
use proptest::prelude::*;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

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
        "12345678901234567890123",
    ] {
        compare(text.as_bytes(), 64).unwrap();
        compare(format!("[{text}]").as_bytes(), 64).unwrap();
    }
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
