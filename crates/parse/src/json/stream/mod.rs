//! A scanner of JSON from a stream. `bridge` gives its values to serde.
//!
//! `serde_json` reads a stream byte by byte, which is slower than V8's `JSON.parse`. This reader
//! scans a window of the stream, which takes about half the time. It accepts the same documents,
//! and holds at most one text of the document in memory.

mod ahead;
pub(super) mod layout;
mod skip;
mod text;

use super::fault::{Fault, Reason};
use super::number::{Figure, figure, fraction, natural};
use std::io::{self, Read};

/// The size of the window, in bytes.
const WINDOW: usize = 1 << 16;

/// The longest text, in bytes.
const LONGEST_TEXT_BYTES: usize = 64 << 20;

/// The deepest nesting of a document whose reader has no limit of its own.
const DEEPEST: u32 = 128;

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
            Some(b'{' | b'[') => Err(Fault::syntax(ANOTHER)),
            Some(_) => Err(Fault::syntax("trailing characters")),
        }
    }

    /// Skips a comma between two documents.
    pub(super) fn skip_comma(&mut self) -> Result<(), Fault> {
        if self.next_token()? == Some(b',') {
            self.at += 1;
        }
        Ok(())
    }

    /// Returns true when another document follows.
    pub(super) fn has_another(&mut self) -> Result<bool, Fault> {
        Ok(self.next_token()?.is_some())
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
        match self.buf.get(self.at) {
            Some(&byte) if byte > b' ' => Ok(byte),
            _ => self.token_after_space(),
        }
    }

    #[inline(never)]
    fn token_after_space(&mut self) -> Result<u8, Fault> {
        self.next_token()?.ok_or_else(Fault::early_end)
    }

    fn byte(&mut self) -> Result<u8, Fault> {
        let byte = self.peek()?.ok_or_else(Fault::early_end)?;
        self.at += 1;
        Ok(byte)
    }

    pub(super) fn literal(&mut self, word: &[u8]) -> Result<(), Fault> {
        for &expected in word {
            match self.peek()? {
                Some(byte) if byte == expected => self.at += 1,
                Some(_) => return Err(Fault::syntax("expected `true`, `false` or `null`")),
                None => return Err(Fault::early_end()),
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
        if let Some((value, length)) = fraction(self.buf.get(self.at..).unwrap_or_default()) {
            self.at += length;
            return Ok(Figure::Real(value));
        }
        self.other_number()
    }

    #[inline(never)]
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

    /// Returns true when another element or member follows, and false after the closing bracket
    /// `end`.
    #[inline]
    pub(super) fn has_next(&mut self, is_first: bool, end: u8) -> Result<bool, Fault> {
        if let Some(&[first, second, ..]) = self.buf.get(self.at..) {
            if first == end {
                self.at += 1;
                return Ok(false);
            }
            if is_first && first > b' ' {
                return Ok(true);
            }
            if first == b',' && second > b' ' && second != end {
                self.at += 1;
                return Ok(true);
            }
        }
        self.has_next_token(is_first, end)
    }

    /// Does the work of [`Stream::has_next`] where white space, the end of the window or a fault
    /// may be.
    #[inline(never)]
    fn has_next_token(&mut self, is_first: bool, end: u8) -> Result<bool, Fault> {
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

const ANOTHER: &str = "another document begins, which is not read; `jq -c . FILE | split -l 1` writes \
    each document in a file of its own";
const OR_BRACKET: &str = "expected `,` or `]`";
const OR_BRACE: &str = "expected `,` or `}`";

#[cfg(test)]
mod tests;
