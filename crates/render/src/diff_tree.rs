//! Merges two sets of call trees into one, which holds the cost of each place before and after.

use crate::names::Names;
use hashbrown::HashMap;
use spikeflame_profile::{CallTree, Entry, EntryId};

/// The side of a comparison that a call tree belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The runs before the change.
    Before,
    /// The runs after the change.
    After,
}

/// A cost on both sides, in the unit of the scales.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Cost {
    /// Cost before the change.
    pub before: f64,
    /// Cost after the change.
    pub after: f64,
}

impl Cost {
    fn add(&mut self, side: Side, cost: f64) {
        match side {
            Side::Before => self.before += cost,
            Side::After => self.after += cost,
        }
    }

    pub(crate) fn and(self, other: Self) -> Self {
        Self { before: self.before + other.before, after: self.after + other.after }
    }
}

/// The name of an entry on one side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SideName {
    /// The name for people, with a short path.
    pub name: String,
    /// The full label of the entry, with its whole path.
    pub label: String,
}

/// A function (or group) that stands in trees of one side or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffEntry {
    /// The number by which the caller of [`DiffTree::merge`] identifies it.
    pub key: u32,
    /// The name before; `None` when no tree of that side holds it.
    pub before: Option<SideName>,
    /// The name after; `None` when no tree of that side holds it.
    pub after: Option<SideName>,
}

impl DiffEntry {
    /// Returns the name after, or else the name before.
    pub fn name(&self) -> &str {
        self.after.as_ref().or(self.before.as_ref()).map_or("", |named| &named.name)
    }

    /// Returns the order of siblings. It stays when the two sides are swapped.
    fn order(&self) -> (&str, u32) {
        let labels = [&self.before, &self.after].into_iter().flatten();
        (labels.map(|named| named.label.as_str()).min().unwrap_or(""), self.key)
    }
}

/// A node of the merged tree: an entry with one path of callers, and its costs on both sides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DiffNode {
    /// Index of its function in [`DiffTree::entries`]; `None` for the root.
    pub entry: Option<usize>,
    /// Index of the caller's node in [`DiffTree::nodes`]; 0 for the root itself.
    pub parent: usize,
    /// Number of callers, 0 for the root.
    pub depth: usize,
    /// Index after the last descendant: the descendants are the nodes between this one and `end`.
    pub end: usize,
    /// Cost of the node itself, without its callees, before and after.
    pub own: Cost,
    /// Cost of the node together with its callees, before and after.
    pub total: Cost,
}

/// The merged tree of the runs before and after. Nodes are in pre-order, and each key stands at
/// most once among the children of a node.
#[derive(Clone, Debug)]
pub struct DiffTree {
    nodes: Vec<DiffNode>,
    entries: Vec<DiffEntry>,
}

impl DiffTree {
    /// Merges the call trees of both sides into one tree. Each call tree comes with its scale: the
    /// cost of a weight of 1, such as milliseconds per request. The costs of all trees of a side
    /// are added up. A caller that wants their mean therefore divides each scale by the number of
    /// trees. A scale that is not a positive number counts as 0.
    ///
    /// `key` decides which entries are the same function: they have the same key. It is called
    /// with the side, the index of the tree in its list, and the entry. Children of one node that
    /// have the same key become one node.
    ///
    /// ```
    /// use spikeflame_profile::{CallTree, Selection, folded};
    /// use spikeflame_render::DiffTree;
    ///
    /// let tree = |text: &str| -> std::io::Result<CallTree> {
    ///     let profile = folded::read(&mut text.as_bytes(), "made", None)?;
    ///     Ok(CallTree::build(&profile, &Selection::default()))
    /// };
    /// let (before, after) = (tree("work 4\n")?, tree("work 1\n")?);
    /// let merged = DiffTree::merge(&[(&before, 1.0)], &[(&after, 1.0)], |_, _, _| 0);
    /// let total = merged.total();
    /// assert_eq!((total.before, total.after), (4.0, 1.0));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn merge(
        before: &[(&CallTree, f64)],
        after: &[(&CallTree, f64)],
        key: impl Fn(Side, usize, EntryId) -> u32,
    ) -> Self {
        let mut merger = Merger::default();
        for (side, trees) in [(Side::Before, before), (Side::After, after)] {
            for (at, &(tree, scale)) in trees.iter().enumerate() {
                let scale = if scale.is_finite() { scale.max(0.0) } else { 0.0 };
                merger.add(side, tree, scale, |entry| key(side, at, entry));
            }
        }
        merger.finish()
    }

    /// Returns the nodes in pre-order; the first is the root.
    pub fn nodes(&self) -> &[DiffNode] {
        &self.nodes
    }

    /// Returns the entries, in no particular order.
    pub fn entries(&self) -> &[DiffEntry] {
        &self.entries
    }

    /// Returns the entry at a node; `None` for the root.
    pub fn entry(&self, node: &DiffNode) -> Option<&DiffEntry> {
        self.entries.get(node.entry?)
    }

    /// Returns the cost of all samples before and after.
    pub fn total(&self) -> Cost {
        self.nodes.first().map_or_else(Cost::default, |root| root.total)
    }

    /// Returns the children of the node with index `id`, each with its index, ordered by label. An
    /// index that is not in the tree has none.
    pub fn children(&self, id: usize) -> impl Iterator<Item = (usize, &DiffNode)> + '_ {
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

