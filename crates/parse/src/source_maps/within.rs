//! Applies source maps that are inside the scripts of a tick log.
//!
//! Runners that compile in the process (tsx, Node's transformation of types) run
//! compiled code under the name of its source. The positions of its functions are then
//! those of code that no file has. A tick log contains the compiled text, and the text
//! ends with its map.

use super::find::{MapFile, comment, unpack};
use super::paths;
use super::resolve::{generated, resolve};
use crate::script_path::{base_name, is_typed};
use hashbrown::HashSet;
use spikeflame_profile::{FrameTable, Function, plain_path};
use std::collections::BTreeMap;

/// The most bytes of scripts and of their maps that are kept of one log.
const MOST_SCRIPT_BYTES: usize = 64 << 20;

/// The scripts of a log that end with their map, by file.
#[derive(Default)]
pub(crate) struct Scripts {
    /// The text of each script, and the content of its map.
    found: BTreeMap<String, (Vec<u8>, Vec<u8>)>,
    /// Bytes of all scripts and maps that were met, kept or not.
    bytes: usize,
}

impl Scripts {
    /// Keeps the script `text` of `url`, when it ends with its map. Once the limit of memory is passed,
    /// no further script is kept, however small.
    pub(crate) fn add(&mut self, url: &str, text: String) {
        // Vite's runner of modules puts the code and its map into the body of a function.
        let code =
            text.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '}' | ')' | ';'));
        let json = comment(code.as_bytes())
            .and_then(|url| url.strip_prefix("data:"))
            .and_then(|data| unpack(data).ok());
        let Some(json) = json else { return };
        self.bytes = self.bytes.saturating_add(text.len() + json.len());
        if self.bytes <= MOST_SCRIPT_BYTES {
            self.found.insert(plain_path(url).into_owned(), (text.into_bytes(), json));
        }
    }

    /// Returns true when a script of a TypeScript file has its map with it.
    pub(crate) fn has_typed(&self) -> bool {
        self.found.keys().any(|file| is_typed(file))
    }

    /// Moves the functions of every script that ran under its source's name to their places
    /// in the source. A function that the compiler added has no place.
    pub(crate) fn apply(self, frames: &mut FrameTable) {
        if self.found.is_empty() {
            return;
        }
        let (mut files, _) = generated(frames);
        for (file, (text, json)) in self.found {
            let Some(functions) = files.remove(&file) else { continue };
            let folder = paths::folder(&file).to_owned();
            let found = MapFile { text, json, folder, name: file.clone() };
            let Ok(resolved) = resolve(&found, &functions) else { continue };
            let same = |source: &str| base_name(source) == base_name(&file);
            if resolved.originals.is_empty()
                || !resolved.originals.iter().all(|original| same(&original.file))
            {
                continue;
            }
            let moved: HashSet<_> = functions.iter().map(|function| function.id).collect();
            frames.forget_lines(|function, _| moved.contains(&function));
            for function in &functions {
                let old = *frames.get_function(function.id);
                frames.set_function(function.id, Function { line: 0, column: 0, ..old });
            }
            for original in resolved.originals {
                let name = original.name.map(|name| frames.intern(&name));
                let old = *frames.get_function(original.id);
                let (line, column) = (original.line, original.column);
                let name = name.unwrap_or(old.name);
                frames.set_function(original.id, Function { name, line, column, ..old });
            }
        }
    }
}
