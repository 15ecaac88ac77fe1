//! Writes a profile as a file that other programs open.
//!
//! All functions take a profile that is already selected
//! ([`Profile::select`](spikeflame_profile::Profile::select)). Every format keeps all weights, up to the
//! largest number that it can hold. Apart from the Firefox Profiler's, they also have data without a place
//! in the format, which Spikeflame reads back, under names of our own.
//!
//! ```
//! use spikeflame_profile::Profile;
//! use spikeflame_render::export::{self, Format};
//!
//! let mut file = Vec::new();
//! export::write(&Profile::default(), Format::Speedscope, &mut file)?;
//! assert!(file.starts_with(b"{"));
//! # Ok::<(), export::ExportError>(())
//! ```

mod cpuprofile;
mod depth;
mod firefox;
mod otlp;
mod pprof;
mod speedscope;

use serde::{Serialize, Serializer};
use spikeflame_profile::{
    Frame, FrameTable, Kind, Profile, Source, StackId, Steps, Thread, Tier, Zero, display_name,
};
use std::io::{self, Write};

/// A file format of another program, such as pprof or speedscope, in which [`write()`] writes a
/// profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// The `profile.proto` of pprof, compressed with gzip.
    Pprof,
    /// speedscope's JSON.
    Speedscope,
    /// The Firefox Profiler's processed JSON.
    Firefox,
    /// The JSON of V8's CPU profiles.
    CpuProfile,
    /// OpenTelemetry's profiles format (`v1development`), as protobuf.
    Otlp,
    /// OpenTelemetry's profiles format (`v1development`), as JSON.
    OtlpJson,
}

/// Checks whether the format can hold a profile, so that no file is made in vain.
///
/// # Errors
///
/// Returns an [`ExportError`] when the profile is beyond a limit of the format.
pub fn check(profile: &Profile, format: Format) -> Result<(), ExportError> {
    match format {
        Format::Pprof | Format::Speedscope | Format::Otlp | Format::OtlpJson => {
            depth::check(profile, format)
        }
        Format::Firefox => firefox::check(profile),
        Format::CpuProfile => cpuprofile::only_thread(profile).map(drop),
    }
}

/// Writes a profile in a format. The profile must contain only the samples to export:
/// [`Profile::select`](spikeflame_profile::Profile::select) applies a selection.
///
/// # Errors
///
/// Returns the errors of [`check`], and an error when `out` fails.
pub fn write(profile: &Profile, format: Format, out: &mut dyn Write) -> Result<(), ExportError> {
    depth::check(profile, format)?;
    match format {
        Format::Pprof => pprof::write(profile, out),
        Format::Speedscope => speedscope::write(profile, out),
        Format::Firefox => firefox::write(profile, &[], out),
        Format::CpuProfile => cpuprofile::write(profile, out),
        Format::Otlp => otlp::write(profile, out),
        Format::OtlpJson => otlp::write_json(profile, out),
    }
}

/// A quantity over time that is drawn beside a profile.
#[derive(Clone, Debug, PartialEq)]
pub struct Counter {
    /// Name of the quantity, with its unit.
    pub name: String,
    /// Pairs of microseconds since the profile's zero and the value, in order of time.
    pub points: Vec<(u64, f64)>,
}

/// Writes a selected profile for the Firefox Profiler, with counters, which belong to the first thread's process.
/// No other format has counters, and a profile without threads has none.
///
/// # Errors
///
/// Returns the errors of [`check`], and an error when `out` fails.
pub fn firefox(
    profile: &Profile,
    counters: &[Counter],
    out: &mut dyn Write,
) -> Result<(), ExportError> {
    firefox::write(profile, counters, out)
}

/// Writes a selected profile as OTLP in protobuf. `attributes` describe the service that was profiled, such as
/// its `service.name`.
///
/// # Errors
///
/// Returns the errors of [`check`], and an error when `out` fails.
pub fn otlp_of(
    profile: &Profile,
    attributes: &[(String, String)],
    out: &mut dyn Write,
) -> Result<(), ExportError> {
    depth::check(profile, Format::Otlp)?;
    otlp::write_of(profile, attributes, out)
}

/// Reasons why a profile cannot be written in a format.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// Writing to the output failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The format holds one thread, but the profile has several, or none. The value has their
    /// names.
    #[error("a .cpuprofile holds one thread, and there are {}: {}", .0.len(), .0.join(", "))]
    Threads(Vec<String>),
    /// The weights are so large that they would have to be split into too many parts: one part has
    /// 31 bits in the format.
    #[error("the weights are too large for Firefox's format")]
    TooHeavy,
    /// The format repeats the callers of each frame, and the stacks are so deep that the file would
    /// be too large.
    #[error(
        "the stacks are too deep for this format, which repeats all callers of a frame: that makes \
         {frames} frames, and at most {most} are written"
    )]
    TooDeep {
        /// The number of frames that the file would have.
        frames: u64,
        /// The largest number of frames that is written in the format.
        most: u64,
    },
}

impl From<serde_json::Error> for ExportError {
    fn from(error: serde_json::Error) -> Self {
        Self::Io(error.into())
    }
}

