//! The text of `perf script`: the same as `inferno` where that is asked for,
//! the same labels as from V8's log where not, and nothing lost.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may fail"
)]

mod common;

use common::root;
use inferno::collapse::{Collapse, perf::Folder};
use proptest::prelude::*;
use spikeflame_parse::{Error, Options, read_stream};
use spikeflame_profile::{CallTree, Inlined, Profile, Selection, Zero, folded};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn texts() -> Vec<PathBuf> {
    let mut texts: Vec<PathBuf> = [
        "samples/perf-text",
        "samples/perf",
        "../shared/data/perf/spike-before",
        "../shared/data/shop",
    ]
    .into_iter()
    .flat_map(|folder| match std::fs::read_dir(root(folder)) {
        Ok(entries) => entries.flatten().map(|entry| entry.path()).collect(),
        Err(_) => {
            println!("SKIPPED: no recordings at {folder}");
            Vec::new()
        }
    })
    .filter(|path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        name.ends_with(".txt.zst") || name.contains("perf-script")
    })
    .collect();
    texts.sort();
    texts
}

fn unpack(path: &Path) -> Vec<u8> {
    let mut text = Vec::new();
    let file = std::fs::File::open(path).unwrap();
    let mut decoder = ruzstd::decoding::StreamingDecoder::new(file).unwrap();
    std::io::Read::read_to_end(&mut decoder, &mut text).unwrap();
    text
}

fn parse(text: &[u8], options: &Options) -> Result<Profile, Error> {
    read_stream(text, Path::new("perf.txt"), options)
}

