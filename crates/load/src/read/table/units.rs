//! Decides the units of a table's columns once all cells are read: rates or counts, seconds or
//! milliseconds.

use super::columns;
use super::durations;
use super::meaning::Meaning;
use super::names;
use super::number::Unit;
use super::totals::CumulativeColumns;
use super::{Head, Row, Table};
use crate::error::{ColumnFault, Error};
use crate::stats::{kendall, median, quantile, theil_sen};
use crate::timeline::Column;
use crate::warning::Warning;
use spikeflame_wall::seconds_of;
use std::path::Path;

/// Largest duration in seconds that a number without a unit can mean. Larger numbers are
/// milliseconds or less, because no test waits two minutes for its 95th percentile.
const LONGEST_S: f64 = 120.0;

/// Smallest number of milliseconds that answers over a network take. Smaller numbers are seconds.
const SHORTEST_MS: f64 = 0.1;

/// Numbers from here on that are not refuted as milliseconds are taken as such.
const LIKELY_MS: f64 = 10.0;

/// Seconds before the first row in which a request may have begun. A table can lack the start of a test.
const BEFORE_TEST_S: f64 = 30.0;

/// Most requests of a user that are under way at once. A unit in which there would be more is wrong.
const MOST_AT_ONCE: f64 = 20.0;

/// Seconds by which the time between two requests of a user grows with a duration of 1, where the
/// unit is seconds. A mean gives 1, and a percentile is longer than the mean.
const GROWTH_S: std::ops::Range<f64> = 0.1..10.0;

/// Fewest rows from which that growth shows a unit: of fewer, a few rows in order by chance have a high
/// rank correlation.
const LEAST_ROWS: usize = 8;
/// Smallest ratio of long durations to short ones. Durations that hardly change say nothing about the
/// time between requests, which noise then decides.
const CHANGE: f64 = 1.5;
/// Smallest rank correlation of durations and the time between requests. Below it, something else sets
/// the pace of the users.
const GOES_ALONG: f64 = 0.5;

/// Shortest rows in which numbers of a row and of a second differ.
const SHORTEST_ROW_S: f64 = 1.5;

/// Fewest whole numbers of failed requests beside rates with fractions that are numbers of whole rows. A
/// rate with one decimal is whole in one of ten rows.
const LEAST_FAILED: usize = 3;

/// Most failed requests for each of all requests in one second. Monitors count both at other moments.
const MOST_OF_RATE: f64 = 1.5;

/// Most seconds of a row whose values show that they were divided by its length. Values have
/// two decimals, so in longer rows too many would fit by chance.
const DIVIDED_S: f64 = 20.0;

/// Fewest values with a fraction, or without one, from which such a division can be seen.
const LEAST_VALUES: usize = 8;

/// Units and meanings of the columns.
pub(super) struct ColumnUnits {
    /// True when requests are a rate a second, and false when they are counts of a row.
    pub(super) is_rate: bool,
    /// True when failed requests are a rate a second.
    errors_are_rate: bool,
    /// The columns that are read, for the user to check.
    pub(super) columns: Vec<Column>,
    /// The columns of durations that hold another statistic than the one that the user named, or that
    /// may cover more than their row.
    pub(super) others: Vec<Warning>,
}

impl ColumnUnits {
    /// Returns true when all requests and failed ones are of one period: of a second, or of a row.
    pub(super) fn have_same_period(&self) -> bool {
        self.is_rate == self.errors_are_rate
    }

    /// Converts failed requests to the period of all requests.
    pub(super) fn same_period(&self, rows: &mut [Row], resolution_s: i64) {
        let factor = match (self.is_rate, self.errors_are_rate) {
            (true, false) => 1.0 / resolution_s.max(1) as f64,
            (false, true) => resolution_s.max(1) as f64,
            _ => return,
        };
        rows.iter_mut().filter(|row| row.share.is_none()).for_each(|row| row.failed *= factor);
    }
}

