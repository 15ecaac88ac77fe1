//! Arguments of `spikeflame plateau`.

use super::{FormatArgs, MonitorArgs, OutputArgs, StartArgs, TestArgs, time};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  spikeflame plateau k6.json.gz                     a file of k6 run --out json=k6.json.gz
  spikeflame plateau runs/before-1                  and what limits it, by the folder's profile
  spikeflame plateau k6.json.gz --with rds.json --with ecs.csv   what CloudWatch measured
  spikeflame plateau k6.csv --endpoint 'GET /boards'
  spikeflame plateau grafana.csv --columns rps=throughput,vus=users
  spikeflame plateau k6.json.gz --think 350ms --format json | jq .little_ratio")]
pub(crate) struct PlateauArgs {
    /// Result of a load generator (k6, Locust, JMeter and others), or a CSV table; or the folder
    /// of a run, with its profile; `-` for standard input
    #[arg(value_name = "LOAD")]
    pub(crate) load: PathBuf,
    /// The profile of the run, which shows whether the CPU limits the plateau
    #[arg(long, value_name = "RUN")]
    pub(crate) profile: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) start: StartArgs,
    /// Mean pause of a virtual user between two requests, for Little's law: 350ms
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) think: Option<u64>,
    #[command(flatten)]
    pub(crate) monitors: MonitorArgs,
    #[command(flatten)]
    pub(crate) test: TestArgs,
    #[command(flatten)]
    pub(crate) format: FormatArgs<PlateauFormat>,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlateauFormat {
    /// A sentence, a table, a timeline
    Text,
    /// Schema spikeflame.plateau/1
    Json,
}
