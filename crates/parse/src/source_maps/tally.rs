//! The result of resolving.

use super::find::Trouble;
use super::paths;
use spikeflame_profile::warning::MapTally;
use spikeflame_profile::{FunctionId, package_of};

/// The functions of one generated file, as its map names them.
#[derive(Default)]
pub(super) struct ResolvedFile {
    pub(super) originals: Vec<OriginalPlace>,
    /// The number of functions without a column, in lines that come from several places.
    pub(super) vague: usize,
}

/// A function as its map names it.
pub(super) struct OriginalPlace {
    pub(super) id: FunctionId,
    /// The name in the source, when it differs.
    pub(super) name: Option<String>,
    pub(super) file: String,
    pub(super) line: u32,
    pub(super) column: u32,
}

/// The number of resolved functions, and the obstacles.
#[derive(Default)]
pub(super) struct Tally(MapTally);

impl Tally {
    /// Makes the tally of a recording in which `nowhere` functions have no line.
    pub(super) fn new(nowhere: usize) -> Self {
        Self(MapTally { nowhere, ..MapTally::default() })
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
                self.0.resolved += originals.len();
                self.0.vague += vague;
            }
            Err(Trouble::Missing | Trouble::NoMap) if normal => return,
            Err(Trouble::Missing) => self.0.missing.push(file.to_owned()),
            Err(Trouble::NoMap) => self.0.without_map.push(file.to_owned()),
            Err(Trouble::OtherBuild) => self.0.other_build.push(file.to_owned()),
            Err(Trouble::Unusable(why)) => self.0.unusable.push(why.clone()),
        }
        self.0.functions += functions;
    }

    /// Returns the tally, when there is something to report.
    pub(super) fn close(self) -> Option<MapTally> {
        let Self(mut tally) = self;
        tally.missing_in = common_folder(&tally.missing).map(str::to_owned);
        (!tally.is_complete()).then_some(tally)
    }
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
