//! Arguments of `spikeflame doctor`.

use super::{FormatArgs, OutputArgs, ReadingArgs, StartArgs, TestArgs};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  spikeflame doctor runs/before-1                   a folder of a run
  spikeflame doctor runs/ab                         the runs of a comparison
  spikeflame doctor isolate-0x5581-v8.log           one recording
  spikeflame doctor runs/before-1 --load k6.json.gz   with a load test from elsewhere
  spikeflame doctor runs/before-1 --format json | jq '.checks[] | select(.state != \"good\")'")]
// These change the names of what a recording holds, and `doctor` shows none.
#[command(mut_arg("raw_names", |arg| arg.hide(true)))]
#[command(mut_arg("pprof_lines", |arg| arg.hide(true)))]
pub(crate) struct DoctorArgs {
    /// The folder of a run or of several runs, or one file
    #[arg(value_name = "RUN")]
    pub(crate) run: PathBuf,
    #[command(flatten)]
    pub(crate) format: FormatArgs<DoctorFormat>,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
    /// Result of the load generator [default: the one in RUN's folder]
    #[arg(long, value_name = "FILE", help_heading = "Load")]
    pub(crate) load: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) start: StartArgs,
    #[command(flatten)]
    pub(crate) test: TestArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DoctorFormat {
    /// Lines for people
    Text,
    /// Schema spikeflame.doctor/1
    Json,
}
