//! Steps 3 to 8 for one table: the cost of each row, and how certain it is.

use crate::between::TestNoise;
use crate::dispersion::{Spread, Trend, Trends};
use crate::math::{f_tail, joined_df, likelihood_ratio, t_quantile};
use crate::packages::{Packages, Ratio};
use crate::row_noise::{RowNoise, finite, p_value};
use crate::table::{Counts, Side};

/// The false discovery rate that is accepted; 1 minus it is the level of intervals.
pub(crate) const ALPHA: f64 = 0.05;
/// A ratio nearer to 1 than this, in either direction, is no change.
pub(crate) const LEAST_RATIO: f64 = 1.1;
/// A change by a smaller share of the whole cost is no change.
pub(crate) const LEAST_SHARE: f64 = 0.0005;
/// Rows with fewer samples over all runs are not tested.
pub(crate) const LEAST_SAMPLES: f64 = 20.0;

/// The result of testing a row: whether its cost changed between the sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Verdict {
    /// The cost changed, and has no [`Doubt`]. The adjusted p value ([`Measure::q`]) is at most 0.05, and the
    /// larger cost is at least 1.1 times the smaller. The difference is at least 0.05 % of the cost of all
    /// functions together (on the side where that is larger). All of this
    /// must hold with the correction for the speed of the machine and without it; for sides that were
    /// recorded apart, only with it.
    Changed,
    /// The cost stayed the same: the row was tested, and the 95 % interval of the ratio lies between 1 / 1.1
    /// and 1.1.
    Same,
    /// The runs do not show that the cost changed or stayed the same, for example because the row has too few
    /// samples. A certain change that is too small for [`Verdict::Changed`], or has a [`Doubt`], is
    /// not resolved either.
    NotResolved,
}

impl Verdict {
    /// Returns the word for the verdict in JSON: `changed`, `same` or `not_resolved`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Same => "same",
            Self::NotResolved => "not_resolved",
        }
    }
}

/// A reason, other than a change of the code, that can explain a difference. A cost with a doubt is
/// not called changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Doubt {
    /// The whole program changed, or too few functions show the speed of the machine, and relative to the
    /// whole program the row does not change in the same direction.
    WithProgram,
    /// The cost may arise once a run, or by time instead of requests, or grow in the course of a run, and
    /// the runs served different numbers of requests.
    StartUp,
    /// The engine may have inlined the function differently. The recordings do not show inlining, or
    /// self cost moved between the function and a caller or callee
    /// ([`Badge::Inlined`](crate::Badge::Inlined)).
    Inlined,
    /// The function is new or gone, but the functions that it calls changed by less than half of its
    /// cost: other functions made the same calls on the side where the function is missing. Of a function,
    /// only a total cost has this doubt. Or at least half of the change of a file or package, or a third of
    /// one that is on one side only, is the cost of functions that are in another file or package on the
    /// other side.
    Moved,
    /// The sides were recorded in different ways, and the recorders count different samples.
    Recorder,
    /// Nothing shows which function is which, for example because a minifier gave the names.
    OtherNames,
}

impl Doubt {
    /// Returns the word in JSON for this reason to doubt a change: `with_program`, `start_up`, `inlined`,
    /// `moved`, `recorder` or `other_names`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::WithProgram => "with_program",
            Self::StartUp => "start_up",
            Self::Inlined => "inlined",
            Self::Moved => "moved",
            Self::Recorder => "recorder",
            Self::OtherNames => "other_names",
        }
    }
}

impl Measure {
    /// Withdraws the verdict "changed", for this reason.
    pub(crate) fn doubted(&mut self, doubt: Doubt) {
        (self.verdict, self.more_runs, self.doubt) = (Verdict::NotResolved, None, Some(doubt));
    }
}

