//! The call tree of a V8 CPU profile: nodes by id, as in .cpuprofile files and Chrome
//! traces.
//!
//! Ids may be any numbers. A node takes about 128 bytes of memory, which count against the limit
//! of the reader (its `Room`).

use super::lost_ids::LostIds;
use super::script_files::ScriptFiles;
use crate::byte_map::ByteMap;
use crate::extras::Extra;
use crate::json::{Admission, Id, List, Number, Room, Text, Word};
use crate::made_code;
use crate::names;
use crate::numbers::Numbers;
use crate::utf8::lossy;
use hashbrown::HashMap;
use serde::Deserialize;
use serde::de::IgnoredAny;
use spikeflame_profile::Ledger;
use spikeflame_profile::{
    Frame, FrameId, FrameTable, FunctionId, Kind, StackId, StackTree, Tier, parse_label,
};
use std::collections::BTreeMap;
use std::ops::Range;

/// A node as it is in the file. The lines that ran in it are only read as [`Ticks`].
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "L: Deserialize<'de> + Default"))]
pub(crate) struct RawNode<L = IgnoredAny> {
    pub(crate) id: Id,
    pub(crate) call_frame: CallFrame<L>,
    pub(crate) hit_count: Number,
    pub(crate) parent: Option<Id>,
    pub(crate) children: Option<List<Id>>,
    pub(crate) position_ticks: L,
    pub(crate) spikeflame: Extra,
}

impl<L> RawNode<L> {
    /// Returns true when a member was read with which V8 begins a node.
    pub(crate) fn has_beginning(&self) -> bool {
        let CallFrame { function_name, url, script_id, .. } = &self.call_frame;
        let has_texts = !function_name.0.is_empty() || !url.0.is_empty();
        let has_numbers = !self.hit_count.0.is_nan() || !script_id.0.is_nan();
        self.id != Id::default() || has_texts || has_numbers
    }

    /// Returns the approximate size of the node in bytes.
    pub(crate) fn bytes(&self) -> usize {
        let CallFrame { function_name, url, .. } = &self.call_frame;
        let Extra { kind, tier, module, .. } = &self.spikeflame;
        let words = [kind, tier, module].map(|Word(word)| word.as_ref().map_or(0, String::len));
        let children = self.children.as_ref().map_or(0, |List(ids)| ids.len() * size_of::<Id>());
        let texts = function_name.0.len() + url.0.len() + words.iter().sum::<usize>();
        size_of::<Self>() + texts + children
    }
}

/// The lines that ran in a node, as V8's profiler writes them.
pub(crate) type Ticks = Option<List<PositionTick>>;

/// A line, from 1, with its number of samples. v8-profiler-next calls the number `hitCount`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct PositionTick {
    line: Number,
    #[serde(alias = "hitCount")]
    ticks: Number,
}

/// A function as V8's profiler describes it. Line and column start from 0, and are -1 or
/// missing when there are none. The npm package v8-profiler-next writes them from 1, and is known
/// by the `bailoutReason` in this place.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "L: Deserialize<'de> + Default"))]
pub(crate) struct CallFrame<L = IgnoredAny> {
    pub(crate) function_name: Text,
    /// 0 or missing for functions outside scripts.
    pub(crate) script_id: Number,
    pub(crate) url: Text,
    pub(crate) line_number: Number,
    pub(crate) column_number: Number,
    bailout_reason: Option<IgnoredAny>,
    /// The lines that ran, where v8-profiler-next writes them.
    line_ticks: L,
}

impl<L> CallFrame<L> {
    /// Replaces `key` with the bytes of all fields that a function depends on. No text has the
    /// byte 0xff.
    fn write_key(&self, key: &mut Vec<u8>) {
        let Self { function_name: Text(name), url: Text(url), .. } = self;
        key.clear();
        key.extend_from_slice(name.as_bytes());
        key.push(0xff);
        key.extend_from_slice(url.as_bytes());
        self.write_numbers(key);
    }

    /// Adds the part of the key that follows the texts.
    fn write_numbers(&self, key: &mut Vec<u8>) {
        key.extend_from_slice(&[0xff, u8::from(self.bailout_reason.is_some())]);
        for Number(number) in [&self.script_id, &self.line_number, &self.column_number] {
            key.extend_from_slice(&number.to_bits().to_ne_bytes());
        }
    }
}

/// The part of the stack that a node adds to its caller's.
#[derive(Clone, Copy)]
enum Role {
    /// `(root)`, or a node that is only referred to.
    Nothing,
    Frame(FrameId),
}

