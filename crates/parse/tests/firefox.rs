//! Profiles of the Firefox Profiler: processed and gecko, in the layouts of all versions.

use crate::json_common;

use json_common::{accounted, damaged, edits, fold, parse, parse_value, times};
use proptest::prelude::*;
use serde_json::{Value, json};
use spikeflame_parse::{Options, read_stream};
use spikeflame_profile::{CallTree, Selection, Zero, function_lines};
use std::path::Path;

fn tables() -> Value {
    json!({
        "frameTable": {"length": 5, "func": [0, 1, 2, 3, 4], "category": [1, 0, 0, 2, 0],
            "subcategory": [0, 0, 0, 0, 0], "inlineDepth": [0, 0, 0, 0, 1],
            "address": [-1, 16, -1, 32, 16], "line": [null, null, 7, null, null]},
        "funcTable": {"length": 5, "name": [0, 1, 2, 3, 4],
            "isJS": [false, false, true, false, false], "relevantForJS": [false, false, true, false, false],
            "resource": [-1, 0, -1, 1, 0], "fileName": [null, null, 5, null, null],
            "lineNumber": [null, null, 3, null, null], "columnNumber": [null, null, 9, null, null]},
        "resourceTable": {"length": 2, "lib": [0, 1], "name": [6, 7], "host": [null, null], "type": [1, 1]},
        "stackTable": {"length": 5, "frame": [0, 1, 2, 3, 4], "prefix": [null, 0, 1, 1, 2]}
    })
}

const STRINGS: [&str; 8] =
    ["(root)", "main(int, char**)", "work", "0x20", "inlined", "/srv/a.js", "app", "libc.so.6"];

fn meta() -> Value {
    json!({"interval": 2.0, "startTime": 1_795_000_000_000.0, "product": "node",
        "preprocessedProfileVersion": 55, "categories": [
            {"name": "Other", "color": "grey", "subcategories": ["Other"]},
            {"name": "Idle", "color": "transparent", "subcategories": ["Other"]},
            {"name": "User", "color": "yellow", "subcategories": ["Other"]}]})
}

fn libs() -> Value {
    json!([{"name": "app", "path": "/srv/app"}, {"name": "libc.so.6", "path": "/lib/libc.so.6"}])
}

fn thread(samples: &Value) -> Value {
    let mut thread = tables();
    thread["stringArray"] = json!(STRINGS);
    thread["name"] = json!("main");
    (thread["pid"], thread["tid"]) = (json!("7"), json!(7));
    thread["samples"] = samples.clone();
    thread
}

fn old(samples: &Value) -> Value {
    json!({"meta": meta(), "libs": libs(), "threads": [thread(samples)]})
}

/// Converts the tables to the shared form since version 60, in the layout of version 70.
fn new(samples: &Value) -> Value {
    let mut shared = tables();
    shared["stringArray"] = json!(STRINGS);
    shared["stackTable"] =
        json!({"length": 5, "frame": [0, 1, 2, 3, 4], "prefixOffset": [0, 1, 1, 2, 2]});
    shared["funcTable"].as_object_mut().unwrap().remove("fileName");
    shared["funcTable"]["source"] = json!([null, null, 0, null, null]);
    shared["sources"] = json!({"length": 1, "id": [null], "filename": [5]});
    shared["frameTable"]["lib"] = json!([-1, 0, -1, 1, 0]);
    shared["resourceTable"].as_object_mut().unwrap().remove("lib");
    let thread = json!({"name": "main", "pid": "7", "tid": 7, "samples": samples});
    json!({"meta": meta(), "libs": libs(), "shared": shared, "threads": [thread]})
}

/// Converts a profile to the layout of version 75, in which flags state the cells that count.
fn newest(samples: &Value) -> Value {
    let mut profile = new(samples);
    profile["meta"]["preprocessedProfileVersion"] = json!(75);
    let frames = &mut profile["shared"]["frameTable"];
    frames.as_object_mut().unwrap().remove("inlineDepth");
    frames["lib"] = json!([0, 0, 0, 1, 0]);
    frames["address"] = json!([0, 16, 0, 32, 16]);
    frames["line"] = json!([0, 0, 7, 0, 0]);
    frames["flags"] = json!([4, 4 | 2, 4 | 16, 4 | 2, 4 | 2 | 1]);
    let functions = &mut profile["shared"]["funcTable"];
    for column in ["isJS", "relevantForJS"] {
        functions.as_object_mut().unwrap().remove(column);
    }
    functions["resource"] = json!([0, 0, 0, 1, 0]);
    functions["source"] = json!([0, 0, 0, 0, 0]);
    functions["lineNumber"] = json!([0, 0, 3, 0, 0]);
    functions["columnNumber"] = json!([0, 0, 9, 0, 0]);
    functions["flags"] = json!([0, 4, 1 | 2 | 8 | 16 | 32, 4, 4]);
    profile
}

