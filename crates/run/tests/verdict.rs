//! The limit that a profile shows for plateaus of real runs, compared with the server's kind.

use crate::common;
use crate::marks;

use common::{BEFORE_1_ZERO, profile, root, sample, without_clock};
use spikeflame_load::BOUND;
use spikeflame_parse::Progress;
use spikeflame_profile::{ClockSource, Selection};
use spikeflame_run::{Error, Options, Run, Warning, Window, align, usage};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Servers whose name ends in `-cpu` compute for each request. Those that end in `-pool` or
/// `-poolq` wait for a connection.
#[test]
fn cpu_servers_are_bound_by_cpu_and_pool_servers_wait() {
    let Ok(entries) = std::fs::read_dir(root("../shared/data/load-shapes")) else {
        println!("SKIPPED: no load-shapes");
        return;
    };
    let mut runs: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    runs.retain(|run| run.join("isolate-v8.log.zst").exists());
    runs.sort();
    println!(
        "| run | clock | within | off | main thread busy | limit |\n|---|---|--:|--:|--:|---|"
    );
    let (mut seen, mut spanned) = ([0, 0], 0);
    for folder in runs {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let run = Run::read(std::slice::from_ref(&folder), Options::default());
        let Ok(plateau) = run.plateau() else { continue };
        let usage = run.usage(plateau.window).unwrap().unwrap();
        let clock = run.alignment().unwrap().clock;
        // The server wrote its first row about a second after the start; a busy one later.
        let rows = std::fs::read_to_string(folder.join("truth.csv")).unwrap();
        let first: i64 = rows.lines().nth(1).unwrap().split(',').next().unwrap().parse().unwrap();
        let off_us = clock.zero_us - (first - 1_050) * 1_000;
        let computes = usage.busy() >= BOUND;
        let limit = if computes { "CPU" } else { "waiting" };
        println!(
            "| {name} | {:?} | {} ms | {} ms | {:.0} % | {limit} |",
            clock.known,
            clock.uncertainty_us / 1_000,
            off_us / 1_000,
            100.0 * usage.busy()
        );
        assert_eq!(computes, name.ends_with("-cpu"), "{name}: {usage:?}");
        // The error was: "busy only 9 %", and 15 % of a core.
        assert!(usage.busy() >= usage.cores.unwrap().min(1.0), "{name}: {usage:?}");
        seen[usize::from(computes)] += 1;
        if clock.known == ClockSource::Spanned {
            assert!(off_us.unsigned_abs() <= clock.uncertainty_us, "{name}: {clock:?}");
            spanned += 1;
        }
    }
    assert!(seen[0] >= 2 && seen[1] >= 8 && spanned >= 3, "{seen:?} {spanned}");
}

/// A run whose log has no start time, and whose throughput is known to the second only. The error
/// was: no verdict, and `--window plateau` was refused, although the log is hardly longer than the
/// test.
#[test]
fn a_log_that_is_hardly_longer_than_the_test_has_its_clock() {
    let folder = tempfile::tempdir().unwrap();
    let log = root("samples/spike/before-1/isolate-v8.log.zst");
    let recording = without_clock(profile(&log));
    let load = sample("spike/before-1/k6.csv.gz");
    assert!(align(&recording, &load, None).is_err());
    // This is the log without its marks, and with another time of its file.
    let mut text = String::new();
    let mut stream = spikeflame_parse::open(&log, &Progress::default()).unwrap();
    stream.read_to_string(&mut text).unwrap();
    let text = text.replace("__wallmark_", "__nothing_at_");
    std::fs::write(folder.path().join("isolate-v8.log"), text).unwrap();
    std::fs::copy(root("samples/spike/before-1/k6.csv.gz"), folder.path().join("k6.csv.gz"))
        .unwrap();
    let run = Run::read(&[folder.path().to_owned()], Options::default());
    let clock = run.alignment().unwrap().clock;
    assert_eq!(clock.known, ClockSource::Spanned);
    assert!(clock.uncertainty_us <= 4_000_000, "{clock:?}");
    assert!(clock.zero_us.abs_diff(BEFORE_1_ZERO) <= clock.uncertainty_us, "{clock:?}");
    assert!(run.usage(run.plateau().unwrap().window).unwrap().unwrap().busy() >= BOUND);
}

