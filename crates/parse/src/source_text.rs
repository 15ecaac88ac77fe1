//! Reads single lines of source files, for views that show lines.

use crate::source_maps::{is_remote, is_source};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::time::SystemTime;

/// The most bytes that are read of a source file.
const LARGEST: u64 = 16 << 20;

/// The endings of the names of files that may be shown. A recording may name any file, so other
/// files are not opened.
const SOURCES: [&str; 25] = [
    "js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx", "vue", "svelte", "c", "cc", "cpp", "cxx",
    "h", "hh", "hpp", "go", "rs", "py", "rb", "java", "kt", "cs", "php",
];

/// Lines of a source file.
#[derive(Clone, Debug, Default)]
pub struct SourceText {
    /// The text of the requested lines that exist, by number from 1.
    pub lines: BTreeMap<u32, String>,
    /// The time at which the file was last written.
    pub modified: Option<SystemTime>,
    /// True when the file has fewer lines than were requested.
    pub is_shorter: bool,
}

impl SourceText {
    /// Reads lines of the source file that a recording names. Returns `None` when the file is
    /// not on this machine, is larger than 16 MiB, or does not have the ending of a source
    /// file.
    ///
    /// ```
    /// use spikeflame_parse::SourceText;
    ///
    /// let text = SourceText::read("src/lib.rs", &[1].into()).unwrap_or_default();
    /// assert!(text.lines.get(&1).is_some_and(|line| line.starts_with("//!")));
    /// assert!(SourceText::read("Cargo.toml", &[1].into()).is_none(), "not a source file");
    /// ```
    pub fn read(file: &str, wanted: &BTreeSet<u32>) -> Option<Self> {
        let file = file.split('?').next().unwrap_or(file);
        let ending = Path::new(file).extension()?.to_str()?;
        if !SOURCES.contains(&ending) || !is_source(file) || is_remote(file) {
            return None;
        }
        let about = Path::new(file).metadata().ok()?;
        if !about.is_file() || about.len() > LARGEST {
            return None;
        }
        let mut reader = BufReader::new(File::open(file).ok()?.take(LARGEST));
        let mut found = Self { modified: about.modified().ok(), ..Self::default() };
        let last = wanted.last().copied().unwrap_or(0);
        let (mut number, mut line) = (0, Vec::new());
        while number < last {
            line.clear();
            if reader.read_until(b'\n', &mut line).ok()? == 0 {
                found.is_shorter = true;
                break;
            }
            number += 1;
            if wanted.contains(&number) {
                let text = String::from_utf8_lossy(&line);
                found.lines.insert(number, text.trim_end().to_owned());
            }
        }
        Some(found)
    }
}
