//! Turns seconds into a plateau with its grade, its evidence and its knee.

use super::hinge::Hinge;
use super::model::{Evidence, Grade, Knee, Options, Plateau, Spread, Statistic, Window};
use super::pool::POOLED_SECONDS;
use super::rows::CALMER;
use super::seen::{BELOW, goes_away, rest_seen};
use super::signals::{FLAT, SEARCHED, SHORTEST, SLOWER, STRETCHED, Signals};
use super::{judge, window};
use crate::series::{Axis, Series};
use crate::stats::{median, quantile};
use crate::timeline::Timeline;

/// Half the width of a knee's interval, as a share of the knee, when the ramp shows the knee. Noise
/// and the round bend need this room.
const SEEN: f64 = 0.12;
/// Half the width of a knee's interval, as a share of the knee, when it is computed from durations.
const WORKED_OUT: f64 = 0.15;
/// Ratio of durations to those at rest from which the evidence lists the durations.
const LATER_STRETCH: f64 = 1.05;
/// Ratio of wanted to served requests from which the evidence lists the requests.
const UNSERVED: f64 = 1.05;
/// Seconds of a plateau in which goodput may still be as high as at the knee.
const KNEE_SECONDS: usize = 3;
/// Ratio of the pauses outside of a plateau to those within, from which the number of users is not
/// the number of users who send. Pauses do not depend on the load.
const LONGER: f64 = 3.0;
/// Room for the difference between users and requests under way at rest, as a share of the requests.
const UNDER_WAY_ROOM: f64 = 0.3;
/// One of so many seconds at rest may lie beside a jump of the load.
const BESIDE_A_JUMP: usize = 4;
/// Growth of goodput over growth of load under which goodput counts as falling.
const FALLS: f64 = -0.15;

/// Builds the plateau above a knee that the ramp shows.
pub(super) fn of_hinge(
    timeline: &Timeline,
    series: &Series,
    signals: Option<&Signals>,
    hinge: &Hinge,
    window: Window,
    options: &Options,
) -> Plateau {
    let mut plateau = window::describe(timeline, series, window, options);
    plateau.grade = Grade::Knee;
    // Users are whole numbers.
    let whole = if series.axis == Axis::Vus { 0.5 } else { 0.0 };
    let (low, high) = (hinge.knee.min(hinge.level_knee), hinge.knee.max(hinge.level_knee));
    let whole = whole + within_a_row(timeline, series, window);
    let knee = Knee { low: (1.0 - SEEN) * low - whole, high: (1.0 + SEEN) * high + whole };
    plateau.knee = Some(Knee { low: knee.low.max(0.0), ..knee });
    plateau.capacity_rps = Some(hinge.a * hinge.knee);
    plateau.retrograde = hinge.b < -0.02 * hinge.a;
    plateau.evidence.push(Evidence::Flat { elasticity: hinge.b / hinge.a });
    if let Some(signals) = signals {
        // The hinge has the seconds in which the greatest load stood still, too.
        let growth = judge::growth(signals, &(window.from..window.to));
        plateau.retrograde &= growth.is_some_and(|(slope, error)| slope + error < 0.0);
        see(&mut plateau, signals, options);
    }
    plateau
}

/// Returns the change of the load within a row of a table, or a second, at the start of a window. Its users may be those
/// at its start or at its end. A rate is that of the whole time.
fn within_a_row(timeline: &Timeline, series: &Series, window: Window) -> f64 {
    let row_s = (timeline.resolution_s as usize).max(1);
    let from = window.from.saturating_sub(series.first);
    let load = |at: usize| series.load.get(at).or(series.load.last()).copied().unwrap_or_default();
    let before = load(from) - load(from.saturating_sub(row_s));
    let after = load(from + row_s) - load(from);
    let is_moment = row_s > 1 || series.axis == Axis::Vus;
    if is_moment { before.abs().max(after.abs()) } else { 0.0 }
}

