//! The command `spikeflame errors` lists the errors of an application's log.

use crate::args::{
    Cli, ErrorsArgs, ErrorsFormat, InputArgs, MonitorArgs, ReadingArgs, SampleCount,
};
use crate::failure::Failure;
use crate::input::{self, SelectedRun};
use crate::inputs::Inputs;
use crate::output;
use crate::words;
use anstream::ColorChoice;
use spikeflame_render::errors::{self as view, ErrorOptions, Errors};
use spikeflame_run::Error;

pub(crate) fn run(args: &ErrorsArgs, cli: &Cli) -> Result<(), Failure> {
    let reading = ReadingArgs::of_log(args.zone.clone());
    let input = InputArgs { runs: args.logs.clone(), reading, count: SampleCount::Weights };
    let (keep, load) = (args.selection.selection(), &args.selection.load);
    let run = input::run(&input, load, &MonitorArgs::default(), cli);
    let SelectedRun { run, selected, selection } =
        input::show(run, keep, load.window(), cli).map_err(about_logs)?;
    let errors = Errors::collect(run.profile()?, &selection, &selected.tree, args.paths.full_paths);
    if errors.total == 0 && selected.tree.total() > 0 {
        let why = "it holds no application log; `spikeflame top` lists the functions of a profile";
        return Err(Failure::Selection(format!("{}: {why}", selected.about.files)));
    }
    let to_stdout = args.output.path().is_none_or(output::is_stdout);
    let choice = anstream::AutoStream::choice(&std::io::stdout());
    let options = ErrorOptions {
        rows: args.rows.number(args.format.format == ErrorsFormat::Json),
        color: to_stdout && choice != ColorChoice::Never,
        all_rows: words::ALL_ROWS,
    };
    let about = &selected.about;
    output::write(args.output.path(), &Inputs::from_run(&run), |mut out| {
        match args.format.format {
            ErrorsFormat::Text => view::text(&errors, about, &options, &mut out),
            ErrorsFormat::Markdown => view::markdown(&errors, about, &options, &mut out),
            ErrorsFormat::Json => view::json(&errors, about, &options, &mut out),
        }?;
        out.flush()
    })
}

/// A folder can hold recordings, and no log: then the advice on recordings does not help.
fn about_logs(failure: Failure) -> Failure {
    let Failure::Run(Error::Recording(spikeflame_parse::Error::NoRecording { path, .. })) = failure
    else {
        return failure;
    };
    Failure::Selection(format!(
        "{}: no application log in it; `spikeflame record` writes app.log there, and `node main.js \
         2>&1 | tee app.log` keeps the output of a program that you start yourself{}",
        path.display(),
        words::paths::runs_below(&path)
    ))
}
