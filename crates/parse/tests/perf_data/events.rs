//! Several events, their names and rates, and other facts in a recording.

use crate::builder::*;
use crate::parse;
use spikeflame_parse::{Error, Options, read_stream};
use spikeflame_profile::warning::{Fact, PerfFact, Warning};
use spikeflame_profile::{Profile, Zero};
use std::path::Path;

const A: (i32, i32) = (100, 100);

fn read(bytes: &[u8], sample_type: Option<&str>) -> Result<Profile, Error> {
    let sample_type = sample_type.map(str::to_owned);
    let options = Options { sample_type, ..Options::default() };
    read_stream(bytes, Path::new("perf.data"), &options)
}

/// Returns three samples of the first event, two of the second.
fn two_events() -> Recording {
    let faults = Event { name: "page-faults:u", config: 2, ..clock() };
    let dummy = Event { name: "dummy:HG", config: 9, ..clock() };
    let mut recording = Recording::new();
    recording.events = vec![dummy, clock(), faults];
    let samples = [(1, 1000), (2, 2000), (1, 3000), (1, 4000), (2, 5_001_000)];
    samples.iter().fold(recording, |recording, &(event, time)| {
        recording.sample_of(event, USER_MODE, A, time, &[0x1000])
    })
}

#[test]
fn the_first_event_is_read_and_the_others_are_told() {
    for bytes in [two_events().file(), two_events().pipe()] {
        let profile = read(&bytes, None).unwrap();
        assert_eq!(profile.total(), 3);
        let [warning] = profile.warnings.as_slice() else { panic!("{:?}", profile.warnings) };
        let others = vec![("page-faults:u".to_owned(), 2)];
        let expected = PerfFact::FurtherEvents { read: "cpu-clock".to_owned(), others };
        assert_eq!(warning.fact, expected.into());
        for name in ["page-faults:u", "page-faults"] {
            let profile = read(&bytes, Some(name)).unwrap();
            assert_eq!((profile.total(), profile.sources[0].end_us), (2, 4999));
        }
        let error = read(&bytes, Some("cycles")).unwrap_err().to_string();
        assert!(error.contains("there are: cpu-clock, page-faults:u"), "{error}");
    }
    // CPU time comes before other events.
    let mut turned = two_events();
    turned.events.swap(1, 2);
    let profile = read(&turned.file(), None).unwrap();
    assert_eq!((profile.total(), profile.sources[0].event.as_str()), (2, "cpu-clock"));
}

#[test]
fn names_of_events_are_cut_where_they_are_longer_than_any() {
    let mut recording = two_events();
    recording.events[2].name = Box::leak("x".repeat(30_000).into_boxed_str());
    let warning = read(&recording.file(), None).unwrap().warnings[0].to_string();
    assert!(warning.contains("xxx (2 samples)") && warning.len() < 1500, "{}", warning.len());
}

#[test]
fn an_event_without_samples_says_which_have_some() {
    let mut recording = two_events();
    recording.records.retain(|record| record[8] == 2);
    let error = read(&recording.file(), None).unwrap_err().to_string();
    assert!(error.contains("page-faults"), "{error}");
    recording.records.clear();
    let error = read(&recording.file(), None).unwrap_err().to_string();
    assert!(error.contains("no samples in it; the program ended before the first"), "{error}");
}

#[test]
fn the_same_event_on_two_kinds_of_cores_is_one() {
    let mut recording = two_events();
    recording.events[1].name = "cpu_core/cycles/P";
    recording.events[2].name = "cpu_atom/cycles/P";
    let profile = read(&recording.file(), None).unwrap();
    assert_eq!((profile.total(), profile.warnings.len()), (5, 0));
}

#[test]
fn a_sample_of_no_known_event_is_counted() {
    let recording = two_events().sample_of(77, USER_MODE, A, 9, &[0x1000]);
    let profile = read(&recording.file(), None).unwrap();
    assert_eq!((profile.total(), profile.unreadable()), (3, 1));
    assert_eq!((profile.losses[0].counted, profile.losses[0].first), ("record", 6));
}

#[test]
fn a_sample_that_is_too_short_is_counted() {
    let mut recording = two_events();
    // The header claims one address more than there is.
    recording.records[2][8 + 32] += 1;
    let profile = read(&recording.file(), None).unwrap();
    assert_eq!((profile.total(), profile.unreadable()), (2, 1));
}

