//! Change points and creep in the costs of many builds, on plain numbers.
//!
//! The place of a change is the one with the largest energy statistic (E-divisive means: Matteson
//! and James 2014). Its certainty comes from a t test and not from permutations, so that the output
//! is the same each time and small probabilities can be told apart for hundreds of functions. A
//! cost that creeps has no change point, so a straight line is tested beside it, and two change points at once,
//! because a cost that rises and falls back has none that stands out.

use super::{energy, pairs};
use crate::error::Error;
use crate::exposure::{Exposures, Scale, Views};
use crate::math::{adjust, f_tail, mean_and_variance, weighted_median};
use crate::measure::{ALPHA, LEAST_RATIO, LEAST_SHARE};
use crate::table::{Counts, Side, TableRun};
use crate::unit::Unit;
use std::ops::Range;

/// The fewest points (builds, or single runs) in which [`drifts`] looks for a change. With fewer,
/// it returns [`Error::ShortHistory`].
pub(crate) const LEAST_POINTS: usize = 5;
/// Rows with fewer samples a point, on average, are not tested.
const FEWEST_SAMPLES: f64 = 10.0;
/// The change of all rows together is certain when p is at most this.
const SURE: f64 = 0.01;
/// A certain change of all rows together by less than this ratio does not matter.
const LEAST_TOTAL_RATIO: f64 = 1.03;
/// The rises of all rows together that are tried to find one that would have been certain.
const RISES: [f64; 14] =
    [1.03, 1.04, 1.05, 1.06, 1.08, 1.1, 1.12, 1.15, 1.2, 1.25, 1.3, 1.4, 1.6, 2.0];
/// The noise of all rows counts as this many degrees of freedom in the noise of each row.
const PRIOR_DF: f64 = 4.0;

/// The costs of one row at each point of a history, and whether they changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Drift {
    /// The cost at each point, in order of the points, in the history's unit. It is corrected for the speed
    /// of the machine, except in [`Drifts::total`].
    pub costs: Vec<f64>,
    /// Probability of such a course when nothing changed; `None` for a row with fewer than 10 samples a point,
    /// on average.
    pub p: Option<f64>,
    /// `p`, adjusted for the number of tested rows (Benjamini and Hochberg); `None` when `p` is. In
    /// [`Drifts::total`], it is `p`.
    pub q: Option<f64>,
    /// The course of the costs: in steps, creeping, or not resolved.
    pub course: Course,
}

/// The course of a cost over a history.
#[derive(Clone, Debug, PartialEq)]
pub enum Course {
    /// The history shows no change that is certain and large enough to matter, or the row was not tested.
    NotResolved,
    /// The cost changed at these points, and was level between them. They are in order, and at least one of them
    /// is a change that is large enough to matter.
    Steps(Vec<ChangePoint>),
    /// The cost grew or fell little by little. Both costs lie between the lowest and the highest cost.
    Creep {
        /// The cost at the first point, by the fitted line.
        first: f64,
        /// The cost at the last point, by the fitted line.
        last: f64,
    },
}

/// A point at which a cost changed. For the geometric means, half a sample is added to each count,
/// and taken off the mean again, because a count can be 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChangePoint {
    /// Index in [`Drift::costs`] of the first point with the new cost.
    pub at: usize,
    /// Geometric mean of the costs before this change, back to the previous change or the first
    /// point.
    pub before: f64,
    /// Geometric mean of the costs from this change on, up to the next change or the last point.
    pub after: f64,
}

impl Drift {
    /// Returns true when `course` is [`Course::Steps`] or [`Course::Creep`], and false when no
    /// change is resolved.
    pub fn is_changed(&self) -> bool {
        self.course != Course::NotResolved
    }

    /// Returns the cost at the start and at the end of the history: the first and the last level,
    /// or the two ends of a creep. Returns `None` when the history shows no change.
    pub fn ends(&self) -> Option<(f64, f64)> {
        match &self.course {
            Course::NotResolved => None,
            Course::Steps(steps) => Some((steps.first()?.before, steps.last()?.after)),
            Course::Creep { first, last } => Some((*first, *last)),
        }
    }
}

