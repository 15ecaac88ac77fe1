//! The runs of both sides: their profiles, loads and windows.

use super::entries::runs_in;
use super::parallel::{in_parallel, read_loads};
use super::plan::Plan;
use crate::args::Cli;
use crate::failure::Failure;
use crate::inputs::Inputs;
use crate::{input, output, words};
use spikeflame_diff::{Environment, RequestMix, Run as Counted, RunCounts, Setting, Slice};
use spikeflame_load::plateau::{Stretch, Window as Seconds};
use spikeflame_load::{Load, Second, Timeline};
use spikeflame_profile::warning::{Fact, PerfFact, V8Fact};
use spikeflame_profile::{CallTree, Clock, Profile, Selection};
use spikeflame_render::About;
use spikeflame_render::diff::LoadLevel;
use spikeflame_run::{
    AlignError, Error, Facts, Options, Run, Warning, Window, instead, other_threads, usage,
    window_of_all,
};
use std::path::{Path, PathBuf};

/// The runs of both sides, as they were read.
pub(super) struct Sides {
    pub(super) before: Vec<ReadRun>,
    pub(super) after: Vec<ReadRun>,
    /// The counts of the runs before, and of those after.
    pub(super) counts: [Vec<RunCounts>; 2],
    /// The window that is compared, in words.
    pub(super) window: String,
    /// The files that were read.
    pub(super) inputs: Inputs,
    /// True when whole runs are compared, including their start.
    pub(super) whole: bool,
}

/// The parts of a run that are kept beside its counts.
pub(super) struct ReadRun {
    /// The tree for pictures, when pictures are wanted.
    pub(super) tree: Option<(CallTree, About)>,
    pub(super) reached: Option<LoadLevel>,
    /// The files that were read.
    pub(super) inputs: Inputs,
}

/// Reads the runs, several at a time. To bound memory, only counts are kept of runs that were read, and
/// the trees for pictures when these are wanted.
pub(super) fn read(plan: &Plan, cli: &Cli) -> Result<Sides, Failure> {
    let (before, after) = again(plan, cli)?;
    if plan.window.is_some_and(|window| window != Window::All) && plan.selection.has_window() {
        return Err(Error::TwoWindows.into());
    }
    let window = common(&before, &after, plan, cli)?;
    let (mut read, mut window) = (both_sides(before, after, window, plan, cli), window);
    while let Err(Failure::Run(why)) = &read
        && let Some(wider) = wider(window, why, cli)
    {
        window = wider;
        let (before, after) = again(plan, cli)?;
        read = both_sides(before, after, window, plan, cli);
    }
    let (before, after) = read?;
    let whole = window == Window::All && !plan.selection.has_window();
    let (counts_before, before): (Vec<_>, Vec<_>) = before.into_iter().unzip();
    let (counts_after, after): (Vec<_>, Vec<_>) = after.into_iter().unzip();
    let mut inputs = Inputs::none();
    for run in before.iter().chain(&after) {
        inputs.extend(run.inputs.clone());
    }
    let window = in_words(window, plan).to_owned();
    Ok(Sides { before, after, counts: [counts_before, counts_after], window, inputs, whole })
}

/// The part of each run that is compared.
pub(super) fn in_words(window: Window, plan: &Plan) -> &'static str {
    match window {
        Window::All if plan.selection.has_window() => "a window of each",
        Window::All => "whole runs",
        Window::Load => "the time under load of each",
        Window::Plateau => "the plateau of each",
        Window::Before => "the time before the plateau of each",
        Window::Times { .. } => "a window of each",
    }
}

/// Returns the runs of both sides, with nothing read yet.
fn again(plan: &Plan, cli: &Cli) -> Result<(Vec<Run>, Vec<Run>), Failure> {
    let starts = starts(plan, plan.before.len() + plan.after.len())?;
    let (first, last) = starts.split_at_checked(plan.before.len()).unwrap_or_default();
    let mut before = named(&plan.before, &plan.loads_before, first, "before", plan)?;
    let mut after = named(&plan.after, &plan.loads_after, last, "after", plan)?;
    read_loads(before.iter_mut().chain(&mut after), cli);
    Ok((before, after))
}

