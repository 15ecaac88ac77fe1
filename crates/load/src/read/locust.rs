//! Reads the history of Locust's `--csv`: totals since the start, in a row every few seconds.
//!
//! `Requests/s` is a mean over the last ten seconds. It lags, and keeps its value while nothing is
//! answered. The rates therefore come from the differences of `Total Request Count` and `Total
//! Failure Count`. Percentiles cover the last ten seconds only with `--csv-full-history`. Without
//! it they cover the time since the start, under the same names, and are not used. The mean of each
//! period is exact in both: it is computed from the differences of `Total Average Response Time`
//! times the count. Tried with Locust 2.47.

use super::contents::has;
use super::csv::{self, Cells};
use super::periods::{self, Period};
use super::{ReadOptions, lines::Lines};
use crate::error::{ColumnFault, Error};
use crate::flights::MOST_SECONDS;
use crate::timeline::Timeline;
use crate::warning::Warning;
use std::io::Read;
use std::path::Path;

/// The name of the rows that sum all endpoints.
const AGGREGATED: &str = "Aggregated";

/// Returns true for the header of a history.
pub(super) fn is_header(line: &[u8]) -> bool {
    has(line, "Timestamp") && has(line, "User Count") && has(line, "Total Request Count")
}

/// Columns by their names in the header.
struct Columns {
    count: usize,
    time: usize,
    users: usize,
    name: usize,
    kind: usize,
    requests: usize,
    failures: usize,
    percentiles: [Option<usize>; 3],
    average: Option<usize>,
}

impl Columns {
    fn from_header(line: &[u8]) -> Option<Self> {
        let names = csv::split(line, b',')?;
        let find =
            |wanted: &str| names.iter().position(|name| name.trim_ascii() == wanted.as_bytes());
        Some(Self {
            count: names.len(),
            time: find("Timestamp")?,
            users: find("User Count")?,
            name: find("Name")?,
            kind: find("Type")?,
            requests: find("Total Request Count")?,
            failures: find("Total Failure Count")?,
            percentiles: [find("50%"), find("95%"), find("99%")],
            average: find("Total Average Response Time"),
        })
    }
}

/// The endpoints of a history, each with the largest total of its requests.
#[derive(Default)]
struct Endpoints(Vec<(String, u64)>);

impl Endpoints {
    fn see(&mut self, name: &str, requests: Option<f64>) {
        let requests = requests.unwrap_or(0.0) as u64;
        let has_room = self.0.len() < MOST_ENDPOINTS;
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some(entry) => entry.1 = entry.1.max(requests),
            None if name != AGGREGATED && has_room => {
                self.0.push((name.to_owned(), requests));
            }
            None => {}
        }
    }

    /// Returns the endpoints, those with the most requests first.
    fn sorted(mut self) -> Vec<(String, u64)> {
        self.0.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        self.0
    }
}

/// Largest number of endpoints that are listed.
const MOST_ENDPOINTS: usize = 100;

/// The latest time that is read, in seconds since 1970: far enough for every clock, and near enough for
/// microseconds in 64 bits.
const LATEST_S: f64 = 1e12;

/// One row of the endpoint that is read.
struct Row {
    time_us: i64,
    users: f64,
    requests: f64,
    failures: f64,
    percentiles: [f64; 3],
    /// Sum of the durations of all requests since the start in milliseconds; `NAN` when unknown.
    sum_ms: f64,
    /// The largest error of `sum_ms`, because the average was rounded.
    sum_error_ms: f64,
}

impl Row {
    /// Reads a row of totals. Returns `None` without a time or a total.
    fn from_cells(cells: &Cells<'_>, columns: &Columns) -> Option<Self> {
        let requests = cells.number(columns.requests)?;
        let average = columns
            .average
            .and_then(|at| Some((cells.number(at)?, half_of_last_digit(&cells.text(at)))));
        let (average, error) = average.unwrap_or((f64::NAN, 0.0));
        let percentiles = columns.percentiles.map(|at| at.and_then(|at| cells.number(at)));
        Some(Self {
            time_us: spikeflame_wall::micros_of(cells.number(columns.time)?.min(LATEST_S)),
            users: cells.number(columns.users).unwrap_or(f64::NAN),
            requests,
            failures: cells.number(columns.failures)?,
            percentiles: percentiles.map(|value| value.unwrap_or(f64::NAN)),
            sum_ms: average * requests,
            sum_error_ms: error * requests,
        })
    }
}

/// Largest error of a mean that is used, as a share of the mean.
const EXACT: f64 = 0.02;

