//! Finds the names of functions in a source map.
//!
//! V8 records where the parameters of a function begin. A minifier's map has names at the places
//! of identifiers. The text between the two in the generated file is read here: `a=async
//! function*(`, `a.b=x=>`, `get a(`, `class a{...constructor(`.

use super::map::Section;
use std::ops::Range;

/// The number of bytes in front of a function that are read.
const HEAD: usize = 4096;
/// The number of bytes in front of a constructor in which the head of its class is
/// searched.
const CLASS: usize = 64 * 1024;

/// A function's place in its generated file.
pub(super) struct Place<'a> {
    /// The line that contains it.
    pub(super) text: &'a [u8],
    /// The byte of the line at which the function begins.
    pub(super) at: usize,
    /// Line and column, from 0.
    pub(super) line: u32,
    pub(super) column: u32,
}

impl Place<'_> {
    fn head(&self) -> Head<'_> {
        let start = self.at.saturating_sub(HEAD);
        Head { text: self.slice(start..self.at), start }
    }

    fn slice(&self, range: Range<usize>) -> &[u8] {
        self.text.get(range).unwrap_or_default()
    }

    /// Returns the map's name for the token that begins at `at`, at or before the function.
    fn named<'m>(&self, section: &'m Section, at: usize) -> Option<&'m str> {
        let back = utf16_len(self.slice(at..self.at));
        section.name(self.line, self.column.checked_sub(back)?)
    }

    /// Returns true when a function may begin here.
    pub(super) fn fits(&self) -> bool {
        let Some(&first) = self.text.get(self.at) else { return false };
        let before = self.at.checked_sub(1).and_then(|at| self.text.get(at));
        match first {
            b'(' | b'{' | b'[' | b'#' | b'\'' | b'"' => true,
            first => is_identifier(first) && !before.is_some_and(|&before| is_identifier(before)),
        }
    }

    /// Returns true when only the brackets of a function without parameters are within
    /// these columns.
    pub(super) fn opens(&self, columns: u32) -> bool {
        let between = self.slice(self.at..self.at.saturating_add(columns as usize));
        let bracket = |byte: &u8| matches!(byte, b'(' | b')' | b'=' | b'>' | b'{' | b' ' | b'\t');
        between.len() == columns as usize && between.iter().all(bracket)
    }

    /// Returns the function's name in the map. Returns `None` when it is equal to `name`, which is
    /// V8's name.
    pub(super) fn name(&self, name: &str, section: &Section) -> Option<String> {
        if name.is_empty() {
            return self.name_of_anonymous(section).map(str::to_owned);
        }
        let plain = name.strip_prefix("get ").or_else(|| name.strip_prefix("set ")).unwrap_or(name);
        let mut head = self.head();
        let direct = head.skip_to_name();
        let mut parts = Vec::new();
        let mut renamed = false;
        for part in plain.rsplit('.') {
            // V8 leaves out `prototype`.
            let mut found = head.identifier();
            if part != "prototype" && found.as_ref().is_some_and(|it| self.is(it, "prototype")) {
                found = head.dot().then(|| head.identifier()).flatten();
            }
            let Some(found) = found.filter(|found| self.is(found, part)) else { break };
            // For methods, some maps name the parenthesis and not the key.
            let key = direct && parts.is_empty() && found.end == self.at;
            let new = self.named(section, found.start);
            let new = new.or_else(|| section.name(self.line, self.column).filter(|_| key));
            renamed |= new.is_some();
            parts.push(like(part, new.unwrap_or(part)));
            if !head.dot() {
                break;
            }
        }
        if parts.is_empty() {
            let class = self.class(plain)?;
            return self.named(section, class).map(str::to_owned);
        }
        let known = parts.len();
        parts.extend(plain.rsplit('.').skip(known).map(str::to_owned));
        parts.reverse();
        let accessor = name.get(..name.len() - plain.len()).unwrap_or_default();
        let new = accessor.to_owned() + &parts.join(".");
        Some(new).filter(|new| renamed && new != name)
    }

    fn is(&self, range: &Range<usize>, name: &str) -> bool {
        self.slice(range.clone()) == name.as_bytes()
    }

    /// Returns a name only when the map names the function itself. The first token of an arrow
    /// function is a parameter, so its name is not used.
    fn name_of_anonymous<'m>(&self, section: &'m Section) -> Option<&'m str> {
        let mut head = self.head();
        head.eat(b"*");
        let is_function = self.text.get(self.at) == Some(&b'(') && head.eat_word(b"function");
        is_function.then_some(())?;
        self.named(section, head.end()).or_else(|| section.name(self.line, self.column))
    }

    /// Returns the place of the name of the class `name` for its constructor, or for the
    /// initializer of its fields.
    fn class(&self, name: &str) -> Option<usize> {
        let start = self.at.saturating_sub(CLASS);
        let text = self.slice(start..self.at);
        let found = memchr::memmem::rfind_iter(text, name.as_bytes()).find(|&at| {
            let (before, after) = (text.get(..at), text.get(at + name.len()..));
            let (Some(before), Some(after)) = (before, after) else { return false };
            let mut head = Head { text: before, start: 0 };
            let ends = |byte: Option<&u8>| !byte.is_some_and(|&byte| is_identifier(byte));
            let named = ends(after.first())
                && (head.eat_word(b"class") || before_class(after) && ends(before.last()));
            named && !name.is_empty()
        });
        found.map(|at| start + at)
    }
}

