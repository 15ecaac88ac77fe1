//! All tests of this crate are one program, because a program for each file takes longer to build.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may fail"
)]

mod bad_input;
mod by_hand;
mod common;
mod correction;
mod equal_work;
mod gates;
mod history;
mod invariants;
mod middleware;
mod other_names;
mod owners;
mod real_runs;
mod recorders;
mod renamed;
mod shift;
mod start_up;
