//! pprof's `profile.proto`, which Go, `@datadog/pprof`, `pprof` for Node, other programs
//! and our own export write.
//!
//! Memory: the unpacked file, at most 512 MiB, and its distinct data; the outermost message
//! is walked, never decoded as a whole. Its samples come before the tables that they refer
//! to, so it is walked three times: for the tables, for the uses of the samples' labels,
//! and for the samples.

mod evidence;
mod labels;
mod legacy;
mod names;
mod samples;
mod spelling;
mod stacks;
mod tables;
mod types;
mod wire;
mod writer;

use crate::chunks::is_damage;
use crate::error::{Error, ValueFault};
use crate::options::Options;
use labels::{Clock, Survey, Threads};
pub(crate) use legacy::named as legacy;
use names::Namer;
use spikeflame_profile::Ledger;
use spikeflame_profile::warning::{PprofFact, Warning};
use spikeflame_profile::{Kind, Profile, Sample as Taken, Source, VmState, Zero};
use spikeflame_proto::pprof::{MONOTONIC, PRODUCER, Sample, UNIT};
use stacks::Stacker;
use std::io::Read;
use std::path::Path;
use tables::Tables;
use types::Choice;
pub(crate) use types::counts_samples;
pub(crate) use wire::{Field, Fields, Value, WireProblem, is_profile};
use writer::Writer;

/// The most bytes of an unpacked profile that are read.
const LARGEST_PROFILE_BYTES: usize = 512 << 20;

const SEVERAL: &str = "several pprof profiles one after the other; keep each in a file of its own, and \
    name them all (`go tool pprof -proto A B` makes one of them)";

const NEGATIVE: &str = "a negative value, as the difference of two profiles has them";

/// The label of the samples that pprof's `-diff_base` subtracts.
const BASE: &[u8] = b"pprof::base";

/// The highest sum of all weights: JSON represents integers up to it exactly.
const HEAVIEST: u64 = 1 << 53;

/// A warning is printed when a profile has less than one of this many samples that are due. On a busy
/// machine, V8's profiler takes every second one.
const MISSING: u64 = 3;

/// Reads a profile; threads are named by labels, or else `name`.
pub(crate) fn read(
    input: impl Read,
    path: &Path,
    name: String,
    options: &Options,
) -> Result<Profile, Error> {
    let (bytes, unpacked) = load(input, path)?;
    let mut records = Ledger::new("record");
    let tables = Tables::read(&bytes, &mut records);
    if tables.are_several() {
        return Err(Error::Unrecognised { path: path.to_owned(), found: SEVERAL });
    }
    let mut warnings = Vec::new();
    if let Some(wrong) = tables.wrong {
        // Names come last in the file: with the first of them, all samples are there.
        if !(wrong.cut && tables.has_names()) {
            return Err(damaged(path, wrong.at, wrong.what));
        }
        let fact = PprofFact::NamesLost { at: wrong.at, what: wrong.what.to_owned() };
        warnings.push(Warning::new(name.as_str(), fact));
    } else if !unpacked {
        warnings.push(Warning::new(name.as_str(), PprofFact::CutEnd));
    }
    let choice = types::choose(&tables, options.sample_type.as_deref(), path)?;
    let (writer, guess) = Writer::detect(&tables, &bytes, options.pprof_lines);
    let read = |choice: &Choice, records: Ledger| {
        let lines = options.lines;
        Reader { bytes: &bytes, tables: &tables, choice, writer, lines }.read(&name, records)
    };
    let mut profile = read(&choice, records.clone());
    if let Some(samples) = difference(&profile, &tables) {
        return Err(types::fault(&tables, path, ValueFault::Difference(samples)));
    }
    let is_empty = |profile: &Profile| profile.total() == 0 && profile.unreadable() == 0;
    if is_empty(&profile) && options.sample_type.is_none() {
        // .NET's profiler names a default type that it may not have recorded.
        let others = types::all(&tables).into_iter().filter(|other| *other != choice);
        let filled = others.map(|other| read(&other, records.clone()));
        profile = filled.into_iter().find(|other| other.total() > 0).unwrap_or(profile);
    }
    if is_empty(&profile) {
        return Err(types::fault(&tables, path, ValueFault::Zero));
    }
    warnings.append(&mut profile.warnings);
    warnings.extend(guess.map(|fact| Warning::new(name.as_str(), fact)));
    profile.warnings = warnings;
    Ok(profile)
}

