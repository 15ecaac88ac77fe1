//! Plateaus of slow systems, in which a few answers a second are all there are, and of users without pauses.

use spikeflame_load::plateau::{Grade, Options, find};
use spikeflame_load::{Axis, Recorder, Timeline};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A test of a system that works on some requests at once. Users who wait for their answers grow from one.
struct Test {
    service_s: f64,
    at_once: usize,
    pause_s: f64,
    most_users: f64,
    length_s: f64,
    /// True when each request takes another time (exponential).
    varies: bool,
}

impl Test {
    fn users(&self, second: f64) -> f64 {
        (1.0 + (self.most_users - 1.0) * second / self.length_s).floor().min(self.most_users)
    }

    /// Returns the number of users from which the system is always at its limit.
    fn knee(&self) -> f64 {
        self.at_once as f64 * (self.service_s + self.pause_s) / self.service_s
    }

    fn run(&self, seed: u64) -> Timeline {
        let mut random = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut chance = || {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            (random >> 11) as f64 / (1_u64 << 53) as f64
        };
        let us = |seconds: f64| (seconds * 1e6) as i64;
        let begins = |user: f64| (user * self.length_s / (self.most_users - 1.0)).max(0.0);
        let mut due: BinaryHeap<Reverse<i64>> =
            (0..self.most_users as u32).map(|user| Reverse(us(begins(f64::from(user))))).collect();
        let mut free: BinaryHeap<Reverse<i64>> = vec![Reverse(0); self.at_once].into();
        let mut recorder = Recorder::default();
        let mut last_s = 0.0_f64;
        while let Some(Reverse(start)) = due.pop() {
            if start >= us(self.length_s) {
                continue;
            }
            let Reverse(idle) = free.pop().unwrap();
            let factor = if self.varies { -(1.0 - chance()).ln() } else { 1.0 };
            let end = start.max(idle) + us(self.service_s * factor);
            free.push(Reverse(end));
            recorder.request(end, end.abs_diff(start), true);
            last_s = last_s.max(end as f64 / 1e6);
            due.push(Reverse(end + us(2.0 * self.pause_s * chance())));
        }
        for second in 0..=last_s as i64 {
            recorder.vus(second * 1_000_000, self.users(second as f64));
        }
        recorder.finish("made".as_ref(), "example").unwrap()
    }
}

const fn test(service_s: f64, at_once: usize, pause_s: f64, most: f64, length_s: f64) -> Test {
    Test { service_s, at_once, pause_s, most_users: most, length_s, varies: false }
}

const TESTS: [Test; 10] = [
    test(10.0, 5, 5.0, 40.0, 300.0),
    test(8.0, 5, 2.0, 30.0, 100.0),
    test(10.0, 10, 5.0, 60.0, 300.0),
    test(1.0, 1, 1.0, 20.0, 120.0),
    test(1.0, 3, 1.0, 30.0, 120.0),
    test(2.0, 2, 2.0, 20.0, 180.0),
    test(2.0, 10, 2.0, 60.0, 180.0),
    test(5.0, 10, 3.0, 60.0, 240.0),
    test(3.0, 6, 3.0, 40.0, 240.0),
    test(5.0, 20, 2.0, 100.0, 300.0),
];

/// The error was: a closed loop of slow requests was taken for an arrival rate, because no answer for
/// three seconds counted as a stop; its plateau had one request. With one to three answers a second, "the
/// same load got more answers at other times" by chance.
#[test]
fn slow_systems_have_their_plateau() {
    let mut bad = Vec::new();
    let (mut found_all, mut held) = (0, 0);
    for (at, test) in TESTS.into_iter().enumerate() {
        for (varies, seed) in [(false, 1), (true, 2), (true, 3), (true, 4)] {
            let timeline = Test { varies, ..test }.run(seed);
            let found = match find(&timeline, &Options::default()) {
                Ok(found) => found,
                Err(none) => {
                    bad.push(format!("{at} {varies} {seed}: {none}"));
                    continue;
                }
            };
            let chosen = found.chosen();
            let full = (test.knee() - 1.0) * test.length_s / (test.most_users - 1.0);
            let within = chosen.window.from as f64 >= 0.6 * full
                && chosen.window.seconds() as f64 >= 0.5 * (test.length_s - full);
            let knee = chosen.knee.unwrap();
            let holds = knee.low <= test.knee() && test.knee() <= knee.high;
            held += usize::from(holds);
            found_all += 1;
            if chosen.axis != Axis::Vus || !within || found.all.len() > 1 {
                bad.push(format!("{at} {varies} {seed}: {:?}", chosen.window));
            }
        }
    }
    assert!(bad.len() <= 2 && held * 10 >= found_all * 9, "{bad:#?}");
}

/// Chance of few answers is no limit.
#[test]
fn slow_systems_below_their_limit_have_none() {
    let mut bad = Vec::new();
    for (at, test) in TESTS.into_iter().enumerate() {
        let most_users = (0.6 * test.knee()).floor().max(1.0);
        if most_users < 2.0 {
            continue;
        }
        for (varies, seed) in (2..12).map(|seed| (seed % 4 != 0, seed)) {
            let timeline = Test { varies, most_users, ..test }.run(seed);
            if let Ok(found) = find(&timeline, &Options::default()) {
                bad.push(format!("{at} {varies} {seed}: {:?}", found.chosen().window));
            }
        }
    }
    assert!(bad.is_empty(), "{bad:#?}");
}

/// The error was: "throughput stops growing at 7 VUs" of a test in which it never grew. Without a pause, one
/// user is enough for a server that answers one request after another.
#[test]
fn users_without_pauses_show_no_knee() {
    for most_users in [6.0, 20.0, 50.0] {
        let fast = Test { varies: true, ..test(0.01, 1, 0.0, most_users, 60.0) };
        let found = find(&fast.run(5), &Options::default()).unwrap();
        let chosen = found.chosen();
        assert!(chosen.grade != Grade::Knee && !chosen.rest_seen, "{chosen:?}");
        assert!(chosen.window.from <= 1 && chosen.window.to >= 59, "{chosen:?}");
        assert!(chosen.knee.unwrap().high <= 2.0, "{chosen:?}");
    }
}
