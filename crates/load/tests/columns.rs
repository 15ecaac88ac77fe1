//! Names of a table's columns, as people and programs write them.

use crate::common;

use common::{counts, read_with, readable as read, timeline_of};
use spikeflame_load::plateau::{self, Options};
use spikeflame_load::{Error, Load, ReadOptions, Warning};

/// Returns a table of ten rows, a row for each second.
pub(crate) fn table(header: &str, row: &str) -> String {
    let rows = (0..10).map(|at| format!("2026-11-23T01:24:{:02}Z,{row}\n", 30 + at));
    format!("{header}\n{}", rows.collect::<String>())
}

/// Returns a table of ten rows whose first column is a time since the start in steps of `step`.
fn since_start(name: &str, step: f64) -> String {
    let rows = (0..10).map(|at| format!("{},{}\n", f64::from(at) * step, 10 + at));
    format!("{name},rps\n{}", rows.collect::<String>())
}

/// The error was: a test of a minute whose times are milliseconds lasted 16 hours, in silence.
#[test]
fn times_since_the_start_have_units() {
    for (name, step) in [
        ("time_ms", 1_000.0),
        ("elapsed_ms", 1_000.0),
        ("t (ms)", 1_000.0),
        ("t", 1.0),
        ("time_s", 1.0),
        ("sec", 1.0),
        ("start", 1.0),
        ("elapsed", 1.0),
        ("Elapsed Time", 1.0),
        ("offset", 1.0),
        ("since_start_s", 1.0),
        ("time", 1_000.0),
        ("t", 1_000.0),
        ("ts", 1_000.0),
        ("elapsed_us", 1_000_000.0),
    ] {
        let timeline = read(&since_start(name, step));
        assert_eq!((timeline.seconds.len(), timeline.resolution_s), (10, 1), "{name} {step}");
    }
    for (name, step) in
        [("minute", 1.0), ("minutes", 1.0), ("t_min", 1.0), ("time", 60.0), ("time", 60_000.0)]
    {
        let timeline = read(&since_start(name, step));
        assert_eq!((timeline.seconds.len(), timeline.resolution_s), (600, 60), "{name} {step}");
    }
    assert_eq!(read(&since_start("time", 3_600.0)).resolution_s, 3_600);
    // The unit that was guessed is listed, and one that is not clear is asked for.
    let column = read(&since_start("time", 1_000.0)).columns[0].clone();
    assert!(column.guessed && column.unit.starts_with("milliseconds"), "{column:?}");
    let unclear = since_start("time", 1_003.0);
    assert!(matches!(timeline_of(unclear.as_bytes()), Err(Error::Columns { .. })));
    let named = |unit: &str| {
        let columns = vec![(unit.to_owned(), "time".to_owned())];
        let options = ReadOptions { columns, ..ReadOptions::default() };
        match read_with(since_start("time", 1_000.0).as_bytes(), &options).unwrap() {
            Load::Timeline(timeline) => timeline.resolution_s,
            Load::Summary(summary) => panic!("{summary:?}"),
        }
    };
    assert_eq!((named("time_ms"), named("time_s")), (1, 1_000));
}

/// The error was: `elapsed` beside a wall clock, the seconds since the start, was the mean duration.
#[test]
fn the_time_since_the_start_is_no_duration() {
    let text = |elapsed: &dyn Fn(usize) -> f64| {
        let rows =
            (0..10).map(|at| format!("2026-11-23T01:24:{:02}Z,{},20\n", 30 + at, elapsed(at)));
        format!("time,elapsed,rps\n{}", rows.collect::<String>())
    };
    for scale in [1.0, 1e3] {
        let timeline = read(&text(&|at| scale * at as f64));
        assert!(
            timeline.seconds.iter().all(|one| one.latency_summary.is_none()),
            "{:?}",
            timeline.columns
        );
    }
    let timeline = read(&text(&|at| 200.0 + (at * 7 % 5) as f64));
    assert_eq!(timeline.seconds[0].latency_summary.unwrap().mean, 200.0);
    // The surest name of a time is the time.
    for header in ["time_ms,timestamp,rps", "elapsed,time,rps", "t,datetime,rps"] {
        let rows =
            (0..10).map(|at| format!("{},2026-11-23T01:24:{:02}Z,20\n", at * 13 % 7, 30 + at));
        let timeline = read(&format!("{header}\n{}", rows.collect::<String>()));
        assert_eq!(timeline.seconds.len(), 10, "{header}");
    }
}

