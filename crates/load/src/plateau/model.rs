//! Plateaus, their windows and their totals.

use crate::latencies::Latencies;
use crate::series::{Axis, Series, error_rate, percentile};
use crate::timeline::{Bytes, Failure, Second, Timeline};
use std::ops::Range;

/// Seconds of a timeline, by index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Index in [`Timeline::seconds`] of the first second.
    pub from: usize,
    /// Index in [`Timeline::seconds`] after the last second, so `to - from` is the number of
    /// seconds.
    pub to: usize,
}

impl Window {
    pub(super) fn from_span(series: &Series, span: Range<usize>) -> Self {
        Self { from: series.first + span.start, to: series.first + span.end }
    }

    /// Returns the number of seconds in the window.
    pub fn seconds(self) -> usize {
        self.to.saturating_sub(self.from)
    }
}

/// Totals of some seconds. Numbers that the input lacks are `NAN`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    /// The seconds that are added up.
    pub window: Window,
    /// Number of seconds about which the input has nothing (a row is missing).
    pub missing_s: usize,
    /// Number of successful requests that ended in these seconds. Missing seconds count with the
    /// mean of the others.
    pub requests: f64,
    /// Mean number of successful requests a second; `NAN` when all seconds are missing.
    pub rps: f64,
    /// Median duration of successful requests, in milliseconds.
    pub p50_ms: f64,
    /// 95th percentile of their durations, in milliseconds.
    pub p95_ms: f64,
    /// 99th percentile of their durations, in milliseconds.
    pub p99_ms: f64,
    /// Mean of their durations, in milliseconds.
    pub mean_ms: f64,
    /// Share of all requests that failed, from 0 to 1; `NAN` where the input does not show it.
    pub error_rate: f64,
    /// Number of iterations that were not started, because no virtual user was free.
    pub dropped: f64,
    /// Bytes a second that the load generator received from the system.
    pub received_rate: f64,
    /// Bytes a second that the load generator sent to the system.
    pub sent_rate: f64,
}

