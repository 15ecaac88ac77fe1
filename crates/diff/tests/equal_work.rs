//! Runs without a load test: whether they did the same work, and how sure their shares are.

use spikeflame_diff::{Comparison, Options, Row, Run, RunCounts, Unit, Verdict, compare_counts};
use spikeflame_profile::{Selection, folded};
use std::fmt::Write;

/// Returns three whole runs with these samples of each function, and with a small noise.
fn runs(costs: &[(&str, u64)], interval_ms: Option<f64>) -> Vec<RunCounts> {
    let run = |n: u64| {
        let mut text = String::new();
        for (at, (name, cost)) in (0..).zip(costs) {
            let samples = cost + cost * ((at * 7 + n * 5) % 4) / 200;
            writeln!(text, "main /app/main.js:1:1;{name} /app/{name}.js:2:1 {samples}").unwrap();
        }
        let profile = folded::read(&mut text.as_bytes(), "folded", None).unwrap();
        let (name, all) = (format!("{n} {costs:?}"), Selection::default());
        RunCounts::count(&Run { interval_ms, ..Run::new(&name, &profile, &all) })
    };
    (0..3).map(run).collect()
}

fn compared(before: &[(&str, u64)], after: &[(&str, u64)], interval_ms: Option<f64>) -> Comparison {
    let mut options = Options::default();
    options.assumed.with_start_up = true;
    compare_counts(&runs(before, interval_ms), &runs(after, interval_ms), &options).unwrap()
}

fn changed(comparison: &Comparison) -> Vec<&str> {
    let rows = comparison.functions.rows.iter();
    let rows = rows.filter(|row| row.self_cost.verdict == Verdict::Changed);
    rows.map(|row| row.name.as_str()).collect()
}

/// The error was: `mix` cost five times as much in a script of two functions, and the first row was
/// `parse`, CHANGED by −80 %, because shares have no scale.
#[test]
fn a_script_of_two_functions_names_the_one_that_changed() {
    for (times, ratio) in [(1, 0.5), (4, 2.0), (10, 5.0)] {
        let (before, after) =
            ([("parse", 700), ("mix", 600)], [("parse", 700), ("mix", 300 * times)]);
        let result = compared(&before, &after, Some(1.0));
        assert_eq!((result.unit, result.equal_work), (Unit::CpuMsPerRun, true));
        let [first, ..] = result.functions.rows.as_slice() else { panic!("no rows") };
        assert_eq!((first.name.as_str(), changed(&result)), ("mix", vec!["mix"]), "{times}");
        assert!(first.self_cost.ratio.is_some_and(|of| (of / ratio - 1.0).abs() < 0.05));
        // On a busy machine, the interval of a .cpuprofile is not known.
        let shares = compared(&before, &after, None);
        assert_eq!((shares.unit, shares.equal_work), (Unit::Share, true));
        assert_eq!(changed(&shares), ["mix"], "{times}");
    }
}

/// The error was: the pair without the correction for the speed of the machine was the pair with it.
#[test]
fn shares_of_equal_work_have_uncorrected_costs() {
    let names: Vec<String> = (0..10).map(|n| format!("f{n}")).collect();
    let all =
        |cost| -> Vec<(&str, u64)> { names.iter().map(|name| (name.as_str(), cost)).collect() };
    let shares = compared(&all(500), &all(525), None);
    assert_eq!((shares.unit, shares.equal_work), (Unit::Share, true));
    let (totals, (before, after)) = (shares.totals, shares.totals.uncorrected);
    assert!((totals.ratio - 1.0).abs() < 0.01, "{totals:?}");
    assert!((before - 1.0).abs() < 0.01 && (after / before - 1.05).abs() < 0.01, "{totals:?}");
}

/// No function cost the same, so nothing shows which one changed.
#[test]
fn shares_of_two_functions_that_both_moved_are_not_resolved() {
    let result =
        compared(&[("parse", 700), ("mix", 600)], &[("parse", 1_400), ("mix", 6_000)], Some(1.0));
    assert_eq!((result.unit, result.equal_work), (Unit::Share, false));
    assert!(result.two_scales && changed(&result).is_empty(), "{:?}", result.functions.rows);
}

