//! The units of weights.

use crate::json::Word;

/// The meaning of a profile's weights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Measure {
    /// Time, in a unit of this many nanoseconds.
    Time(f64),
    Bytes,
    /// Anything that can be counted.
    Count,
}

impl Measure {
    pub(super) fn from_unit(unit: &Word) -> Self {
        match unit.0.as_deref() {
            Some("nanoseconds") => Self::Time(1.0),
            Some("microseconds") => Self::Time(1e3),
            Some("milliseconds") => Self::Time(1e6),
            Some("seconds") => Self::Time(1e9),
            Some("bytes") => Self::Bytes,
            _ => Self::Count,
        }
    }

    /// Returns the user's word for the measure.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Time(_) => "time",
            Self::Bytes => "bytes",
            Self::Count => "samples",
        }
    }
}
