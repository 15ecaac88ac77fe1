//! `spikeflame fold`: folded stacks.

use crate::args::{Cli, FoldArgs};
use crate::input::{self, Failure};
use crate::output;
use spikeflame_profile::folded;

pub(crate) fn run(args: &FoldArgs, cli: &Cli) -> Result<(), Failure> {
    let selected = input::load(&args.input, &args.selection, cli)?;
    output::write(args.output.as_deref(), |mut out| folded::write(&selected.tree, &mut out))
}
