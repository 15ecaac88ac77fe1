//! Facts that a reader of a comparison should know before trusting it.

use crate::environment::{Condition, Setting, mean};
use crate::error::Error;
use crate::evidence::Evidence;
use crate::node_version::{Places, other_version};
use crate::run::{RunCounts, engine};
use crate::table::{Counts, Side};
use crate::unit::Unit;
use std::collections::BTreeSet;
use std::fmt;

/// A condition differs when its means on the two sides differ by more than this factor.
const ALIKE: f64 = 1.2;
/// A condition that differs by less than this share is not reported.
const LEAST: f64 = 0.02;

/// An event loop that is busy for a smaller share of the time does not show what the main thread got
/// of a core.
const LEAST_BUSY: f64 = 0.2;

/// Intervals that differ by at most this factor count as the same setting, because two measured
/// intervals are never exactly equal.
const SAME_INTERVAL: f64 = 1.2;

/// A run with fewer samples shows only its largest functions.
const FEW_SAMPLES: f64 = 500.0;
/// Two columns with equal counts and at least this many samples are the same recording.
const NO_CHANCE: f64 = 50.0;
/// When functions that both sides have hold less than this share of a side's samples, the
/// programs are different.
const SHARED: f64 = 0.4;
/// The names of the settings that belong to the machine.
const MACHINE: [&str; 4] = ["architecture", "processor", "cores", "CPU limit of the control group"];
/// The loads are different when requests a second differ by more than this factor and CPU a second
/// differs by more than [`SAME_CPU`].
const SAME_LOAD: f64 = 2.0;
/// Runs did the same work when their requests differ by at most this factor.
const SAME_WORK: f64 = 1.05;
/// The factor for CPU a second; see [`SAME_LOAD`].
const SAME_CPU: f64 = 1.5;

/// A fact that a reader should know; `to_string()` is the sentence.
#[derive(Clone, Debug, PartialEq)]
pub enum Warning {
    /// One side was recorded apart from the other.
    Separated {
        /// The noise between sessions that was used, as a coefficient of variation.
        noise: f64,
    },
    /// The sides were recorded on different machines.
    OtherMachine {
        /// The noise between sessions that was used, as a coefficient of variation.
        noise: f64,
    },
    /// The machine gave the two sides different conditions.
    EnvironmentsDiffer {
        /// The condition that differs.
        condition: Condition,
        /// The mean of the runs before, as a share of 1.
        before: f64,
        /// The mean of the runs after, as a share of 1.
        after: f64,
    },
    /// The sides were recorded on different machines, or with different versions.
    SettingsDiffer {
        /// The name of the fact that differs.
        name: &'static str,
        /// The values of the runs before.
        before: Vec<String>,
        /// The values of the runs after.
        after: Vec<String>,
    },
    /// Functions may trade costs by chance, because the recordings hide inlining.
    HidesInlining,
    /// The sides have few functions in common.
    DifferentPrograms {
        /// The share of the samples in functions that both sides have.
        shared: f64,
    },
    /// Each side has one run, or one side has only one.
    FewRuns {
        /// The number of runs before.
        before: usize,
        /// The number of runs after.
        after: usize,
    },
    /// Costs are shares, because the requests of these runs are not known.
    NoRequests {
        /// The names of the runs.
        runs: Vec<String>,
    },
    /// Costs are shares, because the sampling interval of these runs is not known.
    NoInterval {
        /// The names of the runs.
        runs: Vec<String>,
    },
    /// Runs were sampled at different intervals.
    IntervalsDiffer {
        /// The shortest interval, in milliseconds.
        shortest: f64,
        /// The longest interval, in milliseconds.
        longest: f64,
    },
    /// A run has very few samples.
    FewSamples {
        /// The name of the run.
        run: String,
        /// The number of its samples.
        samples: f64,
    },
    /// The recordings were made by different programs or versions.
    ProducersDiffer {
        /// The recorder of a run before.
        before: String,
        /// The recorder of a run that differs from it.
        after: String,
    },
    /// The sides ran different versions of Node, as the places of its own functions show.
    NodeDiffers {
        /// How many functions of Node itself stand at other lines.
        moved: usize,
        /// How many functions of Node itself both sides have.
        shared: usize,
    },
    /// At least one run has no clock, so it is not known whether the runs were made in turn.
    OrderUnknown,
    /// The main thread got another share of a core on one side while it had work, although the runs
    /// were made in turn.
    Waited {
        /// The share of a core that the main thread got before while its event loop was busy.
        before: f64,
        /// The share of a core that it got after.
        after: f64,
        /// The noise between sessions that was used, as a coefficient of variation; `None` when the
        /// user gave the order.
        noise: Option<f64>,
    },
    /// One side was recorded in another way than the other. Recorders count different samples, so
    /// no row is called changed.
    RecordersDiffer {
        /// The recorders of the runs before.
        before: Vec<String>,
        /// The recorders of the runs after.
        after: Vec<String>,
    },
    /// The sides served different loads.
    LoadsDiffer {
        /// Requests a second before.
        before: f64,
        /// Requests a second after.
        after: f64,
    },
    /// Calls whose work is done in libuv's thread pool are new on a side. Without samples of all
    /// threads, the costs do not contain that work.
    ThreadPool {
        /// The names of the calls, the most expensive first.
        calls: Vec<String>,
        /// The side on which they are made.
        to: Side,
        /// The CPU of the other threads before and after, in `unit`, or in cores for shares;
        /// `None` when it was not recorded.
        others: Option<[f64; 2]>,
        /// The unit of costs.
        unit: Unit,
        /// True when the recordings have the samples of all threads, so that costs contain the
        /// work of the pool.
        counted: bool,
    },
    /// Costs are per run, but the runs served different numbers of requests.
    WorkDiffers {
        /// The fewest requests of a run.
        fewest: f64,
        /// The most requests of a run.
        most: f64,
    },
    /// Windows have different lengths.
    WindowsDiffer {
        /// The shortest window, in seconds.
        shortest: f64,
        /// The longest window, in seconds.
        longest: f64,
    },
}

