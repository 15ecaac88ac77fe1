//! Decides the units of a table's columns once all cells are read: rates or counts, seconds or
//! milliseconds.

use super::columns::{self, Meaning};
use super::number::Unit;
use super::totals::CumulativeColumns;
use super::{Head, Row, Table};
use crate::error::{ColumnFault, Error};
use crate::timeline::Column;
use std::path::Path;

/// Largest duration in seconds that a number without a unit can mean. Larger numbers are
/// milliseconds, because no test waits two minutes for its 95th percentile.
const LONGEST_S: f64 = 120.0;

/// Percentiles without a unit that stay below this could be seconds or milliseconds.
const SHORTEST_MS: f64 = 1.0;

/// Units and meanings of the columns.
pub(super) struct ColumnUnits {
    /// True when requests are a rate a second, and false when they are counts of a row.
    pub(super) is_rate: bool,
    /// True when failed requests are a rate a second.
    errors_are_rate: bool,
    /// The columns that are read, for the user to check.
    pub(super) columns: Vec<Column>,
}

impl ColumnUnits {
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

/// Decides the unit of each column by its cells, its name and its values. Scales percentiles to
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
    let mut taken = ColumnUnits { is_rate: false, errors_are_rate: false, columns: Vec::new() };
    let mut scales = [1.0; 4];
    for (at, (name, meaning)) in head.names.iter().zip(&head.meanings).enumerate() {
        let unit = table.units.get(at).copied().unwrap_or_default();
        let is_rate = unit == Unit::Rate || columns::is_rate(name);
        let rate = match head.periods_s.get(at) {
            Some(60.0) if unit == Unit::None => "a minute",
            Some(3_600.0) if unit == Unit::None => "an hour",
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
                taken.is_rate = is_rate;
                (requests(*meaning), if is_rate { rate } else { "a row" })
            }
            Meaning::Errors => {
                // A column that is only named `errors` has the same unit as the requests.
                let as_all = !since_start.requests && requests_are_rate(head, table);
                let named = is_rate || unit == Unit::None && as_all;
                taken.errors_are_rate = named;
                let counted = if named { rate } else { "a row" };
                ("failed requests", if unit == Unit::Share { "a share of all" } else { counted })
            }
            Meaning::ErrorShare(_) if unit == Unit::Rate => {
                taken.errors_are_rate = true;
                ("failed requests", "a second")
            }
            Meaning::ErrorShare(_) => ("failed requests", "a share of all"),
            Meaning::Vus => ("virtual users", ""),
            Meaning::Duration(which, scale) => {
                let largest = table.largest.get(at).copied().unwrap_or(0.0);
                let guessed = if unit == Unit::None && scale == 0.0 && largest > 0.0 {
                    let found = bare_scale(name, largest);
                    found.ok_or_else(|| unknown_unit(name, which, path, head))?
                } else {
                    1.0
                };
                if let Some(slot) = scales.get_mut(which) {
                    *slot = guessed;
                }
                let seconds = guessed == 1e3 || unit == Unit::None && scale == 1e3;
                let what = ["median", "95th percentile", "99th percentile", "mean duration"];
                let unit = match unit {
                    Unit::None if seconds => "seconds",
                    Unit::None => match scale {
                        60e3 => "minutes",
                        3_600e3 => "hours",
                        1e-3 => "microseconds",
                        1e-6 => "nanoseconds",
                        _ => "milliseconds",
                    },
                    _ => "as its cells say",
                };
                (what.get(which).copied().unwrap_or_default(), unit)
            }
            Meaning::Time | Meaning::Other => continue,
        };
        let (name, meaning, unit) = (name.clone(), what.to_owned(), unit.to_owned());
        taken.columns.push(Column { name, meaning, unit });
    }
    for row in &mut table.rows {
        row.told.iter_mut().zip(scales).for_each(|(value, scale)| *value *= scale);
    }
    Ok(taken)
}

fn requests_are_rate(head: &Head, table: &Table) -> bool {
    head.meanings.iter().enumerate().any(|(at, meaning)| match meaning {
        Meaning::Rate => true,
        Meaning::Count | Meaning::Succeeded => {
            let named = head.names.get(at).is_some_and(|name| columns::is_rate(name));
            table.units.get(at) == Some(&Unit::Rate) || named
        }
        _ => false,
    })
}

/// Returns the words for a column of requests.
fn requests(meaning: Meaning) -> &'static str {
    if meaning == Meaning::Succeeded { "successful requests" } else { "requests" }
}

/// Returns the milliseconds in one unit of a bare number. Returns `None` when it cannot be known.
fn bare_scale(name: &str, largest: f64) -> Option<f64> {
    match () {
        () if largest > LONGEST_S => Some(1.0),
        // k6 and other programs write seconds to Prometheus.
        () if columns::is_prometheus(name) => Some(1e3),
        () if largest < SHORTEST_MS => None,
        () => Some(1.0),
    }
}

fn unknown_unit(name: &str, which: usize, path: &Path, head: &Head) -> Error {
    let meaning = columns::DURATIONS.get(which).copied().unwrap_or("p95");
    Error::Columns {
        path: path.to_owned(),
        problem: ColumnFault::NoUnit { name: name.to_owned(), meaning },
        found: head.names.clone(),
    }
}
