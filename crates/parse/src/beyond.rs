//! Removes lines that ran and that their files do not have.
//!
//! V8's CPU profiler counts the lines of an inlined function for the function around it. The two may be in
//! different files, so that a line is beyond the end of a short file.

use crate::SourceText;
use hashbrown::HashMap;
use spikeflame_profile::{FrameTable, FunctionId, Kind, Profile, Source, StrId};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{SystemTime, UNIX_EPOCH};

/// The most files that are opened.
const OPENED: usize = 1024;

/// Removes the lines beyond the end of a file on this machine that was not written after the recording, when
/// all sources are of V8's CPU profiler.
pub(crate) fn forget_lines(profile: &mut Profile) {
    if !profile.frames.has_lines() || !profile.sources.iter().all(Source::is_of_cpu_profiler) {
        return;
    }
    let recorded_us = profile.sources.iter().filter_map(|source| source.modified_us).min();
    let lines_by_file = lines_by_file(&profile.frames);
    let mut ends: BTreeMap<StrId, u32> = BTreeMap::new();
    for (file, lines) in lines_by_file.into_iter().take(OPENED) {
        let name = profile.frames.strings().get(file);
        let Some(text) = SourceText::read(name, &lines) else { continue };
        if text.is_shorter && !is_later(text.modified, recorded_us) {
            // The last line that ran and is there; those behind it are not.
            ends.insert(file, text.lines.last_key_value().map_or(0, |(&line, _)| line));
        }
    }
    if ends.is_empty() {
        return;
    }
    let functions = profile.frames.functions();
    let short: HashMap<FunctionId, u32> =
        functions.filter_map(|(id, function)| Some((id, *ends.get(&function.file)?))).collect();
    let is_beyond = |function, line| short.get(&function).is_some_and(|&end| line > end);
    profile.frames.forget_lines(is_beyond);
}

/// Returns the lines of each script that ran.
fn lines_by_file(frames: &FrameTable) -> BTreeMap<StrId, BTreeSet<u32>> {
    let mut lines: BTreeMap<StrId, BTreeSet<u32>> = BTreeMap::new();
    for (id, frame) in frames.frames() {
        let function = frames.get_function(frame.function);
        let line = frames.line(id);
        if line > 0 && function.kind == Kind::Js && function.file != StrId::EMPTY {
            lines.entry(function.file).or_default().insert(line);
        }
    }
    lines
}

/// Returns true when a file was written after a recording, whose time is in microseconds since 1970.
/// It is false when one of the times is not known.
fn is_later(modified: Option<SystemTime>, recorded_us: Option<i64>) -> bool {
    let modified = modified.and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    let recorded = recorded_us.and_then(|us| u128::try_from(us).ok());
    modified.zip(recorded).is_some_and(|(modified, recorded)| modified.as_micros() > recorded)
}
