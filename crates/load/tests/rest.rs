//! The system at rest: which requests and which seconds show it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test may fail"
)]

mod common;

use common::{bytes_of, counts, read_with, root, timeline_of};
use spikeflame_load::plateau::{self, Evidence, Grade, NoPlateauReason, Options, Plateau};
use spikeflame_load::{Load, ReadOptions, Recorder, Timeline};
use std::path::Path;

fn sample(name: &str) -> Timeline {
    timeline_of(&bytes_of(&root("samples/load").join(name))).unwrap()
}

fn chosen(timeline: &Timeline) -> Plateau {
    let found = plateau::find(timeline, &Options::default());
    found.unwrap_or_else(|why| panic!("{why}")).chosen().clone()
}

/// Adds `rate` requests to a second, evenly.
fn add(recorder: &mut Recorder, second: i64, rate: i64, took_ms: u64, ok: bool) {
    for at in 0..rate {
        let end_us = second * 1_000_000 + at * 1_000_000 / rate;
        recorder.request(end_us, took_ms * 1000, ok);
    }
}

/// A real run whose `setup()` sends requests of 4 ms to another endpoint. The server answers in
/// 20 ms on average and 300 times a second, and a user pauses for 50 ms: 21 users are its limit.
/// The error was: the requests of `setup()` were the system at rest ("18.2 times as long as at rest
/// (6.6 ms)"), and the limit lay "between 14 and 21 VUs".
#[test]
fn requests_of_setup_and_teardown_do_not_show_the_system_at_rest() {
    let timeline = sample("k6-setup.csv.gz");
    let found = chosen(&timeline);
    let rest_ms = found.rest_ms.unwrap();
    assert!((17.0..30.0).contains(&rest_ms), "{rest_ms}");
    let knee = found.knee.unwrap();
    assert!(knee.low < 21.0 && knee.high > 21.0, "{knee:?}");
    assert_eq!(timeline.setup_requests, 70);
    let (ok, failed) = counts(&timeline);
    assert_eq!((ok, failed), (5_953.0, 0.0));
    // They can be looked at by themselves.
    let options = ReadOptions { endpoint: Some("::setup".into()), ..ReadOptions::default() };
    let bytes = bytes_of(&root("samples/load/k6-setup.csv.gz"));
    let Ok(Load::Timeline(setup)) = read_with(&bytes, &options) else { panic!() };
    assert_eq!((counts(&setup), setup.setup_requests), ((40.0, 0.0), 0));
}

/// A group with the name of a phase belongs to a scenario.
#[test]
fn a_group_named_setup_is_a_part_of_the_test() {
    let row = |scenario: &str, at: u32| {
        format!("http_req_duration,{},5,true,::setup,GET /,{scenario},200\n", 1_795_397_087 + at)
    };
    let rows = |scenario: &str| (0..9).map(|at| row(scenario, at)).collect::<String>();
    let header =
        "metric_name,timestamp,metric_value,expected_response,group,name,scenario,status\n";
    let timeline = timeline_of(format!("{header}{}", rows("default")).as_bytes()).unwrap();
    assert_eq!((counts(&timeline).0, timeline.setup_requests), (9.0, 0));
    let timeline =
        timeline_of(format!("{header}{}{}", row("default", 0), rows("")).as_bytes()).unwrap();
    assert_eq!((counts(&timeline).0, timeline.setup_requests), (1.0, 9));
    assert_eq!(timeline.seconds.len(), 9);
}

/// A real run: 120, 600 and 100 requests wanted a second, of which 300 can be served. The load
/// jumps within a second. The error was: "p95 went from 436 ms to 709 ms".
#[test]
fn the_second_of_a_jump_is_not_before_the_plateau() {
    let found = chosen(&sample("k6-arrival-steps.csv.gz"));
    assert_eq!(found.grade, Grade::Offered);
    let before = found.before.unwrap();
    assert!(before.p95_ms < 60.0 && found.within.p95_ms > 600.0, "{found:?}");
    assert!(found.window.from - before.window.to <= 2, "{found:?}");
}

/// The error was: a sentence with 81 ms beside a table whose mean was 83 ms.
#[test]
fn the_mean_of_the_evidence_is_that_of_the_table() {
    for name in ["k6.json.gz", "k6-setup.csv.gz", "k6-arrival-steps.csv.gz"] {
        let found = chosen(&sample(name));
        let within = found.evidence.iter().find_map(|one| match one {
            Evidence::Slower { within_ms, .. } => Some(*within_ms),
            _ => None,
        });
        assert_eq!(within.unwrap(), found.within.mean_ms, "{name}");
        let stretch = found.within.mean_ms / found.rest_ms.unwrap();
        assert_eq!(found.stretch.unwrap(), stretch, "{name}");
    }
}

