//! Tests of simulated servers below, at and beyond their limit, in the formats that files have.

use crate::common;

use common::queue::{START_S, Server, Shape, jtl, table};
use common::timeline_of;
use spikeflame_load::plateau::{self, NoPlateau, Options, Plateaus};
use spikeflame_load::{Recorder, Timeline};

const SERVERS: [Server; 3] = [
    Server { workers: 1, service_s: 0.01 },
    Server { workers: 4, service_s: 0.03 },
    Server { workers: 8, service_s: 0.05 },
];
const THINK_S: [f64; 4] = [0.0, 0.1, 0.5, 1.0];

/// The file in which a test is read.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Form {
    /// A table of requests that come at a rate, without users.
    OpenTable,
    /// Tables of users who wait for their answers, without and with their number.
    ClosedTable,
    UsersTable,
    /// JMeter's rows of requests of such users, and of requests that come at a rate.
    Requests,
    OpenRequests,
}

/// Returns the result for the test with this number. Its greatest load is `load` times the limit.
fn find(form: Form, shape: Shape, load: f64, number: usize) -> Result<Plateaus, NoPlateau> {
    let (server, think_s) = (SERVERS[number % 3], THINK_S[number / 3 % 4]);
    let length = 20 + number * 37 % 56;
    let at = |now: f64| load * shape.at(now / length as f64);
    let users = |now: f64| server.users(think_s, at(now));
    let answers = match form {
        Form::OpenTable | Form::OpenRequests => server.open(number as u64, length as f64, at),
        _ => server.closed(number as u64, think_s, length as f64, at),
    };
    let text = match form {
        Form::OpenTable | Form::ClosedTable => table(&answers, length, 1, None),
        Form::UsersTable => table(&answers, length, 1, Some(&users)),
        Form::Requests => jtl(&answers, Some(&users)),
        Form::OpenRequests => jtl(&answers, None),
    };
    plateau::find(&timeline_of(text.as_bytes()).unwrap(), &Options::default())
}

/// Returns the number of plateaus found in as many tests as there are shapes, times `each`.
fn count(form: Form, shapes: &[Shape], load: f64, each: usize) -> usize {
    let tests = shapes.iter().flat_map(|shape| (0..each).map(move |number| (*shape, number)));
    let found: Vec<_> =
        tests.filter(|(shape, number)| find(form, *shape, load, *number).is_ok()).collect();
    println!(
        "{form:?} at {load} of the limit: {} of {}: {found:?}",
        found.len(),
        shapes.len() * each
    );
    found.len()
}

/// Shapes that have a time at rest.
const RISING: [Shape; 4] = [Shape::Jump, Shape::Stairs, Shape::Spike, Shape::Ramp];

/// Short tests far beyond the limit are no queue that comes and goes by chance: the scatter of their
/// durations is that of the load.
#[test]
fn tables_without_users_far_beyond_the_limit_have_a_plateau() {
    for load in [2.0, 5.0] {
        assert_eq!(count(Form::OpenTable, &RISING, load, 12), 48, "{load}");
    }
    let without_stairs = [Shape::Jump, Shape::Spike, Shape::Ramp];
    assert!(count(Form::OpenTable, &without_stairs, 20.0, 12) >= 35);
    // Users who pause for hardly longer than a service takes are at the limit with two of them.
    let closed: usize = [2.0, 5.0, 20.0]
        .into_iter()
        .map(|load| count(Form::ClosedTable, &[Shape::Spike, Shape::Ramp], load, 12))
        .sum();
    assert!(closed >= 52, "{closed}");
}

/// The error was: of tables without users below the limit, one of six had a plateau at 0.9 of it.
#[test]
fn tables_without_users_below_the_limit_have_no_plateau() {
    let shapes = Shape::ALL;
    for form in [Form::OpenTable, Form::ClosedTable] {
        assert_eq!(count(form, &shapes, 0.5, 6), 0, "{form:?}");
        let near: usize = [0.7, 0.8, 0.9].map(|load| count(form, &shapes, load, 6)).iter().sum();
        assert!(near <= 2, "{form:?}: {near} of 108");
    }
}

