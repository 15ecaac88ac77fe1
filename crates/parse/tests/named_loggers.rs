//! Lines with a name, a process, a host or a zone between their time and their level.

use spikeflame_parse::{Options, read_stream};
use spikeflame_profile::warning::Fact;
use spikeflame_profile::{CallTree, Profile, Selection, Zero, folded};
use std::path::Path;

fn read(log: &str) -> Profile {
    let options = Options { app_log: true, ..Options::default() };
    read_stream(log.as_bytes(), Path::new("x"), &options).unwrap()
}

fn fold(profile: &Profile) -> String {
    let mut out = Vec::new();
    folded::write(&CallTree::build(profile, &Selection::default()), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// The error was: "no errors in 3 lines", without a warning.
#[test]
fn a_name_between_the_time_and_the_level() {
    for prefix in [
        "2026-11-29 10:00:00 KST ERROR",
        "2026-11-29 10:00:00 IST ERROR",
        "2026-11-29T10:00:00.123Z 12345 ERROR",
        "2026-11-29T10:00:00.123Z 7 ERROR",
        "2026-11-29T10:00:00.123Z web-1 ERROR",
        "2026-11-29T10:00:00.123Z ip-10-0-0-7.ec2.internal ERROR",
        "2026-11-29T10:00:00.123Z com.shop.Orders FATAL",
        "2026-11-29T10:00:00.123Z - UserService - ERROR -",
        "2026-11-29 10:00:00,123 - shop.orders - ERROR -",
        "2026-11-29 10:00:00,123 - shop - 4242 - error -",
        "2026-11-29 10:00:00,123 | shop | ERROR |",
        "2026-11-29 10:00:00,123 : shop : main-1 : CRITICAL :",
        "ERROR: 2026-11-29T10:00:00.123Z",
    ] {
        let info = prefix.replace("ERROR", "INFO").replace("FATAL", "WARN");
        let info = info.replace("error", "info").replace("CRITICAL", "DEBUG");
        let log =
            format!("{info} fine\n{prefix} boom 1\n{info} an ERROR was handled\n{prefix} boom 2\n");
        let profile = read(&log);
        assert_eq!(fold(&profile), "[error] boom <n> 2\n", "{prefix}");
        assert!(matches!(profile.sources[0].zero, Zero::Wall(_)), "{prefix}");
    }
}

/// The error was: "its times name no zone" for times that name KST.
#[test]
fn an_abbreviated_zone_is_a_zone() {
    let korea = read("2026-11-29 19:00:00 KST ERROR boom\n");
    let utc = read("2026-11-29T10:00:00Z ERROR boom\n");
    assert_eq!(korea.sources[0].zero, utc.sources[0].zero);
    assert!(!korea.warnings.iter().any(|warning| warning.fact == Fact::NoZone));
}

/// The error was: behind the time of `record` or docker, the local time of PM2 and of loggers with JSON was
/// taken as UTC, with a warning, although the line contained the moment.
#[test]
fn a_time_without_a_zone_does_not_replace_one_with_it() {
    let utc = read("2026-11-29T10:00:00.500Z ERROR boom\n");
    for line in [
        "2026-11-29T19:00:00: PM2 error: boom",
        "2026-11-29T19:00:00: ERROR boom",
        "2026-11-29T19:00:00: 2026-11-29 19:00:00 ERROR boom",
        "2026-11-29 19:00:00 ERROR boom",
        "[2026-11-29 19:00:00] ERROR boom",
        "[Nest] 22  - 11/29/2026, 7:00:00 PM   ERROR boom",
        r#"{"level":"error","message":"boom","timestamp":"2026-11-29 19:00:00"}"#,
        r#"{"level":50,"time":"2026-11-29T19:00:00","msg":"boom"}"#,
        r#"level=error ts="2026-11-29 19:00:00" msg=boom"#,
    ] {
        for before in ["2026-11-29T10:00:00.500Z ", "2026-11-29T10:00:00.500000000Z stdout F "] {
            let profile = read(&format!("{before}{line}\n"));
            assert_eq!(profile.sources[0].zero, utc.sources[0].zero, "{before}{line}");
            assert_eq!(profile.warnings, [], "{before}{line}");
        }
    }
}

#[test]
fn the_word_in_a_message_is_no_level() {
    for text in [
        "12 ERROR lines found",
        "3 ERROR, 7 WARN",
        "300 ERROR 12 WARN 0 INFO",
        "0 ERROR",
        "no ERROR in the log",
        "got ERROR from upstream, retried",
        "status ERROR cleared",
        "/health ERROR 500 seen by probe",
        "GET ERROR page served",
        "web-1 is up; no ERROR so far",
        "web-1 INFO the last ERROR was handled",
        "12345 INFO - x - ERROR - none",
        "- UserService - INFO - no ERROR",
        "- UserService - INFO - x - ERROR - y",
        "- the user service - ERROR - handled",
        "a - b - c - d - ERROR - e",
        "UserService - ERROR state left",
        "order-7 error state",
        "DEBUG ERROR handler registered",
    ] {
        for time in ["2026-11-29T10:00:00.123Z", "2026-11-29 10:00:00,123"] {
            let log = format!("{time} INFO up\n{time} {text}\n{time} INFO up\n");
            assert_eq!(read(&log).total(), 0, "{text}");
        }
    }
}

/// Returns the names of the errors in a log, each once for each time that it was logged.
fn names(log: &str) -> Vec<String> {
    let folded = fold(&read(log));
    let mut names = Vec::new();
    for line in folded.lines() {
        let (stack, count) = line.rsplit_once(' ').unwrap();
        let name = stack.split(';').next().unwrap();
        names.extend(vec![name.to_owned(); count.parse().unwrap()]);
    }
    names
}

/// The error was: "no errors in 2 lines".
#[test]
fn names_in_brackets_labels_and_syslog_stand_before_a_level() {
    for prefix in [
        "2026-11-30T05:53:16.864Z [api] [OrderService] [ERROR]",
        "2026-11-30T05:53:16.864Z [api] [12] [OrderService] ERROR",
        "2026-11-30 05:53:16 [api] [OrderService] error:",
        "2026-11-30 05:53:16.864 +00:00 [ERR]",
        "2026-11-30 05:53:16.864 +00:00 [api] [ERR]",
        "[api] 2026-11-30 05:53:16 error:",
        "web:dev: 2026-11-30T05:53:16.864Z ERROR",
        "[api] error:",
        "web-7d9f8b6c5-x2x2x app error:",
        "Nov 30 05:53:16 shop app/web.1: 2026-11-30T05:53:16.864Z error:",
        "Nov 30 05:53:16 shop node: ERROR:",
    ] {
        let info = prefix.replace("ERROR", "INFO").replace("error", "info").replace("ERR", "INF");
        let log = format!("{info} started\n{prefix} could not save\n{info} Error: seen\n");
        assert_eq!(names(&log), ["[error] could not save"], "{prefix}");
    }
    let archive = |text: &str, severity: &str| {
        format!(
            "1\t2026-11-30T05:53:16-07:00\t2026-11-30T12:53:16Z\t31\tshop\t10.0.0.1\tUser\t\
             {severity}\tapp/web.1\t{text}\n"
        )
    };
    let log = [
        archive("Error: pool is full", "Info"),
        archive("    at find (/app/dist/m.js:12:3)", "Info"),
        archive("all is well", "Info"),
        archive("could not save", "Error"),
    ];
    assert_eq!(names(&log.concat()), ["Error: pool is full", "[error] could not save"]);
    let profile = read_stream(log.concat().as_bytes(), Path::new("x"), &Options::default());
    assert_eq!(profile.unwrap().total(), 2, "the format is recognised");
}

/// The error was: `fatal: true`, which mysql2 writes on every error of a connection, was an error.
#[test]
fn a_property_behind_a_time_is_no_level() {
    let stack = "Error: read ECONNRESET\n    at async find (/app/dist/m.js:12:3) {\n  errno: -104,\n  \
                 error: [Function: handle],\n  fatal: true,\n  [cause]: Error: y\n      at g (/app/a.js:1:2) {\n    \
                 fatal: true\n  },\n  fatal: false\n}";
    for (before, gap) in [
        ("2026-11-30T05:53:17", " "),
        ("2026-11-30T05:53:17", "\t"),
        ("[2026-11-30T05:53:17Z]", " "),
    ] {
        let mut log = String::new();
        for line in stack.lines().chain(["  error: x", "done"]) {
            log += &format!("{before}{gap}{line}\n");
        }
        assert_eq!(names(&log), ["Error: read ECONNRESET", "[error] x"], "{before}");
    }
}

/// The error was: the stack went to another line, and `done` was an error.
#[test]
fn lines_with_the_newest_first_are_turned_round() {
    let lines = [
        ("17", "2026-11-30 05:53:17 [INFO]: GET /errors 200"),
        ("18", "2026-11-30 05:53:18 [ERROR]: could not save Error: pool is full"),
        ("18", ""),
        ("18", "of the shop"),
        ("18", "    at find (/app/dist/m.js:12:3)"),
        ("19", "2026-11-30 05:53:19 [INFO]: done"),
    ];
    let text = |(second, line): &(&str, &str)| {
        format!("2026-11-30T05:53:{second}Z {{app=\"web\"}} {line}\n")
    };
    let json = |(second, line): &(&str, &str)| {
        format!(
            "{{\"labels\":{{\"app\":\"web\"}},\"line\":\"{line}\",\"timestamp\":\"2026-11-30T05:53:{second}Z\"}}\n"
        )
    };
    let text: Vec<String> = lines.iter().map(text).collect();
    let json: Vec<String> = lines.iter().map(json).collect();
    for lines in [text, json] {
        let forward = fold(&read(&lines.concat()));
        assert_eq!(forward, "Error: pool is full;find /app/dist/m.js:12:3 1\n");
        let backward: String = lines.iter().rev().map(String::as_str).collect();
        assert_eq!(fold(&read(&backward)), forward);
    }
}

/// The error was: the message and the JSON behind it were two errors.
#[test]
fn an_empty_line_in_a_message_of_winston_ends_no_error() {
    let log = "error: Expected values to be equal:\n\n1 !== 2\n {\"code\":\"ERR_ASSERTION\",\"stack\":\
               \"AssertionError [ERR_ASSERTION]: Expected values to be equal:\\n\\n1 !== 2\\n\\n    at f \
               (/app/a.js:1:2)\",\"timestamp\":\"2026-11-30T05:53:16.864Z\"}\n";
    let profile = read(log);
    assert_eq!(names(log), ["AssertionError [ERR_ASSERTION]: Expected values to be equal"]);
    assert!(matches!(profile.sources[0].zero, Zero::Wall(_)));
}

/// The error was: all of them had one name without words, `{"…":<n>,"…":"…"}` or `Object`.
#[test]
fn a_message_in_json_is_named_by_its_own_message() {
    let answer = |status: u32, message: &str| {
        format!("{{\"statusCode\":{status},\"message\":\"{message}\"}}")
    };
    let (full, missing) = (answer(500, "Queue limit reached."), answer(404, "Cannot GET /x.ico"));
    let named = ["[error] Queue limit reached.", "[error] Cannot GET /x.ico"];
    for before in [
        "[Nest] 1  - 11/30/2026, 5:57:51 AM   ERROR [Filter] ",
        "2026-11-30T05:57:51.000Z ERROR ",
        "2026-11-30T05:57:51.000Z error: ",
    ] {
        let log = format!("{before}{full}\n{before}{missing}\n");
        let mut found = names(&log);
        found.reverse();
        assert_eq!(found, named, "{before}");
    }
    let pino = |text: &str| {
        format!(
            "{{\"level\":50,\"time\":1795480210395,\"msg\":\"{}\"}}\n",
            text.replace('"', "\\\"")
        )
    };
    assert_eq!(names(&pino(&full)), [named[0]]);
    let time = "2026-11-30T05:57:51.000Z error:";
    assert_eq!(
        names(&format!("{time} Request failed: {full}\n")),
        ["[error] Request failed: Queue limit reached."]
    );
    let timed = "{\"statusCode\":404,\"timestamp\":\"2026-11-30T05:57:51.000Z\",\"message\":\"Cannot GET /a\",\
                 \"error\":\"Not Found\"}";
    assert_eq!(names(&format!("{time} {timed}\n")), ["[error] Not Found: Cannot GET /a"]);
    assert_eq!(
        names(&format!("{time} {{\"status\":500,\"at\":\"x\"}}\n")),
        ["[error] {\"status\":<n>,\"at\":\"…\"}"]
    );
    let nest = "[Nest] 1  - 11/30/2026, 5:56:58 AM   ERROR [Filter] Object:";
    let object = "{\n  \"statusCode\": 500,\n  \"message\": \"Queue limit reached.\",\n  \"path\": \"/boards\"\n}\n";
    let log = format!("{nest}\n{object}\n{}\n{object}\n", nest.replace("ERROR", "LOG"));
    assert_eq!(names(&log), [named[0]]);
}

/// The errors were: the second column of messages was not read, each row of exceptions was none, and
/// a table with a column `time` was read as a text.
#[test]
fn errors_are_read_from_each_column_of_a_table() {
    let google = "timestamp,severity,textPayload,jsonPayload.message\n\
        2026-11-30T05:53:19.000Z,INFO,ok,\n\
        2026-11-30T05:53:18.000Z,ERROR,\"Error: pool is full\n    at find (/app/dist/m.js:12:3)\",\n\
        2026-11-30T05:53:17.000Z,ERROR,,could not save\n";
    assert_eq!(names(google), ["Error: pool is full", "[error] could not save"]);
    let insights = "timestamp [UTC],problemId,outerMessage,type,details\n\
        \"11/30/2026, 5:53:18.000 AM\",Error at find,pool is full,Error,[]\n";
    assert_eq!(names(insights), ["Error: pool is full"]);
    let table = "time,level,msg,err.stack\n\
        2026-11-30T05:53:18.000Z,error,request failed,\"Error: pool is full\n    at find (/app/dist/m.js:12:3)\"\n\
        2026-11-30T05:53:17.000Z,info,ok,\n2026-11-30T05:53:16.000Z,error,could not save,\n";
    assert_eq!(names(table), ["Error: pool is full", "[error] could not save"]);
}

/// The error was: "no errors", because Python's logfmter calls the level `at`, and other writers of logfmt
/// `levelname` and `log.level`.
#[test]
fn logfmt_has_levels_under_many_names() {
    for level in ["at", "levelname", "log.level", "log_level", "lvl", "severity"] {
        let log = format!(
            "{level}=INFO t=2026-11-30T05:53:16+0000 msg=\"an error was handled\"\n\
             {level}=ERROR t=2026-11-30T05:53:17+0000 msg=\"no stock\"\n"
        );
        let profile = read(&log);
        assert_eq!(fold(&profile), "[error] no stock 1\n", "{level}");
        assert!(matches!(profile.sources[0].zero, Zero::Wall(_)), "{level}");
    }
    assert_eq!(fold(&read("at=info method=GET path=\"/error\" status=200\n")), "");
}

/// The error was: "no errors in 2 lines" for numbers of syslog, which count down.
#[test]
fn a_severity_below_8_is_that_of_syslog() {
    for (number, found) in [(0, 1), (3, 1), (4, 0), (7, 0), (200, 0), (500, 1)] {
        let log = format!(
            "{{\"severity\":{number},\"message\":\"x\",\"asctime\":\"2026-11-30 05:53:16,123\"}}\n"
        );
        let profile = read(&log);
        assert_eq!(profile.samples(), found, "{number}");
        assert!(found == 0 || matches!(profile.sources[0].zero, Zero::Wall(_)), "{number}");
    }
    let nested = r#"{"@timestamp":"2026-11-30T05:53:16Z","log":{"syslog":{"severity":{"code":3,"name":"Error"}}},"message":"x"}"#;
    assert_eq!(read(&format!("{nested}\n")).samples(), 1);
}

/// The error was: "no errors" for PostgreSQL's `csvlog` and `jsonlog`, and for ProxySQL's log.
#[test]
fn logs_of_databases_have_levels_of_their_own() {
    let csv = "2026-11-30 12:00:01.123 UTC,\"shop\",\"shop\",4242,\"10.0.0.7:5000\",67.1,1,\"SELECT\",2026-11-30 11:59:00 UTC,3/4,0,ERROR,53300,\"sorry, too many \"\"clients\"\" already\",,,,,,\"select 1\",,,\"node\"\n";
    let log = csv.replace("ERROR,53300,\"sorry, too", "LOG,00000,\"an ERROR, too");
    let profile = read(&format!("{log}{csv}"));
    assert_eq!(fold(&profile), "[error] sorry, too many '…' already 1\n".replace('\'', "\""));
    let codes: Vec<_> = profile.error_details.values().map(|detail| &detail.code).collect();
    assert_eq!(codes, ["53300"]);
    let json = r#"{"timestamp":"2026-11-30 12:00:01.123 UTC","pid":4242,"error_severity":"FATAL","state_code":"57P01","message":"ended"}"#;
    let fine = json.replace("FATAL", "LOG").replace("ended", "duration: 12.345 ms");
    assert_eq!(fold(&read(&format!("{fine}\n{json}\n"))), "[error] ended 1\n");
    let proxy = "2026-11-30 12:00:02 MySQL_Session.cpp:2909:handler(): [ERROR] Max connect timeout reached\n\
                 2026-11-30 12:00:03 MySQL_Session.cpp:2909:handler(): [INFO] an ERROR is over\n";
    assert_eq!(fold(&read(proxy)), "[error] Max connect timeout reached 1\n");
    let bouncer = "2026-11-30 12:00:04.123 UTC [4242] ERROR S-0x55d3a0: shop/shop@10.0.0.9:5432 cannot connect\n";
    assert_eq!(fold(&read(bouncer)), "[error] S-<hex>: shop/shop@<address> cannot connect 1\n");
}
