//! Tables of dashboards: times, units and numbers in their cells.

use crate::common;

use crate::tables::{START_S, fail, table};
use common::{counts, read_with, readable as read};
use spikeflame_load::{Error, Load, ReadOptions, Warning};

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

/// The error was: "a time that cannot be read" without the reason.
#[test]
fn a_year_of_two_digits_is_named() {
    let error = fail("time,rps\n27.11.26 10:00:00,100\n").to_string();
    assert!(error.contains("line 2: a time whose year has two digits"), "{error}");
}
