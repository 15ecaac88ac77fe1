//! The whole method on plain numbers: tables of counts in, measures out.

use crate::dispersion::Trend;
use crate::error::Error;
use crate::exposure::{Exposures, Shift, Unit};
use crate::math::t_quantile;
use crate::measure::{ALPHA, Design, Measure, Verdict};
use crate::power::Plan;
use crate::table::{Counts, Side, TableRun};

/// The noise between runs that is assumed where it cannot be measured: the
/// coefficient of variation of a function's cost.
pub const ASSUMED_NOISE: f64 = 0.25;

/// How much the runs can carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// Two runs a side or more: noise is measured on both.
    Strong,
    /// One run against several: noise is measured on one side only.
    Weak,
    /// One run a side: noise between runs is assumed, not measured.
    Provisional,
}

impl Evidence {
    /// The word for it in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Strong => "strong",
            Self::Weak => "weak",
            Self::Provisional => "provisional",
        }
    }
}

/// The cost of everything.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Totals {
    /// Before, in the comparison's unit.
    pub before: f64,
    /// After.
    pub after: f64,
    /// After divided by before.
    pub ratio: f64,
    /// 95 % interval of `ratio`.
    pub ci: (f64, f64),
}

/// A table, tested.
#[derive(Clone, Debug)]
pub struct TableResult {
    /// By row.
    pub measures: Vec<Measure>,
    /// How counts spread in it.
    pub trend: Trend,
    pub(crate) plan: Plan,
}

/// What [`analyse`] finds.
#[derive(Clone, Debug)]
pub struct Analysis {
    /// What costs are in.
    pub unit: Unit,
    /// How much the runs can carry.
    pub evidence: Evidence,
    /// By run: how slow the machine was beside the other runs, 1 on average.
    pub factors: Vec<f64>,
    /// By run: a count divided by this is a cost.
    pub exposures: Vec<f64>,
    /// Whether everything shifted; `None` without requests or with one run on
    /// a side.
    pub shift: Option<Shift>,
    /// The cost of everything.
    pub totals: Totals,
    /// The tables, in their order.
    pub tables: Vec<TableResult>,
}

/// Compares runs by tables of counts, in turn of self and total samples.
///
/// The first two are of functions, the others of groups of these. The first
/// tells what each run's samples are worth.
///
/// `noise_cv` is the noise taken for one run a side: [`ASSUMED_NOISE`] unless
/// more is known.
///
/// # Errors
/// When a side has no runs, a run no samples, or a number is none.
pub fn analyse(runs: &[TableRun], tables: &[Counts], noise_cv: f64) -> Result<Analysis, Error> {
    let Some(functions) = tables.first() else { return Err(Error::Counts) };
    for table in tables {
        table.check(runs.len())?;
    }
    let exposures = Exposures::new(runs, functions)?;
    let sides: Vec<Side> = runs.iter().map(|run| run.side).collect();
    let sums = functions.column_sums();
    let over = |side, values: &[f64]| {
        let own = sides.iter().zip(values).filter(|(of, _)| **of == side);
        own.map(|(_, value)| value).sum::<f64>()
    };
    let both = |values: &[f64]| Side::ALL.map(|side| over(side, values));
    let samples = both(&sums);
    let evened = exposures.of_run.iter().zip(&exposures.factors);
    let even: Vec<f64> = evened.map(|(exposure, factor)| exposure * factor).collect();
    let design_of = |exposures| {
        let work = both(exposures);
        Design {
            sides: &sides,
            exposures,
            runs: both(&vec![1.0; runs.len()]),
            work,
            totals: [samples[0] / work[0], samples[1] / work[1]],
            noise_cv,
        }
    };
    let design = design_of(&exposures.of_run);
    let mut results = test(&design, tables);
    if exposures.shift.is_some_and(|shift| shift.significant) {
        only_what_moved_by_itself(&mut results, &test(&design_of(&even), tables));
    }
    let totals = totals(&design, &sums, results.first());
    let fewest = design.runs[0].min(design.runs[1]);
    let evidence = match (fewest > 1.0, design.runs[0] + design.runs[1] > 2.0) {
        (true, _) => Evidence::Strong,
        (false, true) => Evidence::Weak,
        (false, false) => Evidence::Provisional,
    };
    let Exposures { unit, of_run, factors, shift } = exposures;
    Ok(Analysis { unit, evidence, factors, exposures: of_run, shift, totals, tables: results })
}

fn test(design: &Design<'_>, tables: &[Counts]) -> Vec<TableResult> {
    let mut results: Vec<TableResult> = Vec::with_capacity(tables.len());
    for (at, table) in tables.iter().enumerate() {
        let functions = results.get(at % 2).filter(|_| at > 1).map(|result| result.trend);
        let tested = design.test(table, functions);
        let plan = design.plan(tested.critical_p);
        results.push(TableResult { measures: tested.measures, trend: tested.trend, plan });
    }
    results
}

/// Where everything shifted, costs show it; but a row has changed only if it did
/// so beside the others too. What moved with the program is told as the shift.
fn only_what_moved_by_itself(results: &mut [TableResult], even: &[TableResult]) {
    for (result, even) in results.iter_mut().zip(even) {
        for (row, even) in result.measures.iter_mut().zip(&even.measures) {
            if row.verdict == Verdict::Changed && even.verdict != Verdict::Changed {
                (row.verdict, row.more_runs) = (Verdict::NotResolved, None);
            }
        }
    }
}

/// The cost of everything: its spread is what the runs' sums show, but never
/// less than that of its functions together.
fn totals(design: &Design<'_>, sums: &[f64], functions: Option<&TableResult>) -> Totals {
    let mut all = Counts::new(sums.len());
    all.push(sums);
    let none = Trend::assumed(0.0, 0.0);
    let Some((whole, table)) = design.measures(&all, &none).pop().zip(functions) else {
        return Totals { before: 0.0, after: 0.0, ratio: 1.0, ci: (0.0, f64::INFINITY) };
    };
    let samples = |measure: &Measure| measure.samples_before + measure.samples_after;
    let parts = table.measures.iter().map(|row| row.dispersion * samples(row)).sum::<f64>();
    let parts = parts / samples(&whole);
    let (dispersion, df) = if whole.dispersion > parts {
        (whole.dispersion, whole.degrees_of_freedom)
    } else {
        (parts, whole.degrees_of_freedom + table.trend.prior_df)
    };
    let error = (dispersion / whole.dispersion).sqrt() * whole.standard_error;
    let reach = t_quantile(1.0 - ALPHA / 2.0, df) * error;
    let Measure { before, after, log_ratio, .. } = whole;
    let ci = ((log_ratio - reach).exp(), (log_ratio + reach).exp());
    Totals { before, after, ratio: after / before, ci }
}
