//! Parts of a run's window, and the counts of functions and groups in them.
//!
//! A cost of requests is spread over a run as its requests are. A cost of the start comes first, and
//! a cost of time also comes while nobody asks.

use crate::levels::{Levels, Sums};
use hashbrown::HashMap;
use spikeflame_profile::{CallTree, Idle, Profile, Selection};

/// A part of a run's window, and the requests that it served.
///
/// ```
/// use spikeflame_diff::{Run, RunCounts, Slice};
/// use spikeflame_profile::{Selection, folded};
///
/// let mut text: &[u8] = b"main;parse 300\n";
/// let profile = folded::read(&mut text, "example", None)?;
/// let all = Selection::default();
/// let slice = |from_us, to_us| Slice { from_us, to_us, requests: 50.0 };
/// let slices = vec![slice(0, 2_000_000), slice(2_000_000, 3_000_000)];
/// let run = Run { requests: Some(100.0), slices, ..Run::new("a", &profile, &all) };
/// assert_eq!(RunCounts::count(&run).samples(), 300.0);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slice {
    /// The start of the part, in microseconds since the profile's zero.
    pub from_us: u64,
    /// The end of the part, in microseconds since the profile's zero, which does not belong to the part.
    pub to_us: u64,
    /// The number of successful requests that ended in the part.
    pub requests: f64,
}

impl Slice {
    /// A window is cut into eight parts, at the times at which these shares of its successful
    /// requests have ended. Parts at the start and at the end are short, because the first requests
    /// have costs of their own, and because loads rise and fall there.
    pub const SHARES: [f64; 7] = [0.0625, 0.125, 0.25, 0.5, 0.75, 0.875, 0.9375];
}

/// The self and total counts of functions and of groups in a part of a run. The lists are those of
/// [`RunCounts`](crate::RunCounts).
#[derive(Clone, Debug)]
pub(crate) struct SliceCounts {
    pub(crate) seconds: f64,
    pub(crate) requests: f64,
    pub(crate) functions: Vec<[f64; 2]>,
    pub(crate) groups: [Vec<[f64; 2]>; 3],
}

/// Places in the lists of a run, by label.
pub(crate) struct Places<'a> {
    functions: HashMap<&'a str, usize>,
    groups: [HashMap<&'a str, usize>; 3],
}

impl<'a> Places<'a> {
    pub(crate) fn new(tree: &'a CallTree, levels: &'a Levels) -> Self {
        let functions = tree.entries().iter().map(|entry| entry.label.as_str());
        let groups = levels.groups.each_ref().map(|groups| by_label(groups.labels()));
        Self { functions: by_label(functions), groups }
    }

    /// Returns the counts of another tree of the run. `weight` is the weight of one sample.
    fn count(&self, tree: &CallTree, weight: f64) -> ([Vec<[f64; 2]>; 4], f64) {
        let mut levels = Levels::new(tree.entries());
        levels.add_up(tree);
        let labels = tree.entries().iter().map(|entry| entry.label.as_str());
        let functions = placed(&self.functions, labels.zip(&levels.functions), weight);
        let groups = self.groups.iter().zip(&levels.groups);
        let mut groups = groups
            .map(|(places, groups)| placed(places, groups.labels().zip(&groups.sums), weight));
        let mut next = || groups.next().unwrap_or_default();
        ([functions, next(), next(), next()], tree.left_out().idle as f64 / weight)
    }

    /// Counts the time before the window, in which the program waits for its first request. Its
    /// seconds are those in which it was idle: nothing else can happen while modules are loaded.
    pub(crate) fn waiting(
        &self,
        (profile, slices): (&Profile, &[Slice]),
        selection: &Selection,
        (weight, interval_ms): (f64, Option<f64>),
    ) -> Option<SliceCounts> {
        let to_us = selection.from_us.filter(|_| !slices.is_empty())?;
        let (from_us, idle) = (None, Idle::Drop);
        let before = Selection { from_us, to_us: Some(to_us), idle, ..selection.clone() };
        let tree = CallTree::build(profile, &before);
        let ([functions, files, packages, categories], idle) = self.count(&tree, weight);
        let seconds = idle * interval_ms? / 1e3;
        let groups = [files, packages, categories];
        (seconds > 0.0).then_some(SliceCounts { seconds, requests: 0.0, functions, groups })
    }
}

