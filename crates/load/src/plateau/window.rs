//! The seconds of a plateau, and totals of these and other seconds.

use super::grade::before;
use super::hinge::Hinge;
use super::{Grade, Options, Plateau};
use crate::latencies::Latencies;
use crate::series::{Axis, Series, error_rate, percentile};
use crate::stats::{median, running};
use crate::timeline::{Bytes, Failure, Timeline};
use std::collections::BTreeMap;
use std::ops::Range;

/// Longest dip that does not end a plateau, in seconds: a stall or a restart.
const DIP: usize = 20;

/// Seconds of a timeline, by index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Index of the first second.
    pub from: usize,
    /// Index after the last second.
    pub to: usize,
}

impl Window {
    pub(super) fn of(series: &Series, span: Range<usize>) -> Self {
        Self { from: series.first + span.start, to: series.first + span.end }
    }

    /// Number of seconds.
    pub fn seconds(self) -> usize {
        self.to.saturating_sub(self.from)
    }
}

/// Totals of some seconds. Numbers that the input lacks are `NAN`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    /// The seconds.
    pub window: Window,
    /// Successful requests that ended in them.
    pub requests: f64,
    /// Successful requests a second.
    pub rps: f64,
    /// Median duration of successful requests, in milliseconds.
    pub p50_ms: f64,
    /// 95th percentile of their durations, in milliseconds.
    pub p95_ms: f64,
    /// 99th percentile of their durations, in milliseconds.
    pub p99_ms: f64,
    /// Mean of their durations, in milliseconds.
    pub mean_ms: f64,
    /// Share of all requests that failed; `NAN` where the input does not show it.
    pub error_rate: f64,
    /// Iterations that found no free VU.
    pub dropped: f64,
    /// Bytes a second from the system.
    pub received_rate: f64,
    /// Bytes a second to the system.
    pub sent_rate: f64,
}

impl Stretch {
    /// Computes the totals of some seconds of a timeline.
    pub fn of(timeline: &Timeline, window: Window) -> Self {
        let seconds = timeline.seconds.get(window.from..window.to).unwrap_or_default();
        let requests: f64 = seconds.iter().map(|second| second.ok).sum();
        let mut all = Latencies::default();
        seconds.iter().for_each(|second| all.merge(&second.latencies));
        let bytes = |of: fn(&Bytes) -> f64| {
            let known = seconds.iter().map(|second| second.bytes.as_ref().map_or(f64::NAN, of));
            known.sum::<f64>() / window.seconds() as f64
        };
        Self {
            window,
            requests,
            rps: requests / window.seconds() as f64,
            p50_ms: percentile(seconds, 0.5),
            p95_ms: percentile(seconds, 0.95),
            p99_ms: percentile(seconds, 0.99),
            mean_ms: all.mean_ms().unwrap_or(f64::NAN),
            error_rate: match timeline.failures_unknown {
                true => f64::NAN,
                false => error_rate(seconds),
            },
            dropped: seconds.iter().map(|second| second.dropped).sum(),
            received_rate: bytes(|bytes| bytes.received),
            sent_rate: bytes(|bytes| bytes.sent),
        }
    }
}

/// The share, or none where it is not known.
fn known(error_rate: f64) -> f64 {
    if error_rate.is_nan() { 0.0 } else { error_rate }
}

impl Stretch {
    /// Bytes received and sent a request, failed ones too; `NAN` where not known.
    pub fn bytes_per_request(&self) -> (f64, f64) {
        let requests = self.rps / (1.0 - known(self.error_rate));
        let each = |rate: f64| if requests > 0.0 { rate / requests } else { f64::NAN };
        (each(self.received_rate), each(self.sent_rate))
    }
}

/// Requests that failed in one way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Failing {
    /// The way.
    pub kind: Failure,
    /// How many, in the stretch before the plateau.
    pub before: f64,
    /// How many, within.
    pub within: f64,
}

