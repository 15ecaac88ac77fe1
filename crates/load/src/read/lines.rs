//! Cuts a stream into lines of bounded length.

use super::ledger::Ledger;
use crate::error::Error;
use crate::timeline::Timeline;
use crate::warning::Warning;
use std::io::{self, Read};
use std::path::Path;

/// Bytes read at a time. This is small enough to stay in a core's cache.
const CHUNK: usize = 256 * 1024;

/// Length in bytes from which a line is lost.
const LONGEST_LINE_BYTES: usize = 8 * 1024 * 1024;

/// The reason for the loss of a last line without a line end.
const CUT: &str = "the last line is cut off";

/// Lines of a stream, without their line ends.
pub(crate) struct Lines<R> {
    input: R,
    buffer: Vec<u8>,
    /// Start of the part of `buffer` that was read and is not yet returned.
    start: usize,
    end: usize,
    done: bool,
    number: u64,
    cut: bool,
    ledger: Ledger,
    /// True when unpacking failed before the end.
    damaged: bool,
}

impl<R: Read> Lines<R> {
    pub(crate) fn new(input: R) -> Self {
        Self {
            input,
            buffer: Vec::new(),
            start: 0,
            end: 0,
            done: false,
            number: 0,
            cut: false,
            ledger: Ledger::default(),
            damaged: false,
        }
    }

    /// Returns true when unpacking failed before the end.
    pub(crate) fn is_damaged(&self) -> bool {
        self.damaged
    }

    /// Returns a warning when unpacking failed before the end.
    pub(crate) fn damage(&self) -> Option<Warning> {
        self.damaged.then_some(Warning::CutFile { line: self.number })
    }

    /// Counts the last line that was returned as lost. A last line without a line end counts as cut
    /// off, whatever it contains.
    pub(crate) fn lose(&mut self, reason: &'static str) {
        self.lose_many(reason, self.number, 1);
    }

    /// Counts `count` lines as lost, up to the last one that was returned.
    pub(crate) fn lose_many(&mut self, reason: &'static str, first: u64, count: u64) {
        let reason = if self.cut { CUT } else { reason };
        self.ledger.lose(reason, first, count);
    }

    /// Returns the next line and its number, from 1. Lines that are too long are counted as lost.
    pub(crate) fn next_of(&mut self, path: &Path) -> Result<Option<(u64, &[u8])>, Error> {
        self.next().map_err(|source| Error::Io { path: path.to_owned(), source })
    }

    /// Returns the timeline that `finish` makes with the lost lines. Adds a warning when unpacking failed
    /// before the end.
    pub(crate) fn close(
        self,
        finish: impl FnOnce(Ledger) -> Result<Timeline, Error>,
    ) -> Result<Timeline, Error> {
        let damage = self.damage();
        let mut timeline = finish(self.ledger)?;
        timeline.warnings.extend(damage);
        Ok(timeline)
    }

    fn next(&mut self) -> io::Result<Option<(u64, &[u8])>> {
        let mut searched = self.start;
        let end = loop {
            let rest = self.buffer.get(searched..self.end).unwrap_or_default();
            if let Some(at) = memchr::memchr(b'\n', rest) {
                break searched + at;
            }
            if self.done {
                if self.start == self.end {
                    return Ok(None);
                }
                self.cut = true;
                if self.damaged {
                    // The rest of a line can look like a line with another number.
                    self.start = self.end;
                    self.lose_many(CUT, self.number + 1, 1);
                    return Ok(None);
                }
                break self.end;
            }
            if self.end - self.start > LONGEST_LINE_BYTES {
                self.number += 1;
                self.ledger.lose("a line longer than 8 MiB", self.number, 1);
                self.skip_line()?;
                searched = self.start;
            } else {
                searched = self.end - self.start;
                self.read_more()?;
            }
        };
        let line = self.buffer.get(self.start..end).unwrap_or_default();
        self.start = (end + 1).min(self.end);
        self.number += 1;
        Ok(Some((self.number, line.strip_suffix(b"\r").unwrap_or(line))))
    }

    /// Moves the unused bytes to the front, and reads more after them.
    fn read_more(&mut self) -> io::Result<()> {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        if self.buffer.len() < self.end + CHUNK {
            self.buffer.resize(self.end + CHUNK, 0);
        }
        let room = self.buffer.get_mut(self.end..).unwrap_or_default();
        loop {
            match self.input.read(room) {
                Ok(count) => {
                    self.done = count == 0;
                    self.end += count;
                    return Ok(());
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if is_damage(&error) => {
                    self.done = true;
                    self.damaged = true;
                    return Ok(());
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn skip_line(&mut self) -> io::Result<()> {
        while !self.done {
            self.start = self.end;
            self.read_more()?;
            let rest = self.buffer.get(..self.end).unwrap_or_default();
            if let Some(at) = memchr::memchr(b'\n', rest) {
                self.start = at + 1;
                return Ok(());
            }
        }
        self.start = self.end;
        Ok(())
    }
}

/// Returns true for errors that unpacking gives for damaged data.
fn is_damage(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidData, InvalidInput, Other, UnexpectedEof};
    matches!(error.kind(), UnexpectedEof | InvalidData | InvalidInput | Other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(input: impl Read) -> (Vec<(u64, Vec<u8>)>, Ledger) {
        let mut lines = Lines::new(input);
        let mut all = Vec::new();
        while let Some((number, line)) = lines.next().unwrap() {
            all.push((number, line.to_vec()));
        }
        (all, lines.ledger)
    }

    #[test]
    fn over_long_lines_are_lost_and_the_rest_kept() {
        let long = "x".repeat(LONGEST_LINE_BYTES + 2 * CHUNK);
        let text = format!("a\r\n{long}\n\nb\n{long}");
        let (lines, ledger) = all(text.as_bytes());
        assert_eq!(lines, [(1, b"a".to_vec()), (3, b"".to_vec()), (4, b"b".to_vec())]);
        let losses = ledger.close();
        assert_eq!((losses[0].count, losses[0].first_line), (2, 2));
    }

    proptest! {
        #[test]
        fn lines_put_together_are_the_stream(sizes in prop::collection::vec(0..CHUNK * 2, 0..6)) {
            let lines: Vec<Vec<u8>> = sizes.iter().map(|&size| vec![b'x'; size]).collect();
            let text: Vec<u8> = lines.iter().flat_map(|line| [line.as_slice(), b"\n"].concat()).collect();
            let read: Vec<Vec<u8>> = all(text.as_slice()).0.into_iter().map(|line| line.1).collect();
            prop_assert_eq!(read, lines);
        }
    }
}
