//! Rates and users of Locust, Artillery and the dashboards of k6.

use crate::tools::{load_with, sum, timeline, unpacked};
use data_encoding::BASE64;
use spikeflame_load::plateau::{self, NoPlateauReason, Options};
use spikeflame_load::{Axis, Error, Load, ReadOptions, Series, Timeline, Warning, read};
use std::io::Read;
use std::path::Path;

#[test]
fn rates_of_k6s_grafana_dashboard_are_a_seconds() {
    let timeline = timeline("grafana-k6.csv");
    // Rows five seconds apart: 20.43 requests a second, not a fifth of it.
    assert!((timeline.seconds[0].requests() - 20.43).abs() < 1e-9, "{:?}", timeline.seconds[0]);
    // The error was: its percentiles of the whole test so far were taken as those of each row.
    let since = Warning::SinceStart { name: "http_req_duration_p95".to_owned() };
    assert!(timeline.warnings.contains(&since), "{:?}", timeline.warnings);
    let late = timeline.seconds.iter().find(|second| second.failed > 0.0).unwrap();
    assert!((late.failed - 120.0).abs() < 1e-9, "{late:?}");
    let read: Vec<(&str, &str)> = timeline
        .columns
        .iter()
        .map(|column| (column.name.as_str(), column.unit.as_str()))
        .collect();
    assert_eq!(
        read,
        [
            ("Time", ""),
            ("vus", ""),
            ("http_req_s", "a second"),
            ("http_req_duration_p95", "as its cells say"),
            ("http_req_s_errors", "a second"),
        ]
    );
}

#[test]
fn locusts_rates_come_from_its_totals() {
    let stalled = timeline("locust-stall.csv");
    // The server answered nothing for 20 s, while `Requests/s` stayed at 42.
    let silent = stalled.seconds.iter().filter(|second| second.requests() == 0.0).count();
    assert!((15..=25).contains(&silent), "{silent} silent seconds");
    assert!(
        stalled
            .seconds
            .iter()
            .all(|second| second.latency_summary.is_none_or(|told| told.p50.is_nan()))
    );
    assert!(
        stalled.warnings.iter().any(|warning| warning.to_string().contains("--csv-full-history"))
    );
    let full = timeline("locust-full.csv");
    assert!(full.seconds.iter().any(|second| second.latency_summary.is_some()));
    assert!(full.warnings.is_empty(), "{:?}", full.warnings);
    assert_eq!(full.endpoints[0].0, "/boards");
    // One endpoint of the same file.
    let options = ReadOptions { endpoint: Some("/boards".to_owned()), ..ReadOptions::default() };
    let Load::Timeline(one) = load_with("locust-full.csv", &options).unwrap() else { panic!() };
    assert!(sum(&one, |second| second.requests()) <= sum(&full, |second| second.requests()));
    let options = ReadOptions { endpoint: Some("/none".to_owned()), ..ReadOptions::default() };
    let error = load_with("locust-full.csv", &options).unwrap_err();
    assert!(matches!(error, Error::UnknownEndpoint { .. }), "{error}");
}

/// The error was: Locust's percentiles cover ten seconds, so answers seemed as fast as at rest for
/// some seconds after they became late, and the load generator was blamed. The means of each period
/// were not read.
#[test]
fn locusts_means_come_from_its_totals() {
    for name in ["locust-full.csv", "locust-stall.csv"] {
        let text = String::from_utf8(unpacked(name)).unwrap();
        let rows: Vec<Vec<&str>> = (text.lines())
            .filter(|line| line.contains("Aggregated"))
            .map(|line| line.split(',').collect())
            .collect();
        let total = |row: &Vec<&str>| {
            let number = |at: usize| row[at].parse::<f64>().unwrap();
            number(17) * number(20)
        };
        let whole = total(rows.last().unwrap()) - total(rows.first().unwrap());
        let sum: f64 = (timeline(name).seconds.iter())
            .filter_map(|second| Some(second.requests() * second.latency_summary?.mean))
            .filter(|sum| sum.is_finite())
            .sum();
        assert!(sum > 0.0 && (sum / whole - 1.0).abs() < 1e-9, "{name}: {sum} {whole}");
    }
    // A spreadsheet rounds the averages. Their differences then show nothing.
    let header = "Timestamp,User Count,Type,Name,Total Request Count,Total Failure Count,\
                  Total Average Response Time";
    let row = |at: i64| format!("{},5,,Aggregated,{},0,90\n", 1_795_780_559 + at, 100 * at + 5_000);
    let text = format!("{header}\n{}", (0..20).map(row).collect::<String>());
    let rounded = read(text.as_bytes(), Path::new("rounded.csv"), &ReadOptions::default()).unwrap();
    let Load::Timeline(rounded) = rounded else { panic!("{rounded:?}") };
    assert!(rounded.seconds.iter().all(|second| second.latency_summary.is_none()), "{rounded:?}");
}

