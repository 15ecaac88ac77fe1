//! Code that was written into its caller by hand.

use spikeflame_diff::{Badge, Options, Row, Run, RunCounts, compare_counts};
use spikeflame_profile::{Selection, folded};
use std::fmt::Write;

/// The samples of `rank` and of `mix`, which `rank` alone calls, in three runs before and three after.
const RANK: [u64; 6] = [600, 790, 680, 700, 930, 820];
const MIX: [u64; 6] = [276, 290, 262, 0, 0, 0];

/// Counts a run of a log of ticks, which shows functions that V8 inlined. `rank` costs `rank` samples.
fn counted(run: usize, rank: [u64; 6]) -> RunCounts {
    let stack = "serve /srv/main.js:3:10;rank /srv/rank.js:4:14";
    let mut text = format!("{stack} {}\n", rank[run]);
    if MIX[run] > 0 {
        writeln!(text, "{stack};mix /srv/rank.js:9:14 {}", MIX[run]).unwrap();
    }
    for n in 0..40 {
        writeln!(
            text,
            "serve /srv/main.js:3:10;f{n} /srv/f{n}.js:4:14 {}",
            395 + (n * 7 + run * 5) % 11
        )
        .unwrap();
    }
    let mut profile = folded::read(&mut text.as_bytes(), "example", None).unwrap();
    for source in &mut profile.sources {
        source.producer = "Node 20, V8 11.3".to_owned();
    }
    let all = Selection::default();
    let name = format!("run {run}");
    let facts = Run::new(&name, &profile, &all);
    RunCounts::count(&Run { requests: Some(1_000.0), interval_ms: Some(1.0), ..facts })
}

/// Node 24 puts functions of WebAssembly into their callers, and its log of ticks does not show it. The callee was
/// CHANGED by −98 %.
#[test]
fn a_function_of_web_assembly_may_be_inlined_without_a_trace() {
    let counted = |run: u64, outer: u64, inner: u64| {
        let outer_frame = "serve /srv/main.js:3:10;*wasm-function[3]";
        let mut text = format!("{outer_frame} {outer}\n{outer_frame};*wasm-function[4] {inner}\n");
        for n in 0..40 {
            let cost = 395 + (n * 7 + run * 5) % 11;
            writeln!(text, "serve /srv/main.js:3:10;f{n} /srv/f{n}.js:4:14 {cost}").unwrap();
        }
        let mut profile = folded::read(&mut text.as_bytes(), "example", None).unwrap();
        profile.sources[0].producer = "Node 24, V8 13.6".to_owned();
        let all = Selection::default();
        let facts = Run::new("run", &profile, &all);
        RunCounts::count(&Run { requests: Some(1_000.0), interval_ms: Some(1.0), ..facts })
    };
    let before = [(0, 1_100, 270), (2, 1_160, 276), (4, 1_210, 284)];
    let after = [(1, 1_390, 5), (3, 1_440, 6), (5, 1_480, 4)];
    let [before, after] =
        [before, after].map(|side| side.map(|(at, one, two)| counted(at, one, two)));
    let result = compare_counts(&before, &after, &Options::default()).unwrap();
    let inner = result.functions.rows.iter().find(|row| row.label.contains("[4]")).unwrap();
    assert!(inner.self_cost.q.is_some_and(|q| q < 0.05), "{inner:#?}");
    assert!(!inner.is_changed() && inner.badges.contains(&Badge::Inlined), "{inner:#?}");
}

fn mix(rank: [u64; 6]) -> Row {
    row("mix", rank)
}

fn row(name: &str, rank: [u64; 6]) -> Row {
    let side = |runs: std::ops::Range<usize>| -> Vec<RunCounts> {
        runs.map(|run| counted(run, rank)).collect()
    };
    let result = compare_counts(&side(0..3), &side(3..6), &Options::default()).unwrap();
    result.functions.rows.into_iter().find(|row| row.name == name).unwrap()
}

/// The error was: a function that was written into its only caller was CHANGED, although the caller took nearly
/// half of its cost and the total of the caller stood.
#[test]
fn a_function_that_was_written_into_its_caller_may_only_have_moved() {
    let moved = mix(RANK);
    assert!(!moved.is_changed() && moved.badges.contains(&Badge::Inlined), "{moved:#?}");
    // The caller took nothing of the cost, so the function was removed.
    let removed = mix([600, 790, 680, 600, 790, 680]);
    assert!(removed.is_changed() && removed.badges == [Badge::Gone], "{removed:#?}");
}

/// The error was: the caller was CHANGED when the function that was written into it has too few samples to be
/// gone with certainty.
#[test]
fn a_caller_that_took_code_in_did_not_change() {
    let name = "rank";
    let moved = row(name, [20, 22, 21, 290, 310, 300]);
    assert!(!moved.is_changed() && moved.badges == [Badge::Inlined], "{moved:#?}");
    // The total rose by more than the function had.
    let slower = row(name, [20, 22, 21, 890, 910, 900]);
    assert!(slower.is_changed(), "{slower:#?}");
}

/// Compares `score` before with `score`, `round` and `hash`, which call each other, after. `hash` has these
/// samples in each run after.
fn split(hash: [u64; 3]) -> Vec<Row> {
    let run = |run: usize| {
        let stack = "serve /srv/main.js:3:10;score /srv/score.js:4:14";
        let mut text = match run {
            0..3 => format!("{stack} {}\n", [900, 915, 890][run]),
            _ => format!(
                "{stack} 20\n{stack};round /srv/score.js:9:14 {}\n{stack};round /srv/score.js:9:14;hash /srv/score.js:15:14 {}\n",
                80 + run,
                hash[run - 3]
            ),
        };
        for n in 0..40 {
            let samples = 395 + (n * 7 + run * 5) % 11;
            writeln!(text, "serve /srv/main.js:3:10;f{n} /srv/f{n}.js:4:14 {samples}").unwrap();
        }
        let profile = folded::read(&mut text.as_bytes(), "example", None).unwrap();
        let (all, name) = (Selection::default(), format!("run {run}"));
        let facts = Run::new(&name, &profile, &all);
        RunCounts::count(&Run { requests: Some(1_000.0), interval_ms: Some(1.0), ..facts })
    };
    let side = |runs: std::ops::Range<usize>| runs.map(run).collect::<Vec<_>>();
    let result = compare_counts(&side(0..3), &side(3..6), &Options::default()).unwrap();
    result.functions.rows.into_iter().filter(|row| row.name.len() > 3 && row.is_changed()).collect()
}

/// The error was: a function was split into three, and the innermost one was CHANGED and NEW, because only
/// calls without a function between both were looked at.
#[test]
fn a_function_that_was_split_twice_did_not_change() {
    let changed = split([795, 810, 790]);
    assert!(changed.is_empty(), "{changed:#?}");
    // It costs three times as much.
    assert!(!split([2_400, 2_450, 2_380]).is_empty());
}
