//! Runs that cannot be compared give an error or a warning, never a verdict.

use crate::common;

use common::{changed, compared, count, count_profile, line, root, tables};
use spikeflame_diff::{
    Badge, Comparison, Error, Evidence, Gate, GateResult, Options, Order, RunCounts, Setting,
    Table, Unit, Verdict, Warning, compare_counts,
};
use spikeflame_profile::{GroupBy, Inlining, Profile, Samples, folded};

/// Counts a run of folded stacks with this interval and these requests.
pub(crate) fn run(name: &str, text: &str, interval_ms: f64, requests: f64) -> RunCounts {
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

pub(crate) fn assert_unchanged(comparison: &Comparison) {
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

/// Allocated bytes were compared with CPU time, and shown as shares of the CPU.
#[test]
fn recordings_that_count_other_things_are_refused_or_have_a_warning() {
    let counting = |unit: &str, event: &str, weight: u32| {
        let text = format!("main /srv/a.js:1:1;parse /srv/a.js:9:1 {weight}\n");
        let mut profile = folded::read(&mut text.as_bytes(), "example", None).unwrap();
        let source = &mut profile.sources[0];
        (source.unit, source.event) = (unit.to_owned(), event.to_owned());
        count_profile(&format!("{unit}{event}-{weight}"), &profile, Inlining::Expand, Some(9.0))
    };
    let compare =
        |one: RunCounts, other: RunCounts| compare_counts(&[one], &[other], &Options::default());
    let is_log = |error| matches!(error, Error::Log { run } if run == "errors-7");
    for other in ["errors", "samples", "bytes"] {
        let other = counting(other, "", 8);
        assert!(is_log(compare(counting("errors", "", 7), other.clone()).unwrap_err()));
        assert!(matches!(compare(other, counting("errors", "", 7)), Err(Error::Log { .. })));
    }
    for (unit, event) in [("bytes", ""), ("objects", ""), ("samples", "page-faults")] {
        let error = compare(counting("ticks", "", 800), counting(unit, event, 900)).unwrap_err();
        let Error::OtherCounts { first_counts, second_counts, .. } = error else {
            panic!("{error}")
        };
        assert_eq!(first_counts, "CPU time");
        assert!(second_counts.contains(if event.is_empty() { unit } else { event }));
        let alike = compare(counting(unit, event, 800), counting(unit, event, 900)).unwrap();
        let counts = second_counts;
        assert!(alike.warnings.contains(&Warning::NoCpuTime { counts }), "{:?}", alike.warnings);
        assert_eq!(alike.unit, Unit::Share);
    }
    for unit in ["ticks", "samples", "tenths of a sample", "nanoseconds", "seconds", "cycles", ""] {
        let alike = compare(counting(unit, "", 800), counting(unit, "", 900)).unwrap();
        let no_cpu = |warning: &Warning| matches!(warning, Warning::NoCpuTime { .. });
        assert!(!alike.warnings.iter().any(no_cpu), "{unit}: {:?}", alike.warnings);
    }
}

/// Wall time of pprof was called CPU, and was compared with CPU time.
#[test]
fn wall_time_is_not_compared_with_cpu_time() {
    let counting = |time: &str, weight: u64| {
        let text = format!("main /srv/a.js:1:1;parse /srv/a.js:9:1 {weight}\n");
        let mut profile = folded::read(&mut text.as_bytes(), "example", None).unwrap();
        profile.sources[0].time = time.to_owned();
        count_profile(&format!("{time}-{weight}"), &profile, Inlining::Expand, None)
    };
    let compare = |one: &str, other: &str| {
        compare_counts(&[counting(one, 800)], &[counting(other, 900)], &Options::default())
    };
    assert!(matches!(compare("wall", "cpu"), Err(Error::OtherCounts { .. })));
    let counts = "wall time".to_owned();
    let wall = Warning::NoCpuTime { counts };
    assert!(compare("wall", "wall").unwrap().warnings.contains(&wall));
    for (one, other) in [("cpu", "cpu"), ("", "cpu"), ("", "")] {
        assert!(!compare(one, other).unwrap().warnings.contains(&wall));
    }
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
    let no_interval = Warning::NoInterval { runs: vec!["unknown".to_owned()], waited: false };
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
    let after = "main /builds/b/dist/main.77c2.js:1:1;parse /builds/b/dist/main.77c2.js:14:1 905\n\
         main /builds/b/dist/main.77c2.js:1:1;<anonymous> /builds/b/dist/main.77c2.js:16:9 499\n\
         main /builds/b/dist/main.77c2.js:1:1;render /builds/b/dist/main.77c2.js:24:1 795\n\
         get /builds/b/node_modules/kit/index.js:5:1 710\n\
         read /builds/b/lib/store.js:5:1;seek /builds/b/lib/store.js:9:1 705\n\
         fresh /builds/b/dist/y.js:1:1 300\n";
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

/// `retry` around a call was NEW with the total cost of all that it calls, and failed the gate
/// `regression`: "+4913.932 ms a run (new)".
#[test]
fn a_wrapper_around_a_call_is_no_regression() {
    let text = |wrapper: &str, added: u32, extra: u32| {
        let mut text = String::new();
        let handle = "main /srv/app/a.js:1:1;handle /srv/app/a.js:2:1";
        for n in 0..20 {
            text +=
                &format!("{handle};f{n} /srv/app/f.js:{n}1:1 {}\n", 300 + n * 3 + extra * n % 7);
        }
        let work = format!("{handle}{wrapper};work /srv/app/work.js:1:1");
        text += &format!("{work} {}\n{work};inner /srv/app/work.js:9:1 2000\n", 3000 + extra);
        // This work is new.
        text + &format!("{handle}{wrapper};encode /srv/app/work.js:20:1 {added}\n")
    };
    let runs = |wrapper: &str, added: u32, first: u32| {
        [first, first + 1, first + 2].map(|n| run("a", &text(wrapper, added, n), 1.0, 100.0))
    };
    let wrapper = ";retry /srv/app/a.js:30:1";
    let by = spikeflame_profile::GroupBy::Function;
    let crossed = |comparison: &Comparison| match Gate::REGRESSION.check(comparison, by) {
        GateResult::No(crossed) => crossed.len(),
        _ => 0,
    };
    let find = |comparison: &Comparison| {
        let mut rows = comparison.functions.rows.iter().filter(|row| row.name == "retry");
        rows.next().unwrap().badges.clone()
    };
    let (before, after) = (runs("", 50, 1), runs(wrapper, 50, 4));
    let wrapped = compared(&before, &after);
    assert_unchanged(&wrapped);
    assert_eq!((find(&wrapped), crossed(&wrapped)), (vec![Badge::Moved, Badge::New], 0));
    let unwrapped = compared(&after, &before);
    assert_unchanged(&unwrapped);
    assert_eq!(find(&unwrapped), [Badge::Moved, Badge::Gone]);
    // A wrapper that also does more is found by what it does.
    let slower = compared(&before, &runs(wrapper, 9000, 4));
    assert!(crossed(&slower) > 0);
    assert!(!find(&slower).contains(&Badge::Moved), "{:?}", find(&slower));
}

/// Runs in turn on two machines had strong evidence, although the machine was another on each side.
#[test]
fn sides_of_two_machines_are_separated() {
    let text = |n: u32| {
        let rows = (0..20).map(|at| format!("main;f{at} /srv/a.js:{at}1:1 {}\n", 400 + at + n));
        rows.collect::<String>()
    };
    let run = |n: u32, processor: &str| {
        let profile = folded::read(&mut text(n).as_bytes(), "a", None).unwrap();
        let selection = spikeflame_profile::Selection::default();
        let setting = Setting { name: "processor", value: processor.to_owned() };
        RunCounts::count(&spikeflame_diff::Run {
            requests: Some(100.0),
            interval_ms: Some(1.0),
            settings: vec![setting],
            ..spikeflame_diff::Run::new("a", &profile, &selection)
        })
    };
    let order = |before: [&str; 2], after: [&str; 2]| {
        let before = [run(1, before[0]), run(2, before[1])];
        let comparison = compared(&before, &[run(3, after[0]), run(4, after[1])]);
        let told = |warning: &Warning| matches!(warning, Warning::OtherMachine { .. });
        (comparison.order, comparison.warnings.iter().any(told))
    };
    assert_eq!(order(["EPYC", "EPYC"], ["Xeon", "Xeon"]), (Order::Separated, true));
    // Each machine ran both sides.
    assert_eq!(order(["EPYC", "Xeon"], ["EPYC", "Xeon"]), (Order::Unknown, false));
}

/// The error was: a fix that saved 60 % of a request failed the gate `regression`, because a builtin
/// rose by 0.003 ms of 1.82 ms.
#[test]
fn a_rise_that_is_nothing_beside_the_whole_crosses_no_gate() {
    // The function `hot` has 60,000 of the 100,000 samples of a run before.
    let text = |hot: u32, small: u32, n: u32| {
        let mut text = format!("main;hot {}\nmain;small {}\n", hot + 90 * n, small + n);
        for of in 0..20 {
            text += &format!("main;f{of} {}\n", 1900 + of * 5 + n * of % 7);
        }
        text
    };
    let runs = |hot: u32, small: u32, first: u32| {
        [first, first + 1, first + 2].map(|n| run("a", &text(hot, small, n), 1.0, 1000.0))
    };
    let by = spikeflame_profile::GroupBy::Function;
    let gate = |gate: &str, small: u32| {
        let comparison = compared(&runs(60_000, 300, 1), &runs(9_000, small, 4));
        let rose = changed(&comparison.functions)[0].iter().any(|row| row.name == "small");
        assert!(rose, "{small}");
        gate.parse::<Gate>().unwrap().review(&comparison, by)
    };
    let tiny = gate("regression", 900);
    assert_eq!((&tiny.result, tiny.smaller), (&GateResult::Yes, 1), "{tiny}");
    assert!(tiny.to_string().contains("regression>1 % (0.9"), "{tiny}");
    // A gate that asks for this rise is crossed by it, and a larger rise crosses both gates.
    for rule in ["regression>0%", "regression>0.3%", "regression>0.5ms"] {
        assert!(matches!(gate(rule, 900).result, GateResult::No(by) if by.len() == 1), "{rule}");
    }
    for rule in ["regression", "regression>0.9%"] {
        let crossed = gate(rule, 3000);
        let GateResult::No(by) = &crossed.result else { panic!("{crossed}") };
        assert!(by[0].starts_with("small: +2.") && crossed.smaller == 0, "{by:?}");
    }
}

/// The error was: `perf.data` and the text that `perf script` made of it were compared, and 64
/// functions had changed.
#[test]
fn one_recording_in_two_formats_is_not_two_runs() {
    for name in ["plain", "packed", "jitdump"] {
        let of = |ending: &str| {
            let path = root(&format!("samples/perf/{name}.{ending}.zst"));
            count(&path, Inlining::Expand, None)
        };
        let (data, text) = (of("data"), of("perf-script.txt"));
        let error = compare_counts(&[data], &[text], &Options::default()).map(|_| ()).unwrap_err();
        assert!(matches!(error, Error::SameRun { .. }), "{name}: {error}");
    }
    let counts = |at: u64| {
        let text = "main;parse 400\nmain;write 600\n";
        let mut profile = folded::read(&mut text.as_bytes(), "example", None).unwrap();
        let stack = profile.threads[0].samples.iter().next().unwrap().0.stack;
        let mut samples = Samples::default();
        for n in 0..200u64 {
            let time_us = 1000 * n + n * n * at % 97;
            let state = spikeflame_profile::VmState::UNKNOWN;
            samples.push(spikeflame_profile::Sample { stack, time_us, state });
        }
        profile.threads[0].samples = samples;
        profile.sources[0].timed = true;
        count_profile("a", &profile, Inlining::Expand, None)
    };
    let compare = |one, other| {
        let [one, other] = [counts(one), counts(other)];
        compare_counts(&[one], &[other], &Options::default()).map(|_| ())
    };
    assert!(matches!(compare(7, 7), Err(Error::SameRun { .. })));
}

/// The error was: a run that crashed after some seconds made "68.9 % became 14983 %" of code, without
/// a warning.
#[test]
fn a_run_that_ended_early_is_named_and_weakens_the_evidence() {
    let text = |scale: u32, n: u32| {
        let row = |of: u32| format!("main;f{of} {}\n", (scale * (900 + of * 5 + n * of % 7)) / 900);
        (0..20).map(row).collect::<String>()
    };
    let of =
        |name: &str, scale: u32, requests: f64| run(name, &text(scale, scale % 7), 1.0, requests);
    let whole = |name: &str, n: u32| of(name, 900 + n, 3000.0);
    let before = || vec![whole("b1", 1), whole("b2", 2), whole("b3", 3)];
    let early = |comparison: &Comparison| -> Vec<String> {
        let warnings = comparison.warnings.iter();
        let runs = warnings.filter_map(|warning| match warning {
            Warning::EndedEarly { run, .. } => Some(run.clone()),
            _ => None,
        });
        runs.collect()
    };
    for crashed in [of("crashed", 30, 100.0), of("crashed", 800, 90.0), of("crashed", 40, 2900.0)] {
        for side in [0, 1] {
            let mut sides = [before(), vec![whole("a1", 4), whole("a2", 5)]];
            sides[side].push(crashed.clone());
            let comparison = compared(&sides[0], &sides[1]);
            assert_eq!(early(&comparison), ["crashed"]);
            assert_eq!(comparison.evidence, Evidence::Weak);
        }
    }
    // Runs of one side that differ by half are usual.
    let halves = compared(&before(), &[whole("a1", 4), of("half", 450, 1500.0)]);
    assert!(early(&halves).is_empty(), "{:?}", halves.warnings);
}

/// The error was: one run before was 1.6 times slower in everything, and no line named it.
#[test]
fn a_run_that_is_unlike_the_others_of_its_side_is_named() {
    let of = |name: &str, percent: u32| {
        let row = |of: u32| format!("main;f{of} {}\n", 9 * percent + of * percent % 7);
        run(name, &(0..20).map(row).collect::<String>(), 1.0, 3000.0)
    };
    let after = [of("a1", 101), of("a2", 103), of("a3", 98)];
    for (percents, named) in [
        ([100, 160, 102], Some("b2")),
        ([100, 60, 102], Some("b2")),
        ([100, 130, 102], None),
        // The others are not alike either.
        ([100, 160, 125], None),
    ] {
        let before: Vec<RunCounts> = ["b1", "b2", "b3"]
            .into_iter()
            .zip(percents)
            .map(|(name, percent)| of(name, percent))
            .collect();
        let warnings = compared(&before, &after).warnings;
        let unlike = |warning: &Warning| match warning {
            Warning::RunUnlike { run, .. } => Some(run.clone()),
            _ => None,
        };
        assert_eq!(
            warnings.iter().find_map(unlike).as_deref(),
            named,
            "{percents:?}: {warnings:?}"
        );
        // Two runs do not show which one is unlike the other.
        assert_eq!(compared(&before[..2], &after).warnings.iter().find_map(unlike), None);
    }
}

/// The error was: two builds of one application were called different programs, because a fix took
/// two thirds of the CPU away with the functions of one package.
#[test]
fn builds_without_the_hottest_functions_are_one_program() {
    let program = |root: &str, hot: u32, n: u32| {
        let mut text = String::new();
        for of in 0..12 {
            text +=
                &format!("main /srv/{root}/a.js:1:1;f{of} /srv/{root}/f.js:{of}1:1 {}\n", 40 + n);
        }
        for of in 0..4 {
            let hot = format!("hash{of} /srv/{root}/node_modules/hash/index.js:{of}1:1 {hot}\n");
            text += &format!("main /srv/{root}/a.js:1:1;{hot}");
        }
        run("a", &text, 1.0, 100.0)
    };
    let without = |root: &str| {
        let mut text = String::new();
        for of in 0..12 {
            text += &format!("main /srv/{root}/a.js:1:1;f{of} /srv/{root}/f.js:{of}1:1 41\n");
        }
        run("b", &text, 1.0, 100.0)
    };
    let different = |before: RunCounts, after: RunCounts| {
        let comparison = compared(&[before], &[after]);
        comparison.warnings.iter().any(|of| matches!(of, Warning::DifferentPrograms { .. }))
    };
    assert!(!different(program("app", 900, 1), without("app")));
    assert!(!different(without("app"), program("app", 900, 1)));
    let other = "main /srv/x/b.js:1:1;go /srv/x/b.js:2:1 700\nmain /srv/x/b.js:1:1;run /srv/x/c.js:2:1 90\n";
    assert!(different(program("app", 900, 1), run("b", other, 1.0, 100.0)));
}

/// The error was: a builtin that two functions had called was told as a change of `main`, which calls
/// everything.
#[test]
fn a_change_that_two_own_functions_share_has_neither_name() {
    let main = "main /srv/app/a.js:1:1";
    let run = |n: u32, own: [&str; 2], sort: u32| {
        let mut text = String::new();
        for other in 0..20 {
            text += &format!("{main};o{other} /srv/app/o.js:{other}1:1 {}\n", 900 + other + n);
        }
        for function in own {
            let own = format!("{main};{function} /srv/app/b.js:{}1:1", function.len());
            text += &format!("{own} {}\n{own};Builtin: ArraySort {}\n", 500 + n, sort + n);
        }
        run("a", &text, 1.0, 100.0)
    };
    let cause = |own: [&str; 2]| {
        let runs = |sort: u32, n: u32| [n, n + 2, n + 1].map(|n| run(n, own, sort));
        let comparison = compared(&runs(3000, 1), &runs(10, 4));
        let causes = comparison.functions.rows.into_iter().filter(spikeflame_diff::Row::is_cause);
        causes.map(|row| row.name).collect::<Vec<_>>()
    };
    assert_eq!(cause(["products", "orders"]), ["ArraySort"]);
    assert_eq!(cause(["products", "products"]), ["products"]);
}

/// The folded text of a program (`spin (w.py:4)`) and its speedscope (`spin`) had no function in common: all were
/// CHANGED, and crossed the gate.
#[test]
fn sides_without_a_function_in_common_cross_no_gate() {
    let side = |ending: &str, more: usize| -> Vec<RunCounts> {
        let text = |n: usize| -> String {
            let line =
                |of: usize| format!("main{ending};f{of}{ending} {}\n", 400 + 90 * of + n + more);
            (0..9).map(line).collect()
        };
        (0..3).map(|n| run("a", &text(n), 1.0, 100.0)).collect()
    };
    let comparison = compared(&side(" (w.py:4)", 0), &side("", 7));
    assert!(comparison.functions.rows.iter().all(|row| !row.is_changed()));
    let check = |gate: &str| gate.parse::<Gate>().unwrap().check(&comparison, GroupBy::Function);
    for gate in ["regression", "self:f3>1%"] {
        assert!(matches!(check(gate), GateResult::Unknown(_)), "{gate}: {:?}", check(gate));
    }
    assert_eq!(check("total>5%"), GateResult::Yes);
}
