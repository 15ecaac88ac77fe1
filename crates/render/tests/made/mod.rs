//! Generated profiles, and ways to take them apart again.

#![allow(dead_code, reason = "each test file uses a part of it")]

use proptest::prelude::*;
use serde_json::Value;
use spikeflame_parse::Options;
use spikeflame_profile::{
    CallTree, Frame, Idle, Profile, Sample, Samples, Selection, Source, StackId, Thread, Tiers,
    VmState, Zero, folded,
};
use spikeflame_render::export::{self, Format};
use std::collections::BTreeMap;

pub(crate) const LABELS: [&str; 20] = [
    "main",
    "node::Start",
    "f /srv/app/a.js:1:2",
    "*f /srv/app/a.js:1:2",
    "~f /srv/app/a.js:1:2",
    "+g /srv/app/a b.js:3:4",
    "^h file with spaces.js:0:0",
    "<anonymous> /srv/app/node_modules/@x/y/b.js:3:4",
    "*<anonymous> node:fs:5:6",
    "odd; name\u{202e}\"\\ /a.js:7:8",
    "Builtin: ArrayMap",
    "(builtin)",
    "BytecodeHandler: LdaZero",
    "RegExp: a|b [x]",
    "wasm-function[3]",
    "(garbage collector)",
    "(compiler)",
    "(idle)",
    "(unresolved)",
    "sys_read_[k]",
];

/// A sample: frames (each with its inlined flag), time, weight, thread.
pub(crate) type Entry = (Vec<(usize, bool)>, u64, u64, usize);

pub(crate) fn entries(threads: usize) -> impl Strategy<Value = Vec<Entry>> {
    let frame = (0..LABELS.len(), prop::bool::weighted(0.3));
    let stack = prop::collection::vec(frame, 1..7);
    let weight = prop_oneof![Just(1u64), 1..5000u64];
    prop::collection::vec((stack, 0..90_000u64, weight, 0..threads), 1..30)
}

pub(crate) fn profile(entries: Vec<Entry>, source: Source) -> Profile {
    let mut profile = Profile { sources: vec![source], ..Profile::default() };
    let mut threads = [("main", Samples::default()), ("worker · GET /", Samples::default())];
    for (frames, time_us, weight, thread) in entries {
        let mut stack = StackId::ROOT;
        for (label, inlined) in frames {
            let frame = profile.frames.labelled(LABELS[label]);
            let mut frame = Frame { inlined, ..profile.frames.get(frame) };
            if LABELS[label] == "node::Start" {
                let mut function = *profile.frames.get_function(frame.function);
                function.module = profile.frames.intern("/opt/node/bin/node");
                frame.function = profile.frames.function(function);
            }
            let frame = profile.frames.frame(frame);
            stack = profile.stacks.child(stack, frame);
        }
        let time_us = if profile.sources[0].timed { time_us } else { 0 };
        let sample = Sample { time_us, stack, state: VmState::UNKNOWN };
        threads[thread].1.push_weighted(sample, weight);
    }
    for (name, mut samples) in threads {
        samples.sort();
        if !samples.is_empty() {
            profile.threads.push(Thread { name: name.to_owned(), samples, source: 0 });
        }
    }
    profile
}

pub(crate) fn source() -> impl Strategy<Value = Source> {
    let zero = prop_oneof![
        Just(Zero::Unknown),
        Just(Zero::Monotonic(123_456_789)),
        Just(Zero::Wall(1_795_000_000_000_000)),
    ];
    let unit = prop::sample::select(vec!["ticks", "samples", "nanoseconds", "bytes", "objects"]);
    (zero, unit, prop::option::of(1..5000u64), any::<bool>()).prop_map(
        |(zero, unit, interval_us, timed)| Source {
            name: "app.log".to_owned(),
            producer: "V8 11.3".to_owned(),
            interval_us,
            end_us: 100_000,
            timed,
            zero,
            unit: unit.to_owned(),
            ..Source::default()
        },
    )
}

pub(crate) fn export(profile: &Profile, format: Format) -> Vec<u8> {
    let mut bytes = Vec::new();
    export::write(profile, format, &mut bytes).unwrap();
    bytes
}

pub(crate) fn json(profile: &Profile, format: Format) -> Value {
    serde_json::from_slice(&export(profile, format)).unwrap()
}

/// Reads a file with our own reader, compressed or not.
pub(crate) fn import(bytes: &[u8], name: &str) -> Profile {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    spikeflame_parse::read(&[path], &Options::default()).unwrap()
}

/// All stacks, with separate tiers and marks for inlining.
pub(crate) fn fold(profile: &Profile) -> String {
    let all =
        Selection { idle: Idle::Keep, tiers: Tiers::Split, annotate: true, ..Selection::default() };
    fold_as(profile, &all)
}

pub(crate) fn fold_as(profile: &Profile, selection: &Selection) -> String {
    let mut text = Vec::new();
    folded::write(&CallTree::build(profile, selection), &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

/// Each thread's samples as time, label of the innermost frame, and weight.
pub(crate) fn samples(profile: &Profile) -> BTreeMap<String, Vec<(u64, u64)>> {
    let each = profile.threads.iter().map(|thread| {
        let samples = thread.samples.iter().map(|(sample, weight)| (sample.time_us, weight));
        (thread.name.clone(), samples.filter(|(_, weight)| *weight > 0).collect())
    });
    each.collect()
}

pub(crate) fn totals(profile: &Profile) -> BTreeMap<String, u64> {
    profile.threads.iter().map(|t| (t.name.clone(), t.samples.total())).collect()
}
