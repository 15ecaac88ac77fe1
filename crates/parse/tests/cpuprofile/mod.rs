//! `.cpuprofile`: real ones against a naive reader and against tick logs of the same
//! program, every layout, and damage.

mod copies;
mod damage;
mod gaps;
mod layouts;
mod nodes;
mod one_thread;
mod writers;

use crate::json_common;

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
