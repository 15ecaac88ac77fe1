//! Steps 1 and 2: the work that each run did, and whether the whole program shifted.

use crate::equal_work::{rows_that_stood, two_scales, work_of_runs};
use crate::error::{Error, Quantity};
use crate::math::{f_tail, mean_and_variance, t_quantile, weighted_median};
use crate::measure::LEAST_RATIO;
use crate::steadier::{STEADY_SAMPLES, steadier, weight};
use crate::table::{Counts, Side, SideSum, TableRun};
use crate::unit::Unit;

/// Number of functions with enough samples that are needed to see the speed of the machine.
const FUNCTIONS: usize = 8;
/// A shift of the whole program below this is not reported.
const LEAST_SHIFT: f64 = 0.05;
/// The largest shift, as a factor, that is believed when the program's own functions are too few to
/// show it: machines differ by as much from hour to hour. A larger shift must show in all of these
/// functions.
const MOST_UNSEEN: f64 = 1.5;
/// The least number of functions with a share in the work of a large shift, when they are few.
const LEAST_FOLLOWERS: usize = 3;
/// A function with fewer samples on both sides does not show whether it follows a shift.
const FEWEST_SAMPLES: f64 = 100.0;
/// The part of a shift that functions must show to confirm it.
const CONFIRMED: f64 = 0.5;
/// When functions with this part of the weight do not follow a large shift, it is not one of the
/// whole program.
const NOT_FOLLOWING_PART: f64 = 0.25;

/// The common change of all functions from before to after. It comes from the machine, or from
/// something that all code pays for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shift {
    /// The cost of a typical function after, divided by its cost before.
    pub ratio: f64,
    /// 95 % interval of `ratio`.
    pub ci: (f64, f64),
    /// The probability of such a shift by chance, from 0 to 1.
    pub p: f64,
    /// True when `p` is below 0.05 and `ratio` differs from 1 by at least 0.05. Costs then include the shift
    /// ([`Doubt::WithProgram`](crate::Doubt::WithProgram)). Otherwise costs are corrected for it,
    /// as if the machine had had the same speed in all runs.
    pub significant: bool,
}

/// The work of each run.
pub(crate) struct Exposures {
    pub(crate) unit: Unit,
    /// The divisor of each run that turns a count into a cost in `unit`.
    pub(crate) of_run: Vec<f64>,
    /// The divisors without the correction for the speed of the machine. They are `of_run` when there
    /// is no correction, and for shares without `equal_work`. When the functions do not agree on the scale
    /// of such shares, they are those of another scale. With `without_waits`, they are those of costs without waiting for a core.
    pub(crate) uncorrected: Vec<f64>,
    /// True when the functions do not show the speed of the machine, and the kernel's count of CPU time does:
    /// a change must show with waiting for a core and without it.
    pub(crate) without_waits: bool,
    /// True when functions show two scales of shares, so that a change must show on both.
    pub(crate) two_scales: bool,
    /// True when no unit was given, and enough functions cost about the same on both sides: the runs
    /// are taken to have done the same work.
    pub(crate) equal_work: bool,
    /// The slowness of each run, compared with the others.
    pub(crate) factors: Vec<f64>,
    pub(crate) shift: Option<Shift>,
}

/// Self counts of the same samples, added up in several ways. A shift must show in all of them.
pub(crate) struct Views<'a> {
    /// The counts of each function by itself.
    pub(crate) functions: &'a Counts,
    /// The counts of each function together with the builtins and native code that it calls.
    pub(crate) callers: Option<&'a Counts>,
    /// The counts of each function beside one that has many samples below it, once for each such
    /// function.
    pub(crate) without: &'a [Counts],
}

impl<'a> Views<'a> {
    /// Takes the functions alone, when their callers are not known.
    pub(crate) fn without_callers(functions: &'a Counts) -> Self {
        Self { functions, callers: None, without: &[] }
    }

    /// Returns the logarithm of the slowness of each run, as all views show it.
    fn log_factors(&self, runs: &[TableRun], plain: &[f64], unit: Unit) -> Vec<f64> {
        let Some(logs) = log_factors(self.functions, runs, plain, unit) else {
            return vec![0.0; runs.len()];
        };
        let logs = match self.callers {
            Some(callers) => {
                let by_callers = log_factors(callers, runs, plain, unit);
                let all_follow = |shift| all_follow(callers, runs, plain, shift);
                confirmed(logs, by_callers, all_follow, runs, unit)
            }
            None => logs,
        };
        // Shares have no scale of their own: every set of functions shows another shift.
        if unit == Unit::Share {
            return logs;
        }
        let logs = beside_each(logs, self.without, runs, plain);
        let logs = of_most(logs, self.functions, runs, plain);
        steadier(logs, self.functions, runs, plain)
    }
}

