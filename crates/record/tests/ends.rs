//! Tests how a recording ends when something goes wrong: signals at each stage, kills. Each end must leave the log and no process. Without `node`, the tests print SKIPPED.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may fail")]

use spikeflame_record::{Error, Event, Options, Outcome, Stop, Wait, record};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

fn has(program: &str) -> bool {
    let there = Command::new(program).arg("--version").output().is_ok();
    if !there {
        eprintln!("SKIPPED: no {program}");
    }
    there
}

const SERVER: &str = "require('http').createServer((q, r) => r.end('ok'))
    .listen(0, '127.0.0.1', () => console.log('ready'));";

/// Makes a folder with a script, and the settings to record it.
fn setting(script: &str) -> (tempfile::TempDir, Options) {
    let folder = tempfile::tempdir().unwrap();
    let main = folder.path().join("main.js");
    std::fs::write(&main, script).unwrap();
    let mut options =
        Options::new(folder.path().join("run"), vec!["node".into(), main.into_os_string()]);
    options.silent = true;
    options.patience = PATIENCE;
    (folder, options)
}

/// Longest wait for something that another process does. A busy machine can be very slow.
const PATIENCE: Duration = Duration::from_secs(120);

/// Waits until `is_so` returns true.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < until, "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Returns the processes whose environment names this run. Zombies have no environment.
fn processes(run: &Path) -> Vec<PathBuf> {
    let run = run.canonicalize().unwrap_or_else(|_| run.to_owned());
    let wanted = ["RUN", "LOAD"].map(|name| format!("SPIKEFLAME_{name}={}", run.display()));
    let entries = std::fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
    let of_run = |path: &PathBuf| {
        let environment = std::fs::read(path.join("environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|one| wanted.iter().any(|w| w.as_bytes() == one))
    };
    entries.filter(of_run).collect()
}

/// Returns the processes that stay after the run. They get time to end.
fn left(run: &Path) -> Vec<PathBuf> {
    let until = Instant::now() + PATIENCE;
    loop {
        let left = processes(run);
        if left.is_empty() || Instant::now() > until {
            return left;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn logs(run: &Path) -> usize {
    let entries = std::fs::read_dir(run).unwrap().flatten();
    entries.filter(|entry| entry.file_name().to_string_lossy().ends_with("-v8.log")).count()
}

fn has_line(log: &Path, words: &str) -> bool {
    std::fs::read_to_string(log).is_ok_and(|text| text.contains(words))
}

fn text(run: &Path, name: &str) -> String {
    std::fs::read_to_string(run.join(name)).unwrap()
}

/// Records a run, and asks for its end at events. `asks` returns how often to ask at an event.
fn ended_at(options: &Options, asks: impl Fn(&Event) -> usize) -> (Outcome, Vec<Event>) {
    let stop = Stop::default();
    let mut events = Vec::new();
    let outcome = record(options, &stop, &mut |event| {
        (0..asks(&event)).for_each(|_| stop.ask());
        events.push(event);
    });
    (outcome.unwrap(), events)
}

#[test]
fn the_end_can_be_asked_for_at_each_stage() {
    if !has("node") {
        return;
    }
    std::thread::scope(|scope| {
        // The end is asked for before the program answers, because the program never listens.
        scope.spawn(|| {
            let (folder, mut options) = setting("console.log('up'); setInterval(() => {}, 1000)");
            options.load = Some("echo loaded > \"$RUN/mark\"".into());
            let run = folder.path().join("run");
            let stop = Stop::default();
            let asked = stop.clone();
            let log = run.join("app.log");
            scope.spawn(move || {
                until("the program did not start", || has_line(&log, "up"));
                asked.ask();
            });
            let mut events = Vec::new();
            let outcome = record(&options, &stop, &mut |event| events.push(event));
            assert!(outcome.is_ok(), "{outcome:?}");
            assert!(events.contains(&Event::NotLoaded), "{events:?}");
            assert!(!run.join("mark").exists());
            assert_eq!((logs(&run), left(&run)), (1, Vec::new()));
        });
        // The end is asked for when the load begins, and the load is ended too.
        scope.spawn(|| {
            let (folder, mut options) = setting(SERVER);
            options.load = Some("exec sleep 600".into());
            let (_, events) = ended_at(&options, |event| usize::from(*event == Event::Loading));
            assert!(events.contains(&Event::Loaded("stopped".into())), "{events:?}");
            let run = folder.path().join("run");
            assert_eq!((logs(&run), left(&run)), (1, Vec::new()));
        });
        // The end is asked for in the middle of a load that takes time to end, with a child that
        // does not end by itself, and one in a session of its own.
        scope.spawn(|| {
            let (folder, mut options) = setting(SERVER);
            let load = "setsid sleep 600 & (trap '' TERM; sleep 600 & wait) &
                trap 'sleep 0.5; echo late > \"$RUN/late\"; exit' TERM
                echo loads > \"$RUN/loads\"; while :; do sleep 0.1; done";
            options.load = Some(load.into());
            let run = folder.path().join("run");
            let (stop, loads) = (Stop::default(), run.join("loads"));
            let asked = stop.clone();
            scope.spawn(move || {
                until("the load did not begin", || loads.exists());
                asked.ask();
            });
            let mut events = Vec::new();
            let outcome = record(&options, &stop, &mut |event| events.push(event));
            assert!(outcome.is_ok(), "{outcome:?}");
            assert!(events.contains(&Event::Loaded("stopped".into())), "{events:?}");
            assert_eq!((logs(&run), left(&run)), (1, Vec::new()));
        });
        // The program does not end by itself. A second request, while it is asked to end, kills
        // it.
        scope.spawn(|| {
            let stubborn = format!("process.on('SIGTERM', () => {{}}); {SERVER}");
            let (folder, mut options) = setting(&stubborn);
            options.load = Some("true".into());
            options.grace = Duration::from_secs(3600);
            let (_, events) =
                ended_at(&options, |event| 2 * usize::from(matches!(event, Event::Loaded(_))));
            assert!(events.contains(&Event::Killed), "{events:?}");
            let run = folder.path().join("run");
            assert_eq!((logs(&run), left(&run)), (1, Vec::new()));
        });
    });
}

#[test]
fn a_detached_child_is_ended_with_the_run() {
    if !has("node") {
        return;
    }
    let parent = "const child = require('child_process').spawn('sleep', ['600.5'],
        { detached: true, stdio: 'ignore' }); child.unref(); console.log('left', child.pid);";
    let (folder, options) = setting(parent);
    let (_, events) = ended_at(&options, |_| 0);
    assert!(events.contains(&Event::LeftBehind(1)), "{events:?}");
    assert_eq!(left(&folder.path().join("run")), Vec::<PathBuf>::new());
}

/// The errors were: a program that npm or a shell had started was killed 750 ms after SIGTERM, and got
/// SIGTERM several times.
#[test]
fn a_program_below_a_shell_gets_the_whole_time_to_close() {
    if !has("node") {
        return;
    }
    let closes = "process.on('SIGTERM', () => { console.log('closing');
        setTimeout(() => { console.log('closed'); process.exit(0); }, 2500); });";
    let (folder, mut options) = setting(&format!("{closes} {SERVER}"));
    let main = folder.path().join("main.js").display().to_string();
    options.command = ["sh", "-c", &format!("node {main}; true")].map(Into::into).to_vec();
    options.load = Some("true".into());
    options.grace = PATIENCE;
    let (_, events) = ended_at(&options, |_| 0);
    let log = text(&options.folder, "app.log");
    assert_eq!((log.matches("closing").count(), log.matches("closed").count()), (1, 1), "{log}");
    assert!(!events.contains(&Event::Killed), "{events:?}");
}

/// The error was: the recording did not end before a daemon did that held the program's output.
#[test]
fn a_daemon_that_holds_the_output_does_not_hold_up_the_end() {
    if !has("node") {
        return;
    }
    // Without the recorder's variables, the daemon is not known to belong to the run.
    let parent = "const child = require('child_process').spawn('sleep', ['3600'],
        { detached: true, stdio: 'inherit', env: { PATH: process.env.PATH } });
        child.unref(); console.log('left', child.pid);";
    let (_folder, options) = setting(parent);
    let (_, events) = ended_at(&options, |_| 0);
    let log = text(&options.folder, "app.log");
    let daemon = log.split_whitespace().nth(2).unwrap();
    Command::new("kill").arg(daemon).status().unwrap();
    assert!(events.contains(&Event::OutputHeld), "{events:?}");
}

#[test]
fn two_recorders_do_not_share_a_folder() {
    if !has("node") {
        return;
    }
    let (folder, options) = setting("setTimeout(() => {}, 300)");
    let results: Vec<Result<Outcome, Error>> = std::thread::scope(|scope| {
        let both = [0, 1].map(|_| scope.spawn(|| record(&options, &Stop::default(), &mut |_| {})));
        both.map(|thread| thread.join().unwrap()).into()
    });
    let refused = results.iter().filter(|one| matches!(one, Err(Error::NotEmpty { .. }))).count();
    assert_eq!(refused, 1, "{results:?}");
    assert_eq!(logs(&folder.path().join("run")), 1);
}

/// The program writes 64 MB in CI. `SPIKEFLAME_OUTPUT_MB=1000` tries a gigabyte.
#[test]
fn much_output_is_kept_whole() {
    if !has("node") {
        return;
    }
    let wanted = std::env::var("SPIKEFLAME_OUTPUT_MB").ok().and_then(|text| text.parse().ok());
    let lines = wanted.unwrap_or(64u64) * 1000;
    let script = format!(
        "const line = 'x'.repeat(999) + '\\n';
         let at = 0;
         (function write() {{
           while (at < {lines}) {{ at++; if (!process.stdout.write(line)) return process.stdout.once('drain', write); }}
         }})();"
    );
    let (folder, options) = setting(&script);
    let (_, events) = ended_at(&options, |_| 0);
    let ended = Event::Ended { status: "exit code 0".to_owned(), success: true };
    assert_eq!(events, [Event::Started("flags"), ended]);
    let log = folder.path().join("run/app.log");
    // The time in front of each line has 25 bytes with its space.
    assert_eq!(log.metadata().unwrap().len(), lines * (1000 + 25));
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let peak: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    assert!(peak < 200_000, "{peak} kB at most");
}

#[test]
fn a_node_that_is_too_old_or_missing_is_named() {
    if !has("node") {
        return;
    }
    let (folder, mut options) = setting(SERVER);
    let fake = folder.path().join("old.cjs");
    let pretend = "Object.defineProperty(process.versions, 'node', { value: '14.21.3' })";
    std::fs::write(&fake, pretend).unwrap();
    let main = folder.path().join("main.js");
    let (fake, main) = (fake.display(), main.display());
    let command = format!("NODE_OPTIONS=\"--require {fake} $NODE_OPTIONS\" exec node {main}");
    options.command = vec!["sh".into(), "-c".into(), command.into()];
    options.load = Some("true".into());
    let result = record(&options, &Stop::default(), &mut |_| {});
    assert!(
        matches!(&result, Err(Error::OldNode { version }) if version == "14.21.3"),
        "{result:?}"
    );
    assert_eq!(left(&options.folder), Vec::<PathBuf>::new());
    let missing = folder.path().join("missing/node").into_os_string();
    let options = Options::new(folder.path().join("other"), vec![missing]);
    let error = record(&options, &Stop::default(), &mut |_| {}).unwrap_err().to_string();
    assert!(error.contains("could not be started") && error.contains("PATH"), "{error}");
}

/// Records into `RECORDER_RUN`, when this test is started as a program of its own.
#[test]
fn recorder() {
    let Some(run) = std::env::var_os("RECORDER_RUN").map(PathBuf::from) else { return };
    let main = run.with_file_name("main.js").into_os_string();
    let mut options = Options::new(run, vec!["node".into(), main]);
    if std::env::var_os("RECORDER_LOAD").is_some() {
        options.load = Some("true".into());
    }
    let mut words = Vec::new();
    let result = record(&options, &Stop::default(), &mut |event| words.push(format!("{event:?}")));
    eprintln!("{} {result:?}", words.join(" "));
}

/// Returns a command that runs this test as a program which records into `run`.
fn recorder_of(run: &Path) -> Command {
    let mut recorder = Command::new(std::env::current_exe().unwrap());
    recorder.args(["--exact", "recorder", "--nocapture"]).env("RECORDER_RUN", run);
    recorder
}

#[test]
fn a_recorder_that_is_killed_leaves_the_log_and_no_process() {
    if !has("node") {
        return;
    }
    let script = format!("setInterval(() => {{ for (let i = 0; i < 1e6; i++); }}, 5); {SERVER}");
    let (folder, options) = setting(&script);
    let run = &options.folder;
    let mut recorder =
        recorder_of(run).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    until("the program did not start", || has_line(&run.join("app.log"), "ready"));
    recorder.kill().unwrap();
    recorder.wait().unwrap();
    assert_eq!(left(run), Vec::<PathBuf>::new());
    // The program was asked to end, so that its log is complete to its last mark.
    assert_eq!(logs(run), 1);
    let facts: serde_json::Value = serde_json::from_str(&text(run, "run.json")).unwrap();
    assert!(facts.get("ended").unwrap().is_null(), "{facts}");
    drop(folder);
}

/// Returns the number of ports on which a process listens.
fn ports(process: &Path) -> usize {
    let tables = ["net/tcp", "net/tcp6"].map(|name| std::fs::read_to_string(process.join(name)));
    let listening = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        (fields.get(3) == Some(&"0A")).then(|| format!("socket:[{}]", fields.get(9).unwrap()))
    };
    let sockets: Vec<String> = tables
        .iter()
        .flatten()
        .flat_map(|table| table.lines().filter_map(listening).collect::<Vec<_>>())
        .collect();
    let files = std::fs::read_dir(process.join("fd")).into_iter().flatten().flatten();
    let links = files.filter_map(|file| std::fs::read_link(file.path()).ok());
    links.filter(|link| sockets.iter().any(|socket| link.to_string_lossy() == *socket)).count()
}