/// Returns the number of samples below 0 when the profile is the difference of two: pprof marks those of the
/// profile that `-diff_base` subtracts. Others (`-base`, Go's heap with `?seconds=`) have no mark. A single
/// one of many is damage.
fn difference(profile: &Profile, tables: &Tables<'_>) -> Option<u64> {
    let below = profile.losses.iter().find(|loss| loss.reason == NEGATIVE)?.count;
    let kept: usize = profile.threads.iter().map(|thread| thread.samples.len()).sum();
    let is_many = below > 1 && below.saturating_mul(100) >= kept as u64;
    (below > 0 && (is_many || tables.has_string(BASE))).then_some(below)
}

/// Returns the whole file, and whether it could be unpacked to its end.
fn load(mut input: impl Read, path: &Path) -> Result<(Vec<u8>, bool), Error> {
    let mut bytes = Vec::new();
    let end = input.by_ref().take(LARGEST_PROFILE_BYTES as u64 + 1).read_to_end(&mut bytes);
    if bytes.len() > LARGEST_PROFILE_BYTES {
        let what = "the profile is longer than 512 MiB, which is the most that is read; \
                    a profiler's is far shorter: record for a shorter time, or look where it \
                    comes from";
        return Err(damaged(path, LARGEST_PROFILE_BYTES, what));
    }
    match end {
        Ok(_) => Ok((bytes, true)),
        Err(error) if is_damage(&error) && !bytes.is_empty() => Ok((bytes, false)),
        Err(source) => Err(Error::Io { path: path.to_owned(), source }),
    }
}

fn damaged(path: &Path, at: usize, what: &str) -> Error {
    let expected = format!("{what}; expected a profile as pprof writes it; record it anew");
    Error::Damaged { path: path.to_owned(), at: format!("byte {at}"), expected }
}

struct Reader<'r, 'a> {
    bytes: &'a [u8],
    tables: &'r Tables<'a>,
    choice: &'r Choice,
    writer: Writer,
    /// True when the lines that ran are wanted.
    lines: bool,
}

