//! Kinds of tests for which the plateau was wrong. Each test is a simulation of one server.

use crate::common;
use spikeflame_load::plateau::{
    self, Evidence, Grade, NoPlateau, NoPlateauReason, Options, Plateaus,
};
use spikeflame_load::{Axis, Recorder, Second, Series, Timeline, Warning};
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

/// Two bursts of as many users with a pause between them. The error was: "passed between 22 and 34 VUs", because the
/// answers that drained in the pause counted as a system below its limit.
#[test]
fn a_pause_without_users_shows_no_rest() {
    let users = |now: f64| if (30.0..40.0).contains(&now) { 0.0 } else { 50.0 };
    let server = Server { seconds: 75, ..Server::default() };
    let found = find(&server.test(users)).unwrap();
    assert_eq!(found.all.len(), 2, "{:?}", found.all);
    for plateau in &found.all {
        assert!(plateau.grade == Grade::Held && !plateau.rest_seen, "{plateau:?}");
        // 10 ms and a pause of 150 ms: 16 users reach the limit.
        assert!(plateau.knee.is_none_or(|knee| knee.low < 16.0 && knee.high > 16.0), "{plateau:?}");
    }
    // The error was: "hardly a request succeeded, though the load was not greater: the system stood still".
    let few = find(&server.test(|now| users(now) / 10.0)).unwrap_err().why;
    assert!(!matches!(few, NoPlateauReason::Stalled { .. }), "{few}");
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
        let NoPlateauReason::Fails { window, status: None, soon: true } = why else {
            panic!("{why:?}")
        };
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
    assert!(matches!(why, NoPlateauReason::NotReached { .. }), "{why:?}");
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

/// Users without a think time, all from the first moment on. `serve` returns the end of a request
/// that begins at a time.
fn constant(users: usize, mut serve: impl FnMut(f64) -> f64) -> Timeline {
    let mut recorder = Recorder::default();
    let mut ready: Vec<f64> = (0..users).map(|user| 0.5 + user as f64 * 2e-4).collect();
    loop {
        ready.sort_by(f64::total_cmp);
        let began = ready[0];
        if began > 15.0 {
            break;
        }
        let end = serve(began);
        recorder.request((end * 1e6) as i64, ((end - began) * 1e6) as u64, true);
        ready[0] = end;
    }
    (0..16).for_each(|second| recorder.vus(second * 1_000_000 + 900_000, users as f64));
    recorder.finish(Path::new("made"), "simulation").unwrap()
}

/// The error was: "the system was slow for a while, not at its limit" for a spike after which the
/// system stayed slow.
#[test]
fn a_spike_without_recovery_is_a_plateau() {
    let mut recorder = Recorder::default();
    let (mut free, mut ready) = (0.0_f64, Vec::new());
    let users = |now: f64| if (20.0..40.0).contains(&now) { 60 } else { 5 };
    for second in 0..80 {
        recorder.vus(second * 1_000_000 + 900_000, users(second as f64) as f64);
    }
    for step in 0..1600 {
        let now = f64::from(step) / 20.0;
        ready.resize(users(now), now);
        loop {
            ready.sort_by(f64::total_cmp);
            let began = ready[0];
            if began >= now + 0.05 {
                break;
            }
            free = free.max(began) + if began > 25.0 { 0.067 } else { 0.01 };
            recorder.request((free * 1e6) as i64, ((free - began) * 1e6) as u64, true);
            ready[0] = free + 0.1;
        }
    }
    let all = find(&recorder.finish(Path::new("made"), "simulation").unwrap()).unwrap();
    let found = all.chosen();
    assert!(found.window.from.abs_diff(20) <= 1 && found.window.to.abs_diff(40) <= 2, "{found:?}");
    assert_eq!(found.grade, Grade::Saturated);
}

/// The error was: a constant load that saturates from the first second was refused, because no time
/// of the test shows the system at rest. The first answers show it.
#[test]
fn the_first_answers_to_a_constant_load_show_a_queue() {
    let mut noise = 11_u64;
    let mut random = move || {
        noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695);
        ((noise >> 40) as f64 + 0.5) / (1_u64 << 24) as f64
    };
    for users in [12, 20, 50, 200, 800] {
        for slots in [1, 4] {
            let mut free = vec![0.0_f64; slots];
            let busy = constant(users, |began| {
                free.sort_by(f64::total_cmp);
                free[0] = free[0].max(began) + 0.01 * (0.5 + random());
                free[0]
            });
            let found = find(&busy).unwrap_or_else(|why| panic!("{users} {slots}: {why}"));
            let found = found.chosen();
            assert!(found.grade == Grade::Held && !found.rest_seen, "{found:?}");
            assert!(found.window.to - found.window.from >= 13, "{users} {slots}: {found:?}");
            let first =
                |one: &Evidence| matches!(one, Evidence::FirstBurst { rps, .. } if *rps < 800.0);
            assert!(found.evidence.iter().any(first), "{users} {slots}: {found:?}");
        }
        // A slow server without a queue: durations of several shapes, and a fast first request.
        for shape in 0..5 {
            let mut count = 0;
            let slow = constant(users, |began| {
                count += 1;
                began
                    + match shape {
                        0 => 0.2,
                        1 => 0.4 * random(),
                        2 => -0.2 * random().ln(),
                        3 => 0.2 * (1.0 + 0.1 * (random() + random() - 1.0)),
                        _ if count <= users => 0.02 * (0.5 + random()),
                        _ => 0.2 * (0.5 + random()),
                    }
            });
            let found = find(&slow);
            assert!(found.is_err(), "{users} {shape}: {found:?}");
        }
    }
}

