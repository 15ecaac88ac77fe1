//! Tests of `spikeflame fold`, from arguments to folded text.

use crate::common;

use common::{command, failure, golden, root, run, run_with, stderr, stdout};
use std::process::{Output, Stdio};

const MIX: &str = "v8/mix-node22.log.zst";
const SPIKE: &str = "spike/before-1";

fn sum(folded: &str) -> u64 {
    folded.lines().map(|line| line.rsplit_once(' ').unwrap().1.parse::<u64>().unwrap()).sum()
}

/// The error was: `byScore`, the comparing function of a sort, seemed to call the builtins of the sort, which
/// call it. `docs/formats-compare.md` then had 4.9 % for such a function in place of 1.0 %.
#[test]
fn the_comparing_function_of_a_sort_does_not_call_the_sort() {
    let folded = stdout(&["fold", MIX]);
    for builtin in ["ArrayTimSort", "MergeAt", "SortCompareUserFn"] {
        assert!(folded.contains(&format!("Builtin: ArrayPrototypeSort;Builtin: {builtin} ")));
        let below = |line: &&str| line.contains(&format!("mix.js:88:17;Builtin: {builtin} "));
        assert_eq!(folded.lines().find(below), None);
    }
}

#[test]
fn folded_text_is_as_blessed_and_the_same_on_every_run() {
    let args = ["fold", "v8/wasm-node24.log.zst", "--tiers", "split", "--idle", "keep"];
    let text = stdout(&args);
    golden("wasm.folded", &text);
    assert_eq!(stdout(&args), text);
}

#[test]
fn folded_text_is_an_input_of_every_command() {
    let whole = stdout(&["fold", MIX, "--tiers", "split", "--idle", "keep"]);
    let again = run_with(&["fold", "-", "--tiers", "split", "--idle", "keep"], whole.as_bytes());
    assert_eq!(String::from_utf8(again.stdout).unwrap(), whole);
    let top = run_with(&["top", "-"], whole.as_bytes());
    assert!(String::from_utf8(top.stdout).unwrap().contains("(garbage collector)"));
    let window = run_with(&["fold", "-", "--from", "1s"], whole.as_bytes());
    assert_eq!(window.status.code(), Some(2));
    assert!(stderr(&window).contains("this one has none"));
}

#[test]
fn perf_text_has_our_labels_or_those_of_stackcollapse() {
    let text = "perf-text/several-events.txt.zst";
    let ours = stdout(&["fold", text, "--sample-type", "cpu-clock"]);
    assert!(ours.contains(";sortSome /tmp/work/busy.js:2:18"), "{ours}");
    assert!(!ours.contains("JS:"), "{ours}");
    let raw = stdout(&["fold", text, "--sample-type", "cpu-clock", "--raw-names"]);
    let lines = |name: &str| raw.lines().any(|line| line.starts_with(name));
    // When a name ends in a number, inferno takes that for the process.
    assert!(lines("node;") && lines("my_proc;") && raw.contains(";JS:"), "{raw}");
    let told = stderr(&run(&["top", text]));
    assert!(told.contains("left out: page-faults") && told.contains("--sample-type"), "{told}");
}

#[test]
fn standard_input_packed_or_not_is_as_a_file() {
    let file = stdout(&["fold", MIX]);
    let bytes = std::fs::read(root("samples").join(MIX)).unwrap();
    let piped = run_with(&["fold", "-"], &bytes);
    assert_eq!(String::from_utf8(piped.stdout).unwrap(), file);
}

#[test]
fn windows_cut_a_recording_into_parts_that_add_up() {
    // Symbols of this machine decide which ticks of the poll phase are idle, so idle ticks are kept.
    let fold = |window: &[&str]| stdout(&[&["fold", SPIKE, "--idle", "keep"], window].concat());
    let parts = [
        fold(&["--to", "20s"]),
        fold(&["--from", "20s", "--to", "0m45s"]),
        fold(&["--from", "45000ms"]),
    ];
    let whole = fold(&[]);
    assert_eq!(sum(&whole), 47_669);
    assert_eq!(parts.iter().map(|part| sum(part)).sum::<u64>(), sum(&whole));
    assert!(parts.iter().all(|part| sum(part) > 5_000));
}

