//! Tables of dashboards: their times, units, gaps and faults.

use crate::common;

use common::{counts, cpu_time, read_with, readable as read, timeline_of};
use spikeflame_load::plateau::{self, Options};
use spikeflame_load::{Axis, Error, Load, ReadOptions, Series, Timeline, Warning};
use std::time::Duration;

fn fail(text: &str) -> Error {
    timeline_of(text.as_bytes()).unwrap_err()
}

/// 2026-11-23 01:24:45.
const START_S: i64 = 1_795_397_085;

/// A table with a row every `step` seconds.
fn table(header: &str, step: i64, rows: i64, row: impl Fn(i64) -> String) -> String {
    let rows = (0..rows).map(|at| format!("{},{}\n", START_S + at * step, row(at)));
    format!("{header}\n{}", rows.collect::<String>())
}

#[test]
fn times_and_delimiters_of_every_kind() {
    for text in [
        "time,rps\n2026-11-23T01:24:45Z,10\n2026-11-23T10:24:46+09:00,20\n",
        "\u{feff}\"Time\";\"rps\"\n2026-11-23 01:24:45;10 req/s\n2026-11-23 01:24:46;20 req/s\n",
        "sep=,\n\"Time\",\"Requests/s\"\r\n2026/11/23 01:24:45,10\r\n2026/11/23 01:24:46,\"20\"\r\n",
        "timestamp\tthroughput\n1795397085\t10\n1795397086\t20\n",
        "# exported by a dashboard\n# range 1h, step 1s\n\ntime,rps\n1795397085,10\n1795397086,20\n",
        "#time,rps\n1795397085,10\n1795397086,20\n",
        "Timestamp,qps\n1795397085000,1e1\n1795397086000,20.0\n",
        // CloudWatch writes the newest row first.
        "Timestamp,qps\n1795397086000,20\n1795397085000,10\n",
    ] {
        let timeline = read(text);
        assert_eq!((timeline.start_s, timeline.resolution_s, timeline.format), (START_S, 1, "CSV"));
        let rates: Vec<f64> = timeline.seconds.iter().map(|second| second.ok).collect();
        assert_eq!(rates, [10.0, 20.0], "{text}");
    }
    let elapsed = read("time,rps\n0,10\n1,20\n");
    assert_eq!((elapsed.start_s, elapsed.seconds.len()), (0, 2));
    assert!(elapsed.warnings[0].to_string().contains("clock"), "{:?}", elapsed.warnings);
}

/// Charts and spreadsheets export times of day without their date.
/// The error was: a panel of Grafana by status, with users beside, was called rows of k6.
#[test]
fn columns_of_statuses_are_requests_that_succeeded_and_failed() {
    for header in [
        "Time,vus,200,302,500,p95 (ms)",
        "time,users,status=\"200\",code 201,\"{status=\"\"503\"\"}\",p95",
        "time,users,2xx,3xx,5xx,p95",
    ] {
        // Rates of counts in rows of 5 s have fractions of a fifth; counts have none.
        let rates =
            read(&table(header, 5, 12, |at| format!("{at},4.{},1,0.20,60", at % 3 * 2 + 4)));
        let counts = read(&table(header, 5, 12, |at| format!("{at},{},5,1,60", 21 + at % 3 * 2)));
        for timeline in [rates, counts] {
            let (ok, failed) = common::counts(&timeline);
            assert_eq!((ok.round(), failed.round()), (336.0, 12.0), "{header}");
        }
    }
    // Limits of durations are no statuses.
    let error = fail(&table("time,100,250,500,1000", 1, 3, |_| "1,2,3,4".to_owned()));
    assert!(
        error.to_string().contains("no column is known to hold requests per second"),
        "{error}"
    );
}

/// The error was: durations in microseconds and nanoseconds without a unit were milliseconds, which
/// lasted longer than the test.
#[test]
fn durations_in_microseconds_and_nanoseconds_without_a_unit() {
    for (factor, unit) in [(1.0, "milliseconds"), (1e3, "microseconds"), (1e6, "nanoseconds")] {
        for vus in [true, false] {
            let header = if vus { "time,rps,p95,vus" } else { "time,rps,p95" };
            let row = |at: i64| {
                let vus = if vus { format!(",{}", 5 + at * 2) } else { String::new() };
                format!("{},{}{vus}", 20 + at, 160.0 * factor + at as f64 * 7.0 * factor)
            };
            let timeline = read(&table(header, 5, 24, row));
            let told = &timeline.columns.iter().find(|column| column.name == "p95").unwrap().unit;
            assert!(told.starts_with(unit), "{told}");
            let first = timeline.seconds[0].latency_summary.unwrap().p95;
            assert!((first - 160.0).abs() < 1e-6, "{header}, {unit}: {first}");
        }
    }
    // Without users, the start of the test is the only evidence.
    let text =
        table("time,rps,latency", 5, 24, |at| format!("{},{}", 20 + at, 60_000 + at * 6_000));
    assert!(read(&text).columns[1].unit.starts_with("microseconds"));
}

/// The error was: per cent below 1 under a name without a unit were shares, so that 0.42 % of the requests
/// were 42 %.
#[test]
fn per_cent_below_one_are_whole_numbers_of_requests() {
    let failed = |at: i64| 1 + at % 3;
    for (percent, digits) in [(true, 2), (true, 4), (false, 4), (false, 6)] {
        let row = |at: i64| {
            let requests = 400 + at * 13;
            // A row here and there counts requests of another moment.
            let more = if percent && at % 12 == 5 { 0.3 } else { 0.0 };
            let share =
                failed(at) as f64 / requests as f64 * if percent { 100.0 } else { 1.0 } + more;
            format!("{:.2},{share:.digits$}", requests as f64 / 5.0)
        };
        let timeline = read(&table("time,rps,error_rate", 5, 24, row));
        let sum = (0..24).map(failed).sum::<i64>() as f64;
        let (_, found) = common::counts(&timeline);
        assert!((found - sum).abs() < 4.5, "{percent} {digits}: {found} of {sum}");
    }
    // Shares of one request in a second that fail or not have no such unit.
    let half = read(&table("time,rps,error_rate", 1, 24, |at| format!("{},0.5", 10 + at)));
    assert!(common::counts(&half).1 > 100.0);
}

/// The error was: a ratio of 1 was 1 %, because 1 % of 400 requests is a whole number.
#[test]
fn a_ratio_is_a_share_of_one_unless_a_value_shows_otherwise() {
    for (name, share, failed, unit) in [
        ("5xx_ratio", "1", 400.0, "a share of all, from 0 to 1"),
        ("error_ratio", "0.5", 200.0, "a share of all, from 0 to 1"),
        ("errorFraction", "0.01", 4.0, "a share of all, from 0 to 1"),
        ("error_rate", "1", 400.0, "a share of all, from 0 to 1"),
        ("5xx_ratio", "2", 8.0, "a share of all, in per cent"),
        ("error_rate", "40", 160.0, "a share of all, in per cent"),
    ] {
        let text = table(&format!("time,requests,{name}"), 1, 20, |_| format!("400,{share}"));
        let timeline = read(&text);
        assert!((timeline.seconds[0].failed - failed).abs() < 1e-6, "{name} {share}");
        assert_eq!(timeline.columns[1].unit, unit, "{name} {share}");
    }
    // A ratio of rates of two moments may be a little above 1 in one row, or in most of them.
    let row = |at: i64| format!("400,{}", if at == 7 { 1.02 } else { 0.5 });
    let timeline = read(&table("time,requests,5xx_ratio", 1, 40, row));
    assert_eq!((timeline.seconds[0].failed, timeline.seconds[7].failed), (200.0, 400.0));
    let error = fail(&table("time,requests,5xx_ratio", 1, 40, |_| "400,1.2".into()));
    assert!(error.to_string().contains("in per cent or a share of one"), "{error}");
    // One row above 100 % made all others a hundredth.
    let row = |at: i64| format!("400,{} %", if at == 7 { 101 } else { 50 });
    let timeline = read(&table("time,requests,error_rate", 1, 40, row));
    assert_eq!(timeline.seconds[0].failed, 200.0);
}

