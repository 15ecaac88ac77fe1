//! The command `spikeflame record` makes a run folder.

use crate::args::{Cli, RecordArgs};
use crate::failure::Failure;
use crate::inputs::Inputs;
use crate::{input, output};
use spikeflame_profile::Selection;
use spikeflame_record::{Event, Outcome, Stop, record, repeat};
use spikeflame_render as render;
use spikeflame_run::{Options, Run, Window};
use std::path::Path;

/// Rows of the table at the end of a recording.
const ROWS: usize = 5;

pub(crate) fn run(args: &RecordArgs, cli: &Cli) -> Result<(), Failure> {
    let stop = Stop::listen()?;
    let Some(series) = args.series() else {
        let outcome = record(&args.options(), &stop, &mut |event| tell(event, cli))?;
        warn_of_load(&outcome);
        return summary(&outcome, cli);
    };
    let begin = &mut |folder: &Path| {
        if !cli.quiet {
            output::complain("record", &format!("run {}", folder.display()));
        }
    };
    let runs = repeat(&args.options(), &series, &stop, begin, &mut |event| tell(event, cli))?;
    runs.iter().for_each(warn_of_load);
    let Some(last) = runs.last() else { return Ok(()) };
    summary(last, cli)?;
    let folder = args.output.display();
    output::write(None, &Inputs::none(), |out| {
        writeln!(out, "  spikeflame diff --before '{folder}-*' --after 'OTHER-*'")
    })
}

/// An event of a recording, on standard error.
pub(crate) fn tell(event: Event, cli: &Cli) {
    let note = |text: &str| {
        if !cli.quiet {
            output::complain("record", text);
        }
    };
    match event {
        Event::Started("preload") => {
            note("the profiler's flags are passed by a preload module, for each Node process");
        }
        Event::Started(_) => note("the program runs under the profiler; Ctrl-C ends it"),
        Event::Loading => note("the program answers; the load begins"),
        Event::Loaded(status) => note(&format!("the load ended: {status}")),
        Event::Killed => {
            output::complain("warning", "the program did not end in time and was killed");
        }
        Event::LogLost(why) => {
            output::complain("warning", &format!("app.log is not whole: {why}"));
        }
    }
}

fn warn_of_load(outcome: &Outcome) {
    if !outcome.load_succeeded {
        let folder = outcome.folder.display();
        let text = format!("{folder}: the load did not end well: see its output above");
        output::complain("warning", &text);
    }
}

/// Prints the plateau, the verdict and the hottest functions, as far as the run has them, and the
/// commands for the next step.
fn summary(outcome: &Outcome, cli: &Cli) -> Result<(), Failure> {
    let options = Options { look_beside: true, ..Options::default() };
    let run = Run::read(std::slice::from_ref(&outcome.folder), options);
    let has_plateau = matches!(run.timeline(), Ok(Some(_))) && matches!(run.found(), Ok(Ok(_)));
    let window = if has_plateau { Window::Plateau } else { Window::All };
    let shown = input::show(run, Selection::default(), window, cli).and_then(input::filled);
    let folder = outcome.folder.display();
    output::write(None, &Inputs::none(), |mut out| {
        if let Ok(shown) = &shown {
            let (tree, about) = (&shown.selected.tree, &shown.selected.about);
            let top = render::TopOptions { rows: ROWS, ..render::TopOptions::default() };
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
