//! Units that the name of a series and its values imply, where the file names none.

use super::Warning;
use crate::track::{Metric, Track, Unit, bytes_in, is_share, may_be_cores};

/// Largest number of cores that the values of a series named `cpu` may mean.
const MOST_CORES: f64 = 16.0;

/// Largest value that a guess takes for per cent of one whole, with room for errors of measurement.
const MOST_PERCENT: f64 = 110.0;

/// The most that a share of one exceeds 1 by errors of measurement.
const SHARE_ROOM: f64 = 0.05;

/// Smallest amount of free memory, in bytes, of a system that runs. Smaller numbers are in a larger unit.
const LEAST_MEMORY: f64 = 1e6;

/// Returns the unit that a track's name implies. A name such as `cpu` may stand for per cent, for a
/// share of one whole, or for a number of cores: values that may be one of these stay plain. Amounts of memory in
/// a larger unit become bytes.
pub(super) fn unit_by_name(track: &mut Track) -> Unit {
    let largest = track.points.iter().map(|point| point.1).fold(0.0, f64::max);
    let Some(metric) = track.metric() else {
        return if is_percent_by_name(&track.name, largest) { Unit::Percent } else { Unit::Plain };
    };
    if let Some(factor) = bytes_in(&track.name).filter(|_| metric.unit() == Unit::Bytes) {
        track.points.iter_mut().for_each(|point| point.1 *= factor);
        return Unit::Bytes;
    }
    // Errors of measurement may lead a little above 1.
    if largest <= 1.0 + SHARE_ROOM && is_share(&track.name) {
        return Unit::Share;
    }
    let may_be_other = match metric {
        Metric::FreeMemory if !Metric::is_of_cloudwatch(&track.name) => largest < LEAST_MEMORY,
        // Such a number is a count, or per cent of one core of several.
        Metric::Cpu | Metric::Memory if largest > MOST_PERCENT => true,
        Metric::Cpu if Metric::is_in_milliseconds(&track.name) => true,
        Metric::Cpu if !Metric::is_utilisation(&track.name) => {
            largest <= MOST_CORES || may_be_cores(&track.name)
        }
        Metric::LoopUse if largest > 1.0 + SHARE_ROOM => return Unit::Percent,
        Metric::Cpu | Metric::Memory => largest <= 1.0 && !Metric::is_of_cloudwatch(&track.name),
        _ => false,
    };
    if may_be_other { Unit::Plain } else { metric.unit() }
}

/// Returns a warning about a use of the CPU or of memory that is nearly all of it when its values are shares of one,
/// and hardly any when they are per cent.
pub(super) fn share_or_percent(track: &Track) -> Option<Warning> {
    /// The least share that may be a sign of a limit.
    const BUSY: f64 = 0.8;
    let values = || track.points.iter().map(|point| point.1);
    let is_use = matches!(track.metric(), Some(Metric::Cpu | Metric::Memory))
        && Metric::is_utilisation(&track.name);
    let (from, to) = (values().fold(f64::INFINITY, f64::min), values().fold(0.0, f64::max));
    (is_use && track.unit == Unit::Plain && (BUSY..=1.0).contains(&to)).then(|| {
        Warning::ShareOrPercent {
            name: track.name.clone(),
            from: format!("{from:.2}"),
            to: format!("{to:.2}"),
        }
    })
}

/// Returns true for the name of a quantity in per cent whose meaning is not known otherwise: `5xx %`,
/// `http_5xx_percent`, CloudFront's `5xxErrorRate`. Words may also stand above shares of one: numbers above
/// 1 refute these.
fn is_percent_by_name(name: &str, largest: f64) -> bool {
    const WORDS: [&str; 4] = ["percent", "percentage", "pct", "perc"];
    let bare = name.split(['{', '(']).next().unwrap_or(name).trim();
    if bare.ends_with('%') || bare.starts_with('%') {
        return true;
    }
    let last = bare.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let lower = last.to_lowercase();
    let is_named = WORDS.contains(&lower.as_str())
        || ["Percent", "Percentage", "Pct"].iter().any(|end| last.ends_with(end))
        // CloudFront has the share of answers with one status too: `502ErrorRate`.
        || last.ends_with("ErrorRate")
            && (last.starts_with("Total") || last.starts_with(['4', '5']));
    is_named && largest > 1.0 && largest <= MOST_PERCENT
}
