//! Compares the ticks of runs with the CPU that the kernel counted: on a busy machine, ticks include waiting.

use crate::environment::Environment;
use crate::run::RunCounts;
use crate::table::Side;
use crate::warning::Warning;

/// Ticks exceed the CPU when they show more than this many times of it.
const MORE_THAN_CPU: f64 = 1.2;
/// A smaller share of a core is counted too coarsely to be compared.
const LEAST_CPU: f64 = 0.2;

/// Returns the mean shares of a core of both sides, by ticks and as the kernel counted them, when ticks show
/// more than [`MORE_THAN_CPU`] times the CPU of a side, because V8 also
/// samples a thread that waits for a core.
pub(crate) fn ticks_that_exceed_cpu(runs: &[(Side, &RunCounts)]) -> Option<Warning> {
    let (before, after) = (ticks_and_cpu(runs, Side::Before)?, ticks_and_cpu(runs, Side::After)?);
    let exceeds = |(ticks, cpu): (f64, f64)| cpu >= LEAST_CPU && ticks > MORE_THAN_CPU * cpu;
    (exceeds(before) || exceeds(after))
        .then_some(Warning::TicksExceedCpu { ticks: [before.0, after.0], cpu: [before.1, after.1] })
}

/// Returns the mean shares of a core of a side's runs, by ticks and as the kernel counted them. Returns `None`
/// when a run lacks one of them, and for samples that do not count waiting for a core.
fn ticks_and_cpu(runs: &[(Side, &RunCounts)], side: Side) -> Option<(f64, f64)> {
    let own = runs.iter().filter(|(of, _)| *of == side);
    let shares = own.map(|(_, run)| {
        let Environment { cores, kernel_cores, counts_waits, .. } = run.environment;
        cores.zip(kernel_cores).filter(|_| counts_waits)
    });
    let shares: Vec<(f64, f64)> = shares.collect::<Option<_>>()?;
    let number = shares.len() as f64;
    let (ticks, cpu) = shares.iter().fold((0.0, 0.0), |sum, of| (sum.0 + of.0, sum.1 + of.1));
    (number > 0.0).then_some((ticks / number, cpu / number))
}
