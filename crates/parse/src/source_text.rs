//! Reads single lines of source files, for views that show lines.

use crate::source_maps::{is_remote, is_source};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::time::SystemTime;

/// The most bytes that are read of a source file.
const LARGEST_SOURCE_BYTES: u64 = 16 << 20;

/// The endings of the names of files that may be shown. A recording may name any file, so other
/// files are not opened.
const SOURCES: [&str; 25] = [
    "js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx", "vue", "svelte", "c", "cc", "cpp", "cxx",
    "h", "hh", "hpp", "go", "rs", "py", "rb", "java", "kt", "cs", "php",
];

/// Some lines of a source file, with facts about the file.
#[derive(Clone, Debug, Default)]
pub struct SourceText {
    /// The text of those lines that [`SourceText::read`] was to read and the file has, by their
    /// number from 1. White space at the end of a line is removed; indentation stays.
    pub lines: BTreeMap<u32, String>,
    /// The time of the file's last write; `None` where the system does not have it.
    pub modified: Option<SystemTime>,
    /// True when the file ends before the last line that was to be read.
    pub is_shorter: bool,
}

impl SourceText {
    /// Reads the lines `wanted` (numbers from 1) of the source file at the path `file`.
    ///
    /// Returns `None` when the file cannot be read on this machine, or is larger than 16 MiB. It also returns
    /// `None` for a file without the ending of a source file (such as `.js`, `.ts`, `.rs`), for a URL, and
    /// for a path on another machine (`\\server\share`). A `?` and the text behind it are no part of the
    /// path.
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
        if !about.is_file() || about.len() > LARGEST_SOURCE_BYTES {
            return None;
        }
        let mut reader = BufReader::new(File::open(file).ok()?.take(LARGEST_SOURCE_BYTES));
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
