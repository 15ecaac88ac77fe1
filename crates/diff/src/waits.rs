//! Compares the ticks of runs with the CPU that the kernel counted: on a busy machine, ticks include waiting.

use crate::environment::Environment;
use crate::run::RunCounts;
use crate::session::{MACHINE_BETWEEN_BUSY_RUNS, MACHINE_BETWEEN_RUNS};
use crate::table::Side;
use crate::warning::Warning;

/// Ticks exceed the CPU when they show more than this many times of it.
const MORE_THAN_CPU: f64 = 1.2;
/// A smaller share of a core is counted too coarsely to be compared, unless it is that of a long run.
const LEAST_CPU: f64 = 0.2;
/// The seconds of CPU that are known well enough, whatever their share of a core: the kernel counts 10 ms at a time.
const LEAST_CPU_S: f64 = 0.25;

/// Returns the mean shares of a core of both sides, by ticks and as the kernel counted them, when ticks show
/// more than [`MORE_THAN_CPU`] times the CPU of a side, because V8 also
/// samples a thread that waits for a core.
pub(crate) fn ticks_that_exceed_cpu(runs: &[(Side, &RunCounts)]) -> Option<Warning> {
    let (before, after) = (ticks_and_cpu(runs, Side::Before)?, ticks_and_cpu(runs, Side::After)?);
    let exceeds = |side: Side, (ticks, cpu): (f64, f64)| {
        (cpu >= LEAST_CPU || is_long(runs, side)) && ticks > MORE_THAN_CPU * cpu
    };
    (exceeds(Side::Before, before) || exceeds(Side::After, after))
        .then_some(Warning::TicksExceedCpu { ticks: [before.0, after.0], cpu: [before.1, after.1] })
}

/// Returns true when the kernel counted at least [`LEAST_CPU_S`] of CPU for each run of a side.
fn is_long(runs: &[(Side, &RunCounts)], side: Side) -> bool {
    let mut own = runs.iter().filter(|(of, _)| *of == side);
    own.all(|(_, run)| shares_of(run).is_some_and(|(_, cpu)| has_seconds(run, cpu)))
}

/// Returns true for a share of a core that is at least [`LEAST_CPU_S`] of CPU.
fn has_seconds(run: &RunCounts, cpu: f64) -> bool {
    // A part that is compared in place of the window is at least half of it.
    let part = if run.environment.kernel_cores.is_some() { 1.0 } else { 0.5 };
    run.seconds.is_some_and(|seconds| part * seconds * cpu >= LEAST_CPU_S)
}

/// Returns the least noise between runs of the machine's own cost: more than usual when ticks contain
/// waiting for a core.
pub(crate) fn machine_between_runs(runs: &[(Side, &RunCounts)]) -> f64 {
    match ticks_that_exceed_cpu(runs) {
        Some(_) => MACHINE_BETWEEN_BUSY_RUNS,
        None => MACHINE_BETWEEN_RUNS,
    }
}

/// Returns the mean shares of a core of a side's runs, by ticks and as the kernel counted them, each over the
/// same time. Returns `None` when a run lacks one of them, and for samples that do not count waiting for a core.
fn ticks_and_cpu(runs: &[(Side, &RunCounts)], side: Side) -> Option<(f64, f64)> {
    let own = runs.iter().filter(|(of, _)| *of == side);
    let shares: Vec<(f64, f64)> = own.map(|(_, run)| shares_of(run)).collect::<Option<_>>()?;
    let number = shares.len() as f64;
    let (ticks, cpu) = shares.iter().fold((0.0, 0.0), |sum, of| (sum.0 + of.0, sum.1 + of.1));
    (number > 0.0).then_some((ticks / number, cpu / number))
}

/// Returns the shares of a core of one run, by ticks and as the kernel counted them, as [`ticks_and_cpu`] does.
fn shares_of(run: &RunCounts) -> Option<(f64, f64)> {
    let Environment { cores, kernel_cores, counted_part, counts_waits, .. } = run.environment;
    cores.zip(kernel_cores).or(counted_part).filter(|_| counts_waits)
}

