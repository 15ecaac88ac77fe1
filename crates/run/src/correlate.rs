//! Finds the offset at which CPU activity and throughput rise and fall together. It is used for
//! recordings that hold no start time.

use crate::spanned::PossibleZeros;
use crate::time::{TENTH_US, seconds_us};
use spikeflame_load::Timeline;
use std::fmt;

/// Tenths of a second over which a moving mean is taken out. Slow changes, such as the rise and
/// fall of the whole test, do not help to find an offset of tenths of a second.
const MOVING_MEAN_TENTHS: usize = 30;
/// Offsets that differ by no more than this many tenths of a second count as one place.
const SAME_PLACE_TENTHS: usize = 10;
/// At most this many tenths of a second are compared, from the middle of the recording: ten
/// minutes.
const LONGEST_TENTHS: usize = 6_000;
/// The smallest correlation that is accepted. Activity and throughput of other runs reach less.
const BELIEVED: f64 = 0.3;
/// The smallest ratio to the correlation at any other offset. A load with a period fits about equally
/// well at several offsets, and none of them is then known to be right.
const APART: f64 = 1.8;

/// Result of the search for an offset.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Match {
    /// One offset is clearly better than all others.
    Found { zero_us: i64, uncertainty_us: u64, best: f64, second: f64 },
    /// No offset is clearly better than the others.
    Unsure { best: f64, second: f64 },
    /// The load test has no values for tenths of a second, or there is too little to compare.
    TooCoarse,
}

impl fmt::Display for Match {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Found { best, second, .. } | Self::Unsure { best, second } => write!(
                to,
                "its correlation with the throughput is {best:.2} at best, and {second:.2} at \
                 another offset"
            ),
            Self::TooCoarse => write!(to, "the load is only known to the second"),
        }
    }
}

/// Compares `busy` (busy samples in each tenth of a second) with successful requests. `among` are
/// the possible times of the recording's zero, in microseconds since 1970; `None` for any time.
pub(crate) fn find(busy: &[f64], timeline: &Timeline, among: Option<PossibleZeros>) -> Match {
    if timeline.coarse || timeline.resolution_s > 1 {
        return Match::TooCoarse;
    }
    let served = timeline.seconds.iter().flat_map(|second| second.tenths);
    // The square root gives counts of any size the same noise.
    let served: Vec<f64> = served.map(f64::sqrt).collect();
    let skipped = busy.len().saturating_sub(LONGEST_TENTHS) / 2;
    let middle = busy.get(skipped..busy.len().min(skipped + LONGEST_TENTHS)).unwrap_or(busy);
    let (busy, served) = (quick(middle), quick(&served));
    let least = busy.len().min(served.len()) * 6 / 10;
    if least < 2 * MOVING_MEAN_TENTHS {
        return Match::TooCoarse;
    }
    let span = busy.len() as i64 - least as i64;
    let start_us = seconds_us(timeline.start_s);
    let lag_of = |zero_us: i64| (zero_us - start_us).div_euclid(TENTH_US) + skipped as i64;
    // One tenth more on each side, so that a peak at the edge has neighbours.
    let possible = among.map(|zeros| lag_of(zeros.earliest_us) - 1..=lag_of(zeros.latest_us) + 2);
    let all: Vec<(i64, f64)> = (-span..=(served.len() - least) as i64)
        .filter(|lag| possible.as_ref().is_none_or(|lags| lags.contains(lag)))
        .map(|lag| (lag, correlation(&busy, &served, lag)))
        .collect();
    let of = |best: Option<&(i64, f64)>| best.copied().unwrap_or((0, 0.0));
    let best = of(all.iter().max_by(|a, b| a.1.total_cmp(&b.1)));
    let others = all.iter().filter(|(lag, _)| lag.abs_diff(best.0) > SAME_PLACE_TENTHS as u64);
    let second = of(others.max_by(|a, b| a.1.total_cmp(&b.1))).1.max(0.0);
    if best.1 < BELIEVED || best.1 < APART * second {
        return Match::Unsure { best: best.1, second };
    }
    // The recording's tenths of a second start between those of the test, so the peak lies between
    // two offsets: a parabola through three of them finds it.
    let at = |lag| of(all.iter().find(|(other, _)| *other == lag)).1;
    let (left, right) = (at(best.0 - 1), at(best.0 + 1));
    let bend = left + right - 2.0 * best.1;
    let between = if bend < 0.0 { 0.5 * (left - right) / bend } else { 0.0 };
    let tenths = best.0 as f64 + between - skipped as f64;
    let zero = start_us + (tenths * TENTH_US as f64) as i64;
    Match::Found { zero_us: zero, uncertainty_us: 200_000, best: best.1, second }
}

