//! Monitors beside a load test: one truth written in every format.

use proptest::prelude::*;
use serde_json::{Value, json};
use spikeflame_load::monitor::{
    Error, Figures, Monitor, MonitorOptions, Sign, TrackFigures, Warning, beside, read,
};
use spikeflame_load::{Metric, Second, Spans, Timeline, Track, Unit, WatchedSystem, show_time};
use std::path::Path;

/// 2026-11-27 10:00:00Z.
const START_S: i64 = 1_795_773_600;
/// CPU utilisation, a value a minute.
const CPU: [f64; 4] = [20.0, 26.0, 97.5, 96.5];

fn read_as(text: &str, zone_s: Option<i32>) -> Result<Monitor, Error> {
    read(text.as_bytes(), Path::new("rds.json"), &MonitorOptions { zone_s })
}

fn iso(minute: usize) -> String {
    show_time(START_S + 60 * minute as i64).replace(' ', "T")
}

/// A test of so many seconds.
fn test(start_s: i64, seconds: usize) -> Timeline {
    let second = Second { ok: 10.0, ..Second::default() };
    Timeline { start_s, seconds: vec![second; seconds], resolution_s: 1, ..Timeline::default() }
}

fn data() -> Value {
    let latest_first = |values: &[f64]| values.iter().rev().copied().collect::<Vec<_>>();
    let times: Vec<String> = (0..CPU.len()).rev().map(iso).collect();
    json!({"MetricDataResults": [
        {"Id": "m1", "Label": "CPUUtilization", "Timestamps": times, "Values": latest_first(&CPU),
         "StatusCode": "Complete"},
        {"Id": "m2", "Label": "DatabaseConnections", "Timestamps": times,
         "Values": [66.0, 66.0, 40.0, 10.0], "StatusCode": "PartialData"}], "Messages": []})
}

