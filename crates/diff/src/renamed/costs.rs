//! Whether two functions cost about the same.

use crate::measure::LEAST_RATIO;
use crate::table::{Counts, Side, SideSum};

/// The assumed noise of a function's cost between two runs. It only widens the range of costs that
/// count as equal.
const NOISE: f64 = 0.1;
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
    pub(super) fn samples(&self, row: usize) -> f64 {
        let [_, totals] = self.tables;
        totals.row(row).into_iter().flatten().sum()
    }

    /// Returns true when the row before costs about as much as the row after, without and with
    /// callees.
    pub(super) fn are_alike(&self, before: usize, after: usize) -> bool {
        let sum = |row, side| SideSum::new(row, self.exposures, self.sides.iter().copied(), side);
        self.tables.iter().all(|table| {
            let Some((one, other)) = table.row(before).zip(table.row(after)) else { return false };
            let (one, other) = (sum(one, Side::Before), sum(other, Side::After));
            let log = other.log_cost() - one.log_cost();
            let poisson = 1.0 / (one.samples + 0.5) + 1.0 / (other.samples + 0.5);
            let between_runs = NOISE * NOISE * (1.0 / one.runs + 1.0 / other.runs);
            log.abs() <= LEAST_RATIO.ln() + ERRORS * (poisson + between_runs).sqrt()
        })
    }
}
