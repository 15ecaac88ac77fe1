//! Two profiles of one thread, made at the same time.

use serde_json::{Value, json};
use spikeflame_parse::Options;
use spikeflame_profile::warning::Fact;

/// Writes the samples with these indices of a real profile as a profile of its own. Each is `late_us` later.
fn part(whole: &Value, indices: impl Iterator<Item = usize>, late_us: i64) -> String {
    let mut at = 0;
    let times: Vec<i64> = whole["timeDeltas"]
        .as_array()
        .unwrap()
        .iter()
        .map(|delta| {
            at += delta.as_i64().unwrap();
            at
        })
        .collect();
    let mut part = whole.clone();
    let (mut samples, mut deltas, mut last) = (Vec::new(), Vec::new(), 0);
    // The moments stay in their order, also when the samples are those of other moments.
    for (index, time) in indices.zip(times) {
        samples.push(whole["samples"][index].clone());
        deltas.push(time + late_us - last);
        last = time + late_us;
    }
    part["samples"] = json!(samples);
    part["timeDeltas"] = json!(deltas);
    part.to_string()
}

/// The error was: two profiles of one thread were added up without a word when their names had no process.
#[test]
fn two_profiles_of_one_thread_at_the_same_time_are_reported() {
    let whole: Value = super::value(&super::sample("mix-node22.cpuprofile"));
    let count = whole["samples"].as_array().unwrap().len();
    let folder = tempfile::tempdir().unwrap();
    let reported_as = |names: [&str; 2], one: String, other: String| {
        let files = names.map(|name| folder.path().join(name));
        std::fs::write(&files[0], one).unwrap();
        std::fs::write(&files[1], other).unwrap();
        let profile = spikeflame_parse::read(&files, &Options::default()).unwrap();
        let is_it = |fact: &Fact| matches!(fact, Fact::OneThread { percent: 95.., .. });
        profile.warnings.iter().any(|warning| is_it(&warning.fact))
    };
    let reported = |one, other| reported_as(["a.cpuprofile", "b.cpuprofile"], one, other);
    let one = part(&whole, 0..count, 0);
    // The error was: profiles of two processes, as `attach` names them, were taken for one thread.
    let attached = |pid| format!("CPU.179607920226{pid}.909{pid}.cpuprofile");
    let (first, second) = (attached(1), attached(2));
    assert!(!reported_as([&first, &second], one.clone(), part(&whole, 0..count - 9, 300)));
    assert!(reported(one.clone(), part(&whole, 0..count - 9, 300)));
    // At each moment, the other thread does what this one does in another half of the time.
    let elsewhere = (count / 2..count).chain(0..count / 2 - 9);
    assert!(!reported(one, part(&whole, elsewhere, 300)));
}
