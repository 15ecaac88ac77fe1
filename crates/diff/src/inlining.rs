//! Costs that move between functions by chance.
//!
//! When recordings hide inlining, the samples of an inlined function count for its caller,
//! and the engine inlines different functions in each run.

use crate::dispersion::Trend;
use crate::measure::{Design, Doubt, LEAST_RATIO, Measure, Verdict};
use crate::table::Counts;
use hashbrown::HashMap;

/// The levels of callers and callees that are searched: an inlined function can contain
/// another.
const DEPTH: usize = 3;
/// The functions around a row must take back this part of its change or more. Without this bound a
/// fivefold change counted as a move of cost when its sum with large neighbours, which had changed
/// hardly at all, was not certain any more.
const TAKEN_BACK: f64 = 0.5;

/// The way along which a cost moves. An inlined function's cost is in its caller, or in the caller of that,
/// and a function that is not inlined any more took its cost along. Other functions that the caller calls
/// have no part in either.
#[derive(Clone, Copy)]
enum Way {
    Callers,
    Callees,
}

/// The callers and the callees of each row.
pub(crate) struct Calls {
    callers: HashMap<u32, Vec<u32>>,
    callees: HashMap<u32, Vec<u32>>,
}

impl Calls {
    /// Builds both maps from pairs of caller and callee.
    pub(crate) fn new(pairs: &[(u32, u32)]) -> Self {
        let (mut callers, mut callees) = (HashMap::new(), HashMap::new());
        for &(caller, callee) in pairs {
            callers.entry(callee).or_insert_with(Vec::new).push(caller);
            callees.entry(caller).or_insert_with(Vec::new).push(callee);
        }
        Self { callers, callees }
    }

    /// Returns the callers of a row, or its callees.
    fn next(&self, row: u32, way: Way) -> &[u32] {
        let of = match way {
            Way::Callers => &self.callers,
            Way::Callees => &self.callees,
        };
        of.get(&row).map_or(&[], Vec::as_slice)
    }

    /// Returns the rows that only this row calls.
    fn only_called_by(&self, row: u32) -> impl Iterator<Item = usize> + '_ {
        let callees = self.callees.get(&row).into_iter().flatten().copied();
        let is_other = move |caller: &u32| *caller != row;
        callees
            .filter(move |callee| {
                let mut callers = self.callers.get(callee).into_iter().flatten();
                *callee != row && !callers.any(|caller| caller != callee && is_other(caller))
            })
            .map(|callee| callee as usize)
    }

    /// Returns true when one of the functions that call a row is wanted. Builtins call each
    /// other, so callers that are builtins are followed to the first other function.
    fn has_caller(
        &self,
        row: u32,
        builtin: impl Fn(u32) -> bool,
        wanted: impl Fn(u32) -> bool,
    ) -> bool {
        let mut seen = vec![row];
        let mut at = 0;
        while let Some(&row) = seen.get(at) {
            at += 1;
            for &caller in self.callers.get(&row).into_iter().flatten() {
                if builtin(caller) {
                    if !seen.contains(&caller) {
                        seen.push(caller);
                    }
                } else if wanted(caller) {
                    return true;
                }
            }
        }
        false
    }
}

/// Returns the rows of builtins that changed although no function that calls them did. The engine's
/// compiler puts builtins into the code of their callers, which no recording shows, and it does so
/// by what it has seen when it compiles: another hour of a busy machine gives other code.
/// `is_builtin` and both lists of measures (self and total) have one value for each row.
pub(crate) fn builtins_alone(
    calls: &Calls,
    is_builtin: &[bool],
    measures: [&[Measure]; 2],
) -> Vec<usize> {
    let builtin = |row: u32| is_builtin.get(row as usize) == Some(&true);
    let changed = |row: u32| {
        let mut both = measures.iter().filter_map(|measures| measures.get(row as usize));
        both.any(|measure| measure.verdict == Verdict::Changed)
    };
    let alone = |row: &usize| !calls.has_caller(*row as u32, builtin, changed);
    (0..is_builtin.len()).filter(|row| builtin(*row as u32)).filter(alone).collect()
}

