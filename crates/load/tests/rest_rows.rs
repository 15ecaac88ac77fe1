//! The system at rest in rows that are longer than a second.

use crate::common::timeline_of;
use crate::rest::chosen;
use spikeflame_load::Timeline;
use spikeflame_load::plateau::{self, NoPlateauReason, Options};

/// A table with a row a minute: users, requests a second, and the 95th percentile in milliseconds.
pub(crate) fn minutes(rows: &[(u32, f64, f64)]) -> Timeline {
    let row = |(at, (users, rate, p95)): (usize, &(u32, f64, f64))| {
        format!("2026-11-30T{:02}:{:02}:20Z,{users},{rate},{p95}\n", at / 60, at % 60)
    };
    let rows: String = rows.iter().enumerate().map(row).collect();
    timeline_of(format!("time,vus,rps,p95_ms\n{rows}").as_bytes()).unwrap()
}

/// A simulated server that answers 83 requests a second is full for nine minutes. The error was: "did not
/// reach the system's limit: at 180 VUs a request took 1433.2 ms, and 1430.1 ms at rest", because the row in
/// which the users end has no users and the answers of the full server.
#[test]
fn a_row_whose_users_end_does_not_show_the_system_at_rest() {
    let full = |last| {
        let mut rows = vec![(180, 76.1, 1_411.7)];
        rows.extend([(180, 83.3, 1_435.0), (180, 83.3, 1_439.0)].repeat(4));
        rows.push(last);
        plateau::find(&minutes(&rows), &Options::default()).unwrap_err().why
    };
    for last in [(0, 75.6, 1_439.0), (0, 70.0, 1_300.0), (40, 78.0, 1_420.0)] {
        let why = full(last);
        assert!(matches!(why, NoPlateauReason::NothingToCompare { load: 180.0, .. }), "{why}");
    }
    // A row beside a jump may have the mean of both loads, and a second row has the users of its own time.
    let mut light =
        vec![(20, 24.5, 20.0), (100, 122.5, 21.0), (100, 122.0, 20.5), (100, 122.4, 20.8)];
    let why = plateau::find(&minutes(&light), &Options::default()).unwrap_err().why;
    assert!(!matches!(why, NoPlateauReason::NotReached { .. }), "{why}");
    light.insert(0, (20, 24.4, 20.1));
    let why = plateau::find(&minutes(&light), &Options::default()).unwrap_err().why;
    assert!(matches!(why, NoPlateauReason::NotReached { .. }), "{why}");
    // A ramp to 1.5 times the limit in 20 s, a minute beyond it, and 20 s back: no row is at rest. The error
    // was: "did not reach the system's limit: at 57 VUs a request took 758.3 ms, and 858.7 ms at rest".
    let spike = [(57, 39.967, 758.3), (45, 31.85, 843.4)];
    let why = plateau::find(&minutes(&spike), &Options::default()).unwrap_err().why;
    assert!(!matches!(why, NoPlateauReason::NotReached { .. }), "{why}");
}

