//! The call tree of a V8 CPU profile: nodes by id, as .cpuprofile files and
//! Chrome traces hold them.
//!
//! Ids may be any numbers. Memory: about 128 bytes for each node and id that the
//! file has, taken from the reader's room.

use crate::extras::Extra;
use crate::json::{Held, Id, List, Number, Room, Text, Word};
use crate::ledger::Ledger;
use crate::names;
use hashbrown::HashMap;
use hashbrown::hash_map::Entry;
use serde::Deserialize;
use spikeflame_profile::{
    Frame, FrameId, FrameTable, Function, FunctionId, Kind, Loss, StackId, StackTree, StrId, Tier,
    parse_label,
};

/// A node as the file has it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct RawNode {
    pub(crate) id: Id,
    pub(crate) call_frame: CallFrame,
    pub(crate) hit_count: Number,
    pub(crate) parent: Option<Id>,
    pub(crate) children: Option<List<Id>>,
    pub(crate) spikeflame: Extra,
}

impl RawNode {
    /// About how much memory it takes.
    pub(crate) fn bytes(&self) -> usize {
        let CallFrame { function_name, url, .. } = &self.call_frame;
        let Extra { kind, tier, module, .. } = &self.spikeflame;
        let words = [kind, tier, module].map(|Word(word)| word.as_ref().map_or(0, String::len));
        let children = self.children.as_ref().map_or(0, |List(ids)| ids.len() * size_of::<Id>());
        let texts = function_name.0.len() + url.0.len() + words.iter().sum::<usize>();
        size_of::<Self>() + texts + children
    }
}

/// A function as V8's profiler names it. Line and column are from 0, and -1 or
/// missing where there is none.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct CallFrame {
    pub(crate) function_name: Text,
    /// 0 or missing for what is no script.
    pub(crate) script_id: Number,
    pub(crate) url: Text,
    pub(crate) line_number: Number,
    pub(crate) column_number: Number,
}

/// What a node adds to the stack of its caller.
enum Role {
    /// `(root)`, or a node that the file only speaks of.
    Nothing,
    Frame(FrameId),
}

/// Where a node stands.
#[derive(Clone, Copy)]
enum Place {
    Open,
    /// On the path that is being walked.
    Walking,
    At(StackId),
    /// Its callers form a circle.
    Nowhere,
}

struct Node {
    role: Role,
    parent: Option<u32>,
    hits: u64,
    /// False while the file has only spoken of it.
    known: bool,
    place: Place,
}

const TWICE: &str = "a node with the id of another; the first is taken";
const TWO_CALLERS: &str = "a node with two callers; the first is taken";
const ODD_HITS: &str = "a count that is no whole number of samples; rounded down, 0 at least";
const NO_CALLER: &str = "a node whose caller is not in the file";
/// Of samples.
const NO_NODE: &str = "a sample of a node that is not in the file";
const CIRCLE: &str = "a sample of a node whose callers form a circle";

/// The nodes of one profile.
pub(crate) struct Nodes {
    list: Vec<Node>,
    numbers: HashMap<u64, u32>,
    /// Nodes that the file has told of.
    told: u64,
    /// Hits of nodes that came twice.
    twice: u64,
    ledger: Ledger,
    room: Room,
    /// How many of `list` have taken their room.
    placed: usize,
}

/// What a node takes.
const NODE: usize = 128;

impl Nodes {
    pub(crate) fn new(room: &Room) -> Self {
        let (list, numbers, room) = (Vec::new(), HashMap::new(), room.clone());
        Self { list, numbers, told: 0, twice: 0, ledger: Ledger::of("node"), room, placed: 0 }
    }

    /// Takes room for the nodes that are new.
    pub(crate) fn hold(&mut self) -> Held {
        let new = self.list.len() - self.placed;
        self.placed = self.list.len();
        if new > 0 { self.room.take(new * NODE) } else { Ok(()) }
    }

    /// The number that stands for an id here.
    pub(crate) fn number(&mut self, Id(id): Id) -> u32 {
        let list = &mut self.list;
        *self.numbers.entry(id).or_insert_with(|| open(list))
    }

