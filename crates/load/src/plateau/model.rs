//! Plateaus, their windows and their totals.

use crate::series::{Axis, MEAN, Series, answers, error_rate, percentile_of};
use crate::timeline::{Bytes, Checks, FailureKind, Second, Timeline};
use std::ops::Range;

/// A range of seconds of a timeline: `from` is included, `to` is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Index in [`Timeline::seconds`] of the first second.
    pub from: usize,
    /// Index in [`Timeline::seconds`] after the last second.
    pub to: usize,
}

impl Window {
    pub(super) fn from_span(series: &Series, span: Range<usize>) -> Self {
        Self { from: series.first + span.start, to: series.first + span.end }
    }

    /// Returns the number of seconds in the window: `to - from`, and 0 when `to` is smaller.
    pub fn seconds(self) -> usize {
        self.to.saturating_sub(self.from)
    }
}

/// Totals of the seconds of a window. For an input that has durations in place of single requests, each
/// percentile is the median of its values in these seconds. A duration is `NAN` when the input has none there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    /// The seconds that are added up.
    pub window: Window,
    /// Number of seconds that are missing in the input ([`Second::missing`]).
    pub missing_s: usize,
    /// Number of successful requests that ended in these seconds. For each missing second, the mean
    /// of the others is added.
    pub requests: f64,
    /// Mean number of successful requests a second over the time in which the test ran
    /// ([`Timeline::covered_us`]), without missing seconds.
    pub rps: f64,
    /// Median duration of successful requests, in milliseconds.
    pub p50_ms: f64,
    /// 95th percentile of the durations of successful requests, in milliseconds.
    pub p95_ms: f64,
    /// 99th percentile of the durations of successful requests, in milliseconds.
    pub p99_ms: f64,
    /// Mean duration of successful requests, in milliseconds.
    pub mean_ms: f64,
    /// Share of failed requests among all that ended, from 0 to 1; `NAN` when it is not known, and when none
    /// ended.
    pub error_rate: f64,
    /// Number of iterations that were not started, because no virtual user was free; 0 when the input
    /// does not count them ([`Timeline::counts_drops`]).
    pub dropped: f64,
    /// Checks that a script of k6 made in these seconds.
    pub checks: Checks,
    /// Bytes a second that the load generator received from the system; `NAN` when it is not known.
    pub received_rate: f64,
    /// Bytes a second that the load generator sent to the system; `NAN` when it is not known.
    pub sent_rate: f64,
}

impl Stretch {
    /// Computes the totals of the seconds of `timeline` in `window`. When the window ends after the
    /// timeline, nothing is counted: `requests` is 0 and the durations are `NAN`.
    pub fn measure(timeline: &Timeline, window: Window) -> Self {
        let seconds = timeline.seconds.get(window.from..window.to).unwrap_or_default();
        let missing_s = seconds.iter().filter(|second| second.missing).count();
        let sum: f64 = seconds.iter().map(|second| second.ok).sum();
        let known_s = timeline.covered_s(window);
        let rps = sum / known_s;
        let requests =
            if missing_s > 0 && rps.is_finite() { rps * (known_s + missing_s as f64) } else { sum };
        let all = answers(seconds);
        let bytes = |of: fn(&Bytes) -> f64| {
            let known = seconds.iter().map(|second| second.bytes.as_ref().map_or(f64::NAN, of));
            known.sum::<f64>() / (known_s + missing_s as f64)
        };
        Self {
            window,
            missing_s,
            requests,
            rps,
            p50_ms: percentile_of(&all, seconds, 0.5),
            p95_ms: percentile_of(&all, seconds, 0.95),
            p99_ms: percentile_of(&all, seconds, 0.99),
            mean_ms: all.mean_ms().or_else(|| told_mean(seconds)).unwrap_or(f64::NAN),
            error_rate: match timeline.failures_unknown {
                true => f64::NAN,
                false => error_rate(seconds),
            },
            dropped: seconds.iter().map(|second| second.dropped).sum(),
            checks: Checks {
                made: seconds.iter().map(|second| second.checks.made).sum(),
                failed: seconds.iter().map(|second| second.checks.failed).sum(),
            },
            received_rate: bytes(|bytes| bytes.received),
            sent_rate: bytes(|bytes| bytes.sent),
        }
    }
}