impl<'r> Reader<'r, '_> {
    fn read(&self, name: &str, mut records: Ledger) -> Profile {
        let tables = self.tables;
        let mut survey = Survey::default();
        if samples::labelled(self.bytes) {
            samples::each_labels(self.bytes, |_, sample| {
                if let Ok((sample, 1..)) = self.weighed(sample) {
                    survey.see(sample, tables);
                }
            });
        }
        let start = types::start_nanos(tables);
        let clock = survey.clock(start);
        let mut lost = Ledger::new("sample");
        let mut threads = Threads::new(tables, survey, name.to_owned());
        let mut stacker = Stacker::new(Namer::new(tables, self.writer, self.lines));
        let mut total = 0;
        samples::each(self.bytes, |number, sample| {
            let taken = self.weighed(sample).and_then(|(sample, weight)| {
                total += weight;
                if total > HEAVIEST {
                    total -= weight;
                    return Err("a value too large to be added up");
                }
                let (stack, whole) =
                    stacker.stack(sample, &mut records).inspect_err(|_| total -= weight)?;
                if !whole {
                    lost.lose("a location that is not in the file", number, 0);
                }
                Ok((sample, weight, stack))
            });
            match taken {
                Ok((_, 0, _)) => {}
                Ok((sample, weight, stack)) => {
                    let time_us = clock.map_or(0, |clock| threads.time_us(sample, &clock));
                    let taken = Taken { time_us, stack, state: VmState::UNKNOWN };
                    threads.samples_of(sample).push_weighted(taken, weight);
                }
                Err(reason) => lost.lose(reason, number, 1),
            }
        });
        let mut profile = Profile::default();
        let ours = stacker.namer.is_ours();
        let is_node = stacker.namer.is_node();
        profile.sources.push(self.source(name, start, clock.as_ref(), ours));
        if let Some(Clock { without: samples @ 1.., .. }) = clock {
            profile.warnings.push(Warning::new(name, PprofFact::NoTimes { samples }));
        }
        profile.frames = stacker.namer.frames;
        profile.stacks = stacker.stacks;
        profile.threads = threads.finish();
        profile.losses = lost.close(name);
        profile.losses.extend(records.close(name));
        if is_node && clock.is_none() {
            let missing = self.missing(&profile);
            profile.warnings.extend(missing.map(|fact| Warning::new(name, fact)));
        }
        profile
    }

    /// Returns a sample with its weight, or the reason why it is lost.
    fn weighed<'s>(
        &self,
        sample: Result<&'s Sample, &'static str>,
    ) -> Result<(&'s Sample, u64), &'static str> {
        let sample = sample?;
        match sample.value.get(self.choice.at) {
            None => Err("a sample without a value of this kind"),
            Some(..0) => Err(NEGATIVE),
            Some(&value) => Ok((sample, value as u64)),
        }
    }

    /// Returns a fact when most samples of a wall-clock profile are missing. It needs a library that
    /// also writes the samples of a thread that waits: without them, a profile of a server that mostly
    /// waits has few samples, and none is missing.
    fn missing(&self, profile: &Profile) -> Option<PprofFact> {
        let ([source], [thread]) = (profile.sources.as_slice(), profile.threads.as_slice()) else {
            return None;
        };
        let interval_us = source.interval_us.filter(|_| source.time == "wall")?;
        let is_idle = |(sample, weight): (Taken, u64)| {
            let frame = profile.stacks.get(sample.stack).map(|(_, frame)| frame);
            weight > 0 && frame.is_some_and(|frame| profile.frames.kind(frame) == Kind::Idle)
        };
        // The library of Google counts in microseconds, and writes all samples.
        let has_idle = types::unit_of_period(self.tables) == "microseconds"
            || thread.samples.iter().any(is_idle);
        let (samples, profile_us) = (profile.total(), source.end_us);
        let is_missing = source.unit == "samples"
            && has_idle
            && samples.saturating_mul(interval_us).saturating_mul(MISSING) < profile_us;
        is_missing.then_some(PprofFact::MissingSamples { samples, interval_us, profile_us })
    }

    fn source(&self, name: &str, start: i64, clock: Option<&Clock>, ours: bool) -> Source {
        let tables = self.tables;
        let duration_us = u64::try_from(tables.duration_nanos).unwrap_or(0) / 1000;
        let mut source = Source {
            name: name.to_owned(),
            producer: "pprof".to_owned(),
            interval_us: types::interval_us(tables),
            time: types::time(tables, self.choice.at),
            event: if ours { String::new() } else { types::event(tables, self.choice.at) },
            end_us: clock.map_or(0, Clock::end_us).max(duration_us),
            timed: clock.is_some(),
            zero: Zero::Unknown,
            unit: self.choice.unit.clone(),
            ..Source::default()
        };
        // When samples have times, their zero is the profile's.
        let zero = clock.map_or(start, |clock| if clock.base > 0 { clock.base } else { start });
        if let Some(zero) = u64::try_from(zero).ok().filter(|zero| *zero > 0) {
            source.zero = Zero::Wall(zero / 1000);
        }
        for comment in tables.comments().filter(|_| ours) {
            if let Some(producer) = comment.strip_prefix(PRODUCER) {
                producer.clone_into(&mut source.producer);
            } else if let Some(unit) = comment.strip_prefix(UNIT)
                && self.choice.at == 0
            {
                unit.clone_into(&mut source.unit);
            } else if let Some(us) = comment.strip_prefix(MONOTONIC).and_then(|us| us.parse().ok())
            {
                source.zero = Zero::Monotonic(us);
            }
        }
        source
    }
}