/// Returns the values without their slow changes: each one less the moving mean around it.
fn quick(values: &[f64]) -> Vec<f64> {
    let half = MOVING_MEAN_TENTHS / 2;
    values.iter().enumerate().map(|(at, value)| value - mean_around(values, at, half)).collect()
}

/// Returns the mean of the value at `at` and the `half` values on each side of it.
fn mean_around(values: &[f64], at: usize, half: usize) -> f64 {
    let (from, to) = (at.saturating_sub(half), (at + half + 1).min(values.len()));
    let around = values.get(from..to).unwrap_or_default();
    around.iter().sum::<f64>() / around.len() as f64
}

/// Returns Pearson's correlation of two series, where `a` begins `lag` steps after `b`.
fn correlation(a: &[f64], b: &[f64], lag: i64) -> f64 {
    let skip = |lag: i64| lag.max(0).unsigned_abs() as usize;
    let pairs = || a.iter().skip(skip(-lag)).zip(b.iter().skip(skip(lag)));
    let (mut n, mut sa, mut sb, mut saa, mut sbb, mut sab) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
    for (a, b) in pairs() {
        n += 1.0;
        sa += a;
        sb += b;
        saa += a * a;
        sbb += b * b;
        sab += a * b;
    }
    let spread = (saa - sa * sa / n) * (sbb - sb * sb / n);
    if spread > 0.0 { (sab - sa * sb / n) / spread.sqrt() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use spikeflame_load::Second;

    #[test]
    fn a_part_of_a_long_recording_is_enough() {
        // Two hours in which throughput changes slowly; CPU activity follows it, 77.3 s earlier.
        let mut state = 1_u64;
        let mut noise = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 40) as f64 / (1_u64 << 24) as f64
        };
        let served: Vec<f64> = (0..72_000).map(|_| (30.0 * noise()).round()).collect();
        let busy: Vec<f64> = served.iter().skip(773).map(|s| s.sqrt() + noise()).collect();
        let second = |tenths: &[f64]| {
            let mut second = Second::default();
            second.tenths.copy_from_slice(tenths);
            second
        };
        let seconds = served.chunks(10).map(second).collect();
        let timeline = Timeline { seconds, resolution_s: 1, ..Timeline::default() };
        let Match::Found { zero_us, .. } = find(&busy, &timeline, None) else {
            panic!("not found")
        };
        assert!(zero_us.abs_diff(77_300_000) < 100_000, "{zero_us}");
    }

    /// The error was: "its CPU activity does not show it", because offsets at which the log lacks
    /// most of the test fitted nearly as well as the right one.
    #[test]
    fn only_possible_offsets_compete() {
        let mut state = 7_u64;
        let mut noise = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 40) as f64 / (1_u64 << 24) as f64
        };
        // The load repeats after 15 s. The recording begins 4 s before the test.
        let period: Vec<f64> = (0..150).map(|_| (30.0 * noise()).round()).collect();
        let served: Vec<f64> = period.iter().copied().cycle().take(600).collect();
        let idle = std::iter::repeat_n(0.0, 40);
        let busy: Vec<f64> =
            idle.clone().chain(served.iter().map(|count| count.sqrt())).chain(idle).collect();
        let second = |tenths: &[f64]| {
            let mut second = Second::default();
            second.tenths.copy_from_slice(tenths);
            second
        };
        let seconds = served.chunks(10).map(second).collect();
        let timeline = Timeline { start_s: 100, seconds, resolution_s: 1, ..Timeline::default() };
        assert!(matches!(find(&busy, &timeline, None), Match::Unsure { .. }));
        let zeros =
            PossibleZeros { earliest_us: 92_000_000, latest_us: 100_000_000, test_us: 60_000_000 };
        let Match::Found { zero_us, .. } = find(&busy, &timeline, Some(zeros)) else {
            panic!("not found")
        };
        assert!(zero_us.abs_diff(96_000_000) < 100_000, "{zero_us}");
    }
}