/// Returns the mean of a table's means, each weighted by its requests.
fn told_mean(seconds: &[Second]) -> Option<f64> {
    let means = seconds.iter().filter_map(|second| Some((second.ok, second.latency_summary?.mean)));
    let (sum, weight) = (means.filter(|(_, mean)| mean.is_finite()))
        .fold((0.0, 0.0), |(sum, weight), (ok, mean)| (sum + ok * mean, weight + ok));
    (weight > 0.0).then(|| sum / weight)
}

/// Returns the share, or 0 when it is not known.
pub(super) fn known(error_rate: f64) -> f64 {
    if error_rate.is_nan() { 0.0 } else { error_rate }
}

impl Stretch {
    /// Returns two means for each request: bytes received and bytes sent. Each is `NAN` when it is
    /// not known.
    pub fn bytes_per_request(&self) -> (f64, f64) {
        let requests = self.rps / (1.0 - known(self.error_rate));
        let each = |rate: f64| if requests > 0.0 { rate / requests } else { f64::NAN };
        (each(self.received_rate), each(self.sent_rate))
    }
}

/// The number of requests that failed in one way, before and in a plateau.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FailureCount {
    /// The way in which they failed.
    pub kind: FailureKind,
    /// Number of requests that failed in this way in the time of [`Plateau::before`].
    pub before: f64,
    /// Number of requests that failed in this way in the seconds of the plateau.
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

/// Facts about a test that the user gives for the search of plateaus. The default gives none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// The quantity in which the load is measured. With `None`, [`find`](crate::plateau::find)
    /// chooses it from the timeline.
    pub axis: Option<Axis>,
    /// Mean think time of a virtual user between an answer and the next request, in seconds.
    /// [`Plateau::little_ratio`] is computed from it.
    pub think_s: Option<f64>,
    /// Number of the plateau that [`Plateaus::chosen`] returns, from 1 in order of time; `None`
    /// chooses the longest. [`find`](crate::plateau::find) returns an error for a number that does
    /// not exist.
    pub number: Option<usize>,
    /// The share of each second in which the busiest thread had work (from 0 to 1, `NAN` when
    /// unknown), from a profile; `None` without one. The index is that of [`Timeline::seconds`].
    pub busy: Option<Vec<f64>>,
}

/// The way in which a test shows that the system was at its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grade {
    /// The load rose so slowly that the measurements show the load at which throughput stops
    /// growing.
    Knee,
    /// The load grew and throughput hardly did, but the load at which throughput stopped growing is at
    /// best known to lie in an interval.
    Saturated,
    /// The load did not grow to the limit within the test: it was about constant, or high from the
    /// start. Another sign shows the limit, such as later answers, failures, or a busy thread.
    Held,
    /// The load is a rate of requests ([`Axis::Rate`]), and more requests were wanted than were
    /// served.
    Offered,
}

/// A measurement which supports that the system was at its limit in a plateau. Goodput is successful
/// requests a second. *At rest* is the time with the shortest durations of the test. It is below the limit
/// only where [`Plateau::rest_seen`] is true.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Evidence {
    /// Goodput did not grow while the load grew, or hardly.
    Flat {
        /// Growth of goodput in per cent for each per cent of growth of the load. It is 0 when
        /// goodput is constant, and negative when it falls.
        elasticity: f64,
    },
    /// Requests took longer in the plateau than at rest. [`Plateau::statistic`] is the statistic of
    /// both durations.
    Slower {
        /// Duration at rest, in milliseconds.
        rest_ms: f64,
        /// Duration in the plateau, in milliseconds.
        within_ms: f64,
    },
    /// Virtual users wait for each answer, so they get more answers when these are as fast as at rest. Only
    /// a load of virtual users has this evidence.
    Stretched {
        /// Successful answers that the users would have got with the durations at rest, divided by those
        /// that they got.
        times: f64,
    },
    /// The load was constant, all users began at once, and their first answers came one after
    /// another: the requests waited in a queue.
    FirstBurst {
        /// Number of first requests: one of each user.
        requests: usize,
        /// Rate of the answers to the first requests, in requests a second.
        rps: f64,
    },
    /// The share of failed requests in the plateau is clearly above that at rest.
    FailureShare {
        /// Share of failed requests in the second with the smallest share, from 0 to 1, with a margin for chance. It
        /// is at most that of the whole test.
        rest: f64,
        /// Share of failed requests in the plateau, from 0 to 1.
        within: f64,
    },
    /// More requests were wanted than were served: the load generator was set to a rate that the system did not
    /// reach, or no virtual user was free to start some of the iterations.
    Unserved {
        /// Requests wanted a second: those that began, and the iterations that were not started.
        wanted_rps: f64,
        /// Successful requests a second.
        served_rps: f64,
        /// Number of iterations in the plateau that were not started, because no virtual user was
        /// free.
        dropped: f64,
    },
    /// Another plateau ended at most a few seconds before this one began, and goodput differs clearly between the
    /// two: the limit changed during the test.
    OtherLimit {
        /// Mean of successful requests a second in that plateau.
        earlier_rps: f64,
    },
    /// The busiest thread in the profile had work nearly all the time in most seconds of the plateau
    /// ([`Options::busy`]).
    Busy {
        /// Mean share of the time in which this thread had work, from 0 to 1, over the seconds for which it is known.
        /// [`Plateaus::set_busy`] replaces it by a more exact share.
        share: f64,
    },
}

