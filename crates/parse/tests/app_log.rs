//! Logs of applications: one logged error is one sample.

use proptest::prelude::*;
use spikeflame_parse::{Options, read_stream};
use spikeflame_profile::{CallTree, Profile, Selection, Zero, folded};
use std::path::{Path, PathBuf};

fn options() -> Options {
    Options { app_log: true, ..Options::default() }
}

fn parse(text: &[u8]) -> Option<Profile> {
    read_stream(text, Path::new("app.log"), &options()).ok()
}

fn fold(text: &str) -> Vec<String> {
    let profile = parse(text.as_bytes()).unwrap();
    let mut out = Vec::new();
    folded::write(&CallTree::build(&profile, &Selection::default()), &mut out).unwrap();
    String::from_utf8(out).unwrap().lines().map(str::to_owned).collect()
}

fn samples() -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/errors");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut logs: Vec<_> = files.map(|path| (path.clone(), std::fs::read(path).unwrap())).collect();
    logs.sort();
    assert!(logs.len() >= 10);
    logs
}

#[test]
fn causes_go_on_below_and_get_their_lines_back() {
    let log = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/errors/node-cause.log"),
    );
    let stacks = fold(&log.unwrap());
    let [stack] = stacks.as_slice() else { panic!("{stacks:?}") };
    let frames: Vec<&str> = stack.split(';').collect();
    let cause = frames.iter().position(|frame| frame.starts_with("[cause] SyntaxError: ")).unwrap();
    assert_eq!(frames[0], "Error: the menu cannot be read");
    // The lines that Node left out of the outer stack are those of its cause.
    let outer = &frames[1..cause - 1];
    let inner = &frames[cause + 1..frames.len() - 2];
    assert_eq!(outer, inner);
    assert_eq!(frames[cause - 1], "parse /srv/meals/dist/crash.js:10:15");
    assert_eq!(frames[frames.len() - 1], "Builtin: JSON.parse 1");
}

#[test]
fn several_errors_in_one_are_one_row() {
    let log = "AggregateError: All promises were rejected\n    at f (/srv/a.js:1:2) {\n  \
               [errors]: [\n    Error: one\n        at g (/srv/a.js:3:4) {\n      code: 'X'\n    },\n    \
               Error: two\n        at h (/srv/a.js:5:6)\n  ]\n}\nError: three\n    at k (/srv/a.js:7:8)\n";
    assert_eq!(
        fold(log),
        [
            "AggregateError: All promises were rejected;f /srv/a.js:1:2;[errors] Error: one;g /srv/a.js:3:4;[errors] Error: two;h /srv/a.js:5:6 1",
            "Error: three;k /srv/a.js:7:8 1",
        ]
    );
}

#[test]
fn properties_of_an_error_are_part_of_it() {
    let log = "QueryFailedError: Too many connections\n    at q (/srv/a.js:1:2) {\n  \
               query: 'SELECT 1',\n  parameters: [ 1, 'Error: x' ],\n  \
               driverError: Error: Too many connections\n      at p (/srv/b.js:1:2) {\n    \
               code: 'ER_CON_COUNT_ERROR',\n    errno: 1040\n  },\n  errno: 1040\n}\nall well\n";
    assert_eq!(fold(log), ["QueryFailedError: Too many connections;q /srv/a.js:1:2 1"]);
}

/// Numbers of errors by their names.
fn counts(text: &str) -> Vec<(String, u64)> {
    let mut counts = std::collections::BTreeMap::<String, u64>::new();
    for line in fold(text) {
        let (stack, count) = line.rsplit_once(' ').unwrap();
        let name = stack.split(';').next().unwrap().to_owned();
        *counts.entry(name).or_default() += count.parse::<u64>().unwrap();
    }
    counts.into_iter().collect()
}

#[test]
fn every_error_block_of_a_spikes_notes_is_counted() {
    let log = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/errors/notes.log"),
    );
    let closed = "Can't add new command when connection is in closed state";
    let expected = [
        ("Error: Queue limit reached.".to_owned(), 1),
        ("Error: connect ETIMEDOUT".to_owned(), 1),
        // A line of the notes without its stack.
        (format!("Exception: {closed}"), 1),
        (format!("QueryFailedError: {closed}"), 2),
        ("TypeORMError: Connection is not established with mysql database".to_owned(), 1),
        (format!("[query failed] Error: {closed}"), 4),
    ];
    assert_eq!(counts(&log.unwrap()), expected);
}

#[test]
fn lines_of_lambda_and_of_old_loggers_are_errors() {
    let time = "2026-11-27T11:05:01.123Z";
    let json = r#"{"errorType":"PoolError","errorMessage":"no room","stack":["PoolError: no room","    at handler (/var/task/a.js:1:2)","    at run (/var/runtime/r.js:3:4)"]}"#;
    for line in [
        format!("{time}\t8b2f-1\tERROR\tInvoke Error \t{json}\n"),
        format!(
            "{time}\tundefined\tERROR\tPoolError: no room\n    at handler (/var/task/a.js:1:2)\n"
        ),
        format!(
            "2026-11-27T11:05:01.200000+00:00 2026/11/27/[$LATEST]0a1b2c3d {time}\t8b2f-1\tERROR\tPoolError: no room\n"
        ),
        format!(
            "{{\"timestamp\":\"{time}\",\"level\":\"ERROR\",\"requestId\":\"8b2f-1\",\"errorType\":\"PoolError\",\"errorMessage\":\"no room\",\"stackTrace\":[\"    at handler (/var/task/a.js:1:2)\"]}}\n"
        ),
        "[Nest] Error\t11/27/2026, 11:05:01 AM [Pool] PoolError: no room - {} +2ms\n".to_owned(),
        format!("{time} error [api]: PoolError: no room\n"),
    ] {
        assert_eq!(counts(&line), [("PoolError: no room".to_owned(), 1)], "{line}");
    }
}

#[test]
fn containers_put_their_own_before_each_line() {
    let stack = "[Nest] 7  - 2025. 01. 10. 오전 4:46:01   ERROR [F] Exception: x\nError: x 7\n    at f (/srv/a.js:1:2)\n    at async g (C:\\a.js:3:4)\n";
    let plain = fold(stack);
    assert_eq!(plain, [r"Error: x <n>;g C:\a.js:3:4;f /srv/a.js:1:2 1"]);
    let iso = "2025-01-09T19:46:01.123456789Z";
    let packed = |line: &str| {
        format!(
            "{{\"log\":{},\"stream\":\"stdout\",\"time\":\"{iso}\"}}",
            serde_json::json!(format!("{line}\n"))
        )
    };
    let ways: [&dyn Fn(&str) -> String; 6] = [
        &|line| format!("{iso} stderr F {line}"),
        &|line| format!("{iso} {line}"),
        &|line| format!("2025-01-09T19:46:01+0000 web node[7]: {line}"),
        &|line| format!("Jan 09 19:46:01 web node[7]: {line}"),
        &|line| format!("web-1  | {line}"),
        &packed,
    ];
    for way in ways {
        let log: String = stack.lines().map(|line| way(line) + "\r\n").collect();
        assert_eq!(fold(&log), plain, "{log}");
    }
}

#[test]
fn lines_of_json_are_read_behind_what_containers_put_before_them() {
    for (path, log) in samples() {
        let name = path.to_string_lossy().into_owned();
        if !name.contains("pino") && !name.contains("winston") {
            continue;
        }
        let log = String::from_utf8(log).unwrap();
        let plain = fold(&log);
        let count = |line: &String| line.rsplit(' ').next()?.parse::<u64>().ok();
        let errors: u64 = plain.iter().filter_map(count).sum();
        for before in ["2026-11-24T00:30:10.5Z ", "2026-11-24T00:30:10.5Z stderr F ", "web-1  | "] {
            let packed: String = log.lines().map(|line| format!("{before}{line}\n")).collect();
            // The log is recognised by content, as `flame` does it.
            let found =
                read_stream(packed.as_bytes(), Path::new("x"), &Options::default()).unwrap();
            assert_eq!((found.total(), found.losses.len()), (errors, 0), "{name} behind {before}");
            assert_eq!(fold(&packed), plain, "{name} behind {before}");
        }
    }
}

