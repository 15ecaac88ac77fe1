//! Adds up the results of a load test for each second. Requests may come in any order.

use crate::ends::{OrderedEnds, Placed};
use crate::error::{Error, TestSpan};
use crate::first::FirstAnswers;
use crate::flights::{Flights, MOST_SECONDS, SECOND_US};
use crate::follow::Followers;
use crate::series::users_not_written;
use crate::timeline::{Bytes, FailureKind, Second, Timeline};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::Path;

/// Two tests in one file are at least twice this many seconds apart.
const NEAR_S: i64 = 30;

/// Largest number of kinds of failures that are kept for one second. The others are counted
/// together.
const MOST_KINDS: usize = 32;

/// Adds up the results of a load test for each second: requests, virtual users and dropped iterations. The
/// results may be added in any order. Their times are in microseconds since 1970,
/// or, without a clock, since another moment that is the same for all. [`Recorder::finish`] returns
/// the sum.
#[derive(Debug, Default)]
pub struct Recorder {
    /// The nodes of such a map are half empty when times only grow, so they hold pointers.
    entries: BTreeMap<i64, Box<Entry>>,
    /// All requests.
    flights: Flights,
    /// Requests that got no answer: refused, cut off, or timed out.
    unanswered: Flights,
    /// Requests whose ends are known to the second; `None` when ends are exact.
    ordered: Option<OrderedEnds>,
    /// Starts and ends of requests; `None` unless they are to show whether clients wait for answers.
    followers: Option<Followers>,
    /// The first successful requests.
    first: FirstAnswers,
    /// Bytes of each second. A second that has only bytes does not make the test longer.
    bytes: BTreeMap<i64, Bytes>,
    line: u64,
    too_long: bool,
}

#[derive(Debug, Default)]
struct Entry {
    second: Second,
    /// Time of the point that set `second.vus`, in microseconds since 1970.
    vus_us: i64,
    /// The first line with a point in this second.
    line: u64,
    /// Start of the first request and end of the last one among those that ended in this second.
    requests_us: Option<(i64, i64)>,
}

/// A stretch of time without long gaps.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SecondsBlock {
    pub(crate) seconds: RangeInclusive<i64>,
    /// The first line of the file that belongs to the stretch.
    pub(crate) line: u64,
}

impl Recorder {
    /// Adds a request that ended at `end_us` and took `duration_us` microseconds. It is counted in
    /// the second in which it ended, as successful when `ok` is true and as failed otherwise.
    ///
    /// ```
    /// use spikeflame_load::Recorder;
    ///
    /// let mut recorder = Recorder::default();
    /// recorder.request(10_500_000, 20_000, true);
    /// recorder.request(11_500_000, 30_000, false);
    /// let timeline = recorder.finish("made".as_ref(), "example")?;
    /// assert_eq!((timeline.start_s, timeline.seconds.len()), (10, 2));
    /// # Ok::<(), spikeflame_load::Error>(())
    /// ```
    pub fn request(&mut self, end_us: i64, duration_us: u64, ok: bool) {
        self.count(end_us, duration_us, ok);
        self.fly(end_us, duration_us, true);
    }

    /// Counts a request in the second of its end.
    fn count(&mut self, end_us: i64, duration_us: u64, ok: bool) {
        let start_us = end_us.saturating_sub_unsigned(duration_us);
        let Some(entry) = self.entry(end_us) else { return };
        let known = entry.requests_us.unwrap_or((start_us, end_us));
        entry.requests_us = Some((known.0.min(start_us), known.1.max(end_us)));
        if ok {
            entry.second.ok += 1.0;
            let tenth = end_us.rem_euclid(SECOND_US) / (SECOND_US / 10);
            if let Some(count) = entry.second.tenths.get_mut(tenth as usize) {
                *count += 1.0;
            }
            entry.second.latencies.add(duration_us);
            self.first.add(end_us, duration_us);
        } else {
            entry.second.failed += 1.0;
        }
    }