/// Share of the periods whose mean may be unknown. In averages that were rounded, only a period with very
/// late answers has an exact mean, and such means alone would stand for the seconds beside them.
const UNKNOWN: f64 = 0.1;

/// Returns half of the last digit of a number that was written with decimals. Locust writes all
/// digits, but a spreadsheet may have rounded them.
fn half_of_last_digit(text: &str) -> f64 {
    let digits = text.rsplit_once('.').map_or(0, |(_, decimals)| decimals.len());
    0.5 * 10_f64.powi(-(digits.min(20) as i32))
}

/// Reads a history.
pub(super) fn read(
    input: impl Read,
    path: &Path,
    options: &ReadOptions,
) -> Result<Timeline, Error> {
    let mut lines = Lines::new(input);
    let wanted = options.endpoint.as_deref().unwrap_or(AGGREGATED);
    let (mut columns, mut rows) = (None, Vec::<Row>::new());
    let (mut endpoints, mut full) = (Endpoints::default(), false);
    while let Some((_, line)) = lines.next_of(path)? {
        let line = line.trim_ascii_end();
        if line.is_empty() {
            continue;
        }
        let Some(columns) = &columns else {
            columns = Columns::from_header(line);
            if columns.is_none() {
                let problem = ColumnFault::Words("this is no history of Locust".to_owned());
                return Err(Error::Columns { path: path.to_owned(), problem, found: Vec::new() });
            }
            continue;
        };
        let Some(fields) = csv::split(line, b',').filter(|fields| fields.len() == columns.count)
        else {
            lines.lose("a row with more or fewer fields than the header");
            continue;
        };
        let cells = Cells(fields);
        full |= !cells.text(columns.kind).is_empty();
        let name = cells.text(columns.name);
        endpoints.see(&name, cells.number(columns.requests));
        if name != wanted {
            continue;
        }
        let Some(row) = Row::from_cells(&cells, columns) else {
            lines.lose("a row without a time or a total");
            continue;
        };
        rows.push(row);
        if rows.len() > MOST_SECONDS {
            return Err(Error::TooLong { path: path.to_owned(), most: MOST_SECONDS });
        }
    }
    let known = endpoints.sorted();
    if rows.is_empty()
        && let Some(asked) = &options.endpoint
    {
        let known = known.into_iter().map(|(name, _)| name).collect();
        let (path, asked) = (path.to_owned(), asked.clone());
        return Err(Error::UnknownEndpoint { path, asked, known, long: false });
    }
    let is_full = full;
    lines.close(|ledger| {
        let mut timeline = periods::timeline(&differences(&rows, is_full), path, "Locust history")?;
        timeline.endpoints = known;
        timeline.losses = ledger.close();
        if !is_full {
            timeline.warnings.push(Warning::CumulativePercentiles);
        }
        Ok(timeline)
    })
}

/// Returns the mean duration of the `all` requests from one row to the next; `NAN` where the
/// averages do not show it.
fn mean_between(before: &Row, now: &Row, all: f64) -> f64 {
    let (earlier, error) = match now.requests >= before.requests {
        true => (before.sum_ms, before.sum_error_ms),
        false => (0.0, 0.0),
    };
    let mean = (now.sum_ms - earlier) / all;
    let exact = (now.sum_error_ms + error) / all <= EXACT * mean;
    if all > 0.0 && mean > 0.0 && exact { mean } else { f64::NAN }
}

/// Returns the requests from each row to the next. A total that falls was reset and counts from 0 again.
/// Locust does so with `--reset-stats` once all users are there.
fn differences(rows: &[Row], full: bool) -> Vec<Period> {
    let since = |now: f64, before: f64| if now >= before { now - before } else { now };
    let periods = rows
        .iter()
        .zip(rows.iter().skip(1))
        .filter(|(before, now)| now.time_us > before.time_us)
        .map(|(before, now)| {
            let all = since(now.requests, before.requests);
            let failed = since(now.failures, before.failures).min(all);
            Period {
                from_us: before.time_us,
                to_us: now.time_us,
                ok: all - failed,
                failed,
                wanted: None,
                dropped: 0.0,
                vus: Some(now.users).filter(|users| users.is_finite()),
                percentiles: if full { now.percentiles } else { [f64::NAN; 3] },
                mean_ms: mean_between(before, now, all),
            }
        });
    let mut periods: Vec<Period> = periods.collect();
    let busy = || periods.iter().filter(|period| period.ok + period.failed > 0.0);
    let unknown = busy().filter(|period| period.mean_ms.is_nan()).count();
    if unknown as f64 > UNKNOWN * busy().count() as f64 {
        periods.iter_mut().for_each(|period| period.mean_ms = f64::NAN);
    }
    periods
}
