//! The command `spikeflame record` makes a run folder.

mod first_run;

use crate::args::{Cli, RecordArgs};
use crate::commands::summary;
use crate::failure::Failure;
use crate::inputs::Inputs;
use crate::{interrupt, output, words};
use spikeflame_record::{Event, Outcome, Profiler, Stop, record, repeat};
use spikeflame_run::Folder;
use std::path::Path;

pub(crate) fn run(args: &RecordArgs, cli: &Cli) -> Result<(), Failure> {
    output::can_be_folder(&args.output)?;
    warn_of_profiler(args);
    let stop = Stop::listen()?;
    interrupt::is_handled();
    let Some(series) = args.series() else {
        let outcome = record(&args.options(), &stop, &mut |event| tell(event, cli))?;
        outcome.check_load()?;
        note_missing_result(&outcome, args, cli);
        let shown = summary::write(&args.output, cli);
        // A load that the user has ended is no surprise.
        return if stop.times() == 0 { check(&[outcome], shown) } else { shown };
    };
    let begin = &mut |folder: &Path| {
        output::note("record", &format!("run {}", folder.display()), cli);
    };
    let runs = repeat(&args.options(), &series, &stop, begin, &mut |event| tell(event, cli))?;
    runs.iter().for_each(|outcome| note_missing_result(outcome, args, cli));
    let Some(last) = runs.last() else { return Ok(()) };
    let name = last.folder.file_name().unwrap_or_default();
    let shown = summary::write(&args.output.with_file_name(name), cli);
    let folder = args.output.display();
    output::write(None, &Inputs::none(), |out| {
        writeln!(out, "  spikeflame diff --before '{folder}-*' --after 'OTHER-*'")
    })?;
    if series.warm_up == 0
        && let Some(text) = first_run::hint(&runs)
    {
        output::note("record", &text, cli);
    }
    check(&runs, shown)
}

/// Returns the error for runs whose load command or program failed. They are recorded all the same.
/// Without such a run, the result is that of the summary.
fn check(runs: &[Outcome], shown: Result<(), Failure>) -> Result<(), Failure> {
    let failed: Vec<String> = runs.iter().filter_map(failure_of).collect();
    if failed.is_empty() {
        return shown;
    }
    if let Err(why) = shown {
        output::complain("warning", &why.to_string());
    }
    Err(Failure::Recorded(failed.join("; ")))
}

/// Returns the sentence about a run whose load command or program failed.
fn failure_of(outcome: &Outcome) -> Option<String> {
    let folder = outcome.folder.display();
    let why = match (&outcome.program_failed, outcome.load_succeeded) {
        (None, true) => return None,
        (Some(status), _) => {
            format!("the program ended by itself with {status}; app.log has its output")
        }
        (None, false) if outcome.load_stopped => {
            "the load was stopped, because the program had ended".to_owned()
        }
        (None, false) => match outcome.load_code {
            Some(code) => {
                format!("the load command ended with exit code {code}: see its output above")
            }
            None => "the load command was ended by a signal".to_owned(),
        },
    };
    Some(format!("{folder}: the run is recorded, but {why}"))
}

/// Prints a warning when the program starts V8's CPU profiler itself, which stops the ticks of `--prof`.
fn warn_of_profiler(args: &RecordArgs) {
    let options = args.options();
    let is_flag = |word: &str| word == "--cpu-prof" || word.starts_with("--cpu-prof=");
    let in_command = options.command.iter().any(|word| is_flag(&word.to_string_lossy()));
    let in_variable = || {
        let words = std::env::var("NODE_OPTIONS").unwrap_or_default();
        words.split_whitespace().any(is_flag)
    };
    if options.profiler == Profiler::Prof && (in_command || in_variable()) {
        let text = "the program has its own --cpu-prof, which stops the ticks of --prof: leave it out, or record with \
                    --profiler cpu-prof";
        output::complain("warning", text);
    }
}