    /// Adds the time for which a request was under way.
    fn fly(&mut self, end_us: i64, duration_us: u64, is_answered: bool) {
        let placed = match &mut self.ordered {
            Some(ordered) => ordered.add(end_us, duration_us, is_answered),
            None => {
                let start_us = end_us.saturating_sub_unsigned(duration_us);
                self.place(Placed { start_us, end_us, is_answered });
                return;
            }
        };
        placed.into_iter().for_each(|one| self.place(one));
    }

    fn place(&mut self, one: Placed) {
        if let Some(followers) = &mut self.followers {
            followers.add(one.start_us, one.end_us);
        }
        self.too_long |= !self.flights.add(one.start_us, one.end_us);
        if !one.is_answered {
            self.too_long |= !self.unanswered.add(one.start_us, one.end_us);
        }
    }

    /// Notes whether the ends of further requests are exact. Otherwise they are known to the second, and the requests
    /// of a second come in the order of their ends.
    pub(crate) fn ends_are_exact(&mut self, exact: bool) {
        if exact && self.ordered.is_some() {
            self.place_ordered();
            self.ordered = None;
        } else if !exact && self.ordered.is_none() {
            self.ordered = Some(OrderedEnds::default());
        }
    }

    /// Lets the starts and ends of requests show whether clients wait for answers ([`Timeline::closed`]).
    pub(crate) fn following(mut self) -> Self {
        self.followers = Some(Followers::default());
        self
    }

    fn place_ordered(&mut self) {
        let placed = self.ordered.as_mut().map(OrderedEnds::take).unwrap_or_default();
        placed.into_iter().for_each(|one| self.place(one));
    }

    /// Adds a failed request that got no answer: it was refused, cut off, or timed out. It ended at
    /// `end_us`, and was under way for `duration_us` microseconds. It is counted in
    /// [`Second::failed`] and in [`Second::unanswered`].
    pub fn request_without_answer(&mut self, end_us: i64, duration_us: u64) {
        self.count(end_us, duration_us, false);
        if let Some(entry) = self.entry(end_us) {
            entry.second.unanswered += 1.0;
        }
        self.fly(end_us, duration_us, false);
    }

    /// Counts one failure of this kind in the second of `end_us`. It does not add a request: call
    /// [`Recorder::request`] or [`Recorder::request_without_answer`] too. After 32 kinds in one
    /// second, further ones count as the default kind.
    pub(crate) fn failed_by(&mut self, end_us: i64, kind: FailureKind) {
        let Some(entry) = self.entry(end_us) else { return };
        let kinds = &mut entry.second.failures;
        let full = kinds.len() >= MOST_KINDS;
        let known = |kinds: &[(FailureKind, u32)], kind| kinds.iter().position(|one| one.0 == kind);
        let kind = match known(kinds, kind) {
            None if full => FailureKind::default(),
            _ => kind,
        };
        match known(kinds, kind).and_then(|at| kinds.get_mut(at)) {
            Some((_, count)) => *count = count.saturating_add(1),
            None => kinds.push((kind, 1)),
        }
    }

    /// Adds bytes that were received and sent at `time_us`. Bytes do not make the test longer.
    pub(crate) fn bytes(&mut self, time_us: i64, bytes: Bytes) {
        let second = time_us.div_euclid(SECOND_US);
        if self.bytes.len() < MOST_SECONDS || self.bytes.contains_key(&second) {
            let sum = self.bytes.entry(second).or_default();
            sum.received += bytes.received;
            sum.sent += bytes.sent;
        }
    }

    /// Sets the number of virtual users at `time_us`. When a second has several numbers, the one
    /// with the latest time is used.
    pub fn vus(&mut self, time_us: i64, vus: f64) {
        if let Some(entry) = self.entry(time_us)
            && (entry.second.vus.is_none() || time_us >= entry.vus_us)
        {
            entry.second.vus = Some(vus);
            entry.vus_us = time_us;
        }
    }

    /// Adds `count` iterations that the load generator did not start at `time_us`, because no
    /// virtual user was free.
    pub fn dropped(&mut self, time_us: i64, count: f64) {
        if let Some(entry) = self.entry(time_us) {
            entry.second.dropped += count;
        }
    }

