//! Where a recording's zero lies in wall-clock time.

/// How a clock is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// The recording says when it began.
    Recorded,
    /// Names of functions in the log hold the time at which they were compiled.
    Marks,
    /// The user told it.
    Told,
    /// The file's name holds it, as a local time whose zone is not known: the
    /// clock is right but for quarters of an hour.
    FileName,
    /// The file was last written when the recording ended.
    FileTime,
    /// CPU activity goes with the load's throughput.
    Correlated,
}

/// Where a recording's zero lies in wall-clock time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// Microseconds since 1970-01-01T00:00:00Z.
    pub zero_us: i64,
    /// How it is known.
    pub known: Known,
    /// By how many microseconds it may be off, either way.
    pub uncertainty_us: u64,
}