/// The unit of costs, and the corrections of the work of the runs.
#[derive(Clone, Copy)]
pub(crate) struct Scale<'a> {
    /// The unit that was asked for; `None` chooses one.
    pub(crate) unit: Option<Unit>,
    /// True to correct the work for the speed of the machine.
    pub(crate) evened: bool,
    /// True for whole runs of a program that serves no requests. They may have done the same work.
    pub(crate) are_scripts: bool,
    /// For each run, the time that its samples show, divided by the CPU that the kernel counted for it.
    pub(crate) waits: Option<&'a [f64]>,
}

impl Scale<'_> {
    /// Returns a scale with the correction for the speed of the machine, when nothing shows waiting for a core.
    pub(crate) fn evened(unit: Option<Unit>, are_scripts: bool) -> Self {
        Self { unit, evened: true, are_scripts, waits: None }
    }
}

impl Exposures {
    /// Determines the work of each run. `between` is the variance that lies between the sides'
    /// sessions.
    pub(crate) fn new(
        runs: &[TableRun],
        views: &Views<'_>,
        scale: Scale<'_>,
        between: f64,
    ) -> Result<Self, Error> {
        let counts = views.functions;
        let sums = counts.column_sums();
        let without_load = scale.are_scripts && runs.iter().all(|run| run.requests.is_none());
        let may_stand = match scale.unit {
            None => without_load,
            Some(unit) => unit == Unit::CpuMsPerRun,
        };
        // The cost of a function may be spread over so many builtins that none has enough samples.
        let mut tables = [Some(counts), views.callers].into_iter().flatten().filter(|_| may_stand);
        let stood = tables.find_map(|table| rows_that_stood(table, runs));
        let equal_work = stood.is_some() && scale.unit.is_none();
        let (unit, plain) = plain_exposures(runs, &sums, scale.unit, equal_work)?;
        let mut logs = match &stood {
            _ if !scale.evened => vec![0.0; runs.len()],
            // The rows that stood still show the speed of the machine, and the others changed.
            Some(stood) => log_factors(stood, runs, &plain, Unit::Share)
                .map_or_else(|| vec![0.0; runs.len()], |logs| steadier(logs, stood, runs, &plain)),
            None => views.log_factors(runs, &plain, unit),
        };
        let centre = mean_and_variance(&logs).0;
        for log in &mut logs {
            *log -= centre;
        }
        // Shares of all other functions rise when one function shrinks, so they do not show
        // a shift.
        let shift = (unit != Unit::Share).then(|| shift(runs, &logs, between)).flatten();
        let factors: Vec<f64> = logs.iter().map(|log| log.exp()).collect();
        let mut of_run = plain.clone();
        if !shift.is_some_and(|shift| shift.significant) {
            for (exposure, factor) in of_run.iter_mut().zip(&factors) {
                *exposure *= factor;
            }
        }
        // Shares have no other scale than the one that functions show.
        let is_open = unit == Unit::Share && !equal_work;
        let scales = is_open.then(|| two_scales(counts, runs, [&of_run, &plain])).flatten();
        let mut uncorrected = match (unit, scales) {
            (Unit::Share, Some(scales)) => scaled(&of_run, runs, scales.other),
            (Unit::Share, None) if !equal_work => of_run.clone(),
            _ => plain,
        };
        if let Some(scales) = scales {
            of_run = scaled(&of_run, runs, scales.shown);
        }
        if unit == Unit::Share {
            of_side_before(&mut of_run, runs, &sums);
            of_side_before(&mut uncorrected, runs, &sums);
        }
        let two_scales = scales.is_some();
        let is_known = factors.iter().any(|factor| *factor != 1.0);
        let waits = scale.waits.filter(|_| scale.evened && !is_known && unit != Unit::Share);
        for (exposure, waits) in uncorrected.iter_mut().zip(waits.unwrap_or_default()) {
            *exposure *= waits;
        }
        let without_waits = waits.is_some();
        Ok(Self {
            unit,
            of_run,
            uncorrected,
            without_waits,
            two_scales,
            equal_work,
            factors,
            shift,
        })
    }

