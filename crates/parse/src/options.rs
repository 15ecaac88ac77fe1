//! Options for reading recordings.

use crate::input::Progress;
use crate::sniff::format::InputFormat;
use crate::source_maps::SourceMaps;
use std::path::PathBuf;

/// Options for reading recordings.
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
    /// Folders in which binaries are searched that are not at their recorded path.
    pub symbols: Vec<PathBuf>,
    /// The number of threads to read with; 0 is one for each core.
    pub threads: usize,
    /// The event (perf) or type of value (pprof, differential folded stacks) to read, when
    /// the recording has several; `None` is the recording's own first choice.
    pub sample_type: Option<String>,
    /// The meaning of the lines in a pprof profile of Node; `None` infers it from the profile.
    pub pprof_lines: Option<PprofLines>,
    /// The weight that a sample of perf gets: its period or 1.
    pub count: Count,
    /// For text of perf: frames are named as FlameGraph's stackcollapse-perf names them,
    /// without further processing, and weights are periods.
    pub raw_names: bool,
    /// Files are read as logs of applications, whatever they look like. In a folder, only
    /// such logs are read.
    pub app_log: bool,
    /// Seconds that the clock of an application's log is ahead of UTC, for logs without a
    /// time zone.
    pub log_zone_s: Option<i32>,
    /// The format to read files as, whatever they look like. In a folder, only files that
    /// look like it are read.
    pub format: Option<InputFormat>,
    /// Frames have the lines that ran, where the recording contains them. Reading takes more
    /// time and memory then.
    pub lines: bool,
    /// Settings for resolving positions through source maps; `None` keeps the positions.
    pub source_maps: Option<SourceMaps>,
    /// The counter to which the bytes read from disk are added. A caller keeps a clone to show it.
    pub progress: Progress,
}

/// The rule by which a sample of perf is weighed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Count {
    /// The recorded weight: perf's period, in the unit of the event.
    #[default]
    Weights,
    /// Each sample weighs 1.
    Samples,
}

/// The meaning of the lines in a pprof profile of Node, which the format does not contain.
///
/// ```
/// use spikeflame_parse::{Options, PprofLines};
///
/// // The profile was recorded with the option `lineNumbers`.
/// let options = Options { pprof_lines: Some(PprofLines::Ran), ..Options::default() };
/// assert!(options.sample_type.is_none());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PprofLines {
    /// The lines where functions begin.
    Starts,
    /// The lines that ran.
    Ran,
}
