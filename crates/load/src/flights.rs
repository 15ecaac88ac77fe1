//! Adds up for how long requests were under way in each second.

pub(crate) use spikeflame_wall::SECOND_US;
use spikeflame_wall::seconds_of;
use std::collections::BTreeMap;

/// Largest number of seconds that are kept: one week. It bounds the memory that hostile times can
/// ask for.
pub(crate) const MOST_SECONDS: usize = 7 * 24 * 3600;

/// The requests of one second.
#[derive(Clone, Copy, Debug, Default)]
struct Flight {
    /// Number of requests that began in this second.
    begun: u64,
    /// Number of them that ended in a later second.
    left: u64,
    /// Number of requests that ended in this second and began in an earlier one.
    arrived: u64,
    /// Microseconds within this second for which the requests that began or ended in it were under
    /// way.
    under_way_us: u64,
}

/// Requests by the seconds in which they began and ended.
#[derive(Debug, Default)]
pub(crate) struct Flights {
    seconds: BTreeMap<i64, Flight>,
}

impl Flights {
    /// Adds a request by its start and its end, in microseconds since 1970. Returns false when there
    /// are too many seconds.
    pub(crate) fn add(&mut self, start_us: i64, end_us: i64) -> bool {
        let (start_s, end_s) = (start_us.div_euclid(SECOND_US), end_us.div_euclid(SECOND_US));
        let full = self.seconds.len() >= MOST_SECONDS;
        if full && !(self.seconds.contains_key(&start_s) && self.seconds.contains_key(&end_s)) {
            return false;
        }
        let start = self.seconds.entry(start_s).or_default();
        start.begun += 1;
        if start_s == end_s {
            start.under_way_us += end_us.abs_diff(start_us);
            return true;
        }
        start.left += 1;
        start.under_way_us += SECOND_US.abs_diff(start_us.rem_euclid(SECOND_US));
        let end = self.seconds.entry(end_s).or_default();
        end.arrived += 1;
        end.under_way_us += end_us.rem_euclid(SECOND_US).unsigned_abs();
        true
    }

    pub(crate) fn clear(&mut self) {
        self.seconds.clear();
    }

    /// Begins a walk through the seconds from `first` on.
    pub(crate) fn walk(&self, first: i64) -> Walk<'_> {
        let earlier = self.seconds.range(..first).map(|(_, flight)| flight);
        let through = earlier
            .fold(0_u64, |through, flight| (through + flight.left).saturating_sub(flight.arrived));
        Walk { flights: self, through, earlier: through, at: first }
    }
}

/// A walk through the seconds.
pub(crate) struct Walk<'a> {
    flights: &'a Flights,
    /// Requests under way at the start of the second `at`.
    through: u64,
    /// Requests that began before the first second and did not end before it.
    earlier: u64,
    at: i64,
}

impl Iterator for Walk<'_> {
    /// The requests that began in the second, and those under way in it on average. The first
    /// second also counts the starts of requests that began earlier.
    type Item = (f64, f64);

    fn next(&mut self) -> Option<Self::Item> {
        let flight = self.flights.seconds.get(&self.at).copied().unwrap_or_default();
        self.at += 1;
        // Requests that began earlier and end later are under way for the whole second.
        self.through = self.through.saturating_sub(flight.arrived);
        let in_flight = self.through as f64 + seconds_of(flight.under_way_us);
        let begun = flight.begun + std::mem::take(&mut self.earlier);
        self.through += flight.left;
        Some((begun as f64, in_flight))
    }
}