/// The error was: a server that reached its limit and then broke down was refused as a failure,
/// and the seconds at the limit were not found.
#[test]
fn a_plateau_ends_where_the_system_breaks_down() {
    let mut recorder = Recorder::default();
    for second in 0..40 {
        let users = if second < 6 { 3.0 } else { 40.0 };
        recorder.vus(second * 1_000_000 + 900_000, users);
        match second {
            // A pause of 150 ms between requests; 100 answers a second at most.
            0..6 => add(&mut recorder, second, 18, 10, true),
            6..14 => add(&mut recorder, second, 100, 250, true),
            _ => add(&mut recorder, second, 263, 2, false),
        }
    }
    let timeline = recorder.finish(Path::new("made"), "simulation").unwrap();
    let found = chosen(&timeline);
    assert!(found.window.from.abs_diff(6) <= 1 && found.window.to.abs_diff(14) <= 1, "{found:?}");
    assert!(found.knee.is_some_and(|knee| knee.low < 16.0 && knee.high > 16.0), "{found:?}");
    // Without the time at the limit, it is a failure.
    let mut recorder = Recorder::default();
    for second in 0..40 {
        recorder.vus(second * 1_000_000 + 900_000, 3.0);
        let (rate, took_ms, ok) = if second < 14 { (18, 10, true) } else { (20, 2, false) };
        add(&mut recorder, second, rate, took_ms, ok);
    }
    let timeline = recorder.finish(Path::new("made"), "simulation").unwrap();
    let why = plateau::find(&timeline, &Options::default()).unwrap_err().why;
    assert!(matches!(why, NoPlateauReason::Fails { .. }), "{why:?}");
}

/// The error was: "between 4 and 9 VUs" where 16 are right, beside a warning that the number of
/// users is missing from 30 s on. The last known number stood for all later ones.
#[test]
fn a_knee_is_not_computed_from_users_that_are_not_known() {
    let test = |known: i64| {
        let mut recorder = Recorder::default();
        for second in 0..60 {
            let users = 1.0 + second as f64 * 39.0 / 60.0;
            if second < known {
                recorder.vus(second * 1_000_000 + 900_000, users.floor());
            }
            let rate = (users / 0.16).min(100.0);
            let took_ms = (1e3 * (users / rate - 0.15)) as u64;
            add(&mut recorder, second, rate as i64, took_ms, true);
        }
        recorder.finish(Path::new("made"), "simulation").unwrap()
    };
    for known in [28, 30, 34, 60] {
        let found = chosen(&test(known));
        let right = found.knee.is_none_or(|knee| knee.low < 16.0 && knee.high > 16.0);
        assert!(right, "{known}: {:?}", found.knee);
        assert!(known < 60 || found.knee.is_some());
    }
}

/// A table of 10 to 50 users who pause for 100 ms. The error was: "a VU pauses 0.67 s".
#[test]
fn the_pause_between_requests_of_a_table_comes_from_its_means() {
    let table = |name: &str| {
        let mut text = format!("time,rps,users,{name}\n");
        for second in 0..60 {
            let users = 2.0 + 0.8 * f64::from(second);
            let rate = (users / 0.12).min(200.0);
            let ms = 1e3 * (users / rate - 0.1);
            text += &format!("2026-11-28T09:00:{second:02}Z,{rate:.1},{users:.1},{ms:.1}\n");
        }
        chosen(&timeline_of(text.as_bytes()).unwrap()).implied_think_s
    };
    let pause_s = table("mean_ms").unwrap();
    assert!((0.08..0.12).contains(&pause_s), "{pause_s}");
    assert_eq!(table("p50_ms"), None);
}

