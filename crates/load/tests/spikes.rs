//! Spikes with short pauses, and stretches that look like a limit because the requests change.

use crate::common;

use crate::pace::of_seconds;
use common::{readable, timeline_of};
use spikeflame_load::plateau::{self, NoPlateauReason, Options};
use std::fmt::Write;

/// A k6 run of spikes of 30, 60 and 120 users with 3 s at 3 users between them. The error was: one plateau over the
/// second pause, because averages over three seconds hide it.
#[test]
fn a_pause_in_which_the_load_went_away_parts_two_spikes() {
    let first = [(24.0, 11, 116), (24.0, 39, 267), (30.0, 39, 462), (30.0, 39, 461)];
    let first_end = [(30.0, 39, 461), (30.0, 38, 465), (30.0, 39, 473), (16.0, 24, 339)];
    let pause = [(3.0, 8, 104), (3.0, 7, 103), (3.0, 20, 145)];
    let second = [(49.0, 39, 491), (60.0, 39, 1_060), (60.0, 39, 1_224), (60.0, 39, 1_233)];
    let second_end = [(60.0, 38, 1_244), (60.0, 39, 1_236), (50.0, 37, 1_259)];
    let short_pause = [(3.0, 18, 500), (3.0, 9, 108), (3.0, 19, 192)];
    let third = [(99.0, 40, 703), (120.0, 36, 1_419), (120.0, 40, 2_132), (120.0, 40, 2_732)];
    let third_end = [(120.0, 36, 2_773), (120.0, 40, 2_803), (103.0, 40, 2_806)];
    let away = [(67.0, 40, 2_803), (28.0, 28, 2_683), (3.0, 6, 109)];
    let parts: [&[(f64, u64, u64)]; 9] =
        [&first, &first_end, &pause, &second, &second_end, &short_pause, &third, &third_end, &away];
    let found = plateau::find(&of_seconds(&parts.concat()), &Options::default()).unwrap();
    let windows: Vec<_> = found.all.iter().map(|one| (one.window.from, one.window.to)).collect();
    let [.., second, third] = windows.as_slice() else { panic!("{windows:?}") };
    assert!(second.1 <= 18 && third.0.abs_diff(20) <= 1, "{windows:?}");
}

/// Requests, users and mean duration in milliseconds of rows of 5 s of a simulated test, whose requests are others from 50 s
/// on.
const MIX: [(u32, u32, u32); 24] = [
    (17, 2, 80),
    (44, 5, 81),
    (71, 8, 77),
    (95, 11, 80),
    (122, 14, 87),
    (134, 17, 101),
    (166, 20, 126),
    (188, 23, 116),
    (221, 26, 88),
    (243, 29, 111),
    (153, 32, 493),
    (177, 35, 485),
    (195, 38, 475),
    (204, 41, 498),
    (223, 44, 486),
    (240, 47, 473),
    (234, 50, 568),
    (262, 53, 494),
    (283, 56, 506),
    (296, 59, 483),
    (302, 60, 506),
    (299, 60, 491),
    (304, 60, 490),
    (288, 60, 547),
];

/// Users grow from 1 to 60 in 100 s, and each answer takes 84 ms up to 50 s and 500 ms later: the requests are others,
/// and none waits. The error was: "saturated … passed somewhere between 22 and 42 VUs", because the seconds in which
/// throughput grew were left out up to those in which the load hardly did.
#[test]
fn throughput_that_grows_as_the_users_do_is_no_plateau() {
    let of_second = |second: u32| {
        let users = (1.0 + 0.59 * f64::from(second)).min(60.0);
        let ms = if second < 50 { 84.0 } else { 500.0 };
        // A rate is a little different in each second.
        let chance = 1.0 + 0.02 * f64::from(second * 11 % 7) - 0.06;
        (users.floor(), chance * users.floor() / (0.48 + ms / 1e3), ms)
    };
    let mut seconds: Vec<_> = (0..120).map(of_second).collect();
    let whole = |(users, rate, ms): &(f64, f64, f64)| (*users, *rate as u64, *ms as u64);
    let mut timelines = vec![of_seconds(&seconds.iter().map(whole).collect::<Vec<_>>())];
    seconds.extend([(0.0, 30.0, 500.0); 2]);
    timelines.push(of_seconds(&seconds.iter().map(whole).collect::<Vec<_>>()));
    let mut rows = "time,requests,vus,mean\n".to_owned();
    for (at, (requests, users, ms)) in MIX.iter().enumerate() {
        writeln!(rows, "{},{requests},{users},{ms}", 1_795_400_000 + 5 * at).unwrap();
    }
    timelines.push(readable(&rows));
    for timeline in timelines {
        let why = plateau::find(&timeline, &Options::default()).unwrap_err().why;
        assert!(matches!(why, NoPlateauReason::StillRising { .. }), "{why:?}");
    }
}

/// 50 users of a fast page all the time, and from 20 s on up to 40 of another one, which answers 40 a second in 100 ms. The
/// error was: a plateau from the first requests of the second page on, which nothing made wait.
#[test]
fn a_plateau_begins_when_the_requests_of_an_endpoint_wait() {
    let mut text = "metric_name,timestamp,metric_value,expected_response,name,status\n".to_owned();
    for second in 0..100_u32 {
        let users = f64::from(second.saturating_sub(19).min(40));
        let slow_ms = (1e3 * (users / 40.0 - 0.1)).max(100.0);
        let slow = (users / (0.1 + slow_ms / 1e3)) as u32;
        let time = 1_796_067_835 + second;
        let row = |ms: f64, name| format!("http_req_duration,{time},{ms},true,{name},200\n");
        (0..slow).for_each(|_| text += &row(slow_ms, "/pay"));
        (0..476).for_each(|_| text += &row(5.0, "/a"));
        writeln!(text, "vus,{time},{},,,", 50.0 + users).unwrap();
    }
    let found = plateau::find(&timeline_of(text.as_bytes()).unwrap(), &Options::default()).unwrap();
    let window = found.chosen().window;
    assert!((27..36).contains(&window.from) && window.to >= 98, "{window:?}");
}
