//! Texts of a document: pieces of the window, escapes, halves of surrogate pairs.

use super::ahead::EACH;
use super::{LONGEST_TEXT_BYTES, Place, Stream};
use crate::json::fault::{Fault, Reason};
use std::io::Read;

const CONTROL: &str = "a control character in a text";
const HALF: &str = "half of a surrogate pair";

impl<R: Read> Stream<R> {
    /// Reads a text up to its closing quote; the opening one has been read. With `raw`, halves of
    /// surrogate pairs and control characters are accepted.
    pub(in crate::json) fn text(&mut self, raw: bool) -> Result<Place, Fault> {
        self.scratch.clear();
        let mut is_copied = false;
        loop {
            let Self { buf, at, scratch, .. } = self;
            let rest = buf.get(*at..).unwrap_or_default();
            let (found, has_control) = end_of_piece(rest);
            let piece = rest.get(..found.unwrap_or(rest.len())).unwrap_or_default();
            if !raw && has_control {
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
            if scratch.len() > LONGEST_TEXT_BYTES {
                return Err(Fault(Box::new(Reason::TooLong)));
            }
            if found.is_some() {
                self.escape(raw)?;
            } else if !self.advance()? {
                return Err(Fault::early_end());
            }
        }
    }

    /// Reads the name of a member up to its closing quote; the opening one has been read.
    #[inline]
    pub(in crate::json) fn name(&mut self) -> Result<Place, Fault> {
        let (words, _) = self.buf.get(self.at..).unwrap_or_default().as_chunks();
        // Most names are this short, and have no escapes.
        for (number, &word) in words.iter().take(2).enumerate() {
            let special = special_bytes(word);
            if special != 0 {
                let (start, at) = (self.at, special.trailing_zeros() / 8);
                if (u64::from_le_bytes(word) >> (8 * at)) as u8 != b'"' {
                    break;
                }
                let end = start + 8 * number + at as usize;
                self.at = end + 1;
                return Ok(Place::Window(start, end));
            }
        }
        self.text(false)
    }

    pub(in crate::json) fn at_place(&self, place: Place) -> &[u8] {
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
    pub(super) fn skip_text(&mut self) -> Result<(), Fault> {
        let mut length = 0;
        loop {
            let rest = self.buf.get(self.at..).unwrap_or_default();
            let (found, has_control) = end_of_piece(rest);
            let piece = rest.get(..found.unwrap_or(rest.len())).unwrap_or_default();
            if has_control {
                return Err(Fault::syntax(CONTROL));
            }
            length += piece.len();
            if length > LONGEST_TEXT_BYTES {
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
                None => return Err(Fault::early_end()),
            }
        }
    }
}

/// The words of eight bytes that are searched one by one. Most texts of a recording are shorter.
const SHORT: usize = 6;

/// Returns the place of the first quote or backslash, and true when a control character is before it.
#[inline]
pub(super) fn end_of_piece(text: &[u8]) -> (Option<usize>, bool) {
    let (words, _) = text.as_chunks();
    for (number, &word) in words.iter().take(SHORT).enumerate() {
        let special = special_bytes(word);
        if special != 0 {
            let at = 8 * number + special.trailing_zeros() as usize / 8;
            return match text.get(at) {
                Some(b'"' | b'\\') => (Some(at), false),
                _ => long_piece(text),
            };
        }
    }
    long_piece(text)
}

/// Returns a bit for the first quote, backslash or control character: the top bit of its byte, which is the
/// lowest bit of the result. The result is 0 without any of them.
#[inline]
fn special_bytes(word: [u8; 8]) -> u64 {
    let word = u64::from_le_bytes(word);
    // The lowest byte whose top bit is set is the first one below a limit. A carry reaches only the bytes
    // after it.
    let below = |word: u64, limit: u64| word.wrapping_sub(EACH * limit) & !word;
    let quotes = below(word ^ (EACH * u64::from(b'"')), 1);
    let backslashes = below(word ^ (EACH * u64::from(b'\\')), 1);
    (quotes | backslashes | below(word, 0x20)) & (EACH * 0x80)
}

#[inline(never)]
fn long_piece(text: &[u8]) -> (Option<usize>, bool) {
    let found = memchr::memchr2(b'"', b'\\', text);
    let piece = text.get(..found.unwrap_or(text.len())).unwrap_or_default();
    // This form compares many bytes at once.
    (found, piece.iter().fold(false, |found, &byte| found | (byte < b' ')))
}