    /// Returns other divisors, the samples of each run, when the runs do not show the speed of the machine
    /// and costs are no shares. `sums` are these samples. Returns `None` for one run on each side, whose
    /// noise is assumed.
    pub(crate) fn by_samples(
        &self,
        runs: &[TableRun],
        sums: &[f64],
        evened: bool,
    ) -> Option<Vec<f64>> {
        let is_known = self.factors.iter().any(|factor| *factor != 1.0);
        let needed = evened && !is_known && self.unit != Unit::Share && runs.len() > 2;
        needed.then(|| sums.to_vec())
    }

    /// Returns the divisors, corrected for the speed of the machine also when the program shifted.
    pub(crate) fn evened(&self) -> Vec<f64> {
        let is_shifted = self.shift.is_some_and(|shift| shift.significant);
        let corrected = self.of_run.iter().zip(&self.factors);
        corrected.map(|(work, factor)| if is_shifted { work * factor } else { *work }).collect()
    }
}

/// Changes exposures so that costs are shares of all samples before.
fn of_side_before(exposures: &mut [f64], runs: &[TableRun], sums: &[f64]) {
    let (mut work, mut samples) = (0.0, 0.0);
    for ((run, exposure), sum) in runs.iter().zip(exposures.iter()).zip(sums) {
        if run.side == Side::Before {
            work += exposure;
            samples += sum;
        }
    }
    for exposure in exposures {
        *exposure *= samples / work;
    }
}

/// Returns exposures with those of the runs after multiplied by a factor, given as a logarithm.
fn scaled(exposures: &[f64], runs: &[TableRun], log: f64) -> Vec<f64> {
    let factor = |run: &TableRun| if run.side == Side::After { log.exp() } else { 1.0 };
    exposures.iter().zip(runs).map(|(exposure, run)| exposure * factor(run)).collect()
}

/// Returns the work of each run, from the sampling interval; for shares, from all samples. Without a
/// given unit, runs with `equal_work` have costs per run, or as many samples for the same share.
fn plain_exposures(
    runs: &[TableRun],
    sums: &[f64],
    unit: Option<Unit>,
    equal_work: bool,
) -> Result<(Unit, Vec<f64>), Error> {
    for side in Side::ALL {
        if !runs.iter().any(|run| run.side == side) {
            return Err(Error::NoRuns { side: side.word() });
        }
    }
    for (run, &sum) in runs.iter().zip(sums) {
        if sum <= 0.0 {
            return Err(Error::EmptyRun { run: run.name.clone() });
        }
        let seconds = run.seconds.filter(|_| unit == Some(Unit::CpuMsPerSecond));
        let numbers = [
            ("requests", run.requests),
            ("sampling interval in ms", run.interval_ms),
            ("length in seconds", seconds),
        ];
        for (what, number) in numbers {
            if let Some(value) = number.filter(|n| !n.is_finite() || *n <= 0.0) {
                return Err(Error::BadNumber { run: run.name.clone(), what, value });
            }
        }
    }
    let Some(unit) = unit else {
        let known = runs.iter().all(|run| run.requests.is_some() && run.interval_ms.is_some());
        let unit = match equal_work {
            _ if known => Unit::CpuMsPerRequest,
            true if runs.iter().all(|run| run.interval_ms.is_some()) => Unit::CpuMsPerRun,
            true => return Ok((Unit::Share, work_of_runs(runs))),
            false => Unit::Share,
        };
        return plain_exposures(runs, sums, Some(unit), false);
    };
    let exposures = runs.iter().zip(sums).map(|(run, sum)| plain_exposure(run, *sum, unit));
    Ok((unit, exposures.collect::<Result<_, Error>>()?))
}

/// Returns the exposure of one run with `sum` samples: the divisor that turns a number of samples into
/// a cost in `unit`.
fn plain_exposure(run: &TableRun, sum: f64, unit: Unit) -> Result<f64, Error> {
    let unknown = |what| Error::Unknown { run: run.name.clone(), what, unit };
    let (what, work) = match unit {
        Unit::Share => return Ok(sum),
        Unit::CpuMsPerRun => (Quantity::Length, Some(1.0)),
        Unit::CpuMsPerSecond => (Quantity::Length, run.seconds),
        Unit::CpuMsPerRequest => (Quantity::Requests, run.requests),
    };
    let work = work.ok_or_else(|| unknown(what))?;
    Ok(work / run.interval_ms.ok_or_else(|| unknown(Quantity::Interval))?)
}