/// Returns for each run the time that its samples show, divided by the CPU that the kernel counted for it: 1.2
/// for a run in which a sixth of the samples was waiting for a core. Returns `None` when it is not known of each run.
pub(crate) fn waits(runs: &[(Side, &RunCounts)]) -> Option<Vec<f64>> {
    let of_run = |(_, run): &(Side, &RunCounts)| {
        let (ticks, cpu) = shares_of(run)?;
        let is_counted = cpu >= LEAST_CPU || has_seconds(run, cpu);
        (is_counted && ticks > 0.0).then_some(ticks / cpu)
    };
    runs.iter().map(of_run).collect()
}

#[cfg(test)]
mod tests {
    use super::{ticks_that_exceed_cpu, waits};
    use crate::compare::{Options, compare};
    use crate::environment::Environment;
    use crate::measure::Verdict;
    use crate::order::Order;
    use crate::run::{Run, RunCounts};
    use crate::table::Side;
    use spikeflame_profile::{Selection, folded};

    /// In runs of one server on a busy machine, `writev` had 2 to 24 % of all ticks. Three runs
    /// against three others flagged it, with eight of its callers.
    #[test]
    fn where_ticks_contain_waiting_the_machine_varies_more() {
        let collected = [480, 495, 510, 185, 190, 195];
        let profile = |(at, gc): (usize, u32)| {
            let steady = (0..30).map(|row| format!("main;f{row} {}\n", 300 + (row * 7 + at) % 9));
            let text: String = steady.chain([format!("main;(garbage collector) {gc}\n")]).collect();
            folded::read(&mut text.as_bytes(), "example", None).unwrap()
        };
        let profiles: Vec<_> = collected.into_iter().enumerate().map(profile).collect();
        let all = Selection::default();
        let verdict = |kernel_cores, counted_part| {
            let environment = Environment {
                cores: Some(0.3),
                counts_waits: true,
                kernel_cores,
                counted_part,
                ..Environment::default()
            };
            let (requests, interval_ms) = (Some(1_000.0), Some(1.0));
            let runs: Vec<_> = profiles
                .iter()
                .map(|of| Run { environment, requests, interval_ms, ..Run::new("a", of, &all) })
                .collect();
            let mut options = Options::default();
            options.assumed.order = Some(Order::InTurn);
            let compared = compare(&runs[..3], &runs[3..], &options).unwrap();
            let rows = compared.functions.rows.iter();
            rows.filter(|row| row.is_machine).map(|row| row.self_cost.verdict).collect::<Vec<_>>()
        };
        assert_eq!(verdict(Some(0.3), None), [Verdict::Changed]);
        assert_eq!(verdict(Some(0.2), None), [Verdict::NotResolved]);
        // The error was: where the recorder's table lacked the first second of short runs, nothing was compared.
        assert_eq!(verdict(None, Some((0.5, 0.49))), [Verdict::Changed]);
        assert_eq!(verdict(None, Some((0.5, 0.3))), [Verdict::NotResolved]);
    }

    /// In runs of 9 s of a server that used a twentieth of a core, ticks showed 1.2 to 1.6 times the CPU. The share was
    /// too small to be compared, and A/A flagged `writev` and the start of Node with 40 callers.
    #[test]
    fn ticks_of_a_small_server_exceed_its_cpu_when_the_run_is_long() {
        let profile = folded::read(&mut "main 1\n".as_bytes(), "example", None).unwrap();
        let environment = Environment {
            cores: Some(0.07),
            counts_waits: true,
            kernel_cores: Some(0.05),
            ..Environment::default()
        };
        let all = Selection::default();
        let run = Run { environment, ..Run::new("a", &profile, &all) };
        let mut counts = RunCounts::count(&run);
        let mut found = |seconds| {
            counts.seconds = Some(seconds);
            let runs = [(Side::Before, &counts), (Side::After, &counts)];
            (ticks_that_exceed_cpu(&runs).is_some(), waits(&runs).is_some())
        };
        assert_eq!([2.0, 9.0].map(&mut found), [(false, false), (true, true)]);
    }
}
