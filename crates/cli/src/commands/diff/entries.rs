//! The runs in a folder: those of a history, or those that show the noise of one build.

use super::plan::Plan;
use crate::args::Cli;
use crate::failure::Failure;
use crate::output;
use spikeflame_parse::{APP_LOG, LOG, RECORDING};
use std::path::{Path, PathBuf};

/// The bytes of a file by which its format is recognised.
const HEAD: usize = 1 << 16;
/// The number of names in a warning.
const NAMED: usize = 3;

/// The kind of an entry in a folder of runs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Entry {
    /// A recording, or a folder with one.
    Run,
    /// A hidden file, a text or a log, or a load test, which are usual beside runs.
    BesideRuns,
    Other,
}

/// Returns the runs in a folder, in the order of their paths. A warning names other files and folders,
/// except for those that are usual beside runs.
pub(super) fn runs_in(folder: &Path, plan: &Plan, cli: &Cli) -> Result<Vec<PathBuf>, Failure> {
    let fail = |source| Failure::Write { path: folder.to_owned(), source };
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).map_err(fail)?.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let is_given = plan.reading.recording.format.is_some();
    let kinds: Vec<Entry> = paths.iter().map(|path| entry(path, is_given)).collect();
    let of = |kind| paths.iter().zip(&kinds).filter(move |(_, of)| **of == kind);
    let others: Vec<&PathBuf> = of(Entry::Other).map(|(path, _)| path).collect();
    if !others.is_empty() && !cli.quiet {
        output::complain("warning", &passed_over(&others));
    }
    Ok(of(Entry::Run).map(|(path, _)| path.clone()).collect())
}

/// Returns the kind of an entry. `is_given` is true when the user gave the format of recordings, which then
/// have any content.
fn entry(path: &Path, is_given: bool) -> Entry {
    let is_hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    let is_text = path.extension().is_some_and(|ending| ending == "md");
    if is_hidden || is_text {
        return Entry::BesideRuns;
    }
    if !path.is_dir() {
        return file(path, is_given);
    }
    // The reader states why a run of the recorder has no recording.
    let Ok(files) = std::fs::read_dir(path) else { return Entry::Run };
    let mut files = files.flatten().map(|entry| entry.path()).filter(|path| path.is_file());
    let is_run = |path: PathBuf| {
        path.file_name().is_some_and(|name| name == "run.json")
            || file(&path, is_given) == Entry::Run
    };
    if files.any(is_run) { Entry::Run } else { Entry::Other }
}

/// Returns the kind of a file by its first bytes. The reader states why a file cannot be read.
fn file(path: &Path, is_given: bool) -> Entry {
    let Ok(head) = spikeflame_parse::head(path, HEAD) else { return Entry::Run };
    match spikeflame_parse::describe(&head) {
        Some(APP_LOG | LOG) => Entry::BesideRuns,
        _ if spikeflame_load::recognise(&head).is_some() => Entry::BesideRuns,
        Some(RECORDING) => Entry::Run,
        _ if is_given => Entry::Run,
        _ => Entry::Other,
    }
}

/// Returns the warning for entries that are no runs.
fn passed_over(others: &[&PathBuf]) -> String {
    let names: Vec<String> =
        others.iter().take(NAMED).map(|path| path.display().to_string()).collect();
    let more = match others.len() - names.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let are = match others {
        [_] => "is no recording and no folder with one, and is passed over",
        _ => "are no recordings and no folders with one, and are passed over",
    };
    format!("{}{more} {are}", names.join(", "))
}
