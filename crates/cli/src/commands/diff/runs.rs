//! The runs of both sides: their profiles, loads and windows.

use crate::args::{Cli, DiffArgs, LoadArgs, Window};
use crate::input::{self, Failure};
use crate::window;
use spikeflame_diff::{Run, RunCounts};
use spikeflame_load::plateau::Stretch;
use spikeflame_load::{CannotAlign, Load, align, plateau};
use spikeflame_profile::{CallTree, Clock, Known, Profile, Selection, Source};
use spikeflame_render::About;
use spikeflame_render::diff::Reached;
use std::path::{Path, PathBuf};

/// The runs of both sides, as they were read.
pub(super) struct Sides {
    pub(super) before: Vec<ReadRun>,
    pub(super) after: Vec<ReadRun>,
    /// Which part of them.
    pub(super) window: String,
}

/// What is kept of a run.
pub(super) struct ReadRun {
    pub(super) counts: RunCounts,
    /// For pictures, where they are wanted.
    pub(super) tree: Option<(CallTree, About)>,
    pub(super) reached: Option<Reached>,
}

/// Reads the runs, one at a time.
pub(super) fn read(args: &DiffArgs, cli: &Cli) -> Result<Sides, Failure> {
    let side = |named: &[PathBuf], loads: &[PathBuf], which: &str| {
        let runs = expanded(named)?;
        let loads = expanded(loads)?;
        if !loads.is_empty() && loads.len() != runs.len() {
            return Err(Failure::Selection(format!(
                "--load-{which} names {} files for {} runs: give one for each, in their order",
                loads.len(),
                runs.len()
            )));
        }
        let loads = loads.into_iter().map(Some).chain(std::iter::repeat(None));
        runs.iter().zip(loads).map(|(run, load)| one(run, load, args, cli)).collect()
    };
    let window = match args.window {
        Window::All if args.selection().has_window() => "a window of each",
        Window::All => "whole runs",
        Window::Plateau => "the plateau of each",
        Window::Before => "the time before the plateau of each",
        Window::Times(..) => "a window of each",
    };
    Ok(Sides {
        before: side(&args.before, &args.load_before, "before")?,
        after: side(&args.after, &args.load_after, "after")?,
        window: window.to_owned(),
    })
}

/// The runs of a folder: recordings in it, and folders of them.
pub(super) fn of_baseline(
    folder: &Path,
    args: &DiffArgs,
    cli: &Cli,
) -> Result<Vec<RunCounts>, Failure> {
    let fail = |source| Failure::Write { path: folder.to_owned(), source };
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).map_err(fail)?.flatten().map(|entry| entry.path()).collect();
    entries.sort();
    let mut counts = Vec::new();
    for path in entries {
        let profile = match input::read(&args.input(path.clone()), cli) {
            Err(Failure::Parse(
                spikeflame_parse::Error::Unrecognised { .. }
                | spikeflame_parse::Error::NoRecording { .. },
            )) => continue,
            other => other?,
        };
        let selection = args.selection();
        counts.push(counted(&path, &profile, &selection, None, None, args));
    }
    Ok(counts)
}

fn counted(
    path: &Path,
    profile: &Profile,
    selection: &Selection,
    requests: Option<f64>,
    began: Option<Clock>,
    args: &DiffArgs,
) -> RunCounts {
    let name = &path.display().to_string();
    let interval_ms = args.interval_ms();
    RunCounts::of(&Run { name, profile, selection, requests, interval_ms, began })
}

