//! The limit that a profile shows for plateaus of real runs, compared with the server's kind.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may fail"
)]

mod common;

use common::{profile, root, timeline};
use spikeflame_load::BOUND;
use spikeflame_load::plateau::{self, Options};
use spikeflame_profile::{Clock, ClockSource};
use spikeflame_run::{align, usage};

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
    println!("| run | clock | main thread busy | limit |\n|---|---|--:|---|");
    let mut seen = [0, 0];
    for run in runs {
        let name = run.file_name().unwrap().to_string_lossy().into_owned();
        let load = timeline(&run.join("k6.json.gz"));
        let Ok(found) = plateau::find(&load, &Options::default()) else { continue };
        let recording = profile(&run.join("isolate-v8.log.zst"));
        // Where neither the log nor throughput shows the clock, the server's first row does: it
        // was written one second after the start.
        let rows = std::fs::read_to_string(run.join("truth.csv")).unwrap();
        let first: i64 = rows.lines().nth(1).unwrap().split(',').next().unwrap().parse().unwrap();
        let began = Clock {
            zero_us: (first - 1_000) * 1_000,
            known: ClockSource::Given,
            uncertainty_us: 100_000,
        };
        let clock = align(&recording, &load, None)
            .or_else(|_| align(&recording, &load, Some(began)))
            .unwrap_or_else(|why| panic!("{name}: {why}"));
        let window = found.chosen().window;
        let at = |second: usize| {
            let us = (load.start_s + second as i64) * 1_000_000 - clock.zero_us;
            us.max(0).unsigned_abs()
        };
        let usage = usage(&recording, at(window.from), at(window.to)).unwrap();
        let computes = usage.busy() >= BOUND;
        let limit = if computes { "CPU" } else { "waiting" };
        println!("| {name} | {:?} | {:.0} % | {limit} |", clock.known, 100.0 * usage.busy());
        assert_eq!(computes, name.ends_with("-cpu"), "{name}: {usage:?}");
        seen[usize::from(computes)] += 1;
    }
    assert!(seen[0] >= 2 && seen[1] >= 8, "{seen:?}");
}
