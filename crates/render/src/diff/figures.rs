//! Writes costs, changes and intervals of a comparison.

use crate::number::decimals;
use spikeflame_diff::{Measure, Unit};

/// A ratio from which it is written as a number of times and not in per cent.
const FEWEST_TIMES: f64 = 10.0;

/// Returns a cost with its unit, in three digits.
pub(super) fn cost(value: f64, unit: Unit) -> String {
    match unit {
        // Such a share of the cost before is no percentage that anyone can read.
        Unit::Share if value.abs() >= FEWEST_TIMES => format!("{} times", digits(value)),
        Unit::Share => format!("{} %", digits(100.0 * value)),
        _ if value.abs() >= 9_999.5 => format!("{} s", digits(value / 1e3)),
        _ => format!("{} ms", digits(value)),
    }
}

/// Returns a change of a cost, with its sign.
pub(super) fn change(value: f64, unit: Unit) -> String {
    let sign = if value < 0.0 { "−" } else { "+" };
    format!("{sign}{}", cost(value.abs(), unit))
}

pub(super) fn digits(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        size if size >= 99.95 => format!("{value:.0}"),
        size if size >= 9.995 => format!("{value:.1}"),
        size if size >= 0.9995 => format!("{value:.2}"),
        _ => decimals(value, 3),
    }
}

/// Returns a ratio as a change in per cent.
pub(super) fn percent(ratio: f64) -> String {
    let change = 100.0 * (ratio - 1.0);
    match change {
        change if change.is_nan() => "-".to_owned(),
        change if change.is_infinite() => "new".to_owned(),
        _ if ratio >= FEWEST_TIMES => format!("{} times", digits(ratio)),
        change if change <= -99.95 => "−100 %".to_owned(),
        change if change < 0.0 => format!("−{:.1} %", -change),
        change => format!("+{change:.1} %"),
    }
}

/// Returns a ratio as a change in per cent. It is empty when both sides are 0.
pub(super) fn ratio(cost: &Measure) -> String {
    match cost.ratio {
        Some(ratio) => percent(ratio),
        None if cost.after > 0.0 => "new".to_owned(),
        None => "-".to_owned(),
    }
}

/// Returns the column of a value on a line with 0 in the column `middle`, by the square root of the
/// value. A value beyond the scale is at the end of the line.
fn column(value: f64, scale: f64, middle: usize) -> usize {
    let at = if scale > 0.0 { value.signum() * (value.abs() / scale).sqrt() } else { 0.0 };
    (middle as f64 + at.clamp(-1.0, 1.0) * middle as f64).round() as usize
}

/// Draws an interval on a line of `width` characters with 0 in the middle: `┼─●─┼  │`. The scale is
/// one of square roots, so that small rows stay visible beside large ones.
pub(super) fn interval(cost: &Measure, scale: f64, width: usize) -> String {
    let middle = width / 2;
    let column = |value: f64| column(value, scale, middle);
    let (low, high) = (column(cost.change_ci.0), column(cost.change_ci.1));
    let at = column(cost.change);
    (0..width)
        .map(|column| match column {
            _ if column == at => '●',
            _ if column == low || column == high => '┼',
            _ if (low..high).contains(&column) => '─',
            _ if column == middle => '│',
            _ => ' ',
        })
        .collect()
}
