//! Tick logs: the time of a tick, code loaded later, modules of WebAssembly, Node 8, and no
//! warning for normal logs.

use crate::common;

use common::{all_logs, load, root, stem};
use spikeflame_parse::Options;
use spikeflame_profile::warning::{Fact, V8Fact};
use spikeflame_profile::{CallTree, Hotspots, Kind, Profile, Selection};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

fn sample(name: &str) -> PathBuf {
    root("samples").join(name)
}

/// Returns labels and self weights of the wanted rows, the largest first.
fn rows(profile: &Profile, wanted: impl Fn(&str, Kind) -> bool) -> Vec<(String, u64)> {
    let tree = CallTree::build(profile, &Selection::default());
    let rows = Hotspots::from_tree(&tree).rows.into_iter().filter_map(|row| {
        let entry = tree.entry(Some(row.entry))?;
        wanted(&entry.label, entry.kind).then(|| (entry.label.clone(), row.self_weight))
    });
    rows.filter(|(_, own)| *own > 0).collect()
}

/// Copies samples into a folder of their own, each with its new name.
fn folder(files: &[(&Path, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (from, to) in files {
        fs::copy(from, folder.path().join(to)).unwrap();
    }
    folder
}

const LATER: &str = "(native code loaded later)";

/// bcrypt's addon, loaded after the start on Node 16, 22 and 24, was `(unresolved)`: 97 %
/// of the ticks, without a warning.
#[test]
fn an_addon_has_a_frame_and_a_warning() {
    for (version, least) in [(16, 0.6), (22, 0.6), (24, 0.6)] {
        let log = sample(&format!("v8/addon-node{version}.log.zst"));
        let name = "isolate-0x1-4711-v8.log.zst";
        let alone = folder(&[(&log, name)]);
        let profile = load(&alone.path().join(name));
        let later = rows(&profile, |label, kind| label == LATER && kind == Kind::Native);
        let share = later[0].1 as f64 / profile.total() as f64;
        assert!(share > least && later.len() == 1, "{version}: {share} of {later:?}");
        let unresolved = rows(&profile, |_, kind| kind == Kind::Unresolved);
        assert!(unresolved.iter().all(|row| row.1 * 100 <= profile.total()), "{unresolved:?}");
        let [warning] = profile.warnings.as_slice() else { panic!("{:?}", profile.warnings) };
        let Fact::V8(V8Fact::LoadedLater { pid, .. }) = &warning.fact else { panic!("{warning}") };
        assert_eq!(pid.as_deref(), Some("4711"));
        let warning = warning.to_string();
        assert!(warning.contains(&format!("{:.0} %", share * 100.0)), "{warning}");
    }
}

/// A copy of `/proc/PID/maps` gives the addon a name, whatever the copy's name is. A copy
/// of another process does not, and a warning reports it.
#[test]
fn a_copy_of_maps_names_an_addon() {
    for (version, other) in [(16, 22), (22, 24), (24, 16)] {
        let log = sample(&format!("v8/addon-node{version}.log.zst"));
        let own = sample(&format!("v8/addon-node{version}.maps"));
        let other = sample(&format!("v8/addon-node{other}.maps"));
        let both = folder(&[(&log, "a.log.zst"), (&other, "maps"), (&own, "proc-maps.txt")]);
        let profile = load(&both.path().join("a.log.zst"));
        let named = rows(&profile, |label, _| label == "bcrypt.glibc.node");
        assert!(named[0].1 * 2 > profile.total(), "{version}: {named:?}");
        assert_eq!(rows(&profile, |label, _| label == LATER), [], "{version}");
        assert!(profile.warnings.is_empty(), "{:?}", profile.warnings);

        let wrong = folder(&[(&log, "a.log.zst"), (&other, "maps")]);
        let profile = load(&wrong.path().join("a.log.zst"));
        assert_eq!(rows(&profile, |label, _| label == "bcrypt.glibc.node"), []);
        let other = matches!(
            profile.warnings[0].fact,
            Fact::V8(V8Fact::LoadedLater { other_maps: true, .. })
        );
        assert!(other, "{:?}", profile.warnings);
    }
}

/// V8 adds 60 to 80 µs to the interval asked for: times of a log at 100 µs were 38 % too
/// low.
#[test]
fn the_time_of_a_tick_is_what_the_ticks_show() {
    let profile = load(&sample("v8/interval100-node24.log.zst"));
    let source = &profile.sources[0];
    assert_eq!(source.asked_us, Some(100));
    let us = source.interval_us.unwrap();
    assert!((160..=170).contains(&us), "{us}");
    for log in all_logs() {
        let profile = load(&log);
        let source = &profile.sources[0];
        let (Some(asked), Some(us)) = (source.asked_us, source.interval_us) else { continue };
        assert!(us > asked && us < asked + 200, "{}: {us} of {asked}", stem(&log));
    }
}

/// 805 and 271 samples were one row, `wasm-function[0]`, of 1,076.
#[test]
fn functions_of_two_wasm_modules_are_two() {
    let profile = load(&sample("json/two-wasm-modules.cpuprofile.zst"));
    let wasm = rows(&profile, |_, kind| kind == Kind::Wasm);
    let expected = [
        ("wasm-function[0] (wasm://wasm/ff3400ca)".to_owned(), 805),
        ("wasm-function[0] (wasm://wasm/1000369a)".to_owned(), 271),
    ];
    assert_eq!(wasm, expected);
    let profile = load(&sample("v8/two-wasm-modules-node20.log.zst"));
    let wasm = rows(&profile, |_, kind| kind == Kind::Wasm);
    let labels: Vec<&str> = wasm.iter().map(|(label, _)| label.as_str()).collect();
    assert_eq!(labels, ["wasm-function[0] (module 1)", "wasm-function[0] (module 2)"]);
}

/// Names in quotes made every function a WebAssembly function, and records of inline caches
/// unreadable.
#[test]
fn logs_of_node_8_are_read_like_others() {
    let profile = load(&sample("v8/quoted-node8.log.zst"));
    assert_eq!((&profile.losses, profile.warnings.len()), (&Vec::new(), 0));
    assert_eq!(rows(&profile, |_, kind| kind == Kind::Wasm), []);
    let top = rows(&profile, |_, _| true);
    assert_eq!(top[0], ("hotLoop /srv/record/busy.js:2:17".to_owned(), 592));
    assert!(rows(&profile, |label, _| label.contains('"')).is_empty());
    let profile = load(&sample("v8/names-node8.log.zst"));
    let top = rows(&profile, |label, _| label.contains("q.js"));
    assert!(top.iter().any(|(label, _)| label == "na\"me, x /srv/record/q.js:1:83"), "{top:?}");
}

/// Returns true for the expected warnings of the recordings at hand, with the reasons; all
/// others are errors.
fn may_warn(log: &Path, warning: &str) -> bool {
    // A busy machine takes most ticks from the logs that the tests record on it.
    if log.to_string_lossy().contains("target/recordings") && warning.contains("ms apart") {
        return true;
    }
    let stem = stem(log);
    let allowed = [
        // `--cpu-prof` beside `--prof` stopped the ticks.
        ("cpuprof-", "ran beside --prof"),
        // These were recorded to test the warnings.
        ("torn-", "several isolates wrote to this log"),
        ("addon-", "loaded while the program ran"),
        ("deep-", "stacks of 255 frames"),
        // This program spends its time in a builtin without a frame.
        ("frameless-", "V8 left out the function that called a builtin"),
        // This program calls `new Function` with hundreds of texts.
        ("compact-", "functions of several scripts"),
    ];
    allowed.iter().any(|(name, text)| stem.starts_with(name) && warning.contains(text))
}

/// The warning "No `profiler,end`; the process was killed" appeared for every server that
/// was stopped by Ctrl-C, SIGTERM or `process.exit()`.
#[test]
fn no_normal_log_is_warned_of() {
    let mut quiet = 0;
    for log in all_logs() {
        // These logs are damaged on purpose.
        if stem(&log).starts_with("edge-") {
            continue;
        }
        let profile = load(&log);
        for warning in &profile.warnings {
            assert!(may_warn(&log, &warning.to_string()), "{}: {warning}", log.display());
        }
        quiet += usize::from(profile.warnings.is_empty());
    }
    println!("{quiet} logs without a warning");
    assert!(quiet >= 35, "the shipped recordings are missing");
}

/// Writes a log whose ticks are in `name` up to this time.
fn log_of(name: &str, end_ms: u64) -> String {
    let ticks: String =
        (1..=end_ms).map(|ms| format!("tick,0x1010,{},0,0x0,0\n", ms * 1000)).collect();
    format!(
        "v8-version,11,3,244,8,-node.38,0\nprofiler,begin,1000\n\
         code-creation,JS,10,1,0x1000,256,{name} /a.js:1:1,0x9000,~\n{ticks}"
    )
}

/// The error was: all logs of a run were taken as if their threads had begun together, so that a window had the
/// ticks of a worker that began later.
#[test]
fn the_log_of_a_later_thread_begins_when_its_file_was_created() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let (first, later) = (path("isolate-0x1-7-v8.log"), path("isolate-0x2-7-v8.log"));
    std::fs::write(&first, "").unwrap();
    if first.metadata().unwrap().created().is_err() {
        return println!("SKIPPED: the file system has no times of creation");
    }
    std::thread::sleep(Duration::from_millis(400));
    std::fs::write(&later, log_of("worker", 50)).unwrap();
    std::thread::sleep(Duration::from_millis(400));
    // The first log is written to its end now.
    let mut file = std::fs::OpenOptions::new().append(true).open(&first).unwrap();
    file.write_all(log_of("main", 700).as_bytes()).unwrap();
    let start_of_worker = |paths: &[PathBuf]| {
        let profile = spikeflame_parse::read(paths, &Options::default()).unwrap();
        let first = profile.threads.last().and_then(|thread| thread.samples.iter().next()).unwrap();
        first.0.time_us
    };
    // On a busy machine, more time can pass than was slept.
    let [begin, begin_of_worker] = [&first, &later].map(|log| log.metadata().unwrap().created());
    let apart = begin_of_worker.unwrap().duration_since(begin.unwrap()).unwrap();
    let expected = apart.as_micros() as u64 + 1_000;
    assert!(apart >= Duration::from_millis(300), "{apart:?}");
    assert!(start_of_worker(&[first.clone(), later.clone()]).abs_diff(expected) <= 1);
    // A copy has the time at which it was copied.
    let copy = path("copy-1-7-v8.log");
    std::fs::copy(&first, &copy).unwrap();
    assert_eq!(start_of_worker(&[copy, later]), 1_000);
}
