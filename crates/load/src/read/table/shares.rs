//! Columns from which failed requests follow: shares of all requests, and requests that succeeded.

use super::super::ReadOptions;
use super::meaning::Meaning;
use super::names::{self, is_rate_or_share};
use super::number::Unit;
use super::units::ColumnUnits;
use super::{Head, Row, Table, distances};
use crate::error::{ColumnFault, Error};
use crate::stats::{median, quantile};
use spikeflame_wall::SECOND_US;
use std::path::Path;

/// Largest share of requests, with the errors of rounding and of rates that were taken at other moments; larger
/// numbers are per cent.
const LARGEST_SHARE: f64 = 1.5;
/// Largest share in per cent, with the errors of rounding.
const LARGEST_PERCENT: f64 = 100.5;
/// Smallest distance of a number from a whole one that makes it a fraction.
const FRACTION: f64 = 1e-6;
/// Most requests that succeeded for each of all requests, in nearly all rows. More are of another unit.
const MOST_OF_ALL: f64 = 1.01;

/// Most digits behind the point of a share.
const MOST_DIGITS: i32 = 9;
/// Fewest different shares from which their unit is seen.
const LEAST_DIFFERENT: usize = 3;
/// Most failed requests by which a number may miss a whole one, when it is rounded.
const MOST_MISSED: f64 = 0.1;
/// Fewest shares from which their unit is seen. A fifth of all numbers is as close to a whole one by chance.
const LEAST_SHARES: usize = 6;

/// Computes the share of failed requests, or their number, from the requests that succeeded. Refuses
/// numbers that cannot be of the kind that their column's name states.
///
/// # Errors
///
/// Returns [`Error::Columns`] when the user has to name the kind.
pub(super) fn settle(
    table: &mut Table,
    head: &Head,
    taken: &mut ColumnUnits,
    counts_since_start: bool,
    options: &ReadOptions,
    path: &Path,
) -> Result<(), Error> {
    let mut is_settled = false;
    for (at, (name, meaning)) in head.names.iter().zip(&head.meanings).enumerate() {
        let unit = table.units.get(at).copied().unwrap_or_default();
        let is_told = options.columns.iter().any(|(_, told)| told.eq_ignore_ascii_case(name));
        let name = name.clone();
        // Shares of several classes are one number in each row.
        if matches!(meaning, Meaning::ErrorShare(_)) && std::mem::replace(&mut is_settled, true) {
            continue;
        }
        let fault = match *meaning {
            Meaning::ErrorShare(false)
                if unit == Unit::None
                    && !is_told
                    && is_rate_or_share(&name)
                    && largest(&table.rows) > 0.0 =>
            {
                Some(ColumnFault::RateOrShare { name })
            }
            Meaning::SuccessShare(percent) => {
                succeeded(&mut table.rows, percent && !is_told, unit, name, taken)
            }
            Meaning::ErrorShare(percent) => {
                let is_bare = unit == Unit::None && !percent;
                let most = if is_bare { LARGEST_PERCENT } else { LARGEST_PERCENT / 100.0 };
                if largest(&table.rows) > most {
                    Some(ColumnFault::NoShare { name, of: "errors" })
                } else {
                    is_bare.then(|| settle_bare(&mut table.rows, taken, name)).flatten()
                }
            }
            Meaning::Errors if unit == Unit::None && !is_told => {
                let is_bare = !super::columns::is_rate(&name);
                let is_fault = is_bare && has_impossible_fractions(&table.rows, taken);
                is_fault.then_some(ColumnFault::Fractions { name })
            }
            Meaning::SucceededOfAll => {
                if taken.have_same_period() && !counts_since_start {
                    without_succeeded(&mut table.rows);
                }
                None
            }
            _ => None,
        };
        if let Some(problem) = fault {
            let (path, found) = (path.to_owned(), head.names.clone());
            return Err(Error::Columns { path, problem, found });
        }
    }
    Ok(())
}

/// Returns the share that only a few rows exceed, as those do whose requests are counted at another moment.
fn largest(rows: &[Row]) -> f64 {
    quantile(rows.iter().filter_map(|row| row.share), 0.95).unwrap_or_default()
}

/// Replaces the share of requests that succeeded by that of failed ones. Bare numbers above
/// [`LARGEST_SHARE`] are per cent.
fn succeeded(
    rows: &mut [Row],
    percent: bool,
    unit: Unit,
    name: String,
    taken: &mut ColumnUnits,
) -> Option<ColumnFault> {
    let most = largest(rows);
    let is_bare = unit != Unit::Share;
    if is_bare && percent && most > 0.0 && most <= LARGEST_SHARE {
        return Some(ColumnFault::PercentOrShare { name });
    }
    let whole = if is_bare && most > LARGEST_SHARE { 100.0 } else { 1.0 };
    if most / whole * 100.0 > LARGEST_PERCENT {
        return Some(ColumnFault::NoShare { name, of: "success" });
    }
    let shares = rows.iter_mut().filter_map(|row| row.share.as_mut());
    shares.for_each(|share| *share = 1.0 - (*share / whole).clamp(0.0, 1.0));
    if is_bare && !percent {
        note_unit(taken, &name, whole > 1.0);
    }
    None
}

