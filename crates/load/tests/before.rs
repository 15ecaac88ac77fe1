//! The time before a plateau, and the system at rest.

use crate::real_rows::table;
use spikeflame_load::plateau::{self, Options, Window};

/// The stretch before the plateau of a table with rows of a second.
fn before(rows: &str) -> Option<Window> {
    let found = plateau::find(&table(rows, 1, "p95"), &Options::default());
    let found = found.unwrap_or_else(|why| panic!("{rows}: {why}"));
    found.chosen().before.map(|before| before.window)
}

/// Real rows of a ramp on a pool of connections, in which ten seconds without an answer were put. The error was: the row
/// `before`, and `--window before`, contained the outage as if the system had been at rest.
#[test]
fn an_outage_is_no_time_at_rest() {
    let rest =
        ["29,4,26", "97,9,25", "162,14,28", "229,19,25", "288,24,28", "350,28,35", "410,33,34"];
    let limit = "485,43,45 479,48,59 493,53,64 491,58,74 490,63,82 491,68,94 494,73,100 491,78,110 498,83,123 \
        493,88,131 493,93,138 493,98,143";
    let of = |early: &[&str], late: &[&str]| {
        before(&format!("{} {} {} {limit}", early.join(" "), "0,30, ".repeat(10), late.join(" ")))
    };
    let whole = format!("{} {limit}", rest.join(" "));
    assert_eq!(before(&whole).unwrap().from, 0);
    // Rows without a load before the test were part of it, too.
    assert_eq!(before(&format!("{} {whole}", "0,0, ".repeat(10))).unwrap().from, 10);
    // Directly before the plateau, and some seconds before it.
    let (direct, earlier) = (of(&rest, &[]).unwrap(), of(&rest[..4], &rest[4..]).unwrap());
    assert!(direct.to <= 7, "{direct:?}");
    assert!(earlier.from >= 14 && earlier.to > 14, "{earlier:?}");
}

/// Real rows of 5 s with means. The error was: 2.9 ms at rest, of which 0.7 ms were a margin for chance.
#[test]
fn the_duration_at_rest_is_the_mean_of_the_fastest_rows() {
    let rows = "336.4,100,100.06 719.6,100,38.25 774.8,100,28.04 763,100,30.56 658.8,100,23.97 14.4,4,2.16";
    let found = plateau::find(&table(rows, 5, "mean_ms"), &Options::default()).unwrap();
    let rest_ms = found.chosen().rest_ms.unwrap();
    assert!((rest_ms - 2.16).abs() < 0.01, "{rest_ms}");
}
