//! The rows of a history: functions that are the same in all builds.

use super::files::earlier_names;
use super::renamed::{Known, renamed};
use super::{Course, Drift, HistoryRow, points};
use crate::matching::canonical_files;
use crate::moved::{FunctionNames, bundled, moved};
use crate::run::{FunctionCount, RunCounts};
use crate::table::Counts;
use hashbrown::HashMap;
use spikeflame_profile::{GroupBy, Kind, group_of};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// The name and the package of a function; `None` for code other than JavaScript and without a name.
type Name<'f> = Option<(&'f str, String)>;

/// Adds up the self counts of each function at each point.
pub(super) fn counted(
    runs: &[&RunCounts],
    points: &[Vec<usize>],
    path_map: &[(String, String)],
) -> (Vec<HistoryRow>, Counts) {
    let files = canonical_files(runs, path_map);
    let earlier = earlier_names(runs, points, &files);
    let mut known: HashMap<(Kind, &str, &str), usize> = HashMap::new();
    let mut heads: Vec<HistoryRow> = Vec::new();
    let mut names: Vec<Name<'_>> = Vec::new();
    let mut cells: Vec<(usize, usize, f64)> = Vec::new();
    let mut calls: Vec<BTreeSet<(usize, usize)>> = vec![BTreeSet::new(); points.len()];
    for (column, (point, calls)) in points.iter().zip(&mut calls).enumerate() {
        let first = point.first().and_then(|&run| runs.get(run));
        let members = point.iter().filter_map(|&run| runs.get(run).zip(files.get(run)));
        for (run, files) in members {
            let scale = points::scale(run, first);
            let mut ids = Vec::with_capacity(run.functions.len());
            for function in &run.functions {
                let file = files.get(function.file.as_str()).map_or("", Cow::as_ref);
                let file = earlier.get(file).copied().unwrap_or(file);
                let key = match function.kind {
                    Kind::Js => (Kind::Js, file, function.name.as_str()),
                    kind => (kind, "", function.label.as_str()),
                };
                let row = *known.entry(key).or_insert_with(|| {
                    heads.push(head(function, key.1));
                    names.push(name(function, key.1));
                    heads.len() - 1
                });
                cells.push((row, column, scale * function.self_count));
                ids.push(row);
            }
            let id = |at: u32| ids.get(at as usize).copied();
            let of_run = run.calls.iter();
            calls.extend(of_run.filter_map(|&(caller, callee)| id(caller).zip(id(callee))));
        }
    }
    let mut present: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); points.len()];
    for &(row, column, _) in &cells {
        if let Some(present) = present.get_mut(column) {
            present.insert(row);
        }
    }
    let facts = Facts {
        files: heads.iter().map(|head| head.file.as_str()).collect(),
        shares: mean_shares(&cells, heads.len(), points.len()),
        names,
    };
    let earlier = earlier_rows(&facts, &present, &calls);
    drop(facts);
    let mut places: Vec<usize> = Vec::with_capacity(heads.len());
    let mut kept: Vec<HistoryRow> = Vec::with_capacity(heads.len());
    for (row, (head, earlier)) in heads.into_iter().zip(&earlier).enumerate() {
        places.push(places.get(*earlier).copied().unwrap_or(kept.len()));
        if row == *earlier {
            kept.push(head);
        }
    }
    let mut counts = Counts::zeros(kept.len(), points.len());
    for (row, column, count) in cells {
        if let Some(place) = places.get(row) {
            counts.add(*place, column, count);
        }
    }
    (kept, counts)
}

fn head(function: &FunctionCount, file: &str) -> HistoryRow {
    HistoryRow {
        label: function.label.clone(),
        name: function.name.clone(),
        file: file.to_owned(),
        is_machine: function.is_machine,
        drift: Drift { costs: vec![], p: None, q: None, course: Course::NotResolved },
    }
}

fn name<'f>(function: &'f FunctionCount, file: &str) -> Name<'f> {
    let is_named = function.kind == Kind::Js && !function.name.is_empty();
    let package = || group_of(GroupBy::Package, Kind::Js, file).unwrap_or_default();
    is_named.then(|| (function.name.as_str(), package()))
}

