//! The difference between two sessions, beyond the noise between runs of one session.
//!
//! Runs made in turn share the same hours of a machine. When one side was recorded before
//! the other, everything that the machine did in between is part of the difference. This part is
//! the same in all runs of a side, so no number of runs shows it. The rows of the comparison do:
//! most code did not change, so the spread of their ratios is that of the sessions. Functions of
//! one package move together, so the spread is measured between packages and within them.

use crate::between::TestNoise;
use crate::math::{huber_scale, weighted_median};
use crate::measure::Measure;
use crate::packages::{Packages, Ratio};
use crate::session::{SESSION_NOISE, SessionNoise};
use crate::table::Counts;

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
/// The highest number of degrees of freedom of a spread between a few values, beside the assumed
/// noise.
const MOST_OWN_DF: f64 = 6.0;
/// The variance of a weighted median, divided by that of a mean.
const MEDIAN_VARIANCE: f64 = std::f64::consts::FRAC_PI_2;
/// The degrees of freedom of Huber's scale for each value, relative to those of the plain
/// variance.
const EFFICIENCY: f64 = 0.75;
/// The highest number of degrees of freedom of a spread between rows whose packages are not
/// known: some of the rows move together.
const ROWS_DF: f64 = 20.0;

/// Returns the noise that the rows of a table show, when it is larger than `assumed`. Builtins show
/// none: V8 compiles them into their callers, more or less of them in each session, and a builtin
/// alone is never called changed.
pub(crate) fn shown(assumed: SessionNoise, measures: &[Measure], counts: &Counts) -> TestNoise {
    let (shares, packages) = (counts.machine(), &Packages::new(counts.packages()));
    let rows = measures.iter().zip(&shares).enumerate();
    let rows = rows.filter(|(at, _)| !counts.is_builtin(*at));
    let sure =
        rows.filter(|(_, (row, _))| row.p.is_some() && row.standard_error.powi(2) < MOST_VARIANCE);
    let (code, machine): (Vec<_>, Vec<_>) = sure.partition(|(_, (_, share))| **share < 0.5);
    let code: Vec<Ratio> = code.into_iter().map(|(at, (row, _))| row.as_ratio(at)).collect();
    let machine: Vec<(f64, f64)> =
        machine.into_iter().map(|(_, (row, _))| (row.log_ratio, row.within())).collect();
    let TestNoise { noise, code_df, in_package, .. } = of_code(assumed, &code, packages);
    // The rows of the machine move together, so many of them show little more than a few do.
    let (of_machine, machine_df) = with_few(assumed.machine, &machine, machine.len());
    if of_machine <= noise.machine {
        return TestNoise { code_df, in_package, ..TestNoise::assumed(noise) };
    }
    let noise = SessionNoise { machine: of_machine, ..noise };
    TestNoise { code_df, machine_df, in_package, ..TestNoise::assumed(noise) }
}

/// Returns the noise that the rows of code show, when it is larger than `assumed`.
fn of_code(assumed: SessionNoise, ratios: &[Ratio], packages: &Packages<'_>) -> TestNoise {
    let in_package = noise_in_packages(ratios, packages);
    let of_packages: Vec<(f64, f64)> = packages
        .groups(ratios)
        .filter_map(|group| {
            let variance = 2.0 * in_package.powi(2);
            let mut weighted: Vec<(f64, f64)> =
                group.iter().map(|row| (row.log, 1.0 / (row.variance + variance))).collect();
            let weights: f64 = weighted.iter().map(|(_, weight)| weight).sum();
            let spread = if weighted.len() > 2 { MEDIAN_VARIANCE } else { 1.0 } / weights;
            (weights > 0.0).then(|| (weighted_median(&mut weighted), spread))
        })
        .collect();
    let few_rows = ratios.len() < ENOUGH_ROWS;
    if few_rows || (2..ENOUGH_PACKAGES).contains(&of_packages.len()) && packages.known() {
        // Nothing shows which of two packages moved. Most rows of a package that did are alike.
        let rows: Vec<(f64, f64)> = ratios.iter().map(|row| (row.log, row.variance)).collect();
        let shown_by = if of_packages.len() == 2 { &rows } else { &of_packages };
        let (code, df) = with_few(assumed.code, shown_by, of_packages.len());
        let df = if few_rows && code <= assumed.code { f64::INFINITY } else { df };
        let noise = SessionNoise { code, machine: assumed.machine.max(code) };
        let in_package = (!few_rows).then_some(in_package);
        return TestNoise { code_df: df, in_package, ..TestNoise::assumed(noise) };
    }
    let (values, most_df, in_package) = if of_packages.len() >= ENOUGH_PACKAGES {
        (of_packages, f64::INFINITY, packages.known().then_some(in_package))
    } else {
        (ratios.iter().map(|row| (row.log, row.variance)).collect(), ROWS_DF, None)
    };
    let noise = (huber_scale(&values).powi(2) / 2.0).sqrt();
    if noise <= assumed.code {
        return TestNoise::assumed(assumed);
    }
    let worth = |(_, counting): &(f64, f64)| {
        let variance = 2.0 * noise.powi(2);
        (variance / (variance + counting)).powi(2)
    };
    let df = (EFFICIENCY * values.iter().map(worth).sum::<f64>() - 1.0).clamp(1.0, most_df);
    let noise = SessionNoise { code: noise, machine: assumed.machine.max(noise) };
    TestNoise { code_df: df, in_package, ..TestNoise::assumed(noise) }
}

