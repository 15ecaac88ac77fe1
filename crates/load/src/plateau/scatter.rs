//! The scatter of durations: below the limit, a queue comes and goes by chance.

use super::signals::{Signals, at, middle};
use crate::stats::median;
use std::ops::Range;

/// Scatter of durations, as a multiple of their growth over the square root of the answers, up to
/// which it is that of a rate. It is about 2.8 for a system below its limit, and less in a short stretch:
/// of simulated tests, most below the limit had more than 0.95, and nearly all beyond it had less than 0.9.
const BY_CHANCE: f64 = 0.9;
/// Scatter up to which durations are even however many answers there are: the bound by their number falls
/// to 0, and rows of a real server have other scatter too.
const STEADY_ENOUGH: f64 = 0.12;
/// Scatter from which they are not even however few answers there are: they double or halve from row to row
/// in one row of ten, which no limit explains.
const RESTLESS: f64 = 0.3;
/// Duration as a multiple of that at rest from which a system is at its limit, whatever the scatter. A
/// queue that comes and goes by chance is as long as this only above nine tenths of the limit.
const SURE_STRETCH: f64 = 12.0;
/// The smallest duration beside a stretch, as a share of that within, that is of the same kind of time.
const SAME_KIND_SHARE: f64 = 0.5;
/// Fewest differences of durations from which a scatter is computed.
const FEWEST_STEPS: usize = 5;
/// Duration as a multiple of that at rest below which a stretch that is too short for a scatter may be
/// chance. In tests of 20 s below the limit, some seconds took four times as long.
const WITHOUT_SCATTER: f64 = 5.0;

/// Returns true when the durations within a stretch go up and down as those of a system below its
/// limit. There, a queue comes and goes by chance: with one server, exponential services and `n`
/// answers, the mean of durations `times` as long as at rest varies by `sqrt(8) * times / sqrt(n)`
/// of itself. Where users wait for their answers beyond the limit, it varies by the rate alone.
pub(super) fn comes_and_goes(signals: &Signals, span: &Range<usize>) -> bool {
    let times = middle(&signals.slower, span);
    if times >= SURE_STRETCH {
        return false;
    }
    let width = signals.pooled_s;
    let answers = middle(&signals.answers, span) * width as f64;
    let log = |second: usize| at(&signals.slower, second).max(1e-9).ln();
    // Differences of differences leave out a load that goes up or down.
    // A short stretch has too few of them alone. The step of a load is no scatter.
    let more = (2 * width + 2 * FEWEST_STEPS).saturating_sub(span.len()).div_ceil(2);
    let is_alike = |second: &usize| at(&signals.slower, *second) >= SAME_KIND_SHARE * times;
    let before = (0..span.start).rev().take(more).take_while(is_alike).count();
    let after = (span.end..signals.slower.len()).take(more).take_while(is_alike).count();
    let around = span.start - before..span.end + after;
    let bends = around.skip(2 * width);
    let bends =
        bends.map(|second| log(second) - 2.0 * log(second - width) + log(second - 2 * width));
    let bends: Vec<f64> = bends.collect();
    if bends.len() < FEWEST_STEPS {
        return times < WITHOUT_SCATTER;
    }
    let apart = median(bends.iter().map(|bend| bend.abs())).unwrap_or_default();
    // The median distance of normal values from their mean is 0.6745 of their deviation.
    let scatter = apart / 0.6745 / 6.0_f64.sqrt();
    scatter > (BY_CHANCE * times / answers.sqrt()).clamp(STEADY_ENOUGH, RESTLESS)
}
