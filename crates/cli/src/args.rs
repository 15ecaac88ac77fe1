//! The command line: one definition for each flag.

use clap::{Parser, Subcommand};
#[cfg(feature = "self-profile")]
use std::path::PathBuf;

#[cfg(unix)]
mod ab;
mod attach;
mod capacity;
mod diff;
mod doctor;
#[cfg(test)]
mod documented;
mod errors;
mod export;
mod flame;
mod fold;
mod input;
mod load;
mod merge;
mod output;
mod patterns;
mod plateau;
mod push;
mod queries;
#[cfg(unix)]
mod record;
mod report;
mod selection;
mod table;
mod time;
mod top;
mod words;

#[cfg(unix)]
pub(crate) use ab::AbArgs;
pub(crate) use attach::AttachArgs;
pub(crate) use capacity::{CapacityArgs, CapacityFormat};
pub(crate) use diff::{DiffArgs, DiffFormat};
pub(crate) use doctor::{DoctorArgs, DoctorFormat};
pub(crate) use errors::{ErrorsArgs, ErrorsFormat};
pub(crate) use export::{ExportArgs, ExportFormat};
pub(crate) use flame::{Colors, FlameArgs};
pub(crate) use fold::FoldArgs;
pub(crate) use input::{InputArgs, MapArgs, ReadingArgs, SampleCount, ZoneArgs};
pub(crate) use load::{LoadArgs, LogLoadArgs, MonitorArgs, StartArgs, TestArgs, WindowArgs};
pub(crate) use merge::MergeArgs;
pub(crate) use output::OutputArgs;
pub(crate) use plateau::{PlateauArgs, PlateauFormat};
pub(crate) use push::{PullArgs, PushArgs};
pub(crate) use queries::{QueriesArgs, QueriesFormat};
#[cfg(unix)]
pub(crate) use record::RecordArgs;
pub(crate) use report::ReportArgs;
pub(crate) use selection::{FilterArgs, FromArgs, KeepArgs, SelectionArgs, TimesArgs};
pub(crate) use table::{FormatArgs, GateArgs, PathsArgs, RowsArgs, SortArgs};
pub(crate) use time::time;
pub(crate) use top::{Format, TopArgs};

/// Flame graphs of Node applications under load, of exactly the seconds that count.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, max_term_width = 100, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Number of threads that read; 0: one for each core, at most 8
    #[arg(long, global = true, value_name = "N", default_value_t = 0, hide_short_help = true)]
    pub(crate) threads: usize,
    /// Print no warnings and no progress on standard error
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// Write a flame graph of spikeflame itself
    #[cfg(feature = "self-profile")]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) self_profile: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  spikeflame record -o runs/before-1 -- node dist/main.js   until Ctrl-C
  node --prof dist/main.js            the profile alone: isolate-*-v8.log
  spikeflame flame isolate-*-v8.log   draw it; `flame` may be left out
  spikeflame flame perf.data          recordings of perf, --cpu-prof and pprof work too
  spikeflame top runs/before-1        the hottest functions of a folder's logs
  spikeflame top --from 20s --to 45s --group-by package isolate-*-v8.log
  spikeflame fold isolate-*-v8.log.gz | other-tool
  spikeflame export isolate-*-v8.log --to pprof
  spikeflame errors app.log           which errors were logged, and where they are thrown
  spikeflame plateau k6.json.gz       where requests per second stop growing
  spikeflame queries slow.log         which statements of the database take the time
  spikeflame flame runs/before-1 --window plateau   the profile of just that window
  spikeflame report runs/before-1     all of it in one page; drag a window on its timeline";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a Node program under the profiler, and collect its run folder
    #[cfg(unix)]
    Record(RecordArgs),
    /// Record two builds in turn under the same load, and compare them
    #[cfg(unix)]
    Ab(Box<AbArgs>),
    /// Profile Node processes that run already, through their inspectors
    Attach(AttachArgs),
    /// Draw an SVG flame graph
    Flame(FlameArgs),
    /// Write folded stacks
    Fold(FoldArgs),
    /// List the hottest functions
    Top(TopArgs),
    /// Write a recording for pprof, speedscope, Firefox or DevTools
    Export(ExportArgs),
    /// Add up the recordings of many runs or hosts in one file
    Merge(MergeArgs),
    /// Send a run to a Pyroscope server or to an OpenTelemetry collector
    Push(Box<PushArgs>),
    /// Get the profile of a period from a Pyroscope server, as a run
    Pull(PullArgs),
    /// Compare runs before and after a change, function by function
    Diff(Box<DiffArgs>),
    /// Write a run as one page: load, CPU, flame graph, functions, errors
    Report(Box<ReportArgs>),
    /// Find where throughput stops growing in a load test
    Plateau(PlateauArgs),
    /// List the statements of a database by the time that they take
    Queries(QueriesArgs),
    /// Calculate connections: in flight, needed, and possible
    Capacity(CapacityArgs),
    /// List the errors of an application's log
    Errors(ErrorsArgs),
    /// List the files of a run, and check what fits and what is missing
    Doctor(DoctorArgs),
    /// Write completions for a shell
    #[command(after_help = "\
Examples:
  spikeflame completions bash > ~/.local/share/bash-completion/completions/spikeflame
  spikeflame completions zsh > ~/.zfunc/_spikeflame    with ~/.zfunc in fpath
  spikeflame completions fish > ~/.config/fish/completions/spikeflame.fish")]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Write the manual page
    #[command(after_help = "\
Examples:
  spikeflame man > spikeflame.1 && man ./spikeflame.1")]
    Man,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }
}
