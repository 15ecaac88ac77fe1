//! The ordered call tree, from which every view is drawn.

use crate::frame::{FrameId, Kind, Tier};
use crate::group::{self, Category};
use crate::label::{write_label, write_line_label};
use crate::profile::Profile;
use crate::selection::{GroupBy, LeftOut, Selection, Tiers};
use crate::sieve::Sieve;
use crate::stack::StackId;
use hashbrown::HashMap;

/// The id of an [`Entry`] in its [`CallTree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntryId(u32);

impl EntryId {
    /// Returns the entry's index in [`CallTree::entries`], from 0.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// The id of a [`Node`]: its place in pre-order, 0 for the root.
pub type NodeId = usize;

/// A function of the tree, or the group (file, package, category) that stands for its
/// functions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The full label, unique in the tree.
    pub label: String,
    /// The name of the function, or the label of the group.
    pub name: String,
    /// The function's source file or library; empty when there is none.
    pub file: String,
    /// The file that determines the owner of the code. It is `file`, except for a package
    /// whose source map names sources elsewhere: there it is the file that ran.
    pub owner: String,
    /// The function's line in `file`, from 1; 0 when it is not known.
    pub line: u32,
    /// The function's column in that line, from 1; 0 when it is not known.
    pub column: u32,
    /// The kind of code. A group has the kind of its first function.
    pub kind: Kind,
    /// The owner of the code: the application, a dependency, Node, ...
    pub category: Category,
    /// Weight of the samples that end in this entry, by [`Tier::index`].
    pub self_tiers: [u64; 5],
    /// Weight of the samples that contain this entry, by [`Tier::index`]. A recursive
    /// function is counted once for each time that it is on the stack.
    pub total_tiers: [u64; 5],
}

/// A node of the call tree: an entry with one path of callers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// The entry that the node shows; `None` for the root.
    pub entry: Option<EntryId>,
    /// The caller's node; 0 for the root itself.
    pub parent: NodeId,
    /// The number of callers, 0 for the root.
    pub depth: u32,
    /// Weight of the samples that end at this node.
    pub self_weight: u64,
    /// Weight of the samples that pass through this node or end at it.
    pub total: u64,
    /// The id after the last descendant: the descendants are the ids between this node's own
    /// and `end`.
    pub end: NodeId,
}

/// The samples that a selection keeps, as a tree.
///
/// Nodes are in pre-order. The children of a node are ordered by label, and no two of them
/// have the same label.
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
    nodes: Vec<Node>,
    entries: Vec<Entry>,
    left_out: LeftOut,
}

impl CallTree {
    /// Builds the tree of the samples that `selection` keeps of `profile`.
    pub fn build(profile: &Profile, selection: &Selection) -> Self {
        let sieve = Sieve::new(profile, selection);
        let (weights, left_out) = weigh_stacks(profile, &sieve);
        let totals = sum_up(profile, &weights);
        let mut builder = Builder::new(profile, selection);
        let mut places = vec![Place { node: 0, shown: None }; profile.stacks.len()];
        for (stack, parent, frame) in profile.stacks.nodes() {
            let at = stack.index();
            let total = totals.get(at).copied().unwrap_or(0);
            let Some(&above) = places.get(parent.index()).filter(|_| total > 0) else { continue };
            let hidden = sieve.hides(frame, above.shown);
            let place = if hidden { above } else { builder.place(above, frame, total) };
            builder.add_self(stack, place, weights.get(at).copied().unwrap_or(0));
            if let Some(slot) = places.get_mut(at) {
                *slot = place;
            }
        }
        let bare = weights.first().copied().unwrap_or(0);
        builder.add_self(StackId::ROOT, Place { node: 0, shown: None }, bare);
        builder.finish(left_out)
    }

    /// Returns all nodes in pre-order; the first is the root.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Returns all entries, ordered by label.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Returns the entry with this id; `None` for `None` (the root) and for an id that is
    /// not in this tree.
    pub fn entry(&self, id: Option<EntryId>) -> Option<&Entry> {
        self.entries.get(id?.index())
    }

    /// Returns the id of the entry with this full label; `None` when the tree has none.
    pub fn entry_of(&self, label: &str) -> Option<EntryId> {
        let at = self.entries.binary_search_by(|entry| entry.label.as_str().cmp(label)).ok()?;
        u32::try_from(at).ok().map(EntryId)
    }

    /// Returns the weight of all samples that the selection kept.
    pub fn total(&self) -> u64 {
        self.nodes.first().map_or(0, |root| root.total)
    }

    /// Returns the weight of the samples that the selection left out, by reason.
    pub fn left_out(&self) -> &LeftOut {
        &self.left_out
    }

