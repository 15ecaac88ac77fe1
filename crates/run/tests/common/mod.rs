//! Paths of real runs, and their parts.

#![allow(dead_code, reason = "each test file uses a part of it")]

use spikeflame_load::{Load, ReadOptions, Timeline};
use spikeflame_parse::Progress;
use spikeflame_profile::{Profile, Zero};
use std::path::{Path, PathBuf};

/// The recording's zero in `samples/spike/before-1`, from its `truth.json`.
pub(crate) const BEFORE_1_ZERO: i64 = 1_795_397_085_728_545;

/// A path from the project's root.
pub(crate) fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// Folders of shared runs with a k6.json.gz. Prints SKIPPED when they are not there.
pub(crate) fn shared_runs() -> Vec<PathBuf> {
    let shared = root("../shared/data");
    let folders = ["spike", "perf", "cpuprofile", "."]
        .into_iter()
        .filter_map(|folder| std::fs::read_dir(shared.join(folder)).ok());
    let mut runs: Vec<PathBuf> = (folders.flatten().flatten())
        .map(|entry| entry.path())
        .filter(|path| path.join("k6.json.gz").exists())
        .collect();
    runs.sort();
    if runs.is_empty() {
        println!("SKIPPED: no runs at {}", shared.display());
    }
    runs
}

/// The timeline in a load file.
pub(crate) fn timeline(path: &Path) -> Timeline {
    let stream = spikeflame_parse::open(path, &Progress::default()).unwrap();
    match spikeflame_load::read(stream, Path::new("test"), &ReadOptions::default()).unwrap() {
        Load::Timeline(timeline) => timeline,
        Load::Summary(summary) => panic!("{summary:?}"),
    }
}

/// The timeline in a load file of the samples.
pub(crate) fn sample(name: &str) -> Timeline {
    timeline(&root("samples").join(name))
}

pub(crate) fn profile(path: &Path) -> Profile {
    spikeflame_parse::read(&[path.to_owned()], &spikeflame_parse::Options::default()).unwrap()
}

/// The profile without its start times.
pub(crate) fn without_clock(mut profile: Profile) -> Profile {
    for source in &mut profile.sources {
        (source.zero, source.clock, source.modified_us) = (Zero::Unknown, None, None);
    }
    profile
}
