//! Stacks as bpftrace and bcc print them.

use proptest::prelude::*;
use spikeflame_parse::{Error, Options, read_stream};
use spikeflame_profile::{CallTree, Idle, Profile, Selection, folded};
use std::path::Path;

fn read(text: &str) -> Result<Profile, Error> {
    read_stream(text.as_bytes(), Path::new("stacks.txt"), &Options::default())
}

fn fold(profile: &Profile) -> String {
    let selection = Selection { idle: Idle::Keep, annotate: true, ..Selection::default() };
    let mut text = Vec::new();
    folded::write(&CallTree::build(profile, &selection), &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

fn threads(profile: &Profile) -> Vec<&str> {
    profile.threads.iter().map(|thread| thread.name.as_str()).collect()
}

#[test]
fn stacks_of_bpftrace_are_the_kernels_called_from_the_users() {
    let kernel = "    ep_poll+1\n    entry_SYSCALL_64_after_hwframe+99\n";
    let user = "    uv__io_poll+120\n    0x7f12\n    JS:*main /srv/a.js:1:2+23\n";
    let head = "Attaching 2 probes...\nERROR: failed to look up stack id -17 (pid -1): -2\n\n\n";
    let folded = "main /srv/a.js:1:2_[j];(unresolved);uv__io_poll;entry_SYSCALL_64_after_hwframe_[k];ep_poll_[k] 42\n";
    for text in [
        format!("{head}@[\n{kernel}, \n{user}, node, 123]: 42\n\n\n"),
        format!("@x[\n{user}, \n{kernel},node,123]: 42\n"),
        format!("@stacks[node, 123, \n{kernel}, \n{user}]: 42\n"),
        format!(
            "@start: 5\n@[123, node,\n{kernel},\n{user}]: 40\n@[123, node,\n{kernel},\n{user}]: 2\n"
        ),
    ] {
        let profile = read(&text).unwrap();
        assert_eq!(fold(&profile), folded, "{text}");
        assert_eq!(threads(&profile), ["node 123"], "{text}");
        assert_eq!(profile.losses, [], "{text}");
    }
}

#[test]
fn stacks_of_bpftrace_with_addresses_and_modules_are_read() {
    let text = "@[\n\tffffffff821f39e5 ep_poll+261\n\tffffffff81000e46 start+22\n, \n\
                \t7f6b7dfe4a96 JS:^words /srv/a.js:2:15+150 (/tmp/perf-7.map)\n\
                \t7f845a44524a 0x7f845a44524a ([unknown])\n\
                \t7f845a445300 __libc_start_main+10 (/usr/lib/libc.so.6)\n, node]: 3\n";
    let profile = read(text).unwrap();
    let folded =
        "__libc_start_main;(unresolved);^words /srv/a.js:2:15_[j];start_[k];ep_poll_[k] 3\n";
    assert_eq!(fold(&profile).replace(" (/usr/lib/libc.so.6)", ""), folded.replace('^', ""));
    assert_eq!(threads(&profile), ["node"]);
}

#[test]
fn what_of_bpftrace_is_no_counted_stack_is_counted_as_lost() {
    let good = "@[\n    f+1\n]: 3\n";
    for (bad, lost) in [
        ("@[node]: 5\n", 1),
        ("@[\n    g+1\n]:\n[0, 1)  5 |@@@@|\n", 1),
        ("@[\n    g+1\n]: count 5, average 3, total 15\n", 1),
        ("@[\n    g+1\n", 1),
        ("@[\n    g+1\n]: 18446744073709551615\n", 1),
        ("@[\n    g+1\n]: -1\n", 1),
        ("@[\n    g+1\n]: 0\n", 0),
    ] {
        let profile = read(&format!("{good}{bad}{good}")).unwrap();
        assert_eq!((profile.total(), profile.unreadable()), (6, lost), "{bad}");
    }
    // The kernel alone, or idle: without a stack of its own.
    let profile = read(&format!("{good}@[\n]: 4\n@[, \n, swapper/3, 0]: 2\n")).unwrap();
    assert_eq!(fold(&profile), "(unresolved) 4\n(unresolved);(idle) 2\nf 3\n");
}

/// The error was: samples whose only stack is empty, which bpftrace writes on one line, were one lost sample.
#[test]
fn an_empty_stack_of_bpftrace_counts() {
    let good = "@[\n    f+1\n]: 3\n";
    let profile = read(&format!("@[]: 5\n@[, node]: 2\n@names[]: 7\n{good}")).unwrap();
    assert_eq!(fold(&profile), "(unresolved) 7\nf 3\n");
    assert_eq!((profile.unreadable(), profile.losses[0].first), (1, 3));
}

#[test]
fn one_of_several_maps_of_bpftrace_is_read() {
    let stack = |map: &str, name: &str, value: &str| {
        format!("@{map}[\n    {name}+10\n    main+20\n]: {value}\n\n")
    };
    let text = [
        stack("h", "other", "count 5, average 3, total 15"),
        stack("zero", "other", "0"),
        stack("a", "hot", "5"),
        stack("", "cold", "6"),
        stack("", "colder", "1"),
        stack("b", "cold", "9"),
        stack("a", "hot", "2"),
    ]
    .concat();
    let options = |map: &str| Options { sample_type: Some(map.to_owned()), ..Options::default() };
    let read = |options: &Options| read_stream(text.as_bytes(), Path::new("s.txt"), options);
    let profile = read(&Options::default()).unwrap();
    assert_eq!(fold(&profile), "main;hot 7\n");
    let [warning] = &profile.warnings[..] else { panic!("{:?}", profile.warnings) };
    let said = "only the map @a is read; left out: @ (2 stacks), @b (1 stack)";
    assert_eq!(warning.to_string(), format!("s.txt: {said}"));
    for (map, folded) in [("@a", "main;hot 7\n"), ("b", "main;cold 9\n")] {
        assert_eq!(fold(&read(&options(map)).unwrap()), folded, "{map}");
    }
    assert_eq!(fold(&read(&options("@")).unwrap()), "main;cold 6\nmain;colder 1\n");
    let why = read(&options("c")).unwrap_err().to_string();
    assert!(why.ends_with("none of @c; there are some of @a, @, @b"), "{why}");
}

const BCC: &str = "Sampling at 49 Hertz of all threads by user + kernel stack... Hit Ctrl-C to end.\n\
    \n    ep_poll\n    entry_SYSCALL_64_after_hwframe\n    --\n    uv__io_poll\n    [unknown]\n\
    \x20   -                node (123)\n        42\n\n";

#[test]
fn stacks_of_bcc_are_read_with_their_interval() {
    let folded = "(unresolved);uv__io_poll;entry_SYSCALL_64_after_hwframe_[k];ep_poll_[k] 42\n";
    let marked = BCC.replace("ep_poll\n", "ep_poll_[k]\n");
    let bytes = BCC.replace("uv__io_poll", "b'uv__io_poll'").replace(" node (", " b'node' (");
    for text in [BCC, &marked, &bytes] {
        let profile = read(text).unwrap();
        assert_eq!(fold(&profile), folded, "{text}");
        assert_eq!((threads(&profile), profile.losses.len()), (vec!["node 123"], 0));
        let source = &profile.sources[0];
        assert_eq!((source.interval_us, source.unit.as_str()), (Some(20_408), "samples"));
        assert_eq!(source.producer, "bcc profile");
    }
    let off = BCC.replace("Sampling at 49 Hertz", "Tracing off-CPU time (us)");
    let profile = read(&off).unwrap();
    assert_eq!(profile.sources[0].unit, "microseconds");
    let cut = format!("{BCC}    f\n    -    x (1)\n");
    assert_eq!(read(&cut).unwrap().unreadable(), 1);
}

/// `profile -f`, and what `stackcollapse-bpftrace` makes of bpftrace's text.
#[test]
fn folded_stacks_of_bcc_are_folded_stacks() {
    let text = "node;main;uv__io_poll;-;entry_SYSCALL_64_after_hwframe_[k];ep_poll_[k] 42\n";
    assert_eq!(read(text).unwrap().total(), 42);
}

/// Recorded by bpftrace 0.17 of Node 20 (tests/record/bpftrace.sh).
#[test]
fn real_stacks_have_the_functions_of_node() {
    for (name, total) in [("plain", 33), ("perf", 33)] {
        let path = format!("../../samples/bpftrace/{name}.txt.zst");
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        let profile = spikeflame_parse::read(&[path], &Options::default()).unwrap();
        assert_eq!((profile.total(), profile.unreadable()), (total, 0), "{name}");
        let folded = fold(&profile);
        assert!(folded.contains("words /"), "{name}");
        assert!(name == "plain" || folded.contains("fib /"), "{name}");
    }
}

fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("@[".to_owned()),
        Just("@x[, ".to_owned()),
        Just(", ".to_owned()),
        Just(", node, 7]: 3".to_owned()),
        Just("]: 3".to_owned()),
        Just("    f+1".to_owned()),
        Just("    -      node (7)".to_owned()),
        Just("        5".to_owned()),
        Just("    --".to_owned()),
        "[ -~]{0,30}",
    ]
}

proptest! {
    #[test]
    fn nothing_panics_and_every_count_is_somewhere(lines in prop::collection::vec(line(), 0..40)) {
        for first in ["@[\n    f+1\n]: 3\n", BCC] {
            let text = format!("{first}{}\n", lines.join("\n"));
            if let Ok(profile) = read(&text) {
                let tree = CallTree::build(&profile, &Selection::default());
                prop_assert_eq!(tree.total() + tree.left_out().total(), profile.total());
                prop_assert!(profile.total() >= 3);
            }
        }
    }
}
