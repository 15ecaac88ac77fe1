//! All tests of this crate are one program, because a program for each file takes longer to build.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may fail"
)]

mod chosen;
mod columns;
mod common;
mod cuts;
mod damage;
mod kinds;
mod limits;
mod messages;
mod monitors;
mod plateau;
mod queries;
mod queues;
mod real_rows;
mod recordings;
mod rest;
mod services;
mod shapes;
mod slow;
mod tables;
mod tools;
mod unanswered;
