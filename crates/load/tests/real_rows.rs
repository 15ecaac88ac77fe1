//! Tables with the rows of real k6 1.1 runs against small servers, as a dashboard would show them. The
//! server counted for itself in which seconds it was at its limit.

use crate::common;

use common::{bytes_of, readable, root, timeline_of};
use spikeflame_load::plateau::{self, Grade, NoPlateauReason, Options, Statistic, Window};
use spikeflame_load::{Axis, Series, Timeline, wanted_rates};

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

/// Rows of a second of 100 users. The server serves twelve requests at a time, two from 16 s to 30 s, and then
/// twelve again.
const SLOW_FOR_A_WHILE: &str = "\
    226,0,170.4 446,100,33.6 448,100,29.5 460,100,29.4 437,100,33.7 439,100,42.2 455,100,27.2 \
    448,100,29.6 437,100,30.9 444,100,28.6 452,100,32.5 450,100,28.3 448,100,28 441,100,29.3 \
    439,100,33.2 281,100,288.1 101,100,817 98,100,837.7 98,100,854.6 99,100,841.5 100,100,826.4 \
    103,100,824.2 100,100,807.6 100,100,829.7 94,100,869.9 97,100,873 98,100,857.1 97,100,867.5 \
    96,100,848.7 99,100,844.6 278,100,839.7 448,100,28.5 459,100,29.3 440,100,47 443,100,27.7 \
    456,100,31.4 439,100,34.5 441,100,26.9 447,100,30.5 441,100,30.6 449,100,32.9 442,100,28.9 \
    452,100,30.4 443,100,30 448,100,31.8 225,100,27.8";

/// Rows of a second of 120 requests a second, and the users who wait for their answers. The server computes 5 ms for
/// each, but the machine was busy at first.
const CONSTANT_RATE: &str = "\
    12,0,42.3 108,15,142.5 110,23,210.3 103,38,336.7 99,56,513.2 110,64,834.3 129,49,802.5 \
    85,73,688 154,43,725.2 156,8,367.2 122,2,22.4 120,1,16.4 119,2,19.3 120,2,20.9 116,4,47.2 \
    125,1,42 120,1,12.6 121,0,13 119,1,27.1 120,2,22.7 105,16,135.9 135,2,135 120,1,11.6 120,2,15.9 \
    120,3,14.6 106,1,18.1";

/// Rows of a second of a ramping arrival rate with 40 users at most. The event loop was at its limit from 17 s to 35 s.
const RAMPED_RATE: &str = "\
    14,0,16.5 25,0,9.8 28,0,9.4 33,0,8.8 37,0,9.8 40,0,8.7 45,0,9.8 49,0,11.5 52,0,11.9 57,1,12.9 \
    65,1,10.8 87,1,11.4 109,1,14.2 131,2,16.2 152,1,26.7 170,6,58.8 176,13,117 177,28,207.1 \
    177,39,230.9 181,40,229 179,40,228.4 181,40,225.2 181,39,224.9 176,40,238.7 179,39,232 \
    180,40,227.1 183,40,222.2 183,40,223.6 181,40,232.3 178,40,234 167,40,256.9 158,39,294.6 \
    162,40,265.5 166,40,253.5 138,39,356.1 146,37,263.1 7,0,16";

/// Rows of a second of up to 150 users. The server is at its limit from 10 s on, and ends at 24 s.
const CRASH: &str = "\
    3,0,42.1 9,1,27 14,3,26.5 17,4,25.1 25,5,25.1 26,6,26 32,7,26.8 38,8,25.2 98,9,45.5 \
    194,71,293.8 197,141,531.5 191,150,599.2 198,150,600.5 198,150,592.1 197,150,578.2 \
    200,150,581.2 198,150,560.3 197,150,571 196,150,586.3 201,150,578.8 202,150,571.5 201,150,570.9 \
    198,150,585 202,150,576.8 514,150,563.4 754,150, 738,150, 725,150, 737,150, 731,150, 732,150, \
    739,150, 355,150,";

