//! Runs that cannot be compared give an error or a warning, never a verdict.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may fail"
)]

mod common;

use common::{changed, compared, count, count_profile, line, root, tables};
use spikeflame_diff::{
    Comparison, Error, Options, RunCounts, Table, Unit, Verdict, Warning, compare_counts,
};
use spikeflame_profile::{Inlining, Profile, Samples, folded};

/// Counts a run of folded stacks with this interval and these requests.
fn run(name: &str, text: &str, interval_ms: f64, requests: f64) -> RunCounts {
    let profile = folded::read(&mut text.as_bytes(), name, None).unwrap();
    let selection = spikeflame_profile::Selection::default();
    RunCounts::count(&spikeflame_diff::Run {
        requests: Some(requests),
        interval_ms: Some(interval_ms),
        ..spikeflame_diff::Run::new(name, &profile, &selection)
    })
}

fn shop(node: &str) -> RunCounts {
    let log = root(&format!("samples/v8/mix-{node}.log.zst"));
    count(&log, Inlining::Expand, None)
}

fn spike(run: &str) -> RunCounts {
    count(&root(&format!("samples/spike/{run}/isolate-v8.log.zst")), Inlining::Expand, None)
}

fn assert_unchanged(comparison: &Comparison) {
    for table in tables(comparison) {
        let rows: Vec<String> = changed(table).concat().into_iter().map(line).collect();
        assert!(rows.is_empty(), "{:?}: {rows:#?}", table.by);
    }
}

#[test]
fn a_side_without_runs_or_a_run_without_samples_is_an_error() {
    let one = [run("a", "main /srv/a.js:1:1 900\n", 1.0, 100.0)];
    let compare = |before: &[RunCounts], after: &[RunCounts]| {
        compare_counts(before, after, &Options::default()).map(|_| ())
    };
    assert_eq!(compare(&one, &[]), Err(Error::NoRuns { side: "after" }));
    assert_eq!(compare(&[], &one), Err(Error::NoRuns { side: "before" }));
    let profile = Profile::default();
    let empty = [count_profile("empty", &profile, Inlining::Expand, None)];
    let error = compare(&one, &empty).unwrap_err();
    assert_eq!(error, Error::EmptyRun { run: "empty".to_owned() });
    let zero = [run("zero", "main /srv/a.js:1:1 900\n", 1.0, 0.0)];
    let error = compare(&one, &zero).unwrap_err();
    assert_eq!(error.to_string(), "zero: requests must be a number above 0, but is 0");
}

#[test]
fn one_recording_is_not_two_runs() {
    let (one, other) = (spike("before-1"), spike("before-2"));
    let again = [one.clone(), other.clone()];
    for (before, after) in [
        (&[one.clone(), other.clone()][..], &again[..]),
        (&[one.clone(), one.clone()], std::slice::from_ref(&other)),
    ] {
        let error = compare_counts(before, after, &Options::default()).unwrap_err();
        let Error::SameRun { first, second } = error else { panic!("{error}") };
        assert_eq!(first, second);
    }
    // Equal counts with other requests are not a copy.
    let text = "main /srv/a.js:1:1 900\n";
    let runs = [run("a", text, 1.0, 100.0), run("b", text, 1.0, 101.0)];
    assert!(compare_counts(&runs[..1], &runs[1..], &Options::default()).is_ok());
}

#[test]
fn different_programs_and_versions_are_told() {
    let comparison = compared(&[shop("node20")], &[spike("before-1")]);
    assert!(
        matches!(comparison.warnings[0], Warning::DifferentPrograms { shared } if shared < 0.4),
        "{:?}",
        comparison.warnings
    );
    let comparison = compared(&[shop("node20")], &[shop("node22")]);
    let told = comparison.warnings.iter().find_map(|warning| match warning {
        Warning::ProducersDiffer { before, after } => Some((before.as_str(), after.as_str())),
        _ => None,
    });
    let (before, after) = told.unwrap();
    assert!(before.contains("20") && after.contains("22"), "{before} {after}");
}

#[test]
fn few_samples_other_loads_and_missing_requests_are_told() {
    let text = |scale: u32| {
        let line = |n: u32| format!("main /srv/a.js:1:1;f{n} /srv/a.js:{n}0:1 {}\n", scale * n);
        (1..9).map(line).collect::<String>()
    };
    let before = [run("a", &text(100), 1.0, 360.0), run("b", &text(100), 1.0, 361.0)];
    let after = [run("c", &text(1), 1.0, 3.6), run("d", &text(100), 1.0, 359.0)];
    let comparison = compared(&before, &after);
    let few = Warning::FewSamples { run: "c".to_owned(), samples: 36.0 };
    assert!(comparison.warnings.contains(&few), "{:?}", comparison.warnings);
    assert_unchanged(&comparison);
    let mut profile = common::read(&root("samples/spike/before-1/isolate-v8.log.zst"));
    let fast = count_profile("fast", &profile, Inlining::Expand, Some(4_000.0));
    // This run has an eighth of the load.
    for thread in &mut profile.threads {
        let mut samples = Samples::default();
        for (sample, weight) in thread.samples.iter().step_by(8) {
            samples.push_weighted(sample, weight);
        }
        thread.samples = samples;
    }
    let slow = count_profile("slow", &profile, Inlining::Expand, Some(500.0));
    let comparison = compared(&[fast], std::slice::from_ref(&slow));
    let differs = |warning: &Warning| matches!(warning, Warning::LoadsDiffer { .. });
    assert!(comparison.warnings.iter().any(differs), "{:?}", comparison.warnings);
    profile.sources[0].interval_us = None;
    let unknown = count_profile("unknown", &profile, Inlining::Expand, Some(501.0));
    let comparison = compared(&[slow], &[unknown]);
    assert_eq!(comparison.unit, Unit::Share);
    let no_interval = Warning::NoInterval { runs: vec!["unknown".to_owned()] };
    assert!(comparison.warnings.contains(&no_interval), "{:?}", comparison.warnings);
}

