//! Fits the hinge `y = a * min(x, k) + b * max(x - k, 0)`, in a way in which outliers count little.

use crate::stats::{median, quantile};

/// Number of neighbouring seconds whose noise is not independent: the width of the running median.
const TOGETHER: f64 = 5.0;
/// Distance at which Huber's loss changes from squares to distances, in units of the noise. 1.345
/// is the usual value: 95 % efficiency for normal noise.
const HUBER: f64 = 1.345;
/// Largest number of seconds that are fitted: nine hours. Longer tests are thinned to every n-th
/// second.
const MOST_SECONDS: usize = 1 << 15;
/// Difference of BIC from which a bend is believed, because all later steps rest on it. On the usual
/// scale of Kass and Raftery (1995), more than 10 is very strong evidence.
pub(super) const EVIDENCE: f64 = 10.0;
/// Difference of BIC from which a slope above the knee is believed. It only moves the knee a little, so
/// less evidence is enough: on the same scale, more than 2 is positive.
const SOME_EVIDENCE: f64 = 3.0;
/// The steepest plateau: its slope as a share of the slope before the knee.
pub(super) const FLAT: f64 = 0.25;

/// Ratio of the standard deviation of normal noise to its median absolute deviation.
const MAD_TO_SD: f64 = 1.4826;
/// The least noise, as a share of the highest goodput. The fit divides by the noise, and
/// goodput that hardly varies would make an outlier of every second.
const LEAST_NOISE: f64 = 0.01;
/// Percentiles of the load at which a knee is tried first. Beyond them, one side of the bend would
/// have too few seconds for a slope.
const TRIED: std::ops::Range<u8> = 3..98;
/// The number of knees that are tried between the neighbours of the best percentile. Each takes a
/// whole fit.
const FINER: u8 = 15;
/// Parameters of a straight line through the origin: its slope.
const OF_LINE: f64 = 1.0;
/// Parameters of a hinge: two slopes and the knee.
const OF_HINGE: f64 = 3.0;
/// Seconds with a load below this share of the knee are away from the bend. Queues begin to form from
/// about two thirds of the limit, and goodput then grows more slowly than the load.
const BELOW_BEND: f64 = 0.6;
/// Seconds with a load above this share of the knee are away from the bend. It is nearer than the share
/// below, because above the limit a queue never empties, and the bend ends sooner.
const ABOVE_BEND: f64 = 1.2;
/// The smallest number of seconds on each side from which a line is fitted. They hold the information
/// of two independent seconds (`TOGETHER`), the least that a slope and a level need.
const LEAST_SIDE: usize = 10;
/// The crossing of both lines must be near the rough knee: between these shares of it. Lines that
/// are nearly parallel cross anywhere.
const CROSSING_SHARES: std::ops::Range<f64> = 0.5..1.5;
/// The most rounds of reweighting: they bound the time for data on which the weights swing.
const ROUNDS: usize = 12;
/// The relative change of the loss that ends the rounds earlier. It is far below the differences of BIC
/// that decide.
const SETTLED: f64 = 1e-6;
/// A determinant below this share of its terms is a rounding error: both columns are parallel.
const SINGULAR: f64 = 1e-9;

/// A fitted hinge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Hinge {
    /// The load at which the hinge bends.
    pub(super) knee: f64,
    /// The load at which the hinge would bend if goodput above it were level. A slow wander of the
    /// system's speed can look like a slope.
    pub(super) level_knee: f64,
    /// Slope below the knee.
    pub(super) a: f64,
    /// Slope above the knee.
    pub(super) b: f64,
    /// Difference of BIC between the hinge that fits best and a straight line through the origin. A larger
    /// value is better. It stays when the knee is moved to the crossing of the two lines, because BIC
    /// compares best fits.
    pub(super) better_by: f64,
}

impl Hinge {
    pub(super) fn at(&self, x: f64) -> f64 {
        self.a * x.min(self.knee) + self.b * (x - self.knee).max(0.0)
    }
}

/// Fits the best hinge to some points.
pub(super) fn fit(x: &[f64], y: &[f64]) -> Option<Hinge> {
    let every = x.len().div_ceil(MOST_SECONDS).max(1);
    let thin = |all: &[f64]| -> Vec<f64> { all.iter().copied().step_by(every).collect() };
    let (x, y) = (&thin(x)[..], &thin(y)[..]);
    let steps = y.windows(2).filter_map(|pair| Some(pair.last()? - pair.first()?));
    let highest = y.iter().copied().fold(0.0, f64::max);
    let middle = median(steps.clone())?;
    let spread = MAD_TO_SD * median(steps.map(|step| (step - middle).abs()))? / 2_f64.sqrt();
    let noise = spread.max(LEAST_NOISE * highest);
    if noise <= 0.0 {
        return None;
    }
    let independent = x.len() as f64 / TOGETHER;
    let bic = |loss: f64, parameters: f64| 2.0 * loss / TOGETHER + parameters * independent.ln();
    // The first search may prefer a plateau that is nearly as likely as the likeliest bend.
    let best = |knees: &mut dyn Iterator<Item = f64>| {
        let fitted = knees.filter_map(|knee| slopes(x, y, knee, noise));
        let cost = |&(_, a, b, loss): &(f64, f64, f64, f64)| {
            bic(loss, OF_HINGE) + if b > FLAT * a { EVIDENCE } else { 0.0 }
        };
        fitted.min_by(|a, b| cost(a).total_cmp(&cost(b)))
    };
    let quantiles: Vec<f64> =
        TRIED.filter_map(|at| quantile(x.iter().copied(), f64::from(at) / 100.0)).collect();
    let coarse = best(&mut quantiles.iter().copied())?;
    let at = quantiles.iter().position(|&knee| knee == coarse.0)?;
    let neighbour = |at: Option<usize>| at.and_then(|at| quantiles.get(at)).copied();
    let low = neighbour(at.checked_sub(1)).unwrap_or(coarse.0);
    let high = neighbour(Some(at + 1)).unwrap_or(coarse.0);
    let finer = (0..FINER).map(|step| low + (high - low) * f64::from(step) / f64::from(FINER - 1));
    let (knee, a, b, loss) = best(&mut finer.chain([coarse.0]))?;
    // A straight line is the hinge with its knee at infinity.
    let line = slopes(x, y, f64::INFINITY, noise)?.3;
    let better_by = bic(line, OF_LINE) - bic(loss, OF_HINGE);
    let hinge = Hinge { knee, level_knee: knee, a, b, better_by };
    let crossed = crossing(x, y, hinge, noise).unwrap_or(hinge);
    Some(crossing(x, y, crossed, noise).unwrap_or(crossed))
}

