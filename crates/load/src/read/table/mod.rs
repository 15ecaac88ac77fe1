//! Reads any table with a column of times and one of requests, as dashboards export them.

mod columns;
mod durations;
mod meaning;
mod names;
mod number;
mod seconds;
mod shares;
mod times;
mod totals;
mod units;
mod users;

use super::order::Order;
use super::time::{self, DateOrder};
use super::{ReadOptions, csv, lines::Lines};
use crate::error::{ColumnFault, Error};
use crate::flights::MOST_SECONDS;
use crate::timeline::Timeline;
use crate::track::{self, Track};
use columns::Counting;
use meaning::Meaning;
pub(crate) use number::{Mark, Unit as CountedAs, counted, number};
use number::{Unit, milliseconds};
use std::borrow::Cow;
use std::io::Read;
use std::path::Path;

/// Largest number of values in all further columns together.
const MOST_VALUES: usize = 4_000_000;

/// Largest number of columns in a table.
const MOST_COLUMNS: usize = 1_000;

/// Times below this number count from the test's start, in seconds.
const ELAPSED_S: f64 = 1e8;

/// Microseconds of a day.
const DAY_US: i64 = 86_400_000_000;

/// A row of the table.
#[derive(Clone, Debug)]
struct Row {
    time_us: i64,
    line: u64,
    /// Requests a second, or of the whole row.
    requests: f64,
    /// Failed requests, in the same way; NaN for a cell without a value.
    failed: f64,
    /// Requests that succeeded, beside all requests; NaN without them.
    succeeded: f64,
    /// Seconds up to the next row, for the growth of a counter.
    growth_s: Option<i64>,
    /// Failed requests as a share of all requests; at first those that succeeded, in a table with these.
    share: Option<f64>,
    vus: Option<f64>,
    told: [f64; 4],
}

/// Delimiter and columns of the table.
struct Head {
    delimiter: u8,
    names: Vec<String>,
    meanings: Vec<Meaning>,
    counting: Vec<Counting>,
    /// Seconds of the period in each column's name; 60 for requests a minute.
    periods_s: Vec<f64>,
    /// The column with the dates of the times, counted from 0.
    date: Option<usize>,
    /// The mark before a fraction, in all cells.
    mark: Mark,
}

/// The table's data once all rows are read.
#[derive(Default)]
struct Table {
    rows: Vec<Row>,
    /// The columns without a meaning.
    tracks: Vec<Track>,
    values: usize,
    order: Order,
    local: bool,
    dates: DateOrder,
    clock: Clock,
    /// Units in the cells, by column.
    units: Vec<Unit>,
    /// The largest value of each column.
    largest: Vec<f64>,
    /// Cells of virtual users, and of durations, that cannot be read.
    damaged_vus: DamagedCells,
    damaged_durations: DamagedCells,
    /// Rows with requests and without a number of failed ones, after the first such number.
    absent_failures: DamagedCells,
}

/// The kind of a table's times, which its first row shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Clock {
    #[default]
    Wall,
    /// Seconds since the start.
    SinceStart,
    /// Times of day without a date. The last time is in microseconds since the first day began.
    OfDay { last_us: i64 },
}

/// Cells that cannot be read, in rows that are used all the same.
#[derive(Clone, Copy, Debug, Default)]
struct DamagedCells {
    count: u64,
    /// The line of the first one.
    first_line: u64,
}

impl DamagedCells {
    fn add(&mut self, line: u64) {
        if self.count == 0 {
            self.first_line = line;
        }
        self.count += 1;
    }
}

/// The reason why a row with a unit like `GB` in a column of requests is lost.
const UNKNOWN: &str = "a number of requests, users or errors with an unknown unit";

/// Returns the unit of a further quantity, and the factor for its numbers. Numbers with an unknown unit
/// are taken as plain numbers.
fn known(unit: &str, column: &str) -> (track::Unit, f64) {
    if let Some(factor) = track::cores_of(unit, column) {
        return (track::Unit::Plain, factor);
    }
    let factor = || counted(unit).map_or(1.0, |counted| counted.factor);
    track::Unit::named(unit).unwrap_or_else(|| (track::Unit::Plain, factor()))
}

/// Returns true for a cell without a value.
fn is_absent(field: &str) -> bool {
    let field = field.trim();
    let absent = ["", "-", "null", "undefined", "nan", "no data", "n/a"];
    field.len() <= 9 && absent.contains(&field.to_lowercase().as_str())
}

