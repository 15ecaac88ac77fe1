//! Events of monitors, one a line: CloudWatch's streams and embedded metrics, and what programs print in a loop.

use crate::monitors::{START_S, iso, read_as};
use serde_json::{Value, json};
use spikeflame_load::monitor::{Monitor, MonitorOptions, read};
use std::path::Path;

/// Returns the name, the values and the first time of each track.
fn tracks(monitor: &Monitor) -> Vec<(&str, Vec<f64>)> {
    let values = |points: &[(i64, f64)]| points.iter().map(|point| point.1).collect();
    monitor.tracks.iter().map(|track| (track.name.as_str(), values(&track.points))).collect()
}

fn lines(all: impl IntoIterator<Item = Value>) -> String {
    all.into_iter().map(|line| format!("{line}\n")).collect()
}

/// The error was: `wait (no. 2)` for the second of two lines of one time, which CloudWatch adds up.
#[test]
fn embedded_metrics_of_one_time_are_one_series() {
    let line = |ms: i64, service: &str, wait: Value| {
        json!({"_aws": {"Timestamp": START_S * 1_000 + ms, "CloudWatchMetrics": [{"Namespace": "shop",
            "Dimensions": [["service"]], "Metrics": [{"Name": "wait", "Unit": "Milliseconds"}]}]},
            "service": service, "wait": wait})
    };
    let text = lines([
        line(0, "web", json!(10)),
        line(0, "web", json!([20, 30])),
        line(0, "web", json!(40)),
        line(0, "job", json!(7)),
        line(1_000, "web", json!({"Max": 9, "Min": 1, "Count": 4, "Sum": 20})),
        line(1_000, "web", json!({"Max": 0, "Min": 0, "Count": 0, "Sum": 0})),
        line(2_000, "web", json!([])),
    ]);
    let monitor = read_as(&text, None).unwrap();
    // Milliseconds become seconds.
    let expected = [("wait (web)", vec![0.025, 0.005]), ("wait (job)", vec![0.007])];
    assert_eq!(tracks(&monitor), expected);
}

/// The error was: "a log, and no recording" for embedded metrics as `aws logs tail` and docker print them, beside other
/// lines.
#[test]
fn embedded_metrics_stand_in_the_lines_of_a_log() {
    let event = |at: usize| {
        json!({"_aws": {"Timestamp": (START_S + at as i64) * 1_000, "CloudWatchMetrics": [{"Namespace": "shop",
            "Dimensions": [[]], "Metrics": [{"Name": "pool_waiting", "Unit": "Count"}]}]}, "pool_waiting": 10 * at})
    };
    let other = json!({"level": "info", "message": "ready"});
    let lines = |write: &dyn Fn(Value) -> String| -> String {
        [other.clone(), event(1), event(2)].map(|line| write(line) + "\n").concat()
    };
    for text in [
        lines(&|line| line.to_string()),
        lines(&|line| format!("{}+00:00 web/abc {line}", iso(0).trim_end_matches('Z'))),
        lines(&|line| format!("web-1  | {line}")),
        lines(&|line| {
            json!({"log": format!("{line}\n"), "stream": "stdout", "time": iso(0)}).to_string()
        }),
        format!("Server started\n{}\n{}\n", event(1), event(2)),
        json!([event(1), event(2)]).to_string(),
    ] {
        let monitor = read_as(&text, None).unwrap();
        assert_eq!(tracks(&monitor), [("pool_waiting", vec![10.0, 20.0])], "{text}");
    }
}

