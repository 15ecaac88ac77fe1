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
mod naming;
mod paths;
mod tally;
mod within;

pub(crate) use compiled::{find as compiled_file, without_maps};
pub(crate) use deno::forget_lines as forget_deno_lines;
pub(crate) use paths::{is_file as is_source, is_remote};
pub(crate) use within::Scripts;

use bundle::Parts;
use find::{MapFile, Roots, Trouble, find};
use map::Sections;
use naming::{Cursor, Place};
use spikeflame_profile::warning::Warning;
use spikeflame_profile::{
    Category, FrameTable, Function, FunctionId, GroupBy, Kind, Profile, StrId, group_of, package_of,
};
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use tally::{OriginalPlace, ResolvedFile, Tally};

/// Settings for finding the source maps of the files in a recording.
#[derive(Clone, Debug, Default)]
pub struct SourceMaps {
    /// Pairs of a prefix of recorded paths and the folder on this machine with those files. The
    /// longest matching prefix is used. When there are pairs, files outside of all prefixes are not
    /// opened; without pairs, files are opened at their recorded paths.
    pub roots: Vec<(String, PathBuf)>,
}

/// A function in a generated file, counted from 1; column 0 means that it is not known.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct GeneratedPlace {
    line: u32,
    column: u32,
    name: String,
    id: FunctionId,
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
        let mut tally = Tally::new(nowhere);
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
            tally.count(&file, functions.len(), &resolved);
            if let (true, Ok(resolved)) = (is_bundle, &resolved) {
                tally.look_for_sources(&resolved.originals, &roots);
            }
            for original in resolved.unwrap_or_default().originals {
                let frames = &mut profile.frames;
                let (line, column) = (original.line, original.column);
                let ran = original.of.as_deref().unwrap_or(&file);
                let led_out = package_of(ran)
                    .is_some_and(|package| package_of(&original.file) != Some(package));
                // A folder of the application may be called `internal`, as scripts of old versions of Node are.
                let category = group_of(GroupBy::Category, Kind::Js, &original.file);
                let is_like_core = category.as_deref() == Some(Category::NodeCore.word());
                let module =
                    if led_out || is_like_core { frames.intern(ran) } else { StrId::EMPTY };
                let file = frames.intern(&original.file);
                let name = original.name.map(|name| frames.intern(&name));
                let old = *frames.get_function(original.id);
                let name = name.unwrap_or(old.name);
                frames.set_function(
                    original.id,
                    Function { name, file, line, column, module, ..old },
                );
            }
        }
        profile.warnings.extend(tally.close().map(Warning::overall));
    }
}

/// Returns the functions of each generated file, in the order of the file, and the number
/// of functions of which only the file is known.
fn generated(frames: &FrameTable) -> (BTreeMap<String, Vec<GeneratedPlace>>, usize) {
    let text = |id| frames.strings().get(id);
    let mut files: BTreeMap<String, Vec<GeneratedPlace>> = BTreeMap::new();
    let mut nowhere = 0;
    for (id, function) in frames.functions() {
        let file = text(function.file);
        if function.kind != Kind::Js || !paths::is_file(file) {
            continue;
        }
        if function.line == 0 {
            nowhere += 1;
            continue;
        }
        let (line, column, name) = (function.line, function.column, text(function.name).to_owned());
        let generated = GeneratedPlace { line, column, name, id };
        match files.get_mut(file) {
            Some(functions) => functions.push(generated),
            None => {
                files.insert(file.to_owned(), vec![generated]);
            }
        }
    }
    for functions in files.values_mut() {
        functions.sort_unstable();
    }
    (files, nowhere)
}

