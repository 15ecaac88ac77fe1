//! Tables with the rows of real k6 1.1 runs against small servers, as a dashboard would show them. The
//! server counted for itself in which seconds it was at its limit.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a test may fail")]

mod common;

use common::{bytes_of, readable, root, timeline_of};
use spikeflame_load::Timeline;
use spikeflame_load::plateau::{self, NoPlateauReason, Options, Statistic};

/// Requests, users and the 95th percentile of each second. Users jump from 20 to 250 for 12 s, and from 20
/// to 300 for 12 s. The server computes 5 ms for each request: by its event loop, it was at its limit from
/// 9 s to 22 s and from 35 s to 48 s.
const TWO_SPIKES: &str = "\
    3,0,16.8 10,2,13 11,5,12.1 22,7,18.6 21,10,18.7 34,12,27.5 32,14,18.4 40,17,31.3 \
    83,19,125.7 153,115,440.3 137,230,382.2 145,250,2237.5 151,250,628.4 147,250,4271.8 \
    134,250,4247.1 159,250,1200.9 147,250,1007.2 127,250,8065.7 137,250,1031.2 \
    142,250,1087.7 143,250,1562.9 184,244,11639.9 154,140,12255.8 49,20,15.6 50,20,18 \
    51,20,16 45,20,18.1 51,20,17.1 48,20,15.8 47,20,16.3 48,20,18.8 44,20,14.3 \
    52,20,19.8 47,20,14.1 101,20,98.8 176,136,677 176,277,872.9 174,300,1785.5 \
    168,300,573.1 175,300,570.6 174,300,5356.3 176,300,5947 173,300,991.2 177,300,997.9 \
    180,300,955.6 175,300,952.1 180,300,1032.2 175,298,1010.5 175,212,12793.1 \
    36,49,12732.7";

/// Requests, users and the mean of rows of 5 s. The event loop of a server for 20 users stood still for 5 s.
const STALL: &str = "\
    31,13,9.2 88.6,20,13.9 93.2,20,14.5 14,20,8.5 81.8,20,250.3 95.2,20,8.8 97.6,20,7.8 \
    52.8,2,7.9";

/// Requests, users and the 95th percentile of rows of 15 s. The users of a test of 40 s become fewer in
/// five steps, and its first row has 2 s of the test.
const STAIRS_DOWN: &str = "\
    33,160,691.9 199.2,60,623.9 148.4,25,121.4 18,8,25.2";

/// Such a table of a test of 26 s whose 200 users have ended at the end of the second row.
const TWO_ROWS: &str = "\
    160.3,200,659.2 173,1,631.5";

/// Such a table of a test of 43 s whose users grow to 200 in 10 s, and to 1,200 in the next 15 s.
const RAMP: &str = "\
    35.8,207,26.8 189.5,1200,2283.2 201.5,1200,3063.1 51.7,4,3056.1";

/// Requests, users and the 95th percentile of rows of 5 s. The server serves two requests at a time, and
/// four from 25 s on; each takes about 20 ms.
const SECOND_INSTANCE: &str = "\
    66.2,100,958.4 99,100,882.2 100.2,100,840.6 99.2,100,848 99.6,100,836 169,100,806.6 \
    198.4,100,325.7 201.6,100,319.9 200.2,100,330.4 200.4,100,320 67.8,100,324.4";

fn table(rows: &str, step_s: usize, duration: &str) -> Timeline {
    let rows = rows.split_whitespace().enumerate();
    let rows = rows.map(|(at, row)| format!("{},{row}\n", 1_796_041_000 + at * step_s));
    readable(&format!("time,rps,vus,{duration}\n{}", rows.collect::<String>()))
}

fn spans(timeline: &Timeline) -> Vec<(usize, usize)> {
    let found = plateau::find(timeline, &Options::default()).unwrap_or_else(|why| panic!("{why}"));
    found.all.iter().map(|one| (one.window.from, one.window.to)).collect()
}

fn refusal(timeline: &Timeline) -> NoPlateauReason {
    plateau::find(timeline, &Options::default()).unwrap_err().why
}

/// The error was: one plateau over both spikes and the 12 s between them. Rows in which users begin have
/// too few of them, so that users seemed to send more often at rest than they did.
#[test]
fn spikes_in_rows_of_a_second_are_apart() {
    let [first, second] = spans(&table(TWO_SPIKES, 1, "p95"))[..] else { panic!("not two") };
    assert!(first.0.abs_diff(9) <= 1 && first.1.abs_diff(22) <= 1, "{first:?}");
    assert!(second.0.abs_diff(35) <= 1 && second.1.abs_diff(48) <= 2, "{second:?}");
}

