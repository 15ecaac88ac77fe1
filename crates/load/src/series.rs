//! Smoothed series with one value for each second, in which the plateau is searched.

mod durations;

use durations::between;
pub(crate) use durations::{DURATIONS, MEAN, durations, percentile, told};

use crate::stats::{kendall, median, running};
use crate::timeline::{Second, Timeline};

/// The quantity in which the load of a test is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// Virtual users, each of which waits for its answer before it sends the next request.
    Vus,
    /// Requests wanted a second: those that began, and iterations that were dropped (arrival-rate
    /// executors). The number does not depend on whether requests are answered.
    Rate,
    /// Requests under way at the same time: counted, or computed as requests a second times
    /// duration (Little's law). It is used for load generators that keep this number constant, and
    /// when the input has neither users nor wanted requests.
    InFlight,
}

/// Load generators whose clients wait for each answer.
const CLOSED: [&str; 4] = ["ab's table", "hey", "h2load's log", "Artillery report of loops"];
/// The load generator whose users come at a rate, whether or not the system answers. Its number of
/// users is that of those who still wait for answers.
const OPEN: &str = "Artillery report";
/// Fewest seconds from which a pool or a closed loop is recognised.
const STEADY: usize = 15;

/// Smallest rate at which evenly spaced requests leave no second empty, with room for delays.
const EVEN_RATE: f64 = 3.0;

/// A smoothed timeline with one value for each second. The first and the last second of the test
/// are left out, because they are not complete.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// The quantity that `load` contains.
    pub axis: Axis,
    /// Index in [`Timeline::seconds`] of the first value. It is always 1.
    pub first: usize,
    /// The load of each second in the quantity of `axis`: virtual users, requests wanted a second
    /// (mean of 9 s), or requests in flight. A second without a number of users has the number
    /// before it.
    pub load: Vec<f64>,
    /// Successful requests a second (running median of 5 s). Failed requests are left out, because
    /// they often end fast: their rate rises when the system is overloaded.
    pub goodput: Vec<f64>,
    /// 95th percentile of the durations of successful requests, over the 5 s around each second, in
    /// milliseconds; `NAN` without a duration.
    pub p95: Vec<f64>,
    /// Share of failed requests over the 5 s around each second, from 0 to 1; `NAN` without a
    /// request, or when the input does not show failures.
    pub error_rate: Vec<f64>,
}

