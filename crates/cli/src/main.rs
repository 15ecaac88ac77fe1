//! The program `spikeflame`: arguments, progress, exit codes. The libraries do the work.

#![warn(clippy::disallowed_methods, clippy::iter_over_hash_type)]

mod args;
mod commands;
mod failure;
mod help;
mod input;
mod inputs;
mod interrupt;
mod links;
mod output;
mod place;
mod usage;
mod words;

use args::{Cli, Command};
use clap::{CommandFactory, FromArgMatches};
use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

/// Exit code for unusable input. It is the code that clap uses for wrong arguments.
const UNUSABLE: u8 = 2;
/// Exit code when a gate of `diff --fail-on` was crossed.
const CROSSED: u8 = 1;
/// Exit code when a run was recorded, but its load command or its program failed.
const RECORDED: u8 = 3;

fn main() -> ExitCode {
    let arguments = with_command(std::env::args_os().collect());
    let mut command = help::for_arguments(Cli::command(), &arguments);
    let matches = command.try_get_matches_from_mut(&arguments).unwrap_or_else(|error| {
        let words: Vec<String> =
            arguments.iter().map(|word| word.to_string_lossy().into()).collect();
        usage::advised(error, &command, &words).exit()
    });
    let mut cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    #[cfg(feature = "self-profile")]
    let guard = cli.self_profile.as_ref().map(|_| pprof::ProfilerGuard::new(999));
    let expanded =
        usage::sides_are_apart(&matches).and_then(|()| cli.command.expand_patterns(cli.quiet));
    let done = expanded.and_then(|()| match &cli.command {
        #[cfg(unix)]
        Command::Record(args) => commands::record::run(args, &cli),
        #[cfg(unix)]
        Command::Ab(args) => commands::ab::run(args, &cli),
        Command::Attach(args) => commands::attach::run(args, &cli),
        Command::Flame(args) => commands::flame::run(args, &cli),
        Command::Fold(args) => commands::fold::run(args, &cli),
        Command::Top(args) => commands::top::run(args, &cli),
        Command::Export(args) => commands::export::run(args, &cli),
        Command::Merge(args) => commands::merge::run(args, &cli),
        Command::Push(args) => commands::push::run(args, &cli),
        Command::Pull(args) => commands::pull::run(args, &cli),
        Command::Capacity(args) => commands::capacity::run(args, &cli),
        Command::Diff(args) => commands::diff::run(args, &cli),
        Command::Plateau(args) => commands::plateau::run(args, &cli),
        Command::Queries(args) => commands::queries::run(args, &cli),
        Command::Report(args) => commands::report::run(args, &cli),
        Command::Errors(args) => commands::errors::run(args, &cli),
        Command::Doctor(args) => commands::doctor::run(args, &cli),
        Command::Completions { shell } => commands::shell::completions(*shell),
        Command::Man => commands::shell::man(),
    });
    #[cfg(feature = "self-profile")]
    if let (Some(path), Some(Ok(guard))) = (&cli.self_profile, guard) {
        output::self_profile(path, &guard);
    }
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is_closed_pipe() => ExitCode::SUCCESS,
        Err(error) => {
            output::complain("error", &error.to_string());
            ExitCode::from(match error {
                failure::Failure::Gate(_) => CROSSED,
                failure::Failure::Recorded(_) => RECORDED,
                _ => UNUSABLE,
            })
        }
    }
}

/// Adds the command `flame` when the first argument is a recording: `spikeflame isolate.log`.
fn with_command(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let Some(first) = arguments.get(1) else { return arguments };
    // The definition of all commands takes longer than the rest of the start.
    let is_command = || Cli::command().get_subcommands().any(|command| first == command.get_name());
    if first != "help" && Path::new(first).exists() && !is_command() {
        arguments.insert(1, "flame".into());
    }
    arguments
}
