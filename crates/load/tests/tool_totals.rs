//! Totals of load generators: failures and durations that they miscount.

use crate::tools::{load_with, sum, summary, timeline, totals};
use spikeflame_load::{Load, ReadOptions, Warning, read};
use std::io::Read;
use std::path::Path;

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
        let is_siege = name == "siege.txt";
        assert!(
            summary.avg_ms.map_or(is_siege, |ms| (5.0..15.0).contains(&ms)),
            "{name}: {summary:?}"
        );
        for cut in 0..bytes.len() {
            let _ = read(&bytes[..cut], &path, &ReadOptions::default());
        }
    }
}

#[test]
fn a_connection_that_broke_off_is_one_failure_of_ab_and_not_three() {
    // The server reset 80 connections and answered 80 times with status 500.
    let broken = summary("ab-reset.txt");
    assert_eq!((broken.requests, broken.failed), (Some(1_600), Some(160)));
    assert!(broken.warnings.is_empty(), "{:?}", broken.warnings);
}

#[test]
fn siege_prints_json() {
    let siege = summary("siege.json");
    assert_eq!(
        (siege.format, siege.requests, siege.failed),
        ("siege's totals", Some(2_673), Some(267))
    );
    assert!((siege.rps.unwrap() - 351.7).abs() < 0.1, "{:?}", siege.rps);
    assert_eq!((siege.avg_ms, siege.max_ms), (None, Some(40.0)));
}

/// The errors were: a mean of 1.31 s above a longest answer of 500 ms, because siege leaves failed
/// answers out of the number by which it divides; and answers of status 404 that did not count as failed.
#[test]
fn failed_answers_of_siege_are_counted_and_its_mean_is_left_out() {
    let siege = |transactions, successful, failed, mean| {
        let text = format!(
            "{{\t\"transactions\":\t{transactions},\n\t\"availability\":\t25.00,\n\
             \t\"elapsed_time\":\t3.68,\n\t\"response_time\":\t{mean},\n\
             \t\"transaction_rate\":\t2.72,\n\t\"concurrency\":\t3.56,\n\
             \t\"successful_transactions\":\t{successful},\n\t\"failed_transactions\":\t{failed},\n\
             \t\"longest_transaction\":\t0.50\n}}\n"
        );
        let all = totals(&text);
        (all.requests, all.failed, all.avg_ms)
    };
    assert_eq!(siege(10, 10, 30, "1.31"), (Some(40), Some(30), None));
    assert_eq!(siege(10, 0, 0, "0.01"), (Some(10), Some(10), Some(10.0)));
    assert_eq!(siege(10, 7, 2, "0.20"), (Some(12), Some(5), None));
}

/// The error was: a mean of 0.4 ms and a median of 0.0 ms for answers of 1.05 ms.
#[test]
fn durations_that_autocannon_cuts_to_nothing_are_none() {
    let text = r#"{"connections":1,"duration":3.02,"errors":0,"timeouts":0,"non2xx":0,
        "latency":{"average":0.43,"mean":0.43,"max":216,"p50":0,"p90":0,"p97_5":4,"p99":7,"totalCount":2818},
        "requests":{"average":939.34,"mean":939.34,"total":2818,"sent":2819},
        "throughput":{"average":116480,"total":349400}}"#;
    let all = totals(text);
    assert_eq!((all.avg_ms, all.med_ms, all.p90_ms), (None, None, None));
    assert_eq!((all.p99_ms, all.max_ms), (Some(7.0), Some(216.0)));
}

#[test]
fn answers_later_than_wrks_limit_are_among_its_requests() {
    // The server answered 1,686 times; 8 answers came after the test had ended.
    let late = summary("wrk-late.txt");
    assert_eq!((late.requests, late.failed), (Some(1_678), Some(167)));
    assert!(late.warnings[0].to_string().contains("8 answers came later"), "{:?}", late.warnings);
}

/// The error was: a mean of 11.5 ms and a p99 of 52 ms, where ten connections got 3,436 answers in
/// 3.08 s, which leaves 9.0 ms for each.
#[test]
fn latencies_that_wrk_adds_are_left_out() {
    let padded = summary("wrk.txt");
    assert!((padded.avg_ms.unwrap() - 8.96).abs() < 0.01, "{:?}", padded.avg_ms);
    assert_eq!((padded.med_ms, padded.p90_ms, padded.p99_ms), (None, None, None));
    assert_eq!(padded.max_ms, Some(82.57));
    assert!(padded.warnings[0].to_string().contains("11.5 ms"), "{:?}", padded.warnings);
    // Latencies that are all about the same stay.
    let even = summary("wrk-late.txt");
    assert_eq!((even.avg_ms, even.med_ms), (Some(24.11), Some(23.47)));
}

#[test]
fn durations_of_autocannon_after_a_lost_connection_are_left_out() {
    // Answers took 21 ms; the file has a median of 187 ms.
    let broken = summary("autocannon-broken.json");
    assert_eq!((broken.requests, broken.failed), (Some(2_847), Some(284)));
    assert_eq!((broken.med_ms, broken.p99_ms, broken.max_ms), (None, None, None));
    assert!(broken.warnings.iter().any(|warning| warning.to_string().contains("earlier request")));
}

#[test]
fn answers_with_another_body_than_autocannon_expected_failed() {
    // 170 answers of status 200, and none with the body of `--expectBody`.
    let other = summary("autocannon-mismatches.json");
    assert_eq!((other.requests, other.failed), (Some(170), Some(170)));
    assert_eq!(other.warnings, [Warning::OtherBodies { answers: 170 }]);
}

#[test]
fn durations_that_autocannon_adds_with_a_rate_are_left_out() {
    // 200 answers of a healthy server; the file has 20,462 durations and 250 requests sent.
    let rate = summary("autocannon-rate.json");
    assert_eq!((rate.requests, rate.failed), (Some(200), Some(0)));
    assert_eq!((rate.avg_ms, rate.med_ms, rate.p99_ms), (None, None, None));
    assert!(rate.warnings[0].to_string().contains("with a rate"), "{:?}", rate.warnings);
}
