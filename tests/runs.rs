//! Tests of run folders: their files, several runs at once, and output that depends on the input
//! only.

use crate::common;

use common::{command, failure, root, run, stderr, stdout};
use serde_json::Value;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A copy of files of a sample's run, in a folder of its own.
fn copy(sample: &str, names: &[&str]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    fs::create_dir(&run).unwrap();
    for name in names {
        fs::copy(root("samples").join(sample).join(name), run.join(name)).unwrap();
    }
    (folder, run)
}

fn log_of(sample: &str) -> String {
    let entries = fs::read_dir(root("samples").join(sample)).unwrap();
    let mut names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.find(|name| name.contains("v8.log")).unwrap()
}

fn samples_of(folder: &Path) -> u64 {
    let json: Value =
        serde_json::from_str(&stdout(&["-q", "top", text(folder), "--format", "json"])).unwrap();
    json["samples"].as_u64().unwrap()
}

#[test]
fn an_export_in_the_runs_folder_does_not_double_the_profile() {
    let log = log_of("spike/before-1");
    let (_folder, run_folder) = copy("spike/before-1", &[&log, "k6.csv.gz"]);
    let alone = samples_of(&run_folder);
    let written = |name: &str, args: &[&str]| {
        let path = run_folder.join(name);
        for _ in 0..2 {
            // The second time, the file exists and is not an input.
            let args = [&["-q"], args, &["-o", text(&path)]].concat();
            let output = run(&args);
            assert!(output.status.success(), "{args:?}: {}", stderr(&output));
        }
        let output = run(&["top", text(&run_folder)]);
        let said = stderr(&output);
        assert_eq!(said.matches("passed over").count(), 1, "{name}: {said}");
        assert!(said.contains(name.trim_end_matches(".gz")), "{name}: {said}");
        assert_eq!(samples_of(&run_folder), alone, "{name}");
        fs::remove_file(path).unwrap();
    };
    let input = text(&run_folder);
    written("x.cpuprofile", &["export", input, "--to", "cpuprofile"]);
    written("x.speedscope.json", &["export", input, "--to", "speedscope"]);
    written("x.pb.gz", &["export", input, "--to", "pprof"]);
    written("x.firefox.json", &["export", input, "--to", "firefox"]);
    written("x.folded", &["fold", input]);
    written("idle.folded", &["fold", input, "--idle", "keep"]);
    written("packages.folded", &["fold", input, "--group-by", "package"]);
    // A shell makes the file before our program starts.
    let out = fs::File::create(run_folder.join("f.folded")).unwrap();
    assert!(command(&["-q", "fold", input]).stdout(out).status().unwrap().success());
    fs::copy(run_folder.join("f.folded"), run_folder.join("g.folded")).unwrap();
    assert_eq!(samples_of(&run_folder), alone);
    let said = stderr(&run(&["top", input]));
    assert_eq!(said.matches("passed over").count(), 1, "{said}");
}

#[test]
fn recordings_of_two_runs_are_not_one() {
    let (first, second) = (log_of("spike/before-1"), log_of("spike/before-2"));
    let (_folder, run_folder) = copy("spike/before-1", &[&first, "k6.csv.gz"]);
    fs::copy(
        root("samples/spike/before-2").join(&second),
        run_folder.join(format!("second-{second}")),
    )
    .unwrap();
    let output = run(&["top", text(&run_folder)]);
    assert!(output.status.success());
    let said = stderr(&output);
    assert!(said.contains("they are two runs") && said.contains("second-"), "{said}");
    for window in ["plateau", "load", "10s..20s"] {
        let wrong = failure(&["-q", "top", text(&run_folder), "--window", window]);
        assert!(wrong.contains("they are two runs"), "{window}: {wrong}");
        assert!(wrong.contains("name the recordings of one"), "{window}: {wrong}");
    }
}

/// The error was: 200 recordings, one after the other, were "two runs".
#[test]
fn recordings_of_many_runs_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, start: u64, end: u64| {
        let profile = format!(
            r#"{{"nodes":[{{"id":1,"callFrame":{{"functionName":"{name}","scriptId":"1",
            "url":"/srv/a.js","lineNumber":1,"columnNumber":1}}}}],"startTime":{start},"endTime":{end},
            "samples":[1,1],"timeDeltas":[0,{}]}}"#,
            end - start
        );
        fs::write(folder.path().join(format!("{name}.cpuprofile")), profile).unwrap();
    };
    for at in 0..20 {
        put(&format!("run{at}"), at * 3_000_000, at * 3_000_000 + 1_000_000);
        // A worker of the same run, which ends later.
        put(&format!("worker{at}"), at * 3_000_000 + 500_000, at * 3_000_000 + 2_000_000);
    }
    let said = stderr(&run(&["top", text(folder.path())]));
    assert!(said.contains("worker0.cpuprofile had ended"), "{said}");
    assert!(said.contains("the recordings are of 20 runs"), "{said}");
}

