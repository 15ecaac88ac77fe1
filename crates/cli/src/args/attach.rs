//! Arguments of `spikeflame attach`.

use super::time;
use super::time::time_in_ms;
use clap::{ArgGroup, Args};
use spikeflame_remote::{Attach, Target};
use std::path::PathBuf;
use std::time::Duration;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  spikeflame attach --inspect 127.0.0.1:9229 --duration 60s -o runs/live
  spikeflame attach --inspect 9229 --inspect 9230 -o runs/live     two processes at once
  spikeflame attach --pid 4711 -o runs/live

With --pid, the process gets the signal SIGUSR1, and Node opens its inspector at 127.0.0.1 of
this machine. The inspector is closed again at the end. Only main threads are profiled. Ctrl-C
ends the profiles early and keeps them.", group(ArgGroup::new("targets").args(["inspect", "pid"]).required(true).multiple(true)))]
pub(crate) struct AttachArgs {
    /// Inspector of a process: a PORT of this machine, or HOST:PORT; may be given several times
    #[arg(long, value_name = "HOST:PORT")]
    inspect: Vec<Target>,
    /// Number of a process on this machine whose inspector is not open; may be given several times
    #[arg(long, value_name = "PID")]
    pid: Vec<u32>,
    /// Length of the profiles
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = time)]
    duration: u64,
    /// Time between two samples
    #[arg(long, value_name = "TIME", default_value = "1ms", value_parser = interval)]
    interval: u32,
    /// Run folder to make; it must be empty or must not exist
    #[arg(long, short, value_name = "DIR")]
    pub(crate) output: PathBuf,
}

/// Reads a time between two samples, in microseconds.
fn interval(text: &str) -> Result<u32, String> {
    let us = u32::try_from(time_in_ms(text)?).ok().filter(|us| (50..=1_000_000).contains(us));
    us.ok_or_else(|| "expected a time from 50us to 1s".to_owned())
}

impl AttachArgs {
    pub(crate) fn options(&self) -> Attach {
        let processes = self.pid.iter().map(|pid| Target::Process(*pid));
        Attach {
            folder: self.output.clone(),
            targets: self.inspect.iter().cloned().chain(processes).collect(),
            duration: Duration::from_micros(self.duration),
            interval_us: self.interval,
        }
    }
}
