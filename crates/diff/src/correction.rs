//! The correction for the speed of the machine as a doubt of each row.
//!
//! The correction is an estimate from most functions. A fix of one function also changes what the
//! engine does in others, and the correction with it, so that rows which did not change seem to rise. A
//! row is therefore tested with the correction and without it, and must have changed in both. Between
//! sides that were recorded apart, the noise between sessions stands for an error of the correction.

use crate::measure::Measure;

impl Measure {
    /// Returns the logarithms of the lowest and the highest ratio that are possible: the correction for
    /// the speed of the machine may be right, or wrong as a whole.
    pub(crate) fn open_logs(&self) -> (f64, f64) {
        (self.log_ratio + self.correction.min(0.0), self.log_ratio + self.correction.max(0.0))
    }

    /// Returns the logarithm of the smallest change that the correction leaves open.
    pub(crate) fn least_log(&self) -> f64 {
        let (low, high) = self.open_logs();
        0.0_f64.max(low).min(high)
    }

    /// Returns the size of the smaller one of the changes with and without the correction, in the
    /// comparison's unit.
    pub(crate) fn least_change(&self) -> f64 {
        let (before, after) = self.uncorrected;
        self.change.abs().min((after - before).abs())
    }

    /// Returns true when the costs with and without the correction, each before and after, satisfy a
    /// condition.
    pub(crate) fn both(&self, holds: impl Fn(f64, f64) -> bool) -> bool {
        holds(self.before, self.after) && holds(self.uncorrected.0, self.uncorrected.1)
    }

    pub(crate) fn set_p(&mut self, of_both: Option<[f64; 2]>) {
        (self.p, self.p_of_both) = (of_both.map(|[one, other]| one.max(other)), of_both);
    }
}
