//! Limits that change during a test, and loads that files of few rows hardly show.

use crate::common;

use common::{bytes_of, readable, root, timeline_of};
use spikeflame_load::plateau::{self, Evidence, NoPlateauReason, Options, Plateaus};
use spikeflame_load::{Axis, Recorder, Timeline};
use std::path::Path;

fn found(timeline: &Timeline) -> Plateaus {
    plateau::find(timeline, &Options::default()).unwrap_or_else(|why| panic!("{why}"))
}

fn windows(all: &Plateaus) -> Vec<(usize, usize)> {
    all.all.iter().map(|one| (one.window.from, one.window.to)).collect()
}

/// Returns a test in which each of some users pauses for 100 ms, and a request takes 20 ms or, at the limit, as
/// long as the users have to wait. `users` and `limit` are of a second.
fn closed(length_s: i64, users: impl Fn(i64) -> f64, limit: impl Fn(i64) -> f64) -> Timeline {
    let mut recorder = Recorder::default();
    for second in 0..length_s {
        let now = users(second);
        recorder.vus(second * 1_000_000 + 500_000, now.floor());
        // A rate is a little different in each second.
        let rate = (now / 0.12).min(limit(second)) * (1.0 + 0.02 * (second * 7 % 5 - 2) as f64);
        let took_us = (1e6 * (now / rate - 0.1)).max(15_000.0) as u64;
        for at in 0..rate as i64 {
            recorder.request(second * 1_000_000 + at * 1_000_000 / rate as i64, took_us, true);
        }
    }
    recorder.finish(Path::new("made"), "simulation").unwrap()
}

/// A real run: users jump from 3 to 40 against a server with two slots, and with four from 18 s on. The error was:
/// one plateau of 147 requests a second.
#[test]
fn a_limit_that_doubles_gives_two_plateaus() {
    let all =
        found(&timeline_of(&bytes_of(&root("samples/load/k6-second-instance.csv.gz"))).unwrap());
    let [first, second] = all.all.as_slice() else { panic!("{:?}", windows(&all)) };
    assert!(first.window.from.abs_diff(5) <= 1 && second.window.to.abs_diff(33) <= 1);
    assert!(first.window.to == second.window.from && second.window.from.abs_diff(18) <= 1);
    assert!((95.0..102.0).contains(&first.level_rps), "{}", first.level_rps);
    assert!((195.0..206.0).contains(&second.level_rps), "{}", second.level_rps);
    let other = |one: &Evidence| matches!(one, Evidence::OtherLimit { earlier_rps } if *earlier_rps < 102.0);
    assert!(second.evidence.iter().any(other) && !first.evidence.iter().any(other));
}

/// Users grow all the time while the limit doubles at 35 s. The error was: "throughput stops growing at" a
/// load between the two limits, with one plateau from before the first to behind the second.
#[test]
fn a_ramp_over_a_limit_that_doubles_has_no_knee_between_both() {
    let limit = |second: i64| if second < 35 { 100.0 } else { 200.0 };
    let all = found(&closed(70, |second| 1.0 + second as f64, limit));
    let [first, second] = all.all.as_slice() else { panic!("{:?}", windows(&all)) };
    assert!(first.window.from.abs_diff(12) <= 2 && first.window.to.abs_diff(35) <= 1);
    assert!(second.window.from.abs_diff(35) <= 1 && second.window.to >= 69);
    let knee = second.knee.unwrap();
    assert!(knee.low < 24.0 && knee.high > 24.0, "{knee:?}");
    // A limit that falls is told in the same way, and a load that steps is no other limit.
    let jump = |second: i64| if second < 5 { 2.0 } else { 60.0 };
    let all = found(&closed(70, jump, |second| if second < 35 { 200.0 } else { 100.0 }));
    assert_eq!(all.all.len(), 2, "{:?}", windows(&all));
    let step = |second: i64| if second < 10 { 2.0 } else { 30.0 + 30.0 * (second / 35) as f64 };
    assert_eq!(found(&closed(70, step, |_| 200.0)).all.len(), 1);
}

/// The limit falls by a quarter. The error was: one plateau "at 90 requests a second (mostly 73 to 103)", because a
/// hundred answers a second were taken to come at random.
#[test]
fn a_limit_that_falls_by_a_quarter_gives_two_plateaus() {
    let limit = |second: i64| if second < 70 { 100.0 } else { 75.0 };
    let all = found(&closed(110, |second| (3 + 2 * second).min(100) as f64, limit));
    let [first, second] = all.all.as_slice() else { panic!("{:?}", windows(&all)) };
    assert!(first.window.to == second.window.from && second.window.from.abs_diff(70) <= 1);
}

