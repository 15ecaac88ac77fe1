//! The functions of a generated file, and their places in its sources.

use super::find::{MapFile, Trouble};
use super::map::Sections;
use super::naming::{Cursor, Place};
use super::paths;
use super::tally::{OriginalPlace, ResolvedFile};
use spikeflame_profile::{FrameTable, FunctionId, Kind};
use std::collections::{BTreeMap, HashMap};

/// A function in a generated file, counted from 1; column 0 means that it is not known.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct GeneratedPlace {
    pub(super) line: u32,
    pub(super) column: u32,
    pub(super) name: String,
    pub(super) id: FunctionId,
}

/// Returns the functions of each generated file, in the order of the file, and the number
/// of functions of which only the file is known.
pub(super) fn generated(frames: &FrameTable) -> (BTreeMap<String, Vec<GeneratedPlace>>, usize) {
    functions_of(frames, paths::is_file)
}

/// Returns the functions of each file for which `is_searched`, and the number of functions of which
/// only such a file is known.
pub(super) fn functions_of(
    frames: &FrameTable,
    is_searched: impl Fn(&str) -> bool,
) -> (BTreeMap<String, Vec<GeneratedPlace>>, usize) {
    let text = |id| frames.strings().get(id);
    let mut files: BTreeMap<String, Vec<GeneratedPlace>> = BTreeMap::new();
    let mut nowhere = 0;
    for (id, function) in frames.functions() {
        let file = text(function.file);
        if function.kind != Kind::Js || !is_searched(file) {
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

pub(super) fn resolve(
    found: &MapFile,
    functions: &[GeneratedPlace],
) -> Result<ResolvedFile, Trouble> {
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
