//! Every recording format to a [`Profile`]: recognising, reading, symbols.
//!
//! ```no_run
//! let options = spikeflame_parse::Options::default();
//! let profile = spikeflame_parse::read(&["isolate-0x1-42-v8.log".into()], &options)?;
//! println!("{} ticks", profile.total());
//! # Ok::<(), spikeflame_parse::Error>(())
//! ```
//!
//! [`Profile`]: spikeflame_profile::Profile

mod app_log;
mod chrome_trace;
mod chunks;
mod cpuprofile;
mod demangle;
mod error;
mod extras;
mod firefox;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod input;
mod json;
mod ledger;
mod names;
mod options;
mod otlp;
mod perf;
mod pprof;
mod preprocess;
mod read;
mod sniff;
mod source_maps;
mod speedscope;
mod symbols;
mod twins;
mod v8;
mod wasm;

pub use error::Error;
pub use input::{Progress, Stream, open};
pub use options::{Count, Options};
pub use read::{read, read_stream};
pub use sniff::format::{InputFormat, NoSuchFormat};
pub use source_maps::SourceMaps;
