//! Checks of runs and of their comparison that lead to warnings.

use crate::conditions::{
    environments_that_differ, failures_that_differ, load, shares_while_busy, starved,
};
use crate::evidence::Evidence;
use crate::mix::other_requests;
use crate::node_version::{Places, other_version};
use crate::recorders::{made_otherwise, no_cpu_time, recorder, recorders_that_differ};
use crate::run::RunCounts;
use crate::table::{Counts, Side};
use crate::unit::Unit;
use crate::waits::ticks_that_exceed_cpu;
use crate::warning::Warning;
use std::collections::BTreeSet;

/// Intervals that differ by at most this factor count as the same setting, because two measured
/// intervals are never exactly equal.
const SAME_INTERVAL: f64 = 1.2;

/// A run with fewer samples shows only its largest functions.
const FEW_SAMPLES: f64 = 500.0;
/// When functions that both sides have hold less than this share of a side's samples, the
/// programs are different, unless so large a share of the functions is on both.
const SHARED: f64 = 0.4;
/// A function with fewer samples can be missing on the other side by chance.
const SEEN: f64 = 5.0;
/// A run with less than this part of the samples or requests of the usual run of its side ended early.
const OUTLIER: f64 = 0.2;
/// The cost of a run that is unlike the others of its side differs from each of theirs by more than this factor, and
/// by more than three times as much (as a logarithm) as they differ among themselves.
const UNLIKE: f64 = 1.4;
/// The names of the settings that belong to the machine.
const MACHINE: [&str; 4] = ["architecture", "processor", "cores", "CPU limit of the control group"];
/// The loads are different when requests a second differ by more than this factor and CPU a second
/// differs by more than [`SAME_CPU`].
const SAME_LOAD: f64 = 2.0;
/// Runs did the same work when their requests differ by at most this factor.
const SAME_WORK: f64 = 1.05;
/// The factor for CPU a second; see [`SAME_LOAD`].
const SAME_CPU: f64 = 1.5;

/// The sessions in which the sides were recorded.
#[derive(Clone, Copy)]
pub(crate) struct Sessions {
    /// The noise between the sides' sessions; `None` for sides that are compared as one session.
    pub(crate) separated: Option<f64>,
    /// True when the runs were made in turn.
    pub(crate) in_turn: bool,
}

/// The unit of costs, and its reason.
#[derive(Clone, Copy)]
pub(crate) struct ChosenUnit {
    pub(crate) unit: Unit,
    /// The unit that was asked for.
    pub(crate) asked: Option<Unit>,
    /// True when enough functions cost about the same on both sides, so that requests need not be known.
    pub(crate) equal_work: bool,
}