impl Warning {
    /// Returns true when the sides may have run under different conditions although no side is known
    /// to have been recorded apart from the other.
    pub(crate) const fn weakens(&self) -> bool {
        matches!(self, Self::EnvironmentsDiffer { .. } | Self::Waited { .. } | Self::OrderUnknown)
    }

    /// Returns true when the sides cannot be compared well enough for a gate.
    pub(crate) const fn forbids_gates(&self) -> bool {
        matches!(self, Self::RecordersDiffer { .. })
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Separated { noise } => write!(
                f,
                "WEAK: recorded one side after the other, so machine and change cannot be told \
                 apart: sessions are taken to differ by {:.0} % in what code costs, and more in \
                 system calls and garbage collection; record in turn (A B A B)",
                noise * 100.0
            ),
            Self::OtherMachine { noise } => write!(
                f,
                "WEAK: the sides were recorded on different machines, so machine and change cannot \
                 be told apart: machines are taken to differ by {:.0} % in what a function costs, \
                 and more in system calls and garbage collection; record both sides on one \
                 machine, in turn (A B A B)",
                noise * 100.0
            ),
            Self::EnvironmentsDiffer { condition, before, after } => {
                let (name, [before, after]) = (condition.name(), [*before, *after]);
                let [before, after] = [before, after].map(|value| match condition {
                    Condition::Cores | Condition::OtherThreads => format!("{value:.2}"),
                    _ => format!("{:.1} %", 100.0 * value),
                });
                write!(
                    f,
                    "the sides did not run alike: {name} was {before} before and {after} after; \
                     costs depend on it"
                )
            }
            Self::SettingsDiffer { name, before, after } => write!(
                f,
                "the sides were not recorded alike ({name}: {} before, {} after): costs depend on it",
                before.join(" and "),
                after.join(" and ")
            ),
            Self::HidesInlining => f.write_str(
                "these recordings hold the samples of inlined functions as their callers', and V8 \
                 inlines differently from run to run: functions trade costs by chance; compare \
                 files or packages, which do not",
            ),
            Self::DifferentPrograms { shared } => write!(
                f,
                "only {:.0} % of the samples are in functions that both sides have: these look \
                 like different programs",
                shared * 100.0
            ),
            Self::FewRuns { before: 1, after: 1 } => write!(
                f,
                "PROVISIONAL: with one run a side, noise between runs is assumed, not measured; \
                 make three runs a side in turn (A B A B), without the first to warm up"
            ),
            Self::FewRuns { before, after } => write!(
                f,
                "WEAK: {before} against {after} runs measure noise on one side only; make three \
                 runs a side in turn (A B A B), without the first to warm up"
            ),
            Self::NoRequests { runs } => write!(
                f,
                "costs are shares of CPU, because the requests of {} are not known: a change of \
                 the whole program does not show; give the load timelines, or compare per run \
                 where each run does the same work",
                list(runs)
            ),
            Self::NoInterval { runs } => write!(
                f,
                "costs are shares of CPU, because the sampling interval of {} is not known",
                list(runs)
            ),
            Self::IntervalsDiffer { shortest, longest } => write!(
                f,
                "runs were sampled every {shortest} to {longest} ms: costs take that into \
                 account, but sampling itself slows a program down, and a busy machine delays it; use \
                 one interval, and leave cores idle"
            ),
            Self::FewSamples { run, samples } => write!(
                f,
                "{run}: only {samples:.0} samples; it shows no more than the largest functions"
            ),
            Self::ProducersDiffer { before, after } => write!(
                f,
                "the recordings come from different versions, `{before}` and `{after}`: what \
                 changed may be the engine"
            ),
            Self::NodeDiffers { moved, shared } => write!(
                f,
                "the sides ran different versions of Node: {moved} of its own {shared} functions \
                 that both sides have are at other lines; what changed may be the engine"
            ),
            Self::OrderUnknown => f.write_str(
                "WEAK: the times of these runs are not known, so they are taken to be made in \
                 turn (A B A B): when one side was recorded after the other, machine and change \
                 cannot be told apart",
            ),
            Self::Waited { before, after, noise } => {
                write!(
                    f,
                    "WEAK: while its event loop was busy, the main thread got {before:.2} of a core \
                     before and {after:.2} after: the machine was busy for one side, or its calls \
                     block"
                )?;
                match noise {
                    Some(noise) => write!(
                        f,
                        ", so the sides are compared like two sessions, which are taken to differ \
                         by {:.0} % in what code costs, and more in system calls and garbage \
                         collection",
                        noise * 100.0
                    ),
                    None => f.write_str("; costs depend on it"),
                }
            }
            Self::RecordersDiffer { before, after } => write!(
                f,
                "WEAK: the sides were recorded in different ways, with {} before and {} after, \
                 which count different samples: no row is called changed; record both sides in \
                 one way",
                before.join(" and "),
                after.join(" and ")
            ),
            Self::LoadsDiffer { before, after } => write!(
                f,
                "the load is not comparable: {before:.1} requests a second before, {after:.1} \
                 after; the cost of a request depends on the load"
            ),
            Self::ThreadPool { calls, to, others, unit, counted } => {
                let named: Vec<String> = calls.iter().map(|call| format!("`{call}`")).collect();
                write!(
                    f,
                    "moved to the thread pool? {} cost{} more on the side {}: libuv's pool does \
                     the work of such calls, and the costs here {}",
                    named.join(" and "),
                    if calls.len() == 1 { "s" } else { "" },
                    to.word(),
                    if *counted {
                        "contain it, because these recordings have the samples of all threads"
                    } else {
                        "are those of the main thread"
                    },
                )?;
                match (others, unit.work()) {
                    (None, _) => Ok(()),
                    (Some([before, after]), Some(work)) => write!(
                        f,
                        "; other threads used {before:.2} ms a {work} before and {after:.2} ms after"
                    ),
                    (Some([before, after]), None) => {
                        write!(
                            f,
                            "; other threads used {before:.2} cores before and {after:.2} after"
                        )
                    }
                }
            }
            Self::WorkDiffers { fewest, most } => write!(
                f,
                "the runs did not do the same work: they served {fewest:.0} to {most:.0} requests, \
                 and costs per run depend on that; compare per request"
            ),
            Self::WindowsDiffer { shortest, longest } => write!(
                f,
                "windows last from {shortest:.1} to {longest:.1} s: a longer one has more of the \
                 start or the end of a run"
            ),
        }
    }
}

