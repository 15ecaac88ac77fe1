//! Ids that two nodes of a `.cpuprofile` have.

use spikeflame_profile::Ledger;

const TWICE: &str = "the id of two nodes; the first is taken";

/// The ids that were met a second time. A message names the first of them.
pub(super) struct LostIds(Ledger);

impl Default for LostIds {
    fn default() -> Self {
        Self(Ledger::new("id"))
    }
}

impl LostIds {
    pub(super) fn lose_id(&mut self, id: u64) {
        match id.checked_sub(1) {
            Some(before) => self.0.lose(TWICE, before, 0),
            // A ledger's numbers begin at 1.
            None => self.0.lose_somewhere(TWICE, 1, 0),
        }
    }

    pub(super) fn join_into(self, ledger: &mut Ledger) {
        ledger.join(self.0);
    }
}
