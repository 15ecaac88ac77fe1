//! Records of a jitdump file that have the lines of code in a source. The lines are not used, but the size of
//! such a record can be wrong, so that the next one begins elsewhere.
//!
//! V8 14.6 (Node 26) computes the size from other names of files than those that it writes for inlined
//! functions.

use super::fields::Fields;
use crate::input::fill;
use std::io::{self, Cursor, Read};

/// The bytes before the lines: the address of the code, and their number.
const FIXED: usize = 16;
/// The bytes of a line before its file: an address, a line and a column.
const LINE: usize = 16;
/// A record is padded with fewer zeros than this.
const WORD: usize = 8;
/// The header of a record.
const HEADER: usize = 16;
/// The last kind of record that there is.
const LAST_KIND: u32 = 4;
/// The next record is written within so many nanoseconds.
const SOON_NS: u64 = 3_600_000_000_000;
/// Larger records are passed over by their size.
const MOST_BYTES: u64 = 4 << 20;
/// The bytes that are read at once behind a record.
const MORE: usize = 4096;

/// A stream to which bytes can be given back.
pub(super) struct Source<R> {
    back: Cursor<Vec<u8>>,
    input: R,
}

impl<R: Read> Source<R> {
    pub(super) fn new(input: R) -> Self {
        Self { back: Cursor::default(), input }
    }

    /// Gives bytes back, which are read next.
    fn give_back(&mut self, mut bytes: Vec<u8>) {
        let at = self.back.position() as usize;
        bytes.extend_from_slice(self.back.get_ref().get(at..).unwrap_or_default());
        self.back = Cursor::new(bytes);
    }

    /// Passes over the rest of a record, of `size` bytes by its header, which was written at `time`. Returns the number
    /// of bytes that it has. Returns `None` when the stream ends before.
    pub(super) fn skip_lines(&mut self, size: u64, time: u64) -> Option<u64> {
        if size > MOST_BYTES {
            let skipped = io::copy(&mut self.take(size), &mut io::sink()).ok()?;
            return (skipped == size).then_some(size);
        }
        let mut body = fill(self, size as usize).ok()?;
        let told = body.len();
        let end = self.end_of_lines(&mut body);
        let is_right = |end: usize| end <= told && told - end < WORD;
        let start = match end.filter(|&end| !is_right(end)) {
            Some(end) => self.next_record(end, time, &mut body).unwrap_or(told),
            None => told,
        };
        self.give_back(body.split_off(start.min(body.len())));
        (told as u64 == size || start != told).then_some(start as u64)
    }

    /// Returns the place behind the last line. Reads more bytes when the lines are longer than the record.
    fn end_of_lines(&mut self, body: &mut Vec<u8>) -> Option<usize> {
        let count = Fields(body.get(FIXED / 2..)?).u64()?;
        let mut at = FIXED;
        for _ in 0..count {
            let name = at + LINE;
            at = loop {
                let found = memchr::memchr(0, body.get(name..).unwrap_or_default());
                if let Some(length) = found {
                    break name + length + 1;
                }
                self.read_more(body)?;
            };
        }
        Some(at)
    }

    /// Returns the place of the next record's header, behind padding.
    fn next_record(&mut self, end: usize, time: u64, body: &mut Vec<u8>) -> Option<usize> {
        while body.len() < end + WORD + HEADER && self.read_more(body).is_some() {}
        let is_padding =
            |at: usize| body.get(end..at).is_some_and(|pad| pad.iter().all(|b| *b == 0));
        let is_header = |at: usize| {
            let mut fields = Fields(body.get(at..).unwrap_or_default());
            let header = (fields.u32(), fields.u32(), fields.u64());
            let (Some(kind), Some(size), Some(at)) = header else { return false };
            let soon = time..=time.saturating_add(SOON_NS);
            kind <= LAST_KIND && size as usize >= HEADER && soon.contains(&at)
        };
        (end..end + WORD).find(|&at| is_padding(at) && is_header(at))
    }

    /// Reads bytes behind `body`. Returns `None` at the end, and when it is too long.
    fn read_more(&mut self, body: &mut Vec<u8>) -> Option<()> {
        let more = fill(self, MORE).ok().filter(|_| body.len() as u64 <= MOST_BYTES)?;
        body.extend_from_slice(&more);
        (!more.is_empty()).then_some(())
    }
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.back.read(buffer)? {
            0 => self.input.read(buffer),
            count => Ok(count),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nanoseconds of a clock that began with the machine, ten hours ago.
    const NOW: u64 = 36_000_000_000_000;

    /// Returns a record without its header.
    fn lines(files: &[&str]) -> Vec<u8> {
        let mut body = [7u64, files.len() as u64].map(u64::to_le_bytes).concat();
        for file in files {
            body.extend([0u8; LINE]);
            body.extend(file.as_bytes());
            body.push(0);
        }
        body
    }

    fn header(kind: u32, size: u32, time: u64) -> Vec<u8> {
        [&kind.to_le_bytes()[..], &size.to_le_bytes(), &time.to_le_bytes()].concat()
    }

    #[test]
    fn the_next_record_is_found_behind_a_size_that_is_wrong() {
        let body = lines(&["/srv/a.js", "node:internal/validators", "/srv/b.js"]);
        for padding in 0..8 {
            let end = body.len() + padding;
            for size in [end - 20, end - 9, end - padding, end, end + 10, end + 30] {
                let next = header(0, 80, NOW + 1000);
                let pad = vec![0; padding];
                let text = [&body[..], &pad[..], &next[..], &[9; 64][..]].concat();
                let mut source = Source::new(&text[..]);
                let used = source.skip_lines(size as u64, NOW);
                let is_right = (body.len()..body.len() + WORD).contains(&size);
                assert_eq!(
                    used,
                    Some(if is_right { size } else { end } as u64),
                    "{padding} {size}"
                );
                if !is_right {
                    assert_eq!(fill(&mut source, HEADER).unwrap(), next);
                }
            }
        }
    }

    #[test]
    fn a_record_without_a_next_one_has_its_size() {
        let body = lines(&["/srv/a.js"]);
        let size = body.len() as u64;
        assert_eq!(Source::new(&body[..]).skip_lines(size, NOW), Some(size));
        assert_eq!(Source::new(&body[..9]).skip_lines(size, NOW), None);
        let text = [&body[..], &[1; 99]].concat();
        assert_eq!(Source::new(&text[..]).skip_lines(size + 20, NOW), Some(size + 20));
    }
}