/// The result of [`drifts`]: the course of the costs of each row.
#[derive(Clone, Debug, PartialEq)]
pub struct Drifts {
    /// The unit of all costs in the result.
    pub unit: Unit,
    /// The cost of everything. It is not corrected for the machine's speed.
    pub total: Drift,
    /// The least rise of `total` that would have been called a change, as a ratio; `None` when it did change.
    pub(crate) visible_rise: Option<f64>,
    /// One course for each row of the counts, in their order.
    pub rows: Vec<Drift>,
}

/// Finds changes in the costs of rows over points in time. As far as enough rows show the speed of
/// the machine at each point, the costs are corrected for it. [`TableRun::side`] has no effect.
///
/// Without a `unit`, costs are CPU-ms per request when each point has its requests and its sampling
/// interval, and shares otherwise.
///
/// ```
/// use spikeflame_diff::{Counts, TableRun, drifts};
///
/// let points = vec![TableRun::named("build"); 8];
/// let mut counts = Counts::new(8);
/// for row in 0..20 {
///     let noise = |at: usize| f64::from((row * 7 + at as u32 * 13) % 11);
///     counts.push(&std::array::from_fn::<f64, 8, _>(|at| 500.0 + noise(at)));
/// }
/// counts.push(&[500.0, 503.0, 498.0, 501.0, 803.0, 799.0, 805.0, 797.0]);
/// let found = drifts(&points, &counts, None)?;
/// let changed: Vec<usize> = (0..21).filter(|&row| found.rows[row].is_changed()).collect();
/// assert_eq!(changed, [20]);
/// # Ok::<(), spikeflame_diff::Error>(())
/// ```
///
/// # Errors
///
/// Returns an [`Error`] when there are fewer than five points, when the counts do not have one
/// column for each point or are no numbers of 0 or more, and when the costs of a point cannot be
/// computed.
pub fn drifts(points: &[TableRun], counts: &Counts, unit: Option<Unit>) -> Result<Drifts, Error> {
    if points.len() < LEAST_POINTS {
        return Err(Error::ShortHistory { points: points.len(), least: LEAST_POINTS });
    }
    counts.check(points.len())?;
    // The sides do not matter: one run alone on a side shows no shift.
    let mut sided: Vec<TableRun> = points.to_vec();
    sided.iter_mut().for_each(|point| point.side = Side::Before);
    if let Some(last) = sided.last_mut() {
        last.side = Side::After;
    }
    let exposures =
        Exposures::new(&sided, &Views::without_callers(counts), Scale::evened(unit, false), 0.0)?;
    let sums = counts.column_sums();
    let even = &exposures.of_run;
    let bare: Vec<f64> =
        even.iter().zip(&exposures.factors).map(|(even, factor)| even / factor).collect();
    let fewest = FEWEST_SAMPLES * points.len() as f64;
    let rows: Vec<Series> = counts.rows().map(|row| Series::new(row, even)).collect();
    let is_tested = |row: &Series| row.samples >= fewest;
    let typical = typical_variance(rows.iter().filter(|row| is_tested(row)));
    let p: Vec<Option<f64>> =
        rows.iter().map(|row| is_tested(row).then(|| row.test(typical).p())).collect();
    let q = adjust(&p);
    let critical = p.iter().zip(&q).filter(|(_, q)| q.is_some_and(|q| q <= ALPHA));
    let critical = critical.filter_map(|(p, _)| *p).fold(0.0, f64::max);
    let whole: f64 = sums.iter().sum::<f64>() / even.iter().sum::<f64>();
    let rows = rows.into_iter().zip(p.into_iter().zip(q));
    let least = (LEAST_RATIO, LEAST_SHARE * whole);
    let rows = rows.map(|(row, of)| drift(row, of, (typical, critical), least)).collect();
    let all = Series::new(&sums, &bare);
    let p = all.test(None).p();
    let visible_rise = all.visible_rise();
    let total = drift(all, (Some(p), Some(p)), (None, ALPHA), (least_total_ratio(p), 0.0));
    let visible_rise = visible_rise.filter(|_| !total.is_changed());
    Ok(Drifts { unit: exposures.unit, total, visible_rise, rows })
}

/// Returns the least ratio of a change of all rows together that matters.
fn least_total_ratio(p: f64) -> f64 {
    if p <= SURE { LEAST_TOTAL_RATIO } else { LEAST_RATIO }
}

