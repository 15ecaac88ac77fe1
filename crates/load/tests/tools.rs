//! Files of load generators other than k6, as the tools wrote them.

use spikeflame_load::plateau::{self, Options};
use spikeflame_load::{Error, Load, ReadOptions, Summary, Timeline, Warning, read};
use std::io::Read;
use std::path::Path;

/// The content of a file of samples/load, unpacked.
pub(crate) fn unpacked(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/load").join(name);
    let file = std::fs::read(&path).unwrap();
    let mut text = Vec::new();
    if name.ends_with(".gz") {
        flate2::read::MultiGzDecoder::new(file.as_slice()).read_to_end(&mut text).unwrap();
    } else {
        text = file;
    }
    text
}

pub(crate) fn load_with(name: &str, options: &ReadOptions) -> Result<Load, Error> {
    read(unpacked(name).as_slice(), Path::new(name), options)
}

pub(crate) fn timeline(name: &str) -> Timeline {
    match load_with(name, &ReadOptions::default()).unwrap() {
        Load::Timeline(timeline) => timeline,
        Load::Summary(summary) => panic!("{summary:?}"),
    }
}

pub(crate) fn summary(name: &str) -> Summary {
    match load_with(name, &ReadOptions::default()).unwrap() {
        Load::Summary(summary) => summary,
        Load::Timeline(_) => panic!("{name} has a timeline"),
    }
}

pub(crate) fn sum(timeline: &Timeline, of: fn(&spikeflame_load::Second) -> f64) -> f64 {
    timeline.seconds.iter().map(of).sum()
}

#[test]
fn locusts_totals_lack_the_last_second() {
    let totals = summary("locust-totals.csv");
    assert_eq!((totals.requests, totals.failed), (Some(1_296), Some(129)));
    assert_eq!((totals.med_ms, totals.p95_ms), (Some(36.0), Some(55.0)));
    assert!(totals.warnings[0].to_string().contains("last second"));
    let endpoint =
        |name: &str| ReadOptions { endpoint: Some(name.to_owned()), ..ReadOptions::default() };
    let Load::Summary(page) = load_with("locust-totals.csv", &endpoint("/page")).unwrap() else {
        panic!()
    };
    assert_eq!(page.requests, Some(1_296));
    let error = load_with("locust-totals.csv", &endpoint("/none")).unwrap_err();
    assert!(error.to_string().contains("/page"), "{error}");
}

#[test]
fn abs_table_has_a_row_a_request() {
    // Every fourth of 1,600 requests within 5 s.
    let table = timeline("ab-plot.tsv");
    assert_eq!((sum(&table, |second| second.ok), table.failures_unknown), (400.0, true));
    assert!((5..=6).contains(&table.seconds.len()), "{} s", table.seconds.len());
}

fn of_text(text: &str) -> Timeline {
    match read(text.as_bytes(), Path::new("x"), &ReadOptions::default()).unwrap() {
        Load::Timeline(timeline) => timeline,
        Load::Summary(summary) => panic!("{summary:?}"),
    }
}

/// The forms of vegeta 12's documentation.
const VEGETA: [&str; 2] = [
    r#"{"attack":"","seq":0,"code":200,"timestamp":"2026-11-27T20:00:00.5+09:00","latency":20000000,"bytes_out":0,"bytes_in":2,"error":"","body":"b2s=","method":"GET","url":"http://x/","headers":{}}
{"attack":"","seq":1,"code":500,"timestamp":"2026-11-27T11:00:01.5Z","latency":20000000,"bytes_out":0,"bytes_in":2,"error":"500 Internal Server Error","body":null,"method":"GET","url":"http://x/","headers":{}}
{"attack":"","seq":2,"code":0,"timestamp":"2026-11-27T11:00:01.7Z","latency":30000000000,"bytes_out":0,"bytes_in":0,"error":"Get \"http://x/\": EOF","body":null,"method":"GET","url":"http://x/","headers":null}
"#,
    "1795777200500000000,200,20000000,0,2,,b2s=,,0,GET,http://x/,\n\
     1795777201500000000,500,20000000,0,2,500 Internal Server Error,,,1,GET,http://x/,\n\
     1795777201700000000,0,30000000000,0,0,\"Get \"\"http://x/\"\": EOF\",,,2,GET,http://x/,\n",
];