#[test]
fn runs_of_which_one_has_no_plateau_fall_back_together() {
    let log = log_of("spike/before-1");
    let (_folder, run_folder) = copy("spike/before-1", &[&log]);
    // Throughput grows with the load until the end.
    let mut table = "time,rps,vus,p95\n".to_owned();
    for second in 0..60 {
        let (at, load) = (1_795_397_090 + second, second + 1);
        writeln!(table, "{at},{},{load},20", 2 * load).unwrap();
    }
    fs::write(run_folder.join("load.csv"), table).unwrap();
    let args = ["diff", "--before", text(&run_folder), "--after", "spike/after-1"];
    let output = run(&[&args[..], &["--window", "plateau"]].concat());
    assert!(output.status.success(), "{}", stderr(&output));
    let said = stderr(&output);
    assert!(said.contains("1 of 2 runs cannot show the plateau"), "{said}");
    assert!(said.contains("the time under load is used for all runs"), "{said}");
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(shown.contains("the time under load of each"), "{shown}");
    // Without a load timeline there is nothing to cut by, so whole runs are compared.
    fs::remove_file(run_folder.join("load.csv")).unwrap();
    let output = run(&[&args[..], &["--window", "plateau"]].concat());
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).contains("the whole run is used for all runs"), "{}", stderr(&output));
}

/// The error was: "a window by a load test needs the load of one run, and several were given".
#[test]
fn several_runs_are_each_cut_to_their_own_window() {
    let json = |args: &[&str]| -> Value {
        serde_json::from_str(&stdout(&[&["-q"], args, &["--format", "json"]].concat())).unwrap()
    };
    for window in ["plateau", "before", "load", "10s..20s"] {
        let cut = ["--window", window];
        let one = |name: &str| json(&[&["top", name], &cut[..]].concat());
        let both = json(&[&["top", "spike/before-1", "spike/after-1"], &cut[..]].concat());
        let sum = |at: fn(&Value) -> u64| at(&one("spike/before-1")) + at(&one("spike/after-1"));
        let kept = |top: &Value| top["samples"].as_u64().unwrap();
        assert_eq!(kept(&both), sum(|top| top["samples"].as_u64().unwrap()), "{window}");
        let out = |top: &Value| top["left_out"].as_u64().unwrap();
        assert_eq!(out(&both), sum(|top| top["left_out"].as_u64().unwrap()), "{window}");
        let note = both["window"]["note"].as_str().unwrap();
        assert!(note.contains("of each of 2 runs (before-1: "), "{note}");
        assert!(note.contains("; after-1: ") && note.contains("of the load test"), "{note}");
        let folded =
            stdout(&[&["-q", "fold", "spike/before-1", "spike/after-1"], &cut[..]].concat());
        let weights = folded.lines().filter_map(|line| line.rsplit_once(' '));
        let folded: u64 = weights.map(|(_, weight)| weight.parse::<u64>().unwrap()).sum();
        assert_eq!(folded, kept(&both), "{window}");
    }
    let logs = ["spike/before-1", "spike/after-1"].map(|sample| {
        root("samples").join(sample).join(log_of(sample)).to_str().unwrap().to_owned()
    });
    let files = json(&["top", &logs[0], &logs[1], "--window", "plateau"]);
    let folders = json(&["top", "spike/before-1", "spike/after-1", "--window", "plateau"]);
    assert_eq!(files["samples"], folders["samples"]);
    let start = ["--window", "plateau", "--profile-start", "2026-11-23T01:24:45Z"];
    let why = failure(&[&["top", "spike/before-1", "spike/after-1"], &start[..]].concat());
    assert!(why.contains("name one run"), "{why}");
    let two = ["top", "spike/before-1", "spike/after-1", "--window", "load", "--from", "1s"];
    assert!(failure(&two).contains("give one of them"));
}

