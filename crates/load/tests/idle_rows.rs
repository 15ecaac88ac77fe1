//! Tables that begin before the load test, with rows without requests.

use crate::common;

use common::{bytes_of, readable, root, timeline_of};
use spikeflame_load::plateau::{self, Options, Window};
use spikeflame_load::{Latencies, Second, Timeline};

/// Start of the tables in seconds since 1970, and the seconds before the test.
const START_S: usize = 1_795_397_010;
const IDLE_S: usize = 30;

/// Writes a row of some seconds.
fn row(at: usize, seconds: &[Second], users: bool) -> String {
    let mut all = Latencies::default();
    seconds.iter().for_each(|second| all.merge(&second.latencies));
    let sum = |of: fn(&Second) -> f64| seconds.iter().map(of).sum::<f64>() / seconds.len() as f64;
    let ms = |ms: Option<f64>| ms.map_or(String::new(), |ms| format!("{ms:.2}"));
    let (mean, p95) = (ms(all.mean_ms()), ms(all.quantile_ms(0.95)));
    let greatest = seconds.iter().filter_map(|second| second.vus).fold(0.0, f64::max);
    let users = if users { format!(",{greatest}") } else { String::new() };
    let (rate, failed) = (sum(Second::requests), sum(|second| second.failed));
    format!("{at},{rate:.3},{mean},{p95},{failed:.3}{users}\n")
}

/// Makes a table of rows of `row_s` seconds of a test, behind `idle_s` seconds without a load.
fn table(test: &Timeline, row_s: usize, idle_s: usize, users: bool) -> Timeline {
    let mut text = String::from("time,rps,mean_ms,p95_ms,errors/s");
    text += if users { ",vus\n" } else { "\n" };
    for at in (0..idle_s).step_by(row_s) {
        text += &format!("{},0,,,0{}\n", START_S + at, if users { ",0" } else { "" });
    }
    for (at, seconds) in test.seconds.chunks(row_s).enumerate() {
        text += &row(START_S + idle_s + at * row_s, seconds, users);
    }
    readable(&text)
}

/// The windows that are found, or the reason and the window to use instead, in seconds of the test.
fn result(table: &Timeline, idle_s: usize) -> String {
    let show = |window: Window| format!("{}..{}", window.from - idle_s, window.to - idle_s);
    match plateau::find(table, &Options::default()) {
        Ok(found) => {
            let each =
                |one: &plateau::Plateau| format!("{} {:.2}", show(one.window), one.level_rps);
            found.all.iter().map(each).collect::<Vec<_>>().join(", ")
        }
        Err(none) => {
            format!("{:?} {:?}", std::mem::discriminant(&none.why), none.instead().map(show))
        }
    }
}

/// The error was: "did not reach the system's limit" of a test that was at it all the time, when rows without requests
/// stood before it. 25 of 84 tables had another result than without such rows.
#[test]
fn rows_before_a_test_change_nothing() {
    let Ok(shapes) = std::fs::read_dir(root("../shared/data/load-shapes")) else {
        println!("SKIPPED: no load-shapes");
        return;
    };
    let mut paths: Vec<_> = shapes.flatten().map(|entry| entry.path().join("k6.json.gz")).collect();
    paths.retain(|path| path.exists());
    paths.sort();
    for path in &paths {
        let test = timeline_of(&bytes_of(path)).unwrap();
        for (row_s, users) in [(2, true), (5, false), (5, true)] {
            // One row shows that the load began from nothing.
            let idle_s = IDLE_S - row_s;
            let alone = result(&table(&test, row_s, row_s, users), 0);
            let later = table(&test, row_s, IDLE_S, users);
            assert!(later.idle_s() >= idle_s, "{} {}", later.idle_s(), path.display());
            assert_eq!(result(&later, idle_s), alone, "{} {row_s} s", path.display());
            assert!(!alone.contains("NotReached") || path.ends_with("light"), "{}", path.display());
        }
    }
}

/// Users who wait for their first answers are a load, and a table without any request has no test.
#[test]
fn users_without_an_answer_are_a_load() {
    let idle_s = |rows: &[(u32, u32)]| {
        let row = |(at, (rps, users)): (usize, &(u32, u32))| {
            format!("{},{rps},20,{users}\n", START_S + at)
        };
        let rows: String = rows.iter().enumerate().map(row).collect();
        readable(&format!("time,rps,p95_ms,vus\n{rows}")).idle_s()
    };
    assert_eq!(idle_s(&[(0, 0), (0, 0), (0, 10), (5, 10), (0, 0)]), 1);
    assert_eq!(idle_s(&[(5, 10), (0, 0), (5, 10)]), 0);
}