impl Stretch {
    /// Computes the totals of the seconds of `timeline` in `window`. A window that reaches beyond
    /// the timeline has no requests.
    pub fn measure(timeline: &Timeline, window: Window) -> Self {
        let seconds = timeline.seconds.get(window.from..window.to).unwrap_or_default();
        let missing_s = seconds.iter().filter(|second| second.missing).count();
        let sum: f64 = seconds.iter().map(|second| second.ok).sum();
        let rps = sum / window.seconds().saturating_sub(missing_s) as f64;
        let requests =
            if missing_s > 0 && rps.is_finite() { rps * window.seconds() as f64 } else { sum };
        let mut all = Latencies::default();
        seconds.iter().for_each(|second| all.merge(&second.latencies));
        let bytes = |of: fn(&Bytes) -> f64| {
            let known = seconds.iter().map(|second| second.bytes.as_ref().map_or(f64::NAN, of));
            known.sum::<f64>() / window.seconds() as f64
        };
        Self {
            window,
            missing_s,
            requests,
            rps,
            p50_ms: percentile(seconds, 0.5),
            p95_ms: percentile(seconds, 0.95),
            p99_ms: percentile(seconds, 0.99),
            mean_ms: all.mean_ms().or_else(|| told_mean(seconds)).unwrap_or(f64::NAN),
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

/// Returns the mean of a table's means, each weighted by its requests.
fn told_mean(seconds: &[Second]) -> Option<f64> {
    let means = seconds.iter().filter_map(|second| Some((second.ok, second.told?.mean)));
    let (sum, weight) = (means.filter(|(_, mean)| mean.is_finite()))
        .fold((0.0, 0.0), |(sum, weight), (ok, mean)| (sum + ok * mean, weight + ok));
    (weight > 0.0).then(|| sum / weight)
}

/// Returns the share, or `None` when it is not known.
pub(super) fn known(error_rate: f64) -> f64 {
    if error_rate.is_nan() { 0.0 } else { error_rate }
}

impl Stretch {
    /// Returns the mean bytes received and the mean bytes sent for each request. Failed requests
    /// count, too, where the input shows them. Both are `NAN` when no request succeeded, and each
    /// is `NAN` when its bytes are not known.
    pub fn bytes_per_request(&self) -> (f64, f64) {
        let requests = self.rps / (1.0 - known(self.error_rate));
        let each = |rate: f64| if requests > 0.0 { rate / requests } else { f64::NAN };
        (each(self.received_rate), each(self.sent_rate))
    }
}

/// The number of requests that failed in one way, before and in the plateau.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FailureCount {
    /// The way in which they failed: HTTP status and error code.
    pub kind: Failure,
    /// The number of these requests in [`Plateau::before`], or 0 without such a stretch.
    pub before: f64,
    /// The number of these requests in the plateau.
    pub within: f64,
}

impl Window {
    /// Returns true when at least half of the seconds of `span` lie in the window.
    pub(super) fn has_most_of(self, span: &Range<usize>) -> bool {
        2 * self.to.min(span.end).saturating_sub(self.from.max(span.start)) >= span.len()
    }

    /// Returns true when the two share more than one second.
    pub(super) fn overlaps(self, other: Self) -> bool {
        self.from.max(other.from) + 1 < self.to.min(other.to)
    }
}

/// Facts about the test that the user gives for the search of plateaus. The default gives none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// The quantity that measures the load, when the choice from the timeline would be wrong.
    pub axis: Option<Axis>,
    /// Mean think time of a virtual user between two requests, in seconds.
    pub think_s: Option<f64>,
    /// Number of the plateau that [`Plateaus::chosen`] returns, from 1 in order of time. `None`
    /// chooses the longest.
    pub number: Option<usize>,
    /// For each second of the timeline, the share (from 0 to 1) of it in which the main thread was
    /// busy, from a profile. A second is `NAN` when it is unknown; the whole is `None` without a
    /// profile.
    pub busy: Option<Vec<f64>>,
}

/// Certainty of a plateau: the evidence that the system was at its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grade {
    /// The load rose slowly enough to see the load at which throughput stops growing.
    Knee,
    /// The load grew and throughput did not. The knee lies in an interval.
    Saturated,
    /// The load was constant. Answers took longer than the first or the last ones.
    Held,
    /// More requests were wanted than were served.
    Offered,
}

/// A measurement which shows that the system was at its limit in a plateau.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Evidence {
    /// Goodput grew little while the load grew.
    Flat {
        /// Growth of goodput over growth of load, both in per cent.
        elasticity: f64,
    },
    /// Requests took longer in the plateau than at rest.
    Slower {
        /// Mean duration at rest, in milliseconds.
        rest_ms: f64,
        /// Mean duration in the plateau, in milliseconds.
        within_ms: f64,
    },
    /// At rest, the same load would have got several times as many answers.
    Stretched {
        /// Answers at rest, divided by answers in the plateau.
        times: f64,
    },
    /// The first requests began together, and their answers came one after another. A server without
    /// a queue answers them as late as all others.
    FirstBurst {
        /// Number of first requests.
        requests: usize,
        /// Rate of their answers, in requests a second.
        rps: f64,
    },
    /// A part of the requests in the plateau failed.
    FailureCount {
        /// Share of failed requests before the plateau, from 0 to 1.
        rest: f64,
        /// Share of failed requests in the plateau, from 0 to 1.
        within: f64,
    },
    /// More requests were wanted than were served.
    Unserved {
        /// Requests wanted a second.
        wanted_rps: f64,
        /// Successful requests a second.
        served_rps: f64,
        /// Number of iterations that found no free virtual user.
        dropped: f64,
    },
    /// The main thread in the profile had no time left.
    Busy {
        /// Share of the time in which it was busy, from 0 to 1.
        share: f64,
    },
}

/// The interval of loads in which a knee lies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Knee {
    /// The lowest load at which the knee can be, in the unit of [`Plateau::axis`].
    pub low: f64,
    /// The highest load at which the knee can be, in the same unit.
    pub high: f64,
}

/// The lowest and the highest of several numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spread {
    /// The lowest number.
    pub low: f64,
    /// The highest number.
    pub high: f64,
}

