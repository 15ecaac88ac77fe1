//! Smoothed series with one value for each second, in which the plateau is searched.

mod arrival_users;
mod axis;
mod durations;
mod each;
mod spaced;

pub(crate) use arrival_users::may_be_under_way;
use axis::looks_like;
pub use axis::{Axis, wanted_rates};
pub(crate) use durations::{
    DURATIONS, MEAN, answers, durations, known_quantile, percentile, percentile_of, summary_ms,
};
pub(crate) use each::{WITHOUT_USERS, carried, most_users, users_known, users_not_written};
use each::{in_flights, means};

use crate::stats::{median, running};
use crate::timeline::{Second, Timeline};

/// The load, the goodput, the 95th percentile and the share of failures in each second of a test,
/// except its first and last second, which are rarely whole. Most values are smoothed over some
/// seconds.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// The quantity that `load` contains.
    pub axis: Axis,
    /// Index in [`Timeline::seconds`] of the first value. It is always 1.
    pub first: usize,
    /// The load of each second in the quantity of `axis`. With [`Axis::Vus`], a second without a number of
    /// users has one that is estimated from those around it.
    pub load: Vec<f64>,
    /// Successful requests a second, smoothed over 5 s or more. Failed requests are left out,
    /// because they often end fast: their rate rises when the system is overloaded.
    pub goodput: Vec<f64>,
    /// 95th percentile of durations around each second, in milliseconds; `NAN` where there is none.
    pub p95: Vec<f64>,
    /// Share of failed requests around each second, from 0 to 1; `NAN` when it is not known, and
    /// where there are no requests.
    pub error_rate: Vec<f64>,
}

impl Series {
    /// Builds the series from all seconds of a timeline but the first and the last. Without `axis`,
    /// the quantity of the load is chosen from the timeline. Returns `None` for less than three seconds, and
    /// when they do not show the load.
    ///
    /// ```
    /// use spikeflame_load::{Recorder, Series};
    ///
    /// let mut recorder = Recorder::default();
    /// for second in 0..20 {
    ///     recorder.vus(second * 1_000_000, second as f64);
    ///     recorder.request(second * 1_000_000 + 500_000, 20_000, true);
    /// }
    /// let timeline = recorder.finish("made".as_ref(), "example")?;
    /// let series = Series::from_timeline(&timeline, None).ok_or("no load")?;
    /// assert_eq!(series.goodput.len(), 18);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_timeline(timeline: &Timeline, axis: Option<Axis>) -> Option<Self> {
        let inner = timeline.seconds.len().checked_sub(2).filter(|&inner| inner > 0)?;
        let seconds = timeline.seconds.get(1..=inner)?;
        let axis = axis.or_else(|| looks_like(timeline, seconds))?;
        let load = match axis {
            Axis::Vus => carried(seconds)?,
            Axis::Rate => means(wanted_rates(timeline).get(1..=inner)?, 9),
            Axis::InFlight => in_flights(seconds),
        };
        // Values between two rows of a table are interpolated.
        let row = timeline.resolution_s as usize;
        let smooth = |steps: Vec<f64>| if row > 1 { means(&steps, row) } else { steps };
        let load = smooth(bridged(seconds, load));
        let ok = seconds.iter().map(|second| second.ok).collect();
        let ok = smooth(bridged(seconds, ok));
        let around = |at: usize| {
            seconds.get(at.saturating_sub(2)..(at + 3).min(seconds.len())).unwrap_or_default()
        };
        Some(Self {
            axis,
            first: 1,
            load,
            goodput: running(&ok, 5, |w| median(w.iter().copied()).unwrap_or_default()),
            p95: (0..seconds.len()).map(|at| percentile(around(at), 0.95)).collect(),
            error_rate: (0..seconds.len())
                .map(|at| if timeline.failures_unknown { f64::NAN } else { error_rate(around(at)) })
                .collect(),
        })
    }
}

/// Returns the values. A missing second gets the last known value.
fn bridged(seconds: &[Second], mut values: Vec<f64>) -> Vec<f64> {
    let mut last = None;
    for (second, value) in seconds.iter().zip(&mut values) {
        *value = if second.missing { last.unwrap_or(*value) } else { *value };
        last = Some(*value);
    }
    values
}

