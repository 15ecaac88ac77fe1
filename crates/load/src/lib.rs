//! Results of load generators: the load second by second, and the plateau where throughput stopped
//! growing.
//!
//! ```
//! use spikeflame_load::plateau::{Options, find};
//! use spikeflame_load::{Load, ReadOptions, read};
//!
//! // Two users come each second. The server answers at most 400 requests a second; further ones wait.
//! let mut table = String::from("time,users,rps,p95_ms\n");
//! for second in 1..=180 {
//!     let users = 2 * second;
//!     let rps = (4 * users).min(400);
//!     let p95_ms = 50 + (4 * users - rps) / 2;
//!     table += &format!("{},{users},{rps},{p95_ms}\n", 1_795_397_000 + second);
//! }
//! let load = read(table.as_bytes(), "ramp.csv".as_ref(), &ReadOptions::default())?;
//! let Load::Timeline(timeline) = load else { panic!("a table has a timeline") };
//! let plateaus = find(&timeline, &Options::default())?;
//! let plateau = plateaus.chosen();
//! assert!((395.0..405.0).contains(&plateau.level_rps));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![warn(clippy::disallowed_methods, clippy::iter_over_hash_type)]

pub mod capacity;
mod ends;
mod error;
mod first;
mod flights;
mod follow;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod latencies;
mod mix;
pub mod monitor;
pub mod plateau;
pub mod queries;
mod read;
mod recorder;
mod series;
mod stats;
mod time_span;
mod timeline;
mod track;
mod usage;
mod warning;

pub use error::{ColumnFault, EXPECTED, Error, MONITOR, SLOW_LOG, TablePart, TestSpan};
pub use latencies::Latencies;
pub use mix::EndpointDurations;
pub use plateau::{NoPlateau, Plateau, Plateaus};
pub use read::time::{show as show_time, wall_time};
pub use read::{
    Content, Load, LoadFormat, ReadOptions, Summary, Threshold, nameless_requests, read, recognise,
};
pub use recorder::Recorder;
pub use series::{Axis, Series, wanted_rates};
pub use time_span::TimeSpan;
pub use timeline::{
    Bytes, Checks, Column, FailureKind, FirstAnswer, LatencySummary, Loss, OwnError, Second,
    Timeline,
};
pub use track::{Metric, Spans, Track, Unit, WatchedSystem};
pub use usage::{BOUND, CoreRow, CoreShare, LEAST_COVERAGE, Starvation, Usage};
pub use warning::Warning;
