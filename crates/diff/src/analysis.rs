//! The whole method on plain numbers, from tables of counts to measures of rows.

use crate::arising::{Evidence as Within, Row};
use crate::between::TestNoise;
use crate::dispersion::{Trend, Trends};
use crate::doubts::{doubt_later_costs, relative_to_program, share_doubts, with_program};
use crate::error::Error;
use crate::evidence::Evidence;
use crate::exposure::{Exposures, Scale, Shift, Views};
use crate::floor::shown;
use crate::inlining::{Calls, traded};
use crate::measure::{ALPHA, Design, Doubt, Measure, TestResult, Verdict};
use crate::order::Order;
use crate::other_works::{lengths, one_side_went_further, other_works};
use crate::power::Plan;
use crate::profile_facts::ProfileFacts;
use crate::session::SessionNoise;
use crate::table::{Counts, Grouping, Side, TableRun, sums_by_side};
use crate::totals::{Totals, totals};
use crate::unit::Unit;

/// The noise between runs that is assumed when it cannot be measured, as the coefficient of
/// variation of a function's cost: 0.25 means a standard deviation of 25 % of the mean.
pub(crate) const ASSUMED_NOISE: f64 = 0.25;

/// Facts that [`analyse`] cannot find in tables of counts: the caller gives them, or the default is
/// assumed. [`compare`](crate::compare) has whole profiles, and finds most of them itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Assumptions {
    /// Noise between runs of one build, as the coefficient of variation of a function's cost; 0.25
    /// by default. It is used when the counts do not show the noise, such as with one run on each
    /// side.
    pub noise_cv: f64,
    /// The noise between sessions, for [`Order::Separated`]; the default is that of
    /// [`SessionNoise`].
    pub sessions: SessionNoise,
    /// The order of the runs; `None` finds it from their clocks, and `compare` also
    /// from their machines ([`Comparison::order`](crate::Comparison::order)).
    pub order: Option<Order>,
    /// The unit of costs. `None` chooses CPU-ms per request when every run has its requests and its interval, and
    /// shares otherwise; `compare` may choose CPU-ms per run for [equal work](crate::Comparison::equal_work).
    pub unit: Option<Unit>,
    /// True when the counts include the start of each run, which is not the cost of a
    /// request; false by default.
    pub with_start_up: bool,
    /// Pairs of caller and callee, as indices of rows in the first grouping, of which the recordings hide
    /// whether the callee was inlined; `None` for recordings that show it of all functions.
    pub calls_that_hide_inlining: Option<Vec<(u32, u32)>>,
    /// For each run, the time that its samples show, divided by the CPU that the kernel counted for it. It is 1
    /// for a run that never waited for a core. `None` when it is not known. A list of another length than that
    /// of the runs is ignored.
    pub waits: Option<Vec<f64>>,
}

impl Default for Assumptions {
    fn default() -> Self {
        Self {
            noise_cv: ASSUMED_NOISE,
            sessions: SessionNoise::default(),
            order: None,
            unit: None,
            with_start_up: false,
            calls_that_hide_inlining: None,
            waits: None,
        }
    }
}

/// The results of testing the tables of one [`Grouping`].
#[derive(Clone, Debug)]
pub struct GroupingResult {
    /// The result of testing the self counts.
    pub self_result: TableResult,
    /// The result of testing the total counts.
    pub total_result: TableResult,
}

/// The result of testing one table of counts for changes.
#[derive(Clone, Debug)]
pub struct TableResult {
    /// One measure for each row of the table, in the order of the rows.
    pub measures: Vec<Measure>,
    /// The fitted relation of the variance of counts between runs to their mean, for the rows of code;
    /// with too few of these, that of all rows, or an assumed one.
    pub(crate) trend: Trend,
    /// The relation for the rows of the machine.
    machine_trend: Trend,
    pub(crate) plan: Plan,
    /// The highest p that a changed row may have.
    pub(crate) critical_p: f64,
}

impl TableResult {
    fn trends(&self) -> Trends {
        Trends { code: self.trend, machine: self.machine_trend }
    }

    /// Sets how many more runs would settle each row that is not resolved. More runs do not settle
    /// a change that is certain but too small to matter.
    fn plan_runs(&mut self) {
        for row in &mut self.measures {
            if row.verdict == Verdict::NotResolved && row.q.is_none_or(|q| q > ALPHA) {
                row.more_runs = self.plan.more_runs(row);
            }
        }
    }
}

