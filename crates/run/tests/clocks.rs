//! Clocks of real runs, and the main thread's CPU use in their windows.

use crate::common;

use common::{BEFORE_1_ZERO, profile, root, sample, shared_runs, timeline, without_clock};
use spikeflame_load::plateau::{self, Options};
use spikeflame_profile::{Clock, ClockSource, Profile, Selection};
use spikeflame_run::{AlignError, Options as RunOptions, Run, Window, align, usage};

#[test]
fn marks_and_correlation_agree() {
    let timeline = sample("load/k6.json.gz");
    let marked = profile(&root("samples/spike/before-1"));
    let clock = align(&marked, &timeline, None).unwrap();
    assert_eq!(clock.known, ClockSource::Marks);
    let off = clock.zero_us.abs_diff(BEFORE_1_ZERO);
    assert!(off <= clock.uncertainty_us && off < 2_000, "{clock:?}");
    let clock = align(&without_clock(marked), &timeline, None).unwrap();
    assert_eq!(clock.known, ClockSource::Correlated);
    let off = clock.zero_us.abs_diff(BEFORE_1_ZERO);
    assert!(off <= clock.uncertainty_us && off < 500_000, "{clock:?}");
}

/// The error was: the parts of a rotated log all counted from the start of the first one, so that errors of 250 s lay
/// within 99 s.
#[test]
fn logs_one_after_the_other_have_their_own_times() {
    let folder = tempfile::tempdir().unwrap();
    let files: Vec<_> = [("app.log.1", "11:00"), ("app.log", "11:01")]
        .into_iter()
        .map(|(name, minute)| {
            let path = folder.path().join(name);
            let line = |second| format!("2026-11-27T{minute}:{second}Z ERROR queue is full\n");
            std::fs::write(&path, line("00") + &line("59")).unwrap();
            path
        })
        .collect();
    let mut options = RunOptions::default();
    options.recording.app_log = true;
    let run = Run::read(&files, options);
    let mut times = Vec::new();
    let profile = run.profile().unwrap();
    profile.visit(&Selection::default(), |_, sample, _| times.push(sample.time_us / 1_000_000));
    times.sort_unstable();
    assert_eq!(times, [0, 59, 60, 119]);
}

#[test]
fn what_does_not_belong_together_is_refused() {
    let timeline = sample("load/k6.json.gz");
    let other = profile(&root("samples/spike/before-2"));
    let apart = align(&other, &timeline, None);
    assert!(matches!(apart, Err(AlignError::Apart { .. })), "{apart:?}");
    let mute = without_clock(other);
    let unsure = align(&mute, &timeline, None);
    assert!(matches!(unsure, Err(AlignError::CannotTell { .. })), "{unsure:?}");
    // The clock is exact to a second only, and there is no other source.
    let coarse = align(&mute, &sample("spike/before-1/k6.csv.gz"), None);
    assert!(coarse.unwrap_err().to_string().contains("only known to the second"));
    let told = Clock { zero_us: BEFORE_1_ZERO, known: ClockSource::Given, uncertainty_us: 0 };
    assert_eq!(align(&mute, &timeline, Some(told)), Ok(told));
    // The modification time of a copied file is not believed.
    let mut copied = mute.clone();
    copied.sources[0].modified_us = Some(BEFORE_1_ZERO + 90_000_000_000);
    assert!(align(&copied, &timeline, None).is_err());
    copied.sources[0].modified_us =
        Some(BEFORE_1_ZERO.saturating_add_unsigned(copied.sources[0].end_us));
    assert_eq!(align(&copied, &timeline, None).unwrap().known, ClockSource::FileTime);
    let untimed = profile(&root("tests/golden/wasm.folded"));
    assert!(matches!(align(&untimed, &timeline, None), Err(AlignError::NoTimes { .. })));
}

