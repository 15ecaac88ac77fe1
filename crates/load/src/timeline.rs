//! The result of a load generator, one entry for each second.

use crate::flights::SECOND_US;
use crate::latencies::Latencies;
use crate::mix::EndpointDurations;
use crate::track::Track;
use crate::warning::Warning;

/// A way in which requests failed: status and error code, as k6 tags them. The default has neither.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct FailureKind {
    /// The HTTP status, or the status of a gRPC call (1 to 16). It is `Some(0)` when the input states that no
    /// answer came, and `None` when the input has no status.
    pub status: Option<u16>,
    /// k6's `error_code`, such as 1050 for a timeout and 1212 for a refused connection; `None` when
    /// the input has none.
    pub error_code: Option<u16>,
}

/// k6's error codes for requests that got no answer: of the network, of names, and of TLS. Codes
/// from 1400 on are statuses and faults of answers.
const UNANSWERED: std::ops::Range<u16> = 1000..1400;

/// The status of a gRPC call that was not answered before its deadline.
const DEADLINE_EXCEEDED: u16 = 4;

impl FailureKind {
    /// Returns true when no answer came, by the status and the error code. Returns `None` when
    /// there is neither.
    pub(crate) fn is_unanswered(self) -> Option<bool> {
        match (self.status, self.error_code) {
            (Some(status), _) => Some(status == 0 || status == DEADLINE_EXCEEDED),
            (None, code) => code.map(|code| UNANSWERED.contains(&code)),
        }
    }
}

/// Bytes over the network in some time, as the load generator counted them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bytes {
    /// Bytes that the load generator received from the system.
    pub received: f64,
    /// Bytes that the load generator sent to the system.
    pub sent: f64,
}

/// The error of requests that got no answer, as a load generator wrote it: the one with the code
/// that the most of them have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnError {
    /// The most frequent text of this error, such as `dial: connection refused`. A long text is
    /// cut. It is not cleaned for a view.
    pub text: String,
    /// The load generator's number of the error, such as k6's 1212.
    pub code: u16,
    /// Number of requests that got no answer and have this code.
    pub requests: u64,
}

/// Checks of answers that a script of k6 made. A check that fails does not make its request fail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checks {
    /// Number of checks, passed and failed ones.
    pub made: u64,
    /// Number of checks that failed.
    pub failed: u64,
}

impl Checks {
    /// Returns the share of failed checks, from 0 to 1; `NAN` without a check.
    pub fn failed_share(self) -> f64 {
        self.failed as f64 / self.made as f64
    }
}

/// The results of one second of a load test.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Second {
    /// Number of successful requests that ended in this second. It can be a fraction when the input
    /// has rates, or totals of longer periods.
    pub ok: f64,
    /// Number of failed requests that ended in this second: those with an answer and those without
    /// one. It can be a fraction, as `ok` can.
    pub failed: f64,
    /// Number of failed requests that got no answer: refused, cut off, or timed out. They are also
    /// in `failed`. It is 0 when the input does not show it.
    pub unanswered: f64,
    /// Number of failed requests by kind, in order of the kind. It is empty when the input has no
    /// kinds.
    pub failures: Vec<(FailureKind, u32)>,
    /// Bytes received and sent; `None` when they are not known.
    pub bytes: Option<Bytes>,
    /// Number of requests that began in this second; the first second also counts those that began
    /// earlier. Where the input does not have the starts of requests, it is an estimate from other
    /// numbers.
    pub started: f64,
    /// Mean number of requests under way during this second. It is `None` when it is not known.
    pub in_flight: Option<f64>,
    /// The part of `in_flight` that gets no answer in the end; 0 when the input does not show it.
    pub in_flight_unanswered: f64,
    /// True when a table has no row for this second, so that nothing is known of it. A second without requests
    /// is not missing.
    pub missing: bool,
    /// Number of iterations that the load generator did not start in this second, because no
    /// virtual user was free (k6's arrival-rate executors).
    pub dropped: f64,
    /// The checks that a script of k6 made in this second.
    pub checks: Checks,
    /// Number of virtual users, as a rule the last value in this second; `None` when it is not known.
    pub vus: Option<f64>,
    /// Number of successful requests that ended in each tenth of the second. When
    /// [`Timeline::coarse`] is true, `ok` is spread evenly.
    pub tenths: [f64; 10],
    /// Histogram of the durations of the successful requests that ended in this second. It is empty
    /// when the input has no durations of single requests.
    pub latencies: Latencies,
    /// Percentiles and mean of durations, when the input has them instead of single requests.
    /// `None` otherwise.
    pub latency_summary: Option<LatencySummary>,
}

