//! Functions of two versions of a file that are alone at their line.

use hashbrown::HashSet;
use std::collections::{BTreeMap, BTreeSet};

/// A function of one side, in one file.
#[derive(Clone, Debug)]
pub(crate) struct FunctionPlace<'a> {
    /// The function's index in the side's list.
    pub(crate) id: usize,
    pub(crate) name: &'a str,
    pub(crate) line: u32,
    pub(crate) column: u32,
    /// The names of its callers.
    pub(crate) callers: HashSet<&'a str>,
    /// The names of the functions that it calls.
    pub(crate) callees: BTreeSet<&'a str>,
}

/// A function that exists on both sides, as indices in the two lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SameFunction {
    pub(crate) before: usize,
    pub(crate) after: usize,
    /// True when the place does not match: neither a unique name nor the line and the column show that
    /// it is one function.
    pub(crate) guessed: bool,
}

/// The functions of both sides that have no pair yet.
pub(crate) struct Open<'p, 'a> {
    before: Vec<&'p FunctionPlace<'a>>,
    after: Vec<&'p FunctionPlace<'a>>,
}

impl<'p, 'a> Open<'p, 'a> {
    pub(crate) fn new(
        before: &'p [FunctionPlace<'a>],
        after: &'p [FunctionPlace<'a>],
        pairs: &[SameFunction],
    ) -> Self {
        let (used, taken): (BTreeSet<usize>, BTreeSet<usize>) =
            pairs.iter().map(|pair| (pair.before, pair.after)).unzip();
        Self {
            before: before.iter().filter(|function| !used.contains(&function.id)).collect(),
            after: after.iter().filter(|function| !taken.contains(&function.id)).collect(),
        }
    }

    /// Pairs functions of which only one has a name with a dot, and the other has what follows the dot. V8 takes the
    /// part before it from the code around the function, which bundlers change.
    pub(crate) fn by_last_names(
        &mut self,
        line_after: impl Fn(&FunctionPlace<'_>) -> Option<i64>,
    ) -> Vec<SameFunction> {
        let named = |function: &FunctionPlace<'a>| {
            Some(last_name(function.name)).filter(|name| !name.is_empty())
        };
        let is_qualified = |functions: &[&FunctionPlace<'a>], id: usize| {
            functions.iter().any(|of| of.id == id && of.name.contains('.'))
        };
        let mut found = self.alone_at(&line_after, named);
        found.retain(|(before, after)| {
            is_qualified(&self.before, *before) != is_qualified(&self.after, *after)
        });
        self.paired(found, false)
    }

    /// Pairs functions that are alone at their line, first those of one name.
    pub(crate) fn by_lines(
        &mut self,
        line_after: impl Fn(&FunctionPlace<'_>) -> Option<i64>,
    ) -> Vec<SameFunction> {
        let found = self.alone_at(&line_after, |function| Some(function.name));
        let mut pairs = self.paired(found, true);
        let found = self.alone_at(&line_after, |_| Some(""));
        pairs.extend(self.paired(found, true));
        pairs
    }

    /// Returns the ids of functions before and after that are the only ones with their name at their line.
    fn alone_at(
        &self,
        line_after: &impl Fn(&FunctionPlace<'_>) -> Option<i64>,
        name: impl Fn(&FunctionPlace<'a>) -> Option<&'a str>,
    ) -> Vec<(usize, usize)> {
        let here = alone(&self.before, |function| Some((name(function)?, line_after(function)?)));
        let there =
            alone(&self.after, |function| Some((name(function)?, i64::from(function.line))));
        let both = here.iter().filter_map(|(place, id)| Some(((*id)?, (*there.get(place)?)?)));
        both.collect()
    }

    fn paired(&mut self, found: Vec<(usize, usize)>, guessed: bool) -> Vec<SameFunction> {
        self.before.retain(|function| found.iter().all(|(id, _)| *id != function.id));
        self.after.retain(|function| found.iter().all(|(_, id)| *id != function.id));
        let pair = |(before, after)| SameFunction { before, after, guessed };
        let mut pairs: Vec<SameFunction> = found.into_iter().map(pair).collect();
        pairs.sort_unstable_by_key(|pair| pair.before);
        pairs
    }
}

/// Returns the part of a name after the last dot.
pub(crate) fn last_name(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// Returns the functions by their place; `None` for a place with two.
fn alone<'a>(
    functions: &[&FunctionPlace<'a>],
    place: impl Fn(&FunctionPlace<'a>) -> Option<(&'a str, i64)>,
) -> BTreeMap<(&'a str, i64), Option<usize>> {
    let mut places = BTreeMap::new();
    for function in functions {
        if let Some(place) = place(function) {
            let known = places.entry(place);
            known.and_modify(|id| *id = None).or_insert(Some(function.id));
        }
    }
    places
}