/// Rows of a second of users who come for 9 s and leave, four times. The server was at its limit from 4 s to 10 s, 16 s
/// to 22 s, 27 s to 34 s, and 39 s to 46 s.
const SAWTOOTH: &str = "\
    9,0,27.8 72,15,27.6 136,30,40.5 188,46,64.4 195,61,146 197,77,213.4 201,92,296.8 201,108,343.8 \
    199,123,418.3 190,138,512 49,5,536.7 22,5,27.1 32,5,25.7 84,18,25.9 148,33,37.5 189,48,82.6 \
    197,63,154.6 199,78,217.2 196,93,293.1 201,108,343 200,123,420.1 196,138,508.9 46,5,526.9 \
    26,5,24.7 31,5,27.8 92,18,28 155,33,35.9 192,48,72 199,63,154.1 198,78,214.8 195,93,286.6 \
    198,108,366.3 198,124,424.9 193,138,504.4 45,5,524.6 22,5,22.6 28,5,25.5 91,18,32.4 152,33,39.9 \
    195,48,61.8 198,63,154.1 198,78,217.1 197,94,288.4 200,109,362.7 198,123,416.9 202,139,480.8 \
    44,5,510.2 20,5,24.7 17,5,27.4";

/// Rows of 5 s of 30 users. Each request costs the server more CPU than the one before.
const LEAK: &str = "\
    25.6,0,142.4 138.6,30,27.5 138.4,30,30.8 135.6,30,41.9 129.6,30,60.7 125.6,30,98.7 125,30,82.5 \
    116.6,30,144.6 133.4,30,84.2 129,30,59.9 105.6,30,129.8 113.6,30,111.8 119.4,30,95.5 \
    109,30,147.1 99.2,30,171.2 114.8,30,92 91.2,30,168.1 83.2,30,264 101.2,30,134.7 86.8,30,242 \
    92,30,182 95.8,30,176.6 88.4,30,186.1 97.4,30,136.2 92.4,30,159.2 88.6,30,163.5 82.8,30,203.8 \
    83,30,201.3 79.6,30,228 77.8,30,218.1 78.6,30,209.9 77,30,220.8 70.4,30,293.9 62.8,30,348.2 \
    63.4,30,378.9 64.8,30,319.4 54.4,30,346";

/// Rows of 15 s of a test of 34 s. The users jump from 10 to 150 at 6 s, and the limit from 147 to 300 requests a
/// second at 20 s.
const DEPLOY: &str = "\
    35.5,143,744.3 185,150,850.5 236.6,14,319.1";

/// Rows of a second of users in waves of 6 s. The server was at its limit from 6 s to 29 s.
const WAVES: &str = "\
    1,0,49.4 8,2,39.3 15,4,40 24,6,28.9 31,7,31.9 105,30,33 180,54,78.7 195,78,201.7 190,74,222.7 \
    190,62,226.9 194,52,124.4 195,59,104.9 197,69,150.2 194,79,199.8 200,72,217.5 195,63,169.7 \
    202,52,108.3 198,59,108 196,69,161.8 197,79,195.9 202,74,211.5 197,62,157.1 200,53,95.5 \
    198,59,95.5 200,69,145.1 200,79,196.1 199,73,213.2 202,63,164.9 199,53,112.5 158,31,57 63,8,36";

/// Rows of 5 s, the first of which begins 2 s before the test. Users become fewer in five steps of 8 s. The server was at
/// its limit from 3 s to 27 s of the rows.
const FEWER_USERS: &str = "\
    99,160,691.9 199.6,160,631.9 198.6,100,621.5 199.4,60,322.2 199,60,126.1 139.8,25,120.1 \
    106.4,25,31.3 35.4,8,25.2 18.6,8,25.7";

/// Rows of 15 s of a test of 44 s whose users come for 6 s and leave, four times, far below the limit.
const BELOW: &str = "\
    2.1,10,32.1 117.8,5,30.9 122.1,5,28.3 1.3,5,28.3";

