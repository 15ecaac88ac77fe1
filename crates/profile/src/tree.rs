//! A tree of weighted nodes in pre-order. Call trees and merged trees of comparisons are such
//! trees.

use crate::frame::IdNumber;
use hashbrown::{DefaultHashBuilder, HashTable};
use std::cmp::Ordering;
use std::hash::BuildHasher;
use std::ops::AddAssign;

/// The id of an entry: its index, from 0, in the list of entries that belongs to a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntryId(IdNumber);

impl EntryId {
    /// Returns the id of the entry with this index, from 0.
    pub fn new(index: usize) -> Self {
        Self(IdNumber::new(index))
    }

    /// Returns the entry's index in the list of entries, from 0.
    pub const fn index(self) -> usize {
        self.0.index()
    }
}

/// The id of a [`Node`]: its index in the pre-order list of a tree's nodes, 0 for the root.
pub type NodeId = usize;

/// A node of a tree: an entry (a function, a line of a function, or a group of functions) at the end of one
/// path of callers. The same entry has a node for each path that leads to it. `W` is the type of the
/// weights: a whole number of some unit, or a cost before and after a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node<W = u64> {
    /// The id of the entry that the node shows; `None` for the root.
    pub entry: Option<EntryId>,
    /// The id of the caller's node. The root has itself, 0.
    pub parent: NodeId,
    /// The number of steps from the root: 0 for the root, 1 for its children.
    pub depth: u32,
    /// Weight of the samples that end at this node.
    pub self_weight: W,
    /// Weight of the samples that pass through this node or end at it, so `self_weight` and the
    /// totals of all children together.
    pub total: W,
    /// The id after the last descendant. The descendants are the ids greater than this node's id
    /// and less than `end`; a leaf has none.
    pub end: NodeId,
}

/// A list of nodes in pre-order, as [`TreeBuilder`] makes it. The children of a node are ordered by
/// [`EntryId`], and no two of them have the same entry. The first node is always the root.
#[derive(Clone, Debug)]
pub struct Tree<W> {
    nodes: Vec<Node<W>>,
}

impl<W: Copy + Default> Tree<W> {
    /// Returns all nodes in pre-order; the first is the root, so the slice is never empty.
    pub fn nodes(&self) -> &[Node<W>] {
        &self.nodes
    }

    /// Returns the total weight of the root, which is the sum of the self weights of all nodes.
    pub fn total(&self) -> W {
        self.nodes.first().map_or_else(W::default, |root| root.total)
    }

    /// Returns the direct children of a node with their ids, ordered by [`EntryId`]. There are none
    /// for a leaf and for an id that is not in the tree.
    pub fn children(&self, id: NodeId) -> impl Iterator<Item = (NodeId, &Node<W>)> + '_ {
        let end = self.nodes.get(id).map_or(0, |node| node.end);
        let mut next = id + 1;
        std::iter::from_fn(move || {
            let at = next;
            let node = self.nodes.get(at).filter(|_| at < end)?;
            next = node.end;
            Some((at, node))
        })
    }
}

/// A [`Tree`] under construction. Its nodes are numbered in the order in which they are made; the
/// root is node 0 and exists from the start. The numbers are not the ids of the finished tree,
/// which are in pre-order.
///
/// ```
/// use spikeflame_profile::{EntryId, TreeBuilder};
///
/// let (mut builder, names) = (TreeBuilder::default(), vec!["write", "main", "parse"]);
/// let [write, main, parse] = [0, 1, 2].map(EntryId::new);
/// let top = builder.child(0, main);
/// for (callee, weight) in [(write, 3), (parse, 5)] {
///     let node = builder.child(top, callee);
///     builder.add_self(node, weight);
/// }
/// let (tree, names) = builder.finish_in_order(names, |a, b| a.cmp(b));
/// let rows = tree.nodes().iter().map(|node| (node.entry.map(|id| names[id.index()]), node.total));
/// let right = [(None, 8), (Some("main"), 8), (Some("parse"), 5), (Some("write"), 3)];
/// assert_eq!(rows.collect::<Vec<_>>(), right);
/// ```
#[derive(Clone, Debug, Default)]
pub struct TreeBuilder<W> {
    /// Node `i + 1`.
    nodes: Vec<NewNode<W>>,
    /// The numbers of the nodes, by parent and entry.
    index: HashTable<u32>,
    hasher: DefaultHashBuilder,
    root_weight: W,
}

