//! The text that `perf script` writes: an event's line, below it the lines of its stack,
//! innermost first, and an empty line.
//!
//! Consecutive samples of a thread share most of their stack. So a stack is compared with
//! the thread's last one, from the end, and only the lines that differ are looked up. A
//! line is parsed when it is met for the first time. Memory is bounded by the distinct data
//! (64 MiB of lines, the frames, the stacks, the threads) and 16 bytes a sample.
//!
//! This file finds events and stacks in the text; `meaning` is about the lines of a stack,
//! and `builder` makes samples of them.

mod builder;
mod cut;
mod meaning;
mod signs;

use super::choice::Choice;
use super::event::{Event, RECORD};
use super::looks::is_indented_frame;
use super::recorder::Id;
use super::suffix::common_suffix;
use super::{raw, stack_line};
use crate::chunks::{Chunk, Chunks};
use crate::error::Error;
use crate::options::Options;
use crate::utf8::lossy;
use builder::{Builder, CurrentSample, PartialStack};
use hashbrown::HashMap;
use meaning::Line;
use memchr::memmem::Finder;
use spikeflame_profile::Ledger;
use spikeflame_profile::warning::{Fact, PerfFact, Warning};
use spikeflame_profile::{Profile, StackId};
use std::io::Read;
use std::ops::Range;
use std::path::Path;

/// The note of `--show-round-events`. perf then does not put its samples in order.
const ROUND: &str = "PERF_RECORD_FINISHED_ROUND";
const NO_EVENT: &str = "not the line of an event";
const NO_FRAME: &str = "not a line of a stack";
const STRAY: &str = "a stack without the line of its event";
/// Bytes read at a time, few enough to stay in a core's cache. A thread's last stack is only known
/// within them.
const CHUNK: usize = 1 << 20;

const LONG: &str = "a line longer than 8 MiB";

/// Reads the text into a profile with a thread for each of perf's.
pub(crate) fn read(
    input: impl Read,
    path: &Path,
    name: String,
    options: &Options,
) -> Result<Profile, Error> {
    let mut reader = Reader::new(options);
    let (mut chunks, mut chunk) = (Chunks::with_size(CHUNK, input), Chunk::default());
    while chunks.next(&mut chunk).map_err(|source| Error::Io { path: path.to_owned(), source })? {
        let long = chunk.dropped.0 + chunk.dropped.1;
        reader.ledger.lose_many(LONG, reader.line, long, 0);
        reader.line += long;
        reader.take(chunk.bytes());
    }
    reader.end_event();
    let why = match (chunks.ending().damaged, chunks.ending().cut) {
        (true, _) => Some(Fact::PackedData),
        (_, true) if !reader.raw => Some(Fact::CutLine),
        _ => None,
    };
    if let Some(error) = reader.choice.nothing(path).filter(|_| reader.builder.is_empty()) {
        return Err(error);
    }
    let mut profile = reader.finish(&name);
    profile.warnings.extend(why.map(|fact| Warning::new(name, fact)));
    Ok(profile)
}

/// A thread's last stack in the current chunk.
#[derive(Default)]
struct LastStack {
    block: Range<usize>,
    root: StackId,
    /// For each line, the last one first: its distance from the block's end, and the part
    /// that was read up to it.
    levels: Vec<(usize, PartialStack)>,
}

struct Reader {
    builder: Builder,
    /// True when names are those of `stackcollapse-perf`.
    raw: bool,
    last: HashMap<Id, LastStack>,
    /// The lines read of the current stack, innermost first.
    pending: Vec<(usize, Line)>,
    /// True when the event's own line contained the frame. It is the only one unless a
    /// stack follows.
    alone: bool,
    current: Option<CurrentSample>,
    choice: Choice,
    /// The number of records that perf reports as lost.
    lost: u64,
    /// True while the lines of a stack are skipped.
    stray: bool,
    line: u64,
    ledger: Ledger,
    empty_line: Finder<'static>,
}

impl Reader {
    fn new(options: &Options) -> Self {
        Self {
            builder: Builder::new(options),
            raw: options.raw_names,
            last: HashMap::new(),
            pending: Vec::new(),
            alone: false,
            current: None,
            choice: Choice::new(options.sample_type.clone()),
            lost: 0,
            stray: false,
            line: 0,
            ledger: Ledger::new("line"),
            empty_line: Finder::new(b"\n\n"),
        }
    }

