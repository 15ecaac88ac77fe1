//! Signs of a limit, and of its absence, that a load shows in another way than by late answers alone.

use crate::common;

use common::{readable, timeline_of};
use spikeflame_load::plateau::{Grade, NoPlateauReason, Options, Plateau, find};
use spikeflame_load::{Axis, Recorder, Timeline};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::path::Path;

fn chosen(timeline: &Timeline) -> Plateau {
    find(timeline, &Options::default()).unwrap().chosen().clone()
}

fn refused(timeline: &Timeline) -> NoPlateauReason {
    find(timeline, &Options::default()).unwrap_err().why
}

/// Returns the starts and the durations of requests, in microseconds. Two users, and forty from 10 s to 30 s, wait for
/// answers of a server that needs 10 ms for each request and answers one at a time.
fn of_users() -> Vec<(u64, u64)> {
    let mut starts: BinaryHeap<Reverse<u64>> = [0, 5_000].map(Reverse).into();
    starts.extend((0..38).map(|at| Reverse(10_000_000 + at * 100)));
    let (mut free, mut all) = (0, Vec::new());
    while let Some(Reverse(start)) = starts.pop().filter(|start| start.0 < 30_000_000) {
        free = start.max(free) + 10_000 + all.len() as u64 * 7_919 % 997;
        all.push((start, free - start));
        starts.push(Reverse(free));
    }
    all
}

/// The error was: "the system served all 100 requests a second that were wanted", where forty users waited for a
/// server at its limit.
#[test]
fn requests_that_begin_when_others_end_are_those_of_users_who_wait() {
    let row = |(start, took): &(u64, u64)| (1_795_777_200_000_000 + start, *took as f64 / 1e3);
    let rows: Vec<(u64, f64)> = of_users().iter().map(row).collect();
    let json = rows.iter().map(|(start, ms)| {
        format!("{{\"start\":{:.6},\"duration_ms\":{ms},\"status\":200}}\n", *start as f64 / 1e6)
    });
    let csv = rows.iter().map(|(start, ms)| format!("{:.6},{ms},200\n", *start as f64 / 1e6));
    let csv = format!("start,duration_ms,status\n{}", csv.collect::<String>());
    let jtl = rows.iter().map(|(start, ms)| format!("{},{ms:.0},200,true\n", start / 1_000));
    let jtl = format!("timeStamp,elapsed,responseCode,success\n{}", jtl.collect::<String>());
    for text in [json.collect(), csv.replace(',', "\t"), csv, jtl] {
        let timeline = readable(&text);
        let found = chosen(&timeline);
        assert_eq!((found.axis, found.grade), (Axis::InFlight, Grade::Saturated));
        assert!(found.window.from.abs_diff(10) <= 1 && found.window.to >= 29, "{found:?}");
    }
}

/// The error was: "from 4 s to 18 s answers were late, but throughput was still rising", of three pauses.
#[test]
fn pauses_between_seconds_at_rest_are_no_late_answers() {
    let mut recorder = Recorder::default();
    for second in 0..19_i64 {
        let users = 5 + 4 * second / 3;
        recorder.vus(second * 1_000_000 + 500_000, users as f64);
        for user in 0..users {
            let at = second * 1_000_000 + 1_000_000 * user / users;
            let sent = if second > 0 && second % 5 == 0 { 1 } else { 4 };
            for turn in 0..sent {
                let took = if sent == 1 { 1_200_000 } else { 30_000 + turn as u64 };
                recorder.request(at + turn * 240_000 + took as i64, took, true);
            }
        }
    }
    let why = refused(&recorder.finish(Path::new("made"), "k6 JSON").unwrap());
    let NoPlateauReason::Pauses { pauses, longest_s } = &why else { panic!("{why}") };
    assert!(pauses.len() == 3 && *longest_s <= 3, "{why}");
}

/// The error was: "the load stood still at 101 VUs", of rows with 101 and 88.
#[test]
fn a_load_that_differs_between_two_long_rows_did_not_stand_still() {
    let rows = |third: u32| {
        format!(
            "time,requests,p95_ms,vus\n2026-11-27T11:00:00Z,1983,225.6,38\n\
             2026-11-27T11:00:30Z,3009,544.0,101\n2026-11-27T11:01:00Z,2998,542.9,{third}\n\
             2026-11-27T11:01:30Z,948,73.1,12\n"
        )
    };
    let why = refused(&readable(&rows(88)));
    assert!(matches!(why, NoPlateauReason::RowsTooLong { row_s: 30, .. }), "{why}");
    let why = refused(&readable(&rows(101)));
    assert!(matches!(why, NoPlateauReason::NothingToCompare { .. }), "{why}");
}