/// Moves the knee to the crossing of the two lines. The bend of a real system is round, because
/// queues form before the limit is reached. Away from the bend, the points follow the lines.
fn crossing(x: &[f64], y: &[f64], rough: Hinge, noise: f64) -> Option<Hinge> {
    let part = |range: std::ops::Range<f64>| -> (Vec<f64>, Vec<f64>) {
        x.iter().zip(y).filter(|(x, _)| range.contains(x)).unzip()
    };
    let (below, above) =
        (part(0.0..BELOW_BEND * rough.knee), part(ABOVE_BEND * rough.knee..f64::INFINITY));
    if below.0.len().min(above.0.len()) < LEAST_SIDE {
        return None;
    }
    let (a, ..) = robust(below.0.iter().map(|&x| (x, 0.0)), &below.1, noise)?;
    // The upper line is level, unless a slope explains much more than noise.
    let level = || above.0.iter().map(|_| (1.0, 0.0));
    let sloped = || above.0.iter().map(|x| (1.0, x - rough.knee));
    let (height, b, _) = robust(sloped(), &above.1, noise)?;
    let off = sloped().zip(&above.1).map(|((u, v), y)| (y - height * u - b * v).abs());
    let noise = noise.max(MAD_TO_SD * median(off)?);
    let (tilted, slope, loss) = robust(sloped(), &above.1, noise)?;
    let (flat, _, flat_loss) = robust(level(), &above.1, noise)?;
    let independent = above.0.len() as f64 / TOGETHER;
    let needed = independent.ln() + SOME_EVIDENCE;
    let (height, b) = match 2.0 * (flat_loss - loss) / TOGETHER > needed {
        true => (tilted, slope),
        false => (flat, 0.0),
    };
    let near = |knee: f64| {
        knee > CROSSING_SHARES.start * rough.knee && knee < CROSSING_SHARES.end * rough.knee
    };
    let knee = (height - b * rough.knee) / (a - b);
    let level_knee = Some(flat / a).filter(|&knee| near(knee)).unwrap_or(knee);
    near(knee).then_some(Hinge { knee, level_knee, a, b, ..rough })
}

/// Returns the slopes of a hinge with a given knee, and its loss.
fn slopes(x: &[f64], y: &[f64], knee: f64, noise: f64) -> Option<(f64, f64, f64, f64)> {
    let bent = x.iter().map(|&x| (x.min(knee), (x - knee).max(0.0)));
    let (a, b, loss) = robust(bent, y, noise)?;
    Some((knee, a, b, loss))
}

/// Fits `y = a * u + b * v` by iteratively reweighted least squares. Returns the coefficients and
/// Huber's loss. `b` is 0 when all `v` are 0.
fn robust(
    uv: impl Iterator<Item = (f64, f64)> + Clone,
    y: &[f64],
    noise: f64,
) -> Option<(f64, f64, f64)> {
    let mut sums = [0.0; 5];
    for ((u, v), y) in uv.clone().zip(y) {
        add(&mut sums, 1.0, [u, v, *y]);
    }
    let (mut a, mut b) = solved(sums)?;
    let mut before = f64::INFINITY;
    for round in 1.. {
        // The weights of the next round follow from the same distances as the loss of this one.
        let mut loss = 0.0;
        sums = [0.0; 5];
        for ((u, v), y) in uv.clone().zip(y) {
            let off = ((y - a * u - b * v) / noise).abs();
            let is_near = off <= HUBER;
            loss += if is_near { off * off / 2.0 } else { HUBER * (off - HUBER / 2.0) };
            add(&mut sums, if is_near { 1.0 } else { HUBER / off }, [u, v, *y]);
        }
        if round == ROUNDS || (before - loss).abs() <= SETTLED * loss {
            return Some((a, b, loss));
        }
        before = loss;
        (a, b) = solved(sums)?;
    }
    None
}

/// Adds the products of a point to the sums of the normal equations.
fn add(sums: &mut [f64; 5], weight: f64, [u, v, y]: [f64; 3]) {
    let terms = [u * u, u * v, v * v, u * y, v * y];
    sums.iter_mut().zip(terms).for_each(|(sum, term)| *sum += weight * term);
}

/// Solves the normal equations. The second coefficient is 0 when the columns are parallel.
fn solved([uu, uv, vv, uy, vy]: [f64; 5]) -> Option<(f64, f64)> {
    let det = uu * vv - uv * uv;
    if vv > 0.0 && det > SINGULAR * uu * vv {
        Some(((uy * vv - vy * uv) / det, (vy * uu - uy * uv) / det))
    } else {
        (uu > 0.0).then(|| (uy / uu, 0.0))
    }
}