/// The errors were: users who pause for chance times had a plateau at half of the limit, because a second
/// with many requests by chance showed the time between two requests at rest; and with users who do not
/// pause, "did not reach the system's limit" at twice to five times the limit, because the 95th
/// percentile at rest was compared with a mean.
#[test]
fn tables_with_users_have_a_plateau_beyond_the_limit_only() {
    for (load, most) in [(0.5, 0), (0.8, 2), (0.9, 1)] {
        let found = count(Form::UsersTable, &Shape::ALL, load, 12);
        assert!(found <= most, "{load}: {found} of 72");
    }
    assert!(count(Form::UsersTable, &RISING, 2.0, 12) >= 38);
    assert_eq!(count(Form::UsersTable, &RISING, 5.0, 12), 48);
    for (shape, number) in RISING.iter().flat_map(|shape| (0..12).map(move |one| (shape, one))) {
        if let Err(why) = find(Form::UsersTable, *shape, 5.0, number) {
            panic!("{shape:?} {number}: {why}");
        }
    }
}

#[test]
fn files_of_requests_have_a_plateau_beyond_the_limit_only() {
    for form in [Form::Requests, Form::OpenRequests] {
        assert_eq!(count(form, &Shape::ALL, 0.5, 6), 0, "{form:?}");
        assert!(count(form, &Shape::ALL, 0.8, 6) <= 1, "{form:?}");
        assert_eq!(count(form, &RISING, 2.0, 6), 24, "{form:?}");
    }
}

/// Returns the table of a ramp to three times the limit, with the users that `edit` makes of each row's.
fn edited(edit: impl Fn(usize, &str) -> String) -> Timeline {
    let (server, think_s) = (SERVERS[1], 0.3);
    let load = |now: f64| 3.0 * now / 90.0;
    let users = |now: f64| server.users(think_s, load(now));
    let whole = table(&server.closed(3, think_s, 90.0, load), 90, 1, Some(&users));
    let rows = whole.lines().skip(1).enumerate().map(|(at, row)| {
        let cells: Vec<&str> = row.split(',').collect();
        format!("{},{},{},{}\n", cells[0], cells[1], edit(at, cells[2]), cells[3])
    });
    timeline_of(format!("time,rps,vus,p95\n{}", rows.collect::<String>()).as_bytes()).unwrap()
}

fn warnings(timeline: &Timeline) -> Vec<String> {
    timeline.warnings.iter().map(ToString::to_string).collect()
}

/// The errors were: users of 0 at an end of a table, and no number in its first seconds, changed the
/// plateau without a warning; and a number every 15 s had a warning although none was lost.
#[test]
fn users_that_a_table_lacks_at_its_ends_have_a_warning() {
    let zero = |is: bool, cell: &str| if is { "0".to_owned() } else { cell.to_owned() };
    let gone = |is: bool, cell: &str| if is { String::new() } else { cell.to_owned() };
    for (timeline, words) in [
        (edited(|at, cell| zero(at < 40, cell)), "40 rows have requests and 0 virtual users"),
        (edited(|at, cell| zero(at >= 50, cell)), "40 rows have requests and 0 virtual users"),
        (edited(|at, cell| gone(at < 12, cell)), "missing for 12 s from 0 s on"),
        (edited(|at, cell| gone(at >= 78, cell)), "missing for 12 s from 78 s on"),
    ] {
        let all = warnings(&timeline);
        assert!(matches!(all.as_slice(), [one] if one.contains(words)), "{words}: {all:?}");
        let found = plateau::find(&timeline, &Options::default());
        let from = found.unwrap_or_else(|why| panic!("{words}: {why}")).chosen().window.from;
        assert!((25..=46).contains(&from), "{words}: {from}");
    }
    // The last users may end before the rows do, and a monitor may ask for their number now and then.
    for timeline in [
        edited(|at, cell| zero(at >= 87, cell)),
        edited(|at, cell| gone(at % 15 != 0, cell)),
        edited(|at, cell| gone(at % 5 != 0, cell)),
    ] {
        assert_eq!(warnings(&timeline), [""; 0]);
        let found = plateau::find(&timeline, &Options::default());
        assert!(found.is_ok(), "{found:?}");
    }
}

