//! Rows that changed by themselves (causes), and rows that changed only with them.
//!
//! When a function costs more, all its callers cost more too. When a call is removed, the costs of
//! everything that it called are gone too. All these rows differ, but they are one change. A row
//! is explained by another row when it would not have changed without the samples that both share.

mod builtins;
mod chains;
mod elsewhere;
mod owner;
mod relations;
mod weights;

use crate::dispersion::Trend;
use crate::measure::{Design, LEAST_RATIO, Measure, Verdict};
use crate::run::RunCounts;
use crate::table::Counts;
use hashbrown::HashMap;

pub(crate) use elsewhere::elsewhere;

/// The relation of an explained row to its cause ([`Explanation::by`]), by the stacks of all runs.
/// Other functions may be between both. When each is above the other on some stacks, the order with more samples
/// counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Relation {
    /// The cause is a callee of the explained row, whose total cost contains the cost of the cause and
    /// changed with it.
    Callee,
    /// The cause is a caller of the explained row: the cause, or a call below it, was removed, added or edited,
    /// and with it the calls of the explained row.
    Caller,
    /// No stack with samples contains both: the change of the explained row leads to the cause over a row that calls
    /// both, or that both call.
    Beside,
}

impl Relation {
    /// Returns the word for the relation in JSON: `through` for a callee, `with` for a caller, `beside`
    /// for neither.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Callee => "through",
            Self::Caller => "with",
            Self::Beside => "beside",
        }
    }
}

/// The explanation of a row's change by another row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The row that is the cause, as an index in [`Table::rows`](crate::Table::rows) of the same
    /// table.
    pub by: usize,
    /// The place of the cause on the stacks, as seen from the explained row.
    pub relation: Relation,
}

/// The largest number of rows that are compared with one another. [`changed`] takes the rows with
/// the largest changes, and [`elsewhere`] the first ones.
const MOST_ROWS: usize = 400;
/// The change that remains without the shared samples counts as no change when its p is above this
/// value.
const LEFT_OVER_P: f64 = 0.01;
/// The change that remains without the shared samples is small below this part of the whole change.
const SMALL_PART: f64 = 0.25;
/// A call counts as removed or added when its cost changed by this factor. With a smaller
/// factor, unrelated functions could change alike by chance.
const TAKEN_OUT: f64 = 3.0;

/// A cost that changed by this factor or more counts as entirely new or gone. Two such costs may be
/// one call, although their factors differ.
const NEARLY_ALL: f64 = 20.0;

/// The tested tables of functions, in which causes are searched.
pub(crate) struct Tables<'a> {
    pub(crate) design: &'a Design<'a>,
    pub(crate) self_table: (&'a Counts, &'a [Measure], &'a Trend),
    pub(crate) total_table: (&'a Counts, &'a [Measure], &'a Trend),
    /// Whether each row is a function of the application.
    pub(crate) own: &'a [bool],
    /// Whether each row is a function of a package.
    pub(crate) dependencies: &'a [bool],
    /// Whether each row names a cause before others do. Empty for functions: their owners do so.
    pub(crate) named: &'a [bool],
}

impl Tables<'_> {
    /// Returns true for a row of a function of the application.
    fn is_own(&self, row: usize) -> bool {
        self.own.get(row) == Some(&true)
    }

    /// Returns the sizes of the changes of a row's self cost and of its total cost.
    fn sizes(&self, row: usize) -> [f64; 2] {
        [self.self_table.1, self.total_table.1]
            .map(|measures| measures.get(row).map_or(0.0, |measure| measure.change.abs()))
    }

    /// Returns true when `row` comes before `other` as the cause of both: it names a cause, or its self
    /// cost changed, or changed more, or its total cost changed more.
    fn is_larger(&self, row: usize, other: usize) -> bool {
        let is_changed = |row| is_changed(self.self_table.1, row);
        let is_named = |row: usize| self.named.get(row) == Some(&true);
        let ([own, total], [other_own, other_total]) = (self.sizes(row), self.sizes(other));
        let order = is_named(row).cmp(&is_named(other));
        let order = order.then(is_changed(row).cmp(&is_changed(other)));
        let order = order.then(own.total_cmp(&other_own));
        order.then(total.total_cmp(&other_total)).is_gt()
    }
}

