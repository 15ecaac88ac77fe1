//! Histories of builds: change points, creep, and histories in which nothing changed.

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Normal, Poisson};
use spikeflame_diff::{
    Assumptions, Counts, Course, Drifts, Error, GateResult, History, Options, Run, RunCounts,
    TableRun, Unit, drifts, history,
};
use spikeflame_profile::{Selection, folded};

const ROWS: usize = 300;
const MODULES: usize = 20;

/// A history of one run for each build. The machine, its packages and functions differ from build
/// to build, and `cost` gives the true factor of each row at each point.
fn simulated(seed: u64, points: usize, cost: impl Fn(usize, usize) -> f64) -> Drifts {
    let rng = &mut SmallRng::seed_from_u64(seed);
    let mut factor = |cv: f64| Normal::new(0.0, cv).unwrap().sample(rng).exp();
    let mut columns = Vec::new();
    let mut runs = Vec::new();
    for point in 0..points {
        let host = factor(0.10);
        let modules: Vec<f64> = (0..MODULES).map(|_| factor(0.04)).collect();
        let means: Vec<f64> = (0..ROWS)
            .map(|row| {
                let share = 40_000.0 / (row + 3) as f64 / 5.0;
                share * host * modules[row % MODULES] * factor(0.06) * cost(row, point)
            })
            .collect();
        columns.push(means);
        runs.push(TableRun {
            interval_ms: Some(1.0),
            requests: Some(1_000.0),
            ..TableRun::named(format!("build-{point}"))
        });
    }
    let mut counts = Counts::new(points);
    for row in 0..ROWS {
        let count = |column: &Vec<f64>| Poisson::new(column[row]).unwrap().sample(rng);
        counts.push(&columns.iter().map(count).collect::<Vec<f64>>());
    }
    drifts(&runs, &counts, None).unwrap()
}

fn changed(found: &Drifts) -> Vec<usize> {
    (0..ROWS).filter(|&row| found.rows[row].is_changed()).collect()
}

#[test]
fn a_history_without_changes_shows_none() {
    for points in [5, 8, 12, 30] {
        let histories = 60;
        let (mut false_alarms, mut of_all) = (0, 0);
        for seed in 0..histories {
            let found = simulated(1_000 * points as u64 + seed, points, |_, _| 1.0);
            false_alarms += usize::from(!changed(&found).is_empty());
            of_all += usize::from(found.total.is_changed());
        }
        println!("{points} points: {false_alarms} of {histories} with a false change");
        assert!(false_alarms <= 3, "{points} points: {false_alarms}");
        // All functions together are one test, so three of sixty are expected.
        assert!(of_all <= 8, "{points} points: {of_all} for all functions together");
    }
}

#[test]
fn a_creep_over_ten_releases_is_found() {
    // 8 % a release, which no two neighbours show. Row 7 pays, and row 12 saves.
    let (mut found_both, mut wrong) = (0, 0);
    for seed in 0..20 {
        let found = simulated(seed, 10, |row, point| match row {
            7 => 1.08_f64.powi(point as i32),
            12 => 0.92_f64.powi(point as i32),
            _ => 1.0,
        });
        let rows = changed(&found);
        found_both += usize::from(rows.contains(&7) && rows.contains(&12));
        wrong += usize::from(rows.iter().any(|row| ![7, 12].contains(row)));
        if let Course::Creep { first, last } = found.rows[7].course {
            let ratio = last / first;
            assert!((1.4..2.9).contains(&ratio), "{ratio}");
        }
    }
    println!("a creep of 8 % a release: both rows in {found_both} of 20, wrong rows in {wrong}");
    assert!(found_both >= 18 && wrong <= 2, "{found_both} {wrong}");
}

#[test]
fn a_step_is_found_at_its_build_also_at_the_newest() {
    for (at, points, factor) in [(6, 12, 1.8), (4, 12, 1.8), (11, 12, 3.0), (19, 40, 1.5)] {
        let (mut right, mut near) = (0, 0);
        for seed in 0..20 {
            let found = simulated(500 + seed, points, |row, point| match row {
                5 if point >= at => factor,
                _ => 1.0,
            });
            right += usize::from(found.rows[5].is_changed());
            if let Course::Steps(steps) = &found.rows[5].course {
                near += usize::from(steps.len() == 1 && steps[0].at.abs_diff(at) <= 1);
            }
        }
        println!("step at {at} of {points}: found {right} of 20, at its place {near}");
        assert!(right >= 18 && near >= 17, "{at} of {points}: {right} {near}");
    }
}

