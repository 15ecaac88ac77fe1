//! `y = a * min(x, k) + b * max(x - k, 0)`, fitted so that outliers count little.

use crate::stats::{median, quantile};

/// Seconds whose noise goes together: the running median's width.
const TOGETHER: f64 = 5.0;
/// Where Huber's loss turns from squares to distances, in units of the noise.
const HUBER: f64 = 1.345;

/// A fitted hinge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Hinge {
    /// Where it bends.
    pub(super) knee: f64,
    /// Slope below the knee.
    pub(super) a: f64,
    /// Slope above.
    pub(super) b: f64,
    /// How much better than a straight line through the origin: difference of BIC.
    pub(super) better_by: f64,
}

impl Hinge {
    pub(super) fn at(&self, x: f64) -> f64 {
        self.a * x.min(self.knee) + self.b * (x - self.knee).max(0.0)
    }
}

/// The best hinge of some points.
pub(super) fn fit(x: &[f64], y: &[f64]) -> Option<Hinge> {
    let steps = y.windows(2).filter_map(|pair| Some(pair.last()? - pair.first()?));
    let highest = y.iter().copied().fold(0.0, f64::max);
    let middle = median(steps.clone())?;
    let spread = 1.4826 * median(steps.map(|step| (step - middle).abs()))? / 2_f64.sqrt();
    let noise = spread.max(0.01 * highest);
    if noise <= 0.0 {
        return None;
    }
    let best = |knees: &mut dyn Iterator<Item = f64>| {
        let fitted = knees.filter_map(|knee| slopes(x, y, knee, noise));
        fitted.min_by(|a, b| a.3.total_cmp(&b.3))
    };
    let quantiles: Vec<f64> =
        (3..98).filter_map(|at| quantile(x.iter().copied(), f64::from(at) / 100.0)).collect();
    let coarse = best(&mut quantiles.iter().copied())?;
    let at = quantiles.iter().position(|&knee| knee == coarse.0)?;
    let neighbour = |at: Option<usize>| at.and_then(|at| quantiles.get(at)).copied();
    let low = neighbour(at.checked_sub(1)).unwrap_or(coarse.0);
    let high = neighbour(Some(at + 1)).unwrap_or(coarse.0);
    let finer = (0..15).map(|step| low + (high - low) * f64::from(step) / 14.0);
    let (knee, a, b, loss) = best(&mut finer.chain([coarse.0]))?;
    // No bend: the line that the knee at the last point gives.
    let line = slopes(x, y, f64::INFINITY, noise)?.3;
    let independent = x.len() as f64 / TOGETHER;
    let bic = |loss: f64, parameters: f64| 2.0 * loss / TOGETHER + parameters * independent.ln();
    Some(Hinge { knee, a, b, better_by: bic(line, 1.0) - bic(loss, 3.0) })
}

/// Knee, slopes and loss, by iteratively reweighted least squares.
fn slopes(x: &[f64], y: &[f64], knee: f64, noise: f64) -> Option<(f64, f64, f64, f64)> {
    let points = || x.iter().map(|&x| (x.min(knee), (x - knee).max(0.0))).zip(y.iter().copied());
    let (mut a, mut b) = (0.0, 0.0);
    let mut loss = f64::INFINITY;
    for round in 0..12 {
        let mut sums = [0.0; 5];
        for ((below, above), y) in points() {
            let off = ((y - a * below - b * above) / noise).abs();
            let weight = if round == 0 || off <= HUBER { 1.0 } else { HUBER / off };
            let terms = [below * below, below * above, above * above, below * y, above * y];
            sums.iter_mut().zip(terms).for_each(|(sum, term)| *sum += weight * term);
        }
        let [bb, ba, aa, by, ay] = sums;
        let det = bb * aa - ba * ba;
        (a, b) = if aa > 0.0 && det > 1e-9 * bb * aa {
            ((by * aa - ay * ba) / det, (ay * bb - by * ba) / det)
        } else if bb > 0.0 {
            (by / bb, 0.0)
        } else {
            return None;
        };
        let before = loss;
        loss = points()
            .map(|((below, above), y)| {
                let off = ((y - a * below - b * above) / noise).abs();
                if off <= HUBER { off * off / 2.0 } else { HUBER * (off - HUBER / 2.0) }
            })
            .sum();
        if (before - loss).abs() <= 1e-6 * loss {
            break;
        }
    }
    Some((knee, a, b, loss))
}
