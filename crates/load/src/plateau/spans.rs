//! Finds the stretches of seconds in which the system was saturated.

use super::edges::{self, DRAINS};
use super::judge::{BUSY, HIGHER, QUEUED, Rejection, elasticity, judge, rises};
use super::levels;
use super::model::Window;
use super::pool::POOLED_SECONDS;
use super::recovery;
use super::row_edges;
use super::signals::{CLEARLY, FLAT, SEARCHED, SHORTEST, STRETCHED, Signals, at, middle, part};
use crate::series::Axis;
use crate::stats::quantile;
use std::collections::BTreeSet;
use std::ops::Range;

/// Duration as a multiple of that at rest below which a row of a table had answers as fast as at rest, or none that
/// are known. Its users then wait elsewhere.
const AS_FAST: f64 = 1.02;
/// Longest relief that does not end a plateau, in seconds.
const RELIEF: usize = 3;
/// Longest time without answers or without data that does not end a plateau, in seconds.
const SILENCE: usize = 20;
/// Most seconds before a plateau, or at its front, that are searched for a lower limit.
const LONGEST_FRONT: usize = 600;
/// Rows of so many seconds may contain a whole pause between two spikes.
const LONG_S: usize = 15;
/// Share of the goodput of rows before and after it below which a row contains a part of a pause.
const DIP: f64 = 0.87;
/// Duration of the answers in such a row, as a multiple of that in the rows beside it, up to which its users sent less
/// often. With fewer answers to as many requests, a user would wait longer (Little's law).
const HARDLY_LATER: f64 = 1.05;
/// Fewest times the seconds that are averaged in which goodput grew with the load. A load that jumps within a row of a
/// table seems to grow in two of them.
const FRONT_POOLS: usize = 4;
/// Growth of goodput over growth of load from which both grow about alike.
const ABOUT_AS_LOAD: f64 = 0.5;
/// A load below this share of the limit's load is surely not at the limit.
const SURELY_BELOW_SHARE: f64 = 0.5;

/// Saturated seconds, and stretches that only look saturated.
#[derive(Clone, Debug, Default)]
pub(super) struct Spans {
    pub(super) found: Vec<Range<usize>>,
    pub(super) not: Vec<(Range<usize>, Rejection)>,
    /// Seconds in which the limit changed.
    changes: Vec<usize>,
    /// True when most of a stretch was a failure of the system, and was left out.
    pub(super) failed: bool,
}

impl Spans {
    /// Returns true when the limit changed within a window.
    pub(super) fn has_other_limit(&self, window: Window) -> bool {
        self.changes.iter().any(|second| (window.from..window.to).contains(second))
    }
}

