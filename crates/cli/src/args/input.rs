//! Arguments about the recordings to read.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use spikeflame_parse::{
    Count, InputFormat, Options, PprofLines, Progress, SharedSymbols, SourceMaps,
};
use spikeflame_profile::wall;
use std::path::PathBuf;

/// The recordings to read.
#[derive(Debug, Args)]
pub(crate) struct InputArgs {
    /// Recordings of any supported format: V8 tick logs, perf.data, `perf script`, .cpuprofile,
    /// Chrome traces, pprof, speedscope, Firefox, OTLP, folded stacks, logs of applications with
    /// errors; plain, .gz or .zst; folders of them; `-` for standard input
    #[arg(value_name = "RUN", required = true)]
    pub(crate) runs: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
    /// The weight of one sample of perf
    #[arg(long, value_name = "WHAT", default_value = "weights", help_heading = "Input")]
    pub(crate) count: SampleCount,
}

/// The weight of one sample.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum SampleCount {
    /// The period of the sample: nanoseconds, cycles or page faults, depending on the event
    #[default]
    Weights,
    /// 1 for every sample
    Samples,
}

impl From<SampleCount> for Count {
    fn from(count: SampleCount) -> Self {
        match count {
            SampleCount::Weights => Self::Weights,
            SampleCount::Samples => Self::Samples,
        }
    }
}

/// The meaning of the lines in a pprof profile of Node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum LinesArg {
    /// The lines where functions begin
    Starts,
    /// The lines that ran (the option `lineNumbers`)
    Ran,
}

impl From<LinesArg> for PprofLines {
    fn from(lines: LinesArg) -> Self {
        match lines {
            LinesArg::Starts => Self::Starts,
            LinesArg::Ran => Self::Ran,
        }
    }
}

/// Settings for reading recordings.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Input")]
pub(crate) struct ReadingArgs {
    /// Folder with binaries and perf maps that are not at their recorded path
    #[arg(long, value_name = "DIR")]
    pub(super) symbols: Vec<PathBuf>,
    /// The event (perf), map (bpftrace) or type of value (pprof) to read, when there are several
    #[arg(long, value_name = "NAME")]
    pub(super) sample_type: Option<String>,
    /// Read the files as this format, when their content does not show it; in a folder, read only
    /// files that look like it
    #[arg(long, value_name = "NAME", value_parser = input_format())]
    pub(super) input_format: Option<InputFormat>,
    /// Meaning of the lines in a pprof profile of Node [default: inferred from the profile]
    #[arg(long, value_name = "WHAT")]
    pprof_lines: Option<LinesArg>,
    /// Name the frames in text of perf as FlameGraph's stackcollapse-perf does
    #[arg(long)]
    pub(super) raw_names: bool,
    #[command(flatten)]
    pub(crate) zone: ZoneArgs,
    /// Set by `errors`: every input is read as an application's log.
    #[arg(skip)]
    app_log: bool,
    #[command(flatten)]
    pub(crate) maps: MapArgs,
}

/// The source maps of the files in a recording or a log.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Input")]
pub(crate) struct MapArgs {
    /// Show original sources, from source maps beside the files
    #[arg(long)]
    pub(super) source_maps: bool,
    /// Recorded path, and the folder with its files (and maps) on this machine: /srv/app=./dist;
    /// implies --source-maps
    #[arg(long, value_name = "PREFIX=DIR", value_parser = source_root)]
    pub(super) source_root: Vec<(String, PathBuf)>,
}

/// The time zone of an application's log.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Input")]
pub(crate) struct ZoneArgs {
    /// Time zone of the times in a log that name no zone: +09:00 [default: UTC]
    #[arg(long, value_name = "ZONE", value_parser = zone, allow_hyphen_values = true)]
    pub(super) log_zone: Option<i32>,
}

impl ZoneArgs {
    /// Returns the zone in seconds east of UTC, when the user named one.
    pub(crate) fn seconds(&self) -> Option<i32> {
        self.log_zone
    }
}

impl MapArgs {
    /// True when positions are those of source maps.
    pub(crate) fn has_maps(&self) -> bool {
        self.source_maps || !self.source_root.is_empty()
    }

    /// The settings for finding the maps; `None` when positions are those of the files that ran.
    pub(crate) fn reading(&self) -> Option<SourceMaps> {
        self.has_maps().then(|| SourceMaps { roots: self.source_root.clone() })
    }
}

impl ReadingArgs {
    /// Settings that read every input as an application's log.
    pub(crate) fn of_log(zone: ZoneArgs, maps: MapArgs) -> Self {
        Self { zone, maps, app_log: true, ..Self::default() }
    }

    /// The readers' options, with a number of threads.
    pub(crate) fn options(&self, count: Count, threads: usize) -> Options {
        Options {
            symbols: self.symbols.clone(),
            shared_symbols: SharedSymbols::default(),
            sample_type: self.sample_type.clone(),
            format: self.input_format,
            pprof_lines: self.pprof_lines.map(PprofLines::from),
            count,
            raw_names: self.raw_names,
            app_log: self.app_log,
            log_zone_s: self.zone.log_zone,
            log_near_us: None,
            lines: false,
            source_maps: self.maps.reading(),
            threads,
            progress: Progress::default(),
        }
    }
}

/// Reads the name of a format. The help lists the names.
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

pub(super) fn zone(text: &str) -> Result<i32, String> {
    wall::parse_zone(text).ok_or_else(|| "expected an offset from UTC, like +09:00 or Z".to_owned())
}