/// Builds the plateau of a saturated stretch.
pub(super) fn of_span(
    timeline: &Timeline,
    series: &Series,
    signals: &Signals,
    window: Window,
    options: &Options,
) -> Plateau {
    let mut plateau = window::describe(timeline, series, window, options);
    let span = window.from..window.to;
    let slope = judge::elasticity(signals, &span);
    if let Some((elasticity, _)) = slope.filter(|(slope, _)| *slope <= FLAT) {
        plateau.evidence.push(Evidence::Flat { elasticity });
    }
    // The averages of seconds beside each other have the same answers.
    let together = signals.pooled_s.max(POOLED_SECONDS) as f64 / POOLED_SECONDS as f64;
    let growth = judge::growth(signals, &span);
    plateau.retrograde =
        growth.is_some_and(|(slope, error)| slope + error * together.sqrt() < FALLS);
    see(&mut plateau, signals, options);
    let within = signals.load.get(window.from..window.to).unwrap_or_default();
    let load = within.iter().copied().fold(0.0, f64::max);
    let least = window.from.checked_sub(1).and_then(|last| signals.least_load.get(last));
    let grew = least.is_some_and(|least| *least < 0.7 * load);
    let wanted = plateau.evidence.iter().any(|one| matches!(one, Evidence::Unserved { .. }));
    plateau.grade = match () {
        () if signals.axis == Axis::Rate && wanted => Grade::Offered,
        () if (slope.is_some() || grew) && !signals.steady => Grade::Saturated,
        () => Grade::Held,
    };
    let begins = judge::burst_in(signals, &span);
    if let Some(burst) = signals.burst.filter(|_| plateau.grade == Grade::Held && begins) {
        let (requests, rps) = (burst.requests, burst.rps);
        plateau.evidence.push(Evidence::FirstBurst { requests, rps });
    }
    // With a constant load, no second shows how fast the system is at rest.
    plateau.rest_seen = (plateau.grade != Grade::Held || goes_away(signals, window))
        && !signals.rest_queued
        && rest_seen(signals, window, plateau.level_rps);
    let least_s = if plateau.rest_seen { signals.least_rest_s } else { 0.0 };
    plateau.knee = knee(signals, window, plateau.level_rps, least_s);
    plateau
}

/// Adds the knee in requests a second to each plateau of a test whose users may be those of an arrival rate.
pub(super) fn add_rates(all: &mut [Plateau]) {
    for plateau in all.iter_mut().filter(|plateau| plateau.axis == Axis::Vus) {
        let Spread { low, high } = plateau.goodput;
        plateau.knee_of_rate = Some(Knee { low: 0.9 * low, high: 1.1 * high });
    }
}

/// Adds the limit before to each plateau that begins as another one ends, when the two differ.
pub(super) fn compare_limits(all: &mut [Plateau]) {
    let mut earlier: Option<(usize, f64)> = None;
    for plateau in all {
        let rps = plateau.within.rps;
        if let Some((end, earlier_rps)) = earlier
            && plateau.window.from <= end + KNEE_SECONDS
            && earlier_rps.max(rps) >= judge::HIGHER * earlier_rps.min(rps)
        {
            plateau.evidence.push(Evidence::OtherLimit { earlier_rps });
        }
        earlier = Some((plateau.window.to, rps));
    }
}

/// Returns the seconds from the first load on to the end of a window, when goodput was at the level of the
/// window from the beginning. No second then shows the knee that a hinge was fitted to.
pub(super) fn from_the_start(signals: &Signals, window: Window) -> Option<Window> {
    let level = middle(&signals.goodput, window);
    let begin =
        signals.load.iter().zip(&signals.goodput).position(|(x, y)| *x > 0.0 && *y > 0.0)?;
    // The first second is not whole.
    let earlier = signals.goodput.get(begin + 1..window.from)?;
    let lowest = earlier.iter().copied().fold(f64::INFINITY, f64::min);
    // A system with as many fast answers is not at its limit, unless all users wait for them.
    let early = begin + 1..window.from;
    let waiting = signals.in_flight.get(early.clone()).unwrap_or_default().iter().sum::<f64>();
    let users = signals.load.get(early.clone()).unwrap_or_default().iter().sum::<f64>();
    let is_held = early.is_empty()
        || waiting >= ALL_WAIT * users
        || middle(&signals.slower, Window { from: early.start, to: early.end }) >= SLOWER;
    let shown = signals.axis == Axis::Vus && lowest >= BELOW * level && is_held;
    shown.then_some(Window { from: begin, ..window })
}

