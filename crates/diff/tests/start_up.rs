//! The top level of a script, which runs once in each process.

use spikeflame_diff::{
    Assumptions, Badge, Options, Row, Run, RunCounts, Verdict, compare, compare_counts,
};
use spikeflame_profile::{Sample, Samples, Selection, VmState, folded};
use std::fmt::Write;

/// Counts a run whose top level costs `start` samples, and 40 functions about 400 each.
fn counted(run: u64, start: u64) -> RunCounts {
    let mut text = format!("<anonymous> /srv/main.js:1:1 {start}\n");
    for n in 0..40 {
        writeln!(
            text,
            "serve /srv/main.js:3:10;f{n} /srv/f{n}.js:4:14 {}",
            395 + (n * 7 + run * 5) % 11
        )
        .unwrap();
    }
    let profile = folded::read(&mut text.as_bytes(), "example", None).unwrap();
    let all = Selection::default();
    let name = format!("run {run}");
    let facts = Run::new(&name, &profile, &all);
    RunCounts::count(&Run { requests: Some(1_000.0), interval_ms: Some(1.0), ..facts })
}

/// The error was: a start that cost 24 times as much was START-UP? in whole runs too, and crossed no gate.
#[test]
fn a_slower_start_is_a_change_of_whole_runs() {
    let before: Vec<RunCounts> = (0..3).map(|run| counted(run, 30)).collect();
    let after: Vec<RunCounts> = (3..6).map(|run| counted(run, 715)).collect();
    let top_level = |with_start_up: bool| -> Row {
        let assumed = Assumptions { with_start_up, ..Assumptions::default() };
        let options = Options { assumed, ..Options::default() };
        let result = compare_counts(&before, &after, &options).unwrap();
        result.functions.rows.into_iter().find(|row| row.line_after == Some(1)).unwrap()
    };
    let whole = top_level(true);
    assert_eq!(whole.self_cost.verdict, Verdict::Changed, "{whole:#?}");
    // A window may have more or less of the start.
    let part = top_level(false);
    assert!(part.badges.contains(&Badge::StartUp), "{part:#?}");
}

/// The error was: "the start cost 0.00 s" of runs whose window began with the recording and held the start.
#[test]
fn a_start_within_the_window_has_no_cost_outside_of_it() {
    let mut profile = folded::read(&mut &b"main;serve 1\n"[..], "example", None).unwrap();
    let stack = profile.threads[0].samples.iter().next().unwrap().0.stack;
    let mut samples = Samples::default();
    for time_us in [1_000, 2_000, 3_000] {
        samples.push(Sample { time_us, stack, state: VmState::JS });
    }
    profile.threads[0].samples = samples;
    let around = |from: u64, to: u64| {
        let part = Selection { from_us: Some(from), to_us: Some(to), ..Selection::default() };
        let run = |name| Run { interval_ms: Some(1.0), ..Run::new(name, &profile, &part) };
        let compared = compare(&[run("a")], &[run("b")], &Options::default()).unwrap();
        compared.runs[0].around_ms.unwrap()
    };
    assert_eq!(around(2_000, 3_000), [Some(1.0), Some(1.0)]);
    assert_eq!(around(0, 3_000), [None, Some(1.0)]);
    assert_eq!(around(2_000, 4_000), [Some(1.0), None]);
}
