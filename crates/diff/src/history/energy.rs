//! The energy statistic of E-divisive means.

/// Splits `values` where both parts differ most, with at least `left` values before the split and
/// `right` after it. Returns the place of the split and the number of possible places.
pub(super) fn best_split(values: &[f64], left: usize, right: usize) -> Option<(usize, usize)> {
    let n = values.len();
    let last = n.checked_sub(right).filter(|last| *last >= left)?;
    let apart = |of: f64, part: &[f64]| part.iter().map(|value| (value - of).abs()).sum::<f64>();
    // Sums of distances within each part and between them. They change by one value at a time.
    let (mut before, mut between) = (0.0, 0.0);
    let mut after: f64 =
        (0..n).filter_map(|at| Some(apart(*values.get(at)?, values.get(at + 1..)?))).sum();
    let mut best: Option<(usize, f64)> = None;
    for (at, value) in values.iter().enumerate() {
        let (earlier, later) = (values.get(..at)?, values.get(at + 1..)?);
        let (to_earlier, to_later) = (apart(*value, earlier), apart(*value, later));
        before += to_earlier;
        after -= to_later;
        between += to_later - to_earlier;
        let split = at + 1;
        if !(left..=last).contains(&split) {
            continue;
        }
        let (m, k) = (split as f64, (n - split) as f64);
        let within =
            |sum: f64, size: f64| if size > 1.0 { 2.0 * sum / (size * (size - 1.0)) } else { 0.0 };
        let energy = 2.0 * between / (m * k) - within(before, m) - within(after, k);
        let statistic = energy * m * k / (m + k);
        if best.is_none_or(|(_, most)| statistic > most) {
            best = Some((split, statistic));
        }
    }
    best.map(|(split, _)| (split, last + 1 - left))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_split_is_where_the_level_changes() {
        assert_eq!(best_split(&[1.0, 1.1, 0.9, 1.0, 3.0, 3.1, 2.9], 2, 1), Some((4, 5)));
        assert_eq!(best_split(&[1.0, 1.1, 0.9, 1.0, 1.0, 3.0], 2, 1), Some((5, 4)));
        assert_eq!(best_split(&[1.0, 2.0], 2, 1), None);
        assert_eq!(best_split(&[], 2, 1), None);
    }

    #[test]
    fn sums_that_change_by_one_value_are_those_of_all_pairs() {
        let values = [4.0, 1.0, 7.0, 2.0, 9.0, 9.5, 8.0, 10.0, 8.5];
        let statistic = |split: usize| {
            let (a, b) = values.split_at(split);
            let sum = |one: &[f64], other: &[f64]| -> f64 {
                one.iter().flat_map(|x| other.iter().map(move |y| (x - y).abs())).sum()
            };
            let (m, k) = (a.len() as f64, b.len() as f64);
            let within = |part: &[f64], size: f64| sum(part, part) / (size * (size - 1.0)).max(1.0);
            (2.0 * sum(a, b) / (m * k) - within(a, m) - within(b, k)) * m * k / (m + k)
        };
        let best = (2..=8).max_by(|a, b| statistic(*a).total_cmp(&statistic(*b)));
        assert_eq!(best_split(&values, 2, 1).map(|(at, _)| at), best);
    }
}
