//! The counts of functions and of groups of them, from the counts of runs.

use crate::levels::GROUPS;
use crate::matching::{FunctionPair, Matching, SideFunctions};
use crate::run::RunCounts;
use crate::table::{Counts, Grouping, Side};
use hashbrown::HashMap;
use spikeflame_profile::{Category, GroupBy, Kind};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A grouping with the labels of its rows; functions have their labels elsewhere.
pub(crate) struct LabelledGrouping {
    pub(crate) grouping: Grouping,
    pub(crate) labels: Vec<String>,
    /// The row of each group of each run.
    pub(crate) rows: Vec<Vec<usize>>,
}

/// Adds up the counts of the matched functions.
pub(crate) fn function_counts(
    matching: &Matching<'_>,
    [before, after]: [&SideFunctions<'_>; 2],
    runs: &[(Side, &RunCounts)],
) -> Grouping {
    let rows = matching.rows.len();
    let mut tables = [Counts::zeros(rows, runs.len()), Counts::zeros(rows, runs.len())];
    let mut machine = [vec![0.0; rows], vec![0.0; rows]];
    let mut packages: Vec<Option<u32>> = vec![None; rows];
    let mut builtins = vec![false; rows];
    let mut known: HashMap<&str, u32> = HashMap::new();
    let rows_of_side = rows_of_sides(&matching.rows, [before, after]);
    let ids = before.of_run.iter().chain(&after.of_run);
    for (column, ((side, run), ids)) in runs.iter().zip(ids).enumerate() {
        let [of_before, of_after] = &rows_of_side;
        let rows = if *side == Side::Before { of_before } else { of_after };
        for (function, id) in run.functions.iter().zip(ids) {
            let Some(&row) = rows.get(*id) else { continue };
            let [self_counts, total_counts] = &mut tables;
            self_counts.add(row, column, function.self_count);
            total_counts.add(row, column, function.total_count);
            let of_self = if function.is_machine { function.self_count } else { 0.0 };
            add_to(&mut machine, row, [of_self, function.machine_count]);
            if let Some(slot) = builtins.get_mut(row) {
                *slot |= matches!(function.kind, Kind::Builtin | Kind::BytecodeHandler);
            }
            // Files of the application have other paths on the two sides, so the first run that
            // has a row decides on its package.
            if let Some(slot) = packages.get_mut(row).filter(|slot| slot.is_none()) {
                let next = known.len() as u32;
                let package = run.package_of(function);
                *slot = package.map(|package| *known.entry(package).or_insert(next));
            }
        }
    }
    let Grouping { self_counts, total_counts } = with_machine(tables, machine);
    Grouping {
        self_counts: self_counts.with_packages(packages.clone()).with_builtins(builtins),
        total_counts: total_counts.with_packages(packages),
    }
}

/// Adds up the self counts of the matched functions. Samples that end in code without a source, such
/// as builtins, native code or garbage collection, count for the nearest function above them that has
/// one. They count for themselves without such a function.
pub(crate) fn caller_counts(
    matching: &Matching<'_>,
    [before, after]: [&SideFunctions<'_>; 2],
    runs: &[(Side, &RunCounts)],
) -> Counts {
    let mut counts = Counts::zeros(matching.rows.len(), runs.len());
    let rows_of_side = rows_of_sides(&matching.rows, [before, after]);
    let ids = before.of_run.iter().chain(&after.of_run);
    for (column, ((side, run), ids)) in runs.iter().zip(ids).enumerate() {
        let [of_before, of_after] = &rows_of_side;
        let rows = if *side == Side::Before { of_before } else { of_after };
        // The functions with a source above the present node: the end of each, and its row.
        let mut above: Vec<(u32, usize)> = Vec::new();
        for (at, node) in (0..).zip(&run.nodes) {
            while above.last().is_some_and(|(end, _)| *end <= at) {
                above.pop();
            }
            let entry = node.entry as usize;
            let row = ids.get(entry).and_then(|id| rows.get(*id).copied());
            let (Some(function), Some(row)) = (run.functions.get(entry), row) else { continue };
            if matches!(function.kind, Kind::Js | Kind::Wasm) {
                above.push((node.end, row));
            }
            let caller = above.last().map_or(row, |(_, row)| *row);
            counts.add(caller, column, node.self_weight);
        }
    }
    counts
}

/// The least part of all samples below a function whose change alone can look like one of the whole
/// program.
const LARGE: f64 = 0.25;
/// The least part of all samples beside such a function that shows what the others did.
const BESIDE: f64 = 0.1;
/// Two functions that share this part of their samples are one chain of calls. The lower one stands
/// for both.
const SAME_CHAIN: f64 = 0.8;

/// Adds up the self counts of the matched functions once for each function that has many samples
/// below it, without these samples. Each function of the program with at least a quarter of all
/// samples is left out once, and of a chain of calls only the lowest. A function stays when hardly anything is
/// left beside it.
pub(crate) fn counts_without(
    matching: &Matching<'_>,
    [before, after]: [&SideFunctions<'_>; 2],
    runs: &[(Side, &RunCounts)],
    grouping: &Grouping,
) -> Vec<Counts> {
    let all: f64 = grouping.self_counts.column_sums().iter().sum();
    let category =
        |side: &SideFunctions<'_>, id: Option<usize>| Some(side.functions.get(id?)?.count.category);
    // Node's own functions are roots, between which calls move as the load changes.
    let is_of_program = |row: &FunctionPair| {
        let of_row = category(before, row.before).or_else(|| category(after, row.after));
        matches!(of_row, Some(Category::App | Category::Dependency | Category::Wasm))
    };
    let totals = grouping.total_counts.rows().map(|row| row.iter().sum::<f64>());
    let large = LARGE * all..=(1.0 - BESIDE) * all;
    let is_large = |row: &FunctionPair, total: f64| large.contains(&total) && is_of_program(row);
    let rows = matching.rows.iter().zip(totals).enumerate();
    let large = rows.filter(|(_, (row, total))| is_large(row, *total));
    // A bit for each large function; a tree with more of them at once is one of chains.
    let mut bits = vec![0_u64; matching.rows.len()];
    let mut functions = 0_u32;
    for (at, _) in large.take(64) {
        if let Some(slot) = bits.get_mut(at) {
            *slot = 1 << functions;
        }
        functions += 1;
    }
    let [rows_before, rows_after] = &rows_of_sides(&matching.rows, [before, after]);
    let ids = before.of_run.iter().chain(&after.of_run);
    let columns: Vec<Column<'_>> = runs
        .iter()
        .zip(ids)
        .map(|((side, run), ids)| {
            let rows = if *side == Side::Before { rows_before } else { rows_after };
            Column { run, ids, rows }
        })
        .collect();
    let mut sums: BTreeMap<u64, f64> = BTreeMap::new();
    for column in &columns {
        column.walk(&bits, |_, bits, weight| *sums.entry(bits).or_default() += weight);
    }
    let shared = |bits: u64| -> f64 {
        sums.iter().filter(|(of, _)| **of & bits == bits).map(|(_, weight)| weight).sum()
    };
    let mut by_total: Vec<(f64, u64)> =
        (0..functions).map(|bit| (shared(1 << bit), 1 << bit)).collect();
    by_total.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut kept: Vec<u64> = Vec::new();
    for (total, bit) in by_total {
        if kept.iter().all(|lower| shared(bit | lower) < SAME_CHAIN * total) {
            kept.push(bit);
        }
    }
    if kept.is_empty() {
        return Vec::new();
    }
    let mut without = vec![Counts::zeros(matching.rows.len(), runs.len()); kept.len()];
    for (at, column) in columns.iter().enumerate() {
        column.walk(&bits, |row, bits, weight| {
            for (counts, bit) in without.iter_mut().zip(&kept) {
                if bits & bit == 0 {
                    counts.add(row, at, weight);
                }
            }
        });
    }
    without
}

/// A run, which is a column of the tables of counts, and the rows of its functions.
struct Column<'a> {
    run: &'a RunCounts,
    /// The number of the function of each entry of the run's tree.
    ids: &'a [usize],
    /// The row of each function.
    rows: &'a [usize],
}

impl Column<'_> {
    /// Calls `seen` for each node of the tree that has samples of its own, with its row, the bits of
    /// its row and of all rows above it, and its weight.
    fn walk(&self, bits: &[u64], mut seen: impl FnMut(usize, u64, f64)) {
        let mut above: Vec<(u32, u64)> = Vec::new();
        for (at, node) in (0..).zip(&self.run.nodes) {
            while above.last().is_some_and(|(end, _)| *end <= at) {
                above.pop();
            }
            let id = self.ids.get(node.entry as usize);
            let Some(row) = id.and_then(|id| self.rows.get(*id).copied()) else { continue };
            let callers = above.last().map_or(0, |(_, bits)| *bits);
            let of_node = callers | bits.get(row).copied().unwrap_or(0);
            if of_node != callers {
                above.push((node.end, of_node));
            }
            if node.self_weight > 0.0 {
                seen(row, of_node, node.self_weight);
            }
        }
    }
}

/// Returns the row of each function of each run.
pub(crate) fn rows_of_runs(
    matching: &Matching<'_>,
    [before, after]: [&SideFunctions<'_>; 2],
    runs: &[(Side, &RunCounts)],
) -> Vec<Vec<usize>> {
    let [of_before, of_after] = &rows_of_sides(&matching.rows, [before, after]);
    let ids = before.of_run.iter().chain(&after.of_run);
    let rows = runs.iter().zip(ids).map(|((side, _), ids)| {
        let rows = if *side == Side::Before { of_before } else { of_after };
        ids.iter().map(|id| rows.get(*id).copied().unwrap_or(usize::MAX)).collect()
    });
    rows.collect()
}

/// Returns the row of each function, for both sides.
pub(crate) fn rows_of_sides(
    rows: &[FunctionPair],
    [before, after]: [&SideFunctions<'_>; 2],
) -> [Vec<usize>; 2] {
    [
        rows_by_id(rows, before.functions.len(), |row| row.before),
        rows_by_id(rows, after.functions.len(), |row| row.after),
    ]
}

fn add_to(sums: &mut [Vec<f64>; 2], row: usize, counts: [f64; 2]) {
    for (sums, count) in sums.iter_mut().zip(counts) {
        if let Some(sum) = sums.get_mut(row) {
            *sum += count;
        }
    }
}

/// Adds the machine's share of each row to self and total counts.
fn with_machine(
    [self_counts, total_counts]: [Counts; 2],
    [self_machine, total_machine]: [Vec<f64>; 2],
) -> Grouping {
    Grouping {
        self_counts: with_share(self_counts, self_machine),
        total_counts: with_share(total_counts, total_machine),
    }
}

/// Adds the machine's share of each row to counts. `machine` is the machine's part of the row's sum.
fn with_share(counts: Counts, machine: Vec<f64>) -> Counts {
    let share = |(row, machine): (&[f64], f64)| machine / row.iter().sum::<f64>().max(1e-9);
    let shares = counts.rows().zip(machine).map(share).collect();
    counts.with_machine(shares)
}

/// Returns the row of each function of one side.
fn rows_by_id(
    rows: &[FunctionPair],
    len: usize,
    id: fn(&FunctionPair) -> Option<usize>,
) -> Vec<usize> {
    let mut places = vec![0; len];
    for (at, row) in rows.iter().enumerate() {
        if let Some(slot) = id(row).and_then(|id| places.get_mut(id)) {
            *slot = at;
        }
    }
    places
}

/// Adds up the counts of one of [`GROUPS`].
pub(crate) fn group_counts(
    by: GroupBy,
    runs: &[(Side, &RunCounts)],
    files: &[BTreeMap<&str, Cow<'_, str>>],
    matching: &Matching<'_>,
) -> LabelledGrouping {
    let place = GROUPS.iter().position(|of| *of == by).unwrap_or(0);
    let mut known: HashMap<String, usize> = HashMap::new();
    let mut labels = Vec::new();
    let mut cells = Vec::new();
    let mut rows = vec![Vec::new(); runs.len()];
    for (column, (((side, run), files), rows)) in runs.iter().zip(files).zip(&mut rows).enumerate()
    {
        for group in run.groups.get(place).into_iter().flatten() {
            let mut label = group.label.as_str();
            if group.is_file {
                label = files.get(label).map_or(label, Cow::as_ref);
                if *side == Side::Before {
                    label = matching.files.get(label).copied().unwrap_or(label);
                }
            }
            let row = *known.entry_ref(label).or_insert_with(|| {
                labels.push(label.to_owned());
                labels.len() - 1
            });
            rows.push(row);
            let machine = [group.machine_self, group.machine_count];
            cells.push((row, column, group.self_count, group.total_count, machine));
        }
    }
    let zeros = || Counts::zeros(labels.len(), runs.len());
    let mut tables = [zeros(), zeros()];
    let mut machine = [vec![0.0; labels.len()], vec![0.0; labels.len()]];
    for (row, column, self_count, total_count, of_machine) in cells {
        let [self_counts, total_counts] = &mut tables;
        self_counts.add(row, column, self_count);
        total_counts.add(row, column, total_count);
        add_to(&mut machine, row, of_machine);
    }
    LabelledGrouping { grouping: with_machine(tables, machine), labels, rows }
}
