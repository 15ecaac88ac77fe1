//! Damaged and hostile recordings: no panic, bounded memory, readable parts are used, and
//! every sample is in the profile or counted.

use crate::builder::*;
use crate::{parse, root, stacks, unpack};
use proptest::prelude::*;
use spikeflame_parse::Error;
use spikeflame_profile::Profile;
use std::path::Path;

const A: (i32, i32) = (100, 100);
const B: (i32, i32) = (200, 200);

/// Returns a recording with a little of everything, and eight samples.
fn small() -> Recording {
    let faults = Event { name: "page-faults", config: 2, ..clock() };
    let mut recording = Recording::new();
    recording.events.push(faults);
    recording.features =
        vec![(3, sized("host")), (5, sized("6.1")), (29, words(&[1 | 1 << 32, 5, 5]))];
    let recording = recording
        .kernel_map(0xffff_8000_0000_0000, 0x10000, 0xffff_8000_0000_0000, "[kernel.kallsyms]_text")
        .comm(A, 1, "node", true)
        .map(A, 2, 0x1000, 0x1000, "/opt/a.so")
        .map(A, 2, 0x7000, 0x1000, "//anon")
        .sample(A, 3, &[IN_USER, 0x1800, 0x7010, 0x1900])
        .sample(A, 4, &[IN_KERNEL, 0xffff_8000_0000_0010, IN_USER, 0x1800])
        .round()
        .fork(B, A, 5)
        .sample(B, 6, &[IN_USER, 0x1800])
        .lost(3)
        .comm(B, 7, "other", true)
        .round();
    (8..13).fold(recording, |recording, time| recording.sample(B, time, &[IN_USER, 0x1800]))
}

fn read(bytes: &[u8]) -> Result<Profile, Error> {
    parse(bytes, Path::new("/nonexistent"))
}

/// Counts samples, readable or not.
fn accounted(profile: &Profile) -> u64 {
    profile.samples() + profile.unreadable()
}

/// Counts samples that begin within the first `length` bytes of records.
fn samples_in(records: &[Vec<u8>], length: usize) -> u64 {
    let mut at = 0;
    let mut whole = 0;
    for record in records {
        at += record.len();
        if at > length {
            break;
        }
        whole += u64::from(record.starts_with(&[9, 0, 0, 0]));
    }
    whole
}

fn kilobytes_at_most() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[test]
fn a_file_cut_at_any_byte_is_used_up_to_the_cut_with_a_warning() {
    let recording = small();
    let file = recording.file();
    let whole = read(&file).unwrap();
    assert_eq!((whole.total(), whole.losses.len()), (8, 0));
    let told =
        |profile: &Profile| profile.warnings.iter().any(|w| w.to_string().contains("cut off"));
    assert!(!told(&whole));
    let records: usize = recording.records.iter().map(Vec::len).sum();
    let start = (0..file.len()).find(|&at| file[at..].starts_with(&recording.records[0])).unwrap();
    for cut in 0..file.len() {
        let within = cut.saturating_sub(start).min(records);
        let expected = samples_in(&recording.records, within);
        match read(&file[..cut]) {
            Ok(profile) => {
                assert_eq!(profile.total(), expected, "cut at {cut}");
                assert!(told(&profile), "cut at {cut}");
                let misses =
                    profile.warnings.iter().any(|w| w.to_string().contains("the machine's name"));
                assert!(misses || cut > start + records, "cut at {cut}");
            }
            Err(Error::Unrecognised { .. }) => assert!(cut < 8, "cut at {cut}"),
            Err(Error::Damaged { .. }) => assert!(cut < start, "cut at {cut}"),
            Err(Error::NoSamples { .. }) => assert_eq!(expected, 0, "cut at {cut}"),
            Err(error) => panic!("cut at {cut}: {error}"),
        }
    }
}

#[test]
fn a_pipe_cut_at_any_byte_is_used_up_to_the_cut() {
    let recording = small();
    let pipe = recording.pipe();
    let start = pipe.len() - recording.records.iter().map(Vec::len).sum::<usize>();
    for cut in 16..pipe.len() {
        let expected = samples_in(&recording.records, cut.saturating_sub(start));
        match read(&pipe[..cut]) {
            Ok(profile) => {
                assert_eq!(profile.total(), expected, "cut at {cut}");
                let mut ends = recording.records.iter().scan(start, |at, record| {
                    *at += record.len();
                    Some(*at)
                });
                let told = profile.warnings.iter().any(|w| w.to_string().contains("cut off"));
                assert_ne!(told, ends.any(|end| end == cut), "cut at {cut}");
            }
            Err(Error::NoSamples { .. } | Error::Damaged { .. }) => assert_eq!(expected, 0),
            Err(error) => panic!("cut at {cut}: {error}"),
        }
    }
}

