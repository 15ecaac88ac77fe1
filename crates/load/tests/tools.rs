//! Files of load generators other than k6, as the tools wrote them.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may fail")]

use spikeflame_load::{Error, Load, ReadOptions, Summary, Timeline, read};
use std::io::Read;
use std::path::Path;

fn load_with(name: &str, options: &ReadOptions) -> Result<Load, Error> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/load").join(name);
    let file = std::fs::read(&path).unwrap();
    let mut text = Vec::new();
    if name.ends_with(".gz") {
        flate2::read::MultiGzDecoder::new(file.as_slice()).read_to_end(&mut text).unwrap();
    } else {
        text = file;
    }
    read(text.as_slice(), Path::new(name), options)
}

fn timeline(name: &str) -> Timeline {
    match load_with(name, &ReadOptions::default()).unwrap() {
        Load::Timeline(timeline) => timeline,
        Load::Summary(summary) => panic!("{summary:?}"),
    }
}

fn summary(name: &str) -> Summary {
    match load_with(name, &ReadOptions::default()).unwrap() {
        Load::Summary(summary) => summary,
        Load::Timeline(_) => panic!("{name} has a timeline"),
    }
}

fn sum(timeline: &Timeline, of: fn(&spikeflame_load::Second) -> f64) -> f64 {
    timeline.seconds.iter().map(of).sum()
}

#[test]
fn rates_of_k6s_grafana_dashboard_are_a_seconds() {
    let timeline = timeline("grafana-k6.csv");
    // Rows five seconds apart: 20.43 requests a second, not a fifth of it.
    assert!((timeline.seconds[0].requests() - 20.43).abs() < 1e-9, "{:?}", timeline.seconds[0]);
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
    assert!(stalled.seconds.iter().all(|second| second.told.is_none()));
    assert!(
        stalled.warnings.iter().any(|warning| warning.to_string().contains("--csv-full-history"))
    );
    let full = timeline("locust-full.csv");
    assert!(full.seconds.iter().any(|second| second.told.is_some()));
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

#[test]
fn connections_that_autocannon_does_not_count_are_failures() {
    let reset = summary("autocannon-reset.json");
    assert_eq!((reset.requests, reset.failed), (Some(3438), Some(3438)));
    assert_eq!((reset.avg_ms, reset.p99_ms), (None, None), "nothing was answered");
    assert!(reset.warnings.iter().any(|warning| warning.to_string().contains("got no answer")));
    assert!(summary("autocannon.json").warnings.is_empty());
}

#[test]
fn ohas_failures_are_counted_from_statuses() {
    let plain = summary("oha.json");
    assert_eq!((plain.requests, plain.failed), (Some(234), Some(0)));
    assert!((plain.rps.unwrap() - 58.4).abs() < 0.1, "{:?}", plain.rps);
    // `successRate` stays 1 when every answer is a 500.
    let text = r#"{"summary":{"successRate":1.0,"total":2.0,"requestsPerSec":50.0,"average":0.01},
        "latencyPercentiles":{"p50":0.01},"statusCodeDistribution":{"200":40,"500":60},
        "errorDistribution":{"connection reset":10,"aborted due to deadline":3}}"#;
    let Load::Summary(failing) =
        read(text.as_bytes(), Path::new("x"), &ReadOptions::default()).unwrap()
    else {
        panic!()
    };
    assert_eq!((failing.requests, failing.failed), (Some(110), Some(70)));
}

#[test]
fn a_row_a_request_is_a_timeline() {
    let hey = timeline("hey.csv");
    assert!(sum(&hey, |second| second.ok) > 100.0);
    let jtl = "timeStamp,elapsed,label,responseCode,success,allThreads\n\
        1795397085000,250,GET /a,200,true,3\n1795397085900,300,GET /a,500,false,4\n\
        1795397086100,50,GET /b,200,true,4\n";
    let Load::Timeline(jtl) =
        read(jtl.as_bytes(), Path::new("x.jtl"), &ReadOptions::default()).unwrap()
    else {
        panic!()
    };
    assert_eq!((sum(&jtl, |second| second.ok), sum(&jtl, |second| second.failed)), (2.0, 1.0));
    assert_eq!(jtl.endpoints, [("GET /a".to_owned(), 2), ("GET /b".to_owned(), 1)]);
    assert_eq!(jtl.seconds[1].vus, Some(4.0));
}

#[test]
fn damaged_files_are_refused_or_read_up_to_the_damage() {
    for name in ["artillery.json", "k6-dashboard.html.gz", "oha.json", "autocannon-reset.json"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/load").join(name);
        let mut text = std::fs::read(&path).unwrap();
        if name.ends_with(".gz") {
            let packed = std::mem::take(&mut text);
            flate2::read::MultiGzDecoder::new(packed.as_slice()).read_to_end(&mut text).unwrap();
        }
        for at in (0..text.len()).step_by((text.len() / 60).max(1)) {
            let _ = read(&text[..at], Path::new(name), &ReadOptions::default());
            let mut flipped = text.clone();
            flipped[at] ^= 0x15;
            let _ = read(flipped.as_slice(), Path::new(name), &ReadOptions::default());
        }
    }
    for name in ["locust-full.csv", "hey.csv", "grafana-k6.csv"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/load").join(name);
        let text = std::fs::read(&path).unwrap();
        for at in (0..text.len()).step_by((text.len() / 60).max(1)) {
            let _ = read(&text[..at], Path::new(name), &ReadOptions::default());
        }
    }
}

#[test]
fn totals_of_wrk_hey_ab_and_siege_count_every_tenth_request_as_failed() {
    for (name, requests, failed) in
        [("wrk.txt", 3_436, 343), ("hey.txt", 500, 50), ("ab.txt", 500, 50), ("siege.txt", 300, 30)]
    {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/load").join(name);
        let bytes = std::fs::read(&path).unwrap();
        let load = load_with(name, &ReadOptions::default()).unwrap();
        let Load::Summary(summary) = load else { panic!("{load:?}") };
        assert_eq!((summary.requests, summary.failed), (Some(requests), Some(failed)), "{name}");
        assert!((0.09..0.11).contains(&summary.error_rate.unwrap()), "{name}");
        assert!((5.0..15.0).contains(&summary.avg_ms.unwrap()), "{name}: {summary:?}");
        for cut in 0..bytes.len() {
            let _ = read(&bytes[..cut], &path, &ReadOptions::default());
        }
    }
}
