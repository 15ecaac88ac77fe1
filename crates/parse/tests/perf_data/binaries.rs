//! Names from binaries, found by path and by build id.

use crate::builder::*;
use crate::{folded, parse};
use std::fs;
use std::path::Path;

const A: (i32, i32) = (100, 100);
const ID: [u8; 20] = *b"\xab\xcdefghijklmnopqrstuv";
const OTHER: [u8; 20] = [7; 20];

/// Returns the smallest ELF file with a build id and two functions: `first` at 0x1000 of
/// the file, linked to 0x401000, and `second` at 0x1040, with a label in it. At 0x10d0 is a
/// stub that calls `called` of another library.
fn elf() -> Vec<u8> {
    let names = b"\0first\0second\0label\0.plt\0called\0";
    let symbol = |name: u32, info: u8, value: u64, size: u64| {
        let head = [&name.to_le_bytes()[..], &[info, 0, 2, 0]].concat();
        [head, words(&[value, size])].concat()
    };
    let symbols = [
        vec![0; 24],
        symbol(1, 0x12, 0x40_1000, 0x40),
        symbol(7, 0x12, 0x40_1040, 0x40),
        symbol(14, 0x00, 0x40_1050, 0),
    ];
    // Section headers: name, type, flags, address, offset, size, link, info, alignment,
    // entry.
    let named =
        |name: u32, kind: u32, flags: u64, address: u64, place: (u64, u64), links, entry| {
            let head = [name.to_le_bytes(), kind.to_le_bytes()].concat();
            [head, words(&[flags, address, place.0, place.1, links, 4, entry])].concat()
        };
    let section = |kind: u32, flags: u64, address: u64, place: (u64, u64), links: u64, entry| {
        named(0, kind, flags, address, place, links, entry)
    };
    let sections = [
        vec![0; 64],
        section(7, 2, 0, (0x100, 36), 0, 0),
        section(1, 6, 0x40_1000, (0x1000, 0x100), 0, 0),
        // The names are in the next section; the first global symbol is the second.
        section(2, 0, 0, (0x1100, 96), 4 | 1 << 32, 24),
        section(3, 0, 0, (0x1200, names.len() as u64), 0, 0),
        named(20, 1, 6, 0x40_10c0, (0x10c0, 0x20), 0, 16),
        section(11, 2, 0, (0x1240, 48), 4 | 1 << 32, 24),
        section(4, 2, 0, (0x1280, 24), 6, 24),
    ];
    let mut file = vec![0; 0x1300];
    let mut put = |at: usize, bytes: &[u8]| file[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, b"\x7fELF\x02\x01\x01");
    // A program for x86-64, version 1; entry, program headers, section headers.
    put(16, &[2, 0, 62, 0, 1, 0, 0, 0]);
    put(24, &words(&[0x40_1000, 64, 0x1300]));
    put(52, &[64, 0, 56, 0, 1, 0, 64, 0, 8, 0, 4, 0]);
    // A segment to load: readable and executable.
    put(64, &words(&[1 | 5 << 32, 0x1000, 0x40_1000, 0x40_1000, 0x100, 0x100, 0x1000]));
    put(0x100, &[4, 0, 0, 0, 20, 0, 0, 0, 3, 0, 0, 0]);
    put(0x10c, &[b"GNU\0", &ID[..]].concat());
    put(0x1100, &symbols.concat());
    put(0x1200, names);
    // jmp *0x403018(%rip), and the relocation of that slot.
    put(0x10d0, b"\xff\x25\x42\x1f\0\0");
    put(0x1258, &[25, 0, 0, 0, 0x12, 0, 0, 0]);
    put(0x1280, &words(&[0x40_3018, 7 | 1 << 32, 0]));
    file.extend(sections.concat());
    file
}

fn recording(path: &str, id: Option<&[u8; 20]>) -> Recording {
    Recording::new()
        .map_file((0x7000_0000, 0x1000, 0x1000), A, 1, path, id)
        .sample(A, 2, &[0x7000_0000])
        .sample(A, 3, &[IN_USER, 0x7000_0060, 0x7000_0040])
        .sample(A, 4, &[0x7000_0090])
}

const NAMED: [&str; 3] = ["first", "first;second", "x"];
const NAMELESS: [&str; 3] = ["x", "x;x", "x"];

