//! Reasons why a record cannot be used.

pub(super) const COUNTER: &str = "a counter below its value in the sample before";
pub(super) const COUNTERS: &str = "a sample of a counter beyond the 2 million that fit";
pub(super) const SAMPLE: &str = "a sample that is too short or too long for its fields";
pub(super) const EVENT: &str = "a sample of an event that the header does not name";
pub(super) const SHAPE: &str = "a record that perf does not write: its kind, length or event";
pub(super) const RECORD: &str = "a record of processes or mappings that is too short";
pub(super) const MANY: &str = "a sample beyond the 134 million, or 67 million stacks, that fit";
