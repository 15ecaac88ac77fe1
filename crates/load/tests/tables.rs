//! Tables of dashboards: their times, units, gaps and faults.

use crate::common;

use common::{cpu_time, read_with, readable as read, timeline_of};
use spikeflame_load::plateau::{self, Options};
use spikeflame_load::{Axis, Error, Load, ReadOptions, Series, Timeline, Warning};
use std::time::Duration;

pub(crate) fn fail(text: &str) -> Error {
    timeline_of(text.as_bytes()).unwrap_err()
}

/// 2026-11-23 01:24:45.
pub(crate) const START_S: i64 = 1_795_397_085;

/// A table with a row every `step` seconds.
pub(crate) fn table(header: &str, step: i64, rows: i64, row: impl Fn(i64) -> String) -> String {
    let rows = (0..rows).map(|at| format!("{},{}\n", START_S + at * step, row(at)));
    format!("{header}\n{}", rows.collect::<String>())
}

/// The front of a stretch was searched second by second, each time over all of the rest: eight
/// rows in three days took many minutes. They take less than a second now.
#[test]
fn a_plateau_among_days_of_seconds_is_found_in_time() {
    let rows = "7347,126,100\n56142,25,101\n66113,50,762\n140334,35,3669\n168892,129,116\n\
                187023,45,100\n197582,50,100\n233649,198,149\n";
    let timeline = read(&format!("time,rps,p95\n{rows}"));
    let began = cpu_time();
    let found = plateau::find(&timeline, &Options::default());
    let took = cpu_time() - began;
    assert!(took < Duration::from_secs(20), "{took:?}");
    // Rows with fewer answers were slower: without users, that is no limit.
    let why = found.unwrap_err().why;
    assert!(matches!(why, plateau::NoPlateauReason::AsManyFaster { .. }), "{why:?}");
}

/// Returns a table without users in which each row is a second, its requests and its 95th percentile.
fn without_users(rows: impl Iterator<Item = (f64, f64)>) -> Timeline {
    let rows = rows.enumerate().map(|(at, (rps, p95))| {
        // Requests come and are answered by chance: a few more or less in each second.
        let more = 1.0 + 0.04 * ((at * 7 % 5) as f64 - 2.0);
        format!("2026-11-23T10:{:02}:{:02}Z,{:.0},{p95}\n", at / 60, at % 60, rps * more)
    });
    read(&format!("time,rps,p95 (ms)\n{}", rows.collect::<String>()))
}

/// The error was: of tables without users that stayed below the limit, most had a plateau. The
/// fastest row of a few requests counted as the system at rest, and any late answers as a limit.
#[test]
fn late_answers_without_users_are_no_limit_below_the_greatest_throughput() {
    let why = |timeline: &Timeline| {
        plateau::find(timeline, &plateau::Options::default()).unwrap_err().why
    };
    use plateau::NoPlateauReason as Why;
    // The first seconds are slow, and later ones answer as many requests soon.
    let warm_up = without_users((0..50).map(|at| (40.0, if at < 8 { 400.0 } else { 80.0 })));
    assert!(matches!(why(&warm_up), Why::AsManyFaster { .. }), "{}", why(&warm_up));
    // A row of a few requests may be fast by chance.
    let chance = |at: usize| [30.0, 95.0, 140.0, 70.0, 110.0, 125.0][at % 6];
    let steps = [5.0, 10.0, 20.0, 40.0];
    let stairs = without_users((0..56).map(|at| (steps[at / 14], chance(at * 5 / 2))));
    assert!(plateau::find(&stairs, &plateau::Options::default()).is_err());
    // A server near its limit answers later, and keeps up.
    let near = without_users((0..60).map(|at| {
        let rps = 90.0 * (f64::from(at as u16) / 40.0).clamp(0.1, 1.0);
        (rps, 60.0 / (1.0 - rps / 150.0))
    }));
    assert!(matches!(why(&near), Why::UsersUnknown { users: false, .. }), "{}", why(&near));
    // Throughput is the same from the first row on, so no row shows the system at rest.
    let constant = without_users((0..45).map(|_| (100.0, 600.0)));
    assert!(
        matches!(why(&constant), Why::RestUnknown { .. } | Why::NothingToCompare { .. }),
        "{}",
        why(&constant)
    );
}