fn fold(profile: &Profile) -> String {
    let mut text = Vec::new();
    folded::write(&CallTree::build(profile, &Selection::default()), &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

fn folded(text: &str) -> String {
    fold(&parse(text.as_bytes(), &Options::default()).unwrap())
}

fn raw(text: &[u8]) -> String {
    match parse(text, &Options { raw_names: true, ..Options::default() }) {
        Ok(profile) => fold(&profile),
        // inferno writes nothing then.
        Err(Error::NoSamples { .. }) => String::new(),
        Err(error) => panic!("{error}"),
    }
}

fn peer(text: &[u8]) -> String {
    let mut out = Vec::new();
    Folder::default().collapse(text, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn raw_names_are_those_of_inferno() {
    let texts = texts();
    assert!(texts.len() >= 8, "the samples are not there");
    for path in texts {
        let text = unpack(&path);
        let lines = peer(&text);
        // Without modules it takes no line for one of a stack.
        let empty = path.ends_with("no-module.txt.zst");
        assert_eq!(lines.is_empty(), empty, "{}", path.display());
        assert_eq!(raw(&text), lines, "{}", path.display());
    }
}

/// inferno wants the first block to have a named event.
const FIRST: &str = "node 7 1.000000: 3 cycles:\n\tff f (/m)\n\n";

/// Texts that are read differently than one would think.
const ODD: [&str; 14] = [
    // Two events: the first one counts.
    "a 1 1.000000: 5 cycles: \n\t1 f+0x1 (/m)\n\nb 1 2.000000: 7 faults: \n\t1 g (/m)\n\na 1 3.000000: 2 cycles: \n\t1 f (/m)\n\n",
    // Spaces and numbers in names.
    "V8 WorkerThread 25607 4794564.109216: cycles:\n\t1 f (/m)\n\nmy proc 12 34/56 [001] 1.000000: 3 cycles:u:\n\t1 f (/m)\n\n",
    // No name at all, and none of a process.
    " 12 1.000000: 3 cycles:\n\t1 f (/m)\n\nnode 1.000000: cycles:\n\t1 f (/m)\n\n",
    // An idle processor.
    "swapper     0 [000]  1.000000:   1 cycles: \n\tffffffff8103ce3b native_safe_halt ([kernel.kallsyms])\n\tffffffff815bf03e rest_init ([kernel.kallsyms].init.text)\n\n",
    // Java.
    "java 12688 [002] 6544038.708352: cpu-clock: \n\t7f Lorg/mozilla/javascript/ContextFactory;.call(Lorg/x;)Ljava/lang/Object; (/tmp/perf-1.map)\n\t7f Ljava/A;::a->Ljava/B;::b->c_[i] (/tmp/perf-1.map)\n\t7f start_thread (/lib/libpthread-2.15.so)\n\n",
    "node 1 1.000000: cpu-clock: \n\t7f Lorg/A;.call(I)V (/tmp/perf-1.map)\n\n",
    // Unknown symbols, of known modules and of none.
    "a 1 1.000000: 1 c: \n\t7f1e2215d058  (/lib/libc-2.15.so)\n\t1 [unknown] (/lib/x.so)\n\t1 [unknown] ([unknown])\n\t0 [unknown] (//anon)\n\n",
    // One line a sample; behind one of another event everything is skipped.
    "a 1 1.000000: 5 cycles:  ffff f+0x1 (/m)\nb 2 1.000000: 5 cycles:u:  ffff g (/m)\nb 2 1.000000: 5 faults:  ffff h (/m)\na 1 1.000000: 5 cycles: ffff i (/m)\n\na 1 1.000000: 5 cycles: ffff j (/m)\n",
    // Parentheses that are names, and others that are not.
    "a 1 1.000000: 1 c: \n\t1 go/build.(*importReader).readByte (/m)\n\t1 f(int)::g (/m)\n\t1 v8::(anonymous namespace)::Invoke(x) (/m)\n\t1 std::function<void (int)>::operator() (/m)\n\t1 (sh) (/m)\n\t1 .run()V (/m)\n\t1 {lambda(int)#2}::f() (/m)\n\n",
    // Rust, demangled in part; and what only looks like it.
    "a 1 1.000000: 1 c: \n\t1 _$LT$std..fs..ReadDir$u20$as$u20$X$GT$::next::hc14f1750ca79129b (/m)\n\t1 a::_$u7b$$u7b$closure$u7d$$u7d$::h6e849b55a66fcd85 (/m)\n\t1 a.b..c$zz$d..e::h6e849b55a66fcd85+0x1 (/m)\n\t1 _ZN3std2rt19lang_start_internal17h540c897fe52ba9c5E (/m)\n\t1 h6e849b55a66fcd85 (/m)\n\n",
    // Semicolons, offsets, deleted files, paths with spaces.
    "a;b 1 1.000000: 1 c: \n\t1 x;y+0x (/m)\n\t1 f+0xzz (/m)\n\t1 f+0x12 (/tmp/a (deleted))\n\t1 g (/my app/x)\n\tg\n\t1 g\n\n",
    // Comments, blanks that are not empty, Windows' line breaks, no end.
    "# head\r\na 1 1.000000: 1 c: \r\n# note\n\t1 f (/m)\r\n  \t \na 1 1.000000: 1 c:\n\t1 g (/m)\n# x\n\t1 h (/m)\n\n\n\na 1 1.000000: 1 c:\n\t1 i (/m)",
    // Not the line of an event, and a stack below it.
    "warning: x\n\t1 f (/m)\n\n   401000 main (/bin/x)\n\na 1 1.000000: 1 c:\n\t1 f (/m)\n\n",
    // No event, no time, no period; names that are the beginnings of others.
    "a 1 \n\t1 f (/m)\n\na 1 1.0:\n\t1 f (/m)\n\na 1 c:\n\t1 f x (/m)\n\t1 f (/m)\n\na 1 1.000000: c:\n\t1 f! (/m)\n\t1 f (/m)\n\n",
];

#[test]
fn odd_texts_fold_as_inferno_folds_them() {
    for text in ODD.map(|text| FIRST.to_owned() + text) {
        assert_eq!(raw(text.as_bytes()), peer(text.as_bytes()), "{text}");
    }
}

fn line() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec![
        "node",
        "java",
        "my proc 12",
        " ",
        "  ",
        "\t",
        "7/8",
        "[001]",
        "1.000002:",
        "10",
        "cycles:",
        "cycles:uppp:",
        "faults:",
        "ffff",
        "f",
        "f()",
        "Lx/y;.z",
        "a->b",
        "[unknown]",
        "g.(h)",
        "<(",
        ")>",
        "(/m/x)",
        "([kernel])",
        "([unknown])",
        "+0x1f",
        "+0xg",
        "::",
        "..",
        "$LT$",
        ":",
        ";",
        "\n",
        "#",
        "",
        "h6e849b55a66fcd85",
        "_[i]",
        "(",
        ")",
        "/",
    ]);
    prop::collection::vec(part, 0..8).prop_map(|parts| parts.concat())
}

/// What a thread may be called.
fn comm() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "node",
        "my proc 12",
        "a:b",
        "[kworker/0:1]",
        "(sd-pam)",
        "1 2",
        "7/8",
        "x;y",
        "api v1.5",
        "+0x1f",
        "f (/m)",
        "ff",
        "PERF",
        "[001]",
        "x: 3",
        "cycles:u:",
        "#h",
        "é ü",
    ])
}