/// The error was: the CPU of the recorded part was divided by the whole plateau, so that a log that a
/// crash had cut was "the machine was the limit" for a server bound by CPU.
#[test]
fn a_recording_of_a_part_of_the_plateau_shows_the_use_of_that_part() {
    let folder = root("samples/spike/before-1");
    let mut text = String::new();
    let log = folder.join("isolate-v8.log.zst");
    let mut stream = spikeflame_parse::open(&log, &Progress::default()).unwrap();
    stream.read_to_string(&mut text).unwrap();
    let ticks = text.lines().filter(|line| line.starts_with("tick,")).count();
    let used = |share: f64| {
        let (mut seen, mut cut) = (0, String::new());
        for line in text.lines() {
            seen += usize::from(line.starts_with("tick,"));
            if seen as f64 > share * ticks as f64 {
                break;
            }
            cut += line;
            cut.push('\n');
        }
        let own = tempfile::tempdir().unwrap();
        std::fs::write(own.path().join("isolate-v8.log"), cut).unwrap();
        std::fs::copy(folder.join("k6.csv.gz"), own.path().join("k6.csv.gz")).unwrap();
        let run = Run::read(&[own.path().to_owned()], Options::default());
        let window = run.plateau().unwrap().window;
        run.usage(window).unwrap().unwrap()
    };
    let whole = used(1.0);
    assert_eq!(whole.coverage, 1.0, "{whole:?}");
    for share in [0.75, 0.6] {
        let part = used(share);
        assert!((0.05..0.95).contains(&part.coverage), "{part:?}");
        let off = part.cores.unwrap() - whole.cores.unwrap();
        assert!(off.abs() < 0.15 && part.busy() >= BOUND, "{part:?} {whole:?}");
    }
}

/// The error was: a build step before the server made a run "two runs", so that every window of its
/// load test was refused.
#[test]
fn a_build_before_the_server_is_of_the_same_run() {
    let folder = root("samples/spike/before-1");
    let mut text = String::new();
    let log = folder.join("isolate-v8.log.zst");
    let mut stream = spikeflame_parse::open(&log, &Progress::default()).unwrap();
    stream.read_to_string(&mut text).unwrap();
    let own = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(own.path().join(name), text).unwrap();
    let read = || Run::read(&[own.path().to_owned()], Options::default());
    write("isolate-0x2-3000-v8.log", &text);
    std::fs::copy(folder.join("k6.csv.gz"), own.path().join("k6.csv.gz")).unwrap();
    let alone = read();
    let window = alone.plateau().unwrap().window;
    let alone = alone.usage(window).unwrap().unwrap();
    // The build ran 1,000 s earlier. A log with as many ticks would be a copy of the same recording.
    let lines = text.lines().take(text.lines().count() * 9 / 10).map(|line| format!("{line}\n"));
    let build = lines.collect::<String>().replace("__wallmark_1795397", "__wallmark_1795396");
    write("isolate-0x1-2664-v8.log", &build);
    assert!(matches!(read().alignment(), Err(Error::TwoRuns(_))));
    let facts = r#"{ "schema": "spikeflame.run/1", "started": "2026-11-23T01:06:40Z",
        "ended": "2026-11-23T02:00:00Z", "processes": [{ "pid": 2664 }, { "pid": 3000 }] }"#;
    write("run.json", facts);
    let run = read();
    assert_eq!(run.plateau().unwrap().window, window);
    let both = run.usage(window).unwrap().unwrap();
    assert_eq!((both.samples, both.coverage), (alone.samples, 1.0));
    // No sample of the build lies in the plateau.
    let (selection, _) = run.select(Selection::default(), Window::Plateau).unwrap();
    let mut within = 0;
    run.profile().unwrap().visit(&selection, |_, _, weight| within += weight);
    assert_eq!(within, alone.samples);
    assert!(!run.take_warnings().iter().any(|one| matches!(one, Warning::TwoRuns(_))));
}

