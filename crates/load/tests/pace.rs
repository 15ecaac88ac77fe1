//! Loads that look like others: arrival rates in files with users, pacing, and requests of another kind.

use crate::common;

use common::{readable, timeline_of};
use spikeflame_load::plateau::{self, Grade, NoPlateauReason, Options, Plateau};
use spikeflame_load::{Axis, Recorder, Timeline};
use std::fmt::Write;
use std::path::Path;

fn chosen(timeline: &Timeline) -> Plateau {
    let found = plateau::find(timeline, &Options::default());
    found.unwrap_or_else(|why| panic!("{why}")).chosen().clone()
}

/// Makes a test of seconds: users at the end of each, requests that end in it, and their mean duration in milliseconds.
pub(crate) fn of_seconds(seconds: &[(f64, u64, u64)]) -> Timeline {
    let mut recorder = Recorder::default();
    for (second, &(users, ended, ms)) in (1_000_i64..).zip(seconds) {
        recorder.vus(second * 1_000_000 + 990_000, users);
        for at in 0..ended {
            let end_us = second * 1_000_000 + (at * 1_000_000 / ended) as i64;
            recorder.request(end_us, ms * 1_000, true);
        }
    }
    recorder.finish(Path::new("made"), "simulation").unwrap()
}

/// Users and answers of each second of a k6 1.1 run: 30 requests a second, 170 for 4 s, and 60 for 7 s, against a server
/// that answers 98 a second.
const RATE: [(u32, u32); 14] = [
    (1, 30),
    (1, 30),
    (1, 39),
    (66, 96),
    (137, 100),
    (205, 100),
    (276, 99),
    (250, 101),
    (210, 97),
    (176, 98),
    (136, 98),
    (102, 95),
    (67, 95),
    (26, 100),
];
/// The requests of this run that began in each second.
const BEGUN: [u32; 14] = [30, 30, 49, 167, 169, 173, 156, 60, 60, 60, 61, 60, 59, 52];

/// The error was: "the limit was passed somewhere between 4 and 7 VUs" for k6 CSV, whose ends are whole seconds.
#[test]
fn rows_of_k6_csv_show_an_arrival_rate_by_their_order() {
    let mut text = "metric_name,timestamp,metric_value,expected_response,name,status\n".to_owned();
    let mut begun = BEGUN.iter().enumerate().flat_map(|(second, &count)| {
        (0..count).map(move |at| second as f64 + (f64::from(at) + 0.5) / f64::from(count))
    });
    for (second, (users, ended)) in RATE.into_iter().enumerate() {
        for at in 0..ended {
            let end = second as f64 + (f64::from(at) + 0.5) / f64::from(ended);
            let Some(start) = begun.next() else { break };
            let ms = 1e3 * (end - start).max(0.012);
            writeln!(text, "http_req_duration,{},{ms},true,/,200", 1_796_067_835 + second).unwrap();
        }
        writeln!(text, "vus,{},{users},,,", 1_796_067_835 + second).unwrap();
    }
    let found = chosen(&readable(&text));
    assert_eq!((found.axis, found.knee_of_rate), (Axis::Rate, None));
    let knee = found.knee.unwrap();
    assert!(knee.low < 98.0 && knee.high > 98.0, "{knee:?}");
}

/// The error was: "between 56 and 79 VUs" alone. The rows do not show whether users without pauses wait, or requests of
/// a rate.
#[test]
fn rows_whose_users_may_be_those_of_a_rate_have_both_knees() {
    let mut text = "time,vus,rps,mean_ms\n".to_owned();
    let mut under_way = 0.3;
    for (second, (users, ended)) in RATE.into_iter().enumerate() {
        let earlier = std::mem::replace(&mut under_way, f64::from(users));
        let ms = (1e3 * (earlier + under_way) / 2.0 / f64::from(ended)).max(12.0);
        let users = if users == 1 { 0.5 } else { f64::from(users) };
        writeln!(text, "{},{users:.0},{ended},{ms:.1}", 1_796_067_835 + second).unwrap();
    }
    let found = chosen(&readable(&text));
    assert_eq!(found.axis, Axis::Vus);
    let rate = found.knee_of_rate.unwrap();
    assert!(rate.low < 98.0 && rate.high > 98.0, "{rate:?}");
    // The user has chosen.
    let options = Options { axis: Some(Axis::Vus), ..Options::default() };
    let found = plateau::find(&readable(&text), &options).unwrap();
    assert_eq!(found.chosen().knee_of_rate, None);
}

