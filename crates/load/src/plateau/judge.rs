//! Decides whether a stretch of seconds with late answers is a plateau.

use super::pool::POOLED_SECONDS;
use super::rest::FEWEST_ANSWERS;
use super::rows::CALMER;
use super::scatter;
use super::signals::{CLEARLY, FLAT, SHORTEST, SLOWER, STRETCHED, Signals, at, middle, part};
use crate::series::Axis;
use crate::stats::{median, quantile, theil_sen};
use std::ops::Range;

/// Smallest duration of a late answer when a rate is the load: there, a queue makes answers late
/// long before the limit.
pub(super) const QUEUED: f64 = 2.0;
/// Smallest duration of a late answer when the load is computed from durations: a server near its limit
/// answers two to three times later than at rest, and throughput hardly grows.
const LATE_STRETCH: f64 = 3.0;
/// Most seconds with fewer answers that do not end the seconds before a stretch.
const CHANCE_S: usize = 5;
/// Growth of the durations before a stretch that shows the beginning of a queue.
const QUEUE_GROWS: f64 = 1.25;
/// Growth of the durations before a stretch up to which there is no queue.
const STANDS: f64 = 1.1;
/// Growth of the durations within a stretch from which answers need not be later than [`LATE_STRETCH`].
const DRIFTS: f64 = 1.4;
/// Share of the level from which a second has about as many answers.
const AS_MANY: f64 = 0.95;
/// Ratio of goodput at other times to that of a stretch from which the same load got more answers there.
const MORE: f64 = 1.1;
/// Share of the longer time between two requests of a user that later answers are at least, when the
/// system is the reason.
const OF_WAITS: f64 = 0.3;
/// Ratio of wanted to served requests from which requests pile up.
pub(super) const UNSERVED: f64 = 1.05;
/// Ratio of wanted to served requests up to the greatest backlog, from which requests surely piled up.
const PILED_UP: f64 = 1.1;
/// Fewest seconds in which they pile up. The system is at its limit until they are served, too.
const PILES_S: usize = 3;
/// Standard deviations of chance (Poisson) by which a backlog grows within a stretch.
const GROWS: f64 = 3.0;
/// Smallest growth of goodput after which the seconds before had a lower limit.
pub(super) const HIGHER: f64 = 1.3;
/// Fewest seconds in which requests are left behind: a pause of some seconds is no limit.
const LEFT_BEHIND_S: usize = 10;
/// Share of the best goodput from which a system works.
const WORKS: f64 = 0.2;
/// Growth of goodput after which calm seconds surely had more answers.
const SURELY_MORE: f64 = 1.2;
/// Fewest calm seconds within a stretch that had surely more answers. A single second may have the
/// answers of the one before it.
const CALM_WITHIN: usize = 2;
/// Smallest growth of the load that is a jump.
const JUMP: f64 = 2.0;
/// Seconds before a stretch that show the system at rest before a jump. The load itself may jump
/// within the last second, and signals are averages over three seconds.
const REST_BEFORE_JUMP: Range<usize> = 2..4;
/// Standard deviations of chance (Poisson) by which other seconds have more answers.
const BY_CHANCE: f64 = 2.0;
/// Standard deviations of chance by which a stretch of few answers has to be greater. The rest, to which it
/// is compared, is a mean of few answers too.
const SURELY_NO_CHANCE: f64 = 4.0;
/// Most rows of a table in which the requests of a stall are answered.
const STALL_ROWS: usize = 2;
/// Most seconds from the first answer to the start of a stretch that a constant load begins with.
const BEGINS: usize = 2;
/// Most seconds of other times that a stretch is compared with.
const MOST_COMPARED: usize = 10_000;
/// Share of the greatest load from which a load is about as high.
const ABOUT_AS_HIGH: f64 = 0.8;
/// Share of time from which the busiest thread counts as fully busy.
pub(super) const BUSY: f64 = 0.95;

