//! The settings of a page, as plain values. Other commands write pages without a command line.

use crate::args::ReportArgs;
use spikeflame_diff::Gate;
use spikeflame_parse::Count;
use spikeflame_run::{Options, Window};
use std::path::PathBuf;

/// The runs of a page, and the settings for it.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// The runs to show; those after the change when there are runs before it.
    pub(crate) runs: Vec<PathBuf>,
    pub(crate) before: Vec<PathBuf>,
    /// The settings for reading each run.
    pub(crate) reading: Options,
    /// The part of each run that the page shows first.
    pub(crate) window: Window,
    /// True to compare the time under load and to show it first, as `diff` does without `--window`.
    /// False prefers the plateau. It matters only when `window` is all of a run.
    pub(crate) under_load: bool,
    pub(crate) gates: Vec<Gate>,
    /// The file to write; `None` for the first run's name.
    pub(crate) output: Option<PathBuf>,
    /// The heading; `None` for the names of the runs.
    pub(crate) title: Option<String>,
    /// True to open the page in the browser.
    pub(crate) open: bool,
}

impl Plan {
    /// Shows runs with the settings that a command line without flags has. `threads` is the number
    /// of threads for reading.
    pub(crate) fn of_runs(before: Vec<PathBuf>, runs: Vec<PathBuf>, threads: usize) -> Self {
        let recording = spikeflame_parse::Options {
            lines: true,
            threads,
            ..spikeflame_parse::Options::default()
        };
        let reading = Options { recording, look_beside: true, ..Options::default() };
        Self {
            reading: counted(reading, &before),
            runs,
            before,
            window: Window::All,
            under_load: false,
            gates: Vec::new(),
            output: None,
            title: None,
            open: false,
        }
    }

    /// Returns the plan of a command line.
    pub(super) fn of_args(args: &ReportArgs, threads: usize) -> Self {
        let load = &args.load;
        let mut recording = args.input.reading.options(args.input.count.into(), threads);
        // The lines that ran are those of the file that ran, and not of its sources.
        recording.lines = !args.input.reading.maps.has_maps();
        let reading = Options {
            recording,
            load: load.load.clone(),
            look_beside: true,
            reading: load.test.reading(),
            monitors: args.monitors.with.clone(),
            monitoring: args.monitors.reading(),
            plateau: load.test.options(None),
            began_us: load.start.profile_start,
        };
        Self {
            runs: args.input.runs.clone(),
            before: args.before.clone(),
            reading: counted(reading, &args.before),
            window: load.window(),
            under_load: false,
            gates: args.gates.fail_on.clone(),
            output: args.output.clone(),
            title: args.title.clone(),
            open: args.open,
        }
    }

    /// True when the user named the load test, so that one that does not fit is an error.
    pub(super) fn names_load(&self) -> bool {
        self.reading.load.is_some() || !self.reading.monitors.is_empty()
    }
}

/// Returns settings for a page with these runs before the change. The statistics of a comparison
/// need counts of samples, and a period is not a count.
fn counted(mut reading: Options, before: &[PathBuf]) -> Options {
    if !before.is_empty() {
        reading.recording.count = Count::Samples;
    }
    reading
}
