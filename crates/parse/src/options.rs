//! How recordings are read.

use crate::input::Progress;
use crate::sniff::format::InputFormat;
use crate::source_maps::SourceMaps;
use std::path::PathBuf;

/// How to read.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Folders to look for binaries in that are not at their logged path.
    pub symbols: Vec<PathBuf>,
    /// Threads to read with; 0 for as many as there are cores.
    pub threads: usize,
    /// The event (perf) or kind of value (pprof, differential folded stacks) to
    /// read, of several; the recording's own first choice when `None`.
    pub sample_type: Option<String>,
    /// How many a sample of perf counts.
    pub count: Count,
    /// Text is perf's: name frames as FlameGraph's stackcollapse-perf does, and
    /// nothing more; weights are periods.
    pub raw_names: bool,
    /// Read logs of applications, whatever they look like; of a folder nothing else.
    pub app_log: bool,
    /// Seconds that the clock of an application's log is ahead of UTC, where the log
    /// does not say.
    pub log_zone_s: Option<i32>,
    /// Read files as of this format, whatever they look like; of a folder only those
    /// that look like it.
    pub format: Option<InputFormat>,
    /// Resolve positions through source maps.
    pub source_maps: Option<SourceMaps>,
    /// Counts the bytes read.
    pub progress: Progress,
}

/// How much a sample counts, where the recording knows for how much it stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Count {
    /// What the sample stands for: perf's period, in the unit of the event.
    #[default]
    Weights,
    /// 1, whatever it stands for.
    Samples,
}
