//! The result of resolving.

use super::bundle::Parts;
use super::find::{Roots, Trouble};
use super::paths;
use spikeflame_profile::warning::MapTally;
use spikeflame_profile::{
    Category, FrameTable, Function, FunctionId, GroupBy, Kind, StrId, group_of, is_of_recorder,
    package_of,
};
use std::collections::HashMap;

/// The functions of one generated file, as its map names them.
#[derive(Default, PartialEq, Eq)]
pub(super) struct ResolvedFile {
    pub(super) originals: Vec<OriginalPlace>,
    /// The number of functions without a column, in lines that come from several places.
    pub(super) vague: usize,
}

/// A function as its map names it.
#[derive(PartialEq, Eq)]
pub(super) struct OriginalPlace {
    pub(super) id: FunctionId,
    /// The name in the source, when it differs.
    pub(super) name: Option<String>,
    pub(super) file: String,
    pub(super) line: u32,
    pub(super) column: u32,
    /// The file of a package from which a bundler took the function.
    pub(super) of: Option<String>,
}

impl OriginalPlace {
    /// Moves the function, which ran as code of `file`, to its place in the source.
    pub(super) fn put_in(self, frames: &mut FrameTable, file: &str) {
        let ran = self.of.as_deref().unwrap_or(file);
        let led_out =
            package_of(ran).is_some_and(|package| package_of(&self.file) != Some(package));
        // A folder of the application may be called `internal`, as scripts of old versions of Node are.
        let category = group_of(GroupBy::Category, Kind::Js, &self.file);
        let is_like_core = category.as_deref() == Some(Category::NodeCore.word());
        let module = if led_out || is_like_core { frames.intern(ran) } else { StrId::EMPTY };
        let file = frames.intern(&self.file);
        let name = self.name.map(|name| frames.intern(&name));
        let old = *frames.get_function(self.id);
        let (name, line, column) = (name.unwrap_or(old.name), self.line, self.column);
        frames.set_function(self.id, Function { name, file, line, column, module, ..old });
    }
}

impl ResolvedFile {
    /// Notes the files of packages from which a bundler took the functions, whose lines in the bundle
    /// are `lines`.
    pub(super) fn name_packages(&mut self, parts: &Parts<'_>, lines: &HashMap<FunctionId, u32>) {
        for original in &mut self.originals {
            let line = lines.get(&original.id);
            original.of = line.and_then(|&line| parts.package_file(line)).map(str::to_owned);
        }
    }
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
        // Packages come without maps, sources are not generated, and the user does not build the
        // recorder's own file.
        let is_source = [".ts", ".mts", ".cts", ".tsx"].iter().any(|it| file.ends_with(it));
        let normal = package_of(file).is_some() || is_source || is_of_recorder(file);
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

    /// Counts functions of a bundle whose sources are not here although others are, and that no
    /// package is known for.
    pub(super) fn look_for_sources(&mut self, originals: &[OriginalPlace], roots: &Roots<'_>) {
        let mut here: HashMap<&str, bool> = HashMap::new();
        for original in originals {
            let file = original.file.as_str();
            here.entry(file).or_insert_with(|| roots.has_source(file));
        }
        if !here.values().any(|&is_here| is_here) {
            return;
        }
        for original in originals.iter().filter(|original| original.of.is_none()) {
            if here.get(original.file.as_str()) == Some(&false) {
                self.0.astray += 1;
                self.0.astray_in.get_or_insert_with(|| original.file.clone());
            }
        }
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
