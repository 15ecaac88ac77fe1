//! Decides the units of durations and times, and the side of a request on which its time lies, by the
//! first requests of a file.

use super::cells::{Moment, Outcome, Request};
use super::columns::{Columns, Side};
use crate::error::{ColumnFault, Error};
use crate::stats::median;
use crate::timeline::Column;
use std::path::Path;

/// Numbers from here on are milliseconds or less. So are whole numbers above 0.
const LIKELY_MS: f64 = 10.0;
/// Smaller numbers are seconds: an answer over a network takes longer than a tenth of a millisecond.
const SHORTEST_MS: f64 = 0.1;
/// Usual durations from here on are microseconds, and from a thousand times as much on nanoseconds: an
/// answer does not usually take 20 seconds.
const LIKELY_US: f64 = 20_000.0;
/// Requests in one unit of the times from which the unit is a second. As milliseconds, they would be
/// thousands a second.
const MANY: f64 = 5.0;
/// The share of the rows out of order that an order has to explain.
const EXPLAINED: f64 = 0.25;
/// Milliseconds by which a time may be cut.
const STEP_MS: f64 = 1.0;

/// Units and sides, once they are known.
#[derive(Clone, Debug)]
pub(super) struct Settled {
    /// Microseconds in one unit of a time since the start; `None` for times of a clock.
    pub(super) time_us: Option<f64>,
    /// True for times of day without a date.
    pub(super) is_of_day: bool,
    /// Milliseconds in one unit of a duration.
    pub(super) duration_ms: f64,
    /// True when a time is the end of its request.
    pub(super) ends: bool,
    /// The columns that are read, for the user to check.
    pub(super) columns: Vec<Column>,
}

impl Settled {
    /// Returns a moment in microseconds; `None` for one of another kind than the first.
    pub(super) fn micros(&self, moment: Moment) -> Option<i64> {
        match (moment, self.time_us) {
            (Moment::Clock(time), None) if !self.is_of_day => Some(time.us),
            (Moment::Number(number), Some(unit)) => Some((number * unit) as i64),
            (Moment::OfDay(us), None) if self.is_of_day => Some(us),
            _ => None,
        }
    }
}

/// Decides from the first requests.
///
/// # Errors
///
/// Returns [`Error::Columns`] when a unit cannot be told.
pub(super) fn settle(
    requests: &[Request],
    columns: &Columns,
    path: &Path,
) -> Result<Settled, Error> {
    let fault =
        |problem| Error::Columns { path: path.to_owned(), problem, found: columns.names.clone() };
    let is_of_day = matches!(requests.first(), Some(Request { moment: Moment::OfDay(_), .. }));
    let mut settled =
        Settled { is_of_day, time_us: None, duration_ms: 1.0, ends: false, columns: Vec::new() };
    let time_name = columns.name(columns.time.at);
    if let Some(Moment::Number(_)) = requests.first().map(|request| request.moment) {
        let numbers = || requests.iter().filter_map(number);
        let unit_s = time_unit_s(numbers, columns.time.unit_s);
        let step = median(numbers().zip(numbers().skip(1)).map(|(one, next)| (next - one).abs()));
        let step = step.unwrap_or_default() as i64;
        let problem = ColumnFault::NoTimeUnit { name: time_name.clone(), step };
        settled.time_us = Some(unit_s.ok_or_else(|| fault(problem))? * 1e6);
    }
    let order = Order::of(requests, &settled);
    if let Some(at) = columns.duration {
        let name = columns.name(at);
        let is_bare = requests.iter().all(|request| request.cell_ms == 0.0);
        let (unit_ms, guessed) = match (columns.unit_ms, is_bare) {
            (unit, _) if unit > 0.0 => (unit, None),
            (_, false) => (1.0, None),
            _ => {
                let found = order.unit_ms().map(|unit| (unit, Some("by the order of the rows")));
                let problem = ColumnFault::NoUnit { name: name.clone(), meaning: "mean" };
                found.or_else(|| likely(requests)).ok_or_else(|| fault(problem))?
            }
        };
        settled.duration_ms = unit_ms;
        let unit = match unit_ms {
            _ if !is_bare => "as its cells say",
            1e3 => "seconds",
            1e-3 => "microseconds",
            1e-6 => "nanoseconds",
            _ => "milliseconds",
        };
        settled.columns.push(Column {
            name,
            meaning: "duration of a request".to_owned(),
            unit: guessed.map_or_else(|| unit.to_owned(), |how| format!("{unit}, {how}")),
            guessed: guessed == Some("a guess"),
        });
    }
    let side = order.side(&settled);
    settled.ends = match columns.time.side {
        Side::Unclear => side == Some(Side::End),
        side => side == Side::End,
    };
    // Rows that were sorted by their starts look like rows that were written in the order of their ends.
    let is_sorted = settled.ends && order.disorder(0.0) == 0.0;
    let how = match (columns.time.side, side) {
        (Side::Unclear, None) => ", a guess",
        (Side::Unclear, _) if is_sorted => {
            ", a guess because the rows have its order (sorted rows may have starts)"
        }
        (Side::Unclear, _) => ", by the order of the rows",
        _ => "",
    };
    let guessed = how.starts_with(", a guess");
    let side = if settled.ends { "end" } else { "start" };
    let meaning = format!("{side} of a request{how}");
    settled.columns.insert(0, Column { name: time_name, meaning, unit: String::new(), guessed });
    Ok(settled)
}

