//! Tests of `spikeflame errors`, from arguments to tables.

use crate::common;

use common::{command, failure, golden, root, run, run_with, stderr, stdout};
use serde_json::Value;

pub(crate) fn json(args: &[&str]) -> Value {
    serde_json::from_str(&stdout(&[&["errors", "--format", "json"], args].concat())).unwrap()
}

/// Each error with its count and its first place in the application.
pub(crate) fn rows(value: &Value) -> Vec<(String, u64, String)> {
    let row = |row: &Value| {
        let app = &row["thrown"][0]["app"]["name"];
        let count = row["count"].as_u64().unwrap();
        (row["error"].as_str().unwrap().to_owned(), count, app.as_str().unwrap_or("").to_owned())
    };
    value["errors"].as_array().unwrap().iter().map(row).collect()
}

#[test]
fn tables_are_as_blessed() {
    for (format, name) in
        [("text", "errors.txt"), ("markdown", "errors.md"), ("json", "errors.json")]
    {
        let args = ["errors", "errors/pool.log", "--log-zone", "+09:00", "--format", format];
        golden(name, &stdout(&args));
    }
}

#[test]
fn every_error_of_the_samples_is_counted_and_placed() {
    let full = "Error: Queue limit reached.";
    let closed = "Error: Can't add new command when connection is in closed state";
    let cases: [(&str, u64, &str, &str); 11] = [
        ("queue", 5, full, "BoardsService.list"),
        ("closed", 5, closed, ""),
        (
            "pool",
            7,
            "TypeError: Cannot read properties of null (reading 'title')",
            "BoardsService.missing",
        ),
        ("too-many", 3, "Error: Too many connections", ""),
        ("timeout", 3, "Error: connect ETIMEDOUT", ""),
        ("refused", 3, "Error: connect ECONNREFUSED <address>", ""),
        ("pino", 5, "Error: board <n> could not be loaded", "load"),
        ("winston", 5, "Error: board <n> could not be loaded", "load"),
        ("node-cause", 1, "Error: the menu cannot be read", "parse"),
        ("node-many", 1, "Error: connect ECONNREFUSED <address>", ""),
        ("node-console", 5, "MenuError: menu <n> is not valid", "check"),
    ];
    for (log, count, error, place) in cases {
        let errors = json(&[&format!("errors/{log}.log")]);
        assert_eq!(errors["count"], count, "{log}");
        let row = rows(&errors).into_iter().find(|row| row.0 == error);
        let row = row.unwrap_or_else(|| panic!("{log}: {errors:#}"));
        assert_eq!(row.2, place, "{log}");
    }
}

#[test]
fn times_are_those_of_the_wall_whatever_the_country() {
    for (log, first) in [
        ("queue", "2026-11-24T00:29:57.000Z"),
        ("pool", "2026-11-24T00:30:03.000Z"),
        ("too-many", "2026-11-24T00:30:07.000Z"),
        ("timeout", "2026-11-24T00:30:09.000Z"),
    ] {
        let output = run(&[
            "errors",
            &format!("errors/{log}.log"),
            "--log-zone",
            "+09:00",
            "--format",
            "json",
        ]);
        let errors: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(errors["errors"][0]["first"], first, "{log}");
        assert_eq!(stderr(&output), "", "{log}");
    }
    let guessed = run(&["errors", "errors/queue.log"]);
    assert!(stderr(&guessed).contains("--log-zone"), "{}", stderr(&guessed));
    let none: Value = json(&["errors/node-cause.log"]);
    assert_eq!(none["errors"][0]["first"], Value::Null);
}

#[test]
fn known_errors_say_what_to_look_at() {
    let hints =
        |log: &str| json(&[&format!("errors/{log}.log")])["errors"][0]["look_at"].to_string();
    assert!(hints("queue").contains("queueLimit"));
    assert!(hints("too-many").contains("max_connections"));
    assert!(hints("timeout").contains("connectTimeout"));
    let closed = stdout(&["errors", "errors/closed.log"]);
    assert!(closed.contains("double release"), "{closed}");
}

/// The errors of the `queue` sample, one a second, by another clock.
fn log_of(seconds: std::ops::Range<u64>, first_second_of_day: u64) -> String {
    let sample = std::fs::read_to_string(root("samples/errors/queue.log")).unwrap();
    let stack: Vec<&str> = sample
        .lines()
        .skip_while(|line| !line.starts_with("Error: "))
        .take_while(|line| !line.contains("[Nest]"))
        .collect();
    let mut log = String::new();
    for second in seconds {
        let at = first_second_of_day + second;
        let (hour, minute, second) = (at / 3600 % 24, at / 60 % 60, at % 60);
        log += &format!(
            "[Nest] 1  - 23.11.2026, {hour:02}:{minute:02}:{second:02}   ERROR [Filter] Exception: Queue limit reached.\n{}\n",
            stack.join("\n")
        );
    }
    log
}

