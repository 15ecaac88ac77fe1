//! The noise between two sessions of recording.

/// The coefficient of variation that sessions add to the cost of code. Taken from
/// fourteen pairs of sessions of one server.
pub const SESSION_NOISE: f64 = 0.15;
/// Of what the machine costs: system calls, the kernel, garbage collection. Waking
/// another process cost 1.9 times as much in another hour.
pub const MACHINE_NOISE: f64 = 0.40;

/// The noise between sessions, as coefficients of variation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SessionNoise {
    /// Of what code costs.
    pub code: f64,
    /// Of what the machine costs.
    pub machine: f64,
}

impl Default for SessionNoise {
    fn default() -> Self {
        Self { code: SESSION_NOISE, machine: MACHINE_NOISE }
    }
}

impl SessionNoise {
    /// Runs made in turn have none.
    pub const NONE: Self = Self { code: 0.0, machine: 0.0 };

    /// What it adds to the variance of the logarithm of a ratio, where the machine
    /// has this share of the cost.
    pub(crate) fn variance(self, machine_share: f64) -> f64 {
        let share = machine_share.clamp(0.0, 1.0);
        let (code, machine) = ((1.0 - share) * self.code, share * self.machine);
        2.0 * (code.powi(2) + machine.powi(2))
    }
}
