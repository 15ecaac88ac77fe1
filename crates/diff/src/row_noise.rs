//! How certain the cost of one row is.

use crate::math::{f_tail, joined_df};

/// Returns a number of samples whose logarithm is finite: half a sample stands for none.
pub(crate) fn finite(samples: f64) -> f64 {
    if samples > 0.0 { samples } else { 0.5 }
}

/// Returns the p value of a statistic and the variance within sessions, with its degrees of freedom.
/// `between` is the variance between sessions, with its own.
pub(crate) fn p_value((statistic, variance): (f64, f64), df: f64, between: (f64, f64)) -> f64 {
    let share = variance / (variance + between.0);
    f_tail(statistic * share, joined_df([(variance, df), between]))
}

/// The noise of the cost of a row.
pub(crate) struct RowNoise {
    pub(crate) dispersion: f64,
    /// The variance of the logarithm of the ratio between the sides' sessions.
    pub(crate) between: f64,
    /// The quantile of Student's t for the level of intervals.
    pub(crate) t: f64,
}

impl RowNoise {
    /// Returns the interval of the change, for the samples and the work of each side.
    pub(crate) fn change_interval(&self, [k1, k2]: [f64; 2], [w1, w2]: [f64; 2]) -> (f64, f64) {
        let (before, after) = (k1 / w1, k2 / w2);
        let of_counts = self.dispersion * (finite(k1) / w1.powi(2) + finite(k2) / w2.powi(2));
        // Each side has half of the variance of the logarithm.
        let of_sides = self.between / 2.0 * (before.powi(2) + after.powi(2));
        let (change, reach) = (after - before, self.t * (of_counts + of_sides).sqrt());
        (change - reach, change + reach)
    }
}
