//! Numbers of users that cannot be those of the users who send.

use super::{DamagedCells, Row};
use crate::stats::median;
use crate::warning::Warning;

/// Fewest rows in a row whose number of users is 0 by mistake. Single ones may be those between two
/// stages of a test.
const ZERO_ROWS: usize = 3;

/// Fewest such rows at the start or the end of a table. The last users may end before the rows do.
const ZERO_ROWS_AT_END: usize = 5;

/// Most users beside such rows that are requests under way at the moment, as k6 counts them under an arrival rate:
/// of those, there is often none.
const FEW_USERS: f64 = 2.0;
/// Ratio of the users on both sides of such rows from which requests piled up on one of them.
const PILED_UP: f64 = 10.0;
/// Duration, as a multiple of the shortest, from which requests wait for others.
const LATE: f64 = 3.0;
/// Fewest requests of such a row.
const MANY_REQUESTS: f64 = 10.0;

/// Removes the number of users from rows that have requests and 0 users, where three or more follow one
/// another between rows with users, or in a table without any users, and five or more at an end of the
/// table. Returns the number of such rows. All keep their number when the users are those with a request under
/// way at the moment.
pub(super) fn without(rows: &mut [Row]) -> DamagedCells {
    let mut zeros = DamagedCells::default();
    if come_and_go(rows) || are_under_way(rows) {
        return zeros;
    }
    let has_users = |row: &Row| row.vus.is_some_and(|vus| vus > 0.0);
    // Without any users, the whole column is a mistake.
    let first = rows.iter().position(has_users).unwrap_or_default();
    let last = rows.iter().rposition(has_users).unwrap_or(rows.len());
    let mut at = 0;
    for part in rows.chunk_by_mut(|a, b| is_zero(a) == is_zero(b)) {
        let is_inner = at >= first && at < last;
        at += part.len();
        let least = if is_inner { ZERO_ROWS } else { ZERO_ROWS_AT_END };
        if part.len() >= least && part.iter().all(is_zero) {
            for row in part {
                row.vus = None;
                zeros.add(row.line);
            }
        }
    }
    zeros
}

fn is_zero(row: &Row) -> bool {
    row.vus == Some(0.0) && row.requests > 0.0
}

/// Returns true when rows with 0 users and many requests lie beside rows with one or two users, or between such a row
/// and one in which requests pile up. The first row may be that of the second in which a schedule begins.
fn come_and_go(rows: &[Row]) -> bool {
    let mut at = 0;
    let mut before = None;
    let parts = rows.chunk_by(|a, b| is_zero(a) == is_zero(b));
    parts.into_iter().any(|part| {
        let (from, to) = (at, at + part.len());
        at = to;
        let beside = [before, rows.get(to).and_then(|row| row.vus)];
        before = part.last().and_then(|row| row.vus);
        let are_few = || beside.iter().flatten().all(|users| *users <= FEW_USERS);
        let is_busy = |row: &Row| is_zero(row) && row.requests >= MANY_REQUESTS;
        // Requests piled up on one side of the rows, where the rate was beyond the limit.
        let pile_up = || {
            let [Some(before), Some(after)] = beside else { return false };
            let (few, many) = (before.min(after), before.max(after));
            (1.0..=FEW_USERS).contains(&few) && many >= PILED_UP * few
        };
        let enough = if from > 0 && !pile_up() { 1 } else { ZERO_ROWS };
        beside.iter().flatten().next().is_some()
            && (are_few() || pile_up())
            && part.iter().filter(|row| is_busy(row)).count() >= enough
    })
}

