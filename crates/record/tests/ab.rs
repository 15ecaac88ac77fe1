//! Two builds in turn, from folders. Without `node` they print SKIPPED.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may fail"
)]

use spikeflame_record::{Ab, AbEvent, AbRuns, Error, Event, Options, Place, Series, Stop, ab};
use std::path::Path;
use std::process::Command;

fn has(program: &str) -> bool {
    let there = Command::new(program).arg("--version").output().is_ok();
    if !there {
        eprintln!("SKIPPED: no {program}");
    }
    there
}

/// A program that prints its build, its place and the text that a build command left.
fn sources(folder: &Path, build: &str) {
    std::fs::create_dir_all(folder).unwrap();
    let text = format!(
        "const fs = require('fs'); console.log('{build}', __filename, fs.readFileSync('built.txt', 'utf8').trim());"
    );
    std::fs::write(folder.join("main.js"), text).unwrap();
}

fn comparison(root: &Path) -> Ab {
    sources(&root.join("one"), "one");
    sources(&root.join("two"), "two");
    Ab {
        before: Place::Folder(root.join("one")),
        after: Place::Folder(root.join("two")),
        build: Some("test ! -e built.txt && pwd > built.txt".into()),
        series: Series { runs: 2, warm_up: 1, reset: None },
        options: Options {
            silent: true,
            ..Options::new(root.join("ab"), vec!["node".into(), "main.js".into()])
        },
    }
}

fn recorded(comparison: &Ab) -> (Result<AbRuns, Error>, Vec<String>) {
    let mut order = Vec::new();
    let runs = ab(comparison, &Stop::default(), &mut |event| match event {
        AbEvent::Building(side) => order.push(format!("build {side}")),
        AbEvent::Begins(name) => order.push(name),
        AbEvent::Kept(name) => order.push(format!("kept {name}")),
        _ => {}
    });
    (runs, order)
}

/// Words of the program's output: build, path of the script, path at which it was built.
fn printed(run: &Path) -> Vec<String> {
    let log = std::fs::read_to_string(run.join("app.log")).unwrap();
    log.split_whitespace().skip(1).map(str::to_owned).collect()
}

#[test]
fn builds_take_turns_at_one_path() {
    if !has("node") {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    let (runs, order) = recorded(&comparison(root.path()));
    let runs = runs.unwrap();
    let expected = ["build a", "build b", "warmup-a-1", "warmup-b-1", "a-1", "b-1", "a-2", "b-2"];
    assert_eq!(order, expected);
    let (one, two) = (printed(&runs.before[0]), printed(&runs.after[1]));
    assert_eq!((one[0].as_str(), two[0].as_str()), ("one", "two"));
    assert_eq!(one[1..], two[1..]);
    assert_eq!(Path::new(&one[1]).parent(), Some(Path::new(&one[2])));
    // The sources of the user are as they were.
    assert!(!root.path().join("one/built.txt").exists());
}

#[test]
fn an_interrupted_comparison_goes_on_where_it_was() {
    if !has("node") {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    let comparison = comparison(root.path());
    // Interrupted within the second run: within it, the side is at the common path.
    let stop = Stop::default();
    let mut starts = 0;
    let cut = ab(&comparison, &stop, &mut |event| {
        if let AbEvent::Run(Event::Started(_)) = event {
            starts += 1;
            if starts == 2 {
                stop.ask();
            }
        }
    });
    assert!(matches!(cut, Err(Error::Interrupted)), "{cut:?}");
    // A recorder that was killed leaves a side at the common path.
    let own = root.path().join("ab/.ab");
    std::fs::rename(own.join("b"), own.join("app")).unwrap();
    let (runs, order) = recorded(&comparison);
    assert_eq!(order, ["kept warmup-a-1", "warmup-b-1", "a-1", "b-1", "a-2", "b-2"]);
    assert_eq!(printed(&runs.unwrap().after[0])[0], "two");
    // More runs can be added; other settings are another comparison.
    let more = Ab { series: Series { runs: 3, ..comparison.series.clone() }, ..comparison.clone() };
    let (runs, order) = recorded(&more);
    assert_eq!((runs.unwrap().before.len(), order.last().unwrap().as_str()), (3, "b-3"));
    let other = Ab { build: None, ..comparison.clone() };
    let refused = recorded(&other).0;
    assert!(matches!(refused, Err(Error::OtherComparison { setting: "the build command", .. })));
}

#[test]
fn what_fails_around_the_runs_is_named() {
    if !has("node") {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    let mut comparison = comparison(root.path());
    comparison.build = Some("exit 7".into());
    let failed = recorded(&comparison).0.unwrap_err();
    assert!(
        matches!(&failed, Error::CommandFailed { status, .. } if status == "exit code 7"),
        "{failed}"
    );
    // A folder that holds the output would be copied into itself.
    comparison.before = Place::Folder(root.path().to_owned());
    assert!(matches!(recorded(&comparison).0, Err(Error::NoPlace { .. })));
    // The error was: a side that crashed was compared with one that did not, with a warning.
    let root = tempfile::tempdir().unwrap();
    let comparison = self::comparison(root.path());
    std::fs::write(root.path().join("two/main.js"), "require('./no-such-module')").unwrap();
    let failed = recorded(&comparison).0.unwrap_err();
    assert!(
        matches!(&failed, Error::ProgramFailed { run, status, log }
        if run == "warmup-b-1" && status == "exit code 1" && log.is_file()),
        "{failed}"
    );
    // A load that is not there is no run to compare.
    let root = tempfile::tempdir().unwrap();
    let mut comparison = self::comparison(root.path());
    std::fs::write(root.path().join("one/main.js"), "require('http').createServer().listen(0)")
        .unwrap();
    comparison.options.load = Some("no-such-load-generator".into());
    assert!(matches!(recorded(&comparison).0, Err(Error::NoLoad { .. })));
}
