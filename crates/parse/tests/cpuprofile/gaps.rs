//! The times between samples: long gaps, and bursts of one moment.

use super::json_common::{fold, parse};
use super::node;
use spikeflame_profile::Profile;
use spikeflame_profile::warning::Fact;

#[test]
fn time_that_lies_in_gaps_between_samples_is_told() {
    let nodes = [node("1", "once", ""), node("2", "quick", "")].join(",");
    let idle = "{\"id\":3,\"callFrame\":{\"functionName\":\"(idle)\"}}";
    let warnings = |samples: &str, deltas: &str| {
        let text = format!(
            "{{\"nodes\":[{nodes},{idle}],\"samples\":[{samples}],\"timeDeltas\":[{deltas}]}}"
        );
        let profile = parse(text.as_bytes()).unwrap();
        assert_eq!((profile.total(), profile.sources[0].timed), (4, true));
        profile.warnings
    };
    let told = warnings("1,2,2,2", "1000,520000,1000,1000");
    let told: Vec<String> = told.iter().map(ToString::to_string).collect();
    assert!(
        told.len() == 1 && told[0].contains("99 % of the time that is not idle lies in gaps"),
        "{told:?}"
    );
    assert!(told[0].contains("500 ms or more, and the usual gap is 1000 µs"), "{told:?}");
    // Gaps in idle time cause no warning, and neither does jitter.
    assert!(warnings("3,2,2,2", "1000,520000,1000,1000").is_empty());
    // The error was: a recording of a machine with many busy processes had a warning.
    assert!(warnings("1,2,2,2", "1000,110000,1000,1000").is_empty());
    assert!(warnings("1,2,2,2", "1000,9000,1000,1000").is_empty());
}

