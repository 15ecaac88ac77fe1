//! The seconds of a plateau, and totals of these and other seconds.

use super::hinge::Hinge;
use super::model::{
    Basis, FailureCount, Grade, Options, Plateau, Spread, Statistic, Stretch, Window, known,
};
use super::rows::LONG_ROW_S;
use super::signals::SHORTEST;
use crate::flights::SECOND_US;
use crate::series::{Axis, Series};
use crate::stats::{median, quantile, running};
use crate::timeline::{FailureKind, Second, Timeline};
use std::collections::BTreeMap;
use std::ops::Range;

/// Longest dip that does not end a plateau, in seconds: a stall or a restart.
const DIP: usize = 20;
/// Share of the knee's load and of its goodput below which the load has gone away.
const RELIEVED: f64 = 0.9;
/// Fewest seconds in which the load has gone away, that part two plateaus. Goodput is a running median, which hides
/// a second or two of them.
const RELIEF: usize = 3;
/// Share of the fitted goodput below which the last seconds of a plateau are after it: others may still use
/// the numbers of users when a scenario has ended.
const OVER: f64 = 0.1;
/// Most seconds in which a load jumps to the plateau.
const CHANGE: usize = 2;
/// Ratio of a user's wait to the time between two of its requests from which its requests overlap.
const OVERLAPPING: f64 = 1.2;
/// Ratio of the median of goodput to its mean, or of the mean to the median, from which goodput
/// has two levels.
const TWO_LEVELS: f64 = 1.3;
/// Goodput below which a median of the seconds' counts, which are whole numbers, is too coarse.
const WHOLE_COUNTS: f64 = 10.0;

/// Returns the failed requests by kind. The kind that is most frequent within the plateau comes
/// first.
pub(super) fn failing(
    timeline: &Timeline,
    before: Option<Window>,
    within: Window,
) -> Vec<FailureCount> {
    let mut kinds: BTreeMap<FailureKind, FailureCount> = BTreeMap::new();
    let none = |kind| FailureCount { kind, before: 0.0, within: 0.0 };
    for (kind, count) in failures(timeline, within) {
        kinds.entry(kind).or_insert_with(|| none(kind)).within += count;
    }
    for (kind, count) in before.into_iter().flat_map(|before| failures(timeline, before)) {
        kinds.entry(kind).or_insert_with(|| none(kind)).before += count;
    }
    let mut all: Vec<FailureCount> = kinds.into_values().collect();
    all.sort_by(|a, b| b.within.total_cmp(&a.within).then(b.before.total_cmp(&a.before)));
    all
}

/// Returns the failed requests of each second of a window, by kind.
fn failures(timeline: &Timeline, window: Window) -> impl Iterator<Item = (FailureKind, f64)> {
    let seconds = timeline.seconds.get(window.from..window.to).unwrap_or_default();
    let failures = seconds.iter().flat_map(|second| &second.failures);
    failures.map(|&(kind, count)| (kind, f64::from(count)))
}

/// Returns the seconds from the first one of the ramp above the knee to the last one with a load
/// above it and goodput near the fit. When the load goes away and comes back later, there are several such
/// stretches.
pub(super) fn spans(series: &Series, hinge: &Hinge, ramp: usize) -> Vec<Range<usize>> {
    let mut spans: Vec<Range<usize>> = Vec::new();
    // A single second may be slow: the seconds around it decide.
    let around = running(&series.goodput, 11, |w| w.iter().copied().fold(0.0, f64::max));
    let level = hinge.at(hinge.knee);
    let mut relief = 0;
    for (at, ((&x, &y), &now)) in series.load.iter().zip(&around).zip(&series.goodput).enumerate() {
        let within = x >= 0.98 * hinge.knee && y >= 0.85 * hinge.at(x);
        // A stall or a restart leaves the load as high as it was.
        relief += usize::from(x < RELIEVED * hinge.knee && now < RELIEVED * level);
        match spans.last_mut() {
            Some(span) if at <= span.end + DIP && relief < RELIEF => {
                (span.end, relief) = if within { (at + 1, 0) } else { (span.end, relief) };
            }
            // A plateau begins while the load grows.
            _ if x >= hinge.knee && at < ramp => {
                relief = 0;
                spans.push(at..at + 1);
            }
            _ => {}
        }
    }
    // The greatest goodput of the seconds around reaches beyond the end of the load.
    let is_over = |at: usize| {
        let (x, y) = (series.load.get(at), series.goodput.get(at));
        x.zip(y).is_some_and(|(x, y)| *y < OVER * hinge.at(*x))
    };
    for span in &mut spans {
        while span.len() > 1 && is_over(span.end - 1) {
            span.end -= 1;
        }
    }
    spans
}

/// Share of the level of a plateau from which the last row of a test may be whole.
const WHOLE: f64 = 0.8;