/// The error was: a load generator with another clock was laid beside the recording "within 1 ms",
/// and nothing was said, although answers came when nothing was recorded.
#[test]
fn a_load_generator_with_another_clock_is_named() {
    let mut text = String::new();
    let log = root("samples/spike/before-1/isolate-v8.log.zst");
    let mut stream = spikeflame_parse::open(&log, &Progress::default()).unwrap();
    stream.read_to_string(&mut text).unwrap();
    let warned = |text: &str, late_s: i64| {
        let own = tempfile::tempdir().unwrap();
        std::fs::write(own.path().join("isolate-v8.log"), marks::later(text, late_s)).unwrap();
        std::fs::copy(root("samples/load/k6.json.gz"), own.path().join("k6.json.gz")).unwrap();
        let run = Run::read(&[own.path().to_owned()], Options::default());
        let clock = run.alignment().unwrap().clock;
        let warnings = run.take_warnings();
        let late = warnings.iter().find_map(|one| match one {
            Warning::OtherClock { late_us, .. } => Some(*late_us),
            _ => None,
        });
        late.map(|late| (late, clock.uncertainty_us))
    };
    for late_s in [20, 9] {
        let (late_us, uncertainty_us) = warned(&text, late_s).unwrap();
        assert!((late_us + late_s * 1_000_000).abs() < 300_000, "{late_us}");
        assert_eq!(uncertainty_us, late_us.unsigned_abs());
    }
    assert_eq!(warned(&text, 0), None);
    // A log that a crash ended is no sign of another clock.
    let half: String = text.lines().take(30_000).map(|line| format!("{line}\n")).collect();
    assert_eq!(warned(&half, 0), None);
}

/// Node sets V8's state to idle for the whole poll phase, in which libuv also reads from sockets
/// (findings/cpuprofile-idle-is-socket-io.sh). The error was: a server whose event loop never
/// waited was "waiting on something else".
#[test]
fn idle_of_a_cpu_profile_may_be_work_and_the_recorder_knows() {
    use std::fmt::Write as _;
    const START_S: i64 = 1_795_846_864;
    let folder = tempfile::tempdir().unwrap();
    // Seven of ten samples are idle.
    let count = 4_000;
    let ids: Vec<&str> = (0..count).map(|at| if at % 10 < 7 { "2" } else { "3" }).collect();
    let node = |id: u32, name: &str, url: &str| {
        format!(
            r#"{{"id":{id},"callFrame":{{"functionName":"{name}","scriptId":"{}","url":"{url}","lineNumber":1,"columnNumber":1}},"children":[{}]}}"#,
            u32::from(!url.is_empty()),
            if id == 1 { "2,3" } else { "" }
        )
    };
    let nodes = [node(1, "(root)", ""), node(2, "(idle)", ""), node(3, "work", "file:///srv/a.js")];
    let profile = format!(
        r#"{{"nodes":[{}],"startTime":0,"endTime":40000000,"samples":[{}],"timeDeltas":[{}]}}"#,
        nodes.join(","),
        ids.join(","),
        vec!["10000"; count].join(",")
    );
    std::fs::write(folder.path().join(format!("CPU.{START_S}000.7.cpuprofile")), profile).unwrap();
    let mut table = "time,vus,rps,p95\n".to_owned();
    for at in 0..39 {
        let (vus, rps) = (5 + 5 * at, (5 + 5 * at).min(80));
        // Users think for 0.95 s.
        let p95 = 1_000 * vus / rps - 950;
        writeln!(table, "{},{vus},{rps},{p95} ms", START_S + 1 + at).unwrap();
    }
    std::fs::write(folder.path().join("load.csv"), table).unwrap();
    let usage = || {
        let run = Run::read(&[folder.path().to_owned()], Options::default());
        let window = run.plateau().unwrap().window;
        run.usage(window).unwrap().unwrap()
    };
    let alone = usage();
    assert!(alone.idle_may_work && (alone.busy() - 0.3).abs() < 0.02, "{alone:?}");
    // Node's own utilization counts waits as work while a CPU profiler runs.
    let with_cores = |cores: &str| {
        let mut rows = "time,pid,cpu_cores,main_thread_cores,event_loop_utilization\n".to_owned();
        for at in 0..40 {
            let (minutes, seconds) = ((START_S + at) / 60 % 60, (START_S + at) % 60);
            writeln!(rows, "2026-11-28T06:{minutes:02}:{seconds:02}.000Z,7,1.1,{cores},0.88")
                .unwrap();
        }
        std::fs::write(folder.path().join("process.csv"), rows).unwrap();
        usage()
    };
    let idle = with_cores("0.02");
    assert!(idle.idle_may_work && (idle.busy() - 0.3).abs() < 0.02, "{idle:?}");
    let at_work = with_cores("1.01");
    assert!((at_work.busy() - 1.0).abs() < 1e-9, "{at_work:?}");
}