/// A system call delays the signal in which V8 takes a sample to its end, as `read` of a large file and `fsync`
/// on a slow disk do. The error was: gaps below 0.5 s were silent also there.
#[test]
fn time_in_gaps_that_end_in_a_native_function_is_told() {
    let native = "{\"id\":2,\"callFrame\":{\"functionName\":\"fsync\"}}";
    let nodes = [&node("1", "work", ""), native].join(",");
    let warnings = |round: &[(&str, &str)]| {
        let join =
            |of: fn(&(&str, &str)) -> String| round.iter().map(of).collect::<Vec<_>>().join(",");
        let (samples, deltas) = (join(|one| one.0.to_owned()), join(|one| one.1.to_owned()));
        let text =
            format!("{{\"nodes\":[{nodes}],\"samples\":[{samples}],\"timeDeltas\":[{deltas}]}}");
        parse(text.as_bytes()).unwrap().warnings.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let (quick, slow) = (("1", "1000"), ("2", "40000"));
    let told = warnings(&[&[quick; 20][..], &[slow]].concat().repeat(3));
    assert!(
        told.len() == 1
            && told[0].contains("67 % of the time that is not idle lies in gaps of 11 ms"),
        "{told:?}"
    );
    assert!(told[0].contains("end in `fsync`, but 4 % of the samples"), "{told:?}");
    // A busy machine interrupts any function.
    assert!(warnings(&[&[quick; 20][..], &[("1", "40000")]].concat().repeat(3)).is_empty());
    let mixed = [&[quick; 5][..], &[("2", "1000"); 5], &[slow]].concat().repeat(3);
    assert!(warnings(&mixed).is_empty());
    assert!(warnings(&[&[quick; 20][..], &[slow]].concat()).is_empty());
}

/// Returns a profile of `samples`, each a node and the time since the one before.
fn stepped(samples: &[(u32, u64)]) -> Profile {
    stepped_in(&[node("1", "early", ""), node("2", "late", "")].join(","), samples)
}

fn stepped_in(nodes: &str, samples: &[(u32, u64)]) -> Profile {
    let list = |of: fn(&(u32, u64)) -> String| samples.iter().map(of).collect::<Vec<_>>().join(",");
    let (ids, deltas) = (list(|one| one.0.to_string()), list(|one| one.1.to_string()));
    let text = format!("{{\"nodes\":[{nodes}],\"samples\":[{ids}],\"timeDeltas\":[{deltas}]}}");
    parse(text.as_bytes()).unwrap()
}

/// V8 12.9 and newer make up for missed samples, many of one moment. The error was: each of them counted as
/// a millisecond, so that a function with 9 % of the time had 21 % of the samples, and the interval was 16 µs.
#[test]
fn samples_that_v8_makes_up_for_count_as_one_moment() {
    let mut samples = vec![(1, 1000); 60];
    samples.push((2, 9000));
    samples.extend([(2, 16); 80]);
    samples.extend([(2, 1000); 40]);
    let profile = stepped(&samples);
    let warnings: Vec<_> = profile.warnings.iter().map(ToString::to_string).collect();
    assert!(warnings.len() == 1, "{warnings:?}");
    assert!(warnings[0].contains("79 of 181 samples were taken less than 80 µs"), "{warnings:?}");
    assert_eq!(fold(&profile), "early /early.js:1:1 60\nlate /late.js:1:1 42\n");
    assert_eq!(profile.cpu_step_us(), Some(1000));
    // These are no bursts: few samples, a short interval, equal times, a long pause.
    let few = [vec![(1, 1000); 60], vec![(2, 16); 3]].concat();
    let short = vec![(1, 100); 60];
    let rounded = [vec![(1, 1000); 30], vec![(2, 0); 10]].concat();
    // A program was kept from the processor, and the interval is 100 µs.
    let starved = [[(1, 9000)].as_slice(), &[(1, 100); 3], &[(1, 8000)]].concat().repeat(9);
    let left = [vec![(1, 1000); 9], vec![(2, 20); 2]].concat().repeat(9);
    for samples in [few, short, rounded, starved, left] {
        let profile = stepped(&samples);
        assert_eq!((profile.total(), profile.warnings.len()), (samples.len() as u64, 0));
    }
    let pause = [vec![(1, 1000); 30], vec![(2, 600_000_000)], vec![(1, 200); 9]].concat();
    assert_eq!(stepped(&pause).total(), 40);
}

/// The error was: the samples of a busy machine, which are far apart, each counted as a usual gap, so that exports
/// had 0.69 s of 3.2 s. The time
/// of the recording is divided by its samples. In a second error, the bursts were not found, because V8 makes up
/// for each millisecond in 29 µs.
#[test]
fn samples_share_the_time_of_the_recording() {
    let round = [[(1, 1000); 3].as_slice(), &[(2, 40_000)], &[(2, 29); 40]].concat();
    let profile = stepped(&round.repeat(30));
    assert_eq!(profile.total(), 30 * 5);
    let length_us = profile.sources[0].end_us;
    assert_eq!(length_us, 30 * (3_000 + 40_000 + 40 * 29) - 5 * 29);
    let step_us = profile.step_us().unwrap();
    assert_eq!(profile.recorded_step_us(), Some(step_us));
    assert!((step_us * profile.total()).abs_diff(length_us) < profile.total());
    // A sample of a running thread still stands for a usual gap.
    assert_eq!(profile.cpu_step_us(), Some(1000));
    // A part of the samples has its part of the time.
    let mut part = profile;
    part.keep_between(0, 100_000);
    assert_eq!(part.step_us(), Some(step_us));
}

/// On a busy machine, V8's sampler is late while the thread runs and on time while it is idle. The error was: all
/// samples shared the time, so that a function that ran for 0.72 s had 0.31 s in every export.
#[test]
fn idle_samples_and_others_share_their_own_times() {
    let idle = "{\"id\":2,\"callFrame\":{\"functionName\":\"(idle)\"}}";
    let nodes = [&node("1", "early", ""), idle].join(",");
    let steps = |samples: &[(u32, u64)]| {
        let profile = stepped_in(&nodes, samples);
        let steps = profile.steps().unwrap();
        let thread = &profile.threads[0];
        let us = |at: usize| steps.us(thread, thread.samples.iter().nth(at).unwrap().0.stack);
        (us(0), us(samples.len() - 1), profile.step_us().unwrap())
    };
    // The time after a sample is its own.
    let round = [[(1, 4_000)].as_slice(), &[(1, 10_000); 4], &[(2, 10_000)], &[(2, 4_000); 14]];
    let (runs, waits, all) = steps(&round.concat().repeat(10));
    assert!(runs.abs_diff(10_000) < 100 && waits.abs_diff(4_000) < 50, "{runs} {waits}");
    assert_eq!(all, 5_500);
    // A machine that sleeps does so for both, and a few samples show no time of their own.
    let sleep = [round.concat().repeat(10), vec![(1, 4_000), (1, 1_100_000), (2, 10_000)]].concat();
    let (runs, waits, _) = steps(&sleep);
    assert!((runs as f64 / waits as f64 - 2.5).abs() < 0.1, "{runs} {waits}");
    let (runs, waits, all) = steps(&[vec![(1, 9_000); 9], vec![(2, 1_000); 90]].concat());
    assert_eq!((runs, waits), (all, all));
}

/// The error was: samples every 1 ms and every 1.5 ms were added up in silence, so that two functions with as much
/// time had 60 % and 40 %.
#[test]
fn intervals_that_differ_by_less_than_two_times_are_reported() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, gap: u64| {
        let frame = serde_json::json!({"functionName": name, "scriptId": "5", "url": "file:///srv/a.js",
            "lineNumber": 1, "columnNumber": 3});
        let profile = serde_json::json!({"nodes": [{"id": 1, "callFrame": frame}], "startTime": 1_000,
            "endTime": 1_000 + 300 * gap, "samples": vec![1; 300],
            "timeDeltas": (0..300).map(|at| gap + at % 7).collect::<Vec<u64>>()});
        let path = folder.path().join(format!("{name}.cpuprofile"));
        std::fs::write(&path, profile.to_string()).unwrap();
        path
    };
    let reported = |one: u64, other: u64| {
        let files = [write("a", one), write("b", other)];
        let profile =
            spikeflame_parse::read(&files, &spikeflame_parse::Options::default()).unwrap();
        let is_it = |fact: &Fact| matches!(fact, Fact::Intervals { .. });
        profile.warnings.iter().any(|warning| is_it(&warning.fact))
    };
    assert!(reported(1_000, 1_500));
    // One interval, on two machines or by two versions of Node.
    assert!(!reported(1_070, 1_210));
}
