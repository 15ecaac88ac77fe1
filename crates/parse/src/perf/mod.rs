//! Linux perf: the text of `perf script`, and `perf.data` itself.

pub(crate) mod data;
mod event;
mod lines;
mod raw;
mod recorder;
mod stack_line;
mod suffix;
pub(crate) mod text;
