//! The recordings of `../shared/data/cases`, each with the value that its README gives. They
//! were once read wrong. Without that folder the test prints that it is skipped.

use crate::common;

use common::root;
use serde_json::{Value, json};
use spikeflame_parse::{Error, Options, read};
use spikeflame_profile::{CallTree, Hotspots, Profile, Selection, Zero};
use std::path::PathBuf;

/// Reads a recording of a case; `None` when the cases are not at hand.
fn case(name: &str) -> Option<Profile> {
    let path = root("../shared/data/cases").join(name);
    if !path.exists() {
        println!("SKIPPED: no {}", path.display());
        return None;
    }
    Some(read(&[path], &Options::default()).unwrap_or_else(|error| panic!("{name}: {error}")))
}

/// Self and total weight of the row whose label begins with `label`; panics when there is
/// not exactly one.
fn row(profile: &Profile, label: &str) -> (u64, u64) {
    let tree = CallTree::build(profile, &Selection::default());
    let rows = Hotspots::from_tree(&tree).rows.into_iter().filter(|row| {
        tree.entry(Some(row.entry)).is_some_and(|entry| entry.label.starts_with(label))
    });
    let rows: Vec<_> = rows.map(|row| (row.self_weight, row.total)).collect();
    assert_eq!(rows.len(), 1, "{label}: {rows:?}");
    rows[0]
}

fn per_cent(part: u64, profile: &Profile) -> f64 {
    let total = CallTree::build(profile, &Selection::default()).total();
    part as f64 * 100.0 / total as f64
}

fn warns(profile: &Profile, words: &str) -> bool {
    profile.warnings.iter().any(|warning| warning.to_string().contains(words))
}

#[test]
fn firefox_samply_json() {
    let Some(profile) = case("firefox-samply-json/profile.json") else { return };
    assert_eq!(profile.total(), 1_458);
    assert_eq!(row(&profile, "fac ").0, 1_154);
}

#[test]
fn cpuprofile_truncated() {
    let Some(profile) = case("cpuprofile-truncated/small.cpuprofile") else { return };
    assert!((246_000..248_000).contains(&profile.sources[0].end_us));
    assert!(warns(&profile, "buffer is full"), "{:?}", profile.warnings);
}

#[test]
fn perf_no_interpreted_frames() {
    let Some(without) = case("perf-no-interpreted-frames/a.data.zst") else { return };
    assert!(warns(&without, "InterpreterEntryTrampoline"), "{:?}", without.warnings);
    let with = case("perf-no-interpreted-frames/b.data.zst").unwrap();
    assert!(!warns(&with, "InterpreterEntryTrampoline"), "{:?}", with.warnings);
    let share = per_cent(row(&with, "FunctionA1 ").1, &with);
    assert!((share - 18.9).abs() < 0.1, "{share}");
}

#[test]
fn perf_periods() {
    let Some(profile) = case("perf-periods/pfault.data.zst") else { return };
    let filler = "v8::internal::FactoryBase<v8::internal::Factory>::NewFixedArrayWithFiller";
    let share = per_cent(row(&profile, filler).0, &profile);
    assert!((share - 62.08).abs() < 0.01, "{share}");
    let source = &profile.sources[0];
    assert_eq!((source.unit.as_str(), source.interval_us), ("page-faults", None));
    assert!(source.is_no_time());
}

#[test]
fn pprof_byline_guess() {
    let Some(profile) = case("pprof-byline-guess/anon.pb.gz") else { return };
    let file = "/srv/c//dd/anon.js";
    for (label, own) in [
        (format!("get {file}:5:"), 545),
        (format!("get {file}:6:"), 269),
        (format!("<anonymous> {file}:3:4"), 826),
        (format!("<anonymous> {file}:3:70"), 272),
    ] {
        assert_eq!(row(&profile, &label).0, own, "{label}");
    }
    let profile = case("pprof-byline-guess/dd-nolines.pb.gz").unwrap();
    let file = "/srv/c//dd/repro.js";
    let own = [12, 13].map(|line| row(&profile, &format!("w {file}:{line}:")).0);
    assert_eq!(own, [1_492, 469]);
    assert_eq!(case("pprof-byline-guess/many.pb.gz").unwrap().total(), 2_247);
    // The lengths of the texts of min.pb.gz were not changed with its paths, so it is damaged
    // in itself. This is the other recording of the program.
    let profile = case("pprof-byline-guess/min.cpuprofile.zst").unwrap();
    let share = per_cent(row(&profile, "pe /srv/case/bun/dist/min.js:654:").1, &profile);
    assert!((share - 16.4).abs() < 0.1, "{share}");
}

