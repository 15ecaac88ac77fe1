//! Lines of logs: what collectors and runtimes make of them, and their times.

use crate::app_log_stacks::{TIME, fold, parse};
use spikeflame_profile::warning::Fact;

/// The error was: winston's `ms()` writes a duration behind the last frame, which was none then, and
/// errors without a stack were missing in its log.
#[test]
fn a_word_behind_the_time_is_a_level_in_a_log_that_has_others() {
    let log = format!(
        "{TIME} info ready +0ms\n{TIME} error no way +1ms\n{TIME} error Error: x\n    \
         at f (/srv/a.js:1:2) +3ms\n{TIME} error rate 0.1%\n"
    );
    assert_eq!(fold(&log), ["Error: x;f /srv/a.js:1:2 1", "[error] no way 1"]);
    let log = format!("{TIME} error no way\n{TIME} ERROR x\n");
    assert_eq!(fold(&log), ["[error] x 1"]);
}

/// The error was: Railway's JSON has a level for each line that a program printed. Each frame of a stack was
/// an error, or none was.
#[test]
fn a_collector_has_a_level_for_each_line() {
    for (level, count) in [("info", 2), ("error", 2)] {
        let line = |text: &str| {
            format!("{{\"message\":\"{text}\",\"level\":\"{level}\",\"timestamp\":\"{TIME}\"}}\n")
        };
        let stack = ["Error: x", "    at f (/srv/a.js:1:2)", "    at g (/srv/a.js:3:4)"];
        let log: String = stack.iter().chain(&stack).map(|text| line(text)).collect();
        let found = format!("Error: x;g /srv/a.js:3:4;f /srv/a.js:1:2 {count}");
        assert_eq!(fold(&log), [found], "{level}");
    }
    let line = |text: &str| {
        format!("{{\"message\":\"{text}\",\"severity\":\"info\",\"timestamp\":\"{TIME}\"}}\n")
    };
    let nest = "[Nest] 7  - 11/29/2026, 11:08:51 PM   ERROR [Ctx] no way";
    let log =
        line(nest) + &line("[Nest] 7  - 11/29/2026, 11:08:51 PM     LOG [Ctx] Error: x is text");
    assert_eq!(fold(&log), ["[error] no way 1"]);
    // An event of a logger that names an error is none by its level.
    let log = line("Error: x") + &line("ready") + &format!("{TIME} ERROR y\n");
    assert_eq!(fold(&log), ["[error] y 1"]);
}

