//! Time without samples.

use spikeflame_profile::warning::CpuProfileFact;
use spikeflame_profile::{FrameTable, Kind, Samples, StackId, StackTree};

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
    let runs = |stack: StackId| {
        let frame = stacks.get(stack).map(|(_, frame)| frames.get(frame));
        frame.is_some_and(|frame| frames.get_function(frame.function).kind != Kind::Idle)
    };
    let gaps = || {
        let pairs = samples.iter().zip(samples.iter().skip(1));
        let running = pairs.filter(|((one, _), _)| runs(one.stack));
        let gaps = running.map(|((one, _), (next, _))| next.time_us.saturating_sub(one.time_us));
        gaps.filter(|gap| *gap > 0)
    };
    let mut some: Vec<u64> = gaps().step_by(samples.len() / ENOUGH + 1).collect();
    let middle = some.len() / 2;
    let usual = if some.is_empty() { return None } else { *some.select_nth_unstable(middle).1 };
    let (mut all, mut long) = (0u128, 0u128);
    for gap in gaps() {
        all += u128::from(gap);
        long += if gap / LONG > usual { u128::from(gap) } else { 0 };
    }
    let percent = (long * 100 / all.max(1)) as u64;
    let gaps = CpuProfileFact::Gaps { percent, usual_times: LONG, usual_us: usual };
    (percent > 10).then_some(gaps)
}
