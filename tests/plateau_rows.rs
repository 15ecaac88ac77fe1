//! Tests of `spikeflame plateau` on tables whose rows have many seconds.

use crate::common;

use common::run_with;

/// Requests and the mean of rows of 10 s and of 15 s, of real k6 runs whose servers were at their limits.
const SPIKE: (usize, &str) = (10, "475.4,28.05 691.4,102.70 559.8,247.61 335.8,246.91");
const HELD: (usize, &str) = (15, "610.3,45.28 478.7,27.25");

fn answer((step_s, rows): (usize, &str)) -> String {
    let rows = rows.split(' ').enumerate();
    let rows = rows.map(|(at, row)| format!("{},{row}\n", 1_796_041_000 + at * step_s));
    let table = format!("time,rps,mean_ms\n{}", rows.collect::<String>());
    String::from_utf8(run_with(&["plateau", "-"], table.as_bytes()).stdout).unwrap()
}

/// The errors were: no word about the length of the rows, and the advice to begin with 5 s of a low load in rows
/// of 15 s, which never show them.
#[test]
fn a_refusal_names_few_rows_of_many_seconds() {
    let spike = answer(SPIKE);
    assert!(spike.contains("Take a file with VUs"), "{spike}");
    assert!(
        spike.contains("The test has 4 rows of 10 s. Take the load generator's own"),
        "{spike}"
    );
    let held = answer(HELD);
    assert!(held.contains("The test has 2 rows of 15 s"), "{held}");
    assert!(held.contains("Begin with 30 s of a low load"), "{held}");
}