#[test]
fn vegetas_requests_in_both_encodings() {
    for text in VEGETA {
        let vegeta = of_text(text);
        assert_eq!(vegeta.format, "vegeta");
        assert_eq!(vegeta.start_s, 1_795_777_200);
        assert_eq!(
            (sum(&vegeta, |second| second.ok), sum(&vegeta, |second| second.failed)),
            (1.0, 2.0)
        );
        // The last answer came 30 s after its request.
        assert_eq!(vegeta.seconds.len(), 32);
        for cut in 0..text.len() {
            let _ = read(&text.as_bytes()[..cut], Path::new("x"), &ReadOptions::default());
        }
    }
    let report = r#"{"latencies":{"total":1,"mean":20000000,"50th":19000000,"90th":25000000,"95th":30000000,"99th":40000000,"max":50000000,"min":1},"bytes_in":{"total":1,"mean":1},"bytes_out":{"total":0,"mean":0},"earliest":"2026-11-27T11:00:00Z","latest":"2026-11-27T11:00:10Z","end":"2026-11-27T11:00:10Z","duration":10000000000,"wait":1000000,"requests":1000,"rate":100.0,"throughput":90,"success":0.9,"status_codes":{"0":50,"200":900,"500":50},"errors":["EOF"]}"#;
    let load = read(report.as_bytes(), Path::new("x"), &ReadOptions::default()).unwrap();
    let Load::Summary(report) = load else { panic!() };
    assert_eq!((report.requests, report.failed, report.rps), (Some(1000), Some(100), Some(100.0)));
    assert_eq!((report.p95_ms, report.duration_s), (Some(30.0), Some(10.0)));
}

#[test]
fn gatlings_text_of_several_versions() {
    let head = "RUN\tshop.Spike\tspike\t1795777200000\t \t3.9.5\n";
    for (version, text) in [
        (
            "3.9",
            "USER\tUsers\tSTART\t1795777200100\nREQUEST\t\tGET /a\t1795777200100\t1795777200150\tOK\t \nREQUEST\tcart\tGET /b\t1795777200200\t1795777201250\tKO\tstatus.find.is(200), but actually found 500\nUSER\tUsers\tEND\t1795777201300\n",
        ),
        (
            "3.2",
            "USER\tUsers\t1\tSTART\t1795777200100\t1795777200100\nREQUEST\t1\t\tGET /a\t1795777200100\t1795777200150\tOK\t \nREQUEST\t1\tcart\tGET /b\t1795777200200\t1795777201250\tKO\tfound 500\nUSER\tUsers\t1\tEND\t1795777200100\t1795777201300\n",
        ),
        (
            "2.3",
            "REQUEST\tUsers\t1\t\tGET /a\t1795777200100\t1795777200150\tOK\t\u{20}\nREQUEST\tUsers\t1\tcart\tGET /b\t1795777200200\t1795777201250\tKO\tfound 500\n",
        ),
    ] {
        let whole = format!("{head}{text}");
        let gatling = of_text(&whole);
        let counts = (sum(&gatling, |second| second.ok), sum(&gatling, |second| second.failed));
        assert_eq!((gatling.format, counts), ("Gatling", (1.0, 1.0)), "{version}");
        let names: Vec<&str> = gatling.endpoints.iter().map(|one| one.0.as_str()).collect();
        assert_eq!(names, ["GET /a", "GET /b"], "{version}");
        assert_eq!(gatling.start_s, 1_795_777_200, "{version}");
        for cut in 0..whole.len() {
            let _ = read(&whole.as_bytes()[..cut], Path::new("x"), &ReadOptions::default());
        }
    }
}

#[test]
fn jmeters_transactions_are_no_requests() {
    let jtl = of_text(
        "timeStamp,elapsed,label,responseCode,responseMessage,threadName,success,allThreads\n\
         1795397085000,250,GET /a,200,OK,Users 1-1,true,1\n\
         1795397085000,250,Visit,200,\"Number of samples in transaction : 1, number of failing samples : 0\",Users 1-1,true,1\n",
    );
    assert_eq!(sum(&jtl, |second| second.requests()), 1.0);
}