/// Returns true for `=class` and similar texts.
fn before_class(text: &[u8]) -> bool {
    let text = text.trim_ascii_start();
    let text = text.strip_prefix(b"=").or_else(|| text.strip_prefix(b":")).unwrap_or_default();
    let rest = text.trim_ascii_start().strip_prefix(b"class").map(<[u8]>::first);
    rest.is_some_and(|next| !next.is_some_and(|&byte| is_identifier(byte)))
}

/// Makes the new name as private as the old one.
fn like(old: &str, new: &str) -> String {
    if old.starts_with('#') && !new.starts_with('#') { format!("#{new}") } else { new.to_owned() }
}

/// The text in front of a function, read from its end.
struct Head<'a> {
    text: &'a [u8],
    /// The byte of the line at which it starts.
    start: usize,
}

impl Head<'_> {
    fn eat(&mut self, end: &[u8]) -> bool {
        let rest = self.text.trim_ascii_end().strip_suffix(end);
        self.text = rest.unwrap_or(self.text);
        rest.is_some()
    }

    fn eat_word(&mut self, word: &[u8]) -> bool {
        let Some(rest) = self.text.trim_ascii_end().strip_suffix(word) else { return false };
        let whole = !rest.last().is_some_and(|&byte| is_identifier(byte));
        if whole {
            self.text = rest;
        }
        whole
    }

    /// Returns the byte of the line at which it currently ends.
    fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// Skips the tokens that may be between a name and its function. Returns true when
    /// there were none.
    fn skip_to_name(&mut self) -> bool {
        let before = self.end();
        self.eat(b"*");
        self.eat_word(b"function");
        self.eat_word(b"async");
        // An example is `a=(function(){})`.
        self.eat(b"(");
        let _ = self.eat(b"=") || self.eat(b":");
        self.end() == before
    }

    fn identifier(&mut self) -> Option<Range<usize>> {
        self.text = self.text.trim_ascii_end();
        let end = self.end();
        let length = self.text.iter().rev().take_while(|&&byte| is_identifier(byte)).count();
        self.text = self.text.get(..self.text.len() - length)?;
        if let Some(rest) = self.text.strip_suffix(b"#") {
            self.text = rest;
        }
        (length > 0).then(|| self.end()..end)
    }

    fn dot(&mut self) -> bool {
        self.eat(b".")
    }
}

/// Returns true for bytes of names; all bytes outside ASCII are accepted.
fn is_identifier(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || !byte.is_ascii()
}

/// Returns the columns of a UTF-8 text: one for each UTF-16 unit.
fn utf16_len(text: &[u8]) -> u32 {
    let units = |byte: u8| match byte {
        0x80..=0xbf => 0,
        0xf0.. => 2,
        _ => 1,
    };
    text.iter().map(|&byte| units(byte)).sum()
}