/// Simulated minutes of a server that answers 83 requests a second, with 20 users and two spikes of 200 users,
/// who pause for 0.8 s: 68 users are its limit. The error was: "the same load got more answers at other times
/// of the test", because the row in which a spike begins has the users of its end and the answers of its
/// beginning. All rows at rest are beside a spike, and the users of the spike counted in them.
#[test]
fn rows_beside_a_spike_have_the_users_of_their_own() {
    let spikes = [
        (10, 7.1, 20.5),
        (20, 18.65, 26.3),
        (200, 81.15, 1_665.1),
        (200, 83.45, 1_674.1),
        (20, 60.83, 1_675.0),
        (20, 24.53, 28.2),
        (200, 41.67, 1_341.9),
        (200, 83.13, 1_685.7),
        (200, 83.33, 1_667.3),
        (10, 72.5, 1_588.0),
    ];
    let timeline = minutes(&spikes);
    let found = plateau::find(&timeline, &Options::default()).unwrap();
    // The server was full from 125 s to 281 s, and from 405 s to 581 s.
    let windows: Vec<_> = found.all.iter().map(|one| (one.window.from, one.window.to)).collect();
    assert_eq!(windows.len(), 2, "{windows:?}");
    assert!(windows[0].0.abs_diff(125) <= 60 && windows[0].1.abs_diff(281) <= 60, "{windows:?}");
    assert!(windows[1].0.abs_diff(405) <= 60 && windows[1].1.abs_diff(581) <= 60, "{windows:?}");
    for one in &found.all {
        let knee = one.knee.unwrap();
        assert!((30.0..68.0).contains(&knee.low) && knee.high > 68.0, "{knee:?}");
    }
    // The first row of a test may be the only one at rest. The error was: "throughput is not held back by
    // that yet: 0.99 times as many requests would have been answered at rest".
    let mut jump = vec![(20, 24.3, 30.0)];
    jump.extend([(200, 83.3, 1_683.0)].repeat(9));
    let found = chosen(&minutes(&jump));
    assert!(found.window.from.abs_diff(60) <= 5 && found.window.to == 600, "{found:?}");
    assert!(found.knee.is_some_and(|knee| knee.low < 68.0 && knee.high > 68.0), "{found:?}");
    // One user at the start of a row in which many came does not show the time between two requests.
    let mut ramp = vec![(1, 61.0, 20.0)];
    ramp.extend([(100, 118.0, 64.0)].repeat(9));
    let none = plateau::find(&minutes(&ramp), &Options::default());
    assert!(none.is_err(), "{none:?}");
}

/// Rows of 30 s with a pause of 42 s between two spikes of a simulated server whose limit is 200 a second. At rest it
/// has 0.7 times as many, so that a row with a part of the pause has most of the usual answers. The error was: one
/// plateau of 342 s.
#[test]
fn a_pause_shows_in_long_rows_with_answers_that_are_not_later() {
    let low = (29, 140.0, 215.0);
    let high = (103, 200.0, 540.0);
    let rows =
        [low, low, low, (103, 176.0, 525.0), high, high, (103, 173.0, 535.0), (103, 154.0, 520.0)];
    let rows = rows.into_iter().chain([high; 5]).chain([(103, 172.0, 535.0), low, low]);
    let of = |rows: Vec<(u32, f64, f64)>| {
        let row = |(at, (users, rate, ms)): (usize, &(u32, f64, f64))| {
            format!("{},{users},{rate},{ms}\n", 1_795_397_010 + 30 * at)
        };
        let rows: String = rows.iter().enumerate().map(row).collect();
        let table = timeline_of(format!("time,vus,rps,p95_ms\n{rows}").as_bytes()).unwrap();
        plateau::find(&table, &Options::default()).unwrap().all.len()
    };
    let rows: Vec<(u32, f64, f64)> = rows.collect();
    assert_eq!(of(rows.clone()), 2);
    // A limit that falls for a while makes answers later.
    let mut fell = rows;
    (fell[6].2, fell[7].2) = (620.0, 690.0);
    assert_eq!(of(fell), 1);
}

/// A load balancer's minutes without users. The error was: the plateau ended a minute late, at 728 s, because the row
/// behind it had the last answers of the queue.
#[test]
fn a_plateau_of_long_rows_ends_with_its_throughput() {
    let rows = [
        (1809, 0.0141),
        (1791, 0.0114),
        (1772, 0.0112),
        (1811, 0.0112),
        (7079, 0.692),
        (7223, 0.656),
        (7272, 0.653),
        (7358, 0.636),
        (7314, 0.634),
        (7194, 0.673),
        (7211, 0.664),
        (1843, 0.0425),
        (1765, 0.0114),
        (1797, 0.0103),
        (1769, 0.0112),
    ];
    let row = |(at, (count, mean)): (usize, &(u32, f64))| {
        format!("2026-11-27 11:{at:02}:00,{count},{mean}\n")
    };
    let rows: String = rows.iter().enumerate().map(row).collect();
    let table = timeline_of(format!("Timestamp,RequestCount,mean_s\n{rows}").as_bytes()).unwrap();
    let window = plateau::find(&table, &Options::default()).unwrap().chosen().window;
    assert_eq!((window.from, window.to.abs_diff(660) <= 5), (240, true), "{window:?}");
}
