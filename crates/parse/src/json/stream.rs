//! A scanner of JSON from a stream. `bridge` gives its values to serde.
//!
//! `serde_json` reads a stream byte by byte, which is slower than V8's `JSON.parse`. This reader
//! scans a window of the stream, which takes about half the time. It accepts the same documents,
//! and holds at most one text of the document in memory.

use super::fault::{Fault, Reason};
use super::number::{Figure, figure, natural};
use std::io::{self, Read};

/// The size of the window, in bytes.
const WINDOW: usize = 1 << 16;

/// The longest text, in bytes.
const LONGEST: usize = 64 << 20;

/// The deepest nesting of a document whose reader has no limit of its own.
const DEEPEST: u32 = 128;

/// The deepest nesting of a value that is skipped. Each level takes a byte.
const DEEPEST_SKIPPED: usize = 1 << 24;

/// A stream of JSON.
pub(super) struct Stream<R> {
    input: R,
    window: usize,
    /// The window: a part of the stream. The bytes before `at` have been read.
    buf: Vec<u8>,
    pub(super) at: usize,
    /// Three numbers about the stream before `buf`: bytes, line ends, and bytes up to the last
    /// line end.
    before: u64,
    lines: u64,
    line_start: u64,
    /// The error with which the stream ended. It is returned after the last byte.
    failure: Option<io::Error>,
    ended: bool,
    /// The decoded form of a text that has escapes or is not completely in the window.
    scratch: Vec<u8>,
    /// The opening brackets around the value that is being skipped.
    open: Vec<u8>,
    /// The number of levels around the current value, and the largest number that is allowed.
    pub(super) depth: u32,
    pub(super) deepest: u32,
}

/// The place where a text is stored.
pub(super) enum Place {
    Window(usize, usize),
    Scratch,
}

impl<R: Read> Stream<R> {
    /// Starts to read. `deep` removes the limit on nesting.
    pub(super) fn new(input: R, deep: bool) -> Self {
        Self::with_window(input, deep, WINDOW)
    }

    fn with_window(input: R, deep: bool, window: usize) -> Self {
        Self {
            input,
            window,
            buf: Vec::with_capacity(window),
            at: 0,
            before: 0,
            lines: 0,
            line_start: 0,
            failure: None,
            ended: false,
            scratch: Vec::new(),
            open: Vec::new(),
            depth: 0,
            deepest: if deep { u32::MAX } else { DEEPEST },
        }
    }

    /// Skips `mark` when the stream starts with it.
    pub(super) fn skip_mark(&mut self, mark: &[u8]) -> Result<(), Fault> {
        self.peek()?;
        if self.buf.starts_with(mark) {
            self.at = mark.len();
        }
        Ok(())
    }

    /// Returns the number of bytes that were taken from the stream.
    pub(super) fn taken(&self) -> u64 {
        self.before + self.buf.len() as u64
    }

    /// Returns the line and the column of the last byte that was read, both from 1.
    pub(super) fn position(&self) -> (u64, u64) {
        let read = self.buf.get(..self.at).unwrap_or_default();
        let ends = memchr::memchr_iter(b'\n', read).count() as u64;
        let start = match memchr::memrchr(b'\n', read) {
            Some(end) => self.before + end as u64 + 1,
            None => self.line_start,
        };
        (self.lines + ends + 1, self.before + self.at as u64 - start)
    }

    /// Handles the end of the document: nothing but white space may follow.
    pub(super) fn end(&mut self) -> Result<(), Fault> {
        match self.next_token()? {
            None => Ok(()),
            Some(_) => Err(Fault::syntax("trailing characters")),
        }
    }

    /// Moves the window forward. Bytes that were not read yet stay in it. Returns false at the end
    /// of the stream, and when the window is full.
    fn advance(&mut self) -> Result<bool, Fault> {
        let read = self.buf.get(..self.at).unwrap_or_default();
        if let Some(end) = memchr::memrchr(b'\n', read) {
            self.lines += memchr::memchr_iter(b'\n', read).count() as u64;
            self.line_start = self.before + end as u64 + 1;
        }
        self.before += self.at as u64;
        self.buf.drain(..self.at);
        self.at = 0;
        let (kept, room) = (self.buf.len(), self.window.saturating_sub(self.buf.len()));
        if !self.ended && room > 0 {
            let filled = (&mut self.input).take(room as u64).read_to_end(&mut self.buf);
            self.ended = !matches!(filled, Ok(count) if count == room);
            self.failure = filled.err();
        }
        if self.buf.len() > kept {
            return Ok(true);
        }
        match self.failure.take() {
            Some(error) => Err(Fault(Box::new(Reason::Io(error)))),
            None => Ok(false),
        }
    }