/// The error was: a comparison by plateaus ended with an error, because the clock of one run was not
/// known; so did `top` with several runs.
#[test]
fn a_run_without_a_clock_ends_no_command_over_several_runs() {
    let (_folder, unknown) = copy("spike/before-1", &["k6.csv.gz"]);
    let profile = root("samples/json/mix-node22.cpuprofile.zst");
    fs::copy(profile, unknown.join("one.cpuprofile.zst")).unwrap();
    let other = "json/wasm-node22.cpuprofile.zst";
    let why = failure(&["top", text(&unknown), "--window", "plateau"]);
    assert!(why.contains("--profile-start") && why.contains("without --window"), "{why}");
    let (_other, second) = copy("spike/after-1", &["k6.csv.gz"]);
    fs::copy(root("samples").join(other), second.join("two.cpuprofile.zst")).unwrap();
    for window in ["plateau", "before", "load"] {
        let args = ["--before", text(&unknown), "--after", text(&second), "--window", window];
        let output = run(&[&["diff"], &args[..]].concat());
        let said = stderr(&output);
        assert!(output.status.success(), "{window}: {said}");
        assert!(said.contains("the whole run is used for all runs"), "{window}: {said}");
        assert!(said.contains("--profile-start"), "{window}: {said}");
        let shown = String::from_utf8(output.stdout).unwrap();
        assert!(shown.contains("whole runs"), "{window}: {shown}");
        for command in ["top", "fold"] {
            let output = run(&[command, text(&unknown), text(&second), "--window", window]);
            let said = stderr(&output);
            assert!(output.status.success(), "{command} {window}: {said}");
            assert!(said.contains("the whole run is used for all runs"), "{said}");
        }
    }
    // Times that the user gave are not replaced in silence.
    let times = ["--before", text(&unknown), "--after", text(&second), "--window", "1s..9s"];
    assert!(failure(&[&["diff"], &times[..]].concat()).contains("--profile-start"));
}

#[test]
fn windows_by_times_keep_their_requests() {
    let args = ["-q", "diff", "--before", "spike/before-1", "--after", "spike/after-1"];
    for window in [&["--window", "20s..60s"][..], &["--from", "20s", "--to", "60s"]] {
        let shown = stdout(&[&args[..], window, &["--format", "json"]].concat());
        let json: Value = serde_json::from_str(&shown).unwrap();
        assert_eq!(json["unit"], "cpu_ms_per_request", "{window:?}: {}", json["unit"]);
    }
}

/// Each command, in each of its formats.
const OUTPUTS: &[&[&str]] = &[
    &["fold", "spike/before-1"],
    &["top", "spike/before-1"],
    &["top", "spike/before-1", "--format", "markdown"],
    &["top", "spike/before-1", "--format", "json"],
    &["flame", "spike/before-1", "-o", "-"],
    &["flame", "spike/before-1", "-o", "-", "--static", "--colors", "package"],
    &["export", "spike/before-1", "-o", "-", "--to", "pprof"],
    &["export", "spike/before-1", "-o", "-", "--to", "speedscope"],
    &["export", "spike/before-1", "-o", "-", "--to", "firefox"],
    &["export", "spike/before-1", "-o", "-", "--to", "cpuprofile"],
    &["export", "spike/before-1", "-o", "-", "--to", "folded"],
    &["export", "spike/before-1", "-o", "-", "--to", "otlp"],
    &["export", "spike/before-1", "-o", "-", "--to", "otlp-json"],
    &["queries", "queries/mariadb-slow.log"],
    &["queries", "queries/mariadb-slow.log", "--format", "markdown"],
    &["queries", "queries/mariadb-slow.log", "--format", "json"],
    &["errors", "errors"],
    &["errors", "errors", "--format", "markdown"],
    &["errors", "errors", "--format", "json"],
    &["plateau", "load/k6.json.gz"],
    &["plateau", "load/k6.json.gz", "--format", "json"],
    &["capacity", "--load", "load/k6.json.gz"],
    &["capacity", "--load", "load/k6.json.gz", "--format", "json"],
    &["diff", "--before", "spike/before-1", "--after", "spike/after-1"],
    &["diff", "--before", "spike/before-1", "--after", "spike/after-1", "--format", "markdown"],
    &["diff", "--before", "spike/before-1", "--after", "spike/after-1", "--format", "json"],
    &["diff", "--before", "spike/before-1", "--after", "spike/after-1", "--power"],
    &["diff", "--against-history", "json"],
    &["doctor", "spike/before-1"],
    &["doctor", "spike/before-1", "--format", "json"],
    &["completions", "bash"],
    &["man"],
];