/// Decides the unit of each column by its cells, its name and its values. Scales durations to
/// milliseconds.
///
/// # Errors
///
/// Returns [`Error::Columns`] when durations may be seconds or milliseconds.
pub(super) fn settle(
    table: &mut Table,
    head: &Head,
    since_start: CumulativeColumns,
    path: &Path,
) -> Result<ColumnUnits, Error> {
    let mut taken = ColumnUnits {
        is_rate: false,
        errors_are_rate: false,
        columns: Vec::new(),
        others: Vec::new(),
    };
    let mut scales = [1.0; 4];
    let row_s = row_s(table);
    let divided = are_divided(table, row_s);
    for (at, (name, meaning)) in head.names.iter().zip(&head.meanings).enumerate() {
        let unit = table.units.get(at).copied().unwrap_or_default();
        let is_rate = unit == Unit::Rate || columns::is_rate(name);
        let of_period = names::of_period(name).is_some() || names::period_s(name) > 1.0;
        let in_period = format!("in {} s", head.periods_s.get(at).copied().unwrap_or(1.0));
        let rate = match head.periods_s.get(at) {
            Some(60.0) if unit == Unit::None => "a minute",
            Some(3_600.0) if unit == Unit::None => "an hour",
            Some(period_s) if unit == Unit::None && *period_s > 1.0 && of_period => &in_period,
            Some(period_s) if unit == Unit::None && *period_s > 1.0 => "in the range of the query",
            _ => "a second",
        };
        let (what, unit) = match *meaning {
            Meaning::Rate | Meaning::Count | Meaning::Succeeded if since_start.requests => {
                (requests(*meaning), "since the start")
            }
            Meaning::Errors if since_start.errors => ("failed requests", "since the start"),
            Meaning::Rate => {
                taken.is_rate = true;
                ("requests", rate)
            }
            Meaning::Count | Meaning::Succeeded => {
                taken.is_rate = is_rate || divided;
                (requests(*meaning), if taken.is_rate { rate } else { "a row" })
            }
            Meaning::Errors | Meaning::SucceededOfAll => {
                // A column that is only named `errors` has the same unit as the requests.
                let as_all = !since_start.requests
                    && (counts_a_second(head, table) || divided)
                    && !(divided && are_whole(table, LEAST_VALUES))
                    && !are_of_rows(table, row_s);
                let named = is_rate || unit == Unit::None && as_all;
                taken.errors_are_rate = named;
                let counted = if named { rate } else { "a row" };
                let what = match *meaning {
                    Meaning::Errors => "failed requests",
                    _ => "successful requests",
                };
                (what, if unit == Unit::Share { "a share of all" } else { counted })
            }
            Meaning::SuccessShare(_) => ("successful requests", "a share of all"),
            Meaning::ErrorShare(_) if unit == Unit::Rate => {
                taken.errors_are_rate = true;
                ("failed requests", "a second")
            }
            Meaning::ErrorShare(_) => ("failed requests", "a share of all"),
            Meaning::Vus if table.rows.iter().all(|row| row.vus.is_none()) => {
                ("virtual users", "without a value in any row")
            }
            Meaning::Vus => ("virtual users", ""),
            Meaning::Duration(which, _)
                if durations::is_elapsed(name) && is_clock(table, which) =>
            {
                forget(table, which);
                continue;
            }
            Meaning::Duration(which, scale) => {
                let largest = table.largest.get(at).copied().unwrap_or(0.0);
                let is_bare = unit == Unit::None && scale == 0.0 && largest > 0.0;
                let rate_s = if counts_a_second(head, table) { 1.0 } else { row_s };
                let bare = BareNumbers { rows: &table.rows, which, rate_s };
                let found = match is_bare {
                    true => bare
                        .scale(name, largest)
                        .ok_or_else(|| unknown_unit(name, which, path, head))?,
                    false => (1.0, UnitSource::File),
                };
                let (guessed, told) = found;
                if let Some(slot) = scales.get_mut(which) {
                    *slot = guessed;
                }
                let seconds = guessed == 1e3 || unit == Unit::None && scale == 1e3;
                let what = ["median", "95th percentile", "99th percentile", "mean duration"];
                let unit = match unit {
                    Unit::None if seconds => "seconds",
                    Unit::None => match if is_bare { guessed } else { scale } {
                        60e3 => "minutes",
                        3_600e3 => "hours",
                        1e-3 => "microseconds",
                        1e-6 => "nanoseconds",
                        _ => "milliseconds",
                    },
                    _ => "as its cells say",
                };
                let unit = match told {
                    UnitSource::File => unit.to_owned(),
                    UnitSource::Users => format!("{unit}, by rate and users"),
                    UnitSource::Guess => format!("{unit}, a guess"),
                };
                let what = what.get(which).copied().unwrap_or_default();
                let guessed = told == UnitSource::Guess;
                let (name, mut meaning) = (name.clone(), what.to_owned());
                if columns::is_k6_statistic(&name) {
                    taken.others.push(Warning::SinceStart { name: name.clone() });
                }
                if let (None, Some(other)) =
                    (durations::duration(&name), durations::other_statistic(&name))
                {
                    let printed = durations::NAMES.get(which).copied().unwrap_or_default();
                    meaning = format!("{other}, in place of the {printed}");
                    let name = name.clone();
                    taken.others.push(Warning::OtherStatistic { name, other, printed });
                }
                taken.columns.push(Column { name, meaning, unit, guessed });
                continue;
            }
            Meaning::Time(_) | Meaning::Other => continue,
        };
        let (name, meaning, unit) = (name.clone(), what.to_owned(), unit.to_owned());
        let unit = match head.factors.get(at) {
            Some(1e3) => format!("{unit}, in thousands"),
            Some(1e6) => format!("{unit}, in millions"),
            _ => unit,
        };
        let unit = unit.trim_start_matches(", ").to_owned();
        taken.columns.push(Column { name, meaning, unit, guessed: false });
    }
    for row in &mut table.rows {
        row.told.iter_mut().zip(scales).for_each(|(value, scale)| *value *= scale);
    }
    Ok(taken)
}