    /// Returns the next byte, which stays unread.
    #[inline]
    fn peek(&mut self) -> Result<Option<u8>, Fault> {
        if let Some(&byte) = self.buf.get(self.at) {
            return Ok(Some(byte));
        }
        self.advance()?;
        Ok(self.buf.first().copied())
    }

    /// Returns the next byte that is not white space, which stays unread.
    #[inline]
    fn next_token(&mut self) -> Result<Option<u8>, Fault> {
        loop {
            match self.peek()? {
                Some(b' ' | b'\n' | b'\t' | b'\r') => self.at += 1,
                other => return Ok(other),
            }
        }
    }

    /// Returns the next byte that is not white space. It is an error when the document ends here.
    #[inline]
    pub(super) fn token(&mut self) -> Result<u8, Fault> {
        self.next_token()?.ok_or_else(Fault::cut)
    }

    fn byte(&mut self) -> Result<u8, Fault> {
        let byte = self.peek()?.ok_or_else(Fault::cut)?;
        self.at += 1;
        Ok(byte)
    }

    pub(super) fn literal(&mut self, word: &[u8]) -> Result<(), Fault> {
        for &expected in word {
            match self.peek()? {
                Some(byte) if byte == expected => self.at += 1,
                Some(_) => return Err(Fault::syntax("expected `true`, `false` or `null`")),
                None => return Err(Fault::cut()),
            }
        }
        Ok(())
    }

    #[inline]
    pub(super) fn number(&mut self) -> Result<Figure, Fault> {
        if let Some((value, length)) = natural(self.buf.get(self.at..).unwrap_or_default()) {
            self.at += length;
            return Ok(Figure::Natural(value));
        }
        self.other_number()
    }

    fn other_number(&mut self) -> Result<Figure, Fault> {
        loop {
            let rest = self.buf.get(self.at..).unwrap_or_default();
            let found = figure(rest);
            // The number may continue after the end of the window.
            if found.as_ref().is_some_and(|(_, length)| *length < rest.len()) || !self.advance()? {
                let (figure, length) = found.ok_or_else(|| Fault::syntax("invalid number"))?;
                self.at += length;
                return Ok(figure);
            }
        }
    }

    /// Reads a text up to its closing quote; the opening one has been read. With `raw`, halves of
    /// surrogate pairs and control characters are accepted.
    pub(super) fn text(&mut self, raw: bool) -> Result<Place, Fault> {
        self.scratch.clear();
        let mut is_copied = false;
        loop {
            let Self { buf, at, scratch, .. } = self;
            let rest = buf.get(*at..).unwrap_or_default();
            let found = memchr::memchr2(b'"', b'\\', rest);
            let piece = rest.get(..found.unwrap_or(rest.len())).unwrap_or_default();
            if !raw && has_control(piece) {
                return Err(Fault::syntax(CONTROL));
            }
            let (start, end) = (*at, *at + piece.len());
            *at = end + usize::from(found.is_some());
            let is_end = buf.get(end) == Some(&b'"');
            if is_end && !is_copied {
                return Ok(Place::Window(start, end));
            }
            scratch.extend_from_slice(piece);
            is_copied = true;
            if is_end {
                return Ok(Place::Scratch);
            }
            if scratch.len() > LONGEST {
                return Err(Fault(Box::new(Reason::TooLong)));
            }
            if found.is_some() {
                self.escape(raw)?;
            } else if !self.advance()? {
                return Err(Fault::cut());
            }
        }
    }

    pub(super) fn at_place(&self, place: Place) -> &[u8] {
        match place {
            Place::Window(start, end) => self.buf.get(start..end).unwrap_or_default(),
            Place::Scratch => &self.scratch,
        }
    }

