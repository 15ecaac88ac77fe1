//! The main thread of a recording, and the busiest one.

use crate::frame::Kind;
use crate::profile::Profile;
use crate::selection::{Idle, Selection};

/// The files in which Node starts the program of its main thread. The second one is that of Node up to 14.
const STARTS_OF_MAIN: [&str; 2] =
    ["node:internal/main/run_main_module", "internal/main/run_main_module.js"];
/// The files in which Node starts a worker thread. The second one is that of Node up to 14.
const STARTS_OF_WORKERS: [&str; 2] =
    ["node:internal/main/worker_thread", "internal/main/worker_thread.js"];

impl Profile {
    /// Returns the index of the main thread in [`Profile::threads`]. As a rule, a worker of Node is
    /// not the main thread. Of several possible threads, such as those of several processes, it is
    /// the one with the greatest weight of samples that are not idle. Returns `None` for a profile
    /// without threads.
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
        let is_worker = self.started_by(&STARTS_OF_WORKERS);
        let weights = self.weights(0, u64::MAX).into_iter().zip(is_worker).enumerate();
        weights.max_by_key(|(_, (weight, is_worker))| (!is_worker, *weight)).map(|(at, _)| at)
    }

    /// Returns the index of the thread with the greatest weight of samples that are not idle, from
    /// `from_us` to `to_us` (microseconds since the recording's zero; the end is not included). Of
    /// several such threads, it is the one with the most idle samples, and of these the last.
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

    /// Returns true for a worker thread of Node, and false for the main thread of a process.
    /// Returns `None` when the recording does not show it. `thread` is an index in
    /// [`Profile::threads`].
    ///
    /// ```
    /// use spikeflame_profile::Profile;
    ///
    /// assert_eq!(Profile::default().is_worker(0), None);
    /// ```
    pub fn is_worker(&self, thread: usize) -> Option<bool> {
        let is_of = |files: &[&str]| self.started_by(files).get(thread) == Some(&true);
        match (is_of(&STARTS_OF_MAIN), is_of(&STARTS_OF_WORKERS)) {
            (true, false) => Some(false),
            (false, true) => Some(true),
            // A recording of several processes may have both.
            (true, true) => None,
            (false, false) => is_worker_by_name(&self.threads.get(thread)?.name),
        }
    }

    /// Returns, for each thread, true when one of its samples is within a function of `files`.
    fn started_by(&self, files: &[&str]) -> Vec<bool> {
        let strings = self.frames.strings();
        let starts: Vec<bool> = (self.frames.functions())
            .map(|(_, function)| files.contains(&strings.get(function.file)))
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

/// Returns true for the name of a worker's file of `node --cpu-prof`, and false for that of the main
/// thread, whose number is 0: `CPU.20261130.125008.1234.0.001`. Returns `None` for other names.
fn is_worker_by_name(name: &str) -> Option<bool> {
    let name = name.rsplit(['/', '\\']).next()?;
    let parts: Vec<&str> = name.strip_prefix("CPU.")?.split('.').collect();
    let [date, time, pid, thread, _number, ..] = parts.as_slice() else { return None };
    let is_number =
        |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let all = date.len() == 8 && [date, time, pid, thread].into_iter().all(is_number);
    all.then_some(*thread != "0")
}

#[cfg(test)]
mod tests {
    use super::is_worker_by_name;

    #[test]
    fn node_names_a_recording_by_its_thread() {
        let of = is_worker_by_name;
        assert_eq!(of("CPU.20261130.125008.1234.0.001"), Some(false));
        assert_eq!(of("run/CPU.20261130.125008.1234.3.001.cpuprofile"), Some(true));
        assert_eq!([of("CPU.profile"), of("isolate-v8"), of("CPU.2026.1.2.x.1")], [None; 3]);
    }
}