#[test]
fn focus_ignore_and_hide_are_as_pprof_has_them() {
    let fold = |select: &[&str]| stdout(&[&["fold", SPIKE, "--idle", "keep"], select].concat());
    let whole = sum(&fold(&[]));
    let focus = fold(&["--focus", "bcryptjs"]);
    let ignore = fold(&["--ignore", "bcryptjs"]);
    assert!(focus.lines().all(|line| line.contains("bcryptjs")));
    assert!(!ignore.contains("bcryptjs"));
    assert_eq!(sum(&focus) + sum(&ignore), whole);
    let hide = fold(&["--hide", "bcryptjs"]);
    assert!(!hide.contains("bcryptjs"));
    assert_eq!(sum(&hide), whole);
}

#[test]
fn inlined_functions_can_be_collapsed_and_marked() {
    let on = "v8/nested-on-node22.log.zst";
    let marked = stdout(&["fold", on, "--annotate"]);
    let deepest = marked.lines().find(|line| line.contains("mixB")).unwrap();
    for part in ["walk ", "middle ", "leaf ", "mixB "] {
        assert!(deepest.contains(part), "{deepest}");
    }
    assert!(marked.contains(":13_[i]") || marked.contains("_[i]"), "{deepest}");
    let collapsed = stdout(&["fold", on, "--inlined", "collapse", "--annotate"]);
    assert!(!collapsed.contains("_[i]") && collapsed.contains("_[j]"));
    assert_eq!(sum(&collapsed), sum(&marked));
}

#[test]
fn idle_is_left_out_and_told_unless_kept() {
    let idle = "v8/idle-node20.log.zst";
    let (dropped, kept) = (stdout(&["fold", idle]), stdout(&["fold", idle, "--idle", "keep"]));
    assert!(!dropped.contains("(idle)") && kept.contains("(idle)"));
    assert_eq!(sum(&kept), 507);
    assert!(sum(&dropped) < 507);
}

#[test]
fn threads_are_told_apart_by_name() {
    let logs = ["main", "worker1", "worker2"].map(|k| format!("v8/workers-node20.{k}.log.zst"));
    let all = ["fold", &logs[0], &logs[1], &logs[2]];
    let one = [&all[..], &["--thread", "worker2"]].concat();
    assert!(stdout(&all).contains("mainHot") && stdout(&all).contains("betaHot"));
    assert!(stdout(&one).contains("betaHot") && !stdout(&one).contains("mainHot"));
    let none = failure(&[&all[..], &["--thread", "nobody"]].concat());
    assert!(none.contains("workers-node20.main, workers-node20.worker1"), "{none}");
}

#[test]
fn errors_say_what_to_do_next() {
    let empty = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| {
        let path = empty.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_string_lossy().into_owned()
    };
    assert!(failure(&["fold", "nothing.log"]).contains("nothing.log: "));
    assert!(failure(&["fold", &empty.path().to_string_lossy()]).contains("node --prof"));
    assert!(failure(&["fold", &put("e.log", "")]).contains("an empty file"));
    assert!(failure(&["fold", "spike/before-1/k6.csv.gz"]).contains("a load test (k6 CSV)"));
    assert!(failure(&["fold", "README.md"]).contains("expected a recording: a V8 tick log"));
    assert!(failure(&["fold", MIX, "--from", "soon"]).contains("like 20s"));
    assert!(failure(&["fold", MIX, "--from", "1h"]).contains("outside the window"));
    assert!(failure(&["fold", MIX, "--focus", "("]).contains("regex"));
    assert!(failure(&["fold", MIX, "-o", "no/such/folder/x"]).contains("no/such/folder"));
    assert!(failure(&["fold"]).contains("RUN"));
}

#[test]
fn warnings_go_to_standard_error_and_can_be_silenced() {
    // Every server is stopped by a signal, so this gives no warning.
    let killed = run(&["fold", "v8/kill-node22.log.zst"]);
    assert_eq!(stderr(&killed), "");
    let torn = |args: &[&str]| run_with(args, b"main;a 3\nmain;b 4\nmain;c 5\nno count here\n");
    let killed = torn(&["fold", "-"]);
    assert!(stderr(&killed).contains("warning: "), "{}", stderr(&killed));
    assert!(!stderr(&killed).contains('\u{1b}'), "colours off a terminal");
    let quiet = torn(&["fold", "-", "--quiet"]);
    assert_eq!(stderr(&quiet), "");
    assert_eq!(quiet.stdout, killed.stdout);
}