/// The error was: the plateau of a table without users began at 40 % of the limit, when answers took twice
/// as long as at rest. The load is then computed from the durations, which grow far faster than throughput.
#[test]
fn a_plateau_without_users_begins_near_its_level() {
    let timeline = without_users((0..120).map(|at| {
        let wanted = 2.0 * f64::from(at as u16) + 2.0;
        let late = if wanted > 95.0 { 4.0 * (wanted - 95.0) } else { 0.0 };
        let used = (wanted / 100.0).min(0.95);
        (100.0 * used, 30.0 / (1.0 - used) + late)
    }));
    let found = plateau::find(&timeline, &plateau::Options::default()).unwrap();
    let window = found.chosen().window;
    assert!((38..=50).contains(&window.from) && window.to >= 118, "{window:?}");
}

/// The counterpart: throughput that no longer grows while answers become later and later is a limit,
/// also when more requests are wanted than are served from the first second on.
#[test]
fn answers_that_become_later_at_the_greatest_throughput_are_a_limit_without_users() {
    let found = |rows: &dyn Fn(f64) -> (f64, f64), seconds: u16| {
        let timeline = without_users((0..seconds).map(|at| rows(f64::from(at))));
        let found = plateau::find(&timeline, &plateau::Options::default());
        found.unwrap_or_else(|why| panic!("{why}")).chosen().window
    };
    // A ramp reaches the limit of 100 requests a second after 30 s.
    let ramp = found(
        &|at| ((100.0 * at / 30.0).clamp(5.0, 100.0), 50.0 + 60.0 * (at - 28.0).max(0.0)),
        60,
    );
    assert!((29..=34).contains(&ramp.from) && ramp.to >= 59, "{ramp:?}");
    // 150 requests a second are wanted from the start, and 100 are served.
    let rate = found(&|at| (100.0, 100.0 + 350.0 * (at + 0.5)), 30);
    assert!(rate.from <= 5 && rate.to == 30, "{rate:?}");
}

/// The error was: a server that is slow but does not queue had a plateau, because in the first row
/// after a jump only the fastest requests had been answered.
#[test]
fn the_first_row_after_a_jump_does_not_show_the_system_at_rest() {
    let rows = (0..45).map(|at| {
        let p95 = [900.0, 1700.0, 2400.0, 2900.0].get(at).copied().unwrap_or(3000.0);
        let rps = [30.0, 45.0, 55.0].get(at).copied().unwrap_or(60.0);
        format!("2026-11-23T10:00:{at:02}Z,{rps},{p95}\n")
    });
    let timeline = read(&format!("time,rps,p95 (ms)\n{}", rows.collect::<String>()));
    assert!(plateau::find(&timeline, &plateau::Options::default()).is_err());
}

/// The error was: missing rows were gaps for the search, but the rate of the plateau was divided by
/// all of its seconds: 60 requests a second where each row had 100.
#[test]
fn missing_rows_do_not_lower_rates() {
    let row = |at: i64| {
        let (users, rps) = (2 * at + 2, (10 * at + 10).min(100));
        format!("{rps},{users},{},0", (1000 * users / rps - 180).max(20))
    };
    let whole = table("time,rps,vus,p95_ms,errors", 1, 60, row);
    let keep = |at: usize| at == 0 || !(at * 7 % 10 < 3 && at > 4);
    let lines = whole.lines().enumerate().filter(|(at, _)| keep(*at));
    let holes: String = lines.map(|(_, line)| format!("{line}\n")).collect();
    let find = |text: &str| {
        let found = plateau::find(&read(text), &Options::default()).unwrap();
        found.chosen().clone()
    };
    let (whole, holes) = (find(&whole), find(&holes));
    assert_eq!((whole.within.missing_s, whole.within.rps), (0, 100.0));
    assert!(holes.within.missing_s > 10, "{holes:?}");
    assert!((holes.within.rps - 100.0).abs() < 1.0, "{holes:?}");
    assert_eq!(holes.within.requests, holes.within.rps * holes.window.seconds() as f64);
}

