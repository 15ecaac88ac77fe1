//! Arguments of `spikeflame top`.

use super::{InputArgs, OutputArgs, SelectionArgs};
use clap::{Args, ValueEnum};
use regex::Regex;
use spikeflame_render::Order;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  spikeflame top isolate-*-v8.log                       by self time
  spikeflame top isolate-*-v8.log --sort total --rows 40
  spikeflame top isolate-*-v8.log --group-by package    which dependency costs what
  spikeflame top isolate-*-v8.log --lines levenshtein   which lines of a function
  spikeflame top isolate-*-v8.log --format markdown     for a pull request
  spikeflame top isolate-*-v8.log --format json | jq .functions[0]")]
pub(crate) struct TopArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
    #[command(flatten)]
    pub(crate) table: TableArgs,
    /// Show which lines of the functions ran whose name, file and line (as in the table) match
    #[arg(long, value_name = "FUNCTION", help_heading = "Table")]
    pub(crate) lines: Option<Regex>,
}

/// The look of the table.
#[derive(Debug, Args)]
#[command(next_help_heading = "Table")]
pub(crate) struct TableArgs {
    /// Order of the rows
    #[arg(long, value_name = "BY", default_value = "self")]
    pub(crate) sort: Sort,
    /// Rows to show; 0 for all [default: 25; all with --format json]
    #[arg(long, short = 'n', value_name = "N")]
    pub(crate) rows: Option<usize>,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Format,
    /// Do not shorten paths
    #[arg(long)]
    pub(crate) full_paths: bool,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Sort {
    /// Samples that end in the function
    #[value(name = "self")]
    SelfWeight,
    /// Samples with the function anywhere in the stack
    Total,
}

impl From<Sort> for Order {
    fn from(sort: Sort) -> Self {
        match sort {
            Sort::SelfWeight => Self::SelfWeight,
            Sort::Total => Self::Total,
        }
    }
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