/// The statistic by which the durations of a test are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statistic {
    /// The mean.
    Mean,
    /// The median, in a table without enough means.
    P50,
    /// The 95th percentile, in a table with neither enough means nor enough medians.
    P95,
    /// The 99th percentile, in a table without enough of the others.
    P99,
}

impl Statistic {
    /// Returns the statistic of a table by its quantile.
    pub(super) fn from_quantile(q: f64) -> Self {
        match q {
            q if q > 0.97 => Self::P99,
            q if q > 0.8 => Self::P95,
            q if q > MEAN => Self::P50,
            _ => Self::Mean,
        }
    }

    /// Returns words that follow a duration: `on average`, `(95th percentile)`.
    ///
    /// ```
    /// use spikeflame_load::plateau::Statistic;
    ///
    /// assert_eq!(Statistic::P50.words(), "(median)");
    /// ```
    pub fn words(self) -> &'static str {
        match self {
            Self::Mean => "on average",
            Self::P50 => "(median)",
            Self::P95 => "(95th percentile)",
            Self::P99 => "(99th percentile)",
        }
    }
}

/// The interval of loads in which the knee lies: the load at which throughput stops growing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Knee {
    /// The lower end of the interval, in the unit of [`Plateau::axis`]; in requests wanted a second in
    /// [`Plateau::knee_of_rate`].
    pub low: f64,
    /// The upper end of the interval, in the same unit.
    pub high: f64,
}

/// A low and a high bound of several numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spread {
    /// The low bound.
    pub low: f64,
    /// The high bound.
    pub high: f64,
}

impl Spread {
    pub(super) fn from_values(values: impl Iterator<Item = f64> + Clone) -> Self {
        let high = values.clone().fold(0.0, f64::max);
        Self { low: values.fold(high, f64::min), high }
    }
}

/// A plateau of a load test: an unbroken range of seconds in which more load brings no more
/// throughput. [`find`](crate::plateau::find) makes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Plateau {
    /// The quantity in which the load is measured: virtual users, requests wanted a second, or
    /// requests in flight.
    pub axis: Axis,
    /// The seconds of the plateau, as indices in [`Timeline::seconds`].
    pub window: Window,
    /// The requests in which the plateau was found.
    pub basis: Basis,
    /// The way in which the test shows the plateau.
    pub grade: Grade,
    /// Measurements which support that the system was at its limit.
    pub evidence: Vec<Evidence>,
    /// The interval of loads in which throughput stops growing; `None` when the test does not show
    /// it.
    pub knee: Option<Knee>,
    /// The interval in requests wanted a second, for an input whose virtual users may also be the requests under way
    /// of an arrival rate. The load is then one of the two. `None` otherwise.
    pub knee_of_rate: Option<Knee>,
    /// Median goodput (successful requests a second) in the plateau. It is the mean where the median
    /// would mislead, such as for very few requests.
    pub level_rps: f64,
    /// The 10th and the 90th percentile of goodput in the plateau, in requests a second, of
    /// smoothed values.
    pub goodput: Spread,
    /// The lowest and the highest load in the plateau, in the unit of `axis`.
    pub load: Spread,
    /// True when the test shows the system below its limit. When it is false, `rest_ms` is the duration in the
    /// fastest part of the test all the same, as a rule, but the system may be faster at rest.
    pub rest_seen: bool,
    /// Goodput at the knee by the fitted curve, in requests a second; `None` unless `grade` is
    /// [`Grade::Knee`].
    pub capacity_rps: Option<f64>,
    /// True when goodput falls in the plateau while the load still grows.
    pub retrograde: bool,
    /// The statistic of `rest_ms`, of `stretch`, and of [`Evidence::Slower`].
    pub statistic: Statistic,
    /// Duration of a request at rest, in milliseconds: as a rule, the mean in the fastest part of the
    /// test (or the other statistic of a table), with a margin for chance. `None` when it is not known.
    pub rest_ms: Option<f64>,
    /// Duration in the plateau, divided by that at rest: 3.0 means three times as long. `None` when
    /// `rest_ms` is.
    pub stretch: Option<f64>,
    /// Number of iterations in the plateau that were not started, because no virtual user was free; 0
    /// when the input does not count them ([`Timeline::counts_drops`]).
    pub dropped: f64,
    /// Failed requests of the plateau and of `before` by kind, the most frequent in the plateau
    /// first. It is empty when no request failed, and when the input has no kinds.
    pub failing: Vec<FailureCount>,
    /// Totals of the time before the plateau that the plateau is compared with. It has about as
    /// many successful requests, or fewer when that time is too short. `None` when there is none.
    pub before: Option<Stretch>,
    /// Totals of the seconds of the plateau.
    pub within: Stretch,
    /// Totals of the seconds after the plateau, up to the next plateau or the end of the test.
    /// `None` when there are none.
    pub after: Option<Stretch>,
    /// Mean load in the plateau, divided by requests a second times (mean duration + think time).
    /// By Little's law it is about 1 when the think time is right. It is `None`
    /// without [`Options::think_s`], and when it is not known.
    pub little_ratio: Option<f64>,
    /// Think time for each request, in seconds, with which `little_ratio` would be 1; it can be
    /// below 0. It is `None` when it is not known.
    pub implied_think_s: Option<f64>,
}

