//! Events with durations (`B`, `E`, `X`), and the samples of Hermes, in traces without
//! profiles.

use crate::json_common;

use json_common::{accounted, damaged, edits, fold, parse};
use proptest::prelude::*;
use serde_json::{Value, json};
use spikeflame_parse::{Options, read_stream};
use spikeflame_profile::{CallTree, Profile, Selection, Zero};
use std::path::Path;

/// Returns events of one thread: phase, name, microseconds, duration.
fn events(list: &[(&str, &str, f64, f64)]) -> Value {
    let event = |(phase, name, ts, dur): &(&str, &str, f64, f64)| {
        let mut event = json!({"pid": 1, "tid": 2, "ph": phase, "ts": ts, "cat": "x"});
        if !name.is_empty() {
            event["name"] = json!(name);
        }
        if *phase == "X" {
            event["dur"] = json!(dur);
        }
        event
    };
    list.iter().map(event).collect()
}

fn read(value: &Value) -> Profile {
    parse(&serde_json::to_vec(value).unwrap()).unwrap_or_else(|error| panic!("{error}"))
}

/// The error was: an event had all of its time at its start, so that a window had all of it, or nothing.
#[test]
fn a_window_has_its_part_of_events_and_of_speedscopes_durations() {
    let list = [("X", "work", 0.0, 3e6), ("X", "parse", 1e6, 1e6)];
    let frames = json!([{"name": "work"}, {"name": "parse"}]);
    let event = |kind: &str, frame: u64, at: f64| json!({"type": kind, "frame": frame, "at": at});
    let evented = json!({"type": "evented", "name": "a", "unit": "seconds", "startValue": 0, "endValue": 3,
        "events": [event("O", 0, 0.0), event("O", 1, 1.0), event("C", 1, 2.0), event("C", 0, 3.0)]});
    let sampled = json!({"type": "sampled", "name": "a", "unit": "seconds", "startValue": 0, "endValue": 3,
        "samples": [[0], [0, 1], [0]], "weights": [1, 1, 1]});
    let speedscope = |profile: Value| {
        json!({"$schema": "https://www.speedscope.app/file-format-schema.json",
            "shared": {"frames": frames}, "profiles": [profile]})
    };
    for value in [events(&list), speedscope(evented), speedscope(sampled)] {
        let mut profile = read(&value);
        assert_eq!(fold(&profile), "work 2000000000\nwork;parse 1000000000\n");
        profile.keep_between(1_600_000, 2_100_000);
        assert_eq!(fold(&profile), "work 100000000\nwork;parse 400000000\n");
    }
}

#[test]
fn the_time_of_an_event_is_its_own_without_those_within_it() {
    let list = [
        ("B", "program", 1000.0, 0.0),
        ("X", "parse", 1001.5, 2.25),
        ("B", "check", 1010.0, 0.0),
        ("E", "check", 1014.0, 0.0),
        ("E", "", 1020.0, 0.0),
        ("X", "emit", 1030.0, 1.0),
    ];
    let expected = "emit 1000\nprogram 13750\nprogram;check 4000\nprogram;parse 2250\n";
    for value in [events(&list), json!({"traceEvents": events(&list), "displayTimeUnit": "ns"})] {
        let profile = read(&value);
        assert_eq!(fold(&profile), expected);
        assert!(profile.warnings.is_empty() && profile.losses.is_empty());
        let source = &profile.sources[0];
        assert_eq!((source.unit.as_str(), source.end_us), ("nanoseconds", 31));
        assert_eq!((source.zero, source.timed), (Zero::Monotonic(1000), true));
        assert_eq!(profile.threads[0].name, "thread 1/2");
    }
    // `tsc` and Chromium write events when they end; any other order must work too.
    let mut order = list.to_vec();
    order.rotate_left(3);
    order.sort_by(|one, other| other.0.cmp(one.0));
    assert_eq!(fold(&read(&events(&order))), expected);
    // Hermes writes times as texts.
    let mut texts = events(&list);
    for event in texts.as_array_mut().unwrap() {
        event["ts"] = json!(event["ts"].to_string());
    }
    assert_eq!(fold(&read(&texts)), expected);
}