/// Returns the delimiter and the fields of a line that names columns. Returns `None` for a line with
/// one field, or with more than [`MOST_COLUMNS`].
pub(super) fn header(line: &[u8]) -> Option<(u8, Vec<String>)> {
    let delimiter = *[b',', b';', b'\t']
        .iter()
        .max_by_key(|delimiter| memchr::memchr_iter(**delimiter, line).count())?;
    let names = csv::split(line, delimiter)?;
    let names = names.iter().map(|name| text(name).trim().to_owned()).collect::<Vec<_>>();
    (2..=MOST_COLUMNS).contains(&names.len()).then_some((delimiter, names))
}

/// Returns true for a line that may stand above the names of the columns: a note of the delimiter, or a
/// comment. A column may be called `#`.
fn is_above(line: &[u8], options: &ReadOptions) -> bool {
    let is_name = matches!(line, [b'#', b',' | b';' | b'\t', ..]);
    line.starts_with(b"sep=") || line.starts_with(b"#") && !is_name && !is_header(line, options)
}

/// Returns true for a text whose first line, except for notes and comments, names a column of times and
/// one of requests.
pub(super) fn begins(head: &[u8], options: &ReadOptions) -> bool {
    let mut lines = head.split(|&byte| byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    lines.find(|line| !is_above(line, options)).is_some_and(|line| is_header(line, options))
}

/// Returns true for a line that names a column of times and one of requests.
fn is_header(line: &[u8], options: &ReadOptions) -> bool {
    header(line).is_some_and(|(_, names)| columns::column_meanings(&names, options).is_ok())
}

/// Returns true for a table whose columns must be explained by the user.
pub(super) fn may_be(head: &[u8], options: &ReadOptions) -> bool {
    let mut lines = head.split(|&byte| byte == b'\n');
    let names = lines.find(|line| !line.starts_with(b"sep=")).and_then(header);
    names.is_some_and(|(_, names)| {
        let named = || names.iter().any(|name| columns::is_time(name));
        !options.columns.is_empty() || named() || lines.next().is_some_and(has_time(names.len()))
    })
}

/// Returns true for a table without a known column of times: its first line names a column of requests
/// and another one of a load test, and the next line has a number in each of its fields.
pub(super) fn lacks_time(head: &[u8], options: &ReadOptions) -> bool {
    let mut lines = head.split(|&byte| byte == b'\n');
    let Some((delimiter, names)) =
        lines.find(|line| !is_above(line, options)).and_then(|line| header(line.trim_ascii_end()))
    else {
        return false;
    };
    let row = lines.next().and_then(|line| csv::split(line.trim_ascii_end(), delimiter));
    let is_number = |field: &Cow<'_, [u8]>| number(&text(field), Mark::default()).is_some();
    columns::are_of_load(&names)
        && row.is_some_and(|row| row.len() == names.len() && row.iter().all(is_number))
}

/// Returns a function that returns true for a row of `count` fields, one of which is a time.
fn has_time(count: usize) -> impl Fn(&[u8]) -> bool {
    move |line| {
        let row = header(line.trim_ascii_end()).filter(|(_, fields)| fields.len() == count);
        row.is_some_and(|(_, fields)| {
            let is_time = |field: &String| {
                time::written(field.as_bytes()).is_some() || time::local(field).is_some()
            };
            fields.iter().any(is_time)
        })
    }
}

/// Returns the delimiter and the fields of the first rows of a table.
fn first_rows(head: &[u8], options: &ReadOptions) -> Option<(u8, Vec<Vec<String>>)> {
    let lines = head.split(|&byte| byte == b'\n');
    let mut lines = lines.skip_while(|line| is_above(line, options));
    let (delimiter, _) = lines.next().and_then(header)?;
    // The last line may be cut off.
    let rows: Vec<&[u8]> = lines.collect();
    let whole = rows.split_last().map_or(&[][..], |(_, rows)| rows);
    let rows = if whole.is_empty() { rows.as_slice() } else { whole };
    let rows = rows.iter().filter_map(|row| csv::split(row.trim_ascii_end(), delimiter));
    let rows = rows.map(|row| row.iter().map(|field| text(field).into_owned()).collect());
    Some((delimiter, rows.collect()))
}

/// Returns the mark before a fraction in the first rows of a table.
pub(crate) fn mark(head: &[u8], options: &ReadOptions) -> Mark {
    let Some((delimiter, rows)) = first_rows(head, options) else { return Mark::default() };
    Mark::detect(rows.iter().flatten().map(String::as_str), delimiter)
}

/// Returns the columns whose cells are requests a second (`400 req/s`) in the first rows of a table,
/// counted from 0.
pub(super) fn rates(head: &[u8], mark: Mark, options: &ReadOptions) -> Vec<usize> {
    let Some((_, rows)) = first_rows(head, options) else { return Vec::new() };
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0).min(MOST_COLUMNS);
    let is_rate = |at: &usize| {
        let mut cells = rows.iter().filter_map(|row| row.get(*at)).filter(|cell| !is_absent(cell));
        let rate = |cell: &String| number(cell, mark).is_some_and(|(_, unit)| of_requests(unit));
        cells.next().is_some_and(rate) && cells.all(rate)
    };
    (0..columns).filter(is_rate).collect()
}