/// The counts of a run, and the row of each of its functions.
pub(crate) type RowsOfRun<'a> = (&'a RunCounts, Vec<usize>);

/// Returns the explanation of each row; `None` for rows that did not change and for causes.
pub(crate) fn explained(tables: &Tables<'_>, runs: &[RowsOfRun<'_>]) -> Vec<Option<Explanation>> {
    let rows = tables.self_table.1.len();
    let mut found = vec![None; rows];
    let changed = changed(tables);
    if changed.len() < 2 {
        return found;
    }
    let shared = SharedSamples::count(&changed, rows, runs, Share::Own);
    let search = Search { tables, changed: &changed, shared: &shared };
    for (at, row) in changed.iter().enumerate() {
        let by = if is_changed(tables.self_table.1, *row) {
            search.caller_of(at)
        } else {
            search.callee_of(at)
        };
        if let (Some((by, relation)), Some(slot)) = (by, found.get_mut(*row)) {
            *slot = changed.get(by).map(|by| Explanation { by: *by, relation });
        }
    }
    settle(&mut found, tables);
    // Callers that only pass on the changes of many small functions have no cause of their own.
    let open: Vec<usize> = changed
        .iter()
        .copied()
        .filter(|row| found.get(*row).is_some_and(Option::is_none))
        .collect();
    if chains::join(tables, &open, runs, &mut found) {
        settle(&mut found, tables);
    }
    owner::name(tables, &changed, &shared, runs, &mut found);
    builtins::join(tables, &changed, runs, &mut found);
    relations::relate(&mut found, runs);
    found
}

fn is_changed(measures: &[Measure], row: usize) -> bool {
    measures.get(row).is_some_and(|measure| measure.verdict == Verdict::Changed)
}

/// Returns the rows that changed, the largest change first.
fn changed(tables: &Tables<'_>) -> Vec<usize> {
    let size = |row: &usize| tables.sizes(*row).into_iter().fold(0.0, f64::max);
    let mut changed: Vec<usize> = (0..tables.self_table.1.len())
        .filter(|row| {
            is_changed(tables.self_table.1, *row) || is_changed(tables.total_table.1, *row)
        })
        .collect();
    changed.sort_by(|a, b| size(b).total_cmp(&size(a)).then(a.cmp(b)));
    changed.truncate(MOST_ROWS);
    changed
}

/// The samples of a callee below a caller that count for the pair.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Share {
    /// Samples that end in the callee.
    Own,
    /// Samples that pass through the callee or end in it.
    Total,
}

/// The samples that pairs of changed rows share: those of the callee, below the caller.
struct SharedSamples {
    /// Counts by run, for each pair of caller and callee (indices in the list of changed
    /// rows).
    counts: HashMap<(u32, u32), Vec<f64>>,
}

