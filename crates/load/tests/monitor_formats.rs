//! Monitors beside a load test: one truth written in every format.

use crate::monitors::{CPU, START_S, iso, read_as, test};
use proptest::prelude::*;
use serde_json::{Value, json};
use spikeflame_load::monitor::{Error, Monitor, Sign, Warning, beside};
use spikeflame_load::{Metric, Spans, Unit, WatchedSystem, show_time};
use std::path::Path;

pub(crate) fn data() -> Value {
    let latest_first = |values: &[f64]| values.iter().rev().copied().collect::<Vec<_>>();
    let times: Vec<String> = (0..CPU.len()).rev().map(iso).collect();
    json!({"MetricDataResults": [
        {"Id": "m1", "Label": "CPUUtilization", "Timestamps": times, "Values": latest_first(&CPU),
         "StatusCode": "Complete"},
        {"Id": "m2", "Label": "DatabaseConnections", "Timestamps": times,
         "Values": [66.0, 66.0, 40.0, 10.0], "StatusCode": "PartialData"}], "Messages": []})
}

pub(crate) fn statistics() -> Value {
    // The order is none.
    let points: Vec<Value> = [2, 0, 3, 1]
        .iter()
        .map(|&at| {
            json!({"Timestamp": iso(at), "Average": CPU[at], "Maximum": 100.0,
                          "ExtendedStatistics": {"p95": CPU[at]}, "Unit": "Percent"})
        })
        .collect();
    json!({"Label": "CPUUtilization", "Datapoints": points})
}

pub(crate) fn insights(behind: i64) -> Value {
    let point = |at: usize| {
        let time = START_S + 60 * (at as i64 + behind);
        json!({"Timestamp": time as f64, "Value": CPU[at]})
    };
    json!({"AlignedStartTime": START_S as f64, "AlignedEndTime": (START_S + 240) as f64, "Identifier": "db-X",
        "MetricList": [
            {"Key": {"Metric": "os.cpuUtilization.total.avg"}, "DataPoints": (0..4).map(point).collect::<Vec<_>>()},
            {"Key": {"Metric": "db.load.avg", "Dimensions": {"db.wait_event.name": "synch/mutex/innodb"}},
             "DataPoints": [{"Timestamp": START_S as f64, "Value": 1.5}, {"Timestamp": (START_S + 60) as f64}]}]})
}

fn prometheus() -> Value {
    let values: Vec<Value> = CPU
        .iter()
        .enumerate()
        .map(|(at, value)| json!([START_S as f64 + 60.0 * at as f64, value.to_string()]))
        .collect();
    json!({"status": "success", "data": {"resultType": "matrix", "result": [
        {"metric": {"instance": "db:9104", "job": "mysql"}, "values": values},
        {"metric": {"__name__": "mysql_global_status_threads_connected", "instance": "a:1", "job": "mysql"},
         "values": [[START_S, "3"], [START_S + 15, "NaN"], [START_S + 30, "4"]]},
        {"metric": {"__name__": "http_requests_total", "job": "mysql"},
         "values": [[START_S, "1000"], [START_S + 10, "1500"], [START_S + 20, "20"], [START_S + 30, "120"]]}]}})
}

fn frames() -> Value {
    let times: Vec<i64> = (0..4).map(|at| (START_S + 60 * at) * 1_000).collect();
    json!([{"schema": {"refId": "A", "name": "CPU", "fields": [
        {"name": "Time", "type": "time"},
        {"name": "Value", "type": "number", "labels": {"instance": "db"}, "config": {"unit": "percent"}}]},
        "data": {"values": [times, CPU]}}])
}

pub(crate) fn panel() -> Value {
    let times: Vec<i64> = (0..4).map(|at| (START_S + 60 * at) * 1_000).collect();
    json!({"state": "Done", "series": [{"refId": "A", "length": 4, "fields": [
        {"name": "Time", "type": "time", "values": times, "config": {}},
        {"name": "Value", "type": "number", "values": CPU,
         "config": {"displayNameFromDS": "CPUUtilization", "unit": "percent"}}]}],
        "timeRange": {}, "annotations": []})
}

