//! The wall-clock time of a recording's zero.

/// The evidence for the wall-clock time of a recording's zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockSource {
    /// The recording itself contains its zero as a wall-clock time. In facts about a whole run, it may also
    /// be the time that the load test or the recorder's facts contain.
    Recorded,
    /// A log of V8 contains functions named `__wallmark_<microseconds since 1970>`, and the V8
    /// times at which they were compiled.
    Marks,
    /// The user gave the wall-clock time of the recording's start.
    Given,
    /// The file's name contains the start in local time, which is read as UTC. The time zone is not known:
    /// the clock may be wrong by a multiple of 15 minutes, unless a load test showed the zone.
    FileName,
    /// The file's name contains the start in milliseconds since 1970, which needs no time zone.
    FileStamp,
    /// The time of the file's last write is taken as the end of the recording, and the recording's
    /// length is subtracted from it. The clock is wrong for a file that was changed later. When a tick log
    /// of V8 is read together with other recordings, the time at which its file was created is taken as the
    /// start, unless the file is a copy.
    FileTime,
    /// The zero is the offset at which CPU activity in the recording best follows the throughput of
    /// the load test.
    Correlated,
    /// The recording is assumed to contain the whole load test, and is only a little longer, so that all
    /// possible zeros lie close together. The zero is the middle of these, and the clock's uncertainty
    /// reaches to the first and the last possible one.
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
    /// The largest expected error of `zero_us`, in microseconds in either direction. The error of a time zone
    /// that is not known ([`ClockSource::FileName`]) is not part of it.
    pub uncertainty_us: u64,
}
