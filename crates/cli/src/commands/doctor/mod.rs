//! The command `spikeflame doctor` lists the files in a run's folder, checks which of them fit
//! together, and names what is missing for each command.

mod checks;
mod program;
mod project;
mod runs;
mod steps;

use super::queries::has_statements;
use crate::args::{Cli, DoctorArgs, DoctorFormat};
use crate::failure::Failure;
use crate::inputs::Inputs;
use crate::{output, words};
use spikeflame_load::Load;
use spikeflame_load::plateau::{Stretch, Window as Seconds};
use spikeflame_parse::Count;
use spikeflame_render::doctor::{self as view, Diagnosis, FileView};
use spikeflame_render::{count, seconds};
use spikeflame_run::{
    AlignError, Checkup, Content, Error, FileCheck, Folder, Options, Run, Warning,
};
use steps::{LoadFacts, QuotedWords};

pub(crate) fn run(args: &DoctorArgs, cli: &Cli) -> Result<(), Failure> {
    if !args.run.exists() {
        let why = words::paths::missing(&args.run);
        return Err(Failure::Selection(format!(
            "{why}; `spikeflame record -o RUN -- node main.js` makes a run"
        )));
    }
    let reading = args.reading.options(Count::Samples, cli.threads);
    // One load test is not that of several runs.
    if let Some(folder) = runs::RunsFolder::look(&args.run).filter(|_| args.load.is_none()) {
        let mut inputs = Inputs::none();
        let diagnosis = folder.diagnose(args, &reading, &mut inputs);
        return write(&diagnosis, &inputs, args);
    }
    let checkup = Checkup::read(&args.run, &reading);
    let has_load = args.load.is_some() || !Folder::look(&args.run).loads.is_empty();
    if let Some(diagnosis) = project::diagnose(&checkup, has_load) {
        return write(&diagnosis, &Inputs::none(), args);
    }
    let run = run_of(args, &checkup, reading);
    let diagnosis = diagnose(&checkup, &run, args);
    let mut inputs = Inputs::from_run(&run);
    let files: Vec<_> = checkup.files.iter().map(|file| file.path.clone()).collect();
    inputs.add(&files);
    write(&diagnosis, &inputs, args)
}

fn write(diagnosis: &Diagnosis, inputs: &Inputs, args: &DoctorArgs) -> Result<(), Failure> {
    output::write(args.output.path(), inputs, |mut out| match args.format.format {
        DoctorFormat::Text => view::text(diagnosis, &mut out),
        DoctorFormat::Json => view::json(diagnosis, &mut out),
    })
}

/// Returns the run as the other commands read it. A load test that is named as a file is the run's
/// own, whatever lies beside it.
fn run_of(args: &DoctorArgs, checkup: &Checkup, recording: spikeflame_parse::Options) -> Run {
    let named = args.run.is_file() && words::content::is_load_test(&args.run);
    let shown = steps::shown_log(checkup).unwrap_or(&args.run);
    let inputs = if named { Vec::new() } else { vec![shown.to_owned()] };
    // A folder that is named as the load test may have totals only.
    let has_timeline = checks::has(checkup, |file| matches!(file, Content::Timeline { .. }));
    let has_totals = checks::has(checkup, |file| matches!(file, Content::Totals { .. }));
    let is_own = named || has_totals && !has_timeline;
    let options = Options {
        recording,
        load: args.load.clone().or_else(|| is_own.then(|| args.run.clone())),
        look_beside: true,
        reading: args.test.reading(),
        plateau: args.test.options(None),
        began_us: args.start.profile_start,
        ..Options::default()
    };
    Run::read(&inputs, options)
}

fn diagnose(checkup: &Checkup, run: &Run, args: &DoctorArgs) -> Diagnosis {
    let path = &*args.run;
    let log = steps::shown_log(checkup);
    let is_shown = log.is_some() || checks::has(checkup, checks::is_recording);
    let checks = checks::checks(checkup, run, is_shown);
    let load = args.load.as_ref().map(|load| format!(" --load {}", output::quoted(load)));
    let named = QuotedWords {
        run: output::quoted(path),
        shown: output::quoted(log.unwrap_or(path)),
        reading: args.reading.words(),
        zone: args.reading.zone.words(),
        load: load.unwrap_or_default(),
        start: args.start.words(),
        test: args.test.words(),
    };
    let commands = steps::commands(checkup, &checks, &named, &load_facts(checkup, run, args));
    let mut warnings: Vec<String> = Vec::new();
    // The check of the builds shows several programs already.
    let is_shown = |warning: &Warning| matches!(warning, Warning::SeveralPrograms { .. });
    let mut found = run.take_warnings();
    found.retain(|warning| !is_shown(warning));
    for text in words::warnings(&found) {
        if !warnings.contains(&text) {
            warnings.push(text);
        }
    }
    Diagnosis {
        run: path.display().to_string(),
        files: checkup.files.iter().map(file).collect(),
        more_files: checkup.more,
        checks,
        commands,
        warnings,
    }
}

