//! The limit of the weights in one file.

/// The highest sum of weights in one file, 36 years in nanoseconds. It leaves room to add
/// the weights of several files.
pub(crate) const HEAVIEST: u64 = 1 << 60;
/// The reason for losing a sample that would exceed it.
pub(crate) const TOO_HEAVY: &str = "a count too large to be true";
