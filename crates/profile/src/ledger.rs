//! The lines and records of a recording that could not be used, counted by reason.

use crate::profile::Loss;

/// A counter of the lines or records of one recording that could not be used, by reason. Reasons are in the
/// order in which they first occurred.
///
/// ```
/// use spikeflame_profile::Ledger;
///
/// let mut ledger = Ledger::new("line");
/// ledger.lose("a line without a number", 4, 1);
/// ledger.lose("a line without a number", 9, 1);
/// let losses = ledger.close("out.folded");
/// assert_eq!((losses[0].count, losses[0].first), (2, 5));
/// ```
#[derive(Clone, Debug)]
pub struct Ledger {
    counted: &'static str,
    losses: Vec<Loss>,
}

impl Ledger {
    /// Makes an empty ledger. `counted` is the singular word for the things that are counted:
    /// `line`, `record`, `node`.
    pub fn new(counted: &'static str) -> Self {
        Self { counted, losses: Vec::new() }
    }

    /// Adds `count` lost lines or records for `reason`. `samples` is the number of samples that are
    /// lost with all of them. `first` is the number in the input of the first of them, from 0; it
    /// is kept only from the first call for a reason.
    pub fn lose_many(&mut self, reason: &'static str, first: u64, count: u64, samples: u64) {
        let (source, counted) = (String::new(), self.counted);
        self.add(Loss { source, reason, count, samples, first: first + 1, counted });
    }

    /// Adds `count` lost lines or records for `reason`, as [`Ledger::lose_many`] does it, when it is not
    /// known where the first of them is. [`Loss::first`] is 0 when this call is the first for a reason.
    pub fn lose_somewhere(&mut self, reason: &'static str, count: u64, samples: u64) {
        let (source, counted) = (String::new(), self.counted);
        self.add(Loss { source, reason, count, samples, first: 0, counted });
    }

    /// Adds all losses of a ledger of the same recording, such as that of another thread.
    pub fn join(&mut self, other: Self) {
        other.losses.into_iter().for_each(|loss| self.add(loss));
    }

    fn add(&mut self, new: Loss) {
        let is_same = |loss: &&mut Loss| loss.reason == new.reason && loss.counted == new.counted;
        match self.losses.iter_mut().find(is_same) {
            Some(loss) => {
                loss.count = loss.count.saturating_add(new.count);
                loss.samples = loss.samples.saturating_add(new.samples);
            }
            None if new.count > 0 => self.losses.push(new),
            None => {}
        }
    }

    /// Adds one lost line or record for `reason`. `at` is its number in the input, from 0; it is
    /// kept only from the first call for a reason. `samples` is the number of samples that are lost
    /// with it, which may be 0 or more than 1.
    pub fn lose(&mut self, reason: &'static str, at: u64, samples: u64) {
        self.lose_many(reason, at, 1, samples);
    }

    /// Returns true when at least one line or record was lost for exactly this reason.
    pub fn has(&self, reason: &str) -> bool {
        self.losses.iter().any(|loss| loss.reason == reason)
    }

    /// Ends the count and returns one [`Loss`] for each reason, in the order of their first
    /// occurrence, with `source` as the name of the recording. A reason has a second one for things of another
    /// kind that [`Ledger::join`] added. The result is empty when nothing was lost.
    pub fn close(self, source: &str) -> Vec<Loss> {
        let mut losses = self.losses;
        for loss in &mut losses {
            source.clone_into(&mut loss.source);
        }
        losses
    }
}

#[cfg(test)]
mod tests {
    use super::Ledger;

    #[test]
    fn joined_ledgers_have_one_loss_for_a_reason() {
        let (mut all, mut nodes) = (Ledger::new("sample"), Ledger::new("node"));
        for number in [4, 2] {
            let mut one = Ledger::new("sample");
            one.lose("cut", number, 1);
            all.join(one);
        }
        nodes.lose("cut", 9, 0);
        nodes.lose_somewhere("lost", 0, 0);
        all.join(nodes);
        all.lose_somewhere("lost", 3, 3);
        let losses = all.close("x");
        let told: Vec<_> = losses.iter().map(|loss| (loss.place(), loss.count)).collect();
        let place = |text: &str| Some(text.to_owned());
        assert_eq!(told, [(place("sample 5"), 2), (place("node 10"), 1), (None, 3)]);
    }
}