/// Returns the factors of the runs when the functions' callers confirm the difference that they make
/// between the sides. Otherwise it returns the callers' own factors.
///
/// When the callers are too few for factors, they confirm a small difference, and a large one that
/// all callers follow.
///
/// A function that was mended takes the builtins that it called with it. When these are most of the
/// rows, their median is the change of this one function. Its callers count all of it once.
fn confirmed(
    logs: Vec<f64>,
    by_callers: Option<Vec<f64>>,
    all_follow: impl Fn(f64) -> bool,
    runs: &[TableRun],
    unit: Unit,
) -> Vec<f64> {
    let shift = between_sides(&logs, runs);
    if shift.abs() < LEAST_SHIFT.ln_1p() {
        return logs;
    }
    let is_confirmed = match &by_callers {
        Some(callers) => between_sides(callers, runs) / shift >= CONFIRMED,
        None => unit == Unit::Share || shift.abs() <= MOST_UNSEEN.ln() || all_follow(shift),
    };
    if is_confirmed { logs } else { by_callers.unwrap_or_else(|| vec![0.0; logs.len()]) }
}

/// Returns the factors that remain whichever function is left out together with all that it calls.
///
/// When a function with most of the samples costs twice as much, so do most rows: those below it.
/// The rows beside it show what the machine did.
fn beside_each(
    logs: Vec<f64>,
    without: &[Counts],
    runs: &[TableRun],
    exposures: &[f64],
) -> Vec<f64> {
    let shift = between_sides(&logs, runs);
    if shift.abs() < LEAST_SHIFT.ln_1p() {
        return logs;
    }
    let beside = without.iter().filter_map(|counts| {
        let logs = log_factors(counts, runs, exposures, Unit::CpuMsPerRequest)?;
        Some((between_sides(&logs, runs) / shift, logs))
    });
    let least = beside.min_by(|(a, _), (b, _)| a.total_cmp(b));
    let is_less = |part: f64| (1.0 - part) * shift.abs() > LEAST_RATIO.ln();
    match least.filter(|(part, _)| is_less(*part)) {
        Some((part, beside)) if part >= 0.0 => beside,
        // Two directions have no shift in common.
        Some((_, beside)) => {
            let mean = |side| mean_and_variance(&logs_of(side, &beside, runs)).0;
            beside.iter().zip(runs).map(|(log, run)| log - mean(run.side)).collect()
        }
        None => logs,
    }
}

/// Returns the factors of the functions that do not follow a large shift, when these are many: the
/// others changed then, and not the whole program.
fn of_most(logs: Vec<f64>, counts: &Counts, runs: &[TableRun], exposures: &[f64]) -> Vec<f64> {
    let shift = between_sides(&logs, runs);
    if shift.abs() <= MOST_UNSEEN.ln() {
        return logs;
    }
    let sum = |row, side| SideSum::new(row, exposures, runs.iter().map(|run| run.side), side);
    let mut others = Counts::new(runs.len());
    let (mut of_all, mut of_others) = (0.0, 0.0);
    for row in counts.rows() {
        let [before, after] = Side::ALL.map(|side| sum(row, side));
        let follows = (after.log_cost() - before.log_cost()) / shift >= CONFIRMED;
        if !follows {
            others.push(row);
        }
        if before.samples.max(after.samples) >= FEWEST_SAMPLES {
            let weight = weight(row);
            of_all += weight;
            of_others += if follows { 0.0 } else { weight };
        }
    }
    if of_others < NOT_FOLLOWING_PART * of_all {
        return logs;
    }
    let of_others = log_factors(&others, runs, exposures, Unit::CpuMsPerRequest);
    of_others.unwrap_or_else(|| vec![0.0; logs.len()])
}

/// Returns true when every function with enough samples shows at least half of a shift, given as a
/// logarithm, and when these are not too few.
fn all_follow(callers: &Counts, runs: &[TableRun], exposures: &[f64], shift: f64) -> bool {
    let sum = |row, side| SideSum::new(row, exposures, runs.iter().map(|run| run.side), side);
    let sums = callers.rows().map(|row| Side::ALL.map(|side| sum(row, side)));
    let clear = sums.filter(|[before, after]| before.samples.max(after.samples) >= FEWEST_SAMPLES);
    let mut followers = 0;
    for [before, after] in clear {
        if (after.log_cost() - before.log_cost()) / shift < CONFIRMED {
            return false;
        }
        followers += 1;
    }
    followers >= LEAST_FOLLOWERS
}