/// Goodput falls for another reason while the load stands still. The error was: "falls as load grows further".
#[test]
fn goodput_that_falls_under_a_constant_load_does_not_fall_with_it() {
    let falls = |second: i64| 150.0 - second as f64;
    let jump = |second: i64| if second < 10 { 2.0 } else { 60.0 };
    let one = found(&closed(70, jump, falls));
    assert!(!one.chosen().retrograde && one.all.len() == 1, "{one:?}");
    let ramp_and_hold = |second: i64| 2.0 + 2.0 * second.min(30) as f64;
    let limit = |second: i64| if second < 30 { 150.0 } else { 180.0 - second as f64 };
    assert!(!found(&closed(90, ramp_and_hold, limit)).chosen().retrograde);
    assert!(found(&closed(70, |second| 2.0 + 2.0 * second as f64, falls)).chosen().retrograde);
}

/// Requests come evenly, 20 a second and in the middle 300, of which a server can serve 200. k6 had users enough, so
/// their number is that of the requests under way. The errors were: "between 1 and 4 VUs", and plateaus of 20 and
/// of 31 requests a second, because requests that pile up and are served later looked like clients that wait.
#[test]
fn users_of_an_arrival_rate_that_piles_up_are_no_load() {
    let mut recorder = Recorder::default();
    let (mut free_us, mut begun) = (0_i64, Vec::new());
    let mut ends = Vec::new();
    for second in 0..80_i64 {
        let rate = if (25..45).contains(&second) { 300 } else { 20 };
        for at in 0..rate {
            let start_us = second * 1_000_000 + at * 1_000_000 / rate;
            // 200 a second, each for 10 to 60 ms.
            free_us = free_us.max(start_us) + 5_000;
            let end_us = free_us + 5_000 + (at * 7_919 + second * 104_729) % 50_000;
            begun.push(start_us);
            ends.push(end_us);
            recorder.request(end_us, end_us.abs_diff(start_us), true);
        }
    }
    let count = |times: &[i64], at: i64| times.iter().filter(|time| **time <= at).count() as f64;
    for second in 0..80 {
        let at = second * 1_000_000 + 530_000;
        recorder.vus(at, count(&begun, at) - count(&ends, at));
    }
    let all = found(&recorder.finish(Path::new("made"), "simulation").unwrap());
    assert_eq!((all.all.len(), all.chosen().axis), (1, Axis::Rate), "{:?}", windows(&all));
    let window = all.chosen().window;
    assert!(window.from.abs_diff(25) <= 1 && window.to.abs_diff(55) <= 10, "{window:?}");
}

