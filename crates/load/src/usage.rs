//! CPU use of a process, to decide whether the CPU limits a plateau.

use crate::plateau::Window;

/// Smallest [`Usage::busy`] from which a thread counts as the limit of a plateau, from 0 to 1.
pub const BOUND: f64 = 0.7;

/// Smallest [`Usage::coverage`] from which the use of the covered part counts for the whole
/// plateau, from 0 to 1.
pub const LEAST_COVERAGE: f64 = 0.1;

/// CPU use of the busiest thread within a window: of the thread with the greatest weight of samples
/// that are not idle. Shares of time are those of the part of the window that the recording covers, and in which
/// the thread existed, which idle samples show.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Usage {
    /// Share of the thread's samples that are not idle, from 0 to 1.
    pub cpu_utilisation: f64,
    /// Share of the covered time in which the thread's event loop did not wait for events, from 0
    /// to 1. `None` when it is not known.
    pub loop_utilisation: Option<f64>,
    /// True when `loop_utilisation` is only a lower bound: V8's CPU profiler counts as idle what
    /// libuv does between two callbacks, such as reading from sockets.
    pub idle_may_work: bool,
    /// Share of a core that the thread used: its samples that are not idle, times the sampling
    /// interval, divided by the length of the covered time. It is `None` when the interval is not
    /// known well enough.
    pub cores: Option<f64>,
    /// True when `cores` also counts time in which the thread waited for a core. V8 takes samples by the time that
    /// passes, so that they show more than the kernel counts on a busy machine.
    pub counts_waits: bool,
    /// Share of garbage collection among the thread's samples that are not idle, from 0 to 1. It is
    /// `None` when the recording does not show it.
    pub gc_share: Option<f64>,
    /// Number of the thread's samples that are not idle.
    pub samples: u64,
    /// Share of the window that the recording covers, from 0 to 1.
    pub coverage: f64,
    /// Share of a core that the process's main thread used, as the kernel counted it. It comes from
    /// `process.csv`, the recorder's table of measurements; `None` when it is not known.
    pub main_cores: Option<f64>,
    /// True when the busiest thread is a worker or, in a recording of perf, seems to be any other thread than the
    /// main one, such as one of libuv's pool. False for the main thread; `None` when nothing shows it.
    pub is_worker: Option<bool>,
    /// Number of cores that the process used beside its main thread (libuv's pool, workers, V8's
    /// helpers), as the kernel counted them; other processes of the run, such as those of a cluster, are not
    /// in it. It is `None` when it is not known.
    pub other_cores: Option<f64>,
}

/// Part of the busiest thread's CPU below which the main thread is another thread than that one.
/// The kernel counts in steps, and other programs on the machine disturb both measurements.
const OTHER_THREAD: f64 = 0.5;

/// Cores from which threads other than the main one do the work, when the main thread uses less.
const OTHER_WORK: f64 = 0.2;

impl Usage {
    /// Returns the share of time to compare with [`BOUND`]: `loop_utilisation`, or else the larger of `cores` and
    /// the share in [`Usage::core_share`], or else `cpu_utilisation`. Both shares of a core are lower bounds of the
    /// time: samples can be lost, and the kernel does not count the wait for a core.
    pub fn busy(&self) -> f64 {
        let by_kernel = self.core_share().map(|share| share.share);
        let least = match (self.cores, by_kernel) {
            (Some(by_samples), Some(by_kernel)) => Some(by_samples.max(by_kernel)),
            (one, other) => one.or(other),
        };
        self.loop_utilisation.or(least).unwrap_or(self.cpu_utilisation)
    }

    /// Returns the share of a core that the busiest thread got. It is `main_cores` where that is
    /// the busiest thread's, and otherwise `cores`. Returns `None` when it is not known.
    pub fn core_share(&self) -> Option<CoreShare> {
        let is_main =
            !self.is_of_worker() && (self.is_worker.is_some() || !self.differs_from_main());
        if let Some(main) = self.main_cores.filter(|_| is_main) {
            return Some(CoreShare { share: main.min(1.0), by_kernel: true, counts_waits: false });
        }
        let share = self.cores?.min(1.0);
        Some(CoreShare { share, by_kernel: false, counts_waits: self.counts_waits })
    }

