//! Recognises users that are only the requests under way of an arrival rate. k6 counts the users of
//! such a test that are in an iteration at the moment.

use super::durations::{DURATIONS, MEAN, durations, known_quantile};
use super::each::{carried, in_flights, means, wanted};
use super::spaced::{SPACED, are_spaced, bend, spread};
use crate::stats::{median, quantile};
use crate::timeline::{Second, Timeline};

/// Room for the difference between users and requests in flight, as a share of the requests.
const ROOM: f64 = 0.3;
/// This spread for ends in whole seconds, which late answers make larger, when seconds with requests have no users.
const NEARLY_SPACED: f64 = 1.0;
/// Most turns of the users' number that a schedule makes.
const MOST_TURNS: usize = 5;
/// One turn in so many seconds is more than a schedule makes.
const SECONDS_PER_TURN: usize = 10;
/// Duration, in times of the shortest, up to which a row is at rest.
const AT_REST: f64 = 1.3;
/// Duration, in times of the shortest, from which requests wait for others.
const LATE: f64 = 3.0;
/// Fewest seconds with late answers that show whether requests begin when others end.
const LEAST_LATE_S: usize = 8;
/// Unevenness of the answers, in times of that of the begun requests, from which these do not follow the answers.
const UNEVEN: f64 = 3.0;
/// Share of the seconds with late answers in which requests begin evenly.
const EVEN_SHARE: f64 = 0.4;
/// Unevenness of begun requests, in standard deviations of chance, that only a load generator has which spaces them.
const EXACT: f64 = 0.1;
/// Factor by which the rate of a user changes between two rows at rest when users do not decide the
/// rate. A row's users are those of its end, so the rate of a ramp's users changes a little, too.
const OTHER_RATE: f64 = 1.4;
/// Factor by which the rate of a user changes between the seconds at rest of a list of requests. Seconds have
/// their own users, so no error of a ramp is in it.
const OTHER_RATE_OF_SECONDS: f64 = 2.0;
/// Seconds over which the requests in flight and the begun ones are averaged.
const AVERAGED_S: usize = 9;
/// Fewest requests of a row with 0 users that shows that its users come and go: k6 counts users who pause, too.
const MANY_REQUESTS: f64 = 10.0;
/// Fewest such rows.
const LEAST_EMPTY: usize = 3;
/// Longest rows, in seconds, whose answers and users balance: the users of a longer row are those of a moment.
const BALANCED_ROW_S: usize = 3;
/// Fewest rows with a change of the users' number that show a balance.
const LEAST_CHANGES: usize = 5;
/// Ratio of the unevenness of answers plus new users to that of answers alone, up to which the users are the
/// requests under way. It is 1 or more for the users of a schedule, who do not know how many answers come.
const BALANCES: f64 = 0.5;
/// Rows with the greatest number of users from which this is the most that the load generator may have.
const AT_MOST: usize = 5;
/// Unevenness of a change of the users' number, as a share of the change, that a moment of counting explains which
/// differs from second to second.
const BY_CLOCK: f64 = 0.1;
/// Fewest requests that begin in a second of such a change.
const ENOUGH_BEGUN: f64 = 10.0;
/// Bend of the begun requests, in standard deviations of chance, from which the schedule has a step there.
const STEP: f64 = 4.0;
/// Share of the uneven changes beside which requests begin evenly when they arrive at a rate.
const EVENER: f64 = 0.6;
/// Users from which an even change of their number is no chance, and up to which requests under way often have the
/// same number.
const MANY_USERS: f64 = 10.0;
const FEW_USERS: f64 = 2.0;
/// Room for the difference between users and requests in flight, as [`ROOM`], where these are computed from a percentile,
/// and where the input has each request.
const ROOM_OF_A_QUANTILE: f64 = 1.0;
const ROOM_OF_A_LIST: f64 = 0.1;
/// Fewest even changes of the users' number that a schedule has.
const LEAST_EVEN: usize = 3;
/// Fewest pairs of such rows, and their least share among all pairs at rest.
const LEAST_PAIRS: usize = 2;
const LEAST_SHARE: f64 = 1.0 / 3.0;