#[test]
fn paces_clocks_and_the_wall_clock_are_told() {
    let zero = |event: Event, features: Vec<(u32, Vec<u8>)>| {
        let mut recording = Recording::new().sample(A, 7_000_000, &[0x1000]);
        (recording.events, recording.features) = (vec![event], features);
        let profile = read(&recording.file(), None).unwrap();
        (profile.sources[0].interval_us, profile.sources[0].zero)
    };
    assert_eq!(zero(clock(), vec![]), (Some(1000), Zero::Monotonic(7000)));
    // A clock's period is in nanoseconds; other periods are not time.
    let period = Event { flags: 1 << 18, pace: 250_000, clock: Some(0), ..clock() };
    assert_eq!(zero(period.clone(), vec![]), (Some(250), Zero::Wall(7000)));
    let cycles = Event { kind: 0, clock: None, ..period };
    assert_eq!(zero(cycles.clone(), vec![]), (None, Zero::Monotonic(7000)));
    assert_eq!(zero(Event { clock: Some(7), ..cycles }, vec![]).1, Zero::Unknown);
    // Version 1, clock 1: at 5 ms the wall clock showed 1000 s.
    let moment = words(&[1 | 1 << 32, 1_000_000_000_000, 5_000_000]);
    assert_eq!(zero(clock(), vec![(29, moment)]).1, Zero::Wall(1_000_002_000));
    let version = zero(clock(), vec![(5, sized("6.1.187"))]);
    assert_eq!(version.0, Some(1000));
}

#[test]
fn a_recording_without_times_is_untimed() {
    let mut recording = Recording::new();
    // Samples have only addresses.
    recording.events[0].sample_type = 1;
    recording.events[0].flags = 0;
    recording.records = vec![record(9, USER_MODE, &words(&[0x1000])); 3];
    let profile = read(&recording.file(), None).unwrap();
    assert_eq!((profile.samples(), profile.is_timed()), (3, false));
    assert_eq!(profile.sources[0].zero, Zero::Unknown);
}

#[test]
fn what_perf_lost_is_told() {
    let recording = two_events().lost(40).lost(2);
    let profile = read(&recording.file(), Some("cpu-clock")).unwrap();
    assert!(profile.warnings.iter().any(|w| w.to_string().contains("perf lost 42 records")));
}

#[test]
fn a_loss_that_both_kinds_of_records_tell_of_counts_once() {
    let mut recording = two_events().lost(40).lost(2);
    recording.records.push(record(13, 0, &words(&[43, 0, 1, 0])));
    let profile = read(&recording.file(), Some("cpu-clock")).unwrap();
    assert!(
        profile.warnings[1].to_string().contains("perf lost 43 records"),
        "{:?}",
        profile.warnings
    );
}

#[test]
fn samples_in_further_files_are_told_to_be_there() {
    let mut recording = Recording::new().comm(A, 1, "node", true);
    recording.features.push((24, words(&[1])));
    let error = read(&recording.file(), None).unwrap_err().to_string();
    assert!(error.contains("data.1") && error.contains("--threads"), "{error}");
    let profile = read(&recording.sample(A, 2, &[1]).file(), None).unwrap();
    assert_eq!(profile.warnings[0].fact, PerfFact::Scattered.into());
}

#[test]
fn raw_names_are_not_ignored_without_a_word() {
    let options = Options { raw_names: true, ..Options::default() };
    let file = two_events().file();
    let profile = read_stream(file.as_slice(), Path::new("x.data"), &options).unwrap();
    let told = profile.warnings.last().unwrap();
    assert_eq!(*told, Warning::new("x.data", Fact::RawNames));
}

#[test]
fn copies_of_stacks_are_told_to_be_useless() {
    let mut recording = Recording::new().sample(A, 1, &[]);
    recording.events[0].sample_type |= 1 << 13;
    recording.events[0].flags |= 1 << 22;
    let profile = read(&recording.file(), None).unwrap();
    assert_eq!(profile.total(), 1);
    assert_eq!(profile.warnings[0].fact, PerfFact::UserStacks.into());
}

#[test]
fn records_of_unknown_kinds_are_counted_and_what_lies_between_records_is_passed_over() {
    let mut recording = two_events();
    // The data of AUXTRACE follows it. Then come unknown kinds of the kernel and of perf.
    let auxtrace = [record(71, 0, &words(&[24, 0, 0, 0, 0])), words(&[u64::MAX; 3])].concat();
    recording.records.insert(1, auxtrace);
    recording.records.insert(3, record(60, 0, &words(&[u64::MAX; 4])));
    recording.records.insert(4, record(99, 0, &words(&[u64::MAX; 4])));
    for bytes in [recording.file(), recording.pipe()] {
        let profile = parse(&bytes, Path::new("/nonexistent")).unwrap();
        assert_eq!((profile.total(), profile.losses.len()), (3, 1));
        // A flipped bit in the kind of a sample makes such a record.
        assert_eq!((profile.losses[0].count, profile.losses[0].samples), (2, 0));
    }
}
