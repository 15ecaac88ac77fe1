//! Signs of a limit in tables and logs of monitors, with the same truth in each: values change at 10 s.

use crate::common;

use serde_json::json;
use spikeflame_load::monitor::{MonitorOptions, Sign, beside, read};
use spikeflame_load::plateau::{Options, find};
use spikeflame_load::{Metric, Timeline, Unit, show_time};
use std::path::Path;

/// The first second of `k6.json.gz`, whose plateau is from 11 s to 72 s: 2026-11-23 01:24:47Z.
const START_S: i64 = 1_795_397_087;

fn test() -> Timeline {
    common::timeline_of(&common::bytes_of(&common::root("samples/load/k6.json.gz"))).unwrap()
}

fn time(at: i64) -> String {
    show_time(START_S + at).replace(' ', "T")
}

fn is_late(at: i64) -> bool {
    at >= 10
}

/// Returns the metrics and signs of the tracks of a file.
fn signs(text: &str) -> Vec<(String, Option<Metric>, Option<Sign>)> {
    let path = Path::new("m");
    let monitor = read(text.as_bytes(), path, &MonitorOptions::default()).unwrap();
    let mut timeline = test();
    timeline.tracks = monitor.within(&timeline, path).unwrap();
    let found = find(&timeline, &Options::default()).unwrap();
    let tracks = beside(&timeline, Some(found.chosen()));
    let sign = |it: &spikeflame_load::monitor::TrackFigures<'_>| {
        (it.track.name.clone(), it.track.metric(), Sign::find(it))
    };
    tracks.iter().map(sign).collect()
}

/// Returns a table with these columns.
fn table(head: &str, row: impl Fn(i64, bool) -> String) -> String {
    let rows = (-5..80).map(|at| format!("{},{}\n", time(at), row(at + 5, is_late(at))));
    format!("time,{head}\n{}", rows.collect::<String>())
}

/// The errors were: throttled periods, the use of an event loop, and a pool without a free connection had no meaning.
#[test]
fn quantities_at_their_limit_have_a_sign() {
    let throttled = |at: i64, late| {
        let stopped = if late { 8 * (at - 15) } else { 0 };
        format!("{stopped},{}", 10 * at)
    };
    let head = "container_cpu_cfs_throttled_periods_total,container_cpu_cfs_periods_total";
    let found = signs(&table(head, throttled));
    let Some(Sign::Throttled { percent }) = found[0].2 else { panic!("{found:?}") };
    assert!((79.0..=81.0).contains(&percent), "{percent}");
    let found = signs(&table("eventLoopUtilization", |_, late| {
        (if late { "0.97" } else { "0.3" }).to_owned()
    }));
    assert!(
        matches!(found[0].2, Some(Sign::LoopBusy { percent }) if percent.round() == 97.0),
        "{found:?}"
    );
    let found = signs(&table("db_pool_idle", |_, late| (if late { "0" } else { "8" }).to_owned()));
    assert!(matches!(found[0].2, Some(Sign::NoneFree { .. })), "{found:?}");
    let sessions = |_, late| (if late { "100,0,30,100" } else { "10,90,0,100" }).to_owned();
    let found = signs(&table("active,idle,waiting,max_connections", sessions));
    assert_eq!(found[0].2, Some(Sign::AllUsed { allowed: 100.0 }));
    assert!(found.iter().skip(1).all(|one| one.2.is_none()), "{found:?}");
    // A pool that is never full, and one that always is.
    for (before, within) in [("10", "40"), ("100", "100")] {
        let row = |_, late| format!("{},100", if late { within } else { before });
        let found = signs(&table("active,max_connections", row));
        assert!(found.iter().all(|one| one.2.is_none()), "{found:?}");
    }
    // Container Insights of ECS, RDS Proxy, Performance Insights, and the pools of Knex and mysql2.
    let used = |_, late| format!("{},256", if late { 245.6 } else { 30.5 });
    let found = signs(&table("CpuUtilized,CpuReserved", used));
    assert!(
        matches!(found[0].2, Some(Sign::CpuUsedUp { percent }) if percent.round() == 96.0),
        "{found:?}"
    );
    for (name, before, within, sign) in [
        ("DatabaseConnectionsBorrowLatency", 300, 744_000, Sign::PoolWaits),
        ("numPendingAcquires", 0, 55, Sign::PoolWaits),
        ("db.load.avg {synch/cond/innodb/row_lock_wait}", 0, 6, Sign::RowsLocked),
        ("numUsed", 1, 10, Sign::StandsStill { at: 10.0 }),
    ] {
        let row = |_, late| format!("{}", if late { within } else { before });
        assert_eq!(signs(&table(name, row))[0].2, Some(sign), "{name}");
    }
    let found =
        signs(&table("free_connections", |_, late| (if late { "0" } else { "8" }).to_owned()));
    assert!(matches!(found[0].2, Some(Sign::NoneFree { .. })), "{found:?}");
    // The name shows whose idle time it is.
    let found = signs(&table("db_cpu_idle", |_, late| (if late { "3" } else { "70" }).to_owned()));
    assert_eq!(
        (found[0].0.as_str(), found[0].2),
        ("CPU usage {db}", Some(Sign::CpuUsedUp { percent: 97.0 }))
    );
}