/// The error was: the growth of a counter over missing rows was put into the first of their seconds,
/// 20 requests a second in place of 10.
#[test]
fn a_counter_grows_evenly_over_missing_rows() {
    let cells = |at: i64| format!("{},{},50", at * 50, at * 5);
    let whole = table("time,total requests,total errors,p95_ms", 5, 40, cells);
    let is_kept = |at: usize| !(12..15).contains(&at) && at != 20;
    let lines = whole.lines().enumerate().filter(|(at, _)| is_kept(*at));
    let text: String = lines.map(|(_, line)| format!("{line}\n")).collect();
    let timeline = read(&text);
    assert!(timeline.warnings.iter().all(|one| !matches!(one, Warning::Hole { .. })));
    let rates = |timeline: &Timeline| {
        let second = |second: &spikeflame_load::Second| (second.ok, second.failed);
        timeline.seconds.iter().map(second).collect::<Vec<_>>()
    };
    assert_eq!(rates(&timeline), vec![(9.0, 1.0); 195]);
    // Nothing is known of durations where there is no row.
    assert_eq!(
        timeline.seconds.iter().filter(|second| second.latency_summary.is_none()).count(),
        20
    );
    // Errors of a row, or a rate, beside the counter; and a counter of errors beside a rate.
    for (header, cells) in [
        ("time,total requests,errors", (|at| format!("{},5", at * 50)) as fn(i64) -> String),
        ("time,total requests,errors/s", |at| format!("{},1", at * 50)),
        ("time,rps,total errors", |at| format!("10,{}", at * 5)),
        ("time,requests,total errors", |at| format!("50,{}", at * 5)),
    ] {
        let whole = table(header, 5, 40, cells);
        let lines = whole.lines().enumerate().filter(|(at, _)| is_kept(*at));
        let text: String = lines.map(|(_, line)| format!("{line}\n")).collect();
        let timeline = read(&text);
        let known = rates(&timeline).into_iter().filter(|(ok, failed)| ok + failed > 0.0);
        assert!(
            known.clone().all(|one| one == (9.0, 1.0)),
            "{header}: {:?}",
            known.collect::<Vec<_>>()
        );
    }
    // The growth over the pause between two tests is of neither.
    let two = |at: i64| if at < 20 { at } else { at + 100 };
    let rows =
        (0..40).map(|at| format!("{},{}\n", START_S + 5 * two(at), at * 50 + at / 20 * 9_000));
    let text = format!("time,total requests\n{}", rows.collect::<String>());
    let options = ReadOptions { test: Some(1), ..ReadOptions::default() };
    let Ok(Load::Timeline(first)) = read_with(text.as_bytes(), &options) else { panic!("{text}") };
    assert_eq!(rates(&first), vec![(10.0, 0.0); 95]);
}

/// The error was: cells of a counter of errors without a value were 0, so the next one was the growth
/// of one row: 78 % errors where there were 10 %.
#[test]
fn a_cell_of_errors_without_a_value_is_no_zero_of_a_counter() {
    for blank in ["", "NaN", "undefined"] {
        let cells = |at: i64| match at % 6 {
            2 => format!("{},{blank}", at * 50),
            _ => format!("{},{}", at * 50, at * 5),
        };
        let timeline = read(&table("time,total requests,total errors", 5, 40, cells));
        assert!(timeline.seconds.iter().all(|second| (second.ok, second.failed) == (9.0, 1.0)));
    }
    // Errors of a row may be absent because there were none, which is said.
    let cells = |at: i64| format!("10,{}", if at % 3 == 2 { "" } else { "1" });
    let timeline = read(&table("time,rps,errors", 1, 30, cells));
    assert_eq!(timeline.warnings, [Warning::AbsentFailures { rows: 10, first_line: 4 }]);
    // Before the first error a monitor has no series of errors. A column without any value counts none.
    let leading = read(&table("time,rps,errors", 1, 30, |at| {
        format!("10,{}", if at < 20 { "" } else { "1" })
    }));
    assert_eq!((leading.warnings.len(), leading.failures_unknown), (0, false));
    // The series of a healthy test ends before the test does. One that ends while requests fail may
    // be missing.
    let ended = |last: &'static str| {
        let cells = move |at: i64| match at {
            0..=18 => "10,0".to_owned(),
            19 => format!("10,{last}"),
            _ => "10,".to_owned(),
        };
        read(&table("time,rps,errors", 1, 30, cells)).warnings
    };
    assert_eq!(ended("0"), []);
    assert_eq!(ended("5"), [Warning::AbsentFailures { rows: 10, first_line: 22 }]);
    let never = read(&table("time,rps,errors", 1, 30, |_| "10,".to_owned()));
    assert!(never.failures_unknown && never.warnings.is_empty(), "{:?}", never.warnings);
}

