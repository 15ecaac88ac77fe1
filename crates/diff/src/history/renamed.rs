//! Functions that have another name from some build on.

use std::collections::{BTreeMap, BTreeSet};

/// A renamed function costs about the same: the larger share of all samples is at most this many times the smaller.
const SAME_COST: f64 = 1.3;

/// The evidence that two names are of one function.
pub(super) struct Known<'k> {
    /// The file of each row; `None` for a row without a name in a file.
    pub(super) files: &'k [Option<&'k str>],
    /// The mean share of a point's samples of each row, over the points that have it.
    pub(super) shares: &'k [f64],
    /// The calls of the points so far, and those of the point with the new rows.
    pub(super) calls: [&'k [(usize, usize)]; 2],
}

/// The callers and the callees of a row.
type Near = (BTreeSet<usize>, BTreeSet<usize>);

/// Returns pairs of a row that is gone and a new one. They are in one file, cost about the same, and have the same
/// callers and callees, at least half of them. No other such row fits.
pub(super) fn renamed(
    known: &Known<'_>,
    gone: &BTreeSet<usize>,
    new: &BTreeSet<usize>,
) -> Vec<(usize, usize)> {
    let [before, after] = known.calls;
    let (before, after) = (near(before, gone), near(after, new));
    let mut pairs = Vec::new();
    for (one, of_one) in &before {
        let fits = after.iter().filter(|(other, of_other)| {
            known.in_one_file(*one, **other)
                && known.costs_alike(*one, **other)
                && alike(&of_one.0, &of_other.0)
                && alike(&of_one.1, &of_other.1)
        });
        pairs.extend(fits.map(|(other, _)| (*one, *other)));
    }
    let is_alone = |(one, other): &(usize, usize)| {
        pairs.iter().filter(|(a, b)| a == one || b == other).count() == 1
    };
    pairs.iter().copied().filter(is_alone).collect()
}

impl Known<'_> {
    fn in_one_file(&self, one: usize, other: usize) -> bool {
        let of = |row: usize| self.files.get(row).copied().flatten();
        of(one).is_some() && of(one) == of(other)
    }

    fn costs_alike(&self, one: usize, other: usize) -> bool {
        let of = |row: usize| self.shares.get(row).copied().unwrap_or(0.0);
        let (low, high) = (of(one).min(of(other)), of(one).max(of(other)));
        low > 0.0 && high <= SAME_COST * low
    }
}

/// Returns true when two sets have at least half of the smaller one in common. A rare call may be missing by chance.
fn alike(one: &BTreeSet<usize>, other: &BTreeSet<usize>) -> bool {
    let fewer = one.len().min(other.len());
    let common = one.intersection(other).count();
    if fewer == 0 { one.len() == other.len() } else { common > 0 && 2 * common >= fewer }
}

fn near(calls: &[(usize, usize)], rows: &BTreeSet<usize>) -> BTreeMap<usize, Near> {
    let mut near: BTreeMap<usize, Near> = BTreeMap::new();
    for &(caller, callee) in calls {
        if rows.contains(&callee) {
            near.entry(callee).or_default().0.insert(caller);
        }
        if rows.contains(&caller) {
            near.entry(caller).or_default().1.insert(callee);
        }
    }
    near
}
