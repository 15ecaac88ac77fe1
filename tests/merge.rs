//! `spikeflame merge`.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use common::{failure, stdout};

#[test]
fn many_recordings_are_added_up() {
    let folder = tempfile::tempdir().unwrap();
    let mut inputs = Vec::new();
    let mut expected = std::collections::BTreeMap::new();
    for at in 0..200u64 {
        let path = folder.path().join(format!("{at}.folded"));
        let own = at % 7;
        std::fs::write(&path, format!("main;work {}\nmain;part{own} 2\n", at + 1)).unwrap();
        *expected.entry("work".to_owned()).or_insert(0.0) += (at + 1) as f64;
        *expected.entry(format!("part{own}")).or_insert(0.0) += 2.0;
        inputs.push(path.display().to_string());
    }
    let merged = folder.path().join("merged.pb.gz").display().to_string();
    let mut words = vec!["merge", "-o", &merged];
    words.extend(inputs.iter().map(String::as_str));
    assert!(stdout(&words).contains("200 runs, 8 distinct stacks"));
    let text = stdout(&["fold", &merged]);
    let found: std::collections::BTreeMap<String, f64> = text
        .lines()
        .map(|line| {
            let (stack, weight) = line.rsplit_once(' ').unwrap();
            (stack.rsplit(';').next().unwrap().to_owned(), weight.parse().unwrap())
        })
        .collect();
    assert_eq!(found, expected);
    // The same inputs give the same bytes.
    let first = std::fs::read(&merged).unwrap();
    stdout(&words);
    assert_eq!(std::fs::read(&merged).unwrap(), first);
}

#[test]
fn what_cannot_be_added_is_refused() {
    let message = failure(&["merge", "v8/mix-node20.log.zst", "-o", "merged.txt"]);
    assert!(message.contains(".pb.gz"), "{message}");
}