#[test]
fn a_tenfold_interval_changes_no_cost() {
    let text = |scale: u32, noise: u32| {
        let line = |n: u32| {
            let count = scale * (n * 100 + noise * (n % 3));
            format!("main /srv/a.js:1:1;f{n} /srv/a.js:{n}0:1 {count}\n")
        };
        (1..40).map(line).collect::<String>()
    };
    let before: Vec<_> =
        (0..3).map(|n| run(&format!("b{n}"), &text(10, n), 1.0, 5_000.0)).collect();
    let after: Vec<_> = (0..3).map(|n| run(&format!("a{n}"), &text(1, n), 10.0, 5_000.0)).collect();
    let comparison = compared(&before, &after);
    assert_unchanged(&comparison);
    for row in &comparison.functions.rows {
        let cost = row.total_cost;
        assert!((cost.after / cost.before - 1.0).abs() < 1e-3, "{}", line(row));
    }
    let differ = Warning::IntervalsDiffer { shortest: 1.0, longest: 10.0 };
    assert!(comparison.warnings.contains(&differ));
}

/// Another install path, a hashed bundle, moved lines, a moved file and a function without
/// a name: each is still the same function.
#[test]
fn functions_are_matched_across_builds() {
    let before = "main /srv/app/dist/main.3f9a.js:1:1;parse /srv/app/dist/main.3f9a.js:10:1 900\n\
         main /srv/app/dist/main.3f9a.js:1:1;<anonymous> /srv/app/dist/main.3f9a.js:12:9 500\n\
         main /srv/app/dist/main.3f9a.js:1:1;render /srv/app/dist/main.3f9a.js:20:1 800\n\
         get /srv/app/node_modules/kit/index.js:5:1 700\n\
         read /srv/app/old/store.js:5:1;seek /srv/app/old/store.js:9:1 700\n\
         gone /srv/app/dist/x.js:1:1 300\n";
    let after = "main /tmp/b/dist/main.77c2.js:1:1;parse /tmp/b/dist/main.77c2.js:14:1 905\n\
         main /tmp/b/dist/main.77c2.js:1:1;<anonymous> /tmp/b/dist/main.77c2.js:16:9 499\n\
         main /tmp/b/dist/main.77c2.js:1:1;render /tmp/b/dist/main.77c2.js:24:1 795\n\
         get /tmp/b/node_modules/kit/index.js:5:1 710\n\
         read /tmp/b/lib/store.js:5:1;seek /tmp/b/lib/store.js:9:1 705\n\
         fresh /tmp/b/dist/y.js:1:1 300\n";
    let runs = |text: &str| [1, 2].map(|n| run(&n.to_string(), text, 1.0, 100.0 + f64::from(n)));
    let comparison = compared(&runs(before), &runs(after));
    let rows = &comparison.functions.rows;
    let by = |name: &str| rows.iter().filter(|row| row.name == name).collect::<Vec<_>>();
    for (name, lines, guessed) in [
        ("parse", (10, 14), false),
        ("", (12, 16), false),
        ("render", (20, 24), false),
        ("get", (5, 5), false),
        ("seek", (9, 9), true),
    ] {
        let [row] = by(name)[..] else { panic!("{name}: {:?}", by(name)) };
        let (Some(own), Some(other)) = (row.line_before, row.line_after) else {
            panic!("{}", line(row))
        };
        assert_eq!(((own, other), row.guessed), (lines, guessed), "{}", line(row));
    }
    for name in ["gone", "fresh"] {
        let [row] = by(name)[..] else { panic!("{name}") };
        assert!(row.line_before.is_none() != row.line_after.is_none());
        assert_eq!(row.self_cost.verdict, Verdict::Changed, "{}", line(row));
    }
    // The bundle is one row by file, and so is the package.
    let row = |table: &Table, label: &str| {
        table.rows.iter().filter(|row| row.label.contains(label)).count()
    };
    assert_eq!(row(&comparison.files, "main."), 1);
    assert_eq!(row(&comparison.packages, "kit"), 1);
}

/// One function has most samples and changed, and the others have a few: its change was taken
/// for the speed of the machine, and the cost per request was wrong by as much.
#[test]
fn a_function_that_outweighs_the_others_does_not_set_the_speed_of_the_machine() {
    let text = |hot: u32, n: u32| {
        let others = (1..30).map(|other| {
            format!("main /srv/a.js:1:1;f{other} /srv/a.js:{other}0:1 {}\n", 1 + (other + n) % 3)
        });
        format!("main /srv/a.js:1:1;hot /srv/hot.js:1:1 {hot}\n") + &others.collect::<String>()
    };
    let before = [400, 420, 390].map(|hot| run(&format!("b{hot}"), &text(hot, hot), 1.0, 100.0));
    let after = [40, 42, 44].map(|hot| run(&format!("a{hot}"), &text(hot, hot), 1.0, 100.0));
    let comparison = compared(&before, &after);
    let (cost, ratio) = (comparison.totals.before, comparison.totals.ratio);
    let plain = |hot: f64| hot + 29.0 * 2.0;
    assert!((cost - plain(403.3) / 100.0).abs() < 0.1, "{cost} ms a request");
    assert!((ratio - plain(42.0) / plain(403.3)).abs() < 0.03, "{ratio}");
}
