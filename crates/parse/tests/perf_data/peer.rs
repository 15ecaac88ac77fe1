//! Real recordings compared with the crate linux-perf-data, record by record: both must
//! give the same samples of the same threads at the same times, with the same addresses.
//!
//! A profile has names, not addresses. So every address that the peer reads gets a name
//! that contains it, from a perf map with one byte an entry, and from a kallsyms. Addresses
//! in files have the file's name, and are compared only in number and order.

use crate::builder::IN_KERNEL;
use crate::{parse, root, stacks, unpack};
use linux_perf_data::linux_perf_event_reader::{EventRecord, SampleRecord};
use linux_perf_data::{PerfFileReader, PerfFileRecord};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io::{Cursor, Read};

const PIPE_HEADER: u64 = 16;
const COMPRESSED: u32 = 81;
const ROUND: u32 = 68;
/// Entries of a chain from this value on are marks.
const FIRST_MARK: u64 = u64::MAX - 4094;

/// A sample as the peer reads it: the time in ns, the addresses to look up (innermost
/// first, and whether they are of the kernel), and the period.
type Sample = (u64, Vec<(bool, u64)>, u64);

#[derive(Default)]
struct PeerSamples {
    /// The samples by process and thread.
    threads: BTreeMap<(i32, i32), Vec<Sample>>,
    /// The last name of each thread.
    names: BTreeMap<i32, String>,
}

fn number(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap())
}

/// Returns the recording without compressed records (unpacking them takes a C library), and
/// without the data after the records.
fn unpacked(file: &[u8]) -> Vec<u8> {
    let (start, size) = (number(file, 40) as usize, number(file, 48) as usize);
    let (mut rest, mut plain, mut packed) = (&file[start..start + size], Vec::new(), Vec::new());
    while !rest.is_empty() {
        let kind = u32::from_le_bytes(rest[..4].try_into().unwrap());
        let (record, after) = rest.split_at(usize::from(u16::from_le_bytes([rest[6], rest[7]])));
        match kind {
            COMPRESSED => packed.extend_from_slice(&record[8..]),
            // The peer would stop too early: without ends of rounds it orders all records
            // at the end.
            ROUND => {}
            _ => plain.extend_from_slice(record),
        }
        rest = after;
    }
    if packed.is_empty() {
        return file.to_owned();
    }
    // perf never ends its stream.
    packed.extend([1, 0, 0]);
    let mut decoder = ruzstd::decoding::StreamingDecoder::new(packed.as_slice()).unwrap();
    decoder.read_to_end(&mut plain).unwrap();
    let mut bytes = file[..start].to_owned();
    bytes[48..56].copy_from_slice(&(plain.len() as u64).to_le_bytes());
    bytes[72..104].fill(0);
    bytes.extend(plain);
    bytes
}

fn looked_up(sample: &SampleRecord<'_>) -> Vec<(bool, u64)> {
    let chain = sample.callchain.unwrap();
    let (mut addresses, mut innermost, mut kernel) = (Vec::new(), true, false);
    for at in 0..chain.len() {
        let address = chain.get(at).unwrap();
        if address >= FIRST_MARK {
            (innermost, kernel) = (true, address == IN_KERNEL);
            continue;
        }
        addresses.push((kernel, if innermost { address } else { address.saturating_sub(1) }));
        innermost = false;
    }
    addresses
}

fn see<R: Read>(reader: PerfFileReader<R>) -> PeerSamples {
    let PerfFileReader { mut perf_file, mut record_iter } = reader;
    let mut seen = PeerSamples::default();
    while let Some(record) = record_iter.next_record(&mut perf_file).unwrap() {
        let PerfFileRecord::EventRecord { attr_index, record } = record else { continue };
        match record.parse().unwrap() {
            // The first of several events is read.
            EventRecord::Sample(sample) if attr_index == 0 => {
                let who = (sample.pid.unwrap(), sample.tid.unwrap());
                let period = sample.period.unwrap_or(1);
                let sample = (sample.timestamp.unwrap(), looked_up(&sample), period);
                seen.threads.entry(who).or_default().push(sample);
            }
            EventRecord::Comm(comm) => {
                let name = String::from_utf8_lossy(&comm.name.as_slice()).into_owned();
                seen.names.insert(comm.tid, name);
            }
            _ => {}
        }
    }
    seen
}

