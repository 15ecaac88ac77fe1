//! Splitting a stream into chunks of whole lines, of bounded size.

use std::io::{self, Read};

/// The bytes of one chunk, few enough to stay in a core's cache.
const CHUNK: usize = 512 * 1024;

/// The bytes that are read first.
const FIRST_READ_BYTES: usize = 64 * 1024;

/// The longest line in bytes. Longer ones are dropped, and counted unless they are sources
/// of scripts.
const LONGEST_LINE_BYTES: usize = 8 * 1024 * 1024;

const BULKY: &[u8] = b"script-source,";

/// The way in which a stream ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ending {
    /// True when the last line had no line break.
    pub(crate) cut: bool,
    /// True when unpacking failed before the end.
    pub(crate) damaged: bool,
}

/// One chunk of a stream. A reader fills one after the other, because the buffer keeps its memory.
#[derive(Debug, Default)]
pub(crate) struct Chunk {
    /// Memory that was written once. A `Vec` of the chunk's length would be filled with zeros for
    /// each read, since our readers cannot take memory that is not.
    buffer: Vec<u8>,
    /// The number of bytes of `buffer` that belong to the chunk.
    length: usize,
    /// Lines dropped right before this chunk: `(over-long, source of a script)`.
    pub(crate) dropped: (u64, u64),
}

impl Chunk {
    /// Returns whole lines. Only the last line of the stream may lack its line break.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.from(0)
    }

    fn from(&self, start: usize) -> &[u8] {
        self.buffer.get(start..self.length).unwrap_or_default()
    }

    /// Returns memory for `size` more bytes.
    fn room(&mut self, size: usize) -> &mut [u8] {
        let end = self.length + size;
        if self.buffer.len() < end {
            self.buffer.reserve_exact(end - self.buffer.len());
            self.buffer.resize(end, 0);
        }
        self.buffer.get_mut(self.length..end).unwrap_or_default()
    }
}

/// A stream that is split into chunks of whole lines.
pub(crate) struct Chunks<R> {
    input: R,
    size: usize,
    carry: Vec<u8>,
    done: bool,
    ending: Ending,
}

impl<R: Read> Chunks<R> {
    pub(crate) fn new(input: R) -> Self {
        Self::with_size(CHUNK, input)
    }

    /// Splits `input` into chunks of about `size` bytes.
    pub(crate) fn with_size(size: usize, input: R) -> Self {
        Self { input, size, carry: Vec::new(), done: false, ending: Ending::default() }
    }

    /// Returns the way in which the stream ended, after [`Chunks::next`] returned false.
    pub(crate) fn ending(&self) -> Ending {
        self.ending
    }

    /// Fills `chunk` with the next lines; returns false at the end.
    pub(crate) fn next(&mut self, chunk: &mut Chunk) -> io::Result<bool> {
        chunk.dropped = (0, 0);
        chunk.length = 0;
        chunk.room(self.carry.len()).copy_from_slice(&self.carry);
        chunk.length = self.carry.len();
        self.carry.clear();
        // The bytes that are known to contain no line break.
        let mut searched = 0;
        while !self.done {
            let before = chunk.length;
            self.read_more(chunk)?;
            if let Some(end) = memchr::memrchr(b'\n', chunk.from(searched)) {
                let end = searched + end + 1;
                self.carry.extend_from_slice(chunk.from(end));
                chunk.length = end;
                return Ok(true);
            }
            searched = chunk.length;
            let bulky = chunk.bytes().starts_with(BULKY);
            if chunk.length > LONGEST_LINE_BYTES || bulky && before > 0 {
                let slot = if bulky { &mut chunk.dropped.1 } else { &mut chunk.dropped.0 };
                *slot += 1;
                self.skip_line(chunk)?;
                searched = 0;
            }
        }
        self.ending.cut |= chunk.length > 0 && !chunk.bytes().ends_with(b"\n");
        Ok(chunk.length > 0 || chunk.dropped != (0, 0))
    }

    /// Reads about `size` bytes more, or all that are left.
    fn read_more(&mut self, chunk: &mut Chunk) -> io::Result<()> {
        let full = chunk.length + self.size;
        while chunk.length < full && !self.done {
            // Small files need little memory.
            let most = chunk.buffer.len().max(FIRST_READ_BYTES);
            match self.input.read(chunk.room(most.min(full - chunk.length))) {
                Ok(0) => self.done = true,
                Ok(count) => chunk.length += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if is_damage(&error) => {
                    self.done = true;
                    self.ending.damaged = true;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Drops the content of `chunk` and the rest of its line.
    fn skip_line(&mut self, chunk: &mut Chunk) -> io::Result<()> {
        while !self.done {
            chunk.length = 0;
            self.read_more(chunk)?;
            if let Some(end) = memchr::memchr(b'\n', chunk.bytes()) {
                chunk.buffer.copy_within(end + 1..chunk.length, 0);
                chunk.length -= end + 1;
                return Ok(());
            }
        }
        chunk.length = 0;
        Ok(())
    }
}

/// Returns true for the errors with which unpacking reports damaged data.
pub(crate) fn is_damage(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidData, InvalidInput, Other, UnexpectedEof};
    matches!(error.kind(), UnexpectedEof | InvalidData | InvalidInput | Other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn join(input: impl Read) -> (Vec<u8>, (u64, u64), Ending) {
        let (mut chunks, mut chunk) = (Chunks::new(input), Chunk::default());
        let (mut all, mut dropped) = (Vec::new(), (0, 0));
        while chunks.next(&mut chunk).is_ok_and(|more| more) {
            all.extend_from_slice(chunk.bytes());
            dropped = (dropped.0 + chunk.dropped.0, dropped.1 + chunk.dropped.1);
        }
        (all, dropped, chunks.ending())
    }

    #[test]
    fn over_long_lines_are_dropped_and_the_rest_kept() {
        let long = "x".repeat(LONGEST_LINE_BYTES + CHUNK);
        let text = format!("a\n{long}\nb\nscript-source,1,{long}\nc");
        let (all, dropped, ending) = join(text.as_bytes());
        assert_eq!(all, b"a\nb\nc");
        assert_eq!(dropped, (1, 1));
        assert!(ending.cut);
    }

    proptest! {
        #[test]
        fn chunks_put_together_are_the_stream(lines in prop::collection::vec(0..CHUNK * 2, 0..6)) {
            let text: Vec<u8> = lines.iter().flat_map(|&n| [vec![b'x'; n], vec![b'\n']].concat()).collect();
            prop_assert_eq!(join(text.as_slice()).0, text);
        }
    }
}
