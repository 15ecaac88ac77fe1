//! Making a profile of speedscope profiles. Their weights have units and fractions; ours
//! are whole numbers.

use super::file::File;
use super::recorded::RecordedProfile;
use super::unit::Measure;
use crate::cpuprofile::clock::LONGEST_STEP_US;
use crate::error::{Error, ValueFault};
use crate::extras::Totals;
use crate::json::{Damage, Text, Word};
use crate::pieces::Pieces;
use crate::weight::{HEAVIEST, TOO_HEAVY};
use hashbrown::HashMap;
use spikeflame_profile::Ledger;
use spikeflame_profile::warning::{Fact, UnreadValues, Warning};
use spikeflame_profile::{
    Profile, Sample, Samples, Source, StackId, Thread, VmState, Zero, folded,
};
use std::path::Path;

/// The reason for losing a sample of a comparison.
const BELOW_ZERO: &str = "a sample with a weight below 0";

/// The conversion of the chosen profiles' weights to whole numbers.
struct Scale<'a> {
    measure: Measure,
    /// The number of units in a weight of 1 of the file.
    factor: f64,
    /// The zero of times, in the file's unit.
    zero: f64,
    /// The fields that our own export adds.
    totals: &'a Totals,
    /// The sum of the weights so far.
    total: u64,
    /// The pieces of weights that are times.
    pieces: Option<Pieces>,
}

/// Makes a profile of what was read.
pub(super) fn finish(
    file: File,
    path: &Path,
    name: String,
    damage: Option<Damage>,
    wanted: Option<&str>,
) -> Result<Profile, Error> {
    let File { mut frames, profiles, exporter, active, totals } = file;
    let recorded = profiles.done;
    let instead = "expected profiles with samples, as speedscope's schema has them";
    let Some(first) = recorded.get(active.0 as usize).or(recorded.first()) else {
        return Err(nothing(path, damage, instead));
    };
    let measure = match wanted {
        Some(wanted) if totals.counts.is_empty() => choose(wanted, &recorded, path)?,
        _ => first.unit,
    };
    // All profiles of our own export have one unit.
    let chosen =
        |one: &RecordedProfile| one.unit.word() == measure.word() || !totals.counts.is_empty();
    let left_out = recorded.iter().filter(|one| !chosen(one)).count();
    let decimals = match measure {
        Measure::Time(_) => 0,
        _ => recorded.iter().filter(|one| chosen(one)).map(decimals).max().unwrap_or(0),
    };
    let starts = recorded.iter().filter(|one| chosen(one)).map(RecordedProfile::begin);
    let zero = starts.reduce(f64::min).unwrap_or(0.0);
    let factor = 10f64.powi(decimals as i32);
    let mut scale = Scale { measure, factor, zero, totals: &totals, total: 0, pieces: None };
    if totals.counts.is_empty() && matches!(measure, Measure::Time(_)) {
        let lengths = recorded.iter().filter(|one| chosen(one)).map(|one| scale.length_ns(one));
        scale.pieces = Some(Pieces::of_file(lengths.fold(0, u64::saturating_add)));
    }

    let unresolved = frames.unresolved();
    let (stacks, ids, unknown) = profiles.stacks.settle(&frames.list, unresolved);
    let mut profile = Profile { frames: frames.table, stacks, ..Profile::default() };
    let mut ledger = Ledger::new("frame");
    if let Some((count, first)) = unknown {
        ledger.lose_many("a frame that shared.frames does not hold", first.into(), count, 0);
    }
    let mut all_lost = ledger;
    profile.warnings.extend(damage.iter().map(|damage| damage.warning(&name)));
    if left_out > 0 {
        let (profiles, read) = (left_out as u64, measure.word().to_owned());
        let fact = UnreadValues::Profiles { profiles, read, kinds: measures(&recorded) };
        profile.warnings.push(Warning::new(name.as_str(), fact));
    }
    if decimals > 0 {
        let fact = Fact::FractionalWeights { unit: unit(measure, decimals) };
        profile.warnings.push(Warning::new(name.as_str(), fact));
    }
    let (mut timed, mut end_us, mut used) = (true, 0, HashMap::new());
    for (at, one) in recorded.into_iter().enumerate() {
        if !chosen(&one) {
            continue;
        }
        let mut ledger = Ledger::new("sample");
        let samples = scale.samples(at, &one, &ids, &mut ledger);
        scale.total += samples.total();
        timed &= scale.is_timed(at, &one);
        let last = samples.last().map_or(0, |sample| sample.time_us);
        end_us = end_us.max(last).max(scale.time_us(&one, one.end.0));
        all_lost.join(ledger);
        all_lost.join(one.ledger);
        if !samples.is_empty() {
            let name = crate::distinct::distinct(thread_name(&one.name, at), &mut used);
            profile.threads.push(Thread { name, samples, source: 0 });
        }
    }
    profile.losses = all_lost.close(&name);
    if profile.threads.is_empty() {
        let why = profile.losses.iter().find(|loss| loss.samples > 0).map_or(instead, |l| l.reason);
        return Err(nothing(path, damage, why));
    }
    profile.sources.push(Source {
        name,
        producer: match totals.producer.or(exporter.0) {
            Some(exporter) => format!("speedscope of {exporter}"),
            None => "speedscope".to_owned(),
        },
        interval_us: totals.interval_us,
        end_us: if timed { end_us } else { 0 },
        timed,
        zero: Zero::Unknown,
        unit: totals.unit.unwrap_or_else(|| unit(measure, decimals)),
        ..Source::default()
    });
    Ok(profile)
}