fn list(runs: &[String]) -> String {
    match runs {
        [first, _, _, _, ..] => format!("{first} and {} more runs", runs.len() - 1),
        runs => runs.join(", "),
    }
}

/// The sessions in which the sides were recorded.
#[derive(Clone, Copy)]
pub(crate) struct Sessions {
    /// The noise between the sides' sessions; `None` for sides that are compared as one session.
    pub(crate) separated: Option<f64>,
    /// True when the runs were made in turn.
    pub(crate) in_turn: bool,
}

/// Returns all warnings for these runs.
pub(crate) fn warnings(
    runs: &[(Side, &RunCounts)],
    evidence: Evidence,
    (unit, asked): (Unit, Option<Unit>),
    Sessions { separated, in_turn }: Sessions,
    self_counts: &Counts,
) -> Vec<Warning> {
    let count = |side| runs.iter().filter(|(of, _)| *of == side).count();
    let mut warnings: Vec<Warning> = recorders_that_differ(runs).into_iter().collect();
    let other_recorder = !warnings.is_empty();
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
    } else if !in_turn || separated.is_some() {
        warnings.extend(environments_that_differ(runs));
    }
    // Two recorders give the same program other functions.
    if !other_recorder {
        warnings.extend(different_programs(runs, self_counts));
    }
    if runs.iter().any(|(_, run)| run.hides_inlining) {
        warnings.push(Warning::HidesInlining);
    }
    let (before, after) = (count(Side::Before), count(Side::After));
    if evidence != Evidence::Strong && before.min(after) == 1 {
        warnings.push(Warning::FewRuns { before, after });
    }
    if unit == Unit::Share && asked != Some(Unit::Share) {
        let without = |lacks: fn(&RunCounts) -> bool| -> Vec<String> {
            let runs = runs.iter().filter(|(_, run)| lacks(run));
            runs.map(|(_, run)| run.name.clone()).collect()
        };
        let no_requests = without(|run| run.requests.is_none());
        let no_interval = without(|run| run.interval_ms.is_none());
        if !no_requests.is_empty() {
            warnings.push(Warning::NoRequests { runs: no_requests });
        } else if !no_interval.is_empty() {
            warnings.push(Warning::NoInterval { runs: no_interval });
        }
    }
    if unit == Unit::CpuMsPerRun
        && let Some((fewest, most)) = range(runs.iter().filter_map(|(_, run)| run.requests))
        && most > fewest * SAME_WORK
    {
        warnings.push(Warning::WorkDiffers { fewest, most });
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
    // Under closed load, a faster program serves more requests with the same CPU. A
    // different load shows in both.
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
        && let Some((shortest, longest)) = range(runs.iter().filter_map(|(_, run)| run.seconds))
        && longest > SAME_LOAD * shortest
    {
        warnings.push(Warning::WindowsDiffer { shortest, longest });
    }
    warnings
}