/// Returns the window for all runs when one of them cannot show `window` because of `why`, and prints
/// a warning. Returns `None` when no other window helps.
pub(super) fn wider(window: Window, why: &Error, cli: &Cli) -> Option<Window> {
    let wider = instead(window, why)?;
    if !cli.quiet {
        let (over, why) = (wider.name(), words::error(why));
        let text =
            format!("not every run can show {}: {why}; {over} is used for all runs", window.name());
        output::complain("warning", &text);
    }
    Some(wider)
}

/// Returns the start of each recording, where the user gave it.
fn starts(plan: &Plan, runs: usize) -> Result<Vec<Option<i64>>, Failure> {
    match plan.starts.len() {
        0 => Ok(vec![None; runs]),
        given if given == runs => Ok(plan.starts.iter().copied().map(Some).collect()),
        given => Err(Failure::Selection(format!(
            "--profile-start gives {given} times for {runs} runs: give one for each, those before \
             first, in their order"
        ))),
    }
}

/// Returns the runs of a side, with nothing read yet.
pub(super) fn named(
    runs: &[PathBuf],
    loads: &[PathBuf],
    starts: &[Option<i64>],
    which: &str,
    plan: &Plan,
) -> Result<Vec<Run>, Failure> {
    if !loads.is_empty() && loads.len() != runs.len() {
        return Err(Failure::Selection(format!(
            "--load-{which} names {} files for {} runs: give one for each, in their order",
            loads.len(),
            runs.len()
        )));
    }
    let loads = loads.iter().cloned().map(Some).chain(std::iter::repeat(None));
    let run = |((path, load), start): ((&PathBuf, Option<PathBuf>), &Option<i64>)| {
        // A load test with totals only has the requests of a whole run. It is found where a folder is named.
        let load = load.or_else(|| path.is_dir().then(|| path.clone()));
        let options = Options { load, began_us: *start, ..plan.reading.clone() };
        input::one_of_many(std::slice::from_ref(path), options)
    };
    Ok(runs.iter().zip(loads).zip(starts).map(run).collect())
}

/// Runs with their counts, in the order in which they were named.
type CountedRuns = Vec<(RunCounts, ReadRun)>;

/// Counts the runs of both sides together, so that no core waits for the last run of a side.
fn both_sides(
    mut runs: Vec<Run>,
    after: Vec<Run>,
    window: Window,
    plan: &Plan,
    cli: &Cli,
) -> Result<(CountedRuns, CountedRuns), Failure> {
    let before = runs.len();
    runs.extend(after);
    let mut first = counted_runs(runs, window, plan, cli)?;
    let last = first.split_off(before.min(first.len()));
    Ok((first, last))
}

/// Returns the window that all runs have.
pub(super) fn common(
    before: &[Run],
    after: &[Run],
    plan: &Plan,
    cli: &Cli,
) -> Result<Window, Failure> {
    let all: Vec<&Run> = before.iter().chain(after).collect();
    let asked = match plan.window {
        Some(window) => window,
        None if plan.selection.has_window() => Window::All,
        None => under_load(&all)?,
    };
    let found = window_of_all(&all, asked);
    input::hear(&all, cli);
    let (window, fell) = found?;
    if let Some(fell) = fell.filter(|_| !cli.quiet) {
        output::complain("warning", &words::warning(&Warning::FellBack(fell)));
    }
    Ok(window)
}

/// Returns the time under load, when every run has a load test for it.
fn under_load(runs: &[&Run]) -> Result<Window, Failure> {
    for run in runs {
        if run.timeline()?.is_none() {
            return Ok(Window::All);
        }
    }
    Ok(Window::Load)
}

