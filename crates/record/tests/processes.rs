//! Records real Node programs with children, workers, shells and perf around them, and signals. Without `node`, the tests
//! print SKIPPED.

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
use std::process::Command;
use std::time::{Duration, Instant};

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

/// The error was: of six workers that ran one after another, two or more logs were lost. V8 names a log by the address
/// of its isolate, and a worker gets that of one that has ended.
#[test]
fn workers_that_run_one_after_another_have_logs_of_their_own() {
    if !has("node") {
        return;
    }
    let program = "const { Worker, isMainThread } = require('worker_threads');
        let begun = 0;
        const next = () => begun++ < 6 && new Worker(__filename).on('exit', next);
        if (isMainThread) next();
        else for (const end = Date.now() + 50; Date.now() < end;);";
    let (_folder, outcome, _) = recorded(program, |_| {});
    assert_eq!(outcome.unwrap().profiles.len(), 7);
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

/// The error was: below npm, the program of Node's watch mode was not profiled, because the mode loads no modules into
/// itself and gives the program a channel. The load ran in vain.
#[test]
fn a_program_of_the_watch_mode_is_profiled_below_a_shell() {
    let watches = Command::new("node").args(["--watch", "--version"]).output();
    if !watches.is_ok_and(|output| output.status.success()) {
        eprintln!("SKIPPED: no node, or one without a watch mode");
        return;
    }
    let (folder, outcome, _) = recorded(SERVER, |options| {
        let main = options.command[1].clone().into_string().unwrap();
        options.command =
            vec!["sh".into(), "-c".into(), format!("node --watch {main}; true").into()];
        options.load = Some("true".into());
    });
    assert_eq!(outcome.unwrap().profiles.len(), 1, "{}", text(folder.path(), "app.log"));
}

/// Such a program is refused before the load runs.
#[test]
fn a_program_that_lost_the_flags_gets_no_load() {
    if !has("node") {
        return;
    }
    // The module of the recorder takes this for a program that it started with the flags.
    let (_folder, outcome, events) = recorded(SERVER, |options| {
        let main = options.command[1].clone().into_string().unwrap();
        let line = format!("SPIKEFLAME_SPAWNED_BY=$$ node {main}; true");
        options.command = vec!["sh".into(), "-c".into(), line.into()];
        options.load = Some("true".into());
    });
    assert!(
        matches!(outcome, Err(Error::NoProfile { .. })) && !events.contains(&Event::Loading),
        "{outcome:?}"
    );
}

/// The error was: a child with a cleared environment left no profile and no word.
#[cfg(target_os = "linux")]
#[test]
fn the_cpu_of_a_child_without_a_profile_is_named() {
    if !has("node") {
        return;
    }
    let script = "if (process.argv[2]) { while (process.cpuUsage().user < 8e5) for (let i = 0; i < 1e6; i++); }
         else require('child_process').STARTS(process.execPath, [__filename, 'child'], ENVIRONMENT);";
    // The module passes itself on where the child is started without waiting for it.
    for (starts, environment, is_named) in [
        ("execFileSync", "{ env: {} }", true),
        ("execFileSync", "{}", false),
        ("execFile", "{ env: {} }", false),
    ] {
        let script = script.replace("STARTS", starts).replace("ENVIRONMENT", environment);
        let (_folder, outcome, events) = recorded(&script, |_| {});
        assert_eq!(outcome.unwrap().profiles.len(), if is_named { 1 } else { 2 });
        let named = events.iter().filter(
            |event| matches!(event, Event::ChildrenNotProfiled(ms) if (700..9_000).contains(ms)),
        );
        assert_eq!(named.count(), usize::from(is_named), "{events:?}");
    }
}