/// Builds the plateau of a test that was at its limit from the first second on, although the load grew. The
/// limit is no higher than the least load.
pub(super) fn of_start(
    timeline: &Timeline,
    series: &Series,
    signals: &Signals,
    window: Window,
    options: &Options,
) -> Plateau {
    let mut plateau = of_span(timeline, series, signals, window, options);
    let least = signals.load.get(window.from..window.to).unwrap_or_default();
    let least = least.iter().copied().filter(|load| *load > 0.0).fold(f64::INFINITY, f64::min);
    if let Some(knee) = plateau.knee.filter(|knee| !plateau.rest_seen && least < knee.high) {
        plateau.knee = Some(Knee { low: knee.low.min(least), high: least.max(1.0) });
    }
    plateau
}

fn middle(of: &[f64], window: Window) -> f64 {
    let part = of.get(window.from..window.to).unwrap_or_default();
    median(part.iter().copied()).unwrap_or_default()
}

fn mean(of: &[f64], window: Window) -> f64 {
    let part = of.get(window.from..window.to).unwrap_or_default();
    part.iter().sum::<f64>() / part.len().max(1) as f64
}

/// Adds the measured evidence.
fn see(plateau: &mut Plateau, signals: &Signals, options: &Options) {
    let window = plateau.window;
    let rest_ms = 1e3 * signals.bare_rest_s;
    plateau.statistic = signals.statistic;
    // The mean of the table. A file without one shows requests in flight for each answer instead.
    let is_mean = signals.statistic == Statistic::Mean;
    let told = Some(plateau.within.mean_ms).filter(|ms| is_mean && ms.is_finite());
    let within_ms =
        told.unwrap_or(1e3 * mean(&signals.waiting, window) / mean(&signals.answers, window));
    if within_ms.is_finite() {
        plateau.rest_ms = Some(rest_ms);
        plateau.stretch = Some(within_ms / rest_ms);
        if within_ms >= LATER_STRETCH * rest_ms {
            plateau.evidence.push(Evidence::Slower { rest_ms, within_ms });
        }
    }
    if signals.axis == Axis::Vus {
        let times = middle(&signals.stretch, window);
        // Users who begin at a fixed pace would send no faster than at rest.
        let pace_s = pause_s(signals, window).and_then(|pause_s| pace_s(signals, window, pause_s));
        let most = pace_s.and_then(|pace_s| {
            let all = 1.0 - signals.rest_failing;
            let seconds = signals.load.iter().zip(&signals.goodput);
            let seconds = seconds.take(window.to).skip(window.from).filter(|(_, ok)| **ok > 0.0);
            median(seconds.map(|(x, ok)| all * x / f64::midpoint(pace_s.low, pace_s.high) / ok))
        });
        let times = most.filter(|most| *most >= 1.0).map_or(times, |most| times.min(most));
        plateau.evidence.push(Evidence::Stretched { times });
    }
    let within = plateau.within.error_rate;
    if within > (3.0 * signals.rest_failing).max(0.01) {
        plateau.evidence.push(Evidence::FailureShare { rest: signals.rest_failing, within });
    }
    let unserved = judge::unserved(signals, &(window.from..window.to));
    if signals.axis == Axis::Rate && unserved >= UNSERVED || plateau.dropped > 0.0 {
        let served_rps = plateau.within.rps;
        plateau.evidence.push(Evidence::Unserved {
            wanted_rps: mean(&signals.wanted, window),
            served_rps,
            dropped: plateau.dropped,
        });
    }
    let busy =
        options.busy.as_deref().filter(|busy| judge::is_busy(busy, &(window.from..window.to)));
    if let Some(busy) = busy {
        // This is the share of all time of the plateau, as in the verdict. A median would leave idle
        // seconds out.
        let part = busy.get(window.from..window.to).unwrap_or_default();
        let known = || part.iter().filter(|share| share.is_finite());
        let share = known().sum::<f64>() / known().count() as f64;
        plateau.evidence.push(Evidence::Busy { share });
    }
}

