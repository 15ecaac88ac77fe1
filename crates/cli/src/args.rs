//! The command line: one definition for each flag.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use regex::Regex;
use spikeflame_parse::InputFormat;
use spikeflame_profile::{GroupBy, Idle, Inlined, Selection, Tiers, wall};
use spikeflame_render::Order;
use std::path::PathBuf;

mod capacity;
mod diff;
mod errors;
mod export;
mod load;

pub(crate) use capacity::{CapacityArgs, CapacityFormat};
pub(crate) use diff::{DiffArgs, DiffFormat};
pub(crate) use errors::{ErrorsArgs, ErrorsFormat};
pub(crate) use export::{ExportArgs, ExportFormat};
pub(crate) use load::{LoadArgs, PlateauArgs, PlateauFormat, TestArgs, Window};

/// Flame graphs that tell the truth, for Node applications under load.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, max_term_width = 100, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Threads to read with; 0 for as many as there are cores
    #[arg(long, global = true, value_name = "N", default_value_t = 0, hide_short_help = true)]
    pub(crate) threads: usize,
    /// No warnings and no progress on standard error
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// Write a flame graph of spikeflame itself
    #[cfg(feature = "self-profile")]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) self_profile: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  node --prof dist/main.js            record: writes isolate-*-v8.log
  spikeflame flame isolate-*-v8.log   draw it
  spikeflame flame perf.data          what perf, --cpu-prof and pprof recorded is read as well
  spikeflame top runs/before-1        the hottest functions of a folder's logs
  spikeflame top --from 20s --to 45s --group-by package isolate-*-v8.log
  spikeflame fold isolate-*-v8.log.gz | other-tool
  spikeflame export isolate-*-v8.log --to pprof
  spikeflame errors app.log           which errors were logged, and where they are thrown
  spikeflame plateau k6.json.gz       where requests per second stop growing
  spikeflame flame runs/before-1 --window plateau   the profile of just that window";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Draw an SVG flame graph
    Flame(FlameArgs),
    /// Write folded stacks
    Fold(FoldArgs),
    /// List the hottest functions
    Top(TopArgs),
    /// Write a recording for another program: pprof, speedscope, Firefox, DevTools
    Export(ExportArgs),
    /// Compare runs before and after: which functions changed, by how much, how surely
    Diff(Box<DiffArgs>),
    /// Find where throughput stops growing in a load test
    Plateau(PlateauArgs),
    /// Work out connections: in flight, needed, and possible
    Capacity(CapacityArgs),
    /// List the errors of an application's log
    Errors(ErrorsArgs),
    /// Write completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Write the manual page
    Man,
}

/// What to read.
#[derive(Debug, Args)]
pub(crate) struct InputArgs {
    /// Recordings, whatever made them: V8 tick logs, perf.data, `perf script`,
    /// .cpuprofile, Chrome traces, pprof, speedscope, folded stacks, logs of
    /// applications with errors; plain, .gz or .zst; folders of them; `-` for standard input
    #[arg(value_name = "RUN", required = true)]
    pub(crate) runs: Vec<PathBuf>,
    /// Look here for binaries and perf maps that are not at their recorded path
    #[arg(long, value_name = "DIR", help_heading = "Input")]
    pub(crate) symbols: Vec<PathBuf>,
    /// The event (perf) or kind of value (pprof) to read, of several
    #[arg(long, value_name = "NAME", help_heading = "Input")]
    pub(crate) sample_type: Option<String>,
    /// Read the files as of this format, where their content does not show it; of a folder
    /// only those that look like it
    #[arg(long, value_name = "NAME", value_parser = input_format(), help_heading = "Input")]
    pub(crate) input_format: Option<InputFormat>,
    /// perf text: frames as FlameGraph's stackcollapse-perf names them
    #[arg(long, help_heading = "Input")]
    pub(crate) raw_names: bool,
    /// Zone of an application log's times, where they name none: +09:00 [default: UTC]
    #[arg(long, value_name = "ZONE", value_parser = zone, allow_hyphen_values = true)]
    #[arg(help_heading = "Input")]
    pub(crate) log_zone: Option<i32>,
    /// Set by `errors`: whatever it is, it is an application's log.
    #[arg(skip)]
    pub(crate) app_log: bool,
    /// Show the sources that source maps beside the files tell of
    #[arg(long, help_heading = "Input")]
    pub(crate) source_maps: bool,
    /// Recorded path and where its files (and maps) lie here: /srv/app=./dist;
    /// implies --source-maps
    #[arg(long, value_name = "PREFIX=DIR", value_parser = source_root, help_heading = "Input")]
    pub(crate) source_root: Vec<(String, PathBuf)>,
}

impl InputArgs {
    /// Recordings, read as by default.
    pub(crate) fn of(runs: Vec<PathBuf>) -> Self {
        Self {
            runs,
            symbols: Vec::new(),
            sample_type: None,
            input_format: None,
            raw_names: false,
            log_zone: None,
            app_log: false,
            source_maps: false,
            source_root: Vec::new(),
        }
    }
}

