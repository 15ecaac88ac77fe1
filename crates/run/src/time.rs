//! Converts seconds of a load test to microseconds of a recording. No other place does this.

use spikeflame_load::Timeline;
use spikeflame_load::plateau::Window as Seconds;
use spikeflame_profile::{Clock, ClockSource};

pub(crate) use spikeflame_profile::wall::SECOND_US;

/// Microseconds in a tenth of a second, the unit in which answers are counted.
pub(crate) const TENTH_US: i64 = SECOND_US / 10;

/// Microseconds by which a recording may end before the window and still cover it: the last sample
/// is taken before the process ends.
pub(crate) const TOLERANCE_US: u64 = SECOND_US.unsigned_abs();

/// Converts whole seconds to microseconds: a wall-clock time, as that of a test's start, or a
/// difference. A result outside of the range of `i64` becomes the nearest value within it.
///
/// ```
/// assert_eq!(spikeflame_run::seconds_us(-2), -2_000_000);
/// ```
pub fn seconds_us(seconds: i64) -> i64 {
    seconds.saturating_mul(SECOND_US)
}

/// Returns the length of a number of seconds in microseconds, which is also the start of the second
/// with this number in a test.
///
/// ```
/// assert_eq!(spikeflame_run::length_us(3), 3_000_000);
/// ```
pub fn length_us(seconds: usize) -> u64 {
    (seconds as u64).saturating_mul(SECOND_US.unsigned_abs())
}

/// Returns the clock for a start of the recording that the user gave. A time without a fraction was cut or
/// rounded to a second.
pub(crate) fn given(began_us: Option<i64>) -> Option<Clock> {
    began_us.map(|zero_us| {
        let uncertainty_us = if zero_us % SECOND_US == 0 { length_us(1) } else { 0 };
        Clock { zero_us, known: ClockSource::Given, uncertainty_us }
    })
}

/// The position of a load test in the time of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alignment {
    /// The wall-clock time of the recording's zero, and the evidence for it.
    pub clock: Clock,
    /// Start of the test's first second, in microseconds since the recording's zero. It is negative
    /// when the test began before the recording.
    pub test_start_us: i64,
}

impl Alignment {
    /// Aligns a load test with a recording whose zero is known: `test_start_us` is the test's start
    /// less `clock.zero_us`.
    ///
    /// ```
    /// use spikeflame_load::Timeline;
    /// use spikeflame_profile::{Clock, ClockSource};
    /// use spikeflame_run::Alignment;
    ///
    /// let clock = Clock { zero_us: 8_000_000, known: ClockSource::Recorded, uncertainty_us: 0 };
    /// let alignment = Alignment::new(clock, &Timeline { start_s: 10, ..Timeline::default() });
    /// assert_eq!(alignment.test_start_us, 2_000_000);
    /// assert_eq!(alignment.in_recording(500_000), 2_500_000);
    /// assert_eq!(alignment.in_test(2_500_000), 500_000);
    /// ```
    pub fn new(clock: Clock, timeline: &Timeline) -> Self {
        let test_start_us = seconds_us(timeline.start_s).saturating_sub(clock.zero_us);
        Self { clock, test_start_us }
    }

    /// Converts a time of the test (microseconds since its start) to a time of the recording
    /// (microseconds since its zero). The result is negative for a time before that zero.
    pub fn in_recording(&self, test_us: u64) -> i64 {
        self.test_start_us.saturating_add_unsigned(test_us)
    }

    /// Converts a time of the recording (microseconds since its zero) to a time of the test
    /// (microseconds since its start). The result is negative before the start of the test.
    pub fn in_test(&self, recording_us: u64) -> i64 {
        let us = i64::try_from(recording_us).unwrap_or(i64::MAX);
        us.saturating_sub(self.test_start_us)
    }

    /// Returns the start and the end of some seconds of the test, in microseconds since the
    /// recording's zero. A time before the recording becomes 0.
    pub(crate) fn window_us(&self, seconds: Seconds) -> (u64, u64) {
        let at = |second: usize| self.in_recording(length_us(second)).max(0).unsigned_abs();
        (at(seconds.from), at(seconds.to))
    }

    /// Returns the share of some seconds of the test that lies after the recording's start, from 0
    /// to 1. Up to one second before it counts as recorded, as it does at the end.
    pub(crate) fn share_recorded(&self, seconds: Seconds) -> f64 {
        let length = length_us(seconds.seconds());
        let early = self.in_recording(length_us(seconds.from)).min(0).unsigned_abs();
        match early.min(length) {
            early if early <= TOLERANCE_US || length == 0 => 1.0,
            early => (length - early) as f64 / length as f64,
        }
    }

    /// Returns the start of second `second` of the test (from 0), in microseconds since the
    /// recording's zero. Returns `None` when it lies before the recording.
    pub(crate) fn second_us(&self, second: usize) -> Option<u64> {
        u64::try_from(self.in_recording(length_us(second))).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The error was: "by --profile-start, within 1 ms" of a time in whole seconds.
    #[test]
    fn a_given_time_without_a_fraction_is_known_to_a_second() {
        let uncertainty_us = |us| given(Some(us)).map(|clock| clock.uncertainty_us);
        assert_eq!(uncertainty_us(1_795_397_085_000_000), Some(1_000_000));
        assert_eq!(uncertainty_us(1_795_397_085_728_000), Some(0));
    }
}
