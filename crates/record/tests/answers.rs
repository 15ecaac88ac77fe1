//! Waits for the answer of real Node programs: which one is the program's, and when the load begins. Without `node`, the
//! tests print SKIPPED.

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
use spikeflame_record::{Error, Event, Options, Wait};

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
        "let asked = 0; require('http').createServer((q, r) => {{
           r.statusCode = (asked += 1) < 3 ? 503 : 404; console.log('status', r.statusCode); r.end();
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