/// Returns true when two recordings come from different versions, as far as both hold one.
fn made_otherwise(one: &str, other: &str) -> bool {
    let (one, other) = (engine(one), engine(other));
    // `perf.data` holds the version of perf, and its text holds the event.
    let version_of_perf = |engine: &str| {
        let rest = engine.strip_prefix("perf ")?;
        Some(rest.starts_with(|first: char| first.is_ascii_digit()))
    };
    let comparable = match (version_of_perf(one), version_of_perf(other)) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    };
    comparable && one != other
}

/// Returns the recorder of a run: what was sampled, and how. It is empty when the file does not
/// contain it.
fn recorder(run: &RunCounts) -> &str {
    let engine = engine(&run.producer);
    let word = engine.split(' ').next().unwrap_or_default();
    match word {
        "V8" | "Node" => "V8's tick log",
        // One sampler of V8 writes both.
        "cpuprofile" | "Chrome" => "V8's CPU profiler",
        "perf" | "bpftrace" | "bcc" | "pprof" => word,
        // An export of another program, or a format that many recorders write.
        _ => "",
    }
}

/// Returns a warning when no recorder was used on both sides.
pub(crate) fn recorders_that_differ(runs: &[(Side, &RunCounts)]) -> Option<Warning> {
    let of = |side: Side| -> Option<BTreeSet<&str>> {
        let recorders = runs.iter().filter(|(of, _)| *of == side).map(|(_, run)| recorder(run));
        recorders.map(|name| (!name.is_empty()).then_some(name)).collect()
    };
    let (before, after) = (of(Side::Before)?, of(Side::After)?);
    let names = |names: BTreeSet<&str>| names.into_iter().map(str::to_owned).collect();
    before
        .is_disjoint(&after)
        .then(|| Warning::RecordersDiffer { before: names(before), after: names(after) })
}

