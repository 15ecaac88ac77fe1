//! Arguments about the load test beside a profile, and those of `spikeflame plateau`.

use super::time;
use clap::{Args, ValueEnum};
use spikeflame_load::{Axis, ReadOptions, plateau, wall_time};
use std::path::PathBuf;

/// The load test that ran beside the profile, and the window to cut by it.
#[derive(Debug, Args)]
#[command(next_help_heading = "Load")]
pub(crate) struct LoadArgs {
    /// The part to show: `all`, `plateau` (where throughput no longer grows), `before` (as many
    /// requests, before it), or times like 30s..50s
    #[arg(long, value_name = "WINDOW", default_value = "all", hide_default_value = true)]
    pub(crate) window: Window,
    /// What the load generator saw: k6 JSON or CSV, or a table [default: the one in RUN's folder]
    #[arg(long, value_name = "FILE")]
    pub(crate) load: Option<PathBuf>,
    /// When the recording began (2026-11-23T01:24:45Z, or Unix time), where nothing else tells
    #[arg(long, value_name = "TIME", value_parser = wall)]
    pub(crate) profile_start: Option<i64>,
    #[command(flatten)]
    pub(crate) test: TestArgs,
}

/// How to read a load test.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Load")]
pub(crate) struct TestArgs {
    /// Only requests whose k6 tag `name`, `url` or `group` is this
    #[arg(long, value_name = "NAME")]
    endpoint: Option<String>,
    /// What the columns of a table mean: rps=throughput,p95=latency_95
    #[arg(long, value_name = "MEANING=COLUMN", value_delimiter = ',', value_parser = column)]
    columns: Vec<(String, String)>,
    /// Which of several tests in the file, from 1
    #[arg(long, value_name = "N")]
    test: Option<usize>,
    /// What stands for the load [default: as the test looks]
    #[arg(long, value_name = "AXIS")]
    axis: Option<LoadAxis>,
}

/// What stands for the load.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum LoadAxis {
    /// Virtual users
    Vus,
    /// Requests wanted a second (arrival-rate executors)
    Rate,
}

impl LoadArgs {
    pub(crate) fn of(window: Window, test: TestArgs) -> Self {
        Self { window, load: None, profile_start: None, test }
    }
}

impl TestArgs {
    pub(crate) fn reading(&self) -> ReadOptions {
        ReadOptions {
            endpoint: self.endpoint.clone(),
            columns: self.columns.clone(),
            test: self.test,
        }
    }

    pub(crate) fn options(&self, think_us: Option<u64>) -> plateau::Options {
        plateau::Options {
            axis: self.axis.map(|axis| match axis {
                LoadAxis::Vus => Axis::Vus,
                LoadAxis::Rate => Axis::Rate,
            }),
            think_s: think_us.map(|us| us as f64 / 1e6),
        }
    }
}

/// A part of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Window {
    All,
    Plateau,
    Before,
    /// Microseconds since the recording's zero.
    Times(u64, u64),
}

impl std::str::FromStr for Window {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "all" => return Ok(Self::All),
            "plateau" => return Ok(Self::Plateau),
            "before" => return Ok(Self::Before),
            _ => {}
        }
        let wrong = || "expected all, plateau, before, or two times like 30s..50s".to_owned();
        let (from, to) = text.split_once("..").ok_or_else(wrong)?;
        let (from, to) = (time(from)?, time(to)?);
        if from < to { Ok(Self::Times(from, to)) } else { Err(wrong()) }
    }
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  spikeflame plateau k6.json.gz                     k6 run --out json=k6.json.gz wrote it
  spikeflame plateau runs/before-1                  with the profile in the folder: what bounds it
  spikeflame plateau k6.csv --endpoint 'GET /boards'
  spikeflame plateau grafana.csv --columns rps=throughput,vus=users
  spikeflame plateau k6.json.gz --think 350ms --format json | jq .little_ratio")]
pub(crate) struct PlateauArgs {
    /// What the load generator saw: k6 JSON or CSV, a CSV table, a summary of k6 or autocannon;
    /// or the folder of a run, with its profile; `-` for standard input
    #[arg(value_name = "LOAD")]
    pub(crate) load: PathBuf,
    /// The profile of the run: tells whether the plateau is bound by the CPU
    #[arg(long, value_name = "RUN")]
    pub(crate) profile: Vec<PathBuf>,
    /// When the recording began (2026-11-23T01:24:45Z, or Unix time), where nothing else tells
    #[arg(long, value_name = "TIME", value_parser = wall)]
    pub(crate) profile_start: Option<i64>,
    /// Mean pause of a VU between two requests, for Little's law: 350ms
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) think: Option<u64>,
    #[command(flatten)]
    pub(crate) test: TestArgs,
    /// What to write
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: PlateauFormat,
    /// Where to write [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlateauFormat {
    /// A sentence, a table, a timeline
    Text,
    /// Schema spikeflame.plateau/1
    Json,
}

fn wall(text: &str) -> Result<i64, String> {
    wall_time(text).ok_or_else(|| {
        "expected a time like 2026-11-23T01:24:45Z, or Unix time in seconds".to_owned()
    })
}

fn column(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((meaning, name)) if !meaning.is_empty() && !name.is_empty() => {
            Ok((meaning.to_owned(), name.to_owned()))
        }
        _ => Err("expected MEANING=COLUMN, like rps=throughput".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_named_or_timed() {
        assert_eq!("plateau".parse(), Ok(Window::Plateau));
        assert_eq!("30s..1m".parse(), Ok(Window::Times(30_000_000, 60_000_000)));
        for wrong in ["", "50s..30s", "30s", "30s-50s", "peak"] {
            assert!(wrong.parse::<Window>().is_err(), "{wrong}");
        }
    }
}
