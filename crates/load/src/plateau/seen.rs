//! Whether the seconds outside of a plateau show the system at rest.

use super::model::Window;
use super::signals::Signals;
use crate::series::Axis;

/// Share of the level under which goodput shows that the system was below its limit.
pub(super) const BELOW: f64 = 0.9;

/// Returns true when a second outside the window, with some load, had clearly less goodput than the
/// level, but some. Only such a second was below the limit. Wanted rates need none.
pub(super) fn rest_seen(signals: &Signals, window: Window, level: f64) -> bool {
    if signals.axis == Axis::Rate {
        return true;
    }
    let get = |of: &[f64], at: usize| of.get(at).copied().unwrap_or_default();
    let below = |at: &usize| {
        let (load, goodput) = (get(&signals.load, *at), get(&signals.goodput, *at));
        load > 0.0 && goodput > 0.0 && goodput < BELOW * level
    };
    let idle = signals.load.iter().position(|&load| load > 0.0).unwrap_or_default();
    // The first and the last seconds of a load are not whole. Signals are averages over three seconds.
    let begin = idle + if idle > 0 { 2 } else { 1 };
    let end = signals.load.len().saturating_sub(2);
    let is_idle = |at: usize| get(&signals.load, at) <= 0.0;
    let below = |at: &usize| below(at) && !(at.saturating_sub(2)..=at + 2).any(is_idle);
    // A second shortly before or after the window is the first to be found.
    (begin..window.from.min(end)).rev().any(|at| below(&at))
        || (window.to + 2..end).any(|at| below(&at))
}

/// Fewest seconds, and rows of a table, behind a plateau whose answers are as fast under all loads.
const REST_S: usize = 10;
const REST_ROWS: usize = 3;
/// Ratio of the greatest load of these seconds to the least one, and of their durations.
const OTHER_LOADS: f64 = 2.0;
const AS_FAST: f64 = 1.15;

/// Returns true when the load goes away slowly behind a plateau, and answers are then as fast under other loads. The
/// system is at rest there.
pub(super) fn goes_away(signals: &Signals, window: Window) -> bool {
    let calm = (window.to..signals.load.len()).filter(|at| {
        let get = |of: &[f64]| of.get(*at).copied().unwrap_or_default();
        get(&signals.ended) > 0.0
            && get(&signals.slower) * signals.rest_s < AS_FAST * signals.bare_rest_s
    });
    let loads = calm.filter_map(|at| signals.load.get(at).copied()).filter(|load| *load > 0.0);
    let loads: Vec<f64> = loads.collect();
    let most = loads.iter().copied().fold(0.0, f64::max);
    let least = loads.iter().copied().fold(f64::INFINITY, f64::min);
    let row_s = if signals.by_request { 0 } else { signals.pooled_s };
    loads.len() >= REST_S.max(REST_ROWS * row_s) && most >= OTHER_LOADS * least
}
