//! The weights of functions and of groups of them, from one walk of a call tree.

use crate::run::{GROUPS, GroupCount};
use hashbrown::{HashMap, HashSet};
use spikeflame_profile::{CallTree, Entry, GroupBy, Kind, group_of, is_of_recorder};

/// The weights of a function or group.
#[derive(Clone, Copy, Default)]
pub(crate) struct Sums {
    pub(crate) self_weight: u64,
    pub(crate) total: u64,
    /// The machine's part of `own`.
    own_machine: u64,
    /// The machine's part of `total`.
    pub(crate) machine: u64,
}

/// Returns true for costs of the machine: the kernel, garbage collection, compiling, and native code
/// such as Node's own and that of libraries. An addon is code, and so is all native code of a
/// program without JavaScript. The module that the recorder loads is no code of the program.
fn is_machine(entry: &Entry, has_js: bool) -> bool {
    match entry.kind {
        Kind::Kernel | Kind::Gc | Kind::Compiler => true,
        Kind::Native => has_js && !entry.file.ends_with(".node"),
        Kind::Js => is_of_recorder(&entry.file),
        _ => false,
    }
}

/// The groups of one grouping: their labels, whether these are paths of files, and their
/// sums.
#[derive(Default)]
pub(crate) struct Groups {
    labels: Vec<(String, bool)>,
    sums: Vec<Sums>,
}

impl Groups {
    /// Returns the counts of all groups. `scaled` converts a weight to a number of samples.
    pub(crate) fn into_counts(self, scaled: impl Fn(u64) -> f64) -> Vec<GroupCount> {
        let groups = self.labels.into_iter().zip(self.sums);
        groups
            .map(|((label, is_file), sums)| GroupCount {
                label,
                is_file,
                self_count: scaled(sums.self_weight),
                total_count: scaled(sums.total),
                machine_self: scaled(sums.own_machine),
                machine_count: scaled(sums.machine),
            })
            .collect()
    }
}

/// Self and total weights of functions and groups, from one walk of the tree.
pub(crate) struct Levels {
    pub(crate) functions: Vec<Sums>,
    pub(crate) groups: [Groups; 3],
    /// The groups of each entry, one for each grouping.
    pub(crate) of_entry: Vec<[u32; 3]>,
    /// Whether each entry is the machine's cost.
    pub(crate) is_machine: Vec<bool>,
}

