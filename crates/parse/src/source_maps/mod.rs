//! Resolving positions in generated JavaScript to positions in its sources.
//!
//! A recording names the files that ran. For each, the file and its map are searched here
//! ([`find`]) and the map is read ([`map`]). Every function then gets its position and its
//! name from the source ([`naming`]). A file of a package stays that package's, wherever
//! its map places the sources: packages are published without them. Paths stay those of the recorded machine ([`paths`]).
//! One file and its map are in memory at a time, neither larger than 256 MiB; a malicious
//! map takes less than 1 GiB to refuse or to read.

mod bundle;
mod compiled;
mod deno;
mod find;
mod json;
mod map;
mod modules;
mod naming;
mod paths;
mod resolve;
mod tally;
mod within;

pub(crate) use compiled::{find as compiled_file, without_maps};
pub(crate) use deno::forget_lines as forget_deno_lines;
pub(crate) use paths::{is_file as is_source, is_remote};
pub(crate) use within::Scripts;

use bundle::Parts;
#[cfg(feature = "fuzzing")]
use find::MapFile;
use find::{Roots, Trouble, find};
use modules::Modules;
#[cfg(feature = "fuzzing")]
use resolve::GeneratedPlace;
use resolve::{generated, resolve};
use spikeflame_profile::warning::Warning;
#[cfg(feature = "fuzzing")]
use spikeflame_profile::{FrameTable, Kind};
use spikeflame_profile::{Profile, package_of};
use std::path::PathBuf;
use tally::Tally;

/// Settings for finding the source maps of the files in a recording.
#[derive(Clone, Debug, Default)]
pub struct SourceMaps {
    /// Pairs of a prefix of recorded paths and the folder on this machine with those files. The
    /// longest matching prefix is used. When there are pairs, files outside of all prefixes are not
    /// opened; without pairs, files are opened at their recorded paths.
    pub roots: Vec<(String, PathBuf)>,
}

impl SourceMaps {
    /// Returns the path on this machine of a file that the recording calls `recorded`, by the
    /// longest matching prefix in `roots`. When `roots` is empty, it returns the recorded path
    /// itself. Returns `None` for a file that is not to be opened: one outside of all prefixes, or one on another
    /// machine (`\\server\share`) when `roots` is empty. The file may not exist.
    ///
    /// ```
    /// use spikeflame_parse::SourceMaps;
    ///
    /// let maps = SourceMaps { roots: vec![("/srv/app".to_owned(), "dist".into())] };
    /// assert_eq!(maps.here("/srv/app/src/main.ts"), Some("dist/src/main.ts".into()));
    /// assert_eq!(maps.here("/opt/other.ts"), None);
    /// ```
    pub fn here(&self, recorded: &str) -> Option<PathBuf> {
        Roots(&self.roots).here(recorded)
    }

    /// Moves every function of `profile` whose file has a map to its source, and adds
    /// warnings about what could not be resolved.
    pub(crate) fn apply(&self, profile: &mut Profile) {
        let (files, nowhere) = generated(&profile.frames);
        let is_log = profile.sources.iter().all(|source| source.unit == "errors");
        if is_log && files.is_empty() {
            // A log without stacks has nothing that a map could show.
            return;
        }
        let mut tally = Tally::new(nowhere);
        let mut modules = Modules::of(&profile.frames);
        for (file, functions) in files {
            let roots = Roots(&self.roots);
            let is_bundle = package_of(&file).is_none();
            let resolved = find(&file, &roots).and_then(|found| {
                let mut resolved = resolve(&found, &functions)?;
                if is_bundle {
                    let lines = functions.iter().map(|it| (it.id, it.line)).collect();
                    resolved.name_packages(&Parts::in_text(&found.text), &lines);
                }
                Ok(resolved)
            });
            let evaluated = match modules.is_empty() {
                true => Vec::new(),
                false => modules.resolve(&find::text(&file, &roots), &mut tally),
            };
            // The code around modules with maps of their own has none.
            if evaluated.is_empty() || resolved != Err(Trouble::NoMap) {
                tally.count(&file, functions.len(), &resolved);
            }
            if let (true, Ok(resolved)) = (is_bundle, &resolved) {
                tally.look_for_sources(&resolved.originals, &roots);
            }
            let of_file = resolved.ok().map(|resolved| (file, resolved));
            for (ran, resolved) in of_file.into_iter().chain(evaluated) {
                for original in resolved.originals {
                    original.put_in(&mut profile.frames, &ran);
                }
            }
        }
        modules.close(&mut tally);
        profile.warnings.extend(tally.close().map(Warning::overall));
    }
}

/// Takes `text` as a generated file with the source map `json`. Resolves a function at each of the
/// first 256 characters of its first 64 lines, and one without a column in each of these lines.
/// Panics when a result has no file, or line or column 0.
#[cfg(feature = "fuzzing")]
pub fn fuzz(text: &[u8], json: &[u8]) {
    let mut frames = FrameTable::default();
    let mut functions = Vec::new();
    let lossy = String::from_utf8_lossy(text);
    for (line, content) in (1..).zip(lossy.split('\n').take(64)) {
        let mut word = String::new();
        for (column, c) in (1..).zip(content.chars().take(256)) {
            let id = frames.named(&format!("{line}:{column}"), Kind::Js);
            functions.push(GeneratedPlace { line, column, name: word.clone(), id });
            if c.is_alphanumeric() || "#._$".contains(c) {
                word.push(c);
            } else if c != '(' {
                word.clear();
            }
        }
        let id = frames.named(&format!("{line}"), Kind::Js);
        functions.push(GeneratedPlace { line, column: 0, name: word, id });
    }
    functions.sort_unstable();
    let (text, json) = (text.to_vec(), json.to_vec());
    let found = MapFile { text, json, folder: "/srv".to_owned(), name: "fuzz".to_owned() };
    for original in resolve(&found, &functions).unwrap_or_default().originals {
        assert!(original.line > 0 && original.column > 0 && !original.file.is_empty());
    }
}