/// The result of [`analyse`]: the measures of all rows, and the numbers by which they were
/// computed.
#[derive(Clone, Debug)]
pub struct Analysis {
    /// The unit of all costs in the result.
    pub unit: Unit,
    /// The strength of the comparison's evidence, by the number and the order of its runs.
    pub evidence: Evidence,
    /// The order in which the runs of both sides were made.
    pub order: Order,
    /// The noise between sessions that the tests used: [`SessionNoise::NONE`] unless the sides were
    /// recorded apart.
    pub(crate) sessions: SessionNoise,
    pub(crate) between: TestNoise,
    /// For each run, the time that the machine took for the same work, relative to the other runs:
    /// 1.1 when everything took 10 % longer.
    pub factors: Vec<f64>,
    /// For each run, the divisor that turns counts of samples into costs in `unit`.
    pub(crate) exposures: Vec<f64>,
    /// The exposures without the correction for the speed of the machine.
    pub(crate) uncorrected: Vec<f64>,
    /// True when costs are shares, and the functions do not agree on the scale of those after. Two
    /// scales are then possible, and a row is called changed only when it changed on both.
    pub(crate) two_scales: bool,
    /// True when `uncorrected` is the work for which costs do not contain waiting for a core.
    pub(crate) without_waits: bool,
    /// True when each run is taken to have done the same work, because enough functions cost about
    /// the same on both sides.
    pub equal_work: bool,
    /// The change that the costs of all functions have in common. [`Shift::ratio`] is a ratio of
    /// costs: 1.1 means that a typical function costs 10 % more after. `None` when the counts do
    /// not show it, such as for shares and for a side with one run.
    pub shift: Option<Shift>,
    /// The cost of all functions together, before and after.
    pub totals: Totals,
    /// The results of the groupings that [`analyse`] was given, in the same order.
    pub groupings: Vec<GroupingResult>,
}

impl GroupingResult {
    /// Returns the measures of self and of total costs.
    fn measures(&mut self) -> [&mut [Measure]; 2] {
        [&mut self.self_result.measures, &mut self.total_result.measures]
    }
}

/// Returns a design without noise between the sessions of the sides, and without a correction that
/// could be left out. `samples` are the sums of all counts by side.
fn design_without_noise<'a>(
    sides: &'a [Side],
    exposures: &'a [f64],
    samples: [f64; 2],
    noise_cv: f64,
) -> Design<'a> {
    let work = sums_by_side(sides, exposures);
    Design {
        sides,
        exposures,
        runs: Side::ALL.map(|side| sides.iter().filter(|of| **of == side).count() as f64),
        work,
        uncorrected: work,
        uncorrected_of_run: exposures,
        two_scales: false,
        totals: [samples[0] / work[0], samples[1] / work[1]],
        noise_cv,
        between: TestNoise::NONE,
    }
}

impl Analysis {
    /// Returns the design that was used, to test other counts of the same runs.
    pub(crate) fn design<'a>(&'a self, sides: &'a [Side], noise_cv: f64) -> Design<'a> {
        let over = |side| {
            let of_side = sides.iter().zip(&self.exposures).filter(move |(of, _)| **of == side);
            of_side.map(|(_, exposure)| exposure)
        };
        Design {
            sides,
            exposures: &self.exposures,
            runs: Side::ALL.map(|side| over(side).count() as f64),
            work: Side::ALL.map(|side| over(side).sum()),
            uncorrected: sums_by_side(sides, &self.uncorrected),
            uncorrected_of_run: &self.uncorrected,
            two_scales: self.two_scales,
            totals: [self.totals.before, self.totals.after],
            noise_cv,
            between: self.between,
        }
    }
}

/// Compares runs by their counts of samples.
///
/// The first grouping is that of the functions themselves, the others are groups of them. The self
/// counts of the first show how fast the machine was and, for shares, how much work each run did.
///
/// # Errors
///
/// Returns an [`Error`] when the runs or the counts cannot be compared.
///
/// ```
/// use spikeflame_diff::{Assumptions, Counts, Evidence, Grouping, Side, TableRun, analyse};
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
/// let functions = Grouping::without_totals(4, counts);
/// let analysis = analyse(&runs, &[functions], &Assumptions::default())?;
/// assert_eq!(analysis.evidence, Evidence::Strong);
/// # Ok::<(), spikeflame_diff::Error>(())
/// ```
pub fn analyse(
    runs: &[TableRun],
    groupings: &[Grouping],
    assumed: &Assumptions,
) -> Result<Analysis, Error> {
    analyse_with(runs, groupings, assumed, &ProfileFacts::default())
}

