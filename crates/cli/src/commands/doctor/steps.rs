//! The commands, each with the line that runs it or the part that is missing.

use super::checks::{has, is_recording};
use crate::commands::queries::has_statements;
use crate::output;
use spikeflame_render::doctor::{Check, State, Step};
use spikeflame_run::{Checkup, Content, FileCheck};
use std::path::Path;

/// The parts of a run that a command may need.
struct Parts {
    recording: bool,
    /// A load test second by second.
    load: bool,
    clocks: bool,
    plateau: bool,
    log: bool,
    statements: bool,
}

/// Returns true for a log that holds the statements of a database and no error: `errors` would say
/// that there is none.
fn is_only_statements(file: &FileCheck) -> bool {
    matches!(file.content, Content::Log { errors: 0 }) && has_statements(&file.path)
}

/// Returns the step of a command. `line` is run when all needs are there, `otherwise` before that.
fn step(command: &'static str, needs: &[(bool, &str)], line: &str, otherwise: &str) -> Step {
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

/// Returns the commands for a run, whose path is quoted for a shell.
///
/// `of_two_runs` is one recording, quoted too, when the recordings are of two runs. `apart` is true
/// when the recording and the load test were made at different times, as their clocks show.
/// `instead` is the window of a run without a plateau.
/// `load_file` is the load test that was found for the run.
pub(super) fn commands(
    checkup: &Checkup,
    checks: &[Check],
    run: &str,
    (of_two_runs, apart): (Option<&str>, bool),
    (instead, load_file): (&str, Option<&Path>),
) -> Vec<Step> {
    let good =
        |what: &str| checks.iter().any(|check| check.what == what && check.state == State::Good);
    let parts =
        Parts {
            recording: has(checkup, is_recording),
            load: good("load"),
            clocks: good("clocks"),
            plateau: good("plateau"),
            log: checkup.files.iter().any(|file| {
                matches!(file.content, Content::Log { .. }) && !is_only_statements(file)
            }),
            statements: checkup.files.iter().any(|file| {
                matches!(file.content, Content::Log { .. }) && has_statements(&file.path)
            }),
        };
    let record = record(checkup, &parts, run);
    // A log alone is read like a recording where it is named as a file.
    let log = checkup.files.iter().find(|file| {
        !parts.recording && matches!(file.content, Content::Log { errors } if errors > 0)
    });
    let (shown, profile) = match log {
        Some(log) => (output::quoted(&log.path), (true, "")),
        None => (run.to_owned(), (parts.recording, "a recording")),
    };
    let load = (parts.load, "a load test with seconds");
    // Clocks and plateau count as missing only when there is a recording and a load test.
    let both = parts.recording && parts.load;
    let window = [
        (parts.recording, "a recording"),
        load,
        (parts.clocks || !both, "a common clock"),
        (parts.plateau || !both, "a plateau"),
    ];
    let aligned = both && !parts.clocks;
    let on_window = if let Some(recording) = of_two_runs {
        format!("spikeflame top {recording} --window plateau")
    } else if apart {
        // The start of the recording is known, so giving it would not help.
        record.clone()
    } else if aligned {
        format!("spikeflame top {run} --window plateau --profile-start 2026-11-23T01:24:45Z")
    } else if both {
        format!("spikeflame top {run} --window {instead}")
    } else {
        record.clone()
    };
    // `record` keeps the output of the program in the folder. No other file is written, because one
    // of that name may be in the current folder.
    let logged = match checkup.path.is_dir() {
        true => record.clone(),
        false => "node main.js 2>&1 | tee new-app.log; spikeflame errors new-app.log".to_owned(),
    };
    // A recording is no load test: the commands for one get the file that was found beside it.
    let alone = !checkup.path.is_dir() && parts.recording;
    let test = load_file.filter(|_| alone).map(output::quoted);
    let (plateau, capacity) = match &test {
        Some(test) => (format!("plateau {test} --profile {run}"), format!("capacity {test}")),
        None => (format!("plateau {run}"), format!("capacity {run}")),
    };
    let totals = has(checkup, |content| matches!(content, Content::Totals { .. }));
    vec![
        step("top", &[profile], &format!("top {shown}"), &record),
        step("flame", &[profile], &format!("flame {shown}"), &record),
        step("report", &[profile], &format!("report {shown} --open"), &record),
        step("export", &[profile], &format!("export {shown} --to speedscope"), &record),
        step("plateau", &[load], &plateau, &record),
        step("top --window plateau", &window, &format!("top {run} --window plateau"), &on_window),
        step(
            "diff",
            &[(parts.recording, "a recording")],
            &format!("diff --before {run} --after OTHER_RUN"),
            &record,
        ),
        step(
            "errors",
            &[(parts.log, "the log of the application (`record` keeps it as app.log)")],
            &format!("errors {run}"),
            &logged,
        ),
        step(
            "queries",
            &[(parts.statements, "a slow query log, or TypeORM's lines of slow queries")],
            &format!("queries {run}"),
            "spikeflame queries slow.log",
        ),
        step(
            "capacity",
            &[(parts.load && parts.plateau || totals, "a load test with a plateau")],
            &capacity,
            "spikeflame capacity --rps 390 --mean 1.71s",
        ),
    ]
}

/// Returns the command line that records a complete run, in a folder that is empty or new. For a
/// single recording, it returns a line that names a load test instead.
fn record(checkup: &Checkup, parts: &Parts, run: &str) -> String {
    if parts.recording && !checkup.path.is_dir() {
        return format!("spikeflame top {run} --window plateau --load k6.json.gz");
    }
    let new = |number: &u32| !Path::new(&format!("runs/before-{number}")).exists();
    let folder = match is_empty(&checkup.path) {
        true => run.to_owned(),
        false => format!("runs/before-{}", (1..).find(new).unwrap_or(1)),
    };
    format!(
        "spikeflame record -o {folder} --load 'k6 run --out json=$RUN/k6.json.gz spike.js' -- node \
         main.js"
    )
}

/// Returns true for a folder without any entry. `record` refuses others.
fn is_empty(path: &Path) -> bool {
    std::fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none())
}
