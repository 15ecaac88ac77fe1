//! Adds up recordings of many runs or hosts in one profile.

use hashbrown::HashMap;
use spikeflame_profile::{
    FrameId, LeftOutWeights, Profile, Sample, Samples, Source, StackId, Steps, Thread, VmState,
};
use std::fmt;

/// A sum of recordings, to which recordings are added one at a time. It stores each stack once, so
/// its memory depends on the number of distinct stacks, not on the number of recordings.
///
/// ```
/// use spikeflame_profile::{LeftOutWeights, folded};
/// use spikeflame_run::Merge;
///
/// let mut merge = Merge::default();
/// for text in ["main;work 3\n", "main;work 4\nmain 1\n"] {
///     merge.add(&folded::read(&mut text.as_bytes(), "example", None)?, LeftOutWeights::default())?;
/// }
/// let (profile, totals) = merge.finish();
/// assert_eq!((profile.total(), profile.samples(), totals.profiles), (8, 2, 2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct Merge {
    profile: Profile,
    sums: HashMap<(StackId, VmState), u64>,
    measure: Option<Measure>,
    totals: Totals,
}

/// Totals of the recordings that were added to a [`Merge`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Number of profiles that were added. One with several recordings counts once.
    pub profiles: u64,
    /// Number of samples that were added.
    pub samples: u64,
    /// Sum of the weights that the selections of the recordings had left out, each in its
    /// recording's unit and not converted to nanoseconds.
    pub left_out: u64,
    /// Number of samples that could not be read from the recordings.
    pub unreadable: u64,
    /// Sum of all weights.
    weight: u64,
}

/// The quantity that the weights of a recording measure. `Display` writes it in words, such as
/// `nanoseconds of cpu` or `samples`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measure {
    /// The unit of a weight of 1 in the sum: nanoseconds for samples that stand for time, even where the
    /// recording counts ticks.
    pub(crate) unit: String,
    /// The kind of time, or the event that was sampled; empty when the recording does not contain it.
    pub(crate) kind: String,
}

impl fmt::Display for Measure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.unit)?;
        if self.kind.is_empty() { Ok(()) } else { write!(out, " of {}", self.kind) }
    }
}

impl Measure {
    pub(crate) fn from_profile(profile: &Profile) -> Self {
        let Some(source) = profile.sources.first() else {
            return Self { unit: TIME.to_owned(), kind: String::new() };
        };
        let counts_samples = matches!(source.unit.as_str(), "ticks" | "samples");
        let has_step = counts_samples && !source.is_no_time() && profile.steps().is_some();
        if source.weight_ns().is_some() || has_step {
            return Self { unit: TIME.to_owned(), kind: source.time.clone() };
        }
        // Formats have two words for the number of samples.
        let unit = if source.unit == "ticks" { "samples" } else { &source.unit };
        let kind = if source.is_no_time() { source.event.clone() } else { String::new() };
        Self { unit: unit.to_owned(), kind }
    }

    /// Returns the measure of both; `None` when their weights cannot be added.
    fn with(&self, other: &Self) -> Option<Self> {
        let is_time = self.unit == TIME;
        let known = !self.kind.is_empty() && !other.kind.is_empty();
        match (self == other, self.unit == other.unit && is_time && !known) {
            (true, _) => Some(self.clone()),
            (_, true) => Some(Self { unit: self.unit.clone(), kind: String::new() }),
            _ => None,
        }
    }
}

/// Reasons why a recording cannot be added to others.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum MergeError {
    /// The weights measure another quantity than those that were added before.
    #[error("{name} counts {measure}, and the recordings before it {before}")]
    Units {
        /// Name of the recording.
        name: String,
        /// The quantity that the weights of this recording measure.
        measure: Measure,
        /// The quantity that the weights measure that were added before.
        before: Measure,
    },
    /// The weights are time, but not all recordings of one profile show the time that a sample stands for.
    #[error("{name}: not all of its recordings show the time that a sample stands for")]
    Intervals {
        /// Name of the first recording of the profile.
        name: String,
    },
    /// The sum of all weights is larger than 2^53, which JSON cannot represent exactly.
    #[error("{name}: the sum of all weights is larger than 2^53 {measure}")]
    TooHeavy {
        /// Name of the recording that made the sum too large.
        name: String,
        /// The measure of the weights.
        measure: Measure,
    },
}

/// The unit of recordings whose samples are time.
pub(crate) const TIME: &str = "nanoseconds";

/// The largest sum of weights: JSON represents integers up to it exactly, and our own readers
/// accept no more.
const HEAVIEST: u64 = 1 << 53;

