//! The comparison on the page.

use super::gather::ReportedRun;
use super::plan::Plan;
use crate::commands::diff::{
    Served, environment, gate_failure, of_stretch, request_mix, settings, slices, whole,
};
use crate::failure::Failure;
use crate::words;
use spikeflame_diff::{
    Assumptions, Comparison, Environment, Gate, GateResult, Options, RunCounts, compare_counts,
};
use spikeflame_profile::{GroupBy, Selection};
use spikeflame_render::Order;
use spikeflame_render::diff::{ComparisonView, LoadLevel};
use spikeflame_render::report::{GateView, RunSide};
use spikeflame_run::{Options as RunOptions, Run, Window, instead, window_of_all};

/// A comparison, with the data that its view needs.
pub(super) struct Comparisons {
    comparison: Comparison,
    loads: Option<[LoadLevel; 2]>,
    window: String,
    window_id: Option<&'static str>,
}

impl Comparisons {
    /// Returns the view of the comparison for the page, with all rows.
    pub(super) fn view(&self) -> ComparisonView<'_> {
        ComparisonView {
            comparison: &self.comparison,
            gates: &[],
            loads: self.loads,
            window: self.window.clone(),
            group_by: GroupBy::Function,
            order: Order::SelfWeight,
            rows: 0,
            full_paths: false,
            color: false,
            words: words::REPORT,
        }
    }

    /// Returns the id of the window on the page that is compared.
    pub(super) fn window_id(&self) -> Option<&'static str> {
        self.window_id
    }
}

impl Comparisons {
    /// Checks the gates.
    pub(super) fn gates(&self, gates: &[Gate]) -> Result<Vec<GateView>, Failure> {
        gates.iter().map(|gate| self.check(gate)).collect()
    }

    fn check(&self, gate: &Gate) -> Result<GateView, Failure> {
        let check = gate.review(&self.comparison, GroupBy::Function);
        let crossings = match check.result {
            GateResult::Yes => Vec::new(),
            GateResult::No(by) => by,
            GateResult::Unknown(why) => {
                return Err(Failure::Selection(format!("--fail-on: {why}")));
            }
        };
        Ok(GateView { gate: check.rule, crossings })
    }
}

/// Returns an error when a gate was crossed. It is called after the page is written, and decides
/// the exit code.
pub(super) fn crossed(gates: &[GateView]) -> Result<(), Failure> {
    gate_failure(gates.iter().flat_map(|gate| gate.crossings.clone()).collect())
}

/// The counts of a run, and the values that its load test reached.
struct CountedRun {
    counts: RunCounts,
    reached: Option<LoadLevel>,
}

/// Compares the runs of both sides. Returns `None` without `--before`.
pub(super) fn compare(
    runs: &[(RunSide, Run)],
    gathered: &[ReportedRun<'_>],
    plan: &Plan,
) -> Result<Option<Comparisons>, Failure> {
    if plan.before.is_empty() {
        return Ok(None);
    }
    let all: Vec<&Run> = runs.iter().map(|(_, run)| run).collect();
    let asked = match plan.window {
        Window::All if gathered.iter().all(|(_, run)| run.load.is_some()) => {
            match plan.under_load {
                true => Window::Load,
                false => Window::Plateau,
            }
        }
        other => other,
    };
    let (mut window, _) = window_of_all(&all, asked)?;
    let mut read = both_sides(runs, window);
    while let Err(Failure::Run(why)) = &read
        && let Some(wider) = instead(window, why)
    {
        window = wider;
        read = both_sides(runs, window);
    }
    let (before, after) = read?;
    let assumed = Assumptions { with_start_up: window == Window::All, ..Assumptions::default() };
    let options = Options { assumed, ..Options::default() };
    let comparison = compare_counts(&counts_of(&before), &counts_of(&after), &options)?;
    let loads = mean(&before).zip(mean(&after)).map(|(before, after)| [before, after]);
    let (window_id, window) = match window {
        Window::All => ("whole", "whole runs"),
        Window::Load => ("load", "the time under load of each"),
        Window::Plateau => ("plateau", "the plateau of each"),
        Window::Before => ("before", "the time before the plateau of each"),
        Window::Times { .. } => ("asked", "a window of each"),
    };
    let window = window.to_owned();
    Ok(Some(Comparisons { comparison, loads, window, window_id: Some(window_id) }))
}

/// Counts the runs of both sides: those before, and those after.
fn both_sides(
    runs: &[(RunSide, Run)],
    window: Window,
) -> Result<(Vec<CountedRun>, Vec<CountedRun>), Failure> {
    let one_side = |side: RunSide| {
        let of_side = runs.iter().filter(|(of, _)| *of == side);
        of_side.map(|(_, run)| counted(run, window)).collect::<Result<Vec<CountedRun>, Failure>>()
    };
    Ok((one_side(RunSide::Before)?, one_side(RunSide::After)?))
}

fn counts_of(side: &[CountedRun]) -> Vec<RunCounts> {
    side.iter().map(|run| run.counts.clone()).collect()
}

fn counted(run: &Run, window: Window) -> Result<CountedRun, Failure> {
    let (selection, placed) = run.select(Selection::default(), window)?;
    let stretch = match &placed {
        Some(placed) => placed.stretch,
        None => run.stretch(&selection).ok().flatten(),
    };
    let name = run.name();
    let profile = run.profile()?;
    let Served { requests, failed, reached, seconds } = match stretch {
        Some(stretch) => of_stretch(stretch),
        None if window == Window::All => totals(run).unwrap_or_default(),
        None => Served::default(),
    };
    let counts = RunCounts::count(&spikeflame_diff::Run {
        requests,
        began: run.began()?,
        environment: Environment { failed, ..environment(run, profile, &selection) },
        settings: settings(run),
        slices: slices(run, &selection),
        mix: request_mix(run, seconds),
        ..spikeflame_diff::Run::new(&name, profile, &selection)
    });
    Ok(CountedRun { counts, reached })
}

/// Returns the requests of a load test with totals only in the run's folder, as `diff` does.
fn totals(run: &Run) -> Option<Served> {
    let [folder] = run.inputs() else { return None };
    let load = folder.is_dir().then(|| folder.clone())?;
    let of_load = Run::read(&[], RunOptions { load: Some(load), ..run.options().clone() });
    of_load.load().ok().flatten().map(whole)
}

fn mean(side: &[CountedRun]) -> Option<LoadLevel> {
    let reached: Option<Vec<LoadLevel>> = side.iter().map(|one| one.reached).collect();
    let reached = reached?;
    let mean =
        |of: fn(&LoadLevel) -> f64| reached.iter().map(of).sum::<f64>() / reached.len() as f64;
    Some(LoadLevel { rps: mean(|one| one.rps), p95_ms: mean(|one| one.p95_ms) })
}
