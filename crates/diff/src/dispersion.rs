//! Step 4: how much counts differ between runs of the same code.

use crate::math::{inverse_trigamma, mean_and_variance, mean_square_99, mean_squares, trigamma};

/// The prior is never worth more degrees of freedom than this.
const MOST_PRIOR_DF: f64 = 40.0;
/// A trend is only fitted to this many rows; with fewer it is taken from another table.
const ENOUGH_ROWS: usize = 20;
/// With fewer samples a run, counts are too coarse to show their spread.
const COARSE: f64 = 5.0;
/// The variance of ln(psi) between functions. A few runs cannot measure it: in five runs of
/// one server, functions had coefficients of variation from 12 to 44 %.
const UNLIKE: f64 = 0.5;
/// The prior's degrees of freedom when it rests on few rows, or on the rows of another
/// table.
const FEW_ROWS_PRIOR_DF: f64 = 4.0;
/// Half of the degrees of freedom of the rows below which they do not show that noise is less than assumed.
const LEAST_SHOWN_DF: f64 = 10.0;
/// The number of standard errors that are added to the variance between rows.
const DOUBT: f64 = 3.0;
/// The share of values in each tail that is clipped to the next value.
const CLIPPED: f64 = 0.05;

/// The spread that one row shows by itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spread {
    /// The mean count over the runs that show the spread.
    pub(crate) mu: f64,
    /// The sum of squares over the fitted mean, divided by `df`.
    pub(crate) phi: f64,
    /// Degrees of freedom; a side without samples adds none.
    pub(crate) df: f64,
}

/// The spread of counts as a function of their mean: variance / mean is `c + psi * mean`.
/// For Poisson counts, variance / mean is 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Trend {
    /// The part of variance / mean that sampling alone causes, at least 1 (Poisson).
    pub(crate) c: f64,
    /// The square of the coefficient of variation between runs.
    pub(crate) psi: f64,
    /// The most degrees of freedom that the trend adds to a row's own.
    pub(crate) prior_df: f64,
}

impl Trend {
    /// Returns a trend that is assumed and not measured, for one run a side.
    pub(crate) fn assumed(noise_cv: f64, prior_df: f64) -> Self {
        Self { c: 1.0, psi: noise_cv.powi(2), prior_df }
    }

    /// Returns the trend of groups: their own, but with no less spread than `functions`,
    /// because a group may contain little more than one function. With too few groups it is
    /// that of the functions.
    pub(crate) fn of_groups(groups: Option<Self>, functions: Self) -> Self {
        let prior_df =
            groups.map_or(FEW_ROWS_PRIOR_DF.min(functions.prior_df), |groups| groups.prior_df);
        let groups = groups.unwrap_or(functions);
        Self { c: groups.c.max(functions.c), psi: groups.psi.max(functions.psi), prior_df }
    }

    /// Returns an assumed trend, for tables with too few rows to fit one.
    pub(crate) fn guessed(noise_cv: f64) -> Self {
        Self::assumed(noise_cv, FEW_ROWS_PRIOR_DF)
    }

    /// Returns an assumed trend with less noise, when rows that are too few for a trend of their own show
    /// certainly less together.
    fn at_most_shown(self, spreads: &[Spread]) -> Self {
        let fine = || spreads.iter().filter(|spread| spread.mu >= COARSE);
        // Noise that rows have in common makes their spreads alike, so they are worth half of their number.
        let df: f64 = fine().map(|spread| spread.df).sum::<f64>() / 2.0;
        if df < LEAST_SHOWN_DF {
            return self;
        }
        let most = df / chi_square_5(df);
        let (mut squares, mut weights) = (0.0, 0.0);
        for Spread { mu, phi, df } in fine() {
            let weight = df / self.phi(*mu).powi(2);
            squares += weight * mu * (phi * most - self.c);
            weights += weight * mu * mu;
        }
        Self { psi: (squares / weights).clamp(0.0, self.psi), ..self }
    }

    /// Returns the spread (variance / mean) at a mean count.
    pub(crate) fn phi(&self, mu: f64) -> f64 {
        (self.c + self.psi * mu).max(1.0)
    }

    /// Returns the prior's degrees of freedom at a mean count. The spread from sampling is
    /// alike in all functions, but the noise between runs is not. Where that noise is most
    /// of the spread, the prior is worth less, and a function's own spread counts more.
    pub(crate) fn prior_df_at(&self, mu: f64) -> f64 {
        let share = self.psi * mu / self.phi(mu);
        let unlike = UNLIKE * share.powi(2);
        // The inverse takes a hundred steps. Trigamma falls, so most rows do not need it.
        if unlike <= trigamma(self.prior_df / 2.0) {
            return self.prior_df;
        }
        (2.0 * inverse_trigamma(unlike)).min(self.prior_df)
    }

