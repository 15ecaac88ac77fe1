//! The knee of a load that ramps slowly enough to see it.

use super::hinge::{self, Hinge};
use super::model::Window;
use super::rows::LONG_ROW_S;
use super::signals::{CLEARLY, Signals, middle};
use super::{grade, judge, window};
use crate::series::{Axis, Series, WITHOUT_USERS, error_rate, users_known};
use crate::stats::{kendall, quantile};
use crate::timeline::Timeline;
use std::ops::Range;

/// Smallest number of seconds above a knee for the hinge.
const SHORTEST: usize = 10;
/// Length of a ramp in seconds. In a shorter one, ranks of 5-s medians cannot be significant.
const SHORT_RAMP: usize = 45;
/// Smallest ratio of p95 to p95 before that is an effect.
pub(super) const SLOWER: f64 = 1.3;
/// Smallest such ratio that needs no rank test: a percentile of 5 s does not double by chance.
const MUCH_SLOWER: f64 = 2.0;

/// Ratio of the greater rates above a knee to the smaller ones, up to which throughput stands still.
const STILL_FLAT: f64 = 1.6;

/// The ramp of a test, as the hinge describes it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ramp {
    /// A knee, and the seconds above it. `short` is true when the ramp is so short that the start
    /// of the queue is known better than the bend.
    /// The load goes away and comes back in some tests: `window` is then the longest stretch above the knee, and
    /// `until` is the second of the series before which the others begin ([`others`]).
    Knee { hinge: Hinge, window: Window, short: bool, until: usize },
    /// Throughput stops growing, but by their 95th percentile answers are as fast as before, and no
    /// more of them fail.
    NothingClimbs(Flat),
}

/// Throughput that stops growing without late or failed answers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flat {
    pub(super) knee: f64,
    pub(super) before_ms: f64,
    pub(super) within_ms: f64,
    /// Share of failed requests above the knee; `None` when the input does not show failures.
    pub(super) failed: Option<f64>,
}

/// Returns the knee of a test and the seconds above it. Returns `None` when the ramp shows no
/// knee.
pub(super) fn find(
    timeline: &Timeline,
    series: &Series,
    signals: Option<&Signals>,
) -> Option<Ramp> {
    if series.axis == Axis::InFlight {
        // This load is computed from throughput, so a bend against throughput means nothing.
        return None;
    }
    // Counts of single seconds show no bend when they are small.
    if signals.is_some_and(|signals| signals.few_answers) {
        return None;
    }
    let (hinge, span, ramp) = knee(series)?;
    if !has_rows(timeline, series, &hinge, ramp) {
        return None;
    }
    if signals.is_some_and(|signals| is_held_back_before(signals, series, &hinge, span.start)) {
        return None;
    }
    let users_known = || {
        let known = users_known(timeline, WITHOUT_USERS);
        known.get(..series.first + ramp).is_some_and(|seconds| seconds.iter().all(|known| *known))
    };
    if series.axis == Axis::Vus && !users_known() {
        return None;
    }
    let window = Window::from_span(series, span);
    let part = |from, to| timeline.seconds.get(from..to).unwrap_or_default();
    // Stretches above the knee may lie before this one.
    let load = series.load.get(..window.from - series.first).unwrap_or_default();
    let begin = load.iter().rposition(|load| *load >= hinge.knee).map_or(0, |last| last + 1);
    let (below, above) = (part(series.first + begin, window.from), part(window.from, window.to));
    let p95 = |seconds| crate::series::percentile(seconds, 0.95);
    let (before, within) = (p95(below), p95(above));
    let end = window.to - series.first;
    let (tau, p) = kendall(
        series.load.get(..end).unwrap_or_default(),
        series.p95.get(..end).unwrap_or_default(),
        5.0,
    );
    let grows = tau > 0.3 && (p < 0.01 || within >= MUCH_SLOWER * before);
    // Before the knee, the percentile may contain a slow start. The system at rest does not.
    let held_back = signals.is_some_and(|signals| {
        let span = window.from..window.to;
        middle(&signals.slower, &span) >= MUCH_SLOWER && middle(&signals.stretch, &span) >= CLEARLY
    });
    let elsewhere =
        signals.is_some_and(|signals| judge::waits_elsewhere(signals, &(window.from..window.to)));
    // Users of another moment of each row bend the line, too.
    let is_coarse = signals.is_some_and(|signals| !signals.moment_known);
    let slower = (within >= SLOWER * before && grows && !is_coarse || held_back) && !elsewhere;
    let by_rows = signals.is_some_and(|signals| !signals.by_request);
    let errors = |seconds| Some(error_rate(seconds)).filter(|rate| !rate.is_nan()).unwrap_or(0.0);
    let failing = errors(above) > (3.0 * errors(below)).max(0.01);
    if slower || failing {
        let window = if by_rows { to_last_row(timeline, series, &hinge, window) } else { window };
        return Some(Ramp::Knee {
            hinge,
            window,
            short: ramp < SHORT_RAMP || is_steep(series, signals, &hinge, window),
            until: ramp,
        });
    }
    // Rows whose users are those of another moment have as many answers as their time, whatever their users.
    let span = window.from - series.first..end;
    let rates = || series.goodput.get(span.clone()).unwrap_or_default().iter().copied();
    let is_flat = quantile(rates(), 0.1)
        .zip(quantile(rates(), 0.9))
        .is_none_or(|(low, high)| high <= STILL_FLAT * low);
    let as_fast =
        within < SLOWER * before && !is_coarse && is_flat && is_surely_passed(series, &hinge);
    let failed = (!timeline.failures_unknown).then(|| errors(above));
    as_fast.then_some(Ramp::NothingClimbs(Flat {
        knee: hinge.knee,
        before_ms: before,
        within_ms: within,
        failed,
    }))
}

