//! Reads a load file and prints its totals. `tests/bench/load.sh` measures it.

#![allow(clippy::print_stdout, reason = "its work")]

use spikeflame_load::{Latencies, Load, ReadOptions, read};
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = PathBuf::from(std::env::args_os().nth(1).ok_or("usage: read_load FILE")?);
    let file = std::fs::File::open(&path)?;
    match read(file, &path, &ReadOptions::default())? {
        Load::Timeline(timeline) => {
            let mut all = Latencies::default();
            timeline.seconds.iter().for_each(|second| all.merge(&second.latencies));
            let requests: f64 = timeline.seconds.iter().map(|second| second.requests()).sum();
            let p95 = all.quantile_ms(0.95).unwrap_or(f64::NAN);
            println!("{requests} requests in {} s, p95 {p95:.1} ms", timeline.seconds.len());
        }
        Load::Summary(summary) => println!("{summary:#?}"),
    }
    Ok(())
}
