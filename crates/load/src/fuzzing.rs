//! Functions that only `fuzz/` uses: readers without recognition. They are not part of the interface.

use crate::monitor::Monitor;
use crate::queries::Queries;
use crate::read::Load;

/// Reads `data` with the reader of load files of this name, whatever it looks like. `None` is any error.
pub fn load(reader: &str, data: &[u8]) -> Option<Load> {
    crate::read::fuzz(reader, data)
}

/// Reads `data` with the reader of monitors' files of this name, whatever it looks like. `None` is any error.
pub fn monitor(reader: &str, data: &[u8]) -> Option<Monitor> {
    crate::monitor::fuzz(reader, data)
}

/// Reads `data` as an export of the table `mysql.slow_log`. `None` is any error.
pub fn slow_table(data: &[u8]) -> Option<Queries> {
    crate::queries::fuzz_table(data)
}