/// The state of a node's stack while stacks are made.
#[derive(Clone, Copy)]
enum Place {
    Open,
    /// The node is on the path that is being walked.
    Walking,
    At(StackId),
    /// The node's callers form a circle.
    Nowhere,
}

struct Node {
    role: Role,
    parent: Option<u32>,
    hits: u64,
    /// False while the node was only referred to.
    known: bool,
    place: Place,
}

const TWO_CALLERS: &str = "a node with two callers; the first is taken";
const ODD_HITS: &str = "a count that is no whole number of samples; rounded down, 0 at least";
const NO_CALLER: &str = "a node whose caller is not in the file";
/// Reasons for lost samples.
const NO_NODE: &str = "a sample of a node that is not in the file";
const CIRCLE: &str = "a sample of a node whose callers form a circle";

/// The nodes of one profile.
pub(crate) struct Nodes {
    list: Vec<Node>,
    numbers: Numbers,
    /// The roles of the functions that were met. Most nodes are of a function that was met before.
    roles: ByteMap<Role>,
    /// The key of the function that is looked up.
    key: Vec<u8>,
    /// `(node, line, samples)`.
    ticks: Vec<(u32, u32, u64)>,
    /// The number of nodes that the file defines.
    told: u64,
    /// Hits of nodes that were defined twice.
    twice: u64,
    files: ScriptFiles,
    ledger: Ledger,
    ids: LostIds,
    room: Room,
    /// The number of nodes in `list` whose size already counts against the limit of memory.
    placed: usize,
}

/// Bytes that a node takes.
const NODE: usize = 128;

/// Bytes that a function's key takes in addition to its own length.
const KEY: usize = 64;

/// Bytes that a line of a node takes, also while lines are added up.
const TICK: usize = 96;

impl Nodes {
    pub(crate) fn new(room: &Room) -> Self {
        Self {
            list: Vec::new(),
            numbers: Numbers::default(),
            roles: ByteMap::default(),
            key: Vec::new(),
            ticks: Vec::new(),
            told: 0,
            twice: 0,
            files: ScriptFiles::default(),
            ledger: Ledger::new("node"),
            ids: LostIds::default(),
            room: room.clone(),
            placed: 0,
        }
    }

    /// Counts the size of new nodes against the limit of memory.
    pub(crate) fn hold(&mut self) -> Admission {
        let new = self.list.len() - self.placed;
        self.placed = self.list.len();
        if new > 0 { self.room.take(new * NODE) } else { Ok(()) }
    }

    /// Returns the number of an id within this table.
    #[inline]
    pub(crate) fn number(&mut self, Id(id): Id) -> u32 {
        match self.numbers.get(id) {
            Some(number) => number,
            None => self.new_number(id),
        }
    }

    #[inline(never)]
    fn new_number(&mut self, id: u64) -> u32 {
        let number = open(&mut self.list);
        self.numbers.insert(id, number);
        number
    }

    /// Adds a node of a list.
    pub(crate) fn take<L>(&mut self, raw: &RawNode<L>, frames: &mut FrameTable) -> Admission {
        let role = self.role(raw, frames)?;
        self.place(raw, role)
    }

    /// Makes the key of a function empty, and returns it for its texts, which are ASCII: the name and
    /// the URL, with the byte 0xff between them. [`Nodes::take_scanned`] then adds the node.
    pub(crate) fn new_key(&mut self) -> &mut Vec<u8> {
        self.key.clear();
        &mut self.key
    }

    /// Adds a node whose texts are in the key instead of `raw`. `name` is the length of its name.
    pub(crate) fn take_scanned(
        &mut self,
        mut raw: RawNode,
        name: usize,
        frames: &mut FrameTable,
    ) -> Admission {
        let end = self.key.len();
        raw.call_frame.write_numbers(&mut self.key);
        let known = self.roles.get(&self.key).filter(|_| raw.spikeflame.kind.0.is_none());
        if let Some(role) = known {
            return self.place(&raw, role);
        }
        let text =
            |range: Range<usize>| Text(lossy(self.key.get(range).unwrap_or_default()).into_owned());
        (raw.call_frame.function_name, raw.call_frame.url) = (text(0..name), text(name + 1..end));
        self.take(&raw, frames)
    }

    /// Adds a node with its role.
    fn place<L>(&mut self, raw: &RawNode<L>, role: Role) -> Admission {
        let at = self.number(raw.id);
        self.tell(at, raw.id, role, raw.hit_count);
        if let Some(parent) = raw.parent {
            let parent = self.number(parent);
            self.set_parent(at, parent);
        }
        for &child in raw.children.iter().flat_map(|List(children)| children) {
            let child = self.number(child);
            self.set_parent(child, at);
        }
        self.hold()
    }

