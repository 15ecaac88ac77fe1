//! The noise between sessions, as the test uses it: assumed, or measured on the rows.

use crate::math::joined_df;
use crate::session::SessionNoise;

/// The degrees of freedom of the assumed noise: it is from fourteen pairs of sessions.
const ASSUMED_DF: f64 = 13.0;

/// The noise between the sessions of both sides, as the test uses it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Between {
    pub(crate) noise: SessionNoise,
    /// The degrees of freedom of the noise of code.
    pub(crate) df: f64,
    /// The noise of functions relative to their package, when the noise between packages was
    /// measured.
    pub(crate) in_package: Option<f64>,
}

impl Between {
    /// The noise of runs that were made in turn.
    pub(crate) const NONE: Self = Self::assumed(SessionNoise::NONE);

    /// Makes a noise that is assumed, not measured.
    pub(crate) const fn assumed(noise: SessionNoise) -> Self {
        Self { noise, df: ASSUMED_DF, in_package: None }
    }

    /// Returns what the noise adds to the variance of ln(ratio), for a row with this share of
    /// machine cost, and the degrees of freedom of that variance.
    pub(crate) fn variance(&self, machine_share: f64) -> (f64, f64) {
        let code = SessionNoise { machine: 0.0, ..self.noise }.variance(machine_share);
        let machine = SessionNoise { code: 0.0, ..self.noise }.variance(machine_share);
        (code + machine, joined_df([(code, self.df), (machine, ASSUMED_DF)]))
    }
}