#[test]
fn events_of_threads_are_apart_and_threads_have_names() {
    let mut value = events(&[("X", "a", 0.0, 5.0), ("X", "b", 1.0, 5.0)]);
    value[1]["tid"] = json!(3);
    let name =
        json!({"ph": "M", "pid": 1, "tid": 3, "name": "thread_name", "args": {"name": "Main"}});
    value.as_array_mut().unwrap().push(name);
    let profile = read(&value);
    assert_eq!(fold(&profile), "a 5000\nb 5000\n");
    let names: Vec<&str> = profile.threads.iter().map(|thread| thread.name.as_str()).collect();
    assert_eq!(names, ["thread 1/2", "Main 1"]);
}

/// The error was: an event called `" "` was written as a folded line of spaces, which reads as `(program)`.
#[test]
fn a_blank_name_is_no_name() {
    for blank in ["", " ", "\t", "\u{a0}"] {
        let profile = read(&events(&[("B", blank, 0.0, 0.0), ("E", blank, 7.0, 0.0)]));
        let folded = fold(&profile);
        assert_eq!(folded, "<anonymous> 7000\n", "{blank:?}");
        let again = spikeflame_profile::folded::read(&mut folded.as_bytes(), "x", None).unwrap();
        assert_eq!(fold(&again), folded);
    }
}

#[test]
fn what_does_not_nest_is_counted() {
    for (list, expected, losses, warnings) in [
        (vec![("X", "a", 0.0, 10.0), ("X", "b", 5.0, 10.0)], "a 5000\na;b 5000\nb 5000\n", 0, 1),
        (
            vec![("B", "a", 0., 0.), ("B", "b", 1., 0.), ("E", "a", 9., 0.), ("E", "b", 10., 0.)],
            "a 1000\na;b 8000\nb 1000\n",
            0,
            1,
        ),
        (vec![("E", "b", 0., 0.), ("B", "a", 1., 0.), ("E", "a", 3., 0.)], "a 2000\n", 1, 0),
        (
            vec![("B", "a", 0., 0.), ("B", "b", 1., 0.), ("X", "c", 2., 1.)],
            "a 1000\na;b 1000\na;b;c 1000\n",
            2,
            0,
        ),
        // An end before its beginning, at the same time.
        (vec![("E", "b", 1., 0.), ("B", "b", 1., 0.), ("X", "a", 0., 2.)], "a 2000\n", 0, 0),
        // A remainder of rounding is not an overlap.
        (vec![("X", "a", 0.1, 0.2), ("X", "b", 0.1, 0.200_000_01)], "a;b 200\n", 0, 0),
        (vec![("X", "a", 0.0, 1.0), ("X", "z", 5.0, 0.0), ("i", "y", 5.0, 0.0)], "a 1000\n", 0, 0),
        // A negative duration dropped the event without a count.
        (vec![("X", "a", 0.0, 1.0), ("X", "b", 5.0, -2.0)], "a 1000\n", 1, 0),
    ] {
        let profile = read(&events(&list));
        assert_eq!(fold(&profile), expected);
        let counted: u64 = profile.losses.iter().map(|loss| loss.count).sum();
        assert_eq!((counted, profile.warnings.len()), (losses, warnings), "{expected}");
    }
}

/// The error was: an event whose phase or duration was damaged was left out in silence.
#[test]
fn an_event_without_a_phase_or_a_duration_is_counted() {
    for (key, value) in
        [("ph", Value::Null), ("ph", json!("?")), ("dur", json!([1])), ("dur", Value::Null)]
    {
        let mut list = events(&[("X", "a", 0.0, 1.0), ("X", "b", 5.0, 2.0), ("i", "c", 6.0, 0.0)]);
        list[1][key] = value;
        let profile = read(&list);
        let counted: u64 = profile.losses.iter().map(|loss| loss.count).sum();
        assert_eq!((fold(&profile).as_str(), counted), ("a 1000\n", 1), "{key}");
    }
    let mut trace = json_common::value(&json_common::sample("chromium.json"));
    let list = if trace.is_array() { &mut trace } else { &mut trace["traceEvents"] };
    let is_chunk = |event: &&mut Value| event["name"] == "ProfileChunk";
    let whole = read(list).total();
    let chunk = list.as_array_mut().unwrap().iter_mut().filter(is_chunk).last().unwrap();
    chunk["name"] = json!("x");
    let profile = read(list);
    assert!(profile.total() < whole && profile.unreadable() > 0);
}

