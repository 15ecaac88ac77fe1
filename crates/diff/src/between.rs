//! The noise between sessions, as the test uses it: assumed, or measured on the rows.

use crate::math::joined_df;
use crate::session::{MACHINE_BETWEEN_RUNS, SESSION_NOISE, SessionNoise};

/// The noise between the sessions of both sides, as the test uses it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct TestNoise {
    pub(crate) noise: SessionNoise,
    /// The degrees of freedom of the noise of code; infinite when it is only assumed.
    pub(crate) code_df: f64,
    /// The degrees of freedom of the noise of the machine; infinite when it is only assumed.
    pub(crate) machine_df: f64,
    /// The noise of functions relative to their package, when the noise between packages was
    /// measured.
    pub(crate) in_package: Option<f64>,
    /// The least noise between the runs of one session of the machine's own cost.
    pub(crate) machine_between_runs: f64,
}

impl TestNoise {
    /// The noise of runs that were made in turn.
    pub(crate) const NONE: Self = Self::assumed(SessionNoise::NONE);

    /// Makes a noise that is assumed, not measured.
    pub(crate) const fn assumed(noise: SessionNoise) -> Self {
        Self {
            noise,
            code_df: f64::INFINITY,
            machine_df: f64::INFINITY,
            in_package: None,
            machine_between_runs: MACHINE_BETWEEN_RUNS,
        }
    }

    /// Returns the variance of ln(ratio) between the sessions of a function relative to its package; `None`
    /// when the noise between packages was not measured.
    pub(crate) fn beside_package(&self) -> Option<f64> {
        // Half of the assumed variance is that of packages, half is that of functions in them.
        Some((2.0 * self.in_package?.powi(2)).max(SESSION_NOISE.powi(2)))
    }

    /// Returns the least dispersion with which a row with this share of machine cost and `mean` samples a run
    /// is tested. Noise between sessions contains that between runs.
    pub(crate) fn least_dispersion(&self, machine_share: f64, mean: f64) -> f64 {
        let is_one_session = self.noise.is_none();
        let noise = if is_one_session { machine_share * self.machine_between_runs } else { 0.0 };
        1.0 + noise.powi(2) * mean
    }

    /// Returns what the noise adds to the variance of ln(ratio), for a row with this share of
    /// machine cost, and the degrees of freedom of that variance.
    pub(crate) fn variance(&self, machine_share: f64) -> (f64, f64) {
        let code = SessionNoise { machine: 0.0, ..self.noise }.variance(machine_share);
        let machine = SessionNoise { code: 0.0, ..self.noise }.variance(machine_share);
        (code + machine, joined_df([(code, self.code_df), (machine, self.machine_df)]))
    }
}
