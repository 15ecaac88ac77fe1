//! Stacks as long as the recorder's limit are named, and shorter ones are not.

use crate::common;

use common::{load, root};
use spikeflame_parse::{Options, read_stream};
use spikeflame_profile::warning::Fact;
use spikeflame_profile::{CallTree, Profile, Selection};
use std::fmt::Write as _;
use std::io::Read as _;

fn cut_stacks(profile: &Profile) -> Option<(u16, u64, u64)> {
    profile.warnings.iter().find_map(|warning| match warning.fact {
        Fact::CutStacks { frames, cut, all, .. } => Some((frames, cut, all)),
        _ => None,
    })
}

fn read(text: &str, name: &str) -> Profile {
    read_stream(text.as_bytes(), name.as_ref(), &Options::default()).unwrap()
}

/// Returns a profile with one sample in a stack of this many functions, and `others` samples in another
/// function.
fn cpuprofile(depth: usize, others: usize) -> String {
    let mut nodes = Vec::new();
    for id in 1..=depth + 2 {
        let (name, url) = match id {
            1 => ("(root)".to_owned(), ""),
            _ => (format!("f{id}"), "file:///app/a.js"),
        };
        let children = match id {
            1 => format!("[2, {}]", depth + 2),
            id if id <= depth => format!("[{}]", id + 1),
            _ => "[]".to_owned(),
        };
        nodes.push(format!(
            r#"{{"id": {id}, "callFrame": {{"functionName": "{name}", "scriptId": "1", "url": "{url}", "lineNumber": {id}, "columnNumber": 0}}, "children": {children}}}"#
        ));
    }
    let samples: Vec<String> = std::iter::once(depth + 1)
        .chain(std::iter::repeat_n(depth + 2, others))
        .map(|id| id.to_string())
        .collect();
    let deltas = vec!["1000"; samples.len()].join(", ");
    format!(
        r#"{{"nodes": [{}], "startTime": 0, "endTime": {}, "samples": [{}], "timeDeltas": [{deltas}]}}"#,
        nodes.join(", "),
        1000 * samples.len(),
        samples.join(", "),
    )
}

/// Returns the text of perf for one sample with this many frames.
fn perf(depth: usize) -> String {
    let mut text = String::from("node 7 1.000000:     250000 cpu-clock:\n");
    for at in 0..depth {
        writeln!(text, "\t{:16x} f{at}+0x1 (/usr/bin/node)", 0x40_0000 + 16 * at).unwrap();
    }
    text + "\n"
}

#[test]
fn a_recursion_beyond_the_limit_of_v8_is_named() {
    let (frames, cut, all) = cut_stacks(&load(&root("samples/v8/deep-node22.log.zst"))).unwrap();
    assert_eq!(frames, 255);
    assert!(cut * 100 > all * 10 && cut * 100 < all * 30, "{cut} of {all}");
    assert_eq!(cut_stacks(&load(&root("samples/v8/mix-node22.log.zst"))), None);
}

/// An export of ours has the frame already.
#[test]
fn cut_stacks_are_marked_once() {
    let text = cpuprofile(256, 0).replace("\"f2\"", "\"(callers cut off)\"");
    assert_eq!(cut_stacks(&read(&text, "a.cpuprofile")), None);
}

#[test]
fn stacks_below_the_limit_are_whole() {
    for (depth, expected) in [(254, None), (255, Some((255, 1, 1))), (300, None)] {
        let profile = read(&cpuprofile(depth, 0), "a.cpuprofile");
        assert_eq!(cut_stacks(&profile), expected, "{depth}");
    }
    for (depth, expected) in [(126, None), (127, Some(127)), (200, None)] {
        let found = cut_stacks(&read(&perf(depth), "perf.txt"));
        assert_eq!(found.map(|(frames, ..)| frames), expected, "{depth}");
    }
}

#[test]
fn one_long_stack_in_a_hundred_is_worth_a_warning() {
    assert_eq!(cut_stacks(&read(&cpuprofile(255, 99), "a.cpuprofile")), Some((255, 1, 100)));
    assert_eq!(cut_stacks(&read(&cpuprofile(255, 100), "a.cpuprofile")), None);
}

/// Returns the text of perf with at most `frames` lines of each stack, as `perf script --max-stack` prints it.
fn shortened(text: &str, frames: usize) -> String {
    let mut depth = 0;
    let kept = text.lines().filter(|line| {
        depth = if line.starts_with('\t') { depth + 1 } else { 0 };
        depth <= frames
    });
    kept.fold(String::new(), |text, line| text + line + "\n")
}

/// The outermost functions of cut stacks looked like the beginnings of threads, without a warning.
#[test]
fn another_limit_of_perf_shows_in_the_stacks() {
    let packed = std::fs::File::open(root("samples/perf/plain.perf-script.txt.zst")).unwrap();
    let mut text = String::new();
    ruzstd::decoding::StreamingDecoder::new(packed).unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(cut_stacks(&read(&text, "perf.txt")), None);
    for frames in [10, 16, 24] {
        let profile = read(&shortened(&text, frames), "perf.txt");
        let (found, cut, all) = cut_stacks(&profile).unwrap();
        assert!(
            usize::from(found) == frames && cut * 20 > all,
            "{frames}: {found}, {cut} of {all}"
        );
        let tree = CallTree::build(&profile, &Selection::default());
        assert!(tree.entry_of("(callers cut off)").is_some(), "{frames}");
    }
}

#[test]
fn folded_stacks_have_no_limit() {
    let stack = vec!["f"; 300].join(";");
    assert_eq!(cut_stacks(&read(&format!("{stack} 7\n"), "a.folded")), None);
}