#[test]
fn wasm_two_modules() {
    let Some(profile) = case("wasm-two-modules/two.cpuprofile") else { return };
    let module = |name: &str| row(&profile, &format!("wasm-function[0] (wasm://wasm/{name})")).0;
    assert_eq!((module("ff3400ca"), module("1000369a")), (805, 271));
    let log = case("wasm-two-modules/two.log.zst").unwrap();
    let module = |number: u32| row(&log, &format!("wasm-function[0] (module {number})")).0;
    assert_eq!((module(1), module(2)), (810, 276));
}

#[test]
fn folded_stacks_and_what_is_none() {
    if case("long-first-line/real.folded").is_none() {
        return;
    }
    for (name, total) in [
        ("folded-starts-with-bracket/async-profiler-threads.txt", 15),
        ("folded-starts-with-bracket/brace.txt", 12),
        ("folded-starts-with-bracket/own-output-of-fold.folded", 8),
        ("folded-starts-with-bracket/unknown.txt", 12),
        ("long-first-line/real.folded", 35),
    ] {
        assert_eq!(case(name).unwrap().total(), total, "{name}");
    }
    for name in ["folded-too-eager/access.log", "folded-too-eager/wc.txt"] {
        let path = root("../shared/data/cases").join(name);
        let error = read(&[path], &Options::default()).unwrap_err();
        assert!(matches!(error, Error::Unrecognised { .. }), "{name}: {error}");
    }
}

#[test]
fn recordings_of_other_tools() {
    let Some(bun) = case("tools/bun-1.4.5-CPU.20261127.114402.17102.0.001.cpuprofile") else {
        return;
    };
    assert!(matches!(bun.sources[0].zero, Zero::Wall(_)));
    assert_eq!(case("tools/bun-1.4.5-enum.ts.cpuprofile").unwrap().total(), 329);
    let deno = case("tools/deno-2.9.6-ts-CPU.1795781672396.24628.cpuprofile").unwrap();
    assert!(deno.sources[0].clock.is_some(), "its name has the time at which it began");
    let tree = CallTree::build(&deno, &Selection::default());
    let core = tree.entries().iter().filter(|entry| entry.label.contains(" ext:"));
    assert!(core.clone().count() > 0);
    assert!(core.into_iter().all(|entry| entry.category.word() == "node core"));
    let tsx = case("tools/tsx-node24-v8.log.gz").unwrap();
    let places = ["get ", "fib10 "].map(|name| {
        let entries = CallTree::build(&tsx, &Selection::default());
        let found = entries
            .entries()
            .iter()
            .find(|entry| entry.label.starts_with(name) && entry.file.ends_with("enum.ts"));
        found.map(|entry| entry.line)
    });
    assert_eq!(places, [Some(9), Some(10)]);
    let log = case("tools/node24-interval100-v8.log.gz").unwrap();
    let (shown, asked) = (log.sources[0].interval_us.unwrap(), log.sources[0].asked_us);
    assert!((160..=165).contains(&shown) && asked == Some(100), "{shown} {asked:?}");
}

/// 0x leaves a copy of the tick log without the text of scripts beside it.
#[test]
fn a_copy_beside_its_log_counts_once() {
    let folder = tempfile::tempdir().unwrap();
    let log = root("samples/v8/mix-node20.log.zst");
    for name in ["isolate-0x1-1-v8.log", "isolate-0x1-1-v8.log.preprocess-ready"] {
        std::fs::copy(&log, folder.path().join(name)).unwrap();
    }
    let alone = read(&[log], &Options::default()).unwrap().total();
    let both = read(&[folder.path().to_owned()], &Options::default()).unwrap();
    assert_eq!(both.total(), alone);
    assert!(warns(&both, "passed over"), "{:?}", both.warnings);
}

/// The error was: the same log, copied while the program ran and again at its end, was added up.
#[test]
fn an_earlier_copy_of_a_log_counts_once() {
    use std::io::Read;
    let log = root("samples/v8/mix-node20.log.zst");
    let mut text = Vec::new();
    spikeflame_parse::open(&log, &Default::default()).unwrap().read_to_end(&mut text).unwrap();
    let whole = read(&[log], &Options::default()).unwrap().total();
    for shorter in [text.len() - 3_000, text.len() * 9 / 10, text.len() / 2] {
        let folder = tempfile::tempdir().unwrap();
        let files = ["early-v8.log", "isolate-0x1-1-v8.log"].map(|name| folder.path().join(name));
        std::fs::write(&files[0], &text[..shorter]).unwrap();
        std::fs::write(&files[1], &text).unwrap();
        let early = read(&files[..1], &Options::default()).unwrap().total();
        assert!(early > 20 && early < whole, "{early}");
        let both = read(&[folder.path().to_owned()], &Options::default()).unwrap();
        assert_eq!((both.total(), both.sources.len()), (whole, 1));
        assert!(warns(&both, "passed over"), "{:?}", both.warnings);
        assert_eq!(read(&files, &Options::default()).unwrap().total(), whole);
    }
}

