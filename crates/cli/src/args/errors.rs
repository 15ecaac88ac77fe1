//! Arguments of `spikeflame errors`.

use super::{
    FilterArgs, FormatArgs, LogLoadArgs, MapArgs, OutputArgs, PathsArgs, RowsArgs, TimesArgs,
    ZoneArgs,
};
use clap::{Args, ValueEnum};
use spikeflame_profile::Selection;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  spikeflame errors app.log                         which errors, how often, where thrown
  spikeflame errors app.log --log-zone +09:00       of a log whose times name no zone
  kubectl logs web-1 --timestamps | spikeflame errors -
  spikeflame errors app.log --window plateau --load k6.json.gz
  spikeflame errors app.log --focus typeorm --format markdown
  spikeflame errors app.log --source-maps           places in your TypeScript sources
  spikeflame flame app.log                          the same errors as a picture")]
pub(crate) struct ErrorsArgs {
    /// Logs of an application (Node's console, NestJS, pino, winston and others), also as docker,
    /// Kubernetes or journald print them; plain, .gz or .zst; folders of them; `-` for standard
    /// input
    #[arg(value_name = "LOG", required = true)]
    pub(crate) logs: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) zone: ZoneArgs,
    #[command(flatten)]
    pub(crate) maps: MapArgs,
    #[command(flatten)]
    times: TimesArgs,
    #[command(flatten)]
    filters: FilterArgs,
    #[command(flatten)]
    pub(crate) load: LogLoadArgs,
    #[command(flatten, next_help_heading = "Table")]
    pub(crate) rows: RowsArgs,
    #[command(flatten, next_help_heading = "Table")]
    pub(crate) format: FormatArgs<ErrorsFormat>,
    #[command(flatten, next_help_heading = "Table")]
    pub(crate) paths: PathsArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ErrorsFormat {
    /// A table, and explanations of known errors
    Text,
    /// A table for pull requests
    Markdown,
    /// Schema spikeflame.errors/1
    Json,
}

impl ErrorsArgs {
    pub(crate) fn selection(&self) -> Selection {
        self.times.window(self.filters())
    }

    /// The selection without times.
    pub(crate) fn filters(&self) -> Selection {
        self.filters.selection()
    }
}
