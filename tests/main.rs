//! All tests of this crate are one program, because a program for each file takes longer to build.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may fail"
)]

mod ab;
mod action;
mod attach;
mod capacity;
mod common;
mod diff;
mod diff_gates;
mod diff_repeated;
mod doctor;
mod doctor_runs;
mod error_rows;
mod errors;
mod export;
mod flame;
mod fold;
#[path = "common/marks.rs"]
mod marks;
mod merge;
mod output;
mod plateau;
mod plateau_rows;
mod push;
mod queries;
mod readme;
mod record;
mod record_load;
mod report;
mod runs;
mod shell;
mod source_maps;
mod top;
