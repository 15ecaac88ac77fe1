//! Whether the speed of the machine, as functions show it, makes the runs of a side more alike.

use crate::table::{Counts, Side, TableRun};

/// Functions with fewer samples a run do not show how fast the machine was.
pub(crate) const STEADY_SAMPLES: f64 = 10.0;
/// The mean logarithm of the dispersions may rise by this with the factors. Without noise of the
/// machine it changes by chance.
const LEAST_RISE: f64 = 0.1;

/// Returns the weight of a row in a median over functions.
pub(crate) fn weight(row: &[f64]) -> f64 {
    let mean = row.iter().sum::<f64>() / row.len().max(1) as f64;
    mean / (1.0 + 0.01 * mean)
}

/// Returns the factors, or none when the runs of a side differ more with them than without.
///
/// In short runs, few functions have enough samples, and some of them vary by themselves: garbage
/// collection, code that V8 compiles late. When these are the median, it is no speed of the machine, and
/// a correction for it would move all other functions.
pub(crate) fn steadier(
    logs: Vec<f64>,
    counts: &Counts,
    runs: &[TableRun],
    exposures: &[f64],
) -> Vec<f64> {
    let least = exposures.iter().copied().fold(f64::INFINITY, f64::min);
    let work = exposures.iter().sum::<f64>();
    let even: Vec<f64> = exposures.iter().zip(&logs).map(|(work, log)| work * log.exp()).collect();
    let (mut rise, mut weights) = (0.0, 0.0);
    for row in counts.rows().filter(|row| row.iter().sum::<f64>() * least / work >= STEADY_SAMPLES)
    {
        let of = |exposures: &[f64]| within_sides(row, runs, exposures);
        if let (Some(plain), Some(even)) = (of(exposures), of(&even)) {
            rise += weight(row) * ((even + 1.0) / (plain + 1.0)).ln();
            weights += weight(row);
        }
    }
    if rise > LEAST_RISE * weights { vec![0.0; logs.len()] } else { logs }
}

/// Returns the variance of a row's counts within the sides, divided by their mean. Returns `None` when
/// no side with samples has two runs.
fn within_sides(row: &[f64], runs: &[TableRun], exposures: &[f64]) -> Option<f64> {
    let (mut squares, mut df) = (0.0, 0.0);
    for side in Side::ALL {
        let of_side = || {
            let all = row.iter().zip(exposures).zip(runs).filter(|(_, run)| run.side == side);
            all.map(|((count, exposure), _)| (*count, *exposure))
        };
        let (count, work) = of_side().fold((0.0, 0.0), |sum, of| (sum.0 + of.0, sum.1 + of.1));
        if count > 0.0 {
            let expected = |exposure: f64| count / work * exposure;
            let square = |(count, exposure): (f64, f64)| {
                let fitted = expected(exposure);
                (count - fitted).powi(2) / fitted
            };
            squares += of_side().map(square).sum::<f64>();
            df += of_side().count() as f64 - 1.0;
        }
    }
    (df > 0.0).then(|| squares / df)
}

#[cfg(test)]
mod tests {
    use crate::analysis::{Assumptions, analyse};
    use crate::measure::Verdict;
    use crate::order::Order;
    use crate::table::{Counts, Grouping, Side, TableRun};

    /// The largest functions of samples/app in six runs on a machine with much other work, of which
    /// three had a function with five times the work. Their median followed garbage collection and
    /// code that V8 compiled late, so that the change was 3.8 times, and not resolved.
    #[test]
    fn functions_that_vary_by_themselves_are_not_the_speed_of_the_machine() {
        let requests = [226.0, 303.0, 639.0, 419.0, 238.0, 206.0];
        let runs: Vec<TableRun> = (0..6)
            .zip(requests)
            .map(|(at, requests)| TableRun {
                side: if at < 3 { Side::Before } else { Side::After },
                interval_ms: Some(1.1),
                requests: Some(requests),
                ..TableRun::named("run")
            })
            .collect();
        let rows = [
            ("checkNumber", [64.0, 99.0, 204.0, 673.0, 332.0, 354.0]),
            ("(garbage collector)", [442.0, 675.0, 158.0, 420.0, 383.0, 634.0]),
            ("findProduct", [238.0, 248.0, 282.0, 207.0, 171.0, 133.0]),
            ("ArrayIteratorPrototypeNext", [187.0, 208.0, 0.0, 1.0, 175.0, 0.0]),
            ("writev", [97.0, 130.0, 278.0, 176.0, 106.0, 83.0]),
            ("StringAdd_CheckNone", [31.0, 27.0, 69.0, 45.0, 20.0, 34.0]),
            ("(compiler)", [20.0, 20.0, 27.0, 17.0, 26.0, 83.0]),
            ("ArrayTimSort", [19.0, 35.0, 76.0, 55.0, 23.0, 40.0]),
            ("countsOf", [11.0, 20.0, 39.0, 28.0, 11.0, 13.0]),
        ];
        let machine = ["(garbage collector)", "writev", "(compiler)"];
        let shares = rows.iter().map(|(name, _)| f64::from(u8::from(machine.contains(name))));
        let mut counts = Counts::new(6).with_machine(shares.collect());
        for (_, row) in &rows {
            counts.push(row);
        }
        let assumed = Assumptions { order: Some(Order::Separated), ..Assumptions::default() };
        let functions = Grouping::without_totals(6, counts);
        let analysis = analyse(&runs, &[functions], &assumed).unwrap();
        let measures = &analysis.groupings[0].self_result.measures;
        let verdicts = measures.iter().map(|measure| measure.verdict);
        let changed: Vec<bool> = verdicts.map(|verdict| verdict == Verdict::Changed).collect();
        assert!(changed[0] && !changed[1..].contains(&true), "{changed:?} {:?}", measures[0]);
        assert!(measures[0].ratio.is_some_and(|ratio| (4.5..5.5).contains(&ratio)));
    }
}