#[test]
fn a_plateau_cuts_the_log() {
    let plateau: Value =
        serde_json::from_str(&stdout(&["plateau", "load/k6.json.gz", "--format", "json"])).unwrap();
    let (from, to) = (plateau["start_s"].as_u64().unwrap(), plateau["end_s"].as_u64().unwrap());
    let start = plateau["start"].as_str().unwrap();
    let part = |at: usize| start[at..at + 2].parse::<u64>().unwrap();
    let plateau_second = part(11) * 3600 + part(14) * 60 + part(17);
    // One error a second, from the start of the test until long after its end, by a clock nine
    // hours ahead.
    let begin = plateau_second - from + 9 * 3600;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.log");
    std::fs::write(&path, log_of(0..to + 30, begin)).unwrap();
    let path = path.to_str().unwrap();
    let zone = ["--log-zone", "+09:00", "--load", "load/k6.json.gz"];
    let whole = json(&[&[path], &zone[..]].concat());
    assert_eq!(whole["count"], to + 30);
    let cut = json(&[&[path, "--window", "plateau"], &zone[..]].concat());
    assert_eq!(cut["count"], to - from);
    assert_eq!(cut["errors"][0]["first"].as_str(), plateau["start"].as_str());
    assert!(cut["window"]["note"].as_str().unwrap().starts_with("plateau, "));
    let seconds = json(&[path, "--from", "10s", "--to", "15s"]);
    assert_eq!(seconds["count"], 5);
    // Without the zone, the log lies in another hour. The error was: "they are not of one run".
    let why = failure(&["errors", path, "--window", "plateau", "--load", "load/k6.json.gz"]);
    assert!(why.contains("with --log-zone +09:00 both are of the same time"), "{why}");
    assert!(!why.contains("not of one run"), "{why}");
}

/// The error was: "its samples carry no times" for a log with times of day, also beside a load test of that day.
#[test]
fn times_of_day_get_the_day_of_the_load_test() {
    let line = |at: u64| {
        format!("01:{:02}:{:02}.000 ERROR queue is full\n", 24 + (at + 47) / 60, (at + 47) % 60)
    };
    let log: String = (0..90).map(line).collect();
    let window = ["--window", "plateau"];
    let args =
        [&["errors", "-", "--format", "json", "--load", "load/k6.json.gz"], &window[..]].concat();
    let found: Value = serde_json::from_slice(&run_with(&args, log.as_bytes()).stdout).unwrap();
    assert_eq!(
        (&found["count"], &found["errors"][0]["first"]),
        (&61.into(), &"2026-11-23T01:24:58.000Z".into())
    );
    let wrong = stderr(&run_with(&["errors", "-", "--window", "3s..5s"], log.as_bytes()));
    assert!(wrong.contains("have no date") && wrong.contains("--load"), "{wrong}");
}

#[test]
fn other_commands_read_logs_too_and_folders_keep_them_apart() {
    let folded = stdout(&["fold", "errors/queue.log"]);
    assert!(folded.starts_with("Error: Queue limit reached.;BoardsService.list "), "{folded}");
    assert!(
        folded
            .ends_with("_getConnection /srv/meals/node_modules/mysql2/lib/base/pool.js:116:19 5\n")
    );
    let top = stdout(&["top", "errors/refused.log", "--sort", "total"]);
    assert!(top.contains("connect ECONNREFUSED"), "{top}");
    let svg = stdout(&["flame", "errors/pool.log", "-o", "-"]);
    assert!(svg.contains("Errors of pool.log"));
    assert!(svg.contains("Error: Pool is closed."));

    let folder = tempfile::tempdir().unwrap();
    let into = |from: &str, name: &str| {
        std::fs::copy(root("samples").join(from), folder.path().join(name)).unwrap();
    };
    into("errors/queue.log", "app.log");
    into("spike/before-1/isolate-v8.log.zst", "isolate-v8.log.zst");
    into("spike/before-1/k6.csv.gz", "k6.csv.gz");
    let path = folder.path().to_str().unwrap();
    assert!(!stdout(&["fold", path]).contains("Queue limit"));
    assert_eq!(json(&[path])["count"], 5);
}