/// Most seconds by which the growth of a clock differs from that of the times.
const CLOCK_S: f64 = 1.5;

/// Returns true when a column counts the time since the start: `elapsed` beside a wall clock. `table` has
/// its numbers as milliseconds, which may be seconds.
fn is_clock(table: &Table, which: usize) -> bool {
    let points = table.rows.iter().filter_map(|row| Some((row.time_us, *row.told.get(which)?)));
    let points: Vec<(f64, f64)> = points
        .filter(|(_, value)| value.is_finite())
        .map(|(us, value)| (seconds_of(us), value))
        .collect();
    let Some(&(first_s, first)) = points.first() else { return false };
    let grows = |in_one: f64| {
        let along = |(at_s, value): &(f64, f64)| {
            ((value - first) / in_one - (at_s - first_s)).abs() <= CLOCK_S
        };
        points.iter().all(along)
    };
    points.len() >= LEAST_ROWS && (grows(1.0) || grows(1e3))
}

/// Leaves a column of durations out.
fn forget(table: &mut Table, which: usize) {
    let cells = table.rows.iter_mut().filter_map(|row| row.told.get_mut(which));
    cells.for_each(|cell| *cell = f64::NAN);
}

/// Returns the words for a column of requests.
fn requests(meaning: Meaning) -> &'static str {
    if meaning == Meaning::Succeeded { "successful requests" } else { "requests" }
}

/// The source of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum UnitSource {
    /// The cells, the name, or numbers that fit no other unit.
    File,
    /// Little's law, from the rate and the number of users.
    Users,
    /// The usual unit of such numbers.
    Guess,
}

