//! Real texts: every sample is there, with the name from V8's own log.

use super::common;
use super::common::root;
use super::{folded, parse, texts, unpack};
use spikeflame_parse::Options;
use spikeflame_profile::warning::PerfFact;
use spikeflame_profile::{CallTree, Profile, Selection, Zero};
use std::collections::BTreeSet;

#[test]
fn every_sample_of_a_recording_is_there() {
    for path in texts() {
        let text = unpack(&path);
        let lines = String::from_utf8_lossy(&text).into_owned();
        // An event's line follows an empty line; in this text every line is one.
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
        assert_eq!(profile.samples(), count as u64, "{}", path.display());
        assert_eq!(profile.losses, [], "{}", path.display());
        let told =
            profile.warnings.iter().any(|warning| warning.to_string().contains("; left out: "));
        assert_eq!(told, count < events.len(), "{}", path.display());
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        println!("{name}: {count} samples of {wanted}, {} threads", profile.threads.len());
    }
}

/// The error was: the first event of a text was read, also when it was not CPU time, and of the perf.data
/// another one.
#[test]
fn cpu_time_is_read_before_other_events_and_these_when_they_are_named() {
    let text = unpack(&root("samples/perf-text/several-events.txt.zst"));
    let of = |event: Option<&str>| {
        let sample_type = event.map(str::to_owned);
        parse(&text, &Options { sample_type, ..Options::default() }).unwrap()
    };
    let [chosen, clock, faults] = [None, Some("cpu-clock"), Some("page-faults")].map(of);
    let sources = [&chosen, &clock, &faults].map(|profile| profile.sources[0].clone());
    assert_eq!(sources[2].producer, "perf page-faults");
    assert_eq!((sources[0].producer.as_str(), &sources[0]), ("perf cpu-clock", &sources[1]));
    let size = |of: &Profile| (of.total(), of.samples(), of.threads.len());
    assert_eq!(size(&chosen), size(&clock));
    let left_out = format!("left out: page-faults ({})", faults.samples());
    assert!(chosen.warnings[0].to_string().contains(&left_out), "{}", chosen.warnings[0]);
    let error = parse(&text, &Options { sample_type: Some("cycles".into()), ..Options::default() });
    let error = error.unwrap_err().to_string();
    assert!(error.contains("cycles") && error.contains("page-faults"), "{error}");
}

