//! Samples of which each takes four bytes: the time since the one before it, and the stack.

use super::sample::{Sample, VmState};
use crate::stack::StackId;
use std::slice;

/// The most samples of a chunk.
pub(super) const CHUNK: usize = 1 << 16;

/// The mark of an entry that is no sample: only time passes, in units of 65,536 microseconds.
const PAUSE: u16 = u16::MAX;

/// Up to [`CHUNK`] samples in the order of time, whose stacks are among the first 65,535.
#[derive(Clone, Debug)]
pub(super) struct Dense {
    /// The times before the first sample and of the last one.
    from_us: u64,
    last_us: u64,
    /// The state of all samples while `states` is empty; then `states` has that of each.
    state: VmState,
    states: Vec<VmState>,
    /// Microseconds since the entry before, and the stack or [`PAUSE`].
    entries: Vec<(u16, u16)>,
    pauses: usize,
}

impl Dense {
    /// Makes an empty list for samples like `first`; `None` when that one does not fit.
    pub(super) fn new(first: Sample, capacity: usize) -> Option<Self> {
        let from_us = first.time_us;
        let new = Self {
            from_us,
            last_us: from_us,
            state: first.state,
            states: Vec::new(),
            entries: Vec::with_capacity(capacity),
            pauses: 0,
        };
        short_stack(first.stack).map(|_| new)
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len() - self.pauses
    }

    /// Returns true when there may be no room for a pause and a sample.
    pub(super) fn is_full(&self) -> bool {
        self.entries.len() + 1 >= CHUNK
    }

    /// Adds a sample. Returns false when it does not fit, or the list is full.
    #[inline]
    pub(super) fn push(&mut self, sample: Sample) -> bool {
        let after = sample.time_us.wrapping_sub(self.last_us);
        let differ = !self.states.is_empty();
        match (u16::try_from(after), short_stack(sample.stack)) {
            (Ok(after), Some(stack))
                if (differ || sample.state == self.state) && !self.is_full() =>
            {
                self.entries.push((after, stack));
                if differ {
                    self.states.push(sample.state);
                }
                self.last_us = sample.time_us;
                true
            }
            _ => self.push_other(sample),
        }
    }

    /// Adds a sample after a pause, or the first one with another state.
    #[inline(never)]
    fn push_other(&mut self, sample: Sample) -> bool {
        let after = sample.time_us.checked_sub(self.last_us).map(u32::try_from);
        let (Some(Ok(after)), Some(stack)) = (after, short_stack(sample.stack)) else {
            return false;
        };
        if self.is_full() {
            return false;
        }
        if sample.state != self.state && self.states.is_empty() {
            self.states.reserve(self.entries.capacity());
            self.states.resize(self.len(), self.state);
        }
        if sample.state != self.state || !self.states.is_empty() {
            self.states.push(sample.state);
        }
        if after >> 16 > 0 {
            self.entries.push(((after >> 16) as u16, PAUSE));
            self.pauses += 1;
        }
        self.entries.push((after as u16, stack));
        self.last_us = sample.time_us;
        true
    }

    pub(super) fn iter(&self) -> Iter<'_> {
        Iter {
            now_us: self.from_us,
            state: self.state,
            entries: self.entries.iter(),
            states: self.states.iter(),
        }
    }

    /// Calls `take` with the stack of every sample.
    #[inline]
    pub(super) fn each_stack(&self, mut take: impl FnMut(StackId)) {
        for &(_, stack) in &self.entries {
            if stack != PAUSE {
                take(StackId::of_short(stack));
            }
        }
    }

    pub(super) fn last(&self) -> Option<Sample> {
        let &(_, stack) = self.entries.last()?;
        let state = self.states.last().copied().unwrap_or(self.state);
        Some(Sample { time_us: self.last_us, stack: StackId::of_short(stack), state })
    }

    /// Adds `us` microseconds to the time of every sample.
    pub(super) fn delay(&mut self, us: u64) {
        self.from_us = self.from_us.saturating_add(us);
        self.last_us = self.last_us.saturating_add(us);
    }

    /// Makes the time of every sample the time since the moment `us`. Returns false, without any effect,
    /// when there are samples before it.
    pub(super) fn count_from(&mut self, us: u64) -> bool {
        let fits = self.from_us >= us;
        if fits {
            self.from_us -= us;
            self.last_us -= us;
        }
        fits
    }
}

#[inline]
fn short_stack(stack: StackId) -> Option<u16> {
    u16::try_from(stack.index()).ok().filter(|&stack| stack != PAUSE)
}

/// The samples of a list, one by one.
pub(super) struct Iter<'a> {
    /// The time of the entry before.
    now_us: u64,
    state: VmState,
    entries: slice::Iter<'a, (u16, u16)>,
    states: slice::Iter<'a, VmState>,
}

impl Iterator for Iter<'_> {
    type Item = Sample;

    #[inline]
    fn next(&mut self) -> Option<Sample> {
        loop {
            let &(after, stack) = self.entries.next()?;
            if stack == PAUSE {
                self.now_us = self.now_us.saturating_add(u64::from(after) << 16);
                continue;
            }
            self.now_us = self.now_us.saturating_add(u64::from(after));
            let state = self.states.next().copied().unwrap_or(self.state);
            return Some(Sample { time_us: self.now_us, stack: StackId::of_short(stack), state });
        }
    }

    #[inline]
    fn fold<B, F: FnMut(B, Sample) -> B>(self, init: B, mut f: F) -> B {
        let Self { mut now_us, state, entries, mut states } = self;
        entries.fold(init, |sum, &(after, stack)| {
            if stack == PAUSE {
                now_us = now_us.saturating_add(u64::from(after) << 16);
                return sum;
            }
            now_us = now_us.saturating_add(u64::from(after));
            let state = states.next().copied().unwrap_or(state);
            f(sum, Sample { time_us: now_us, stack: StackId::of_short(stack), state })
        })
    }
}
