//! The name and the place of a function in a text.

use crate::frame::{Kind, Tier};

/// The name that DevTools show for a function or top level without a name.
pub(crate) const ANONYMOUS: &str = "<anonymous>";

/// The parts of a label, as [`parse_label`](crate::parse_label) and [`v8_name`](crate::v8_name) return them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label<'a> {
    /// The kind of code that the label describes.
    pub kind: Kind,
    /// The tier of JavaScript or WebAssembly, from V8's mark in front of the label, or from a word
    /// in V8's names for perf (`InterpretedFunction:`, `-turbofan`). It is [`Tier::None`] without
    /// them, and for other code.
    pub tier: Tier,
    /// True when the label ends in FlameGraph's suffix `_[i]`.
    pub inlined: bool,
    /// The name and the place. Only JavaScript can have a file, line and column; for other kinds they
    /// are empty and 0.
    pub location: Location<'a>,
}

/// The name and the place of a function, borrowed from the text from which they were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location<'a> {
    /// The function's name; empty for `<anonymous>` in front of a file, and for a text without a name.
    pub name: &'a str,
    /// The source file, exactly as it is written; empty when the text has none.
    pub file: &'a str,
    /// The line in the file, which counts from 1; 0 when the text has no place.
    pub line: u32,
    /// The column in `line`, from 1; 0 when the text has none.
    pub column: u32,
}

/// Reads a number that has no sign and no leading zero.
fn canonical(digits: &str) -> Option<u32> {
    let is_canonical = !digits.starts_with('+') && (digits == "0" || !digits.starts_with('0'));
    digits.parse().ok().filter(|_| is_canonical)
}

/// Splits `name file:line:column`, the form in which V8 and folded stacks write a function.
///
/// Names and paths may contain spaces. The name `<anonymous>` becomes empty. Returns `None` when
/// the text does not end in `:line:column`.
///
/// ```
/// use spikeflame_profile::split_name_and_file;
///
/// let location = split_name_and_file("get user /srv/my app/db.js:12:5").unwrap();
/// assert_eq!((location.name, location.file), ("get user", "/srv/my app/db.js"));
/// assert_eq!((location.line, location.column), (12, 5));
/// ```
pub fn split_name_and_file(text: &str) -> Option<Location<'_>> {
    let (rest, column) = text.rsplit_once(':')?;
    let column = canonical(column)?;
    place_without_column(rest).map(|at| Location { column, ..at })
}

/// Splits `name file:line`, as old versions of V8 write a function. The column is 0.
pub(crate) fn place_without_column(text: &str) -> Option<Location<'_>> {
    let (rest, line) = text.rsplit_once(':')?;
    let (line, column) = (canonical(line)?, 0);
    let mut spaces = memchr::memchr_iter(b' ', rest.as_bytes());
    let after = |at: usize| rest.get(at + 1..).unwrap_or("");
    // The text of a module may contain spaces and slashes: the first `data:` is the beginning.
    let module = spaces.clone().find(|&at| is_module_in_url(after(at)));
    let at = match module.or_else(|| spaces.clone().rfind(|&at| starts_path(after(at)))) {
        _ if is_module_in_url(rest) => None,
        Some(at) => Some(at),
        None if starts_path(rest) => None,
        // It may be a relative path, or a name that was given to `vm`.
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

/// Returns true for the URL of a module whose text it contains, of the types that Node runs.
fn is_module_in_url(text: &str) -> bool {
    const TYPES: [&str; 3] = ["text/javascript", "application/json", "application/wasm"];
    let kind = text.strip_prefix("data:");
    kind.is_some_and(|kind| TYPES.iter().any(|known| kind.starts_with(known)))
}

fn starts_path(text: &str) -> bool {
    const STARTS: [&str; 14] = [
        "/",
        "node:",
        "file:",
        "wasm:",
        "evalmachine.",
        "[",
        "internal/",
        "./",
        "../",
        "\\\\",
        "<eval>",
        "ext:",
        "internal:",
        "bun:",
    ];
    let drive = |b: &[u8]| matches!(b, [d, b':', b'/' | b'\\', ..] if d.is_ascii_alphabetic());
    // Bundlers have schemes of their own, and folders with spaces: `webpack-internal:///./my app/x.js`.
    let scheme = text.split_once("://").is_some_and(|(scheme, _)| {
        let mut chars = scheme.chars();
        chars.next().is_some_and(|c| c.is_ascii_alphabetic())
            && chars.all(|c| c.is_ascii_alphanumeric() || c == '-')
    });
    scheme || STARTS.iter().any(|start| text.starts_with(start)) || drive(text.as_bytes())
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
            // The error was: the text of such a module was a part of the name.
            (
                "get big data:text/javascript,function f(){ return 1 / 2 }:1:2",
                "get big",
                "data:text/javascript,function f(){ return 1 / 2 }",
            ),
            (" data:text/javascript;base64,ZX/0:1:2", "", "data:text/javascript;base64,ZX/0"),
            ("data:text/javascript,f( /srv):1:2", "", "data:text/javascript,f( /srv)"),
            ("log data: /srv/a.js:1:2", "log data:", "/srv/a.js"),
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
