//! Recordings that are an earlier copy of another one, as `docker cp` makes while a program runs.

use super::{Recording, began_apart, states_other_start};
use crate::input::{Beginning, begins_with};
use crate::sniff::format::Format;
use spikeflame_profile::{Profile, Sample};
use std::collections::BTreeSet;

/// The smallest number of samples by whose times a copy is recognised.
const LEAST_SAMPLES: usize = 8;
/// The smallest number of different times between two samples. Intervals of a real clock differ.
/// Two recordings with equal intervals only, as tools make them, have the same times by chance.
const LEAST_INTERVALS: usize = 6;
/// The largest number of last samples that may differ, because a copy can end within a line.
const CUT_SAMPLES: usize = 2;

/// Leaves out recordings that are the beginning of another one, and returns those that stay, in
/// their order, and those that are left out.
pub(super) fn leave_out(all: Vec<Recording>) -> (Vec<Recording>, Vec<Recording>) {
    let is_earlier = |(at, one): (usize, &Recording)| {
        let mut others = all.iter().enumerate().filter(|(other, _)| *other != at);
        others.any(|(other, of)| is_beginning(one, of) || is_log_within(one, of, other < at))
    };
    let earlier: Vec<bool> = all.iter().enumerate().map(is_earlier).collect();
    let mut earlier = earlier.into_iter();
    let (out, kept) = all.into_iter().partition(|_| earlier.next() == Some(true));
    (kept, out)
}

/// Returns true when a recording has fewer samples than another one, and has its first samples: in
/// the same format, at the same times, with the same stacks.
fn is_beginning(one: &Recording, other: &Recording) -> bool {
    one.format == other.format
        && one.profile.samples() < other.profile.samples()
        && one.profile.total() <= other.profile.total()
        && has_first_times(&one.profile, &other.profile)
        && !states_other_start(one, other)
        && !began_apart(&one.profile, &other.profile)
        && other.holds(one)
}

/// Returns true when the log of an application is another one at an earlier moment: the other one begins
/// with all its bytes, unpacked. When both are equal, the one `behind` the other is left out.
///
/// A few errors without times may be the same in the logs of two programs that failed in the same way.
fn is_log_within(one: &Recording, other: &Recording, behind: bool) -> bool {
    let samples = one.profile.samples();
    let is_sure = samples >= LEAST_SAMPLES as u64 || samples > 0 && one.profile.is_timed();
    let are_logs = one.format == Format::AppLog && other.format == Format::AppLog;
    if !are_logs || !is_sure || one.profile.total() > other.profile.total() {
        return false;
    }
    let ([short], [long]) = (&*one.profile.sources, &*other.profile.sources) else { return false };
    match begins_with(&long.path, &short.path) {
        Some(Beginning::Longer) => true,
        Some(Beginning::Equal) => behind,
        None => false,
    }
}

/// Returns true when each thread of a profile has the first times of the same thread of another
/// one, and when these times cannot be the same by chance.
fn has_first_times(one: &Profile, other: &Profile) -> bool {
    if !one.is_timed() || !other.is_timed() || one.threads.len() > other.threads.len() {
        return false;
    }
    let (mut samples, mut intervals) = (0_usize, BTreeSet::new());
    for (short, long) in one.threads.iter().zip(&other.threads) {
        let count = short.samples.len();
        let mut same = 0_usize;
        let mut last = None;
        for ((Sample { time_us, .. }, _), (of_other, _)) in
            short.samples.iter().zip(long.samples.iter())
        {
            if time_us != of_other.time_us {
                break;
            }
            same += 1;
            if intervals.len() < LEAST_INTERVALS {
                intervals.extend(last.map(|last| time_us.saturating_sub(last)));
            }
            last = Some(time_us);
        }
        if same.saturating_add(CUT_SAMPLES) < count {
            return false;
        }
        samples = samples.saturating_add(same);
    }
    samples >= LEAST_SAMPLES && intervals.len() >= LEAST_INTERVALS
}
