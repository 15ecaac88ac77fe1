//! The usual time from one sample of a thread to the next, for recordings that do not contain
//! their sampling interval.

/// The fewest gaps that show which one is usual.
const FEWEST_GAPS: u64 = 20;

/// Gaps up to this many times the shortest of a group belong to the group. A sampler that finds
/// a free core is late by less.
const SPREAD: f64 = 1.25;

/// Hardly any gap is shorter than a group if at most one in this many is. On a busy machine, a
/// group can lie at twice the interval or more; some gaps of one interval are then below it.
const MOST_SHORTER: u64 = 20;

/// In a gap of more than this many middle ones, the thread waited.
const WAIT: u64 = 10;

/// Number of buckets for the gaps of one power of two, as a power of two. Buckets are then
/// narrower than 1.6 % of their gaps.
const FINE: u32 = 6;

/// The usual time between two samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UsualGap {
    /// Microseconds from one sample to the next.
    pub(crate) us: u64,
    /// True when at least half of all gaps are near `us`, or a third of them while hardly any gap is
    /// shorter. Otherwise the recorded thread or its sampler waited for a core most of the time, and
    /// `us` can be several times the interval. It is also false with fewer than 20 gaps.
    pub(crate) is_usual: bool,
    /// True when at least half of all gaps are near `us`.
    pub(crate) is_most: bool,
}

/// The gaps between the samples of threads, counted by their length.
#[derive(Default)]
pub(crate) struct Gaps {
    buckets: Vec<Bucket>,
    /// The number of gaps in the buckets.
    count: u64,
    /// The number of gaps, those of 0 included.
    all: u64,
}

#[derive(Clone, Copy, Default)]
struct Bucket {
    count: u64,
    sum_us: u64,
}

/// The largest group of gaps of about one length.
#[derive(Clone, Copy, Default)]
struct Group {
    count: u64,
    /// The number of gaps that are shorter than those of the group.
    shorter: u64,
    /// The first bucket of the group, and the one after its last.
    from: usize,
    end: usize,
}

impl Gaps {
    /// Adds a gap in microseconds. A gap of 0 shows no interval: it only counts in the mean.
    pub(crate) fn add(&mut self, us: u64) {
        self.all += 1;
        if us == 0 {
            return;
        }
        let at = bucket_of(us);
        if at >= self.buckets.len() {
            self.buckets.resize(at + 1, Bucket::default());
        }
        if let Some(bucket) = self.buckets.get_mut(at) {
            bucket.count += 1;
            bucket.sum_us = bucket.sum_us.saturating_add(us);
            self.count += 1;
        }
    }

    /// Returns the gap in the middle of the largest group: most samples of V8's CPU profiler are
    /// one interval apart, and a wait of the thread or of its sampler for a core only makes gaps
    /// longer.
    /// Returns `None` without a gap.
    pub(crate) fn usual(&self) -> Option<UsualGap> {
        let (mut end, mut within, mut before, mut best) = (0, 0, 0, Group::default());
        for (from, bucket) in self.buckets.iter().enumerate() {
            let limit = start_of(from) as f64 * SPREAD;
            while let Some(next) = self.buckets.get(end)
                && start_of(end) as f64 <= limit
            {
                within += next.count;
                end += 1;
            }
            if within > best.count {
                best = Group { count: within, shorter: before, from, end };
            }
            within -= bucket.count;
            before += bucket.count;
        }
        let Group { count, shorter, from, end } = best;
        let mut seen = 0;
        let middle = self.buckets.get(from..end)?.iter().find(|bucket| {
            seen += bucket.count;
            2 * seen >= count
        })?;
        let us = middle.sum_us.checked_div(middle.count)?;
        let is_most = 2 * count >= self.count;
        let is_shortest = 3 * count >= self.count && shorter * MOST_SHORTER <= self.count;
        let is_usual = self.count >= FEWEST_GAPS && (is_most || is_shortest);
        Some(UsualGap { us, is_usual, is_most })
    }

    /// Returns the mean gap; `None` without a gap.
    pub(crate) fn mean(&self) -> Option<u64> {
        let sum: u128 = self.buckets.iter().map(|bucket| u128::from(bucket.sum_us)).sum();
        u64::try_from(sum.checked_div(u128::from(self.all))?.max(1)).ok()
    }

    /// Returns the mean of the gaps up to [`WAIT`] times the middle one.
    pub(crate) fn mean_without_waits(&self) -> Option<u64> {
        let mut before = 0;
        let middle = self.buckets.iter().position(|bucket| {
            before += bucket.count;
            2 * before >= self.count
        })?;
        let end = bucket_of(start_of(middle).saturating_mul(WAIT)) + 1;
        let short = self.buckets.iter().take(end);
        let (sum, count) = short.fold((0u64, 0), |(sum, count), bucket| {
            (sum.saturating_add(bucket.sum_us), count + bucket.count)
        });
        sum.checked_div(count)
    }
}

/// Returns the index of the bucket for a gap.
fn bucket_of(us: u64) -> usize {
    let shift = us.checked_ilog2().unwrap_or(0).saturating_sub(FINE);
    (u64::from(shift) << FINE) as usize + (us >> shift) as usize
}

/// Returns the shortest gap of a bucket.
fn start_of(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    let shift = (bucket >> FINE).saturating_sub(1);
    (bucket - (shift << FINE)) << shift
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usual(gaps: impl IntoIterator<Item = u64>) -> Option<UsualGap> {
        let mut all = Gaps::default();
        gaps.into_iter().for_each(|us| all.add(us));
        all.usual()
    }

    #[test]
    fn a_bucket_begins_at_its_shortest_gap() {
        for us in (0..20_000).chain([u64::from(u32::MAX), u64::MAX - 1, u64::MAX]) {
            let bucket = bucket_of(us);
            assert!(start_of(bucket) <= us, "{us}");
            assert_eq!(bucket_of(start_of(bucket)), bucket, "{us}");
            assert!(us - start_of(bucket) <= us / 64, "{us}");
        }
    }

    /// The error was: on a machine with busy cores the median of the gaps was three times the
    /// interval, so that every function cost three times as much as on an idle one.
    #[test]
    fn waits_for_a_core_do_not_make_the_interval_longer() {
        let late = |at: u64, base: u64| match at % 10 {
            0..4 => base + at % 40,
            4..7 => 2_900 + at * 31 % 1_100,
            _ => 4_100 + at * 37 % 9_000,
        };
        let found = usual((0..900).map(|at| late(at, 1_050))).unwrap();
        assert!(found.us.abs_diff(1_069) < 20, "{found:?}");
        assert!(found.is_usual);
        // The group may be one of late samples if others are nearer to each other.
        let found = usual((0..900).map(|at| if at % 12 == 0 { 500 } else { late(at, 1_050) }));
        assert!(!found.unwrap().is_usual, "{found:?}");
    }

    #[test]
    fn gaps_without_a_usual_length_say_so() {
        let found = usual((0..400u64).map(|at| 1_000 + at * 97)).unwrap();
        assert!(!found.is_usual, "{found:?}");
    }

    #[test]
    fn few_gaps_show_no_interval() {
        assert_eq!(
            usual([1_000; 19]),
            Some(UsualGap { us: 1_000, is_usual: false, is_most: true })
        );
        assert_eq!(usual([0; 100]), None);
        assert_eq!(usual([1_000; 20]), Some(UsualGap { us: 1_000, is_usual: true, is_most: true }));
    }
}
