//! Arguments of `spikeflame queries`.

use super::{FormatArgs, OutputArgs, RowsArgs, TestArgs, WindowArgs, ZoneArgs};
use clap::{Args, ValueEnum};
use spikeflame_render::queries::QueryOrder;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  spikeflame queries slow.log                       which statements take the time
  spikeflame queries runs/before-1 --window plateau   the logs of a run's folder
  spikeflame queries slow.log --load k6.json.gz     before and within the plateau
  spikeflame queries slow.log --load k6.json.gz --window plateau --sort lock
  spikeflame queries app.log --format markdown      TypeORM's lines of slow and failed queries

MySQL writes its log after SET GLOBAL slow_query_log = 1, GLOBAL long_query_time = 0.1.")]
pub(crate) struct QueriesArgs {
    /// MySQL's or MariaDB's slow query log, its table mysql.slow_log as CSV, TSV or JSON, an
    /// application's log with TypeORM's lines, or a folder with such logs; `-` for standard input
    #[arg(required = true, value_name = "LOG")]
    pub(crate) logs: Vec<PathBuf>,
    /// Load test that ran at the same time [default with --window: the one in the folder]
    #[arg(long, value_name = "FILE", help_heading = "Load")]
    pub(crate) load: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) part: WindowArgs,
    #[command(flatten)]
    pub(crate) zone: ZoneArgs,
    #[command(flatten)]
    pub(crate) test: TestArgs,
    #[command(flatten, next_help_heading = "Table")]
    pub(crate) rows: RowsArgs,
    /// The figure by which statements are ordered
    #[arg(long, value_name = "FIGURE", default_value = "total", help_heading = "Table")]
    pub(crate) sort: QuerySort,
    #[command(flatten, next_help_heading = "Table")]
    pub(crate) format: FormatArgs<QueriesFormat>,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum QuerySort {
    /// Total time that a statement took
    Total,
    /// Number of times that it ran
    Count,
    /// 95th percentile of its durations
    P95,
    /// Total number of rows that it examined
    Examined,
    /// Total time that it waited for locks
    Lock,
}

impl From<QuerySort> for QueryOrder {
    fn from(sort: QuerySort) -> Self {
        match sort {
            QuerySort::Total => Self::Total,
            QuerySort::Count => Self::Count,
            QuerySort::P95 => Self::P95,
            QuerySort::Examined => Self::Examined,
            QuerySort::Lock => Self::Lock,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum QueriesFormat {
    /// A table
    Text,
    /// A table for pull requests
    Markdown,
    /// Schema spikeflame.queries/1
    Json,
}
