//! The part of a recording of V8's CPU profiler in which a thread was idle.
//!
//! On a machine whose cores are busy, V8's sampler is late while the thread runs and on time while it is
//! idle. An idle sample then stands for much less time than another one. Within each of the two, samples
//! share the time: a single gap says when the sampler ran, and little about the function before it.

use spikeflame_profile::{FrameTable, Kind, Samples, StackTree};

/// The least number of gaps of each kind for which their times are known.
const LEAST_GAPS: u64 = 10;

/// Longer gaps say nothing about either kind: the machine slept, or the thread was stopped. They are shared by both.
const LONGEST_US: u64 = 500_000;

/// The gaps after samples of a running thread (at 0), and after idle ones (at 1).
#[derive(Clone, Copy, Default)]
pub(crate) struct IdlePart {
    gaps: [u64; 2],
    us: [u64; 2],
    samples: [u64; 2],
}

impl IdlePart {
    /// Adds the samples of a thread, in the order of time. A gap belongs to the sample before it, as in `DevTools`.
    pub(crate) fn add(&mut self, samples: &Samples, stacks: &StackTree, frames: &FrameTable) {
        let mut idle = vec![0usize; stacks.len()];
        for (stack, _, frame) in stacks.nodes() {
            if let Some(slot) = idle.get_mut(stack.index()) {
                *slot = usize::from(frames.kind(frame) == Kind::Idle);
            }
        }
        let mut last = None;
        samples.iter().for_each(|(sample, _)| {
            let kind = idle.get(sample.stack.index()).copied().unwrap_or(0);
            if let Some((before, time_us)) = last.replace((kind, sample.time_us)) {
                self.add_gap(before, sample.time_us.saturating_sub(time_us));
            }
            if let Some(count) = self.samples.get_mut(kind) {
                *count += 1;
            }
        });
    }

    fn add_gap(&mut self, kind: usize, us: u64) {
        if us < LONGEST_US
            && let (Some(gaps), Some(sum)) = (self.gaps.get_mut(kind), self.us.get_mut(kind))
        {
            *gaps += 1;
            *sum = sum.saturating_add(us);
        }
    }

    /// Returns the idle part of the time that all samples share, in microseconds, and the number of idle
    /// samples. `us` is this time. Returns `None` when there are few samples of either kind.
    pub(crate) fn of(&self, us: u64) -> Option<(u64, u64)> {
        let [runs, idle] = self.mean_times()?;
        let share = idle / (runs + idle);
        Some(((us as f64 * share).round() as u64, self.samples[1]))
    }

    /// Returns the time of the samples of each kind, at their mean gap.
    fn mean_times(&self) -> Option<[f64; 2]> {
        let time = |[us, gaps, samples]: [u64; 3]| us as f64 / gaps.max(1) as f64 * samples as f64;
        let Self { us, gaps, samples } = self;
        let (runs, idle) = (time([us[0], gaps[0], samples[0]]), time([us[1], gaps[1], samples[1]]));
        let are_known =
            self.gaps.iter().all(|gaps| *gaps >= LEAST_GAPS) && runs > 0.0 && idle > 0.0;
        are_known.then_some([runs, idle])
    }
}
