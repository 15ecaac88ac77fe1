//! `spikeflame record` with real programs. Without `node` the tests print SKIPPED.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may fail"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub(crate) fn has(program: &str) -> bool {
    let there = Command::new(program).arg("--version").output().is_ok();
    if !there {
        eprintln!("SKIPPED: no {program}");
    }
    there
}

pub(crate) fn spikeflame(directory: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_spikeflame"))
        .args(arguments)
        .current_dir(directory)
        // The system chooses a port, so that no other process can have it.
        .env("PORT", "0")
        .output()
        .unwrap()
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

pub(crate) fn text(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

#[test]
fn a_series_has_a_folder_for_each_run() {
    if !has("node") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let script = "let x = 0; for (let i = 0; i < 1e8; i++) x += Math.sqrt(i); console.log(x > 0)";
    std::fs::write(folder.path().join("main.js"), script).unwrap();
    let words = [
        "record",
        "-o",
        "runs/before",
        "--repeat",
        "2",
        "--warmup",
        "1",
        "--reset",
        "echo reset >> resets",
        "--",
        "node",
        "main.js",
    ];
    let shown = text(&spikeflame(folder.path(), &words));
    assert!(shown.contains("runs/before-*"), "{shown}");
    let mut names: Vec<String> = std::fs::read_dir(folder.path().join("runs"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["before-1", "before-2", "warmup-before-1"]);
    let resets = std::fs::read_to_string(folder.path().join("resets")).unwrap();
    assert_eq!(resets.lines().count(), 3);
    // A second series does not mix with the first.
    let again = spikeflame(folder.path(), &words);
    assert!(String::from_utf8_lossy(&again.stderr).contains("not empty"));
}

/// The error was: a run that failed made the whole series start again.
#[test]
fn a_series_goes_on_after_a_run_that_failed() {
    if !has("node") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    // The second run fails: its port never opens.
    let script = "const fs = require('fs'); const at = fs.readFileSync('resets', 'utf8').length;\n\
                  if (at === 2) process.exit(3); require('http').createServer().listen(0)";
    std::fs::write(folder.path().join("main.js"), script).unwrap();
    let record = |load: &str| {
        let words = ["record", "-o", "runs/before", "--repeat", "3", "--reset"];
        let rest = ["printf x >> resets", "--load", load, "--", "node", "main.js"];
        spikeflame(folder.path(), &[&words[..], &rest].concat())
    };
    let names = || {
        let entries = std::fs::read_dir(folder.path().join("runs")).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.collect::<std::collections::BTreeSet<String>>().into_iter().collect::<Vec<_>>()
    };
    let started = || {
        let facts = std::fs::read(folder.path().join("runs/before-1/run.json")).unwrap();
        serde_json::from_slice::<serde_json::Value>(&facts).unwrap()["started"].clone()
    };
    assert_eq!(record("true").status.code(), Some(2));
    assert_eq!(names(), ["before-1", "before-2"]);
    let first = started();
    // Other settings would not be comparable.
    let other = record("true; true");
    let message = String::from_utf8_lossy(&other.stderr).into_owned();
    assert!(message.contains("runs/before-1") && message.contains("the load command"), "{message}");
    let again = record("true");
    let message = String::from_utf8_lossy(&again.stderr).into_owned();
    assert!(again.status.success() && message.contains("failed-before-2 now"), "{message}");
    assert_eq!(names(), ["before-1", "before-2", "before-3", "failed-before-2"]);
    assert_eq!(started(), first);
    // A folder that is not of the series is not touched.
    std::fs::remove_dir_all(folder.path().join("runs/before-3")).unwrap();
    std::fs::create_dir_all(folder.path().join("runs/before-3/mine")).unwrap();
    assert!(
        String::from_utf8_lossy(&record("true").stderr).contains("before-3: the folder is not")
    );
}

/// The error was: the corrected command was refused, because the program that did not start had left
/// files in the folder.
#[test]
fn a_program_that_does_not_start_leaves_no_files() {
    let folder = tempfile::tempdir().unwrap();
    let record = || spikeflame(folder.path(), &["record", "-o", "run", "--", "./no-such-program"]);
    for _ in 0..2 {
        let refused = record();
        let message = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success() && message.contains("no-such-program"), "{message}");
        assert_eq!(std::fs::read_dir(folder.path().join("run")).unwrap().count(), 0);
    }
}

/// The error was: SIGHUP, of a closed terminal, ended the recorder at once and without a word.
#[cfg(target_os = "linux")]
#[test]
fn a_closed_terminal_ends_the_run_in_good_order() {
    if !has("node") {
        return;
    }
    let script = "console.log('up'); const fs = require('fs');\n\
                  process.on('SIGTERM', () => { console.log('closing'); process.exit(0); });\n\
                  setInterval(() => { if (fs.existsSync('go')) process.exit(0); }, 50)";
    for ignored in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("main.js"), script).unwrap();
        let mut shell = Command::new("sh");
        // This test may itself run under `nohup`, and a shell cannot undo that.
        let default = "exec env --default-signal=HUP \"$@\"";
        let start =
            match (ignored, Command::new("env").arg("--default-signal=HUP").arg("true").output()) {
                (true, _) => "trap '' HUP; exec \"$@\"",
                (false, Ok(output)) if output.status.success() => default,
                (false, _) => "exec \"$@\"",
            };
        shell.args(["-c", start, "sh", env!("CARGO_BIN_EXE_spikeflame"), "record", "-o", "run"]);
        shell.args(["--grace", "10m", "--", "node", "main.js"]).current_dir(folder.path());
        let mut recorder = shell.stdout(std::process::Stdio::null()).spawn().unwrap();
        let log = || std::fs::read_to_string(folder.path().join("run/app.log")).unwrap_or_default();
        let until = std::time::Instant::now() + std::time::Duration::from_secs(240);
        while !log().contains("up") {
            assert!(std::time::Instant::now() < until, "the program did not start");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        Command::new("kill").args(["-HUP", &recorder.id().to_string()]).status().unwrap();
        if ignored {
            std::fs::write(folder.path().join("go"), "").unwrap();
        }
        assert!(recorder.wait().unwrap().success());
        assert_eq!(log().contains("closing"), !ignored, "{}", log());
        let facts = std::fs::read(folder.path().join("run/run.json")).unwrap();
        let facts: serde_json::Value = serde_json::from_slice(&facts).unwrap();
        assert!(facts["ended"].is_string(), "{facts}");
    }
}

/// The error was: a program that reads its terminal was stopped by the system, and the recording
/// never ended.
#[cfg(target_os = "linux")]
#[test]
fn a_program_reads_what_is_typed_in_its_terminal() {
    use std::io::Write;
    if !has("node") || !has("script") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let script = "process.stdin.once('data', (typed) => { console.log('got', String(typed).trim());\n\
                  process.exit(0); }); console.log('up', process.stdout.isTTY)";
    std::fs::write(folder.path().join("main.js"), script).unwrap();
    // `script` gives its command a terminal, and passes its own input on to it.
    let recorder = env!("CARGO_BIN_EXE_spikeflame");
    let line = format!("exec '{recorder}' record -o run -- node main.js");
    let mut terminal = Command::new("script");
    terminal.args(["-qec", &line, "/dev/null"]).current_dir(folder.path());
    terminal.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::null());
    let mut terminal = terminal.spawn().unwrap();
    let mut keyboard = terminal.stdin.take().unwrap();
    let log = || std::fs::read_to_string(folder.path().join("run/app.log")).unwrap_or_default();
    let wait = |words: &str| {
        let until = std::time::Instant::now() + std::time::Duration::from_secs(240);
        while !log().contains(words) && std::time::Instant::now() < until {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        log().contains(words)
    };
    let is_up = wait("up");
    keyboard.write_all(b"hello\n").unwrap();
    let is_read = is_up && wait("got hello");
    if !is_read {
        terminal.kill().unwrap();
    }
    let status = terminal.wait().unwrap();
    assert!(is_read && status.success(), "{status} {}", log());
}

/// A namespace of its own makes the recorder process 1, as in a container.
#[cfg(target_os = "linux")]
#[test]
fn as_process_1_it_ends_on_sigterm() {
    if !has("node") {
        return;
    }
    // The first program closes on SIGTERM, and the second one ignores it.
    let closes = "process.on('SIGTERM', () => { console.log('closing'); process.exit(0); });";
    let ignores = "process.on('SIGTERM', () => {});";
    for (script, grace, closing) in [(closes, "600", true), (ignores, "1", false)] {
        let folder = tempfile::tempdir().unwrap();
        let script = format!("{script} setInterval(() => {{}}, 1000); console.log('up')");
        std::fs::write(folder.path().join("main.js"), script).unwrap();
        let mut outer = Command::new("unshare");
        outer.args(["--pid", "--fork", "--mount-proc", env!("CARGO_BIN_EXE_spikeflame")]);
        outer.args(["record", "-o", "run", "--grace", grace, "--", "node", "main.js"]);
        let outer = outer.current_dir(folder.path()).stdout(std::process::Stdio::piped());
        let Ok(mut outer) = outer.stderr(std::process::Stdio::piped()).spawn() else {
            eprintln!("SKIPPED: no unshare");
            return;
        };
        let log = || std::fs::read_to_string(folder.path().join("run/app.log")).unwrap_or_default();
        let until = std::time::Instant::now() + std::time::Duration::from_secs(240);
        while !log().contains("up") {
            if outer.try_wait().unwrap().is_some() {
                eprintln!("SKIPPED: no namespaces here");
                return;
            }
            assert!(std::time::Instant::now() < until, "the program did not start");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        let children = format!("/proc/{0}/task/{0}/children", outer.id());
        let recorder = std::fs::read_to_string(children).unwrap();
        Command::new("kill").args(["-TERM", recorder.trim()]).status().unwrap();
        let output = outer.wait_with_output().unwrap();
        assert!(std::time::Instant::now() < until, "it did not end");
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(log().contains("closing"), closing, "{words}");
        assert_eq!(words.contains("was killed"), !closing, "{words}");
        let facts = std::fs::read(folder.path().join("run/run.json")).unwrap();
        let facts: serde_json::Value = serde_json::from_slice(&facts).unwrap();
        assert!(facts["ended"].is_string(), "{facts}");
        let logs = std::fs::read_dir(folder.path().join("run")).unwrap().flatten();
        let is_log = |name: &str| name.starts_with("isolate-") && name.ends_with("-v8.log");
        assert_eq!(logs.filter(|entry| is_log(&entry.file_name().to_string_lossy())).count(), 1);
    }
}

/// The errors were: `record` ended with 0 when the load command or the program had failed, and without a
/// load test that is read, the table was of the program's start, and `--window load` was refused.
#[test]
fn the_exit_code_and_the_window_follow_the_load_command() {
    if !has("node") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    // Both functions run for some CPU time: on a busy machine, a span of wall time can have no tick.
    let script = "const used = () => process.cpuUsage().user / 1000;
        let sum = 0;
        function atStart(until) { while (used() < until) for (let i = 0; i < 1e6; i++) sum = (sum + i) % 7; }
        function underLoad(until) { while (used() < until) for (let i = 0; i < 1e6; i++) sum = (sum + i) % 7; }
        const fs = require('fs'), mark = process.env.SPIKEFLAME_RUN + '/mark';
        atStart(used() + 800);
        require('http').createServer().listen(process.env.PORT, () => setInterval(() => {
          if (fs.existsSync(mark)) { underLoad(used() + 400); fs.rmSync(mark); }
          if (process.env.CODE) process.exit(Number(process.env.CODE)); }, 10));";
    std::fs::write(folder.path().join("main.js"), script).unwrap();
    let load = "touch $RUN/mark; while test -e $RUN/mark; do sleep 0.1; done; exit 99";
    let words = ["record", "-o", "run", "--load", load, "--", "node", "main.js"];
    let output = spikeflame(folder.path(), &words);
    let [shown, told] =
        [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    assert_eq!(output.status.code(), Some(3), "{shown}{told}");
    assert!(told.contains("the run is recorded, but the load command ended with exit code 99"));
    assert!(shown.contains("underLoad") && !shown.contains("atStart"), "{shown}");
    assert!(shown.contains("flame run --window load"), "{shown}");
    let top = text(&spikeflame(folder.path(), &["top", "run", "--window", "load"]));
    assert!(top.contains("underLoad") && top.contains("while the load command ran"), "{top}");
    assert!(!top.contains("atStart"), "{top}");
    // The recording can also be named as a file.
    let logs = std::fs::read_dir(folder.path().join("run")).unwrap().flatten();
    let names = logs.map(|log| format!("run/{}", log.file_name().to_string_lossy()));
    let log = names.into_iter().find(|name| name.ends_with("-v8.log")).unwrap();
    let of_file = text(&spikeflame(folder.path(), &["top", &log, "--window", "load"]));
    assert!(of_file.contains("underLoad") && !of_file.contains("atStart"), "{of_file}");
    text(&spikeflame(folder.path(), &["report", "run", "--window", "load", "-o", "page.html"]));
    let page = std::fs::read_to_string(folder.path().join("page.html")).unwrap();
    assert!(page.contains("while the load command ran"));
    // Without a load, the table begins with the first port, and the program ends by itself.
    let words = ["record", "-o", "alone", "--", "sh", "-c", "CODE=7 node main.js; exit $?"];
    let output = spikeflame(folder.path(), &words);
    let [shown, told] =
        [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    assert_eq!(output.status.code(), Some(3), "{shown}{told}");
    assert!(told.contains("the program ended by itself with exit code 7"), "{told}");
    let doctor = text(&spikeflame(folder.path(), &["doctor", "run"]));
    assert!(doctor.contains("the load command ended with exit code 99"), "{doctor}");
    let doctor = text(&spikeflame(folder.path(), &["doctor", "alone"]));
    assert!(doctor.contains("the program ended with exit code 7"), "{doctor}");
    assert!(!doctor.contains("390") && !doctor.contains("1.71s"), "{doctor}");
}