fn one(path: &Path, load: Option<PathBuf>, args: &DiffArgs, cli: &Cli) -> Result<ReadRun, Failure> {
    let profile = input::read(&args.input(path.to_owned()), cli)?;
    if !cli.quiet {
        input::warn(&profile);
    }
    let mut selection = args.selection();
    let load = load.or_else(|| path.is_dir().then(|| window::in_folder(path)).flatten());
    let load = match &load {
        Some(file) => Some(window::read(file, &args.test, cli)?),
        None => None,
    };
    if let Some(Load::Timeline(timeline)) = &load {
        // What ran at another time counted other requests.
        if let Err(apart @ CannotAlign::Apart { .. }) = align(&profile, timeline, None) {
            return Err(apart.into());
        }
    }
    let mut seen = load.as_ref().map(whole);
    if args.window != Window::All {
        if selection.has_window() {
            let why = "--window and --from or --to both name a window: give one of them";
            return Err(Failure::Selection(why.to_owned()));
        }
        let timeline = match &load {
            Some(Load::Timeline(timeline)) => Some(timeline),
            _ => None,
        };
        let named = LoadArgs::of(args.window, args.test.clone());
        let cut = window::cut_of(&profile, timeline, &named).map_err(|error| error.of(path))?;
        (selection.from_us, selection.to_us) = (Some(cut.from_us), Some(cut.to_us));
        seen = cut.stretch.map(of_stretch);
    } else if selection.has_window() {
        // How many requests that window had would need the clocks.
        seen = None;
    }
    if selection.has_window() && !profile.is_timed() {
        let why = format!("{}: {}", path.display(), input::NO_TIMES);
        return Err(Failure::Selection(why));
    }
    let (requests, reached) = seen.unwrap_or((None, None));
    let began = began(&profile, load.as_ref());
    let counts = counted(path, &profile, &selection, requests, began, args);
    let tree = args.view.output.as_ref().map(|_| {
        let tree = CallTree::build(&profile, &selection);
        let about = About::of(&profile, &selection, &tree);
        (tree, about)
    });
    Ok(ReadRun { counts, tree, reached })
}

/// When a run began: by its load test, or by a clock of the recording. Runs are told
/// apart by minutes, so how well it is known does not matter.
fn began(profile: &Profile, load: Option<&Load>) -> Option<Clock> {
    if let Some(Load::Timeline(timeline)) = load {
        let zero_us = timeline.start_s.checked_mul(1_000_000)?;
        return Some(Clock { zero_us, known: Known::Recorded, uncertainty_us: 1_000_000 });
    }
    profile.sources.iter().flat_map(Source::clocks).next()
}

/// Successful requests of a whole test, and what it reached: on its plateau, if
/// it has one.
fn whole(load: &Load) -> (Option<f64>, Option<Reached>) {
    match load {
        Load::Timeline(timeline) => {
            let requests = timeline.seconds.iter().map(|second| second.ok).sum();
            let found = plateau::find(timeline, &plateau::Options::default());
            let all = plateau::Window { from: 0, to: timeline.seconds.len() };
            let stretch = found.map_or_else(|_| Stretch::of(timeline, all), |found| found.within);
            (Some(requests), of_stretch(stretch).1)
        }
        Load::Summary(summary) => {
            let ok = summary
                .requests
                .zip(summary.failed)
                .map(|(all, failed)| all.saturating_sub(failed) as f64);
            let reached = summary.rps.zip(summary.p95_ms);
            (ok, reached.map(|(rps, p95_ms)| Reached { rps, p95_ms }))
        }
    }
}

fn of_stretch(stretch: Stretch) -> (Option<f64>, Option<Reached>) {
    let reached = Reached { rps: stretch.rps, p95_ms: stretch.p95_ms };
    (Some(stretch.requests), Some(reached))
}

/// What is named with `*` and `?` and is no file: all that fits, in order.
fn expanded(named: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut paths = Vec::new();
    for path in named {
        let text = path.to_string_lossy();
        if !text.contains(['*', '?']) || path.exists() {
            paths.push(path.clone());
            continue;
        }
        let wrong = |why: String| Failure::Selection(format!("{text}: {why}"));
        let found = glob::glob(&text).map_err(|error| wrong(error.to_string()))?;
        let before = paths.len();
        paths.extend(found.flatten());
        if paths.len() == before {
            return Err(wrong("nothing is named like that".to_owned()));
        }
    }
    Ok(paths)
}