/// The error was: a folder without a load test, named as the load, was passed over without a word.
#[test]
fn a_named_load_that_is_none_is_an_error_for_counters() {
    let empty = tempfile::tempdir().unwrap();
    let log = root("samples/spike/before-1/isolate-v8.log.zst");
    let load = Some(empty.path().to_owned());
    let run = Run::read(&[log], Options { load, ..Options::default() });
    assert!(run.counters().is_err());
}

/// The error was: ticks in which a worker waited made it the main thread, so that the limit of a run
/// was that of an idle worker.
#[test]
fn a_worker_that_waits_is_not_the_main_thread() {
    let folder = tempfile::tempdir().unwrap();
    let paths =
        ["main", "worker1", "worker2"].map(|name| folder.path().join(format!("{name}.log")));
    // Copies the log of a thread up to this number of ticks.
    let cut = |path: &Path, most: usize| {
        let log = path.file_name().unwrap().to_str().unwrap();
        let log = root("samples/v8").join(format!("workers-node20.{log}.zst"));
        let mut text = String::new();
        let mut stream = spikeflame_parse::open(&log, &Progress::default()).unwrap();
        stream.read_to_string(&mut text).unwrap();
        let ticks = text.match_indices("\ntick,").nth(most);
        std::fs::write(path, &text[..ticks.map_or(text.len(), |(at, _)| at + 1)]).unwrap();
    };
    let read = |paths: [&PathBuf; 2]| {
        spikeflame_parse::read(&paths.map(PathBuf::clone), &spikeflame_parse::Options::default())
    };
    let [main, busy, waiting] = &paths;
    cut(main, 350);
    cut(busy, usize::MAX);
    cut(waiting, usize::MAX);
    let profile = read([main, waiting]).unwrap();
    let ticks: Vec<_> = profile.threads.iter().map(|thread| thread.samples.len()).collect();
    assert_eq!(ticks, [350, 417]);
    assert_eq!((profile.main_thread(), profile.busiest_thread(0, u64::MAX)), (Some(0), Some(0)));
    assert_eq!(usage(&profile, 0, 2_000_000).unwrap().samples, 350);
    // The start of a worker in its stacks counts more than ticks.
    let profile = read([main, busy]).unwrap();
    assert_eq!((profile.main_thread(), profile.busiest_thread(0, u64::MAX)), (Some(0), Some(1)));
}
