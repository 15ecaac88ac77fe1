//! Prints the end of `record`, `attach` and `pull`: the plateau of the load test, the hottest functions
//! of the new run, and the commands for the next step.

use crate::args::Cli;
use crate::failure::Failure;
use crate::inputs::Inputs;
use crate::{input, output, words};
use spikeflame_profile::Selection;
use spikeflame_render::{self as render, clean, plateau as view};
use spikeflame_run::{Options, Run, Window, length_us};
use std::path::Path;

/// Rows of the table.
const ROWS: usize = 5;

/// Prints the plateau of the load test, the hottest functions, and the commands for the next step.
/// When the run has a plateau, the functions are those of the plateau.
pub(crate) fn write(folder: &Path, cli: &Cli) -> Result<(), Failure> {
    let options = Options { look_beside: true, ..Options::default() };
    let run = Run::read(&[folder.to_owned()], options);
    let has_plateau = matches!(run.timeline(), Ok(Some(_))) && matches!(run.found(), Ok(Ok(_)));
    let window = if has_plateau { Window::Plateau } else { Window::All };
    let shown = input::show(run, Selection::default(), window, cli).and_then(input::filled);
    let window = shown.as_ref().map(|shown| window_instead(&shown.run)).unwrap_or_default();
    let folder = clean::terminal(&output::quoted(folder));
    output::write(None, &Inputs::none(), |mut out| {
        if let Ok(shown) = &shown {
            let (tree, about) = (&shown.selected.tree, &shown.selected.about);
            let top = render::TopOptions {
                rows: ROWS,
                all_rows: words::ALL_ROWS,
                ..render::TopOptions::default()
            };
            for line in load_test(&shown.run) {
                writeln!(out, "{line}\n")?;
            }
            render::text(tree, about, &top, &mut out)?;
            writeln!(out)?;
            if let Ok(profile) = shown.run.profile()
                && let Some(answer) = words::answer(profile, &shown.selection)
            {
                render::own_code(profile, tree, &answer, false, &mut out)?;
                words::dependencies(&answer, &mut out)?;
                writeln!(out)?;
            }
        }
        if has_plateau {
            writeln!(out, "  spikeflame plateau {folder}")?;
            writeln!(out, "  spikeflame flame {folder} --window plateau")?;
            writeln!(out, "  spikeflame report {folder} --open")
        } else {
            writeln!(out, "  spikeflame flame {folder}{window}")
        }
    })?;
    shown.map(drop)
}

/// Returns the option that shows the part of the run to look at when it has no plateau. Returns
/// nothing for a run without a load test, or when no clock connects it with the recording.
fn window_instead(run: &Run) -> String {
    let (Ok(Some(_)), Ok(Err(none))) = (run.timeline(), run.found()) else { return String::new() };
    let window = none.instead().map_or(Window::Load, |seconds| Window::Times {
        from_us: length_us(seconds.from),
        to_us: length_us(seconds.to),
    });
    match run.place(window) {
        Ok(_) => format!(" --window {}", words::window_instead(none)),
        Err(_) => String::new(),
    }
}

/// Returns the answer of the load test: the plateau and its limit, or the reason why there is none.
/// Returns nothing for a run without a load test.
fn load_test(run: &Run) -> Vec<String> {
    let (Ok(Some(timeline)), Ok(found)) = (run.timeline(), run.found()) else { return Vec::new() };
    match found {
        Ok(all) => {
            let found = all.chosen();
            let usage = run.usage(found.window).ok().flatten();
            let verdict = usage.map(|usage| view::verdict(&usage, words::LIMITS));
            let starved = view::starvation(&run.starved(), Some(found));
            let machine = Some(starved).filter(|text| !text.is_empty());
            let all = [Some(view::sentence(found, timeline)), verdict, machine];
            all.into_iter().flatten().chain(words::busy_machine(run)).collect()
        }
        Err(none) => vec![format!("No plateau: {}. {}", none.why, words::way_out(none, timeline))],
    }
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
