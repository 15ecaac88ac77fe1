//! Whether runs without a load test did equal work, and whether functions agree on a scale of shares.
//!
//! Shares have no scale of their own: when one of two functions costs five times as much, its share
//! rises, and that of the other falls. When the other costs the same for a run on both sides, this is
//! a sign that the runs did the same work (a build, a script), and their costs have a scale. Without
//! such a sign, the scale is that of most functions, if most functions agree on one.

use crate::math::weighted_median;
use crate::steadier::weight;
use crate::table::{Counts, Side, SideSum, TableRun};

/// A row whose mean cost for a run differs by less than this factor between the sides stood still.
/// The costs of a script that does the same in each run differ by less on a machine that is not
/// busy.
const STOOD_RATIO: f64 = 1.15;
/// The number of standard errors of its counts by which a row may differ in addition.
const ERRORS: f64 = 2.0;
/// A row with fewer samples a run does not show whether it stood still.
const FEWEST_SAMPLES: f64 = 10.0;
/// The rows that stood still have at least this part of the weight of all rows, because the start of
/// a run alone costs the same whatever the run does.
const A_PART: f64 = 0.25;
/// They have at least this part of the weight of the rows that moved together most. When one of two
/// functions changed, each has half of the weight.
const AS_MANY: f64 = 0.5;
/// Functions agree on a scale when the third of their weight in the middle lies within this factor.
const AGREEING: f64 = 1.2;
/// The part of the weight on each side of this third.
const OUTER: f64 = 1.0 / 3.0;
/// Parts and distances that differ by less are equal.
const ROUNDING: f64 = 1e-9;

/// The change of a row that has samples on both sides.
struct Change {
    /// The logarithm of its cost after, divided by its cost before.
    log: f64,
    weight: f64,
    /// The logarithm by which it may differ and have stood still.
    reach: f64,
}

impl Change {
    fn new(row: &[f64], runs: &[TableRun], work: &[f64]) -> Option<Self> {
        let sum = |side| SideSum::new(row, work, runs.iter().map(|run| run.side), side);
        let [before, after] = Side::ALL.map(sum);
        let is_clear = row.iter().sum::<f64>() >= FEWEST_SAMPLES * row.len() as f64;
        if !is_clear || before.samples == 0.0 || after.samples == 0.0 {
            return None;
        }
        let variance = 1.0 / (before.samples + 0.5) + 1.0 / (after.samples + 0.5);
        let reach = STOOD_RATIO.ln() + ERRORS * variance.sqrt();
        Some(Self { log: after.log_cost() - before.log_cost(), weight: weight(row), reach })
    }

    fn is_at(&self, log: f64) -> bool {
        (self.log - log).abs() <= self.reach
    }

    /// Returns the changes of all rows with enough samples, and `None` for other rows. No row has more
    /// than half of the weight of all others, because one function alone shows no scale.
    fn of_rows(counts: &Counts, runs: &[TableRun], work: &[f64]) -> Vec<Option<Self>> {
        let mut changes: Vec<Option<Self>> =
            counts.rows().map(|row| Self::new(row, runs, work)).collect();
        let all: f64 = changes.iter().flatten().map(|change| change.weight).sum();
        for change in changes.iter_mut().flatten() {
            change.weight = change.weight.min((all - change.weight) / 2.0);
        }
        changes
    }
}

/// Returns the work of each run when all runs are taken to have done the same: the divisor that turns
/// a count into a cost for a run, in milliseconds when all sampling intervals are known.
pub(crate) fn work_of_runs(runs: &[TableRun]) -> Vec<f64> {
    let intervals: Option<Vec<f64>> = runs.iter().map(|run| run.interval_ms).collect();
    let work = |intervals: Vec<f64>| intervals.into_iter().map(|interval| 1.0 / interval).collect();
    intervals.map_or_else(|| vec![1.0; runs.len()], work)
}

/// Returns the rows whose cost for a run is the same on both sides, when they show that the runs did the
/// same work.
pub(crate) fn rows_that_stood(counts: &Counts, runs: &[TableRun]) -> Option<Counts> {
    let work = work_of_runs(runs);
    let changes = Change::of_rows(counts, runs, &work);
    let weight_at = |log: f64| -> f64 {
        changes.iter().flatten().filter(|of| of.is_at(log)).map(|of| of.weight).sum()
    };
    let all: f64 = changes.iter().flatten().map(|of| of.weight).sum();
    let stood = weight_at(0.0);
    let most = changes.iter().flatten().map(|of| weight_at(of.log)).fold(0.0, f64::max);
    if stood <= 0.0 || stood < A_PART * all || stood < AS_MANY * most {
        return None;
    }
    let mut rows = Counts::new(runs.len());
    for (row, change) in counts.rows().zip(&changes) {
        if change.as_ref().is_some_and(|change| change.is_at(0.0)) {
            rows.push(row);
        }
    }
    Some(rows)
}

/// Two scales of the costs after, as logarithms of factors of the work after.
#[derive(Clone, Copy)]
pub(crate) struct TwoScales {
    /// The scale on which costs are shown: the one that is nearer to most functions.
    pub(crate) shown: f64,
    pub(crate) other: f64,
}

/// Returns the two scales that the functions show; `None` when most of them agree on that of
/// `exposures`. `plain` are the exposures without the scale of most functions.
pub(crate) fn two_scales(
    counts: &Counts,
    runs: &[TableRun],
    [exposures, plain]: [&[f64]; 2],
) -> Option<TwoScales> {
    let changes = |work: &[f64]| -> Vec<(f64, f64)> {
        let rows = Change::of_rows(counts, runs, work).into_iter().flatten();
        rows.map(|change| (change.log, change.weight)).collect()
    };
    let mut logs = changes(exposures);
    let middle = weighted_median(&mut logs);
    let all: f64 = logs.iter().map(|(_, weight)| weight).sum();
    // Both are counted from their own end, so that swapped sides show the same scales.
    let low = reached(logs.iter(), OUTER * all)?;
    let high = reached(logs.iter().rev(), OUTER * all)?;
    if high - low <= AGREEING.ln() {
        return None;
    }
    // When as many functions moved up as down, the scale that changes the shares less is shown.
    let shares = weighted_median(&mut changes(plain)) - middle;
    // Rounding must not decide between two scales that are equally near.
    let rounded = |distance: f64| (distance / ROUNDING).round();
    let below = [middle - low, (low + shares).abs()].map(rounded);
    let above = [high - middle, (high + shares).abs()].map(rounded);
    let is_low = below[0].total_cmp(&above[0]).then(below[1].total_cmp(&above[1])).is_le();
    let (shown, other) = if is_low { (low, high) } else { (high, low) };
    Some(TwoScales { shown, other })
}

/// Returns the value at which this part of the weight is reached.
fn reached<'p>(pairs: impl Iterator<Item = &'p (f64, f64)>, part: f64) -> Option<f64> {
    let mut sum = 0.0;
    let mut last = None;
    for (value, weight) in pairs {
        sum += weight;
        last = Some(*value);
        // A function with half of the weight of all others has exactly a third of it.
        if sum >= part * (1.0 - ROUNDING) {
            break;
        }
    }
    last
}
