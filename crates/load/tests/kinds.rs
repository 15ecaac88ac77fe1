//! Kinds of tests for which the plateau was wrong. Each test is a simulation of one server.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test may fail"
)]

mod common;

use common::timeline_of;
use spikeflame_load::plateau::{self, Evidence, Grade, NoPlateau, Options, Plateaus, Why};
use spikeflame_load::{Axis, Recorder, Series, Timeline, Warning};
use std::path::Path;

/// Think time of a user, in seconds.
const THINK_S: f64 = 0.15;

/// A server that answers one request at a time.
struct Server {
    /// Seconds for one request.
    service_s: f64,
    /// Length of the test in seconds.
    seconds: usize,
    /// True for a request that fails: its start and its duration in seconds.
    fails: fn(f64, f64) -> bool,
    /// True when the number of users is written in a second.
    told: fn(usize) -> bool,
}

impl Default for Server {
    fn default() -> Self {
        Self { service_s: 0.01, seconds: 60, fails: |_, _| false, told: |_| true }
    }
}

impl Server {
    /// Sends the requests of a closed loop with `users` at each second.
    fn test(&self, users: impl Fn(f64) -> f64) -> Timeline {
        let mut recorder = Recorder::default();
        let mut ready: Vec<f64> = Vec::new();
        let (mut free, mut noise) = (0.0_f64, 7_u64);
        let mut random = move || {
            noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695);
            (noise >> 40) as f64 / (1_u64 << 24) as f64
        };
        for step in 0..self.seconds * 20 {
            let now = step as f64 / 20.0;
            let count = users(now) as usize;
            if step % 20 == 19 && (self.told)(step / 20) {
                recorder.vus((now * 1e6) as i64, users(now).floor());
            }
            while ready.len() < count {
                ready.push(now + 0.05 * random());
            }
            ready.truncate(count);
            loop {
                ready.sort_by(f64::total_cmp);
                let Some(next) = ready.first_mut().filter(|at| **at < now + 0.05) else { break };
                let began = *next;
                let took = self.service_s * (0.5 + random());
                free = free.max(began) + took;
                let spent = free - began;
                let ok = !(self.fails)(began, spent);
                recorder.request((free * 1e6) as i64, (spent * 1e6) as u64, ok);
                *next = free + THINK_S * (0.5 + random());
            }
        }
        recorder.finish(Path::new("made"), "simulation").unwrap()
    }
}

fn find(timeline: &Timeline) -> Result<Plateaus, NoPlateau> {
    plateau::find(timeline, &Options::default())
}

/// The error was: "did not reach the limit", because the load began after 5 s of setup.
#[test]
fn a_constant_load_that_begins_late_shows_no_rest() {
    let server = Server { service_s: 0.02, seconds: 20, ..Server::default() };
    let found = find(&server.test(|now| if now < 5.0 { 0.0 } else { 25.0 })).unwrap();
    let found = found.chosen();
    assert!(found.grade == Grade::Held && !found.rest_seen, "{found:?}");
    assert!(found.window.from.abs_diff(5) <= 2, "{found:?}");
    // 20 ms and a pause of 150 ms: 8.5 users reach the limit.
    assert!(found.knee.is_none_or(|knee| knee.low < 8.5 && knee.high > 8.5), "{found:?}");
}

/// The error was: a failure at light load was called saturation at 0 requests a second.
#[test]
fn a_server_that_fails_at_once_is_not_saturated() {
    for load in [12.0, 7.0] {
        let server = Server { fails: |began, _| began > 30.0, ..Server::default() };
        let why = find(&server.test(|now| 1.0 + now * load / 60.0)).unwrap_err().why;
        let Why::Fails { window, status: None } = why else { panic!("{why:?}") };
        assert!(window.from.abs_diff(30) <= 1 && window.to >= 59, "{window:?}");
    }
    // A queue that is full refuses requests, and goodput stays.
    let sheds = Server { fails: |_, spent| spent > 0.25, ..Server::default() };
    assert!(find(&sheds.test(|now| 1.0 + now)).is_ok());
}

/// The error was: "throughput stayed at 0" for goodput of two levels, the median of which was 0.
#[test]
fn the_level_of_two_levels_is_their_mean() {
    let late = Server { fails: |_, spent| spent > 1.0, ..Server::default() };
    let found = find(&late.test(|now| 1.0 + 5.0 * now)).unwrap();
    let found = found.chosen();
    assert!(found.level_rps > 0.5 * found.within.rps, "{found:?}");
    assert!(found.goodput.low < 5.0 && found.goodput.high > 80.0, "{found:?}");
}

