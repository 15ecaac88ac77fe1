//! Errors that are objects, or that have fields behind their message.

use spikeflame_parse::{Options, read_stream};
use spikeflame_profile::{CallTree, Profile, Selection, folded};
use std::path::Path;

fn read(log: &str) -> Profile {
    let options = Options { app_log: true, ..Options::default() };
    read_stream(log.as_bytes(), Path::new("x"), &options).unwrap()
}

/// Returns the names of the errors of a log, which have no stacks, in the order of the names.
fn names(log: &str) -> Vec<String> {
    let mut out = Vec::new();
    folded::write(&CallTree::build(&read(log), &Selection::default()), &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    text.lines().map(|line| line.rsplit_once(' ').unwrap().0.to_owned()).collect()
}

/// The error was: "(no message)" for an object without one. The lines are those of NestJS 11.2.10, and of NestJS 10 for
/// `Object:`.
#[test]
fn an_object_without_a_message_is_named_by_its_keys() {
    let json = |message: &str| {
        format!(
            "{{\"level\":\"error\",\"pid\":8392,\"timestamp\":1796139209776,\"message\":{message},\"context\":\"Shop\"}}\n"
        )
    };
    let text =
        |object: &str| format!("[Nest] 8392  - 12/01/2026, 3:33:29 PM   ERROR [Shop] {object}\n");
    for (log, name) in [
        (json(r#"{"code":42,"reason":"object thrown"}"#), r#"[error] {"code":<n>,"reason":"…"}"#),
        (
            json(r#"{"ok":false,"list":[1,2],"user":{"id":3},"none":null}"#),
            r#"[error] {"ok":false,"list":[…],"user":{…},"none":null}"#,
        ),
        (json(r#"{"message":"named","code":7}"#), "[error] named"),
        (json(r#"{"why":"a \"b\"\nc"}"#), r#"[error] {"why":"…"}"#),
        (
            text("Object(2) {\n  code: 42,\n  reason: 'object thrown'\n}"),
            "[error] { code: <n>, reason: '…' }",
        ),
        (
            text("Object:\n{\n  \"code\": 42,\n  \"reason\": \"object thrown\"\n}\n"),
            r#"[error] { "code": <n>, "reason": "…" }"#,
        ),
        (text("Object(2) {\n  message: 'named',\n  code: 7\n}"), "[error] named"),
    ] {
        assert_eq!(names(&log), [name], "{log}");
    }
}

/// The error was: the values of an error's own fields stood in its name, and its code was missing, so that it had no
/// meaning. The lines are those of tslog 5.1.0.
#[test]
fn tslog_puts_fields_behind_a_message() {
    let entry = |error: &str| {
        format!(
            "2026-12-01 13:24:23.836\tERROR\tgen.js:19\tfailed\n\n {error}\nerror stack:\n  • errs.js\tfind\n\terrs.js:4\n"
        )
    };
    for (error, name, code) in [
        (
            "Error  connect ECONNREFUSED 127.0.0.1:1, -111, ECONNREFUSED, connect, 127.0.0.1, 1",
            "Error: connect ECONNREFUSED <address>",
            "ECONNREFUSED",
        ),
        (
            "Error  Too many connections, ER_CON_COUNT_ERROR, 1040, 08004, Too many connections",
            "Error: Too many connections",
            "ER_CON_COUNT_ERROR",
        ),
        (
            "AggregateError  All promises were rejected, [{},{}]",
            "AggregateError: All promises were rejected",
            "",
        ),
    ] {
        let log = entry(error);
        assert_eq!(names(&log)[0].split(';').next(), Some(name));
        let details = read(&log).error_details;
        assert_eq!(details.get(name).map_or("", |detail| detail.code.as_str()), code);
    }
}

/// The error was: 19 errors for 30, because a line of consola 3.4.2 that ends with `(repeated 6 times)` counted once. The
/// lines are those of a program that logged 12, 9 and 9 errors, with shorter stacks.
#[test]
fn a_repeated_line_counts_as_often_as_it_says() {
    let queue = "[error] Queue limit reached.\n  at f (rep.js:2:13)\n  at node:internal/main:28:49";
    let lines = |line: &str, times: usize| format!("{line}\n").repeat(times);
    let log = format!(
        "{}{queue} (repeated 6 times)\n[info] x\n{}[error] plain failed (repeated 4 times)\n[info] x\n[info] x (repeated 8 times)\n",
        lines(queue, 6),
        lines("[error] plain failed", 5),
    );
    let profile = read(&log);
    assert_eq!(profile.total(), 21);
    assert_eq!(names(&log).len(), 2, "{:?}", names(&log));
    // Without an equal line above it, a message has these words for another reason.
    let log = "[error] other\n[error] the job failed (repeated 3 times)\nand that (repeated 5 times)\n[info] x\n";
    assert_eq!(read(log).total(), 2);
}

/// The error was: no error for `message repeated 4 times: [ text]`, the form in which rsyslog reduces equal messages.
#[test]
fn messages_that_rsyslog_reduces_count() {
    let line = |text: &str| format!("2026-11-30T05:53:20.123456+00:00 web-1 shop[77]: {text}\n");
    let log = [
        line("[error] Queue limit reached."),
        line("message repeated 4 times: [ [error] Queue limit reached.]"),
        line("[info] ok"),
        line("message repeated 9 times: [ [info] ok]"),
        line("message repeated 2 times: [ Error: connect ECONNREFUSED 127.0.0.1:3306]"),
    ];
    assert_eq!(read(&log.concat()).total(), 7);
    assert_eq!(
        names(&log.concat()),
        ["Error: connect ECONNREFUSED <address>", "[error] Queue limit reached."]
    );
}