/// Returns the runs in a folder: recordings directly in it, and folders of recordings. They are
/// read one at a time, and files without a recording are left out.
pub(super) fn of_baseline(
    folder: &Path,
    plan: &Plan,
    cli: &Cli,
) -> Result<(Vec<RunCounts>, Inputs), Failure> {
    let entries = runs_in(folder, plan, cli)?;
    let all = || named(&entries, &[], &vec![None; entries.len()], "after", plan);
    let window = match plan.window {
        Some(window) => window,
        None if plan.selection.has_window() => Window::All,
        None => under_load(&all()?.iter().collect::<Vec<_>>())?,
    };
    let (mut read, mut window) = (baseline_within(all()?, window, plan, cli), window);
    while let Err(Failure::Run(why)) = &read
        && let Some(wider) = wider(window, why, cli)
    {
        window = wider;
        read = baseline_within(all()?, window, plan, cli);
    }
    read
}

fn baseline_within(
    runs: Vec<Run>,
    window: Window,
    plan: &Plan,
    cli: &Cli,
) -> Result<(Vec<RunCounts>, Inputs), Failure> {
    let (mut counts, mut inputs) = (Vec::new(), Inputs::none());
    for run in runs {
        let profile = match input::with_progress(&run, cli) {
            Err(Error::Recording(
                spikeflame_parse::Error::Unrecognised { .. }
                | spikeflame_parse::Error::NoRecording { .. },
            )) => continue,
            other => other,
        };
        let (of_run, read) = one(&run, window, plan, profile)?;
        counts.push(of_run);
        inputs.extend(read.inputs);
    }
    Ok((counts, inputs))
}

fn counted(
    run: &Run,
    profile: &Profile,
    selection: &Selection,
    Served { requests, failed, seconds, .. }: Served,
    began: Option<Clock>,
    plan: &Plan,
) -> RunCounts {
    let name = &run.name();
    let interval_ms = plan.interval_ms;
    let environment = Environment { failed, ..environment(run, profile, selection) };
    let settings = settings(run);
    let slices = slices(run, selection);
    RunCounts::count(&Counted {
        name,
        profile,
        selection,
        requests,
        interval_ms,
        began,
        environment,
        settings,
        slices,
        mix: request_mix(run, seconds),
    })
}

/// Returns the requests of a run's load test by endpoint: those of a window where the test has the endpoints of single
/// seconds, and those of the whole test otherwise.
pub(crate) fn request_mix(run: &Run, window: Option<Seconds>) -> RequestMix {
    let Ok(Some(timeline)) = run.timeline() else { return RequestMix::default() };
    let sum = |of: &Timeline| of.seconds.iter().map(Second::requests).sum::<f64>();
    let chosen = timeline.whole.as_deref().map(|whole| sum(timeline) / sum(whole).max(1.0));
    match window.and_then(|window| timeline.endpoints_in(window)) {
        Some(endpoints) => RequestMix { endpoints, chosen, of_window: true },
        None => RequestMix { endpoints: timeline.endpoints.clone(), chosen, of_window: false },
    }
}

/// Returns the machine's state during a run, within its window, without the load test's. The share of lost samples is that of the whole
/// recording.
pub(crate) fn environment(run: &Run, profile: &Profile, selection: &Selection) -> Environment {
    let end_us = profile.sources.iter().map(|source| source.end_us).max().unwrap_or(0);
    let to_us = selection.to_us.map_or(end_us, |to| to.min(end_us));
    let usage = profile.is_timed().then(|| usage(profile, selection.from_us.unwrap_or(0), to_us));
    let usage = usage.flatten();
    let from_us = selection.from_us.unwrap_or(0);
    let share = run.core_share(from_us, to_us).ok().flatten();
    let in_samples =
        || profile.is_timed().then(|| other_threads(profile, from_us, to_us)).flatten();
    Environment {
        cores: usage.and_then(|usage| usage.cores),
        counts_waits: usage.is_some_and(|usage| usage.counts_waits),
        kernel_cores: share.filter(|share| share.by_kernel).map(|share| share.share),
        counted_part: run.core_shares(from_us, to_us).ok().flatten(),
        loop_utilisation: usage.and_then(|usage| usage.loop_utilisation),
        gc_share: usage.and_then(|usage| usage.gc_share),
        lost: Some(lost_share(profile)),
        other_threads: run.other_threads(from_us, to_us).ok().flatten().or_else(in_samples),
        failed: None,
    }
}