/// Returns the measure that the user asked for, when the file has it.
fn choose(wanted: &str, recorded: &[RecordedProfile], path: &Path) -> Result<Measure, Error> {
    let word = match Measure::from_unit(&Word(Some(wanted.to_owned()))) {
        Measure::Count if matches!(wanted, "none" | "samples") => "samples",
        Measure::Count => wanted,
        measure => measure.word(),
    };
    let found = recorded.iter().map(|one| one.unit).find(|unit| unit.word() == word);
    found.ok_or_else(|| {
        let fault = ValueFault::NoMeasure(wanted.to_owned());
        Error::NoSuchValues { path: path.to_owned(), fault, kinds: measures(recorded) }
    })
}

/// Returns the measures to choose from: `bytes`, `time`.
fn measures(recorded: &[RecordedProfile]) -> Vec<String> {
    let mut words: Vec<&str> = recorded.iter().map(|one| one.unit.word()).collect();
    words.sort_unstable();
    words.dedup();
    words.into_iter().map(str::to_owned).collect()
}

fn nothing(path: &Path, damage: Option<Damage>, why: &str) -> Error {
    match damage {
        Some(damage) => damage.error(path, why),
        None => Error::NoSamples { path: path.to_owned(), why: why.to_owned() },
    }
}

/// Returns the unit of a weight of 1, in the plural.
fn unit(measure: Measure, decimals: u32) -> String {
    match measure {
        Measure::Time(_) => "nanoseconds".to_owned(),
        Measure::Bytes => folded::parts_of("byte", decimals),
        Measure::Count => folded::parts_of("sample", decimals),
    }
}

/// Returns the number of decimals of a profile's weights, up to the number that is kept.
fn decimals(recorded: &RecordedProfile) -> u32 {
    let fractions = recorded.to.fractions().chain(recorded.from.fractions());
    let decimals = fractions.map(|value| {
        let text = format!("{value}");
        text.split_once('.').map_or(0, |(_, decimals)| decimals.len() as u32)
    });
    decimals.max().unwrap_or(0).min(folded::DECIMALS)
}

fn thread_name(Text(name): &Text, at: usize) -> String {
    if name.is_empty() { format!("profile {}", at + 1) } else { name.clone() }
}

