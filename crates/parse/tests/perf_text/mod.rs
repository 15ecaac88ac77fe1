//! The text of `perf script`: equal to `inferno` in raw mode, otherwise with the labels of
//! V8's log, and without loss.

use crate::common;
mod lines;
mod parity;
mod recordings;
mod several_threads;

use common::root;
use spikeflame_parse::{Error, Options, read_stream};
use spikeflame_profile::{CallTree, Profile, Selection, folded};
use std::path::{Path, PathBuf};

fn texts() -> Vec<PathBuf> {
    let mut texts: Vec<PathBuf> = [
        "samples/perf-text",
        "samples/perf",
        "../shared/data/perf/spike-before",
        "../shared/data/shop",
    ]
    .into_iter()
    .flat_map(|folder| match std::fs::read_dir(root(folder)) {
        Ok(entries) => entries.flatten().map(|entry| entry.path()).collect(),
        Err(_) => {
            println!("SKIPPED: no recordings at {folder}");
            Vec::new()
        }
    })
    .filter(|path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        name.ends_with(".txt.zst") || name.contains("perf-script")
    })
    .collect();
    texts.sort();
    texts
}

fn unpack(path: &Path) -> Vec<u8> {
    let mut text = Vec::new();
    let file = std::fs::File::open(path).unwrap();
    let mut decoder = ruzstd::decoding::StreamingDecoder::new(file).unwrap();
    std::io::Read::read_to_end(&mut decoder, &mut text).unwrap();
    text
}

fn parse(text: &[u8], options: &Options) -> Result<Profile, Error> {
    read_stream(text, Path::new("perf.txt"), options)
}

fn fold(profile: &Profile) -> String {
    let mut text = Vec::new();
    folded::write(&CallTree::build(profile, &Selection::default()), &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

fn folded(text: &str) -> String {
    fold(&parse(text.as_bytes(), &Options::default()).unwrap())
}
