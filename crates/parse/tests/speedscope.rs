//! speedscope files: real ones of other programs against a naive reader, our own export,
//! every unit, and damage.

use crate::json_common;

use json_common::{
    accounted, damaged, edits, fold, labels, leaves, parse, parse_value, root, sample, times, value,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use spikeflame_parse::{Error, Options, read, read_stream};
use spikeflame_profile::warning::{Fact, UnreadValues};
use spikeflame_profile::{Kind, Profile};
use std::collections::BTreeMap;
use std::path::Path;

/// Returns the weight in nanoseconds by the name and Python file of the innermost frame; the
/// recording has seconds.
fn naive_leaves(raw: &Value) -> BTreeMap<String, f64> {
    let frames = raw["shared"]["frames"].as_array().unwrap();
    let mut sums = BTreeMap::<String, f64>::new();
    let name = |number: &Value| {
        let frame = &frames[number.as_u64().unwrap() as usize];
        let name = frame["name"].as_str().unwrap();
        match frame["file"].as_str() {
            Some(file) if file.ends_with(".py") => format!("{name} {file}"),
            _ => name.to_owned(),
        }
    };
    for profile in raw["profiles"].as_array().unwrap() {
        assert_eq!(profile["unit"], "seconds");
        if profile["type"] == "sampled" {
            let weights = profile["weights"].as_array().unwrap();
            for (stack, weight) in profile["samples"].as_array().unwrap().iter().zip(weights) {
                let leaf = stack.as_array().unwrap().last().map_or_else(String::new, name);
                *sums.entry(leaf).or_default() += weight.as_f64().unwrap() * 1e9;
            }
        } else {
            let (mut open, mut now) = (Vec::new(), 0.0);
            for event in profile["events"].as_array().unwrap() {
                let at = event["at"].as_f64().unwrap();
                if let Some(leaf) = open.last() {
                    *sums.entry(name(leaf)).or_default() += (at - now) * 1e9;
                }
                now = at;
                if event["type"] == "O" {
                    open.push(event["frame"].clone());
                } else {
                    assert_eq!(open.pop().unwrap(), event["frame"]);
                }
            }
        }
    }
    sums.retain(|_, sum| *sum >= 1.0);
    sums
}

#[test]
fn files_of_other_programs_are_as_a_naive_reader_has_them() {
    for (name, exporter) in [("py-spy", "py-spy@"), ("pyinstrument", "pyinstrument")] {
        let bytes = sample(&format!("{name}.speedscope.json"));
        let (profile, raw) = (parse(&bytes).unwrap(), value(&bytes));
        let (found, expected) = (leaves(&profile), naive_leaves(&raw));
        let keys = |sums: &BTreeMap<String, f64>| sums.keys().cloned().collect::<Vec<_>>();
        assert_eq!(found.keys().cloned().collect::<Vec<_>>(), keys(&expected), "{name}");
        for (label, sum) in expected {
            assert!(
                (found[&label] as f64 - sum).abs() < 1000.0,
                "{name}: {label}: {sum} {found:?}"
            );
        }
        let source = &profile.sources[0];
        assert!(
            source.producer.starts_with(&format!("speedscope of {exporter}")),
            "{}",
            source.producer
        );
        assert_eq!((source.unit.as_str(), source.timed), ("nanoseconds", true));
        let end = raw["profiles"][0]["endValue"].as_f64().unwrap();
        assert!((source.end_us as f64 - end * 1e6).abs() < 2.0, "{name}: {}", source.end_us);
        let threads =
            raw["profiles"].as_array().unwrap().iter().map(|p| p["name"].as_str().unwrap());
        assert_eq!(
            profile.threads.iter().map(|t| t.name.as_str()).collect::<Vec<_>>(),
            threads.collect::<Vec<_>>()
        );
        assert!(profile.losses.is_empty() && profile.warnings.is_empty(), "{:?}", profile.losses);
        // Functions of Python are not JavaScript.
        assert!(labels(&profile, Kind::Js).is_empty());
    }
}

/// Returns a profile as our exporter writes it.
fn export(profile: &Profile) -> Value {
    let text = |id| profile.frames.strings().get(id).to_owned();
    let frames: Vec<Value> = profile.frames.frames().map(|(_, frame)| {
        let function = profile.frames.get_function(frame.function);
        let mut out = json!({
            "name": text(function.name), "kind": function.kind.word(), "tier": frame.tier.mark(),
            "inlined": frame.inlined, "module": text(function.module),
        });
        if function.file != Default::default() {
            (out["file"], out["line"], out["col"]) = (json!(text(function.file)), json!(function.line), json!(function.column));
        }
        out
    }).collect();
    let (mut profiles, mut counts, mut moments) = (Vec::new(), Vec::new(), Vec::new());
    for thread in &profile.threads {
        let samples: Vec<Vec<usize>> = thread
            .samples
            .iter()
            .map(|(sample, _)| {
                let mut stack: Vec<usize> =
                    profile.stacks.frames(sample.stack).map(|frame| frame.index()).collect();
                stack.reverse();
                stack
            })
            .collect();
        counts.push(thread.samples.iter().map(|(_, weight)| weight).collect::<Vec<_>>());
        moments.push(thread.samples.iter().map(|(sample, _)| sample.time_us).collect::<Vec<_>>());
        let weights: Vec<u64> = thread.samples.iter().map(|(_, weight)| weight * 1000).collect();
        profiles.push(json!({ "type": "sampled", "name": thread.name, "unit": "microseconds", "startValue": 0, "endValue": 1, "samples": samples, "weights": weights }));
    }
    json!({
        "$schema": "https://www.speedscope.app/file-format-schema.json", "exporter": "spikeflame",
        "shared": { "frames": frames }, "profiles": profiles, "activeProfileIndex": 0,
        "spikeflame": { "interval_us": 1000, "times_us": moments, "counts": counts, "unit": "ticks" },
    })
}

#[test]
fn our_own_export_reads_back_as_it_was() {
    for log in ["mix-node22", "nested-on-node24", "wasm-node24", "idle-node20"] {
        let path = root(&format!("samples/v8/{log}.log.zst"));
        let profile = read(&[path], &Options::default()).unwrap();
        let mut again = parse_value(&export(&profile));
        assert_eq!(fold(&again), fold(&profile), "{log}");
        assert_eq!(times(&again), times(&profile), "{log}");
        assert_eq!(again.threads[0].name, profile.threads[0].name);
        let source = again.sources.remove(0);
        assert_eq!(
            (source.unit.as_str(), source.interval_us, source.timed),
            ("ticks", Some(1000), true)
        );
        let kinds = |profile: &Profile| -> BTreeMap<String, usize> {
            let mut kinds = BTreeMap::new();
            for (_, function) in profile.frames.functions() {
                *kinds.entry(function.kind.word().to_owned()).or_default() += 1;
            }
            kinds
        };
        for (kind, count) in kinds(&profile) {
            // Native functions without a file keep their library.
            assert!(kinds(&again).get(&kind).is_some_and(|again| *again >= count.min(1)), "{kind}");
        }
    }
}

#[test]
fn frames_are_told_by_their_file() {
    let frames = [
        json!({ "name": "f", "file": "/srv/a.js", "line": 3, "col": 4 }),
        json!({ "name": "(anonymous)", "file": "file:///srv/b%20.mjs", "line": 1, "col": 2 }),
        json!({ "name": "g", "file": "webpack:///src/a.vue?x", "line": 5 }),
        json!({ "name": "h", "file": "src/a.tsx?v=1", "line": 5, "col": 1 }),
        json!({ "name": "main", "file": "main.c", "line": 7 }),
        json!({ "name": "Builtins_ArrayMap", "file": "/usr/bin/node" }),
        json!({ "name": "(garbage collector)" }),
        json!({ "name": "k /srv/k.js:1:2" }),
        json!({ "name": "l", "file": null, "line": null, "col": null, "kind": "frame", "tier": 3, "inlined": "no" }),
    ];
    let stack: Vec<usize> = (0..frames.len()).collect();
    let profile = parse_value(&json!({
        "$schema": "https://www.speedscope.app/file-format-schema.json", "shared": { "frames": frames },
        "profiles": [{ "type": "sampled", "name": "", "unit": "none", "startValue": 0, "endValue": 1, "samples": [stack], "weights": [2] }],
    }));
    assert_eq!(
        fold(&profile),
        "f /srv/a.js:3:4;<anonymous> /srv/b .mjs:1:2;g webpack:///src/a.vue?x:5:0;h src/a.tsx?v=1:5:1;main;\
         Builtin: ArrayMap;(garbage collector);k /srv/k.js:1:2;l 2\n"
    );
    let main = profile
        .frames
        .functions()
        .find(|(_, f)| profile.frames.strings().get(f.name) == "main")
        .unwrap()
        .1;
    assert_eq!((main.kind, profile.frames.strings().get(main.module)), (Kind::Native, "main.c"));
    assert_eq!(profile.threads[0].name, "profile 1");
}

/// Returns a file with frames a to d and these profiles.
fn file(profiles: Value) -> Value {
    let frames: Vec<Value> =
        ["a", "b", "c", "d"].iter().map(|name| json!({ "name": name })).collect();
    json!({ "$schema": "https://www.speedscope.app/file-format-schema.json", "shared": { "frames": frames }, "profiles": profiles })
}

fn sampled(unit: &str, samples: Value, weights: Value) -> Value {
    json!({ "type": "sampled", "name": unit, "unit": unit, "startValue": 0, "endValue": 100, "samples": samples, "weights": weights })
}

fn evented(unit: &str, events: &[(&str, u64, f64)]) -> Value {
    let events: Vec<Value> = events
        .iter()
        .map(|(kind, frame, at)| json!({ "type": kind, "frame": frame, "at": at }))
        .collect();
    json!({ "type": "evented", "name": unit, "unit": unit, "startValue": 0, "endValue": 10, "events": events })
}

#[test]
fn weights_are_whole_numbers_of_a_unit_that_loses_nothing() {
    let cases = [
        ("nanoseconds", json!([5, 7]), "a 5, a;b 7", "nanoseconds", true),
        ("microseconds", json!([5, 7.25]), "a 5000, a;b 7250", "nanoseconds", true),
        ("milliseconds", json!([1, 0.000001]), "a 1000000, a;b 1", "nanoseconds", true),
        ("seconds", json!([2, 0.01]), "a 2000000000, a;b 10000000", "nanoseconds", true),
        ("bytes", json!([1024, 3]), "a 1024, a;b 3", "bytes", false),
        ("none", json!([1, 3]), "a 1, a;b 3", "samples", false),
        ("none", json!([1, 0.125]), "a 1000, a;b 125", "thousandths of a sample", false),
        (
            "bytes",
            json!([0.5, 0.3333333333]),
            "a 500000, a;b 333333",
            "millionths of a byte",
            false,
        ),
    ];
    for (unit, weights, stacks, words, timed) in cases {
        let profile = parse_value(&file(json!([sampled(unit, json!([[0], [0, 1]]), weights)])));
        assert_eq!(fold(&profile).trim_end().replace('\n', ", "), stacks, "{unit}");
        let source = &profile.sources[0];
        assert_eq!((source.unit.as_str(), source.timed), (words, timed), "{unit}");
        assert_eq!(
            profile.warnings.len(),
            usize::from(words.contains(" of a ")),
            "{:?}",
            profile.warnings
        );
    }
    let profile = parse_value(&file(json!([sampled(
        "milliseconds",
        json!([[0], [1], [2]]),
        json!([5, 3, 1])
    )])));
    let each_ms: Vec<u64> = (0..9).map(|ms| ms * 1000).collect();
    assert_eq!((times(&profile), profile.sources[0].end_us), (each_ms, 100_000));
}

#[test]
fn keys_come_in_any_order() {
    let bytes = sample("py-spy.speedscope.json");
    let raw = value(&bytes);
    // `serde_json` orders keys by name, so the profiles come before the shared frames.
    let profile = parse_value(&raw);
    assert_eq!(fold(&profile), fold(&parse(&bytes).unwrap()));
    let turned = format!(
        "{{\"shared\":{},\"exporter\":\"x\",\"profiles\":{}}}",
        raw["shared"], raw["profiles"]
    );
    assert_eq!(fold(&parse(turned.as_bytes()).unwrap()), fold(&profile));
}

#[test]
fn events_are_samples_of_what_lies_between_them() {
    let profile = parse_value(&file(json!([evented(
        "milliseconds",
        &[
            ("O", 0, 1.0),
            ("O", 1, 2.0),
            ("C", 1, 4.5),
            ("O", 1, 4.5),
            ("C", 1, 5.0),
            ("C", 0, 6.0),
            // A gap, then frames that are open to the end.
            ("O", 2, 8.0),
            ("O", 3, 9.0),
        ]
    )])));
    assert_eq!(fold(&profile), "a 2000000\na;b 3000000\nc 1000000\nc;d 1000000\n");
    assert_eq!(times(&profile), [1000, 2000, 3000, 4000, 4500, 5000, 8000, 9000]);
    assert!(profile.losses.is_empty());
    let counts = parse_value(&file(json!([evented("none", &[("O", 0, 0.0), ("C", 0, 1.5)])])));
    assert_eq!(
        (fold(&counts).as_str(), counts.sources[0].unit.as_str()),
        ("a 15\n", "tenths of a sample")
    );
}

#[test]
fn events_that_do_not_match_are_counted() {
    let profile = parse_value(&file(json!([evented(
        "milliseconds",
        &[
            ("C", 0, 0.0),
            ("O", 0, 1.0),
            ("O", 1, 2.0),
            ("O", 2, 3.0),
            // Closes a while b and c are open; then b, which was closed with it.
            ("C", 0, 5.0),
            ("C", 1, 6.0),
            ("O", 3, 7.0),
            ("C", 3, 6.5),
            ("X", 1, 8.0),
        ]
    )])));
    assert_eq!(fold(&profile), "a 1000000\na;b 1000000\na;b;c 2000000\n");
    let losses: Vec<_> =
        profile.losses.iter().map(|loss| (loss.reason, loss.first, loss.count)).collect();
    assert_eq!(
        losses,
        [
            ("a close of a frame that is not open", 1, 2),
            ("a close of a frame before those within it", 5, 1),
            ("an event before the one in front of it: no time between", 8, 1),
            ("an event that neither opens nor closes a frame", 9, 1),
        ]
    );
    // Many closes that match nothing take no longer than those that do.
    let many: Vec<(&str, u64, f64)> = (0..40_000)
        .map(|at| if at < 20_000 { ("O", 0, f64::from(at)) } else { ("C", 1, f64::from(at)) })
        .collect();
    let profile = parse_value(&file(json!([evented("nanoseconds", &many)])));
    assert_eq!(profile.losses[0].count, 20_000);
}

#[test]
fn of_several_units_one_is_read() {
    let profiles = json!([
        sampled("bytes", json!([[0]]), json!([1])),
        sampled("seconds", json!([[1]]), json!([2])),
        sampled("milliseconds", json!([[2]]), json!([3])),
    ]);
    let mut all = file(profiles);
    let read = |value: &Value, kind: Option<&str>| {
        let options = Options { sample_type: kind.map(str::to_owned), ..Options::default() };
        let bytes = serde_json::to_vec(value).unwrap();
        read_stream(bytes.as_slice(), Path::new("x.json"), &options)
    };
    let first = read(&all, None).unwrap();
    assert_eq!((fold(&first).as_str(), first.threads.len()), ("a 1\n", 1));
    assert!(
        first.warnings[0].to_string().contains("2 profiles do not measure bytes"),
        "{:?}",
        first.warnings
    );
    let Fact::LeftOut(UnreadValues::Profiles { kinds, .. }) = &first.warnings[0].fact else {
        panic!("{:?}", first.warnings)
    };
    assert_eq!(*kinds, ["bytes", "time"]);
    for kind in ["time", "seconds", "nanoseconds"] {
        assert_eq!(fold(&read(&all, Some(kind)).unwrap()), "b 2000000000\nc 3000000\n");
    }
    all["activeProfileIndex"] = json!(2);
    assert_eq!(read(&all, None).unwrap().threads.len(), 2);
    let error = read(&all, Some("cpu")).unwrap_err().to_string();
    assert!(error.contains("none measure `cpu`; there are: bytes, time"), "{error}");
}

#[test]
fn what_cannot_be_is_counted() {
    let samples = json!([[0], [1], [2], [3], [0, 77], [1]]);
    let profile =
        parse_value(&file(json!([sampled("none", samples, json!([1, -2, null, 1e300, 4]))])));
    assert_eq!(fold(&profile), "a 1\na;(unresolved) 4\n");
    let losses: Vec<_> = profile
        .losses
        .iter()
        .map(|loss| (loss.reason, loss.first, loss.count, loss.samples))
        .collect();
    assert_eq!(
        losses,
        [
            ("a frame that shared.frames does not hold", 78, 1, 0),
            ("a sample with a weight below 0", 2, 1, 1),
            ("a sample without a weight", 3, 2, 2),
            ("a count too large to be true", 4, 1, 1),
        ]
    );
    let more = file(json!([sampled("none", json!([[0], [1]]), json!([1, 2, 3, 4]))]));
    let more = parse_value(&more);
    let losses: Vec<_> = more.losses.iter().map(|l| (l.reason, l.first, l.count)).collect();
    assert_eq!((more.total(), losses), (3, vec![("a weight without a sample", 3, 2)]));
    let huge = json!([[1u64 << 60, u64::MAX]]);
    let profile = parse_value(&file(json!([sampled("none", huge, json!([1]))])));
    assert_eq!(fold(&profile), "(unresolved) 1\n");
    let fails = |value: Value| parse(&serde_json::to_vec(&value).unwrap()).unwrap_err().to_string();
    let error = fails(file(json!([sampled("none", json!([[0]]), json!([]))])));
    assert!(error.contains("a sample without a weight"), "{error}");
    assert!(fails(file(json!([]))).contains("expected profiles with samples"));
    let deep = format!(
        "{{\"$schema\":\"https://www.speedscope.app/file-format-schema.json\",\"x\":{}1{},\"profiles\":[]}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    assert!(
        parse(deep.as_bytes()).unwrap_err().to_string().contains("expected profiles with samples")
    );
}

#[test]
fn what_unpacks_to_more_than_fits_is_damage() {
    let start = "{\"$schema\":\"https://www.speedscope.app/file-format-schema.json\",";
    let profiles = format!("\"profiles\":[{}{{}}]}}", "{},".repeat(1_100_000));
    let lists = format!("\"spikeflame\":{{\"counts\":[{}[]]}}}}", "[],".repeat(12_000_000));
    for rest in [profiles, lists] {
        let error = parse(format!("{start}{rest}").as_bytes()).unwrap_err().to_string();
        assert!(error.contains("line 1 column") && error.contains("more than 512 MiB"), "{error}");
    }
}

/// Returns a file of two small profiles, with keys in the order of schemas.
fn small() -> String {
    let mut raw = file(json!([
        sampled(
            "microseconds",
            json!([[0], [0, 1], [0, 1], [2, 3], [11]]),
            json!([10, 11, 12, 13, 14])
        ),
        evented("microseconds", &[("O", 0, 1.0), ("O", 1, 2.0), ("C", 1, 4.5), ("C", 0, 6.0)]),
    ]));
    let part = |value: &mut Value, key: &str| format!("\"{key}\":{}", value[key].take());
    let text: Vec<String> =
        ["$schema", "shared", "profiles"].iter().map(|key| part(&mut raw, key)).collect();
    format!("{{{}}}", text.join(","))
}

#[test]
fn a_file_cut_at_any_byte_is_used_up_to_the_cut() {
    let text = small();
    println!("{} bytes", text.len());
    let samples = text.find("\"samples\":[").unwrap() + 11;
    let mut last = 0;
    for cut in 0..text.len() {
        // Whole stacks before the cut are samples, with a weight or lost.
        let stacks = text.get(samples..cut).unwrap_or_default().split("]]").next().unwrap();
        let whole = if stacks.is_empty() {
            0
        } else {
            (stacks.matches(']').count() as u64 + u64::from(text[samples..cut].contains("]]")))
                .min(5)
        };
        match parse(&text.as_bytes()[..cut]) {
            Ok(profile) => {
                let lost = profile.unreadable();
                let kept =
                    profile.threads.iter().map(|thread| thread.samples.len() as u64).sum::<u64>();
                assert!(
                    kept + lost >= whole && kept + lost <= 5 + 3,
                    "cut at {cut}: {kept} and {lost} of {whole}"
                );
                assert!(kept >= last, "cut at {cut}");
                last = kept;
                assert!(profile.warnings[0].to_string().contains("read up to there"));
            }
            Err(Error::Damaged { at, .. }) => {
                assert!(last == 0 && at.starts_with("line 1 column"), "cut at {cut}: {at}")
            }
            Err(Error::Unrecognised { .. }) => assert!(cut < 80, "cut at {cut}"),
            Err(error) => panic!("cut at {cut}: {error}"),
        }
    }
    assert_eq!(last, 8);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn damage_is_survived(edits in edits()) {
        if let Ok(profile) = parse(&damaged(small().into_bytes(), &edits)) {
            prop_assert!(profile.total() > 0 && accounted(&profile) >= profile.total());
        }
    }

    /// For all events, the time in which any frame is open is the total.
    #[test]
    fn events_keep_their_time(events in prop::collection::vec((any::<bool>(), 0..4u64, 0..3u64), 1..60)) {
        let (mut now, mut open, mut busy) = (0, Vec::new(), 0);
        let mut list = Vec::new();
        for (opens, frame, step) in events {
            now += step;
            busy += if open.is_empty() { 0 } else { step };
            if opens {
                open.push(frame);
            } else if let Some(at) = open.iter().rposition(|open| *open == frame) {
                open.truncate(at);
            }
            list.push((if opens { "O" } else { "C" }, frame, now as f64));
        }
        let mut profile = evented("nanoseconds", &list);
        profile["endValue"] = json!(now);
        match parse(&serde_json::to_vec(&file(json!([profile]))).unwrap()) {
            Ok(profile) => prop_assert_eq!(profile.total(), busy),
            Err(_) => prop_assert_eq!(busy, 0),
        }
    }
}