/// Returns a window without the last row of the test, where the input has its requests by rows, and this row has clearly
/// fewer than the others: the test ended within it, or its users left, and its rate would be too low. Rows of many
/// seconds end where their goodput shows it ([`row_edges`](super::row_edges)).
pub(super) fn without_part_row(timeline: &Timeline, window: Window) -> Window {
    let ended = timeline.seconds.iter().rposition(|second| second.requests() > 0.0);
    let row_s = timeline.resolution_s.max(1) as usize;
    let is_coarse = timeline.requests_us.is_none() && row_s <= LONG_ROW_S;
    let Some(last) = ended.filter(|_| is_coarse) else { return window };
    let begins = last / row_s * row_s;
    let inner = timeline.seconds.get(window.from..begins).unwrap_or_default();
    let level = median(inner.iter().filter(|second| !second.missing).map(|second| second.ok));
    let is_part = level
        .zip(timeline.seconds.get(last))
        .is_some_and(|(level, second)| second.ok < WHOLE * level);
    let is_cut = is_part && inner.len() >= SHORTEST && begins < window.to;
    if is_cut { Window { to: begins, ..window } } else { window }
}

/// Builds a plateau with its totals. The caller sets its grade, its knee, and the stretch after it.
pub(super) fn describe(
    timeline: &Timeline,
    series: &Series,
    window: Window,
    options: &Options,
) -> Plateau {
    let within = Stretch::measure(timeline, window);
    let from = window.from.max(series.first) - series.first;
    let part =
        series.goodput.get(from..window.to.saturating_sub(series.first).min(series.goodput.len()));
    let part = part.unwrap_or_default();
    let level = median(part.iter().copied()).unwrap_or(within.rps);
    let mean = part.iter().sum::<f64>() / part.len() as f64;
    let median_misleads =
        mean > TWO_LEVELS * level || level > TWO_LEVELS * mean || level < WHOLE_COUNTS;
    let load = series.load.get(from..from + part.len()).unwrap_or_default();
    let cycle = (series.axis == Axis::Vus)
        .then(|| cycle(timeline, series, within))
        .filter(|cycle| !cycle.overlaps());
    let before = before(timeline, window.from, within.requests, 0);
    Plateau {
        axis: series.axis,
        window,
        grade: Grade::Held,
        basis: Basis::Test,
        evidence: Vec::new(),
        knee: None,
        knee_of_rate: None,
        level_rps: if median_misleads { within.rps } else { level },
        goodput: Spread {
            low: quantile(part.iter().copied(), 0.1).unwrap_or(level),
            high: quantile(part.iter().copied(), 0.9).unwrap_or(level),
        },
        load: Spread::from_values(load.iter().copied()),
        rest_seen: true,
        capacity_rps: None,
        retrograde: false,
        statistic: Statistic::Mean,
        rest_ms: None,
        stretch: None,
        dropped: within.dropped,
        failing: failing(timeline, before.map(|before| before.window), window),
        before,
        after: None,
        little_ratio: cycle
            .zip(options.think_s)
            .map(|(cycle, think)| cycle.whole_s / (cycle.answer_s + think))
            .filter(|ratio| ratio.is_finite()),
        implied_think_s: cycle
            .map(|cycle| cycle.whole_s - cycle.answer_s)
            .filter(|think| think.is_finite()),
        within,
    }
}

impl Timeline {
    /// Returns two numbers for the seconds of a window: the requests answered a second, with or
    /// without success, and the mean time in seconds for which each was under way. The rate may be
    /// `NAN` for a window without data. The time is `None` when it is not known.
    pub fn answered(&self, window: Window) -> (f64, Option<f64>) {
        let seconds = self.seconds.get(window.from..window.to).unwrap_or_default();
        let answered: f64 = seconds.iter().map(Second::answers).sum();
        let under_way: Option<f64> = seconds.iter().map(Second::in_flight_answered).sum();
        let each = under_way.map(|sum| sum / answered).filter(|seconds| seconds.is_finite());
        (answered / self.covered_s(window), each)
    }

    /// Returns the number of seconds of a window in which the load test ran and that are not
    /// missing.
    pub(super) fn covered_s(&self, window: Window) -> f64 {
        let seconds = self.seconds.get(window.from..window.to).unwrap_or_default();
        let missing = seconds.iter().filter(|second| second.missing).count();
        let us = |second: usize| second as u64 * SECOND_US.unsigned_abs();
        self.covered_us(us(window.from), us(window.to)) as f64 / SECOND_US as f64 - missing as f64
    }

    /// Returns the share of the answers in a window that were failures, from 0 to 1; 0 without an
    /// answer. A request without an answer (a timeout, a refused connection) is not counted.
    pub fn failed_answer_share(&self, window: Window) -> f64 {
        let seconds = self.seconds.get(window.from..window.to).unwrap_or_default();
        let failed: f64 = seconds.iter().map(|second| second.failed - second.unanswered).sum();
        share(failed.max(0.0), seconds.iter().map(Second::answers).sum())
    }

    /// Returns the share of requests in a window that got no answer, from 0 to 1; 0 without a
    /// request.
    pub fn unanswered_share(&self, window: Window) -> f64 {
        let seconds = self.seconds.get(window.from..window.to).unwrap_or_default();
        let unanswered: f64 = seconds.iter().map(|second| second.unanswered).sum();
        share(unanswered, seconds.iter().map(Second::requests).sum())
    }
}

