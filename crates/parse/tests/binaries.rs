//! Names of native code from ELF, Mach-O and PE files, for logs of any system.

use object::read::{File, Object, ObjectSegment, ObjectSymbol};
use object::write;
use spikeflame_parse::{Options, SharedSymbols, read_stream};
use spikeflame_profile::{CallTree, Profile, Selection};
use std::path::Path;
use std::process::Command;

/// Reads a log of one library and a tick at each address; `folder` is searched for
/// binaries.
fn read(folder: &Path, library: &str, addresses: &[u64]) -> Profile {
    read_sharing(folder, library, addresses, &SharedSymbols::default())
}

fn read_sharing(
    folder: &Path,
    library: &str,
    addresses: &[u64],
    shared: &SharedSymbols,
) -> Profile {
    let mut log = format!(
        "v8-version,12,4,254,21,-node.57,0\nshared-library,{library}\nprofiler,begin,1000\n"
    );
    for (time, address) in addresses.iter().enumerate() {
        log += &format!("tick,{address:#x},{time},0,0x0,0\n");
    }
    log += "profiler,end\n";
    let options = Options {
        symbols: vec![folder.to_owned()],
        shared_symbols: shared.clone(),
        threads: 1,
        ..Options::default()
    };
    read_stream(log.as_bytes(), Path::new("x.log"), &options).unwrap()
}

fn labels(profile: &Profile) -> Vec<String> {
    let tree = CallTree::build(profile, &Selection::default());
    tree.entries().iter().map(|entry| entry.label.clone()).collect()
}

#[test]
fn a_log_from_macos_has_its_names_from_mach_o() {
    let mut file = write::Object::new(
        object::BinaryFormat::MachO,
        object::Architecture::Aarch64,
        object::Endianness::Little,
    );
    let text = file.section_id(write::StandardSection::Text);
    file.append_section_data(text, &[0; 64], 16);
    for (name, value) in [("_ZN4node6Buffer3NewEPN2v87IsolateEm", 0), ("uv__read", 32)] {
        file.add_symbol(write::Symbol {
            name: name.into(),
            value,
            size: 0,
            kind: object::SymbolKind::Text,
            scope: object::SymbolScope::Dynamic,
            weak: false,
            section: write::SymbolSection::Section(text),
            flags: object::SymbolFlags::None,
        });
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("opt/homebrew/bin")).unwrap();
    std::fs::write(folder.path().join("opt/homebrew/bin/node"), file.write().unwrap()).unwrap();
    // The start of __text, its end, and the distance by which dyld moved it.
    let library = "/opt/homebrew/bin/node,0x5000,0x5040,20480";
    let profile = read(folder.path(), library, &[0x5004, 0x5024]);
    assert_eq!(labels(&profile), ["node::Buffer::New", "uv__read"]);
}

#[test]
fn recordings_that_share_symbols_read_a_binary_once_each_at_its_own_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("node.exe");
    std::fs::write(&file, pe()).unwrap();
    let shared = SharedSymbols::new();
    let place = |start: u64| format!("/node.exe,{start:#x},{:#x},0", start + 0x2000);
    let first = place(0x7ff7_0000_0000);
    let read = |library: &str, address, shared: &SharedSymbols| {
        labels(&read_sharing(folder.path(), library, &[address], shared))
    };
    assert_eq!(read(&first, 0x7ff7_0000_1010, &shared), ["napi_create_int"]);
    std::fs::remove_file(&file).unwrap();
    assert_eq!(read(&place(0x7ff9_0000_0000), 0x7ff9_0000_1030, &shared), ["uv_run"]);
    let alone = read(&first, 0x7ff7_0000_1010, &SharedSymbols::default());
    assert_ne!(alone, ["napi_create_int"], "the binary is gone");
}

/// Returns the smallest PE file with two exports, at RVA 0x1000 and 0x1020.
fn pe() -> Vec<u8> {
    let mut image = vec![0u8; 0x400];
    let put = |image: &mut Vec<u8>, at: usize, bytes: &[u8]| {
        image[at..at + bytes.len()].copy_from_slice(bytes)
    };
    put(&mut image, 0, b"MZ");
    put(&mut image, 0x3c, &0x40u32.to_le_bytes());
    put(&mut image, 0x40, b"PE\0\0");
    // Machine, sections, no symbols, size of the optional header, characteristics.
    put(&mut image, 0x44, &0x8664u16.to_le_bytes());
    put(&mut image, 0x46, &1u16.to_le_bytes());
    put(&mut image, 0x54, &240u16.to_le_bytes());
    put(&mut image, 0x56, &0x2022u16.to_le_bytes());
    let optional = 0x58;
    put(&mut image, optional, &0x20bu16.to_le_bytes());
    put(&mut image, optional + 24, &0x1_4000_0000u64.to_le_bytes());
    for (at, value) in [(32, 0x1000u32), (36, 0x200), (56, 0x2000), (60, 0x200), (108, 16)] {
        put(&mut image, optional + at, &value.to_le_bytes());
    }
    // Data directory 0: the exports.
    put(&mut image, optional + 112, &0x1100u32.to_le_bytes());
    put(&mut image, optional + 116, &0x80u32.to_le_bytes());
    let section = optional + 240;
    put(&mut image, section, b".text\0\0\0");
    for (at, value) in [(8, 0x200u32), (12, 0x1000), (16, 0x200), (20, 0x200), (36, 0x6000_0020)] {
        put(&mut image, section + at, &value.to_le_bytes());
    }
    // RVA 0x1100 is at 0x300: directory, addresses, names, ordinals, texts.
    let exports = 0x300;
    for (at, value) in
        [(12, 0x1160u32), (16, 1), (20, 2), (24, 2), (28, 0x1128), (32, 0x1130), (36, 0x1138)]
    {
        put(&mut image, exports + at, &value.to_le_bytes());
    }
    for (at, value) in [(0x28, 0x1000u32), (0x2c, 0x1020), (0x30, 0x1140), (0x34, 0x1150)] {
        put(&mut image, exports + at, &value.to_le_bytes());
    }
    put(&mut image, exports + 0x38, &[0, 0, 1, 0]);
    put(&mut image, exports + 0x40, b"napi_create_int\0");
    put(&mut image, exports + 0x50, b"uv_run\0");
    put(&mut image, exports + 0x60, b"node.exe\0");
    image
}

