//! The meaning of a cell of a table, and of a column's name: a number with its unit, a time, a length
//! of time, or no value.

use crate::read::table::{self, Mark};
use crate::track::{Unit, cores_of};
use spikeflame_wall::half_of_day;

/// A cell without a value.
const ABSENT: [&str; 7] = ["", "-", "null", "undefined", "nan", "no data", "n/a"];

/// Returns true for a time of day: `9:30:07`, `09:30 PM`.
pub(super) fn is_time_of_day(cell: &str) -> bool {
    let clock = cell.trim_end_matches(|c: char| c.is_ascii_alphabetic()).trim_end();
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = clock.split(':');
    // An address with a port is none.
    let is_hour = parts.next().is_some_and(is_digits);
    let rest: Vec<&str> = parts.collect();
    let is_pair = |part: &&str| {
        let whole = part.split(['.', ',']).next().unwrap_or(part);
        whole.len() == 2 && part.split(['.', ',']).all(is_digits)
    };
    is_hour && (1..=2).contains(&rest.len()) && rest.iter().all(is_pair)
}

/// Returns the zone in the name of the times that Windows writes (`typeperf`), in seconds ahead of UTC:
/// `(PDH-CSV 4.0) (Korea Standard Time)(-540)`. The number is the minutes from local time to UTC.
pub(super) fn zone_of_windows(text: &[u8]) -> Option<i32> {
    let line = text.split(|byte| *byte == b'\n').next()?;
    let name = line.split(|byte| matches!(byte, b',' | b'\t')).next()?;
    let name = std::str::from_utf8(name).ok()?.trim().trim_matches('"');
    let (_, minutes) =
        name.strip_prefix("(PDH-").and_then(|name| name.strip_suffix(')'))?.rsplit_once('(')?;
    let minutes: i32 = minutes.parse().ok()?;
    (-840..=840).contains(&minutes).then_some(-60 * minutes)
}

/// Returns true for AM or PM and nothing else.
pub(super) fn is_half(cell: &str) -> bool {
    let letters = cell.trim_end_matches('.').len();
    letters <= 5 && !cell.contains(|c: char| c.is_ascii_digit()) && half_of_day(cell).is_some()
}

/// Returns true for the name of a column that holds the time since something, or of its start.
pub(super) fn is_past(name: &str) -> bool {
    const WORDS: [&str; 10] = [
        "uptime", "elapsed", "duration", "age", "boot", "booted", "started", "since", "created",
        "runtime",
    ];
    let lower = name.to_lowercase();
    lower.split(|char: char| !char.is_alphanumeric()).any(|word| WORDS.contains(&word))
}

/// Returns true for a length of time: `1:24:47`, `3 days, 01:24:47`, `1d 2h`, `1h24m47s`, `PT3M`.
pub(super) fn is_passed(cell: &str) -> bool {
    const UNITS: [&str; 22] = [
        "d", "day", "days", "h", "hr", "hrs", "hour", "hours", "m", "min", "mins", "minute",
        "minutes", "s", "sec", "secs", "second", "seconds", "ms", "w", "week", "weeks",
    ];
    if is_time_of_day(cell) {
        return true;
    }
    let lower = cell.to_lowercase();
    let parts = match lower.strip_prefix('p') {
        Some(iso) => iso.replace('t', " "),
        None => lower.replace("days", "d").replace(" and ", " "),
    };
    let is_number = |c: char| c.is_ascii_digit() || matches!(c, '.' | ':');
    let mut rest = parts.trim();
    // One number with a unit may be a quantity: `100m` of Kubernetes.
    let mut groups = if lower.starts_with('p') { 1 } else { 0 };
    while !rest.is_empty() {
        let behind = rest.trim_start_matches(is_number);
        let clock = rest.len() > behind.len() && rest.split(' ').next().is_some_and(is_time_of_day);
        if behind.len() == rest.len() {
            return false;
        }
        let behind = behind.trim_start();
        let end = behind.find(|c: char| !c.is_alphabetic()).unwrap_or(behind.len());
        let Some((unit, next)) = behind.split_at_checked(end) else { return false };
        if !(UNITS.contains(&unit) || unit.is_empty() && clock) {
            return false;
        }
        groups += 1;
        rest = next.trim_start_matches([' ', ',']);
    }
    groups > 1
}

