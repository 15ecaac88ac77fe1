//! Stalls in tables, and late answers after them.

use crate::common;

use crate::rest::chosen;
use common::timeline_of;
use spikeflame_load::plateau::{self, NoPlateauReason, Options};

/// A table of a test whose answers stop for 15 s: the load is the same before, within and after.
/// `keeps` is true for a generator that never takes its users away again, as k6 does with those of
/// an arrival rate.
fn stalled_table(keeps: bool) -> String {
    let mut table = String::from("time,rps,vus,p95\n");
    let mut most = 2;
    for second in 0..70_u32 {
        let (rps, vus, p95) = match second {
            25..40 => (0, 2 + 20 * (second - 24), String::new()),
            40..43 => {
                (120, 202 - 100 * (second - 40), (15_000 - 4_500 * (second - 40)).to_string())
            }
            _ => (20, 2, (50 + second * 7 % 12).to_string()),
        };
        most = most.max(vus);
        let vus = if keeps { most } else { vus };
        table += &format!("{},{rps},{vus},{p95}\n", 1_795_400_000 + second);
    }
    table
}

/// The error was: "the load stood still, and a request took 3471.0 ms on average", or a plateau of
/// 70 s where the number of users stays as high as the stall made it.
#[test]
fn a_stall_is_refused_by_name_with_its_seconds() {
    for keeps in [false, true] {
        let timeline = timeline_of(stalled_table(keeps).as_bytes()).unwrap();
        let none = plateau::find(&timeline, &Options::default()).unwrap_err();
        let NoPlateauReason::Stalled { window, usual_rps } = none.why else {
            panic!("{keeps}: {none:?}")
        };
        assert_eq!((window.from, window.to, usual_rps), (25, 40, 20.0), "{keeps}");
        // The command that goes on takes neither the stall nor the seconds that make up for it.
        let steadiest = none.steadiest.unwrap();
        assert!(steadiest.from >= 43 || steadiest.to <= 25, "{keeps}: {steadiest:?}");
    }
}

/// Users jump from 10 to 300, and every request times out after 2 s once the queue is full. A table
/// has no duration of failed requests. The error was: these seconds "show a failure", so only the
/// six seconds before the first timeout were found.
#[test]
fn timeouts_in_a_table_are_late_answers() {
    let mut table = String::from("time,rps,vus,errors,p95\n");
    for second in 0..45_u32 {
        let (rps, vus, errors, p95) = match second {
            0..10 => (18, 10, 0, "60".to_owned()),
            10..16 => (96, 300, 0, (300 * (second - 9)).to_string()),
            _ => (110 + second * 13 % 31, 300, 110 + second * 13 % 31, String::new()),
        };
        table += &format!("{},{rps},{vus},{errors},{p95}\n", 1_795_400_000 + second);
    }
    let found = chosen(&timeline_of(table.as_bytes()).unwrap());
    assert!(found.window.from.abs_diff(10) <= 1 && found.window.to >= 43, "{:?}", found.window);
}
