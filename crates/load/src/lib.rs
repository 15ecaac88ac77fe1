//! The load beside the profile: what the load generator saw, second by second,
//! where throughput stopped growing, and how its clock meets the profile's.

mod error;
mod latencies;
pub mod plateau;
mod read;
mod recorder;
mod series;
mod stats;
mod timeline;

pub use error::{Error, TestSpan};
pub use latencies::Latencies;
pub use plateau::{NoPlateau, Plateau};
pub use recorder::Recorder;
pub use series::{Axis, Series};
pub use timeline::{Loss, Second, Timeline, Told, Track};