#[test]
fn errors_without_a_stack_stand_in_brackets() {
    let log = "[Error: ENOENT: no such file, open '/x'] {\n  errno: -2,\n  code: 'ENOENT'\n}\n\
               [UnhandledPromiseRejection: thrown inside] {\n  code: 'ERR'\n}\n\
               listening\nError: x\n    at f (/a.js:1:2)\n";
    assert_eq!(
        fold(log),
        [
            "Error: ENOENT: no such file, open '…' 1",
            "Error: x;f /a.js:1:2 1",
            "[error] UnhandledPromiseRejection: thrown inside 1",
        ]
    );
}

#[test]
fn what_is_no_error_is_no_sample() {
    let log = "Trace: here\n    at f (/srv/a.js:1:2)\n(node:7) DeprecationWarning: old\n    at g (/srv/a.js:1:2)\n\
               Error: x\n    at h (/srv/a.js:1:2)\n";
    assert_eq!(fold(log), ["Error: x;h /srv/a.js:1:2 1"]);
    // The upper part of the log was rotated away.
    let torn = parse(b"    at f (/srv/a.js:1:2)\n    at g (/srv/a.js:1:2)\nError: x\n").unwrap();
    assert_eq!(torn.total(), 1);
    let [loss] = torn.losses.as_slice() else { panic!("{:?}", torn.losses) };
    assert_eq!((loss.first, loss.samples), (1, 1));
}

