//! Columns that count since the start of the test, as counters of a monitor do.

use super::columns::{Counting, Meaning};
use super::number::Unit;
use super::{Head, Row, Table};
use crate::error::{ColumnFault, Error};
use std::path::Path;

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
                let name = head.names.get(at).cloned().unwrap_or_default();
                return Err(Error::Columns {
                    path: path.to_owned(),
                    problem: ColumnFault::Total { name },
                    found: head.names.clone(),
                });
            }
            _ => false,
        };
        match meaning {
            Meaning::Errors => since.errors |= is,
            _ => since.requests |= is,
        }
    }
    let errors = head.meanings.contains(&Meaning::Errors);
    if since.requests && !since.errors && errors {
        // Errors beside such a counter are one too, unless they fall.
        let failed = Steps::count(table.rows.iter().map(|row| row.failed));
        since.errors = failed.down == 0 && failed.up > 0;
    }
    if since.requests || since.errors {
        let next: Vec<(f64, f64)> =
            table.rows.iter().skip(1).map(|row| (row.requests, row.failed)).collect();
        for (row, (requests, failed)) in table.rows.iter_mut().zip(&next) {
            if since.requests {
                row.requests = growth(row.requests, *requests);
            }
            if since.errors {
                row.failed = growth(row.failed, *failed);
            }
        }
        // The growth after the last row is unknown.
        table.rows.truncate(next.len());
    }
    Ok(since)
}

/// Returns the growth of a counter. A counter that fell was restarted at 0.
fn growth(before: f64, after: f64) -> f64 {
    if after < before { after } else { after - before }
}
