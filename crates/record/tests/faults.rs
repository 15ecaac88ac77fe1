//! Records real Node programs, good and bad ones. Without `node`, the tests print SKIPPED.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test may fail"
)]

mod common;

use common::{SERVER, has, recorded, text};
use spikeflame_record::{Error, Event, Options, Profiler, Stop, record};
use std::path::Path;
use std::time::{Duration, Instant};

/// Returns true when a process with that id runs for long. A zombie, which only waits for its
/// parent, does not count.
fn stays(pid: &str) -> bool {
    let stat = Path::new("/proc").join(pid.trim()).join("stat");
    let until = Instant::now() + Duration::from_secs(60);
    while std::fs::read_to_string(&stat).is_ok_and(|stat| !stat.contains(") Z ")) {
        if Instant::now() > until {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

#[test]
fn a_program_that_ends_leaves_its_run() {
    if !has("node") {
        return;
    }
    let work =
        "let x = 0; for (let i = 0; i < 3e8; i++) x += Math.sqrt(i); console.log('done', x > 0);";
    let (folder, outcome, events) = recorded(work, |_| {});
    let outcome = outcome.unwrap();
    assert_eq!(outcome.profiles.len(), 1, "{:?}", outcome.profiles);
    assert!(std::fs::read_to_string(&outcome.profiles[0]).unwrap().contains("__wallmark_"));
    assert!(text(folder.path(), "app.log").ends_with("done true\n"));
    let facts: serde_json::Value = serde_json::from_str(&text(folder.path(), "run.json")).unwrap();
    assert_eq!(facts["schema"], "spikeflame.run/1");
    assert_eq!(facts["exit"], "exit code 0");
    assert!(facts["processes"][0]["node"].as_str().unwrap().starts_with('v'));
    assert!(text(folder.path(), "process.csv").lines().count() >= 2);
    let ended = Event::Ended { status: "exit code 0".to_owned(), success: true };
    assert_eq!(events, [Event::Started("flags"), ended]);
}

/// The interval of Node's timer counted as delay, so an idle program had a delay of 10 ms. Other work on the
/// machine delays timers by any time, so a timer that is always 0.5 ms late takes the place of Node's.
#[test]
fn the_interval_of_the_timer_is_no_delay() {
    if !has("node") {
        return;
    }
    let (folder, outcome, _) = recorded("setTimeout(() => {}, 100)", |options| {
        let main = options.command[1].clone().into_string().unwrap();
        let timer = "require('perf_hooks').monitorEventLoopDelay = ({ resolution }) => ({
            enable() {}, reset() {}, max: 1, percentile: () => (resolution + 0.5) * 1e6 })";
        std::fs::write(format!("{main}.cjs"), timer).unwrap();
        let line = format!("NODE_OPTIONS=\"--require {main}.cjs $NODE_OPTIONS\" exec node {main}");
        options.command = vec!["sh".into(), "-c".into(), line.into()];
    });
    outcome.unwrap();
    let table = text(folder.path(), "process.csv");
    let delays: Vec<&str> =
        table.lines().skip(1).map(|row| row.split(',').nth(5).unwrap()).collect();
    assert!(!delays.is_empty() && delays.iter().all(|ms| *ms == "0.50"), "{table}");
}

#[test]
fn what_fails_is_named_and_leaves_no_process() {
    if !has("node") {
        return;
    }
    let load = |command: &str| {
        let command = command.to_owned();
        move |options: &mut Options| options.load = Some(command)
    };
    // The program ends before it answers.
    let (folder, outcome, _) = recorded("console.log('bye'); process.exit(3)", load("true"));
    let error = outcome.unwrap_err();
    assert!(
        matches!(&error, Error::EndedEarly { status, .. } if status == "exit code 3"),
        "{error}"
    );
    assert!(text(folder.path(), "app.log").contains("bye"));
    // The program never answers.
    let (_folder, outcome, _) = recorded("setInterval(() => {}, 1000)", |options| {
        options.load = Some("true".into());
        options.patience = Duration::from_secs(1);
    });
    assert!(matches!(outcome, Err(Error::NoAnswer { .. })), "{outcome:?}");
    // The load generator does not exist.
    let (_folder, outcome, events) = recorded(SERVER, load("no-such-load-generator"));
    assert!(!outcome.unwrap().load_succeeded);
    assert!(events.contains(&Event::Loaded("exit code 127".into())), "{events:?}");
    // The program ignores SIGTERM.
    let stubborn = format!("process.on('SIGTERM', () => {{}}); console.log(process.pid); {SERVER}");
    let (folder, outcome, events) = recorded(&stubborn, |options| {
        options.load = Some("sleep 0.2".into());
        options.grace = Duration::from_secs(1);
    });
    assert!(outcome.is_ok() && events.contains(&Event::Killed), "{outcome:?} {events:?}");
    let log = text(folder.path(), "app.log");
    assert!(!stays(log.split_whitespace().nth(1).unwrap()), "{log}");
    // The program leaves a child process behind.
    let parent = "const child = require('child_process').spawn('sleep', ['600']); console.log(child.pid); process.exit(0)";
    let (folder, outcome, _) = recorded(parent, |_| {});
    assert!(outcome.is_ok(), "{outcome:?}");
    let log = text(folder.path(), "app.log");
    assert!(!stays(log.split_whitespace().nth(1).unwrap()), "{log}");
    // The program was killed.
    let (_folder, outcome, _) = recorded("process.kill(process.pid, 'SIGKILL')", |_| {});
    assert_eq!(outcome.unwrap().profiles.len(), 1);
}

#[test]
fn a_program_that_crashes_under_the_load_is_named() {
    if !has("node") {
        return;
    }
    let crashing = SERVER.replace("r.end('ok')", "process.exit(7)");
    let (_folder, outcome, events) = recorded(&crashing, |options| {
        let script = "require('fs').readdirSync(process.env.RUN + '/.spikeflame').filter(name =>
            name.startsWith('listening')).forEach(name => require('http').get('http://127.0.0.1:' +
            require('fs').readFileSync(process.env.RUN + '/.spikeflame/' + name, 'utf8').trim())
            .on('error', () => {}))";
        options.load = Some(format!("node -e \"{script}\"; sleep 600"));
    });
    assert!(!outcome.unwrap().load_succeeded);
    let ended = Event::Ended { status: "exit code 7".to_owned(), success: false };
    assert!(events.contains(&ended), "{events:?}");
}

