//! The difference between two sessions, beyond the noise between runs of one session.
//!
//! Runs made in turn share the same hours of a machine. When one side was recorded before
//! the other, everything that the machine did in between is part of the difference. It is
//! the same in all runs of a side, so no number of runs shows it. The rows of the comparison
//! show it: most code did not change, so the spread of their ratios is that of the sessions.
//! Functions of one package move together, so the spread is measured between packages and
//! within them.

use crate::between::Between;
use crate::math::{huber_scale, weighted_median};
use crate::measure::Measure;
use crate::packages::{Packages, Ratio};
use crate::session::{SESSION_NOISE, SessionNoise};

/// The median of the square of a standard normal value.
const MEDIAN_SQUARE: f64 = 0.454_94;
/// Rows whose ratio is less certain do not show the noise between sessions: few samples make
/// the logarithm of a ratio biased.
const MOST_VARIANCE: f64 = 0.2;
/// The number of well-measured rows that are needed to estimate the difference between
/// sessions.
const ENOUGH_ROWS: usize = 20;
/// The lowest noise within a package that is accepted.
const LEAST_IN_PACKAGE: f64 = 0.05;
/// The number of packages that are needed to measure the spread between packages.
const ENOUGH_PACKAGES: usize = 8;
/// The degrees of freedom that the assumed noise is worth beside a spread between fewer packages.
const ASSUMED_DF: f64 = 4.0;
/// The variance of a weighted median, divided by that of a mean.
const MEDIAN_VARIANCE: f64 = std::f64::consts::FRAC_PI_2;
/// The degrees of freedom of Huber's scale for each value, relative to those of the plain
/// variance.
const EFFICIENCY: f64 = 0.75;
/// The highest number of degrees of freedom of a spread between rows whose packages are not
/// known: some of the rows move together.
const ROWS_DF: f64 = 20.0;

/// Returns the noise that the rows of a table show, when it is larger than `assumed`.
pub(crate) fn shown(
    assumed: SessionNoise,
    measures: &[Measure],
    machine_shares: &[f64],
    packages: &Packages<'_>,
) -> Between {
    let code = measures.iter().zip(machine_shares).enumerate().filter(|(_, (row, share))| {
        **share < 0.5 && row.p.is_some() && row.standard_error.powi(2) < MOST_VARIANCE
    });
    let ratios: Vec<Ratio> = code.map(|(at, (row, _))| row.as_ratio(at)).collect();
    if ratios.len() < ENOUGH_ROWS {
        return Between::assumed(assumed);
    }
    let in_package = noise_in_packages(&ratios, packages);
    let of_packages: Vec<(f64, f64)> = packages
        .groups(&ratios)
        .filter_map(|group| {
            let variance = 2.0 * in_package.powi(2);
            let mut weighted: Vec<(f64, f64)> =
                group.iter().map(|row| (row.log, 1.0 / (row.variance + variance))).collect();
            let weights: f64 = weighted.iter().map(|(_, weight)| weight).sum();
            let spread = if weighted.len() > 2 { MEDIAN_VARIANCE } else { 1.0 } / weights;
            (weights > 0.0).then(|| (weighted_median(&mut weighted), spread))
        })
        .collect();
    if (2..ENOUGH_PACKAGES).contains(&of_packages.len()) && packages.known() {
        return of_few_packages(assumed, &of_packages, in_package);
    }
    let (values, most_df, in_package) = if of_packages.len() >= ENOUGH_PACKAGES {
        (of_packages, f64::INFINITY, packages.known().then_some(in_package))
    } else {
        (ratios.iter().map(|row| (row.log, row.variance)).collect(), ROWS_DF, None)
    };
    let noise = (huber_scale(&values).powi(2) / 2.0).sqrt();
    if noise <= assumed.code {
        return Between::assumed(assumed);
    }
    let worth = |(_, own): &(f64, f64)| {
        let variance = 2.0 * noise.powi(2);
        (variance / (variance + own)).powi(2)
    };
    let df = (EFFICIENCY * values.iter().map(worth).sum::<f64>() - 1.0).clamp(1.0, most_df);
    let noise = SessionNoise { code: noise, machine: assumed.machine.max(noise) };
    Between { noise, df, in_package }
}

/// Returns the noise that a few packages show together with what was assumed. They show it
/// poorly: by chance they may all have moved little. So the assumption stays a part of it, and its
/// degrees of freedom are few.
fn of_few_packages(assumed: SessionNoise, packages: &[(f64, f64)], in_package: f64) -> Between {
    let own_df = packages.len() as f64 - 1.0;
    let shown = huber_scale(packages).powi(2) / 2.0;
    let df = ASSUMED_DF + own_df;
    let both = (ASSUMED_DF * assumed.code.powi(2) + own_df * shown) / df;
    let code = both.sqrt().max(assumed.code);
    let noise = SessionNoise { code, machine: assumed.machine.max(code) };
    Between { noise, df, in_package: Some(in_package) }
}

/// Returns the noise between sessions of functions relative to the rest of their package.
fn noise_in_packages(ratios: &[Ratio], packages: &Packages<'_>) -> f64 {
    let mut squares: Vec<(f64, f64)> = Vec::new();
    for group in packages.groups(ratios).filter(|group| group.len() > 2) {
        let mut logs: Vec<(f64, f64)> = group.iter().map(|row| (row.log, 1.0)).collect();
        let (middle, size) = (weighted_median(&mut logs), group.len() as f64);
        let lost = size / (size - 1.0);
        let square = |row: &Ratio| (row.log - middle).powi(2) * lost / MEDIAN_SQUARE - row.variance;
        squares.extend(group.iter().map(|row| (square(row), 1.0)));
    }
    if squares.len() < ENOUGH_ROWS {
        return SESSION_NOISE;
    }
    (weighted_median(&mut squares).max(0.0) / 2.0).sqrt().max(LEAST_IN_PACKAGE)
}