#[test]
fn two_processes_write_the_same_bytes_in_every_format() {
    for args in OUTPUTS {
        let once = |threads: &str| {
            let output = run(&[*args, &["--threads", threads]].concat());
            assert!(output.status.success(), "{args:?}: {}", stderr(&output));
            (output.stdout, output.stderr)
        };
        assert!(once("0") == once("3"), "{args:?}");
    }
    let write = |folder: &Path| {
        let args = ["-q", "diff", "--before", "spike/before-1", "--after", "spike/after-1"];
        assert!(run(&[&args[..], &["-o", text(folder)]].concat()).status.success());
        for name in ["run.html", "run.md"] {
            let out = folder.join(name);
            let args = ["-q", "report", "spike/after-1", "--before", "spike/before-1"];
            assert!(run(&[&args[..], &["-o", text(&out)]].concat()).status.success(), "{name}");
        }
        let merged = folder.join("merged.pb.gz");
        let args = ["-q", "merge", "spike/before-1", "spike/after-1", "-o", text(&merged)];
        assert!(run(&args).status.success());
    };
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    folders.iter().for_each(|folder| write(folder.path()));
    let mut files = 0;
    for entry in fs::read_dir(folders[0].path()).unwrap() {
        let name = entry.unwrap().file_name();
        let read = |folder: &TempDir| fs::read(folder.path().join(&name)).unwrap();
        assert!(read(&folders[0]) == read(&folders[1]), "{}", name.display());
        files += 1;
    }
    assert!(files >= 9, "{files}");
}

#[test]
fn the_test_of_two_processes_has_every_command_that_writes_from_files() {
    let elsewhere = ["report", "merge", "help"];
    let not_from_files = ["record", "ab", "attach", "push", "pull"];
    let help = stdout(&["--help"]);
    let (_, commands) = help.split_once("Commands:\n").unwrap();
    let names = commands.lines().take_while(|line| !line.is_empty());
    let names: Vec<&str> = names
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(names.len() > 15, "{names:?}");
    for name in names {
        let is_known = elsewhere.contains(&name) || not_from_files.contains(&name);
        assert!(is_known || OUTPUTS.iter().any(|args| args[0] == name), "{name}");
    }
}

/// The error was: the alphabetically first load test of a folder was taken, also one of another
/// day.
#[test]
fn of_two_load_tests_the_one_of_the_recordings_time_is_taken() {
    let log = log_of("spike/before-1");
    let (_folder, run_folder) = copy("spike/before-1", &[&log, "k6.csv.gz"]);
    let alone = stdout(&["plateau", text(&run_folder), "--format", "json"]);
    fs::copy(root("samples/spike/before-2/k6.csv.gz"), run_folder.join("a.csv.gz")).unwrap();
    assert_eq!(stdout(&["plateau", text(&run_folder), "--format", "json"]), alone);
    let window = ["top", text(&run_folder), "--window", "plateau"];
    let output = run(&window);
    assert!(output.status.success(), "{}", stderr(&output));
    // A packed copy, and the same test in another format, are the same test.
    fs::copy(root("samples/load/k6.json.gz"), run_folder.join("x.json.gz")).unwrap();
    fs::copy(run_folder.join("k6.csv.gz"), run_folder.join("l6.csv.gz")).unwrap();
    assert!(run(&window).status.success());
    // Without a recording, nothing shows which of them is meant.
    fs::remove_file(run_folder.join(&log)).unwrap();
    let why = failure(&["plateau", text(&run_folder)]);
    assert!(
        why.contains("a.csv.gz (") && why.contains("k6.csv.gz (") && why.contains("FILE"),
        "{why}"
    );
    fs::remove_file(run_folder.join("a.csv.gz")).unwrap();
    assert!(run(&["plateau", text(&run_folder)]).status.success());
}

/// The error was: `x.folded` and `x.folded.gz` were added up.
#[test]
fn a_packed_copy_of_a_small_recording_counts_once() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("x.folded"), "a;b 3\nc;d 4\n").unwrap();
    let alone = samples_of(folder.path());
    let sample = root("samples/maps/terser-node22.folded.zst");
    for name in ["y.folded.zst", "z.folded.zst"] {
        fs::copy(&sample, folder.path().join(name)).unwrap();
    }
    let once = samples_of(folder.path());
    let plain = stdout(&["-q", "fold", text(&folder.path().join("y.folded.zst"))]);
    assert!(once > alone);
    fs::write(folder.path().join("y.folded"), plain).unwrap();
    assert_eq!(samples_of(folder.path()), once);
    let said = stderr(&run(&["top", text(folder.path())]));
    assert!(said.contains("y.folded.zst") || said.contains("z.folded.zst"), "{said}");
}