/// The error was: Kubernetes and Docker split lines above 16 KiB. Their parts were lines of their own, so
/// that an error of JSON was none, and the name of one of text ended at the cut.
#[test]
fn lines_that_a_runtime_split_are_joined() {
    let stack = r"Error: boom\n    at f (/srv/a.js:1:2)";
    let json = |size: usize| {
        let text = "x".repeat(size);
        format!(r#"{{"level":50,"time":1795900000000,"msg":"{text}","err":{{"stack":"{stack}"}}}}"#)
    };
    let fine = r#"{"level":30,"time":1795900000001,"msg":"ok"}"#;
    // Records, and the frame of a stack, which stands below another line.
    let path = "d/".repeat(9_000);
    let cases = [
        (fine.to_owned(), json(17_000)),
        (fine.to_owned(), json(40_000)),
        ("Error: boom".to_owned(), format!("    at f (/srv/{path}a.js:1:2)")),
    ];
    let cri = |parts: &[&str]| {
        let (last, rest) = parts.split_last().unwrap();
        let rest: String = rest.iter().map(|part| format!("{TIME} stdout P {part}\n")).collect();
        // The other stream is not split.
        format!("{rest}{TIME} stderr F ready\n{TIME} stdout F {last}\n")
    };
    let record = |text: &str, stream: &str, marks: &str| {
        let text = serde_json::Value::from(text);
        format!("{{\"log\":{text},\"stream\":\"{stream}\",\"time\":\"{TIME}\"{marks}}}\n")
    };
    let records = |parts: &[&str], end: &str, part: &str, last_part: &str| {
        let (last, rest) = parts.split_last().unwrap();
        let rest: String = rest.iter().map(|text| record(text, "stdout", part)).collect();
        let last = record(&format!("{last}{end}"), "stdout", last_part);
        format!("{rest}{}{last}", record(&format!("ready{end}"), "stderr", last_part))
    };
    for (before, line) in cases {
        let found = fold(&format!("{before}\n{line}\n"));
        assert!(matches!(found.as_slice(), [one] if one.contains(";f ")), "{found:?}");
        let parts: Vec<&str> =
            line.as_bytes().chunks(16_384).map(|part| std::str::from_utf8(part).unwrap()).collect();
        let [whole, part, last] = [
            r#","partial_message":"false""#,
            r#","partial_last":"false""#,
            r#","partial_last":"true""#,
        ];
        let part = format!(r#","partial_message":"true"{part}"#);
        let logs = [
            cri(&[&before]) + &cri(&parts),
            records(&[&before], "\n", "", "") + &records(&parts, "\n", "", ""),
            records(&[&before], "", "", r#","logtag":"F""#)
                + &records(&parts, "", r#","logtag":"P""#, r#","logtag":"F""#),
            records(&[&before], "", "", r#","_p":"F""#)
                + &records(&parts, "", r#","_p":"P""#, r#","_p":"F""#),
            records(&[&before], "", "", whole) + &records(&parts, "", &part, last),
        ];
        for log in logs {
            assert_eq!(fold(&log), found, "{}", log.get(..80).unwrap());
        }
    }
    // A log whose whole lines have no line break is no file of Docker.
    let long = json(16_384 - json(0).len());
    let lines =
        [record(fine, "stdout", ""), record(&long, "stdout", ""), record(&long, "stdout", "")];
    assert_eq!(fold(&lines.concat()), ["Error: boom;f /srv/a.js:1:2 2"]);
    // The file ends before the last part.
    let log = format!("{TIME} stdout P Error: cut\n");
    assert_eq!(fold(&log), ["Error: cut 1"]);
}

/// The error was: in colours, the newest lines of Loki's client were not brought into the order of time.
#[test]
fn lokis_client_may_write_colours() {
    let line = |second: u32, text: &str| {
        format!(
            "\x1b[34m2026-11-30T05:53:{second}Z\x1b[0m \x1b[92m{{app=\"web\"}}  \x1b[0m {text}\n"
        )
    };
    let log = [
        line(19, "fine"),
        line(18, "at g (/srv/a.js:3:4)"),
        line(18, "at f (/srv/a.js:1:2)"),
        line(18, "Error: boom"),
        line(17, "fine"),
    ];
    assert_eq!(fold(&log.concat()), ["Error: boom;g /srv/a.js:3:4;f /srv/a.js:1:2 1"]);
}

/// The error was: the stream `ERR` of Cloud Foundry made an error of each line of a stack.
#[test]
fn lines_of_cloud_foundry_are_those_of_the_program() {
    let line = |text: &str| format!("   2026-11-30T10:00:01.12+0900 [APP/PROC/WEB/0] ERR {text}\n");
    let log = ["Error: x", "    at f (/srv/app.js:1:2)", "ready"].map(line).concat();
    assert_eq!(fold(&log), ["Error: x;f /srv/app.js:1:2 1"]);
}

/// The error was: `toLocaleString` of Argentina has no AM or PM, so that times of the afternoon were 12 hours
/// early without a word.
#[test]
fn times_without_halves_of_the_day_are_warned_of() {
    let log = |hours: &[u32]| -> String {
        let line =
            |hour| format!("[Nest] 12  - 29/11/2026, {hour:02}:30:00   ERROR [App] failed\n");
        hours.iter().map(line).collect()
    };
    let warns = |hours: &[u32]| {
        parse(&log(hours)).warnings.iter().any(|warning| warning.fact == Fact::NoHalves)
    };
    assert!(warns(&[11, 12, 1, 2]));
    assert!(!warns(&[11, 12, 13]) && !warns(&[12, 1, 13]) && !warns(&[1, 12]));
}

/// The error was: "no errors in 1 line" without a word about its date.
#[test]
fn years_of_two_digits_are_warned_of() {
    let warns = |log: &str| parse(log).warnings.iter().any(|it| it.fact == Fact::ShortYears);
    assert!(warns("27.11.26, 10:00:00 ERROR the pool is empty\n"));
    assert!(warns("[11/27/26 10:00 AM] error: x\n"));
    assert!(!warns("27.11.2026, 10:00:00 ERROR x\n") && !warns("1.2.3 is out\n"));
}

/// The errors were: a `Warning:` of mysql2 made the headers of stacks levels, so that each error counted twice; a time
/// between a number and the level was not read; values and signs in healthy lines were levels.
#[test]
fn words_that_look_like_levels_of_other_lines_are_none() {
    let stack = "Error: queue is full\n    at f (/srv/a.js:1:2)\n";
    let log = format!("Warning: got packets out of order\n{TIME} ERROR x\n{stack}").repeat(2);
    assert_eq!(fold(&log), ["Error: queue is full;f /srv/a.js:1:2 2"]);
    let log = "[77] 2026/11/27 11:00:01.5 [INF] up\n[77] 2026/11/27 11:00:02.5 [ERR] no way\n";
    assert_eq!(fold(log), ["[error] no way 1"]);
    let profile = parse(log);
    let (sample, _) = profile.threads[0].samples.iter().next().unwrap();
    assert_eq!(sample.time_us, 1_000_000);
    // Another word before the text of an error is no name where most words are levels.
    let log = format!("{TIME} INFO order placed\n").repeat(20)
        + &format!("{TIME} ERROR no way\n{TIME} BACKUP no way\n");
    assert_eq!(fold(&log), ["[error] no way 1"]);
    for healthy in [
        "11:00:01 \u{2714} error is logged\n11:00:02 \u{2714} info is logged\n",
        "level: error\nlevel: info\n",
        "2026-11-27 11:00:01 state=error n=3\n2026-11-27 11:00:02 state=info n=3\n",
        "11:00:01 #error b: hi\n11:00:02 #info b: hi\n",
    ] {
        let log = healthy.repeat(20) + &format!("{TIME} ERROR no way\n");
        assert_eq!(fold(&log), ["[error] no way 1"], "{healthy}");
    }
}
