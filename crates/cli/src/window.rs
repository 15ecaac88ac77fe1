//! From a load test to a window of the profile.

use crate::args::{Cli, LoadArgs, TestArgs, Window};
use crate::input::Failure;
use crate::output;
use spikeflame_load::plateau::{self, Stretch};
use spikeflame_load::{Load, NoPlateau, Series, Timeline, align};
use spikeflame_parse::Progress;
use spikeflame_profile::{Clock, Known, Profile};
use spikeflame_render::export::Counter;
use spikeflame_render::plateau::clock;
use std::io::Read;
use std::path::{Path, PathBuf};

/// A window of a profile, in microseconds since its zero.
pub(crate) struct Cut {
    pub(crate) from_us: u64,
    pub(crate) to_us: u64,
    /// What it is and how it was found; empty for times.
    pub(crate) note: String,
    /// What the load test saw in it.
    pub(crate) stretch: Option<Stretch>,
    /// False when the recording has only a part of it.
    pub(crate) covered: bool,
}

/// The window that was asked for, if any.
pub(crate) fn cut(
    profile: &Profile,
    runs: &[PathBuf],
    args: &LoadArgs,
    cli: &Cli,
) -> Result<Option<Cut>, Failure> {
    if args.window == Window::All {
        return Ok(None);
    }
    let timeline = match (args.window, &args.load) {
        (Window::Times(..), None) => None,
        (_, Some(path)) => Some(timeline(path, &args.test, cli)?),
        (_, None) => Some(timeline(&beside(runs)?, &args.test, cli)?),
    };
    let cut = cut_of(profile, timeline.as_ref(), args)?;
    let covered = cut.covered;
    if !cli.quiet && !covered {
        output::complain("warning", "the recording covers only a part of the window");
    }
    Ok(Some(cut))
}

/// The window that was asked for, by the load test that ran beside the profile.
pub(crate) fn cut_of(
    profile: &Profile,
    timeline: Option<&Timeline>,
    args: &LoadArgs,
) -> Result<Cut, Failure> {
    let recorded = profile.sources.iter().map(|source| source.end_us).max().unwrap_or(0);
    if let Window::Times(from_us, to_us) = args.window {
        let note = String::new();
        return Ok(Cut { from_us, to_us, note, stretch: None, covered: true });
    }
    let Some(timeline) = timeline else {
        let why = "--window plateau needs the load test that ran beside the profile: name it";
        return Err(Failure::Selection(why.to_owned()));
    };
    let found = plateau::find(timeline, &args.test.options(None));
    let found = found.map_err(|why: NoPlateau| {
        Failure::Selection(format!("{}: no plateau: {why}", timeline.source))
    })?;
    let by = align(profile, timeline, told(args.profile_start))?;
    let (named, stretch) = match args.window {
        Window::Before => ("before the plateau", found.before),
        _ => ("plateau", found.within),
    };
    let window = stretch.window;
    let length_us = window.seconds() as u64 * 1_000_000;
    if by.uncertainty_us >= length_us {
        return Err(Failure::Selection(format!(
            "the {named} lasts {} s, and the profile's clock is only known by {}: tell it with \
             --profile-start",
            window.seconds(),
            clock(&by)
        )));
    }
    let start = (timeline.start_s + window.from as i64) * 1_000_000 - by.zero_us;
    let end = start.saturating_add_unsigned(length_us);
    let (from_us, to_us) = (start.max(0).unsigned_abs(), end.max(0).unsigned_abs());
    if from_us >= recorded.min(to_us) {
        return Err(Failure::Selection(format!(
            "the {named} lies outside the recording, by {}",
            clock(&by)
        )));
    }
    let covered = start >= 0 && to_us <= recorded + 1_000_000;
    let fewer = stretch.requests < 0.9 * found.within.requests;
    let fewer = if fewer { " (with fewer requests)" } else { "" };
    let note = format!("{named}{fewer}, by {}", clock(&by));
    Ok(Cut { from_us, to_us, note, stretch: Some(stretch), covered })
}

/// What the load test saw, over the profile's time: the test that was named, or
/// the one in the run's folder.
pub(crate) fn counters(
    profile: &Profile,
    runs: &[PathBuf],
    args: &LoadArgs,
    cli: &Cli,
) -> Result<Vec<Counter>, Failure> {
    if let Some(path) = &args.load {
        return counters_of(profile, path, args, cli);
    }
    // Beside a recording that was named may lie any table, unless a window was cut by it.
    let of_run = runs.iter().all(|run| run.is_dir())
        || matches!(args.window, Window::Plateau | Window::Before);
    let Some(path) = beside(runs).ok().filter(|_| of_run) else { return Ok(Vec::new()) };
    counters_of(profile, &path, args, cli).or_else(|why| {
        // Nobody asked for them.
        if !cli.quiet {
            output::complain("warning", &format!("no counters of the load test: {why}"));
        }
        Ok(Vec::new())
    })
}