/// The number of nodes for which a builder has room when it gets its first one.
const FIRST_NODES: usize = 16;

/// A node under construction. Its parent has a lower number.
#[derive(Clone, Copy, Debug)]
struct NewNode<W> {
    parent: u32,
    entry: EntryId,
    weight: W,
}

impl<W: Copy + Default + AddAssign> TreeBuilder<W> {
    /// Returns the number of the child of node `parent` that shows `entry`. If there is none, it is
    /// added with weight 0. `parent` must be a number that exists.
    pub fn child(&mut self, parent: u32, entry: EntryId) -> u32 {
        let Self { nodes, index, hasher, .. } = self;
        let key = |node: &NewNode<W>| (node.parent, node.entry);
        let at = |nodes: &[NewNode<W>], number: u32| nodes.get(number as usize - 1).map(key);
        // The first child of a node is usually added right after it.
        if nodes.get(parent as usize).map(key) == Some((parent, entry)) {
            return parent + 1;
        }
        let hash_of = |(parent, entry): (u32, EntryId)| {
            hasher.hash_one(u64::from(parent) << 32 | entry.index() as u64)
        };
        let hash = hash_of((parent, entry));
        if let Some(&known) = index.find(hash, |&known| at(nodes, known) == Some((parent, entry))) {
            return known;
        }
        // A table that grows by itself reads the nodes in the order of their hashes, which is slow.
        if index.len() == index.capacity() {
            *index = HashTable::new();
            *index = HashTable::with_capacity((nodes.len() * 2).max(FIRST_NODES));
            for (number, node) in (1..).zip(&*nodes) {
                index.insert_unique(hash_of(key(node)), number, |_| 0);
            }
        }
        nodes.push(NewNode { parent, entry, weight: W::default() });
        let number = nodes.len() as u32;
        let again = |&number: &u32| hash_of(at(nodes, number).unwrap_or((parent, entry)));
        index.insert_unique(hash, number, again);
        number
    }

    /// Returns the id of the entry that a node shows; `None` for the root and for a number that no
    /// node has.
    pub(crate) fn entry(&self, node: u32) -> Option<EntryId> {
        Some(self.nodes.get((node as usize).checked_sub(1)?)?.entry)
    }

    /// Adds `weight` to the self weight of a node, whose number must exist. The totals of its callers are
    /// computed when the tree is finished.
    pub fn add_self(&mut self, node: u32, weight: W) {
        match (node as usize).checked_sub(1).and_then(|at| self.nodes.get_mut(at)) {
            Some(node) => node.weight += weight,
            None => self.root_weight += weight,
        }
    }

    /// Sorts `entries` by `compare`, gives them new ids in that order, and returns the finished
    /// tree with the sorted entries. `entries` must hold an entry for each id that was used, at the
    /// index of the id.
    pub fn finish_in_order<E>(
        mut self,
        entries: Vec<E>,
        compare: impl Fn(&E, &E) -> Ordering,
    ) -> (Tree<W>, Vec<E>) {
        let entries = self.order(entries, compare);
        (self.finish(), entries)
    }

