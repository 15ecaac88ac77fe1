//! Finds the wall-clock time of a recording's zero, so that it can be laid beside a load test.

use crate::answers::answers_us;
use crate::correlate::{self, Match};
use crate::spanned;
use crate::time::{Alignment, SECOND_US, TENTH_US, TOLERANCE_US, length_us, seconds_us};
use spikeflame_load::{Timeline, show_time};
use spikeflame_profile::warning::Fact;
use spikeflame_profile::{Clock, ClockSource, Profile, Selection, Source, Zero};

/// Microseconds in a quarter of an hour: the offsets of time zones are multiples of it.
const QUARTER_HOUR: i64 = 900 * SECOND_US;

/// Longest time between the last line of a log and a load test of the same run. A log that ended earlier may be
/// that of another run.
const SILENT_US: i64 = 3600 * SECOND_US;

/// Reasons why the times of a recording and of a load test cannot be aligned.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AlignError {
    /// The recording's samples have no times.
    #[error(
        "{recording}: its {}, so no window can be cut from it",
        if *undated { "times have no date" } else { "samples carry no times" }
    )]
    NoTimes {
        /// Name of the recording.
        recording: String,
        /// True for a log whose times have no date.
        undated: bool,
    },
    /// The wall-clock times of the recording (its own, or the start that the user gave) and of the
    /// load test do not overlap.
    #[error("{recording} ran from {profile}, and {load} from {test}")]
    Apart {
        /// Name of the recording.
        recording: String,
        /// Path of the load test's file.
        load: String,
        /// Start and length of the recording, in words.
        profile: String,
        /// Start and length of the load test, in words.
        test: String,
        /// The zone, in seconds east of UTC, in which the two would overlap most, to be suggested
        /// to the user. `None` when none is to be suggested.
        zone_s: Option<i32>,
    },
    /// The times of the load test are not those of a clock ([`Timeline::has_clock`]), and nothing
    /// else shows which part of the test was recorded.
    #[error(
        "{load}: its times {}, so they do not show which part of the test {recording} recorded",
        if *.has_day_times { "have no date" } else { "count from the start of the test" }
    )]
    NoTestClock {
        /// Name of the recording.
        recording: String,
        /// Path of the load test's file.
        load: String,
        /// True for times of day without a date, and false for times since the start of the test.
        has_day_times: bool,
    },
    /// The recording has no start time that fits to the load test, and the correlation of CPU activity with
    /// throughput does not clearly show one.
    #[error(
        "{recording} holds no start time, and its CPU activity does not show it either \
         ({matched})"
    )]
    CannotTell {
        /// Name of the recording.
        recording: String,
        /// Result of the correlation, in words.
        matched: String,
        /// The earliest and the latest time at which the recording can have begun if it contains
        /// the whole test, in words. `None` when they are not known.
        between: Option<(String, String)>,
    },
}

