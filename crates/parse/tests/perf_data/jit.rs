//! Names of compiled code: perf maps and jitdump files.

use crate::builder::*;
use crate::{folded, parse, root, stacks, unpack};
use spikeflame_parse::{Options, read};
use spikeflame_profile::Profile;
use spikeflame_profile::warning::PerfFact;
use std::fs;
use std::io::Write as _;
use std::path::Path;

const A: (i32, i32) = (100, 100);
const B: (i32, i32) = (200, 200);
const MAP: &[u8] = b"7000 100 JS:*hot /srv/a.js:1:2\n7100 80 RegExp:a+\n";

fn recording() -> Recording {
    Recording::new()
        .map(A, 1, 0x7000, 0x1000, "//anon")
        .sample(A, 2, &[IN_USER, 0x7100, 0x7100])
        .sample(A, 3, &[IN_USER, 0x7200])
}

fn read_file(path: &Path) -> Profile {
    read(&[path.to_owned()], &Options::default()).unwrap()
}

const NAMED: [&str; 2] = ["*hot /srv/a.js:1:2;RegExp: a+", "(unresolved)"];

#[test]
fn a_perf_map_is_found_by_its_process_plain_and_packed() {
    let folder = tempfile::tempdir().unwrap();
    let (data, map) = (folder.path().join("x.data"), folder.path().join("perf-100.map"));
    fs::write(&data, recording().file()).unwrap();
    let without = read_file(&data);
    assert_eq!(folded(&without), ["(unresolved);(unresolved)", "(unresolved)"]);
    assert_eq!(without.warnings[0].fact, PerfFact::NamelessCode { pids: vec![100] }.into());

    fs::write(&map, MAP).unwrap();
    assert_eq!(folded(&read_file(&data)), NAMED);
    // The map is found in the folder, for recordings of other machines.
    assert_eq!(folded(&parse(&recording().pipe(), folder.path()).unwrap()), NAMED);
    fs::remove_file(&map).unwrap();

    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(MAP).unwrap();
    fs::write(folder.path().join("perf-100.map.gz"), encoder.finish().unwrap()).unwrap();
    let profile = read_file(&data);
    assert_eq!(folded(&profile), NAMED);
    assert!(profile.warnings.is_empty(), "{:?}", profile.warnings);
}

#[test]
fn wasm_functions_of_several_modules_are_not_one_in_silence() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("x.data");
    let map = "7000 80 JS:wasm-function[0]-0-liftoff\n7080 80 JS:wasm-function[0]-0-turbofan\n\
               7200 80 JS:wasm-function[0]-0-turbofan\n";
    fs::write(folder.path().join("perf-100.map"), map).unwrap();
    let recording = |addresses: &[u64]| {
        let mut recording = Recording::new().map(A, 1, 0x7000, 0x1000, "//anon");
        for &address in addresses {
            recording = recording.sample(A, 2, &[IN_USER, address]);
        }
        fs::write(&data, recording.file()).unwrap();
        read_file(&data).warnings.iter().map(|warning| warning.fact.clone()).collect::<Vec<_>>()
    };
    assert_eq!(recording(&[0x7010, 0x7090, 0x70a0]), [], "two tiers of one function");
    let functions = vec!["wasm-function[0]".to_owned()];
    assert_eq!(recording(&[0x7090, 0x7210]), [PerfFact::SeveralModules { functions }.into()]);
}

/// The error was: the functions of 24 modules that `eval` ran, of one name and place, were one row in silence.
#[test]
fn functions_of_several_scripts_of_eval_are_not_one_in_silence() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("x.data");
    let entry =
        |at: u64, tier: char| format!("{:x} 10 JS:{tier}inner :10:15\n", 0x7000 + at * 0x10);
    let facts = |tier: char, places: u64| {
        let map: String = (0..9).map(|at| entry(at, tier)).collect();
        fs::write(folder.path().join("perf-100.map"), map).unwrap();
        let mut recording = Recording::new().map(A, 1, 0x7000, 0x1000, "//anon");
        for at in (0..places).chain(0..places) {
            recording = recording.sample(A, 2 + at, &[IN_USER, 0x7004 + at * 0x10]);
        }
        fs::write(&data, recording.file()).unwrap();
        read_file(&data).warnings.iter().map(|warning| warning.fact.clone()).collect::<Vec<_>>()
    };
    let functions = vec!["inner <eval>:10:15".to_owned()];
    let several = [PerfFact::SeveralModules { functions }.into()];
    assert_eq!(facts('*', 3), [], "one function that was optimized three times");
    assert_eq!(facts('*', 8), several);
    assert_eq!(facts('^', 1), []);
    assert_eq!(facts('^', 2), several);
}

