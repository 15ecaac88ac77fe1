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
use spikeflame_load::ReadOptions;
use spikeflame_load::monitor::{self, Monitor, MonitorOptions};
use spikeflame_parse::{EXPECTED, Progress};
use spikeflame_profile::Profile;
use spikeflame_render::errors::{self as view, ErrorOptions, Errors};
use spikeflame_run::Error;
use std::io::Read;
use std::path::Path;

pub(crate) fn run(args: &ErrorsArgs, cli: &Cli) -> Result<(), Failure> {
    let reading = ReadingArgs::of_log(args.zone.clone(), args.maps.clone());
    let input = InputArgs { runs: args.logs.clone(), reading, count: SampleCount::Weights };
    let (keep, load) = (args.selection(), args.load.to_load());
    let run = input::run(&input, &load, &MonitorArgs::default(), cli);
    // A log without errors has none in any window, also when its lines have no times.
    let has_nothing = |profile: &Profile| profile.total() == 0 && !profile.is_timed();
    let (keep, load) = match run.profile() {
        Ok(profile) if has_nothing(profile) => (args.filters(), load.of_whole()),
        _ => (keep, load),
    };
    let SelectedRun { run, selected, selection } =
        input::show_all(run, keep, &load, cli).map_err(about_logs)?;
    let errors = Errors::collect(run.profile()?, &selection, &selected.tree, args.paths.full_paths);
    if errors.total == 0 && selected.tree.total() > 0 {
        let why = "it holds no application log; `spikeflame top` lists the functions of a profile";
        return Err(Failure::Selection(format!("{}: {why}", selected.about.recordings)));
    }
    if errors.total == 0 {
        args.logs.iter().try_for_each(|path| refuse_other(path))?;
    }
    let to_stdout = args.output.path().is_none_or(output::is_stdout);
    let choice = anstream::AutoStream::choice(&std::io::stdout());
    let options = ErrorOptions {
        rows: args.rows.number(args.format.format == ErrorsFormat::Json),
        color: to_stdout && choice != ColorChoice::Never,
        all_rows_hint: words::ALL_ROWS,
    };
    let about = &selected.about;
    output::write(args.output.path(), &Inputs::from_run(&run), |mut out| {
        match args.format.format {
            ErrorsFormat::Text => {
                view::text(&errors, about, &options, &mut out)?;
                let places = errors.rows.iter().flat_map(|row| &row.thrown);
                let files = places.filter_map(|place| Some(place.app.as_ref()?.file.as_str()));
                words::compiled_files(files, &run).map_or(Ok(()), |text| writeln!(out, "\n{text}"))
            }
            ErrorsFormat::Markdown => view::markdown(&errors, about, &options, &mut out),
            ErrorsFormat::Json => view::json(&errors, about, &options, &mut out),
        }?;
        out.flush()
    })
}

/// Refuses a file without errors that is the result of a load test or of a monitor: "no errors" would
/// be false for one whose requests failed.
fn refuse_other(path: &Path) -> Result<(), Failure> {
    let open = || spikeflame_parse::open(path, &Progress::default()).ok();
    let load = open().map(|log| spikeflame_load::read(log, path, &ReadOptions::default()));
    if let Some(Err(why @ spikeflame_load::Error::Unrecognised { found, .. })) = &load
        && found.starts_with("the access log")
    {
        let text = why.to_string();
        let known = text.split_once("; expected").map_or(&*text, |(known, _)| known);
        return Err(Failure::Selection(known.to_owned()));
    }
    let is_load = matches!(load, Some(Ok(_)));
    let is_monitor = || {
        let read = open().and_then(|log| monitor::read(log, path, &MonitorOptions::default()).ok());
        read.is_some_and(|read| !is_table_of_texts(&read, open()))
    };
    let what = match (is_load, is_load || is_monitor()) {
        (true, _) => "the result of a load test (`spikeflame plateau` reads it)",
        (false, true) => "the data of a monitor (`spikeflame plateau LOAD --with` reads it)",
        (false, false) => return Ok(()),
    };
    Err(Failure::Selection(format!("{}: {what}, and no application's log", path.display())))
}

/// Returns true for a table of a log's lines, some of whose columns are numbers: one with a column of
/// messages or levels, or one without names of columns whose rows have texts, as Papertrail's archives are.
fn is_table_of_texts(read: &Monitor, log: Option<impl Read>) -> bool {
    const TEXTS: [&str; 18] = [
        "message",
        "@message",
        "msg",
        "log",
        "logentry",
        "logmessage",
        "log_s",
        "text",
        "textpayload",
        "line",
        "body",
        "content",
        "_raw",
        "level",
        "severity",
        "loglevel",
        "log.level",
        "severitytext",
    ];
    const MOST_BYTES: u64 = 64 * 1024;
    if read.tracks.iter().all(|track| track.name.starts_with("column ") && track.name.contains('{'))
    {
        return true;
    }
    let mut head = Vec::new();
    let head = log.and_then(|log| log.take(MOST_BYTES).read_to_end(&mut head).ok().map(|_| head));
    let head = head.unwrap_or_default();
    let text = String::from_utf8_lossy(&head);
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let is_json = first.trim_start().starts_with(['{', '[']);
    let names = first.split([',', ';', '\t']).map(|name| name.trim_matches([' ', '"', '\u{feff}']));
    !is_json && names.into_iter().any(|name| TEXTS.contains(&name.to_lowercase().as_str()))
}

/// A file of another kind, or a folder without a log: then the advice on recordings does not help.
fn about_logs(failure: Failure) -> Failure {
    const LOGS: &str = "expected the log of an application, as text or as lines of JSON";
    if let Failure::Run(Error::Recording(why)) = &failure
        && why.to_string().ends_with(EXPECTED)
    {
        let text = failure.to_string();
        let known = text.replacen("reads it, and --load beside a profile", "reads it", 1);
        return Failure::Selection(known.replacen(EXPECTED, LOGS, 1));
    }
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