    /// Returns the children of a node with their ids, ordered by label. An id that is not in the
    /// tree has none.
    pub fn children(&self, id: NodeId) -> impl Iterator<Item = (NodeId, &Node)> + '_ {
        let end = self.nodes.get(id).map_or(0, |node| node.end);
        let mut next = id + 1;
        std::iter::from_fn(move || {
            let at = next;
            let node = self.nodes.get(at).filter(|_| at < end)?;
            next = node.end;
            Some((at, node))
        })
    }

    /// Returns the tree with every stack turned over: the children of the root are the functions
    /// in which samples end, and the children of a node are its callers. Weights stay.
    ///
    /// Very deep stacks lose their outermost callers, so that the result has at most
    /// about 20 million nodes. At least 200 frames of each stack are kept.
    pub fn reversed(&self) -> Self {
        const MOST_NODES: usize = 20_000_000;
        const FEWEST_LEVELS: usize = 200;
        let ends = self.nodes.iter().filter(|node| node.self_weight > 0).count();
        let mut trie = Trie::default();
        for node in self.nodes.iter().filter(|node| node.self_weight > 0) {
            let (mut at, mut from) = (0, node);
            let mut left = (MOST_NODES / ends.max(1)).max(FEWEST_LEVELS);
            while let Some(entry) = from.entry.filter(|_| left > 0) {
                left -= 1;
                at = trie.child(at, entry.0);
                let Some(parent) = self.nodes.get(from.parent) else { break };
                from = parent;
            }
            trie.add_self(at, node.self_weight);
        }
        Self { nodes: trie.into_nodes(), entries: self.entries.clone(), left_out: self.left_out }
    }
}

/// Returns the selected weight of each stack, and the weight that was left out.
pub(crate) fn weigh_stacks(profile: &Profile, sieve: &Sieve<'_>) -> (Vec<u64>, LeftOut) {
    let mut weights = vec![0u64; profile.stacks.len()];
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
    trie: Trie,
    entries: Vec<Entry>,
    by_label: HashMap<String, u32>,
    of_frame: Vec<Option<u32>>,
}

impl<'a> Builder<'a> {
    fn new(profile: &'a Profile, selection: &'a Selection) -> Self {
        let of_frame = vec![None; profile.frames.frames().len()];
        let (entries, by_label) = Default::default();
        Self { profile, selection, trie: Trie::default(), entries, by_label, of_frame }
    }

    /// Returns the place of `frame` called from `above`, and adds `total`, the weight that
    /// passes there.
    fn place(&mut self, above: Place, frame: FrameId, total: u64) -> Place {
        let entry = self.entry_of(frame);
        let tier = self.profile.frames.get(frame).tier;
        if let Some(entry) = self.entries.get_mut(entry as usize)
            && let Some(slot) = entry.total_tiers.get_mut(tier.index())
        {
            // Deep recursion adds the same weight many times: the sum must not overflow.
            *slot = slot.saturating_add(total);
        }
        // A group that calls itself is one box; a function that calls itself is recursion.
        let grouped = self.selection.group_by.joins_functions();
        let node = if grouped && self.trie.entry(above.node) == Some(entry) {
            above.node
        } else {
            self.trie.child(above.node, entry)
        };
        Place { node, shown: Some(frame) }
    }