impl Second {
    /// Returns the number of requests that ended in this second: `ok + failed`.
    pub fn requests(&self) -> f64 {
        self.ok + self.failed
    }

    /// Returns the number of requests that were answered in this second, with or without success:
    /// `ok + failed - unanswered`.
    pub fn answers(&self) -> f64 {
        self.requests() - self.unanswered
    }

    /// Returns the mean number of requests under way in this second that get an answer in the end.
    /// Returns `None` when `in_flight` is `None`.
    pub(crate) fn in_flight_answered(&self) -> Option<f64> {
        self.in_flight.map(|all| (all - self.in_flight_unanswered).max(0.0))
    }
}

/// One of the successful requests with the earliest ends in a test ([`Timeline::first`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FirstAnswer {
    /// Start of the request, in microseconds, counted from the moment from which
    /// [`Timeline::start_s`] counts.
    pub start_us: i64,
    /// Duration of the request, in microseconds.
    pub duration_us: u64,
}

/// Percentiles and mean of durations, in milliseconds, from an input that has them in place of
/// single requests. A value that the input lacks is `NAN`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LatencySummary {
    /// Median duration, in milliseconds.
    pub p50: f64,
    /// 95th percentile of durations, in milliseconds.
    pub p95: f64,
    /// 99th percentile of durations, in milliseconds.
    pub p99: f64,
    /// Mean duration, in milliseconds.
    pub mean: f64,
}

/// A column of a table, or a field of JSON with an entry for each request, and the meaning with which it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The name of the column or of the field.
    pub name: String,
    /// The quantity in words, such as `requests` or `95th percentile`.
    pub meaning: String,
    /// The unit in words, such as `a second` or `milliseconds, a guess`; empty when there is none to state.
    pub unit: String,
    /// True when the unit, or the side of a request on which a time lies, is only a likely one.
    pub guessed: bool,
}

/// The lines (or rows, or entries) of a file that could not be used for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// The reason in words, such as `a negative value`.
    pub reason: &'static str,
    /// Number of lines that could not be used for this reason, or of samples in XML, or of entries in a list of JSON.
    pub count: u64,
    /// Number, from 1, of the first line that could not be used for this reason, or of the first entry in a list of
    /// JSON.
    pub first_line: u64,
}

