//! Patterns like `'runs/before-*'` in place of paths, for shells that do not expand them.
//!
//! The log of an application often lies beside the folder of its run: `before-1.log` beside
//! `before-1`. A pattern for runs matches both, and the log is no run.

use super::Command;
use crate::failure::Failure;
use crate::output;
use crate::words::paths::look_there;
use spikeflame_parse::{RECORDING, describe, head};
use std::path::{Path, PathBuf};

/// The first bytes of a file by which a recording is recognised.
const HEAD: usize = 1 << 16;
/// The number of files that the warning names.
const NAMED: usize = 3;

impl Command {
    /// Replaces each pattern with the paths that it matches, in the order of their names. Passes over
    /// files beside the runs that are no recordings, and prints one warning of them unless `quiet` is
    /// true.
    ///
    /// # Errors
    ///
    /// Returns [`Failure::Selection`] for a pattern without a match.
    pub(crate) fn expand_patterns(&mut self, quiet: bool) -> Result<(), Failure> {
        for paths in self.path_lists() {
            *paths = expanded(paths)?;
        }
        let mut passed = Vec::new();
        for paths in self.run_lists() {
            passed.extend(take_others(paths));
        }
        if !passed.is_empty() && !quiet {
            output::complain("warning", &passed_over(&passed));
        }
        Ok(())
    }

    /// Returns the arguments that take several runs.
    fn run_lists(&mut self) -> Vec<&mut Vec<PathBuf>> {
        match self {
            Self::Flame(args) => vec![&mut args.input.runs],
            Self::Fold(args) => vec![&mut args.input.runs],
            Self::Top(args) => vec![&mut args.input.runs],
            Self::Export(args) => vec![&mut args.input.runs],
            Self::Push(args) => vec![&mut args.input.runs],
            Self::Merge(args) => vec![&mut args.runs],
            Self::Report(args) => vec![&mut args.before],
            Self::Diff(args) => vec![&mut args.before, &mut args.after],
            _ => Vec::new(),
        }
    }

    /// Returns the arguments that take several paths.
    fn path_lists(&mut self) -> Vec<&mut Vec<PathBuf>> {
        match self {
            Self::Flame(args) => vec![&mut args.input.runs],
            Self::Fold(args) => vec![&mut args.input.runs],
            Self::Top(args) => vec![&mut args.input.runs],
            Self::Export(args) => vec![&mut args.input.runs, &mut args.monitors.with],
            Self::Push(args) => vec![&mut args.input.runs],
            Self::Merge(args) => vec![&mut args.runs],
            Self::Report(args) => {
                vec![&mut args.input.runs, &mut args.before, &mut args.monitors.with]
            }
            Self::Diff(args) => {
                vec![&mut args.before, &mut args.after, &mut args.load_before, &mut args.load_after]
            }
            Self::Plateau(args) => vec![&mut args.profile, &mut args.monitors.with],
            Self::Queries(args) => vec![&mut args.logs],
            Self::Errors(args) => vec![&mut args.logs],
            _ => Vec::new(),
        }
    }
}

/// Expands patterns with `*` and `?` that are not files themselves.
fn expanded(named: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut paths = Vec::new();
    for path in named {
        let text = path.to_string_lossy();
        if !text.contains(['*', '?']) || path.exists() {
            paths.push(path.clone());
            continue;
        }
        let wrong = |why: String| Failure::Selection(format!("{text}: {why}"));
        let pattern = text.replace('[', "[[]");
        let found = glob::glob(&pattern).map_err(|error| wrong(error.to_string()))?;
        let before = paths.len();
        paths.extend(found.flatten());
        if paths.len() == before {
            let parent = Path::new(&*text).parent().filter(|folder| *folder != Path::new(""));
            let there = look_there(parent.unwrap_or(Path::new(".")));
            return Err(wrong(format!("no file or folder matches this pattern{there}")));
        }
    }
    Ok(paths)
}

/// Takes the files out of a list of runs that lie beside a run and are no recordings: their names
/// continue that of a folder in the list (`before-1.log` beside `before-1`). A shell expands a pattern
/// itself, so it is not known whether the user named such a file.
fn take_others(paths: &mut Vec<PathBuf>) -> Vec<PathBuf> {
    let folders: Vec<PathBuf> = paths.iter().filter(|path| path.is_dir()).cloned().collect();
    let (others, runs) = std::mem::take(paths)
        .into_iter()
        .partition(|path| path.is_file() && is_beside(path, &folders) && !is_recording(path));
    *paths = runs;
    others
}

/// Returns true for a path whose name continues that of one of the folders.
fn is_beside(path: &Path, folders: &[PathBuf]) -> bool {
    let name = path.as_os_str().to_string_lossy();
    folders.iter().any(|folder| {
        let folder = folder.as_os_str().to_string_lossy();
        let rest = name.strip_prefix(folder.trim_end_matches(['/', '\\']));
        rest.is_some_and(|rest| rest.starts_with(['.', '-', '_']))
    })
}

/// Returns true for a file with the content of a recording. A file that cannot be read is left to
/// the reader, which prints the reason.
fn is_recording(path: &Path) -> bool {
    head(path, HEAD).map_or(true, |head| describe(&head) == Some(RECORDING))
}

/// Returns the warning for files that lie beside runs.
fn passed_over(others: &[PathBuf]) -> String {
    let names: Vec<String> =
        others.iter().take(NAMED).map(|path| path.display().to_string()).collect();
    let more = match others.len() - names.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let are = if others.len() == 1 { "is no recording" } else { "are no recordings" };
    format!("{}{more} {are}, and not read as runs beside the folders", names.join(", "))
}
