//! What the targets have in common: reading, and what must hold afterwards.

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
