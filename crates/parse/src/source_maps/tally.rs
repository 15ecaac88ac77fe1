//! The result of resolving, for the warnings.

use super::find::Trouble;
use super::paths;
use spikeflame_profile::{FunctionId, package_of};

/// The functions of one generated file, as its map names them.
#[derive(Default)]
pub(super) struct ResolvedFile {
    pub(super) originals: Vec<Original>,
    /// The number of functions without a column, in lines that come from several places.
    pub(super) vague: usize,
}

/// A function as its map names it.
pub(super) struct Original {
    pub(super) id: FunctionId,
    /// The name in the source, when it differs.
    pub(super) name: Option<String>,
    pub(super) file: String,
    pub(super) line: u32,
    pub(super) column: u32,
}

/// The number of resolved functions, and the obstacles.
#[derive(Default)]
pub(super) struct Tally {
    resolved: usize,
    of: usize,
    /// The number of functions of which only the file is known.
    nowhere: usize,
    /// The number of functions without a column, in lines that come from several places.
    vague: usize,
    missing: Vec<String>,
    without_map: Vec<String>,
    other_build: Vec<String>,
    unusable: Vec<String>,
}

impl Tally {
    /// Makes the tally of a recording in which `nowhere` functions have no line.
    pub(super) fn new(nowhere: usize) -> Self {
        Self { nowhere, ..Self::default() }
    }

    /// Counts a generated file with its number of functions.
    pub(super) fn count(
        &mut self,
        file: &str,
        functions: usize,
        resolved: &Result<ResolvedFile, Trouble>,
    ) {
        // Packages come without maps, and sources are not generated.
        let is_source = [".ts", ".mts", ".cts", ".tsx"].iter().any(|it| file.ends_with(it));
        let normal = package_of(file).is_some() || is_source;
        match resolved {
            Ok(ResolvedFile { originals, vague }) => {
                self.resolved += originals.len();
                self.vague += vague;
            }
            Err(Trouble::Missing | Trouble::NoMap) if normal => return,
            Err(Trouble::Missing) => self.missing.push(file.to_owned()),
            Err(Trouble::NoMap) => self.without_map.push(file.to_owned()),
            Err(Trouble::OtherBuild) => self.other_build.push(file.to_owned()),
            Err(Trouble::Unusable(why)) => self.unusable.push(why.clone()),
        }
        self.of += functions;
    }

    /// Returns one sentence, when there is something to report.
    pub(super) fn sentence(&self) -> Option<String> {
        let Self { missing, without_map, other_build, unusable, .. } = self;
        let mut parts = Vec::new();
        if let Some(files) = list(missing) {
            let folder = common_folder(missing).unwrap_or("PREFIX");
            parts.push(format!("no file at {files}: give --source-root {folder}=DIR"));
        }
        if let Some(files) = list(without_map) {
            parts.push(format!("no map for {files}: build with source maps"));
        }
        if let Some(files) = list(other_build) {
            parts.push(format!("not what was recorded: {files}: give the build that ran"));
        }
        parts.extend(list(unusable));
        if self.vague > 0 {
            parts.push(format!(
                "no columns recorded for {} of them, in lines that come from several places",
                self.vague
            ));
        }
        if self.nowhere > 0 && self.of == 0 {
            return Some(format!(
                "source maps: the recording does not say where its {} functions begin: record \
                 without line numbers",
                self.nowhere
            ));
        }
        if self.of == 0 {
            return Some("source maps: no function is of a generated file".to_owned());
        }
        match (parts.is_empty(), self.resolved) {
            (true, 0) => parts.push("the maps that were found say nothing of them".to_owned()),
            (true, _) => return None,
            (false, _) => {}
        }
        let count = format!("source maps: {} of {} functions resolved", self.resolved, self.of);
        parts.insert(0, count);
        Some(parts.join("; "))
    }
}

/// Returns the first entry, and the number of further ones.
fn list(all: &[String]) -> Option<String> {
    let (first, others) = all.split_first()?;
    Some(match others.len() {
        0 => first.clone(),
        more => format!("{first} and {more} more"),
    })
}

/// Returns the innermost folder that contains all of `files`, when it is more than a root.
fn common_folder(files: &[String]) -> Option<&str> {
    let (first, others) = files.split_first()?;
    let mut folder = paths::folder(first);
    while !others.iter().all(|file| paths::below(file, folder).is_some()) {
        let above = paths::folder(folder);
        if above.len() >= folder.len() {
            return None;
        }
        folder = above;
    }
    Some(folder).filter(|folder| !paths::is_root(folder))
}