/// Reasons why a stretch of seconds is not a plateau.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Rejection {
    /// The stretch has too few seconds, or less than a row of a table, or lies within its first or last row.
    Short { seconds: usize },
    /// The stretch has too few answers.
    FewAnswers { answers: f64 },
    /// Answers are not late enough and hardly more fail than at rest, or throughput is not held back.
    Fast,
    /// Goodput grows with the load.
    Rises,
    /// Another time of the test shows more answers for this load, so this is a slow phase.
    SlowPhase,
    /// All wanted requests were served.
    Served,
    /// Requests piled up until this second, and were served later, far more of them a second.
    PiledUp { until: usize },
    /// About as many requests got fast answers at other times of the test.
    Outpaced,
    /// Answers are late, but not so late that only a limit explains it: the users are not known.
    Unclear,
}

/// Returns true when goodput surely grows by more than a quarter of the load's growth.
pub(super) fn rises(signals: &Signals, span: &Range<usize>) -> bool {
    elasticity(signals, span).is_some_and(|(slope, error)| slope - error > FLAT)
}

/// Returns the growth of goodput over growth of load, and its standard error, up to the last
/// second of the greatest load. Returns `None` when the load hardly grows until then, or is 0 at times, and for too few
/// seconds. Users who are gone after that second do not matter; a rate of 0 has requests that are still to be served.
pub(super) fn elasticity(signals: &Signals, span: &Range<usize>) -> Option<(f64, f64)> {
    let load = part(&signals.load, span);
    let high = load.iter().copied().fold(0.0, f64::max);
    let low = load.iter().copied().fold(f64::INFINITY, f64::min);
    let up = load.iter().rposition(|&x| x >= 0.95 * high)? + 1;
    let rising = load.get(..up)?;
    let least = rising.iter().copied().fold(f64::INFINITY, f64::min);
    let low = if signals.axis == Axis::Vus { least } else { low };
    if low <= 0.0 || high < 1.3 * least || up < SHORTEST {
        return None;
    }
    let points = rising.iter().zip(part(&signals.goodput, span));
    let logs = points.filter(|(_, y)| **y > 0.0).map(|(x, y)| (x.ln(), y.ln()));
    theil_sen(&logs.collect::<Vec<_>>())
}

/// Returns the growth of goodput over growth of load while the load grows, and its standard error: up to the
/// first second of about the greatest load. Later, goodput may fall for another reason. Returns `None` when the
/// load does not grow for some seconds.
pub(super) fn growth(signals: &Signals, span: &Range<usize>) -> Option<(f64, f64)> {
    let load = part(&signals.load, span);
    let high = load.iter().copied().fold(0.0, f64::max);
    let top = load.iter().position(|&x| x >= 0.95 * high)?;
    // The averages of the seconds before have the load at the top, too.
    elasticity(signals, &(span.start..span.start + top + 1))
}

/// Returns `None` for a saturated stretch, and else the reason why it is not one.
pub(super) fn judge(
    signals: &Signals,
    span: &Range<usize>,
    busy: Option<&[f64]>,
) -> Option<Rejection> {
    let answers = part(&signals.ended, span).iter().sum::<f64>();
    if span.len() < SHORTEST || answers < FEWEST_ANSWERS as f64 {
        let is_slow = slow_phase(signals, span) && !began_with_load(signals, span);
        let short = match span.len() {
            seconds @ ..SHORTEST => Rejection::Short { seconds },
            _ => Rejection::FewAnswers { answers },
        };
        return Some(if is_slow { Rejection::SlowPhase } else { short });
    }
    if is_end_row(signals, span) || is_less_than_a_row(signals, span) {
        return Some(Rejection::Short { seconds: 1 });
    }
    // A busy thread alone is not a sign of a limit: background work that can wait also keeps it
    // busy.
    let held_up = signals.steady || middle(&signals.stretch, span) >= STRETCHED;
    let busy = held_up && busy.is_some_and(|busy| is_busy(busy, span));
    let failing = middle(&signals.failing, span);
    let fails = failing > (3.0 * signals.rest_failing).max(0.01);
    let late = middle(&signals.slower, span) >= SLOWER;
    let elsewhere = !fails && waits_elsewhere(signals, span);
    let held_back = (fails || late)
        && middle(&signals.stretch, span) >= signals.clearly() * chance(signals, span)
        && !elsewhere;
    if !busy && (!held_back || !fails && answers_a_stall(signals, span)) {
        return Some(Rejection::Fast);
    }
    if rises(signals, span) {
        return Some(Rejection::Rises);
    }
    if signals.derived && outpaced(signals, span) {
        return Some(Rejection::Outpaced);
    }
    let too_few = || middle(&signals.slower, span) < LATE_STRETCH && !drifts(signals, span);
    let by_flights = signals.axis == Axis::InFlight;
    if !busy
        && !fails
        && (signals.derived && too_few() || by_flights && scatter::comes_and_goes(signals, span))
    {
        return Some(Rejection::Unclear);
    }
    // Under a constant load, a thread without a pause or a queue of first requests shows a limit, even
    // if the limit is higher at another time. So do requests of a rate that are left behind.
    let shown =
        signals.steady && (busy || burst_in(signals, span)) || is_left_behind(signals, span);
    if !shown && slow_phase(signals, span) && !began_with_load(signals, span) {
        return Some(Rejection::SlowPhase);
    }
    if !shown && is_served_elsewhere(signals, span) {
        return Some(Rejection::Outpaced);
    }
    // The first row of a load that stands still may have fewer requests than the others.
    let flat = !signals.steady && elasticity(signals, span).is_some();
    if signals.axis == Axis::Rate && !flat && unserved(signals, span) < UNSERVED {
        let Some(early) = piles_up(signals, span) else { return Some(Rejection::Served) };
        // A queue that empties at the limit shows the level of the seconds before.
        let drained = middle(&signals.goodput, &(early.end..span.end));
        if drained >= HIGHER * middle(&signals.goodput, &early) {
            return Some(Rejection::PiledUp { until: early.end });
        }
    }
    None
}

