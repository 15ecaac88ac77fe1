//! A profile in pieces of wall-clock time, as servers of profiles keep them.

use crate::merge::{Factors, Measure, TIME, each, name_of};
use hashbrown::HashMap;
use spikeflame_profile::{
    Clock, FrameId, Profile, Sample, Samples, Source, StackId, Thread, VmState, Zero,
};

/// The part of a profile between two times of the wall clock.
#[derive(Clone, Debug)]
pub struct Piece {
    /// The start, in microseconds since 1970.
    pub from_us: i64,
    /// The end, in microseconds since 1970, which does not belong to the piece.
    pub until_us: i64,
    /// The samples of the piece, added up by stack and state, as a profile without times of samples. Weights
    /// that stand for time are in nanoseconds.
    pub profile: Profile,
    /// Number of samples that were added up.
    pub samples: u64,
}

/// Reasons why a profile cannot be cut into pieces of wall-clock time: it has no clock, or not all of its recordings
/// show the time that a sample stands for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoClock {
    /// The samples of a recording have no times. The value is the recording's name.
    #[error("{0}: its samples have no times")]
    Untimed(String),
    /// The wall-clock time of a recording's start is not known, not even from the time of its file.
    /// The value is the recording's name, which is empty when the profile has no recording.
    #[error("{0}: it does not contain when it began")]
    Unknown(String),
    /// Two recordings of the profile count their times from different moments.
    #[error("{first} and {second}: their times count from different moments")]
    Apart {
        /// Name of the first recording.
        first: String,
        /// Name of a recording whose zero is another moment.
        second: String,
    },
    /// The weights are time, but not all recordings of the profile show the time that a sample stands for.
    #[error("{0}: not all of its recordings show the time that a sample stands for")]
    Intervals(String),
}

/// Returns the wall-clock time of a profile's zero, from which the times of its samples count: that of the first
/// recording. The clocks of all others must agree with it, within both uncertainties or 0.1 s.
///
/// # Errors
///
/// Returns an error when the recordings of the profile have no common clock, or samples without
/// times.
pub fn clock_of(profile: &Profile) -> Result<Clock, NoClock> {
    let mut found: Option<(Clock, &Source)> = None;
    for source in &profile.sources {
        if !source.timed {
            return Err(NoClock::Untimed(source.name.clone()));
        }
        let clock = source.clocks().next().ok_or(NoClock::Unknown(source.name.clone()))?;
        let Some((first, of)) = found else {
            found = Some((clock, source));
            continue;
        };
        let apart = first.zero_us.abs_diff(clock.zero_us);
        if apart > first.uncertainty_us.saturating_add(clock.uncertainty_us).max(100_000) {
            return Err(NoClock::Apart { first: of.name.clone(), second: source.name.clone() });
        }
    }
    found.map(|(clock, _)| clock).ok_or(NoClock::Unknown(String::new()))
}

/// An iterator over the pieces of a profile, in order of time. Pieces without samples are left out.
///
/// ```
/// use spikeflame_profile::{ClockSource, Clock, Profile, Sample, Samples, Source, StackId, Thread, VmState};
/// use spikeflame_run::Pieces;
///
/// let mut profile = Profile::default();
/// let frame = profile.frames.labelled("main");
/// let stack = profile.stacks.child(StackId::ROOT, frame);
/// let mut samples = Samples::default();
/// for time_us in [1_000, 2_000, 11_000_000] {
///     samples.push(Sample { time_us, stack, state: VmState::JS });
/// }
/// profile.threads.push(Thread { name: "main".to_owned(), samples, source: 0 });
/// let source = Source { unit: "ticks".to_owned(), interval_us: Some(1_000), ..Source::default() };
/// profile.sources.push(source);
/// let pieces = Pieces::new(&profile, 1_800_000_005_000_000, 10_000_000)?;
/// let found: Vec<(i64, u64)> = pieces.map(|piece| (piece.from_us, piece.profile.total())).collect();
/// assert_eq!(found, [(1_800_000_000_000_000, 2_000_000), (1_800_000_010_000_000, 1_000_000)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Pieces<'a> {
    profile: &'a Profile,
    /// Number of the piece, stack, state and weight of each sample; the last piece comes first.
    samples: Vec<(i64, StackId, VmState, u64)>,
    length_us: i64,
    measure: Measure,
}

impl<'a> Pieces<'a> {
    /// Cuts a profile into pieces of `length_us` microseconds. `zero_us` is the wall-clock time of
    /// the profile's zero, in microseconds since 1970. Each piece begins at a multiple of
    /// `length_us` since 1970, so that pieces of several profiles have the same bounds. A stretch
    /// without a sample gives no piece.
    ///
    /// # Errors
    ///
    /// Returns [`NoClock::Intervals`] when the weights stand for time, and a recording of the profile does not
    /// show which.
    pub fn new(profile: &'a Profile, zero_us: i64, length_us: u64) -> Result<Self, NoClock> {
        let length_us = i64::try_from(length_us).unwrap_or(i64::MAX).max(1);
        let measure = Measure::from_profile(profile);
        let factors =
            Factors::of(profile, &measure).ok_or_else(|| NoClock::Intervals(name_of(profile)))?;
        let mut samples: Vec<_> = each(profile)
            .map(|(thread, sample, weight)| {
                let time = zero_us.saturating_add_unsigned(sample.time_us);
                let weight = weight.saturating_mul(factors.get(thread, sample.stack));
                (time.div_euclid(length_us), sample.stack, sample.state, weight)
            })
            .collect();
        samples.sort_unstable_by(|one, other| other.cmp(one));
        Ok(Self { profile, samples, length_us, measure })
    }