impl Plateau {
    /// Returns the middle of the interval in which the knee lies ([`Plateau::knee`]), in the unit of
    /// [`Plateau::axis`]. The knee is the load at which throughput stops growing. Returns `None` when the
    /// interval is not known.
    pub fn knee_load(&self) -> Option<f64> {
        self.knee.map(|knee| (knee.low + knee.high) / 2.0)
    }
}

/// The requests in which a plateau was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Basis {
    /// All requests of the timeline, which has no [`Timeline::whole`].
    Test,
    /// All requests of the test, although the timeline has only those of an endpoint or a scenario
    /// ([`Timeline::whole`]). The [`Stretch`] has the totals of all requests in the plateau, while
    /// [`Plateau::before`], [`Plateau::within`] and [`Plateau::after`] have those of the timeline's
    /// requests.
    WholeTest(Stretch),
    /// Only the timeline's requests, which are those of an endpoint or a scenario. All requests of
    /// the test together show no plateau, or none with the number of [`Options::number`].
    PartOfTest,
}

/// The plateaus of a test in order of time: at least one, of which [`Plateaus::chosen`] is one.
#[derive(Clone, Debug, PartialEq)]
pub struct Plateaus {
    pub(super) chosen: Plateau,
    /// The plateaus that were found, in order of time.
    pub all: Vec<Plateau>,
    /// Index in `all` of the chosen plateau, from 0.
    pub index: usize,
}

impl Plateaus {
    /// Returns the chosen plateau: the one with [`Options::number`], or without a number the longest (the
    /// earliest of equal ones). With [`Basis::WholeTest`], a plateau in which no request of the timeline
    /// ended is never chosen.
    pub fn chosen(&self) -> &Plateau {
        &self.chosen
    }

    /// Returns true when another plateau ends where the chosen one begins.
    pub fn follows_another(&self) -> bool {
        self.all.iter().any(|other| other.window.to == self.chosen.window.from)
    }

    /// Replaces the share of [`Evidence::Busy`] in each plateau by the result of `share` for its seconds,
    /// when there is one. A profile can measure it more exactly than second by second.
    pub fn set_busy(&mut self, share: impl Fn(Window) -> Option<f64>) {
        for plateau in self.all.iter_mut().chain([&mut self.chosen]) {
            let window = plateau.window;
            for evidence in &mut plateau.evidence {
                if let Evidence::Busy { share: known } = evidence {
                    *known = share(window).unwrap_or(*known);
                }
            }
        }
    }
}

impl Axis {
    /// Returns the unit of the load in words: `VUs`, `requests wanted a second` or
    /// `requests in flight`.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Vus => "VUs",
            Self::Rate => "requests wanted a second",
            Self::InFlight => "requests in flight",
        }
    }
}