/// The nodes of a run's tree, with the functions and groups for which their weights count.
pub(crate) struct NodeSums<'a> {
    tree: &'a CallTree,
    levels: &'a Levels,
    /// The node at which the samples of each stack end.
    of_stack: &'a [u32],
    /// For a function and for its three groups: whether a node is not below another node of the same.
    is_outer: Vec<[bool; 4]>,
}

impl<'a> NodeSums<'a> {
    pub(crate) fn new(tree: &'a CallTree, levels: &'a Levels, of_stack: &'a [u32]) -> Self {
        Self { tree, levels, of_stack, is_outer: levels.outer_nodes(tree) }
    }

    /// Counts the parts of a run's window. The result is empty when a part has no length.
    pub(crate) fn parts(
        &self,
        (profile, slices): (&Profile, &[Slice]),
        selection: &Selection,
        weight: f64,
    ) -> Vec<SliceCounts> {
        if slices.iter().any(|slice| slice.from_us >= slice.to_us) {
            return Vec::new();
        }
        let mut weights = vec![vec![0; self.tree.nodes().len()]; slices.len()];
        let from_us = slices.iter().map(|slice| slice.from_us).min();
        let to_us = slices.iter().map(|slice| slice.to_us).max();
        profile.visit(&Selection { from_us, to_us, ..selection.clone() }, |_, sample, weight| {
            let node = self.of_stack.get(sample.stack.index()).map_or(0, |&node| node as usize);
            for (slice, weights) in slices.iter().zip(&mut weights) {
                let is_within = (slice.from_us..slice.to_us).contains(&sample.time_us);
                if let Some(slot) = weights.get_mut(node).filter(|_| is_within) {
                    *slot += weight;
                }
            }
        });
        let part = |(slice, weights): (&Slice, Vec<u64>)| {
            let [functions, files, packages, categories] = self.count(weights, weight);
            let seconds = (slice.to_us - slice.from_us) as f64 / 1e6;
            let groups = [files, packages, categories];
            SliceCounts { seconds, requests: slice.requests, functions, groups }
        };
        slices.iter().zip(weights).map(part).collect()
    }

    /// Returns the self and total counts of functions and groups. `weights` are the self weights of the nodes,
    /// and `weight` is the weight of one sample.
    fn count(&self, weights: Vec<u64>, weight: f64) -> [Vec<[f64; 2]>; 4] {
        let nodes = self.tree.nodes();
        let mut totals = weights.clone();
        for (at, node) in nodes.iter().enumerate().skip(1).rev() {
            let total = totals.get(at).copied().unwrap_or(0);
            if let Some(sum) = totals.get_mut(node.parent) {
                *sum += total;
            }
        }
        let groups = self.levels.groups.each_ref().map(|groups| groups.sums.len());
        let [files, packages, categories] = groups.map(|length| vec![[0; 2]; length]);
        let mut sums = [vec![[0; 2]; self.levels.functions.len()], files, packages, categories];
        for ((node, is_outer), (own, total)) in
            nodes.iter().zip(&self.is_outer).zip(weights.into_iter().zip(totals))
        {
            let Some(entry) = node.entry.filter(|_| total > 0) else { continue };
            let ids = self.levels.ids_of(entry.index());
            for ((sums, id), is_outer) in sums.iter_mut().zip(ids).zip(is_outer) {
                if let Some([self_weight, sum]) = sums.get_mut(id) {
                    *self_weight += own;
                    *sum += if *is_outer { total } else { 0 };
                }
            }
        }
        let scaled = |sums: [u64; 2]| sums.map(|sum| sum as f64 / weight);
        sums.map(|sums| sums.into_iter().map(scaled).collect())
    }
}

fn by_label<'a>(labels: impl Iterator<Item = &'a str>) -> HashMap<&'a str, usize> {
    labels.enumerate().map(|(at, label)| (label, at)).collect()
}

/// Returns self and total counts at the places of their labels.
fn placed<'a>(
    places: &HashMap<&str, usize>,
    sums: impl Iterator<Item = (&'a str, &'a Sums)>,
    weight: f64,
) -> Vec<[f64; 2]> {
    let mut counts = vec![[0.0; 2]; places.len()];
    for (label, sums) in sums {
        if let Some(slot) = places.get(label).and_then(|at| counts.get_mut(*at)) {
            *slot = [sums.self_weight as f64 / weight, sums.total as f64 / weight];
        }
    }
    counts
}
