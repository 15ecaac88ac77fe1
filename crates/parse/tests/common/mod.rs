//! The places of recordings, and the results of V8's own processor.

#![allow(dead_code, reason = "each test file uses a part of it")]

use spikeflame_parse::{Options, read};
use spikeflame_profile::{Function, Profile, Tier};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A path from the project's root.
pub(crate) fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// Returns the logs in a folder, or prints that the folder is not there.
pub(crate) fn logs_in(folder: &str) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(root(folder)) else {
        println!("SKIPPED: no recordings at {folder}");
        return Vec::new();
    };
    let is_log = |path: &PathBuf| {
        let name = path.to_string_lossy();
        name.ends_with(".log") || name.ends_with(".log.zst")
    };
    let mut logs: Vec<_> = entries.flatten().map(|entry| entry.path()).filter(is_log).collect();
    logs.sort();
    logs
}

/// Returns every log on this machine: in the repository, recorded here (`just record`), and
/// shared.
pub(crate) fn all_logs() -> Vec<PathBuf> {
    let flat =
        ["samples/v8", "target/recordings", "../shared/data/v8"].into_iter().flat_map(logs_in);
    flat.chain(["samples/spike", "../shared/data/spike"].into_iter().flat_map(runs_in)).collect()
}

/// The logs of a folder of runs.
fn runs_in(folder: &str) -> Vec<PathBuf> {
    let Ok(runs) = std::fs::read_dir(root(folder)) else {
        println!("SKIPPED: no runs at {folder}");
        return Vec::new();
    };
    let mut logs: Vec<_> = runs
        .flatten()
        .flat_map(|run| logs_in(&format!("{folder}/{}", run.file_name().to_string_lossy())))
        .collect();
    logs.sort();
    logs
}

/// Returns the log's name without folder and endings.
pub(crate) fn stem(log: &Path) -> String {
    let name = log.file_name().unwrap().to_string_lossy().into_owned();
    name.trim_end_matches(".zst").trim_end_matches(".log").to_owned()
}

/// Returns the major version of Node that wrote a log. For logs whose version was damaged
/// on purpose it is in the name.
pub(crate) fn node_version(log: &Path, profile: &Profile) -> u32 {
    let (stem, producer) = (stem(log), &profile.sources[0].producer);
    let (_, rest) = producer.split_once("Node ").or_else(|| stem.split_once("node")).unwrap();
    rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap()
}

pub(crate) fn load(log: &Path) -> Profile {
    read(&[log.to_owned()], &Options::default()).unwrap_or_else(|error| panic!("{error}"))
}

/// The parsed text of V8's own processor.
#[derive(Debug, Default)]
pub(crate) struct Processor {
    pub(crate) ticks: u64,
    pub(crate) unaccounted: u64,
    pub(crate) gc: u64,
    /// Self ticks of JavaScript functions, by label with the tier's mark.
    pub(crate) functions: BTreeMap<String, u64>,
}

impl Processor {
    /// Reads the text beside a log, if there is one.
    pub(crate) fn beside(log: &Path) -> Option<Self> {
        let path = log.with_file_name(format!("{}.v8-processor.txt", stem(log)));
        let text = String::from_utf8_lossy(&std::fs::read(path).ok()?).into_owned();
        let mut processor = Self::default();
        let mut section = "";
        for line in text.lines() {
            if let Some((_, counts)) = line
                .strip_prefix("Statistical profiling result from ")
                .and_then(|l| l.rsplit_once('('))
            {
                let numbers: Vec<u64> = counts
                    .split(|c: char| !c.is_ascii_digit())
                    .filter_map(|n| n.parse().ok())
                    .collect();
                (processor.ticks, processor.unaccounted) = (numbers[0], numbers[1]);
            } else if let Some(name) = line.strip_prefix(" [").and_then(|l| l.strip_suffix("]:")) {
                section = name;
            }
            let mut words = line.split_whitespace();
            let Some(ticks) = words.next().and_then(|word| word.parse().ok()) else { continue };
            match section {
                "Summary" if line.trim_end().ends_with("GC") => processor.gc = ticks,
                "JavaScript" => {
                    // `  ticks  share%  [share of non-library%]  Tag: name`
                    let Some((_, name)) = line.rsplit_once("%  ") else { continue };
                    let Some((_, label)) = name.split_once(": ") else { continue };
                    if has_location(label) {
                        *processor.functions.entry(plain(label)).or_default() += ticks;
                    }
                }
                _ => {}
            }
        }
        Some(processor)
    }
}

fn has_location(label: &str) -> bool {
    let mut parts = label.rsplitn(3, ':');
    (0..2).all(|_| {
        parts.next().is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    })
}

/// Converts V8's label to ours: eval's empty URL becomes `<eval>`, a file URL its path.
fn plain(label: &str) -> String {
    let label = label.replace("file://", "");
    match label.split_once(" :") {
        Some((name, place)) if has_location(&format!(":{place}")) && !place.contains(' ') => {
            format!("{name} <eval>:{place}")
        }
        _ => label,
    }
}

/// Returns a function's label with its tier's mark, as V8's processor writes it.
pub(crate) fn label(profile: &Profile, function: &Function, tier: Tier) -> String {
    let mut text = String::new();
    spikeflame_profile::write_label(&mut text, profile.frames.strings(), function, tier);
    text
}