/// Returns all warnings for these runs.
pub(crate) fn warnings(
    runs: &[(Side, &RunCounts)],
    evidence: Evidence,
    ChosenUnit { unit, asked, equal_work }: ChosenUnit,
    Sessions { separated, in_turn }: Sessions,
    (self_counts, of_program): (&Counts, &[bool]),
) -> Vec<Warning> {
    let count = |side| runs.iter().filter(|(of, _)| *of == side).count();
    let mut warnings: Vec<Warning> = recorders_that_differ(runs).into_iter().collect();
    let other_recorder = !warnings.is_empty();
    let no_cpu = no_cpu_time(runs);
    let is_cpu = no_cpu.is_none();
    warnings.extend(no_cpu);
    warnings.extend(outliers(runs, unit));
    let other_machine = on_other_machines(runs);
    let waited = shares_while_busy(runs).filter(|_| in_turn && !other_machine);
    match separated {
        Some(noise) if other_machine => warnings.push(Warning::OtherMachine { noise }),
        Some(noise) if runs.len() > 2 && waited.is_none() => {
            warnings.push(Warning::Separated { noise });
        }
        _ => {}
    }
    if let Some([before, after]) = waited {
        warnings.push(Warning::Waited { before, after, noise: separated });
    } else {
        warnings.extend(starved(runs));
    }
    if waited.is_none() && (!in_turn || separated.is_some()) {
        warnings.extend(environments_that_differ(runs));
    }
    warnings.extend(failures_that_differ(runs, unit));
    warnings.extend(other_requests(runs));
    if unit != Unit::Share {
        warnings.extend(ticks_that_exceed_cpu(runs));
    }
    // Two recorders give the same program other functions.
    if !other_recorder {
        warnings.extend(different_programs(runs, self_counts, of_program));
    }
    if runs.iter().any(|(_, run)| run.hides_inlining) {
        warnings.push(Warning::HidesInlining);
    }
    let (before, after) = (count(Side::Before), count(Side::After));
    if evidence != Evidence::Strong && before.min(after) == 1 {
        warnings.push(Warning::FewRuns { before, after });
    }
    if unit == Unit::Share && asked != Some(Unit::Share) && is_cpu {
        let no_requests = names_of(runs, |run| run.requests.is_none());
        let no_interval = names_of(runs, |run| run.interval_ms.is_none());
        if !no_requests.is_empty() && !equal_work {
            warnings.push(Warning::NoRequests { runs: no_requests });
        } else if !no_interval.is_empty() {
            let waited =
                runs.iter().any(|(_, run)| run.interval_ms.is_none() && run.is_of_cpu_profiler);
            warnings.push(Warning::NoInterval { runs: no_interval, waited });
        }
    }
    if unit == Unit::CpuMsPerRun
        && let Some((fewest, most)) = range(runs.iter().filter_map(|(_, run)| run.requests))
        && most > fewest * SAME_WORK
    {
        warnings.push(Warning::WorkDiffers { fewest, most });
    }
    let not_used = names_of(runs, |run| run.ignores_interval);
    if !not_used.is_empty() {
        warnings.push(Warning::IntervalNotUsed { runs: not_used });
    }
    if let Some((shortest, longest)) = range(runs.iter().filter_map(|(_, run)| run.interval_ms))
        && longest > shortest * SAME_INTERVAL
    {
        warnings.push(Warning::IntervalsDiffer { shortest, longest });
    }
    for (_, run) in runs.iter().filter(|(_, run)| run.samples < FEW_SAMPLES) {
        warnings.push(Warning::FewSamples { run: run.name.clone(), samples: run.samples });
    }
    if let Some((_, first)) = runs.first()
        && let Some((_, other)) =
            runs.iter().find(|(_, run)| made_otherwise(&run.producer, &first.producer))
        && !other_recorder
    {
        let (before, after) = (first.producer.clone(), other.producer.clone());
        warnings.push(Warning::ProducersDiffer { before, after });
    }
    let engine = warnings.iter().any(|warning| matches!(warning, Warning::ProducersDiffer { .. }));
    // Another version of Node with another V8 is warned of already.
    let mut settings = settings_that_differ(runs);
    let of_node = |of: &Warning| matches!(of, Warning::SettingsDiffer { name: "Node", .. });
    if engine {
        settings.retain(|warning| !of_node(warning));
    } else if !settings.iter().any(of_node)
        && !other_recorder
        && let Some(Places { moved, shared }) = other_version(runs)
    {
        warnings.push(Warning::NodeDiffers { moved, shared });
    }
    warnings.extend(settings);
    let both = |rate: fn(&RunCounts) -> Option<f64>| {
        Some((load(runs, Side::Before, rate)?, load(runs, Side::After, rate)?))
    };
    // Under closed load, a faster program serves more requests with the same CPU. A different load
    // shows in requests and in CPU.
    if let Some((before, after)) = both(|run| run.requests)
        && let Some(cpu) = both(|run| Some(run.samples * run.interval_ms?))
        && (after / before).max(before / after) > SAME_LOAD
        && (cpu.1 / cpu.0).max(cpu.0 / cpu.1) > SAME_CPU
        && (after > before) == (cpu.1 > cpu.0)
    {
        warnings.push(Warning::LoadsDiffer { before, after });
    }
    // A busy machine can take longer for equal work.
    if unit != Unit::CpuMsPerRun
        && !equal_work
        && let Some((shortest, longest)) = range(runs.iter().filter_map(|(_, run)| run.seconds))
        && longest > SAME_LOAD * shortest
    {
        warnings.push(Warning::WindowsDiffer { shortest, longest });
    }
    warnings
}

/// Returns the names of the runs for which `fits` returns true.
fn names_of(runs: &[(Side, &RunCounts)], fits: fn(&RunCounts) -> bool) -> Vec<String> {
    runs.iter().filter(|(_, run)| fits(run)).map(|(_, run)| run.name.clone()).collect()
}

