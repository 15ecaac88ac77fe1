//! Patterns like `'runs/before-*'` in place of paths, for shells that do not expand them.

use super::Command;
use crate::failure::Failure;
use crate::words::paths::look_there;
use std::path::{Path, PathBuf};

impl Command {
    /// Replaces each pattern with the paths that it matches, in the order of their names.
    ///
    /// # Errors
    ///
    /// Returns [`Failure::Selection`] for a pattern without a match.
    pub(crate) fn expand_patterns(&mut self) -> Result<(), Failure> {
        self.path_lists().into_iter().try_for_each(|paths| {
            *paths = expanded(paths)?;
            Ok(())
        })
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