/// Compares runs as [`analyse`] does, with the facts that were found in their profiles.
pub(crate) fn analyse_with(
    runs: &[TableRun],
    groupings: &[Grouping],
    assumed: &Assumptions,
    found: &ProfileFacts,
) -> Result<Analysis, Error> {
    let Some(Grouping { self_counts: functions, .. }) = groupings.first() else {
        return Err(Error::Counts);
    };
    for Grouping { self_counts, total_counts } in groupings {
        self_counts.check(runs.len())?;
        total_counts.check(runs.len())?;
    }
    let order = assumed.order.unwrap_or_else(|| Order::detect(runs));
    let sessions = sessions(runs, order, assumed);
    let between = sessions.variance(0.0);
    for other in found.callers.iter().chain(&found.beside_large) {
        other.check(runs.len())?;
    }
    let scale = Scale {
        unit: assumed.unit,
        evened: found.one_recorder,
        are_scripts: found.are_scripts,
        waits: assumed.waits.as_deref().filter(|waits| waits.len() == runs.len()),
    };
    let joined = |counts: &Counts| counts.clone().joined(&found.other_names);
    let without: Vec<Counts> = found.beside_large.iter().map(joined).collect();
    let (known, callers) = (joined(functions), found.callers.as_ref().map(joined));
    let views = Views { functions: &known, callers: callers.as_ref(), without: &without };
    let exposures = Exposures::new(runs, &views, scale, between)?;
    let sides: Vec<Side> = runs.iter().map(|run| run.side).collect();
    let sums = functions.column_sums();
    let samples = sums_by_side(&sides, &sums);
    let even = exposures.evened();
    let other_works = other_works(runs, &exposures, assumed.with_start_up);
    let noise_cv = assumed.noise_cv;
    let mut design = design_without_noise(&sides, &exposures.of_run, samples, noise_cv);
    design.uncorrected = sums_by_side(&sides, &exposures.uncorrected);
    design.uncorrected_of_run = &exposures.uncorrected;
    design.two_scales = exposures.two_scales;
    design.between.machine_between_runs = found.machine_between_runs;
    if order == Order::Separated {
        let even = design_without_noise(&sides, &even, samples, noise_cv);
        let measures = even.test((functions, functions), None, None).measures;
        design.between = shown(sessions, &measures, functions);
    }
    let between = design.between;
    let mut results = test(&design, groupings, &[]);
    for GroupingResult { self_result, total_result } in &mut results {
        self_result.plan_runs();
        total_result.plan_runs();
    }
    if exposures.shift.is_some_and(|shift| shift.significant) {
        let design = design_without_noise(&sides, &even, samples, noise_cv);
        let even = test(&Design { between, ..design }, groupings, &[]);
        for (result, even) in results.iter_mut().zip(&even) {
            let [own, total] = result.measures();
            let changed = |row: &Measure| row.verdict == Verdict::Changed;
            with_program(own, &even.self_result.measures, changed);
            with_program(total, &even.total_result.measures, changed);
        }
    }
    // Without the speed of the machine, all functions seem to change together when it did.
    if let Some(by_samples) = exposures.by_samples(runs, &sums, found.one_recorder) {
        let design = design_without_noise(&sides, &by_samples, samples, noise_cv);
        let even = test(&Design { between, ..design }, groupings, &[]);
        for (result, even) in results.iter_mut().zip(&even) {
            let shares = [&even.self_result.measures[..], &even.total_result.measures[..]];
            relative_to_program(result.measures(), shares);
        }
    }
    let within = found.within.as_ref().filter(|within| within.fits(runs.len()));
    let evidence = within.map(|of| Within::new(of, &sides, &exposures.of_run, lengths(runs)));
    let mut known: Option<(&[f64], Vec<GroupingResult>)> = None;
    for (kind, work) in &other_works {
        // Runs of one length have the same work per run and per second.
        let other = match known.take().filter(|(of, _)| of == work) {
            Some((_, other)) => other,
            None => {
                let other = design_without_noise(&sides, work, samples, noise_cv);
                let uncorrected = design.as_uncorrected(other.work);
                test(&Design { between, uncorrected, ..other }, groupings, &results)
            }
        };
        let shown = |row: Row<'_>| evidence.as_ref().is_some_and(|of| of.shows(*kind, &row));
        together_or_shown(&mut results, &other, groupings, shown);
        known = Some((work, other));
    }
    if let Some(evidence) = evidence.filter(|_| one_side_went_further(runs, exposures.unit)) {
        for (at, (result, table)) in results.iter_mut().zip(groupings).enumerate() {
            doubt_later_costs(result.measures(), (at, table), &evidence);
        }
    }
    if let (Some(calls), Some(counts), Some(results)) =
        (&assumed.calls_that_hide_inlining, groupings.first(), results.first_mut())
    {
        doubt_trades(&design, &Calls::new(calls), counts, results);
    }
    for GroupingResult { self_result, total_result } in &mut results {
        share_doubts(&mut self_result.measures, &mut total_result.measures);
    }
    let of_functions = results.first().map(|GroupingResult { self_result, .. }| {
        (self_result.measures.as_slice(), self_result.trend.prior_df)
    });
    let totals = totals(&design, functions, of_functions);
    let fewest = design.runs[0].min(design.runs[1]);
    let evidence = match (fewest > 1.0, design.runs[0] + design.runs[1] > 2.0) {
        (true, _) if order != Order::Separated => Evidence::Strong,
        (true, _) | (false, true) => Evidence::Weak,
        (false, false) => Evidence::Provisional,
    };
    let Exposures {
        unit,
        of_run,
        uncorrected,
        two_scales,
        without_waits,
        equal_work,
        factors,
        shift,
    } = exposures;
    let sessions = between.noise;
    Ok(Analysis {
        unit,
        evidence,
        order,
        sessions,
        between,
        factors,
        exposures: of_run,
        uncorrected,
        two_scales,
        without_waits,
        equal_work,
        shift,
        totals,
        groupings: results,
    })
}

