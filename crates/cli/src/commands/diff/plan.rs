//! The settings of a comparison, as plain values. Other commands compare without a command line.

use crate::args::{DiffArgs, DiffFormat, RowsArgs};
use spikeflame_diff::Gate;
use spikeflame_parse::{Count, SharedSymbols};
use spikeflame_profile::{GroupBy, Selection};
use spikeflame_render::{DiffPalette, DiffWidth, Order};
use spikeflame_run::Window;
use std::path::PathBuf;

/// The runs to compare, and the settings for it.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) before: Vec<PathBuf>,
    pub(crate) after: Vec<PathBuf>,
    /// The load tests of the runs before, where they do not lie in their folders.
    pub(crate) loads_before: Vec<PathBuf>,
    pub(crate) loads_after: Vec<PathBuf>,
    /// When the recordings began, in microseconds since 1970: those before, then those after.
    pub(crate) starts: Vec<i64>,
    /// The settings for reading each run.
    pub(crate) reading: spikeflame_run::Options,
    /// The time between samples, where recordings do not hold it.
    pub(crate) interval_ms: Option<f64>,
    /// The part of each run; `None` for the time under load, where every run has a load test.
    pub(crate) window: Option<Window>,
    pub(crate) selection: Selection,
    /// A folder with runs of the same code, which show the noise.
    pub(crate) baseline: Option<PathBuf>,
    pub(crate) method: spikeflame_diff::Options,
    pub(crate) gates: Vec<Gate>,
    /// The ratio for which the power of the runs is printed instead of the comparison.
    pub(crate) power: Option<f64>,
    pub(crate) view: View,
}

/// The form of the output.
#[derive(Clone, Debug)]
pub(crate) struct View {
    pub(crate) format: DiffFormat,
    /// The folder for all outputs; `None` for standard output only.
    pub(crate) output: Option<PathBuf>,
    pub(crate) order: Order,
    /// The number of rows; 0 for all.
    pub(crate) rows: usize,
    /// True to print only the result and the functions that changed; files have all.
    pub(crate) brief: bool,
    pub(crate) full_paths: bool,
    /// True for SVGs without scripts and styles.
    pub(crate) fixed: bool,
    pub(crate) widths: DiffWidth,
    pub(crate) palette: DiffPalette,
    pub(crate) image_base_url: Option<String>,
    pub(crate) comment_key: String,
}

impl Plan {
    /// Compares two lists of runs with the settings that a command line without flags has.
    /// `threads` is the number of threads for reading.
    pub(crate) fn of_runs(before: Vec<PathBuf>, after: Vec<PathBuf>, threads: usize) -> Self {
        Self {
            before,
            after,
            loads_before: Vec::new(),
            loads_after: Vec::new(),
            starts: Vec::new(),
            reading: spikeflame_run::Options {
                // The statistics need counts of samples, and a period is not a count.
                recording: spikeflame_parse::Options {
                    count: Count::Samples,
                    shared_symbols: SharedSymbols::new(),
                    threads,
                    ..spikeflame_parse::Options::default()
                },
                ..spikeflame_run::Options::default()
            },
            interval_ms: None,
            window: None,
            selection: Selection::default(),
            baseline: None,
            method: spikeflame_diff::Options::default(),
            gates: Vec::new(),
            power: None,
            view: View::default(),
        }
    }

    /// Returns the plan of a command line.
    pub(super) fn of_args(args: &DiffArgs, threads: usize) -> Self {
        let mut method =
            spikeflame_diff::Options { path_map: args.path_map(), ..Default::default() };
        method.assumed.order = args.method.order();
        method.assumed.unit = args.method.unit();
        Self {
            loads_before: args.load_before.clone(),
            loads_after: args.load_after.clone(),
            starts: args.profile_start.clone(),
            reading: spikeflame_run::Options {
                recording: spikeflame_parse::Options {
                    shared_symbols: SharedSymbols::new(),
                    ..args.reading.options(Count::Samples, threads)
                },
                reading: args.test.reading(),
                plateau: args.test.options(None),
                ..spikeflame_run::Options::default()
            },
            interval_ms: args.interval_ms(),
            window: args.window,
            selection: args.selection(),
            baseline: args.method.baseline.clone(),
            method,
            gates: args.method.gates.fail_on.clone(),
            power: args.method.power,
            view: View::of_args(args),
            ..Self::of_runs(args.before.clone(), args.after.clone(), threads)
        }
    }

    pub(super) fn group_by(&self) -> GroupBy {
        self.selection.group_by
    }
}

impl Default for View {
    fn default() -> Self {
        Self {
            format: DiffFormat::Text,
            output: None,
            order: Order::default(),
            rows: RowsArgs::DEFAULT,
            brief: false,
            full_paths: false,
            fixed: false,
            widths: DiffWidth::default(),
            palette: DiffPalette::default(),
            image_base_url: None,
            comment_key: DiffArgs::COMMENT_KEY.to_owned(),
        }
    }
}

impl View {
    fn of_args(args: &DiffArgs) -> Self {
        let view = &args.view;
        Self {
            format: view.format.format,
            output: view.output.clone(),
            order: view.sort.sort.into(),
            rows: view.rows.number(false),
            brief: false,
            full_paths: view.paths.full_paths,
            fixed: view.fixed,
            widths: view.widths(),
            palette: view.palette(),
            image_base_url: view.image_base_url.clone(),
            comment_key: view.comment_key.clone(),
        }
    }
}
