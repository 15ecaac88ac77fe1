//! The number of threads that read changes nothing.

use super::{fold, parse, texts, unpack};
use spikeflame_parse::Options;

/// More bytes than the reader reads before it starts other threads, and some chunks for each of them.
const MANY_BYTES: usize = 6 << 20;

#[test]
fn several_threads_read_the_same_profile() {
    let mut all = Vec::new();
    for text in texts().iter().cycle() {
        let text = unpack(text);
        // Each text begins in its middle once, so that a stack is without its event.
        all.extend_from_slice(&text[text.len() / 2..]);
        all.extend_from_slice(
            b"\n\njava-2 7 [001] 5.000001:  1 cpu-clock:\n\t  1f Lorg/f+0x1 (/tmp/perf-7.map)\n\n",
        );
        all.extend_from_slice(&text[..text.len().min(MANY_BYTES / 4)]);
        if all.len() > MANY_BYTES {
            break;
        }
    }
    assert_same_with_several_threads(&all);
    assert_same_with_several_threads(&damaged(&all));
}

/// Leaves out or cuts a line of about a hundred. The error was: a stack that the reader did not compare with the
/// one that the scanner had compared it with lost frames.
fn damaged(text: &[u8]) -> Vec<u8> {
    let mut kept = Vec::new();
    let mut chance = 1u32;
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        chance = chance.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        match chance >> 16 & 255 {
            0 => {}
            1 => kept.extend_from_slice(&line[line.len() / 2..]),
            2 => kept.push(b'\n'),
            _ => kept.extend_from_slice(line),
        }
    }
    kept
}

fn assert_same_with_several_threads(all: &[u8]) {
    for raw_names in [false, true] {
        let read = |threads| {
            let options = Options { threads, raw_names, ..Options::default() };
            let profile = parse(all, &options).unwrap();
            let facts =
                format!("{:?} {:?} {:?}", profile.losses, profile.warnings, profile.sources);
            (fold(&profile), facts)
        };
        let alone = read(1);
        assert!(alone.0.lines().count() > 100);
        for threads in [2, 3] {
            assert!(read(threads) == alone, "{threads} threads, raw: {raw_names}");
        }
    }
}
