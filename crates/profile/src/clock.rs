//! The wall-clock time of a recording's zero.

/// The source from which the wall-clock time of a recording's zero is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockSource {
    /// The recording contains its start time.
    Recorded,
    /// Names of functions in the log contain the time at which they were compiled.
    Marks,
    /// The user gave the wall-clock time of the start.
    Given,
    /// The file's name contains a local time. Its time zone is not known, so the clock may
    /// be wrong by a multiple of 15 minutes.
    FileName,
    /// The file's name contains the time in UTC.
    FileStamp,
    /// The file was last written when the recording ended.
    FileTime,
    /// CPU activity in the recording follows the throughput of the load test.
    Correlated,
    /// The recording and the load test are about equally long, and the recording must contain the
    /// whole test.
    Spanned,
}

/// The wall-clock time of a recording's zero, with its evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// The time of zero, in microseconds since 1970-01-01T00:00:00Z.
    pub zero_us: i64,
    /// The source from which this time is known.
    pub known: ClockSource,
    /// The possible error, in microseconds in either direction.
    pub uncertainty_us: u64,
}