/// Returns true when the users are those who wait for an answer at the moment, and requests arrive
/// at a rate. Users without pauses wait all the time, too, so this is not enough: in a list of single
/// requests, these begin evenly while the users' number goes up and down, or while fewer of them are answered
/// unevenly. In a table, rows at rest have other rates for each user.
///
/// In such a list, seconds with 0 users and many evenly begun requests are enough: k6 counts the users of a
/// schedule also while they pause.
pub(super) fn are_under_way(timeline: &Timeline, seconds: &[Second], users: &[f64]) -> bool {
    let flights = in_flights(seconds);
    let is_list = seconds.iter().any(|second| second.in_flight.is_some());
    let most = if timeline.coarse { NEARLY_SPACED } else { SPACED };
    let is_nearly = || spread(seconds, timeline.coarse).is_some_and(|spread| spread < most);
    if is_list && come_and_go(timeline, seconds) && is_nearly() {
        return true;
    }
    if !all_wait(&flights, users) || is_list && is_schedule(seconds, users) {
        return false;
    }
    match is_list {
        true => {
            let calm = users_at_rest(seconds, &flights, users);
            let turns = || goes_up_and_down(users) || goes_up_and_down(&calm);
            let is_other = || turns() || is_apart(seconds, &flights, users);
            are_spaced(seconds, timeline.coarse) && is_other()
                || do_not_follow(seconds, &flights)
                || is_exact_rate(timeline, seconds, &flights, users)
                || are_evener(seconds, users)
        }
        false => come_and_go(timeline, seconds) || is_rate_of_its_own(timeline, seconds),
    }
}

/// Returns true when about as many requests are under way as there are users.
fn all_wait(flights: &[f64], users: &[f64]) -> bool {
    let (all, waiting): (f64, f64) = (users.iter().sum(), flights.iter().sum());
    let room = ROOM * waiting + 0.5 * users.len() as f64;
    waiting > 0.0 && all <= waiting + room
}

/// Returns true when requests begin evenly in the seconds in which they wait longer than at rest, and are answered
/// far less evenly. Users without pauses begin a request when an answer comes.
fn do_not_follow(seconds: &[Second], flights: &[f64]) -> bool {
    let took = durations_of(seconds, flights);
    let shortest = shortest(&took);
    let three = seconds.windows(3).zip(took.iter().skip(1));
    let late = three.filter(|(_, took)| **took >= LATE * shortest).filter_map(|(three, _)| {
        let begun = bend(three.iter().map(wanted))?;
        Some((begun, bend(three.iter().map(Second::requests))?))
    });
    let late: Vec<(f64, f64)> = late.collect();
    // The rate of a short test may jump in many of its seconds.
    let begun = quantile(late.iter().map(|bends| bends.0), EVEN_SHARE);
    let ended = quantile(late.iter().map(|bends| bends.1), EVEN_SHARE);
    late.len() >= LEAST_LATE_S
        && begun.zip(ended).is_some_and(|(begun, ended)| {
            let is_uneven = ended >= SPACED || begun < EXACT && ended >= 2.0 * EXACT;
            begun < SPACED && is_uneven && ended >= UNEVEN * begun
        })
}

/// Shares of the greatest rate up to which a second has a low one, and from which a high one.
const LOW_RATE: f64 = 0.5;
const HIGH_RATE: f64 = 0.9;
/// Fewest seconds with each.
const LEAST_OF_RATE: usize = 3;
/// Share of their durations that the pauses of few users are at least, when the sum of whole numbers is to show them.
const PAUSES: f64 = 0.2;