/// Returns the share of samples that a recording lacks, as far as it shows them.
fn lost_share(profile: &Profile) -> f64 {
    let by_recorder = profile.warnings.iter().map(|warning| match &warning.fact {
        Fact::Perf(PerfFact::LostRecords(records)) => *records,
        Fact::V8(V8Fact::LostTicks { places }) => *places,
        _ => 0,
    });
    let lost = by_recorder.fold(profile.unreadable(), u64::saturating_add) as f64;
    let is_number = |unit: &str| matches!(unit, "ticks" | "samples");
    // Where weights are times, they are no number of samples.
    let kept = match profile.sources.iter().all(|source| is_number(&source.unit)) {
        true => profile.total(),
        false => profile.samples(),
    };
    lost / (lost + kept as f64).max(1.0)
}

/// Returns the parts of a run's window, cut where [`Slice::SHARES`] of its requests had ended. Empty
/// when the times of the requests in the recording are not known.
pub(crate) fn slices(run: &Run, selection: &Selection) -> Vec<Slice> {
    let Ok(Some(milestones)) = run.milestones(selection, &[&Slice::SHARES[..], &[1.0]].concat())
    else {
        return Vec::new();
    };
    let recorded = run.recorded_us().unwrap_or(0);
    let end_us = selection.to_us.unwrap_or(recorded.saturating_add(1));
    let (mut from_us, mut before) = (selection.from_us.unwrap_or(0), 0.0);
    let last = milestones.len().saturating_sub(1);
    let parts = milestones.into_iter().enumerate().map(|(at, (milestone_us, done))| {
        // The last part reaches to the end of the window, without the time in which nothing ends.
        let to_us = if at == last { end_us } else { milestone_us };
        let part = Slice { from_us, to_us, requests: done - before };
        (from_us, before) = (to_us, done);
        part
    });
    parts.collect()
}

/// Returns the facts of a run on which its costs depend.
pub(crate) fn settings(run: &Run) -> Vec<Setting> {
    let facts = run.facts().map(Facts::settings).unwrap_or_default().iter();
    facts.map(|of| Setting { name: of.name, value: of.value.clone() }).collect()
}

/// Counts runs, several at a time, and keeps nothing but the counts.
pub(super) fn counted_runs(
    runs: Vec<Run>,
    window: Window,
    plan: &Plan,
    cli: &Cli,
) -> Result<CountedRuns, Failure> {
    in_parallel(runs, cli, |run, profile| one(run, window, plan, profile))
}

/// Counts a run. Its warnings stay in it.
fn one(
    run: &Run,
    window: Window,
    plan: &Plan,
    profile: Result<&Profile, Error>,
) -> Result<(RunCounts, ReadRun), Failure> {
    let profile = profile?;
    let load = run.load()?;
    if let Some(Load::Timeline(_)) = load {
        // When the load test ran at another time, its requests are not those of this run.
        if let Err(error @ Error::Align(AlignError::Apart { .. })) = run.alignment() {
            return Err(error.into());
        }
    }
    let (selection, placed) = run.select(plan.selection.clone(), window)?;
    let seen = match (&placed, load) {
        (Some(placed), _) => placed.stretch.map(of_stretch),
        (None, _) if selection.has_window() => {
            // The number of requests in the window is known only when the clocks are.
            let stretch = run.stretch(&selection).ok().flatten();
            stretch.map(of_stretch)
        }
        (None, Some(load)) => Some(whole(load)),
        (None, None) => None,
    };
    let seen = seen.unwrap_or_default();
    let counts = counted(run, profile, &selection, seen, run.began()?, plan);
    let tree = plan.view.output.as_ref().map(|_| {
        let tree = CallTree::build(profile, &selection);
        let about = About::collect(profile, &selection, &tree);
        (tree, about)
    });
    Ok((counts, ReadRun { tree, reached: seen.reached, inputs: Inputs::from_run(run) }))
}