    /// Returns the spread of a row: a mean of its own and the trend, but never less than
    /// its own, because a few functions vary much more than the others.
    pub(crate) fn moderate(&self, spread: Option<&Spread>, mu: f64) -> f64 {
        let Some(Spread { phi, df, mu }) = spread else { return self.phi(mu) };
        let prior_df = self.prior_df_at(*mu);
        let drawn = (prior_df * self.phi(*mu) + df * phi) / (prior_df + df);
        drawn.max(*phi).max(1.0)
    }

    /// Returns the trend of the machine's rows, which is at least `code`. System calls and garbage collection
    /// depend on what else the machine does, so that they vary more than code. With few rows the noise
    /// is their mean, and the trend is worth little.
    fn of_machine(spreads: &[Spread], code: Self) -> Self {
        if let Some(fitted) = Self::fit(spreads) {
            return Self::of_groups(Some(fitted), code);
        }
        let (mut squares, mut weights) = (0.0, 0.0);
        for Spread { mu, phi, df } in spreads {
            let weight = df / code.phi(*mu).powi(2);
            squares += weight * mu * (phi - code.c);
            weights += weight * mu * mu;
        }
        let psi = if weights > 0.0 { squares / weights } else { 0.0 };
        if psi <= code.psi {
            return code;
        }
        Self { psi, prior_df: FEW_ROWS_PRIOR_DF.min(code.prior_df), ..code }
    }

    /// Fits the trend; `None` with too few rows.
    pub(crate) fn fit(spreads: &[Spread]) -> Option<Self> {
        if spreads.len() < ENOUGH_ROWS {
            return None;
        }
        let (mut c, mut psi) = (1.0, 0.0);
        for _ in 0..30 {
            let next = step(spreads, c, psi);
            let done = (next.0 - c).abs() < 1e-6 && (next.1 - psi).abs() < 1e-9;
            (c, psi) = next;
            if done {
                break;
            }
        }
        Some(Self { c, psi, prior_df: prior_df(spreads, c, psi) })
    }
}

/// The trends of the rows of one table: those of code, and those of the machine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trends {
    pub(crate) code: Trend,
    pub(crate) machine: Trend,
}

impl Trends {
    /// Makes trends without a difference between code and machine.
    pub(crate) fn alike(trend: Trend) -> Self {
        Self { code: trend, machine: trend }
    }

    /// Fits both trends to the spreads of rows, each with the machine's share of its cost. `assumed` is the
    /// trend of code when its rows are too few.
    pub(crate) fn fit(spreads: &[(Spread, f64)], assumed: Trend) -> Self {
        let of = |machine: bool| -> Vec<Spread> {
            let rows = spreads.iter().filter(|(_, share)| is_machine(*share) == machine);
            rows.map(|(spread, _)| *spread).collect()
        };
        let all = || Trend::fit(&spreads.iter().map(|(spread, _)| *spread).collect::<Vec<_>>());
        // Few rows of code show the noise better with those of the machine than not at all.
        let code = Trend::fit(&of(false)).or_else(all);
        let code = code.unwrap_or_else(|| assumed.at_most_shown(&of(false)));
        Self { code, machine: Trend::of_machine(&of(true), code) }
    }

    /// Returns the trends of groups, which have no less spread than those of `functions`.
    pub(crate) fn of_groups(spreads: &[(Spread, f64)], functions: Self) -> Self {
        let all: Vec<Spread> = spreads.iter().map(|(spread, _)| *spread).collect();
        let fitted = Trend::fit(&all);
        let of = |functions| Trend::of_groups(fitted, functions);
        Self { code: of(functions.code), machine: of(functions.machine) }
    }

    /// Returns the trend of a row with this share of machine cost.
    pub(crate) fn of_share(&self, share: f64) -> &Trend {
        if is_machine(share) { &self.machine } else { &self.code }
    }
}

/// Returns true when most of a row's cost is the machine's.
fn is_machine(share: f64) -> bool {
    share > 0.5
}

/// Returns `c` and `psi` after one step of iteratively reweighted least squares, with `c` >= 1 and
/// `psi` >= 0.
fn step(spreads: &[Spread], c: f64, psi: f64) -> (f64, f64) {
    let (mut w, mut wx, mut wxx, mut wy, mut wxy) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for Spread { mu, phi, df } in spreads {
        let fitted = (c + psi * mu).max(1.0);
        let y = phi.min(fitted * mean_square_99(*df));
        let weight = df / fitted.powi(2);
        w += weight;
        wx += weight * mu;
        wxx += weight * mu * mu;
        wy += weight * y;
        wxy += weight * mu * y;
    }
    let determinant = w * wxx - wx * wx;
    let (mut c, mut psi) = (wy / w, 0.0);
    if determinant > 0.0 {
        psi = (w * wxy - wx * wy) / determinant;
        c = (wy - psi * wx) / w;
    }
    if psi < 0.0 {
        (c, psi) = (wy / w, 0.0);
    }
    if c < 1.0 {
        (c, psi) = (1.0, ((wxy - wx) / wxx).max(0.0));
    }
    (c, psi)
}

