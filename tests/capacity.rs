//! Tests of `spikeflame capacity`.

use crate::common;

use common::{failure, stdout};
use serde_json::Value;

fn json(args: &[&str]) -> Value {
    let text = stdout(&[&["capacity", "--format", "json"], args].concat());
    serde_json::from_str(&text).unwrap()
}

#[test]
fn the_seeds_examples() {
    let flight = stdout(&["capacity", "--rps", "390", "--mean", "1.71s"]);
    assert!(flight.lines().nth(1).unwrap().contains(" 667 "), "{flight}");
    assert!(flight.contains("not the number of connections needed"), "{flight}");
    let memory = ["--memory", "1024MB", "--used", "700MB", "--global-buffers", "50MB"];
    let memory = [&memory[..], &["--per-connection", "2MB"]].concat();
    assert_eq!(json(&memory)["possible"], 137);
    let all = [&memory[..], &["--rps", "390", "--hold", "400ms", "--instances", "2"]].concat();
    let found = json(&all);
    assert_eq!(found["schema"], "spikeflame.capacity/1");
    assert_eq!((&found["needed"], &found["binds"]), (&195.into(), &"memory".into()));
    let text = stdout(&[&["capacity"], &all[..]].concat());
    assert!(text.contains("98 each") && text.contains("68 each at most"), "{text}");
}

#[test]
fn a_load_test_gives_what_it_knows() {
    let found = json(&["--load", "load/k6.json.gz", "--max-connections", "151"]);
    let flight = found["in_flight"].as_f64().unwrap();
    assert!((60.0..100.0).contains(&flight), "{found}");
    assert_eq!(found["binds"], "need");
    let told = json(&["--load", "load/k6.json.gz", "--mean", "1s", "--rps", "10"]);
    assert_eq!(told["in_flight"], 10.0);
    let summary = json(&["--load", "load/k6-summary.txt"]);
    assert!(summary["in_flight"].as_f64().unwrap() > 10.0 && summary["needed"].is_null());
}

/// The error was: two of three requests had failed, and nothing said that they count.
#[test]
fn failed_requests_that_count_are_named() {
    let args = ["--load", "load/k6-queue-limit.json.gz"];
    let text = stdout(&[&["--quiet", "capacity"][..], &args].concat());
    assert!(text.contains("63.0 % of them failed, and count too"), "{text}");
    assert_eq!(json(&args)["failed_share"], 0.63);
    let none = stdout(&["--quiet", "capacity", "spike/before-1"]);
    assert!(!none.contains("failed"), "{none}");
    // The share is of the rate of the load test, and not of one that the user gives.
    assert!(json(&[&args[..], &["--rps", "5"]].concat())["failed_share"].is_null());
}

/// The error was: no word that the numbers hold for requests like those of the load test, and for connections alone.
#[test]
fn numbers_of_a_load_test_state_what_they_assume() {
    let text = stdout(&["--quiet", "capacity", "--load", "load/k6.json.gz"]);
    assert!(
        text.contains("Assumed: a request takes as long as in this part of the load test"),
        "{text}"
    );
    let args = ["--quiet", "capacity", "--rps", "390", "--mean", "1.71s"];
    assert!(!stdout(&args).contains("Assumed"));
    // With numbers of the user, nothing of the load test is used.
    let given = ["--load", "load/k6.json.gz", "--hold", "10ms"];
    assert!(!stdout(&[&args[..], &given].concat()).contains("Assumed"));
}

#[test]
fn nothing_to_work_with_is_an_error() {
    assert!(failure(&["capacity"]).contains("--rps"));
    assert!(failure(&["capacity", "--memory", "2XB"]).contains("50MB"));
}

#[test]
fn a_run_folder_gives_its_load_test() {
    let named = json(&["--load", "spike/before-1/k6.csv.gz"]);
    let folder = json(&["--load", "spike/before-1"]);
    assert_eq!(json(&["spike/before-1"]), folder);
    assert!(folder["in_flight"].as_f64().unwrap() > 1.0, "{folder}");
    assert_eq!(named["schema"], folder["schema"]);
    let none = failure(&["capacity", "maps"]);
    assert!(none.contains("no load test in it") && none.contains("--rps"), "{none}");
}

/// The error was: `capacity` had no `--window`, so a test without a plateau gave no numbers.
#[test]
fn a_window_of_the_load_test_gives_the_rate_and_the_duration() {
    let of = |window: &str| json(&["spike/before-1", "--window", window]);
    assert_eq!(of("plateau"), json(&["spike/before-1"]));
    let flight = |found: &Value| found["in_flight"].as_f64().unwrap();
    let (plateau, before) = (of("plateau"), of("before"));
    assert!(flight(&before) < 0.2 * flight(&plateau), "{before} {plateau}");
    assert_eq!(before["hold_s"], plateau["hold_s"]);
    assert!(flight(&of("load")) < flight(&plateau));
    assert!(flight(&of("0s..11s")) > 0.0);
    let none = failure(&["capacity", "--load", "load/k6-light.json.gz"]);
    // All commands recommend one window.
    let plateau = stdout(&["plateau", "load/k6-light.json.gz"]);
    let window = plateau.split("--window ").nth(1).and_then(|rest| rest.lines().next()).unwrap();
    assert!(none.ends_with(&format!("--window {window}\n")), "{none}\n{plateau}");
    assert!(flight(&json(&["--load", "load/k6-light.json.gz", "--window", "load"])) > 0.0);
}

/// The error was: the window that `plateau` recommends was refused with "or a load test with --load",
/// although one was given. The table has percentiles, and no mean duration.
#[test]
fn a_load_test_without_means_asks_for_the_mean() {
    let table = "load/half-load.csv";
    let plateau = stdout(&["plateau", table]);
    let window = plateau.split("--window ").nth(1).and_then(|rest| rest.lines().next()).unwrap();
    let none = failure(&["capacity", "--load", table, "--window", window]);
    assert!(none.contains("no mean duration") && none.contains("--mean"), "{none}");
    assert!(!none.contains("a load test with --load"), "{none}");
    let none = failure(&["capacity", "--load", table]);
    assert!(none.contains("give --mean") && none.ends_with(&format!("{window}\n")), "{none}");
    // The command that this names goes on.
    assert!(json(&["--load", table, "--window", window, "--mean", "20ms"])["in_flight"].is_f64());
}

/// The error was: "no request in it" of a file with requests.
#[test]
fn a_window_after_the_load_test_is_named() {
    let why = failure(&["capacity", "spike/before-1", "--window", "5000s..6000s"]);
    assert!(why.contains("begins after the end of the load test"), "{why}");
}
