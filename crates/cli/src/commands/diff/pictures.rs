//! The flame graphs of a comparison: before, after, and the difference.

use super::runs::{ReadRun, Sides};
use crate::args::DiffArgs;
use crate::failure::Failure;
use crate::output;
use spikeflame_diff::{Badge, Comparison, Row, Side as DiffSide, Verdict};
use spikeflame_profile::{CallTree, EntryId};
use spikeflame_render::diff::ComparisonView;
use spikeflame_render::{
    BoxVerdict, DiffFlameOptions, DiffTree, FlameOptions, Side, diff_flame, flame,
};
use std::collections::HashMap;
use std::path::Path;

pub(super) fn write(
    compared: &ComparisonView<'_>,
    sides: &Sides,
    args: &DiffArgs,
    folder: &Path,
) -> Result<(), Failure> {
    let view = &args.view;
    for (name, runs) in [("before", &sides.before), ("after", &sides.after)] {
        // The first run stands for its side, because samples of several runs cannot be distinguished.
        let Some((tree, about)) = runs.first().and_then(|run| run.tree.as_ref()) else { continue };
        let options = FlameOptions {
            title: format!("{name}: {}", about.files),
            full_paths: view.full_paths,
            fixed: view.fixed,
            ..FlameOptions::default()
        };
        output::write(Some(&folder.join(format!("{name}.svg"))), &sides.inputs, |out| {
            flame(tree, about, &options, out)
        })?;
    }
    let comparison = compared.comparison;
    let (before, after) = (
        trees(compared, &sides.before, DiffSide::Before),
        trees(compared, &sides.after, DiffSide::After),
    );
    let keys = Keys::new(comparison, &before, &after);
    let tree = DiffTree::merge(&before, &after, |side, at, entry| keys.key(side, at, entry));
    let unit = match comparison.unit.work() {
        Some(work) => format!("CPU-ms per {work}"),
        None => "of the CPU before".to_owned(),
    };
    let options = DiffFlameOptions {
        title: "Before and after".to_owned(),
        subtitle: sides.window.clone(),
        unit,
        widths: view.widths(),
        palette: view.palette(),
        fixed: view.fixed,
        ..DiffFlameOptions::default()
    };
    let verdict = |key: Option<u32>| match key {
        Some(key) => verdict_of(comparison.functions.rows.get(key as usize)),
        None => whole(compared),
    };
    output::write(Some(&folder.join("diff.svg")), &sides.inputs, |out| {
        diff_flame(&tree, &options, verdict, out)
    })
}

/// The row of each tree entry in the table. Entries without a row get numbers behind the rows, by
/// label.
struct Keys {
    before: Vec<Vec<u32>>,
    after: Vec<Vec<u32>>,
}

impl Keys {
    fn new(
        comparison: &Comparison,
        before: &[(&CallTree, f64)],
        after: &[(&CallTree, f64)],
    ) -> Self {
        let rows = comparison.functions.rows.len();
        let mut others: HashMap<String, usize> = HashMap::new();
        let mut side = |trees: &[(&CallTree, f64)], of: DiffSide| -> Vec<Vec<u32>> {
            let mut key = |label: &str| {
                let place = comparison.place_of(of, label).unwrap_or_else(|| {
                    let next = rows + others.len();
                    *others.entry(label.to_owned()).or_insert(next)
                });
                u32::try_from(place).unwrap_or(u32::MAX)
            };
            let mut keys =
                |tree: &CallTree| tree.entries().iter().map(|entry| key(&entry.label)).collect();
            trees.iter().map(|(tree, _)| keys(tree)).collect()
        };
        Self { before: side(before, DiffSide::Before), after: side(after, DiffSide::After) }
    }

    fn key(&self, side: Side, tree: usize, entry: EntryId) -> u32 {
        let keys = if side == Side::Before { &self.before } else { &self.after };
        keys.get(tree).and_then(|keys| keys.get(entry.index())).copied().unwrap_or(u32::MAX)
    }
}

/// Returns the verdict of a row in words.
fn verdict_of(row: Option<&Row>) -> BoxVerdict {
    let Some(row) = row else { return BoxVerdict::default() };
    let cost = &row.total_cost;
    let badges = row.badges.iter().map(|badge: &Badge| badge.word());
    let verdict = match cost.verdict {
        Verdict::Changed => "changed",
        Verdict::Same => "the same, within 10 %",
        Verdict::NotResolved => "not resolved",
    };
    let words: Vec<&str> = std::iter::once(verdict).chain(badges).collect();
    BoxVerdict { resolved: cost.verdict != Verdict::NotResolved, words: words.join(", ") }
}

fn whole(compared: &ComparisonView<'_>) -> BoxVerdict {
    let ci = compared.comparison.totals.ci;
    BoxVerdict { resolved: ci.0 > 1.0 || ci.1 < 1.0, words: String::new() }
}

/// Returns the trees of one side, each with the cost of one of its samples, so that they add up to
/// a mean.
fn trees<'a>(
    compared: &ComparisonView<'_>,
    runs: &'a [ReadRun],
    side: DiffSide,
) -> Vec<(&'a CallTree, f64)> {
    let exposures = compared.comparison.runs.iter().filter(|run| run.side == side);
    let exposures: Vec<f64> = exposures.map(|run| run.exposure).collect();
    // The tables compute costs in the same way: all samples of a side divided by all its work.
    let work: f64 = exposures.iter().sum();
    runs.iter().filter_map(|run| Some((&run.tree.as_ref()?.0, 1.0 / work))).collect()
}
