//! The command `spikeflame merge` adds up recordings in one file.

use crate::args::{Cli, ExportFormat, MergeArgs};
use crate::failure::Failure;
use crate::inputs::Inputs;
use crate::{input, output, words};
use spikeflame_parse::Count;
use spikeflame_profile::Profile;
use spikeflame_render::export::{self, ExportError};
use spikeflame_render::{clean, count};
use spikeflame_run::{
    Merge, MergeError, Options, Run, Totals, Warning, Window, instead, window_of_all,
};
use std::io::{self, Write};
use std::path::Path;

pub(crate) fn run(args: &MergeArgs, cli: &Cli) -> Result<(), Failure> {
    let format = ExportFormat::from_ending(&args.output).and_then(ExportFormat::of_render);
    let Some(format) = format else {
        return Err(Failure::Selection(format!(
            "{}: the ending of -o names the format: .pb.gz, .otlp or .speedscope.json",
            args.output.display()
        )));
    };
    let runs = runs(args, cli);
    let all: Vec<&Run> = runs.iter().collect();
    let found = window_of_all(&all, args.part.window);
    for run in all {
        input::heard(run, Ok(()), cli)?;
    }
    let (mut window, fell) = found?;
    if let Some(fell) = fell.filter(|_| !cli.quiet) {
        output::complain("warning", &words::warning(&Warning::FellBack(fell)));
    }
    let mut read = added(runs, window, args, cli);
    while let Err(Failure::Run(why)) = &read
        && let Some(wider) = instead(window, why)
    {
        if !cli.quiet {
            let (over, why) = (wider.name(), words::error(why));
            let text = format!(
                "not every run can show {}: {why}; {over} is used for all runs",
                window.name()
            );
            output::complain("warning", &text);
        }
        window = wider;
        read = added(self::runs(args, cli), window, args, cli);
    }
    let (merge, inputs) = read?;
    let (profile, totals) = merge.finish();
    if totals.samples == 0 {
        return Err(Failure::Selection(format!(
            "nothing is left of the recordings: {} samples were left out by the selection",
            count(totals.left_out)
        )));
    }
    let fail = |source| Failure::Export { path: args.output.clone(), source };
    export::check(&profile, format).map_err(fail)?;
    output::write(Some(&args.output), &inputs, |out| -> Result<(), ExportError> {
        export::write(&profile, format, out)
    })?;
    if output::is_stdout(&args.output) {
        return Ok(());
    }
    output::write(None, &inputs, |out| tell(&args.output, &profile, &totals, out))
}

/// Returns the runs that the user named, with nothing read yet.
fn runs(args: &MergeArgs, cli: &Cli) -> Vec<Run> {
    let options = Options {
        recording: args.reading.options(Count::Weights, cli.threads),
        look_beside: args.part.window != Window::All,
        reading: args.test.reading(),
        plateau: args.test.options(None),
        ..Options::default()
    };
    let paths = args.runs.iter().map(std::slice::from_ref);
    paths.map(|path| Run::read(path, options.clone())).collect()
}

/// Adds up the same window of each run.
fn added(
    runs: Vec<Run>,
    window: Window,
    args: &MergeArgs,
    cli: &Cli,
) -> Result<(Merge, Inputs), Failure> {
    let (mut merge, mut inputs) = (Merge::default(), Inputs::none());
    for (run, path) in runs.into_iter().zip(&args.runs) {
        input::read(&run, cli)?;
        let (selection, _) = input::heard(&run, run.select(args.selection(), window), cli)?;
        inputs.extend(Inputs::from_run(&run));
        let (profile, left_out) = run.into_profile()?.select(&selection);
        merge.add(&profile, left_out).map_err(|why| Failure::Selection(refusal(path, &why)))?;
    }
    Ok((merge, inputs))
}

/// Returns the message for a recording that cannot be added, with the next step for the user.
fn refusal(path: &Path, why: &MergeError) -> String {
    let next = match why {
        MergeError::Units { .. } => {
            "merge recordings of one kind; --sample-type NAME reads another value of pprof files"
        }
        MergeError::Intervals { .. } => "leave out its recordings without such a time",
        _ => "merge fewer recordings",
    };
    format!("{}: {why}; {next}", path.display())
}

fn tell(path: &Path, profile: &Profile, totals: &Totals, out: &mut dyn Write) -> io::Result<()> {
    let size = path.metadata().map_or(0, |data| data.len());
    writeln!(out, "{}  {} bytes", clean::terminal(&path.display().to_string()), count(size))?;
    write!(
        out,
        "{} run{}, {} samples in {} distinct stacks",
        count(totals.profiles),
        if totals.profiles == 1 { "" } else { "s" },
        count(totals.samples),
        count(profile.samples())
    )?;
    if totals.left_out > 0 {
        write!(out, " · {} left out", count(totals.left_out))?;
    }
    if totals.unreadable > 0 {
        write!(out, " · {} unreadable", count(totals.unreadable))?;
    }
    writeln!(out)
}
