//! Arguments of `spikeflame fold`.

use super::{InputArgs, OutputArgs, SelectionArgs};
use clap::Args;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  spikeflame fold isolate-*-v8.log > app.folded
  spikeflame fold app.folded --focus bcrypt          folded stacks are read as well
  spikeflame fold isolate-*-v8.log --tiers split --annotate")]
pub(crate) struct FoldArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}