/// Returns the noise that a few values show together with what was assumed, and its degrees of
/// freedom. A few values show the noise poorly: by chance they may all have moved little. So the
/// assumption stays a part of the result, and the degrees of freedom are few. `apart` is how many of
/// the values, or of the groups that they belong to, move on their own.
fn with_few(assumed: f64, values: &[(f64, f64)], apart: usize) -> (f64, f64) {
    let own_df = (apart as f64 - 1.0).clamp(0.0, MOST_OWN_DF);
    let shown = if values.is_empty() { 0.0 } else { huber_scale(values).powi(2) / 2.0 };
    let df = ASSUMED_DF + own_df;
    let both = (ASSUMED_DF * assumed.powi(2) + own_df * shown) / df;
    (both.sqrt().max(assumed), df)
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

#[cfg(test)]
mod tests {
    use crate::analysis::{Analysis, Assumptions, analyse};
    use crate::measure::Verdict;
    use crate::order::Order;
    use crate::session::SESSION_NOISE;
    use crate::table::{Counts, Grouping, Side, TableRun};

    /// Compares three runs a side, recorded apart. The first `code` rows are code, the next three
    /// are costs of the machine, then there are `builtins`. Each costs `times` as much after, the first
    /// one a hundredth, and builtins a third or three times as much.
    fn apart(code: usize, times: f64, builtins: usize) -> Analysis {
        apart_in(code, times, builtins, None)
    }

    /// The first row may be alone in its package.
    fn apart_in(
        code: usize,
        times: f64,
        builtins: usize,
        packages: Option<Vec<Option<u32>>>,
    ) -> Analysis {
        let side = |side| std::iter::repeat_n(TableRun { side, ..TableRun::named("run") }, 3);
        let runs: Vec<TableRun> = side(Side::Before)
            .chain(side(Side::After))
            .map(|run| TableRun { interval_ms: Some(1.0), requests: Some(1e3), ..run })
            .collect();
        let rows = code + 3 + builtins;
        let is_builtin = |row: usize| row >= code + 3;
        let machine = (0..rows).map(|row| f64::from(row >= code && !is_builtin(row))).collect();
        let marks = (0..rows).map(is_builtin).collect();
        let mut counts = Counts::new(6).with_machine(machine).with_builtins(marks);
        for row in 0..rows {
            let wave = |at: usize| 1.0 + ((row * 7 + at * 5) % 4) as f64 / 40.0;
            let usual = times * (1.0 + (row % 3) as f64 / 10.0);
            let after = match row {
                0 => 0.01,
                _ if is_builtin(row) => [3.0, 0.33][row % 2],
                _ => usual,
            };
            let cost = |at: usize| 500.0 * wave(at) * if at < 3 { 1.0 } else { after };
            counts.push(&[0, 1, 2, 3, 4, 5].map(cost));
        }
        if let Some(packages) = packages {
            counts = counts.with_packages(packages);
        }
        let functions = Grouping::without_totals(6, counts);
        let order = Some(Order::Separated);
        analyse(&runs, &[functions], &Assumptions { order, ..Assumptions::default() }).unwrap()
    }

    /// With six busy programs beside one side of an A/A pair, garbage collection, compiling and
    /// system calls cost five times as much, and a request twice as much.
    #[test]
    fn rows_that_all_moved_between_sessions_raise_its_noise_even_when_they_are_few() {
        let analysis = apart(4, 3.0, 0);
        assert!(analysis.sessions.code > 0.4, "{:?}", analysis.sessions);
        assert!(analysis.sessions.machine > 0.5, "{:?}", analysis.sessions);
        let measures = &analysis.groupings[0].self_result.measures;
        let changed: Vec<usize> =
            (0..7).filter(|row| measures[*row].verdict == Verdict::Changed).collect();
        assert_eq!(changed, [0], "{:?}", analysis.sessions);
    }

    #[test]
    fn few_rows_that_stood_still_leave_the_assumed_noise() {
        let analysis = apart(4, 0.95, 0);
        assert!(analysis.sessions.machine < 0.41, "{:?}", analysis.sessions);
        assert_eq!(analysis.groupings[0].self_result.measures[0].verdict, Verdict::Changed);
    }
    /// In two sessions of samples/app, V8 had compiled other builtins into their callers. The sessions
    /// were taken to differ by 34 %, and a function with five times the work was not resolved.
    #[test]
    fn builtins_do_not_show_the_noise_of_sessions() {
        let analysis = apart(4, 0.95, 24);
        assert_eq!(analysis.sessions.code, SESSION_NOISE, "{:?}", analysis.sessions);
        assert_eq!(analysis.groupings[0].self_result.measures[0].verdict, Verdict::Changed);
    }
    /// In samples/app, five functions had enough samples, and the one that changed was alone in its package.
    /// Its own change was the noise of the sessions, 115 %, and it was not resolved.
    #[test]
    fn the_change_of_one_of_two_packages_is_no_noise_of_sessions() {
        let packages = [vec![Some(0)], vec![Some(1); 4], vec![None; 3]].concat();
        let analysis = apart_in(5, 1.0, 0, Some(packages));
        assert!(analysis.sessions.code < 0.2, "{:?}", analysis.sessions);
        assert_eq!(analysis.groupings[0].self_result.measures[0].verdict, Verdict::Changed);
    }
    /// Costs were corrected twice for the speed of the machine before the noise was measured, so that
    /// all of them seemed to have moved.
    #[test]
    fn a_shift_of_all_rows_that_is_corrected_is_no_noise_of_sessions() {
        let analysis = apart(24, 1.25, 0);
        let shift = analysis.shift.unwrap();
        assert!(shift.ratio > 1.25 && !shift.significant, "{shift:?}");
        assert_eq!(analysis.sessions.code, SESSION_NOISE, "{:?}", analysis.sessions);
    }
}
