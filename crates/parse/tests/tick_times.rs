//! Tick logs whose ticks do not fit together: a clock that was changed, ticks that are missing.

use crate::common;

use common::root;
use spikeflame_parse::{Options, open, read_stream};
use spikeflame_profile::warning::{Fact, V8Fact};
use std::io::Read;
use std::path::Path;

const HOUR: u64 = 3_600_000_000;

/// The lines of a sample.
fn lines(name: &str) -> Vec<String> {
    let path = root("samples/v8").join(name);
    let mut bytes = Vec::new();
    open(&path, &Default::default()).unwrap().read_to_end(&mut bytes).unwrap();
    String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect()
}

/// Changes the time of each tick, or removes it; the function gets its number.
fn change(lines: &[String], how: impl Fn(u64, u64) -> Option<u64>) -> String {
    let mut number = 0;
    let mut text = String::new();
    for line in lines {
        let mut fields: Vec<&str> = line.split(',').collect();
        let time = fields.get(2).and_then(|time| time.parse().ok());
        let new;
        if let Some(time) = time.filter(|_| line.starts_with("tick,")) {
            number += 1;
            let Some(changed) = how(number - 1, time) else { continue };
            new = changed.to_string();
            fields[2] = &new;
        }
        text.push_str(&fields.join(","));
        text.push('\n');
    }
    text
}

/// Returns the facts about a log's text.
fn facts(text: &str) -> Vec<V8Fact> {
    let options = Options { threads: 1, ..Options::default() };
    let profile = read_stream(text.as_bytes(), Path::new("x.log"), &options).unwrap();
    let facts = profile.warnings.into_iter().filter_map(|warning| match warning.fact {
        Fact::V8(fact) => Some(fact),
        _ => None,
    });
    facts.collect()
}

const LOGS: [&str; 4] = [
    "mix-node18.log.zst",
    "nested-on-node20.log.zst",
    "idle-node20.log.zst",
    "nested-off-node24.log.zst",
];

/// The error was: times that jumped by an hour passed in silence.
#[test]
fn a_clock_that_jumps_ahead_is_reported_with_its_place() {
    for log in LOGS {
        let lines = lines(log);
        let text = change(&lines, |at, time| Some(if at < 200 { time } else { time + HOUR }));
        let [V8Fact::NoTicks { line, for_us }] = facts(&text)[..] else { panic!("{log}") };
        assert!((HOUR..HOUR + 1_000_000).contains(&for_us), "{log}: {for_us}");
        let first = text.lines().nth(line as usize - 1).unwrap();
        assert!(first.split(',').nth(2).unwrap().parse::<u64>().unwrap() >= HOUR, "{first}");
    }
    // A log of Node 26 has no ticks of waits, but the times of the code.
    for log in ["mix-node26.log.zst", "nested-on-node26.log.zst"] {
        let text = change(&lines(log), |at, time| Some(if at < 200 { time } else { time + HOUR }));
        let facts = facts(&text);
        assert!(matches!(facts[..], [V8Fact::ClockApart { .. }]), "{log}: {facts:?}");
    }
}

#[test]
fn a_clock_that_goes_back_is_reported_with_its_place() {
    for log in LOGS.into_iter().chain(["mix-node26.log.zst"]) {
        for back in [20_000_u64, 200_000] {
            let text = change(&lines(log), |at, time| {
                Some(if at < 400 { time } else { time.saturating_sub(back) })
            });
            let facts = facts(&text);
            let [V8Fact::ClockBack { line, by_us, places: 1 }] = facts[..] else {
                panic!("{log}: {facts:?}")
            };
            assert!(by_us > 10_000 && by_us <= back, "{by_us}");
            assert!(text.lines().nth(line as usize - 1).unwrap().starts_with("tick,"));
        }
    }
}

/// The error was: a log that had lost half of its ticks gave no warning, and times were half
/// as long.
#[test]
fn missing_ticks_are_reported() {
    for log in ["mix-node20.log.zst", "nested-on-node24.log.zst", "nested-off-node26.log.zst"] {
        let text = change(&lines(log), |at, time| (at % 2 == 0).then_some(time));
        let facts = facts(&text);
        let [V8Fact::SparseTicks { apart_us, asked_us: 1000 }] = facts[..] else {
            panic!("{log}: {facts:?}")
        };
        assert!((2_100..2_400).contains(&apart_us), "{apart_us}");
    }
    for log in ["mix-node18.log.zst", "nested-on-node20.log.zst"] {
        let text = change(&lines(log), |at, time| (!(200..900).contains(&at)).then_some(time));
        assert!(matches!(facts(&text)[..], [V8Fact::NoTicks { .. }]), "{log}");
    }
}

/// The error was: a log that had lost ticks at random gave no warning.
#[test]
fn ticks_that_are_missing_at_random_are_reported() {
    // A generator of random numbers by Lehmer; its state is never 0.
    let random = |at: u64| (0..at % 1000 + 8).fold(at + 1, |state, _| state * 48_271 % 0x7fff_ffff);
    for log in LOGS.into_iter().chain(["mix-node26.log.zst", "nested-on-node26.log.zst"]) {
        for percent in [33, 50, 60] {
            let text =
                change(&lines(log), |at, time| (random(at) % 100 >= percent).then_some(time));
            let facts = facts(&text);
            if log.starts_with("idle") {
                continue; // Too few ticks are left between the waits.
            }
            let [V8Fact::MissingTicks { missing, due }] = facts[..] else {
                panic!("{log}: {percent}: {facts:?}")
            };
            let found = missing * 100 / due;
            println!("{log}: {percent} % left out, {found} % found");
            // Gaps of four intervals and more do not count.
            assert!((percent * 5 / 8..=percent).contains(&found), "{log}: {found}");
        }
    }
}

/// A wait of any length has no ticks, and is no jump: the tick after it is idle.
#[test]
fn a_long_wait_is_no_jump() {
    let lines = lines("idle-node20.log.zst");
    let idle = lines.iter().filter(|line| line.starts_with("tick,"));
    let at = idle.enumerate().skip(100).find(|(_, line)| line.split(',').nth(5) == Some("8"));
    let at = at.unwrap().0 as u64;
    let text = change(&lines, |number, time| Some(if number < at { time } else { time + HOUR }));
    // The times of the code stay as they were, so it is left out.
    let kept = |line: &&str| !line.starts_with("code-creation,JS");
    let text: Vec<&str> = text.lines().filter(kept).collect();
    let facts = facts(&text.join("\n"));
    assert!(!facts.iter().any(|fact| matches!(fact, V8Fact::NoTicks { .. })), "{facts:?}");
}

/// While V8 writes the text of a large script to the log, it logs no tick. The error was: a warning on a busy
/// machine.
#[test]
fn a_gap_in_which_a_large_script_was_written_is_no_lack_of_ticks() {
    let text = change(&lines("mix-node20.log.zst"), |at, time| {
        Some(if at < 200 { time } else { time + 900_000 })
    });
    let [V8Fact::NoTicks { line, .. }] = facts(&text)[..] else { panic!("no gap") };
    let mut lines: Vec<&str> = text.lines().collect();
    let script = format!("script-source,9999,/srv/a.js,{}", "x".repeat(600_000));
    lines.insert(line as usize - 1, &script);
    assert_eq!(facts(&(lines.join("\n") + "\n")), []);
}
