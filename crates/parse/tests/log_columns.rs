//! Levels in unusual places of a line, and times without a date.

use crate::app_log::{counts, fold};
use spikeflame_parse::{Options, read_stream};
use spikeflame_profile::{VmState, Zero};
use std::path::Path;

/// Returns a log of 20 lines with two errors. `line` writes a level and a text at a second.
fn log(line: impl Fn(&str, &str, usize) -> String) -> String {
    let of = |at: usize| match at {
        5 | 14 => line("ERROR", "queue is full", at),
        7 => line("WARN", "slow answer", at),
        _ => line("INFO", "errors are logged", at),
    };
    (0..20).map(of).collect()
}

fn two(name: &str) -> Vec<(String, u64)> {
    vec![(name.to_owned(), 2)]
}

/// The error was: a level at the end of a line was none.
#[test]
fn a_level_may_stand_at_the_end_of_a_line() {
    type Write = fn(&str, &str, usize) -> String;
    let forms: [Write; 5] = [
        |level, text, at| format!("2026-11-27 11:00:{at:02} {text} [{level}]\n"),
        |level, text, _| format!("{text} ({})\n", level.to_lowercase()),
        |level, text, at| format!("11:00:{at:02} {text} | {level}\n"),
        |level, text, at| format!("11:00:{at:02} the job says: {text} - {level}\n"),
        |level, text, _| {
            format!("one two three four five six seven: {text} lvl={}\n", level.to_lowercase())
        },
    ];
    for form in forms {
        let found: u64 = counts(&log(form)).iter().map(|(_, count)| count).sum();
        assert_eq!(found, 2, "{}", form("ERROR", "queue is full", 1));
    }
    assert_eq!(counts(&log(forms[0])), two("[error] queue is full"));
    // Words at the end of lines are no levels where many others stand.
    let words = |_: &str, _: &str, at: usize| match at % 4 {
        0 => "the page has [error]\n".to_owned(),
        1 => "the page has [info]\n".to_owned(),
        other => format!("the page has [{}]\n", ["cart", "order"][other - 2]),
    };
    assert!(read(&log(words), None).is_empty());
}

/// The error was: errors of SQL Server were none.
#[test]
fn an_error_of_sql_server_has_its_message_on_the_next_line() {
    let line = |level: &str, text: &str, at: usize| {
        let head = format!("2026-11-27 11:00:{at:02}.12 Logon       ");
        match level {
            "ERROR" => format!("{head}Error: 18456, Severity: 14, State: 8.\n{head}{text}\n"),
            "WARN" => format!("{head}Error: 8128, Severity: 10, State: 1.\n"),
            _ => format!("{head}{text}\n"),
        }
    };
    assert_eq!(counts(&log(line)), two("[error] queue is full"));
    let cut = "2026-11-27 11:00:01.12 spid7       Error: 18456, Severity: 14, State: 8.";
    assert_eq!(counts(&log(line).replace("queue", cut))[0].1, 2);
}

/// The errors were: each line of a container called `error` was an error, and so was what a user called `error` did
/// beside one who wrote `I`.
#[test]
fn a_name_is_no_level() {
    let service: String = (0..9).map(|at| format!("error  | GET /{at} 200\n")).collect();
    assert!(read(&service, None).is_empty());
    let failed = format!("{service}error  | Error: no disk\nerror  |     at f (/srv/a.js:1:2)\n");
    assert_eq!(fold(&failed), ["Error: no disk;f /srv/a.js:1:2 1"]);
    let users = |_: &str, _: &str, at: usize| match at % 5 {
        0 => format!("2026-11-27 11:00:{at:02} error page built\n"),
        1 => format!("2026-11-27 11:00:{at:02} info logged in\n"),
        _ => format!("2026-11-27 11:00:{at:02} I logged in\n"),
    };
    assert!(read(&log(users), None).is_empty());
}

/// Returns the times of the errors in a log in microseconds since 1970, 0 for one without a time.
fn read(text: &str, log_near_us: Option<i64>) -> Vec<u64> {
    let options = Options { app_log: true, log_near_us, ..Options::default() };
    let Ok(profile) = read_stream(text.as_bytes(), Path::new("app.log"), &options) else {
        return Vec::new();
    };
    let zero = if let Zero::Wall(us) = profile.sources[0].zero { us } else { 0 };
    assert_eq!(profile.sources[0].undated, zero == 0 && text.contains("11:00"));
    let errors = profile.threads[0].samples.iter().map(|(sample, _)| sample);
    errors.map(|it| if it.state == VmState::NO_TIME { 0 } else { zero + it.time_us }).collect()
}