    /// Sorts the entries and gives them new ids, as [`TreeBuilder::finish_in_order`] does.
    pub(crate) fn order<E>(
        &mut self,
        entries: Vec<E>,
        compare: impl Fn(&E, &E) -> Ordering,
    ) -> Vec<E> {
        let mut order: Vec<(u32, E)> = (0..).zip(entries).collect();
        order.sort_unstable_by(|(_, a), (_, b)| compare(a, b));
        let mut ranks = vec![0u32; order.len()];
        for (rank, &(id, _)) in (0..).zip(&order) {
            if let Some(slot) = ranks.get_mut(id as usize) {
                *slot = rank;
            }
        }
        for node in &mut self.nodes {
            node.entry = ranks
                .get(node.entry.index())
                .map_or(node.entry, |&rank| EntryId::new(rank as usize));
        }
        order.into_iter().map(|(_, entry)| entry).collect()
    }

    /// Returns the finished tree, with its nodes in pre-order and all totals. The ids of entries
    /// stay, and the children of each node are ordered by these ids.
    pub fn finish(self) -> Tree<W> {
        self.finish_with_ids().0
    }

    /// Returns the finished tree, and the id of each node by its number under construction.
    pub(crate) fn finish_with_ids(self) -> (Tree<W>, Vec<u32>) {
        let children = Children::new(&self.nodes);
        let mut ids = vec![0; self.nodes.len() + 1];
        let mut nodes: Vec<Node<W>> = Vec::with_capacity(self.nodes.len() + 1);
        let mut todo = vec![(0u32, 0usize, 0u32)];
        while let Some((id, parent, depth)) = todo.pop() {
            let at = nodes.len();
            if let Some(slot) = ids.get_mut(id as usize) {
                *slot = at as u32;
            }
            let made = (id as usize).checked_sub(1).and_then(|at| self.nodes.get(at));
            let self_weight = made.map_or(self.root_weight, |node| node.weight);
            let entry = made.map(|node| node.entry);
            nodes.push(Node { entry, parent, depth, self_weight, total: self_weight, end: at + 1 });
            todo.extend(children.last_first(id).iter().map(|&(_, child)| (child, at, depth + 1)));
        }
        // Sums of fractions depend on their order. This one depends on the finished tree only.
        for at in (1..nodes.len()).rev() {
            let Some(&Node { parent, end, total, .. }) = nodes.get(at) else { continue };
            if let Some(parent) = nodes.get_mut(parent) {
                parent.end = parent.end.max(end);
                parent.total += total;
            }
        }
        (Tree { nodes }, ids)
    }
}

/// The children of all nodes in one list, those of a node side by side.
struct Children {
    /// Where the children of a node begin, by the node's number. They end where the next ones begin.
    starts: Vec<u32>,
    /// The entry and the number of each child.
    all: Vec<(EntryId, u32)>,
}

impl Children {
    fn new<W>(nodes: &[NewNode<W>]) -> Self {
        let mut starts = vec![0u32; nodes.len() + 2];
        for node in nodes {
            if let Some(count) = starts.get_mut(node.parent as usize) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        // The lists are filled from their ends, so that each end becomes a start.
        let mut all = vec![(EntryId::new(0), 0u32); nodes.len()];
        for (number, node) in (1..).zip(nodes) {
            let Some(start) = starts.get_mut(node.parent as usize) else { continue };
            *start -= 1;
            if let Some(slot) = all.get_mut(*start as usize) {
                *slot = (node.entry, number);
            }
        }
        for bounds in starts.windows(2) {
            let &[start, end] = bounds else { continue };
            if end - start > 1
                && let Some(children) = all.get_mut(start as usize..end as usize)
            {
                children.sort_unstable_by(|a, b| b.cmp(a));
            }
        }
        Self { starts, all }
    }

    /// Returns the children of a node in reverse order, as a stack takes them.
    fn last_first(&self, node: u32) -> &[(EntryId, u32)] {
        let bound = |node: usize| self.starts.get(node).map_or(0, |&bound| bound as usize);
        let node = node as usize;
        self.all.get(bound(node)..bound(node + 1)).unwrap_or_default()
    }
}
