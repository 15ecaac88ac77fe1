//! Logs of applications: lines behind prefixes, and exports of services.

use crate::app_log::{counts, fold, parse};

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

/// The error was: pino-syslog writes the priority `<NaN>` for a level that is a name, and such lines were passed over.
#[test]
fn a_priority_that_is_no_number_is_removed() {
    let log = |priority: &str| {
        format!(
            "<{priority}>1 2026-11-30T10:00:00.000Z h app 12 - - {{\"level\":\"error\",\"msg\":\"lost\"}}\n"
        )
    };
    assert_eq!(fold(&log("131")), ["[error] lost 1"]);
    assert_eq!(fold(&log("NaN")), fold(&log("131")));
}

/// The error was: errors of logfmt behind the names of stern's pods were none.
#[test]
fn logfmt_may_follow_a_pod() {
    let line = |level: &str, text: &str| {
        format!("web-7d9c6f4b5-x2xkz app time=2026-11-27T11:00:01Z level={level} msg=\"{text}\"\n")
    };
    let log =
        line("info", "errors are logged") + &line("error", "queue is full") + &line("info", "done");
    assert_eq!(crate::app_log::counts(&log), [("[error] queue is full".to_owned(), 1)]);
}
