//! Plateaus of tests of which only the requests of an endpoint were chosen.

use spikeflame_load::plateau::{Basis, NoPlateauReason, Options, find};
use spikeflame_load::{Recorder, Timeline};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Length of the test in seconds, in which the users grow from one to [`MOST_USERS`].
const LENGTH_S: i64 = 90;
const MOST_USERS: i64 = 120;
/// The server answers one request after another, a hundred a second. Users pause for half a second.
const SERVICE_US: i64 = 10_000;
const PAUSE_US: i64 = 500_000;

/// Returns starts and ends of the requests of users who wait for each answer.
fn requests() -> Vec<(i64, i64)> {
    let mut due: BinaryHeap<Reverse<i64>> =
        (0..MOST_USERS).map(|user| Reverse(user * LENGTH_S * 1_000_000 / MOST_USERS)).collect();
    let (mut free_us, mut all, mut chance) = (0, Vec::new(), 1_u64);
    while let Some(Reverse(start_us)) = due.pop() {
        if start_us >= LENGTH_S * 1_000_000 {
            break;
        }
        let end_us = start_us.max(free_us) + SERVICE_US;
        free_us = end_us;
        all.push((start_us, end_us));
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        due.push(Reverse(end_us + PAUSE_US / 2 + (chance >> 33) as i64 % PAUSE_US));
    }
    all
}

fn recorded(requests: impl Iterator<Item = (i64, i64)>) -> Timeline {
    let mut recorder = Recorder::default();
    for second in 0..=LENGTH_S {
        let users = (second * MOST_USERS / LENGTH_S).max(1);
        recorder.vus(second * 1_000_000, users as f64);
    }
    for (start_us, end_us) in requests {
        recorder.request(end_us, end_us.abs_diff(start_us), true);
    }
    recorder.finish("made".as_ref(), "example").unwrap()
}

fn chosen(is_chosen: impl Fn(usize, i64) -> bool) -> Timeline {
    let all = requests();
    let part = all.iter().enumerate().filter(|(at, one)| is_chosen(*at, one.0 / 1_000_000));
    let mut part = recorded(part.map(|(_, one)| *one));
    part.part_of(recorded(all.into_iter()));
    part
}

/// The error was: seconds in which nobody called an endpoint counted as seconds of 0 requests, so that
/// its throughput "fell as load grew further".
#[test]
fn an_endpoint_that_is_called_for_a_while_is_measured_there() {
    let timeline = chosen(|_, second| second < 60);
    let found = find(&timeline, &Options::default()).unwrap();
    let found = found.chosen();
    let Basis::WholeTest(whole) = found.basis else { panic!("{found:?}") };
    assert!(!found.retrograde && (60..=62).contains(&found.within.window.to), "{found:?}");
    assert!(whole.window.to >= 89 && whole.window.from == found.window.from, "{whole:?}");
    assert!((95.0..=101.0).contains(&found.within.rps), "{found:?}");

    let timeline = chosen(|_, second| second >= 60);
    let found = find(&timeline, &Options::default()).unwrap();
    let found = found.chosen();
    assert!(found.before.is_none() && found.within.window.from == 60, "{found:?}");
    assert!((95.0..=101.0).contains(&found.within.rps), "{found:?}");
}

/// The error was: "throughput is not held back by that yet: raise the greatest load" of an endpoint that
/// is rarely called, although the server was at its limit for half of the test.
#[test]
fn a_rare_endpoint_of_a_system_at_its_limit_has_its_plateau() {
    let rare = chosen(|at, _| at % 500 == 0);
    let found = find(&rare, &Options::default()).unwrap();
    assert!(matches!(found.chosen().basis, Basis::WholeTest(whole) if whole.rps > 90.0));
    assert!(found.chosen().within.rps < 1.0);

    let early = chosen(|_, second| second < 10);
    let none = find(&early, &Options::default()).unwrap_err();
    assert!(matches!(none.why, NoPlateauReason::NotCalled { .. }), "{none}");
}

/// The seconds of a file are those of the test, also when an endpoint is first called later.
#[test]
fn a_part_has_the_seconds_of_the_whole_test() {
    let mut rows = "timeStamp,elapsed,label,success,allThreads\n".to_owned();
    for at in 0..300 {
        let label = if (100..200).contains(&at) { "b" } else { "a" };
        rows += &format!("{},20,{label},true,{}\n", 1_700_000_000_000_i64 + at * 100, 1 + at / 30);
    }
    let read = |endpoint: Option<&str>| {
        let options = spikeflame_load::ReadOptions {
            endpoint: endpoint.map(str::to_owned),
            ..spikeflame_load::ReadOptions::default()
        };
        match spikeflame_load::read(rows.as_bytes(), "x.jtl".as_ref(), &options).unwrap() {
            spikeflame_load::Load::Timeline(timeline) => timeline,
            other => panic!("{other:?}"),
        }
    };
    let (mut part, whole) = (read(Some("b")), read(None));
    part.part_of(whole.clone());
    assert_eq!((part.start_s, part.seconds.len()), (whole.start_s, whole.seconds.len()));
    let users = |timeline: &Timeline| timeline.seconds.iter().map(|second| second.vus).collect();
    let (of_part, of_whole): (Vec<_>, Vec<_>) = (users(&part), users(&whole));
    assert_eq!(of_part, of_whole);
    let sum = |from: usize, to: usize| part.seconds[from..to].iter().map(|one| one.ok).sum::<f64>();
    assert_eq!((sum(0, 10), sum(10, 20), sum(20, 30)), (0.0, 100.0, 0.0));
}
