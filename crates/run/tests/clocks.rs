//! Clocks of real runs, and the main thread's CPU use in their windows.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may fail"
)]

mod common;

use common::{BEFORE_1_ZERO, profile, root, sample, shared_runs, timeline, without_clock};
use spikeflame_load::plateau::{self, Options};
use spikeflame_profile::{Clock, ClockSource};
use spikeflame_run::{AlignError, align, usage};

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
    for cut in (1..100).map(|part| from + (to - from) * part / 100) {
        let sum = waited(from, cut) + waited(cut, to);
        assert!((sum - waited(from, to)).abs() < 1.0, "{cut}: {sum}");
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
