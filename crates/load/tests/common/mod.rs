//! Paths of load files, and a way to read them.

#![allow(dead_code, reason = "each test file uses a part of it")]

pub(crate) mod queue;

use flate2::read::MultiGzDecoder;
use spikeflame_load::{Error, Latencies, Load, ReadOptions, Summary, Timeline, read};
use std::io::Read;
use std::path::{Path, PathBuf};

/// A path from the project's root.
pub(crate) fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// The content of a file, unpacked.
pub(crate) fn bytes_of(path: &Path) -> Vec<u8> {
    let file = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut bytes = Vec::new();
    if file.starts_with(&[0x1f, 0x8b]) {
        MultiGzDecoder::new(file.as_slice()).read_to_end(&mut bytes).unwrap();
        return bytes;
    }
    file
}

/// The timeline of a text, which must be readable.
pub(crate) fn readable(text: &str) -> Timeline {
    timeline_of(text.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Folders of shared runs with a k6.json.gz. Prints SKIPPED when they are not there.
pub(crate) fn shared_runs() -> Vec<PathBuf> {
    let shared = root("../shared/data");
    let folders = ["spike", "perf", "cpuprofile", "."]
        .into_iter()
        .filter_map(|folder| std::fs::read_dir(shared.join(folder)).ok());
    let runs: Vec<PathBuf> = (folders.flatten().flatten())
        .map(|entry| entry.path())
        .filter(|path| path.join("k6.json.gz").exists())
        .collect();
    if runs.is_empty() {
        println!("SKIPPED: no runs at {}", shared.display());
    }
    runs
}

pub(crate) fn read_with(bytes: &[u8], options: &ReadOptions) -> Result<Load, Error> {
    read(bytes, Path::new("test"), options)
}

pub(crate) fn timeline_of(bytes: &[u8]) -> Result<Timeline, Error> {
    match read_with(bytes, &ReadOptions::default())? {
        Load::Timeline(timeline) => Ok(timeline),
        Load::Summary(summary) => panic!("{summary:?}"),
    }
}

pub(crate) fn summary_of(bytes: &[u8]) -> Summary {
    match read_with(bytes, &ReadOptions::default()) {
        Ok(Load::Summary(summary)) => summary,
        other => panic!("{other:?}"),
    }
}

/// Numbers of successful and of failed requests.
pub(crate) fn counts(timeline: &Timeline) -> (f64, f64) {
    let sum = |of: fn(&spikeflame_load::Second) -> f64| timeline.seconds.iter().map(of).sum();
    (sum(|second| second.ok), sum(|second| second.failed))
}

/// Returns the processor time of this thread. Other work on the machine does not lengthen it, in
/// contrast to the time that passes.
pub(crate) fn cpu_time() -> std::time::Duration {
    static BEGAN: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    let began = BEGAN.get_or_init(std::time::Instant::now);
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let used = stat.split(' ').next().and_then(|nanos| nanos.parse().ok());
    used.map_or_else(|| began.elapsed(), std::time::Duration::from_nanos)
}

/// Durations of all successful requests.
pub(crate) fn latencies(timeline: &Timeline) -> Latencies {
    let mut all = Latencies::default();
    timeline.seconds.iter().for_each(|second| all.merge(&second.latencies));
    all
}