/// The cost of one row on each side, and the certainty of the difference.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measure {
    /// Number of the row's samples, summed over all runs before.
    pub samples_before: f64,
    /// Number of the row's samples, summed over all runs after.
    pub samples_after: f64,
    /// Cost before, in the comparison's unit: samples divided by exposure, each summed over the
    /// runs.
    pub before: f64,
    /// Cost after, in the comparison's unit, computed in the same way.
    pub after: f64,
    /// The cost after minus the cost before, in the comparison's unit.
    pub change: f64,
    /// A second pair of costs, before and after. They are, as a rule, those without the correction for the
    /// speed of the machine, and `before` and `after` when costs are not corrected, or are shares of runs whose
    /// work is not taken to be equal. With
    /// [`Comparison::two_scales`](crate::Comparison::two_scales), they are the shares with the other
    /// factor, and with [`Comparison::without_waits`](crate::Comparison::without_waits) the costs without
    /// waiting for a core.
    pub uncorrected: (f64, f64),
    /// Lower and upper end of the 95 % interval of `change`.
    pub change_ci: (f64, f64),
    /// `after / before`; `None` when the cost before is 0.
    pub ratio: Option<f64>,
    /// Lower and upper end of the 95 % interval of the ratio. The lower end is 0 when the cost
    /// after is 0, and the upper end is infinite when the cost before is 0.
    pub ci: (f64, f64),
    /// Natural logarithm of the ratio. A side without samples counts as half a sample, so the value
    /// is always finite.
    pub log_ratio: f64,
    /// The amount that is added to `log_ratio` for the costs in `uncorrected`. It is 0 for sides that were
    /// recorded apart: `between` contains the error of the correction.
    pub(crate) correction: f64,
    /// Variance of the row's counts between runs, divided by their mean: 1 for Poisson counts.
    pub(crate) dispersion: f64,
    /// Standard error of `log_ratio`.
    pub standard_error: f64,
    /// The part of the squared standard error that comes from noise between the sessions of the
    /// sides. More runs do not reduce it.
    pub(crate) between: f64,
    /// Degrees of freedom of the t distribution from which the intervals are computed.
    pub(crate) degrees_of_freedom: f64,
    /// Degrees of freedom of the part within the sides.
    pub(crate) within_df: f64,
    /// Degrees of freedom of the part between the sides.
    pub(crate) between_df: f64,
    /// The variance of `log_ratio` within the sides, as the test uses it. When one side has no
    /// counts, it is smaller than the one of the interval.
    pub(crate) tested_variance: f64,
    /// Probability of a difference of at least this size when nothing changed; `None` when the row
    /// was not tested, for example because it has too few samples.
    pub p: Option<f64>,
    /// The probabilities with and without the correction for the speed of the machine.
    pub(crate) p_of_both: Option<[f64; 2]>,
    /// `p`, adjusted for the number of tested rows (Benjamini and Hochberg); `None` when `p` is.
    pub q: Option<f64>,
    /// Whether the cost changed, stayed the same, or cannot be judged from these runs.
    pub verdict: Verdict,
    /// The reason why a certain difference is not called changed; `None` when there is none.
    pub doubt: Option<Doubt>,
    /// Number of further runs on the side with fewer runs, and as many in all on the other, that
    /// would settle a row that is not resolved, if its ratio stays. `None` for other verdicts, for a row
    /// with a doubt or with a certain change that is too small, and when 99 runs a side are too few.
    pub more_runs: Option<u32>,
}

impl Measure {
    /// Returns the ratio as the row `row` of its table.
    pub(crate) fn as_ratio(&self, row: usize) -> Ratio {
        Ratio { row, log: self.log_ratio, variance: self.within() }
    }

    /// Returns the part of the standard error's square that the runs within each side show.
    pub(crate) fn within(&self) -> f64 {
        self.standard_error.powi(2) - self.between
    }
}

/// The runs behind a table, and the noise that is assumed for them.
pub(crate) struct Design<'a> {
    pub(crate) sides: &'a [Side],
    /// The exposure of each run.
    pub(crate) exposures: &'a [f64],
    /// The number of runs of each side.
    pub(crate) runs: [f64; 2],
    /// The sum of the exposures of each side.
    pub(crate) work: [f64; 2],
    /// The sum of the exposures of each side without the correction for the speed of the machine;
    /// `work` when there is none.
    pub(crate) uncorrected: [f64; 2],
    /// The exposure of each run without this correction.
    pub(crate) uncorrected_of_run: &'a [f64],
    /// True when `uncorrected` is another scale of shares.
    pub(crate) two_scales: bool,
    /// The cost of everything on each side.
    pub(crate) totals: [f64; 2],
    pub(crate) noise_cv: f64,
    /// The noise between the sides' sessions, which the runs of a side do not show.
    pub(crate) between: TestNoise,
}

/// The result of testing a table.
pub(crate) struct TestResult {
    pub(crate) measures: Vec<Measure>,
    pub(crate) trends: Trends,
    /// The highest p that a changed row may have.
    pub(crate) critical_p: f64,
}

