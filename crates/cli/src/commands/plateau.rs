//! The command `spikeflame plateau` finds where throughput stops growing.

use crate::args::{Cli, PlateauArgs, PlateauFormat, ReadingArgs};
use crate::failure::Failure;
use crate::inputs::Inputs;
use crate::{input, output, words};
use spikeflame_load::{Load, Plateau, Usage};
use spikeflame_parse::Count;
use spikeflame_profile::Clock;
use spikeflame_render::plateau::{self as view, PlateauView};
use spikeflame_run::{AlignError, Error, Options, Run};
use std::path::Path;

pub(crate) fn run(args: &PlateauArgs, cli: &Cli) -> Result<(), Failure> {
    let run = run_of(args, cli);
    match input::heard(&run, run.load(), cli)? {
        Some(Load::Summary(summary)) if args.format.format == PlateauFormat::Text => {
            let inputs = Inputs::from_run(&run);
            return output::write(args.output.path(), &inputs, |mut out| {
                view::summary(summary, &mut out)
            });
        }
        Some(Load::Summary(summary)) => return Err(no_timeline(&args.load, summary.format)),
        _ => {}
    }
    let timeline = run.need_timeline().map_err(|why| match why {
        Error::NoLoad { .. } => no_load(&args.load),
        Error::SeveralLoads { .. } => Failure::Selection(format!(
            "{why}; name one of them: `spikeflame plateau FILE --profile RECORDING`; load generators that ran \
             side by side are not added up"
        )),
        other => other.into(),
    })?;
    let plateau = run.found()?;
    input::hear_of_test(&run, cli);
    let usage = match plateau {
        Ok(found) if !run.inputs().is_empty() => used(&run, args, found.chosen(), cli)?,
        Err(_) if !args.profile.is_empty() => {
            check_profile(&run, cli)?;
            None
        }
        _ => None,
    };
    let starved = run.starved();
    let by = usage.as_ref().map(|(_, clock)| clock);
    let words = words::plateau(plateau.as_ref().err(), timeline, by);
    let tested = PlateauView { timeline, plateau, usage, starved: &starved, words };
    output::write(args.output.path(), &Inputs::from_run(&run), |mut out| match args.format.format {
        PlateauFormat::Text => {
            view::text(&tested, &mut out)?;
            words::busy_machine(&run).map_or(Ok(()), |text| writeln!(out, "{text}"))
        }
        PlateauFormat::Json => view::json(&tested, &mut out),
    })
}

/// Returns an error for a profile of another time or of two runs, as for a test with a plateau. Without a
/// plateau, nothing else of the profile is shown, so that a profile without a clock gives a warning.
fn check_profile(run: &Run, cli: &Cli) -> Result<(), Failure> {
    match input::with_progress(run, cli).and_then(|_| run.alignment()) {
        Err(why @ Error::Align(AlignError::NoTimes { .. } | AlignError::CannotTell { .. })) => {
            output::complain("warning", &words::error(&why));
            Ok(())
        }
        other => Ok(other.map(drop)?),
    }
}

/// Returns the run that the user named.
fn run_of(args: &PlateauArgs, cli: &Cli) -> Run {
    let mut profiles = args.profile.clone();
    if args.load.is_dir() && profiles.is_empty() {
        profiles.push(args.load.clone());
    }
    let options = Options {
        recording: ReadingArgs::default().options(Count::Samples, cli.threads),
        load: Some(args.load.clone()),
        look_beside: false,
        reading: args.test.reading(),
        monitors: args.monitors.with.clone(),
        monitoring: args.monitors.reading(),
        plateau: args.test.options(args.think),
        began_us: args.start.profile_start,
    };
    Run::read(&profiles, options)
}

/// Returns the CPU use of the process on the plateau. A folder without a profile has none. A
/// profile that cannot be aligned gives a warning.
fn used(
    run: &Run,
    args: &PlateauArgs,
    found: &Plateau,
    cli: &Cli,
) -> Result<Option<(Usage, Clock)>, Failure> {
    let usage = input::with_progress(run, cli).and_then(|_| {
        let alignment = run.alignment()?;
        Ok(run.usage(found.window)?.map(|usage| (usage, alignment.clock)))
    });
    // The clocks connect the use of the CPU with the load.
    input::hear_of_test(run, cli);
    match usage {
        Err(Error::Recording(spikeflame_parse::Error::NoRecording { .. }))
            if args.profile.is_empty() =>
        {
            Ok(None)
        }
        Err(why @ (Error::Align(_) | Error::TwoRuns(_))) if args.profile.is_empty() => {
            output::complain("warning", &words::error(&why));
            Ok(None)
        }
        other => Ok(other?),
    }
}

fn no_load(folder: &Path) -> Failure {
    Failure::Selection(format!(
        "{}: no load timeline in it; `k6 run --out json=k6.json.gz` writes one{}",
        folder.display(),
        words::paths::runs_below(folder)
    ))
}

fn no_timeline(path: &Path, format: &str) -> Failure {
    Failure::Selection(format!(
        "{}: {format}: totals without a timeline, so no plateau can be found; --format text prints \
         the totals",
        path.display()
    ))
}
