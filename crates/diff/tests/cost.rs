//! Time and memory of a comparison: run it with `cargo test --release -p spikeflame-diff
//! --test cost -- --ignored --nocapture`.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may fail"
)]

mod common;

use common::{compared, count_profile, root};
use spikeflame_diff::{Run, RunCounts};
use spikeflame_profile::{Inlining, Selection, folded};
use std::fmt::Write;

/// Returns the CPU seconds of this process so far.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
    // User and system time are in hundredths of a second.
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

#[test]
#[ignore = "measures time"]
fn ten_logs_in_three_seconds_of_cpu() {
    let start = cpu();
    // Two of the logs in the repository make up 20 MB.
    let run = |side: &str| {
        let log = |n| root(&format!("samples/spike/{side}-{n}/isolate-v8.log.zst"));
        let options = spikeflame_parse::Options::default();
        let profile = spikeflame_parse::read(&[log(1), log(2)], &options).unwrap();
        count_profile(side, &profile, Inlining::Expand, Some(8_000.0))
    };
    let sides = ["before", "after"].map(|side| [(); 5].map(|()| run(side)));
    let read = cpu() - start;
    let comparison = compared(&sides[0], &sides[1]);
    let all = cpu() - start;
    println!("10 logs: {all:.2} s of CPU, {:.2} of them comparing", all - read);
    assert!(comparison.functions.rows.len() > 1_000);
    assert!(all <= 3.0, "{all}");
}

#[test]
#[ignore = "measures time"]
fn two_hundred_folded_runs_in_two_seconds_of_cpu() {
    let mut texts = Vec::new();
    for run in 0..200u32 {
        let mut text = String::new();
        for n in 0..2_000u32 {
            let (caller, count) = (n / 7, 1 + (n * 31 + run * 17) % 50);
            writeln!(
                text,
                "main /srv/app/dist/main.js:1:1;f{caller} /srv/app/dist/m{}.js:{caller}:3;\
                 f{n} /srv/app/dist/m{}.js:{n}:3 {count}",
                caller % 40,
                n % 40
            )
            .unwrap();
        }
        texts.push(text);
    }
    let start = cpu();
    let selection = Selection::default();
    let runs: Vec<RunCounts> = texts
        .iter()
        .enumerate()
        .map(|(at, text)| {
            let profile = folded::read(&mut text.as_bytes(), "folded", None).unwrap();
            RunCounts::count(&Run::new(&at.to_string(), &profile, &selection))
        })
        .collect();
    let read = cpu() - start;
    let comparison = compared(&runs[..100], &runs[100..]);
    let all = cpu() - start;
    println!("200 runs: {all:.2} s of CPU, {:.2} of them comparing", all - read);
    assert_eq!(comparison.functions.rows.len(), 2_001);
    assert!(all <= 2.0, "{all}");
}