/// The error was: seconds were read as milliseconds in silence, and `response_time` was no duration.
/// Users, their rate and the durations fit one unit only.
#[test]
fn rate_and_users_show_the_unit_of_bare_durations() {
    // 1 + 8 at users, of whom 400 a second are answered at most; a pause of 0.95 s.
    let row = |scale: f64| {
        move |at: i64| {
            let users = (1 + 8 * at) as f64;
            let rate = users.min(400.0);
            format!("{users},{rate},{:.4}", scale * (users / rate - 0.95).max(0.05))
        }
    };
    for name in ["p95", "avg", "response_time", "latency", "p95_latency", "Latency p95", "p99"] {
        for (scale, unit) in [(1.0, "seconds"), (1e3, "milliseconds")] {
            let timeline = read(&table(&format!("time,vus,rps,{name}"), 1, 120, row(scale)));
            let column = timeline.columns.last().unwrap();
            assert!(column.unit.starts_with(unit), "{name}: {column:?}");
            assert!(!column.guessed, "{name}: {column:?}");
            let found = plateau::find(&timeline, &Options::default()).unwrap();
            let rest_ms = found.chosen().rest_ms.unwrap();
            assert!((45.0..60.0).contains(&rest_ms), "{name} in {unit}: {rest_ms}");
        }
    }
    // Without users, the unit of such small numbers is asked for, or said to be a guess.
    let text = |row: fn(i64) -> String| table("time,rps,p95", 1, 30, row);
    assert!(matches!(
        fail(&text(|at| format!("50,{:.2}", 1.0 + at as f64 / 10.0))),
        Error::Columns { .. }
    ));
    for (row, unit) in [
        ((|at| format!("50,{}", 40 + at)) as fn(i64) -> String, "milliseconds, a guess"),
        (|at| format!("50,{:.3}", 0.05 + at as f64 / 100.0), "seconds, a guess"),
    ] {
        let column = read(&text(row)).columns.last().unwrap().clone();
        assert_eq!((column.unit.as_str(), column.guessed), (unit, true));
    }
}

/// The error was: without durations, no request was in flight, so the users were taken for the idle
/// pool of an arrival rate when the rate fell.
#[test]
fn users_of_a_table_without_durations_are_the_load() {
    let text = table("time,rps,vus", 1, 40, |at| format!("{},5", if at < 20 { 46 } else { 30 }));
    assert_eq!(Series::from_timeline(&read(&text), None).unwrap().axis, Axis::Vus);
}

/// The error was: "did not reach the system's limit: at 280 VUs (0 requests a second) a request
/// took 55.0 ms, and 55.0 ms at rest", with the durations of other seconds.
#[test]
fn a_load_that_gets_no_answers_was_not_below_the_limit() {
    let row = |at| match at {
        0..20 => "20,1,55".to_owned(),
        _ => format!("0,{},", 20 * (at - 19)),
    };
    let timeline = read(&table("time,rps,vus,p95", 1, 35, row));
    let why = plateau::find(&timeline, &plateau::Options::default()).unwrap_err().why;
    assert!(matches!(why, plateau::NoPlateauReason::NoAnswers { .. }), "{why}");
    assert!(why.to_string().contains(" 0 requests a second succeeded"), "{why}");
}