/// Returns true when the busiest thread had work all the time in most seconds. `busy` has the share of each
/// second.
pub(super) fn is_busy(busy: &[f64], span: &Range<usize>) -> bool {
    middle(busy, span) >= BUSY
}

/// Share of the requests of the row before from which the last row of a table may be one that a test covers in part.
const PART: f64 = 0.5;

/// Returns true for a stretch within the last row of a table with rows of many seconds, or with less than a row
/// behind the first one. These two rows have the requests of a part of their time, so that their rates are too low.
fn is_end_row(signals: &Signals, span: &Range<usize>) -> bool {
    let row_s = signals.pooled_s;
    let end = signals.goodput.len();
    let is_first = span.start < row_s && span.end < 2 * row_s;
    // Signals are averages over the length of a row, so a last row with few requests seems to begin earlier.
    let is_part = end > row_s && at(&signals.ok, end - 1) < PART * at(&signals.ok, end - 1 - row_s);
    let early_s = if is_part { row_s / 2 } else { 0 };
    !signals.by_request
        && row_s > POOLED_SECONDS
        && (is_first || span.start + row_s + early_s >= end)
        && end >= 3 * row_s
}

/// Returns true for a stretch that is shorter than a row of a table. Its ends lie between the middles of rows
/// that differ, and no row is within it.
fn is_less_than_a_row(signals: &Signals, span: &Range<usize>) -> bool {
    !signals.by_request && signals.pooled_s > POOLED_SECONDS && span.len() < signals.pooled_s
}

/// Returns true for a few rows of a table with late answers, whose users sent about as often as at rest. The requests
/// waited before, while the system stood still.
fn answers_a_stall(signals: &Signals, span: &Range<usize>) -> bool {
    let cycles = span.clone().map(|second| at(&signals.users, second) / at(&signals.ended, second));
    signals.pooled_s > POOLED_SECONDS
        && span.len() <= STALL_ROWS * signals.pooled_s
        && signals.table_cycle_s.zip(median(cycles)).is_some_and(|(rest_s, s)| s < STANDS * rest_s)
}

/// Returns true when far more requests of a rate are wanted than answered up to the greatest backlog of a stretch, and
/// the system does not stand still: they pile up, or are dropped.
fn is_left_behind(signals: &Signals, span: &Range<usize>) -> bool {
    // It is only computed for a stretch with the other signs, because it looks at the whole test.
    let most = || signals.goodput.iter().copied().fold(0.0, f64::max);
    let early = span.start..greatest_backlog(signals, span).0;
    signals.axis == Axis::Rate
        && early.len() >= LEFT_BEHIND_S
        && unserved(signals, &early) >= HIGHER
        && middle(&signals.goodput, span) >= WORKS * most()
}