impl SharedSamples {
    fn count(changed: &[usize], rows: usize, runs: &[RowsOfRun<'_>], share: Share) -> Self {
        let mut place_of = vec![None; rows];
        for (at, row) in changed.iter().enumerate() {
            if let Some(slot) = place_of.get_mut(*row) {
                *slot = u32::try_from(at).ok();
            }
        }
        let mut shared = Self { counts: HashMap::new() };
        for (column, (run, row_of)) in runs.iter().enumerate() {
            let place = |entry: u32| {
                let row = row_of.get(entry as usize)?;
                place_of.get(*row).copied().flatten()
            };
            shared.add(run, share, (column, runs.len()), place);
        }
        shared
    }

    fn add(
        &mut self,
        run: &RunCounts,
        share: Share,
        (column, columns): (usize, usize),
        place: impl Fn(u32) -> Option<u32>,
    ) {
        let mut count = |pair: (u32, u32), samples: f64| {
            let counts = self.counts.entry(pair).or_insert_with(|| vec![0.0; columns]);
            counts.get_mut(column).into_iter().for_each(|count| *count += samples);
        };
        // Changed rows on the path, each once, with the end of its outermost node.
        let mut path: Vec<(u32, u32)> = Vec::new();
        for (at, node) in run.nodes.iter().enumerate() {
            while path.last().is_some_and(|(end, _)| *end as usize <= at) {
                path.pop();
            }
            let here = place(node.entry);
            let is_open = here.is_none_or(|here| path.iter().any(|(_, open)| *open == here));
            if let Some(here) = here.filter(|_| share == Share::Own && node.self_weight > 0.0) {
                for (_, caller) in path.iter().filter(|(_, caller)| *caller != here) {
                    count((*caller, here), node.self_weight);
                }
            }
            if let Some(here) = here.filter(|_| !is_open) {
                path.push((node.end, here));
            }
            if share == Share::Total && node.self_weight > 0.0 {
                for (at, (_, callee)) in path.iter().enumerate() {
                    for (_, caller) in path.iter().take(at) {
                        count((*caller, *callee), node.self_weight);
                    }
                }
            }
        }
    }
}

struct Search<'a> {
    tables: &'a Tables<'a>,
    changed: &'a [usize],
    shared: &'a SharedSamples,
}

impl Search<'_> {
    fn row(&self, at: usize) -> usize {
        self.changed.get(at).copied().unwrap_or(usize::MAX)
    }

    /// Measures a row after some of its counts are subtracted.
    fn without(
        &self,
        (counts, _, trend): (&Counts, &[Measure], &Trend),
        row: usize,
        less: &[f64],
    ) -> Option<Measure> {
        let rest: Vec<f64> = counts
            .row(row)?
            .iter()
            .zip(less)
            .map(|(count, less)| (count - less).max(0.0))
            .collect();
        let mut left = Counts::new(rest.len());
        left.push(&rest);
        self.tables.design.measures(&left, trend).pop()
    }

    /// Returns the row below this one from whose self cost most of this row's change comes. Returns
    /// `None` when this row would have changed even without the samples in all changed rows below it.
    fn callee_of(&self, at: usize) -> Option<(usize, Relation)> {
        let row = self.row(at);
        let total = self.tables.total_table.1.get(row)?;
        let below = (0..self.changed.len()).filter(|callee| *callee != at);
        let mut sum = vec![0.0; self.tables.total_table.0.row(row)?.len()];
        let mut most: Option<(f64, usize)> = None;
        for callee in below {
            let pair = (at as u32, callee as u32);
            // A callee that only passes costs on is skipped: the rows that it calls are
            // counted instead.
            let is_own = is_changed(self.tables.self_table.1, self.row(callee));
            let Some(shared) = self.shared.counts.get(&pair).filter(|_| is_own) else { continue };
            for (sum, count) in sum.iter_mut().zip(shared) {
                *sum += count;
            }
            let change = self.tables.design.change_of(shared) * total.change.signum();
            if change > 0.0 && most.is_none_or(|(largest, _)| change > largest) {
                most = Some((change, callee));
            }
        }
        let (_, callee) = most?;
        let rest = self.without(self.tables.total_table, row, &sum)?;
        stands_still(&rest, total).then_some((callee, Relation::Callee))
    }

    /// Returns the row above this one that takes this one along ([`Search::takes_along`]), because
    /// its call was removed or added. Of several, it is the one with the largest change.
    fn caller_of(&self, at: usize) -> Option<(usize, Relation)> {
        let row = self.row(at);
        let self_cost = self.tables.self_table.1.get(row)?;
        let mut best: Option<(f64, usize)> = None;
        for caller in (0..self.changed.len()).filter(|caller| *caller != at) {
            let Some(shared) = self.shared.counts.get(&(caller as u32, at as u32)) else {
                continue;
            };
            let above = self.row(caller);
            let Some(total) = self.tables.total_table.1.get(above) else { continue };
            if total.change * self_cost.change <= 0.0
                || !is_changed(self.tables.total_table.1, above)
            {
                continue;
            }
            let size = total.change.abs();
            if best.is_none_or(|(known, _)| size > known) && self.takes_along(row, above, shared) {
                best = Some((size, caller));
            }
        }
        best.map(|(_, caller)| (caller, Relation::Caller))
    }

    /// Returns true when a row changed only below `above`, and by the same factor as the rest of
    /// `above` did. `shared` are the samples of the row below `above`.
    fn takes_along(&self, row: usize, above: usize, shared: &[f64]) -> bool {
        let Some(self_cost) = self.tables.self_table.1.get(row) else { return false };
        let Some(rest) = self.without(self.tables.self_table, row, shared) else { return false };
        let Some(without) = self.without(self.tables.total_table, above, shared) else {
            return false;
        };
        let mut below = Counts::new(shared.len());
        below.push(shared);
        let Some(below) = self.tables.design.measures(&below, self.tables.self_table.2).pop()
        else {
            return false;
        };
        stands_still(&rest, self_cost)
            && without.p.is_some_and(|p| p < LEFT_OVER_P)
            && without.change * self_cost.change > 0.0
            && without.log_ratio.abs() >= TAKEN_OUT.ln()
            && (is_nearly_all(&without) && is_nearly_all(&below)
                || without.ci.0 <= below.ci.1 && below.ci.0 <= without.ci.1)
    }
}

