//! Seconds in which nearly all requests fail although the system is not held back.

use super::model::Window;
use super::rest::FEWEST_ANSWERS;
use super::signals::{CLEARLY, SHORTEST, STRETCHED, Signals, middle, part};
use crate::stats::median;
use crate::timeline::{Second, Timeline};
use std::collections::BTreeMap;
use std::ops::Range;

/// Share of failed requests from which a second counts as broken.
const NEARLY_ALL: f64 = 0.9;
/// Share of the best goodput of the test below which goodput has broken down. A system that
/// refuses what it cannot serve keeps its goodput.
const BROKEN: f64 = 0.2;

/// A stretch of broken seconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct BrokenStretch {
    pub(super) window: Window,
    /// The most frequent HTTP status of the failed requests; 0 where no answer came.
    pub(super) status: Option<u16>,
    /// True when the input shows that requests failed about as soon as answers come at rest.
    pub(super) soon: bool,
}

impl BrokenStretch {
    /// Returns true when the stretch has at least half of the seconds of `window`.
    pub(super) fn covers(self, window: Window) -> bool {
        self.window.has_most_of(&(window.from..window.to))
    }
}

/// Finds the longest stretch of seconds in which nearly all requests failed, but were answered
/// about as soon as at rest. Requests that fail because they are late are held back, so such
/// seconds are not broken.
pub(super) fn find(timeline: &Timeline, signals: &Signals) -> Option<BrokenStretch> {
    let mut longest = 0..0;
    let mut run: Option<Range<usize>> = None;
    for (at, second) in timeline.seconds.iter().enumerate() {
        let all = second.requests();
        if all > 0.0 && second.failed >= NEARLY_ALL * all {
            let from = run.as_ref().map_or(at, |run| run.start);
            run = Some(from..at + 1);
        } else if all > 0.0 {
            run = None;
        }
        longest = run.clone().filter(|run| run.len() > longest.len()).unwrap_or(longest);
    }
    let best = signals.ok.iter().copied().fold(0.0, f64::max);
    let ok = part(&signals.ok, &longest).iter().sum::<f64>() / longest.len().max(1) as f64;
    let is_broken = (longest.len() >= SHORTEST || is_outage(timeline, &longest))
        && ok < BROKEN * best
        && (sends_more(signals, &longest)
            || !is_held_back(signals, &longest, (signals.table_cycle_s, CLEARLY)))
        && !times_out(timeline, signals, &longest);
    // Durations in a table are those of successful requests, and only the time between two requests of a user
    // shows how soon others failed. A row of many seconds shows it between two bounds.
    let shown = signals.by_request
        || signals.row_cycle_s.is_some() && succeeds_elsewhere(timeline, &longest);
    let soon = shown
        && !signals.derived
        && !is_held_back(signals, &longest, (signals.row_cycle_s, STRETCHED));
    is_broken.then(|| BrokenStretch {
        status: status(timeline, &longest),
        window: with_part_seconds(timeline, &longest),
        soon,
    })
}

/// Returns true when enough requests succeeded in seconds outside of `span` in which hardly any failed. In other
/// seconds, the time between two requests of a user contains the waits for those that failed.
fn succeeds_elsewhere(timeline: &Timeline, span: &Range<usize>) -> bool {
    let others = timeline.seconds.iter().enumerate().filter(|(at, _)| !span.contains(at));
    let good = others.filter(|(_, one)| one.failed <= (1.0 - NEARLY_ALL) * one.requests());
    good.map(|(_, one)| one.ok).sum::<f64>() >= FEWEST_ANSWERS as f64
}

/// Fewest seconds without an answer that are an outage.
const OUTAGE_S: usize = 2;

/// Returns true when requests got no answer in some seconds, as while a server restarts.
fn is_outage(timeline: &Timeline, span: &Range<usize>) -> bool {
    let seconds = timeline.seconds.get(span.clone()).unwrap_or_default();
    seconds.len() >= OUTAGE_S
        && seconds.iter().all(|one| one.unanswered >= NEARLY_ALL * one.requests())
}

/// Share of requests without an answer from which an outage began or ended within a second.
const PART_OF_A_SECOND: f64 = 0.05;

/// Returns the seconds of a failure, with those beside it in which it began and ended.
fn with_part_seconds(timeline: &Timeline, span: &Range<usize>) -> Window {
    let is_part = |at: usize| {
        let second = timeline.seconds.get(at);
        second.is_some_and(|one| one.unanswered > PART_OF_A_SECOND * one.requests())
    };
    let begins = span.start.checked_sub(1).is_some_and(is_part);
    Window { from: span.start - usize::from(begins), to: span.end + usize::from(is_part(span.end)) }
}

/// Growth of the rate of as many users from which they wait far less than before.
const MORE_OFTEN: f64 = 1.5;
/// Seconds before a stretch that its rate is compared with.
const BEFORE_S: usize = 10;

/// Returns true when about as many users as before send far more often: nothing holds them back.
fn sends_more(signals: &Signals, span: &Range<usize>) -> bool {
    let before = span.start.saturating_sub(BEFORE_S)..span.start.saturating_sub(signals.pooled_s);
    let users = middle(&signals.users, &before);
    before.len() >= SHORTEST
        && middle(&signals.users, span) <= FEW_MORE * users
        && middle(&signals.ended, span) >= MORE_OFTEN * middle(&signals.ended, &before)
}

/// Growth of the number of users up to which there are about as many.
const FEW_MORE: f64 = 1.2;

/// Returns true when the stretch is at least `least`: users get fewer answers than at rest. For a table,
/// `cycle_s` is the time between two requests of a user at rest.
fn is_held_back(
    signals: &Signals,
    span: &Range<usize>,
    (cycle_s, least): (Option<f64>, f64),
) -> bool {
    let times = span.clone().filter_map(|at| {
        let get = |of: &[f64]| of.get(at).copied();
        let (waiting, rate) = (get(&signals.in_flight)?, get(&signals.ended)?);
        let users = get(&signals.users)?.max(waiting);
        Some(match cycle_s {
            Some(cycle_s) => users / rate / cycle_s,
            None => users / (users - waiting + rate * signals.rest_s),
        })
    });
    median(times).is_some_and(|times| times >= least)
}

/// Mean time until a request without an answer ended, as a multiple of the duration at rest, from which
/// its client gave up. A refused connection ends at once.
const GIVEN_UP: f64 = 2.0;

/// Returns true when most requests that failed got no answer, and their clients waited far longer for it
/// than answers take at rest. A client that was short of CPU sends its next request late, so the number of
/// users does not show that they were held back.
fn times_out(timeline: &Timeline, signals: &Signals, span: &Range<usize>) -> bool {
    let seconds = timeline.seconds.get(span.clone()).unwrap_or_default();
    let sum = |of: fn(&Second) -> f64| seconds.iter().map(of).sum::<f64>();
    let unanswered = sum(|second| second.unanswered);
    let waited_s = sum(|second| second.in_flight_unanswered) / unanswered;
    2.0 * unanswered >= sum(|second| second.failed) && waited_s >= GIVEN_UP * signals.rest_s
}

/// Returns the most frequent HTTP status of the failed requests in `span`.
pub(super) fn status(timeline: &Timeline, span: &Range<usize>) -> Option<u16> {
    let mut counts: BTreeMap<u16, u64> = BTreeMap::new();
    let seconds = timeline.seconds.get(span.clone()).unwrap_or_default();
    for &(kind, count) in seconds.iter().flat_map(|second| &second.failures) {
        if let Some(status) = kind.status {
            *counts.entry(status).or_default() += u64::from(count);
        }
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map(|(status, _)| status)
}