/// Returns the load that would just reach the level with the durations at rest. By Little's law, that
/// number of users is level times (duration at rest + think time). A wanted rate is the goodput itself.
/// Returns `None` when the load is the requests in flight, and when no number of users shows it.
fn knee(signals: &Signals, window: Window, level: f64, least_s: f64) -> Option<Knee> {
    if signals.axis == Axis::InFlight {
        return None;
    }
    if signals.axis == Axis::Rate {
        let part = |q| {
            let part = signals.goodput.get(window.from..window.to).unwrap_or_default();
            quantile(part.iter().copied(), q).unwrap_or(level)
        };
        // Where requests fail, most seconds may have fewer answers than the limit.
        let fails = middle(&signals.failing, window) > (3.0 * signals.rest_failing).max(0.01);
        let high = part(if fails { 1.0 } else { 0.9 });
        let low = part(0.1).max(served_at_rest(signals, window)).min(high);
        return Some(Knee { low: 0.9 * low, high: 1.1 * high });
    }
    let pause_s = pause_s(signals, window)?;
    if signals.steady && is_stuck(signals, window, pause_s) {
        return None;
    }
    // A pause of pacing is shorter when answers are late: at rest, it is that of the seconds at rest.
    let pace_s = pace_s(signals, window, pause_s);
    let (pauses_s, rest_cycle_s) = match pace_s {
        _ if never_pause(signals) => (Spread::default(), None),
        Some(Spread { low, high }) => {
            let pauses_s = Spread { low: low - signals.rest_s, high: high - signals.rest_s };
            (pauses_s, signals.rest_cycle_s)
        }
        None => (Spread { low: pause_s, high: pause_s }, signals.rest_cycle_s),
    };
    // When goodput falls with the load, the limit at the knee was higher than the level.
    let part = signals.goodput.get(window.from..window.to).unwrap_or_default();
    let peak = quantile(part.iter().copied(), 0.9).unwrap_or(level);
    let earlier =
        signals.best_goodput.get(window.from + KNEE_SECONDS - 1).copied().unwrap_or_default();
    let peak = peak.max(level).max(earlier);
    // Requests that fail at rest, too, are sent like the others.
    let all = 1.0 / (1.0 - signals.rest_failing).max(0.1);
    let at = |rest_s: f64, pause_s: f64, rps: f64, cycle_s: Option<f64>| match cycle_s {
        Some(cycle_s) => all * rps * cycle_s,
        None => all * rps * (rest_s + pause_s),
    };
    let least_cycle_s = rest_cycle_s.and(signals.least_cycle_s);
    let knee = Knee {
        low: match rest_cycle_s {
            // Without a second at rest, the shortest cycle of the test is no lower bound.
            Some(_) if least_s <= 0.0 => 0.0,
            _ => (1.0 - WORKED_OUT) * at(least_s, pauses_s.low, level, least_cycle_s),
        },
        high: (1.0 + WORKED_OUT) * at(signals.rest_s, pauses_s.high, peak, rest_cycle_s),
    };
    (knee.low.is_finite() && knee.high > 0.0).then_some(knee)
}

/// Standard deviations of chance (Poisson) by which a rate may be greater for some seconds.
const BY_CHANCE: f64 = 2.0;

/// Returns the greatest rate that was wanted before a window over five seconds with answers as fast as at rest, without
/// what chance may add; 0 when there are no such seconds. The limit is above it.
fn served_at_rest(signals: &Signals, window: Window) -> f64 {
    let get = |of: &[f64], at: usize| of.get(at).copied().unwrap_or_default();
    let is_calm = |at: &usize| {
        get(&signals.alone, *at) < STRETCHED
            && get(&signals.slower, *at) < SLOWER
            && get(&signals.failing, *at) <= signals.rest_failing
    };
    let calm: Vec<usize> = (0..window.from).filter(is_calm).collect();
    let runs = calm.chunk_by(|a, b| a + 1 == *b).flat_map(|run| run.windows(SHORTEST));
    let rates = runs.map(|run| {
        let wanted: f64 = run.iter().map(|at| get(&signals.wanted, *at)).sum();
        (wanted - BY_CHANCE * wanted.sqrt()) / run.len() as f64
    });
    rates.fold(0.0, f64::max)
}