    /// Reads the rest of an escape into the scratch.
    fn escape(&mut self, raw: bool) -> Result<(), Fault> {
        let byte = match self.byte()? {
            byte @ (b'"' | b'\\' | b'/') => byte,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => return self.code_point(raw),
            _ => return Err(Fault::syntax("invalid escape")),
        };
        self.scratch.push(byte);
        Ok(())
    }

    /// Reads the code point of `\u` and, when that is the first half of a surrogate pair, the
    /// escape of the second.
    fn code_point(&mut self, raw: bool) -> Result<(), Fault> {
        let mut unit = self.unit()?;
        loop {
            let first = match unit {
                0xd800..=0xdbff => unit,
                0xdc00..=0xdfff if !raw => return Err(Fault::syntax(HALF)),
                _ => {
                    self.push(unit);
                    return Ok(());
                }
            };
            let is_escape = self.peek()? == Some(b'\\');
            if !is_escape && !raw {
                return Err(Fault::syntax(HALF));
            }
            if !is_escape {
                self.push(first);
                return Ok(());
            }
            self.at += 1;
            if self.peek()? != Some(b'u') {
                self.push(first);
                return if raw { self.escape(raw) } else { Err(Fault::syntax(HALF)) };
            }
            self.at += 1;
            unit = self.unit()?;
            if let 0xdc00..=0xdfff = unit {
                self.push(0x1_0000 + ((first - 0xd800) << 10) + (unit - 0xdc00));
                return Ok(());
            }
            if !raw {
                return Err(Fault::syntax(HALF));
            }
            self.push(first);
        }
    }

    /// Reads four hexadecimal digits.
    fn unit(&mut self) -> Result<u32, Fault> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = char::from(self.byte()?).to_digit(16);
            unit = unit << 4 | digit.ok_or_else(|| Fault::syntax("invalid escape"))?;
        }
        Ok(unit)
    }

    /// Writes a code point as UTF-8. Half of a surrogate pair is written in the same way.
    fn push(&mut self, code: u32) {
        match char::from_u32(code) {
            Some(char) => {
                let mut bytes = [0; 4];
                self.scratch.extend_from_slice(char.encode_utf8(&mut bytes).as_bytes());
            }
            None => {
                let part = |shift: u32| 0x80 | (code >> shift & 0x3f) as u8;
                self.scratch.extend_from_slice(&[0xe0 | (code >> 12) as u8, part(6), part(0)]);
            }
        }
    }

    /// Skips a text up to its closing quote; the opening one has been read.
    fn skip_text(&mut self) -> Result<(), Fault> {
        let mut length = 0;
        loop {
            let rest = self.buf.get(self.at..).unwrap_or_default();
            let found = memchr::memchr2(b'"', b'\\', rest);
            let piece = rest.get(..found.unwrap_or(rest.len())).unwrap_or_default();
            if has_control(piece) {
                return Err(Fault::syntax(CONTROL));
            }
            length += piece.len();
            if length > LONGEST {
                return Err(Fault(Box::new(Reason::TooLong)));
            }
            let end = self.at + piece.len();
            self.at = end + usize::from(found.is_some());
            match self.buf.get(end).copied() {
                Some(b'"') => return Ok(()),
                Some(_) => match self.byte()? {
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                    b'u' => drop(self.unit()?),
                    _ => return Err(Fault::syntax("invalid escape")),
                },
                None if self.advance()? => {}
                None => return Err(Fault::cut()),
            }
        }
    }

    /// Skips the name of a member, and the colon.
    fn skip_name(&mut self) -> Result<(), Fault> {
        self.quote()?;
        self.skip_text()?;
        self.colon()
    }

    pub(super) fn quote(&mut self) -> Result<(), Fault> {
        match self.token()? {
            b'"' => self.at += 1,
            _ => return Err(Fault::syntax("expected a name in quotes")),
        }
        Ok(())
    }

    pub(super) fn colon(&mut self) -> Result<(), Fault> {
        match self.token()? {
            b':' => self.at += 1,
            _ => return Err(Fault::syntax("expected `:`")),
        }
        Ok(())
    }

    /// Skips a value, without recursion.
    pub(super) fn skip(&mut self) -> Result<(), Fault> {
        self.open.clear();
        loop {
            let is_whole = match self.token()? {
                start @ (b'[' | b'{') => self.skip_start(start)?,
                other => {
                    self.skip_scalar(other)?;
                    true
                }
            };
            if is_whole && self.skip_ends()? {
                return Ok(());
            }
        }
    }

    /// Skips the start of an array or an object up to its first value. Returns true when it is
    /// empty.
    fn skip_start(&mut self, start: u8) -> Result<bool, Fault> {
        self.at += 1;
        let end = if start == b'[' { b']' } else { b'}' };
        if self.token()? == end {
            self.at += 1;
            return Ok(true);
        }
        if self.open.len() == DEEPEST_SKIPPED {
            return Err(Fault::syntax("a value of more than 16,777,216 levels"));
        }
        self.open.push(end);
        if end == b'}' {
            self.skip_name()?;
        }
        Ok(false)
    }

    fn skip_scalar(&mut self, first: u8) -> Result<(), Fault> {
        match first {
            b'"' => {
                self.at += 1;
                self.skip_text()
            }
            b'n' => self.literal(b"null"),
            b't' => self.literal(b"true"),
            b'f' => self.literal(b"false"),
            b'-' | b'0'..=b'9' => self.number().map(drop),
            _ => Err(Fault::syntax("expected a value")),
        }
    }

    /// Continues after a value that was skipped, up to the next value. Returns true when the whole
    /// outer value has been skipped.
    fn skip_ends(&mut self) -> Result<bool, Fault> {
        while let Some(&end) = self.open.last() {
            let token = self.token()?;
            if token != end && token != b',' {
                return Err(Fault::syntax(if end == b']' { OR_BRACKET } else { OR_BRACE }));
            }
            self.at += 1;
            if token == end {
                self.open.pop();
                continue;
            }
            if end == b'}' {
                self.skip_name()?;
            }
            return Ok(false);
        }
        Ok(true)
    }

    /// Returns true when another element or member follows, and false after the closing bracket
    /// `end`.
    #[inline]
    pub(super) fn has_next(&mut self, is_first: bool, end: u8) -> Result<bool, Fault> {
        // The usual case must be fast: a comma directly followed by a number.
        if let (false, Some([b',', b'0'..=b'9'])) = (is_first, self.buf.get(self.at..self.at + 2)) {
            self.at += 1;
            return Ok(true);
        }
        let token = self.token()?;
        if token == end {
            self.at += 1;
            return Ok(false);
        }
        if !is_first {
            if token != b',' {
                return Err(Fault::syntax(if end == b']' { OR_BRACKET } else { OR_BRACE }));
            }
            self.at += 1;
            if self.token()? == end {
                return Err(Fault::syntax("trailing comma"));
            }
        }
        Ok(true)
    }
}

