//! Time without samples.

use spikeflame_profile::warning::CpuProfileFact;
use spikeflame_profile::{FrameTable, FunctionId, Kind, Samples, StackId, StackTree};

/// Gaps of fewer than this many microseconds are counted by their length.
const SHORT_GAP_US: u64 = 1 << 14;

/// A gap that is longer than this many usual ones is long.
const LONG_GAP_FACTOR: u64 = 10;

/// A gap that is shorter than this is not long, when the profiler also takes samples while the thread waits. On
/// a machine whose load is ten times its number of cores, the thread or V8's sampler did not run for up to 100 ms
/// (Node 20). A container that is out of its share of the processor does not run for as long.
const SHORTEST_US: u64 = 500_000;

/// A native function has at least this many long gaps before its samples when system calls are their reason.
const LEAST_GAPS: u64 = 3;

/// The share of the time in such gaps is at least so many times the share of the function's samples. Gaps of a
/// busy machine are in any function, so that their shares are those of the samples.
const GAP_FACTOR: u128 = 4;

/// The most functions that a fact names.
const MOST_NAMES: usize = 3;

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
    each_gap(samples, &runs, |gap, _| match short.get_mut(gap as usize) {
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
    let usual_us = middle(&gaps)?;
    let of_many = usual_us.saturating_add(1).saturating_mul(LONG_GAP_FACTOR);
    let percent_from = |from: u64| {
        let time = |&(gap, count): &(u64, u64)| u128::from(gap) * u128::from(count);
        let all: u128 = gaps.iter().map(time).sum();
        let long: u128 = gaps.iter().filter(|(gap, _)| *gap >= from).map(time).sum();
        (long * 100 / all.max(1)) as u64
    };
    if percent_from(of_many) <= 10 {
        return None;
    }
    let calls = || unsampled_calls(samples, stacks, frames, &runs, of_many);
    if let Some(calls) = samples_waits.then(calls).flatten() {
        return Some(calls);
    }
    let long_us = if samples_waits { of_many.max(SHORTEST_US) } else { of_many };
    let percent = percent_from(long_us);
    (percent > 10).then_some(CpuProfileFact::Gaps { percent, long_us, usual_us })
}

/// The samples of a function, and the gaps before them.
#[derive(Clone, Copy, Default)]
struct Before {
    samples: u64,
    gaps: u64,
    gaps_us: u128,
}

/// Returns the native functions before whose samples there are more long gaps than the share of these samples
/// explains, when the gaps are more than a tenth of the time. V8 takes a sample in a signal, which
/// the kernel delivers when a system call ends.
fn unsampled_calls(
    samples: &Samples,
    stacks: &StackTree,
    frames: &FrameTable,
    runs: &[bool],
    long_us: u64,
) -> Option<CpuProfileFact> {
    let mut before = vec![Before::default(); frames.functions().len()];
    let function = |stack| stacks.get(stack).map(|(_, frame)| frames.get(frame).function);
    let (mut all, mut all_us) = (0u64, 0u128);
    each_gap(samples, runs, |gap, stack| {
        let Some(slot) = function(stack).and_then(|id: FunctionId| before.get_mut(id.index()))
        else {
            return;
        };
        let is_long = gap >= long_us;
        slot.samples += 1;
        slot.gaps += u64::from(is_long);
        slot.gaps_us += if is_long { u128::from(gap) } else { 0 };
        all += 1;
        all_us += u128::from(gap);
    });
    let of = |id: FunctionId| before.get(id.index()).copied().unwrap_or_default();
    let is_unsampled = |found: &Before| {
        found.gaps >= LEAST_GAPS
            && found.gaps_us * u128::from(all) > u128::from(found.samples) * all_us * GAP_FACTOR
    };
    let native = frames.functions().filter(|(_, function)| function.kind == Kind::Native);
    let mut calls: Vec<_> = native
        .map(|(id, function)| (of(id), function.name))
        .filter(|(found, _)| is_unsampled(found))
        .collect();
    calls.sort_by_key(|(found, _)| std::cmp::Reverse(found.gaps_us));
    let in_gaps: u128 = calls.iter().map(|(found, _)| found.gaps_us).sum();
    let of_samples: u64 = calls.iter().map(|(found, _)| found.samples).sum();
    let percent = (in_gaps * 100 / all_us.max(1)) as u64;
    let names = calls.iter().take(MOST_NAMES).map(|(_, name)| frames.strings().get(*name));
    (percent > 10).then(|| CpuProfileFact::UnsampledCalls {
        calls: names.map(str::to_owned).collect(),
        percent,
        samples_percent: of_samples.saturating_mul(100) / all.max(1),
        long_us,
    })
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

/// Calls `take` with each time from a sample of a stack that runs to the next sample, and with the stack of
/// that one.
fn each_gap(samples: &Samples, runs: &[bool], mut take: impl FnMut(u64, StackId)) {
    let mut last = None;
    samples.iter().for_each(|(sample, _)| {
        let gap = last.map_or(0, |time| sample.time_us.saturating_sub(time));
        if gap > 0 {
            take(gap, sample.stack);
        }
        let is_running = runs.get(sample.stack.index()) == Some(&true);
        last = is_running.then_some(sample.time_us);
    });
}
