//! The part of reading that does not depend on the order of lines: ticks and records of
//! each line.
//!
//! A [`Scanner`] turns a chunk into a [`Batch`]. Stacks repeat, so the part of a tick after
//! its time, its *tail*, is looked up as bytes and only parsed when it is new. Several
//! scanners can work on one log; the [`Follower`](super::follow::Follower) takes their
//! batches in order.

use super::fields::{decimal, hex};
use crate::chunks::Chunk;
use crate::script_path::VM;
use crate::together;
use hashbrown::{DefaultHashBuilder, HashTable};
use memchr::memmem::Finder;
use std::hash::BuildHasher;
use std::ops::Range;
use std::sync::LazyLock;

/// The most bytes of distinct tails that a scanner stores before it clears them.
pub(super) const TAIL_BUDGET: usize = 6 * 1024 * 1024;

/// The text in front of a source map within a script.
const INLINE_MAP: &[u8] = b"sourceMappingURL=data:";
/// The text in front of the name of a script that `eval` runs.
const SOURCE_URL: &[u8] = b"# sourceURL=";

/// One tick, with most of its fields still in a tail.
#[derive(Clone, Copy, Debug)]
pub(super) struct RawTick {
    pub(super) time_us: u64,
    pub(super) pc: u64,
    /// The index of the tail in its scanner's table.
    pub(super) tail: u32,
    /// The line within the batch, from 0.
    pub(super) line: u32,
}

/// The fields of a tick after its time, without the frames.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tail {
    pub(super) state: u8,
    pub(super) external: bool,
    /// True when V8 lost ticks before this one.
    pub(super) overflow: bool,
    /// The callback's entry when `external`, else the top of the stack; 0 when there is
    /// none.
    pub(super) other: u64,
    /// The end of its frames in [`Batch::addresses`].
    pub(super) end: usize,
}

/// The kind of a line other than a tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Record {
    Version,
    SharedLibrary,
    Profiler,
    CodeCreation,
    CodeMove,
    SfiMove,
    CodeDelete,
    CodeSourceInfo,
    /// The place in its script of code without inlined functions.
    CodePlace,
    /// A script with its source map, or with a name of its own.
    ScriptSource,
    /// A script without its source map and without a name of its own.
    ScriptText,
    /// `new,CodeRange,…`
    CodeRange,
    /// A tick that could not be read.
    BadTick,
    /// An unknown record.
    Unknown,
}

/// A line that the follower must handle, in its place among the ticks.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) record: Record,
    /// The number of ticks of the batch that come before it.
    pub(super) after: u32,
    /// The line within the batch, from 0.
    pub(super) line: u64,
    /// The range of its text in the batch's bytes.
    pub(super) text: Range<usize>,
}

/// A chunk with the results of scanning. It is reused for later chunks.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) chunk: Chunk,
    pub(super) ticks: Vec<RawTick>,
    pub(super) events: Vec<Event>,
    /// The scanner's number, and whether it has cleared its older tails.
    pub(super) scanner: usize,
    pub(super) fresh_tails: bool,
    /// The new tails, and their frames, innermost first.
    pub(super) tails: Vec<Tail>,
    pub(super) addresses: Vec<u64>,
    pub(super) lines: u64,
}

impl together::Batch for Batch {
    fn chunk(&mut self) -> &mut Chunk {
        &mut self.chunk
    }
}

/// Scans chunks one after the other.
pub(super) struct Scanner {
    number: usize,
    /// `(start, end, tail)` in `bytes`.
    known: HashTable<(u32, u32, u32)>,
    bytes: Vec<u8>,
    count: u32,
    hasher: DefaultHashBuilder,
    /// True when the lines that ran are wanted.
    lines: bool,
}

impl Scanner {
    pub(super) fn new(number: usize, lines: bool) -> Self {
        let (known, hasher) = Default::default();
        // The system gives memory when it is written to. Memory that grows is copied.
        let bytes = Vec::with_capacity(TAIL_BUDGET);
        Self { number, known, bytes, count: 0, hasher, lines }
    }

