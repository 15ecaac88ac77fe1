//! Finds files whose functions have positions in compiled code that was never written to a file.

use super::resolve::{GeneratedPlace, generated};
use crate::SourceText;
use crate::script_path::is_typed;
use spikeflame_profile::warning::{CompiledFile, CompiledSign};
use spikeflame_profile::{FrameTable, Function, Kind, Profile, StrId, package_of};
use std::collections::BTreeSet;

/// Number of functions in one line from which the line counts as written by a compiler.
const CROWDED_LINE: usize = 6;

/// Number of functions that is enough when all of them begin at or beyond [`FAR`].
const FEWEST_FAR_FUNCTIONS: usize = 2;

/// People do not write lines of this many columns.
const FAR: u32 = 250;

/// The most files that are opened to compare their lines.
const OPENED: usize = 64;

/// Lines above the one in which a function begins that may contain its name: its type parameters
/// stand between the two.
const LINES_ABOVE: u32 = 3;

/// Packages that compile TypeScript while the program runs, and do not keep its lines. `sucrase`
/// and `jiti` keep them.
const RUNNERS: [&str; 9] = [
    "tsx",
    "ts-node",
    "esbuild-register",
    "@esbuild-kit/core-utils",
    "tsm",
    "@swc-node/register",
    "@swc/register",
    "@babel/register",
    "vite-node",
];

/// Returns the first TypeScript file that was compiled while the program ran, so that the recorded
/// positions are those of the compiled code. The signs, in this order: most of its functions begin in
/// one line, some begin after its last line, their names are not in their lines, or a package
/// that compiles ran in the program. The lines that ran in these files are removed.
pub(crate) fn find(profile: &mut Profile) -> Option<CompiledFile> {
    // The maps in a tick log have brought its functions to their sources already.
    let is_mapped = profile.sources.iter().any(|source| source.producer.contains("V8"));
    let frames = &mut profile.frames;
    if !has_typed(frames) {
        return None;
    }
    let (files, _) = generated(frames);
    let runner = runner(frames).filter(|_| !is_mapped);
    let mut opened = 0;
    let mut found: Vec<(&str, usize, CompiledSign)> = Vec::new();
    let mut moved = BTreeSet::new();
    for (file, all) in files.iter().filter(|(file, _)| is_typed(file)) {
        let mut text = || {
            opened += 1;
            if opened > OPENED { None } else { Text::read(file, all) }
        };
        let sign = one_line(all).or_else(|| match text() {
            Some(text) => text.sign(all, runner.is_some()),
            None => Some((all.len(), CompiledSign::Runner(runner?))),
        });
        let Some((functions, sign)) = sign else { continue };
        found.push((file, functions, sign));
        moved.extend(all.iter().map(|place| place.id));
    }
    frames.forget_lines(|function, _| moved.contains(&function));
    let more = found.len().checked_sub(1)?;
    let (file, functions, sign) = found.into_iter().min_by_key(|(_, _, sign)| rank(*sign))?;
    Some(CompiledFile { functions, sign, file: file.to_owned(), more })
}

/// Returns true when a function is in a file that is compiled before it runs.
fn has_typed(frames: &FrameTable) -> bool {
    let mut last = StrId::EMPTY;
    frames.functions().any(|(_, Function { file, .. })| {
        // Functions of a file often stand together.
        std::mem::replace(&mut last, *file) != *file && is_typed(frames.strings().get(*file))
    })
}

/// Returns the first TypeScript file of a tick log whose scripts have no maps, when a package that
/// compiles ran. [`find`] does not judge this, because it cannot see whether the log had maps.
pub(crate) fn without_maps(frames: &mut FrameTable) -> Option<CompiledFile> {
    if !has_typed(frames) {
        return None;
    }
    let runner = runner(frames)?;
    let (files, _) = generated(frames);
    let typed: Vec<_> = files.iter().filter(|(file, _)| is_typed(file)).collect();
    let (file, all) = *typed.first()?;
    let (functions, sign) = (all.len(), CompiledSign::Runner(runner));
    let moved: BTreeSet<_> =
        typed.iter().flat_map(|(_, all)| all.iter().map(|place| place.id)).collect();
    frames.forget_lines(|function, _| moved.contains(&function));
    Some(CompiledFile { functions, sign, file: file.clone(), more: typed.len() - 1 })
}

/// Returns the place of a sign in the order of proof; the strongest sign is reported.
fn rank(sign: CompiledSign) -> u8 {
    match sign {
        CompiledSign::OneLine(_) => 0,
        CompiledSign::PastEnd => 1,
        CompiledSign::OtherLines => 2,
        CompiledSign::Runner(_) => 3,
    }
}

