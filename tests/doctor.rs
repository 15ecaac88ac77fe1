//! Tests of `spikeflame doctor`, which lists the files in a run's folder and the missing parts.

use crate::common;
use crate::marks;

use common::{command, failure, root, stdout};
use serde_json::Value;
use std::fs;
use std::path::Path;

fn diagnose(path: &Path) -> Value {
    diagnose_with(&["doctor", path.to_str().unwrap()])
}

fn diagnose_with(words: &[&str]) -> Value {
    let text = stdout(&[words, &["--format", "json"]].concat());
    let found: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(found["schema"], "spikeflame.doctor/1");
    found
}

fn state(found: &Value, what: &str) -> String {
    let checks = found["checks"].as_array().unwrap();
    let check = checks.iter().find(|check| check["what"] == what);
    check.map_or_else(String::new, |check| check["state"].as_str().unwrap().to_owned())
}

fn is_ready(found: &Value, name: &str) -> bool {
    let steps = found["commands"].as_array().unwrap();
    let step = steps.iter().find(|step| step["command"] == name).unwrap();
    assert_ne!(step["line"], "");
    assert_eq!(step["ready"] == true, step["missing"] == "");
    step["ready"] == true
}

#[test]
fn a_whole_run_is_ready_for_every_window() {
    let found = diagnose(&root("samples/spike/before-1"));
    for what in ["load", "clocks", "plateau", "builds", "symbols", "source maps"] {
        assert_eq!(state(&found, what), "good", "{what}: {found:#}");
    }
    for name in ["top", "flame", "report", "plateau", "top --window plateau", "diff"] {
        assert!(is_ready(&found, name), "{name}");
    }
    assert!(!is_ready(&found, "errors"));
    let contents: Vec<_> = found["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| file["content"].as_str().unwrap())
        .collect();
    assert_eq!(contents, ["recording", "other", "load test"]);
}

#[test]
fn the_lines_that_it_calls_ready_run() {
    for run in [
        "spike/before-1",
        "spike/before-1/isolate-v8.log.zst",
        "spike/before-1/k6.csv.gz",
        "queries",
        "load",
        "load/half-load.csv",
        "load/k6-light.json.gz",
        "load/k6.json.gz",
        "load/wrk.txt",
        "load/siege.json",
        "load/autocannon.json",
        "load/k6-summary.txt",
        "load/locust-totals.csv",
        "errors/pool.log",
        "errors/notes.log",
    ] {
        hold(&diagnose(&root("samples").join(run)));
    }
}

/// The error was: the proposed lines lacked the options that `doctor` was given, so that they read
/// other files than it had checked.
#[test]
fn the_lines_have_the_options_that_it_was_given() {
    let folder = tempfile::tempdir().unwrap();
    let copy = |from: &str, to: &str| {
        fs::copy(root("samples/spike").join(from), folder.path().join(to)).unwrap();
    };
    copy("before-1/isolate-v8.log.zst", "isolate-v8.log.zst");
    copy("before-1/k6.csv.gz", "a test.csv.gz");
    fs::create_dir(folder.path().join("run")).unwrap();
    let run = folder.path().join("run");
    fs::rename(folder.path().join("isolate-v8.log.zst"), run.join("isolate-v8.log.zst")).unwrap();
    let (run, test) = (run.to_str().unwrap(), folder.path().join("a test.csv.gz"));
    let symbols = folder.path().to_str().unwrap();
    let options = ["--load", test.to_str().unwrap(), "--symbols", symbols, "--plateau", "1"];
    let found = diagnose_with(&[&["doctor", run], &options[..]].concat());
    for what in ["load", "clocks", "plateau"] {
        assert_eq!(state(&found, what), "good", "{what}: {found:#}");
    }
    let steps = found["commands"].as_array().unwrap();
    let line = |name: &str| {
        let step = steps.iter().find(|step| step["command"] == name).unwrap();
        step["line"].as_str().unwrap().to_owned()
    };
    assert_eq!(line("top"), format!("spikeflame top {run} --symbols {symbols}"));
    let load = format!("--load '{}' --plateau 1", test.display());
    let window = line("top --window plateau");
    assert!(window.ends_with(&format!("--symbols {symbols} --window plateau {load}")), "{window}");
    assert!(line("plateau").contains(&format!("a test.csv.gz' --profile {run} --plateau 1")));
    assert!(line("capacity").contains("a test.csv.gz' --plateau 1"), "{}", line("capacity"));
    hold(&found);
    // The times of this log name no zone, and without it no window of them is known.
    let log = root("samples/errors/pool.log");
    let found = diagnose_with(&["doctor", log.to_str().unwrap(), "--log-zone", "-03:00"]);
    for name in ["top", "report", "errors"] {
        let steps = found["commands"].as_array().unwrap();
        let step = steps.iter().find(|step| step["command"] == name).unwrap();
        assert!(step["line"].as_str().unwrap().contains("pool.log --log-zone -03:00"), "{step}");
    }
    hold(&found);
}

/// The error was: a load test that was named as a file was missing, when others lay beside it.
#[test]
fn one_load_test_among_others_is_the_one_that_was_named() {
    for (file, is_totals) in [("load/k6.json.gz", false), ("load/wrk.txt", true)] {
        let found = diagnose(&root("samples").join(file));
        assert_eq!(state(&found, "load"), if is_totals { "missing" } else { "good" }, "{found:#}");
        assert!(!found.to_string().contains("different times"), "{found:#}");
        assert!(is_ready(&found, "capacity"), "{found:#}");
        assert_eq!(is_ready(&found, "plateau"), !is_totals, "{found:#}");
    }
    // A recording chooses among several; commands that read no recording get the file itself.
    let run = root("samples/spike/before-1");
    let folder = root("samples/load");
    let words = ["doctor", run.to_str().unwrap(), "--load", folder.to_str().unwrap()];
    let found = diagnose_with(&words);
    assert!(is_ready(&found, "capacity") && found.to_string().contains("load/k6.json.gz"));
    hold(&found);
    // No command takes one load test of several in a folder without a word.
    let found = diagnose(&root("samples/load"));
    assert!(!is_ready(&found, "capacity") && !is_ready(&found, "plateau"), "{found:#}");
}

/// The error was: `capacity` needed a plateau, although `--window` takes its numbers from another
/// part of the test.
#[test]
fn capacity_of_a_test_without_a_plateau_takes_another_window() {
    // A table with percentiles alone does not show how many requests are in flight.
    assert!(!is_ready(&diagnose(&root("samples/load/half-load.csv")), "capacity"));
    let found = diagnose(&root("samples/load/k6-light.json.gz"));
    assert_eq!(state(&found, "plateau"), "missing");
    assert!(is_ready(&found, "capacity"), "{found:#}");
    let steps = found["commands"].as_array().unwrap();
    let step = steps.iter().find(|step| step["command"] == "capacity").unwrap();
    assert!(step["line"].as_str().unwrap().contains(" --window "), "{step}");
}

/// Splits a line of a shell into words, at spaces outside of single quotes.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for (at, part) in line.split('\'').enumerate() {
        let mut pieces =
            if at % 2 == 0 { part.split(' ').collect() } else { vec![part] }.into_iter();
        words.last_mut().unwrap().push_str(pieces.next().unwrap_or_default());
        words.extend(pieces.map(str::to_owned));
    }
    words
}