/// A table whose number of users stands still at `vus`, while the requests ramp to a limit of 200 a second.
fn ramp(vus: f64, users: impl Fn(f64) -> f64) -> String {
    let row = |at: usize| {
        let users = users(at as f64);
        let rate = (users / 0.12).min(200.0);
        let p95_ms = 1.5e3 * (users / rate - 0.1).max(0.02);
        format!("{},{rate:.1},{vus},{p95_ms:.1}\n", 1_795_400_000 + at)
    };
    format!("time,rps,vus,p95_ms\n{}", (0..90).map(row).collect::<String>())
}

/// The error was: a knee of a number of users that stands still while the load clearly ramps, without a
/// word about it.
#[test]
fn a_number_of_users_that_stands_still_while_the_load_ramps_is_not_used() {
    for vus in [1.0, 10.0, 24.0, 60.0, 200.0] {
        for users in [|at: f64| 1.0 + 0.8 * at, |at: f64| if at < 20.0 { 3.0 } else { 60.0 }] {
            let timeline = read(&ramp(vus, users));
            let stuck = |one: &Warning| matches!(one, Warning::StuckVus { .. });
            assert!(timeline.warnings.iter().any(stuck), "{vus}: {:?}", timeline.warnings);
            let found = plateau::find(&timeline, &Options::default());
            assert_eq!(found.ok().and_then(|found| found.chosen().knee), None, "{vus}");
        }
    }
    // Users who are as many in the whole test, whether or not the system is at its limit, and whether or
    // not it becomes slower.
    let constant = |users: f64, limit: &dyn Fn(usize) -> f64| {
        let row = |at: usize| {
            let rate = (users / 0.12).min(limit(at));
            let p95_ms = 1.3e3 * (users / rate - 0.1).max(0.02);
            format!("{},{rate:.1},{users},{p95_ms:.1}\n", 1_795_400_000 + at)
        };
        read(&format!("time,rps,vus,p95_ms\n{}", (0..90).map(row).collect::<String>()))
    };
    for users in [10.0, 60.0] {
        let tests = [
            constant(users, &|_| 200.0),
            constant(users, &|at| if at < 30 { 20.0 } else { 200.0 }),
            constant(users, &|at| if at > 60 { 30.0 } else { 900.0 }),
            constant(users, &|at| if at % 4 == 0 { 30.0 } else { 900.0 }),
        ];
        for timeline in tests {
            assert!(timeline.warnings.is_empty(), "{users}: {:?}", timeline.warnings);
        }
    }
}

/// The error was: a share of requests that succeeded was a track, so that errors were unknown and failed
/// requests counted as goodput.
#[test]
fn failed_requests_follow_from_those_that_succeeded() {
    for (header, row) in [
        ("time,rps,success_rate", "20,0.75"),
        ("time,rps,success_rate", "20,75"),
        ("time,rps,success rate", "20,75 %"),
        ("time,rps,success_ratio", "20,0.75"),
        ("time,rps,Success %", "20,75"),
        ("time,rps,Success Rate (%)", "20,75"),
        ("time,rps,successful requests [%]", "20,75"),
        ("time,requests,successRate", "20,0.75"),
        ("time,rps,request_success_rate", "20,0.75"),
        ("time,rps,ok_pct", "20,75"),
        ("time,rps,availability", "20,0.75"),
        ("time,rps,Availability (%)", "20,75"),
        ("time,success,success_rate", "15,0.75"),
        ("time,requests,success,success_rate", "20,15,0.75"),
        // A column of failed requests is surer.
        ("time,rps,success_rate,errors", "20,0.5,5"),
        ("time,rps,availability,5xx", "20,0.5,5"),
        ("time,requests,success", "20,15"),
        ("time,requests,ok", "20,15"),
        ("time,rps,successful_requests", "20,15"),
        ("time,req/s,success/s", "20,15"),
    ] {
        let (ok, failed) = counts(&read(&table(header, row)));
        assert!(
            (ok - 150.0).abs() < 1e-6 && (failed - 50.0).abs() < 1e-6,
            "{header}: {ok} {failed}"
        );
    }
    // Nothing failed, and everything did.
    assert_eq!(counts(&read(&table("time,rps,success_rate", "20,1"))), (200.0, 0.0));
    assert_eq!(counts(&read(&table("time,rps,success_pct", "20,0"))), (0.0, 200.0));
    for (header, row) in [
        ("time,rps,success,connect", "20,900,1"),
        ("time,rps,success_rate_of_cache", "20,0.5"),
        ("time,rps,cache_success_ratio", "20,0.5"),
        ("time,rps,availability_zone", "20,3"),
    ] {
        assert!(read(&table(header, row)).failures_unknown, "{header}");
    }
}

