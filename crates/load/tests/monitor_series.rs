//! The series in files of monitors: their names, units and times.

use crate::monitors::{CPU, START_S, iso, read_as};
use serde_json::{Value, json};
use spikeflame_load::monitor::Warning;
use spikeflame_load::{Metric, Spans, Unit, show_time};

/// Returns name, unit and values of the tracks of a text.
pub(crate) fn tracks(text: &str) -> Vec<(String, Unit, Vec<f64>)> {
    let monitor = read_as(text, None).unwrap();
    let values = |points: &[(i64, f64)]| points.iter().map(|point| point.1).collect();
    let tracks = monitor.tracks.iter();
    tracks.map(|track| (track.name.clone(), track.unit, values(&track.points))).collect()
}

pub(crate) fn names(text: &str) -> Vec<String> {
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

/// The error was: "line 28: the header has 5 names, and this row has 7 cells". The lines are those of sysstat 12.6.1 on
/// two cores.
#[test]
fn all_tables_of_sadf_are_read() {
    let text = "# hostname;interval;timestamp;proc/s;cswch/s\n\
        vm;1;2026-11-27 12:00:00 UTC;16.00;948.00\n\
        # hostname;interval;timestamp;INTR;CPU*\n\
        vm;1;2026-11-27 12:00:00 UTC;sum;901.00;340.00;561.00\n\
        vm;1;2026-11-27 12:00:00 UTC;24;7.00;3.00;4.00\n\
        # hostname;interval;timestamp;pswpin/s;pswpout/s\n\
        vm;1;2026-11-27 12:00:00 UTC;0.00;2.00\n";
    let monitor = read_as(text, None).unwrap();
    assert!(monitor.warnings.is_empty(), "{:?}", monitor.warnings);
    let value = |name: &str| {
        let track = monitor.tracks.iter().find(|track| track.name == name);
        track.unwrap_or_else(|| panic!("{name}: {:?}", monitor.tracks)).points[0].1
    };
    assert_eq!(value("intr/s {vm, sum}"), 901.0);
    assert_eq!(value("intr/s of core 1 {vm, sum}"), 561.0);
    assert_eq!(value("intr/s of core 0 {vm, 24}"), 3.0);
    assert_eq!(value("pswpout/s {vm}"), 2.0);
}

/// The error was: the rows of the second process replaced those of the first one, without a message.
#[test]
fn rows_of_one_time_are_kept_apart() {
    let names = |text: &str| -> Vec<String> {
        let monitor = read_as(text, None).unwrap();
        assert!(monitor.warnings.is_empty(), "{:?}", monitor.warnings);
        monitor.tracks.iter().map(|track| track.name.clone()).collect()
    };
    let start = "2026-11-27T12:00:00Z";
    let next = "2026-11-27T12:00:10Z";
    for id in ["pid", "PID", "tid", "pm_id", "worker", "process_id", "id"] {
        let text = format!("time,{id},wait\n{start},7,1\n{start},8,2\n{next},7,3\n{next},8,4\n");
        assert_eq!(names(&text), ["wait {7}", "wait {8}"], "{id}");
    }
    // One process needs no name.
    let text = format!("time,pid,wait\n{start},7,1\n{next},7,3\n");
    assert_eq!(names(&text), ["pid", "wait"]);
    // pg_stat_activity: the first event is empty.
    let text = format!(
        "time,state,event,count\n{start},active,,1\n{start},active,Lock,2\n{next},active,,3\n"
    );
    assert_eq!(names(&text), ["count {active}", "count {active, Lock}"]);
    // pm2 in cluster mode.
    let line = |time: &str, id: u8, cpu: f64| {
        json!({"time": time, "name": "web", "pm_id": id, "monit": {"cpu": cpu}}).to_string() + "\n"
    };
    let text =
        line(start, 0, 1.0) + &line(start, 1, 2.0) + &line(next, 0, 3.0) + &line(next, 1, 4.0);
    assert_eq!(names(&text), ["monit.cpu {web, 0}", "monit.cpu {web, 1}"]);
}

#[test]
fn rows_that_nothing_keeps_apart_are_counted() {
    let text = "time,wait\n2026-11-27T12:00:00Z,1\n2026-11-27T12:00:00Z,2\n2026-11-27T12:00:10Z,2\n\
                2026-11-27T12:00:10Z,2\n";
    let monitor = read_as(text, None).unwrap();
    let [Warning::Lost(loss)] = monitor.warnings.as_slice() else {
        panic!("{:?}", monitor.warnings)
    };
    assert_eq!((loss.count, loss.first_line), (1, 3));
}
