//! Any table with a column of times and one of requests: what dashboards export.

mod columns;

use super::k6::{GAP_S, STALL_S};
use super::order::Order;
use super::{ReadOptions, csv, ledger::Ledger, lines::Lines, time};
use crate::error::{Error, TestSpan};
use crate::recorder::MOST_SECONDS;
use crate::timeline::{Second, Timeline, Told, Track};
use columns::Meaning;
use std::borrow::Cow;
use std::io::Read;
use std::path::Path;

/// Values kept of all further columns together.
const MOST_VALUES: usize = 4_000_000;

/// Smaller times than this count from the test's start, in seconds.
const ELAPSED_S: f64 = 1e8;

/// One row.
#[derive(Clone, Debug)]
struct Row {
    time_us: i64,
    line: u64,
    /// Requests a second, or of the whole row.
    requests: f64,
    /// The same of failed ones.
    failed: f64,
    /// Failed ones as a share of them.
    share: Option<f64>,
    vus: Option<f64>,
    told: [f64; 3],
}

/// The table's head.
struct Head {
    delimiter: u8,
    names: Vec<String>,
    meanings: Vec<Meaning>,
}

/// What is known when all rows are read.
#[derive(Default)]
struct Table {
    rows: Vec<Row>,
    /// Points of the columns without a meaning.
    tracks: Vec<Vec<(i64, f64)>>,
    values: usize,
    order: Order,
    local: bool,
    elapsed: bool,
}

/// The fields of a table's first line that names columns, and what parts them.
/// Spreadsheets want a `sep=;` before it.
pub(super) fn header(line: &[u8]) -> Option<(u8, Vec<String>)> {
    let delimiter = *[b',', b';', b'\t']
        .iter()
        .max_by_key(|delimiter| memchr::memchr_iter(**delimiter, line).count())?;
    let names = csv::split(line, delimiter)?;
    let names = names.iter().map(|name| text(name).trim().to_owned()).collect::<Vec<_>>();
    (names.len() > 1).then_some((delimiter, names))
}

/// True for a line that names a column of times and one of requests.
pub(super) fn is_header(line: &[u8], options: &ReadOptions) -> bool {
    header(line).is_some_and(|(_, names)| columns::of(&names, options).is_ok())
}

/// True for a table whose columns only the user knows.
pub(super) fn may_be(head: &[u8], options: &ReadOptions) -> bool {
    let mut lines = head.split(|&byte| byte == b'\n');
    let names = lines.find(|line| !line.starts_with(b"sep=")).and_then(header);
    names.is_some_and(|(_, names)| {
        !options.columns.is_empty() || names.iter().any(|name| columns::is_time(name))
    })
}

/// Reads a file.
pub(super) fn read(
    input: impl Read,
    path: &Path,
    options: &ReadOptions,
) -> Result<Timeline, Error> {
    if let Some(asked) = options.endpoint.clone() {
        return Err(Error::UnknownEndpoint { path: path.to_owned(), asked, known: Vec::new() });
    }
    let mut lines = Lines::new(input);
    let mut head: Option<Head> = None;
    let mut table = Table::default();
    while let Some((number, line)) = lines.next_of(path)? {
        if line.trim_ascii().is_empty() || number == 1 && line.starts_with(b"sep=") {
            continue;
        }
        let Some(head) = &head else {
            let (delimiter, names) = header(line).unwrap_or_default();
            let meanings = columns::of(&names, options).map_err(|problem| Error::Columns {
                path: path.to_owned(),
                problem,
                found: names.clone(),
            })?;
            table.tracks.resize(names.len(), Vec::new());
            head = Some(Head { delimiter, names, meanings });
            continue;
        };
        if let Err(reason) = table.add(head, line, number) {
            lines.lose(reason);
        }
        if table.rows.len() > MOST_SECONDS || table.values > MOST_VALUES {
            return Err(Error::TooLong { path: path.to_owned(), most: MOST_SECONDS });
        }
    }
    lines.close(|ledger| table.finish(head, path, options, ledger))
}

fn text(field: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(field)
}

/// A number, its unit and nothing else: `1.5 s`, `250 ms`, `12 %`, `3.2 req/s`.
fn number(field: &str) -> Option<(f64, &str)> {
    let field = field.trim();
    let part = |char: char| char.is_ascii_digit() || "+-.eE".contains(char);
    let digits = field.find(|char: char| !part(char)).unwrap_or(field.len());
    let (value, unit) = field.split_at_checked(digits)?;
    let value: f64 = value.parse().ok().filter(|value: &f64| value.is_finite())?;
    Some((value, unit.trim()))
}

