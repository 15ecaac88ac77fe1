//! The text that `perf script` writes: an event's line, below it the lines of its stack,
//! innermost first, and an empty line.
//!
//! Consecutive samples of a thread share most of their stack. So a stack is compared with
//! the thread's last one, from the end, and only the lines that differ are looked up. A
//! line is parsed when it is met for the first time. Memory is bounded by the distinct data
//! (64 MiB of lines, the frames, the stacks, the threads) and 16 bytes a sample.
//!
//! This file finds events and stacks in the text; `meaning` is about the lines of a stack,
//! and `builder` makes samples of them. With several threads, `scan` does a part of the work for each chunk.

mod builder;
mod cut;
mod meaning;
mod scan;
mod signs;

use super::choice::Choice;
use super::event::{Event, RECORD};
use super::looks::is_indented_frame;
use super::recorder::Id;
use super::suffix::common_suffix;
use super::{raw, stack_line};
use crate::chunks::{Chunks, Ending};
use crate::error::Error;
use crate::options::Options;
use crate::together::{read_together, thread_count};
use crate::utf8::lossy;
use builder::{Builder, CurrentSample, PartialStack};
use hashbrown::HashMap;
use meaning::Line;
use memchr::memmem::Finder;
use scan::{Batch, ScannedStack, Scanner};
use spikeflame_profile::Ledger;
use spikeflame_profile::warning::{Fact, PerfFact, Warning};
use spikeflame_profile::{Profile, StackId};
use std::io::{self, Read};
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
    input: impl Read + Send,
    path: &Path,
    name: String,
    options: &Options,
) -> Result<Profile, Error> {
    let mut reader = Reader::new(options);
    let ending = read_chunks(Chunks::with_size(CHUNK, input), &mut reader, thread_count(options));
    let ending = ending.map_err(|source| Error::Io { path: path.to_owned(), source })?;
    reader.end_event();
    let why = match (ending.damaged, ending.cut) {
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

fn read_chunks(
    mut chunks: Chunks<impl Read + Send>,
    reader: &mut Reader,
    threads: usize,
) -> io::Result<Ending> {
    let mut batch = Batch::default();
    // A text of few chunks is read before other threads have begun.
    let mut alone = if threads == 1 { usize::MAX } else { 2 };
    while chunks.next(&mut batch.chunk)? {
        reader.take(&batch);
        alone -= 1;
        if alone == 0 {
            drop(batch);
            let scanner = |number| {
                let mut scanner = Scanner::new(number);
                move |batch: &mut Batch| scanner.scan(batch)
            };
            return read_together(chunks, threads, scanner, |batch| reader.take(batch));
        }
    }
    Ok(chunks.ending())
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
    /// The meanings of the lines that a scanner numbers, by scanner.
    numbered: Vec<Vec<Option<Line>>>,
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
            numbered: Vec::new(),
        }
    }

    /// Handles the lines of a chunk. A chunk that was not scanned has no stacks.
    fn take(&mut self, batch: &Batch) {
        let long = batch.chunk.dropped.0 + batch.chunk.dropped.1;
        self.ledger.lose_many(LONG, self.line, long, 0);
        self.line += long;
        self.last.clear();
        if self.numbered.len() <= batch.scanner {
            self.numbered.resize_with(batch.scanner + 1, Vec::new);
        }
        if let Some(numbered) = self.numbered.get_mut(batch.scanner).filter(|_| batch.is_fresh) {
            numbered.clear();
        }
        let (bytes, mut scanned) = (batch.chunk.bytes(), batch.stacks.as_slice());
        // The empty line is searched only once, because samples without stacks have no empty line
        // for a long part of the text.
        let (mut at, mut empty) = (0, None);
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            if self.current.is_some_and(|current| !current.skipped) && self.pending.is_empty() {
                while let [first, rest @ ..] = scanned
                    && first.start < at
                {
                    scanned = rest;
                }
                let stack = scanned.first().filter(|stack| stack.start == at);
                let look = || match stack {
                    Some(stack) => stack.end - 1,
                    None => self.empty_line.find(rest).map_or(bytes.len(), |by| at + by),
                };
                let end = empty.filter(|&end| end >= at).unwrap_or_else(look);
                empty = Some(end);
                if end < bytes.len() && self.take_stack(batch, at..end + 1, stack) {
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
    fn take_stack(
        &mut self,
        batch: &Batch,
        block: Range<usize>,
        scanned: Option<&ScannedStack>,
    ) -> bool {
        let Some(current) = self.current else { return false };
        let bytes = batch.chunk.bytes();
        let text = bytes.get(block.clone()).unwrap_or_default();
        let mut last = self.last.remove(&current.id).unwrap_or_default();
        if last.root != self.builder.root {
            last.levels.clear();
        }
        // The levels whose lines are equal in both, and start at the same place.
        let begins = Some(last.block.start).filter(|_| !last.block.is_empty());
        let common = match scanned {
            Some(scanned) if scanned.last == begins => scanned.common,
            _ => common_suffix(bytes.get(last.block).unwrap_or_default(), text),
        };
        let shared = last.levels.partition_point(|&(distance, _)| {
            distance < common || distance == common && starts_line(text, text.len() - distance)
        });
        last.levels.truncate(shared);
        let bottom = (0, self.builder.bottom());
        let (distance, mut grown) = last.levels.last().copied().unwrap_or(bottom);
        if !self.take_fresh(batch, text, text.len() - distance, scanned) {
            self.pending.clear();
            return false;
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

    /// Looks up the first lines of a stack, up to the place `end`. Returns false when there are other lines
    /// among them.
    fn take_fresh(
        &mut self,
        batch: &Batch,
        text: &[u8],
        end: usize,
        scanned: Option<&ScannedStack>,
    ) -> bool {
        // The scanner knows the lines if it has found the same place.
        let lines = scanned.and_then(|scanned| batch.lines.get(scanned.lines.0..scanned.lines.1));
        let mut lines = lines.unwrap_or_default();
        let mut start = 0;
        while start < end {
            let distance = text.len() - start;
            let (number, length) = match lines {
                [line, rest @ ..] if line.distance == distance => {
                    lines = rest;
                    (line.number, line.length)
                }
                _ => (
                    None,
                    memchr::memchr(b'\n', text.get(start..end).unwrap_or_default())
                        .unwrap_or(end - start),
                ),
            };
            let line = text.get(start..start + length).unwrap_or_default();
            match self.meaning(line, number, batch.scanner) {
                Line::Blank | Line::Other => return false,
                line => self.pending.push((distance, line)),
            }
            start += length + 1;
        }
        true
    }

    /// Returns the meaning of a line of a stack, which may have a scanner's number.
    fn meaning(&mut self, line: &[u8], number: Option<u32>, scanner: usize) -> Line {
        // The scanner numbers no lines that begin with this character.
        if number.is_none() && line.starts_with(b"#") {
            return Line::Nothing;
        }
        let number = number.filter(|_| !self.builder.meanings.is_java);
        let Some((number, numbered)) = number.zip(self.numbered.get_mut(scanner)) else {
            return self.builder.classify(line);
        };
        let number = number as usize;
        if let Some(&Some(known)) = numbered.get(number) {
            return known;
        }
        let found = self.builder.classify(line);
        if self.builder.is_anywhere(found) {
            if numbered.len() <= number {
                numbered.resize(number + 1, None);
            }
            if let Some(slot) = numbered.get_mut(number) {
                *slot = Some(found);
            }
        }
        found
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
