//! One profile of a speedscope file, with its frames by number.

use super::unit::Measure;
use crate::floats::Floats;
use crate::json::{Number, Row, Text};
use crate::numbers::Numbers;
use hashbrown::HashMap;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use spikeflame_profile::Ledger;
use spikeflame_profile::{
    Frame, FrameId, FrameTable, Function, Kind, StackId, StackTree, StrId, Tier,
};
use std::fmt;

/// Stacks of frames by number, because the frames may come after the profiles in the file.
#[derive(Default)]
pub(super) struct Stacks {
    /// Placeholder frames, with the frame's number in place of a line.
    table: FrameTable,
    numbers: Numbers,
    /// The placeholder of each number, in the order of their first use.
    used: Vec<(u32, FrameId)>,
    tree: StackTree,
    /// The frames of the last row with their stacks, outermost first. The next row often begins
    /// with the same frames.
    path: Vec<(u64, StackId)>,
    /// The stacks of rows by their text: a program has few different ones.
    known: HashMap<Box<[u8]>, StackId>,
    /// The approximate size of `known`.
    known_bytes: usize,
}

/// The size of `known` from which it does not grow.
const MOST_KNOWN_BYTES: usize = 8 << 20;
/// The bytes of a row's entry without its text.
const KNOWN_BYTES: usize = 64;

impl Stacks {
    /// Returns the approximate size of the stacks, and of the result of [`Stacks::settle`].
    pub(super) fn bytes(&self) -> usize {
        let path = self.path.capacity() * size_of::<(u64, StackId)>();
        2 * self.tree.bytes() + self.table.bytes() + self.used.len() * 24 + path + self.known_bytes
    }

    /// Returns the stack of a row of frames by number, outermost first.
    pub(super) fn of_row(&mut self, row: Row<'_>) -> Result<StackId, &'static str> {
        let Some(text) = row.text() else { return Ok(self.stack(row.numbers()?)) };
        if let Some(&stack) = self.known.get(text) {
            return Ok(stack);
        }
        let stack = self.stack(row.numbers()?);
        if self.known_bytes < MOST_KNOWN_BYTES {
            self.known.insert(text.into(), stack);
            self.known_bytes += text.len() + KNOWN_BYTES;
        }
        Ok(stack)
    }

    fn stack(&mut self, row: &[u64]) -> StackId {
        let pairs = self.path.iter().zip(row);
        let same = pairs.take_while(|((number, _), other)| number == *other).count();
        self.path.truncate(same);
        let mut stack = self.path.last().map_or(StackId::ROOT, |(_, stack)| *stack);
        for &number in row.iter().skip(same) {
            stack = self.child(stack, number);
            self.path.push((number, stack));
        }
        stack
    }

    fn child(&mut self, stack: StackId, number: u64) -> StackId {
        // A number that is too large refers to no frame.
        let line = u32::try_from(number).unwrap_or(u32::MAX);
        let known = self.numbers.get(line.into()).and_then(|at| self.used.get(at as usize));
        let frame = match known {
            Some(&(_, frame)) => frame,
            None => self.placeholder(line),
        };
        self.tree.child(stack, frame)
    }

    /// Adds the placeholder of a frame's number.
    fn placeholder(&mut self, line: u32) -> FrameId {
        let (name, file, module) = (StrId::EMPTY, StrId::EMPTY, StrId::EMPTY);
        let kind = Kind::Unresolved;
        let function = Function { name, file, line, column: 0, kind, module };
        let function = self.table.function(function);
        let frame = self.table.frame(Frame { function, tier: Tier::None, inlined: false });
        self.numbers.insert(line.into(), self.used.len() as u32);
        self.used.push((line, frame));
        frame
    }

    /// Returns the stacks with their real frames, each stack's new id, the number of frames
    /// that are not in the list, and the first of their numbers.
    pub(super) fn settle(
        &self,
        frames: &[FrameId],
        unresolved: FrameId,
    ) -> (StackTree, Vec<StackId>, Option<(u64, u32)>) {
        let mut tree = StackTree::default();
        let mut ids = vec![StackId::ROOT; self.tree.len()];
        for (id, parent, number) in self.tree.nodes() {
            let number = self.table.get_function(self.table.get(number).function).line;
            let parent = ids.get(parent.index()).copied().unwrap_or_default();
            let frame = frames.get(number as usize).copied().unwrap_or(unresolved);
            let stack = tree.child(parent, frame);
            if let Some(slot) = ids.get_mut(id.index()) {
                *slot = stack;
            }
        }
        let unknown = self.used.iter().filter(|(number, _)| *number as usize >= frames.len());
        let first = unknown.clone().map(|(number, _)| *number).min();
        (tree, ids, first.map(|first| (unknown.count() as u64, first)))
    }
}

/// The type of an event: `O` for open, `C` for close. Any other value is `Unknown`.
#[derive(Default)]
enum Turn {
    Open,
    Close,
    #[default]
    Unknown,
}

impl<'de> Deserialize<'de> for Turn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyVisitor;
        impl<'de> Visitor<'de> for AnyVisitor {
            type Value = Turn;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`O` or `C`")
            }

