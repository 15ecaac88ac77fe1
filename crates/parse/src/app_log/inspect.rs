//! Objects as Node's `util.inspect` prints them, on one line or several.
//!
//! winston's `prettyPrint`, nest-winston and NestJS's logger print errors with properties
//! in this way. Values without an error are skipped.

use super::frame;
use super::header;
use super::record::{Place, Record};

/// The levels of nesting that are followed; `util.inspect` prints at most a few.
const DEEPEST: u32 = 16;
/// The longest first line of an error whose class has another name, in bytes.
const LONGEST_NAME: usize = 4_096;
/// The most lines of a message before the stack of an error.
const LONGEST_MESSAGE: usize = 51;

/// Reads an object from the start of a text. Returns it and the text after it; `None` when
/// there is no object or when it does not end.
pub(super) fn parse(text: &str) -> Option<(Record, &str)> {
    let mut record = Record::default();
    let mut cursor = Cursor { rest: text };
    cursor.skip_class();
    cursor.object(&mut record, Place::Top, 0)?;
    record.complete();
    Some((record, cursor.rest))
}

/// A position in the text that is being read.
struct Cursor<'a> {
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r', ',']);
    }

    fn take(&mut self, start: &str) -> bool {
        let rest = self.rest.strip_prefix(start);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Skips `bytes` bytes and returns them. A count that does not fit skips nothing.
    fn advance(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(bytes).unwrap_or(("", self.rest));
        self.rest = rest;
        taken
    }

    /// Skips a class in front of an object: `Object(2) {`, `Foo {`, `Object [Headers] {`,
    /// `[Function: f] {`, `<ref *1> Foo {`.
    fn skip_class(&mut self) {
        let is_class = |c: char| {
            c.is_alphanumeric()
                || matches!(c, '_' | '$' | '(' | ')' | ':' | ' ' | '[' | ']' | '<' | '>' | '*')
        };
        let end = self.rest.find(|c| !is_class(c)).unwrap_or(self.rest.len());
        let (class, object) = self.rest.split_at_checked(end).unwrap_or_default();
        // An open bracket is a list of objects.
        let is_closed = class.matches('[').count() == class.matches(']').count();
        if object.starts_with('{') && is_closed {
            self.advance(end);
        }
    }

    fn object(&mut self, record: &mut Record, place: Place, depth: u32) -> Option<()> {
        if depth > DEEPEST || !self.take("{") {
            return None;
        }
        self.members(record, place, depth)
    }

    /// Reads the members of an object up to its closing bracket.
    fn members(&mut self, record: &mut Record, place: Place, depth: u32) -> Option<()> {
        loop {
            self.skip_space();
            if self.take("}") {
                return Some(());
            }
            let key = self.key()?;
            // The text of a set is no key.
            if key.is_empty() && self.rest.starts_with([',', '\n', ' ', '}']) {
                continue;
            }
            self.skip_space();
            self.value(record, place, &key, depth)?;
        }
    }

    /// Reads a key: `name:`, `'quoted':` or `[symbol]:`, and `'quoted' =>` of a map. The text of a set
    /// is a key without a value.
    fn key(&mut self) -> Option<String> {
        if self.rest.starts_with(['\'', '"', '`']) {
            let key = self.text()?;
            let has_value = self.take(":") || self.take(" =>");
            let is_alone = || self.rest.starts_with([',', '\n', ' ', '}']);
            return (has_value || is_alone()).then_some(if has_value {
                key
            } else {
                String::new()
            });
        }
        let end = self.rest.find(':')?;
        let arrow = self.rest.get(..end).and_then(|before| before.find(" =>"));
        let key = self.advance(arrow.unwrap_or(end)).trim_matches(['[', ']']).to_owned();
        self.advance(if arrow.is_some() { " =>".len() } else { 1 });
        (!key.contains('\n')).then_some(key)
    }

    fn value(&mut self, record: &mut Record, place: Place, key: &str, depth: u32) -> Option<()> {
        if self.names_error() || self.has_stack() {
            return self.error(record, place, key, depth);
        }
        self.skip_class();
        match self.rest.chars().next()? {
            '\'' | '"' | '`' => {
                let text = self.text()?;
                record.set(place, key, &text);
            }
            // With `compact`, Node puts the bracket before an error with properties.
            '{' if depth <= DEEPEST && self.wraps_error() => {
                self.advance(2);
                self.error(record, place, key, depth)?;
                self.members(record, Place::Error, depth + 1)?;
            }
            '{' if key == "cause" && place.is_below_cause() => {
                let outer = record.begin_cause();
                self.object(record, Place::Error, depth + 1)?;
                record.end_cause(outer);
            }
            '{' => self.object(record, place.below(key), depth + 1)?,
            '[' => match self.boxed() {
                Some(text) => {
                    record.set(place, key, text);
                    // The errors and properties of the object follow.
                    if self.rest.starts_with(" {") {
                        self.advance(1);
                        self.object(record, Place::Error, depth + 1)?;
                    }
                }
                None => self.array(record, place, key, depth + 1)?,
            },
            _ => {
                let end = self.rest.find([',', '\n', '}', ']']).unwrap_or(self.rest.len());
                let word = self.advance(end).trim_end();
                record.set(place, key, word);
            }
        }
        Some(())
    }

    fn array(&mut self, record: &mut Record, place: Place, key: &str, depth: u32) -> Option<()> {
        if depth > DEEPEST || !self.take("[") {
            return None;
        }
        loop {
            self.skip_space();
            if self.take("]") {
                return Some(());
            }
            let left = self.rest.len();
            let before = record.begin_item(key);
            self.value(record, place, key, depth)?;
            record.join_item(before);
            if self.rest.len() == left {
                return None;
            }
        }
    }

    /// Reads an error without a stack: `[Error: x]`.
    fn boxed(&mut self) -> Option<&'a str> {
        // The length of a line does not count for values that begin otherwise.
        if !header::starts(self.rest.strip_prefix('[')?) {
            return None;
        }
        let line = self.rest.lines().next()?;
        let within = line.strip_prefix('[')?;
        let end = within.rfind(']')?;
        let text = within.get(..end)?;
        header::find(text).filter(|header| !header.is_within)?;
        self.advance(end + 2);
        Some(text)
    }

    fn names_error(&self) -> bool {
        is_error(self.rest)
    }

    /// Returns true for an error whose class does not end like one: a name, and a frame below it or
    /// below its message. The length of a line does not count for other values.
    fn has_stack(&self) -> bool {
        let bytes = self.rest.as_bytes();
        let head = bytes.get(..LONGEST_NAME).unwrap_or(bytes);
        let Some(end) = memchr::memchr(b'\n', head) else { return false };
        bytes.first().is_some_and(u8::is_ascii_uppercase)
            && !matches!(end.checked_sub(1).and_then(|at| bytes.get(at)), Some(b',' | b'{' | b'['))
            && self.lines_of_message() > 0
    }

    /// Returns the number of lines before the first frame of an error's stack: 1, and more for a
    /// message of several lines. It is 0 when no frame follows.
    fn lines_of_message(&self) -> usize {
        let lines = self.rest.lines().take(LONGEST_MESSAGE);
        let is_frame =
            |line: &str| frame::of_line(line.trim_end_matches([',', '}', ' '])).is_some();
        let mut ended = false;
        for (at, line) in lines.enumerate() {
            if at > 0 && is_frame(line) {
                return if ended { 0 } else { at };
            }
            // A field that looks like a line of a message may end an error without a stack.
            ended |= line.ends_with(',') && at == 0 || line.starts_with(['}', '{']);
        }
        0
    }

    fn wraps_error(&self) -> bool {
        self.rest.strip_prefix("{ ").is_some_and(is_error)
    }

    /// Reads an error with its stack, which is printed without quotes, and its properties.
    fn error(&mut self, record: &mut Record, place: Place, key: &str, depth: u32) -> Option<()> {
        let mut stack = String::new();
        let mut of_message = self.lines_of_message();
        loop {
            let line = self.rest.lines().next().unwrap_or_default();
            let frame = line.trim_start();
            let is_message = of_message > 0;
            let is_frame = frame.starts_with("at ") && !is_message;
            if !stack.is_empty() && !is_frame && !is_message && self.is_over(line) {
                break;
            }
            of_message = of_message.saturating_sub(1);
            let end = match (is_frame, is_message) {
                (true, _) => frame_end(line),
                (false, true) => line.len(),
                (false, false) => message_end(line),
            };
            let text = self.advance(end);
            stack.push_str(if is_frame { "    " } else { "" });
            stack.push_str(if is_frame { text.trim_start() } else { text });
            stack.push('\n');
            if end < line.len() || !self.take("\n") {
                break;
            }
        }
        record.set(place, key, stack.trim_end());
        // The properties of the error follow.
        let behind = self.rest.trim_start_matches(' ');
        if behind.starts_with('{') {
            self.rest = behind;
            self.object(record, Place::Error, depth + 1)?;
        }
        Some(())
    }

    /// Returns true for the line after an error: a closing bracket or the next key.
    fn is_over(&self, line: &str) -> bool {
        let line = line.trim_start();
        let word = line.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(line.len());
        line.starts_with(['}', ']', '{', '['])
            || word > 0 && line.get(word..).is_some_and(|rest| rest.starts_with(": "))
    }

    /// Reads quoted texts, joined where ` +` stands between them.
    fn text(&mut self) -> Option<String> {
        let mut text = String::new();
        loop {
            let quote = self.rest.chars().next()?;
            self.advance(quote.len_utf8());
            let mut chars = self.rest.char_indices();
            let end = loop {
                match chars.next()? {
                    (at, c) if c == quote => break at,
                    (_, '\\') => match chars.next()?.1 {
                        'n' => text.push('\n'),
                        't' => text.push('\t'),
                        'r' => {}
                        other => text.push(other),
                    },
                    (_, c) => text.push(c),
                }
            };
            self.advance(end + quote.len_utf8());
            let joined = self.rest.trim_start().strip_prefix('+').map(str::trim_start);
            match joined.filter(|rest| rest.starts_with(['\'', '"', '`'])) {
                Some(rest) => self.rest = rest,
                None => return Some(text),
            }
        }
    }
}

