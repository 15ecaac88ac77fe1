//! Robust statistics of short series.

/// Returns the median; `None` without a number. NaNs are not counted.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    quantile(values, 0.5)
}

/// Returns the quantile `q` (from 0 to 1), interpolated between two neighbours.
pub(crate) fn quantile(values: impl IntoIterator<Item = f64>, q: f64) -> Option<f64> {
    let mut values: Vec<f64> = values.into_iter().filter(|v| !v.is_nan()).collect();
    let last = values.len().checked_sub(1)?;
    let at = q * last as f64;
    // Selecting takes linear time. Sorting was most of what `plateau` cost on a day of seconds.
    let (_, low, above) = values.select_nth_unstable_by(last.min(at as usize), f64::total_cmp);
    let next = above.iter().copied().min_by(f64::total_cmp);
    let high = next.filter(|_| at.fract() > 0.0).unwrap_or(*low);
    Some(*low + (high - *low) * at.fract())
}

/// Applies `f` to the `width` values around each value. At the ends there are fewer.
pub(crate) fn running(values: &[f64], width: usize, f: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let half = width / 2;
    (0..values.len())
        .map(|at| {
            let (from, to) = (at.saturating_sub(half), (at + half + 1).min(values.len()));
            values.get(from..to).map_or(f64::NAN, &f)
        })
        .collect()
}

/// Returns the median slope of all pairs of points (Theil and Sen). The second number is about its
/// standard error, from the median distance to the line.
pub(crate) fn theil_sen(points: &[(f64, f64)]) -> Option<(f64, f64)> {
    let every = points.len().div_ceil(400).max(1);
    let points: Vec<&(f64, f64)> = points.iter().step_by(every).collect();
    let mut slopes = Vec::new();
    for (at, a) in points.iter().enumerate() {
        let later = points.iter().skip(at + 1);
        slopes
            .extend(later.filter(|b| (b.0 - a.0).abs() > 1e-9).map(|b| (b.1 - a.1) / (b.0 - a.0)));
    }
    let slope = median(slopes)?;
    let middle = median(points.iter().map(|point| point.0))?;
    let height = median(points.iter().map(|point| point.1 - slope * point.0))?;
    let off = points.iter().map(|point| (point.1 - slope * point.0 - height).abs());
    let noise = 1.4826 * median(off)?;
    let spread: f64 = points.iter().map(|point| (point.0 - middle).powi(2)).sum();
    Some((slope, noise / spread.sqrt()))
}

/// Returns Kendall's tau-b of two series, and its two-sided p-value by normal approximation. The
/// p-value is computed as if only every `stride`-th pair were independent. Pairs with a NaN do not
/// count.
pub(crate) fn kendall(x: &[f64], y: &[f64], stride: f64) -> (f64, f64) {
    let mut pairs: Vec<(f64, f64)> =
        x.iter().copied().zip(y.iter().copied()).filter(|(x, y)| !(x * y).is_nan()).collect();
    // Long series are thinned, because the cost grows with the square of their length.
    let step = pairs.len() / 1500 + 1;
    pairs = pairs.into_iter().step_by(step).collect();
    let (mut sum, mut untied_x, mut untied_y) = (0.0, 0.0, 0.0);
    for (at, a) in pairs.iter().enumerate() {
        for b in pairs.iter().skip(at + 1) {
            let sign = |d: f64| if d == 0.0 { 0.0 } else { d.signum() };
            let (dx, dy) = (sign(a.0 - b.0), sign(a.1 - b.1));
            sum += dx * dy;
            untied_x += dx * dx;
            untied_y += dy * dy;
        }
    }
    if untied_x * untied_y == 0.0 {
        return (0.0, 1.0);
    }
    let tau = sum / (untied_x * untied_y).sqrt();
    let n = (pairs.len() as f64 * (step as f64 / stride).min(1.0)).max(2.0);
    let z = tau.abs() / (2.0 * (2.0 * n + 5.0) / (9.0 * n * (n - 1.0))).sqrt();
    (tau, 2.0 * upper_tail(z))
}

/// Returns the share of a standard normal distribution above `z` >= 0 (Abramowitz and Stegun
/// 26.2.17, exact to 7.5e-8).
fn upper_tail(z: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * z);
    let series = [0.319_381_530, -0.356_563_782, 1.781_477_937, -1.821_255_978, 1.330_274_429];
    let poly = series.iter().rev().fold(0.0, |sum, c| (sum + c) * t);
    poly * (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_neighbours() {
        assert_eq!(median([3.0, f64::NAN, 1.0, 2.0]), Some(2.0));
        assert_eq!(quantile([0.0, 10.0], 0.25), Some(2.5));
        assert_eq!(median([]), None);
    }

    #[test]
    fn windows_are_cut_off_at_the_ends() {
        let sums = running(&[1.0, 2.0, 3.0, 4.0], 3, |w| w.iter().sum());
        assert_eq!(sums, [3.0, 6.0, 9.0, 7.0]);
    }

    #[test]
    fn kendall_agrees_with_r() {
        // The values come from R: cor.test(c(1,2,3,4,5,6,7,8), c(3,1,2,5,4,7,8,6),
        // method="kendall").
        let x: Vec<f64> = (1..=8).map(f64::from).collect();
        let (tau, p) = kendall(&x, &[3.0, 1.0, 2.0, 5.0, 4.0, 7.0, 8.0, 6.0], 1.0);
        assert!((tau - 18.0 / 28.0).abs() < 1e-12, "{tau}");
        assert!((p - 0.0260).abs() < 0.001, "{p}");
        assert_eq!(kendall(&x, &[1.0; 8], 1.0), (0.0, 1.0));
    }
}
