//! Tests of `spikeflame doctor` about folders of several runs, and of the program that it proposes.

use crate::common;

use common::{command, root, stdout};
use serde_json::Value;
use std::fs;
use std::path::Path;

fn diagnose(path: &Path) -> Value {
    let text = stdout(&["doctor", path.to_str().unwrap(), "--format", "json"]);
    serde_json::from_str(&text).unwrap()
}

fn check<'a>(found: &'a Value, what: &str) -> &'a Value {
    let checks = found["checks"].as_array().unwrap();
    checks.iter().find(|check| check["what"] == what).unwrap_or(&Value::Null)
}

fn line(found: &Value, name: &str) -> String {
    let steps = found["commands"].as_array().unwrap();
    let step = steps.iter().find(|step| step["command"] == name).unwrap();
    step["line"].as_str().unwrap().to_owned()
}

/// The error was: every command needed a recording, and the runs in the folder were a warning.
#[test]
fn a_folder_of_runs_has_sides_and_the_commands_that_compare_them() {
    let folder = root("samples/spike");
    let found = diagnose(&folder);
    let sides = check(&found, "sides");
    assert_eq!(
        (&sides["state"], &sides["text"]),
        (&"good".into(), &"before: 2 runs; after: 2 runs".into())
    );
    assert_eq!(check(&found, "plateau")["state"], "good", "{found:#}");
    // The error was: all was good, though the threads of two runs lacked a core.
    let cpu = check(&found, "cpu");
    assert_eq!(cpu["state"], "partly");
    assert!(cpu["text"].as_str().unwrap().starts_with("before-1 (6 s), after-1 (10 s): "), "{cpu}");
    let diff = line(&found, "diff");
    let (before, after) = (folder.join("before-*"), folder.join("after-*"));
    // The error was: `report` showed the plateaus, and `diff` compared the time under load.
    let wanted = format!(
        "diff --before '{}' --after '{}' --window plateau",
        before.display(),
        after.display()
    );
    assert!(diff.ends_with(&wanted), "{diff}");
    assert!(line(&found, "report").contains(" --before '"), "{found:#}");
    let names: Vec<&str> = found["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| file["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["before-1", "before-2", "after-1", "after-2"]);
}

/// The error was: the root of a project had no files, and `node main.js` was to be recorded.
#[test]
fn the_root_of_a_project_names_the_runs_below_and_its_program() {
    let folder = tempfile::tempdir().unwrap();
    for run in ["runs/before-1", "runs/before-2", "runs/ab/a-1", "node_modules/x/run"] {
        let run = folder.path().join(run);
        fs::create_dir_all(&run).unwrap();
        fs::write(run.join("run.json"), r#"{ "schema": "spikeflame.run/1" }"#).unwrap();
    }
    let package = r#"{ "scripts": { "start:prod": "node dist/main" } }"#;
    fs::write(folder.path().join("package.json"), package).unwrap();
    let lines = |asked: &str, within: &Path| {
        let mut doctor = command(&["doctor", asked, "--format", "json"]);
        let output = doctor.current_dir(within).output().unwrap();
        let found: Value = serde_json::from_slice(&output.stdout).unwrap();
        let steps = found["commands"].as_array().unwrap();
        let lines = steps.iter().map(|step| step["line"].as_str().unwrap().to_owned());
        lines.collect::<Vec<_>>()
    };
    let record = "spikeflame record -o runs/before-3 --load 'k6 run --out json=$RUN/k6.json.gz spike.js' -- npm \
                  run start:prod";
    assert_eq!(
        lines(".", folder.path()),
        [
            "spikeflame doctor runs",
            "spikeflame doctor runs/ab/a-1",
            "spikeflame doctor runs/before-1",
            "spikeflame doctor runs/before-2",
            record
        ]
    );
    // The error was: the runs of a comparison beside other runs were not named.
    assert_eq!(lines("runs", folder.path()).pop(), Some("spikeflame doctor runs/ab".to_owned()));
    let root = folder.path().display().to_string();
    assert_eq!(lines(&root, Path::new("/")).pop(), Some(format!("cd {root} && {record}")));
}

/// A folder of `ab` with runs of a few samples.
#[test]
fn a_folder_of_ab_names_its_sides_and_the_runs_that_differ() {
    let folder = tempfile::tempdir().unwrap();
    let settings = r#"{ "schema": "spikeflame.ab/1", "a": "git:5f0c", "b": "/srv/shop",
        "command": ["node", "server.js"], "load": "./load.sh" }"#;
    fs::write(folder.path().join("ab.json"), settings).unwrap();
    for (at, (name, node)) in
        [("a-1", "v20.1.0"), ("b-1", "v20.1.0"), ("a-2", "v22.1.0")].into_iter().enumerate()
    {
        let run = folder.path().join(name);
        fs::create_dir(&run).unwrap();
        fs::write(run.join("stacks.folded"), "main;work 3\n").unwrap();
        let facts = format!(
            r#"{{ "schema": "spikeflame.run/1", "started": "2026-11-27T19:0{at}:00Z", "ended":
            "2026-11-27T19:0{at}:30Z", "processes": [{{ "pid": 1, "node": "{node}" }}] }}"#
        );
        fs::write(run.join("run.json"), facts).unwrap();
    }
    let found = diagnose(folder.path());
    let sides = check(&found, "sides");
    assert_eq!(sides["text"], "a (before, git:5f0c): 2 runs; b (after, /srv/shop): 1 run");
    assert!(sides["way"].as_str().unwrap().contains("the same `ab` command"), "{sides}");
    let differing = check(&found, "settings")["text"].as_str().unwrap();
    assert_eq!(differing, "the runs differ in Node: v20.1.0 in a-1, b-1; v22.1.0 in a-2");
    assert_eq!(check(&found, "load")["state"], "missing");
    assert!(line(&found, "top").ends_with("a-1"), "{found:#}");
}

