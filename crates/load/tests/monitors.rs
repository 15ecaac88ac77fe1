//! Monitors beside a load test: one truth written in every format.

use crate::monitor_series::{names, tracks};
use serde_json::{Value, json};
use spikeflame_load::monitor::{
    Error, Figures, Monitor, MonitorOptions, Sign, TrackFigures, Warning, beside, read,
};
use spikeflame_load::{Metric, Second, Spans, Timeline, Track, Unit, show_time};
use std::path::Path;

/// 2026-11-27 10:00:00Z.
pub(crate) const START_S: i64 = 1_795_773_600;

/// CPU utilisation, a value a minute.
pub(crate) const CPU: [f64; 4] = [20.0, 26.0, 97.5, 96.5];

pub(crate) fn read_as(text: &str, zone_s: Option<i32>) -> Result<Monitor, Error> {
    read(text.as_bytes(), Path::new("rds.json"), &MonitorOptions { zone_s })
}

pub(crate) fn iso(minute: usize) -> String {
    show_time(START_S + 60 * minute as i64).replace(' ', "T")
}

/// A test of so many seconds.
pub(crate) fn test(start_s: i64, seconds: usize) -> Timeline {
    let second = Second { ok: 10.0, ..Second::default() };
    Timeline { start_s, seconds: vec![second; seconds], resolution_s: 1, ..Timeline::default() }
}

/// The error was: a cell with a unit that is not known (`20 conn`, or Docker's `20MiB / 1GiB`) was the
/// name of a series, so that each value was a series of its own.
#[test]
fn a_number_with_an_unknown_unit_is_no_name() {
    let docker = "time,name,cpu,mem\n2026-11-27T10:00:00Z,web,20%,1MiB / 1GiB\n\
                  2026-11-27T10:01:00Z,web,90%,2MiB / 1GiB\n";
    let tracks = read_as(docker, None).unwrap().tracks;
    let names: Vec<&str> = tracks.iter().map(|track| track.name.as_str()).collect();
    assert_eq!(names, ["cpu {web}", "mem {web}"]);
    assert_eq!(tracks[1].points[1].1, 2_097_152.0);
    let custom =
        "Time,cpu,pool\n2026-11-27T10:00:00Z,20%,3 conn\n2026-11-27T10:01:00Z,90%,9 conn\n";
    let monitor = read_as(custom, None).unwrap();
    let names: Vec<&str> = monitor.tracks.iter().map(|track| track.name.as_str()).collect();
    assert_eq!(names, ["cpu"]);
    assert!(matches!(&monitor.warnings[..], [Warning::Lost(loss)] if loss.count == 2));
}

/// The error was: answers of these monitors were "JSON of another kind".
#[test]
fn monitors_without_values_are_named() {
    for (answer, name) in [
        (
            json!({"status": "ok", "series": [{"pointlist": [[1.0, 2.0]]}], "from_date": 1}),
            "Datadog",
        ),
        (json!({"data": {"type": "timeseries_response", "attributes": {"times": [1]}}}), "Datadog"),
        (json!({"timeSeries": [{"metric": {"type": "a"}, "points": []}]}), "Google Cloud"),
        (json!({"value": [{"name": {"value": "cpu"}, "timeseries": []}]}), "Azure Monitor"),
        (json!({"jsonrpc": "2.0", "result": [{"clock": "1"}]}), "Zabbix"),
        (json!({"labels": ["time", "user"], "data": [[1, 2]]}), "Netdata"),
        (json!({"data": {"actor": {"account": {}}}}), "New Relic"),
    ] {
        let error = read_as(&answer.to_string(), None).unwrap_err().to_string();
        assert!(error.contains(name), "{error}");
    }
    let top =
        "Fri Nov 27 10:00:00 UTC 2026\nNAME    CPU(cores)   MEMORY(bytes)\nweb-1   20m   1Mi\n";
    assert!(read_as(top, None).unwrap_err().to_string().contains("kubectl top"));
    let psql = " time                | active\n---------------------+--------\n 2026-11-27 11:00:00 | 15\n";
    assert!(read_as(psql, None).unwrap_err().to_string().contains("psql --csv"));
    let mysql = "+------+\n| time | a |\n+------+---+\n";
    assert!(read_as(mysql, None).unwrap_err().to_string().contains("mysql -B"));
    let perf = "# started on Fri Nov 27 11:00:00 2026\n\n     1.000123456,395.80,msec,task-clock,1000,100.00\n";
    assert!(read_as(perf, None).unwrap_err().to_string().contains("perf stat"));
}

