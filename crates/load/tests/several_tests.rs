//! Files with several tests, or with a clock that was set.

use crate::common;

use crate::damage::{START_S, csv, error, json, made, shuffled, text, timeline};
use common::{counts, read_with, timeline_of};
use spikeflame_load::{Error, Load, ReadOptions, Second, Timeline};

#[test]
fn a_clock_that_is_set_is_found() {
    let usual = made(START_S, 60, true);
    // Jumps back by 20 s in the middle, by an hour, forward by an hour, and three steps back.
    let back = [made(START_S, 40, true), made(START_S + 20, 20, false)].concat();
    let far_back = [made(START_S, 40, true), made(START_S - 3_600, 20, false)].concat();
    let forward = [made(START_S, 40, true), made(START_S + 3_640, 20, false)].concat();
    let thrice = [
        made(START_S, 30, true),
        made(START_S + 20, 30, false),
        made(START_S + 40, 30, false),
        made(START_S + 60, 30, false),
    ]
    .concat();
    assert_eq!(timeline(&usual).seconds.len(), 60);
    for (lines, line, seconds) in [
        (&back, 83, -19.0),
        (&far_back, 83, -3_639.0),
        (&forward, 83, 3_601.0),
        (&thrice, 63, -9.0),
    ] {
        match error(lines) {
            Error::ClockJump { line: at, seconds: by, .. } => assert_eq!((at, by), (line, seconds)),
            other => panic!("{other}"),
        }
    }
    // The user knows about the pause: each side can be read.
    let options = ReadOptions { test: Some(2), ..ReadOptions::default() };
    let Ok(Load::Timeline(second)) = read_with(&text(&forward), &options) else { panic!() };
    assert_eq!((second.start_s, second.seconds.len()), (START_S + 3_640, 20));
}