    /// Scans the batch's chunk, and fills the other fields of the batch.
    pub(super) fn scan(&mut self, batch: &mut Batch) {
        let Batch { chunk, ticks, events, tails, addresses, .. } = &mut *batch;
        ticks.clear();
        events.clear();
        tails.clear();
        addresses.clear();
        let fresh = self.count == 0 || self.bytes.len() > TAIL_BUDGET;
        if fresh {
            self.known.clear();
            self.bytes.clear();
            self.count = 0;
        }
        let bytes = chunk.bytes();
        // The last line of the chunk before is not known, and may be code that was made.
        let (mut start, mut line, mut made) = (0, 0u64, true);
        while start < bytes.len() {
            let rest = bytes.get(start..).unwrap_or_default();
            let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            let text = rest.get(..end).unwrap_or_default();
            let text = text.strip_suffix(b"\r").unwrap_or(text);
            let record = match text.strip_prefix(b"tick,") {
                Some(fields) => match self.tick(fields, line, tails, addresses) {
                    Some(tick) => {
                        ticks.push(tick);
                        None
                    }
                    None => Some(Record::BadTick),
                },
                None => classify(text, self.lines, made),
            };
            if let Some(Record::CodeCreation) = record {
                made = is_made(text);
            }
            if let Some(record) = record {
                let text = start..start + text.len();
                events.push(Event { record, after: ticks.len() as u32, line, text });
            }
            start += end + 1;
            line += 1;
        }
        batch.scanner = self.number;
        batch.fresh_tails = fresh;
        batch.lines = line;
    }

    /// Reads `pc,time,is external,top of stack or callback,state[,frames…]`.
    #[inline]
    fn tick(
        &mut self,
        fields: &[u8],
        line: u64,
        tails: &mut Vec<Tail>,
        addresses: &mut Vec<u64>,
    ) -> Option<RawTick> {
        let (pc, rest) = hex(fields)?;
        let (time_us, rest) = decimal(rest?)?;
        let rest = rest?;
        let hash = self.hasher.hash_one(rest);
        let known = self.known.find(hash, |&(start, end, _)| {
            self.bytes.get(start as usize..end as usize) == Some(rest)
        });
        let tail = match known {
            Some(&(_, _, tail)) => tail,
            None => self.new_tail(rest, hash, pc, tails, addresses)?,
        };
        Some(RawTick { time_us, pc, tail, line: line as u32 })
    }

    fn new_tail(
        &mut self,
        text: &[u8],
        hash: u64,
        pc: u64,
        tails: &mut Vec<Tail>,
        addresses: &mut Vec<u64>,
    ) -> Option<u32> {
        let before = addresses.len();
        let Some(tail) = read_tail(text, pc, addresses) else {
            addresses.truncate(before);
            return None;
        };
        tails.push(tail);
        let tail = self.count;
        self.count += 1;
        // Frames in old logs are relative to the program counter, so the text alone does
        // not identify them.
        if memchr::memchr2(b'+', b'-', text).is_none() {
            let start = self.bytes.len() as u32;
            self.bytes.extend_from_slice(text);
            let entry = (start, self.bytes.len() as u32, tail);
            let (bytes, hasher) = (&self.bytes, &self.hasher);
            self.known.insert_unique(hash, entry, |&(start, end, _)| {
                hasher.hash_one(bytes.get(start as usize..end as usize).unwrap_or_default())
            });
        }
        Some(tail)
    }
}

/// Reads a tail; its frames are added to `addresses`.
fn read_tail(text: &[u8], pc: u64, addresses: &mut Vec<u64>) -> Option<Tail> {
    let (external, rest) = decimal(text)?;
    let (other, rest) = hex(rest?)?;
    let (state, frames) = decimal(rest?)?;
    let overflow = read_frames(frames.unwrap_or_default(), pc, addresses)?;
    let (state, external) = (u8::try_from(state).ok()?, external == 1);
    Some(Tail { state, external, overflow, other, end: addresses.len() })
}