/// Returns the wall-clock time of the recording's zero. It comes from `given`, when that is known.
/// Other sources are times in the recording, its file's name or times, and the correlation of CPU
/// activity with throughput; [`Clock::known`](spikeflame_profile::Clock::known) shows the source.
///
/// # Errors
///
/// Returns [`AlignError`] when the recording's samples have no times, when no source gives the time, or
/// when recording and load test did not run at the same time. A log may end up to an hour before the test.
pub fn align(
    profile: &Profile,
    timeline: &Timeline,
    given: Option<Clock>,
) -> Result<Clock, AlignError> {
    let first = profile.sources.first();
    let recording = || first.map(|source| source.name.clone()).unwrap_or_default();
    if !profile.is_timed() {
        let untimed = profile.sources.iter().find(|source| !source.timed).or(first);
        let recording = untimed.map(|source| source.name.clone()).unwrap_or_default();
        let undated = untimed.is_some_and(|source| source.undated);
        return Err(AlignError::NoTimes { recording, undated });
    }
    let length = profile.sources.iter().map(|source| source.end_us).max().unwrap_or(0);
    let of_source = || profile.sources.iter().flat_map(Source::clocks);
    let own = given.or_else(|| {
        of_source().find(|clock| matches!(clock.known, ClockSource::Recorded | ClockSource::Marks))
    });
    if let Some(clock) = own {
        if overlap(clock.zero_us, length, timeline) > 0
            || fell_silent(profile, clock.zero_us, length, timeline)
        {
            return Ok(clock);
        }
        if !timeline.has_clock() {
            return Err(no_test_clock(recording(), timeline));
        }
        return Err(AlignError::Apart {
            recording: recording(),
            load: timeline.source.clone(),
            profile: stretch(clock.zero_us, length),
            test: stretch(seconds_us(timeline.start_s), covered(timeline)),
            zone_s: zone_of_log(profile, timeline).filter(|_| given.is_none()),
        });
    }
    let busy = activity(profile, length);
    let matched = correlate::find(&busy, timeline, None);
    // Copying and unpacking change a file's time. It is therefore believed only where it agrees
    // with the load test.
    let plausible = of_source()
        .map(|clock| near(clock, length, timeline))
        .find(|clock| overlap(clock.zero_us, length, timeline) * 2 > length.min(covered(timeline)));
    match (&matched, plausible) {
        (Match::Found { zero_us, .. }, Some(clock))
            if clock.zero_us.abs_diff(*zero_us) > clock.uncertainty_us + length_us(1) => {}
        (Match::Found { .. }, Some(clock)) if clock.known == ClockSource::FileName => {}
        (_, Some(clock)) => return Ok(clock),
        _ => {}
    }
    match matched {
        Match::Found { zero_us, uncertainty_us, .. } => {
            Ok(Clock { zero_us, known: ClockSource::Correlated, uncertainty_us })
        }
        // A caller may know more about such a recording (`align_one_run`).
        other => Err(AlignError::CannotTell {
            recording: recording(),
            matched: other.to_string(),
            between: None,
        }),
    }
}

fn no_test_clock(recording: String, timeline: &Timeline) -> AlignError {
    let has_day_times = timeline.warnings.contains(&spikeflame_load::Warning::NoDate);
    AlignError::NoTestClock { recording, load: timeline.source.clone(), has_day_times }
}

/// Returns the clock in the time zone in which the recording covers most of the test. It is for
/// clocks from a file's name, which contains a local time without a zone.
fn near(clock: Clock, length: u64, timeline: &Timeline) -> Clock {
    if clock.known != ClockSource::FileName {
        return clock;
    }
    let zones = (-56..=56).map(|quarter| clock.zero_us + quarter * QUARTER_HOUR);
    let best = zones.max_by_key(|&zero| overlap(zero, length, timeline));
    Clock { zero_us: best.unwrap_or(clock.zero_us), ..clock }
}

/// Returns the zone in which a log overlaps most with the test, when the times of the log name none
/// and were taken as UTC.
fn zone_of_log(profile: &Profile, timeline: &Timeline) -> Option<i32> {
    let log = profile.warnings.iter().find(|warning| warning.fact == Fact::NoZone)?;
    let source = profile.sources.iter().find(|source| source.name == log.source)?;
    let Zero::Wall(zero_us) = source.zero else { return None };
    let zero_us = i64::try_from(zero_us).ok()?;
    // Zones lie between -12:00 and +14:00. Most are whole hours.
    let zones =
        (-48..=56).map(|quarters: i32| (quarters, zero_us - i64::from(quarters) * QUARTER_HOUR));
    let overlaps = zones.map(|(quarters, zero)| (overlap(zero, source.end_us, timeline), quarters));
    let best = overlaps.max_by_key(|(length, quarters)| (*length, quarters % 4 == 0))?;
    (best.0 > 0).then_some(best.1 * 900)
}

/// Returns true for a log whose last line was written during a load test, or at most [`SILENT_US`] before it,
/// and whose times name their zone. A program without trouble often logs its start, and nothing under load.
fn fell_silent(profile: &Profile, zero_us: i64, length: u64, timeline: &Timeline) -> bool {
    let silent_us = seconds_us(timeline.start_s) - zero_us.saturating_add_unsigned(length);
    let has_zone = !profile.warnings.iter().any(|warning| warning.fact == Fact::NoZone);
    timeline.has_clock()
        && has_zone
        && (-seconds_us(timeline.seconds.len() as i64)..=SILENT_US).contains(&silent_us)
        && profile.sources.iter().all(|source| source.unit == "errors")
}