    /// Takes a node of a list.
    pub(crate) fn take(&mut self, raw: &RawNode, frames: &mut FrameTable) -> Held {
        let at = self.number(raw.id);
        let before = frames.bytes();
        let role = role(raw, frames);
        self.room.take(frames.bytes() - before)?;
        self.tell(at, role, raw.hit_count);
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

    /// Opens a node of which nothing is known but its caller.
    pub(crate) fn nested(&mut self, parent: Option<u32>) -> u32 {
        let at = open(&mut self.list);
        if let Some(node) = self.list.get_mut(at as usize) {
            node.parent = parent;
        }
        at
    }

    /// Tells the rest of a nested node.
    pub(crate) fn take_nested(
        &mut self,
        at: u32,
        id: Option<Id>,
        raw: &RawNode,
        frames: &mut FrameTable,
    ) -> Held {
        let before = frames.bytes();
        let role = role(raw, frames);
        self.room.take(frames.bytes() - before)?;
        self.tell(at, role, raw.hit_count);
        let Some(Id(id)) = id else { return self.hold() };
        let before = match self.numbers.entry(id) {
            Entry::Vacant(slot) => {
                slot.insert(at);
                return self.hold();
            }
            Entry::Occupied(slot) => *slot.get(),
        };
        match self.list.get_mut(before as usize) {
            // A sample has spoken of it: that number stands for this node.
            Some(node) if !node.known => {
                node.known = true;
                node.parent = Some(at);
            }
            _ => self.ledger.lose(TWICE, self.told - 1, 0),
        }
        self.hold()
    }

    fn tell(&mut self, at: u32, role: Role, Number(hits): Number) {
        let number = self.told;
        self.told += 1;
        if hits < 0.0 || hits.fract() != 0.0 && !hits.is_nan() {
            self.ledger.lose(ODD_HITS, number, 0);
        }
        // What is no number, as `null`, is 0; so is what is below.
        let hits = hits as u64;
        match self.list.get_mut(at as usize) {
            Some(node) if !node.known => {
                (node.known, node.role, node.hits) = (true, role, hits);
            }
            _ => {
                self.ledger.lose(TWICE, number, 0);
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

    /// Gives every node its stack, once all are told of.
    pub(crate) fn settle(&mut self, stacks: &mut StackTree) {
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
                    self.ledger.lose(NO_CALLER, u64::from(at), 0);
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

    /// The stack of a settled node, or why a sample of it is lost.
    pub(crate) fn stack(&self, number: u32) -> Result<StackId, &'static str> {
        match self.list.get(number as usize) {
            Some(Node { known: true, place: Place::At(stack), .. }) => Ok(*stack),
            Some(Node { known: true, .. }) => Err(CIRCLE),
            _ => Err(NO_NODE),
        }
    }

    /// The number and hits of every node, and hits of nodes that are not there.
    pub(crate) fn hits(&self) -> (impl Iterator<Item = (u32, u64)> + '_, u64) {
        let hits = self.list.iter().enumerate().map(|(at, node)| (at as u32, node.hits));
        (hits.filter(|(_, hits)| *hits > 0), self.twice)
    }

    /// The account of nodes that could not be used.
    pub(crate) fn close(self, source: &str) -> Vec<Loss> {
        self.ledger.close(source)
    }
}

fn open(list: &mut Vec<Node>) -> u32 {
    let (role, place) = (Role::Nothing, Place::Open);
    list.push(Node { role, parent: None, hits: 0, known: false, place });
    list.len() as u32 - 1
}

fn role(raw: &RawNode, frames: &mut FrameTable) -> Role {
    let CallFrame { function_name: Text(name), script_id, url: Text(url), .. } = &raw.call_frame;
    if url.is_empty() && name == "(root)" {
        return Role::Nothing;
    }
    // From 0, or -1; a cast takes what is no number to 0.
    let from_1 = |number: Number| (number.0 + 1.0) as u32;
    let place = (from_1(raw.call_frame.line_number), from_1(raw.call_frame.column_number));
    if let Some(frame) = raw.spikeflame.frame(name, url, place, frames) {
        return Role::Frame(frame);
    }
    let function = function(name, url, place, script_id.0 > 0.0, frames);
    Role::Frame(frames.frame(Frame { function, tier: Tier::None, inlined: false }))
}

/// The function that V8's profiler means.
fn function(
    name: &str,
    url: &str,
    (line, column): (u32, u32),
    in_script: bool,
    frames: &mut FrameTable,
) -> FunctionId {
    if url.starts_with("wasm:") {
        // Every module has a `wasm-function[0]`.
        let (name, module, file) = (frames.intern(name), frames.intern(url), StrId::EMPTY);
        let kind = Kind::Wasm;
        return frames.function(Function { name, file, line: 0, column: 0, kind, module });
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
