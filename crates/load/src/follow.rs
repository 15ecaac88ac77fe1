//! Recognises clients that begin a request when they got the answer to another one: the starts of requests
//! follow ends.

use crate::flights::SECOND_US;
use std::ops::RangeInclusive;

/// Most starts that are kept, and as many ends. It bounds the memory.
const MOST: usize = 200_000;
/// Fewest starts that show it.
const FEWEST: usize = 100;
/// Longest time from an end to the start that follows it, in microseconds, and its share of the time
/// between two requests, beyond which many starts follow an end by chance.
const LONGEST_US: i64 = 2_000;
const OF_STEP: f64 = 0.5;
/// Microseconds by which times may be cut, where starts or ends are whole milliseconds and where both are finer.
const CUT_MS_US: i64 = 1_000;
const CUT_US: i64 = 2;
/// Least share of the starts that follow an end. An arrival rate whose iterations have five requests has 0.8.
const FOLLOW: f64 = 0.85;
/// Most starts that follow no end, as a share of those that would not by chance.
const OF_CHANCE: f64 = 0.4;
/// Microseconds by which the ends are moved, to count the starts that follow an end by chance.
const MOVED_US: [i64; 3] = [13_137, 31_415, 57_911];

/// Starts and ends of requests. Of a long list, only those in seconds at equal distances are kept.
#[derive(Debug)]
pub(crate) struct Followers {
    starts: Vec<i64>,
    ends: Vec<i64>,
    every: i64,
}

impl Default for Followers {
    fn default() -> Self {
        Self { starts: Vec::new(), ends: Vec::new(), every: 1 }
    }
}

impl Followers {
    /// Adds a request by its start and its end, in microseconds.
    pub(crate) fn add(&mut self, start_us: i64, end_us: i64) {
        // Requests of a hostile file may all lie in one second.
        if self.starts.len().max(self.ends.len()) > MOST {
            return;
        }
        let is_kept = |us: &i64, every: i64| us.div_euclid(SECOND_US) % every == 0;
        self.starts.extend(Some(start_us).filter(|us| is_kept(us, self.every)));
        self.ends.extend(Some(end_us).filter(|us| is_kept(us, self.every)));
        while self.starts.len().max(self.ends.len()) > MOST && self.every < SECOND_US {
            self.every *= 2;
            let every = self.every;
            self.starts.retain(|us| is_kept(us, every));
            self.ends.retain(|us| is_kept(us, every));
        }
    }

    /// Removes the times outside `seconds`.
    pub(crate) fn keep(&mut self, seconds: &RangeInclusive<i64>) {
        self.starts.retain(|us| seconds.contains(&us.div_euclid(SECOND_US)));
        self.ends.retain(|us| seconds.contains(&us.div_euclid(SECOND_US)));
    }

    /// Returns true when nearly all starts follow an end at once, and by far more than chance.
    pub(crate) fn are_closed(mut self) -> bool {
        self.starts.sort_unstable();
        self.ends.sort_unstable();
        let (Some(first), Some(last)) = (self.starts.first(), self.starts.last()) else {
            return false;
        };
        let count = self.starts.len() as f64;
        // A table may have starts in milliseconds and finer durations: ends are then as much too early as starts.
        let are_ms = |times: &[i64]| times.iter().all(|us| us % CUT_MS_US == 0);
        let is_ms = are_ms(&self.starts) || are_ms(&self.ends);
        let cut_us = if is_ms { CUT_MS_US } else { CUT_US };
        // Seconds that are not kept have no starts.
        let step_us = last.abs_diff(*first) as f64 / self.every as f64 / count;
        let within_us = ((OF_STEP * step_us) as i64).clamp(cut_us, LONGEST_US);
        let share = |moved_us| self.following(within_us, cut_us, moved_us) as f64 / count;
        let shown = share(0);
        let chance = MOVED_US.into_iter().map(share).fold(0.0, f64::max);
        self.starts.len() >= FEWEST && shown >= FOLLOW && 1.0 - shown <= OF_CHANCE * (1.0 - chance)
    }

    /// Returns the number of starts that follow an end, when all ends are moved by so many microseconds. Each end
    /// is followed by one start.
    fn following(&self, within_us: i64, cut_us: i64, moved_us: i64) -> usize {
        let mut ends = self.ends.iter().map(|us| us.saturating_add(moved_us)).peekable();
        let follows = |start: &&i64| {
            while ends.next_if(|end| end.saturating_add(within_us) < **start).is_some() {}
            ends.next_if(|end| *end <= start.saturating_add(cut_us)).is_some()
        };
        self.starts.iter().filter(follows).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the requests of users who wait for answers of a server that answers one request at a time.
    fn followers(pause_us: impl Fn(i64) -> i64) -> Followers {
        let mut followers = Followers::default();
        let mut starts =
            std::collections::BinaryHeap::from_iter((0..6).map(|at| std::cmp::Reverse(at * 700)));
        let mut free_us = 0;
        for at in 0..2_000 {
            let Some(std::cmp::Reverse(start)) = starts.pop() else { break };
            free_us = start.max(free_us) + 5_000 + at * 7_919 % 9_001;
            followers.add(start, free_us);
            starts.push(std::cmp::Reverse(free_us + pause_us(at)));
        }
        followers
    }

    #[test]
    fn starts_that_follow_ends_are_those_of_clients_who_wait() {
        assert!(followers(|at| at % 300).are_closed());
        assert!(!followers(|at| 5_000 + at * 104_729 % 90_001).are_closed());
    }

    /// The error was: half of the starts seemed to be earlier than the ends that they follow, in a table with starts
    /// in milliseconds and durations in microseconds.
    #[test]
    fn starts_in_milliseconds_follow_ends_in_microseconds() {
        let cut = |exact: Followers| {
            let mut cut = Followers::default();
            for (start, end) in exact.starts.iter().zip(&exact.ends) {
                let early_us = start.rem_euclid(1_000);
                cut.add(start - early_us, end - early_us);
            }
            cut
        };
        assert!(cut(followers(|at| at % 300)).are_closed());
        assert!(!cut(followers(|at| 5_000 + at * 104_729 % 90_001)).are_closed());
    }

    #[test]
    fn requests_of_a_rate_follow_no_ends() {
        let mut rate = Followers::default();
        let mut free_us = 0;
        for at in 0..2_000 {
            let start = at * 10_000;
            free_us = start.max(free_us) + 5_000 + at * 7_919 % 9_001;
            rate.add(start, free_us);
        }
        assert!(!rate.are_closed());
    }
}
