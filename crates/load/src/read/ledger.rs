//! The account of lines that could not be used.

use crate::timeline::Loss;

/// What was lost, by reason, with the first line of each.
#[derive(Debug, Default)]
pub(crate) struct Ledger(Vec<Loss>);

impl Ledger {
    /// Counts line `line` (from 1) as lost for `reason`.
    pub(crate) fn lose(&mut self, reason: &'static str, line: u64) {
        match self.0.iter_mut().find(|loss| loss.reason == reason) {
            Some(loss) => loss.count += 1,
            None => self.0.push(Loss { reason, count: 1, first_line: line }),
        }
    }

    /// The account.
    pub(crate) fn close(self) -> Vec<Loss> {
        self.0
    }
}
