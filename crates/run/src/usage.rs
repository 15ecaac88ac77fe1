//! CPU use of the main thread in a window, from the samples of a profile.

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
