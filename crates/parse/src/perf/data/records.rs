//! A stream as records; compressed ones are unpacked.

use super::fields::{Fields, WORD};
use super::unpack::{Damage, Unpacker};
use crate::chunks::is_damage;
use std::io::{self, Read};
use std::ops::Range;

/// Kinds of records: the kernel's, then perf's own.
pub(super) mod kind {
    pub(crate) const MMAP: u32 = 1;
    pub(crate) const LOST: u32 = 2;
    pub(crate) const COMM: u32 = 3;
    pub(crate) const EXIT: u32 = 4;
    pub(crate) const THROTTLE: u32 = 5;
    pub(crate) const UNTHROTTLE: u32 = 6;
    pub(crate) const FORK: u32 = 7;
    pub(crate) const READ: u32 = 8;
    pub(crate) const SAMPLE: u32 = 9;
    pub(crate) const MMAP2: u32 = 10;
    pub(crate) const AUX: u32 = 11;
    pub(crate) const ITRACE_START: u32 = 12;
    pub(crate) const LOST_SAMPLES: u32 = 13;
    pub(crate) const SWITCH: u32 = 14;
    pub(crate) const SWITCH_CPU_WIDE: u32 = 15;
    pub(crate) const KSYMBOL: u32 = 17;
    pub(crate) const AUX_OUTPUT_HW_ID: u32 = 21;
    /// The first of perf's own kinds.
    pub(crate) const USER: u32 = 64;
    pub(crate) const HEADER_ATTR: u32 = 64;
    pub(crate) const HEADER_TRACING_DATA: u32 = 66;
    pub(crate) const HEADER_BUILD_ID: u32 = 67;
    pub(crate) const FINISHED_ROUND: u32 = 68;
    pub(crate) const AUXTRACE_INFO: u32 = 70;
    pub(crate) const AUXTRACE: u32 = 71;
    pub(crate) const AUXTRACE_ERROR: u32 = 72;
    pub(crate) const THREAD_MAP: u32 = 73;
    pub(crate) const HEADER_FEATURE: u32 = 80;
    pub(crate) const COMPRESSED: u32 = 81;
    pub(crate) const COMPRESSED2: u32 = 83;
}

/// Bytes read at a time; a record has 64 KiB at most.
const WINDOW: usize = 256 * 1024;
const HEADER: usize = 8;

/// The kind of a record, and its place.
#[derive(Clone, Debug)]
pub(super) struct Head {
    pub(super) kind: u32,
    pub(super) misc: u16,
    /// The record's number in the stream, from 0.
    pub(super) number: u64,
    body: Range<usize>,
    unpacked: bool,
}

impl Head {
    /// Returns true for a record that was compressed.
    pub(super) fn is_unpacked(&self) -> bool {
        self.unpacked
    }
}

/// The way in which a stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// After a complete record.
    Whole,
    /// Within a record.
    Cut,
    /// At this byte of the records, where no record starts.
    Damaged(u64),
    /// At this byte, where compressed records cannot be unpacked.
    NotUnpacked(u64),
}

/// Splits a stream into records.
pub(super) struct Records<R> {
    input: R,
    buffer: Vec<u8>,
    /// The part of the buffer that was not handled yet.
    rest: Range<usize>,
    /// The number of bytes taken from the stream.
    taken: u64,
    /// True when the stream is known to end too early.
    torn: bool,
    numbered: u64,
    unpacker: Unpacker,
    ending: Option<Ending>,
}

impl<R: Read> Records<R> {
    pub(super) fn new(input: R) -> Self {
        Self {
            input,
            buffer: vec![0; WINDOW],
            rest: 0..0,
            taken: 0,
            torn: false,
            numbered: 0,
            unpacker: Unpacker::default(),
            ending: None,
        }
    }

    /// Returns the way in which the stream ended, after [`Records::next`] returned `None`.
    pub(super) fn ending(&self) -> Ending {
        self.ending.unwrap_or(Ending::Whole)
    }

    /// Returns the bytes after the header of the record that was just returned.
    pub(super) fn body(&self, head: &Head) -> &[u8] {
        if head.unpacked {
            self.unpacker.bytes(head.body.clone())
        } else {
            self.buffer.get(head.body.clone()).unwrap_or_default()
        }
    }