/// The error was: in tables with a row every 5 to 15 s, the knee was as little as a fifth of the true one,
/// because the users of one moment got the answers of the whole row.
#[test]
fn rows_of_many_seconds_show_the_limit_and_its_users() {
    let (server, think_s) = (SERVERS[1], 0.3);
    let knee = server.knee(think_s);
    for (row_s, shape) in [5, 10, 15].iter().flat_map(|row| RISING.map(|shape| (*row, shape))) {
        for (length, load) in [(120, 2.0), (120, 4.0), (300, 2.0), (300, 4.0)] {
            let at = |now: f64| load * shape.at(now / length as f64);
            let users = |now: f64| server.users(think_s, at(now));
            let answers = server.closed(7, think_s, length as f64, at);
            let text = table(&answers, length, row_s, Some(&users));
            let found = plateau::find(&timeline_of(text.as_bytes()).unwrap(), &Options::default());
            let name = format!("rows of {row_s} s, {shape:?} of {length} s to {load}");
            let found = found.unwrap_or_else(|why| panic!("{name}: {why}"));
            let shown = found.chosen().knee.unwrap();
            assert!(shown.low <= knee && knee <= shown.high, "{name}: {shown:?} and not {knee}");
        }
        let at = |now: f64| 0.7 * shape.at(now / 120.0);
        let users = |now: f64| server.users(think_s, at(now));
        let text = table(&server.closed(7, think_s, 120.0, at), 120, row_s, Some(&users));
        let found = plateau::find(&timeline_of(text.as_bytes()).unwrap(), &Options::default());
        assert!(found.is_err(), "rows of {row_s} s, {shape:?}: {found:?}");
    }
}

/// A row of a minute has the users at its start, at its end, the greatest number or their mean. The error was: "the
/// load grew and throughput was 22 requests a second" for a ramp below the limit, and "the load was not the
/// only reason" for one beyond it.
#[test]
fn rows_of_a_minute_may_have_the_users_of_any_moment() {
    type Moment = fn(&dyn Fn(f64) -> f64, f64) -> f64;
    let moments: [(&str, Moment); 4] = [
        ("start", |users, end| users(end - 60.0)),
        ("end", |users, end| users(end)),
        ("greatest", |users, end| users(end).max(users(end - 60.0)).max(users(end - 30.0))),
        ("mean", |users, end| f64::midpoint(users(end - 60.0), users(end))),
    ];
    let (server, think_s) = (Server { workers: 1, service_s: 0.02 }, 1.0);
    for load in [0.9, 2.5] {
        // The test ends with its last row, and its users with it.
        let at = |now: f64| if now < 599.9 { load * now / 600.0 } else { 0.0 };
        let users = |now: f64| if now < 0.0 { 0.0 } else { server.knee(think_s) * at(now) };
        let answers = server.closed(7, think_s, 600.0, at);
        for (name, moment) in moments {
            let shown = |near_end: f64| moment(&users, near_end + 0.5).round() as usize;
            let text = table(&answers, 600, 60, Some(&shown));
            let found = plateau::find(&timeline_of(text.as_bytes()).unwrap(), &Options::default());
            assert_eq!(found.is_ok(), load > 1.0, "{name}, {load}: {found:?}\n{text}");
            let Ok(found) = found else { continue };
            let window = found.chosen().window;
            assert!(window.from.abs_diff(240) <= 60, "{name}: {window:?}");
        }
    }
}

/// The number of users stands still at 52 in the file, and the load jumps. The error was: "the limit lies
/// at 1 VUs at most".
#[test]
fn a_number_of_users_that_is_stuck_gives_no_knee() {
    let (server, think_s) = (SERVERS[1], 0.3);
    let load = |now: f64| 3.0 * Shape::Jump.at(now / 90.0);
    let answers = server.closed(3, think_s, 90.0, load);
    let timeline = timeline_of(jtl(&answers, Some(&|_| 52)).as_bytes()).unwrap();
    let found = plateau::find(&timeline, &Options::default()).unwrap();
    assert_eq!(found.chosen().knee, None, "{found:?}");
    assert!(found.chosen().window.from.abs_diff(22) <= 2, "{found:?}");
}

