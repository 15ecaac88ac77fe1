//! Logs of applications, as services and collectors pack them.

use crate::app_log::{counts, fold, parse};
use spikeflame_profile::Zero;

/// The events of one program: two errors with a stack, one without, and a message that names an
/// error and is none.
pub(crate) const EVENTS: [(&str, &str, bool); 5] = [
    ("info", "Error: retry scheduled", false),
    ("error", "request failed", true),
    ("warn", "slow answer", false),
    ("error", "plain failure", false),
    ("error", "request failed", true),
];

pub(crate) const STACK: &str = "TypeError: boom\n    at fail (/srv/app/dist/x.js:1:2)";

pub(crate) fn errors_of_events() -> [(String, u64); 2] {
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
