//! Finds the time of a tick log's zero from the lengths of the log and of the load test.
//!
//! `node --prof` writes from the start of the process to its end. The log of a process that answered
//! the whole test begins before the first request and ends after the last answer. When the log is
//! hardly longer than the test, its zero is known well enough for a window.

use crate::time::{SECOND_US, TENTH_US, length_us, seconds_us};
use spikeflame_load::{Second, Timeline};
use spikeflame_profile::{Clock, ClockSource, Profile};

/// k6's error code of a request that timed out.
const TIMED_OUT: u16 = 1050;
/// Largest uncertainty, in microseconds.
const LARGEST_US: u64 = 4_000_000;
/// Largest uncertainty, as a part of the test's length: an eighth.
const LARGEST_PART: u64 = 8;

/// Wall-clock times of a log's zero at which the log contains a whole test, in microseconds since
/// 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PossibleZeros {
    /// The log ends with the last answer.
    pub(crate) earliest_us: i64,
    /// The log begins with the first request.
    pub(crate) latest_us: i64,
    /// The time from the first request to the last answer.
    pub(crate) test_us: u64,
}

/// Returns the times at which the log contains the whole test. Returns `None` for other recordings
/// than a single tick log, and when the log is shorter than the test.
pub(crate) fn possible(profile: &Profile, timeline: &Timeline) -> Option<PossibleZeros> {
    let [source] = profile.sources.as_slice() else { return None };
    if source.unit != "ticks" {
        return None;
    }
    let (latest_us, ended_us) = test(timeline)?;
    let earliest_us = ended_us.checked_sub_unsigned(source.end_us)?;
    let test_us = u64::try_from(ended_us.checked_sub(latest_us)?).ok()?;
    (earliest_us <= latest_us).then_some(PossibleZeros { earliest_us, latest_us, test_us })
}

impl PossibleZeros {
    /// Returns the middle of the times, unless they are too far apart.
    pub(crate) fn middle(self) -> Option<Clock> {
        let between_us = self.latest_us.abs_diff(self.earliest_us);
        let half_us = between_us / 2 + TENTH_US.unsigned_abs();
        let is_exact = half_us <= LARGEST_US.min(self.test_us / LARGEST_PART);
        let zero_us = self.earliest_us.checked_add_unsigned(between_us / 2)?;
        is_exact.then_some(Clock { zero_us, known: ClockSource::Spanned, uncertainty_us: half_us })
    }
}

/// Returns the latest time at which the first request can have begun, and the earliest time at which
/// the last answer can have come, in microseconds since 1970.
fn test(timeline: &Timeline) -> Option<(i64, i64)> {
    let seconds = timeline.seconds.as_slice();
    let first = seconds.iter().position(|second| second.started > 0.0 || is_alive(second))?;
    let last = seconds.iter().rposition(is_alive)?;
    let begin =
        |second: usize| seconds_us(timeline.start_s).checked_add_unsigned(length_us(second));
    let (mut began_us, mut ended_us) = (begin(first)?.checked_add(SECOND_US)?, begin(last)?);
    if !timeline.coarse {
        began_us = timeline.first.first().map_or(began_us, |first| first.start_us.min(began_us));
        let tenths = seconds.get(last)?.tenths;
        let tenth = tenths.iter().rposition(|served| *served > 0.0).unwrap_or_default();
        ended_us = ended_us.checked_add(i64::try_from(tenth).ok()? * TENTH_US)?;
    }
    Some((began_us, ended_us))
}

/// Returns true for a second that shows a living process: a request got an answer, or it timed out.
/// When a process ends, the system resets its connections, and requests do not time out.
fn is_alive(second: &Second) -> bool {
    let timed_out = || second.failures.iter().any(|(kind, _)| kind.error_code == Some(TIMED_OUT));
    second.answers() > 0.0 || timed_out()
}
