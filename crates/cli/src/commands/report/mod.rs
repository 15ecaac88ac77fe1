//! The command `spikeflame report` writes the page of a run, or of runs before and after a change.

mod compared;
mod gather;
mod plan;

use crate::args::{Cli, ReportArgs};
use crate::failure::Failure;
use crate::inputs::Inputs;
use crate::{input, output};
use gather::ReportedRun;
pub(crate) use plan::Plan;
use spikeflame_render::report::{Report, RunSide, html, markdown};
use spikeflame_render::{clean, count};
use spikeflame_run::Run;
use std::path::PathBuf;

pub(crate) fn run(args: &ReportArgs, cli: &Cli) -> Result<(), Failure> {
    if args.before.is_empty() && !args.gates.fail_on.is_empty() {
        let why = "--fail-on is about a comparison: name the runs before the change with --before";
        return Err(Failure::Selection(why.to_owned()));
    }
    write(&Plan::of_args(args, cli.threads), cli)
}

/// Writes the page of a plan.
pub(crate) fn write(plan: &Plan, cli: &Cli) -> Result<(), Failure> {
    let path = target(plan)?;
    let is_text = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("md"));
    if plan.open && (is_text || output::is_stdout(&path)) {
        let why = "--open shows a page: -o names a file that ends in .html";
        return Err(Failure::Selection(why.to_owned()));
    }
    if !plan.before.is_empty() && !plan.reading.monitors.is_empty() {
        let why = "--with is of one run, and --before names others: give the page of a run its \
                   monitors, and compare without them";
        return Err(Failure::Selection(why.to_owned()));
    }
    let runs = runs_of(plan);
    let gathered = gather::all(&runs, plan, cli)?;
    let comparison = compared::compare(&runs, &gathered, plan)?;
    let compared = comparison.as_ref().map(compared::Comparisons::view);
    let gates =
        comparison.as_ref().map(|made| made.gates(&plan.gates)).transpose()?.unwrap_or_default();
    // The page adds the window that its reader chose; a text shows one.
    let opening = gathered.first().and_then(|(_, run)| run.opening()).filter(|_| is_text);
    let window = match opening.map(|window| window.id.as_str()) {
        Some(id @ ("plateau" | "load" | "before")) => format!(" --window {id}"),
        _ => String::new(),
    };
    let report = Report {
        title: plan.title.clone().unwrap_or_else(|| title(&gathered)),
        runs: gathered.iter().map(|(_, run)| run.clone()).collect(),
        compared: compared.as_ref(),
        compared_window: comparison.as_ref().and_then(compared::Comparisons::window_id),
        gates: gates.clone(),
        command: format!(
            "spikeflame top {}{window}",
            plan.runs.first().map_or_else(String::new, |run| output::quoted(run))
        ),
        command_window: " --from {from} --to {to}",
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
    if plan.open {
        output::open(&path)?;
    }
    compared::crossed(&gates)
}

/// Returns the runs to show, those after the change first. No file of them is read yet.
fn runs_of(plan: &Plan) -> Vec<(RunSide, Run)> {
    let run = |inputs: &[PathBuf]| input::one_of_many(inputs, plan.reading.clone());
    if plan.before.is_empty() {
        return vec![(RunSide::Only, run(&plan.runs))];
    }
    let one = |path: &PathBuf| run(std::slice::from_ref(path));
    let after = plan.runs.iter().map(|path| (RunSide::After, one(path)));
    after.chain(plan.before.iter().map(|path| (RunSide::Before, one(path)))).collect()
}

/// Returns the file to write.
fn target(plan: &Plan) -> Result<PathBuf, Failure> {
    let default = || PathBuf::from(output::stem(&plan.runs, "report") + ".html");
    let path = plan.output.clone().unwrap_or_else(default);
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
    let side = |side| side_title(gathered, side);
    match (side(RunSide::Before), side(RunSide::After), side(RunSide::Only)) {
        (Some(before), Some(after), _) => format!("{before} → {after}"),
        (_, _, Some(name)) => name,
        _ => "Report".to_owned(),
    }
}

/// Returns the name of a side's first run, with the number of the others.
fn side_title(gathered: &[ReportedRun<'_>], side: RunSide) -> Option<String> {
    let mut names = gathered.iter().filter(|(_, run)| run.side == side).map(|(_, run)| &run.name);
    let first = names.next()?;
    Some(match names.count() {
        0 => first.clone(),
        more => format!("{first} and {more} more"),
    })
}
