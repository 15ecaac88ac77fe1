//! Rows whose total cost changed although their self cost did not, and that no cause explains: the
//! change is spread over many functions below them, each too small to be seen. Callers and callees of
//! such a change pass on the same samples, so they are one cause and not many.

use super::{Explanation, Relation, RowsOfRun, Search, Share, SharedSamples, Tables, stands_still};
use super::{LEFT_OVER_P, TAKEN_OUT, is_changed};
use crate::measure::Measure;

/// Explains rows of `open` by other rows of `open`. Returns true when it explained one.
pub(super) fn join(
    tables: &Tables<'_>,
    open: &[usize],
    runs: &[RowsOfRun<'_>],
    found: &mut [Option<Explanation>],
) -> bool {
    let passes_on =
        |row: usize| !is_changed(tables.self_table.1, row) && is_changed(tables.total_table.1, row);
    if open.len() < 2 || !open.iter().any(|row| passes_on(*row)) {
        return false;
    }
    let shared = SharedSamples::count(open, tables.self_table.1.len(), runs, Share::Total);
    let search = Search { tables, changed: open, shared: &shared };
    let mut joined = false;
    for (at, row) in open.iter().enumerate().filter(|(_, row)| passes_on(**row)) {
        let by = search.passing_callee(at).or_else(|| search.passing_caller(at));
        if let (Some(by), Some(slot)) = (by, found.get_mut(*row)) {
            *slot = Some(by);
            joined = true;
        }
    }
    joined
}

impl Search<'_> {
    fn total(&self, row: usize) -> Option<&Measure> {
        self.tables.total_table.1.get(row).filter(|_| is_changed(self.tables.total_table.1, row))
    }

    /// Returns the row below this one through which its change comes: without the samples of that
    /// row, this one would not have changed. Of several, it is the one with the most of the change.
    fn passing_callee(&self, at: usize) -> Option<Explanation> {
        let callees = (0..self.changed.len()).filter(|callee| *callee != at);
        let sizes = callees.filter_map(|callee| Some((self.size_below(at, callee)?, callee)));
        let (_, callee) = sizes.max_by(|a, b| a.0.total_cmp(&b.0))?;
        Some(Explanation { by: self.row(callee), relation: Relation::Callee })
    }

    /// Returns the size of the change that comes through a callee. Returns `None` when the row would
    /// have changed without the callee, or changed in the other direction.
    fn size_below(&self, at: usize, callee: usize) -> Option<f64> {
        let row = self.row(at);
        let total = self.total(row)?;
        let shared = self.shared.counts.get(&(at as u32, callee as u32))?;
        let below = self.total(self.row(callee))?;
        let rest = self.without(self.tables.total_table, row, shared)?;
        let is_same = below.change * total.change > 0.0 && stands_still(&rest, total);
        is_same.then(|| self.tables.design.change_of(shared).abs())
    }

    /// Returns the row above this one whose call was removed or added, and this row's calls with it.
    /// When there are several, it is the one with the largest change.
    fn passing_caller(&self, at: usize) -> Option<Explanation> {
        let callers = (0..self.changed.len()).filter(|caller| *caller != at);
        let sizes = callers.filter_map(|caller| Some((self.size_above(at, caller)?, caller)));
        let (_, caller) = sizes.max_by(|a, b| a.0.total_cmp(&b.0))?;
        Some(Explanation { by: self.row(caller), relation: Relation::Caller })
    }

    /// Returns the size of a caller's change. Returns `None` when this row changed elsewhere too, and
    /// when the rest of the caller did not change in the same direction by [`TAKEN_OUT`] or more.
    fn size_above(&self, at: usize, caller: usize) -> Option<f64> {
        let (row, above) = (self.row(at), self.row(caller));
        let total = self.total(row)?;
        let shared = self.shared.counts.get(&(caller as u32, at as u32))?;
        let whole = self.total(above)?;
        let rest = self.without(self.tables.total_table, row, shared)?;
        let apart = self.without(self.tables.total_table, above, shared)?;
        let is_taken_out = stands_still(&rest, total)
            && apart.p.is_some_and(|p| p < LEFT_OVER_P)
            && apart.change * total.change > 0.0
            && apart.log_ratio.abs() >= TAKEN_OUT.ln();
        is_taken_out.then(|| whole.change.abs())
    }
}