/// The load of the run was an arrival rate that grows. The error was: the very fastest of the first
/// answers (12 ms) were the duration at rest of a server that takes 20 ms.
#[test]
fn first_answers_to_a_growing_rate_are_not_chosen_by_their_speed() {
    let mut recorder = Recorder::default();
    for second in 0..24_i64 {
        let wanted = 40 + 40 * second;
        let served = wanted.min(300);
        recorder.vus(second * 1_000_000 + 900_000, if second % 2 == 0 { 40.0 } else { 39.0 });
        for at in 0..served {
            let end_us = second * 1_000_000 + at * 1_000_000 / served;
            let took_ms = if wanted > 300 { 120 } else { 10 + (at * 7 % 21) as u64 };
            recorder.request(end_us, took_ms * 1000, true);
        }
        recorder.dropped(second * 1_000_000 + 500_000, (wanted - served) as f64);
    }
    let timeline = recorder.finish(Path::new("made"), "simulation").unwrap();
    let found = chosen(&timeline);
    let rest_ms = found.rest_ms.unwrap();
    assert!(found.grade == Grade::Offered && (18.0..30.0).contains(&rest_ms), "{found:?}");
}

/// A real run against a server that serves six requests at a time, each for 80 ms in its first 11 s
/// and for 20 ms then. Users grow from 8 to 60. The error was: the first limit was not found.
#[test]
fn a_cold_server_has_a_limit_of_its_own() {
    let timeline = sample("k6-cold-server.csv.gz");
    let all = plateau::find(&timeline, &Options::default()).unwrap_or_else(|why| panic!("{why}"));
    let spans: Vec<_> = all.all.iter().map(|one| (one.window.from, one.window.to)).collect();
    let [cold, warm] = all.all.as_slice() else { panic!("{spans:?}") };
    // The server was full from 2 s on.
    assert!(cold.window.from <= 3 && (8..=11).contains(&cold.window.to), "{spans:?}");
    assert!((65.0..80.0).contains(&cold.within.rps), "{}", cold.within.rps);
    assert!((8..=11).contains(&warm.window.from) && warm.window.to >= 32, "{spans:?}");
    assert!((265.0..305.0).contains(&warm.within.rps) && all.index == 1, "{}", warm.within.rps);
}

/// A real run whose users jump from 4 to 50 against a server that serves three requests at a time,
/// and thirty from 18 s on. The error was: "the system was slow for a while, not at its limit".
#[test]
fn a_limit_may_grow_during_a_test() {
    let found = chosen(&sample("k6-more-slots.csv.gz"));
    assert!(found.window.from.abs_diff(5) <= 1 && found.window.to.abs_diff(18) <= 1, "{found:?}");
    assert!((140.0..155.0).contains(&found.level_rps), "{found:?}");
    // The limit is 150 requests a second, and a user takes 70 ms for each.
    assert!(found.knee.is_some_and(|knee| knee.low < 10.5 && knee.high > 10.5), "{found:?}");
}

/// A real run of 25 users against a server that serves twelve requests at a time, and two from 16 s
/// on. The file alone does not show that it was at its limit then. The error was: "not at its limit".
#[test]
fn a_refusal_does_not_claim_that_a_slow_system_was_below_its_limit() {
    let timeline = sample("k6-fewer-slots.csv.gz");
    let why = plateau::find(&timeline, &Options::default()).unwrap_err().why;
    assert!(matches!(why, NoPlateauReason::SlowPhase { .. }), "{why:?}");
    assert!(!why.to_string().contains("limit"), "{why}");
}

/// A table of a test whose answers stop for 15 s: the load is the same before, within and after.
/// `keeps` is true for a generator that never takes its users away again, as k6 does with those of
/// an arrival rate.
fn stalled_table(keeps: bool) -> String {
    let mut table = String::from("time,rps,vus,p95\n");
    let mut most = 2;
    for second in 0..70_u32 {
        let (rps, vus, p95) = match second {
            25..40 => (0, 2 + 20 * (second - 24), String::new()),
            40..43 => {
                (120, 202 - 100 * (second - 40), (15_000 - 4_500 * (second - 40)).to_string())
            }
            _ => (20, 2, (50 + second * 7 % 12).to_string()),
        };
        most = most.max(vus);
        let vus = if keeps { most } else { vus };
        table += &format!("{},{rps},{vus},{p95}\n", 1_795_400_000 + second);
    }
    table
}

/// The error was: "the load stood still, and a request took 3471.0 ms on average", or a plateau of
/// 70 s where the number of users stays as high as the stall made it.
#[test]
fn a_stall_is_refused_by_name_with_its_seconds() {
    for keeps in [false, true] {
        let timeline = timeline_of(stalled_table(keeps).as_bytes()).unwrap();
        let none = plateau::find(&timeline, &Options::default()).unwrap_err();
        let NoPlateauReason::Stalled { window, usual_rps } = none.why else {
            panic!("{keeps}: {none:?}")
        };
        assert_eq!((window.from, window.to, usual_rps), (25, 40, 20.0), "{keeps}");
        // The command that goes on takes neither the stall nor the seconds that make up for it.
        let steadiest = none.steadiest.unwrap();
        assert!(steadiest.from >= 43 || steadiest.to <= 25, "{keeps}: {steadiest:?}");
    }
}

