//! `spikeflame completions` and `spikeflame man`, from the one definition.

use crate::args::Cli;
use crate::failure::Failure;
use crate::inputs::Inputs;
use crate::output;
use clap::CommandFactory;
use std::io;

pub(crate) fn completions(shell: clap_complete::Shell) -> Result<(), Failure> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "spikeflame", &mut text);
    output::write(None, &Inputs::none(), |out| out.write_all(&text))
}

/// The page of the program, and behind it those of its commands.
pub(crate) fn man() -> Result<(), Failure> {
    let mut command = Cli::command();
    command.build();
    output::write(None, &Inputs::none(), |mut out| -> io::Result<()> {
        clap_mangen::Man::new(command.clone()).render(&mut out)?;
        for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
            clap_mangen::Man::new(sub.clone()).render(&mut out)?;
        }
        Ok(())
    })
}