    /// Returns true when the busiest thread, whose CPU use this is, is not the main thread: when
    /// [`Usage::is_worker`] is `Some(true)`. Returns false for the main thread, and when it is not known.
    pub fn is_of_worker(&self) -> bool {
        self.is_worker == Some(true)
    }

    /// Returns true when the busiest thread seems to be another one than the main thread, by the
    /// shares of a core. V8 also takes samples while a thread waits for a core, so that its samples
    /// show the same of a main thread which got none. Returns false when the shares are not known.
    pub fn differs_from_main(&self) -> bool {
        let Some((cores, (main, others))) = self.cores.zip(self.main_cores.zip(self.other_cores))
        else {
            return false;
        };
        // Shares near 0 have no meaning.
        cores >= 0.1 && main < OTHER_THREAD * cores && others >= OTHER_THREAD * cores
    }

    /// Returns true when the busiest recorded thread is not the limit ([`Usage::busy`] is below [`BOUND`]),
    /// and the other threads used [`BOUND`] of a core or more, or a fifth of a core and more than the main
    /// thread. The work is then done by libuv's pool, by workers that were not recorded, or by V8's helpers.
    pub fn is_work_elsewhere(&self) -> bool {
        let is_more =
            |cores| cores >= OTHER_WORK && self.main_cores.is_some_and(|main| cores > main);
        self.busy() < BOUND
            && self.other_cores.is_some_and(|cores| cores >= BOUND || is_more(cores))
    }
}

/// The share of a core that a thread got, and how it was counted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CoreShare {
    /// The share of a core, from 0 to 1.
    pub share: f64,
    /// True for the kernel's count in the recorder's `process.csv`, and false for a number of samples.
    pub by_kernel: bool,
    /// True when time in which the thread waited for a core counts too ([`Usage::counts_waits`]).
    pub counts_waits: bool,
}

/// The share of a core that the main thread got between two times, as the kernel counted it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CoreRow {
    /// The start, in microseconds since the recording's zero.
    pub from_us: u64,
    /// The end, in microseconds since the recording's zero.
    pub to_us: u64,
    /// The share of a core, from 0 to 1.
    pub share: f64,
}

/// A stretch of seconds of a load test in which the busiest thread had work nearly all the time,
/// but got less than half of a core by its samples. Single seconds may have more. Answers in this time may be
/// late because of the machine, whatever the load was.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Starvation {
    /// The seconds, as indices in [`crate::Timeline::seconds`].
    pub window: Window,
    /// The mean share of a core that the thread got in the whole stretch, from 0 to 1. Where the recorder's
    /// `process.csv` has it and the thread is not known to be a worker, it is the kernel's count for the main thread,
    /// which may be half or more.
    pub cores: f64,
}

#[cfg(test)]
mod tests {
    use super::Usage;

    /// The error was: nearly all ticks were lost, because the program had its own profiler, and the text stated
    /// 0.06 % beside the kernel's 44 %.
    #[test]
    fn lost_samples_do_not_hide_what_the_kernel_counted() {
        let usage = Usage {
            cpu_utilisation: 0.01,
            loop_utilisation: None,
            idle_may_work: false,
            cores: Some(0.0006),
            counts_waits: true,
            gc_share: None,
            samples: 11,
            coverage: 1.0,
            main_cores: Some(0.44),
            is_worker: None,
            other_cores: Some(0.01),
        };
        assert_eq!(usage.busy(), 0.44);
        assert_eq!(Usage { cores: Some(0.9), ..usage }.busy(), 0.9);
        assert_eq!(Usage { main_cores: None, ..usage }.busy(), 0.0006);
    }
}
