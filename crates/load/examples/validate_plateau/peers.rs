//! Other methods on the same series. Each returns the second at which it finds the start of the
//! plateau.

use spikeflame_load::Series;

/// Kneedle (Satopää et al. 2011): the point where the curve of goodput over load, both scaled from
/// 0 to 1, is furthest above the diagonal.
pub(crate) fn kneedle(series: &Series) -> Option<usize> {
    let ramp = ramp(series);
    let mut points: Vec<(f64, f64)> =
        series.load[..ramp].iter().copied().zip(series.goodput[..ramp].iter().copied()).collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    points.dedup_by(|a, b| a.0 == b.0);
    let scale = |of: fn(&(f64, f64)) -> f64| {
        let values = points.iter().map(of);
        let low = values.clone().fold(f64::INFINITY, f64::min);
        (low, values.fold(0.0, f64::max) - low)
    };
    let ((x0, dx), (y0, dy)) = (scale(|p| p.0), scale(|p| p.1));
    if points.len() < 10 || dx <= 0.0 || dy <= 0.0 {
        return None;
    }
    let above = |p: &&(f64, f64)| (p.1 - y0) / dy - (p.0 - x0) / dx;
    // Takes the highest of the bends: the first one is often noise.
    let knee = points.iter().max_by(|a, b| above(a).total_cmp(&above(b)))?;
    series.load.iter().position(|&x| x >= knee.0)
}

/// The first second with 95 % of the highest goodput.
pub(crate) fn most(series: &Series) -> Option<usize> {
    let top = series.goodput.iter().copied().fold(0.0, f64::max);
    series.goodput.iter().position(|&y| y >= 0.95 * top)
}

/// PELT (Killick, Fearnhead and Eckley 2012) for a mean that changes, with normal noise and the
/// penalty of BIC. Returns the start of the segment with the highest mean, or `None` without a
/// change.
pub(crate) fn pelt(series: &Series) -> Option<usize> {
    let y = &series.goodput;
    let n = y.len();
    let mut steps: Vec<f64> = y.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
    steps.sort_by(f64::total_cmp);
    let noise = (1.4826 * steps[n / 2] / 2_f64.sqrt()).max(1e-9);
    let mut sum = vec![0.0];
    let mut squares = vec![0.0];
    for &value in y {
        let value = value / noise;
        sum.push(sum[sum.len() - 1] + value);
        squares.push(squares[squares.len() - 1] + value * value);
    }
    let cost = |from: usize, to: usize| {
        let total = sum[to] - sum[from];
        squares[to] - squares[from] - total * total / (to - from) as f64
    };
    let penalty = 2.0 * (n as f64).ln();
    let mut best = vec![-penalty];
    let mut previous = vec![0];
    let mut alive = vec![0];
    for to in 1..=n {
        let costs: Vec<f64> = alive.iter().map(|&from| best[from] + cost(from, to)).collect();
        let least = (0..alive.len()).min_by(|&a, &b| costs[a].total_cmp(&costs[b]))?;
        best.push(costs[least] + penalty);
        previous.push(alive[least]);
        let kept = alive.iter().zip(&costs).filter(|(_, cost)| **cost <= best[to]);
        alive = kept.map(|(from, _)| *from).collect();
        alive.push(to);
    }
    let (mut to, mut segments) = (n, vec![]);
    while to > 0 {
        segments.push((previous[to], to));
        to = previous[to];
    }
    let mean = |&(from, to): &(usize, usize)| (sum[to] - sum[from]) / (to - from) as f64;
    let high = segments.iter().max_by(|a, b| mean(a).total_cmp(&mean(b)))?;
    (segments.len() > 1).then_some(high.0)
}

fn ramp(series: &Series) -> usize {
    let high = series.load.iter().copied().fold(0.0, f64::max);
    series.load.iter().rposition(|&x| x >= 0.99 * high).map_or(0, |last| last + 1)
}
