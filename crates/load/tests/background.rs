//! Health checks and other traffic before and after a load test, in tables.

use crate::common::timeline_of;
use spikeflame_load::plateau::{self, Options};
use spikeflame_load::{Timeline, Warning};

/// Requests, users and p95 of the seconds of a k6 1.1 run of 60 users far below the limit of their server.
const BELOW: &str = "\
    57,25,13.0 103,54,21.1 115,60,56.2 121,60,17.6 120,60,15.1 121,60,18.7 120,60,51.0 121,60,22.5 117,60,11.3 \
    118,60,42.6 109,60,17.4 121,60,62.0 104,60,39.7 112,60,59.6 120,60,58.0 121,60,16.2 105,60,28.0 121,60,92.3 \
    116,60,102.5 121,60,24.8 121,60,82.1 77,60,99.9 83,51,139.8 15,14,16.3";

/// Makes a table of `before` rows of other traffic, the run, and as many rows of other traffic.
fn around(before: usize, users: bool, other: impl Fn(usize) -> u64) -> Timeline {
    let quiet = |at| format!("{},0,2.0", other(at));
    let rows = (0..before).map(quiet).chain(BELOW.split_whitespace().map(str::to_owned));
    let rows = rows.chain((0..before).map(quiet)).enumerate();
    let rows = rows.map(|(at, row)| {
        let mut cells: Vec<&str> = row.split(',').collect();
        if !users {
            cells.remove(1);
        }
        format!("{},{}\n", 1_796_041_000 + at, cells.join(","))
    });
    let names = if users { "time,rps,vus,p95" } else { "time,rps,p95" };
    timeline_of(format!("{names}\n{}", rows.collect::<String>()).as_bytes()).unwrap()
}

/// The error was: "Saturated", since the answers to health checks before the test were the time at rest.
#[test]
fn answers_to_health_checks_are_not_those_at_rest() {
    for before in [5, 30, 120] {
        for users in [true, false] {
            let timeline = around(before, users, |_| 1);
            let rows = 2 * before as u64;
            assert_eq!(timeline.warnings, [Warning::Background { rows, first_line: 2 }]);
            let found = plateau::find(&timeline, &Options::default());
            assert!(found.is_err(), "{before} {users}: {found:?}");
        }
    }
}

/// Requests that come at random are those of people, and a table without users may begin with them.
#[test]
fn rows_at_random_before_the_load_stay() {
    let timeline = around(30, false, |at| [0, 2, 1, 4, 0, 1][at % 6]);
    assert!(timeline.warnings.is_empty(), "{:?}", timeline.warnings);
    assert_eq!(timeline.seconds[3].requests(), 4.0);
}

/// Users that a table lacks are not those of a test that has not begun: the rate is high.
#[test]
fn rows_with_many_requests_are_no_health_checks() {
    let timeline = around(30, true, |_| 40);
    let is_zeros = |one: &Warning| matches!(one, Warning::ZeroVus { rows: 60, .. });
    assert!(timeline.warnings.iter().any(is_zeros), "{:?}", timeline.warnings);
}

/// The error was: the first requests of a test were taken for health checks when the table had rows without requests before
/// it, and the file had "no durations" at rest.
#[test]
fn the_first_requests_of_a_load_are_no_health_checks() {
    let timeline = around(30, true, |at| if at == 29 { 4 } else { 0 });
    assert!(timeline.warnings.is_empty(), "{:?}", timeline.warnings);
    assert_eq!(timeline.seconds[29].requests(), 4.0);
}
