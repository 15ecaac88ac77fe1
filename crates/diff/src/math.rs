//! The probability distributions that the tests need, and a few means.

use hashbrown::HashMap;
use statrs::distribution::{Continuous, ContinuousCDF, StudentsT};
use statrs::function::beta::checked_beta_reg;
use statrs::function::erf::{erfc, erfc_inv};
use statrs::function::gamma::checked_gamma_lr;
use std::cell::RefCell;

/// With more degrees of freedom than this, Student's t is taken as the normal distribution.
const NORMAL: f64 = 1e6;

/// The most steps towards a quantile that are taken before a slower method takes over.
const STEPS: usize = 8;

/// Returns the probability that F(1, `df`) exceeds `x`.
pub(crate) fn f_tail(x: f64, df: f64) -> f64 {
    if x.is_nan() || x <= 0.0 || df <= 0.0 {
        return 1.0;
    }
    if df > NORMAL {
        return erfc((x / 2.0).sqrt());
    }
    checked_beta_reg(df / 2.0, 0.5, df / (df + x)).unwrap_or(1.0)
}

/// The most quantiles that are kept.
const MOST_KNOWN: usize = 4_096;

thread_local! {
    /// Quantiles of Student's t by the bits of `p` and `df`: the rows of a table ask for few different ones.
    static KNOWN: RefCell<HashMap<[u64; 2], f64>> = RefCell::default();
}

/// Returns the `p` quantile of Student's t with `df` degrees of freedom.
pub(crate) fn t_quantile(p: f64, df: f64) -> f64 {
    KNOWN.with_borrow_mut(|known| {
        if known.len() >= MOST_KNOWN {
            known.clear();
        }
        *known.entry([p.to_bits(), df.to_bits()]).or_insert_with(|| new_quantile(p, df))
    })
}

/// Computes a quantile of Student's t.
///
/// Begins with the expansion of Cornish and Fisher and takes the steps of Halley. That is several
/// times as fast as the search of the library, which has no beginning; it is left for few degrees of
/// freedom, where the expansion is poor.
fn new_quantile(p: f64, df: f64) -> f64 {
    let (p, df) = (p.clamp(1e-12, 1.0 - 1e-12), df.clamp(0.5, NORMAL));
    let Ok(distribution) = StudentsT::new(0.0, 1.0, df) else { return f64::INFINITY };
    let tail = p.min(1.0 - p);
    let z = std::f64::consts::SQRT_2 * erfc_inv(2.0 * tail);
    let by_df = (z.powi(3) + z) / 4.0;
    let by_square = (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / 96.0;
    let mut t = z + by_df / df + by_square / df.powi(2);
    for _ in 0..STEPS {
        let newton = (f_tail(t * t, df) / 2.0 - tail) / distribution.pdf(t);
        let step = newton / (1.0 - newton * (df + 1.0) * t / (2.0 * (df + t * t)));
        t += step;
        // A step of Halley leaves the cube of the error.
        if step.abs() <= 1e-5 * t {
            return if p < 0.5 { -t } else { t };
        }
        if !(step.is_finite() && t > 0.0) {
            break;
        }
    }
    distribution.inverse_cdf(p)
}

/// Returns the 99 % quantile of chi-squared / `df`, after Wilson and Hilferty (1931). It is
/// accurate to a few percent, which is enough for a limit.
pub(crate) fn mean_square_99(df: f64) -> f64 {
    let v = 2.0 / (9.0 * df);
    (1.0 - v + 2.326_348 * v.sqrt()).powi(3)
}

/// Returns a hundred quantiles of chi-squared / `df`, found by bisection. They stand for the
/// distribution.
pub(crate) fn mean_squares(df: f64) -> impl Iterator<Item = f64> {
    (0..100).map(move |step| {
        let p = (f64::from(step) + 0.5) / 100.0;
        let (mut low, mut high) = (-30.0f64, 6.0f64);
        for _ in 0..40 {
            let middle = (low + high) / 2.0;
            let below = checked_gamma_lr(df / 2.0, middle.exp() * df / 2.0).unwrap_or(0.0);
            if below < p {
                low = middle;
            } else {
                high = middle;
            }
        }
        low.exp()
    })
}

/// Returns the second derivative of ln gamma, for `x` > 0.
pub(crate) fn trigamma(mut x: f64) -> f64 {
    let mut sum = 0.0;
    while x < 6.0 {
        sum += 1.0 / (x * x);
        x += 1.0;
    }
    let y = 1.0 / (x * x);
    // The asymptotic series (Abramowitz and Stegun 6.4.12).
    let series = 1.0 / 6.0 - y * (1.0 / 30.0 - y * (1.0 / 42.0 - y / 30.0));
    sum + 1.0 / x + y / 2.0 + y / x * series
}

/// Returns the `x` with `trigamma(x) == y`, for `y` > 0. Bisection works because trigamma
/// falls.
pub(crate) fn inverse_trigamma(y: f64) -> f64 {
    let (mut low, mut high) = (1e-8f64, 1e8f64);
    for _ in 0..100 {
        let middle = (low * high).sqrt();
        if trigamma(middle) > y {
            low = middle;
        } else {
            high = middle;
        }
    }
    (low * high).sqrt()
}

/// Returns mean and variance (over n - 1); the variance is `None` for fewer than two
/// values.
pub(crate) fn mean_and_variance(values: &[f64]) -> (f64, Option<f64>) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n.max(1.0);
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, (values.len() > 1).then(|| squares / (n - 1.0)))
}