impl Scale<'_> {
    /// Returns the number of units in a weight of 1 of the profile.
    fn factor(&self, one: &RecordedProfile) -> f64 {
        if let Measure::Time(nanoseconds) = one.unit { nanoseconds } else { self.factor }
    }

    /// Converts a moment of a profile to microseconds since the zero.
    fn time_us(&self, one: &RecordedProfile, at: f64) -> u64 {
        let Measure::Time(nanoseconds) = one.unit else { return 0 };
        let time = (at - self.zero) * nanoseconds / 1e3;
        // A value that cannot be a time becomes 0.
        if time.abs() <= LONGEST_STEP_US { time as u64 } else { 0 }
    }

    /// Returns the sum of the durations of a profile in nanoseconds.
    fn length_ns(&self, one: &RecordedProfile) -> u64 {
        let values = (0..one.to.len()).map(|at| {
            let to = one.to.get(at).unwrap_or(0.0);
            (to - one.from.get(at).unwrap_or(0.0)).max(0.0)
        });
        // The cast bounds the sum, and makes 0 of what is no number.
        (values.sum::<f64>() * self.factor(one)) as u64
    }

    /// Adds a sample in pieces, when it is a duration.
    fn push(&self, sample: Sample, weight: u64, samples: &mut Samples) {
        let Some(pieces) = self.pieces else { return samples.push_weighted(sample, weight) };
        for (start, length) in pieces.cut(weight) {
            let time_us = sample.time_us.saturating_add(start / 1000);
            samples.push_weighted(Sample { time_us, ..sample }, length);
        }
    }

    fn is_timed(&self, at: usize, one: &RecordedProfile) -> bool {
        match self.totals.times_us.get(at) {
            Some(times) => times.len() == one.stacks.len(),
            None => matches!(self.measure, Measure::Time(_)) && self.totals.counts.is_empty(),
        }
    }

    /// Returns the samples of profile number `at`.
    fn samples(
        &self,
        at: usize,
        one: &RecordedProfile,
        ids: &[StackId],
        ledger: &mut Ledger,
    ) -> Samples {
        let factor = self.factor(one);
        let (counts, times) = (self.totals.counts.get(at), self.totals.times_us.get(at));
        let mut samples = Samples::default();
        let mut now = one.begin();
        for (number, stack) in one.stacks.iter().enumerate() {
            let stack = ids.get(stack.index()).copied().unwrap_or_default();
            let value = one.to.get(number).unwrap_or(f64::NAN);
            let from = one.from.get(number);
            let time = self.time_us(one, from.unwrap_or(now));
            let parts = match from {
                // Both ends are rounded before they are subtracted, so that consecutive
                // parts add up to the whole.
                Some(from) => (value * factor).round() - (from * factor).round(),
                None => (value * factor).round(),
            };
            now += if value > 0.0 { value } else { 0.0 };
            let weight = match counts {
                Some(counts) => counts.get(number).copied(),
                None => (parts >= 0.0).then_some(parts as u64),
            };
            let heavy =
                |weight: &u64| (self.total + samples.total()).saturating_add(*weight) > HEAVIEST;
            match weight {
                None if parts < 0.0 => ledger.lose(BELOW_ZERO, number as u64, 1),
                None => ledger.lose("a sample without a weight", number as u64, 1),
                Some(0) => {}
                Some(weight) if heavy(&weight) => ledger.lose(TOO_HEAVY, number as u64, 1),
                Some(weight) => {
                    let time_us = times.and_then(|times| times.get(number)).copied();
                    let time_us = time_us.unwrap_or(time);
                    let sample = Sample { time_us, stack, state: VmState::UNKNOWN };
                    self.push(sample, weight, &mut samples);
                }
            }
        }
        // An evented profile has exactly one weight a sample.
        let surplus = one.to.len().saturating_sub(one.stacks.len()) as u64;
        ledger.lose_many("a weight without a sample", one.stacks.len() as u64, surplus, 0);
        samples.sort();
        samples
    }
}

#[cfg(test)]
mod tests {
    /// The error was: each profile of a file had warnings of its own about the same fault.
    #[test]
    fn a_fault_of_several_profiles_is_told_once() {
        let one = r#"{"type":"sampled","name":"a","unit":"none","startValue":0,"endValue":3,
            "samples":[[0],[0]],"weights":[1,-2]}"#;
        let text = format!(
            r#"{{"$schema":"https://www.speedscope.app/file-format-schema.json",
                "shared":{{"frames":[{{"name":"a"}}]}},"profiles":[{one},{one},{one}]}}"#
        );
        let read = crate::read_stream(text.as_bytes(), "x".as_ref(), &Default::default());
        let losses = read.unwrap().losses;
        let told: Vec<_> = losses.iter().map(|loss| (loss.count, loss.samples)).collect();
        assert_eq!(told, [(3, 3)]);
    }
}
