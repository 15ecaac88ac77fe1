//! How a function is written wherever it is text, and read back from it.

use crate::frame::{Frame, FrameId, FrameTable, Function, Kind, Tier};
use crate::strings::{StrId, Strings};
use std::fmt::Write;

/// What DevTools call a function or top level that has no name.
pub(crate) const ANONYMOUS: &str = "<anonymous>";

/// Names of states, as DevTools write them.
const STATES: [(&str, Kind); 6] = [
    ("(garbage collector)", Kind::Gc),
    ("(compiler)", Kind::Compiler),
    ("(idle)", Kind::Idle),
    ("(program)", Kind::Program),
    ("(hidden)", Kind::Hidden),
    ("(unresolved)", Kind::Unresolved),
];

/// Kinds whose label is a prefix and the name.
const PREFIXES: [(&str, Kind); 3] = [
    ("Builtin: ", Kind::Builtin),
    ("BytecodeHandler: ", Kind::BytecodeHandler),
    ("RegExp: ", Kind::RegExp),
];

impl Kind {
    /// The label of a kind that is a state and not a function.
    pub fn state_label(self) -> Option<&'static str> {
        STATES.iter().find(|(_, kind)| *kind == self).map(|(label, _)| *label)
    }

    /// The kind of a state that is written so.
    pub(crate) fn of_state(label: &str) -> Option<Self> {
        STATES.iter().find(|(state, _)| *state == label).map(|(_, kind)| *kind)
    }

    /// The kind that [`Kind::word`] writes so.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The word for this kind in tables and JSON.
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

/// What may stand before the name of an error.
const MARKS: [&str; 4] = ["[cause] ", "[errors] ", "[error] ", "[query failed] "];

/// True for the label of an error, which is its name: `Error: Queue limit
/// reached`, `[cause] TypeError: ...`. What does not look so stands behind
/// `[error] `.
pub fn is_error(label: &str) -> bool {
    if MARKS.iter().any(|mark| label.starts_with(mark)) {
        return true;
    }
    // A function may be called `onError`, but not `onError: x`.
    let Some((class, _)) = label.split_once(": ") else { return false };
    // `SystemError [ERR_FS_CP_EINVAL]`
    let class = class.split_once(" [").map_or(class, |(class, _)| class);
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '.');
    let named = |end: &str| class.to_ascii_lowercase().ends_with(end);
    class.chars().all(is_word) && (named("error") || named("exception"))
}

/// A builtin of which no more is known; written without the prefix.
pub(crate) const SOME_BUILTIN: &str = "(builtin)";

/// Of this kind is a frame of other tools' folded text that has no name at all:
/// it is written back as it was.
const NAMELESS: Kind = Kind::Kernel;

/// The last component of a path, whichever way its slashes lean.
pub(crate) fn base_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).find(|part| !part.is_empty()).unwrap_or(path)
}

/// Appends a function's label, behind `tier`'s mark.
///
/// JavaScript reads `name file:line:column`; builtins and their like carry a
/// prefix; native code has its symbol's name, or else its library's.
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
        let module = base_name(strings.get(function.module));
        return out.push_str(match (name, module) {
            ("", "") if function.kind != NAMELESS => ANONYMOUS,
            ("", module) => module,
            (name, _) => name,
        });
    }
    out.push_str(if name.is_empty() { ANONYMOUS } else { name });
    // Writing to a String cannot fail.
    let _ = write!(out, " {file}:{}:{}", function.line, function.column);
}

impl FrameTable {
    /// The frame that a label names: [`parse_label`].
    pub fn labelled(&mut self, label: &str) -> FrameId {
        let Label { kind, tier, inlined, location } = parse_label(label);
        let (name, file) = (self.intern(location.name), self.intern(location.file));
        let (line, column) = (location.line, location.column);
        let function =
            self.function(Function { name, file, line, column, kind, module: StrId::EMPTY });
        self.frame(Frame { function, tier, inlined })
    }
}

/// A function's label without its place, for formats that have fields for that.
pub fn display_name(strings: &Strings, function: &Function) -> String {
    let mut text = String::new();
    write_label(&mut text, strings, &Function { file: StrId::EMPTY, ..*function }, Tier::None);
    text
}

/// The name in what [`display_name`] writes of a function of that kind.
pub fn bare_name(display: &str, kind: Kind) -> &str {
    if kind.state_label().is_some() || kind == Kind::Js && display == ANONYMOUS {
        return "";
    }
    let prefix = PREFIXES.iter().find(|(_, of)| *of == kind).map_or("", |(prefix, _)| prefix);
    display.strip_prefix(prefix).unwrap_or(display)
}