/// The error was: "a time that cannot be read" for zones that the reader of logs knew.
#[test]
fn times_in_tables_have_zones_of_every_kind() {
    for time in [
        "2026-11-23 10:24:45 KST",
        "2026-11-23 10:24:45 GMT+9",
        "2026-11-23 10:24:45 Asia/Seoul",
        "2026-11-23T10:24:45+09:00[Asia/Seoul]",
        "\"11/23/2026, 10:24:45 AM GMT+9\"",
        "11/23/2026 10:24:45 AM KST",
        "23.11.2026 10:24:45 +0900",
        "23-NOV-2026 01:24:45 UTC",
        "Mon Nov 23 10:24:45 AM KST 2026",
    ] {
        let next = time.replace(":45", ":46");
        let timeline = read(&format!("time,rps\n{time},10\n{next},20\n"));
        assert_eq!((timeline.start_s, timeline.seconds.len()), (START_S, 2), "{time}");
        assert_eq!(timeline.warnings, [], "{time}");
    }
    // The abbreviation has several meanings.
    let timeline = read("time,rps\n2026-11-23 01:24:45 IST,10\n2026-11-23 01:24:46 IST,20\n");
    assert_eq!(timeline.start_s, START_S);
    assert!(timeline.warnings[0].to_string().contains("offset"), "{:?}", timeline.warnings);
}

/// The error was: whole numbers of failures in rows of 5 s, beside a rate with fractions of a fifth,
/// were failures a second.
#[test]
fn failures_of_a_row_beside_a_rate() {
    for (header, failed) in
        [("time,rps,failed", 12.0 + 11.0 * 12.0 / 2.0), ("time,rps,failures/s", 5.0 * 78.0)]
    {
        let timeline =
            read(&table(header, 5, 12, |at| format!("{}.{},{}", 20 + at, at % 4 * 2 + 2, at + 1)));
        assert_eq!(common::counts(&timeline).1.round(), failed, "{header}");
    }
    // Whole rates show nothing.
    let timeline = read(&table("time,rps,failed", 5, 12, |at| format!("{},{}", 20 + at, at + 1)));
    assert_eq!(common::counts(&timeline).1.round(), 5.0 * 78.0);
}

#[test]
fn a_table_with_a_row_for_each_value_is_named() {
    for text in [
        "Time,Metric,Value\n2026-11-30T00:53:20Z,vus,3\n2026-11-30T00:53:20Z,http_reqs,5.20\n",
        "#group,false,false\n,result,table,_time,_value,_field\n,,0,2026-11-30T00:53:20Z,5.2,rps\n",
    ] {
        let error = fail(text).to_string();
        assert!(error.contains("a row for each value of a metric"), "{error}");
    }
}

#[test]
fn times_of_day_are_times_without_a_date() {
    for (text, start_s) in [
        ("time,rps\n10:00:58,10\n10:01:00,20\n10:01:02,30\n", 36_058),
        ("Time,rps\n00:00:00,10\n00:00:02,20\n00:00:04,30\n", 0),
        ("Time;rps\n1:59:58.000 PM;10\n2:00:00.000 PM;20\n2:00:02.000 PM;30\n", 50_398),
        // A test over midnight, and one with the newest row first.
        ("time,rps\n23:59:58,10\n00:00:00,20\n00:00:02,30\n", 86_398),
        ("time,rps\n00:00:02,30\n00:00:00,20\n23:59:58,10\n", -2),
    ] {
        let timeline = read(text);
        assert_eq!((timeline.start_s, timeline.resolution_s), (start_s, 2), "{text}");
        let rates: Vec<f64> = timeline.seconds.iter().step_by(2).map(|second| second.ok).collect();
        assert_eq!(rates, [10.0, 20.0, 30.0], "{text}");
        assert_eq!(timeline.warnings, [Warning::NoDate], "{text}");
    }
    let error = fail("time,rps\nMonday,10\nTuesday,20\n").to_string();
    assert!(error.contains("line 2: a time that cannot be read"), "{error}");
    let error = fail("time,rps\n10:00,10\n10:01,20\n").to_string();
    assert!(error.contains("such as"), "{error}");
}

#[test]
fn rows_of_many_seconds_are_spread() {
    let rates = read(&table("time,rps,vus,p95,errors,cpu", 10, 6, |at| {
        format!("{},5,250 ms,1,{at}", at + 1)
    }));
    let sums = read(&table("time,requests,vus,p95 (s),errors,cpu", 10, 6, |at| {
        format!("{},5,0.25,10,{at}", (at + 1) * 10)
    }));
    for timeline in [&rates, &sums] {
        assert_eq!((timeline.resolution_s, timeline.seconds.len()), (10, 60));
        assert_eq!(counts(timeline), (150.0, 60.0));
        let second = &timeline.seconds[35];
        assert_eq!(
            (second.ok, second.failed, second.started, second.vus),
            (3.0, 1.0, 4.0, Some(5.0))
        );
        let told = second.latency_summary.unwrap();
        assert!((told.p95 - 250.0).abs() < 1e-9 && told.p50.is_nan());
        assert_eq!(timeline.tracks[0].points[3], ((START_S + 30) * 1_000_000, 3.0));
    }
}

#[test]
fn errors_as_a_share_or_in_percent() {
    for (header, values) in [
        ("time,rps,error_rate", ["0", "0.5"]),
        ("time,rps,error_rate", ["0", "50"]),
        ("time,rps,error %", ["0", "50"]),
        ("time,rps,errorrate", ["0 %", "50 %"]),
        ("time,rps,failed", ["0", "10"]),
    ] {
        let timeline = read(&table(header, 1, 2, |at| format!("20,{}", values[at as usize])));
        assert_eq!(counts(&timeline), (30.0, 10.0), "{header} {values:?}");
    }
}

#[test]
fn the_user_names_columns() {
    let text =
        "when,throughput_total,clients\n2026-11-23T01:24:45Z,10,3\n2026-11-23T01:24:46Z,10,4\n";
    let error = fail("time,throughput_total,clients\n2026-11-23T01:24:45Z,10,3\n");
    assert!(error.to_string().contains("throughput_total, clients"), "{error}");
    let columns = [("time", "when"), ("rps", "throughput_total"), ("vus", "CLIENTS")];
    let columns = columns.map(|(meaning, name)| (meaning.to_owned(), name.to_owned())).to_vec();
    let options = ReadOptions { columns, ..ReadOptions::default() };
    let Ok(Load::Timeline(timeline)) = read_with(text.as_bytes(), &options) else { panic!() };
    assert_eq!((counts(&timeline).0, timeline.seconds[1].vus), (20.0, Some(4.0)));
    let columns = vec![("rps".to_owned(), "speed".to_owned())];
    let options = ReadOptions { columns, ..ReadOptions::default() };
    let error = read_with(text.as_bytes(), &options).unwrap_err().to_string();
    assert!(error.contains("no column \"speed\""), "{error}");
}

#[test]
fn rows_that_cannot_be_read_are_counted() {
    let text = "time,rps,p95,note\n\
        2026-11-23T01:24:45Z,10,5,warm up\n\
        2026-11-23T01:24:46Z,NaN,5,\n\
        2026-11-23T01:24:46Z,-10,5,\n\
        2026-11-23T01:24:46Z,inf,5,\n\
        2026-11-23T01:24:46Z,,5,\n\
        tomorrow,10,5,\n\
        2026-11-23T01:24:46Z,10\n\
        2026-11-23T01:24:46Z,\"10,5,\n\
        \n\
        2026-11-23T01:24:46Z,10,,\n\
        2026-11-23T01:2";
    let timeline = read(text);
    assert_eq!((counts(&timeline).0, timeline.seconds.len()), (20.0, 2));
    let lost: u64 = timeline.losses.iter().map(|loss| loss.count).sum();
    assert_eq!(lost, 8, "{:?}", timeline.losses);
    assert!(
        timeline
            .losses
            .iter()
            .any(|loss| (loss.reason, loss.first_line) == ("a negative value", 4))
    );
    assert!(timeline.tracks.is_empty());
}

