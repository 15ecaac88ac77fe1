//! Plateaus and clocks of real runs.

use crate::common;

use common::{bytes_of, cpu_time, root, shared_runs, timeline_of};
use proptest::prelude::*;
use spikeflame_load::plateau::{self, Evidence, Grade, NoPlateauReason, Options};
use spikeflame_load::{Axis, LatencySummary, NoPlateau, Plateau, Recorder, Second, Timeline};
use std::path::Path;
use std::time::Duration;

/// The script's mean pause.
const THINK: Options = Options { axis: None, think_s: Some(0.35), number: None, busy: None };

fn find(timeline: &Timeline) -> Result<Plateau, NoPlateau> {
    plateau::find(timeline, &THINK).map(|found| found.chosen().clone())
}

fn sample(name: &str) -> Timeline {
    timeline_of(&bytes_of(&root("samples").join(name))).unwrap()
}

#[test]
fn the_plateau_of_a_real_spike() {
    let json = find(&sample("load/k6.json.gz")).unwrap();
    let (from, to) = (json.window.from, json.window.to);
    // VUs go from 3 to 200 in 60 s, and goodput stays at 40 to 80 from 25 VUs on.
    assert!((8..25).contains(&from) && to > 60, "{json:?}");
    assert!(json.within.p95_ms > 5.0 * json.before.unwrap().p95_ms, "{json:?}");
    assert!((0.95..1.05).contains(&json.little_ratio.unwrap()), "{json:?}");
    assert!((0.3..0.4).contains(&json.implied_think_s.unwrap()), "{json:?}");
    assert_eq!((json.axis, json.before.unwrap().window.to), (Axis::Vus, from));
    let csv = find(&sample("spike/before-1/k6.csv.gz")).unwrap();
    assert_eq!(csv.window, json.window);
    // A row every five seconds holds less information.
    let table = find(&sample("load/dashboard.csv")).unwrap();
    assert!(table.window.from.abs_diff(from) <= 15, "{table:?}");
}

#[test]
fn shared_runs_have_plateaus() {
    for run in shared_runs() {
        let name = run.strip_prefix(root("../shared/data")).unwrap().display().to_string();
        let timeline = timeline_of(&bytes_of(&run.join("k6.json.gz"))).unwrap();
        let found = find(&timeline).unwrap_or_else(|why| panic!("{name}: {why}"));
        println!(
            "{name}: {} to {} s from {:.0} VUs, {:.0} RPS, Little's ratio {:.3}",
            found.window.from,
            found.window.to,
            found.knee_load().unwrap(),
            found.level_rps,
            found.little_ratio.unwrap()
        );
        // The number of virtual users grows until five sixths of the test.
        assert!(found.window.from < timeline.seconds.len() * 5 / 6, "{name}");
        if name.contains("spike") {
            assert!((0.9..1.1).contains(&found.little_ratio.unwrap()), "{name}: {found:?}");
        }
    }
}

/// One second of a generated test.
fn second(vus: f64, ok: f64, took_us: u64, failed: f64) -> Second {
    let mut second = Second { vus: Some(vus), ok, failed, ..Second::default() };
    (0..ok as usize).for_each(|_| second.latencies.add(took_us));
    second
}

fn made(seconds: impl IntoIterator<Item = Second>) -> Timeline {
    let seconds = seconds.into_iter().collect();
    Timeline { seconds, resolution_s: 1, start_s: 1_795_000_000, ..Timeline::default() }
}

/// The error was: "1.36 times as many requests would have been answered at rest", although all that
/// were wanted had been answered.
#[test]
fn no_more_requests_are_answered_than_are_wanted() {
    let seconds = (0..90).map(|at| {
        let rate = (5.0 + 0.5 * f64::from(at)).round();
        let took_us = if at < 70 { 10_000 } else { 19_000 };
        let in_flight = Some(rate * took_us as f64 / 1e6);
        Second { vus: None, started: rate, in_flight, ..second(0.0, rate, took_us, 0.0) }
    });
    let timeline = Timeline { format: "Artillery report", ..made(seconds) };
    let why = find(&timeline).unwrap_err().why;
    assert!(matches!(why, NoPlateauReason::AllServed { .. }), "{why}");
}