    /// Returns the number of pieces that the iterator has not returned yet.
    pub fn left(&self) -> usize {
        self.samples.chunk_by(|one, other| one.0 == other.0).count()
    }

    fn piece(&self, number: i64, taken: &[(i64, StackId, VmState, u64)]) -> Piece {
        let mut copy = Copier {
            from: self.profile,
            to: Profile::default(),
            stacks: HashMap::new(),
            frames: HashMap::new(),
        };
        let mut samples = Samples::default();
        for same in taken.chunk_by(|one, other| (one.1, one.2) == (other.1, other.2)) {
            let Some(&(_, stack, state, _)) = same.first() else { continue };
            let weight = same.iter().fold(0u64, |sum, one| sum.saturating_add(one.3));
            let stack = copy.stack(stack);
            samples.push_weighted(Sample { time_us: 0, stack, state }, weight);
        }
        let from_us = number.saturating_mul(self.length_us);
        let first = self.profile.sources.first().cloned().unwrap_or_default();
        let is_time = self.measure.unit == TIME;
        let source = Source {
            name: first.name,
            producer: first.producer,
            interval_us: self.profile.interval_us().or(first.interval_us),
            time: if is_time { self.measure.kind.clone() } else { String::new() },
            event: if is_time { String::new() } else { self.measure.kind.clone() },
            unit: self.measure.unit.clone(),
            end_us: self.length_us.unsigned_abs(),
            zero: u64::try_from(from_us).map_or(Zero::Unknown, Zero::Wall),
            ..Source::default()
        };
        let mut profile = copy.to;
        profile.threads = vec![Thread { name: "all threads".to_owned(), samples, source: 0 }];
        profile.sources = vec![source];
        let until_us = from_us.saturating_add(self.length_us);
        Piece { from_us, until_us, profile, samples: taken.len() as u64 }
    }
}

impl Iterator for Pieces<'_> {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        let number = self.samples.last()?.0;
        let rest = self.samples.iter().rposition(|sample| sample.0 != number);
        let mut taken = self.samples.split_off(rest.map_or(0, |at| at + 1));
        taken.reverse();
        Some(self.piece(number, &taken))
    }
}

/// Copies stacks of one profile to another, each once.
struct Copier<'a> {
    from: &'a Profile,
    to: Profile,
    stacks: HashMap<StackId, StackId>,
    frames: HashMap<FrameId, FrameId>,
}

impl Copier<'_> {
    fn stack(&mut self, stack: StackId) -> StackId {
        // Stacks can be deep, so the callers are followed in a loop up to a known stack, without
        // recursion.
        let (mut way, mut at) = (Vec::new(), stack);
        let mut own = loop {
            if let Some(&known) = self.stacks.get(&at) {
                break known;
            }
            let Some((parent, frame)) = self.from.stacks.get(at) else { break StackId::ROOT };
            way.push((at, frame));
            at = parent;
        };
        while let Some((stack, frame)) = way.pop() {
            let (frames, from) = (&mut self.to.frames, &self.from.frames);
            let frame = *self.frames.entry(frame).or_insert_with(|| frames.import(from, frame));
            own = self.to.stacks.child(own, frame);
            self.stacks.insert(stack, own);
        }
        own
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// No sample is lost at a border, and none is in two pieces.
        #[test]
        fn the_pieces_hold_the_whole(
            times in prop::collection::vec((0u64..200_000_000, 0usize..5, 1u64..100), 1..200),
            zero in 0i64..4_000_000_000_000_000,
            length in 1u64..60_000_000,
        ) {
            let mut profile = Profile::default();
            let mut samples = Samples::default();
            for (time_us, depth, weight) in &times {
                let stack = (0..*depth).fold(StackId::ROOT, |stack, at| {
                    let frame = profile.frames.labelled(&format!("f{at}"));
                    profile.stacks.child(stack, frame)
                });
                let sample = Sample { time_us: *time_us, stack, state: VmState::JS };
                samples.push_weighted(sample, *weight);
            }
            profile.threads.push(Thread { name: "main".to_owned(), samples, source: 0 });
            profile.sources.push(Source { unit: "ticks".to_owned(), ..Source::default() });
            let pieces: Vec<Piece> = Pieces::new(&profile, zero, length).unwrap().collect();
            let sum: u64 = pieces.iter().map(|piece| piece.profile.total()).sum();
            prop_assert_eq!(sum, profile.total());
            prop_assert_eq!(pieces.iter().map(|piece| piece.samples).sum::<u64>(), times.len() as u64);
            for piece in &pieces {
                let within = times.iter().filter(|(time, ..)| {
                    (piece.from_us..piece.until_us).contains(&zero.saturating_add_unsigned(*time))
                });
                prop_assert_eq!(within.map(|(.., weight)| weight).sum::<u64>(), piece.profile.total());
            }
            prop_assert!(pieces.windows(2).all(|two| two[0].until_us <= two[1].from_us));
        }
    }
}
