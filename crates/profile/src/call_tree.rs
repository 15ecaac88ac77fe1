//! The ordered call tree, from which most views are drawn.

use crate::frame::{FrameId, Function, Kind, Tier};
use crate::group::{self, Category};
use crate::label::{write_label, write_line_label};
use crate::profile::Profile;
use crate::recursion::outer_stacks;
use crate::selection::{GroupBy, LeftOutWeights, Selection, Tiers};
use crate::sieve::Sieve;
use crate::stack::StackId;
use crate::strings::StrId;
use crate::tree::{EntryId, Node, NodeId, Tree, TreeBuilder};
use hashbrown::{DefaultHashBuilder, HashMap, HashTable};
use std::hash::BuildHasher;

/// A function of a [`CallTree`], one line of a function, or a group of functions (file, package,
/// category), as [`Selection::group_by`] states. All nodes of the tree with the same label share
/// one entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The text that identifies the entry in its tree. A function has the text that [`write_label`]
    /// writes, such as `handler /srv/app.js:3:1`, to which tiers, suffixes and lines are added as
    /// the selection asks for them. A group has its name.
    pub label: String,
    /// The function's name without file and line; empty for an anonymous JavaScript function. A
    /// group, a state such as idle, and other code without a name have their label here.
    pub name: String,
    /// The function's source file, or, for native code without one, the library. It is empty for a
    /// group, and for other code without a source file.
    pub file: String,
    /// The path by which the function's package and category are found ([`Function::owner`]). A group has
    /// that of its first function that was met, or none when it is not a group of paths.
    pub owner: String,
    /// The line of `file` in which the function begins, from 1; 0 for a group or when it is not
    /// known. Grouped by line, it is the line that ran.
    pub line: u32,
    /// The column at which the function begins, from 1; 0 for a group, grouped by line, or when it
    /// is not known.
    pub column: u32,
    /// The kind of code. A group has the kind of its first function that was met.
    pub kind: Kind,
    /// The category of the code: the application, a dependency, Node, native code, ... A group has
    /// the category of its first function that was met.
    pub category: Category,
    /// Weight of the samples that end in this entry, one number for each tier, at [`Tier::index`].
    /// It is not counted for samples of which no frame is shown.
    pub self_tiers: [u64; 5],
    /// Weight of the samples that contain this entry, counted in the same way. Each sample counts
    /// once, with the tier of the innermost of the entry's frames.
    pub total_tiers: [u64; 5],
}

/// The samples of a profile that a [`Selection`] keeps, as a tree of callers and callees.
///
/// Nodes are in pre-order. The children of a node are ordered by label, and no two of them have the
/// same label.
///
/// ```
/// use spikeflame_profile::{CallTree, Selection, folded};
///
/// let mut text: &[u8] = b"main;parse 3\nmain;write 1\n";
/// let profile = folded::read(&mut text, "example", None)?;
/// let tree = CallTree::build(&profile, &Selection::default());
///
/// let label = |id| tree.entry(id).map_or("(root)", |entry| entry.label.as_str());
/// let rows: Vec<_> = tree.nodes().iter().map(|node| (label(node.entry), node.total)).collect();
/// assert_eq!(rows, [("(root)", 4), ("main", 4), ("parse", 3), ("write", 1)]);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct CallTree {
    tree: Tree<u64>,
    entries: Vec<Entry>,
    left_out: LeftOutWeights,
}

impl CallTree {
    /// Builds the tree of the samples of `profile` that `selection` keeps, with the frames grouped,
    /// merged and hidden as it states.
    pub fn build(profile: &Profile, selection: &Selection) -> Self {
        Self::build_with_nodes(profile, selection).0
    }

