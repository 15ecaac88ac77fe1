//! The interval between the ticks of a log. V8's sampler sleeps for the interval that was
//! asked for and then does its work, so that ticks are further apart than that.

use spikeflame_profile::Samples;

/// The fewest gaps from which the interval is measured.
const FEW: usize = 20;

/// The longest interval that is measured, in microseconds.
const LONGEST: u64 = 1_000_000;

/// The most microseconds that waking up and taking a tick last, on a machine with a free
/// core.
const WORK: u64 = 300;

/// Returns the time between two consecutive ticks in microseconds; `None` with too few of
/// them.
///
/// The samples are in time order. When a gap is shorter than `asked`, the ticks were written late
/// and together. When a gap is much longer, it is a pause, or ticks were lost in it. The interval
/// is the median of the other gaps.
pub(super) fn measured(samples: &Samples, asked: u64) -> Option<u64> {
    if asked == 0 || asked > LONGEST {
        return None;
    }
    let longest = asked + asked / 2 + WORK;
    let mut gaps = vec![0u32; (longest - asked) as usize + 1];
    let mut last = None;
    for (sample, _) in samples.iter() {
        let gap = last.and_then(|last| sample.time_us.checked_sub(last));
        last = Some(sample.time_us);
        let slot = gap.and_then(|gap| gap.checked_sub(asked));
        if let Some(slot) = slot.and_then(|at| gaps.get_mut(usize::try_from(at).ok()?)) {
            *slot = slot.saturating_add(1);
        }
    }
    // In a gap of more than one and a half intervals, a tick is missing.
    let rough = asked + median(&gaps)?;
    let single = (rough + rough / 2 - asked).min(longest - asked) as usize;
    Some(asked + median(gaps.get(..=single)?)?)
}

/// Returns the median of values that are counted by value.
fn median(counts: &[u32]) -> Option<u64> {
    let total: usize = counts.iter().map(|&count| count as usize).sum();
    if total < FEW {
        return None;
    }
    let mut seen = 0;
    let at = counts.iter().position(|&count| {
        seen += count as usize;
        2 * seen >= total
    });
    at.map(|at| at as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use spikeflame_profile::{Sample, StackId, VmState};

    fn samples(gaps: impl IntoIterator<Item = u64>) -> Samples {
        let mut samples = Samples::default();
        let mut time_us = 5_000;
        for gap in gaps {
            time_us += gap;
            samples.push(Sample { time_us, stack: StackId::ROOT, state: VmState::JS });
        }
        samples
    }

    #[test]
    fn pauses_bursts_and_lost_ticks_do_not_move_the_interval() {
        for (asked, real) in [(50, 118), (100, 167), (1_000, 1_072), (10_000, 10_081)] {
            let gaps = (0..3_000u64).map(|at| match at % 10 {
                0 => 3,
                1 => 40 * real,
                2 | 3 => 2 * real,
                _ => real - 4 + at % 9,
            });
            let found = measured(&samples(gaps), asked).unwrap();
            assert!(found.abs_diff(real) <= 2, "{asked}: {found}");
        }
        assert_eq!(measured(&samples([1_070; 10]), 1_000), None);
        assert_eq!(measured(&samples([30_000; 100]), 1_000), None);
        assert_eq!(measured(&samples([1_070; 100]), 0), None);
    }
}
