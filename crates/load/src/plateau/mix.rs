//! Answers that take longer because slower requests are sent.

use super::model::{Grade, Plateau, Window};
use super::reason::NoPlateauReason;
use super::signals::{SHORTEST, SLOWER};
use crate::mix::MOST_ENDPOINTS;
use crate::timeline::Timeline;

/// Share of failed requests up to which a limit shows in durations alone.
const HARDLY_ANY_FAILS: f64 = 0.01;

/// Returns the reason why a stretch is no plateau, when the answers of each endpoint took about as long in it as at rest.
/// Where the load was high from the start, no other time shows that.
pub(super) fn changed(timeline: &Timeline, plateau: &Plateau) -> Option<NoPlateauReason> {
    let window = plateau.window;
    let grows = matches!(plateau.grade, Grade::Knee | Grade::Saturated) && plateau.dropped <= 0.0;
    if !grows || plateau.within.error_rate > HARDLY_ANY_FAILS {
        return None;
    }
    let slower = of_endpoints(timeline, window)?;
    let times = plateau.stretch.filter(|_| slower < SLOWER)?;
    Some(NoPlateauReason::OtherMix { window, times, slower })
}

/// Duration of a request, as a multiple of that of the fastest ones of its endpoint, up to which nothing made it wait.
const AS_FAST: f64 = 1.1;
/// Seconds that are compared at the start of a window.
const START_S: usize = 3;

/// Removes seconds from the start of a window above a knee in which the requests of each endpoint took as long as the
/// fastest ones of the test, when the window has requests of another kind: they may bend goodput against the number of
/// users before the limit.
pub(super) fn without_fast_start(timeline: &Timeline, window: Window) -> Window {
    let second = |at: usize| timeline.start_s.saturating_add_unsigned(at as u64);
    let (from, to) = (second(window.from), second(window.to));
    if !timeline.endpoint_durations.has_new(timeline.start_s..from, from..to) {
        return window;
    }
    let is_fast = |from: &usize| {
        let part = Window { from: *from, to: from + START_S };
        of_endpoints(timeline, part).is_some_and(|slower| slower < AS_FAST)
    };
    let latest = window.to.saturating_sub(SHORTEST.max(START_S));
    let fast = (window.from..latest).take_while(is_fast).take(MOST_REMOVED);
    Window { from: window.from + fast.count(), ..window }
}

/// Most seconds that are removed from the start of a window. Each is compared with the whole test.
const MOST_REMOVED: usize = 60;

/// Returns how many times as long the requests of a window took as the fastest ones of the same endpoints, where these
/// are known.
fn of_endpoints(timeline: &Timeline, window: Window) -> Option<f64> {
    let second = |at: usize| timeline.start_s.saturating_add_unsigned(at as u64);
    let seconds = timeline.seconds.get(window.from..window.to)?;
    let all: f64 = seconds.iter().map(|second| second.ok).sum();
    timeline.endpoint_durations.slower(second(window.from)..second(window.to), all)
}

/// Share of the successful requests whose endpoint has to be known.
const KNOWN: f64 = 0.95;

impl Timeline {
    /// Returns the number of successful requests to each endpoint in a window. Returns `None` when it is not known for
    /// nearly all of them: for files other than k6's JSON and CSV, for more than 99 endpoints, for a window without such
    /// requests, and for a timeline of chosen requests ([`Timeline::whole`]).
    ///
    /// ```
    /// use spikeflame_load::{Timeline, plateau::Window};
    ///
    /// assert_eq!(Timeline::default().endpoints_in(Window { from: 0, to: 0 }), None);
    /// ```
    pub fn endpoints_in(&self, window: Window) -> Option<Vec<(String, u64)>> {
        if self.whole.is_some() || self.endpoints.len() >= MOST_ENDPOINTS {
            return None;
        }
        let mut names: Vec<&String> = self.endpoints.iter().map(|(name, _)| name).collect();
        names.sort_unstable();
        let second = |at: usize| self.start_s.saturating_add_unsigned(at as u64);
        let counts = self.endpoint_durations.counts(second(window.from)..second(window.to));
        let known = counts.into_iter();
        let known = known.map(|(at, count)| Some(((*names.get(at)?).clone(), count as u64)));
        let known: Vec<(String, u64)> = known.collect::<Option<_>>()?;
        let ok: f64 = self.seconds.get(window.from..window.to)?.iter().map(|of| of.ok).sum();
        let sum = known.iter().map(|(_, count)| *count as f64).sum::<f64>();
        (!known.is_empty() && sum >= KNOWN * ok).then_some(known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeline::Second;

    /// `diff` had the mix of the whole test for every window.
    #[test]
    fn a_window_has_its_own_requests_by_endpoint() {
        let mut timeline = Timeline {
            start_s: 100,
            seconds: vec![Second { ok: 4.0, ..Second::default() }; 3],
            endpoints: vec![("/b".to_owned(), 7), ("/a".to_owned(), 5)],
            ..Timeline::default()
        };
        for (second, endpoints) in [(100, [0, 0, 0, 1]), (101, [0, 1, 1, 1]), (102, [0, 1, 1, 1])] {
            let durations = &mut timeline.endpoint_durations;
            for endpoint in endpoints {
                durations.add(second, Some(endpoint), 1_000);
            }
        }
        let within = |from, to| timeline.endpoints_in(Window { from, to });
        let of = |a, b| Some(vec![("/a".to_owned(), a), ("/b".to_owned(), b)]);
        assert_eq!((within(0, 3), within(1, 3)), (of(5, 7), of(2, 6)));
        timeline.seconds[1].ok = 40.0;
        assert_eq!(timeline.endpoints_in(Window { from: 1, to: 3 }), None, "most are not known");
    }
}
