//! Tests of users that are the requests under way.

use super::{Second, Timeline};
use crate::series::{Axis, Series};
use crate::timeline::LatencySummary;

/// Users and begun requests of each second of a k6 1.1 run: `ramping-arrival-rate` from 20 to 280 a
/// second in 45 s, against a server that answers 196 a second after 25 ms each.
const USERS: [u32; 45] = [
    1, 1, 1, 1, 1, 1, 2, 2, 1, 2, 2, 2, 3, 3, 2, 2, 2, 5, 2, 0, 3, 4, 3, 4, 3, 3, 5, 8, 5, 4, 6, 8,
    19, 32, 53, 75, 112, 156, 202, 253, 311, 377, 446, 517, 592,
];
const BEGUN: [u32; 45] = [
    19, 28, 34, 40, 45, 51, 57, 63, 68, 74, 81, 85, 92, 97, 103, 109, 115, 121, 126, 132, 136, 145,
    149, 156, 161, 166, 171, 180, 184, 189, 196, 202, 207, 212, 219, 223, 232, 236, 241, 248, 253,
    259, 266, 270, 254,
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

/// Makes rows of five seconds, each with `rate(users, row)` requests a second.
fn rows(users: &[u32], rate: fn(u32, usize) -> f64) -> Vec<Second> {
    let nan = f64::NAN;
    let told = LatencySummary { p50: nan, p95: 32.0, p99: nan, mean: nan };
    let of_row = |(row, users): (usize, &u32)| Second {
        ok: rate(*users, row),
        started: rate(*users, row),
        vus: Some(f64::from(*users)),
        latency_summary: Some(told),
        ..Second::default()
    };
    users.iter().enumerate().map(of_row).flat_map(|row| vec![row; 5]).collect()
}

/// The error was: rows of k6's dashboard under an arrival rate far below the limit had "the limit was
/// the load generator", because the rate stopped growing at 1 VU.
#[test]
fn users_in_a_table_of_an_arrival_rate_are_no_load() {
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
    let mut seconds = Vec::new();
    for &(users, begun, ended) in rows {
        under_way += f64::from(begun) - f64::from(ended);
        seconds.push(Second {
            ok: f64::from(ended),
            started: f64::from(begun),
            in_flight: Some(f64::max(under_way, 1.0)),
            vus: Some(f64::from(users)),
            ..Second::default()
        });
    }
    seconds
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