/// Returns the mean after less the mean before.
fn between_sides(logs: &[f64], runs: &[TableRun]) -> f64 {
    let mean = |side| mean_and_variance(&logs_of(side, logs, runs)).0;
    mean(Side::After) - mean(Side::Before)
}

/// Returns the values of the runs of one side.
fn logs_of(side: Side, logs: &[f64], runs: &[TableRun]) -> Vec<f64> {
    let of_side = runs.iter().zip(logs).filter(|(run, _)| run.side == side);
    of_side.map(|(_, log)| *log).collect()
}

/// Returns the variance of the mean of some values; `None` for fewer than two.
fn error_of_mean(values: &[f64]) -> Option<f64> {
    Some(mean_and_variance(values).1? / values.len() as f64)
}

/// Returns, for each run, the weighted median over functions of the logarithm of their cost
/// relative to the mean. Returns `None` when too few functions show it.
fn log_factors(
    counts: &Counts,
    runs_of: &[TableRun],
    exposures: &[f64],
    unit: Unit,
) -> Option<Vec<f64>> {
    let runs = exposures.len();
    // The run that did least must have enough samples too: with few expected samples, ln(k
    // + 0.5) is biased.
    let least = exposures.iter().copied().fold(f64::INFINITY, f64::min);
    let work = exposures.iter().sum::<f64>();
    let mut pairs: Vec<Vec<(f64, f64)>> = vec![Vec::new(); runs];
    let mut one_sided = 0.0;
    for row in counts.rows() {
        let sum = row.iter().sum::<f64>();
        if sum * least / work < STEADY_SAMPLES {
            continue;
        }
        let log = |(count, exposure): (&f64, &f64)| ((count + 0.5) / exposure).ln();
        let logs: Vec<f64> = row.iter().zip(exposures).map(log).collect();
        let middle = mean_and_variance(&logs).0;
        let weight = weight(row);
        if !on_both_sides(row, runs_of) {
            one_sided += weight;
        }
        for (pairs, log) in pairs.iter_mut().zip(logs) {
            pairs.push((log - middle, weight));
        }
    }
    // With few functions, or one that outweighs the others, the median is the cost of that
    // function: its change would be taken for the speed of the machine. Shares have nothing
    // else to go by.
    let weights = || pairs.iter().take(1).flatten().map(|(_, weight)| *weight);
    let one_decides =
        weights().count() < FUNCTIONS || weights().fold(0.0, f64::max) * 2.0 > weights().sum();
    // When most functions are on one side only, the median is one of them, and its ratio is that of
    // something to nothing.
    let few_are_shared = one_sided * 2.0 >= weights().sum();
    if one_decides && unit != Unit::Share || few_are_shared {
        return None;
    }
    Some(pairs.iter_mut().map(|pairs| weighted_median(pairs)).collect())
}

fn on_both_sides(row: &[f64], runs: &[TableRun]) -> bool {
    let has = |side| row.iter().zip(runs).any(|(count, run)| run.side == side && *count > 0.0);
    Side::ALL.into_iter().all(has)
}

/// Returns the shift of all functions, by Welch's t test on the factors before and after.
fn shift(runs: &[TableRun], logs: &[f64], between: f64) -> Option<Shift> {
    let (before, after) = (logs_of(Side::Before, logs, runs), logs_of(Side::After, logs, runs));
    let difference = mean_and_variance(&after).0 - mean_and_variance(&before).0;
    let (of_before, of_after) = (error_of_mean(&before)?, error_of_mean(&after)?);
    let variance = of_before + of_after;
    let squares = of_before.powi(2) / (before.len() as f64 - 1.0)
        + of_after.powi(2) / (after.len() as f64 - 1.0);
    if variance <= 0.0 {
        // The runs are copies of each other, so that the variance is 0.
        return None;
    }
    let df = (variance + between).powi(2) / squares;
    let variance = variance + between;
    let p = f_tail(difference.powi(2) / variance, df);
    let reach = t_quantile(0.975, df) * variance.sqrt();
    let ratio = difference.exp();
    let significant = p < 0.05 && (ratio - 1.0).abs() >= LEAST_SHIFT;
    let ci = ((difference - reach).exp(), (difference + reach).exp());
    Some(Shift { ratio, ci, p, significant })
}
