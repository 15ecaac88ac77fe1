//! The command `spikeflame ab` records two builds in turn, and compares them.

use crate::args::{AbArgs, Cli};
use crate::commands::{diff, record, report};
use crate::failure::Failure;
use crate::inputs::Inputs;
use crate::{interrupt, output};
use spikeflame_record::{AbEvent, AbRuns, Stop, ab};
use spikeflame_render::clean;
use std::path::{Path, PathBuf};

pub(crate) fn run(args: &AbArgs, cli: &Cli) -> Result<(), Failure> {
    output::can_be_folder(&args.output)?;
    let stop = Stop::listen()?;
    interrupt::is_handled();
    let note = |text: &str| output::note("ab", text, cli);
    let runs = ab(&args.comparison(), &stop, &mut |event| match event {
        AbEvent::SameCommit(commit) => output::complain(
            "warning",
            &format!(
                "both sides are the commit {}: they differ by chance alone",
                commit.get(..12).unwrap_or(&commit)
            ),
        ),
        AbEvent::Uncommitted => note(
            "the changes that are not committed are in neither side: commit them, or name a copy of \
             the folder as a side",
        ),
        AbEvent::Building(side) => {
            note(&format!("building {side}: {}", args.build().unwrap_or_default()));
        }
        AbEvent::Begins(name) => note(&format!("run {name}")),
        AbEvent::Kept(name) => note(&format!("run {name} is there already")),
        AbEvent::LoadFailed(name) => {
            let text = format!("{name}: the load did not end with exit code 0; the run is kept");
            output::complain("warning", &text);
        }
        AbEvent::Run(event) => record::tell(event, cli),
    })?;
    compare(&runs, args, cli)
}

/// Returns the paths of runs in `folder`. They begin as the user named the folder, so that commands
/// in messages can be repeated.
fn within(folder: &Path, runs: &[PathBuf]) -> Vec<PathBuf> {
    runs.iter().filter_map(|run| run.file_name()).map(|name| folder.join(name)).collect()
}

/// Compares the runs as `diff` does, and writes the page as `report` does.
fn compare(runs: &AbRuns, args: &AbArgs, cli: &Cli) -> Result<(), Failure> {
    let folder = &args.output;
    let (before, after) = (within(folder, &runs.before), within(folder, &runs.after));
    let mut comparison = diff::Plan::of_runs(before.clone(), after.clone(), cli.threads);
    comparison.view.output = Some(args.output.join("diff"));
    comparison.view.brief = true;
    diff::compare(&comparison, cli)?;
    let mut page = report::Plan::of_runs(before, after, cli.threads);
    // The page is of the window that `diff` compares, so that both show one set of figures.
    page.under_load = true;
    page.output = Some(args.output.join("report.html"));
    report::write(&page, cli)?;
    let folder = clean::terminal(&folder.display().to_string());
    output::write(None, &Inputs::none(), |out| {
        writeln!(out, "\n  spikeflame diff --before '{folder}/a-*' --after '{folder}/b-*'")
    })
}
