//! Damaged and hostile pprof profiles: nothing panics, memory is bounded, and every sample
//! is accounted for.

use crate::common;
use crate::pprof_builder;

use common::root;
use pprof_builder::{Builder, fold, parse};
use proptest::prelude::*;
use spikeflame_parse::{Error, Options, ValueFault, read, read_stream};
use spikeflame_profile::Profile;
use spikeflame_proto::pprof::{Label, Line, Location, Sample, field};
use std::io::{Read, Write};
use std::path::Path;

/// Returns a real profile, unpacked: Go's, or Datadog's with labels.
fn real(name: &str) -> Vec<u8> {
    let packed = std::fs::read(root(&format!("samples/pprof/{name}.pb.gz"))).unwrap();
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(packed.as_slice()).read_to_end(&mut bytes).unwrap();
    bytes
}

fn varint(bytes: &[u8], at: &mut usize) -> Option<u64> {
    let mut rest = bytes.get(*at..)?;
    let before = rest.len();
    let value = prost::encoding::decode_varint(&mut rest).ok()?;
    *at += before - rest.len();
    Some(value)
}

/// Returns the samples that end before the outer message breaks, each with its end.
fn samples(bytes: &[u8]) -> Vec<(usize, &[u8])> {
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(tag) = varint(bytes, &mut at) {
        let length = match tag & 7 {
            0 => varint(bytes, &mut at).map(|_| 0),
            1 => Some(8),
            2 => varint(bytes, &mut at),
            5 => Some(4),
            _ => None,
        };
        let end = length.and_then(|length| at.checked_add(usize::try_from(length).ok()?));
        let Some((end, within)) = end.and_then(|end| Some((end, bytes.get(at..end)?))) else {
            break;
        };
        if tag == u64::from(field::SAMPLE << 3 | 2) {
            found.push((end, within));
        }
        at = end;
    }
    found
}

/// Counts samples with a value, and lost ones.
fn accounted(profile: &Profile) -> u64 {
    profile.threads.iter().map(|t| t.samples.len() as u64).sum::<u64>() + profile.unreadable()
}

#[test]
fn a_profile_cut_at_any_byte_is_used_or_refused_with_the_byte() {
    for name in ["go", "datadog-functions"] {
        let whole = real(name);
        let samples = samples(&whole);
        let (mut used, mut refused) = (0, 0);
        for cut in 0..whole.len() {
            match parse(&whole[..cut]) {
                Ok(profile) => {
                    used += 1;
                    let before = samples.iter().filter(|(end, _)| *end <= cut).count();
                    assert_eq!(accounted(&profile), before as u64, "{name} cut at {cut}");
                }
                Err(Error::Damaged { at, .. }) => {
                    refused += 1;
                    let at: usize = at.strip_prefix("byte ").unwrap().parse().unwrap();
                    assert!(at <= cut && at + 200 > cut, "{name} cut at {cut}: {at}");
                }
                // The cut is between two fields, before any name: nothing shows that the
                // file is cut.
                Err(
                    Error::NoSamples { .. }
                    | Error::NoSuchValues { .. }
                    | Error::Unrecognised { .. },
                ) => {}
                Err(error) => panic!("{name} cut at {cut}: {error}"),
            }
        }
        assert!(used > 300 && refused > 500, "{name}: {used} used, {refused} refused");
    }
    // Without its last names it is used, with a warning.
    let go = real("go");
    let profile = parse(&go[..go.len() - 40]).unwrap();
    assert_eq!(profile.total(), 34);
    assert!(profile.warnings[0].to_string().contains("byte "), "{:?}", profile.warnings);
}

#[test]
fn packed_profiles_are_used_up_to_their_damage() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("go.pb.gz");
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    encoder.write_all(&real("go")).unwrap();
    let packed = encoder.finish().unwrap();
    let load = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        read(std::slice::from_ref(&path), &Options::default())
    };
    assert_eq!(load(&packed).unwrap().warnings.len(), 0);
    let cut = load(&packed[..packed.len() - 60]).unwrap();
    assert_eq!((cut.total(), cut.warnings.len()), (34, 1), "{:?}", cut.warnings);
    // The error was: the warning named the path, and not the recording.
    assert_eq!(cut.warnings[0].source, cut.sources[0].name);
    let early = load(&packed[..packed.len() / 4]).unwrap_err().to_string();
    assert!(early.contains("byte ") && early.contains("record it anew"), "{early}");
}

/// A stream that repeats the same bytes.
struct Endless {
    again: Vec<u8>,
    given: usize,
}

impl Read for Endless {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let from = &self.again[self.given % self.again.len()..];
        let count = from.len().min(buf.len());
        buf[..count].copy_from_slice(&from[..count]);
        self.given += count;
        Ok(count)
    }
}