/// Converts shares of failed requests without a unit from per cent, if they are, and notes their unit.
/// Returns the fault of numbers that may be both.
fn settle_bare(rows: &mut [Row], taken: &mut ColumnUnits, name: String) -> Option<ColumnFault> {
    let most = rows.iter().filter_map(|row| row.share).fold(0.0, f64::max);
    if most <= 0.0 {
        return None;
    }
    let is_ratio = names::is_ratio(&name);
    let is_percent = match is_ratio {
        // A ratio of rates that were taken at other moments may be a little above 1.
        true if most > 1.0 + FRACTION && most <= LARGEST_SHARE => {
            if largest(rows) > 1.0 + FRACTION {
                return Some(ColumnFault::PercentOrShare { name });
            }
            false
        }
        true => most > 1.0 + FRACTION,
        false => most > 1.0 || are_percent(rows, taken),
    };
    if is_percent {
        let shares = rows.iter_mut().filter_map(|row| row.share.as_mut());
        shares.for_each(|share| *share /= 100.0);
    }
    note_unit(taken, &name, is_percent);
    None
}

/// Notes the unit in which a column of shares was read, for the user to check.
fn note_unit(taken: &mut ColumnUnits, name: &str, is_percent: bool) {
    let unit =
        if is_percent { "a share of all, in per cent" } else { "a share of all, from 0 to 1" };
    let column = taken.columns.iter_mut().find(|column| column.name == name);
    column.into_iter().for_each(|column| unit.clone_into(&mut column.unit));
}

/// Returns true when shares below 1 are in per cent: four in five of them then give a whole number of
/// failed requests. Of 475 requests, 0.42 % are 2, and 42 % are 199.5.
fn are_percent(rows: &[Row], taken: &ColumnUnits) -> bool {
    let row_us = median(distances(rows).map(|us| us as f64));
    let of_row = match row_us.filter(|_| taken.is_rate) {
        Some(us) => us / SECOND_US as f64,
        None => 1.0,
    };
    let shares =
        || rows.iter().filter_map(|row| Some((row.share.filter(|share| *share > 0.0)?, row)));
    let digits = |share: f64| {
        let is_whole = |scale: &i32| {
            let value = share * 10f64.powi(*scale);
            (value - value.round()).abs() <= FRACTION
        };
        (0..MOST_DIGITS).find(is_whole).unwrap_or(MOST_DIGITS)
    };
    let rounding =
        0.5 / 10f64.powi(shares().map(|(share, _)| digits(share)).max().unwrap_or_default());
    let fits = |(share, row): (f64, &Row)| {
        let requests = row.requests * of_row / 100.0;
        let failed = share * requests;
        let distance = (failed - failed.round()).abs();
        failed.round() >= 1.0
            && distance <= requests * rounding + FRACTION
            && distance <= MOST_MISSED
    };
    let all = shares().count();
    // One share of hundreds of requests in each row may be whole by chance: 1 of 400 are 4 or all.
    let mut different: Vec<f64> = shares().map(|(share, _)| share).collect();
    different.sort_by(f64::total_cmp);
    different.dedup();
    all >= LEAST_SHARES
        && different.len() >= LEAST_DIFFERENT
        && shares().filter(|one| fits(*one)).count() * 5 >= all * 4
}

/// Returns true when failed requests have fractions although the requests of each row are a whole number:
/// of 105 requests of a second, 0.05 cannot have failed. Rates over longer rows may be rounded apart.
fn has_impossible_fractions(rows: &[Row], taken: &ColumnUnits) -> bool {
    let is_whole = |value: f64| (value - value.round()).abs() <= FRACTION;
    let is_second = || median(distances(rows).map(|us| us as f64)) == Some(SECOND_US as f64);
    let mut failed = rows.iter().map(|row| row.failed).filter(|failed| !failed.is_nan());
    taken.have_same_period()
        && rows.iter().all(|row| row.growth_s.is_none() && is_whole(row.requests))
        && failed.any(|failed| !is_whole(failed))
        && (!taken.is_rate || is_second())
}

/// Computes failed requests from all requests and those that succeeded, where both are in one unit.
fn without_succeeded(rows: &mut [Row]) {
    let known = || rows.iter().filter(|row| !row.succeeded.is_nan());
    let more = known().filter(|row| row.succeeded > row.requests * MOST_OF_ALL).count();
    if more * 20 > known().count() {
        return;
    }
    for row in rows.iter_mut().filter(|row| !row.succeeded.is_nan()) {
        row.failed = (row.requests - row.succeeded).max(0.0);
    }
}
