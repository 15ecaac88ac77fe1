//! Totals of a load test between two of its times.

use crate::time::length_us;
use spikeflame_load::Timeline;
use spikeflame_load::plateau::{Stretch, Window as Seconds};
use spikeflame_profile::wall;

/// Returns totals of a load test between two times, in microseconds since its start. Requests are
/// counted to a tenth of a second; percentiles cover whole seconds.
pub(crate) fn stretch(timeline: &Timeline, from_us: u64, to_us: u64) -> Option<Stretch> {
    let to_us = to_us.min(length_us(timeline.seconds.len()));
    if from_us >= to_us {
        return None;
    }
    let second = |us: u64| us / length_us(1);
    let inner =
        Seconds { from: from_us.div_ceil(length_us(1)) as usize, to: second(to_us) as usize };
    let outer =
        Seconds { from: second(from_us) as usize, to: to_us.div_ceil(length_us(1)) as usize };
    if inner == outer {
        return Some(Stretch::measure(timeline, inner));
    }
    let shown = if inner.from < inner.to { inner } else { outer };
    let measured = Stretch::measure(timeline, shown);
    let missing_us = length_us(measured.missing_s);
    let known_us = timeline.covered_us(from_us, to_us).saturating_sub(missing_us);
    let requests = requests(timeline, from_us, to_us);
    let rps = requests / wall::seconds_of(known_us);
    // Missing seconds count with the mean of the others.
    let missing =
        if missing_us > 0 && rps.is_finite() { rps * wall::seconds_of(missing_us) } else { 0.0 };
    Some(Stretch { requests: requests + missing, rps, ..measured })
}

/// Returns the times at which these shares of the successful requests between two times of a test
/// had ended, in microseconds since its start, with the number of requests before each. `shares` rise
/// from 0 to 1. Returns `None` when no request ended.
pub(crate) fn milestones(
    timeline: &Timeline,
    (from_us, to_us): (u64, u64),
    shares: &[f64],
) -> Option<Vec<(u64, f64)>> {
    let to_us = to_us.min(length_us(timeline.seconds.len()));
    let all = requests(timeline, from_us, to_us);
    if all <= 0.0 {
        return None;
    }
    let tenth_us = length_us(1) / 10;
    let (mut at_us, mut done, mut found) = (from_us, 0.0, Vec::with_capacity(shares.len()));
    for share in shares {
        while at_us < to_us {
            let next_us = ((at_us / tenth_us + 1) * tenth_us).min(to_us);
            let more = requests(timeline, at_us, next_us);
            if done + more >= share * all {
                break;
            }
            (at_us, done) = (next_us, done + more);
        }
        // Requests of a tenth of a second are spread evenly.
        let next_us = ((at_us / tenth_us + 1) * tenth_us).min(to_us);
        let (more, missing) = (requests(timeline, at_us, next_us), share * all - done);
        let part = if more > 0.0 { (missing / more).clamp(0.0, 1.0) } else { 0.0 };
        let within_us = (part * next_us.saturating_sub(at_us) as f64) as u64;
        found.push((at_us + within_us, share * all));
    }
    Some(found)
}

/// Returns the number of successful requests that ended between two times of a test.
fn requests(timeline: &Timeline, from_us: u64, to_us: u64) -> f64 {
    let tenth_us = length_us(1) / 10;
    let (first, last) = (from_us / length_us(1), to_us.div_ceil(length_us(1)));
    let mut sum = 0.0;
    for at in first..last {
        let Some(second) = timeline.seconds.get(at as usize) else { break };
        let start = at * length_us(1);
        if from_us <= start && start + length_us(1) <= to_us {
            sum += second.ok;
            continue;
        }
        for (place, ok) in second.tenths.iter().enumerate() {
            let from = start + place as u64 * tenth_us;
            let within = (from + tenth_us).min(to_us).saturating_sub(from.max(from_us));
            sum += ok * within as f64 / tenth_us as f64;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;
    use spikeflame_load::{Recorder, Second};

    /// The error was: a test that began shortly before the end of a second had a second more in its rate.
    #[test]
    fn a_rate_is_that_of_the_time_in_which_the_test_ran() {
        let mut recorder = Recorder::default();
        for at in 0..400 {
            recorder.request(10_960_000 + at * 10_000, 10_000, true);
        }
        let test = recorder.finish("made".as_ref(), "example").unwrap();
        let rate = |from, to| stretch(&test, from, to).unwrap().rps.round();
        let all = length_us(5);
        assert_eq!((rate(0, all), rate(0, length_us(3))), (100.0, 100.0));
        assert_eq!((rate(900_000, all), rate(900_000, 4_700_000)), (100.0, 100.0));
    }

    #[test]
    fn milestones_are_where_a_share_of_the_requests_had_ended() {
        let second = |ok: f64| Second { ok, tenths: [ok / 10.0; 10], ..Second::default() };
        let seconds = vec![second(0.0), second(10.0), second(0.0), second(30.0)];
        let test = Timeline { seconds, ..Timeline::default() };
        let whole = (0, length_us(4));
        let found = milestones(&test, whole, &[0.125, 0.25, 0.5, 1.0]).unwrap();
        let times: Vec<u64> = found.iter().map(|(us, _)| us / 1_000).collect();
        let done: Vec<f64> = found.iter().map(|(_, done)| *done).collect();
        assert_eq!(done, [5.0, 10.0, 20.0, 40.0]);
        for (time, right) in times.iter().zip([1_500, 2_000, 3_333, 4_000]) {
            assert!(time.abs_diff(right) <= 1, "{times:?}");
        }
        let within = milestones(&test, (length_us(1), length_us(3)), &[0.5]).unwrap();
        assert_eq!(within, [(1_500_000, 5.0)]);
        assert_eq!(milestones(&test, (0, length_us(1)), &[0.5]), None);
        assert_eq!(milestones(&Timeline::default(), whole, &[0.5]), None);
    }
}
