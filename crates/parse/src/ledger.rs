//! The account of lines and records that could not be used.

use spikeflame_profile::Loss;

/// Losses by reason, each with the place of the first.
#[derive(Debug)]
pub(crate) struct Ledger {
    counted: &'static str,
    losses: Vec<Loss>,
}

impl Ledger {
    /// Makes an account of `counted`: `line`, `record`, `node`, ...
    pub(crate) fn new(counted: &'static str) -> Self {
        Self { counted, losses: Vec::new() }
    }

    /// Counts `count` lines that were lost for `reason`, and that would have been `samples`
    /// samples; `first` is the number of the first, from 0.
    pub(crate) fn lose_many(&mut self, reason: &'static str, first: u64, count: u64, samples: u64) {
        match self.losses.iter_mut().find(|loss| loss.reason == reason) {
            Some(loss) => {
                loss.count = loss.count.saturating_add(count);
                loss.samples = loss.samples.saturating_add(samples);
            }
            None if count > 0 => self.losses.push(Loss {
                source: String::new(),
                reason,
                count,
                samples,
                first_line: first + 1,
                counted: self.counted,
            }),
            None => {}
        }
    }

    /// Counts one line; `at` is its number, from 0.
    pub(crate) fn lose(&mut self, reason: &'static str, at: u64, samples: u64) {
        self.lose_many(reason, at, 1, samples);
    }

    /// Returns true when something was lost for `reason`.
    pub(crate) fn has(&self, reason: &str) -> bool {
        self.losses.iter().any(|loss| loss.reason == reason)
    }

    /// Returns the losses, for the recording `source`.
    pub(crate) fn close(self, source: &str) -> Vec<Loss> {
        let mut losses = self.losses;
        for loss in &mut losses {
            source.clone_into(&mut loss.source);
        }
        losses
    }
}