#[test]
fn a_map_of_another_number_is_taken_when_it_is_the_only_one() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("x.data");
    fs::write(&data, recording().file()).unwrap();
    fs::write(folder.path().join("perf-7.map"), MAP).unwrap();
    let profile = read_file(&data);
    assert_eq!(folded(&profile), NAMED);
    let [warning] = profile.warnings.as_slice() else { panic!("{:?}", profile.warnings) };
    let warning = warning.to_string();
    assert!(warning.contains("perf-7.map is taken for process 100"), "{warning}");
    // A map of another recorded process is not used, and neither is one of two maps.
    let other = recording().sample(B, 1, &[0x7000]);
    fs::write(
        &data,
        Recording { records: [other.records[2..].to_vec(), other.records].concat(), ..other }
            .file(),
    )
    .unwrap();
    fs::rename(folder.path().join("perf-7.map"), folder.path().join("perf-200.map")).unwrap();
    assert!(folded(&read_file(&data)).contains(&"(unresolved);(unresolved)".to_owned()));
    fs::write(&data, recording().file()).unwrap();
    assert_eq!(folded(&read_file(&data)), NAMED);
    fs::write(folder.path().join("perf-8.map"), MAP).unwrap();
    assert_ne!(folded(&read_file(&data)), NAMED);
}

#[test]
fn a_containers_map_is_taken_where_process_1_is_recorded_too() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("x.data");
    // `perf record -a` on the host records this: the host's own process 1 runs too.
    let host = recording().sample((1, 1), 1, &[IN_USER, 0x7fff_0000]);
    fs::write(&data, host.file()).unwrap();
    fs::write(folder.path().join("perf-1.map"), MAP).unwrap();
    // The other container's code is at other addresses.
    fs::write(folder.path().join("perf-18.map"), b"900000 100 JS:*other /srv/b.js:1:2\n").unwrap();
    let profile = read_file(&data);
    let named = folded(&profile);
    assert!(NAMED.iter().all(|stack| named.iter().any(|n| n == stack)), "{named:?}");
    let told: Vec<_> =
        profile.warnings.iter().filter(|w| w.to_string().contains("is taken for")).collect();
    let [told] = told.as_slice() else { panic!("{:?}", profile.warnings) };
    let told = told.to_string();
    assert!(told.contains("perf-1.map is taken for process 100"), "{told}");
}

#[test]
fn a_map_whose_ranges_do_not_fit_is_not_taken() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("x.data");
    fs::write(&data, recording().file()).unwrap();
    fs::write(folder.path().join("perf-1.map"), b"900000 100 JS:*other /srv/b.js:1:2\n").unwrap();
    let profile = read_file(&data);
    assert_eq!(folded(&profile), ["(unresolved);(unresolved)", "(unresolved)"]);
    assert!(profile.warnings[0].to_string().contains("process 100"), "{:?}", profile.warnings);
}

#[test]
fn a_forked_process_keeps_its_parents_compiled_code() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("perf-100.map"), MAP).unwrap();
    let recording = recording().fork(B, A, 4).sample(B, 5, &[0x7000]);
    let profile = parse(&recording.file(), folder.path()).unwrap();
    assert_eq!(stacks(&profile)[1].1, [["*hot /srv/a.js:1:2"]]);
}

fn load(time: u64, at: u64, size: u64, name: &str) -> Vec<u8> {
    let name = [name.as_bytes(), b"\0"].concat();
    let total = 16 + 40 + name.len() as u64 + size;
    let head = words(&[total << 32, time, 100 | 100 << 32, at, at, size, 1]);
    [head, name, vec![0x90; size as usize]].concat()
}

fn relocate(time: u64, from: u64, to: u64, size: u64) -> Vec<u8> {
    words(&[1 | 64 << 32, time, 100 | 100 << 32, to, from, to, size, 1])
}

fn dump(records: &[Vec<u8>]) -> Vec<u8> {
    let header = words(&[0x4a69_5444 | 1 << 32, 40 | 62 << 32, 100 << 32, 0, 0]);
    [header, records.concat()].concat()
}

