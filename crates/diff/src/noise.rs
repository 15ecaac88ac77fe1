//! Noise between runs of the same code, for comparisons of one run a side.

use crate::error::Error;
use crate::exposure::{Exposures, Scale, Views};
use crate::matching::{canonical_files, functions_of};
use crate::run::RunCounts;
use crate::table::{Counts, Side, TableRun};

/// Functions with fewer samples a run do not show the noise between runs.
const FEWEST_SAMPLES: f64 = 20.0;
/// The quantile over functions that is taken for all of them.
const PLACE: f64 = 0.9;
/// The lowest noise that is accepted: no machine is steadier.
const LEAST_NOISE: f64 = 0.05;

/// Measures the noise between runs of the same code, as
/// [`Assumptions::noise_cv`](crate::Assumptions). Returns the coefficient of variation that nine of
/// ten functions do not exceed, without the part that counting samples has, but at least 0.05. Functions with fewer than 20 self samples a run, on average, do
/// not count; `None` when there are no others.
///
/// ```
/// use spikeflame_diff::{Run, RunCounts, noise_of};
/// use spikeflame_profile::{Selection, folded};
///
/// let all = Selection::default();
/// let runs = [b"main;parse 410\nmain;write 600\n", b"main;parse 390\nmain;write 640\n"];
/// let count = |text: &[u8; 30]| {
///     let profile = folded::read(&mut text.as_slice(), "example", None)?;
///     let run = Run { interval_ms: Some(1.0), ..Run::new("a", &profile, &all) };
///     Ok(RunCounts::count(&Run { requests: Some(100.0), ..run }))
/// };
/// let counts: Result<Vec<_>, std::io::Error> = runs.into_iter().map(count).collect();
/// assert!(noise_of(&counts?)?.is_some_and(|noise| noise < 0.2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Returns an error with fewer than two runs, and for a run whose costs cannot be computed.
pub fn noise_of(runs: &[RunCounts]) -> Result<Option<f64>, Error> {
    let refs: Vec<&RunCounts> = runs.iter().collect();
    let files = canonical_files(&refs, &[]);
    let side = functions_of(&refs, &files);
    let mut counts = Counts::zeros(side.functions.len(), runs.len());
    for (column, (run, ids)) in runs.iter().zip(&side.of_run).enumerate() {
        for (function, id) in run.functions.iter().zip(ids) {
            counts.add(*id, column, function.self_count);
        }
    }
    // The sides do not matter here, because all runs are of the same code.
    let sides = std::iter::once(Side::Before).chain(std::iter::repeat(Side::After));
    let table: Vec<TableRun> = runs
        .iter()
        .zip(sides)
        .map(|(run, side)| TableRun {
            name: run.name.clone(),
            side,
            interval_ms: run.interval_ms,
            requests: run.requests,
            seconds: run.seconds,
            began_us: None,
        })
        .collect();
    let exposures =
        Exposures::new(&table, &Views::without_callers(&counts), Scale::evened(None, false), 0.0)?;
    let work: f64 = exposures.of_run.iter().sum();
    let df = runs.len() as f64 - 1.0;
    let mut squares: Vec<f64> = Vec::new();
    for row in counts.rows() {
        let sum: f64 = row.iter().sum();
        let mean = sum / runs.len() as f64;
        if mean < FEWEST_SAMPLES {
            continue;
        }
        let of = |(count, exposure): (&f64, &f64)| {
            let fitted = sum / work * exposure;
            (count - fitted).powi(2) / fitted
        };
        let phi = row.iter().zip(&exposures.of_run).map(of).sum::<f64>() / df;
        squares.push(((phi - 1.0) / mean).max(0.0));
    }
    squares.sort_unstable_by(f64::total_cmp);
    let place = (PLACE * squares.len().saturating_sub(1) as f64).round() as usize;
    Ok(squares.get(place).map(|square| square.sqrt().max(LEAST_NOISE)))
}