#[test]
fn a_damaged_cell_of_users_or_durations_loses_no_row() {
    let row = |at: i64, vus: &str, p95: &str| {
        format!("{},{},{vus},{p95}\n", 1_795_000_000 + at, 100 + at)
    };
    let whole: String = (0..30).map(|at| row(at, "5", "20")).collect();
    let whole = read(&format!("time,rps,vus,p95\n{whole}"));
    for (vus, p95, words) in [
        ("x", "20", "1 numbers of virtual users cannot be read (the first on line 12)"),
        ("-5", "20", "1 numbers of virtual users cannot be read (the first on line 12)"),
        ("5", "2o", "1 durations cannot be read (the first on line 12)"),
        ("5", "20 parsecs", "1 durations cannot be read (the first on line 12)"),
    ] {
        let damaged = |at| if at == 10 { row(at, vus, p95) } else { row(at, "5", "20") };
        let damaged: String = (0..30).map(damaged).collect();
        let read = read(&format!("time,rps,vus,p95\n{damaged}"));
        assert_eq!(counts(&read), counts(&whole));
        assert_eq!(format!("{:?}", read.seconds[9]), format!("{:?}", whole.seconds[9]));
        assert!(read.losses.is_empty(), "{:?}", read.losses);
        assert!(
            read.warnings.iter().any(|one| one.to_string().contains(words)),
            "{:?}",
            read.warnings
        );
    }
    // So are rows with requests and no user, and long stretches without a number.
    for (vus, words) in [
        ("0", "15 rows have requests and 0 virtual users (the first on line 12)"),
        ("", "the number of virtual users is missing for 15 s from 10 s on"),
        ("null", "the number of virtual users is missing for 15 s from 10 s on"),
    ] {
        let damaged =
            |at| if (10..25).contains(&at) { row(at, vus, "20") } else { row(at, "5", "20") };
        let damaged: String = (0..30).map(damaged).collect();
        let read = read(&format!("time,rps,vus,p95\n{damaged}"));
        let [warning] = read.warnings.as_slice() else { panic!("{:?}", read.warnings) };
        assert!(warning.to_string().contains(words), "{warning}");
        assert!(read.seconds.iter().all(|second| second.vus.is_none_or(|vus| vus == 5.0)));
    }
    // Where no number of users is left, the axis changes, and the reader hears of it.
    for (vus, words) in [
        (
            "x",
            "30 numbers of virtual users cannot be read (the first on line 2): no row has one, so the \
             load is taken to be requests in flight",
        ),
        (
            "0",
            "30 rows have requests, and none has virtual users: the load is taken to be requests in \
             flight",
        ),
    ] {
        let none: String = (0..30).map(|at| row(at, vus, "20")).collect();
        let read = read(&format!("time,rps,vus,p95\n{none}"));
        assert!(read.seconds.iter().all(|second| second.vus.is_none()));
        let warnings: Vec<String> = read.warnings.iter().map(ToString::to_string).collect();
        assert_eq!(warnings, [words]);
    }
    // A damaged count of requests or errors would make a wrong rate: its row is lost and counted.
    let text =
        "time,rps,errors\n1795000000,10,1\n1795000001,1o,1\n1795000002,10,x\n1795000003,10,1";
    let lost = self::read(text).losses;
    assert_eq!(lost.iter().map(|loss| loss.count).sum::<u64>(), 2, "{lost:?}");
}

#[test]
fn rows_with_jitter_lose_no_second() {
    let rows = (0..50).map(|at| {
        let jitter = [0, 40, -30, 20, 90][at % 5];
        format!("{},10\n", START_S * 1_000 + at as i64 * 1_000 + 500 + jitter)
    });
    let timeline = read(&format!("time,rps\n{}", rows.collect::<String>()));
    assert_eq!((counts(&timeline).0, timeline.seconds.len()), (500.0, 50));
    assert!(timeline.seconds.iter().all(|second| second.ok == 10.0));
}

#[test]
fn what_would_be_a_wrong_timeline_is_refused() {
    let steady = |_| "10".to_owned();
    // Two tests: the rows of the second are five minutes later.
    let two = table("time,rps", 10, 12, |_| "10".to_owned())
        + table("", 10, 6, steady).trim_start().replace("1795397", "1795399").as_str();
    let told = fail(&two);
    assert!(
        matches!(&told, Error::SeveralTests { tests, .. } if tests.len() == 2 && tests[1].length_s == 60),
        "{told}"
    );
    let options = ReadOptions { test: Some(2), ..ReadOptions::default() };
    let Ok(Load::Timeline(second)) = read_with(two.as_bytes(), &options) else { panic!() };
    assert_eq!(second.seconds.len(), 60);
    // A clock that goes back, as at the end of summer time.
    let back = table("time,rps", 10, 30, steady) + &table("", 10, 30, steady)[1..];
    assert!(matches!(fail(&back), Error::ClockJump { line: 32, seconds, .. } if seconds == -290.0));
    // One row for each series.
    let series = table("time,name,rps", 0, 4, |at| format!("GET /{at},10"))
        + &table("", 0, 4, |_| "x,5".into())[1..];
    assert!(matches!(fail(&series), Error::Damaged { .. }), "{}", fail(&series));
    // Rows for tenths of seconds.
    let fine: String = (0..30).map(|at| format!("{}.{},1\n", START_S + at / 10, at % 10)).collect();
    assert!(matches!(fail(&format!("time,rps\n{fine}")), Error::Damaged { .. }));
    // Two rows that lie far apart take no memory.
    let far = fail("time,rps\n1000000000,1\n4000000000,1\n");
    assert!(matches!(far, Error::TooLong { .. } | Error::SeveralTests { .. }), "{far}");
    let slow = fail("time,rps\n1000000000,1\n1001000000,1\n1002000000,1\n");
    assert!(matches!(slow, Error::TooLong { .. } | Error::SeveralTests { .. }), "{slow}");
}

#[test]
fn units_of_bare_durations_are_known_or_asked_for() {
    let p95 = |text: &str| read(text).seconds[0].latency_summary.unwrap().p95;
    // Prometheus contains seconds.
    let of = |name: &str, value: f64| {
        table(&format!("time,rps,{name}"), 1, 4, |at| format!("10,{}", value + at as f64 * 0.001))
    };
    assert_eq!(p95(&of("http_req_duration_p95", 0.05)), 50.0);
    assert_eq!(p95(&of("k6_http_req_duration_p95", 2.5)), 2500.0);
    assert_eq!(p95(&of("http_req_duration_p95", 480.0)), 480.0);
    assert_eq!(p95(&of("p95", 12.0)), 12.0);
    assert_eq!(p95(&of("p95 (s)", 0.5)), 500.0);
    let asked = fail(&of("p95", 0.25)).to_string();
    assert!(asked.contains("without a unit"), "{asked}");
    let told = |meaning: &str| {
        let options = ReadOptions {
            columns: vec![(meaning.to_owned(), "p95".to_owned())],
            ..ReadOptions::default()
        };
        match read_with(of("p95", 0.25).as_bytes(), &options).unwrap() {
            Load::Timeline(timeline) => timeline.seconds[0].latency_summary.unwrap().p95,
            Load::Summary(_) => panic!(),
        }
    };
    assert_eq!((told("p95_s"), told("p95_ms")), (250.0, 0.25));
}

#[test]
fn cells_and_names_say_what_is_a_rate() {
    let ok =
        |header: &str, cell: &str| read(&table(header, 5, 4, |_| cell.to_owned())).seconds[0].ok;
    assert_eq!(ok("time,http_reqs", "100"), 20.0);
    for cell in ["100 req/s", "100 reqps", "100 rps", "0.1 K req/s", "6000 req/min"] {
        assert_eq!(ok("time,http_reqs", cell), 100.0, "{cell}");
    }
    assert_eq!(ok("time,http_reqs_s", "100"), 100.0);
    // Failures a second beside requests of a row, and the other way round.
    assert_eq!(ok("time,requests,failures/s", "100,4"), 16.0);
    assert_eq!(ok("time,rps,failures", "100,4"), 96.0);
}

/// The rate of a table's first second.
fn first(text: &str) -> f64 {
    read(text).seconds[0].requests()
}