/// Growth of the load from the one at which throughput stands on, and the fewest seconds with more load, from which
/// throughput surely stands still.
const STANDS_FROM: f64 = 2.0;
const STANDS_S: usize = 15;
/// Shares of a level between which throughput stands at it.
const LEVEL: Range<f64> = 0.9..1.1;

/// Returns the load from which throughput stands still, in a load of users that goes on to grow to twice as much,
/// although answers are as fast as before. It needs no bend, which rows of many seconds do not show.
pub(super) fn stands(series: &Series, failed: Option<f64>) -> Option<Flat> {
    let high = series.load.iter().copied().fold(0.0, f64::max);
    let with = |least: f64| {
        (0..series.load.len())
            .filter(move |at| series.load.get(*at).is_some_and(|load| *load >= least))
    };
    let rate = |at: usize| series.goodput.get(at).copied();
    let level = quantile(with(0.9 * high).filter_map(rate), 0.5)?;
    let from = series.goodput.iter().position(|rate| *rate >= 0.95 * level)?;
    let knee = series.load.get(from).copied()?;
    let rates: Vec<f64> = with(PASSED * knee).filter_map(rate).collect();
    let at = |q| quantile(rates.iter().copied(), q).map_or(0.0, |rate| rate / level);
    let p95 = |at: usize| series.p95.get(at).copied().filter(|ms| ms.is_finite());
    let before_ms = quantile((0..from).filter_map(p95), 0.5)?;
    let within_ms = quantile(with(PASSED * knee).filter_map(p95), 0.5)?;
    let stands = series.axis == Axis::Vus
        && knee > 0.0
        && high >= STANDS_FROM * knee
        && rates.len() >= STANDS_S
        && LEVEL.contains(&at(0.1))
        && LEVEL.contains(&at(0.9))
        && within_ms < SLOWER * before_ms;
    stands.then_some(Flat { knee, before_ms, within_ms, failed })
}

/// Returns true when the load passed through most of the way to a knee in a few seconds. The users of a second are those at its
/// end, so that so few points show no bend.
fn is_steep(series: &Series, signals: Option<&Signals>, hinge: &Hinge, window: Window) -> bool {
    let load = series.load.get(..window.from.saturating_sub(series.first)).unwrap_or_default();
    let on_the_way = load.iter().rev().take_while(|load| **load >= ON_THE_WAY * hinge.knee);
    // A plateau from the start has no seconds before it.
    let from_start =
        signals.is_some_and(|signals| grade::from_the_start(signals, window).is_some());
    on_the_way.count() < FEWEST_POINTS && !from_start
}

/// Fewest seconds on the way to a knee that show a bend.
const FEWEST_POINTS: usize = 5;

/// Ratio of the greatest load to a knee from which the knee was passed.
const PASSED: f64 = 1.2;

/// Returns true when the greatest load is clearly above a knee, although the number of users of a second is that of one
/// moment of it.
fn is_surely_passed(series: &Series, hinge: &Hinge) -> bool {
    let load = series.load.as_slice();
    let near = load.windows(2).filter_map(|pair| match pair {
        [a, b] if a.min(*b) <= hinge.knee && hinge.knee <= a.max(*b) => Some((b - a).abs()),
        _ => None,
    });
    let within_a_second = near.fold(0.0, f64::max);
    let high = load.iter().copied().fold(0.0, f64::max);
    high >= PASSED * (hinge.knee + within_a_second)
}