#[test]
fn files_of_new_readers_are_read_up_to_a_cut() {
    let names = [
        "ab-reset.txt",
        "siege.json",
        "wrk-late.txt",
        "autocannon-broken.json",
        "locust-totals.csv",
        "ab-plot.tsv",
    ];
    for name in names {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/load").join(name);
        let text = std::fs::read(&path).unwrap();
        for at in (0..text.len()).step_by((text.len() / 400).max(1)) {
            let _ = read(&text[..at], Path::new(name), &ReadOptions::default());
            let mut flipped = text.clone();
            flipped[at] ^= 0x15;
            let _ = read(flipped.as_slice(), Path::new(name), &ReadOptions::default());
        }
    }
}

#[test]
fn jmeters_times_may_be_dates() {
    let rows = |delimiter: &str, times: [&str; 2]| {
        let row = |time: &str| [time, "250", "GET /a", "200", "true", "3"].join(delimiter);
        let names = ["timeStamp", "elapsed", "label", "responseCode", "success", "allThreads"];
        format!("{}\n{}\n{}\n", names.join(delimiter), row(times[0]), row(times[1]))
    };
    for (delimiter, times) in [
        (",", ["2026/11/23 01:24:45.000", "2026/11/23 01:24:46.500"]),
        (",", ["2026-11-23T01:24:45.000Z", "2026-11-23T01:24:46.500Z"]),
        (",", ["11/23/2026 01:24:45 AM", "11/23/2026 01:24:46 AM"]),
        (";", ["2026-11-23 01:24:45,000", "2026-11-23 01:24:46,500"]),
        ("\t", ["23.11.2026 01:24:45", "23.11.2026 01:24:46"]),
        (";", ["1795397085000", "1795397086500"]),
    ] {
        let jtl = of_text(&rows(delimiter, times));
        assert_eq!((jtl.start_s, sum(&jtl, |second| second.ok)), (1_795_397_085, 2.0), "{times:?}");
        let local = !times[0].contains('Z') && times[0].contains(':');
        assert_eq!(jtl.warnings.len(), usize::from(local), "{:?}", jtl.warnings);
    }
}

/// The error was: a mean of 0.0 ms, where siege has two decimals of a second.
#[test]
fn times_that_siege_rounds_to_zero_are_none() {
    let text = "{\t\"transactions\":\t20,\n\t\"availability\":\t100.00,\n\t\"elapsed_time\":\t0.00,\n\
        \t\"response_time\":\t0.00,\n\t\"transaction_rate\":\t0.00,\n\t\"concurrency\":\t0.00,\n\
        \t\"failed_transactions\":\t0,\n\t\"longest_transaction\":\t0.00\n}\n";
    let Load::Summary(summary) =
        read(text.as_bytes(), Path::new("siege.json"), &ReadOptions::default()).unwrap()
    else {
        panic!("totals are read");
    };
    assert_eq!(summary.requests, Some(20));
    assert_eq!((summary.avg_ms, summary.max_ms, summary.duration_s), (None, None, None));
}

pub(crate) fn totals(text: &str) -> Summary {
    match read(text.as_bytes(), Path::new("x"), &ReadOptions::default()).unwrap() {
        Load::Summary(summary) => summary,
        Load::Timeline(_) => panic!("a timeline: {text}"),
    }
}

/// The error was: such a report was refused, although its totals are known.
#[test]
fn an_artillery_report_without_periods_has_totals() {
    let second = r#"{"aggregate":{"counters":{"http.requests":100,"http.responses":90,
        "http.codes.200":80,"http.codes.500":10,"errors.ECONNRESET":10,"plugins.x.codes.500":10},
        "firstMetricAt":1795781672000,"lastMetricAt":1795781692000,
        "summaries":{"http.response_time":{"min":1,"max":30,"mean":5,"p50":4,"p90":9,"p95":12,"p99":20}}}"#;
    for end in ["}", ",\"intermediate\":[]}"] {
        let found = totals(&format!("{second}{end}"));
        assert_eq!((found.requests, found.failed, found.rps), (Some(100), Some(20), Some(5.0)));
        assert_eq!((found.med_ms, found.p95_ms, found.max_ms), (Some(4.0), Some(12.0), Some(30.0)));
    }
    let first = r#"{"aggregate":{"scenariosCreated":10,"requestsCompleted":40,"counters":{},
        "latency":{"min":1,"max":9,"median":2,"p95":5,"p99":8},"codes":{"200":30,"404":10},
        "errors":{"ETIMEDOUT":2}},"intermediate":[{"requestsCompleted":40}]}"#;
    let found = totals(first);
    assert_eq!((found.requests, found.failed), (Some(42), Some(12)));
    assert_eq!((found.med_ms, found.p95_ms), (Some(2.0), Some(5.0)));
    // Nothing shows whether these succeeded.
    let bare = r#"{"aggregate":{"counters":{"http.requests":7}},"intermediate":[]}"#;
    assert_eq!((totals(bare).requests, totals(bare).failed), (Some(7), None));
    let none = r#"{"aggregate":{"counters":{"vusers.created":7}},"intermediate":[]}"#;
    let none = read(none.as_bytes(), Path::new("x"), &ReadOptions::default());
    assert!(matches!(none, Err(Error::NoRequests { .. })), "{none:?}");
}