    /// Counts a check of k6 at `time_us`.
    pub(crate) fn check(&mut self, time_us: i64, passed: bool) {
        if let Some(entry) = self.entry(time_us) {
            entry.second.checks.made += 1;
            entry.second.checks.failed += u64::from(!passed);
        }
    }

    /// Notes that the test ran at `time_us`, without a request to count.
    pub(crate) fn touch(&mut self, time_us: i64) {
        self.entry(time_us);
    }

    /// Sets the line from which the next points come.
    pub(crate) fn at_line(&mut self, line: u64) {
        self.line = line;
    }

    fn entry(&mut self, time_us: i64) -> Option<&mut Entry> {
        let second = time_us.div_euclid(SECOND_US);
        if self.entries.len() >= MOST_SECONDS && !self.entries.contains_key(&second) {
            self.too_long = true;
            return None;
        }
        let line = self.line;
        Some(
            self.entries
                .entry(second)
                .or_insert_with(|| Box::new(Entry { line, ..Entry::default() })),
        )
    }

    /// Returns true before the first point.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Returns true when the number of users is known for at least one second.
    pub(crate) fn has_vus(&self) -> bool {
        self.entries.values().any(|entry| entry.second.vus.is_some())
    }

    /// Returns the share of the seconds that are kept in which the number of users is known.
    pub(crate) fn share_with_vus(&self) -> f64 {
        let known = self.entries.values().filter(|entry| entry.second.vus.is_some()).count();
        known as f64 / self.entries.len().max(1) as f64
    }

    /// Returns the number of seconds that are kept.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Removes all requests. The numbers of virtual users, and checks, stay.
    pub(crate) fn forget_requests(&mut self) {
        self.flights.clear();
        self.unanswered.clear();
        self.ordered.iter_mut().for_each(OrderedEnds::clear);
        self.first = FirstAnswers::default();
        self.entries.retain(|_, entry| {
            let Second { vus, dropped, checks, .. } = &entry.second;
            vus.is_some() || *dropped > 0.0 || checks.made > 0
        });
        for entry in self.entries.values_mut() {
            let Second { vus, dropped, checks, .. } = entry.second;
            entry.second = Second { vus, dropped, checks, ..Second::default() };
            entry.requests_us = None;
        }
    }

    /// Returns the stretches of time between gaps, where a gap is `gap` seconds or more without a
    /// point.
    pub(crate) fn parts(&self, gap: i64) -> Vec<SecondsBlock> {
        let mut parts: Vec<SecondsBlock> = Vec::new();
        for (&at, entry) in &self.entries {
            match parts.last_mut() {
                Some(part) if at - part.seconds.end() < gap => {
                    part.seconds = *part.seconds.start()..=at;
                    part.line = part.line.min(entry.line);
                }
                _ => parts.push(SecondsBlock { seconds: at..=at, line: entry.line }),
            }
        }
        parts
    }

    /// Returns the summary of `seconds`, for a list of tests.
    pub(crate) fn span(&self, seconds: &RangeInclusive<i64>) -> TestSpan {
        let requests =
            self.entries.range(seconds.clone()).map(|(_, entry)| entry.second.requests());
        TestSpan {
            start_s: *seconds.start(),
            has_clock: true,
            length_s: seconds.end().abs_diff(*seconds.start()) + 1,
            requests: requests.sum::<f64>() as u64,
        }
    }

    /// Removes everything outside `seconds`.
    pub(crate) fn keep(&mut self, seconds: &RangeInclusive<i64>) {
        self.entries.retain(|at, _| seconds.contains(at));
        self.followers.iter_mut().for_each(|followers| followers.keep(seconds));
        self.first.keep(|end_us| seconds.contains(&end_us.div_euclid(SECOND_US)));
        // An iteration may end some time after its last request, far from other tests.
        let near = seconds.start().saturating_sub(NEAR_S)..=seconds.end().saturating_add(NEAR_S);
        self.bytes.retain(|at, _| near.contains(at));
    }

