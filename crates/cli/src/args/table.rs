//! Arguments that the commands with a table share: each flag is defined once.

use clap::{Args, ValueEnum};
use spikeflame_diff::Gate;
use spikeflame_render::Order;

/// The format of the output. Each command has formats of its own, and all have `text`.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct FormatArgs<Format: ValueEnum + Send + Sync + 'static> {
    /// Output format
    // `default_value_t` would have one default for all types of formats.
    #[arg(long, value_name = "FORMAT", value_enum, default_value = "text")]
    pub(crate) format: Format,
}

/// The order of the functions in a table.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct SortArgs {
    /// Order of the rows
    #[arg(long, value_name = "BY", default_value = "self")]
    pub(crate) sort: Sort,
}

/// The length of a table.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct RowsArgs {
    /// Rows to show; 0 for all [default: 25; all with --format json]
    #[arg(long, short = 'n', value_name = "N")]
    rows: Option<usize>,
}

impl RowsArgs {
    /// The number of rows without the flag.
    pub(crate) const DEFAULT: usize = 25;

    /// Returns the number of rows of a table, or 0 for all. `is_data` is true for formats that
    /// programs read.
    pub(crate) fn number(self, is_data: bool) -> usize {
        self.rows.unwrap_or(if is_data { 0 } else { Self::DEFAULT })
    }
}

/// The form of names.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct PathsArgs {
    /// Do not shorten paths
    #[arg(long)]
    pub(crate) full_paths: bool,
}

/// Conditions for the exit code.
#[derive(Clone, Debug, Args)]
pub(crate) struct GateArgs {
    /// Condition for exit code 1; may be given several times. `regression`: a function certainly costs
    /// more, by at least 1 % of the whole cost (other limits: regression>0.2%, regression>0.1ms).
    /// total>5%: all functions together. self:NAME>2ms, total:NAME>10%: each row whose name or place
    /// contains NAME (exit code 2 when there is none). The output shows whether each condition holds
    #[arg(long, value_name = "GATE")]
    pub(crate) fail_on: Vec<Gate>,
}

/// The order of functions in a table.
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
