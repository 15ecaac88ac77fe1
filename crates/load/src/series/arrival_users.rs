//! Recognises users that are only the requests under way of an arrival rate. k6 counts the users of
//! such a test that are in an iteration at the moment.

use super::durations::{DURATIONS, durations};
use super::each::{in_flights, means, wanted};
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
    if !all_wait(&flights, users) {
        return false;
    }
    match is_list {
        true => {
            let calm = users_at_rest(seconds, &flights, users);
            let turns = || goes_up_and_down(users) || goes_up_and_down(&calm);
            let is_other = || turns() || is_apart(seconds, &flights, users);
            are_spaced(seconds, timeline.coarse) && is_other() || do_not_follow(seconds, &flights)
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
mod tests {
    use super::{Second, Timeline};
    use crate::series::{Axis, Series};
    use crate::timeline::LatencySummary;

    /// Users and begun requests of each second of a k6 1.1 run: `ramping-arrival-rate` from 20 to 280 a
    /// second in 45 s, against a server that answers 196 a second after 25 ms each.
    const USERS: [u32; 45] = [
        1, 1, 1, 1, 1, 1, 2, 2, 1, 2, 2, 2, 3, 3, 2, 2, 2, 5, 2, 0, 3, 4, 3, 4, 3, 3, 5, 8, 5, 4,
        6, 8, 19, 32, 53, 75, 112, 156, 202, 253, 311, 377, 446, 517, 592,
    ];
    const BEGUN: [u32; 45] = [
        19, 28, 34, 40, 45, 51, 57, 63, 68, 74, 81, 85, 92, 97, 103, 109, 115, 121, 126, 132, 136,
        145, 149, 156, 161, 166, 171, 180, 184, 189, 196, 202, 207, 212, 219, 223, 232, 236, 241,
        248, 253, 259, 266, 270, 254,
    ];

    fn axis(seconds: Vec<Second>, resolution_s: u32) -> Axis {
        let timeline = Timeline { seconds, resolution_s, ..Timeline::default() };
        Series::from_timeline(&timeline, None).unwrap().axis
    }

    /// Makes seconds from functions of their number: users, begun requests, and requests in flight.
    fn list(of_second: [&dyn Fn(usize) -> f64; 3]) -> Vec<Second> {
        let [users, begun, in_flight] = of_second;
        let second = |at| Second {
            ok: begun(at).min(196.0),
            started: begun(at),
            in_flight: Some(in_flight(at)),
            vus: Some(users(at)),
            ..Second::default()
        };
        (0..USERS.len()).map(second).collect()
    }

    /// The error was: the users of an arrival rate that k6 could keep up counted as the load, and the
    /// plateau began 14 s early "at 5 VUs".
    #[test]
    fn users_of_an_arrival_rate_that_is_kept_up_are_no_load() {
        let users = |at: usize| f64::from(USERS[at]);
        let begun = |at: usize| f64::from(BEGUN[at]);
        assert_eq!(axis(list([&users, &begun, &users]), 1), Axis::Rate);
        // A rate limiter answers soon, so that one user is enough for every rate.
        assert_eq!(axis(list([&|_| 1.0, &begun, &|at| 0.004 * begun(at)]), 1), Axis::Rate);
        // Users of a schedule without pauses: each begins 40 requests a second.
        let users = |at: usize| 1.0 + (at / 3) as f64;
        assert_eq!(axis(list([&users, &|at| 40.0 * users(at), &users]), 1), Axis::Vus);
    }

    /// The error was: rows of k6's dashboard under an arrival rate far below the limit had "the limit was
    /// the load generator", because the rate stopped growing at 1 VU.
    #[test]
    fn users_in_a_table_of_an_arrival_rate_are_no_load() {
        let rows = |users: &'static [u32], rate: fn(u32, usize) -> f64| -> Vec<Second> {
            let second = |at: usize| {
                let (row, users) = (at / 5, users[at / 5]);
                let nan = f64::NAN;
                let told = LatencySummary { p50: nan, p95: 32.0, p99: nan, mean: nan };
                Second {
                    ok: rate(users, row),
                    started: rate(users, row),
                    vus: Some(f64::from(users)),
                    latency_summary: Some(told),
                    ..Second::default()
                }
            };
            (0..5 * users.len()).map(second).collect()
        };
        let arrivals = rows(&[0, 0, 1, 2, 2, 2, 2, 2, 1, 2, 1, 2, 1, 1, 0, 1], |_, row| {
            20.0 + 10.0 * row.min(15 - row) as f64
        });
        assert_eq!(axis(arrivals, 5), Axis::InFlight);
        // Each user without pauses begins 40 requests a second.
        let users = rows(&[1, 2, 3, 4, 5, 5, 5, 5, 4, 3, 2, 1], |users, _| 40.0 * f64::from(users));
        assert_eq!(axis(users, 5), Axis::Vus);
    }

    /// Users, begun and ended requests of each second of a k6 run: 240 requests a second, and 100 from 30 s on, against
    /// a server that answers 200 a second.
    const HIGH_AT_FIRST: [(u32, u32, u32); 56] = [
        (0, 239, 192),
        (49, 240, 195),
        (94, 241, 204),
        (129, 240, 200),
        (169, 239, 208),
        (201, 240, 191),
        (251, 240, 198),
        (293, 241, 201),
        (332, 240, 206),
        (366, 239, 202),
        (404, 240, 213),
        (431, 240, 203),
        (468, 241, 203),
        (505, 240, 205),
        (540, 239, 205),
        (575, 240, 194),
        (621, 241, 212),
        (649, 240, 197),
        (692, 239, 203),
        (729, 240, 205),
        (764, 240, 182),
        (822, 240, 202),
        (860, 240, 198),
        (902, 240, 205),
        (937, 240, 197),
        (980, 240, 203),
        (1017, 241, 199),
        (1058, 240, 190),
        (1108, 239, 197),
        (1151, 240, 196),
        (1195, 101, 187),
        (1108, 100, 208),
        (1000, 100, 190),
        (910, 100, 209),
        (801, 100, 209),
        (692, 100, 207),
        (585, 100, 202),
        (483, 100, 204),
        (379, 100, 189),
        (290, 100, 206),
        (184, 100, 206),
        (78, 100, 177),
        (1, 100, 100),
        (1, 100, 100),
        (1, 100, 100),
        (1, 100, 100),
        (1, 100, 100),
        (1, 100, 100),
        (1, 100, 100),
        (1, 100, 100),
        (1, 100, 100),
        (1, 100, 100),
        (1, 100, 100),
        (1, 100, 100),
        (1, 100, 100),
        (1, 100, 100),
    ];

    /// The numbers of a run whose users grow evenly, and send a request as soon as the one before is answered.
    const WITHOUT_PAUSES: [(u32, u32, u32); 56] = [
        (2, 80, 79),
        (2, 77, 77),
        (2, 113, 112),
        (3, 114, 114),
        (4, 151, 150),
        (4, 156, 156),
        (4, 180, 179),
        (5, 175, 175),
        (6, 186, 185),
        (6, 191, 191),
        (6, 203, 202),
        (7, 202, 202),
        (8, 192, 191),
        (8, 195, 195),
        (8, 205, 204),
        (9, 191, 191),
        (10, 205, 204),
        (10, 204, 204),
        (10, 199, 198),
        (11, 198, 198),
        (12, 201, 200),
        (12, 198, 198),
        (12, 206, 205),
        (13, 205, 205),
        (14, 189, 188),
        (14, 192, 192),
        (14, 206, 205),
        (15, 187, 187),
        (16, 198, 197),
        (16, 206, 206),
        (16, 208, 207),
        (17, 208, 208),
        (18, 200, 199),
        (18, 201, 201),
        (18, 200, 199),
        (19, 206, 206),
        (20, 208, 207),
        (20, 198, 198),
        (20, 194, 193),
        (21, 197, 197),
        (22, 212, 211),
        (22, 201, 201),
        (22, 186, 185),
        (23, 191, 191),
        (24, 207, 206),
        (24, 192, 192),
        (24, 208, 207),
        (25, 206, 206),
        (26, 198, 197),
        (26, 200, 200),
        (26, 196, 195),
        (27, 204, 204),
        (28, 198, 197),
        (28, 208, 208),
        (28, 197, 196),
        (29, 201, 201),
    ];

    fn runs(rows: &[(u32, u32, u32)]) -> Vec<Second> {
        let mut under_way = 0.0;
        let second = |&(users, begun, ended): &(u32, u32, u32)| {
            under_way += f64::from(begun) - f64::from(ended);
            Second {
                ok: f64::from(ended),
                started: f64::from(begun),
                in_flight: Some(f64::max(under_way, 1.0)),
                vus: Some(f64::from(users)),
                ..Second::default()
            }
        };
        rows.iter().map(second).collect()
    }

    /// The error was: the load of a rate above the limit that k6 could keep up was "1,195 VUs".
    #[test]
    fn begun_requests_that_do_not_follow_the_answers_are_a_rate() {
        assert_eq!(axis(runs(&HIGH_AT_FIRST), 1), Axis::Rate);
        assert_eq!(axis(runs(&WITHOUT_PAUSES), 1), Axis::Vus);
    }

    /// The error was: "throughput stops growing at 3 VUs" for a rate that jumps from 40 to 300 a second, because the
    /// few users at rest do not go up and down.
    #[test]
    fn seconds_without_users_and_many_requests_are_those_of_a_rate() {
        let begun = |at: usize| if at < 20 { 40.0 } else { 300.0 };
        let users = |at: usize| 100.0 * at.saturating_sub(20) as f64;
        assert_eq!(axis(list([&users, &begun, &users]), 1), Axis::Rate);
        // A user of a schedule is counted while it pauses, too.
        let users = |at: usize| 1.0 + users(at);
        assert_eq!(axis(list([&users, &begun, &users]), 1), Axis::Vus);
    }
}
