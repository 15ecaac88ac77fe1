//! All tests of this crate are one program, because a program for each file takes longer to build.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may fail"
)]

mod app_log;
mod app_log_stacks;
mod binaries;
mod bpf;
mod cases;
mod chrome_trace;
mod common;
mod cpuprofile;
mod cut_stacks;
mod damage;
mod firefox;
mod json_common;
mod libraries;
mod lines;
mod made_code;
mod many_names;
mod named_errors;
mod named_loggers;
mod other_runtimes;
mod otlp;
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
