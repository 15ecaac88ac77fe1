//! Seconds of a load test and microseconds of a recording: the one place where
//! one becomes the other.

use spikeflame_load::Timeline;
use spikeflame_load::plateau::Window as Seconds;
use spikeflame_profile::Clock;

/// Microseconds in a second.
pub(crate) const SECOND_US: i64 = 1_000_000;

/// Whole seconds as microseconds.
pub(crate) fn seconds_us(seconds: i64) -> i64 {
    seconds.saturating_mul(SECOND_US)
}

/// The length of so many seconds, in microseconds.
pub(crate) fn length_us(seconds: usize) -> u64 {
    (seconds as u64).saturating_mul(SECOND_US.unsigned_abs())
}

/// A recording laid beside a load test: the recording's clock, and where the test
/// begins in the recording's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alignment {
    /// The wall-clock time of the recording's zero, and how it is known.
    pub clock: Clock,
    /// The test's first second, in microseconds since the recording's zero. It is
    /// negative where the test began first.
    pub test_start_us: i64,
}

impl Alignment {
    /// The alignment of a recording whose zero is known with a load test.
    pub fn new(clock: Clock, timeline: &Timeline) -> Self {
        let test_start_us = seconds_us(timeline.start_s).saturating_sub(clock.zero_us);
        Self { clock, test_start_us }
    }

    /// The time in the recording, in microseconds since its zero, of a time of the
    /// test, in microseconds since its start. It is negative before the recording.
    pub fn in_recording(&self, test_us: u64) -> i64 {
        self.test_start_us.saturating_add_unsigned(test_us)
    }

    /// The time of the test, in microseconds since its start, of a time of the
    /// recording. It is negative before the test.
    pub fn in_test(&self, recording_us: u64) -> i64 {
        let us = i64::try_from(recording_us).unwrap_or(i64::MAX);
        us.saturating_sub(self.test_start_us)
    }

    /// The recording's times, in microseconds since its zero, of some seconds of
    /// the test. What lies before the recording is cut off.
    pub fn window_us(&self, seconds: Seconds) -> (u64, u64) {
        let at = |second: usize| self.in_recording(length_us(second)).max(0).unsigned_abs();
        (at(seconds.from), at(seconds.to))
    }

    /// The time in the recording of a second of the test; `None` before its zero.
    pub fn second_us(&self, second: usize) -> Option<u64> {
        u64::try_from(self.in_recording(length_us(second))).ok()
    }
}