/// The error was: the time before a plateau held the plateau before it, and the time after it the
/// next one.
#[test]
fn the_times_around_a_plateau_hold_no_other_plateau() {
    let server = Server { seconds: 80, ..Server::default() };
    let saw = server.test(|now| if (now as usize / 10) % 2 == 1 { 40.0 } else { 2.0 });
    let all = find(&saw).unwrap().all;
    assert!(all.len() >= 3, "{all:?}");
    for pair in all.windows(2) {
        let before = pair[1].before.unwrap().window;
        assert!(before.from >= pair[0].window.to, "{before:?} {:?}", pair[0].window);
        let after = pair[0].after.unwrap().window;
        assert_eq!((after.from, after.to), (pair[0].window.to, pair[1].window.from));
    }
    let steep = |one: &Evidence| matches!(one, Evidence::Flat { elasticity } if *elasticity > 0.25);
    assert!(!all.iter().any(|one| one.evidence.iter().any(steep)), "{all:?}");
}

/// The error was: users of the last second that has some were used for half of the test in
/// silence.
#[test]
fn a_missing_number_of_users_is_a_warning() {
    let half = Server { told: |second| second < 30, ..Server::default() };
    let ramp = |now: f64| 1.0 + now * 39.0 / 60.0;
    let warnings = half.test(ramp).warnings;
    let [Warning::NoVusFor { from: 30, .. }] = warnings.as_slice() else { panic!("{warnings:?}") };
    let now_and_then = Server { told: |second| second % 10 == 0, ..Server::default() };
    assert_eq!(now_and_then.test(ramp).warnings, []);
    assert_eq!(Server::default().test(ramp).warnings, []);
}

/// The error was: "the system served all requests that were wanted" for clients that wait.
#[test]
fn clients_that_wait_are_measured_by_requests_in_flight() {
    let bare = Server { told: |_| false, ..Server::default() };
    let timeline = bare.test(|now| 1.0 + now * 39.0 / 60.0);
    assert_eq!(Series::from_timeline(&timeline, None).unwrap().axis, Axis::InFlight);
    let found = find(&timeline).unwrap();
    assert!(found.chosen().level_rps > 80.0, "{found:?}");
}

/// The error was: "the load stood still at 10 VUs" for the pool of an arrival rate.
#[test]
fn a_pool_of_users_is_not_the_load() {
    let mut recorder = Recorder::default();
    let mut at_us = 0.0;
    while at_us < 60e6 {
        at_us += 1e6 / (20.0 + at_us / 1e6);
        recorder.request(at_us as i64 + 12_000, 12_000, true);
        recorder.vus(at_us as i64, 10.0);
    }
    let timeline = recorder.finish(Path::new("made"), "simulation").unwrap();
    assert_eq!(Series::from_timeline(&timeline, None).unwrap().axis, Axis::Rate);
    let why = find(&timeline).unwrap_err().why;
    assert!(matches!(why, Why::NotReached { .. }), "{why:?}");
}

/// The error was: requests in flight were computed without the requests that fail.
#[test]
fn failed_requests_are_in_flight_too() {
    let sheds = Server { fails: |_, spent| spent > 0.25, ..Server::default() };
    let timeline = sheds.test(|now| 1.0 + now);
    let found = find(&timeline).unwrap();
    let (rps, each) = timeline.answered(found.chosen().window);
    assert!((90.0..110.0).contains(&rps), "{rps}");
    assert!(rps > 1.2 * found.chosen().within.rps, "{found:?}");
    assert!(rps * each.unwrap() > 10.0, "{each:?}");
}

/// A request: the second in which it ended, its duration in milliseconds, and whether it was
/// answered.
struct Sent(f64, f64, bool);

/// Users whose number grows for 20 s. The server answers 100 requests a second, and later it also
/// refuses 150 a second.
fn refused_late() -> Vec<Sent> {
    let mut sent = Vec::new();
    for second in 0..40 {
        let answered = (5 * users(second)).min(100);
        let took_ms = 1e3 * users(second) as f64 / answered as f64;
        let at = |which: usize, of: usize| second as f64 + (which as f64 + 0.5) / of as f64;
        sent.extend((0..answered).map(|which| Sent(at(which, answered), took_ms, true)));
        let refused = if second >= 20 { 150 } else { 0 };
        sent.extend((0..refused).map(|which| Sent(at(which, refused), 0.0, false)));
    }
    sent
}

fn users(second: usize) -> usize {
    (2 * second + 1).min(40)
}

const START_S: usize = 1_795_000_000;

fn k6_json(sent: &[Sent], tags: [&str; 2]) -> String {
    let time = |at: f64| format!("2026-11-18T11:{:02}:{:06.3}Z", at as u64 / 60, at % 60.0);
    let point = |metric: &str, at: f64, value: f64, tags: &str| {
        format!(
            "{{\"metric\":\"{metric}\",\"type\":\"Point\",\"data\":{{\"time\":\"{}\",\
             \"value\":{value},\"tags\":{{{tags}}}}}}}\n",
            time(at)
        )
    };
    let mut text = String::new();
    for second in 0..40 {
        text += &point("vus", second as f64 + 0.1, users(second) as f64, "");
    }
    for Sent(at, took, answered) in sent {
        let tags = tags[usize::from(!answered)];
        text += &point("http_req_duration", *at, *took, tags);
        text += &point("http_req_failed", *at, f64::from(!answered), tags);
    }
    text
}

