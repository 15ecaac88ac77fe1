//! Durations of requests, counted in buckets, so that memory does not grow with their number.

/// Binary digits of a bucket within a power of two: a bucket is at most 1/64 as wide as its values.
const BITS: u32 = 6;

/// A histogram of durations in whole microseconds, in bounded memory.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Latencies {
    /// Pairs of bucket and count, in order of the bucket.
    buckets: Vec<(u16, u32)>,
    count: u64,
    sum_us: u64,
}

/// Sums of durations. Those of several histograms can be added.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Moments {
    /// Number of requests.
    pub(crate) count: f64,
    /// Sum of the durations, in milliseconds.
    sum_ms: f64,
    /// Sum of the durations, each taken as the middle of its bucket. It goes with `squares`.
    sum: f64,
    /// Sum of the squares of the middles.
    squares: f64,
}

impl std::ops::AddAssign for Moments {
    fn add_assign(&mut self, other: Self) {
        self.count += other.count;
        self.sum_ms += other.sum_ms;
        self.sum += other.sum;
        self.squares += other.squares;
    }
}

impl Moments {
    /// Returns the mean in milliseconds, and its standard error.
    pub(crate) fn mean_ms(self) -> (f64, f64) {
        let mean = self.sum_ms / self.count;
        let off = self.squares - 2.0 * mean * self.sum + self.count * mean * mean;
        (mean, off.max(0.0).sqrt() / self.count)
    }
}

/// A histogram with this many times fewer buckets than another is added to it bucket by bucket.
const MUCH_SHORTER: usize = 16;

/// Returns the buckets of two histograms in one list.
fn joined(mut one: &[(u16, u32)], mut two: &[(u16, u32)]) -> Vec<(u16, u32)> {
    let mut all = Vec::with_capacity(one.len() + two.len());
    while let (Some((a, after_a)), Some((b, after_b))) = (one.split_first(), two.split_first()) {
        let (in_one, in_two) = (a.0 <= b.0, b.0 <= a.0);
        all.push(match (in_one, in_two) {
            (true, true) => (a.0, a.1.saturating_add(b.1)),
            (true, false) => *a,
            _ => *b,
        });
        one = if in_one { after_a } else { one };
        two = if in_two { after_b } else { two };
    }
    all.extend_from_slice(one);
    all.extend_from_slice(two);
    all
}

fn bucket_of(us: u64) -> u16 {
    let bits = 64 - us.leading_zeros();
    let shift = bits.saturating_sub(BITS + 1);
    // The largest bucket is 58 * 64 + 127.
    ((u64::from(shift) << BITS) + (us >> shift)) as u16
}

/// Returns the value in the middle of a bucket, in microseconds.
fn middle(bucket: u16) -> f64 {
    let bucket = u64::from(bucket);
    let shift = (bucket >> BITS).saturating_sub(1);
    let low = (bucket - (shift << BITS)) << shift;
    low as f64 + ((1_u64 << shift) - 1) as f64 / 2.0
}

impl Latencies {
    /// Adds one request that took `us` microseconds.
    pub fn add(&mut self, us: u64) {
        self.add_bucket(bucket_of(us), 1);
        self.count += 1;
        self.sum_us = self.sum_us.saturating_add(us);
    }

    fn add_bucket(&mut self, bucket: u16, count: u32) {
        match self.buckets.binary_search_by_key(&bucket, |&(at, _)| at) {
            Ok(at) => {
                if let Some((_, old)) = self.buckets.get_mut(at) {
                    *old = old.saturating_add(count);
                }
            }
            Err(at) => self.buckets.insert(at, (bucket, count)),
        }
    }

    /// Adds all requests of `other` to this histogram.
    pub fn merge(&mut self, other: &Self) {
        if other.buckets.len() < self.buckets.len() / MUCH_SHORTER {
            for &(bucket, count) in &other.buckets {
                self.add_bucket(bucket, count);
            }
        } else {
            self.buckets = joined(&self.buckets, &other.buckets);
        }
        self.count += other.count;
        self.sum_us = self.sum_us.saturating_add(other.sum_us);
    }

    /// Returns the number of requests in the histogram, with those of merged histograms.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Returns the mean of the durations, exactly as they were added, in milliseconds; `None` without a request.
    pub fn mean_ms(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum_us as f64 / self.count as f64 / 1e3)
    }

    /// Returns the sums from which the mean of several histograms follows.
    pub(crate) fn moments(&self) -> Moments {
        let (mut sum, mut squares) = (0.0, 0.0);
        for &(bucket, count) in &self.buckets {
            let (ms, count) = (middle(bucket) / 1e3, f64::from(count));
            sum += ms * count;
            squares += ms * ms * count;
        }
        Moments { count: self.count as f64, sum_ms: self.sum_us as f64 / 1e3, sum, squares }
    }

    /// Returns the number of requests that took at most `ms` milliseconds, and their mean.
    pub(crate) fn fastest(&self, ms: f64) -> (f64, f64) {
        let below = self.buckets.iter().map(|&(bucket, count)| (middle(bucket) / 1e3, count));
        let below = below.take_while(|(at, _)| *at <= ms);
        let (count, sum) = below.fold((0.0, 0.0), |(count, sum), (at, n)| {
            (count + f64::from(n), sum + at * f64::from(n))
        });
        (count, sum / count)
    }

    /// Returns the smallest duration, in milliseconds, that at least a share `q` of the requests
    /// does not exceed (nearest rank). It is within 0.8 % of the exact one. Returns `None` without
    /// a request.
    ///
    /// ```
    /// use spikeflame_load::Latencies;
    ///
    /// let mut latencies = Latencies::default();
    /// latencies.add(20_000);
    /// let median = latencies.quantile_ms(0.5).unwrap_or_default();
    /// assert!((median - 20.0).abs() < 0.2);
    /// ```
    pub fn quantile_ms(&self, q: f64) -> Option<f64> {
        let rank = (q * self.count as f64).ceil().max(1.0) as u64;
        let mut seen = 0;
        let found = self.buckets.iter().find(|&&(_, count)| {
            seen += u64::from(count);
            seen >= rank
        });
        found.or(self.buckets.last()).map(|&(bucket, _)| middle(bucket) / 1e3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn quantiles_are_near_the_exact_ones(
            mut all in prop::collection::vec(0_u64..100_000_000, 1..300),
            cut in 0_usize..300,
            q in 0.0..1.0_f64,
        ) {
            let (mut one, mut two) = (Latencies::default(), Latencies::default());
            for (at, &us) in all.iter().enumerate() {
                if at < cut { one.add(us) } else { two.add(us) }
            }
            one.merge(&two);
            all.sort_unstable();
            let rank = ((q * all.len() as f64).ceil() as usize).max(1) - 1;
            let exact = all[rank] as f64 / 1e3;
            let got = one.quantile_ms(q).unwrap();
            prop_assert!((got - exact).abs() <= exact * 0.008 + 1e-9, "{got} for {exact}");
            prop_assert_eq!(one.count(), all.len() as u64);
        }
    }

    #[test]
    fn the_ends_of_the_range_have_buckets() {
        for us in [0, 1, 127, 128, u64::MAX] {
            let mut one = Latencies::default();
            one.add(us);
            let got = one.quantile_ms(0.5).unwrap() * 1e3;
            assert!((got - us as f64).abs() <= us as f64 * 0.008, "{got} for {us}");
        }
        assert_eq!(Latencies::default().quantile_ms(0.5), None);
    }
}
