//! Conditions of the machine and of the load test that differ between the sides.

use crate::environment::{Condition, Environment, alike, mean};
use crate::run::RunCounts;
use crate::table::Side;
use crate::unit::Unit;
use crate::warning::Warning;

/// A condition differs when its means on the two sides differ by more than this factor.
const DIFFERENT_FROM: f64 = 1.2;
/// A condition that differs by less than this share is not reported.
const LEAST_REPORTED_SHARE: f64 = 0.02;

/// A smaller difference of the shares of failed requests is not reported, and none of fewer than
/// [`CLEAR_ERRORS`] standard errors.
const LEAST_FAILED: f64 = 0.005;
const CLEAR_ERRORS: f64 = 3.0;

/// An event loop that is busy for a smaller share of the time does not show what share of a core
/// the busiest thread could get.
const LEAST_BUSY: f64 = 0.2;

/// An event loop that is busy for at least this share of the time, and whose thread ran for less than half of
/// that, was kept from running by the machine, as in the verdict of a plateau.
const MOSTLY_BUSY: f64 = 0.7;
const STARVED: f64 = 0.5;

/// Returns the conditions in which the sides differ. A change of the code can cause this
/// too, but only runs made in turn show that. Failed requests have a warning of their own.
pub(crate) fn environments_that_differ(runs: &[(Side, &RunCounts)]) -> Vec<Warning> {
    let all = Condition::ALL.iter().filter(|condition| **condition != Condition::Failed);
    let all = all.filter(|condition| !follows_from_costs(runs, **condition));
    all.filter_map(|condition| environment_differs(runs, *condition)).collect()
}

/// Returns true when a condition differs only because a request costs more on one side: the sides served about as
/// many requests a second, and the event loop waited for a core about as much.
fn follows_from_costs(runs: &[(Side, &RunCounts)], condition: Condition) -> bool {
    let alike = |of: &dyn Fn(Side) -> Option<f64>| {
        let both = of(Side::Before).zip(of(Side::After));
        both.is_some_and(|(one, other)| one.max(other) <= DIFFERENT_FROM * one.min(other))
    };
    let cores = |side| mean_of_side(runs, side, Condition::Cores);
    let busy = |side| mean_of_side(runs, side, Condition::LoopUtilisation);
    let rate_is_alike = || alike(&|side| load(runs, side, |run| run.requests));
    match condition {
        Condition::Cores => rate_is_alike(),
        Condition::LoopUtilisation => {
            rate_is_alike() && alike(&|side| Some(busy(side)? / cores(side)?))
        }
        _ => false,
    }
}

/// Returns the sum of `of` over the runs of a side, divided by the total length of their windows
/// in seconds. Returns `None` when one of the values is not known.
pub(crate) fn load(
    runs: &[(Side, &RunCounts)],
    side: Side,
    of: fn(&RunCounts) -> Option<f64>,
) -> Option<f64> {
    let of_side = || runs.iter().filter(|(of, _)| *of == side).map(|(_, run)| *run);
    let done: Option<f64> = of_side().map(of).sum();
    let seconds: Option<f64> = of_side().map(|run| run.seconds).sum();
    done.zip(seconds).map(|(done, seconds)| done / seconds)
}

/// Returns a warning when other shares of the requests failed before and after.
pub(crate) fn failures_that_differ(runs: &[(Side, &RunCounts)], unit: Unit) -> Option<Warning> {
    let of_side = |side| -> Vec<&RunCounts> {
        runs.iter().filter(|(of, _)| *of == side).map(|(_, run)| *run).collect()
    };
    let before = failures(&of_side(Side::Before))?;
    let after = failures(&of_side(Side::After))?;
    let attempts = before.attempts + after.attempts;
    let of_both = (before.failed * before.attempts + after.failed * after.attempts) / attempts;
    let variance = of_both * (1.0 - of_both) * (1.0 / before.attempts + 1.0 / after.attempts);
    let least = LEAST_FAILED.max(CLEAR_ERRORS * variance.sqrt());
    let differ = (before.failed - after.failed).abs() >= least;
    let of_attempts = before.attempt_ms.zip(after.attempt_ms);
    let of_attempts = of_attempts.filter(|_| unit == Unit::CpuMsPerRequest);
    differ.then(|| Warning::FailuresDiffer {
        before: before.failed,
        after: after.failed,
        attempt_ms: of_attempts.map(Into::into),
    })
}

/// The failed requests of some runs.
struct Failures {
    /// The share of all requests that ended.
    failed: f64,
    /// The number of all requests that ended.
    attempts: f64,
    /// The cost of a request that ended, failed or not, without a correction.
    attempt_ms: Option<f64>,
}