/// Returns true when nearly all of a cost is new or gone. The factors of two such costs are not
/// compared, because the difference between 99 and 99.9 % is chance.
fn is_nearly_all(measure: &Measure) -> bool {
    measure.log_ratio.abs() >= NEARLY_ALL.ln()
}

/// Returns true when `rest`, the change that remains without some samples, goes in the other
/// direction than `whole` or is a small part of it, or when it is smaller than `whole` and either not
/// significant or below the least ratio.
fn stands_still(rest: &Measure, whole: &Measure) -> bool {
    let small =
        rest.change.abs() < SMALL_PART * whole.change.abs() || rest.change * whole.change < 0.0;
    let unsure = rest.p.is_none_or(|p| p > LEFT_OVER_P) || rest.log_ratio.abs() < LEAST_RATIO.ln();
    small || unsure && rest.change.abs() < whole.change.abs()
}

/// Replaces each explanation by the cause at the end of its chain. Rows that explanations connect
/// have one cause: the one that comes before all others ([`Tables::is_larger`]).
fn settle(found: &mut [Option<Explanation>], tables: &Tables<'_>) {
    // Rows with a common cause form a group; its largest row is the cause.
    let mut group: Vec<usize> = (0..found.len()).collect();
    fn root(group: &mut [usize], mut row: usize) -> usize {
        while let Some(&up) = group.get(row).filter(|up| **up != row) {
            let above = group.get(up).copied().unwrap_or(up);
            if let Some(slot) = group.get_mut(row) {
                *slot = above;
            }
            row = above;
        }
        row
    }
    for row in 0..found.len() {
        let Some(by) = found.get(row).copied().flatten() else { continue };
        let (one, other) = (root(&mut group, row), root(&mut group, by.by));
        if one != other {
            let (head, rest) =
                if tables.is_larger(one, other) { (one, other) } else { (other, one) };
            if let Some(slot) = group.get_mut(rest) {
                *slot = head;
            }
        }
    }
    for row in 0..found.len() {
        let head = root(&mut group, row);
        if let Some(slot) = found.get_mut(row) {
            *slot = match *slot {
                _ if head == row => None,
                Some(by) => Some(Explanation { by: head, ..by }),
                // This row explained others, one of which is larger and now explains it.
                None => Some(Explanation { by: head, relation: Relation::Callee }),
            };
        }
    }
}
