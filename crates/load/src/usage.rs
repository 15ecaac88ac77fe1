//! CPU use of a process, to decide whether the CPU limits a plateau.

use crate::plateau::Window;

/// Smallest [`Usage::busy`] from which a thread counts as the limit of a plateau: 70 % of the time.
pub const BOUND: f64 = 0.7;

/// Smallest [`Usage::coverage`] from which the use of the covered part counts for the whole plateau:
/// one tenth. A plateau is even, so that a part shows it, but a short part may be a single pause.
pub const LEAST_COVERAGE: f64 = 0.1;

/// CPU use within a window of the busiest thread: the one with most samples that are not idle. It
/// is the main thread as a rule; [`Usage::is_worker`] shows when it is not. Samples count by
/// their weight. Shares of time are those of the part of the window that the recording covers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Usage {
    /// Share of the thread's samples that are not idle, from 0 to 1.
    pub cpu_utilisation: f64,
    /// Share of the covered time in which the thread's event loop did not wait for events, from 0
    /// to 1. The share of a core that its samples show is a lower bound of it. `None` when neither idle samples nor the recorder's `process.csv` show it.
    pub loop_utilisation: Option<f64>,
    /// True when `loop_utilisation` is only a lower bound: V8's CPU profiler counts as idle what
    /// libuv does between two callbacks, such as reading from sockets.
    pub idle_may_work: bool,
    /// Share of a core that the thread used: its samples that are not idle, times the sampling
    /// interval, divided by the length of the covered time. It is `None` when the interval is not
    /// known, and for V8's ticks when the user asked for more than 2.5 ms.
    pub cores: Option<f64>,
    /// True when `cores` also counts time in which the thread waited for a core. V8 samples a thread by its
    /// clock, so that its samples show more than the kernel counts on a busy machine.
    pub counts_waits: bool,
    /// Share of garbage collection among the thread's samples that are not idle, from 0 to 1. It is
    /// `None` when no sample of the thread in the whole recording shows garbage collection, as in perf.
    pub gc_share: Option<f64>,
    /// Number of the thread's samples that are not idle.
    pub samples: u64,
    /// Share of the window that the recording covers, from 0 to 1. Up to a second at each end counts as
    /// covered.
    pub coverage: f64,
    /// Share of a core that the process's main thread used, as the kernel counted it. It is `None`
    /// without the recorder's `process.csv`, when its rows cover less than 90 % of the window, and
    /// when it is not known which of several processes was profiled.
    pub main_cores: Option<f64>,
    /// True when the busiest thread is a worker, and false when it is the main thread. The recording shows
    /// this by the start of the thread or the name of its file. Samples of perf, which are taken only
    /// while a thread has a core, also show it when they differ from `main_cores`. `None` when nothing
    /// shows it.
    pub is_worker: Option<bool>,
    /// Number of cores that all threads but the main threads used (libuv's pool, workers, V8's
    /// helpers), as the kernel counted them, in all processes of the run. It is `None` when `main_cores` is.
    pub other_cores: Option<f64>,
}

/// Part of the busiest thread's CPU below which the main thread is another thread than that one.
/// The kernel counts in steps, and other programs on the machine disturb both measurements.
const OTHER_THREAD: f64 = 0.5;

impl Usage {
    /// Returns the share of time to compare with [`BOUND`]: `loop_utilisation`, or else `cores`, or
    /// else `cpu_utilisation`.
    pub fn busy(&self) -> f64 {
        self.loop_utilisation.or(self.cores).unwrap_or(self.cpu_utilisation)
    }

    /// Returns the share of a core that the busiest thread got. It is `main_cores`, which the kernel counted,
    /// unless the busiest thread may be another one than the main thread; otherwise it is `cores`. Returns
    /// `None` when neither is known.
    pub fn core_share(&self) -> Option<CoreShare> {
        let is_main =
            !self.is_of_worker() && (self.is_worker.is_some() || !self.differs_from_main());
        if let Some(main) = self.main_cores.filter(|_| is_main) {
            return Some(CoreShare { share: main.min(1.0), by_kernel: true, counts_waits: false });
        }
        let share = self.cores?.min(1.0);
        Some(CoreShare { share, by_kernel: false, counts_waits: self.counts_waits })
    }

    /// Returns true when the busiest thread is a worker thread ([`Usage::is_worker`]). Returns false
    /// for the main thread, and when it is not known.
    pub fn is_of_worker(&self) -> bool {
        self.is_worker == Some(true)
    }

    /// Returns true when the busiest thread seems to be another one than the main thread: its samples show
    /// at least 0.1 of a core, the main thread used less than half of that, and the other threads
    /// at least half. V8 also takes samples while a thread waits for a core, so that its samples show the
    /// same of a main thread which got none. Returns false when `main_cores` is not known.
    pub fn differs_from_main(&self) -> bool {
        let Some((cores, (main, others))) = self.cores.zip(self.main_cores.zip(self.other_cores))
        else {
            return false;
        };
        // Shares near 0 have no meaning.
        cores >= 0.1 && main < OTHER_THREAD * cores && others >= OTHER_THREAD * cores
    }

    /// Returns true when [`Usage::busy`] is below [`BOUND`] while the other threads used [`BOUND`]
    /// of a core or more: the work is done by libuv's pool, by workers that were not recorded, or
    /// by V8's helpers.
    pub fn is_work_elsewhere(&self) -> bool {
        self.busy() < BOUND && self.other_cores.is_some_and(|cores| cores >= BOUND)
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

/// A stretch of two or more seconds of a load test in which the busiest thread had work for at least
/// 90 % of each second, but got less than half of a core. A single better second does not end it.
/// Answers in this time may be late because of the machine, whatever the load was.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Starvation {
    /// The seconds, as indices in [`crate::Timeline::seconds`].
    pub window: Window,
    /// The mean share of a core that the thread got in the whole stretch, from 0 to 1. Where the recorder's
    /// `process.csv` has it, it is the kernel's count for the main thread, which may be half or more.
    pub cores: f64,
}
