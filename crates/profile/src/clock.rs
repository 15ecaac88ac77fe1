//! The wall-clock time of a recording's zero.

/// The evidence for the wall-clock time of a recording's zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockSource {
    /// The recording itself, or another file of its run, contains the wall-clock time.
    Recorded,
    /// A log of V8 contains functions named `__wallmark_<microseconds since 1970>`, and the V8
    /// times at which they were compiled.
    Marks,
    /// The user gave the wall-clock time of the recording's start.
    Given,
    /// The file's name contains the start in local time. Its time zone is not known, so the clock may be
    /// wrong by a multiple of 15 minutes.
    FileName,
    /// The file's name contains the start in milliseconds since 1970, which needs no time zone.
    FileStamp,
    /// The clock comes from a time of the file, as a rule that of its last write, which is taken as
    /// the end of the recording. It is wrong for a file that was changed later.
    FileTime,
    /// The zero is the time at which CPU activity in the recording best follows the throughput of
    /// the load test.
    Correlated,
    /// The recording is assumed to contain the whole load test.
    Spanned,
}

/// The wall-clock time of a recording's zero, from which its samples' times count, with the
/// evidence for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// The wall-clock time of the recording's zero, in microseconds since 1970-01-01T00:00:00Z.
    pub zero_us: i64,
    /// The evidence from which `zero_us` is known.
    pub known: ClockSource,
    /// The largest expected error of `zero_us`, in microseconds in either direction. The error of a
    /// time zone that is not known is not part of it.
    pub uncertainty_us: u64,
}
