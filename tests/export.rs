//! Tests of `spikeflame export`, from arguments to files that are read back.

use crate::common;

use common::{failure, root, run, run_with, stderr, stdout};
use serde_json::Value;
use std::path::Path;

const MIX: &str = "v8/mix-node22.log.zst";
const WASM: &str = "v8/wasm-node24.log.zst";
const NESTED: &str = "v8/nested-on-node22.log.zst";
const SPIKE: &str = "spike/before-1";
/// Options with which folded text contains everything that it can.
const ALL: [&str; 5] = ["--tiers", "split", "--annotate", "--idle", "keep"];

fn sum(folded: &str) -> u64 {
    folded.lines().map(|line| line.rsplit_once(' ').unwrap().1.parse::<u64>().unwrap()).sum()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Exports to a file in a new folder. Returns the folder and the file.
fn export(name: &str, args: &[&str]) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = text(&folder.path().join(name)).to_owned();
    let told = stdout(&[&["export", "-q", "-o", &path], args].concat());
    assert!(told.starts_with(&path) && told.contains(" bytes\n"), "{told}");
    (folder, path)
}

#[test]
fn an_exported_pprof_profile_folds_to_the_same_stacks() {
    let real = ["pprof/go.pb.gz", "pprof/datadog-labels.pb.gz", "pprof/datadog-line.pb.gz"];
    for run in [MIX, WASM, NESTED, SPIKE].into_iter().chain(real) {
        let (_folder, path) = export("run.pb.gz", &[run, "--tiers", "split", "--idle", "keep"]);
        let fold = |run: &str| stdout(&[&["fold", "-q", run], &ALL[..]].concat());
        assert!(fold(run) == fold(&path), "{run}");
    }
}

#[test]
fn a_window_of_an_exported_profile_is_that_window() {
    let (_folder, path) = export("run.pb.gz", &[SPIKE]);
    let window = ["--from", "20s", "--to", "45s"];
    let fold = |run: &str| stdout(&[&["fold", "-q", run], &window[..]].concat());
    let (was, is) = (fold(SPIKE), fold(&path));
    assert!(sum(&was) > 5_000);
    assert!(was == is, "{} of {}", sum(&is), sum(&was));
    // Inlined functions are separate from the functions in which they ran.
    let (_folder, path) = export("nested.pb.gz", &[NESTED]);
    let collapsed = ["--inlined", "collapse"];
    let fold = |run: &str| stdout(&[&["fold", "-q", run], &collapsed[..]].concat());
    assert_eq!(fold(NESTED), fold(&path));
}

/// The error was: the export of a window had the length of the whole recording, 74.5 s, or that up to the
/// window's end.
#[test]
fn the_export_of_a_window_is_as_long_as_the_window() {
    for name in
        ["run.pb.gz", "run.otlp", "run.speedscope.json", "run.firefox.json", "run.cpuprofile"]
    {
        let (_folder, path) = export(name, &[SPIKE, "--from", "20s", "--to", "30s"]);
        let top: Value =
            serde_json::from_str(&stdout(&["top", "--format", "json", &path])).unwrap();
        let length = top["duration_ms"].as_f64().unwrap();
        assert!((9_990.0..=10_001.0).contains(&length), "{name}: {length}");
        // The windows of the export count from its own start.
        let part = stdout(&["fold", "-q", &path, "--from", "0s", "--to", "4s"]);
        let same = stdout(&["fold", "-q", SPIKE, "--from", "20s", "--to", "24s"]);
        assert_eq!(sum(&part), sum(&same), "{name}");
    }
}

/// The error was: `top` of an exported profile said "190,380,760 samples" for 190 ms.
#[test]
fn the_unit_of_a_firefox_export_is_that_of_the_recording() {
    for (run, unit) in [("perf/plain.data.zst", "nanoseconds"), (MIX, "samples")] {
        let (_folder, path) = export("run.firefox.json", &[run]);
        let top: Value =
            serde_json::from_str(&stdout(&["top", "--format", "json", &path])).unwrap();
        assert_eq!(top["unit"], unit, "{run}");
    }
}