#[test]
fn what_has_no_error_says_so() {
    let profile = failure(&["errors", "v8/nested-on-node24.log.zst"]);
    assert!(profile.contains("spikeflame top"), "{profile}");
    let load = failure(&["errors", "load/k6.json.gz"]);
    assert!(load.contains("the result of a load test (k6 JSON)"), "{load}");
    // The text does not look like a log, but the user declares it as one.
    let plain = run_with(&["errors", "-"], b"all is well\nError: it was not\n");
    assert!(String::from_utf8(plain.stdout).unwrap().contains("Error: it was not"));
}

#[test]
fn hostile_names_do_not_reach_the_terminal() {
    let log = b"Error: \x1b]0;x\x07|<b>`@team`\n    at f (/a\x9b|b.js:1:2)\n";
    for format in ["text", "markdown"] {
        let output = run_with(&["errors", "-", "--format", format], log);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
        assert!(format == "text" || !text.contains("<b>") && !text.contains("@team"), "{text}");
    }
    let missing = command(&["errors", "no-such.log"]).output().unwrap();
    assert_eq!(missing.status.code(), Some(2));
}

/// A log, its errors, names with their counts, and the time of one of them.
type LoggerCase = (&'static str, u64, &'static [(&'static str, u64)], Option<&'static str>);

/// Lines of each logger, as the logger itself wrote them (`tests/record/loggers.sh`).
#[test]
fn errors_of_every_logger_are_counted_named_and_timed() {
    const FULL: &str = "Error: Queue limit reached.";
    let cases: [LoggerCase; 14] = [
        (
            "nest-winston-pretty.log",
            4,
            &[(FULL, 2), ("[error] bare", 1), ("[error] obj", 1)],
            Some("2026-11-27T15:10:00"),
        ),
        (
            "nest-winston.log",
            4,
            &[(FULL, 2), ("[error] bare", 1), ("[error] obj", 1)],
            Some("2026-11-27T15:10:00"),
        ),
        // The zone stands after the time: 23:43 in Seoul.
        (
            "pino-pretty.log",
            5,
            &[(FULL, 2), ("[error] bare", 1), ("[error] obj", 1), ("[error] dead", 1)],
            Some("2026-11-27T15:10:00"),
        ),
        (
            "nest-json.log",
            8,
            &[(FULL, 3), ("[error] out of connections", 1), ("[error] in message", 1)],
            Some("2026-11-27T15:10:00"),
        ),
        (
            "nest-json-expanded.log",
            8,
            &[(FULL, 3), ("[error] out of connections", 1), ("[error] Something failed", 1)],
            Some("2026-11-27T15:10:00"),
        ),
        (
            "nest-objects.log",
            8,
            &[(FULL, 3), ("[error] out of connections", 1), ("[error] ER_X", 1)],
            Some("2026-11-27T15:10:00"),
        ),
        (
            "winston-simple.log",
            4,
            &[(FULL, 2), ("[error] bare", 1), ("[error] meta", 1)],
            Some("2026-11-27T15:10:00"),
        ),
        (
            "winston-pretty.log",
            4,
            &[(FULL, 2), ("[error] bare", 1), ("[error] meta", 1)],
            Some("2026-11-27T15:10:00"),
        ),
        ("nest-7.log", 1, &[(FULL, 1)], Some("2026-11-27T15:10:00")),
        ("cloudwatch-tail.log", 2, &[(FULL, 2)], Some("2026-11-27T11:05:01")),
        ("cloudwatch-events.json", 2, &[(FULL, 2)], Some("2026-11-27T11:05:01")),
        ("cloudwatch-query.json", 2, &[(FULL, 2)], Some("2026-11-27T11:05:01")),
        ("cloudwatch-query.csv", 2, &[(FULL, 2)], Some("2026-11-27T11:05:01")),
        (
            "user-limits.log",
            3,
            &[(
                "Error: User '…' has exceeded the 'max_user_connections' resource (current value: <n>)",
                1,
            )],
            Some("2026-11-27T11:58:52"),
        ),
    ];
    for (log, count, expected, first) in cases {
        let value = json(&[&format!("errors/{log}")]);
        assert_eq!(value["count"], count, "{log}");
        let rows = rows(&value);
        for (name, count) in expected {
            assert!(rows.iter().any(|row| row.0 == *name && row.1 == *count), "{log}: {rows:?}");
        }
        let times = value["errors"].as_array().unwrap();
        for row in times {
            let time = row["first"].as_str().unwrap_or("none");
            assert!(first.is_some_and(|first| time.get(..13) == first.get(..13)), "{log}: {time}");
        }
    }
}

#[test]
fn limits_that_mysql_quotes_have_their_meaning() {
    let value = json(&["errors/user-limits.log"]);
    for row in value["errors"].as_array().unwrap() {
        let means = row["means"].as_str().unwrap_or_default();
        assert!(means.contains("as many connections as it may have"), "{row:#}");
        assert!(row["code"].as_str().unwrap().starts_with("ER_"), "{row:#}");
    }
    // Either the code or the number is enough.
    for (name, property, means) in [
        ("x", "code: 'ER_CON_COUNT_ERROR'", "the database has as many connections"),
        ("x", "errno: 1129", "takes no more connections from this host"),
        ("QueryRunnerAlreadyReleasedError: Query runner already released.", "a: 1", "TypeORM"),
        ("Error: Pool does Not exist.", "code: 'POOL_NOEXIST'", "no pool"),
        (
            "Error: Host '10.0.0.7' is blocked because of many connection errors; unblock",
            "fatal: true",
            "takes no more connections from this host",
        ),
    ] {
        let error = if name == "x" { "Error: something went wrong" } else { name };
        let log = format!("ERROR x\n{error}\n    at f (/srv/a.js:1:2) {{\n  {property}\n}}\n");
        let output = run_with(&["errors", "-", "--format", "json"], log.as_bytes());
        let value: Value = serde_json::from_slice(&output.stdout).unwrap();
        let found = value["errors"][0]["means"].as_str().unwrap_or_default();
        assert!(found.contains(means), "{property}: {value:#}");
    }
}

#[test]
fn a_healthy_log_is_no_failure() {
    let log = "2026-11-27T11:00:00Z INFO up\n2026-11-27T11:00:01Z INFO GET /boards 200\n";
    let output = run_with(&["errors", "-"], log.as_bytes());
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "-: no errors in 2 lines\n");
    let output = run_with(&["errors", "-", "--format", "json"], log.as_bytes());
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&value["count"], &value["lines"]), (&0.into(), &2.into()));
}

