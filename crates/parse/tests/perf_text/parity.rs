//! Raw names are those of inferno for every text, and no text loses a sample.

use super::{fold, parse, texts, unpack};
use inferno::collapse::{Collapse, perf::Folder};
use proptest::prelude::*;
use spikeflame_parse::{Error, Options};
use spikeflame_profile::{CallTree, Selection};
use std::collections::BTreeSet;

fn peer(text: &[u8]) -> String {
    let mut out = Vec::new();
    Folder::default().collapse(text, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn raw(text: &[u8]) -> String {
    match parse(text, &Options { raw_names: true, ..Options::default() }) {
        Ok(profile) => fold(&profile),
        // inferno writes nothing in this case.
        Err(Error::NoSamples { .. }) => String::new(),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn raw_names_are_those_of_inferno() {
    let texts = texts();
    assert!(texts.len() >= 8, "the samples are not there");
    for path in texts {
        let text = unpack(&path);
        let lines = peer(&text);
        // Without modules, inferno does not recognise a line of a stack.
        let empty = path.ends_with("no-module.txt.zst");
        assert_eq!(lines.is_empty(), empty, "{}", path.display());
        assert_eq!(raw(&text), lines, "{}", path.display());
    }
}

/// inferno requires a named event in the first block.
const FIRST: &str = "node 7 1.000000: 3 cycles:\n\tff f (/m)\n\n";

/// Texts that are read in unexpected ways.
const ODD: [&str; 14] = [
    // Two events: the first one counts.
    "a 1 1.000000: 5 cycles: \n\t1 f+0x1 (/m)\n\nb 1 2.000000: 7 faults: \n\t1 g (/m)\n\na 1 3.000000: 2 cycles: \n\t1 f (/m)\n\n",
    // Spaces and numbers in names.
    "V8 WorkerThread 25607 4794564.109216: cycles:\n\t1 f (/m)\n\nmy proc 12 34/56 [001] 1.000000: 3 cycles:u:\n\t1 f (/m)\n\n",
    // One line has no name, and one no process.
    " 12 1.000000: 3 cycles:\n\t1 f (/m)\n\nnode 1.000000: cycles:\n\t1 f (/m)\n\n",
    // An idle processor.
    "swapper     0 [000]  1.000000:   1 cycles: \n\tffffffff8103ce3b native_safe_halt ([kernel.kallsyms])\n\tffffffff815bf03e rest_init ([kernel.kallsyms].init.text)\n\n",
    // Java.
    "java 12688 [002] 6544038.708352: cpu-clock: \n\t7f Lorg/mozilla/javascript/ContextFactory;.call(Lorg/x;)Ljava/lang/Object; (/tmp/perf-1.map)\n\t7f Ljava/A;::a->Ljava/B;::b->c_[i] (/tmp/perf-1.map)\n\t7f start_thread (/lib/libpthread-2.15.so)\n\n",
    "node 1 1.000000: cpu-clock: \n\t7f Lorg/A;.call(I)V (/tmp/perf-1.map)\n\n",
    // Unknown symbols, of known modules and of none.
    "a 1 1.000000: 1 c: \n\t7f1e2215d058  (/lib/libc-2.15.so)\n\t1 [unknown] (/lib/x.so)\n\t1 [unknown] ([unknown])\n\t0 [unknown] (//anon)\n\n",
    // One line a sample; after a sample of another event everything is skipped.
    "a 1 1.000000: 5 cycles:  ffff f+0x1 (/m)\nb 2 1.000000: 5 cycles:u:  ffff g (/m)\nb 2 1.000000: 5 faults:  ffff h (/m)\na 1 1.000000: 5 cycles: ffff i (/m)\n\na 1 1.000000: 5 cycles: ffff j (/m)\n",
    // Parentheses that are parts of names, and others.
    "a 1 1.000000: 1 c: \n\t1 go/build.(*importReader).readByte (/m)\n\t1 f(int)::g (/m)\n\t1 v8::(anonymous namespace)::Invoke(x) (/m)\n\t1 std::function<void (int)>::operator() (/m)\n\t1 (sh) (/m)\n\t1 .run()V (/m)\n\t1 {lambda(int)#2}::f() (/m)\n\n",
    // Rust, demangled in part, and names that only look like it.
    "a 1 1.000000: 1 c: \n\t1 _$LT$std..fs..ReadDir$u20$as$u20$X$GT$::next::hc14f1750ca79129b (/m)\n\t1 a::_$u7b$$u7b$closure$u7d$$u7d$::h6e849b55a66fcd85 (/m)\n\t1 a.b..c$zz$d..e::h6e849b55a66fcd85+0x1 (/m)\n\t1 _ZN3std2rt19lang_start_internal17h540c897fe52ba9c5E (/m)\n\t1 h6e849b55a66fcd85 (/m)\n\n",
    // Semicolons, offsets, deleted files, paths with spaces.
    "a;b 1 1.000000: 1 c: \n\t1 x;y+0x (/m)\n\t1 f+0xzz (/m)\n\t1 f+0x12 (/srv/a (deleted))\n\t1 g (/my app/x)\n\tg\n\t1 g\n\n",
    // Comments, lines with only blanks, Windows' line breaks, a missing end.
    "# head\r\na 1 1.000000: 1 c: \r\n# note\n\t1 f (/m)\r\n  \t \na 1 1.000000: 1 c:\n\t1 g (/m)\n# x\n\t1 h (/m)\n\n\n\na 1 1.000000: 1 c:\n\t1 i (/m)",
    // A line that is not an event's, and a stack below it.
    "warning: x\n\t1 f (/m)\n\n   401000 main (/bin/x)\n\na 1 1.000000: 1 c:\n\t1 f (/m)\n\n",
    // A missing event, time or period; names that are the beginnings of others.
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

/// Generates names of threads.
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

/// Generates a stack's line, with lines that may be below it.
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

    /// The fields, the threads' names and the frames may be anything.
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
        prop_assert_eq!(profile.samples(), samples.len() as u64, "{}", text);
        prop_assert_eq!((profile.losses.len(), profile.threads.len()), (0, threads.len()));
        prop_assert_eq!(profile.sources[0].end_us, samples.len() as u64 - 1);
    }

    /// Every event's line is a sample of the first event or reported as left out.
    #[test]
    fn no_sample_is_lost_in_any_text(text in soup(), tail in soup()) {
        let text = format!("{FIRST}{text}\n\n{tail}");
        let options = Options { format: "perf-text".parse().ok(), ..Options::default() };
        let profile = parse(text.as_bytes(), &options).unwrap();
        let tree = CallTree::build(&profile, &Selection::default());
        prop_assert_eq!(tree.total() + tree.left_out().total(), profile.total());
    }
}