/// A node while trees are merged. It has a higher number than its parent.
struct MergedNode {
    entry: usize,
    parent: usize,
    own: Cost,
}

#[derive(Default)]
struct Merger {
    /// All nodes except the root, which has number 0. The first one here has number 1.
    nodes: Vec<MergedNode>,
    /// Cost of samples without a stack, which belong to the root.
    bare: Cost,
    places: HashMap<(usize, usize), usize>,
    entries: Vec<DiffEntry>,
    of_key: HashMap<u32, usize>,
}

impl Merger {
    fn add(&mut self, side: Side, tree: &CallTree, scale: f64, key: impl Fn(EntryId) -> u32) {
        let names = Names::new(tree, false);
        let mut of_entry: Vec<Option<usize>> = vec![None; tree.entries().len()];
        let mut place_of = vec![0; tree.nodes().len()];
        for (id, node) in tree.nodes().iter().enumerate() {
            let cost = node.self_weight as f64 * scale;
            let (Some(entry_id), Some(entry)) = (node.entry, tree.entry(node.entry)) else {
                self.bare.add(side, cost);
                continue;
            };
            let known = of_entry.get(entry_id.index()).copied().flatten();
            let entry = known.unwrap_or_else(|| {
                self.entry(side, key(entry_id), entry, || names.joined(entry_id))
            });
            if let Some(slot) = of_entry.get_mut(entry_id.index()) {
                *slot = Some(entry);
            }
            let parent = place_of.get(node.parent).copied().unwrap_or(0);
            let next = self.nodes.len() + 1;
            let place = *self.places.entry((parent, entry)).or_insert(next);
            if place == next {
                self.nodes.push(MergedNode { entry, parent, own: Cost::default() });
            }
            if let Some(grown) = self.nodes.get_mut(place - 1) {
                grown.own.add(side, cost);
            }
            if let Some(slot) = place_of.get_mut(id) {
                *slot = place;
            }
        }
    }

    fn entry(&mut self, side: Side, key: u32, entry: &Entry, name: impl Fn() -> String) -> usize {
        let next = self.entries.len();
        let at = *self.of_key.entry(key).or_insert(next);
        if at == next {
            self.entries.push(DiffEntry { key, before: None, after: None });
        }
        if let Some(found) = self.entries.get_mut(at) {
            let slot = match side {
                Side::Before => &mut found.before,
                Side::After => &mut found.after,
            };
            slot.get_or_insert_with(|| SideName { name: name(), label: entry.label.clone() });
        }
        at
    }

    fn finish(self) -> DiffTree {
        // Sort so that siblings stand side by side, in order.
        let mut by_parent: Vec<(usize, &MergedNode)> =
            self.nodes.iter().enumerate().map(|(at, grown)| (at + 1, grown)).collect();
        let order = |grown: &MergedNode| self.entries.get(grown.entry).map(DiffEntry::order);
        by_parent.sort_by(|(_, a), (_, b)| {
            a.parent.cmp(&b.parent).then_with(|| order(a).cmp(&order(b)))
        });
        let mut nodes: Vec<DiffNode> = Vec::with_capacity(by_parent.len() + 1);
        let root = DiffNode {
            entry: None,
            parent: 0,
            depth: 0,
            end: 0,
            own: self.bare,
            total: Cost::default(),
        };
        // Pairs of a node's number while merging and its final node.
        let mut waiting = vec![(0, root)];
        while let Some((number, node)) = waiting.pop() {
            let (at, depth) = (nodes.len(), node.depth + 1);
            nodes.push(node);
            let first = by_parent.partition_point(|(_, grown)| grown.parent < number);
            let last = by_parent.partition_point(|(_, grown)| grown.parent <= number);
            let children = by_parent.get(first..last).unwrap_or_default();
            waiting.extend(children.iter().rev().map(|(number, grown)| {
                let entry = Some(grown.entry);
                let (own, total) = (grown.own, Cost::default());
                (*number, DiffNode { entry, parent: at, depth, end: 0, own, total })
            }));
        }
        sum_up(&mut nodes);
        DiffTree { nodes, entries: self.entries }
    }
}

/// Computes totals and ends, from the leaves upwards.
fn sum_up(nodes: &mut [DiffNode]) {
    for at in (0..nodes.len()).rev() {
        let Some(node) = nodes.get_mut(at) else { continue };
        node.total = node.total.and(node.own);
        node.end = node.end.max(at + 1);
        let (parent, total, end) = (node.parent, node.total, node.end);
        if at > 0
            && let Some(parent) = nodes.get_mut(parent)
        {
            parent.total = parent.total.and(total);
            parent.end = parent.end.max(end);
        }
    }
}