#[test]
fn an_error_before_the_first_time_has_none() {
    let log = "Error: early\n    at f (/srv/a.js:1:2)\n2026-11-27T11:00:00Z ERROR late\n";
    let output = run_with(&["errors", "-", "--format", "json"], log.as_bytes());
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    let time = |name: &str| {
        let rows = value["errors"].as_array().unwrap();
        rows.iter().find(|row| row["error"] == name).unwrap()["first"].clone()
    };
    assert_eq!(time("Error: early"), Value::Null);
    assert_eq!(time("[error] late"), "2026-11-27T11:00:00.000Z");
}

#[test]
fn streams_that_interleave_keep_their_stacks_apart() {
    let log = "web-1  | Error: one\nweb-2  | Error: two\nweb-1  |     at f (/srv/a.js:1:2)\n\
               web-2  |     at g (/srv/b.js:3:4)\nweb-1  |     at h (/srv/a.js:5:6)\n";
    let output = run_with(&["errors", "-", "--format", "json"], log.as_bytes());
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    let found = rows(&value);
    assert!(found.contains(&("Error: one".to_owned(), 1, "f".to_owned())), "{found:?}");
    assert!(found.contains(&("Error: two".to_owned(), 1, "g".to_owned())), "{found:?}");
}

/// The error was: the folder of a run without an error was refused.
#[test]
fn a_run_without_errors_is_no_failure() {
    let folder = tempfile::tempdir().unwrap();
    let log = root("samples/spike/before-1/isolate-v8.log.zst");
    std::fs::copy(log, folder.path().join("isolate-v8.log.zst")).unwrap();
    let path = folder.path().to_str().unwrap();
    let why = failure(&["errors", path]);
    assert!(why.contains("no application log in it; `spikeflame record` writes app.log"), "{why}");
    for (text, lines) in [
        ("", "0 lines"),
        ("listening on 3000\n", "1 line (no line has a level that is known"),
        ("2026-11-27T11:00:00Z INFO up\n2026-11-27T11:00:01Z INFO GET /boards 200\n", "2 lines"),
        ("{\"level\":30,\"time\":1795396800000,\"msg\":\"up\"}\n", "1 line\n"),
    ] {
        std::fs::write(folder.path().join("app.log"), text).unwrap();
        let found = stdout(&["errors", path]);
        assert!(found.contains("app.log: no errors in") && found.contains(lines), "{found}");
    }
    // The log is not a part of the profile.
    assert!(!stdout(&["top", path]).contains("app.log"));
}

