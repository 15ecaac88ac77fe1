//! Reads recordings of many formats into a [`Profile`]: recognises the format, reads the samples,
//! and finds the names of native functions.
//!
//! ```
//! let log = "../../samples/v8/compact-node20.log.zst";
//! let options = spikeflame_parse::Options::default();
//! let profile = spikeflame_parse::read(&[log.into()], &options)?;
//! assert!(profile.total() > 0);
//! # Ok::<(), spikeflame_parse::Error>(())
//! ```
//!
//! [`Profile`]: spikeflame_profile::Profile

mod app_log;
mod beyond;
mod bpf;
mod bursts;
mod byte_map;
mod chrome_trace;
mod chunks;
mod cpuprofile;
mod cut_stacks;
mod demangle;
mod distinct;
mod error;
mod extras;
mod firefox;
mod floats;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod idle_part;
mod input;
mod intervals;
#[macro_use]
mod json;
mod line_ends;
mod made_code;
mod names;
mod numbers;
mod options;
mod otlp;
mod perf;
mod pieces;
mod pprof;
mod preprocess;
mod read;
mod script_path;
mod sniff;
mod source_maps;
mod source_text;
mod speedscope;
mod symbols;
mod together;
mod twins;
mod unpack;
mod utf8;
mod v8;
mod waits;
mod wasm;
mod weight;

pub use error::{EXPECTED, Error, ValueFault};
pub use input::{Beginning, Progress, Stream, begins_with, head, open};
pub use json::TOO_MUCH_MEMORY;
pub use options::{Count, Options, PprofLines};
pub use read::{is_log_name, join, read, read_stream};
pub use sniff::format::{APP_LOG, LOAD, LOG, RECORDING};
pub use sniff::format::{InputFormat, NoSuchFormat};
pub use sniff::{describe, recognise};
pub use source_maps::SourceMaps;
pub use source_text::SourceText;
pub use symbols::SharedSymbols;
pub use v8::recorded_lines;
