//! Labels: how a function is written as text, and how that text is read back.

use crate::frame::{Frame, FrameId, FrameTable, Function, Kind, Tier};
use crate::location::{ANONYMOUS, Label, Location, split_name_and_file};
use crate::strings::{StrId, Strings};
use crate::url::plain_path;
use crate::v8_name::{certain_v8_name, v8_symbol};
use std::fmt::Write;

/// The name of the frame that stands for the unknown caller of a builtin. The parent of this frame
/// usually did not call the builtin.
pub const CALLER_NOT_LOGGED: &str = "(caller not logged)";

/// Labels of states, as DevTools write them.
const STATES: [(&str, Kind); 6] = [
    ("(garbage collector)", Kind::Gc),
    ("(compiler)", Kind::Compiler),
    ("(idle)", Kind::Idle),
    ("(program)", Kind::Program),
    ("(hidden)", Kind::Hidden),
    ("(unresolved)", Kind::Unresolved),
];

/// Kinds whose label is a prefix followed by the name.
const PREFIXES: [(&str, Kind); 3] = [
    ("Builtin: ", Kind::Builtin),
    ("BytecodeHandler: ", Kind::BytecodeHandler),
    ("RegExp: ", Kind::RegExp),
];

impl Kind {
    /// Returns the label of a kind that is a state: `(garbage collector)`, `(compiler)`, `(idle)`,
    /// `(program)`, `(hidden)` or `(unresolved)`. Returns `None` for the other kinds.
    pub fn state_label(self) -> Option<&'static str> {
        STATES.iter().find(|(_, kind)| *kind == self).map(|(label, _)| *label)
    }

    /// Returns the kind of a state from its label.
    pub(crate) fn of_state(label: &str) -> Option<Self> {
        STATES.iter().find(|(state, _)| *state == label).map(|(_, kind)| *kind)
    }

    /// Returns the kind whose [`Kind::word`] is exactly `word`; `None` for other words.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Returns the name of this kind of code in tables and JSON, in lower case and with hyphens: `js`,
    /// `bytecode-handler`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Js => "js",
            Self::Builtin => "builtin",
            Self::BytecodeHandler => "bytecode-handler",
            Self::RegExp => "regexp",
            Self::Wasm => "wasm",
            Self::Native => "native",
            Self::Kernel => "kernel",
            Self::Gc => "gc",
            Self::Compiler => "compiler",
            Self::Idle => "idle",
            Self::Program => "program",
            Self::Hidden => "hidden",
            Self::Unresolved => "unresolved",
            Self::Error => "error",
        }
    }
}

/// Prefixes that may stand before the name of an error.
const ERROR_PREFIXES: [&str; 4] = ["[cause] ", "[errors] ", "[error] ", "[query failed] "];

/// Returns true for a label that looks like that of a logged error, such as `Error: Queue limit
/// reached`.
pub fn is_error(label: &str) -> bool {
    if ERROR_PREFIXES.iter().any(|mark| label.starts_with(mark)) {
        return true;
    }
    // A function may be called `onError`, but not `onError: x`.
    let Some((class, _)) = label.split_once(": ") else { return false };
    // Node writes system errors as `SystemError [ERR_FS_CP_EINVAL]`.
    let class = class.split_once(" [").map_or(class, |(class, _)| class);
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '.');
    let named = |end: &str| class.to_ascii_lowercase().ends_with(end);
    class.chars().all(is_word) && (named("error") || named("exception"))
}

/// The name of a builtin that is not known; it is written without the prefix.
pub(crate) const SOME_BUILTIN: &str = "(builtin)";

/// The label of a frame that has no name in folded text, which is written back without one. The label is
/// the name of such a function: native code with an empty name may be one of many functions.
pub(crate) const NAMELESS_LABEL: &str = "(nameless)";

/// Returns the last component of a path, with `/` or `\` as the separator.
pub(crate) fn base_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).find(|part| !part.is_empty()).unwrap_or(path)
}

