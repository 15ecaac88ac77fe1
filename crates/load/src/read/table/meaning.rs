//! The meaning of a column.

/// The meaning of a column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Meaning {
    /// The seconds of the unit in which times since the start are written; 0 when the column's name has
    /// no unit.
    Time(f64),
    /// Requests a second, including failed ones.
    Rate,
    /// Requests of the whole row, including failed ones.
    Count,
    Vus,
    /// A percentile or the mean: its index (0 to 2 for p50, p95 and p99, 3 for the mean), and the
    /// milliseconds of its unit, which are 0 when the column's name has no unit.
    Duration(usize, f64),
    /// Requests that succeeded, either a second or of the whole row, in a table without all requests.
    Succeeded,
    /// Failed requests, either a second or of the whole row, as for all requests.
    Errors,
    /// Failed requests as a share of all; true when it is in per cent.
    ErrorShare(bool),
    /// Requests that succeeded, in a table with all requests and without failed ones.
    SucceededOfAll,
    /// Requests that succeeded as a share of all; true when the name states per cent.
    SuccessShare(bool),
    /// Any other quantity.
    Other,
}
