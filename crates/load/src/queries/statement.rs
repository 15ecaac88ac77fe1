//! A statement as it was executed, and the parts of a load test that it can fall into.

use crate::TimeSpan;

/// Parts of a load test for which the statements of a database are counted separately. A statement
/// belongs to each part in which it ended; every statement is also counted in
/// [`StatementClass::all`](super::StatementClass::all).
#[derive(Clone, Copy, Debug, Default)]
pub struct Parts {
    /// The time before the plateau with which the plateau is compared; `None` when there is none.
    pub before: Option<TimeSpan>,
    /// The time of the plateau; `None` for a test without one.
    pub within: Option<TimeSpan>,
    /// Another time that the caller wants to see alone; `None` when there is none. It may overlap with the others.
    pub selected: Option<TimeSpan>,
    /// Seconds that the clock of the database is ahead of UTC (negative when it is behind), for an
    /// export of `mysql.slow_log` whose times have no zone; `None` takes them as UTC.
    pub zone_s: Option<i32>,
}

/// One statement that was executed.
#[derive(Debug, Default)]
pub(super) struct Execution {
    /// Time of its end, in microseconds since 1970; `None` when the log has no time.
    pub(super) end_us: Option<i64>,
    /// The duration; `None` when the log has none.
    pub(super) seconds: Option<f64>,
    pub(super) lock_s: f64,
    pub(super) sent: u64,
    pub(super) examined: u64,
    /// True when the log has the time of locks or the number of rows.
    pub(super) has_costs: bool,
    /// True when the statement failed; `None` when its log does not show this.
    pub(super) failed: Option<bool>,
}