/// Returns true for a number with a unit that is not known, such as `20 conn`, `200m` or
/// `20MiB / 1GiB`. Such a cell names nothing. An address (`10.0.0.7:9100`) or a version does.
pub(super) fn is_measured(cell: &str) -> bool {
    let is_digit = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',');
    let unit = cell.trim_start_matches(['-', '+']);
    let digits = unit.len() - unit.trim_start_matches(is_digit).len();
    let unit = unit.trim_start_matches(is_digit);
    let first = unit.split(" / ").next().unwrap_or_default();
    let word = first.trim_start();
    let is_apart = word.len() < first.len();
    let is_short = word.len() <= 3 && word.bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_rate = word.ends_with("/s") || word.starts_with('/');
    digits > 0 && !word.is_empty() && (is_apart || is_short || is_rate)
}

/// Returns the unit in brackets at the end of a column's name.
pub(super) fn unit_behind(name: &str) -> Option<&str> {
    let unit = name.strip_suffix(')').and_then(|name| Some(name.rsplit_once('(')?.1));
    unit.or_else(|| name.strip_suffix(']').and_then(|name| Some(name.rsplit_once('[')?.1)))
}

/// Returns the seconds of a period: `300`, `5 minutes`.
pub(super) fn period_s(text: &str) -> Option<f64> {
    let (value, unit) = table::number(text, Mark::Point)?;
    match Unit::named(unit)? {
        (Unit::Seconds, factor) => Some(value * factor),
        (Unit::Plain, factor) => Some(value * factor),
        _ => None,
    }
}

/// Returns true for a column with a bound of the period that a row describes.
pub(super) fn is_bound(name: &str) -> bool {
    let lower = name.trim().to_lowercase().replace(['_', '-'], " ");
    ["start", "stop", "end", "begin", "start time", "stop time", "end time", "begin time"]
        .contains(&lower.trim())
        || ["period end", "period start", "window start", "window end"].contains(&lower.trim())
}

pub(super) fn is_time(name: &str) -> bool {
    let lower = name.trim().to_lowercase();
    [
        "_time",
        "start time",
        "begin time",
        "time",
        "timestamp",
        "timestamps",
        "date",
        "datetime",
        "ts",
        "@timestamp",
        "epoch",
        "period start",
    ]
    .contains(&lower.as_str())
}

pub(super) fn is_absent(cell: &str) -> bool {
    ABSENT.contains(&cell.to_lowercase().as_str())
}

/// Returns a number, its unit, and the factor of the unit: `97.1`, `23.4%`, `1.21 GiB`, `3.4 K`.
pub(super) fn number(cell: &str, mark: Mark) -> Option<(f64, Unit, f64)> {
    let (value, unit) = table::number(cell, mark)?;
    let (unit, factor) = Unit::named(unit).or_else(|| prefixed(unit))?;
    Some((value, unit, factor))
}

/// Reads a unit with a prefix: `K req/s` and `Mil` of Grafana.
fn prefixed(unit: &str) -> Option<(Unit, f64)> {
    // Bytes or seconds of another period are no number of things.
    let of = unit.rsplit_once('/').and_then(|(of, _)| Unit::named(of));
    if of.is_some_and(|(of, _)| of != Unit::Plain && of != Unit::PerSecond) {
        return None;
    }
    let found = table::counted(unit)?;
    let is_rate = found.unit == table::CountedAs::Rate;
    Some((if is_rate { Unit::PerSecond } else { Unit::Plain }, found.factor))
}

/// Returns the cores of a cell of Kubernetes, in a column of CPU: `100m` is a tenth of a core.
pub(super) fn cores(cell: &str, mark: Mark, column: &str) -> Option<f64> {
    let (value, unit) = table::number(cell, mark)?;
    Some(value * cores_of(unit, column)?)
}