/// Appends the label of a function to `out`.
///
/// JavaScript with a file is `name file:line:column`, with `tier`'s mark in front and `<anonymous>`
/// for an empty name. A state has its [`Kind::state_label`]; builtins, bytecode handlers and
/// regular expressions have a prefix such as `Builtin: ` (an unknown builtin is `(builtin)`). Other code has
/// `tier`'s mark and its name, or else the name of its module, or else `<anonymous>`. The file follows a
/// name in languages whose names are unique only within a file, such as Python.
pub fn write_label(out: &mut String, strings: &Strings, function: &Function, tier: Tier) {
    if let Some(state) = function.kind.state_label() {
        return out.push_str(state);
    }
    let name = strings.get(function.name);
    if function.kind == Kind::Builtin && name == SOME_BUILTIN {
        return out.push_str(name);
    }
    if let Some((prefix, _)) = PREFIXES.iter().find(|(_, kind)| *kind == function.kind) {
        out.push_str(prefix);
        return out.push_str(name);
    }
    out.push_str(tier.mark());
    let file = strings.get(function.file);
    if function.kind != Kind::Js || file.is_empty() {
        // The module of JavaScript is a file that ran, and no name.
        let of_module = if function.kind == Kind::Js { StrId::EMPTY } else { function.module };
        let module = base_name(strings.get(of_module));
        out.push_str(match (name, module) {
            ("", "") => ANONYMOUS,
            ("", module) => module,
            (name, _) => name,
        });
        let source = strings.get(function.source());
        if !name.is_empty() && names_need(source) {
            out.push(' ');
            out.push_str(source);
        }
        return;
    }
    out.push_str(if name.is_empty() { ANONYMOUS } else { name });
    // Writing to a String cannot fail.
    let _ = write!(out, " {file}:{}:{}", function.line, function.column);
}

/// Writes the label of a function whose line and column are those that ran. In contrast to
/// [`write_label`], functions of other languages have their place too.
pub(crate) fn write_line_label(
    out: &mut String,
    strings: &Strings,
    function: &Function,
    tier: Tier,
) {
    write_label(out, strings, function, tier);
    if function.kind == Kind::Native && function.line > 0 {
        let file = strings.get(function.file);
        if !names_need(file) {
            out.push(' ');
            out.push_str(file);
        }
        // Writing to a String cannot fail.
        let _ = write!(out, ":{}:0", function.line);
    }
}

/// Returns true for source files of languages whose recorders name a function without its module, so
/// that functions of several files have one name.
fn names_need(file: &str) -> bool {
    const ENDINGS: [&str; 6] = [".py", ".pyx", ".rb", ".php", ".lua", ".pl"];
    ENDINGS.iter().any(|ending| file.ends_with(ending))
}

impl FrameTable {
    /// Returns the id of the frame that stands for a frame without a name in folded text.
    pub fn nameless(&mut self) -> FrameId {
        let function = self.named(NAMELESS_LABEL, Kind::Native);
        self.frame(Frame { function, tier: Tier::None, inlined: false })
    }

    /// Returns the id of the frame that `label` stands for, which may be any text
    /// ([`parse_label`]). Adds the function and the frame when they are new.
    pub fn labelled(&mut self, label: &str) -> FrameId {
        if label.trim_start().is_empty() {
            let function = self.named("", Kind::Native);
            return self.frame(Frame { function, tier: Tier::None, inlined: false });
        }
        let Label { kind, tier, inlined, location } = parse_label(label);
        // The name of a bytecode's handler differs from its symbol.
        let symbol = label.rsplit_once("_[").map_or(label, |(symbol, _)| symbol);
        let name = match v8_symbol(symbol) {
            Some((_, name)) => self.intern(&name),
            None => self.intern(location.name),
        };
        let file = self.intern(&plain_path(location.file));
        let (line, column) = (location.line, location.column);
        let function =
            self.function(Function { name, file, line, column, kind, module: StrId::EMPTY });
        self.frame(Frame { function, tier, inlined })
    }
}