/// A function that was made cheaper, and became as expensive again after some builds, showed nothing.
#[test]
fn a_cost_that_goes_and_comes_back_has_two_steps() {
    let back = |from: usize, to: usize| {
        let cost = move |row, at| if row == 20 && (from..to).contains(&at) { 0.4 } else { 1.0 };
        let found = (0..10).map(move |seed| simulated(seed, 12, cost));
        let places = found.map(|found| match &found.rows[20].course {
            Course::Steps(steps) => steps.iter().map(|step| step.at).collect(),
            _ => Vec::new(),
        });
        places.filter(|places| *places == [from, to]).count()
    };
    for (from, to) in [(4, 8), (4, 10), (6, 9)] {
        let found = back(from, to);
        println!("0.4 of the cost from {from} to {to} of 12: both places in {found} of 10");
        assert!(found >= 9, "{from} to {to}: {found}");
    }
}

#[test]
fn a_slow_machine_is_no_change_of_functions_but_of_the_whole() {
    let found = simulated(3, 12, |_, point| if point >= 6 { 1.7 } else { 1.0 });
    assert!(changed(&found).is_empty(), "{:?}", changed(&found));
    assert!(found.total.is_changed());
}

#[test]
fn a_function_that_vanishes_is_a_step() {
    let found = simulated(4, 12, |row, point| if row == 9 && point >= 7 { 1e-9 } else { 1.0 });
    assert_eq!(changed(&found), [9]);
    let Course::Steps(steps) = &found.rows[9].course else { panic!("{:?}", found.rows[9]) };
    assert_eq!((steps.len(), steps[0].at), (1, 7));
}

#[test]
fn a_history_of_four_points_is_refused() {
    let mut counts = Counts::new(4);
    counts.push(&[100.0; 4]);
    let error = drifts(&vec![TableRun::named("x"); 4], &counts, None).unwrap_err();
    assert_eq!(error, Error::ShortHistory { points: 4, least: 5 });
    assert!(error.to_string().contains("at least 5 runs, and these are 4"), "{error}");
    assert!(error.to_string().contains("add older runs"), "{error}");
}

#[test]
fn random_order_of_builds_changes_nothing_but_the_course() {
    let rng = &mut SmallRng::seed_from_u64(9);
    let mut counts = Counts::new(6);
    for _ in 0..40 {
        counts.push(&std::array::from_fn::<f64, 6, _>(|_| rng.random_range(50..60).into()));
    }
    let found = drifts(&vec![TableRun::named("x"); 6], &counts, None).unwrap();
    assert!(found.rows.iter().all(|row| row.costs.len() == 6 && row.p.is_some()));
}

/// A build of a program of 20 functions and `parse`, which has `samples`.
fn build(at: u32, samples: u32) -> RunCounts {
    let others = (0..20).map(|row| format!("main;f{row} {}\n", 500 + (at * row) % 11));
    let text = others.chain([format!("main;parse {}\n", samples + at % 3)]).collect::<String>();
    let profile = folded::read(&mut text.as_bytes(), "example", None).unwrap();
    let (name, all) = (format!("build-{at}.folded"), Selection::default());
    RunCounts::count(&spikeflame_diff::Run::new(&name, &profile, &all))
}

/// The error was: a limit in milliseconds held for costs that are shares, when the only step was an old one.
#[test]
fn an_old_step_does_not_hide_that_a_limit_has_another_unit() {
    let builds: Vec<RunCounts> =
        (0..12).map(|at| build(at, if at < 5 { 500 } else { 900 })).collect();
    let found = history(&builds, &Options::default()).unwrap();
    let parse = found.functions.iter().find(|row| row.label.contains("parse")).unwrap();
    let Course::Steps(steps) = &parse.drift.course else { panic!("{parse:?}") };
    assert!(steps.iter().all(|step| step.at == 5) && found.unit == Unit::Share);
    let check = |gate: &str| found.check(&gate.parse().unwrap());
    assert!(
        matches!(check("self:parse>5ms"), GateResult::Unknown(_)),
        "{:?}",
        check("self:parse>5ms")
    );
    assert_eq!(check("self:parse>5%"), GateResult::Yes);
}

/// The error was: "costs cannot be per request" for costs that should be per run.
#[test]
fn a_history_per_run_is_refused_as_one_per_run() {
    let builds: Vec<RunCounts> = (0..5).map(|at| build(at, 500)).collect();
    let assumed = Assumptions { unit: Some(Unit::CpuMsPerRun), ..Assumptions::default() };
    let options = Options { assumed, ..Options::default() };
    let told = history(&builds, &options).unwrap_err();
    assert!(matches!(told, Error::Unknown { unit: Unit::CpuMsPerRun, .. }), "{told}");
    assert!(
        told.to_string().contains("costs cannot be per run, because its sampling interval"),
        "{told}"
    );
}