fn samples() -> Value {
    json!({"length": 5, "weightType": "samples", "stack": [2, 3, 4, 0, null],
        "time": [1.5, 3.5, 5.5, 7.5, 9.5], "weight": [1, 2, 3, 4, 5]})
}

const FOLDED: &str = "(idle) 4\n\
    (program) 5\n\
    main;libc.so.6 2\n\
    main;work /srv/a.js:3:9 1\n\
    main;work /srv/a.js:3:9;inlined_[i] 3\n";

/// The error was: the lines that ran (`frameTable.line`) were passed over.
#[test]
fn the_lines_that_ran_are_read() {
    let samples = json!({"length": 2, "stack": [2, 2], "time": [0.0, 2.0]});
    for file in [old(&samples), new(&samples), newest(&samples)] {
        let bytes = serde_json::to_vec(&file).unwrap();
        let options = Options { lines: true, ..Options::default() };
        let profile = read_stream(&bytes[..], Path::new("x"), &options).unwrap();
        let found = function_lines(&profile, &Selection::default(), &"^work ".parse().unwrap());
        let lines: Vec<(u32, u64)> =
            found[0].lines.iter().map(|l| (l.line, l.self_weight)).collect();
        assert_eq!((found[0].line, lines), (3, vec![(7, 2)]));
        assert!(!parse_value(&file).frames.has_lines());
    }
}

/// The error was: since versions 71 and 75, cells that stand for nothing were read, so that functions of JavaScript
/// were functions of the first library.
#[test]
fn processed_profiles_are_read_before_and_since_versions_60_and_75() {
    for file in [old(&samples()), new(&samples()), newest(&samples())] {
        let profile = parse_value(&file);
        assert_eq!(fold(&profile), FOLDED);
        assert_eq!(times(&profile), [1500, 3500, 5500, 7500, 9500]);
        let source = &profile.sources[0];
        assert_eq!(source.producer, "Firefox Profiler (node)");
        assert_eq!((source.interval_us, source.unit.as_str()), (Some(2000), "samples"));
        assert_eq!(source.zero, Zero::Wall(1_795_000_000_000_000));
        assert_eq!(profile.threads[0].name, "main");
        assert!(profile.losses.is_empty());
    }
}

#[test]
fn keys_come_in_any_order() {
    let mut keys = ["meta", "libs", "shared", "threads"];
    for _ in 0..4 {
        keys.rotate_left(1);
        let file = new(&samples());
        let text: Vec<String> =
            keys.iter().map(|key| format!("\"{key}\":{}", file[*key])).collect();
        let profile = parse(format!("{{{}}}", text.join(",")).as_bytes()).unwrap();
        assert_eq!(fold(&profile), FOLDED);
    }
}

#[test]
fn times_are_moments_or_steps_and_weights_may_be_missing() {
    let mut samples = samples();
    samples.as_object_mut().unwrap().remove("time");
    samples["timeDeltas"] = json!([1.5, 2, 2, 2, 2.0]);
    samples["weight"] = Value::Null;
    let profile = parse_value(&new(&samples));
    assert_eq!(times(&profile), [1500, 3500, 5500, 7500, 9500]);
    assert_eq!(profile.total(), 5);
    // Without any times, no window can be selected.
    samples.as_object_mut().unwrap().remove("timeDeltas");
    assert!(!parse_value(&old(&samples)).is_timed());
}

