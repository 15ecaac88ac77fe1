//! Results of load generators: the load second by second, and the plateau where throughput stopped
//! growing.

#![warn(clippy::disallowed_methods, clippy::iter_over_hash_type)]

pub mod capacity;
mod error;
mod first;
mod flights;
mod latencies;
pub mod monitor;
pub mod plateau;
pub mod queries;
mod read;
mod recorder;
mod series;
mod stats;
mod timeline;
mod track;
mod usage;
mod warning;

pub use error::{ColumnFault, EXPECTED, Error, MONITOR, SLOW_LOG, TestSpan};
pub use latencies::Latencies;
pub use plateau::{NoPlateau, Plateau, Plateaus};
pub use read::time::{show as show_time, wall_time};
pub use read::{Content, Load, LoadFormat, ReadOptions, Summary, Threshold, read, recognise};
pub use recorder::Recorder;
pub use series::{Axis, Series, wanted_rates};
pub use timeline::{Bytes, Column, Failure, FirstAnswer, LatencySummary, Loss, Second, Timeline};
pub use track::{Metric, Spans, Track, Unit, WatchedSystem};
pub use usage::{BOUND, Starvation, Usage};
pub use warning::Warning;