/// Returns the share of failed requests of some runs; `None` when it is not known of each.
pub(crate) fn failed(runs: &[&RunCounts]) -> Option<f64> {
    failures(runs).map(|of| of.failed)
}

/// Returns the failed requests of some runs; `None` when they are not known of each.
fn failures(runs: &[&RunCounts]) -> Option<Failures> {
    let (mut done, mut attempts, mut cpu_ms) = (0.0, 0.0, Some(0.0));
    for run in runs {
        let ok = run.requests?;
        done += ok;
        attempts += ok / (1.0 - run.environment.failed?);
        cpu_ms = cpu_ms.zip(run.interval_ms).map(|(sum, interval)| sum + run.samples * interval);
    }
    let attempt_ms = cpu_ms.map(|cpu_ms| cpu_ms / attempts);
    (attempts > 0.0 && f64::is_finite(attempts)).then_some(Failures {
        failed: 1.0 - done / attempts,
        attempts,
        attempt_ms,
    })
}

fn environment_differs(runs: &[(Side, &RunCounts)], condition: Condition) -> Option<Warning> {
    let before = mean_of_side(runs, Side::Before, condition)?;
    let after = mean_of_side(runs, Side::After, condition)?;
    let (low, high) = (before.min(after), before.max(after));
    let far = high > DIFFERENT_FROM * low && high - low >= LEAST_REPORTED_SHARE;
    far.then_some(Warning::EnvironmentsDiffer { condition, before, after })
}

fn mean_of_side(runs: &[(Side, &RunCounts)], side: Side, condition: Condition) -> Option<f64> {
    mean(environments_of(runs, side).iter(), condition)
}

/// Returns the environments of a side's runs, with one source of the share of a core for both sides.
fn environments_of(runs: &[(Side, &RunCounts)], side: Side) -> Vec<Environment> {
    let all = alike(runs.iter().map(|(_, run)| &run.environment));
    all.into_iter().zip(runs).filter(|(_, (of, _))| *of == side).map(|(one, _)| one).collect()
}

/// Returns the mean shares of a core that the busiest threads got before and after while they had
/// work, when these differ by more than the runs of a side do. These shares show the machine, or
/// calls that block, and hardly the cost of the code.
pub(crate) fn shares_while_busy(runs: &[(Side, &RunCounts)]) -> Option<[f64; 2]> {
    let (before, after) = (busy_shares(runs, Side::Before)?, busy_shares(runs, Side::After)?);
    // On a busy machine each run gets another share, which is a part of the noise between runs.
    let apart = before.2 < after.0 || after.2 < before.0;
    let (before, after) = (before.1, after.1);
    (apart && before.max(after) > DIFFERENT_FROM * before.min(after)).then_some([before, after])
}

/// Returns a warning when the busiest threads of a side ran for less than half of the time in which they had work, and
/// had work for most of the time.
pub(crate) fn starved(runs: &[(Side, &RunCounts)]) -> Option<Warning> {
    let (before, after) = (busy_shares(runs, Side::Before)?.1, busy_shares(runs, Side::After)?.1);
    let of_side = |side, share| {
        let busy = mean_of_side(runs, side, Condition::LoopUtilisation);
        share < STARVED && busy.is_some_and(|busy| busy >= MOSTLY_BUSY)
    };
    let is_starved = of_side(Side::Before, before) || of_side(Side::After, after);
    is_starved.then_some(Warning::Starved { before, after })
}

/// Returns the least, the mean and the largest share of a core that the busiest threads of one
/// side's runs got while they had work. Returns `None` when a run does not show this share.
fn busy_shares(runs: &[(Side, &RunCounts)], side: Side) -> Option<(f64, f64, f64)> {
    let environments = environments_of(runs, side);
    let shares: Vec<f64> = environments.iter().map(busy_share).collect::<Option<_>>()?;
    let low = shares.iter().copied().reduce(f64::min)?;
    let high = shares.iter().copied().reduce(f64::max)?;
    Some((low, shares.iter().sum::<f64>() / shares.len() as f64, high))
}

fn busy_share(environment: &Environment) -> Option<f64> {
    let busy = environment.loop_utilisation.filter(|busy| *busy >= LEAST_BUSY)?;
    Some(environment.cores? / busy)
}

#[cfg(test)]
mod tests {
    use crate::compare::{Options, compare_counts};
    use crate::environment::Environment;
    use crate::evidence::Evidence;
    use crate::order::Order;
    use crate::run::{Run, RunCounts};
    use spikeflame_profile::{Selection, folded};