const CONTROL: &str = "a control character in a text";
const HALF: &str = "half of a surrogate pair";
const OR_BRACKET: &str = "expected `,` or `]`";
const OR_BRACE: &str = "expected `,` or `}`";

fn has_control(text: &[u8]) -> bool {
    // This form compares many bytes at once.
    text.iter().fold(false, |found, &byte| found | (byte < b' '))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde::Deserialize;
    use serde::de::IgnoredAny;
    use serde_json::Value;

    /// A stream that gives a few bytes at a time.
    struct Drops<'a>(&'a [u8], usize);

    impl Read for Drops<'_> {
        fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
            let count = self.1.min(buf.len()).min(self.0.len());
            let (now, later) = self.0.split_at(count);
            buf[..count].copy_from_slice(now);
            self.0 = later;
            Ok(count)
        }
    }

    fn whole<'de, T: Deserialize<'de>>(text: &[u8], window: usize) -> Option<T> {
        let mut stream = Stream::with_window(Drops(text, 5), false, window);
        let value = T::deserialize(&mut stream).ok()?;
        stream.end().ok().map(|()| value)
    }

    /// A document whose floats are exact in any reader.
    fn document() -> impl Strategy<Value = Value> {
        let scalar = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<i32>().prop_map(|number| Value::from(f64::from(number) / 8.0)),
            "(\\PC|[\"\\\\\n\u{1}\u{10348}]){0,40}".prop_map(Value::from),
        ];
        scalar.prop_recursive(5, 60, 8, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::hash_map("\\PC{0,6}", inner, 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    /// Replaces numbers by their nearest `f32`: `serde_json` rounds the last digit of long ones
    /// differently.
    fn rounded(value: Value) -> Value {
        match value {
            Value::Number(number) => Value::from(number.as_f64().unwrap() as f32),
            Value::Array(values) => values.into_iter().map(rounded).collect(),
            Value::Object(members) => {
                members.into_iter().map(|(name, value)| (name, rounded(value))).collect()
            }
            other => other,
        }
    }

    fn compare(text: &[u8], window: usize) -> Result<(), TestCaseError> {
        let theirs: Option<Value> = serde_json::from_slice(text).ok();
        let ours = whole::<Value>(text, window);
        prop_assert_eq!(ours.map(rounded), theirs.map(rounded), "{:?}", text);
        let is_sound = serde_json::from_slice::<IgnoredAny>(text).is_ok();
        prop_assert_eq!(whole::<IgnoredAny>(text, window).is_some(), is_sound, "{:?}", text);
        Ok(())
    }

    proptest! {
        #[test]
        fn documents_are_as_serde_json_has_them(
            value in document(),
            pretty in any::<bool>(),
            window in 48_usize..200,
        ) {
            let text = match pretty {
                true => serde_json::to_vec_pretty(&value),
                false => serde_json::to_vec(&value),
            };
            compare(&text.unwrap(), window)?;
        }

        #[test]
        fn damage_is_damage_for_serde_json_too(
            value in document(),
            edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4), 1..4),
            window in 48_usize..200,
        ) {
            let mut text = serde_json::to_vec(&value).unwrap();
            for (at, byte, how) in edits {
                let at = at.index(text.len().max(1));
                match how {
                    0 => text.truncate(at),
                    1 => text.insert(at, byte),
                    2 => text.insert(at, b"[]{}\",:\\-.e0u"[usize::from(byte) % 13]),
                    _ if at < text.len() => drop(text.remove(at)),
                    _ => {}
                }
            }
            compare(&text, window)?;
        }

        #[test]
        fn escapes_are_as_serde_json_has_them(
            parts in prop::collection::vec(prop::sample::select(vec![
                "\\ud83d", "\\ude00", "\\u0041", "\\n", "\\\"", "\\\\", "x", "é", "\\u00", "\\x",
                "\\ud83d\\ude00", "\\uDBFF\\uDFFF",
            ]), 0..9),
            window in 48_usize..60,
        ) {
            let text = format!("\"{}\"", parts.concat());
            compare(text.as_bytes(), window)?;
            let theirs = serde_json::from_str::<crate::json::Text>(&text).ok();
            prop_assert_eq!(whole::<crate::json::Text>(text.as_bytes(), window), theirs);
        }
    }

    #[test]
    fn numbers_are_as_serde_json_has_them() {
        for text in [
            "0",
            "-0",
            "00",
            "01",
            "-",
            "-1",
            "1.",
            "1.5",
            ".5",
            "1e5",
            "1E+5",
            "1e",
            "1e-2",
            "9999999999999999999",
            "18446744073709551615",
            "18446744073709551616",
            "-9223372036854775808",
            "-9223372036854775809",
            "1e400",
            "-1e400",
            "+1",
            "1 2",
            "1a",
            "0x1",
            "0.25e1",
            "12345678901234567890123",
        ] {
            compare(text.as_bytes(), 64).unwrap();
            compare(format!("[{text}]").as_bytes(), 64).unwrap();
        }
    }

    #[test]
    fn the_place_of_damage_is_its_line_and_column() {
        let text = b"{\"a\": [1,\n2],\n\n  \"b\": x}";
        for window in [8, 11, 100] {
            let mut stream = Stream::with_window(Drops(text, 3), false, window);
            let fault = IgnoredAny::deserialize(&mut stream).unwrap_err();
            assert_eq!((fault.to_string(), stream.position()), ("expected a value".into(), (4, 7)));
        }
    }

    #[test]
    fn nesting_has_a_limit_where_the_reader_has_none() {
        let nested = |levels: usize| [vec![b'['; levels], vec![b']'; levels]].concat();
        assert!(whole::<Value>(&nested(100), 64).is_some());
        assert!(whole::<Value>(&nested(200), 64).is_none());
        // A skipped value needs no stack.
        assert!(whole::<IgnoredAny>(&nested(200_000), 64).is_some());
    }
}