/// Seconds at rest, and their requests, from which they show the time between two requests of a user.
const CALM_S: usize = 2;
const CALM_REQUESTS: f64 = 100.0;
/// Growth of the time between two requests of a user at rest, beside that by the pauses in a plateau, from which users keep
/// a pace.
const PACED: f64 = 1.25;
/// Share of the users who wait for an answer when they do not pause.
const ALL_WAIT: f64 = 0.7;

/// Returns the median pause of a user in a window, by Little's law.
fn pause_s(signals: &Signals, window: Window) -> Option<f64> {
    let is_known = |at: &usize| signals.users_known.get(*at) == Some(&true);
    let pauses = (window.from..window.to).filter(is_known).filter_map(|at| {
        let pausing = signals.load.get(at)? - signals.in_flight.get(at)?;
        Some(pausing.max(0.0) / signals.ended.get(at).filter(|rate| **rate > 0.0)?)
    });
    median(pauses)
}

/// Returns bounds of the time between two requests of a user at rest, when users keep a pace: they pause for `pause_s` in
/// a window, and clearly longer before it, or after the first answers to a constant load.
fn pace_s(signals: &Signals, window: Window, pause_s: f64) -> Option<Spread> {
    let least = PACED * (pause_s + signals.rest_s);
    let of_first = || signals.burst.and_then(|burst| burst.cycle_s);
    // Users who begin one after another, or who pause for other times, send their second requests later or sooner.
    let first =
        || of_first().map(|cycle_s| Spread { low: pause_s + signals.rest_s, high: cycle_s });
    let calm = calm_cycle_s(signals, window).filter(|cycle_s| cycle_s.low >= least);
    calm.or_else(|| first().filter(|cycle_s| cycle_s.high >= least))
}

/// Returns bounds of the time between two requests of a user in the seconds with fast answers before a plateau, where the
/// input has each request. A user who begins sends a request at once, so that users who begin within a second count as
/// those of half of it, or of all of it.
fn calm_cycle_s(signals: &Signals, window: Window) -> Option<Spread> {
    let get = |of: &[f64], at: usize| of.get(at).copied().unwrap_or_default();
    // The users of a second are those at its end.
    let last = window.from.saturating_sub(1);
    let calm = (last.saturating_sub(SEARCHED).max(2)..last).filter(|at| {
        get(&signals.load, *at) >= 1.0
            && get(&signals.alone, *at) < STRETCHED
            && get(&signals.slower, *at) < SLOWER
            && signals.users_known.get(*at) == Some(&true)
    });
    let sums = calm.fold((0, Spread::default(), 0.0), |(count, users, requests), at| {
        let (before, now) = (get(&signals.load, at - 1), get(&signals.load, at));
        let mean = f64::midpoint(before, now);
        let users = Spread { low: users.low + mean, high: users.high + mean.max(now) };
        (count + 1, users, requests + get(&signals.ended, at))
    });
    let (count, users, requests) = sums;
    let is_enough = signals.by_request && count >= CALM_S && requests >= CALM_REQUESTS;
    is_enough.then(|| Spread { low: users.low / requests, high: users.high / requests })
}

/// Returns true when the users of a table wait for answers all the time at rest: they have no pauses, or are the requests
/// under way of an arrival rate. Rows of many seconds then show no time between two requests of a user.
fn never_pause(signals: &Signals) -> bool {
    let calm =
        signals.table_slower.iter().enumerate().filter(|(at, slower)| {
            **slower < CALMER && signals.users_known.get(*at) == Some(&true)
        });
    let get = |of: &[f64], at: usize| of.get(at).copied().unwrap_or_default();
    let each = calm.map(|(at, slower)| {
        (get(&signals.users, at), get(&signals.ended, at) * slower * signals.rest_s)
    });
    let mut each: Vec<(f64, f64)> = each.filter(|(_, waiting)| *waiting > 0.0).collect();
    // Averages beside a jump of the load have users of both sides.
    each.sort_by(|a, b| a.0.total_cmp(&b.0));
    each.truncate(each.len() - each.len() / BESIDE_A_JUMP);
    let users: f64 = each.iter().map(|one| one.0).sum();
    let waiting: f64 = each.iter().map(|one| one.1).sum();
    // Users are whole numbers.
    each.len() >= POOLED_SECONDS
        && users <= (1.0 + UNDER_WAY_ROOM) * waiting + 0.5 * each.len() as f64
}