/// The error was: "the system was at its limit for 2 s only", although the same users got more
/// answers before and after.
#[test]
fn a_hiccup_is_no_limit() {
    let seconds = (0..40).map(|at| {
        let took_us = if (32..34).contains(&at) { 100_000 } else { 30_000 };
        let vus = 6.0 * f64::from(at.min(20)).max(1.0);
        second(vus, (vus / (0.2 + took_us as f64 / 1e6)).round(), took_us, 0.0)
    });
    let why = find(&made(seconds)).unwrap_err().why;
    assert!(!matches!(why, NoPlateauReason::TooBrief { .. }), "{why}");
}

#[test]
fn reasons_state_what_was_measured() {
    let ramp = || (0..120).map(f64::from);
    let reason = |seconds: Vec<Second>| find(&made(seconds)).unwrap_err().why;
    assert_eq!(reason(vec![]), NoPlateauReason::TooShort { seconds: 0 });
    let short = ramp().take(4).map(|x| second(x, x, 20_000, 0.0)).collect();
    assert_eq!(reason(short), NoPlateauReason::TooShort { seconds: 4 });
    let mute = ramp().map(|_| Second::default()).collect();
    assert_eq!(reason(mute), NoPlateauReason::NoLoad);
    // The error was: "neither VUs nor requests over time" for requests whose load was to be users.
    let mut alone = made(ramp().map(|x| second(x, x, 20_000, 0.0)));
    alone.seconds.iter_mut().for_each(|second| second.vus = None);
    let options = Options { axis: Some(Axis::Vus), ..Options::default() };
    let why = plateau::find(&alone, &options).unwrap_err().why;
    assert_eq!(why, NoPlateauReason::NoUsers);
    let failing = ramp().map(|x| second(x, 0.0, 0, x)).collect();
    assert_eq!(reason(failing), NoPlateauReason::NothingSucceeded { status: None });
    let steady = ramp().map(|_| second(50.0, 100.0, 20_000, 0.0)).collect();
    assert!(matches!(reason(steady), NoPlateauReason::NothingToCompare { .. }));
    let rising = ramp().map(|x| second(x, 2.0 * x, 20_000, 0.0)).collect();
    assert!(matches!(reason(rising), NoPlateauReason::NotReached { .. }));
    let fast = ramp().map(|x| second(x, 2.0 * x.min(60.0), 20_000, 0.0)).collect();
    assert!(matches!(reason(fast), NoPlateauReason::NothingClimbs { .. }));
    let bare = ramp().map(|x| Second { vus: Some(x), ok: 2.0 * x.min(60.0), ..Second::default() });
    assert_eq!(reason(bare.collect()), NoPlateauReason::NoDurations);
    let errors = ramp().map(|x| second(x, 2.0 * x.min(60.0), 20_000, (x - 60.0).max(0.0)));
    assert!(find(&made(errors)).is_ok());
    // Each user waits for an answer, or pauses for half a second between two.
    let limited =
        |x: f64| second(x, 2.0 * x.min(60.0), (1e6 * (x / 120.0 - 0.48).max(0.02)) as u64, 0.0);
    let found = find(&made(ramp().map(limited))).unwrap();
    assert!((found.knee_load().unwrap() - 60.0).abs() < 2.0, "{found:?}");
    assert!(found.grade == Grade::Knee && found.window.from.abs_diff(60) <= 2, "{found:?}");
    // The load jumps, and stays.
    let jump = ramp().map(|x| limited(if x < 40.0 { 10.0 } else { 100.0 }));
    let found = find(&made(jump)).unwrap();
    let knee = found.knee.unwrap();
    assert_eq!(found.grade, Grade::Saturated);
    assert!(knee.low < 60.0 && knee.high > 60.0 && knee.high < 90.0, "{knee:?}");
    assert!(found.window.from.abs_diff(40) <= 2 && found.window.to >= 118, "{found:?}");
    // Two spikes with a pause between them.
    let twice =
        ramp().map(|x| limited(if (20.0..40.0).contains(&x) || x > 70.0 { 100.0 } else { 10.0 }));
    let twice = made(twice);
    let all = plateau::find(&twice, &THINK).unwrap();
    assert_eq!((all.all.len(), all.index), (2, 1), "{all:?}");
    let first = plateau::find(&twice, &Options { number: Some(1), ..THINK }).unwrap();
    assert!(first.chosen().window.from.abs_diff(20) <= 2, "{first:?}");
    let third = plateau::find(&twice, &Options { number: Some(3), ..THINK }).unwrap_err();
    assert_eq!(third.why, NoPlateauReason::NoSuch { asked: 3, found: 2 });
}

