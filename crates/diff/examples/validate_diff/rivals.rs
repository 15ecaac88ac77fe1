//! Other methods in use, and the functions that each would call changed.

use crate::world::Experiment;
use spikeflame_diff::Side;
use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

pub(crate) const NAMES: [&str; 4] = [
    "difference of shares >= 0.1 pp",
    "pprof -diff_base, 0.5 % cut",
    "two-proportion z + BH",
    "Welch on rate per request + BH",
];

/// Returns the functions that each method would flag; Welch's test needs more than one run
/// a side.
pub(crate) fn flags(experiment: &Experiment) -> [Option<Vec<bool>>; 4] {
    let sums = experiment.counts.column_sums();
    let after: Vec<bool> = experiment.runs.iter().map(|run| run.side == Side::After).collect();
    let total = |side| {
        let own = sums.iter().zip(&after).filter(|(_, of)| **of == side);
        own.map(|(sum, _)| sum).sum::<f64>()
    };
    let (n1, n2) = (total(false), total(true));
    let (mut shares, mut pprof, mut z, mut welch) = (vec![], vec![], vec![], vec![]);
    let normal = Normal::standard();
    for row in experiment.counts.rows() {
        let of = |side| row.iter().zip(&after).filter(move |(_, of)| **of == side);
        let sum = |side| of(side).map(|(k, _)| k).sum::<f64>();
        let (k1, k2) = (sum(false), sum(true));
        let (p1, p2) = (k1 / n1, k2 / n2);
        shares.push((p2 - p1).abs() >= 0.001);
        pprof.push((k2 * n1 / n2 - k1).abs() >= 0.005 * n1);
        if k1 + k2 < 20.0 {
            // With so few samples, no method can make a fair test.
            z.push(None);
            welch.push(None);
            continue;
        }
        let pooled = (k1 + k2) / (n1 + n2);
        let error = (pooled * (1.0 - pooled) * (1.0 / n1 + 1.0 / n2)).sqrt();
        z.push(Some(2.0 * normal.cdf(-(p2 - p1).abs() / error)));
        let rates = |side| -> Vec<f64> {
            let runs = experiment.runs.iter().zip(row).filter(move |(run, _)| run.side == side);
            runs.map(|(run, k)| k * run.interval_ms.unwrap() / run.requests.unwrap()).collect()
        };
        welch.push(Some(welch_p(&rates(Side::Before), &rates(Side::After))));
    }
    let has_welch = after.iter().filter(|after| **after).count() > 1
        && after.iter().filter(|after| !**after).count() > 1;
    let welch = has_welch.then(|| discoveries(&welch));
    [Some(shares), Some(pprof), Some(discoveries(&z)), welch]
}

fn welch_p(a: &[f64], b: &[f64]) -> f64 {
    let of = |values: &[f64]| {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
        (mean, squares / (n - 1.0) / n, n - 1.0)
    };
    let ((m1, v1, d1), (m2, v2, d2)) = (of(a), of(b));
    if (v1 + v2).is_nan() || v1 + v2 <= 0.0 {
        return 1.0;
    }
    let df = (v1 + v2).powi(2) / (v1 * v1 / d1 + v2 * v2 / d2);
    let t = (m2 - m1).abs() / (v1 + v2).sqrt();
    2.0 * StudentsT::new(0.0, 1.0, df).unwrap().cdf(-t)
}

/// Benjamini and Hochberg at 5 %.
fn discoveries(p: &[Option<f64>]) -> Vec<bool> {
    let mut sorted: Vec<f64> = p.iter().flatten().copied().collect();
    sorted.sort_by(f64::total_cmp);
    let m = sorted.len() as f64;
    let last = sorted.iter().enumerate().rev().find(|(at, p)| **p <= 0.05 * (at + 1) as f64 / m);
    let cut = last.map_or(-1.0, |(_, p)| *p);
    p.iter().map(|p| p.is_some_and(|p| p <= cut)).collect()
}