/// A name and where it stands in the source, borrowed from a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location<'a> {
    /// The function's name; empty for an anonymous one.
    pub name: &'a str,
    /// The file as it was written.
    pub file: &'a str,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
}

/// Splits `name file:line:column`, as V8 and folded stacks write a function.
///
/// Both names and paths may hold spaces, so the file starts at the last space
/// before something that looks like the start of a path or URL, or else at the
/// last space. `None` when there is no `:line:column` at the end.
pub fn split_name_and_file(text: &str) -> Option<Location<'_>> {
    let (rest, column) = text.rsplit_once(':')?;
    let (rest, line) = rest.rsplit_once(':')?;
    let number = |digits: &str| {
        let canonical = !digits.starts_with('+') && (digits == "0" || !digits.starts_with('0'));
        digits.parse().ok().filter(|_| canonical)
    };
    let (line, column) = (number(line)?, number(column)?);
    let mut spaces = memchr::memchr_iter(b' ', rest.as_bytes());
    let after = |at: usize| rest.get(at + 1..).unwrap_or("");
    let at = match spaces.clone().rfind(|&at| starts_path(after(at))) {
        Some(at) => Some(at),
        None if starts_path(rest) => None,
        // A relative path, or a name given to `vm`.
        None => {
            let has_slash =
                |&at: &usize| after(at).split(' ').next().is_some_and(|w| w.contains('/'));
            spaces.clone().rfind(has_slash).or_else(|| spaces.next_back())
        }
    };
    let (name, file) = match at {
        Some(at) => (rest.get(..at)?, rest.get(at + 1..)?),
        None => ("", rest),
    };
    Some(Location { name: if name == ANONYMOUS { "" } else { name }, file, line, column })
}

fn starts_path(text: &str) -> bool {
    const STARTS: [&str; 13] = [
        "/",
        "node:",
        "file:",
        "http:",
        "https:",
        "wasm:",
        "evalmachine.",
        "[",
        "internal/",
        "./",
        "../",
        "\\\\",
        "<eval>",
    ];
    let drive = |b: &[u8]| matches!(b, [d, b':', b'/' | b'\\', ..] if d.is_ascii_alphabetic());
    STARTS.iter().any(|start| text.starts_with(start)) || drive(text.as_bytes())
}

/// What a label says: see [`parse_label`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label<'a> {
    /// What the function is made of.
    pub kind: Kind,
    /// How its code was made, where there is a mark.
    pub tier: Tier,
    /// True behind FlameGraph's suffix `_[i]`.
    pub inlined: bool,
    /// Name and place; without a file for what is not JavaScript.
    pub location: Location<'a>,
}

/// Reads a label, with or without FlameGraph's suffixes: the inverse of
/// [`write_label`].
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
        suffix("_[j]").unwrap_or(label)
    };
    let plain = |kind, tier, name| {
        let location = Location { name, file: "", line: 0, column: 0 };
        Label { kind, tier, inlined, location }
    };
    if let Some(kind) = Kind::of_state(text) {
        return plain(kind, Tier::None, "");
    }
    if text.is_empty() {
        return plain(NAMELESS, Tier::None, text);
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

    #[test]
    fn files_and_names_with_spaces_are_told_apart() {
        let cases = [
            ("foo /srv/a.js:1:2", "foo", "/srv/a.js"),
            ("get x /srv/a.js:1:2", "get x", "/srv/a.js"),
            ("GET /boards /srv/a.js:1:2", "GET /boards", "/srv/a.js"),
            ("foo /Users/j/My Project/a.js:1:2", "foo", "/Users/j/My Project/a.js"),
            (r"foo C:\Users\John Doe\a.js:1:2", "foo", r"C:\Users\John Doe\a.js"),
            (" node:fs:1:2", "", "node:fs"),
            ("<anonymous> node:fs:1:2", "", "node:fs"),
            ("trailing  node:fs:1:2", "trailing ", "node:fs"),
            ("/srv/a b.js:1:2", "", "/srv/a b.js"),
            ("next :1:2", "next", ""),
            ("f virtual/vm named.js:1:2", "f", "virtual/vm named.js"),
        ];
        for (text, name, file) in cases {
            let expected = Location { name, file, line: 1, column: 2 };
            assert_eq!(split_name_and_file(text), Some(expected), "{text}");
        }
        for text in ["main", "a:b", "std::vec", "a:1:x", "a:01:2", "x::1:", "a:+1:2"] {
            assert_eq!(split_name_and_file(text), None, "{text}");
        }
    }
}
