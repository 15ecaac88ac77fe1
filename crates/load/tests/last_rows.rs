//! Last rows of real tables, which have only a part of their time.

use crate::real_rows::{refusal, spans, table};
use spikeflame_load::plateau::{self, NoPlateauReason, Options};

/// The error was: the plateau lasted to the end of the last row, which has a second or less of it.
#[test]
fn a_last_row_with_a_part_of_a_plateau_ends_it() {
    for (rows, step_s, end) in [
        (
            "50,10,200 100,20,200 200,100,500 200,100,500 200,100,500 200,100,500 20,100,500",
            5,
            30..=31,
        ),
        (
            "50,10,200 100,20,200 200,100,500 200,100,500 200,100,500 200,100,500 10,100,500 0,0,",
            5,
            30..=31,
        ),
        // An arrival rate, a short test and stairs of k6.
        (
            "104.4,0,3.2 299.8,1,28.4 437.8,80,166.8 419.4,299,459.7 581.2,299,323.5 88.4,300,10362.4",
            5,
            26..=26,
        ),
        (
            "45.6,0,162.3 112,1,14.6 180.6,2,36.1 198.6,150,352 188.2,150,637.3 202.6,149,643.3 219.8,35,466.3 \
             7.4,,15814.2",
            5,
            35..=36,
        ),
        ("124.3,20,18.7 304.9,80,135.1 339.8,160,547.4 19.1,63,1859.1", 10, 31..=32),
        // A whole last row is a part of the plateau.
        (
            "50,10,200 100,20,200 200,100,500 200,100,500 200,100,500 200,100,500 200,100,500",
            5,
            35..=35,
        ),
        // Half of a row.
        (
            "50,10,200 100,20,200 200,100,500 200,100,500 200,100,500 200,100,500 100,100,500",
            5,
            32..=33,
        ),
    ] {
        let found = spans(&table(rows, step_s, "p95"));
        assert!(matches!(found[..], [(_, to)] if end.contains(&to)), "{rows}: {found:?}");
    }
}

/// The error was: a plateau up to the end of a table had an end one second before, and a row `after` of that second.
#[test]
fn a_plateau_that_lasts_to_the_end_has_the_last_second() {
    let row =
        |users: usize, rate: usize| format!("{rate},{users},{} ", 50.max(users * 1_000 / rate));
    let ramp = |last: usize| {
        let rows = (1..=99).map(|at| row(2 * at, (40 * at).min(1_000)));
        table(&(rows.collect::<String>() + &row(200, last)), 1, "p95")
    };
    assert_eq!(spans(&ramp(1_000)).last().unwrap().1, 100);
    assert_eq!(spans(&ramp(300)).last().unwrap().1, 99);
}

/// The error was: the last row of a held load, which has 1 s of 5 of the test, was a slow phase of the system.
#[test]
fn a_last_row_with_a_part_of_the_test_is_no_slow_phase() {
    let rows = |last: &str| format!("480,200,360 498,200,334 500,200,390 490,200,360 {last}");
    let why = refusal(&table(&rows("50,200,19000"), 5, "p95"));
    assert!(!matches!(why, NoPlateauReason::SlowPhase { .. }), "{why}");
    // Two such rows are no part of one.
    let why = refusal(&table(&rows("50,200,19000 50,200,19000"), 5, "p95"));
    assert!(matches!(why, NoPlateauReason::SlowPhase { .. }), "{why}");
}

/// Real rows of a second, of a k6 test that was stopped 0.08 s after the last whole second. The error was: 463 requests
/// a second on average, at a limit of 491, because the last second counted as a whole one.
#[test]
fn a_plateau_ends_before_the_second_in_which_the_test_is_stopped() {
    let rows = "29,4,26 97,9,25 162,14,28 229,19,25 288,24,28 350,28,35 410,33,34 441,38,44 485,43,45 479,48,59 \
        493,53,64 491,58,74 490,63,82 491,68,94 494,73,100 491,78,110 498,83,123 493,88,131 493,93,138 493,98,143 \
        470,107,174 491,117,146 481,127,160 491,137,149 477,147,176 40,157,145";
    let timeline = table(rows, 1, "p95");
    let found = plateau::find(&timeline, &Options::default()).unwrap();
    assert_eq!(found.chosen().window.to, 25, "{found:?}");
    assert!((480.0..=492.0).contains(&found.chosen().within.rps), "{found:?}");
}
