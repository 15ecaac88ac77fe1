//! Reasons why a line of a V8 log could not be used.

/// The file ends within the line.
pub(super) const CUT: &str =
    "the file ends in the middle of a line; the process was killed, or is still running";
/// A tick whose fields do not parse.
pub(super) const TICK: &str = "a tick that cannot be read";
/// A `code-creation` without its end.
pub(super) const CODE: &str = "a code-creation record that is torn";
/// Another known record whose fields do not parse.
pub(super) const RECORD: &str = "a record whose fields cannot be read";
/// A line that does not begin like a record.
pub(super) const NO_RECORD: &str = "no record: a torn line, or two writers at once";
/// A line longer than any record.
pub(super) const LONG: &str = "a line longer than 8 MiB";