#[test]
fn every_selection_is_what_is_exported() {
    let selections: [&[&str]; 4] = [
        &["--from", "20s", "--to", "45s", "--focus", "typeorm"],
        &["--ignore", "bcryptjs", "--hide", "node:"],
        &["--group-by", "package", "--idle", "keep"],
        &["--inlined", "collapse", "--tiers", "split"],
    ];
    for selection in selections {
        let with = |first: &[&str]| stdout(&[first, &[SPIKE], selection].concat());
        let folded = with(&["fold", "-q"]);
        assert_eq!(with(&["export", "-q", "--to", "folded", "-o", "-"]), folded);
        let file: Value =
            serde_json::from_str(&with(&["export", "-q", "--to", "speedscope", "-o", "-"]))
                .unwrap();
        let profile = &file["profiles"][0];
        let weights = profile["weights"].as_array().unwrap();
        // All ticks have the same length, a little over 1 ms.
        let weight: u64 = weights.iter().map(|weight| weight.as_u64().unwrap()).sum();
        let (tick, rest) = (weight / sum(&folded), weight % sum(&folded));
        assert!((1_000..1_200).contains(&tick) && rest == 0, "{selection:?}: {tick} and {rest}");
        let (_folder, path) = export("run.pb.gz", &[&[SPIKE], selection].concat());
        let again = stdout(&["fold", "-q", &path, "--tiers", "split", "--idle", "keep"]);
        assert!(again == folded, "{selection:?}");
    }
}

#[test]
fn every_format_keeps_every_sample() {
    let logs = ["main", "worker1", "worker2"].map(|k| format!("v8/workers-node20.{k}.log.zst"));
    let all = [&logs[0][..], &logs[1], &logs[2]];
    let ticks = |args: &[&str]| sum(&stdout(&[&["fold", "-q"], args].concat()));
    let write = |format: &str, args: &[&str]| -> Value {
        let first = ["export", "-q", "--to", format, "-o", "-"];
        serde_json::from_str(&stdout(&[&first, args].concat())).unwrap()
    };
    let total = |values: &Value| -> u64 {
        values.as_array().unwrap().iter().map(|value| value.as_u64().unwrap()).sum()
    };
    let firefox = write("firefox", &all);
    let threads = firefox["threads"].as_array().unwrap();
    for (log, thread) in logs.iter().zip(threads) {
        // Each source is a process. Processes are named in the order of the arguments.
        assert!(log.contains(thread["name"].as_str().unwrap()), "{log}: {}", thread["name"]);
        assert_eq!(total(&thread["samples"]["weight"]), ticks(&[log]), "{log}");
    }
    // V8 adds 60 to 80 µs to the interval of 1 ms that was asked for.
    let interval = firefox["meta"]["interval"].as_f64().unwrap();
    assert!((1.0..1.2).contains(&interval), "{interval}");
    let speedscope = write("speedscope", &all);
    let profiles = speedscope["profiles"].as_array().unwrap();
    let sums = profiles.iter().map(|profile| total(&profile["weights"]));
    // Each tick stands for the interval of its own log.
    let alone = logs.each_ref().map(|log| {
        let us = total(&write("speedscope", &[log])["profiles"][0]["weights"]);
        assert!(us % ticks(&[log]) == 0 && (1_000..1_200).contains(&(us / ticks(&[log]))), "{us}");
        us
    });
    assert_eq!(sums.collect::<Vec<_>>(), alone);
    let one = [&all[..], &["--thread", "worker1"]].concat();
    let cpuprofile = write("cpuprofile", &one);
    let hits = &cpuprofile["nodes"].as_array().unwrap()[1..];
    let hits: u64 = hits.iter().map(|node| node["hitCount"].as_u64().unwrap()).sum();
    assert_eq!(hits, ticks(&one));
    let error = failure(&[&["export", "-q", "--to", "cpuprofile"], &all[..]].concat());
    assert!(error.contains("workers-node20.main, workers-node20.worker1"), "{error}");
    assert!(!Path::new(&root("samples/workers-node20.main.cpuprofile")).exists());
}