#[test]
fn numbers_of_other_languages_are_whole_numbers() {
    // A browser in German or French writes commas; one in English parts thousands with them.
    for (text, rate) in [
        (
            "sep=;\n\"Time\";\"rps\"\n2026-11-27 11:00:00;\"20,5 req/s\"\n2026-11-27 11:00:15;\"40,25 req/s\"\n",
            20.5,
        ),
        (
            "\"Time\",\"rps\"\n2026-11-27 11:00:00,\"20,5 req/s\"\n2026-11-27 11:00:15,\"1.040,5 req/s\"\n",
            20.5,
        ),
        ("\"Time\",\"rps\"\n2026-11-27 11:00:00,\"1,020\"\n2026-11-27 11:00:15,990\n", 1020.0),
        (
            "\"Time\",\"rps\"\n2026-11-27 11:00:00,1\u{202f}020 req/s\n2026-11-27 11:00:15,990 req/s\n",
            1020.0,
        ),
        (
            "\"Time\",\"rps\"\n2026-11-27 11:00:00,0.02 Mil\n2026-11-27 11:00:15,0.04 Mil\n",
            20_000.0,
        ),
        (
            "\"Time\",\"rps\"\n2026-11-27 11:00:00,1.2 K req/s\n2026-11-27 11:00:15,990 req/s\n",
            1200.0,
        ),
        (
            "\"Time\",\"http_reqs\"\n2026-11-27 11:00:00,120 reqpm\n2026-11-27 11:00:15,60 reqpm\n",
            2.0,
        ),
        ("\"Time\",\"k6_http_reqs_rate\"\n2026-11-27 11:00:00,20\n2026-11-27 11:00:15,40\n", 20.0),
    ] {
        assert!((first(text) - rate).abs() < 1e-9, "{text}: {}", first(text));
        assert!(read(text).losses.is_empty(), "{text}");
    }
}

#[test]
fn a_unit_of_something_else_is_no_number_of_requests() {
    let text =
        "Time,rps\n2026-11-27 11:00:00,20 kB\n2026-11-27 11:00:01,20\n2026-11-27 11:00:02,21\n";
    let timeline = read(text);
    assert_eq!((timeline.losses[0].count, timeline.losses[0].first_line), (1, 2));
}

#[test]
fn errors_in_per_cent_are_a_share_and_an_error_rate_may_be_a_rate() {
    let share = read(&table("Time,rps,errors", 1, 3, |_| "100,10%".into()));
    assert!((share.seconds[0].failed - 10.0).abs() < 1e-9, "{:?}", share.seconds[0]);
    assert_eq!(share.columns[1].unit, "a share of all");
    let rate = read(&table("Time,rps,Error rate", 10, 3, |_| "100,10 req/s".into()));
    assert!((rate.seconds[0].failed - 10.0).abs() < 1e-9, "{:?}", rate.seconds[0]);
    assert_eq!(rate.columns[1].unit, "a second");
}

#[test]
fn local_dates_of_several_countries() {
    for text in [
        "\"Time\",\"rps\"\n\"11/27/2026, 11:00:00 AM\",20\n\"11/27/2026, 11:00:01 AM\",40\n",
        "Time;rps\n27.11.2026 11:00:00;20\n27.11.2026 11:00:01;40\n",
        "Time,rps\n\"2026. 11. 27. 오전 11:00:00\",20\n\"2026. 11. 27. 오전 11:00:01\",40\n",
    ] {
        let timeline = read(text);
        assert_eq!((timeline.start_s, timeline.seconds.len()), (1_795_777_200, 2), "{text}");
        assert!(
            timeline.warnings.iter().any(|warning| warning.to_string().contains("UTC")),
            "{text}"
        );
    }
}

#[test]
fn a_cell_without_data_does_not_lose_its_row() {
    let text = "Time,rps,p95\n2026-11-27 11:00:00,20,No data\n2026-11-27 11:00:01,30,50 ms\n";
    let timeline = read(text);
    assert!(timeline.losses.is_empty(), "{:?}", timeline.losses);
    assert_eq!(timeline.seconds[0].requests(), 20.0);
}

#[test]
fn units_of_further_columns_are_read() {
    let text = "Time,rps,mem\n2026-11-27 11:00:00,20,512 MiB\n2026-11-27 11:00:01,30,1.5 GiB\n";
    let points: Vec<f64> = read(text).tracks[0].points.iter().map(|point| point.1).collect();
    assert_eq!(points, [536_870_912.0, 1_610_612_736.0]);
}

fn with(text: &str, columns: &[(&str, &str)]) -> Result<Timeline, Error> {
    let columns = columns.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    let options = ReadOptions { columns, ..ReadOptions::default() };
    match read_with(text.as_bytes(), &options)? {
        Load::Timeline(timeline) => Ok(timeline),
        Load::Summary(_) => panic!(),
    }
}

#[test]
fn requests_a_minute_or_an_hour_are_no_requests_a_second() {
    for name in [
        "requests/min",
        "rpm",
        "Requests per minute",
        "requests_per_minute",
        "RequestsPerMinute",
        "req/min",
        "throughput (rpm)",
        "Throughput (req/min)",
    ] {
        let timeline = read(&table(&format!("time,{name}"), 10, 4, |_| "6000".into()));
        assert_eq!(counts(&timeline), (4_000.0, 0.0), "{name}");
        assert_eq!(timeline.columns[0].unit, "a minute", "{name}");
        let named =
            with(&table(&format!("time,{name}"), 10, 4, |_| "6000".into()), &[("rps", name)]);
        assert_eq!(named.unwrap().seconds[0].ok, 100.0, "{name}");
    }
    let hours = read(&table("time,requests/hour", 10, 4, |_| "36000".into()));
    assert_eq!(hours.seconds[0].ok, 10.0);
    // A unit in a cell comes before the one in the name.
    let cells = read(&table("time,requests/min", 10, 4, |_| "5 req/s".into()));
    assert_eq!(cells.seconds[0].ok, 5.0);
    let errors = read(&table("time,requests/min,errors/min", 10, 4, |_| "600,60".into()));
    assert_eq!(counts(&errors), (360.0, 40.0));
}

#[test]
fn a_counter_since_the_start_is_no_rate() {
    let cells = |at: i64| format!("{},{}", 50 * at * at, at * 10);
    for name in ["total requests", "requests_total", "http_reqs_total", "Cumulative Requests"] {
        let text = table(&format!("time,{name},errors"), 1, 11, cells);
        for timeline in [read(&text), with(&text, &[("rps", name)]).unwrap()] {
            assert_eq!(counts(&timeline), (4_900.0, 100.0), "{name}");
            assert_eq!(timeline.seconds[3].ok, 340.0);
            assert_eq!(timeline.columns[0].unit, "since the start", "{name}");
        }
    }
    // A restart of the server sets the counter to 0.
    let restarted = table("time,requests_total", 1, 40, |at| format!("{}", at % 30 * 10));
    assert_eq!(counts(&read(&restarted)).0, 380.0);
    // The user's word is taken.
    let text = table("time,seen", 1, 11, |at| format!("{}", at * 10));
    assert_eq!(counts(&with(&text, &[("total", "seen")]).unwrap()).0, 100.0);
    let text = table("time,total requests", 1, 11, |at| format!("{}", at * 10));
    assert_eq!(counts(&with(&text, &[("requests", "total requests")]).unwrap()).0, 550.0);
    // Requests of a row go up and down.
    let rows = table("time,total requests", 1, 10, |at| format!("{}", 10 + at % 2));
    assert_eq!(counts(&read(&rows)).0, 105.0);
    let unclear = table("time,total requests", 1, 10, |at| format!("{}", 10 + at / 6));
    assert!(fail(&unclear).to_string().contains("since the start"), "{}", fail(&unclear));
    assert_eq!(counts(&read(&table("time,Total RPS", 1, 10, |at| format!("{at}")))).0, 45.0);
}

