//! What the targets have in common: reading, and what must hold afterwards.

use spikeflame_load::monitor::Monitor;
use spikeflame_load::queries::Queries;
use spikeflame_load::{Load, plateau};
use spikeflame_parse::{Options, fuzzing, read_stream};
use spikeflame_profile::{CallTree, Hotspots, Idle, Inlining, Profile, Selection, Tiers, folded};
use std::path::Path;

/// One thread: more of them would only hide what a finding needs.
fn options(raw_names: bool) -> Options {
    Options { threads: 1, raw_names, ..Options::default() }
}

/// Reads `data` as `format`, whatever it looks like.
pub fn read(format: &str, data: &[u8]) {
    for raw_names in [false, true] {
        if raw_names && format != "perf_text" {
            break;
        }
        if let Ok(profile) = fuzzing::read(format, data, &options(raw_names)) {
            check(&profile);
        }
    }
}

/// Reads `data` as what it looks like.
pub fn read_any(data: &[u8]) {
    match read_stream(data, Path::new("fuzz"), &options(false)) {
        Ok(profile) => check(&profile),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// A generated file up to the first NUL, and its map behind it.
pub fn source_map(data: &[u8]) {
    let mut parts = data.splitn(2, |&byte| byte == 0);
    let (text, json) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    fuzzing::source_map(text, json);
}

/// Reads `data` with a reader of load files, whatever it looks like.
pub fn read_load(reader: &str, data: &[u8]) {
    spikeflame_load::fuzzing::load(reader, data).iter().for_each(check_load);
}

/// Reads `data` with a reader of monitors' files, whatever it looks like.
pub fn read_monitor(reader: &str, data: &[u8]) {
    spikeflame_load::fuzzing::monitor(reader, data).iter().for_each(check_monitor);
}

/// Reads `data` as an export of the table `mysql.slow_log`, when it has one of its notations.
pub fn read_slow_table(data: &[u8]) {
    spikeflame_load::fuzzing::slow_table(data).iter().for_each(check_queries);
}

/// The plateau of every timeline lies within its time, and its requests are a number above 0.
pub fn check_load(load: &Load) {
    let Load::Timeline(timeline) = load else { return };
    let ended: f64 = timeline.seconds.iter().map(|second| second.ok + second.failed).sum();
    assert!(ended > 0.0 && ended.is_finite());
    if let Ok(found) = plateau::find(timeline, &plateau::Options::default()) {
        let window = &found.chosen().window;
        assert!(window.from < window.to);
        assert!(window.to <= timeline.seconds.len());
    }
}

/// The points of every track are in the order of time, and finite.
pub fn check_monitor(monitor: &Monitor) {
    for track in &monitor.tracks {
        assert!(track.points.is_sorted_by(|a, b| a.0 < b.0));
        assert!(track.points.iter().all(|point| point.1.is_finite()));
    }
}

/// Every statement is in a row.
pub fn check_queries(queries: &Queries) {
    let counted: u64 = queries.classes.iter().map(|class| class.all.count).sum();
    assert_eq!(counted, queries.statements);
}

/// What holds of every profile that was read.
fn check(profile: &Profile) {
    let total = profile.total();
    assert!(total > 0, "a profile without samples is an error");
    let apart = Selection {
        tiers: Tiers::Split,
        inlined: Inlining::Collapse,
        idle: Idle::Keep,
        annotate: true,
        ..Selection::default()
    };
    for selection in [Selection::default(), apart] {
        let tree = CallTree::build(profile, &selection);
        assert_eq!(tree.total() + tree.left_out().total(), total, "mass is conserved");
        assert_eq!(tree.reversed().total(), tree.total());
        let hotspots = Hotspots::from_tree(&tree);
        let own: u64 = hotspots.rows.iter().map(|row| row.self_weight).sum();
        assert_eq!(own, tree.total());
        let mut text = Vec::new();
        folded::write(&tree, &mut text).expect("a Vec takes everything");
        let again = fuzzing::read("folded", &text, &options(false));
        let again = again.map_or(0, |profile| profile.total());
        assert_eq!(again, tree.total(), "folded text is read as it was written");
    }
}