fn is_error(text: &str) -> bool {
    if !header::starts(text) {
        return false;
    }
    let line = text.lines().next().unwrap_or_default();
    header::find(line).is_some_and(|header| !header.is_within)
}

/// Returns the end of a frame's position in its line, after `:28:49` or `:28:49)`.
fn frame_end(line: &str) -> usize {
    let digits = |at: usize| {
        line.get(at..).unwrap_or_default().bytes().take_while(u8::is_ascii_digit).count()
    };
    for (at, _) in line.match_indices(':') {
        let row = digits(at + 1);
        let second = at + 1 + row;
        if row == 0 || line.as_bytes().get(second) != Some(&b':') {
            continue;
        }
        let column = digits(second + 1);
        let mut end = second + 1 + column;
        end += usize::from(line.as_bytes().get(end) == Some(&b')'));
        let behind = line.get(end..).unwrap_or_default();
        if column > 0 && (behind.is_empty() || behind.starts_with([',', ' '])) {
            return end;
        }
    }
    line.trim_end_matches([',', ' ', '}']).len()
}

/// Returns the end of the message of an error without a stack.
fn message_end(line: &str) -> usize {
    line.trim_end_matches([',', ' ', '{']).len()
}

/// Returns the error that is a member of a printed object or list: `  err: TypeError: x`, `  Error: x`. Lines of
/// its message may follow.
pub(super) fn member(text: &str) -> Option<&str> {
    let plain = text.strip_prefix("  ")?.trim_start();
    if header::starts(plain) {
        return Some(plain);
    }
    let (key, error) = plain.split_once(": ")?;
    let is_key =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '$' | '\'' | '-' | '[' | ']');
    let class = error.split([':', ' ']).next()?;
    let is_class = class.starts_with(|c: char| c.is_ascii_uppercase())
        && class.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '$' | '.'));
    // A class whose name does not end with `Error` stands before a message, or before the class in brackets.
    let behind = error.get(class.len()..)?;
    let is_named =
        header::starts(error) || behind.starts_with(": ") || behind.starts_with(" [Error]");
    (!key.is_empty() && key.chars().all(is_key) && is_class && is_named).then_some(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_found_in_printed_objects() {
        let pretty = "{\n  level: 'error',\n  message: 'Queue \\'x\\' is full',\n  stack: 'Error: Queue\\n' +\n    '    at f (/a.js:1:2)\\n' +\n    '    at g (/b.js:3:4)'\n} +2ms";
        let (record, rest) = parse(pretty).unwrap();
        assert_eq!(record.message, "Queue 'x' is full");
        assert_eq!(record.stack, "Error: Queue\n    at f (/a.js:1:2)\n    at g (/b.js:3:4)");
        assert_eq!(rest, " +2ms");
        let raw = "{ level: 'error', message: { msg: 'loading', err: Error: full\n      at f (/a.js:1:2)\n      at node:internal/main:28:49 {\n  code: 'POOL_X' } }, context: 'Ctx' }";
        let (record, rest) = parse(raw).unwrap();
        assert_eq!((record.message.as_str(), rest), ("loading", ""));
        assert_eq!(
            record.stack,
            "Error: full\n    at f (/a.js:1:2)\n    at node:internal/main:28:49"
        );
        assert_eq!(record.code, "POOL_X");
        let (record, _) =
            parse("Object(2) { msg: 'out', code: 'ER_X', list: [ 1, [ 2 ] ] }").unwrap();
        assert_eq!((record.message.as_str(), record.code.as_str()), ("out", "ER_X"));
        let compact = "{ level: 'error', message: { QueryError: dead\n       at f (/a.js:1:2)\n     code: 'ER_X',\n     parameters: [ 7 ] }, context: 'Ctx' }";
        let (record, rest) = parse(compact).unwrap();
        assert_eq!((record.stack.as_str(), rest), ("QueryError: dead\n    at f (/a.js:1:2)", ""));
        assert_eq!(record.code, "ER_X");
        let (record, _) = parse("{ stack: [ null ], err: [Error: boxed] }").unwrap();
        assert_eq!((record.stack.as_str(), record.error_message.as_str()), ("", "Error: boxed"));
        for broken in
            ["", "{", "{ a", "{ a: ", "{ a: 'b", "{ a: [", "{ a: { b: 1 }", "x", "{ a: [ }"]
        {
            assert!(parse(broken).is_none(), "{broken}");
        }
    }

    /// The error was: each value was followed to the end of its line. A profile of the Firefox
    /// Profiler is one line, and 2.4 MB took 6 s before its format was known.
    #[test]
    fn a_long_line_takes_time_by_its_length_only() {
        let text = format!("{{ a: [{}] }}", "1, [], ".repeat(100_000));
        let began = std::time::Instant::now();
        let _ = parse(&text);
        assert!(began.elapsed().as_secs() < 10, "{:?}", began.elapsed());
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "[{}\\[\\]'\"+:, a-zE\\\\\n]{0,80}", any in "\\PC{0,60}") {
            let _ = (parse(&text), parse(&format!("{{ a: Error: {any}")));
        }
    }
}
