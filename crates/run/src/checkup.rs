//! Looks at every file of a run's folder, and describes what it is.

use crate::facts::Facts;
use spikeflame_load::monitor::{self, MonitorOptions};
use spikeflame_load::{Load, ReadOptions};
use spikeflame_parse::{Error as ReadError, Options, Progress, Stream};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Largest number of files that are looked at. The folder of a run has fewer.
const MOST_FILES: usize = 500;
/// Bytes at the start of a file by which a load test is recognised.
const HEAD: u64 = 1 << 16;
/// The first columns of the recorder's table of the resources that processes used.
pub(crate) const PROCESS_USE: &[u8] = b"time,pid,cpu_cores,";

/// The files of a run folder, each with a description of its content.
#[derive(Debug)]
pub struct Checkup {
    /// The folder or the file that was read.
    pub path: PathBuf,
    /// The files, ordered by path.
    pub files: Vec<FileCheck>,
    /// Number of further files in the folder, which were not opened.
    pub more: usize,
}

/// A file of a run folder, with a description of its content.
#[derive(Debug)]
pub struct FileCheck {
    /// Path of the file.
    pub path: PathBuf,
    /// The kind of the content, with a few facts about it.
    pub content: Content,
}

/// The content of a file of a run, with a few facts about it.
#[derive(Debug)]
#[non_exhaustive]
pub enum Content {
    /// A recording of a profiler.
    Recording(RecordingSummary),
    /// An application's log.
    Log {
        /// Number of errors that the log contains; 0 for a log without errors.
        errors: u64,
    },
    /// A load test with times, so that it has a timeline.
    Timeline {
        /// The name of the format, such as `k6 JSON`.
        format: &'static str,
        /// Length of the test in seconds.
        seconds: usize,
        /// Number of requests that ended, successful and failed.
        requests: f64,
    },
    /// A load test that has only totals of the whole test.
    Totals {
        /// The name of the format, such as `k6 summary (text)`.
        format: &'static str,
    },
    /// The recorder's facts about the run (`run.json`).
    Facts {
        /// False when the recording still runs, or when its recorder was killed.
        is_finished: bool,
    },
    /// A copy of `/proc/PID/maps` (`maps-PID.txt`): the addresses at which the binaries and
    /// libraries of a process were loaded.
    MemoryMap,
    /// A map for perf (`perf-PID.map`): the addresses and names of the functions that V8 compiled.
    PerfMap,
    /// The recorder's table of the resources that processes used, with one row a second for each
    /// process (`process.csv`).
    ProcessUse,
    /// Measurements of a monitor over time.
    Monitor {
        /// Names of the measured quantities.
        tracks: Vec<String>,
    },
    /// A file that cannot be read, or one of a known format that cannot be used. The value is the
    /// reason.
    Unusable(String),
    /// A file of another kind, which is not used. The value describes its content.
    Other(String),
}

/// A recording in a few numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordingSummary {
    /// The producer of the first recording, as in
    /// [`Source::producer`](spikeflame_profile::Source::producer): `V8 11.3.244.8-node.57`.
    pub producer: String,
    /// Sum of the weights of all samples, in `unit`.
    pub total: u64,
    /// The unit of the weights, such as `ticks`, `samples` or `nanoseconds`.
    pub unit: String,
    /// End of the recording, in microseconds since its zero.
    pub end_us: u64,
    /// True when the samples have times, as in
    /// [`Source::timed`](spikeflame_profile::Source::timed).
    pub timed: bool,
    /// Number of samples that could not be read.
    pub unreadable: u64,
}

impl Checkup {
    /// Reads the first 500 files (by path) directly in the folder `path`, or the one file `path`, and
    /// describes each. A file that cannot be read is [`Content::Unusable`]; a folder that cannot be
    /// read has no files.
    ///
    /// ```
    /// use spikeflame_run::{Checkup, Content};
    ///
    /// # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples/spike/before-1");
    /// let found = Checkup::read(path.as_ref(), &Default::default());
    /// let loads = found.files.iter().filter(|f| matches!(f.content, Content::Timeline { .. }));
    /// assert_eq!(loads.count(), 1);
    /// ```
    pub fn read(path: &Path, options: &Options) -> Self {
        let mut files: Vec<PathBuf> = if path.is_dir() {
            let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
            entries.map(|entry| entry.path()).filter(|path| path.is_file()).collect()
        } else {
            vec![path.to_owned()]
        };
        files.sort();
        let more = files.len().saturating_sub(MOST_FILES);
        files.truncate(MOST_FILES);
        let found = |path: PathBuf| FileCheck { content: content_of(&path, options), path };
        Self { path: path.to_owned(), files: files.into_iter().map(found).collect(), more }
    }
}

fn content_of(path: &Path, options: &Options) -> Content {
    if path.file_name().is_some_and(|name| name == "run.json")
        && let Some(folder) = path.parent()
    {
        match Facts::read(folder) {
            Ok(Some(facts)) => return Content::Facts { is_finished: facts.is_finished },
            Ok(None) => {}
            Err(why) => return Content::Unusable(why.to_string()),
        }
    }
    match load_of(path) {
        Some(content) => content,
        None => recording_of(path, options),
    }
}

/// Returns a file, unpacked; `None` when it cannot be opened.
fn open(path: &Path) -> Option<Stream> {
    spikeflame_parse::open(path, &Progress::default()).ok()
}

