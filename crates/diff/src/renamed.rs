//! Functions that were renamed.
//!
//! A function that only has another name would read as GONE and as NEW. Two functions without a
//! match are taken for one when they are at the same place of the same file, have the same callers
//! and callees, and cost about the same. This is never certain.

use crate::matching::{FunctionPair, Matching, SideFunctions};
use crate::measure::LEAST_RATIO;
use crate::table::{Counts, Side};
use hashbrown::HashMap;
use spikeflame_profile::Kind;
use std::collections::{BTreeMap, BTreeSet};

/// The highest number of rounds. Each round can use the names that the last one found.
const ROUNDS: usize = 8;
/// Two functions must share this part of their callers, and of their callees, when the file changed
/// around them.
const SHARED: f64 = 0.5;
/// Functions that are alike in nothing but their place may lie this many lines apart.
const NEAR_LINES: i64 = 20;
/// Without a callee of their own, two functions in changed code must both have this many samples.
const LEAST_SAMPLES: f64 = 20.0;
/// The assumed noise of a function's cost between two runs. It only widens the range of costs that
/// count as equal.
const NOISE: f64 = 0.1;
/// In files with more functions without a match on a side, renamed ones are not looked for: such
/// files are other programs or minified bundles.
const MOST: usize = 1_000;
/// Costs count as equal within this number of standard errors, beside the ratio that never counts
/// as a change.
const ERRORS: f64 = 2.0;

/// The samples of all rows, and the work of each run, with which costs are compared.
pub(crate) struct Costs<'a> {
    pub(crate) tables: [&'a Counts; 2],
    pub(crate) sides: &'a [Side],
    pub(crate) exposures: &'a [f64],
}

impl Costs<'_> {
    /// Returns the samples of a row with its callees, over all runs.
    fn samples(&self, row: usize) -> f64 {
        let [_, totals] = self.tables;
        totals.row(row).into_iter().flatten().sum()
    }

    /// Returns true when the row before costs about as much as the row after, without and with
    /// callees.
    fn are_alike(&self, before: usize, after: usize) -> bool {
        let of_side = |counts: &[f64], side: Side| {
            let runs = self.sides.iter().zip(counts.iter().zip(self.exposures));
            let own = runs.filter(|(of, _)| **of == side);
            own.fold((0.0, 0.0, 0.0), |(samples, work, runs), (_, (count, exposure))| {
                (samples + count, work + exposure, runs + 1.0)
            })
        };
        self.tables.iter().all(|table| {
            let Some((one, other)) = table.row(before).zip(table.row(after)) else { return false };
            let (samples, work, runs) = of_side(one, Side::Before);
            let (more, other_work, other_runs) = of_side(other, Side::After);
            let log = ((more + 0.5) / other_work).ln() - ((samples + 0.5) / work).ln();
            let poisson = 1.0 / (samples + 0.5) + 1.0 / (more + 0.5);
            let between_runs = NOISE * NOISE * (1.0 / runs + 1.0 / other_runs);
            log.abs() <= LEAST_RATIO.ln() + ERRORS * (poisson + between_runs).sqrt()
        })
    }
}

/// A function of one side that has no match.
struct Lone<'a> {
    row: usize,
    file: &'a str,
    name: &'a str,
    line: i64,
    column: i64,
}

/// The functions that call a row's function, and the JavaScript functions that it calls, as rows.
#[derive(Default)]
struct Neighbours {
    callers: BTreeSet<usize>,
    callees: BTreeSet<usize>,
}

/// One side, with all calls between rows.
struct Calls {
    of_row: HashMap<usize, Neighbours>,
}

impl Calls {
    fn new(side: &SideFunctions<'_>, rows: &[usize]) -> Self {
        let mut of_row: HashMap<usize, Neighbours> = HashMap::new();
        let row = |id: usize| rows.get(id).copied();
        for &(caller, callee) in &side.calls {
            let Some((from, to)) = row(caller).zip(row(callee)).filter(|(from, to)| from != to)
            else {
                continue;
            };
            of_row.entry(to).or_default().callers.insert(from);
            // Builtins are called by everything.
            if side.functions.get(callee).is_some_and(|function| function.count.kind == Kind::Js) {
                of_row.entry(from).or_default().callees.insert(to);
            }
        }
        Self { of_row }
    }