/// The error was: "the limit was not the system, but the load generator" was stated of a table
/// whose answers took longer, because its 95th percentile was late from the start; and "none fails"
/// although some failed.
#[test]
fn the_load_generator_is_blamed_only_when_answers_are_as_fast_as_at_rest() {
    let row = |x: f64, mean: f64| Second {
        vus: Some(x),
        ok: 2.0 * x.min(60.0),
        started: 2.0 * x.min(60.0),
        latency_summary: Some(LatencySummary { p50: mean, p95: 400.0, p99: f64::NAN, mean }),
        ..Second::default()
    };
    let ramp = || (0..120).map(f64::from);
    let reason = |late: f64| {
        let rows = ramp().map(|x| row(x, if x < 60.0 { 20.0 } else { late }));
        plateau::find(&made(rows), &Options::default()).map_err(|error| error.why)
    };
    assert!(matches!(reason(20.0), Err(NoPlateauReason::NothingClimbs { .. })));
    for late in [40.0, 60.0, 400.0] {
        let found = reason(late);
        assert!(!matches!(found, Err(NoPlateauReason::NothingClimbs { .. })), "{late}: {found:?}");
    }
    let failing = |share: f64| {
        let rows = ramp().map(|x| second(x, 200.0 * x.min(60.0), 20_000, share * x.min(60.0)));
        plateau::find(&made(rows), &Options::default()).unwrap_err().to_string()
    };
    assert!(failing(0.0).contains("and none fails"), "{}", failing(0.0));
    let some = failing(1.0);
    assert!(some.contains("hardly more fail than before (0.5 %)"), "{some}");
}

/// The error was: where a share of the requests fails at rest too, a rate that was served was called
/// more than was served.
#[test]
fn requests_that_fail_at_rest_are_not_left_behind() {
    let row = |at: usize| {
        let took_us = if at < 30 { 20_000 } else { 60_000 };
        let in_flight = Some(took_us as f64 / 1e4);
        Second { vus: None, started: 100.0, in_flight, ..second(0.0, 80.0, took_us, 20.0) }
    };
    let timeline = made((0..60).map(row));
    let why = plateau::find(&timeline, &Options::default()).unwrap_err().why;
    assert!(matches!(why, NoPlateauReason::AllServed { .. }), "{why}");
}

/// A test whose load jumps from 5 to 80 users between `from` and `to`. The system answers 100
/// requests a second, and at rest in 10 ms; users pause for 0.25 s.
fn jump(seconds: usize, from: usize, to: usize) -> Timeline {
    made((0..seconds).map(|at| match (from..to).contains(&at) {
        true => second(80.0, 100.0, 550_000, 0.0),
        false => second(5.0, 19.0, 10_000, 0.0),
    }))
}

#[test]
fn a_plateau_may_lie_in_the_first_or_the_last_second() {
    for (from, to) in [(0, 20), (0, 40), (20, 60), (40, 60), (1, 59)] {
        let test = jump(60, from, to);
        let found = find(&test).unwrap_or_else(|why| panic!("{from} to {to}: {why}"));
        let (start, end) = (found.window.from.abs_diff(from), found.window.to.abs_diff(to));
        assert!(start <= 1 && end <= 1, "{from} to {to}: {:?}", found.window);
        assert_eq!(found.before.is_some(), found.window.from > 0);
    }
}