    /// Builds the timeline, with an entry for every second from the first end of a request, number of users or
    /// dropped iteration to the last. `path` and `format` become [`Timeline::source`] and [`Timeline::format`].
    ///
    /// # Errors
    ///
    /// Returns [`Error::NoRequests`] without a request, and [`Error::TooLong`] when the results
    /// cover more than a week.
    pub fn finish(mut self, path: &Path, format: &'static str) -> Result<Timeline, Error> {
        self.place_ordered();
        let too_long = || Error::TooLong { path: path.to_owned(), most: MOST_SECONDS };
        if self.too_long {
            return Err(too_long());
        }
        if !self.entries.values().any(|entry| entry.second.requests() > 0.0) {
            let why = "is it the whole file, and of a test that sent some?".into();
            return Err(Error::NoRequests { path: path.to_owned(), why });
        }
        let first = self.entries.keys().next().copied().unwrap_or_default();
        let last = self.entries.keys().next_back().copied().unwrap_or_default();
        if last.abs_diff(first) >= MOST_SECONDS as u64 {
            return Err(too_long());
        }
        let spans = || self.entries.values().filter_map(|entry| entry.requests_us);
        let begun = spans().map(|(begun, _)| begun).min();
        let requests_us = begun.zip(spans().map(|(_, ended)| ended).max());
        let known = !self.bytes.is_empty();
        let mut seconds = Vec::with_capacity(last.abs_diff(first) as usize + 1);
        let flights = self.flights.walk(first).zip(self.unanswered.walk(first));
        for (at, ((started, in_flight), (_, unanswered))) in (first..=last).zip(flights) {
            let mut second = self.entries.remove(&at).unwrap_or_default().second;
            second.in_flight = Some(in_flight);
            second.in_flight_unanswered = unanswered;
            second.started = started;
            second.failures.sort_unstable();
            second.bytes = known.then(|| bytes_of(&self.bytes, at, first, last));
            seconds.push(second);
        }
        let warnings = users_not_written(&seconds).into_iter().collect();
        Ok(Timeline {
            warnings,
            source: path.display().to_string(),
            format,
            start_s: first,
            requests_us,
            seconds,
            resolution_s: 1,
            first: self.first.by_start(),
            closed: self.followers.is_some_and(Followers::are_closed),
            ..Timeline::default()
        })
    }
}