/// Rows of a second of users who grow to 100 in 40 s, leave, and come again. The limit is 200 requests a
/// second, and the knee 41 users.
const LONG_TEETH: &str = "\
    16,4,19.68 28,7,15.86 39,9,16.14 50,12,15.71 63,14,14.38 74,17,15.39 83,19,17.74 98,22,24.32 \
    109,24,16.39 119,26,16.53 134,29,25.08 139,31,22.87 155,34,25.93 161,36,24.76 175,39,36.8 \
    184,41,36.56 186,44,58.75 196,46,41.55 192,49,73.41 186,51,86.36 210,53,68.03 197,56,97.51 \
    203,58,93.14 204,61,129.8 190,63,148 193,66,147.7 196,68,156.2 209,71,154.5 208,73,169.2 \
    189,76,212.7 194,78,219.5 196,80,226 191,83,245.8 201,85,236 194,88,262.9 213,90,256.1 \
    202,93,264 202,95,306.3 212,98,282.2 199,2,312 76,4,334.2 27,7,12.67 39,9,18.11 50,12,15.48 \
    64,14,14.56 72,17,16.31 85,19,17.06 98,22,30.5 106,24,20.54 121,26,19.67 130,29,28.16 \
    142,31,22.36 154,34,18.58 164,36,28.55 172,39,31.94 185,41,30.93 188,44,53.27 195,46,58.01 \
    200,49,51.22 211,51,57.99 202,53,81.97 197,56,94.42 198,58,130.3 210,61,124.5 204,63,124.6 \
    197,66,145.9 205,68,140.7 201,71,165.8 201,73,187.5 187,76,225.6 191,78,288.5 214,80,187.7 \
    192,83,240.9 192,85,266.8 201,88,283.2 194,90,281.2 191,93,304.4 205,95,298.6 196,98,316.9 \
    194,100,329.3 60,,310.4";

/// Rows of a second of 150 requests a second. The server was slow for 15 s, and served all that had piled up
/// until 22 s.
const WARM_UP: &str = "\
    57,93,601 69,175,1134 82,242,1580 85,307,2021 94,363,2389 112,401,2675 112,439,2926 \
    125,464,3081 123,491,3281 141,501,3353 135,516,3448 146,520,3470 165,505,3457 166,489,3362 \
    183,456,3250 187,419,3027 202,367,2778 206,311,2421 205,256,2059 225,181,1667 230,100,1166 \
    232,18,651.5 168,0,104.4 149,1,13.35 150,1,12.34 150,1,10.5 150,1,10.14 151,0,9.929 \
    149,1,9.455 150,1,10.05 150,1,10.02 150,1,9.727 150,1,9.655 150,1,9.518 151,0,9.694 \
    149,1,9.924 151,0,9.334 149,1,10.05 151,0,9.846 149,1,9.786 150,1,9.844 150,1,9.734 \
    150,1,9.669 150,1,10.2 150,1,9.541";

/// Rows of 30 s with the users at their end: a sawtooth of 30 s, whose teeth reach the limit.
const TEETH_OF_A_ROW: &str = "\
    161.4,2,270.7 161.7,2,272.2 161.73,2,278 162.5,2,287.9 160.83,100,283.2";

/// Rows of 10 s with the users at their end: a sawtooth of 30 s far below the limit.
const LOW_TEETH: &str = "\
    31.9,11,16.93 75.9,21,18.1 119.9,2,19.22 31.9,11,15.14 76,21,16.6 120,2,18.23 32.2,11,14.97 \
    76.1,21,16.46 119.8,2,19.18 32.1,11,16.06 76.2,21,17.45 119.7,2,18.61 32,11,15.13 \
    76.1,21,16.45 119.8,30,20 0.2,,12.86";

pub(crate) fn table(rows: &str, step_s: usize, duration: &str) -> Timeline {
    let rows = rows.split_whitespace().enumerate();
    let rows = rows.map(|(at, row)| format!("{},{row}\n", 1_796_041_000 + at * step_s));
    readable(&format!("time,rps,vus,{duration}\n{}", rows.collect::<String>()))
}

pub(crate) fn spans(timeline: &Timeline) -> Vec<(usize, usize)> {
    let found = plateau::find(timeline, &Options::default()).unwrap_or_else(|why| panic!("{why}"));
    found.all.iter().map(|one| (one.window.from, one.window.to)).collect()
}

