//! Functions that were renamed.
//!
//! A function that only has another name would read as GONE and as NEW. Two functions without a
//! match are taken for one when they are at the same place of the same file, alone in code that
//! changed, or methods of one name, share callers and callees, and cost about the same. This is never certain.

mod calls;
mod costs;
mod places;

pub(crate) use self::costs::Costs;

use self::calls::{Calls, Neighbours};
use self::places::{Lone, Shifts, files_after, is_column_kept, shifts};
use crate::matching::{Matching, SideFunctions};
use crate::same_lines::last_name;
use crate::table::Side;
use hashbrown::HashMap;
use std::collections::{BTreeMap, BTreeSet};

/// The highest number of rounds. Each round can use the names that the last one found.
const ROUNDS: usize = 8;
/// Two functions must share this part of their callers, and of their callees, when the file changed
/// around them.
const SHARED: f64 = 0.5;
/// In changed code, two functions without a callee of their own lie at most this many lines from where
/// the code above or below places them.
const NEAR_LINES: i64 = 20;
/// Without a callee of their own, two functions in changed code, or in two classes, must both have this many
/// samples.
const LEAST_SAMPLES: f64 = 20.0;
/// In files with more functions without a match on a side, renamed ones are not looked for: such
/// files are other programs or minified bundles.
const MOST_UNMATCHED: usize = 1_000;

/// The signs that two functions are one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Signs {
    /// The two functions are at the same place, as far as the code around them shows.
    Place,
    /// The code around the two functions changed. They alone call a third function.
    Callee,
    /// The code around the two functions changed, and no other function without a match fits there.
    Gap,
    /// The two functions are a method under one name of two classes, in any files: `Old.parse` and `New.parse`.
    Method,
}

impl Signs {
    /// Returns the word that two functions must have in common: the file, or the name of the method.
    fn key<'a>(self, function: &Lone<'a>) -> &'a str {
        match self {
            Self::Method => last_name(function.name),
            _ => function.file,
        }
    }
}

/// Returns pairs of rows, one that only the side before has and one that only the side after has,
/// which are probably one function under two names.
pub(crate) fn renamed(
    matching: &Matching<'_>,
    sides: [&SideFunctions<'_>; 2],
    rows_of_side: &[Vec<usize>; 2],
    costs: &Costs<'_>,
) -> Vec<(usize, usize)> {
    let files = files_after(matching, sides);
    let [mut old, mut new] = lone(matching, sides, &files);
    let (of_old, of_new) = (by_file(&old), by_file(&new));
    let few = |count: Option<&usize>| count.is_some_and(|count| *count <= MOST_UNMATCHED);
    let shared: BTreeSet<&str> = of_old
        .keys()
        .copied()
        .filter(|file| few(of_old.get(file)) && few(of_new.get(file)))
        .collect();
    // A method can move to another file.
    let is_method = |function: &&Lone<'_>| function.name.contains('.');
    let [mut old_methods, mut new_methods] =
        [&old, &new].map(|all| all.iter().filter(is_method).copied().collect::<Vec<_>>());
    if old_methods.len().max(new_methods.len()) > MOST_UNMATCHED {
        (old_methods, new_methods) = (Vec::new(), Vec::new());
    }
    old.retain(|function| shared.contains(function.file));
    new.retain(|function| shared.contains(function.file));
    if old.is_empty() && old_methods.is_empty() {
        return Vec::new();
    }
    let shifts = shifts(matching, sides, (&files, &shared));
    let ([before, after], [rows_before, rows_after]) = (sides, rows_of_side);
    let calls = [Calls::new(before, rows_before), Calls::new(after, rows_after)];
    let matched = matching.rows.iter().map(|pair| pair.before.and(pair.after).is_some());
    let (same, named) = (HashMap::new(), BTreeSet::new());
    let mut search = Search { costs, calls, shifts, same, named, is_matched: matched.collect() };
    let mut found = Vec::new();
    for _ in 0..ROUNDS {
        let known = found.len();
        for signs in [Signs::Place, Signs::Callee, Signs::Gap, Signs::Method] {
            let pairs = match signs {
                Signs::Method => search.sure_pairs(&old_methods, &new_methods, signs),
                _ => search.sure_pairs(&old, &new, signs),
            };
            search.same.extend(pairs.iter().map(|(one, two)| (*two, *one)));
            search.named.extend(pairs.iter().map(|(one, _)| *one));
            let taken: BTreeSet<usize> = pairs.iter().flat_map(|(one, two)| [*one, *two]).collect();
            for functions in [&mut old, &mut new, &mut old_methods, &mut new_methods] {
                functions.retain(|function| !taken.contains(&function.row));
            }
            found.extend(pairs);
        }
        if found.len() == known {
            break;
        }
    }
    found
}

/// Returns the functions of JavaScript without a match, before and after. Those before have the
/// name of their file after.
fn lone<'a>(
    matching: &Matching<'a>,
    [before, after]: [&SideFunctions<'a>; 2],
    files: &HashMap<&'a str, &'a str>,
) -> [Vec<Lone<'a>>; 2] {
    let (mut old, mut new) = (Vec::new(), Vec::new());
    for (row, pair) in matching.rows.iter().enumerate() {
        match (pair.before, pair.after) {
            (Some(id), None) => old.extend(Lone::new(before, id, row)),
            (None, Some(id)) => new.extend(Lone::new(after, id, row)),
            _ => {}
        }
    }
    for function in &mut old {
        function.file = files.get(function.file).copied().unwrap_or(function.file);
    }
    [old, new]
}

/// Returns the number of functions in each file.
fn by_file<'a>(functions: &[Lone<'a>]) -> BTreeMap<&'a str, usize> {
    let mut counts = BTreeMap::new();
    for function in functions {
        *counts.entry(function.file).or_insert(0) += 1;
    }
    counts
}