    /// Adds a node of a list with the lines that ran in it.
    pub(crate) fn take_with_lines(
        &mut self,
        raw: &RawNode<Ticks>,
        frames: &mut FrameTable,
    ) -> Admission {
        let at = self.number(raw.id);
        let ticks = raw.position_ticks.as_ref().or(raw.call_frame.line_ticks.as_ref());
        self.take_ticks(at, ticks)?;
        self.take(raw, frames)
    }

    /// Adds the lines that ran in a node.
    pub(crate) fn take_ticks(&mut self, at: u32, ticks: Option<&List<PositionTick>>) -> Admission {
        let List(ticks) = ticks.unwrap_or(const { &List(Vec::new()) });
        self.room.take(ticks.len() * TICK)?;
        let ticks = ticks.iter().map(|tick| (tick.line.0 as u32, tick.ticks.0 as u64));
        self.ticks.extend(ticks.map(|(line, ticks)| (at, line, ticks)));
        Ok(())
    }

    /// Returns the lines that ran at each stack, with their numbers of samples.
    pub(crate) fn lines(&self) -> HashMap<StackId, BTreeMap<u32, u64>> {
        let mut lines: HashMap<StackId, BTreeMap<u32, u64>> = HashMap::new();
        for &(node, line, ticks) in &self.ticks {
            if let Ok(stack) = self.stack(node) {
                let sum = lines.entry(stack).or_default().entry(line).or_default();
                *sum = sum.saturating_add(ticks);
            }
        }
        lines
    }

    /// Adds a node of which only the caller is known.
    pub(crate) fn nested(&mut self, parent: Option<u32>) -> u32 {
        let at = open(&mut self.list);
        if let Some(node) = self.list.get_mut(at as usize) {
            node.parent = parent;
        }
        at
    }

    /// Fills in a nested node.
    pub(crate) fn take_nested(
        &mut self,
        at: u32,
        id: Option<Id>,
        raw: &RawNode,
        frames: &mut FrameTable,
    ) -> Admission {
        let role = self.role(raw, frames)?;
        self.tell(at, id.unwrap_or_default(), role, raw.hit_count);
        let Some(Id(id)) = id else { return self.hold() };
        let Some(before) = self.numbers.get(id) else {
            self.numbers.insert(id, at);
            return self.hold();
        };
        match self.list.get_mut(before as usize) {
            // A sample has referred to this id; the id's number now leads to this node.
            Some(node) if !node.known => {
                node.known = true;
                node.parent = Some(at);
            }
            _ => self.ids.lose_id(id),
        }
        self.hold()
    }

