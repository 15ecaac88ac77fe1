//! JSON of services that monitor: one truth in the shape of each. The values before the plateau are 20, and those
//! within 97.

use serde_json::{Value, json};
use spikeflame_load::monitor::{Monitor, MonitorOptions, read};
use spikeflame_load::{Spans, Unit, show_time};
use std::path::Path;

/// 2026-11-30 12:00:00Z.
const START_S: i64 = 1_796_040_000;

fn iso(at: i64) -> String {
    show_time(START_S + at).replace(' ', "T")
}

fn value(at: i64) -> f64 {
    if at < 120 { 20.0 } else { 97.0 }
}

/// The seconds of the values.
fn times() -> impl DoubleEndedIterator<Item = i64> {
    (0..5).map(|minute| minute * 60)
}

fn list(make: impl Fn(i64) -> Value) -> Value {
    times().map(make).collect()
}

fn monitor(text: &str) -> Monitor {
    read(text.as_bytes(), Path::new("m.json"), &MonitorOptions::default()).unwrap()
}

/// The error was: such JSON was named and not read, or was JSON of another kind.
#[test]
fn every_service_has_one_truth() {
    let shapes = [
        (
            "CpuPercentage (average)",
            json!({"interval": "PT1M", "value": [{"name": {"value": "CpuPercentage"}, "unit": "Percent",
                "timeseries": [{"data": list(|at| json!({"timeStamp": iso(at), "average": value(at)}))}]}]}),
        ),
        (
            "performanceCounters/processCpuPercentage (avg)",
            json!({"value": {"interval": "PT1M", "segments": list(|at| json!({"start": iso(at), "end": iso(at + 60),
                "performanceCounters/processCpuPercentage": {"avg": value(at)}}))}}),
        ),
        (
            "cloudsql.googleapis.com/database/cpu/utilization",
            json!({"unit": "10^2.%", "timeSeries": [{"metric": {"type": "cloudsql.googleapis.com/database/cpu/utilization"},
                "metricKind": "GAUGE", "points": times().rev().map(|at| json!({"interval": {"endTime": iso(at)},
                "value": {"doubleValue": value(at) / 100.0}})).collect::<Vec<_>>()}]}),
        ),
        (
            "system.cpu.user",
            json!({"status": "ok", "from_date": 1, "series": [{"metric": "system.cpu.user", "scope": "host:web", "interval": 60,
                "unit": [{"name": "percent"}, null],
                "pointlist": list(|at| json!([(START_S + at) * 1000, value(at)]))}]}),
        ),
        (
            "query 1",
            json!({"data": {"attributes": {"series": [{"query_index": 0, "unit": [{"name": "percent"}, null]}],
                "times": list(|at| json!((START_S + at) * 1000)), "values": [list(|at| json!(value(at)))]}}}),
        ),
        (
            "builtin:host.cpu.usage",
            json!({"result": [{"metricId": "builtin:host.cpu.usage", "data": [{"dimensions": ["HOST-1"],
                "timestamps": list(|at| json!((START_S + at) * 1000)), "values": list(|at| json!(value(at)))}]}]}),
        ),
        (
            "web.cpu",
            json!([{"target": "web.cpu", "datapoints": list(|at| json!([value(at), START_S + at]))}]),
        ),
        (
            "cpu mean",
            json!({"results": [{"statement_id": 0, "series": [{"name": "cpu", "tags": {"host": "web"},
                "columns": ["time", "mean"], "values": list(|at| json!([iso(at), value(at)]))}]}]}),
        ),
        (
            "system.cpu user",
            json!({"api": 1, "id": "system.cpu", "result": {"labels": ["time", "user"],
                "data": times().rev().map(|at| json!([START_S + at, value(at)])).collect::<Vec<_>>()}}),
        ),
        (
            "item 7",
            json!({"jsonrpc": "2.0", "result": list(|at| json!({"itemid": "7", "ns": "5",
                "clock": (START_S + at).to_string(), "value": value(at).to_string()}))}),
        ),
        (
            "average.cpuPercent",
            json!({"data": {"actor": {"account": {"nrql": {"results": list(|at| json!({"average.cpuPercent": value(at),
                "beginTimeSeconds": START_S + at, "endTimeSeconds": START_S + at + 60}))}}}}}),
        ),
    ];
    for (name, shape) in shapes {
        let found = monitor(&shape.to_string());
        let track = found.tracks.iter().find(|track| track.name == name);
        let track = track.unwrap_or_else(|| panic!("{name}: {:?}", found.tracks));
        let factor =
            if track.unit == Unit::Percent || track.points[0].1 > 1.0 { 1.0 } else { 100.0 };
        let points: Vec<(i64, f64)> = track
            .points
            .iter()
            .map(|(us, value)| (us / 1_000_000 - START_S, value * factor))
            .collect();
        let expected: Vec<(i64, f64)> = times().map(|at| (at, value(at))).collect();
        assert_eq!(points, expected, "{name}");
        assert_eq!(found.tracks.len(), 1, "{name}");
    }
}

#[test]
fn amounts_of_a_period_become_rates() {
    let delta = json!({"timeSeries": [{"metric": {"type": "queries"}, "metricKind": "DELTA",
        "points": [{"interval": {"startTime": iso(0), "endTime": iso(60)}, "value": {"int64Value": "600"}}]}]});
    let track = &monitor(&delta.to_string()).tracks[0];
    assert_eq!((track.name.as_str(), track.points[0].1), ("queries (a second)", 10.0));
    assert!(matches!(track.spans, Spans::Backward(_)), "{track:?}");
}

