//! The text that `perf script` writes: an event's line, below it the lines of its stack,
//! innermost first, and an empty line.
//!
//! Consecutive samples of a thread share most of their stack. So a stack is compared with
//! the thread's last one, from the end, and only the lines that differ are looked up. A
//! line is parsed when it is met for the first time. Memory is bounded by the distinct data
//! (64 MiB of lines, the frames, the stacks, the threads) and 16 bytes a sample.

use super::choice::Choice;
use super::event::{Event, without_modifiers};
use super::lines::Lines;
use super::looks::is_indented_frame;
use super::recorder::{Id, Recorder};
use super::suffix::common_suffix;
use super::unit::{Unit, reason};
use super::{raw, stack_line};
use crate::chunks::{Chunk, Chunks};
use crate::error::Error;
use crate::extras::{HEAVIEST, TOO_HEAVY};
use crate::ledger::Ledger;
use crate::options::{Count, Options};
use hashbrown::HashMap;
use spikeflame_profile::warning::{Fact, PerfFact, Warning};
use spikeflame_profile::{
    Frame, FrameId, Function, Kind, Profile, Source, StackId, StrId, Tier, Zero,
};
use std::io::Read;
use std::ops::Range;
use std::path::Path;

const NO_EVENT: &str = "not the line of an event";
const NO_FRAME: &str = "not a line of a stack";
const STRAY: &str = "a stack without the line of its event";
const NO_STACK: &str = "a sample without a stack";
/// Bytes read at a time. A thread's last stack is only known within them.
const CHUNK: usize = 4 << 20;

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
        reader.take(&chunk.bytes);
    }
    reader.end_event();
    let why = match (chunks.ending().damaged, chunks.ending().cut) {
        (true, _) => Some(Fact::PackedData),
        (_, true) if reader.raw.is_none() => Some(Fact::CutLine),
        _ => None,
    };
    if let Some(error) = reader.choice.nothing(path).filter(|_| reader.zero_us.is_none()) {
        return Err(error);
    }
    let mut profile = reader.finish(&name);
    profile.warnings.extend(why.map(|fact| Warning::new(name, fact)));
    Ok(profile)
}

/// The meaning of a line below an event's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    /// One frame.
    Frame(FrameId),
    /// Several frames, outermost first: a range of [`Reader::runs`].
    Frames(u32, u32),
    /// A line without a frame, such as a position in the source.
    Nothing,
    /// The position in the source of the frame before it: an index of [`Reader::positions`].
    Position(u32),
    /// A position in the source, of a frame that ran inside the next one.
    Inlined,
    /// The end of the stack.
    Blank,
    /// An unknown line.
    Other,
}

/// The sample whose stack is being read.
#[derive(Clone, Copy)]
struct CurrentSample {
    id: Id,
    time_us: Option<u64>,
    /// The weight; `None` when it has no period, and others have one.
    weight: Option<u64>,
    /// True when the sample is of another event than the chosen one.
    skipped: bool,
}

/// The part of a stack that was read, from its outermost line.
#[derive(Clone, Copy)]
struct PartialStack {
    stack: StackId,
    /// True when the next frame ran inside this one.
    inside: bool,
    /// The position of the next frame, when the lines that ran are wanted.
    position: Option<u32>,
}

/// A thread's last stack in the current chunk.
#[derive(Default)]
struct Last {
    block: Range<usize>,
    root: StackId,
    /// For each line, the last one first: its distance from the block's end, and the part
    /// that was read up to it.
    levels: Vec<(usize, PartialStack)>,
}

/// The additional state for names as in `stackcollapse-perf`.
#[derive(Default)]
struct Raw {
    /// Lines of Java processes, whose names are cleaned differently.
    java: Lines<Line>,
    is_java: bool,
    /// The period of the sample, until it is used.
    period: Option<u64>,
}

/// The weighing of samples, except in raw mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weighing {
    /// The first sample will decide.
    Unknown,
    /// The weights are the periods.
    Periods,
    /// Each sample weighs 1, because the first has no period, or because the user asked for
    /// it.
    Samples,
}

