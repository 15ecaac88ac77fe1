//! Logs of applications: one logged error is one sample.

use crate::log_levels::assert_names;
use crate::log_services::{EVENTS, STACK, errors_of_events};
use proptest::prelude::*;
use spikeflame_parse::{Options, read_stream};
use spikeflame_profile::{CallTree, Profile, Selection, Zero, folded};
use std::path::{Path, PathBuf};

fn options() -> Options {
    Options { app_log: true, ..Options::default() }
}

pub(crate) fn parse(text: &[u8]) -> Option<Profile> {
    read_stream(text, Path::new("app.log"), &options()).ok()
}

pub(crate) fn fold(text: &str) -> Vec<String> {
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
pub(crate) fn counts(text: &str) -> Vec<(String, u64)> {
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