/// The tests run in one process, and one counts the ports on which this process listens while another
/// listens itself.
static PORTS: std::sync::Mutex<()> = std::sync::Mutex::new(());

#[test]
fn no_port_is_opened_beside_those_of_the_program() {
    if !has("node") {
        return;
    }
    let _alone = PORTS.lock();
    let quiet = "console.log('ready'); setInterval(() => {}, 1000)";
    for (script, expected) in [(quiet, 0), (SERVER, 1)] {
        let (_folder, options) = setting(script);
        let stop = Stop::default();
        let (asked, run) = (stop.clone(), options.folder.clone());
        let watcher = std::thread::spawn(move || {
            until("the program did not start", || has_line(&run.join("app.log"), "ready"));
            let count = processes(&run).iter().map(|process| ports(process)).sum::<usize>();
            let own = ports(Path::new("/proc/self"));
            asked.ask();
            (count, own)
        });
        let outcome = record(&options, &stop, &mut |_| {});
        assert!(outcome.is_ok(), "{outcome:?}");
        assert_eq!(watcher.join().unwrap(), (expected, 0));
    }
}

/// The error was: Ctrl-C, by which a recording without a load ends, gave the warning "the program ended
/// with exit code 130".
#[test]
fn the_end_that_was_asked_for_is_no_failure() {
    if !has("node") {
        return;
    }
    let ended = |script: &str, asks: bool| {
        let (folder, options) = setting(script);
        let stop = Stop::default();
        let (asked, log) = (stop.clone(), folder.path().join("run/app.log"));
        let asker = std::thread::spawn(move || {
            until("the program did not start", || !asks || has_line(&log, "up"));
            (0..usize::from(asks)).for_each(|_| asked.ask());
        });
        let mut end = None;
        let outcome = record(&options, &stop, &mut |event| {
            if let Event::Ended { status, success } = event {
                end = Some((status, success));
            }
        });
        asker.join().unwrap();
        assert!(outcome.is_ok(), "{outcome:?}");
        end.unwrap()
    };
    let waits = "setInterval(() => {}, 1000); console.log('up');";
    let on_signal = format!("process.on('SIGINT', () => process.exit(130)); {waits}");
    for script in [waits, &on_signal] {
        let (status, success) = ended(script, true);
        assert!(success, "{status}");
    }
    assert!(!ended("console.log('up'); process.exit(130)", false).1);
    // An exit code of its own is a failure also after Ctrl-C.
    let failing = format!("process.on('SIGINT', () => process.exit(3)); {waits}");
    assert!(!ended(&failing, true).1);
}