#[test]
fn the_format_is_that_of_the_ending_and_the_name_that_of_the_recording() {
    let folder = tempfile::tempdir().unwrap();
    let input = text(&root("samples").join(WASM)).to_owned();
    let export = |args: &[&str]| {
        let mut command = common::command(&[&["export", "-q", &input], args].concat());
        command.current_dir(folder.path()).output().unwrap()
    };
    let starts = |name: &str, start: &[u8]| {
        let bytes = std::fs::read(folder.path().join(name)).unwrap();
        assert!(bytes.starts_with(start), "{name}: {:?}", &bytes[..20]);
    };
    for (format, name, start) in [
        ("pprof", "wasm-node24.pb.gz", &b"\x1f\x8b"[..]),
        ("speedscope", "wasm-node24.speedscope.json", b"{\"$schema\""),
        ("firefox", "wasm-node24.firefox.json", b"{\"meta\":"),
        ("cpuprofile", "wasm-node24.cpuprofile", b"{\"nodes\":"),
        ("folded", "wasm-node24.folded", b"(garbage"),
    ] {
        assert!(export(&["--to", format]).status.success(), "{format}");
        starts(name, start);
        let other = format!("other-{name}");
        assert!(export(&["-o", &other]).status.success(), "{format}");
        starts(&other, start);
    }
    // The file is compressed when its ending asks for it, and `--to` can be a time beside the
    // format.
    assert!(export(&["-o", "x.cpuprofile.gz", "--to", "300ms"]).status.success());
    starts("x.cpuprofile.gz", b"\x1f\x8b");
    let error = stderr(&export(&["-o", "x.txt"]));
    assert!(error.contains("--to names the format") && error.contains(".speedscope.json"));
    assert!(stderr(&export(&[])).contains("--to names the format"));
    assert!(stderr(&export(&["--to", "pdf"])).contains("folded"));
    assert!(stderr(&export(&["--to", "pprof", "--to", "folded"])).contains("two formats"));
    assert!(stderr(&export(&["--to", "1s", "--to", "2s"])).contains("two ends"));
    assert!(stderr(&export(&["--to", "pprof", "--annotate"])).contains("--annotate"));
    assert!(stderr(&export(&["-o", "no/such/x.pb"])).contains("no/such/x.pb"));
    let error = stderr(&export(&["-o", &input, "--to", "pprof"]));
    assert!(error.contains("would be overwritten"), "{error}");
}

#[test]
fn hostile_names_come_back_as_they_were() {
    let names = "a\u{202e}b \u{1b}[31m\"</script>\\;RegExp: (\"|\\n){2};`x` _[weird];x:1:2_[k] 3\n";
    let folded = run_with(&["fold", "-", "--annotate"], names.as_bytes());
    for format in ["pprof", "speedscope", "firefox", "cpuprofile"] {
        let file = run_with(&["export", "-", "--to", format, "-o", "-"], names.as_bytes());
        assert!(file.status.success(), "{format}: {}", stderr(&file));
        if format == "pprof" {
            let again = run_with(&["fold", "-", "--annotate"], &file.stdout);
            assert_eq!(again.stdout, folded.stdout);
        } else {
            let file: Value = serde_json::from_slice(&file.stdout).unwrap();
            assert!(file.to_string().contains("</script>"), "{format}");
        }
    }
}

#[test]
fn kinds_of_value_are_chosen_when_reading() {
    let heap = "pprof/datadog-heap.pb.gz";
    let (_folder, path) = export("heap.speedscope.json", &[heap, "--sample-type", "inuse_space"]);
    let file: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    assert_eq!(file["profiles"][0]["unit"], "bytes");
    assert_eq!(file["profiles"][0]["endValue"], 17_164_622);
    let output = run(&["top", "pprof/go.pb.gz", "--from", "1s"]);
    assert!(stderr(&output).contains("go.pb: a window needs a recording with times"));
    // The output without a name is refused too.
    let output = run(&["export", "perf/plain.data.zst", "--to", "cpuprofile", "-o", "-"]);
    assert!(stderr(&output).contains("plain.data: a .cpuprofile holds one thread"));
}

#[test]
fn exported_json_folds_to_the_same_stacks() {
    for run in [MIX, WASM, NESTED, SPIKE] {
        for name in ["run.speedscope.json", "run.cpuprofile"] {
            let (_folder, path) = export(name, &[run, "--tiers", "split", "--idle", "keep"]);
            let fold = |run: &str| stdout(&[&["fold", "-q", run], &ALL[..]].concat());
            assert!(fold(run) == fold(&path), "{run} {name}");
        }
    }
}
