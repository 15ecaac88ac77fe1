//! The system at rest: which requests and which seconds show it.

use crate::common;
use crate::rest_rows::minutes;

use common::{bytes_of, counts, read_with, root, timeline_of};
use spikeflame_load::plateau::{self, Evidence, Grade, NoPlateauReason, Options, Plateau};
use spikeflame_load::{Load, ReadOptions, Recorder, Timeline};
use std::path::Path;

fn sample(name: &str) -> Timeline {
    timeline_of(&bytes_of(&root("samples/load").join(name))).unwrap()
}

pub(crate) fn chosen(timeline: &Timeline) -> Plateau {
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
    assert!((8..=12).contains(&warm.window.from) && warm.window.to >= 32, "{spans:?}");
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
    let NoPlateauReason::LevelsDiffer { levels, .. } = &why else { panic!("{why:?}") };
    let levels: Vec<(usize, usize, f64)> =
        levels.iter().map(|(window, rps)| (window.from, window.to, rps.round())).collect();
    assert_eq!(levels, [(0, 16, 243.0), (16, 35, 99.0)]);
    assert!(why.to_string().contains("does not show whether these are limits"), "{why}");
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

/// Requests a second, p50 and p95 of a simulated server whose services are exponential. Its load rises
/// in steps to 80 % of its limit.
const NEAR_ITS_LIMIT: &str = "\
    18,6.7,29.6 11,10,20.2 16,8.4,40.7 14,7.8,22.9 26,10.2,23.5 18,7.6,36.9 10,15.8,42.8 \
    14,9.8,30.1 15,8.6,37 10,8.3,35.5 17,6.4,20.4 10,7.7,42.4 17,5.6,17 16,13.4,25.5 \
    13,12.6,50.7 35,8.9,36.8 28,10.5,34.9 38,14.4,33.7 32,12.8,31.6 35,13.2,48.6 \
    29,13.5,55.8 22,8.4,24.7 21,7.3,38 28,11.5,53.8 44,10.2,35.1 30,8.4,39.2 34,22.7,59.5 \
    28,13.4,69 37,8.5,33.9 39,21.5,61.6 50,29.8,71.2 44,9.1,43.2 52,10.4,49.3 48,12.9,33.2 \
    57,11.8,49.5 47,15.1,51.7 44,6.4,24.1 46,9.8,44.1 51,13.4,72 47,19.5,62.9 43,10.9,40 \
    53,13.5,31.6 38,12.8,35.4 40,9.8,60.9 46,11.1,54.1 52,24.3,49.4 61,24.7,49.5 \
    71,12.4,57.2 66,11.8,42.8 55,17,48.3 56,16.5,55.5 63,19.3,49.1 60,22.9,54 62,12.4,43.8 \
    61,77.5,125.7 55,21.9,79.5 63,9.9,40.5 80,27.6,52.5 62,17.2,56.3 53,14.5,54.8 \
    73,31.1,56.5 70,20.4,54.7 86,37.3,85.5 70,17.1,85.4 70,17.5,55.7 83,81.7,145.1 \
    86,20.1,62.7 76,16.4,34.9 91,75.8,156 79,36.5,171.1 82,33.1,87.5 82,31.2,84.8 61,20.3,91 \
    75,41,118 78,103.4,184.8 96,248.3,274.2 98,53.2,182.7 61,17.1,67.7 69,20.7,67.5 \
    91,85,154 99,52.5,184.5 86,41.8,89.4 73,24.1,84.8 76,27.5,71.4 78,16.5,59.6 79,34.2,79.1 \
    81,32.5,89.1 76,30.1,79 99,55.7,145.5 80,29.9,69.8";

/// A test of a server with eight workers has twice the users that it can serve, and then ever fewer. They
/// are enough for its limit until 35 s.
const FALLING: &str = "\
    98,323.5,788.7 94,669.4,971.1 98,536.3,716.3 98,464.7,629.4 92,630.3,867 100,424.1,613.1 \
    113,362.2,551.5 103,402.1,561.3 112,360.7,520.3 90,391.3,528.3 101,446.6,593.9 \
    98,357.5,542.5 91,403.8,585.2 86,509.5,685.9 92,430.7,634 106,286.5,529.4 92,294.6,449.3 \
    92,387.6,636.2 92,337.4,518.5 102,269.9,459.7 79,352,491.2 118,212.1,468.6 \
    107,165.3,322.1 82,295.7,458.1 86,293.9,584.3 105,101.9,313.3 86,229.6,393.5 \
    97,133.9,375.9 99,163.5,344.6 96,114.8,233.9 98,55.8,268.7 91,122.3,332.6 96,97.4,278.1 \
    79,86,322.8 93,145,416.3 85,62.5,168.9 91,59,212.6 83,66.1,213.2 82,79.9,247.8 \
    70,103.3,323.1 79,37.3,249.5 76,55.1,210.8 73,45.9,205.6 68,34.9,292.1 66,90.3,274.4 \
    68,52.5,303.1 58,72.9,287.9 62,60.1,189.7 52,71.5,272.6 51,54.1,203.9 59,51.6,213.2 \
    46,48.6,211 51,50.9,190.6 46,66.3,221.1 41,64.5,266.9 37,61.9,310.6 38,52.4,401.9 \
    34,49.2,221.3 32,61.5,212.6 26,48.7,187.8 28,94.6,288.5 23,57.9,323.8 23,38.6,273.7 \
    22,14.6,301.9 18,60.1,148.4 13,52.5,129.2 11,62,239.5 10,68.5,207 6,56.8,158.4 \
    5,68.7,151.1 4,39.4,152.1 3,179.6,212.3 4,79.2,261.1 3,9.5,211.5 4,4.5,81 3,3,105.6 \
    4,71.2,157.5 3,39.9,330.6 3,36.2,84.5 3,180.7,185.7";

fn of_rows(rows: &str) -> Timeline {
    let row = |(at, row): (usize, &str)| format!("{},{row}\n", 1_764_000_000 + at);
    let rows: String = rows.split_whitespace().enumerate().map(row).collect();
    timeline_of(format!("time,rps,p50,p95\n{rows}").as_bytes()).unwrap()
}

/// The error was: a table without users of a server below its limit had a plateau, because its
/// answers were 3 times as late as at rest or more.
#[test]
fn a_queue_that_comes_and_goes_is_no_plateau() {
    let none = plateau::find(&of_rows(NEAR_ITS_LIMIT), &Options::default()).unwrap_err();
    let is_unsure = matches!(none.why, NoPlateauReason::UsersUnknown { .. });
    assert!(is_unsure || matches!(none.why, NoPlateauReason::AsManyFaster { .. }), "{none}");
}

/// The error was: the whole test was called a plateau, because the median of three durations was
/// taken for the system at rest, and a load that falls was compared with nothing.
#[test]
fn a_plateau_ends_where_throughput_falls_with_the_load() {
    let found = chosen(&of_rows(FALLING));
    assert!((30..70).contains(&found.window.to), "{:?}", found.window);
}

/// Ten users from the first second on, whose queue takes three seconds to build up. Three answers of each of
/// these seconds are fast: only all of them together are surely more than those of later seconds.
#[test]
fn the_first_answers_show_the_system_at_rest_where_a_queue_builds_up_slowly() {
    let mut recorder = Recorder::default();
    for second in 0..40_i64 {
        recorder.vus(second * 1_000_000 + 900_000, 10.0);
        for at in 0..10_i64 {
            let is_fast = second < 3 && at < 3;
            let took_ms = if is_fast { 10 } else { 800 + (at * 37 + second * 11) as u64 % 100 };
            recorder.request(second * 1_000_000 + at * 100_000 + 50_000, took_ms * 1000, true);
        }
    }
    let found = chosen(&recorder.finish(Path::new("made"), "simulation").unwrap());
    assert_eq!((found.grade, found.window.to), (Grade::Held, 40));
    assert!(found.rest_ms.unwrap() < 100.0, "{found:?}");
}

/// One request in three fails, at any load. The error was: "the file does not show whether they failed at a limit".
#[test]
fn requests_that_fail_at_any_load_met_no_limit() {
    let refusal = |every: i64| {
        let mut recorder = Recorder::default();
        for second in 0..60 {
            recorder.vus(second * 1_000_000, (10 + second) as f64);
            for at in 0..10 + second {
                let end_us = second * 1_000_000 + at * 10_000;
                recorder.request(end_us, 20_000, (at + second) % every != 0);
            }
        }
        let timeline = recorder.finish(Path::new("made"), "simulation").unwrap();
        plateau::find(&timeline, &Options::default()).unwrap_err().why
    };
    let why = refusal(1_000);
    assert!(matches!(why, NoPlateauReason::NotReached { failed: Some(_), .. }), "{why}");
    let why = refusal(3);
    assert!(matches!(why, NoPlateauReason::NotReached { .. }), "{why}");
    assert!(why.to_string().contains("of the requests failed, as at rest"), "{why}");
    // A table without failures does not show them.
    let rows = [(20, 24.4, 20.1), (20, 24.5, 20.0), (100, 122.5, 21.0), (100, 122.0, 20.5)];
    let why = plateau::find(&minutes(&rows), &Options::default()).unwrap_err().why;
    assert!(why.to_string().ends_with("the file does not show whether requests failed"), "{why}");
}

/// A load that stands still, with `at` requests a second and their duration in milliseconds for each second.
fn constant(
    seconds: impl Iterator<Item = (i64, u64)>,
) -> Result<plateau::Plateaus, NoPlateauReason> {
    let mut recorder = Recorder::default();
    for (second, (rate, took_ms)) in seconds.enumerate() {
        recorder.vus(second as i64 * 1_000_000, 10.0);
        add(&mut recorder, second as i64, rate, took_ms, true);
    }
    let timeline = recorder.finish(Path::new("made"), "simulation").unwrap();
    plateau::find(&timeline, &Options::default()).map_err(|none| none.why)
}

/// Ten users with pauses of 0.1 s. The error was: seven slow seconds of a cold start were "held at the limit", although
/// the same users then got seven times as many answers.
#[test]
fn a_few_fast_seconds_under_the_same_load_show_that_it_is_no_limit() {
    let cold = (0..10).map(|second| if second < 7 { (11, 800) } else { (96, 4) });
    let why = constant(cold).unwrap_err();
    assert!(matches!(why, NoPlateauReason::SlowPhase { others_rps: Some(90.0..), .. }), "{why}");
    // Answers become later with time, without a queue.
    let leak = (0..17).map(|second| (10_000 / (150 + 50 * second), 50 + 50 * second as u64));
    let why = constant(leak).unwrap_err();
    assert!(matches!(why, NoPlateauReason::SlowPhase { others_rps: Some(_), .. }), "{why}");
}

/// Twenty users reach the limit of 120 a second, and the server restarts at 13 s. The error was: "throughput was 78
/// requests a second on average (mostly 0 to 123)", over an outage of three seconds.
#[test]
fn a_short_outage_is_no_part_of_a_plateau() {
    let mut recorder = Recorder::default();
    for second in 0..25 {
        recorder.vus(second * 1_000_000 + 900_000, if second < 6 { 3.0 } else { 20.0 });
        match second {
            0..6 => add(&mut recorder, second, 28, 8, true),
            13..16 => (0..170).for_each(|at| {
                recorder.request_without_answer(second * 1_000_000 + at * 5_000, 500);
            }),
            _ => add(&mut recorder, second, 120, 66, true),
        }
    }
    let timeline = recorder.finish(Path::new("made"), "simulation").unwrap();
    let found = plateau::find(&timeline, &Options::default()).unwrap().all;
    let is_outside = |one: &Plateau| one.window.to <= 13 || one.window.from >= 16;
    assert!(found.iter().all(is_outside), "{found:?}");
    assert!(found.iter().all(|one| (115.0..125.0).contains(&one.within.rps)), "{found:?}");
    assert_eq!(found.len(), 2, "{found:?}");
}