/// Finds all stretches. `failure` is a time in which the system failed.
pub(super) fn find(signals: &Signals, busy: Option<&[f64]>, failure: Option<Window>) -> Spans {
    let mut spans = Spans::default();
    let joined = joined(signals, busy);
    let mut parts = Vec::new();
    for span in joined.into_iter().flat_map(|span| parted(signals, span)) {
        let Some(failure) = failure.filter(|failure| failure.overlaps(window_of(&span))) else {
            parts.extend(levels::parted(signals, span));
            continue;
        };
        spans.failed |= failure.has_most_of(&span);
        let outside = [span.start..failure.from.max(span.start), failure.to..span.end];
        let outside = outside.into_iter().filter(|part| !part.is_empty());
        parts.extend(outside.flat_map(|part| levels::parted(signals, part)));
    }
    let mut slow = Vec::new();
    for (place, span) in parts.iter().enumerate() {
        let (from, to) = (span.start, span.end);
        let next = parts.get(place + 1).filter(|next| next.start == to);
        let most = next.map_or(signals.load.len(), |_| to);
        spans.changes.extend(next.map(|next| next.start));
        let whole = edges::alone(signals, span.clone());
        let mut trimmed = trim(signals, whole.clone());
        if signals.axis == Axis::InFlight {
            trimmed = edges::trim_fall(signals, trimmed);
        }
        let mut result = judge(signals, &trimmed, busy);
        if let Some(peak) = peak(signals, &trimmed).filter(|_| result == Some(Rejection::SlowPhase))
            && judge(signals, &peak, busy).is_none()
        {
            // The system was at its limit, and did not recover when the load went away.
            (trimmed, result) = (peak, None);
        }
        if result.is_none() && grows_with_load(signals, &whole, &trimmed) {
            result = Some(Rejection::Rises);
        }
        match result {
            None => {
                let known = spans.found.last().map_or(0, |span| span.end);
                let span = edges::by_level(signals, trimmed, known..most);
                let span = row_edges::find(signals, span, known..most);
                let earlier = from.max(known)..span.start;
                spans.found.extend(earlier_spike(signals, earlier.clone(), &span, busy));
                let known = spans.found.last().map_or(earlier.start, |last| last.end);
                spans.found.extend(lower_limit(signals, known..span.start, &span));
                spans.found.push(span);
            }
            Some(not) => {
                if not == Rejection::SlowPhase {
                    slow.push(trimmed);
                }
                spans.not.push((from..to, not));
            }
        }
    }
    slow.retain(|span| spans.found.iter().any(|next| is_lower_limit(signals, span, next)));
    spans.found.extend(slow);
    spans.found.sort_by_key(|span| span.start);
    spans
}

/// Returns the spike in the seconds directly before a stretch, from which it was cut off because both together look like
/// one rise: the load went away between them, for too few seconds to part them.
fn earlier_spike(
    signals: &Signals,
    earlier: Range<usize>,
    span: &Range<usize>,
    busy: Option<&[f64]>,
) -> Option<Range<usize>> {
    let load = |span: &Range<usize>| middle(&signals.load, span);
    let away = |second: &usize| at(&signals.load, *second) < 0.5 * load(span);
    let end = earlier.end - earlier.clone().rev().take_while(away).count();
    let spike = trim(signals, edges::alone(signals, earlier.start..end));
    let least = part(&signals.load, &(spike.end..span.start)).iter().copied();
    let least = least.fold(f64::INFINITY, f64::min);
    let is_spike = spike.len() >= SHORTEST
        && least < 0.5 * load(&spike).min(load(span))
        && !is_lower(signals, &spike, span)
        && judge(signals, &spike, busy).is_none();
    is_spike.then(|| edges::by_level(signals, spike, earlier.start..span.start))
}

fn window_of(span: &Range<usize>) -> Window {
    Window { from: span.start, to: span.end }
}

/// Returns true when a stretch ends as a plateau with a higher level begins, and its load grew while goodput
/// surely did not. The limit was then lower, even if the same load gets more answers later.
fn is_lower_limit(signals: &Signals, span: &Range<usize>, next: &Range<usize>) -> bool {
    let is_next = next.start.abs_diff(span.end) <= signals.pooled_s;
    let is_a_row = signals.pooled_s > POOLED_SECONDS && span.len() < 2 * signals.pooled_s;
    is_next && !is_a_row && is_lower(signals, span, next) && is_flat(signals, span)
}

/// Returns true when the level of a stretch is clearly lower than that of another one.
fn is_lower(signals: &Signals, span: &Range<usize>, next: &Range<usize>) -> bool {
    HIGHER * middle(&signals.goodput, span) <= middle(&signals.goodput, next)
}

/// Returns true when the load of a stretch grew while goodput surely did not.
fn is_flat(signals: &Signals, span: &Range<usize>) -> bool {
    elasticity(signals, span).is_some_and(|(slope, error)| slope + error <= FLAT)
}