/// A k6 run: 40 users in 5 s, who pause for 100 ms, against a server that answers 24 a second. The error was: "27 requests
/// wanted a second at most", because the users grow as evenly as the answers come.
#[test]
fn users_who_grow_evenly_are_those_of_a_schedule() {
    let users = [8.0, 16.0, 24.0, 31.0, 39.0, 40.0, 40.0, 40.0, 40.0, 40.0, 40.0, 40.0, 40.0];
    let ended = [10, 24, 24, 24, 24, 24, 24, 24, 24, 24, 24, 24, 24];
    let of_second = |(users, ended): (f64, u64)| {
        (users, ended, (1e3 * (users - 3.5) / 24.0 - 100.0).max(160.0) as u64)
    };
    let seconds: Vec<_> = users.into_iter().zip(ended).map(of_second).collect();
    assert_eq!(chosen(&of_seconds(&seconds)).axis, Axis::Vus);
}

/// A k6 run with `minIterationDuration: '1s'`: each user sends a request a second as long as answers are fast. The error
/// was: "between 43 and 60 VUs" for a limit of 115, because the pauses in the plateau counted.
#[test]
fn the_knee_of_users_who_keep_a_pace_is_that_of_their_pace() {
    let early = [(13.0, 15, 12), (28.0, 30, 10), (43.0, 45, 9), (57.0, 59, 9), (86.0, 91, 11)];
    let late = [(118.0, 105, 74), (150.0, 110, 179), (181.0, 115, 281), (213.0, 117, 365)];
    let held = [(250.0, 115, 1_200); 12];
    let seconds = [early.as_slice(), &late, &held].concat();
    let found = chosen(&of_seconds(&seconds));
    let knee = found.knee.unwrap();
    assert!(knee.low < 115.0 && knee.high > 115.0 && knee.low > 80.0, "{knee:?}");
}

/// 200 users in 30 s, who pause for 100 ms: the limit of 100 a second is reached at 14 users, within the third second.
/// The error was: a knee of 21 to 28 users, as if a bend had been seen.
#[test]
fn a_steep_ramp_shows_no_bend() {
    let of_second = |second: u64| {
        let users = (20 * (second + 1) / 3).min(200);
        let ended = [22, 68, 98].get(second as usize).copied().unwrap_or(100);
        (users as f64, ended, (1_000 * users / ended).saturating_sub(100).max(41))
    };
    let seconds: Vec<_> = (0..45).map(of_second).collect();
    let found = chosen(&of_seconds(&seconds));
    assert_eq!(found.grade, Grade::Saturated);
    assert!(found.knee.unwrap().low < 16.0, "{:?}", found.knee);
}

/// 30 users in 6 s, who pause for 400 ms, and a server far below its limit. The error was: "throughput stops growing
/// at 23 VUs … the limit was the load generator".
#[test]
fn users_of_another_moment_of_a_second_are_no_limit_of_the_load_generator() {
    let ramp = [(6.0, 14), (11.0, 22), (17.0, 37), (23.0, 55), (29.0, 59)];
    let held = [60, 60, 64, 60, 60, 60, 60, 60, 56, 64].map(|ended| (30.0, ended));
    let seconds = ramp.iter().chain(&held).map(|(users, ended)| (*users, *ended, 85));
    let timeline = of_seconds(&seconds.collect::<Vec<_>>());
    let why = plateau::find(&timeline, &Options::default()).unwrap_err().why;
    assert!(matches!(why, NoPlateauReason::NotReached { .. }), "{why}");
}

/// A k6 run of spikes 4 s apart. The error was: the first was cut off, because throughput grew over both.
#[test]
fn a_spike_shortly_before_another_is_a_plateau() {
    let rest = |count| vec![(10.0, 18, 55); count];
    let spike = [(150.0, 84, 903), (150.0, 90, 1_331), (150.0, 92, 1_170), (150.0, 92, 1_150)];
    let seconds = [
        rest(10),
        vec![(10.0, 42, 199)],
        spike.to_vec(),
        vec![(150.0, 88, 1_196), (68.0, 74, 1_195)],
        rest(3),
        vec![(10.0, 38, 173)],
        spike.to_vec(),
        vec![(150.0, 88, 1_179), (70.0, 70, 1_188)],
        rest(4),
    ];
    let found = plateau::find(&of_seconds(&seconds.concat()), &Options::default()).unwrap();
    let windows: Vec<_> = found.all.iter().map(|one| (one.window.from, one.window.to)).collect();
    assert_eq!(windows.len(), 2, "{windows:?}");
}