/// The error was: oha's text was called hey's, without its percentiles, and wrk2's text wrk's, with a
/// warning about latencies that wrk2 measures on purpose.
#[test]
fn texts_that_look_alike_are_named_after_their_program() {
    let oha = "Summary:\n  Success rate:\t100.00%\n  Total:\t4.0 sec\n  Slowest:\t53.0 ms\n  Fastest:\t\
        0.05 sec\n  Average:\t0.0511 sec\n  Requests/sec:\t58.4\n\nResponse time histogram:\n  0.05 [1] |\n\n\
        Response time distribution:\n  50.00% in 0.0511 sec\n  95.00% in 52.1 ms\n\nStatus code \
        distribution:\n  [200] 230 responses\n  [500] 4 responses\n";
    let found = totals(oha);
    assert_eq!((found.format, found.requests, found.failed), ("oha's totals", Some(234), Some(4)));
    assert_eq!((found.med_ms, found.p95_ms, found.max_ms), (Some(51.1), Some(52.1), Some(53.0)));
    assert_eq!(found.duration_s, Some(4.0));
    // The error was: numbers that no test can have overflowed their sum.
    let huge = "[18446744073709551615] x\n  [3] connection refused\n";
    let found = totals(&format!("{oha}\nError distribution:\n  {huge}"));
    assert_eq!((found.requests, found.failed), (Some(237), Some(7)));
    // The error was: requests that oha broke off at its own end failed in its text, and not in its JSON.
    let own = "[8] aborted due to deadline\n  [3] connection refused\n";
    let found = totals(&format!("{oha}\nError distribution:\n  {own}"));
    assert_eq!((found.requests, found.failed), (Some(237), Some(7)));
    for text in [
        r#"{"summary":{"successRate":1,"requestsPerSec":1},"statusCodeDistribution":{"200":18446744073709551615,"201":9}}"#,
        r#"{"latencies":{"mean":1},"requests":9,"status_codes":{"200":18446744073709551615,"201":9},"throughput":1}"#,
    ] {
        assert_eq!(totals(text).failed, Some(0));
    }
    let wrk2 = "Running 30s test @ http://127.0.0.1:80/\n  2 threads and 10 connections\n  Thread \
        calibration: mean lat.: 97 usec, rate sampling interval: 21 msec\n  Thread Stats   Avg      Stdev\n    \
        Latency     6.46s     1.93s    12.34s    67.66%\n  Latency Distribution (HdrHistogram - Recorded \
        Latency)\n 50.000%    6.67s\n 99.000%   11.18s\n\n  6000 requests in 30.00s, 19.81MB read\n\
        Requests/sec:   200.0\n";
    let found = totals(wrk2);
    assert_eq!(
        (found.format, found.requests, found.warnings.len()),
        ("wrk2's totals", Some(6000), 0)
    );
    assert_eq!(
        (found.avg_ms, found.med_ms, found.p99_ms),
        (Some(6460.0), Some(6670.0), Some(11180.0))
    );
}

/// h2load counts a request without an answer among the failed ones too.
#[test]
fn totals_of_h2load_are_read() {
    let text = "starting benchmark...\nfinished in 6.00s, 118.67 req/s, 16.79KB/s\nrequests: 712 total, \
        720 started, 712 done, 640 succeeded, 72 failed, 2 errored, 0 timeout\nstatus codes: 640 2xx, \
        0 3xx, 0 4xx, 70 5xx\ntraffic: 100.73KB (103146) total\n                     min         max\n\
        time for request:    19.59ms    405.96ms     65.85ms    122.67ms    88.20%\ntime for connect: \
        38us        98us        73us\n";
    let found = totals(text);
    assert_eq!(
        (found.format, found.requests, found.failed),
        ("h2load's totals", Some(712), Some(72))
    );
    assert_eq!(
        (found.avg_ms, found.max_ms, found.duration_s),
        (Some(65.85), Some(405.96), Some(6.0))
    );
}

