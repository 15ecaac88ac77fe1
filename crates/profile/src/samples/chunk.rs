//! Samples of one part of a thread, packed where they allow it.

use super::sample::{Sample, VmState};
use crate::stack::StackId;
use std::slice;

/// The most samples of a chunk.
pub(super) const CHUNK: usize = 1 << 16;

/// Up to [`CHUNK`] samples.
#[derive(Clone, Debug)]
pub(super) enum Chunk {
    /// Samples of one state whose times lie within 71 minutes: microseconds after `from_us`, and
    /// the stack. A sample takes 8 bytes.
    Packed { from_us: u64, state: VmState, samples: Vec<(u32, StackId)> },
    /// All other samples, each of 16 bytes.
    Whole(Vec<Sample>),
}

impl Chunk {
    /// Makes an empty chunk into which `first` fits. The times before that of `first` have as much
    /// room as those after it.
    pub(super) fn new(first: Sample, capacity: usize) -> Self {
        let from_us = first.time_us.saturating_sub(1 << 31);
        Self::Packed { from_us, state: first.state, samples: Vec::with_capacity(capacity) }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Packed { samples, .. } => samples.len(),
            Self::Whole(samples) => samples.len(),
        }
    }

    /// Adds a sample. Returns false when it does not fit in the way the others are stored, and
    /// when the chunk is full.
    #[inline]
    pub(super) fn push(&mut self, sample: Sample) -> bool {
        match self {
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

    /// Stores the samples in the way that all samples fit into.
    pub(super) fn widen(&mut self) {
        if let Self::Packed { .. } = self {
            *self = Self::Whole(self.iter().collect());
        }
    }

    pub(super) fn iter(&self) -> Iter<'_> {
        match self {
            Self::Packed { from_us, state, samples } => {
                Iter::Packed { from_us: *from_us, state: *state, samples: samples.iter() }
            }
            Self::Whole(samples) => Iter::Whole(samples.iter()),
        }
    }

    pub(super) fn last(&self) -> Option<Sample> {
        match self {
            Self::Packed { from_us, state, samples } => {
                samples.last().map(|&packed| unpack(*from_us, *state, packed))
            }
            Self::Whole(samples) => samples.last().copied(),
        }
    }

    pub(super) fn map_stacks(&mut self, mut map: impl FnMut(StackId) -> StackId) {
        match self {
            Self::Packed { samples, .. } => {
                samples.iter_mut().for_each(|(_, stack)| *stack = map(*stack));
            }
            Self::Whole(samples) => {
                samples.iter_mut().for_each(|sample| sample.stack = map(sample.stack));
            }
        }
    }

    /// Adds `us` microseconds to the time of every sample.
    pub(super) fn delay(&mut self, us: u64) {
        match self {
            Self::Packed { from_us, .. } => *from_us = from_us.saturating_add(us),
            Self::Whole(samples) => samples
                .iter_mut()
                .for_each(|sample| sample.time_us = sample.time_us.saturating_add(us)),
        }
    }
}

#[inline]
fn unpack(from_us: u64, state: VmState, (after, stack): (u32, StackId)) -> Sample {
    Sample { time_us: from_us.saturating_add(u64::from(after)), stack, state }
}

/// The samples of a chunk, one by one.
pub(super) enum Iter<'a> {
    Packed { from_us: u64, state: VmState, samples: slice::Iter<'a, (u32, StackId)> },
    Whole(slice::Iter<'a, Sample>),
}

impl Iterator for Iter<'_> {
    type Item = Sample;

    #[inline]
    fn next(&mut self) -> Option<Sample> {
        match self {
            Self::Packed { from_us, state, samples } => {
                samples.next().map(|&packed| unpack(*from_us, *state, packed))
            }
            Self::Whole(samples) => samples.next().copied(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self {
            Self::Packed { samples, .. } => samples.size_hint(),
            Self::Whole(samples) => samples.size_hint(),
        }
    }

    /// Decides once for all samples how they are stored.
    #[inline]
    fn fold<B, F: FnMut(B, Sample) -> B>(self, init: B, mut f: F) -> B {
        match self {
            Self::Packed { from_us, state, samples } => {
                samples.fold(init, |sum, &packed| f(sum, unpack(from_us, state, packed)))
            }
            Self::Whole(samples) => samples.fold(init, |sum, &sample| f(sum, sample)),
        }
    }
}