/// The error was: of more than 200 series the first of the file were kept, whatever they were.
#[test]
fn series_with_a_known_meaning_are_kept_before_others() {
    let time = show_time(START_S);
    let mut text = "# hostname;interval;timestamp;INTR;CPU*\n".to_owned();
    text.extend((0..400).map(|at| format!("a;1;{time};{at};5\n")));
    text += "# hostname;interval;timestamp;CPU;%user;%idle\n";
    text.extend((-1..40).map(|at| format!("a;1;{time};{at};20;80\n")));
    text += "# hostname;interval;timestamp;DEV;rd_sec/s;await;%util\n";
    text += &format!("a;1;{time};sda;1;2;3\n");
    text += "# hostname;interval;timestamp;IFACE;rxkB/s\n";
    text += &format!("a;1;{time};eth0;7\n");
    let monitor = read_as(&text, None).unwrap();
    assert_eq!(monitor.tracks.len(), 200);
    let unit =
        |name: &str| monitor.tracks.iter().find(|track| track.name == name).map(|track| track.unit);
    for name in ["await {a, sda}", "rd_sec/s {a, sda}", "rxkB/s {a, eth0}"] {
        assert_eq!(unit(name), Some(Unit::Plain), "{name}");
    }
    for name in ["%user {a, -1}", "%user {a, 39}", "%util {a, sda}"] {
        assert_eq!(unit(name), Some(Unit::Percent), "{name}");
    }
    assert!(monitor.warnings.contains(&Warning::Dropped { series: 400 + 82 + 4 - 200 }));
    let table = "time,kind,x\n".to_owned();
    let rows = (0..300).map(|at| format!("{START_S},k{at},1\n")).collect::<String>();
    let known = table + &rows + &format!("{START_S},DatabaseConnections,1\n");
    let monitor = read_as(&known.replace(",x\n", ",value\n"), None).unwrap();
    assert!(monitor.tracks.iter().any(|track| track.name == "DatabaseConnections"));
}

/// The error was: PM behind a time with the day of the week was passed over, and read as AM.
#[test]
fn am_and_pm_are_read() {
    let us = |time: &str| {
        let text = format!("time;queue\n{time};10\n");
        read_as(&text, None).ok().map(|monitor| monitor.tracks[0].points[0].0 / 1_000_000 - START_S)
    };
    // The start of the test is 10:00:00.
    for (time, hours) in [
        ("Fri Nov 27 10:00:00 AM UTC 2026", 0),
        ("Fri Nov 27 10:00:00 PM UTC 2026", 12),
        ("Fri 27 Nov 2026 01:00:00 PM UTC", 3),
        ("Fri 27 Nov 2026 01:00:00 pm UTC", 3),
        ("Fri 27 Nov 2026 1:00:00PM UTC", 3),
        ("Fri Nov 27 12:00:00 AM UTC 2026", -10),
        ("Fri Nov 27 12:00:00 PM UTC 2026", 2),
        ("Fri Nov 27 2026 01:00:00 p.m.", 3),
        ("2026-11-27 01:00:00 PM", 3),
        ("11/27/2026 12:30:00 AM", -10),
        ("2026-11-27;01:00:00;PM", 3),
    ] {
        let text = if time.contains(';') { "date;time;half;queue\n" } else { "time;queue\n" };
        let text = format!("{text}{time};10\n");
        let track = read_as(&text, None).unwrap().tracks.remove(0);
        let half_hour = if time.contains(":30:") { 1_800 } else { 0 };
        assert_eq!(track.points[0].0 / 1_000_000 - START_S, hours * 3_600 + half_hour, "{time}");
        assert_eq!(track.name, "queue");
    }
    for time in ["Fri Nov 27 13:00:00 PM UTC 2026", "Fri Nov 27 00:00:00 AM UTC 2026"] {
        assert_eq!(us(time), None, "{time}");
    }
}

