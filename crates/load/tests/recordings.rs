//! Real load files: the formats of one run agree with each other and with k6's own totals.

use crate::common;

use common::{bytes_of, counts, latencies, read_with, root, shared_runs, summary_of, timeline_of};
use spikeflame_load::{Error, ReadOptions, Summary, Threshold, Timeline, recognise};
use std::path::Path;

fn sample(name: &str) -> Vec<u8> {
    bytes_of(&root("samples/load").join(name))
}

fn near(got: f64, wanted: f64, share: f64) -> bool {
    (got - wanted).abs() <= wanted.abs() * share + 1e-9
}

/// The fields of a second that a clock exact to a second can give.
fn per_second(timeline: &Timeline) -> Vec<(f64, f64, Option<f64>, u64)> {
    let second = |second: &spikeflame_load::Second| {
        (second.ok, second.failed, second.vus, second.latencies.count())
    };
    timeline.seconds.iter().map(second).collect()
}

fn agree(json: &Timeline, csv: &Timeline) {
    assert_eq!((json.format, csv.format), ("k6 JSON", "k6 CSV"));
    assert_eq!((json.coarse, csv.coarse), (false, true));
    assert_eq!((json.start_s, &json.endpoints), (csv.start_s, &csv.endpoints));
    assert_eq!(per_second(json), per_second(csv));
    assert!(json.losses.is_empty() && csv.losses.is_empty());
    for q in [0.5, 0.95, 0.99] {
        let (a, b) =
            (latencies(json).quantile_ms(q).unwrap(), latencies(csv).quantile_ms(q).unwrap());
        assert!(near(a, b, 0.001), "{q}: {a} {b}");
    }
}

fn totals_agree(timeline: &Timeline, summary: &Summary) {
    let (ok, failed) = counts(timeline);
    assert_eq!((ok + failed) as u64, summary.requests.unwrap());
    assert_eq!(failed as u64, summary.failed.unwrap());
    let seconds = timeline.seconds.len() as f64;
    assert!((seconds - summary.duration_s.unwrap()).abs() <= 2.0, "{seconds} {summary:?}");
    let vus = timeline.seconds.iter().filter_map(|second| second.vus).fold(0.0, f64::max);
    assert_eq!(Some(vus), summary.vus_max);
    if failed == 0.0 {
        let all = latencies(timeline);
        assert!(near(all.quantile_ms(0.95).unwrap(), summary.p95_ms.unwrap(), 0.01), "{summary:?}");
        assert!(near(all.mean_ms().unwrap(), summary.avg_ms.unwrap(), 0.01), "{summary:?}");
    }
}

#[test]
fn the_formats_of_the_sample_agree() {
    let json = timeline_of(&sample("k6.json.gz")).unwrap();
    agree(&json, &timeline_of(&bytes_of(&root("samples/spike/before-1/k6.csv.gz"))).unwrap());
    assert_eq!(counts(&json), (3536.0, 0.0));
    let export = summary_of(&sample("k6-summary-export.json"));
    let text = summary_of(&sample("k6-summary.txt"));
    totals_agree(&json, &export);
    totals_agree(&json, &text);
    let crossed =
        Threshold { name: "http_req_duration p(95)<3000".into(), passed: false, unanswered: false };
    for summary in [&export, &text] {
        assert!(summary.thresholds.contains(&crossed), "{summary:?}");
        assert_eq!(summary.thresholds.iter().filter(|one| one.passed).count(), 1);
    }
}

#[test]
fn a_dashboards_table_is_the_same_test() {
    let json = timeline_of(&sample("k6.json.gz")).unwrap();
    let table = timeline_of(&sample("dashboard.csv")).unwrap();
    let (ok, _) = counts(&table);
    assert!(near(ok, 3536.0, 0.001), "{ok}");
    assert_eq!((table.resolution_s, table.coarse), (5, true));
    assert_eq!(json.start_s - json.start_s % 5, table.start_s);
    assert_eq!(table.tracks.len(), 1);
    assert_eq!(table.tracks[0].name, "NetworkOut");
    assert_eq!(table.tracks[0].points.len(), table.seconds.len() / 5);
    assert!(
        table
            .seconds
            .iter()
            .any(|second| second.latency_summary.is_some_and(|told| told.p95 > 3_000.0))
    );
    assert!(
        table.warnings.iter().any(|warning| warning.to_string().contains("UTC")),
        "{:?}",
        table.warnings
    );
}