    /// Returns the part of the stack that a node adds. All calls have the same `frames`.
    fn role<L>(&mut self, raw: &RawNode<L>, frames: &mut FrameTable) -> Result<Role, &'static str> {
        let is_own = raw.spikeflame.kind.0.is_some();
        if !is_own {
            raw.call_frame.write_key(&mut self.key);
            if let Some(role) = self.roles.get(&self.key) {
                return Ok(role);
            }
        }
        let before = frames.bytes();
        let role = role(raw, frames);
        self.room.take(frames.bytes() - before)?;
        if !is_own {
            self.room.take(self.key.len() + KEY)?;
            self.roles.insert(&self.key, role);
            if let Role::Frame(frame) = role {
                self.files.note(raw.call_frame.script_id.0 as u64, frame, frames);
            }
        }
        Ok(role)
    }

    fn tell(&mut self, at: u32, Id(id): Id, role: Role, Number(hits): Number) {
        let number = self.told;
        self.told += 1;
        if hits < 0.0 || hits.fract() != 0.0 && !hits.is_nan() {
            self.ledger.lose(ODD_HITS, number, 0);
        }
        // The cast makes 0 of negative values and of those that are not numbers, such as
        // `null`.
        let hits = hits as u64;
        match self.list.get_mut(at as usize) {
            Some(node) if !node.known => {
                (node.known, node.role, node.hits) = (true, role, hits);
            }
            _ => {
                self.ids.lose_id(id);
                self.twice = self.twice.saturating_add(hits);
            }
        }
    }

    fn set_parent(&mut self, at: u32, parent: u32) {
        let Some(node) = self.list.get_mut(at as usize) else { return };
        match node.parent {
            None => node.parent = Some(parent),
            Some(known) if known == parent => {}
            Some(_) => self.ledger.lose(TWO_CALLERS, self.told.saturating_sub(1), 0),
        }
    }

    /// Gives every node its stack, after the nodes before the samples were read, and after all were.
    pub(crate) fn settle(&mut self, stacks: &mut StackTree, frames: &mut FrameTable) {
        for node in &mut self.list {
            if let Role::Frame(frame) = &mut node.role {
                *frame = self.files.named(*frame, frames);
            }
        }
        let mut path = Vec::new();
        for start in 0..self.list.len() {
            let mut next = Some(start as u32);
            let mut base = loop {
                let Some(at) = next else { break Some(StackId::ROOT) };
                let Some(node) = self.list.get_mut(at as usize) else { break None };
                match node.place {
                    Place::At(stack) => break Some(stack),
                    Place::Walking | Place::Nowhere => break None,
                    Place::Open => {}
                }
                if !node.known && !path.is_empty() {
                    self.ledger.lose_somewhere(NO_CALLER, 1, 0);
                }
                node.place = Place::Walking;
                path.push(at);
                next = node.parent;
            };
            while let Some(at) = path.pop() {
                let Some(node) = self.list.get_mut(at as usize) else { continue };
                base = base.map(|stack| match node.role {
                    Role::Nothing => stack,
                    Role::Frame(frame) => stacks.child(stack, frame),
                });
                node.place = base.map_or(Place::Nowhere, Place::At);
            }
        }
    }

    /// Returns the stack of a node, or the reason why its samples are lost.
    #[inline]
    pub(crate) fn stack(&self, number: u32) -> Result<StackId, &'static str> {
        match self.list.get(number as usize) {
            Some(Node { known: true, place: Place::At(stack), .. }) => Ok(*stack),
            Some(Node { known: true, .. }) => Err(CIRCLE),
            _ => Err(NO_NODE),
        }
    }

    /// Returns the stack of each node, by its number; `None` where [`Nodes::stack`] returns a reason.
    pub(crate) fn all_stacks(&self) -> Vec<Option<StackId>> {
        (0..self.list.len() as u32).map(|number| self.stack(number).ok()).collect()
    }

    /// Returns the number and hits of every node, and the hits of nodes that were defined
    /// twice.
    pub(crate) fn hits(&self) -> (impl Iterator<Item = (u32, u64)> + '_, u64) {
        let hits = self.list.iter().enumerate().map(|(at, node)| (at as u32, node.hits));
        (hits.filter(|(_, hits)| *hits > 0), self.twice)
    }

    /// Returns the losses from nodes that could not be used.
    pub(crate) fn into_ledger(mut self) -> Ledger {
        self.ids.join_into(&mut self.ledger);
        self.ledger
    }
}

fn open(list: &mut Vec<Node>) -> u32 {
    let (role, place) = (Role::Nothing, Place::Open);
    list.push(Node { role, parent: None, hits: 0, known: false, place });
    list.len() as u32 - 1
}

fn role<L>(raw: &RawNode<L>, frames: &mut FrameTable) -> Role {
    let CallFrame { function_name: Text(name), script_id, url: Text(url), .. } = &raw.call_frame;
    if url.is_empty() && name == "(root)" {
        return Role::Nothing;
    }
    // The cast makes 0 of -1 and of values that are not numbers.
    let first = if raw.call_frame.bailout_reason.is_some() { 1.0 } else { 0.0 };
    let from_1 = |number: Number| (number.0 + 1.0 - first) as u32;
    let place = (from_1(raw.call_frame.line_number), from_1(raw.call_frame.column_number));
    if let Some(frame) = raw.spikeflame.frame(name, url, place, frames) {
        return Role::Frame(frame);
    }
    let function = function(name, url, place, script_id.0 > 0.0, frames);
    // The cast makes 0 of values that are not numbers.
    let function = made_code::of_script(function, script_id.0 as u64, frames);
    Role::Frame(frames.frame(Frame { function, tier: Tier::None, inlined: false }))
}

/// Returns the function that V8's profiler describes.
fn function(
    name: &str,
    url: &str,
    (line, column): (u32, u32),
    in_script: bool,
    frames: &mut FrameTable,
) -> FunctionId {
    if let Some(function) = names::of_module(name, url, frames) {
        return function;
    }
    // Code made by `eval` is a script without a URL.
    if !url.is_empty() || in_script && line > 0 {
        return names::javascript(name, url, line, column, frames);
    }
    if name == "(unresolved function)" {
        return frames.named("", Kind::Unresolved);
    }
    if name.starts_with("js-to-wasm") || name.starts_with("wasm-to-js") {
        return frames.named(name, Kind::Builtin);
    }
    let label = parse_label(name);
    match label.kind {
        Kind::RegExp => frames.named(label.location.name, Kind::RegExp),
        state if state.state_label().is_some() => frames.named("", state),
        _ => names::native(name, "", frames),
    }
}