/// The error was: RDS Enhanced Monitoring was named and not read, and `docker stats` with a time had none.
#[test]
fn records_with_a_time_make_tracks() {
    let record = |at: i64| {
        json!({"engine": "MYSQL", "instanceID": "shop", "timestamp": iso(at), "uptime": "1 days, 01:00:00",
            "cpuUtilization": {"total": value(at), "idle": 100.0 - value(at)},
            "network": [{"interface": "eth0", "rx": 5.5}],
            "processList": (0..20).map(|id| json!({"id": id, "name": "x"})).collect::<Vec<_>>()})
    };
    let lines: String = times().map(|at| record(at).to_string() + "\n").collect();
    let events =
        json!({"events": list(|at| json!({"timestamp": 1, "message": record(at).to_string()}))});
    for text in [lines, events.to_string(), list(record).to_string()] {
        let found = monitor(&text);
        let names: Vec<&str> = found.tracks.iter().map(|track| track.name.as_str()).collect();
        assert_eq!(names, ["cpuUtilization.idle", "cpuUtilization.total", "network.eth0.rx"]);
        let total = &found.tracks[1];
        assert_eq!((total.unit, total.points[0].1, total.points[4].1), (Unit::Percent, 20.0, 97.0));
    }
    let docker = |at: i64| json!({"time": iso(at), "Name": "web", "CPUPerc": "97.00%", "MemUsage": "20MiB / 1GiB"});
    let found = monitor(&times().map(|at| docker(at).to_string() + "\n").collect::<String>());
    assert_eq!(found.tracks[1].points[0].1, 20.0 * 1_048_576.0);
    let sysstat = json!({"sysstat": {"hosts": [{"nodename": "vm", "timezone": "UTC", "statistics":
        list(|at| json!({"timestamp": {"date": "2026-11-30", "time": &iso(at)[11..19], "utc": 1},
            "cpu-load": [{"cpu": "all", "user": value(at), "iowait": 0.0, "idle": 100.0 - value(at)}]}))}]}});
    let found = monitor(&sysstat.to_string());
    let cpu = found.tracks.iter().find(|track| track.name.starts_with("CPU")).unwrap();
    assert_eq!(
        (cpu.unit, cpu.points[0], cpu.points[4].1),
        (Unit::Percent, (START_S * 1_000_000, 20.0), 97.0)
    );
}

/// Lines of a log have times and numbers too, and `errors` refuses the data of a monitor.
#[test]
fn lines_of_a_log_are_no_records() {
    for line in [
        r#"{"time":1796040000000,"pid":7,"level":"info","msg":"fine"}"#,
        r#"{"timestamp":"2026-11-30 12:00:02.123 UTC","pid":4,"error_severity":"LOG","message":"x"}"#,
        r#"{"time":"2026-11-30T12:00:02Z","method":"GET","url":"/","status":200,"ms":12.5}"#,
    ] {
        let text = format!("{line}\n").repeat(3);
        assert!(
            read(text.as_bytes(), Path::new("m"), &MonitorOptions::default()).is_err(),
            "{line}"
        );
    }
}

#[test]
fn texts_that_are_no_table_are_named() {
    for (text, hint) in [
        ("cpu,host=web usage_user=97.1,idle=2 1796040000000000000\n", "line protocol"),
        ("web.cpu,1796040000,1796040300,60|20.0,20.0,97.0,97.0\n", "raw format"),
        ("{__name__=\"load1\"} =>\n2 @[1796040000]\n", "promtool query range -o json"),
        ("AAA,progname,nmon\nAAA,command,nmon -F x\n", "ZZZZ"),
        (
            "\"@timestamp per minute\",\"cpu\"\n\"12:00:00\",\"20%\"\n\"12:01:00\",\"97%\"\n",
            "no date",
        ),
        ("{\"CPUPerc\": \"97%\", \"Name\": \"web\"}\n", "no times"),
        (
            "top - 14:00:00 up  3:30,  0 user,  load average: 4.38\n\n  PID USER  %CPU COMMAND\n",
            "`top -b`",
        ),
        (
            "CONTAINER ID   NAME      CPU %     MEM USAGE / LIMIT\nabc            web       97.12%    20MiB / 1GiB\n",
            "docker stats --no-stream",
        ),
        (
            "[{\"pid\":1,\"name\":\"web\",\"monit\":{\"cpu\":97.1},\"pm2_env\":{\"status\":\"online\"}}]",
            "pm2 jlist",
        ),
        ("{\"took\": 3, \"aggregations\": {\"0\": {\"buckets\": []}}}", "Elasticsearch"),
        (
            "Linux 6.1 (vm) \t11/30/26\n\n# Time  UID  PID  %CPU  Command\n12:44:58 0 1 0.0 init\n",
            "pidstat -h -H",
        ),
    ] {
        let error = read(text.as_bytes(), Path::new("m"), &MonitorOptions::default()).unwrap_err();
        assert!(error.to_string().contains(hint), "{text}: {error}");
    }
}

#[test]
fn damaged_answers_end_without_a_panic() {
    let text = json!({"timeSeries": [{"metric": {"type": "q"}, "metricKind": "DELTA", "points": [{"interval": {}, "value": 7}]}],
        "series": [{"pointlist": [[1], 7, null]}], "value": [{"timeseries": [7]}], "labels": 7, "data": [[]]})
    .to_string();
    for cut in 0..=text.len() {
        let _ = read(&text.as_bytes()[..cut], Path::new("m"), &MonitorOptions::default());
    }
}
