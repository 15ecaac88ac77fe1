//! The commands, each with the line that runs it or the part that is missing.

use super::checks::{has, is_recording};
use super::program::{Place, load, program};
use crate::commands::queries::has_statements;
use crate::output;
use spikeflame_render::doctor::{Check, State, Step};
use spikeflame_run::{Checkup, Content, Facts, FileCheck};
use std::path::{Path, PathBuf};

/// The user's own words, quoted for a shell. Options have a space before them.
pub(super) struct QuotedWords {
    /// The run that `doctor` was asked about.
    pub(super) run: String,
    /// The path for commands that show recordings: the run, or the one log of a run without
    /// recordings.
    pub(super) shown: String,
    /// Options for reading recordings.
    pub(super) reading: String,
    /// The option with the time zone of a log.
    pub(super) zone: String,
    /// The option with the load test, when the user named one.
    pub(super) load: String,
    /// The option with the start of the recording.
    pub(super) start: String,
    /// Options for reading the load test.
    pub(super) test: String,
}

/// Facts about the load test of a run.
pub(super) struct LoadFacts {
    /// The file of the load test, when it is not the one that the run's path leads to.
    pub(super) file: Option<PathBuf>,
    /// The load tests among which the user must choose.
    pub(super) choice: Vec<PathBuf>,
    /// True for a load test of totals, without seconds.
    pub(super) is_totals: bool,
    /// True when the load test has a rate and mean durations, from which connections follow.
    pub(super) has_means: bool,
    /// The window to use, when the test has no plateau.
    pub(super) instead: String,
    /// For recordings of two runs: the one of which a part under load is shown, quoted, and the value of
    /// `--window` that selects this part.
    pub(super) of_two_runs: Option<(String, String)>,
    /// True when the start of the recording, given as an option, would not help: the clocks show that recording
    /// and load test were made at different times, or the load test has no clock.
    pub(super) is_apart: bool,
}

/// The parts of a run that a command may need.
struct Parts {
    /// A recording, or a log with errors, which is read like one.
    shown: bool,
    recording: bool,
    /// A load test second by second.
    load: bool,
    clocks: bool,
    plateau: bool,
    log: bool,
    statements: bool,
}

/// A part that a command needs: whether it is there, and its name.
pub(super) type Need<'a> = (bool, &'a str);

/// Returns true for a log that holds the statements of a database and no error: `errors` would say
/// that there is none.
fn is_only_statements(file: &FileCheck) -> bool {
    matches!(file.content, Content::Log { errors: 0 }) && has_statements(&file.path)
}

/// Returns the first log with errors of a run without recordings. Commands that show recordings
/// read such a log where it is named as a file.
pub(super) fn shown_log(checkup: &Checkup) -> Option<&Path> {
    if has(checkup, is_recording) {
        return None;
    }
    let mut files = checkup.files.iter();
    let log = files.find(|file| matches!(file.content, Content::Log { errors: 1.. }))?;
    Some(&log.path)
}

/// Returns the step of a command. `line` is run when all needs are there, `otherwise` before that.
pub(super) fn step(command: &'static str, needs: &[Need<'_>], line: &str, otherwise: &str) -> Step {
    let missing: Vec<&str> =
        needs.iter().filter(|(there, _)| !there).map(|(_, word)| *word).collect();
    let ready = missing.is_empty();
    Step {
        command,
        ready,
        line: if ready { format!("spikeflame {line}") } else { otherwise.to_owned() },
        missing: missing.join(" and "),
    }
}

/// Returns the commands for a run.
pub(super) fn commands(
    checkup: &Checkup,
    checks: &[Check],
    named: &QuotedWords,
    test: &LoadFacts,
) -> Vec<Step> {
    let parts = parts(checkup, checks);
    let QuotedWords { run, shown, reading, load, start, .. } = named;
    let record = record(checkup, &parts, named);
    // `record` keeps the output of the program in the folder. No other file is written, because one
    // of that name may be in the current folder.
    let logged = match checkup.path.is_dir() {
        true => record.clone(),
        false => {
            let program = program(None, Path::new("."));
            format!("{program} 2>&1 | tee new-app.log; spikeflame errors new-app.log")
        }
    };
    let profile = (parts.shown, "a recording");
    let options = &named.test;
    vec![
        step("top", &[profile], &format!("top {shown}{reading}"), &record),
        step("flame", &[profile], &format!("flame {shown}{reading}"), &record),
        step(
            "report",
            &[profile],
            &format!("report {shown}{reading}{load}{start}{options} --open"),
            &record,
        ),
        step("export", &[profile], &format!("export {shown}{reading} --to speedscope"), &record),
        plateau(&parts, named, test, &record),
        on_plateau(&parts, named, test, &record),
        step(
            "diff",
            &[profile],
            &format!("diff --before {shown} --after OTHER_RUN{reading}"),
            &record,
        ),
        step(
            "errors",
            &[(parts.log, "the log of the application (`record` keeps it as app.log)")],
            &format!("errors {run}{}", named.zone),
            &logged,
        ),
        step(
            "queries",
            &[(parts.statements, "a slow query log, or TypeORM's lines of slow queries")],
            &format!("queries {run}"),
            "spikeflame queries slow.log",
        ),
        capacity(&parts, named, test),
    ]
}