/// Returns true when the users' pauses before and after a plateau are far longer than within,
/// although their number stands still: so it is not the number of users who send. `pause_s` is the
/// pause within.
fn is_stuck(signals: &Signals, window: Window, pause_s: f64) -> bool {
    let pause = |at: usize| {
        let pausing = signals.load.get(at)? - signals.in_flight.get(at)?;
        let rate = signals.ended.get(at).filter(|rate| **rate > 0.0)?;
        Some(pausing.max(0.0) / rate)
    };
    let others = (0..window.from).chain(window.to..signals.load.len()).filter_map(pause);
    let others: Vec<f64> = others.collect();
    let longer =
        |other_s: f64| other_s > LONGER * (pause_s + signals.rest_s) && other_s > LONGER * pause_s;
    others.len() >= SHORTEST && median(others).is_some_and(longer)
}

/// Returns the duration of the answers in some seconds. The users of a row of a table may be those of
/// its last moment, and fewer than the requests that were under way in it.
fn took_s(signals: &Signals, seconds: impl Iterator<Item = usize>) -> f64 {
    let (mut spent_s, mut answers) = (0.0, 0.0);
    for second in seconds {
        let get = |of: &[f64]| of.get(second).copied().unwrap_or_default();
        let rate = get(&signals.answers);
        answers += rate;
        spent_s += match signals.by_request {
            true => get(&signals.waiting),
            false => rate * signals.rest_s * get(&signals.slower),
        };
    }
    spent_s / answers.max(1e-9)
}

impl Signals {
    /// Returns durations as a multiple of that at rest for a sentence: without the margin for chance that `slower`, a value
    /// of [`Signals::slower`], has for a table.
    pub(super) fn times(&self, slower: f64) -> f64 {
        slower * self.rest_s / self.bare_rest_s
    }
}

/// Summary of the seconds with the greatest load.
pub(super) struct GreatestLoad {
    pub(super) load: f64,
    pub(super) rps: f64,
    /// Mean duration, as a multiple of that at rest.
    pub(super) slower: f64,
    /// Duration of all requests by the statistic of the signals, in seconds.
    pub(super) took_s: f64,
    pub(super) stretch: f64,
    /// The greatest stretch that the rows of a table allow.
    pub(super) most_stretch: f64,
    /// Share of failed requests; `None` when the input does not show failures.
    pub(super) failed: Option<f64>,
    /// True when the load was about this high from the first second on.
    pub(super) steady: bool,
    /// False when only the first or the last row of a table with rows of many seconds has this load.
    pub(super) in_whole_row: bool,
}

impl GreatestLoad {
    pub(super) fn find(signals: &Signals) -> Self {
        let load = signals.load.iter().copied().fold(0.0, f64::max);
        let those = || {
            (0..signals.load.len())
                .filter(|&at| signals.load.get(at).is_some_and(|&x| x >= 0.9 * load))
        };
        let middle =
            |of: &[f64]| median(those().filter_map(|at| of.get(at).copied())).unwrap_or_default();
        Self {
            load,
            rps: middle(&signals.goodput),
            slower: middle(&signals.slower),
            took_s: took_s(signals, those()),
            stretch: middle(&signals.stretch),
            most_stretch: signals.row_cycle_s.map_or(1.0, |cycle_s| {
                middle(&signals.users) / middle(&signals.ended).max(1e-9) / cycle_s
            }),
            failed: (!signals.failures_unknown).then(|| middle(&signals.failing)),
            steady: signals.steady,
            in_whole_row: {
                let row_s = if signals.by_request { 0 } else { signals.pooled_s };
                let inner = row_s..signals.load.len().saturating_sub(row_s);
                row_s <= POOLED_SECONDS || those().any(|second| inner.contains(&second))
            },
        }
    }
}
