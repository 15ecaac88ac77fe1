//! The plateau as JSON, schema `spikeflame.plateau/1` (`docs/json.md`).

use super::Tested;
use serde::Serialize;
use spikeflame_load::plateau::Stretch;
use spikeflame_profile::{Known, wall};
use std::io::{self, Write};

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    source: &'a str,
    format: &'static str,
    found: bool,
    reason: Option<String>,
    start: Option<String>,
    end: Option<String>,
    start_s: Option<usize>,
    end_s: Option<usize>,
    axis: Option<&'static str>,
    knee_vus: Option<f64>,
    knee_rate: Option<f64>,
    level_rps: Option<f64>,
    capacity_rps: Option<f64>,
    retrograde: Option<bool>,
    before: Option<Part>,
    within: Option<Part>,
    after: Option<Part>,
    little_ratio: Option<f64>,
    implied_think_s: Option<f64>,
    cpu_utilisation: Option<f64>,
    event_loop_utilisation: Option<f64>,
    cores: Option<f64>,
    gc_share: Option<f64>,
    clock: Option<ClockRow>,
}

#[derive(Serialize)]
struct Part {
    start_s: usize,
    end_s: usize,
    requests: f64,
    rps: f64,
    // `null` where the input has none: JSON knows no NaN.
    p50_ms: f64,
    p95_ms: f64,
    p99_ms: f64,
    mean_ms: f64,
    error_rate: f64,
}

#[derive(Serialize)]
struct ClockRow {
    known: &'static str,
    uncertainty_ms: f64,
    profile_start: String,
}

impl Part {
    fn of(stretch: &Stretch) -> Self {
        Self {
            start_s: stretch.window.from,
            end_s: stretch.window.to,
            requests: stretch.requests,
            rps: stretch.rps,
            p50_ms: stretch.p50_ms,
            p95_ms: stretch.p95_ms,
            p99_ms: stretch.p99_ms,
            mean_ms: stretch.mean_ms,
            error_rate: stretch.error_rate,
        }
    }
}

/// Writes the plateau as JSON of schema `spikeflame.plateau/1`; shares are of 1.
///
/// # Errors
/// Those of `out`.
pub fn json(tested: &Tested<'_>, out: &mut impl Write) -> io::Result<()> {
    let timeline = tested.timeline;
    let found = tested.plateau.as_ref().ok();
    let time = |us: i64| wall::rfc3339(us.max(0).unsigned_abs());
    let at = |second: usize| time((timeline.start_s + second as i64).saturating_mul(1_000_000));
    let vus = found.map(|found| found.axis == spikeflame_load::Axis::Vus);
    let (usage, clock) = tested.usage.unzip();
    let document = Document {
        schema: "spikeflame.plateau/1",
        source: &timeline.source,
        format: timeline.format,
        found: found.is_some(),
        reason: tested.plateau.as_ref().err().map(ToString::to_string),
        start: found.map(|found| at(found.window.from)),
        end: found.map(|found| at(found.window.to)),
        start_s: found.map(|found| found.window.from),
        end_s: found.map(|found| found.window.to),
        axis: vus.map(|vus| if vus { "vus" } else { "rate" }),
        knee_vus: found.filter(|_| vus == Some(true)).map(|found| found.knee),
        knee_rate: found.filter(|_| vus == Some(false)).map(|found| found.knee),
        level_rps: found.map(|found| found.level_rps),
        capacity_rps: found.map(|found| found.capacity_rps),
        retrograde: found.map(|found| found.retrograde),
        before: found.map(|found| Part::of(&found.before)),
        within: found.map(|found| Part::of(&found.within)),
        after: found.and_then(|found| found.after.as_ref()).map(Part::of),
        little_ratio: found.and_then(|found| found.little_ratio),
        implied_think_s: found.and_then(|found| found.implied_think_s),
        cpu_utilisation: usage.map(|usage| usage.cpu_utilisation),
        event_loop_utilisation: usage.and_then(|usage| usage.loop_utilisation),
        cores: usage.and_then(|usage| usage.cores),
        gc_share: usage.and_then(|usage| usage.gc_share),
        clock: clock.map(|clock| ClockRow {
            known: match clock.known {
                Known::Recorded => "recorded",
                Known::Marks => "marks",
                Known::Told => "told",
                Known::FileName => "file_name",
                Known::FileTime => "file_time",
                Known::Correlated => "correlated",
            },
            uncertainty_ms: clock.uncertainty_us as f64 / 1e3,
            profile_start: time(clock.zero_us),
        }),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}
