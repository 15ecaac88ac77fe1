//! Plateaus of real k6 runs in common shapes, compared with the server's own record.

use crate::common;

use common::{bytes_of, root, timeline_of};
use spikeflame_load::plateau::{self, Grade, NoPlateauReason, Options, Plateaus, Window};
use spikeflame_load::{LatencySummary, NoPlateau, Second, Timeline, wall_time};
use std::path::Path;

fn find(timeline: &Timeline) -> Result<Plateaus, NoPlateau> {
    plateau::find(timeline, &Options::default())
}

/// Seconds of the timeline in which the server was saturated by its own account, joined
/// over gaps of up to 3 s.
fn truth(folder: &Path, name: &str, timeline: &Timeline) -> Vec<Window> {
    let text = std::fs::read_to_string(folder.join("truth.csv")).unwrap();
    let mut spans: Vec<Window> = Vec::new();
    for line in text.lines().skip(1) {
        let cells: Vec<f64> = line.split(',').map(|cell| cell.parse().unwrap()).collect();
        let saturated = if name.ends_with("-cpu") { cells[1] > 0.97 } else { cells[3] > 0.0 };
        // A row speaks of the second before it.
        let second = (cells[0] as i64 - 500).div_euclid(1000) - timeline.start_s;
        let at = usize::try_from(second).unwrap_or(0);
        match spans.last_mut() {
            _ if !saturated => {}
            Some(span) if at <= span.to + 3 => span.to = at + 1,
            _ => spans.push(Window { from: at, to: at + 1 }),
        }
    }
    spans
}

/// Intersection over union, in seconds.
fn overlap(a: &[Window], b: &[Window]) -> f64 {
    let within = |all: &[Window], at: usize| all.iter().any(|one| one.from <= at && at < one.to);
    let last = a.iter().chain(b).map(|one| one.to).max().unwrap_or(0);
    let count = |of: &dyn Fn(usize) -> bool| (0..last).filter(|&at| of(at)).count() as f64;
    count(&|at| within(a, at) && within(b, at)) / count(&|at| within(a, at) || within(b, at))
}