/// A history of Locust whose first averages are whole numbers, as after rounding, with a stall of two rows or
/// more. The error was: "held at the limit", because only the rows from the stall on had an exact mean.
#[test]
fn means_that_are_known_from_a_stall_on_only_are_no_durations() {
    for (rows, rate) in [(2, 40.0), (2, 8.0), (3, 8.0), (5, 40.0)] {
        let mut text = String::from(
            "Timestamp,User Count,Type,Name,Total Request Count,Total Failure Count,\
             Total Average Response Time\n",
        );
        let (mut total, mut sum_ms) = (0.0, 0.0);
        for at in 0..40 {
            if at > 0 && !(20..20 + rows).contains(&at) {
                let requests: f64 = rate * (0.9 + 0.05 * (at * 7 % 5) as f64);
                total += requests.round();
                sum_ms += 15.0 * requests.round();
            }
            sum_ms += if at == 20 + rows { 30.0 * 900.0 * rows as f64 } else { 0.0 };
            let mean = if total > 0.0 { sum_ms / total } else { 0.0 };
            text += &format!("{},30,,Aggregated,{total},0,{mean}\n", START_S + at);
        }
        let found = plateau::find(&timeline_of(text.as_bytes()).unwrap(), &Options::default());
        assert!(found.is_err(), "{rows} rows at {rate}: {found:?}");
    }
}

/// A rate falls from 1.4 times the limit to nothing in 120 s, and is below the limit from 34 s on. The
/// requests that piled up until then keep the server at its limit for about as long again.
#[test]
fn a_backlog_keeps_a_server_at_its_limit_after_the_rate_fell() {
    for number in 0..4 {
        let rate = |now: f64| 1.4 * (1.0 - now / 120.0);
        let answers = SERVERS[1].open(number, 120.0, rate);
        let timeline = timeline_of(jtl(&answers, None).as_bytes()).unwrap();
        let found = plateau::find(&timeline, &Options::default());
        let window = found.unwrap_or_else(|why| panic!("{why}")).chosen().window;
        assert!(window.from <= 2 && (58..78).contains(&window.to), "{window:?}");
    }
}

/// The error was: two seconds were "the steadiest stretch of high load", and the window to go on with.
#[test]
fn a_few_seconds_are_no_stretch_to_go_on_with() {
    let row = |at: usize, cell: &str| match at {
        40 | 41 => "400".to_owned(),
        _ if cell.len() > 1 => "9".to_owned(),
        _ => cell.to_owned(),
    };
    let timeline = edited(row);
    let none = plateau::find(&timeline, &Options { number: Some(9), ..Options::default() });
    let steadiest = none.unwrap_err().steadiest;
    assert!(steadiest.is_none_or(|window| window.seconds() >= 5), "{steadiest:?}");
}

/// The error was: two of the four teeth of an arrival rate had "no queue of requests grew". Each tooth begins 20 requests
/// a second and 247 at its end; the server answers 200.
#[test]
fn each_tooth_of_an_arrival_rate_is_a_plateau() {
    let mut random = common::queue::Random::new(1);
    let mut recorder = Recorder::default();
    let (mut now, mut free) = (0.0, 0.0_f64);
    while now < 160.0 {
        now += 1.0 / (20.0 + 227.0 * (now % 40.0) / 40.0);
        free = free.max(now) + random.exponential(0.005);
        let us = |s: f64| (1e6 * s) as i64;
        recorder.request(us(free), us(free - now).unsigned_abs(), true);
    }
    let timeline = recorder.finish("made".as_ref(), "k6 JSON").unwrap();
    let found = plateau::find(&timeline, &Options::default()).unwrap();
    assert_eq!(found.all.len(), 4, "{:?}", found.all);
}
