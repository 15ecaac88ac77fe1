//! The main thread of a recording, and the busiest one.

use crate::frame::Kind;
use crate::profile::Profile;
use crate::selection::{Idle, Selection};

/// The files in which Node starts a worker thread. The second one is that of Node up to 14.
const STARTS_OF_WORKERS: [&str; 2] =
    ["node:internal/main/worker_thread", "internal/main/worker_thread.js"];

impl Profile {
    /// Returns the index of the main thread in [`Profile::threads`]. A thread in whose samples Node
    /// started it as a worker is not the main thread, unless all threads are such. When several
    /// threads remain, such as those of several processes, the result is the one with the greatest
    /// weight of samples that are not idle. Returns `None` for a profile without threads.
    ///
    /// ```
    /// use spikeflame_profile::Profile;
    ///
    /// assert!(Profile::default().main_thread().is_none());
    /// ```
    pub fn main_thread(&self) -> Option<usize> {
        if self.threads.len() < 2 {
            return self.busiest_thread(0, u64::MAX);
        }
        let is_worker = self.workers();
        let weights = self.weights(0, u64::MAX).into_iter().zip(is_worker).enumerate();
        weights.max_by_key(|(_, (weight, is_worker))| (!is_worker, *weight)).map(|(at, _)| at)
    }

    /// Returns the index of the thread with the greatest weight of samples that are not idle, from
    /// `from_us` to `to_us` (microseconds since the recording's zero; the end is not included).
    /// In the whole recording, another thread can have more weight, such as that of a build before
    /// the server. When weights are equal, the thread with more weight of idle samples is returned.
    /// Returns `None` for a profile without threads.
    pub fn busiest_thread(&self, from_us: u64, to_us: u64) -> Option<usize> {
        if self.threads.len() < 2 {
            return (!self.threads.is_empty()).then_some(0);
        }
        let weights = self.weights(from_us, to_us);
        weights.iter().enumerate().max_by_key(|(_, weight)| **weight).map(|(thread, _)| thread)
    }

    /// Returns, for each thread, the weights of its samples in a time: of those that are not idle,
    /// and of the idle ones.
    fn weights(&self, from_us: u64, to_us: u64) -> Vec<(u64, u64)> {
        let selection = Selection { idle: Idle::Keep, ..Selection::default() };
        let mut weights = vec![(0_u64, 0_u64); self.threads.len()];
        self.visit(&selection, |thread, sample, weight| {
            let Some((busy, idle)) = weights.get_mut(thread) else { return };
            if sample.time_us >= from_us && sample.time_us < to_us {
                let frame = self.stacks.get(sample.stack).map(|(_, frame)| frame);
                let is_idle = frame.map(|frame| self.frames.kind(frame)) == Some(Kind::Idle);
                *(if is_idle { idle } else { busy }) += weight;
            }
        });
        weights
    }

    /// Returns, for each thread, true when Node started it as a worker in one of its samples.
    fn workers(&self) -> Vec<bool> {
        let strings = self.frames.strings();
        let starts: Vec<bool> = (self.frames.functions())
            .map(|(_, function)| STARTS_OF_WORKERS.contains(&strings.get(function.file)))
            .collect();
        if !starts.contains(&true) {
            return vec![false; self.threads.len()];
        }
        // A parent comes before its children. The first stack is the empty one.
        let mut within = vec![false];
        for (_, parent, frame) in self.stacks.nodes() {
            let function = self.frames.get(frame).function.index();
            let is_start = starts.get(function) == Some(&true);
            within.push(is_start || within.get(parent.index()) == Some(&true));
        }
        let is_within = |stack: usize| within.get(stack) == Some(&true);
        (self.threads.iter())
            .map(|thread| thread.samples.iter().any(|(sample, _)| is_within(sample.stack.index())))
            .collect()
    }
}