/// Returns true when more requests of a rate are wanted than answered in the whole test, and the rate was about as high
/// in most of it. No second then shows the system below its limit.
pub(super) fn is_left_behind_from_the_start(signals: &Signals) -> bool {
    let high = signals.load.iter().copied().fold(0.0, f64::max);
    let low = quantile(signals.load.iter().copied(), 0.25).unwrap_or_default();
    let whole = 0..signals.load.len();
    signals.axis == Axis::Rate
        && low >= ABOUT_AS_HIGH * high
        && unserved(signals, &whole) >= UNSERVED
}

/// Returns true for a stretch in which a constant load begins with a queue of first requests.
pub(super) fn burst_in(signals: &Signals, span: &Range<usize>) -> bool {
    let begun = signals.ended.iter().position(|rate| *rate > 0.0).unwrap_or_default();
    signals.burst.is_some() && span.start <= begun + BEGINS
}

/// Returns the factor by which a stretch may be greater by chance, where a test has few answers.
fn chance(signals: &Signals, span: &Range<usize>) -> f64 {
    let answers = part(&signals.ended, span).iter().sum::<f64>();
    if signals.few_answers { 1.0 + SURELY_NO_CHANCE / answers.sqrt() } else { 1.0 }
}

/// Returns true when users wait far longer between two requests than at rest, and hardly longer for
/// their answers. They then wait in the load generator. A table has both times.
pub(super) fn waits_elsewhere(signals: &Signals, span: &Range<usize>) -> bool {
    let cycles = span.clone().filter_map(|second| {
        let (users, rate) = (at(&signals.users, second), at(&signals.ended, second));
        (users > 0.0 && rate > 0.0).then(|| users / rate)
    });
    signals.table_cycle_s.zip(median(cycles)).is_some_and(|(rest_s, cycle_s)| {
        let later_s = (middle(&signals.table_slower, span) - 1.0) * signals.rest_s;
        cycle_s >= CLEARLY * rest_s && later_s < OF_WAITS * (cycle_s - rest_s)
    })
}

/// Returns the seconds up to the greatest backlog of a stretch whose requests were all served in the
/// end, when clearly more were wanted than served until then. They begin with the stretch, or with the seconds in
/// which the backlog grows by more than chance.
fn piles_up(signals: &Signals, span: &Range<usize>) -> Option<Range<usize>> {
    let (end, _) = greatest_backlog(signals, span);
    let clear =
        |early: &Range<usize>| early.len() >= PILES_S && unserved(signals, early) >= PILED_UP;
    let whole = span.start..end;
    if clear(&whole) {
        return Some(whole);
    }
    let growth = |second| (at(&signals.unserved, second) - 1.0) * at(&signals.goodput, second);
    let mut backlog = 0.0;
    let mut answers = 0.0;
    let from = whole.rev().find(|&second| {
        backlog += growth(second);
        answers += at(&signals.ended, second);
        clear(&(second..end)) && backlog >= GROWS * answers.sqrt()
    });
    from.map(|from| from..end)
}

/// Returns the end of the seconds up to the greatest backlog of a stretch, and the number of its requests.
pub(super) fn greatest_backlog(signals: &Signals, span: &Range<usize>) -> (usize, f64) {
    let (mut backlog, mut most, mut end) = (0.0, 0.0, span.start);
    for second in span.clone() {
        backlog += (at(&signals.unserved, second) - 1.0) * at(&signals.goodput, second);
        if backlog > most {
            (most, end) = (backlog, second + 1);
        }
    }
    (end, most)
}

/// Returns the number of wanted requests that would succeed at rest, divided by the number of
/// successful answers.
pub(super) fn unserved(signals: &Signals, span: &Range<usize>) -> f64 {
    let sum = |of: &[f64]| part(of, span).iter().sum::<f64>();
    let wanted: f64 = span
        .clone()
        .map(|second| at(&signals.unserved, second).max(0.0) * at(&signals.goodput, second))
        .sum();
    wanted / sum(&signals.goodput).max(1e-9)
}

/// Returns true when the load jumped as the stretch began, and answers were as fast as at rest
/// before. The load was then the reason, even if the same load got more answers later: a system can
/// get more capacity during a test.
fn began_with_load(signals: &Signals, span: &Range<usize>) -> bool {
    // An average over a row of a table has the seconds of the row beside it.
    let row =
        if signals.pooled_s > POOLED_SECONDS { signals.pooled_s + signals.pooled_s / 2 } else { 0 };
    let Some(last) = span.start.checked_sub(REST_BEFORE_JUMP.end.max(row + 1)) else {
        return false;
    };
    let load = middle(&signals.load, span);
    (last..last + REST_BEFORE_JUMP.len())
        .all(|second| is_calm(signals, second) && load >= JUMP * at(&signals.load, second))
}