fn statistics() -> Value {
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

fn insights(behind: i64) -> Value {
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

fn panel() -> Value {
    let times: Vec<i64> = (0..4).map(|at| (START_S + 60 * at) * 1_000).collect();
    json!({"state": "Done", "series": [{"refId": "A", "length": 4, "fields": [
        {"name": "Time", "type": "time", "values": times, "config": {}},
        {"name": "Value", "type": "number", "values": CPU,
         "config": {"displayNameFromDS": "CPUUtilization", "unit": "percent"}}]}],
        "timeRange": {}, "annotations": []})
}

fn console() -> String {
    let rows = (0..4).map(|at| {
        let time = show_time(START_S + 60 * at as i64).replace('-', "/").replace('Z', "");
        format!("{time},{},{}\n", CPU[at], 10 * at)
    });
    "Full label,CPUUtilization,DatabaseConnections\nLabel,CPUUtilization,DatabaseConnections\n\
     Statistic,Average,Sum\nPeriod,60,60\nUnit,Percent,Count\n"
        .to_owned()
        + &rows.collect::<String>()
}

fn all() -> Vec<String> {
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

/// Returns name, unit and values of the tracks of a text.
fn tracks(text: &str) -> Vec<(String, Unit, Vec<f64>)> {
    let monitor = read_as(text, None).unwrap();
    let values = |points: &[(i64, f64)]| points.iter().map(|point| point.1).collect();
    let tracks = monitor.tracks.iter();
    tracks.map(|track| (track.name.clone(), track.unit, values(&track.points))).collect()
}

fn names(text: &str) -> Vec<String> {
    tracks(text).into_iter().map(|track| track.0).collect()
}

#[test]
fn two_series_of_one_name_are_not_added_to_each_other() {
    let of = |id: &str, value: f64, token: Value| {
        json!({"MetricDataResults": [{"Id": id, "Label": "CPUUtilization", "Timestamps": [iso(0), iso(1)],
            "Values": [value, value]}], "NextToken": token})
    };
    // Two answers of one label, for two instances.
    let (one, two) = (of("a", 97.0, Value::Null), of("b", 1.0, Value::Null));
    assert_eq!(names(&format!("{one}{two}")), ["CPUUtilization (a)", "CPUUtilization (b)"]);
    // Answers of get-metric-statistics do not name the instance.
    let statistics = |value: f64| {
        json!({"Label": "CPUUtilization", "Datapoints": [
            {"Timestamp": iso(0), "Average": value, "Unit": "Percent"}]})
    };
    let both = format!("{}{}", statistics(97.0), statistics(1.0));
    assert_eq!(names(&both), ["CPUUtilization (average)", "CPUUtilization (average) (no. 2)"]);
    // Two queries of a panel whose fields have no name of their own.
    let panel = |query: &str, value: f64| {
        json!({"refId": query, "fields": [
            {"name": "Time", "type": "time", "values": [START_S * 1_000]},
            {"name": "Value", "type": "number", "values": [value]}]})
    };
    let panel = json!({"series": [panel("A", 97.0), panel("B", 12.0)]});
    assert_eq!(names(&panel.to_string()), ["value (A)", "value (B)"]);
    // Two statements of one text.
    let statement = |id: &str, value: f64| {
        json!({"Key": {"Metric": "db.load.avg", "Dimensions": {"db.sql.id": id, "db.sql.statement": "SELECT 1"}},
            "DataPoints": [{"Timestamp": START_S, "Value": value}]})
    };
    let insights = json!({"AlignedStartTime": START_S, "MetricList": [statement("X", 1.0), statement("Y", 5.0)]});
    assert_eq!(
        names(&insights.to_string()),
        ["db.load.avg {SELECT 1} ({X})", "db.load.avg {SELECT 1} ({Y})"]
    );
}

#[test]
fn the_long_form_of_grafana_has_a_series_for_each_text() {
    let times = [START_S, START_S, START_S + 60, START_S + 60].map(|time| time * 1_000);
    let frame = json!([{"schema": {"refId": "A", "fields": [{"name": "time", "type": "time"},
        {"name": "host", "type": "string"}, {"name": "cpu", "type": "number", "config": {"unit": "percent"}}]},
        "data": {"values": [times, ["a", "b", "a", "b"], [20.0, 1.0, 97.0, 2.0]]}}]);
    let expected = [
        ("cpu{host=\"a\"}".to_owned(), Unit::Percent, vec![20.0, 97.0]),
        ("cpu{host=\"b\"}".to_owned(), Unit::Percent, vec![1.0, 2.0]),
    ];
    assert_eq!(tracks(&frame.to_string()), expected);
}

#[test]
fn only_the_last_page_shows_whether_the_answer_goes_on() {
    let page = |at: usize, token: Value| {
        json!({"MetricDataResults": [{"Id": "a", "Label": "CPUUtilization", "Timestamps": [iso(at)],
            "Values": [CPU[at]]}], "NextToken": token})
    };
    let whole = format!("{}{}", page(1, json!("x")), page(0, Value::Null));
    let monitor = read_as(&whole, None).unwrap();
    assert_eq!((monitor.warnings.len(), monitor.tracks[0].points.len()), (0, 2));
    let cut = read_as(&page(1, json!("x")).to_string(), None).unwrap();
    assert_eq!(cut.warnings, [Warning::Incomplete { metric: String::new() }]);
}

#[test]
fn each_data_point_has_its_own_unit() {
    let point = |at: usize, value: f64, unit: &str| json!({"Timestamp": iso(at), "Average": value, "Sum": value, "Unit": unit});
    let answer = json!({"Label": "QueryTime", "Datapoints": [
        point(0, 20.0, "Milliseconds"), point(1, 0.5, "Seconds"), point(1, 30.0, "Milliseconds")]});
    let averages: Vec<_> = tracks(&answer.to_string()).into_iter().take(2).collect();
    let expected = [
        ("QueryTime (average) (milliseconds)".to_owned(), Unit::Seconds, vec![0.02, 0.03]),
        ("QueryTime (average) (seconds)".to_owned(), Unit::Seconds, vec![0.5]),
    ];
    assert_eq!(averages, expected);
}

#[test]
fn a_part_or_a_sum_of_a_quantity_is_not_the_quantity() {
    for name in [
        "CPUUtilization (sum)",
        "CPUUtilization (samplecount)",
        "cpu{mode=\"idle\"}",
        "pg_stat_activity_count{state=\"idle\"}",
    ] {
        let quoted = name.replace('"', "\"\"");
        let text = format!("time,\"{quoted}\"\n{START_S},97\n{},97\n", START_S + 60);
        assert_eq!(read_as(&text, None).unwrap().tracks[0].metric(), None, "{name}");
    }
    let busy = format!("time,\"cpu{{mode=\"\"user\"\"}}\"\n{START_S},97\n");
    assert_eq!(read_as(&busy, None).unwrap().tracks[0].metric(), Some(Metric::Cpu));
}

#[test]
fn gauges_with_the_names_of_counters_stay_gauges() {
    let of = |name: &str, values: &[i64]| {
        let points: Vec<Value> = (0..)
            .zip(values)
            .map(|(at, value)| json!([START_S + 10 * at, value.to_string()]))
            .collect();
        let series = json!([{"metric": {"__name__": name}, "values": points}]);
        tracks(&series.to_string()).remove(0)
    };
    let kept = of("nodejs_active_handles_total", &[12, 40, 66]);
    assert_eq!(
        kept,
        ("nodejs_active_handles_total".to_owned(), Unit::Plain, vec![12.0, 40.0, 66.0])
    );
    assert_eq!(of("pg_stat_activity_count", &[12, 40, 66]).2, [12.0, 40.0, 66.0]);
    assert_eq!(of("pool_open_count", &[12, 40, 38, 41]).2, [12.0, 40.0, 38.0, 41.0]);
    let counter = of("http_request_duration_seconds_bucket", &[100, 300, 0, 50]);
    let name = "http_request_duration_seconds_bucket (a second)".to_owned();
    assert_eq!(counter, (name, Unit::PerSecond, vec![20.0, 5.0]));
    assert_eq!(of("process_resident_memory_bytes", &[5, 6]).1, Unit::Bytes);
}

#[test]
fn what_victoriametrics_and_promtool_write_is_read() {
    let times = [START_S, START_S + 60].map(|time| time * 1_000);
    let line = |host: &str, value: f64| {
        json!({"metric": {"__name__": "threads_connected", "instance": host}, "values": [12, value],
            "timestamps": times})
    };
    let expected = ["threads_connected{instance=\"a\"}", "threads_connected{instance=\"b\"}"];
    assert_eq!(names(&format!("{}\n{}\n", line("a", 66.0), line("b", 1.0))), expected);
    let matrix = json!({"resultType": "matrix", "result": [
        {"metric": {"__name__": "up"}, "values": [[START_S, "1"]]}]});
    assert_eq!(names(&matrix.to_string()), ["up"]);
}

#[test]
fn memory_of_performance_insights_is_in_kilobytes() {
    let of = |name: &str| {
        let answer = json!({"AlignedStartTime": START_S, "MetricList": [
            {"Key": {"Metric": name}, "DataPoints": [{"Timestamp": START_S, "Value": 8_000_000.0}]}]});
        let (_, unit, values) = tracks(&answer.to_string()).remove(0);
        (unit, values[0])
    };
    assert_eq!(of("os.memory.free.avg"), (Unit::Bytes, 8_192_000_000.0));
    assert_eq!(of("os.memory.hugePagesFree.avg"), (Unit::Plain, 8_000_000.0));
    assert_eq!(of("os.memory.db.residentSetSize.avg"), (Unit::Plain, 8_000_000.0));
}

#[test]
fn tables_with_units_in_names_bounds_and_titles() {
    let rows = |row: &dyn Fn(i64) -> String| -> String {
        (0..2).map(|at| row(START_S + 60 * at) + "\n").collect()
    };
    let units = "time,mem (MiB),wait [ms],\"cpu (%)\"\n".to_owned()
        + &rows(&|time| format!("{time},2,80,1 %"));
    let read: Vec<_> =
        tracks(&units).into_iter().map(|(_, unit, values)| (unit, values[0])).collect();
    assert_eq!(read, [(Unit::Bytes, 2_097_152.0), (Unit::Seconds, 0.08), (Unit::Percent, 1.0)]);
    // Datadog's and New Relic's tables have the end of the period in a column of its own.
    let period = "Query,Start time,End time,Value\n".to_owned()
        + &rows(&|time| {
            format!(
                "cpu,{0}Z,{1}Z,97",
                show_time(time).trim_end_matches('Z'),
                show_time(time + 60).trim_end_matches('Z')
            )
        });
    let monitor = read_as(&period, None).unwrap();
    assert_eq!((monitor.tracks.len(), monitor.tracks[0].points.len()), (1, 2));
    assert_eq!(monitor.tracks[0].spans, Spans::Forward(60_000_000));
    // InfluxDB.
    let influx = "#group,false,false,true,true,false,false\n#datatype,string,long,dateTime:RFC3339,dateTime:RFC3339,dateTime:RFC3339,double\n\
                  #default,mean,,,,,\n,result,table,_start,_stop,_time,_value,_field\n"
        .to_owned()
        + &rows(&|time| {
            let (from, at) = (show_time(START_S - 60), show_time(time));
            format!(",,0,{from},{from},{at},97,usage")
        });
    assert_eq!(tracks(&influx), [("usage".to_owned(), Unit::Plain, vec![97.0, 97.0])]);
    // dstat has a title above its table.
    let titled = "\"dstat\"\n\"epoch\",\"usr\"\n".to_owned() + &rows(&|time| format!("{time},97"));
    assert_eq!(names(&titled), ["usr"]);
    // CloudWatch's console writes periods as words, too.
    let console = "Full label,CPUUtilization\nPeriod,5 minutes\n2026/11/27 10:00:00,97\n";
    assert_eq!(read_as(console, None).unwrap().tracks[0].spans, Spans::Forward(300_000_000));
}

/// The error was: the longer one of two lists was cut, so that values stood at other times than theirs.
#[test]
fn lists_of_unequal_lengths_are_refused() {
    let times: Vec<String> = (0..4).map(iso).collect();
    let cloudwatch = json!({"MetricDataResults": [{"Id": "m1", "Label": "CPUUtilization",
        "Timestamps": times, "Values": [90.0, 95.0, 20.0]}]});
    let grafana = json!({"series": [{"schema": {"refId": "A", "fields": [{"name": "Time", "type": "time"},
        {"name": "cpu", "type": "number"}]}, "data": {"values": [times, [1.0, 2.0]]}}]});
    let victoria = json!({"metric": {"__name__": "cpu"}, "values": [1.0, 2.0],
        "timestamps": [1_795_773_600_000_i64]});
    for (answer, fault) in [
        (cloudwatch, "`CPUUtilization` has 4 times and 3 values"),
        (grafana, "`cpu` has 4 times and 2 values"),
        (victoria, "`cpu` has 1 times and 2 values"),
    ] {
        let error = read_as(&answer.to_string(), None).unwrap_err().to_string();
        assert!(error.contains(fault), "{error}");
    }
}

/// The error was: tables with the date in a column of its own, and times of `ctime`, `date`, HTTP and
/// JavaScript were no tables of a monitor.
#[test]
fn times_in_two_columns_and_with_the_day_of_the_week_are_read() {
    let tables = [
        "date,time,cpu\n2026-11-27,10:00:00,20\n2026-11-27,10:01:00,90\n",
        "Date;Time;cpu\n27.11.2026;10:00:00;20\n27.11.2026;10:01:00;90\n",
        "time,date,cpu\n10:00:00,11/27/2026,20\n10:01:00,11/27/2026,90\n",
        "day,hour,cpu\n2026-11-27,10:00:00,20\n2026-11-27,10:01:00,90\n",
        "time,cpu\nFri Nov 27 10:00:00 2026,20\nFri Nov 27 10:01:00 2026,90\n",
        "time,cpu\nFri Nov 27 10:00:00 UTC 2026,20\nFri Nov 27 10:01:00 UTC 2026,90\n",
        "time,cpu\n\"Fri, 27 Nov 2026 10:00:00 GMT\",20\n\"Fri, 27 Nov 2026 10:01:00 GMT\",90\n",
        "time,cpu\nFri Nov 27 2026 19:00:00 GMT+0900 (Korean Standard Time),20\n\
         Fri Nov 27 2026 19:01:00 GMT+0900 (Korean Standard Time),90\n",
    ];
    for text in tables {
        let tracks = read_as(text, None).unwrap().tracks;
        let points = [(START_S * 1_000_000, 20.0), ((START_S + 60) * 1_000_000, 90.0)];
        assert_eq!((tracks.len(), tracks[0].name.as_str()), (1, "cpu"), "{text}");
        assert_eq!(tracks[0].points, points, "{text}");
    }
    // The name of a zone has several meanings.
    let korea = read_as("time,cpu\nFri Nov 27 19:00:00 KST 2026,20\n", Some(9 * 3600)).unwrap();
    assert_eq!(korea.tracks[0].points[0].0, START_S * 1_000_000);
}

/// The error was: the tables that `sadf -d` writes one below another were read under the names of the
/// first, and only one processor was drawn of several.
#[test]
fn tables_of_sysstat_one_below_another_stay_apart() {
    let text = "# hostname;interval;timestamp;CPU;%user;%idle\n\
                a;60;2026-11-27 10:00:00 UTC;-1;20;80\na;60;2026-11-27 10:00:00 UTC;0;40;60\n\
                a;60;2026-11-27 10:01:00 UTC;-1;90;10\na;60;2026-11-27 10:01:00 UTC;0;99;1\n\
                # hostname;interval;timestamp;kbmemfree;kbmemused\n\
                a;60;2026-11-27 10:00:00 UTC;1000;2000\na;60;2026-11-27 10:01:00 UTC;900;2100\n";
    let monitor = read_as(text, None).unwrap();
    let values: Vec<(String, Vec<f64>)> = monitor
        .tracks
        .iter()
        .map(|track| (track.name.clone(), track.points.iter().map(|point| point.1).collect()))
        .collect();
    let expected = [
        ("%user {a, -1}", vec![20.0, 90.0]),
        ("%idle {a, -1}", vec![80.0, 10.0]),
        ("%user {a, 0}", vec![40.0, 99.0]),
        ("%idle {a, 0}", vec![60.0, 1.0]),
        ("kbmemfree {a}", vec![1000.0, 900.0]),
        ("kbmemused {a}", vec![2000.0, 2100.0]),
    ];
    assert_eq!(values, expected.map(|(name, values)| (name.to_owned(), values)));
    assert_eq!(monitor.warnings, []);
}

/// The error was: the lines of `sadf -p` have no heading, so that the interval was a quantity, and the CPU of all
/// cores was missing.
#[test]
fn the_lines_of_sadf_are_its_tables() {
    let line = |at: i64, thing: &str, quantity: &str, value: &str| {
        format!("vm\t1\t{}\t{thing}\t{quantity}\t{value}\n", START_S + at)
    };
    let mut text = String::new();
    for (at, busy) in [(0, "20.00"), (1, "90.00")] {
        text += &line(at, "all", "%user", busy);
        text += &line(at, "all", "%iowait", "0.00");
        text += &line(at, "all", "%idle", if at == 0 { "80.00" } else { "10.00" });
        text += &line(at, "eth0", "rxkB/s", "7.5");
        text += &line(at, "-", "ldavg-1", "2.0");
    }
    text += "vm\t-1\t2026-11-27 10:00:02 UTC\tLINUX-RESTART\t(2 CPU)\nvm\t1\t17957";
    let monitor = read_as(&text, None).unwrap();
    let names: Vec<&str> = monitor.tracks.iter().map(|track| track.name.as_str()).collect();
    let expected = [
        "CPU {vm, all}",
        "%user {vm, all}",
        "%iowait {vm, all}",
        "%idle {vm, all}",
        "rxkB/s {vm, eth0}",
        "ldavg-1 {vm}",
    ];
    assert_eq!(names, expected);
    let cpu = &monitor.tracks[0];
    assert_eq!((cpu.unit, cpu.points[1]), (Unit::Percent, ((START_S + 1) * 1_000_000, 90.0)));
    let [Warning::Lost(lost)] = monitor.warnings.as_slice() else {
        panic!("{:?}", monitor.warnings)
    };
    assert_eq!((lost.count, lost.first_line), (1, 12));
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
}

/// The error was: interrupts a second (`CPU*` of `sadf -d`) were the CPU, "used up (883 %)", and per cent
/// of several cores were per cent of a whole.
#[test]
fn a_count_named_cpu_and_per_cent_of_cores_are_no_used_up_cpu() {
    let sign = |column: &str, key: &str, values: [f64; 2]| {
        let rows = (0..2).map(|at| {
            format!("a;60;{};{key};{}\n", show_time(START_S + 60 * at), values[at as usize])
        });
        let text = format!("# hostname;interval;timestamp;{column}\n{}", rows.collect::<String>());
        let monitor = read_as(&text, None).unwrap();
        let mut timeline = test(START_S, 120);
        timeline.tracks = monitor.within(&test(START_S, 120), Path::new("x")).unwrap();
        Sign::find(&beside(&timeline, None)[0])
    };
    for values in [[883.0, 900.0], [90.0, 95.0]] {
        assert_eq!(sign("INTR;CPU*", "sum", values), None);
    }
    assert_eq!(sign("NAME;cpu", "web", [250.0, 380.0]), None);
    assert_eq!(sign("NAME;cpu [%]", "web", [250.0, 380.0]), None);
    assert_eq!(sign("NAME;cpu_ms", "web", [90.0, 95.0]), None);
    assert!(matches!(sign("NAME;cpu", "web", [96.0, 98.0]), Some(Sign::CpuUsedUp { .. })));
}

/// Docker, top and pidstat count 100 % for each core. The error was: a container that used 98 % of one core was
/// said to have used up its CPU.
#[test]
fn per_cent_of_one_core_is_no_used_up_cpu() {
    let sign = |columns: &str, cells: &str, value: f64| {
        let rows = (0..2).map(|at| format!("{},{cells},{value}%\n", show_time(START_S + 60 * at)));
        let monitor =
            read_as(&format!("time,{columns}\n{}", rows.collect::<String>()), None).unwrap();
        let mut timeline = test(START_S, 120);
        timeline.tracks = monitor.within(&test(START_S, 120), Path::new("x")).unwrap();
        let beside = beside(&timeline, None);
        beside.iter().filter(|one| one.track.name.contains("CPU")).find_map(Sign::find)
    };
    let docker = ("NAME,MEM USAGE / LIMIT,CPU %", "20MiB / 1GiB");
    for (columns, rest) in
        [docker, ("Name,MemUsage,CPUPerc", docker.1), ("COMMAND,RSS,%CPU", "2000")]
    {
        let of = |name: &str, value| sign(columns, &format!("{name},{rest}"), value);
        assert_eq!(of("web", 98.0), Some(Sign::OneCoreUsed { percent: 98.0 }), "{columns}");
        assert_eq!(
            (of("web", 40.0), of("web", 390.0), of("mysql", 98.0)),
            (None, None, None),
            "{columns}"
        );
    }
    assert_eq!(sign("NAME,wait,CPU %", "web,2", 98.0), Some(Sign::CpuUsedUp { percent: 98.0 }));
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

#[test]
fn cpu_credits_are_judged_by_the_cpu_of_their_machine() {
    let json = |label: &str, values: [f64; 2]| {
        let times = [0, 60].map(|at| show_time(START_S + at));
        json!({"Id": "a", "Label": label, "Timestamps": times, "Values": values})
    };
    let results = json!({"MetricDataResults": [
        json("web CPUUtilization", [95.0, 96.0]),
        json("db CPUCreditBalance", [0.0, 0.0]),
        json("db CPUUtilization", [20.0, 20.0]),
        json("web CPUCreditBalance", [0.0, 0.0]),
    ]});
    let mut timeline = test(START_S, 120);
    let monitor = read_as(&results.to_string(), None).unwrap();
    timeline.tracks = monitor.within(&test(START_S, 120), Path::new("x")).unwrap();
    let all = beside(&timeline, None);
    assert_eq!(Sign::find(&all[1]), Some(Sign::NoCpuCredits { held_at: Some(20.0) }));
    assert_eq!(Sign::find(&all[3]), None);
}

/// The error was: the CPU in a file of its own was not that of the machine whose credits are another file.
#[test]
fn credits_and_cpu_may_stand_in_files_of_their_own() {
    let table = |name: &str, values: [f64; 2]| {
        let row = |at: usize| format!("{},{}\n", iso(at), values[at]);
        format!("time,{name}\n{}{}", row(0), row(1))
    };
    let signs = |files: &[(&str, &str, [f64; 2])]| {
        let mut timeline = test(START_S, 120);
        for (file, name, values) in files {
            let monitor =
                read(table(name, *values).as_bytes(), Path::new(file), &MonitorOptions::default());
            let tracks = monitor.unwrap().within(&test(START_S, 120), Path::new(file));
            timeline.tracks.extend(tracks.unwrap());
        }
        beside(&timeline, None).iter().map(Sign::find).collect::<Vec<_>>()
    };
    let (credits, cpu) = ("CPUCreditBalance", "CPUUtilization");
    let held = Some(Sign::NoCpuCredits { held_at: Some(20.0) });
    let unknown = Some(Sign::NoCpuCredits { held_at: None });
    for files in
        [["credits.csv", "cpu.csv"], ["ec2-credits.csv", "ec2-cpu.csv"], ["a/c.csv", "b/c.csv"]]
    {
        let of = |busy| signs(&[(files[0], credits, [0.0; 2]), (files[1], cpu, [busy; 2])]);
        assert_eq!(of(20.0), [held, None], "{files:?}");
        // It runs in unlimited mode.
        assert_eq!(of(70.0), [None, None], "{files:?}");
    }
    let busy = [20.0; 2];
    let two = [("credits.csv", credits, [0.0; 2]), ("a.csv", cpu, busy), ("b.csv", cpu, [30.0; 2])];
    assert_eq!(signs(&two), [unknown, None, None]);
    let apart = [("db-credits.csv", credits, [0.0; 2]), ("web-cpu.csv", cpu, busy)];
    assert_eq!(signs(&apart), [unknown, None]);
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

/// The CPU of sysstat is known by the time in which it is idle.
#[test]
fn sysstat_has_the_cpu_of_all_cores() {
    let rows = "# hostname;interval;timestamp;CPU;%user;%nice;%system;%iowait;%steal;%idle[...]\n\
                vm;1;2026-11-27 10:00:00 UTC;-1;60.00;0.00;20.00;15.00;0.00;5.00\n\
                vm;1;2026-11-27 10:00:00 UTC;0;60.00;0.00;20.00;15.00;0.00;5.00\n";
    for text in [rows.to_owned(), rows.replace("[...]", "")] {
        let monitor = read_as(&text, None).unwrap();
        let of_cpu: Vec<_> =
            monitor.tracks.iter().filter(|track| track.metric() == Some(Metric::Cpu)).collect();
        assert_eq!(of_cpu.len(), 1);
        assert_eq!((of_cpu[0].name.as_str(), of_cpu[0].points[0].1), ("CPU {vm, -1}", 80.0));
    }
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
