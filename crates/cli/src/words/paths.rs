//! Messages for a wrong path: nothing is there, or the run lies one folder further down.

use crate::output::quoted;
use spikeflame_parse::{APP_LOG, LOG, Options, RECORDING};
use spikeflame_run::{Checkup, Content};
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

/// Number of names that a message lists.
const NAMED: usize = 3;
/// Highest number of entries of a folder that a hint is looked for in.
const LOOKED_AT: usize = 1_000;
/// Number of levels of folders in which runs are looked for.
const DEEPEST: usize = 3;
/// Characters at the start of two names that make them similar.
const SIMILAR_START: usize = 3;

/// Returns the message for a file that could not be opened or read, where plain words help more
/// than those of the system.
pub(super) fn unreadable(path: &Path, source: &io::Error) -> Option<String> {
    match source.kind() {
        io::ErrorKind::NotFound => Some(missing(path)),
        io::ErrorKind::IsADirectory => {
            Some(format!("{}: a folder; name a file in it", path.display()))
        }
        _ => None,
    }
}

/// Returns the message for an output file that could not be written.
pub(crate) fn unwritable(path: &Path, source: &io::Error) -> String {
    let folder = parent(path);
    if source.kind() == io::ErrorKind::NotFound && !folder.exists() {
        let folder = folder.display();
        return format!(
            "{}: the folder {folder} does not exist; `mkdir -p {folder}` makes it",
            path.display()
        );
    }
    format!("{}: {source}", path.display())
}

/// Returns the message for a path at which there is nothing.
pub(crate) fn missing(path: &Path) -> String {
    let (shown, folder) = (path.display(), parent(path));
    if !folder.is_dir() {
        return format!(
            "{shown}: no such file or folder; {} does not exist either{}",
            folder.display(),
            look_there(&folder)
        );
    }
    let start: String = name(path).chars().take(SIMILAR_START).collect();
    let similar: Vec<String> = entries(&folder)
        .iter()
        .map(|entry| name(entry))
        .filter(|other| !start.is_empty() && other.starts_with(&start))
        .take(NAMED)
        .collect();
    if similar.is_empty() {
        return format!("{shown}: no such file or folder{}", look_there(&folder));
    }
    format!("{shown}: no such file or folder; similar names there: {}", similar.join(", "))
}

/// Returns the end of a message about a path without a file: the command that lists the files of the
/// folder, or of the nearest folder above it that exists.
pub(crate) fn look_there(folder: &Path) -> String {
    let there = folder.ancestors().find(|folder| folder.is_dir()).unwrap_or_else(|| Path::new("."));
    format!("; `spikeflame doctor {}` lists what is there", quoted(there))
}

/// Returns the folders below a folder that look like runs, ordered by path. Hidden folders and those of
/// packages are not looked into.
pub(crate) fn runs_under(folder: &Path) -> Vec<PathBuf> {
    let mut runs = Vec::new();
    collect_runs(folder, DEEPEST, &mut runs);
    runs
}

fn collect_runs(folder: &Path, depth: usize, runs: &mut Vec<PathBuf>) {
    for entry in entries(folder) {
        let name = name(&entry);
        // A link can lead to a folder above.
        if name.starts_with('.') || name == "node_modules" || entry.is_symlink() || !entry.is_dir()
        {
            continue;
        }
        if is_run(&entry) {
            runs.push(entry);
        } else if depth > 1 && runs.len() < LOOKED_AT {
            collect_runs(&entry, depth - 1, runs);
        }
    }
}

/// Returns the end of a message about a folder without what was looked for: the folders below it that
/// look like runs. It is empty when there is none.
pub(crate) fn runs_below(folder: &Path) -> String {
    let mut runs = runs_under(folder);
    let more = runs.len().saturating_sub(NAMED);
    runs.truncate(NAMED);
    let names: Vec<String> = runs.iter().map(|run| run.display().to_string()).collect();
    match (names.len(), more) {
        (0, _) => String::new(),
        (1, _) => format!("; {} in it looks like a run: name that folder", names.join("")),
        (_, 0) => format!("; {} in it look like runs: name one of them", names.join(", ")),
        (_, more) => {
            format!("; {} and {more} more in it look like runs: name one of them", names.join(", "))
        }
    }
}