/// The requests of a window of a load test.
#[derive(Clone, Copy, Default)]
pub(crate) struct Served {
    /// The number of successful requests.
    pub(crate) requests: Option<f64>,
    /// The share of failed requests.
    pub(crate) failed: Option<f64>,
    /// The values that the test reached.
    pub(crate) reached: Option<LoadLevel>,
    /// The seconds of the test that are added up.
    pub(crate) seconds: Option<Seconds>,
}

/// Returns the requests of a whole test.
pub(crate) fn whole(load: &Load) -> Served {
    match load {
        Load::Timeline(timeline) => {
            let all = Seconds { from: 0, to: timeline.seconds.len() };
            of_stretch(Stretch::measure(timeline, all))
        }
        Load::Summary(summary) => {
            let ok = summary
                .requests
                .zip(summary.failed)
                .map(|(all, failed)| all.saturating_sub(failed) as f64);
            let of_all = ok.zip(summary.requests).map(|(ok, all)| ok / (all as f64).max(1.0));
            let rps = summary.rps.map(|rps| rps * of_all.unwrap_or(1.0));
            let reached = rps.zip(summary.p95_ms);
            let reached = reached.map(|(rps, p95_ms)| LoadLevel { rps, p95_ms });
            Served { requests: ok, failed: of_all.map(|ok| 1.0 - ok), reached, seconds: None }
        }
    }
}

pub(crate) fn of_stretch(stretch: Stretch) -> Served {
    let reached = LoadLevel { rps: stretch.rps, p95_ms: stretch.p95_ms };
    let failed = Some(stretch.error_rate).filter(|rate| rate.is_finite());
    let (requests, seconds) = (Some(stretch.requests), Some(stretch.window));
    Served { requests, failed, reached: Some(reached), seconds }
}

#[cfg(test)]
mod tests {
    use super::*;
    use spikeflame_profile::warning::Warning;
    use spikeflame_profile::{Loss, folded};

    /// The error was: samples that perf or V8 lost were not in the share of lost samples, and the samples that
    /// could not be read were divided by nanoseconds.
    #[test]
    fn lost_samples_are_those_of_the_recorder_too() {
        let mut text: &[u8] = b"main;work 60\nmain;wait 30\n";
        let mut profile = folded::read(&mut text, "example", None).unwrap();
        let share = |profile: &Profile| (lost_share(profile) * 1e4).round() / 1e4;
        assert_eq!(share(&profile), 0.0);
        for (fact, expected) in [
            (Fact::Perf(PerfFact::LostRecords(10)), 0.1),
            (Fact::V8(V8Fact::LostTicks { places: 30 }), 0.25),
            (Fact::CutLine, 0.0),
        ] {
            profile.warnings = vec![Warning { source: "example".to_owned(), fact }];
            assert_eq!(share(&profile), expected);
        }
        profile.losses = vec![Loss {
            source: "example".to_owned(),
            reason: "damage",
            count: 1,
            samples: 2,
            first: 3,
            counted: "line",
        }];
        assert_eq!(share(&profile), 0.0217);
        // Two stacks with times.
        profile.sources[0].unit = "nanoseconds".to_owned();
        assert_eq!(share(&profile), 0.5);
    }
}
