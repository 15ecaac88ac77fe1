//! Time without samples.

use spikeflame_profile::warning::CpuProfileFact;
use spikeflame_profile::{FrameTable, Kind, Samples, StackTree};

/// The most gaps that are used to find the usual one; of more gaps, every second, third,
/// ... is used.
const ENOUGH: usize = 1 << 20;

/// A gap that is longer than this many usual ones is long.
const LONG: u64 = 10;

/// Returns a fact when long gaps make up more than a tenth of the time. Other viewers
/// weigh samples by time, and so show a different result there.
pub(super) fn fact(
    samples: &Samples,
    stacks: &StackTree,
    frames: &FrameTable,
) -> Option<CpuProfileFact> {
    // The time after `(idle)` or the root belongs to no function.
    let mut runs = vec![false; stacks.len()];
    for (stack, _, frame) in stacks.nodes() {
        let function = frames.get(frame).function;
        if let Some(slot) = runs.get_mut(stack.index()) {
            *slot = frames.get_function(function).kind != Kind::Idle;
        }
    }
    let (mut some, mut wait, every) = (Vec::new(), 0, samples.len() / ENOUGH + 1);
    each_gap(samples, &runs, |gap| {
        if wait == 0 {
            some.push(gap);
            wait = every;
        }
        wait -= 1;
    });
    let middle = some.len() / 2;
    let usual = if some.is_empty() { return None } else { *some.select_nth_unstable(middle).1 };
    let from = usual.saturating_add(1).saturating_mul(LONG);
    let (mut all, mut long) = (0u128, 0u128);
    each_gap(samples, &runs, |gap| {
        all += u128::from(gap);
        long += if gap >= from { u128::from(gap) } else { 0 };
    });
    let percent = (long * 100 / all.max(1)) as u64;
    let gaps = CpuProfileFact::Gaps { percent, usual_times: LONG, usual_us: usual };
    (percent > 10).then_some(gaps)
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
