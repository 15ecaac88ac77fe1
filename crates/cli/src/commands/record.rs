//! The command `spikeflame record` makes a run folder.

use crate::args::{Cli, RecordArgs};
use crate::commands::summary;
use crate::failure::Failure;
use crate::inputs::Inputs;
use crate::{interrupt, output};
use spikeflame_record::{Event, Outcome, Stop, record, repeat};
use std::path::Path;

pub(crate) fn run(args: &RecordArgs, cli: &Cli) -> Result<(), Failure> {
    output::can_be_folder(&args.output)?;
    let stop = Stop::listen()?;
    interrupt::is_handled();
    let Some(series) = args.series() else {
        let outcome = record(&args.options(), &stop, &mut |event| tell(event, cli))?;
        outcome.check_load()?;
        // A load that the user has ended is no surprise.
        if stop.times() == 0 {
            warn_of_load(&outcome, args, cli);
        }
        return summary::write(&outcome.folder, cli);
    };
    let begin = &mut |folder: &Path| {
        output::note("record", &format!("run {}", folder.display()), cli);
    };
    let runs = repeat(&args.options(), &series, &stop, begin, &mut |event| tell(event, cli))?;
    runs.iter().for_each(|outcome| warn_of_load(outcome, args, cli));
    let Some(last) = runs.last() else { return Ok(()) };
    summary::write(&last.folder, cli)?;
    let folder = args.output.display();
    output::write(None, &Inputs::none(), |out| {
        writeln!(out, "  spikeflame diff --before '{folder}-*' --after 'OTHER-*'")
    })
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
            note(&format!(
                "{count} processes that the program or the load had left behind were ended"
            ));
        }
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

fn warn_of_load(outcome: &Outcome, args: &RecordArgs, cli: &Cli) {
    // Without a result in the folder, no window of the load can be cut.
    let is_missing = || spikeflame_run::Folder::look(&outcome.folder).loads.is_empty();
    if args.options().load.is_some() && outcome.load_succeeded && !cli.quiet && is_missing() {
        let folder = outcome.folder.display();
        let text = format!(
            "the load left no result in {folder} that is read; `k6 run --out json=$RUN/k6.json.gz` \
             writes one there, and --load names one elsewhere"
        );
        output::complain("record", &text);
    }
    if !outcome.load_succeeded {
        let folder = outcome.folder.display();
        let why = match outcome.load_stopped {
            true => "the load was stopped, because the program had ended",
            false => "the load did not end well: see its output above",
        };
        output::complain("warning", &format!("{folder}: {why}"));
    }
}