#[test]
fn a_stub_has_the_name_of_what_it_calls() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("x"), elf()).unwrap();
    let recording =
        recording("/opt/x", Some(&ID)).sample(A, 5, &[IN_USER, 0x7000_00d6, 0x7000_0001]);
    let profile = parse(&recording.file(), folder.path()).unwrap();
    assert_eq!(folded(&profile)[3], "first;called");
    // Nothing is known about the stub before it.
    let recording = recording.sample(A, 6, &[0x7000_00c8]);
    assert_eq!(folded(&parse(&recording.file(), folder.path()).unwrap())[4], "x");
}

#[test]
fn a_binary_is_found_by_its_path_and_by_its_build_id() {
    let folder = tempfile::tempdir().unwrap();
    let read = |recording: &Recording| parse(&recording.file(), folder.path()).unwrap();
    assert_eq!(folded(&read(&recording("/opt/bin/x", None))), NAMELESS);

    // The binary is found by its name in the folder; the mapping ends where the segment
    // does.
    let by_name = folder.path().join("x");
    fs::write(&by_name, elf()).unwrap();
    assert_eq!(folded(&read(&recording("/opt/bin/x", None))), NAMED);
    assert_eq!(folded(&read(&recording("/opt/bin/x", Some(&ID)))), NAMED);
    // The mapping's end or the build id shows that it is another build.
    let longer = recording("/opt/bin/x", None).records;
    let mut larger =
        Recording::new().map_file((0x7000_0000, 0x3000, 0x1000), A, 1, "/opt/bin/x", None);
    larger.records.extend_from_slice(&longer[1..]);
    for recording in [larger, recording("/opt/bin/x", Some(&OTHER))] {
        let profile = read(&recording);
        assert_eq!(folded(&profile), NAMELESS);
        let told = &profile.warnings;
        assert!(
            told.iter().any(|w| w.to_string().contains("/opt/bin/x: another build")),
            "{told:?}"
        );
    }
    fs::remove_file(&by_name).unwrap();

    // The folder has the layout of perf's own cache; the file's name does not matter.
    let cached = folder.path().join(".build-id/ab/cd65666768696a6b6c6d6e6f70717273747576");
    fs::create_dir_all(&cached).unwrap();
    fs::write(cached.join("elf"), elf()).unwrap();
    assert_eq!(folded(&read(&recording("/opt/bin/x", Some(&ID)))), NAMED);
    assert_eq!(folded(&read(&recording("/opt/bin/x", Some(&OTHER)))), NAMELESS);

    // The build id is in the header, by path.
    let mut with_table = recording("/opt/bin/x", None);
    let body = [&(-1i32).to_le_bytes()[..], &ID, &[20, 0, 0, 0], &text("/opt/bin/x")].concat();
    with_table.features.push((2, record(67, 1 << 15, &body)));
    assert_eq!(folded(&read(&with_table)), NAMED);
}

/// Returns the file after `strip`.
fn stripped() -> Vec<u8> {
    let mut file = elf();
    // No section is a symbol table any more.
    for header in file[0x1300..].chunks_exact_mut(64).filter(|header| header[4] == 2) {
        header[4] = 0;
    }
    file
}

#[test]
fn a_stripped_binary_has_the_names_of_its_copy_in_perfs_cache() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("x"), stripped()).unwrap();
    let recording = recording("/opt/bin/x", Some(&ID));
    let read = || folded(&parse(&recording.file(), folder.path()).unwrap());
    assert_eq!(read(), NAMELESS);
    let cached = folder.path().join(".build-id/ab/cd65666768696a6b6c6d6e6f70717273747576");
    fs::create_dir_all(&cached).unwrap();
    fs::write(cached.join("elf"), elf()).unwrap();
    assert_eq!(read(), NAMED);
}

#[test]
fn paths_that_the_kernel_does_not_write_are_not_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    fs::write(&path, elf()).unwrap();
    let at = |path: &str| {
        let profile = parse(&recording(path, None).file(), Path::new("/nonexistent")).unwrap();
        folded(&profile)
    };
    let path = path.to_str().unwrap();
    assert_eq!(at(path), NAMED);
    for path in [path.replace("/x", "//x"), path.replace("/x", "/./x"), format!("/..{path}")] {
        assert_eq!(at(&path), NAMELESS);
    }
}
