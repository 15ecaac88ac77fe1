//! Linux perf: the text of `perf script`, and `perf.data` itself.

mod choice;
pub(crate) mod data;
mod event;
pub(crate) mod looks;
mod raw;
pub(crate) mod recorder;
mod stack_line;
mod suffix;
pub(crate) mod text;
mod unit;
mod wasm_code;