/// The error was: a table whose column has any name, such as that of a panel's series, was refused,
/// although its cells are requests a second.
#[test]
fn cells_of_requests_a_second_make_any_column_a_rate() {
    for (cell, rate) in
        [("400 req/s", 400.0), ("0.4K reqps", 400.0), ("24000 req/min", 400.0), ("400 rps", 400.0)]
    {
        let text = table("Time,{job=\"shop\"},cpu", 15, 9, |_| format!("{cell},5 %"));
        let load = read(&text);
        assert_eq!(load.seconds[3].requests(), rate, "{cell}");
        assert_eq!(load.columns[0].name, "{job=\"shop\"}");
    }
    // With two of them the user decides, and so does a name that is known.
    let two = table("Time,a,b", 15, 9, |_| "400 req/s,5 req/s".into());
    let why = fail(&two).to_string();
    assert!(why.contains("several are rates (a, b)"), "{why}");
    let named = table("Time,a,requests", 1, 9, |_| "400 req/s,5".into());
    assert_eq!(read(&named).seconds[3].requests(), 5.0);
    // Other events a second are no requests.
    fail(&table("Time,a", 15, 9, |_| "400 ops/s".into()));
}

/// The error was: the load was requests in flight, and the column still counted as virtual users.
#[test]
fn a_column_of_users_without_a_value_is_named_as_such() {
    let row = |at: u32| format!("2026-11-18T11:06:{at:02}Z,{},n/a,60\n", 10 + at);
    let rows = (0..30).map(row).collect::<String>();
    let timeline = timeline_of(format!("time,rps,vus,p95 (ms)\n{rows}").as_bytes()).unwrap();
    let users = timeline.columns.iter().find(|column| column.name == "vus").unwrap();
    assert_eq!(users.unit, "without a value in any row");
}

/// The error was: a cell without a duration counted as a request that takes no time. It ended the
/// plateau, and made means shorter.
#[test]
fn a_cell_without_a_duration_is_a_gap_in_its_column_only() {
    let is_absent = |at: i64, of: i64| at % of >= (of + 1) / 2;
    let header = "time,rps,vus,avg (ms)";
    for of in [2, 7, 10] {
        let cell = |at, ms: i64| if is_absent(at, of) { String::new() } else { ms.to_string() };
        let still = read(&table(header, 1, 40, |at| format!("45,20,{}", cell(at, 80))));
        let why = plateau::find(&still, &Options::default()).unwrap_err().why;
        let plateau::NoPlateauReason::NothingToCompare { then_ms, .. } = why else {
            panic!("{of}: {why}")
        };
        assert!((then_ms - 80.0).abs() < 0.1, "{of}: {then_ms}");
        // 10 users pause for 0.4 s; so do 60, who get 100 answers a second at most.
        let jump = read(&table(header, 1, 60, |at| match at {
            0..20 => format!("23,10,{}", cell(at, 40)),
            _ => format!("100,60,{}", cell(at, 200)),
        }));
        let found = plateau::find(&jump, &Options::default()).unwrap();
        let window = found.chosen().window;
        assert!(found.all.len() == 1 && window.seconds() >= 38, "{of}: {found:?}");
    }
}

/// The error was: users who began in rows without their number were not there, so the few known
/// ones seemed to get many answers. All later ones seemed to be held back.
#[test]
fn users_who_are_known_in_some_rows_only_are_not_held_back() {
    for of in [3, 5, 15] {
        let row = |at: i64| {
            let users = if at < 1 { 1 } else { 20 };
            let cell = if at % of == 0 { users.to_string() } else { String::new() };
            format!("{},{cell},{}", 45 * users / 20, if at < 6 { 50 } else { 80 })
        };
        let timeline = read(&table("time,rps,vus,p95 (ms)", 1, 61, row));
        let why = plateau::find(&timeline, &Options::default());
        assert!(why.is_err(), "{of}: {why:?}");
    }
}