#[test]
fn the_main_thread_was_busy() {
    let timeline = sample("load/k6.json.gz");
    let profile = profile(&root("samples/spike/before-1"));
    let found = plateau::find(&timeline, &Options::default()).unwrap();
    let since = |second: usize| {
        let us = (timeline.start_s + second as i64) * 1_000_000 - BEFORE_1_ZERO;
        us.unsigned_abs()
    };
    let window = found.chosen().window;
    let used = usage(&profile, since(window.from), since(window.to)).unwrap();
    assert!((0.9..1.0).contains(&used.busy()), "{used:?}");
    assert!((0.9..1.0).contains(&used.cpu_utilisation), "{used:?}");
    assert!((0.05..0.12).contains(&used.gc_share.unwrap()), "{used:?}");
    assert!((0.5..0.9).contains(&used.cores.unwrap()), "{used:?}");
    assert_eq!(usage(&profile, 900_000_000, 910_000_000), None);
    // The error was: a wait that ended behind a window was in none of two windows.
    let waited = |from: u64, to: u64| {
        let share = usage(&profile, from, to).unwrap().loop_utilisation.unwrap();
        (1.0 - share) * (to - from) as f64
    };
    let (from, to) = (since(window.from.saturating_sub(8)), since(window.to));
    for middle in (1..100).map(|part| from + (to - from) * part / 100) {
        let sum = waited(from, middle) + waited(middle, to);
        assert!((sum - waited(from, to)).abs() < 1.0, "{middle}: {sum}");
    }
}

#[test]
fn shared_runs_have_clocks() {
    let mut loads = Vec::new();
    for run in shared_runs() {
        let name = run.strip_prefix(root("../shared/data")).unwrap().display().to_string();
        let truth = std::fs::read_to_string(run.join("truth.json")).ok();
        if let Some(truth) = truth {
            let truth: serde_json::Value = serde_json::from_str(&truth).unwrap();
            let timeline = timeline(&run.join("k6.json.gz"));
            loads.push((name, run, timeline, truth["profile_zero_unix_us"].as_i64().unwrap()));
        }
    }
    for (name, run, timeline, zero) in &loads {
        let marked = profile(&run.join("isolate-v8.log.zst"));
        let by_marks = align(&marked, timeline, None).unwrap();
        let mute = without_clock(marked);
        let alone = align(&mute, timeline, None).unwrap();
        let off = |clock: &Clock| (clock.zero_us - zero) as f64 / 1e3;
        println!("{name}: marks {:+.3} ms, correlation {:+.1} ms", off(&by_marks), off(&alone));
        assert!(off(&by_marks).abs() < 2.0 && off(&alone).abs() < 500.0, "{name}");
        for (other, _, load, _) in loads.iter().filter(|(other, ..)| other != name) {
            let wrong = align(&mute, load, None);
            assert!(wrong.is_err(), "{name} with the load of {other}: {wrong:?}");
        }
    }
}

fn run(options: RunOptions) -> Run {
    Run::read(&[root("samples/spike/before-1")], options)
}

/// The error was: the program's start was in the window `before`, which began with the whole second of
/// the first request, although `load` of the same run began after it.
#[test]
fn before_does_not_begin_before_the_load() {
    let run = run(RunOptions::default());
    let from_us = |window| run.place(window).unwrap().unwrap().from_us;
    let (load, before) = (from_us(Window::Load), from_us(Window::Before));
    assert!(before >= load, "{before} and {load}");
}

/// The error was: the subtitle of a window that the recording covers from its middle on began with the
/// window.
#[test]
fn a_covered_part_of_a_window_has_its_own_start() {
    let seconds = run(RunOptions::default()).seconds(Window::Plateau).unwrap();
    let later_us = 1_000_000 * (seconds.from as i64 + 10);
    let start_us = sample("load/k6.json.gz").start_s * 1_000_000 + later_us;
    let run = run(RunOptions { began_us: Some(start_us), ..RunOptions::default() });
    let placed = run.place(Window::Plateau).unwrap().unwrap();
    let (from_us, _) = placed.test_us.unwrap();
    assert!((placed.from_us, placed.coverage < 1.0) == (0, true), "{placed:?}");
    assert!(from_us.abs_diff(later_us.unsigned_abs()) < 1_000_000, "{placed:?}");
}

/// The error was: the share of a core was twice the kernel's in a tick log with ticks every 10 ms.
#[test]
fn long_sampling_intervals_do_not_show_the_share_of_a_core() {
    let mut profile = profile(&root("samples/spike/before-1"));
    let cores = |profile: &Profile| usage(profile, 20_000_000, 30_000_000).unwrap().cores;
    assert!(cores(&profile).is_some());
    profile.sources[0].asked_us = Some(10_000);
    assert_eq!(cores(&profile), None);
}