struct Reader {
    recorder: Recorder,
    raw: Option<Raw>,
    /// The weight of all samples.
    total: u64,
    weighing: Weighing,
    lines: Lines<Line>,
    runs: Vec<FrameId>,
    /// File and line of positions in the source.
    positions: Vec<(StrId, u32)>,
    /// True when the lines that ran are wanted.
    wants_lines: bool,
    last: HashMap<Id, Last>,
    /// The lines read of the current stack, innermost first.
    pending: Vec<(usize, Line)>,
    /// True when the event's own line contained the frame. It is the only one unless a
    /// stack follows.
    alone: bool,
    current: Option<CurrentSample>,
    comm: String,
    /// The start of the current stack; in raw mode this is the thread's name.
    root: StackId,
    choice: Choice,
    /// The number of records that perf reports as lost.
    lost: u64,
    /// True while the lines of a stack are skipped.
    stray: bool,
    interval_us: Option<u64>,
    timed: bool,
    zero_us: Option<u64>,
    end_us: u64,
    line: u64,
    ledger: Ledger,
}

impl Reader {
    fn new(options: &Options) -> Self {
        Self {
            recorder: Recorder::new(),
            raw: options.raw_names.then(Raw::default),
            total: 0,
            weighing: match options.count {
                Count::Weights => Weighing::Unknown,
                Count::Samples => Weighing::Samples,
            },
            lines: Lines::default(),
            runs: Vec::new(),
            positions: Vec::new(),
            wants_lines: options.lines && !options.raw_names,
            last: HashMap::new(),
            pending: Vec::new(),
            alone: false,
            current: None,
            comm: String::new(),
            root: StackId::ROOT,
            choice: Choice::new(options.sample_type.clone()),
            lost: 0,
            stray: false,
            interval_us: None,
            timed: true,
            zero_us: None,
            end_us: 0,
            line: 0,
            ledger: Ledger::of("line"),
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
                let look = || memchr::memmem::find(rest, b"\n\n").map_or(bytes.len(), |by| at + by);
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
        if last.root != self.root {
            last.levels.clear();
        }
        // The levels whose lines are equal in both, and start at the same place.
        let common = common_suffix(bytes.get(last.block).unwrap_or_default(), text);
        let shared = last.levels.partition_point(|&(distance, _)| {
            distance < common || distance == common && starts_line(text, text.len() - distance)
        });
        last.levels.truncate(shared);
        let root = PartialStack { stack: self.root, inside: false, position: None };
        let (distance, mut grown) = last.levels.last().copied().unwrap_or((0, root));
        let mut start = 0;
        let fresh = text.len() - distance;
        while start < fresh {
            let rest = text.get(start..fresh).unwrap_or_default();
            let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            let line = rest.get(..length).unwrap_or_default();
            match if line.starts_with(b"#") { Line::Nothing } else { self.classify(line) } {
                Line::Blank | Line::Other => {
                    self.pending.clear();
                    return false;
                }
                line => self.pending.push((text.len() - start, line)),
            }
            start += length + 1;
        }
        while let Some((distance, line)) = self.pending.pop() {
            grown = self.grow(grown, line);
            last.levels.push((distance, grown));
        }
        self.line += last.levels.len() as u64 + 1;
        self.last.insert(current.id, Last { block, root: self.root, ..last });
        self.sample(grown.stack);
        self.forget_period();
        true
    }

    /// Handles a line, without its line break.
    fn take_line(&mut self, line: &[u8]) {
        let number = self.line;
        self.line += 1;
        let text = || String::from_utf8_lossy(line);
        if line.starts_with(b"#") && (self.raw.is_some() || Event::timed(&text()).is_none()) {
            return;
        }
        if self.current.is_none() {
            let text = text();
            if line.trim_ascii_start().is_empty() {
                self.stray = false;
                self.forget_period();
            } else if self.begin(text.trim_end()) {
                self.stray = false;
            } else if self.raw.is_none() && is_indented_frame(&text) {
                // The lines belong to one sample, so one sample is lost, even when its stack is
                // long.
                if !std::mem::replace(&mut self.stray, true) {
                    self.ledger.lose(STRAY, number, 1);
                }
            } else {
                self.ledger.lose(NO_EVENT, number, 0);
            }
            return;
        }
        // An event may follow without an empty line: when stacks were not recorded, after
        // perf's notes, and in damaged text. Frames are indented, events are not.
        if self.raw.is_none()
            && (self.pending.is_empty()
                || self.alone
                || !line.starts_with(b" ") && !line.starts_with(b"\t"))
            && self.is_event(&text())
        {
            self.end_event();
            self.begin(text().trim_end());
            return;
        }
        let skipped = self.current.is_some_and(|current| current.skipped);
        match self.classify(line) {
            Line::Blank => self.end_event(),
            _ if skipped => {}
            Line::Other if self.raw.is_some() => {}
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

    /// Returns true for the line of an event.
    fn is_event(&self, line: &str) -> bool {
        Event::parse(line.trim_end()).is_some_and(|event| !self.choice.is_torn(&event))
    }

    /// Begins the sample of an event's line; returns false for other lines.
    fn begin(&mut self, line: &str) -> bool {
        let event = if self.raw.is_some() { raw::event(line) } else { Event::parse(line) };
        let Some(event) = event else { return false };
        if self.raw.is_none() && self.choice.is_torn(&event) {
            return false;
        }
        let note = self.raw.is_none() && event.is_record();
        self.lost = self.lost.saturating_add(event.lost().filter(|_| note).unwrap_or(0));
        let skipped = note || !self.choice.wants(&event);
        let period = self.raw.as_mut().and_then(|raw| {
            raw.period = event.name.map_or(raw.period, |_| event.period);
            raw.period
        });
        let weight = match &self.raw {
            Some(_) if self.weighing == Weighing::Samples => Some(1),
            Some(_) => period.or(Some(1)),
            None => self.weigh(&event, skipped),
        };
        self.current = Some(CurrentSample {
            id: Id { pid: event.pid, tid: event.tid },
            time_us: event.time_us,
            weight,
            skipped,
        });
        if !skipped {
            let clock = without_modifiers(event.name.unwrap_or_default()).ends_with("-clock");
            if self.interval_us.is_none() && clock {
                self.interval_us = event.period.map(|nanos| nanos / 1000);
            }
            self.name_thread(event.comm);
        }
        if event.rest.is_empty() {
            return true;
        }
        if self.raw.is_some() {
            if skipped {
                return true;
            }
            let line = self.classify(event.rest.as_bytes());
            self.pending.push((0, line));
            self.end_event();
            if line == Line::Nothing
                && let Some(raw) = &mut self.raw
            {
                raw.period = period;
            }
        } else if !skipped && let Some(at) = stack_line::parse_behind_fields(event.rest) {
            let frame = self.recorder.frame(at.symbol, at.module, at.inlined);
            self.pending.push((0, Line::Frame(frame)));
            self.alone = true;
        }
        true
    }

    /// Returns the weight of an event's sample. The first sample decides whether weights
    /// are periods.
    fn weigh(&mut self, event: &Event<'_>, skipped: bool) -> Option<u64> {
        if self.weighing == Weighing::Unknown && !skipped {
            self.weighing = match event.period {
                Some(_) => Weighing::Periods,
                None => Weighing::Samples,
            };
        }
        if self.weighing == Weighing::Periods { event.period } else { Some(1) }
    }

    fn name_thread(&mut self, comm: &str) {
        let named = comm == self.comm && self.root != StackId::ROOT;
        let Some(raw) = self.raw.as_mut().filter(|_| !named) else {
            if self.comm != comm {
                comm.clone_into(&mut self.comm);
            }
            return;
        };
        comm.clone_into(&mut self.comm);
        let shown = comm.replace(' ', "_");
        raw.is_java = shown.starts_with("java");
        self.root = shown.split(';').fold(StackId::ROOT, |stack, name| {
            let frame = plain(&mut self.recorder, name);
            self.recorder.stacks.child(stack, frame)
        });
    }

    /// Ends the current sample.
    fn end_event(&mut self) {
        let lines = std::mem::take(&mut self.pending);
        if self.current.is_some_and(|current| !current.skipped) {
            let root = PartialStack { stack: self.root, inside: false, position: None };
            let grown = lines.iter().rev().fold(root, |grown, &(_, line)| self.grow(grown, line));
            self.sample(grown.stack);
        }
        (self.current, self.alone) = (None, false);
        self.forget_period();
    }

    fn forget_period(&mut self) {
        if let Some(raw) = &mut self.raw {
            raw.period = None;
        }
    }

    /// Adds the current sample.
    fn sample(&mut self, stack: StackId) {
        let Some(CurrentSample { id, time_us, weight, .. }) = self.current.take() else { return };
        let lost = match weight {
            None => Some(reason::NO_PERIOD),
            Some(0) if self.raw.is_none() => Some(reason::ZERO),
            Some(_) => None,
        };
        if let Some(reason) = lost {
            return self.ledger.lose(reason, self.line.saturating_sub(1), 1);
        }
        let weight = weight.unwrap_or_default();
        let total = self.total.saturating_add(weight);
        if total > HEAVIEST {
            return self.ledger.lose(TOO_HEAVY, self.line.saturating_sub(1), 1);
        }
        self.total = total;
        if stack == self.root && self.raw.is_some() {
            return self.ledger.lose(NO_STACK, self.line.saturating_sub(1), weight);
        }
        let stack = if stack == StackId::ROOT { self.recorder.unresolved_stack() } else { stack };
        self.timed &= time_us.is_some();
        let zero = *self.zero_us.get_or_insert(time_us.unwrap_or(0));
        let time_us = time_us.unwrap_or(0).saturating_sub(zero);
        self.end_us = self.end_us.max(time_us);
        if self.raw.is_some() {
            self.recorder.push(id, &self.comm, time_us, stack, weight);
        } else {
            self.recorder.sample(id, &self.comm, time_us, stack, weight);
        }
    }

    /// Returns the frame at a position in its source, if it is machine code.
    fn at_position(&mut self, frame: FrameId, position: Option<u32>) -> FrameId {
        let frames = &mut self.recorder.frames;
        let position = position.and_then(|at| self.positions.get(at as usize));
        let Some(&(file, line)) = position.filter(|_| frames.kind(frame) == Kind::Native) else {
            return frame;
        };
        let frame = frames.get(frame);
        let function = Function { file, ..*frames.get_function(frame.function) };
        let function = frames.function(function);
        let frame = frames.frame(Frame { function, ..frame });
        frames.at_line(frame, line)
    }

    fn grow(&mut self, above: PartialStack, line: Line) -> PartialStack {
        let PartialStack { stack, inside, position } = above;
        let line = match line {
            Line::Frame(frame) if position.is_some() => {
                Line::Frame(self.at_position(frame, position))
            }
            line => line,
        };
        let stacks = &mut self.recorder.stacks;
        let stack = match line {
            Line::Frame(frame) if self.raw.is_some() => stacks.child(stack, frame),
            Line::Frame(frame) if inside => {
                let frames = &mut self.recorder.frames;
                let line = frames.line(frame);
                let frame = frames.frame(Frame { inlined: true, ..frames.get(frame) });
                let frame = frames.at_line(frame, line);
                self.recorder.child(stack, frame)
            }
            Line::Frame(frame) => self.recorder.child(stack, frame),
            Line::Frames(from, to) => {
                let run = self.runs.get(from as usize..to as usize).unwrap_or_default();
                run.iter().fold(stack, |stack, &frame| stacks.child(stack, frame))
            }
            Line::Inlined => return PartialStack { inside: true, ..above },
            Line::Position(at) => return PartialStack { position: Some(at), ..above },
            Line::Nothing => return above,
            Line::Blank | Line::Other => stack,
        };
        PartialStack { stack, inside: false, position: None }
    }

    fn classify(&mut self, line: &[u8]) -> Line {
        let lines = match &self.raw {
            Some(raw) if raw.is_java => &raw.java,
            _ => &self.lines,
        };
        if let Some(known) = lines.get(line) {
            return known;
        }
        let text = String::from_utf8_lossy(line);
        let found = self.parse(text.trim_end());
        if found != Line::Other {
            let lines = match &mut self.raw {
                Some(raw) if raw.is_java => &mut raw.java,
                _ => &mut self.lines,
            };
            lines.insert(line, found);
        }
        found
    }

    fn parse(&mut self, line: &str) -> Line {
        if line.is_empty() {
            return Line::Blank;
        }
        let Some(raw) = &self.raw else {
            return match stack_line::parse(line) {
                Some(at) => Line::Frame(self.recorder.frame(at.symbol, at.module, at.inlined)),
                None if stack_line::is_inlined_source(line) => Line::Inlined,
                None if stack_line::is_source(line) => self.position(line),
                None if stack_line::is_branches(line) => Line::Nothing,
                None => Line::Other,
            };
        };
        let names = raw::names(line, raw.is_java);
        let from = self.runs.len() as u32;
        for name in &names {
            let frame = plain(&mut self.recorder, name);
            self.runs.push(frame);
        }
        match (names.len(), self.runs.last()) {
            (1, Some(&frame)) => {
                self.runs.pop();
                Line::Frame(frame)
            }
            (0, _) => Line::Nothing,
            _ => Line::Frames(from, self.runs.len() as u32),
        }
    }

    /// Reads a position in the source: `file.c:12`.
    fn position(&mut self, line: &str) -> Line {
        let line = line.split_once(" (discriminator").map_or(line, |(place, _)| place);
        let place = line.trim().rsplit_once(':').filter(|_| self.wants_lines);
        let place = place.and_then(|(file, line)| Some((file, line.parse().ok()?)));
        let Some((file, line)) = place.filter(|(file, line)| *line > 0 && !file.contains('?'))
        else {
            return Line::Nothing;
        };
        self.positions.push((self.recorder.frames.intern(file), line));
        Line::Position(self.positions.len() as u32 - 1)
    }

    fn finish(self, name: &str) -> Profile {
        let mut profile = Profile { losses: self.ledger.close(name), ..Profile::default() };
        let lost = (self.lost > 0).then_some(PerfFact::LostRecords(self.lost));
        let nameless = match self.raw {
            None => self.recorder.nameless_interpreted(),
            Some(_) => None,
        };
        let facts = self.choice.left_out().into_iter().chain(lost).chain(nameless);
        profile.warnings.extend(facts.map(|fact| Warning::new(name, fact)));
        let unit = Unit::from_event(self.choice.name());
        profile.sources.push(Source {
            name: name.to_owned(),
            producer: format!("perf {}", self.choice.name()).trim_end().to_owned(),
            interval_us: self.interval_us.filter(|&us| us > 0),
            end_us: self.end_us,
            timed: self.timed,
            zero: self.zero_us.filter(|_| self.timed).map_or(Zero::Unknown, Zero::Monotonic),
            time: unit.time().to_owned(),
            event: self.choice.name().to_owned(),
            unit: match (&self.raw, self.weighing) {
                (_, Weighing::Samples) => "samples".to_owned(),
                (Some(_), _) => "periods".to_owned(),
                (None, _) => unit.name,
            },
            ..Source::default()
        });
        (profile.frames, profile.stacks, profile.threads) = self.recorder.into_threads();
        profile
    }
}

/// Returns a frame that has only a name.
fn plain(recorder: &mut Recorder, name: &str) -> FrameId {
    if name.is_empty() {
        return recorder.frames.labelled(name);
    }
    let function = recorder.frames.named(name, Kind::Native);
    recorder.frames.frame(Frame { function, tier: Tier::None, inlined: false })
}

fn starts_line(text: &[u8], at: usize) -> bool {
    at.checked_sub(1).is_none_or(|before| text.get(before) == Some(&b'\n'))
}