/// A load test, second by second.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timeline {
    /// The path of the file, as it was given.
    pub source: String,
    /// Name of the input's format, such as `k6 JSON`, `k6 CSV` or `CSV`.
    pub format: &'static str,
    /// Start of the first second, in seconds since 1970. It counts from the start of the test or
    /// from midnight when the times of the input do ([`Timeline::has_clock`]).
    pub start_s: i64,
    /// The successful requests with the earliest ends (4,096 at most), sorted by their start. It is empty when
    /// exact times are not known.
    pub first: Vec<FirstAnswer>,
    /// Start of the first request and end of the last one, with or without success, in
    /// microseconds, counted from the moment from which `start_s` counts. It is `None` when exact
    /// times are not known.
    pub requests_us: Option<(i64, i64)>,
    /// The timeline of all requests of the test, with the same seconds, when this one has only
    /// those of an endpoint or of a scenario. [`Timeline::part_of`] sets it.
    pub whole: Option<Box<Timeline>>,
    /// One entry for each second, without gaps, from the first second with data to the last. Entry
    /// `i` begins `i` seconds after `start_s`.
    pub seconds: Vec<Second>,
    /// Usual number of seconds from one row of a table to the next, or usual length of the periods for
    /// which the input has totals; 1 for formats that contain each request.
    pub resolution_s: u32,
    /// True when the input does not show which requests failed. `failed` is then 0 in every second.
    pub failures_unknown: bool,
    /// True when tenths of a second mean nothing, because the input has times in whole seconds, or
    /// no single requests.
    pub coarse: bool,
    /// True when the starts of single requests follow the ends of others: clients wait for an answer before they send
    /// a further request. It is false when the input does not show this.
    pub closed: bool,
    /// Endpoints with the number of requests to each, also of requests that were not chosen, the
    /// largest number first. At most 100 are listed. It is empty when the input has no endpoints.
    pub endpoints: Vec<(String, u64)>,
    /// Durations of the successful requests to each endpoint in k6's JSON and CSV; empty for other formats.
    pub endpoint_durations: EndpointDurations,
    /// Number of requests that k6's `setup()` and `teardown()` sent and that are counted in no
    /// second, because no virtual user sent them.
    pub setup_requests: u64,
    /// The most frequent error of requests without an answer (k6's JSON and CSV); `None` when there is none, and
    /// when its text is not known.
    pub own_error: Option<OwnError>,
    /// The columns of a table, or the fields of JSON with an entry for each request, that were used, with their
    /// meanings; empty for other formats.
    pub columns: Vec<Column>,
    /// Further quantities over time: columns of numbers in a table that were not used for the load, and
    /// measurements of monitors that a caller added.
    pub tracks: Vec<Track>,
    /// Lines of the file that could not be used, one entry for each reason.
    pub losses: Vec<Loss>,
    /// Facts about the load test that the user should know.
    pub warnings: Vec<Warning>,
}

impl Timeline {
    /// Returns the start of a second of the test in microseconds, since 1970 or since the other moment from
    /// which [`Timeline::start_s`] counts. `second` counts from the test's first second, which is 0.
    ///
    /// ```
    /// use spikeflame_load::Timeline;
    ///
    /// let timeline = Timeline { start_s: 1_795_397_000, ..Timeline::default() };
    /// assert_eq!(timeline.second_us(3), 1_795_397_003_000_000);
    /// ```
    pub fn second_us(&self, second: usize) -> i64 {
        self.start_s.saturating_add_unsigned(second as u64).saturating_mul(SECOND_US)
    }

    /// Returns the length of the time from `from_us` to `to_us` by which its numbers are divided to get rates, in
    /// microseconds. Both count from the start of the test's first second. The time is cut where the first request
    /// of the test begins, and, at the end of the test, where the last one ends, but not below a second. It is whole
    /// when neither lies in it, and when [`Timeline::requests_us`] is not known.
    ///
    /// ```
    /// use spikeflame_load::Recorder;
    ///
    /// let mut recorder = Recorder::default();
    /// recorder.request(10_950_000, 20_000, true);
    /// recorder.request(13_200_000, 20_000, true);
    /// let timeline = recorder.finish("made".as_ref(), "example")?;
    /// assert_eq!(timeline.covered_us(0, 4_000_000), 2_270_000);
    /// # Ok::<(), spikeflame_load::Error>(())
    /// ```
    pub fn covered_us(&self, from_us: u64, to_us: u64) -> u64 {
        let whole = to_us.saturating_sub(from_us);
        let Some((begun, ended)) = self.requests_us else { return whole };
        let zero = self.second_us(0);
        let since = |us: i64| u64::try_from(us.saturating_sub(zero)).unwrap_or_default();
        let (begun, ended) = (since(begun), since(ended));
        let second = SECOND_US.unsigned_abs();
        let from = if begun < to_us { from_us.max(begun) } else { from_us };
        // A second with a number of users may follow, in which no request ended.
        let near_the_end = ended / second + 2 >= self.seconds.len() as u64;
        let within_the_last = ended < to_us && to_us - ended < second;
        let is_last = ended > from_us && (near_the_end || within_the_last);
        let to = if is_last { to_us.min(ended) } else { to_us };
        to.saturating_sub(from).max(second).min(whole)
    }