/// The error was: a second column of times, or one of elapsed time, made a series for each row.
#[test]
fn a_second_time_is_no_name() {
    for (head, rows) in [
        ("time,uptime", ["2026-11-27T10:00:00Z,01:24:47", "2026-11-27T10:01:00Z,01:25:47"]),
        (
            "time,local_time",
            [
                "2026-11-27T10:00:00Z,2026-11-27 19:00:00",
                "2026-11-27T10:01:00Z,2026-11-27 19:01:00",
            ],
        ),
        ("uptime,date,time", ["3:24:47,2026-11-27,10:00:00", "3:25:47,2026-11-27,10:01:00"]),
        (
            "started,at",
            ["2026-11-20 09:00:00,2026-11-27 10:00:00", "2026-11-20 09:00:00,2026-11-27 10:01:00"],
        ),
        ("time,up", ["2026-11-27T10:00:00Z,3 days 1:24:47", "2026-11-27T10:01:00Z,3 days 1:25:47"]),
        ("time,up", ["2026-11-27T10:00:00Z,1h24m47s", "2026-11-27T10:01:00Z,1h25m47s"]),
        ("time,up", ["2026-11-27T10:00:00Z,PT1H24M47S", "2026-11-27T10:01:00Z,PT1H25M47S"]),
        ("day,timestamp", ["2026-11-27,2026-11-27T10:00:00Z", "2026-11-27,2026-11-27T10:01:00Z"]),
        ("time,elapsed", ["2026-11-27T10:00:00Z,up 1 hour", "2026-11-27T10:01:00Z,up 2 hours"]),
    ] {
        let text = format!("{head},queue\n{},10\n{},20\n", rows[0], rows[1]);
        let tracks = read_as(&text, None).unwrap().tracks;
        let names: Vec<&str> = tracks.iter().map(|track| track.name.as_str()).collect();
        assert_eq!(names, ["queue"], "{text}");
        let points = [(START_S * 1_000_000, 10.0), ((START_S + 60) * 1_000_000, 20.0)];
        assert_eq!(tracks[0].points, points, "{text}");
    }
    // An address or a version is a name.
    let hosts = format!("time,host,x\n{START_S},10.0.0.7:9100,1\n{START_S},v1.2.3,1\n");
    assert_eq!(names(&hosts), ["x {10.0.0.7:9100}", "x {v1.2.3}"]);
}

/// The error was: rates with a prefix, and Kubernetes' units, were names or no values.
#[test]
fn cells_with_prefixes_are_read_or_named() {
    for (column, cells, unit, values) in [
        ("req", ["10 req/s", "1.2K req/s"], Unit::PerSecond, [10.0, 1_200.0]),
        ("x", ["10 K req/s", "2 M ops/s"], Unit::PerSecond, [10e3, 2e6]),
        ("x", ["10 kreq/s", "10K ops/s"], Unit::PerSecond, [10e3, 10e3]),
        ("cpu", ["100m", "2"], Unit::Plain, [0.1, 2.0]),
        ("mem", ["10Mi", "1Gi"], Unit::Bytes, [10_485_760.0, 1_073_741_824.0]),
    ] {
        let text = format!("time,{column}\n{START_S},{}\n{},{}\n", cells[0], START_S + 1, cells[1]);
        assert_eq!(tracks(&text), [(column.to_owned(), unit, values.to_vec())], "{text}");
    }
    for cell in ["10/151", "10 conn", "10 MB/min", "5m"] {
        let error = read_as(&format!("time,x\n{START_S},{cell}\n"), None).unwrap_err().to_string();
        assert!(error.contains(&format!("`{cell}`")) && error.contains("unit"), "{error}");
    }
}

/// The error was: with a value missing between four, each value stood for two minutes, and the mean of a
/// plateau with 97 % was 61 %.
#[test]
fn a_missing_value_makes_the_others_stand_for_no_longer_time() {
    let all: Vec<usize> = vec![0, 1, 2, 3];
    for missing in [0, 1, 2, 3] {
        let kept: Vec<usize> = all.iter().copied().filter(|at| *at != missing).collect();
        let times: Vec<String> = kept.iter().map(|at| iso(*at)).collect();
        let values: Vec<f64> = kept.iter().map(|at| CPU[*at]).collect();
        let answer = json!({"MetricDataResults": [
            {"Id": "m1", "Label": "CPUUtilization", "Timestamps": times, "Values": values}]});
        let points: Vec<Value> = kept
            .iter()
            .map(|at| json!({"Timestamp": iso(*at), "Average": CPU[*at], "Unit": "Percent"}))
            .collect();
        let statistics = json!({"Label": "CPUUtilization", "Datapoints": points});
        for text in [answer.to_string(), statistics.to_string()] {
            let track = &read_as(&text, None).unwrap().tracks[0];
            assert_eq!(track.spans, Spans::Forward(60_000_000), "{text}");
        }
    }
}