/// Returns true when requests begin so evenly as only a load generator spaces them, at several rates, and users pause
/// for longer where the rate is low: a schedule's pauses do not depend on it.
fn is_exact_rate(timeline: &Timeline, seconds: &[Second], flights: &[f64], users: &[f64]) -> bool {
    let highest = seconds.iter().map(wanted).fold(0.0, f64::max);
    // The sums of users, requests under way and begun requests.
    let sums = |is_of: &dyn Fn(f64) -> bool| {
        let all = seconds.iter().map(wanted).zip(flights).zip(users);
        let own = all.filter(|((begun, _), _)| *begun > 0.0 && is_of(begun / highest));
        own.fold((0, 0.0, 0.0, 0.0), |sum, ((begun, flights), users)| {
            (sum.0 + 1, sum.1 + users, sum.2 + flights, sum.3 + begun)
        })
    };
    let (low, high) = (sums(&|share| share <= LOW_RATE), sums(&|share| share >= HIGH_RATE));
    let pause_s = |of: (usize, f64, f64, f64)| (of.1 - of.2) / of.3;
    low.0.min(high.0) >= LEAST_OF_RATE
        && spread(seconds, timeline.coarse).is_some_and(|spread| spread < EXACT)
        && pause_s(low) >= PAUSES * low.2 / low.3
        && pause_s(low) >= OTHER_RATE * pause_s(high).max(0.0)
}

/// Returns true when the number of many users mostly stands still or goes on as in the second before. Requests that
/// wait come and go by chance. The most users that a load generator may have stand still, too: it then drops iterations.
fn is_schedule(seconds: &[Second], users: &[f64]) -> bool {
    let drops = seconds.iter().any(|second| second.dropped > 0.0);
    let three = users.windows(3).filter_map(|three| match three {
        [a, b, c] if a.min(*b).min(*c) >= MANY_USERS && !(drops && a == b && b == c) => {
            let step = (b - a).abs().max((c - b).abs());
            Some((a - 2.0 * b + c).abs() <= f64::max(1.0, BY_CLOCK / 2.0 * step))
        }
        _ => None,
    });
    let three: Vec<bool> = three.collect();
    let even = three.iter().filter(|even| **even).count();
    even >= LEAST_EVEN && 2 * even >= three.len()
}

/// Returns true when requests begin more evenly than the users' number changes. Users of a schedule who do not pause
/// begin as many requests as are answered, and one for each new user, so that the begun requests are at least as
/// uneven as both together.
fn are_evener(seconds: &[Second], users: &[f64]) -> bool {
    let bent = |a: f64, b: f64, c: f64| (a - 2.0 * b + c).abs();
    let windows = users.windows(4).zip(seconds.windows(4));
    let changes = windows.filter_map(|(users, seconds)| {
        let [u0, u1, u2, u3] = users else { return None };
        let [_, a, b, c] = seconds else { return None };
        let grown = [u1 - u0, u2 - u1, u3 - u2];
        let most = grown.iter().map(|one| one.abs()).fold(0.0, f64::max);
        // Users who end send nothing, and leave one after another.
        if wanted(a).min(wanted(b)).min(wanted(c)) < ENOUGH_BEGUN {
            return None;
        }
        let chance = wanted(b).sqrt();
        let bends = (bent(wanted(a), wanted(b), wanted(c)), bent(grown[0], grown[1], grown[2]));
        let is_uneven = bends.1 >= (SPACED * chance).max(BY_CLOCK * most);
        let is_step = bends.0 > STEP * chance;
        let counts = most > chance / 2.0 && !is_step;
        counts.then_some((is_uneven, bends.0 < BALANCES * bends.1))
    });
    let changes: Vec<(bool, bool)> = changes.collect();
    let uneven = changes.iter().filter(|(is_uneven, _)| *is_uneven);
    let evener = uneven.clone().filter(|(_, is_evener)| *is_evener).count() as f64;
    let count = uneven.count();
    count >= LEAST_CHANGES && 2 * count >= changes.len() && evener >= EVENER * count as f64
}

