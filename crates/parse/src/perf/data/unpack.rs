//! Records that `perf record -z` compressed: one zstd stream, with a piece in each
//! COMPRESSED record.
//!
//! The decoder (ruzstd) holds back the last window of what it has unpacked, so that records
//! are returned later than they were fed. The ends of rounds, which are between the pieces,
//! are delayed here as well. The decoder is fed block by block, so that at most a window
//! (128 MiB; perf's default is 512 KiB) and a block are in memory.

use super::fields::{Fields, WORD};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use std::collections::VecDeque;

/// The longest header of a frame in bytes.
const FRAME_HEADER: usize = 18;
const BLOCK_HEADER: usize = 3;
const CHECKSUM: usize = 4;
const LARGEST_BLOCK: usize = 128 * 1024;
/// The type of a block that repeats one byte.
const RUN: u32 = 1;
/// An empty last block, and a checksum that is not verified.
const LAST_BLOCK: [u8; BLOCK_HEADER + CHECKSUM] = [1, 0, 0, 0, 0, 0, 0];

/// Unpacks a stream piece by piece.
#[derive(Default)]
pub(super) struct Unpacker {
    decoder: FrameDecoder,
    /// The part of the pieces that is not decoded yet: less than a block and a record.
    packed: Vec<u8>,
    within_frame: bool,
    damaged: bool,
    /// The size of the frame's window, which the decoder holds back.
    window: u64,
    /// The unpacked bytes; those from `taken` on were not returned yet.
    plain: Vec<u8>,
    taken: usize,
    /// The number of bytes that the decoder returned, in all and in this frame.
    drained: u64,
    drained_of_frame: u64,
    /// The positions of the ends of rounds in the unpacked stream.
    rounds: VecDeque<u64>,
}

/// The error of a stream that cannot be unpacked any further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Damage;

impl Unpacker {
    /// Adds the next piece.
    pub(super) fn feed(&mut self, piece: &[u8]) {
        self.packed.extend_from_slice(piece);
    }

    /// Returns true when more unpacked records may come.
    pub(super) fn is_used(&self) -> bool {
        self.within_frame
    }

    /// Ends a round after all that was fed so far.
    pub(super) fn end_round(&mut self) {
        // Without a drained byte, the amount that was unpacked is not known, only that it
        // is less than a window. The next end of a round is used instead.
        let end = self.drained + self.window;
        if self.drained_of_frame > 0 && self.rounds.back() != Some(&end) {
            self.rounds.push_back(end);
        }
    }

    /// Returns true once for each end of a round that is due.
    pub(super) fn round_is_due(&mut self) -> bool {
        let given = self.drained - (self.plain.len() - self.taken) as u64;
        let due = self.rounds.front().is_some_and(|&round| round <= given);
        if due {
            self.rounds.pop_front();
        }
        due
    }

    /// Returns the next complete record with its header, as a range of [`Unpacker::bytes`].
    pub(super) fn next(&mut self) -> Result<Option<std::ops::Range<usize>>, Damage> {
        let rest = self.plain.get(self.taken..).unwrap_or_default();
        let Some(size) = rest.get(6..).and_then(|size| Fields(size).u16()) else { return Ok(None) };
        let size = usize::from(size);
        if size < WORD || !size.is_multiple_of(WORD) {
            return Err(Damage);
        }
        if rest.len() < size {
            return Ok(None);
        }
        let range = self.taken..self.taken + size;
        self.taken = range.end;
        Ok(Some(range))
    }

    /// Returns unpacked bytes, valid until the next [`Unpacker::step`].
    pub(super) fn bytes(&self, range: std::ops::Range<usize>) -> &[u8] {
        self.plain.get(range).unwrap_or_default()
    }

    /// Decodes one block; returns false when no complete block is available.
    pub(super) fn step(&mut self) -> Result<bool, Damage> {
        let result = self.decode();
        self.damaged |= result.is_err();
        result
    }

    fn decode(&mut self) -> Result<bool, Damage> {
        if self.packed.is_empty() || !self.within_frame && !self.start_frame()? {
            return Ok(false);
        }
        let Some(&[a, b, c]) = self.packed.first_chunk::<BLOCK_HEADER>() else { return Ok(false) };
        let header = u32::from_le_bytes([a, b, c, 0]);
        let size = if header >> 1 & 3 == RUN { 1 } else { header as usize >> 3 };
        if size > LARGEST_BLOCK {
            return Err(Damage);
        }
        let checksum = if header & 1 == 1 { CHECKSUM } else { 0 };
        let whole = BLOCK_HEADER + size;
        if self.packed.len() < whole {
            return Ok(false);
        }
        let mut block = self.packed.get(..self.packed.len().min(whole + checksum)).unwrap_or(&[]);
        let before = block.len();
        self.decoder
            .decode_blocks(&mut block, BlockDecodingStrategy::UptoBlocks(1))
            .map_err(|_| Damage)?;
        let used = before - block.len();
        self.packed.drain(..used);
        self.drain()?;
        Ok(true)
    }

    fn start_frame(&mut self) -> Result<bool, Damage> {
        let mut source = self.packed.as_slice();
        if self.decoder.reset(&mut source).is_err() {
            // It may be a part of a header.
            return if self.packed.len() < FRAME_HEADER { Ok(false) } else { Err(Damage) };
        }
        self.window = window(&self.packed).ok_or(Damage)?;
        let used = self.packed.len() - source.len();
        self.packed.drain(..used);
        (self.within_frame, self.drained_of_frame) = (true, 0);
        Ok(true)
    }

    fn drain(&mut self) -> Result<(), Damage> {
        self.plain.drain(..self.taken);
        self.taken = 0;
        let count = self.decoder.collect_to_writer(&mut self.plain).map_err(|_| Damage)?;
        self.drained += count as u64;
        self.drained_of_frame += count as u64;
        self.within_frame = !self.decoder.is_finished();
        Ok(())
    }

    /// Gets the bytes that the decoder holds back. perf never ends its frame. The bytes
    /// that it held back of a piece that was cut off are lost.
    pub(super) fn finish(&mut self) -> Result<(), Damage> {
        let cut = !self.packed.is_empty();
        self.packed.clear();
        if self.within_frame {
            let blocks = BlockDecodingStrategy::UptoBlocks(1);
            self.decoder.decode_blocks(&mut LAST_BLOCK.as_slice(), blocks).map_err(|_| Damage)?;
            self.drain()?;
            self.within_frame = false;
        }
        if cut { Err(Damage) } else { Ok(()) }
    }

    /// Returns true after a block could not be decoded.
    pub(super) fn is_damaged(&self) -> bool {
        self.damaged
    }

    /// Returns true when a part of a record is left over.
    pub(super) fn has_rest(&self) -> bool {
        self.taken < self.plain.len()
    }
}

/// Returns the size of a frame's window from its header (RFC 8878, 3.1.1.1).
fn window(frame: &[u8]) -> Option<u64> {
    let mut fields = Fields(frame.get(4..)?);
    let descriptor = fields.u8()?;
    let single_segment = descriptor >> 5 & 1 == 1;
    if !single_segment {
        let window = fields.u8()?;
        let base = 1u64 << (10 + (window >> 3));
        return Some(base + base / 8 * u64::from(window & 7));
    }
    let dictionary = [0, 1, 2, 4].get(usize::from(descriptor & 3))?;
    fields.bytes(*dictionary)?;
    match descriptor >> 6 {
        0 => fields.u8().map(u64::from),
        1 => fields.u16().map(|size| u64::from(size) + 256),
        2 => fields.u32().map(u64::from),
        _ => fields.u64(),
    }
}