/// Returns the bytes of the second `at`. The first second also gets the bytes before the first
/// request, and the last second also gets those after the last point.
fn bytes_of(all: &BTreeMap<i64, Bytes>, at: i64, first: i64, last: i64) -> Bytes {
    let from = if at == first { i64::MIN } else { at };
    let to = if at == last { i64::MAX } else { at };
    let mut sum = Bytes::default();
    for bytes in all.range(from..=to).map(|(_, bytes)| bytes) {
        sum.received += bytes.received;
        sum.sent += bytes.sent;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn finish(recorder: Recorder) -> Result<Timeline, Error> {
        recorder.finish(Path::new("x"), "test")
    }

    #[test]
    fn a_request_counts_where_it_ends_and_where_it_began() {
        let mut recorder = Recorder::default();
        recorder.vus(10_900_000, 3.0);
        recorder.vus(10_100_000, 2.0);
        // The request began before the first second that is kept.
        recorder.request(12_250_000, 1_500_000, true);
        recorder.request(12_000_000, 9_000_000, false);
        recorder.dropped(11_000_000, 2.0);
        let timeline = finish(recorder).unwrap();
        assert_eq!(timeline.start_s, 10);
        let [a, b, c] = timeline.seconds.as_slice() else { panic!("{timeline:?}") };
        assert_eq!((a.started, b.started, c.started), (2.0, 0.0, 0.0));
        assert_eq!((a.vus, b.dropped), (Some(3.0), 2.0));
        assert_eq!((c.ok, c.failed, c.tenths[2], c.latencies.count()), (1.0, 1.0, 1.0, 1));
        // The requests run from 10.75 to 12.25, and from 3 to 12.
        let in_flight = [a, b, c].map(|second| second.in_flight.unwrap());
        assert_eq!(in_flight, [1.25, 2.0, 0.25]);
    }

    /// The error was: rates were divided by whole seconds, also where the first began with the test at
    /// its end.
    #[test]
    fn a_rate_is_that_of_the_time_in_which_the_test_ran() {
        use crate::plateau::{Stretch, Window};
        let mut recorder = Recorder::default();
        for at in 0..400 {
            recorder.request(10_960_000 + at * 10_000, 10_000, true);
        }
        let timeline = finish(recorder).unwrap();
        let rate = |from, to| Stretch::measure(&timeline, Window { from, to }).rps.round();
        assert_eq!((rate(0, 3), rate(0, 5), rate(2, 5)), (100.0, 100.0, 100.0));
        assert_eq!(timeline.answered(Window { from: 0, to: 5 }).0.round(), 100.0);
    }

    #[test]
    fn requests_of_an_earlier_test_are_not_under_way_in_this_one() {
        let mut recorder = Recorder::default();
        recorder.request(10_500_000, 900_000, true);
        recorder.request(101_500_000, 2_500_000, true);
        recorder.request(101_500_000, 100_000, true);
        recorder.keep(&(100..=101));
        let timeline = finish(recorder).unwrap();
        let [a] = timeline.seconds.as_slice() else { panic!("{timeline:?}") };
        assert_eq!((a.started, a.in_flight), (2.0, Some(0.6)));
    }

    #[test]
    fn requests_without_an_answer_count_as_failed_and_are_under_way() {
        let mut recorder = Recorder::default();
        recorder.request_without_answer(10_500_000, 0);
        recorder.request_without_answer(11_500_000, 1_000_000);
        recorder.request(11_500_000, 250_000, true);
        let timeline = finish(recorder).unwrap();
        let [a, b] = timeline.seconds.as_slice() else { panic!("{timeline:?}") };
        assert_eq!((a.failed, a.unanswered, b.failed, b.unanswered), (1.0, 1.0, 1.0, 1.0));
        assert_eq!((a.in_flight, a.in_flight_unanswered), (Some(0.5), 0.5));
        assert_eq!((b.in_flight, b.in_flight_unanswered), (Some(0.75), 0.5));
        assert_eq!((b.answers(), b.in_flight_answered()), (1.0, Some(0.25)));
    }

    #[test]
    fn hostile_times_ask_for_no_memory() {
        let mut recorder = Recorder::default();
        recorder.request(i64::MIN, u64::MAX, true);
        recorder.request(i64::MAX, 0, true);
        assert!(matches!(finish(recorder), Err(Error::TooLong { .. })));
        assert!(matches!(finish(Recorder::default()), Err(Error::NoRequests { .. })));
    }

    #[test]
    fn more_seconds_than_a_week_are_refused() {
        let mut recorder = Recorder::default();
        for at in 0..=MOST_SECONDS as i64 {
            recorder.request(at * SECOND_US, 0, true);
        }
        assert!(matches!(finish(recorder), Err(Error::TooLong { .. })));
    }

    proptest! {
        #[test]
        fn the_order_of_points_does_not_matter(
            points in prop::collection::vec((0_i64..50_000_000, 0_u64..9_000_000, any::<bool>()), 1..50),
        ) {
            let record = |points: &mut dyn Iterator<Item = &(i64, u64, bool)>| {
                let mut recorder = Recorder::default();
                for &(end, duration, ok) in points {
                    recorder.request(end, duration, ok);
                }
                finish(recorder).unwrap()
            };
            let timeline = record(&mut points.iter());
            prop_assert_eq!(&timeline, &record(&mut points.iter().rev()));
            let started: f64 = timeline.seconds.iter().map(|second| second.started).sum();
            prop_assert_eq!(started, points.len() as f64);
            // The time of all requests within the seconds that are kept.
            let first = timeline.start_s * SECOND_US;
            let took: i64 = points
                .iter()
                .map(|&(end, duration, _)| end - first.max(end - duration as i64))
                .sum();
            let in_flight: f64 = timeline.seconds.iter().filter_map(|second| second.in_flight).sum();
            prop_assert!((in_flight - took as f64 / 1e6).abs() < 1e-6, "{in_flight} {took}");
        }
    }
}
