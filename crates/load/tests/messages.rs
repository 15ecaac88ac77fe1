//! Messages and facts of a load test state what the file has, and no more.

use crate::common;

use common::{bytes_of, read_with, root, timeline_of};
use spikeflame_load::{Error, ReadOptions, Second, TablePart, Warning};

const START_S: i64 = 1_795_397_000;

/// A table with a row for each time, which is in seconds since the start.
fn table(head: &str, times: impl Iterator<Item = i64>, cells: &str) -> String {
    let rows = times.map(|at| format!("{},{cells}\n", START_S + at));
    format!("{head}\n{}", rows.collect::<String>())
}

fn error(text: &str) -> Error {
    timeline_of(text.as_bytes()).unwrap_err()
}

fn error_with(text: &str, options: &ReadOptions) -> String {
    read_with(text.as_bytes(), options).unwrap_err().to_string()
}

/// A point of k6's JSON, `at` seconds after the start.
fn point(metric: &str, at: i64, tags: &str) -> String {
    let time = format!("2026-11-23T01:{:02}:{:02}.25Z", at / 60, at % 60);
    format!(
        "{{\"metric\":\"{metric}\",\"type\":\"Point\",\"data\":{{\"time\":\"{time}\",\"value\":12.5,\
         \"tags\":{{{tags}}}}}}}\n"
    )
}

/// The error was: 3,000 requests in 300 s of 100 a second, because a row of 10 s counted as a second.
#[test]
fn the_tests_of_a_table_of_rates_have_their_requests() {
    let times = || (0..30).map(|row| 10 * row).chain((0..30).map(|row| 1_000 + 10 * row));
    for (head, requests) in [("time,rps,p95", 30_000), ("time,requests,p95", 3_000)] {
        let told = error(&table(head, times(), "100,20"));
        let Error::SeveralTests { tests, .. } = told else { panic!("{told}") };
        let found: Vec<_> = tests.iter().map(|test| (test.length_s, test.requests)).collect();
        assert_eq!(found, [(300, requests); 2], "{head}");
    }
}

/// The errors were: "choose one of the tests in it" and "several tests" for a file with one test.
#[test]
fn one_test_is_not_several() {
    let options = ReadOptions { test: Some(5), ..ReadOptions::default() };
    let told = error_with(&table("time,rps", 0..30, "100"), &options);
    assert!(told.contains("it holds one test:"), "{told}");
}

/// The error was: "holds numbers below 1" for numbers from 1.5 to 8.
#[test]
fn durations_without_a_unit_are_below_ten() {
    let rows = (0..30).map(|at| format!("{},100,{}.5\n", START_S + at, 1 + at % 7));
    let told = error(&format!("time,rps,p95\n{}", rows.collect::<String>())).to_string();
    assert!(told.contains("numbers below 10 without a unit"), "{told}");
}

/// The error was: "the points lie in more than 604800 seconds" for 85 minutes.
#[test]
fn a_table_with_too_many_numbers_is_not_a_week_long() {
    let names: String = (0..800).map(|column| format!(",c{column}")).collect();
    let told =
        error(&table(&format!("time,rps{names}"), 0..5_100, &format!("9{}", ",1".repeat(800))));
    let most = 4_000_000;
    assert!(
        matches!(told, Error::TooLarge { most: found, what: TablePart::Values, .. } if found == most),
        "{told}"
    );
    assert!(told.to_string().contains("leave out columns"), "{told}");
}

/// The errors were: "the file does not state where requests went", and "more than 1,000 endpoint names".
#[test]
fn an_endpoint_with_a_long_name_is_not_one_of_many() {
    let tags = format!("\"name\":\"{}\",\"expected_response\":\"true\"", "a".repeat(600));
    let text: String = (0..40).map(|at| point("http_req_duration", at, &tags)).collect();
    assert_eq!(timeline_of(text.as_bytes()).unwrap().warnings, [Warning::LongEndpoints]);
    let options = ReadOptions { endpoint: Some("x".to_owned()), ..ReadOptions::default() };
    let told = error_with(&text, &options);
    assert!(told.contains("more than 512 bytes"), "{told}");
    let options = ReadOptions { scenario: Some("x".to_owned()), ..ReadOptions::default() };
    let told = error_with(&table("time,rps", 0..30, "100"), &options);
    assert!(told.contains("does not name a scenario"), "{told}");
}