/// The error was: for an option that Node refuses, "no Node process was started that loads modules with
/// --require".
#[test]
fn an_option_that_node_refuses_is_the_cause() {
    if !has("node") {
        return;
    }
    let (_folder, mut options) = setting("console.log('up')");
    options.command.insert(1, "--no-such-option".into());
    let error = record(&options, &Stop::default(), &mut |_| {}).unwrap_err().to_string();
    assert!(error.contains("Node refused an option"), "{error}");
}

/// The error was: a start that failed kept the name of its folder, so that the corrected command was
/// refused.
#[test]
fn the_corrected_command_gets_the_folder_of_a_start_that_failed() {
    if !has("node") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    let main = folder.path().join("main.js");
    let go = |script: &str, load: Option<&str>| {
        std::fs::write(&main, script).unwrap();
        let mut options = Options::new(&run, vec!["node".into(), main.clone().into()]);
        options.load = load.map(str::to_owned);
        options.patience = Duration::from_secs(120);
        let mut aside = Vec::new();
        let outcome = record(&options, &Stop::default(), &mut |event| {
            if let Event::SetAside { to, .. } = event {
                aside.push(to);
            }
        });
        (outcome, aside)
    };
    let (outcome, aside) = go("process.exit(3)", Some("true"));
    assert!(matches!(outcome, Err(Error::EndedEarly { .. })) && aside.is_empty(), "{outcome:?}");
    // A load command that the shell does not find leaves no run either.
    let (outcome, aside) = go(SERVER, Some("no-such-load-generator"));
    assert!(outcome.unwrap().check_load().is_err());
    assert_eq!(aside, [folder.path().join("failed-run")]);
    assert!(aside[0].join("app.log").is_file());
    let (outcome, aside) = go("console.log(1); process.exitCode = 7", None);
    assert_eq!(outcome.unwrap().program_failed.as_deref(), Some("exit code 7"));
    assert_eq!(aside, [folder.path().join("failed-run-2")]);
    // A program that failed by itself has a run, which is kept.
    let (outcome, aside) = go("1", None);
    assert!(matches!(outcome, Err(Error::NotEmpty { .. })) && aside.is_empty(), "{outcome:?}");
}