fn resolve(found: &MapFile, functions: &[GeneratedPlace]) -> Result<ResolvedFile, Trouble> {
    let unusable = |why: String| {
        Trouble::Unusable(format!("{} cannot be used ({why}): build it anew", found.name))
    };
    let mut sections = Sections::read(&found.json).map_err(unusable)?;
    let places = places(&found.text, functions);
    if !found.text.is_empty() && !is_same_build(functions, &places) {
        return Err(Trouble::OtherBuild);
    }
    let (mut originals, mut vague) = (Vec::new(), 0);
    for (function, place) in functions.iter().zip(places) {
        let GeneratedPlace { line, column, .. } = *function;
        let is_plain = sections.is_plain();
        let Some(section) = sections.at(line - 1, column.saturating_sub(1)) else { continue };
        let origin = match column.checked_sub(1) {
            Some(column) => section.origin(line - 1, column),
            None => section.origin_of_line(line - 1),
        };
        // A file's top level begins before its first token.
        let top = (line, column) == (1, 1) && is_plain;
        // Code that the compiler inserted in front of a function may have no source.
        let behind = || {
            let (origin, columns) = section.origin_behind(line - 1, column.checked_sub(1)?)?;
            place.as_ref()?.opens(columns).then_some(origin)
        };
        let (source, line, column) = match origin {
            Some(origin) => (origin.source, origin.line, origin.column),
            None => match (section.only_source().filter(|_| top), behind()) {
                (Some(source), _) => (source, 1, 1),
                (None, Some(origin)) => (origin.source, origin.line, origin.column),
                (None, None) => {
                    vague += usize::from(column == 0);
                    continue;
                }
            },
        };
        let name = place.filter(|_| !top).and_then(|place| place.name(&function.name, section));
        let file = paths::source(&found.folder, section.root(), source);
        originals.push(OriginalPlace { id: function.id, name, file, line, column, of: None });
    }
    match sections.damage {
        Some(why) if originals.is_empty() => Err(unusable(why)),
        _ => Ok(ResolvedFile { originals, vague }),
    }
}

/// Returns the place of each function in the text; `None` for places after its end.
fn places<'a>(text: &'a [u8], functions: &[GeneratedPlace]) -> Vec<Option<Place<'a>>> {
    let lines = lines(text, functions);
    let mut cursor: Option<(u32, Cursor<'a>)> = None;
    functions.iter().map(|function| place(function, &lines, &mut cursor)).collect()
}

/// Returns the place of a function. `cursor` is that of the function before it, and the number of its
/// line: functions of one line come in order, so that the line is walked once.
fn place<'a>(
    function: &GeneratedPlace,
    lines: &HashMap<u32, &'a [u8]>,
    cursor: &mut Option<(u32, Cursor<'a>)>,
) -> Option<Place<'a>> {
    let (line, column) = (function.line - 1, function.column.checked_sub(1)?);
    if cursor.as_ref().is_none_or(|&(there, _)| there != line) {
        *cursor = Some((line, Cursor::new(lines.get(&function.line)?)));
    }
    let (_, cursor) = cursor.as_mut()?;
    let at = cursor.seek(column)?;
    Some(Place { text: cursor.text, at, line, column })
}

/// Returns the lines that functions begin in, by number from 1.
fn lines<'a>(text: &'a [u8], functions: &[GeneratedPlace]) -> HashMap<u32, &'a [u8]> {
    // Node removes the byte order mark before V8 counts columns.
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut lines = HashMap::new();
    let mut wanted = functions.iter().map(|function| function.line).peekable();
    let (mut number, mut start) = (1u32, 0);
    for end in memchr::memchr_iter(b'\n', text).chain([text.len()]) {
        while wanted.next_if(|&line| line < number).is_some() {}
        match wanted.peek() {
            None => break,
            Some(&line) if line == number => {
                lines.insert(line, text.get(start..end).unwrap_or_default());
            }
            Some(_) => {}
        }
        start = end + 1;
        number = number.saturating_add(1);
    }
    lines
}

/// Returns false when functions begin at places where this text cannot have one. Then it is
/// not the file that ran, and its map would give wrong results.
fn is_same_build(functions: &[GeneratedPlace], places: &[Option<Place<'_>>]) -> bool {
    let checked = || {
        let known = |it: &GeneratedPlace| it.column > 0 && (it.line, it.column) != (1, 1);
        functions.iter().zip(places).filter(move |(function, _)| known(function))
    };
    let fitting = checked().filter(|(_, place)| place.as_ref().is_some_and(Place::fits)).count();
    fitting * 4 >= checked().count() * 3
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