/// A stack's line, with what may stand below it.
fn frame() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "\tff f+0x1 (/m)\n",
        "\tff [unknown] ([unknown])\n",
        "\tff JS:*GET /x/:id /a b.js:1:2+0x1 (/tmp/perf-1.map)\n",
        "\tff RegExp.> src: '(x) 1: ' flags: 'g' (/tmp/perf-1.map)\n",
        "\tff f\n  x.c:7\n",
        "\tff f (inlined)\n",
        "\tff f (/a (b) (deleted))\n  x[ff]\n",
        "\tff (/m)\n",
        "\tff\n",
    ])
}

fn soup() -> impl Strategy<Value = String> {
    let event = (line(), prop::sample::select(vec!["cycles", "faults"]))
        .prop_map(|(junk, event)| format!("node 7 1.500000: 3 {event}: {junk}\n"));
    let stack = prop::collection::vec(
        prop_oneof![
            3 => prop::sample::select(vec!["\tff f+0x1 (/m)\n", "\tff g (/m)\n", "\tff f (/tmp/perf-1.map)\n"]).prop_map(str::to_owned),
            1 => line().prop_map(|line| format!("\t1 {line} (/m)\n")),
            1 => line().prop_map(|line| line + "\n"),
        ],
        0..6,
    );
    let block = (prop_oneof![event, line()], stack)
        .prop_map(|(event, stack)| format!("{event}{}\n", stack.concat()));
    prop::collection::vec(block, 1..8).prop_map(|blocks| blocks.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn any_text_folds_as_inferno_folds_it(text in soup()) {
        let text = FIRST.to_owned() + &text;
        prop_assert_eq!(raw(text.as_bytes()), peer(text.as_bytes()));
    }

    /// Whatever the fields, the threads' names and the frames.
    #[test]
    fn every_sample_of_a_sound_text_is_there(
        samples in prop::collection::vec((comm(), 1..9u32, prop::collection::vec(frame(), 0..4)), 1..20),
        (both, processor, nanos, event, period) in any::<(bool, bool, bool, bool, bool)>(),
    ) {
        let mut text = String::new();
        let mut threads = BTreeSet::new();
        for (number, (comm, tid, stack)) in samples.iter().enumerate() {
            let ids = if both { format!("7/{tid}") } else { tid.to_string() };
            let pick = |is, field: &'static str| if is { field } else { "" };
            let (processor, nanos) = (pick(processor, "[001] "), pick(nanos, "000"));
            let (event, period) = (pick(event, "cycles:u: "), pick(period, "  250000 "));
            let stack = stack.concat();
            text += &format!("{comm:>16} {ids} {processor}1.{number:06}{nanos}: {period}{event}\n{stack}\n");
            threads.insert(tid);
        }
        text = format!("{text}\tff f (/m)\n").replacen("\n\n\tff", "\n\tff", 1);
        let profile = parse(text.as_bytes(), &Options::default()).unwrap();
        prop_assert_eq!(profile.total(), samples.len() as u64, "{}", text);
        prop_assert_eq!((profile.losses.len(), profile.threads.len()), (0, threads.len()));
        prop_assert_eq!(profile.sources[0].end_us, samples.len() as u64 - 1);
    }

    /// Every event's line is a sample of the first event or told as left out.
    #[test]
    fn no_sample_is_lost_in_any_text(text in soup(), tail in soup()) {
        let text = format!("{FIRST}{text}\n\n{tail}");
        let profile = parse(text.as_bytes(), &Options::default()).unwrap();
        let tree = CallTree::build(&profile, &Selection::default());
        prop_assert_eq!(tree.total() + tree.left_out().total(), profile.total());
    }
}

#[test]
fn every_sample_of_a_recording_is_there() {
    for path in texts() {
        let text = unpack(&path);
        let lines = String::from_utf8_lossy(&text).into_owned();
        // An event's line is the one that follows an empty line, or each line.
        let single = path.ends_with("one-line.txt.zst");
        let mut events = Vec::new();
        let mut fresh = true;
        for line in lines.lines().filter(|line| !line.starts_with('#')) {
            if (fresh || single) && !line.trim().is_empty() {
                events.push(line);
            }
            fresh = line.trim().is_empty();
        }
        let profile = parse(&text, &Options::default()).unwrap();
        let wanted = profile.sources[0].producer.strip_prefix("perf ").unwrap_or("?").to_owned();
        let of_event = |line: &&&str| line.contains(&format!("{wanted}:"));
        let count = events.iter().filter(of_event).count();
        assert!(count > 0, "{}", path.display());
        assert_eq!(profile.total(), count as u64, "{}", path.display());
        assert_eq!(profile.losses, [], "{}", path.display());
        let told = profile.warnings.iter().any(|warning| warning.contains("--sample-type"));
        assert_eq!(told, count < events.len(), "{}", path.display());
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        println!("{name}: {count} samples of {wanted}, {} threads", profile.threads.len());
    }
}

#[test]
fn another_event_is_read_when_it_is_named() {
    let text = unpack(&root("samples/perf-text/several-events.txt.zst"));
    let of = |event: Option<&str>| {
        let sample_type = event.map(str::to_owned);
        parse(&text, &Options { sample_type, ..Options::default() }).unwrap()
    };
    let (first, clock) = (of(None), of(Some("cpu-clock")));
    assert_eq!(first.sources[0].producer, "perf page-faults");
    assert_eq!(clock.sources[0].producer, "perf cpu-clock");
    let left_out = format!("left out: cpu-clock ({})", clock.total());
    assert!(first.warnings[0].contains(&left_out), "{}", first.warnings[0]);
    let error = parse(&text, &Options { sample_type: Some("cycles".into()), ..Options::default() });
    let error = error.unwrap_err().to_string();
    assert!(error.contains("cycles") && error.contains("page-faults"), "{error}");
}

#[test]
fn times_and_threads_are_kept() {
    let text = "sh 1 5.000001: 1 c:\n\t1 f (/m)\n\nnode 2/2 5.500000: 1 c:\n\t1 f (/m)\n\nV8 Worker 2/3 [000] 6.000002000: 1 c:\n\t1 f (/m)\n\n";
    let profile = parse(text.as_bytes(), &Options::default()).unwrap();
    let names: Vec<&str> = profile.threads.iter().map(|thread| thread.name.as_str()).collect();
    assert_eq!(names, ["sh 1", "node 2", "V8 Worker 2/3"]);
    assert_eq!(profile.sources[0].zero, Zero::Monotonic(5_000_001));
    assert_eq!(profile.sources[0].end_us, 1_000_001);
    let window = Selection { from_us: Some(1_000_000), ..Selection::default() };
    assert_eq!(CallTree::build(&profile, &window).total(), 1);
    let text = unpack(&root("samples/perf-text/no-time.txt.zst"));
    assert!(!parse(&text, &Options::default()).unwrap().is_timed());
}

#[test]
fn the_code_of_v8_carries_the_labels_of_its_own_log() {
    let text = "node 1 1.000000: 1 c:\n\
        \t1 Builtins_LdaNamedPropertyHandler+0x1 (/usr/bin/node)\n\
        \t1 Builtins_InterpreterEntryTrampoline+0xde (/usr/bin/node)\n\
        \t1 JS:~inner /srv/a.js:3:4+0xde (/tmp/perf-1.map)\n\
        \t1 Builtins_InterpreterEntryTrampoline+0xde (/usr/bin/node)\n\
        \t1 LazyCompile:*outer file:///srv/a.mjs:1:2+0x8 (/tmp/perf-1.map)\n\
        \t1 Builtins_ArrayMap+0x1 (/usr/bin/node)\n\
        \t1 RegExp:\\d+;x+0x1 (/tmp/perf-1.map)\n\
        \tffffffff81000130 do_syscall_64+0x76 ([kernel.kallsyms])\n\
        \t1 __GI___libc_write@@GLIBC_2.34+0x1 (/usr/lib/libc.so.6)\n\
        \t1 [unknown] (/usr/lib/x.so)\n\
        \t1 [unknown] ([unknown])\n\
        \t1 inl (inlined)\n\n";
    assert_eq!(
        folded(text),
        "inl;(unresolved);x.so;__GI___libc_write;do_syscall_64;RegExp: \\d+:x;Builtin: ArrayMap;\
         outer /srv/a.mjs:1:2;inner /srv/a.js:3:4 1\n"
    );
    // Of a function that is not interpreted, the trampoline is a callee.
    let text = "node 1 1.000000: 1 c:\n\t1 Builtins_InterpreterEntryTrampoline+0xde (/usr/bin/node)\n\
        \t1 JS:*a /a.js:1:2+0x8 (/tmp/perf-1.map)\n\n";
    assert_eq!(folded(text), "a /a.js:1:2;Builtin: InterpreterEntryTrampoline 1\n");
}

/// The shop server of `../shared/data`, in perf and in V8's own log.
#[test]
fn functions_of_perf_and_of_the_log_are_the_same() {
    let (perf, log) =
        ("../shared/data/shop/perf-script-node22.txt.zst", "../shared/data/v8/shop-node22.log.zst");
    if !root(perf).is_file() || !root(log).is_file() {
        println!("SKIPPED: no {perf}");
        return;
    }
    let labels = |path: &str| -> BTreeSet<String> {
        let profile = common::load(&root(path));
        let labelled = profile
            .frames
            .functions()
            .map(|(_, function)| common::label(&profile, function, spikeflame_profile::Tier::None));
        labelled.filter(|label| label.contains(".js:")).collect()
    };
    let (perf, log) = (labels(perf), labels(log));
    let shared = perf.intersection(&log).count();
    println!("{} functions in perf, {} of them in the log", perf.len(), shared);
    assert!(shared * 10 > perf.len() * 9, "{shared} of {}", perf.len());
    assert!(perf.iter().any(|label| label.starts_with("levenshtein ") && log.contains(label)));
}

#[test]
fn callers_without_a_name_are_one_frame_a_module() {
    let text = "node 1 1.000000: 1 c:\n\t1 [unknown] ([kernel.kallsyms])\n\t2 [unknown] ([kernel.kallsyms])\n\
        \t3 [unknown] (/usr/lib/x.so)\n\t4 [unknown] (/usr/lib/x.so)\n\t5 f (/m)\n\t5 f (/m)\n\
        \t6 [unknown] ([unknown])\n\t7 [unknown] ([unknown])\n\n";
    assert_eq!(folded(text), "(unresolved);f;f;x.so;[kernel.kallsyms] 1\n");
}

#[test]
fn an_idle_processor_is_left_out() {
    let text = "swapper 0 [000] 1.000000: 1 c:\n\tffffffff8103ce3b native_safe_halt ([kernel.kallsyms])\n\n\
        node 1 [000] 1.000000: 1 c:\n\t1 f (/m)\n\n\
        swapper 7 [000] 1.000000: 1 c:\n\t1 called_so_by_its_program (/m)\n\n";
    let profile = parse(text.as_bytes(), &Options::default()).unwrap();
    let tree = CallTree::build(&profile, &Selection::default());
    assert_eq!((tree.total(), tree.left_out().idle), (2, 1));
}

#[test]
fn torn_text_is_counted_and_the_rest_kept() {
    let text = "node 1 1.000000: 1 c:\n\t1 f (/m)\nnode 1 1.100000: 1 c:\n\t1 g (/m)\n\ngarbage\n\n\
        node 1 1.200000: 1 c:\n\t1 f (/m)\n\tsome words\n\t1 main (/m)\n\nnode 1 1.300000: 1 c:\n\n";
    let profile = parse(text.as_bytes(), &Options::default()).unwrap();
    assert_eq!(fold(&profile), "(unresolved) 1\nf 1\ng 1\nmain;f 1\n");
    let losses: Vec<_> = profile.losses.iter().map(|l| (l.reason, l.count, l.first_line)).collect();
    assert_eq!(losses, [("not the line of an event", 1, 6), ("not a line of a stack", 1, 10)]);
}

#[test]
fn texts_cut_anywhere_or_damaged_do_no_harm() {
    let text = unpack(&root("samples/perf-text/all-fields.txt.zst"));
    let text = &text[..6000];
    let whole = parse(text, &Options::default()).unwrap().total();
    for end in 0..text.len() {
        for raw_names in [false, true] {
            let options = Options { raw_names, ..Options::default() };
            if let Ok(profile) = parse(&text[..end], &options) {
                let is_perf = profile.sources[0].producer.starts_with("perf");
                assert!(raw_names || !is_perf || profile.total() <= whole, "cut at {end}");
            }
        }
        let mut damaged = text.to_vec();
        damaged[end] ^= (end * 37) as u8;
        let _ = parse(&damaged, &Options::default());
    }
}

#[test]
fn a_stack_of_any_depth_is_read() {
    let mut text = "node 1 1.000000: 1 c:\n".to_owned();
    for depth in 0..200_000 {
        text += &format!("\t{depth:x} f{} (/m)\n", depth % 7);
    }
    let profile = parse(text.as_bytes(), &Options::default()).unwrap();
    let tree = CallTree::build(&profile, &Selection::default());
    assert_eq!((tree.total(), tree.nodes().last().unwrap().depth), (1, 200_000));
}

#[test]
fn periods_that_cannot_be_true_are_lost() {
    let sample = |period: &str| format!("a 1 1.000000: {period} cycles:\n\t 1 f (/bin/a)\n\n");
    let text = sample("5025188889074818450") + &sample("7");
    let options = Options { raw_names: true, ..Options::default() };
    let profile = parse(text.as_bytes(), &options).unwrap();
    assert_eq!((profile.total(), profile.unreadable()), (7, 1));
}

/// Samples, and what is lost of them.
fn samples(text: &str) -> (String, u64, u64) {
    let profile = parse(text.as_bytes(), &Options::default()).unwrap();
    let lost = profile.losses.iter().map(|loss| loss.samples).sum();
    (fold(&profile), profile.total(), lost)
}

#[test]
fn a_threads_name_may_look_like_anything() {
    for name in ["my app: 3", "api v1.5: x", "# hash", "#", "rel 2.5:", "x 1234", "bad", "w:1 2"] {
        for (time, processor) in [("1.000001: ", ""), ("1.000001: ", "[000] "), ("", "[000] ")] {
            let event = format!("{name} 7 {processor}{time}10 cpu-clock: ");
            let text = format!(
                "node 7 {processor}{time}10 cpu-clock: \n\t1 f (/m)\n\n{event}\n\t1 f (/m)\n\n{event}\n\t1 g (/m)\n"
            );
            if time.is_empty() && name.starts_with('#') {
                continue; // Nothing tells it from the header.
            }
            assert_eq!(samples(&text), ("f 2\ng 1\n".to_owned(), 3, 0), "{text}");
        }
    }
}

#[test]
fn fields_beside_the_event_are_no_frame_when_a_stack_follows() {
    let stack = "\t1 f (/m)\n\t2 main (/m)\n\n";
    for fields in ["0", "7ffd1234   3", "1e05 |OP LOAD|LVL L1 hit|SNP None|BLK  N/A   3"] {
        let text = format!("node 7 1.000001: 1 c: {fields}\n{stack}").repeat(3);
        assert_eq!(samples(&text), ("main;f 3\n".to_owned(), 3, 0), "{fields}");
        let alone = format!("node 7 1.000001: 1 c: {fields} 4011a0 f+0x1 (/m)\n").repeat(3);
        assert_eq!(samples(&alone), ("f 3\n".to_owned(), 3, 0), "{fields}");
    }
}

#[test]
fn an_event_may_follow_another_without_an_empty_line() {
    // Behind perf's notes, and behind samples that are left out.
    let a = "node 7 1.000001: 1 c: \n\t1 f (/m)\n\n";
    for note in [
        "bash 2 1.000003: PERF_RECORD_COMM: bash:2/2",
        "bash 2 1.000003: PERF_RECORD_FORK(2:2):(1:1)",
        "bash 2 1.000003: PERF_RECORD_NAMESPACES 1/1 - nr_namespaces: 7\n\t\t[0/net: 0/0]",
        "bash 2 1.000003: PERF_RECORD_SWITCH_CPU_WIDE OUT preempt  next pid/tid:  1/1",
        "bash 2 1.000003: sched:sched_switch: prev_comm=bash",
    ] {
        assert_eq!(samples(&format!("{a}{note}\n{a}")), ("f 2\n".to_owned(), 2, 0), "{note}");
        let (folded, total, _) = samples(&format!("{note}\n{a}{note}\n{a}"));
        let first = usize::from(!note.contains("PERF"));
        assert!(first == 1 || (folded, total) == ("f 2\n".to_owned(), 2), "{note}");
    }
    let text = format!(
        "{a}x 1 1.000002: PERF_RECORD_LOST lost 85\n{a}x 1 1.000002: PERF_RECORD_LOST lost 1\n{a}"
    );
    let profile = parse(text.as_bytes(), &Options::default()).unwrap();
    assert!(
        profile.warnings.iter().any(|w| w.contains("perf lost 86 records")),
        "{:?}",
        profile.warnings
    );
}

#[test]
fn messages_before_the_samples_do_not_hide_them() {
    let text = "[ perf record: Woken up 1 times to write data ]\naddr2line: x\nWarning:\n\n\
        node 7 1.000001: 1 c: \n\t1 f (/m)\n\n";
    assert_eq!(samples(text).1, 1);
    let error = parse(b"\t1 f (/m)\n\t2 g (/m)\n\n\t1 f (/m)\n", &Options::default());
    assert!(error.unwrap_err().to_string().contains("-F comm,tid,time,event"));
}

#[test]
fn inlined_frames_are_one_function_however_they_are_written() {
    let event = "node 1 1.000001: 1 c: \n";
    let plain = format!("{event}\t1 inl+0x3d (inlined)\n\t1 main+0x3d (/m)\n\n");
    let source = format!("{event}\t1 inl+0x41\n  t.c:7 (inlined)\n\t1 main+0x41 (/m)\n  t.c:8\n\n");
    for text in [format!("{plain}{source}"), format!("{source}{plain}{source}")] {
        let profile = parse(text.as_bytes(), &Options::default()).unwrap();
        let all = profile.total();
        assert_eq!(fold(&profile), format!("main;inl {all}\n"));
        let collapsed = Selection { inlined: Inlined::Collapse, ..Selection::default() };
        let tree = CallTree::build(&profile, &collapsed);
        let mut text = Vec::new();
        folded::write(&tree, &mut text).unwrap();
        assert_eq!(text, format!("main {all}\n").into_bytes());
    }
}

#[test]
fn a_stack_may_begin_where_bytes_are_taken_anew() {
    // 4 MiB are taken at a time, in whole lines.
    let stack = "# a comment\n\t1 f (/m)\n\t2 main (/m)\n\n";
    let event = "node 7 1.000001: 1 c: \n";
    for shift in 60..110 {
        let filling = format!("#{}\n", "x".repeat((4 << 20) - shift));
        let text = format!("{event}{stack}{filling}{event}{stack}");
        assert_eq!(samples(&text), ("main;f 2\n".to_owned(), 2, 0), "{shift}");
    }
}

#[test]
fn a_stack_without_its_event_is_one_lost_sample() {
    let text = "node 1 1.000001: 1 c:\n\t1 f (/m)\n\n???\n\t1 f (/m)\n\t2 main (/m)\n\n";
    assert_eq!(samples(text), ("f 1\n".to_owned(), 1, 1));
}

#[test]
fn modifiers_are_events_of_their_own() {
    let text = "a 1 1.000001: 1 c:u: \n\t1 f (/m)\n\na 1 1.000001: 1 c:k: \n\t1 g (/m)\n\n";
    let fold_of = |name: Option<&str>| {
        let options = Options { sample_type: name.map(str::to_owned), ..Options::default() };
        fold(&parse(text.as_bytes(), &options).unwrap())
    };
    assert_eq!(fold_of(None), "f 1\n");
    assert_eq!(fold_of(Some("c:k")), "g 1\n");
    assert_eq!(fold_of(Some("c")), "f 1\ng 1\n");
}

#[test]
fn a_line_a_sample_may_have_lines_of_sources() {
    for line in ["  main.c:12", "  node[deadbeef]", "  t.c:7 (inlined)"] {
        let sample =
            format!("            node 1 1.000001: 1 c:  4011a0 f+0x1 (/m)\n{line}\n").repeat(3);
        assert_eq!(samples(&sample), ("f 3\n".to_owned(), 3, 0), "{line}");
    }
}

#[test]
fn an_indented_event_begins_a_sample_without_an_empty_line_too() {
    let text = "            node 1 1.000001: 1 c: \n\t1 f (/m)\n\t2 main (/m)\n".repeat(3);
    assert_eq!(samples(&text), ("main;f 3\n".to_owned(), 3, 0));
}

#[test]
fn a_line_a_sample_needs_no_event() {
    let text =
        "node 1 1.000001:   212b2c3 f (/m)\nnode 1 1.000002:  5025125   212b2c3 f+0x3 (/m)\n";
    assert_eq!(samples(text), ("f 2\n".to_owned(), 2, 0));
}

#[test]
fn branches_are_no_frames() {
    let branches = "0x4011a8/0x401190/P/-/-/1  0x40118e/0x4011a0/M/-/-/0";
    let alone = format!("node 1 1.000001: 1 c:  4011a0 f+0x1 (/m)  {branches} \n").repeat(3);
    assert_eq!(samples(&alone), ("f 3\n".to_owned(), 3, 0));
    let event = "node 1 1.000001: 1 c: \n\t1 f (/m)\n";
    let below = format!("{event}  {branches} \n\n").repeat(3);
    assert_eq!(samples(&below), ("f 3\n".to_owned(), 3, 0));
}

#[test]
fn names_are_alike_whether_perf_demangles_or_not() {
    let event = "node 1 1.000001: 1 c: \n";
    let name = "v8::internal::Execution::Call";
    for symbol in [
        name.to_owned(),
        format!("{name}(v8::internal::Isolate*, v8::internal::Handle<v8::internal::Object>)"),
        "_ZN2v88internal9Execution4CallEPNS0_7IsolateE".to_owned(),
    ] {
        let text = format!("{event}\t1 {symbol}+0x1 (/usr/bin/node)\n\n");
        assert_eq!(folded(&text), format!("{name} 1\n"), "{symbol}");
    }
    // What a virtual machine calls its code is left as it is.
    let text = format!("{event}\t1 a.B.run(int)+0x1 (/tmp/perf-1.map)\n\n");
    assert_eq!(folded(&text), "a.B.run(int) 1\n");
}

#[test]
fn many_events_are_told_in_few_words() {
    let sample = |event: u32| format!("node 1 1.000001: 1 e{event}: \n\t1 f (/m)\n\n");
    let text: String = (0..100).map(sample).collect();
    let profile = parse(text.as_bytes(), &Options::default()).unwrap();
    assert_eq!(profile.total(), 1);
    assert!(profile.warnings[0].contains("e64 (1), others (35);"), "{}", profile.warnings[0]);
}
