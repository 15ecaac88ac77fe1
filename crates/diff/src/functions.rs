//! Matching functions between two versions of a file, where their lines may differ.

use crate::same_lines::{FunctionPlace, Open, SameFunction};
use hashbrown::{HashMap, HashSet};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The most functions of one name in changed code that are compared, on each side.
const MOST_ALIKE: usize = 100;

/// Pairs the functions of two versions of a file.
///
/// Names that occur once on both sides are anchors. They show by how many lines the code
/// around them moved, and so where to look for functions that have no name, or a name that
/// occurs more than once. Where the code itself changed, those are paired by the functions that they
/// call and in the order of their positions, first the ones with common callers.
pub(crate) fn pair(
    mut before: Vec<FunctionPlace<'_>>,
    mut after: Vec<FunctionPlace<'_>>,
) -> Vec<SameFunction> {
    before.sort_unstable_by_key(|f| (f.line, f.column, f.id));
    after.sort_unstable_by_key(|f| (f.line, f.column, f.id));
    let anchors = anchors(&before, &after);
    let anchors = with_places(anchors, &before, &after);
    let mut pairs: Vec<SameFunction> = anchors
        .iter()
        .map(|(before, after)| SameFunction { before: before.id, after: after.id, guessed: false })
        .collect();
    let shifts = Shifts::new(&anchors);
    let line_after = |function: &FunctionPlace<'_>| {
        let (above, below) = shifts.around(function.line);
        (above == below).then(|| i64::from(function.line) + above)
    };
    let mut open = Open::new(&before, &after, &pairs);
    pairs.extend(open.by_last_names(line_after));
    if have_other_columns(&anchors) {
        pairs.extend(open.by_lines(line_after));
    }
    let used: HashSet<usize> = pairs.iter().map(|pair| pair.before).collect();
    let mut taken: HashSet<usize> = pairs.iter().map(|pair| pair.after).collect();
    let by_place: HashMap<(&str, i64, u32), &FunctionPlace<'_>> =
        after.iter().map(|f| ((f.name, i64::from(f.line), f.column), f)).collect();
    let mut rest = Vec::new();
    for function in before.iter().filter(|function| !used.contains(&function.id)) {
        let (above, below) = shifts.around(function.line);
        let (left, right) = shifts.around_column(function);
        let there = |(lines, columns)| at_or_beside(&by_place, function, lines, columns);
        let by = [(above, left), (above, right), (below, left), (below, right)];
        let mut found = by.into_iter().filter_map(there);
        match found.find(|other| !taken.contains(&other.id)) {
            Some(other) => {
                taken.insert(other.id);
                pairs.push(SameFunction { before: function.id, after: other.id, guessed: false });
            }
            // The code is unchanged here: no function was sampled at this place on the
            // other side.
            None if above == below && left == right && !pairs.is_empty() => {}
            None => rest.push(function),
        }
    }
    // The functions in changed code on the other side, in order.
    let mut left: HashMap<&str, Vec<&FunctionPlace<'_>>> = HashMap::new();
    for other in after.iter().filter(|other| !taken.contains(&other.id)) {
        let (above, below) = shifts.around_after(other.line);
        let columns = shifts.around_column_after(other);
        if above != below || columns.0 != columns.1 || anchors.is_empty() {
            left.entry(other.name).or_default().push(other);
        }
    }
    // Functions with common callers are paired first, then all others.
    for with_callers in [true, false] {
        let mut names: BTreeMap<&str, Vec<&FunctionPlace<'_>>> = BTreeMap::new();
        for function in &rest {
            names.entry(function.name).or_default().push(function);
        }
        for (name, list) in names {
            let Some(left) = left.get_mut(name) else { continue };
            for (function, other) in most_alike(&list, left, with_callers) {
                pairs.push(SameFunction { before: function, after: other, guessed: true });
                rest.retain(|of| of.id != function);
                left.retain(|of| of.id != other);
            }
        }
    }
    pairs
}

