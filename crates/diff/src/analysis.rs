//! The whole method on plain numbers: tables of counts in, measures out.

use crate::dispersion::Trend;
use crate::error::Error;
use crate::evidence::Evidence;
use crate::exposure::{Exposures, Shift};
use crate::inlining::{Calls, traded};
use crate::math::t_quantile;
use crate::measure::{ALPHA, Design, Doubt, Measure, Tested, Verdict};
use crate::order::Order;
use crate::power::Plan;
use crate::session::SessionNoise;
use crate::table::{Counts, Side, TableRun};
use crate::unit::Unit;

/// The noise between runs that is assumed where it cannot be measured: the
/// coefficient of variation of a function's cost.
pub const ASSUMED_NOISE: f64 = 0.25;

/// What is taken for known, because the runs do not show it.
#[derive(Clone, Debug, PartialEq)]
pub struct Assumed {
    /// The noise between runs, for one run a side: [`ASSUMED_NOISE`] unless more is
    /// known.
    pub noise_cv: f64,
    /// The noise between sessions, for sides that were recorded apart.
    pub sessions: SessionNoise,
    /// The order of the runs; `None` to take it from their clocks.
    pub order: Option<Order>,
    /// What costs are in; `None` for costs per request where requests are known, else
    /// shares.
    pub unit: Option<Unit>,
    /// True where the counts hold the start of each run, which is no request's cost.
    pub with_start_up: bool,
    /// Caller and callee, by row of the first tables, where the recordings hide which
    /// functions were inlined; `None` where they show it.
    pub trading: Option<Vec<(u32, u32)>>,
}

impl Default for Assumed {
    fn default() -> Self {
        Self {
            noise_cv: ASSUMED_NOISE,
            sessions: SessionNoise::default(),
            order: None,
            unit: None,
            with_start_up: false,
            trading: None,
        }
    }
}

/// Runs whose requests differ by less than this factor did the same work.
const SAME_WORK: f64 = 1.02;

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
    /// The largest p that a changed row may have.
    pub(crate) critical_p: f64,
}