/// Returns the value with half of the weight on either side; 0 for an empty list.
pub(crate) fn weighted_median(pairs: &mut [(f64, f64)]) -> f64 {
    pairs.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let half = pairs.iter().map(|(_, weight)| weight).sum::<f64>() / 2.0;
    let mut sum = 0.0;
    let mut last = 0.0;
    for &(value, weight) in pairs.iter() {
        if sum == half && sum > 0.0 {
            // Exactly half of the weight lies below this value.
            return (last + value) / 2.0;
        }
        sum += weight;
        if sum > half {
            return value;
        }
        last = value;
    }
    last
}

/// Returns the degrees of freedom of a sum of variances, each with its own degrees of freedom
/// (Welch and Satterthwaite).
pub(crate) fn joined_df(parts: [(f64, f64); 2]) -> f64 {
    let sum: f64 = parts.iter().map(|(variance, _)| variance).sum();
    let squares: f64 = parts.iter().map(|(variance, df)| variance.powi(2) / df).sum();
    if squares > 0.0 { sum.powi(2) / squares } else { f64::INFINITY }
}

/// Returns the standard deviation of values around 0 (Huber's second proposal, 1964): values
/// beyond one and a half standard deviations count as if they were there. Each value has a
/// variance of its own in addition, which is not part of the result.
pub(crate) fn huber_scale(values: &[(f64, f64)]) -> f64 {
    /// The square of one and a half standard deviations.
    const LIMIT: f64 = 2.25;
    /// The mean of min(z^2, LIMIT) over a standard normal z.
    const MEAN: f64 = 0.778_45;
    let clipped = |variance: f64| {
        let of =
            |(value, counting): &(f64, f64)| (value.powi(2) / (variance + counting)).min(LIMIT);
        values.iter().map(of).sum::<f64>()
    };
    let least = MEAN * values.len() as f64;
    let (mut low, mut high) = (0.0, values.iter().map(|v| v.0.powi(2)).fold(0.0, f64::max));
    if clipped(1e-12) <= least {
        return 0.0;
    }
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if clipped(middle) > least {
            low = middle;
        } else {
            high = middle;
        }
    }
    high.sqrt()
}

/// Adjusts p values as Benjamini and Hochberg (1995): each becomes the lowest false
/// discovery rate at which its row is accepted. A `None` stays `None` and does not count as
/// a test.
pub(crate) fn adjust(p: &[Option<f64>]) -> Vec<Option<f64>> {
    let mut order: Vec<(f64, usize)> =
        p.iter().enumerate().filter_map(|(at, p)| Some(((*p)?, at))).collect();
    order.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    let m = order.len();
    let mut q = vec![None; p.len()];
    let mut least = 1.0f64;
    for (place, (p, at)) in order.into_iter().enumerate() {
        least = least.min(p * m as f64 / (m - place) as f64);
        if let Some(slot) = q.get_mut(at) {
            *slot = Some(least);
        }
    }
    q
}