/// Reads frames, innermost first. They are absolute, or signed distances from the frame
/// before, the first of them from the program counter. Returns true when the mark of lost
/// ticks was among them.
fn read_frames(text: &[u8], pc: u64, out: &mut Vec<u64>) -> Option<bool> {
    let mut overflow = false;
    let mut rest = Some(text).filter(|text| !text.is_empty());
    let mut last = pc;
    while let Some(text) = rest {
        let (sign, digits) = match text {
            [b'o', ..] => {
                overflow = true;
                rest = memchr::memchr(b',', text).and_then(|at| text.get(at + 1..));
                continue;
            }
            [sign @ (b'+' | b'-'), digits @ ..] => (*sign, digits),
            digits => (0, digits),
        };
        let (value, more) = hex(digits)?;
        out.push(match sign {
            0 => value,
            b'+' => {
                last = last.wrapping_add(value);
                last
            }
            _ => {
                last = last.wrapping_sub(value);
                last
            }
        });
        rest = more;
    }
    Some(overflow)
}

/// Returns the kind of a line; `None` for lines that do not matter for stacks. Scripts and
/// positions in them matter when `lines` are wanted, and a script when the code before the line was
/// `made` while the program ran.
fn classify(line: &[u8], lines: bool, made: bool) -> Option<Record> {
    let end = memchr::memchr(b',', line).unwrap_or(line.len());
    let (name, rest) = line.split_at_checked(end)?;
    Some(match name {
        b"code-creation" => Record::CodeCreation,
        b"code-source-info" => {
            // Only code with inlined functions has a list of functions.
            let is_plain = !lines && !made && line.ends_with(b",");
            if is_plain { Record::CodePlace } else { Record::CodeSourceInfo }
        }
        b"code-move" => Record::CodeMove,
        b"sfi-move" => Record::SfiMove,
        b"code-delete" => Record::CodeDelete,
        b"shared-library" => Record::SharedLibrary,
        b"v8-version" => Record::Version,
        b"profiler" => Record::Profiler,
        b"script-source" if lines => Record::ScriptSource,
        b"script-source" => {
            let has = |text: &[u8]| memchr::memmem::find(rest, text).is_some();
            let is_plain = !has(INLINE_MAP) && !has(SOURCE_URL);
            if is_plain { Record::ScriptText } else { Record::ScriptSource }
        }
        b"new" if rest.starts_with(b",CodeRange,") => Record::CodeRange,
        b"tick" => Record::BadTick,
        b"" if rest.is_empty() => return None,
        _ if is_silent(name) => return None,
        _ => Record::Unknown,
    })
}

/// Returns true for code that may be of `eval`, `new Function` or `vm`, whose scripts have no file.
fn is_made(code: &[u8]) -> bool {
    static VM_FILE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(VM));
    // A line has only the two colons of a place.
    let mut colons = memchr::memchr_iter(b':', code);
    let has_no_file = colons.any(|at| at > 0 && code.get(at - 1) == Some(&b' '));
    has_no_file || VM_FILE.find(code).is_some()
}

/// Returns true for records of V8 9 to 14 that do not matter for stacks.
fn is_silent(name: &[u8]) -> bool {
    const SILENT: [&[u8]; 28] = [
        b"new",
        b"delete",
        b"v8-platform",
        b"shared-library-end",
        b"heap-capacity",
        b"heap-available",
        b"code-deopt",
        b"code-disable-optimization",
        b"code-disassemble",
        b"code-dependency",
        b"scavenge",
        b"markcompact",
        b"feedback-vector",
        b"timer-event-start",
        b"timer-event-end",
        b"timer-event",
        b"current-time",
        b"map",
        b"map-create",
        b"map-details",
        b"function",
        b"first-execution",
        b"script",
        b"script-details",
        b"compilation-cache",
        b"active-runtime-timer",
        b"api",
        b"osr",
    ];
    SILENT.contains(&name) || name.ends_with(b"IC")
}
