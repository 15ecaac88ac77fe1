//! `.cpuprofile`: real ones against a naive reader and against tick logs of the same
//! program, every layout, and damage.

mod damage;
mod gaps;
use crate::json_common;
mod one_thread;

use json_common::{
    accounted, files, fold, labels, leaves, parse, parse_value, root, sample, times, unpacked,
    value,
};
use serde_json::{Value, json};
use spikeflame_parse::{Error, Options, read, read_stream};
use spikeflame_profile::{Kind, Zero};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Returns recordings in the repository and shared ones.
fn recordings() -> Vec<String> {
    let folders = [
        "samples/json",
        "../shared/data/shop",
        "../shared/data/noise",
        "../shared/data/cpuprofile/spike-before",
    ];
    let files = folders.into_iter().flat_map(|folder| files(folder, ".cpuprofile"));
    // Bun's default constructors get a name that a naive reader does not give them.
    files.filter(|file| !file.contains("/bun-")).collect()
}

/// Returns the label of a node in the simplest way.
fn naive_label(frame: &Value) -> String {
    let text = |key: &str| frame[key].as_str().unwrap();
    let (name, url) = (text("functionName"), text("url").replace("file://", ""));
    let (line, column) =
        (frame["lineNumber"].as_i64().unwrap(), frame["columnNumber"].as_i64().unwrap());
    let eval = url.is_empty() && text("scriptId") != "0";
    if url.starts_with("wasm:") || url.is_empty() && !eval {
        return match name {
            "" => "<anonymous>".to_owned(),
            "js-to-wasm" => "Builtin: js-to-wasm".to_owned(),
            name => name.to_owned(),
        };
    }
    let name = if name.is_empty() { "<anonymous>" } else { name };
    let file = if eval { "<eval>" } else { &url };
    format!("{name} {file}:{}:{}", line + 1, column + 1)
}

/// V8's own nodes are read by their layout.
#[test]
fn nodes_with_their_members_in_another_order_are_the_same() {
    let bytes = sample("mix-node22.cpuprofile");
    let sorted = value(&bytes);
    assert!(sorted["nodes"][0].to_string().starts_with("{\"callFrame\""));
    let (profile, other) = (parse(&bytes).unwrap(), parse_value(&sorted));
    assert_eq!(fold(&profile), fold(&other));
    assert_eq!(times(&profile), times(&other));
}