/// Returns the row with its course. It is not resolved when `q` is above [`ALPHA`], and when the
/// change is smaller than `least`, a ratio and a cost.
fn drift(
    row: Series,
    (p, q): (Option<f64>, Option<f64>),
    (typical, critical): (Option<f64>, f64),
    least: (f64, f64),
) -> Drift {
    let course = q.filter(|q| *q <= ALPHA).map(|_| row.course(typical, critical));
    let course = course.filter(|course| matters(course, least)).unwrap_or(Course::NotResolved);
    Drift { costs: row.costs, p, q, course }
}

/// Returns true when a change is at least as large as `least`, a ratio and a cost, and for a course without a change.
fn matters(course: &Course, least: (f64, f64)) -> bool {
    match course {
        Course::NotResolved => true,
        Course::Steps(steps) => steps.iter().any(|step| is_large(step.before, step.after, least)),
        Course::Creep { first, last } => is_large(*first, *last, least),
    }
}

fn is_large(before: f64, after: f64, (ratio, cost): (f64, f64)) -> bool {
    before.max(after) >= ratio * before.min(after) && (after - before).abs() >= cost
}

/// The usual variance of logarithms around a straight line, beyond that of counting; `None` with
/// too few rows. Rows with many samples show it best.
fn typical_variance<'s>(rows: impl Iterator<Item = &'s Series>) -> Option<f64> {
    /// With fewer rows, one or two odd ones decide the median.
    const ENOUGH_ROWS: usize = 8;
    /// Variance that rows with any number of samples have.
    const ALWAYS: f64 = 0.005;
    let beyond = |row: &Series| {
        let counting = row.counting();
        (row.line().variance - counting, 1.0 / (counting + ALWAYS))
    };
    let mut variances: Vec<(f64, f64)> = rows.map(beyond).collect();
    (variances.len() >= ENOUGH_ROWS).then(|| weighted_median(&mut variances).max(0.0))
}

/// The costs of a row at each point, and their logarithms. A logarithm is that of the cost with half a sample
/// more, because that of 0 does not exist.
struct Series {
    costs: Vec<f64>,
    logs: Vec<f64>,
    /// The logarithm of the cost of half a sample at each point.
    halves: Vec<f64>,
    samples: f64,
}

/// A straight line through logarithms.
struct Line {
    start: f64,
    slope: f64,
    /// Sum of the squared distances from the line.
    squares: f64,
    variance: f64,
    /// Sum of squares of the points' indices around their middle.
    spread: f64,
}

/// The probabilities of a step, of two steps at once, and of a creep, by chance.
struct Chances {
    step: f64,
    pair: f64,
    creep: f64,
}

impl Chances {
    /// The chance of any of them: three tests were made.
    fn p(&self) -> f64 {
        (3.0 * self.step.min(self.pair).min(self.creep)).min(1.0)
    }
}

impl Series {
    fn new(row: &[f64], exposures: &[f64]) -> Self {
        let pairs = || row.iter().zip(exposures);
        Self {
            costs: pairs().map(|(count, exposure)| count / exposure).collect(),
            logs: pairs().map(|(count, exposure)| ((count + 0.5) / exposure).ln()).collect(),
            halves: exposures.iter().map(|exposure| (0.5 / exposure).ln()).collect(),
            samples: row.iter().sum(),
        }
    }

    fn line(&self) -> Line {
        let n = self.logs.len() as f64;
        let (middle, mean) = ((n - 1.0) / 2.0, mean_and_variance(&self.logs).0);
        let points = || self.logs.iter().enumerate().map(|(at, y)| (at as f64 - middle, y - mean));
        let spread: f64 = points().map(|(x, _)| x * x).sum();
        let slope = points().map(|(x, y)| x * y).sum::<f64>() / spread;
        let squares: f64 = points().map(|(x, y)| (y - slope * x).powi(2)).sum();
        let start = mean - slope * middle;
        Line { start, slope, squares, variance: squares / (n - 2.0), spread }
    }

    /// The variance of a logarithm from counting alone.
    fn counting(&self) -> f64 {
        self.logs.len() as f64 / (self.samples + 0.5)
    }

    /// A row's own variance, drawn towards that of all rows, but never below its own, and never
    /// below that of counting.
    fn variance(&self, of_row: f64, df: f64, typical: Option<f64>) -> (f64, f64) {
        let counting = self.counting();
        match typical {
            Some(typical) => {
                let prior = typical + counting;
                let drawn = (PRIOR_DF * prior + df * of_row) / (PRIOR_DF + df);
                (drawn.max(of_row).max(counting), df + PRIOR_DF)
            }
            None => (of_row.max(counting), df),
        }
    }

