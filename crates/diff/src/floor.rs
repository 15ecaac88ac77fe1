//! What two sessions differ by, beyond what runs of one session show.
//!
//! Runs made in turn meet the same hours of a machine. Where one side's runs were
//! made before the other's, whatever the machine did in between is in the
//! difference, alike in all runs of a side: no number of runs shows it.

use crate::math::weighted_median;
use crate::measure::Measure;
use crate::session::{SESSION_NOISE, SessionNoise};

/// The median of the square of a standard normal value.
const MEDIAN_SQUARE: f64 = 0.454_94;
/// As many rows must be known well before they say how far sessions are apart.
const ENOUGH_ROWS: usize = 20;
/// The part of the noise shown that is reckoned with. Packages that move together are
/// few, tests are many: all of it would hide fivefold changes, and this much keeps one
/// in a hundred comparisons of one code from a false row (`just validate-diff`).
const PART: f64 = 0.9;

impl SessionNoise {
    /// The noise that the rows of a table show themselves, if that is more: most
    /// code did not change, so the spread of the ratios of what is known well is
    /// that of the sessions.
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
