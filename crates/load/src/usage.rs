//! CPU use of a process, to decide whether the CPU limits a plateau.

use crate::plateau::Window;

/// Smallest [`Usage::busy`] from which the main thread counts as the limit of a plateau: 70 % of
/// the time.
pub const BOUND: f64 = 0.7;

/// Smallest [`Usage::coverage`] from which the use of the covered part counts for the whole plateau:
/// one tenth. A plateau is even, so that a part shows it, but a short part may be a single pause.
pub const LEAST_COVERAGE: f64 = 0.1;

/// CPU use of a process's main thread within a window. Shares are from 0 to 1, and samples count by
/// their weight. Shares of time are those of the part of the window that the recording covers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Usage {
    /// Share of the main thread's samples that are not idle, from 0 to 1.
    pub cpu_utilisation: f64,
    /// Share of the covered time in which the event loop did not wait for events, from 0 to 1;
    /// `None` when the recording has no idle samples.
    pub loop_utilisation: Option<f64>,
    /// True when `loop_utilisation` is only a lower bound: V8's CPU profiler counts as idle what
    /// libuv does between two callbacks, such as reading from sockets.
    pub idle_may_work: bool,
    /// Number of cores that the main thread used: its samples that are not idle, times the sampling
    /// interval, divided by the length of the covered time. It is `None` when the interval is not known.
    pub cores: Option<f64>,
    /// Share of garbage collection among the main thread's samples that are not idle. It is `None`
    /// when the recording does not separate it from other native code (perf).
    pub gc_share: Option<f64>,
    /// Weight of the main thread's samples that are not idle. It is their number when each sample
    /// has the weight 1.
    pub samples: u64,
    /// Share of the window that the recording covers, from 0 to 1. It is 1 when the recording ends
    /// less than a second before the window does.
    pub coverage: f64,
}

impl Usage {
    /// Returns the share of time to compare with [`BOUND`]: `loop_utilisation`, or else `cores`, or
    /// else `cpu_utilisation`.
    pub fn busy(&self) -> f64 {
        self.loop_utilisation.or(self.cores).unwrap_or(self.cpu_utilisation)
    }
}

/// Two or more seconds of a load test in which the main thread had work for at least 90 % of the
/// time, but got less than half of a core. One better second between them does not end the stretch.
/// Answers were late in this time because of the machine, whatever the load was.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Starvation {
    /// The seconds, as indices in [`crate::Timeline::seconds`].
    pub window: Window,
    /// The mean share of a core that the main thread got in the whole stretch, from 0 to 1.
    pub cores: f64,
}
