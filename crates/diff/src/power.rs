//! The changes that the given runs can find, and how many runs would find more.

use crate::math::{joined_df, t_quantile};
use crate::measure::{ALPHA, Design, LEAST_RATIO, Measure};

/// The highest number of runs a side that is suggested.
const MOST_RUNS: u32 = 99;
/// With so many runs a side, only the noise between sessions is left.
const UNLIMITED_RUNS: f64 = 1e9;
/// The probability with which a change of a given size is to be found.
const POWER: f64 = 0.8;

/// The numbers of a table that decide which changes of its rows can be found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    /// Runs a side; 1 against 3 is worth 1.5.
    runs: f64,
    /// The number of runs of the smaller side.
    fewest: f64,
    /// Degrees of freedom from these runs themselves.
    own_df: f64,
    critical_p: f64,
    /// The variance of ln(ratio) between sessions with which a row is tested beside its package; infinite
    /// when rows are not tested so.
    beside_package: f64,
}

impl Design<'_> {
    pub(crate) fn plan(&self, critical_p: f64) -> Plan {
        let [before, after] = self.runs;
        Plan {
            runs: 2.0 / (1.0 / before + 1.0 / after),
            fewest: before.min(after),
            own_df: before + after - 2.0,
            critical_p,
            beside_package: self.between.beside_package().unwrap_or(f64::INFINITY),
        }
    }
}

impl Plan {
    /// Returns the standard error and the degrees of freedom with `runs` runs a side.
    fn with_runs(&self, measure: &Measure, runs: f64) -> (f64, f64) {
        // More runs do not reduce the variance between sessions.
        let (within, between) = (measure.within() * self.runs / runs, measure.between);
        let prior_df = (measure.within_df - self.own_df).max(0.0);
        let df = prior_df + 2.0 * runs - 2.0;
        let df = joined_df([(within, df), (between, measure.between_df)]);
        ((within + between).sqrt(), df)
    }

    /// Returns the smallest |ln(ratio)| that is found in four of five comparisons with `runs` runs a
    /// side. The correction for the speed of the machine, without which a change must be found too,
    /// falls with the number of runs.
    fn found(&self, measure: &Measure, runs: f64, (error, df): (f64, f64)) -> f64 {
        let t = t_quantile(1.0 - self.critical_p / 2.0, df) + t_quantile(POWER, df);
        let correction = measure.correction.abs() * (self.runs / runs).sqrt();
        (t * error).max(LEAST_RATIO.ln()) + correction
    }

    /// Returns the lowest ratio above 1 (its inverse below 1) that these runs would find in
    /// four of five comparisons.
    pub(crate) fn smallest_ratio(&self, measure: &Measure) -> f64 {
        let now = (measure.standard_error, measure.degrees_of_freedom);
        self.found(measure, self.runs, now).exp()
    }

