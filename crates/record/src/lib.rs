//! Starts a Node program under a profiler and collects its run into a folder: the profiles
//! ([`Profiler`]), the program's output with times, its use of the processor, the maps of its
//! memory, and `run.json`.
//!
//! ```no_run
//! use spikeflame_record::{Options, Profiler, Stop, record};
//!
//! let command = ["node", "dist/main.js"].map(Into::into).to_vec();
//! let options = Options { load: Some("k6 run spike.js".into()), ..Options::new("runs/before-1", command) };
//! let outcome = record(&options, &Stop::listen()?, &mut |event| println!("{event:?}"))?;
//! println!("{:?} profiles", outcome.profiles.len());
//! # Ok::<(), spikeflame_record::Error>(())
//! ```

mod ab;
mod children;
mod error;
mod facts;
mod folder;
mod guard;
mod input;
mod kept;
mod leftover;
mod limits;
mod none;
mod output;
mod perf;
mod program;
mod quotes;
mod secrets;
mod series;
mod session;
mod steps;
mod stop;
mod wait;
mod writes;

pub use ab::{Ab, AbEvent, AbRuns, Place, ab};
pub use error::Error;
use secrets::redacted;
pub use series::{Series, repeat};
pub use session::{Event, Outcome, record};
pub use stop::Stop;
pub use wait::Wait;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// The profiler of a recording.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Profiler {
    /// `node --prof` writes one tick log for each isolate.
    #[default]
    Prof,
    /// `node --cpu-prof` writes one `.cpuprofile` for each thread when the program ends.
    CpuProf,
    /// Linux perf, run around the program, writes one `perf.data` for all of its processes and threads.
    /// V8 writes the names of its functions to a map for each process.
    Perf,
}

impl Profiler {
    /// Returns the name of the profiler, as `run.json` and `ab.json` have it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Prof => "prof",
            Self::CpuProf => "cpu-prof",
            Self::Perf => "perf",
        }
    }
}

/// Settings of a recording.
#[derive(Clone, Debug)]
pub struct Options {
    /// The run folder, which gets all files of the run. It must be empty or not exist. The folder of a recording
    /// that failed is renamed first ([`Event::SetAside`]).
    pub folder: PathBuf,
    /// The program to start, followed by its arguments.
    pub command: Vec<OsString>,
    /// The program's working directory; `None` is that of the recorder.
    pub directory: Option<PathBuf>,
    /// True to write the program's output to `app.log` only; false to write it to the terminal too.
    pub silent: bool,
    /// The profiler that records the program.
    pub profiler: Profiler,
    /// A shell command that sends load to the program. The variable `RUN` in its environment is the
    /// run folder. With `None`, the recording lasts as long as the program.
    pub load: Option<String>,
    /// The sign that the program answers, so that the load can begin. With `None`, it is the first
    /// port on which a Node process of the program listens. Without a load, nothing is waited for.
    pub wait: Option<Wait>,
    /// Longest time to wait until the program answers, as `wait` defines it. After this time, the
    /// recording fails.
    pub patience: Duration,
    /// Time that the program gets to end after SIGTERM. A program that still runs then is killed, and
    /// earlier after a second request to end ([`Stop`]).
    pub grace: Duration,
}

impl Options {
    /// Returns settings for recording `command` into `folder`: with `node --prof`, without a load, with a
    /// `patience` of 60 s and a `grace` of 10 s.
    pub fn new(folder: impl Into<PathBuf>, command: Vec<OsString>) -> Self {
        Self {
            folder: folder.into(),
            command,
            directory: None,
            silent: false,
            profiler: Profiler::default(),
            load: None,
            wait: None,
            patience: Duration::from_secs(60),
            grace: Duration::from_secs(10),
        }
    }
}