/// Returns the rows that are certainly new or gone, although their own cost may have moved to a caller.
/// An inlined function is not on the stacks, but the functions that it calls still are: when functions
/// that it alone called are certainly gone too, it was not inlined. These callees must have cost as
/// much as the row itself, because a function that lost its calls may be inlined since then.
/// `may_show` is false for rows that the engine can hide too.
pub(crate) fn gone_with_callees(
    calls: &Calls,
    may_show: &[bool],
    [self_measures, total_measures]: [&mut [Measure]; 2],
) -> Vec<usize> {
    let mut found = Vec::new();
    for _ in 0..DEPTH {
        let doubted = |row: &usize| {
            let both = [self_measures.get(*row), total_measures.get(*row)];
            both.into_iter().flatten().any(|measure| measure.doubt == Some(Doubt::Inlined))
        };
        let rows = (0..total_measures.len()).filter(|row| may_show.get(*row) == Some(&true));
        let is_gone_too = |row: &usize| {
            let own = self_measures.get(*row).map_or(f64::INFINITY, |own| own.change.abs());
            let lost = lost_with(*row, calls, may_show, total_measures);
            lost > 0.0 && lost >= own
        };
        let next: Vec<usize> = rows.filter(doubted).filter(is_gone_too).collect();
        if next.is_empty() {
            break;
        }
        for row in &next {
            for measures in [&mut *self_measures, &mut *total_measures] {
                let measure = measures.get_mut(*row);
                if let Some(measure) = measure.filter(|m| m.doubt == Some(Doubt::Inlined)) {
                    (measure.verdict, measure.doubt) = (Verdict::Changed, None);
                }
            }
        }
        found.extend(next);
    }
    found.sort_unstable();
    found
}

/// Returns the cost of the functions that a row alone called and that are certainly new or gone with
/// it. It is 0 for a row with samples on both sides.
fn lost_with(row: usize, calls: &Calls, may_show: &[bool], totals: &[Measure]) -> f64 {
    let Some(has_before) = totals.get(row).and_then(only_before) else { return 0.0 };
    let callees = calls.only_called_by(row as u32);
    let shown = callees.filter(|callee| may_show.get(*callee) == Some(&true));
    let gone = shown
        .filter_map(|callee| totals.get(callee))
        .filter(|cost| cost.verdict == Verdict::Changed && only_before(cost) == Some(has_before));
    gone.map(|cost| cost.change.abs()).sum()
}

/// Returns whether the only side that has samples of a row is the side before; `None` when both sides
/// have some, or none has.
pub(crate) fn only_before(total: &Measure) -> Option<bool> {
    match (total.samples_before > 0.0, total.samples_after > 0.0) {
        (before, after) if before != after => Some(before),
        _ => None,
    }
}

/// Returns the rows whose change may only be a move of cost. Such a row changed, and some of its
/// callers and callees, and of theirs, changed in the opposite direction. Together with them it did not
/// change.
///
/// `self_counts` and `self_measures` are those of the self counts. `counts` and `measures` are those of the
/// table that is checked: the self counts again, or the totals, because the total of an
/// inlined function is in its callers' self counts.
pub(crate) fn traded(
    design: &Design<'_>,
    calls: &Calls,
    (self_counts, self_measures): (&Counts, &[Measure]),
    (counts, measures): (&Counts, &[Measure]),
    (trend, critical_p): (&Trend, f64),
) -> Vec<usize> {
    let changed = measures.iter().enumerate().filter(|(_, m)| m.verdict == Verdict::Changed);
    let trade = Trade { design, calls, self_counts, self_measures, trend, critical_p };
    let moved = changed.filter(|(row, measure)| {
        counts.row(*row).is_some_and(|counts| trade.may_explain(*row, counts, measure.change))
    });
    moved.map(|(row, _)| row).collect()
}

