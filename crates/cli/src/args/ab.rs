//! Arguments of `spikeflame ab`.

use super::GateArgs;
use super::record::ProgramArgs;
use clap::Args;
use spikeflame_record::{Ab, Options, Place, Series};
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  spikeflame ab --a git:main --b git:HEAD --load ./load.sh -o ab -- node app.js
  spikeflame ab --a git:main --b git:HEAD --build 'npm ci && npm run build' \\
    --load 'k6 run --out json=$RUN/k6.json.gz spike.js' -o runs/ab -- node dist/main.js
  spikeflame ab --a ../shop-1.2 --b ../shop-1.3 --runs 5 --reset ./seed.sh --load ./spike.sh \\
    -o runs/ab -- node server.js

Runs are made in turn, A B A B. Both sides run in one folder, DIR/.ab/app, so that paths are
the same. The load command runs in your working directory, with $RUN as the run folder; build,
reset and program run in the folder of their side. After an interruption, the same command
continues. The output of each run is in its app.log. At the end, the plateaus are compared when
all runs have one, and the time under load otherwise. DIR then contains a-1, b-1, ..., diff/ and
report.html. Exit code 1: a gate was crossed.")]
pub(crate) struct AbArgs {
    /// Build before the change: git:REF of this repository, or a folder
    #[arg(long, value_name = "BUILD")]
    a: Place,
    /// Build after the change: git:REF, or a folder
    #[arg(long, value_name = "BUILD")]
    b: Place,
    /// Folder of the comparison
    #[arg(long, short, value_name = "DIR")]
    pub(crate) output: PathBuf,
    /// Shell command that builds a side; it runs once for each side
    #[arg(long, value_name = "COMMAND")]
    build: Option<String>,
    /// Number of runs of each side
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..))]
    runs: u16,
    /// Number of warm-up runs of each side before these; they are not compared
    #[arg(long, value_name = "N", default_value_t = 0)]
    warmup: u16,
    /// Shell command to run before each run, for example to reset the data
    #[arg(long, value_name = "COMMAND")]
    reset: Option<String>,
    #[command(flatten)]
    program: ProgramArgs,
    /// Show original sources, from the source maps that each side's files have
    #[arg(long, help_heading = "Comparison")]
    pub(crate) source_maps: bool,
    #[command(flatten, next_help_heading = "Comparison")]
    pub(crate) gates: GateArgs,
}

impl AbArgs {
    /// The shell command that builds a side.
    pub(crate) fn build(&self) -> Option<&str> {
        self.build.as_deref()
    }

    pub(crate) fn comparison(&self) -> Ab {
        Ab {
            before: self.a.clone(),
            after: self.b.clone(),
            build: self.build.clone(),
            series: Series {
                runs: self.runs.into(),
                warm_up: self.warmup.into(),
                reset: self.reset.clone(),
            },
            // The output of many runs would drown the result.
            options: Options { silent: true, ..self.program.options(&self.output) },
        }
    }
}