/// Requests come evenly, 20 a second and in the middle 300, to a server that answers 200 a second, and no file has
/// users. The errors were: "from 0 s to 240 s", and "as long as at rest (1 ms)", which was the mean of the fastest of
/// the first answers.
#[test]
fn a_rate_without_users_that_piles_up_is_a_rate() {
    let mut random = 7_u64;
    let mut chance = || {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (random >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut recorder = Recorder::default();
    let mut free = [0_i64; 4];
    for second in 0..240_i64 {
        let rate = if (60..121).contains(&second) { 300 } else { 20 };
        for at in 0..rate {
            let start_us = second * 1_000_000 + at * 1_000_000 / rate;
            let next = free.iter_mut().min().unwrap();
            let end_us = start_us.max(*next) + (-20_000.0 * (1.0 - chance()).ln()) as i64;
            *next = end_us;
            recorder.request(end_us, end_us.abs_diff(start_us), true);
        }
    }
    let all = found(&recorder.finish(Path::new("made"), "simulation").unwrap());
    assert_eq!((all.all.len(), all.chosen().axis), (1, Axis::Rate), "{:?}", windows(&all));
    let (window, rest_ms) = (all.chosen().window, all.chosen().rest_ms.unwrap());
    assert!(window.from.abs_diff(60) <= 2 && (119..155).contains(&window.to), "{window:?}");
    assert!((10.0..40.0).contains(&rest_ms), "{rest_ms}");
}

/// Returns a table with rows of 30 s: requests a second, users at the end of the row, and p95 in milliseconds.
fn half_minutes(rows: &[(f64, u32, f64)]) -> Timeline {
    let row = |(at, (rps, users, p95)): (usize, &(f64, u32, f64))| {
        format!("{},{rps},{users},{p95}\n", 1_795_400_000 + 30 * at)
    };
    readable(&format!("time,rps,vus,p95\n{}", rows.iter().enumerate().map(row).collect::<String>()))
}

/// Two simulated spikes of 30 s. The error was: "throughput stops growing at 18 VUs, from 23 s to 375 s", because a
/// hinge fits two rows that have a part of a spike.
#[test]
fn two_spikes_in_rows_of_30_s_are_two_plateaus() {
    let (base, first, second) = (
        (9.1, 2, 60.0),
        [(131.2, 120, 474.8), (91.3, 2, 489.5)],
        [(115.3, 120, 501.6), (102.4, 2, 520.5)],
    );
    let mut rows = vec![(5.8, 2, 68.8), (8.9, 2, 64.1)];
    rows.extend(first);
    rows.extend([(9.1, 2, 70.4), (9.1, 2, 59.9), (9.2, 2, 55.4)]);
    rows.extend(second);
    rows.extend([base; 4]);
    let all = found(&half_minutes(&rows));
    let windows = windows(&all);
    assert_eq!(windows.len(), 2, "{windows:?}");
    assert!(windows[0].0.abs_diff(71) <= 30 && windows[0].1.abs_diff(105) <= 30, "{windows:?}");
    assert!(windows[1].0.abs_diff(221) <= 30 && windows[1].1.abs_diff(255) <= 30, "{windows:?}");
}

/// Two simulated spikes of a minute, half a minute apart. The error was: the users did not count as the load, because
/// the first and the last row have the requests of a part of their time, and the first spike was not found.
#[test]
fn rows_in_which_a_test_begins_and_ends_show_no_arrival_rate() {
    let all = found(&half_minutes(&[
        (11.4, 5, 53.8),
        (22.9, 5, 62.1),
        (111.8, 120, 473.9),
        (199.9, 120, 500.9),
        (121.4, 5, 516.0),
        (97.3, 120, 472.2),
        (199.9, 120, 491.3),
        (130.8, 5, 508.0),
        (22.9, 5, 56.1),
        (21.7, 0, 57.6),
    ]));
    assert_eq!((all.all.len(), all.chosen().axis), (2, Axis::Vus), "{:?}", windows(&all));
}

/// A few users with long pauses have a few requests in a row before 600 come. The error was: "did not reach the
/// system's limit: at 608 VUs a request took 3207.3 ms, and 3374.2 ms at rest", because no row before had enough
/// requests to show the system at rest.
#[test]
fn rows_of_a_few_requests_show_the_system_at_rest() {
    let rest = [
        (0.2, 1, 30.0),
        (0.4, 1, 71.0),
        (0.4, 1, 22.0),
        (0.6, 2, 64.0),
        (1.0, 3, 90.0),
        (1.0, 3, 52.0),
    ];
    let table = |full: (f64, u32, f64)| {
        let rows = rest.iter().chain([&full; 9]).enumerate();
        let row = |(at, (rps, users, p95)): (usize, &(f64, u32, f64))| {
            format!("{},{rps},{users},{p95}\n", 1_795_400_000 + 5 * at)
        };
        readable(&format!("time,rps,vus,p95\n{}", rows.map(row).collect::<String>()))
    };
    match plateau::find(&table((101.0, 608, 3_200.0)), &Options::default()) {
        Ok(all) => assert!(all.chosen().rest_ms.unwrap() < 400.0, "{all:?}"),
        Err(none) => {
            let claims = matches!(none.why, NoPlateauReason::NotReached { .. });
            assert!(!claims, "{none}");
        }
    }
    // One request a row, whose percentile is that of no other: a system below its limit has no plateau.
    let none = plateau::find(&table((100.0, 310, 95.0)), &Options::default());
    assert!(none.is_err(), "{none:?}");
}

/// A rate beyond the limit from the first request on. The error was: "as long as at rest (1204 ms)", which is the
/// first row of a queue.
#[test]
fn the_first_row_of_a_queue_is_not_the_system_at_rest() {
    let row = |at: usize| format!("{},199,{}\n", 1_795_400_000 + 5 * at, 1_200 + 900 * at);
    let text: String = (0..20).map(row).collect();
    let all = found(&readable(&format!("time,rps,p95\n{text}")));
    assert!(!all.chosen().rest_seen, "{all:?}");
}

/// The verdict measures the whole time of a plateau. The error was: "busy 100 %" in one line and "98 %" in another.
#[test]
fn a_plateau_has_one_share_of_busy_time() {
    let timeline = closed(40, |second| if second < 5 { 2.0 } else { 60.0 }, |_| 100.0);
    let busy = Some(vec![1.0; timeline.seconds.len()]);
    let options = Options { busy, ..Options::default() };
    let mut all = plateau::find(&timeline, &options).unwrap();
    all.set_busy(|window| (window.seconds() > 0).then_some(0.98));
    for one in all.all.iter().chain([all.chosen()]) {
        let shares = one.evidence.iter().filter_map(|one| match one {
            Evidence::Busy { share } => Some(*share),
            _ => None,
        });
        assert_eq!(shares.collect::<Vec<_>>(), [0.98]);
    }
}

/// A rate of 100 requests a second, of which the system answers 60 from 15 s to 40 s. It serves them in the order in
/// which they began. The error was: "the same load got more answers at other times: the load was not the only reason".
#[test]
fn a_rate_that_is_left_behind_is_at_the_limit() {
    let mut recorder = Recorder::default();
    let mut free_us = 0;
    for at in 0..4_000_i64 {
        let start_us = at * 10_000;
        let service_us = if start_us < 15_000_000 { 5_000 } else { 16_667 };
        free_us = start_us.max(free_us) + service_us;
        recorder.request(free_us, (free_us - start_us).unsigned_abs(), true);
    }
    let timeline = recorder.finish(Path::new("made"), "simulation").unwrap();
    let all = found(&timeline);
    let [(from, to)] = windows(&all)[..] else { panic!("{:?}", windows(&all)) };
    assert_eq!(all.chosen().axis, Axis::Rate);
    assert!(from.abs_diff(15) <= 2 && to >= 40, "{from} {to}");
}
