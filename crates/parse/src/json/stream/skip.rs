//! Skips values that no reader needs.

use super::{OR_BRACE, OR_BRACKET, Stream};
use crate::json::fault::Fault;
use std::io::Read;

/// The deepest nesting of a value that is skipped. Each level takes a byte.
const DEEPEST_SKIPPED: usize = 1 << 24;

impl<R: Read> Stream<R> {
    /// Skips a value, without recursion.
    pub(in crate::json) fn skip(&mut self) -> Result<(), Fault> {
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

    /// Skips the name of a member, and the colon.
    fn skip_name(&mut self) -> Result<(), Fault> {
        self.quote()?;
        self.skip_text()?;
        self.colon()
    }
}