#[test]
fn a_log_from_windows_has_its_names_from_pe() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("node.exe"), pe()).unwrap();
    let library = r"C:\\Program Files\\nodejs\\node.exe,0x7ff600000000,0x7ff600002000,0";
    let profile = read(folder.path(), library, &[0x7ff6_0000_1004, 0x7ff6_0000_1028]);
    assert_eq!(labels(&profile), ["napi_create_int", "uv_run"]);
    // Without the file, the frame is the last part of its path, with `/` or `\`.
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(labels(&read(empty.path(), library, &[0x7ff6_0000_1004])), ["node.exe"]);
}

/// Runs a tool; prints and returns false when there is no such tool.
fn tool(name: &str, args: &[&str], folder: &Path) -> bool {
    match Command::new(name).args(args).current_dir(folder).status() {
        Ok(status) => {
            assert!(status.success(), "{name} {args:?}");
            true
        }
        Err(_) => {
            println!("SKIPPED: no {name} here");
            false
        }
    }
}

#[test]
#[cfg(target_os = "linux")]
fn stripped_libraries_have_their_names_from_debug_files() {
    for build_id in ["-Wl,--build-id", "-Wl,--build-id=none"] {
        stripped_library(build_id);
    }
}

#[cfg(target_os = "linux")]
fn stripped_library(build_id: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let code = "static int __attribute__((noinline)) hidden_work(int n) { return n * 3; }\n\
                int visible_work(int n) { return hidden_work(n) + 1; }\n";
    std::fs::write(path("lib.c"), code).unwrap();
    let run = |name: &str, args: &[&str]| tool(name, args, folder.path());
    if !run("cc", &["-shared", "-fPIC", "-O1", build_id, "-o", "lib.so", "lib.c"])
        || !run("objcopy", &["--only-keep-debug", "lib.so", "lib.debug"])
    {
        return;
    }
    let bytes = std::fs::read(path("lib.so")).unwrap();
    let file = File::parse(&*bytes).unwrap();
    let address = |name: &str| file.symbols().find(|s| s.name() == Ok(name)).unwrap().address();
    let executable = file.segments().find(|segment| {
        (segment.address()..segment.address() + segment.size()).contains(&address("visible_work"))
    });
    let executable = executable.unwrap();
    let base = 0x7f00_0000_0000;
    let (offset, length) = executable.file_range();
    let end = base + (offset + length).next_multiple_of(4096);
    let bias = base + offset - executable.address();
    let library = |end: u64| format!("/srv/lib.so,{base:#x},{end:#x},0");
    let ticks = [bias + address("hidden_work"), bias + address("visible_work") + 1];
    assert_eq!(
        labels(&read(folder.path(), &library(end), &ticks)),
        ["hidden_work", "visible_work"]
    );
    // In the stripped file, only the debug file has the names of functions that are not
    // exported.
    assert!(run("objcopy", &["--strip-all", "--add-gnu-debuglink=lib.debug", "lib.so"]));
    assert_eq!(
        labels(&read(folder.path(), &library(end), &ticks)),
        ["hidden_work", "visible_work"]
    );
    // The debug file is of another build.
    std::fs::write(path("other.c"), code.replace("hidden", "other")).unwrap();
    assert!(run("cc", &["-shared", "-fPIC", "-O1", build_id, "-o", "lib.debug", "other.c"]));
    assert_eq!(labels(&read(folder.path(), &library(end), &ticks)), ["lib.so", "visible_work"]);
    std::fs::remove_file(path("lib.debug")).unwrap();
    assert_eq!(labels(&read(folder.path(), &library(end), &ticks)), ["lib.so", "visible_work"]);
    // The file is another build. Its names would be wrong, so none are used, and a warning
    // reports it.
    let other = read(folder.path(), &library(end + 4096), &ticks);
    assert_eq!(labels(&other), ["lib.so"]);
    let told =
        other.warnings.iter().any(|w| w.to_string().contains("/srv/lib.so is another build"));
    assert!(told, "{:?}", other.warnings);
    // The isolates of a process that share a log have further mappings of the same file, which are
    // parts of it.
    let part = format!(
        "{}\nshared-library,/srv/lib.so,{:#x},{:#x},0",
        library(end),
        base * 2,
        base * 2 + 64
    );
    let parts = read(folder.path(), &part, &[ticks[1], base * 2 + 1]);
    assert_eq!(labels(&parts), ["lib.so", "visible_work"]);
    assert!(!parts.warnings.iter().any(|w| w.to_string().contains("another build")));
}

/// A damaged binary only loses names, and causes no panic.
#[test]
fn damaged_binaries_cost_names_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let whole = pe();
    let library = "/x/node.exe,0x7ff600000000,0x7ff600002000,0";
    for at in 0..whole.len() {
        for value in [0, 0x7f, 0xff] {
            let mut bytes = whole.clone();
            bytes[at] = value;
            std::fs::write(folder.path().join("node.exe"), &bytes).unwrap();
            assert_eq!(read(folder.path(), library, &[0x7ff6_0000_1004]).total(), 1);
        }
    }
}
