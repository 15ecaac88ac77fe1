//! The command `spikeflame top` prints the table of the hottest functions.

use crate::args::{Cli, Format, TopArgs};
use crate::failure::Failure;
use crate::input::{self, SelectedRun};
use crate::inputs::Inputs;
use crate::output;
use crate::{links, words};
use anstream::ColorChoice;
use spikeflame_render as render;

/// Rows of a table for people, when the user gives no number.
const ROWS: usize = 25;

pub(crate) fn run(args: &TopArgs, cli: &Cli) -> Result<(), Failure> {
    if let Some(function) = &args.lines {
        return super::lines::run(args, function, cli);
    }
    let SelectedRun { run, selected, selection } = input::load(&args.input, &args.selection, cli)?;
    let table = &args.table;
    let to_stdout = table.output.path().is_none_or(output::is_stdout);
    let choice = anstream::AutoStream::choice(&std::io::stdout());
    let options = render::TopOptions {
        order: table.sort.into(),
        rows: table.rows.unwrap_or(if table.format == Format::Json { 0 } else { ROWS }),
        full_paths: table.full_paths,
        color: to_stdout && choice != ColorChoice::Never,
        link: if to_stdout { links::in_terminal() } else { None },
        all_rows: words::ALL_ROWS,
    };
    let profile = run.profile()?;
    let (tree, about) = (&selected.tree, &selected.about);
    output::write(table.output.path(), &Inputs::from_run(&run), |mut out| {
        match table.format {
            Format::Text => {
                render::text(tree, about, &options, &mut out)?;
                if let Some(answer) = words::answer(profile, &selection) {
                    writeln!(out)?;
                    render::own_code(profile, &answer, table.full_paths, out)?;
                    words::dependencies(&answer, out)?;
                }
                Ok(())
            }
            Format::Markdown => render::markdown(tree, about, &options, &mut out),
            Format::Json => render::json(tree, about, &options, &mut out),
        }?;
        out.flush()
    })
}