/// The lines are of h2load 1.52, and the last one stands for a stream that failed.
#[test]
fn the_log_of_h2load_has_every_answer() {
    let text = "1795958312178720\t200\t74426\n1795958312454212\t500\t32461\n\
                1795958313620234\t301\t20575\n1795958313700000\t-1\t0\nx\t200\t1\n";
    let log = of_text(text);
    assert_eq!((log.format, log.start_s), ("h2load's log", 1_795_958_312));
    assert_eq!((sum(&log, |second| second.ok), sum(&log, |second| second.failed)), (2.0, 2.0));
    assert_eq!(log.losses.iter().map(|loss| loss.count).sum::<u64>(), 1);
    for cut in 0..text.len() {
        let _ = read(&text.as_bytes()[..cut], Path::new("x"), &ReadOptions::default());
    }
}

/// A reset connection made 90 requests that h2load never sent into failures: 29 % of a healthy test.
#[test]
fn requests_that_h2load_never_sent_are_no_failures() {
    let text = "starting benchmark...\nfinished in 1.31s, 235.64 req/s, 28.30KB/s\nrequests: 400 total, 310 started, 309 done, 309 \
        succeeded, 91 failed, 91 errored, 0 timeout\nstatus codes: 309 2xx, 0 3xx, 0 4xx, 0 5xx\ntime for \
        request:    10.59ms    12.96ms     10.85ms    0.67ms    88.20%\n";
    let found = totals(text);
    assert_eq!((found.requests, found.failed), (Some(310), Some(1)));
    assert_eq!(found.warnings, [Warning::NeverSent { requests: 90 }]);
    let down =
        text.replace("310 started, 309 done, 309", "0 started, 0 done, 0").replace("91", "400");
    let found = totals(&down);
    assert_eq!((found.requests, found.failed), (Some(400), Some(400)));
}

/// The error was: with clients that waited through a stall, the rate of h2load's log was taken for one
/// that the clients wanted, and the test for one that did not reach the limit.
#[test]
fn clients_of_h2load_wait_for_their_answers() {
    let log = |rate: u64| -> String {
        let mut lines = String::new();
        for client in 0..8 {
            let mut at_ms: u64 = 0;
            while at_ms < 20_000 {
                // Nothing is answered from second 8 to second 11.
                let until =
                    if at_ms < 11_000 && at_ms + rate > 8_000 { 11_000 } else { at_ms + rate };
                let took = until - at_ms;
                let began_us = 1_795_970_226_000_000 + 1_000 * at_ms + client;
                lines += &format!("{began_us}\t200\t{}\n", 1_000 * took);
                at_ms = until;
            }
        }
        lines
    };
    let text = log(20);
    let read = read(text.as_bytes(), Path::new("h2load.log"), &ReadOptions::default());
    let Load::Timeline(timeline) = read.unwrap() else { panic!() };
    let none = plateau::find(&timeline, &Options::default()).unwrap_err();
    let reason = none.why.to_string();
    assert!(reason.contains("stood still"), "{reason}");
}

/// The error was: 400 requests in 1.3 s were 192 a second without a word, because autocannon had waited
/// for its next sample.
#[test]
fn the_time_of_autocannon_with_an_amount_is_a_whole_sample_too_long_at_most() {
    let mut json: serde_json::Value = serde_json::from_slice(&unpacked("autocannon.json")).unwrap();
    let told = |json: &serde_json::Value| {
        let text = json.to_string();
        let read = read(text.as_bytes(), Path::new("a.json"), &ReadOptions::default());
        let Load::Summary(summary) = read.unwrap() else { panic!() };
        summary.warnings
    };
    json["errors"] = 0.into();
    json["latency"]["totalCount"] = 400.into();
    json["requests"]["total"] = 400.into();
    json["requests"]["sent"] = 408.into();
    json["sampleInt"] = 1_000.into();
    json["duration"] = 2.08.into();
    assert_eq!(told(&json), []);
    json["requests"]["sent"] = 400.into();
    assert_eq!(told(&json), [Warning::RoundedTime { took_s: 2.08, sample_s: 1.0 }]);
    json["duration"] = 60.1.into();
    assert_eq!(told(&json), []);
}