/// Returns a time that counts from another moment than 1970.
fn number(request: &Request) -> Option<f64> {
    match request.moment {
        Moment::Number(number) => Some(number),
        _ => None,
    }
}

/// Returns the seconds in one unit of times since the start.
fn time_unit_s<I: Iterator<Item = f64>>(numbers: impl Fn() -> I, named_s: f64) -> Option<f64> {
    if named_s > 0.0 {
        return Some(named_s);
    }
    let first = numbers().fold(f64::MAX, f64::min);
    let last = numbers().fold(0.0, f64::max);
    let count = numbers().count() as f64;
    (count >= MANY * (last - first).max(1.0)).then_some(1.0)
}

/// Returns the milliseconds in the likely unit of bare durations.
fn likely(requests: &[Request]) -> Option<(f64, Option<&'static str>)> {
    let durations = || requests.iter().map(|request| request.duration).filter(|it| !it.is_nan());
    let usual = median(durations())?;
    let are_whole = durations().all(|duration| duration.fract() == 0.0);
    let unit = match usual {
        usual if usual >= LIKELY_US * 1e3 => 1e-6,
        usual if usual >= LIKELY_US => 1e-3,
        usual if usual >= LIKELY_MS || are_whole => 1.0,
        usual if usual < SHORTEST_MS => 1e3,
        _ => return None,
    };
    Some((unit, Some("a guess")))
}

/// The times and durations of the first requests in the order of the file. A program usually writes a row when
/// its request has ended, so the ends have the order of the rows.
struct Order {
    /// Milliseconds of a time and bare duration.
    rows: Vec<(f64, f64)>,
}

impl Order {
    fn of(requests: &[Request], settled: &Settled) -> Self {
        let usual = requests.iter().filter(|request| request.outcome != Outcome::Unanswered);
        let row = |request: &Request| {
            let time_ms = settled.micros(request.moment)? as f64 / 1e3;
            let scale = if request.cell_ms > 0.0 { request.cell_ms } else { 1.0 };
            (!request.duration.is_nan()).then_some((time_ms, request.duration * scale))
        };
        Self { rows: usual.filter_map(row).collect() }
    }

    /// Returns the number of rows before which the row above ended, where a time and its duration in a unit add
    /// up to the end.
    fn disorder(&self, unit_ms: f64) -> f64 {
        let end = |(time, duration): &(f64, f64)| time + duration * unit_ms;
        let next = self.rows.iter().skip(1).map(end);
        let pairs = self.rows.iter().map(end).zip(next);
        pairs.filter(|(one, next)| *next + STEP_MS < *one).count() as f64
    }

    /// Returns the milliseconds in the unit in which durations bring the ends into order, where the times have
    /// none.
    fn unit_ms(&self) -> Option<f64> {
        let without = self.disorder(0.0);
        let is_known = without >= 10.0 && without * 100.0 >= self.rows.len() as f64;
        let best = [1.0, 1e3, 1e-3, 1e-6].into_iter().map(|unit| (self.disorder(unit), unit));
        let best = best.min_by(|a, b| a.0.total_cmp(&b.0)).filter(|_| is_known)?;
        (best.0 <= EXPLAINED * without).then_some(best.1)
    }

    /// Returns the side of the times that the order shows.
    fn side(&self, settled: &Settled) -> Option<Side> {
        let unit_ms = settled.duration_ms;
        let (ends, starts) = (self.disorder(0.0), self.disorder(unit_ms));
        match ends.total_cmp(&starts) {
            std::cmp::Ordering::Less => Some(Side::End),
            std::cmp::Ordering::Greater => Some(Side::Start),
            std::cmp::Ordering::Equal => None,
        }
    }
}