#[test]
fn a_mean_duration_is_no_percentile() {
    for (name, cell) in [
        ("mean_ms", "250"),
        ("avg response time (ms)", "250"),
        ("Average Response Time", "250 ms"),
        ("http_req_duration_avg", "0.25"),
        ("latency_mean", "250"),
        ("avg_s", "0.25"),
    ] {
        let text = table(&format!("time,rps,{name}"), 1, 4, |_| format!("10,{cell}"));
        let timeline = read(&text);
        let told = timeline.seconds[0].latency_summary.unwrap();
        assert!((told.mean - 250.0).abs() < 1e-9 && told.p95.is_nan(), "{name} {told:?}");
        assert_eq!(timeline.columns[1].meaning, "mean duration");
        let refused = with(&text, &[("p95", name)]).unwrap_err().to_string();
        assert!(refused.contains("is a mean, and no p95"), "{refused}");
    }
    let text = table("time,rps,took", 1, 4, |_| "10,0.25".into());
    assert_eq!(
        with(&text, &[("mean_s", "took")]).unwrap().seconds[0].latency_summary.unwrap().mean,
        250.0
    );
    let p99 = with(&table("time,rps,p99", 1, 4, |_| "10,250".into()), &[("p95", "p99")]);
    assert!(p99.unwrap_err().to_string().contains("is a p99, and no p95"));
}

#[test]
fn a_table_with_names_of_another_language_lists_its_columns() {
    for text in [
        "시간,요청\n2026-11-23T01:24:45Z,10\n",
        "Zeit;Anfragen\n23.11.2026 01:24:45;10\n",
        "heure\trequêtes\n2026-11-23 01:24:45\t10\n",
        "sep=;\nfecha;peticiones\n\"23/11/2026, 01:24:45\";10\n",
        "when,how many\n\"11/23/2026, 1:24:45 AM\",10\n",
    ] {
        let refused = fail(text);
        let Error::Columns { found, .. } = &refused else { panic!("{refused}") };
        assert_eq!(found.len(), 2, "{text}");
        let named = with(text, &[("time", &found[0]), ("rps", &found[1])]).unwrap();
        assert_eq!(counts(&named).0, 10.0, "{text}");
    }
    assert!(matches!(fail("Dear diary,\ntoday, I\n"), Error::Unrecognised { .. }));
    let wide = fail("\u{feff}").to_string();
    assert!(!wide.contains("UTF-16"), "{wide}");
    let wide = timeline_of(b"\xff\xfet\0i\0m\0e\0,\0").unwrap_err().to_string();
    assert!(wide.contains("UTF-16"), "{wide}");
}

/// The error was: `03/04/2026` was read as the third of April in silence.
#[test]
fn dates_with_two_orders_are_a_warning() {
    let warned = |dates: [&str; 3]| {
        let rows = dates.map(|date| format!("\"{date}\",10,20\n")).concat();
        let timeline = timeline_of(format!("time,rps,users\n{rows}").as_bytes()).unwrap();
        timeline.warnings.iter().any(|one| matches!(one, Warning::DayOrMonth { .. }))
    };
    let at = |date: &str| [0, 1, 2].map(|second| format!("{date} 12:00:0{second}"));
    let each = |date: &str| {
        let dates = at(date);
        warned([&dates[0], &dates[1], &dates[2]])
    };
    for date in ["03/04/2026", "3/4/2026,", "03-04-2026"] {
        assert!(each(date), "{date}");
    }
    for date in ["13/04/2026", "04/13/2026", "04/04/2026", "03.04.2026", "2026/03/04", "2026-03-04"]
    {
        assert!(!each(date), "{date}");
    }
    // In small letters, Australia writes it behind the day, and programs behind the month.
    for half in ["am", "pm", "a.m.", "p.m."] {
        let [a, b, c] = [0, 1, 2].map(|second| format!("3/4/2026 9:00:0{second} {half}"));
        assert!(warned([&a, &b, &c]), "{half}");
    }
    // AM in capitals is how the United States write it. One clear date shows the order of all.
    assert!(!warned(["3/4/2026, 9:00:00 AM", "3/4/2026, 9:00:01 AM", "3/4/2026, 9:00:02 AM"]));
    assert!(!warned(["12/11/2026 23:59:58", "12/11/2026 23:59:59", "13/11/2026 00:00:00"]));
}

#[test]
fn a_unit_in_brackets_behind_any_name_is_read() {
    let per_second = |header: &str, row: &str| {
        let timeline = read(&table(header, 5, 3, |_| row.to_owned()));
        let second = &timeline.seconds[0];
        (second.requests(), second.failed, second.latency_summary.map(|told| told.p95))
    };
    for (header, row) in [
        ("Time,http_reqs (req/s),http_req_duration p95 (ms),error rate (%)", "200,72.5,5"),
        ("Time,Requests rate,95th percentile [s],errors [%]", "200,0.0725,5"),
        ("Time,Requests (req/min),p95 [µs],error_percentage", "12000,72500,5"),
        ("Time,rps,latency p95 in seconds,failure rate (%)", "200,0.0725,5"),
        ("Time,rps,p95 (ns),http_req_failed", "200,72500000,0.05"),
        ("Time,rps,p95 (minutes),failed %", "200,0.0012083333333333333,5"),
        ("Time,rps,p95,errors", "200,72.5 milliseconds,5 %"),
        ("Time,rps,p95,errors", "200,0.0725 seconds,600 rpm"),
    ] {
        let (requests, failed, p95) = per_second(header, row);
        assert!((requests - 200.0).abs() < 1e-9, "{header}: {requests}");
        assert!((failed - 10.0).abs() < 1e-9, "{header}: {failed}");
        assert!((p95.unwrap() - 72.5).abs() < 1e-9, "{header}: {p95:?}");
    }
    // A unit of something else is no unit of a duration.
    let timeline = read(&table("Time,rps,p95 (MB)", 5, 3, |_| "200,7".to_owned()));
    assert_eq!(timeline.seconds[0].latency_summary, None);
}

#[test]
fn successes_beside_failures_are_not_all_requests() {
    for (header, row, columns) in [
        ("Time,success,failed,p95", "950,50,60", vec![]),
        ("Time,p95,Successful requests,Failures", "60,950,50", vec![]),
        ("Time,ok/s,errors/s,p95", "190,10,60", vec![]),
        ("Time,successes,error_rate,p95", "950,0.05,60", vec![]),
        ("Time,fine,errors,p95", "950,50,60", vec![("success", "fine")]),
    ] {
        let timeline = with(&table(header, 5, 3, |_| row.to_owned()), &columns).unwrap();
        let second = &timeline.seconds[0];
        assert!((second.ok - 190.0).abs() < 1e-9, "{header}: {second:?}");
        assert!((second.failed - 10.0).abs() < 1e-9, "{header}: {second:?}");
        let meaning = &timeline.columns.iter().find(|one| one.meaning.contains("success"));
        assert!(meaning.is_some(), "{header}: {:?}", timeline.columns);
    }
    // All requests take precedence over those that succeeded.
    let timeline = read(&table("Time,success,requests,failed", 5, 3, |_| "950,1000,50".to_owned()));
    assert_eq!((timeline.seconds[0].ok, timeline.seconds[0].failed), (190.0, 10.0));
}

/// The front of a stretch was searched second by second, each time over all of the rest: eight
/// rows in three days took many minutes. They take less than a second now.
#[test]
fn a_plateau_among_days_of_seconds_is_found_in_time() {
    let rows = "7347,126,100\n56142,25,101\n66113,50,762\n140334,35,3669\n168892,129,116\n\
                187023,45,100\n197582,50,100\n233649,198,149\n";
    let timeline = read(&format!("time,rps,p95\n{rows}"));
    let began = cpu_time();
    let found = plateau::find(&timeline, &Options::default());
    let took = cpu_time() - began;
    assert!(took < Duration::from_secs(20), "{took:?}");
    // Rows with fewer answers were slower: without users, that is no limit.
    let why = found.unwrap_err().why;
    assert!(matches!(why, plateau::NoPlateauReason::AsManyFaster { .. }), "{why:?}");
}

