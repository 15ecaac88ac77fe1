//! Formats older than `profile.proto`. They are recognised, but not read.

/// The starts of such profiles, with their messages.
const TEXTS: [(&str, &str); 12] = [
    ("heap profile:", HEAP),
    ("heapz ", HEAP),
    ("--- heapz", HEAP),
    ("heap_v2/", HEAP),
    ("goroutine profile:", GOROUTINES),
    ("threadcreate profile:", THREADS),
    ("--- threadz", THREADS),
    ("--- contention", CONTENTION),
    ("--- mutex", CONTENTION),
    ("--- symbol\n", SYMBOLS),
    ("--- profile\n", SYMBOLS),
    ("--- growth", HEAP),
];

const HEAP: &str = "a heap profile in pprof's old text format; `pprof -proto` (or a newer library) \
    writes one that can be read";

const GOROUTINES: &str = "a goroutine profile in pprof's old text format; asked for without \
    `debug=1`, Go writes one that can be read";

const THREADS: &str = "a thread profile in pprof's old text format; asked for without `debug=1`, \
    Go writes one that can be read";

const CONTENTION: &str = "a contention (mutex, block) profile in pprof's old text format; \
    `pprof -proto` (or a newer library) writes one that can be read";

const SYMBOLS: &str = "what `pprof -raw` of gperftools writes (an old format, with symbols); \
    `pprof -proto` writes one that can be read";

const CPU: &str = "a CPU profile in the old binary format of gperftools; `pprof -proto BINARY \
    FILE` writes one that can be read";

const DUMP: &str = "a dump of goroutines (Go's `debug=2`), which counts nothing; asked for \
    without `debug`, Go writes a profile";

/// Returns the name of an old format, with the way to get a profile that can be read.
pub(crate) fn named(head: &[u8]) -> Option<&'static str> {
    if let Some((_, what)) = TEXTS.iter().find(|(start, _)| head.starts_with(start.as_bytes())) {
        return Some(what);
    }
    if is_dump(head) {
        return Some(DUMP);
    }
    is_cpu(head).then_some(CPU)
}

/// Returns true for `goroutine 1 [running]:`.
fn is_dump(head: &[u8]) -> bool {
    let Some(rest) = head.strip_prefix(b"goroutine ") else { return false };
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    digits > 0 && rest.get(digits..).is_some_and(|rest| rest.starts_with(b" ["))
}

/// Returns true for the words of a CPU profile's header: 0, the number of words that follow
/// (3), the version 0 (1 for Java), the period, and 0.
fn is_cpu(head: &[u8]) -> bool {
    let is_header = |size: usize, little: bool| {
        let words = head.chunks_exact(size).take(5).map(|word| {
            let add = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
            if little { word.iter().rev().fold(0, add) } else { word.iter().fold(0, add) }
        });
        matches!(words.collect::<Vec<_>>()[..], [0, 3, 0 | 1, (1..), 0])
    };
    [4, 8].iter().any(|&size| is_header(size, true) || is_header(size, false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_profiles_are_told_by_what_they_are() {
        let cpu = |words: [u64; 5], size: usize, little: bool| -> Vec<u8> {
            let word = |word: u64| match little {
                true => word.to_le_bytes()[..size].to_vec(),
                false => word.to_be_bytes()[8 - size..].to_vec(),
            };
            words.into_iter().flat_map(word).collect()
        };
        for (size, little) in [(4, true), (4, false), (8, true), (8, false)] {
            assert_eq!(named(&cpu([0, 3, 0, 10_000, 0], size, little)), Some(CPU));
            assert_eq!(named(&cpu([0, 2, 0, 10_000, 0], size, little)), None);
            assert_eq!(named(&cpu([0, 3, 0, 0, 0], size, little)), None);
        }
        assert_eq!(named(&[0; 64]), None);
        let texts = [
            ("heap profile: 13: 9 [92: 8] @ heap/8192\n", HEAP),
            ("heap profile:      1:  2 [ 3: 4] @ heap_v2/524288 \u{e9}\n", HEAP),
            ("heap_v2/524288\n  t*: 1: 2 [0: 0]\n", HEAP),
            ("goroutine profile: total 3\n", GOROUTINES),
            ("threadcreate profile: total 5\n", THREADS),
            ("--- contention:\ncycles/second=1\n", CONTENTION),
            ("--- mutex:\ncycles/second=1\n", CONTENTION),
            ("goroutine 1 [running]:\nmain.main()\n", DUMP),
        ];
        for (text, what) in texts {
            assert_eq!(named(text.as_bytes()), Some(what), "{text}");
        }
        for text in ["", "goroutine main;f 3\n", "goroutine 1\n", "main;heap profile: 3\n"] {
            assert_eq!(named(text.as_bytes()), None, "{text}");
        }
    }
}
