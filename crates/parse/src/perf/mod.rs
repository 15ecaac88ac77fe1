//! Linux perf: the text of `perf script`, and `perf.data` itself.

pub(crate) mod data;
mod recorder;
pub(crate) mod text;
