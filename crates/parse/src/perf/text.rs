//! The text that `perf script` writes: an event's line, below it the lines of
//! its stack, innermost first, and an empty line.
//!
//! A thread's neighbours in time share most of their stack. So a stack is
//! compared from its end with its thread's last one, and only the lines that differ are looked
//! up; a line is parsed when it is met for the first time. Memory is bounded by
//! what is distinct (64 MiB of lines, the frames, the stacks) and 16 bytes a
//! sample.

use super::event::Event;
use super::lines::Lines;
use super::recorder::{Id, Recorder};
use super::suffix::common_suffix;
use super::{raw, stack_line};
use crate::chunks::{Chunk, Chunks};
use crate::error::Error;
use crate::extras::{HEAVIEST, TOO_HEAVY};
use crate::ledger::Ledger;
use crate::read::Options;
use hashbrown::HashMap;
use spikeflame_profile::{Frame, FrameId, Kind, Profile, Source, StackId, Tier, Zero};
use std::io::Read;
use std::ops::Range;
use std::path::Path;

const NO_EVENT: &str = "not the line of an event";
const NO_FRAME: &str = "not a line of a stack";
const NO_STACK: &str = "a sample without a stack";
/// Bytes taken at a time: a thread's last stack is looked for within them.
const CHUNK: usize = 4 << 20;

const LONG: &str = "a line longer than 8 MiB";

/// True when lines, none of them empty, look like those of `perf script`.
pub(crate) fn looks_like<'a>(lines: impl Iterator<Item = &'a [u8]>) -> bool {
    let text = |line: &'a [u8]| std::str::from_utf8(line).ok().map(str::trim_end);
    let mut lines = lines.filter(|line| !line.starts_with(b"#")).filter_map(text);
    let Some(event) = lines.next().and_then(Event::parse) else { return false };
    let next = lines.next().unwrap_or_default();
    stack_line::parse(event.rest).is_some()
        || next.starts_with([' ', '\t']) && stack_line::parse(next).is_some()
}

/// Reads the text into a profile with a thread for each of perf's.
pub(crate) fn read(
    input: impl Read,
    path: &Path,
    name: String,
    options: &Options,
) -> Result<Profile, Error> {
    let mut reader = Reader::new(options);
    let (mut chunks, mut chunk) = (Chunks::of(CHUNK, input), Chunk::default());
    while chunks.next(&mut chunk).map_err(|source| Error::Io { path: path.to_owned(), source })? {
        let long = chunk.dropped.0 + chunk.dropped.1;
        reader.ledger.lose_many(LONG, reader.line, long, 0);
        reader.line += long;
        reader.take(&chunk.bytes);
    }
    reader.end_event();
    let why = match (chunks.ending().damaged, chunks.ending().cut) {
        (true, _) => Some("the packed data is damaged; used up to the damage"),
        (_, true) if reader.raw.is_none() => {
            Some("the file ends in the middle of a line; its last stack may lack callers")
        }
        _ => None,
    };
    if let Some(error) = reader.nothing_wanted(path) {
        return Err(error);
    }
    let mut profile = reader.finish(&name);
    profile.warnings.extend(why.map(|why| format!("{name}: {why}")));
    Ok(profile)
}

/// What a line below an event's is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    /// One frame.
    Frame(FrameId),
    /// Several, outermost first: a range of [`Reader::runs`].
    Frames(u32, u32),
    /// No frame, but in its place: a source's line.
    Nothing,
    /// The end of the stack.
    Blank,
    /// Not known.
    Other,
}

/// The sample whose stack is being read.
#[derive(Clone, Copy)]
struct Current {
    id: Id,
    time_us: Option<u64>,
    weight: u64,
    /// Of another event than the wanted one.
    skipped: bool,
}

/// A thread's last stack in the chunk at hand.
#[derive(Default)]
struct Last {
    block: Range<usize>,
    root: StackId,
    /// Of each line, the last one first: how far before the block's end it
    /// starts, and the stack down to it.
    levels: Vec<(usize, StackId)>,
}

/// What is new about naming frames as `stackcollapse-perf` does.
#[derive(Default)]
struct Raw {
    /// Lines of Java processes, whose names are tidied differently.
    java: Lines<Line>,
    is_java: bool,
    /// What the sample stands for; kept until one has used it.
    period: Option<u64>,
}

