//! jitdump files: generated code with the times at which it was made.
//!
//! `node --perf-prof` writes `jit-PID.dump` and maps it, so that the recording names it.
//! The layout is described in `tools/perf/Documentation/jitdump-specification.txt` of the
//! kernel.

use super::super::recorder::Recorder;
use super::codes::Codes;
use super::dump_lines::Source;
use super::fields::Fields;
use crate::input::{self, Stream};
use spikeflame_profile::FrameId;
use spikeflame_profile::warning::SideFault;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

const MAGIC: u32 = 0x4a69_5444;
const HEADER: usize = 40;
const RECORD_HEADER: usize = 16;
/// Kinds of records.
const LOAD: u32 = 0;
const MOVE: u32 = 1;
const LINES: u32 = 2;
const CLOSE: u32 = 3;
/// A flag of the header: times are a processor's cycles.
const CYCLES: u64 = 1;
const LONGEST_NAME: u64 = 16 * 1024;
/// The most bytes that are read.
const MOST_BYTES: u64 = 64 << 30;

/// A dump, which is read up to the current time of the recording.
pub(super) struct Dump {
    input: Source<BufReader<io::Take<Stream>>>,
    codes: Codes,
    next: Option<Change>,
    /// True when its times are of the recording's clock.
    timed: bool,
    path: PathBuf,
    /// The position of the next record.
    at: u64,
    damaged: bool,
}

/// A change of the code at a time.
struct Change {
    time: u64,
    what: CodeChange,
}

enum CodeChange {
    Load { start: u64, size: u64, name: Vec<u8> },
    Move { from: u64, to: u64 },
    Nothing,
}

impl Dump {
    /// Reads the header and the first record of the file at `path`. Returns `None` when it does not
    /// start as a dump. Its times are used when the recording's are `monotonic`.
    pub(super) fn read_start(
        input: Stream,
        path: &Path,
        monotonic: bool,
    ) -> io::Result<Option<Self>> {
        let input = input.take(MOST_BYTES);
        let mut input = BufReader::with_capacity(1 << 16, input);
        let header = input::fill(&mut input, HEADER)?;
        Ok(Self::after_header(input, &header, path, monotonic))
    }

    fn after_header(
        mut input: BufReader<io::Take<Stream>>,
        header: &[u8],
        path: &Path,
        monotonic: bool,
    ) -> Option<Self> {
        let mut fields = Fields(header);
        let (magic, _version, size) = (fields.u32()?, fields.u32()?, fields.u32()?);
        fields.bytes(20)?;
        let flags = fields.u64()?;
        if magic != MAGIC {
            return None;
        }
        skip(&mut input, u64::from(size).saturating_sub(HEADER as u64))?;
        let timed = monotonic && flags & CYCLES == 0;
        let (path, at) = (path.to_owned(), u64::from(size));
        let codes = Codes::default();
        let input = Source::new(input);
        let mut dump = Self { input, codes, next: None, timed, path, at, damaged: false };
        dump.next = dump.read();
        Some(dump)
    }

    /// Returns true when its times are used.
    pub(super) fn is_timed(&self) -> bool {
        self.timed
    }

    /// Returns the frame of the code that was at an address at a time.
    pub(super) fn find(&mut self, address: u64, time: u64, to: &mut Recorder) -> Option<FrameId> {
        while let Some(change) = self.next.take_if(|next| next.time <= time || !self.timed) {
            match change.what {
                CodeChange::Load { start, size, name } => self.codes.add(start, size, &name),
                CodeChange::Move { from, to } => self.codes.relocate(from, to),
                CodeChange::Nothing => {}
            }
            self.next = self.read();
        }
        self.codes.find(address, to)
    }

    /// Returns the problem of the part of the file that was read.
    pub(super) fn damage(&self) -> Option<SideFault> {
        if self.damaged {
            return Some(SideFault::DumpDamage { at: self.at });
        }
        self.codes.is_full().then_some(SideFault::LargeDump)
    }

    /// Returns the path of the file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the next record; `None` at the end, and when the dump is damaged.
    fn read(&mut self) -> Option<Change> {
        let change = self.record();
        self.damaged |= change.is_none();
        change?
    }

    /// Returns the next record, `Some(None)` at the end, and `None` for a damaged record.
    #[expect(clippy::option_option, reason = "read by `read` alone")]
    fn record(&mut self) -> Option<Option<Change>> {
        let header = input::fill(&mut self.input, RECORD_HEADER).ok()?;
        if header.is_empty() {
            return Some(None);
        }
        let mut fields = Fields(&header);
        let (kind, size, time) = (fields.u32()?, fields.u32()?, fields.u64()?);
        let total = u64::from(size);
        let size = total.checked_sub(RECORD_HEADER as u64)?;
        let (what, used) = match kind {
            LOAD => {
                let fixed = input::fill(&mut self.input, 40).ok()?;
                let mut fields = Fields(&fixed);
                let (_ids, _address) = (fields.u64()?, fields.u64()?);
                let (start, code) = (fields.u64()?, fields.u64()?);
                let name = size.checked_sub(40)?.checked_sub(code)?;
                let kept = name.min(LONGEST_NAME);
                let name = input::fill(&mut self.input, kept as usize).ok()?;
                let name = Fields(&name).text().to_owned();
                (CodeChange::Load { start, size: code, name }, 40 + kept)
            }
            MOVE => {
                let fixed = input::fill(&mut self.input, 40).ok()?;
                let mut fields = Fields(&fixed);
                let (_ids, _address) = (fields.u64()?, fields.u64()?);
                let (from, to) = (fields.u64()?, fields.u64()?);
                (CodeChange::Move { from, to }, 40)
            }
            LINES => {
                let used = self.input.skip_lines(size, time)?;
                self.at = self.at.saturating_add(RECORD_HEADER as u64 + used);
                return Some(Some(Change { time, what: CodeChange::Nothing }));
            }
            CLOSE => return Some(None),
            _ => (CodeChange::Nothing, 0),
        };
        skip(&mut self.input, size.checked_sub(used)?)?;
        self.at = self.at.saturating_add(total);
        Some(Some(Change { time, what }))
    }
}

fn skip(input: &mut impl Read, count: u64) -> Option<()> {
    let skipped = io::copy(&mut input.take(count), &mut io::sink()).ok()?;
    (skipped == count).then_some(())
}

/// Reads `data` as a dump, and looks up each of its first 256 numbers of eight bytes as an address, at
/// the time of the largest number before it.
#[cfg(feature = "fuzzing")]
pub fn fuzz(data: &[u8]) {
    let (mut to, mut time) = (Recorder::new(), 0);
    let input = Box::new(io::Cursor::new(data.to_vec()));
    let Ok(Some(mut dump)) = Dump::read_start(input, Path::new("fuzz"), true) else { return };
    for number in data.as_chunks::<8>().0.iter().take(256).map(|bytes| u64::from_le_bytes(*bytes)) {
        time = number.max(time);
        dump.find(number, time, &mut to);
    }
    dump.find(0, u64::MAX, &mut to);
    let _ = dump.damage();
}