/// Returns the sign of a track of one value before the plateau and two within it.
fn sign_of(
    name: &str,
    unit: Unit,
    before: f64,
    within: [f64; 2],
    cpu: Option<[f64; 2]>,
) -> Option<Sign> {
    let figures = |values: &[f64]| Figures {
        mean: values.iter().sum::<f64>() / values.len() as f64,
        min: values.iter().copied().fold(f64::INFINITY, f64::min),
        max: values.iter().copied().fold(0.0, f64::max),
        first: values[0],
        last: values[values.len() - 1],
        points: values.len(),
        outside: 0.0,
        covered: 1.0,
    };
    let mut track = Track::new(name, Vec::new());
    track.unit = unit;
    Sign::find(&TrackFigures {
        track: &track,
        before: Some(figures(&[before])),
        within: Some(figures(&within)),
        cpu_track: None,
        machine_cpu: cpu.map(|cpu| figures(&cpu)),
        allowed: None,
        has_mean: false,
    })
}

/// The error was: a wait in one of 17 samples, a disk at 0.7 ms and a machine that was busier than any
/// baseline allows were the likely limit of a test.
#[test]
fn small_numbers_are_no_limit_however_they_grew() {
    let plain = |name, before, within| sign_of(name, Unit::Plain, before, within, None);
    let lock = "Innodb_row_lock_current_waits";
    assert_eq!(plain(lock, 0.0, [0.0, 0.12]), None);
    assert_eq!(plain(lock, 0.0, [4.0, 6.0]), Some(Sign::RowsLocked));
    for (name, unit, factor) in [
        ("ReadLatency", Unit::Plain, 1.0),
        ("WriteLatency", Unit::Seconds, 1.0),
        ("CommitLatency", Unit::Plain, 1e3),
    ] {
        let of = |before: f64, within: f64| {
            sign_of(name, unit, factor * before, [factor * within; 2], None)
        };
        assert_eq!(of(0.0002, 0.0007), None, "{name}");
        assert!(matches!(of(0.002, 0.04), Some(Sign::DiskSlower { .. })), "{name}");
        assert_eq!(of(0.02, 0.04), None, "{name}");
    }
    for (name, unit, factor) in [
        ("pool_wait_ms", Unit::Plain, 1e3),
        ("pool_wait_seconds", Unit::Plain, 1.0),
        ("pool wait", Unit::Seconds, 1.0),
    ] {
        let of = |before: f64, within: f64| {
            sign_of(name, unit, factor * before, [factor * within; 2], None)
        };
        assert_eq!(of(0.00001, 0.00006), None, "{name}");
        assert_eq!(of(0.001, 0.3), Some(Sign::PoolWaits), "{name}");
    }
    let credits = |left, cpu| sign_of("CPUCreditBalance", Unit::Plain, left, [0.0; 2], cpu);
    for cpu in [[58.0, 60.0], [90.0, 96.0], [40.0, 95.0]] {
        assert_eq!(credits(0.0, Some(cpu)), None, "{cpu:?}");
    }
    let held = Some(Sign::NoCpuCredits { held_at: Some(20.0) });
    assert_eq!(credits(30.0, Some([19.0, 21.0])), held);
    // A CPU that follows the load is not held.
    let unknown = Some(Sign::NoCpuCredits { held_at: None });
    assert_eq!((credits(30.0, None), credits(30.0, Some([10.0, 40.0]))), (unknown, unknown));
}

/// The error was: names such as `5xx %` were plain numbers.
#[test]
fn names_of_per_cent_are_a_unit() {
    for (name, value, unit) in [
        ("5xx %", 0.4, Unit::Percent),
        ("5xxErrorRate", 5.2, Unit::Percent),
        ("http_5xx_percent", 5.2, Unit::Percent),
        ("http_5xx_percent", 0.052, Unit::Plain),
        ("http_5xx_rate", 5.2, Unit::Plain),
        ("HTTPCode_Target_5XX_Count", 20.0, Unit::Plain),
        ("5xx ratio", 0.052, Unit::Plain),
    ] {
        let text = format!("time,{name}\n{},{value}\n{},{value}\n", iso(0), iso(1));
        let track = &read_as(&text, None).unwrap().tracks[0];
        assert_eq!((track.unit, track.points[0].1), (unit, value), "{name}");
    }
}

