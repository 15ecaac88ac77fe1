//! The load beside the profile: what the load generator saw, second by second,
//! where throughput stopped growing, and how its clock meets the profile's.

mod latencies;
pub mod plateau;
mod series;
mod stats;
mod timeline;

pub use latencies::Latencies;
pub use plateau::{NoPlateau, Plateau};
pub use series::{Axis, Series};
pub use timeline::{Loss, Second, Timeline, Told, Track};
