//! The two places at which a series of values is cut best.

/// The most places that are tried. In longer series, only every so many places are tried at first.
const MOST_PLACES: usize = 100;
/// Fewer values between both cuts are outliers.
const BETWEEN: usize = 2;

/// Cuts `values` in three where the squares around the three means are smallest, with at least `left`
/// values before the first cut and `right` after the second. Returns the places of both cuts and the
/// number of pairs that were tried.
pub(super) fn best_pair(values: &[f64], left: usize, right: usize) -> Option<([usize; 2], usize)> {
    let n = values.len();
    let last = n.checked_sub(right).filter(|last| *last >= left + BETWEEN)?;
    let mean = values.iter().sum::<f64>() / n as f64;
    let mut sums = vec![0.0];
    let mut sum = 0.0;
    for value in values {
        sum += value - mean;
        sums.push(sum);
    }
    let part = |from: usize, to: usize| {
        let sum = sums.get(to).unwrap_or(&0.0) - sums.get(from).unwrap_or(&0.0);
        sum * sum / (to - from) as f64
    };
    // The squares that the three means take away from those around one mean.
    let taken = |[one, two]: [usize; 2]| part(0, one) + part(one, two) + part(two, n);
    let stride = n.div_ceil(MOST_PLACES);
    let (mut best, mut pairs): (Option<([usize; 2], f64)>, usize) = (None, 0);
    for one in (left..=last).step_by(stride) {
        for two in (one + BETWEEN..=last).step_by(stride) {
            pairs += 1;
            let taken = taken([one, two]);
            if best.is_none_or(|(_, most)| taken > most) {
                best = Some(([one, two], taken));
            }
        }
    }
    let (cuts, _) = best?;
    let around = |at: usize| at.saturating_sub(stride - 1).max(left)..=(at + stride - 1).min(last);
    let better = |a: &[usize; 2], b: &[usize; 2]| taken(*a).total_cmp(&taken(*b));
    let is_wide = |[one, two]: &[usize; 2]| one + BETWEEN <= *two;
    let [one, two] = cuts;
    let near = around(one).map(|one| [one, two]).filter(is_wide);
    let [one, two] = near.max_by(better).unwrap_or(cuts);
    let near = around(two).map(|two| [one, two]).filter(is_wide);
    let cuts = near.max_by(better).unwrap_or([one, two]);
    Some((cuts, pairs))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pair_is_where_the_level_changes_twice() {
        let mut values = vec![1.0, 1.1, 0.9, 1.0, 3.0, 3.1, 2.9, 1.0, 1.1];
        assert_eq!(best_pair(&values, 2, 1).map(|(cuts, _)| cuts), Some([4, 7]));
        values = (0..405).map(|at| if (120..331).contains(&at) { 2.0 } else { 1.0 }).collect();
        let (cuts, pairs) = best_pair(&values, 2, 1).unwrap();
        assert!(cuts == [120, 331] && pairs < 5_000, "{cuts:?} {pairs}");
        assert_eq!(best_pair(&[1.0, 2.0, 3.0, 4.0], 2, 1), None);
        assert_eq!(best_pair(&[], 2, 1), None);
    }
}