fn parts(checkup: &Checkup, checks: &[Check]) -> Parts {
    let good =
        |what: &str| checks.iter().any(|check| check.subject == what && check.state == State::Good);
    let is_log = |file: &&FileCheck| matches!(file.content, Content::Log { .. });
    let mut logs = checkup.files.iter().filter(is_log);
    let recording = has(checkup, is_recording);
    Parts {
        shown: recording || shown_log(checkup).is_some(),
        recording,
        load: good("load"),
        clocks: good("clocks"),
        plateau: good("plateau"),
        log: logs.clone().any(|file| !is_only_statements(file)) || has_empty_log(checkup),
        statements: logs.any(|file| has_statements(&file.path)),
    }
}

/// Returns true for the recorder's log of a program that wrote nothing: it has no errors.
fn has_empty_log(checkup: &Checkup) -> bool {
    let of_recorder =
        |file: &FileCheck| file.path.file_name().is_some_and(|name| name == "app.log");
    let is_empty = |file: &FileCheck| file.path.metadata().is_ok_and(|data| data.len() == 0);
    checkup.files.iter().any(|file| of_recorder(file) && is_empty(file))
}

/// The load test as a part that a command needs.
fn load_need<'a>(parts: &Parts, test: &LoadFacts) -> Need<'a> {
    match test.choice.is_empty() {
        true => (parts.load, "a load test with seconds"),
        false => (false, "one load test of those in the folder"),
    }
}

/// Returns the command that reads the load test alone: the line after the name of the command.
fn plateau(parts: &Parts, named: &QuotedWords, test: &LoadFacts, record: &str) -> Step {
    let QuotedWords { run, start, test: options, .. } = named;
    let line = match &test.file {
        Some(file) if parts.recording => {
            format!("plateau {} --profile {run}{start}{options}", output::quoted(file))
        }
        Some(file) => format!("plateau {}{options}", output::quoted(file)),
        None => format!("plateau {run}{start}{options}"),
    };
    let first = test.choice.first().map(|file| output::quoted(file));
    let chosen = first.map(|file| format!("spikeflame plateau {file}{options}"));
    let otherwise = chosen.unwrap_or_else(|| record.to_owned());
    step("plateau", &[load_need(parts, test)], &line, &otherwise)
}

/// Returns the command that shows the plateau of a recording, or the nearest one that works.
fn on_plateau(parts: &Parts, named: &QuotedWords, test: &LoadFacts, record: &str) -> Step {
    let QuotedWords { run, shown, reading, load, start, test: options, .. } = named;
    let given = format!("{load}{start}{options}");
    // Clocks and plateau count as missing only when there is a recording and a load test.
    let both = parts.shown && parts.load;
    let needs = [
        (parts.shown, "a recording"),
        load_need(parts, test),
        (parts.clocks || !both, "a common clock"),
        (parts.plateau || !both, "a plateau"),
    ];
    let instead = &test.instead;
    let otherwise = if let Some((recording, window)) = &test.of_two_runs {
        format!("spikeflame top {recording}{reading} --window {window}{load}{options}")
    } else if let Some(first) = test.choice.first().filter(|_| parts.shown) {
        let first = output::quoted(first);
        format!("spikeflame doctor {run}{reading}{start}{options} --load {first}")
    } else if test.is_apart || !both {
        record.to_owned()
    } else if !parts.clocks {
        let window = if parts.plateau { "plateau" } else { instead };
        let start = "--profile-start START";
        format!("spikeflame top {shown}{reading} --window {window}{load} {start}{options}")
    } else {
        format!("spikeflame top {shown}{reading} --window {instead}{given}")
    };
    let line = format!("top {shown}{reading} --window plateau{given}");
    step("top --window plateau", &needs, &line, &otherwise)
}

/// Returns the command that calculates connections. Without a plateau, it takes the numbers from
/// another window of the test.
fn capacity(parts: &Parts, named: &QuotedWords, test: &LoadFacts) -> Step {
    let source = test.file.as_ref().map_or_else(|| named.run.clone(), |file| output::quoted(file));
    let window = match parts.plateau || test.is_totals {
        true => String::new(),
        false => format!(" --window {}", test.instead),
    };
    let line = format!("capacity {source}{window}{}", named.test);
    let need = match test.choice.is_empty() {
        true => (test.has_means, "a load test with mean durations"),
        false => load_need(parts, test),
    };
    step("capacity", &[need], &line, "spikeflame capacity --rps REQUESTS_A_SECOND --mean DURATION")
}

/// Returns the command line that records a complete run, in a folder that is empty or new. For a
/// single recording, it returns a line that names a load test instead.
fn record(checkup: &Checkup, parts: &Parts, named: &QuotedWords) -> String {
    let QuotedWords { run, reading, start, .. } = named;
    if parts.recording && !checkup.path.is_dir() {
        return format!("spikeflame top {run}{reading} --window plateau --load k6.json.gz{start}");
    }
    let facts = Facts::read(&checkup.path).ok().flatten();
    // A load command whose result cannot be read would leave none again.
    let load = load(facts.as_ref().filter(|_| parts.load));
    let place = Place::of(&checkup.path);
    let folder = match is_empty(&checkup.path) {
        true => run.clone(),
        false => place.new_run(),
    };
    place.line(&folder, &load, facts.as_ref())
}

/// Returns true for a folder without any entry. `record` refuses others.
fn is_empty(path: &Path) -> bool {
    std::fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none())
}
