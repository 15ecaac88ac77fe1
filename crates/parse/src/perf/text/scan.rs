//! The part of reading that does not depend on the lines before: the bounds of stacks, the lines that the
//! thread's last stack has too, and lines that differ in addresses alone.
//!
//! The follower checks each result against its own state, and does the work again where they differ. So the
//! scanner may guess, and the profile does not depend on it.

use super::cut::{CutLine, CutLines};
use crate::chunks::Chunk;
use crate::perf::suffix::common_suffix;
use crate::together;
use hashbrown::HashMap;
use memchr::memmem::Finder;
use std::ops::Range;

/// A scanner forgets its lines when it has seen this many that differ in more than addresses.
const MOST_KNOWN: u32 = 1 << 17;

/// A chunk with the stacks in it. It is reused for later chunks.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) chunk: Chunk,
    /// The stacks, in the order of the text.
    pub(super) stacks: Vec<ScannedStack>,
    pub(super) lines: Vec<ScannedLine>,
    /// The scanner's number.
    pub(super) scanner: usize,
    /// True when the numbers of lines begin again.
    pub(super) is_fresh: bool,
}

/// A stack that an empty line ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct ScannedStack {
    /// Where its first line begins, and where the last one ends, behind the line break.
    pub(super) start: usize,
    pub(super) end: usize,
    /// Where the thread's last stack in the chunk begins, as far as the event's line shows.
    pub(super) last: Option<usize>,
    /// The number of equal bytes at the ends of both.
    pub(super) common: usize,
    /// The lines that the last stack does not have, in [`Batch::lines`].
    pub(super) lines: (usize, usize),
}

/// A line of a stack.
#[derive(Clone, Copy, Debug)]
pub(super) struct ScannedLine {
    /// The distance of the line's beginning from the end of the stack.
    pub(super) distance: usize,
    pub(super) length: usize,
    /// A number that the scanner's other lines with the same frame have too.
    pub(super) number: Option<u32>,
}

impl together::Batch for Batch {
    fn chunk(&mut self) -> &mut Chunk {
        &mut self.chunk
    }
}

/// Scans chunks one after the other.
pub(super) struct Scanner {
    number: usize,
    known: CutLines<u32>,
    /// The number of the next line that is not known.
    next: u32,
    empty_line: Finder<'static>,
}

impl Scanner {
    pub(super) fn new(number: usize) -> Self {
        Self { number, known: CutLines::default(), next: 0, empty_line: Finder::new(b"\n\n") }
    }

    /// Scans the batch's chunk, and fills the other fields of the batch.
    pub(super) fn scan(&mut self, batch: &mut Batch) {
        let Batch { chunk, stacks, lines, scanner, is_fresh } = batch;
        stacks.clear();
        lines.clear();
        (*scanner, *is_fresh) = (self.number, self.next == 0 || self.next > MOST_KNOWN);
        if *is_fresh {
            (self.known, self.next) = (CutLines::default(), 0);
        }
        let bytes = chunk.bytes();
        let mut last_of: HashMap<&[u8], Range<usize>> = HashMap::new();
        let mut at = 0;
        while let Some(rest) = bytes.get(at..) {
            let Some(length) = self.empty_line.find(rest) else { break };
            let event =
                rest.get(..memchr::memchr(b'\n', rest).unwrap_or(length)).unwrap_or_default();
            let (start, end) = (at + event.len() + 1, at + length + 1);
            at = end + 1;
            if start >= end {
                continue;
            }
            let last = last_of.insert(thread_of(event), start..end);
            let text = bytes.get(start..end).unwrap_or_default();
            let before = last.clone().and_then(|last| bytes.get(last)).unwrap_or_default();
            let common = common_suffix(before, text);
            let from = lines.len();
            self.scan_lines(text, fresh(text, before, common), lines);
            let last = last.map(|last| last.start);
            stacks.push(ScannedStack { start, end, last, common, lines: (from, lines.len()) });
        }
    }

    /// Adds the first lines of a stack, up to the place `end`.
    fn scan_lines(&mut self, text: &[u8], end: usize, lines: &mut Vec<ScannedLine>) {
        let mut start = 0;
        while start < end {
            let rest = text.get(start..end).unwrap_or_default();
            let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            let line = rest.get(..length).unwrap_or_default();
            let number = CutLine::new(line, false).map(|line| self.number_of(line));
            lines.push(ScannedLine { distance: text.len() - start, length, number });
            start += length + 1;
        }
    }

    fn number_of(&mut self, line: CutLine<'_>) -> u32 {
        if let Some(known) = self.known.get(line) {
            return known;
        }
        self.known.insert(line, self.next);
        self.next += 1;
        self.next - 1
    }
}

/// Returns the end of the lines that the thread's last stack does not have.
fn fresh(text: &[u8], last: &[u8], common: usize) -> usize {
    let end = text.len() - common;
    if super::starts_line(text, end) && super::starts_line(last, last.len() - common) {
        return end;
    }
    let rest = text.get(end..).unwrap_or_default();
    memchr::memchr(b'\n', rest).map_or(text.len(), |at| end + at + 1)
}

/// Returns the part of an event's line that names the thread: what is before the time, and before the number of
/// the processor.
fn thread_of(event: &[u8]) -> &[u8] {
    let words = event.get(..memchr::memchr(b':', event).unwrap_or(event.len()));
    let before = without_last_word(words.unwrap_or_default());
    if before.ends_with(b"]") { without_last_word(before) } else { before }
}

fn without_last_word(text: &[u8]) -> &[u8] {
    let end = memchr::memrchr(b' ', text).unwrap_or(0);
    text.get(..end).unwrap_or_default().trim_ascii_end()
}
