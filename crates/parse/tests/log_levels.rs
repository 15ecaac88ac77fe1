//! Logs of applications: the level of a line, and the name of its error.

use crate::app_log::{counts, fold};

/// Asserts that the named errors are those that the log has, each once.
pub(crate) fn assert_names(log: &str, names: &[&str]) {
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

/// One rule: an error with a stack counts at every level, because programs also log failed requests as warnings.
/// Without a stack, the level counts.
#[test]
fn an_error_with_a_stack_counts_at_every_level_in_each_logger() {
    let stack = r"Error: retried\n    at f (/srv/a.js:1:9)\n    at node:internal/main:28:49";
    let text = stack.replace(r"\n", "\n");
    let pino = |level: &str| {
        format!(
            "{{\"level\":{level},\"time\":1796078444895,\"pid\":7,\"hostname\":\"vm\",\"err\":{{\"type\":\"Error\",\"message\":\"retried\",\"stack\":\"{stack}\"}},\"msg\":\"will retry\"}}\n"
        )
    };
    let bunyan = |level: &str| {
        format!(
            "{{\"name\":\"a\",\"hostname\":\"vm\",\"pid\":7,\"level\":{level},\"err\":{{\"message\":\"retried\",\"name\":\"Error\",\"stack\":\"{stack}\"}},\"msg\":\"retried\",\"time\":\"2026-11-30T22:40:45.964Z\",\"v\":0}}\n"
        )
    };
    let winston = |level: &str| {
        format!(
            "{{\"level\":\"{level}\",\"message\":\"retried\",\"stack\":\"{stack}\",\"timestamp\":\"2026-11-30T22:40:45.964Z\"}}\n"
        )
    };
    let nest = |level: &str| {
        format!(
            "{{\"level\":\"{level}\",\"pid\":7,\"timestamp\":1796078447095,\"message\":\"{stack}\"}}\n"
        )
    };
    let nest_text =
        |level: &str| format!("[Nest] 7  - 11/30/2026, 10:40:47 PM {level:>7} {text}\n");
    let simple = |level: &str| format!("2026-11-30T22:40:48.428Z {level}: {text}\n");
    type Form<'a> = (&'a dyn Fn(&str) -> String, [&'a str; 3]);
    let forms: [Form<'_>; 6] = [
        (&pino, ["30", "40", "50"]),
        (&bunyan, ["30", "40", "50"]),
        (&winston, ["info", "warn", "error"]),
        (&nest, ["log", "warn", "error"]),
        (&nest_text, ["LOG", "WARN", "ERROR"]),
        (&simple, ["info", "warn", "error"]),
    ];
    for (form, levels) in forms {
        let log: String = levels.iter().map(|level| form(level)).collect();
        assert_eq!(counts(&log), [("Error: retried".to_owned(), 3)], "{log}");
        let without =
            log.replace(r"\n    at f (/srv/a.js:1:9)\n    at node:internal/main:28:49", "");
        let without =
            without.replace("\n    at f (/srv/a.js:1:9)\n    at node:internal/main:28:49", "");
        assert_eq!(counts(&without).iter().map(|(_, count)| count).sum::<u64>(), 1, "{without}");
    }
}

/// The error was: `http` is a level of winston, so that the panics of a server in Go were none.
#[test]
fn panics_of_go_and_lines_of_cockroachdb_are_errors() {
    let log = "2026/11/27 11:00:01 error budget 100%\n\
               2026/11/27 11:00:01 http: panic serving 10.0.0.1:1234: index out of range [5] with length 3\n\
               goroutine 7 [running]:\nnet/http.(*conn).serve.func1()\n\t/usr/lib/go/src/net/http/server.go:1854 +0xbf\n";
    assert_names(
        log,
        &["[error] http: panic serving <address>: index out of range [<n>] with length <n>"],
    );
    let log = "I261127 11:00:01.123456 77 server/node.go:124 ⋮ [n1] 46  error rate 0\n\
               E261127 11:00:01.123456 77 server/node.go:123 ⋮ [n1] 45  unable to connect to peer\n";
    assert_names(log, &["[error] unable to connect to peer"]);
}

/// The error was: words in small letters were levels only between a time with a date and the text, so that other
/// forms had "no errors".
#[test]
fn a_level_is_learned_in_each_place_behind_a_time() {
    for (before, levels) in [
        ("11:00:01 ", ["info", "error"]),
        ("11:00:01.123   ", ["info", "error"]),
        ("2026-11-27 11:00:01 4711 ", ["info", "error"]),
        ("2026-11-27T11:00:01.123Z [api] ", ["debug", "fatal"]),
        ("2026-11-27T11:00:01.123Z    ", ["warn", "error"]),
        ("2026-11-27 11:00:00 ", ["I", "E"]),
        ("2026-11-27T11:00:01Z pid=4711 level=", ["INFO", "ERROR"]),
        ("2026-11-27 11:00:00 shop(4711) ", ["INFO:", "ERROR:"]),
        ("11:00:01 | ", ["INFO |", "ERROR |"]),
        ("2026-11-27T11:00:01Z => ", ["INFO =>", "ERROR =>"]),
        ("2026-11-27T11:00:01Z ", ["{INFO}", "{ERROR}"]),
        ("2026-11-27T11:00:01Z ", ["INF:", "ERR:"]),
        ("", ["INF", "ERR"]),
    ] {
        let [other, error] = levels;
        let log = format!(
            "{before}{other} server started\n{before}{error} queue is full\n{before}{other} errors are logged\n"
        );
        assert_names(&log, &["[error] queue is full"]);
    }
    // Without another level in this place, the word belongs to the text.
    for line in ["11:00:01 error handlers ready", "2026-11-27 11:00:01 4711 error pages built"] {
        assert_names(&format!("{line}\nall well\n"), &[]);
    }
}

/// The error was: the priority of syslog and Datadog's `status` were no levels.
#[test]
fn syslog_and_datadog_have_their_own_levels() {
    let log = "<14>1 2026-11-27T11:00:00.123Z web-1 shop 4711 - - no errors\n\
               <11>1 2026-11-27T11:00:01.123Z web-1 shop 4711 - - queue is full\n\
               <10>Nov 27 11:00:03 web-1 shop[4711]: dead\n";
    assert_names(log, &["[error] dead", "[error] queue is full"]);
    let log = "{\"timestamp\":\"2026-11-27T11:00:00Z\",\"status\":\"info\",\"message\":\"started\"}\n\
               {\"timestamp\":\"2026-11-27T11:00:01Z\",\"status\":\"error\",\"message\":\"queue is full\"}\n\
               {\"timestamp\":\"2026-11-27T11:00:01Z\",\"status\":\"error\",\"level\":\"info\",\"message\":\"answered\"}\n";
    assert_names(log, &["[error] queue is full"]);
    let log = "[2026-11-27T11:00:01.123] [ERROR] [TSED] - {\n  event: 'request.end',\n  error_name: 'Error',\n  \
               error_message: 'queue is full',\n  error_stack: 'Error: queue is full\\n' +\n    '    at send (/srv/t/x.js:12:9)'\n}\n";
    assert_names(log, &["Error: queue is full"]);
}

/// The error was: a queue, a user or a letter in the place of a level was an error's level in a log without levels.
#[test]
fn names_in_the_place_of_a_level_are_no_levels() {
    for (before, words) in [
        ("2026-11-27 11:00:01 ", ["mail", "log", "error", "http"]),
        ("11:00:01 ", ["mail", "trace", "error", "alert"]),
        ("2026-11-27 11:00:01 [auth] ", ["anna", "admin", "info", "error"]),
        ("2026-11-27 11:00:01 ", ["N", "W", "E", "S"]),
        ("11:00:01 ", ["D", "E", "D", "E"]),
        ("2026-11-27 11:00:01 ", ["notice", "alert", "notice", "panic"]),
    ] {
        let line = |word: &&str| format!("{before}{word} served 12 jobs\n");
        let log: String = words.iter().cycle().take(40).map(line).collect();
        assert_names(&log, &[]);
    }
}

/// The error was: a service called `error` made an error of each of its lines.
#[test]
fn a_service_called_error_has_levels_of_its_own() {
    for before in [
        "2026-11-27 11:00:01 [error] ",
        "[error] 2026-11-27 11:00:01 ",
        "error  | 2026-11-27T11:00:01Z ",
    ] {
        let log = format!("{before}INFO listening\n{before}WARN: slow\n");
        assert_names(&log, &[]);
    }
    assert_names("[error] 2026-11-27 11:00:01 queue is full\n", &["[error] queue is full"]);
}

/// The errors were: Ghost's entries counted twice, the request was a part of Midway's names, and Hasura's had none.
#[test]
fn ghost_midway_and_hasura_name_each_error_once() {
    let stack = "    at f (/srv/a.js:1:9)\n";
    let ghost = "[2026-11-27 11:00:02] ERROR \"POST /x/\" 500 31ms\n\nqueue is full\n\nError ID:\n    a1f6\n\n";
    let log = format!(
        "{ghost}----------------------------------------\n\nError: queue is full\n{stack}\n"
    );
    let log = format!("{log}[2026-11-27 11:00:03] INFO \"GET /\" 200 2ms\n{log}");
    assert_eq!(fold(&log), ["Error: queue is full;f /srv/a.js:1:9 2"]);
    let midway = |path: &str| {
        format!(
            "2026-11-27 11:00:01,123 ERROR 4711 [-/10.0.0.7/-/2ms GET {path}] nodejs.Error: queue is full\n{stack}"
        )
    };
    assert_eq!(fold(&(midway("/a") + &midway("/b"))), ["Error: queue is full;f /srv/a.js:1:9 2"]);
    let hasura = |detail: &str| {
        format!(
            "{{\"type\":\"http-log\",\"timestamp\":\"2026-11-27T11:00:01.000+0000\",\"level\":\"error\",\"detail\":{detail}}}\n"
        )
    };
    let log = hasura(
        r#"{"operation":{"error":{"path":"$","error":"query failed","code":"unexpected"}}}"#,
    ) + &hasura(r#"{"message":"Http Exception","context":"timeout"}"#);
    assert_names(&log, &["[error] Http Exception", "[error] query failed"]);
}

/// The errors were: each of these forms had "no errors", because only forms of a list were known.
#[test]
fn a_level_stands_where_other_lines_have_theirs() {
    let forms: [&dyn Fn(&str) -> String; 23] = [
        &|level| format!("[{level} 11:00:01]"),
        &|level| format!("[{level} 2026-11-27 11:00:01]"),
        &|level| format!("20261127-110001 {level}"),
        &|level| format!("2026-11-27T11:00:01.123Z [shop] (req-12) {level}"),
        &|level| format!("2026-11-27 11:00:01,123 (req-12) [shop] {level}"),
        &|level| format!("2026-11-27 11:00:01 {{req-12}} {level}"),
        &|level| format!("11:00:01 <{}>", level.to_lowercase()),
        &|level| format!("2026-11-27 11:00:01 shop.api {}", level.to_lowercase()),
        &|level| format!("11:00:01 shop/api {level}"),
        &|level| format!("2026-11-27 11:00:01 web-1 shop {level}"),
        &|level| format!("11:00:01|{level}|shop|"),
        &|level| format!("shop[4711] {level}"),
        &|level| format!("12.345 {level}"),
        &|level| format!("11:00:01 severity={level}"),
        &|level| format!("2026-11-27 11:00:01 *{level}*"),
        &|level| format!("2026-11-27 11:00:01 {}{}", &level[..1], level[1..].to_lowercase()),
        &|level| format!("2026-11-27 11:00:01 [{}]", &level[..1]),
        &|level| format!("{}/shop:", &level[..1]),
        &|level| {
            format!("[Fri Nov 27 11:00:01.123456 2026] [core:{}] [pid 7]", level.to_lowercase())
        },
        &|level| format!("27 Nov 11:00:01 - [{}]", level.to_lowercase()),
        &|level| format!(" {} ---", level.to_lowercase()),
        &|level| format!("[2026-11-27 11:00:01,123: {level}/MainProcess]"),
        &|level| format!("{} 11:00:02", if level == "ERROR" { "✖" } else { "ℹ" }),
    ];
    for form in forms {
        let line = |level: &str, text: &str| format!("{} {text}\n", form(level));
        // The first line of a log may be its error.
        let log = line("ERROR", "queue is full")
            + &line("INFO", "server started")
            + &line("INFO", "errors are logged")
            + &line("ERROR", "queue is full");
        let found = counts(&log);
        assert_eq!(found.iter().map(|(_, count)| count).sum::<u64>(), 2, "{log}");
        assert!(found.iter().all(|(name, _)| name.ends_with("queue is full")), "{found:?}");
    }
}

/// The errors were: users and services called `error` made errors of the lines that others have too.
#[test]
fn a_name_beside_others_is_no_level() {
    let names = ["anna", "info", "error", "bob", "I", "E", "alert", "root"];
    for (before, after) in [
        ("11:00:01 ", " logged in"),
        ("2026-11-27 11:00:01 ", " logged in"),
        ("2026-11-27 11:00:01 [auth] ", " logged in"),
        ("2026-11-27 11:00:01 [", "] logged in"),
        ("[", "] logged in"),
        ("2026-11-27 11:00:01 ", ": logged in"),
        ("[11:00:01] <", "> hello"),
        ("2026-11-27 11:00:01 user=", " logged in"),
        ("", "  | server listening on 8080"),
        ("", ": offset 7"),
        ("2026-11-27 11:00:01 log level set to ", " by 3"),
    ] {
        let log: String =
            names.iter().cycle().take(40).map(|name| format!("{before}{name}{after}\n")).collect();
        assert_names(&log, &[]);
    }
    assert_names("2026-11-27 11:00:01 ERROR: 0 WARN: 0 INFO: 7\n", &[]);
}

/// The error was: an error below a key of the program's own had neither its name nor its place.
#[test]
fn an_object_with_a_stack_is_an_error_below_any_key() {
    let stack = r"PoolError: queue is full\n    at add (/srv/svc.js:7:11)";
    for key in ["e", "reason", "details", "errorObject"] {
        let log = format!(
            "{{\"level\":\"error\",\"time\":1795946400000,\"msg\":\"failed\",\"{key}\":{{\"message\":\"queue is full\",\"stack\":\"{stack}\"}}}}\n"
        );
        assert_eq!(fold(&log), ["PoolError: queue is full;add /srv/svc.js:7:11 1"], "{log}");
    }
    // The error's own stack comes before that of its cause.
    let own = r"Error: failed\n    at f (/srv/a.js:1:9)";
    let log = format!(
        "{{\"level\":\"error\",\"time\":1795946400000,\"msg\":\"x\",\"err\":{{\"cause\":{{\"stack\":\"{stack}\"}},\"stack\":\"{own}\"}}}}\n"
    );
    let cause = "[cause] PoolError: queue is full;add /srv/svc.js:7:11";
    assert_eq!(fold(&log), [format!("Error: failed;f /srv/a.js:1:9;{cause} 1")]);
}

/// The errors were: `fail:` was no level, and `crit:` named all errors of a category alike.
#[test]
fn the_console_of_net_has_the_message_below_the_category() {
    let line = |level: &str, text: &str| format!("{level}: Shop.Orders[0]\n      {text}\n");
    let log = line("info", "server up") + &line("fail", "queue is full") + &line("crit", "no disk");
    assert_names(&log, &["[error] no disk", "[error] queue is full"]);
}
