//! Samples that stand for several events.

use super::event::{Layout, RawSample};
use super::follow::Follower;
use super::meta::Meta;
use super::order::QueuedRecord;
use super::reason;

impl Follower<'_> {
    /// Handles a sample with counters: it is a sample of each event whose counter grew.
    pub(super) fn counted(
        &mut self,
        held: &QueuedRecord,
        layout: Layout,
        sample: &RawSample<'_>,
        meta: &Meta,
    ) {
        for (id, value) in layout.counters(sample) {
            let Some((number, event)) = meta.event_with(id) else {
                self.ledger.lose(reason::EVENT, held.number, 1);
                continue;
            };
            let weight = match self.counters.growth(layout, sample, (id, value)) {
                Ok(0) => continue,
                Ok(growth) => {
                    self.counters.count(number);
                    if !self.reads(number) {
                        continue;
                    }
                    self.weigh(event, &RawSample { period: Some(growth), ..*sample })
                }
                Err(reason) => Err(reason),
            };
            match weight {
                Ok(weight) => self.sample(held, sample, weight, meta),
                Err(reason) => self.ledger.lose(reason, held.number, 1),
            }
        }
    }
}