#[test]
fn real_profiles_are_as_a_naive_reader_has_them() {
    let recordings = recordings();
    assert!(recordings.len() >= 2);
    for file in recordings {
        let bytes = unpacked(&file).unwrap();
        let (profile, raw) = (parse(&bytes).unwrap(), value(&bytes));
        let samples = raw["samples"].as_array().unwrap();
        assert_eq!(profile.total(), samples.len() as u64, "{file}");
        assert!(profile.losses.is_empty(), "{file}: {:?}", profile.losses);
        assert!(profile.warnings.is_empty(), "{file}: {:?}", profile.warnings);

        let names: BTreeMap<u64, String> = raw["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|node| (node["id"].as_u64().unwrap(), naive_label(&node["callFrame"])))
            .collect();
        let mut expected = BTreeMap::<String, u64>::new();
        for id in samples {
            *expected.entry(names[&id.as_u64().unwrap()].clone()).or_default() += 1;
        }
        // Samples of the root have no frame.
        if let Some(root) = expected.remove("(root)") {
            expected.insert(String::new(), root);
        }
        // The naive reader does not know modules of WebAssembly.
        if !file.contains("wasm") {
            assert_eq!(leaves(&profile), expected, "{file}");
        }

        let mut now = 0;
        let mut moments: Vec<i64> = raw["timeDeltas"]
            .as_array()
            .unwrap()
            .iter()
            .map(|delta| {
                now += delta.as_i64().unwrap();
                now
            })
            .collect();
        moments.sort();
        let found: Vec<i64> = times(&profile).into_iter().map(|time| time as i64).collect();
        assert_eq!(found, moments, "{file}");
        let source = &profile.sources[0];
        let (start, end) = (raw["startTime"].as_u64().unwrap(), raw["endTime"].as_u64().unwrap());
        assert_eq!((source.zero, source.end_us), (Zero::Monotonic(start), end - start), "{file}");
        assert!(source.timed);
    }
}

#[test]
fn a_file_names_its_thread() {
    let path = root("samples/json/mix-node22.cpuprofile.zst");
    let profile = read(&[path], &Options::default()).unwrap();
    assert_eq!(profile.threads[0].name, "mix-node22");
    assert_eq!(profile.sources[0].name, "mix-node22.cpuprofile");
}

/// Returns the labels of functions by name and file, for files with `part` in their path.
fn places(labels: &BTreeSet<String>, part: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut places = BTreeMap::<_, BTreeSet<String>>::new();
    for label in labels.iter().filter(|label| label.contains(part)) {
        let mut parts = label.rsplitn(3, ':');
        let (column, line) = (parts.next().unwrap(), parts.next().unwrap());
        let place = format!("{line}:{column}");
        places.entry(parts.next().unwrap().to_owned()).or_default().insert(place);
    }
    places
}

/// The program ran once under `--cpu-prof` and once under `--prof`: every function of its
/// files has the label of the log, including line and column.
#[test]
fn a_function_has_the_label_of_the_tick_log() {
    let shared = "../shared/data";
    let pairs = [
        (
            "samples/json/mix-node22.cpuprofile.zst".to_owned(),
            "samples/v8/mix-node22.log.zst".to_owned(),
            "/srv/record/",
            40,
        ),
        (
            format!("{shared}/shop/k6-run.cpuprofile.zst"),
            format!("{shared}/v8/shop-node22.log.zst"),
            "node_modules/",
            100,
        ),
        (
            format!(
                "{shared}/cpuprofile/spike-before/CPU.20261123.013208.11620.0.001.cpuprofile.zst"
            ),
            format!("{shared}/spike/before-1/isolate-v8.log.zst"),
            "node_modules/",
            1000,
        ),
    ];
    for (cpuprofile, log, part, at_least) in pairs {
        if unpacked(&cpuprofile).is_none() {
            continue;
        }
        let load = |path: &str| read(&[root(path)], &Options::default()).unwrap();
        let (ours, logs) = (load(&cpuprofile), load(&log));
        let ours_places = places(&labels(&ours, Kind::Js), part);
        let log_places = places(&labels(&logs, Kind::Js), part);
        let mut same = 0;
        for (name, place) in &ours_places {
            let Some(known) = log_places.get(name) else { continue };
            assert!(place.is_subset(known), "{cpuprofile}: {name} at {place:?}, not {known:?}");
            same += 1;
        }
        println!("{cpuprofile}: {same} of {} functions are in the log", ours_places.len());
        assert!(same >= at_least && same * 10 >= ours_places.len() * 8, "{same}");
        let (patterns, known) = (labels(&ours, Kind::RegExp), labels(&logs, Kind::RegExp));
        println!("{} of {} patterns", patterns.intersection(&known).count(), patterns.len());
        assert!(patterns.intersection(&known).next().is_some(), "{patterns:?} {known:?}");
    }
    let spike =
        format!("{shared}/cpuprofile/spike-before/CPU.20261123.013208.11620.0.001.cpuprofile.zst");
    if unpacked(&spike).is_some() {
        let labels = labels(&read(&[root(&spike)], &Options::default()).unwrap(), Kind::Js);
        assert!(labels.iter().any(|label| label.starts_with("_encipher ")
            && label.ends_with("bcryptjs/dist/bcrypt.js:959:23")));
    }
}

#[test]
fn kinds_are_told_by_name_and_script() {
    let profile = parse(&sample("mix-node22.cpuprofile")).unwrap();
    for kind in [Kind::Gc, Kind::Idle, Kind::Program] {
        assert_eq!(labels(&profile, kind).len(), 1, "{kind:?}");
    }
    assert!(labels(&profile, Kind::Js).iter().any(|label| label.contains(" <eval>:")));
    let profile = parse(&sample("wasm-node22.cpuprofile")).unwrap();
    let wasm: Vec<String> = labels(&profile, Kind::Wasm).into_iter().collect();
    // The module is a part of the function's name.
    assert_eq!(
        wasm,
        [
            "wasm hot, loop (wasm://wasm/5b3419f6)",
            "wasm-function[0] (wasm://wasm/7840f6ca)",
            "wasm-function[1] (wasm://wasm/7840f6ca)",
            "wasm_step (wasm://wasm/5b3419f6)"
        ]
    );
}

/// The number of samples in [`small`].
const SAMPLES: usize = 24;

/// Returns a small part of a real profile: the first samples and their nodes.
fn small() -> Value {
    let mut raw = value(&sample("mix-node22.cpuprofile"));
    let samples = raw["samples"].as_array().unwrap()[..SAMPLES].to_vec();
    let nodes = raw["nodes"].as_array().unwrap();
    let parents: BTreeMap<u64, u64> = nodes
        .iter()
        .flat_map(|node| {
            let children = node["children"].as_array().into_iter().flatten();
            children.map(|child| (child.as_u64().unwrap(), node["id"].as_u64().unwrap()))
        })
        .collect();
    let mut used = BTreeSet::new();
    for id in &samples {
        let mut next = id.as_u64();
        while let Some(id) = next {
            used.insert(id);
            next = parents.get(&id).copied();
        }
    }
    let mut kept: Vec<Value> =
        nodes.iter().filter(|node| used.contains(&node["id"].as_u64().unwrap())).cloned().collect();
    for node in &mut kept {
        if let Some(children) = node["children"].as_array_mut() {
            children.retain(|child| used.contains(&child.as_u64().unwrap()));
        }
        let hits = samples.iter().filter(|id| **id == node["id"]).count();
        node["hitCount"] = json!(hits);
    }
    let deltas = raw["timeDeltas"].as_array().unwrap()[..SAMPLES].to_vec();
    (raw["nodes"], raw["samples"], raw["timeDeltas"]) =
        (json!(kept), json!(samples), json!(deltas));
    raw
}

/// Returns the text of `raw` with its keys in this order.
fn text(raw: &Value, keys: &[&str]) -> String {
    let fields: Vec<String> = keys.iter().map(|key| format!("\"{key}\":{}", raw[*key])).collect();
    format!("{{{}}}", fields.join(","))
}

const V8S: [&str; 5] = ["nodes", "startTime", "endTime", "samples", "timeDeltas"];

#[test]
fn keys_come_in_any_order() {
    let raw = small();
    let whole = parse(text(&raw, &V8S).as_bytes()).unwrap();
    assert_eq!((whole.total(), whole.losses.len()), (SAMPLES as u64, 0));
    let mut keys = V8S;
    for turn in 0..120 {
        keys.swap(turn % 5, (turn * 7 + 1) % 5);
        let profile = parse(text(&raw, &keys).as_bytes()).unwrap();
        assert_eq!(fold(&profile), fold(&whole), "{keys:?}");
        assert_eq!(times(&profile), times(&whole), "{keys:?}");
        assert_eq!(profile.sources, whole.sources);
    }
}

/// Returns the nodes of `raw` as one nested node, with lines from 1.
fn nested(raw: &Value) -> Value {
    fn at(nodes: &BTreeMap<u64, &Value>, id: u64) -> Value {
        let node = nodes[&id];
        let mut frame = node["callFrame"].clone();
        for key in ["lineNumber", "columnNumber"] {
            frame[key] = json!(frame[key].as_i64().unwrap() + 1);
        }
        let children = node["children"].as_array().into_iter().flatten();
        frame["children"] = children.map(|child| at(nodes, child.as_u64().unwrap())).collect();
        (frame["id"], frame["hitCount"], frame["callUID"]) =
            (json!(id), node["hitCount"].clone(), json!(17));
        frame
    }
    let nodes: BTreeMap<u64, &Value> = raw["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| (node["id"].as_u64().unwrap(), node))
        .collect();
    at(&nodes, 1)
}

#[test]
fn every_layout_gives_the_same_profile() {
    let raw = small();
    let whole = parse_value(&raw);
    // Nodes have parents in place of children, as in traces.
    let mut parents = raw.clone();
    for node in raw["nodes"].as_array().unwrap() {
        for child in node["children"].as_array().into_iter().flatten() {
            let nodes = parents["nodes"].as_array_mut().unwrap();
            nodes.iter_mut().find(|node| node["id"] == *child).unwrap()["parent"] =
                node["id"].clone();
        }
    }
    for node in parents["nodes"].as_array_mut().unwrap() {
        node.as_object_mut().unwrap().remove("children");
    }
    assert_eq!(fold(&parse_value(&parents)), fold(&whole));
    assert_eq!(times(&parse_value(&parents)), times(&whole));

    // DevTools before 2016 wrote samples before or after the tree.
    let stamps: Vec<u64> = times(&whole).iter().map(|time| time + 5_000_000).collect();
    let old = json!({
        "head": nested(&raw), "samples": raw["samples"], "timestamps": stamps,
        "startTime": 5.0, "endTime": 7.5, "typeId": "CPU",
    });
    for keys in [
        ["head", "startTime", "endTime", "samples", "timestamps"],
        ["samples", "timestamps", "startTime", "endTime", "head"],
    ] {
        let profile = parse(text(&old, &keys).as_bytes()).unwrap();
        assert_eq!(fold(&profile), fold(&whole));
        let first = times(&whole)[0];
        assert_eq!(
            times(&profile),
            times(&whole).iter().map(|time| time - first).collect::<Vec<_>>()
        );
        let source = &profile.sources[0];
        assert_eq!(source.zero, Zero::Monotonic(5_000_000 + first));
        assert_eq!((source.timed, source.end_us), (true, 2_500_000 - first));
        assert!(profile.losses.is_empty());
    }

    // Only each node's count is known.
    for hits in [
        json!({ "nodes": raw["nodes"] }),
        json!({ "head": nested(&raw) }),
        json!({ "nodes": raw["nodes"], "samples": [] }),
    ] {
        let profile = parse_value(&hits);
        assert_eq!(fold(&profile), fold(&whole));
        assert!(!profile.sources[0].timed && profile.losses.is_empty());
    }
}

#[test]
fn times_that_cannot_be_are_told_and_lose_no_sample() {
    let mut raw = small();
    let deltas: Vec<Value> =
        (0..SAMPLES).map(|at| json!(if at % 7 == 3 { -400 } else { 1000 })).collect();
    raw["timeDeltas"] = json!(deltas);
    let profile = parse_value(&raw);
    let mut now = 0i64;
    let mut expected: Vec<u64> = deltas
        .iter()
        .map(|delta| {
            now += delta.as_i64().unwrap();
            now as u64
        })
        .collect();
    expected.sort_unstable();
    assert_eq!(times(&profile), expected);
    assert!(profile.warnings.is_empty() && profile.sources[0].timed);

    let wrong = ["18446744073709551615", "-9223372036854775808", "1e300", "null", "\"x\"", "-1e16"];
    let mut steps: Vec<String> = (0..SAMPLES).map(|_| "1000".to_owned()).collect();
    for (at, step) in wrong.iter().enumerate() {
        steps[10 + at] = (*step).to_owned();
    }
    let without = text(&raw, &V8S[..4]);
    let text = format!("{},\"timeDeltas\":[{}]}}", without.trim_end_matches('}'), steps.join(","));
    let profile = parse(text.as_bytes()).unwrap();
    assert_eq!(
        (profile.total(), times(&profile).last()),
        (SAMPLES as u64, Some(&(1000 * (SAMPLES as u64 - 6))))
    );
    assert!(
        profile.warnings[0].to_string().contains(
            "6 of the times between samples cannot be right (the first is that of sample 11)"
        ),
        "{:?}",
        profile.warnings
    );

    // Fractions add up.
    raw["timeDeltas"] = json!(vec![0.25; SAMPLES]);
    assert_eq!(times(&parse_value(&raw)).last(), Some(&(SAMPLES as u64 / 4)));
    // Too few, too many or no times: no window is possible, and no sample is lost.
    for (count, timed, warnings) in [(SAMPLES - 1, false, 1), (SAMPLES + 1, true, 1), (0, false, 0)]
    {
        raw["timeDeltas"] = json!(vec![1000; count]);
        let profile = parse_value(&raw);
        assert_eq!((profile.total(), profile.sources[0].timed), (SAMPLES as u64, timed), "{count}");
        assert_eq!(profile.warnings.len(), warnings, "{:?}", profile.warnings);
    }
}

/// Reads a profile of these nodes, with samples of nodes by id.
fn made(nodes: &str, samples: &str) -> Result<spikeflame_profile::Profile, Error> {
    let text = format!("{{\"nodes\":[{nodes}],\"samples\":[{samples}],\"timeDeltas\":[]}}");
    parse(text.as_bytes())
}

fn node(id: &str, name: &str, rest: &str) -> String {
    format!(
        "{{\"id\":{id},\"callFrame\":{{\"functionName\":\"{name}\",\"url\":\"/{name}.js\",\"lineNumber\":0,\"columnNumber\":0,\"scriptId\":\"1\"}}{rest}}}"
    )
}

#[test]
fn what_is_no_tree_is_counted() {
    let reasons = |profile: &spikeflame_profile::Profile| -> Vec<(String, u64, u64)> {
        profile
            .losses
            .iter()
            .map(|loss| (loss.reason.to_owned(), loss.first, loss.samples))
            .collect()
    };
    // The nodes form a circle; one sample is outside of it.
    let nodes = [
        node("1", "a", ",\"children\":[2]"),
        node("2", "b", ",\"children\":[3]"),
        node("3", "c", ",\"children\":[2,1]"),
        node("4", "d", ""),
    ]
    .join(",");
    let profile = made(&nodes, "4,1,2,3,4").unwrap();
    assert_eq!((fold(&profile).as_str(), accounted(&profile)), ("d /d.js:1:1 2\n", 5));
    assert_eq!(
        reasons(&profile)[0],
        ("a sample of a node whose callers form a circle".to_owned(), 2, 3)
    );
    // The only node is its own caller.
    let error = made(&node("1", "a", ",\"children\":[1]"), "1").unwrap_err().to_string();
    assert!(error.contains("sample 1: a sample of a node whose callers form a circle"), "{error}");
    // A node has two callers, an id comes twice, and some ids have no node.
    let nodes = [
        node("1", "a", ",\"children\":[3,99]"),
        node("2", "b", ",\"children\":[3]"),
        node("3", "c", ""),
        node("3", "x", ""),
    ]
    .join(",");
    let profile = made(&nodes, "3,77,2,99").unwrap();
    assert_eq!(fold(&profile), "a /a.js:1:1;c /c.js:1:1 1\nb /b.js:1:1 1\n");
    assert_eq!(accounted(&profile), 4);
    assert_eq!(
        reasons(&profile),
        [
            ("a sample of a node that is not in the file".to_owned(), 2, 2),
            ("a node with two callers; the first is taken".to_owned(), 2, 0),
            ("a node with the id of another; the first is taken".to_owned(), 4, 0),
        ]
    );
    // The caller is not in the file.
    let profile = made(&node("5", "a", ",\"parent\":9"), "5").unwrap();
    assert_eq!((fold(&profile).as_str(), profile.losses.len()), ("a /a.js:1:1 1\n", 1));
    // Counts of nodes that came twice are samples when there are no other samples.
    let twice = [node("1", "a", ",\"hitCount\":3"), node("1", "b", ",\"hitCount\":4")].join(",");
    let profile = made(&twice, "").unwrap();
    assert_eq!((profile.total(), profile.unreadable()), (3, 4));
    // The error was: counts without a place were "sample 1".
    let places = |profile: &spikeflame_profile::Profile| -> Vec<Option<String>> {
        profile.losses.iter().map(spikeflame_profile::Loss::place).collect()
    };
    assert_eq!(places(&profile), [None, Some("node 2".to_owned())]);
    let circle = [
        node("7", "a", ",\"hitCount\":3,\"parent\":8"),
        node("8", "b", ",\"hitCount\":2,\"parent\":7"),
        node("9", "c", ",\"hitCount\":1"),
    ];
    let profile = made(&circle.join(","), "").unwrap();
    assert_eq!((places(&profile), profile.losses[0].count), (vec![None], 5));
}

#[test]
fn ids_may_be_any_numbers_and_counts_have_their_bounds() {
    let large = ["1152921504606846976", "18446744073709551615", "0"];
    let nodes = [
        node(large[0], "a", &format!(",\"children\":[{}]", large[1])),
        node(large[1], "b", ",\"hitCount\":18446744073709551615"),
        node(large[2], "c", ""),
    ]
    .join(",");
    let profile = made(&nodes, &large.join(",")).unwrap();
    assert_eq!(fold(&profile), "a /a.js:1:1 1\na /a.js:1:1;b /b.js:1:1 1\nc /c.js:1:1 1\n");
    let error = made(&nodes, "").unwrap_err().to_string();
    assert!(error.contains("a count too large to be true"), "{error}");
    let error = made(&node("1.5", "a", ""), "1").unwrap_err().to_string();
    assert!(
        error.contains("line 1 column") && error.contains("expected a whole number"),
        "{error}"
    );
}

#[test]
fn numbers_are_taken_as_other_writers_have_them() {
    for id in ["-2", "2.0", "\"2\""] {
        let nodes = [node("1", "a", &format!(",\"children\":[{id}]")), node(id, "b", "")].join(",");
        let profile = made(&nodes, &format!("{id},{id}")).unwrap();
        assert_eq!(fold(&profile), "a /a.js:1:1;b /b.js:1:1 2\n", "{id}");
        assert!(profile.losses.is_empty());
    }
    for (hits, taken, told) in [("null", 0, 0), ("5.5", 5, 1), ("-7", 0, 1)] {
        let odd = node("2", "b", &format!(",\"hitCount\":{hits}"));
        let nodes = [node("1", "a", ",\"hitCount\":3"), odd].join(",");
        let profile = made(&nodes, "").unwrap();
        assert_eq!((profile.total(), profile.losses.len()), (3 + taken, told), "{hits}");
    }
}

#[test]
fn a_reply_of_the_inspector_and_a_byte_order_mark_are_read_as_what_they_hold() {
    let plain = fold(&parse_value(&small()));
    for wrapped in
        [json!({ "profile": small() }), json!({ "id": 3, "result": { "profile": small() } })]
    {
        assert_eq!(fold(&parse_value(&wrapped)), plain);
    }
    let marked = format!("\u{feff}{}", small());
    assert_eq!(fold(&parse(marked.as_bytes()).unwrap()), plain);
    // There is a limit to the nesting.
    let open = "{\"profile\":".repeat(100_000);
    let error = parse(format!("{open}{{\"callFrame\":1").as_bytes()).unwrap_err();
    assert!(matches!(error, Error::Damaged { .. } | Error::Unrecognised { .. }), "{error}");
    // A file without nodes was not stopped early.
    let error = parse(br#"{"samples":[],"callFrame":{}}"#).unwrap_err().to_string();
    assert!(error.contains("expected nodes and samples"), "{error}");
}

#[test]
fn what_our_own_export_adds_is_honoured() {
    let nodes = [
        node("1", "a", ",\"children\":[2,3,4,5],\"spikeflame\":{\"kind\":\"js\",\"tier\":\"*\"}"),
        node("2", "ArrayMap", ",\"spikeflame\":{\"kind\":\"builtin\"}"),
        node("3", "b", ",\"spikeflame\":{\"kind\":\"js\",\"tier\":\"+\",\"inlined\":true}"),
        node(
            "4",
            "node::Start",
            ",\"spikeflame\":{\"kind\":\"native\",\"module\":\"/usr/bin/node\"}",
        ),
        node("5", "RegExp: \\\\d", ",\"spikeflame\":{\"kind\":\"regexp\",\"tier\":7}"),
    ]
    .join(",");
    let text = format!(
        "{{\"nodes\":[{nodes}],\"samples\":[1,2,3,4,5],\"timeDeltas\":[5,5,5,5,5],\"spikeflame\":{{\"weights\":[7,1,2,3,1],\"unit\":\"ticks\",\"interval_us\":1000,\"producer\":\"Node 22\"}}}}"
    );
    let profile = parse(text.as_bytes()).unwrap();
    assert_eq!(
        fold(&profile),
        "*a /a.js:1:1_[j] 7\n*a /a.js:1:1_[j];+b /b.js:1:1_[i] 2\n*a /a.js:1:1_[j];Builtin: ArrayMap 1\n*a /a.js:1:1_[j];RegExp: \\d 1\n*a /a.js:1:1_[j];node::Start 3\n"
    );
    let source = &profile.sources[0];
    assert_eq!(
        (source.unit.as_str(), source.interval_us, source.producer.as_str()),
        ("ticks", Some(1000), "cpuprofile of Node 22")
    );
    let start = profile.frames.functions().find(|(_, f)| f.kind == Kind::Native).unwrap().1;
    assert_eq!(profile.frames.strings().get(start.module), "/usr/bin/node");
    // The weights may come first.
    let (head, tail) = text.split_once(",\"spikeflame\":{\"weights\"").unwrap();
    let turned = format!(
        "{{\"spikeflame\":{{\"weights\"{},{}}}",
        tail.trim_end_matches('}').to_owned() + "}",
        &head[1..]
    );
    assert_eq!(fold(&parse(turned.as_bytes()).unwrap()), fold(&profile));
}

/// The error was: functions of v8-profiler-next 1.10.0 (`setGenerateType(1)`) were one line and one
/// column too far, because it writes positions from 1.
#[test]
fn positions_of_v8_profiler_next_begin_at_1() {
    let node = |bailout: &str| {
        format!(
            "{{\"nodes\":[{{\"id\":1,\"callFrame\":{{\"functionName\":\"(root)\",\"scriptId\":0,{bailout}\
             \"url\":\"\",\"lineNumber\":0,\"columnNumber\":0}},\"children\":[2,3]}},\
             {{\"id\":2,\"callFrame\":{{\"functionName\":\"fib\",\"scriptId\":240,{bailout}\
             \"url\":\"/srv/w.js\",\"lineNumber\":1,\"columnNumber\":13,\"lineTicks\":[]}}}},\
             {{\"id\":3,\"callFrame\":{{\"functionName\":\"write\",\"scriptId\":0,{bailout}\
             \"url\":\"\",\"lineNumber\":0,\"columnNumber\":0}}}}],\
             \"startTime\":0,\"endTime\":9,\"samples\":[2,2,3],\"timeDeltas\":[1,1,1]}}"
        )
    };
    let folded = |bailout| fold(&parse(node(bailout).as_bytes()).unwrap());
    assert_eq!(folded("\"bailoutReason\":\"\","), "fib /srv/w.js:1:13 2\nwrite 1\n");
    assert_eq!(folded(""), "fib /srv/w.js:2:14 2\nwrite 1\n");
}

/// The error was: the lines that ran were not read in files of v8-profiler-next 1.10.0, which calls
/// them `lineTicks`: in a list of nodes within the function, in nested nodes beside it.
#[test]
fn lines_that_ran_in_files_of_v8_profiler_next() {
    let function = "\"functionName\":\"loop\",\"scriptId\":237,\"bailoutReason\":\"\",\
                    \"url\":\"/srv/prog.js\",\"lineNumber\":2,\"columnNumber\":14";
    let ticks = "\"lineTicks\":[{\"line\":7,\"hitCount\":1},{\"line\":8,\"hitCount\":2}]";
    let root = "\"functionName\":\"(root)\",\"url\":\"\",\"scriptId\":0,\"bailoutReason\":\"\",\
                \"lineNumber\":0,\"columnNumber\":0";
    let end = "\"startTime\":0,\"endTime\":9,\"samples\":[18,18,18]";
    let list = format!(
        "{{\"nodes\":[{{\"id\":1,\"hitCount\":0,\"callFrame\":{{{root}}},\"children\":[18]}},\
         {{\"id\":18,\"hitCount\":3,\"callFrame\":{{{function},{ticks}}}}}],{end},\
         \"timeDeltas\":[1,1,1]}}"
    );
    let nested = format!(
        "{{\"typeId\":\"CPU\",\"head\":{{{root},\"id\":1,\"hitCount\":0,\"children\":[{{{function},\
         \"id\":18,\"hitCount\":3,\"children\":[],{ticks}}}]}},{end},\"timestamps\":[1,2,3]}}"
    );
    for text in [list, nested] {
        let options = Options { lines: true, ..Options::default() };
        let profile = read_stream(text.as_bytes(), Path::new("x"), &options).unwrap();
        let mut lines: Vec<u32> = profile.threads[0]
            .samples
            .iter()
            .filter_map(|(sample, _)| profile.stacks.get(sample.stack))
            .map(|(_, frame)| profile.frames.line(frame))
            .collect();
        lines.sort_unstable();
        assert_eq!(lines, [7, 8, 8], "{text}");
        assert_eq!(fold(&parse(text.as_bytes()).unwrap()), "loop /srv/prog.js:2:14 3\n");
    }
}