/// The errors were: 0 % of the iterations failed, although k6 writes no failures of iterations, and iterations
/// were taken for requests to any endpoint.
#[test]
fn failures_of_iterations_are_not_known() {
    let of = |metric: &str, from: i64, tags: &str| -> String {
        (from..from + 40).map(|at| point(metric, at, tags)).collect()
    };
    let iterations = of("iteration_duration", 0, "");
    let requests = of("http_req_duration", 40, "\"expected_response\":\"true\"");
    for (text, unknown) in [
        (&iterations, true),
        (&requests, false),
        (&(iterations.clone() + &requests), false),
        (&of("http_req_duration", 0, ""), true),
        (&(of("http_req_duration", 0, "") + &requests), false),
    ] {
        let timeline = timeline_of(text.as_bytes()).unwrap();
        assert_eq!((timeline.failures_unknown, timeline.has_failure_kinds()), (unknown, !unknown));
    }
    let options = ReadOptions { endpoint: Some("x".to_owned()), ..ReadOptions::default() };
    for text in [iterations.clone(), iterations + &requests] {
        let told = error_with(&text, &options);
        assert!(told.contains("no request to \"x\""), "{told}");
    }
}

/// The errors were: calls of gRPC did not count, so that a test of them was refused when `setup()` spoke HTTP, or had
/// the few requests of a login as its only load; and "the file does not state where requests went".
#[test]
fn calls_of_grpc_are_requests() {
    let of = |metric: &str, from: i64, tags: &str| -> String {
        (from..from + 40).map(|at| point(metric, at, tags)).collect()
    };
    let login = r#""expected_response":"true","group":"::setup","name":"login","scenario":"""#;
    let setup = of("http_req_duration", 0, login);
    let call = |at: i64, status: u16| {
        let tags = format!(r#""name":"/shop.Cart/Put","scenario":"a","status":"{status}""#);
        point("grpc_req_duration", at, &tags)
    };
    let calls: String = (40..80).flat_map(|at| [0, 8, 4].map(|status| call(at, status))).collect();
    let iterations = of("iteration_duration", 40, r#""scenario":"a""#);
    let text = setup.clone() + &calls + &iterations;
    let timeline = timeline_of(text.as_bytes()).unwrap();
    let sum = |of: fn(&Second) -> f64| timeline.seconds.iter().map(of).sum::<f64>();
    assert_eq!((sum(|second| second.ok), sum(|second| second.failed)), (40.0, 80.0));
    assert_eq!((sum(|second| second.unanswered), timeline.setup_requests), (40.0, 40));
    let put = ReadOptions { endpoint: Some("/shop.Cart/Put".to_owned()), ..ReadOptions::default() };
    assert!(read_with(text.as_bytes(), &put).is_ok());
    // Users who speak another protocol are read by their iterations.
    let sessions = of("ws_session_duration", 40, r#""scenario":"a""#);
    let timeline = timeline_of((setup + &sessions + &iterations).as_bytes()).unwrap();
    assert!(timeline.warnings.contains(&Warning::Iterations { successful: true }));
    let told = error_with(&(sessions.clone() + &iterations), &put);
    assert!(told.contains("iterations, which stand for requests then, have no endpoint"), "{told}");
    let both = sessions + &of("http_req_duration", 40, r#""expected_response":"true""#);
    let names = vec!["WebSockets"];
    let warnings = timeline_of(both.as_bytes()).unwrap().warnings;
    assert!(warnings.contains(&Warning::OtherProtocols { names }), "{warnings:?}");
}

/// The error was: tenths of a second that no file has were compared with the activity of a CPU.
#[test]
fn times_in_whole_seconds_are_coarse() {
    let of_ab = timeline_of(&bytes_of(&root("samples/load/ab-plot.tsv"))).unwrap();
    assert!(of_ab.coarse && of_ab.first.is_empty() && of_ab.requests_us.is_none());
    let jtl = |time: &str| {
        let head = "timeStamp,elapsed,label,responseCode,success\n";
        let rows = (0..40)
            .map(|at| format!("{},120,a,200,true\n", time.replace("SS", &format!("{at:02}"))));
        timeline_of(format!("{head}{}", rows.collect::<String>()).as_bytes()).unwrap().coarse
    };
    let times =
        ["2026/11/23 01:00:SS", "2026/11/23 01:00:SS.250", "17953970SS000", "17953970SS250"];
    assert_eq!(times.map(jtl), [true, false, false, false]);
}

/// The error was: all tests of a file counted as mixed.
#[test]
fn only_some_tests_of_a_file_are_mixed() {
    let test = |from: i64| -> String {
        let tags = "\"expected_response\":\"true\"";
        let points = (from..from + 40).map(|at| point("http_req_duration", at, tags));
        "{\"type\":\"Metric\",\"metric\":\"http_req_duration\",\"data\":{}}\n".to_owned()
            + &points.collect::<String>()
    };
    let told = error(&(test(0) + &test(10) + &test(1_000)));
    assert!(matches!(told, Error::MixedTests { tests: 3, .. }), "{told}");
    assert!(told.to_string().contains("it holds 3 tests, and points of some lie"), "{told}");
}