#[test]
fn a_log_cut_anywhere_is_read_up_to_the_cut() {
    for (path, log) in samples() {
        let whole = parse(&log).unwrap().total();
        let mut last = 0;
        for end in 0..=log.len() {
            let total = parse(&log[..end]).map_or(0, |profile| profile.total());
            // The cut last line may look like an error while its rest is missing.
            assert!(total <= whole + 1, "{path:?} cut at {end}: {total}");
            assert!(total + 1 >= last, "{path:?} cut at {end}: {total} after {last}");
            last = last.max(total);
        }
        assert!(last >= whole);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn damage_never_breaks_the_reader(which in 0usize..10, at in any::<prop::sample::Index>(), junk in prop::collection::vec(any::<u8>(), 0..40)) {
        let (_, mut log) = samples().swap_remove(which);
        let at = at.index(log.len());
        let end = (at + junk.len()).min(log.len());
        log.splice(at..end, junk);
        for app_log in [false, true] {
            let options = Options { app_log, ..Options::default() };
            if let Ok(profile) = read_stream(log.as_slice(), Path::new("x"), &options) {
                let tree = CallTree::build(&profile, &Selection::default());
                prop_assert_eq!(tree.total() + tree.left_out().total(), profile.total());
            }
        }
    }

    #[test]
    fn any_text_is_read(text in "(\\PC{0,20}|Error: |    at |\\[cause\\]: |\n|'|:1:2|\\{|\\}|\\[|\\]| ){0,60}") {
        let _ = parse(text.as_bytes());
    }

    /// The number of samples is the number of logged errors, for each way of logging them.
    #[test]
    fn samples_are_the_errors_logged(
        errors in prop::collection::vec((0usize..8, 0usize..12, "[a-z]{1,8}( [a-z0-9]{1,6}){0,3}", any::<bool>()), 1..30)
    ) {
        let mut log = String::from("[Nest] 1  - 23.11.2026, 10:00:00     LOG [X] up\n");
        for (second, (way, depth, message, chatter)) in errors.iter().enumerate() {
            // A logger's line and an error's name right below it are one error.
            let depth = if *way == 0 { (*depth).max(1) } else { *depth };
            let stack: String = (0..depth).map(|at| format!("    at f{at} (/srv/a.js:{}:2)\n", at + 1)).collect();
            let json = stack.replace('\n', "\\n");
            let time = format!("23.11.2026, 10:{:02}:{:02}", second / 60, second % 60);
            log += &match way {
                0 => format!("[Nest] 1  - {time}   ERROR [F] {message}\n{stack}"),
                1 => format!("[Nest] 1  - {time}   ERROR [F] Exception: {message}\nError: {message}\n{stack}"),
                2 => format!("TypeError: {message}\n{stack}"),
                3 => format!("could not: Error: {message}\n    at g (/srv/b.js:1:2)\n{stack}"),
                4 => format!("{{\"level\":50,\"time\":1795397087123,\"err\":{{\"type\":\"Error\",\"message\":\"{message}\",\"stack\":\"Error: {message}\\n{json}\"}},\"msg\":\"x\"}}\n"),
                5 => format!("{{\"level\":\"error\",\"message\":\"{message}\",\"timestamp\":\"2026-11-23T10:00:00Z\"}}\n"),
                6 => format!("Error: {message}\n    at g (/srv/b.js:1:2) {{\n  code: 'X',\n  [cause]: Error: {message}\n      at h (/srv/b.js:1:2)\n}}\n"),
                _ => format!("RangeError: {message}:\n- {message}\n    at g (/srv/b.js:1:2)\n{stack}"),
            };
            if *chatter {
                log += &format!("[Nest] 1  - {time}     LOG [X] {message}\n");
            }
        }
        let profile = parse(log.as_bytes()).unwrap();
        prop_assert_eq!(profile.total(), errors.len() as u64, "{}", log);
        prop_assert!(profile.losses.is_empty());
    }
}

/// The lines of one error, by Nest 8 and later.
fn nest_error(process: u32) -> String {
    format!(
        "[Nest] {process}  - 11/28/2026, 9:00:01 AM   ERROR [ExceptionsHandler] Queue limit reached.\n\
         Error: Queue limit reached.\n    \
         at Pool.getConnection (/app/node_modules/mysql2/lib/base/pool.js:72:17)\n    \
         at UserService.find (/app/dist/user.service.js:12:5)\n"
    )
}

/// The error was: "no errors in 8 lines" for lines behind a prefix that no list knew.
#[test]
fn errors_behind_any_prefix_are_read() {
    let plain = fold(&[nest_error(42), nest_error(42)].concat());
    assert!(plain.len() == 1 && plain[0].ends_with(" 2"), "{plain:?}");
    for prefix in [
        "[0] ",
        "[api] ",
        "web:dev: ",
        "api-7d9-x api ",
        "worker 1: ",
        "> ",
        "> > ",
        "2026-11-28T09:00:01.123456+00:00 app[web.1]: ",
        "0|app  | 2026-11-28T09:00:01: ",
        "app-1  | [0] ",
    ] {
        let text: String = [nest_error(42), nest_error(42)]
            .concat()
            .lines()
            .map(|line| format!("{prefix}{line}\n"))
            .collect();
        assert_eq!(fold(&text), plain, "{prefix}");
        // Without a line of a logger, the error's own line is the first one.
        let bare: String = text
            .lines()
            .filter(|line| !line.contains("[Nest]"))
            .map(|l| l.to_owned() + "\n")
            .collect();
        let folded = fold(&bare);
        assert!(folded.len() == 1 && folded[0].ends_with(" 2"), "{prefix}: {folded:?}");
        assert!(folded[0].contains("UserService.find"), "{prefix}: {folded:?}");
    }
}

/// Two workers write at the same time, each behind its own prefix.
#[test]
fn lines_of_several_workers_are_told_apart_by_their_prefixes() {
    let plain = fold(&[nest_error(41), nest_error(41)].concat());
    for (one, two) in [("worker 1: ", "worker 2: "), ("[41] ", "[42] "), ("a:dev: ", "b:dev: ")] {
        let (first, second) = (nest_error(41), nest_error(42));
        let lines = first.lines().zip(second.lines());
        let text: String = lines.map(|(a, b)| format!("{one}{a}\n{two}{b}\n")).collect();
        assert_eq!(fold(&text), plain, "{one}");
    }
}

/// The error was: "no errors" for loggers of Elastic and Datadog, and no time for Google's.
#[test]
fn json_of_cloud_loggers_is_read() {
    let stack = r"Error: Queue limit reached.\n    at find (/app/dist/user.service.js:12:5)";
    for line in [
        format!(
            r#"{{"log.level":"error","@timestamp":"2026-11-28T09:00:01.123Z","error":{{"type":"Error","message":"Queue limit reached.","stack_trace":"{stack}"}},"message":"x"}}"#
        ),
        format!(
            r#"{{"log.level":"error","@timestamp":"2026-11-28T09:00:01.123Z","error.stack_trace":"{stack}","message":"x"}}"#
        ),
        format!(
            r#"{{"status":"error","level":"error","timestamp":"2026-11-28T09:00:01.123Z","error.kind":"Error","error.message":"Queue limit reached.","error.stack":"{stack}","message":"x"}}"#
        ),
        format!(
            r#"{{"severityText":"ERROR","timestamp":"2026-11-28T09:00:01.123Z","exception.type":"Error","exception.stacktrace":"{stack}","message":"x"}}"#
        ),
        format!(
            r#"{{"severity":"ERROR","timestamp":{{"seconds":1795856401,"nanos":123000000}},"message":"{stack}"}}"#
        ),
    ] {
        let profile = parse(line.as_bytes()).unwrap();
        assert_eq!(profile.total(), 1, "{line}");
        let clock = profile.sources[0].clocks().next();
        assert_eq!(clock.map(|clock| clock.zero_us), Some(1_795_856_401_123_000), "{line}");
        assert!(fold(&line)[0].contains("find /app/dist/user.service.js:12:5"), "{line}");
    }
}

/// The message of Prisma's errors begins on the line below their names.
const PRISMA: &str = "PrismaClientKnownRequestError: \nInvalid `prisma.user.findMany()` invocation in\n\
    /srv/app/src/users.ts:12:30\n\n   9 \n  10 async find() {\n→ 12   return await x(\n\
    Timed out fetching a new connection from the connection pool.\n\
    \u{20}   at handle (/srv/app/node_modules/@prisma/client/library.js:121:7176)\n\
    \u{20}   at find (/srv/app/dist/users.js:12:3)\n";

#[test]
fn a_message_below_the_name_of_an_error_belongs_to_its_name() {
    let name = "PrismaClientKnownRequestError: Invalid `prisma.user.findMany()` invocation in \
                /srv/app/src/users.ts:<n>:<n> Timed out fetching a new connection from the connection \
                pool.";
    let (first, message) = PRISMA.split_once('\n').unwrap();
    let message = message.split("    at ").next().unwrap();
    let nest = format!(
        "[Nest] 1  - 11/27/2026, 11:05:01 AM   ERROR [ExceptionsHandler] \n{message}{PRISMA}"
    );
    let json = serde_json::json!({"level": 50, "time": 1_795_777_501_000_u64, "msg": "x",
        "err": {"type": first.trim_end_matches([':', ' ']), "message": message, "stack": PRISMA}});
    // The frames of the second error were seen before.
    let other = PRISMA.replace("Timed out fetching", "Timed out again while fetching");
    for text in [PRISMA.to_owned(), nest, json.to_string() + "\n"] {
        assert_eq!(counts(&text), [(name.to_owned(), 1)], "{text}");
    }
    let both = counts(&format!("{PRISMA}{other}"));
    assert_eq!(both.len(), 2, "{both:?}");
    assert!(both.iter().any(|(name, _)| name.contains("Timed out again")), "{both:?}");
}

#[test]
fn lines_that_a_collector_packed_without_a_level_are_read() {
    let lines = ["Error: boom", "    at f (/srv/app/dist/x.js:1:2)"];
    let packed = |pack: &dyn Fn(&str, usize) -> serde_json::Value| -> String {
        lines.iter().enumerate().map(|(at, line)| format!("{}\n", pack(line, at))).collect()
    };
    let pm2 = serde_json::json!({"message": lines.join("\n") + "\n", "timestamp": "2026-11-27T11:05:01.000Z",
        "type": "err", "process_id": 0, "app_name": "shop"});
    let journald = packed(&|line, at| {
        serde_json::json!({"MESSAGE": line, "PRIORITY": "3", "SYSLOG_IDENTIFIER": "node",
            "__REALTIME_TIMESTAMP": format!("{}", 1_795_777_501_000_000_u64 + at as u64)})
    });
    let filebeat = packed(&|line, at| {
        serde_json::json!({"@timestamp": format!("2026-11-27T11:05:01.00{at}Z"), "message": line,
            "log": {"offset": at, "file": {"path": "/var/log/app.log"}}, "host": {"name": "a"}})
    });
    let loki = packed(&|line, at| {
        serde_json::json!({"labels": {"app": "shop"}, "line": line,
            "timestamp": format!("2026-11-27T11:05:01.00{at}Z")})
    });
    let cloud = packed(&|line, at| {
        serde_json::json!({"insertId": at, "textPayload": line, "severity": "ERROR",
            "timestamp": "2026-11-27T11:05:01.000Z"})
    });
    for text in [format!("{pm2}\n"), journald, filebeat, loki, cloud] {
        assert_eq!(counts(&text), [("Error: boom".to_owned(), 1)], "{text}");
        let folded = fold(&text);
        assert!(folded[0].contains("/srv/app/dist/x.js:1"), "{folded:?}");
    }
}

/// The error was: pino-pretty with `singleLine` has the properties behind the message, and the error
/// below counted a second time.
#[test]
fn an_error_below_a_line_with_properties_counts_once() {
    let line = |at: u32| {
        format!(
            "[10:00:0{at}.000] ERROR (18): query failed {{\"context\":\"Db\"}}\n    err: {{\n      \
             \"type\": \"Error\",\n      \"message\": \"Too many connections\",\n      \"stack\":\n          \
             Error: Too many connections\n              at run (/srv/a.js:7:66)\n      \
             \"code\": \"ER_CON_COUNT_ERROR\"\n    }}\n\
             [10:00:0{at}.100] ERROR (18): no board {{\"context\":\"X\"}}\n[10:00:0{at}.200] INFO (18): ok\n"
        )
    };
    let expected =
        [("Error: Too many connections".to_owned(), 2), ("[error] no board".to_owned(), 2)];
    assert_eq!(counts(&(line(1) + &line(2))), expected);
}

/// The error was: the same lines in the exports of other services had no errors, in silence.
#[test]
fn exports_of_other_services_have_the_same_errors() {
    let lines = [
        "[Nest] 7  - 11/27/2026, 8:05:01 PM     LOG [Shop] up",
        "[Nest] 7  - 11/27/2026, 8:05:02 PM   ERROR [Shop] Error: boom",
        "    at f (/srv/app/dist/x.js:1:2)",
        "[Nest] 7  - 11/27/2026, 8:05:03 PM   ERROR [Shop] the shop is away",
    ];
    let iso = |at: usize| format!("2026-11-27T11:05:0{}.000Z", at + 1);
    let ns = |at: usize| format!("17957775{at:02}000000000");
    let list = |pack: &dyn Fn(&str, usize) -> serde_json::Value| -> Vec<serde_json::Value> {
        lines.iter().enumerate().rev().map(|(at, line)| pack(line, at)).collect()
    };
    let datadog = serde_json::json!({"data": list(&|line, at| serde_json::json!({"id": at, "type": "log",
        "attributes": {"timestamp": iso(at), "status": "error", "message": line, "tags": ["a:b"]}}))});
    let hits = list(&|line, at| {
        serde_json::json!({"_id": at, "_source": {"@timestamp": iso(at), "message": line,
            "log": {"level": "info"}}})
    });
    let elastic = serde_json::json!({"hits": {"total": {"value": 4}, "hits": hits}});
    let google = serde_json::json!(list(&|line, at| {
        serde_json::json!({"insertId": at, "textPayload": line, "timestamp": iso(at), "severity": "ERROR"})
    }));
    let grafana = serde_json::json!(list(&|line, at| {
        serde_json::json!({"line": line, "timestamp": ns(at), "date": iso(at), "fields": {"app": "web"}})
    }));
    let values = list(&|line, at| serde_json::json!([ns(at), line]));
    let loki = serde_json::json!({"status": "success", "data": {"resultType": "streams",
        "result": [{"stream": {"app": "web"}, "values": values}]}});
    let rows = |head: &str, row: &dyn Fn(&str, usize) -> String| -> String {
        let rows = lines.iter().enumerate().rev().map(|(at, line)| row(line, at));
        std::iter::once(format!("{head}\n")).chain(rows).collect()
    };
    let tables = [
        rows("Date,Host,Service,Message", &|line, at| format!("{},i,web,\"{line}\"\n", iso(at))),
        rows("Date,Host,Service,Content", &|line, at| format!("{},i,web,\"{line}\"\n", iso(at))),
        rows("Time,Line,tsNs,id", &|line, at| {
            format!("2026-11-27 20:05:0{at}.000,\"{line}\",{},1\n", ns(at))
        }),
        rows("Common labels: {\"app\":\"web\"}", &|line, at| format!("{}\t{line}\n", iso(at))),
    ];
    let documents = [datadog, elastic, google, grafana, loki].map(|document| document.to_string());
    let firelens: String = lines
        .iter()
        .map(|line| format!("{}\n", serde_json::json!({"container_name": "web", "log": line})))
        .collect();
    let coloured: String = lines
        .iter()
        .enumerate()
        .map(|(at, line)| {
            let bytes: Vec<u8> = format!("\u{1b}[31m{line}\u{1b}[39m").into_bytes();
            let time = (1_795_777_501_000_000 + at).to_string();
            format!("{}\n", serde_json::json!({"__REALTIME_TIMESTAMP": time, "MESSAGE": bytes}))
        })
        .collect();
    let expected = [("Error: boom".to_owned(), 1), ("[error] the shop is away".to_owned(), 1)];
    for text in documents.into_iter().chain(tables).chain([firelens, coloured]) {
        assert_eq!(counts(&text), expected, "{text}");
        assert!(fold(&text).iter().any(|stack| stack.contains("/srv/app/dist/x.js:1")), "{text}");
    }
    // A service takes the JSON of a logger apart.
    let level = serde_json::json!({"level": 50, "msg": "the shop is away"});
    let with_error = serde_json::json!({"level": 50, "msg": "boom", "err": {"type": "Error",
        "message": "boom", "stack": "Error: boom\n    at f (/srv/app/dist/x.js:1:2)"}});
    let google: Vec<serde_json::Value> = [level, with_error]
        .map(|it| serde_json::json!({"insertId": 1, "jsonPayload": it, "timestamp": iso(1)}))
        .into();
    assert_eq!(counts(&serde_json::json!(google).to_string()), expected);
}

/// The error was: a logger's JSON behind the prefix of a host, and the lines of an object that were
/// packed one by one, were no log.
#[test]
fn json_behind_a_prefix_and_in_pieces_is_read() {
    let json = r#"{"level":"error","timestamp":1795777501000,"message":"boom","stack":"Error: boom\n    at f (/srv/x.js:1:2)"}"#;
    let expected = [("Error: boom".to_owned(), 1)];
    for prefix in [
        "2026-11-27T11:05:01.123456+00:00 app[web.1]: ",
        "2026-11-27T11:05:01Z app[3d8d9a] nrt [info] ",
        "2026-11-27 20:05:01 +09:00: ",
        "1795777501.984123 ip-1 node[42]: ",
        "<14>1 2026-11-27T11:05:01.123456Z ip-1 node 42 - - ",
        "2026-11-27T20:05:01+09:00 {app=\"web\"} ",
        "2026-11-27 11:05:01.000000000 +0000 docker.web: ",
    ] {
        assert_eq!(counts(&format!("{prefix}{json}\n")), expected, "{prefix}");
    }
    let pieces = [
        "{",
        "  level: 'error',",
        "  message: 'boom',",
        "  stack: 'Error: boom\\n' +",
        "    '    at f (/srv/x.js:1:2)'",
        "}",
        "{ level: 'log', message: 'up' }",
    ];
    let packed: String = pieces
        .iter()
        .enumerate()
        .map(|(at, line)| {
            let time = format!("2026-11-27T11:05:0{at}.000Z");
            format!(
                "{}\n",
                serde_json::json!({"log": format!("{line}\n"), "stream": "stdout", "time": time})
            )
        })
        .collect();
    assert_eq!(counts(&packed), expected);
    let nested =
        serde_json::json!({"log": json, "stream": "stdout", "time": "2026-11-27T11:05:01Z"});
    let event =
        serde_json::json!({"timestamp": 1_795_777_501_000_u64, "message": nested.to_string()});
    assert_eq!(counts(&serde_json::json!({"events": [event]}).to_string()), expected);
}

/// The events of one program: two errors with a stack, one without, and a message that names an
/// error and is none.
const EVENTS: [(&str, &str, bool); 5] = [
    ("info", "Error: retry scheduled", false),
    ("error", "request failed", true),
    ("warn", "slow answer", false),
    ("error", "plain failure", false),
    ("error", "request failed", true),
];

const STACK: &str = "TypeError: boom\n    at fail (/srv/app/dist/x.js:1:2)";

fn errors_of_events() -> [(String, u64); 2] {
    [("TypeError: boom".to_owned(), 2), ("[error] plain failure".to_owned(), 1)]
}

fn each(pack: &dyn Fn(usize, &str, &str, bool) -> serde_json::Value) -> Vec<serde_json::Value> {
    let events = EVENTS.iter().enumerate();
    events.map(|(at, (level, text, failed))| pack(at, level, text, *failed)).collect()
}

/// The error was: information counted as errors where the level stood in an object (`log.level` of
/// Elasticsearch), in a label of Loki or in a field of the service, and lines of text that the service
/// had as errors were no errors.
#[test]
fn the_level_is_one_rule_for_every_service() {
    let iso = |at: usize| format!("2026-11-27T11:05:0{at}.000Z");
    let ns = |at: usize| format!("17957775{at:02}000000000");
    let printed = |text: &str, failed: bool| if failed { STACK } else { text }.to_owned();
    let google =
        |level: &str| if level == "warn" { "WARNING".to_owned() } else { level.to_uppercase() };
    let nested = each(&|at, level, text, failed| {
        let mut event = serde_json::json!({"@timestamp": iso(at), "log": {"level": level},
            "message": text});
        if failed {
            event["error"] = serde_json::json!({"type": "TypeError", "message": "boom",
                "stack_trace": STACK});
        }
        serde_json::json!({"_id": at, "_source": event})
    });
    let by_level = |wanted: &str| -> serde_json::Value {
        let lines = EVENTS.iter().enumerate().filter(|(_, event)| event.0 == wanted);
        let values: Vec<_> = lines
            .map(|(at, event)| serde_json::json!([ns(at), printed(event.1, event.2)]))
            .collect();
        serde_json::json!({"stream": {"app": "web", "level": wanted}, "values": values})
    };
    let documents = [
        serde_json::json!({"took": 3, "hits": {"hits": nested}}),
        serde_json::json!({"status": "success", "data": {"resultType": "streams",
            "result": [by_level("info"), by_level("warn"), by_level("error")]}}),
        serde_json::json!({"data": each(&|at, level, text, failed| serde_json::json!({"id": at,
            "type": "log", "attributes": {"status": level, "timestamp": iso(at),
            "message": printed(text, failed)}}))}),
        serde_json::json!(each(&|at, level, text, failed| serde_json::json!({"insertId": at,
            "severity": google(level), "timestamp": iso(at), "textPayload": printed(text, failed)}))),
        serde_json::json!(each(
            &|at, level, text, failed| serde_json::json!({"TimeGenerated": iso(at),
            "LogLevel": level, "LogMessage": printed(text, failed)})
        )),
        serde_json::json!({"status": "Complete", "results": each(&|at, level, text, failed| {
            serde_json::json!([{"field": "@timestamp", "value": format!("2026-11-27 11:05:0{at}.000")},
                {"field": "level", "value": level},
                {"field": "@message", "value": printed(text, failed)}])
        })}),
    ];
    let lines = |pack: &dyn Fn(usize, &str, &str, bool) -> serde_json::Value| -> String {
        each(pack).iter().map(|line| format!("{line}\n")).collect()
    };
    let tables = [
        ("@timestamp,log.level,message", 0),
        ("Date,Host,Status,Content", 1),
        ("timestamp,severity,text_payload", 0),
        ("generated_at,severity_name,message", 0),
    ]
    .map(|(head, hosts)| {
        let rows = EVENTS.iter().enumerate().map(|(at, (level, text, failed))| {
            let host = ",web".repeat(hosts);
            format!("{}{host},{level},\"{}\"\n", iso(at), printed(text, *failed))
        });
        std::iter::once(format!("{head}\n")).chain(rows).collect::<String>()
    });
    let level_of = |level: &str, numbers: [u64; 3]| match level {
        "info" => numbers[0],
        "warn" => numbers[1],
        _ => numbers[2],
    };
    let objects = [
        lines(&|at, level, text, failed| {
            serde_json::json!({"severity": level_of(level, [200, 400, 500]),
            "timestamp": iso(at), "textPayload": printed(text, failed)})
        }),
        lines(&|at, level, text, failed| {
            serde_json::json!({"labels": {"level": level},
            "line": printed(text, failed), "timestamp": iso(at)})
        }),
        lines(&|at, level, text, failed| {
            serde_json::json!({"context": {
            "logLevel": level_of(level, [30, 40, 50])}, "time": 1_795_777_500_000_u64 + at as u64,
            "message": printed(text, failed)})
        }),
        lines(&|at, level, text, failed| {
            serde_json::json!({"version": "1.1", "host": "h",
            "short_message": text, "full_message": printed("", failed),
            "timestamp": 1_795_777_500.5 + at as f64, "level": level_of(level, [6, 4, 3])})
        }),
        lines(&|at, level, text, failed| {
            serde_json::json!({"timestamp": iso(at),
            "severity_number": level_of(level, [9, 13, 17]), "body": printed(text, failed)})
        }),
        lines(&|at, level, text, failed| {
            let mut line = serde_json::json!({"@t": iso(at), "@mt": printed(text, failed)});
            if level != "info" {
                line["@l"] = level.into();
            }
            line
        }),
        EVENTS
            .iter()
            .enumerate()
            .map(|(at, (level, text, failed))| {
                let text = serde_json::json!(printed(text, *failed));
                format!("time={} level={level} msg={text}\n", iso(at))
            })
            .collect(),
    ];
    let documents = documents.map(|document| document.to_string());
    for text in documents.into_iter().chain(tables).chain(objects) {
        assert_eq!(counts(&text), errors_of_events(), "{text}");
    }
}

/// The error was: lines of loggers and collectors in these forms were no errors, and nothing said so.
#[test]
fn lines_of_further_loggers_and_collectors_are_read() {
    let nest = |level: &str, text: &str| {
        format!("[Nest] 7  - 11/27/2026, 11:05:01 AM {level:>7} [Ctx] {text}")
    };
    let of_nest: Vec<String> = EVENTS
        .iter()
        .flat_map(|(level, text, failed)| {
            let level = if *level == "info" { "LOG".to_owned() } else { level.to_uppercase() };
            let whole = nest(&level, if *failed { STACK } else { text });
            whole.lines().map(str::to_owned).collect::<Vec<_>>()
        })
        .collect();
    let behind = |prefix: &dyn Fn(&str) -> String| -> String {
        of_nest.iter().map(|line| format!("{}\n", prefix(line))).collect()
    };
    let json = |line: &str| serde_json::json!({"log": line, "stream": "stdout"}).to_string();
    let ruby = |line: &str| json(line).replace("\":", "\"=>");
    let logs = [
        behind(&|line| format!("2026-11-27 11:05: {line}")),
        behind(&|line| format!("2026-11-27 20:05 +09:00: {line}")),
        behind(&|line| format!("2026-11-27T11:05:01+00:00\tdocker.web\t{}", json(line))),
        behind(&|line| format!("2026-11-27T11:05:01+00:00\tdocker.web\t{line}")),
        behind(&|line| format!("2026-11-27 11:05:01.123456789 +0000 docker.web: {}", json(line))),
        behind(&|line| format!("[0] docker.web: [1795777501.5, {}]", ruby(line))),
        behind(&|line| format!("[0] docker.web: [[1795777501.5, {{}}], {}]", ruby(line))),
    ];
    let label = |level: &str| match level {
        "info" => "ℹ  info      ",
        "warn" => "⚠  warning   ",
        _ => "✖  error     ",
    };
    let written = |line: &dyn Fn(&str, &str) -> String| -> String {
        let lines = EVENTS.iter().map(|(level, text, failed)| {
            format!("{}\n", line(level, if *failed { STACK } else { text }))
        });
        lines.collect()
    };
    let of_loggers = [
        written(&|level, text| format!("{}{text}", label(level))),
        written(&|level, text| {
            format!("[11/27/2026] [11:05:01 AM] [web] › {}{text}", label(level))
        }),
        written(&|level, text| format!("11:05:01.006Z {:>5} {text}", level.to_uppercase())),
        written(&|level, text| format!("[2026-11-27T11:05:01.371Z] {level:<7} | {text}")),
        written(&|level, text| {
            let level = level.to_uppercase();
            let at = "2026-11-27 11:05:01.131\t";
            match text.split_once('\n') {
                Some(_) => format!(
                    "{at}{level}\tx.ts:1\tweb\t\n TypeError  boom\nerror stack:\n  • x.ts\tfail\n\t/srv/app/dist/x.js:1"
                ),
                None => format!("{at}{level}\tx.ts:1\tweb\t{text}"),
            }
        }),
        written(&|level, text| match (level, text.split_once('\n')) {
            ("error", Some((name, stack))) => format!("\n ERROR  {name}\n\n{stack}\n"),
            ("error", None) => format!("\n ERROR  {text}\n"),
            _ => format!("ℹ {text}"),
        }),
    ];
    for text in logs.into_iter().chain(of_loggers) {
        assert_eq!(counts(&text), errors_of_events(), "{text}");
        let stacks = fold(&text);
        assert!(
            stacks.iter().any(|stack| stack.contains("fail /srv/app/dist/x.js:1")),
            "{stacks:?}"
        );
    }
    let minutes = parse(format!("2026-11-27 20:05 +09:00: {}\n", nest("ERROR", "x")).as_bytes());
    assert_eq!(minutes.unwrap().sources[0].zero, Zero::Wall(1_795_777_500_000_000));
}

/// The error was: blank lines and lines around the stack of a crash, which a service has as errors,
/// were errors of their own.
#[test]
fn a_crash_in_a_services_list_is_one_error() {
    let lines = [
        "/srv/app/dist/x.js:1",
        "    throw new TypeError('boom')",
        "    ^",
        "",
        "TypeError: boom",
        "    at fail (/srv/app/dist/x.js:1:2)",
        "",
        "Node.js v22.14.0",
    ];
    let entries: Vec<_> = lines
        .iter()
        .map(|line| {
            serde_json::json!({"insertId": "a", "severity": "ERROR",
                "timestamp": "2026-11-27T11:05:01Z", "textPayload": line})
        })
        .collect();
    assert_eq!(
        counts(&serde_json::json!(entries).to_string()),
        [("TypeError: boom".to_owned(), 1)]
    );
}

/// Asserts that the named errors are those that the log has, each once.
fn assert_names(log: &str, names: &[&str]) {
    let want: Vec<(String, u64)> = names.iter().map(|name| ((*name).to_owned(), 1)).collect();
    assert_eq!(counts(log), want, "{log}");
}

#[test]
fn the_loggers_own_level_counts_before_fields_that_the_program_logged() {
    for other in ["severity", "log_level", "lvl", "Severity", "severity_text", "levelname"] {
        for (error, info) in [("50", "30"), ("\"error\"", "\"info\"")] {
            for (low, high) in [("\"low\"", "\"critical\""), ("30", "50")] {
                let own = |level: &str| format!("\"level\":{level}");
                let more = |level: &str| format!("\"{other}\":{level}");
                let line = |one: String, two: String, text: &str| {
                    format!("{{{one},\"time\":1795950577562,{two},\"msg\":\"{text}\"}}\n")
                };
                let log = [
                    line(own(error), more(low), "first"),
                    line(more(low), own(error), "second"),
                    line(own(info), more(high), "alert forwarded"),
                    line(more(high), own(info), "alert forwarded"),
                ];
                assert_names(&log.concat(), &["[error] first", "[error] second"]);
            }
        }
    }
    // A logger that writes a field twice has its own first, and consola's `type` is no level of pino.
    let log = "{\"level\":30,\"time\":1795950577562,\"level\":\"critical\",\"msg\":\"x\"}\n\
               {\"level\":30,\"time\":1795950577562,\"type\":\"error\",\"msg\":\"x\"}\n\
               {\"level\":\"error\",\"lvl\":\"info\",\"message\":\"only\"}\n";
    assert_names(log, &["[error] only"]);
    let table = "timestamp,severity,level,msg\n2026-11-29T10:00:00Z,low,50,one\n\
                 2026-11-29T10:00:01Z,critical,info,two\n";
    assert_names(table, &["[error] one"]);
}

#[test]
fn a_level_of_the_stream_gives_way_to_the_loggers_in_google_cloud() {
    let payloads = [
        (r#"{"level":50,"time":1795946400000,"pid":1,"msg":"one"}"#, "INFO"),
        (r#"{"level":30,"msg":"on stderr"}"#, "ERROR"),
        (r#"{"level":"error","message":"two"}"#, "INFO"),
        (
            r#"{"level":50,"err":{"type":"TypeError","message":"bad","stack":"TypeError: bad\n    at f (/a.js:1:2)"},"msg":"x"}"#,
            "DEFAULT",
        ),
        (r#"{"severity":"WARNING","message":"slow"}"#, "ERROR"),
        (r#"{"message":"no level"}"#, "ERROR"),
    ];
    let names = ["TypeError: bad", "[error] no level", "[error] one", "[error] two"];
    let time = |at: usize| format!("\"timestamp\":\"2026-11-29T10:00:0{at}Z\"");
    let entry = |at: usize, first: bool| {
        let (payload, severity) = payloads[at];
        let (payload, severity) =
            (format!("\"jsonPayload\":{payload}"), format!("\"severity\":\"{severity}\""));
        let (one, two) = if first { (severity, payload) } else { (payload, severity) };
        format!("{{\"insertId\":\"{at}\",{one},{two},{}}}", time(at))
    };
    for first in [true, false] {
        let entries: Vec<String> = (0..payloads.len()).map(|at| entry(at, first)).collect();
        assert_names(&entries.join("\n"), &names);
        assert_names(&format!("[{}]", entries.join(",\n")), &names);
    }
    for header in ["severity,json_payload.level", "severity,jsonPayload.severity"] {
        let table = format!(
            "timestamp,{header},json_payload.message\n2026-11-29T10:00:00Z,INFO,ERROR,one\n\
             2026-11-29T10:00:01Z,ERROR,INFO,on stderr\n"
        );
        assert_names(&table, &["[error] one"]);
    }
}

#[test]
fn a_record_of_graylog_holds_a_line_with_a_level_of_its_own() {
    let gelf = |text: &str, level: &str, more: &str| {
        let text = serde_json::to_string(text).unwrap();
        [
            format!(
                "{{\"version\":\"1.1\",\"host\":\"h\",\"short_message\":{text},\"timestamp\":1795946400.1,\"level\":{level}{more}}}\n"
            ),
            format!(
                "{{\"level\":{level}{more},\"short_message\":{text},\"host\":\"h\",\"version\":\"1.0\"}}\n"
            ),
        ]
    };
    let pino = |level: u8| format!("{{\"level\":{level},\"time\":1795946400000,\"msg\":\"one\"}}");
    let nest =
        "\u{1b}[32m[Nest] 7  - \u{1b}[39m11/29/2026, 10:00:00 AM \u{1b}[33m   WARN\u{1b}[39m slow";
    for (text, level, more, want) in [
        (pino(50).as_str(), "6", "", Some("[error] one")),
        (&pino(30), "3", "", None),
        ("2026-11-29T10:00:00.000Z warn: slow", "3", "", None),
        (nest, "3", "", None),
        ("level=error msg=\"one\"", "6", "", Some("[error] one")),
        ("(node:1) Warning: old", "3", "", None),
        ("GET /x 200", "6", "", None),
        ("one", "3", "", Some("[error] one")),
        ("one", "\"3\"", "", Some("[error] one")),
        ("one", "2", ",\"_level\":30", Some("[error] one")),
        ("one", "3", ",\"_level\":\"ERROR\"", Some("[error] one")),
        ("one", "6", ",\"_level\":\"ERROR\"", Some("[error] one")),
        ("one", "3", ",\"_level\":\"info\"", None),
        ("one", "6", ",\"_severity\":\"critical\"", None),
        ("Error: one\n    at f (/a.js:1:2)", "3", "", Some("Error: one")),
        ("x", "3", ",\"full_message\":\"Error: one\\n    at f (/a.js:1:2)\"", Some("Error: one")),
    ] {
        for log in gelf(text, level, more) {
            assert_names(&log, want.as_slice());
        }
    }
}

#[test]
fn fields_behind_a_time_and_a_tag_hold_what_a_program_printed() {
    let fields = |key: &str, text: &str| serde_json::json!({ key: text, "source": "stderr" });
    let time = "2026-11-29 10:00:00.000000000 +0000";
    for before in [format!("{time} docker.web: "), "2026-11-29T10:00:00+00:00\tweb\t".to_owned()] {
        for key in ["message", "log", "MESSAGE"] {
            let line = |text: &str| format!("{before}{}\n", fields(key, text));
            let stack = line("Error: one") + &line("    at f (/a.js:1:2)");
            assert_eq!(fold(&stack), ["Error: one;f /a.js:1:2 1"], "{stack}");
            let pino = |level: u8| format!("{{\"level\":{level},\"time\":1,\"msg\":\"x\"}}");
            assert_names(&(line(&pino(50)) + &line(&pino(30))), &["[error] x"]);
        }
    }
    // A tag has no space, and fields without an error are none.
    assert_names(&format!("{time} a sentence: {{\"message\":\"Error: one\"}}\n"), &[]);
    assert_names(&format!("{time} docker.web: {{\"message\":\"ok\",\"code\":5}}\n"), &[]);
}

#[test]
fn log4js_has_its_level_as_an_object_and_names_an_error_behind_its_category() {
    let json = |level: &str, number: u32, data: &str| {
        format!(
            "{{\"startTime\":\"2026-11-29T11:25:53.254Z\",\"categoryName\":\"default\",\"data\":[{data}],\"level\":{{\"level\":{number},\"levelStr\":\"{level}\",\"colour\":\"red\"}},\"context\":{{}},\"pid\":7}}\n"
        )
    };
    let log = json("ERROR", 40_000, "\"no\",\"room\"")
        + &json("WARN", 30_000, "\"hm\"")
        + &json("FATAL", 50_000, "\"dead\"");
    assert_names(&log, &["[error] dead", "[error] no room"]);
    for before in ["[2026-11-29T11:07:13.921] [", "2026-11-29T11:07:14.742Z "] {
        let end = if before.ends_with('[') { "] shop - " } else { " shop " };
        let error = |level: &str| {
            format!("{before}{level}{end}TypeError: bad thing 17\n    at boom (/srv/a.js:3:24)\n")
        };
        let log = error("WARN") + &error("ERROR") + &error("FATAL");
        assert_eq!(fold(&log), ["TypeError: bad thing <n>;boom /srv/a.js:3:24 3"], "{log}");
    }
}

#[test]
fn lines_of_logfmt_are_named_by_their_message_or_the_error_in_their_stack() {
    let time = "2026-11-29T11:07:08.485Z";
    let stack = "stack=\"TypeError: bad \\\"thing\\\" 17\n    at boom (/srv/a.js:3:24)\n    at node:internal/main:28:49\"\n";
    let log = format!(
        "message=ok level=info timestamp={time}\nlevel=warn timestamp={time} message=\"bad\" {stack}\
         message=\"plain error\" level=error timestamp={time}\n\
         level=error timestamp={time} message=\"bad\" {stack}level=info message=ok\n"
    );
    assert_eq!(
        fold(&log),
        [
            "TypeError: bad \"…\" <n>;<anonymous> node:internal/main:28:49;boom /srv/a.js:3:24 2",
            "[error] plain error 1"
        ]
    );
    for (line, name) in [
        (r#"level=error msg="\x1b[31mdb failed\x1b[0m""#, "[error] db failed"),
        (r#"level=error msg="db failed" fatal"#, "[error] db failed"),
        (r#"fatal=1 bare level=error msg="db failed" x="#, "[error] db failed"),
        ("level=error msg=db failed code=x", "[error] db failed"),
        (r#"level=error msg="caf\u00e9 failed""#, "[error] café failed"),
        (r#"level=error msg="a \"b\" \\ c""#, "[error] a \"…\" \\ c"),
    ] {
        assert_names(&format!("{line}\nall well\n"), &[name]);
    }
    // A quote that is never closed ends before the next record.
    let open = "level=error msg=\"one\nlevel=error msg=\"two\"\nlevel=info msg=\"three\"\n";
    assert_names(open, &["[error] one", "[error] two"]);
}

/// The error was: lines of npmlog without a stack were lost, and with one they lost their level.
#[test]
fn each_line_of_npmlog_has_its_level() {
    let log = "info web ok\nERR! web plain error\nWARN web hm\nERR! db other error\n\
               ERR! web TypeError: bad\nERR! web     at boom (/srv/a.js:3:24)\n\
               ERR! web   code: 'X' }\nshop ERR! web failed\n\
               npm ERR! code ELIFECYCLE\nnpm ERR! errno 1\n";
    let mut stacks = fold(log);
    stacks.sort_unstable();
    assert_eq!(
        stacks,
        [
            "TypeError: bad;boom /srv/a.js:3:24 1",
            "[error] failed 1",
            "[error] other error 1",
            "[error] plain error 1",
        ]
    );
}

/// The error was: such lines were passed over without a message, so that a log with errors had none.
#[test]
fn levels_below_10_are_counted_as_not_used() {
    let log = "{\"level\":3,\"time\":1795777501000,\"msg\":\"no room\"}\n\
               {\"level\":6,\"time\":1795777502000,\"msg\":\"ok\"}\n\
               {\"level\":3,\"type\":\"error\",\"time\":1795777503000,\"msg\":\"known\"}\n";
    let profile = parse(log.as_bytes()).unwrap();
    assert_eq!(profile.total(), 1);
    let [loss] = profile.losses.as_slice() else { panic!("{:?}", profile.losses) };
    assert_eq!((loss.first, loss.count), (1, 2));
}

#[test]
fn an_error_that_became_an_empty_object_says_so() {
    for fields in ["\"data\":[{}],\"error\":{}", "\"err\":{}", "\"message\":{}"] {
        let log =
            format!("{{\"level\":\"error\",\"time\":\"2026-11-29T11:25:53.254Z\",{fields}}}\n");
        assert_names(&log, &["[error] (an error that was logged as {})"]);
    }
}

/// The error was: simple-node-logger writes `{}` between the message and the error, which counted twice.
#[test]
fn an_error_whose_message_ends_the_loggers_own_counts_once() {
    let log = "2026-11-29 13:12:42.538 ERROR with msg bad thing\n{}\nTypeError: bad thing\n    \
               at boom (/srv/a.js:3:24)\n";
    assert_eq!(fold(log), ["TypeError: bad thing;boom /srv/a.js:3:24 1"]);
}

/// The error was: "no errors" in the file of TypeORM's logger `file`.
#[test]
fn errors_of_typeorms_log_file_are_read() {
    let log = "[2026-11-29T13:23:06.537Z][FAILED QUERY]: select * from nope -- PARAMETERS: [2]\n\
               [2026-11-29T13:23:06.537Z][QUERY ERROR]: Error: Table 'shop.nope' doesn't exist\n\
               [2026-11-29T13:23:06.581Z][SLOW QUERY: 23 ms]: SELECT 1\n\n";
    assert_names(log, &["[query failed] Error: Table 'shop.nope' doesn't exist"]);
}

/// The errors were: of these loggers only the errors with a stack counted, and axe's warnings about an
/// error counted too.
#[test]
fn levels_that_stand_in_a_column_in_a_symbol_or_in_an_object_count() {
    let capital = |level: &str| format!("{}{}", level[..1].to_uppercase(), &level[1..]);
    let symbol = |level: &str| match level {
        "info" => "ℹ\u{fe0f}",
        "warn" => "⚠\u{fe0f}",
        _ => "❌",
    };
    let short = |level: &str| match level {
        "info" => "INF",
        "warn" => "WRN",
        _ => "ERR",
    };
    let object = |level: &str| format!("{{\n  level: '{level}',\n  app: {{ pid: 7 }}\n}}");
    type Logger<'a> = &'a dyn Fn(&str, &str) -> String;
    let loggers: [Logger<'_>; 6] = [
        &|level, text| format!("{level:<8}{text}"),
        &|level, text| format!(" {:<11}{text}", capital(level)),
        &|level, text| format!("{}  {text}", symbol(level)),
        &|level, text| format!("11:05:01.123 {} {text}", short(level)),
        &|level, text| format!("[11:05:01.962]   0ms {level:<5} @web: {text}"),
        &|level, text| format!("{text} {}", object(level)),
    ];
    for logger in loggers {
        let lines = EVENTS.iter().chain(&[("warn", "Error: only a warning", false)]);
        let log: String = lines
            .map(|(level, text, failed)| logger(level, if *failed { STACK } else { text }) + "\n")
            .collect();
        let named = counts(&log);
        let names: Vec<_> =
            named.iter().map(|(name, count)| (name.replace("@web: ", ""), *count)).collect();
        assert_eq!(names, errors_of_events(), "{log}");
    }
}

/// The errors were: `[error] [app]` for each event of evlog, lines whose level is only their colour
/// were lost, and the fields of an error were a second one in the text of roarr's command.
#[test]
fn fields_below_an_event_of_evlog_and_roarr_belong_to_it() {
    let tag = |colour: u8, text: &str| {
        format!("\u{1b}[2m16:30:15.522\u{1b}[0m \u{1b}[{colour}m[web]\u{1b}[0m {text}\n")
    };
    let tree = "16:30:15.524 ERROR [app]\n  ├─ error: bad thing\n  │\n  │   at boom (app.js:2)\n  │\n  \
                │stack (6 frames hidden in node_modules)\n  │  at run (app.js:16)\n  └─ msg: x\n\
                16:30:15.524 ERROR [app]\n  ├─ action: pay\n  └─ msg: refused\n\
                16:30:15.524 INFO [app]\n  └─ msg: paid\n";
    let log = tag(36, "ok") + &tag(31, "no room") + &tag(33, "slow") + tree;
    let mut stacks = fold(&log);
    stacks.sort_unstable();
    let want = [
        "[error] bad thing;run app.js:16:0;boom app.js:2:0 1",
        "[error] no room 1",
        "[error] refused 1",
    ];
    assert_eq!(stacks, want);
    let roarr = "[16:30:15.966]   4ms error @web: with msg\nerror: \n  name:    TypeError\n  message: bad \
                 thing\n  stack: \n    \"\"\"\n      TypeError: bad thing\n          at boom (/srv/a.js:2:26)\n    \
                 \"\"\"\n[16:30:15.970]   4ms fatal @web: dead\n";
    let mut stacks = fold(roarr);
    stacks.sort_unstable();
    assert_eq!(stacks, ["TypeError: bad thing;boom /srv/a.js:2:26 1", "[error] @web: dead 1"]);
}

/// The errors were: requests that AWS Lambda broke off, requests that failed in Heroku's router and in
/// Google Cloud, and the texts of these exports were passed over.
#[test]
fn what_a_service_logs_itself_counts() {
    let at = "2026-11-29T06:28:40.123456+00:00";
    let assert_some = |log: &str, names: &[&str]| {
        assert_names(log, names);
        let zero = parse(log.as_bytes()).unwrap().sources[0].zero;
        assert!(matches!(zero, Zero::Wall(us) if us / 60_000_000 == 29_932_228), "{zero:?} {log}");
    };
    assert_some(
        "2026-11-29T06:28:40.123Z\t8b2f-1\tINFO\tError: x\n\
         2026-11-29T06:28:43.123Z 8b2f-1 Task timed out after 3.01 seconds\n",
        &["[error] Task timed out after <n> seconds"],
    );
    for (status, names) in [("timeout", ["[error] Task timed out"].as_slice()), ("success", &[])] {
        let report = serde_json::json!({"time": "2026-11-29T06:28:43.123Z", "type": "platform.report",
            "record": {"requestId": "8b2f", "status": status}});
        let line =
            "{\"timestamp\":\"2026-11-29T06:28:40.123Z\",\"level\":\"INFO\",\"message\":\"x\"}";
        assert_names(&format!("{line}\n{report}\n"), names);
    }
    assert_some(
        &format!(
            "{at} app[web.1]: error rate is 0\n{at} heroku[router]: at=info status=200\n\
             {at} heroku[router]: at=error code=H12 desc=\"Request timeout\" method=GET path=\"/7\"\n\
             {at} heroku[web.1]: Error R14 (Memory quota exceeded)\n\
             {at} heroku[web.1]: Process running mem=600M(117.0%)\n"
        ),
        &["[error] Error R14 (Memory quota exceeded)", "[error] code=H12"],
    );
    let request = |status: u16, severity: &str| {
        serde_json::json!({"httpRequest": {"status": status}, "severity": severity, "insertId": "a",
            "timestamp": "2026-11-29T06:28:40.1Z", "logName": "projects/p/logs/requests"})
    };
    let entry = serde_json::json!({"textPayload": "ok", "timestamp": "2026-11-29T06:28:40.1Z"});
    let entries = [entry, request(200, "INFO"), request(404, "WARNING"), request(503, "ERROR")];
    assert_some(&serde_json::json!(entries).to_string(), &["[error] an HTTP request failed"]);
    let nest = |level: &str, text: &str| {
        format!("[Nest] 7  - 11/29/2026, 6:28:40 AM {level:>7} [Ctx] {text}")
    };
    let lines = [nest("LOG", "ok"), nest("WARN", "Error: x"), nest("ERROR", "no room")];
    let each = |line: &dyn Fn(&str) -> String| -> String {
        lines.iter().map(|text| line(text) + "\n").collect()
    };
    let quoted = |text: &str| format!("\"{text}\"");
    let table = |header: &str, row: &dyn Fn(&str) -> String| format!("{header}\n{}", each(row));
    let exports = [
        table("TimeGenerated [UTC],Level,ResultDescription", &|text| {
            format!("{at},Informational,{}", quoted(text))
        }),
        table("TimeGenerated [UTC],ContainerAppName,Stream,Log", &|text| {
            format!("{at},web,stdout,{}", quoted(text))
        }),
        table("date,status,host,service,message", &|text| {
            format!("{at},info,h,web,{}", quoted(text))
        }),
        each(&|text| {
            serde_json::json!({"time": at, "resultDescription": text, "level": "Informational"})
                .to_string()
        }),
        each(&|text| {
            format!("container_name=web message={} stream=stdout timestamp={at}", quoted(text))
        }),
        each(&|text| format!("web: [1795933720.5, {}]", serde_json::json!({"log": text}))),
        each(&|text| format!("83 <190>1 {at} host app web.1 - {text}")),
    ];
    for export in exports {
        assert_some(&export, &["[error] no room"]);
    }
    assert_some(
        "timestamp [UTC],problemId,type,outerMessage,severityLevel\n\
         2026-11-29T06:28:40.1Z,TypeError at pay,TypeError,bad thing,3\n",
        &["TypeError: bad thing"],
    );
}

/// The errors were: behind a time without a year, the first error of a moment was lost; behind times of
/// other forms all were, and three forms were read as text of perf.
#[test]
fn pm2_may_write_its_times_in_any_form() {
    type Form<'a> = &'a dyn Fn(u32) -> String;
    let forms: [Form<'_>; 16] = [
        &|second| format!("11-29 06:28:{second}"),
        &|second| format!("29/11 06:28:{second}"),
        &|second| format!("06:28:{second}.123"),
        &|_| "06:28".to_owned(),
        &|second| format!("Nov 29 06:28:{second}"),
        &|_| "Sun 06:28".to_owned(),
        &|second| format!("20261129 06:28:{second}"),
        &|second| format!("26-11-29 06:28:{second}"),
        &|_| "Nov 29, 2026 6:28 AM".to_owned(),
        &|second| format!("Sunday, November 29th 2026, 6:28:{second} am"),
        &|second| format!("17959337{second}123"),
        &|second| format!("17959337{second}"),
        &|second| format!("29.11. 06:28:{second}"),
        &|second| format!("06:28:{second} 11-29"),
        &|second| format!("11-29T06:28:{second}"),
        &|second| format!("2026-11-29 06:28:{second} +09:00"),
    ];
    for form in forms {
        let lines = (0..5).flat_map(|at| {
            let time = form(40 + 3 * at);
            ["up", "Error: no room", "    at f (/srv/a.js:1:2)", "    at g (/srv/a.js:3:4)"]
                .map(|text| format!("{time}: {text}\n"))
        });
        let log: String = lines.collect();
        assert_eq!(fold(&log), ["Error: no room;g /srv/a.js:3:4;f /srv/a.js:1:2 5"], "{log}");
    }
}
