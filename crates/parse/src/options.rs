//! Options for reading recordings.

use crate::input::Progress;
use crate::sniff::format::InputFormat;
use crate::source_maps::SourceMaps;
use crate::symbols::SharedSymbols;
use std::path::PathBuf;

/// Options for reading recordings. The default recognises the format of each file, gives samples of perf
/// their periods as weights, and opens no source maps.
///
/// ```
/// use spikeflame_parse::{Count, Options};
///
/// // Count every sample of perf as 1, whatever its period.
/// let options = Options { count: Count::Samples, ..Options::default() };
/// assert_eq!(options.threads, 0);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Folders in which binaries, kernel symbols, perf maps and jitdumps are searched, besides the places that
    /// the recording names and the recording's folder.
    pub symbols: Vec<PathBuf>,
    /// Symbols of binaries that were read for one log of V8, so that they are not read again for
    /// the next. The default shares none.
    pub shared_symbols: SharedSymbols,
    /// The number of threads with which a log of V8 or a text of perf is read; 0 chooses it by the number of
    /// cores.
    pub threads: usize,
    /// The values to read when a recording has several: an event of perf, a map of bpftrace, a type
    /// of value of pprof, OTLP, speedscope or the Firefox Profiler, the `events` of a Chrome trace
    /// that has CPU profiles too, or a count (`before`, `after`) of folded stacks. `None` leaves the
    /// choice to the reader of the format.
    pub sample_type: Option<String>,
    /// The meaning of the lines in a pprof profile of Node; `None` infers it from the profile.
    pub pprof_lines: Option<PprofLines>,
    /// The weight of a sample of perf: its period, or 1.
    pub count: Count,
    /// True to read text of perf as FlameGraph's stackcollapse-perf does, with its names of frames.
    /// Folded stacks and files whose format is not recognised are then read as text of perf. Other formats
    /// ignore it, with a warning.
    pub raw_names: bool,
    /// True to read folded stacks and texts of unknown format as logs of applications; a log
    /// without an error is then no failure. In a folder, only logs of applications are read when it
    /// is true (and texts of unknown format that are named like logs), and none when it is false.
    pub app_log: bool,
    /// Seconds that the clock of an application's log is ahead of UTC, negative when behind. It is
    /// used where the log names no time zone; `None` takes such times as UTC, with a warning.
    pub log_zone_s: Option<i32>,
    /// A moment near the times of an application's log, in microseconds since 1970. Times without a date or without a
    /// year get the date that is nearest to it. `None` leaves such a log without times.
    pub log_near_us: Option<i64>,
    /// The format in which named files are read, whatever their content is; `None` recognises the format
    /// from the content. In a folder, only files that are recognised as this format are read.
    pub format: Option<InputFormat>,
    /// True to keep the lines that ran within functions, where the recording contains them; reading then takes
    /// more time and memory.
    pub lines: bool,
    /// Settings for resolving positions through source maps; `None` keeps the positions in the
    /// generated files. Maps within a tick log, of code that was compiled while it ran, are always used.
    pub source_maps: Option<SourceMaps>,
    /// The counter to which the bytes that are read are added, before they are unpacked. A caller
    /// keeps a clone to show it.
    pub progress: Progress,
}

/// The rule for the weight of a sample of perf.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Count {
    /// A sample weighs its period, in the unit of the event. All samples weigh 1 when the recording has no
    /// periods, or lacks some from its beginning.
    #[default]
    Weights,
    /// Each sample weighs 1.
    Samples,
}

/// The meaning of the lines in a pprof profile of Node. The format does not contain it.
///
/// ```
/// use spikeflame_parse::{Options, PprofLines};
///
/// // The profile was recorded with the option `lineNumbers` of the npm package `pprof`.
/// let options = Options { pprof_lines: Some(PprofLines::Ran), ..Options::default() };
/// assert!(options.sample_type.is_none());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PprofLines {
    /// The lines are those in which functions begin.
    Starts,
    /// The lines are those that ran.
    Ran,
}