    /// Handles whole lines.
    fn take(&mut self, bytes: &[u8]) {
        self.last.clear();
        // The empty line is searched only once, because samples without stacks have no empty line
        // for a long part of the text.
        let (mut at, mut empty) = (0, None);
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            if self.current.is_some_and(|current| !current.skipped) && self.pending.is_empty() {
                let look = || self.empty_line.find(rest).map_or(bytes.len(), |by| at + by);
                let end = empty.filter(|&end| end >= at).unwrap_or_else(look);
                empty = Some(end);
                if end < bytes.len() && self.take_stack(bytes, at..end + 1) {
                    at = end + 2;
                    continue;
                }
            }
            let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            self.take_line(rest.get(..length).unwrap_or_default());
            at += length + 1;
        }
    }

    /// Handles the lines of a whole stack, which are in `block`. Returns false, without any
    /// effect, when there are other lines among them.
    fn take_stack(&mut self, bytes: &[u8], block: Range<usize>) -> bool {
        let Some(current) = self.current else { return false };
        let text = bytes.get(block.clone()).unwrap_or_default();
        let mut last = self.last.remove(&current.id).unwrap_or_default();
        if last.root != self.builder.root {
            last.levels.clear();
        }
        // The levels whose lines are equal in both, and start at the same place.
        let common = common_suffix(bytes.get(last.block).unwrap_or_default(), text);
        let shared = last.levels.partition_point(|&(distance, _)| {
            distance < common || distance == common && starts_line(text, text.len() - distance)
        });
        last.levels.truncate(shared);
        let bottom = (0, self.builder.bottom());
        let (distance, mut grown) = last.levels.last().copied().unwrap_or(bottom);
        let mut start = 0;
        let fresh = text.len() - distance;
        while start < fresh {
            let rest = text.get(start..fresh).unwrap_or_default();
            let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            let line = rest.get(..length).unwrap_or_default();
            let note = line.starts_with(b"#");
            match if note { Line::Nothing } else { self.builder.classify(line) } {
                Line::Blank | Line::Other => {
                    self.pending.clear();
                    return false;
                }
                line => self.pending.push((text.len() - start, line)),
            }
            start += length + 1;
        }
        while let Some((distance, line)) = self.pending.pop() {
            grown = self.builder.grow(grown, line);
            last.levels.push((distance, grown));
        }
        self.line += last.levels.len() as u64 + 1;
        self.last.insert(current.id, LastStack { block, root: self.builder.root, ..last });
        self.sample(grown.stack);
        self.builder.set_period(None);
        true
    }

    /// Handles a line, without its line break.
    fn take_line(&mut self, line: &[u8]) {
        let number = self.line;
        self.line += 1;
        let text = || lossy(line);
        if line.starts_with(b"#") && (self.raw || Event::timed(&text()).is_none()) {
            return;
        }
        let Some(current) = self.current else { return self.take_line_outside(&text(), number) };
        // An event may follow without an empty line: when stacks were not recorded, after
        // perf's notes, and in damaged text. Frames are indented, events are not.
        let indented = line.starts_with(b" ") || line.starts_with(b"\t");
        let may_begin = !self.raw && (self.pending.is_empty() || self.alone || !indented);
        if may_begin && !stack_line::is_branch_code(&text()) && self.is_event(&text()) {
            self.end_event();
            self.begin(text().trim_end());
            return;
        }
        match self.builder.classify(line) {
            Line::Blank => self.end_event(),
            _ if current.skipped => {}
            Line::Other if self.raw => {}
            // The empty line before it is missing.
            Line::Other if Event::timed(&text()).is_some() && self.is_event(&text()) => {
                self.end_event();
                self.begin(text().trim_end());
            }
            Line::Other => self.ledger.lose(NO_FRAME, number, 0),
            // This is the source position of the frame on the event's own line.
            Line::Nothing | Line::Inlined | Line::Position(_) if self.alone => {}
            line => {
                if std::mem::take(&mut self.alone) {
                    self.pending.clear();
                }
                self.pending.push((0, line));
            }
        }
    }

    /// Handles a line while no sample is being read.
    fn take_line_outside(&mut self, text: &str, number: u64) {
        if text.trim_ascii_start().is_empty() {
            self.stray = false;
            self.builder.set_period(None);
        } else if !self.raw && stack_line::is_branch_code(text) {
            // It belongs to the sample before.
        } else if self.begin(text.trim_end()) {
            self.stray = false;
        } else if !self.raw && stack_line::is_no_frame(text) {
            // It belongs to the sample before, too.
        } else if !self.raw && text.starts_with(RECORD) {
            // perf writes some notes without a thread.
            self.builder.signs.is_unordered |= text.starts_with(ROUND);
        } else if !self.raw && is_indented_frame(text) {
            // The lines belong to one sample, so one sample is lost, even when its stack is
            // long.
            if !std::mem::replace(&mut self.stray, true) {
                self.ledger.lose(STRAY, number, 1);
            }
        } else {
            self.ledger.lose(NO_EVENT, number, 0);
        }
    }

    /// Returns true for the line of an event.
    fn is_event(&self, line: &str) -> bool {
        Event::parse(line.trim_end()).is_some_and(|event| !self.choice.is_torn(&event))
    }

    /// Begins the sample of an event's line; returns false for other lines.
    fn begin(&mut self, line: &str) -> bool {
        let event = match self.raw {
            true => raw::event(line),
            false => Event::parse_with(line, !self.builder.lacks_periods()),
        };
        let Some(event) = event else { return false };
        if !self.raw && self.choice.is_torn(&event) {
            return false;
        }
        let note = !self.raw && event.is_record();
        self.lost = self.lost.saturating_add(event.lost().filter(|_| note).unwrap_or(0));
        if !self.raw && !note && self.choice.prefers(&event) {
            let samples = self.builder.forget_samples();
            self.choice.choose(&event, samples);
        }
        let skipped = note || !self.choice.wants(&event);
        self.current = Some(self.builder.begin(&event, skipped));
        if event.rest.is_empty() || skipped {
            return true;
        }
        if self.raw {
            self.take_rest(event.rest);
        } else if let Some(at) = stack_line::parse_behind_fields(event.rest) {
            let frame = self.builder.recorder.frame(at.symbol, at.module, at.inlined);
            self.pending.push((0, Line::Frame(frame)));
            self.alone = true;
        }
        true
    }

    /// Handles what follows the event on its own line, in raw mode: it ends the sample.
    fn take_rest(&mut self, rest: &str) {
        let period = self.builder.period();
        let line = self.builder.classify(rest.as_bytes());
        self.pending.push((0, line));
        self.end_event();
        if line == Line::Nothing {
            self.builder.set_period(period);
        }
    }

    /// Ends the current sample.
    fn end_event(&mut self) {
        let lines = std::mem::take(&mut self.pending);
        if self.current.is_some_and(|current| !current.skipped) {
            let bottom = self.builder.bottom();
            let grow = |grown, &(_, line): &(usize, Line)| self.builder.grow(grown, line);
            let grown = lines.iter().rev().fold(bottom, grow);
            self.sample(grown.stack);
        }
        (self.current, self.alone) = (None, false);
        self.builder.set_period(None);
    }

    /// Adds the current sample.
    fn sample(&mut self, stack: StackId) {
        let Some(current) = self.current.take() else { return };
        self.builder.signs.sample(current.time_us, self.line);
        if let Err((reason, weight)) = self.builder.sample(current, stack) {
            self.ledger.lose(reason, self.line.saturating_sub(1), weight);
        }
    }

    fn finish(self, name: &str) -> Profile {
        let mut profile = Profile { losses: self.ledger.close(name), ..Profile::default() };
        let lost = (self.lost > 0).then_some(PerfFact::LostRecords(self.lost));
        let names = self.builder.about_names();
        let signs = self.builder.signs.facts();
        let facts = self.choice.left_out().into_iter().chain(lost).chain(names).chain(signs);
        profile.warnings.extend(facts.map(|fact| Warning::new(name, fact)));
        self.builder.finish(name, &self.choice.name(), &mut profile);
        profile
    }
}

fn starts_line(text: &[u8], at: usize) -> bool {
    at.checked_sub(1).is_none_or(|before| text.get(before) == Some(&b'\n'))
}
