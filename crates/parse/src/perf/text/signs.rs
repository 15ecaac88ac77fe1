//! Signs in a text that its weights or times are not those of one recording.

use spikeflame_profile::warning::PerfFact;

/// Microseconds by which times go back where another recording begins. Times of one recording are in
/// order.
const FAR_BACK_US: u64 = 1_000_000;
/// Among so many samples, times of one text go back at most once.
const ORDERED: u64 = 20;

/// Differences between times go back in half of the samples. Two recordings that were mixed go back less often
/// than once in so many samples.
const OFTEN: u64 = 4;
/// The number of samples, at least, that show it.
const LEAST_SAMPLES: u64 = 8;

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

    /// Returns true when times go back so often that they are those since the event before (`--deltatime`).
    pub(super) fn are_differences(&self) -> bool {
        !self.is_unordered && self.backs.saturating_mul(OFTEN) > self.samples.max(LEAST_SAMPLES)
    }

    /// Returns the facts that the text shows.
    pub(super) fn facts(&self) -> impl Iterator<Item = PerfFact> {
        let (line, by_us) = self.farthest;
        let span_us = self.span.map_or(0, |(first, last)| last - first);
        // A short recording may be there twice.
        let is_far = by_us > FAR_BACK_US || by_us > span_us / 2;
        let goes_back =
            is_far && !self.is_unordered && self.backs.saturating_mul(ORDERED) < self.samples;
        let back = goes_back.then_some(PerfFact::TimesGoBack { line, by_us });
        let periods =
            (self.periods > 0).then_some(PerfFact::UnusedPeriods { samples: self.periods });
        let steps = self.are_differences().then_some(PerfFact::Differences);
        back.into_iter().chain(periods).chain(steps)
    }
}
