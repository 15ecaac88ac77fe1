//! The time that a sample stands for.

use crate::frame::Kind;
use crate::gap::{Gaps, UsualGap};
use crate::profile::{Profile, Source, Thread};
use crate::stack::StackId;

/// The microseconds that a weight of 1 stands for in each recording of a profile: see [`Profile::steps`].
#[derive(Clone, Debug)]
pub struct Steps {
    /// For each source, those of a sample of a running thread, and of an idle one.
    of_sources: Vec<(u64, u64)>,
    /// True for each stack of an idle thread, by its index.
    idle: Vec<bool>,
}

impl Steps {
    /// Returns the microseconds that a weight of 1 of a thread's sample with this stack stands for. Thread and
    /// stack must be of the profile of which these are the steps.
    pub fn us(&self, thread: &Thread, stack: StackId) -> u64 {
        let (runs, idle) = self.of_sources.get(thread.source).copied().unwrap_or_default();
        if self.idle.get(stack.index()) == Some(&true) { idle } else { runs }
    }

    /// Returns the mean of [`us`](Self::us) over the samples of a profile, rounded. Each sample counts by its
    /// weight. Returns `None` without a sample whose weight is above 0.
    pub fn mean_us(&self, profile: &Profile) -> Option<u64> {
        let (mut sum, mut count) = (0u128, 0u128);
        for thread in &profile.threads {
            thread.samples.iter().for_each(|(sample, weight)| {
                sum += u128::from(self.us(thread, sample.stack)) * u128::from(weight);
                count += u128::from(weight);
            });
        }
        u64::try_from((sum + count / 2).checked_div(count)?).ok()
    }

    /// Returns the largest number that [`us`](Self::us) returns.
    pub fn longest_us(&self) -> u64 {
        self.of_sources.iter().map(|(runs, idle)| *runs.max(idle)).max().unwrap_or(0)
    }
}

impl Profile {
    /// Returns the microseconds between two samples: the mean of [`Source::interval_us`] of all
    /// sources, rounded. Each source counts as often as it has samples that are not idle. Returns `None`
    /// without a source, when an interval is not known, and when
    /// the sources differ in [`Source::asked_us`], or else in the interval itself.
    pub fn interval_us(&self) -> Option<u64> {
        let asked = |source: &Source| source.asked_us.or(source.interval_us).filter(|us| *us > 0);
        let first = asked(self.sources.first()?)?;
        let mut all = Vec::with_capacity(self.sources.len());
        for source in &self.sources {
            asked(source).filter(|us| *us == first)?;
            all.push(source.interval_us.filter(|us| *us > 0)?);
        }
        let mut counts = self.busy_by_source();
        if counts.iter().all(|count| *count == 0) {
            counts = vec![1; all.len()];
        }
        let count: u128 = counts.iter().map(|count| u128::from(*count)).sum();
        let product = |(us, count): (&u64, &u64)| u128::from(*us) * u128::from(*count);
        let sum: u128 = all.iter().zip(&counts).map(product).sum();
        u64::try_from((sum + count / 2) / count).ok()
    }

    /// Returns the weight of the samples of each source that are not idle; 1 for a single source.
    fn busy_by_source(&self) -> Vec<u64> {
        let mut counts = vec![0u64; self.sources.len()];
        if let [only] = counts.as_mut_slice() {
            *only = 1;
            return counts;
        }
        let idle = self.idle_stacks();
        for thread in &self.threads {
            let Some(count) = counts.get_mut(thread.source) else { continue };
            let mut sums = vec![0u64; self.stacks.len()];
            thread.samples.add_weights(&mut sums);
            let busy = sums.iter().zip(&idle).filter(|(_, idle)| !**idle).map(|(sum, _)| sum);
            *count = busy.fold(*count, |all, sum| all.saturating_add(*sum));
        }
        counts
    }

    /// Returns true for each stack whose innermost frame shows that its thread was idle.
    fn idle_stacks(&self) -> Vec<bool> {
        let mut idle = vec![false; self.stacks.len()];
        for (stack, _, frame) in self.stacks.nodes() {
            if let Some(slot) = idle.get_mut(stack.index()) {
                *slot = self.frames.kind(frame) == Kind::Idle;
            }
        }
        idle
    }

