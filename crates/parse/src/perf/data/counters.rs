//! Counters that samples contain (`sample_read`).
//!
//! `perf record -e '{a,b}:S'` samples the first event of a group, and writes the counters of all its
//! events into each sample. A sample then stands, for every event, for the growth of its counter
//! since the sample before. `perf report` and `perf script` count in the same way, and leave out
//! events whose counter did not grow.

use super::event::{Layout, RawSample};
use super::reason;
use hashbrown::HashMap;

/// The most counters that are kept: 0.1 GiB. An event has one for each processor and thread.
const MOST_COUNTERS: usize = 1 << 21;

/// The counters of all events, as the last samples contain them.
#[derive(Debug, Default)]
pub(super) struct Counters {
    /// The last value of each counter, by its id and by the thread when threads count apart.
    last: HashMap<(u64, i32), u64>,
    /// The number of samples of each event, by the event's number.
    samples: Vec<u64>,
}

impl Counters {
    /// Takes the value of a counter in a sample. Returns how much it grew, or the reason why this is
    /// not known.
    pub(super) fn growth(
        &mut self,
        layout: Layout,
        sample: &RawSample<'_>,
        (id, value): (u64, u64),
    ) -> Result<u64, &'static str> {
        let key = (id, if layout.is_inherited() { sample.tid } else { 0 });
        if self.last.len() >= MOST_COUNTERS && !self.last.contains_key(&key) {
            return Err(reason::COUNTERS);
        }
        let last = self.last.insert(key, value).unwrap_or_default();
        value.checked_sub(last).ok_or(reason::COUNTER)
    }

    /// Counts a sample of an event.
    pub(super) fn count(&mut self, event: usize) {
        if self.samples.len() <= event {
            self.samples.resize(event + 1, 0);
        }
        if let Some(samples) = self.samples.get_mut(event) {
            *samples += 1;
        }
    }

    /// Returns the number of samples of each event, by the event's number.
    pub(super) fn samples(&self) -> &[u64] {
        &self.samples
    }
}
