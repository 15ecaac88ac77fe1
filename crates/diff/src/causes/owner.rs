//! Moves a cause to the application's own function, when the change is in code that only this
//! function reaches.
//!
//! When a function of the application stops sorting a list, the cost that vanishes is that of the
//! engine's `ArraySort`. The function to look at is the caller.

use super::weights::WeightsBefore;
use super::{Explanation, Relation, RowsOfRun, Search, Share, SharedSamples, Tables};
use super::{TAKEN_OUT, is_changed, stands_still};
use crate::measure::Measure;
use hashbrown::HashMap;

/// The part of an own function's change that must lie in the samples of the row below it, unless the
/// function's total cost changed by [`TAKEN_OUT`] or more.
const MOST_OF_IT: f64 = 0.5;
/// An own function counts as a caller of a row when at least this part of the row's change is below
/// the function.
const A_PART: f64 = 0.1;
/// A function changed by itself when its self cost has at least this part of the change of its total
/// cost.
const OF_ITS_OWN: f64 = 0.1;

/// Names each cause in builtins, native code and dependencies by the own function through which alone
/// it is reached. That function explains the rows of the cause from then on.
pub(super) fn name(
    tables: &Tables<'_>,
    changed: &[usize],
    own_samples: &SharedSamples,
    runs: &[RowsOfRun<'_>],
    found: &mut [Option<Explanation>],
) {
    if !changed.iter().any(|row| tables.is_own(*row)) {
        return;
    }
    let is_cause = |row: usize| found.get(row).is_some_and(Option::is_none);
    let foreign = changed.iter().map(|row| is_cause(*row) && !tables.is_own(*row));
    let causes: Vec<usize> =
        foreign.enumerate().filter(|(_, is_foreign)| *is_foreign).map(|(at, _)| at).collect();
    let passes_on =
        |at: &usize| changed.get(*at).is_some_and(|row| !is_changed(tables.self_table.1, *row));
    let all_samples = causes
        .iter()
        .any(passes_on)
        .then(|| SharedSamples::count(changed, tables.self_table.1.len(), runs, Share::Total));
    let reached: Vec<usize> = causes.iter().filter_map(|at| changed.get(*at).copied()).collect();
    let passed = PassedSamples::count(tables, changed, &reached, runs);
    let mut names: Vec<(usize, usize)> = Vec::new();
    for at in causes {
        let shared = match &all_samples {
            Some(all) if passes_on(&at) => all,
            _ => own_samples,
        };
        let table = if passes_on(&at) { tables.total_table } else { tables.self_table };
        let search = Search { tables, changed, shared };
        let cause = search.row(at);
        if let Some(owner) =
            search.owner(at, table.1.get(cause), &passed, |less| search.without(table, cause, less))
        {
            names.push((cause, owner));
        }
    }
    for (cause, owner) in names {
        take_over(found, cause, owner, &|row| tables.is_own(row));
    }
}

/// Replaces `cause` by `owner`, or by the own function that explains the owner: it then explains
/// `cause` and all rows that `cause` explained. Nothing changes when a row that is not an own function
/// explains the owner, unless that row is `cause`.
fn take_over(
    found: &mut [Option<Explanation>],
    cause: usize,
    owner: usize,
    is_own: &impl Fn(usize) -> bool,
) {
    let head_of = |found: &[Option<Explanation>], row: usize| {
        found.get(row).copied().flatten().map_or(row, |explained| explained.by)
    };
    let head = match head_of(found, owner) {
        head if is_own(head) => head,
        head if head == cause => owner,
        // The owner's change comes from another cause, which others reach too.
        _ => return,
    };
    for slot in found.iter_mut().flatten().filter(|slot| slot.by == cause) {
        slot.by = head;
    }
    if let Some(slot) = found.get_mut(cause) {
        *slot = Some(Explanation { by: head, relation: Relation::Caller });
    }
    if let Some(slot) = found.get_mut(head) {
        *slot = None;
    }
}

/// Returns whether each of `all` rows is one of `rows`.
fn marked(rows: impl Iterator<Item = usize>, all: usize) -> Vec<bool> {
    let mut marks = vec![false; all];
    for row in rows {
        if let Some(mark) = marks.get_mut(row) {
            *mark = true;
        }
    }
    marks
}

/// The samples of causes below own functions that only passed control on.
///
/// A middleware calls `next`, and the framework then calls the next handler. All later handlers are
/// on the stack below the middleware, but it does not call them. The framework shows it: one of its
/// functions is above the middleware, and again between the middleware and the handler.
struct PassedSamples {
    /// The samples that were passed on, and all, for each pair of own function and cause.
    counts: HashMap<(usize, usize), [f64; 2]>,
}

impl PassedSamples {
    fn count(
        tables: &Tables<'_>,
        changed: &[usize],
        causes: &[usize],
        runs: &[RowsOfRun<'_>],
    ) -> Self {
        let has = |marks: &[bool], row: usize| marks.get(row) == Some(&true);
        let all = tables.own.len();
        let is_cause = marked(causes.iter().copied(), all);
        let is_owner = marked(changed.iter().copied().filter(|row| has(tables.own, *row)), all);
        let mut passed = Self { counts: HashMap::new() };
        for (run, row_of) in runs {
            let weights = WeightsBefore::add_up(run);
            let mut path: Vec<(usize, usize)> = Vec::new();
            for (at, node) in run.nodes.iter().enumerate() {
                while path.last().is_some_and(|(end, _)| *end <= at) {
                    path.pop();
                }
                let end = node.end as usize;
                let row = row_of.get(node.entry as usize).copied().unwrap_or(usize::MAX);
                if has(&is_cause, row) && !path.iter().any(|(_, open)| *open == row) {
                    let samples = weights.of_tree(at, end);
                    passed.add(&path, row, samples, &is_owner, tables.dependencies);
                }
                path.push((end, row));
            }
        }
        passed
    }

    /// Counts the samples of a cause at the end of a path for each own function on the path.
    fn add(
        &mut self,
        path: &[(usize, usize)],
        cause: usize,
        samples: f64,
        is_owner: &[bool],
        dependencies: &[bool],
    ) {
        let mut seen: Vec<usize> = Vec::new();
        for (place, (_, owner)) in path.iter().enumerate().rev() {
            if is_owner.get(*owner) != Some(&true) || seen.contains(owner) {
                continue;
            }
            seen.push(*owner);
            let (above, below) = path.split_at_checked(place).unwrap_or_default();
            let again = |(_, row): &(usize, usize)| {
                dependencies.get(*row) == Some(&true) && above.iter().any(|(_, up)| up == row)
            };
            let counts = self.counts.entry((*owner, cause)).or_default();
            let [passed, all] = counts;
            *passed += if below.iter().any(again) { samples } else { 0.0 };
            *all += samples;
        }
    }

    /// Returns true when most of the samples of a cause below an own function were passed on.
    fn is_mostly(&self, owner: usize, cause: usize) -> bool {
        self.counts.get(&(owner, cause)).is_some_and(|[passed, all]| *passed > MOST_OF_IT * all)
    }
}

impl Search<'_> {
    /// Returns the own function below which alone the row at `at` changed: the one with the largest
    /// change of its own, or else the nearest.
    fn owner(
        &self,
        at: usize,
        change: Option<&Measure>,
        passed: &PassedSamples,
        without: impl Fn(&[f64]) -> Option<Measure>,
    ) -> Option<usize> {
        let change = change?;
        let own = |caller: &usize| self.tables.is_own(self.row(*caller));
        let callers = (0..self.changed.len()).filter(|caller| *caller != at).filter(own);
        let mut owners = Vec::new();
        for caller in callers {
            let Some(shared) = self.shared.counts.get(&(caller as u32, at as u32)) else {
                continue;
            };
            let row = self.row(caller);
            if passed.is_mostly(row, self.row(at)) {
                continue;
            }
            let Some(total) = self.tables.total_table.1.get(row) else { continue };
            let below = self.tables.design.change_of(shared);
            if !without(shared).is_some_and(|rest| stands_still(&rest, change)) {
                // Several own functions reach the row, so the change is not that of one of them.
                if below / change.change >= A_PART {
                    return None;
                }
                continue;
            }
            let is_owner = is_changed(self.tables.total_table.1, row)
                && total.change * change.change > 0.0
                && (total.log_ratio.abs() >= TAKEN_OUT.ln() || below / total.change >= MOST_OF_IT);
            if is_owner {
                owners.push(caller);
            }
        }
        let ranked =
            owners.into_iter().filter_map(|caller| Some((self.rank(caller, change)?, caller)));
        let best = ranked.max_by(|((own, near), a), ((other, far), b)| {
            own.total_cmp(other).then(near.total_cmp(far)).then(b.cmp(a))
        });
        best.map(|(_, caller)| self.row(caller))
    }

    /// Returns the rank of a caller as the owner of `change`: the size of its own change in the same
    /// direction (0 when it did not change by itself), and its nearness, by the number of its samples.
    fn rank(&self, caller: usize, change: &Measure) -> Option<(f64, f64)> {
        let row = self.row(caller);
        let (own, total) =
            (self.tables.self_table.1.get(row)?, self.tables.total_table.1.get(row)?);
        let changed = is_changed(self.tables.self_table.1, row)
            && own.change * change.change > 0.0
            && own.change.abs() >= OF_ITS_OWN * total.change.abs();
        let near = -(total.samples_before + total.samples_after);
        Some((if changed { own.change.abs() } else { 0.0 }, near))
    }
}