#[test]
fn weights_are_samples_time_or_bytes() {
    for (measure, unit, total) in [
        ("samples", "samples", 15),
        ("tracing-ms", "nanoseconds", 15_000_000),
        ("bytes", "bytes", 15),
    ] {
        let mut samples = samples();
        samples["weightType"] = json!(measure);
        let profile = parse_value(&old(&samples));
        assert_eq!((profile.sources[0].unit.as_str(), profile.total()), (unit, total));
        // The error was: allocations happened "every 1 ms".
        assert_eq!(profile.sources[0].interval_us.is_none(), unit == "bytes");
    }
    // Threads that measure something else are reported, and can be chosen.
    let mut bytes = samples();
    bytes["weightType"] = json!("bytes");
    let mut file = old(&samples());
    file["threads"].as_array_mut().unwrap().push(thread(&bytes));
    let profile = parse_value(&file);
    assert_eq!((profile.threads.len(), profile.sources[0].unit.as_str()), (1, "samples"));
    assert!(profile.warnings.iter().any(|w| w.to_string().contains("do not measure samples")));
    let wanted = |name: &str| {
        let options = Options { sample_type: Some(name.to_owned()), ..Options::default() };
        let text = serde_json::to_vec(&file).unwrap();
        read_stream(text.as_slice(), Path::new("x"), &options)
    };
    assert_eq!(wanted("bytes").unwrap().sources[0].unit, "bytes");
    let error = wanted("time").unwrap_err().to_string();
    assert!(error.contains("its threads measure bytes, samples"), "{error}");
    // A comparison has weights below 0.
    let mut less = samples();
    less["weight"] = json!([1, -2, 3, 4, 5]);
    let profile = parse_value(&old(&less));
    assert_eq!((profile.total(), profile.unreadable()), (13, 1));
}

#[test]
fn a_thread_that_used_no_cpu_waited() {
    let mut samples = samples();
    samples["stack"] = json!([2, 2, 2, 2, 2]);
    samples["weight"] = Value::Null;
    samples["threadCPUDelta"] = json!([0, 0, 1000, null, 0]);
    let profile = parse_value(&old(&samples));
    // The first sample has no sample before it; another has an unknown time.
    assert_eq!(CallTree::build(&profile, &Selection::default()).total(), 3);
    assert_eq!(profile.total(), 5);
    // A column of zeros has no information.
    samples["threadCPUDelta"] = json!([0, 0, 0, 0, 0]);
    let profile = parse_value(&old(&samples));
    assert_eq!(CallTree::build(&profile, &Selection::default()).total(), 5);
}

#[test]
fn the_label_and_the_machine_code_of_a_function_are_one_frame() {
    // samply writes V8's compiled code in this form.
    let file = json!({"meta": meta(), "libs": [], "threads": [{
        "name": "node", "stringArray": ["main", "f file:///srv/a.mjs:1:2", "JS:*f file:///srv/a.mjs:1:2"],
        "frameTable": {"func": [0, 1, 2], "category": [0, 0, 0], "inlineDepth": [0, 0, 0]},
        "funcTable": {"name": [0, 1, 2], "isJS": [false, true, false], "resource": [-1, -1, -1]},
        "stackTable": {"frame": [0, 1, 2, 1, 2], "prefix": [null, 0, 1, 2, 3]},
        "resourceTable": {"lib": [], "name": []},
        "samples": {"stack": [2, 4, 1], "time": [1, 2, 3], "weightType": "samples"}}]});
    let expected = "main;*f /srv/a.mjs:1:2_[j] 1\n\
        main;*f /srv/a.mjs:1:2_[j];*f /srv/a.mjs:1:2_[j] 1\n\
        main;f /srv/a.mjs:1:2 1\n";
    assert_eq!(fold(&parse_value(&file)), expected);
}

/// The error was: the C++ function `Script::Load()` was the JavaScript function `:Load()`, and `Handler::run(int)` a
/// builtin of V8.
#[test]
fn functions_of_libraries_are_not_those_of_v8() {
    let libs = json!([{"name": "app", "path": "/srv/app"}, {"name": "perf-7.map", "path": "/tmp/perf-7.map"}]);
    let names = [
        "Script::Load()",
        "Handler::run(int)",
        "Handler:run",
        "Handler:StoreIC",
        "JS:*f /srv/a.mjs:1:2",
    ];
    let file = json!({"meta": meta(), "libs": libs, "threads": [{
        "name": "node", "stringArray": names,
        "frameTable": {"func": [0, 1, 2, 3, 4], "category": [0, 0, 0, 0, 0], "inlineDepth": [0, 0, 0, 0, 0]},
        "funcTable": {"name": [0, 1, 2, 3, 4], "isJS": [false, false, false, false, false],
            "resource": [0, 0, 0, 1, 1]},
        "stackTable": {"frame": [0, 1, 2, 3, 4], "prefix": [null, 0, 1, 2, 3]},
        "resourceTable": {"lib": [0, 1], "name": [0, 1]},
        "samples": {"stack": [4], "time": [1], "weightType": "samples"}}]});
    let expected =
        "Script::Load;Handler::run;Handler:run;Builtin: StoreIC;*f /srv/a.mjs:1:2_[j] 1\n";
    assert_eq!(fold(&parse_value(&file)), expected);
}