impl Spread {
    pub(super) fn from_values(values: impl Iterator<Item = f64> + Clone) -> Self {
        let high = values.clone().fold(0.0, f64::max);
        Self { low: values.fold(high, f64::min), high }
    }
}

/// A plateau of a load test: seconds in which more load brings no more throughput.
#[derive(Clone, Debug, PartialEq)]
pub struct Plateau {
    /// The quantity in which the load is measured: virtual users, requests wanted a second, or
    /// requests in flight.
    pub axis: Axis,
    /// The seconds of the plateau, as indices in [`Timeline::seconds`].
    pub window: Window,
    /// Certainty of the plateau.
    pub grade: Grade,
    /// Measurements that show the plateau.
    pub evidence: Vec<Evidence>,
    /// The load at which throughput stops growing; `None` when the test does not show it.
    pub knee: Option<Knee>,
    /// Median goodput in the plateau, in requests a second. It is the mean where the two differ
    /// much: a median does not describe goodput that has two levels.
    pub level_rps: f64,
    /// Goodput in the plateau, in requests a second, without its lowest and its highest tenth:
    /// running medians of 5 s.
    pub goodput: Spread,
    /// The lowest and the highest load in the plateau, in the unit of `axis`.
    pub load: Spread,
    /// True when the test shows the system below its limit, so that durations at rest are known.
    /// Otherwise the durations at rest are those of the fastest part of the test.
    pub rest_seen: bool,
    /// Goodput at the knee by the fit, in requests a second; `None` unless the ramp shows the knee.
    pub capacity_rps: Option<f64>,
    /// True when goodput falls while the load still grows.
    pub retrograde: bool,
    /// Mean duration of a request at rest, in milliseconds: that of the fastest part of the test,
    /// plus a margin for chance. `None` without durations.
    pub rest_ms: Option<f64>,
    /// Durations in the plateau, divided by the durations at rest: 3.0 means three times as long.
    /// `None` without durations.
    pub stretch: Option<f64>,
    /// Number of iterations in the plateau that found no free virtual user.
    pub dropped: f64,
    /// Failed requests by kind. The kind that is most frequent in the plateau comes first. Empty
    /// when the input has no kinds.
    pub failing: Vec<FailureCount>,
    /// The stretch directly before the plateau with as many requests as the plateau. It does not
    /// reach into an earlier plateau. `None` when the test begins with the plateau, or when an
    /// earlier plateau ends directly before it.
    pub before: Option<Stretch>,
    /// Totals of the load test over the seconds of the plateau.
    pub within: Stretch,
    /// Totals of the time after the plateau, up to the next plateau. `None` when the test ends with
    /// it, or when the next one begins directly after it.
    pub after: Option<Stretch>,
    /// Mean load in the plateau, divided by requests a second times (mean duration + think time).
    /// By Little's law it is 1. Outside 0.9 to 1.1, clocks or think time are wrong. It is `None`
    /// without virtual users or without a think time.
    pub little_ratio: Option<f64>,
    /// The think time for each request, in seconds, with which that ratio would be 1.
    pub implied_think_s: Option<f64>,
}

impl Plateau {
    /// Returns the knee as one load: the middle of its interval. Returns `None` without a knee.
    pub fn knee_load(&self) -> Option<f64> {
        self.knee.map(|knee| (knee.low + knee.high) / 2.0)
    }
}

/// The plateaus of a test in order of time. There is at least one.
#[derive(Clone, Debug, PartialEq)]
pub struct Plateaus {
    pub(super) chosen: Plateau,
    /// All plateaus of the test, in order of time.
    pub all: Vec<Plateau>,
    /// Index in `all` of the chosen plateau.
    pub index: usize,
}

impl Plateaus {
    /// Returns the plateau that was asked for, or the longest one.
    pub fn chosen(&self) -> &Plateau {
        &self.chosen
    }
}

impl Axis {
    /// Returns the unit of the load in words: `VUs`, `requests wanted a second` or `requests in
    /// flight`.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Vus => "VUs",
            Self::Rate => "requests wanted a second",
            Self::InFlight => "requests in flight",
        }
    }
}
