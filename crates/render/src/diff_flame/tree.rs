//! Merges two sets of call trees into one, which holds the cost of each place before and after.

use crate::names::Names;
use hashbrown::HashMap;
use spikeflame_profile::{CallTree, Entry, EntryId, Node, Tree, TreeBuilder};
use std::ops::AddAssign;

/// The side of a comparison that a call tree belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The runs before the change.
    Before,
    /// The runs after the change.
    After,
}

/// A cost on both sides, in the unit of the scales that [`DiffTree::merge`] was given.
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
}

impl AddAssign for Cost {
    fn add_assign(&mut self, other: Self) {
        self.before += other.before;
        self.after += other.after;
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

/// A function (or group) in the merged tree. It is from call trees of one side or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffEntry {
    /// The number by which the caller of [`DiffTree::merge`] identifies this entry.
    pub key: u32,
    /// The name on the side before; `None` when no tree of that side has this entry.
    pub before: Option<SideName>,
    /// The name on the side after; `None` when no tree of that side has this entry.
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

/// A node of the merged tree, with its costs on both sides.
pub type DiffNode = Node<Cost>;

/// The merged tree of the runs before and after. Nodes are in pre-order, and each key stands at
/// most once among the children of a node.
#[derive(Clone, Debug)]
pub struct DiffTree {
    tree: Tree<Cost>,
    entries: Vec<DiffEntry>,
}

impl DiffTree {
    /// Merges the call trees of both sides into one tree. Each call tree comes with its scale: the
    /// cost of a weight of 1, such as milliseconds per request. A scale below 0 or not finite
    /// counts as 0. The costs of all trees of a side are added up. A caller that wants the mean of
    /// a side therefore divides each scale by the number of trees of the side.
    ///
    /// `key` decides which entries are the same function: they have the same key. It is called with
    /// the side, the index of the tree in its list, and the entry.
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
        self.tree.nodes()
    }

    /// Returns the entries, ordered by their label before or after, whichever comes first in the alphabet.
    pub fn entries(&self) -> &[DiffEntry] {
        &self.entries
    }

    /// Returns the entry at a node; `None` for the root.
    pub fn entry(&self, node: &DiffNode) -> Option<&DiffEntry> {
        self.entries.get(node.entry?.index())
    }

    /// Returns the cost of all samples before and after.
    pub fn total(&self) -> Cost {
        self.tree.total()
    }

    /// Returns the children of the node with index `id`, each with its index, in the order of
    /// [`DiffTree::entries`]. An index that is not in the tree has none.
    pub fn children(&self, id: usize) -> impl Iterator<Item = (usize, &DiffNode)> + '_ {
        self.tree.children(id)
    }
}

#[derive(Default)]
struct Merger {
    tree: TreeBuilder<Cost>,
    entries: Vec<DiffEntry>,
    of_key: HashMap<u32, EntryId>,
}

impl Merger {
    fn add(&mut self, side: Side, tree: &CallTree, scale: f64, key: impl Fn(EntryId) -> u32) {
        let names = Names::new(tree, false);
        let mut of_entry: Vec<Option<EntryId>> = vec![None; tree.entries().len()];
        let mut place_of = vec![0; tree.nodes().len()];
        for (id, node) in tree.nodes().iter().enumerate() {
            let mut place = 0;
            if let (Some(entry_id), Some(entry)) = (node.entry, tree.entry(node.entry)) {
                let known = of_entry.get(entry_id.index()).copied().flatten();
                let entry = known.unwrap_or_else(|| {
                    self.entry(side, key(entry_id), entry, || names.joined(entry_id))
                });
                if let Some(slot) = of_entry.get_mut(entry_id.index()) {
                    *slot = Some(entry);
                }
                place = self.tree.child(place_of.get(node.parent).copied().unwrap_or(0), entry);
            }
            let mut cost = Cost::default();
            cost.add(side, node.self_weight as f64 * scale);
            self.tree.add_self(place, cost);
            if let Some(slot) = place_of.get_mut(id) {
                *slot = place;
            }
        }
    }

    fn entry(&mut self, side: Side, key: u32, entry: &Entry, name: impl Fn() -> String) -> EntryId {
        let next = EntryId::new(self.entries.len());
        let id = *self.of_key.entry(key).or_insert(next);
        if id == next {
            self.entries.push(DiffEntry { key, before: None, after: None });
        }
        if let Some(found) = self.entries.get_mut(id.index()) {
            let slot = match side {
                Side::Before => &mut found.before,
                Side::After => &mut found.after,
            };
            slot.get_or_insert_with(|| SideName { name: name(), label: entry.label.clone() });
        }
        id
    }

    fn finish(self) -> DiffTree {
        let (tree, entries) =
            self.tree.finish_in_order(self.entries, |a, b| a.order().cmp(&b.order()));
        DiffTree { tree, entries }
    }
}
