//! The load beside the profile: what the load generator saw, second by second,
//! where throughput stopped growing, and how its clock meets the profile's.

mod error;
mod latencies;
mod read;
mod recorder;
mod timeline;

pub use error::{Error, TestSpan};
pub use latencies::Latencies;
pub use read::{Load, ReadOptions, Summary, Threshold, read, recognise};
pub use recorder::Recorder;
pub use timeline::{Loss, Second, Timeline, Told, Track};