    fn test(&self, typical: Option<f64>) -> Chances {
        let line = self.line();
        let (variance, df) = self.variance(line.variance, self.logs.len() as f64 - 2.0, typical);
        let creep = f_tail(line.slope.powi(2) * line.spread / variance, df);
        let all = 0..self.logs.len();
        let step = self.step(all.clone(), typical).map_or(1.0, |(_, p)| p);
        let pair = self.pair(all, typical).map_or(1.0, |(_, p)| p);
        Chances { step, pair, creep }
    }

    /// Returns the least of [`RISES`] that would have been a change at the most likely change point, with the noise
    /// around it.
    fn visible_rise(&self) -> Option<f64> {
        let (at, _) = self.step(0..self.logs.len(), None)?;
        let (left, right) = self.logs.split_at_checked(at)?;
        let (before, after) = (mean_and_variance(left).0, mean_and_variance(right).0);
        let with = |rise: f64| {
            let level = left.iter().map(|log| log - before);
            level.chain(right.iter().map(|log| log - after + rise.ln())).collect()
        };
        let is_seen = |rise: &f64| {
            let (costs, halves) = (Vec::new(), self.halves.clone());
            let p = Self { costs, logs: with(*rise), halves, ..*self }.test(None).p();
            p <= ALPHA && *rise >= least_total_ratio(p)
        };
        RISES.into_iter().find(is_seen)
    }

    /// The most likely change point within some points, and its p for all places together.
    fn step(&self, points: Range<usize>, typical: Option<f64>) -> Option<(usize, f64)> {
        let logs = self.logs.get(points.clone())?;
        // One new point may be a change. One old point, or one in the middle, is an outlier.
        let right = if points.end == self.logs.len() { 1 } else { 2 };
        let (at, places) = energy::best_split(logs, 2, right)?;
        let (left, rest) = logs.split_at_checked(at)?;
        let ((a, _), (b, _)) = (mean_and_variance(left), mean_and_variance(rest));
        let squares =
            |part: &[f64], mean: f64| part.iter().map(|y| (y - mean).powi(2)).sum::<f64>();
        let df = logs.len() as f64 - 2.0;
        let of_row = (squares(left, a) + squares(rest, b)) / df;
        let (variance, df) = self.variance(of_row, df, typical);
        let weight = 1.0 / left.len() as f64 + 1.0 / rest.len() as f64;
        let p = f_tail((b - a).powi(2) / (variance * weight), df);
        Some((points.start + at, (p * places as f64).min(1.0)))
    }

    /// The two change points within some points that are most likely together, and their p for all
    /// pairs together. A cost that rises and falls back has no single step. Returns `None` when one of the
    /// two changes is not sure.
    fn pair(&self, points: Range<usize>, typical: Option<f64>) -> Option<([usize; 2], f64)> {
        let logs = self.logs.get(points.clone())?;
        let right = if points.end == self.logs.len() { 1 } else { 2 };
        let (cuts, pairs) = pairs::best_pair(logs, 2, right)?;
        let (left, rest) = logs.split_at_checked(cuts[0])?;
        let (middle, rest) = rest.split_at_checked(cuts[1] - cuts[0])?;
        let squares = |part: &[f64]| {
            let mean = mean_and_variance(part).0;
            part.iter().map(|y| (y - mean).powi(2)).sum::<f64>()
        };
        let df = logs.len() as f64 - 3.0;
        let around = [left, middle, rest].map(squares).iter().sum::<f64>();
        let (variance, df) = self.variance(around / df, df, typical);
        let is_sure = |one: &[f64], other: &[f64]| {
            let weight = 1.0 / one.len() as f64 + 1.0 / other.len() as f64;
            let apart = mean_and_variance(one).0 - mean_and_variance(other).0;
            f_tail(apart.powi(2) / (variance * weight), df) <= SURE
        };
        let f = (squares(logs) - around) / 2.0 / variance;
        // The tail of F with two degrees of freedom above.
        let p = (1.0 + 2.0 * f / df).powf(-df / 2.0) * pairs as f64;
        let [first, second] = cuts;
        (is_sure(left, middle) && is_sure(middle, rest))
            .then_some(([points.start + first, points.start + second], p.min(1.0)))
    }

