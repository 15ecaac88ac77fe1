//! CPU use of the main thread in a window, from the samples of a profile.

use crate::time::{SECOND_US, length_us};
use spikeflame_load::Usage;
use spikeflame_profile::{Idle, Kind, Profile, Selection, Source};

/// Returns the CPU use of the thread with the most samples. Returns `None` when the window has no
/// sample. V8 takes no ticks while the event loop waits, except one when it wakes up. The time
/// between two samples therefore counts for the state that the later one saw.
///
/// ```
/// use spikeflame_profile::Profile;
///
/// assert!(spikeflame_run::usage(&Profile::default(), 0, 1_000_000).is_none());
/// ```
pub fn usage(profile: &Profile, from_us: u64, to_us: u64) -> Option<Usage> {
    let busiest = profile.threads.iter().enumerate();
    let (main, _) = busiest.max_by_key(|(_, thread)| thread.samples.total())?;
    let selection = Selection { idle: Idle::Keep, ..Selection::default() };
    let (mut busy, mut idle, mut gc, mut waited_us, mut last_us) = (0, 0, 0, 0, 0);
    let (mut waits, mut collects) = (false, false);
    profile.visit(&selection, |thread, sample, weight| {
        if thread != main {
            return;
        }
        let frame = profile.stacks.get(sample.stack).map(|(_, frame)| frame);
        let kind = frame.map(|frame| profile.frames.kind(frame));
        waits |= kind == Some(Kind::Idle);
        collects |= kind == Some(Kind::Gc);
        if sample.time_us >= from_us && sample.time_us < to_us {
            if kind == Some(Kind::Idle) {
                idle += weight;
                waited_us += sample.time_us - last_us.max(from_us);
            } else {
                busy += weight;
                gc += if kind == Some(Kind::Gc) { weight } else { 0 };
            }
        }
        last_us = sample.time_us;
    });
    let window = to_us.saturating_sub(from_us) as f64;
    if busy + idle == 0 || window <= 0.0 {
        return None;
    }
    let nanos = profile.sources.first().and_then(Source::weight_ns);
    Some(Usage {
        cpu_utilisation: busy as f64 / (busy + idle) as f64,
        loop_utilisation: waits.then(|| 1.0 - waited_us as f64 / window),
        cores: nanos.map(|nanos| busy as f64 * nanos as f64 / 1e3 / window),
        gc_share: collects.then(|| gc as f64 / busy.max(1) as f64),
        samples: busy,
    })
}

/// Returns the share of each second in which the main thread's event loop did not wait. There are
/// `count` seconds from `start_us` on, in microseconds of the recording. The share is `NAN` for a
/// second that the recording does not cover completely. Returns `None` for a recording without
/// idle samples, because it does not show when the loop waited.
pub(crate) fn busy(profile: &Profile, start_us: i64, count: usize) -> Option<Vec<f64>> {
    let busiest = profile.threads.iter().enumerate();
    let (main, _) = busiest.max_by_key(|(_, thread)| thread.samples.total())?;
    let selection = Selection { idle: Idle::Keep, ..Selection::default() };
    let mut waited_us = vec![0_u64; count];
    let (mut first_us, mut last_us, mut waits) = (None, 0, false);
    profile.visit(&selection, |thread, sample, _| {
        if thread != main {
            return;
        }
        first_us.get_or_insert(sample.time_us);
        let frame = profile.stacks.get(sample.stack).map(|(_, frame)| frame);
        if frame.map(|frame| profile.frames.kind(frame)) == Some(Kind::Idle) {
            waits = true;
            add(&mut waited_us, start_us, last_us, sample.time_us);
        }
        last_us = sample.time_us;
    });
    let first_us = first_us.filter(|_| waits)?;
    let known = |second: usize| {
        let from = start_us.saturating_add_unsigned(length_us(second));
        let to = from.saturating_add(SECOND_US);
        from >= 0 && from.unsigned_abs() >= first_us && to.unsigned_abs() <= last_us
    };
    let share = |(second, waited): (usize, u64)| match known(second) {
        true => 1.0 - (waited as f64 / SECOND_US as f64).min(1.0),
        false => f64::NAN,
    };
    Some(waited_us.into_iter().enumerate().map(share).collect())
}

/// Adds the time between two moments of the recording to the seconds that it lies in.
fn add(seconds: &mut [u64], start_us: i64, from_us: u64, to_us: u64) {
    let at = |us: u64| i64::try_from(us).unwrap_or(i64::MAX).saturating_sub(start_us);
    let (mut from, to) = (at(from_us).max(0), at(to_us));
    while from < to {
        let second = from / SECOND_US;
        let Some(sum) = seconds.get_mut(second as usize) else { return };
        let end = to.min((second + 1) * SECOND_US);
        *sum += (end - from).unsigned_abs();
        from = end;
    }
}
