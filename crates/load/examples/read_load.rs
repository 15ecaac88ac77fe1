//! Reads a load file and prints its totals in one line. `tests/bench/load.sh` measures it, and
//! `tests/record/load.sh` compares what it prints with the count of a server. For a timeline, the line
//! before it contains the first second, and the requests of each second.

#![allow(clippy::print_stdout, reason = "its work")]

use spikeflame_load::{Latencies, Load, ReadOptions, read};
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = PathBuf::from(std::env::args_os().nth(1).ok_or("usage: read_load FILE")?);
    let file = std::fs::File::open(&path)?;
    let (requests, failed, seconds, p95) = match read(file, &path, &ReadOptions::default())? {
        Load::Timeline(timeline) => {
            let mut all = Latencies::default();
            timeline.seconds.iter().for_each(|second| all.merge(&second.latencies));
            let requests: f64 = timeline.seconds.iter().map(|second| second.requests()).sum();
            let failed: f64 = timeline.seconds.iter().map(|second| second.failed).sum();
            let each: Vec<String> =
                timeline.seconds.iter().map(|second| format!("{:.2}", second.requests())).collect();
            println!("{} {}", timeline.start_s, each.join(" "));
            let seconds = timeline.seconds.len() as f64;
            // A table has percentiles of its rows, not durations.
            let mut told: Vec<f64> = timeline
                .seconds
                .iter()
                .filter_map(|second| Some(second.latency_summary?.p95))
                .collect();
            told.retain(|p95| p95.is_finite());
            told.sort_by(f64::total_cmp);
            let p95 = all.quantile_ms(0.95).or_else(|| told.get(told.len() / 2).copied());
            (requests, failed, seconds, p95)
        }
        Load::Summary(summary) => {
            let count = |count: Option<u64>| count.map_or(f64::NAN, |count| count as f64);
            let seconds = summary.duration_s.unwrap_or(f64::NAN);
            (count(summary.requests), count(summary.failed), seconds, summary.p95_ms)
        }
    };
    let p95 = p95.unwrap_or(f64::NAN);
    println!("{requests} requests, {failed} failed in {seconds} s, p95 {p95:.1} ms");
    Ok(())
}