    /// The better of steps and creep. Changes with a p up to `critical` count.
    fn course(&self, typical: Option<f64>, critical: f64) -> Course {
        let mut cuts = Vec::new();
        self.find_steps(0..self.logs.len(), typical, critical, &mut cuts);
        cuts.sort_unstable();
        let n = self.logs.len() as f64;
        let line = self.line();
        // Schwarz's criterion: a change has a place and a level.
        let cost =
            |squares: f64, parameters: f64| n * (squares / n).max(1e-12).ln() + parameters * n.ln();
        let (levels, squares) = self.levels(&cuts);
        let of_steps = cost(squares, 1.0 + 2.0 * cuts.len() as f64);
        if cuts.is_empty() || cost(line.squares, 2.0) < of_steps {
            let at = |place: f64| (line.start + line.slope * place).exp();
            let [first, last] = [self.halves.first(), self.halves.last()];
            let [first, last] = [(at(0.0), first), (at(n - 1.0), last)].map(|(cost, half)| {
                self.within(cost - half.map_or(0.0, |half| half.exp()), 0..self.costs.len())
            });
            return Course::Creep { first, last };
        }
        let pairs = cuts.iter().zip(levels.iter().zip(levels.iter().skip(1)));
        let change =
            |(&at, (&before, &after)): (&usize, (&f64, &f64))| ChangePoint { at, before, after };
        Course::Steps(pairs.map(change).collect())
    }

    fn find_steps(
        &self,
        points: Range<usize>,
        typical: Option<f64>,
        critical: f64,
        cuts: &mut Vec<usize>,
    ) {
        if points.len() < LEAST_POINTS.min(self.logs.len()) {
            return;
        }
        let Some((at, p)) = self.step(points.clone(), typical) else { return };
        let mut found = vec![at];
        if p > critical {
            let pair = self.pair(points.clone(), typical).filter(|(_, p)| *p <= critical);
            found = pair.map_or_else(Vec::new, |(pair, _)| pair.to_vec());
        }
        let ends = found.iter().copied().chain(std::iter::once(points.end));
        let starts = std::iter::once(points.start).chain(found.iter().copied());
        for (start, end) in starts.zip(ends).filter(|_| !found.is_empty()) {
            self.find_steps(start..end, typical, critical, cuts);
        }
        cuts.extend(found);
    }

    /// Returns a cost, or the nearest cost that was measured at some points.
    fn within(&self, cost: f64, points: Range<usize>) -> f64 {
        let costs = || self.costs.get(points.clone()).unwrap_or_default().iter().copied();
        cost.min(costs().fold(0.0, f64::max)).max(costs().fold(f64::INFINITY, f64::min))
    }

    /// The level between each two cuts, and the sum of squares of the logarithms around it. A level is the
    /// geometric mean of costs with half a sample more, less that of half a sample.
    fn levels(&self, cuts: &[usize]) -> (Vec<f64>, f64) {
        let starts = std::iter::once(0).chain(cuts.iter().copied());
        let ends = cuts.iter().copied().chain(std::iter::once(self.logs.len()));
        let (mut levels, mut squares) = (Vec::new(), 0.0);
        for (start, end) in starts.zip(ends) {
            let part = self.logs.get(start..end).unwrap_or_default();
            let mean = mean_and_variance(part).0;
            squares += part.iter().map(|y| (y - mean).powi(2)).sum::<f64>();
            let halves = self.halves.get(start..end).unwrap_or_default();
            levels.push(self.within(mean.exp() - mean_and_variance(halves).0.exp(), start..end));
        }
        (levels, squares)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The cost of everything rose by 7.5 % in a noisy history, and the text only had "no change shows".
    #[test]
    fn the_least_rise_that_shows_depends_on_the_noise() {
        let noise = [1.04, 1.01, 0.99, 1.01, 1.02, 0.97, 1.08, 1.1];
        let visible = |part: f64| {
            let counts = noise.map(|of: f64| 50_000.0 * (1.0 + part * (of - 1.0)));
            Series::new(&counts, &[10_000.0; 8]).visible_rise()
        };
        assert_eq!([0.1, 1.0, 6.0].map(visible), [Some(1.03), Some(1.1), Some(2.0)]);
    }
}
