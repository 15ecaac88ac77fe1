//! Requests before and after a load test that other programs sent, such as health checks.

use super::{DamagedCells, Row};

/// Fewest rows before the load that show other traffic, in a table with users.
const FEWEST_ROWS: usize = 3;
/// Fewest such rows in a table without users.
const FEWEST_EVEN_ROWS: usize = 5;
/// Greatest rate of other traffic, as a share of the table's greatest rate, where no user is there.
const SHARE: f64 = 0.05;
/// This share in a table without users.
const EVEN_SHARE: f64 = 0.02;
/// Variance of the requests of a row, as a multiple of their mean, up to which a program sends them at even
/// times. It is about 1 for requests of people.
const EVEN: f64 = 0.4;
/// Ratio of the load's first two rows to the rows before from which the load begins at once.
const AT_ONCE: f64 = 10.0;

/// Takes the requests out of rows before and after the load when other programs sent them, and returns the
/// number of these rows. With a column of users, they are the first and last rows with requests and 0 users.
/// Without one, they are rows of an even and low rate, and the load begins at once. `row_s` is the number of
/// seconds in which the requests of a row ended; it is 1 for rates.
pub(super) fn without(rows: &mut [Row], row_s: f64, resolution_s: i64) -> DamagedCells {
    let per_row = if row_s == 1.0 { resolution_s as f64 } else { 1.0 };
    // A counter that lacks rows grows by the requests of all of them.
    if rows.iter().any(|row| row.growth_s.is_some_and(|growth_s| growth_s > resolution_s)) {
        return DamagedCells::default();
    }
    let most = rows.iter().map(|row| row.requests).fold(0.0, f64::max);
    let has_users = rows.iter().any(|row| row.vus.is_some_and(|users| users > 0.0));
    let ends =
        if has_users { ends_without_users(rows, most) } else { even_ends(rows, most, per_row) };
    let mut others = DamagedCells::default();
    let Some((first, last)) = ends else { return others };
    for (at, row) in rows.iter_mut().enumerate() {
        if (at < first || at > last) && row.requests > 0.0 {
            others.add(row.line);
            row.requests = 0.0;
            row.failed = 0.0;
            row.share = None;
            row.told = [f64::NAN; 4];
        }
    }
    others
}

/// Returns the first and the last row of the load: those with users, where all others have few requests and
/// 0 users.
fn ends_without_users(rows: &[Row], most: f64) -> Option<(usize, usize)> {
    let has_users = |row: &Row| row.vus != Some(0.0);
    let first = rows.iter().position(has_users)?;
    let last = rows.iter().rposition(has_users)?;
    let before = rows.get(..first)?;
    // The first requests of a load may end before its users are counted.
    let earlier = before.split_last()?.1;
    let is_other = |row: &Row| row.requests <= SHARE * most;
    // The last users may end before their answers come.
    let after = rows.get(last + 1..)?;
    let drains = after.iter().take_while(|row| !is_other(row)).count();
    let is_background = before.len() >= FEWEST_ROWS
        && earlier.iter().any(|row| row.requests > 0.0)
        && before.iter().chain(after.iter().skip(drains)).all(is_other);
    is_background.then_some((first, last + drains))
}

/// Returns the first and the last row of a load that begins at once after an even and low rate.
fn even_ends(rows: &[Row], most: f64, per_row: f64) -> Option<(usize, usize)> {
    let is_other = |row: &Row| row.requests <= EVEN_SHARE * most;
    let first = rows.iter().position(|row| !is_other(row))?;
    let last = rows.iter().rposition(|row| !is_other(row))?;
    let before = rows.get(..first)?;
    let count = before.len() as f64;
    let mean = before.iter().map(|row| row.requests).sum::<f64>() / count;
    let variance = before.iter().map(|row| (row.requests - mean).powi(2)).sum::<f64>() / count;
    let load = rows.get(first..)?.iter().take(2).map(|row| row.requests).fold(0.0, f64::max);
    let is_background = before.len() >= FEWEST_EVEN_ROWS
        && mean > 0.0
        && variance * per_row <= EVEN * mean
        && load >= AT_ONCE * mean;
    is_background.then_some((first, last))
}
