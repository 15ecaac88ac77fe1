//! Samples of one part of a thread, packed where they allow it.

use super::dense::{self, CHUNK, Dense};
use super::sample::{Sample, VmState};
use crate::stack::StackId;
use std::slice;

/// Up to [`CHUNK`] samples.
#[derive(Clone, Debug)]
pub(super) enum Chunk {
    /// Samples in the order of time, of 4 bytes each, or 5 when their states differ.
    Dense(Dense),
    /// Samples of one state whose times lie within 71 minutes: microseconds after `from_us`, and
    /// the stack. A sample takes 8 bytes.
    Packed { from_us: u64, state: VmState, samples: Vec<(u32, StackId)> },
    /// All other samples, each of 16 bytes.
    Whole(Vec<Sample>),
}

impl Chunk {
    /// Makes an empty chunk into which `first` fits, for samples like those of the chunk before.
    pub(super) fn new(first: Sample, capacity: usize, before: Option<&Chunk>) -> Self {
        match Dense::new(first, capacity).filter(|_| matches!(before, None | Some(Self::Dense(_))))
        {
            Some(dense) => Self::Dense(dense),
            None => Self::packed(first, capacity),
        }
    }

    /// Makes an empty packed chunk. The times before that of `first` have as much room as those
    /// after it.
    fn packed(first: Sample, capacity: usize) -> Self {
        let from_us = first.time_us.saturating_sub(1 << 31);
        Self::Packed { from_us, state: first.state, samples: Vec::with_capacity(capacity) }
    }

    pub(super) fn is_full(&self) -> bool {
        match self {
            Self::Dense(dense) => dense.is_full(),
            _ => self.len() >= CHUNK,
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Dense(dense) => dense.len(),
            Self::Packed { samples, .. } => samples.len(),
            Self::Whole(samples) => samples.len(),
        }
    }

    /// Adds a sample. Returns false when it does not fit in the way the others are stored, and
    /// when the chunk is full.
    #[inline]
    pub(super) fn push(&mut self, sample: Sample) -> bool {
        match self {
            Self::Dense(dense) => dense.push(sample),
            Self::Packed { from_us, state, samples } => {
                let after = sample.time_us.checked_sub(*from_us).map(u32::try_from);
                let Some(Ok(after)) = after else { return false };
                let fits = *state == sample.state && samples.len() < CHUNK;
                if fits {
                    samples.push((after, sample.stack));
                }
                fits
            }
            Self::Whole(samples) => {
                let fits = samples.len() < CHUNK;
                if fits {
                    samples.push(sample);
                }
                fits
            }
        }
    }

    /// Adds samples as [`Chunk::push`] does, up to the first one that does not fit. Returns the number
    /// of samples that were added, and that sample.
    #[inline(always)]
    pub(super) fn extend(
        &mut self,
        added: &mut impl Iterator<Item = Sample>,
    ) -> (u64, Option<Sample>) {
        let Self::Dense(dense) = self else { return (0, added.next()) };
        let mut count = 0;
        let odd = added.find(|&sample| {
            let fits = dense.push(sample);
            count += u64::from(fits);
            !fits
        });
        (count, odd)
    }

    /// Stores the samples in the next wider way into which all of them fit. Every sample fits into the
    /// widest one.
    pub(super) fn widen(&mut self) {
        let packed = match (&*self, self.iter().next()) {
            (Self::Dense(dense), Some(first)) => Some(Self::packed(first, dense.len())),
            _ => None,
        };
        let packed = packed
            .and_then(|mut packed| self.iter().all(|sample| packed.push(sample)).then_some(packed));
        *self = packed.unwrap_or_else(|| {
            let mut whole = Vec::with_capacity(self.len());
            whole.extend(self.iter());
            Self::Whole(whole)
        });
    }

