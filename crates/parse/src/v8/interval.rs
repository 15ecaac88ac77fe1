//! The interval between the ticks of a log. V8's sampler sleeps for the interval that was
//! asked for and then does its work, so that ticks are further apart than that.

use spikeflame_profile::Samples;

/// The fewest gaps from which the interval is measured.
const FEWEST_GAPS: usize = 20;

/// The longest interval that is measured, in microseconds.
const LONGEST_INTERVAL_US: u64 = 1_000_000;

/// The most microseconds that waking up and taking a tick last, on a machine with a free
/// core.
const WORK: u64 = 300;

/// Returns the time between two consecutive ticks in microseconds; `None` with too few of
/// them.
///
/// The samples are in time order. When a gap is shorter than `asked`, the ticks were written late
/// and together, or follow a wait. When a gap is much longer, it is a pause, or ticks were lost in
/// it. Of the other gaps, the densest half is near the interval.
///
/// On a busy machine, ticks are late by parts of the interval. A late tick makes one gap longer
/// and the next one shorter than asked for, so a median of all longer gaps would be too high (by
/// 8 % at 10 ms). The interval is the median of gaps as far above the densest half as `asked` is
/// below it. The range is never shorter than twice [`WORK`]: within it, gaps are usual.
pub(super) fn measured(samples: &Samples, asked: u64) -> Option<u64> {
    if asked == 0 || asked > LONGEST_INTERVAL_US {
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
    let dense = densest_half(gaps.get(..=single)?)?;
    let both_sides = (2 * dense).max(2 * WORK as usize).min(single);
    Some(asked + middle(gaps.get(..=both_sides)?)?)
}

/// Returns the middle of the narrowest range of values that holds half of them.
fn densest_half(counts: &[u32]) -> Option<usize> {
    let total: u64 = counts.iter().map(|&count| u64::from(count)).sum();
    let (mut from, mut within, mut found) = (0, 0, None);
    for (to, &count) in counts.iter().enumerate() {
        within += u64::from(count);
        // The range begins as late as it can and still holds half.
        while let Some(&first) = counts.get(from)
            && from < to
            && 2 * (within - u64::from(first)) >= total
        {
            within -= u64::from(first);
            from += 1;
        }
        let narrower = found.is_none_or(|(start, end)| to - from < end - start);
        if 2 * within >= total && narrower {
            found = Some((from, to));
        }
    }
    let (start, end): (usize, usize) = found?;
    middle(counts.get(start..=end)?).map(|at| start + at as usize)
}

/// Returns the median of values that are counted by value, if they are not few.
fn median(counts: &[u32]) -> Option<u64> {
    let total: usize = counts.iter().map(|&count| count as usize).sum();
    if total < FEWEST_GAPS { None } else { middle(counts) }
}

/// Returns the median of values that are counted by value.
fn middle(counts: &[u32]) -> Option<u64> {
    let total: usize = counts.iter().map(|&count| count as usize).sum();
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

    /// The error was: at 10 ms on a busy machine, the interval was 11 ms.
    #[test]
    fn late_ticks_do_not_move_the_interval() {
        for (asked, real) in [(1_000u64, 1_066u64), (10_000, 10_104)] {
            // Every third tick is late by up to nine tenths of the interval.
            let late = |at: u64| if at.is_multiple_of(3) { at * 37 % 90 * real / 100 } else { 0 };
            let gaps = (0..600).map(|at| real + late(at + 1) + at % 5 - late(at));
            let found = measured(&samples(gaps), asked).unwrap();
            assert!(found.abs_diff(real) <= real / 200, "{asked}: {found}");
        }
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