    /// Compares a run a side, each with its milliseconds of CPU, its requests and its environment, and returns the
    /// warnings that contain a text.
    fn warned(sides: [(u32, f64, Environment); 2], text: &str) -> Vec<String> {
        let all = Selection::default();
        let profiles = sides.map(|(cpu_ms, ..)| {
            let text = format!("main;parse {}\nmain;write 300\n", cpu_ms - 300);
            folded::read(&mut text.as_bytes(), "example", None).unwrap()
        });
        let runs: Vec<_> = profiles
            .iter()
            .zip(sides)
            .map(|(profile, (_, requests, environment))| Run {
                requests: Some(requests),
                interval_ms: Some(1.0),
                environment,
                ..Run::new("run", profile, &all)
            })
            .map(|run| RunCounts { seconds: Some(10.0), ..RunCounts::count(&run) })
            .collect();
        let mut options = Options::default();
        options.assumed.order = Some(Order::Separated);
        let compared = compare_counts(&runs[..1], &runs[1..], &options).unwrap();
        let warnings = compared.warnings.iter().map(ToString::to_string);
        warnings.filter(|warning| warning.contains(text)).collect()
    }

    /// The error was: "strong" evidence, where the machine gave the runs of both sides less than half of a core.
    #[test]
    fn starved_runs_are_weak_evidence() {
        let profiles = [3000, 3010, 3020, 3030].map(|cpu_ms| {
            let text = format!("main;parse {cpu_ms}\n");
            folded::read(&mut text.as_bytes(), "example", None).unwrap()
        });
        let all = Selection::default();
        let compared = |cores, busy| {
            let (cores, loop_utilisation) = (Some(cores), Some(busy));
            let environment = Environment { cores, loop_utilisation, ..Environment::default() };
            let (requests, interval_ms) = (Some(100.0), Some(1.0));
            let runs = profiles.each_ref().map(|profile| {
                let run = Run::new("run", profile, &all);
                RunCounts::count(&Run { requests, interval_ms, environment, ..run })
            });
            let mut options = Options::default();
            options.assumed.order = Some(Order::InTurn);
            let compared = compare_counts(&runs[..2], &runs[2..], &options).unwrap();
            (compared.evidence, compared.warnings.len())
        };
        assert_eq!(compared(0.44, 0.99), (Evidence::Weak, 1));
        assert_eq!(compared(0.6, 0.99), (Evidence::Strong, 0));
        assert_eq!(compared(0.2, 0.5), (Evidence::Strong, 0), "the loop waited");
    }

    /// Where 30 % of the answers failed on one side, the text had a machine that was slower by 42 %, and no word of
    /// failures.
    #[test]
    fn failed_requests_are_reported_with_the_cost_of_all_requests() {
        let side = |cpu_ms, requests, failed| {
            (cpu_ms, requests, Environment { failed, ..Environment::default() })
        };
        let of = |before, after| {
            warned([side(6_000, 1_000.0, before), side(6_010, 700.0, after)], "failed")
        };
        let both = of(Some(0.0), Some(0.3));
        assert!(
            both[0].starts_with("0.0 % of the requests failed before and 30.0 % after"),
            "{both:?}"
        );
        assert!(both[0].contains("6.000 ms before and 6.010 ms after"), "{both:?}");
        // The handler of exceptions was GONE: 28 of 1,841 requests failed before, and none after.
        assert!(of(Some(0.015), Some(0.0))[0].contains("code that only failed requests run"));
        let none = [of(Some(0.3), Some(0.31)), of(None, Some(0.3)), of(Some(0.0), Some(1.0))];
        assert!(none.iter().all(Vec::is_empty), "{none:?}");
    }

    /// A function with four times the cost raised the share of a core, and the text had this share as a reason of the
    /// costs.
    #[test]
    fn a_share_of_a_core_that_follows_from_the_cost_is_no_warning() {
        let side = |cpu_ms, requests, busy| {
            let cores = Some(f64::from(cpu_ms) / 10_000.0);
            let loop_utilisation = Some(busy);
            (cpu_ms, requests, Environment { cores, loop_utilisation, ..Environment::default() })
        };
        let text = "did not run alike";
        assert!(warned([side(2_400, 400.0, 0.24), side(4_200, 400.0, 0.42)], text).is_empty());
        let other_load = warned([side(2_400, 400.0, 0.24), side(4_200, 700.0, 0.42)], text);
        assert_eq!(other_load.len(), 2, "{other_load:?}");
        let waited = warned([side(2_400, 400.0, 0.24), side(2_500, 400.0, 0.5)], text);
        assert!(waited.len() == 1 && waited[0].contains("event-loop"), "{waited:?}");
    }
}