/// A server of the simulation whose answers take seconds, without a queue: 95th percentiles grow at
/// first, because only fast requests have ended. The error was: a plateau.
#[test]
fn slow_answers_in_the_first_rows_are_no_queue() {
    let starts: [(u32, u32); 6] =
        [(12, 469), (76, 1188), (74, 2023), (85, 2310), (80, 3293), (73, 3326)];
    let later = [3145, 3424, 3195, 4145, 3097, 3195, 3654, 3162];
    let row = |at: i64| match starts.get(at as usize) {
        Some((rps, p95)) => format!("{rps},{p95}"),
        None => format!("{},{}", 72 + at * 5 % 11, later[at as usize % later.len()]),
    };
    let found = plateau::find(&read(&table("time,rps,p95", 1, 50, row)), &Options::default());
    assert!(found.is_err(), "{found:?}");
    // A server at its limit works at it from the first row on.
    let full = |at: i64| row(at).replacen("12,", "74,", usize::from(at == 0));
    let full = plateau::find(&read(&table("time,rps,p95", 1, 50, full)), &Options::default());
    assert!(full.is_ok(), "{full:?}");
}

/// Users wait for the load generator, and hardly longer for answers. The error was: a plateau, with
/// three times as long between two requests and 1.4 times as long for an answer.
#[test]
fn users_who_wait_in_the_load_generator_show_no_limit() {
    let row = |at: i64| {
        let users = (2 * at).min(160);
        let p95 = if users < 60 { 96 + at % 5 } else { 140 + 7 * (at % 3) };
        format!("{},{users},{p95},0", (users as f64 / 0.6).min(90.0))
    };
    let timeline = read(&table("time,rps,vus,p95,errors", 1, 120, row));
    let found = plateau::find(&timeline, &Options::default());
    assert!(found.is_err(), "{found:?}");
}

/// The error was: "answers came about as soon as at rest" of failed requests whose durations are
/// in no column.
#[test]
fn a_table_without_users_does_not_show_how_soon_requests_failed() {
    let row = |at: i64| match at {
        0..8 => format!("{},0,{}", 40 + at, 30 + at % 3),
        _ => format!("{},60,31", 60 + at % 2),
    };
    let timeline = read(&table("time,rps,errors,p95", 1, 40, row));
    let why = plateau::find(&timeline, &Options::default()).unwrap_err().why;
    let text = why.to_string();
    assert!(matches!(why, plateau::NoPlateauReason::Fails { soon: false, .. }), "{text}");
    assert!(text.contains("nearly all") && !text.contains("as soon as at rest"), "{text}");
    // A real test of users whose requests time out, in rows of 5 s.
    let rows = [(24.2, 7.4, 13), (0.0, 72.8, 38), (0.0, 141.8, 76), (0.0, 227.8, 127)];
    let late = [(0.0, 326.4, 189), (0.0, 445.6, 264), (1.0, 330.2, 151), (0.0, 13.8, 17)];
    let all = [rows, late].concat();
    let text = table("time,rps,errors,vus,p95", 5, 8, |at| {
        let (rps, errors, vus) = all[at as usize];
        format!("{rps},{errors},{vus},{}", if rps > 0.0 { "120" } else { "" })
    });
    let why = plateau::find(&read(&text), &Options::default()).unwrap_err().why;
    assert!(!why.to_string().contains("as soon as at rest"), "{why}");
}

/// Answers take twenty times as long as at rest, and go up and down from row to row as they do below a limit.
/// A queue of this length is one of a system at its limit, whatever the scatter.
#[test]
fn a_queue_that_is_far_longer_than_at_rest_is_a_limit_whatever_the_scatter() {
    let times = |factor: f64| {
        let scatter = |at: usize| [0.6, 1.5, 1.0, 0.7, 1.7, 0.8, 1.4][at * 5 % 7];
        let timeline = without_users((0..60).map(|at| match at {
            0..15 => (10.0 + at as f64, 20.0),
            _ => (100.0, 20.0 * factor * scatter(at)),
        }));
        plateau::find(&timeline, &plateau::Options::default())
    };
    let window = times(25.0).unwrap_or_else(|why| panic!("{why}")).chosen().window;
    assert!(window.from.abs_diff(15) <= 2 && window.to >= 58, "{window:?}");
    let why = times(5.0).unwrap_err().why;
    assert!(matches!(why, plateau::NoPlateauReason::UsersUnknown { .. }), "{why}");
}

