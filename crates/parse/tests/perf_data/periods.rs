//! Samples are weighed by their periods, in the unit of their event.

use crate::builder::{Event, IN_USER, Recording, USER_MODE, record, words};
use crate::{Error, parse, root, unpack};
use spikeflame_parse::{Count, Options, read_stream};
use spikeflame_profile::Profile;
use spikeflame_profile::warning::{Fact, PerfFact, Warning};
use std::path::Path;

fn is_steady(warning: &Warning) -> bool {
    matches!(warning.fact, Fact::Perf(PerfFact::SteadyPace { .. }))
}

fn is_nameless(warning: &Warning) -> bool {
    matches!(warning.fact, Fact::Perf(PerfFact::NamelessInterpreted { .. }))
}

const PERIOD: u64 = 1 << 8;
const FREQUENCY: u64 = 1 << 10;
const SAMPLE_ID_ALL: u64 = 1 << 18;

/// Returns a recording of `event` with a sample of each period.
fn with_periods(event: Event, periods: &[u64]) -> Vec<u8> {
    let sample_type = event.sample_type | PERIOD;
    let mut recording =
        Recording { events: vec![Event { sample_type, ..event }], ..Recording::new() };
    for (time, period) in (1000..).zip(periods) {
        let chain = [2, IN_USER, 0x1000];
        let head = [0, 0x1000, 100 << 32 | 100, time, *period];
        let body = words(&[&head[..], &chain[..]].concat());
        recording.records.push(record(9, USER_MODE, &body));
    }
    recording.file()
}

fn event(name: &'static str, kind: u32, config: u64, pace: u64, flags: u64) -> Event {
    Event { name, kind, config, pace, flags, ..crate::builder::clock() }
}

fn faults() -> Event {
    event("page-faults", 1, 2, 999, FREQUENCY | SAMPLE_ID_ALL)
}

fn read(bytes: &[u8], count: Count) -> Result<Profile, Error> {
    let options = Options { count, symbols: vec!["/nonexistent".into()], ..Options::default() };
    read_stream(bytes, Path::new("perf.data"), &options)
}

#[test]
fn page_faults_are_counted_and_are_no_time() {
    let file = with_periods(faults(), &[1, 1, 5, 700]);
    let profile = read(&file, Count::Weights).unwrap();
    let source = &profile.sources[0];
    assert_eq!((profile.total(), profile.samples()), (707, 4));
    assert_eq!((source.unit.as_str(), source.interval_us), ("page-faults", None));
    assert!(source.is_no_time() && source.weight_ns().is_none());
    assert!(!profile.warnings.iter().any(is_steady), "{:?}", profile.warnings);
    let profile = read(&file, Count::Samples).unwrap();
    let source = &profile.sources[0];
    assert_eq!((profile.total(), source.unit.as_str()), (4, "samples"));
    assert_eq!((source.interval_us, source.weight_ns()), (None, None));
    assert!(profile.warnings.iter().any(is_steady), "{:?}", profile.warnings);
}

/// The error was: a period of page faults that perf itself had raised "may be damaged".
#[test]
fn a_period_that_perf_raised_is_not_damaged() {
    let is_heavy = |event: Event, period: u64| {
        let periods = [&[1; 30][..], &[period]].concat();
        let warnings = read(&with_periods(event, &periods), Count::Weights).unwrap().warnings;
        let is_it = |one: &Warning| matches!(one.fact, Fact::Perf(PerfFact::HeavySample { .. }));
        warnings.iter().any(is_it)
    };
    assert!(!is_heavy(faults(), 4_000));
    // No machine has so many faults in a second.
    assert!(is_heavy(faults(), 1 << 32));
}

/// A recording of a group, with a sample for each pair of counters.
fn group(counters: &[(u64, u64)]) -> Vec<u8> {
    const READ: u64 = 1 << 4;
    const ID_AND_GROUP: u64 = 4 | 8;
    let grouped = |event: Event| Event {
        sample_type: event.sample_type | PERIOD | READ,
        read_format: ID_AND_GROUP,
        ..event
    };
    let events = vec![grouped(crate::builder::clock()), grouped(faults())];
    let mut recording = Recording { events, ..Recording::new() };
    for (time, &(clock, faults)) in (1000..).zip(counters) {
        let head = [0, 0x1000, 100 << 32 | 100, time, 1_000_000];
        let read = [2, clock, 0, faults, 1];
        let body = words(&[&head[..], &read, &[2, IN_USER, 0x1000]].concat());
        recording.records.push(record(9, USER_MODE, &body));
    }
    recording.file()
}

