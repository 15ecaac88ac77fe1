//! The noise between two sessions of recording.

/// The default noise that sessions add to the cost of code, as a coefficient of variation.
/// It is from fourteen pairs of sessions of one server.
pub(crate) const SESSION_NOISE: f64 = 0.15;
/// The default noise between sessions of the machine's own cost
/// ([`Row::is_machine`](crate::Row::is_machine)), as a coefficient of variation.
pub(crate) const MACHINE_NOISE: f64 = 0.40;

/// The default for the least noise between runs of one session of the machine's own cost, as a coefficient of
/// variation. Two runs a side are alike by chance too often: system calls and the kernel's waking of other
/// threads varied by 20 to 49 % in twelve runs of one server.
pub(crate) const MACHINE_BETWEEN_RUNS: f64 = 0.15;
/// The least noise of this kind on a machine where ticks contain waiting for a core. The system call that
/// answers a request wakes another process, which then takes the core: it varied by 63 % in nine runs of one
/// server, from 2 to 24 % of all ticks.
pub(crate) const MACHINE_BETWEEN_BUSY_RUNS: f64 = 0.5;

/// Noise between sessions of recording (runs without a long pause between them), as coefficients of
/// variation: 0.15 means a standard deviation of 15 % of the cost. The default is 0.15 for code and
/// 0.40 for the machine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SessionNoise {
    /// Noise in the cost of code.
    pub code: f64,
    /// Noise in the machine's cost ([`Row::is_machine`](crate::Row::is_machine)).
    pub machine: f64,
}

impl Default for SessionNoise {
    fn default() -> Self {
        Self { code: SESSION_NOISE, machine: MACHINE_NOISE }
    }
}

impl SessionNoise {
    /// The noise between sessions of runs that were made in turn: none.
    pub const NONE: Self = Self { code: 0.0, machine: 0.0 };

    /// Returns true for no noise.
    ///
    /// ```
    /// use spikeflame_diff::SessionNoise;
    ///
    /// assert!(SessionNoise::NONE.is_none());
    /// assert!(!SessionNoise::default().is_none());
    /// ```
    pub fn is_none(self) -> bool {
        self == Self::NONE
    }

    /// Returns what the noise adds to the variance of ln(ratio), for a row with this share
    /// of machine cost.
    pub(crate) fn variance(self, machine_share: f64) -> f64 {
        let share = machine_share.clamp(0.0, 1.0);
        let (code, machine) = ((1.0 - share) * self.code, share * self.machine);
        2.0 * (code.powi(2) + machine.powi(2))
    }
}