/// Walks through a line by columns, only forwards.
pub(super) struct Cursor<'a> {
    pub(super) text: &'a [u8],
    at: usize,
    column: u32,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0, column: 0 }
    }

    /// Returns the byte at a column, which is not before the last one asked for.
    pub(super) fn seek(&mut self, column: u32) -> Option<usize> {
        while self.column < column {
            let rest = self.text.get(self.at..)?;
            let (&first, others) = rest.split_first()?;
            let tail = others.iter().take_while(|&&byte| (0x80..=0xbf).contains(&byte)).count();
            self.at += 1 + tail;
            self.column += utf16_len(&[first]).max(1);
        }
        Some(self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::super::map::Sections;
    use super::*;

    /// Returns the name for V8's `name` of the function at `|`; `[a=alpha]` is an `a` that
    /// the map names.
    fn named(marked: &str, name: &str) -> Option<String> {
        let mut builder = sourcemap::SourceMapBuilder::new(None);
        let (mut text, mut at, mut rest) = (String::new(), 0, marked);
        if !marked.starts_with('[') {
            builder.add(0, 0, 0, 0, Some("a.ts"), None, false);
        }
        while let Some(mark) = rest.find(['[', '|']) {
            text.push_str(&rest[..mark]);
            let after = &rest[mark + 1..];
            if rest[mark..].starts_with('|') {
                (at, rest) = (text.len(), after);
                continue;
            }
            let (token, after) = after.split_once(']').unwrap();
            let (old, new) = token.split_once('=').unwrap();
            let column = text.encode_utf16().count() as u32;
            builder.add(0, column, 3, 4, Some("a.ts"), Some(new), false);
            text.push_str(old);
            let column = text.encode_utf16().count() as u32;
            builder.add(0, column, 3, 9, Some("a.ts"), None, false);
            rest = after;
        }
        text.push_str(rest);
        let mut json = Vec::new();
        builder.into_sourcemap().to_writer(&mut json).unwrap();
        let mut sections = Sections::read(&json).unwrap();
        let column = text[..at].encode_utf16().count() as u32;
        assert_eq!(Cursor::new(text.as_bytes()).seek(column), Some(at), "{marked}");
        let place = Place { text: text.as_bytes(), at, line: 0, column };
        place.name(name, sections.at(0, column).unwrap())
    }

    #[test]
    fn names_are_found_however_a_function_is_written() {
        let cases = [
            ("function [a=alpha]|(b){}", "a", "alpha"),
            ("async function*[a=alpha]|(b){}", "a", "alpha"),
            ("var [a=alpha]=|([b=beta])=>b", "a", "alpha"),
            ("var [a=alpha]=|[b=beta]=>b", "a", "alpha"),
            ("x,[a=alpha] = async |([b=beta])=>b", "a", "alpha"),
            ("var [a=alpha]=function|(b){}", "a", "alpha"),
            ("var [a=alpha]=(function|(b){})", "a", "alpha"),
            ("x={[a=alpha]:function*|(b){}}", "a", "alpha"),
            ("class x{static async [a=alpha]|(b){}}", "a", "alpha"),
            ("class x{[#a=#alpha]|(b){}}", "#a", "#alpha"),
            ("class x{#a|[(=alpha]b){}}", "#a", "#alpha"),
            ("class x{get [a=alpha]|(){}}", "get a", "get alpha"),
            ("var [é=alpha]='😀',[a=alpha]=|x=>1", "a", "alpha"),
            ("class [a=Alpha] extends B{b(){}constructor|(c){}}", "a", "Alpha"),
            ("var [a=Alpha]=class{constructor|(c){}}", "a", "Alpha"),
            ("class [a=Alpha] extends b|{c=1}", "a", "Alpha"),
            ("[a=alpha].b=function|(){}", "a.b", "alpha.b"),
            ("[a=alpha].prototype.[b=beta]=function|(){}", "a.b", "alpha.beta"),
            ("[a=alpha].b=|(c)=>c", "outer.a.b", "outer.alpha.b"),
            ("x([function=alpha]|(){})", "", "alpha"),
        ];
        for (text, name, expected) in cases {
            assert_eq!(named(text, name).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn names_of_other_things_are_left_alone() {
        let cases = [
            ("var a=|([b=beta])=>b", "a"),
            ("x(|[b=beta]=>b)", ""),
            ("[b=beta](|(c)=>c)", ""),
            ("[aa=alpha]=|(c)=>c", "a"),
            ("[b=beta]=|(c)=>c", "a"),
            ("[a=a]=|(c)=>c", "a"),
            ("[a=alpha]>=|(c)=>c", "a"),
            ("class [aa=Alpha]{constructor|(c){}}", "a"),
            ("class a{}[a=alpha];class b{constructor|(c){}}", "a"),
            ("|", "a"),
        ];
        for (text, name) in cases {
            assert_eq!(named(text, name), None, "{text}");
        }
    }

    #[test]
    fn functions_begin_at_a_parenthesis_or_a_name() {
        let fits =
            |text: &str, at| Place { text: text.as_bytes(), at, line: 0, column: at as u32 }.fits();
        let text = "var ab=cd=>(ef);";
        let fitting: Vec<usize> = (0..=text.len()).filter(|&at| fits(text, at)).collect();
        assert_eq!(fitting, [0, 4, 7, 11, 12]);
    }
}
