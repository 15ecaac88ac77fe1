//! Adds up recordings of many runs or hosts in one profile.

use spikeflame_profile::{FrameId, Profile, Sample, Samples, Source, StackId, Thread, VmState};
use std::collections::BTreeMap;

/// A profile to which recordings are added one at a time. It holds each stack once, so that
/// its memory depends on the number of distinct stacks, not on the number of recordings.
///
/// Times and threads of samples are not kept.
///
/// ```
/// use spikeflame_profile::folded;
/// use spikeflame_run::Merge;
///
/// let mut merge = Merge::default();
/// for text in ["main;work 3\n", "main;work 4\nmain 1\n"] {
///     merge.add(&folded::read(&mut text.as_bytes(), "example", None)?)?;
/// }
/// let profile = merge.finish();
/// assert_eq!((profile.total(), profile.samples()), (8, 2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct Merge {
    profile: Profile,
    sums: BTreeMap<(StackId, VmState), u64>,
    unit: Option<String>,
    recordings: usize,
}

/// The reason why a recording cannot be added to others.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum CannotMerge {
    /// Weights of different units cannot be added.
    #[error("{name} counts {unit}, and the recordings before it {before}")]
    Units {
        /// The recording.
        name: String,
        /// The unit of its weights.
        unit: String,
        /// The unit of the recordings before it.
        before: String,
    },
    /// The sum of the weights does not fit into 64 bits.
    #[error("{name}: the sum of all weights is larger than 64 bits hold")]
    TooHeavy {
        /// The recording that exceeds it.
        name: String,
    },
}

/// The unit of recordings whose samples are time.
const TIME: &str = "nanoseconds";

impl Merge {
    /// Adds the samples of a recording. Where they stand for time, they are added as
    /// nanoseconds: recordings have different intervals.
    ///
    /// # Errors
    ///
    /// Returns [`CannotMerge`] when weights of other units were added before, or when the sum
    /// is too large. The merge then contains a part of the recording.
    pub fn add(&mut self, profile: &Profile) -> Result<(), CannotMerge> {
        let first = profile.sources.first().cloned().unwrap_or_default();
        let nanos = first.weight_ns();
        let unit = if nanos.is_some() { TIME.to_owned() } else { first.unit.clone() };
        let name = first.name;
        if let Some(before) = self.unit.clone().filter(|before| *before != unit) {
            return Err(CannotMerge::Units { name, unit, before });
        }
        self.unit = Some(unit);
        self.recordings += 1;
        let stacks = self.stacks_of(profile);
        let weight_of_one = nanos.unwrap_or(1);
        for (sample, weight) in profile.threads.iter().flat_map(|thread| thread.samples.iter()) {
            let stack = stacks.get(sample.stack.index()).copied().unwrap_or(StackId::ROOT);
            let sum = self.sums.entry((stack, sample.state)).or_default();
            let more = weight.checked_mul(weight_of_one).and_then(|more| sum.checked_add(more));
            let Some(more) = more else { return Err(CannotMerge::TooHeavy { name }) };
            *sum = more;
        }
        Ok(())
    }

    /// Returns the stack of the merge for each stack of a recording.
    fn stacks_of(&mut self, profile: &Profile) -> Vec<StackId> {
        let mut frames: Vec<Option<FrameId>> = vec![None; profile.frames.frames().len()];
        let mut stacks = vec![StackId::ROOT; profile.stacks.len()];
        for (stack, parent, frame) in profile.stacks.nodes() {
            let known = frames.get(frame.index()).copied().flatten();
            let own = known.unwrap_or_else(|| self.profile.frames.import(&profile.frames, frame));
            if let Some(slot) = frames.get_mut(frame.index()) {
                *slot = Some(own);
            }
            let above = stacks.get(parent.index()).copied().unwrap_or(StackId::ROOT);
            let child = self.profile.stacks.child(above, own);
            if let Some(slot) = stacks.get_mut(stack.index()) {
                *slot = child;
            }
        }
        stacks
    }

    /// Returns the sum of all recordings, as one profile with one thread.
    pub fn finish(self) -> Profile {
        let Self { mut profile, sums, unit, recordings } = self;
        let mut samples = Samples::default();
        for ((stack, state), weight) in sums {
            samples.push_weighted(Sample { time_us: 0, stack, state }, weight);
        }
        let unit = unit.unwrap_or_default();
        let time = if unit == TIME { "cpu".to_owned() } else { String::new() };
        let name = format!("{recordings} recordings");
        profile.threads = vec![Thread { name: "merged".to_owned(), samples }];
        profile.sources = vec![Source { name, unit, time, ..Source::default() }];
        profile
    }
}