            fn visit_str<E>(self, text: &str) -> Result<Turn, E> {
                Ok(match text {
                    "O" => Turn::Open,
                    "C" => Turn::Close,
                    _ => Turn::Unknown,
                })
            }

            nothing_else!(bool, number, unit, seq, map);
        }
        deserializer.deserialize_any(AnyVisitor)
    }
}

/// A frame is opened or closed.
#[derive(Deserialize)]
pub(super) struct Event {
    r#type: Turn,
    frame: u64,
    at: Number,
}

/// One profile.
pub(super) struct RecordedProfile {
    pub(super) name: Text,
    pub(super) unit: Measure,
    pub(super) start: Number,
    pub(super) end: Number,
    /// The stack of each sample.
    pub(super) stacks: Vec<StackId>,
    /// The weight of each sample; in an evented profile its end.
    pub(super) to: Floats,
    /// True within the array of weights.
    pub(super) weighing: bool,
    /// The start of each sample, in an evented profile.
    pub(super) from: Floats,
    /// The open frames with their stacks, outermost first.
    open: Vec<(u64, StackId)>,
    /// The number of times that each frame is open.
    count: HashMap<u64, u32>,
    events: u64,
    /// The moment of the last event.
    now: Option<f64>,
    pub(super) ledger: Ledger,
}

impl Default for RecordedProfile {
    fn default() -> Self {
        Self {
            name: Text::default(),
            unit: Measure::Count,
            start: Number::default(),
            end: Number::default(),
            stacks: Vec::new(),
            to: Floats::default(),
            weighing: false,
            from: Floats::default(),
            open: Vec::new(),
            count: HashMap::new(),
            events: 0,
            now: None,
            ledger: Ledger::new("event"),
        }
    }
}

impl RecordedProfile {
    /// Returns true when a part of it was read.
    pub(super) fn is_begun(&self) -> bool {
        !self.stacks.is_empty() || self.events > 0
    }

    /// Returns the start of the profile, in its unit.
    pub(super) fn begin(&self) -> f64 {
        if self.start.0.is_nan() { 0.0 } else { self.start.0 }
    }

    /// Returns true for a profile of events.
    pub(super) fn is_evented(&self) -> bool {
        self.events > 0
    }

    pub(super) fn event(&mut self, event: &Event, stacks: &mut Stacks) {
        let number = self.events;
        self.events += 1;
        let now = self.now.unwrap_or(event.at.0);
        if event.at.0.is_nan() || event.at.0 < now {
            self.ledger.lose("an event before the one in front of it: no time between", number, 0);
        }
        self.lapse(event.at.0);
        match event.r#type {
            Turn::Open => {
                let caller = self.open.last().map_or(StackId::ROOT, |(_, stack)| *stack);
                self.open.push((event.frame, stacks.child(caller, event.frame)));
                *self.count.entry(event.frame).or_default() += 1;
            }
            Turn::Close => self.shut(event.frame, number),
            Turn::Unknown => {
                self.ledger.lose("an event that neither opens nor closes a frame", number, 0)
            }
        }
    }

    /// Adds the time until `at` to the innermost open frame.
    fn lapse(&mut self, at: f64) {
        let before = self.now.unwrap_or(at);
        if let Some(&(_, stack)) = self.open.last()
            && at > before
        {
            self.stacks.push(stack);
            self.from.push(before);
            self.to.push(at);
        }
        // The time never goes back, and never becomes NaN.
        self.now = Some(if at > before || before.is_nan() { at } else { before });
    }

    /// Closes a frame, and the frames within it that are still open.
    fn shut(&mut self, frame: u64, number: u64) {
        if self.count.get(&frame).is_none_or(|count| *count == 0) {
            return self.ledger.lose("a close of a frame that is not open", number, 0);
        }
        let mut inner = 0;
        while let Some((open, _)) = self.open.pop() {
            if let Some(count) = self.count.get_mut(&open) {
                *count -= 1;
            }
            if open == frame {
                break;
            }
            inner += 1;
        }
        if inner > 0 {
            self.ledger.lose("a close of a frame before those within it", number, 0);
        }
    }

    /// Closes the frames that are open at the end.
    pub(super) fn close(&mut self) {
        if self.is_evented() {
            self.lapse(self.end.0);
        }
    }
}