/// Returns a gecko profile that contains another process.
fn gecko(schema_first: bool) -> String {
    let table = |schema: &str, data: &str| match schema_first {
        true => format!("{{\"schema\":{schema},\"data\":{data}}}"),
        false => format!("{{\"data\":{data},\"schema\":{schema}}}"),
    };
    let thread = |name: &str, pid: u32| {
        let frames = table(
            "{\"location\":0,\"relevantForJS\":1,\"implementation\":2,\"line\":3,\"category\":4}",
            "[[0],[1,false,null,null,0],[2,false,3,7,0],[4,false,null,null,0]]",
        );
        let stacks = table("{\"prefix\":0,\"frame\":1}", "[[null,0],[0,1],[1,2],[1,3]]");
        let samples = table(
            "{\"stack\":0,\"time\":1,\"responsiveness\":2}",
            "[[2,10.5,0],[2,12.5,0],[3,14.5,0],[null,16.5]]",
        );
        format!(
            "{{\"name\":\"{name}\",\"pid\":{pid},\"tid\":1,\"samples\":{samples},\
             \"frameTable\":{frames},\"stackTable\":{stacks},\"stringTable\":[\"(root)\",\
             \"run (in XUL) + 12\",\"f/< (resource://x -> http://a/b.js:3:9)[0]\",\"baseline\",\
             \"0x1010\"]}}"
        )
    };
    let meta = |start: u64| {
        format!(
            "\"meta\":{{\"version\":32,\"interval\":1,\"stackwalk\":1,\"startTime\":{start},\
             \"profilingStartTime\":10,\"product\":\"Firefox\",\"categories\":[{{\"name\":\"Other\",\
             \"color\":\"grey\",\"subcategories\":[\"Other\"]}}]}}"
        )
    };
    let libs = "\"libs\":[{\"name\":\"XUL\",\"path\":\"/f/XUL\",\"start\":4096,\"end\":8192}]";
    format!(
        "{{{},{libs},\"threads\":[{}],\"processes\":[{{{},{libs},\"threads\":[{}],\"processes\":[]}}]}}",
        meta(1_795_000_000_000),
        thread("GeckoMain", 1),
        meta(1_795_000_001_000),
        thread("GeckoMain", 2)
    )
}

#[test]
fn gecko_profiles_are_read_with_their_processes() {
    for first in [true, false] {
        let profile = parse(gecko(first).as_bytes()).unwrap();
        let expected = "(program) 2\nrun;XUL 2\nrun;f/< http://a/b.js:3:9_[j] 4\n";
        assert_eq!(fold(&profile).replace("^f", "f"), expected);
        let names: Vec<&str> = profile.threads.iter().map(|t| t.name.as_str()).collect();
        assert_eq!(names, ["GeckoMain 1/1", "GeckoMain 2/1"]);
        // Times count from the start of the recording; the other process starts a second
        // later.
        let expected = [500, 2500, 4500, 6500, 1_000_500, 1_002_500, 1_004_500, 1_006_500];
        assert_eq!(times(&profile), expected);
        assert_eq!(profile.sources[0].zero, Zero::Wall(1_795_000_000_010_000));
    }
}

#[test]
fn files_without_symbols_are_told() {
    let mut samples = samples();
    samples["stack"] = json!([3, 3, 2, 2, 2]);
    let profile = parse_value(&old(&samples));
    assert!(
        profile.warnings[0].to_string().contains("20 % of what was not idle"),
        "{:?}",
        profile.warnings
    );
    assert!(parse_value(&old(&self::samples())).warnings[0].to_string().contains("18 %"));
}

#[test]
fn numbers_past_the_tables_are_counted() {
    let mut samples = samples();
    samples["stack"] = json!([2, 99, -1, 1e300, 2.5]);
    let profile = parse_value(&old(&samples));
    // A value that is not a number means no stack, like null.
    assert_eq!(accounted(&profile), profile.total() + profile.unreadable());
    assert!(profile.losses.iter().any(|loss| loss.reason.contains("does not hold")));
    // Callers that come later or do not exist are ignored.
    let mut file = old(&self::samples());
    file["threads"][0]["stackTable"]["prefix"] = json!([1, 0, 2, 77, 4]);
    let error = parse(&serde_json::to_vec(&file).unwrap()).map(|p| p.unreadable());
    assert!(error.is_ok_and(|lost| lost == 4));
    let mut file = new(&self::samples());
    file["shared"]["stackTable"]["prefixOffset"] = json!([0, 9, 1, 1, 1]);
    assert!(parse_value(&file).unreadable() > 0);
    let mut file = old(&self::samples());
    for table in ["frameTable", "funcTable", "resourceTable"] {
        file["threads"][0][table] = json!({});
    }
    assert_eq!(accounted(&parse_value(&file)), 9);
}

