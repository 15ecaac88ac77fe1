//! Lays the rows of a comparison beside the call trees of its runs.

use super::BoxVerdict;
use super::tree::{DiffTree, Side};
use hashbrown::HashMap;
use spikeflame_diff::{Comparison, Row, Side as RunSide, Verdict};
use spikeflame_profile::{CallTree, EntryId, Kind, Node};

/// The merged trees of a comparison's runs, in which each box has the verdict of its row, if it has one.
///
/// ```
/// use spikeflame_diff::{Options, Run, compare};
/// use spikeflame_profile::{CallTree, Selection, folded};
/// use spikeflame_render::{ComparedTree, DiffFlameOptions, diff_flame};
///
/// let read = |mut text: &[u8]| folded::read(&mut text, "example", None);
/// let profiles = [read(b"main;work 900\n")?, read(b"main;work 500\n")?];
/// let all = Selection::default();
/// let [before, after] = [0, 1].map(|at: usize| Run::new("example", &profiles[at], &all));
/// let comparison = compare(&[before], &[after], &Options::default())?;
/// let trees = profiles.each_ref().map(|profile| CallTree::build(profile, &all));
///
/// let compared = ComparedTree::join(&comparison, &[&trees[0]], &[&trees[1]]);
/// let options = DiffFlameOptions { unit: compared.unit(), ..DiffFlameOptions::default() };
/// let mut svg = Vec::new();
/// diff_flame(compared.tree(), &options, |key| compared.verdict(key), &mut svg)?;
/// assert!(svg.starts_with(b"<?xml"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ComparedTree<'a> {
    comparison: &'a Comparison,
    tree: DiffTree,
}

impl<'a> ComparedTree<'a> {
    /// Merges the trees of all runs that were compared: one tree for each run of a side, built with
    /// the selection of that run, in the order of the runs. The costs have the unit of the
    /// comparison.
    pub fn join(comparison: &'a Comparison, before: &[&CallTree], after: &[&CallTree]) -> Self {
        let keys = Keys::new(comparison, before, after);
        let before = scaled(comparison, before, RunSide::Before);
        let after = scaled(comparison, after, RunSide::After);
        let tree = DiffTree::merge(&before, &after, |side, at, entry| keys.key(side, at, entry));
        Self { comparison, tree }
    }

    /// Returns the merged tree.
    pub fn tree(&self) -> &DiffTree {
        &self.tree
    }

    /// Returns the unit of the costs in words: `CPU-ms per request`, `CPU-ms per second`, `CPU-ms
    /// per run`, or `of the CPU before` for shares, of which 1 is all CPU before.
    pub fn unit(&self) -> String {
        match self.comparison.unit.work() {
            Some(work) => format!("CPU-ms per {work}"),
            None => "of the CPU before".to_owned(),
        }
    }

    /// Returns the verdict on the entry with a key, or on the whole program for `None`. The verdict
    /// on an entry is that on the total cost of its row; an entry without a row is not resolved. The whole program
    /// is resolved when the interval of [`Totals::ci`](spikeflame_diff::Totals::ci) leaves out 1, and has no words.
    pub fn verdict(&self, key: Option<u32>) -> BoxVerdict {
        match key {
            Some(key) => {
                let row = self.comparison.functions.rows.get(key as usize);
                row.map(verdict_of).unwrap_or_default()
            }
            None => {
                let (low, high) = self.comparison.totals.ci;
                BoxVerdict { resolved: low > 1.0 || high < 1.0, words: String::new() }
            }
        }
    }
}

/// Returns the verdict of a row in words.
fn verdict_of(row: &Row) -> BoxVerdict {
    let verdict = match row.total_cost.verdict {
        Verdict::Changed => "changed",
        Verdict::Same => "the same, within 10 %",
        _ => "not resolved",
    };
    let badges = row.badges.iter().map(|badge| badge.word());
    let words: Vec<&str> = std::iter::once(verdict).chain(badges).collect();
    let resolved = row.total_cost.verdict != Verdict::NotResolved;
    BoxVerdict { resolved, words: words.join(", ") }
}

/// Returns the trees of one side, each with the cost of a weight of 1 in it.
fn scaled<'t>(
    comparison: &Comparison,
    trees: &[&'t CallTree],
    side: RunSide,
) -> Vec<(&'t CallTree, f64)> {
    // The tables compute costs in the same way: all samples of a side divided by all its work.
    let runs: Vec<_> = comparison.runs.iter().filter(|run| run.side == side).collect();
    let work: f64 = runs.iter().map(|run| run.exposure).sum();
    let mut scaled = Vec::with_capacity(trees.len());
    for (at, tree) in trees.iter().enumerate() {
        // A weight may be a nanosecond: the run has the number of samples for which the weights stand.
        let weight = busy(tree);
        let samples = runs.get(at).map_or(weight, |run| run.samples);
        scaled.push((*tree, if weight > 0.0 { samples / weight / work } else { 1.0 / work }));
    }
    scaled
}

/// Returns the weight of a tree without the idle samples, which a comparison does not count.
fn busy(tree: &CallTree) -> f64 {
    let is_idle = |node: &&Node| tree.entry(node.entry).is_some_and(|e| e.kind == Kind::Idle);
    let idle: u64 = tree.nodes().iter().filter(is_idle).map(|node| node.self_weight).sum();
    tree.total().saturating_sub(idle) as f64
}

/// The row of each tree entry in the table. Entries without a row get numbers after the rows, by
/// label.
struct Keys {
    before: Vec<Vec<u32>>,
    after: Vec<Vec<u32>>,
}

impl Keys {
    fn new(comparison: &Comparison, before: &[&CallTree], after: &[&CallTree]) -> Self {
        let mut places = Places { comparison, others: HashMap::new() };
        let before = before.iter().map(|tree| places.of_tree(RunSide::Before, tree)).collect();
        let after = after.iter().map(|tree| places.of_tree(RunSide::After, tree)).collect();
        Self { before, after }
    }

    fn key(&self, side: Side, tree: usize, entry: EntryId) -> u32 {
        let keys = if side == Side::Before { &self.before } else { &self.after };
        keys.get(tree).and_then(|keys| keys.get(entry.index())).copied().unwrap_or(u32::MAX)
    }
}

/// Gives each label its number.
struct Places<'a> {
    comparison: &'a Comparison,
    /// The labels without a row, in the order in which they were met.
    others: HashMap<String, usize>,
}

impl Places<'_> {
    fn of_tree(&mut self, side: RunSide, tree: &CallTree) -> Vec<u32> {
        tree.entries().iter().map(|entry| self.number(side, &entry.label)).collect()
    }

    fn number(&mut self, side: RunSide, label: &str) -> u32 {
        let place = self.comparison.place_of(side, label).unwrap_or_else(|| {
            let next = self.comparison.functions.rows.len() + self.others.len();
            *self.others.entry(label.to_owned()).or_insert(next)
        });
        u32::try_from(place).unwrap_or(u32::MAX)
    }
}