/// The error was: no window could be cut from a log whose times have no date or no year, although the load test shows
/// the day.
#[test]
fn times_without_a_date_get_that_of_the_load_test() {
    // 2026-11-27T10:59:00Z
    let test_us = 1_795_777_140_000_000;
    let right = [test_us as u64 + 65_000_000, test_us as u64 + 74_000_000];
    type Write = fn(&str, &str, usize) -> String;
    let forms: [Write; 4] = [
        |level, text, at| format!("11:00:{at:02}.000 {level} {text}\n"),
        |level, text, at| format!("[11:00:{at:02}] {level}: {text}\n"),
        |level, text, at| format!("{}1127 11:00:{at:02}.000000  7 a.go:7] {text}\n", &level[..1]),
        |level, text, at| format!("Nov 27 11:00:{at:02} web-1 shop[7]: {level} {text}\n"),
    ];
    for form in forms {
        assert_eq!(read(&log(form), Some(test_us)), right, "{}", log(form));
        assert_eq!(read(&log(form), None), [0, 0]);
    }
}

/// The error was: the values that log-driver prints had no names, stacks or times.
#[test]
fn a_message_may_be_printed_as_a_value() {
    let log = "[info] \"2026-11-27T11:00:01.280Z\"  'up'\n[error] \"2026-11-27T11:00:02.282Z\"  'cart is gone'\n[error] \"2026-11-27T11:00:03.282Z\"  'Error: queue is full\\n' +\n  '    at boom (/srv/gen.js:1:44)\\n' +\n  '    at main (/srv/gen.js:9:4)'\n";
    assert_eq!(
        fold(log),
        [
            "Error: queue is full;main /srv/gen.js:9:4;boom /srv/gen.js:1:44 1",
            "[error] cart is gone 1",
        ]
    );
}

/// The error was: errors of NestJS were lost where its times are in a form that is not read.
#[test]
fn the_level_of_nest_follows_times_of_any_language() {
    for time in [
        "\u{6f1}\u{6f4}\u{6f0}\u{6f5}/\u{6f0}\u{6f9}/\u{6f0}\u{6f6}, \u{6f9}:\u{6f0}\u{6f5}:\u{6f0}\u{6f7}",
        "\u{14b}di ga 9:05:07 11/27/2026",
        "2026-27-11 09:05:07",
    ] {
        let log = format!(
            "[Nest] 7  - {time}     LOG [Ctx] errors are logged\n[Nest] 7  - {time}   ERROR [Ctx] queue is full\n"
        );
        assert_eq!(counts(&log), [("[error] queue is full".to_owned(), 1)], "{log}");
    }
}

/// The error was: "no errors" for the logs of PostgreSQL that managed databases write, whose prefixes of lines are their own.
#[test]
fn the_level_of_postgres_follows_any_prefix() {
    for prefix in [
        "2026-11-27 11:00:01 UTC:10.0.3.7(52431):shop@shop:[4010]:",
        "2026-11-27 11:00:01 UTC::@:[4010]:",
        "2026-11-27T11:00:01+00:00 shop-db.0 2026-11-27 11:00:01 UTC:10.0.3.7(52431):shop@shop:[4010]:",
        "2026-11-27 11:00:01 UTC-5f1b2c3d.1a10-",
        "2026-11-27 11:00:01.123 UTC [4010]: [10-1] db=shop,user=shop ",
        "2026-11-27 11:00:01.123 GMT [4010] user=shop,db=shop,app=PostgreSQL JDBC Driver,client=10.0.0.7 ",
        "2026-11-27T11:00:01.123456+00:00 app[postgres.4010]: [DATABASE] [10-1]  sql_error_code = 23505 ",
        "2026-11-27 20:00:01.123 KST [4010] shop@shop ",
    ] {
        let line = |level: &str, text: &str| format!("{prefix}{level}:  {text}\n");
        let log = line("LOG", "checkpoint starting: time, no ERROR:  here")
            + &line("FATAL", "sorry, too many clients already")
            + &line("STATEMENT", "select 'ERROR:  x'");
        assert_eq!(
            counts(&log),
            [("[error] sorry, too many clients already".to_owned(), 1)],
            "{log}"
        );
        let us = read(&log, None)[0];
        assert_eq!(us / 1_000_000, 1_795_777_201, "{log}");
    }
    assert!(read("2026-11-27 11:00:01 the build ended with ERROR:  0 of them\n", None).is_empty());
}

/// The errors were: lines of MongoDB with blanks between the marks had no level, and an error of which winston keeps only
/// the name named a row without its message.
#[test]
fn fields_of_json_name_the_error() {
    let mongo = "{\"t\": {\"$date\": \"2026-11-27T11:00:00.123+00:00\"}, \"s\": \"E\", \"c\": \"NETWORK\", \"msg\": \"no answer\", \"attr\": {\"n\": 0}}\n";
    assert_eq!(counts(mongo), [("[error] no answer".to_owned(), 1)]);
    let winston = "{\"err\":{\"name\":\"OrderNotFound\"},\"level\":\"error\",\"message\":\"charge declined\",\"timestamp\":\"2026-11-27T11:00:00.123Z\"}\n";
    assert_eq!(counts(winston), [("[error] charge declined".to_owned(), 1)]);
}