#[test]
fn what_never_ends_is_refused_at_the_limit() {
    // The content of a gzip bomb.
    let start = Builder::new(&[("samples", "count")]).build();
    let mut rest = Endless { again: [0x32, 0, 0x68, 0].repeat(1 << 14), given: 0 };
    let bomb = start.as_slice().chain(&mut rest);
    let error = read_stream(bomb, Path::new("bomb.pb"), &Options::default()).unwrap_err();
    assert!(error.to_string().contains("byte 536870912: the profile is longer than 512 MiB"));
    assert!(rest.given < 513 << 20, "{} bytes were taken", rest.given);
    // Tables are limited too: a name takes two bytes in the file, and more in memory.
    let mut names = Builder::new(&[("samples", "count")]).build();
    names.extend([0x32, 0].repeat(5_000_000));
    let error = parse(&names).unwrap_err().to_string();
    assert!(error.contains("more than 4,194,304 entries"), "{error}");
    let mut types = Builder::new(&[("samples", "count"); 100]);
    assert!(parse(&types.build()).unwrap_err().to_string().contains("every value is 0"));
    types = Builder::new(&[("samples", "count"); 101]);
    assert!(parse(&types.build()).unwrap_err().to_string().contains("100 kinds of value"));
    // The error was: a file of .NET with a record that is damaged had "no samples", because only the default
    // values, which are all 0, were read.
    let mut types = Builder::new(&[("cpu", "nanoseconds"), ("lock-time", "nanoseconds")]);
    types.function_record(0, "none", "none", "");
    types.function(1, "work", "/work.cs", 3).sample(&[1], &[7, 0]);
    let profile = parse(&types.build()).unwrap();
    assert_eq!((profile.total(), profile.sources[0].event.as_str()), (7, "cpu"));
    assert_eq!((profile.losses.len(), profile.unreadable()), (1, 0));
}

/// Begins a profile of one function and its samples.
fn small() -> Builder {
    let mut builder = Builder::new(&[("samples", "count")]);
    builder.function(1, "f", "", 0);
    builder
}

fn losses(profile: &Profile) -> Vec<(&str, u64, u64, &str, u64)> {
    let each = profile.losses.iter();
    each.map(|l| (l.counted, l.first, l.count, l.reason, l.samples)).collect()
}

#[test]
fn ids_that_lead_nowhere_are_counted_and_the_sample_kept() {
    let mut builder = small();
    builder.sample(&[1, u64::MAX], &[2]).sample(&[9, 9, 1], &[1]).sample(&[0], &[1]);
    let line = vec![Line { function_id: 77, line: 1, column: 0 }];
    builder.message(field::LOCATION, &Location { id: 2, line, ..Location::default() });
    builder.sample(&[1, 2], &[1]);
    let profile = parse(&builder.build()).unwrap();
    assert_eq!(fold(&profile), "(unresolved) 1\n(unresolved);f 1\nf;(unresolved) 3\n");
    let nowhere = ("sample", 1, 3, "a location that is not in the file", 0);
    assert_eq!(
        losses(&profile),
        [nowhere, ("record", 7, 1, "a function that is not in the file", 0)]
    );
}

#[test]
fn ids_given_twice_or_of_nothing_are_counted_and_the_first_one_used() {
    let mut builder = small();
    builder.function(1, "g", "", 0).function(0, "h", "", 0);
    let profile = parse(&builder.sample(&[1], &[3]).build()).unwrap();
    assert_eq!(fold(&profile), "f 3\n");
    let taken = ("record", 4, 2, "a record with an id that is taken", 0);
    let zero = ("record", 6, 2, "a record with the id 0, which stands for none", 0);
    assert_eq!(losses(&profile), [taken, zero]);
}

#[test]
fn names_past_the_table_leave_a_frame_without_one() {
    for name in [99, -1, i64::MAX, i64::MIN] {
        let mut builder = small();
        let function = spikeflame_proto::pprof::Function { id: 2, name, ..Default::default() };
        builder.message(field::FUNCTION, &function);
        let line = vec![Line { function_id: 2, line: i64::MIN, column: i64::MAX }];
        builder.message(field::LOCATION, &Location { id: 2, line, ..Location::default() });
        let profile = parse(&builder.sample(&[1, 2], &[1]).build()).unwrap();
        assert_eq!(fold(&profile), "f;(unresolved) 1\n");
        assert_eq!(losses(&profile)[0].3, "a name that is not in the file");
    }
}

#[test]
fn values_that_cannot_be_added_up_are_counted() {
    let mut builder = small();
    builder.sample(&[1], &[-5]).sample(&[1], &[]).sample(&[1], &[0]).sample(&[1], &[4]);
    builder.sample(&[1], &[i64::MAX]).sample(&[1], &[1 << 53]).sample(&[1], &[6]);
    let profile = parse(&builder.build()).unwrap();
    assert_eq!(profile.total(), 10);
    let negative = "a negative value, as the difference of two profiles has them";
    assert_eq!(
        losses(&profile),
        [
            ("sample", 1, 1, negative, 1),
            ("sample", 2, 1, "a sample without a value of this kind", 1),
            ("sample", 5, 2, "a value too large to be added up", 2),
        ]
    );
    // It contains only a difference: the error gives the reason why nothing is there.
    let error = parse(&small().sample(&[1], &[-1]).build()).unwrap_err().to_string();
    assert!(error.contains("no samples in it"), "{error}");
}

