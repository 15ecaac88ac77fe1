//! Names in profiles of Bun, whose start is a wall-clock time.
//!
//! Bun gives no URL to code of `eval`. It also gives none to code that is in no program's source:
//! constructors that classes leave out, and functions that JavaScriptCore and Bun themselves
//! contain as JavaScript (`map`, `processTicksAndRejections`).

use crate::script_path::EVAL;
use spikeflame_profile::{FrameTable, Function, FunctionId, Kind, StackTree, StrId};
use std::collections::{BTreeMap, BTreeSet};

/// The line and the column, from 1, at which the parameters of such a function begin when its text
/// contains nothing else: `(function (...args) {`.
const MADE: (u32, u32) = (1, 11);

/// Bun's own functions whose text is part of a longer text.
const OWN: [&str; 2] = ["nextTick", "processTicksAndRejections"];

/// JavaScriptCore's builtin that continues generators.
const RESUME: &str = "generatorResume";

/// The most lines that the parameters of an async function may take.
const LONGEST_HEAD: u32 = 30;

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
/// two functions of it: one that begins at the parameters, and within it one that begins at the body.
/// The body has the name of the function when it begins at a `{` of the same line. The body of an
/// arrow function has no name, and nor is a body in a later line certain from its name. These count as
/// bodies when only one function calls them, that function calls nothing else, and they also run
/// without a caller: that is how JavaScriptCore continues a body after an `await`.
pub(super) fn join_bodies(frames: &mut FrameTable, stacks: &StackTree) {
    let mut outer: BTreeMap<FunctionId, FunctionId> = BTreeMap::new();
    let mut callers: BTreeMap<FunctionId, BTreeSet<Option<FunctionId>>> = BTreeMap::new();
    let mut callees: BTreeMap<FunctionId, BTreeSet<FunctionId>> = BTreeMap::new();
    for (_, caller, frame) in stacks.nodes() {
        let body = frames.get(frame).function;
        let around = stacks.get(caller).map(|(_, around)| frames.get(around).function);
        callers.entry(body).or_default().insert(around);
        let Some(of) = around else { continue };
        callees.entry(of).or_default().insert(body);
        let (one, other) = (frames.get_function(of), frames.get_function(body));
        let place = |function: &Function| Function { column: 0, ..*function };
        let is_named = one.kind == Kind::Js && one.name != StrId::EMPTY && one.line > 0;
        if is_named && place(one) == place(other) && one.column < other.column {
            outer.entry(body).or_insert(of);
        }
    }
    for (&body, around) in &callers {
        let mut known = around.iter().flatten();
        if let (Some(&of), None) = (known.next(), known.next())
            && around.contains(&None)
            && callees.get(&of).is_some_and(|callees| callees.len() == 1)
            && may_be_body(frames.get_function(of), frames.get_function(body))
        {
            outer.entry(body).or_insert(of);
        }
    }
    for (body, of) in resumed(frames, &callers) {
        outer.entry(body).or_insert(of);
    }
    for (body, of) in outer {
        let function = *frames.get_function(of);
        frames.set_function(body, function);
    }
}

/// Returns the bodies of generators that only [`RESUME`] calls, each with the function of its name that
/// begins before it in its line.
fn resumed(
    frames: &FrameTable,
    callers: &BTreeMap<FunctionId, BTreeSet<Option<FunctionId>>>,
) -> Vec<(FunctionId, FunctionId)> {
    let text = |id: FunctionId| frames.strings().get(frames.get_function(id).name);
    let resumes = |caller: &Option<FunctionId>| caller.is_some_and(|id| text(id) == RESUME);
    let mut found = Vec::new();
    for (&body, _) in callers.iter().filter(|(_, around)| around.iter().all(resumes)) {
        let inner = frames.get_function(body);
        let begins = |of: &Function| Function { column: inner.column, ..*of } == *inner;
        let is_outer = |of: &Function| begins(of) && of.column < inner.column;
        if inner.kind == Kind::Js && inner.name != StrId::EMPTY && inner.line > 0 {
            let outer = frames.functions().filter(|(_, of)| is_outer(of));
            let nearest = outer.max_by_key(|(_, of)| of.column);
            found.extend(nearest.map(|(of, _)| (body, of)));
        }
    }
    found
}

/// Returns true when a function may be the body of another: it begins shortly after it, and has its
/// name or none.
fn may_be_body(of: &Function, body: &Function) -> bool {
    let begins = |function: &Function| (function.line, function.column);
    let near = of.line..=of.line.saturating_add(LONGEST_HEAD);
    of.kind == Kind::Js
        && of.line > 0
        && Function { name: of.name, line: of.line, column: of.column, ..*body } == *of
        && (body.name == of.name || body.name == StrId::EMPTY)
        && begins(of) < begins(body)
        && near.contains(&body.line)
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