pub(crate) fn console() -> String {
    let rows = (0..4).map(|at| {
        let time = show_time(START_S + 60 * at as i64).replace('-', "/").replace('Z', "");
        format!("{time},{},{}\n", CPU[at], 10 * at)
    });
    "Full label,CPUUtilization,DatabaseConnections\nLabel,CPUUtilization,DatabaseConnections\n\
     Statistic,Average,Sum\nPeriod,60,60\nUnit,Percent,Count\n"
        .to_owned()
        + &rows.collect::<String>()
}

pub(crate) fn all() -> Vec<String> {
    let answers = json!({"results": {"A": {"status": 200, "frames": frames()},
        "B": {"status": 400, "error": "no such metric"}}});
    vec![
        data().to_string(),
        statistics().to_string(),
        insights(0).to_string(),
        insights(1).to_string(),
        prometheus().to_string(),
        frames().to_string(),
        panel().to_string(),
        answers.to_string(),
        console(),
    ]
}

#[test]
fn one_truth_in_every_format() {
    for text in all() {
        let monitor = read_as(&text, None).unwrap_or_else(|error| panic!("{error}: {text}"));
        let track = &monitor.tracks[0];
        let values: Vec<f64> = track.points.iter().map(|point| point.1).collect();
        assert_eq!(values, CPU, "{}", monitor.format);
        let first = track.stands_for(&track.points[0]).0;
        assert_eq!(first, START_S * 1_000_000, "{}", monitor.format);
        let known = track.metric();
        assert!(known == Some(Metric::Cpu) || text.contains("db:9104"), "{}", track.name);
        assert_eq!(track.source, "rds.json");
    }
}

#[test]
fn a_period_of_cloudwatch_begins_at_its_time() {
    let monitor = read_as(&data().to_string(), None).unwrap();
    assert_eq!(monitor.tracks[0].spans, Spans::Forward(60_000_000));
    assert_eq!(monitor.tracks[0].watched, WatchedSystem::Database);
    assert_eq!(monitor.tracks[0].unit, Unit::Percent);
    let partial = Warning::Incomplete { metric: "DatabaseConnections".into() };
    assert_eq!(monitor.warnings, [partial]);
    // The last minute alone has no value of its own: the one before it reaches into it.
    let test = test(START_S + 150, 60);
    let mut timeline = test.clone();
    timeline.tracks = monitor.within(&test, Path::new("x")).unwrap();
    let within = beside(&timeline, None)[0].within.unwrap();
    assert!((within.mean - 97.0).abs() < 1e-9 && (within.outside - 0.5).abs() < 1e-9, "{within:?}");
    assert_eq!(Sign::find(&beside(&timeline, None)[0]), Some(Sign::CpuUsedUp { percent: 97.0 }));
}

#[test]
fn statistics_are_tracks_of_their_own() {
    let monitor = read_as(&statistics().to_string(), None).unwrap();
    let names: Vec<&str> = monitor.tracks.iter().map(|track| track.name.as_str()).collect();
    assert_eq!(
        names,
        ["CPUUtilization (average)", "CPUUtilization (maximum)", "CPUUtilization (p95)"]
    );
}

#[test]
fn a_counter_of_prometheus_is_its_growth() {
    let monitor = read_as(&prometheus().to_string(), None).unwrap();
    let counter = &monitor.tracks[2];
    assert_eq!(
        counter.name,
        "http_requests_total{instance=\"\"} (a second)".replace("{instance=\"\"}", "")
    );
    // The restart in between is no growth.
    let values: Vec<f64> = counter.points.iter().map(|point| point.1).collect();
    assert_eq!(values, [50.0, 10.0]);
    let threads = &monitor.tracks[1];
    assert_eq!(threads.points.len(), 2, "NaN is no value");
    assert_eq!(threads.metric(), Some(Metric::Connections));
}