/// What to keep.
#[derive(Debug, Args)]
#[command(next_help_heading = "Selection")]
pub(crate) struct SelectionArgs {
    /// Start of the window: 20s, 1m30s, 500ms
    #[arg(long, value_name = "TIME", value_parser = time)]
    from: Option<u64>,
    /// End of the window
    #[arg(long, value_name = "TIME", value_parser = time)]
    to: Option<u64>,
    #[command(flatten)]
    pub(crate) load: LoadArgs,
    #[command(flatten)]
    keep: KeepArgs,
}

/// What to keep of a window.
#[derive(Debug, Args)]
#[command(next_help_heading = "Selection")]
pub(crate) struct KeepArgs {
    /// Only threads whose name matches
    #[arg(long, value_name = "REGEX")]
    thread: Option<Regex>,
    /// Only samples with a frame that matches
    #[arg(long, value_name = "REGEX")]
    focus: Option<Regex>,
    /// No samples with a frame that matches
    #[arg(long, value_name = "REGEX")]
    ignore: Option<Regex>,
    /// Take frames that match out of the stacks
    #[arg(long, value_name = "REGEX")]
    hide: Option<Regex>,
    /// What a frame stands for
    #[arg(long, value_name = "WHAT", default_value = "function")]
    group_by: Group,
    /// A function's tiers as one, or apart with V8's marks ~ ^ + *
    #[arg(long, value_name = "HOW", default_value = "merge")]
    tiers: TierPolicy,
    /// Inlined functions as themselves, or as part of their caller
    #[arg(long, value_name = "HOW", default_value = "expand")]
    inlined: InlinePolicy,
    /// Samples of waiting left out, or kept
    #[arg(long, value_name = "HOW", default_value = "drop")]
    idle: IdlePolicy,
    #[arg(long, help = "Mark frames: _[j] compiled, _[i] inlined, _[k] kernel")]
    annotate: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Group {
    Function,
    File,
    Package,
    Category,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum TierPolicy {
    Merge,
    Split,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum InlinePolicy {
    Expand,
    Collapse,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum IdlePolicy {
    Drop,
    Keep,
}

fn group(group: Group) -> GroupBy {
    match group {
        Group::Function => GroupBy::Function,
        Group::File => GroupBy::File,
        Group::Package => GroupBy::Package,
        Group::Category => GroupBy::Category,
    }
}

impl SelectionArgs {
    pub(crate) fn selection(&self) -> Selection {
        Selection { from_us: self.from, to_us: self.to, ..self.keep.selection() }
    }
}

impl KeepArgs {
    fn selection(&self) -> Selection {
        Selection {
            from_us: None,
            to_us: None,
            thread: self.thread.clone(),
            focus: self.focus.clone(),
            ignore: self.ignore.clone(),
            hide: self.hide.clone(),
            group_by: group(self.group_by),
            tiers: match self.tiers {
                TierPolicy::Merge => Tiers::Merge,
                TierPolicy::Split => Tiers::Split,
            },
            inlined: match self.inlined {
                InlinePolicy::Expand => Inlined::Expand,
                InlinePolicy::Collapse => Inlined::Collapse,
            },
            idle: match self.idle {
                IdlePolicy::Drop => Idle::Drop,
                IdlePolicy::Keep => Idle::Keep,
            },
            annotate: self.annotate,
        }
    }
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  spikeflame flame isolate-*-v8.log                 writes the picture beside you
  spikeflame flame runs/before-1 -o before.svg      every log of a folder
  spikeflame flame app.log --from 20s --to 45s      a window of it
  spikeflame flame app.log --focus typeorm          only stacks through typeorm
  spikeflame flame app.log --reverse --inverted     callees first: who calls the hot ones
  spikeflame flame app.log --static                 an SVG that a pull request shows
  spikeflame flame app.log -o app.png               a PNG, in a build with --features png")]
pub(crate) struct FlameArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
    #[command(flatten)]
    pub(crate) picture: PictureArgs,
}

/// How the picture looks.
#[derive(Debug, Args)]
#[command(next_help_heading = "Picture")]
pub(crate) struct PictureArgs {
    /// Where to write it; `-` for standard output [default: the input's name with .svg, here]
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Title of the picture
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub(crate) title: String,
    /// Width in pixels [default: that of the window]
    #[arg(long, value_name = "PX", value_parser = clap::value_parser!(u32).range(200..=20_000))]
    pub(crate) width: Option<u32>,
    /// Prune frames narrower than this
    #[arg(long, value_name = "PX", default_value_t = 0.5, value_parser = pixels)]
    pub(crate) min_width: f64,
    /// What colours mean
    #[arg(long, value_name = "BY", default_value = "kind")]
    pub(crate) colors: Colors,
    /// Merge from the leaf: callees first, then their callers
    #[arg(long)]
    pub(crate) reverse: bool,
    /// Grow downwards, as icicles
    #[arg(long)]
    pub(crate) inverted: bool,
    /// Do not shorten paths
    #[arg(long)]
    pub(crate) full_paths: bool,
    /// Shapes and tooltips only, as pull requests want it: no script, no style, nothing to load
    #[arg(long = "static")]
    pub(crate) fixed: bool,
    /// Write a PNG as well, beside the SVG; `-o FILE.png` writes nothing else
    #[arg(long)]
    pub(crate) png: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Colors {
    /// Whose code it is; JavaScript paler the less it was optimised
    Kind,
    /// JavaScript by tier
    Tier,
    /// Each npm package its own
    Package,
    /// Warm colours by name
    Classic,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  spikeflame fold isolate-*-v8.log > app.folded
  spikeflame fold app.folded --focus bcrypt          folded stacks are read as well
  spikeflame fold isolate-*-v8.log --tiers split --annotate")]
pub(crate) struct FoldArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
    /// Where to write [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  spikeflame top isolate-*-v8.log                       by self time
  spikeflame top isolate-*-v8.log --sort total --rows 40
  spikeflame top isolate-*-v8.log --group-by package    which dependency costs what
  spikeflame top isolate-*-v8.log --format markdown     for a pull request
  spikeflame top isolate-*-v8.log --format json | jq .functions[0]")]
pub(crate) struct TopArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
    #[command(flatten)]
    pub(crate) table: TableArgs,
}

/// How the table looks.
#[derive(Debug, Args)]
#[command(next_help_heading = "Table")]
pub(crate) struct TableArgs {
    /// What to order by
    #[arg(long, value_name = "BY", default_value = "self")]
    pub(crate) sort: Sort,
    /// Rows to show; 0 for all [default: 25; all with --format json]
    #[arg(long, short = 'n', value_name = "N")]
    pub(crate) rows: Option<usize>,
    /// What to write
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Format,
    /// Do not shorten paths
    #[arg(long)]
    pub(crate) full_paths: bool,
    /// Where to write [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Sort {
    /// Samples that end in it
    #[value(name = "self")]
    SelfWeight,
    /// Samples that it is anywhere in
    Total,
}

impl From<Sort> for Order {
    fn from(sort: Sort) -> Self {
        match sort {
            Sort::SelfWeight => Self::SelfWeight,
            Sort::Total => Self::Total,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A table with bars
    Text,
    /// A table for pull requests
    Markdown,
    /// Schema spikeflame.top/1
    Json,
}

/// Takes the name of a format, and lists the names in the help.
fn input_format() -> impl TypedValueParser<Value = InputFormat> {
    PossibleValuesParser::new(InputFormat::names()).try_map(|name| name.parse::<InputFormat>())
}

fn source_root(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((prefix, folder)) if !prefix.is_empty() && !folder.is_empty() => {
            Ok((prefix.to_owned(), PathBuf::from(folder)))
        }
        _ => Err("expected PREFIX=DIR, like /srv/app=./dist".to_owned()),
    }
}

fn zone(text: &str) -> Result<i32, String> {
    wall::parse_zone(text).ok_or_else(|| "expected an offset from UTC, like +09:00 or Z".to_owned())
}

fn pixels(text: &str) -> Result<f64, String> {
    let value = text.parse().ok().filter(|px: &f64| px.is_finite() && *px >= 0.0);
    value.ok_or_else(|| "expected a number of pixels, like 0.5".to_owned())
}

/// `1m30s`, `20s`, `1.5s`, `500ms`, or bare seconds, as microseconds.
pub(crate) fn time(text: &str) -> Result<u64, String> {
    let wrong = || "expected a time like 20s, 1m30s or 500ms".to_owned();
    let mut rest = text;
    let mut sum = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(digits);
        let number: f64 = number.parse().map_err(|_| wrong())?;
        let letters = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        sum += number
            * match unit {
                "h" => 3_600e6,
                "m" | "min" => 60e6,
                "s" => 1e6,
                "" if sum == 0.0 => 1e6,
                "ms" => 1e3,
                "us" | "µs" => 1.0,
                _ => return Err(wrong()),
            };
        rest = after;
    }
    if text.is_empty() || !sum.is_finite() { Err(wrong()) } else { Ok(sum.round() as u64) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn times_are_read_with_their_units() {
        for (text, us) in [
            ("20s", 20_000_000),
            ("1m30s", 90_000_000),
            ("500ms", 500_000),
            ("1.5s", 1_500_000),
            ("7", 7_000_000),
            ("1h", 3_600_000_000),
            ("0", 0),
        ] {
            assert_eq!(time(text), Ok(us), "{text}");
        }
        for text in ["", "s", "1x", "-1s", "1s5", "nan", "1..2s"] {
            assert!(time(text).is_err(), "{text}");
        }
    }
}
