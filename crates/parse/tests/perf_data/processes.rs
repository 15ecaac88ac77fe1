//! Processes, threads and the content of their memory, in recordings made here.

use crate::builder::*;
use crate::{folded, parse, stacks};
use spikeflame_profile::Profile;
use std::path::Path;

const A: i32 = 100;
const B: i32 = 200;

/// Reads the recording as a file and as a pipe, compressed and not; all must be equal.
fn read(recording: &Recording) -> Profile {
    let nowhere = Path::new("/nonexistent");
    let profile = parse(&recording.file(), nowhere).unwrap();
    let forms = [
        recording.pipe(),
        recording.packed(7).file(),
        recording.packed(60_000).file(),
        recording.packed(100).pipe(),
    ];
    for bytes in forms {
        assert_eq!(stacks(&parse(&bytes, nowhere).unwrap()), stacks(&profile));
    }
    profile
}

#[test]
fn later_mappings_replace_earlier_ones() {
    let recording = Recording::new()
        .map((A, A), 1, 0x1000, 0x3000, "/opt/a.so")
        .sample((A, A), 2, &[0x1800])
        .map((A, A), 3, 0x2000, 0x1000, "/opt/b.so (deleted)")
        .sample((A, A), 4, &[0x1fff])
        .sample((A, A), 5, &[0x2000])
        .sample((A, A), 6, &[0x3000])
        .sample((A, A), 7, &[0x4000]);
    assert_eq!(folded(&read(&recording)), ["a.so", "a.so", "b.so", "a.so", "(unresolved)"]);
}

#[test]
fn a_forked_process_has_its_parents_memory_until_it_runs_a_program() {
    let recording = Recording::new()
        .comm((A, A), 1, "parent", true)
        .map((A, A), 2, 0x1000, 0x1000, "/opt/a.so")
        .fork((B, B), (A, A), 3)
        .map((A, A), 4, 0x2000, 0x1000, "/opt/late.so")
        .sample((B, B), 5, &[0x1800])
        .sample((B, B), 6, &[0x2800])
        .comm((B, B), 7, "child", true)
        .sample((B, B), 8, &[0x1800])
        .fork((A, 101), (A, A), 9)
        .sample((A, 101), 10, &[0x2800])
        .comm((A, 101), 11, "thread", false)
        .sample((A, 101), 12, &[0x1800]);
    let labels = |labels: &[&str]| -> Vec<Vec<String>> {
        labels.iter().map(|label| vec![(*label).to_owned()]).collect()
    };
    assert_eq!(
        stacks(&read(&recording)),
        [
            ("child 200".to_owned(), labels(&["a.so", "(unresolved)", "(unresolved)"])),
            ("thread 100/101".to_owned(), labels(&["late.so", "a.so"])),
        ]
    );
}

#[test]
fn records_of_several_buffers_are_taken_in_the_order_of_their_times() {
    let recording = Recording::new()
        // One processor's buffer is written, then another's that is older.
        .sample((A, A), 30, &[0x1800])
        .sample((A, A), 50, &[0x1800])
        .map((A, A), 20, 0x1000, 0x1000, "/opt/a.so")
        .map((A, A), 40, 0x1000, 0x1000, "/opt/b.so")
        .sample((A, A), 10, &[0x1800])
        .round()
        .sample((A, A), 70, &[0x1800])
        .map((A, A), 60, 0x1000, 0x1000, "/opt/c.so")
        .round()
        .round();
    let profile = read(&recording);
    assert_eq!(folded(&profile), ["(unresolved)", "a.so", "b.so", "c.so"]);
    // With rounds, complete records are returned before the end.
    let rounds: Vec<u8> = record(68, 0, &[]);
    let long = (0..50_000u64).map(|at| 100 + at * 2).fold(recording, |recording, time| {
        recording.sample((A, A), time + 1, &[0x1800]).sample((A, A), time, &[0x1800])
    });
    let mut spread = long.clone();
    spread.records =
        long.records.chunks(64).flat_map(|part| [part.concat(), rounds.clone()]).collect();
    let profile = read(&spread);
    assert_eq!(profile.total(), 100_004);
    assert!(folded(&profile)[4..].iter().all(|stack| stack == "c.so"));
}