#[test]
fn folders_and_programs_that_cannot_be_used_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("x"), "").unwrap();
    let go = |options: &Options| record(options, &Stop::default(), &mut |_| {}).unwrap_err();
    let full = Options::new(folder.path(), vec!["node".into()]);
    assert!(matches!(go(&full), Error::NotEmpty { .. }));
    let none = Options::new(folder.path().join("a"), Vec::new());
    assert!(matches!(go(&none), Error::NoCommand));
    let missing = Options::new(folder.path().join("b"), vec!["no-such-program".into()]);
    assert!(matches!(go(&missing), Error::NotStarted { .. }));
    let other = Options::new(folder.path().join("c"), vec!["true".into()]);
    assert!(matches!(go(&other), Error::NoProfile { .. }));
}

/// V8's CPU profiler interrupts the waits of the event loop, and Node counts them as work
/// (findings/node-cpu-profiler-loop-utilization.sh). The error was: `process.csv` had a utilization of
/// 0.7 for an idle program, and the verdict rested on it.
#[test]
fn no_utilization_is_measured_beside_a_cpu_profiler() {
    if !has("node") {
        return;
    }
    for (profiler, is_measured) in [(Profiler::CpuProf, false), (Profiler::Prof, true)] {
        let (folder, outcome, _) =
            recorded("setTimeout(() => {}, 1500)", |options| options.profiler = profiler);
        outcome.unwrap();
        let table = text(folder.path(), "process.csv");
        let mut rows = table.lines().map(|row| row.split(',').collect::<Vec<_>>());
        let header = rows.next().unwrap();
        let at = header.iter().position(|name| *name == "event_loop_utilization").unwrap();
        let rows: Vec<_> = rows.collect();
        assert!(!rows.is_empty() && rows.iter().all(|row| row.len() == header.len()), "{table}");
        assert!(rows.iter().all(|row| row[at].is_empty() != is_measured), "{table}");
    }
}

#[test]
fn no_secret_reaches_run_json() {
    if !has("node") {
        return;
    }
    let (folder, outcome, _) = recorded("console.log(1)", |options| {
        options.command.push("--db-password=planted-secret".into());
        options.load = None;
    });
    assert!(outcome.is_ok(), "{outcome:?}");
    assert!(!text(folder.path(), "run.json").contains("planted-secret"));
    // After `node -e`, the first argument is no script.
    let (inline, outcome, _) = recorded("", |options| {
        let words = ["-e", "setTimeout(() => {}, 100)", "--", "--token=planted-secret"];
        options.command.truncate(1);
        options.command.extend(words.map(Into::into));
    });
    assert!(outcome.is_ok(), "{outcome:?}");
    // A variable of the program, and the commands around it.
    let (folder, outcome, _) = recorded(SERVER, |options| {
        let main = options.command[1].clone().into_string().unwrap();
        let line = format!("DB_PASSWORD=planted-secret exec node {main} --token planted-secret");
        options.command = vec!["sh".into(), "-c".into(), line.into()];
        options.load = Some(
            "API_KEY=planted-secret true http://me:planted-secret@localhost/; \
                  true -p planted-secret; true mysql -pplanted-secret"
                .into(),
        );
    });
    assert!(outcome.is_ok(), "{outcome:?}");
    let run = folder.path().join("run");
    for file in [run.join("run.json"), run.join("process.csv"), run.join("app.log")] {
        assert!(!std::fs::read_to_string(&file).unwrap().contains("planted-secret"), "{file:?}");
    }
    let own = [run.join(".spikeflame"), inline.path().join("run/.spikeflame")];
    for file in own.iter().flat_map(|own| std::fs::read_dir(own).unwrap().flatten()) {
        let bytes = std::fs::read(file.path()).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(!text.contains("planted-secret"), "{:?}", file.path());
    }
}
