//! The program that wrote a profile, and its way of naming things.

use super::evidence::{Evidence, Lines};
use super::tables::Tables;
use crate::names::is_script;
use spikeflame_profile::pprof_proto::{Function, OURS};
use std::borrow::Cow;

/// The name that the libraries for Node (`pprof`, `@datadog/pprof`) use for V8's `(garbage
/// collector)`. Other states keep V8's names.
pub(super) const COLLECTOR: &str = "Garbage Collection";

/// Endings of the names of files that are compiled to machine code.
const COMPILED: [&str; 14] = [
    ".c", ".cc", ".cpp", ".cxx", ".c++", ".h", ".hh", ".hpp", ".inc", ".go", ".rs", ".s", ".S",
    ".asm",
];

/// The program that wrote a profile, as far as the reading of names depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Writer {
    /// Our own export: system names contain the kind of each frame.
    Ours,
    /// A library for Node: the line of a function is its first.
    Node,
    /// A library for Node with the option to record lines: a line is one that ran, and the
    /// first line of the function is not known.
    NodeByLine,
    Other,
}

impl Writer {
    pub(super) fn of(tables: &Tables<'_>) -> Self {
        if tables.comments().any(|comment| comment.starts_with(OURS)) {
            return Self::Ours;
        }
        if !tables.functions.values().any(|function| is_script(&tables.string(function.filename))) {
            return Self::Other;
        }
        match Evidence::of(tables).lines() {
            Lines::Known { by_line: true } | Lines::Guessed { by_line: true } => Self::NodeByLine,
            Lines::Known { by_line: false } | Lines::Guessed { by_line: false } => Self::Node,
        }
    }
}

/// What to say of a profile of Node whose lines are read one way by a guess.
pub(super) fn guess(tables: &Tables<'_>, name: &str) -> Option<String> {
    matches!(Writer::of(tables), Writer::Node | Writer::NodeByLine)
        .then(|| Evidence::of(tables).warning(name))?
}

/// The name of a function. Pyroscope's library for Node puts its file in front
/// of it and its line behind (`./app.js:step:12`, `:(idle):0`), and leaves the name
/// as it was in place of the linker's.
pub(super) fn name_of<'a>(tables: &Tables<'a>, function: &Function) -> Cow<'a, str> {
    let name = tables.string(function.name);
    let own = tables.string(function.system_name);
    if is_framed(&name, &own) { own } else { name }
}

/// Returns true for profiles of Pyroscope's library for Node.
pub(super) fn is_of_pyroscope(tables: &Tables<'_>) -> bool {
    let framed = |it: &Function| is_framed(&tables.string(it.name), &tables.string(it.system_name));
    tables.functions.values().any(framed)
}

fn is_framed(name: &str, own: &str) -> bool {
    let Some((rest, line)) = name.rsplit_once(':') else { return false };
    let is_number = !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_digit());
    let file = rest.strip_suffix(own).and_then(|rest| rest.strip_suffix(':'));
    is_number && !own.is_empty() && file.is_some()
}

/// Returns the position in `(anonymous:L#12:C#3)`; `Some(None)` for a name without one.
pub(super) fn anonymous(name: &str) -> Option<Option<(u32, u32)>> {
    let within = name.strip_prefix("(anonymous")?.strip_suffix(')')?;
    if within.is_empty() {
        return Some(None);
    }
    let (line, column) = match within.strip_prefix(":L#")?.split_once(":C") {
        Some((line, column)) => (line, column.strip_prefix('#').unwrap_or(column)),
        None => (within.strip_prefix(":L#")?, "0"),
    };
    Some(Some((line.parse().ok()?, column.parse().ok()?)))
}

pub(super) fn is_compiled(file: &str) -> bool {
    COMPILED.iter().any(|end| file.ends_with(end))
}

/// Returns true for a mapping without a file.
pub(super) fn is_no_file(module: &str) -> bool {
    let jit = ["//anon", "[anon", "[unknown", "[heap", "[stack", "[JIT"];
    module.is_empty()
        || module.ends_with(".map")
        || jit.iter().any(|start| module.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anonymous_functions_tell_where_they_stand() {
        let cases = [
            ("(anonymous)", Some(None)),
            ("(anonymous:L#12:C#3)", Some(Some((12, 3)))),
            ("(anonymous:L#12:C3)", Some(Some((12, 3)))),
            ("(anonymous:L#12)", Some(Some((12, 0)))),
            ("(anonymous:L#x:C#3)", None),
            ("(anonymous namespace)::f", None),
            ("anonymous", None),
        ];
        for (name, place) in cases {
            assert_eq!(anonymous(name), place, "{name}");
        }
    }

    #[test]
    fn names_that_pyroscope_framed_are_told_from_others() {
        let framed = [
            ("./app.js:step:12", "step"),
            (":(idle):0", "(idle)"),
            ("node:net:(anonymous:L#1326:C#73):1326", "(anonymous:L#1326:C#73)"),
        ];
        assert!(framed.iter().all(|(name, own)| is_framed(name, own)));
        let others = [("a:12", "a"), ("x:a:", "a"), ("x:a:b", "a"), ("x:b:1", "a"), ("x::1", "")];
        assert!(!others.iter().any(|(name, own)| is_framed(name, own)));
    }

    #[test]
    fn sources_of_machine_code_are_known() {
        assert!(is_compiled("/go/src/main.go") && !is_compiled("/usr/bin/tsc"));
    }
}
