//! All tests of this crate are one program, because a program for each file takes longer to build.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may fail"
)]

mod app_log;
mod app_log_lines;
mod app_log_stacks;
mod binaries;
mod bpf;
mod cases;
mod chrome_trace;
mod common;
mod compiled_lines;
mod cpuprofile;
mod cut_stacks;
mod damage;
mod eval_maps;
mod firefox;
mod json_common;
mod libraries;
mod lines;
mod log_causes;
mod log_columns;
mod log_doubles;
mod log_levels;
mod log_objects;
mod log_prefixes;
mod log_services;
mod made_code;
mod many_names;
mod missing_maps;
mod named_errors;
mod named_loggers;
mod other_programs;
mod other_runtimes;
mod otlp;
mod packed;
mod perf_text;
mod pprof;
mod pprof_builder;
mod pprof_damage;
mod preprocess;
mod recordings;
mod rules;
mod sniffing;
mod source_maps;
mod speedscope;
mod tick_times;
mod ticks;
mod trace_events;
mod waits;
mod wasm;