fn name(address: u64) -> String {
    format!("at_{address:x}")
}

/// Returns a folder that names all addresses that were looked up.
fn symbols(seen: &PeerSamples) -> tempfile::TempDir {
    let (mut kernel, mut user) = (BTreeSet::new(), BTreeMap::<i32, BTreeSet<u64>>::new());
    for (&(pid, _), samples) in &seen.threads {
        for &(in_kernel, address) in samples.iter().flat_map(|(_, addresses, _)| addresses) {
            let to = if in_kernel { &mut kernel } else { user.entry(pid).or_default() };
            to.insert(address);
        }
    }
    let lines = |addresses: &BTreeSet<u64>, between: &str| {
        addresses.iter().fold(String::new(), |mut text, &address| {
            writeln!(text, "{address:x} {between} {}", name(address)).unwrap();
            text
        })
    };
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("kallsyms"), lines(&kernel, "T")).unwrap();
    for (pid, addresses) in &user {
        let map = folder.path().join(format!("perf-{pid}.map"));
        fs::write(map, lines(addresses, "1")).unwrap();
    }
    folder
}

fn check(file: &str) {
    let bytes = unpack(&root(&format!("samples/perf/{file}.data.zst")));
    let seen = if number(&bytes, 8) == PIPE_HEADER {
        see(PerfFileReader::parse_pipe(bytes.as_slice()).unwrap())
    } else {
        see(PerfFileReader::parse_file(Cursor::new(unpacked(&bytes))).unwrap())
    };
    let folder = symbols(&seen);
    let profile = parse(&bytes, folder.path()).unwrap();
    assert_eq!(profile.unreadable(), 0, "{file}");
    let first = seen.threads.values().flatten().map(|&(time, ..)| time).min().unwrap();
    assert_eq!(profile.threads.len(), seen.threads.len(), "{file}");
    let (mut samples, mut told, mut of_files) = (0, 0, 0);
    for (thread, (label, stacks)) in profile.threads.iter().zip(stacks(&profile)) {
        let id = |text: &str| text.parse::<i32>().unwrap();
        let (comm, ids) = label.rsplit_once(' ').unwrap();
        let (pid, tid) = ids.split_once('/').unwrap_or((ids, ids));
        let who = (id(pid), id(tid));
        if let Some(name) = seen.names.get(&who.1) {
            assert_eq!(comm, name, "{file}: {label}");
        }
        let mut theirs = seen.threads[&who].clone();
        theirs.sort();
        let ours = thread.samples.iter().map(|(sample, weight)| (sample.time_us, weight));
        let times: Vec<(u64, u64)> =
            theirs.iter().map(|(time, _, period)| ((time - first) / 1000, *period)).collect();
        assert_eq!(ours.collect::<Vec<_>>(), times, "{file}: {label}");
        for (stack, (_, addresses, _)) in stacks.iter().zip(&theirs) {
            assert_eq!(stack.len(), addresses.len(), "{file}: {label}: {stack:?}");
            samples += 1;
            for (frame, &(in_kernel, address)) in stack.iter().rev().zip(addresses) {
                if frame.starts_with("at_") || in_kernel {
                    assert_eq!(*frame, name(address), "{file}: {label}");
                    told += 1;
                } else {
                    of_files += 1;
                }
            }
        }
    }
    println!("{file}: {samples} samples; the same address {told}, of files {of_files}");
    assert!(told > samples, "{file}");
}

#[test]
fn the_peer_sees_the_same_samples_times_and_addresses() {
    for file in ["plain", "packed", "pipe", "jitdump", "moved"] {
        check(file);
    }
}