/// The error was: times with the name of a month were refused in the table of a load test.
#[test]
fn times_may_have_the_name_of_their_month() {
    for time in
        ["\"Nov 23, 2026, 1:24:30 AM\"", "23-Nov-2026 01:24:30", "Mon Nov 23 01:24:30 UTC 2026"]
    {
        let text = format!("time,rps\n{time},20\n{},30\n", time.replace(":30", ":31"));
        let load =
            spikeflame_load::read(text.as_bytes(), "x.csv".as_ref(), &ReadOptions::default());
        let Ok(Load::Timeline(timeline)) = load else { panic!("{time} was not read") };
        assert_eq!((timeline.start_s, timeline.seconds.len()), (1_795_397_070, 2), "{time}");
    }
}

/// The error was: in a table with commas before fractions, `1.203` requests were 1.2.
#[test]
fn points_separate_thousands_where_commas_stand_before_fractions() {
    let text = "time;requests;p95 [ms]\n1795397085;999;80,5\n1795397086;1.203;81,0\n1795397087;12.030;82,0\n";
    let rates: Vec<f64> = read(text).seconds.iter().map(|second| second.ok).collect();
    assert_eq!(rates, [999.0, 1203.0, 12030.0]);
}

/// The error was: a spreadsheet's title above the names was called a log, and a cell with a line break was
/// called a quote that is not closed.
#[test]
fn titles_and_cells_of_several_lines_of_a_spreadsheet() {
    let text = "Load of the shop,,\n,,\ntime,rps,note\n1795397085,10,\"a\nb, \"\"c\"\"\"\n1795397086,20,\n\
                1795397087,30,\"open\n1795397088,40,\n";
    let timeline = read(text);
    let rates: Vec<f64> = timeline.seconds.iter().map(|second| second.ok).collect();
    assert_eq!(rates[..2], [10.0, 20.0]);
    assert_eq!(rates.last(), Some(&40.0));
    let serial = fail("time,rps\n46353.4585069444,10\n46353.4585185185,20\n46353.4585300926,20\n");
    assert!(serial.to_string().contains("a spreadsheet's numbers for dates"), "{serial}");
}

/// The errors were: "keep those of one series" for rows whose seconds Excel had left out, and no word about the format
/// of its cells for days and minutes.
#[test]
fn times_that_excel_cut_are_named() {
    let rows = |times: [&str; 4]| {
        let rows = times.map(|time| format!("{time};9;33\n"));
        fail(&format!("Time;rps;p95_ms\n{}", rows.concat())).to_string()
    };
    let minutes = ["11/27/2026 11:00"; 4];
    let days = ["46353,458333", "46353,458449", "46353,458565", "46353,458681"];
    for times in [minutes, days, ["58:30.0", "58:35.0", "58:40.0", "58:45.0"]] {
        let told = rows(times);
        assert!(told.contains("the cells of Excel the format"), "{told}");
    }
    let same = ["2026-11-27 11:00:10"; 4];
    assert!(!rows(same).contains("Excel"), "{}", rows(same));
}

/// The error was: the second column of times of New Relic's rows was a quantity beside the test.
#[test]
fn a_second_column_of_times_is_no_quantity() {
    let text = table("Begin time,End time,rps,jobs", 30, 4, |at| {
        format!("{},9,4", START_S + 30 * at + 30)
    });
    let tracks = read(&text).tracks;
    let names: Vec<&str> = tracks.iter().map(|track| track.name.as_str()).collect();
    assert_eq!(names, ["jobs"]);
}

/// The error was: "no column of requests" for Datadog's export, whose columns are named by their queries.
#[test]
fn queries_of_datadog_name_their_quantity() {
    let head = |unit: &str| {
        format!(
            "timestamp,avg:k6.vus{{*}},sum:k6.http_reqs{{*}}.{unit}(),p95:k6.http_req_duration{{*}},\
             sum:k6.http_req_failed{{*}}.{unit}()"
        )
    };
    let rates = read(&table(&head("as_rate"), 10, 6, |_| "4.5,56,32.9,4".to_owned()));
    let counts = read(&table(&head("as_count"), 10, 6, |_| "4.5,560,32.9,40".to_owned()));
    for timeline in [rates, counts] {
        let second = &timeline.seconds[20];
        assert_eq!((second.ok, second.failed, second.vus), (52.0, 4.0, Some(4.5)));
        assert_eq!(second.latency_summary.map(|told| told.p95), Some(32.9));
    }
}