fn hold(found: &Value) {
    for step in found["commands"].as_array().unwrap().iter().filter(|step| step["ready"] == true) {
        let line = step["line"].as_str().unwrap();
        let words = words(line);
        let words: Vec<&str> =
            words.iter().skip(1).map(String::as_str).filter(|word| *word != "--open").collect();
        if words[0] == "diff" {
            continue;
        }
        let folder = tempfile::tempdir().unwrap();
        let output = command(&words).current_dir(&folder).output().unwrap();
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn an_empty_folder_gets_the_line_that_fills_it() {
    let folder = tempfile::tempdir().unwrap();
    let found = diagnose(folder.path());
    assert_eq!(found["files"].as_array().unwrap().len(), 0);
    assert_eq!(state(&found, "load"), "missing");
    assert!(!is_ready(&found, "top") && !is_ready(&found, "plateau"));
    let text = stdout(&["doctor", folder.path().to_str().unwrap()]);
    assert_eq!(text.matches("spikeflame record -o").count(), 1, "{text}");
    assert!(failure(&["doctor", "no/such/run"]).contains("spikeflame record"));
}

#[test]
fn damaged_and_foreign_files_are_named_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    let log = fs::read(root("samples/v8/mix-node22.log.zst")).unwrap();
    put("cut.log.zst", &log[..log.len() / 2]);
    put("cut.cpuprofile", b"{\"nodes\": [{\"id\": 1, ");
    put("empty.log", b"");
    put("notes.txt", b"buy milk\n");
    put("run.json", b"{ not json");
    put("\u{1b}[31mred.txt", b"x");
    let found = diagnose(folder.path());
    let files = found["files"].as_array().unwrap();
    assert_eq!(files.len(), 6);
    for file in files {
        // The data before the damage is used, and a warning names the file.
        let is_cut = file["name"] == "cut.log.zst";
        let expected: &[&str] = if is_cut { &["recording"] } else { &["unusable", "other"] };
        assert!(expected.contains(&file["content"].as_str().unwrap()), "{file}");
        assert_ne!(file["about"], "", "{file}");
    }
    let warnings = found["warnings"].to_string();
    assert!(warnings.contains("cut.log: the packed data is damaged"), "{warnings}");
    let text = stdout(&["doctor", folder.path().to_str().unwrap()]);
    assert!(!text.contains('\u{1b}'), "{text}");
}

#[test]
fn a_recording_beside_another_test_has_no_common_clock() {
    let folder = tempfile::tempdir().unwrap();
    let copy = |from: &str, to: &str| {
        fs::copy(root("samples").join(from), folder.path().join(to)).unwrap();
    };
    copy("v8/mix-node22.log.zst", "isolate-v8.log.zst");
    copy("spike/before-1/k6.csv.gz", "k6.csv.gz");
    let found = diagnose(folder.path());
    assert_eq!(state(&found, "clocks"), "missing");
    assert!(is_ready(&found, "top") && !is_ready(&found, "top --window plateau"), "{found:#}");
}

#[test]
fn every_sample_gets_an_answer() {
    for folder in ["errors", "maps", "perf", "pprof", "queries", "json", "app"] {
        let found = diagnose(&root("samples").join(folder));
        assert!(!found["commands"].as_array().unwrap().is_empty(), "{folder}");
    }
}

/// The error was: `report` refused a folder that has only a log without a way on, and `doctor` said
/// that no command but `errors` could read it.
#[test]
fn a_log_alone_has_one_way_on_in_every_command() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("app.log");
    fs::copy(root("samples/errors/pool.log"), &log).unwrap();
    let path = folder.path().to_str().unwrap();
    let wanted = format!("spikeflame report {}", log.display());
    for command in ["report", "top", "flame"] {
        let error = failure(&[command, path]);
        assert!(error.contains(&wanted) && error.contains("spikeflame errors"), "{error}");
    }
    for found in [diagnose(folder.path()), diagnose(&log)] {
        let commands = found["commands"].as_array().unwrap();
        let report = commands.iter().find(|step| step["command"] == "report").unwrap();
        assert_eq!(report["line"], format!("{wanted} --open"), "{found:#}");
        assert!(is_ready(&found, "report") && is_ready(&found, "top"), "{found:#}");
        // The error was: "diff needs a recording", although it compares logs too.
        assert!(is_ready(&found, "diff"), "{found:#}");
    }
    // Without errors there is nothing to show.
    fs::write(&log, "listening on 3000\n").unwrap();
    assert!(!failure(&["report", path]).contains("makes a page of them"));
}