fn range(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.fold(None, |range, value| {
        let (low, high) = range.unwrap_or((value, value));
        Some((value.min(low), value.max(high)))
    })
}

/// Returns the sum of `of` over the runs of a side, divided by the total length of their windows
/// in seconds. Returns `None` when one of the values is not known.
fn load(runs: &[(Side, &RunCounts)], side: Side, of: fn(&RunCounts) -> Option<f64>) -> Option<f64> {
    let of_side = || runs.iter().filter(|(of, _)| *of == side).map(|(_, run)| *run);
    let done: Option<f64> = of_side().map(of).sum();
    let seconds: Option<f64> = of_side().map(|run| run.seconds).sum();
    done.zip(seconds).map(|(done, seconds)| done / seconds)
}

/// Refuses runs that are the same recording: all counts are equal, and so are the requests.
pub(crate) fn same_runs(
    runs: &[(Side, &RunCounts)],
    [self_counts, total_counts]: [&Counts; 2],
) -> Result<(), Error> {
    let column = |at: usize| {
        let rows = self_counts.rows().chain(total_counts.rows());
        rows.map(move |row| row.get(at).map_or(0, |k| k.to_bits()))
    };
    // Columns are grouped by content, so that only equal ones are compared.
    let mut seen: hashbrown::HashMap<Vec<u64>, usize> = hashbrown::HashMap::new();
    for (at, (_, run)) in runs.iter().enumerate() {
        if run.samples < NO_CHANCE {
            continue;
        }
        let first = *seen.entry(column(at).collect()).or_insert(at);
        let Some((_, other)) = runs.get(first).filter(|_| first != at) else { continue };
        let requests = other.requests.zip(run.requests);
        if requests.is_none_or(|(one, other)| one == other) {
            let (first, second) = (other.name.clone(), run.name.clone());
            return Err(Error::SameRun { first, second });
        }
    }
    Ok(())
}

fn different_programs(runs: &[(Side, &RunCounts)], self_counts: &Counts) -> Option<Warning> {
    let (mut all, mut shared) = ([0.0; 2], [0.0; 2]);
    for row in self_counts.rows() {
        let mut sums = [0.0; 2];
        for (count, (side, _)) in row.iter().zip(runs) {
            let [before, after] = &mut sums;
            *(if *side == Side::Before { before } else { after }) += count;
        }
        let both = sums.iter().all(|sum| *sum > 0.0);
        for ((all, shared), sum) in all.iter_mut().zip(&mut shared).zip(sums) {
            *all += sum;
            *shared += if both { sum } else { 0.0 };
        }
    }
    let shared = shared.iter().zip(all).map(|(shared, all)| shared / all).fold(1.0, f64::min);
    (shared < SHARED).then_some(Warning::DifferentPrograms { shared })
}