#[test]
fn a_recording_that_perf_could_not_finish_is_used_to_its_end() {
    let recording = small();
    let mut file = recording.file();
    file[48..56].fill(0);
    let records: usize = recording.records.iter().map(Vec::len).sum();
    let start = (0..file.len()).find(|&at| file[at..].starts_with(&recording.records[0])).unwrap();
    file.truncate(start + records - 5);
    let profile = read(&file).unwrap();
    assert_eq!(profile.total(), 7);
    let told = &profile.warnings;
    assert!(told.iter().any(|w| w.to_string().contains("perf was killed")), "{told:?}");
}

#[test]
fn packed_records_are_used_up_to_their_damage() {
    let long = (0..4000u64).fold(small(), |recording, at| {
        recording.sample(B, 100 + at, &[IN_USER, 0x1800 + at * 7919 % 1000])
    });
    let whole = long.packed(2000);
    assert_eq!(read(&whole.file()).unwrap().total(), 4008);
    for at in (0..whole.records.len()).step_by(3) {
        let mut damaged = whole.clone();
        damaged.records[at][20..60].fill(0xa5);
        if let Ok(profile) = read(&damaged.file()) {
            assert!(profile.total() <= 4008);
        }
        let mut cut = whole.clone();
        cut.records.truncate(at);
        if let Ok(profile) = read(&cut.pipe()) {
            assert!(profile.total() < 4008);
            assert!(profile.warnings.iter().any(|w| w.to_string().contains("are damaged")), "{at}");
        }
    }
}

#[test]
fn records_packed_to_next_to_nothing_do_not_fill_the_memory() {
    // Blocks of 128 KiB with one repeated byte: records of an unknown kind, 2056 bytes each.
    // The record has 32 KiB and unpacks to 1 GiB.
    let mut stream = vec![0x28, 0xb5, 0x2f, 0xfd, 0, 0x70];
    for _ in 0..8192 {
        stream.extend_from_slice(&(128u32 << 13 | 1 << 1).to_le_bytes()[..3]);
        stream.push(8);
    }
    let mut bomb = small();
    bomb.records.push(record(81, 0, &stream));
    let before = kilobytes_at_most();
    let profile = read(&bomb.pipe()).unwrap();
    assert_eq!(profile.total(), 8);
    if let (Some(before), Some(after)) = (before, kilobytes_at_most()) {
        println!("{} KiB more at most", after - before);
        assert!(after - before < 400_000, "{before} {after}");
    }
}

#[test]
fn a_window_that_is_claimed_is_no_memory() {
    // The largest window there is, then a block that never comes.
    for window in [0x70, 0x88, 0xff] {
        let mut recording = small();
        let stream = [0x28, 0xb5, 0x2f, 0xfd, 0, window, 0, 0, 0x40];
        recording.records.push(record(81, 0, &stream));
        let profile = read(&recording.file()).unwrap();
        assert_eq!(profile.total(), 8);
        assert!(profile.warnings.iter().any(|w| w.to_string().contains("are damaged")));
    }
}

#[test]
fn processes_that_fork_do_not_multiply_what_was_looked_up() {
    // Half a megabyte: 60,000 addresses at which nothing lies, 3,000 processes.
    let recording = (0..10u64).fold(small(), |recording, part| {
        let chain: Vec<u64> = (0..6000).map(|at| (1 << 40) + (part * 6000 + at) * 16).collect();
        recording.sample(A, 20 + part, &chain)
    });
    let recording = (0..3000)
        .fold(recording, |recording, child| recording.fork((1000 + child, 1000 + child), A, 100));
    let before = kilobytes_at_most();
    assert_eq!(read(&recording.file()).unwrap().total(), 18);
    if let (Some(before), Some(after)) = (before, kilobytes_at_most()) {
        println!("{} KiB more at most", after - before);
        assert!(after - before < 400_000, "{before} {after}");
    }
}

#[test]
fn processes_that_fork_and_map_do_not_copy_for_ever() {
    let maps = (0..8000).fold(small(), |recording, at| {
        recording.map(A, 20, (1 << 40) + at * 0x2000, 0x1000, "/opt/a.so")
    });
    let forks = (0..9000).fold(maps, |recording, _| {
        recording.fork(B, A, 30).map(B, 30, 0x3000, 0x1000, "/opt/b.so")
    });
    // A map that no other process shares can still change.
    let recording = forks.comm(B, 31, "new", true).map(B, 32, 0x3000, 0x1000, "/opt/c.so").sample(
        B,
        33,
        &[0x3000],
    );
    let profile = read(&recording.file()).unwrap();
    assert_eq!(profile.total(), 9);
    let told = &profile.warnings;
    assert!(told.iter().any(|w| w.to_string().contains("too many mappings")), "{told:?}");
    assert!(stacks(&profile).iter().any(|(_, stacks)| stacks.contains(&vec!["c.so".to_owned()])));
}