/// Returns for each row the earlier row that is the same function, in another file, and otherwise the row
/// itself.
fn earlier_rows(
    facts: &Facts<'_>,
    present: &[BTreeSet<usize>],
    calls: &[BTreeSet<(usize, usize)>],
) -> Vec<usize> {
    let names = &facts.names;
    let named = names.iter().zip(&facts.files);
    let files: Vec<Option<&str>> = named.map(|(name, file)| name.as_ref().map(|_| *file)).collect();
    let mut rows = Rows::new(names.len(), present);
    let (mut known, mut known_calls) = (BTreeSet::new(), BTreeSet::new());
    for (present, calls) in present.iter().zip(calls) {
        let here: BTreeSet<usize> = present.iter().map(|row| rows.first(*row)).collect();
        let new = &here - &known;
        if !new.is_empty() && !known.is_empty() {
            let before: Vec<(usize, usize)> = known_calls.iter().copied().collect();
            let after: Vec<(usize, usize)> = calls.iter().map(|call| rows.call(*call)).collect();
            let before =
                FunctionNames { names: names_of(names, &(&known - &here)), calls: &before };
            let after = FunctionNames { names: names_of(names, &new), calls: &after };
            let mut same: Vec<(usize, usize)> =
                (&known & &here).iter().map(|row| (*row, *row)).collect();
            let mut found = moved(&before, &after, same.iter().copied());
            same.extend(&found);
            found.extend(bundled(&before, &after, same.iter().copied()));
            let (mut gone, mut added) = (&known - &here, new);
            for (one, other) in &found {
                gone.remove(one);
                added.remove(other);
            }
            let (files, shares) = (files.as_slice(), facts.shares.as_slice());
            let of = Known { files, shares, calls: [before.calls, after.calls] };
            found.extend(renamed(&of, &gone, &added));
            found.into_iter().for_each(|(one, other)| rows.join(one, other));
        }
        known.extend(present.iter().map(|row| rows.first(*row)));
        known_calls.extend(calls.iter().map(|call| rows.call(*call)));
    }
    rows.earlier
}

/// The facts by which rows are known again.
struct Facts<'f> {
    files: Vec<&'f str>,
    /// The mean share of a point's samples of each row, over the points that have it.
    shares: Vec<f64>,
    names: Vec<Name<'f>>,
}

/// Returns the mean share of a point's samples of each row, over the points that have it. `cells` are counts, each with
/// its row and its point.
fn mean_shares(cells: &[(usize, usize, f64)], rows: usize, points: usize) -> Vec<f64> {
    let mut sums = vec![0.0; points];
    let mut of_rows: Vec<BTreeMap<usize, f64>> = vec![BTreeMap::new(); rows];
    for (row, point, count) in cells {
        if let Some((sum, of_row)) = sums.get_mut(*point).zip(of_rows.get_mut(*row)) {
            *sum += count;
            *of_row.entry(*point).or_default() += count;
        }
    }
    let share = |(point, count): (&usize, &f64)| count / sums.get(*point).copied().unwrap_or(1.0);
    let mean = |of_row: &BTreeMap<usize, f64>| {
        of_row.iter().map(share).sum::<f64>() / of_row.len().max(1) as f64
    };
    of_rows.iter().map(mean).collect()
}

/// Returns the names of some rows, with `None` for all others.
fn names_of<'n>(names: &[Name<'n>], rows: &BTreeSet<usize>) -> Vec<Name<'n>> {
    let all = names.iter().enumerate();
    all.map(|(row, name)| name.clone().filter(|_| rows.contains(&row))).collect()
}

/// The rows that were found to be earlier ones.
struct Rows {
    /// The earlier row of each row, or the row itself.
    earlier: Vec<usize>,
    /// The points that have each row.
    seen: Vec<BTreeSet<usize>>,
}

impl Rows {
    fn new(rows: usize, present: &[BTreeSet<usize>]) -> Self {
        let mut seen: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); rows];
        for (at, rows) in present.iter().enumerate() {
            for row in rows {
                if let Some(seen) = seen.get_mut(*row) {
                    seen.insert(at);
                }
            }
        }
        Self { earlier: (0..rows).collect(), seen }
    }

    fn first(&self, row: usize) -> usize {
        self.earlier.get(row).copied().unwrap_or(row)
    }

    fn call(&self, (caller, callee): (usize, usize)) -> (usize, usize) {
        (self.first(caller), self.first(callee))
    }

    /// Makes a row the same as an earlier one. Two rows that one point has both of are never one function.
    fn join(&mut self, one: usize, other: usize) {
        let Some(of_other) = self.seen.get(other).cloned() else { return };
        if let Some((of_one, place)) = self.seen.get_mut(one).zip(self.earlier.get_mut(other))
            && of_one.is_disjoint(&of_other)
        {
            of_one.extend(of_other);
            *place = one;
        }
    }
}