/// The error was: 40 requests in 8 s were 40 a second, because one of two workers had ended after 1 s.
#[test]
fn the_time_of_autocannons_first_worker_is_not_that_of_the_test() {
    let mut json: serde_json::Value = serde_json::from_slice(&unpacked("autocannon.json")).unwrap();
    let told = |json: &serde_json::Value| {
        let read = read(json.to_string().as_bytes(), Path::new("a.json"), &ReadOptions::default());
        let Load::Summary(summary) = read.unwrap() else { panic!() };
        summary
    };
    json["errors"] = 0.into();
    json["latency"]["totalCount"] = 40.into();
    json["requests"]["total"] = 40.into();
    json["requests"]["sent"] = 40.into();
    json["workers"] = 2.into();
    json["duration"] = 1.01.into();
    json["samples"] = 10.into();
    let uneven = told(&json);
    assert_eq!((uneven.rps, uneven.duration_s), (None, None));
    let (first_s, least_s, most_rps) = (1.01, 8.0, 5.0);
    assert_eq!(
        uneven.warnings,
        [Warning::UnevenWorkers { workers: 2, first_s, least_s, most_rps }]
    );
    json["samples"] = 2.into();
    let even = told(&json);
    assert_eq!(even.duration_s, Some(1.01));
    assert_eq!(even.warnings, [Warning::RoundedTime { took_s: 1.01, sample_s: 1.0 }]);
}

/// The error was: rows with a line break in their message were lost, and these are the failures: an error
/// rate of 0 % was printed where it was 20 %.
#[test]
fn messages_of_jmeter_may_have_several_lines() {
    let header =
        "timeStamp,elapsed,label,responseCode,responseMessage,success,failureMessage,allThreads";
    let rows: String = (0..100)
        .map(|at| {
            let time = 1_795_777_200_000_u64 + 100 * at;
            match at % 5 {
                0 => {
                    format!("{time},20,page,500,\"a, \"\"b\"\"\n\nc\",false,\"expected\n/x/\",8\n")
                }
                _ => format!("{time},20,page,200,OK,true,,8\n"),
            }
        })
        .collect();
    let of = |text: &str| {
        let timeline = of_text(text);
        let counts = (sum(&timeline, |second| second.ok), sum(&timeline, |second| second.failed));
        (counts, timeline.losses.iter().map(|loss| loss.count).sum::<u64>())
    };
    let text = format!("{header}\n{rows}");
    assert_eq!(of(&text), ((80.0, 20.0), 0));
    assert_eq!(of(&text.replace('\n', "\r\n")), ((80.0, 20.0), 0));
    // A quote that is never closed loses its own row.
    let open = text.replacen("page,200,OK", "page,200,\"OK", 1);
    assert_eq!(of(&open), ((79.0, 20.0), 1));
    // A row for several requests is none of one.
    let several = format!(
        "timeStamp,elapsed,success,SampleCount\n{0},9,true,1\n{0},9,true,2\n",
        1_795_777_200_000_u64
    );
    assert_eq!(of(&several), ((1.0, 0.0), 1));
}

/// The error was: a warning that the number of users was missing, in a log of users who start together and
/// work until the end.
#[test]
fn gatlings_users_are_known_in_every_second() {
    let time = |second: u64| 1_795_777_200_000 + 1_000 * second;
    let user = |kind: &str, second: u64| format!("USER\tshop\t{kind}\t{}\n", time(second));
    let requests: String = (0..600)
        .map(|at| {
            let start = time(0) + 100 * at;
            format!("REQUEST\t\tpage\t{start}\t{}\tOK\t \n", start + 20)
        })
        .collect();
    let head = format!("RUN\tshop.Sim\tsim\t{}\t \t3.9.5\n", time(0));
    // The lines are not in the order of time.
    let log = head + &user("START", 0) + &user("END", 60) + &user("START", 30) + &requests;
    let timeline = of_text(&log);
    assert!(timeline.warnings.is_empty(), "{:?}", timeline.warnings);
    let users: Vec<Option<f64>> = timeline.seconds.iter().map(|second| second.vus).collect();
    assert!(users[..30].iter().all(|users| *users == Some(1.0)), "{users:?}");
    assert!(users[30..60].iter().all(|users| *users == Some(2.0)), "{users:?}");
}
