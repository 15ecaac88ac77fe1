//! Records real Node programs, good and bad ones. Without `node`, the tests print SKIPPED.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test may fail"
)]

use spikeflame_record::{Error, Event, Options, Outcome, Profiler, Stop, Wait, record};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

fn has(program: &str) -> bool {
    let there = Command::new(program).arg("--version").output().is_ok();
    if !there {
        eprintln!("SKIPPED: no {program}");
    }
    there
}

/// Records `script` as `main.js` in a folder of its own. The run goes to `run` beside it.
fn recorded(
    script: &str,
    change: impl FnOnce(&mut Options),
) -> (tempfile::TempDir, Result<Outcome, Error>, Vec<Event>) {
    let folder = tempfile::tempdir().unwrap();
    let main = folder.path().join("main.js");
    std::fs::write(&main, script).unwrap();
    let command = vec!["node".into(), main.into_os_string()];
    let mut options = Options::new(folder.path().join("run"), command);
    // A busy machine can be very slow.
    options.patience = Duration::from_secs(120);
    options.grace = Duration::from_secs(120);
    change(&mut options);
    let mut events = Vec::new();
    let outcome = record(&options, &Stop::default(), &mut |event| events.push(event));
    (folder, outcome, events)
}

fn text(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join("run").join(name)).unwrap()
}

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

const SERVER: &str = "require('http').createServer((q, r) => r.end('ok'))
    .listen(0, '127.0.0.1', () => console.log('ready'));";

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

/// The interval of Node's timer counted as delay, so an idle program had a delay of 10 ms.
#[test]
fn an_idle_program_has_hardly_a_delay() {
    if !has("node") {
        return;
    }
    // The smallest delay counts, because other work on the machine delays the program too.
    let script = "const [fs, began] = [require('fs'), Date.now()];
        const table = process.env.SPIKEFLAME_RUN + '/process.csv';
        const delays = () => fs.readFileSync(table, 'utf8').split('\\n').slice(1)
            .map((row) => row.split(',')[5]).filter(Boolean).map(Number);
        setInterval(() => {
            if (delays().some((ms) => ms < 8)) process.exit(0);
            if (Date.now() - began > 120000) { console.log(delays()); process.exit(1); }
        }, 500);";
    let (folder, outcome, _) = recorded(script, |_| {});
    outcome.unwrap();
    let facts: serde_json::Value = serde_json::from_str(&text(folder.path(), "run.json")).unwrap();
    assert_eq!(facts["exit"], "exit code 0", "{}", text(folder.path(), "app.log"));
}