    /// Adds the weight of `stack` to the node of its `place`.
    fn add_self(&mut self, stack: StackId, place: Place, weight: u64) {
        if weight == 0 {
            return;
        }
        let Some(frame) = place.shown else {
            let kind = stack.kind_without_frames();
            let state = Entry {
                label: kind.state_label().unwrap_or_default().to_owned(),
                name: String::new(),
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
            let node = self.trie.child(0, entry);
            return self.trie.add_self(node, weight);
        };
        let (entry, tier) = (self.entry_of(frame), self.profile.frames.get(frame).tier);
        if let Some(entry) = self.entries.get_mut(entry as usize)
            && let Some(slot) = entry.self_tiers.get_mut(tier.index())
        {
            *slot += weight;
        }
        self.trie.add_self(place.node, weight);
    }

    fn intern(&mut self, entry: Entry) -> u32 {
        if let Some(&id) = self.by_label.get(&entry.label) {
            return id;
        }
        let id = self.entries.len() as u32;
        self.by_label.insert(entry.label.clone(), id);
        self.entries.push(entry);
        id
    }

    fn entry_of(&mut self, id: FrameId) -> u32 {
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

    fn make_entry(&self, id: FrameId) -> Entry {
        let frame = self.profile.frames.get(id);
        let mut function = *self.profile.frames.get_function(frame.function);
        if self.selection.group_by == GroupBy::Line {
            function = function.on_line(self.profile.frames.line(id));
        }
        let function = &function;
        let strings = self.profile.frames.strings();
        let category = Category::classify(function, strings);
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
            owner: if by_function {
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

    /// Orders the entries by label, and the nodes by their entries.
    fn finish(mut self, left_out: LeftOut) -> CallTree {
        let mut order: Vec<u32> = (0..self.entries.len() as u32).collect();
        let label = |id: &u32| self.entries.get(*id as usize).map(|entry| entry.label.as_str());
        order.sort_unstable_by(|a, b| label(a).cmp(&label(b)));
        let mut rank = vec![0u32; order.len()];
        for (place, &id) in order.iter().enumerate() {
            if let Some(slot) = rank.get_mut(id as usize) {
                *slot = place as u32;
            }
        }
        self.trie.rename(&rank);
        let mut ranked: Vec<_> = self.entries.into_iter().zip(rank).collect();
        ranked.sort_unstable_by_key(|&(_, rank)| rank);
        let entries = ranked.into_iter().map(|(entry, _)| entry).collect();
        CallTree { nodes: self.trie.into_nodes(), entries, left_out }
    }
}

/// A tree under construction; node 0 is the root.
#[derive(Default)]
struct Trie {
    /// `(parent, entry, self weight)` of node `i + 1`.
    nodes: Vec<(u32, u32, u64)>,
    index: HashMap<(u32, u32), u32>,
    bare: u64,
}

impl Trie {
    fn child(&mut self, parent: u32, entry: u32) -> u32 {
        let nodes = &mut self.nodes;
        *self.index.entry((parent, entry)).or_insert_with(|| {
            nodes.push((parent, entry, 0));
            nodes.len() as u32
        })
    }

    fn entry(&self, node: u32) -> Option<u32> {
        Some(self.nodes.get((node as usize).checked_sub(1)?)?.1)
    }

    fn add_self(&mut self, node: u32, weight: u64) {
        match (node as usize).checked_sub(1).and_then(|at| self.nodes.get_mut(at)) {
            Some(node) => node.2 += weight,
            None => self.bare += weight,
        }
    }

    fn rename(&mut self, rank: &[u32]) {
        for node in &mut self.nodes {
            node.1 = rank.get(node.1 as usize).copied().unwrap_or(node.1);
        }
    }

    /// Returns the nodes in pre-order, children ordered by entry.
    fn into_nodes(self) -> Vec<Node> {
        let mut totals = vec![0u64; self.nodes.len() + 1];
        // First the end of each node's children in the list of all children, then their
        // start.
        let mut ends = vec![0u32; self.nodes.len() + 1];
        for (at, &(parent, _, own)) in self.nodes.iter().enumerate().rev() {
            let total = totals.get(at + 1).copied().unwrap_or(0) + own;
            for (place, value) in [(at + 1, own), (parent as usize, total)] {
                if let Some(slot) = totals.get_mut(place) {
                    *slot += value;
                }
            }
            if let Some(count) = ends.get_mut(parent as usize) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for end in &mut ends {
            sum += *end;
            *end = sum;
        }
        // The lists are filled from their ends, so that each end becomes a start.
        let mut starts = ends.clone();
        let mut children = vec![(0u32, 0u32); self.nodes.len()];
        for (at, &(parent, entry, _)) in self.nodes.iter().enumerate() {
            let Some(start) = starts.get_mut(parent as usize) else { continue };
            *start -= 1;
            if let Some(slot) = children.get_mut(*start as usize) {
                *slot = (entry, at as u32 + 1);
            }
        }
        for (&start, &end) in starts.iter().zip(&ends).filter(|(start, end)| *end - *start > 1) {
            if let Some(children) = children.get_mut(start as usize..end as usize) {
                // The last child comes first, because the stack below takes the last one
                // first.
                children.sort_unstable_by(|a, b| b.cmp(a));
            }
        }
        let mut nodes: Vec<Node> = Vec::with_capacity(self.nodes.len() + 1);
        let mut todo = vec![(0u32, 0usize, 0u32)];
        while let Some((id, parent, depth)) = todo.pop() {
            let at = nodes.len();
            let (entry, self_weight) = match self.nodes.get((id as usize).wrapping_sub(1)) {
                Some(&(_, entry, own)) => (Some(EntryId(entry)), own),
                None => (None, self.bare),
            };
            let total = totals.get(id as usize).copied().unwrap_or(0);
            let total = if id == 0 { total + self.bare } else { total };
            nodes.push(Node { entry, parent, depth, self_weight, total, end: at + 1 });
            let bound = |list: &[u32]| list.get(id as usize).map_or(0, |&bound| bound as usize);
            let children = children.get(bound(&starts)..bound(&ends)).unwrap_or_default();
            todo.extend(children.iter().map(|&(_, child)| (child, at, depth + 1)));
        }
        for at in (1..nodes.len()).rev() {
            let Some(&Node { parent, end, .. }) = nodes.get(at) else { continue };
            if let Some(parent) = nodes.get_mut(parent) {
                parent.end = parent.end.max(end);
            }
        }
        nodes
    }
}
