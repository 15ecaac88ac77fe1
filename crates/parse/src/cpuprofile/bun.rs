//! Names in profiles of Bun, whose start is a wall-clock time.
//!
//! Bun gives no URL to code of `eval`. It also gives none to code that is in no program's source:
//! constructors that classes leave out, and functions that JavaScriptCore and Bun themselves
//! contain as JavaScript (`map`, `processTicksAndRejections`).

use crate::script_path::EVAL;
use spikeflame_profile::{FrameTable, Function, FunctionId, Kind, StackTree, StrId};
use std::collections::BTreeMap;

/// The line and the column, from 1, at which the parameters of such a function begin when its text
/// contains nothing else: `(function (...args) {`.
const MADE: (u32, u32) = (1, 11);

/// Bun's own functions whose text is part of a longer text.
const OWN: [&str; 2] = ["nextTick", "processTicksAndRejections"];

/// Gives regular expressions their kind and, as in V8's profiles, a name without slashes and flags:
/// JavaScriptCore calls them `/(a+)+b/g`.
pub(super) fn name_expressions(frames: &mut FrameTable) {
    let text = |id| frames.strings().get(id);
    let named = frames.functions().filter_map(|(id, one)| {
        let (pattern, flags) = text(one.name).strip_prefix('/')?.rsplit_once('/')?;
        let is_plain = one.kind == Kind::Native && one.file == StrId::EMPTY && !pattern.is_empty();
        let are_flags = flags.bytes().all(|flag| flag.is_ascii_lowercase());
        (is_plain && are_flags).then(|| (id, pattern.to_owned()))
    });
    for (id, pattern) in named.collect::<Vec<(FunctionId, String)>>() {
        let (name, old) = (frames.intern(&pattern), *frames.get_function(id));
        frames.set_function(id, Function { name, kind: Kind::RegExp, ..old });
    }
}

/// Gives the body of an async function or generator the place of the function. JavaScriptCore makes
/// two functions of it: one that begins at the parameters, and within it one of the same name that
/// begins at the `{` of the same line.
pub(super) fn join_bodies(frames: &mut FrameTable, stacks: &StackTree) {
    let mut outer: BTreeMap<FunctionId, FunctionId> = BTreeMap::new();
    for (_, caller, frame) in stacks.nodes() {
        let Some((_, around)) = stacks.get(caller) else { continue };
        let (of, body) = (frames.get(around).function, frames.get(frame).function);
        let (one, other) = (frames.get_function(of), frames.get_function(body));
        let place = |function: &Function| Function { column: 0, ..*function };
        let is_named = one.kind == Kind::Js && one.name != StrId::EMPTY && one.line > 0;
        if is_named && place(one) == place(other) && one.column < other.column {
            outer.entry(body).or_insert(of);
        }
    }
    for (body, of) in outer {
        let function = *frames.get_function(of);
        frames.set_function(body, function);
    }
}

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