/// What [`analyse`] finds.
#[derive(Clone, Debug)]
pub struct Analysis {
    /// What costs are in.
    pub unit: Unit,
    /// How much the runs can carry.
    pub evidence: Evidence,
    /// In which order the runs were made.
    pub order: Order,
    /// The noise between sessions that was reckoned with.
    pub sessions: SessionNoise,
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

impl Analysis {
    /// What was reckoned with, for other counts of the same runs.
    pub(crate) fn design<'a>(&'a self, sides: &'a [Side], noise_cv: f64) -> Design<'a> {
        let over = |side| {
            let own = sides.iter().zip(&self.exposures).filter(move |(of, _)| **of == side);
            own.map(|(_, exposure)| exposure)
        };
        Design {
            sides,
            exposures: &self.exposures,
            runs: Side::ALL.map(|side| over(side).count() as f64),
            work: Side::ALL.map(|side| over(side).sum()),
            totals: [self.totals.before, self.totals.after],
            noise_cv,
            between: self.sessions,
        }
    }
}

/// Compares runs by tables of counts, in turn of self and total samples.
///
/// The first two are of functions, the others of groups of these. The first
/// tells what each run's samples are worth.
///
/// # Errors
/// When a side has no runs, a run no samples, or a number is none.
///
/// ```
/// use spikeflame_diff::{Assumed, Counts, Evidence, Side, TableRun, analyse};
///
/// let run = |side, began_s: i64| TableRun {
///     side,
///     interval_ms: Some(1.0),
///     requests: Some(100.0),
///     began_us: Some(began_s * 1_000_000),
///     ..TableRun::named("run")
/// };
/// // A B A B, a minute apart.
/// let runs = [run(Side::Before, 0), run(Side::Before, 120), run(Side::After, 60),
///     run(Side::After, 180)];
/// let mut counts = Counts::new(4);
/// counts.push(&[400.0, 410.0, 90.0, 85.0]);
/// counts.push(&[600.0, 590.0, 610.0, 605.0]);
/// let analysis = analyse(&runs, &[counts], &Assumed::default())?;
/// assert_eq!(analysis.evidence, Evidence::Strong);
/// # Ok::<(), spikeflame_diff::Error>(())
/// ```
pub fn analyse(runs: &[TableRun], tables: &[Counts], assumed: &Assumed) -> Result<Analysis, Error> {
    let Some(functions) = tables.first() else { return Err(Error::Counts) };
    for table in tables {
        table.check(runs.len())?;
    }
    let order = assumed.order.unwrap_or_else(|| Order::of(runs));
    let sessions = sessions(runs, order, assumed);
    let exposures = Exposures::new(runs, functions, assumed.unit, sessions.variance(0.0))?;
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
    let per_run = per_run(runs, &exposures, assumed);
    let design_of = |exposures, between| {
        let work = both(exposures);
        Design {
            sides: &sides,
            exposures,
            runs: both(&vec![1.0; runs.len()]),
            work,
            totals: [samples[0] / work[0], samples[1] / work[1]],
            noise_cv: assumed.noise_cv,
            between,
        }
    };
    let mut design = design_of(&exposures.of_run, SessionNoise::NONE);
    if order == Order::Separated {
        let shown = design_of(&even, SessionNoise::NONE).test(functions, None).measures;
        design.between = sessions.at_least(&shown, &functions.machine());
    }
    let sessions = design.between;
    let mut results = test(&design, tables);
    if exposures.shift.is_some_and(|shift| shift.significant) {
        let even = test(&design_of(&even, sessions), tables);
        only_together(&mut results, &even, Doubt::WithProgram);
    }
    if let Some(per_run) = &per_run {
        let per_run = test(&design_of(per_run, sessions), tables);
        only_together(&mut results, &per_run, Doubt::StartUp);
    }
    if let Some(calls) = &assumed.trading {
        doubt_trades(&design, &Calls::new(calls), tables, &mut results);
    }
    let totals = totals(&design, functions, results.first());
    let fewest = design.runs[0].min(design.runs[1]);
    let evidence = match (fewest > 1.0, design.runs[0] + design.runs[1] > 2.0) {
        (true, _) if order != Order::Separated => Evidence::Strong,
        (true, _) | (false, true) => Evidence::Weak,
        (false, false) => Evidence::Provisional,
    };
    let Exposures { unit, of_run, factors, shift } = exposures;
    let (exposures, tables) = (of_run, results);
    Ok(Analysis { unit, evidence, order, sessions, factors, exposures, shift, totals, tables })
}

/// The noise between sessions of runs in this order. What is assumed between two runs
/// holds a part of it.
fn sessions(runs: &[TableRun], order: Order, assumed: &Assumed) -> SessionNoise {
    let SessionNoise { code, machine } = assumed.sessions;
    if order != Order::Separated {
        return SessionNoise::NONE;
    }
    if runs.len() > 2 {
        return assumed.sessions;
    }
    let beyond = |noise: f64| (noise.powi(2) - assumed.noise_cv.powi(2)).max(0.0).sqrt();
    SessionNoise { code: beyond(code), machine: beyond(machine) }
}

fn test(design: &Design<'_>, tables: &[Counts]) -> Vec<TableResult> {
    let mut results: Vec<TableResult> = Vec::with_capacity(tables.len());
    for (at, table) in tables.iter().enumerate() {
        let functions = results.get(at % 2).filter(|_| at > 1).map(|result| result.trend);
        let tested = design.test(table, functions);
        let plan = design.plan(tested.critical_p);
        let Tested { measures, trend, critical_p } = tested;
        results.push(TableResult { measures, trend, plan, critical_p });
    }
    results
}

/// A row has changed only if it did so, the same way, by another measure too: beside
/// the other rows where everything shifted, and per run where runs have a start.
fn only_together(results: &mut [TableResult], others: &[TableResult], doubt: Doubt) {
    for (result, other) in results.iter_mut().zip(others) {
        for (row, other) in result.measures.iter_mut().zip(&other.measures) {
            let both = other.verdict == Verdict::Changed && row.change * other.change > 0.0;
            if row.verdict == Verdict::Changed && !both {
                row.doubted(doubt);
            }
        }
    }
}

/// Exposures that take every run for the same work: what is spent at the start of a
/// run is so, and what is spent for requests lies between. `None` where both are alike.
fn per_run(runs: &[TableRun], exposures: &Exposures, assumed: &Assumed) -> Option<Vec<f64>> {
    if !assumed.with_start_up || exposures.unit != Unit::CpuMsPerRequest {
        return None;
    }
    let requests: Option<Vec<f64>> = runs.iter().map(|run| run.requests).collect();
    let requests = requests?;
    let mean = requests.iter().sum::<f64>() / requests.len() as f64;
    let (low, high) = requests
        .iter()
        .fold((f64::INFINITY, 0.0), |(low, high), &n| (f64::min(low, n), f64::max(high, n)));
    if high <= low * SAME_WORK {
        return None;
    }
    Some(exposures.of_run.iter().zip(requests).map(|(work, n)| work * mean / n).collect())
}

fn doubt_trades(
    design: &Design<'_>,
    calls: &Calls,
    tables: &[Counts],
    results: &mut [TableResult],
) {
    let Some((own_counts, own)) = tables.first().zip(results.first()) else { return };
    let own = (own_counts, own.measures.clone());
    for (counts, result) in tables.iter().zip(results.iter_mut()).take(2) {
        let these = (counts, result.measures.as_slice());
        let by = (&result.trend, result.critical_p);
        for row in traded(design, calls, (own.0, &own.1), these, by) {
            if let Some(measure) = result.measures.get_mut(row) {
                measure.doubted(Doubt::Inlined);
            }
        }
    }
}

/// The cost of everything: its spread is what the runs' sums show, but never
/// less than that of its functions together.
fn totals(design: &Design<'_>, counts: &Counts, functions: Option<&TableResult>) -> Totals {
    let sums = counts.column_sums();
    let rows = counts.rows().zip(counts.machine());
    let machine: f64 = rows.map(|(row, share)| share * row.iter().sum::<f64>()).sum();
    let mut all = Counts::new(sums.len()).with_machine(vec![machine / sums.iter().sum::<f64>()]);
    all.push(&sums);
    let none = Trend::assumed(0.0, 0.0);
    let Some((whole, table)) = design.measures(&all, &none).pop().zip(functions) else {
        return Totals { before: 0.0, after: 0.0, ratio: 1.0, ci: (0.0, f64::INFINITY) };
    };
    let samples = |measure: &Measure| measure.samples_before + measure.samples_after;
    let parts = table.measures.iter().map(|row| row.dispersion * samples(row)).sum::<f64>();
    let parts = parts / samples(&whole);
    let (dispersion, df) = if whole.dispersion > parts {
        (whole.dispersion, whole.own_degrees_of_freedom())
    } else {
        (parts, whole.own_degrees_of_freedom() + table.trend.prior_df)
    };
    let within = dispersion / whole.dispersion * whole.within();
    let error = (within + whole.between).sqrt();
    let df = df * (1.0 + whole.between / within).powi(2);
    let reach = t_quantile(1.0 - ALPHA / 2.0, df) * error;
    let Measure { before, after, log_ratio, .. } = whole;
    let ci = ((log_ratio - reach).exp(), (log_ratio + reach).exp());
    Totals { before, after, ratio: after / before, ci }
}