/// The error was: `report` refused a folder that has only a load test without a way on.
#[test]
fn a_load_test_alone_has_a_way_on() {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(root("samples/load/k6.json.gz"), folder.path().join("k6.json.gz")).unwrap();
    let path = folder.path().to_str().unwrap();
    for command in ["report", "top", "flame"] {
        let error = failure(&[command, path]);
        assert!(error.contains(&format!("spikeflame plateau {path}")), "{error}");
    }
}

/// The error was: the recorder's own files were not known, and a CSV was called a log.
#[test]
fn the_recorders_own_files_have_names() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    put("app.log", "listening on 3000\n");
    put("maps-42.txt", "55d0c0000000-55d0c0001000 r-xp 00000000 08:01 42   /usr/bin/node\n");
    put(
        "process.csv",
        "time,pid,cpu_cores,main_thread_cores\n2026-11-27T23:26:17.811Z,42,0.1042,0.0931\n",
    );
    put("rds.csv", "time,CPUUtilization\n2026-11-27T23:26:00Z,40\n2026-11-27T23:27:00Z,42\n");
    let found = diagnose(folder.path());
    let files = found["files"].as_array().unwrap();
    let contents: Vec<_> = files.iter().map(|file| file["content"].as_str().unwrap()).collect();
    assert_eq!(contents, ["log", "addresses", "usage", "monitor"], "{found:#}");
    assert!(files[3]["about"].as_str().unwrap().contains("--with"), "{found:#}");
    assert!(is_ready(&found, "errors"));
}

/// A folder with the recordings of two runs, and the load test of the second.
fn two_runs() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let copy = |from: &str, to: &str| {
        fs::copy(root("samples/spike").join(from), folder.path().join(to)).unwrap();
    };
    copy("before-2/isolate-v8.log.zst", "a.log.zst");
    copy("before-1/isolate-v8.log.zst", "b.log.zst");
    copy("before-1/k6.csv.gz", "k6.csv.gz");
    folder
}