/// Returns true for a second with a load whose answers succeed, and are as fast as at rest.
fn is_calm(signals: &Signals, second: usize) -> bool {
    at(&signals.load, second) > 0.0
        && at(&signals.goodput, second) > 0.0
        && at(&signals.stretch, second) < STRETCHED
        && at(&signals.slower, second) < if signals.by_request { SLOWER } else { QUEUED }
}

/// Returns true when calm seconds at other times of the test had about as many answers, or more. The
/// goodput of the stretch is then perhaps not the limit. The load does not show this where it is
/// computed from durations. Seconds directly before the stretch in which answers become later and
/// later do not count: a queue grows there. Where answers do not become later from the beginning of
/// the test on, these seconds show that the system can give as many answers in time.
fn outpaced(signals: &Signals, span: &Range<usize>) -> bool {
    let level = AS_MANY * middle(&signals.goodput, span);
    let all = signals.calm.partition_point(|goodput| *goodput >= level);
    let many = |second: &usize| at(&signals.goodput, *second) >= level;
    // A few seconds with fewer answers are chance.
    let onset = (0..span.start).rev().filter(many);
    let onset = onset.fold(span.start, |from, second| match from - second <= CHANCE_S {
        true => second,
        false => from,
    });
    let onset = onset..span.start;
    let third = onset.len() / 3;
    let (early, late) = (onset.start..onset.start + third, onset.end - third..onset.end);
    let grows = third > 0
        && middle(&signals.slower, &late) >= QUEUE_GROWS * middle(&signals.slower, &early);
    let enough = SHORTEST.max(span.len() / 4);
    let stands =
        third > 0 && middle(&signals.slower, &late) <= STANDS * middle(&signals.slower, &early);
    let in_time = onset.clone().filter(many);
    let in_time = in_time.filter(|second| at(&signals.slower, *second) < QUEUED);
    let begun = signals.ended.iter().position(|rate| *rate > 0.0).unwrap_or_default();
    let from_start = onset.start <= begun + SHORTEST;
    if from_start && stands && in_time.count() >= SHORTEST.max(span.len() / 2) {
        return true;
    }
    let from = if grows { onset.start } else { span.start };
    let within =
        (from..span.end).filter(|second| many(second) && at(&signals.slower, *second) < CALMER);
    // At a limit, no second within the stretch has fast answers and clearly more of them. A limit
    // may fall when requests fail.
    let inner = span.start + span.len() / 4..span.end - span.len() / 8;
    let more = inner.filter(|&second| {
        signals.rest_failing <= 0.0
            && at(&signals.slower, second) < CALMER
            && AS_MANY * at(&signals.goodput, second) >= SURELY_MORE * level
    });
    // A limit does not give far more answers at other times, and hardly later ones.
    let limit_slower = middle(&signals.slower, span);
    let higher = (0..signals.goodput.len()).filter(|second| {
        !span.contains(second)
            && at(&signals.goodput, *second) >= HIGHER * level / AS_MANY
            && at(&signals.slower, *second) <= limit_slower
    });
    // The seconds before had far more answers in time: something else than a limit holds the later ones back.
    let served = (0..span.start).filter(|&second| {
        at(&signals.goodput, second) >= HIGHER * level / AS_MANY
            && at(&signals.slower, second) < CALMER
    });
    all - within.count().min(all) >= enough
        || served.count() >= SHORTEST.max(signals.pooled_s)
        || more.count() >= CALM_WITHIN
        || higher.count() >= enough
}

/// Returns true when answers became clearly later within the stretch, and goodput did not grow.
fn drifts(signals: &Signals, span: &Range<usize>) -> bool {
    let high = part(&signals.load, span).iter().copied().fold(0.0, f64::max);
    let peak = span.clone().rfind(|&second| at(&signals.load, second) >= 0.9 * high);
    let third = peak.map_or(0, |peak| peak + 1 - span.start) / 3;
    let early = span.start..span.start + third;
    let late = span.start + 2 * third..span.start + 3 * third;
    let growth = |of: &[f64]| middle(of, &late) / middle(of, &early);
    third >= SHORTEST
        && growth(&signals.slower) >= DRIFTS
        && growth(&signals.goodput) <= 1.0 + FLAT * (DRIFTS - 1.0) / 2.0
}

