//! The stack tree: a trie of `(parent, frame)`, so that a stack is one id.

use crate::frame::{FrameId, Kind};
use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher;

/// A stack: the node of its innermost frame. [`StackId::ROOT`] is the empty one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct StackId(u32);

impl StackId {
    /// The empty stack.
    pub const ROOT: Self = Self(0);

    /// The stack's place in the tree, 0 for the root; parents come first.
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// The kind that is shown in place of this stack's frames, when a selection shows
    /// none of them: the program if the stack is empty, else hidden frames.
    pub(crate) fn kind_without_frames(self) -> Kind {
        if self == Self::ROOT { Kind::Program } else { Kind::Hidden }
    }
}

/// A trie of frames, outermost first.
#[derive(Clone, Debug, Default)]
pub struct StackTree {
    /// `(parent, frame)` of node `i + 1`.
    nodes: Vec<(u32, FrameId)>,
    index: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl StackTree {
    /// The stack that is `parent` with `frame` called from it.
    pub fn child(&mut self, parent: StackId, frame: FrameId) -> StackId {
        let Self { nodes, index, hasher } = self;
        let node = (parent.0, frame);
        let at = |nodes: &[(u32, FrameId)], id: u32| nodes.get(id as usize - 1).copied();
        let hash_of = |(parent, frame): (u32, FrameId)| {
            hasher.hash_one(u64::from(parent) << 32 | frame.index() as u64)
        };
        let hash = hash_of(node);
        if let Some(&id) = index.find(hash, |&id| at(nodes, id) == Some(node)) {
            return StackId(id);
        }
        nodes.push(node);
        let id = nodes.len() as u32;
        index.insert_unique(hash, id, |&id| hash_of(at(nodes, id).unwrap_or(node)));
        StackId(id)
    }

    /// The caller's stack and the innermost frame; `None` for the root.
    pub fn get(&self, id: StackId) -> Option<(StackId, FrameId)> {
        let &(parent, frame) = self.nodes.get(id.index().checked_sub(1)?)?;
        Some((StackId(parent), frame))
    }

    /// Every node but the root as `(stack, parent, frame)`, parents first.
    pub fn nodes(&self) -> impl DoubleEndedIterator<Item = (StackId, StackId, FrameId)> + '_ {
        self.nodes
            .iter()
            .enumerate()
            .map(|(at, &(parent, frame))| (StackId(at as u32 + 1), StackId(parent), frame))
    }

    /// How many stacks there are, the empty one included.
    pub fn len(&self) -> usize {
        self.nodes.len() + 1
    }

    /// About how much memory the tree takes.
    pub fn bytes(&self) -> usize {
        self.nodes.len() * 24
    }

    /// True when the tree holds nothing but the empty stack.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The frames of a stack, innermost first.
    pub fn frames(&self, mut id: StackId) -> impl Iterator<Item = FrameId> + '_ {
        std::iter::from_fn(move || {
            let (parent, frame) = self.get(id)?;
            id = parent;
            Some(frame)
        })
    }
}
