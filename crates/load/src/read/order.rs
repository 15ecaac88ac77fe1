//! Finds out whether a clock was set back, from times in the order of the file.

/// Size in microseconds from which a step back counts. Buffers cause steps of milliseconds.
const BACK_US: i64 = 2_000_000;

/// Fewest points from which the clock is judged.
const FEWEST_POINTS: u64 = 8;

/// A clock that was set steps back at most once in this many points; a shuffled file does so more often.
const POINTS_OF_A_STEP: u64 = 20;

/// Follows the times of one metric. A file in order of time has no large step back, and a shuffled
/// one has many. A few of them show a clock that was set back.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Order {
    last_us: Option<i64>,
    points: u64,
    back: u64,
    /// Line and size of the first large step back.
    first: Option<(u64, i64)>,
}

impl Order {
    /// Adds the next point.
    pub(crate) fn add(&mut self, time_us: i64, line: u64) {
        if let Some(last) = self.last_us
            && last - time_us > BACK_US
        {
            self.back += 1;
            self.first.get_or_insert((line, time_us - last));
        }
        self.last_us = Some(time_us);
        self.points += 1;
    }

    /// Returns the line and size of the clock's first jump back. The size is negative, in
    /// microseconds.
    pub(crate) fn jump(&self) -> Option<(u64, i64)> {
        let few = self.back <= (self.points / POINTS_OF_A_STEP).max(1);
        self.first.filter(|_| few && self.points >= FEWEST_POINTS)
    }
}