/// Users jump from 10 to 300, and every request times out after 2 s once the queue is full. A table
/// has no duration of failed requests. The error was: these seconds "show a failure", so only the
/// six seconds before the first timeout were found.
#[test]
fn timeouts_in_a_table_are_late_answers() {
    let mut table = String::from("time,rps,vus,errors,p95\n");
    for second in 0..45_u32 {
        let (rps, vus, errors, p95) = match second {
            0..10 => (18, 10, 0, "60".to_owned()),
            10..16 => (96, 300, 0, (300 * (second - 9)).to_string()),
            _ => (110 + second * 13 % 31, 300, 110 + second * 13 % 31, String::new()),
        };
        table += &format!("{},{rps},{vus},{errors},{p95}\n", 1_795_400_000 + second);
    }
    let found = chosen(&timeline_of(table.as_bytes()).unwrap());
    assert!(found.window.from.abs_diff(10) <= 1 && found.window.to >= 43, "{:?}", found.window);
}

/// Five users, then 120, against a server that gives 100 answers a second; the file lost the users.
/// The error was: "served all 100 requests a second that were wanted", and "raise the rate".
#[test]
fn a_file_without_users_does_not_show_that_all_wanted_requests_were_served() {
    let mut recorder = Recorder::default();
    for second in 0..50 {
        match second {
            20..42 => add(&mut recorder, second, 100, 900, true),
            _ => add(&mut recorder, second, 10, 50, true),
        }
    }
    let timeline = recorder.finish(Path::new("made"), "simulation").unwrap();
    let why = plateau::find(&timeline, &Options::default()).unwrap_err().why;
    assert!(matches!(why, NoPlateauReason::AllServed { users: false, .. }), "{why:?}");
    assert!(why.to_string().contains("no VUs"), "{why}");
}

/// A table of users who each send one request a second, of which rows are missing. The error was:
/// of many seconds with few requests, those with most by chance showed the system at rest, and the
/// rest of the test was "saturated".
#[test]
fn chance_in_seconds_with_few_requests_is_no_system_at_rest() {
    // Second, requests, users, p95 in milliseconds.
    let rows = [
        (0, 2, 1, 25),
        (2, 3, 3, 70),
        (5, 5, 5, 72),
        (6, 5, 5, 59),
        (7, 6, 6, 62),
        (8, 7, 6, 74),
        (9, 7, 7, 63),
        (10, 8, 8, 54),
        (11, 9, 8, 138),
        (14, 10, 10, 88),
        (15, 11, 11, 85),
        (16, 12, 12, 100),
        (17, 12, 12, 141),
        (18, 13, 13, 73),
        (20, 14, 14, 91),
        (21, 15, 15, 89),
        (22, 16, 15, 64),
        (23, 16, 16, 60),
        (24, 17, 17, 88),
        (26, 18, 18, 105),
        (27, 19, 18, 75),
        (28, 19, 19, 89),
        (30, 20, 20, 108),
        (32, 20, 20, 93),
        (33, 20, 20, 153),
        (34, 20, 20, 91),
        (35, 20, 20, 108),
        (36, 20, 20, 97),
        (37, 20, 20, 94),
        (38, 20, 20, 106),
        (39, 20, 20, 113),
        (40, 20, 20, 112),
        (41, 20, 20, 102),
        (42, 20, 20, 100),
        (43, 20, 20, 93),
        (45, 20, 20, 108),
        (46, 20, 20, 104),
        (49, 20, 20, 83),
    ];
    let row = |(at, rate, users, p95_ms): (u32, u32, u32, u32)| {
        format!("2026-11-18T11:06:{at:02}Z,{rate},{users},0,{p95_ms}\n")
    };
    let table = format!("time,rps,vus,errors,p95 (ms)\n{}", rows.map(row).concat());
    let found = plateau::find(&timeline_of(table.as_bytes()).unwrap(), &Options::default());
    assert!(found.is_err(), "{:?}", found.map(|found| found.chosen().clone()));
}