#[test]
fn the_code_counts_that_lay_there_at_the_time() {
    let folder = tempfile::tempdir().unwrap();
    let records = [
        load(10, 0x7000, 0x100, "JS:~first /a.js:1:1"),
        // Positions are not read.
        words(&[2 | 24 << 32, 15, 7]),
        load(20, 0x7080, 0x100, "JS:~second /a.js:2:1"),
        relocate(30, 0x7080, 0x7400, 0x100),
        load(40, 0x7080, 0x10, "JS:~third /a.js:3:1"),
    ];
    fs::write(folder.path().join("jit-100.dump"), dump(&records)).unwrap();
    let recording = Recording::new()
        .map(A, 1, 0x7000, 0x1000, "//anon")
        .map(A, 2, 0x10000, 0x1000, "/srv/run/jit-100.dump")
        .sample(A, 5, &[0x7080])
        .sample(A, 15, &[0x7080])
        .sample(A, 25, &[0x7080])
        .sample(A, 35, &[0x7080])
        .sample(A, 35, &[0x7480])
        .sample(A, 45, &[0x7080]);
    let profile = parse(&recording.file(), folder.path()).unwrap();
    let second = "~second /a.js:2:1";
    assert_eq!(
        folded(&profile),
        ["(unresolved)", "~first /a.js:1:1", second, "(unresolved)", second, "~third /a.js:3:1"]
    );
    // With another clock, the dump's times mean nothing: the last code is used.
    let mut other = recording.clone();
    other.events[0].clock = None;
    let profile = parse(&other.file(), folder.path()).unwrap();
    assert_eq!(folded(&profile)[0], "~third /a.js:3:1");
    assert_eq!(profile.warnings[0].fact, PerfFact::DumpClock.into());
    // A dump that is cut anywhere is read up to there.
    let whole = dump(&records);
    for cut in 0..whole.len() {
        fs::write(folder.path().join("jit-100.dump"), &whole[..cut]).unwrap();
        assert_eq!(parse(&recording.file(), folder.path()).unwrap().total(), 6);
    }
    fs::remove_file(folder.path().join("jit-100.dump")).unwrap();
    let profile = parse(&recording.file(), folder.path()).unwrap();
    assert!(
        profile.warnings[0].to_string().contains("jit-100.dump is not here"),
        "{:?}",
        profile.warnings
    );
}

#[test]
fn damage_of_perf_maps_and_jitdumps_is_told() {
    let told = |name: &str, content: &[u8], recording: &Recording| {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(name), content).unwrap();
        let profile = parse(&recording.file(), folder.path()).unwrap();
        let warning = profile.warnings.first().map(ToString::to_string).unwrap_or_default();
        assert!(warning.contains(name), "{:?}", profile.warnings);
        (warning, folded(&profile))
    };
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(MAP).unwrap();
    let packed = encoder.finish().unwrap();
    for (name, content, what) in [
        ("perf-100.map", &MAP[..MAP.len() - 3], "no line break at its end: line 2"),
        ("perf-100.map", b"", "is empty"),
        ("perf-100.map", b"no\nmap\n7000 80 JS:~a\n", "perf map: 2 of 3, the first is line 1"),
        ("perf-100.map.gz", &packed[..packed.len() - 9], "is damaged"),
    ] {
        let (warning, _) = told(name, content, &recording());
        assert!(warning.contains(what), "{warning}");
    }
    let recording = Recording::new()
        .map(A, 1, 0x7000, 0x1000, "//anon")
        .map(A, 2, 0x10000, 0x1000, "/srv/run/jit-100.dump")
        .sample(A, 50, &[0x7080]);
    let whole = dump(&[load(10, 0x7000, 0x100, "JS:~a /a.js:1:1"), load(20, 0x7800, 16, "JS:~b")]);
    let (warning, stacks) = told("jit-100.dump", &whole[..whole.len() - 1], &recording);
    // The second load starts here.
    assert!(warning.contains("damaged at byte 368;"), "{warning}");
    assert_eq!(stacks, ["~a /a.js:1:1"]);
    let (warning, _) = told("jit-100.dump", &whole[..30], &recording);
    assert!(warning.contains("is no jitdump"), "{warning}");
    // A dump that cannot be opened may be a dump.
    let mut damaged = packed[..10].to_vec();
    damaged.extend([0xff; 20]);
    for (name, content) in
        [("jit-100.dump.gz", &*damaged), ("jit-100.dump.zst", &b"\x28\xb5\x2f\xfd\xff\xff\xff"[..])]
    {
        let (warning, _) = told(name, content, &recording);
        assert!(!warning.contains("is no jitdump"), "{warning}");
    }
}