/// Adjusts the probabilities of rows that were tested in two ways for their number. The two ways are
/// two sets of tests, and a row must pass both.
pub(crate) fn adjust_both(p: &[Option<[f64; 2]>]) -> Vec<Option<f64>> {
    let adjusted = |which: fn([f64; 2]) -> f64| {
        adjust(&p.iter().map(|both| both.map(which)).collect::<Vec<_>>())
    };
    let both = adjusted(|[one, _]| one).into_iter().zip(adjusted(|[_, other]| other));
    both.map(|(one, other)| Some(one?.max(other?))).collect()
}

/// Returns the likelihood ratio statistic of a row's samples on both sides, for the work of each.
pub(crate) fn likelihood_ratio([k1, k2]: [f64; 2], [e1, e2]: [f64; 2]) -> f64 {
    let both = (k1 + k2) / (e1 + e2);
    let term = |k: f64, work: f64| if k > 0.0 { k * (k / work / both).ln() } else { 0.0 };
    (2.0 * (term(k1, e1) + term(k2, e2))).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64, tolerance: f64) {
        assert!((a - b).abs() <= tolerance * b.abs(), "{a} is not {b}");
    }

    /// The expected values are from R 4: `pf`, `qt`, `trigamma`, `p.adjust`.
    #[test]
    fn distributions_agree_with_tables() {
        near(f_tail(7.708_647, 4.0), 0.05, 1e-5);
        near(f_tail(4.0, 44.0), 0.051_714, 1e-3);
        near(f_tail(3.841_459, f64::INFINITY), 0.05, 1e-5);
        near(t_quantile(0.975, 4.0), 2.776_445, 1e-5);
        near(t_quantile(0.975, 1e9), 1.959_964, 1e-4);
        near(t_quantile(0.2, 1e6), -0.841_621, 1e-5);
        for df in [3.0, 4.0, 7.5, 40.0, 1e3, 1e6] {
            for p in [1e-6, 0.001, 0.2, 0.8, 0.975, 0.99999] {
                let t = t_quantile(p, df);
                let tail = f_tail(t * t, df) / 2.0;
                let wanted = if p < 0.5 { p } else { 1.0 - p };
                near(tail / wanted, 1.0, 1e-5);
            }
        }
        near(trigamma(1.0), std::f64::consts::PI.powi(2) / 6.0, 1e-9);
        near(trigamma(0.5), std::f64::consts::PI.powi(2) / 2.0, 1e-9);
        near(inverse_trigamma(trigamma(3.7)), 3.7, 1e-6);
        // R: qchisq(c(.005, .995), 1); qchisq(.505, 4) / 4
        near(mean_squares(1.0).next().unwrap_or(0.0), 3.927_042e-5, 1e-5);
        near(mean_squares(1.0).last().unwrap_or(0.0), 7.879_439, 1e-5);
        near(mean_squares(4.0).nth(50).unwrap_or(0.0), 0.845_868, 1e-2);
        near(mean_square_99(2.0), 4.605, 0.05);
        near(mean_square_99(8.0), 2.511, 0.02);
        let q = adjust(&[Some(0.01), None, Some(0.04), Some(0.03), Some(0.5)]);
        let expected = [0.04, 0.0, 0.053_333, 0.053_333, 0.5];
        for (q, expected) in q.iter().zip(expected) {
            near(q.unwrap_or(0.0), expected, 1e-4);
        }
    }

    #[test]
    fn the_median_is_weighted() {
        assert_eq!(weighted_median(&mut [(3.0, 1.0), (1.0, 1.0), (2.0, 1.0)]), 2.0);
        assert_eq!(weighted_median(&mut [(3.0, 5.0), (1.0, 1.0), (2.0, 1.0)]), 3.0);
        assert_eq!(weighted_median(&mut [(1.0, 1.0), (2.0, 1.0)]), 1.5);
        assert_eq!(weighted_median(&mut []), 0.0);
    }
}