/// Returns a table without users in which each row is a second, its requests and its 95th percentile.
fn without_users(rows: impl Iterator<Item = (f64, f64)>) -> Timeline {
    let rows = rows.enumerate().map(|(at, (rps, p95))| {
        // Requests come and are answered by chance: a few more or less in each second.
        let more = 1.0 + 0.04 * ((at * 7 % 5) as f64 - 2.0);
        format!("2026-11-23T10:{:02}:{:02}Z,{:.0},{p95}\n", at / 60, at % 60, rps * more)
    });
    read(&format!("time,rps,p95 (ms)\n{}", rows.collect::<String>()))
}

/// The error was: of tables without users that stayed below the limit, most had a plateau. The
/// fastest row of a few requests counted as the system at rest, and any late answers as a limit.
#[test]
fn late_answers_without_users_are_no_limit_below_the_greatest_throughput() {
    let why = |timeline: &Timeline| {
        plateau::find(timeline, &plateau::Options::default()).unwrap_err().why
    };
    use plateau::NoPlateauReason as Why;
    // The first seconds are slow, and later ones answer as many requests soon.
    let warm_up = without_users((0..50).map(|at| (40.0, if at < 8 { 400.0 } else { 80.0 })));
    assert!(matches!(why(&warm_up), Why::AsManyFaster { .. }), "{}", why(&warm_up));
    // A row of a few requests may be fast by chance.
    let chance = |at: usize| [30.0, 95.0, 140.0, 70.0, 110.0, 125.0][at % 6];
    let steps = [5.0, 10.0, 20.0, 40.0];
    let stairs = without_users((0..56).map(|at| (steps[at / 14], chance(at * 5 / 2))));
    assert!(plateau::find(&stairs, &plateau::Options::default()).is_err());
    // A server near its limit answers later, and keeps up.
    let near = without_users((0..60).map(|at| {
        let rps = 90.0 * (f64::from(at as u16) / 40.0).clamp(0.1, 1.0);
        (rps, 60.0 / (1.0 - rps / 150.0))
    }));
    assert!(matches!(why(&near), Why::UsersUnknown { users: false, .. }), "{}", why(&near));
    // Throughput is the same from the first row on, so no row shows the system at rest.
    let constant = without_users((0..45).map(|_| (100.0, 600.0)));
    assert!(
        matches!(why(&constant), Why::RestUnknown { .. } | Why::NothingToCompare { .. }),
        "{}",
        why(&constant)
    );
}

/// The error was: the plateau of a table without users began at 40 % of the limit, when answers took twice
/// as long as at rest. The load is then computed from the durations, which grow far faster than throughput.
#[test]
fn a_plateau_without_users_begins_near_its_level() {
    let timeline = without_users((0..120).map(|at| {
        let wanted = 2.0 * f64::from(at as u16) + 2.0;
        let late = if wanted > 95.0 { 4.0 * (wanted - 95.0) } else { 0.0 };
        let used = (wanted / 100.0).min(0.95);
        (100.0 * used, 30.0 / (1.0 - used) + late)
    }));
    let found = plateau::find(&timeline, &plateau::Options::default()).unwrap();
    let window = found.chosen().window;
    assert!((38..=50).contains(&window.from) && window.to >= 118, "{window:?}");
}

/// The counterpart: throughput that no longer grows while answers become later and later is a limit,
/// also when more requests are wanted than are served from the first second on.
#[test]
fn answers_that_become_later_at_the_greatest_throughput_are_a_limit_without_users() {
    let found = |rows: &dyn Fn(f64) -> (f64, f64), seconds: u16| {
        let timeline = without_users((0..seconds).map(|at| rows(f64::from(at))));
        let found = plateau::find(&timeline, &plateau::Options::default());
        found.unwrap_or_else(|why| panic!("{why}")).chosen().window
    };
    // A ramp reaches the limit of 100 requests a second after 30 s.
    let ramp = found(
        &|at| ((100.0 * at / 30.0).clamp(5.0, 100.0), 50.0 + 60.0 * (at - 28.0).max(0.0)),
        60,
    );
    assert!((29..=34).contains(&ramp.from) && ramp.to >= 59, "{ramp:?}");
    // 150 requests a second are wanted from the start, and 100 are served.
    let rate = found(&|at| (100.0, 100.0 + 350.0 * (at + 0.5)), 30);
    assert!(rate.from <= 5 && rate.to == 30, "{rate:?}");
}

/// The error was: a server that is slow but does not queue had a plateau, because in the first row
/// after a jump only the fastest requests had been answered.
#[test]
fn the_first_row_after_a_jump_does_not_show_the_system_at_rest() {
    let rows = (0..45).map(|at| {
        let p95 = [900.0, 1700.0, 2400.0, 2900.0].get(at).copied().unwrap_or(3000.0);
        let rps = [30.0, 45.0, 55.0].get(at).copied().unwrap_or(60.0);
        format!("2026-11-23T10:00:{at:02}Z,{rps},{p95}\n")
    });
    let timeline = read(&format!("time,rps,p95 (ms)\n{}", rows.collect::<String>()));
    assert!(plateau::find(&timeline, &plateau::Options::default()).is_err());
}

/// The error was: missing rows were gaps for the search, but the rate of the plateau was divided by
/// all of its seconds: 60 requests a second where each row had 100.
#[test]
fn missing_rows_do_not_lower_rates() {
    let row = |at: i64| {
        let (users, rps) = (2 * at + 2, (10 * at + 10).min(100));
        format!("{rps},{users},{},0", (1000 * users / rps - 180).max(20))
    };
    let whole = table("time,rps,vus,p95_ms,errors", 1, 60, row);
    let keep = |at: usize| at == 0 || !(at * 7 % 10 < 3 && at > 4);
    let lines = whole.lines().enumerate().filter(|(at, _)| keep(*at));
    let holes: String = lines.map(|(_, line)| format!("{line}\n")).collect();
    let find = |text: &str| {
        let found = plateau::find(&read(text), &Options::default()).unwrap();
        found.chosen().clone()
    };
    let (whole, holes) = (find(&whole), find(&holes));
    assert_eq!((whole.within.missing_s, whole.within.rps), (0, 100.0));
    assert!(holes.within.missing_s > 10, "{holes:?}");
    assert!((holes.within.rps - 100.0).abs() < 1.0, "{holes:?}");
    assert_eq!(holes.within.requests, holes.within.rps * holes.window.seconds() as f64);
}

/// The error was: the growth of a counter over missing rows was put into the first of their seconds,
/// 20 requests a second in place of 10.
#[test]
fn a_counter_grows_evenly_over_missing_rows() {
    let cells = |at: i64| format!("{},{},50", at * 50, at * 5);
    let whole = table("time,total requests,total errors,p95_ms", 5, 40, cells);
    let is_kept = |at: usize| !(12..15).contains(&at) && at != 20;
    let lines = whole.lines().enumerate().filter(|(at, _)| is_kept(*at));
    let text: String = lines.map(|(_, line)| format!("{line}\n")).collect();
    let timeline = read(&text);
    assert!(timeline.warnings.iter().all(|one| !matches!(one, Warning::Hole { .. })));
    let rates = |timeline: &Timeline| {
        let second = |second: &spikeflame_load::Second| (second.ok, second.failed);
        timeline.seconds.iter().map(second).collect::<Vec<_>>()
    };
    assert_eq!(rates(&timeline), vec![(9.0, 1.0); 195]);
    // Nothing is known of durations where there is no row.
    assert_eq!(
        timeline.seconds.iter().filter(|second| second.latency_summary.is_none()).count(),
        20
    );
    // Errors of a row, or a rate, beside the counter; and a counter of errors beside a rate.
    for (header, cells) in [
        ("time,total requests,errors", (|at| format!("{},5", at * 50)) as fn(i64) -> String),
        ("time,total requests,errors/s", |at| format!("{},1", at * 50)),
        ("time,rps,total errors", |at| format!("10,{}", at * 5)),
        ("time,requests,total errors", |at| format!("50,{}", at * 5)),
    ] {
        let whole = table(header, 5, 40, cells);
        let lines = whole.lines().enumerate().filter(|(at, _)| is_kept(*at));
        let text: String = lines.map(|(_, line)| format!("{line}\n")).collect();
        let timeline = read(&text);
        let known = rates(&timeline).into_iter().filter(|(ok, failed)| ok + failed > 0.0);
        assert!(
            known.clone().all(|one| one == (9.0, 1.0)),
            "{header}: {:?}",
            known.collect::<Vec<_>>()
        );
    }
    // The growth over the pause between two tests is of neither.
    let two = |at: i64| if at < 20 { at } else { at + 100 };
    let rows =
        (0..40).map(|at| format!("{},{}\n", START_S + 5 * two(at), at * 50 + at / 20 * 9_000));
    let text = format!("time,total requests\n{}", rows.collect::<String>());
    let options = ReadOptions { test: Some(1), ..ReadOptions::default() };
    let Ok(Load::Timeline(first)) = read_with(text.as_bytes(), &options) else { panic!("{text}") };
    assert_eq!(rates(&first), vec![(10.0, 0.0); 95]);
}