/// Returns the first bytes of a file, unpacked; `None` when they cannot be read.
fn head_of(path: &Path) -> Option<Vec<u8>> {
    let mut head = Vec::new();
    open(path)?.take(HEAD).read_to_end(&mut head).ok()?;
    Some(head)
}

/// Returns the content of a load test, also of one without the names of its columns; `None` for other files.
fn load_of(path: &Path) -> Option<Content> {
    let head = head_of(path)?;
    let Some(format) = spikeflame_load::recognise(&head).map(|format| format.name) else {
        let found = spikeflame_load::nameless_requests(&head)?;
        return Some(Content::Unusable(found.to_owned()));
    };
    Some(match spikeflame_load::read(open(path)?, path, &ReadOptions::default()) {
        Ok(Load::Timeline(timeline)) => Content::Timeline {
            format: timeline.format,
            seconds: timeline.seconds.len(),
            requests: timeline.seconds.iter().map(|second| second.requests()).sum(),
        },
        Ok(Load::Summary(summary)) => Content::Totals { format: summary.format },
        Err(why) => Content::Unusable(format!("{format}: {why}")),
    })
}

/// Returns the content of a file that is no recording; `None` for unknown files.
fn other(path: &Path, options: &Options) -> Option<Content> {
    if let Some(log) = quiet_log(path, options) {
        return Some(log);
    }
    let head = head_of(path)?;
    if head.starts_with(PROCESS_USE) {
        return Some(Content::ProcessUse);
    }
    if is_memory_map(&head) {
        return Some(Content::MemoryMap);
    }
    if is_perf_map(path, &head) {
        return Some(Content::PerfMap);
    }
    let monitor = monitor::read(open(path)?, path, &MonitorOptions::default()).ok()?;
    let tracks = monitor.tracks.into_iter().map(|track| track.name).collect();
    Some(Content::Monitor { tracks })
}

/// Returns the content of a file with the name of a log, which shows no error at its beginning.
fn quiet_log(path: &Path, options: &Options) -> Option<Content> {
    if !spikeflame_parse::is_log_name(path) || is_empty(path) {
        return None;
    }
    let options = Options { app_log: true, ..options.clone() };
    let profile = spikeflame_parse::read(&[path.to_owned()], &options).ok()?;
    let is_log = profile.sources.first().is_some_and(|source| source.unit == "errors");
    is_log.then(|| Content::Log { errors: profile.total() })
}

/// Returns true for a file without a byte: nothing shows that it is a log.
fn is_empty(path: &Path) -> bool {
    path.metadata().is_ok_and(|about| about.len() == 0)
}

/// Returns true for a file with the name of a perf map, whose first line has an address, a length and a
/// name: `3a0c8d00 1c JS:~work /srv/a.js:1:1`.
pub(crate) fn is_perf_map(path: &Path, head: &[u8]) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let number = name.strip_prefix("perf-").and_then(|rest| rest.split_once(".map"));
    let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let text = String::from_utf8_lossy(first);
    let mut words = text.split_whitespace();
    let mut is_hex = || words.next().is_some_and(|word| u64::from_str_radix(word, 16).is_ok());
    number.is_some_and(|(number, _)| number.parse::<u32>().is_ok()) && is_hex() && is_hex()
}

/// Returns true for the text of `/proc/PID/maps`, such as `7f00-7f01 r-xp 00000000 08:01 42 /x`.
pub(crate) fn is_memory_map(head: &[u8]) -> bool {
    let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let text = String::from_utf8_lossy(first);
    let mut fields = text.split_ascii_whitespace();
    let hex = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let range = fields.next().and_then(|range| range.split_once('-'));
    let rights = fields.next().unwrap_or_default();
    range.is_some_and(|(from, to)| hex(from) && hex(to))
        && rights.len() == 4
        && rights.bytes().all(|byte| b"rwxps-".contains(&byte))
}

fn recording_of(path: &Path, options: &Options) -> Content {
    let inputs = [path.to_owned()];
    let profile = match spikeflame_parse::read(&inputs, options) {
        Ok(profile) => profile,
        Err(ReadError::Unrecognised { found, .. }) => {
            return other(path, options).unwrap_or_else(|| Content::Other(found.to_owned()));
        }
        Err(ReadError::NoSamples { why, .. }) => {
            return quiet_log(path, options)
                .unwrap_or_else(|| Content::Unusable(format!("no samples in it; {why}")));
        }
        Err(ReadError::Damaged { at, expected, .. }) => {
            return Content::Unusable(format!("{at}: {expected}"));
        }
        Err(why) => {
            // The caller prints the file's name beside the reason, so the reason must not contain
            // it.
            let name = format!("{}: ", path.display());
            let why = why.to_string();
            return Content::Unusable(why.strip_prefix(&name).unwrap_or(&why).to_owned());
        }
    };
    let first = profile.sources.first();
    let unit = first.map_or_else(|| "samples".to_owned(), |source| source.unit.clone());
    if unit == "errors" {
        return Content::Log { errors: profile.total() };
    }
    Content::Recording(RecordingSummary {
        producer: first.map(|source| source.producer.clone()).unwrap_or_default(),
        total: profile.total(),
        unit,
        end_us: profile.sources.iter().map(|source| source.end_us).max().unwrap_or(0),
        timed: profile.is_timed(),
        unreadable: profile.unreadable(),
    })
}