    fn around(&self, row: usize) -> Option<&Neighbours> {
        self.of_row.get(&row)
    }

    fn is_only_caller(&self, caller: usize, callee: usize) -> bool {
        self.around(callee).is_some_and(|near| near.callers.iter().all(|row| *row == caller))
    }
}

/// The signs that two functions are one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Signs {
    /// They are at the same place, as far as the code around them shows.
    Place,
    /// The code around them changed. They alone call a third function.
    Callee,
    /// The code around them changed, and no other function there lacks a match.
    Gap,
}

/// Returns pairs of rows, one that only the side before has and one that only the side after has,
/// which are probably one function under two names.
pub(crate) fn renamed(
    matching: &Matching<'_>,
    sides: [&SideFunctions<'_>; 2],
    rows_of_side: &[Vec<usize>; 2],
    costs: &Costs<'_>,
) -> Vec<(usize, usize)> {
    let [before, after] = sides;
    let rows = || matching.rows.iter().enumerate();
    let mut old: Vec<Lone<'_>> = rows()
        .filter(|(_, pair)| pair.after.is_none())
        .filter_map(|(row, pair)| Lone::new(before, pair.before?, row))
        .collect();
    let mut new: Vec<Lone<'_>> = rows()
        .filter(|(_, pair)| pair.before.is_none())
        .filter_map(|(row, pair)| Lone::new(after, pair.after?, row))
        .collect();
    let files = files_after(matching, sides);
    for function in &mut old {
        function.file = files.get(function.file).copied().unwrap_or(function.file);
    }
    let (of_old, of_new) = (by_file(&old), by_file(&new));
    let few = |count: Option<&usize>| count.is_some_and(|count| *count <= MOST);
    let shared: BTreeSet<&str> = of_old
        .keys()
        .copied()
        .filter(|file| few(of_old.get(file)) && few(of_new.get(file)))
        .collect();
    old.retain(|function| shared.contains(function.file));
    new.retain(|function| shared.contains(function.file));
    if old.is_empty() {
        return Vec::new();
    }
    let shifts = shifts(matching, sides, (&files, &shared));
    let none = Shifts::default();
    let [rows_before, rows_after] = rows_of_side;
    let calls = [Calls::new(before, rows_before), Calls::new(after, rows_after)];
    let is_matched = rows().map(|(_, pair)| pair.before.and(pair.after).is_some()).collect();
    let (same, named) = (HashMap::new(), BTreeSet::new());
    let mut search = Search { costs, calls, same, named, is_matched };
    let mut found = Vec::new();
    for _ in 0..ROUNDS {
        let known = found.len();
        for signs in [Signs::Place, Signs::Callee, Signs::Gap] {
            let mut of_file: HashMap<&str, Vec<usize>> = HashMap::new();
            for (other, two) in new.iter().enumerate() {
                of_file.entry(two.file).or_default().push(other);
            }
            let mut fits: Vec<(usize, usize)> = Vec::new();
            for (at, one) in old.iter().enumerate() {
                let shifts = shifts.get(one.file).unwrap_or(&none);
                let same_file = of_file.get(one.file).into_iter().flatten();
                let same_file = same_file.filter_map(|other| Some((*other, new.get(*other)?)));
                let alike = same_file.filter(|(_, two)| search.are_one(one, two, shifts, signs));
                fits.extend(alike.map(|(other, _)| (at, other)));
            }
            // When there are two candidates, neither is taken.
            let (mut of_old, mut of_new) = (HashMap::new(), HashMap::new());
            for (one, two) in &fits {
                *of_old.entry(*one).or_insert(0) += 1;
                *of_new.entry(*two).or_insert(0) += 1;
            }
            let is_only = |(one, two): &&(usize, usize)| {
                of_old.get(one) == Some(&1) && of_new.get(two) == Some(&1)
            };
            let sure = fits.iter().filter(is_only);
            let pairs: Vec<(usize, usize)> = sure
                .filter_map(|(one, two)| Some((old.get(*one)?.row, new.get(*two)?.row)))
                .collect();
            if pairs.is_empty() {
                continue;
            }
            search.same.extend(pairs.iter().map(|(one, two)| (*two, *one)));
            search.named.extend(pairs.iter().map(|(one, _)| *one));
            let taken: BTreeSet<usize> = pairs.iter().flat_map(|(one, two)| [*one, *two]).collect();
            old.retain(|function| !taken.contains(&function.row));
            new.retain(|function| !taken.contains(&function.row));
            found.extend(pairs);
        }
        if found.len() == known {
            break;
        }
    }
    found
}

/// Returns the name after of each file that has another name before. Beside the files that were
/// matched, these are files of which all known functions moved to one other file.
fn files_after<'a>(
    matching: &Matching<'a>,
    [before, after]: [&SideFunctions<'a>; 2],
) -> HashMap<&'a str, &'a str> {
    let mut files = matching.files.clone();
    let there: BTreeSet<&str> = after.functions.iter().map(|function| function.file).collect();
    let mut moved: HashMap<&str, Option<&str>> = HashMap::new();
    for FunctionPair { before: one, after: two, .. } in &matching.rows {
        let Some((one, two)) = one.zip(*two) else { continue };
        let Some((one, two)) = before.functions.get(one).zip(after.functions.get(two)) else {
            continue;
        };
        if one.count.kind == Kind::Js && one.file != two.file && !there.contains(one.file) {
            let place = moved.entry(one.file).or_insert(Some(two.file));
            *place = place.filter(|known| *known == two.file);
        }
    }
    for (file, to) in before
        .functions
        .iter()
        .filter_map(|function| Some((function.file, (*moved.get(function.file)?)?)))
    {
        files.entry(file).or_insert(to);
    }
    files
}

/// Returns the number of functions in each file.
fn by_file<'a>(functions: &[Lone<'a>]) -> BTreeMap<&'a str, usize> {
    let mut counts = BTreeMap::new();
    for function in functions {
        *counts.entry(function.file).or_insert(0) += 1;
    }
    counts
}