/// The error was: ticks of two intervals were added one by one without a word.
#[test]
fn recordings_of_two_intervals_are_named() {
    let recording = |us: u64| {
        let deltas = vec![us; 200];
        json!({"samples": vec![1; 200], "timeDeltas": deltas, "startTime": 0, "endTime": 200 * us,
            "nodes": [{"id": 1, "callFrame": {"functionName": format!("work{us}"),
                "scriptId": "1", "url": "file:///srv/a.js", "lineNumber": 4, "columnNumber": 1}}]})
    };
    let warned = |all: [u64; 2]| {
        let folder = tempfile::tempdir().unwrap();
        for (at, us) in all.into_iter().enumerate() {
            let path = folder.path().join(format!("{at}.cpuprofile"));
            std::fs::write(path, recording(us).to_string()).unwrap();
        }
        let profile = read(&[folder.path().to_owned()], &Options::default()).unwrap();
        assert_eq!(profile.total(), 400);
        warns(&profile, "too small a share")
    };
    assert!(warned([100, 5_000]));
    assert!(!warned([1_000, 1_250]), "a busy machine makes intervals longer");
}

/// The error was: a part of a recording that had been exported into the run's folder was added to
/// the recording in silence, and so was a whole export from one .cpuprofile to another.
#[test]
fn an_export_of_a_part_counts_once() {
    let part = |label: &str| {
        json!({"samples": [1, 1], "timeDeltas": [1000, 1000], "startTime": 0, "endTime": 3000,
            "nodes": [{"id": 1, "callFrame": {"functionName": label, "scriptId": "1",
                "url": "file:///srv/a.js", "lineNumber": 4, "columnNumber": 1}}]})
    };
    let mut whole = part("work");
    whole["samples"] = json!([1, 1, 1, 1]);
    whole["timeDeltas"] = json!([1000, 1000, 1000, 1000]);
    let mut export = part("work");
    export["spikeflame"] = json!({"producer": "cpuprofile"});
    let total = |files: &[(&str, &Value)]| {
        let folder = tempfile::tempdir().unwrap();
        for (name, value) in files {
            std::fs::write(folder.path().join(name), value.to_string()).unwrap();
        }
        let profile = read(&[folder.path().to_owned()], &Options::default()).unwrap();
        (profile.total(), warns(&profile, "passed over"))
    };
    assert_eq!(total(&[("b.cpuprofile", &whole)]), (4, false));
    assert_eq!(total(&[("a.cpuprofile", &export), ("b.cpuprofile", &whole)]), (4, true));
    // Two workers that did the same are two recordings.
    assert_eq!(total(&[("a.cpuprofile", &part("work")), ("b.cpuprofile", &whole)]), (6, false));
    let mut other = part("other");
    other["spikeflame"] = export["spikeflame"].clone();
    assert_eq!(total(&[("a.cpuprofile", &other), ("b.cpuprofile", &whole)]), (6, false));
}

/// The error was: a tick log and a `.cpuprofile` of one process were added up.
#[test]
fn a_process_that_two_profilers_recorded_counts_once() {
    let profile = root("samples/json/mix-node22.cpuprofile.zst");
    let of =
        |path: &PathBuf| read(std::slice::from_ref(path), &Options::default()).unwrap().total();
    for (log, pid, words) in [
        ("cpuprof-node22", 4711, Some("--cpu-prof ran beside --prof and stopped most ticks")),
        (
            "mix-node22",
            4711,
            Some("the tick log of the same process is read, which also has native code"),
        ),
        ("mix-node22", 4712, None),
    ] {
        let log = root(&format!("samples/v8/{log}.log.zst"));
        let folder = tempfile::tempdir().unwrap();
        let files = [
            format!("CPU.20261129.234550.{pid}.0.001.cpuprofile.zst"),
            "isolate-0x36d6a6d0-4711-v8.log.zst".to_owned(),
        ]
        .map(|name| folder.path().join(name));
        std::fs::copy(&profile, &files[0]).unwrap();
        std::fs::copy(&log, &files[1]).unwrap();
        let right = match words {
            Some(words) if words.contains("stopped") => of(&profile),
            Some(_) => of(&log),
            None => of(&profile) + of(&log),
        };
        for inputs in [&files[..], &[folder.path().to_owned()]] {
            let both = read(inputs, &Options::default()).unwrap();
            assert_eq!(both.total(), right, "{}: {pid}", log.display());
            assert!(words.is_none_or(|words| warns(&both, words)), "{:?}", both.warnings);
        }
    }
}