#[test]
fn autocannon_and_failed_thresholds() {
    let summary = summary_of(&sample("autocannon.json"));
    assert_eq!((summary.requests, summary.failed), (Some(17_810), Some(356)));
    assert_eq!((summary.vus_max, summary.duration_s), (Some(20.0), Some(5.02)));
    assert_eq!((summary.med_ms, summary.p95_ms, summary.p99_ms), (Some(5.0), None, Some(17.0)));
    assert!(near(summary.rps.unwrap(), 3547.8, 0.001), "{summary:?}");

    let summary = summary_of(&sample("k6-failed-thresholds.txt"));
    assert_eq!((summary.requests, summary.failed), (Some(30_122), Some(8_905)));
    assert_eq!((summary.p99_ms, summary.vus_max), (Some(167.89), Some(150.0)));
    let held: Vec<(&str, bool)> =
        summary.thresholds.iter().map(|one| (one.name.as_str(), one.passed)).collect();
    assert_eq!(
        held,
        [
            ("http_req_duration p(95)<50", false),
            ("http_req_duration{name:search} p(99)<500", true),
            ("http_req_failed rate<0.01", false),
        ]
    );
}

#[test]
fn every_sample_is_recognised_and_no_profile_is() {
    for (name, format) in [
        ("k6.json.gz", "k6 JSON"),
        ("k6-summary-export.json", "k6 summary (JSON)"),
        ("k6-summary.txt", "k6 summary (text)"),
        ("k6-failed-thresholds.txt", "k6 summary (text)"),
        ("dashboard.csv", "CSV"),
        ("autocannon.json", "autocannon"),
        ("../spike/before-1/k6.csv.gz", "k6 CSV"),
    ] {
        let bytes = sample(name);
        let found = recognise(&bytes[..bytes.len().min(65_536)]).map(|found| found.name);
        assert_eq!(found, Some(format), "{name}");
    }
    for name in [
        "v8/mix-node22.v8-processor.txt",
        "spike/before-1/isolate-v8.v8-processor.txt",
        "README.md",
        "pprof/go.pb.gz",
    ] {
        assert_eq!(recognise(&bytes_of(&root("samples").join(name))), None, "{name}");
    }
    for head in
        ["", "{\"nodes\":[],\"startTime\":1}", "v8-version,12,4,254,21,0\nprofiler,begin,1000\n"]
    {
        assert_eq!(recognise(head.as_bytes()), None, "{head}");
    }
}

#[test]
fn an_endpoint_by_name_or_group() {
    let bytes = sample("k6.json.gz");
    let with = |endpoint: &str| {
        let options = ReadOptions { endpoint: Some(endpoint.into()), ..ReadOptions::default() };
        read_with(&bytes, &options)
    };
    let whole = timeline_of(&bytes).unwrap();
    let (name, count) = whole.endpoints.first().unwrap();
    let spikeflame_load::Load::Timeline(one) = with(name).unwrap() else { panic!() };
    assert_eq!(counts(&one).0, *count as f64);
    assert!(*count < 3536);
    // Requests to other endpoints show when the test ran.
    assert_eq!((one.start_s, one.seconds.len()), (whole.start_s, whole.seconds.len()));
    let error = with("GET /nowhere").unwrap_err();
    assert!(
        matches!(&error, Error::UnknownEndpoint { known, .. } if known.contains(name)),
        "{error}"
    );
}

/// The error was: iterations that one scenario dropped counted as wanted requests of an endpoint that
/// only another scenario calls.
#[test]
fn dropped_iterations_belong_to_the_endpoints_of_their_scenario() {
    let mut text =
        "metric_name,timestamp,metric_value,error,error_code,expected_response,group,method,\
                    name,proto,scenario,service,status,subproto,url,extra_tags,metadata\n"
            .to_owned();
    for second in 1_795_000_000..1_795_000_020_i64 {
        for (scenario, path) in [("browse", "/a"), ("buy", "/b"), ("buy", "/c")] {
            text += &format!(
                "http_req_duration,{second},20,,,true,,GET,{path},HTTP/1.1,{scenario},,200,,{path},,\n"
            );
        }
        text += &format!("dropped_iterations,{second},3,,,,,,,,buy,,,,,,\n");
    }
    let dropped = |endpoint: Option<&str>| {
        let options =
            ReadOptions { endpoint: endpoint.map(str::to_owned), ..ReadOptions::default() };
        let read = read_with(text.as_bytes(), &options).unwrap();
        let spikeflame_load::Load::Timeline(one) = read else { panic!() };
        one.seconds.iter().map(|second| second.dropped).sum::<f64>()
    };
    assert_eq!([None, Some("/a"), Some("/b")].map(dropped), [60.0, 0.0, 60.0]);
}

#[test]
fn shared_runs_agree_with_k6s_totals() {
    for run in shared_runs() {
        println!("{}", run.display());
        let json = timeline_of(&bytes_of(&run.join("k6.json.gz"))).unwrap();
        assert!(json.warnings.is_empty(), "{:?}", json.warnings);
        if run.join("k6.csv.gz").exists() {
            agree(&json, &timeline_of(&bytes_of(&run.join("k6.csv.gz"))).unwrap());
        }
        for name in ["k6-summary.json", "k6-summary.txt"] {
            if run.join(name).exists() {
                totals_agree(&json, &summary_of(&bytes_of(&run.join(name))));
            }
        }
    }
}