/// The error was: "all 61 connections that the file states as allowed are in use", from the maximum of each period, which
/// `get-metric-statistics --statistics Average Maximum` writes beside the mean.
#[test]
fn a_statistic_is_no_number_of_allowed_connections() {
    let point = |at: i64| {
        let value = if is_late(at) { 60.0 } else { 10.0 + 0.1 * at as f64 };
        json!({"Timestamp": time(at), "Average": value, "Maximum": value + 1.0, "Unit": "Count"})
    };
    let points: Vec<_> = (-5..80).map(point).collect();
    let answer = json!({"Label": "DatabaseConnections", "Datapoints": points});
    let found = signs(&answer.to_string());
    assert!(found.iter().all(|one| !matches!(one.2, Some(Sign::AllUsed { .. }))), "{found:?}");
    // A number that follows the load is no limit, whatever its name is.
    let rows = |_, late| (if late { "100,100" } else { "10,20" }).to_owned();
    let found = signs(&table("active,max_connections", rows));
    assert!(found.iter().all(|one| !matches!(one.2, Some(Sign::AllUsed { .. }))), "{found:?}");
}

/// The error was: "the CPU is used up (98 %)" and "39.2 requests wait for the disk on average" from the maximum of each
/// period, beside means of 40 % and 0.2.
#[test]
fn the_maximum_of_a_period_is_no_sign_beside_its_mean() {
    for (label, unit, mean, most) in [
        ("CPUUtilization", "Percent", 40.0, 99.0),
        ("DiskQueueDepth", "Count", 0.2, 40.0),
        ("ReadLatency", "Seconds", 0.001, 0.4),
        ("MemoryUtilization", "Percent", 41.0, 97.0),
    ] {
        let answer = |statistics: &[&str]| {
            let point = |at: i64| {
                let mut point = json!({"Timestamp": time(at), "Unit": unit});
                for statistic in statistics {
                    let value = if *statistic == "Average" { mean } else { most };
                    point[*statistic] = json!(if is_late(at) { value } else { value / 20.0 });
                }
                point
            };
            let points: Vec<_> = (-5..80).map(point).collect();
            json!({"Label": label, "Datapoints": points}).to_string()
        };
        let found = signs(&answer(&["Average", "Maximum"]));
        assert!(found.iter().all(|one| one.2.is_none()), "{found:?}");
        assert_eq!(signs(&answer(&["Maximum"])).len(), 1);
    }
}

/// The error was: JSON of another kind, the log of an application, and Prometheus without a value.
#[test]
fn logs_and_answers_of_further_services_are_read() {
    let values = || (-5..80).map(|at| (at, if is_late(at) { 97.0 } else { 30.0 }));
    let embedded = |(at, value): (i64, f64)| {
        let metrics = json!([{"Name": "CpuUtilized", "Unit": "Percent"}, {"Name": "Times", "Unit": "Milliseconds"}]);
        json!({"_aws": {"Timestamp": (START_S + at) * 1_000, "CloudWatchMetrics": [{"Namespace": "shop",
            "Dimensions": [["service"]], "Metrics": metrics}]}, "service": "web", "CpuUtilized": value, "Times": [1, 3]})
        .to_string()
    };
    let lines: Vec<String> = values().map(embedded).collect();
    let events: Vec<_> =
        lines.iter().map(|line| json!({"message": line, "timestamp": 1})).collect();
    let points: Vec<_> =
        values().map(|(at, value)| json!({"timestamp": time(at), "value": value})).collect();
    let numbers: Vec<_> = values()
        .map(|(at, value)| json!({"timestamp": (START_S + at) * 1_000, "value": value.to_string()}))
        .collect();
    let heroku = values().map(|(at, value)| {
        format!(
            "{} heroku[web.1]: source=web.1 dyno=heroku.1 sample#load_avg_1m={value} sample#memory_total=60.50MB sample#memory_pgpgin=100pages\n",
            time(at)
        )
    });
    for (name, text) in [
        ("CpuUtilized", lines.join("\n")),
        ("CpuUtilized", json!({"events": events}).to_string()),
        (
            "PROCESS_CPU",
            json!({"granularity": "PT1S", "measurements": [{"name": "PROCESS_CPU", "units": "PERCENT",
                "dataPoints": points}]})
            .to_string(),
        ),
        (
            "query A",
            json!({"status": "success", "data": {"resultType": "matrix", "result": [{"queryName": "A",
                "series": [{"labels": {"host": "web"}, "values": numbers}]}]}})
            .to_string(),
        ),
        ("load_avg_1m {web.1}", heroku.collect()),
    ] {
        let monitor = read(text.as_bytes(), Path::new("m"), &MonitorOptions::default()).unwrap();
        let track = &monitor.tracks[0];
        assert_eq!((track.name.as_str(), track.points.len()), (name, 85), "{text:.200}");
        assert_eq!(track.points[0], ((START_S - 5) * 1_000_000, 30.0), "{name}");
        if let Some(times) = monitor.tracks.iter().find(|track| track.name == "Times") {
            assert_eq!((times.unit, times.points[0].1), (Unit::Seconds, 0.002));
        }
    }
}
