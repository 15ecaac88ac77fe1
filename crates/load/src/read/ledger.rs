//! Counts the lines that could not be used.

use crate::timeline::Loss;

/// Numbers of lost lines by reason, each with its first line.
#[derive(Debug, Default)]
pub(crate) struct Ledger(Vec<Loss>);

impl Ledger {
    /// Counts `count` lines as lost for `reason`. `first_line` counts from 1.
    pub(crate) fn lose(&mut self, reason: &'static str, first_line: u64, count: u64) {
        match self.0.iter_mut().find(|loss| loss.reason == reason) {
            Some(loss) => loss.count += count,
            None => self.0.push(Loss { reason, count, first_line }),
        }
    }

    /// Returns the losses.
    pub(crate) fn close(self) -> Vec<Loss> {
        self.0
    }
}
