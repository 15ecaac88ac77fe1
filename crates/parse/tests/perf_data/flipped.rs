//! One flipped bit in a real recording: no sample is lost without a word.

use crate::builder::{IN_USER, Recording};
use crate::{parse, root, unpack};
use spikeflame_profile::Profile;
use std::path::Path;

const A: (i32, i32) = (100, 100);

/// Numbers that look random, the same in every run (Knuth's linear congruential generator).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        let next = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = next.wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }
}

/// Returns the reasons of losses, and the warnings.
fn facts(profile: &Profile) -> Vec<String> {
    let losses = profile.losses.iter().map(|loss| loss.reason.to_owned());
    losses.chain(profile.warnings.iter().map(ToString::to_string)).collect()
}

fn read(bytes: &[u8]) -> Profile {
    parse(bytes, Path::new("/nonexistent")).unwrap()
}

/// Returns true when two recordings have the same samples, apart from a weight that differs by less
/// than a tenth and an end that differs by less than two seconds.
fn agree(one: &Profile, other: &Profile) -> bool {
    let ends = [one, other].map(|profile| profile.sources[0].end_us);
    let apart = one.total().abs_diff(other.total());
    one.samples() == other.samples()
        && apart < other.total() / 10
        && ends[0].abs_diff(ends[1]) < 2_000_000
}

#[test]
fn no_flipped_bit_loses_samples_in_silence() {
    // More flips: FLIPS=1000 cargo test -p spikeflame-parse --test perf_data flipped -- --nocapture
    let runs = std::env::var("FLIPS").ok().and_then(|n| n.parse().ok()).unwrap_or(60);
    for name in ["packed", "plain", "pipe"] {
        let bytes = unpack(&root(&format!("samples/perf/{name}.data.zst")));
        let whole = read(&bytes);
        let (usual, mut numbers) = (facts(&whole), Numbers(7));
        let (mut refused, mut told, mut same, mut silent) = (0, 0, 0, 0);
        for _ in 0..runs {
            let (at, bit) = (numbers.below(bytes.len()), numbers.below(8));
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << bit;
            let Ok(profile) = parse(&flipped, Path::new("/nonexistent")) else {
                refused += 1;
                continue;
            };
            if facts(&profile).iter().any(|fact| !usual.contains(fact)) {
                told += 1;
            } else if agree(&profile, &whole) {
                same += 1;
            } else {
                silent += 1;
                println!("{name}: byte {at}, bit {bit}: {} of {}", profile.total(), whole.total());
            }
        }
        println!(
            "{name}: of {runs} flips {refused} refused, {told} told, {same} with all samples, {silent} in silence"
        );
        assert_eq!(silent, 0, "{name}");
    }
}

/// Returns 40 samples, packed or not, in which `change` changed the bytes of the one in the middle.
fn changed(packed: bool, change: impl Fn(&mut Vec<u8>)) -> Profile {
    let sample = |recording: Recording, at: u64| {
        recording.sample(A, 1_000_000 + at * 1_000_000, &[IN_USER, 0x1800, 0x1900])
    };
    let rounds = |recording: Recording, at: u64| sample(recording, at).round();
    let mut recording = (0..40).fold(Recording::new(), rounds);
    change(&mut recording.records[40]);
    read(&if packed { recording.packed(500).file() } else { recording.file() })
}

#[test]
fn nonsense_in_the_last_window_of_packed_records_is_told() {
    // The decoder returns the last window after all records of the file were taken.
    let profile = changed(true, |record| record[6..8].copy_from_slice(&[0, 0]));
    assert_eq!(profile.samples(), 20);
    let told = facts(&profile);
    assert!(told.iter().any(|fact| fact.contains("packed records")), "{told:?}");
}

#[test]
fn records_that_perf_does_not_write_are_counted() {
    for packed in [false, true] {
        // Kinds: none, READ, AUX, LOST_SAMPLES, MMAP, unknown ones of the kernel and of perf, and a list
        // of threads.
        for kind in [0, 8, 11, 13, 1, 25, 41, 73, 137, 0x109] {
            let profile =
                changed(packed, |record| record[..4].copy_from_slice(&u32::to_le_bytes(kind)));
            let losses: Vec<_> =
                profile.losses.iter().map(|loss| (loss.count, loss.samples)).collect();
            assert_eq!((profile.samples(), losses), (39, vec![(1, 0)]), "{kind} {packed}");
        }
        // The event, and the length of the chain: shorter and longer than the record.
        for (at, value) in [(8, 4), (40, 1), (40, 7), (47, 1)] {
            let profile = changed(packed, |record| record[at] = value);
            let losses: Vec<_> =
                profile.losses.iter().map(|loss| (loss.count, loss.samples)).collect();
            assert_eq!((profile.samples(), losses), (39, vec![(1, 1)]), "{at} {packed}");
        }
    }
}

#[test]
fn impossible_times_are_told() {
    // Bit 46 is a step of 20 hours, as in a flipped byte.
    let far = changed(false, |record| record[32 + 5] ^= 1 << 6);
    assert_eq!(far.samples(), 40);
    let told = facts(&far);
    assert!(told.iter().any(|fact| fact.contains("no sample for 19.5 hours")), "{told:?}");
    let profile = changed(false, |_| {});
    assert_eq!(facts(&profile), Vec::<String>::new());
}