#[test]
fn a_trace_without_durations_is_refused_with_what_it_has() {
    let fails = |value: &Value| parse(&serde_json::to_vec(value).unwrap()).unwrap_err().to_string();
    let asynchronous = events(&[("b", "a", 0.0, 0.0), ("e", "a", 5.0, 0.0)]);
    assert!(fails(&asynchronous).contains("its 2 events are asynchronous"));
    let instant = events(&[("i", "a", 0.0, 0.0)]);
    assert!(fails(&instant).contains("no CPU profile"));
    let empty = events(&[("X", "a", 0.0, 0.0)]);
    assert!(fails(&empty).contains("none of its events takes time"));
}

#[test]
fn of_a_trace_with_profiles_durations_are_read_on_request() {
    let mut trace = json_common::value(&json_common::sample("chromium.json"));
    let list = if trace.is_array() { &mut trace } else { &mut trace["traceEvents"] };
    let event = events(&[("X", "a", 0.0, 2.0)])[0].take();
    list.as_array_mut().unwrap().insert(0, event);
    let text = serde_json::to_vec(&trace).unwrap();
    assert_eq!(parse(&text).unwrap().sources[0].producer, "Chrome trace");
    let options = Options { sample_type: Some("events".to_owned()), ..Options::default() };
    let profile = read_stream(text.as_slice(), Path::new("x"), &options).unwrap();
    assert_eq!(profile.sources[0].producer, "trace events");
}

fn hermes() -> Value {
    let frame = |name: &str, parent: Value| {
        let mut frame = json!({"line": 1, "name": name, "category": "JavaScript"});
        frame["parent"] = parent;
        frame
    };
    let sample = |at: &str, sf: u32| json!({"cpu": "-1", "name": "", "ts": at, "pid": 7, "tid": "1", "weight": "1", "sf": sf});
    json!({
        "traceEvents": [{"name": "thread_name", "ph": "M", "cat": "__metadata", "pid": 7, "ts": "9",
            "tid": "1", "args": {"name": "mqt_js"}}],
        "samples": [sample("1000", 3), sample("11000", 2), sample("21000", 3), sample("31000", 9)],
        "stackFrames": {
            "1": {"name": "[root]", "category": "root"},
            "3": frame("f(http://localhost:8081/index.bundle?x=true:12:34)", json!(2)),
            "2": frame("anonymous(http://localhost:8081/index.bundle?x=true:1:1)", json!("1"))
        }
    })
}

#[test]
fn samples_of_hermes_are_read_with_their_stacks() {
    let profile = read(&hermes());
    let url = "http://localhost:8081/index.bundle?x=true";
    let expected =
        format!("[root];<anonymous> {url}:1:1 1\n[root];<anonymous> {url}:1:1;f {url}:12:34 2\n");
    assert_eq!(fold(&profile), expected);
    assert_eq!((profile.total(), profile.unreadable()), (3, 1));
    assert_eq!(json_common::times(&profile), [0, 10_000, 20_000]);
    assert_eq!(profile.threads[0].name, "mqt_js 7");
    // The chain of callers has no end.
    let mut value = hermes();
    value["stackFrames"]["1"]["parent"] = json!(3);
    assert!(parse(&serde_json::to_vec(&value).unwrap()).is_err());
}