/// The error was: logs of Node 22 and Node 24 were added up in silence.
#[test]
fn recordings_of_several_programs_are_warned_of() {
    let said = stderr(&run(&["top", "maps"]));
    assert!(said.contains("several programs") && said.contains("Node 24"), "{said}");
    let workers =
        ["main", "worker1", "worker2"].map(|of| format!("v8/workers-node20.{of}.log.zst"));
    let said = stderr(&run(&["top", &workers[0], &workers[1], &workers[2]]));
    assert!(!said.contains("several programs"), "{said}");
}

/// The error was: a recording that was named twice, packed and not, was added up in silence.
#[test]
fn a_recording_that_is_named_twice_counts_once() {
    let folder = tempfile::tempdir().unwrap();
    let put = |from: &str, to: &str| {
        let path = folder.path().join(to);
        fs::copy(root("samples").join(from), &path).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let log = put("v8/mix-node20.log.zst", "x.log.zst");
    let unpacked = folder.path().join("x.log");
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(
        &mut spikeflame_parse::open(Path::new(&log), &Default::default()).unwrap(),
        &mut bytes,
    )
    .unwrap();
    fs::write(&unpacked, bytes).unwrap();
    let copy = put("v8/mix-node20.log.zst", "copy.log.zst");
    let other = put("v8/mix-node22.log.zst", "other.log.zst");
    let written = |to: &str, name: &str| {
        let path = folder.path().join(name);
        let output = run(&["-q", "export", &log, "--to", to, "-o", text(&path)]);
        assert!(output.status.success(), "{}", stderr(&output));
        path.to_str().unwrap().to_owned()
    };
    let pprof = written("pprof", "e.pb.gz");
    let speedscope = written("speedscope", "e.speedscope.json");
    let total = |names: &[&str]| {
        let args = [&["top"], names, &["--format", "json"]].concat();
        let output = run(&args);
        let json: Value = serde_json::from_slice(&output.stdout).unwrap();
        (json["samples"].as_u64().unwrap(), stderr(&output).matches("passed over").count())
    };
    let (alone, said) = total(&[&log]);
    assert_eq!(said, 0);
    for twice in [
        vec![log.as_str(), &log],
        vec![&log, text(&unpacked)],
        vec![&log, &copy],
        vec![&pprof, &log],
        vec![&log, &speedscope],
        vec![&pprof, &speedscope],
        vec![&log, text(&unpacked), &copy, &pprof, &speedscope],
    ] {
        assert_eq!(total(&twice), (alone, 1), "{twice:?}");
    }
    // Other recordings are added up, whatever their formats are.
    let (second, _) = total(&[&other]);
    assert_eq!(total(&[&log, &other]), (alone + second, 0));
    assert_eq!(total(&[&other, &pprof]), (alone + second, 0));
    let small = ["a.folded", "b.folded"].map(|name| {
        fs::write(folder.path().join(name), "a;b 3\nc;d 4\n").unwrap();
        folder.path().join(name).to_str().unwrap().to_owned()
    });
    assert_eq!(total(&[&small[0], &small[1]]), (14, 0));
}

/// Quoted patterns reach the program as they are, and every pattern on Windows.
#[test]
fn patterns_are_expanded_by_every_command_that_takes_several_paths() {
    let folder = tempfile::tempdir().unwrap();
    for at in 1..=2 {
        let name = folder.path().join(format!("[a]-{at}.folded"));
        fs::write(name, format!("main;work {at}\n")).unwrap();
    }
    let both = folder.path().join("[a]-*.folded").display().to_string();
    let folded = stdout(&["fold", "-q", &both]);
    assert_eq!(folded, "main;work 3\n");
    let merged = folder.path().join("all.pb.gz").display().to_string();
    run(&["merge", "-q", &both, "-o", &merged]);
    assert_eq!(stdout(&["fold", "-q", &merged]), folded);
    let page = folder.path().join("page.md").display().to_string();
    run(&["report", "-q", "spike/after-*", "--before", "spike/before-*", "-o", &page]);
    assert!(fs::read_to_string(&page).unwrap().contains("2 against 2 runs"));
    assert!(stdout(&["errors", "-q", "errors/*.log"]).contains("errors"));
    let none = failure(&["top", "nothing-*.log"]);
    assert!(none.contains("no file or folder matches this pattern"), "{none}");
}