/// The error was: `node main.js` was proposed where the run or the package names another program.
#[test]
fn the_program_of_a_new_recording_is_that_of_the_run_or_of_the_package() {
    let folder = tempfile::tempdir().unwrap();
    let proposed = |name: &str| {
        let mut doctor = command(&["doctor", name]);
        let output = doctor.current_dir(folder.path()).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().find(|line| line.contains("spikeflame record")).unwrap_or_default().to_owned()
    };
    let put = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    fs::create_dir(folder.path().join("empty")).unwrap();
    assert!(proposed("empty").ends_with("-- node main.js"), "{}", proposed("empty"));
    put("server.js", "");
    assert!(proposed("empty").ends_with("-- node server.js"), "{}", proposed("empty"));
    put("package.json", r#"{ "main": "server.js", "scripts": { "start": "nest start --watch" } }"#);
    assert!(proposed("empty").ends_with("-- node server.js"), "{}", proposed("empty"));
    put(
        "package.json",
        r#"{ "scripts": { "start": "nest start", "start:prod": "node dist/main" } }"#,
    );
    put("pnpm-lock.yaml", "");
    assert!(proposed("empty").ends_with("-- pnpm run start:prod"), "{}", proposed("empty"));
    // The run was of another program, and left no load test.
    fs::create_dir(folder.path().join("run")).unwrap();
    put("run/stacks.folded", "main;work 3\n");
    let facts = |command: &str| {
        let text = format!(
            r#"{{ "schema": "spikeflame.run/1", "command": {command}, "load": {{ "command": "wrk -d 9" }} }}"#
        );
        fs::write(folder.path().join("run/run.json"), text).unwrap();
        proposed("run")
    };
    let line = facts(r#"["node", "dist/a b.js"]"#);
    assert!(line.ends_with("-- node 'dist/a b.js'") && line.contains("'k6 run"), "{line}");
    // A secret was replaced, so that the command cannot be repeated.
    let line = facts(r#"["node", "main.js", "--token", "***"]"#);
    assert!(line.ends_with("-- pnpm run start:prod"), "{line}");
}

/// The errors were: a run whose main thread lacked a core had no word of it without a load test that has seconds,
/// totals beside it were no load test, and an empty log was no log.
#[test]
fn a_run_with_totals_shows_them_and_that_it_lacked_a_core() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    let log = "samples/spike/before-1/isolate-v8.log.zst";
    fs::copy(root(log), folder.path().join("isolate-v8.log.zst")).unwrap();
    put("app.log", "");
    fs::copy(root("samples/load/ab.txt"), folder.path().join("ab.txt")).unwrap();
    let row = |second: usize| {
        format!("2026-11-23T01:{:02}:{:02}Z,1,0.2,0.13,1.0\n", 24 + second / 60, second % 60)
    };
    let rows: String = (45..120).map(row).collect();
    put(
        "process.csv",
        &format!("time,pid,cpu_cores,main_thread_cores,event_loop_utilization\n{rows}"),
    );
    let words =
        "the main thread got 13 % of a core, although its event loop was busy 100 % of that time";
    let found = diagnose(folder.path());
    assert!(check(&found, "cpu")["text"].as_str().unwrap_or_default().contains(words), "{found:#}");
    assert!(line(&found, "errors").starts_with("spikeflame errors"), "{found:#}");
    let path = folder.path().to_str().unwrap();
    assert!(stdout(&["top", path]).contains(words));
    let page = folder.path().join("page.md");
    stdout(&["report", path, "-o", page.to_str().unwrap()]);
    let page = fs::read_to_string(page).unwrap();
    assert!(
        page.contains("ab.txt has totals") && page.contains("The main thread got 13 %"),
        "{page}"
    );
}

/// The error was: a run by npm, which ends with exit code 1 when its script is asked to end, was one that ended
/// badly, with the advice to mend the cause.
#[test]
fn an_exit_code_after_the_end_was_asked_for_is_no_failure() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("stacks.folded"), "main;work 3\n").unwrap();
    let ended = |failed: &str| {
        let facts = format!(
            r#"{{ "schema": "spikeflame.run/1", "started": "2026-11-27T19:00:00Z",
            "ended": "2026-11-27T19:00:30Z", "exit": "exit code 1", "failed": {failed} }}"#
        );
        fs::write(folder.path().join("run.json"), facts).unwrap();
        let found = diagnose(folder.path());
        let checks = found["checks"].as_array().unwrap();
        let end = checks.iter().find(|check| check["what"] == "end");
        end.map(|end| end["text"].as_str().unwrap().to_owned())
    };
    assert_eq!(ended("null"), None);
    let why = r#""the program ended with exit code 1""#;
    assert_eq!(ended(why).as_deref(), Some("the program ended with exit code 1"));
}