/// A server that is saturated for a fixed time uses as much CPU, whatever a request costs: when one
/// function costs more, all others serve fewer requests.
#[test]
fn a_saturated_server_did_not_do_the_same_work() {
    let names: Vec<String> = (0..20).map(|n| format!("f{n}")).collect();
    let costs = |first: u64, other: u64| -> Vec<(&str, u64)> {
        let cost = |n: usize| if n == 0 { first } else { other };
        names.iter().enumerate().map(|(n, name)| (name.as_str(), cost(n))).collect()
    };
    let result = compared(&costs(2_000, 400), &costs(5_400, 216), Some(1.0));
    assert_eq!((result.unit, result.equal_work), (Unit::Share, false));
    assert_eq!(changed(&result), ["f0"]);
    let of_first = |row: &&Row| row.name == "f0";
    let ratio = result.functions.rows.iter().find(of_first).and_then(|row| row.self_cost.ratio);
    assert!(ratio.is_some_and(|ratio| (4.8..5.2).contains(&ratio)), "{ratio:?}");
}

/// The requests of the runs are known, or a part of each run was taken: costs are not per run.
#[test]
fn work_is_not_equal_by_evidence_when_it_is_known() {
    let costs = [("parse", 700), ("mix", 600)];
    let of = |interval| runs(&costs, interval);
    let parts = compare_counts(
        &of(Some(1.0)),
        &runs(&[("parse", 710), ("mix", 590)], Some(1.0)),
        &Options::default(),
    );
    assert_eq!(parts.unwrap().unit, Unit::Share);
}

/// The requests of a server are not known, and its functions cost the same in runs of one length by chance.
#[test]
fn a_program_that_serves_requests_is_no_script() {
    let handler = "parserOnIncoming node:_http_server:1014:26";
    let run = |n: u64| {
        let text = format!(
            "{handler};parse /app/parse.js:2:1 {}\n{handler};mix /app/mix.js:2:1 {}\n",
            700 + n,
            600 + 2 * n
        );
        let profile = folded::read(&mut text.as_bytes(), "folded", None).unwrap();
        let (name, all) = (format!("{n}"), Selection::default());
        RunCounts::count(&Run { interval_ms: Some(1.0), ..Run::new(&name, &profile, &all) })
    };
    let mut options = Options::default();
    options.assumed.with_start_up = true;
    let result = compare_counts(&[run(1), run(2)], &[run(3), run(4)], &options).unwrap();
    assert_eq!((result.unit, result.equal_work), (Unit::Share, false));
}

/// The error was: perf shows the native functions in which `parse` spends its time, each with few samples, and
/// `mix` outweighed all of them. `parse` was CHANGED by −80 % when `mix` cost five times as much.
#[test]
fn one_function_shows_no_scale_of_shares() {
    let side = |mix: u64, first: u64| -> Vec<RunCounts> {
        let run = |n: u64| {
            let mut text = format!("main /app/main.js:1:1;mix /app/mix.js:2:1 {}\n", mix + n);
            for (step, cost) in [21, 15, 14, 9, 8, 6, 4, 3].into_iter().enumerate() {
                let stack = "main /app/main.js:1:1;parse /app/parse.js:2:1";
                writeln!(text, "{stack};Builtin: Step{step} {}", cost + (n + step as u64) % 2)
                    .unwrap();
            }
            let profile = folded::read(&mut text.as_bytes(), "folded", None).unwrap();
            let (name, all) = (format!("{n}"), Selection::default());
            RunCounts::count(&Run { interval_ms: Some(1.0), ..Run::new(&name, &profile, &all) })
        };
        (first..first + 3).map(run).collect()
    };
    let mut options = Options::default();
    let compared =
        |options: &Options| compare_counts(&side(350, 0), &side(1_700, 3), options).unwrap();
    let shares = compared(&options);
    assert!(shares.two_scales, "{shares:#?}");
    assert_eq!(shares.functions.rows.iter().filter(|row| row.is_changed()).count(), 0);
    options.assumed.with_start_up = true;
    let work = compared(&options);
    assert_eq!((work.unit, changed(&work)), (Unit::CpuMsPerRun, vec!["mix"]));
}
