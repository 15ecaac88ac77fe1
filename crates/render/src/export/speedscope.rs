//! Writes speedscope's file format: <https://www.speedscope.app/file-format-schema.json>. Each
//! thread is a `sampled` profile in order of time.

use super::{Common, EXPORTER, ExportError, FrameText, JsonArray, Measure, is_zero};
use serde::Serialize;
use spikeflame_profile::{Frame, FrameId, Profile, StackId, Thread};
use std::io::Write;

#[derive(Serialize)]
struct File<'a, Frames: Serialize, Profiles: Serialize, Times: Serialize, Counts: Serialize> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    exporter: &'static str,
    name: &'a str,
    #[serde(rename = "activeProfileIndex")]
    active: usize,
    shared: SharedFrames<Frames>,
    profiles: Profiles,
    spikeflame: Extra<'a, Times, Counts>,
}

#[derive(Serialize)]
struct SharedFrames<Frames> {
    frames: Frames,
}

/// A frame. The last four fields are our own.
#[derive(Serialize)]
struct NamedFrame<'a> {
    name: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    file: &'a str,
    #[serde(skip_serializing_if = "is_zero")]
    line: u32,
    #[serde(skip_serializing_if = "is_zero")]
    col: u32,
    kind: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    tier: &'static str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    inlined: bool,
    #[serde(skip_serializing_if = "str::is_empty")]
    module: &'a str,
}

#[derive(Serialize)]
struct SampledProfile<'a, Samples: Serialize, Weights: Serialize> {
    r#type: &'static str,
    name: &'a str,
    unit: &'static str,
    #[serde(rename = "startValue")]
    start: u64,
    #[serde(rename = "endValue")]
    end: u64,
    samples: Samples,
    weights: Weights,
}

/// Fields of our own, for data that the format has no place for: original weights, and times.
#[derive(Serialize)]
struct Extra<'a, Times, Counts> {
    #[serde(skip_serializing_if = "Option::is_none")]
    interval_us: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    times_us: Option<Times>,
    counts: Counts,
    unit: &'a str,
    producer: &'a str,
}

/// Writes a selected profile.
pub(super) fn write(profile: &Profile, out: &mut dyn Write) -> Result<(), ExportError> {
    let common = Common::collect(profile);
    let unit = match common.measure {
        Measure::Samples if common.steps.is_some() => "microseconds",
        Measure::Time(1) => "nanoseconds",
        Measure::Time(1_000) => "microseconds",
        Measure::Time(1_000_000) => "milliseconds",
        Measure::Time(_) => "seconds",
        Measure::Bytes => "bytes",
        Measure::Samples | Measure::Other => "none",
    };
    let file = File {
        schema: "https://www.speedscope.app/file-format-schema.json",
        exporter: EXPORTER,
        name: &common.name,
        active: 0,
        shared: SharedFrames {
            frames: JsonArray(|| profile.frames.frames().map(|(_, f)| named(profile, f))),
        },
        profiles: JsonArray(|| profile.threads.iter().map(|t| sampled(profile, t, unit, &common))),
        spikeflame: Extra {
            interval_us: common.interval_us,
            times_us: common.timed.then_some(JsonArray(|| profile.threads.iter().map(times))),
            counts: JsonArray(|| profile.threads.iter().map(counts)),
            unit: &common.unit,
            producer: &common.producer,
        },
    };
    serde_json::to_writer(&mut *out, &file)?;
    Ok(writeln!(out)?)
}

fn named(profile: &Profile, frame: Frame) -> NamedFrame<'_> {
    let shown = FrameText::describe(&profile.frames, frame);
    NamedFrame {
        name: shown.name,
        file: shown.file,
        line: shown.line,
        col: shown.column,
        kind: shown.kind.word(),
        tier: shown.tier.mark(),
        inlined: shown.inlined,
        module: shown.module,
    }
}

fn sampled<'a>(
    profile: &'a Profile,
    thread: &'a Thread,
    unit: &'static str,
    common: &'a Common,
) -> impl Serialize + 'a {
    let samples = &thread.samples;
    let weights = move || {
        samples.iter().map(move |(sample, weight)| match &common.steps {
            Some(steps) => weight.saturating_mul(steps.us(thread, sample.stack)),
            None => weight,
        })
    };
    SampledProfile {
        r#type: "sampled",
        name: &thread.name,
        unit,
        start: 0,
        end: weights().fold(0u64, u64::saturating_add),
        samples: JsonArray(move || {
            samples.iter().map(move |(s, _)| outermost_first(profile, s.stack))
        }),
        weights: JsonArray(weights),
    }
}

/// Returns the indices of the frames of a stack.
fn outermost_first(profile: &Profile, stack: StackId) -> Vec<usize> {
    let mut frames: Vec<usize> = profile.stacks.frames(stack).map(FrameId::index).collect();
    frames.reverse();
    frames
}

fn times(thread: &Thread) -> impl Serialize + '_ {
    JsonArray(|| thread.samples.iter().map(|(sample, _)| sample.time_us))
}

fn counts(thread: &Thread) -> impl Serialize + '_ {
    JsonArray(|| thread.samples.iter().map(|(_, weight)| weight))
}
