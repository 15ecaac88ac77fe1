//! Keeps the first answers of a test, in bounded memory. Requests may come in any order.

use crate::timeline::FirstAnswer;
use std::collections::BinaryHeap;

/// Number of first answers that are kept.
const KEPT: usize = 4_096;

/// The requests that ended first, by their ends and durations in microseconds.
#[derive(Debug, Default)]
pub(crate) struct FirstAnswers {
    kept: BinaryHeap<(i64, u64)>,
}

impl FirstAnswers {
    /// Adds a request that ended at `end_us` and took `duration_us`.
    pub(crate) fn add(&mut self, end_us: i64, duration_us: u64) {
        let one = (end_us, duration_us);
        if self.kept.len() < KEPT {
            self.kept.push(one);
        } else if let Some(mut last) = self.kept.peek_mut().filter(|last| one < **last) {
            *last = one;
        }
    }

    /// Removes the requests whose end is not wanted.
    pub(crate) fn keep(&mut self, wanted: impl Fn(i64) -> bool) {
        self.kept.retain(|(end_us, _)| wanted(*end_us));
    }

    /// Returns the answers in order of their starts.
    pub(crate) fn by_start(self) -> Vec<FirstAnswer> {
        let answer = |(end_us, duration_us): (i64, u64)| FirstAnswer {
            start_us: end_us.saturating_sub_unsigned(duration_us),
            duration_us,
        };
        let mut all: Vec<FirstAnswer> = self.kept.into_iter().map(answer).collect();
        all.sort_unstable();
        all
    }
}