/// The sums of a row, and its spread.
struct Row {
    samples: [f64; 2],
    mu: f64,
    spread: Option<Spread>,
    /// The spread of the uncorrected costs; `None` when there is no correction.
    uncorrected: Option<Spread>,
}

impl Design<'_> {
    fn side(&self, side: Side) -> usize {
        usize::from(side == Side::After)
    }

    fn row(&self, counts: &[f64]) -> Row {
        let mut samples = [0.0; 2];
        for (count, &side) in counts.iter().zip(self.sides) {
            if let Some(sum) = samples.get_mut(self.side(side)) {
                *sum += count;
            }
        }
        let [before, after] = samples;
        let mean = |samples: f64, runs: f64| (samples / runs, runs - 1.0);
        let of_sides = [mean(before, self.runs[0]), mean(after, self.runs[1])];
        let showing = of_sides.iter().filter(|(mean, df)| *mean > 0.0 && *df > 0.0);
        let (weighted, df) = showing.fold((0.0, 0.0), |sum, (m, df)| (sum.0 + m * df, sum.1 + df));
        let spread = |exposures: &[f64], work: [f64; 2]| {
            let squares = self.squares(counts, samples, exposures, work);
            (df > 0.0).then(|| Spread { mu: weighted / df, phi: squares / df, df })
        };
        let mu = (before + after) / (self.runs[0] + self.runs[1]);
        let uncorrected = self.is_corrected() && self.is_open();
        let uncorrected =
            uncorrected.then(|| spread(self.uncorrected_of_run, self.uncorrected)).flatten();
        Row { samples, mu, spread: spread(self.exposures, self.work), uncorrected }
    }

    /// Returns true when a row must have changed with the correction and without it. Noise between
    /// sessions stands for an error of the correction, and not for another scale of shares.
    fn is_open(&self) -> bool {
        self.two_scales || self.between.noise.is_none()
    }

    /// Returns true when costs are corrected for the speed of the machine.
    fn is_corrected(&self) -> bool {
        self.uncorrected_of_run != self.exposures
    }

    /// Returns the sum of the squared distances of a row's counts from those that the sums of its side
    /// give, each divided by the latter.
    fn squares(
        &self,
        counts: &[f64],
        [before, after]: [f64; 2],
        exposures: &[f64],
        work: [f64; 2],
    ) -> f64 {
        let mut squares = 0.0;
        for ((count, &side), exposure) in counts.iter().zip(self.sides).zip(exposures) {
            let (sum, work) = match side {
                Side::Before => (before, work[0]),
                Side::After => (after, work[1]),
            };
            let fitted = sum / work * exposure;
            if fitted > 0.0 {
                squares += (count - fitted).powi(2) / fitted;
            }
        }
        squares
    }

    /// Tests every row. For a table of groups, `functions` are the trends of the functions in
    /// them. `known` has measures of the same rows with other exposures: a row is not taken to
    /// vary more than it does there. `self_counts` has the self counts of the same rows: a function of code
    /// that calls the machine is still a row of code.
    pub(crate) fn test(
        &self,
        (counts, self_counts): (&Counts, &Counts),
        functions: Option<Trends>,
        known: Option<&[Measure]>,
    ) -> TestResult {
        let rows: Vec<Row> = counts.rows().map(|row| self.row(row)).collect();
        let (shares, own_shares) = (counts.machine(), self_counts.machine());
        let spreads = |of: fn(&Row) -> Option<Spread>| -> Vec<(Spread, f64)> {
            let tested = |row: &Row| row.samples.iter().sum::<f64>() >= LEAST_SAMPLES;
            let shown = rows.iter().zip(&own_shares).filter(|(row, _)| tested(row));
            shown.filter_map(|(row, share)| Some((of(row)?, *share))).collect()
        };
        let trends = if self.runs == [1.0, 1.0] {
            Trends::alike(Trend::assumed(self.noise_cv, f64::INFINITY))
        } else {
            let spreads = spreads(|row| row.spread);
            match functions {
                Some(functions) => Trends::of_groups(&spreads, functions),
                None => Trends::fit(&spreads, Trend::guessed(self.noise_cv)),
            }
        };
        let uncorrected = Trends::fit(&spreads(|row| row.uncorrected), trends.code);
        let most = known.unwrap_or_default().iter().map(|measure| measure.dispersion);
        let most = most.chain(std::iter::repeat(f64::INFINITY));
        let of = |(((row, share), own), most): (((&Row, &f64), &f64), f64)| {
            let trends = (*trends.of_share(*own), *uncorrected.of_share(*own));
            self.measure(row, trends, *share, most)
        };
        let mut measures: Vec<Measure> =
            rows.iter().zip(&shares).zip(&own_shares).zip(most).map(of).collect();
        self.beside_packages(&mut measures, &shares, &Packages::new(counts.packages()));
        let critical_p = self.adjust(&mut measures, &own_shares);
        for measure in &mut measures {
            measure.verdict = self.verdict(measure);
        }
        TestResult { measures, trends, critical_p }
    }

    /// Tests rows also against the rest of their package, when the noise between packages was
    /// measured. A package that moved as a whole may be noise of the session; a function that
    /// left its package is not. Such a function differs both from no change and from the
    /// change of its package. This is a second test, so its p is doubled.
    fn beside_packages(
        &self,
        measures: &mut [Measure],
        machine_shares: &[f64],
        packages: &Packages<'_>,
    ) {
        let Some(in_package) = self.between.in_package else { return };
        let Some(of_function) = self.between.beside_package() else { return };
        let shown = 2.0 * in_package.powi(2);
        let (of_package, package_df) = self.between.variance(0.0);
        let candidates: Vec<usize> = (0..measures.len())
            .filter(|at| measures.get(*at).and_then(|m| m.p).is_some_and(|p| p <= ALPHA))
            .filter(|at| machine_shares.get(*at).is_none_or(|share| *share < 0.5))
            .collect();
        let tested = measures.iter().enumerate().filter(|(_, measure)| measure.p.is_some());
        let ratios: Vec<Ratio> = tested.map(|(at, measure)| measure.as_ratio(at)).collect();
        let moved = packages.moved(&ratios, &candidates, [of_package, shown]);
        for (row, moved) in candidates.iter().zip(moved) {
            let Some((measure, moved)) = measures.get_mut(*row).zip(moved) else { continue };
            let (low, high) = (moved.log.min(0.0), moved.log.max(0.0));
            let distance = measure.log_ratio - measure.log_ratio.clamp(low, high);
            let variance = measure.tested_variance + of_function;
            let variance_df = measure.within_df * (variance / measure.tested_variance).powi(2);
            let df = joined_df([(variance, variance_df), (moved.variance, package_df)]);
            let p = f_tail(distance.powi(2) / (variance + moved.variance), df);
            measure.set_p(measure.p_of_both.map(|alone| alone.map(|alone| alone.min(2.0 * p))));
        }
    }

    /// Returns work without the correction for the speed of the machine, when `work` is another one
    /// with it.
    pub(crate) fn as_uncorrected(&self, work: [f64; 2]) -> [f64; 2] {
        let [e1, e2] = self.work;
        let [u1, u2] = self.uncorrected;
        let [before, after] = work;
        [before * u1 / e1, after * u2 / e2]
    }

    /// Returns the change of cost that these counts stand for.
    pub(crate) fn change_of(&self, counts: &[f64]) -> f64 {
        let [before, after] = self.row(counts).samples;
        after / self.work[1] - before / self.work[0]
    }

    pub(crate) fn measures(&self, counts: &Counts, trend: &Trend) -> Vec<Measure> {
        let rows = counts.rows().zip(counts.machine());
        let trends = (*trend, *trend);
        rows.map(|(row, share)| self.measure(&self.row(row), trends, share, f64::INFINITY))
            .collect()
    }

    /// Measures a row. The trends are those of the corrected and of the uncorrected costs; `most` is the
    /// highest dispersion that the row can have.
    fn measure(
        &self,
        row: &Row,
        (trend, uncorrected): (Trend, Trend),
        machine_share: f64,
        most: f64,
    ) -> Measure {
        let [k1, k2] = row.samples;
        let [e1, e2] = self.work;
        let [u1, u2] = self.uncorrected;
        let (before, after) = (k1 / e1, k2 / e2);
        let dispersion = trend.moderate(row.spread.as_ref(), row.mu).min(most);
        let least = self.between.least_dispersion(machine_share, row.mu).max(dispersion);
        let df = match &row.spread {
            Some(spread) => trend.prior_df_at(spread.mu) + spread.df,
            None => trend.prior_df,
        };
        let enough = k1 + k2 >= LEAST_SAMPLES;
        let log = (finite(k2) / e2).ln() - (finite(k1) / e1).ln();
        let is_open = self.is_open();
        let correction = if is_open { (e2 / e1).ln() - (u2 / u1).ln() } else { 0.0 };
        let (low, high) = (log + correction.min(0.0), log + correction.max(0.0));
        // The correction is an estimate, so a row must have changed with all of it and without.
        let other_work = if is_open { self.uncorrected } else { self.work };
        let ends = [(log, self.work), (log + correction, other_work)];
        let is_one_way = low > 0.0 || high < 0.0;
        let (between, between_df) = self.between.variance(machine_share);
        let within = dispersion * (1.0 / (k1 + 0.5) + 1.0 / (k2 + 0.5));
        // The variance of the counts is derived from the statistic: when one side has no counts,
        // the test is more certain than the number of counts suggests.
        let tested = ends.map(|(log, work)| {
            let statistic = likelihood_ratio(row.samples, work) / least;
            let variance = if statistic > 0.0 { log.powi(2) / statistic } else { within };
            (statistic, variance)
        });
        let within_df = df;
        let sessions = (between, between_df);
        let p = |tested| if is_one_way { p_value(tested, df, sessions) } else { 1.0 };
        let p_of_both = enough.then(|| {
            let [corrected, other] = tested.map(p);
            // When the correction is wrong, the runs vary by more than the correction leaves.
            let own =
                row.uncorrected.as_ref().map(|spread| uncorrected.moderate(Some(spread), row.mu));
            let more = own.map_or(1.0, |own| (own / least).max(1.0));
            let (statistic, variance) = tested[1];
            let alone = p((statistic / more, variance * more));
            [corrected, if alone > ALPHA { alone.max(other) } else { other }]
        });
        let standard_error = (within + between).sqrt();
        let df = joined_df([(within, df), sessions]);
        let t = t_quantile(1.0 - ALPHA / 2.0, df);
        let low = if k2 > 0.0 { (low - t * standard_error).exp() } else { 0.0 };
        let high = if k1 > 0.0 { (high + t * standard_error).exp() } else { f64::INFINITY };
        let noise = RowNoise { dispersion, between, t };
        let ends = [self.work, other_work].map(|work| noise.change_interval([k1, k2], work));
        let change_ci = (ends[0].0.min(ends[1].0), ends[0].1.max(ends[1].1));
        Measure {
            samples_before: k1,
            samples_after: k2,
            before,
            after,
            change: after - before,
            uncorrected: (k1 / u1, k2 / u2),
            change_ci,
            ratio: (k1 > 0.0).then(|| after / before),
            ci: (low, high),
            log_ratio: log,
            correction,
            dispersion,
            standard_error,
            between,
            degrees_of_freedom: df,
            within_df,
            between_df,
            tested_variance: tested[0].1,
            p: p_of_both.map(|[with, without]| with.max(without)),
            p_of_both,
            q: None,
            verdict: Verdict::NotResolved,
            doubt: None,
            more_runs: None,
        }
    }

    /// Returns the size of a row's change on each of two scales of shares, as a part of the cost of
    /// everything on this scale.
    fn shares_on_scales(&self, measure: &Measure) -> [f64; 2] {
        let [before, after] = self.totals;
        let whole =
            |work: [f64; 2]| (before * self.work[0] / work[0]).max(after * self.work[1] / work[1]);
        let (other_before, other_after) = measure.uncorrected;
        [
            measure.change.abs() / whole(self.work),
            (other_after - other_before).abs() / whole(self.uncorrected),
        ]
    }

    fn verdict(&self, measure: &Measure) -> Verdict {
        let Measure { before, after, ci, q, .. } = *measure;
        let whole = self.totals[0].max(self.totals[1]);
        let by_ratio = before.max(after) >= LEAST_RATIO * before.min(after)
            && (measure.correction == 0.0 || measure.least_log().abs() >= LEAST_RATIO.ln());
        let by_share = match (self.two_scales, self.is_open()) {
            (true, _) => self.shares_on_scales(measure).iter().all(|share| *share >= LEAST_SHARE),
            (false, true) => measure.least_change() >= LEAST_SHARE * whole,
            (false, false) => measure.change.abs() >= LEAST_SHARE * whole,
        };
        if q.is_some_and(|q| q <= ALPHA) && by_ratio && by_share {
            Verdict::Changed
        } else if q.is_some() && ci.0 > 1.0 / LEAST_RATIO && ci.1 < LEAST_RATIO {
            Verdict::Same
        } else {
            Verdict::NotResolved
        }
    }
}
