//! The load test in the page's head: one number for each second.

use super::RunLoad;
use serde::Serialize;
use spikeflame_load::{Axis, FailureKind, Second, Series, Timeline, Track, wanted_rates};
use std::collections::BTreeMap;

/// A load test. A second without a value is null.
#[derive(Serialize)]
pub(super) struct LoadHead {
    source: String,
    format: &'static str,
    /// Start of the test's first second, in microseconds since the recording's zero.
    start_us: Option<i64>,
    clock: String,
    /// Seconds between two rows of a table.
    resolution_s: u32,
    /// Start of the first second, in seconds since 1970. `None` when the test's times are not those of a
    /// clock.
    start_unix_s: Option<i64>,
    /// The unit of `load`.
    unit: &'static str,
    load: Vec<Option<f64>>,
    goodput: Vec<Option<f64>>,
    p50: Vec<Option<f64>>,
    p95: Vec<Option<f64>>,
    p99: Vec<Option<f64>>,
    errors: Vec<ErrorRate>,
    dropped: Vec<Option<f64>>,
    tracks: Vec<TrackHead>,
}

/// Requests that failed in one way, in each second.
#[derive(Serialize)]
struct ErrorRate {
    kind: String,
    values: Vec<Option<f64>>,
}

/// A further quantity, as pairs of microseconds since the test's first second and the value.
#[derive(Serialize)]
struct TrackHead {
    name: String,
    /// The unit, as the JSON of `plateau` names it.
    unit: &'static str,
    /// The limit that the values in the plateau show, in a sentence. It is empty when they show no
    /// limit.
    note: String,
    at_us: Vec<i64>,
    values: Vec<Option<f64>>,
}

/// Builds the load test of the page's head.
pub(super) fn head(load: &RunLoad<'_>) -> LoadHead {
    let timeline = load.timeline;
    let of = |value: &dyn Fn(&Second) -> f64| each_second(timeline, value);
    let (unit, values) = axis(timeline);
    let failed = of(&|second| second.failed);
    let any = |values: &[Option<f64>]| values.iter().any(|value| value.is_some_and(|v| v > 0.0));
    let dropped = of(&|second| second.dropped);
    LoadHead {
        source: crate::clean::xml(&timeline.source),
        format: timeline.format,
        start_us: load.test_start_us,
        clock: load.clock.clone(),
        resolution_s: timeline.resolution_s,
        start_unix_s: timeline.has_clock().then_some(timeline.start_s),
        unit,
        load: values,
        goodput: of(&|second| second.ok),
        p50: of(&|second| percentile(second, 0.5)),
        p95: of(&|second| percentile(second, 0.95)),
        p99: of(&|second| percentile(second, 0.99)),
        errors: if any(&failed) { errors(timeline) } else { Vec::new() },
        dropped: if any(&dropped) { dropped } else { Vec::new() },
        tracks: tracks(load),
    }
}

/// Kinds of failures that have a line of their own; the others share one.
const KINDS: usize = 4;

/// Returns the failed requests of each second by kind, the most frequent kind first.
fn errors(timeline: &Timeline) -> Vec<ErrorRate> {
    let mut counts: BTreeMap<FailureKind, u64> = BTreeMap::new();
    for (kind, count) in timeline.seconds.iter().flat_map(|second| &second.failures) {
        *counts.entry(*kind).or_default() += u64::from(*count);
    }
    let mut kinds: Vec<(FailureKind, u64)> = counts.into_iter().collect();
    kinds.sort_by_key(|&(kind, count)| (std::cmp::Reverse(count), kind));
    kinds.truncate(KINDS);
    let kinds: Vec<FailureKind> = kinds.into_iter().map(|(kind, _)| kind).collect();
    let mut lines: Vec<ErrorRate> = kinds
        .iter()
        .map(|&kind| ErrorRate {
            kind: crate::plateau::failure(kind),
            values: each_second(timeline, &|second| failed_by(second, kind)),
        })
        .collect();
    let rest = |second: &Second| {
        (second.failed - kinds.iter().map(|&kind| failed_by(second, kind)).sum::<f64>()).max(0.0)
    };
    if timeline.seconds.iter().any(|second| !second.missing && rest(second) > 0.0) {
        let word = if lines.is_empty() { "failed" } else { "failed in other ways" };
        lines.push(ErrorRate { kind: word.to_owned(), values: each_second(timeline, &rest) });
    }
    lines
}