#[test]
fn a_file_cut_at_any_byte_is_used_up_to_the_cut() {
    let files =
        [old(&samples()).to_string(), new(&samples()).to_string(), gecko(true), gecko(false)];
    for text in files {
        let whole = accounted(&parse(text.as_bytes()).unwrap());
        let mut used = 0;
        for cut in 0..text.len() {
            match parse(&text.as_bytes()[..cut]) {
                Ok(profile) => {
                    used += 1;
                    assert!(accounted(&profile) <= whole, "cut at {cut}");
                    assert!(!profile.warnings.is_empty(), "cut at {cut}");
                }
                Err(error) => assert!(!error.to_string().is_empty()),
            }
        }
        println!("{used} of {} cuts are used", text.len());
        assert!(used > 0);
    }
}

proptest! {
    #[test]
    fn damage_is_an_error_or_counted(edits in edits(), which in 0..4usize) {
        let files = [old(&samples()).to_string(), new(&samples()).to_string(), gecko(true), gecko(false)];
        let bytes = damaged(files[which].clone().into_bytes(), &edits);
        if let Ok(profile) = parse(&bytes) {
            let tree = CallTree::build(&profile, &Selection::default());
            prop_assert_eq!(tree.total() + tree.left_out().total(), profile.total());
        }
    }
}

#[test]
fn our_own_export_of_a_real_log_is_read() {
    let path = json_common::root("../shared/data/cases/firefox-samply-json/profile.json");
    let Ok(bytes) = std::fs::read(path) else {
        println!("SKIPPED: no shared cases");
        return;
    };
    let profile = parse(&bytes).unwrap();
    assert_eq!((profile.total(), profile.unreadable()), (1458, 0));
    assert!(profile.warnings.is_empty());
    let leaves = json_common::leaves(&profile);
    assert_eq!(leaves["(garbage collector)"], 100);
}

/// The error was: each weight was rounded to whole samples, without a warning: 0.4 became 0.
#[test]
fn weights_with_fractions_are_counted_in_parts() {
    for (measure, unit) in
        [("samples", "hundredths of a sample"), ("bytes", "hundredths of a byte")]
    {
        let mut samples = samples();
        samples["weightType"] = json!(measure);
        samples["weight"] = json!([0.4, 0.4, 0.25, 1, null]);
        let profile = parse_value(&old(&samples));
        assert_eq!((profile.sources[0].unit.as_str(), profile.total()), (unit, 205));
        // One sample has no weight.
        assert_eq!(profile.unreadable(), 1);
        assert!(profile.warnings.iter().any(|w| w.to_string().contains(unit)));
    }
}

/// The error was: samples after the end of the column of stacks were in no view and in no count,
/// a missing weight counted 1, and a number below 0 was the first stack.
#[test]
fn samples_without_an_entry_of_a_stack_are_counted() {
    let cases = [
        (json!({"length": 5, "stack": [2, 3], "time": [0, 2, 4, 6, 8]}), (2, 3)),
        (json!({"length": 4, "stack": [2], "time": [0]}), (1, 3)),
        (json!({"stack": [2, 3], "time": [0, 2], "weight": [5, 6, 7]}), (11, 1)),
        (json!({"stack": [2, 3, 0], "time": [0, 2, 4], "weight": [5, null]}), (5, 2)),
        (json!({"stack": [-1, 2, 1.5], "time": [0, 2, 4]}), (1, 2)),
        (json!({"length": 2, "stack": [2, null], "time": [0, 2]}), (2, 0)),
    ];
    for (samples, expected) in cases {
        for file in [old(&samples), new(&samples), newest(&samples)] {
            let profile = parse_value(&file);
            assert_eq!((profile.total(), profile.unreadable()), expected, "{samples}");
        }
    }
    let none = old(&json!({"length": 3, "time": [0, 2, 4]}));
    let error = parse(&serde_json::to_vec(&none).unwrap()).unwrap_err().to_string();
    assert!(error.contains("no entry of a stack"), "{error}");
}