/// Returns the noise between sessions for runs in this order. With one run a side, the
/// assumed noise between runs already contains a part of it, which is subtracted.
fn sessions(runs: &[TableRun], order: Order, assumed: &Assumptions) -> SessionNoise {
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

/// Tests all groupings. `known` has the results with other exposures, when there are some.
fn test(
    design: &Design<'_>,
    groupings: &[Grouping],
    known: &[GroupingResult],
) -> Vec<GroupingResult> {
    let mut results: Vec<GroupingResult> = Vec::with_capacity(groupings.len());
    for (at, Grouping { self_counts, total_counts }) in groupings.iter().enumerate() {
        let [self_trend, total_trend] = [
            results.first().map(|first| first.self_result.trends()),
            results.first().map(|first| first.total_result.trends()),
        ];
        let known = known.get(at);
        let known_self = known.map(|known| known.self_result.measures.as_slice());
        let known_total = known.map(|known| known.total_result.measures.as_slice());
        results.push(GroupingResult {
            self_result: test_table(design, [self_counts, self_counts], self_trend, known_self),
            total_result: test_table(design, [total_counts, self_counts], total_trend, known_total),
        });
    }
    results
}

fn test_table(
    design: &Design<'_>,
    [counts, self_counts]: [&Counts; 2],
    functions: Option<Trends>,
    known: Option<&[Measure]>,
) -> TableResult {
    let TestResult { measures, trends, critical_p } =
        design.test((counts, self_counts), functions, known);
    let (plan, Trends { code: trend, machine: machine_trend }) = (design.plan(critical_p), trends);
    TableResult { measures, trend, machine_trend, plan, critical_p }
}

/// Withdraws the verdict "changed" from rows that did not change in the same direction per run or per
/// second too, because the runs served different numbers of requests, but not from rows of code for which
/// `shown` returns true. The machine's cost depends on the load itself: with more requests at once,
/// one system call serves several.
fn together_or_shown(
    results: &mut [GroupingResult],
    others: &[GroupingResult],
    groupings: &[Grouping],
    shown: impl Fn(Row<'_>) -> bool,
) {
    let all = results.iter_mut().zip(others).zip(groupings).enumerate();
    for (grouping, ((GroupingResult { self_result, total_result }, other), counts)) in all {
        let tables = [
            (self_result, &other.self_result, &counts.self_counts),
            (total_result, &other.total_result, &counts.total_counts),
        ];
        for (is_total, (result, other, table)) in [false, true].into_iter().zip(tables) {
            let machine = table.machine();
            let rows = result.measures.iter_mut().zip(&other.measures).zip(table.rows());
            for (at, ((measure, other), counts)) in rows.enumerate() {
                let both = other.verdict == Verdict::Changed && measure.change * other.change > 0.0;
                let is_code = machine.get(at).is_some_and(|share| *share <= 0.5);
                if measure.verdict == Verdict::Changed
                    && !both
                    && !(is_code && shown(Row { grouping, at, is_total, measure, counts }))
                {
                    measure.doubted(Doubt::StartUp);
                }
            }
        }
    }
}

fn doubt_trades(
    design: &Design<'_>,
    calls: &Calls,
    Grouping { self_counts, total_counts }: &Grouping,
    results: &mut GroupingResult,
) {
    let self_measures = results.self_result.measures.clone();
    let GroupingResult { self_result, total_result } = results;
    for (counts, result) in [(self_counts, self_result), (total_counts, total_result)] {
        let these = (counts, result.measures.as_slice());
        let by = (&result.trend, result.critical_p);
        for row in traded(design, calls, (self_counts, &self_measures), these, by) {
            if let Some(measure) = result.measures.get_mut(row) {
                measure.doubted(Doubt::Inlined);
            }
        }
    }
}