/// Returns true when the users may be those who wait for an answer at the moment, and requests may arrive at a rate:
/// as many requests as users are under way all the time. It is false where their number stands still, or grows
/// evenly, as in a schedule.
pub(crate) fn may_be_under_way(timeline: &Timeline) -> bool {
    let seconds = timeline.seconds.as_slice();
    let Some(users) = carried(seconds) else { return false };
    let flights = in_flights(seconds);
    let row_s = (timeline.resolution_s as usize).max(1);
    let users_of_rows: Vec<f64> = users.iter().copied().step_by(row_s).collect();
    let took = durations_of(seconds, &flights);
    let shortest = shortest(&took);
    let is_calm = |took: f64| took <= AT_REST * shortest;
    let is_list = seconds.iter().any(|second| second.in_flight.is_some());
    let drops = seconds.iter().any(|second| second.dropped > 0.0);
    let rows = users_of_rows.windows(3).zip(took.iter().step_by(row_s).skip(1));
    let of_a_schedule = rows.filter(|(three, took)| match three {
        [a, b, c] => {
            let moves = a != b || b != c;
            let is_few = a.min(*b).min(*c) < MANY_USERS;
            let is_even = (a - 2.0 * b + c).abs() <= 1.0;
            // A number that stands still may be the most that the load generator has; it then drops iterations.
            let stands = !moves && *a > FEW_USERS && (is_list && !drops || is_calm(**took));
            is_even && (moves && !is_few || stands)
        }
        _ => false,
    });
    // Users who pause are more than the requests under way, above all at rest.
    let calm = users.iter().zip(&flights).zip(&took).filter(|(_, took)| is_calm(**took));
    let mut pausing = calm.map(|((users, flights), _)| users - (1.0 + ROOM) * flights);
    let waiting: f64 = flights.iter().sum();
    let room = match known_quantile(seconds) {
        Some(MEAN) => ROOM,
        Some(_) => ROOM_OF_A_QUANTILE,
        None => ROOM_OF_A_LIST,
    };
    waiting > 0.0
        && users.iter().sum::<f64>() <= (1.0 + room) * waiting + users.len() as f64
        && pausing.all(|pausing| pausing <= FEW_USERS / 2.0)
        && of_a_schedule.count() < LEAST_EVEN
}

/// Returns true when rows, or the seconds of a list, often have 0 users and many requests.
fn come_and_go(timeline: &Timeline, seconds: &[Second]) -> bool {
    let row_s = (timeline.resolution_s as usize).max(1);
    let rows = seconds.iter().step_by(row_s);
    let is_empty =
        |one: &&Second| one.vus == Some(0.0) && one.requests() * row_s as f64 >= MANY_REQUESTS;
    rows.filter(is_empty).count() >= LEAST_EMPTY
}

/// Returns true when the users of a table are the requests under way of an arrival rate: where fewer requests
/// are answered, there are as many more users, so that `arrived`, the sum of both in each second, is even.
/// Requests that were dropped are not in it, so the number of users must not stay at its greatest value.
pub(super) fn balance(
    timeline: &Timeline,
    seconds: &[Second],
    users: &[f64],
    arrived: &[f64],
) -> bool {
    let row_s = (timeline.resolution_s as usize).max(1);
    if row_s > BALANCED_ROW_S || !all_wait(&in_flights(seconds), users) {
        return false;
    }
    let most = users.iter().copied().fold(0.0, f64::max);
    let capped = users.iter().filter(|users| **users >= most).count() >= AT_MOST * row_s;
    let rows = seconds.iter().zip(users).zip(arrived).step_by(row_s);
    let rows = rows.filter(|((second, _), _)| second.requests() > 0.0);
    let rows = rows.map(|((second, users), arrived)| (second.requests(), *users, *arrived));
    let rows: Vec<(f64, f64, f64)> = rows.collect();
    let changes = rows.windows(3).filter_map(|three| match three {
        [a, b, c] => {
            let changed = (c.1 - b.1).abs().max((b.1 - a.1).abs());
            let bends = ((a.0 - 2.0 * b.0 + c.0).abs(), (a.2 - 2.0 * b.2 + c.2).abs());
            (changed > b.0.sqrt() / 2.0).then_some(bends)
        }
        _ => None,
    });
    let changes: Vec<(f64, f64)> = changes.collect();
    let answers = median(changes.iter().map(|bends| bends.0));
    let both = median(changes.iter().map(|bends| bends.1));
    !capped
        && changes.len() >= LEAST_CHANGES
        && answers.zip(both).is_some_and(|(answers, both)| both < BALANCES * answers)
}

