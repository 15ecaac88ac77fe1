//! Reads any table with a column of times and one of requests, as dashboards export them.

mod columns;
mod seconds;
mod units;

use super::order::Order;
use super::{ReadOptions, csv, lines::Lines, time};
use crate::error::{ColumnFault, Error};
use crate::recorder::MOST_SECONDS;
use crate::timeline::Timeline;
use columns::Meaning;
use std::borrow::Cow;
use std::io::Read;
use std::path::Path;

/// Largest number of values in all further columns together.
const MOST_VALUES: usize = 4_000_000;

/// Largest number that counts as valid. The sums of such numbers are finite.
const LARGEST: f64 = 1e18;

/// Largest number of columns in a table.
const MOST_COLUMNS: usize = 1_000;

/// Times below this number count from the test's start, in seconds.
const ELAPSED_S: f64 = 1e8;

/// A row of the table.
#[derive(Clone, Debug)]
struct Row {
    time_us: i64,
    line: u64,
    /// Requests a second, or of the whole row.
    requests: f64,
    /// Failed requests, in the same way.
    failed: f64,
    /// Failed requests as a share of them.
    share: Option<f64>,
    vus: Option<f64>,
    told: [f64; 3],
}

/// Delimiter and columns of the table.
struct Head {
    delimiter: u8,
    names: Vec<String>,
    meanings: Vec<Meaning>,
}

/// The table's data once all rows are read.
#[derive(Default)]
struct Table {
    rows: Vec<Row>,
    /// Points of the columns without a meaning.
    tracks: Vec<Vec<(i64, f64)>>,
    values: usize,
    order: Order,
    local: bool,
    elapsed: bool,
    /// Units in the cells, by column.
    units: Vec<Unit>,
    /// The largest value of each column.
    largest: Vec<f64>,
}

/// The unit in the cells of a column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Unit {
    /// Cells are bare numbers.
    #[default]
    None,
    /// A rate a second: `req/s`, `reqps`, `rps`.
    Rate,
    /// Any other unit, such as those of durations or shares.
    Other,
}

/// Returns the delimiter and the fields of the first line that names columns. Before it may stand a
/// line `sep=;`, which spreadsheets want.
pub(super) fn header(line: &[u8]) -> Option<(u8, Vec<String>)> {
    let delimiter = *[b',', b';', b'\t']
        .iter()
        .max_by_key(|delimiter| memchr::memchr_iter(**delimiter, line).count())?;
    let names = csv::split(line, delimiter)?;
    let names = names.iter().map(|name| text(name).trim().to_owned()).collect::<Vec<_>>();
    (2..=MOST_COLUMNS).contains(&names.len()).then_some((delimiter, names))
}

/// True for a line that names a column of times and one of requests.
pub(super) fn is_header(line: &[u8], options: &ReadOptions) -> bool {
    header(line).is_some_and(|(_, names)| columns::of(&names, options).is_ok())
}

/// True for a table whose columns must be explained by the user.
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
                problem: ColumnFault::Words(problem),
                found: names.clone(),
            })?;
            table.tracks.resize(names.len(), Vec::new());
            table.units.resize(names.len(), Unit::None);
            table.largest.resize(names.len(), 0.0);
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
    lines.close(|ledger| seconds::timeline(table, head, path, options, ledger))
}

fn text(field: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(field)
}

/// Reads a number with its unit and nothing else: `1.5 s`, `250 ms`, `12 %`, `3.2 req/s`.
fn number(field: &str) -> Option<(f64, &str)> {
    let field = field.trim();
    let part = |char: char| char.is_ascii_digit() || "+-.eE".contains(char);
    let digits = field.find(|char: char| !part(char)).unwrap_or(field.len());
    let (value, unit) = field.split_at_checked(digits)?;
    let value: f64 = value.parse().ok().filter(|value: &f64| value.abs() < LARGEST)?;
    Some((value, unit.trim()))
}

/// Seconds of a rate's period, from its unit: `req/s`, `reqps`, `rpm`, `ops/min`.
fn rate_of(unit: &str) -> Option<f64> {
    let lower = unit.trim().to_lowercase();
    let ends = |ends: &[&str]| ends.iter().any(|end| lower.ends_with(end));
    if ends(&["/s", "/sec", "/second", "req/s", "reqps", "rps", "ops", "cps", "iops", "wps"]) {
        return Some(1.0);
    }
    ends(&["/min", "/m", "rpm", "opm", "cpm"]).then_some(60.0)
}

impl Table {
    /// Notes the unit and the size of a cell.
    fn see(&mut self, at: usize, value: f64, unit: &str) {
        let seen = match unit {
            "" | "K" | "k" | "Mil" => Unit::None,
            unit if rate_of(unit).is_some() => Unit::Rate,
            _ => Unit::Other,
        };
        if let Some(known) = self.units.get_mut(at).filter(|known| **known == Unit::None) {
            *known = seen;
        }
        if let Some(largest) = self.largest.get_mut(at) {
            *largest = largest.max(value);
        }
    }

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
        for (at, (meaning, field)) in head.meanings.iter().zip(&fields).enumerate() {
            let field = text(field);
            if *meaning == Meaning::Time {
                row.time_us = self.time(field.trim()).ok_or("a time that cannot be read")?;
                continue;
            }
            let missing = matches!(field.trim(), "" | "null" | "undefined" | "-");
            if missing || *meaning == Meaning::Other {
                continue;
            }
            let (value, unit) = number(&field).ok_or("a value that is not a finite number")?;
            if value < 0.0 {
                return Err("a negative value");
            }
            self.see(at, value, unit);
            // `1.2 K req/s`, `30 req/min`.
            let thousands = unit.starts_with(['K', 'k']) && !unit.starts_with("kB");
            let counted =
                if thousands { value * 1e3 } else { value } / rate_of(unit).unwrap_or(1.0);
            match *meaning {
                Meaning::Rate | Meaning::Count => row.requests = counted,
                Meaning::Vus => row.vus = Some(counted),
                Meaning::Errors => row.failed = counted,
                Meaning::ErrorShare(percent) => {
                    row.share = Some(if percent || unit == "%" { value / 100.0 } else { value });
                }
                Meaning::Percentile(at, scale) => {
                    // A bare number is scaled once all numbers are known.
                    let bare = if scale == 0.0 { 1.0 } else { scale };
                    let scale = if unit.is_empty() { Some(bare) } else { milliseconds(unit) };
                    let scale = scale.ok_or("a duration of an unknown unit")?;
                    if let Some(slot) = row.told.get_mut(at) {
                        *slot = value * scale;
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

    /// Reads a wall-clock time, or seconds since the start when the first row has such a time.
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
}

/// Milliseconds in one unit.
fn milliseconds(unit: &str) -> Option<f64> {
    Some(match unit {
        "ns" => 1e-6,
        "µs" | "us" | "μs" => 1e-3,
        "ms" => 1.0,
        "s" | "sec" => 1e3,
        "m" | "min" | "mins" => 60e3,
        _ => return None,
    })
}
