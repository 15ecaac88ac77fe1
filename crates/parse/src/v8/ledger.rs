//! The account of lines that could not be used.

use spikeflame_profile::Loss;

/// Why a line could not be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// The file ends in the middle of it.
    Cut,
    /// A tick whose fields do not parse.
    Tick,
    /// A `code-creation` without its end.
    Code,
    /// Another known record whose fields do not parse.
    Record,
    /// Not the beginning of any record.
    NoRecord,
    /// Longer than any record.
    Long,
}

impl Reason {
    const fn words(self) -> &'static str {
        match self {
            Self::Cut => {
                "the file ends in the middle of a line; the process was killed, or is still running"
            }
            Self::Tick => "a tick that cannot be read",
            Self::Code => "a code-creation record that is torn",
            Self::Record => "a record whose fields cannot be read",
            Self::NoRecord => "no record: a torn line, or two writers at once",
            Self::Long => "a line longer than 8 MiB",
        }
    }
}

/// Lines lost, by reason, with the first line of each.
#[derive(Debug, Default)]
pub(super) struct Ledger(Vec<Loss>);

impl Ledger {
    /// Counts lines; `line` is the number of the first, from 0.
    pub(super) fn lose_many(&mut self, reason: Reason, line: u64, count: u64, samples: u64) {
        let words = reason.words();
        let known = self.0.iter_mut().find(|loss| loss.reason == words);
        match known {
            Some(loss) => {
                loss.count += count;
                loss.samples += samples;
            }
            None if count > 0 => self.0.push(Loss {
                source: String::new(),
                reason: words,
                count,
                samples,
                first_line: line + 1,
            }),
            None => {}
        }
    }

    /// True when a line was lost for `reason`.
    pub(super) fn has(&self, reason: Reason) -> bool {
        self.0.iter().any(|loss| loss.reason == reason.words())
    }

    /// The account of `source`.
    pub(super) fn close(self, source: &str) -> Vec<Loss> {
        let mut losses = self.0;
        for loss in &mut losses {
            source.clone_into(&mut loss.source);
        }
        losses
    }
}
