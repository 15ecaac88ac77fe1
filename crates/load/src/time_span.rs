//! Periods on the wall clock.

use crate::flights::SECOND_US;
use crate::read::time::show;
use std::fmt;

/// A period between two moments. `Display` writes both moments in UTC, exact to a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeSpan {
    /// The beginning of the period, in microseconds since 1970.
    pub from_us: i64,
    /// The end of the period, in microseconds since 1970.
    pub to_us: i64,
}

impl fmt::Display for TimeSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = |us: i64| show(us.div_euclid(SECOND_US));
        write!(f, "{} to {}", time(self.from_us), time(self.to_us))
    }
}
