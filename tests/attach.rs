//! Tests of `spikeflame attach` with real processes of Node. Without `node`, they print SKIPPED.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may fail"
)]

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Output, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Returns the versions of Node to test: those in `SPIKEFLAME_NODES`, or else the one on the path.
fn nodes() -> Vec<PathBuf> {
    let kept = std::env::var_os("SPIKEFLAME_NODES").map(PathBuf::from);
    let kept = kept.and_then(|folder| std::fs::read_dir(folder).ok()).into_iter().flatten();
    let mut nodes: Vec<PathBuf> = kept
        .flatten()
        .map(|entry| entry.path().join("node_modules/node/bin/node"))
        .filter(|node| node.exists())
        .collect();
    nodes.sort();
    if nodes.is_empty() && Command::new("node").arg("--version").output().is_ok() {
        nodes.push("node".into());
    }
    if nodes.is_empty() {
        eprintln!("SKIPPED: no node");
    }
    nodes
}

/// A program that is busy in `hot`, half of the time.
const BUSY: &str = "function hot() { const until = Date.now() + 20; let x = 0;
    while (Date.now() < until) x += Math.sqrt(x + 1); return x; }
    setInterval(hot, 40); console.error('running');";

struct Program {
    child: Child,
    lines: BufReader<ChildStderr>,
}

impl Program {
    fn start(mut command: Command) -> Self {
        command.stderr(Stdio::piped()).stdout(Stdio::null());
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap());
        let mut program = Self { child, lines };
        program.line("running");
        program
    }

    /// The next line of output with this text.
    fn line(&mut self, text: &str) -> String {
        let mut line = String::new();
        while !line.contains(text) {
            line.clear();
            assert!(self.lines.read_line(&mut line).unwrap() > 0, "no line with {text}");
        }
        line
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A program whose inspector is open, and its port.
fn inspected(node: &Path) -> (Program, String) {
    let mut command = Command::new(node);
    // Functions that V8 inlined before the profiler started are not visible in it, so the program
    // runs without optimisation.
    command.args(["--no-opt", "--no-maglev", "--inspect=127.0.0.1:0", "-e", BUSY]);
    let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap());
    let mut program = Program { child, lines };
    let line = program.line("ws://127.0.0.1:");
    let port = line.split("ws://127.0.0.1:").nth(1).unwrap().split('/').next().unwrap().to_owned();
    program.line("running");
    (program, port)
}

fn attach(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_spikeflame")).arg("attach").args(words).output().unwrap()
}

fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64
}

/// An `attach` that runs, with what it has written to standard error.
struct Attached {
    child: Child,
    lines: BufReader<ChildStderr>,
    written: String,
}

impl Attached {
    fn start(words: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_spikeflame"));
        let command = command.arg("attach").args(words).stdout(Stdio::null());
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap());
        Self { child, lines, written: String::new() }
    }

    /// Waits until this number of targets is profiled.
    fn profiles(&mut self, targets: usize) {
        while self.written.matches("is profiled").count() < targets {
            let read = self.lines.read_line(&mut self.written).unwrap();
            assert!(read > 0, "{}", self.written);
        }
    }

    /// Waits for the end, and returns whether it was a success.
    fn end(&mut self) -> bool {
        self.lines.read_to_string(&mut self.written).unwrap();
        self.child.wait().unwrap().success()
    }
}