/// Returns the facts about the load test that the proposed commands depend on.
fn load_facts(checkup: &Checkup, run: &Run, args: &DoctorArgs) -> LoadFacts {
    let found = run.found().ok().and_then(|found| found.as_ref().err());
    // A folder leads to its load test. A recording does not, and neither does a test from elsewhere.
    let is_elsewhere = args.load.is_some() || !args.run.is_dir();
    let files = run.files();
    let read = files.iter().find(|file| !run.inputs().contains(file));
    // Commands that read no recording cannot choose among the tests of a folder.
    let named = args.load.as_ref().map(|load| match load.is_dir() {
        true => files.iter().rfind(|file| file.starts_with(load)).unwrap_or(load),
        false => load,
    });
    let choice = match run.need_timeline() {
        Err(Error::SeveralLoads { loads, .. }) => loads.into_iter().map(|one| one.path).collect(),
        _ => Vec::new(),
    };
    LoadFacts {
        file: named.or(read).filter(|file| is_elsewhere && **file != args.run).cloned(),
        choice,
        is_totals: matches!(run.load(), Ok(Some(Load::Summary(_)))),
        has_means: has_means(run),
        instead: found.map_or("load".to_owned(), words::window_instead),
        of_two_runs: of_two_runs(checkup, run),
        is_apart: matches!(
            run.alignment(),
            Err(Error::Align(AlignError::Apart { .. } | AlignError::NoTestClock { .. }))
        ),
    }
}

/// Returns true when the load test has a rate and mean durations.
fn has_means(run: &Run) -> bool {
    match run.load() {
        Ok(Some(Load::Summary(summary))) => summary.rps.is_some() && summary.avg_ms.is_some(),
        Ok(Some(Load::Timeline(test))) => {
            let all = Seconds { from: 0, to: test.seconds.len() };
            test.answered(all).1.is_some() || Stretch::measure(test, all).mean_ms.is_finite()
        }
        _ => false,
    }
}

/// Returns a recording that fits to a load test, quoted, and its window, when the recordings are of two runs
/// and so cannot be cut together. A recording whose load test has a plateau is preferred.
fn of_two_runs(checkup: &Checkup, run: &Run) -> Option<(String, String)> {
    let Err(Error::TwoRuns(_)) = run.alignment() else { return None };
    let is_recording = |file: &&FileCheck| matches!(file.content, Content::Recording(_));
    let recordings = checkup.files.iter().filter(is_recording);
    let mut fitting = recordings.filter_map(|file| {
        let options = Options { look_beside: true, ..run.options().clone() };
        let one = Run::read(std::slice::from_ref(&file.path), options);
        one.alignment().ok()?;
        let window = match one.found().ok()? {
            Ok(_) => "plateau".to_owned(),
            Err(none) => words::window_instead(none),
        };
        Some((output::quoted(&file.path), window))
    });
    let first = fitting.next()?;
    if first.1 == "plateau" {
        return Some(first);
    }
    Some(fitting.find(|(_, window)| window == "plateau").unwrap_or(first))
}

/// Describes a log by the commands that read it.
fn log(errors: u64, has_statements: bool) -> String {
    let errors_of = || format!("{} error{}", count(errors), if errors == 1 { "" } else { "s" });
    match (errors, has_statements) {
        (0, true) => "statements of a database, and no errors".to_owned(),
        (_, true) => format!("{}, and statements of a database", errors_of()),
        (_, false) => errors_of(),
    }
}

fn file(found: &FileCheck) -> FileView {
    let name = found.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let (content, about) = match &found.content {
        Content::Recording(recording) => {
            let mut parts = vec![recording.producer.clone()];
            parts.push(format!("{} {}", count(recording.total), recording.unit));
            if recording.timed {
                parts.push(seconds(recording.end_us));
            } else {
                parts.push("without times".to_owned());
            }
            if recording.unreadable > 0 {
                parts.push(format!("{} unreadable", count(recording.unreadable)));
            }
            parts.retain(|part| !part.is_empty());
            ("recording", parts.join(", "))
        }
        Content::Log { errors } => ("log", log(*errors, has_statements(&found.path))),
        Content::Timeline { format, seconds, requests } => {
            let requests = count(requests.round() as u64);
            ("load test", format!("{format}, {seconds} s, {requests} requests"))
        }
        Content::Totals { format } => ("totals", format!("{format}: no time for each request")),
        Content::Facts { is_finished: true } => {
            ("facts", "Node, machine and commands, as the recorder wrote them".into())
        }
        Content::Facts { is_finished: false } => (
            "facts",
            "of a run without an end: it is still being recorded, or its recorder was killed"
                .into(),
        ),
        Content::MemoryMap => {
            ("addresses", "of libraries, by which native code gets its names".into())
        }
        Content::PerfMap => ("names", "of JavaScript functions, for the recordings of perf".into()),
        Content::ProcessUse => (
            "usage",
            "CPU, memory and event loop for each second, as the recorder wrote them".into(),
        ),
        Content::Monitor { tracks } => (
            "monitor",
            format!("{}; `spikeflame plateau LOAD --with FILE` shows it", tracks.join(", ")),
        ),
        Content::Unusable(why) => ("unusable", why.clone()),
        Content::Other(found) => ("other", found.clone()),
        _ => ("other", String::new()),
    };
    FileView { name, content, about }
}