    /// Builds the tree as [`CallTree::build`] does. Also returns the id of the node at which the samples of each
    /// stack end, by the index of the stack; it is the root for a stack without samples that are kept.
    pub fn build_with_nodes(profile: &Profile, selection: &Selection) -> (Self, Vec<u32>) {
        let sieve = Sieve::new(profile, selection);
        let (weights, left_out) = weigh_stacks(profile, &sieve);
        let totals = sum_up(profile, &weights);
        let mut builder = Builder::new(profile, selection);
        let mut places = vec![Place { node: 0, shown: None }; profile.stacks.len()];
        let mut of_stack = vec![None; profile.stacks.len()];
        let mut ends = vec![0; profile.stacks.len()];
        for (stack, parent, frame) in profile.stacks.nodes() {
            let at = stack.index();
            let total = totals.get(at).copied().unwrap_or(0);
            let Some(&above) = places.get(parent.index()).filter(|_| total > 0) else { continue };
            let hidden = sieve.hides(frame, above.shown);
            let place = if hidden { above } else { builder.place(above, frame) };
            if let Some(slot) = of_stack.get_mut(at).filter(|_| !hidden) {
                *slot = Some(builder.entry_of(frame));
            }
            let end = builder.add_self(stack, place, weights.get(at).copied().unwrap_or(0));
            if let Some(slot) = ends.get_mut(at) {
                *slot = end;
            }
            if let Some(slot) = places.get_mut(at) {
                *slot = place;
            }
        }
        let bare = weights.first().copied().unwrap_or(0);
        let end = builder.add_self(StackId::ROOT, Place { node: 0, shown: None }, bare);
        if let Some(slot) = ends.first_mut() {
            *slot = end;
        }
        builder.add_total_tiers(&of_stack, &totals);
        let (tree, ids) = builder.finish(left_out);
        for end in &mut ends {
            *end = ids.get(*end as usize).copied().unwrap_or(0);
        }
        (tree, ends)
    }

    /// Returns all nodes in pre-order; the first is the root, also in a tree without samples.
    pub fn nodes(&self) -> &[Node] {
        self.tree.nodes()
    }

    /// Returns all entries, ordered by label. The index of an entry is that of its [`EntryId`].
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Returns all entries, in the order of [`CallTree::entries`], and drops the rest of the tree.
    pub fn into_entries(self) -> Vec<Entry> {
        self.entries
    }

    /// Returns the entry with this id. Returns `None` for `None`, which the root has. An id from
    /// another tree is not noticed.
    pub fn entry(&self, id: Option<EntryId>) -> Option<&Entry> {
        self.entries.get(id?.index())
    }

    /// Returns the id of the entry whose label is exactly `label`; `None` when the tree has no such
    /// entry.
    pub fn entry_of(&self, label: &str) -> Option<EntryId> {
        let at = self.entries.binary_search_by(|entry| entry.label.as_str().cmp(label)).ok()?;
        Some(EntryId::new(at))
    }

    /// Returns the weight of all samples that the selection kept; 0 for an empty tree.
    pub fn total(&self) -> u64 {
        self.tree.total()
    }

    /// Returns the weights of the samples that the selection did not keep, by reason.
    pub fn left_out(&self) -> &LeftOutWeights {
        &self.left_out
    }

    /// Returns the direct children of a node with their ids, ordered by label. There are none for a
    /// leaf and for an id that is not in the tree.
    pub fn children(&self, id: NodeId) -> impl Iterator<Item = (NodeId, &Node)> + '_ {
        self.tree.children(id)
    }

    /// Returns a new tree with every stack reversed. The children of the root are the entries in
    /// which samples end, and the children of a node are its callers. The `total` of a child of the
    /// root is thus the self weight of its entry, and `self_weight` is at the outermost callers.
    /// The entries and their ids stay the same.
    ///
    /// The outermost callers of very deep stacks may be cut off, to limit the memory of the result.
    pub fn reversed(&self) -> Self {
        // About 1 GiB of nodes.
        const MOST_NODES: usize = 20_000_000;
        // Few programs have deeper stacks without a recursion.
        const FEWEST_LEVELS: usize = 200;
        let ends = self.nodes().iter().filter(|node| node.self_weight > 0).count();
        let mut turned = TreeBuilder::default();
        for node in self.nodes().iter().filter(|node| node.self_weight > 0) {
            let (mut at, mut from) = (0, node);
            let mut left = (MOST_NODES / ends.max(1)).max(FEWEST_LEVELS);
            while let Some(entry) = from.entry.filter(|_| left > 0) {
                left -= 1;
                at = turned.child(at, entry);
                let Some(parent) = self.nodes().get(from.parent) else { break };
                from = parent;
            }
            turned.add_self(at, node.self_weight);
        }
        Self { tree: turned.finish(), entries: self.entries.clone(), left_out: self.left_out }
    }
}

