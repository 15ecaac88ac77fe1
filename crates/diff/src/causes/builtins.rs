//! Builtins that changed because the one function that calls them was edited.
//!
//! A function that counts with a map in place of a loop costs less, and the builtins of maps are new below
//! it. Both are one edit, although one cost rose and the other fell.

use super::weights::WeightsBefore;
use super::{Explanation, Relation, RowsOfRun, Tables, is_changed};
use hashbrown::HashMap;
use spikeflame_profile::Kind;

/// A function is the only caller of a builtin when it calls at least this part of the builtin's samples. The
/// recorder may miss a caller.
const NEARLY_ALL: f64 = 0.95;

/// Explains each builtin that is a cause by the function of the application or of a package that alone
/// calls it, when this function changed by itself.
pub(super) fn join(
    tables: &Tables<'_>,
    changed: &[usize],
    runs: &[RowsOfRun<'_>],
    found: &mut [Option<Explanation>],
) {
    let is_open = |row: &usize| found.get(*row).is_some_and(Option::is_none);
    let is_builtin = |row: &usize| tables.self_table.0.is_builtin(*row);
    let causes: Vec<usize> =
        changed.iter().copied().filter(|row| is_open(row) && is_builtin(row)).collect();
    if causes.is_empty() {
        return;
    }
    for (cause, caller) in only_callers(&causes, runs) {
        let is_of_program = tables.is_own(caller) || tables.dependencies.get(caller) == Some(&true);
        let above = found.get(caller).copied().flatten().map_or(caller, |of| of.by);
        if !is_of_program || !is_changed(tables.self_table.1, caller) || above == cause {
            continue;
        }
        for explained in found.iter_mut().flatten().filter(|of| of.by == cause) {
            explained.by = above;
        }
        if let Some(slot) = found.get_mut(cause) {
            *slot = Some(Explanation { by: above, relation: Relation::Caller });
        }
    }
}

/// Returns the builtins that have one caller with a source, each with it.
fn only_callers(causes: &[usize], runs: &[RowsOfRun<'_>]) -> Vec<(usize, usize)> {
    // The samples of each builtin below each function, and of all.
    let mut of_pairs: HashMap<(usize, usize), f64> = HashMap::new();
    let mut of_causes: HashMap<usize, f64> = HashMap::new();
    for (run, row_of) in runs {
        let weights = WeightsBefore::add_up(run);
        let mut above: Vec<(usize, usize)> = Vec::new();
        for (at, node) in run.nodes.iter().enumerate() {
            while above.last().is_some_and(|(end, _)| *end <= at) {
                above.pop();
            }
            let (entry, end) = (node.entry as usize, node.end as usize);
            let (Some(function), Some(&row)) = (run.functions.get(entry), row_of.get(entry)) else {
                continue;
            };
            if matches!(function.kind, Kind::Js | Kind::Wasm) {
                above.push((end, row));
            } else if causes.contains(&row) {
                let samples = weights.of_tree(at, end);
                *of_causes.entry(row).or_default() += samples;
                if let Some((_, caller)) = above.last() {
                    *of_pairs.entry((row, *caller)).or_default() += samples;
                }
            }
        }
    }
    let all = |cause: usize| of_causes.get(&cause).copied().unwrap_or(f64::INFINITY);
    let pairs = of_pairs.into_iter().filter(|((cause, _), of)| *of >= NEARLY_ALL * all(*cause));
    let mut pairs: Vec<(usize, usize)> = pairs.map(|(pair, _)| pair).collect();
    pairs.sort_unstable();
    pairs
}
