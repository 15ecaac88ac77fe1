//! What the runs given can tell, and how many would tell more.

use crate::math::t_quantile;
use crate::measure::{ALPHA, Design, LEAST_RATIO, Measure};

/// More runs than this a side nobody makes.
const MOST_RUNS: u32 = 99;
/// How often a change of the size asked for is to be found.
const POWER: f64 = 0.8;

/// What a table's rows need to be told apart from noise.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    /// Runs a side, as 1v3 is worth 1.5.
    runs: f64,
    /// The smaller side.
    fewest: f64,
    /// Degrees of freedom that these runs give themselves.
    own_df: f64,
    critical_p: f64,
}

impl Design<'_> {
    pub(crate) fn plan(&self, critical_p: f64) -> Plan {
        let [before, after] = self.runs;
        Plan {
            runs: 2.0 / (1.0 / before + 1.0 / after),
            fewest: before.min(after),
            own_df: before + after - 2.0,
            critical_p,
        }
    }
}

impl Plan {
    /// The standard error and the degrees of freedom with so many runs a side.
    fn with_runs(&self, measure: &Measure, runs: f64) -> (f64, f64) {
        // More runs tell nothing of what lies between sessions.
        let (within, between) = (measure.within() * self.runs / runs, measure.between);
        let prior_df = (measure.own_degrees_of_freedom() - self.own_df).max(0.0);
        let df = prior_df + 2.0 * runs - 2.0;
        ((within + between).sqrt(), df * (1.0 + between / within).powi(2))
    }

    /// The smallest |ln(ratio)| that is found four times of five.
    fn found(&self, error: f64, df: f64) -> f64 {
        let t = t_quantile(1.0 - self.critical_p / 2.0, df) + t_quantile(POWER, df);
        (t * error).max(LEAST_RATIO.ln())
    }

    /// The smallest ratio above 1 (or its inverse below 1) that these runs
    /// would find four times of five.
    pub(crate) fn smallest_ratio(&self, measure: &Measure) -> f64 {
        self.found(measure.standard_error, measure.degrees_of_freedom).exp()
    }

    /// Runs a side with which `settles` holds of standard error and degrees of
    /// freedom.
    fn runs_for(&self, measure: &Measure, settles: impl Fn(f64, f64) -> bool) -> Option<u32> {
        let enough = |runs: u32| {
            let (error, df) = self.with_runs(measure, f64::from(runs));
            settles(error, df)
        };
        let (mut too_few, mut runs) = (0, MOST_RUNS);
        if !enough(runs) {
            return None;
        }
        while runs - too_few > 1 {
            let middle = (too_few + runs) / 2;
            if enough(middle) {
                runs = middle;
            } else {
                too_few = middle;
            }
        }
        Some(runs)
    }

    /// Runs a side that find a change to `ratio` four times of five.
    pub(crate) fn runs_to_find(&self, measure: &Measure, ratio: f64) -> Option<u32> {
        let size = ratio.ln().abs() + 1e-9;
        self.runs_for(measure, |error, df| self.found(error, df) <= size)
    }

    /// How many more runs a side would settle a row that is not resolved, if
    /// its ratio stays.
    pub(crate) fn more_runs(&self, measure: &Measure) -> Option<u32> {
        let (size, limit) = (measure.log_ratio.abs(), LEAST_RATIO.ln());
        let runs = self.runs_for(measure, |error, df| {
            if size >= limit {
                size >= t_quantile(1.0 - self.critical_p / 2.0, df) * error
            } else {
                size + t_quantile(1.0 - ALPHA / 2.0, df) * error < limit
            }
        })?;
        Some((f64::from(runs) - self.fewest).max(1.0) as u32)
    }
}
