//! Columns that count since the start of the test, as counters of a monitor do.

use super::columns::{self, Counting};
use super::meaning::Meaning;
use super::number::Unit;
use super::{Head, Row, Table, distances};
use crate::error::{ColumnFault, Error};
use crate::flights::SECOND_US;
use crate::stats::median;
use spikeflame_wall::seconds_of;
use std::path::Path;

/// Fewest steps upwards, without one downwards, from which failed requests may count since the start.
/// The numbers of single rows hardly ever grow so often without a fall.
const LEAST_STEPS: usize = 8;

/// Columns that count since the start.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct CumulativeColumns {
    pub(super) requests: bool,
    pub(super) errors: bool,
}

/// The steps of a column from row to row.
#[derive(Clone, Copy, Debug, Default)]
struct Steps {
    all: usize,
    up: usize,
    down: usize,
}

impl Steps {
    fn count(values: impl Iterator<Item = f64> + Clone) -> Self {
        let values = values.filter(|value| !value.is_nan());
        let mut steps = Self::default();
        for (before, after) in values.clone().zip(values.skip(1)) {
            steps.all += 1;
            steps.up += usize::from(after > before);
            steps.down += usize::from(after < before);
        }
        steps
    }

    /// Returns true for a counter: it grows in most rows, and falls only when it is restarted.
    fn is_counter(self) -> bool {
        self.up * 2 > self.all && self.down * 20 <= self.all
    }
}

/// Replaces counters that run since the start by their growth up to the next row. The rows are in
/// the order of time.
///
/// # Errors
///
/// Returns [`Error::Columns`] when a column may count either since the start or for each row.
pub(super) fn settle(
    table: &mut Table,
    head: &Head,
    path: &Path,
) -> Result<CumulativeColumns, Error> {
    let mut since = CumulativeColumns::default();
    for (at, (meaning, counting)) in head.meanings.iter().zip(&head.counting).enumerate() {
        let rate = table.units.get(at) == Some(&Unit::Rate);
        let get: fn(&Row) -> f64 = match meaning {
            Meaning::Rate | Meaning::Count | Meaning::Succeeded => |row| row.requests,
            Meaning::Errors => |row| row.failed,
            _ => continue,
        };
        let steps = Steps::count(table.rows.iter().map(get));
        let is = match counting {
            Counting::Start => true,
            Counting::Unclear if !rate && steps.is_counter() => true,
            Counting::Unclear if !rate && steps.up > 0 && steps.down == 0 && steps.all > 1 => {
                return Err(unclear(at, *meaning, head, path));
            }
            _ => false,
        };
        match meaning {
            Meaning::Errors => since.errors |= is,
            _ => since.requests |= is,
        }
    }
    let errors = head.meanings.iter().position(|meaning| *meaning == Meaning::Errors);
    if let Some(at) = errors.filter(|_| !since.errors) {
        let failed = Steps::count(table.rows.iter().map(|row| row.failed));
        let is_rate = table.units.get(at) == Some(&Unit::Rate)
            || head.names.get(at).is_some_and(|name| columns::is_rate(name));
        let may_be = failed.down == 0 && failed.up > 0;
        // Errors beside a counter are one too, unless they fall.
        since.errors = may_be && (since.requests || !is_rate && are_more(&table.rows));
        // Failures of single rows grow in this way when the requests do.
        let requests = Steps::count(table.rows.iter().map(|row| row.requests));
        let is_row =
            is_rate || is_told(head) || has_classes(head) || requests.up > 0 && requests.down == 0;
        if may_be && !since.errors && !is_row && failed.up >= LEAST_STEPS {
            return Err(unclear(at, Meaning::Errors, head, path));
        }
    }
    if since.errors {
        fill(&mut table.rows);
    }
    if since.requests || since.errors {
        let next: Vec<Row> = table.rows.iter().skip(1).cloned().collect();
        for (row, next) in table.rows.iter_mut().zip(&next) {
            // A counter also counts while no row is written.
            row.growth_s = Some((next.time_us - row.time_us + SECOND_US / 2) / SECOND_US);
            if since.requests {
                row.requests = growth(row.requests, next.requests);
            }
            if since.errors {
                row.failed = growth(row.failed, next.failed);
            }
        }
        // The growth after the last row is unknown.
        table.rows.truncate(next.len());
    }
    Ok(since)
}

/// Returns the columns of a meaning.
fn columns_of(head: &Head, meaning: Meaning) -> impl Iterator<Item = usize> {
    let of = move |(at, known): (usize, &Meaning)| (*known == meaning).then_some(at);
    head.meanings.iter().enumerate().filter_map(of)
}

/// Returns true when the user said of a column of failed requests that it counts those of its row.
fn is_told(head: &Head) -> bool {
    columns_of(head, Meaning::Errors).any(|at| head.counting.get(at) == Some(&Counting::ToldRow))
}

/// Returns true for classes of status, of which those of success count the requests of their row. Those of failures
/// then do too.
fn has_classes(head: &Head) -> bool {
    let is_class = |at: usize| head.names.get(at).is_some_and(|name| columns::is_class(name));
    columns_of(head, Meaning::Succeeded).any(is_class)
        && columns_of(head, Meaning::Errors).all(is_class)
}

/// Returns the error for a column that may count for each row or since the start.
fn unclear(at: usize, meaning: Meaning, head: &Head, path: &Path) -> Error {
    let name = head.names.get(at).cloned().unwrap_or_default();
    let of = if meaning == Meaning::Errors { "failed requests" } else { "requests" };
    let problem = ColumnFault::Total { name, of };
    Error::Columns { path: path.to_owned(), problem, found: head.names.clone() }
}

/// Returns true when a row has more failed requests than it can have requests: of its second, and of
/// all the seconds up to the next row.
fn are_more(rows: &[Row]) -> bool {
    let row_s = median(distances(rows).map(seconds_of)).unwrap_or(1.0).max(1.0);
    rows.iter().any(|row| row.failed > row.requests * row_s)
}

/// Gives cells of a counter of errors without a value the one on the line between its neighbours.
/// Cells before the first value and after the last one get that value, so nothing grows there.
fn fill(rows: &mut [Row]) {
    let known: Vec<(i64, f64)> = rows
        .iter()
        .filter(|row| !row.failed.is_nan())
        .map(|row| (row.time_us, row.failed))
        .collect();
    let mut behind = known.iter().peekable();
    let mut before = known.first().copied();
    for row in rows {
        while let Some(one) = behind.next_if(|one| one.0 <= row.time_us) {
            before = Some(*one);
        }
        let (Some(from), Some(to)) = (before, behind.peek().copied().copied().or(before)) else {
            return;
        };
        if row.failed.is_nan() {
            let share = (row.time_us - from.0) as f64 / (to.0 - from.0).max(1) as f64;
            // A counter that fell was restarted, at a moment that nobody knows.
            let grows = to.1 >= from.1;
            row.failed = from.1 + if grows { (to.1 - from.1) * share.clamp(0.0, 1.0) } else { 0.0 };
        }
    }
}

/// Returns the growth of a counter. A counter that fell was restarted at 0.
fn growth(before: f64, after: f64) -> f64 {
    if after < before { after } else { after - before }
}
