//! Arguments of `spikeflame record`.

use super::time::time;
use clap::{Args, ValueEnum};
use spikeflame_record::{Options, Profiler, Series, Wait};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  spikeflame record -o runs/before-1 --load ./spike.sh -- node dist/main.js
  spikeflame record -o runs/before-1 \\
    --load 'k6 run --out json=$RUN/k6.json.gz spike.js' -- node dist/main.js
  spikeflame record -o runs/before-1 --wait http://127.0.0.1:3000/health \\
    --load ./spike.sh -- npm run start:prod
  spikeflame record -o runs/before --repeat 3 --warmup 1 --load ./spike.sh -- node dist/main.js

The program runs until the load has ended, or until Ctrl-C. The run folder then contains the
profile of every isolate, app.log, process.csv, memory maps and run.json.

Exit codes: 0 for a complete run; 2 when there is no run; 3 when the run is recorded, but the
load command or the program failed.")]
pub(crate) struct RecordArgs {
    /// Run folder to make; it must be empty or must not exist
    #[arg(long, short, value_name = "DIR")]
    pub(crate) output: PathBuf,
    /// Number of runs to record, into DIR-1, DIR-2, ...
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    repeat: Option<u16>,
    /// Number of warm-up runs before these, into warmup-DIR-1, ...; they are not compared
    #[arg(long, value_name = "N", default_value_t = 0, requires = "repeat")]
    warmup: u16,
    /// Shell command to run before each run, for example to reset the data
    #[arg(long, value_name = "COMMAND", requires = "repeat")]
    reset: Option<String>,
    #[command(flatten)]
    program: ProgramArgs,
}

/// The program and its load.
#[derive(Debug, Args)]
pub(crate) struct ProgramArgs {
    /// Profiler of the recording
    #[arg(long, value_name = "NAME", default_value = "prof")]
    profiler: ProfilerName,
    /// Shell command that sends load to the program; $RUN is the run folder
    #[arg(long, value_name = "COMMAND")]
    load: Option<String>,
    /// Sign that the program answers: http://HOST:PORT/PATH (a status below 500), a port, or a text in its output
    /// [default: the first port on which it listens]
    #[arg(long, value_name = "SIGN", requires = "load", value_parser = |text: &str| text.parse::<Wait>())]
    wait: Option<Wait>,
    /// Longest time to wait for the sign of --wait, such as 90 (seconds) or 2m
    #[arg(long, value_name = "TIME", default_value = "60", requires = "load", value_parser = time)]
    patience: u64,
    /// Time that the program may take to end before it is killed, such as 10 (seconds) or 1m
    #[arg(long, value_name = "TIME", default_value = "10", value_parser = time)]
    grace: u64,
    /// Program and its arguments
    #[arg(last = true, required = true, value_name = "PROGRAM")]
    command: Vec<OsString>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ProfilerName {
    /// node --prof: one tick log for each isolate, with native code
    Prof,
    /// node --cpu-prof: one .cpuprofile for each thread, written when the program ends
    CpuProf,
    /// Linux perf around the program: all threads, native code and the kernel in one perf.data
    Perf,
}

impl RecordArgs {
    pub(crate) fn options(&self) -> Options {
        self.program.options(&self.output)
    }

    /// The series that was asked for; `None` for a single run.
    pub(crate) fn series(&self) -> Option<Series> {
        Some(Series {
            runs: self.repeat?.into(),
            warm_up: self.warmup.into(),
            reset: self.reset.clone(),
        })
    }
}

impl ProgramArgs {
    /// The recording of the program into a folder.
    pub(crate) fn options(&self, folder: &Path) -> Options {
        Options {
            profiler: match self.profiler {
                ProfilerName::Prof => Profiler::Prof,
                ProfilerName::CpuProf => Profiler::CpuProf,
                ProfilerName::Perf => Profiler::Perf,
            },
            load: self.load.clone(),
            wait: self.wait.clone(),
            patience: Duration::from_micros(self.patience),
            grace: Duration::from_micros(self.grace),
            ..Options::new(folder, self.command.clone())
        }
    }
}