/// Returns a warning for each run with far fewer samples or requests than the others of its side, and for each
/// other run in which work cost another amount of CPU.
fn outliers(runs: &[(Side, &RunCounts)], unit: Unit) -> Vec<Warning> {
    let of_run = |at| ended_early(runs, at).or_else(|| unlike(runs, at, unit));
    (0..runs.len()).filter_map(of_run).collect()
}

/// Returns a warning when a unit of work cost clearly more or less in the run at `at` than in the others of its side.
fn unlike(runs: &[(Side, &RunCounts)], at: usize, unit: Unit) -> Option<Warning> {
    let (&(side, run), work) = (runs.get(at)?, unit.work()?);
    let mut others = Vec::new();
    for (other, (of, run)) in runs.iter().enumerate() {
        if *of == side && other != at {
            others.push(cost(run, unit)?);
        }
    }
    let (own, (low, high)) = (cost(run, unit)?, range(others.iter().copied())?);
    let apart = (own / high).max(low / own);
    let is_unlike = others.len() > 1 && apart > UNLIKE.max((high / low).powi(3));
    let warning =
        |usual| Warning::RunUnlike { run: run.name.clone(), side, cost: own, usual, work };
    is_unlike.then(|| median(others).map(warning)).flatten()
}

/// Returns the cost of a run in a unit, in milliseconds; `None` when it is not known or not above 0.
fn cost(run: &RunCounts, unit: Unit) -> Option<f64> {
    let work = match unit {
        Unit::CpuMsPerRequest => run.requests?,
        Unit::CpuMsPerSecond => run.seconds?,
        Unit::CpuMsPerRun => 1.0,
        Unit::Share => return None,
    };
    Some(run.samples * run.interval_ms? / work).filter(|cost| cost.is_finite() && *cost > 0.0)
}

