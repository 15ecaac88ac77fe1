//! Numbers of the recorder's `process.csv`, as the kernel counted them, beside those of the ticks.

use crate::common;
use crate::marks;

use common::{BEFORE_1_ZERO, root};
use spikeflame_parse::Progress;
use spikeflame_profile::wall;
use spikeflame_run::{Options, Run, Warning, Window};
use std::fmt::Write as _;
use std::io::Read;
use std::path::Path;

fn log_of(run: &str) -> String {
    let log = root("samples/spike").join(run).join("isolate-v8.log.zst");
    let mut text = String::new();
    let mut stream = spikeflame_parse::open(&log, &Progress::default()).unwrap();
    stream.read_to_string(&mut text).unwrap();
    text
}

/// Writes a row a second for the program (77) and for the npm that started it (70).
fn write_table(folder: &Path, main: &str) {
    let mut rows = "time,pid,cpu_cores,main_thread_cores,event_loop_utilization\n".to_owned();
    for second in 0..90 {
        let time = wall::rfc3339((BEFORE_1_ZERO + second * 1_000_000).unsigned_abs());
        writeln!(rows, "{time},77,1.9,{main},0.95\n{time},70,0.02,0.01,0.01").unwrap();
    }
    std::fs::write(folder.join("process.csv"), rows).unwrap();
}

/// The main thread and its workers have a log each, with the number of one process.
#[test]
fn the_share_of_a_core_is_the_main_thread_s_beside_workers_and_npm() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("isolate-0x1-77-v8.log", &log_of("before-1"));
    write("isolate-0x2-77-v8.log", &marks::later(&log_of("after-1"), -77));
    let share = || {
        let run = Run::read(&[folder.path().to_owned()], Options::default());
        assert_eq!(run.profile().unwrap().sources.len(), 2);
        run.main_thread_cores(20_000_000, 40_000_000).unwrap().map(|share| share.share)
    };
    // The ticks of one thread would not be those of the main thread.
    assert_eq!(share(), None);
    write_table(folder.path(), "0.61");
    assert!((share().unwrap() - 0.61).abs() < 1e-9, "{:?}", share());
    // With a log of another process, nobody knows whose main thread is meant.
    std::fs::rename(
        folder.path().join("isolate-0x2-77-v8.log"),
        folder.path().join("isolate-0x2-78-v8.log"),
    )
    .unwrap();
    assert_eq!(share(), None);
}

/// On a busy machine, V8 takes ticks late, so their number shows more than the thread got.
#[test]
fn a_starved_thread_has_the_share_that_the_kernel_counted() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("isolate-0x1-77-v8.log"), log_of("before-1")).unwrap();
    let load = root("samples/spike/before-1/k6.csv.gz");
    std::fs::copy(load, folder.path().join("k6.csv.gz")).unwrap();
    let starved = || {
        let run = Run::read(&[folder.path().to_owned()], Options::default());
        run.starved().iter().map(|one| one.cores).collect::<Vec<_>>()
    };
    let by_ticks = starved();
    assert!(!by_ticks.is_empty() && by_ticks.iter().all(|cores| *cores > 0.1), "{by_ticks:?}");
    write_table(folder.path(), "0.02");
    let counted = starved();
    assert_eq!(counted.len(), by_ticks.len());
    assert!(counted.iter().all(|cores| (cores - 0.02).abs() < 1e-9), "{counted:?}");
}

/// The error was: `top` printed the kernel's share beside a chart and a comparison with that of the ticks, which
/// also count waiting for a core.
#[test]
fn one_share_of_a_core_has_the_kernel_as_its_source() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("isolate-0x1-77-v8.log"), log_of("before-1")).unwrap();
    let load = root("samples/spike/before-1/k6.csv.gz");
    std::fs::copy(load, folder.path().join("k6.csv.gz")).unwrap();
    let run = || Run::read(&[folder.path().to_owned()], Options::default());
    let by_ticks = run().core_share(20_000_000, 40_000_000).unwrap().unwrap();
    assert!(by_ticks.counts_waits && !by_ticks.by_kernel && by_ticks.share > 0.3, "{by_ticks:?}");
    assert!(run().main_thread_rows().unwrap().is_empty());
    write_table(folder.path(), "0.25");
    let run = run();
    let plateau = run.plateau().unwrap().window;
    let of_plateau = run.usage(plateau).unwrap().unwrap().core_share();
    let of_window = run.core_share(20_000_000, 40_000_000).unwrap();
    let of_main = run.main_thread_cores(20_000_000, 40_000_000).unwrap();
    for share in [of_plateau, of_window, of_main].map(Option::unwrap) {
        assert!(share.by_kernel && (share.share - 0.25).abs() < 1e-9, "{share:?}");
    }
    let rows = run.main_thread_rows().unwrap();
    assert!(rows.len() > 80 && rows.iter().all(|row| (row.share - 0.25).abs() < 1e-9), "{rows:?}");
}

