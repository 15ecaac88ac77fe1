//! The command `spikeflame report` writes the page of a run, or of runs before and after a change.

mod compared;
mod gather;

use crate::args::{Cli, LoadArgs, ReportArgs};
use crate::failure::Failure;
use crate::inputs::Inputs;
use crate::output;
use gather::ReportedRun;
use spikeflame_parse::Count;
use spikeflame_render::report::{Report, RunSide, html, markdown};
use spikeflame_render::{clean, count};
use spikeflame_run::{Options, Run};
use std::path::PathBuf;

pub(crate) fn run(args: &ReportArgs, cli: &Cli) -> Result<(), Failure> {
    let path = target(args)?;
    let is_text = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("md"));
    if args.open && (is_text || output::is_stdout(&path)) {
        let why = "--open shows a page: -o names a file that ends in .html";
        return Err(Failure::Selection(why.to_owned()));
    }
    if !args.before.is_empty() && !args.monitors.with.is_empty() {
        let why = "--with is of one run, and --before names others: give the page of a run its \
                   monitors, and compare without them";
        return Err(Failure::Selection(why.to_owned()));
    }
    let runs = runs_of(args, cli);
    let gathered = gather::all(&runs, args, cli)?;
    let comparison = compared::compare(&runs, &gathered, args, cli)?;
    let compared = comparison.as_ref().map(compared::Comparisons::view);
    let gates = comparison.as_ref().map(|made| made.gates(args)).transpose()?.unwrap_or_default();
    let report = Report {
        title: args.title.clone().unwrap_or_else(|| title(&gathered)),
        runs: gathered.iter().map(|(_, run)| run.clone()).collect(),
        compared: compared.as_ref(),
        gates: gates.clone(),
        command: format!("spikeflame top {}", shown(args.input.runs.first())),
    };
    let mut inputs = Inputs::none();
    runs.iter().for_each(|(_, run)| inputs.extend(Inputs::from_run(run)));
    output::write(Some(&path), &inputs, |out| match is_text {
        true => markdown(&report, out).map_err(spikeflame_render::RenderError::Io),
        false => html(&report, out),
    })?;
    if output::is_stdout(&path) {
        return compared::crossed(&gates);
    }
    let size = path.metadata().map_or(0, |data| data.len());
    output::write(None, &inputs, |out| {
        writeln!(out, "{}  {} bytes", clean::terminal(&path.display().to_string()), count(size))
    })?;
    if args.open {
        output::open(&path)?;
    }
    compared::crossed(&gates)
}

/// Returns the runs to show, those after the change first. No file of them is read yet.
fn runs_of(args: &ReportArgs, cli: &Cli) -> Vec<(RunSide, Run)> {
    // The statistics of a comparison need counts of samples, and a period is not a count.
    let compares = !args.before.is_empty();
    let counted = if compares { Count::Samples } else { args.input.count.into() };
    let run = |inputs: &[PathBuf]| Run::read(inputs, options(args, counted, cli.threads));
    if args.before.is_empty() {
        return vec![(RunSide::Only, run(&args.input.runs))];
    }
    let one = |path: &PathBuf| run(std::slice::from_ref(path));
    let after = args.input.runs.iter().map(|path| (RunSide::After, one(path)));
    after.chain(args.before.iter().map(|path| (RunSide::Before, one(path)))).collect()
}

/// Returns the settings for reading one run.
fn options(args: &ReportArgs, counted: Count, threads: usize) -> Options {
    let load: &LoadArgs = &args.load;
    let mut recording = args.input.reading.options(counted, threads);
    // The lines that ran are those of the file that ran, and not of its sources.
    recording.lines = !args.input.reading.has_maps();
    Options {
        recording,
        load: load.load.clone(),
        look_beside: true,
        reading: load.test.reading(),
        monitors: args.monitors.with.clone(),
        monitoring: args.monitors.reading(),
        plateau: load.test.options(None),
        began_us: load.start.profile_start,
    }
}

/// Returns the file to write.
fn target(args: &ReportArgs) -> Result<PathBuf, Failure> {
    let default = || PathBuf::from(output::stem(&args.input.runs, "report") + ".html");
    let path = args.output.clone().unwrap_or_else(default);
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    match ending.as_deref() {
        _ if output::is_stdout(&path) => {}
        Some("html" | "htm" | "md") => {}
        _ => {
            return Err(Failure::Selection(format!(
                "{}: a report is a page or text: -o names a file that ends in .html or .md",
                path.display()
            )));
        }
    }
    Ok(path)
}

fn title(gathered: &[ReportedRun<'_>]) -> String {
    let of = |side| gathered.iter().find(|(_, run)| run.side == side).map(|(_, run)| &run.name);
    match (of(RunSide::Before), of(RunSide::After), of(RunSide::Only)) {
        (Some(before), Some(after), _) => format!("{before} → {after}"),
        (_, _, Some(name)) => name.clone(),
        _ => "Report".to_owned(),
    }
}

/// Returns a path, quoted for a shell.
fn shown(path: Option<&PathBuf>) -> String {
    let text = path.map(|path| path.display().to_string()).unwrap_or_default();
    let plain = |c: char| c.is_alphanumeric() || "/._-+=:@%,".contains(c);
    if text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}