/// The error was: a run began in 1970, because the times of its load test count from 0.
#[test]
fn a_load_test_without_a_clock_does_not_date_a_run() {
    let folder = tempfile::tempdir().unwrap();
    let recorded = root("samples/spike/before-1/isolate-v8.log.zst");
    let began = |times: &mut dyn Iterator<Item = String>| {
        let load = folder.path().join("load.csv");
        let rows: String = times.map(|time| format!("{time},100,20\n")).collect();
        std::fs::write(&load, format!("time,rps,p95\n{rows}")).unwrap();
        let options = RunOptions { load: Some(load), ..RunOptions::default() };
        Run::read(std::slice::from_ref(&recorded), options).began().unwrap().unwrap()
    };
    let since_start = began(&mut (0..40).map(|at| at.to_string()));
    let of_day = began(&mut (10..50).map(|at| format!("01:24:{at}")));
    for clock in [since_start, of_day] {
        assert!(clock.zero_us.abs_diff(BEFORE_1_ZERO) < 2_000_000, "{clock:?}");
    }
    let on_a_clock = began(&mut (0..40).map(|at| (1_795_397_000 + at).to_string()));
    assert_eq!(on_a_clock.zero_us, 1_795_397_000_000_000);
    // Tables of one side with times of Seoul made runs in turn "one side after the other".
    let without_zone = began(&mut (10..50).map(|at| format!("2026-11-24 10:24:{at}")));
    assert!(without_zone.zero_us.abs_diff(BEFORE_1_ZERO) < 2_000_000, "{without_zone:?}");
}

/// The starts of recordings that the user gave did not show the order of the runs.
#[test]
fn a_start_that_the_user_gave_dates_a_run() {
    let recorded = root("samples/spike/before-1/isolate-v8.log.zst");
    let options = RunOptions { began_us: Some(1_795_000_000_000_000), ..RunOptions::default() };
    let clock = Run::read(&[recorded], options).began().unwrap().unwrap();
    assert_eq!(clock.zero_us, 1_795_000_000_000_000);
}

/// Windows of 30 s were not cut in parts when the name of the file gave the clock, so that nothing showed whether a
/// cost arises with requests.
#[test]
fn a_clock_from_the_name_of_a_file_cuts_windows_of_half_a_minute() {
    let cut = |seconds: usize| {
        let folder = tempfile::tempdir().unwrap();
        let deltas = vec!["1000"; 1_000 * (seconds + 8)].join(",");
        let samples = vec!["2"; 1_000 * (seconds + 8)].join(",");
        let node = |id: u32, name: &str, children: &str| {
            let frame = format!(
                r#""functionName":"{name}","scriptId":"1","url":"","lineNumber":1,"columnNumber":1"#
            );
            format!(r#"{{"id":{id},"callFrame":{{{frame}}},"children":[{children}]}}"#)
        };
        let nodes = [node(1, "(root)", "2"), node(2, "work", "")].join(",");
        let end_us = 1_000_000 * (seconds + 8);
        let profile = format!(
            r#"{{"nodes":[{nodes}],"startTime":0,"endTime":{end_us},"samples":[{samples}],"timeDeltas":[{deltas}]}}"#
        );
        std::fs::write(folder.path().join("CPU.20261127.110000.100.0.001.cpuprofile"), profile)
            .unwrap();
        let rows = (0..seconds).map(|at| format!("2026-11-27T11:00:{:02}Z,40,30,20\n", at + 3));
        let table = format!("time,rps,p95_ms,vus\n{}", rows.collect::<String>());
        std::fs::write(folder.path().join("load.csv"), table).unwrap();
        let run = Run::read(&[folder.path().to_owned()], RunOptions::default());
        let (selection, _) = run.select(Selection::default(), Window::Load).unwrap();
        run.milestones(&selection, &[0.5, 1.0]).unwrap().is_some()
    };
    assert_eq!([30, 10].map(cut), [true, false]);
}