/// Returns a warning for each fact that all runs have and that differs between the sides.
fn settings_that_differ(runs: &[(Side, &RunCounts)]) -> Vec<Warning> {
    let Some((_, first)) = runs.first() else { return Vec::new() };
    let values = |side: Side, name: &str| -> Option<BTreeSet<String>> {
        let of_side = runs.iter().filter(|(of, _)| *of == side);
        of_side
            .map(|(_, run)| {
                let found = run.settings.iter().find(|setting| setting.name == name);
                found.map(|setting| setting.value.clone())
            })
            .collect()
    };
    let differs = |setting: &Setting| {
        let name = setting.name;
        let (before, after) = (values(Side::Before, name)?, values(Side::After, name)?);
        (before != after).then(|| Warning::SettingsDiffer {
            name,
            before: before.into_iter().collect(),
            after: after.into_iter().collect(),
        })
    };
    first.settings.iter().filter_map(differs).collect()
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

/// Returns the conditions in which the sides differ. A change of the code can cause this
/// too, but only runs made in turn show that.
fn environments_that_differ(runs: &[(Side, &RunCounts)]) -> Vec<Warning> {
    let of = |side: Side, condition| {
        let of_side = runs.iter().filter(move |(of, _)| *of == side);
        mean(of_side.map(|(_, run)| &run.environment), condition)
    };
    let differs = |&condition: &Condition| {
        let (before, after) = (of(Side::Before, condition)?, of(Side::After, condition)?);
        let (low, high) = (before.min(after), before.max(after));
        let far = high > ALIKE * low && high - low >= LEAST;
        far.then_some(Warning::EnvironmentsDiffer { condition, before, after })
    };
    Condition::ALL.iter().filter_map(differs).collect()
}

/// Returns the mean shares of a core that the main threads got before and after while they had work,
/// when these differ by more than the runs of a side do. They show the machine, or calls that block,
/// and hardly the cost of the code.
pub(crate) fn shares_while_busy(runs: &[(Side, &RunCounts)]) -> Option<[f64; 2]> {
    let got = |side: Side| -> Option<(f64, f64, f64)> {
        let own = runs.iter().filter(|(of, _)| *of == side);
        let share = |(_, run): &(Side, &RunCounts)| {
            let busy = run.environment.loop_utilisation.filter(|busy| *busy >= LEAST_BUSY)?;
            Some(run.environment.cores? / busy)
        };
        let shares: Vec<f64> = own.map(share).collect::<Option<_>>()?;
        let (low, high) = range(shares.iter().copied())?;
        Some((low, shares.iter().sum::<f64>() / shares.len() as f64, high))
    };
    let (before, after) = (got(Side::Before)?, got(Side::After)?);
    // On a busy machine each run gets another share, which is a part of the noise between runs.
    let apart = before.2 < after.0 || after.2 < before.0;
    let (before, after) = (before.1, after.1);
    (apart && before.max(after) > ALIKE * before.min(after)).then_some([before, after])
}

#[cfg(test)]
mod tests {
    use super::Warning;
    use crate::analysis::Assumptions;
    use crate::compare::{Options, compare};
    use crate::comparison::Comparison;
    use crate::environment::Environment;
    use crate::evidence::Evidence;
    use crate::run::Run;
    use crate::unit::Unit;
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

    #[test]
    fn shares_that_were_asked_for_are_no_lack_of_an_interval() {
        let texts = texts(["", ""], Some(Unit::Share));
        assert!(texts.iter().all(|text| !text.contains("because")), "{texts:?}");
    }

    /// Compares two runs a side, made in turn when `clocks` is true. The runs after cost `ratio` times
    /// as much in `parse`, and their main threads got `cores` of a core while they had work.
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
        compare(&[run(0), run(2)], &[run(1), run(3)], &Options::default()).unwrap()
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