/// The error was: a table in whole seconds began with the second in which the program started, which counted as
/// load, although the recorder had noted when the load began.
#[test]
fn a_window_begins_with_the_load_command_where_single_requests_are_not_known() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("isolate-0x1-77-v8.log"), log_of("before-1")).unwrap();
    let second = BEFORE_1_ZERO / 1_000_000;
    let row = |at: i64| {
        format!("{},5,{}\n", wall::rfc3339((second + at).unsigned_abs() * 1_000_000), 20 + at)
    };
    let load = (0..20).map(row).fold("time,vus,rps\n".to_owned(), |text, row| text + &row);
    std::fs::write(folder.path().join("load.csv"), load).unwrap();
    let from_us = || {
        let run = Run::read(&[folder.path().to_owned()], Options::default());
        run.place(Window::Load).unwrap().unwrap().from_us
    };
    assert_eq!(from_us(), 0);
    let began = wall::rfc3339((BEFORE_1_ZERO + 200_000).unsigned_abs());
    let facts = format!(r#"{{"schema": "spikeflame.run/1", "load": {{"started": "{began}"}}}}"#);
    std::fs::write(folder.path().join("run.json"), facts).unwrap();
    assert!(from_us().abs_diff(200_000) < 2_000, "{}", from_us());
}

/// The error was: where the table lacked the first second of a short run, ticks were compared with nothing.
#[test]
fn both_shares_of_a_core_are_those_of_the_part_that_the_table_covers() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("isolate-0x1-77-v8.log"), log_of("before-1")).unwrap();
    write_table(folder.path(), "0.25");
    let run = Run::read(&[folder.path().to_owned()], Options::default());
    run.profile().unwrap();
    // The table ends after 89 s.
    let (whole, part) = ((60_000_000, 120_000_000), (70_000_000, 100_000_000));
    let shares = |(from, to)| run.core_shares(from, to).unwrap();
    assert_eq!(shares(whole), None);
    let (_, counted) = shares(part).unwrap();
    assert!((counted - 0.25).abs() < 1e-9, "{counted}");
    assert!(!run.core_share(part.0, part.1).unwrap().unwrap().by_kernel);
}

/// The error was: for the logs of a cluster, the ticks of a worker process stood for its CPU.
#[test]
fn the_busiest_process_of_a_cluster_has_its_own_share_of_a_core() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("isolate-0x1-77-v8.log", &log_of("before-1"));
    write("isolate-0x2-70-v8.log", &marks::later(&log_of("after-1"), 77));
    write_table(folder.path(), "0.25");
    let run = Run::read(&[folder.path().to_owned()], Options::default());
    let share = run.core_share(20_000_000, 40_000_000).unwrap().unwrap();
    assert!(share.by_kernel && (share.share - 0.25).abs() < 1e-9, "{share:?}");
    assert_eq!(run.main_thread_cores(20_000_000, 40_000_000).unwrap(), None);
}

/// The error was: rows of the program and of npm were averaged, with a column `pid` of 9569.8.
#[test]
fn the_table_of_the_recorder_is_no_monitor() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("isolate-0x1-77-v8.log"), log_of("before-1")).unwrap();
    let load = root("samples/spike/before-1/k6.csv.gz");
    std::fs::copy(load, folder.path().join("k6.csv.gz")).unwrap();
    write_table(folder.path(), "0.25");
    let other = tempfile::tempdir().unwrap();
    write_table(other.path(), "0.25");
    for (of, own) in [(folder.path(), true), (other.path(), false)] {
        let options = Options { monitors: vec![of.join("process.csv")], ..Options::default() };
        let run = Run::read(&[folder.path().to_owned()], options);
        assert!(run.need_timeline().unwrap().tracks.iter().all(|track| track.name != "pid"));
        let is_named = |warning: &Warning| matches!(warning, Warning::RecordersTable { is_own, .. } if *is_own == own);
        assert!(run.take_warnings().iter().any(is_named));
    }
}