    /// Makes this timeline a part of the whole test: it gets an entry for each second of `whole`,
    /// and [`Timeline::whole`] is then `whole`. New entries have no requests, and entries without a number of
    /// users get that of `whole`. Nothing changes when `whole` does not contain all seconds of this timeline.
    ///
    /// ```
    /// use spikeflame_load::{Second, Timeline};
    ///
    /// let of = |start_s, count| Timeline {
    ///     start_s,
    ///     seconds: vec![Second { ok: 5.0, ..Second::default() }; count],
    ///     ..Timeline::default()
    /// };
    /// let mut endpoint = of(12, 3);
    /// endpoint.part_of(of(10, 20));
    /// assert_eq!((endpoint.start_s, endpoint.seconds.len()), (10, 20));
    /// ```
    pub fn part_of(&mut self, whole: Self) {
        let earlier = self.start_s.saturating_sub(whole.start_s);
        let Ok(earlier) = usize::try_from(earlier) else { return };
        if earlier.saturating_add(self.seconds.len()) > whole.seconds.len() {
            return;
        }
        let flights = self.seconds.iter().any(|second| second.in_flight.is_some());
        let bytes = self.seconds.iter().any(|second| second.bytes.is_some());
        let mut known = std::mem::take(&mut self.seconds).into_iter();
        let none = Second {
            in_flight: flights.then_some(0.0),
            bytes: bytes.then(Bytes::default),
            ..Second::default()
        };
        let second = |(at, whole): (usize, &Second)| {
            let own = if at < earlier { None } else { known.next() };
            let none = || Second { missing: whole.missing, ..none.clone() };
            let own = own.unwrap_or_else(none);
            Second { vus: own.vus.or(whole.vus), ..own }
        };
        self.seconds = whole.seconds.iter().enumerate().map(second).collect();
        self.start_s = whole.start_s;
        self.whole = Some(Box::new(whole));
    }

    /// Returns the index of the second in which the first request began; 0 when it is not known.
    pub(crate) fn first_request(&self) -> usize {
        let begun =
            self.requests_us.map_or(0, |(begun, _)| begun.saturating_sub(self.second_us(0)));
        usize::try_from(begun / SECOND_US).unwrap_or_default()
    }

    /// Returns true when the times of the input are those of a clock. When it is false, they count
    /// from the start of the test or from midnight.
    pub fn has_clock(&self) -> bool {
        let is_without = |warning: &Warning| {
            matches!(warning, Warning::NoClock | Warning::Hey | Warning::NoDate)
        };
        !self.warnings.iter().any(is_without)
    }

    /// Returns true when the input is known to count iterations that were not started
    /// ([`Second::dropped`]): when it is k6's JSON, CSV or dashboard, and when there is at least one.
    pub fn counts_drops(&self) -> bool {
        let is_k6 = matches!(self.format, "k6 JSON" | "k6 CSV" | "k6 dashboard");
        is_k6 || self.seconds.iter().any(|second| second.dropped > 0.0)
    }

    /// Returns true when the input has the kinds of its failures ([`Second::failures`]), and when its
    /// single requests all succeeded. It is false when failures are not known
    /// ([`Timeline::failures_unknown`]).
    pub fn has_failure_kinds(&self) -> bool {
        let is_k6 = matches!(self.format, "k6 JSON" | "k6 CSV");
        let failed = self.seconds.iter().any(|second| second.failed > 0.0);
        let has_kinds = is_k6 || self.seconds.iter().any(|second| !second.failures.is_empty());
        !self.failures_unknown
            && (has_kinds || !failed && self.columns.is_empty() && self.resolution_s == 1)
    }

    /// Spreads the requests of each second evenly over its tenths, for times in whole seconds.
    pub(crate) fn coarsen(&mut self) {
        self.coarse = true;
        self.first.clear();
        self.requests_us = None;
        for second in &mut self.seconds {
            second.tenths = [second.ok / 10.0; 10];
        }
    }
}