/// Returns true when about the same load, or more, got more successful answers at other times of the
/// test without a limit.
fn slow_phase(signals: &Signals, span: &Range<usize>) -> bool {
    let level = middle(&signals.goodput, span);
    // Seconds without a limit are those with many answers, also by chance. A mean of few answers varies.
    let answers = level * signals.pooled_s as f64;
    let by_chance = if signals.few_answers { BY_CHANCE / answers.max(1.0).sqrt() } else { 0.0 };
    let more = MORE + by_chance;
    at_other_times(signals, span).is_some_and(|other| other > more * level)
}

/// Returns the median goodput of about the same load, or more, at other times of the test without a limit. Returns
/// `None` for too few such seconds.
pub(super) fn at_other_times(signals: &Signals, span: &Range<usize>) -> Option<f64> {
    let load = middle(&signals.load, span);
    let enough = signals.free.partition_point(|&second| at(&signals.load, second) >= 0.8 * load);
    let enough = signals.free.get(..enough).unwrap_or_default();
    // A long test has many plateaus, and each is compared with these seconds.
    let step = enough.len() / MOST_COMPARED + 1;
    let others = enough.iter().step_by(step).filter(|second| !span.contains(second));
    let others: Vec<f64> = others.map(|&second| at(&signals.goodput, second)).collect();
    if others.len() >= SHORTEST { median(others) } else { at_rest_under_this_load(signals, span) }
}

/// Largest difference between two numbers of users that are the same load, as a share.
const ALIKE: f64 = 0.05;

/// Returns true when the users of a stretch got about as many answers in other seconds, in which these were as fast as at
/// rest: they keep a pace, and throughput is not held back.
fn is_served_elsewhere(signals: &Signals, span: &Range<usize>) -> bool {
    let (load, level) = (middle(&signals.load, span), middle(&signals.goodput, span));
    let others = signals.free.iter().filter(|second| {
        !span.contains(second) && (at(&signals.load, **second) - load).abs() <= ALIKE * load
    });
    let others: Vec<f64> = others.map(|&second| at(&signals.goodput, second)).collect();
    signals.axis == Axis::Vus
        && signals.by_request
        && others.len() >= SHORTEST
        && median(others).is_some_and(|other| (AS_MANY..MORE).contains(&(other / level)))
}

/// Fewest seconds with fast answers that show a constant load to be no reason for late ones.
const FAST_S: usize = 2;

/// Returns the median goodput of a few other seconds in which a load that stood still had answers as fast as at rest, and
/// clearly more of them. A queue that this load makes would be there in most of the test.
fn at_rest_under_this_load(signals: &Signals, span: &Range<usize>) -> Option<f64> {
    let (load, level) = (middle(&signals.load, span), middle(&signals.goodput, span));
    let more = HIGHER * level + BY_CHANCE * level.sqrt();
    let is_fast = |second: &usize| {
        !span.contains(second)
            && at(&signals.alone, *second) < STRETCHED
            && at(&signals.own_load, *second) >= ABOUT_AS_HIGH * load
            && at(&signals.ok, *second) >= more
    };
    let shown = signals.axis == Axis::Vus && signals.by_request && signals.steady;
    let fast = (0..signals.ok.len()).filter(|second| shown && is_fast(second));
    let fast: Vec<f64> = fast.map(|second| at(&signals.ok, second)).collect();
    if fast.len() >= FAST_S {
        median(fast)
    } else {
        before_it_fell(signals, span).filter(|_| shown)
    }
}

/// Returns the median goodput in the first third of a stretch, when it is clearly higher than in the last third.
fn before_it_fell(signals: &Signals, span: &Range<usize>) -> Option<f64> {
    let third = span.len() / 3;
    let early = middle(&signals.goodput, &(span.start..span.start + third));
    let late = middle(&signals.goodput, &(span.end - third..span.end));
    (early >= HIGHER * late + BY_CHANCE * late.sqrt()).then_some(early)
}
