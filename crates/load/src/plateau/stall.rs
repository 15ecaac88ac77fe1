//! Seconds in which the system stood still, although the load was not greater than before.

use super::model::Window;
use super::signals::{SHORTEST, SLOWER, Signals, at, part};
use crate::series::Axis;
use crate::stats::median;
use std::ops::Range;

/// Fewest seconds of a stall.
const LEAST_S: usize = 3;
/// Share of the usual goodput below which the system stands still.
const STOPPED: f64 = 0.05;
/// Share of the usual goodput from which the system works again.
const AGAIN: f64 = 0.5;
/// Seconds before a stall that show the usual goodput.
const USUAL_S: usize = 10;
/// The last of these seconds, which may contain a part of the stall: signals are averages over three
/// seconds.
const BLURRED_S: usize = 2;
/// Fewest answers that are missing: silence of a test with few requests is chance.
const MISSING_ANSWERS: f64 = 10.0;
/// Share of a time without rows that the first answers after it took, when nothing was answered in this time.
const WAITED: f64 = 0.5;
/// Growth of the load from which it may be the reason.
const MORE_LOAD: f64 = 1.3;
/// Share of the load before up to which the load went away.
const IDLE: f64 = 0.1;
/// Duration of answers, as a multiple of that at rest, from which there was a queue before.
const QUEUED: f64 = 2.0;

/// A stall, and the seconds after it in which the requests of the stall were answered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stall {
    pub(super) window: Window,
    /// The second from which answers come as soon as before.
    pub(super) over: usize,
    /// Usual goodput before it, in requests a second.
    pub(super) usual_rps: f64,
}

impl Stall {
    /// Returns true when at least half of a stretch lies in the stall and the seconds after it.
    pub(super) fn covers(self, span: &Range<usize>) -> bool {
        let both = Window { from: self.window.from.saturating_sub(1), to: self.over };
        both.has_most_of(span)
    }
}

/// Returns the longest stall. Before it, answers came as at rest, and the load did not grow as it
/// began. After it, the system answers again. A system that is overloaded has late answers before
/// it has none, so its pauses are no stalls. `row_s` is the distance of the input's rows.
pub(super) fn find(signals: &Signals, row_s: usize) -> Option<Stall> {
    let mut longest: Option<Stall> = None;
    let mut from = SHORTEST.max(2 * row_s);
    while from < signals.ok.len() {
        let found = begins(signals, from, row_s);
        let found = found.and_then(|usual_rps| lasts(signals, from, usual_rps));
        let Some(stall) = found else {
            from += 1;
            continue;
        };
        from = stall.window.to;
        let known = longest.map_or(0, |known| known.window.seconds());
        if stall.window.seconds() > known {
            longest = Some(stall);
        }
    }
    longest
}

/// Returns the usual goodput when a stall may begin at second `from`.
fn begins(signals: &Signals, from: usize, row_s: usize) -> Option<f64> {
    let missing = |at: usize| signals.missing.get(at) == Some(&true);
    let last = from.saturating_sub(1);
    // A test may last for days, and the usual goodput of each second would take long.
    if missing(from) || !missing(last) && at(&signals.ok, from) >= at(&signals.ok, last) {
        return None;
    }
    let earlier = from.saturating_sub(USUAL_S.max(3 * row_s))..from;
    let most = part(&signals.ok, &earlier).iter().copied().fold(0.0, f64::max);
    if at(&signals.ok, from) >= STOPPED * most {
        return None;
    }
    let known = |at: &usize| signals.missing.get(*at) == Some(&false);
    let middle = |of: &[f64], span: Range<usize>| {
        median(span.filter(known).filter_map(|at| of.get(at).copied()))
    };
    let usual = middle(&signals.ok, earlier.clone()).filter(|usual| *usual > 0.0)?;
    if at(&signals.ok, from) >= STOPPED * usual {
        return None;
    }
    let calm = earlier.start..from.saturating_sub(BLURRED_S.max(row_s));
    let load = middle(&signals.load, calm.clone())?;
    let is_calm = middle(&signals.slower, calm)? < QUEUED
        && at(&signals.load, from.saturating_sub(1)) < MORE_LOAD * load;
    is_calm.then_some(usual)
}

/// Returns true when the load went away in a stretch without answers: nobody waited for one. `load` is that before it.
/// A load that is computed from answers does not show this.
fn is_idle(signals: &Signals, span: Range<usize>, load: f64) -> bool {
    let is_own = match signals.axis {
        Axis::Vus => true,
        Axis::Rate => signals.by_request,
        Axis::InFlight => false,
    };
    let known = span.filter(|at| signals.missing.get(*at) == Some(&false));
    let loads = known.map(|second| at(&signals.load, second));
    is_own && median(loads).is_some_and(|idle| idle <= IDLE * load)
}

/// Returns the stall that begins at second `from`, when it is long enough and ends.
fn lasts(signals: &Signals, from: usize, usual_rps: f64) -> Option<Stall> {
    let missing = |at: usize| signals.missing.get(at) == Some(&true);
    let stopped =
        |&second: &usize| at(&signals.ok, second) < STOPPED * usual_rps || missing(second);
    let to = from + (from..signals.ok.len()).take_while(stopped).count();
    // Some load generators write no rows while nothing is answered. The first answers then took as long.
    let took_s = at(&signals.slower, to) * signals.rest_s;
    let is_silence = took_s >= WAITED * (to - from) as f64;
    let silent = (from..to).filter(|&at| is_silence || !missing(at)).count();
    let load = at(&signals.load, from.saturating_sub(1));
    let after = to..(to + SHORTEST).min(signals.ok.len());
    let works = median(part(&signals.ok, &after).iter().copied())? >= AGAIN * usual_rps;
    let loaded = at(&signals.load, to) >= AGAIN * load;
    if is_idle(signals, from..to, load)
        || silent < LEAST_S
        || silent as f64 * usual_rps < MISSING_ANSWERS
        || !works
        || !loaded
    {
        return None;
    }
    let last = (to + (to - from) + SHORTEST).min(signals.ok.len());
    let late = |&second: &usize| at(&signals.slower, second) >= SLOWER;
    let over = to + (to..last).take_while(late).count();
    Some(Stall { window: Window { from, to }, over, usual_rps })
}