fn covered(timeline: &Timeline) -> u64 {
    length_us(timeline.seconds.len())
}

/// Returns the microseconds for which a recording and a test run at the same time.
fn overlap(zero_us: i64, length: u64, timeline: &Timeline) -> u64 {
    let start = seconds_us(timeline.start_s);
    let end = start.saturating_add_unsigned(covered(timeline));
    let to = zero_us.saturating_add_unsigned(length).min(end);
    to.saturating_sub(zero_us.max(start)).max(0).unsigned_abs()
}

fn stretch(start_us: i64, length: u64) -> String {
    format!("{} for {} s", show_time(start_us.div_euclid(SECOND_US)), length / length_us(1))
}

/// Returns the clock of [`align`]. When that fails, the lengths of a tick log and of the test limit
/// the possible times: CPU activity and throughput are compared only for these, or else the middle
/// of these times is taken. It is only for a recording and a test that are known to belong
/// together.
pub(crate) fn align_one_run(
    profile: &Profile,
    timeline: &Timeline,
    given: Option<Clock>,
) -> Result<Clock, AlignError> {
    align(profile, timeline, given).or_else(|why| {
        let AlignError::CannotTell { recording, matched, .. } = why else { return Err(why) };
        let zeros = spanned::possible(profile, timeline);
        let found = zeros.and_then(|zeros| {
            let length = profile.sources.iter().map(|source| source.end_us).max().unwrap_or(0);
            match correlate::find(&activity(profile, length), timeline, Some(zeros)) {
                Match::Found { zero_us, uncertainty_us, .. } => {
                    Some(Clock { zero_us, known: ClockSource::Correlated, uncertainty_us })
                }
                _ => zeros.middle(),
            }
        });
        if found.is_none() && !timeline.has_clock() {
            return Err(no_test_clock(recording, timeline));
        }
        let time = |us: i64| show_time(us.div_euclid(SECOND_US));
        let between = zeros.map(|zeros| (time(zeros.earliest_us), time(zeros.latest_us)));
        found.ok_or(AlignError::CannotTell { recording, matched, between })
    })
}

/// Returns the wall-clock time of the recording's zero by the correlation of CPU activity with
/// throughput, when it contradicts the clocks: a wall-clock time in the recording places answers of
/// the load test more than a second before or after it, and the correlation is clear and differs by
/// more than a second. Answers outside of a recording alone are no contradiction: a part of a run can
/// be recorded.
pub(crate) fn contradicted(
    profile: &Profile,
    timeline: &Timeline,
    found: &Alignment,
) -> Option<i64> {
    let clock = found.clock;
    if !matches!(clock.known, ClockSource::Recorded | ClockSource::Marks)
        || profile.sources.iter().any(|source| source.unit == "errors")
    {
        return None;
    }
    let length = profile.sources.iter().map(|source| source.end_us).max()?;
    let (first, last) = answers_us(timeline);
    let late_us = found.in_recording(last).saturating_sub_unsigned(length);
    if found.in_recording(first) >= -SECOND_US && late_us <= SECOND_US {
        return None;
    }
    let tolerance_us = clock.uncertainty_us.saturating_add(TOLERANCE_US);
    // A log that can contain the whole test has few possible offsets.
    let among = spanned::possible(profile, timeline);
    match correlate::find(&activity(profile, length), timeline, among) {
        Match::Found { zero_us, .. } if clock.zero_us.abs_diff(zero_us) > tolerance_us => {
            Some(zero_us)
        }
        _ => None,
    }
}

/// Returns the number of samples that are not idle, for each tenth of a second.
fn activity(profile: &Profile, length: u64) -> Vec<f64> {
    // At most one week, so that memory stays bounded.
    let tenths = (length / TENTH_US.unsigned_abs() + 1).min(6_048_000) as usize;
    let mut busy = vec![0.0; tenths];
    profile.visit(&Selection::default(), |_, sample, weight| {
        if let Some(tenth) = busy.get_mut((sample.time_us / TENTH_US.unsigned_abs()) as usize) {
            *tenth += weight as f64;
        }
    });
    busy
}