/// A column of durations without a unit.
struct BareNumbers<'a> {
    rows: &'a [Row],
    /// The index of the duration.
    which: usize,
    /// Seconds in which the requests of a row ended.
    rate_s: f64,
}

impl BareNumbers<'_> {
    fn values(&self) -> impl Iterator<Item = (f64, &Row)> {
        let value = |row: &Row| row.told.get(self.which).copied();
        self.rows
            .iter()
            .filter_map(move |row| Some((value(row).filter(|value| *value > 0.0)?, row)))
    }

    /// Returns the greatest number of users of a row and those beside it. A row in which the load ends has
    /// hardly any users and the answers to many.
    fn most_users(&self, row: &Row) -> Option<f64> {
        let own = row.vus?;
        let at = self.rows.partition_point(|other| other.time_us < row.time_us);
        let beside = self.rows.iter().skip(at.saturating_sub(1)).take(3);
        Some(beside.filter_map(|other| other.vus).fold(own, f64::max))
    }

    /// Returns the milliseconds in one unit, and the source of this number. Returns `None` when the
    /// unit cannot be known.
    fn scale(&self, name: &str, largest: f64) -> Option<(f64, UnitSource)> {
        let (seconds, milliseconds) = (1e3, 1.0);
        if largest > LONGEST_S {
            return Some(self.milliseconds_or_less());
        }
        // k6 and other programs write seconds to Prometheus.
        if columns::is_prometheus(name) {
            return Some((seconds, UnitSource::File));
        }
        if let Some(scale) = self.by_users() {
            return Some((scale, UnitSource::Users));
        }
        if quantile(self.values().map(|(value, _)| value), 0.05)? < SHORTEST_MS {
            return Some((seconds, UnitSource::Guess));
        }
        // Programs that print seconds print fractions of them.
        let are_whole = self.values().all(|(value, _)| value.fract() == 0.0);
        (are_whole || largest >= LIKELY_MS).then_some((milliseconds, UnitSource::Guess))
    }

    /// Returns the milliseconds in one unit of numbers that are no seconds. They are milliseconds unless
    /// users would then have too many requests under way at once, or most requests would have begun
    /// long before the test. Then they are microseconds, or nanoseconds by the same rule.
    fn milliseconds_or_less(&self) -> (f64, UnitSource) {
        let cycles = self.values().filter_map(|(value, row)| {
            let cycle_s = self.most_users(row)? / (row.requests / self.rate_s);
            (cycle_s.is_finite() && cycle_s > 0.0).then_some(value / cycle_s)
        });
        let first_us = self.rows.iter().map(|row| row.time_us).min().unwrap_or_default();
        let before_test = |in_s: f64| {
            let early = |(value, row): &(f64, &Row)| {
                value * in_s > seconds_of(row.time_us - first_us) + BEFORE_TEST_S
            };
            self.values().filter(early).count() * 2 > self.values().count()
        };
        let of_users = median(cycles);
        let fits = |scale: &f64| {
            let in_s = scale / 1e3;
            of_users.is_none_or(|at_once| at_once * in_s <= MOST_AT_ONCE) && !before_test(in_s)
        };
        let scale = [1.0, 1e-3, 1e-6].into_iter().find(fits).unwrap_or(1.0);
        let source = if of_users.is_some() { UnitSource::Users } else { UnitSource::Guess };
        (scale, if scale == 1.0 { UnitSource::File } else { source })
    }

    /// Returns the milliseconds in one unit by Little's law: a user's time from one request to the
    /// next, users / rate, is the duration and a pause.
    fn by_users(&self) -> Option<f64> {
        let points: Vec<(f64, f64)> = self
            .values()
            .filter_map(|(value, row)| {
                let cycle_s = self.most_users(row)? / (row.requests / self.rate_s);
                (cycle_s.is_finite() && cycle_s > 0.0).then_some((value, cycle_s))
            })
            .collect();
        let high = quantile(points.iter().map(|point| point.0), 0.95)?;
        let low = quantile(points.iter().map(|point| point.0), 0.05)?;
        let at_once = median(points.iter().map(|(value, cycle_s)| value / cycle_s))?;
        if points.len() >= LEAST_ROWS && high >= CHANGE * low {
            let (values, cycles): (Vec<f64>, Vec<f64>) = points.iter().copied().unzip();
            let (tau, _) = kendall(&values, &cycles, 1.0);
            let (growth_s, _) = theil_sen(&points)?;
            match () {
                () if tau < GOES_ALONG => {}
                () if GROWTH_S.contains(&growth_s) => return Some(1e3),
                () if GROWTH_S.contains(&(1e3 * growth_s)) => return Some(1.0),
                () => {}
            }
        }
        // Durations in seconds would keep more requests under way than the users send.
        (at_once > MOST_AT_ONCE).then_some(1.0)
    }
}

