//! The command `spikeflame pull` brings a profile back from a server.

use crate::args::{Cli, PullArgs};
use crate::commands::summary;
use crate::failure::Failure;
use crate::output;
use spikeflame_remote::pull;

pub(crate) fn run(args: &PullArgs, cli: &Cli) -> Result<(), Failure> {
    output::can_be_folder(&args.output)?;
    let server = args.server().map_err(Failure::Selection)?;
    let query = args.query().map_err(Failure::Selection)?;
    pull(&server, &query, &args.output)?;
    summary::write(&args.output, cli)
}