#[test]
fn a_closed_pipe_is_no_error() {
    let mut child = command(&["fold", "-q", SPIKE])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
}

#[cfg(unix)]
#[test]
fn on_a_terminal_names_cannot_move_the_cursor() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.folded");
    std::fs::write(&path, "a\u{1b}[31m;b 1\n").unwrap();
    let path = path.to_string_lossy();
    assert_eq!(stdout(&["fold", &path]), "a\u{1b}[31m;b 1\n");
    let spawn = "import pty, sys; pty.spawn(sys.argv[1:])";
    let binary = env!("CARGO_BIN_EXE_spikeflame");
    let shown = std::process::Command::new("python3")
        .args(["-c", spawn, binary, "fold", &path])
        .stdin(std::process::Stdio::null())
        .output();
    match shown {
        Ok(shown) => {
            assert_eq!(String::from_utf8_lossy(&shown.stdout), "a\u{fffd}[31m;b 1\r\n");
        }
        Err(_) => println!("SKIPPED: no python3 to open a terminal with"),
    }
}

/// With too few open files, a debug file was passed over without a word. Without its names, ticks of the poll
/// phase became idle, and the sum was 5 to 6 of 45,402 ticks lower.
#[cfg(target_os = "linux")]
#[test]
fn a_binary_that_cannot_be_opened_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let own = env!("CARGO_BIN_EXE_spikeflame");
    let log = format!(
        "v8-version,12,4,254,21,-node.57,0\nshared-library,{own},0x0,0x1000,0\n\
         profiler,begin,1000\ntick,0x10,1000,0,0x0,0\nprofiler,end\n"
    );
    let path = folder.path().join("isolate-v8.log");
    std::fs::write(&path, log).unwrap();
    let path = path.to_str().unwrap();
    let with = |files: u32| {
        let limit = format!("ulimit -n {files}; exec \"$0\" fold \"$1\"");
        std::process::Command::new("sh").args(["-c", &limit, own, path]).output().unwrap()
    };
    let whole = with(64);
    assert!(!stderr(&whole).contains("could not be opened"), "{}", stderr(&whole));
    // The log itself needs one file.
    let short: Vec<Output> = (4..12).map(with).filter(|it| it.status.success()).collect();
    let has_told = |it: &&Output| stderr(it).contains("could not be opened");
    assert!(short.iter().any(|it| has_told(&it)), "{}", stderr(&short[0]));
    let silent = short.iter().filter(|it| !has_told(it));
    silent.for_each(|it| assert_eq!(stderr(it), stderr(&whole)));
}

/// 200 workers that waited alike printed 200 lines, which hid all other warnings.
#[test]
fn warnings_of_one_kind_share_a_line() {
    let folder = tempfile::tempdir().unwrap();
    let profile = std::fs::read(root("samples/lines/lines-node20.cpuprofile")).unwrap();
    let mut profile: serde_json::Value = serde_json::from_slice(&profile).unwrap();
    profile["timeDeltas"][100] = 9_000_000.into();
    let profile = profile.to_string();
    for worker in 10..30 {
        // Each worker has names of its own, so that none is a copy of another.
        let name = |letter| format!("\"functionName\":\"{letter}");
        let own = ["r", "c", "f", "h"].iter().fold(profile.clone(), |text, letter| {
            text.replace(&name(letter.to_string()), &name(format!("{letter}{worker}")))
        });
        std::fs::write(folder.path().join(format!("{worker}.cpuprofile")), own).unwrap();
    }
    let text = stderr(&run(&["fold", folder.path().to_str().unwrap()]));
    let gaps: Vec<&str> = text.lines().filter(|line| line.contains("gaps between")).collect();
    assert_eq!(gaps.len(), 1, "{text}");
    assert!(gaps[0].contains("/10.cpuprofile: "), "{text}");
    assert!(gaps[0].contains("; 19 more recordings have a warning of this kind: "), "{text}");
    assert!(gaps[0].ends_with("/13.cpuprofile and 16 more"), "{text}");
}
