//! Compares the sampling intervals of recordings that are added up.

use spikeflame_profile::Profile;
use spikeflame_profile::warning::{Fact, Warning};

/// The smallest number of samples by which an interval is known.
const LEAST_SAMPLES: u64 = 100;
/// Asked intervals differ from this factor on.
const OTHER_ASKED: f64 = 1.1;
/// Measured intervals differ from this factor on. They are usual gaps: with 1 ms asked, they were 1.07 to 1.21 ms
/// in about a dozen recordings of Node, Bun and Deno.
const OTHER_MEASURED: f64 = 1.3;

/// The interval of one recording that counts samples.
pub(crate) struct Interval {
    name: String,
    unit: String,
    us: u64,
    /// True when the user asked the recorder for this interval, and false when it was measured.
    asked: bool,
}

/// Returns the sampling interval of a recording. Returns `None` when its weights are no number of
/// samples, when its samples do not stand for time, and when the interval is not known.
pub(crate) fn interval(profile: &Profile) -> Option<Interval> {
    let source = profile.sources.first()?;
    let counts = matches!(source.unit.as_str(), "ticks" | "samples") && !source.is_no_time();
    if !counts || profile.samples() < LEAST_SAMPLES {
        return None;
    }
    let asked = source.asked_us.filter(|us| *us > 0);
    let us = asked.or(source.interval_us).or_else(|| profile.cpu_step_us()).filter(|us| *us > 0)?;
    let (name, unit) = (source.name.clone(), source.unit.clone());
    Some(Interval { name, unit, us, asked: asked.is_some() })
}

/// Returns a warning when two of the recordings have different intervals.
pub(crate) fn warning(all: &[Interval]) -> Option<Warning> {
    let short = all.iter().min_by_key(|one| one.us)?;
    let long = all.iter().max_by_key(|one| one.us)?;
    let factor = if short.asked && long.asked { OTHER_ASKED } else { OTHER_MEASURED };
    let differ = long.us as f64 >= factor * short.us as f64;
    differ.then(|| {
        Warning::overall(Fact::Intervals {
            short: short.name.clone(),
            short_us: short.us,
            long: long.name.clone(),
            long_us: long.us,
            unit: short.unit.clone(),
        })
    })
}