/// Returns stretches of seconds that may be saturated. Two stretches with a short relief between
/// them are joined.
fn joined(signals: &Signals, busy: Option<&[f64]>) -> Vec<Range<usize>> {
    let mut spans: Vec<Range<usize>> = Vec::new();
    let top = signals.ended.iter().copied().fold(0.0, f64::max);
    let steady = signals.steady;
    let mut silent = 0;
    for second in 0..signals.stretch.len() {
        let quiet =
            signals.missing.get(second) == Some(&true) || at(&signals.ended, second) < 0.02 * top;
        if quiet {
            silent += 1;
            continue;
        }
        let stretched = at(&signals.stretch, second) >= STRETCHED
            && (signals.axis == Axis::Vus
                || at(&signals.slower, second) >= QUEUED
                || at(&signals.unserved, second) >= 1.1);
        let is_fast = !signals.by_request
            && at(&signals.slower, second) < AS_FAST
            && at(&signals.failing, second) <= (3.0 * signals.rest_failing).max(0.01);
        let stretched = stretched && !is_fast;
        let busy = busy.is_some_and(|busy| at(busy, second) >= BUSY);
        let held_up = steady || at(&signals.stretch, second) >= STRETCHED;
        if stretched || busy && held_up {
            match spans.last_mut() {
                Some(span)
                    if second - span.end <= RELIEF + silent.min(SILENCE) && silent <= SILENCE =>
                {
                    span.end = second + 1;
                }
                _ => spans.push(second..second + 1),
            }
            silent = 0;
        } else if spans.last().is_none_or(|span| second - span.end > RELIEF + silent) {
            silent = 0;
        }
    }
    spans
}

/// Parts a stretch where the load went away for a while: signals are pooled over three seconds, so
/// a recovery seems two seconds shorter than it is.
fn parted(signals: &Signals, span: Range<usize>) -> Vec<Range<usize>> {
    let high = part(&signals.load, &span).iter().copied().fold(0.0, f64::max);
    let clear = |second: usize| at(&signals.alone, second) >= CLEARLY;
    // So few users cannot reach the limit. On a busy machine their answers may still be late.
    // Rows of a table that begin or end within a spike have less goodput than the limit.
    let q = if signals.pooled_s > POOLED_SECONDS { 0.75 } else { 0.5 };
    let level = quantile(part(&signals.goodput, &span).iter().copied(), q).unwrap_or_default();
    let limit = edges::limit(signals, &span, level).unwrap_or_default();
    // Requests that piled up keep the system at its limit while fewer are wanted.
    let drains = |second: usize| {
        signals.axis == Axis::Rate && at(&signals.goodput, second) >= DRAINS * level
    };
    let few =
        |second: usize| at(&signals.load, second) < SURELY_BELOW_SHARE * limit && !drains(second);
    let free =
        |second: usize| at(&signals.load, second) < 0.5 * high && (!clear(second) || few(second));
    let is_spike = |part: &Range<usize>| part.clone().filter(|&at| clear(at)).nth(RELIEF - 1);
    let dips = dips(signals, &span);
    let recovered = recovery::find(signals, &span);
    let free =
        |second: usize| free(second) || dips.contains(&second) || recovered.contains(&second);
    let mut parts = vec![span.clone()];
    let mut rest = 0;
    for second in span.clone() {
        rest = if free(second) { rest + 1 } else { 0 };
        let next_is_busy = second + 1 < span.end && !free(second + 1);
        let was_away = recovered.range(second + 1 - rest..second + 1).next().is_some();
        let is_short = rest <= RELIEF && !was_away;
        if is_short || !next_is_busy {
            continue;
        }
        let Some(last) = parts.last_mut() else { break };
        let (early, late) = (last.start..second + 1 - rest, second + 1..span.end);
        if is_spike(&early).and(is_spike(&late)).is_some() {
            *last = early;
            parts.push(late);
        }
    }
    parts
}

