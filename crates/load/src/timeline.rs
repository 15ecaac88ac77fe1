//! The result of a load generator, one entry for each second.

use crate::latencies::Latencies;
use crate::track::Track;
use crate::warning::Warning;

/// A way in which requests failed, as k6 tags it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Failure {
    /// The HTTP status; `Some(0)` where no answer came, `None` where the input has none.
    pub status: Option<u16>,
    /// k6's `error_code`: 1050 for a timeout, 1212 for a refused connection.
    pub error_code: Option<u16>,
}

/// k6's error codes for requests that got no answer: of the network, of names, and of TLS. Codes
/// from 1400 on are statuses and faults of answers.
const UNANSWERED: std::ops::Range<u16> = 1000..1400;

impl Failure {
    /// Returns true when no answer came, and `None` when neither status nor code shows it.
    pub fn is_unanswered(self) -> Option<bool> {
        match (self.status, self.error_code) {
            (Some(status), _) => Some(status == 0),
            (None, code) => code.map(|code| UNANSWERED.contains(&code)),
        }
    }
}

/// Bytes over the network, as the load generator counted them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bytes {
    /// Bytes that the load generator received from the system.
    pub received: f64,
    /// Bytes that the load generator sent to the system.
    pub sent: f64,
}

/// The results of one second of a load test.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Second {
    /// Requests that ended in it and succeeded. It can be a fraction when a table gives a rate.
    pub ok: f64,
    /// Number of requests that ended in this second and failed.
    pub failed: f64,
    /// Number of failed requests that got no answer: refused, cut off, or timed out. It is 0 when
    /// the input does not show it.
    pub unanswered: f64,
    /// The failed requests by kind, when the input has kinds. A kind without status and code holds
    /// the requests of all rare kinds.
    pub failures: Vec<(Failure, u32)>,
    /// Bytes received and sent. k6 counts the bytes of an iteration in the second in which it ends.
    /// `None` where the input has none.
    pub bytes: Option<Bytes>,
    /// Requests that began in it, by the time of their end less their duration.
    pub started: f64,
    /// Requests under way in it, on average. It is `None` when the input does not contain the start
    /// of each request.
    pub in_flight: Option<f64>,
    /// Requests under way in it that get no answer in the end, on average.
    pub in_flight_unanswered: f64,
    /// True when the input has nothing about this second (a row is missing). This is not a second
    /// without requests.
    pub missing: bool,
    /// Number of iterations that were not started, because no virtual user was free (arrival-rate
    /// executors).
    pub dropped: f64,
    /// Number of virtual users: the last one in this second. `None` when the input has none.
    pub vus: Option<f64>,
    /// Successful requests that ended in each tenth of the second.
    pub tenths: [f64; 10],
    /// Histogram of the durations of successful requests that ended in this second. It is empty for
    /// tables.
    pub latencies: Latencies,
    /// Percentiles and the mean of durations, when the input has them instead of single requests;
    /// else `None`.
    pub told: Option<LatencySummary>,
}

impl Second {
    /// Returns the number of requests that ended in the second, both successful and failed.
    pub fn requests(&self) -> f64 {
        self.ok + self.failed
    }

    /// Returns the number of requests that were answered in the second, with or without success.
    pub fn answers(&self) -> f64 {
        self.requests() - self.unanswered
    }

    /// Returns the requests under way in the second, on average, that get an answer in the end. It
    /// is `None` when the input does not contain the start of each request.
    pub fn in_flight_answered(&self) -> Option<f64> {
        self.in_flight.map(|all| (all - self.in_flight_unanswered).max(0.0))
    }
}

/// One of the first successful requests of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FirstAnswer {
    /// Start in microseconds since 1970.
    pub start_us: i64,
    /// Duration in microseconds.
    pub duration_us: u64,
}

/// Percentiles and the mean of durations, in milliseconds, from an input that has them in place of
/// single requests. Each one that the input lacks is `NAN`.
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

/// A column of a table and the meaning that it was read with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The column's name.
    pub name: String,
    /// The quantity: `requests`, `95th percentile`.
    pub meaning: String,
    /// The unit: `a second`, `milliseconds`; empty for plain numbers.
    pub unit: String,
}

/// The lines that could not be used for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// The reason in words.
    pub reason: &'static str,
    /// Number of lines that could not be used for this reason.
    pub count: u64,
    /// Number in the file of the first of these lines, from 1.
    pub first_line: u64,
}

/// A load test, second by second.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timeline {
    /// The file's name as the user gave it.
    pub source: String,
    /// The input's format: `k6 JSON`, `k6 CSV`, `CSV`.
    pub format: &'static str,
    /// Start of the first second, in seconds since 1970.
    pub start_s: i64,
    /// The first successful requests one by one, in order of their starts: at most 4,096. Empty when
    /// the input has no exact times.
    pub first: Vec<FirstAnswer>,
    /// Every second from the first to the last, including empty ones.
    pub seconds: Vec<Second>,
    /// Seconds between two rows of a table; 1 for formats that contain each request.
    pub resolution_s: u32,
    /// True when the input does not show which requests failed. `failed` is then 0 in every
    /// second.
    pub failures_unknown: bool,
    /// True when times are exact to a second only, so that tenths of a second mean nothing (k6
    /// CSV).
    pub coarse: bool,
    /// Endpoints to which requests went, with the number of requests, the largest first (at most
    /// 100).
    pub endpoints: Vec<(String, u64)>,
    /// Number of requests of k6's `setup()` and `teardown()`. No virtual user sent them, so they are
    /// in no second.
    pub setup_requests: u64,
    /// The columns of a table, with the meaning that each was read with; empty for other formats.
    pub columns: Vec<Column>,
    /// Further quantities over time: columns of a table, and measurements of monitors.
    pub tracks: Vec<Track>,
    /// Lines of the file that could not be used, by reason.
    pub losses: Vec<Loss>,
    /// Facts about the load test that the user should know.
    pub warnings: Vec<Warning>,
}

impl Timeline {
    /// Spreads the requests of each second evenly over its tenths, for times in whole seconds.
    pub(crate) fn coarsen(&mut self) {
        self.coarse = true;
        self.first.clear();
        for second in &mut self.seconds {
            second.tenths = [second.ok / 10.0; 10];
        }
    }
}