/// Users who send five requests at once and pause for half a second, to a server that needs 7 ms for
/// each: 143 requests a second. A user alone needs 535 ms for five, so the knee is at 15.3 users.
fn batches(users: impl Fn(f64) -> usize, seconds: usize) -> Timeline {
    const SERVICE_S: f64 = 0.007;
    let mut recorder = Recorder::default();
    let (mut ready, mut free): (Vec<f64>, f64) = (Vec::new(), 0.0);
    for step in 0..seconds * 100 {
        let now = step as f64 / 100.0;
        let count = users(now);
        if step % 100 == 99 {
            recorder.vus((now * 1e6) as i64, count as f64);
        }
        while ready.len() < count {
            ready.push(now + 0.5 * (ready.len() as f64 * 0.618).fract());
        }
        ready.truncate(count);
        loop {
            ready.sort_by(f64::total_cmp);
            let Some(next) = ready.first_mut().filter(|at| **at < now + 0.01) else { break };
            let began = *next;
            for _ in 0..5 {
                free = free.max(began) + SERVICE_S;
                recorder.request((free * 1e6) as i64, ((free - began) * 1e6) as u64, true);
            }
            *next = free + 0.5;
        }
    }
    recorder.finish(Path::new("made"), "k6 JSON").unwrap()
}

/// The error was: with `http.batch` more requests than users are under way, so the pauses of the
/// users seemed to be 0 s, and the knee was far too low.
#[test]
fn users_with_several_requests_at_once_have_pauses() {
    let timeline = batches(|at| (at.min(30.0) * 1.5) as usize + 1, 60);
    let found = find(&timeline).unwrap();
    let plateau = found.chosen();
    assert!((8..14).contains(&plateau.window.from) && plateau.window.to > 57, "{plateau:?}");
    let knee = plateau.knee.unwrap();
    assert!(knee.low < 15.3 && 15.3 < knee.high && knee.high < 25.0, "{knee:?}");
    assert_eq!(plateau.implied_think_s, None);
    // Below the limit, batches are no plateau.
    let light = batches(|at| (at.min(20.0) * 0.5) as usize + 1, 40);
    assert!(matches!(
        find(&light).unwrap_err().why,
        NoPlateauReason::NotReached { .. } | NoPlateauReason::NotHeldBack { .. }
    ));
}

/// A k6 CSV of 50 requests a second, against a server that takes up to 24 ms for each, and 33 ms from 40 s to 52 s. Its
/// times are whole seconds, so that late requests seem to begin unevenly. The error was: a plateau "at 2 VUs" that
/// began with the test.
#[test]
fn whole_seconds_with_late_answers_are_those_of_a_rate() {
    let mut noise = 7_u64;
    let mut random = move || {
        noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695);
        (noise >> 40) as f64 / (1_u64 << 24) as f64
    };
    let mut free = 0.0_f64;
    let requests = (0..50 * 90).map(|at| {
        let began = f64::from(at) / 50.0;
        let start = free.max(began);
        let slow = (40.0..52.0).contains(&start);
        free = start + if slow { 0.033 } else { 0.024 * random() };
        (began, free)
    });
    let requests: Vec<(f64, f64)> = requests.collect();
    let mut text = "metric_name,timestamp,metric_value,expected_response\n".to_owned();
    for second in 0..90 {
        let now = f64::from(second);
        for (began, ended) in requests.iter().filter(|(_, ended)| ended.floor() == now) {
            let (time, ms) = (1_795_777_200 + second, 1e3 * (ended - began));
            text += &format!("http_req_duration,{time},{ms},true\n");
        }
        let under_way = requests.iter().filter(|(a, b)| *a <= now + 0.99 && *b > now + 0.99);
        text += &format!("vus,{},{},\n", 1_795_777_200 + second, under_way.count());
    }
    let series = Series::from_timeline(&common::readable(&text), None).unwrap();
    assert_eq!(series.axis, Axis::Rate);
}