struct Reader {
    recorder: Recorder,
    raw: Option<Raw>,
    /// The weight of all samples.
    total: u64,
    lines: Lines<Line>,
    runs: Vec<FrameId>,
    last: HashMap<Id, Last>,
    /// Lines read of the current stack, innermost first.
    pending: Vec<(usize, Line)>,
    current: Option<Current>,
    comm: String,
    /// Where the current stack begins: at the thread's name in raw text.
    root: StackId,
    /// The event to read: the first one, unless told.
    wanted: Option<String>,
    /// Samples of other events.
    others: Vec<(String, u64)>,
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
            lines: Lines::default(),
            runs: Vec::new(),
            last: HashMap::new(),
            pending: Vec::new(),
            current: None,
            comm: String::new(),
            root: StackId::ROOT,
            wanted: options.sample_type.clone(),
            others: Vec::new(),
            interval_us: None,
            timed: true,
            zero_us: None,
            end_us: 0,
            line: 0,
            ledger: Ledger::of("line"),
        }
    }

    /// Takes whole lines.
    fn take(&mut self, bytes: &[u8]) {
        self.last.clear();
        let mut at = 0;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            if self.current.is_some_and(|current| !current.skipped)
                && self.pending.is_empty()
                && let Some(length) = memchr::memmem::find(rest, b"\n\n")
                && self.take_stack(bytes, at..at + length + 1)
            {
                at += length + 2;
                continue;
            }
            let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            self.take_line(rest.get(..length).unwrap_or_default());
            at += length + 1;
        }
    }

    /// Takes the lines of a whole stack, which lie in `block`; false, and
    /// nothing done, when they are more or other than that.
    fn take_stack(&mut self, bytes: &[u8], block: Range<usize>) -> bool {
        let Some(current) = self.current else { return false };
        let text = bytes.get(block.clone()).unwrap_or_default();
        let mut last = self.last.remove(&current.id).unwrap_or_default();
        if last.root != self.root {
            last.levels.clear();
        }
        // The levels whose lines are the same here, and start here too.
        let common = common_suffix(bytes.get(last.block).unwrap_or_default(), text);
        let shared = last.levels.partition_point(|&(distance, _)| {
            distance < common || distance == common && starts_line(text, text.len() - distance)
        });
        last.levels.truncate(shared);
        let (distance, mut stack) = last.levels.last().copied().unwrap_or((0, self.root));
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
            stack = self.grow(stack, line);
            last.levels.push((distance, stack));
        }
        self.line += last.levels.len() as u64 + 1;
        self.last.insert(current.id, Last { block, root: self.root, ..last });
        self.sample(stack);
        self.forget_period();
        true
    }

    /// Takes a line, without its break.
    fn take_line(&mut self, line: &[u8]) {
        let number = self.line;
        self.line += 1;
        if line.starts_with(b"#") {
            return;
        }
        let Some(current) = self.current else {
            let text = String::from_utf8_lossy(line);
            let text = text.trim_end();
            if text.is_empty() {
                self.forget_period();
            } else if !self.begin(text) {
                self.ledger.lose(NO_EVENT, number, 0);
            }
            return;
        };
        match self.classify(line) {
            Line::Blank => self.end_event(),
            _ if current.skipped => {}
            Line::Other if self.raw.is_some() => {}
            Line::Other => {
                // An event without the empty line before it, or torn text.
                let text = String::from_utf8_lossy(line);
                let is_event = Event::parse(&text).is_some();
                if is_event {
                    self.end_event();
                    self.begin(&text);
                } else {
                    self.ledger.lose(NO_FRAME, number, 0);
                }
            }
            line => self.pending.push((0, line)),
        }
    }

    /// Begins the sample that a line tells of; false when it tells of none.
    fn begin(&mut self, line: &str) -> bool {
        let event = if self.raw.is_some() { raw::event(line) } else { Event::parse(line) };
        let Some(event) = event else { return false };
        let name = event.name.unwrap_or_default();
        // Torn, where other events have names.
        if self.raw.is_none() && self.wanted.is_some() && event.name.is_none() {
            return false;
        }
        let wanted = match (&mut self.wanted, event.name) {
            (Some(wanted), Some(name)) => wanted == name,
            (wanted, name) => {
                *wanted = wanted.take().or(name.map(str::to_owned));
                true
            }
        };
        let skipped = !wanted;
        let period = self.raw.as_mut().and_then(|raw| {
            raw.period = event.name.map_or(raw.period, |_| event.period);
            raw.period
        });
        self.current = Some(Current {
            id: Id { pid: event.pid, tid: event.tid },
            time_us: event.time_us,
            weight: period.unwrap_or(1),
            skipped,
        });
        if skipped {
            match self.others.iter_mut().find(|(other, _)| other == name) {
                Some((_, count)) => *count += 1,
                None => self.others.push((name.to_owned(), 1)),
            }
        } else {
            if self.interval_us.is_none() && name.ends_with("-clock") {
                self.interval_us = event.period.map(|nanos| nanos / 1000);
            }
            self.name_thread(event.comm);
        }
        if !event.rest.is_empty() && (self.raw.is_none() || !skipped) {
            match self.classify(event.rest.as_bytes()) {
                // What a tracepoint says; the stack follows.
                Line::Other | Line::Blank | Line::Nothing if self.raw.is_none() => {}
                line => {
                    self.pending.push((0, line));
                    self.end_event();
                    if line == Line::Nothing
                        && let Some(raw) = &mut self.raw
                    {
                        raw.period = period;
                    }
                }
            }
        }
        true
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
        if let Some(current) = self.current.filter(|current| !current.skipped) {
            let stack =
                lines.iter().rev().fold(self.root, |stack, &(_, line)| self.grow(stack, line));
            self.current = Some(current);
            self.sample(stack);
        }
        self.current = None;
        self.forget_period();
    }

    fn forget_period(&mut self) {
        if let Some(raw) = &mut self.raw {
            raw.period = None;
        }
    }

    /// Records the current sample.
    fn sample(&mut self, stack: StackId) {
        let Some(Current { id, time_us, weight, .. }) = self.current.take() else { return };
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

    fn grow(&mut self, stack: StackId, line: Line) -> StackId {
        match line {
            Line::Frame(frame) if self.raw.is_some() => self.recorder.stacks.child(stack, frame),
            Line::Frame(frame) => self.recorder.child(stack, frame),
            Line::Frames(from, to) => {
                let run = self.runs.get(from as usize..to as usize).unwrap_or_default();
                run.iter().fold(stack, |stack, &frame| self.recorder.stacks.child(stack, frame))
            }
            Line::Nothing | Line::Blank | Line::Other => stack,
        }
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
                None if stack_line::is_source(line) => Line::Nothing,
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

    /// Why there is no sample, when the event that was asked for has none.
    fn nothing_wanted(&self, path: &Path) -> Option<Error> {
        let wanted = self.wanted.as_ref().filter(|_| self.zero_us.is_none())?;
        let there: Vec<&str> = self.others.iter().map(|(name, _)| name.as_str()).collect();
        let why = format!("none of {wanted}; there are some of {}", there.join(", "));
        (!there.is_empty()).then(|| Error::NoSamples { path: path.to_owned(), why })
    }

    fn finish(self, name: &str) -> Profile {
        let mut profile = Profile { losses: self.ledger.close(name), ..Profile::default() };
        let wanted = self.wanted.unwrap_or_default();
        if !self.others.is_empty() {
            let others: Vec<String> =
                self.others.iter().map(|(name, count)| format!("{name} ({count})")).collect();
            profile.warnings.push(format!(
                "{name}: samples of {wanted} only; left out: {}; --sample-type NAME reads those",
                others.join(", ")
            ));
        }
        profile.sources.push(Source {
            name: name.to_owned(),
            producer: format!("perf {wanted}").trim_end().to_owned(),
            interval_us: self.interval_us.filter(|&us| us > 0),
            end_us: self.end_us,
            timed: self.timed,
            zero: self.zero_us.filter(|_| self.timed).map_or(Zero::Unknown, Zero::Monotonic),
            unit: if self.raw.is_some() { "periods" } else { "samples" }.to_owned(),
            ..Source::default()
        });
        (profile.frames, profile.stacks, profile.threads) = self.recorder.into_threads();
        profile
    }
}

/// A frame that is nothing but its name.
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