/// Returns the seconds of rows with less goodput than rows before and after them, and with answers that are hardly
/// later than those of the rows beside them, where rows are so long that a pause between two spikes may lie within
/// them. Their users may be those of a spike. A limit that falls makes answers later.
fn dips(signals: &Signals, span: &Range<usize>) -> BTreeSet<usize> {
    let row_s = signals.pooled_s;
    if signals.by_request || row_s < LONG_S {
        return BTreeSet::new();
    }
    let greatest = |seconds: &mut dyn Iterator<Item = usize>| -> Vec<f64> {
        let mut most = 0.0;
        let up_to = seconds.map(|second| {
            most = f64::max(most, at(&signals.ok, second));
            most
        });
        up_to.collect()
    };
    let before = greatest(&mut span.clone());
    let after = greatest(&mut span.clone().rev());
    let around = span.clone().zip(before).zip(after.into_iter().rev());
    let low = around
        .filter(|((second, before), after)| at(&signals.ok, *second) < DIP * before.min(*after));
    let low: BTreeSet<usize> = low.map(|((second, _), _)| second).collect();
    let rows: BTreeSet<usize> = low.iter().map(|second| second / row_s).collect();
    // In the middle of a row, the average over a row is that of its answers alone.
    let slower = |row: usize| at(&signals.slower, row * row_s + row_s / 2);
    let is_late = |row: usize| {
        let before = (0..row).rev().find(|row| !rows.contains(row)).map_or(0.0, slower);
        let after = (row + 1..).find(|row| !rows.contains(row)).map_or(0.0, slower);
        slower(row) > HARDLY_LATER * before.max(after)
    };
    let late: BTreeSet<usize> = rows.iter().copied().filter(|row| is_late(*row)).collect();
    low.into_iter().filter(|second| !late.contains(&(second / row_s))).collect()
}

/// Returns the longest part of a stretch with its greatest load, when most of the stretch has less
/// than half of this load.
fn peak(signals: &Signals, span: &Range<usize>) -> Option<Range<usize>> {
    let high = part(&signals.load, span).iter().copied().fold(0.0, f64::max);
    if middle(&signals.load, span) >= 0.5 * high {
        return None;
    }
    let seconds: Vec<usize> =
        span.clone().filter(|&second| at(&signals.load, second) >= 0.8 * high).collect();
    let longest = seconds.chunk_by(|a, b| a + 1 == *b).max_by_key(|chunk| chunk.len())?;
    Some(*longest.first()?..longest.last()? + 1)
}

/// Removes seconds from the front until the rest is flat: while goodput grows with the load, the
/// load is below the limit.
fn trim(signals: &Signals, span: Range<usize>) -> Range<usize> {
    let mut span = span;
    let whole = span.clone();
    while span.len() > SHORTEST && rises(signals, &span) {
        span.start += span.len().div_ceil(SEARCHED);
    }
    if rises(signals, &span) { whole } else { after_rise(signals, span) }
}

/// Returns true when goodput grew about as the number of users did in a stretch, `whole`, and the seconds that [`trim`] left
/// of it do not show that it stopped: the load hardly grows in them.
fn grows_with_load(signals: &Signals, whole: &Range<usize>, trimmed: &Range<usize>) -> bool {
    let grows = |(slope, error): (f64, f64)| slope - error > ABOUT_AS_LOAD;
    signals.axis == Axis::Vus
        && trimmed.start - whole.start >= FRONT_POOLS * signals.pooled_s
        && !is_flat(signals, trimmed)
        && elasticity(signals, whole).is_some_and(grows)
}

/// Removes seconds from the front while goodput still grows with the load up to its peak. Where it
/// falls again behind the peak, the whole stretch seems flat.
fn after_rise(signals: &Signals, span: Range<usize>) -> Range<usize> {
    let goodput = part(&signals.goodput, &span);
    let most = goodput.iter().copied().fold(0.0, f64::max);
    let Some(peak) = goodput.iter().position(|rate| *rate >= most) else { return span };
    let peak = span.start + peak;
    let falls = middle(&signals.goodput, &(peak..span.end)) * HIGHER <= most;
    let mut from = span.start;
    while falls
        && peak - span.start <= LONGEST_FRONT
        && peak + 1 >= from + SHORTEST
        && span.end > from + SHORTEST
        && HIGHER * at(&signals.goodput, from) <= most
        && rises(signals, &(from..peak + 1))
    {
        from += span.len().div_ceil(SEARCHED);
    }
    from..span.end
}