#[test]
fn spikes_with_a_short_recovery_are_several_plateaus() {
    // The load comes back gently, so no second after the rest is clearly saturated at once; and
    // signals are pooled, so a rest of 5 s seems to take 3.
    for (rest, gentle) in [(5, 0), (6, 0), (7, 1), (12, 2)] {
        let spike = |at: usize| match at {
            0 => second(42.0, 100.0, 170_000, 0.0),
            _ => second(80.0, 100.0, 550_000, 0.0),
        };
        let base = || second(5.0, 19.0, 10_000, 0.0);
        let soft = || second(12.0, 44.0, 20_000, 0.0);
        let cycle = || {
            let rise = (0..rest).map(|_| base()).chain((0..gentle).map(|_| soft()));
            rise.chain((0..9).map(spike)).collect::<Vec<_>>()
        };
        let test = made((0..3).flat_map(|_| cycle()));
        let all = plateau::find(&test, &Options::default()).unwrap().all;
        let windows: Vec<_> = all.iter().map(|one| one.window).collect();
        assert_eq!(all.len(), 3, "{rest} s: {windows:?}");
        for (at, window) in windows.iter().enumerate() {
            let start = at * (rest + gentle + 9) + rest + gentle;
            assert!(window.from.abs_diff(start) <= 1, "{rest} s: {windows:?}");
            assert!(window.to.abs_diff(start + 9) <= 1, "{rest} s: {windows:?}");
        }
    }
}

#[test]
fn a_whole_step_of_stairs_just_above_the_limit_belongs_to_the_plateau() {
    // The limit is 26 users: the third step is above it by so little that no second shows it.
    let steps = [(10.0, 38.0, 10_000), (20.0, 75.0, 16_000), (28.0, 97.0, 38_000)];
    let steps = steps.into_iter().chain([(50.0, 100.0, 250_000), (80.0, 100.0, 550_000)]);
    let seconds = steps.flat_map(|(vus, ok, took)| (0..8).map(move |_| second(vus, ok, took, 0.0)));
    let test = made(seconds);
    let found = plateau::find(&test, &Options::default()).unwrap();
    let window = found.chosen().window;
    assert!(window.from.abs_diff(16) <= 1 && window.to == 40, "{window:?}");
}

#[test]
fn a_busy_main_thread_is_evidence_only_where_the_load_stood_still_or_answers_slowed() {
    let with = |test: &Timeline, busy: f64| {
        let busy = Some(vec![busy; test.seconds.len()]);
        plateau::find(test, &Options { busy, ..Options::default() })
    };
    // The load and the answers are the same in all seconds: the load test alone shows nothing.
    let steady = made((0..40).map(|_| second(50.0, 100.0, 400_000, 0.0)));
    assert!(matches!(find(&steady).unwrap_err().why, NoPlateauReason::NothingToCompare { .. }));
    let found = with(&steady, 0.99).unwrap();
    let found = found.chosen();
    assert_eq!(found.grade, Grade::Held);
    assert!(found.window.seconds() >= 38, "{:?}", found.window);
    assert!(
        found
            .evidence
            .iter()
            .any(|one| matches!(one, Evidence::Busy { share } if (*share - 0.99).abs() < 1e-9))
    );
    for less in [0.5, 0.9, f64::NAN] {
        assert!(matches!(
            with(&steady, less).unwrap_err().why,
            NoPlateauReason::NothingToCompare { .. }
        ));
    }
    // The load rises, and so does goodput: a busy thread is no limit as long as answers are fast.
    let rising = made((1..60).map(|at| second(f64::from(at), 4.0 * f64::from(at), 10_000, 0.0)));
    assert!(matches!(with(&rising, 1.0).unwrap_err().why, NoPlateauReason::NotReached { .. }));
    // A profile that knows nothing of the test changes nothing.
    let short = Options { busy: Some(vec![]), ..Options::default() };
    assert!(plateau::find(&steady, &short).is_err());
}

#[test]
fn users_without_durations_are_refused_with_the_way_out() {
    let test = made((0..60).map(|at| Second {
        vus: Some(if at < 10 { 5.0 } else { 80.0 }),
        ok: if at < 10 { 19.0 } else { 100.0 },
        ..Second::default()
    }));
    let why = find(&test).unwrap_err();
    assert_eq!(why.why, NoPlateauReason::NoDurations);
    assert!(why.to_string().contains("a column with p50, p95, p99"), "{why}");
}