/// The search for pairs, with those that were found so far.
struct Search<'a> {
    costs: &'a Costs<'a>,
    calls: [Calls; 2],
    /// The shifts of each file, named as after.
    shifts: BTreeMap<&'a str, Shifts>,
    /// The row before of each row after that is the same function under another name.
    same: HashMap<usize, usize>,
    /// The rows before that are in `same`.
    named: BTreeSet<usize>,
    /// Whether each row is on both sides.
    is_matched: Vec<bool>,
}

impl Search<'_> {
    /// Returns the pairs of rows for which the signs fit and for which neither function has another
    /// candidate.
    fn sure_pairs(&self, old: &[Lone<'_>], new: &[Lone<'_>], signs: Signs) -> Vec<(usize, usize)> {
        let mut of_key: HashMap<&str, Vec<&Lone<'_>>> = HashMap::new();
        for two in new {
            of_key.entry(signs.key(two)).or_default().push(two);
        }
        let none = Shifts::default();
        let mut pairs: Vec<(usize, usize)> = Vec::new();
        for one in old {
            let shifts = self.shifts.get(one.file).unwrap_or(&none);
            let same_key = of_key.get(signs.key(one)).into_iter().flatten();
            let alike = same_key.filter(|two| self.are_one(one, two, shifts, signs));
            pairs.extend(alike.map(|two| (one.row, two.row)));
        }
        // No row is on both sides, so one count serves for both.
        let mut candidates: HashMap<usize, usize> = HashMap::new();
        for row in pairs.iter().flat_map(|(one, two)| [*one, *two]) {
            *candidates.entry(row).or_default() += 1;
        }
        let is_only = |row: &usize| candidates.get(row) == Some(&1);
        pairs.retain(|(one, two)| is_only(one) && is_only(two));
        pairs
    }

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
                Signs::Method => true,
            };
        may_be && self.are_alike(one.row, two.row, signs, shifts.is_empty())
    }

    /// Returns true when the calls and the costs of two rows fit. `alone` is true when no function of
    /// the file is known on both sides.
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
            Signs::Gap | Signs::Method => {
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
