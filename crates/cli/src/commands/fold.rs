//! The command `spikeflame fold` writes folded stacks.

use crate::args::{Cli, FoldArgs};
use crate::failure::Failure;
use crate::input::{self, SelectedRun};
use crate::inputs::Inputs;
use crate::{output, words};
use spikeflame_profile::folded;
use spikeflame_render::clean;
use std::io::{self, IsTerminal, Write};

pub(crate) fn run(args: &FoldArgs, cli: &Cli) -> Result<(), Failure> {
    let SelectedRun { run, selected, .. } = input::load(&args.input, &args.selection, cli)?;
    folded::check(&selected.tree).map_err(|why| Failure::Selection(words::folding(&why)))?;
    let shown = args.output.path().is_none_or(output::is_stdout) && io::stdout().is_terminal();
    output::write(args.output.path(), &Inputs::from_run(&run), |out| match shown {
        true => folded::write(&selected.tree, &mut CleanLines { out, line: Vec::new() }),
        false => folded::write(&selected.tree, &mut { out }),
    })
}

/// Removes control characters from lines for a terminal. Files and pipes get names unchanged.
struct CleanLines<'a> {
    out: &'a mut dyn Write,
    /// The current line, as far as it has come.
    line: Vec<u8>,
}

impl Write for CleanLines<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for &byte in bytes {
            if byte == b'\n' {
                let line = clean::terminal(&String::from_utf8_lossy(&self.line));
                self.line.clear();
                writeln!(self.out, "{line}")?;
            } else {
                self.line.push(byte);
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
