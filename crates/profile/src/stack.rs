//! The stack tree: a trie of `(parent, frame)`, in which a stack is one id.

use crate::frame::{FrameId, Kind};
use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher;

/// The id of a stack in one [`StackTree`]. The default is [`StackId::ROOT`], the empty stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct StackId(u32);

impl StackId {
    /// The empty stack, which every tree contains.
    pub const ROOT: Self = Self(0);

    /// Returns the stack's index in the tree: 0 for the empty stack, others from 1 in the order in
    /// which they were added. The index of a parent is lower than that of its children.
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// Returns the stack with a small index.
    pub(crate) const fn of_short(index: u16) -> Self {
        Self(index as u32)
    }

    /// Returns the kind that is shown for this stack when a selection shows no frame of it:
    /// the program if the stack is empty, else hidden frames.
    pub(crate) fn kind_without_frames(self) -> Kind {
        if self == Self::ROOT { Kind::Program } else { Kind::Hidden }
    }
}

/// The number of stacks for which a tree has room when it gets its first one.
const FIRST_STACKS: usize = 16;

/// A trie of stacks: each node is a stack, made of a parent stack and one more frame. Stacks with
/// the same outer frames share their nodes.
///
/// ```
/// use spikeflame_profile::{FrameTable, StackId, StackTree};
///
/// let (mut frames, mut stacks) = (FrameTable::default(), StackTree::default());
/// let (main, parse) = (frames.labelled("main"), frames.labelled("parse"));
/// let outer = stacks.child(StackId::ROOT, main);
/// let inner = stacks.child(outer, parse);
/// assert_eq!(stacks.frames(inner).collect::<Vec<_>>(), [parse, main]);
/// assert_eq!(stacks.len(), 3);
/// ```
#[derive(Clone, Debug, Default)]
pub struct StackTree {
    /// `(parent, frame)` of node `i + 1`.
    nodes: Vec<(u32, FrameId)>,
    index: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl StackTree {
    /// Returns an empty tree with room for this number of stacks.
    pub(crate) fn with_capacity(stacks: usize) -> Self {
        let (nodes, index) = (Vec::with_capacity(stacks), HashTable::with_capacity(stacks));
        Self { nodes, index, hasher: DefaultHashBuilder::default() }
    }

    /// Returns the id of the stack that is `parent` with `frame` as a new innermost frame. Adds it
    /// when it is new.
    pub fn child(&mut self, parent: StackId, frame: FrameId) -> StackId {
        let Self { nodes, index, hasher } = self;
        let node = (parent.0, frame);
        // The first child of a stack is usually added right after it.
        if nodes.get(parent.index()) == Some(&node) {
            return StackId(parent.0 + 1);
        }
        let at = |nodes: &[(u32, FrameId)], id: u32| nodes.get(id as usize - 1).copied();
        let hash_of = |(parent, frame): (u32, FrameId)| {
            hasher.hash_one(u64::from(parent) << 32 | frame.index() as u64)
        };
        let hash = hash_of(node);
        if let Some(&id) = index.find(hash, |&id| at(nodes, id) == Some(node)) {
            return StackId(id);
        }
        // A table that grows by itself reads the nodes in the order of their hashes, which is slow.
        if index.len() == index.capacity() {
            *index = HashTable::new();
            *index = HashTable::with_capacity((nodes.len() * 2).max(FIRST_STACKS));
            for (id, &node) in (1..).zip(&*nodes) {
                index.insert_unique(hash_of(node), id, |_| 0);
            }
        }
        nodes.push(node);
        let id = nodes.len() as u32;
        index.insert_unique(hash, id, |&id| hash_of(at(nodes, id).unwrap_or(node)));
        StackId(id)
    }

    /// Returns the parent of a stack and its innermost frame. Returns `None` for the empty stack
    /// and for an id that is not in the tree.
    pub fn get(&self, id: StackId) -> Option<(StackId, FrameId)> {
        let &(parent, frame) = self.nodes.get(id.index().checked_sub(1)?)?;
        Some((StackId(parent), frame))
    }

    /// Returns the parent and the innermost frame of the stack with this [`StackId::index`].
    pub(crate) fn at(&self, index: u32) -> Option<(StackId, FrameId)> {
        self.get(StackId(index))
    }

    /// Returns all stacks but the empty one as `(stack, parent, frame)`, in the order of their ids.
    /// `frame` is the innermost frame. Parents come before their children.
    pub fn nodes(&self) -> impl DoubleEndedIterator<Item = (StackId, StackId, FrameId)> + '_ {
        self.nodes
            .iter()
            .enumerate()
            .map(|(at, &(parent, frame))| (StackId(at as u32 + 1), StackId(parent), frame))
    }

    /// Returns the number of stacks, with the empty one: at least 1.
    pub fn len(&self) -> usize {
        self.nodes.len() + 1
    }

    /// Returns an estimate of the memory that the tree occupies, in bytes.
    pub fn bytes(&self) -> usize {
        self.nodes.len() * 24
    }

    /// Returns true when the tree contains only the empty stack.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Returns the frames of a stack, the innermost first. There are none for the empty stack and
    /// for an id that is not in the tree.
    pub fn frames(&self, mut id: StackId) -> impl Iterator<Item = FrameId> + '_ {
        std::iter::from_fn(move || {
            let (parent, frame) = self.get(id)?;
            id = parent;
            Some(frame)
        })
    }
}