/// The error was: the answers of a cold start were as late as those at the limit, so the load
/// generator was blamed for a limit of the system.
#[test]
fn a_slow_start_does_not_hide_late_answers() {
    let timeline = timeline("locust-full.csv");
    let found = plateau::find(&timeline, &Options::default()).unwrap();
    let found = found.chosen();
    // The last second has a part of the test.
    assert!((12..=20).contains(&found.window.from) && found.window.to >= 32, "{found:?}");
    assert!(found.stretch.unwrap() > 2.0, "{found:?}");
}

/// The errors were: users of an arrival rate who wait for answers were called virtual users, and a
/// plateau was found in the time in which fewer came; then "without leaving any behind", although
/// requests piled up until 32 s and were served later.
#[test]
fn artillerys_users_come_at_a_rate() {
    let axis = Series::from_timeline(&timeline("artillery.json"), None).unwrap().axis;
    assert_eq!(axis, Axis::Rate);
    let why = plateau::find(&timeline("artillery.json"), &Options::default()).unwrap_err().why;
    let NoPlateauReason::PiledUp { window, wanted_rps, ended_rps, later_rps } = why else {
        panic!("{why:?}")
    };
    assert!(window.from < 12 && window.to.abs_diff(32) <= 1, "{window:?}");
    assert!(wanted_rps > 1.1 * ended_rps && later_rps > 1.3 * ended_rps, "{why}");
}

/// The error was: a plateau at 18 requests a second, although up to 54 were answered later.
#[test]
fn a_level_far_below_that_of_other_times_is_no_limit() {
    let why = plateau::find(&timeline("half-load.csv"), &Options::default()).unwrap_err().why;
    assert!(matches!(why, NoPlateauReason::UsersUnknown { .. }), "{why}");
}

/// The error was: each user who came wanted 60 requests in the period of his start, although he sent
/// them one after the other in a loop: 214 requests a second were wanted, where 87 were sent.
#[test]
fn artillerys_users_who_loop_want_one_request_at_a_time() {
    let read_periods = |periods: &[[u32; 4]]| {
        let periods: Vec<String> = periods
            .iter()
            .enumerate()
            .map(|(at, [created, completed, requests, ms])| {
                let period = 1_795_781_670_000_u64 + 10_000 * at as u64;
                format!(
                    r#"{{"period":"{period}","counters":{{"vusers.created":{created},
                    "vusers.completed":{completed},"http.requests":{requests},
                    "http.responses":{requests},"http.codes.200":{requests}}},
                    "summaries":{{"http.response_time":{{"mean":{ms},"p50":{ms},"p95":{ms},"p99":{ms}}}}}}}"#
                )
            })
            .collect();
        let text = format!(r#"{{"aggregate":{{}},"intermediate":[{}]}}"#, periods.join(","));
        match read(text.as_bytes(), Path::new("x"), &ReadOptions::default()).unwrap() {
            Load::Timeline(timeline) => timeline,
            Load::Summary(summary) => panic!("{summary:?}"),
        }
    };
    // The users of a long loop are there at the ends of the periods.
    let long = read_periods(&[[25, 0, 350, 230], [0, 0, 870, 234], [0, 25, 280, 163]]);
    assert_eq!(Series::from_timeline(&long, None).unwrap().axis, Axis::Vus);
    assert!(long.seconds.iter().any(|second| second.vus == Some(25.0)), "{long:?}");
    // The users of a short loop have come and gone.
    let short = read_periods(&[[5, 5, 150, 20], [10, 10, 300, 20], [5, 5, 150, 20]]);
    assert!(short.seconds.iter().all(|second| second.vus.is_none()), "{short:?}");
    assert_ne!(Series::from_timeline(&short, None).unwrap().axis, Axis::Rate);
}

