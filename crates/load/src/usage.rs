//! What a process did with its time: enough to tell whether a plateau is bound by
//! its CPU.

/// From this share of time on, the main thread is what bounds a plateau.
pub const BOUND: f64 = 0.7;

/// What the main thread did within a window. Shares are of 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Usage {
    /// Samples that are not idle, of all.
    pub cpu_utilisation: f64,
    /// Time that the event loop did not wait for something to do; `None` where the
    /// recording has no idle samples.
    pub loop_utilisation: Option<f64>,
    /// Samples that are not idle, times their interval, of the window: how much of
    /// a core it got. `None` without an interval.
    pub cores: Option<f64>,
    /// Samples in garbage collection, of those that are not idle; `None` where the
    /// recording does not tell it from other native code (perf).
    pub gc_share: Option<f64>,
    /// Samples that are not idle.
    pub samples: u64,
}

impl Usage {
    /// The share of time that counts for [`BOUND`].
    pub fn busy(&self) -> f64 {
        self.loop_utilisation.or(self.cores).unwrap_or(self.cpu_utilisation)
    }
}
