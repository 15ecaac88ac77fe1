//! Prints the end of `record` and `attach`: the hottest functions of the new run, and the commands
//! for the next step.

use crate::args::Cli;
use crate::failure::Failure;
use crate::inputs::Inputs;
use crate::{input, output};
use spikeflame_profile::Selection;
use spikeflame_render::{self as render, clean};
use spikeflame_run::{Options, Run, Window};
use std::path::Path;

/// Rows of the table.
const ROWS: usize = 5;

/// Prints the hottest functions and the commands for the next step. When the run has a plateau,
/// the functions are those of the plateau.
pub(crate) fn write(folder: &Path, cli: &Cli) -> Result<(), Failure> {
    let options = Options { look_beside: true, ..Options::default() };
    let run = Run::read(&[folder.to_owned()], options);
    let has_plateau = matches!(run.timeline(), Ok(Some(_))) && matches!(run.found(), Ok(Ok(_)));
    let window = if has_plateau { Window::Plateau } else { Window::All };
    let shown = input::show(run, Selection::default(), window, cli).and_then(input::filled);
    let folder = clean::terminal(&output::quoted(folder));
    output::write(None, &Inputs::none(), |mut out| {
        if let Ok(shown) = &shown {
            let (tree, about) = (&shown.selected.tree, &shown.selected.about);
            let top = render::TopOptions {
                rows: ROWS,
                all_rows: crate::words::ALL_ROWS,
                ..render::TopOptions::default()
            };
            render::text(tree, about, &top, &mut out)?;
            writeln!(out)?;
        }
        if has_plateau {
            writeln!(out, "  spikeflame plateau {folder}")?;
            writeln!(out, "  spikeflame flame {folder} --window plateau")
        } else {
            writeln!(out, "  spikeflame flame {folder}")
        }
    })?;
    shown.map(drop)
}

/// Returns a function that returns true after Ctrl-C or SIGTERM. Where signals cannot be handled,
/// it always returns false, and Ctrl-C ends this program.
pub(crate) fn stop() -> Result<Box<dyn Fn() -> bool + Sync>, Failure> {
    #[cfg(unix)]
    {
        let stop = spikeflame_record::Stop::listen()?;
        crate::interrupt::is_handled();
        Ok(Box::new(move || stop.times() > 0))
    }
    #[cfg(not(unix))]
    Ok(Box::new(|| false))
}
