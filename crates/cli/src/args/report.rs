//! Arguments of `spikeflame report`.

use super::{GateArgs, InputArgs, LoadArgs, MonitorArgs};
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  spikeflame report runs/before-1                   writes before-1.html here
  spikeflame report runs/before-1 --open            opens it in the browser
  spikeflame report isolate-*-v8.log --load k6.json.gz -o spike.html
  spikeflame report runs/after-1 runs/after-2 --before runs/before-1 --before runs/before-2
  spikeflame report runs/after-1 --before runs/before-1 --fail-on 'total>5%'
  spikeflame report runs/before-1 --with rds.json   the database's CPU on the timeline
  spikeflame report runs/before-1 -o report.md      the same answers as text")]
pub(crate) struct ReportArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) load: LoadArgs,
    #[command(flatten)]
    pub(crate) monitors: MonitorArgs,
    /// A run before the change, for a comparison; may be given several times. Each RUN is then a
    /// run after the change
    #[arg(long, value_name = "RUN", help_heading = "Comparison")]
    pub(crate) before: Vec<PathBuf>,
    #[command(flatten, next_help_heading = "Comparison")]
    pub(crate) gates: GateArgs,
    /// File to write: a page (.html) or text (.md); `-` for standard output [default: the run's
    /// name with .html, in the current folder]
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    pub(crate) output: Option<PathBuf>,
    /// Heading of the page [default: the run's name]
    #[arg(long, value_name = "TEXT", help_heading = "Output")]
    pub(crate) title: Option<String>,
    /// Open the page in the browser
    #[arg(long, help_heading = "Output")]
    pub(crate) open: bool,
}