/// The error was: a table whose column of times cannot be read took the next number that looks like Unix time
/// for it. dstat writes times without a year.
#[test]
fn dstat_has_the_year_of_its_times_in_its_head() {
    let table = |date: &str, time: &str| {
        let row = |busy: u32| format!("{time},{busy},{},4096,1000000000\n", 95 - busy);
        format!(
            "\"Dstat 0.7.4 CSV output\"\n\"Host:\",\"vm\",\"Date:\",\"{date}\"\n\n\"system\",\"total cpu usage\",,,\
             \"memory usage\"\n\"time\",\"usr\",\"idl\",\"wai\",\"used\"\n{}",
            row(90).replace("4096", "5")
        )
    };
    for (date, time, us) in [
        ("27 Nov 2026 09:59:00 UTC", "27-11 10:00:00", START_S),
        ("31 Dec 2025 23:59:00 UTC", "27-11 10:00:00", START_S),
    ] {
        let monitor = read_as(&table(date, time), None).unwrap();
        let found: Vec<_> = monitor.tracks.iter().map(|track| track.name.as_str()).collect();
        let all = ["CPU", "total cpu usage: usr [%]", "total cpu usage: idl [%]"];
        assert_eq!(found[..3], all);
        assert_eq!(monitor.tracks[0].points, [(1_000_000 * us, 90.0)]);
        assert_eq!((monitor.tracks[0].unit, monitor.tracks[4].unit), (Unit::Percent, Unit::Bytes));
        assert!(monitor.warnings.is_empty(), "{:?}", monitor.warnings);
    }
    let local = read_as(&table("27 Nov 2026 09:59:00 KST", "27-11 10:00:00"), None).unwrap();
    assert_eq!(local.warnings, [Warning::LocalTimes]);
    let unread = "time,cpu,used\n27-11 10:00:00,20,1000000000\n27-11 10:00:01,20,1000000000\n";
    let Err(Error::Damaged { at, .. }) = read_as(unread, None) else { panic!("it was read") };
    assert_eq!(at, "line 2");
}

/// The error was: a counter of waits for locks since the start of MySQL was the number of waits in a second, and
/// the likely limit of a test.
#[test]
fn counters_of_databases_are_their_growth() {
    let table = |name: &str, values: &[u32]| {
        let rows = values.iter().enumerate().map(|(at, value)| format!("{},{value}\n", iso(at)));
        read_as(&format!("time,{name}\n{}", rows.collect::<String>()), None).unwrap()
    };
    for name in [
        "Innodb_row_lock_waits",
        "mysql_global_status_innodb_row_lock_waits",
        "xact_commit",
        "Com_select",
    ] {
        let track = &table(name, &[1_000, 1_060, 1_060, 1_300]).tracks[0];
        assert_eq!(track.name, format!("{name} (a second)"));
        assert_eq!(track.points.iter().map(|point| point.1).collect::<Vec<_>>(), [1.0, 0.0, 4.0]);
    }
    for (name, values) in [
        // Rates and gauges.
        ("Innodb_row_lock_waits", [3, 8, 2, 9]),
        ("Questions", [7, 7, 7, 7]),
        ("Threads_connected", [10, 20, 30, 40]),
        ("Innodb_row_lock_current_waits", [1, 2, 3, 4]),
    ] {
        assert_eq!(table(name, &values).tracks[0].name, name);
    }
}

/// The error was: a comma within a number made further cells, and the values stood in the wrong columns.
#[test]
fn a_row_with_more_cells_than_names_is_refused() {
    let rows = |row: &str| format!("time,cpu_percent\n2026-11-27T10:00:00Z,20\n{row}\n");
    let first = read_as("time,cpu_percent\n1795773600,000,20\n", None).unwrap_err().to_string();
    assert!(first.contains("2 names, and this row has 3 cells"), "{first}");
    let later = read_as(&rows("2026-11-27T10:00:10Z,21,5"), None).unwrap();
    assert_eq!(later.tracks[0].points.len(), 1);
    assert!(matches!(&later.warnings[..], [Warning::Lost(loss)] if loss.count == 1));
    let blank = read_as(&rows("2026-11-27T10:00:10Z,21,"), None).unwrap();
    assert_eq!((blank.tracks[0].points.len(), blank.warnings.len()), (2, 0));
}