    /// Returns the number of runs a side for which `settles` returns true. `settles` gets the
    /// number, the standard error and the degrees of freedom.
    fn runs_for(&self, measure: &Measure, settles: impl Fn(f64, f64, f64) -> bool) -> Option<u32> {
        let enough = |runs: u32| {
            let runs = f64::from(runs);
            let (error, df) = self.with_runs(measure, runs);
            settles(runs, error, df)
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

    /// Returns the number of runs a side that find a change to `ratio` in four of five
    /// comparisons.
    pub(crate) fn runs_to_find(&self, measure: &Measure, ratio: f64) -> Option<u32> {
        let size = ratio.ln().abs() + 1e-9;
        self.runs_for(measure, |runs, error, df| self.found(measure, runs, (error, df)) <= size)
    }

    /// Returns true when the noise between sessions alone hides a change to `ratio`, of a size that
    /// counts as a change. A function that leaves its package is found in spite of more noise.
    pub(crate) fn hidden_by_sessions(&self, measure: &Measure, ratio: f64) -> bool {
        let size = ratio.ln().abs() + 1e-9;
        let mut least = *measure;
        if self.beside_package < measure.between {
            (least.between, least.between_df) = (self.beside_package, f64::INFINITY);
        }
        let error = self.with_runs(&least, UNLIMITED_RUNS);
        let found = self.found(&least, UNLIMITED_RUNS, error);
        measure.between > 0.0 && size >= LEAST_RATIO.ln() && found > size
    }

    /// Returns the number of further runs a side that would settle an unresolved row, if its ratio
    /// stays.
    pub(crate) fn more_runs(&self, measure: &Measure) -> Option<u32> {
        let (low, high) = measure.open_logs();
        let (least, most) = (measure.least_log().abs(), low.abs().max(high.abs()));
        let limit = LEAST_RATIO.ln();
        let tested = tested_error(measure, least);
        let runs = self.runs_for(measure, |runs, error, df| {
            if least >= limit {
                let error = tested.map_or(error, |tested| tested * (self.runs / runs).sqrt());
                least >= t_quantile(1.0 - self.critical_p / 2.0, df) * error
            } else {
                most + t_quantile(1.0 - ALPHA / 2.0, df) * error < limit
            }
        })?;
        Some((f64::from(runs) - self.fewest).max(1.0) as u32)
    }
}

/// Returns the standard error that the p of a row stands for, when its ratio is `log`. That of the interval
/// is larger for a row without samples on one side. It is `None` for noise between sessions, which more runs
/// do not reduce.
fn tested_error(measure: &Measure, log: f64) -> Option<f64> {
    let p = measure.p.filter(|p| *p > f64::MIN_POSITIVE && *p < 1.0 && measure.between == 0.0)?;
    let t = t_quantile(1.0 - p / 2.0, measure.within_df);
    (t.is_finite() && t > 0.0).then_some(log / t)
}

#[cfg(test)]
mod tests {
    use crate::analysis::Assumptions;
    use crate::compare::{Options, compare};
    use crate::comparison::Power;
    use crate::order::Order;
    use crate::run::Run;
    use spikeflame_profile::{Selection, folded};

    /// Returns what three runs a side could show of `parse`, for a change to `ratio`.
    fn power(order: Order, ratio: f64) -> Option<Power> {
        let text = |at: u32| format!("main;parse {}\nmain;write {}\n", 9_000 + 40 * at, 9_500 - at);
        let profile = |at: u32| folded::read(&mut text(at).as_bytes(), "example", None).unwrap();
        let profiles = [0, 1, 2, 3, 4, 5].map(profile);
        let all = Selection::default();
        let side = |at: [usize; 3]| at.map(|at| Run::new("a", &profiles[at], &all));
        let assumed = Assumptions { order: Some(order), ..Assumptions::default() };
        let options = Options { assumed, ..Options::default() };
        let compared = compare(&side([0, 2, 4]), &side([1, 3, 5]), &options).unwrap();
        let mut powers = compared.functions.rows.iter().zip(compared.functions.power(ratio));
        powers.find(|(row, _)| row.name == "parse").and_then(|(_, [own, _])| own)
    }

    #[test]
    fn more_runs_do_not_reduce_the_noise_between_sessions() {
        let in_turn = power(Order::InTurn, 0.7).unwrap();
        assert!(in_turn.runs_a_side.is_some() && !in_turn.hidden_by_sessions, "{in_turn:?}");
        let separated = power(Order::Separated, 0.7).unwrap();
        assert!(separated.rise > in_turn.rise && separated.fall < in_turn.fall, "{separated:?}");
        assert!(separated.hidden_by_sessions && separated.runs_a_side.is_none(), "{separated:?}");
        let small = power(Order::Separated, 0.95).unwrap();
        assert!(!small.hidden_by_sessions, "no order of runs shows it: {small:?}");
    }

    /// A function that was NEW at two runs a side was certain at three, but 10 more were asked for: the
    /// interval of a row without samples on one side is much wider than its test.
    #[test]
    fn a_new_function_needs_no_more_runs_than_its_test() {
        use crate::analysis::analyse;
        use crate::table::{Counts, Grouping, Side, TableRun};
        let run = |side| TableRun { side, interval_ms: Some(1.0), ..TableRun::named("run") };
        let runs = [Side::Before, Side::Before, Side::After, Side::After].map(run);
        let mut counts = Counts::new(4);
        counts.push(&[0.0, 0.0, 24.0, 46.0]);
        for row in 0..120 {
            let cost = |at: usize| 200.0 * (1.0 + ((row * 7 + at * 5) % 11) as f64 / 12.0);
            counts.push(&[0, 1, 2, 3].map(cost));
        }
        let functions = Grouping::without_totals(4, counts);
        let order = Some(Order::InTurn);
        let assumed = Assumptions { order, ..Assumptions::default() };
        let analysis = analyse(&runs, &[functions], &assumed).unwrap();
        let new = &analysis.groupings[0].self_result.measures[0];
        assert!(new.verdict == crate::Verdict::NotResolved, "{new:?}");
        assert!(new.more_runs.is_some_and(|runs| runs <= 5), "{new:?}");
    }
}