/// The error was: a profile that pprof's `-diff_base` wrote had the shares of one of its two profiles.
#[test]
fn the_difference_of_two_profiles_has_no_shares() {
    let mut builder = small();
    builder.sample(&[1], &[40]).sample(&[1], &[-38]).sample(&[1], &[-2]);
    let error = parse(&builder.build()).unwrap_err();
    let Error::NoSuchValues { fault: ValueFault::Difference(2), .. } = error else {
        panic!("{error}");
    };
}

#[test]
fn records_that_would_take_too_much_are_counted() {
    let mut builder = small();
    // Stacks that are too deep and too long, and one that is broken.
    builder.sample(&vec![1; 65_536], &[1]).sample(&vec![1; 65_537], &[1]);
    builder.sample(&vec![1; 1 << 21], &[1]);
    builder.bytes.extend([0x12, 2, 0x0a, 9]);
    // There are too many inlined functions: the last lines are the outermost.
    let mut line = vec![Line { function_id: 9, line: 0, column: 0 }; 300];
    line.push(Line { function_id: 1, line: 0, column: 0 });
    builder.message(field::LOCATION, &Location { id: 2, line, ..Location::default() });
    builder.sample(&[2], &[1]);
    let profile = parse(&builder.build()).unwrap();
    assert_eq!((profile.total(), profile.stacks.len()), (2, 65_537 + 255));
    let reasons: Vec<_> = losses(&profile).iter().map(|loss| (loss.3, loss.2, loss.4)).collect();
    assert_eq!(
        reasons,
        [
            ("a stack of more than 65,536 frames", 1, 1),
            ("a record of more than 1 MiB", 1, 1),
            ("a damaged record", 1, 1),
            ("a location with more than 256 functions inlined", 1, 0),
            ("a function that is not in the file", 1, 0),
        ]
    );
    // The labels could make very many threads.
    let label = |n: i64| Label { key: 1, str: 2 + n % 60, num: n, num_unit: 0 };
    let mut builder = small();
    for first in 0..100 {
        let label = (0..60_000).map(|n| label(first * n)).collect();
        builder.message(field::SAMPLE, &Sample { location_id: vec![1], value: vec![1], label });
    }
    let profile = parse(&builder.build()).unwrap();
    assert_eq!(profile.total(), 100);
}

#[test]
fn old_text_profiles_are_named() {
    let text = b"heap profile: 3: 1024 [ 5: 2048] @ heap_v2/524288\n";
    let error = parse(text).unwrap_err().to_string();
    assert!(error.contains("a heap profile in pprof's old text format"), "{error}");
    let words = [0, 3, 0, 10_000, 0, 1, 1, 0x4000_1234].map(u64::to_le_bytes);
    let error = parse(&words.concat()).unwrap_err().to_string();
    assert!(error.contains("a CPU profile in the old binary format of gperftools"), "{error}");
}

#[test]
fn where_every_sample_is_lost_the_error_says_why() {
    let mut builder = Builder::new(&[("samples", "count")]);
    builder.function(1, "f", "/a.go", 1).sample(&[1], &[0]).sample(&[1], &[-3]);
    let error = parse(&builder.build()).unwrap_err().to_string();
    assert!(error.contains("sample 2: a negative value"), "{error}");
}

#[test]
fn samples_may_come_before_their_types() {
    let types = Builder::new(&[("samples", "count")]).bytes;
    let mut builder = Builder::new(&[("samples", "count")]);
    builder.bytes.clear();
    for _ in 0..3000 {
        builder.sample(&[1], &[1]);
    }
    builder.bytes.extend(types);
    builder.function(1, "f", "/a.go", 1);
    assert_eq!(parse(&builder.build()).unwrap().total(), 3000);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Bytes are changed, inserted and removed anywhere. There is no panic, and each sample
    /// that the outer message still contains is in the profile, without weight, or counted.
    #[test]
    fn every_sample_is_accounted_for_whatever_the_damage(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3u8), 1..6),
        labels in any::<bool>(),
    ) {
        let mut bytes = real(if labels { "datadog-labels" } else { "go" });
        for (at, byte, what) in edits {
            let at = at.index(bytes.len());
            match what {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => { bytes.remove(at); }
            }
        }
        if let Ok(profile) = parse(&bytes) {
            let samples = samples(&bytes);
            let framed = samples.len() as u64;
            prop_assert!(accounted(&profile) <= framed);
            let weightless = samples.iter().filter(|(_, within)| {
                prost::Message::decode(*within).is_ok_and(|s: Sample| s.value.contains(&0))
            });
            prop_assert!(accounted(&profile) + weightless.count() as u64 >= framed);
        }
    }

    #[test]
    fn any_bytes_behind_a_beginning_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut builder = small();
        builder.sample(&[1], &[1]);
        let whole = [builder.build(), bytes].concat();
        if let Ok(profile) = parse(&whole) {
            prop_assert!(accounted(&profile) >= 1);
        }
    }
}