    /// Returns the time that the samples of each recording stand for: its [`Source::interval_us`], or else, in
    /// recordings of V8's CPU profiler, their length divided by the samples, apart for running and idle
    /// threads where [`Source::idle_spread`] is known. Where neither is known, it is the usual or the mean
    /// time between samples of the recording, or else [`step_us`](Self::step_us). Returns `None` when the time
    /// of a recording is not known.
    pub fn steps(&self) -> Option<Steps> {
        let of_source = |(number, source): (usize, &Source)| {
            let known = source.interval_us.filter(|us| *us > 0).map(|us| (us, us));
            let measured = || self.measured_us(|thread| thread.source == number);
            let of_all = || if source.timed { measured() } else { None }.or_else(|| self.step_us());
            known.or_else(|| spread_steps(source)).or_else(|| of_all().map(|us| (us, us)))
        };
        let of_sources = self.sources.iter().enumerate().map(of_source).collect::<Option<_>>()?;
        Some(Steps { of_sources, idle: self.idle_stacks() })
    }

    /// Returns [`interval_us`](Self::interval_us), or else, in recordings of V8's CPU profiler, the length
    /// of the recording divided by its samples. Where neither is known and all sources have times,
    /// returns the most usual time from a sample of a thread to the next, or a mean. Returns
    /// `None` when none of these is known. All values are in microseconds.
    pub fn step_us(&self) -> Option<u64> {
        let measured = || if self.is_timed() { self.measured_us(|_| true) } else { None };
        self.recorded_step_us().or_else(measured)
    }

    /// Returns [`interval_us`](Self::interval_us), or else the length of recordings of V8's CPU profiler divided by
    /// their samples. For a single recording, it does not depend on the samples that a selection keeps.
    pub fn recorded_step_us(&self) -> Option<u64> {
        self.interval_us().or_else(|| self.spread_us())
    }

    fn spread_us(&self) -> Option<u64> {
        let (mut us, mut samples) = (0u64, 0u64);
        for source in &self.sources {
            let spread = source.spread?;
            us = us.saturating_add(spread.0);
            samples = samples.saturating_add(spread.1);
        }
        mean(us, samples)
    }

    /// Returns the microseconds that a sample of these threads stands for by their times: the usual gap, or the mean
    /// gap when it is shorter. When most gaps are not near the usual one, the sampler was late, and the mean
    /// of those is taken in which the thread did not wait.
    fn measured_us(&self, takes: impl Fn(&Thread) -> bool) -> Option<u64> {
        let gaps = self.gaps(takes);
        let usual = gaps.usual()?;
        let us =
            if usual.is_most { usual.us } else { gaps.mean_without_waits().unwrap_or(usual.us) };
        Some(us.min(gaps.mean()?))
    }

    /// Returns the microseconds that a sample of a running thread stands for:
    /// [`interval_us`](Self::interval_us), or else, where [`Source::is_of_cpu_profiler`] is true,
    /// the most usual time from a sample of a thread to the next. Returns `None` when neither is
    /// known.
    pub fn cpu_step_us(&self) -> Option<u64> {
        let is_right = || self.sources.iter().all(Source::is_of_cpu_profiler);
        let measured = || self.usual_gap().filter(|gap| gap.is_usual && is_right());
        self.interval_us().or_else(|| measured().map(|gap| gap.us))
    }

    fn usual_gap(&self) -> Option<UsualGap> {
        if self.sources.is_empty() || !self.is_timed() {
            return None;
        }
        self.gaps(|_| true).usual()
    }

    fn gaps(&self, takes: impl Fn(&Thread) -> bool) -> Gaps {
        let mut gaps = Gaps::default();
        for thread in self.threads.iter().filter(|thread| takes(thread)) {
            let mut last = None;
            thread.samples.iter().for_each(|(sample, _)| {
                if let Some(last) = last.replace(sample.time_us) {
                    gaps.add(sample.time_us.saturating_sub(last));
                }
            });
        }
        gaps
    }
}

/// Returns the microseconds of a sample of a running and of an idle thread.
fn spread_steps(source: &Source) -> Option<(u64, u64)> {
    let (us, samples) = source.spread?;
    let all = mean(us, samples)?;
    let apart = source.idle_spread.and_then(|(idle_us, idle)| {
        let runs = mean(us.saturating_sub(idle_us), samples.saturating_sub(idle))?;
        Some((runs, mean(idle_us, idle)?))
    });
    Some(apart.unwrap_or((all, all)))
}

/// Returns a rounded mean; `None` for 0.
fn mean(us: u64, samples: u64) -> Option<u64> {
    let rounded = us.saturating_add(samples / 2).checked_div(samples)?;
    Some(rounded).filter(|us| *us > 0)
}
