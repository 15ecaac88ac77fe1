//! Arguments of `spikeflame merge`.

use super::{KeepArgs, ReadingArgs, TestArgs, WindowArgs};
use clap::Args;
use spikeflame_profile::Selection;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  spikeflame merge runs/host-* -o merged.pb.gz
  spikeflame merge a.cpuprofile b.cpuprofile c.cpuprofile -o merged.pb.gz
  spikeflame merge runs/after-* --window plateau -o plateaus.pb.gz
  spikeflame top merged.pb.gz

Recordings are read one after the other, and each stack is kept once. Weights that stand for
time are added as nanoseconds. Times and threads of samples are not kept.")]
// A file of sums has no marks of frames.
#[command(mut_arg("annotate", |arg| arg.hide(true)))]
pub(crate) struct MergeArgs {
    /// Runs to add up: folders or recordings
    #[arg(value_name = "RUN", required = true)]
    pub(crate) runs: Vec<PathBuf>,
    /// File to write; its ending names the format: .pb.gz, .otlp, .speedscope.json
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: PathBuf,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
    #[command(flatten)]
    keep: KeepArgs,
    #[command(flatten)]
    pub(crate) part: WindowArgs,
    #[command(flatten)]
    pub(crate) test: TestArgs,
}

impl MergeArgs {
    pub(crate) fn selection(&self) -> Selection {
        self.keep.selection()
    }
}
