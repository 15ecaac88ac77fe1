//! Arguments of `spikeflame capacity`.

use super::load::window;
use super::{FormatArgs, OutputArgs, TestArgs, time};
use clap::{Args, ValueEnum};
use spikeflame_load::capacity::Inputs;
use spikeflame_profile::wall;
use spikeflame_run::Window;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  spikeflame capacity --rps 390 --mean 1.71s                       667 in flight
  spikeflame capacity --memory 1024MB --used 700MB --global-buffers 50MB --per-connection 2MB
  spikeflame capacity runs/before-1                                with the load test in the folder
  spikeflame capacity runs/light-1 --window load                   without a plateau
  spikeflame capacity --load k6.json.gz --hold 40ms --max-connections 151 --instances 2")]
pub(crate) struct CapacityArgs {
    /// The folder of a run, whose load test is used as with --load
    #[arg(value_name = "RUN", conflicts_with = "load")]
    pub(crate) run: Option<PathBuf>,
    /// Requests a second
    #[arg(long, value_name = "N", value_parser = positive)]
    rps: Option<f64>,
    /// Mean duration of a request: 1.71s, 80ms
    #[arg(long, value_name = "TIME", value_parser = time)]
    mean: Option<u64>,
    /// Requests a second that the application should reach [default: --rps]
    #[arg(long, value_name = "N", value_parser = positive)]
    target_rps: Option<f64>,
    /// Mean time for which a request holds a connection while the system is below its limit
    #[arg(long, value_name = "TIME", value_parser = time)]
    hold: Option<u64>,
    /// Memory of the database's machine: 1024MB, 2GiB
    #[arg(long, value_name = "SIZE", value_parser = size)]
    memory: Option<f64>,
    /// Memory of that machine that the system and other programs use
    #[arg(long, value_name = "SIZE", value_parser = size)]
    used: Option<f64>,
    /// Buffers that all connections of the database share
    #[arg(long, value_name = "SIZE", value_parser = size)]
    global_buffers: Option<f64>,
    /// Buffers of one connection
    #[arg(long, value_name = "SIZE", value_parser = size)]
    per_connection: Option<f64>,
    /// Greatest number of connections that the database allows
    #[arg(long, value_name = "N")]
    max_connections: Option<u64>,
    /// Number of processes of the application, each with its own pool
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    instances: u64,
    /// Load test that gives the values that you leave out: its plateau (or --window) gives --rps
    /// and --mean, and its durations below the limit give --hold
    #[arg(long, value_name = "FILE", help_heading = "Load")]
    load: Option<PathBuf>,
    /// The part of the load test that gives --rps and --mean: `plateau`, `before`, `load` (from the
    /// first request to the last), `all`, or times like 30s..50s of it
    #[arg(long, value_name = "WINDOW", default_value = "plateau", value_parser = window, help_heading = "Load")]
    pub(crate) window: Window,
    #[command(flatten)]
    pub(crate) test: TestArgs,
    #[command(flatten)]
    pub(crate) format: FormatArgs<CapacityFormat>,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CapacityFormat {
    /// Numbers, with explanations
    Text,
    /// Schema spikeflame.capacity/1
    Json,
}

impl CapacityArgs {
    /// Returns the load test, or the folder that holds it.
    pub(crate) fn load(&self) -> Option<&PathBuf> {
        self.run.as_ref().or(self.load.as_ref())
    }

    pub(crate) fn inputs(&self) -> Inputs {
        Inputs {
            failed_share: None,
            rps: self.rps,
            mean_s: self.mean.map(wall::seconds_of),
            target_rps: self.target_rps,
            hold_s: self.hold.map(wall::seconds_of),
            hold_at_most: false,
            memory: self.memory,
            used: self.used.unwrap_or(0.0),
            global_buffers: self.global_buffers.unwrap_or(0.0),
            per_connection: self.per_connection,
            max_connections: self.max_connections,
            of_load_test: false,
            instances: self.instances,
        }
    }
}

fn positive(text: &str) -> Result<f64, String> {
    let value = text.parse().ok().filter(|value: &f64| value.is_finite() && *value > 0.0);
    value.ok_or_else(|| "expected a number above 0".to_owned())
}

/// `50MB`, `2GiB`, `512K`, or bytes.
fn size(text: &str) -> Result<f64, String> {
    let letters = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(letters);
    let unit = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "k" | "kb" => 1e3,
        "m" | "mb" => 1e6,
        "g" | "gb" => 1e9,
        "kib" => 1024.0,
        "mib" => 1024.0 * 1024.0,
        "gib" => 1024.0 * 1024.0 * 1024.0,
        _ => return Err("expected a size like 50MB or 2GiB".to_owned()),
    };
    positive(number.trim())
        .map(|value| value * unit)
        .map_err(|_| "expected a size like 50MB".into())
}