/// The error was: cells of a counter of errors without a value were 0, so the next one was the growth
/// of one row: 78 % errors where there were 10 %.
#[test]
fn a_cell_of_errors_without_a_value_is_no_zero_of_a_counter() {
    for blank in ["", "NaN", "undefined"] {
        let cells = |at: i64| match at % 6 {
            2 => format!("{},{blank}", at * 50),
            _ => format!("{},{}", at * 50, at * 5),
        };
        let timeline = read(&table("time,total requests,total errors", 5, 40, cells));
        assert!(timeline.seconds.iter().all(|second| (second.ok, second.failed) == (9.0, 1.0)));
    }
    // Errors of a row may be absent because there were none, which is said.
    let cells = |at: i64| format!("10,{}", if at % 3 == 2 { "" } else { "1" });
    let timeline = read(&table("time,rps,errors", 1, 30, cells));
    assert_eq!(timeline.warnings, [Warning::AbsentFailures { rows: 10, first_line: 4 }]);
    // Before the first error a monitor has no series of errors. A column without any value counts none.
    let leading = read(&table("time,rps,errors", 1, 30, |at| {
        format!("10,{}", if at < 20 { "" } else { "1" })
    }));
    assert_eq!((leading.warnings.len(), leading.failures_unknown), (0, false));
    // The series of a healthy test ends before the test does. One that ends while requests fail may
    // be missing.
    let ended = |last: &'static str| {
        let cells = move |at: i64| match at {
            0..=18 => "10,0".to_owned(),
            19 => format!("10,{last}"),
            _ => "10,".to_owned(),
        };
        read(&table("time,rps,errors", 1, 30, cells)).warnings
    };
    assert_eq!(ended("0"), []);
    assert_eq!(ended("5"), [Warning::AbsentFailures { rows: 10, first_line: 22 }]);
    let never = read(&table("time,rps,errors", 1, 30, |_| "10,".to_owned()));
    assert!(never.failures_unknown && never.warnings.is_empty(), "{:?}", never.warnings);
}

/// The error was: seconds were read as milliseconds in silence, and `response_time` was no duration.
/// Users, their rate and the durations fit one unit only.
#[test]
fn rate_and_users_show_the_unit_of_bare_durations() {
    // 1 + 8 at users, of whom 400 a second are answered at most; a pause of 0.95 s.
    let row = |scale: f64| {
        move |at: i64| {
            let users = (1 + 8 * at) as f64;
            let rate = users.min(400.0);
            format!("{users},{rate},{:.4}", scale * (users / rate - 0.95).max(0.05))
        }
    };
    for name in ["p95", "avg", "response_time", "latency", "p95_latency", "Latency p95", "p99"] {
        for (scale, unit) in [(1.0, "seconds"), (1e3, "milliseconds")] {
            let timeline = read(&table(&format!("time,vus,rps,{name}"), 1, 120, row(scale)));
            let column = timeline.columns.last().unwrap();
            assert!(column.unit.starts_with(unit), "{name}: {column:?}");
            assert!(!column.guessed, "{name}: {column:?}");
            let found = plateau::find(&timeline, &Options::default()).unwrap();
            let rest_ms = found.chosen().rest_ms.unwrap();
            assert!((45.0..60.0).contains(&rest_ms), "{name} in {unit}: {rest_ms}");
        }
    }
    // Without users, the unit of such small numbers is asked for, or said to be a guess.
    let text = |row: fn(i64) -> String| table("time,rps,p95", 1, 30, row);
    assert!(matches!(
        fail(&text(|at| format!("50,{:.2}", 1.0 + at as f64 / 10.0))),
        Error::Columns { .. }
    ));
    for (row, unit) in [
        ((|at| format!("50,{}", 40 + at)) as fn(i64) -> String, "milliseconds, a guess"),
        (|at| format!("50,{:.3}", 0.05 + at as f64 / 100.0), "seconds, a guess"),
    ] {
        let column = read(&text(row)).columns.last().unwrap().clone();
        assert_eq!((column.unit.as_str(), column.guessed), (unit, true));
    }
}

/// The error was: without durations, no request was in flight, so the users were taken for the idle
/// pool of an arrival rate when the rate fell.
#[test]
fn users_of_a_table_without_durations_are_the_load() {
    let text = table("time,rps,vus", 1, 40, |at| format!("{},5", if at < 20 { 46 } else { 30 }));
    assert_eq!(Series::from_timeline(&read(&text), None).unwrap().axis, Axis::Vus);
}

/// The error was: "did not reach the system's limit: at 280 VUs (0 requests a second) a request
/// took 55.0 ms, and 55.0 ms at rest", with the durations of other seconds.
#[test]
fn a_load_that_gets_no_answers_was_not_below_the_limit() {
    let row = |at| match at {
        0..20 => "20,1,55".to_owned(),
        _ => format!("0,{},", 20 * (at - 19)),
    };
    let timeline = read(&table("time,rps,vus,p95", 1, 35, row));
    let why = plateau::find(&timeline, &plateau::Options::default()).unwrap_err().why;
    assert!(matches!(why, plateau::NoPlateauReason::NoAnswers { .. }), "{why}");
    assert!(why.to_string().contains(" 0 requests a second succeeded"), "{why}");
}

/// The error was: a table whose column has any name, such as that of a panel's series, was refused,
/// although its cells are requests a second.
#[test]
fn cells_of_requests_a_second_make_any_column_a_rate() {
    for (cell, rate) in
        [("400 req/s", 400.0), ("0.4K reqps", 400.0), ("24000 req/min", 400.0), ("400 rps", 400.0)]
    {
        let text = table("Time,{job=\"shop\"},cpu", 15, 9, |_| format!("{cell},5 %"));
        let load = read(&text);
        assert_eq!(load.seconds[3].requests(), rate, "{cell}");
        assert_eq!(load.columns[0].name, "{job=\"shop\"}");
    }
    // With two of them the user decides, and so does a name that is known.
    let two = table("Time,a,b", 15, 9, |_| "400 req/s,5 req/s".into());
    let why = fail(&two).to_string();
    assert!(why.contains("several are rates (a, b)"), "{why}");
    let named = table("Time,a,requests", 1, 9, |_| "400 req/s,5".into());
    assert_eq!(read(&named).seconds[3].requests(), 5.0);
    // Other events a second are no requests.
    fail(&table("Time,a", 15, 9, |_| "400 ops/s".into()));
}

/// The error was: the load was requests in flight, and the column still counted as virtual users.
#[test]
fn a_column_of_users_without_a_value_is_named_as_such() {
    let row = |at: u32| format!("2026-11-18T11:06:{at:02}Z,{},n/a,60\n", 10 + at);
    let rows = (0..30).map(row).collect::<String>();
    let timeline = timeline_of(format!("time,rps,vus,p95 (ms)\n{rows}").as_bytes()).unwrap();
    let users = timeline.columns.iter().find(|column| column.name == "vus").unwrap();
    assert_eq!(users.unit, "without a value in any row");
}

