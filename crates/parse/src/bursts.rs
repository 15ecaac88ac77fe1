//! Samples that V8's CPU profiler takes far too close to each other.
//!
//! Since V8 12.9 (Node 23), its sampling thread makes up for samples that it missed: when other programs kept
//! it from a processor, it takes hundreds of samples within a few milliseconds, all of one moment of the
//! program. Their number says how long the thread did not run, and nothing about the function that they are
//! of. V8 also takes a sample at once when it leaves optimised code.

use spikeflame_profile::warning::CpuProfileFact;
use spikeflame_profile::{Sample, Samples};

/// A gap of this many microseconds or more is never that of a burst.
const LONGEST_US: u64 = 250;

/// The gaps of a burst are shorter than the usual ones by this factor or more.
const FACTOR: u64 = 4;

/// The usual gap is the one up to which all gaps together make up this part of the time. Bursts have much
/// less of the time, although they can have most of the samples.
const PART: u128 = 50;

/// A gap counts for no more than this many microseconds of the time, because a pause says nothing about the
/// usual gap.
const LONGEST_COUNTED_US: u64 = 1 << 16;

/// Nothing is changed when less than one in this many samples is in bursts. Ordinary recordings have up to one
/// in 18: samples of code that V8 left.
const ONE_IN: usize = 16;

/// Removes the samples of bursts except those that are a usual gap apart, and returns a fact about them.
/// `samples` are in the order of time. Does nothing when few samples are in bursts, or when weights differ.
pub(crate) fn thin(samples: &mut Samples) -> Option<CpuProfileFact> {
    let all = samples.len();
    if samples.total() != all as u64 {
        return None;
    }
    let usual_us = usual_gap(samples)?;
    let burst_us = (usual_us / FACTOR).min(LONGEST_US);
    let mut sieve = Sieve { burst_us, usual_us, last: None };
    let kept = samples.iter().filter(|(sample, _)| sieve.keeps(sample)).count();
    let extra = all - kept;
    if extra < all.div_ceil(ONE_IN) {
        return None;
    }
    let before = std::mem::take(samples);
    let mut sieve = Sieve { last: None, ..sieve };
    samples.extend(before.iter().map(|(sample, _)| sample).filter(|sample| sieve.keeps(sample)));
    Some(CpuProfileFact::Bursts { extra: extra as u64, all: all as u64, burst_us })
}

/// The decision about one sample after the other.
struct Sieve {
    burst_us: u64,
    usual_us: u64,
    /// The times of the last sample, and of the last one that was kept.
    last: Option<(u64, u64)>,
}

impl Sieve {
    fn keeps(&mut self, sample: &Sample) -> bool {
        let now = sample.time_us;
        let keeps = self.last.is_none_or(|(before, kept)| {
            // Times that were rounded are equal.
            now == before
                || now.saturating_sub(before) >= self.burst_us
                || now.saturating_sub(kept) >= self.usual_us
        });
        let kept = self.last.map_or(now, |(_, kept)| if keeps { now } else { kept });
        self.last = Some((now, kept));
        keeps
    }
}

/// Returns the usual gap between samples that are in no burst.
fn usual_gap(samples: &Samples) -> Option<u64> {
    let mut of_length = vec![0u32; LONGEST_COUNTED_US as usize + 1];
    let mut before = None;
    samples.iter().for_each(|(sample, _)| {
        let gap = before.map_or(0, |time| sample.time_us.saturating_sub(time));
        before = Some(sample.time_us);
        if let Some(count) = of_length.get_mut(gap.min(LONGEST_COUNTED_US) as usize) {
            *count = count.saturating_add(1);
        }
    });
    let time = |(gap, count): (usize, &u32)| gap as u128 * u128::from(*count);
    let all: u128 = of_length.iter().enumerate().map(time).sum();
    let mut passed = 0;
    let found = of_length.iter().enumerate().position(|one| {
        passed += time(one);
        passed * PART >= all && passed > 0
    });
    found.map(|gap| gap as u64)
}
