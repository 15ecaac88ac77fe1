//! All tests of this crate are one program, because a program for each file takes longer to build.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may fail"
)]

mod folded_counts;
mod model;
mod samples;
mod selection;