    pub(super) fn iter(&self) -> Iter<'_> {
        match self {
            Self::Dense(dense) => Iter::Dense(dense.iter()),
            Self::Packed { from_us, state, samples } => {
                Iter::Packed { from_us: *from_us, state: *state, samples: samples.iter() }
            }
            Self::Whole(samples) => Iter::Whole(samples.iter()),
        }
    }

    /// Calls `take` with the stack of every sample.
    #[inline]
    pub(super) fn each_stack(&self, mut take: impl FnMut(StackId)) {
        match self {
            Self::Dense(dense) => dense.each_stack(take),
            Self::Packed { samples, .. } => samples.iter().for_each(|&(_, stack)| take(stack)),
            Self::Whole(samples) => samples.iter().for_each(|sample| take(sample.stack)),
        }
    }

    pub(super) fn last(&self) -> Option<Sample> {
        match self {
            Self::Dense(dense) => dense.last(),
            Self::Packed { from_us, state, samples } => {
                samples.last().map(|&packed| unpack(*from_us, *state, packed))
            }
            Self::Whole(samples) => samples.last().copied(),
        }
    }

    pub(super) fn map_stacks(&mut self, mut map: impl FnMut(StackId) -> StackId) {
        match self {
            Self::Dense(_) => {
                let mapped = |one: Sample| Sample { stack: map(one.stack), ..one };
                *self = Self::of(self.iter().map(mapped).collect());
            }
            Self::Packed { samples, .. } => {
                samples.iter_mut().for_each(|(_, stack)| *stack = map(*stack));
            }
            Self::Whole(samples) => {
                samples.iter_mut().for_each(|sample| sample.stack = map(sample.stack));
            }
        }
    }

    /// Makes a chunk of up to [`CHUNK`] samples.
    fn of(samples: Vec<Sample>) -> Self {
        let Some(&first) = samples.first() else { return Self::Whole(samples) };
        let mut chunk = Self::new(first, samples.len(), None);
        let fit = samples.iter().all(|&sample| chunk.push(sample));
        if fit { chunk } else { Self::Whole(samples) }
    }

    /// Adds `us` microseconds to the time of every sample.
    pub(super) fn delay(&mut self, us: u64) {
        match self {
            Self::Dense(dense) => dense.delay(us),
            Self::Packed { from_us, .. } => *from_us = from_us.saturating_add(us),
            Self::Whole(samples) => samples
                .iter_mut()
                .for_each(|sample| sample.time_us = sample.time_us.saturating_add(us)),
        }
    }

    /// Makes the time of every sample the time since the moment `us`, and 0 for a sample before it.
    pub(super) fn count_from(&mut self, us: u64) {
        let is_done = match self {
            Self::Dense(dense) => dense.count_from(us),
            Self::Packed { from_us, .. } => {
                from_us.checked_sub(us).map(|after| *from_us = after).is_some()
            }
            Self::Whole(_) => false,
        };
        if !is_done {
            let since = |one: Sample| Sample { time_us: one.time_us.saturating_sub(us), ..one };
            *self = Self::of(self.iter().map(since).collect());
        }
    }
}

#[inline]
fn unpack(from_us: u64, state: VmState, (after, stack): (u32, StackId)) -> Sample {
    Sample { time_us: from_us.saturating_add(u64::from(after)), stack, state }
}

/// The samples of a chunk, one by one.
pub(super) enum Iter<'a> {
    Dense(dense::Iter<'a>),
    Packed { from_us: u64, state: VmState, samples: slice::Iter<'a, (u32, StackId)> },
    Whole(slice::Iter<'a, Sample>),
}

impl Iter<'_> {
    /// Returns an iterator without samples.
    pub(super) fn empty() -> Self {
        Self::Whole([].iter())
    }
}

impl Iterator for Iter<'_> {
    type Item = Sample;

    #[inline]
    fn next(&mut self) -> Option<Sample> {
        match self {
            Self::Dense(samples) => samples.next(),
            Self::Packed { from_us, state, samples } => {
                samples.next().map(|&packed| unpack(*from_us, *state, packed))
            }
            Self::Whole(samples) => samples.next().copied(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self {
            Self::Dense(samples) => samples.size_hint(),
            Self::Packed { samples, .. } => samples.size_hint(),
            Self::Whole(samples) => samples.size_hint(),
        }
    }

    /// Decides once for all samples how they are stored.
    #[inline]
    fn fold<B, F: FnMut(B, Sample) -> B>(self, init: B, mut f: F) -> B {
        match self {
            Self::Dense(samples) => samples.fold(init, f),
            Self::Packed { from_us, state, samples } => {
                samples.fold(init, |sum, &packed| f(sum, unpack(from_us, state, packed)))
            }
            Self::Whole(samples) => samples.fold(init, |sum, &sample| f(sum, sample)),
        }
    }
}