fn k6_csv(sent: &[Sent]) -> String {
    let header = "metric_name,timestamp,metric_value,error_code,expected_response,status\n";
    let users = (0..40).map(|at| format!("vus,{},{}.0,,,\n", START_S + at, users(at)));
    let rows = sent.iter().map(|Sent(at, took, answered)| {
        let tags = if *answered { ",true,200" } else { "1212,false,0" };
        format!("http_req_duration,{},{took},{tags}\n", START_S + *at as usize)
    });
    header.to_owned() + &users.chain(rows).collect::<String>()
}

fn jtl(sent: &[Sent]) -> String {
    let rows = sent.iter().map(|Sent(at, took, answered)| {
        let start_ms = START_S as f64 * 1e3 + at * 1e3 - took;
        let code = match answered {
            true => "200,true",
            false => "Non HTTP response code: org.apache.http.conn.HttpHostConnectException,false",
        };
        // JMeter measures a millisecond or two for a refused connection.
        let took = took.max(1.0);
        format!("{start_ms:.0},{took:.0},GET /,{code},{}\n", users(*at as usize))
    });
    "timeStamp,elapsed,label,responseCode,success,allThreads\n".to_owned()
        + &rows.collect::<String>()
}

fn vegeta(sent: &[Sent]) -> String {
    let row = |(number, Sent(at, took, answered)): (usize, &Sent)| {
        let (end_ns, took_ns) = ((at * 1e9) as u64, (took * 1e6) as u64);
        let start_ns = START_S as u64 * 1_000_000_000 + end_ns - took_ns.min(end_ns);
        let (code, error) = if *answered { (200, "") } else { (0, "connection refused") };
        format!("{start_ns},{code},{took_ns},0,0,{error},,a,{number},GET,http://a/,\n")
    };
    sent.iter().enumerate().map(row).collect()
}

fn gatling(sent: &[Sent]) -> String {
    let mut text = "RUN\tshop.Spike\tspike\t1795000000000\t \t3.9.5\n".to_owned();
    let mut now = 0;
    for second in 0..40 {
        for _ in now..users(second) {
            text += &format!("USER\tUsers\tSTART\t{}000\n", START_S + second);
        }
        now = users(second);
    }
    for Sent(at, took, answered) in sent {
        let end_ms = START_S as f64 * 1e3 + at * 1e3;
        let end = match answered {
            true => "OK\t ",
            false => "KO\tj.n.ConnectException: Connection refused: a/10.0.0.1:80",
        };
        text += &format!("REQUEST\t\tGET /\t{:.0}\t{end_ms:.0}\t{end}\n", end_ms - took);
    }
    text
}

/// The error was: "a request took 0.8 times as long as at rest" at the limit, because refused
/// requests counted as answers of 0 ms. `capacity` took their mean, too.
#[test]
fn requests_without_an_answer_have_no_response_time() {
    let sent = refused_late();
    let expected = [
        r#""expected_response":"true","status":"200""#,
        r#""expected_response":"false","status":"0","error_code":"1212""#,
    ];
    let by_code = [r#""status":"200""#, r#""error_code":"1212""#];
    for (name, text) in [
        ("k6 JSON", k6_json(&sent, expected)),
        ("k6 JSON without a status", k6_json(&sent, by_code)),
        ("k6 JSON without tags", k6_json(&sent, ["", ""])),
        ("k6 CSV", k6_csv(&sent)),
        ("JTL", jtl(&sent)),
        ("vegeta", vegeta(&sent)),
        ("Gatling", gatling(&sent)),
    ] {
        let timeline = timeline_of(text.as_bytes()).unwrap();
        let all = find(&timeline).unwrap_or_else(|why| panic!("{name}: {why}"));
        let found = all.chosen();
        let slower = found.evidence.iter().find_map(|one| match *one {
            Evidence::Slower { rest_ms, within_ms } => Some((rest_ms, within_ms)),
            _ => None,
        });
        let (rest_ms, within_ms) = slower.unwrap_or_else(|| panic!("{name}: {found:?}"));
        assert!((190.0..260.0).contains(&rest_ms), "{name}: {rest_ms}");
        assert!((330.0..420.0).contains(&within_ms), "{name}: {within_ms}");
        assert!((340.0..420.0).contains(&found.within.mean_ms), "{name}: {found:?}");
        assert!(found.within.error_rate > 0.4, "{name}: {found:?}");
        let (rps, each) = timeline.answered(found.window);
        assert!((timeline.unanswered(found.window) - found.within.error_rate).abs() < 1e-9);
        assert!((95.0..105.0).contains(&rps), "{name}: {rps}");
        assert!((0.34..0.42).contains(&each.unwrap()), "{name}: {each:?}");
    }
}
