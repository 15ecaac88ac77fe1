//! The commands `spikeflame completions` and `spikeflame man`. Both use the definition of the
//! command line.

use crate::args::Cli;
use crate::failure::Failure;
use crate::inputs::Inputs;
use crate::{help, output};
use clap::CommandFactory;
use std::io;

pub(crate) fn completions(shell: clap_complete::Shell) -> Result<(), Failure> {
    let mut text = Vec::new();
    let mut command = help::without_idle_options(Cli::command());
    clap_complete::generate(shell, &mut command, "spikeflame", &mut text);
    output::write(None, &Inputs::none(), |out| out.write_all(&text))
}

/// Writes the manual page of the program, followed by the pages of its commands.
pub(crate) fn man() -> Result<(), Failure> {
    let mut command = help::without_idle_options(Cli::command());
    command.build();
    output::write(None, &Inputs::none(), |mut out| -> io::Result<()> {
        clap_mangen::Man::new(command.clone()).render(&mut out)?;
        for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
            clap_mangen::Man::new(sub.clone()).render(&mut out)?;
        }
        Ok(())
    })
}