/// The error was: "the plateau lies outside the recording" for the log of a program that wrote nothing under
/// load.
#[test]
fn a_log_that_is_quiet_in_a_window_has_no_errors_there() {
    let folder = tempfile::tempdir().unwrap();
    let load = "samples/spike/before-1/k6.csv.gz";
    std::fs::copy(root(load), folder.path().join("k6.csv.gz")).unwrap();
    let path = folder.path().to_str().unwrap();
    let write = |text: &str| std::fs::write(folder.path().join("app.log"), text).unwrap();
    let early = "2026-11-23T01:24:40Z INFO up\n2026-11-23T01:24:50Z ERROR no redis\n";
    for (text, found) in [
        (
            early,
            "01:25:59 (its last line is of 2026-11-23 01:24:50); 1 outside it; the log has 2 lines",
        ),
        // No line is of the load test.
        (
            "2026-11-23T01:24:40Z INFO up\n",
            "(its last line is of 2026-11-23 01:24:40); the log has 1 line",
        ),
        // The only line is within the window.
        (
            "2026-11-23T01:25:10Z INFO up\n",
            "between 2026-11-23 01:25:10 and 01:25:59; the log has 1 line",
        ),
        ("listening on 3000\n", "no errors in 1 line"),
        ("", "no errors in 0 lines"),
    ] {
        write(text);
        let text = stdout(&["errors", path, "--window", "plateau"]);
        assert!(text.contains(found), "{text}");
    }
    // The log of another day, and times that are not known, are no answer.
    for (text, why) in [
        ("2026-11-22T01:24:50Z ERROR no redis\n", "they are not of one run"),
        ("2026-11-23 10:24:58 INFO up\n2026-11-23 10:25:58 ERROR x\n", "--log-zone +09:00"),
        ("ERROR no redis\n", "its samples carry no times"),
    ] {
        write(text);
        assert!(failure(&["errors", path, "--window", "plateau"]).contains(why));
    }
}

/// The error was: pino's list of the errors within an `AggregateError` was left out, and with it the
/// address that refused the connection.
#[test]
fn the_first_error_within_an_aggregate_error_of_pino_is_shown() {
    let folded = stdout(&["fold", "-q", "errors/pino-aggregate.log"]);
    assert!(
        folded.contains(";[errors] Error: connect ECONNREFUSED <address>;afterConnectMultiple "),
        "{folded}"
    );
    let errors = json(&["errors/pino-aggregate.log"]);
    assert!(errors["errors"][0]["means"].as_str().unwrap().contains("nothing listens"), "{errors}");
}

/// The error was: "no errors", exit code 0, for the results of load tests whose requests failed.
#[test]
fn the_result_of_a_load_test_is_no_healthy_log() {
    for name in ["autocannon.json", "artillery.json", "ab.txt", "hey.csv", "k6-summary.txt"] {
        let text = failure(&["errors", &format!("load/{name}")]);
        assert!(text.contains("spikeflame plateau"), "{name}: {text}");
    }
    // The error was: this command expected recordings.
    let text = failure(&["errors", "load/k6.json.gz"]);
    assert!(
        text.ends_with(
            "reads it; expected the log of an application, as text or as lines of JSON\n"
        ),
        "{text}"
    );
}

/// The error was: a healthy log in the form of a table was "the data of a monitor".
#[test]
fn a_healthy_log_with_numbers_is_no_monitor() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        // Papertrail's archives.
        (
            "archive.tsv",
            "71\t2026-11-30T05:53:16Z\t2026-11-30T05:53:17Z\t99\tweb-1\t10.0.0.1\tUser\tInfo\tapp/web.1\tstarted\n\
             72\t2026-11-30T05:53:18Z\t2026-11-30T05:53:19Z\t99\tweb-1\t10.0.0.1\tUser\tInfo\tapp/web.1\tGET / 200\n",
        ),
        (
            "columns.log",
            "2026-11-30T05:53:16Z\tinfo\tGET /\t200\n2026-11-30T05:53:17Z\tinfo\tGET /\t200\n",
        ),
        (
            "datadog.csv",
            "Date,Message,@status\n2026-11-30T05:53:16Z,GET /,200\n2026-11-30T05:53:17Z,GET /,200\n",
        ),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let found = stdout(&["errors", path.to_str().unwrap()]);
        assert!(found.contains("no errors in"), "{name}: {found}");
    }
    let monitor = folder.path().join("cpu.csv");
    std::fs::write(&monitor, "time,cpu\n2026-11-30T05:53:16Z,20\n2026-11-30T05:53:17Z,30\n")
        .unwrap();
    assert!(failure(&["errors", monitor.to_str().unwrap()]).contains("data of a monitor"));
}