impl<'a> Lone<'a> {
    fn new(side: &SideFunctions<'a>, id: usize, row: usize) -> Option<Self> {
        let function = side.functions.get(id)?;
        let count = function.count;
        (count.kind == Kind::Js && count.line > 0).then_some(Self {
            row,
            file: function.file,
            name: &count.name,
            line: i64::from(count.line),
            column: i64::from(count.column),
        })
    }
}

struct Search<'a> {
    costs: &'a Costs<'a>,
    calls: [Calls; 2],
    /// The row before of each row after that is the same function under another name.
    same: HashMap<usize, usize>,
    /// These rows before.
    named: BTreeSet<usize>,
    /// Whether each row is on both sides.
    is_matched: Vec<bool>,
}

impl Search<'_> {
    fn are_one(&self, one: &Lone<'_>, two: &Lone<'_>, shifts: &Shifts, signs: Signs) -> bool {
        let (old, new) = (shifts.at(one.line, Side::Before), shifts.at(two.line, Side::After));
        let distance = two.line - one.line;
        let is_changed = shifts.is_empty() || old.0 != old.1 && new.0 != new.1;
        let near = (distance - old.0).abs().min((distance - old.1).abs());
        let may_be = one.name != two.name
            && match signs {
                Signs::Place => near == 0 && is_column_kept(one, two),
                Signs::Callee => is_changed,
                Signs::Gap => is_changed && near <= NEAR_LINES,
            };
        may_be && self.are_alike(one.row, two.row, signs, shifts.is_empty())
    }

    /// Returns true when the calls and the costs of two rows fit. `alone` is true when both sides
    /// have no other function of the file.
    fn are_alike(&self, one: usize, two: usize, signs: Signs, alone: bool) -> bool {
        let callers = self.shared(one, two, |near| &near.callers);
        let callees = self.shared(one, two, |near| &near.callees);
        let most = |part: f64| part >= SHARED;
        let fits = match signs {
            // Without another function in the file, only callers show that the code is the same.
            Signs::Place => {
                callers.map_or(!alone, |part| part > 0.0) && callees.is_none_or(|part| part > 0.0)
            }
            Signs::Callee => {
                callers.is_some_and(most)
                    && callees.is_some_and(most)
                    && self.have_own_callee(one, two)
            }
            Signs::Gap => {
                callers.is_some_and(most)
                    && callees.is_none_or(most)
                    && [one, two].iter().all(|row| self.costs.samples(*row) >= LEAST_SAMPLES)
            }
        };
        fits && self.costs.are_alike(one, two)
    }

    /// Returns a row's number before, if it has one.
    fn before(&self, row: usize) -> usize {
        self.same.get(&row).copied().unwrap_or(row)
    }

    /// Returns the part of the neighbours of both rows that both have; `None` when both have none
    /// with a match.
    fn shared(
        &self,
        one: usize,
        two: usize,
        of: impl Fn(&Neighbours) -> &BTreeSet<usize>,
    ) -> Option<f64> {
        let [before, after] = &self.calls;
        // A neighbour without a match may have been renamed too.
        let is_known =
            |row: &usize| self.is_matched.get(*row) == Some(&true) || self.named.contains(row);
        let old = before.around(one).into_iter().flat_map(|near| of(near).iter().copied());
        let old: BTreeSet<usize> = old.filter(is_known).collect();
        let new = after.around(two).into_iter().flat_map(|near| of(near).iter());
        let new: BTreeSet<usize> = new.map(|row| self.before(*row)).filter(is_known).collect();
        let both = old.intersection(&new).count();
        let all = old.len() + new.len() - both;
        (all > 0).then(|| both as f64 / all as f64)
    }

    /// Returns true when both rows call a third one that nothing else calls.
    fn have_own_callee(&self, one: usize, two: usize) -> bool {
        let [before, after] = &self.calls;
        let own = |calls: &Calls, row: usize, callee: usize| calls.is_only_caller(row, callee);
        let old = before.around(one).into_iter().flat_map(|near| &near.callees);
        let new = after.around(two).map(|near| &near.callees);
        old.filter(|callee| own(before, one, **callee)).any(|callee| {
            let mut called = new.into_iter().flatten();
            called.any(|other| self.before(*other) == *callee && own(after, two, *other))
        })
    }
}

