//! The limit that a profile shows for plateaus of real runs, compared with the server's kind.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may fail"
)]

mod common;

use common::{BEFORE_1_ZERO, profile, root, sample, without_clock};
use spikeflame_load::BOUND;
use spikeflame_parse::Progress;
use spikeflame_profile::ClockSource;
use spikeflame_run::{Options, Run, align};
use std::io::Read;

/// Servers whose name ends in `-cpu` compute for each request. Those that end in `-pool` or
/// `-poolq` wait for a connection.
#[test]
fn cpu_servers_are_bound_by_cpu_and_pool_servers_wait() {
    let Ok(entries) = std::fs::read_dir(root("../shared/data/load-shapes")) else {
        println!("SKIPPED: no load-shapes");
        return;
    };
    let mut runs: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    runs.retain(|run| run.join("isolate-v8.log.zst").exists());
    runs.sort();
    println!(
        "| run | clock | within | off | main thread busy | limit |\n|---|---|--:|--:|--:|---|"
    );
    let (mut seen, mut spanned) = ([0, 0], 0);
    for folder in runs {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let run = Run::read(std::slice::from_ref(&folder), Options::default());
        let Ok(plateau) = run.plateau() else { continue };
        let usage = run.usage(plateau.window).unwrap().unwrap();
        let clock = run.alignment().unwrap().clock;
        // The server wrote its first row about a second after the start; a busy one later.
        let rows = std::fs::read_to_string(folder.join("truth.csv")).unwrap();
        let first: i64 = rows.lines().nth(1).unwrap().split(',').next().unwrap().parse().unwrap();
        let off_us = clock.zero_us - (first - 1_050) * 1_000;
        let computes = usage.busy() >= BOUND;
        let limit = if computes { "CPU" } else { "waiting" };
        println!(
            "| {name} | {:?} | {} ms | {} ms | {:.0} % | {limit} |",
            clock.known,
            clock.uncertainty_us / 1_000,
            off_us / 1_000,
            100.0 * usage.busy()
        );
        assert_eq!(computes, name.ends_with("-cpu"), "{name}: {usage:?}");
        seen[usize::from(computes)] += 1;
        if clock.known == ClockSource::Spanned {
            assert!(off_us.unsigned_abs() <= clock.uncertainty_us, "{name}: {clock:?}");
            spanned += 1;
        }
    }
    assert!(seen[0] >= 2 && seen[1] >= 8 && spanned >= 3, "{seen:?} {spanned}");
}

/// A run whose log has no start time, and whose throughput is known to the second only. The error
/// was: no verdict, and `--window plateau` was refused, although the log is hardly longer than the
/// test.
#[test]
fn a_log_that_is_hardly_longer_than_the_test_has_its_clock() {
    let folder = tempfile::tempdir().unwrap();
    let log = root("samples/spike/before-1/isolate-v8.log.zst");
    let recording = without_clock(profile(&log));
    let load = sample("spike/before-1/k6.csv.gz");
    assert!(align(&recording, &load, None).is_err());
    // This is the log without its marks, and with another time of its file.
    let mut text = String::new();
    let mut stream = spikeflame_parse::open(&log, &Progress::default()).unwrap();
    stream.read_to_string(&mut text).unwrap();
    let text = text.replace("__wallmark_", "__nothing_at_");
    std::fs::write(folder.path().join("isolate-v8.log"), text).unwrap();
    std::fs::copy(root("samples/spike/before-1/k6.csv.gz"), folder.path().join("k6.csv.gz"))
        .unwrap();
    let run = Run::read(&[folder.path().to_owned()], Options::default());
    let clock = run.alignment().unwrap().clock;
    assert_eq!(clock.known, ClockSource::Spanned);
    assert!(clock.uncertainty_us <= 4_000_000, "{clock:?}");
    assert!(clock.zero_us.abs_diff(BEFORE_1_ZERO) <= clock.uncertainty_us, "{clock:?}");
    assert!(run.usage(run.plateau().unwrap().window).unwrap().unwrap().busy() >= BOUND);
}
