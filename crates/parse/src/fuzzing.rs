//! Functions that only `fuzz/` uses: readers without recognition, source maps, perf maps and
//! jitdumps without files. They are not part of the interface.

use crate::error::Error;
use crate::options::Options;
use crate::read::read_as;
use crate::sniff::format::Format;
use spikeflame_profile::Profile;
use std::path::Path;

pub use crate::perf::data::{fuzz_jitdump as jitdump, fuzz_perf_map as perf_map};
pub use crate::source_maps::fuzz as source_map;

/// Reads `data` as the format called `format`, without recognising it. The names are those of the
/// files in `fuzz/fuzz_targets` for readers of recordings, such as `v8_log` or `folded`.
///
/// # Errors
///
/// Returns the errors of [`crate::read`], and an error for an unknown format.
pub fn read(format: &str, data: &[u8], options: &Options) -> Result<Profile, Error> {
    if format == "entries" {
        return crate::app_log::fuzz_entries(data, options);
    }
    let format = match format {
        "v8_log" => Format::V8Log,
        "folded" => Format::Folded,
        "perf_text" => Format::PerfText,
        "bpftrace" => Format::Bpftrace,
        "bcc" => Format::Bcc,
        "perf_data" => Format::PerfData,
        "cpuprofile" => Format::CpuProfile,
        "chrome_trace" | "trace_events" => Format::ChromeTrace,
        "preprocess" => Format::Preprocessed,
        "speedscope" => Format::Speedscope,
        "otlp" if data.starts_with(b"{") => Format::OtlpJson,
        "otlp" => Format::Otlp,
        "firefox" => Format::Firefox,
        "pprof" => Format::Pprof,
        "app_log" => Format::AppLog,
        _ => Format::Other("no such format"),
    };
    read_as(format, data, Path::new("fuzz"), false, "fuzz".to_owned(), options)
}
