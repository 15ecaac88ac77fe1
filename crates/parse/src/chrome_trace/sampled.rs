//! Samples and stacks beside the events of a trace, as Hermes writes them: `stackFrames`,
//! each with its caller, and `samples` that refer to one.

use super::recorded::{Id, thread_name};
use crate::error::Error;
use crate::json::{Admission, Damage, Number, Object, Record, Room, Scalar, Text, Word, skip};
use crate::names;
use hashbrown::HashMap;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use spikeflame_profile::Ledger;
use spikeflame_profile::{
    Frame, FrameId, FrameTable, Kind, Profile, Sample, Samples, Source, StackId, StackTree, Thread,
    Tier, VmState, Zero, split_name_and_file,
};
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

/// The deepest stack that is read.
const DEEPEST: usize = 1 << 16;

/// Bytes that a frame or a thread takes in addition to its texts.
const ENTRY: usize = 320;

/// Bytes that a sample takes.
const SAMPLE: usize = 128;

/// A frame, with the id of its caller.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct RawFrame {
    name: Text,
    category: Word,
    parent: Key,
    /// The line and the column where the function begins. The place in `name` is the one that ran.
    func_line: Number,
    func_column: Number,
    /// The address of the function in a bundle of bytecode, when the bundle has no places.
    func_virt_addr: Number,
}

/// The id of a frame, a number or a text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Key(String);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut key = String::new();
        Scalar(&mut key).deserialize(deserializer)?;
        Ok(Self(key))
    }
}

/// The sample that is being read.
#[derive(Default)]
struct CurrentSample {
    frame: String,
    pid: String,
    tid: String,
    at_us: Number,
    weight: Number,
}

/// A sample: its frame, its time, and its weight.
struct TakenSample {
    frame: u32,
    at_us: f64,
    weight: u64,
}

/// The samples and frames that were read so far.
#[derive(Default)]
pub(super) struct SampleReader {
    names: FrameTable,
    /// The number of each frame, by its id.
    numbers: HashMap<String, u32>,
    /// The frame and its caller, by number.
    frames: Vec<Option<(FrameId, Option<u32>)>>,
    current: CurrentSample,
    threads: BTreeMap<Id, Vec<TakenSample>>,
    /// True when the lines that ran are wanted.
    pub(super) lines: bool,
    room: Room,
}

impl SampleReader {
    pub(super) fn new(room: &Room) -> Self {
        Self { room: room.clone(), ..Self::default() }
    }

    /// Returns true when no sample has a known frame.
    pub(super) fn is_empty(&self) -> bool {
        self.threads.is_empty() || self.frames.iter().all(Option::is_none)
    }

    /// Returns the number of a frame, which may be defined later.
    fn number(&mut self, key: &str) -> Result<u32, &'static str> {
        if let Some(&number) = self.numbers.get(key) {
            return Ok(number);
        }
        self.room.take(ENTRY + key.len())?;
        let number = self.frames.len() as u32;
        self.frames.push(None);
        self.numbers.insert(key.to_owned(), number);
        Ok(number)
    }

    fn frame(&mut self, key: &str, raw: &RawFrame) -> Admission {
        let number = self.number(key)?;
        let caller = match raw.parent.0.as_str() {
            "" => None,
            parent => Some(self.number(parent)?),
        };
        let before = self.names.bytes();
        let frame = named(raw, self.lines, &mut self.names);
        if let Some(slot) = self.frames.get_mut(number as usize) {
            *slot = Some((frame, caller));
        }
        self.room.take(self.names.bytes() - before)
    }

    /// Returns the stack of a frame; `None` for an unknown frame, and for an endless chain
    /// of callers.
    fn stack(&self, number: u32, tree: &mut StackTree) -> Option<StackId> {
        let mut frames = Vec::new();
        let mut at = Some(number);
        while let Some(number) = at {
            let (frame, caller) = self.frames.get(number as usize).copied().flatten()?;
            frames.push(frame);
            if frames.len() > DEEPEST {
                return None;
            }
            at = caller;
        }
        Some(frames.into_iter().rev().fold(StackId::ROOT, |stack, frame| tree.child(stack, frame)))
    }

    /// Makes the profile, after the whole file was read.
    pub(super) fn finish(
        mut self,
        path: &Path,
        name: String,
        damage: Option<Damage>,
        thread_names: &HashMap<Id, String>,
    ) -> Result<Profile, Error> {
        let mut ledger = Ledger::new("sample");
        let mut out = Profile::default();
        out.warnings.extend(damage.iter().map(|damage| damage.warning(&name)));
        let threads = std::mem::take(&mut self.threads);
        let times = threads.values().flatten().map(|taken| taken.at_us);
        let zero_us = times.filter(|at| *at >= 0.0).reduce(f64::min).unwrap_or(0.0);
        let mut stacks: HashMap<u32, Option<StackId>> = HashMap::new();
        let (mut used, mut end_us) = (HashMap::new(), 0);
        for (thread, taken) in threads {
            let mut samples = Samples::default();
            for (number, TakenSample { frame, at_us, weight }) in (0..).zip(taken) {
                let stack =
                    *stacks.entry(frame).or_insert_with(|| self.stack(frame, &mut out.stacks));
                let Some(stack) = stack else {
                    ledger.lose("a sample whose stack the file does not hold", number, weight);
                    continue;
                };
                let time_us = (at_us - zero_us).max(0.0) as u64;
                end_us = end_us.max(time_us);
                let state = VmState::UNKNOWN;
                samples.push_weighted(Sample { time_us, stack, state }, weight);
            }
            samples.sort();
            if !samples.is_empty() {
                let name = crate::distinct::distinct(thread_name(&thread, thread_names), &mut used);
                out.threads.push(Thread { name, samples, source: 0 });
            }
        }
        out.frames = self.names;
        out.losses = ledger.close(&name);
        if out.threads.is_empty() {
            let why = "none of its samples has a stack";
            return Err(match damage {
                Some(damage) => damage.error(path, why),
                None => Error::NoSamples { path: path.to_owned(), why: why.to_owned() },
            });
        }
        out.sources.push(Source {
            name,
            producer: "trace events (samples)".to_owned(),
            end_us,
            timed: true,
            zero: Zero::Monotonic(zero_us as u64),
            unit: "samples".to_owned(),
            ..Source::default()
        });
        Ok(out)
    }
}