/// Returns true when the number of users turns more often than in a schedule. A change counts from
/// half a standard deviation of chance.
fn goes_up_and_down(users: &[f64]) -> bool {
    let mut turns = 0;
    let mut was_up = None;
    for pair in users.windows(2) {
        let [a, b] = pair else { continue };
        if (b - a).abs() > a.max(*b).sqrt() / 2.0 {
            let is_up = b > a;
            turns += usize::from(was_up.is_some_and(|was_up| was_up != is_up));
            was_up = Some(is_up);
        }
    }
    turns > MOST_TURNS && turns * SECONDS_PER_TURN > users.len()
}

/// Returns the users of the seconds in which a request takes as long as at rest. While requests pile up, their
/// number only grows.
fn users_at_rest(seconds: &[Second], flights: &[f64], users: &[f64]) -> Vec<f64> {
    let took = durations_of(seconds, flights);
    let shortest = shortest(&took);
    let calm = users.iter().zip(&took).filter(|(_, took)| **took <= AT_REST * shortest);
    calm.map(|(users, _)| *users).collect()
}

/// Returns the duration of a request in each second by Little's law; `NAN` for a second without a request.
fn durations_of(seconds: &[Second], flights: &[f64]) -> Vec<f64> {
    let begun: Vec<f64> = seconds.iter().map(wanted).collect();
    let took = means(flights, AVERAGED_S).into_iter().zip(means(&begun, AVERAGED_S));
    took.map(|(flights, begun)| flights / begun).collect()
}

fn shortest(took: &[f64]) -> f64 {
    took.iter().copied().filter(|took| *took > 0.0).fold(f64::INFINITY, f64::min)
}

/// Returns true when the begun requests for each user change while a request takes as long as at rest.
/// A quarter of the seconds at either end does not count: the first ones may lack a number of users.
fn is_apart(seconds: &[Second], flights: &[f64], users: &[f64]) -> bool {
    let begun: Vec<f64> = seconds.iter().map(wanted).collect();
    let took = durations_of(seconds, flights);
    let shortest = shortest(&took);
    let each = begun.iter().zip(users).zip(&took);
    let at_rest = each.filter(|((_, users), took)| **users > 0.0 && **took <= AT_REST * shortest);
    let mut rates: Vec<f64> = at_rest.map(|((begun, users), _)| begun / users).collect();
    rates.sort_by(f64::total_cmp);
    let quarter = rates.len() / 4;
    let (low, high) = (rates.get(quarter), rates.iter().rev().nth(quarter));
    low.zip(high).is_some_and(|(low, high)| *high > OTHER_RATE_OF_SECONDS * low)
}

/// Returns true when neighbouring rows of a table, whose answers are all as fast as at rest, often have
/// other rates for each user.
fn is_rate_of_its_own(timeline: &Timeline, seconds: &[Second]) -> bool {
    let known = |durations: &Vec<f64>| durations.iter().any(|ms| ms.is_finite());
    let Some(durations) = DURATIONS.iter().map(|q| durations(seconds, *q)).find(known) else {
        return false;
    };
    let shortest = durations.iter().copied().filter(|ms| *ms > 0.0).fold(f64::INFINITY, f64::min);
    // Users, requests, and whether the row is at rest. A number of users below one is at most one.
    let rows = seconds.iter().zip(&durations).step_by((timeline.resolution_s as usize).max(1));
    let rows: Vec<(f64, bool)> = rows
        .filter_map(|(second, ms)| {
            let users = second.vus?.max(0.5);
            let rate = second.requests() / users;
            (rate > 0.0).then_some((rate, *ms <= AT_REST * shortest))
        })
        .collect();
    // The test begins and ends within a row, which then has the requests of a part of its time.
    let inner = rows.get(1..rows.len().saturating_sub(1)).unwrap_or_default();
    let pairs = inner.windows(2).filter_map(|pair| match pair {
        [(a, true), (b, true)] => Some(a.max(*b) / a.min(*b)),
        _ => None,
    });
    let pairs: Vec<f64> = pairs.collect();
    let other = pairs.iter().filter(|ratio| **ratio >= OTHER_RATE).count();
    other >= LEAST_PAIRS && other as f64 >= LEAST_SHARE * pairs.len() as f64
}

#[cfg(test)]
mod tests;
