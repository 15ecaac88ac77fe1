//! Functions that moved to another file.
//!
//! Files are matched first, and functions within them. A function that moved from one file to
//! another is left over on both sides: it would read as GONE and as NEW.

use hashbrown::{HashMap, HashSet};
use std::collections::BTreeMap;

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
