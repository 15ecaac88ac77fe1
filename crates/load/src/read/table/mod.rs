//! Reads any table with a column of times and one of requests, as dashboards export them.

mod columns;
mod console;
mod datadog;
mod durations;
mod head;
mod kept;
mod marks;
mod meaning;
mod names;
mod number;
mod promql;
mod seconds;
mod shares;
mod times;
mod totals;
mod units;
mod users;

use super::order::Order;
use super::time::{self, DateOrder};
use super::{ReadOptions, csv, lines::Lines};
use crate::error::{ColumnFault, Error, TablePart};
use crate::flights::MOST_SECONDS;
use crate::timeline::Timeline;
use crate::track::{self, Track};
use columns::Counting;
pub(super) use columns::is_of_periods;
pub(super) use durations::{bare_duration, is_elapsed};
pub(crate) use head::mark;
pub(super) use head::{begins, lacks_time, may_be, rates};
use marks::FoundMark;
use meaning::Meaning;
pub(super) use names::split as words_of;
use number::Unit;
pub(super) use number::milliseconds;
pub(crate) use number::{Mark, Unit as CountedAs, counted, number};
use std::borrow::Cow;
use std::io::Read;
use std::path::Path;
pub(super) use times::time as time_name;

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

impl Head {
    /// Returns true for a line with as many fields as there are columns.
    fn fits(&self, line: &[u8]) -> bool {
        csv::split(line, self.delimiter).is_some_and(|fields| fields.len() == self.names.len())
    }
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
    /// A cell of the first rows that has a fraction or thousands, where no cell shows which.
    unclear: Option<String>,
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

/// Reads a file, with the mark of its first rows, and the columns whose cells are requests a second
/// there.
pub(super) fn read(
    input: impl Read,
    path: &Path,
    options: &ReadOptions,
    mark: FoundMark,
    rates: &[usize],
) -> Result<Timeline, Error> {
    let FoundMark { mark, unclear } = mark;
    let mut lines = Lines::new(input);
    let mut head: Option<Head> = None;
    let mut console: Option<console::ConsoleRows> = None;
    let mut table = Table { unclear, ..Table::default() };
    let mut open = csv::OpenRow::default();
    while let Some((number, line)) = lines.next_of(path)? {
        if line.trim_ascii().is_empty() || head.is_none() && head::is_above(line, options) {
            continue;
        }
        if head.is_none() {
            let (delimiter, names) = match &mut console {
                Some(console) => {
                    if console.add(line) {
                        continue;
                    }
                    (console.delimiter, console.names())
                }
                None => {
                    console = console::ConsoleRows::starting(line);
                    if console.is_some() {
                        continue;
                    }
                    header(line).unwrap_or_default()
                }
            };
            head = Some(table.start(delimiter, names, (mark, rates), path, options)?);
            if console.is_none() {
                continue;
            }
        }
        let Some(head) = &head else { continue };
        // A row that is whole alone shows that the quote above it was never closed.
        let is_row = csv::is_whole(line) && (open.is_empty() || head.fits(line));
        if !is_row {
            open.add(line, number);
        }
        let added = if is_row { table.add(head, line, number) } else { Ok(()) };
        if open.is_whole() {
            let (row, first, count) = open.take();
            table
                .add(head, &row, first)
                .unwrap_or_else(|reason| lines.lose_many(reason, first, count));
        } else if !open.is_empty() && (is_row || open.len() > csv::LONGEST_ROW) {
            let (_, first, count) = open.take();
            lines.lose_many(csv::OPEN, first, count);
        }
        if let Err(reason) = added {
            lines.lose(reason);
        }
        let parts = [
            (TablePart::Rows, table.rows.len(), MOST_SECONDS),
            (TablePart::Values, table.values, MOST_VALUES),
        ];
        if let Some((what, _, most)) = parts.into_iter().find(|(_, count, most)| count > most) {
            return Err(Error::TooLarge { path: path.to_owned(), most, what });
        }
    }
    if !open.is_empty() {
        let (_, first, count) = open.take();
        lines.lose_many(csv::OPEN, first, count);
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
    /// Prepares for the rows below the names of the columns. Takes the mark of the table's first rows, and
    /// the columns whose cells are rates there.
    fn start(
        &mut self,
        delimiter: u8,
        names: Vec<String>,
        (mark, rates): (Mark, &[usize]),
        path: &Path,
        options: &ReadOptions,
    ) -> Result<Head, Error> {
        let meanings =
            columns::with_rates(&names, options, rates).map_err(|problem| Error::Columns {
                path: path.to_owned(),
                problem: ColumnFault::Words(problem),
                found: names.clone(),
            })?;
        self.tracks = names.iter().map(|name| Track::new(name, Vec::new())).collect();
        self.units.resize(names.len(), Unit::None);
        self.largest.resize(names.len(), 0.0);
        let counting = columns::counting(&names, options);
        let periods_s = names.iter().map(|name| columns::period_s(name)).collect();
        let date = columns::date(&names);
        Ok(Head { delimiter, names, meanings, counting, periods_s, date, mark })
    }

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
        let fields = csv::split(line, head.delimiter).ok_or(csv::OPEN)?;
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
                    .ok_or_else(|| times::unreadable(field.trim()))?;
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
                    let share = if whole { value / 100.0 } else { value };
                    // Only shares of classes of status have several columns, and are added up.
                    row.share = Some(row.share.unwrap_or_default() + share);
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

    /// Reads a wall-clock time, a time since the start in units of `unit_s` seconds, or a time of
    /// day. The first row decides which of these forms the table has.
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
        let time = time::either(field.as_bytes())
            .or_else(|| time::dated(field).inspect(|_| self.dates.see(field)))?;
        self.local |= time.local;
        Some(time.us)
    }
}