/// Returns a warning when the run at `at` has far fewer samples or requests than the others of its
/// side.
fn ended_early(runs: &[(Side, &RunCounts)], at: usize) -> Option<Warning> {
    let &(side, run) = runs.get(at)?;
    let all = runs.iter().enumerate();
    let others: Vec<&RunCounts> = all
        .filter(|(other, (of, _))| *of == side && *other != at)
        .map(|(_, (_, other))| *other)
        .collect();
    let usual_samples = median(others.iter().map(|run| run.samples).collect())?;
    let usual_requests = median(others.iter().filter_map(|run| run.requests).collect());
    let requests = run.requests.zip(usual_requests);
    let few = run.samples < OUTLIER * usual_samples
        || requests.is_some_and(|(own, usual)| own < OUTLIER * usual);
    few.then(|| Warning::EndedEarly {
        run: run.name.clone(),
        side,
        samples: run.samples,
        usual_samples,
        requests,
    })
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

fn range(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.fold(None, |range, value| {
        let (low, high) = range.unwrap_or((value, value));
        Some((value.min(low), value.max(high)))
    })
}

/// Returns a warning when the sides are different programs: functions that both sides have hold few
/// samples, and few of the program's functions are on both sides. Either alone is no sign. A fix may
/// take most of the CPU away with a few functions, and short runs miss many small ones.
fn different_programs(
    runs: &[(Side, &RunCounts)],
    self_counts: &Counts,
    of_program: &[bool],
) -> Option<Warning> {
    let (mut all, mut shared) = ([0.0; 2], [0.0; 2]);
    let (mut functions, mut known) = ([0u32; 2], [0u32; 2]);
    let any_of_program = of_program.contains(&true);
    for (at, row) in self_counts.rows().enumerate() {
        let mut sums = [0.0; 2];
        for (count, (side, _)) in row.iter().zip(runs) {
            let [before, after] = &mut sums;
            *(if *side == Side::Before { before } else { after }) += count;
        }
        let both = sums.iter().all(|sum| *sum > 0.0);
        let counts = !any_of_program || of_program.get(at) == Some(&true);
        for (side, sum) in sums.into_iter().enumerate() {
            let (Some(all), Some(shared)) = (all.get_mut(side), shared.get_mut(side)) else {
                continue;
            };
            *all += sum;
            *shared += if both { sum } else { 0.0 };
            let (Some(functions), Some(known)) = (functions.get_mut(side), known.get_mut(side))
            else {
                continue;
            };
            *functions += u32::from(counts && sum >= SEEN);
            *known += u32::from(counts && sum >= SEEN && both);
        }
    }
    let part = |(known, all): (u32, u32)| f64::from(known) / f64::from(all.max(1));
    // A build with fewer functions than the other has all of them in common with it.
    let in_common = known.into_iter().zip(functions).map(part).fold(0.0, f64::max);
    let shared = shared.iter().zip(all).map(|(shared, all)| shared / all).fold(1.0, f64::min);
    (shared < SHARED && in_common < SHARED).then_some(Warning::DifferentPrograms { shared })
}

/// Returns a warning for each fact that all runs have and that differs between the sides.
fn settings_that_differ(runs: &[(Side, &RunCounts)]) -> Vec<Warning> {
    let Some((_, first)) = runs.first() else { return Vec::new() };
    first.settings.iter().filter_map(|setting| setting_differs(runs, setting.name)).collect()
}

/// Returns a warning when all runs have a fact and it differs between the sides.
fn setting_differs(runs: &[(Side, &RunCounts)], name: &'static str) -> Option<Warning> {
    let before = setting_values(runs, Side::Before, name)?;
    let after = setting_values(runs, Side::After, name)?;
    (before != after).then(|| Warning::SettingsDiffer {
        name,
        before: before.into_iter().collect(),
        after: after.into_iter().collect(),
    })
}

/// Returns the values of a fact on one side; `None` when a run lacks it.
fn setting_values(runs: &[(Side, &RunCounts)], side: Side, name: &str) -> Option<BTreeSet<String>> {
    let of_side = runs.iter().filter(|(of, _)| *of == side);
    let settings = of_side.map(|(_, run)| run.settings.iter().find(|setting| setting.name == name));
    settings.map(|setting| setting.map(|setting| setting.value.clone())).collect()
}

/// Returns true when a recording has the samples of all threads, and not only of those that run
/// JavaScript.
pub(crate) fn samples_all_threads(run: &RunCounts) -> bool {
    matches!(recorder(run), "perf" | "bpftrace" | "bcc")
}

/// Returns true when no machine ran both sides, as far as recorders wrote of their machines.
pub(crate) fn on_other_machines(runs: &[(Side, &RunCounts)]) -> bool {
    settings_that_differ(runs).iter().any(|warning| {
        let Warning::SettingsDiffer { name, before, after } = warning else { return false };
        MACHINE.contains(name) && before.iter().all(|value| !after.contains(value))
    })
}

#[cfg(test)]
mod tests {
    use crate::analysis::Assumptions;
    use crate::compare::{Options, compare};
    use crate::comparison::Comparison;
    use crate::environment::Environment;
    use crate::evidence::Evidence;
    use crate::run::Run;
    use crate::unit::Unit;
    use crate::warning::Warning;
    use spikeflame_profile::{Clock, ClockSource, Profile, Selection, folded};

    fn profile(producer: &str, count: u32) -> Profile {
        let text = format!("main;parse {count}\nmain;write 700\n");
        let mut profile = folded::read(&mut text.as_bytes(), "example", None).unwrap();
        profile.sources[0].producer = producer.to_owned();
        profile
    }

    fn texts(producers: [&str; 2], unit: Option<Unit>) -> Vec<String> {
        let [before, after] = [profile(producers[0], 600), profile(producers[1], 640)];
        let all = Selection::default();
        let run = |name, profile| Run {
            requests: Some(50.0),
            interval_ms: Some(1.0),
            ..Run::new(name, profile, &all)
        };
        let assumed = Assumptions { unit, ..Assumptions::default() };
        let options = Options { assumed, ..Options::default() };
        let compared = compare(&[run("a", &before)], &[run("b", &after)], &options).unwrap();
        compared.warnings.iter().map(ToString::to_string).collect()
    }

    /// The errors were: the conditions were those of the ticks where `top` had the kernel's, and nothing showed
    /// that costs include waiting for a core.
    #[test]
    fn ticks_beyond_the_cpu_are_reported_with_both_numbers() {
        let profiles = [profile("", 6_000), profile("", 6_400)];
        let all = Selection::default();
        let compared = |kernel: [Option<f64>; 2]| {
            let run = |at: usize| {
                let environment = Environment {
                    cores: Some(0.6),
                    counts_waits: true,
                    kernel_cores: kernel[at],
                    ..Environment::default()
                };
                let (requests, interval_ms) = (Some(50.0), Some(1.0));
                Run { environment, requests, interval_ms, ..Run::new("a", &profiles[at], &all) }
            };
            compare(&[run(0)], &[run(1)], &Options::default()).unwrap()
        };
        let text = |kernel| {
            let warnings = compared(kernel).warnings;
            let found = warnings.iter().map(ToString::to_string);
            found.filter(|text| text.contains("waiting for a core")).collect::<String>()
        };
        let busy = text([Some(0.58), Some(0.4)]);
        assert!(busy.contains("0.60 of a core before and 0.60 after"), "{busy}");
        assert!(busy.contains("the kernel counted 0.58 and 0.40"), "{busy}");
        assert_eq!(text([Some(0.58), Some(0.57)]), "");
        assert_eq!(text([Some(0.4), None]), "");
        let cores = |kernel| compared(kernel).runs[0].environment.cores;
        assert_eq!(cores([Some(0.4), Some(0.4)]), Some(0.4));
        // Two sources would show a difference that is none.
        assert_eq!(cores([Some(0.4), None]), Some(0.6));
    }

    #[test]
    fn shares_that_were_asked_for_are_no_lack_of_an_interval() {
        let texts = texts(["", ""], Some(Unit::Share));
        assert!(texts.iter().all(|text| !text.contains("because")), "{texts:?}");
    }

    /// Compares two runs a side, made in turn when `clocks` is true. The runs after cost `ratio` times
    /// as much in `parse`, and their busiest threads got `cores` of a core while they had work.
    fn two_a_side(clocks: bool, ratio: f64, cores: f64) -> Comparison {
        let count =
            |at: u32| 6000.0 * if at.is_multiple_of(2) { 1.0 } else { ratio } + f64::from(at);
        let profiles = [0, 1, 2, 3].map(|at| profile("", count(at) as u32));
        let all = Selection::default();
        let run = |at: usize| {
            let zero_us = at as i64 * 60_000_000;
            let began = Clock { zero_us, known: ClockSource::Given, uncertainty_us: 0 };
            let cores = if at.is_multiple_of(2) { 0.9 } else { cores };
            let usage = (Some(cores), Some(0.95));
            let environment =
                Environment { cores: usage.0, loop_utilisation: usage.1, ..Environment::default() };
            Run {
                began: clocks.then_some(began),
                environment,
                ..Run::new("a", &profiles[at], &all)
            }
        };
        // Shares do not show which of two functions changed; whole runs of a script do.
        let assumed = Assumptions { with_start_up: true, ..Assumptions::default() };
        let options = Options { assumed, ..Options::default() };
        compare(&[run(0), run(2)], &[run(1), run(3)], &options).unwrap()
    }

    #[test]
    fn changes_between_runs_of_an_unknown_order_are_weak() {
        let unknown = |compared: &Comparison| compared.warnings.contains(&Warning::OrderUnknown);
        let changed = two_a_side(false, 0.1, 0.9);
        assert!(unknown(&changed) && changed.evidence == Evidence::Weak, "{:?}", changed.warnings);
        let same = two_a_side(false, 1.0, 0.9);
        assert!(!unknown(&same) && same.evidence == Evidence::Strong, "{:?}", same.warnings);
        let in_turn = two_a_side(true, 0.1, 0.9);
        assert!(
            !unknown(&in_turn) && in_turn.evidence == Evidence::Strong,
            "{:?}",
            in_turn.warnings
        );
    }

    #[test]
    fn runs_in_turn_on_a_machine_that_was_busy_for_one_side_are_weak() {
        let compared = two_a_side(true, 1.0, 0.6);
        let waited = |warning: &Warning| matches!(warning, Warning::Waited { .. });
        assert!(compared.warnings.iter().any(waited), "{:?}", compared.warnings);
        assert_eq!(compared.evidence, Evidence::Weak);
        assert!(!two_a_side(true, 1.0, 0.8).warnings.iter().any(waited));
    }

    #[test]
    fn an_export_is_of_the_version_that_it_names() {
        let differ = |producers| texts(producers, None).iter().any(|text| text.contains("engine"));
        assert!(!differ(["Node 20, V8 11.3", "speedscope of Node 20, V8 11.3"]));
        assert!(differ(["Node 20, V8 11.3", "speedscope of Node 22, V8 12.4"]));
        // The error was: a `perf.data` and its own text were said to be of two versions.
        assert!(!differ(["perf 6.1.187", "perf cpu-clock"]));
        assert!(differ(["perf 6.1.187", "perf 5.15.1"]));
    }
}