fn spans_of(rows: &str) -> Vec<(usize, usize)> {
    spans(&table(rows, 1, "p95"))
}

pub(crate) fn refusal(timeline: &Timeline) -> NoPlateauReason {
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

/// The error was: "held at the limit: throughput was 273 requests a second on average, from 1 s to 30 s", because the
/// first row, in which the users begin, made the time between two of their requests too short.
#[test]
fn a_server_that_is_slow_for_a_while_has_levels() {
    let none = plateau::find(&table(SLOW_FOR_A_WHILE, 1, "p95"), &Options::default()).unwrap_err();
    let NoPlateauReason::LevelsDiffer { levels, .. } = &none.why else { panic!("{none}") };
    let [(_, fast), (slow, low), (_, again)] = levels[..] else { panic!("{levels:?}") };
    assert!(slow.from.abs_diff(16) <= 1 && slow.to.abs_diff(30) <= 1, "{slow:?}");
    assert!((low - 99.0).abs() < 2.0 && fast > 430.0 && again > 430.0, "{levels:?}");
    assert_eq!(none.instead(), Some(slow));
}

/// The errors were: the stretch to go on with was the whole test, and the sentence had no rate.
#[test]
fn a_leak_is_named_with_its_seconds_and_rates() {
    let none = plateau::find(&table(LEAK, 5, "p95"), &Options::default()).unwrap_err();
    let NoPlateauReason::SlowPhase { window, load, rps, times, others_rps, .. } = none.why else {
        panic!("{none}")
    };
    let others_rps = others_rps.unwrap();
    assert_eq!((none.instead(), window.to, load), (Some(window), 185, 30.0));
    assert!((60..75).contains(&window.from), "{window:?}");
    assert!(rps < 90.0 && others_rps > 120.0 && times > 4.0, "{rps} {others_rps} {times}");
}

/// The error was: a plateau from 0 s to 25 s "at 2 VUs at most". Fewer answers came where the users grew, and more
/// where they became fewer, so that they are the requests under way.
#[test]
fn users_who_balance_the_answers_are_no_load() {
    let timeline = table(CONSTANT_RATE, 1, "p95");
    let none = plateau::find(&timeline, &Options::default()).unwrap_err();
    let NoPlateauReason::AllServed { rps, backlog, .. } = none.why else { panic!("{none}") };
    assert!((rps - 120.0).abs() < 3.0 && (40.0..80.0).contains(&backlog), "{rps} {backlog}");
    let wanted = wanted_rates(&timeline);
    assert!(wanted[2..24].iter().all(|rate| (rate - 120.0).abs() < 16.0), "{wanted:?}");
}

/// The error was: "9 rows have requests and 0 virtual users", and a limit "between 1 and 3 VUs".
#[test]
fn no_user_at_the_moment_is_no_damage_under_an_arrival_rate() {
    let timeline = table(RAMPED_RATE, 1, "p95");
    assert!(timeline.warnings.is_empty(), "{:?}", timeline.warnings);
    let found = plateau::find(&timeline, &Options::default()).unwrap_or_else(|why| panic!("{why}"));
    let (window, axis) = (found.chosen().window, found.chosen().axis);
    assert_eq!(axis, Axis::InFlight);
    assert!(window.from.abs_diff(15) <= 2 && window.to.abs_diff(35) <= 1, "{window:?}");
}

/// The error was: the seconds after the crash belonged to the plateau, at 383 requests a second. Refused requests
/// have no duration, and come far more often.
#[test]
fn rows_without_durations_after_a_crash_are_no_plateau() {
    let [(from, to)] = spans(&table(CRASH, 1, "p95"))[..] else { panic!("not one") };
    assert!(from.abs_diff(10) <= 1 && to.abs_diff(25) <= 1, "{from} {to}");
    // All fail: users who send more often than before are not held back.
    let row = |at: usize, row: &str| {
        let failed = if at > 24 { row.split(',').next().unwrap_or_default() } else { "0" };
        format!("{},{row},{failed}\n", 1_796_041_000 + at)
    };
    let rows: String = CRASH.split_whitespace().enumerate().map(|(at, one)| row(at, one)).collect();
    let timeline = readable(&format!("time,rps,vus,mean,errors\n{rows}"));
    let [(from, to)] = spans(&timeline)[..] else { panic!("not one") };
    assert!(from.abs_diff(10) <= 1 && to.abs_diff(25) <= 1, "{from} {to}");
}

/// The error was: the users of a sawtooth counted as the requests under way of an arrival rate, and none of the
/// four plateaus was found in a file with each request.
#[test]
fn users_of_a_sawtooth_are_a_schedule() {
    let timeline = table(SAWTOOTH, 1, "p95");
    assert_eq!(Series::from_timeline(&timeline, None).unwrap().axis, Axis::Vus);
    let spans = spans(&timeline);
    let want = [(4, 10), (16, 22), (27, 34), (39, 46)];
    assert_eq!(spans.len(), want.len());
    let near = |(a, b): (&(usize, usize), &(usize, usize))| {
        a.0.abs_diff(b.0) <= 1 && a.1.abs_diff(b.1) <= 1
    };
    assert!(spans.iter().zip(&want).all(near), "{spans:?}");
    let [(from, to)] = spans_of(WAVES)[..] else { panic!("not one") };
    assert!(from.abs_diff(6) <= 1 && to.abs_diff(29) <= 1, "{from} {to}");
}

/// The error was: a plateau from 0 s to 23 s. The goodput of the first row shows that its test began at 3 s.
#[test]
fn goodput_shows_the_part_of_a_row_that_is_at_the_limit() {
    let [(from, to)] = spans(&table(FEWER_USERS, 5, "p95"))[..] else { panic!("not one") };
    assert!(from.abs_diff(3) <= 1 && to.abs_diff(25) <= 3, "{from} {to}");
}

/// The error was: "under the greatest load (10 VUs) 2.1 requests a second succeeded: the system did not answer". The
/// last row has less than a second of the test.
#[test]
fn the_last_row_does_not_show_that_the_system_did_not_answer() {
    let why = refusal(&table(BELOW, 15, "p95"));
    assert!(!matches!(why, NoPlateauReason::NoAnswers { .. }), "{why}");
}

/// The error was: "held at the limit, 80 requests a second", a mean of the first row and a part of the second.
#[test]
fn the_first_row_and_a_part_of_the_second_are_no_plateau() {
    refusal(&table(DEPLOY, 15, "p95"));
}

/// The error was: after a failure from the first second on, no command went on with the test.
#[test]
fn a_failure_from_the_start_on_leaves_the_time_after_it() {
    let row = |at: usize| {
        let failed = if at < 30 { 100 } else { 0 };
        format!("{},100,20,10,{failed}\n", 1_796_041_000 + at)
    };
    let rows: String = (0..60).map(row).collect();
    let timeline = readable(&format!("time,rps,vus,mean,errors\n{rows}"));
    let none = plateau::find(&timeline, &Options::default()).unwrap_err();
    assert!(matches!(none.why, NoPlateauReason::Fails { .. }), "{none}");
    assert_eq!(none.instead().map(|window| (window.from, window.to)), Some((30, 60)), "{none}");
}

/// The error was: one plateau over both teeth, with the 17 s between them in which the users were too few.
#[test]
fn the_teeth_of_a_ramp_are_apart_and_have_its_knee() {
    let found = plateau::find(&table(LONG_TEETH, 1, "p95"), &Options::default()).unwrap();
    let [first, second] = &found.all[..] else { panic!("{:?}", found.all) };
    for (plateau, from, to) in [(first, 16, 40), (second, 57, 80)] {
        let Window { from: begin, to: end } = plateau.window;
        assert!(begin.abs_diff(from) <= 1 && end.abs_diff(to) <= 1, "{:?}", plateau.window);
        let knee = plateau.knee.unwrap();
        assert!(plateau.grade == Grade::Knee && knee.low < 44.0 && knee.high > 41.0, "{knee:?}");
    }
}

/// The error was: "held at the limit" for a server that was slow at first. The first row had fewer requests, so that the
/// load seemed to grow.
#[test]
fn a_warm_up_under_a_constant_rate_is_no_plateau() {
    let why = refusal(&table(WARM_UP, 1, "p95"));
    assert!(matches!(why, NoPlateauReason::PiledUp { .. }), "{why}");
}

/// The error was: "a request took 283.2 ms, and 283.5 ms at rest", although each row had a tooth at the limit.
#[test]
fn users_of_another_moment_of_a_row_show_no_rest() {
    let why = refusal(&table(TEETH_OF_A_ROW, 30, "p95_ms"));
    assert!(matches!(why, NoPlateauReason::RestUnknown { .. }), "{why}");
}

/// Requests and the mean of such rows without users, of tests whose server was at its limit: in all seconds; from 5 s
/// to 19 s.
const SHORT_TESTS: [(usize, &str); 2] =
    [(10, "102.7,121.47 477.6,106.39 560.9,90.00 119.9,85.86"), (15, "462.9,91.63 274.1,99.62")];

/// The error was: "did not reach the system's limit: a request took 91.6 ms, and 91.6 ms at rest". The rows of the ends
/// have the requests of a part of their time, which were called those of a lower load.
#[test]
fn parts_of_the_end_rows_show_no_load_below_the_limit() {
    for (step_s, rows) in SHORT_TESTS {
        let rows = rows.split(' ').enumerate();
        let rows = rows.map(|(at, row)| format!("{},{row}\n", 1_796_041_000 + at * step_s));
        let table = readable(&format!("time,rps,mean_ms\n{}", rows.collect::<String>()));
        let why = refusal(&table);
        assert!(!matches!(why, NoPlateauReason::NotReached { .. }), "{why}");
    }
}

/// Requests, users, the mean and failures of rows of 10 s. The requests of most users timed out from 5 s on, because the
/// server was at its limit.
const TIMEOUTS: &str = "\
    63.5,43,23.14,51.4 190,142,,190 391.9,276,,391.9 150.1,290,90.23,149.6";

/// The error was: "answers came about as soon as at rest", although requests failed after their timeout. The only row
/// with answers had as many failures, so that its users seemed to send no more often at rest.
#[test]
fn a_row_of_failures_does_not_show_how_often_users_send_at_rest() {
    let rows = TIMEOUTS.split_whitespace().enumerate();
    let rows = rows.map(|(at, row)| format!("{},{row}\n", 1_796_041_000 + at * 10));
    let table = format!("time,rps,vus,mean_ms,errors/s\n{}", rows.collect::<String>());
    let why = refusal(&readable(&table));
    assert!(matches!(why, NoPlateauReason::Fails { soon: false, .. }), "{why}");
}

/// The error was: "the limit was the load generator or its script", because rows with few users had many answers.
#[test]
fn throughput_of_rows_that_goes_up_and_down_does_not_stop_growing() {
    let why = refusal(&table(LOW_TEETH, 10, "p95_ms"));
    assert!(matches!(why, NoPlateauReason::NotReached { .. }), "{why}");
}

/// The error was: "served all 392 requests a second that were wanted" for a server that answered nothing for 11 s, in
/// which the load generator wrote no rows.
#[test]
fn a_stall_without_rows_is_a_stall_when_the_next_answers_took_as_long() {
    let rows = |after_ms: u32| {
        let row = |at: usize| match at {
            40 => "1,150,8.8".to_owned(),
            52..58 => format!("400,{},{}", 260 * (58 - at), after_ms),
            _ => format!("150,{},9.8", at % 2),
        };
        let known = (0..80).filter(|at| !(41..52).contains(at));
        let rows = known.map(|at| format!("{},{}\n", 1_796_041_000 + at, row(at)));
        readable(&format!("time,rps,vus,p95\n{}", rows.collect::<String>()))
    };
    let why = refusal(&rows(11_900));
    let NoPlateauReason::Stalled { window, .. } = why else { panic!("{why}") };
    assert_eq!((window.from, window.to), (40, 52));
    // Fast answers after the gap do not show that nothing was answered in it.
    assert!(!matches!(refusal(&rows(10)), NoPlateauReason::Stalled { .. }));
}