#[test]
fn a_load_begins_when_the_program_answers_and_ends_it() {
    if !has("node") {
        return;
    }
    for wait in [None, Some(Wait::Line("ready".into()))] {
        let (folder, outcome, events) = recorded(SERVER, |options| {
            options.load = Some("echo loaded > \"$RUN/mark\"; sleep 0.5".into());
            options.wait = wait;
        });
        assert!(outcome.unwrap().load_succeeded);
        assert_eq!(text(folder.path(), "mark"), "loaded\n");
        assert_eq!(events[1..], [Event::Loading, Event::Loaded("exit code 0".into())]);
    }
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

/// The error was: the processes were ended without a word, and the profile was of an idle program.
#[test]
fn a_load_in_the_background_is_named() {
    if !has("node") {
        return;
    }
    let background = "sleep 600 & echo";
    let (_folder, outcome, events) =
        recorded(SERVER, |options| options.load = Some(background.into()));
    assert!(outcome.is_ok() && events.contains(&Event::LoadInBackground), "{events:?}");
}

/// The error was: a port that only a worker listens on never came.
#[test]
fn a_worker_can_be_the_server() {
    if !has("node") {
        return;
    }
    let script = format!(
        "const {{ Worker, isMainThread }} = require('worker_threads');
         if (isMainThread) new Worker(__filename); else {SERVER}"
    );
    let (_folder, outcome, events) =
        recorded(&script, |options| options.load = Some("true".into()));
    assert_eq!(outcome.unwrap().profiles.len(), 2, "{events:?}");
}

/// The errors were: the load began when a tool (tsx, pm2) opened a socket of its own, before the
/// program listened, and a program that pm2 started with a channel was not profiled.
#[test]
fn a_tool_that_speaks_through_sockets_and_channels_is_not_the_program() {
    if !has("node") {
        return;
    }
    let work =
        "(() => { let x = 0; for (let i = 0; i < 1e8; i++) x += Math.sqrt(i); return x; })()";
    let script = format!(
        "const net = require('net');
         if (process.argv[2]) setTimeout(() => {{ {SERVER} {work} }}, 500);
         else net.createServer().listen(__dirname + '/socket', () =>
           require('child_process').spawn(process.execPath, [__filename, 'child'],
             {{ stdio: ['inherit', 'inherit', 'inherit', 'ipc'] }}));"
    );
    let (folder, outcome, events) = recorded(&script, |options| {
        options.load = Some("cat \"$RUN\"/.spikeflame/listening-* > \"$RUN/port\"".into());
    });
    assert_eq!(outcome.unwrap().profiles.len(), 2, "{events:?}");
    assert_ne!(text(folder.path(), "port").trim(), "0");
    assert!(text(folder.path(), "app.log").contains("ready"));
}

/// The error was: a single executable application took the profiler's flags for words of its own, so it
/// was started again without end. Here, a wrapper in place of `node` loses the flags.
#[test]
fn a_program_that_loses_the_flags_is_started_again_once() {
    if !has("node") {
        return;
    }
    let script = "require('fs').appendFileSync(__dirname + '/started', '.')";
    let (folder, outcome, _) = recorded(script, |options| {
        let folder = Path::new(&options.command[1]).parent().unwrap();
        let (wrapper, module) = (folder.join("wrapper"), folder.join("wrapper.cjs"));
        let loses = "#!/bin/sh\nwhile case $1 in --*) true;; *) false; esac; do shift; done\n\
                     exec node \"$@\"\n";
        std::fs::write(&wrapper, loses).unwrap();
        Command::new("chmod").arg("+x").arg(&wrapper).status().unwrap();
        std::fs::write(&module, format!("process.execPath = {wrapper:?};")).unwrap();
        let command = format!(
            "NODE_OPTIONS=\"--require {} $NODE_OPTIONS\" node {}/main.js",
            module.display(),
            folder.display()
        );
        options.command = vec!["sh".into(), "-c".into(), command.into()];
    });
    assert!(matches!(outcome, Err(Error::NoProfile { .. })), "{outcome:?}");
    assert_eq!(std::fs::read_to_string(folder.path().join("started")).unwrap(), ".");
}

/// The load went to a server that was left running, and the run showed an idle program.
#[test]
fn an_answer_before_the_start_is_of_another_program() {
    if !has("node") {
        return;
    }
    let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = other.local_addr().unwrap().port();
    let waiting = |wait: Wait| {
        move |options: &mut Options| {
            options.load = Some("true".into());
            options.wait = Some(wait);
        }
    };
    let (folder, outcome, _) = recorded(SERVER, waiting(Wait::Port(port)));
    assert!(matches!(outcome, Err(Error::AnswersBefore { .. })), "{outcome:?}");
    assert!(!folder.path().join("run").exists());
    drop(other);
    let server = SERVER.replace(".listen(0,", &format!(".listen({port},"));
    let (_folder, outcome, events) = recorded(&server, waiting(Wait::Port(port)));
    assert!(outcome.is_ok(), "{outcome:?} {events:?}");
}

/// The error was: the load began at the first 503 of a program that still connected to its database.
#[test]
fn an_answer_of_503_is_not_waited_for_in_vain() {
    if !has("node") {
        return;
    }
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let server = format!(
        "const begun = Date.now(); require('http').createServer((q, r) => {{
           r.statusCode = Date.now() - begun < 1000 ? 503 : 404; console.log('status', r.statusCode); r.end();
         }}).listen({port}, '127.0.0.1');"
    );
    let (folder, outcome, _) = recorded(&server, |options| {
        options.load = Some("true".into());
        options.wait = Some(format!("http://127.0.0.1:{port}/health").parse().unwrap());
    });
    assert!(outcome.is_ok(), "{outcome:?}");
    let log = text(folder.path(), "app.log");
    assert!(log.contains("status 503") && log.trim_end().ends_with("status 404"), "{log}");
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

