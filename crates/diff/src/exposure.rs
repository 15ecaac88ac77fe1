//! Steps 1 and 2: how much work each run did, and whether everything shifted.

use crate::error::Error;
use crate::math::{f_tail, mean_and_variance, t_quantile, weighted_median};
use crate::table::{Counts, Side, TableRun};
use crate::unit::Unit;

/// Functions with fewer samples a run say little of how fast the machine was.
const STEADY: f64 = 10.0;
/// A smaller shift of the whole program is not worth telling.
const LEAST_SHIFT: f64 = 0.05;

/// What all functions together did from before to after (step 2): the machine,
/// or something that all code pays.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shift {
    /// After divided by before, of what a typical function costs.
    pub ratio: f64,
    /// 95 % interval of `ratio`.
    pub ci: (f64, f64),
    /// Of Welch's t test on the factors of the runs.
    pub p: f64,
    /// True when the shift is sure and at least 5 %. Costs then include it;
    /// else they are what a machine of even speed would have shown.
    pub significant: bool,
}

/// The work of each run.
pub(crate) struct Exposures {
    pub(crate) unit: Unit,
    /// By run: a count divided by this is a cost in `unit`.
    pub(crate) of_run: Vec<f64>,
    /// By run: how slow it was beside the others.
    pub(crate) factors: Vec<f64>,
    pub(crate) shift: Option<Shift>,
}

impl Exposures {
    /// `between` is the variance that lies between the sides' sessions.
    pub(crate) fn new(
        runs: &[TableRun],
        counts: &Counts,
        unit: Option<Unit>,
        between: f64,
    ) -> Result<Self, Error> {
        let sums = counts.column_sums();
        let (unit, plain) = plain_exposures(runs, &sums, unit)?;
        let mut logs = log_factors(counts, &plain);
        let centre = mean_and_variance(&logs).0;
        for log in &mut logs {
            *log -= centre;
        }
        // Shares of all functions rise when one shrinks: no shift to be seen there.
        let shift = (unit != Unit::Share).then(|| shift(runs, &logs, between)).flatten();
        let factors: Vec<f64> = logs.iter().map(|log| log.exp()).collect();
        let mut of_run = plain.clone();
        if !shift.is_some_and(|shift| shift.significant) {
            for (exposure, factor) in of_run.iter_mut().zip(&factors) {
                *exposure *= factor;
            }
        }
        if unit == Unit::Share {
            let (mut work, mut samples) = (0.0, 0.0);
            for ((run, exposure), sum) in runs.iter().zip(&of_run).zip(&sums) {
                if run.side == Side::Before {
                    work += exposure;
                    samples += sum;
                }
            }
            for exposure in &mut of_run {
                *exposure *= samples / work;
            }
        }
        Ok(Self { unit, of_run, factors, shift })
    }
}

/// The work of each run, by the sampling interval; for shares, all samples.
fn plain_exposures(
    runs: &[TableRun],
    sums: &[f64],
    unit: Option<Unit>,
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
        let numbers = [("requests", run.requests), ("sampling interval in ms", run.interval_ms)];
        for (what, number) in numbers {
            if let Some(value) = number.filter(|n| !n.is_finite() || *n <= 0.0) {
                return Err(Error::BadNumber { run: run.name.clone(), what, value });
            }
        }
    }
    let Some(unit) = unit else {
        let known = runs.iter().all(|run| run.requests.is_some() && run.interval_ms.is_some());
        let unit = if known { Unit::CpuMsPerRequest } else { Unit::Share };
        return plain_exposures(runs, sums, Some(unit));
    };
    let unknown = |run: &TableRun, what| Error::Unknown { run: run.name.clone(), what, unit };
    let exposure = |(run, sum): (&TableRun, &f64)| {
        let (what, work) = match unit {
            Unit::Share => return Ok(*sum),
            Unit::CpuMsPerRun => ("length", Some(1.0)),
            Unit::CpuMsPerSecond => ("length", run.seconds),
            Unit::CpuMsPerRequest => ("number of requests", run.requests),
        };
        let work = work.ok_or_else(|| unknown(run, what))?;
        Ok(work / run.interval_ms.ok_or_else(|| unknown(run, "sampling interval"))?)
    };
    let exposures: Result<Vec<f64>, Error> = runs.iter().zip(sums).map(exposure).collect();
    Ok((unit, exposures?))
}

/// By run: the weighted median, over functions, of how much more than on
/// average they cost.
fn log_factors(counts: &Counts, exposures: &[f64]) -> Vec<f64> {
    let runs = exposures.len();
    // The run that did least must have enough too: where few samples are
    // expected, ln(k + 0.5) is no longer fair.
    let least = exposures.iter().copied().fold(f64::INFINITY, f64::min);
    let work = exposures.iter().sum::<f64>();
    let mut pairs: Vec<Vec<(f64, f64)>> = vec![Vec::new(); runs];
    for row in counts.rows() {
        let sum = row.iter().sum::<f64>();
        if sum * least / work < STEADY {
            continue;
        }
        let mean = sum / runs as f64;
        let log = |(count, exposure): (&f64, &f64)| ((count + 0.5) / exposure).ln();
        let logs: Vec<f64> = row.iter().zip(exposures).map(log).collect();
        let middle = mean_and_variance(&logs).0;
        let weight = mean / (1.0 + 0.01 * mean);
        for (pairs, log) in pairs.iter_mut().zip(logs) {
            pairs.push((log - middle, weight));
        }
    }
    pairs.iter_mut().map(|pairs| weighted_median(pairs)).collect()
}

/// Welch's t test of the factors, before against after.
fn shift(runs: &[TableRun], logs: &[f64], between: f64) -> Option<Shift> {
    let of = |side| {
        let own = runs.iter().zip(logs).filter(|(run, _)| run.side == side);
        let own: Vec<f64> = own.map(|(_, &log)| log).collect();
        let (mean, variance) = mean_and_variance(&own);
        Some((mean, variance? / own.len() as f64, own.len() as f64 - 1.0))
    };
    let (before, after) = (of(Side::Before)?, of(Side::After)?);
    let difference = after.0 - before.0;
    let variance = before.1 + after.1;
    let squares = before.1.powi(2) / before.2 + after.1.powi(2) / after.2;
    if variance <= 0.0 {
        // Runs that are copies of each other: nothing to learn from them.
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