#[test]
fn a_week_is_searched_as_fast_as_a_night() {
    let cost = || {
        let began = cpu_time();
        let load = (0..600_000).map(|at| f64::from(at) / 10_000.0);
        let took = |x: f64| (1e6 * (x / 60.0 - 0.48).max(0.02)) as u64;
        let week: Vec<_> =
            load.map(|x| second(x, (2.0 * x.min(30.0)).round(), took(x), 0.0)).collect();
        let made = made(week);
        let (made_in, began) = (cpu_time() - began, cpu_time());
        let found = find(&made).unwrap();
        assert!((found.knee_load().unwrap() - 30.0).abs() < 1.0, "{found:?}");
        (made_in, cpu_time() - began)
    };
    // Other work on the machine slows a measurement by chance, so each is the least of three.
    let costs = [cost(), cost(), cost()];
    let least = |of: fn(&(Duration, Duration)) -> Duration| costs.iter().map(of).min().unwrap();
    let (made_in, searched_in) = (least(|cost| cost.0), least(|cost| cost.1));
    // A search that looked at every second took 20 times as long as the reading.
    println!("made in {made_in:?}, searched in {searched_in:?}");
    assert!(searched_in < 17 * made_in, "{searched_in:?}, made in {made_in:?}");
}

/// The error was: "served all 0 requests a second that were wanted".
#[test]
fn low_rates_have_decimals() {
    let sentence = |rps| NoPlateauReason::AllServed { rps, users: true, backlog: 0.0 }.to_string();
    for (rps, shown) in [(0.4, "all 0.40 requests"), (3.0, "all 3.0 "), (52.7, "all 53 ")] {
        assert!(sentence(rps).contains(shown), "{}", sentence(rps));
    }
}

proptest! {
    #[test]
    fn any_timeline_has_an_answer(
        points in prop::collection::vec(
            (0_i64..40, 0_u64..30_000_000, any::<bool>(), prop::option::of(0.0..1e6_f64)), 1..400
        ),
        axis in prop::option::of(prop::sample::select(vec![Axis::Vus, Axis::Rate])),
    ) {
        let mut recorder = Recorder::default();
        for &(second, took, ok, vus) in &points {
            recorder.request(second * 1_000_000, took, ok);
            if let Some(vus) = vus {
                recorder.vus(second * 1_000_000, vus);
            }
        }
        let timeline = recorder.finish(Path::new("x"), "made").unwrap();
        if let Ok(found) = plateau::find(&timeline, &Options { axis, ..THINK }) {
            for found in &found.all {
                prop_assert!(found.window.from < found.window.to);
                prop_assert!(found.window.to <= timeline.seconds.len());
                let before = found.before.map(|before| before.window.to);
                // A jump of the load may take up to two seconds.
                prop_assert!(before.is_none_or(|end| end <= found.window.from));
                prop_assert!(before.is_none_or(|end| end + 2 >= found.window.from));
            }
        }
    }
}

/// A test of `seconds` with a spike every 40 s.
fn many_spikes(seconds: i64) -> Timeline {
    let mut recorder = Recorder::default();
    for second in 0..seconds {
        let spike = (20..34).contains(&(second % 40));
        let (users, rate, took_us) = if spike { (12.0, 4, 2_850_000) } else { (1.0, 3, 183_000) };
        recorder.vus(second * 1_000_000 + 900_000, users);
        for at in 0..rate {
            recorder.request(second * 1_000_000 + at * 250_000, took_us + 1_000 * at as u64, true);
        }
    }
    recorder.finish(Path::new("x"), "made").unwrap()
}

/// The error was: each plateau was compared with every second of the test, so that a test of 115 h
/// with 10,000 plateaus took more than a minute.
#[test]
fn the_cost_of_many_plateaus_grows_with_the_length_of_the_test() {
    let cost = |seconds: i64| {
        let timeline = many_spikes(seconds);
        let began = cpu_time();
        let found = plateau::find(&timeline, &Options::default()).unwrap();
        assert!(found.all.len() as i64 >= seconds / 40 - 2, "{}", found.all.len());
        cpu_time() - began
    };
    // Other work on the machine slows a measurement by chance, so each is the least of three. The kernel
    // counts in steps of some milliseconds, which the shorter test must take several of.
    let (short, long) = (0..3)
        .map(|_| (cost(16_000), cost(64_000)))
        .reduce(|least, next| (least.0.min(next.0), least.1.min(next.1)))
        .unwrap();
    println!("{short:?} {long:?}");
    assert!(long < 10 * short, "{short:?} {long:?}");
}