#[test]
fn artillerys_periods_add_up_to_its_totals() {
    let timeline = timeline("artillery.json");
    // 1,301 answers of status 200; 434 of 500, 433 resets, 7 time-outs.
    assert!((sum(&timeline, |second| second.ok) - 1301.0).abs() < 1e-6);
    assert!((sum(&timeline, |second| second.failed) - 874.0).abs() < 1e-6);
    assert!((50..=60).contains(&timeline.seconds.len()), "{} s", timeline.seconds.len());
}

#[test]
fn k6s_dashboard_holds_its_timeline() {
    let timeline = timeline("k6-dashboard.html.gz");
    // The file's summary counts 927 requests, two thirds of them failed. Requests after the last
    // snapshot are in the summary only.
    let all = sum(&timeline, |second| second.requests());
    assert!((860.0..=927.0).contains(&all), "{all}");
    let failed = sum(&timeline, |second| second.failed) / all;
    assert!((failed - 2.0 / 3.0).abs() < 0.005, "{failed}");
    let most = timeline.seconds.iter().filter_map(|second| second.vus).fold(0.0, f64::max);
    assert_eq!(most, 6.0);
}

/// The events of the dashboard's page, one a line.
fn dashboard_events() -> String {
    let page = String::from_utf8(unpacked("k6-dashboard.html.gz")).unwrap();
    let packed = page.split("<script id=\"data\"").nth(1).unwrap();
    let packed = packed.split('>').nth(1).unwrap().split('<').next().unwrap();
    let packed = BASE64.decode(packed.trim().as_bytes()).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(packed.as_slice()).read_to_string(&mut text).unwrap();
    text
}

#[test]
fn the_events_of_k6s_dashboard_are_its_page() {
    let page = timeline("k6-dashboard.html.gz");
    let events = dashboard_events();
    let Load::Timeline(recording) =
        read(events.as_bytes(), Path::new("x"), &ReadOptions::default()).unwrap()
    else {
        panic!()
    };
    // The mean is not known, and no number equals itself then.
    let text = |timeline: &Timeline| format!("{:?}", timeline.seconds);
    assert!(text(&recording) == text(&page));
    // While a test runs, the last line is not whole.
    let cut = &events[..events.trim_end().len() - 3];
    assert!(read(cut.as_bytes(), Path::new("x"), &ReadOptions::default()).is_ok());

    // Before k6 had the dashboard of its own, values had names.
    let mut types = std::collections::BTreeMap::new();
    let lists = [
        ("counter", vec!["count", "rate"]),
        ("gauge", vec!["value"]),
        ("rate", vec!["rate"]),
        ("trend", vec!["avg", "max", "med", "min", "p(90)", "p(95)", "p(99)"]),
    ];
    let mut named = String::new();
    for line in events.lines() {
        let mut event: serde_json::Value = serde_json::from_str(line).unwrap();
        if event["event"] == "metric" {
            for (name, about) in event["data"].as_object().unwrap() {
                types.insert(name.clone(), about["type"].as_str().unwrap().to_owned());
            }
        } else if let Some(values) = event["data"].as_array() {
            let metrics = types.iter().zip(values).map(|((name, kind), values)| {
                let (_, names) = lists.iter().find(|(known, _)| known == kind).unwrap();
                let values = names.iter().zip(values.as_array().unwrap());
                let values = values.map(|(name, value)| ((*name).to_owned(), value.clone()));
                (name.clone(), serde_json::Value::Object(values.collect()))
            });
            event["data"] = serde_json::Value::Object(metrics.collect());
        }
        named += &format!("{{\"event\":{},\"data\":{}}}\n", event["event"], event["data"]);
    }
    let Load::Timeline(named) =
        read(named.as_bytes(), Path::new("x"), &ReadOptions::default()).unwrap()
    else {
        panic!()
    };
    assert!(text(&named) == text(&page));
}