/// The error was: a plateau from 19 s to 27 s, in which the requests of a stall were answered.
#[test]
fn the_answers_to_a_stall_in_long_rows_are_no_plateau() {
    assert!(matches!(refusal(&table(STALL, 5, "mean")), NoPlateauReason::NothingToCompare { .. }));
}

/// The error was: the first row alone was a plateau "at 47 requests a second", and the row after it had 199.
#[test]
fn the_first_row_alone_is_no_plateau() {
    let why = refusal(&table(STAIRS_DOWN, 15, "p95"));
    assert!(matches!(why, NoPlateauReason::RowsTooLong { row_s: 15, .. }), "{why}");
}

/// The errors were: "answers took 1 ms on average" for rows with 95th percentiles of 659 and 631, because the
/// user of the last row could not have had so many requests under way.
#[test]
fn durations_beside_the_last_user_are_milliseconds_and_name_their_statistic() {
    let why = refusal(&table(TWO_ROWS, 15, "p95"));
    let NoPlateauReason::RestUnknown { then_ms, statistic, .. } = why else { panic!("{why}") };
    assert!((630.0..660.0).contains(&then_ms), "{then_ms}");
    assert_eq!(statistic, Statistic::P95);
}

/// The error was: "the load stood still at 1200 VUs", because a single row between two others has this number.
#[test]
fn a_single_row_shows_no_load_that_stood_still() {
    let why = refusal(&table(RAMP, 15, "p95"));
    assert!(!why.to_string().contains("stood still"), "{why}");
}

/// The error was: "a row of the file is 5 s long and has one number of users", although the users stood still,
/// and a steadiest stretch over both levels.
#[test]
fn levels_under_constant_users_are_named() {
    let none = plateau::find(&table(SECOND_INSTANCE, 5, "p95"), &Options::default()).unwrap_err();
    let steadiest = none.steadiest.unwrap();
    let NoPlateauReason::LevelsDiffer { levels, .. } = none.why else { panic!("{none}") };
    let [(early, low), (late, high)] = levels[..] else { panic!("{levels:?}") };
    assert_eq!((early.to, late.from, steadiest.from), (25, 25, 25));
    assert!((low - 99.0).abs() < 2.0 && (high - 199.0).abs() < 2.0, "{levels:?}");
}

/// A real run of 40 users against a server that serves one request at a time, and eight from 16 s on. The
/// first answers were compared with those of the whole test, and the error was: "the same load got more
/// answers at other times". A profile whose thread always had work shows the limit, too.
#[test]
fn first_answers_show_a_queue_of_the_first_level() {
    let bytes = bytes_of(&root("samples/load/constant-more-slots.jtl.gz"));
    let timeline = timeline_of(&bytes).unwrap();
    let [(from, to)] = spans(&timeline)[..] else { panic!("not one") };
    assert!(from == 0 && to.abs_diff(17) <= 1, "{from} {to}");
    let without_first = Timeline { first: Vec::new(), ..timeline };
    assert!(matches!(refusal(&without_first), NoPlateauReason::LevelsDiffer { .. }));
    let share = |second| if second < 17 { 0.99 } else { 0.3 };
    let busy = Some((0..without_first.seconds.len()).map(share).collect());
    let options = Options { busy, ..Options::default() };
    let found = plateau::find(&without_first, &options).unwrap_or_else(|why| panic!("{why}"));
    let window = found.chosen().window;
    assert!(window.from == 0 && window.to.abs_diff(17) <= 1, "{window:?}");
}

/// The error was: `plateau` knew no requests in a table whose columns have the queries of Prometheus as names.
#[test]
fn queries_as_names_have_their_unit() {
    let rates = |name: &str, factor: u32| -> Vec<f64> {
        let rows = (0..8).map(|at| format!("{},{},5,20\n", 1_796_041_000 + at, (10 + at) * factor));
        let timeline = readable(&format!("time,{name},vus,p95 (ms)\n{}", rows.collect::<String>()));
        timeline.seconds.iter().map(|second| second.ok).collect()
    };
    let want = rates("rps", 1);
    assert_eq!(rates("rate(k6_http_reqs_total[30s])", 1), want);
    assert_eq!(rates("sum(increase(http_requests_total{job=\"shop\"}[30s]))", 30), want);
}
