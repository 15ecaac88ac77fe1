//! Chrome traces: real ones of Node and Chromium against a naive reader, every form of
//! events, and damage.

use crate::json_common;

use json_common::{
    accounted, damaged, edits, fold, labels, parse, parse_value, sample, times, unpacked, value,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use spikeflame_parse::Error;
use spikeflame_profile::{Kind, Zero};
use std::collections::BTreeMap;

const RECORDINGS: [&str; 4] =
    ["trace-node20.json", "trace-node22.json", "trace-node24.json", "chromium.json"];

/// Returns the samples of a trace by process and profile.
fn naive_samples(trace: &Value) -> BTreeMap<(String, String), Vec<(u64, i64)>> {
    let mut profiles = BTreeMap::<_, Vec<(u64, i64)>>::new();
    for event in trace["traceEvents"].as_array().unwrap() {
        if event["name"] != "ProfileChunk" {
            continue;
        }
        let data = &event["args"]["data"];
        let samples = data["cpuProfile"]["samples"].as_array().into_iter().flatten();
        let deltas = data["timeDeltas"].as_array().into_iter().flatten();
        let key = (event["pid"].to_string(), event["id"].to_string());
        profiles.entry(key).or_default().extend(
            samples.zip(deltas).map(|(id, delta)| (id.as_u64().unwrap(), delta.as_i64().unwrap())),
        );
    }
    profiles.retain(|_, samples| !samples.is_empty());
    profiles
}

#[test]
fn real_traces_are_as_a_naive_reader_has_them() {
    for name in RECORDINGS {
        let bytes = sample(name);
        let (profile, raw) = (parse(&bytes).unwrap(), value(&bytes));
        let expected = naive_samples(&raw);
        println!(
            "{name}: {} samples, threads {:?}",
            profile.total(),
            profile.threads.iter().map(|t| &t.name).collect::<Vec<_>>()
        );
        assert!(
            profile.losses.is_empty() && profile.warnings.is_empty(),
            "{name}: {:?} {:?}",
            profile.losses,
            profile.warnings
        );
        let mut totals: Vec<u64> = profile.threads.iter().map(|t| t.samples.total()).collect();
        let mut naive: Vec<u64> = expected.values().map(|samples| samples.len() as u64).collect();
        totals.sort_unstable();
        naive.sort_unstable();
        assert_eq!(totals, naive, "{name}");
        for thread in &profile.threads {
            let main = ["JavaScriptMainThread ", "CrRendererMain ", "CrBrowserMain "];
            assert!(main.iter().any(|main| thread.name.starts_with(main)), "{}", thread.name);
        }
        // The times count from the profile that starts first.
        let starts =
            raw["traceEvents"].as_array().unwrap().iter().filter(|e| e["name"] == "Profile");
        let start = starts.min_by_key(|e| e["args"]["data"]["startTime"].as_u64()).unwrap();
        let key = (start["pid"].to_string(), start["id"].to_string());
        let mut now = 0;
        let mut moments: Vec<i64> = expected[&key]
            .iter()
            .map(|(_, delta)| {
                now += delta;
                now
            })
            .collect();
        moments.sort_unstable();
        let found = profile
            .threads
            .iter()
            .map(|thread| thread.samples.iter().map(|(s, _)| s.time_us as i64).collect::<Vec<_>>());
        assert!(found.into_iter().any(|times| times == moments), "{name}");
        let zero = start["args"]["data"]["startTime"].as_u64().unwrap();
        assert_eq!(profile.sources[0].zero, Zero::Monotonic(zero), "{name}");
        assert!(
            profile.sources[0].timed
                && profile.sources[0].end_us >= *times(&profile).iter().max().unwrap()
        );
    }
}

#[test]
fn functions_have_their_labels() {
    for version in [20, 22, 24] {
        let profile = parse(&sample(&format!("trace-node{version}.json"))).unwrap();
        let labels = labels(&profile, Kind::Js);
        for label in [
            "fibonacci /srv/record/trace.js:10:19",
            "sorted /srv/record/trace.js:12:16",
            "evaluated /srv/record/trace.js:13:19",
            "<anonymous> /srv/record/trace.js:1:1",
            "<anonymous> <eval>:1:20",
        ] {
            assert!(labels.contains(label), "{version}: {label} is not in {labels:?}");
        }
    }
    let chromium = parse(&sample("chromium.json")).unwrap();
    let spin = "spin /srv/record/page.html:2:14";
    assert!(labels(&chromium, Kind::Js).contains(spin), "{:?}", labels(&chromium, Kind::Js));
    assert_eq!(labels(&chromium, Kind::Idle).len(), 1);
}

/// Converts a .cpuprofile to events of a trace, with `size` samples a chunk. Nodes are in
/// the first chunk that needs them.
fn events(raw: &Value, pid: u64, id: &str, size: usize) -> Vec<Value> {
    let nodes = raw["nodes"].as_array().unwrap();
    let mut parents = BTreeMap::new();
    for node in nodes {
        for child in node["children"].as_array().into_iter().flatten() {
            parents.insert(child.as_u64().unwrap(), node["id"].as_u64().unwrap());
        }
    }
    let by_id: BTreeMap<u64, &Value> =
        nodes.iter().map(|node| (node["id"].as_u64().unwrap(), node)).collect();
    let start = raw["startTime"].as_u64().unwrap();
    let mut events = vec![
        json!({ "name": "Profile", "ph": "P", "cat": "disabled-by-default-v8.cpu_profiler", "pid": pid, "tid": pid, "ts": start + 3, "id": id, "args": { "data": { "startTime": start } } }),
    ];
    let mut told = std::collections::BTreeSet::new();
    let (samples, deltas) =
        (raw["samples"].as_array().unwrap(), raw["timeDeltas"].as_array().unwrap());
    for (number, (samples, deltas)) in samples.chunks(size).zip(deltas.chunks(size)).enumerate() {
        let mut new = Vec::new();
        for sample in samples {
            let (mut path, mut next) = (Vec::new(), sample.as_u64());
            while let Some(id) = next.filter(|id| told.insert(*id)) {
                path.push(id);
                next = parents.get(&id).copied();
            }
            for id in path.into_iter().rev() {
                let mut node = json!({ "id": id, "callFrame": by_id[&id]["callFrame"] });
                if let Some(parent) = parents.get(&id) {
                    node["parent"] = json!(parent);
                }
                new.push(node);
            }
        }
        events.push(json!({ "name": "ProfileChunk", "ph": "P", "cat": "disabled-by-default-v8.cpu_profiler", "pid": pid, "tid": pid + 7, "ts": start + 100 + number as u64, "id": id, "args": { "data": { "cpuProfile": { "nodes": new, "samples": samples }, "timeDeltas": deltas, "lines": [1] } } }));
    }
    events
}

/// Returns the start of a real .cpuprofile.
fn profile_of(samples: usize) -> Value {
    let mut raw = value(&sample("mix-node22.cpuprofile"));
    for key in ["samples", "timeDeltas"] {
        raw[key].as_array_mut().unwrap().truncate(samples);
    }
    raw
}

#[test]
fn a_profile_in_chunks_is_the_profile() {
    let raw = profile_of(usize::MAX);
    let whole = parse_value(&raw);
    for size in [1, 17, 400, 10_000] {
        let profile = parse_value(&json!({ "traceEvents": events(&raw, 42, "0x1", size) }));
        assert_eq!(fold(&profile), fold(&whole), "{size}");
        assert_eq!(times(&profile), times(&whole), "{size}");
        assert_eq!(profile.threads[0].name, "thread 42/42");
        assert!(profile.losses.is_empty() && profile.warnings.is_empty());
        let [step, of_whole] = [&profile, &whole].map(|one| one.recorded_step_us().unwrap());
        assert!(100 * step.abs_diff(of_whole) <= of_whole, "{step} {of_whole}");
    }
    let shared =
        "../shared/data/cpuprofile/spike-before/CPU.20261123.013208.11620.0.001.cpuprofile.zst";
    if let Some(bytes) = unpacked(shared) {
        let profile = parse_value(&json!(events(&value(&bytes), 1, "0x9", 100)));
        assert_eq!(fold(&profile), fold(&parse(&bytes).unwrap()));
    }
}

/// A bundler puts the profiler's own result into one chunk, and starts it with an event that has 0
/// for its start and the time of another clock.
#[test]
fn a_start_of_0_is_that_of_the_chunk() {
    let raw = profile_of(300);
    let whole = parse_value(&raw);
    let mut events = events(&raw, 42, "0x1", usize::MAX);
    events[0]["args"]["data"]["startTime"] = json!(0);
    events[0]["ts"] = json!(270_087);
    for key in ["startTime", "endTime"] {
        events[1]["args"]["data"]["cpuProfile"][key] = raw[key].clone();
    }
    let in_order = events.clone();
    events.reverse();
    for events in [in_order, events] {
        let profile = parse_value(&json!(events));
        assert_eq!(times(&profile), times(&whole));
        let [start, end] = ["startTime", "endTime"].map(|key| raw[key].as_u64().unwrap());
        assert_eq!(profile.sources[0].end_us, end - start);
        assert_eq!(profile.sources[0].zero, Zero::Monotonic(start));
    }
}

#[test]
fn events_come_in_any_order_and_profiles_beside_each_other() {
    let raw = profile_of(300);
    let whole = parse_value(&raw);
    let one = events(&raw, 42, "0x1", 20);
    let mut turned = one.clone();
    turned.reverse();
    let profile = parse_value(&json!({ "traceEvents": turned }));
    assert_eq!((fold(&profile), times(&profile)), (fold(&whole), times(&whole)));

    // The trace has the same id in another process, another id in the same process, and
    // names.
    let mut later = raw.clone();
    later["startTime"] = json!(raw["startTime"].as_u64().unwrap() + 5000);
    let name = |pid: u64, name: &str| json!({ "name": "thread_name", "ph": "M", "pid": pid, "tid": pid, "args": { "name": name } });
    let mut all: Vec<Value> = Vec::new();
    let (two, three) = (events(&later, 43, "0x1", 20), events(&raw, 42, "0x2", 20));
    for ((one, two), three) in one.iter().zip(&two).zip(&three) {
        all.extend([one.clone(), two.clone(), three.clone()]);
    }
    all.push(name(42, "main"));
    all.push(name(43, "other"));
    let profile = parse_value(&json!({ "metadata": {}, "traceEvents": all }));
    let names: Vec<&str> = profile.threads.iter().map(|thread| thread.name.as_str()).collect();
    assert_eq!(names, ["main 42", "main 42 (2)", "other 43"]);
    assert_eq!(profile.total(), 3 * whole.total());
    // Two profiles of one thread at the same time are reported, others are not.
    let told: Vec<_> =
        profile.warnings.iter().filter(|w| w.to_string().contains("more than once")).collect();
    assert!(
        told.len() == 1
            && told[0].to_string().contains("(further profiles: 1, the first is `main 42 (2)`)")
    );
    let apart = [one, two].concat();
    assert!(
        !parse_value(&json!(apart))
            .warnings
            .iter()
            .any(|w| w.to_string().contains("more than once"))
    );
    let first = |at: usize| profile.threads[at].samples.iter().next().unwrap().0.time_us;
    assert_eq!(first(2), first(0) + 5000);
}

#[test]
fn other_events_whatever_they_hold_are_passed_over() {
    let raw = profile_of(50);
    let odd = [
        "null",
        "7",
        "\"x\"",
        "[]",
        "[[{}]]",
        "{}",
        "{\"name\":3,\"args\":null}",
        "{\"args\":\"x\",\"pid\":\"main\",\"id\":[]}",
        "{\"args\":{\"data\":7,\"name\":{}},\"ts\":\"soon\"}",
        "{\"args\":{\"data\":{\"cpuProfile\":1,\"startTime\":{},\"nodes\":3,\"samples\":\"no\"}}}",
        "{\"name\":\"ProfileChunk\"}",
        "{\"name\":\"ProfileChunk\",\"args\":{\"data\":{\"endTime\":3}}}",
    ];
    let mut texts: Vec<String> = odd.iter().map(|text| (*text).to_owned()).collect();
    texts.extend(events(&raw, 1, "0x1", 10).iter().map(Value::to_string));
    let profile = parse(format!("{{\"traceEvents\":[{}]}}", texts.join(",")).as_bytes()).unwrap();
    assert_eq!((profile.total(), fold(&profile)), (50, fold(&parse_value(&raw))));
    assert!(profile.warnings.is_empty() && profile.losses.is_empty());
}

#[test]
fn one_event_may_hold_a_whole_profile() {
    let raw = profile_of(300);
    let event = json!({ "name": "CpuProfile", "ph": "I", "pid": 3, "tid": 4, "ts": 5, "args": { "data": { "cpuProfile": raw } } });
    let profile = parse_value(&json!([event, event]));
    assert_eq!((profile.threads.len(), profile.total()), (2, 600));
    assert_eq!(fold(&parse_value(&json!([event]))), fold(&parse_value(&raw)));
}

#[test]
fn a_bare_array_need_not_end() {
    let events: Vec<String> =
        events(&profile_of(100), 1, "0x1", 10).iter().map(Value::to_string).collect();
    let whole = parse(format!("[{}]", events.join(",\n")).as_bytes()).unwrap();
    for end in ["", "\n", ",", ",\n", "]", "\n]\n"] {
        let profile = parse(format!("[{}{end}", events.join(",\n")).as_bytes()).unwrap();
        assert_eq!((fold(&profile), profile.warnings.len()), (fold(&whole), 0), "{end:?}");
    }
    // An object must have its end.
    let profile = parse(format!("{{\"traceEvents\":[{}", events.join(",")).as_bytes()).unwrap();
    assert_eq!((profile.total(), profile.warnings.len()), (100, 1));
}

#[test]
fn a_trace_without_profiles_says_what_to_turn_on() {
    let text = "{\"traceEvents\":[{\"name\":\"thread_name\",\"ph\":\"M\",\"cat\":\"x\",\"args\":{\"name\":\"main\"}}]}";
    let error = parse(text.as_bytes()).unwrap_err().to_string();
    assert!(
        error.contains("disabled-by-default-v8.cpu_profiler") && error.contains("createTracing"),
        "{error}"
    );
    // DevTools' metadata may be longer than the part from which a format is recognised.
    let metadata = json!({ "metadata": { "source": "y".repeat(20_000) }, "traceEvents": [] });
    let error = parse(&serde_json::to_vec(&metadata).unwrap()).unwrap_err().to_string();
    assert!(error.contains("the trace holds no CPU profile"), "{error}");
    let only = json!([events(&profile_of(10), 1, "0x1", 10)[0]]);
    let error = parse(&serde_json::to_vec(&only).unwrap()).unwrap_err().to_string();
    assert!(error.contains("stopped before the first one"), "{error}");
}

#[test]
fn what_is_no_tree_is_counted() {
    let mut raw = events(&profile_of(20), 1, "0x1", 5);
    let nodes = raw[1]["args"]["data"]["cpuProfile"]["nodes"].as_array_mut().unwrap();
    // The callers form a circle.
    let (first, last) = (nodes[0]["id"].clone(), nodes.last().unwrap()["id"].clone());
    nodes[0]["parent"] = last;
    let samples = raw[2]["args"]["data"]["cpuProfile"]["samples"].as_array_mut().unwrap();
    samples[0] = json!(1u64 << 60);
    // There are fewer times than samples.
    raw[3]["args"]["data"]["timeDeltas"] = json!([1000]);
    let other = json!({ "id": 999_999, "callFrame": { "functionName": "f", "url": "/f.js", "lineNumber": 0, "columnNumber": 0 } });
    raw[4]["args"]["data"]["cpuProfile"]["nodes"] = json!([other]);
    raw[4]["args"]["data"]["cpuProfile"]["samples"] =
        json!([999_999, first, 999_999, 999_999, 999_999]);
    let profile = parse_value(&json!(raw));
    assert_eq!((accounted(&profile), profile.total()), (20, 4), "{:?}", profile.losses);
    assert!(
        profile.warnings[0].to_string().contains("4 samples have no time"),
        "{:?}",
        profile.warnings
    );
}

#[test]
fn what_unpacks_to_more_than_fits_is_damage() {
    let event = |rest: &str| format!("{{\"traceEvents\":[{rest}]}}");
    let nodes = event(&format!(
        "{{\"name\":\"ProfileChunk\",\"args\":{{\"data\":{{\"cpuProfile\":{{\"nodes\":[{}{{}}]}}}}}}}}",
        "{},".repeat(4_000_000)
    ));
    let names: String =
        (0..1_000_000).map(|tid| format!("{{\"name\":\"thread_name\",\"tid\":{tid}}},")).collect();
    for text in [nodes, event(&format!("{names}{{}}"))] {
        let error = parse(text.as_bytes()).unwrap_err().to_string();
        assert!(error.contains("line 1 column") && error.contains("more than 512 MiB"), "{error}");
    }
}

/// Counts whole numbers in the arrays of samples before `cut`.
fn whole_samples(text: &str, cut: usize) -> u64 {
    let mut count = 0;
    for (at, start) in text.match_indices("\"samples\":[") {
        let from = at + start.len();
        let end = from + text[from..].find(']').unwrap();
        let part = text.get(from..cut.min(end)).unwrap_or_default();
        count += part.matches(',').count() as u64 + u64::from(cut > end);
    }
    count
}

#[test]
fn a_trace_cut_at_any_byte_is_used_up_to_the_cut() {
    let events: Vec<String> =
        events(&profile_of(12), 1, "0x1", 4).iter().map(Value::to_string).collect();
    let text = format!("{{\"traceEvents\":[{}]}}", events.join(","));
    println!("{} bytes", text.len());
    for cut in 0..text.len() {
        let whole = whole_samples(&text, cut);
        match parse(&text.as_bytes()[..cut]) {
            Ok(profile) => {
                let accounted = accounted(&profile);
                assert!(
                    (whole..=whole + 1).contains(&accounted),
                    "cut at {cut}: {accounted}, not {whole}"
                );
                assert!(
                    profile.warnings[0].to_string().contains("read up to there"),
                    "{:?}",
                    profile.warnings
                );
            }
            // The profile's name comes after the first samples.
            Err(Error::Damaged { at, .. }) => {
                assert!(whole <= 4, "cut at {cut}: {whole}");
                assert!(at.starts_with("line 1 column "), "{at}");
            }
            Err(Error::Unrecognised { .. }) => assert!(cut < 20, "cut at {cut}"),
            Err(error) => panic!("cut at {cut}: {error}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn damage_is_survived(edits in edits()) {
        let text = json!({ "traceEvents": events(&profile_of(40), 1, "0x1", 10) }).to_string();
        if let Ok(profile) = parse(&damaged(text.into_bytes(), &edits)) {
            prop_assert!(profile.total() > 0);
        }
    }
}