/// Returns the share of `part` in `all`, and 0 of nothing.
fn share(part: f64, all: f64) -> f64 {
    if all > 0.0 { part / all } else { 0.0 }
}

/// Mean time of a user from one request to the next, in seconds.
#[derive(Clone, Copy)]
struct Cycle {
    whole_s: f64,
    /// The part of that time spent waiting for the answer.
    answer_s: f64,
}

impl Cycle {
    /// Returns true when a user has several requests under way at once (k6: `http.batch`). The time
    /// between two requests then does not contain the whole wait.
    fn overlaps(self) -> bool {
        self.answer_s > OVERLAPPING * self.whole_s
    }
}

/// Computes the times from means within a window (Little's law). The mean wait is requests in
/// flight over rate. Unlike the durations of ended requests, this also counts requests that end
/// after the window. A table without requests in flight has only its mean durations.
fn cycle(timeline: &Timeline, series: &Series, within: Stretch) -> Cycle {
    let Window { from, to } = within.window;
    let rate = within.requests / (1.0 - known(within.error_rate));
    let (from_, to_) = (from.saturating_sub(series.first), to.saturating_sub(series.first));
    let users: f64 = series.load.iter().take(to_).skip(from_).sum::<f64>();
    let seconds = timeline.seconds.get(from..to).unwrap_or_default();
    let waiting: Option<f64> = seconds.iter().map(|second| second.in_flight).sum();
    let answer_s = waiting.map_or(within.mean_ms / 1e3, |waiting| waiting / rate);
    Cycle { whole_s: users / rate, answer_s }
}

/// Ends the stretch before each plateau where the plateau before it ends, and the stretch after it
/// where the next one begins. The plateaus are in order of time.
///
/// A jump of the load may lie within a second. Such a second is neither rest nor plateau, so
/// `is_late`, which gets the start of the plateau and a second before it, leaves it out of the
/// stretch before.
pub(super) fn part(
    timeline: &Timeline,
    all: &mut [Plateau],
    is_late: impl Fn(usize, usize) -> bool,
) {
    let mut least = 0;
    for plateau in &mut *all {
        let from = plateau.window.from;
        let late =
            (1..=CHANGE).take_while(|back| *back < from && is_late(from, from - back)).count();
        let reaches = plateau.before.is_some_and(|before| before.window.from < least);
        if reaches || late > 0 && from - late > least {
            let end = if from - late > least { from - late } else { from };
            plateau.before = before(timeline, end, plateau.within.requests, least);
            let before = plateau.before.map(|before| before.window);
            plateau.failing = failing(timeline, before, plateau.window);
        }
        least = plateau.window.to;
    }
    let mut most = timeline.seconds.len();
    for plateau in all.iter_mut().rev() {
        plateau.after = after(timeline, plateau.window, most);
        most = plateau.window.from;
    }
}

/// Returns the stretch from the end of a window to the second `most`.
fn after(timeline: &Timeline, window: Window, most: usize) -> Option<Stretch> {
    let after = Window { from: window.to, to: most };
    (after.seconds() > 0).then(|| Stretch::measure(timeline, after))
}

/// Fewest seconds without a successful request that are an outage, or the time before the load began.
const OUTAGE_S: usize = 3;
/// Fewest requests that would have succeeded in these seconds at the rate of the others: fewer are missing by chance.
const MISSED: f64 = 10.0;

/// Returns the stretch up to second `end` with a number of successful requests. It begins at second
/// `least` at the earliest, or behind an outage, and may then have fewer. An outage directly before `end` is no part of it.
/// Returns `None` when no request succeeded.
pub(super) fn before(
    timeline: &Timeline,
    end: usize,
    requests: f64,
    least: usize,
) -> Option<Stretch> {
    // Nobody called the endpoint that the user chose, or the users had not begun.
    let least = least.max(timeline.first_request());
    let silent = |at: usize| {
        let earlier = timeline.seconds.get(least..at).unwrap_or_default();
        earlier.iter().rev().take_while(|second| second.ok <= 0.0 && !second.missing).count()
    };
    let out = Some(silent(end)).filter(|seconds| *seconds >= OUTAGE_S).unwrap_or_default();
    let end = end - out;
    let (mut from, mut sum) = (end, 0.0);
    while from > least && sum < requests {
        let out = silent(from);
        if out >= OUTAGE_S && out as f64 * sum >= MISSED * (end - from) as f64 {
            break;
        }
        from -= 1;
        sum += timeline.seconds.get(from).map_or(0.0, |second| second.ok);
    }
    // The last row before a test in a table has no requests.
    if timeline.requests_us.is_none() {
        let part = timeline.seconds.get(from..end).unwrap_or_default();
        from += part.iter().take_while(|second| second.requests() <= 0.0).count();
    }
    (sum > 0.0).then(|| Stretch::measure(timeline, Window { from, to: end }))
}