/// The error was: the leader of a group had the sum of its periods, and the other events no sample.
#[test]
fn a_sample_of_a_group_counts_what_the_counters_grew() {
    let file = group(&[(1_000_500, 7), (2_200_000, 7), (2_000_000, 9), (3_000_000, 12)]);
    // The counter of the clock goes back once, and the faults do not grow once.
    for (event, total, samples) in [("cpu-clock", 3_200_000, 3), ("page-faults", 12, 3)] {
        let sample_type = Some(event.to_owned());
        let options = Options { sample_type, ..Options::default() };
        let profile = read_stream(file.as_slice(), Path::new("perf.data"), &options).unwrap();
        assert_eq!((profile.total(), profile.samples()), (total, samples), "{event}");
        let losses: u64 = profile.losses.iter().map(|loss| loss.samples).sum();
        assert_eq!(losses, 1, "{:?}", profile.losses);
        let others = |one: &Warning| matches!(one.fact, Fact::Perf(PerfFact::FurtherEvents { .. }));
        assert!(profile.warnings.iter().any(others), "{:?}", profile.warnings);
    }
}

#[test]
fn clocks_count_nanoseconds_and_cycles_are_cpu_time() {
    let clock = event("cpu-clock:ppp", 1, 0, 1000, FREQUENCY | SAMPLE_ID_ALL);
    let profile = read(&with_periods(clock, &[1_000_000; 3]), Count::Weights).unwrap();
    let source = &profile.sources[0];
    assert_eq!((profile.total(), source.unit.as_str()), (3_000_000, "nanoseconds"));
    assert_eq!((source.interval_us, source.time.as_str()), (Some(1000), "cpu"));
    let cycles = event("cycles", 0, 0, 1000, FREQUENCY | SAMPLE_ID_ALL);
    let profile = read(&with_periods(cycles, &[1, 3_000_000]), Count::Weights).unwrap();
    let source = &profile.sources[0];
    assert_eq!((profile.total(), source.unit.as_str()), (3_000_001, "cycles"));
    assert_eq!((source.interval_us, source.time.as_str()), (Some(1000), "cpu"));
}

#[test]
fn a_fixed_period_is_that_of_samples_that_do_not_tell_theirs() {
    let mut recording = Recording::new().sample((100, 100), 5, &[IN_USER, 0x1000]);
    recording.events[0] = event("instructions", 0, 1, 250, SAMPLE_ID_ALL);
    let profile = read(&recording.file(), Count::Weights).unwrap();
    assert_eq!((profile.total(), profile.sources[0].unit.as_str()), (250, "instructions"));
}

#[test]
fn periods_that_cannot_be_true_are_counted_as_lost() {
    let file = with_periods(faults(), &[7, 0, u64::MAX, 5, 1 << 60, u64::MAX - 6]);
    let profile = read(&file, Count::Weights).unwrap();
    assert_eq!((profile.total(), profile.samples(), profile.unreadable()), (12, 2, 4));
    let profile = read(&file, Count::Samples).unwrap();
    assert_eq!((profile.total(), profile.unreadable()), (6, 0));
    assert!(matches!(
        read(&with_periods(faults(), &[0, 0]), Count::Weights),
        Err(Error::NoSuchValues { .. })
    ));
}

/// The error was: 51.19 % of samples, where `perf report` has 62.08 % of faults.
#[test]
fn page_faults_have_the_share_that_perf_report_gives_them() {
    let file = root("../shared/data/cases/perf-periods/pfault.data.zst");
    if !file.exists() {
        println!("SKIPPED: no recording at {}", file.display());
        return;
    }
    let profile = parse(&unpack(&file), Path::new("/nonexistent")).unwrap();
    assert_eq!((profile.total(), profile.samples()), (138_133, 838));
    assert_eq!(profile.sources[0].unit, "page-faults");
}

/// Recordings with `--interpreted-frames-native-stack` (b) cause no warning, those without
/// it (a) do.
#[test]
fn interpreted_functions_without_names_are_warned_of() {
    for (name, warns) in [("a", true), ("b", false)] {
        let file = format!("../shared/data/cases/perf-no-interpreted-frames/{name}.data.zst");
        let file = root(&file);
        if !file.exists() {
            println!("SKIPPED: no recording at {}", file.display());
            continue;
        }
        let profile = parse(&unpack(&file), file.parent().unwrap()).unwrap();
        let warned = profile.warnings.iter();
        let warned = warned.filter(|w| is_nameless(w)).count();
        assert_eq!(warned, usize::from(warns), "{name}: {:?}", profile.warnings);
    }
}