/// The error was: a share in a column that is called `errors` was a number of failed requests, and a number
/// in one that is called `error_rate` a share, of which all above 100 was 100.
#[test]
fn shares_and_numbers_of_errors_are_kept_apart() {
    let fault = |header: &str, row: &str, columns: &[(&str, &str)]| {
        let columns = columns.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        let options = ReadOptions { columns, ..ReadOptions::default() };
        match read_with(table(header, row).as_bytes(), &options) {
            Err(Error::Columns { problem, .. }) => Some(problem.to_string()),
            Err(other) => panic!("{header}: {other}"),
            Ok(_) => None,
        }
    };
    for (header, row, told) in [
        ("time,rps,errors", "105,0.0476", "fractions beside whole numbers"),
        ("time,requests,failures", "105,4.76", "fractions beside whole numbers"),
        ("time,rps,error_rate", "900,150", "no share of the requests"),
        ("time,rps,error_pct", "900,150", "no share of the requests"),
        ("time,rps,success_rate", "900,850", "no share of the requests"),
        ("time,rps,success_pct", "900,0.98", "in per cent or a share of one"),
    ] {
        let found = fault(header, row, &[]);
        assert!(found.as_ref().is_some_and(|it| it.contains(told)), "{header}: {found:?}");
    }
    for (header, row, columns) in [
        ("time,rps,errors", "105,5", vec![]),
        ("time,rps,errors", "104.7,0.0476", vec![]),
        ("time,rps,errors/s", "105,0.0476", vec![]),
        ("time,rps,errors", "105,0.0476", vec![("errors", "errors")]),
        ("time,rps,errors", "105,0.0476", vec![("error_rate", "errors")]),
        ("time,rps,errors", "105,4.76 %", vec![]),
        ("time,rps,error_rate", "900,99.5", vec![]),
        ("time,rps,success_pct", "900,0.98", vec![("success_rate", "success_pct")]),
    ] {
        assert_eq!(fault(header, row, &columns), None, "{header}");
    }
}

/// The error was: "a text of another kind", for a table whose column of times has an unknown name.
#[test]
fn a_table_of_known_columns_and_an_unknown_time_lists_its_columns() {
    for time in ["x", "reltime", "clock", "n", "", "step_no", "temps écoulé"] {
        for known in ["rps,vus,p95_ms", "requests,errors", "Requests/s;Users;p95"] {
            let mark = if known.contains(';') { ";" } else { "," };
            let rows: String = (0..40)
                .map(|at| match known.matches([',', ';']).count() {
                    1 => format!("{at}{mark}10{mark}0\n"),
                    _ => format!("{at}{mark}10{mark}{at}{mark}20.5\n"),
                })
                .collect();
            let text = format!("{time}{mark}{known}\r\n{rows}");
            let refused = timeline_of(text.as_bytes()).unwrap_err();
            let Error::Columns { found, .. } = &refused else { panic!("{time} {refused}") };
            assert_eq!(found[0], time);
            assert!(refused.to_string().contains("hold time"), "{refused}");
        }
    }
    // Other tables and texts are not named so.
    for text in [
        "host,users,cpu\n1,2,3\n",
        "name,requests,errors\nGET /,10,0\n",
        "requests,errors\nDear diary,no\n",
        "I had requests, errors\n",
    ] {
        let refused = timeline_of(text.as_bytes()).unwrap_err();
        assert!(matches!(refused, Error::Unrecognised { .. }), "{text}: {refused}");
    }
    let relative: String = (0..40).map(|at| format!("{at},10,{at},20.5\n")).collect();
    let relative = format!("relative_time,rps,vus,p95_ms\n{relative}");
    assert_eq!(timeline_of(relative.as_bytes()).unwrap().seconds.len(), 40);
}