/// The functions of a side by name, line and column.
type ByPlace<'p, 'a> = HashMap<(&'p str, i64, u32), &'p FunctionPlace<'a>>;

/// Returns the function of the same name that is as many lines and columns further, or one column before or
/// after that. No other function begins beside this one. A source map has the column of the first parameter
/// of an arrow function, and V8 that of the parenthesis.
fn at_or_beside<'p, 'a>(
    by_place: &ByPlace<'p, 'a>,
    function: &FunctionPlace<'p>,
    lines: i64,
    columns: i64,
) -> Option<&'p FunctionPlace<'a>> {
    let line = i64::from(function.line) + lines;
    let at = |column: u32| by_place.get(&(function.name, line, column)).copied();
    let column = u32::try_from(i64::from(function.column) + columns).ok()?;
    at(column).or_else(|| at(column.saturating_add(1))).or_else(|| at(column.saturating_sub(1)))
}

/// Pairs functions of one name by their ids: first those that call the most functions in common, then
/// those with the nearest places in both lists. The pairs are the same when the sides are swapped.
fn most_alike(
    before: &[&FunctionPlace<'_>],
    after: &[&FunctionPlace<'_>],
    with_callers: bool,
) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    for (at, function) in before.iter().take(MOST_ALIKE).enumerate() {
        for (place, other) in after.iter().take(MOST_ALIKE).enumerate() {
            if !with_callers || !function.callers.is_disjoint(&other.callers) {
                let common = function.callees.intersection(&other.callees).count();
                let order = (Reverse(common), at.abs_diff(place), at + place, at);
                pairs.push((order, function.id, other.id));
            }
        }
    }
    pairs.sort_unstable();
    let (mut used, mut taken) = (HashSet::new(), HashSet::new());
    pairs.retain(|(_, before, after)| {
        let is_free = !used.contains(before) && !taken.contains(after);
        if is_free {
            used.insert(*before);
            taken.insert(*after);
        }
        is_free
    });
    pairs.into_iter().map(|(_, before, after)| (before, after)).collect()
}

/// The least number of anchors that show whether columns are alike.
const LEAST_ANCHORS: usize = 3;

/// Returns true when most functions that stayed at their line are at other columns: those of a source map
/// on one side, which are the columns of the word `function`, and V8's on the other.
fn have_other_columns(anchors: &[(&FunctionPlace<'_>, &FunctionPlace<'_>)]) -> bool {
    let stayed = || anchors.iter().filter(|(before, after)| shift_of(before, after) == 0);
    let others = stayed().filter(|(before, after)| before.column != after.column).count();
    others >= LEAST_ANCHORS && others * 2 > stayed().count()
}

/// Returns the functions whose name occurs once on both sides, in the order before, without those that
/// do not fit their neighbours.
fn anchors<'p, 'a>(
    before: &'p [FunctionPlace<'a>],
    after: &'p [FunctionPlace<'a>],
) -> Vec<(&'p FunctionPlace<'a>, &'p FunctionPlace<'a>)> {
    let (before, after) = (by_name(before), by_name(after));
    let mut anchors: Vec<_> = before
        .into_iter()
        .filter_map(|(name, function)| Some((function?, (*after.get(name)?)?)))
        .collect();
    anchors.sort_unstable_by_key(|(before, _)| (before.line, before.column, before.id));
    let shifts: Vec<_> = anchors.iter().map(|(before, after)| shift_of(before, after)).collect();
    let anchors = anchors.into_iter().enumerate();
    anchors.filter(|(at, _)| fits_its_neighbours(&shifts, *at)).map(|(_, anchor)| anchor).collect()
}

/// Returns the named functions of a side by their names; `None` for a name that occurs twice.
fn by_name<'p, 'a>(
    side: &'p [FunctionPlace<'a>],
) -> HashMap<&'a str, Option<&'p FunctionPlace<'a>>> {
    let mut functions = HashMap::new();
    for function in side.iter().filter(|function| !function.name.is_empty()) {
        let known = functions.entry(function.name);
        known.and_modify(|known| *known = None).or_insert(Some(function));
    }
    functions
}

/// Returns false for an anchor that moved differently from both of its neighbours, while these moved
/// alike. Nothing changed between them, so the anchor is a pair of different functions with one name,
/// each sampled on one side.
fn fits_its_neighbours(shifts: &[i64], at: usize) -> bool {
    let shift = |at: usize| shifts.get(at);
    let (above, below) = (at.checked_sub(1).and_then(shift), shift(at + 1));
    above.is_none() || above != below || above == shift(at)
}