/// The error was: nodemon started the program again when `run.json` was written, and the load went
/// to a port that was gone, without a word.
#[test]
fn a_server_that_is_started_again_under_the_load_is_named() {
    if !has("node") {
        return;
    }
    // The parent starts the server again as soon as the first one ends.
    let script = format!(
        "const {{ fork }} = require('child_process'), fs = require('fs');
         if (process.argv[2]) {{ {SERVER}
           setInterval(() => {{ if (fs.existsSync(process.env.SPIKEFLAME_RUN + '/end') &&
             process.argv[2] === '1') process.exit(0); }}, 20);
         }} else fork(__filename, ['1']).on('exit', () => fork(__filename, ['2']).on('spawn', () =>
           fs.writeFileSync(process.env.SPIKEFLAME_RUN + '/again', '')));"
    );
    let ended = |load: &str| {
        let (_folder, outcome, events) =
            recorded(&script, |options| options.load = Some(load.to_owned()));
        assert!(outcome.is_ok(), "{outcome:?} {events:?}");
        events.contains(&Event::ListenerEnded(1))
    };
    assert!(ended("touch \"$RUN/end\"; until test -e \"$RUN/again\"; do sleep 0.1; done"));
    assert!(!ended("true"));
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

#[test]
fn children_workers_and_scripts_have_logs_of_their_own() {
    if !has("node") {
        return;
    }
    let work = "let x = 0; for (let i = 0; i < 1e8; i++) x += Math.sqrt(i);";
    let several = format!(
        "const {{ Worker, isMainThread }} = require('worker_threads');
         if (isMainThread && !process.argv[2]) {{
           new Worker(__filename);
           require('child_process').fork(__filename, ['child']);
         }} else {{ {work} }}"
    );
    let (_folder, outcome, _) = recorded(&several, |_| {});
    assert_eq!(outcome.unwrap().profiles.len(), 3);
    // npm starts scripts through a shell: Node is started by another program.
    let (folder, outcome, events) = recorded(&format!("{work} console.log('done')"), |options| {
        let main = options.command[1].clone().into_string().unwrap();
        options.command = vec!["sh".into(), "-c".into(), format!("node {main}; exit $?").into()];
    });
    assert_eq!(outcome.unwrap().profiles.len(), 1);
    assert_eq!(events[0], Event::Started("preload"));
    assert!(text(folder.path(), "app.log").ends_with("done\n"));
    // turbo passes NODE_OPTIONS on, and none of the recorder's own variables.
    let (_folder, outcome, _) = recorded(work, |options| {
        let main = options.command[1].clone().into_string().unwrap();
        let line = format!("env -u SPIKEFLAME_RUN -u SPIKEFLAME_SPAWN node {main}; exit $?");
        options.command = vec!["sh".into(), "-c".into(), line.into()];
    });
    assert_eq!(outcome.unwrap().profiles.len(), 1);
    let (_folder, outcome, _) = recorded(work, |options| options.profiler = Profiler::CpuProf);
    assert!(outcome.unwrap().profiles[0].extension().is_some_and(|end| end == "cpuprofile"));
}

/// perf runs around the program, and must
/// not send its signals to it a second time.
#[test]
fn perf_records_the_program_and_lets_it_end_in_good_order() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("perf.data");
    let probe =
        Command::new("perf").args(["record", "-q", "-o"]).arg(&file).args(["--", "true"]).output();
    if !has("node") || !probe.is_ok_and(|probe| probe.status.success()) {
        eprintln!("SKIPPED: perf is not there, or may not count events");
        return;
    }
    let script = "let asked = 0; process.on('SIGTERM', () => { asked += 1; setTimeout(() => { \
        console.log(`asked ${asked} times`); process.exit(0) }, 300) }); \
        function busyLoop(until) { let sum = 0; while (Date.now() < until) sum += Math.sqrt(sum + 1); return sum } \
        require('net').createServer().listen(0); setInterval(() => busyLoop(Date.now() + 80), 100)";
    for shell in [false, true] {
        let (folder, outcome, _) = recorded(script, |options| {
            options.profiler = Profiler::Perf;
            options.load = Some("sleep 2".to_owned());
            if shell {
                let main = options.command[1].clone().into_string().unwrap();
                options.command =
                    vec!["sh".into(), "-c".into(), format!("node {main}; exit $?").into()];
            }
        });
        let outcome = outcome.unwrap();
        assert_eq!(outcome.profiles, [outcome.folder.join("perf.data")]);
        let log = text(folder.path(), "app.log");
        assert!(log.contains("asked 1 times"), "{log}");
        let names = std::fs::read_dir(&outcome.folder).unwrap().flatten();
        let names: Vec<_> =
            names.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        let map = names.iter().find(|name| name.starts_with("perf-")).unwrap();
        assert!(text(folder.path(), map).contains("busyLoop"), "{names:?}");
        assert!(!names.iter().any(|name| name.ends_with("-v8.log")), "{names:?}");
    }
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

/// The error was: a program below a shell lost the files that it got beside its standard streams.
#[test]
fn a_program_below_a_shell_keeps_its_open_files() {
    if !has("node") || !Path::new("/proc/self/fdinfo").exists() {
        return;
    }
    let script = "require('fs').writeSync(5, 'written'); console.log('done');";
    let (folder, outcome, _) = recorded(script, |options| {
        let main = options.command[1].clone().into_string().unwrap();
        let line = format!("node {main} 5>{main}.out; exit $?");
        options.command = vec!["sh".into(), "-c".into(), line.into()];
    });
    outcome.unwrap();
    assert!(
        text(folder.path(), "app.log").ends_with("done\n"),
        "{}",
        text(folder.path(), "app.log")
    );
    let written = std::fs::read_to_string(folder.path().join("main.js.out")).unwrap();
    assert_eq!(written, "written");
}

#[test]
fn a_signal_goes_to_the_program_first() {
    if !has("node") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let main = folder.path().join("main.js");
    let script = "process.on('SIGINT', () => { console.log('closing'); process.exit(0) }); console.log('ready'); setInterval(() => {}, 1000)";
    std::fs::write(&main, script).unwrap();
    let run = folder.path().join("run");
    let options = Options::new(run.clone(), vec!["node".into(), main.into_os_string()]);
    let stop = Stop::default();
    let asked = stop.clone();
    let began = std::thread::spawn(move || {
        let until = Instant::now() + Duration::from_secs(120);
        let ready = || std::fs::read_to_string(run.join("app.log")).unwrap_or_default();
        while !ready().contains("ready") && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(20));
        }
        asked.ask();
    });
    let outcome = record(&options, &stop, &mut |_| {});
    began.join().unwrap();
    assert!(outcome.is_ok(), "{outcome:?}");
    assert!(text(folder.path(), "app.log").contains("closing"));
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