/// A server whose failures begin after `from` rows, in rows of `step` seconds: `time,rps,failed`, where the
/// failures count since the start when `grow`.
fn failing(name: &str, step: u64, most: u64, grow: bool) -> String {
    let mut sum = 0;
    let rows = (0..40).map(|at| {
        let rps = 100 + at * 7 % 11;
        let failed = if at < 10 { 0 } else { (most + at % 3) * step };
        let shown = if grow { sum } else { failed };
        sum += failed;
        let time = spikeflame_load::show_time(1_795_397_087 + (at * step) as i64);
        format!("{time},{rps},{shown}\n")
    });
    format!("time,rps,{name}\n{}", rows.collect::<String>())
}

/// The error was: a counter of failures since the start beside a rate was read as failures a second.
#[test]
fn failures_since_the_start_are_seen_by_their_numbers() {
    for (name, step) in [("failed", 1), ("errors", 5), ("num_errors", 15), ("ko", 60)] {
        let timeline = read(&failing(name, step, 30, true));
        // The growth behind the last row is unknown.
        let failed = (10..39).map(|at| (30 + at % 3) * step).sum::<u64>() as f64;
        let (_, found) = counts(&timeline);
        // The last row stands for one second.
        assert!((found - failed).abs() <= 40.0 * step as f64, "{name}: {found} {failed}");
        assert_eq!(timeline.columns[1].unit, "since the start", "{name}");
        let each = failing(name, step, 30, false);
        assert_ne!(read(&each).columns[1].unit, "since the start", "{name}");
    }
    // Fewer failures than requests may be those of a row.
    let few = failing("failed", 1, 1, true);
    let Error::Columns { problem, .. } = timeline_of(few.as_bytes()).unwrap_err() else { panic!() };
    assert!(problem.to_string().contains("failed requests of each row"), "{problem}");
    for (meaning, unit) in [("errors", "a second"), ("errors_total", "since the start")] {
        let columns = vec![(meaning.to_owned(), "failed".to_owned())];
        let options = ReadOptions { columns, ..ReadOptions::default() };
        let Load::Timeline(timeline) = read_with(few.as_bytes(), &options).unwrap() else {
            panic!()
        };
        assert_eq!(timeline.columns[1].unit, unit);
    }
}

/// The error was: the failures of a row of 15 s were failures a second, so that more requests failed than
/// there were, when the rates were rounded.
#[test]
fn failures_of_a_row_beside_rounded_rates() {
    let rows = |failed: [u32; 6], step: i64| -> String {
        let rps = ["53.6", "155.7", "198.9", "273.7", "437.3", "519.8"];
        let rows = rps.iter().zip(failed).enumerate().map(|(at, (rps, failed))| {
            let time = spikeflame_load::show_time(1_795_397_087 + at as i64 * step);
            format!("{time},{rps},{failed}\n")
        });
        format!("time,rps,errors\n{}", rows.collect::<String>())
    };
    for (failed, step, unit) in [
        ([0, 0, 2, 1106, 3545, 4000], 15, "a row"),
        ([0, 0, 0, 0, 0, 9566], 30, "a row"),
        ([0, 1, 0, 2, 1, 3], 60, "a row"),
        ([0, 0, 0, 0, 0, 90], 10, "a second"),
        ([0, 0, 2, 106, 345, 400], 1, "a second"),
    ] {
        let timeline = read(&rows(failed, step));
        assert_eq!(timeline.columns[1].unit, unit, "{failed:?}");
    }
}

