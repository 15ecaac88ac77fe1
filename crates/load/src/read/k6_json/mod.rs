//! Reads `k6 run --out json=FILE`: one line for each point, and one for each metric before its
//! first point.

mod shape;

use super::contents::has;
use super::k6::{KnownTags, Metric, Points, Tags};
use super::{ReadOptions, lines::Lines, time};
use crate::error::Error;
use crate::timeline::Timeline;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use std::borrow::Cow;
use std::fmt;
use std::io::Read;
use std::path::Path;

const NO_JSON: &str = "not a line of k6's JSON";
const NO_TIME: &str = "a time that is not RFC 3339, or outside 2000 to 2100";

/// Reads a file. Memory does not grow with its size.
pub(super) fn read(
    input: impl Read,
    path: &Path,
    options: &ReadOptions,
) -> Result<Timeline, Error> {
    let mut lines = Lines::new(input);
    let mut points = Points::new(options);
    let mut known = KnownTags::default();
    while let Some((number, line)) = lines.next_of(path)? {
        if let Err(reason) = take(&mut points, &mut known, line, number) {
            if has(line, "\"vus\"") {
                points.lose_vus();
            }
            lines.lose(reason);
        }
    }
    lines.close(|ledger| points.finish(path, "k6 JSON", ledger))
}

/// Number of lines in which one of k6's is looked for.
const LOOKED_AT: usize = 20;

/// Returns true when one of the first lines is k6's, or when the first one starts like one.
pub(super) fn is_head(text: &[u8]) -> bool {
    const STARTS: [&[u8]; 3] =
        [b"{\"metric\":\"", b"{\"type\":\"Metric\",\"data\":", b"{\"type\":\"Point\",\"data\":"];
    let lines = text.split(|&byte| byte == b'\n').take(LOOKED_AT);
    let is_line = |line: &[u8]| {
        shape::split(line, &mut KnownTags::default()).is_some()
            || head(line).is_ok_and(|head| matches!(head.kind.as_ref(), "Metric" | "Point"))
    };
    STARTS.iter().any(|start| text.starts_with(start)) || lines.into_iter().any(is_line)
}

/// Adds a line.
fn take(
    points: &mut Points<'_>,
    known: &mut KnownTags,
    line: &[u8],
    number: u64,
) -> Result<(), &'static str> {
    match quickly(points, known, line, number) {
        Some(done) => done,
        None => thoroughly(points, line, number),
    }
}

/// Adds a line of a usual shape. Returns `None` for any other line.
fn quickly(
    points: &mut Points<'_>,
    known: &mut KnownTags,
    line: &[u8],
    number: u64,
) -> Option<Result<(), &'static str>> {
    let shape = shape::split(line, known)?;
    let metric = Metric::from_name(shape.metric);
    if metric.is_none() {
        points.pass(shape.metric);
    }
    let Some(metric) = metric.filter(|&metric| points.wants(metric)) else { return Some(Ok(())) };
    let tags = shape.tags?;
    // A number must be rounded as in a line that serde reads.
    let value: f64 = serde_json::from_slice(shape.value).ok()?;
    let Some(time) = time::written(shape.time) else { return Some(Err(NO_TIME)) };
    Some(points.add(metric, time, value, tags, number))
}

/// Adds a line of any shape.
fn thoroughly(points: &mut Points<'_>, line: &[u8], number: u64) -> Result<(), &'static str> {
    if line.trim_ascii().is_empty() {
        return Ok(());
    }
    let head = head(line)?;
    let metric = Metric::from_name(head.metric.as_bytes());
    match (head.kind.as_ref(), metric) {
        ("Metric", Some(metric)) => points.define(metric),
        ("Point", Some(metric)) if points.wants(metric) => {
            let whole: PointLine<'_> = serde_json::from_slice(line)
                .map_err(|_| "a point without a time, a number for its value and tags of text")?;
            let Data { time, value, tags } = whole.data;
            let time = time::written(time.as_bytes()).ok_or(NO_TIME)?;
            points.add(metric, time, value, &tags.0, number)?;
        }
        ("Point", None) => points.pass(head.metric.as_bytes()),
        ("Metric" | "Point", _) => {}
        _ => return Err("neither a point nor a metric"),
    }
    Ok(())
}

fn head(line: &[u8]) -> Result<Head<'_>, &'static str> {
    serde_json::from_slice(line).map_err(|_| NO_JSON)
}

#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow)]
    metric: Cow<'a, str>,
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(rename = "data")]
    _data: IgnoredAny,
}

#[derive(Deserialize)]
struct PointLine<'a> {
    #[serde(borrow)]
    data: Data<'a>,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow)]
    time: Cow<'a, str>,
    value: f64,
    #[serde(borrow, default)]
    tags: Text<'a>,
}