/// Returns the selected weight of each stack, and the weight that was left out.
pub(crate) fn weigh_stacks(profile: &Profile, sieve: &Sieve<'_>) -> (Vec<u64>, LeftOutWeights) {
    let mut weights = vec![0u64; profile.stacks.len()];
    if let Some(out) = sieve.weigh_all(profile, &mut weights) {
        return (weights, out);
    }
    let out = sieve.visit(profile, |_, sample, weight| {
        if let Some(slot) = weights.get_mut(sample.stack.index()) {
            *slot += weight;
        }
    });
    (weights, out)
}

/// Returns the weight of each stack together with that of all stacks below it.
fn sum_up(profile: &Profile, weights: &[u64]) -> Vec<u64> {
    let mut totals = weights.to_vec();
    for (stack, parent, _) in profile.stacks.nodes().rev() {
        let own = totals.get(stack.index()).copied().unwrap_or(0);
        if let Some(total) = totals.get_mut(parent.index()) {
            *total += own;
        }
    }
    totals
}

/// The node of a stack, and the innermost frame that is shown there.
#[derive(Clone, Copy)]
struct Place {
    node: u32,
    shown: Option<FrameId>,
}

struct Builder<'a> {
    profile: &'a Profile,
    selection: &'a Selection,
    tree: TreeBuilder<u64>,
    entries: Vec<Entry>,
    /// The entries by their labels, which `entries` holds.
    by_label: HashTable<EntryId>,
    hasher: DefaultHashBuilder,
    of_frame: Vec<Option<EntryId>>,
    /// The category of JavaScript in each file: it takes several searches in the path.
    of_file: HashMap<StrId, Category>,
}

impl<'a> Builder<'a> {
    fn new(profile: &'a Profile, selection: &'a Selection) -> Self {
        let of_frame = vec![None; profile.frames.frames().len()];
        let (tree, entries) = (TreeBuilder::default(), Vec::new());
        let (by_label, hasher, of_file) = Default::default();
        Self { profile, selection, tree, entries, by_label, hasher, of_frame, of_file }
    }

    /// Returns the place of `frame` called from `above`.
    fn place(&mut self, above: Place, frame: FrameId) -> Place {
        let entry = self.entry_of(frame);
        // A group that calls itself is one box; a function that calls itself is recursion.
        let grouped = self.selection.group_by.joins_functions();
        let node = if grouped && self.tree.entry(above.node) == Some(entry) {
            above.node
        } else {
            self.tree.child(above.node, entry)
        };
        Place { node, shown: Some(frame) }
    }

    /// Adds the weight of `stack` to the node of its `place`, or to that of a state when no frame is
    /// shown. Returns the node.
    fn add_self(&mut self, stack: StackId, place: Place, weight: u64) -> u32 {
        if weight == 0 {
            return 0;
        }
        let Some(frame) = place.shown else {
            let kind = stack.kind_without_frames();
            let label = kind.state_label().unwrap_or_default().to_owned();
            let state = Entry {
                name: label.clone(),
                label,
                file: String::new(),
                owner: String::new(),
                line: 0,
                column: 0,
                kind,
                category: Category::Unresolved,
                self_tiers: [0; 5],
                total_tiers: [0; 5],
            };
            let entry = self.intern(state);
            let node = self.tree.child(0, entry);
            self.tree.add_self(node, weight);
            return node;
        };
        let (entry, tier) = (self.entry_of(frame), self.profile.frames.get(frame).tier);
        if let Some(entry) = self.entries.get_mut(entry.index())
            && let Some(slot) = entry.self_tiers.get_mut(tier.index())
        {
            *slot += weight;
        }
        self.tree.add_self(place.node, weight);
        place.node
    }