/// Users, begun and ended requests of each second of a k6 1.1 run: 30 requests a second, 170 from 3 s to 7 s, and 60 for
/// 7 s, against a server that answers 98 a second. The error was: "passed between 2 and 5 VUs".
#[test]
fn a_rate_that_jumps_in_a_short_test_is_a_rate() {
    let rows = [
        (0, 3, 3),
        (1, 30, 30),
        (1, 30, 30),
        (1, 48, 39),
        (66, 171, 96),
        (137, 170, 100),
        (205, 170, 100),
        (276, 155, 99),
        (250, 60, 101),
        (210, 60, 97),
        (176, 60, 98),
        (136, 60, 98),
        (102, 60, 95),
        (67, 60, 95),
        (26, 52, 100),
        (0, 0, 8),
    ];
    let mut under_way = 0.0;
    let second = |(users, begun, ended): (u32, u32, u32)| {
        let before: f64 = under_way;
        under_way = f64::max(under_way + f64::from(begun) - f64::from(ended), 0.5);
        Second {
            ok: f64::from(ended),
            started: f64::from(begun),
            in_flight: Some(f64::midpoint(before, under_way)),
            vus: Some(f64::from(users)),
            ..Second::default()
        }
    };
    let seconds: Vec<Second> = rows.map(second).to_vec();
    let timeline = Timeline { seconds, resolution_s: 1, ..Timeline::default() };
    assert_eq!(Series::from_timeline(&timeline, None).unwrap().axis, Axis::Rate);
}

/// Rows of 10 s without users: 30 constant users of a simulated server that becomes slower for each request alone. The
/// error was: "saturated ... and falls as load grows further".
#[test]
fn answers_that_become_slower_than_before_show_no_limit_without_users() {
    let row = |at: usize| {
        let took_s = 0.1 + 0.1 * at as f64;
        format!(
            "{},{:.2},{:.1}\n",
            1_795_397_010 + 10 * at,
            30.0 / (1.0 + took_s),
            1_060.0 * took_s
        )
    };
    let rows: String = (0..16).map(row).collect();
    let why = find(&common::readable(&format!("time,rps,p95_ms\n{rows}"))).unwrap_err().why;
    assert!(!matches!(why, NoPlateauReason::NotReached { .. }), "{why}");
}

/// Rows of 5 s of a simulated open loop: 30 requests a second, and 240 from 30 s on, against a server that answers 120.
/// The error was: "passed between 378 and 529 VUs", which were requests under way.
#[test]
fn requests_under_way_in_a_table_give_no_knee_of_users() {
    let rows = [
        (1, 30.0, 23.3, 7.6),
        (1, 30.0, 29.3, 9.1),
        (1, 30.0, 24.8, 8.5),
        (0, 30.0, 24.3, 8.3),
        (0, 30.0, 20.9, 8.2),
        (0, 30.0, 29.4, 10.1),
        (477, 117.0, 2_423.0, 1_237.8),
        (1_066, 126.6, 4_763.9, 3_711.4),
        (1_654, 120.4, 7_281.0, 6_154.3),
        (2_269, 120.6, 9_803.7, 8_777.1),
        (2_881, 116.8, 12_392.2, 11_261.8),
    ];
    let row = |(at, (users, rate, p95, mean)): (usize, &(u32, f64, f64, f64))| {
        format!("{},{users},{rate},{p95},{mean}\n", 1_795_397_010 + 5 * at)
    };
    let rows: String = rows.iter().enumerate().map(row).collect();
    let found = find(&common::readable(&format!("time,vus,rps,p95_ms,mean_ms\n{rows}"))).unwrap();
    assert!(found.chosen().knee.is_none_or(|knee| knee.high < 10.0), "{found:?}");
}

/// Rows of 2 s of a k6 1.1 run of a rate from 10 to 220 a second, against a server that answers 105 a second, 11 ms after
/// a request at rest. Its users are requests under way. The error was: "passed between 36 and 52 VUs".
const UNDER_WAY: &str = "\
time,vus,rps,p95_ms
1795397010,0,21.5,15.6
1795397012,0,55.0,12.5
1795397014,2,87.0,26.1
1795397016,8,106.5,192.1
1795397018,71,103.5,704.0
1795397020,200,109.5,1423.3
1795397022,383,104.0,2270.7
1795397024,208,103.5,4076.8
1795397026,1,55.5,4638.3
";

#[test]
fn users_who_never_pause_at_rest_reach_the_limit_with_its_durations() {
    let found = find(&common::readable(UNDER_WAY)).unwrap();
    assert!(found.chosen().knee.is_some_and(|knee| knee.high < 5.0), "{found:?}");
}
