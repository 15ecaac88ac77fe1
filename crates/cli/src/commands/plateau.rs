//! `spikeflame plateau`: where throughput stops growing.

use crate::args::{Cli, InputArgs, PlateauArgs, PlateauFormat};
use crate::input::{self, Failure};
use crate::{output, window};
use spikeflame_load::{Load, Plateau, Timeline, Usage, align, plateau, usage};
use spikeflame_profile::Clock;
use spikeflame_render::plateau::{self as view, Tested};
use std::path::PathBuf;

pub(crate) fn run(args: &PlateauArgs, cli: &Cli) -> Result<(), Failure> {
    let mut profiles = args.profile.clone();
    let path = if args.load.is_dir() {
        if profiles.is_empty() {
            profiles.push(args.load.clone());
        }
        window::in_folder(&args.load).ok_or_else(|| no_load(&args.load))?
    } else {
        args.load.clone()
    };
    let timeline = match window::read(&path, &args.test, cli)? {
        Load::Timeline(timeline) => timeline,
        Load::Summary(summary) if args.format == PlateauFormat::Text => {
            return output::write(args.output.as_deref(), |mut out| {
                view::summary(&summary, &mut out)
            });
        }
        Load::Summary(summary) => return Err(no_timeline(&path, summary.format)),
    };
    let found = plateau::find(&timeline, &args.test.options(args.think));
    let usage = match &found {
        Ok(found) if !profiles.is_empty() => used(args, profiles, found, &timeline, cli)?,
        _ => None,
    };
    let tested = Tested { timeline: &timeline, plateau: &found, usage };
    output::write(args.output.as_deref(), |mut out| match args.format {
        PlateauFormat::Text => view::text(&tested, &mut out),
        PlateauFormat::Json => view::json(&tested, &mut out),
    })
}

/// What the process did in the plateau. A folder without a profile has none; one
/// that cannot be aligned is told.
fn used(
    args: &PlateauArgs,
    profiles: Vec<PathBuf>,
    found: &Plateau,
    timeline: &Timeline,
    cli: &Cli,
) -> Result<Option<(Usage, Clock)>, Failure> {
    let profile = match input::read(&InputArgs::of(profiles), cli) {
        Err(Failure::Parse(spikeflame_parse::Error::NoRecording { .. }))
            if args.profile.is_empty() =>
        {
            return Ok(None);
        }
        other => other?,
    };
    let clock = match align(&profile, timeline, window::told(args.profile_start)) {
        Ok(clock) => clock,
        Err(why) if args.profile.is_empty() => {
            output::complain("warning", &why.to_string());
            return Ok(None);
        }
        Err(why) => return Err(why.into()),
    };
    let since = |second: usize| {
        let us = (timeline.start_s + second as i64) * 1_000_000 - clock.zero_us;
        us.max(0).unsigned_abs()
    };
    let found = usage(&profile, since(found.window.from), since(found.window.to));
    Ok(found.map(|usage| (usage, clock)))
}

fn no_load(folder: &std::path::Path) -> Failure {
    Failure::Selection(format!(
        "{}: no load timeline in it; `k6 run --out json=k6.json.gz` writes one",
        folder.display()
    ))
}

fn no_timeline(path: &std::path::Path, format: &str) -> Failure {
    Failure::Selection(format!(
        "{}: a {format} has totals but no timeline, so no plateau can be found in it; --format \
         text prints the totals",
        path.display()
    ))
}