fn error(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn several_processes_are_profiled_at_once() {
    for node in nodes() {
        let folder = tempfile::tempdir().unwrap();
        let (_one, first) = inspected(&node);
        let (_two, second) = inspected(&node);
        let second = format!("localhost:{second}");
        let began = now_ms();
        let profiled = |name: &str, duration: &str| {
            let run = folder.path().join(name).display().to_string();
            let words = ["--inspect", &first, "--inspect", &second, "--duration", duration];
            let output = attach(&[&words[..], &["-o", &run]].concat());
            assert!(output.status.success(), "{}", error(&output));
            (run, String::from_utf8_lossy(&output.stdout).into_owned())
        };
        let (mut run, mut shown) = profiled("live", "1500ms");
        if !shown.contains("hot") {
            // The machine is so busy that the programs did not get the processor in this time.
            (run, shown) = profiled("long", "30s");
        }
        assert!(shown.contains("hot"), "{shown}");
        let mut profiles: Vec<String> = std::fs::read_dir(&run)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        profiles.sort();
        assert_eq!(profiles.len(), 3, "{profiles:?}");
        assert_eq!(profiles[2], "run.json");
        // The name holds the start by the wall clock.
        for name in &profiles[..2] {
            let start: i64 = name.split('.').nth(1).unwrap().parse().unwrap();
            assert!((began..=now_ms()).contains(&start), "{start} {began}");
        }
        let facts = std::fs::read(Path::new(&run).join("run.json")).unwrap();
        let facts: serde_json::Value = serde_json::from_slice(&facts).unwrap();
        assert_eq!(facts["schema"], "spikeflame.run/1");
        assert_eq!(facts["processes"].as_array().unwrap().len(), 2);
        assert!(facts["processes"][0]["node"].as_str().unwrap().starts_with('v'));
    }
}

#[test]
fn a_process_opens_its_inspector_and_closes_it_again() {
    for (node, file) in
        nodes().into_iter().flat_map(|node| [(node.clone(), "a.js"), (node, "a.mjs")])
    {
        let folder = tempfile::tempdir().unwrap();
        let run = folder.path().join("live").display().to_string();
        // In a file, `require` is no global variable as it is with `-e`.
        let script = folder.path().join(file);
        std::fs::write(&script, BUSY).unwrap();
        let mut command = Command::new(&node);
        // No other process uses this port.
        command.arg("--inspect-port=0").arg(&script);
        let mut program = Program::start(command);
        let pid = program.child.id().to_string();
        let output = attach(&["--pid", &pid, "--duration", "500ms", "-o", &run]);
        assert!(output.status.success(), "{}", error(&output));
        assert!(error(&output).contains("SIGUSR1 opened"), "{}", error(&output));
        closes_its_inspector(&mut program);
    }
}

/// Checks that the inspector that a signal opened is closed, and that the process goes on.
fn closes_its_inspector(program: &mut Program) {
    let line = program.line("ws://127.0.0.1:");
    let port = line.split("ws://127.0.0.1:").nth(1).unwrap().split('/').next().unwrap();
    let place = format!("127.0.0.1:{port}");
    let until = Instant::now() + Duration::from_secs(60);
    while std::net::TcpStream::connect(&place).is_ok() {
        assert!(Instant::now() < until, "the inspector is still open");
        std::thread::sleep(Duration::from_millis(50));
    }
    // A process that failed while it closed its inspector would have ended by then.
    std::thread::sleep(Duration::from_millis(500));
    assert!(program.child.try_wait().unwrap().is_none(), "the process ended");
}

/// The error was: without a word, `attach` waited for a process whose event loop was blocked, for five seconds only.
#[test]
fn a_wait_for_a_blocked_event_loop_is_told() {
    let Some(node) = nodes().pop() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (run, go) = (folder.path().join("live").display().to_string(), folder.path().join("go"));
    let blocks = "setTimeout(() => require('child_process').execSync('until test -e \"$GO\"; do sleep 0.1; done'));";
    let mut command = Command::new(&node);
    command.args(["--inspect-port=0", "-e", &format!("{BUSY} {blocks}")]).env("GO", &go);
    let mut program = Program::start(command);
    let pid = program.child.id().to_string();
    let mut attached = Attached::start(&["--pid", &pid, "--duration", "300ms", "-o", &run]);
    while !attached.written.contains("does not answer yet: its event loop may be blocked") {
        assert!(
            attached.lines.read_line(&mut attached.written).unwrap() > 0,
            "{}",
            attached.written
        );
    }
    std::fs::write(&go, "").unwrap();
    assert!(attached.end(), "{}", attached.written);
    closes_its_inspector(&mut program);
}

/// The error was: when the work failed before the profiler started, the inspector stayed open. The message was
/// that it belongs to process 0.
#[test]
fn an_inspector_is_closed_after_a_failure_too() {
    let Some(node) = nodes().pop() else { return };
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("live").display().to_string();
    let script = format!("{BUSY} require('os').cpus = () => {{ throw new Error('none'); }};");
    let mut command = Command::new(&node);
    command.args(["--inspect-port=0", "-e", &script]);
    let mut program = Program::start(command);
    let pid = program.child.id().to_string();
    let output = attach(&["--pid", &pid, "--duration", "500ms", "-o", &run]);
    assert!(!output.status.success());
    let message = error(&output);
    assert!(message.contains("does not report its process"), "{message}");
    closes_its_inspector(&mut program);
}

#[test]
fn one_target_that_fails_leaves_the_others() {
    let Some(node) = nodes().pop() else { return };
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("live").display().to_string();
    let (_program, port) = inspected(&node);
    // A process that is killed while it is profiled.
    let mut brief = Command::new(&node);
    brief.args(["--inspect=127.0.0.1:0", "-e", "setInterval(() => {}, 1000)"]);
    let mut brief = brief.stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(brief.stderr.take().unwrap());
    let mut line = String::new();
    lines.read_line(&mut line).unwrap();
    let gone = line.split("ws://").nth(1).unwrap().split('/').next().unwrap().to_owned();
    let words = ["--inspect", &port, "--inspect", &gone, "--duration", "3600s", "-o", &run];
    let mut attached = Attached::start(&words);
    // It is killed in the middle of its profile, and Ctrl-C ends the other profile.
    attached.profiles(2);
    brief.kill().unwrap();
    let pid = attached.child.id().to_string();
    Command::new("kill").args(["-INT", &pid]).status().unwrap();
    assert!(attached.end(), "{}", attached.written);
    let message = &attached.written;
    assert!(message.contains(&format!("no profile of {gone}: ")), "{message}");
    let mut rest = String::new();
    lines.read_to_string(&mut rest).unwrap();
    brief.wait().unwrap();
    // The folder is taken now.
    let output = attach(&words);
    assert!(error(&output).contains("name a new folder"), "{}", error(&output));
}

/// The errors were: of several processes only one could be profiled by --pid, because every one opens
/// its inspector at port 9229, and a process that was named twice counted twice.
#[test]
fn several_processes_open_their_inspectors_and_each_counts_once() {
    let Some(node) = nodes().pop() else { return };
    // Another program may have the port of the inspector.
    if std::net::TcpListener::bind(("127.0.0.1", 9229)).is_err() {
        eprintln!("SKIPPED: port 9229 is taken");
        return;
    }
    let start = || {
        let mut command = Command::new(&node);
        command.args(["-e", BUSY]);
        Program::start(command)
    };
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("live").display().to_string();
    let mut programs = [start(), start(), start()];
    let pids: Vec<String> = programs.iter().map(|one| one.child.id().to_string()).collect();
    let mut words = vec!["--duration", "1s", "-o", &run];
    words.extend(pids.iter().flat_map(|pid| ["--pid", pid]));
    words.extend(["--pid", &pids[0]]);
    let output = attach(&words);
    let message = error(&output);
    assert!(output.status.success(), "{message}");
    assert_eq!(message.matches("is profiled already").count(), 1, "{message}");
    let names = std::fs::read_dir(&run).unwrap().flatten().map(|entry| entry.file_name());
    assert_eq!(names.filter(|name| name != "run.json").count(), 3, "{message}");
    for program in &mut programs {
        assert!(program.child.try_wait().unwrap().is_none(), "the process ended");
    }
}

/// At its end, Node waits for the clients of its inspector. It must not wait for the whole
/// profile.
#[test]
fn a_process_that_ends_is_not_held() {
    for node in nodes() {
        let folder = tempfile::tempdir().unwrap();
        let run = folder.path().join("live").display().to_string();
        let mut command = Command::new(&node);
        let ends = folder.path().join("ends");
        let script =
            "setInterval(() => require('fs').existsSync(process.env.ENDS) && process.exit(3), 50)";
        command.args(["--inspect=127.0.0.1:0", "-e", script]).env("ENDS", &ends);
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        lines.read_line(&mut line).unwrap();
        let place = line.split("ws://").nth(1).unwrap().split('/').next().unwrap().to_owned();
        let words = ["--inspect", &place, "--duration", "600s", "-o", &run];
        let mut attached = Attached::start(&words);
        attached.profiles(1);
        let began = Instant::now();
        std::fs::write(&ends, "").unwrap();
        attached.end();
        assert!(began.elapsed() < Duration::from_secs(300));
        assert_eq!(std::fs::read_dir(&run).unwrap().count(), 2, "{}", attached.written);
        assert_eq!(child.wait().unwrap().code(), Some(3));
    }
}

#[test]
fn a_target_that_is_no_inspector_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("live").display().to_string();
    // Nothing listens on the port of a listener that was closed.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = listener.local_addr().unwrap().to_string();
    drop(listener);
    let output = attach(&["--inspect", &closed, "-o", &run]);
    assert!(!Path::new(&run).exists(), "an empty folder was left");
    assert_eq!(output.status.code(), Some(2));
    assert!(error(&output).contains("no connection"), "{}", error(&output));
    // A process that does not handle SIGUSR1 gets no signal.
    let mut other = Command::new("sleep").arg("60").spawn().unwrap();
    let output = attach(&["--pid", &other.id().to_string(), "-o", &run]);
    assert_eq!(output.status.code(), Some(2));
    assert!(error(&output).contains("SIGUSR1"), "{}", error(&output));
    assert!(other.try_wait().unwrap().is_none(), "it was killed");
    other.kill().unwrap();
    other.wait().unwrap();
    // The error was: Bash and other programs that handle the signal were ended by it.
    let script = "trap 'exit 7' USR1; echo ready; while :; do sleep 0.1; done";
    let mut other = Command::new("sh");
    let mut other = other.args(["-c", script]).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(other.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let output = attach(&["--pid", &other.id().to_string(), "-o", &run]);
    other.kill().unwrap();
    assert!(error(&output).contains("no Node process"), "{}", error(&output));
    assert_eq!(other.wait().unwrap().code(), None, "it handled SIGUSR1");
    let output = attach(&["--pid", "4194304999", "-o", &run]);
    assert_eq!(output.status.code(), Some(2), "{}", error(&output));
    let output = attach(&["-o", &run]);
    assert!(error(&output).contains("--inspect"), "{}", error(&output));
}

/// The error was: process 1, as docs/containers.md names it, was "not a number of a process".
#[cfg(target_os = "linux")]
#[test]
fn process_1_of_a_container_can_be_profiled() {
    let Some(node) = nodes().pop() else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    std::fs::write(file("main.js"), BUSY).unwrap();
    // Node takes the place of the shell. Until then, and until it handles the signal, it gets none.
    let script = "echo begins >begins
        (until \"$1\" attach --pid 1 --duration 300ms -o live >words 2>&1; do sleep 0.2; done
         echo done >done) &
        exec \"$2\" --inspect-port=0 main.js";
    let mut outer = Command::new("unshare");
    outer.args(["--pid", "--fork", "--mount-proc", "--kill-child", "sh", "-c", script, "sh"]);
    outer.arg(env!("CARGO_BIN_EXE_spikeflame")).arg(node).current_dir(folder.path());
    let Ok(mut outer) = outer.stderr(Stdio::null()).spawn() else {
        eprintln!("SKIPPED: no unshare");
        return;
    };
    let until = Instant::now() + Duration::from_secs(240);
    while !file("done").exists() {
        if outer.try_wait().unwrap().is_some() {
            assert!(!file("begins").exists(), "the program ended");
            eprintln!("SKIPPED: no namespaces here");
            return;
        }
        let words = std::fs::read_to_string(file("words")).unwrap_or_default();
        assert!(Instant::now() < until, "{words}");
        std::thread::sleep(Duration::from_millis(50));
    }
    outer.kill().unwrap();
    outer.wait().unwrap();
    let names = std::fs::read_dir(file("live")).unwrap().flatten();
    let names: Vec<String> =
        names.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    assert!(names.iter().any(|name| name.ends_with(".1.cpuprofile")), "{names:?}");
}