/// Adds functions that have the same name and place on both sides to the anchors, anonymous ones too,
/// when at least half of the anchors did not move.
fn with_places<'p, 'a>(
    mut anchors: Vec<(&'p FunctionPlace<'a>, &'p FunctionPlace<'a>)>,
    before: &'p [FunctionPlace<'a>],
    after: &'p [FunctionPlace<'a>],
) -> Vec<(&'p FunctionPlace<'a>, &'p FunctionPlace<'a>)> {
    let stayed = anchors.iter().filter(|(before, after)| shift_of(before, after) == 0).count();
    if stayed * 2 < anchors.len() {
        return anchors;
    }
    let place = |function: &FunctionPlace<'a>| (function.name, function.line, function.column);
    let there: HashMap<_, _> = after.iter().map(|function| (place(function), function)).collect();
    let same = before.iter().filter_map(|function| Some((function, *there.get(&place(function))?)));
    let same: Vec<_> = same.collect();
    // A name that occurs once and moved is another function, if a function stayed at its
    // place.
    let kept: HashSet<usize> = same.iter().map(|(before, _)| before.id).collect();
    let taken: HashSet<usize> = same.iter().map(|(_, after)| after.id).collect();
    anchors.retain(|(before, after)| !kept.contains(&before.id) && !taken.contains(&after.id));
    anchors.extend(same);
    anchors
        .sort_unstable_by_key(|(before, after)| (before.line, before.column, before.id, after.id));
    anchors
}

fn shift_of(before: &FunctionPlace<'_>, after: &FunctionPlace<'_>) -> i64 {
    i64::from(after.line) - i64::from(before.line)
}

/// The number of lines and columns by which code moved, known at the anchors.
struct Shifts {
    /// `(line before, shift)`, in order.
    before: Vec<(u32, i64)>,
    /// `(line after, shift)`, in order.
    after: Vec<(u32, i64)>,
    /// The places before and the columns by which they moved, in order. A minified file has few lines.
    columns_before: Vec<((u32, u32), i64)>,
    /// The places after and the columns by which they moved, in order.
    columns_after: Vec<((u32, u32), i64)>,
}

impl Shifts {
    fn new(anchors: &[(&FunctionPlace<'_>, &FunctionPlace<'_>)]) -> Self {
        let shift =
            |(before, after): &(&FunctionPlace<'_>, &FunctionPlace<'_>)| shift_of(before, after);
        let before = anchors.iter().map(|pair| (pair.0.line, shift(pair))).collect();
        let mut after: Vec<_> = anchors.iter().map(|pair| (pair.1.line, shift(pair))).collect();
        after.sort_unstable();
        let columns = |of: fn(&(&FunctionPlace<'_>, &FunctionPlace<'_>)) -> (u32, u32)| {
            let by = |pair: &(&FunctionPlace<'_>, &FunctionPlace<'_>)| {
                i64::from(pair.1.column) - i64::from(pair.0.column)
            };
            let mut columns: Vec<_> = anchors.iter().map(|pair| (of(pair), by(pair))).collect();
            columns.sort_unstable();
            columns
        };
        let columns_before = columns(|pair| (pair.0.line, pair.0.column));
        let columns_after = columns(|pair| (pair.1.line, pair.1.column));
        Self { before, after, columns_before, columns_after }
    }

    /// Returns the columns by which the anchors on the left and on the right moved, on the line of a function
    /// before.
    fn around_column(&self, function: &FunctionPlace<'_>) -> (i64, i64) {
        Self::on_line(&self.columns_before, function)
    }

    fn around_column_after(&self, function: &FunctionPlace<'_>) -> (i64, i64) {
        Self::on_line(&self.columns_after, function)
    }