/// The error was: infinite or negative costs for runs of no or negative length.
#[test]
fn costs_per_second_need_a_length_above_0() {
    let counts = || {
        let mut counts = Counts::new(5);
        counts.push(&[500.0; 5]);
        counts
    };
    let told = |seconds: f64, unit: Unit| {
        let run = |at: usize| TableRun {
            interval_ms: Some(1.0),
            seconds: Some(if at == 2 { seconds } else { 9.0 }),
            ..TableRun::named(format!("run-{at}"))
        };
        let runs: Vec<TableRun> = (0..5).map(run).collect();
        drifts(&runs, &counts(), Some(unit)).map(|_| ())
    };
    for seconds in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let error = told(seconds, Unit::CpuMsPerSecond).unwrap_err();
        assert!(error.to_string().starts_with("run-2: length in seconds must be"), "{error}");
        assert_eq!(told(seconds, Unit::Share), Ok(()));
    }
    assert_eq!(told(9.0, Unit::CpuMsPerSecond), Ok(()));
}

/// The error was: half a sample as the cost of a function before it existed, and "+213 900 %" as its change.
#[test]
fn a_function_without_samples_cost_nothing() {
    let at = |point: usize| if point >= 7 { 1.0 } else { 0.0 };
    let mut counts = Counts::new(12);
    for row in 0..20 {
        counts.push(&std::array::from_fn::<f64, 12, _>(|at| {
            500.0 + ((row * 7 + at * 13) % 11) as f64
        }));
    }
    counts.push(&std::array::from_fn::<f64, 12, _>(|point| 300.0 * at(point)));
    counts.push(&std::array::from_fn::<f64, 12, _>(|point| 300.0 * (1.0 - at(point))));
    let found = drifts(&vec![TableRun::named("x"); 12], &counts, None).unwrap();
    let ends = |row: usize| found.rows[row].ends().unwrap();
    assert!(ends(20).0 == 0.0 && ends(20).1 > 0.0, "{:?}", ends(20));
    assert!(ends(21).1 == 0.0 && ends(21).0 > 0.0, "{:?}", ends(21));
    for row in &found.rows[20..] {
        let Course::Steps(steps) = &row.course else { panic!("{row:?}") };
        let (before, after) = row.costs.split_at(steps[0].at);
        for (level, costs) in [(steps[0].before, before), (steps[0].after, after)] {
            assert!(costs.iter().any(|cost| *cost <= level), "{level} {costs:?}");
            assert!(costs.iter().any(|cost| *cost >= level), "{level} {costs:?}");
        }
    }
}

/// Compares eight builds in which twelve functions are in other files from the build `moved` on. `file` gives the
/// file of each function before and after. `fn3` costs 40 % more from the build 6 on.
fn with_other_files(moved: usize, file: impl Fn(usize, bool) -> String) -> History {
    let build = |at: usize| {
        let line = |row: usize| {
            let cost = 900 + 40 * row + (at * 5 + row * 3) % 11;
            let cost = if row == 3 && at >= 6 { cost * 14 / 10 } else { cost };
            format!(
                "main /srv/main.js:1:1;fn{row} {}:{}:1 {cost}\n",
                file(row, at >= moved),
                9 + row
            )
        };
        let text: String = (0..12).map(line).collect();
        let profile = folded::read(&mut text.as_bytes(), "made", None).unwrap();
        RunCounts::count(&Run::new(&format!("r{at}.folded"), &profile, &Selection::default()))
    };
    history(&(0..8).map(build).collect::<Vec<_>>(), &Options::default()).unwrap()
}

/// All functions were new at the build that ran in a container, or whose files had moved, and crossed the gate. The
/// one that cost more later was in no row.
#[test]
fn files_that_moved_are_the_same_in_all_builds() {
    type File = fn(usize, bool) -> String;
    let kinds: [(&str, File); 4] = [
        ("another root, but for one file", |row, after| {
            let root = if after && row > 0 { "/usr/src/app" } else { "/srv/shop" };
            format!("{root}/dist/svc{row}.js")
        }),
        ("other names of files", |row, after| match after {
            true => format!("/srv/build/service-{row}.js"),
            false => format!("/srv/dist/svc{row}.js"),
        }),
        ("a bundle", |row, after| match after {
            true => "/srv/dist/bundle.js".to_owned(),
            false => format!("/srv/src/svc{row}.js"),
        }),
        ("hashes", |row, after| {
            format!("/srv/dist/chunk{}-{}.js", row / 4, if after { "3f9a1c" } else { "77b0de" })
        }),
    ];
    for (kind, file) in kinds {
        for moved in [5, 7] {
            let found = with_other_files(moved, file);
            assert_eq!(found.functions.len(), 12, "{kind}: {:?}", found.functions);
            let changed = found.functions.iter().filter(|row| row.drift.is_changed());
            let changed: Vec<&str> = changed.map(|row| row.name.as_str()).collect();
            assert_eq!(changed, ["fn3"], "{kind} at {moved}");
        }
    }
}