/// The error was: a fraction behind a comma was no time, and a year of two digits was refused without the reason.
#[test]
fn times_with_a_comma_are_read_and_short_years_are_named() {
    let comma = read_as("time;cpu_percent\n1795773600,250;20,5\n", None).unwrap();
    assert_eq!(comma.tracks[0].points, [(START_S * 1_000_000 + 250_000, 20.5)]);
    for date in ["27.11.26 10:00:00", "11/27/26 10:00:00", "26-11-27 10:00:00"] {
        let error = read_as(&format!("time,cpu\n{date},20\n"), None).unwrap_err().to_string();
        assert!(error.contains("its years have two digits"), "{error}");
    }
}

/// The error was: CPU seconds of prom-client, of which a Node process uses one a second at most, were a number
/// without a meaning, and an amount of memory in MiB was one of bytes.
#[test]
fn quantities_in_other_units_have_their_meaning() {
    let points: Vec<Value> =
        (0..13).map(|at| json!([START_S + 10 * at, (9.7 * at as f64).to_string()])).collect();
    let answer = json!({"status": "success", "data": {"resultType": "matrix", "result": [
        {"metric": {"__name__": "process_cpu_seconds_total"}, "values": points}]}});
    let mut timeline = test(START_S, 120);
    let monitor = read_as(&answer.to_string(), None).unwrap();
    timeline.tracks = monitor.within(&test(START_S, 120), Path::new("x")).unwrap();
    let sign = Sign::find(&beside(&timeline, None)[0]);
    assert!(matches!(sign, Some(Sign::OneCoreUsed { percent }) if (percent - 97.0).abs() < 0.1));
    let memory = read_as("time,Available MBytes\n2026-11-27T10:00:00Z,2048\n", None).unwrap();
    assert_eq!(
        (memory.tracks[0].unit, memory.tracks[0].points[0].1),
        (Unit::Bytes, 2048.0 * 1_048_576.0)
    );
    let lag = "time,event_loop_lag_ms\n2026-11-27T10:00:00Z,250\n2026-11-27T10:01:00Z,250\n";
    timeline.tracks = read_as(lag, None).unwrap().tracks;
    assert_eq!(Sign::find(&beside(&timeline, None)[0]), Some(Sign::LoopLate { seconds: 0.25 }));
}

/// The error was: the zone in the header of typeperf was passed over, so that its local times counted as UTC.
#[test]
fn a_zone_in_the_header_counts() {
    let head = "\"(PDH-CSV 4.0) (Korea Standard Time)(-540)\",\"\\\\WEB\\Processor(_Total)\\% Processor Time\"\n";
    let found = read_as(&format!("{head}\"11/27/2026 19:00:00.000\",\"96.5\"\n"), None).unwrap();
    assert_eq!(found.tracks[0].points, [(START_S * 1_000_000, 96.5)]);
    assert_eq!(found.warnings, []);
    assert_eq!(found.tracks[0].metric(), Some(Metric::Cpu));
}

/// The error was: `docker stats` with the time that `ts` puts before each line was a log, and digits of another
/// script were names.
#[test]
fn records_behind_a_time_and_other_digits_are_read() {
    let line = |second: u32| {
        format!("2026-11-27T10:00:0{second}+0000 {{\"CPUPerc\":\"98.5%\",\"Name\":\"web\"}}\n")
    };
    let found = read_as(&(line(0) + &line(5)), None).unwrap();
    assert_eq!(
        (found.tracks[0].metric(), found.tracks[0].points.len()),
        (Some(Metric::CoreCpu), 2)
    );
    let arabic = read_as("time,cpu_percent\n٢٠٢٦-١١-٢٧ ١٠:٠٠:٠٠,٩٦٫٥٪\n", Some(0)).unwrap();
    assert_eq!(arabic.tracks[0].points, [(START_S * 1_000_000, 96.5)]);
}

/// The error was: a number of callers that wait, called `_count`, was a counter as long as it did not fall.
#[test]
fn a_number_of_the_moment_is_no_counter() {
    let of = |name: &str| {
        let values = json!([[START_S, "0"], [START_S + 10, "7"], [START_S + 20, "7"]]);
        let answer = json!({"status": "success", "data": {"resultType": "matrix", "result": [
            {"metric": {"__name__": name}, "values": values}]}});
        read_as(&answer.to_string(), None).unwrap().tracks[0].points.len()
    };
    // The growth of a counter has a value less.
    assert_eq!(
        [of("pg_pool_waiting_count"), of("db_requests_pending_total"), of("a_total")],
        [3, 3, 2]
    );
}
