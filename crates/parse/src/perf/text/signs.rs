//! Signs in a text that its weights or times are not those of one recording.

use spikeflame_profile::warning::PerfFact;

/// Microseconds by which times go back where another recording begins. Times of one recording are in
/// order, and times of `--deltatime` start anew with each sample.
const FAR_BACK_US: u64 = 1_000_000;
/// Among so many samples, times of one text go back at most once.
const ORDERED: u64 = 20;

/// The times and periods of the samples that were read.
#[derive(Debug, Default)]
pub(super) struct Signs {
    samples: u64,
    /// The earliest and the latest time.
    span: Option<(u64, u64)>,
    last_us: u64,
    /// The number of samples that are older than the one before.
    backs: u64,
    /// The line and the size in microseconds of the largest step back.
    farthest: (u64, u64),
    /// The number of samples with a period after a first one without.
    periods: u64,
    /// True when the text has a note after which perf writes samples in any order.
    pub(super) is_unordered: bool,
}

impl Signs {
    /// Counts a sample with its time. `ended` is the number of lines up to its end.
    pub(super) fn sample(&mut self, time_us: Option<u64>, ended: u64) {
        let time_us = time_us.unwrap_or_default();
        let by = self.last_us.saturating_sub(time_us);
        self.samples += 1;
        self.backs += u64::from(by > 0);
        if by > self.farthest.1 {
            self.farthest = (ended, by);
        }
        let (first, last) = *self.span.get_or_insert((time_us, time_us));
        self.span = Some((first.min(time_us), last.max(time_us)));
        self.last_us = time_us;
    }

    /// Counts a sample whose period is not used, because the first sample has none.
    pub(super) fn has_period(&mut self) {
        self.periods += 1;
    }

    /// Returns the facts that the text shows.
    pub(super) fn facts(&self) -> impl Iterator<Item = PerfFact> {
        let (line, by_us) = self.farthest;
        let span_us = self.span.map_or(0, |(first, last)| last - first);
        // A short recording may be there twice.
        let is_far = by_us > FAR_BACK_US || by_us > span_us / 2;
        let goes_back = is_far && !self.is_unordered && self.backs.saturating_mul(ORDERED) < self.samples;
        let back = goes_back.then_some(PerfFact::TimesGoBack { line, by_us });
        let periods =
            (self.periods > 0).then_some(PerfFact::UnusedPeriods { samples: self.periods });
        back.into_iter().chain(periods)
    }
}
