//! Copies of a profile, and profiles of workers that did the same work.

use serde_json::{Value, json};
use spikeflame_parse::{Options, read};
use spikeflame_profile::warning::Fact;
use std::path::PathBuf;

/// Returns the profile of a worker whose clock has a coarse grid: it has a sample every millisecond, of eleven
/// functions in an order that depends on `step`.
fn worker(step: u64) -> String {
    let node = |id: u64| {
        let children: Vec<u64> = if id == 1 { (2..=12).collect() } else { Vec::new() };
        let frame = json!({"functionName": format!("f{id}"), "scriptId": "5", "url": "file:///srv/a.js",
            "lineNumber": id, "columnNumber": 3});
        json!({"id": id, "callFrame": frame, "children": children})
    };
    let nodes: Vec<Value> = (1..=12).map(node).collect();
    let samples: Vec<u64> = (0..220).map(|at| 2 + at * step % 11).collect();
    json!({"nodes": nodes, "startTime": 1_000_000, "endTime": 1_220_000, "samples": samples,
        "timeDeltas": vec![1_000; 220]})
    .to_string()
}

/// The error was: of two workers that did the same work on a clock with a coarse grid, the second one was
/// passed over.
#[test]
fn workers_whose_samples_have_the_same_times_are_no_copies() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("a.cpuprofile"), worker(1)).unwrap();
    std::fs::write(path("b.cpuprofile"), worker(3)).unwrap();
    let total = |files: &[PathBuf]| {
        let profile = read(files, &Options::default()).unwrap();
        let is_of_copies = |fact: &Fact| {
            matches!(
                fact,
                Fact::CopiesInFolder { .. } | Fact::NamedCopies { .. } | Fact::Twin { .. }
            )
        };
        let said = profile.warnings.iter().any(|warning| is_of_copies(&warning.fact));
        (profile.total(), said)
    };
    let whole = [folder.path().to_owned()];
    assert_eq!(total(&whole), (440, false));
    assert_eq!(total(&[path("a.cpuprofile"), path("b.cpuprofile")]), (440, false));
    std::fs::copy(path("a.cpuprofile"), path("c.cpuprofile")).unwrap();
    assert_eq!(total(&whole), (440, true));
    assert_eq!(total(&[path("a.cpuprofile"), path("c.cpuprofile")]), (220, true));
}