/// The error was: the values of `p90` stood under p95, and nothing named them.
#[test]
fn another_statistic_is_named() {
    for (name, told, other) in [
        ("p90", "p95", Some("percentile 90")),
        ("latency_p99.9", "p99", Some("percentile 99.9")),
        ("0.9", "p95", Some("percentile 90")),
        ("http_req_duration_p(90)", "p95", Some("percentile 90")),
        ("p75 (ms)", "p50", Some("percentile 75")),
        ("max_ms", "p95", Some("maximum")),
        ("latency max", "p99", Some("maximum")),
        ("tail", "p95", None),
        ("95", "p95", None),
        ("slow1", "p95", None),
    ] {
        let text = table(&format!("time,rps,{name}"), "20,200");
        let columns = vec![(told.to_owned(), name.to_owned())];
        let options = ReadOptions { columns, ..ReadOptions::default() };
        let Load::Timeline(timeline) = read_with(text.as_bytes(), &options).unwrap() else {
            panic!()
        };
        let found = timeline.warnings.iter().find_map(|warning| match warning {
            Warning::OtherStatistic { other, printed, .. } if *printed == told => {
                Some(other.as_str())
            }
            _ => None,
        });
        assert_eq!(found, other, "{name}");
        let meaning = &timeline.columns[1].meaning;
        assert!(other.is_none_or(|other| meaning.starts_with(other)), "{meaning}");
    }
}

/// The error was: the line of names was taken for a comment, and the first row for the names.
#[test]
fn a_column_may_be_called_by_the_sign_of_a_number() {
    for mark in [",", ";", "\t"] {
        let rows: String = (1..40).map(|at| format!("{at},20,{at},200\n")).collect();
        let text = format!("#,rps,vus,p95_ms\n{rows}").replace(',', mark);
        let Error::Columns { found, .. } = timeline_of(text.as_bytes()).unwrap_err() else {
            panic!()
        };
        assert_eq!(found, ["#", "rps", "vus", "p95_ms"]);
        let columns = vec![("time".to_owned(), "#".to_owned())];
        let options = ReadOptions { columns, ..ReadOptions::default() };
        let Load::Timeline(timeline) = read_with(text.as_bytes(), &options).unwrap() else {
            panic!()
        };
        assert_eq!(timeline.seconds.len(), 39);
    }
}

/// The error was: a date in a column beside the time of day was refused.
#[test]
fn a_date_may_stand_in_a_column_beside_the_time() {
    for (names, row) in [
        ("Date,Time", ["2026-11-23,01:24:47", "2026-11-23,01:24:48"]),
        ("time,date", ["01:24:47,2026-11-23", "01:24:48,2026-11-23"]),
        ("DATE,TIME", ["23.11.2026,01:24:47", "23.11.2026,01:24:48"]),
        ("Date,Time", ["11/23/2026,1:24:47 AM", "11/23/2026,1:24:48 AM"]),
        ("date,time", ["2026-11-23,2026-11-23T01:24:47Z", "2026-11-23,2026-11-23T01:24:48Z"]),
        ("date,time", ["2026-11-23,1795397087", "2026-11-23,1795397088"]),
    ] {
        let timeline = read(&format!("{names},rps\n{},10\n{},20\n", row[0], row[1]));
        assert_eq!(
            (timeline.start_s, timeline.seconds.len()),
            (1_795_397_087, 2),
            "{names} {row:?}"
        );
        assert!(timeline.tracks.is_empty(), "{names}");
    }
    let timeline = read("date,time,rps\nMonday,01:24:47,10\nMonday,01:24:48,10\n");
    assert_eq!(timeline.start_s, 5_087);
    let timeline = read("date,time,rps\n2026-11-23,0,10\n2026-11-23,1,10\n");
    assert_eq!(timeline.start_s, 0);
}

/// The error was: the rows of Prometheus end at their times, and the plateau on the clock was a row too late.
#[test]
fn rows_of_prometheus_end_at_their_times() {
    let at = |header: &str, columns: &[(&str, &str)]| {
        let rows = (0..10).map(|at| format!("2026-11-23T01:24:{:02}Z,20,5\n", 5 * at + 5));
        let text = format!("{header}\n{}", rows.collect::<String>());
        let columns = columns.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        let options = ReadOptions { columns, ..ReadOptions::default() };
        let Load::Timeline(timeline) = read_with(text.as_bytes(), &options).unwrap() else {
            panic!()
        };
        assert_eq!((timeline.seconds.len(), timeline.seconds[0].requests()), (50, 20.0));
        let first_s = timeline.start_s - 1_795_397_040;
        let is_end = timeline.columns[0].meaning == "the end of each row";
        (first_s, is_end, timeline.tracks.len())
    };
    for header in ["Time,http_req_s,vus", "Time,k6_http_reqs_rate,vus"] {
        assert_eq!(at(header, &[]), (0, true, 0), "{header}");
    }
    let rate = "rate(http_requests_total[5s])";
    assert_eq!(at(&format!("Time,{rate},vus"), &[("rps", rate)]), (0, true, 0));
    assert_eq!(at("Time,rps,vus", &[]), (5, false, 0));
    assert_eq!(at("Time,rps,error rate(%)", &[]), (5, false, 0));
    assert_eq!(at("Time,rps,vus", &[("time_end", "Time")]), (0, true, 0));
    assert_eq!(at("Time,http_req_s,vus", &[("time", "Time")]), (5, false, 0));
    // A further column keeps all of its values.
    assert_eq!(at("Time,http_req_s,cpu", &[]), (0, true, 1));
}

