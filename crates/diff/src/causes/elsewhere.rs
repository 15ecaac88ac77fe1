//! Functions that are new or gone, while the cost of the functions that they call changed far less. A call
//! was wrapped, or a function was taken out of another one: its total cost came from other callers.

use super::{MOST_ROWS, RowsOfRun, Tables, is_changed};
use crate::measure::Measure;
use crate::table::Counts;
use hashbrown::HashSet;

fn is_one_sided(measure: &Measure) -> bool {
    measure.samples_before == 0.0 || measure.samples_after == 0.0
}

/// Returns the rows whose total cost only moved from or to other callers. Candidates after the first
/// [`MOST_ROWS`] are not looked at, and stay changed.
pub(crate) fn elsewhere(tables: &Tables<'_>, runs: &[RowsOfRun<'_>]) -> Vec<usize> {
    let ((self_counts, self_measures, trend), (_, totals, _)) =
        (tables.self_table, tables.total_table);
    let is_candidate = |row: &usize| {
        let one_sided = totals.get(*row).is_some_and(is_one_sided);
        one_sided && is_changed(totals, *row) && !is_changed(self_measures, *row)
    };
    let candidates: Vec<usize> = (0..totals.len()).filter(is_candidate).take(MOST_ROWS).collect();
    if candidates.is_empty() {
        return Vec::new();
    }
    let below = rows_below(&candidates, totals.len(), runs);
    let moved = candidates.iter().zip(below).filter(|(row, below)| {
        let mut sum = vec![0.0; self_counts.row(**row).map_or(0, <[f64]>::len)];
        for counts in below.iter().filter_map(|row| self_counts.row(*row)) {
            sum.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
        let mut together = Counts::new(sum.len());
        together.push(&sum);
        let candidate = totals.get(**row);
        let callees = tables.design.measures(&together, trend).pop();
        candidate.zip(callees).is_some_and(|(candidate, callees)| is_far_less(&callees, candidate))
    });
    moved.map(|(row, _)| *row).collect()
}

/// The length of a 95 % interval in standard errors: about two to each side.
const ERRORS_OF_INTERVAL: f64 = 4.0;

/// Returns true when the functions below a candidate changed, over all their callers, by less than half
/// of the change of the candidate. `callees` is the sum of their self costs; its change counts with one
/// standard error.
fn is_far_less(callees: &Measure, candidate: &Measure) -> bool {
    let error = (callees.change_ci.1 - callees.change_ci.0) / ERRORS_OF_INTERVAL;
    callees.change * candidate.change.signum() + error < candidate.change.abs() / 2.0
}

/// Returns, for each candidate, the rows in which its samples end, in order.
fn rows_below(candidates: &[usize], rows: usize, runs: &[RowsOfRun<'_>]) -> Vec<Vec<usize>> {
    let mut place_of: Vec<Option<usize>> = vec![None; rows];
    for (place, row) in candidates.iter().enumerate() {
        if let Some(slot) = place_of.get_mut(*row) {
            *slot = Some(place);
        }
    }
    let mut known: HashSet<(usize, usize)> = HashSet::new();
    let mut below: Vec<Vec<usize>> = vec![Vec::new(); candidates.len()];
    for (run, row_of) in runs {
        // The candidates on the path, each with the end of its node.
        let mut path: Vec<(u32, usize)> = Vec::new();
        for (at, node) in run.nodes.iter().enumerate() {
            while path.last().is_some_and(|(end, _)| *end as usize <= at) {
                path.pop();
            }
            let Some(&row) = row_of.get(node.entry as usize) else { continue };
            if let Some(place) = place_of.get(row).copied().flatten() {
                path.push((node.end, place));
            }
            for (_, place) in path.iter().filter(|_| node.self_weight > 0.0) {
                if known.insert((*place, row))
                    && let Some(list) = below.get_mut(*place)
                {
                    list.push(row);
                }
            }
        }
    }
    below.iter_mut().for_each(|list| list.sort_unstable());
    below
}