/// Returns the usual seconds between two rows.
fn row_s(table: &Table) -> f64 {
    let times = || table.rows.iter().map(|row| row.time_us);
    let gaps = times().zip(times().skip(1)).map(|(one, next)| seconds_of(next - one));
    median(gaps.filter(|gap| *gap > 0.0)).unwrap_or(1.0)
}

/// Returns true when the requests of the rows are numbers that were divided by the length of a row: their
/// fractions are those of this division.
fn are_divided(table: &Table, row_s: f64) -> bool {
    let values = || table.rows.iter().map(|row| row.requests).filter(|value| value.is_finite());
    let rounding = 0.005 * row_s + 1e-6;
    let is_whole = |value: f64| (value - value.round()).abs() <= rounding;
    (SHORTEST_ROW_S..=DIVIDED_S).contains(&row_s)
        && values().filter(|value| value.fract() != 0.0).count() >= LEAST_VALUES
        && values().all(|value| is_whole(value * row_s))
}

/// Returns true when the failed requests of the rows are whole numbers, and at least `least` of them are
/// not 0.
fn are_whole(table: &Table, least: usize) -> bool {
    let values = || table.rows.iter().map(|row| row.failed).filter(|value| value.is_finite());
    values().all(|value| value.fract() == 0.0)
        && values().filter(|value| *value > 0.0).count() >= least
}

/// Returns true when whole numbers of failed requests beside a rate are those of whole rows: most rates
/// have fractions, which rates of failed requests would have too, or more requests would fail in a second
/// than there are.
fn are_of_rows(table: &Table, row_s: f64) -> bool {
    let known = || table.rows.iter().filter(|row| row.failed.is_finite());
    let fractions = known().filter(|row| row.requests.fract() != 0.0).count();
    let are_fractions = fractions * 2 > known().count() && are_whole(table, LEAST_FAILED);
    let are_more = known().any(|row| row.failed > MOST_OF_RATE * row.requests);
    let fit = known().all(|row| row.failed <= row.requests * row_s);
    row_s >= SHORTEST_ROW_S && are_whole(table, 1) && fit && (are_fractions || are_more)
}

/// Returns true when the requests of a row are a rate a second.
fn counts_a_second(head: &Head, table: &Table) -> bool {
    head.meanings.iter().enumerate().any(|(at, meaning)| match meaning {
        Meaning::Rate => true,
        Meaning::Count | Meaning::Succeeded => {
            let named = head.names.get(at).is_some_and(|name| columns::is_rate(name));
            table.units.get(at) == Some(&Unit::Rate) || named
        }
        _ => false,
    })
}

fn unknown_unit(name: &str, which: usize, path: &Path, head: &Head) -> Error {
    let meaning = durations::NAMES.get(which).copied().unwrap_or("p95");
    Error::Columns {
        path: path.to_owned(),
        problem: ColumnFault::NoUnit { name: name.to_owned(), meaning },
        found: head.names.clone(),
    }
}