/// Returns true when two functions on one line can begin at the same character. A function begins
/// behind its name in most recordings, so a longer name moves it.
fn is_column_kept(one: &Lone<'_>, two: &Lone<'_>) -> bool {
    let length = |name: &str| name.rsplit('.').next().unwrap_or(name).chars().count() as i64;
    let longer = length(two.name) - length(one.name);
    let moved = two.column - one.column;
    // `function (` becomes `function name(`, and `name = function` keeps what follows it.
    (moved - longer).abs() <= 1 || moved == 0
}

/// The lines by which the code of a file moved, at functions that both sides have.
#[derive(Default)]
struct Shifts {
    /// `(line before, shift)`, in order.
    before: Vec<(i64, i64)>,
    /// `(line after, shift)`, in order.
    after: Vec<(i64, i64)>,
}

impl Shifts {
    fn is_empty(&self) -> bool {
        self.before.is_empty()
    }

    /// Returns the shifts of the nearest functions above and below a line of one side.
    fn at(&self, line: i64, side: Side) -> (i64, i64) {
        let list = if side == Side::Before { &self.before } else { &self.after };
        let at = list.partition_point(|(anchor, _)| *anchor <= line);
        let shift = |at: usize| list.get(at).map(|(_, shift)| *shift);
        let above = at.checked_sub(1).and_then(shift);
        // The first line does not move.
        let above = above.unwrap_or(0);
        (above, shift(at).unwrap_or(above))
    }
}

/// Returns the shifts of each of the files, named as after.
fn shifts<'a>(
    matching: &Matching<'a>,
    [before, after]: [&SideFunctions<'a>; 2],
    (names, files): (&HashMap<&'a str, &'a str>, &BTreeSet<&str>),
) -> BTreeMap<&'a str, Shifts> {
    let mut shifts: BTreeMap<&str, Shifts> = BTreeMap::new();
    for FunctionPair { before: one, after: two, guessed, .. } in &matching.rows {
        let Some((one, two)) = one.zip(*two) else { continue };
        let Some((one, two)) = before.functions.get(one).zip(after.functions.get(two)) else {
            continue;
        };
        let is_here = two.count.kind == Kind::Js && files.contains(two.file);
        let in_file = names.get(one.file).copied().unwrap_or(one.file) == two.file;
        if !is_here || !in_file || *guessed && one.file == two.file || one.count.line == 0 {
            continue;
        }
        let (line, other) = (i64::from(one.count.line), i64::from(two.count.line));
        let of_file = shifts.entry(two.file).or_default();
        of_file.before.push((line, other - line));
        of_file.after.push((other, other - line));
    }
    for of_file in shifts.values_mut() {
        of_file.before.sort_unstable();
        of_file.after.sort_unstable();
    }
    shifts
}