/// Estimates how alike rows are after the trend is removed (Smyth 2004), from the variance
/// of ln(phi / trend) with both tails clipped. Returns the prior's degrees of freedom.
fn prior_df(spreads: &[Spread], c: f64, psi: f64) -> f64 {
    let full = spreads.iter().map(|spread| spread.df).fold(0.0, f64::max);
    let fine = spreads.iter().filter(|spread| spread.mu >= COARSE && spread.df >= full);
    let logs: Vec<f64> =
        fine.map(|Spread { mu, phi, .. }| (phi / (c + psi * mu).max(1.0)).max(1e-4).ln()).collect();
    if logs.len() < ENOUGH_ROWS {
        return FEW_ROWS_PRIOR_DF;
    }
    // The variance that chance alone gives, with the same clipping.
    let chance = clipped_variance(mean_squares(full).map(f64::ln).collect());
    // With few rows, the variance is uncertain. The error that it may hide counts as
    // excess, so that the prior is worth no more than the rows show.
    let unsure = 1.0 + DOUBT * (2.0 / logs.len() as f64).sqrt();
    // Clipping reduces the excess by the same part as it reduces the chance.
    let excess = (clipped_variance(logs) * unsure / chance - 1.0) * trigamma(full / 2.0);
    if excess <= 0.0 {
        return MOST_PRIOR_DF;
    }
    (2.0 * inverse_trigamma(excess)).min(MOST_PRIOR_DF)
}

/// Returns the value below which 5 % of a chi-square distribution lie (Wilson and Hilferty 1931).
fn chi_square_5(df: f64) -> f64 {
    let variance = 2.0 / (9.0 * df);
    df * (1.0 - variance - 1.645 * variance.sqrt()).powi(3)
}

/// Returns the variance after the lowest and highest values are clipped.
fn clipped_variance(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let last = values.len().saturating_sub(1) as f64;
    let at = |share: f64| values.get((share * last) as usize).copied().unwrap_or(0.0);
    let (low, high) = (at(CLIPPED), at(1.0 - CLIPPED));
    let clipped: Vec<f64> = values.iter().map(|value| value.clamp(low, high)).collect();
    mean_and_variance(&clipped).1.unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Spreads of rows with a noise of these coefficients of variation between runs.
    fn spreads(rows: usize, cv: f64, share: f64) -> Vec<(Spread, f64)> {
        let mean = |row: usize| 100.0 + 50.0 * (row % 30) as f64;
        // A third of the rows varied less by chance, a third more.
        let of = |row: usize| 1.0 + cv.powi(2) * mean(row) * [0.5, 1.0, 1.5][row % 3];
        let spread = |row| (Spread { mu: mean(row), phi: of(row), df: 4.0 }, share);
        (0..rows).map(spread).collect()
    }

    /// In three runs a side of a script with ten functions, one at 1.7 times was not CHANGED, because a noise of
    /// 25 % was assumed, and the runs varied by hardly more than by chance.
    #[test]
    fn few_rows_show_that_the_noise_is_less_than_assumed() {
        let cv = |rows, noise| {
            let trends = Trends::fit(&spreads(rows, noise, 0.0), Trend::guessed(0.25));
            assert_eq!(trends.code.prior_df, FEW_ROWS_PRIOR_DF);
            trends.code.psi.sqrt()
        };
        assert!((0.05..0.1).contains(&cv(10, 0.04)), "{}", cv(10, 0.04));
        assert!((0.14..0.25).contains(&cv(10, 0.12)), "{}", cv(10, 0.12));
        // More noise than assumed raises nothing, and too few rows show nothing.
        assert_eq!((cv(10, 0.4), cv(4, 0.04)), (0.25, 0.25));
    }

    /// `exit_to_user_mode_loop` was CHANGED between runs of perf in turn: the trend was that of code,
    /// which varies less than the kernel.
    #[test]
    fn rows_of_the_machine_have_their_own_noise() {
        for machine_rows in [3, 60] {
            let code = spreads(90, 0.05, 0.0);
            let both = [code.clone(), spreads(machine_rows, 0.3, 1.0)].concat();
            let trends = Trends::fit(&both, Trend::guessed(0.25));
            let alone = Trends::fit(&code, Trend::guessed(0.25));
            assert_eq!(trends.code, alone.code, "the machine does not make code noisy");
            assert_eq!(alone.machine, alone.code);
            let cv = trends.of_share(1.0).psi.sqrt();
            assert!((0.2..0.4).contains(&cv), "{machine_rows}: {cv}");
            assert_eq!(trends.of_share(0.4), &trends.code);
        }
    }
}