impl Levels {
    pub(crate) fn new<'e>(entries: &'e [Entry]) -> Self {
        // Functions of one file, owner and kind are in the same groups.
        let mut places: HashMap<(Kind, &str, &str), u32> = HashMap::new();
        let mut shown: Vec<&Entry> = Vec::new();
        let place = |entry: &'e Entry| {
            *places.entry((entry.kind, &*entry.file, &*entry.owner)).or_insert_with(|| {
                shown.push(entry);
                shown.len() as u32 - 1
            })
        };
        let place_of_entry: Vec<u32> = entries.iter().map(place).collect();
        let mut of_place = vec![[0u32; 3]; shown.len()];
        let mut level = 0;
        let groups = GROUPS.map(|by| {
            let mut groups = Groups::default();
            let mut known: HashMap<String, u32> = HashMap::new();
            for (entry, ids) in shown.iter().zip(&mut of_place) {
                let file = if by == GroupBy::File { &entry.file } else { &entry.owner };
                let label = group_of(by, entry.kind, file).unwrap_or_default();
                let id = *known.entry_ref(&label).or_insert_with(|| {
                    let is_file = by == GroupBy::File && label == entry.file;
                    groups.labels.push((label.clone(), is_file));
                    groups.labels.len() as u32 - 1
                });
                if let Some(slot) = ids.get_mut(level) {
                    *slot = id;
                }
            }
            level += 1;
            groups.sums = vec![Sums::default(); groups.labels.len()];
            groups
        });
        let of_entry = |place: &u32| of_place.get(*place as usize).copied().unwrap_or_default();
        let of_entry: Vec<[u32; 3]> = place_of_entry.iter().map(of_entry).collect();
        let has_js = entries.iter().any(|entry| matches!(entry.kind, Kind::Js | Kind::Builtin));
        let is_machine = entries.iter().map(|entry| is_machine(entry, has_js)).collect();
        Self { functions: vec![Sums::default(); entries.len()], groups, of_entry, is_machine }
    }

    /// Adds up the tree. Each sample counts once for a function, also in a recursion.
    /// Returns the pairs of caller and callee.
    pub(crate) fn add_up(&mut self, tree: &CallTree) -> Vec<(u32, u32)> {
        let mut calls: HashSet<(u32, u32)> = HashSet::new();
        let mut open = PathCounts::new(self);
        let machine = self.machine_before(tree);
        let machine_before = |node: usize| machine.get(node).copied().unwrap_or(0);
        let mut path: Vec<(usize, usize)> = Vec::new();
        for (at, node) in tree.nodes().iter().enumerate() {
            let Some(entry) = node.entry.map(|entry| entry.index()) else { continue };
            while let Some(&(_, entry)) = path.last().filter(|(end, _)| *end <= at) {
                open.leave(entry, &self.of_entry);
                path.pop();
            }
            if let Some(&(_, caller)) = path.last().filter(|(_, caller)| *caller != entry) {
                calls.insert((caller as u32, entry as u32));
            }
            let ids = self.of_entry.get(entry).copied().unwrap_or_default();
            let functions = (&mut self.functions, entry);
            let [files, packages, categories] = &mut self.groups;
            let [file, package, category] = ids.map(|id| id as usize);
            let tables = [
                functions,
                (&mut files.sums, file),
                (&mut packages.sums, package),
                (&mut categories.sums, category),
            ];
            for ((sums, id), open) in tables.into_iter().zip(&mut open.counts) {
                if let (Some(sum), Some(count)) = (sums.get_mut(id), open.get_mut(id)) {
                    sum.self_weight += node.self_weight;
                    sum.own_machine += machine_before(at + 1) - machine_before(at);
                    if *count == 0 {
                        sum.total += node.total;
                        sum.machine += machine_before(node.end) - machine_before(at);
                    }
                    *count += 1;
                }
            }
            path.push((node.end, entry));
        }
        let mut calls: Vec<_> = calls.into_iter().collect();
        calls.sort_unstable();
        calls
    }
}

impl Levels {
    /// Returns the sums of the machine's weight over all nodes before each node. The last value is
    /// the sum over all nodes.
    fn machine_before(&self, tree: &CallTree) -> Vec<u64> {
        let mut sum = 0;
        let mut sums = vec![0];
        for node in tree.nodes() {
            let machine = node.entry.and_then(|entry| self.is_machine.get(entry.index()));
            sum += if machine == Some(&true) { node.self_weight } else { 0 };
            sums.push(sum);
        }
        sums
    }
}

/// The number of times that each function and group is on the current path.
struct PathCounts {
    counts: [Vec<u32>; 4],
}

impl PathCounts {
    fn new(levels: &Levels) -> Self {
        let [files, packages, categories] = &levels.groups;
        let groups = [files, packages, categories].map(|groups| vec![0; groups.sums.len()]);
        let [files, packages, categories] = groups;
        Self { counts: [vec![0; levels.functions.len()], files, packages, categories] }
    }

    fn leave(&mut self, entry: usize, of_entry: &[[u32; 3]]) {
        let [file, package, category] = of_entry.get(entry).copied().unwrap_or_default();
        let ids = [entry, file as usize, package as usize, category as usize];
        for (counts, id) in self.counts.iter_mut().zip(ids) {
            if let Some(count) = counts.get_mut(id) {
                *count -= 1;
            }
        }
    }
}
