//! Rows of a table that show the system below its greatest load.

use super::rest::FEWEST_ANSWERS;
use crate::series::{DURATIONS, summary_ms};
use crate::stats::median;
use crate::timeline::{Second, Timeline};

/// Share of the greatest load that a load below it does not reach.
const BELOW: f64 = 0.8;

/// Share of the greatest goodput, users and duration below which a row has less load.
const FEWER: f64 = 0.5;

/// Requests under way for each user, from which the users are not those of the row. The duration may be an upper
/// percentile, which is some times longer than the mean.
const MOST_UNDER_WAY: f64 = 4.0;

/// Fewest rows between the first and the last one that show a load which stood still.
const INNER_ROWS: usize = 2;

/// Most such rows that have to have the same number of users, and the share of the greatest number from which it
/// is the same.
const FEW_ROWS: usize = 3;
const SAME: f64 = 0.95;

/// Whether the rows of a test show it at a load below the greatest one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Below {
    /// Some rows show it, or the input has no rows.
    Shown,
    /// No row shows it, and the load stood still in two rows or more: in all except the first and the last one.
    StoodStill,
    /// No row shows it, because the load changed within the rows that have less of it.
    Changed,
}

/// Looks for rows below the greatest load in a table whose load is computed from its durations. Such a row has clearly
/// fewer requests, and so have the rows beside it, because the load may change within a row. The first and the last row
/// have the requests of a part of their time, so they have fewer of them under any load.
pub(super) fn find_by_rate(timeline: &Timeline) -> Below {
    let row = timeline.resolution_s as usize;
    if row <= 1 {
        return Below::Shown;
    }
    let rows: Vec<&Second> = timeline.seconds.iter().step_by(row).collect();
    let best = rows.iter().map(|second| second.ok).fold(0.0, f64::max);
    let has_requests = |second: &&Second| second.requests() > 0.0;
    let first = rows.iter().position(has_requests).unwrap_or_default();
    let last = rows.iter().rposition(has_requests).unwrap_or_default();
    let tested = rows.get(first..=last).unwrap_or_default();
    let is_below = |second: &Second| second.ok < BELOW * best;
    let shown = tested.windows(3).filter(|three| three.iter().all(|one| is_below(one)));
    let answers =
        shown.filter_map(|three| three.get(1)).map(|one| one.ok * row as f64).sum::<f64>();
    if answers >= FEWEST_ANSWERS as f64 { Below::Shown } else { Below::Changed }
}

/// Looks for rows with requests below the greatest load. `users` are the users of each second, and `most` the
/// most that it may have: a row in which a load ends has hardly any users, and the answers to many.
pub(super) fn find(timeline: &Timeline, users: &[f64], most: &[f64]) -> Below {
    let (seconds, row) = (timeline.seconds.as_slice(), timeline.resolution_s as usize);
    let users_at = |at: usize| users.get(at).copied().unwrap_or_default();
    let greatest = users.iter().copied().fold(0.0, f64::max);
    if row <= 1 || greatest <= 0.0 {
        return Below::Shown;
    }
    let best = seconds.iter().map(|second| second.ok).fold(0.0, f64::max);
    let last = seconds.len().saturating_sub(row);
    let took = |second: &Second| {
        let known = |q: &f64| summary_ms(second, *q).filter(|ms| ms.is_finite());
        DURATIONS.iter().find_map(known)
    };
    let usual = median(seconds.iter().filter_map(took)).unwrap_or_default();
    // Users of an arrival rate are the requests under way at a moment. The first row may have the requests of a
    // part of its time, but its answers are then those of the load.
    let has_fewer = |at: usize, second: &Second| {
        let is_fast = || took(second).is_some_and(|took| took < FEWER * usual);
        at < last
            && second.ok < FEWER * best
            && users_at(at) < FEWER * greatest
            && (at >= row || is_fast())
    };
    // More requests under way than users: these are the users of another moment of the row.
    let is_possible = |at: usize, second: &Second| {
        let under_way = second.answers() * took(second).unwrap_or_default() / 1e3;
        under_way < MOST_UNDER_WAY * users_at(at).max(1.0)
    };
    let shows = |(at, second): &(usize, &Second)| {
        let is_below = most.get(*at).is_some_and(|most| *most < BELOW * greatest);
        let is_below = is_below && is_possible(*at, second);
        let is_below = is_below || has_fewer(*at, second);
        users_at(*at) > 0.0 && second.ok > 0.0 && took(second).is_some() && is_below
    };
    let below = seconds.iter().enumerate().filter(shows).map(|(_, second)| second.ok).sum::<f64>();
    if below >= FEWEST_ANSWERS as f64 {
        return Below::Shown;
    }
    let inner = row..seconds.len().saturating_sub(row);
    // Few rows between two others may stand beside a ramp.
    let share = if inner.len() <= FEW_ROWS * row { SAME } else { BELOW };
    let is_high = |at: usize| users_at(at) >= share * greatest;
    match inner.len() >= INNER_ROWS * row && inner.into_iter().all(is_high) {
        true => Below::StoodStill,
        false => Below::Changed,
    }
}