/// Returns the number of requests that failed in one way in a second.
fn failed_by(second: &Second, kind: FailureKind) -> f64 {
    let found = second.failures.iter().find(|(known, _)| *known == kind);
    found.map_or(0.0, |(_, count)| f64::from(*count))
}

/// Returns a value for each second. A second that the input leaves out is a gap, and not a second
/// without requests.
fn each_second(timeline: &Timeline, value: &dyn Fn(&Second) -> f64) -> Vec<Option<f64>> {
    let known = |second: &Second| if second.missing { None } else { short(value(second)) };
    timeline.seconds.iter().map(known).collect()
}

/// Returns the load second by second, with its unit: virtual users, requests wanted a second, or
/// requests in flight. Both are empty when the test has no load.
fn axis(timeline: &Timeline) -> (&'static str, Vec<Option<f64>>) {
    let series = Series::from_timeline(timeline, None);
    let axis = series.as_ref().map(|series| series.axis);
    let mut last = None;
    let vus = timeline.seconds.iter().map(|second| {
        last = second.vus.or(last);
        last.and_then(short)
    });
    match axis {
        Some(Axis::Rate) => {
            (Axis::Rate.unit(), wanted_rates(timeline).into_iter().map(short).collect())
        }
        Some(Axis::Vus) => (Axis::Vus.unit(), vus.collect()),
        Some(Axis::InFlight) => {
            let load = |at: usize| {
                let series = series.as_ref()?;
                short(*series.load.get(at.checked_sub(series.first)?)?)
            };
            (Axis::InFlight.unit(), (0..timeline.seconds.len()).map(load).collect())
        }
        None => ("", Vec::new()),
    }
}

fn tracks(load: &RunLoad<'_>) -> Vec<TrackHead> {
    let start_us = load.timeline.second_us(0);
    let notes = load.notes.iter().map(String::as_str).chain(std::iter::repeat(""));
    let tracks = load.timeline.tracks.iter().zip(notes);
    tracks.map(|(track, note)| track_head(track, note, start_us)).collect()
}

fn track_head(track: &Track, note: &str, start_us: i64) -> TrackHead {
    TrackHead {
        name: crate::clean::xml(&crate::plateau::track_name(track)),
        unit: crate::plateau::unit_word(track.unit),
        note: crate::clean::sentence(note),
        at_us: track.points.iter().map(|(us, _)| us.saturating_sub(start_us)).collect(),
        values: track.points.iter().map(|&(_, value)| short(value)).collect(),
    }
}

/// Returns a percentile of one second in milliseconds; `NAN` without a value.
fn percentile(second: &Second, q: f64) -> f64 {
    let told = second.latency_summary.map(|told| match q {
        q if q > 0.97 => told.p99,
        q if q > 0.8 => told.p95,
        _ => told.p50,
    });
    second.latencies.quantile_ms(q).or(told).unwrap_or(f64::NAN)
}

/// Rounds a value to four digits, and from 10,000 on to whole numbers, which is enough for a picture.
/// Returns `None` for a value that is not finite.
fn short(value: f64) -> Option<f64> {
    if !value.is_finite() {
        return None;
    }
    if value == 0.0 || value.abs() >= 1e4 {
        return Some(value.round());
    }
    let scale = 10_f64.powi(3 - value.abs().log10().floor() as i32);
    Some((value * scale).round() / scale)
}
