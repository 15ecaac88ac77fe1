//! Ends of requests that a file has in whole seconds only, in the order in which they came.

use crate::flights::SECOND_US;

/// Most requests of a second that are kept at a time. It bounds the memory that a hostile file can ask for.
const MOST: usize = 100_000;

/// A request that ended within the second of [`OrderedEnds`].
#[derive(Clone, Copy, Debug)]
struct Ended {
    duration_us: u64,
    is_answered: bool,
}

/// A request with the end that its place in the file gives it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Placed {
    pub(crate) start_us: i64,
    pub(crate) end_us: i64,
    pub(crate) is_answered: bool,
}

/// Requests that ended within one second, in the order of the file. k6 writes requests in the order of their ends, so
/// that the requests of a second are spread evenly over it.
#[derive(Debug, Default)]
pub(crate) struct OrderedEnds {
    second: i64,
    ended: Vec<Ended>,
}

impl OrderedEnds {
    /// Adds a request. Returns the requests of the second before, when this one begins another second.
    pub(crate) fn add(&mut self, end_us: i64, duration_us: u64, is_answered: bool) -> Vec<Placed> {
        let second = end_us.div_euclid(SECOND_US);
        let is_other = second != self.second || self.ended.len() >= MOST;
        let placed = if is_other { self.take() } else { Vec::new() };
        self.second = second;
        self.ended.push(Ended { duration_us, is_answered });
        placed
    }

    /// Returns the requests that are kept, and removes them.
    pub(crate) fn take(&mut self) -> Vec<Placed> {
        let begin_us = self.second.saturating_mul(SECOND_US);
        let count = self.ended.len().max(1) as i64;
        let ended = std::mem::take(&mut self.ended);
        let placed = ended.iter().zip(0..).map(|(one, at): (&Ended, i64)| {
            let end_us = begin_us.saturating_add((2 * at + 1) * SECOND_US / (2 * count));
            let start_us = end_us.saturating_sub_unsigned(one.duration_us);
            Placed { start_us, end_us, is_answered: one.is_answered }
        });
        placed.collect()
    }

    pub(crate) fn clear(&mut self) {
        self.ended.clear();
    }
}