impl Series {
    /// Builds the series from all seconds of a timeline but the first and the last. Without `axis`,
    /// the quantity is chosen from the timeline. A missing second has the load and the goodput of the
    /// second before it, and for a table both are smoothed over the length of a row. Returns `None`
    /// for fewer than three seconds, and when the timeline does not have the quantity.
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

/// Returns the running mean over `width` values. Its cost does not depend on `width`.
fn means(values: &[f64], width: usize) -> Vec<f64> {
    let mut sums = vec![0.0];
    let mut sum = 0.0;
    sums.extend(values.iter().map(|value| {
        sum += value;
        sum
    }));
    let (half, end) = (width / 2, values.len());
    let at = |place: usize| sums.get(place).copied().unwrap_or(sum);
    let mean = |place: usize| {
        let (from, to) = (place.saturating_sub(half), (place + half + 1).min(end));
        (at(to) - at(from)) / (to - from) as f64
    };
    (0..end).map(mean).collect()
}

/// Returns the number of requests that were wanted in a second.
pub(crate) fn wanted(second: &Second) -> f64 {
    second.started + second.dropped
}

/// Returns the number of requests that were wanted in each of [`Timeline::seconds`]. It is the sum
/// of [`Second::started`] and [`Second::dropped`].
///
/// A table that lacks the starts of requests is an exception, when its answers stop for 3 s or more
/// while requests keep arriving at the usual rate. Then the number for each second is the requests
/// that ended in it plus the growth of the number of users.
///
/// ```
/// use spikeflame_load::{Second, Timeline, wanted_rates};
///
/// let second = Second { started: 20.0, dropped: 5.0, ..Second::default() };
/// assert_eq!(wanted_rates(&Timeline { seconds: vec![second], ..Timeline::default() }), [25.0]);
/// ```
pub fn wanted_rates(timeline: &Timeline) -> Vec<f64> {
    arrivals(timeline).unwrap_or_else(|| timeline.seconds.iter().map(wanted).collect())
}

/// Seconds before a stop of the answers that show the usual rate.
const USUAL_S: usize = 10;
/// The fewest of these seconds: the median of five stays when two of them are odd.
const LEAST_USUAL_S: usize = 5;
/// Share of the usual rate below which answers have stopped.
const STOPPED: f64 = 0.5;
/// Share of the usual rate from which requests keep coming, and of the requests of a second that are
/// answered in a calm one.
const KEEPS_COMING: f64 = 0.7;
/// Fewest seconds of a stop. Requests that begin in one second and end in the next are no stop.
const STOP_S: usize = 3;

/// Returns the requests that arrived in each second, when a stop of the answers shows that they
/// arrive at a rate: users who wait for an answer send nothing meanwhile, but as many requests as
/// before came, and their users left when the answers came. Returns `None` otherwise.
fn arrivals(timeline: &Timeline) -> Option<Vec<f64>> {
    let seconds = timeline.seconds.as_slice();
    if CLOSED.contains(&timeline.format) {
        return None;
    }
    let flights: Option<Vec<f64>> = seconds.iter().map(|second| second.in_flight).collect();
    let users = carried(seconds);
    let begun_known = seconds
        .iter()
        .any(|second| second.in_flight.is_some() || second.started != second.requests());
    let arrived: Vec<f64> = match &users {
        _ if begun_known => seconds.iter().map(wanted).collect(),
        None => return None,
        Some(users) => {
            let row = (timeline.resolution_s as usize).max(1);
            let before = users.iter().take(1).cycle().take(row).chain(users);
            let grown = users.iter().zip(before).map(|(now, before)| (now - before) / row as f64);
            seconds
                .iter()
                .zip(grown)
                .map(|(one, grown)| (one.requests() + grown).max(0.0))
                .collect()
        }
    };
    let under_way = users.or(flights)?;
    let mut usual = std::collections::VecDeque::new();
    // The requests that arrived in the seconds of a stop, and the users before it.
    let (mut stop, mut before): (Vec<f64>, f64) = (Vec::new(), 0.0);
    for (at, (second, now)) in seconds.iter().zip(&arrived).enumerate() {
        if second.missing {
            continue;
        }
        let rate = median(usual.iter().copied()).filter(|_| usual.len() >= LEAST_USUAL_S);
        if rate.is_some_and(|rate| second.requests() < STOPPED * rate) {
            if stop.is_empty() {
                before = at.checked_sub(1).and_then(|at| under_way.get(at)).copied()?;
            }
            stop.push(*now);
            continue;
        }
        let kept_coming = || median(stop.iter().copied()) >= rate.map(|rate| KEEPS_COMING * rate);
        if stop.len() >= STOP_S && kept_coming() {
            let later = under_way.get(at..(at + 2 * stop.len() + 5).min(under_way.len()))?;
            let least = later.iter().copied().fold(f64::INFINITY, f64::min);
            let from = at + stop.len();
            if least <= 2.0 * before + 2.0
                || rate.is_some_and(|rate| goes_on(seconds, &under_way, from, rate, before))
            {
                return Some(arrived);
            }
        }
        stop.clear();
        if second.requests() >= KEEPS_COMING * now {
            usual.push_back(*now);
            if usual.len() > USUAL_S {
                usual.pop_front();
            }
        }
    }
    None
}

/// Returns true when the rate is the usual one again some seconds after a stop, although there are
/// many more users, most of whom have nothing to do. k6 never takes a user of an arrival rate away.
/// Users who wait for their answers would send more requests, or wait longer for them. Without
/// durations, requests in flight are not known, and all are 0.
fn goes_on(seconds: &[Second], users: &[f64], from: usize, rate: f64, before: f64) -> bool {
    let after = from..(from + USUAL_S).min(seconds.len());
    let part = seconds.get(after.clone()).unwrap_or_default();
    let known = || part.iter().filter(|second| !second.missing);
    let again = median(known().map(Second::requests));
    let flights = in_flights(part);
    let waiting = median(
        part.iter().zip(flights).filter(|(second, _)| !second.missing).map(|(_, waiting)| waiting),
    );
    let users = median(users.get(after).unwrap_or_default().iter().copied());
    part.len() >= LEAST_USUAL_S
        && again.is_some_and(|again| (KEEPS_COMING..1.0 / KEEPS_COMING).contains(&(again / rate)))
        && users.is_some_and(|users| {
            users > 2.0 * before + 2.0
                && waiting.is_some_and(|waiting| waiting > 0.0 && waiting < 0.5 * users)
        })
}

/// Returns the requests in flight in each second: the value from the input, or else rate times
/// duration. A duration without a value is computed from those beside it.
fn in_flights(seconds: &[Second]) -> Vec<f64> {
    let each = DURATIONS.map(|q| durations(seconds, q));
    let in_flight = |(at, second): (usize, &Second)| {
        let told = each.iter().filter_map(|durations| durations.get(at).copied());
        let each = second.latencies.quantile_ms(0.5);
        let took_ms = each.into_iter().chain(told).find(|ms| ms.is_finite());
        second.in_flight.unwrap_or(second.requests() * took_ms.unwrap_or_default() / 1e3)
    };
    seconds.iter().enumerate().map(in_flight).collect()
}

/// Most seconds in which requests end without a number of users, before the number counts as
/// unknown.
pub(crate) const WITHOUT_USERS: usize = 10;

/// Longest time between two numbers of users within which the number is assumed to change evenly.
const BETWEEN_USERS: usize = 60;

/// Returns the virtual users of each second. A second without a number lies between the numbers
/// before and after it; when these are far apart, or there is none after it, it gets the last one.
pub(crate) fn carried(seconds: &[Second]) -> Option<Vec<f64>> {
    let known: Vec<Option<f64>> = seconds.iter().map(|second| second.vus).collect();
    let mut last = known.iter().find_map(|users| *users)?;
    let carry = |(users, even): (&Option<f64>, f64)| {
        last = users.unwrap_or(last);
        if even.is_nan() { last } else { even }
    };
    Some(known.iter().zip(between(&known, BETWEEN_USERS)).map(carry).collect())
}

/// Returns the most users that each second may have: its own number, or the greater one of the
/// numbers before and after it.
pub(crate) fn most_users(seconds: &[Second]) -> Vec<f64> {
    let mut most: Vec<f64> = Vec::with_capacity(seconds.len());
    let mut last: Option<f64> = None;
    for second in seconds {
        last = second.vus.or(last);
        most.push(last.unwrap_or_default());
    }
    let mut next: Option<f64> = None;
    for (second, most) in seconds.iter().zip(&mut most).rev() {
        next = second.vus.or(next);
        *most = second.vus.unwrap_or(most.max(next.unwrap_or_default()));
    }
    most
}

/// Returns for each second whether the number of users is known: from the second itself, or from
/// one at most `longest` seconds before it.
pub(crate) fn users_known(timeline: &Timeline, longest: usize) -> Vec<bool> {
    let longest = longest.max(2 * timeline.resolution_s as usize);
    let mut since = 0;
    let known = |second: &Second| {
        since = if second.vus.is_some() { 0 } else { since + 1 };
        since <= longest
    };
    timeline.seconds.iter().map(known).collect()
}

/// Change of the number of users, as a share of the greatest number, that is no turn of a schedule.
const SMALL_CHANGE: f64 = 0.05;

/// Chooses between users and rate. A schedule changes the direction of the users' number only a few
/// times in a test. When their number follows the requests in flight, it goes up and down all the
/// time, and when it is only the size of a pool, the rate changes without it.
fn looks_like(timeline: &Timeline, seconds: &[Second]) -> Option<Axis> {
    let known = seconds.iter().any(|second| second.in_flight.is_some() || second.dropped > 0.0);
    let all_wanted: f64 = seconds.iter().map(wanted).sum();
    if arrivals(timeline).is_some() || timeline.format == OPEN && all_wanted > 0.0 {
        return Some(Axis::Rate);
    }
    let closed = CLOSED.contains(&timeline.format) || waits(seconds);
    // The rate in a table counts answers, not wanted requests.
    let by_rate = if known && !closed { Axis::Rate } else { Axis::InFlight };
    let rate = (all_wanted > 0.0).then_some(by_rate);
    let Some(vus) = carried(seconds) else { return rate };
    // A few users of an arrival rate beside many of a schedule come and go without effect. Requests
    // in flight change by about the square root of their number.
    let most = vus.iter().copied().fold(0.0, f64::max);
    let clear = (SMALL_CHANGE * most).min(most.sqrt() / 2.0);
    let steps = vus.windows(2).filter_map(|pair| match pair {
        [a, b] if (b - a).abs() > clear => Some(b > a),
        _ => None,
    });
    let steps: Vec<bool> = steps.collect();
    let turns = steps.windows(2).filter(|pair| pair.first() != pair.last()).count();
    let dropped = seconds.iter().any(|second| second.dropped > 0.0);
    let restless = turns > 5 && turns * 10 > seconds.len();
    if dropped || restless || is_pool(seconds, &vus) { rate } else { Some(Axis::Vus) }
}

/// Returns true when the number of users stands still, most of them have nothing to do, and the
/// rate grows all the same: they are the pool of an arrival rate.
fn is_pool(seconds: &[Second], vus: &[f64]) -> bool {
    let most = vus.iter().copied().fold(0.0, f64::max);
    let least = vus.iter().copied().fold(f64::INFINITY, f64::min);
    let begun = seconds.iter().filter(|second| second.started > 0.0).count();
    if least < most || begun < STEADY {
        return false;
    }
    let each: Vec<f64> = seconds.iter().map(wanted).collect();
    let rate = means(&each, 9);
    let is_empty = |at: &usize| each.get(*at) == Some(&0.0);
    let alone = |at: &usize| rate.get(*at).is_some_and(|rate| *rate >= EVEN_RATE);
    if (0..each.len()).filter(alone).filter(is_empty).count() > each.len() / 10 {
        return false;
    }
    let in_flight = means(&in_flights(seconds), 9);
    let busiest = in_flight.iter().copied().fold(0.0, f64::max);
    let highest = rate.iter().copied().fold(0.0, f64::max);
    let lowest = rate.iter().copied().fold(highest, f64::min);
    // Users who wait and then pause send fewer requests when answers are late, but their pauses
    // stay the same.
    let pauses = || in_flight.iter().zip(&rate).map(|(waiting, rate)| (most - waiting) / rate);
    let pause_grows = pauses().fold(0.0, f64::max) / pauses().fold(f64::INFINITY, f64::min);
    // Without durations, requests in flight are not known, and all are 0.
    busiest > 0.0
        && busiest < 0.5 * most
        && lowest > 0.0
        && highest > 1.5 * lowest
        && pause_grows > (highest / lowest).sqrt()
}

/// Returns true when requests in flight grow and grow, the rate does not, and every request that
/// begins is answered. Then the clients wait for their answers. With an arrival rate above the
/// limit, requests would pile up unanswered.
fn waits(seconds: &[Second]) -> bool {
    if seconds.len() < STEADY || seconds.iter().any(|second| second.dropped > 0.0) {
        return false;
    }
    let in_flight = means(&in_flights(seconds), 9);
    let rate = means(&seconds.iter().map(wanted).collect::<Vec<_>>(), 9);
    let high = in_flight.iter().copied().fold(0.0, f64::max);
    let Some(peak) = in_flight.iter().position(|&x| x >= high) else { return false };
    let half = in_flight.iter().take(peak).position(|&x| x >= 0.5 * high).unwrap_or(peak);
    let grew = rate.get(half).zip(rate.get(peak)).is_some_and(|(a, b)| *b > 1.1 * a);
    let up = in_flight.get(..=peak).unwrap_or_default();
    let order: Vec<f64> = (0..up.len()).map(|at| at as f64).collect();
    let (tau, _) = kendall(&order, up, 1.0);
    let low = up.iter().copied().fold(high, f64::min);
    let answered: f64 = seconds.iter().map(Second::requests).sum();
    let begun: f64 = seconds.iter().map(|second| second.started).sum();
    peak - half >= 5 && !grew && high > 3.0 * low && tau > 0.8 && begun <= 1.03 * answered
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
            Second { ok, started: ok, vus: Some(5.0), told: Some(told), ..Second::default() }
        };
        let seconds: Vec<Second> = (0..40).map(second).collect();
        let mut timeline = Timeline { seconds, resolution_s: 1, ..Timeline::default() };
        assert_eq!(Series::from_timeline(&timeline, None).unwrap().axis, Axis::Vus);
        // Users whose number stays while the rate changes by itself are a pool.
        for (at, second) in timeline.seconds.iter_mut().enumerate() {
            second.told = second.told.map(|told| LatencySummary { mean: 6.0, ..told });
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
