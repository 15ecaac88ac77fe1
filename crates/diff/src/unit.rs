//! The unit in which a comparison gives costs.

/// The unit of costs in a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Milliseconds of CPU for each successful request.
    CpuMsPerRequest,
    /// Milliseconds of CPU for each run. The runs are taken to have done the same work.
    CpuMsPerRun,
    /// Milliseconds of CPU in each second of the window.
    CpuMsPerSecond,
    /// Share of the CPU that the runs before used; in a history, these are all points but the last.
    /// All self costs before add up to 1, and those after may add up to more or less: as a rule,
    /// the runs after are scaled by functions that seem unchanged. A change that all functions have
    /// in common does not show in this unit.
    Share,
}

impl Unit {
    /// Returns the word for the unit in JSON: `cpu_ms_per_request`, `cpu_ms_per_run`,
    /// `cpu_ms_per_second` or `share`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::CpuMsPerRequest => "cpu_ms_per_request",
            Self::CpuMsPerRun => "cpu_ms_per_run",
            Self::CpuMsPerSecond => "cpu_ms_per_second",
            Self::Share => "share",
        }
    }

    /// Returns the word for the work that a cost is for, such as `request`; `None` for
    /// shares.
    pub const fn work(self) -> Option<&'static str> {
        match self {
            Self::CpuMsPerRequest => Some("request"),
            Self::CpuMsPerRun => Some("run"),
            Self::CpuMsPerSecond => Some("second"),
            Self::Share => None,
        }
    }
}