/// Returns true for the unit of a rate that can only be one of requests.
fn of_requests(unit: &str) -> bool {
    let lower = unit.to_lowercase();
    let is = ["req", "rps", "rpm"].iter().any(|word| lower.contains(word));
    is && counted(unit).is_some_and(|counted| counted.unit == Unit::Rate)
}

/// Reads a file, with the mark of its first rows, and the columns whose cells are requests a second
/// there.
pub(super) fn read(
    input: impl Read,
    path: &Path,
    options: &ReadOptions,
    mark: Mark,
    rates: &[usize],
) -> Result<Timeline, Error> {
    let mut lines = Lines::new(input);
    let mut head: Option<Head> = None;
    let mut table = Table::default();
    while let Some((number, line)) = lines.next_of(path)? {
        if line.trim_ascii().is_empty() || head.is_none() && is_above(line, options) {
            continue;
        }
        let Some(head) = &head else {
            let (delimiter, names) = header(line).unwrap_or_default();
            let meanings =
                columns::with_rates(&names, options, rates).map_err(|problem| Error::Columns {
                    path: path.to_owned(),
                    problem: ColumnFault::Words(problem),
                    found: names.clone(),
                })?;
            table.tracks = names.iter().map(|name| Track::new(name, Vec::new())).collect();
            table.units.resize(names.len(), Unit::None);
            table.largest.resize(names.len(), 0.0);
            let counting = columns::counting(&names, options);
            let periods_s = names.iter().map(|name| names::period_s(name)).collect();
            let date = columns::date(&names);
            head = Some(Head { delimiter, names, meanings, counting, periods_s, date, mark });
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

/// Returns the distances from each row to the next, in microseconds.
fn distances(rows: &[Row]) -> impl Iterator<Item = i64> {
    rows.iter().zip(rows.iter().skip(1)).map(|(row, next)| next.time_us - row.time_us)
}

/// Adds a number to one that may have no value yet.
fn add(sum: &mut f64, value: f64) {
    *sum = if sum.is_nan() { value } else { *sum + value };
}

fn text(field: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(field)
}

impl Table {
    /// Notes the unit and the size of a cell.
    fn see(&mut self, at: usize, value: f64, unit: Unit) {
        if let Some(known) = self.units.get_mut(at).filter(|known| **known == Unit::None) {
            *known = unit;
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
            failed: f64::NAN,
            succeeded: f64::NAN,
            growth_s: None,
            share: None,
            vus: None,
            told: [f64::NAN; 4],
        };
        for (at, (meaning, field)) in head.meanings.iter().zip(&fields).enumerate() {
            let field = text(field);
            if let Meaning::Time(unit_s) = *meaning {
                let unit_s = if unit_s > 0.0 { unit_s } else { 1.0 };
                let date = head.date.filter(|date| *date != at).and_then(|date| fields.get(date));
                let whole = date.map(|date| format!("{} {}", text(date).trim(), field.trim()));
                let time = whole.and_then(|whole| self.time(&whole, unit_s));
                row.time_us = time
                    .or_else(|| self.time(field.trim(), unit_s))
                    .ok_or("a time that cannot be read")?;
                continue;
            }
            if is_absent(&field) || *meaning == Meaning::Other {
                continue;
            }
            let damaged = match *meaning {
                Meaning::Vus => Some(&mut self.damaged_vus),
                Meaning::Duration(..) => Some(&mut self.damaged_durations),
                _ => None,
            };
            let (value, unit) = match (number(&field, head.mark), damaged) {
                (Some((value, unit)), _) if value >= 0.0 => (value, unit),
                // The row's requests are as good as those of any other row.
                (_, Some(damaged)) => {
                    damaged.add(number_of_line);
                    continue;
                }
                (Some(_), None) => return Err("a negative value"),
                (None, None) => return Err("a value that is not a finite number"),
            };
            let period_s = head.periods_s.get(at).copied().unwrap_or(1.0);
            self.cell(at, *meaning, (value, unit, period_s), &mut row)?;
        }
        if row.requests.is_nan() {
            return Err("a row without a number of requests");
        }
        for (at, field) in fields.iter().enumerate() {
            if head.meanings.get(at) == Some(&Meaning::Other)
                && head.date != Some(at)
                && let Some((value, unit)) = number(&text(field), head.mark)
                && let Some(track) = self.tracks.get_mut(at)
            {
                let (unit, factor) = known(unit, &track.name);
                if track.unit == track::Unit::Plain {
                    track.unit = unit;
                }
                track.points.push((row.time_us, value * factor));
                self.values += 1;
            }
        }
        self.order.add(row.time_us, number_of_line);
        self.rows.push(row);
        Ok(())
    }

    /// Takes the value of a cell with a meaning: its number, its unit, and the seconds of the
    /// period in the column's name. A period in the cell takes precedence.
    fn cell(
        &mut self,
        at: usize,
        meaning: Meaning,
        (value, unit, period_s): (f64, &str, f64),
        row: &mut Row,
    ) -> Result<(), &'static str> {
        let percent = unit == "%";
        match meaning {
            Meaning::Rate | Meaning::Count | Meaning::Succeeded | Meaning::Vus => {
                let Some(counted) = counted(unit) else {
                    if meaning == Meaning::Vus {
                        self.damaged_vus.add(row.line);
                        return Ok(());
                    }
                    return Err(UNKNOWN);
                };
                self.see(at, value, counted.unit);
                let amount = value * counted.factor;
                match meaning {
                    Meaning::Vus => row.vus = Some(amount),
                    // Classes of status are added up: `2xx` and `3xx`.
                    Meaning::Succeeded => {
                        add(&mut row.requests, counted.in_period(amount, period_s))
                    }
                    _ => row.requests = counted.in_period(amount, period_s),
                }
            }
            // Both names stand for both quantities; a unit in the cell decides.
            Meaning::Errors | Meaning::ErrorShare(_) => {
                let is_share = percent || unit.is_empty() && meaning != Meaning::Errors;
                if is_share {
                    self.see(at, value, if percent { Unit::Share } else { Unit::None });
                    let whole = percent || meaning == Meaning::ErrorShare(true);
                    row.share = Some(if whole { value / 100.0 } else { value });
                    return Ok(());
                }
                let counted = counted(unit).ok_or(UNKNOWN)?;
                self.see(at, value, counted.unit);
                // Classes of status are added up: `4xx` and `5xx`.
                add(&mut row.failed, counted.in_period(value * counted.factor, period_s));
            }
            Meaning::Duration(which, scale) => {
                self.see(at, value, if unit.is_empty() { Unit::None } else { Unit::Other });
                // A bare number is scaled once all numbers are known.
                let bare = if scale == 0.0 { 1.0 } else { scale };
                let scale = if unit.is_empty() { Some(bare) } else { milliseconds(unit) };
                match (scale, row.told.get_mut(which)) {
                    (Some(scale), Some(slot)) => *slot = value * scale,
                    _ => self.damaged_durations.add(row.line),
                }
            }
            Meaning::SuccessShare(_) => {
                if !percent && !unit.is_empty() {
                    return Err(UNKNOWN);
                }
                self.see(at, value, if percent { Unit::Share } else { Unit::None });
                row.share = Some(if percent { value / 100.0 } else { value });
            }
            Meaning::SucceededOfAll => {
                let counted = counted(unit).ok_or(UNKNOWN)?;
                self.see(at, value, counted.unit);
                row.succeeded = counted.in_period(value * counted.factor, period_s);
            }
            Meaning::Time(_) | Meaning::Other => {}
        }
        Ok(())
    }

    /// Reads a wall-clock time, a time since the start in units of `unit_s` seconds, or a time of day. The
    /// first row decides which of them the table has.
    fn time(&mut self, field: &str, unit_s: f64) -> Option<i64> {
        let since_start = || {
            let seconds = field.parse().ok().map(|number: f64| number * unit_s);
            seconds.filter(|seconds| (0.0..ELAPSED_S).contains(seconds))
        };
        if self.rows.is_empty() {
            self.clock = match (since_start(), time::of_day(field)) {
                (Some(_), _) => Clock::SinceStart,
                (None, Some(last_us)) => Clock::OfDay { last_us },
                (None, None) => Clock::Wall,
            };
        }
        match self.clock {
            Clock::Wall => {}
            Clock::SinceStart => return since_start().map(spikeflame_wall::micros_of),
            Clock::OfDay { last_us } => {
                // A test may run over midnight: of all days, the one nearest to the row before.
                let of_day = time::of_day(field)?;
                let days = (last_us - of_day + DAY_US / 2).div_euclid(DAY_US);
                let last_us = of_day + days * DAY_US;
                self.clock = Clock::OfDay { last_us };
                return Some(last_us);
            }
        }
        let time = time::either(field.as_bytes()).or_else(|| {
            let time = time::local(field)?;
            self.dates.see(field);
            Some(time)
        })?;
        self.local |= time.local;
        Some(time.us)
    }
}