    fn on_line(list: &[((u32, u32), i64)], function: &FunctionPlace<'_>) -> (i64, i64) {
        let place = (function.line, function.column);
        let at = list.partition_point(|(anchor, _)| *anchor <= place);
        let here = |at: usize| {
            let anchor = list.get(at).filter(|((line, _), _)| *line == function.line);
            anchor.map(|(_, by)| *by)
        };
        // The start of a line does not move.
        let left = at.checked_sub(1).and_then(here).unwrap_or(0);
        (left, here(at).unwrap_or(left))
    }

    /// Returns the shifts of the anchors above and below a line of the file before.
    fn around(&self, line: u32) -> (i64, i64) {
        Self::around_line(&self.before, line)
    }

    fn around_after(&self, line: u32) -> (i64, i64) {
        Self::around_line(&self.after, line)
    }

    fn around_line(list: &[(u32, i64)], line: u32) -> (i64, i64) {
        let at = list.partition_point(|(anchor, _)| *anchor <= line);
        let shift = |at: usize| list.get(at).map(|(_, shift)| *shift);
        let (above, below) = (at.checked_sub(1).and_then(shift), shift(at));
        // The first line does not move.
        let above = above.unwrap_or(0);
        (above, below.unwrap_or(above))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn side<'a>(functions: &[(&'a str, u32, &[&'a str])]) -> Vec<FunctionPlace<'a>> {
        let of =
            |(id, (name, line, callers)): (usize, &(&'a str, u32, &[&'a str]))| FunctionPlace {
                id,
                name,
                line: *line,
                column: 5,
                callers: callers.iter().copied().collect(),
                callees: BTreeSet::new(),
            };
        functions.iter().enumerate().map(of).collect()
    }

    /// A minifier dropped the name of `res.json = function json() {`, so that V8 called it `res.json` in one bundle.
    #[test]
    fn a_name_with_what_it_was_assigned_to_is_one_at_its_line() {
        let before = side(&[("send", 10, &[]), ("res.json", 20, &[]), ("Old.parse", 30, &[])]);
        let after = side(&[("send", 12, &[]), ("json", 22, &[]), ("New.parse", 32, &[])]);
        let pairs: Vec<_> =
            pair(before, after).iter().map(|of| (of.before, of.after, of.guessed)).collect();
        assert_eq!(pairs, [(0, 0, false), (1, 1, false)]);
    }

    /// The error was: a handler of messages was added above the handler of requests, and the two had
    /// one caller, so that the handler of requests was CHANGED by −94 %.
    #[test]
    fn in_changed_code_a_function_without_a_name_is_the_one_with_the_same_callees() {
        let mut before = side(&[("f", 10, &[]), ("", 12, &["emit"]), ("g", 20, &[])]);
        let mut after =
            side(&[("f", 10, &[]), ("", 12, &["emit"]), ("", 17, &["emit"]), ("g", 26, &[])]);
        before[1].column = 7;
        before[1].callees = BTreeSet::from(["render", "rank", "end"]);
        after[1].callees = BTreeSet::from(["end"]);
        after[2].callees = BTreeSet::from(["render", "end"]);
        let pairs = pair(before, after);
        assert!(pairs.contains(&SameFunction { before: 1, after: 2, guessed: true }), "{pairs:?}");
    }

    fn paired(
        before: &[(&str, u32, &[&str])],
        after: &[(&str, u32, &[&str])],
    ) -> Vec<(usize, usize, bool)> {
        let mut pairs: Vec<_> = pair(side(before), side(after))
            .into_iter()
            .map(|pair| (pair.before, pair.after, pair.guessed))
            .collect();
        pairs.sort_unstable();
        pairs
    }

    #[test]
    fn names_match_whatever_the_line() {
        let before: [(&str, u32, &[&str]); 2] = [("f", 10, &[]), ("g", 20, &[])];
        let after: [(&str, u32, &[&str]); 2] = [("g", 5, &[]), ("f", 90, &[])];
        assert_eq!(paired(&before, &after), [(0, 1, false), (1, 0, false)]);
    }

    #[test]
    fn anonymous_functions_move_with_the_code_around_them() {
        // Two lines were added between f and g; the middle one was not sampled after.
        let before: [(&str, u32, &[&str]); 5] =
            [("f", 10, &[]), ("g", 20, &[]), ("", 21, &[]), ("", 25, &[]), ("h", 30, &[])];
        let after: [(&str, u32, &[&str]); 4] =
            [("f", 10, &[]), ("g", 22, &[]), ("", 27, &[]), ("h", 32, &[])];
        let expected = [(0, 0, false), (1, 1, false), (3, 2, false), (4, 3, false)];
        assert_eq!(paired(&before, &after), expected);
    }

    #[test]
    fn in_changed_code_order_and_callers_decide_and_it_is_marked() {
        let before: [(&str, u32, &[&str]); 4] =
            [("f", 10, &[]), ("", 12, &["f"]), ("", 14, &["x"]), ("g", 20, &[])];
        let after: [(&str, u32, &[&str]); 4] =
            [("f", 10, &[]), ("", 13, &["x"]), ("", 18, &["f"]), ("g", 25, &[])];
        let expected = [(0, 0, false), (1, 2, true), (2, 1, true), (3, 3, false)];
        assert_eq!(paired(&before, &after), expected);
        // Without any name, only the order is known.
        let before: [(&str, u32, &[&str]); 2] = [("", 3, &[]), ("", 9, &[])];
        let after: [(&str, u32, &[&str]); 2] = [("", 4, &[]), ("", 12, &[])];
        assert_eq!(paired(&before, &after), [(0, 0, true), (1, 1, true)]);
    }

    #[test]
    fn what_keeps_its_place_is_the_same_function() {
        // Both sides have two accessors with one name; of the other name, each side sampled
        // a different one.
        let before: [(&str, u32, &[&str]); 4] =
            [("f", 10, &[]), ("get", 139, &[]), ("get", 150, &[]), ("on", 200, &[])];
        let after: [(&str, u32, &[&str]); 4] =
            [("f", 10, &[]), ("on", 120, &[]), ("get", 139, &[]), ("get", 150, &[])];
        let pairs = paired(&before, &after);
        for same in [(0, 0, false), (1, 2, false), (2, 3, false)] {
            assert!(pairs.contains(&same), "{pairs:?}");
        }
        // The function around a module stays on line 1, also when the code below it moves.
        let before: [(&str, u32, &[&str]); 3] = [("", 1, &[]), ("f", 20, &[]), ("g", 30, &[])];
        let after: [(&str, u32, &[&str]); 3] = [("", 1, &[]), ("f", 19, &[]), ("g", 29, &[])];
        assert_eq!(paired(&before, &after), [(0, 0, false), (1, 1, false), (2, 2, false)]);
    }

    /// The error was: a program and its bundle with a source map had functions that were GONE and NEW at
    /// one line, because the map has the column of the word `function`.
    #[test]
    fn columns_of_a_source_map_are_others_than_those_of_v8() {
        let lines: [(&str, u32, &[&str]); 6] = [
            ("f", 10, &[]),
            ("g", 20, &[]),
            ("h", 30, &[]),
            ("", 40, &[]),
            ("", 50, &[]),
            ("", 50, &[]),
        ];
        let (before, mut after) = (side(&lines), side(&lines));
        for (at, function) in after.iter_mut().enumerate() {
            function.column = 13 + at as u32;
        }
        let mut renamed = after.clone();
        renamed[3].name = "Parser.parse";
        for after in [after, renamed] {
            let mut pairs = pair(before.clone(), after);
            pairs.sort_unstable_by_key(|pair| pair.before);
            let ids: Vec<_> = pairs.iter().map(|pair| (pair.before, pair.after)).collect();
            assert_eq!(
                ids,
                [(0, 0), (1, 1), (2, 2), (3, 3)],
                "two functions of line 50 are not known"
            );
        }
    }

    #[test]
    fn unchanged_code_pairs_only_what_stands_at_the_same_line() {
        let before: [(&str, u32, &[&str]); 4] =
            [("f", 10, &[]), ("get", 15, &[]), ("", 16, &[]), ("h", 90, &[])];
        let after: [(&str, u32, &[&str]); 4] =
            [("f", 10, &[]), ("get", 50, &[]), ("", 51, &[]), ("h", 90, &[])];
        assert_eq!(paired(&before, &after), [(0, 0, false), (3, 3, false)]);
    }
}