#[test]
fn the_other_summaries_in_json() {
    let nested = r#"{"state": {"testRunDurationMs": 20000}, "metrics": {
        "http_reqs": {"type": "counter", "values": {"count": 400, "rate": 20}},
        "http_req_failed": {"type": "rate", "values": {"rate": 0.01, "passes": 4, "fails": 396},
            "thresholds": {"rate<0.005": {"ok": false}, "rate<0.1": {"ok": true}}},
        "http_req_duration": {"type": "trend", "values": {"avg": 12.5, "p(95)": 40}}}}"#;
    let list = r#"{"config": {"duration": 20}, "metadata": {}, "version": "1.0.0", "results": {"checks": null, "metrics": [
        {"name": "http_reqs", "type": "counter", "contains": "default", "values": {"count": 400}},
        {"name": "http_req_failed", "type": "rate", "contains": "default", "values": {"rate": 0.01, "matches": 4, "total": 400}},
        {"name": "http_req_duration", "type": "trend", "contains": "time", "values": {"avg": 12.5, "p(95)": 40}}]}}"#;
    for text in [nested, list] {
        let summary = summary_of(text.as_bytes());
        assert_eq!(
            (summary.requests, summary.rps, summary.failed),
            (Some(400), Some(20.0), Some(4))
        );
        assert_eq!((summary.error_rate, summary.duration_s), (Some(0.01), Some(20.0)));
        assert_eq!(
            (summary.avg_ms, summary.p95_ms, summary.max_ms),
            (Some(12.5), Some(40.0), None)
        );
    }
    let passed: Vec<bool> =
        summary_of(nested.as_bytes()).thresholds.iter().map(|one| one.passed).collect();
    assert_eq!(passed, [false, true]);
    let unanswered = r#"{"metrics": {"http_reqs": {"count": 5, "rate": 24},
        "http_reqs{name:checkout}": {"count": 0, "rate": 0, "thresholds": {"count<5": false}},
        "http_req_failed{name:checkout}": {"passes": 0, "fails": 0, "value": 0, "thresholds": {"rate<0.01": false}},
        "http_req_duration{name:checkout}": {"avg": 0, "max": 0, "p(95)": 0, "thresholds": {"max<200": false}},
        "http_req_duration": {"avg": 57, "max": 80, "p(95)": 75, "thresholds": {"p(95)<200": false}}}}"#;
    let half = "█ THRESHOLDS\n http_req_duration\n ✓ 'med<500' med=0s\n█ TOTAL RESULTS\n \
                http_req_duration....: avg=8ms min=0s med=0s max=40ms p(90)=30ms p(95)=35ms\n http_reqs.....: 100 24.1/s\n";
    let text = "█ THRESHOLDS\n http_req_duration\n ✓ 'p(95)<200' p(95)=75.07ms\n {name:checkout}\n \
                ✓ 'max<200' max=0s\n█ TOTAL RESULTS\n http_reqs.....: 5 24.1/s\n";
    for (text, answered) in [
        (unanswered, &["http_req_duration p(95)<200", "http_reqs{name:checkout} count<5"][..]),
        (text, &["http_req_duration p(95)<200"]),
        // Forty of a hundred requests were answered.
        (half, &["http_req_duration med<500"]),
    ] {
        let mut thresholds = summary_of(text.as_bytes()).thresholds;
        thresholds.retain(|one| !one.unanswered);
        thresholds.sort_by(|a, b| a.name.cmp(&b.name));
        let names: Vec<&str> = thresholds.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, answered, "{text}");
    }
    let no_http =
        r#"{"metrics": {"iterations": {"count": 7, "rate": 1}, "iteration_duration": {"avg": 3}}}"#;
    let summary = summary_of(no_http.as_bytes());
    assert_eq!((summary.requests, summary.avg_ms, summary.failed), (Some(7), Some(3.0), None));
    assert_eq!(summary.warnings.len(), 1);
}

#[test]
fn what_is_no_load_file_is_said_to_be_none() {
    for (text, words) in [
        ("", "empty"),
        ("{\"nodes\": []}", "another kind"),
        ("hello\n", "another kind"),
        ("time,cpu\n2026-11-23T01:24:47Z,3\n", "its columns: time, cpu"),
        ("{\"metrics\": {\"http_reqs\": {\"count\": 1", "line 1"),
        ("{\"metrics\": {\"checks\": {}}}", "http_reqs"),
        ("metric_name,timestamp,metric_value\n", "no requests"),
        ("time,rps\n", "no requests"),
        ("{\"type\":\"Metric\",\"data\":{},\"metric\":\"vus\"}\n", "no requests"),
    ] {
        let error = spikeflame_load::read(text.as_bytes(), Path::new("x"), &ReadOptions::default());
        let error = error.unwrap_err().to_string();
        assert!(error.contains(words), "{text}: {error}");
    }
}