/// Returns the package of a file that ran and that compiles others while the program runs.
fn runner(frames: &FrameTable) -> Option<&'static str> {
    let text = |id| frames.strings().get(id);
    let scripts = frames.functions().filter(|(_, function)| function.kind == Kind::Js);
    let mut packages = scripts.filter_map(|(_, function)| package_of(text(function.file)));
    packages.find_map(|package| RUNNERS.into_iter().find(|runner| **runner == package))
}

/// Returns the number of functions in the line in which most functions of a file begin.
fn one_line(functions: &[GeneratedPlace]) -> Option<(usize, CompiledSign)> {
    let same_line = functions.chunk_by(|one, next| one.line == next.line);
    let most = same_line.max_by_key(|line| line.len())?;
    let line = most.first()?.line;
    let far = most.iter().filter(|function| function.column >= FAR).count();
    let is_crowd = most.len() >= CROWDED_LINE && most.len() * 2 > functions.len();
    let sign = CompiledSign::OneLine(line);
    if is_crowd {
        return Some((most.len(), sign));
    }
    (far >= FEWEST_FAR_FUNCTIONS).then_some((far, sign))
}

/// A file on this machine that has the name of the code that ran.
struct Text(SourceText);

impl Text {
    fn read(file: &str, functions: &[GeneratedPlace]) -> Option<Self> {
        let around =
            |place: &GeneratedPlace| place.line.saturating_sub(LINES_ABOVE).max(1)..=place.line;
        SourceText::read(file, &functions.iter().flat_map(around).collect()).map(Self)
    }

    /// Returns the sign by which the functions are not at their places in this file.
    /// Where a package that compiles ran, one function is enough.
    fn sign(&self, functions: &[GeneratedPlace], compiles: bool) -> Option<(usize, CompiledSign)> {
        let Self(text) = self;
        let behind = functions.iter().filter(|place| !text.lines.contains_key(&place.line)).count();
        if text.is_shorter && behind > 0 {
            return Some((behind, CompiledSign::PastEnd));
        }
        let judged: Vec<bool> = functions.iter().filter_map(|place| self.has(place)).collect();
        let absent = judged.iter().filter(|&&has| !has).count();
        let enough = if compiles { 1 } else { judged.len() / 2 + 1 };
        (absent >= enough).then_some((absent, CompiledSign::OtherLines))
    }

    /// Returns true when a function may begin at its place, false when it cannot, and `None` when
    /// this cannot be seen.
    fn has(&self, place: &GeneratedPlace) -> Option<bool> {
        let line = |number: u32| self.0.lines.get(&number).map_or("", String::as_str);
        let here = line(place.line);
        if place.column as usize > here.encode_utf16().count() + 1 {
            return Some(false);
        }
        let name = own_name(&place.name)?;
        // The place of a constructor is in another line than the name of its class.
        if has_word(here, name) || has_word(here, "constructor") {
            return Some(true);
        }
        let before = utf16_prefix(here, place.column.saturating_sub(1) as usize).trim();
        let opens = before.is_empty() || before.ends_with('>') || before == "async";
        let mut above = place.line.saturating_sub(LINES_ABOVE).max(1)..place.line;
        Some(opens && above.any(|number| has_word(line(number), name)))
    }
}

/// Returns the beginning of `text` with at most `length` units of UTF-16.
fn utf16_prefix(text: &str, length: usize) -> &str {
    let mut units = 0;
    let end = text.char_indices().find(|(_, c)| {
        units += c.len_utf16();
        units > length
    });
    end.map_or(text, |(at, _)| text.get(..at).unwrap_or(text))
}

/// Returns the part of a function's name that its source contains: `b` of `get a.b`. Returns `None`
/// for names that a runtime makes up, such as `(module)`.
fn own_name(name: &str) -> Option<&str> {
    let name = name.rsplit(['.', ' ', '#']).next()?;
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
    let first = name.chars().next()?;
    (!first.is_ascii_digit() && name.chars().all(plain)).then_some(name)
}

/// Returns true when a line contains `word`, and not only as a part of another one.
fn has_word(line: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
    line.match_indices(word).any(|(at, _)| {
        let (before, after) = (line.get(..at), line.get(at + word.len()..));
        !before.is_some_and(|text| text.ends_with(part))
            && !after.is_some_and(|text| text.starts_with(part))
    })
}