/// Failed requests by kind, the most frequent within first.
fn failing(timeline: &Timeline, before: Option<Window>, within: Window) -> Vec<Failing> {
    let mut kinds: BTreeMap<Failure, Failing> = BTreeMap::new();
    let mut add = |window: Window, add: fn(&mut Failing, f64)| {
        let seconds = timeline.seconds.get(window.from..window.to).unwrap_or_default();
        for &(kind, count) in seconds.iter().flat_map(|second| &second.failures) {
            let none = Failing { kind, before: 0.0, within: 0.0 };
            add(kinds.entry(kind).or_insert(none), f64::from(count));
        }
    };
    add(within, |one, count| one.within += count);
    if let Some(before) = before {
        add(before, |one, count| one.before += count);
    }
    let mut all: Vec<Failing> = kinds.into_values().collect();
    all.sort_by(|a, b| b.within.total_cmp(&a.within).then(b.before.total_cmp(&a.before)));
    all
}

/// The seconds from the first one of the ramp above the knee to the last one with a load above it
/// and goodput near the fit. When the load comes back later, the longest such stretch is taken.
pub(super) fn span(series: &Series, hinge: &Hinge, ramp: usize) -> Range<usize> {
    let mut spans: Vec<Range<usize>> = Vec::new();
    // A single second may be slow: the seconds around it decide.
    let around = running(&series.goodput, 11, |w| w.iter().copied().fold(0.0, f64::max));
    for (at, (&x, &y)) in series.load.iter().zip(&around).enumerate() {
        let within = x >= 0.98 * hinge.knee && y >= 0.85 * hinge.at(x);
        match spans.last_mut() {
            Some(span) if at <= span.end + DIP => {
                span.end = if within { at + 1 } else { span.end };
            }
            // A plateau begins while the load grows.
            _ if x >= hinge.knee && at < ramp => spans.push(at..at + 1),
            _ => {}
        }
    }
    let mut longest = 0..0;
    for span in spans {
        if span.len() > longest.len() {
            longest = span;
        }
    }
    longest
}

/// Builds a plateau with its totals. The caller sets its grade and its knee.
pub(super) fn describe(
    timeline: &Timeline,
    series: &Series,
    window: Window,
    options: &Options,
) -> Plateau {
    let within = Stretch::of(timeline, window);
    let from = window.from.max(series.first) - series.first;
    let part =
        series.goodput.get(from..window.to.saturating_sub(series.first).min(series.goodput.len()));
    let level = median(part.unwrap_or_default().iter().copied()).unwrap_or(within.rps);
    let after = Window { from: window.to, to: timeline.seconds.len() };
    let cycle = (series.axis == Axis::Vus).then(|| cycle(timeline, series, within));
    let before = before(timeline, window, within.requests);
    Plateau {
        axis: series.axis,
        window,
        grade: Grade::Held,
        evidence: Vec::new(),
        knee: None,
        level_rps: level,
        capacity_rps: None,
        retrograde: false,
        stretch: None,
        dropped: within.dropped,
        failing: failing(timeline, before.map(|before| before.window), window),
        before,
        after: (after.seconds() > 0).then(|| Stretch::of(timeline, after)),
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

/// Mean time of a user from one request to the next, in seconds.
#[derive(Clone, Copy)]
struct Cycle {
    whole_s: f64,
    /// The part of that time spent waiting for the answer.
    answer_s: f64,
}

/// Computes the times from means within a window (Little's law). The mean wait is requests in
/// flight over rate. Unlike the durations of ended requests, this also counts requests that end
/// after the window.
fn cycle(timeline: &Timeline, series: &Series, within: Stretch) -> Cycle {
    let Window { from, to } = within.window;
    let rate = within.requests / (1.0 - known(within.error_rate));
    let (from_, to_) = (from.saturating_sub(series.first), to.saturating_sub(series.first));
    let users: f64 = series.load.iter().take(to_).skip(from_).sum::<f64>();
    let (mut in_flight, mut waiting, mut told) = (0.0, 0.0, false);
    for (at, second) in timeline.seconds.iter().take(to).enumerate() {
        let ended = second.ok + second.failed;
        told |= second.started > 0.0;
        // On average, the requests of a second begin and end in its middle.
        let during = in_flight + (second.started - ended) / 2.0;
        in_flight += second.started - ended;
        waiting += if at >= from { during } else { 0.0 };
    }
    // When ends are cut to whole seconds, starts were counted half a second too early.
    let early = if timeline.coarse { 0.5 } else { 0.0 };
    let answer_s = if told { waiting / rate - early } else { within.mean_ms / 1e3 };
    Cycle { whole_s: users / rate, answer_s }
}
