//! A limit on the length of texts, which the JSON library does not have.

use std::cell::Cell;
use std::io::{self, Read};

/// The longest text, in bytes.
const LONGEST: usize = 64 << 20;

/// A stream that ends with an error when a text gets too long.
pub(super) struct TextBound<'a, R> {
    inner: R,
    /// The number of bytes read.
    read: &'a Cell<u64>,
    /// Within a text, its length so far.
    text: Option<usize>,
    /// True when the last byte was a backslash.
    escaped: bool,
}

impl<R: Read> Read for TextBound<'_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buf)?;
        self.read.set(self.read.get() + count as u64);
        let mut rest = buf.get(..count).unwrap_or_default();
        while !rest.is_empty() {
            rest = self.pass(rest);
        }
        if self.text.is_some_and(|length| length > LONGEST) {
            let what = "a text of more than 64 MiB";
            return Err(io::Error::new(io::ErrorKind::InvalidData, what));
        }
        Ok(count)
    }
}

impl<'a, R> TextBound<'a, R> {
    /// Limits `inner`, and counts its bytes in `read`.
    pub(super) fn new(inner: R, read: &'a Cell<u64>) -> Self {
        Self { inner, read, text: None, escaped: false }
    }

    /// Skips a part that is entirely within a text, or entirely outside.
    fn pass<'b>(&mut self, bytes: &'b [u8]) -> &'b [u8] {
        let from = usize::from(std::mem::take(&mut self.escaped));
        let at = match self.text {
            None => memchr::memchr(b'"', bytes),
            Some(_) => memchr::memchr2(b'"', b'\\', bytes.get(from..).unwrap_or_default())
                .map(|at| at + from),
        };
        let passed = at.map_or(bytes.len(), |at| at + 1);
        match at.and_then(|at| bytes.get(at)) {
            Some(b'"') => self.text = if self.text.is_some() { None } else { Some(0) },
            stopped => {
                self.escaped = stopped.is_some();
                self.text = self.text.map(|length| length + passed);
            }
        }
        bytes.get(passed..).unwrap_or_default()
    }
}
