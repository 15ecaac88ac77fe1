//! The difference between two sessions, beyond the noise between runs of one session.
//!
//! Runs made in turn share the same hours of a machine. When one side was recorded before
//! the other, everything that the machine did in between is part of the difference. It is
//! the same in all runs of a side, so no number of runs shows it.

use crate::math::weighted_median;
use crate::measure::Measure;
use crate::session::{SESSION_NOISE, SessionNoise};

/// The median of the square of a standard normal value.
const MEDIAN_SQUARE: f64 = 0.454_94;
/// The number of well-measured rows that are needed to estimate the difference between
/// sessions.
const ENOUGH_ROWS: usize = 20;
/// The part of the noise found that is used. Few packages move together and there are many
/// tests: all of the noise would hide fivefold changes. This part limits comparisons of the
/// same code with a false row to one in a hundred (`just validate-diff`).
const PART: f64 = 0.9;

impl SessionNoise {
    /// Returns the noise that the rows of a table show, when it is larger than this one.
    /// Most code did not change, so that the spread of well-measured ratios is that of the
    /// sessions.
    pub(crate) fn at_least(self, measures: &[Measure], machine_shares: &[f64]) -> Self {
        let least = 2.0 * SESSION_NOISE.powi(2);
        let code = measures.iter().zip(machine_shares).filter(|(row, share)| {
            **share < 0.5 && row.p.is_some() && row.standard_error.powi(2) < least
        });
        let mut squares: Vec<(f64, f64)> = code
            .map(|(row, _)| (row.log_ratio.powi(2), row.standard_error.powi(2)))
            .map(|(square, error)| (square / MEDIAN_SQUARE - error, 1.0))
            .collect();
        if squares.len() < ENOUGH_ROWS {
            return self;
        }
        let shown = (weighted_median(&mut squares).max(0.0) / 2.0).sqrt() * PART;
        Self { code: self.code.max(shown), machine: self.machine.max(shown) }
    }
}
