//! The seconds of a plateau, and what was seen in them and beside them.

use super::grade::before;
use super::hinge::Hinge;
use super::{Grade, Options, Plateau};
use crate::latencies::Latencies;
use crate::series::{Axis, Series, error_rate, percentile};
use crate::stats::{median, running};
use crate::timeline::{Bytes, Failure, Timeline};
use std::collections::BTreeMap;
use std::ops::Range;

/// Seconds of a dip that do not end a plateau: a stall, a restart.
const DIP: usize = 20;

/// Seconds of a timeline, by index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The first.
    pub from: usize,
    /// Behind the last.
    pub to: usize,
}

impl Window {
    pub(super) fn of(series: &Series, span: Range<usize>) -> Self {
        Self { from: series.first + span.start, to: series.first + span.end }
    }

    /// How many they are.
    pub fn seconds(self) -> usize {
        self.to.saturating_sub(self.from)
    }
}

/// What was seen in some seconds. Numbers are `NAN` where the input has none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    /// Which.
    pub window: Window,
    /// Successful requests that ended in them.
    pub requests: f64,
    /// The same a second.
    pub rps: f64,
    /// Median of their durations in ms.
    pub p50_ms: f64,
    /// 95th percentile.
    pub p95_ms: f64,
    /// 99th percentile.
    pub p99_ms: f64,
    /// Mean.
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
    /// Of some seconds of a timeline.
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

/// From the first second of the ramp above the knee to the last with the load
/// above and goodput near the fit. Where the load comes back later, the longest
/// such stretch.
pub(super) fn span(series: &Series, hinge: &Hinge, ramp: usize) -> Range<usize> {
    let mut spans: Vec<Range<usize>> = Vec::new();
    // A second may be slow; the seconds around it tell.
    let around = running(&series.goodput, 11, |w| w.iter().copied().fold(0.0, f64::max));
    for (at, (&x, &y)) in series.load.iter().zip(&around).enumerate() {
        let within = x >= 0.98 * hinge.knee && y >= 0.85 * hinge.at(x);
        match spans.last_mut() {
            Some(span) if at <= span.end + DIP => {
                span.end = if within { at + 1 } else { span.end };
            }
            // It begins while the load goes up.
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

/// A plateau with what was seen; its grade and its knee are for the caller.
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

/// How long a user takes from one request to the next, on average, in seconds.
#[derive(Clone, Copy)]
struct Cycle {
    whole_s: f64,
    /// The part spent waiting for the answer.
    answer_s: f64,
}

/// By Little's law, of means within a window. The mean wait is what was in flight by
/// the rate: unlike the durations of what ended, that holds for requests that end
/// behind the window too.
fn cycle(timeline: &Timeline, series: &Series, within: Stretch) -> Cycle {
    let Window { from, to } = within.window;
    let rate = within.requests / (1.0 - known(within.error_rate));
    let (from_, to_) = (from.saturating_sub(series.first), to.saturating_sub(series.first));
    let users: f64 = series.load.iter().take(to_).skip(from_).sum::<f64>();
    let (mut in_flight, mut waiting, mut told) = (0.0, 0.0, false);
    for (at, second) in timeline.seconds.iter().take(to).enumerate() {
        let ended = second.ok + second.failed;
        told |= second.started > 0.0;
        // On average those of a second begin and end in its middle.
        let during = in_flight + (second.started - ended) / 2.0;
        in_flight += second.started - ended;
        waiting += if at >= from { during } else { 0.0 };
    }
    // Where ends are cut to whole seconds, starts were counted half a second early.
    let early = if timeline.coarse { 0.5 } else { 0.0 };
    let answer_s = if told { waiting / rate - early } else { within.mean_ms / 1e3 };
    Cycle { whole_s: users / rate, answer_s }
}