/// Returns the end of a message about a folder without a recording, with the commands that read the
/// log of an application or the load test in it. A log without errors does not count. Without both of them it
/// names the first file that another program is known to write, and it is empty without such a file.
pub(super) fn readable_in(folder: &Path) -> String {
    let checkup = Checkup::read(folder, &Options::default());
    let has_errors = |content: &Content| matches!(content, Content::Log { errors } if *errors > 0);
    let log = checkup.files.iter().find(|file| has_errors(&file.content));
    let load = checkup.files.iter().find_map(|file| match &file.content {
        Content::Timeline { format, .. } => Some(*format),
        _ => None,
    });
    let folder = quoted(folder);
    let log = log.map_or(String::new(), |log| {
        let log = quoted(&log.path);
        format!(
            "; it holds the log of an application: `spikeflame errors {folder}` lists its errors, and \
             `spikeflame report {log}` makes a page of them"
        )
    });
    let load = load.map_or(String::new(), |format| {
        format!(
            "; it holds a load test ({format}): `spikeflame plateau {folder}` and `spikeflame capacity \
             {folder}` read it without a recording"
        )
    });
    let other = match log.is_empty() && load.is_empty() {
        true => foreign_in(&checkup),
        false => String::new(),
    };
    log + &load + &other
}

/// Returns the end of a message with the first file of a folder that another program writes; empty without one.
fn foreign_in(checkup: &Checkup) -> String {
    let named = |path: &PathBuf| {
        let head = spikeflame_parse::head(path, 64 * 1024).ok()?;
        let found = spikeflame_parse::describe(&head)?;
        let is_other = ![APP_LOG, LOG, RECORDING].contains(&found);
        is_other.then(|| format!("; {} is {found}", name(path)))
    };
    checkup.files.iter().find_map(|file| named(&file.path)).unwrap_or_default()
}

/// Returns true for a folder with the name of a recording in it, or with the recorder's facts.
pub(crate) fn is_run(folder: &Path) -> bool {
    entries(folder).iter().any(|entry| {
        let name = name(entry);
        name == "run.json"
            || name == "perf.data"
            || name.starts_with("isolate") && name.contains(".log")
            || name.contains(".cpuprofile")
    })
}

/// Returns the first [`LOOKED_AT`] entries of a folder, ordered by path.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    // The system lists them in any order.
    paths.sort();
    paths.truncate(LOOKED_AT);
    paths
}

fn name(path: &Path) -> String {
    path.file_name().map(OsStr::to_string_lossy).unwrap_or_default().into_owned()
}

/// Returns the folder that a path is in; `.` for a bare name.
fn parent(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    #[test]
    fn a_wrong_path_is_answered_with_what_is_there() {
        let root = tempfile::tempdir().unwrap();
        for run in ["before-1", "before-2", "after-1", "after-2"] {
            let folder = root.path().join("runs").join(run);
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join("run.json"), "{}").unwrap();
        }
        let runs = root.path().join("runs");
        let text = missing(&runs.join("after-9"));
        assert!(text.ends_with("similar names there: after-1, after-2"), "{text}");
        let text = missing(&root.path().join("rnus/after-1"));
        assert!(text.contains("rnus does not exist either; `spikeflame doctor /"), "{text}");
        assert!(missing(Path::new("nofile")).contains("`spikeflame doctor .`"));
        let text = runs_below(&runs);
        assert!(
            text.contains("after-1") && text.contains("before-1 and 1 more in it look like runs"),
            "{text}"
        );
        // The error was: runs were only found directly in the folder.
        let text = runs_below(root.path());
        assert!(text.contains("runs/before-1 and 1 more in it look like runs"), "{text}");
        std::fs::create_dir_all(root.path().join("package/node_modules")).unwrap();
        std::fs::rename(&runs, root.path().join("package/node_modules/runs")).unwrap();
        assert_eq!(runs_below(root.path()), "");
        let text = unwritable(&root.path().join("out/x.svg"), &io::ErrorKind::NotFound.into());
        assert!(text.contains("mkdir -p"), "{text}");
    }
}
