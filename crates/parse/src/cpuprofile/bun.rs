//! Names in profiles of Bun, whose start is a wall-clock time.
//!
//! Bun gives no URL to code of `eval`. It also gives none to code that is in no program's source:
//! constructors that classes leave out, and functions that JavaScriptCore and Bun themselves
//! contain as JavaScript (`map`, `processTicksAndRejections`).

use crate::script_path::EVAL;
use spikeflame_profile::{FrameTable, Function, FunctionId, Kind, StrId};

/// The line and the column, from 1, at which the parameters of such a function begin when its text
/// contains nothing else: `(function (...args) {`.
const MADE: (u32, u32) = (1, 11);

/// Bun's own functions whose text is part of a longer text.
const OWN: [&str; 2] = ["nextTick", "processTicksAndRejections"];

/// Removes functions that are in no program's source from `<eval>`. A constructor has the
/// name of its class, which begins with a capital, and no place; all others are builtins.
pub(super) fn name_constructors(frames: &mut FrameTable) {
    let named = frames.functions().filter_map(|(id, one)| Some((id, named(frames, one)?)));
    for (id, function) in named.collect::<Vec<(FunctionId, Function)>>() {
        frames.set_function(id, function);
    }
}

/// Returns a function without the place that it has in no source; `None` for other functions.
fn named(frames: &FrameTable, function: &Function) -> Option<Function> {
    let text = |id| frames.strings().get(id);
    let name = text(function.name);
    if function.kind != Kind::Js || text(function.file) != EVAL || name.is_empty() {
        return None;
    }
    let made = (function.line, function.column) == MADE;
    let of_class = made && name != "Promise" && name.starts_with(char::is_uppercase);
    let kind = if of_class { Kind::Js } else { Kind::Builtin };
    let named = Function { file: StrId::EMPTY, line: 0, column: 0, kind, ..*function };
    (made || OWN.contains(&name)).then_some(named)
}