/// The error was: a function was as many rows as it has lines that ran, and functions of bytecode
/// without places were one row by name.
#[test]
fn functions_of_hermes_are_where_they_begin() {
    let frame = |parent: u32, name: &str, place: Value| {
        let mut frame = json!({"parent": parent, "name": name, "category": "JavaScript"});
        frame.as_object_mut().unwrap().extend(place.as_object().unwrap().clone());
        frame
    };
    let fib = |parent: u32, line: u32, column: u32| {
        let place = json!({"line": line.to_string(), "column": column.to_string(),
            "funcLine": "7", "funcColumn": "13"});
        frame(parent, &format!("fib(test.js:{line}:{column})"), place)
    };
    let bytecode = |parent: u32, address: &str| {
        frame(parent, "t", json!({"funcVirtAddr": address, "offset": "31"}))
    };
    let sample = |sf: u32| json!({"ts": "1", "pid": 7, "tid": "1", "weight": "1", "sf": sf});
    let gc = json!({"parent": 1, "name": "[GC Young Gen]", "category": "Metadata"});
    let mut value = json!({
        "traceEvents": [], "samples": [sample(2), sample(3), sample(4), sample(5), sample(6)],
        "stackFrames": {"1": fib(0, 10, 15), "2": fib(1, 10, 28), "3": fib(1, 7, 13),
            "4": bytecode(1, "120"), "5": bytecode(1, "9000"), "6": gc},
    });
    value["stackFrames"]["1"].as_object_mut().unwrap().remove("parent");
    let fib = "fib test.js:7:13";
    let expected = format!(
        "{fib};(garbage collector) 1\n{fib};{fib} 2\n{fib};t <bytecode>:1:120 1\n{fib};t <bytecode>:1:9000 1\n"
    );
    assert_eq!(fold(&read(&value)), expected);
    let options = Options { lines: true, ..Options::default() };
    let text = serde_json::to_vec(&value).unwrap();
    let profile = read_stream(text.as_slice(), Path::new("x"), &options).unwrap();
    let mut lines: Vec<u32> = profile.threads[0]
        .samples
        .iter()
        .map(|(sample, _)| profile.frames.line(profile.stacks.frames(sample.stack).next().unwrap()))
        .collect();
    lines.sort_unstable();
    assert_eq!(lines, [0, 0, 0, 7, 10]);
}

#[test]
fn places_of_functions_are_kept() {
    let mut value = events(&[("B", "f", 0.0, 0.0), ("E", "f", 4.0, 0.0)]);
    for event in value.as_array_mut().unwrap() {
        event["args"] = json!({"url": "/srv/a.js", "line": 12, "column": 3, "name": "f"});
    }
    assert_eq!(fold(&read(&value)), "f /srv/a.js:12:3 4000\n");
}

#[test]
fn a_trace_cut_at_any_byte_is_used_up_to_the_cut() {
    let list: Vec<_> = (0..6).map(|at| ("X", "ab", f64::from(at * 10), 5.0)).collect();
    for text in [events(&list).to_string(), hermes().to_string()] {
        let whole = accounted(&parse(text.as_bytes()).unwrap());
        for cut in 0..text.len() {
            if let Ok(profile) = parse(&text.as_bytes()[..cut]) {
                assert!(accounted(&profile) <= whole, "cut at {cut}");
            }
        }
    }
}

proptest! {
    #[test]
    fn time_is_conserved(list in prop::collection::vec((0..3usize, 0..3usize, 0..40u32, 0..20u32), 1..40)) {
        let phases = ["X", "B", "E"];
        let names = ["a", "b", "c"];
        let list: Vec<_> = list
            .iter()
            .map(|&(phase, name, at, long)| (phases[phase], names[name], f64::from(at), f64::from(long)))
            .collect();
        if let Ok(profile) = parse(events(&list).to_string().as_bytes()) {
            // No moment of a thread counts twice.
            let first = list.iter().map(|event| event.2).fold(f64::MAX, f64::min);
            let last = list.iter().map(|event| event.2 + event.3).fold(0.0, f64::max);
            prop_assert!(profile.total() as f64 <= (last - first) * 1000.0);
            let only = list.iter().all(|event| event.0 == "X");
            if only {
                let mut busy = [false; 64];
                for event in &list {
                    busy[event.2 as usize..(event.2 + event.3) as usize].fill(true);
                }
                prop_assert_eq!(profile.total(), busy.iter().filter(|is| **is).count() as u64 * 1000);
            }
        }
    }

    #[test]
    fn damage_is_an_error_or_counted(edits in edits(), samples in any::<bool>()) {
        let list = [("B", "a", 0., 0.), ("X", "b", 1., 3.), ("X", "c", 2., 1.), ("E", "a", 9., 0.)];
        let text = if samples { hermes().to_string() } else { events(&list).to_string() };
        if let Ok(profile) = parse(&damaged(text.into_bytes(), &edits)) {
            let tree = CallTree::build(&profile, &Selection::default());
            prop_assert_eq!(tree.total() + tree.left_out().total(), profile.total());
        }
    }
}

