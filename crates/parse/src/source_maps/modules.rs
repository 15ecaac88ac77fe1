//! Modules of a bundle that `eval` runs, each with its map in its own text.
//!
//! webpack's `devtool: 'eval-source-map'` writes each module as `eval("...")`. The text within ends in a
//! comment with the map and one with the module's URL, and functions have their positions in this text.

use super::find::{MapFile, Trouble, comment, unpack};
use super::resolve::{GeneratedPlace, functions_of, resolve};
use super::tally::{ResolvedFile, Tally};
use spikeflame_profile::FrameTable;
use std::collections::BTreeMap;

/// The start of the URLs of such modules.
const SCHEME: &str = "webpack-internal:";
const URL: &[u8] = b"//# sourceURL=";
const EVAL: &[u8] = b"eval(";
/// The most bytes of a module's text.
const LARGEST_MODULE_BYTES: usize = 64 << 20;

/// The modules of a recording whose maps were not found yet.
pub(super) struct Modules {
    wanted: BTreeMap<String, Wanted>,
}

/// A module that ran.
struct Wanted {
    functions: Vec<GeneratedPlace>,
    /// The reason why the text that was found last cannot be used.
    trouble: Option<Trouble>,
}

impl Modules {
    pub(super) fn of(frames: &FrameTable) -> Self {
        let (files, _) = functions_of(frames, |file| file.starts_with(SCHEME));
        let wanted = files.into_iter().map(|(url, functions)| {
            let trouble = None;
            (url, Wanted { functions, trouble })
        });
        Self { wanted: wanted.collect() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.wanted.is_empty()
    }

    /// Resolves the functions of the modules in the bundle `text`, and takes out the modules that are
    /// resolved. The URL of each comes with it.
    pub(super) fn resolve(
        &mut self,
        text: &[u8],
        tally: &mut Tally,
    ) -> Vec<(String, ResolvedFile)> {
        let mut all = Vec::new();
        let mut done = 0;
        for at in memchr::memmem::find_iter(text, URL) {
            let after = text.get(at + URL.len()..).unwrap_or_default();
            let Some(url) = url(after) else { continue };
            let Some(wanted) = self.wanted.get_mut(url) else { continue };
            let code = code(text, done, at);
            done = at;
            let Some(found) = code.and_then(|code| map_file(url, &code)) else { continue };
            let resolved = found.and_then(|(is_block, found)| {
                let functions: Vec<_> =
                    wanted.functions.iter().map(|it| it.in_block(is_block)).collect();
                resolve(&found, &functions)
            });
            match resolved {
                Err(trouble) => wanted.trouble = Some(trouble),
                resolved => {
                    tally.count(url, wanted.functions.len(), &resolved);
                    self.wanted.remove(url);
                    all.extend(resolved.ok().map(|resolved| (url.to_owned(), resolved)));
                }
            }
        }
        all
    }

    /// Counts the modules that were not resolved although their text was found.
    pub(super) fn close(self, tally: &mut Tally) {
        for (url, Wanted { functions, trouble }) in self.wanted {
            if let Some(trouble) = trouble {
                tally.count(&url, functions.len(), &Err(trouble));
            }
        }
    }
}

impl GeneratedPlace {
    /// Returns the function with its place within a block, of which the first character of a text is the
    /// bracket when `is_block`.
    fn in_block(&self, is_block: bool) -> Self {
        let Self { line, column, ref name, id } = *self;
        let in_first_line = is_block && line == 1 && column > 1;
        Self { line, column: column - u32::from(in_first_line), name: name.clone(), id }
    }
}

/// Returns the URL that `text` begins with.
fn url(text: &[u8]) -> Option<&str> {
    let is_end = |&byte: &u8| byte.is_ascii_whitespace() || b"\\\"'`".contains(&byte);
    let text = text.get(..text.len().min(4096)).unwrap_or_default();
    let url = text.get(..text.iter().position(is_end)?)?;
    std::str::from_utf8(url).ok().filter(|url| url.starts_with(SCHEME))
}

/// Returns the map within a module's code, and whether a block is around the code that the map is of.
/// Returns `None` for code without a map.
fn map_file(url: &str, code: &str) -> Option<Result<(bool, MapFile), Trouble>> {
    // Newer versions of webpack put the code between brackets, which the map does not count.
    let end = code.trim_end();
    let block = code.strip_prefix('{').filter(|_| end.ends_with('}'));
    let text = block.map_or(code, |code| code.trim_end().trim_end_matches('}'));
    let data = comment(text.as_bytes())?.strip_prefix("data:")?;
    let name = format!("the map of {url}");
    Some(match unpack(data) {
        Ok(json) => {
            let (text, folder) = (text.as_bytes().to_vec(), String::new());
            Ok((block.is_some(), MapFile { text, json, folder, name }))
        }
        Err(why) => {
            Err(Trouble::Unusable(format!("{name} cannot be used ({why}): build the bundle anew")))
        }
    })
}

/// Returns the value of the string, behind an `eval(` at or after `from`, that contains `at`.
fn code(text: &[u8], from: usize, at: usize) -> Option<String> {
    let mut before = text.get(from..at)?;
    while let Some(begin) = memchr::memmem::rfind(before, EVAL) {
        let argument = from + begin + EVAL.len();
        before = before.get(..begin)?;
        // Trusted types have a call around the string: `eval(__webpack_require__.ts("..."))`.
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_$.(".contains(&byte);
        let head = text.get(argument..at)?.iter().take(64);
        let start = argument + head.take_while(|&&byte| is_name(byte)).count();
        let quote = *text.get(start).filter(|quote| b"\"'`".contains(quote))?;
        let rest = text.get(start + 1..)?;
        if let Some(end) = end(rest, quote).filter(|end| start + 1 + end > at) {
            let literal =
                rest.get(..end).filter(|literal| literal.len() <= LARGEST_MODULE_BYTES)?;
            return std::str::from_utf8(literal).ok().map(value);
        }
    }
    None
}

/// Returns the number of bytes before the quote that ends a string.
fn end(text: &[u8], quote: u8) -> Option<usize> {
    let mut at = 0;
    loop {
        let rest = text.get(at..)?;
        at += memchr::memchr2(quote, b'\\', rest)?;
        if text.get(at) == Some(&quote) {
            return Some(at);
        }
        at += 2;
    }
}

/// Returns the value of a string of JavaScript that is written as `literal`.
fn value(literal: &str) -> String {
    let mut value = String::with_capacity(literal.len());
    let mut rest = literal;
    while let Some((plain, escape)) = rest.split_once('\\') {
        value.push_str(plain);
        let mut chars = escape.chars();
        match chars.next() {
            Some('n') => value.push('\n'),
            Some('r') => value.push('\r'),
            Some('t') => value.push('\t'),
            Some('b') => value.push('\u{8}'),
            Some('f') => value.push('\u{c}'),
            Some('v') => value.push('\u{b}'),
            // A line break in the source continues the string.
            Some('\n') | None => {}
            Some(kind @ ('u' | 'x')) => {
                let digits = if kind == 'u' { 4 } else { 2 };
                let code = chars.as_str().get(..digits);
                let code = code.and_then(|code| u32::from_str_radix(code, 16).ok());
                // One of a pair is as long as another character of the line.
                value.extend(code.map(|code| char::from_u32(code).unwrap_or('\u{fffd}')));
                chars = chars.as_str().get(digits..).unwrap_or_default().chars();
            }
            Some(other) => value.push(other),
        }
        rest = chars.as_str();
    }
    value + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_string_around_a_place_is_that_of_its_eval() {
        let cases = [
            (r#"a:f=>{eval("eval('x');\n@")}"#, Some("eval('x');\n@")),
            (r#"eval(__webpack_require__.ts("\"\u00e9\x41@"))"#, Some("\"éA@")),
            (r#"eval('it\'s "@"')"#, Some("it's \"@\"")),
            ("eval(`a\n\\${b}@`)", Some("a\n${b}@")),
            (r#"eval("x")/*@*/"#, None),
            (r#"eval("x@"#, None),
            (r#"eval(code)/*"@"*/"#, None),
            ("@", None),
        ];
        for (text, expected) in cases {
            let at = text.find('@').unwrap();
            assert_eq!(code(text.as_bytes(), 0, at).as_deref(), expected, "{text}");
        }
    }
}