#[test]
fn a_clock_that_is_set_within_a_plateau_is_never_a_shorter_plateau() {
    // The spike of the sample is at its limit from its 11th second to its 72nd.
    let at = |line: &String| line.contains(r#""type":"Point""#);
    let lines = json();
    let points: Vec<&String> = lines.iter().filter(|line| at(line)).collect();
    let middle = lines.iter().position(|line| line == points[points.len() / 2]).unwrap();
    for by in [-3_600, -30, 7_200] {
        let later = lines[middle..].iter().map(|line| set_clock(line, by));
        let set: Vec<String> = lines[..middle].iter().cloned().chain(later).collect();
        let told = error(&set);
        let known = matches!(told, Error::ClockJump { .. } | Error::SeveralTests { .. });
        assert!(known, "{by} s: {told}");
    }
}

/// A line of k6's JSON whose time is `by` seconds later.
fn set_clock(line: &str, by: i64) -> String {
    let Some(start) = line.find("T0").filter(|_| line.contains(r#""type":"Point""#)) else {
        return line.to_owned();
    };
    let number = |from: usize| line[from..from + 2].parse::<i64>().unwrap();
    let second = number(start + 1) * 3_600 + number(start + 4) * 60 + number(start + 7) + by;
    let (h, m, s) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{}T{h:02}:{m:02}:{s:02}{}", &line[..start], &line[start + 9..])
}

#[test]
fn two_tests_in_a_file_are_told_and_one_can_be_chosen() {
    // Two tests directly after each other, hours apart, and in the wrong order.
    let (one, near, far) =
        (made(START_S, 30, true), made(START_S + 31, 20, true), made(START_S + 7_200, 20, true));
    let bare = [made(START_S, 30, false), made(START_S + 90, 20, false)].concat();
    for (lines, start_s) in [
        ([one.clone(), near.clone()].concat(), START_S + 31),
        ([one.clone(), far.clone()].concat(), START_S + 7_200),
        ([far, one.clone()].concat(), START_S + 7_200),
        // Without definitions, a gap separates the tests.
        (bare.clone(), START_S + 90),
        (shuffled(&bare), START_S + 90),
    ] {
        let told = error(&lines);
        let Error::SeveralTests { tests, .. } = &told else { panic!("{told}") };
        let spans: Vec<(i64, u64, u64)> =
            tests.iter().map(|test| (test.start_s, test.length_s, test.requests)).collect();
        assert_eq!(spans, [(START_S, 30, 30), (start_s, 20, 20)]);
        for (test, seconds) in [(1, 30), (2, 20)] {
            let options = ReadOptions { test: Some(test), ..ReadOptions::default() };
            let Ok(Load::Timeline(read)) = read_with(&text(&lines), &options) else { panic!() };
            assert_eq!((read.seconds.len(), counts(&read).0), (seconds, seconds as f64));
        }
        for test in [0, 3] {
            let options = ReadOptions { test: Some(test), ..ReadOptions::default() };
            assert!(matches!(read_with(&text(&lines), &options), Err(Error::SeveralTests { .. })));
        }
    }
    // Points that cannot be assigned to a test: at the same time, mixed, sorted.
    let both = [one.clone(), near].concat();
    let mut sorted = both.clone();
    sorted.sort();
    for lines in [[one.clone(), made(START_S + 10, 30, true)].concat(), shuffled(&both), sorted] {
        let told = error(&lines);
        assert!(matches!(told, Error::MixedTests { tests: 2.., .. }), "{told}");
    }
}

/// The error was: the points of the tests after the first hundred were added to one test, and the reason
/// for the refusal was that points lie in mixed order.
#[test]
fn a_file_of_very_many_tests_is_refused_for_their_number() {
    let tests = |count: i64| -> Vec<String> {
        (0..count).flat_map(|at| made(START_S + 300 * at, 2, true)).collect()
    };
    let Error::SeveralTests { tests: found, .. } = error(&tests(101)) else { panic!() };
    assert_eq!(found.len(), 101);
    for count in [102, 150] {
        let told = error(&tests(count));
        assert!(
            matches!(told, Error::ManyTests { tests, .. } if tests == count as usize),
            "{told}"
        );
    }
    let options = ReadOptions { test: Some(101), ..ReadOptions::default() };
    assert!(matches!(read_with(&text(&tests(102)), &options), Err(Error::ManyTests { .. })));
}

/// The error was: a header without a row after it, as of a test that did not begin, was a second test whose
/// points lie in mixed order.
#[test]
fn a_csv_header_at_the_end_is_no_test() {
    let lines = csv();
    let with_header = [lines.clone(), lines[..1].to_vec()].concat();
    assert_eq!(timeline(&with_header).seconds, timeline(&lines).seconds);
}

#[test]
fn two_csv_files_in_one_are_two_tests() {
    let lines = csv();
    let later = shifted(&lines, 300);
    assert!(matches!(error(&[lines.clone(), later.clone()].concat()), Error::SeveralTests { .. }));
    assert!(
        matches!(error(&[lines.clone(), later[1..].to_vec()].concat()), Error::SeveralTests { tests, .. } if tests.len() == 2)
    );
    assert!(matches!(error(&[lines.clone(), lines].concat()), Error::MixedTests { .. }));
}

/// Rows of k6's CSV, `by` seconds later.
fn shifted(rows: &[String], by: i64) -> Vec<String> {
    let shift = |row: &String| {
        let mut fields: Vec<String> = row.splitn(3, ',').map(str::to_owned).collect();
        if let Ok(time) = fields[1].parse::<i64>() {
            fields[1] = (time + by).to_string();
        }
        fields.join(",")
    };
    rows.iter().map(shift).collect()
}

#[test]
fn a_real_test_with_a_jump_anywhere_is_never_another_test() {
    let lines = csv();
    let requests = |timeline: Timeline| -> Vec<Second> {
        timeline.seconds.into_iter().map(|second| Second { bytes: None, ..second }).collect()
    };
    let whole = requests(timeline(&lines));
    for at in (1..lines.len()).step_by(lines.len() / 40) {
        for by in [-3_600, -30, -4, 61, 3_600] {
            let (before, after) = lines.split_at(at);
            match timeline_of(&text(&[before, &shifted(after, by)].concat())) {
                Err(Error::ClockJump { .. }) => assert!(by < 0),
                Err(Error::SeveralTests { .. }) => assert!(by > 0),
                // All points lie after the jump.
                // Points of bytes alone may be among them: these are no requests.
                Ok(read) => assert_eq!(requests(read), whole, "{by} s at line {at}"),
                Err(other) => panic!("{other}"),
            }
        }
    }
}