    /// Adds up the total weight of each entry by tier. `of_stack` is the entry of the last frame of each
    /// stack, and `None` where that frame is not shown. `totals` are the weights of the stacks, each with
    /// those of all stacks below it.
    fn add_total_tiers(&mut self, of_stack: &[Option<EntryId>], totals: &[u64]) {
        let outer = outer_stacks(self.profile, of_stack, self.entries.len());
        let profile = self.profile;
        let tier_of = |frame: FrameId| profile.frames.get(frame).tier;
        // The last frames in the order of the stacks, after the empty stack, which has none.
        let tiers = profile.stacks.nodes().map(|(_, _, frame)| tier_of(frame));
        let tiers: Vec<Tier> = std::iter::once(Tier::None).chain(tiers).collect();
        for (at, &entry) in of_stack.iter().enumerate() {
            let Some(entry) = entry.and_then(|id| self.entries.get_mut(id.index())) else {
                continue;
            };
            let total = totals.get(at).copied().unwrap_or(0);
            let tier = |stack: usize| tiers.get(stack).map_or(0, |tier| tier.index());
            if let Some(sum) = entry.total_tiers.get_mut(tier(at)) {
                *sum += total;
            }
            // The outer stack came first, with all samples of this one.
            let outer = outer.get(at).map_or(0, |&stack| stack as usize);
            if let Some(sum) = entry.total_tiers.get_mut(tier(outer)).filter(|_| outer > 0) {
                *sum = sum.saturating_sub(total);
            }
        }
    }

    fn intern(&mut self, entry: Entry) -> EntryId {
        let label = |id: &EntryId| self.entries.get(id.index()).map_or("", |known| &known.label);
        let hash = self.hasher.hash_one(entry.label.as_str());
        if let Some(&id) = self.by_label.find(hash, |id| label(id) == entry.label) {
            return id;
        }
        let id = EntryId::new(self.entries.len());
        self.by_label.insert_unique(hash, id, |id| self.hasher.hash_one(label(id)));
        self.entries.push(entry);
        id
    }

    fn entry_of(&mut self, id: FrameId) -> EntryId {
        if let Some(entry) = self.of_frame.get(id.index()).copied().flatten() {
            return entry;
        }
        let entry = self.make_entry(id);
        let entry = self.intern(entry);
        if let Some(slot) = self.of_frame.get_mut(id.index()) {
            *slot = Some(entry);
        }
        entry
    }

    fn category(&mut self, function: &Function) -> Category {
        let classify = || Category::classify(function, self.profile.frames.strings());
        match function.kind {
            Kind::Js => *self.of_file.entry(function.owner()).or_insert_with(classify),
            _ => classify(),
        }
    }

    fn make_entry(&mut self, id: FrameId) -> Entry {
        let frame = self.profile.frames.get(id);
        let mut function = *self.profile.frames.get_function(frame.function);
        if self.selection.group_by == GroupBy::Line {
            function = function.on_line(self.profile.frames.line(id));
        }
        let function = &function;
        let category = self.category(function);
        let strings = self.profile.frames.strings();
        let group = group::label(self.selection.group_by, function, strings);
        let by_function = group.is_none();
        let label = group.unwrap_or_else(|| {
            let mut label = String::new();
            let split = self.selection.tiers == Tiers::Split;
            let tier = if split { frame.tier } else { Tier::None };
            match self.selection.group_by {
                GroupBy::Line => write_line_label(&mut label, strings, function, tier),
                _ => write_label(&mut label, strings, function, tier),
            }
            if self.selection.annotate {
                label.push_str(match (function.kind, frame.inlined) {
                    (Kind::Kernel, _) => "_[k]",
                    (_, true) => "_[i]",
                    _ if frame.tier.is_compiled() => "_[j]",
                    _ => "",
                });
            }
            label
        });
        let mut name = strings.get(function.name).to_owned();
        if !by_function || name.is_empty() && function.kind != Kind::Js {
            name.clone_from(&label);
        }
        Entry {
            name,
            file: if by_function {
                strings.get(function.source()).to_owned()
            } else {
                String::new()
            },
            owner: if by_function || group::has_owner(self.selection.group_by, function.kind) {
                strings.get(function.owner()).to_owned()
            } else {
                String::new()
            },
            line: if by_function { function.line } else { 0 },
            column: if by_function { function.column } else { 0 },
            label,
            kind: function.kind,
            category,
            self_tiers: [0; 5],
            total_tiers: [0; 5],
        }
    }

    /// Orders the entries by label, and the nodes by their entries. Also returns the new id of each node.
    fn finish(mut self, left_out: LeftOutWeights) -> (CallTree, Vec<u32>) {
        let entries = self.tree.order(self.entries, |a, b| a.label.cmp(&b.label));
        let (tree, ids) = self.tree.finish_with_ids();
        (CallTree { tree, entries, left_out }, ids)
    }
}