/// The error was: of a machine with two kinds of cores only one was read, and the cycles of ARM's cores
/// were not called cycles.
#[test]
fn one_event_on_several_kinds_of_cores_is_read_as_one() {
    let text = |first: &str, second: &str| {
        let sample = |at: u32, event: &str| format!("n 1 1.00000{at}: 5 {event}:\n\t1 f (/m)\n\n");
        [sample(1, first), sample(2, second), sample(3, second), sample(4, "page-faults")].concat()
    };
    for (first, second) in [
        ("cpu_core/cycles/P", "cpu_atom/cycles/P"),
        ("armv8_cortex_a53/cycles/", "armv8_cortex_a73/cycles/"),
    ] {
        let profile = parse(text(first, second).as_bytes(), &Options::default()).unwrap();
        assert_eq!((profile.total(), profile.sources[0].unit.as_str()), (15, "cycles"));
        assert!(profile.warnings[0].to_string().contains("left out: page-faults (1)"));
        // Each of them, or both, can be named.
        for (asked, total) in [("cycles", 15), (second, 10)] {
            let sample_type = Some(asked.to_owned());
            let options = Options { sample_type, ..Options::default() };
            let profile = parse(text(first, second).as_bytes(), &options).unwrap();
            assert_eq!(profile.total(), total, "{asked}");
        }
    }
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
    // For a function that is not interpreted, the trampoline is a callee.
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

/// Lines of perf 6.1 for two modules of Node 24, each with one function.
fn of_two_modules(of: fn(&str, u64) -> String) -> Vec<String> {
    let hits = [0x11f2_650b_6941_u64, 0x11f2_650b_6955, 0x11f2_650b_7941];
    let sample = |(at, &hit): (usize, &u64)| {
        let line = of("JS:wasm-function[0]-0-turbofan", hit);
        format!("node 9/9 1.{at:06}: 1 cpu-clock:\n\t{hit:x} {line}\n\n")
    };
    hits.iter().enumerate().map(sample).collect()
}

/// The error was: functions of several modules that `eval` ran were one row in silence.
#[test]
fn functions_of_several_scripts_of_eval_are_not_one_in_silence() {
    let warned = |places: u64| {
        let sample = |at: u64| {
            let hit = 0x7f43_ac07_6000 + at * 0x200 + 0x18;
            format!(
                "node 9/9 1.{at:06}: 1 cpu-clock:\n\t{hit:x} JS:*inner :10:15+0x18 (/tmp/perf-9.map)\n\n"
            )
        };
        let text: String = (0..places).map(sample).collect();
        let profile = parse(text.as_bytes(), &Options::default()).unwrap();
        profile.warnings.into_iter().map(|warning| warning.fact).collect::<Vec<_>>()
    };
    let functions = vec!["inner <eval>:10:15".to_owned()];
    assert_eq!(warned(8), [PerfFact::SeveralModules { functions }.into()]);
    assert_eq!(warned(4), []);
}

#[test]
fn wasm_functions_of_several_modules_are_not_one_in_silence() {
    let warned = |text: &str| {
        let profile = parse(text.as_bytes(), &Options::default()).unwrap();
        let facts = profile.warnings.iter().map(|warning| warning.fact.clone());
        facts.collect::<Vec<_>>()
    };
    let functions = vec!["wasm-function[0]".to_owned()];
    let several = [PerfFact::SeveralModules { functions }.into()];
    let lines = of_two_modules(|name, hit| format!("{name}+0x{:x} (/tmp/perf-9.map)", hit & 0x7f));
    assert_eq!(warned(&lines.concat()), several);
    assert_eq!(warned(&lines[..2].concat()), []);
    // Another process has the module at another address.
    let other = lines[2].replace("node 9/9", "node 8/8").replace("perf-9", "perf-8");
    assert_eq!(warned(&format!("{}{other}", lines[0])), []);
    // The addresses in the files of `perf inject --jit` start anew.
    let code = |name: &str, hit: u64| {
        format!("{name}+0x1 (/tmp/.debug/jitted-9-{}.so)", u64::from(hit > 0x11f2_650b_7000))
    };
    assert_eq!(warned(&of_two_modules(code).concat()), several);
    // Without offsets, only the distance of the addresses is known.
    let bare = of_two_modules(|name, _| format!("{name} (/tmp/perf-9.map)"));
    assert_eq!(warned(&bare.concat()), []);
    let far = bare[2].replace("11f2", "22f2");
    assert_eq!(warned(&format!("{}{far}", bare[0])), several);
}

/// The error was: samples were shown without a function and without a word.
#[test]
fn a_text_without_any_name_is_reported() {
    let facts = |text: &str| {
        let profile = parse(text.as_bytes(), &Options::default()).unwrap();
        assert_eq!(profile.samples(), 2, "{text}");
        profile.warnings.into_iter().map(|warning| warning.fact).collect::<Vec<_>>()
    };
    let no_symbol = "c 7 1.5: cpu-clock: \n\t    117c\n\n c 7 1.6: cpu-clock: \n\t   11c4\n\n";
    assert_eq!(facts(no_symbol), [PerfFact::NoNames.into()]);
    assert_eq!(facts(&no_symbol.replace("117c", "117c main (/c)")), []);
}

/// The error was: the bytes of instructions were counted as lines that cannot be read.
#[test]
fn bytes_of_instructions_and_lines_of_the_source_are_no_frames() {
    let text = "c 7 1.5: 9 cpu-clock: \n\t    117c leafy+0x43 (/c)\n  c.c:2\n\t    11c4 main+0x20 (/c)\n\
                \x20 c.c:3\n\n|2   double leafy(int n) {\nc 7 1.6: 9 cpu-clock: \n\t    1180 leafy+0x47 (/c)\n\
                \x20insn: f2 0f 58 c1\nc 7 1.7: 9 cpu-clock: \n\t    1180 leafy+0x47 (/c)\n insn: f2 0f\n";
    let profile = parse(text.as_bytes(), &Options::default()).unwrap();
    assert_eq!((profile.total(), profile.losses.len()), (27, 0), "{:?}", profile.losses);
}

/// The error was: a text whose lines had lost their indentation was not recognised.
#[test]
fn frames_need_no_indentation() {
    let text = "java 19983 cycles:\nffffffff8103d0ca native_write_msr_safe ([kernel.kallsyms])\n\
                7f722d119786 Ljava/io/FileOutputStream;::writeBytes (/tmp/perf-19982.map)\n\n\
                java 19983 cycles:\n7f7241fbe6d8 main (/usr/lib/libjava.so)\n\n";
    let profile = parse(text.as_bytes(), &Options::default()).unwrap();
    assert_eq!((profile.samples(), profile.losses.len()), (2, 0));
}

/// Returns the facts about times that go back and about periods that are not used.
fn signs(text: &[u8]) -> Vec<String> {
    let profile = parse(text, &Options::default()).unwrap();
    let facts = profile.warnings.iter().map(ToString::to_string);
    facts.filter(|fact| fact.contains("go back") || fact.contains("has no period")).collect()
}

#[test]
fn a_text_that_was_appended_to_another_is_told() {
    for path in texts() {
        let text = unpack(&path);
        assert_eq!(signs(&text), Vec::<String>::new(), "{}", path.display());
        let profile = parse(&text, &Options::default()).unwrap();
        if profile.is_timed() && profile.sources[0].end_us > 0 && profile.samples() > 20 {
            let told = signs(&[&text[..], b"\n", &text].concat());
            assert!(told.len() == 1 && told[0].contains("several recordings"), "{told:?}");
        }
    }
}

#[test]
fn periods_that_are_not_used_are_told() {
    let sample = |period: &str, at: u32| {
        format!("node 7 [000] {at}.500000: {period} cpu-clock: \n\t1234 f (/bin/x)\n\n")
    };
    let text = [sample("", 1), sample("250", 2), sample("250", 3)].concat();
    let told = signs(text.as_bytes());
    assert!(told.len() == 1 && told[0].contains("although 2 have one"), "{told:?}");
    let text = [sample("250", 1), sample("250", 2)].concat();
    assert_eq!(signs(text.as_bytes()), Vec::<String>::new());
}