/// The error was: `--profile-start` was proposed, which is refused for recordings of two runs.
#[test]
fn for_recordings_of_two_runs_the_line_that_goes_on_works() {
    let folder = two_runs();
    let found = diagnose(folder.path());
    assert_eq!(state(&found, "clocks"), "missing");
    let steps = found["commands"].as_array().unwrap();
    let step = steps.iter().find(|step| step["command"] == "top --window plateau").unwrap();
    let line = step["line"].as_str().unwrap();
    assert!(line.contains("b.log.zst"), "{line}");
    let words: Vec<&str> = line.split(' ').skip(1).collect();
    assert!(command(&words).output().unwrap().status.success(), "{line}");
}

/// The error was: the line that goes on named a recording whose load test has no plateau, and failed.
#[test]
fn of_two_runs_with_loads_the_one_with_a_plateau_is_proposed() {
    let folder = two_runs();
    // At the time of `a.log.zst`, every request failed.
    let rows = |at: u32| {
        format!(
            "vus,{0},2.0,,,,\nhttp_req_duration,{0},12.0,,false,a,500\nhttp_req_duration,{0},12.0,,false,a,500\n",
            1795397384 + at
        )
    };
    let header = "metric_name,timestamp,metric_value,error,expected_response,name,status\n";
    let failed = header.to_owned() + &(0..60).map(rows).collect::<String>();
    fs::write(folder.path().join("failed.csv"), failed).unwrap();
    let found = diagnose(folder.path());
    let steps = found["commands"].as_array().unwrap();
    let step = steps.iter().find(|step| step["command"] == "top --window plateau").unwrap();
    let line = step["line"].as_str().unwrap();
    assert!(line.contains("b.log.zst --window plateau"), "{line}");
    let words: Vec<&str> = line.split(' ').skip(1).collect();
    assert!(command(&words).output().unwrap().status.success(), "{line}");
    // The error was: one of the load tests was passed over without a word.
    let output = command(&["plateau", folder.path().to_str().unwrap()]).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("not used, because"), "{told}");
    fs::remove_file(folder.path().join("failed.csv")).unwrap();
    let output = command(&["plateau", folder.path().to_str().unwrap()]).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!told.contains("not used, because"), "{told}");
}

/// The error was: in a folder with other files, `record -o` was proposed for that folder, which it
/// refuses.
#[test]
fn a_new_folder_is_proposed_where_files_are() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("server.js"), "require('http');\n").unwrap();
    fs::create_dir_all(folder.path().join("runs/before-1")).unwrap();
    let output = command(&["doctor", "."]).current_dir(&folder).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("record -o runs/before-2 --load"), "{text}");
    let empty = diagnose(&folder.path().join("runs/before-1"));
    let line = empty["commands"][0]["line"].as_str().unwrap();
    assert!(line.contains("runs/before-1 --load"), "{line}");
}

/// The error was: `--profile-start` was proposed with the start that the log holds.
#[test]
fn a_known_start_of_the_profile_is_not_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let log = root("samples/spike/before-1/isolate-v8.log.zst");
    fs::copy(log, folder.path().join("isolate-v8.log.zst")).unwrap();
    let mut rows = String::from("metric_name,timestamp,metric_value,check,error,error_code\n");
    for second in 0..40 {
        let at = 1_600_000_000 + second;
        for _ in 0..20 {
            rows += &format!("http_reqs,{at},1,,,\nhttp_req_duration,{at},12,,,\n");
        }
    }
    fs::write(folder.path().join("k6.csv"), rows).unwrap();
    let found = diagnose(folder.path());
    assert_eq!(state(&found, "clocks"), "missing", "{found:#}");
    let steps = found["commands"].as_array().unwrap();
    let step = steps.iter().find(|step| step["command"] == "top --window plateau").unwrap();
    let line = step["line"].as_str().unwrap();
    assert!(line.starts_with("spikeflame record -o runs/before-"), "{line}");
}

