//! Time without samples.

use spikeflame_profile::warning::CpuProfileFact;
use spikeflame_profile::{FrameTable, Kind, Samples, StackTree};

/// Gaps of fewer than this many microseconds are counted by their length.
const SHORT_GAP_US: u64 = 1 << 14;

/// A gap that is longer than this many usual ones is long.
const LONG_GAP_FACTOR: u64 = 10;

/// A gap that is shorter than this is not long, when the profiler also takes samples while the thread waits. On
/// a machine whose load is ten times its number of cores, the thread or V8's sampler did not run for up to 100 ms
/// (Node 20). A container that is out of its share of the processor does not run for as long.
const SHORTEST_US: u64 = 500_000;

/// Returns a fact when long gaps make up more than a tenth of the time. Other viewers
/// weigh samples by time, and so show a different result there. `samples_waits` is false for profilers that take no
/// sample while the thread waits.
pub(super) fn fact(
    samples: &Samples,
    stacks: &StackTree,
    frames: &FrameTable,
    samples_waits: bool,
) -> Option<CpuProfileFact> {
    // The time after `(idle)` or the root belongs to no function.
    let mut runs = vec![false; stacks.len()];
    for (stack, _, frame) in stacks.nodes() {
        let function = frames.get(frame).function;
        if let Some(slot) = runs.get_mut(stack.index()) {
            *slot = frames.get_function(function).kind != Kind::Idle;
        }
    }
    // There can be millions of gaps, and nearly all of them are short.
    let (mut short, mut others) = (Vec::<u64>::new(), Vec::new());
    each_gap(samples, &runs, |gap| match short.get_mut(gap as usize) {
        Some(count) => *count += 1,
        None if gap < SHORT_GAP_US => {
            short.resize(gap as usize, 0);
            short.push(1);
        }
        None => others.push(gap),
    });
    others.sort_unstable();
    let short = (0..).zip(short).filter(|(_, count)| *count > 0);
    let gaps: Vec<(u64, u64)> = short.chain(others.into_iter().map(|gap| (gap, 1))).collect();
    let usual = middle(&gaps)?;
    let shortest = if samples_waits { SHORTEST_US } else { 0 };
    let from = usual.saturating_add(1).saturating_mul(LONG_GAP_FACTOR).max(shortest);
    let (mut all, mut long) = (0u128, 0u128);
    for (gap, count) in gaps {
        let time = u128::from(gap) * u128::from(count);
        all += time;
        long += if gap >= from { time } else { 0 };
    }
    let percent = (long * 100 / all.max(1)) as u64;
    let gaps = CpuProfileFact::Gaps { percent, long_us: from, usual_us: usual };
    (percent > 10).then_some(gaps)
}

/// Returns the middle one of all gaps. Each entry is a length and the number of gaps of it, and
/// lengths ascend.
fn middle(gaps: &[(u64, u64)]) -> Option<u64> {
    let mut before = gaps.iter().map(|(_, count)| count).sum::<u64>() / 2;
    let found = gaps.iter().find(|(_, count)| {
        let is_here = before < *count;
        before = before.saturating_sub(*count);
        is_here
    });
    found.map(|(gap, _)| *gap)
}

/// Calls `take` with each time from a sample of a stack that runs to the next sample.
fn each_gap(samples: &Samples, runs: &[bool], mut take: impl FnMut(u64)) {
    let mut last = None;
    samples.iter().for_each(|(sample, _)| {
        let gap = last.map_or(0, |time| sample.time_us.saturating_sub(time));
        if gap > 0 {
            take(gap);
        }
        let is_running = runs.get(sample.stack.index()) == Some(&true);
        last = is_running.then_some(sample.time_us);
    });
}