impl Table {
    fn add(&mut self, head: &Head, line: &[u8], number_of_line: u64) -> Result<(), &'static str> {
        let fields =
            csv::split(line, head.delimiter).ok_or("a row with a quote that is not closed")?;
        if fields.len() != head.names.len() {
            return Err("a row with more or fewer fields than the header");
        }
        let mut row = Row {
            time_us: 0,
            line: number_of_line,
            requests: f64::NAN,
            failed: 0.0,
            share: None,
            vus: None,
            told: [f64::NAN; 3],
        };
        for (meaning, field) in head.meanings.iter().zip(&fields) {
            let field = text(field);
            if *meaning == Meaning::Time {
                row.time_us = self.time(field.trim()).ok_or("a time that cannot be read")?;
                continue;
            }
            if *meaning == Meaning::Other {
                continue;
            }
            if matches!(field.trim(), "" | "null" | "undefined" | "-") {
                continue;
            }
            let (value, unit) = number(&field).ok_or("a value that is not a finite number")?;
            if value < 0.0 {
                return Err("a negative value");
            }
            match *meaning {
                Meaning::Rate | Meaning::Count => {
                    row.requests = if unit.starts_with('K') { value * 1e3 } else { value };
                }
                Meaning::Vus => row.vus = Some(value),
                Meaning::Errors => {
                    row.failed = if unit.starts_with('K') { value * 1e3 } else { value }
                }
                Meaning::ErrorShare(percent) => {
                    row.share = Some(if percent || unit == "%" { value / 100.0 } else { value });
                }
                Meaning::Percentile(at, scale) => {
                    if let Some(slot) = row.told.get_mut(at) {
                        *slot = value
                            * milliseconds(unit)
                                .ok_or("a duration of an unknown unit")?
                                .unwrap_or(scale);
                    }
                }
                Meaning::Time | Meaning::Other => {}
            }
        }
        if row.requests.is_nan() {
            return Err("a row without a number of requests");
        }
        for (at, field) in fields.iter().enumerate() {
            if head.meanings.get(at) == Some(&Meaning::Other)
                && let Some((value, _)) = number(&text(field))
                && let Some(track) = self.tracks.get_mut(at)
            {
                track.push((row.time_us, value));
                self.values += 1;
            }
        }
        self.order.add(row.time_us, number_of_line);
        self.rows.push(row);
        Ok(())
    }

    /// A time on a clock, or (when the first row has one) seconds since the start.
    fn time(&mut self, field: &str) -> Option<i64> {
        if self.rows.is_empty() {
            self.elapsed =
                field.parse::<f64>().is_ok_and(|seconds| (0.0..ELAPSED_S).contains(&seconds));
        }
        if self.elapsed {
            let seconds: f64 = field.parse().ok()?;
            return (0.0..ELAPSED_S).contains(&seconds).then_some((seconds * 1e6) as i64);
        }
        let time = time::either(field.as_bytes())?;
        self.local |= time.local;
        Some(time.us)
    }

    fn finish(
        mut self,
        head: Option<Head>,
        path: &Path,
        options: &ReadOptions,
        mut ledger: Ledger,
    ) -> Result<Timeline, Error> {
        let none = |why: &str| Error::NoRequests { path: path.to_owned(), why: why.into() };
        let head = head.ok_or_else(|| none("the table is empty"))?;
        if let Some((line, size_us)) = self.order.jump() {
            return Err(Error::ClockJump {
                path: path.to_owned(),
                line,
                seconds: size_us as f64 / 1e6,
            });
        }
        // A share above 1 shows that they all are in percent.
        let percent = self.rows.iter().any(|row| row.share.is_some_and(|share| share > 1.0));
        for row in &mut self.rows {
            if let Some(share) = row.share {
                row.failed = row.requests * (if percent { share / 100.0 } else { share }).min(1.0);
            }
        }
        self.rows.sort_by_key(|row| row.time_us);
        let all = self.rows.len();
        let resolution_us = self.resolution_us();
        // Rows a second apart may be so with jitter: the first one's phase counts.
        let first_us = self.rows.first().map_or(0, |row| row.time_us);
        for row in &mut self.rows {
            row.time_us =
                first_us + (row.time_us - first_us + 500_000).div_euclid(1_000_000) * 1_000_000;
        }
        self.rows.dedup_by(|later, kept| {
            let same = later.time_us == kept.time_us;
            if same {
                ledger.lose("a second row for the same time", later.line, 1);
            }
            same
        });
        let damaged = |row: Option<&Row>, expected: &str| {
            let at = format!("line {}", row.map_or(0, |row| row.line));
            Error::Damaged { path: path.to_owned(), at, expected: expected.into() }
        };
        if (1..900_000).contains(&resolution_us) {
            return Err(damaged(
                self.rows.first(),
                "rows are less than a second apart; sum or average them to a row a second",
            ));
        }
        if (all - self.rows.len()) * 20 > all {
            return Err(damaged(
                self.rows.first(),
                "several rows for one time; expected one row a time: keep the rows of one series, \
                 or those of the total",
            ));
        }
        let resolution_s = ((resolution_us + 500_000) / 1_000_000).clamp(1, 86_400);
        let tracks = std::mem::take(&mut self.tracks);
        let rows = self.choose(resolution_s, path, options)?;
        let rate = head.meanings.contains(&Meaning::Rate);
        let mut timeline = spread(rows, resolution_s, rate, path)?;
        timeline.losses = ledger.close();
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
            return Err(none("the table has no row that can be read"));
        };
        let within = first.time_us..=last.time_us;
        for (name, mut points) in head.names.into_iter().zip(tracks) {
            points.retain(|point| within.contains(&point.0));
            points.sort_by_key(|point| point.0);
            if !points.is_empty() {
                timeline.tracks.push(Track { name, points });
            }
        }
        let holes =
            rows.windows(2).filter_map(|pair| Some(pair.last()?.time_us - pair.first()?.time_us));
        let hole_s = holes.max().unwrap_or_default() / 1_000_000;
        if hole_s >= STALL_S.max(2 * resolution_s) {
            timeline
                .warnings
                .push(format!("there is no row for {hole_s} s: counted as no requests"));
        }
        let warn = |when: bool, what: &str| when.then(|| what.to_owned());
        timeline.warnings.extend(
            [
                warn(self.local, "times without an offset are taken as UTC"),
                warn(self.elapsed, "times count from the start, not on a clock: no profile can be aligned with them"),
                warn(
                    rows.iter().any(|row| row.failed > row.requests),
                    "some rows have more errors than requests: requests are expected to include the failed ones",
                ),
            ]
            .into_iter()
            .flatten(),
        );
        Ok(timeline)
    }

    /// The usual distance of two rows.
    fn resolution_us(&self) -> i64 {
        let mut gaps: Vec<i64> = (self.rows.windows(2))
            .filter_map(|pair| Some(pair.last()?.time_us - pair.first()?.time_us))
            .collect();
        gaps.sort_unstable();
        gaps.get(gaps.len() / 2).copied().unwrap_or(1_000_000)
    }

    /// The rows of the one test, or of the one asked for.
    fn choose(
        &self,
        resolution_s: i64,
        path: &Path,
        options: &ReadOptions,
    ) -> Result<&[Row], Error> {
        let gap_us = GAP_S.max(3 * resolution_s) * 1_000_000;
        let tests: Vec<&[Row]> =
            self.rows.chunk_by(|a, b| b.time_us - a.time_us < gap_us).collect();
        let wanted = match (options.test, tests.len()) {
            (None, 1) => Some(0),
            (test, _) => test.and_then(|number| number.checked_sub(1)),
        };
        if tests.is_empty() {
            return Ok(&[]);
        }
        wanted.and_then(|at| tests.get(at).copied()).ok_or_else(|| {
            let span = |rows: &&[Row]| {
                let (first, last) = (rows.first()?.time_us, rows.last()?.time_us);
                Some(TestSpan {
                    start_s: first / 1_000_000,
                    seconds: (last - first) as u64 / 1_000_000 + resolution_s as u64,
                    requests: rows.iter().map(|row| row.requests).sum::<f64>() as u64,
                })
            };
            Error::SeveralTests {
                path: path.to_owned(),
                tests: tests.iter().filter_map(span).collect(),
            }
        })
    }
}

