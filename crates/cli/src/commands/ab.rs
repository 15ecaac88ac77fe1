//! The command `spikeflame ab` records two builds in turn, and compares them.

use crate::args::{AbArgs, Cli, Command};
use crate::commands::{diff, record, report};
use crate::failure::Failure;
use crate::inputs::Inputs;
use crate::output;
use clap::Parser;
use spikeflame_record::{AbEvent, AbRuns, Stop, ab};
use spikeflame_render::clean;
use std::ffi::OsString;
use std::path::PathBuf;

pub(crate) fn run(args: &AbArgs, cli: &Cli) -> Result<(), Failure> {
    output::can_be_folder(&args.output)?;
    let stop = Stop::listen()?;
    let note = |text: &str| {
        if !cli.quiet {
            output::complain("ab", text);
        }
    };
    let runs = ab(&args.comparison(), &stop, &mut |event| match event {
        AbEvent::Building(side) => note(&format!("{side} is built")),
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

/// Compares the runs as `diff` does, and writes the page as `report` does.
fn compare(runs: &AbRuns, args: &AbArgs, cli: &Cli) -> Result<(), Failure> {
    // The paths begin as the user named the folder, so that commands in messages can be repeated.
    let named = |paths: &[PathBuf]| -> Vec<OsString> {
        let names = paths.iter().filter_map(|path| path.file_name());
        names.map(|name| args.output.join(name).into_os_string()).collect()
    };
    let (before, after) = (named(&runs.before), named(&runs.after));
    let mut words: Vec<OsString> = vec!["spikeflame".into(), "diff".into(), "--before".into()];
    words.extend(before.iter().cloned());
    words.push("--after".into());
    words.extend(after.iter().cloned());
    words.extend(["-o".into(), args.output.join("diff").into_os_string()]);
    if let Command::Diff(args) = parsed(words)?.command {
        diff::run(&args, cli)?;
    }
    let page = args.output.join("report.html");
    let mut words: Vec<OsString> = vec!["spikeflame".into(), "report".into()];
    words.extend(after);
    words.extend(before.into_iter().flat_map(|run| ["--before".into(), run]));
    words.extend(["-o".into(), page.into_os_string()]);
    if let Command::Report(args) = parsed(words)?.command {
        report::run(&args, cli)?;
    }
    let folder = clean::terminal(&args.output.display().to_string());
    output::write(None, &Inputs::none(), |out| {
        writeln!(out, "\n  spikeflame diff --before '{folder}/a-*' --after '{folder}/b-*'")
    })
}

/// Parses the words of a command line as if the user had written it.
fn parsed(words: Vec<OsString>) -> Result<Cli, Failure> {
    Cli::try_parse_from(words).map_err(|why| Failure::Selection(why.to_string()))
}