/// The error was: the values of a monitor before and after the test gave no track, without a word.
#[test]
fn a_monitor_without_a_value_during_the_test_is_refused() {
    let read = |times: &[i64]| {
        let times: Vec<Value> = times.iter().map(|at| json!([START_S + at, "1"])).collect();
        let series = json!({"metric": {"__name__": "up"}, "values": times});
        let data = json!({"resultType": "matrix", "result": [series]});
        read_as(&json!({"status": "success", "data": data}).to_string(), None).unwrap()
    };
    let within = |times: &[i64]| read(times).within(&test(START_S, 120), Path::new("x"));
    let far = [-7_200, -7_140, -7_080, 7_200, 7_260, 7_320];
    let error = within(&far).map(drop).unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, Error::Gap { .. }), "{text}");
    assert!(text.contains("2026-11-27 10:00:00Z"), "{text}");
    assert!(matches!(within(&[-600, -540, -480, 300, 360]), Err(Error::Gap { .. })));
    assert!(matches!(within(&far[..3]), Err(Error::Apart { .. })));
    // A value a minute before the test applies until its first value.
    assert_eq!(within(&[-120, -60, 240, 300, 360]).unwrap().len(), 1);
    assert_eq!(within(&[-7_200, 60, 7_200]).unwrap().len(), 1);
}

/// The error was: "values before and after the load test" for the value of the minute in which the test ran, and
/// other times for a value whose period is not known.
#[test]
fn one_value_counts_for_its_period() {
    let test = test(START_S + 15, 30);
    let azure = |interval: &str| {
        let data = json!([{"timeStamp": iso(0), "average": 97.0}]);
        let one = json!({"name": {"value": "Percentage CPU"}, "unit": "Percent", "timeseries": [{"data": data}]});
        read_as(&json!({"interval": interval, "value": [one]}).to_string(), None).unwrap()
    };
    let tracks = azure("PT1M").within(&test, Path::new("x")).unwrap();
    assert_eq!(tracks[0].points, [(START_S * 1_000_000, 97.0)]);
    let point = json!({"Timestamp": iso(0), "Average": 97.0, "Unit": "Percent"});
    let aws = json!({"Label": "CPUUtilization", "Datapoints": [point]}).to_string();
    let refused = read_as(&aws, None).unwrap().within(&test, Path::new("x")).unwrap_err();
    assert!(refused.to_string().contains("only value begins at 2026-11-27 10:00:00"), "{refused}");
    // A value that starts within the test applies there.
    let early = self::test(START_S - 15, 30);
    let monitor = read_as(&aws, None).unwrap();
    assert_eq!(monitor.within(&early, Path::new("x")).unwrap()[0].spans, Spans::Moment);
    // The distance of a counter's two values is the period of their growth.
    let values = json!([[START_S, "1000"], [START_S + 60, "1600"]]);
    let counter = json!({"metric": {"__name__": "http_requests_total"}, "values": values});
    let data = json!({"resultType": "matrix", "result": [counter]});
    let monitor = read_as(&json!({"status": "success", "data": data}).to_string(), None).unwrap();
    assert_eq!(
        monitor.within(&test, Path::new("x")).unwrap()[0].spans,
        Spans::Backward(60_000_000)
    );
}

