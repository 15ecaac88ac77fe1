//! The place of a function on the other side, by the functions around it that both sides have.

use crate::matching::{FunctionPair, Matching, SideFunctions};
use crate::table::Side;
use hashbrown::HashMap;
use spikeflame_profile::Kind;
use std::collections::{BTreeMap, BTreeSet};

/// A function of one side that has no match.
#[derive(Clone, Copy)]
pub(super) struct Lone<'a> {
    pub(super) row: usize,
    pub(super) file: &'a str,
    pub(super) name: &'a str,
    pub(super) line: i64,
    pub(super) column: i64,
}

impl<'a> Lone<'a> {
    pub(super) fn new(side: &SideFunctions<'a>, id: usize, row: usize) -> Option<Self> {
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

/// Returns the name after of each file that has another name before. Beside the files that were
/// matched, these are files of which all known functions moved to one other file.
pub(super) fn files_after<'a>(
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

/// Returns true when two functions on one line can begin at the same character. A function begins
/// after its name in most recordings, so a longer name moves it.
pub(super) fn is_column_kept(one: &Lone<'_>, two: &Lone<'_>) -> bool {
    let length = |name: &str| name.rsplit('.').next().unwrap_or(name).chars().count() as i64;
    let longer = length(two.name) - length(one.name);
    let moved = two.column - one.column;
    // `function (` becomes `function name(`, and `name = function` keeps what follows it.
    (moved - longer).abs() <= 1 || moved == 0
}

/// The lines by which the code of a file moved, at functions that both sides have.
#[derive(Default)]
pub(super) struct Shifts {
    /// `(line before, shift)`, in order.
    before: Vec<(i64, i64)>,
    /// `(line after, shift)`, in order.
    after: Vec<(i64, i64)>,
}

impl Shifts {
    pub(super) fn is_empty(&self) -> bool {
        self.before.is_empty()
    }

    /// Returns the shifts of the nearest functions above and below a line of one side.
    pub(super) fn at(&self, line: i64, side: Side) -> (i64, i64) {
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
pub(super) fn shifts<'a>(
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