/// Returns true when three rows or more have 0 users and many requests, others have one or two users, and only rows
/// with late answers have more.
fn are_under_way(rows: &[Row]) -> bool {
    let Some(which) = usual_duration(rows) else { return false };
    let took = |row: &Row| row.told.get(which).copied().filter(|ms| *ms > 0.0);
    let shortest = rows.iter().filter_map(took).fold(f64::INFINITY, f64::min);
    let users = |row: &Row| row.vus.unwrap_or_default();
    let is_late = |row: &Row| took(row).is_some_and(|ms| ms >= LATE * shortest);
    let empty = rows.iter().filter(|row| is_zero(row) && row.requests >= MANY_REQUESTS);
    empty.filter(|row| !is_late(row)).count() >= ZERO_ROWS
        && rows.iter().any(|row| (1.0..=FEW_USERS).contains(&users(row)) && !is_late(row))
        && rows.iter().all(|row| users(row) <= FEW_USERS || is_late(row))
}

/// Returns the place in [`Row::told`] of the best duration that most rows have: the mean, and else p50, p95 or p99.
fn usual_duration(rows: &[Row]) -> Option<usize> {
    [3, 0, 1, 2].into_iter().find(|which| {
        let has = |row: &&Row| row.told.get(*which).is_some_and(|ms| ms.is_finite());
        rows.iter().filter(has).count() * 2 > rows.len()
    })
}

/// Fewest rows that show that a number of users is stuck.
const STUCK_ROWS: usize = 15;
/// Rows that are taken together: users who send at the same moment make rows with more requests.
const TOGETHER: usize = 5;
/// Share of the greatest rate below which a row shows no pause of its users, because hardly any sends.
const HARDLY: f64 = 0.05;
/// Ratio of the longest times between two requests of a user to the shortest from which the number may be
/// stuck: a ramp to three times the load.
const LONGER: f64 = 3.0;
/// Share of that growth that answers explain when users wait for them. A percentile is longer than the
/// mean, so all of the growth would explain even more.
const BY_ANSWERS: f64 = 0.3;
/// Share of the rows at each end of that comparison.
const TENTH: usize = 10;

/// Removes a number of users that stands still while the load changes: the time between two requests of a
/// user (users / rate) then changes by far more than the durations of answers. `row_s` are the seconds in
/// which the requests of a row ended. Users who wait for their answers and pause show no such change.
pub(super) fn stuck(rows: &mut [Row], row_s: f64) -> Option<Warning> {
    let mut known = rows.iter().filter_map(|row| row.vus);
    let vus = known.next().filter(|vus| *vus > 0.0)?;
    if known.any(|other| other != vus) || rows.iter().any(|row| row.vus.is_none()) {
        return None;
    }
    let which = usual_duration(rows)?;
    let points = rows.chunks(TOGETHER).filter_map(|part| {
        let rate = part.iter().map(|row| row.requests).sum::<f64>() / part.len() as f64 / row_s;
        let took = part.iter().filter_map(|row| row.told.get(which)).filter(|ms| ms.is_finite());
        Some((rate, median(took.copied())? / 1e3))
    });
    let mut points: Vec<(f64, f64)> = points.collect();
    let most = points.iter().map(|(rate, _)| *rate).fold(0.0, f64::max);
    points.retain(|(rate, _)| *rate > HARDLY * most);
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    if rows.len() < STUCK_ROWS || points.len() < STUCK_ROWS / TOGETHER {
        return None;
    }
    let some = points.len().div_ceil(TENTH);
    let (slow, fast) = (points.get(..some)?, points.get(points.len() - some..)?);
    let middle = |of: &[(f64, f64)], value: fn(&(f64, f64)) -> f64| median(of.iter().map(value));
    let cycle_s = |of| middle(of, |point| point.0).map(|rate| vus / rate);
    let took_s = |of| middle(of, |point| point.1);
    let (longest_s, shortest_s) = (cycle_s(slow)?, cycle_s(fast)?);
    let later_s = took_s(slow)? - took_s(fast)?;
    if longest_s < LONGER * shortest_s || later_s >= BY_ANSWERS * (longest_s - shortest_s) {
        return None;
    }
    rows.iter_mut().for_each(|row| row.vus = None);
    Some(Warning::StuckVus { vus, longest_s, shortest_s })
}