#[test]
fn a_callers_address_lies_behind_its_call() {
    let recording = Recording::new()
        .map((A, A), 1, 0x1000, 0x1000, "/opt/a.so")
        .map((A, A), 1, 0x2000, 0x1000, "/opt/b.so")
        // The call is the last instruction in a.so.
        .sample((A, A), 2, &[IN_USER, 0x2000, 0x2000])
        // This address is made up: nothing is before it.
        .sample((A, A), 3, &[IN_USER, 0x2000, 0x1000]);
    assert_eq!(folded(&read(&recording)), ["a.so;b.so", "(unresolved);b.so"]);
}

#[test]
fn marks_in_chains_tell_the_kernel_from_the_user() {
    let recording = Recording::new()
        .kernel_map(0xffff_8000_0000_0000, 0x10000, 0xffff_8000_0000_0000, "[kernel.kallsyms]_text")
        .kernel_map(0xffff_8000_0010_0000, 0x1000, 0, "/lib/modules/6.1/kernel/net/nf-x.ko.xz")
        .map((A, A), 1, 0x1000, 0x1000, "/opt/a.so")
        .sample_of(
            0,
            KERNEL_MODE,
            (A, A),
            2,
            &[IN_KERNEL, 0xffff_8000_0000_1000, 0xffff_8000_0010_0010, IN_USER, 0x1800],
        )
        // There is no chain except marks, and the kernel's address is beside it.
        .sample_of(0, KERNEL_MODE, (A, A), 3, &[IN_KERNEL, 0xffff_8000_0010_0010])
        .sample_of(0, KERNEL_MODE, (0, 0), 4, &[IN_KERNEL]);
    let profile = read(&recording);
    assert_eq!(
        stacks(&profile)[0].1,
        [vec!["a.so", "[nf_x]", "[kernel.kallsyms]"], vec!["[nf_x]"]]
    );
    // An idle processor's work belongs to no program.
    assert_eq!(stacks(&profile)[1].1[0].last().unwrap(), "(idle)");
    assert!(
        profile.warnings.iter().any(|w| w.to_string().contains("kernel")),
        "{:?}",
        profile.warnings
    );
}

#[test]
fn the_kernels_symbols_are_moved_to_where_it_lay() {
    let folder = tempfile::tempdir().unwrap();
    // The symbols are of another boot, 0x1000 lower; modules are at quite different
    // addresses.
    let kallsyms = "ffff7ffffffff000 T _text\nffff7ffffffff000 T first\n\
                    ffff7ffffffff800 t second\nffff7ffffffff900 d data\nffff800000100000 t third\t[m]\n";
    std::fs::write(folder.path().join("kallsyms"), kallsyms).unwrap();
    let recording = Recording::new()
        .kernel_map(0xffff_8000_0000_0000, 0x10000, 0xffff_8000_0000_0000, "[kernel.kallsyms]_text")
        .kernel_map(0xffff_8000_0010_0000, 0x1000, 0, "/lib/modules/6.1/m.ko");
    let text = [0u64, 0x7ff, 0x800, 0x950, 0x10_0010];
    let recording = text.iter().fold(recording, |recording, at| {
        recording.sample_of(0, KERNEL_MODE, (A, A), 2, &[IN_KERNEL, 0xffff_8000_0000_0000 + at])
    });
    let profile = parse(&recording.file(), folder.path()).unwrap();
    assert_eq!(folded(&profile), ["first", "first", "second", "second", "[m]"]);
    assert!(profile.warnings.is_empty(), "{:?}", profile.warnings);
    std::fs::write(folder.path().join("kallsyms"), "0000000000000000 T _text\n").unwrap();
    let profile = parse(&recording.file(), folder.path()).unwrap();
    assert!(
        profile.warnings[0].to_string().contains("hides its addresses"),
        "{:?}",
        profile.warnings
    );
}