/// The values with which [`traded`] checks each row.
struct Trade<'a> {
    design: &'a Design<'a>,
    calls: &'a Calls,
    self_counts: &'a Counts,
    self_measures: &'a [Measure],
    trend: &'a Trend,
    critical_p: f64,
}

impl Trade<'_> {
    /// Returns true when a row and functions around it, which changed in the opposite direction,
    /// did not change together.
    fn may_explain(&self, row: usize, counts: &[f64], change: f64) -> bool {
        let mut sum = counts.to_vec();
        let mut joined = vec![row as u32];
        let mut edge = vec![(row as u32, Way::Callers), (row as u32, Way::Callees)];
        for _ in 0..DEPTH {
            edge = self.join(&edge, change, &mut joined, &mut sum);
            if edge.is_empty() {
                return false;
            }
            if self.stands(&sum, change) {
                return true;
            }
        }
        false
    }

    /// Adds the functions next to `edge` that changed in the opposite direction. Returns them.
    fn join(
        &self,
        edge: &[(u32, Way)],
        change: f64,
        joined: &mut Vec<u32>,
        sum: &mut [f64],
    ) -> Vec<(u32, Way)> {
        let mut next = Vec::new();
        let near = edge.iter().flat_map(|(row, way)| {
            self.calls.next(*row, *way).iter().map(move |near| (*near, *way))
        });
        for (near, way) in near {
            let there = self.self_measures.get(near as usize).map_or(0.0, |measure| measure.change);
            if there * change < 0.0 && !joined.contains(&near) {
                joined.push(near);
                next.push((near, way));
                let counts = self.self_counts.row(near as usize).into_iter().flatten();
                sum.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
            }
        }
        next
    }

    /// Returns true when counts that were added up did not change, or changed in the other
    /// direction: most of `change` is in the other functions then.
    fn stands(&self, sum: &[f64], change: f64) -> bool {
        let mut together = Counts::new(sum.len());
        together.push(sum);
        let both = self.design.measures(&together, self.trend).pop();
        both.is_none_or(|both| {
            let is_small = both.log_ratio.abs() < LEAST_RATIO.ln();
            let stands = is_small || both.p.is_none_or(|p| p > self.critical_p);
            let left = both.change * change.signum();
            left < 0.0 || stands && left <= (1.0 - TAKEN_BACK) * change.abs()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{Assumptions, analyse};
    use crate::order::Order;
    use crate::table::Grouping;
    use crate::table::{Side, TableRun};

    /// A function cost a fifth of before, in recordings that hide inlining. It was `INLINED?` and not
    /// CHANGED between separated sides, because its sum with large neighbours, which had changed
    /// hardly at all, was not certain. A real move of cost stays one.
    #[test]
    fn neighbours_that_take_little_back_are_no_inlining() {
        let run = |side| TableRun { side, interval_ms: Some(1.0), ..TableRun::named("run") };
        let runs = [Side::Before, Side::After].map(|side| [(); 3].map(|()| run(side))).concat();
        let mut counts = Counts::new(6);
        counts.push(&[4_000.0, 4_020.0, 3_990.0, 4_200.0, 4_190.0, 4_230.0]);
        counts.push(&[600.0, 610.0, 595.0, 605.0, 590.0, 611.0]);
        counts.push(&[2_500.0, 2_450.0, 2_540.0, 500.0, 510.0, 490.0]);
        // Row 4 took the cost of row 3 over.
        counts.push(&[700.0, 690.0, 705.0, 0.0, 0.0, 0.0]);
        counts.push(&[800.0, 805.0, 795.0, 1_500.0, 1_495.0, 1_505.0]);
        for _ in 0..60 {
            counts.push(&[200.0, 195.0, 205.0, 200.0, 205.0, 195.0]);
        }
        let calls = (1..65).filter(|row| *row != 3).map(|row| (0, row)).chain([(4, 3)]).collect();
        let functions = Grouping { self_counts: counts.clone(), total_counts: counts };
        for order in [Order::InTurn, Order::Separated] {
            let assumed = Assumptions {
                calls_that_hide_inlining: Some(Vec::clone(&calls)),
                order: Some(order),
                ..Assumptions::default()
            };
            let analysis = analyse(&runs, std::slice::from_ref(&functions), &assumed).unwrap();
            let rows = &analysis.groupings[0].self_result.measures;
            assert_eq!((rows[2].verdict, rows[2].doubt), (Verdict::Changed, None), "{order:?}");
            assert_eq!(rows[3].doubt, Some(Doubt::Inlined), "{order:?}");
        }
    }

    /// In perf at two runs a side, a function fell to a quarter and was INLINED? because another callee of
    /// its caller had risen.
    #[test]
    fn another_callee_of_the_caller_takes_no_cost_over() {
        let run = |side| TableRun { side, interval_ms: Some(1.0), ..TableRun::named("run") };
        let runs = [Side::Before, Side::After].map(|side| [(); 3].map(|()| run(side))).concat();
        let mut counts = Counts::new(6);
        counts.push(&[4_000.0, 4_020.0, 3_990.0, 4_030.0, 4_040.0, 4_020.0]);
        counts.push(&[2_500.0, 2_450.0, 2_540.0, 500.0, 510.0, 490.0]);
        counts.push(&[800.0, 790.0, 810.0, 2_800.0, 2_790.0, 2_810.0]);
        for _ in 0..60 {
            counts.push(&[200.0, 195.0, 205.0, 200.0, 205.0, 195.0]);
        }
        let verdict = |calls: &[(u32, u32)]| {
            let functions = Grouping { self_counts: counts.clone(), total_counts: counts.clone() };
            let trading = Some(calls.to_vec());
            let order = Some(Order::InTurn);
            let assumed =
                Assumptions { calls_that_hide_inlining: trading, order, ..Assumptions::default() };
            let analysis = analyse(&runs, &[functions], &assumed).unwrap();
            analysis.groupings[0].self_result.measures[1].doubt
        };
        assert_eq!(verdict(&[(0, 1), (0, 2)]), None);
        assert_eq!(verdict(&[(0, 1), (1, 2)]), Some(Doubt::Inlined), "it called the other one");
        assert_eq!(verdict(&[(0, 1), (2, 1)]), Some(Doubt::Inlined), "the other one called it");
    }

    /// In A/A runs of samples/app, `Builtin: FindOrderedHashMapEntry` was GONE when another program
    /// used the CPU: V8 had compiled its caller in another way. The caller was not resolved.
    #[test]
    fn a_builtin_alone_may_be_in_the_code_of_its_caller() {
        let run = |side| TableRun { side, interval_ms: Some(1.0), ..TableRun::named("run") };
        let runs = [Side::Before, Side::Before, Side::After, Side::After].map(run);
        let mut counts = Counts::new(4);
        counts.push(&[5_000.0, 5_010.0, 5_005.0, 4_990.0]);
        counts.push(&[900.0, 910.0, 100.0, 95.0]);
        for _ in 0..20 {
            counts.push(&[800.0, 805.0, 795.0, 802.0]);
        }
        let functions = Grouping { self_counts: counts.clone(), total_counts: counts };
        let analysis = analyse(&runs, &[functions], &Assumptions::default()).unwrap();
        let totals = &analysis.groupings[0].total_result.measures;
        assert_eq!(totals[1].verdict, Verdict::Changed);
        // Row 2 is a builtin that calls the builtin of row 3.
        let builtins: Vec<bool> = (0..22).map(|row| row == 2 || row == 3).collect();
        let alone =
            |calls: &[(u32, u32)]| builtins_alone(&Calls::new(calls), &builtins, [totals, totals]);
        assert_eq!(alone(&[(0, 2), (2, 3), (3, 2)]), [2, 3], "row 0 did not change");
        assert_eq!(alone(&[(1, 2), (2, 3), (3, 2)]), [0; 0], "row 1 changed");
        assert_eq!(alone(&[(0, 2), (1, 3)]), [2]);
    }
}
