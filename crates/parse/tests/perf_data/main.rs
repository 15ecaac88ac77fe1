//! `perf.data`: compared with the text that `perf script` made of the recording, with the
//! input of recordings made here, and damaged.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may fail"
)]

mod binaries;
mod builder;
mod events;
mod flipped;
mod hostile;
mod jit;
mod peer;
mod periods;
mod processes;
mod recordings;
mod report;
mod script;

use spikeflame_parse::{Error, Options, read_stream};
use spikeflame_profile::{Profile, write_label};
use std::path::{Path, PathBuf};

/// A path from the project's root.
fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// Returns the content of a zstd file.
fn unpack(path: &Path) -> Vec<u8> {
    let file = std::fs::File::open(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut bytes = Vec::new();
    let mut decoder = ruzstd::decoding::StreamingDecoder::new(file).unwrap();
    std::io::Read::read_to_end(&mut decoder, &mut bytes).unwrap();
    bytes
}

/// Reads from memory, with names only from `symbols`.
fn parse(bytes: &[u8], symbols: &Path) -> Result<Profile, Error> {
    let options = Options { symbols: vec![symbols.to_owned()], ..Options::default() };
    read_stream(bytes, Path::new("perf.data"), &options)
}

/// Returns the samples of each thread, by its name: labels with tiers, outermost first.
fn stacks(profile: &Profile) -> Vec<(String, Vec<Vec<String>>)> {
    let label = |id| {
        let frame = profile.frames.get(id);
        let function = profile.frames.get_function(frame.function);
        let mut text = String::new();
        write_label(&mut text, profile.frames.strings(), function, frame.tier);
        text
    };
    let of_thread = |samples: &spikeflame_profile::Samples| {
        let labels = |stack| {
            let mut labels: Vec<String> = profile.stacks.frames(stack).map(label).collect();
            labels.reverse();
            labels
        };
        samples.iter().map(|(sample, _)| labels(sample.stack)).collect()
    };
    let threads = profile.threads.iter();
    threads.map(|thread| (thread.name.clone(), of_thread(&thread.samples))).collect()
}

/// The stacks of all threads, joined by semicolons.
fn folded(profile: &Profile) -> Vec<String> {
    stacks(profile).into_iter().flat_map(|(_, samples)| samples).map(|s| s.join(";")).collect()
}
