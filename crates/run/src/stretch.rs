//! Totals of a load test between two of its times.

use crate::time::length_us;
use spikeflame_load::Timeline;
use spikeflame_load::plateau::{Stretch, Window as Seconds};

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
    let known_us = (to_us - from_us).saturating_sub(missing_us);
    let requests = requests(timeline, from_us, to_us);
    let rps = requests * 1e6 / known_us as f64;
    // Missing seconds count with the mean of the others.
    let missing =
        if missing_us > 0 && rps.is_finite() { rps * missing_us as f64 / 1e6 } else { 0.0 };
    Some(Stretch { requests: requests + missing, rps, ..measured })
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