/// The file of functions in a bundle of bytecode, of which only the address is known.
const BYTECODE: &str = "<bytecode>";

/// Returns the frame of a function as Hermes writes it: `name(url:line:column)` is the place that ran.
/// Other writers have no field with the beginning of the function, and mean it by that place.
fn named(raw: &RawFrame, lines: bool, frames: &mut FrameTable) -> FrameId {
    let name = raw.name.0.as_str();
    let is_js = raw.category.0.as_deref() == Some("JavaScript");
    let place = name.strip_suffix(')').and_then(|rest| rest.rsplit_once('('));
    let place = place.and_then(|(name, at)| Some((name, split_name_and_file(at)?)));
    let mut ran = 0;
    let function = match place.filter(|(_, at)| at.name.is_empty()) {
        Some((name, at)) => {
            let name = if name == "anonymous" { "" } else { name };
            let start = match (whole(raw.func_line), whole(raw.func_column)) {
                (Some(line), column) => {
                    ran = at.line;
                    (line, column.unwrap_or(0))
                }
                (None, _) => (at.line, at.column),
            };
            names::javascript(name, at.file, start.0, start.1, frames)
        }
        None if is_js => match whole(raw.func_virt_addr) {
            // Hermes writes this line and the address in the stacks of errors, too.
            Some(address) => names::javascript(name, BYTECODE, 1, address, frames),
            None => frames.named(name, Kind::Js),
        },
        None if name.starts_with("[GC") => frames.named(name, Kind::Gc),
        None => return frames.labelled(name),
    };
    let frame = frames.frame(Frame { function, tier: Tier::None, inlined: false });
    if lines { frames.at_line(frame, ran) } else { frame }
}

/// Returns a natural number.
fn whole(number: Number) -> Option<u32> {
    (number.0 >= 0.0 && number.0 < f64::from(u32::MAX)).then_some(number.0 as u32)
}

impl Object for SampleReader {
    const OBJECT: &'static str = "a sample";

    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let current = &mut self.current;
        match key {
            "sf" => map.next_value_seed(Scalar(&mut current.frame))?,
            "pid" => map.next_value_seed(Scalar(&mut current.pid))?,
            "tid" => map.next_value_seed(Scalar(&mut current.tid))?,
            "ts" => current.at_us = map.next_value()?,
            "weight" => current.weight = map.next_value()?,
            _ => skip(map)?,
        }
        Ok(())
    }
}

impl Record for SampleReader {
    fn end(&mut self) -> Admission {
        let CurrentSample { frame, pid, tid, at_us, weight } = std::mem::take(&mut self.current);
        let frame = self.number(&frame)?;
        let weight = if weight.0 >= 0.0 && weight.0 < 1e9 { weight.0 as u64 } else { 1 };
        let taken = TakenSample { frame, at_us: at_us.0, weight };
        self.room.take(SAMPLE)?;
        let id = (pid, tid);
        match self.threads.get_mut(&id) {
            Some(thread) => thread.push(taken),
            None => {
                self.room.take(ENTRY + id.0.len() + id.1.len())?;
                self.threads.insert(id, vec![taken]);
            }
        }
        Ok(())
    }
}

/// Reads `stackFrames`, an object of frames by id.
pub(super) struct StackFrames<'a>(pub(super) &'a mut SampleReader);

impl<'de> DeserializeSeed<'de> for StackFrames<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for StackFrames<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of frames")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Key(key)) = map.next_key()? {
            let frame: RawFrame = map.next_value()?;
            self.0.frame(&key, &frame).map_err(serde::de::Error::custom)?;
        }
        Ok(())
    }
}
