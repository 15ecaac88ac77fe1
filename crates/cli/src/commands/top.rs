//! The command `spikeflame top` prints the table of the hottest functions.

use crate::args::{Cli, Format, TopArgs};
use crate::failure::Failure;
use crate::input::{self, SelectedRun};
use crate::inputs::Inputs;
use crate::output;
use crate::{links, words};
use anstream::ColorChoice;
use spikeflame_render as render;

pub(crate) fn run(args: &TopArgs, cli: &Cli) -> Result<(), Failure> {
    if let Some(function) = &args.lines {
        return super::lines::run(args, function, cli);
    }
    let SelectedRun { run, selected, selection } = input::load(&args.input, &args.selection, cli)?;
    let table = &args.table;
    let to_stdout = table.output.path().is_none_or(output::is_stdout);
    let choice = anstream::AutoStream::choice(&std::io::stdout());
    let link = links::in_terminal(run.reading().source_maps.clone()).filter(|_| to_stdout);
    let options = render::TopOptions {
        order: table.sort.sort.into(),
        rows: table.rows.number(table.format.format == Format::Json),
        full_paths: table.paths.full_paths,
        color: to_stdout && choice != ColorChoice::Never,
        link: link.as_deref(),
        all_rows_hint: words::ALL_ROWS,
    };
    let profile = run.profile()?;
    let (tree, about) = (&selected.tree, &selected.about);
    output::write(table.output.path(), &Inputs::from_run(&run), |mut out| {
        match table.format.format {
            Format::Text => {
                render::text(tree, about, &options, &mut out)?;
                let (core, answer) =
                    (words::core(&run, &selection), words::answer(profile, &selection));
                if core.is_some() || answer.is_some() {
                    writeln!(out)?;
                }
                if let Some(core) = core {
                    writeln!(out, "{core}")?;
                }
                if let Some(answer) = answer {
                    render::own_code(profile, tree, &answer, table.paths.full_paths, out)?;
                    words::dependencies(&answer, out)?;
                    words::compiled(&answer, &run)
                        .map_or(Ok(()), |text| writeln!(out, "{text}"))?;
                }
                Ok(())
            }
            Format::Markdown => {
                render::markdown(tree, about, &options, &mut out)?;
                if let Some(core) = words::core(&run, &selection) {
                    writeln!(out, "\n{core}")?;
                }
                if let Some(answer) = words::answer(profile, &selection) {
                    let full_paths = table.paths.full_paths;
                    writeln!(out)?;
                    render::own_code_markdown(profile, tree, &answer, full_paths, out)?;
                }
                Ok(())
            }
            Format::Json => render::json(tree, about, &options, &mut out),
        }?;
        out.flush()
    })
}
