//! Samples: 4 to 16 bytes each, in chunks, so that a growing list is never copied as a whole.

mod chunk;
mod dense;
mod sample;

pub use sample::{Sample, VmState};

use crate::stack::StackId;
use chunk::Chunk;
use dense::CHUNK;
use std::slice;

/// The list of samples of one thread, each with a weight, in compact form. Readers add them in the
/// order of time, or call [`Samples::sort`] at the end.
#[derive(Clone, Debug, Default)]
pub struct Samples {
    chunks: Vec<Chunk>,
    /// The weight of every sample while `weights` is empty: recordings with a fixed period
    /// need no memory for weights.
    uniform: u64,
    /// One list for each chunk; empty while all weights are equal.
    weights: Vec<Vec<u64>>,
    total: u64,
}

impl Samples {
    /// Adds a sample of weight 1 at the end of the list.
    #[inline]
    pub fn push(&mut self, sample: Sample) {
        self.push_weighted(sample, 1);
    }

    /// Adds a sample with this weight at the end of the list. The weight is in
    /// [`Source::unit`](crate::Source::unit) and may be 0.
    #[inline(always)]
    pub fn push_weighted(&mut self, sample: Sample, weight: u64) {
        let is_uniform = weight == self.uniform && self.weights.is_empty();
        if is_uniform && self.chunks.last_mut().is_some_and(|chunk| chunk.push(sample)) {
            self.total = self.total.saturating_add(weight);
        } else {
            self.push_with_weight(sample, weight);
        }
    }

    /// Adds a sample to a list of its chunk or to a new one, and its weight when weights differ.
    #[inline(never)]
    fn push_with_weight(&mut self, sample: Sample, weight: u64) {
        if self.chunks.is_empty() {
            self.uniform = weight;
        }
        let uniform = self.uniform;
        if weight != uniform && self.weights.is_empty() {
            self.weights = self.chunks.iter().map(|chunk| vec![uniform; chunk.len()]).collect();
        }
        let weighted = weight != uniform || !self.weights.is_empty();
        if self.chunks.last().is_none_or(Chunk::is_full) {
            // The first chunk starts small, because most threads have few samples.
            let size = if self.chunks.is_empty() { 64 } else { CHUNK };
            self.chunks.push(Chunk::new(sample, size, self.chunks.last()));
            if weighted {
                self.weights.push(Vec::with_capacity(size));
            }
        }
        if let Some(chunk) = self.chunks.last_mut() {
            while !chunk.push(sample) {
                chunk.widen();
            }
        }
        if let Some(chunk) = self.weights.last_mut().filter(|_| weighted) {
            chunk.push(weight);
        }
        self.total = self.total.saturating_add(weight);
    }

