//! Functions that moved to another file.
//!
//! Files are matched first, and functions within them. A function that moved from one file to
//! another is left over on both sides: it would read as GONE and as NEW.

use hashbrown::{HashMap, HashSet};
use std::collections::{BTreeMap, BTreeSet};

/// The highest number of rounds. Each round finds functions that are called by those of the last.
const ROUNDS: usize = 8;

/// The functions of one side.
pub(crate) struct FunctionNames<'a> {
    /// The name and the package of each function; `None` for functions that are not looked for.
    pub(crate) names: Vec<Option<(&'a str, String)>>,
    /// Pairs of caller and callee.
    pub(crate) calls: &'a [(usize, usize)],
}

/// Returns further pairs of functions, beside those that are known. Each has a name that no other
/// function without a pair has in its package, and a caller that is the same function on both sides.
pub(crate) fn moved(
    before: &FunctionNames<'_>,
    after: &FunctionNames<'_>,
    known: impl Iterator<Item = (usize, usize)>,
) -> Vec<(usize, usize)> {
    let (mut same, mut paired) = (HashMap::new(), HashSet::new());
    for (one, two) in known {
        same.insert(one, two);
        paired.insert(two);
    }
    let other = left_over(after, |id| paired.contains(&id));
    let left_before = left_over(before, |id| same.contains_key(&id));
    let mut open: Vec<(usize, usize)> =
        left_before.iter().filter_map(|(name, id)| Some(((*id)?, (*other.get(name)?)?))).collect();
    if open.is_empty() {
        return Vec::new();
    }
    open.sort_unstable();
    let (callers, calling) = (callers(before.calls), callers(after.calls));
    let mut found = Vec::new();
    for _ in 0..ROUNDS {
        let is_called = |(one, two): &(usize, usize)| {
            let calling: &[usize] = calling.get(two).map_or(&[], Vec::as_slice);
            let callers = callers.get(one).into_iter().flatten();
            callers.filter_map(|caller| same.get(caller)).any(|caller| calling.contains(caller))
        };
        let (next, rest): (Vec<_>, Vec<_>) = open.into_iter().partition(is_called);
        open = rest;
        if next.is_empty() {
            break;
        }
        same.extend(next.iter().copied());
        found.extend(next);
    }
    found
}

/// A bundler puts the files of many packages into one. When at least this many names that occur once are on
/// both sides, and half of those of a side, a name alone shows the function.
const BUNDLED: usize = 8;
/// All such names of a side are enough when there are at least this many.
const ALL_BUNDLED: usize = 3;

/// Returns further pairs of functions of a program that is bundled on one side, by their names alone.
pub(crate) fn bundled(
    before: &FunctionNames<'_>,
    after: &FunctionNames<'_>,
    known: impl Iterator<Item = (usize, usize)>,
) -> Vec<(usize, usize)> {
    let (one, two): (HashSet<usize>, HashSet<usize>) = known.unzip();
    let (before, after) = (names_alone(before, &one), names_alone(after, &two));
    let both = before.iter().filter_map(|(name, id)| Some((*id, *after.get(name)?)));
    let pairs: Vec<(usize, usize)> = both.collect();
    let fewer = before.len().min(after.len());
    let most = pairs.len() >= BUNDLED && pairs.len() * 2 >= fewer;
    let all = pairs.len() >= ALL_BUNDLED && pairs.len() == fewer;
    if most || all { pairs } else { Vec::new() }
}

/// Returns further pairs of functions without a name, in a program that is bundled on one side: each is the one
/// that has the most callers and callees in common with the other. `known` are the pairs so far.
pub(crate) fn nameless(
    (before, open_before): (&[(usize, usize)], &[usize]),
    (after, open_after): (&[(usize, usize)], &[usize]),
    known: &HashMap<usize, usize>,
) -> Vec<(usize, usize)> {
    let near_before = near(before, open_before, |id| known.get(&id).copied());
    let near_after = near(after, open_after, Some);
    let common = |one: usize, two: usize| {
        let (one, two) = (near_before.get(&one), near_after.get(&two));
        one.zip(two).map_or(0, |(one, two)| one.intersection(two).count())
    };
    let pair = |one: &usize| {
        let two = best(open_after, |two| common(*one, two))?;
        (best(open_before, |one| common(one, two))? == *one).then_some((*one, two))
    };
    open_before.iter().filter_map(pair).collect()
}