/// Milliseconds in a unit; `Some(None)` where there is none.
fn milliseconds(unit: &str) -> Option<Option<f64>> {
    Some(Some(match unit {
        "" => return Some(None),
        "ns" => 1e-6,
        "µs" | "us" | "μs" => 1e-3,
        "ms" => 1.0,
        "s" | "sec" => 1e3,
        "m" | "min" | "mins" => 60e3,
        _ => return None,
    }))
}

/// Spreads each row evenly over its seconds.
fn spread(rows: &[Row], resolution_s: i64, rate: bool, path: &Path) -> Result<Timeline, Error> {
    let second_of = |row: &Row| row.time_us.div_euclid(1_000_000);
    let none = || Error::NoRequests {
        path: path.to_owned(),
        why: "expected rows with a time and a number of requests above 0".into(),
    };
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Err(none()) };
    let start_s = second_of(first);
    let count = second_of(last) + resolution_s - start_s;
    if count > MOST_SECONDS as i64 {
        return Err(Error::TooLong { path: path.to_owned(), most: MOST_SECONDS });
    }
    let mut seconds = vec![Second::default(); count as usize];
    for (at, row) in rows.iter().enumerate() {
        let from = second_of(row) - start_s;
        let next = rows.get(at + 1).map_or(count, |next| second_of(next) - start_s);
        let to = next.min(from + resolution_s);
        let per_second = if rate { 1.0 } else { (to - from).max(1) as f64 };
        for second in seconds.get_mut(from as usize..to as usize).unwrap_or_default() {
            second.ok = (row.requests - row.failed).max(0.0) / per_second;
            second.failed = row.failed / per_second;
            second.started = second.requests();
            second.vus = row.vus;
            let [p50, p95, p99] = row.told;
            second.told =
                (row.told.iter().any(|value| !value.is_nan())).then_some(Told { p50, p95, p99 });
        }
    }
    if !seconds.iter().any(|second| second.requests() > 0.0) {
        return Err(none());
    }
    let mut timeline = Timeline {
        source: path.display().to_string(),
        format: "CSV",
        start_s,
        seconds,
        resolution_s: resolution_s as u32,
        ..Timeline::default()
    };
    timeline.coarsen();
    Ok(timeline)
}