/// The error was: the sums of the samples were tracks, and the last metric of each time replaced the others.
#[test]
fn a_metric_stream_is_read() {
    let line = |at: usize, metric: &str, unit: &str, mean: f64| {
        let time_ms = (START_S + 60 * at as i64) * 1_000;
        json!({"metric_stream_name": "s", "account_id": "1", "region": "ap-northeast-2", "namespace": "AWS/RDS",
            "metric_name": metric, "dimensions": {"DBInstanceIdentifier": "shop"}, "timestamp": time_ms,
            "value": {"max": mean + 1.0, "min": mean - 1.0, "sum": 5.0 * mean, "count": 5.0}, "unit": unit})
    };
    // Data Firehose writes no line breaks by itself.
    let all = [20.0, 97.0].into_iter().enumerate().flat_map(|(at, cpu)| {
        [line(at, "CPUUtilization", "Percent", cpu), line(at, "DatabaseConnections", "Count", 40.0)]
    });
    let text: String = all.map(|line| line.to_string()).collect();
    let monitor = read_as(&text, None).unwrap();
    assert_eq!(monitor.format, "CloudWatch metric stream");
    let expected = [
        ("CPUUtilization", vec![20.0, 97.0]),
        ("CPUUtilization (maximum)", vec![21.0, 98.0]),
        ("DatabaseConnections", vec![40.0, 40.0]),
        ("DatabaseConnections (maximum)", vec![41.0, 41.0]),
    ];
    assert_eq!(tracks(&monitor), expected);
    assert!(monitor.warnings.is_empty(), "{:?}", monitor.warnings);
}

/// The error was: "a log, and no recording" for the output of `docker stats --format json | ts`, which clears the
/// terminal before each line.
#[test]
fn the_marks_of_a_terminal_are_passed_over() {
    let line = |at: usize| {
        let record = json!({"CPUPerc": format!("{}.00%", 10 * at), "Name": "web", "MemUsage": "20MiB / 1GiB"});
        format!("{} \u{1b}[H{record}\u{1b}[K\n\u{1b}[J", iso(at))
    };
    let text: String = (1..4).map(line).collect();
    let monitor = read_as(&text, None).unwrap();
    assert_eq!(tracks(&monitor)[0], ("CPUPerc {web}", vec![10.0, 20.0, 30.0]));
}

#[test]
fn kubectl_top_in_a_loop_is_named() {
    let rows = "web-5d9c   980m   300Mi\ndb-0   45m   700Mi\n";
    for text in [rows.to_owned(), rows.replace("web", &format!("{} web", iso(0)))] {
        let error = read_as(&text, None).unwrap_err().to_string();
        assert!(error.contains("the output of `kubectl top`"), "{error}");
    }
}

/// The error was: "a binary file" and "a page or XML" for the files of sysstat 12.6.1 that sadf converts.
#[test]
fn files_of_sysstat_name_the_command_that_converts_them() {
    let xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE sysstat PUBLIC \"DTD v3.10 sysstat\">\n<sysstat\n";
    let error = read_as(xml, None).unwrap_err().to_string();
    assert!(error.contains("XML of sadf"), "{error}");
    let path = Path::new("sa01");
    let error = read(&b"\x96\xd5\x75\x21\0\0"[..], path, &MonitorOptions::default()).unwrap_err();
    assert!(error.to_string().contains("the data file of sar"), "{error}");
}

/// The error was: "a value that is not a number; 90 in all" for the variables of `SHOW GLOBAL STATUS` that have texts.
#[test]
fn variables_with_texts_are_no_lost_values() {
    let rows = |cell: &str| -> String {
        let row = |at: usize| {
            let time = iso(at);
            format!(
                "{time},Threads_running,{at}\n{time},Rpl_status,AUTH_MASTER\n{time},Ssl_cipher,\n{time},Other,{cell}\n"
            )
        };
        (0..3).map(row).collect()
    };
    let table = |cell: &str| format!("time,Variable_name,Value\n{}", rows(cell));
    let monitor = read_as(&table("none"), None).unwrap();
    assert_eq!(tracks(&monitor), [("Threads_running", vec![0.0, 1.0, 2.0])]);
    assert!(monitor.warnings.is_empty(), "{:?}", monitor.warnings);
    // `mysql -N` writes no names of columns.
    let bare = read_as(&rows("none").replace(',', "\t"), None).unwrap();
    assert_eq!(tracks(&bare), tracks(&monitor));
    // A number with an unknown unit is lost, and so is a text among numbers.
    assert_eq!(read_as(&table("20 conn"), None).unwrap().warnings.len(), 1);
    let mixed = format!("{}{},Threads_running,none\n", table("1"), iso(3));
    assert_eq!(read_as(&mixed, None).unwrap().warnings.len(), 1);
}