/// A server of timers, in which nothing waits: 10 users of fast pages all the time, and from 6 s on up to 30 of slow ones.
/// The error was: "saturated … passed somewhere between 13 and 20 VUs".
#[test]
fn slower_requests_of_another_endpoint_are_no_limit() {
    let test = |slow_ms: &dyn Fn(usize) -> f64, fast_ms: &dyn Fn(usize) -> f64| {
        let mut text =
            "metric_name,timestamp,metric_value,expected_response,name,status\n".to_owned();
        for second in 0..24 {
            let slow = if second < 6 { 0 } else { (second - 5).min(6) * 10 };
            let row = |ms: f64, name| {
                format!("http_req_duration,{},{ms},true,{name},200\n", 1_796_067_835 + second)
            };
            (0..slow).for_each(|_| text += &row(slow_ms(second), "/report"));
            (0..80).for_each(|_| text += &row(fast_ms(second), "/a"));
            writeln!(text, "vus,{},{},,,", 1_796_067_835 + second, 10 + slow / 2).unwrap();
        }
        plateau::find(&timeline_of(text.as_bytes()).unwrap(), &Options::default())
    };
    let why = test(&|_| 500.0, &|_| 20.0).unwrap_err().why;
    assert!(matches!(why, NoPlateauReason::OtherMix { .. }), "{why}");
    // Requests of both endpoints wait.
    let late = |ms: f64| move |second: usize| if second < 9 { ms } else { 6.0 * ms };
    let found = test(&late(250.0), &late(20.0));
    assert!(!matches!(found, Err(none) if matches!(none.why, NoPlateauReason::OtherMix { .. })));
}

/// A k6 run of 20, 60 and 20 requests a second against a limit of 40, with a timeout of 1 s. The error was: "between 1 and
/// 39 requests wanted a second", although 20 were served with answers as at rest.
#[test]
fn a_rate_that_was_served_at_rest_is_below_the_limit() {
    let mut recorder = Recorder::default();
    for second in 1_000_i64..1_023 {
        let (ended, ms, is_late) = match second - 1_000 {
            5..8 => (40, 100 + 300 * (second - 1_005) as u64, false),
            8..16 => (55, 1_000, true),
            _ => (20, 100, false),
        };
        for at in 0..ended {
            let end_us = second * 1_000_000 + at * 1_000_000 / ended;
            match is_late {
                true => recorder.request_without_answer(end_us, 1_000 * ms),
                false => recorder.request(end_us, 1_000 * ms, true),
            }
        }
    }
    let timeline = recorder.finish(Path::new("made"), "simulation").unwrap();
    let options = Options { axis: Some(Axis::Rate), ..Options::default() };
    let found = plateau::find(&timeline, &options).unwrap_or_else(|why| panic!("{why}"));
    let knee = found.chosen().knee.unwrap();
    assert!((12.0..20.0).contains(&knee.low) && knee.high >= 40.0, "{knee:?}");
}

/// 80 users who send a request a second from the start on, against a server that answers 50 a second. The error was: "the
/// limit lies at 6 VUs at most".
#[test]
fn first_requests_show_the_pace_of_users_above_the_limit() {
    let mut recorder = Recorder::default();
    let mut free_us = 1_000_000_000_i64;
    let mut starts: Vec<i64> = (0..80).map(|user| free_us + 600 * user).collect();
    for at in 0..1_200 {
        let start_us = starts.get(at).copied().unwrap_or_default();
        free_us = free_us.max(start_us) + 20_000;
        recorder.request(free_us, free_us.abs_diff(start_us), true);
        starts.push(free_us.max(start_us + 1_000_000));
    }
    (1_000..1_024).for_each(|second| recorder.vus(second * 1_000_000 + 990_000, 80.0));
    let timeline = recorder.finish(Path::new("made"), "simulation").unwrap();
    let knee = chosen(&timeline).knee.unwrap();
    assert!(knee.high >= 50.0, "{knee:?}");
}

/// 50 users who send a request a second, and answers that take 600 ms for ten seconds. The error was: "held at the limit",
/// although as many requests were answered as before.
#[test]
fn late_answers_that_hold_no_pace_back_are_no_plateau() {
    let seconds: Vec<_> =
        (0..30).map(|at| (50.0, 50, if at / 10 == 1 { 600 } else { 15 })).collect();
    let why = plateau::find(&of_seconds(&seconds), &Options::default()).unwrap_err().why;
    assert!(matches!(why, NoPlateauReason::AsManyFaster { .. }), "{why}");
}

/// Half of the requests fail at rest (a page that is missing), and the kinds alternate in the queue. The error was: a
/// plateau from the first seconds on, because one second at the limit had few failures.
#[test]
fn kinds_that_alternate_in_a_queue_do_not_change_the_share_of_failures_at_rest() {
    let mut recorder = Recorder::default();
    for second in 0..30_i64 {
        let users = (10 * (second as u64 + 1)).min(200);
        let ended = (users / 2).min(40) as i64;
        let ms = if ended < 40 { 20 } else { 1_000 * users / 40 - 1_980 };
        recorder.vus((1_000 + second) * 1_000_000 + 990_000, users as f64);
        for at in 0..ended {
            let end_us = (1_000 + second) * 1_000_000 + at * 1_000_000 / ended;
            let is_good = if ended < 40 { at % 2 == 0 } else { (second * 40 + at) % 100 < 50 };
            recorder.request(end_us, 1_000 * ms.max(20), is_good);
        }
    }
    let found = chosen(&recorder.finish(Path::new("made"), "simulation").unwrap());
    assert!((7..11).contains(&found.window.from), "{:?}", found.window);
}
