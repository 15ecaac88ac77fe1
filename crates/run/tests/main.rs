//! All tests of this crate are one program, because a program for each file takes longer to build.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may fail"
)]

mod clocks;
mod common;
mod facts;
mod kernel;
#[path = "../../../tests/common/marks.rs"]
mod marks;
mod verdict;
