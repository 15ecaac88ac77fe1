//! Removes the lines that ran in TypeScript files from profiles of Deno.
//!
//! Deno brings the place of each function in its profile back to the TypeScript file. The lines that
//! ran stay those of the JavaScript that it made of the file, which nobody has.

use crate::script_path::is_typed;
use spikeflame_profile::warning::TypeScriptLines;
use spikeflame_profile::{FrameTable, FunctionId, Kind, Profile};
use std::collections::BTreeSet;

/// The beginning of the URLs of Deno's own scripts.
const OWN: &str = "ext:";

/// Removes the lines of all functions of TypeScript and JSX files when the recording is of Deno.
/// Returns a fact when there were some.
pub(crate) fn forget_lines(profile: &mut Profile) -> Option<TypeScriptLines> {
    let frames = &mut profile.frames;
    if !frames.has_lines() || !is_deno(frames) {
        return None;
    }
    let text = |id| frames.strings().get(id);
    let with_line = frames.frames().filter(|(id, _)| frames.line(*id) > 0);
    let moved: BTreeSet<FunctionId> = with_line
        .map(|(_, frame)| frame.function)
        .filter(|id| {
            let file = text(frames.get_function(*id).file);
            frames.get_function(*id).kind == Kind::Js && !file.starts_with(OWN) && is_typed(file)
        })
        .collect();
    let files: BTreeSet<&str> =
        moved.iter().map(|id| text(frames.get_function(*id).file)).collect();
    let file = (*files.first()?).to_owned();
    let more = files.len() - 1;
    frames.forget_lines(|function, _| moved.contains(&function));
    Some(TypeScriptLines { functions: moved.len(), file, more })
}

/// Returns true when a script of Deno ran, or one of its functions in Rust (`op_read_sync`).
fn is_deno(frames: &FrameTable) -> bool {
    let text = |id| frames.strings().get(id);
    frames.functions().any(|(_, function)| match function.kind {
        Kind::Js => text(function.file).starts_with(OWN),
        Kind::Native => text(function.file).is_empty() && text(function.name).starts_with("op_"),
        _ => false,
    })
}