/// Returns a function's label without the tier's mark ([`Tier::mark`]), file, line and column, for formats that
/// have fields for these: `handler`, `<anonymous>`, `Builtin: ArrayMap`, `(idle)`. `strings` are those of the
/// function's [`FrameTable`].
pub fn display_name(strings: &Strings, function: &Function) -> String {
    let mut text = String::new();
    let is_named = function.name != StrId::EMPTY;
    let module = if is_named { StrId::EMPTY } else { function.module };
    write_label(
        &mut text,
        strings,
        &Function { file: StrId::EMPTY, module, ..*function },
        Tier::None,
    );
    text
}

/// Returns the function's name from the text that [`display_name`] returned for a function of that
/// kind: without a prefix such as `Builtin: `. The name is empty for states and for anonymous
/// JavaScript. For other code without a name, it is the text itself: that of its module, or `<anonymous>`.
pub fn bare_name(display: &str, kind: Kind) -> &str {
    if kind.state_label().is_some() || kind == Kind::Js && display == ANONYMOUS {
        return "";
    }
    let prefix = PREFIXES.iter().find(|(_, of)| *of == kind).map_or("", |(prefix, _)| prefix);
    display.strip_prefix(prefix).unwrap_or(display)
}

/// Reads a label that [`write_label`] or another tool wrote. Every text is accepted: a text in no
/// known form is the name of native code, and an empty text is native code without a name.
///
/// FlameGraph's suffixes (`_[k]`, `_[i]`, `_[j]`) are read and removed. The names that V8 writes
/// for perf are read too: `JS:*handler /srv/app.js:3:1`.
///
/// ```
/// use spikeflame_profile::{Kind, Tier, parse_label};
///
/// let label = parse_label("*handler /srv/app.js:3:1_[i]");
/// assert_eq!((label.kind, label.tier, label.inlined), (Kind::Js, Tier::Optimized, true));
/// assert_eq!(parse_label("(idle)").kind, Kind::Idle);
/// ```
pub fn parse_label(label: &str) -> Label<'_> {
    let suffix = |mark: &str| label.strip_suffix(mark).filter(|rest| !rest.is_empty());
    let (mut kind, mut inlined) = (Kind::Native, false);
    let text = if let Some(rest) = suffix("_[k]") {
        kind = Kind::Kernel;
        rest
    } else if let Some(rest) = suffix("_[i]") {
        inlined = true;
        rest
    } else {
        ["_[j]", "_[0]", "_[1]"].into_iter().find_map(suffix).unwrap_or(label)
    };
    let plain = |kind, tier, name| {
        let location = Location { name, file: "", line: 0, column: 0 };
        Label { kind, tier, inlined, location }
    };
    if let Some(kind) = Kind::of_state(text) {
        return plain(kind, Tier::None, "");
    }
    if text == SOME_BUILTIN {
        return plain(Kind::Builtin, Tier::None, text);
    }
    if is_error(text) {
        return plain(Kind::Error, Tier::None, text);
    }
    if let Some((kind, name)) =
        PREFIXES.iter().find_map(|(prefix, kind)| Some((*kind, text.strip_prefix(prefix)?)))
    {
        return plain(kind, Tier::None, name);
    }
    if let Some(label) = certain_v8_name(text).filter(|_| kind == Kind::Native) {
        return Label { inlined, ..label };
    }
    if let Some((kind, _)) = v8_symbol(text) {
        return plain(kind, Tier::None, text.strip_prefix("Builtins_").unwrap_or(text));
    }
    let mut chars = text.chars();
    let (tier, unmarked) = match chars.next().and_then(Tier::from_mark) {
        Some(tier) => (tier, chars.as_str()),
        None => (Tier::None, text),
    };
    if kind == Kind::Native {
        if let Some(location) = split_name_and_file(unmarked).filter(|l| !l.file.is_empty()) {
            return Label { kind: Kind::Js, tier, inlined, location };
        }
        if unmarked.starts_with("wasm-function[") {
            return plain(Kind::Wasm, tier, unmarked);
        }
    }
    plain(kind, Tier::None, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The error was: folded stacks of `stackcollapse-perf` had a function for each tier, called `JS:*f`.
    #[test]
    fn names_that_v8_writes_for_perf_are_those_of_other_formats() {
        for (text, kind, label) in [
            ("JS:*f file:///srv/a.mjs:1:2", Kind::Js, "*f /srv/a.mjs:1:2"),
            ("LazyCompile:~f /srv/a.js:1_[j]", Kind::Js, "~f /srv/a.js:1:0"),
            ("Script:~ /srv/a.js:1:1", Kind::Js, "~<anonymous> /srv/a.js:1:1"),
            ("Eval:~ :1:2", Kind::Js, "~<anonymous> <eval>:1:2"),
            ("Function:f /srv/a.js:1:1_[i]", Kind::Js, "f /srv/a.js:1:1"),
            ("RegExp:a|b", Kind::RegExp, "RegExp: a|b"),
            ("Builtin:ArrayMap", Kind::Builtin, "Builtin: ArrayMap"),
            (
                "Builtins_LdaSmiWideHandler_[j]",
                Kind::BytecodeHandler,
                "BytecodeHandler: LdaSmi.Wide",
            ),
            ("a_[0]", Kind::Native, "a"),
            ("m_[1]", Kind::Native, "m"),
            // Other languages have such names.
            ("Handler:run", Kind::Native, "Handler:run"),
            ("Builtin::run", Kind::Native, "Builtin::run"),
            ("Function:f", Kind::Native, "Function:f"),
        ] {
            let mut frames = FrameTable::default();
            let frame = frames.labelled(text);
            let Frame { function, tier, .. } = frames.get(frame);
            let mut written = String::new();
            write_label(&mut written, frames.strings(), frames.get_function(function), tier);
            assert_eq!((written.as_str(), frames.kind(frame)), (label, kind), "{text}");
        }
    }

    /// The error was: `run` of two Python files was one row.
    #[test]
    fn functions_of_two_python_files_have_two_labels() {
        let mut frames = FrameTable::default();
        let run = frames.named("run", Kind::Native);
        let run = *frames.get_function(run);
        let mut label = |file| {
            let (file, mut text) = (frames.intern(file), String::new());
            let function = Function { file, line: 2, ..run };
            assert_eq!(display_name(frames.strings(), &function), "run");
            // The readers of some formats do not know that the file is no library.
            let of_module = Function { file: StrId::EMPTY, module: file, ..run };
            assert_eq!(display_name(frames.strings(), &of_module), "run");
            write_label(&mut text, frames.strings(), &of_module, Tier::None);
            text.push_str(" | ");
            write_label(&mut text, frames.strings(), &function, Tier::None);
            text.push_str(" | ");
            write_line_label(&mut text, frames.strings(), &function, Tier::None);
            text
        };
        assert_eq!(label("/srv/a.py"), "run /srv/a.py | run /srv/a.py | run /srv/a.py:2:0");
        assert_eq!(label("/srv/b.py"), "run /srv/b.py | run /srv/b.py | run /srv/b.py:2:0");
        assert_eq!(label("/srv/b.go"), "run | run | run /srv/b.go:2:0");
    }

    /// The error was: an anonymous function whose source map led out of its package was called
    /// `index.js` in exports, after the file that ran.
    #[test]
    fn a_function_without_a_name_is_not_named_after_the_file_that_ran() {
        let mut frames = FrameTable::default();
        let file = frames.intern("/srv/src/a.ts");
        let module = frames.intern("/srv/node_modules/a/index.js");
        let name = StrId::EMPTY;
        let function = Function { name, file, line: 1, column: 3, kind: Kind::Js, module };
        assert_eq!(display_name(frames.strings(), &function), ANONYMOUS);
        let native = Function { kind: Kind::Native, file: StrId::EMPTY, ..function };
        assert_eq!(display_name(frames.strings(), &native), "index.js");
    }
}
