//! Arguments of `spikeflame top`.

use super::{FormatArgs, InputArgs, OutputArgs, PathsArgs, RowsArgs, SelectionArgs, SortArgs};
use clap::{Args, ValueEnum};
use regex::Regex;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  spikeflame top isolate-*-v8.log                       by self time
  spikeflame top isolate-*-v8.log --sort total --rows 40
  spikeflame top isolate-*-v8.log --group-by package    which dependency costs what
  spikeflame top isolate-*-v8.log --lines levenshtein   which lines of a function
  spikeflame top isolate-*-v8.log --format markdown     for a pull request
  spikeflame top isolate-*-v8.log --format json | jq .functions[0]

TIER is the share of a function's own samples, in per cent, at each of V8's levels of optimisation: ~ interpreted,
^ baseline, + Maglev, * optimised.

In a terminal with links (OSC 8), the place of a function is a link when its file is on this machine, at
its path or below --source-root. The terminal of VS Code opens the line. NO_COLOR=1 switches the links off.")]
pub(crate) struct TopArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
    #[command(flatten)]
    pub(crate) table: TableArgs,
    /// Show the lines that ran, for each function whose name, file and line (as in the table) match
    #[arg(long, value_name = "FUNCTION", help_heading = "Table")]
    pub(crate) lines: Option<Regex>,
}

/// The look of the table.
#[derive(Debug, Args)]
#[command(next_help_heading = "Table")]
pub(crate) struct TableArgs {
    #[command(flatten)]
    pub(crate) sort: SortArgs,
    #[command(flatten)]
    pub(crate) rows: RowsArgs,
    #[command(flatten)]
    pub(crate) format: FormatArgs<Format>,
    #[command(flatten)]
    pub(crate) paths: PathsArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A table with bars
    Text,
    /// A table for pull requests
    Markdown,
    /// Schema spikeflame.top/1
    Json,
}
