//! What a load generator saw, one entry a second.

use crate::latencies::Latencies;

/// One second of a test.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Second {
    /// Requests that ended in it and succeeded. A fraction where a table gave a rate.
    pub ok: f64,
    /// Requests that ended in it and failed.
    pub failed: f64,
    /// Requests that began in it (they end where their durations say).
    pub started: f64,
    /// Requests under way in it, on average. `None` where the input does not tell when
    /// each request began.
    pub in_flight: Option<f64>,
    /// The input has nothing about this second (a row is missing): not the same as a
    /// second without requests.
    pub missing: bool,
    /// Iterations that found no free VU (arrival-rate executors).
    pub dropped: f64,
    /// Virtual users: the last number told in it.
    pub vus: Option<f64>,
    /// Successful requests that ended in each tenth of it.
    pub tenths: [f64; 10],
    /// Durations of the successful ones.
    pub latencies: Latencies,
    /// Percentiles, where the input has them in place of requests.
    pub told: Option<Told>,
}

impl Second {
    /// Requests that ended in it.
    pub fn requests(&self) -> f64 {
        self.ok + self.failed
    }
}

/// Percentiles as a table tells them, in milliseconds; `NAN` where it does not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Told {
    /// Median.
    pub p50: f64,
    /// 95th percentile.
    pub p95: f64,
    /// 99th percentile.
    pub p99: f64,
}

/// A further quantity over time: CPU utilisation, connections, queue depth.
#[derive(Clone, Debug, PartialEq)]
pub struct Track {
    /// The column's name.
    pub name: String,
    /// Wall-clock microseconds and value, in time order.
    pub points: Vec<(i64, f64)>,
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

/// Lines that could not be used, by reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// What was wrong, in words.
    pub reason: &'static str,
    /// How many lines.
    pub count: u64,
    /// The first of them, from 1.
    pub first_line: u64,
}

/// A load test.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timeline {
    /// The file's name as the user gave it.
    pub source: String,
    /// What wrote it: `k6 JSON`, `k6 CSV`, `CSV`.
    pub format: &'static str,
    /// Unix time of the first second.
    pub start_s: i64,
    /// Every second from the first to the last, empty ones too.
    pub seconds: Vec<Second>,
    /// Seconds between two rows of a table; 1 for what tells each request.
    pub resolution_s: u32,
    /// Times are only known to the second, so tenths mean nothing (k6 CSV).
    pub coarse: bool,
    /// Names of the endpoints that requests went to, with their number, busiest
    /// first (at most 100).
    pub endpoints: Vec<(String, u64)>,
    /// The columns of a table, as they were read; empty for other formats.
    pub columns: Vec<Column>,
    /// Further quantities.
    pub tracks: Vec<Track>,
    /// What could not be read.
    pub losses: Vec<Loss>,
    /// What the user should know, a sentence each.
    pub warnings: Vec<String>,
}

impl Timeline {
    /// Times are whole seconds: spreads what ended in each over its tenths.
    pub(crate) fn coarsen(&mut self) {
        self.coarse = true;
        for second in &mut self.seconds {
            second.tenths = [second.ok / 10.0; 10];
        }
    }
}