/// Returns the share of failed requests; NaN without a request.
pub(crate) fn error_rate(seconds: &[Second]) -> f64 {
    let failed: f64 = seconds.iter().map(|second| second.failed).sum();
    let ok: f64 = seconds.iter().map(|second| second.ok).sum();
    failed / (ok + failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeline::LatencySummary;

    fn table(rows: &[(f64, f64)]) -> Timeline {
        let second = |&(ok, vus): &(f64, f64)| Second {
            ok,
            started: ok,
            vus: Some(vus),
            ..Second::default()
        };
        let seconds = rows.iter().map(second).collect();
        Timeline { seconds, resolution_s: 1, ..Timeline::default() }
    }

    /// The error was: a server that stopped for 15 s under a constant arrival rate was called
    /// saturated, because the users in progress piled up and counted as the load.
    #[test]
    fn users_who_pile_up_while_answers_stop_show_an_arrival_rate() {
        let mut rows = vec![(20.0, 1.0); 20];
        rows.extend((1..=10).map(|at| (0.0, 1.0 + 20.0 * f64::from(at))));
        rows.push((220.0, 1.0));
        rows.extend([(20.0, 1.0); 20]);
        let timeline = table(&rows);
        let series = Series::from_timeline(&timeline, None).unwrap();
        assert_eq!(series.axis, Axis::Rate);
        assert!(series.load.iter().all(|rate| (18.0..=22.0).contains(rate)), "{:?}", series.load);
        // Users of a schedule stay when the answers come.
        let mut closed = rows.clone();
        closed.iter_mut().skip(30).for_each(|row| row.1 = 201.0);
        assert_eq!(Series::from_timeline(&table(&closed), None).unwrap().axis, Axis::Vus);
        // Fewer requests come while users wait.
        let mut waiting = rows;
        waiting.iter_mut().for_each(|row| row.1 = 20.0);
        assert_eq!(Series::from_timeline(&table(&waiting), None).unwrap().axis, Axis::Vus);
    }

    /// The error was: with sixty users of a schedule and a few of an arrival rate in one test, all
    /// counted as the pool of a rate, and nothing of the plateau was found.
    #[test]
    fn a_few_users_of_a_rate_beside_many_are_no_pool() {
        let second = |at: usize| Second {
            ok: 180.0,
            started: 180.0,
            in_flight: Some(50.0),
            vus: Some(if at < 4 { 2.0 } else { 60.0 + 2.0 * (at % 2) as f64 }),
            ..Second::default()
        };
        let seconds: Vec<Second> = (0..20).map(second).collect();
        let timeline = Timeline { seconds, resolution_s: 1, ..Timeline::default() };
        assert_eq!(Series::from_timeline(&timeline, None).unwrap().axis, Axis::Vus);
    }

    /// The error was: 30 users who send together every two seconds were called the pool of an
    /// arrival rate, and the load "requests wanted a second".
    #[test]
    fn users_who_send_together_are_no_pool() {
        let second = |at: usize| {
            let count = if at.is_multiple_of(2) { 30.0 + (at / 4) as f64 } else { 0.0 };
            Second {
                ok: count,
                started: count,
                in_flight: Some(count * 0.05),
                vus: Some(30.0),
                ..Second::default()
            }
        };
        let seconds: Vec<Second> = (0..40).map(second).collect();
        let timeline = Timeline { seconds, resolution_s: 1, ..Timeline::default() };
        assert_eq!(Series::from_timeline(&timeline, None).unwrap().axis, Axis::Vus);
    }

    /// The error was: five users whose answers became late were called the pool of an arrival rate,
    /// because they sent fewer requests.
    #[test]
    fn users_who_send_less_because_answers_are_late_are_no_pool() {
        let second = |at: usize| {
            let mean = if at < 20 { 6.0 } else { 80.0 };
            let told = LatencySummary { p50: f64::NAN, p95: f64::NAN, p99: f64::NAN, mean };
            let ok = 5.0 / (0.1 + mean / 1e3);
            Second {
                ok,
                started: ok,
                vus: Some(5.0),
                latency_summary: Some(told),
                ..Second::default()
            }
        };
        let seconds: Vec<Second> = (0..40).map(second).collect();
        let mut timeline = Timeline { seconds, resolution_s: 1, ..Timeline::default() };
        assert_eq!(Series::from_timeline(&timeline, None).unwrap().axis, Axis::Vus);
        // Users whose number stays while the rate changes by itself are a pool.
        for (at, second) in timeline.seconds.iter_mut().enumerate() {
            second.latency_summary =
                second.latency_summary.map(|told| LatencySummary { mean: 6.0, ..told });
            second.ok = if at < 20 { 45.0 } else { 25.0 };
            second.started = second.ok;
        }
        assert_ne!(Series::from_timeline(&timeline, None).unwrap().axis, Axis::Vus);
    }

    #[test]
    fn means_are_cut_off_at_the_ends() {
        assert_eq!(means(&[1.0, 2.0, 3.0, 4.0], 3), [1.5, 2.0, 3.0, 3.5]);
        assert_eq!(means(&[1.0, 2.0, 6.0], 1000), [3.0; 3]);
        assert_eq!(means(&[], 9), [0.0; 0]);
    }
}