/// Share of the fitted goodput from which the last second of a table is a part of the plateau before it.
const SAME_LEVEL: f64 = 0.85;

/// Adds the last second of a table to a window that ends directly before it, when its goodput is that of the plateau.
/// A series has no last second, because in other inputs it is a part of one.
fn to_last_row(timeline: &Timeline, series: &Series, hinge: &Hinge, window: Window) -> Window {
    let is_next = window.to + 1 == timeline.seconds.len();
    let Some(last) = timeline.seconds.get(window.to).filter(|_| is_next) else { return window };
    let load = series.load.last().copied().unwrap_or_default();
    let is_level = !last.missing && last.ok >= SAME_LEVEL * hinge.at(load);
    Window { to: window.to + usize::from(is_level), ..window }
}

/// Fewest rows of a table on each side of a knee. A row in which the load jumps has some goodput between that
/// before and after, and a hinge fits two such rows whatever the system did.
const ROWS: usize = 3;
/// Share of a knee's load from which a row is on the way to it.
const ON_THE_WAY: f64 = 0.25;

/// Returns true when the ramp has enough rows on each side of a knee, or rows are seconds.
fn has_rows(timeline: &Timeline, series: &Series, hinge: &Hinge, ramp: usize) -> bool {
    let row_s = timeline.resolution_s as usize;
    let load = series.load.get(..ramp).unwrap_or_default();
    let rows = |range: Range<f64>| load.iter().filter(|load| range.contains(*load)).count();
    let knee = hinge.knee;
    let least = rows(ON_THE_WAY * knee..knee).min(rows(knee..f64::INFINITY));
    row_s <= LONG_ROW_S || least >= ROWS * row_s
}

/// Smallest share of a knee's load that is near it.
const NEAR_KNEE_SHARE: f64 = 0.5;

/// Returns true when the seconds with a load near the knee, before second `end` of the series, were already
/// held back. Goodput then bends there for another reason: the limit grew.
fn is_held_back_before(signals: &Signals, series: &Series, hinge: &Hinge, end: usize) -> bool {
    let load = series.load.get(..end).unwrap_or_default();
    let near = load.iter().rposition(|load| *load < NEAR_KNEE_SHARE * hinge.knee);
    let near = near.map_or(0, |last| last + 1);
    let before = series.first + near..series.first + end;
    before.len() >= SHORTEST
        && middle(&signals.slower, &before) >= MUCH_SLOWER
        && middle(&signals.stretch, &before) >= CLEARLY
}

/// Returns the knee, and the seconds of the series above it.
fn knee(series: &Series) -> Option<(Hinge, Range<usize>, usize)> {
    let load = &series.load;
    let high = load.iter().copied().fold(0.0, f64::max);
    let ramp = load.iter().rposition(|&x| x >= 0.99 * high).map_or(0, |last| last + 1);
    let (x, y) = (load.get(..ramp)?, series.goodput.get(..ramp)?);
    let low = x.iter().copied().fold(f64::INFINITY, f64::min);
    if high - low < 0.3 * high {
        return None;
    }
    let hinge = hinge::fit(x, y)?;
    let knee = hinge.knee;
    let bends = hinge.a > 0.0 && hinge.better_by >= hinge::EVIDENCE;
    if !bends || hinge.b > hinge::FLAT * hinge.a || high < PASSED * knee {
        return None;
    }
    // Without measurements near the knee, any place between them would fit as well.
    let near = || x.iter().copied().filter(|x| (0.5 * knee..knee).contains(x));
    let spread = near().fold(0.0, f64::max) - near().fold(f64::INFINITY, f64::min);
    let below = x.iter().copied().filter(|&x| x < knee).fold(0.0, f64::max);
    let above = x.iter().copied().filter(|&x| x >= knee).fold(high, f64::min);
    if spread.max(0.0) < 0.2 * knee && above - below > 2.0 {
        return None;
    }
    // The earliest one of equal stretches is the last one that `max_by_key` sees.
    let span = window::spans(series, &hinge, ramp).into_iter().rev().max_by_key(Range::len)?;
    (span.len() >= SHORTEST).then_some((hinge, span, ramp))
}

/// Returns the stretches above the knee of a hinge beside the longest one, `window`, in a load that goes away and
/// comes back. They begin before the second `until` of the series.
pub(super) fn others(series: &Series, hinge: &Hinge, window: Window, until: usize) -> Vec<Window> {
    let spans = window::spans(series, hinge, until).into_iter();
    let others = spans.filter(|span| span.len() >= SHORTEST);
    let others = others.map(|span| Window::from_span(series, span));
    others.filter(|other| !other.overlaps(window)).collect()
}