/// Reads a recording with a compressed dump of these records.
fn with_dump(records: &[Vec<u8>], recording: &Recording) -> Profile {
    let folder = tempfile::tempdir().unwrap();
    let file = fs::File::create(folder.path().join("jit-100.dump.gz")).unwrap();
    let mut encoder = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
    encoder.write_all(&dump(records)).unwrap();
    encoder.finish().unwrap();
    parse(&recording.file(), folder.path()).unwrap()
}

#[test]
fn code_beyond_what_a_jitdump_has_room_for_is_told() {
    let told = |profile: &Profile| {
        let warning = profile.warnings[0].to_string();
        assert!(warning.contains("jit-100.dump.gz holds more code than is kept"), "{warning}");
    };
    let mapped = Recording::new().map(A, 1, 0x7000, 0x20000, "//anon").map(
        A,
        2,
        0x10_0000,
        0x1000,
        "/srv/run/jit-100.dump",
    );
    let name = |number: u64| format!("{number:016000}");
    let loads = |stride| (0..5000).map(move |at| load(at + 9, 0x7000 + stride * at, 1, &name(at)));

    // All samples are at one time.
    let recording = mapped.clone().sample(A, 9000, &[0x7000]).sample(A, 9001, &[0x7000 + 79_984]);
    let profile = with_dump(&loads(16).collect::<Vec<_>>(), &recording);
    assert_eq!(folded(&profile), [name(0), "(unresolved)".to_owned()]);
    told(&profile);

    // The samples are one after the other.
    let recording = (9..5009).fold(mapped, |recording, time| recording.sample(A, time, &[0x7000]));
    let profile = with_dump(&loads(0).collect::<Vec<_>>(), &recording);
    assert_eq!(profile.total(), 5000);
    told(&profile);
}

#[test]
fn dumps_that_are_not_here_are_told_with_what_is_taken_instead() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("perf-100.map"), MAP).unwrap();
    let recording = recording().map(A, 2, 0x10000, 0x1000, "/srv/jit-100.dump").map(
        B,
        2,
        0x10000,
        0x1000,
        "/srv/jit-200.dump",
    );
    let profile = parse(&recording.file(), folder.path()).unwrap();
    let told = "/srv/jit-100.dump, /srv/jit-200.dump are not here, so perf maps give the names";
    assert!(profile.warnings[0].to_string().contains(told), "{:?}", profile.warnings);
}

/// A program that discards its code was recorded with a map and a dump. The dump contains
/// the times.
#[test]
fn of_code_that_lay_at_one_place_a_map_tells_most_as_a_dump_does() {
    let data = unpack(&root("samples/perf/moved.data.zst"));
    let with = |start: &str| {
        let folder = tempfile::tempdir().unwrap();
        for entry in fs::read_dir(root("samples/perf")).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if name.starts_with(start) {
                fs::copy(&path, folder.path().join(name)).unwrap();
            }
        }
        let profile = parse(&data, folder.path()).unwrap();
        let told = profile
            .warnings
            .iter()
            .any(|w| w.to_string().contains("was inferred, and may be wrong"));
        assert_eq!(told, start == "perf-", "{:?}", profile.warnings);
        stacks(&profile)
    };
    let (mapped, dumped) = (with("perf-"), with("jit-"));
    let (mut same, mut other) = (0, 0);
    for ((thread, mapped), (_, dumped)) in mapped.iter().zip(&dumped) {
        for (mapped, dumped) in mapped.iter().flatten().zip(dumped.iter().flatten()) {
            if dumped.starts_with(['~', '^', '+', '*']) {
                *(if mapped == dumped { &mut same } else { &mut other }) += 1;
            }
        }
        assert_eq!(mapped.len(), dumped.len(), "{thread}");
    }
    println!("frames of JavaScript named as by the dump {same}, otherwise {other}");
    assert!(same > 500 && other * 40 < same, "{same} {other}");
}
