//! Chooses the quantity in which the load of a test is measured.

use super::arrival_users::{are_under_way, balance};
use super::each::{carried, in_flights, means, wanted};
use super::spaced::are_spaced;
use crate::stats::{kendall, median};
use crate::timeline::{Second, Timeline};

/// The quantity in which the load of a test is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// Virtual users, who wait for answers before they send further requests.
    Vus,
    /// Requests wanted a second ([`wanted_rates`]): those that began, and iterations that were dropped
    /// (arrival-rate executors).
    Rate,
    /// Requests under way at the same time: counted, or computed as requests a second times
    /// duration (Little's law).
    InFlight,
}

/// Load generators whose clients wait for each answer.
const CLOSED: [&str; 4] = ["ab's table", "hey", "h2load's log", "Artillery report of loops"];

fn is_closed(timeline: &Timeline) -> bool {
    timeline.closed || CLOSED.contains(&timeline.format)
}

/// The load generator whose users come at a rate, whether or not the system answers. Its number of
/// users is that of those who still wait for answers.
const OPEN_LOOP_GENERATOR: &str = "Artillery report";
/// Fewest seconds from which a pool or a closed loop is recognised.
const FEWEST_SECONDS: usize = 15;

/// Smallest rate at which evenly spaced requests leave no second empty, with room for delays.
const EVEN_RATE: f64 = 3.0;

/// Returns the number of requests that were wanted in each of [`Timeline::seconds`]: as a rule the
/// sum of [`Second::started`] and [`Second::dropped`]. For an input that lacks the starts of
/// requests, it may be an estimate from the numbers of answers and users.
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
/// Standard deviations of chance (Poisson) by which the answers of a stop are fewer than usual. A slow
/// server gives none for some seconds now and then.
const NO_CHANCE: f64 = 4.0;

/// Returns the requests that arrived in each second, when they arrive at a rate. A stop of the answers shows this:
/// users who wait for an answer send nothing meanwhile, but as many requests as before came, and their
/// users left when the answers came. So does a table in which answers and new users balance ([`balance`]).
/// Returns `None` otherwise.
pub(super) fn arrivals(timeline: &Timeline) -> Option<Vec<f64>> {
    let seconds = timeline.seconds.as_slice();
    if is_closed(timeline) {
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
    if !begun_known
        && let Some(users) = &users
        && balance(timeline, seconds, users, &arrived)
    {
        return Some(arrived);
    }
    let under_way = users.or(flights)?;
    let mut usual = std::collections::VecDeque::new();
    // The requests that arrived in the seconds of a stop, and the users before it.
    let (mut stop, mut before): (Vec<f64>, f64) = (Vec::new(), 0.0);
    let mut answered = 0.0;
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
            answered += second.requests();
            continue;
        }
        let kept_coming = || median(stop.iter().copied()) >= rate.map(|rate| KEEPS_COMING * rate);
        let usual_answers = stop.len() as f64 * rate.unwrap_or_default();
        let is_chance = usual_answers - answered < NO_CHANCE * usual_answers.sqrt();
        if stop.len() >= STOP_S && !is_chance && kept_coming() {
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
        answered = 0.0;
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

/// Change of the number of users, as a share of the greatest number, that is no turn of a schedule.
const SMALL_CHANGE: f64 = 0.05;

/// Fewest users whose number shows whether it changes evenly: small ones are often the same by chance.
const ENOUGH_USERS: f64 = 10.0;
/// Change of a step, as a share of it, up to which the users' number goes on as before.
const AS_BEFORE: f64 = 0.6;
/// Share of the seconds in which the users' number stands or goes on as before, from which it is that of a schedule. A
/// number whose steps do not depend on each other does so in a quarter of its seconds.
const EVENLY: f64 = 0.5;

/// Returns true when the users' number changes evenly from second to second, so that its turns are those of a
/// schedule (a sawtooth, waves). A change of up to `clear` users is none.
fn is_even(users: &[f64], clear: f64) -> bool {
    let three = users.windows(3).filter_map(|three| match three {
        [a, b, c] if a.min(*b).min(*c) >= ENOUGH_USERS => {
            let step = (b - a).abs().max((c - b).abs());
            Some((a - 2.0 * b + c).abs() <= clear.max(AS_BEFORE * step))
        }
        _ => None,
    });
    let three: Vec<bool> = three.collect();
    let even = three.iter().filter(|even| **even).count();
    !three.is_empty() && even as f64 >= EVENLY * three.len() as f64
}

/// Chooses between users, a rate, and requests in flight. A schedule changes the direction of the
/// users' number only a few times in a test. When their number follows the requests in flight, it
/// goes up and down all the time, and when it is only the size of a pool, the rate changes without it.
pub(super) fn looks_like(timeline: &Timeline, seconds: &[Second]) -> Option<Axis> {
    let known = seconds.iter().any(|second| second.in_flight.is_some() || second.dropped > 0.0);
    let all_wanted: f64 = seconds.iter().map(wanted).sum();
    if arrivals(timeline).is_some() || timeline.format == OPEN_LOOP_GENERATOR && all_wanted > 0.0 {
        return Some(Axis::Rate);
    }
    // Clients that wait begin requests as irregularly as others end.
    let closed = is_closed(timeline) || waits(seconds) && !are_spaced(seconds, timeline.coarse);
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
    let restless = turns > 5 && turns * 10 > seconds.len() && !is_even(&vus, clear);
    if are_under_way(timeline, seconds, &vus) {
        // Requests that pile up and are served later look as if their clients waited for them.
        return if known { Some(Axis::Rate) } else { rate };
    }
    let is_rate = dropped || restless || is_pool(seconds, &vus);
    if is_rate { rate } else { Some(Axis::Vus) }
}

/// Returns true when the number of users stands still, most of them have nothing to do, and the
/// rate grows all the same: they are the pool of an arrival rate.
fn is_pool(seconds: &[Second], vus: &[f64]) -> bool {
    let most = vus.iter().copied().fold(0.0, f64::max);
    let least = vus.iter().copied().fold(f64::INFINITY, f64::min);
    let begun = seconds.iter().filter(|second| second.started > 0.0).count();
    if least < most || begun < FEWEST_SECONDS {
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
    if seconds.len() < FEWEST_SECONDS || seconds.iter().any(|second| second.dropped > 0.0) {
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