/// Numbers of every size that a field may claim.
const CLAIMS: [u64; 5] = [0, 7, 0xffff, 1 << 60, u64::MAX];

#[test]
fn whatever_a_field_claims_nothing_panics_and_memory_stays() {
    let before = kilobytes_at_most();
    let recording = small();
    for bytes in [recording.file(), recording.pipe(), recording.packed(500).file()] {
        for at in 8..bytes.len() {
            for size in [2, 4, 8] {
                for claim in CLAIMS {
                    let mut bytes = bytes.clone();
                    let Some(field) = bytes.get_mut(at..at + size) else { continue };
                    field.copy_from_slice(&claim.to_le_bytes()[..size]);
                    if let Ok(profile) = read(&bytes) {
                        assert!(accounted(&profile) <= 200, "byte {at}: {claim:#x}");
                    }
                }
            }
        }
    }
    if let (Some(before), Some(after)) = (before, kilobytes_at_most()) {
        println!("{} KiB more at most", after - before);
        assert!(after - before < 400_000, "{before} {after}");
    }
}

#[test]
fn a_claim_of_2_60_records_is_an_error_or_what_is_there() {
    let mut file = small().file();
    file[48..56].copy_from_slice(&(1u64 << 60).to_le_bytes());
    let profile = read(&file).unwrap();
    assert_eq!(profile.total(), 8);
    let told = &profile.warnings;
    assert!(told.iter().any(|w| w.to_string().contains("read up to there")), "{told:?}");
    let mut file = small().file();
    file[40..48].copy_from_slice(&(1u64 << 60).to_le_bytes());
    let error = read(&file).unwrap_err().to_string();
    assert!(error.contains("byte 40") && error.contains("outside the file"), "{error}");
    let mut file = small().file();
    file[32..40].copy_from_slice(&(1u64 << 60).to_le_bytes());
    let error = read(&file).unwrap_err().to_string();
    assert!(error.contains("byte 24"), "{error}");
}

fn damaged(mut bytes: Vec<u8>, edits: &[(prop::sample::Index, u8, u8)]) -> Vec<u8> {
    for (at, byte, what) in edits {
        let at = at.index(bytes.len());
        match what {
            0 => bytes[at] = *byte,
            1 => bytes.insert(at, *byte),
            2 => bytes[at] ^= 1 << (byte % 8),
            _ => {
                bytes.remove(at);
            }
        }
    }
    bytes
}

fn edits() -> impl Strategy<Value = Vec<(prop::sample::Index, u8, u8)>> {
    prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4u8), 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Bytes changed, put in and taken out anywhere.
    #[test]
    fn small_recordings_survive_any_damage(edits in edits(), form in 0..3u8) {
        let recording = small();
        let bytes = match form {
            0 => recording.file(),
            1 => recording.pipe(),
            _ => recording.packed(300).pipe(),
        };
        let _ = read(&damaged(bytes, &edits));
    }

    /// Where the sizes of records are whole, every sample is accounted for.
    #[test]
    fn every_sample_is_accounted_for(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>()), 1..20),
    ) {
        let mut recording = small();
        for (record, at, byte) in edits {
            let record = record.get_mut(&mut recording.records);
            if record.len() > 8 {
                let at = 8 + at.index(record.len() - 8);
                record[at] = byte;
            }
        }
        let samples = recording.records.iter().filter(|record| record[0] == 9).count() as u64;
        for bytes in [recording.file(), recording.pipe()] {
            match read(&bytes) {
                Ok(profile) => {
                    // A damaged identifier makes samples of the other event.
                    let others = profile.warnings.iter().find_map(|warning| {
                        let warning = warning.to_string();
                        let (_, rest) = warning.split_once("page-faults (")?;
                        rest.split_once(' ')?.0.parse::<u64>().ok()
                    });
                    prop_assert_eq!(accounted(&profile) + others.unwrap_or(0), samples);
                    let listed: usize = stacks(&profile).iter().map(|(_, samples)| samples.len()).sum();
                    prop_assert_eq!(listed as u64, profile.total());
                }
                Err(Error::NoSamples { .. }) => {}
                Err(error) => prop_assert!(false, "{}", error),
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn real_recordings_survive_any_damage(edits in edits(), which in 0..4usize) {
        let name = ["plain", "packed", "pipe", "jitdump"][which];
        let bytes = unpack(&root(&format!("samples/perf/{name}.data.zst")));
        let _ = parse(&damaged(bytes, &edits), &root("samples/perf"));
    }
}