/// The error was: durations at wall-clock times were rounded to 256 ns.
#[test]
fn durations_at_wall_clock_times_are_exact() {
    let now = 1_795_858_646_723_000.0;
    let list = [("X", "a", now, 100.0), ("X", "b", now + 10.0, 1.0), ("X", "c", now + 200.0, 0.25)];
    assert_eq!(fold(&read(&events(&list))), "a 99000\na;b 1000\nc 250\n");
}

/// The error was: of events that stood one on a line, without an array around them, only the first
/// was read, and the message named a command that made as many files as there are events.
#[test]
fn events_may_stand_one_on_a_line() {
    let list = [
        ("B", "program", 1000.0, 0.0),
        ("X", "parse", 1001.5, 2.25),
        ("E", "", 1020.0, 0.0),
        ("X", "emit", 1030.0, 1.0),
    ];
    let expected = fold(&read(&events(&list)));
    assert_eq!(expected, "emit 1000\nprogram 17750\nprogram;parse 2250\n");
    let lines: Vec<String> =
        events(&list).as_array().unwrap().iter().map(Value::to_string).collect();
    for between in ["\n", "\r\n", ",\n", "\n\n", "\r", " "] {
        for after in ["", "\n"] {
            let text = format!("{}{after}", lines.join(between));
            let profile = parse(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"));
            assert_eq!(fold(&profile), expected, "{between:?}");
            assert!(profile.warnings.is_empty() && profile.losses.is_empty(), "{between:?}");
        }
    }
    // A file that ends within a line is read up to there.
    let cut = lines.join("\n");
    let profile = parse(&cut.as_bytes()[..cut.len() - 9]).unwrap();
    assert_eq!(fold(&profile), "program 17750\nprogram;parse 2250\n");
    assert_eq!(profile.warnings.len(), 1);
}

#[test]
fn profiles_may_be_in_events_that_stand_one_on_a_line() {
    let node = |id, name: &str| {
        json!({"id": id, "callFrame": {"functionName": name, "scriptId": 0, "url": "/a.js",
            "lineNumber": 1, "columnNumber": 1}})
    };
    let begin = json!({"name": "Profile", "id": "0x1", "pid": 1, "tid": 2, "ts": 5, "ph": "P",
        "args": {"data": {"startTime": 5}}});
    let chunk = json!({"name": "ProfileChunk", "id": "0x1", "pid": 1, "tid": 3, "ts": 9, "ph": "P",
        "args": {"data": {"cpuProfile": {"nodes": [node(1, "f"), node(2, "g")],
            "samples": [1, 2, 2]}, "timeDeltas": [1, 1, 1]}}});
    let profile = parse(format!("{begin}\n{chunk}\n{chunk}").as_bytes()).unwrap();
    assert_eq!(profile.total(), 6);
}

/// Fields of the object around the events are not those of an event.
#[test]
fn the_object_around_the_events_is_no_event() {
    let list = json!([{"ph": "X", "pid": 1, "tid": 2, "ts": 1, "dur": 2}]);
    let whole = json!({"name": "x", "ph": "X", "ts": 0, "dur": 900, "args": {"a": 1},
        "traceEvents": list});
    let other = json!({"traceEvents": list, "zz_name": "x", "ph": "X", "ts": 0, "dur": 900});
    assert_eq!(read(&whole).total(), 2000);
    assert_eq!(read(&other).total(), 2000);
}
