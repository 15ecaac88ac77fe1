//! Durations as samples. A sample has one time, so that a window would have all of a long duration or nothing of
//! it. A duration is therefore several samples, each of a piece of it.

/// The shortest piece in nanoseconds.
const SHORTEST_NS: u64 = 1_000_000;

/// The most samples that a file has in addition to one for each duration.
const MOST_PIECES: u64 = 1 << 16;

/// The pieces of the durations of a file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pieces {
    longest_ns: u64,
}

impl Default for Pieces {
    fn default() -> Self {
        Self { longest_ns: SHORTEST_NS }
    }
}

impl Pieces {
    /// Returns the pieces for durations with this sum.
    pub(crate) fn of_file(total_ns: u64) -> Self {
        // Samples have times in whole microseconds.
        let longest_ns = (total_ns / MOST_PIECES).next_multiple_of(1_000);
        Self { longest_ns: longest_ns.max(SHORTEST_NS) }
    }

    /// Returns the start of each piece of a duration and its length. Starts count from the start of the duration.
    pub(crate) fn cut(self, duration_ns: u64) -> impl Iterator<Item = (u64, u64)> {
        let Self { longest_ns } = self;
        let count = duration_ns.div_ceil(longest_ns);
        (0..count).map(move |at| {
            let start = at * longest_ns;
            (start, longest_ns.min(duration_ns - start))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_add_up_to_the_duration() {
        let cut = |total, duration| Pieces::of_file(total).cut(duration).collect::<Vec<_>>();
        assert_eq!(cut(0, 0), []);
        assert_eq!(cut(10, 10), [(0, 10)]);
        assert_eq!(
            cut(10, 2_500_000),
            [(0, 1_000_000), (1_000_000, 1_000_000), (2_000_000, 500_000)]
        );
        let long = cut(u64::MAX, 1 << 60);
        assert!(long.len() as u64 <= MOST_PIECES + 1);
        assert_eq!(long.iter().map(|(_, length)| length).sum::<u64>(), 1 << 60);
    }
}
