//! Tests of `spikeflame merge`.

use crate::common;

use common::{failure, root, run, stderr, stdout};
use std::collections::BTreeMap;

fn path(folder: &tempfile::TempDir, name: &str) -> String {
    folder.path().join(name).display().to_string()
}

/// Weight of each stack, as `fold` writes it.
fn folded(words: &[&str]) -> BTreeMap<String, u64> {
    let text = stdout(words);
    let lines = text.lines().map(|line| {
        let (stack, weight) = line.rsplit_once(' ').unwrap();
        (stack.to_owned(), weight.parse::<u64>().unwrap())
    });
    lines.collect()
}

#[test]
fn many_recordings_are_added_up() {
    let folder = tempfile::tempdir().unwrap();
    let mut inputs = Vec::new();
    let mut expected = BTreeMap::new();
    for at in 0..200u64 {
        let path = path(&folder, &format!("{at}.folded"));
        let own = at % 7;
        std::fs::write(&path, format!("main;work {}\nmain;part{own} 2\n", at + 1)).unwrap();
        *expected.entry("main;work".to_owned()).or_insert(0) += at + 1;
        *expected.entry(format!("main;part{own}")).or_insert(0) += 2;
        inputs.push(path);
    }
    let merged = path(&folder, "merged.pb.gz");
    let mut words = vec!["merge", "-o", &merged];
    words.extend(inputs.iter().map(String::as_str));
    let shown = stdout(&words);
    assert!(shown.contains("200 runs, 400 samples in 8 distinct stacks"), "{shown}");
    assert_eq!(folded(&["fold", &merged]), expected);
    // The order of the inputs changes no sum, and the same order gives the same bytes.
    let first = std::fs::read(&merged).unwrap();
    stdout(&words);
    assert_eq!(std::fs::read(&merged).unwrap(), first);
    if let Some(inputs) = words.get_mut(3..) {
        inputs.reverse();
    }
    stdout(&words);
    assert_eq!(folded(&["fold", &merged]), expected);
}

/// The first recording has an interval of 1.05 ms, and the second one of 1.26 ms: their ticks
/// are not equal.
#[test]
fn real_recordings_are_added_as_time() {
    let folder = tempfile::tempdir().unwrap();
    let inputs = ["v8/mix-node20.log.zst", "json/mix-node22.cpuprofile.zst"];
    let mut expected = BTreeMap::new();
    for (at, input) in inputs.into_iter().enumerate() {
        let one = path(&folder, &format!("{at}.pb.gz"));
        let shown = stdout(&["merge", input, "-o", &one]);
        assert!(shown.contains("1 run,"), "{shown}");
        let weights = folded(&["fold", &one]);
        let ticks: u64 = folded(&["fold", input]).values().sum();
        let nanos: u64 = weights.values().sum();
        assert!((500_000..5_000_000).contains(&(nanos / ticks)), "{nanos} ns for {ticks} ticks");
        for (stack, weight) in weights {
            *expected.entry(stack).or_insert(0) += weight;
        }
    }
    for name in ["both.pb.gz", "both.otlp", "both.speedscope.json"] {
        let both = path(&folder, name);
        let shown = stdout(&["merge", inputs[0], inputs[1], "-o", &both]);
        assert!(shown.contains("left out"), "{shown}");
        let found = folded(&["fold", &both]);
        assert_eq!(found.values().sum::<u64>(), expected.values().sum::<u64>(), "{name}");
        assert_eq!(found, expected, "{name}");
    }
    // The error was: the samples of one run were all multiplied by the mean of its recordings' intervals.
    let run = path(&folder, "run");
    std::fs::create_dir(&run).unwrap();
    for input in inputs {
        let copy = folder.path().join("run").join(input.replace('/', "-"));
        std::fs::copy(root("samples").join(input), copy).unwrap();
    }
    let merged = path(&folder, "run.pb.gz");
    stdout(&["merge", &run, "-o", &merged]);
    assert_eq!(folded(&["fold", &merged]), expected);
    let exported = path(&folder, "run.speedscope.json");
    stdout(&["export", &run, "-o", &exported]);
    let text = std::fs::read(&exported).unwrap();
    let file: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let threads = file["profiles"].as_array().unwrap();
    let weights = threads.iter().flat_map(|thread| thread["weights"].as_array().unwrap());
    let us: u64 = weights.map(|weight| weight.as_u64().unwrap()).sum();
    assert_eq!(us * 1000, expected.values().sum::<u64>());
}

#[test]
fn recordings_that_cannot_be_added_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let message = failure(&["merge", "v8/mix-node20.log.zst", "-o", "merged.txt"]);
    assert!(message.contains(".pb.gz"), "{message}");
    let stacks = path(&folder, "stacks.folded");
    std::fs::write(&stacks, "main;work 3\n").unwrap();
    let merged = path(&folder, "merged.pb.gz");
    let message = failure(&["merge", &stacks, "v8/mix-node20.log.zst", "-o", &merged]);
    assert!(message.contains("nanoseconds") && message.contains("samples"), "{message}");
    // No file is left of a merge that failed, and no input is overwritten.
    assert!(!std::path::Path::new(&merged).exists());
    std::fs::write(&stacks, "main;work 9007199254740993\n").unwrap();
    let output = run(&["merge", &stacks, "-o", &merged]);
    assert!(!output.status.success(), "{}", stderr(&output));
    let own = path(&folder, "own.pb.gz");
    std::fs::write(&stacks, "main;work 3\n").unwrap();
    stdout(&["merge", &stacks, "-o", &own]);
    let message = failure(&["merge", &own, &stacks, "-o", &own]);
    assert!(message.contains("would be overwritten"), "{message}");
}

/// The error was: `merge` had no `--window`.
#[test]
fn the_same_window_of_each_run_is_added() {
    let folder = tempfile::tempdir().unwrap();
    let merged = path(&folder, "plateaus.pb.gz");
    let runs = ["spike/before-1", "spike/after-1"];
    for window in ["plateau", "before"] {
        let shown = stdout(&["-q", "merge", runs[0], runs[1], "--window", window, "-o", &merged]);
        let kept = |run: &str| {
            let text = stdout(&["-q", "top", run, "--window", window, "--format", "json"]);
            serde_json::from_str::<serde_json::Value>(&text).unwrap()["samples"].as_u64().unwrap()
        };
        let sum = kept(runs[0]) + kept(runs[1]);
        let digits: String = shown.chars().filter(|char| *char != ',').collect();
        assert!(digits.contains(&format!("2 runs {sum} samples in")), "{sum}: {shown}");
    }
}