    /// Returns every sample with its weight, which is in [`Source::unit`](crate::Source::unit) and
    /// may be 0. The samples come in the order in which they were added, or in that of
    /// [`Samples::sort`].
    pub fn iter(&self) -> impl Iterator<Item = (Sample, u64)> + '_ {
        Iter { samples: self, chunk: chunk::Iter::empty(), weights: [].iter(), next: 0 }
    }

    /// Adds the weight of every sample to the sum of its stack. `sums` has a sum for each stack, by
    /// [`StackId::index`]; samples of stacks without a sum are left out.
    pub fn add_weights(&self, sums: &mut [u64]) {
        let mut add = |stack: StackId, weight: u64| {
            if let Some(sum) = sums.get_mut(stack.index()) {
                *sum = sum.saturating_add(weight);
            }
        };
        if self.weights.is_empty() {
            let uniform = self.uniform;
            self.chunks.iter().for_each(|chunk| chunk.each_stack(|stack| add(stack, uniform)));
        } else {
            self.iter().for_each(|(sample, weight)| add(sample.stack, weight));
        }
    }

    /// Returns the sum of all weights, in [`Source::unit`](crate::Source::unit); `u64::MAX` when it
    /// would be larger.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Returns the number of samples, without regard to their weights.
    pub fn len(&self) -> usize {
        self.chunks.iter().map(Chunk::len).sum()
    }

    /// Returns the last sample of the list; `None` when the list is empty.
    pub fn last(&self) -> Option<Sample> {
        self.chunks.last().and_then(Chunk::last)
    }

    /// Returns true when the list has no sample.
    pub fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    /// Replaces the stack of every sample by the one that `map` returns for it. `map` is called once
    /// for each sample, in the order of the list. Times, states and weights stay.
    pub fn map_stacks(&mut self, mut map: impl FnMut(StackId) -> StackId) {
        self.chunks.iter_mut().for_each(|chunk| chunk.map_stacks(&mut map));
    }

    /// Adds `us` microseconds to the time of every sample.
    pub(crate) fn delay(&mut self, us: u64) {
        self.chunks.iter_mut().for_each(|chunk| chunk.delay(us));
    }

    /// Subtracts `us` microseconds from the time of every sample. The time of a sample that was earlier than
    /// `us` becomes 0.
    pub fn count_from(&mut self, us: u64) {
        self.chunks.iter_mut().for_each(|chunk| chunk.count_from(us));
    }

    /// Sorts the samples, with their weights, by time in ascending order. Samples of the same time
    /// keep their order.
    pub fn sort(&mut self) {
        let (mut is_ordered, mut before) = (true, 0);
        self.chunks.iter().flat_map(Chunk::iter).for_each(|Sample { time_us, .. }| {
            is_ordered &= before <= time_us;
            before = time_us;
        });
        if is_ordered {
            return;
        }
        let Self { chunks, weights, uniform, .. } = std::mem::take(self);
        if weights.is_empty() {
            let mut all = Vec::with_capacity(chunks.iter().map(Chunk::len).sum());
            // Each chunk is freed after it is copied: there can be very many samples.
            chunks.into_iter().for_each(|chunk| all.extend(chunk.iter()));
            all.sort_by_key(|sample| sample.time_us);
            all.into_iter().for_each(|sample| self.push_weighted(sample, uniform));
            return;
        }
        let unsorted = Self { chunks, weights, uniform, total: 0 };
        let mut all: Vec<_> = unsorted.iter().collect();
        drop(unsorted);
        all.sort_by_key(|(sample, _)| sample.time_us);
        all.into_iter().for_each(|(sample, weight)| self.push_weighted(sample, weight));
    }
}

/// Adds samples of weight 1 at the end of the list. For many samples this is faster than
/// [`Samples::push`].
impl Extend<Sample> for Samples {
    #[inline]
    fn extend<I: IntoIterator<Item = Sample>>(&mut self, samples: I) {
        let mut samples = samples.into_iter();
        while let Some(sample) = samples.next() {
            self.push(sample);
            if self.uniform == 1
                && self.weights.is_empty()
                && let Some(chunk) = self.chunks.last_mut()
            {
                let (count, odd) = chunk.extend(&mut samples);
                self.total = self.total.saturating_add(count);
                // After its end, an iterator is not asked again.
                let Some(odd) = odd else { return };
                self.push(odd);
            }
        }
    }
}

/// The samples of a list with their weights, one by one.
struct Iter<'a> {
    samples: &'a Samples,
    /// The rest of the current chunk, and of its weights.
    chunk: chunk::Iter<'a>,
    weights: slice::Iter<'a, u64>,
    /// The index of the next chunk.
    next: usize,
}

impl Iter<'_> {
    /// Moves to the next chunk. Returns false after the last one.
    fn advance(&mut self) -> bool {
        let Some(chunk) = self.samples.chunks.get(self.next) else { return false };
        self.chunk = chunk.iter();
        self.weights = self.samples.weights.get(self.next).map_or([].iter(), |list| list.iter());
        self.next += 1;
        true
    }
}

impl Iterator for Iter<'_> {
    type Item = (Sample, u64);

    #[inline]
    fn next(&mut self) -> Option<(Sample, u64)> {
        loop {
            if let Some(sample) = self.chunk.next() {
                let weight = self.weights.next().copied().unwrap_or(self.samples.uniform);
                return Some((sample, weight));
            }
            if !self.advance() {
                return None;
            }
        }
    }

    /// Decides once for each chunk how its samples and weights are stored.
    #[inline]
    fn fold<B, F: FnMut(B, (Sample, u64)) -> B>(mut self, init: B, mut f: F) -> B {
        let mut sum = init;
        loop {
            let chunk = std::mem::replace(&mut self.chunk, chunk::Iter::empty());
            let uniform = self.samples.uniform;
            if self.weights.len() == 0 {
                sum = chunk.fold(sum, |sum, sample| f(sum, (sample, uniform)));
            } else {
                let mut weights = self.weights.clone();
                sum = chunk.fold(sum, |sum, sample| {
                    f(sum, (sample, weights.next().copied().unwrap_or(uniform)))
                });
            }
            if !self.advance() {
                return sum;
            }
        }
    }
}