#[test]
fn a_monitor_of_another_hour_is_refused_with_both_times() {
    let test = test(START_S - 9 * 3_600, 200);
    let error = read_as(&data().to_string(), None).unwrap().within(&test, Path::new("x"));
    let Err(error @ Error::Apart { zone_s: None, .. }) = error else { panic!("{error:?}") };
    let text = error.to_string();
    assert!(
        text.contains("2026-11-27 10:00:00Z") && text.contains("2026-11-27 01:00:00Z"),
        "{text}"
    );
    // Times without a zone: the zone with which they meet is known.
    let apart = read_as(&console(), None).unwrap().within(&test, Path::new("x"));
    assert!(matches!(apart, Err(Error::Apart { zone_s: Some(32_400), .. })), "{apart:?}");
    let tracks = read_as(&console(), Some(32_400)).unwrap().within(&test, Path::new("x")).unwrap();
    assert_eq!(tracks[0].points[0], ((START_S - 9 * 3_600) * 1_000_000, 20.0));
    let on_no_clock = self::test(0, 100);
    let error = read_as(&console(), None).unwrap().within(&on_no_clock, Path::new("x"));
    assert!(matches!(error, Err(Error::NoClock { .. })));
}

#[test]
fn what_is_no_monitor_says_what_would_do() {
    for (text, hint) in [
        ("", "empty"),
        ("{}", "query_range"),
        ("[]", "JSON"),
        (r#"{"panels": [], "title": "x"}"#, "Download CSV"),
        (r#"{"Metrics": [{"Namespace": "AWS/RDS"}]}"#, "get-metric-data"),
        (r#"{"status": "success", "data": {"resultType": "vector", "result": []}}"#, "query_range"),
        (r#"{"status": "error", "errorType": "bad_data", "error": "parse error"}"#, "parse error"),
        (r#"{"Label": "CPUUtilization", "Datapoints": []}"#, "dimensions"),
        (r#"{"results": {"A": {"error": "no such metric"}}}"#, "no such metric"),
        ("METRICDATARESULTS\tm1\tCPU\tComplete\n", "--output json"),
        ("CPUUtilization\nDATAPOINTS\t23.0\t2026-11-27T10:00:00+00:00\tPercent\n", "--output json"),
        ("Datapoints:\n- Average: 23.0\n  Unit: Percent\nLabel: CPU\n", "--output json"),
        ("procs -----------memory----------\n r  b   swpd   free\n 1  0 0 1\n", "sadf -d"),
        ("# HELP x y\n# TYPE x gauge\nx 1\n", "query_range"),
        ("name,value\na,1\n", "column of times"),
    ] {
        let error = read_as(text, None).unwrap_err().to_string();
        assert!(error.contains(hint), "{text}: {error}");
    }
}

#[test]
fn a_file_cut_at_any_byte_is_an_answer_or_an_error() {
    for text in all() {
        let whole = read_as(&text, None).unwrap();
        let values = |monitor: &Monitor| -> usize {
            monitor.tracks.iter().map(|track| track.points.len()).sum()
        };
        for cut in (0..text.len()).filter(|cut| text.is_char_boundary(*cut)) {
            match read_as(&text[..cut], None) {
                Ok(monitor) => assert!(values(&monitor) <= values(&whole), "{cut}"),
                Err(error) => assert!(!error.to_string().is_empty()),
            }
        }
    }
}

proptest! {
    #[test]
    fn the_mean_lies_between_least_and_most(
        values in prop::collection::vec(0.0..1e6_f64, 2..60),
        period in 1..120_i64,
        from in 0..600_i64,
        length in 1..600_usize,
    ) {
        let rows = values.iter().enumerate();
        let rows = rows.map(|(at, value)| format!("{},{value}\n", START_S + period * at as i64));
        let text = "time,x\n".to_owned() + &rows.collect::<String>();
        let mut timeline = test(START_S + from, length);
        let monitor = read_as(&text, None).unwrap();
        if let Ok(tracks) = monitor.within(&timeline, Path::new("x")) {
            timeline.tracks = tracks;
            for one in beside(&timeline, None) {
                if let Some(figures) = one.within {
                    prop_assert!(figures.min <= figures.mean + 1e-6 && figures.mean <= figures.max + 1e-6);
                    prop_assert!((0.0..1.0).contains(&figures.outside));
                }
            }
        }
    }
}

#[test]
fn a_cpu_in_cores_or_as_a_share_is_not_called_per_cent() {
    let unit = |name: &str, values: [f64; 3]| {
        let points: Vec<Value> =
            (0..3).map(|at| json!([START_S + 60 * at, values[at as usize].to_string()])).collect();
        let answer = json!({"status": "success", "data": {"resultType": "matrix", "result": [
            {"metric": {"__name__": name}, "values": points}]}});
        read_as(&answer.to_string(), None).unwrap().tracks[0].unit
    };
    assert_eq!(unit("cpu", [0.2, 1.9, 3.8]), Unit::Plain);
    assert_eq!(unit("cpu", [20.0, 97.0, 98.0]), Unit::Percent);
    assert_eq!(unit("system_cpu_utilization", [0.2, 0.97, 0.98]), Unit::Plain);
    assert_eq!(unit("system_cpu_utilization", [20.0, 97.0, 98.0]), Unit::Percent);
    // OpenTelemetry's name is always that of a share.
    assert_eq!(unit("system.cpu.utilization", [0.2, 0.97, 0.98]), Unit::Share);
    // CloudWatch writes per cent, however small.
    assert_eq!(unit("CPUUtilization", [0.2, 0.3, 0.4]), Unit::Percent);
}

#[test]
fn a_metric_without_values_is_named() {
    let mut answer = data();
    answer["MetricDataResults"][0]["Timestamps"] = json!([]);
    answer["MetricDataResults"][0]["Values"] = json!([]);
    let monitor = read_as(&answer.to_string(), None).unwrap();
    let empty = Warning::Empty { name: "CPUUtilization".to_owned(), series: 1 };
    assert!(monitor.warnings.contains(&empty), "{:?}", monitor.warnings);
    // The next page has the values.
    let pages = format!("{answer}{}", data());
    let monitor = read_as(&pages, None).unwrap();
    assert!(!monitor.warnings.contains(&empty), "{:?}", monitor.warnings);
    assert!(
        !read_as(&statistics().to_string(), None)
            .unwrap()
            .warnings
            .iter()
            .any(|warning| matches!(warning, Warning::Empty { .. }))
    );
}

#[test]
fn a_warning_of_prometheus_is_passed_on() {
    let mut answer = prometheus();
    answer["warnings"] = json!(["remote read timed out"]);
    answer["isPartial"] = json!(true);
    let monitor = read_as(&answer.to_string(), None).unwrap();
    assert!(monitor.warnings.contains(&Warning::FromMonitor("remote read timed out".to_owned())));
    assert!(monitor.warnings.contains(&Warning::Incomplete { metric: String::new() }));
}

#[test]
fn a_first_period_without_a_value_moves_no_other() {
    let spans = |values: Value| {
        let points: Vec<Value> = values
            .as_array()
            .unwrap()
            .iter()
            .enumerate()
            .map(|(at, value)| json!({"Timestamp": START_S + 60 * at as i64, "Value": value}))
            .collect();
        let answer = json!({"AlignedStartTime": START_S, "AlignedEndTime": START_S + 240, "Identifier": "db-A",
            "MetricList": [{"Key": {"Metric": "db.load.avg"}, "DataPoints": points}]});
        read_as(&answer.to_string(), None).unwrap().tracks[0].spans
    };
    let forward = Spans::Forward(60_000_000);
    assert_eq!(spans(json!([1, 2, 3, 4])), forward);
    assert_eq!(spans(json!([null, 2, 3, 4])), forward);
}

#[test]
fn a_spreadsheet_leaves_out_seconds() {
    for text in [
        "Zeit;cpu %\n27.11.2026 12:00;20,5\n27.11.2026 12:01;97,5\n",
        "Time,cpu\n11/27/2026 12:00 PM,20.5\n11/27/2026 12:01 PM,97.5\n",
    ] {
        let monitor = read_as(text, None).unwrap();
        assert_eq!(
            monitor.tracks[0].points,
            [(1_795_780_800_000_000, 20.5), (1_795_780_860_000_000, 97.5)],
            "{text}"
        );
    }
}
