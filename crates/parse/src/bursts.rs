//! Samples that V8's CPU profiler takes far too close to each other.
//!
//! Since V8 12.9 (Node 23), its sampling thread makes up for samples that it missed: when other programs kept
//! it from a processor, it takes hundreds of samples within a few milliseconds, all of one moment of the
//! program. Their number says how long the thread did not run, and nothing about the function that they are
//! of. V8 also takes a sample at once when it leaves optimised code.

use spikeflame_profile::warning::CpuProfileFact;
use spikeflame_profile::{Sample, Samples};

/// A gap of this many microseconds or more is never that of a burst. V8 takes a sample in 10 to 60, and the
/// shortest interval that programs offer is 100.
const LONGEST_US: u64 = 80;

/// The gaps of a burst are shorter than the usual ones by this factor or more.
const FACTOR: u64 = 2;

/// The least number of gaps in a row that show that V8 makes up for samples. When it leaves optimised code, it
/// takes one or two.
const LEAST_IN_A_ROW: usize = 5;

/// Gaps up to half of the interval are those of bursts. The interval is at most the gap up to which all gaps together
/// make up one in this many parts of the time. Bursts have less of it, although they can have most of the samples:
/// when V8 makes up for every sample of 1 ms in 60 µs, they have one in 16.
const BURSTS_PART: u128 = 5;

/// The usual gap is the one up to which all gaps that are in no burst make up one in this many parts of the time.
const USUAL_PART: u128 = 50;

/// A gap counts for no more than this many microseconds of the time, because a pause says nothing about the
/// usual gap.
const LONGEST_COUNTED_US: u64 = 1 << 16;

/// Nothing is changed when less than one in this many samples is in long bursts.
const ONE_IN: usize = 16;

/// Removes the samples of bursts except those that are a usual gap apart, and returns a fact about them.
/// `samples` are in the order of time. Does nothing when few samples are in bursts, or when weights differ.
pub(crate) fn thin(samples: &mut Samples) -> Option<CpuProfileFact> {
    let all = samples.len();
    // The usual gap is found by more work, which most recordings can do without.
    let longest = Sieve { burst_us: LONGEST_US, usual_us: u64::MAX, last: None };
    if samples.total() != all as u64 || count(samples, longest).1 == 0 {
        return None;
    }
    let gaps = GapTimes::count(samples);
    let burst_us = (gaps.up_to(BURSTS_PART, 0)? / FACTOR).min(LONGEST_US);
    let usual_us = gaps.up_to(USUAL_PART, burst_us)?;
    let sieve = || Sieve { burst_us, usual_us, last: None };
    let (extra, in_long) = count(samples, sieve());
    if in_long == 0 || in_long < all.div_ceil(ONE_IN) {
        return None;
    }
    let before = std::mem::take(samples);
    let mut sieve = sieve();
    samples.extend(before.iter().map(|(sample, _)| sample).filter(|sample| sieve.keeps(sample)));
    Some(CpuProfileFact::Bursts { extra: extra as u64, all: all as u64, burst_us })
}

/// Returns the number of samples that are not kept, and of those that are in long bursts.
fn count(samples: &Samples, mut sieve: Sieve) -> (usize, usize) {
    let (mut all, mut in_long, mut in_a_row) = (0, 0, 0);
    samples.iter().for_each(|(sample, _)| {
        let is_in_burst = sieve.is_in_burst(&sample);
        in_a_row = if is_in_burst { in_a_row + 1 } else { 0 };
        if !sieve.keeps(&sample) {
            all += 1;
            in_long += usize::from(in_a_row >= LEAST_IN_A_ROW);
        }
    });
    (all, in_long)
}

/// The decision about one sample after the other.
struct Sieve {
    burst_us: u64,
    usual_us: u64,
    /// The times of the last sample, and of the last one that was kept.
    last: Option<(u64, u64)>,
}

impl Sieve {
    /// Returns true for a sample that is close to the one before. Times that were rounded are equal.
    fn is_in_burst(&self, sample: &Sample) -> bool {
        self.last.is_some_and(|(before, _)| {
            let gap = sample.time_us.saturating_sub(before);
            gap > 0 && gap < self.burst_us
        })
    }

    /// Takes the next sample. Returns true when it is kept.
    fn keeps(&mut self, sample: &Sample) -> bool {
        let now = sample.time_us;
        let is_near = self.last.is_some_and(|(_, kept)| now.saturating_sub(kept) < self.usual_us);
        let keeps = !is_near || !self.is_in_burst(sample);
        let kept = self.last.map_or(now, |(_, kept)| if keeps { now } else { kept });
        self.last = Some((now, kept));
        keeps
    }
}

/// The number of gaps of each length in microseconds.
struct GapTimes(Vec<u32>);

impl GapTimes {
    fn count(samples: &Samples) -> Self {
        let mut of_length = vec![0u32; LONGEST_COUNTED_US as usize + 1];
        let mut before = None;
        samples.iter().for_each(|(sample, _)| {
            let gap = before.map_or(0, |time| sample.time_us.saturating_sub(time));
            before = Some(sample.time_us);
            if let Some(count) = of_length.get_mut(gap.min(LONGEST_COUNTED_US) as usize) {
                *count = count.saturating_add(1);
            }
        });
        Self(of_length)
    }

    /// Returns the length up to which gaps of `least_us` or more make up one in `part` parts of their time.
    fn up_to(&self, part: u128, least_us: u64) -> Option<u64> {
        let times = || {
            let all = self.0.iter().enumerate().skip(least_us as usize);
            all.map(|(gap, count)| (gap as u64, gap as u128 * u128::from(*count)))
        };
        let all: u128 = times().map(|(_, time)| time).sum();
        let mut passed = 0;
        let mut found = times().skip_while(|(_, time)| {
            passed += time;
            passed * part < all || passed == 0
        });
        found.next().map(|(gap, _)| gap)
    }
}