    /// Returns the next record; `None` at the end. A FINISHED_ROUND may be returned later
    /// than its place in the file, but never before the records that precede it.
    pub(super) fn next(&mut self) -> io::Result<Option<Head>> {
        loop {
            if self.unpacker.round_is_due() {
                return Ok(Some(self.number(kind::FINISHED_ROUND, 0, 0..0, true)));
            }
            match self.unpacked() {
                Ok(Some(head)) => return Ok(Some(head)),
                Ok(None) if self.unpacker.step() == Ok(true) => continue,
                Ok(None) if !self.unpacker.is_damaged() => {}
                // Records that were unpacked before are still returned, once.
                _ if self.ending.is_none() => {
                    self.end(Ending::NotUnpacked(self.taken));
                    continue;
                }
                // The decoder returns the last window only at the end, so that damage in it is met after
                // all records of the file were taken.
                _ => {
                    if self.ending == Some(Ending::Whole) {
                        self.ending = Some(Ending::NotUnpacked(self.taken));
                    }
                    return Ok(None);
                }
            }
            if self.ending.is_some() {
                if self.ending == Some(Ending::Whole) && self.unpacker.has_rest() {
                    self.ending = Some(Ending::Cut);
                }
                return Ok(None);
            }
            if let Some(head) = self.top()? {
                return Ok(Some(head));
            }
        }
    }

    /// Returns the next of the unpacked records that are available.
    fn unpacked(&mut self) -> Result<Option<Head>, Damage> {
        let Some(range) = self.unpacker.next()? else { return Ok(None) };
        let mut fields = Fields(self.unpacker.bytes(range.clone()));
        let (kind, misc) = (fields.u32(), fields.u16());
        let (kind, misc) = (kind.unwrap_or_default(), misc.unwrap_or_default());
        Ok(Some(self.number(kind, misc, range.start + HEADER..range.end, true)))
    }

    /// Returns the next record at its place in the stream; `None` for one that was handled
    /// here, and at the end.
    fn top(&mut self) -> io::Result<Option<Head>> {
        let at = self.taken;
        if self.fill(HEADER)? < HEADER {
            let whole = self.rest.is_empty() && !self.torn;
            self.end(if whole { Ending::Whole } else { Ending::Cut });
            return Ok(None);
        }
        let mut fields = Fields(self.buffer.get(self.rest.clone()).unwrap_or_default());
        let (kind, misc, size) = (fields.u32(), fields.u16(), fields.u16());
        let (kind, misc) = (kind.unwrap_or_default(), misc.unwrap_or_default());
        let size = usize::from(size.unwrap_or_default());
        if size < HEADER || kind < kind::USER && !size.is_multiple_of(WORD) {
            self.end(Ending::Damaged(at));
            return Ok(None);
        }
        if self.fill(size)? < size {
            self.end(Ending::Cut);
            return Ok(None);
        }
        let body = self.rest.start + HEADER..self.rest.start + size;
        self.rest.start += size;
        self.taken += size as u64;
        let mut fields = Fields(self.buffer.get(body.clone()).unwrap_or_default());
        match kind {
            kind::COMPRESSED => self.unpacker.feed(fields.0),
            kind::COMPRESSED2 => {
                let size = fields.u64().unwrap_or_default();
                match fields.bytes(size) {
                    Some(piece) => self.unpacker.feed(piece),
                    None => self.end(Ending::Damaged(at)),
                }
            }
            kind::FINISHED_ROUND if self.unpacker.is_used() => self.unpacker.end_round(),
            // These records are followed by data outside of any record.
            kind::AUXTRACE => {
                let size = fields.u64().unwrap_or_default();
                self.skip(size)?;
            }
            kind::HEADER_TRACING_DATA => {
                let size = fields.u32().unwrap_or_default();
                self.skip(u64::from(size).next_multiple_of(8))?;
            }
            _ => return Ok(Some(self.number(kind, misc, body, false))),
        }
        Ok(None)
    }

    fn number(&mut self, kind: u32, misc: u16, body: Range<usize>, unpacked: bool) -> Head {
        let number = self.numbered;
        self.numbered += 1;
        Head { kind, misc, number, body, unpacked }
    }

    /// Notes the end; records that the unpacker holds back are still returned.
    fn end(&mut self, ending: Ending) {
        let unpacked = self.unpacker.finish();
        self.ending = Some(match ending {
            Ending::Whole if unpacked.is_err() => Ending::NotUnpacked(self.taken),
            ending => ending,
        });
    }

    /// Makes `count` bytes available, fewer only at the end; returns how many are
    /// available.
    fn fill(&mut self, count: usize) -> io::Result<usize> {
        while self.rest.len() < count {
            if self.rest.start > 0 {
                self.buffer.copy_within(self.rest.clone(), 0);
                self.rest = 0..self.rest.len();
            }
            let room = self.buffer.get_mut(self.rest.end..).unwrap_or_default();
            match self.input.read(room) {
                Ok(0) => break,
                Ok(count) => self.rest.end += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if is_damage(&error) => {
                    self.torn = true;
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(self.rest.len())
    }

    fn skip(&mut self, mut count: u64) -> io::Result<()> {
        self.taken = self.taken.saturating_add(count);
        while count > 0 {
            let step = usize::try_from(count).unwrap_or(usize::MAX).min(WINDOW / 2);
            let there = self.fill(step)?.min(step);
            if there == 0 {
                self.torn = true;
                return Ok(());
            }
            self.rest.start += there;
            count -= there as u64;
        }
        Ok(())
    }
}
