//! Calls that wait are named, because samples by the clock make them look like CPU time.

use spikeflame_parse::{Options, read_stream};
use spikeflame_profile::warning::Fact;

/// Reads a profile of Node with `waiting` samples in the function `name` and `busy` others, and returns the
/// calls that wait, with the numbers of samples.
fn waits(name: &str, url: &str, waiting: usize, busy: usize) -> Option<(Vec<String>, u64, u64)> {
    let node = |id: u32, name: &str, url: &str| {
        let line = if url.is_empty() { -1 } else { 1 };
        format!(
            r#"{{"id":{id},"callFrame":{{"functionName":"{name}","scriptId":"0","url":"{url}","lineNumber":{line},"columnNumber":{line}}},"children":[]}}"#
        )
    };
    let root = node(1, "(root)", "").replace("[]", "[2,3,4]");
    let nodes = [root, node(2, name, url), node(3, "work", "file:///a.js"), node(4, "(idle)", "")];
    let ids = [vec!["2"; waiting], vec!["3"; busy], vec!["4"; 50]].concat();
    let text = format!(
        r#"{{"nodes":[{}],"startTime":0,"endTime":{},"samples":[{}],"timeDeltas":[{}]}}"#,
        nodes.join(","),
        ids.len() * 1000,
        ids.join(","),
        vec!["1000"; ids.len()].join(",")
    );
    let options = Options::default();
    let profile = read_stream(text.as_bytes(), "a.cpuprofile".as_ref(), &options).unwrap();
    profile.warnings.into_iter().find_map(|warning| match warning.fact {
        Fact::Waits { calls, waiting, busy } => Some((calls, waiting, busy)),
        _ => None,
    })
}

#[test]
fn a_wait_for_a_process_is_not_taken_for_cpu_in_silence() {
    let node = "node:internal/child_process";
    let expected = Some((vec!["spawnSync".to_owned()], 10, 100));
    assert_eq!(waits("spawnSync", node, 10, 90), expected);
    assert_eq!(waits("spawnSync", node, 9, 91), None, "a small share is not worth a warning");
    assert_eq!(waits("spawnSync", "file:///srv/own.js", 10, 90), None, "another function");
    assert_eq!(waits("op_spawn_sync", "", 10, 90).unwrap().0, ["op_spawn_sync"]);
}
