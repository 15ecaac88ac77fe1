//! What lies in the folder of a run, by content.

use spikeflame_parse::Progress;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Formats of load tests that have a timeline, the most exact first.
const TIMELINES: [&str; 3] = ["k6 JSON", "k6 CSV", "CSV"];
/// Formats that have totals only.
const SUMMARIES: [&str; 3] = ["k6 summary (JSON)", "k6 summary (text)", "autocannon"];

/// Bytes that a load test is recognised by.
const HEAD: u64 = 1 << 16;

/// A load test in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadFile {
    /// The file.
    pub path: PathBuf,
    /// Its format: `k6 JSON`.
    pub format: &'static str,
}

impl LoadFile {
    fn rank(&self) -> Option<usize> {
        TIMELINES.iter().position(|format| *format == self.format)
    }
}

/// The folder of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    /// Where it is.
    pub path: PathBuf,
    /// Its load tests, the one with the most exact timeline first.
    pub loads: Vec<LoadFile>,
}

impl Folder {
    /// Looks at the first bytes of every file that lies directly in `path`. A file
    /// that cannot be opened is not looked at; a folder that cannot be read is empty.
    pub fn look(path: &Path) -> Self {
        let mut files: Vec<PathBuf> = std::fs::read_dir(path)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.is_file())
            .collect();
        files.sort();
        let mut loads: Vec<LoadFile> = files.into_iter().filter_map(load_file).collect();
        loads.sort_by_key(|load| {
            let summary = SUMMARIES.iter().position(|format| *format == load.format);
            load.rank().or(summary.map(|at| at + TIMELINES.len()))
        });
        Self { path: path.to_owned(), loads }
    }

    /// The load test with the most exact timeline.
    pub fn timeline(&self) -> Option<&LoadFile> {
        self.loads.iter().find(|load| load.rank().is_some())
    }
}

fn load_file(path: PathBuf) -> Option<LoadFile> {
    let stream = spikeflame_parse::open(&path, &Progress::default()).ok()?;
    let mut head = Vec::new();
    stream.take(HEAD).read_to_end(&mut head).ok()?;
    let format = spikeflame_load::recognise(&head)?;
    Some(LoadFile { path, format })
}
