//! Arguments of `spikeflame diff`.

use super::load::{wall, window};
use super::selection::group;
use super::time::time_in_ms;
use super::{
    FormatArgs, GateArgs, KeepArgs, PathsArgs, ReadingArgs, RowsArgs, SortArgs, TestArgs, TimesArgs,
};
use clap::{Args, ValueEnum};
use spikeflame_diff::{Order, Unit};
use spikeflame_profile::{GroupBy, Selection};
use spikeflame_render::diff::{LONGEST_IMAGE_URL, LONGEST_KEY};
use spikeflame_render::{DiffPalette, DiffWidth};
use spikeflame_run::Window;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  spikeflame diff --before runs/before-* --after runs/after-*
  spikeflame diff --before runs/before-* --after runs/after-* --window plateau -o diff
  spikeflame diff --before main.cpuprofile --after branch.cpuprofile --baseline runs/same-code
  spikeflame diff --before a-*.log --after b-*.log --load-before a-*.gz --load-after b-*.gz
  spikeflame diff --before runs/a-* --after runs/b-* --format markdown > comment.md
  spikeflame diff --before runs/a-* --after runs/b-* --fail-on regression --fail-on 'total>5%'
  spikeflame diff --before runs/a-* --after runs/b-* --power 0.9
  spikeflame diff --before build-a-*.cpuprofile --after build-b-*.cpuprofile --per run
  spikeflame diff --against-history runs

Make three or more runs for each side, in turn (A B A B). Leave out a first run that warms up.
Exit code 1: a gate was crossed.")]
pub(crate) struct DiffArgs {
    /// Runs before: folders, recordings, or patterns of them like 'runs/before-*'
    #[arg(long, value_name = "RUN", required_unless_present = "against_history", num_args = 1..)]
    pub(crate) before: Vec<PathBuf>,
    /// Runs after, in the same forms
    #[arg(long, value_name = "RUN", required_unless_present = "against_history", num_args = 1..)]
    pub(crate) after: Vec<PathBuf>,
    /// Folder with runs of five or more builds. The output shows the build at which the cost of
    /// each function changed, and the costs that creep up. The runs of `--after` are added to these
    /// runs. With --fail-on, a rise at one of the last three builds and a creeping rise count
    #[arg(long, value_name = "DIR",
          conflicts_with_all = ["before", "load_before", "load_after", "profile_start", "baseline",
                                "power", "output", "order"])]
    pub(crate) against_history: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
    #[command(flatten)]
    sameness: SamenessArgs,
    #[command(flatten)]
    times: TimesArgs,
    /// The part of each run: `all`, `load` (from the first request to the last), `plateau`,
    /// `before` (the time before the plateau), or times like 30s..50s [default: load when every run
    /// has a load test, else all]
    #[arg(long, value_name = "WINDOW", value_parser = window, help_heading = "Load")]
    pub(crate) window: Option<Window>,
    /// Load tests of the runs before, in their order [default: those in their folders]
    #[arg(long, value_name = "FILE", num_args = 1.., help_heading = "Load")]
    pub(crate) load_before: Vec<PathBuf>,
    /// Load tests of the runs after
    #[arg(long, value_name = "FILE", num_args = 1.., help_heading = "Load")]
    pub(crate) load_after: Vec<PathBuf>,
    /// Times at which the recordings began: first those before, then those after, in their order;
    /// needed only when the files do not contain them
    #[arg(long, value_name = "TIME", num_args = 1.., value_parser = wall, help_heading = "Load")]
    pub(crate) profile_start: Vec<i64>,
    #[command(flatten)]
    pub(crate) test: TestArgs,
    #[command(flatten)]
    keep: KeepArgs,
    #[command(flatten)]
    pub(crate) method: MethodArgs,
    #[command(flatten)]
    pub(crate) view: DiffViewArgs,
}

/// Settings that make runs comparable.
#[derive(Debug, Args)]
#[command(next_help_heading = "Input")]
struct SamenessArgs {
    /// Two path prefixes that mean the same place: /srv/v2=/srv/v1
    #[arg(long, value_name = "PREFIX=PREFIX", value_parser = prefixes)]
    path_map: Vec<(String, String)>,
    /// Time between samples, also in place of the one that recordings contain: 1ms, or a number of
    /// milliseconds
    #[arg(long, value_name = "TIME", value_parser = time_in_ms)]
    interval: Option<u64>,
}