impl Merge {
    /// Adds all samples of `profile`, by stack and state. `left_out` are the weights that a
    /// selection left out of it; they are only counted in [`Totals::left_out`]. Weights that stand
    /// for time are converted to nanoseconds, because recordings have different intervals.
    ///
    /// # Errors
    ///
    /// Returns [`MergeError`] when the weights measure something else than those before, when they
    /// stand for time and a recording of `profile` does not show which, or when the
    /// sum of all weights is above 2^53. The merge must not be used after that.
    pub fn add(&mut self, profile: &Profile, left_out: LeftOutWeights) -> Result<(), MergeError> {
        let measure = Measure::from_profile(profile);
        let before = self.measure.get_or_insert_with(|| measure.clone());
        let Some(both) = before.with(&measure) else {
            return Err(MergeError::Units {
                name: name_of(profile),
                measure,
                before: before.clone(),
            });
        };
        *before = both;
        let Some(factors) = Factors::of(profile, &measure) else {
            return Err(MergeError::Intervals { name: name_of(profile) });
        };
        let stacks = self.stacks_of(profile);
        for (thread, sample, weight) in each(profile) {
            let heavier = weight.checked_mul(factors.get(thread, sample.stack));
            let total = heavier.and_then(|more| self.totals.weight.checked_add(more));
            let (Some(more), Some(total @ ..=HEAVIEST)) = (heavier, total) else {
                return Err(MergeError::TooHeavy { name: name_of(profile), measure });
            };
            self.totals.weight = total;
            let stack = stacks.get(sample.stack.index()).copied().unwrap_or(StackId::ROOT);
            *self.sums.entry((stack, sample.state)).or_default() += more;
        }
        self.totals.profiles += 1;
        self.totals.samples += profile.samples();
        self.totals.left_out += left_out.total();
        self.totals.unreadable += profile.unreadable();
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

    /// Returns the sum of all recordings as a profile with one thread, one source and no times, and
    /// the totals of the recordings. Weights that stand for time are in nanoseconds.
    pub fn finish(self) -> (Profile, Totals) {
        let Self { mut profile, sums, measure, totals } = self;
        let mut sums: Vec<_> = sums.into_iter().collect();
        sums.sort_unstable();
        let mut samples = Samples::default();
        for ((stack, state), weight) in sums {
            samples.push_weighted(Sample { time_us: 0, stack, state }, weight);
        }
        let mut source =
            Source { name: format!("{} recordings", totals.profiles), ..Source::default() };
        if let Some(Measure { unit, kind }) = measure {
            *(if unit == TIME { &mut source.time } else { &mut source.event }) = kind;
            source.unit = unit;
        }
        profile.threads = vec![Thread { name: "merged".to_owned(), samples, source: 0 }];
        profile.sources = vec![source];
        (profile, totals)
    }
}

/// Returns the name of a profile's first recording; empty without one.
pub(crate) fn name_of(profile: &Profile) -> String {
    profile.sources.first().map(|one| one.name.clone()).unwrap_or_default()
}

/// Returns all samples of a profile, each with its thread and its weight.
pub(crate) fn each(profile: &Profile) -> impl Iterator<Item = (&Thread, Sample, u64)> {
    profile.threads.iter().flat_map(|thread| {
        thread.samples.iter().map(move |(sample, weight)| (thread, sample, weight))
    })
}

/// The numbers by which the weights of a profile are multiplied: the nanoseconds of each weight of 1 where weights
/// are time, and 1 elsewhere.
pub(crate) enum Factors {
    Same(u64),
    OfSamples(Steps),
}

impl Factors {
    /// Returns `None` when the time of a recording's samples is not known.
    pub(crate) fn of(profile: &Profile, measure: &Measure) -> Option<Self> {
        if measure.unit != TIME || profile.sources.is_empty() {
            return Some(Self::Same(1));
        }
        let counts = |source: &Source| matches!(source.unit.as_str(), "ticks" | "samples");
        if profile.sources.iter().all(counts) {
            return profile.steps().map(Self::OfSamples);
        }
        let mut factors = profile.sources.iter().map(Source::weight_ns);
        let first = factors.next()??;
        factors.all(|other| other == Some(first)).then_some(Self::Same(first))
    }

    pub(crate) fn get(&self, thread: &Thread, stack: StackId) -> u64 {
        match self {
            Self::Same(factor) => *factor,
            Self::OfSamples(steps) => steps.us(thread, stack).saturating_mul(1000),
        }
    }
}
