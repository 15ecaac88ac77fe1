//! The times of a recording's samples. Two formats of one recording give functions other names, but
//! the samples were taken at the same times.

use spikeflame_profile::Profile;

/// The number of samples whose times are kept.
const KEPT: usize = 64;
/// A recording with fewer samples is not known by their times.
const FEWEST_SAMPLES: usize = 50;
/// Formats round times, some down, to this many microseconds.
const ROUNDED_US: u64 = 2;

/// The number of a recording's samples, and the times of some of them.
#[derive(Clone, Debug)]
pub(crate) struct SampleTimes {
    samples: usize,
    /// Microseconds since the first sample, at equal steps through the recording.
    since_first_us: Vec<u64>,
}

impl SampleTimes {
    /// Returns the times of a recording. Returns `None` without times, with few samples, and for
    /// samples at equal distances, which many recordings have.
    pub(crate) fn new(profile: &Profile) -> Option<Self> {
        let samples: usize = profile.threads.iter().map(|thread| thread.samples.len()).sum();
        if samples < FEWEST_SAMPLES || profile.sources.is_empty() || !profile.is_timed() {
            return None;
        }
        let threads = profile.threads.iter();
        let mut times: Vec<u64> = threads
            .flat_map(|thread| thread.samples.iter().map(|(sample, _)| sample.time_us))
            .collect();
        if !times.is_sorted() {
            times.sort_unstable();
        }
        let first = *times.first()?;
        let kept = (0..KEPT).filter_map(|at| times.get(at * (samples - 1) / (KEPT - 1)));
        let since_first_us: Vec<u64> = kept.map(|time| time - first).collect();
        let mut gaps = times.windows(2).filter_map(|pair| Some(pair.get(1)? - pair.first()?));
        let gap = gaps.next()?;
        let is_even = gaps.all(|other| other.abs_diff(gap) <= ROUNDED_US);
        (!is_even).then_some(Self { samples, since_first_us })
    }

    /// Returns true when the samples were taken at the same times.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let mut pairs = self.since_first_us.iter().zip(&other.since_first_us);
        self.samples == other.samples
            && pairs.all(|(one, other)| one.abs_diff(*other) <= ROUNDED_US)
    }
}