/// The error was: "the 9 functions of your own code have source maps here", which were those of
/// packages.
#[test]
fn source_maps_of_packages_are_not_those_of_own_code() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let map = r#"{"version":3,"sources":["index.ts"],"names":[],"mappings":"AAAA,SAAS"}"#;
    let profile = |own: &str, dep: &str| {
        let frame = |id: u32, name: &str, file: &str, children: &str| {
            // The root has no file.
            let url = match file {
                "" => String::new(),
                file => format!("file://{}", folder.path().join(file).display()),
            };
            format!(
                r#"{{"id":{id},"callFrame":{{"functionName":"{name}","scriptId":"{id}","url":"{url}","lineNumber":0,"columnNumber":12}},"hitCount":5,"children":[{children}]}}"#
            )
        };
        let nodes =
            [frame(1, "(root)", "", "2"), frame(2, "our", own, "3"), frame(3, "dep", dep, "")];
        format!(
            r#"{{"nodes":[{}],"startTime":0,"endTime":9000,"samples":[2,3,2,3],"timeDeltas":[1000,1000,1000,1000]}}"#,
            nodes.join(",")
        )
    };
    put("app.js", "function our() {}\n");
    put("node_modules/x/index.js", "function dep() {}\n//# sourceMappingURL=index.js.map\n");
    put("node_modules/x/index.js.map", map);
    put("run/a.cpuprofile", &profile("app.js", "node_modules/x/index.js"));
    let found = diagnose(&folder.path().join("run"));
    assert_eq!(state(&found, "source maps"), "good", "{found:#}");
    // With a map of the own file, it is counted.
    put("built.js", "function our() {}\n//# sourceMappingURL=built.js.map\n");
    put("built.js.map", map);
    let maps = |own: &str, dep: &str| {
        put("run/a.cpuprofile", &profile(own, dep));
        let found = diagnose(&folder.path().join("run"));
        let checks = found["checks"].as_array().unwrap();
        let maps = checks.iter().find(|check| check["what"] == "source maps").unwrap();
        (state(&found, "source maps"), maps["text"].as_str().unwrap().to_owned())
    };
    let (how, text) = maps("built.js", "app.js");
    assert!(how == "partly" && text.starts_with("1 of the 2 "), "{how}: {text}");
    // The error was: "partly", when all functions have maps.
    let (how, text) = maps("built.js", "node_modules/x/index.js");
    assert!(
        how == "good" && text.starts_with("the function of your own code has"),
        "{how}: {text}"
    );
    put("more.js", "function dep() {}\n//# sourceMappingURL=built.js.map\n");
    let (how, text) = maps("built.js", "more.js");
    assert!(how == "good" && text.starts_with("all 2 functions"), "{how}: {text}");
}

/// The error was: a slow query log was called an application's log that is ready for `errors`,
/// `queries` and `capacity` had no rows, and a new recording was proposed for a complete run.
#[test]
fn each_log_is_ready_for_its_own_command() {
    let queries = root("samples/queries");
    let found = diagnose(&queries);
    assert!(is_ready(&found, "queries") && !is_ready(&found, "errors"), "{found:#}");
    assert!(!is_ready(&found, "capacity"), "{found:#}");
    let text = stdout(&["doctor", queries.to_str().unwrap()]);
    assert!(text.contains("statements of a database, and no errors"), "{text}");
    let run = root("samples/spike/before-1");
    let found = diagnose(&run);
    assert!(is_ready(&found, "capacity") && !is_ready(&found, "queries"), "{found:#}");
    let text = stdout(&["doctor", run.to_str().unwrap()]);
    assert!(!text.contains("go on with") && text.contains("app.log"), "{text}");
    let found = diagnose(&root("samples/errors/nest-7.log"));
    assert!(is_ready(&found, "errors") && !is_ready(&found, "queries"), "{found:#}");
}

/// The error was: clocks that differ by seconds were called good, above a warning about them.
#[test]
fn clocks_that_differ_by_seconds_are_not_good() {
    use std::io::Read;
    let mut text = String::new();
    let log = root("samples/spike/before-1/isolate-v8.log.zst");
    spikeflame_parse::open(&log, &Default::default()).unwrap().read_to_string(&mut text).unwrap();
    for (late_s, expected) in [(0, "good"), (9, "partly")] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("isolate-v8.log"), marks::later(&text, late_s)).unwrap();
        fs::copy(root("samples/load/k6.json.gz"), folder.path().join("k6.json.gz")).unwrap();
        assert_eq!(state(&diagnose(folder.path()), "clocks"), expected);
    }
}

/// The error was: of a process that two profilers had recorded, both recordings were read, as of several
/// programs.
#[test]
fn a_process_that_two_profilers_recorded_is_one_program() {
    let folder = tempfile::tempdir().unwrap();
    for (from, to) in [
        ("v8/cpuprof-node22.log.zst", "isolate-0x36d6a6d0-4711-v8.log.zst"),
        ("json/mix-node22.cpuprofile.zst", "CPU.20261129.234550.4711.0.001.cpuprofile.zst"),
    ] {
        fs::copy(root("samples").join(from), folder.path().join(to)).unwrap();
    }
    assert_eq!(state(&diagnose(folder.path()), "builds"), "good");
}
