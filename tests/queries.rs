//! `spikeflame queries`.

use crate::common;

use common::{failure, golden, run_with, stderr, stdout};
use serde_json::Value;

const LOG: &str = "queries/mariadb-slow.log";
const LOAD: &str = "load/k6.json.gz";

#[test]
fn a_table_of_statements() {
    golden("queries.txt", &stdout(&["queries", LOG]));
    golden("queries.md", &stdout(&["queries", LOG, "--format", "markdown", "-n", "3"]));
    let found: Value =
        serde_json::from_str(&stdout(&["queries", LOG, "--format", "json", "--sort", "count"]))
            .unwrap();
    assert_eq!(found["schema"], "spikeflame.queries/1");
    assert_eq!(found["statements"], 210);
    assert_eq!(found["queries"][0]["all"]["count"], 50);
    assert_eq!(found["queries"][0]["before"], Value::Null);
}

/// A slow query log of one statement a second from a second of 2026-11-23 01:24:47Z on.
fn log(from: i64, seconds: i64) -> String {
    (from..from + seconds)
        .map(|at| {
            let took = if at < 11 { 0.01 } else { 0.5 };
            format!(
                "# Time: x\n# User@Host: a[a] @ h []  Id: 1\n# Query_time: {took}  Lock_time: 0 Rows_sent: 1  \
                 Rows_examined: 9\nSET timestamp={};\nselect * from t where id = {at};\n",
                1_795_397_087 + at
            )
        })
        .collect()
}

#[test]
fn statements_before_and_within_the_plateau() {
    // The plateau of this test is from 11 s to 72 s.
    let args = ["queries", "-", "--load", LOAD, "--format", "json"];
    let output = run_with(&args, log(0, 70).as_bytes());
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let row = &found["queries"][0];
    assert_eq!(
        (&row["before"]["count"], &row["within"]["count"]),
        (&11.into(), &59.into()),
        "{found}"
    );
    assert!(row["before"]["mean_ms"].as_f64().unwrap() < 10.1);
    assert!(row["within"]["mean_ms"].as_f64().unwrap() > 499.0);
    let output =
        run_with(&["queries", "-", "--load", LOAD, "--window", "plateau"], log(0, 70).as_bytes());
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("-: 59 statements within the plateau, 29.5 s in all"), "{text}");
}

/// The error was: `before`, `load` and times of the test were no windows of this command alone.
#[test]
fn a_window_is_what_it_is_in_every_command() {
    for (window, statements) in [
        ("before", "11 statements within the time before the plateau"),
        ("load", "70 statements within the time under load"),
        ("8s..13s", "5 statements within the window"),
        ("8.5s..13s", "4 statements within the window"),
    ] {
        let args = ["queries", "-", "--load", LOAD, "--window", window];
        let text = String::from_utf8(run_with(&args, log(0, 70).as_bytes()).stdout).unwrap();
        assert!(text.starts_with(&format!("-: {statements}")), "{window}: {text}");
    }
    let wrong = failure(&["queries", LOG, "--load", LOAD, "--window", "990s..991s"]);
    assert!(wrong.contains("after the end of the load test"), "{wrong}");
}

#[test]
fn what_cannot_be_shown_says_what_to_do() {
    let wrong = failure(&["queries", LOG, "--window", "plateau"]);
    assert!(wrong.contains("--load"), "{wrong}");
    let wrong = failure(&["queries", LOG, "--load", LOAD]);
    assert!(wrong.contains("2026-11-27") && wrong.contains("2026-11-23 01:24:47Z"), "{wrong}");
    let wrong = failure(&["queries", LOAD]);
    assert!(wrong.contains("slow_query_log"), "{wrong}");
}

/// The statements before the damage were shown without a word.
#[test]
fn a_packed_log_that_is_damaged_is_reported() {
    use std::io::Read;
    let pack = |text: &str| {
        let mut packed = Vec::new();
        // Without compression, so that a changed digit can be unpacked.
        let mut packer = flate2::read::GzEncoder::new(text.as_bytes(), flate2::Compression::none());
        packer.read_to_end(&mut packed).unwrap();
        packed
    };
    let whole = pack(&log(0, 40));
    assert_eq!(stderr(&run_with(&["queries", "-"], &whole)), "");
    let mut changed = whole.clone();
    let duration = b"Query_time: 0.5";
    let at = whole.windows(duration.len()).position(|part| part == duration).unwrap();
    changed[at + duration.len() - 1] = b'6';
    for damaged in [&changed, &whole[..whole.len() - 100]] {
        let output = run_with(&["queries", "-"], damaged);
        assert!(output.status.success(), "{}", stderr(&output));
        assert!(stderr(&output).contains("-: its packed data is damaged"), "{}", stderr(&output));
    }
}

/// Statements of a copy were counted again in silence.
#[test]
fn a_copy_of_a_log_counts_once() {
    use std::io::Read;
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let text = log(0, 40);
    let mut packed = Vec::new();
    let mut packer = flate2::read::GzEncoder::new(text.as_bytes(), flate2::Compression::fast());
    packer.read_to_end(&mut packed).unwrap();
    std::fs::write(path("slow.log"), &text).unwrap();
    std::fs::write(path("copy.log"), &text).unwrap();
    std::fs::write(path("slow.log.1.gz"), &packed).unwrap();
    std::fs::write(path("earlier.log"), &text[..text.len() / 2]).unwrap();
    std::fs::write(path("later.log"), log(40, 5)).unwrap();
    let read = |args: &[&str]| {
        let output = run_with(&[&["queries", "--format", "json"], args].concat(), b"");
        let found: Value = serde_json::from_slice(&output.stdout).unwrap();
        (found["statements"].as_u64().unwrap(), stderr(&output))
    };
    let (statements, said) = read(&[folder.path().to_str().unwrap()]);
    assert_eq!(statements, 45);
    assert!(said.contains("earlier.log") && said.contains("slow.log.1.gz"), "{said}");
    assert!(!said.contains("later.log") && said.contains("would count twice"), "{said}");
    let slow = path("slow.log");
    assert_eq!(read(&[&path("earlier.log"), &slow, &slow]).0, 40);
    let (statements, said) = read(&[&slow, &path("later.log")]);
    assert_eq!((statements, said.as_str()), (45, ""));
}

/// The error was: statements that the database and a program logged counted twice in silence, in a folder with both logs.
#[test]
fn logs_of_a_database_and_of_a_program_have_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("slow.log"), log(0, 4)).unwrap();
    std::fs::write(path("app.log"), "query is slow: SELECT 1\nexecution time: 1203\n").unwrap();
    let said = |args: &[&str]| stderr(&run_with(&[&["queries"], args].concat(), b""));
    let both = said(&[folder.path().to_str().unwrap()]);
    assert!(both.contains("a statement in both counts twice"), "{both}");
    assert_eq!(said(&[&path("slow.log")]), "");
    assert_eq!(said(&[&path("app.log")]), "");
}