/// Returns a table with a row for every 5 s: users, requests a second, and the 95th percentile in milliseconds.
fn rows(all: impl Iterator<Item = (f64, f64, f64)>) -> Timeline {
    let row = |(at, (users, rate, p95)): (usize, (f64, f64, f64))| {
        let (minute, second) = (5 * at / 60, 5 * at % 60);
        format!("2026-11-27T11:{minute:02}:{second:02}Z,{:.0},{p95:.1},{users:.0}\n", 5.0 * rate)
    };
    let rows: String = all.enumerate().map(row).collect();
    timeline_of(format!("time,requests,p95_ms,vus\n{rows}").as_bytes()).unwrap()
}

/// The error was: "Raise the greatest load", where throughput stood still over eleven rows of a growing load.
#[test]
fn throughput_that_stands_still_beside_fast_answers_is_held_back_elsewhere() {
    let users = (0..16).map(|at| 3.0 + 7.6 * f64::from(at));
    let noise = |users: f64| 12.0 + 0.3 * (users * 1.7).sin();
    let limited = rows(users.clone().map(|n| (n, f64::min(9.0 * n, 250.0), noise(n))));
    let why = refused(&limited);
    assert!(matches!(why, NoPlateauReason::NothingClimbs { .. }), "{why}");
    let free = refused(&rows(users.map(|n| (n, 9.0 * n, noise(n)))));
    assert!(matches!(free, NoPlateauReason::NotReached { .. }), "{free}");
}

/// The error was: "no second of the test shows the system at rest", where the load went down to a tenth.
#[test]
fn a_load_that_goes_away_shows_the_system_at_rest() {
    let row = |at: i32| {
        let users = 116.0 - 6.4 * f64::from(at);
        let took_s = f64::max(0.045, users / 100.0 - 0.5);
        (users, users / (0.5 + took_s), 1_250.0 * took_s)
    };
    let found = chosen(&rows((0..18).map(row)));
    let knee = found.knee.unwrap();
    assert!(found.grade == Grade::Held && found.rest_seen, "{found:?}");
    assert!(knee.low > 20.0 && (knee.low..knee.high).contains(&54.0), "{knee:?}");
}

/// Returns a line of k6 for a moment, in microseconds since the start of the test.
fn line(metric: &str, us: u64, value: f64, tags: &str) -> String {
    format!(
        "{{\"metric\":\"{metric}\",\"type\":\"Point\",\"data\":{{\"time\":\"2026-11-27T11:00:{:09.6}Z\",\
         \"value\":{value},\"tags\":{{{tags}}}}}}}\n",
        us as f64 / 1e6
    )
}

/// The error was: an arrival rate of 90/s above a limiter of 50/s had no plateau, because 1 or 2 users were the load.
#[test]
fn requests_that_a_limiter_refuses_are_left_behind_an_arrival_rate() {
    let users = [1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 2, 2, 1];
    let mut text = String::new();
    for (second, users) in (0..).zip(users) {
        let rate = if second < 5 { 30 } else { 90 };
        text += &line("vus", second * 1_000_000 + 990_000, f64::from(users), "");
        for at in 0..rate {
            let (took_us, tags) = match rate == 30 || at % 9 < 5 {
                true => (21_000, "\"status\":\"200\",\"expected_response\":\"true\""),
                false => (1_000, "\"status\":\"429\",\"expected_response\":\"false\""),
            };
            let start_us = second * 1_000_000 + 1_000_000 * at / rate;
            text += &line("http_req_duration", start_us + took_us, took_us as f64 / 1e3, tags);
        }
    }
    let found = chosen(&readable(&text));
    assert_eq!((found.axis, found.grade), (Axis::Rate, Grade::Offered));
    assert!(
        found.window.from.abs_diff(5) <= 1 && (found.level_rps - 50.0).abs() < 2.0,
        "{found:?}"
    );
}

/// The error was: checks that failed were not shown, although k6 shows them first.
#[test]
fn checks_that_fail_are_counted() {
    let text = line("http_req_duration", 500_000, 9.0, "\"expected_response\":\"true\"")
        + &line("checks", 500_000, 1.0, "")
        + &line("checks", 500_000, 0.0, "")
        + &line("checks", 500_000, 0.0, "\"group\":\"::setup\"");
    let timeline = readable(&text);
    let checks = timeline.seconds.first().unwrap().checks;
    assert_eq!((checks.made, checks.failed, checks.failed_share()), (2, 1, 0.5));
}