/// Returns the plateau of a system that was at a lower limit before `next`, for example because it
/// was cold. `front` are the saturated seconds before `next`. The load must have grown in the
/// plateau while goodput surely did not.
fn lower_limit(
    signals: &Signals,
    front: Range<usize>,
    next: &Range<usize>,
) -> Option<Range<usize>> {
    // The averages of the last second contain the higher goodput.
    let mut span = front.start..front.end.checked_sub(1)?;
    // A row in which the load jumps has some goodput between that before and after.
    let is_a_row = signals.pooled_s > POOLED_SECONDS && span.len() < 2 * signals.pooled_s;
    if span.len() > LONGEST_FRONT || is_a_row {
        return None;
    }
    while span.len() > SHORTEST && !is_flat(signals, &span) {
        span.start += 1;
    }
    let is_limit = is_lower(signals, &span, next)
        && is_flat(signals, &span)
        && judge(signals, &span, None).is_none();
    is_limit.then_some(span.start..front.end)
}

/// Returns true when the load fell for more than a moment within a window and the system
/// recovered, also for two seconds that the averages hide. The window then contains several plateaus, even if one hinge fits all of it.
pub(super) fn relieved(signals: &Signals, window: Window) -> bool {
    let span = window.from..window.to;
    if !recovery::find(signals, &span).is_empty() {
        return true;
    }
    let load = middle(&signals.load, &span);
    let (mut before, mut rest, mut rested) = (false, 0, false);
    for second in span {
        let stretch = at(&signals.stretch, second);
        before |= stretch >= CLEARLY;
        let free = stretch < 1.05 && at(&signals.load, second) < 0.6 * load;
        // The load may come back gently: the first second after the rest need not be clear.
        if rested && stretch >= CLEARLY {
            return true;
        }
        rest = if free {
            rest + 1
        } else if stretch >= STRETCHED {
            0
        } else {
            rest
        };
        rested |= before && rest > RELIEF;
    }
    false
}

/// Returns the longest stretch of late answers under at least half of the greatest load, `high`, when it is
/// so long that the system may have been at a limit, whatever it was at other times.
pub(super) fn late(signals: &Signals, high: f64) -> Option<Range<usize>> {
    let is_late = |second: &usize| {
        at(&signals.slower, *second) >= QUEUED && at(&signals.load, *second) >= 0.5 * high
    };
    let late: Vec<usize> = (0..signals.slower.len()).filter(is_late).collect();
    let longest = late.chunk_by(|a, b| a + 1 == *b).max_by_key(|chunk| chunk.len())?;
    (longest.len() >= 2 * SHORTEST).then_some(*longest.first()?..*longest.last()? + 1)
}

/// Returns the longest stretch of high load, for users who want to choose seconds themselves; `None` when
/// none is as long as the shortest plateau, because fewer seconds show chance. Where the level of goodput
/// changed under the same load, it has one level. The seconds `without`, those of a stall and of a failure, are
/// no part of it.
pub(super) fn steadiest(signals: &Signals, without: &[Range<usize>]) -> Option<Range<usize>> {
    let is_out = |second: usize| without.iter().any(|part| part.contains(&second));
    let others = signals.load.iter().enumerate().filter(|(second, _)| !is_out(*second));
    let high = others.map(|(_, load)| *load).fold(0.0, f64::max);
    let mut longest = 0..0;
    let mut span = 0..0;
    for (second, &x) in signals.load.iter().enumerate() {
        if x >= 0.8 * high && x > 0.0 && !is_out(second) {
            span = if span.end == second && !span.is_empty() { span.start } else { second }
                ..second + 1;
            if span.len() > longest.len() {
                longest = span.clone();
            }
        }
    }
    // A window over two levels shows neither.
    let longest =
        levels::parted(signals, longest).into_iter().rev().max_by_key(|part| part.len())?;
    (longest.len() >= SHORTEST).then_some(longest)
}