/// The error was: the CSV of CloudWatch's console was "a log, and no recording".
#[test]
fn the_csv_of_cloudwatchs_console_is_a_table() {
    let rows = "2026/11/27 11:00:00,600,60,0.030\n2026/11/27 11:01:00,1800,180,0.400\n";
    let heads = [
        "Full label,RequestCount,HTTPCode_Target_5XX_Count,TargetResponseTime\nPeriod,60,60,60\n\
         Statistics,Sum,Sum,p95\nUnit,Count,Count,Seconds\n",
        "Full label,app/shop RequestCount,app/shop 5XX,app/shop TargetResponseTime\n\
         Label,RequestCount,5XX,TargetResponseTime\nStatistic,Sum,Sum,p95\nUnit,Count,Count,Seconds\n",
        "\"Full label\",\"Count\",\"5XXError\",\"Latency\"\n\"Unit\",Count,Count,Seconds\n\
         \"Statistic\",Sum,Sum,p95\n",
    ];
    let shares = "Full label,Requests,TotalErrorRate,Latency\nStatistic,Sum,Average,p95\n\
        Unit,Count,Percent,Seconds\n";
    let share = |each: &str| rows.replace(",60,", each).replace(",180,", each);
    // The mean of API Gateway's zeros and ones.
    let gateway =
        "Full label,Count,5XXError,Latency\nStatistic,Sum,Average,p95\nUnit,Count,Count,Seconds\n";
    let shares = [format!("{shares}{}", share(",10,")), format!("{gateway}{}", share(",0.1,"))];
    let texts = heads.map(|head| format!("{head}{rows}")).into_iter().chain(shares);
    for text in texts {
        let timeline = read(&text);
        let (ok, failed) = counts(&timeline);
        assert!((failed - 240.0).abs() < 1e-6 && (ok - 2160.0).abs() < 1e-6, "{text}");
        let p95 = timeline.seconds[60].latency_summary.map(|told| told.p95);
        assert!(p95.is_some_and(|p95| (p95 - 400.0).abs() < 1e-6), "{text}: {p95:?}");
        assert_eq!(timeline.resolution_s, 60);
    }
    // A mean of seconds is a duration; numbers of samples and extremes are not what they are of.
    let head = "Full label,Requests,Latency,Latency,Latency\nStatistic,Sum,Average,Maximum,SampleCount\n\
        Unit,Count,Milliseconds,Milliseconds,Count\n";
    let timeline =
        read(&format!("{head}{}", rows.replace("60,0.", "60,7,0.").replace("180,", "180,7,")));
    assert_eq!(timeline.tracks.len(), 2);
    assert!((timeline.seconds[0].latency_summary.unwrap().mean - 60.0).abs() < 1e-6);
    // A file without the line of units.
    for (statistic, at) in [("p95", 0), ("Average", 1)] {
        let head = format!(
            "Full label,RequestCount,5XXError,TargetResponseTime\nStatistics,Sum,Sum,{statistic}\n"
        );
        let found = read(&format!("{head}{rows}")).seconds[60].latency_summary.unwrap();
        assert!(([found.p95, found.mean][at] - 400.0).abs() < 1e-6, "{statistic}: {found:?}");
    }
    // An average of ones is no number of requests.
    let head = "Full label,RequestCount,x,y\nStatistic,Average,Sum,Sum\nUnit,Count,Count,Count\n";
    let options = ReadOptions::default();
    let error = read_with(format!("{head}{rows}").as_bytes(), &options).unwrap_err();
    assert!(error.to_string().contains("RequestCount (average)"), "{error}");
}