/// Returns the function with the highest score above 0; `None` when two have it.
fn best(functions: &[usize], score: impl Fn(usize) -> usize) -> Option<usize> {
    let mut scores: Vec<(usize, usize)> = functions.iter().map(|id| (score(*id), *id)).collect();
    scores.sort_unstable_by(|a, b| b.cmp(a));
    let (highest, id) = scores.first()?;
    let next = scores.get(1).map_or(0, |(next, _)| *next);
    (*highest > next).then_some(*id)
}

/// Returns the callers (false) and callees (true) of some functions, under the ids that `other` gives them.
fn near(
    calls: &[(usize, usize)],
    of: &[usize],
    other: impl Fn(usize) -> Option<usize>,
) -> HashMap<usize, BTreeSet<(bool, usize)>> {
    let wanted: HashSet<usize> = of.iter().copied().collect();
    let mut near: HashMap<usize, BTreeSet<(bool, usize)>> = HashMap::new();
    for &(caller, callee) in calls {
        for (id, is_callee, next) in [(caller, true, callee), (callee, false, caller)] {
            if let Some(next) = other(next).filter(|_| wanted.contains(&id)) {
                near.entry(id).or_default().insert((is_callee, next));
            }
        }
    }
    near
}

/// Returns the functions without a pair whose name no other function of the side without a pair has.
fn names_alone<'n>(
    side: &'n FunctionNames<'_>,
    paired: &HashSet<usize>,
) -> BTreeMap<&'n str, usize> {
    let mut names: BTreeMap<&str, Option<usize>> = BTreeMap::new();
    for (id, name) in side.names.iter().enumerate().filter(|(id, _)| !paired.contains(id)) {
        if let Some((name, _)) = name {
            names.entry(name).and_modify(|id| *id = None).or_insert(Some(id));
        }
    }
    names.into_iter().filter_map(|(name, id)| Some((name, id?))).collect()
}

/// Returns the functions for which `has_pair` is false, by name; `None` for names that occur twice.
fn left_over<'n>(
    side: &'n FunctionNames<'_>,
    has_pair: impl Fn(usize) -> bool,
) -> BTreeMap<(&'n str, &'n str), Option<usize>> {
    let mut names = BTreeMap::new();
    for (id, name) in side.names.iter().enumerate().filter(|(id, _)| !has_pair(*id)) {
        if let Some((name, package)) = name {
            let place = names.entry((*name, package.as_str()));
            place.and_modify(|id| *id = None).or_insert(Some(id));
        }
    }
    names
}

fn callers(calls: &[(usize, usize)]) -> HashMap<usize, Vec<usize>> {
    let mut callers: HashMap<usize, Vec<usize>> = HashMap::new();
    for &(caller, callee) in calls {
        callers.entry(callee).or_default().push(caller);
    }
    callers
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The error was: a bundle with five functions of packages had each of them as GONE and as NEW.
    #[test]
    fn a_few_functions_of_packages_are_known_in_a_bundle_when_all_have_their_names() {
        let found = |before: &[&'static str], after: &[&'static str]| {
            let side = |names: &[&'static str], package: &str| FunctionNames {
                names: names.iter().map(|name| Some((*name, package.to_owned()))).collect(),
                calls: &[],
            };
            bundled(&side(before, "lib"), &side(after, "(app)"), std::iter::empty()).len()
        };
        assert_eq!(found(&["parse", "read", "write"], &["write", "parse", "read"]), 3);
        assert_eq!(
            found(&["parse", "read", "write", "old"], &["write", "parse", "read", "new"]),
            0
        );
        assert_eq!(found(&["parse", "read"], &["parse", "read"]), 0, "too few");
    }
}