/// The statistical method.
#[derive(Debug, Args)]
#[command(next_help_heading = "Method")]
pub(crate) struct MethodArgs {
    /// The unit of work by which costs are divided [default: request when every run has a load
    /// test, run for scripts and builds that cost about the same in each run, else share]
    #[arg(long, value_name = "WORK")]
    per: Option<WorkUnit>,
    /// The order in which the runs were made, when their clocks are wrong [default: by the clocks
    /// of load tests, recordings and files]
    #[arg(long, value_name = "ORDER")]
    order: Option<RunOrder>,
    /// Folder with runs of the same code. Their noise is used when a side has only one run. The
    /// noise between their sessions is used when the sides were recorded one after the other
    #[arg(long, value_name = "DIR")]
    pub(crate) baseline: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) gates: GateArgs,
    /// Print which changes these runs can show, and how many runs would show a cost that becomes
    /// RATIO times as large
    #[arg(long, value_name = "RATIO", num_args = 0..=1, default_missing_value = "0.9",
          value_parser = ratio)]
    pub(crate) power: Option<f64>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum WorkUnit {
    /// Successful requests of the load tests
    Request,
    /// Each run did the same work: a build, a script, a benchmark
    Run,
    /// Seconds of the run
    Second,
    /// No unit of work: shares of the CPU
    Share,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum RunOrder {
    /// Runs of both sides were made in turn
    InTurn,
    /// One side was recorded, then the other
    Separated,
}

impl MethodArgs {
    pub(crate) fn unit(&self) -> Option<Unit> {
        Some(match self.per? {
            WorkUnit::Request => Unit::CpuMsPerRequest,
            WorkUnit::Run => Unit::CpuMsPerRun,
            WorkUnit::Second => Unit::CpuMsPerSecond,
            WorkUnit::Share => Unit::Share,
        })
    }

    pub(crate) fn order(&self) -> Option<Order> {
        Some(match self.order? {
            RunOrder::InTurn => Order::InTurn,
            RunOrder::Separated => Order::Separated,
        })
    }
}

/// The form of the output.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct DiffViewArgs {
    #[command(flatten)]
    pub(crate) format: FormatArgs<DiffFormat>,
    /// Write all outputs into this folder: diff.txt, diff.md, diff.json, diff.svg, before.svg,
    /// after.svg
    #[arg(long, short, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) sort: SortArgs,
    #[command(flatten)]
    pub(crate) rows: RowsArgs,
    #[command(flatten)]
    pub(crate) paths: PathsArgs,
    /// Write SVGs without scripts and styles, for websites that refuse them
    #[arg(long = "static")]
    pub(crate) fixed: bool,
    /// The side that sets the width of a box in diff.svg
    #[arg(long, value_name = "SIDE", default_value = "both")]
    widths: Widths,
    /// Colours of diff.svg
    #[arg(long, value_name = "COLORS", default_value = "blue-orange")]
    palette: Shades,
    /// Public address of the folder where the SVGs will be; the Markdown then shows them
    #[arg(long, value_name = "URL", value_parser = address)]
    pub(crate) image_base_url: Option<String>,
    /// Key of the hidden marker by which a workflow finds its comment
    #[arg(long, value_name = "KEY", default_value = DiffArgs::COMMENT_KEY, value_parser = key)]
    pub(crate) comment_key: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    /// Tables for a terminal
    Text,
    /// For a pull request, at most 60,000 characters
    Markdown,
    /// Schema spikeflame.diff/1
    Json,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Widths {
    Before,
    After,
    /// The larger of both costs
    Both,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Shades {
    /// Blue for less, orange for more; also clear to colour-blind readers
    BlueOrange,
    /// Blue for less, red for more
    BlueRed,
}

impl DiffArgs {
    /// The key of the hidden marker without the flag.
    pub(crate) const COMMENT_KEY: &str = "diff";

    pub(crate) fn selection(&self) -> Selection {
        self.times.window(self.keep.selection())
    }

    pub(crate) fn group_by(&self) -> GroupBy {
        group(self.keep.group_by())
    }

    pub(crate) fn path_map(&self) -> Vec<(String, String)> {
        self.sameness.path_map.clone()
    }

    pub(crate) fn interval_ms(&self) -> Option<f64> {
        self.sameness.interval.map(|us| us as f64 / 1e3)
    }
}

impl DiffViewArgs {
    pub(crate) fn widths(&self) -> DiffWidth {
        match self.widths {
            Widths::Before => DiffWidth::Before,
            Widths::After => DiffWidth::After,
            Widths::Both => DiffWidth::Both,
        }
    }

    pub(crate) fn palette(&self) -> DiffPalette {
        match self.palette {
            Shades::BlueOrange => DiffPalette::BlueOrange,
            Shades::BlueRed => DiffPalette::BlueRed,
        }
    }
}

fn prefixes(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((from, to)) if !from.is_empty() => Ok((from.to_owned(), to.to_owned())),
        _ => Err("expected PREFIX=PREFIX, like /srv/v2=/srv/v1".to_owned()),
    }
}

fn ratio(text: &str) -> Result<f64, String> {
    let value = text.parse().ok().filter(|ratio: &f64| *ratio > 0.0 && ratio.is_finite());
    // A smaller change is never called CHANGED.
    let value = value.filter(|ratio| ratio.max(1.0 / ratio) >= 1.1);
    value.ok_or_else(|| "expected after divided by before, at least 1.1 or at most 0.9".to_owned())
}

/// Takes a web address without characters that could end the Markdown link around it.
fn address(text: &str) -> Result<String, String> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let safe = |c: char| c.is_ascii_alphanumeric() || "-._~/%:+@=".contains(c);
    match rest {
        Some(_) if text.chars().count() > LONGEST_IMAGE_URL => Err(format!(
            "the address has {} characters, and a comment has room for {LONGEST_IMAGE_URL}: give a shorter \
             one, like https://example.org/profiles/42",
            text.chars().count()
        )),
        Some(rest) if !rest.is_empty() && rest.chars().all(safe) => Ok(text.to_owned()),
        _ => Err("expected an address like https://example.org/profiles/42".to_owned()),
    }
}

/// Takes the key of a comment's marker.
fn key(text: &str) -> Result<String, String> {
    match text.chars().count() {
        0..=LONGEST_KEY => Ok(text.to_owned()),
        long => Err(format!(
            "the key has {long} characters, and may have {LONGEST_KEY}: give a shorter one"
        )),
    }
}