/// Name of the program that wrote a file, for formats that have a place for it.
const EXPORTER: &str = concat!("spikeflame@", env!("CARGO_PKG_VERSION"));

/// Quantity that a weight measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Measure {
    /// Moments at which a stack was seen.
    Samples,
    /// Time in units of this many nanoseconds.
    Time(u64),
    Bytes,
    Other,
}

/// Facts that all sources of a profile share.
#[derive(Clone, Debug)]
struct Common {
    measure: Measure,
    /// Unit of the weights, as the sources name it.
    unit: String,
    interval_us: Option<u64>,
    /// Name of the time that a weight measures; see [`Source::time`].
    time: String,
    /// True when the sampled event is not time.
    no_time: bool,
    /// Microseconds between two samples: see [`Profile::step_us`].
    step_us: Option<u64>,
    /// The time of each sample: see [`Profile::steps`]. `None` when weights are no time.
    steps: Option<Steps>,
    zero: Zero,
    timed: bool,
    end_us: u64,
    producer: String,
    /// Names of the sources, joined, and the unit where a format has no place for it.
    name: String,
}

impl Common {
    fn collect(profile: &Profile) -> Self {
        let sources = &profile.sources;
        let first = sources.first().cloned().unwrap_or_default();
        let joined = |part: fn(&Source) -> &String| {
            let mut parts: Vec<&str> = sources.iter().map(|source| part(source).as_str()).collect();
            parts.dedup();
            parts.join(", ")
        };
        let measure = match first.unit.as_str() {
            "samples" | "ticks" => Measure::Samples,
            "nanoseconds" => Measure::Time(1),
            "microseconds" => Measure::Time(1_000),
            "milliseconds" => Measure::Time(1_000_000),
            "seconds" => Measure::Time(1_000_000_000),
            "bytes" => Measure::Bytes,
            _ => Measure::Other,
        };
        let all = |test: &dyn Fn(&Source) -> bool| sources.iter().all(test);
        let steps = match measure {
            Measure::Samples if !sources.iter().any(Source::is_no_time) => profile.steps(),
            _ => None,
        };
        // Programs multiply the number of samples by the interval, so it is the mean of these samples.
        let mean_us = || steps.as_ref().and_then(|steps| steps.mean_us(profile));
        let interval_us = profile.recorded_step_us().map(|us| mean_us().unwrap_or(us));
        let timed = !sources.is_empty() && profile.is_timed();
        Self {
            measure,
            interval_us,
            time: if all(&|source| source.time == first.time) {
                first.time.clone()
            } else {
                String::new()
            },
            no_time: sources.iter().any(Source::is_no_time),
            step_us: profile.step_us(),
            steps,
            zero: if all(&|source| source.zero == first.zero) { first.zero } else { Zero::Unknown },
            timed,
            end_us: sources.iter().map(|source| source.end_us).max().unwrap_or(0),
            producer: joined(|source| &source.producer),
            name: match measure {
                // Firefox knows only samples and bytes as units, and speedscope has none for
                // events.
                Measure::Other | Measure::Time(_) if !first.unit.is_empty() => {
                    format!("{} ({})", joined(|source| &source.name), first.unit)
                }
                _ => joined(|source| &source.name),
            },
            unit: first.unit,
        }
    }

    /// Returns the nanoseconds that a weight of 1 of a sample stands for, when weights are time.
    fn nanos(&self, thread: &Thread, stack: StackId) -> Option<u64> {
        match self.measure {
            Measure::Samples => self.steps.as_ref()?.us(thread, stack).checked_mul(1000),
            Measure::Time(nanos) => Some(nanos),
            Measure::Bytes | Measure::Other => None,
        }
    }

    /// Returns the nanoseconds that a sample takes on the time axis. Samples without times are
    /// placed one after the other by it.
    fn laid_out(&self, thread: &Thread, stack: StackId, weight: u64) -> u64 {
        let nanos = self.nanos(thread, stack).unwrap_or(match self.measure {
            // The length is arbitrary, but must be visible.
            Measure::Samples => 1_000_000,
            _ => 1_000,
        });
        weight.saturating_mul(nanos)
    }
}

/// The parts of a frame that every format writes.
struct FrameText<'a> {
    /// The label without file and line.
    name: String,
    file: &'a str,
    line: u32,
    column: u32,
    kind: Kind,
    tier: Tier,
    inlined: bool,
    module: &'a str,
}

impl<'a> FrameText<'a> {
    fn describe(frames: &'a FrameTable, frame: Frame) -> Self {
        let function = frames.get_function(frame.function);
        let strings = frames.strings();
        Self {
            name: display_name(strings, function),
            file: strings.get(function.file),
            line: function.line,
            column: function.column,
            kind: function.kind,
            tier: frame.tier,
            inlined: frame.inlined,
            module: strings.get(function.module),
        }
    }
}

/// A JSON array from an iterator. It is written item by item.
struct JsonArray<F>(F);

impl<F, I> Serialize for JsonArray<F>
where
    F: Fn() -> I,
    I: IntoIterator<Item: Serialize>,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

/// Returns true for 0. JSON formats leave out numbers that are 0.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it so")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}