/// Two files of one name are two files when a build has both.
#[test]
fn files_that_a_build_has_together_are_not_joined() {
    let found = with_other_files(8, |row, _| format!("/srv/{row}/index.js"));
    assert_eq!(found.functions.len(), 12);
    let with_copy = |at: usize| {
        let both = if at >= 5 { "run /srv/b/index.js:3:1 500\n" } else { "" };
        let mut text =
            format!("run /srv/a/index.js:3:1 500\nrest /srv/c.js:1:1 {}\n{both}", 900 + at);
        text.extend((0..9).map(|row| format!("more{row} /srv/c.js:{}:1 700\n", row + 2)));
        let profile = folded::read(&mut text.as_bytes(), "made", None).unwrap();
        RunCounts::count(&Run::new(&format!("r{at}.folded"), &profile, &Selection::default()))
    };
    let found = history(&(0..8).map(with_copy).collect::<Vec<_>>(), &Options::default()).unwrap();
    let of_run = found.functions.iter().filter(|row| row.name == "run").count();
    assert_eq!(of_run, 2, "{:?}", found.functions);
}

/// All costs together rose by 10 % at the seventh of nine builds, and the text had "no change shows": the geometric
/// means rose by 9.96 %.
#[test]
fn a_certain_change_of_the_whole_cost_may_be_small() {
    let costs = |row: usize, point: usize| if point >= 6 && row == 0 { 1.9 } else { 1.0 };
    let of = |rise: f64| {
        let runs: Vec<TableRun> = (0..9)
            .map(|at| TableRun {
                interval_ms: Some(1.0),
                requests: Some(1_000.0),
                ..TableRun::named(format!("build-{at}"))
            })
            .collect();
        let mut counts = Counts::new(9);
        for row in 0..30 {
            let cost = |at: usize| {
                let change = 1.0 + rise * (costs(row, at) - 1.0);
                (2_000.0 * change * (1.0 + ((at * 5 + row * 3) % 7) as f64 / 200.0)).round()
            };
            counts.push(&(0..9).map(cost).collect::<Vec<_>>());
        }
        drifts(&runs, &counts, None).unwrap().total
    };
    // One row of thirty costs 2.8 times as much: all together cost 6 % more.
    let Course::Steps(steps) = of(2.0).course else { panic!("{:?}", of(2.0)) };
    assert_eq!(steps[0].at, 6);
    assert!((1.05..1.07).contains(&(steps[0].after / steps[0].before)), "{steps:?}");
    assert_eq!(of(0.5).course, Course::NotResolved, "less than 3 %");
}

/// A function with another name from the seventh build on was new and gone, and crossed the gate. Only one that costs
/// about the same is the same.
#[test]
fn a_renamed_function_is_the_same_in_all_builds() {
    let changed = |times: usize| {
        let build = |at: usize| {
            let name = if at >= 6 { "taxFor" } else { "tax" };
            let cost = if at >= 6 { times } else { 10 } * (100 + at % 3);
            let line = |row: usize| {
                format!("main /a.js:1:1;work{row} /a.js:{}:1 {}\n", row + 9, 900 + row + at)
            };
            let mut text: String = (0..12).map(line).collect();
            text += &format!("main /a.js:1:1;work3 /a.js:12:1;{name} /a.js:60:1 {cost}\n");
            let profile = folded::read(&mut text.as_bytes(), "made", None).unwrap();
            RunCounts::count(&Run::new(&format!("r{at}.folded"), &profile, &Selection::default()))
        };
        let found = history(&(0..8).map(build).collect::<Vec<_>>(), &Options::default()).unwrap();
        let changed = found.functions.into_iter().filter(|row| row.drift.is_changed());
        changed.map(|row| row.name).collect::<Vec<_>>()
    };
    assert!(changed(10).is_empty(), "{:?}", changed(10));
    assert_eq!(changed(20), ["taxFor", "tax"]);
}