fn counters_of(
    profile: &Profile,
    path: &Path,
    args: &LoadArgs,
    cli: &Cli,
) -> Result<Vec<Counter>, Failure> {
    let timeline = timeline(path, &args.test, cli)?;
    let by = align(profile, &timeline, told(args.profile_start))?;
    let Some(series) = Series::of(&timeline, None) else { return Ok(Vec::new()) };
    let points = |values: &[f64]| -> Vec<(u64, f64)> {
        let at = |second: usize| {
            let unix_s = timeline.start_s + (series.first + second) as i64;
            u64::try_from(unix_s * 1_000_000 - by.zero_us).ok()
        };
        let known = values.iter().enumerate().filter(|(_, value)| value.is_finite());
        known.filter_map(|(second, value)| Some((at(second)?, *value))).collect()
    };
    let rows: [(&str, &[f64]); 4] = [
        (series.axis.unit(), &series.load),
        ("requests a second", &series.goodput),
        ("p95 (ms)", &series.p95),
        ("error rate", &series.error_rate),
    ];
    Ok(rows.map(|(name, values)| Counter { name, points: points(values) }).into())
}

/// A clock that the user told.
pub(crate) fn told(start_us: Option<i64>) -> Option<Clock> {
    start_us.map(|zero_us| Clock { zero_us, known: Known::Told, uncertainty_us: 0 })
}

/// Reads a load file; tells on standard error what is wrong with it.
pub(crate) fn read(path: &Path, args: &TestArgs, cli: &Cli) -> Result<Load, Failure> {
    let stream = spikeflame_parse::open(path, &Progress::default())?;
    let load = spikeflame_load::read(stream, path, &args.reading())?;
    let (warnings, losses) = match &load {
        Load::Timeline(timeline) => (&timeline.warnings, timeline.losses.as_slice()),
        Load::Summary(summary) => (&summary.warnings, [].as_slice()),
    };
    if !cli.quiet {
        for loss in losses {
            let text = format!(
                "{}: line {}: {}; {} in all",
                path.display(),
                loss.first_line,
                loss.reason,
                loss.count
            );
            output::complain("warning", &text);
        }
        for warning in warnings {
            output::complain("warning", &format!("{}: {warning}", path.display()));
        }
    }
    Ok(load)
}

fn timeline(path: &Path, args: &TestArgs, cli: &Cli) -> Result<Timeline, Failure> {
    match read(path, args, cli)? {
        Load::Timeline(timeline) => Ok(timeline),
        Load::Summary(summary) => Err(Failure::Selection(format!(
            "{}: a {} has no timeline to find a window in; give what `k6 run --out json=FILE` \
             writes",
            path.display(),
            summary.format
        ))),
    }
}

/// The load file that lies in a run's folder, or beside its recording.
fn beside(runs: &[PathBuf]) -> Result<PathBuf, Failure> {
    let folder = |run: &PathBuf| match run.is_dir() {
        true => run.clone(),
        false => run.parent().filter(|up| *up != Path::new("")).unwrap_or(Path::new(".")).into(),
    };
    let mut folders: Vec<PathBuf> = runs.iter().map(folder).collect();
    folders.dedup();
    let [folder] = folders.as_slice() else {
        let why = "--window needs the load of one run, and several were given; name it with --load";
        return Err(Failure::Selection(why.to_owned()));
    };
    in_folder(folder).ok_or_else(|| {
        Failure::Selection(format!(
            "{}: no load timeline in it to find the window in: name one with --load; `k6 run \
             --out json=k6.json.gz` writes it",
            folder.display()
        ))
    })
}

/// The folder's load timeline by content: what tells each request's time first.
pub(crate) fn in_folder(folder: &Path) -> Option<PathBuf> {
    const ORDER: [&str; 3] = ["k6 JSON", "k6 CSV", "CSV"];
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .ok()?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    let rank = |path: &PathBuf| {
        let stream = spikeflame_parse::open(path, &Progress::default()).ok()?;
        let mut head = Vec::new();
        stream.take(1 << 16).read_to_end(&mut head).ok()?;
        let format = spikeflame_load::recognise(&head)?;
        ORDER.iter().position(|known| *known == format)
    };
    files.into_iter().filter_map(|path| Some((rank(&path)?, path))).min().map(|(_, path)| path)
}