/// The error was: "a port that the program listens on did not come" for a program whose port another one
/// has. Express calls the callback of `listen` then too, so the program's output says that it listens.
#[test]
fn a_port_that_another_program_has_is_named() {
    if !has("node") {
        return;
    }
    let _alone = PORTS.lock();
    // On a busy machine, five seconds can pass before the program begins.
    let names = |script: &str, wait: Option<&Wait>, words: &str| {
        let mut error = String::new();
        let is_named = |seconds| {
            let (_folder, mut options) = setting(script);
            options.load = Some("true".into());
            options.wait = wait.cloned();
            options.patience = Duration::from_secs(seconds);
            error = record(&options, &Stop::default(), &mut |_| {}).unwrap_err().to_string();
            error.contains(words)
        };
        assert!([5, 30, 120].into_iter().any(is_named), "{error}");
    };
    let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = other.local_addr().unwrap().port();
    let script = format!(
        "require('net').createServer().on('error', () => console.log('listening')).listen({port}, '127.0.0.1');
         setInterval(() => {{}}, 1000);"
    );
    names(&script, None, &format!("could not listen on port {port} (EADDRINUSE)"));
    // A sign that never comes is easier to correct beside the port that is there.
    let never = Wait::Line("never written".into());
    names(SERVER, Some(&never), "; the program listens on port ");
}
