//! All tests of this crate are one program, because a program for each file takes longer to build.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may fail"
)]

mod background;
mod before;
mod chosen;
mod column_kinds;
mod columns;
mod common;
mod cuts;
mod damage;
mod headers;
mod idle_rows;
mod kinds;
mod last_rows;
mod limits;
mod messages;
mod monitor_cpu;
mod monitor_formats;
mod monitor_limits;
mod monitor_series;
mod monitor_streams;
mod monitors;
mod own_requests;
mod pace;
mod plateau;
mod queries;
mod query_exports;
mod queues;
mod real_rows;
mod recordings;
mod rest;
mod rest_rows;
mod services;
mod several_tests;
mod shapes;
mod signs;
mod slow;
mod spikes;
mod stalls;
mod table_cells;
mod table_units;
mod tables;
mod tool_rates;
mod tool_totals;
mod tools;
mod unanswered;