#[test]
fn every_real_shape_has_its_plateau() {
    // Other recordings of the same layout may be named.
    let other = std::env::var_os("SPIKEFLAME_SHAPES").map(std::path::PathBuf::from);
    let folder = other.unwrap_or_else(|| root("../shared/data/load-shapes"));
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("SKIPPED: no {}", folder.display());
        return;
    };
    let mut runs: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    runs.retain(|run| run.is_dir());
    runs.sort();
    println!("| run | saturated by the server | found | overlap | grade | knee | stretch |");
    println!("|---|---|---|--:|---|---|--:|");
    let mut wrong = Vec::new();
    for run in runs {
        let name = run.file_name().unwrap().to_string_lossy().into_owned();
        let timeline = timeline_of(&bytes_of(&run.join("k6.json.gz"))).unwrap();
        let truth = truth(&run, &name, &timeline);
        let spans = |all: &[Window]| {
            let each = all.iter().map(|one| format!("{} to {} s", one.from, one.to));
            each.collect::<Vec<_>>().join(", ")
        };
        let found = find(&timeline);
        let text = match &found {
            Ok(all) => {
                let found = all.chosen();
                let windows: Vec<Window> = all.all.iter().map(|one| one.window).collect();
                let both = overlap(&truth, &windows);
                if both < 0.8 && name != "seed-think-cpu" {
                    wrong.push(name.clone());
                }
                // The error was: a level of 0.0156 requests a second for a mean of 0.158.
                let level = found.level_rps / found.within.rps;
                assert!((0.5..2.0).contains(&level), "{name}: {found:?}");
                let knee = found.knee.map_or("-".to_owned(), |knee| {
                    format!("{:.0} to {:.0} {}", knee.low, knee.high, found.axis.unit())
                });
                let stretch = found.stretch.unwrap_or(f64::NAN);
                let grade = format!("{:?}", found.grade).to_lowercase();
                format!("{} | {both:.2} | {grade} | {knee} | {stretch:.1}", spans(&windows))
            }
            Err(why) => {
                // The server is at its limit for two or three seconds.
                if !name.starts_with("none-") && name != "seed-think-cpu" {
                    wrong.push(name.clone());
                }
                format!("- | | {why} | | ")
            }
        };
        if name.starts_with("none-") && found.is_ok() {
            wrong.push(name.clone());
        }
        println!("| {name} | {} | {text} |", spans(&truth));
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn short_spikes_of_a_real_application_have_a_plateau() {
    let folder = root("../shared/data/nest-short");
    if !folder.exists() {
        println!("SKIPPED: no {}", folder.display());
        return;
    }
    for run in ["before-1", "after-1"] {
        let timeline = timeline_of(&bytes_of(&folder.join(run).join("k6.json.gz"))).unwrap();
        let all = find(&timeline).unwrap_or_else(|why| panic!("{run}: {why}"));
        let found = all.chosen();
        println!(
            "{run}: {:?} {:?} {:?} {:?}",
            found.window, found.grade, found.knee, found.stretch
        );
        assert!(found.within.p95_ms > 2.0 * found.before.unwrap().p95_ms, "{run}: {found:?}");
    }
}

#[test]
fn cases_that_came_out_wrong() {
    let folder = root("../shared/data/cases");
    if !folder.exists() {
        println!("SKIPPED: no {}", folder.display());
        return;
    }
    for file in [
        "step-and-hold/step-hold.csv",
        "step-and-hold/k6.json.gz",
        "short-test-p95/short28.csv",
        "short-test-p95/k6.json.gz",
        "short-test-p95/ramp-32s.k6.json.gz",
        "spike1000/spike1000.csv.gz",
        "table-without-vus/novus.csv",
    ] {
        let timeline = timeline_of(&bytes_of(&folder.join(file))).unwrap();
        let all = find(&timeline).unwrap_or_else(|why| panic!("{file}: {why}"));
        let found = all.chosen();
        println!(
            "{file}: {} s, {:?} {:?} {:?} {:.0}/s, {:?}",
            timeline.seconds.len(),
            found.window,
            found.grade,
            found.knee,
            found.level_rps,
            found.stretch
        );
        assert!(found.grade != Grade::Knee || found.capacity_rps.is_some());
    }
}

/// Runs of k6 against a server that serves ten requests at a time (`samples/README.md`), with the
/// seconds in which all ten were busy and others waited, by the server's own account.
#[test]
fn our_own_shapes_have_the_plateaus_of_their_servers() {
    for (name, truth) in [
        ("k6-three-spikes", &[(5, 13), (20, 28), (34, 42)][..]),
        ("k6-two-scenarios", &[(10, 24)]),
        ("k6-queue-limit", &[(8, 34)]),
        ("k6-light", &[]),
    ] {
        let timeline = timeline_of(&bytes_of(&root(&format!("samples/load/{name}.json.gz"))));
        let found = find(&timeline.unwrap());
        let truth: Vec<_> = truth.iter().map(|&(from, to)| Window { from, to }).collect();
        match found {
            Err(why) => assert!(truth.is_empty(), "{name}: {why}"),
            Ok(all) => {
                let windows: Vec<Window> = all.all.iter().map(|one| one.window).collect();
                assert_eq!(windows.len(), truth.len(), "{name}: {windows:?}");
                let both = overlap(&truth, &windows);
                assert!(both >= 0.8, "{name}: {both:.2}, {windows:?}");
            }
        }
    }
}

/// Returns a test as a table with requests, errors, p95 and perhaps users shows it.
fn as_table(mut timeline: Timeline, users: bool) -> Timeline {
    timeline.first.clear();
    for second in &mut timeline.seconds {
        let p95 = second.latencies.quantile_ms(0.95).unwrap_or(f64::NAN);
        let other = f64::NAN;
        *second = Second {
            ok: second.ok,
            failed: second.failed,
            started: second.requests(),
            vus: second.vus.filter(|_| users),
            latency_summary: Some(LatencySummary { p50: other, p95, p99: other, mean: other }),
            ..Second::default()
        };
    }
    timeline
}

/// The error was: nine seconds with as many and fast answers were taken for the beginning of a queue.
#[test]
fn tables_of_systems_below_their_limit_have_no_plateau() {
    for name in ["none-hold-light", "none-ramp-light"] {
        let path = root("../shared/data/load-shapes").join(name).join("k6.json.gz");
        if !path.exists() {
            println!("SKIPPED: no {}", path.display());
            return;
        }
        let found = find(&as_table(timeline_of(&bytes_of(&path)).unwrap(), false));
        assert!(found.is_err(), "{name}: {found:?}");
    }
}

/// Answers are late for 14 s in a run whose limit then grew. The errors were: "did not reach the limit", because
/// the greatest load got fast answers in the end, and later "the same load got more answers at other times".
#[test]
fn a_table_of_a_limit_that_grows_has_the_plateau_of_the_lower_one() {
    let path = root("samples/load/k6-more-slots.csv.gz");
    let all = find(&as_table(timeline_of(&bytes_of(&path)).unwrap(), true)).unwrap();
    let window = all.chosen().window;
    assert!(window.from <= 6 && window.to.abs_diff(19) <= 1, "{window:?}");
}

/// Reads a real run from which the points before second `from` and after second `to` were cut.
fn cut(name: &str, from: i64, to: i64) -> Option<Timeline> {
    let path = root("../shared/data/load-shapes").join(name).join("k6.json.gz");
    if !path.exists() {
        println!("SKIPPED: no {}", path.display());
        return None;
    }
    let bytes = bytes_of(&path);
    let text = String::from_utf8_lossy(&bytes);
    let second = |line: &str| {
        let (_, time) = line.split_once(r#""time":""#)?;
        Some(wall_time(time.split('"').next()?)?.div_euclid(1_000_000))
    };
    let first = text.lines().filter_map(second).min().unwrap();
    let is_kept = |line: &&str| second(line).is_none_or(|at| (from..to).contains(&(at - first)));
    let kept: Vec<&str> = text.lines().filter(is_kept).collect();
    Some(timeline_of(kept.join("\n").as_bytes()).unwrap())
}

/// The error was: "the load stood still at 100 VUs" and "too few seconds show it", because the seconds in
/// which the load falls again were cut off.
#[test]
fn a_jump_is_a_plateau_where_the_test_ends_before_the_load_falls() {
    for to in [18, 20, 22, 30] {
        let Some(timeline) = cut("hold-cpu", 0, to) else { return };
        let window = find(&timeline).unwrap_or_else(|why| panic!("{to}: {why}")).chosen().window;
        assert!(
            window.from.abs_diff(2) <= 1 && window.to + 2 >= (to as usize).min(23),
            "{window:?}"
        );
    }
    for name in ["none-hold-light", "none-ramp-light", "seed-think-cpu"] {
        for (from, to) in [(0, 14), (0, 18), (0, 22), (2, 30), (4, 20)] {
            let Some(timeline) = cut(name, from, to) else { return };
            assert!(find(&timeline).is_err(), "{name} {from} {to}");
        }
    }
}

/// The error was: "these seconds show a failure, not a limit of throughput" of clients that gave up after
/// 250 ms, ten times as long as answers took at rest.
#[test]
fn clients_that_gave_up_are_no_failure_of_the_system() {
    for to in [24, 27, 31] {
        let Some(timeline) = cut("timeouts-cpu", 0, to) else { return };
        let window = find(&timeline).unwrap_or_else(|why| panic!("{to}: {why}")).chosen().window;
        assert!(window.from <= 5 && window.to + 2 >= to as usize, "{window:?}");
    }
    let Some(timeline) = cut("timeouts-cpu", 4, 40) else { return };
    let why = find(&timeline).unwrap_err().why;
    assert!(matches!(why, NoPlateauReason::HardlySucceeded { .. }), "{why}");
}

/// The error was: "from 25 s to 26 s answers were late" as the reason for a test of 26 s, and a slow phase
/// that was two thirds of a test with a constant load.
#[test]
fn a_pause_of_a_second_is_not_the_reason_for_a_whole_test() {
    let Some(timeline) = cut("none-ramp-light", 0, 40) else { return };
    let why = find(&timeline).unwrap_err().why;
    assert!(matches!(why, NoPlateauReason::NotHeldBack { .. }), "{why}");
    let Some(timeline) = cut("soak-cpu", 3, 40) else { return };
    let why = find(&timeline).unwrap_err().why;
    assert!(matches!(why, NoPlateauReason::NothingToCompare { .. }), "{why}");
}
