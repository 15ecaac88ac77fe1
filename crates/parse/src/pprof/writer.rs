//! The program that wrote a profile, as far as its names and lines depend on it.

use super::evidence::{Evidence, Lines};
use super::tables::{Place, Tables};
use crate::options::PprofLines;
use crate::script_path::is_script;
use spikeflame_profile::warning::PprofFact;
use spikeflame_proto::pprof::OURS;

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
    /// Returns the writer of a profile, and the guess by which the lines of a profile of Node had
    /// to be read. `wanted` is the meaning of the lines that the user named.
    pub(super) fn detect(
        tables: &Tables<'_>,
        bytes: &[u8],
        wanted: Option<PprofLines>,
    ) -> (Self, Option<PprofFact>) {
        if tables.comments().any(|comment| comment.starts_with(OURS)) {
            return (Self::Ours, None);
        }
        if !tables.functions.values().any(|function| is_script(&tables.string(function.filename))) {
            return (Self::Other, None);
        }
        let (by_line, guess) = match wanted {
            Some(wanted) => (wanted == PprofLines::Ran, None),
            None => {
                let evidence = Evidence::collect(tables, bytes);
                let (Lines::Known { by_line } | Lines::Guessed { by_line }) = evidence.lines();
                (by_line, evidence.guess())
            }
        };
        (if by_line { Self::NodeByLine } else { Self::Node }, guess)
    }

    /// Returns true when the lines of locations are those that ran, and not those at which
    /// functions begin.
    pub(super) fn has_lines(self, tables: &Tables<'_>) -> bool {
        let starts = |(_, place): (_, &Place)| {
            tables.lines(place).iter().all(|line| {
                let function = tables.functions.get(&line.function_id);
                function.is_none_or(|function| function.start_line == line.line)
            })
        };
        match self {
            Self::Ours => false,
            Self::NodeByLine => true,
            Self::Other => !tables.locations.iter().all(starts),
            Self::Node => {
                let known = tables.functions.values().any(|function| function.start_line > 0);
                known && !tables.locations.iter().all(starts)
            }
        }
    }
}

pub(super) fn is_compiled(file: &str) -> bool {
    COMPILED.iter().any(|end| file.ends_with(end))
}

/// Returns true for a mapping without a file. The agent of Parca calls that of generated code `jit`.
pub(super) fn is_no_file(module: &str) -> bool {
    let jit = ["//anon", "[anon", "[unknown", "[heap", "[stack", "[JIT"];
    module.is_empty()
        || module == "jit"
        || module.ends_with(".map")
        || jit.iter().any(|start| module.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_of_machine_code_are_known() {
        assert!(is_compiled("/go/src/main.go") && !is_compiled("/usr/bin/tsc"));
    }
}