/// Prints an event of a recording on standard error.
pub(crate) fn tell(event: Event, cli: &Cli) {
    let note = |text: &str| output::note("record", text, cli);
    match event {
        Event::Started("preload") => {
            note("the program runs, and each Node process in it is profiled; Ctrl-C ends it");
        }
        Event::Started(_) => note("the program runs under the profiler; Ctrl-C ends it"),
        Event::Loading => note("the program answers; the load begins"),
        Event::Loaded(status) => note(&format!("the load ended: {status}")),
        Event::Ended { status, success: true } => note(&format!("the program ended: {status}")),
        Event::Ended { status, .. } => output::complain(
            "warning",
            &format!(
                "the program ended with {status}: see its output above, which is also in app.log"
            ),
        ),
        Event::Killed => {
            output::complain("warning", "the program did not end in time and was killed");
        }
        Event::LoadInBackground => output::complain(
            "warning",
            "the load command ended, and the processes that it had left in the background \
             were ended with it: let it wait for them",
        ),
        Event::ListenerEnded(count) => output::complain(
            "warning",
            &format!(
                "{count} of the processes that listened on a port ended during the load, and the \
                 program went on: requests may have failed, and the run may be of several starts. \
                 A watcher (nodemon) starts the program again when a file changes, also one of the \
                 run folder: record without it, or name a folder elsewhere with -o"
            ),
        ),
        Event::NotLoaded => output::complain(
            "warning",
            "the load was not run: the end was asked for before the program answered",
        ),
        Event::LeftBehind(count) => {
            let left = "that the program or the load had left behind";
            note(&match count {
                1 => format!("a process {left} was ended"),
                many => format!("{many} processes {left} were ended"),
            });
        }
        Event::ChildrenNotProfiled(ms) => output::complain(
            "warning",
            &format!(
                "child processes used at least {:.1} s of CPU that no profile has: they are no Node, or their \
                 environment lacks NODE_OPTIONS (pass `...process.env` on); --profiler perf records all processes",
                ms as f64 / 1e3
            ),
        ),
        Event::OutputHeld => output::complain(
            "warning",
            "a process that the program had started as a daemon holds the program's output open; \
             it was not ended",
        ),
        Event::Kept(folder) => note(&format!("run {} is there already", folder.display())),
        Event::SetAside { from, to } => note(&format!(
            "run {} failed before; its files are in {} now",
            from.display(),
            to.display()
        )),
        Event::OldNode(version) => output::complain(
            "warning",
            &format!(
                "Node {version} is too old for marks of the clock and for process.csv; Node 16 or \
                 newer has them"
            ),
        ),
        Event::ClockStepped(ms) => output::complain(
            "warning",
            &format!(
                "the machine's clock moved by {:.1} s more than the time that passed: it was set, \
                 or the machine slept; times of the profile and of the load test differ by that",
                ms as f64 / 1e3
            ),
        ),
        Event::WriteFailed(why) => output::complain(
            "warning",
            &format!("a file of the run could not be written ({why}): profiles can end there"),
        ),
        Event::FactsLost(why) => {
            output::complain(
                "warning",
                &format!("run.json is not complete: {why}; profiles may be cut off too"),
            );
        }
        Event::LogLost(why) => {
            output::complain("warning", &format!("app.log is not whole: {why}"));
        }
    }
}

/// Prints how to get a result with times from a load command that has left none.
fn note_missing_result(outcome: &Outcome, args: &RecordArgs, cli: &Cli) {
    let options = args.options();
    let has_run = outcome.load_code == Some(0);
    let Some(load) = options.load.filter(|_| has_run && !cli.quiet) else { return };
    let found = Folder::look(&outcome.folder);
    // Without times in a result, no plateau can be found.
    if found.timeline().is_some() {
        return;
    }
    let unnamed = match load.contains("RUN") {
        true => "",
        false => {
            " The command does not contain $RUN: in double quotes, your shell has replaced it."
        }
    };
    let folder = outcome.folder.display();
    let way = words::generators::way_to_times(&load);
    let text = match found.loads.first() {
        Some(totals) => format!(
            "the result of the load has totals only ({}: {}), so no plateau is looked for; {way}",
            totals.path.file_name().unwrap_or_default().to_string_lossy(),
            totals.format
        ),
        None => format!(
            "the load left no result in {folder} that is read, so there is no plateau; {way}; a result \
             elsewhere is named with --load of the other commands.{unnamed}"
        ),
    };
    output::complain("record", &text);
}