/// The error was: a cell without a duration counted as a request that takes no time. It ended the
/// plateau, and made means shorter.
#[test]
fn a_cell_without_a_duration_is_a_gap_in_its_column_only() {
    let is_absent = |at: i64, of: i64| at % of >= (of + 1) / 2;
    let header = "time,rps,vus,avg (ms)";
    for of in [2, 7, 10] {
        let cell = |at, ms: i64| if is_absent(at, of) { String::new() } else { ms.to_string() };
        let still = read(&table(header, 1, 40, |at| format!("45,20,{}", cell(at, 80))));
        let why = plateau::find(&still, &Options::default()).unwrap_err().why;
        let plateau::NoPlateauReason::NothingToCompare { then_ms, .. } = why else {
            panic!("{of}: {why}")
        };
        assert!((then_ms - 80.0).abs() < 0.1, "{of}: {then_ms}");
        // 10 users pause for 0.4 s; so do 60, who get 100 answers a second at most.
        let jump = read(&table(header, 1, 60, |at| match at {
            0..20 => format!("23,10,{}", cell(at, 40)),
            _ => format!("100,60,{}", cell(at, 200)),
        }));
        let found = plateau::find(&jump, &Options::default()).unwrap();
        let window = found.chosen().window;
        assert!(found.all.len() == 1 && window.seconds() >= 38, "{of}: {found:?}");
    }
}

/// The error was: users who began in rows without their number were not there, so the few known
/// ones seemed to get many answers. All later ones seemed to be held back.
#[test]
fn users_who_are_known_in_some_rows_only_are_not_held_back() {
    for of in [3, 5, 15] {
        let row = |at: i64| {
            let users = if at < 1 { 1 } else { 20 };
            let cell = if at % of == 0 { users.to_string() } else { String::new() };
            format!("{},{cell},{}", 45 * users / 20, if at < 6 { 50 } else { 80 })
        };
        let timeline = read(&table("time,rps,vus,p95 (ms)", 1, 61, row));
        let why = plateau::find(&timeline, &Options::default());
        assert!(why.is_err(), "{of}: {why:?}");
    }
}

/// A server of the simulation whose answers take seconds, without a queue: 95th percentiles grow at
/// first, because only fast requests have ended. The error was: a plateau.
#[test]
fn slow_answers_in_the_first_rows_are_no_queue() {
    let starts: [(u32, u32); 6] =
        [(12, 469), (76, 1188), (74, 2023), (85, 2310), (80, 3293), (73, 3326)];
    let later = [3145, 3424, 3195, 4145, 3097, 3195, 3654, 3162];
    let row = |at: i64| match starts.get(at as usize) {
        Some((rps, p95)) => format!("{rps},{p95}"),
        None => format!("{},{}", 72 + at * 5 % 11, later[at as usize % later.len()]),
    };
    let found = plateau::find(&read(&table("time,rps,p95", 1, 50, row)), &Options::default());
    assert!(found.is_err(), "{found:?}");
    // A server at its limit works at it from the first row on.
    let full = |at: i64| row(at).replacen("12,", "74,", usize::from(at == 0));
    let full = plateau::find(&read(&table("time,rps,p95", 1, 50, full)), &Options::default());
    assert!(full.is_ok(), "{full:?}");
}

/// Users wait for the load generator, and hardly longer for answers. The error was: a plateau, with
/// three times as long between two requests and 1.4 times as long for an answer.
#[test]
fn users_who_wait_in_the_load_generator_show_no_limit() {
    let row = |at: i64| {
        let users = (2 * at).min(160);
        let p95 = if users < 60 { 96 + at % 5 } else { 140 + 7 * (at % 3) };
        format!("{},{users},{p95},0", (users as f64 / 0.6).min(90.0))
    };
    let timeline = read(&table("time,rps,vus,p95,errors", 1, 120, row));
    let found = plateau::find(&timeline, &Options::default());
    assert!(found.is_err(), "{found:?}");
}

/// The error was: "answers came about as soon as at rest" of failed requests whose durations are
/// in no column.
#[test]
fn a_table_without_users_does_not_show_how_soon_requests_failed() {
    let row = |at: i64| match at {
        0..8 => format!("{},0,{}", 40 + at, 30 + at % 3),
        _ => format!("{},60,31", 60 + at % 2),
    };
    let timeline = read(&table("time,rps,errors,p95", 1, 40, row));
    let why = plateau::find(&timeline, &Options::default()).unwrap_err().why;
    let text = why.to_string();
    assert!(matches!(why, plateau::NoPlateauReason::Fails { soon: false, .. }), "{text}");
    assert!(text.contains("nearly all") && !text.contains("as soon as at rest"), "{text}");
    // A real test of users whose requests time out, in rows of 5 s.
    let rows = [(24.2, 7.4, 13), (0.0, 72.8, 38), (0.0, 141.8, 76), (0.0, 227.8, 127)];
    let late = [(0.0, 326.4, 189), (0.0, 445.6, 264), (1.0, 330.2, 151), (0.0, 13.8, 17)];
    let all = [rows, late].concat();
    let text = table("time,rps,errors,vus,p95", 5, 8, |at| {
        let (rps, errors, vus) = all[at as usize];
        format!("{rps},{errors},{vus},{}", if rps > 0.0 { "120" } else { "" })
    });
    let why = plateau::find(&read(&text), &Options::default()).unwrap_err().why;
    assert!(!why.to_string().contains("as soon as at rest"), "{why}");
}

/// Answers take twenty times as long as at rest, and go up and down from row to row as they do below a limit.
/// A queue of this length is one of a system at its limit, whatever the scatter.
#[test]
fn a_queue_that_is_far_longer_than_at_rest_is_a_limit_whatever_the_scatter() {
    let times = |factor: f64| {
        let scatter = |at: usize| [0.6, 1.5, 1.0, 0.7, 1.7, 0.8, 1.4][at * 5 % 7];
        let timeline = without_users((0..60).map(|at| match at {
            0..15 => (10.0 + at as f64, 20.0),
            _ => (100.0, 20.0 * factor * scatter(at)),
        }));
        plateau::find(&timeline, &plateau::Options::default())
    };
    let window = times(25.0).unwrap_or_else(|why| panic!("{why}")).chosen().window;
    assert!(window.from.abs_diff(15) <= 2 && window.to >= 58, "{window:?}");
    let why = times(5.0).unwrap_err().why;
    assert!(matches!(why, plateau::NoPlateauReason::UsersUnknown { .. }), "{why}");
}

/// The error was: times with the name of a month were refused in the table of a load test.
#[test]
fn times_may_have_the_name_of_their_month() {
    for time in
        ["\"Nov 23, 2026, 1:24:30 AM\"", "23-Nov-2026 01:24:30", "Mon Nov 23 01:24:30 UTC 2026"]
    {
        let text = format!("time,rps\n{time},20\n{},30\n", time.replace(":30", ":31"));
        let load =
            spikeflame_load::read(text.as_bytes(), "x.csv".as_ref(), &ReadOptions::default());
        let Ok(Load::Timeline(timeline)) = load else { panic!("{time} was not read") };
        assert_eq!((timeline.start_s, timeline.seconds.len()), (1_795_397_070, 2), "{time}");
    }
}

/// The error was: in a table with commas before fractions, `1.203` requests were 1.2.
#[test]
fn points_separate_thousands_where_commas_stand_before_fractions() {
    let text = "time;requests;p95 [ms]\n1795397085;999;80,5\n1795397086;1.203;81,0\n1795397087;12.030;82,0\n";
    let rates: Vec<f64> = read(text).seconds.iter().map(|second| second.ok).collect();
    assert_eq!(rates, [999.0, 1203.0, 12030.0]);
}

/// The error was: a spreadsheet's title above the names was called a log, and a cell with a line break was
/// called a quote that is not closed.
#[test]
fn titles_and_cells_of_several_lines_of_a_spreadsheet() {
    let text = "Load of the shop,,\n,,\ntime,rps,note\n1795397085,10,\"a\nb, \"\"c\"\"\"\n1795397086,20,\n\
                1795397087,30,\"open\n1795397088,40,\n";
    let timeline = read(text);
    let rates: Vec<f64> = timeline.seconds.iter().map(|second| second.ok).collect();
    assert_eq!(rates[..2], [10.0, 20.0]);
    assert_eq!(rates.last(), Some(&40.0));
    let serial = fail("time,rps\n46353.4585069444,10\n46353.4585185185,20\n46353.4585300926,20\n");
    assert!(serial.to_string().contains("a spreadsheet's numbers for dates"), "{serial}");
}
