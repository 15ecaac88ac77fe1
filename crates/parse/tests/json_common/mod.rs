//! Reading JSON recordings in tests, and comparing them.

#![allow(dead_code, reason = "each test file uses a part of it")]

use serde_json::Value;
use spikeflame_parse::{Error, Options, read_stream};
use spikeflame_profile::{CallTree, Idle, Kind, Profile, Selection, Tiers, folded, write_label};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A path from the project's root.
pub(crate) fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// Returns a file's unpacked bytes, or prints that it is not there.
pub(crate) fn unpacked(path: &str) -> Option<Vec<u8>> {
    let Ok(bytes) = std::fs::read(root(path)) else {
        println!("SKIPPED: no recording at {path}");
        return None;
    };
    if !path.ends_with(".zst") {
        return Some(bytes);
    }
    let mut plain = Vec::new();
    let mut decoder = ruzstd::decoding::StreamingDecoder::new(bytes.as_slice()).unwrap();
    std::io::Read::read_to_end(&mut decoder, &mut plain).unwrap();
    Some(plain)
}

/// A shipped sample.
pub(crate) fn sample(name: &str) -> Vec<u8> {
    unpacked(&format!("samples/json/{name}.zst")).unwrap()
}

pub(crate) fn value(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

/// Returns files of a folder with this ending before `.zst`, from the project's root.
pub(crate) fn files(folder: &str, ending: &str) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(root(folder)) else {
        println!("SKIPPED: no recordings at {folder}");
        return Vec::new();
    };
    let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let wanted = names.filter(|name| name.ends_with(&format!("{ending}.zst")));
    let mut files: Vec<_> = wanted.map(|name| format!("{folder}/{name}")).collect();
    files.sort();
    files
}

pub(crate) fn parse(bytes: &[u8]) -> Result<Profile, Error> {
    read_stream(bytes, Path::new("test.json"), &Options::default())
}

pub(crate) fn parse_value(value: &Value) -> Profile {
    parse(&serde_json::to_vec(value).unwrap()).unwrap_or_else(|error| panic!("{error}"))
}

/// Counts samples, readable or not.
pub(crate) fn accounted(profile: &Profile) -> u64 {
    profile.total() + profile.unreadable()
}

/// Returns folded stacks with tiers, inlining and idle samples.
pub(crate) fn fold(profile: &Profile) -> String {
    let tiers = Tiers::Split;
    let selection = Selection { idle: Idle::Keep, tiers, annotate: true, ..Selection::default() };
    let mut text = Vec::new();
    folded::write(&CallTree::build(profile, &selection), &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

/// The labels of all functions of a kind.
pub(crate) fn labels(profile: &Profile, kind: Kind) -> BTreeSet<String> {
    let of_kind = profile.frames.functions().filter(|(_, function)| function.kind == kind);
    of_kind.map(|(_, function)| label(profile, function)).collect()
}

fn label(profile: &Profile, function: &spikeflame_profile::Function) -> String {
    let mut text = String::new();
    let tier = spikeflame_profile::Tier::None;
    write_label(&mut text, profile.frames.strings(), function, tier);
    text
}

/// Weight by the label of the innermost frame.
pub(crate) fn leaves(profile: &Profile) -> BTreeMap<String, u64> {
    let mut sums = BTreeMap::new();
    for (sample, weight) in profile.threads.iter().flat_map(|thread| thread.samples.iter()) {
        let leaf = profile.stacks.frames(sample.stack).next();
        let text = leaf.map_or_else(String::new, |leaf| {
            label(profile, profile.frames.get_function(profile.frames.get(leaf).function))
        });
        *sums.entry(text).or_default() += weight;
    }
    sums
}

/// Every sample's time, thread after thread.
pub(crate) fn times(profile: &Profile) -> Vec<u64> {
    let samples = profile.threads.iter().flat_map(|thread| thread.samples.iter());
    samples.map(|(sample, _)| sample.time_us).collect()
}

/// Returns the bytes after some are changed, inserted and removed.
pub(crate) fn damaged(mut bytes: Vec<u8>, edits: &[(prop::Index, u8, u8)]) -> Vec<u8> {
    for (at, byte, what) in edits {
        let at = at.index(bytes.len());
        match what {
            0 => bytes[at] = *byte,
            1 => bytes.insert(at, *byte),
            _ => drop(bytes.remove(at)),
        }
    }
    bytes
}

/// Generates the argument of [`damaged`].
pub(crate) fn edits() -> impl proptest::strategy::Strategy<Value = Vec<(prop::Index, u8, u8)>> {
    use proptest::prelude::any;
    // Mostly bytes that have a meaning in JSON.
    let byte = proptest::prop_oneof![
        proptest::sample::select(b"0123456789-.eE,:{}[]\"\\ n".to_vec()),
        any::<u8>()
    ];
    proptest::collection::vec((any::<prop::Index>(), byte, 0..3u8), 1..8)
}

use proptest::sample as prop;