/// The tags that are used, from a map or from `null`.
#[derive(Default)]
struct Text<'a>(Tags<Cow<'a, str>>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Map;
        impl<'de> Visitor<'de> for Map {
            type Value = Tags<Cow<'de, str>>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("tags")
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Tags::default())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut tags = Tags::default();
                while let Some(BorrowedText(name)) = map.next_key()? {
                    match tags.slot(name.as_bytes()) {
                        Some(slot) => *slot = map.next_value::<BorrowedText<'de>>()?.0,
                        None => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                Ok(tags)
            }
        }
        from.deserialize_any(Map).map(Text)
    }
}

/// A string, borrowed when it has no escapes.
#[derive(Deserialize)]
struct BorrowedText<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Reader = fn(&mut Points<'_>, &mut KnownTags, &[u8], u64) -> Result<(), &'static str>;

    fn read_with(reader: Reader, lines: &[Vec<u8>]) -> (Vec<Result<(), &'static str>>, String) {
        let options = ReadOptions::default();
        let mut points = Points::new(&options);
        let mut known = KnownTags::default();
        let results = (lines.iter().zip(1..))
            .map(|(line, at)| reader(&mut points, &mut known, line, at))
            .collect();
        let end = points.finish(Path::new("x"), "k6 JSON", Default::default());
        (results, format!("{end:?}"))
    }

    /// A line of k6 with one piece replaced.
    fn line() -> impl Strategy<Value = Vec<u8>> {
        let metrics = [
            "http_req_duration",
            "http_req_failed",
            "vus",
            "iteration_duration",
            "checks",
            "a\\u0062",
        ];
        let values =
            ["1", "0", "12.345678", "1e3", "-4", "1e999", "NaN", "01", "1.", "\"7\"", "null"];
        let tags = [
            "null",
            "{}",
            r#"{"expected_response":"true","name":"GET /","url":"http://x/?a=1\u0026b=2"}"#,
            r#"{"expected_response":"false","status":"500","group":"::a"}"#,
            r#"{"status":"404","error_code":"","name":"a","name":"b"}"#,
            r#"{"status":200}"#,
            r#"{"check":"\ud800","name":"x"}"#,
            r#"{"name":"\ud800"}"#,
            r#"{"na\u006de":"x","x":[1,{"y":2}]}"#,
            "{\"name\":\"\u{1}\"}",
            r#"{"name":"x",}"#,
        ];
        let times = [
            "2026-11-23T01:24:48.5Z",
            "2026-11-23T10:24:49+09:00",
            "yesterday",
            "2026\\u002d11-23T01:24:48Z",
        ];
        (
            prop::sample::select(metrics.to_vec()),
            prop::sample::select(values.to_vec()),
            prop::sample::select(tags.to_vec()),
            prop::sample::select(times.to_vec()),
            0..5,
            any::<prop::sample::Index>(),
            prop::option::of(any::<u8>()),
        )
            .prop_map(|(metric, value, tags, time, shape, place, change)| {
                let data = format!(r#"{{"time":"{time}","value":{value},"tags":{tags}}}"#);
                let mut line = match shape {
                    0 => format!(r#"{{"metric":"{metric}","type":"Point","data":{data}}}"#),
                    1 => format!(r#"{{"type":"Point","data":{data},"metric":"{metric}"}}"#),
                    2 => format!(r#"{{"data": {data}, "metric":"{metric}","type":"Point"}}"#),
                    3 => format!(r#"{{"metric": "{metric}", "type": "Point", "data": {data}}}"#)
                        .replace(",\"", ", \"")
                        .replace("\":", "\": "),
                    _ => format!(r#"{{"type":"Metric","data":{{}},"metric":"{metric}"}}"#),
                }
                .into_bytes();
                // Sometimes a byte is changed, or the rest of the line is missing.
                match change {
                    Some(byte @ ..64) => line[place.index(1_000) % 40] = byte,
                    Some(byte @ 64..128) => {
                        let at = place.index(line.len());
                        line[at] = byte;
                    }
                    Some(byte @ 128..160) => {
                        let at = place.index(line.len());
                        line[at] = byte;
                    }
                    Some(160..180) => line.truncate(place.index(line.len())),
                    _ => {}
                }
                line
            })
    }

    proptest! {
        #[test]
        fn the_quick_way_and_the_thorough_way_agree(lines in prop::collection::vec(line(), 1..30)) {
            prop_assert_eq!(read_with(take, &lines), read_with(|points, _, line, at| thoroughly(points, line, at), &lines));
        }
    }

    #[test]
    fn usual_lines_go_the_quick_way() {
        for line in [
            r#"{"metric":"http_reqs","type":"Point","data":{"time":"2026-11-23T01:24:48Z","value":1,"tags":{"url":"a\u0026b"}}}"#,
            r#"{"type":"Point","data":{"time":"2017-05-09T14:34:45.6+02:00","value":0.5e1,"tags":null},"metric":"vus"}"#,
            r#"{"metric": "http_reqs", "type": "Point", "data": {"time": "2026-11-23T01:24:48Z", "value": 1, "tags": {"name": "a", "url": "b"}}}"#,
        ] {
            assert!(shape::split(line.as_bytes(), &mut KnownTags::default()).is_some(), "{line}");
        }
    }
}
