//! Options for reading recordings.

use crate::input::Progress;
use crate::sniff::format::InputFormat;
use crate::source_maps::SourceMaps;
use crate::symbols::SharedSymbols;
use std::path::PathBuf;

/// Options for reading recordings. The default reads each file in its recognised format, with
/// weights and without source maps.
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
    /// Folders in which binaries, kernel symbols, perf maps and jitdumps are searched. A binary is first
    /// looked for at its path in the recording, and perf maps and jitdumps first in the folder of the
    /// recording.
    pub symbols: Vec<PathBuf>,
    /// Symbols of binaries that were read for one log of V8, so that they are not read again for
    /// the next. The default shares none.
    pub shared_symbols: SharedSymbols,
    /// The number of threads with which a log of V8 is read; 0 is one for each core, at most 8.
    pub threads: usize,
    /// The values to read when a recording has several: an event of perf, a map of bpftrace, a type of
    /// value of pprof, OTLP, speedscope or the Firefox Profiler, or a count (`before`, `after`) of folded
    /// stacks. `None` reads the first of them, with these exceptions: the count `after` of folded stacks,
    /// the active profile of speedscope, and for OTLP the first that counts samples. Of pprof, it reads the
    /// type that counts samples, or else the profile's default, or else the last type; when all of its values
    /// are 0, the first type with others.
    pub sample_type: Option<String>,
    /// The meaning of the lines in a pprof profile of Node; `None` infers it from the profile.
    pub pprof_lines: Option<PprofLines>,
    /// The weight of a sample of perf: its period, or 1.
    pub count: Count,
    /// True to read text of perf as FlameGraph's stackcollapse-perf does: with its names of frames
    /// and with periods as weights, unless `count` is [`Count::Samples`]. Folded stacks and files in no
    /// format that is read here are then read as text of perf too. Other formats ignore it, with a warning.
    pub raw_names: bool,
    /// True to read folded stacks, empty files, and text and JSON of unknown format as logs of applications;
    /// a log without an error is then no failure. Files that are recognised as other recordings keep their
    /// format. In a folder, true reads only logs, of unknown formats only files with the name of a log
    /// ([`is_log_name`](crate::is_log_name)), and false skips logs.
    pub app_log: bool,
    /// Seconds that the clock of an application's log is ahead of UTC, negative when behind. It is
    /// used where the log names no time zone; `None` takes such times as UTC, with a warning.
    pub log_zone_s: Option<i32>,
    /// The format in which files are read, whatever their content is; `None` recognises the format
    /// from the content. In a folder, only files that are recognised as this format are read, logs only with
    /// `app_log`.
    pub format: Option<InputFormat>,
    /// True to keep the lines that ran, where the recording contains them; reading then takes more
    /// time and memory. With false, frames have no lines that ran.
    pub lines: bool,
    /// Settings for resolving positions through source maps; `None` keeps the positions in the
    /// generated files. Maps at the end of the scripts in a tick log are applied in any case.
    pub source_maps: Option<SourceMaps>,
    /// The counter to which the bytes that are read are added, before they are unpacked. A caller
    /// keeps a clone to show it.
    pub progress: Progress,
}

/// The rule for the weight of a sample of perf.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Count {
    /// A sample weighs its period, in the unit of the event. It weighs 1 when an event that is read has no
    /// periods, and in a text whose first sample has none.
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
