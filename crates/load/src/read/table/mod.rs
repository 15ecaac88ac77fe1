//! Reads any table with a column of times and one of requests, as dashboards export them.

mod aligned;
mod background;
mod cells;
mod columns;
mod console;
mod datadog;
mod durations;
mod groups;
mod head;
mod kept;
mod marks;
mod meaning;
mod names;
mod number;
mod promql;
mod queries;
mod scale;
mod seconds;
mod shares;
mod times;
mod told;
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
pub(super) use groups::joined;
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
    /// The number by which the cells of each column are multiplied; 1,000 for `users (k)`.
    factors: Vec<f64>,
    /// True when times with colons count from the start, for each column.
    since_start: Vec<bool>,
    /// True when the user stated that rows end at their times.
    ends: bool,
    /// The columns of all requests, if there are several.
    parts: Vec<usize>,
    /// The column with the dates of the times, counted from 0.
    date: Option<usize>,
    /// The mark before a fraction, in all cells.
    mark: Mark,
}

impl Head {
    /// Returns true for a line between or below the rows of a table that is printed for people.
    fn is_frame(&self, line: &[u8]) -> bool {
        matches!(self.delimiter, aligned::BAR | aligned::BLANKS)
            && (aligned::is_rule(line) || aligned::is_footer(line))
    }

    /// Returns true for a line with as many fields as there are columns.
    fn fits(&self, line: &[u8]) -> bool {
        aligned::split(line, self.delimiter).is_some_and(|fields| fields.len() == self.names.len())
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
    /// Rows without a value in some of the columns of requests that are added up.
    absent_parts: DamagedCells,
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

/// Returns true for the rest of a cell that begins with a number and is a date or a time of day.
fn goes_on(unit: &str) -> bool {
    let mut chars = unit.chars();
    let is_mark = matches!(chars.next(), Some('-' | '/' | ':'));
    is_mark && chars.next().is_some_and(|char| char.is_ascii_digit())
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
    let count = |delimiter: u8| match delimiter {
        aligned::BAR => aligned::bars(line),
        _ => memchr::memchr_iter(delimiter, line).count(),
    };
    let delimiter =
        *[aligned::BAR, b',', b';', b'\t'].iter().max_by_key(|delimiter| count(**delimiter))?;
    let names = aligned::split(line, delimiter)?;
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
        if head.as_ref().is_some_and(|head| head.is_frame(line)) {
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
                    header(line).or_else(|| aligned::names(line)).unwrap_or_default()
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
        let factors = names.iter().map(|name| scale::factor(name, Meaning::from_name)).collect();
        let units_s = meanings.iter().map(|meaning| match meaning {
            Meaning::Time(unit_s) => *unit_s,
            _ => 0.0,
        });
        let times = names.iter().zip(units_s);
        let since_start = times.map(|(name, unit_s)| unit_s == 1.0 || times::is_since_start(name));
        let since_start = since_start.collect();
        let ends = times::are_ends(options);
        let is_all = |meaning: &Meaning| matches!(meaning, Meaning::Rate | Meaning::Count);
        let all = meanings.iter().enumerate().filter(|(_, meaning)| is_all(meaning));
        let parts = Some(all.map(|(at, _)| at).collect::<Vec<_>>());
        let parts = parts.filter(|parts| parts.len() > 1).unwrap_or_default();
        let date = columns::date(&names);
        Ok(Head {
            delimiter,
            names,
            meanings,
            counting,
            periods_s,
            factors,
            since_start,
            ends,
            parts,
            date,
            mark,
        })
    }

    fn add(&mut self, head: &Head, line: &[u8], number_of_line: u64) -> Result<(), &'static str> {
        let fields = aligned::split(line, head.delimiter).ok_or(csv::OPEN)?;
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
                let counts = head.since_start.get(at) == Some(&true);
                let date = head.date.filter(|date| *date != at).and_then(|date| fields.get(date));
                let whole = date.map(|date| format!("{} {}", text(date).trim(), field.trim()));
                let time = whole.and_then(|whole| self.time(&whole, unit_s, counts));
                row.time_us = time
                    .or_else(|| self.time(field.trim(), unit_s, counts))
                    .or_else(|| {
                        self.time(times::of_range(field.trim(), head.ends)?, unit_s, counts)
                    })
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
            let factor = head.factors.get(at).copied().unwrap_or(1.0);
            let value =
                if unit.is_empty() { cells::scaled(*meaning, value, factor) } else { value };
            self.cell(at, *meaning, (value, unit, period_s), &mut row)?;
        }
        if row.requests.is_nan() {
            return Err("a row without a number of requests");
        }
        let is_absent = |at: &usize| fields.get(*at).is_some_and(|field| is_absent(&text(field)));
        if head.parts.iter().any(is_absent) {
            self.absent_parts.add(number_of_line);
        }
        for (at, field) in fields.iter().enumerate() {
            if head.meanings.get(at) == Some(&Meaning::Other)
                && head.date != Some(at)
                && let Some((value, unit)) = number(&text(field), head.mark)
                && !goes_on(unit)
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

    /// Reads a wall-clock time, a time since the start in units of `unit_s` seconds, or a time of
    /// day. The first row decides which of these forms the table has. `counts` is true when times with colons
    /// count from the start.
    fn time(&mut self, field: &str, unit_s: f64, counts: bool) -> Option<i64> {
        let hours = !self.rows.is_empty() && self.clock == Clock::SinceStart;
        // Three numbers may be a time of day where only the user or a unit speaks of seconds.
        let parts = if unit_s != 1.0 || hours { [2, 3] } else { [2, 2] };
        let clock =
            || counts.then(|| parts.iter().find_map(|parts| times::clock_s(field, *parts)))?;
        let since_start = || {
            let seconds = field.parse().ok().map(|number: f64| number * unit_s);
            let seconds = seconds.or_else(clock);
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
