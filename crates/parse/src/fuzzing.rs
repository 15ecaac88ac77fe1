//! What `fuzz/` needs and nobody else: readers without sniffing, maps without
//! files. No part of the interface.

use crate::error::Error;
use crate::options::Options;
use crate::read::read_as;
use crate::sniff::format::Format;
use spikeflame_profile::Profile;
use std::path::Path;

pub use crate::source_maps::fuzz as source_map;

/// Reads `data` as `format`.
///
/// # Errors
/// As [`crate::read`], and for a format of no such name.
pub fn read(format: &str, data: &[u8], options: &Options) -> Result<Profile, Error> {
    let format = match format {
        "v8_log" => Format::V8Log,
        "folded" => Format::Folded,
        "perf_text" => Format::PerfText,
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
