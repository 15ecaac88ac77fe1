//! The forms of lines, one rule after the other; and damage.

use super::common::root;
use super::{fold, folded, parse, unpack};
use spikeflame_parse::{Count, Options};
use spikeflame_profile::{CallTree, Inlining, Selection, Zero};

#[test]
fn torn_text_is_counted_and_the_rest_kept() {
    let text = "node 1 1.000000: 1 c:\n\t1 f (/m)\nnode 1 1.100000: 1 c:\n\t1 g (/m)\n\ngarbage\n\n\
        node 1 1.200000: 1 c:\n\t1 f (/m)\n\tsome words\n\t1 main (/m)\n\nnode 1 1.300000: 1 c:\n\n";
    let profile = parse(text.as_bytes(), &Options::default()).unwrap();
    assert_eq!(fold(&profile), "(unresolved) 1\nf 1\ng 1\nmain;f 1\n");
    let losses: Vec<_> = profile.losses.iter().map(|l| (l.reason, l.count, l.first)).collect();
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

/// Returns folded stacks, samples, and lost samples.
fn samples(text: &str) -> (String, u64, u64) {
    let profile = parse(text.as_bytes(), &Options::default()).unwrap();
    let lost = profile.losses.iter().map(|loss| loss.samples).sum();
    (fold(&profile), profile.total(), lost)
}

#[test]
fn a_threads_name_may_look_like_anything() {
    for name in ["my app: 3", "api v1.5: x", "# hash", "#", "rel 2.5:", "x 1234", "bad", "w:1 2"] {
        for (time, processor) in [("1.000001: ", ""), ("1.000001: ", "[000] "), ("", "[000] ")] {
            let event = format!("{name} 7 {processor}{time}1 cpu-clock: ");
            let text = format!(
                "node 7 {processor}{time}1 cpu-clock: \n\t1 f (/m)\n\n{event}\n\t1 f (/m)\n\n{event}\n\t1 g (/m)\n"
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
    // Events follow perf's notes, and samples that are left out.
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
        profile.warnings.iter().any(|w| w.to_string().contains("perf lost 86 records")),
        "{:?}",
        profile.warnings
    );
}

/// The error was: with `--show-mmap-events`, a recording of all processes begins with so many records that no
/// sample was seen, and was refused as one without stacks.
#[test]
fn many_records_may_come_before_the_first_sample() {
    let record =
        "swapper 0 [000] 0.000000: PERF_RECORD_MMAP -1/0: [0x1000(0x10) @ 0]: x [kernel]_text\n";
    let text = format!("{}node 7 1.000001: 1 c: \n\t1 f (/m)\n\n", record.repeat(2000));
    assert_eq!(samples(&text), ("f 1\n".to_owned(), 1, 0));
}

/// The error was: without the field `event` (`-F comm,tid,time,period,ip,sym,dso`) the period was
/// not read, and each sample counted 1.
#[test]
fn a_period_without_an_event_is_a_period() {
    let with_stack = "node 7 1.000001:    1001001 \n\t  1f f (/m)\n\t 2a main (/m)\n\n\
                      node 7 1.000002:    7 \n\t  1f f (/m)\n\n";
    assert_eq!(samples(with_stack), ("f 7\nmain;f 1001001\n".to_owned(), 1_001_008, 0));
    let alone = "node 7 1.000001:    1001001      7f9f47cd52bf f (/m)\n\
                 node 7 1.000002:          7  ffffffff821f304b g (/m)\n";
    assert_eq!(samples(alone), ("f 1001001\ng 7\n".to_owned(), 1_001_008, 0));
    // An address of decimal digits is no period.
    let without = "node 7 1.000001: \n\t 401100 add (/m)\n\nnode 7 1.000002: 401100 add (/m)\n";
    assert_eq!(samples(without).1, 2);
}

#[test]
fn messages_before_the_samples_do_not_hide_them() {
    let text = "[ perf record: Woken up 1 times to write data ]\naddr2line: x\nWarning:\n\n\
        node 7 1.000001: 1 c: \n\t1 f (/m)\n\n";
    assert_eq!(samples(text).1, 1);
    let error = parse(b"\t1a f (/m)\n\t2b g (/m)\n\n\t1a f (/m)\n", &Options::default());
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
        let collapsed = Selection { inlined: Inlining::Collapse, ..Selection::default() };
        let tree = CallTree::build(&profile, &collapsed);
        let mut text = Vec::new();
        folded::write(&tree, &mut text).unwrap();
        assert_eq!(text, format!("main {all}\n").into_bytes());
    }
}

#[test]
fn a_stack_may_begin_where_bytes_are_taken_anew() {
    // The text is read in parts of 4 MiB, in whole lines.
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

/// The error was: the number of a thread was its period when the thread's name ends with a number.
#[test]
fn a_text_without_times_and_periods_has_threads_whose_names_end_with_numbers() {
    let sample = |thread: &str| format!("{thread} c:u: \n\t1 f (/m)\n\n");
    let text = [sample("node 7"), sample("V8 Worker 12 9"), sample("node 7")].concat();
    let profile = parse(text.as_bytes(), &Options::default()).unwrap();
    let threads: Vec<_> = profile.threads.iter().map(|thread| thread.name.as_str()).collect();
    assert_eq!((threads, profile.total()), (vec!["node 7", "V8 Worker 12 9"], 3));
    assert_eq!(profile.warnings, []);
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
    // Names of generated code do not change.
    let text = format!("{event}\t1 a.B.run(int)+0x1 (/tmp/perf-1.map)\n\n");
    assert_eq!(folded(&text), "a.B.run(int) 1\n");
}

#[test]
fn many_events_are_told_in_few_words() {
    let sample = |event: u32| format!("node 1 1.000001: 1 e{event}: \n\t1 f (/m)\n\n");
    let text: String = (0..100).map(sample).collect();
    let profile = parse(text.as_bytes(), &Options::default()).unwrap();
    assert_eq!(profile.total(), 1);
    assert!(
        profile.warnings[0].to_string().ends_with("e64 (1), others (35)"),
        "{}",
        profile.warnings[0]
    );
}

/// Returns weight, unit and lost samples of a text.
fn weighed(text: &str, count: Count) -> (u64, String, u64) {
    let profile = parse(text.as_bytes(), &Options { count, ..Options::default() }).unwrap();
    (profile.total(), profile.sources[0].unit.clone(), profile.unreadable())
}

#[test]
fn samples_weigh_their_periods_in_the_unit_of_their_event() {
    let text = |event: &str, periods: &[&str]| {
        let sample = |period: &&str| format!("node 7 1.000001: {period} {event}: \n\t1 f (/m)\n\n");
        periods.iter().map(sample).collect::<String>()
    };
    let many = ["1", "5", "700"];
    for (event, unit) in [
        ("page-faults:u", "page-faults"),
        ("cycles", "cycles"),
        ("task-clock:ppp", "nanoseconds"),
        ("sched:sched_switch", "sched:sched_switch events"),
    ] {
        let text = text(event, &many);
        assert_eq!(weighed(&text, Count::Weights), (706, unit.to_owned(), 0));
        assert_eq!(weighed(&text, Count::Samples), (3, "samples".to_owned(), 0));
    }
    // perf writes this form without periods.
    assert_eq!(weighed(&text("cycles", &["", ""]), Count::Weights), (2, "samples".to_owned(), 0));
    // Some have no period among others, or one that cannot be true.
    let torn = text("cycles", &["3", "", "0", "18446744073709551615", "4"]);
    assert_eq!(weighed(&torn, Count::Weights), (7, "cycles".to_owned(), 3));
    assert_eq!(weighed(&torn, Count::Samples), (5, "samples".to_owned(), 0));
}

/// The error was: such a sample was read as one of an event called `1.0`.
#[test]
fn times_may_have_fewer_decimals_than_perf_writes() {
    let text = "node 1 1.0: 1 cpu-clock:\n\t10 f (/m)\n\nnode 1 1.25: 1 cpu-clock:\n\t10 g (/m)\n\n\
                node 1/2 [003] 2: 1 cpu-clock:\n\t10 g (/m)\n\n";
    let profile = parse(text.as_bytes(), &Options::default()).unwrap();
    assert_eq!((profile.samples(), profile.unreadable()), (3, 0));
    let source = &profile.sources[0];
    assert!(source.timed);
    assert_eq!((source.end_us, source.zero), (1_000_000, Zero::Monotonic(1_000_000)));
    assert_eq!(source.event, "cpu-clock");
}

#[test]
fn interpreted_functions_without_names_are_warned_of() {
    let text = |caller: &str| {
        format!(
            "node 1 1.000000: 1 cpu-clock:\n\t10 JS:*b /b.js:1:1 (/tmp/perf-1.map)\n\
             \t20 Builtin:InterpreterEntryTrampoline (/tmp/perf-1.map)\n\
             \t30 {caller} (/tmp/perf-1.map)\n\n"
        )
    };
    for (caller, warns) in [("JS:*a /b.js:2:1", true), ("JS:~a /b.js:2:1", false)] {
        let profile = parse(text(caller).as_bytes(), &Options::default()).unwrap();
        let warned =
            profile.warnings.iter().any(|w| w.to_string().contains("which have no names here"));
        assert_eq!(warned, warns, "{caller}: {:?}", profile.warnings);
    }
}

/// The error was: the notes of `perf script --show-round-events` were lines that could not be read.
#[test]
fn notes_of_rounds_are_no_events() {
    let round = "PERF_RECORD_FINISHED_ROUND\n";
    let sample = "node  33 336.405: 5 cycles: \n\t    401800 main (/bin/t)\n\n";
    let text = format!("{round}{sample}{round}{sample}{round}");
    assert_eq!(samples(&text), ("main 10\n".to_owned(), 10, 0));
}

/// The error was: instructions between branches (`-F +brstackinsn`) became frames or events.
#[test]
fn the_code_between_branches_is_no_stack() {
    let code = "\tf3+31:\n\t0000000000401774\tinsn: eb 04   \tbr_cntr: AA\t# PRED 5 cycles [5]\n\
        \t000000000040177a\tcmpl  $0x270f, -0x4(%rbp)\n\tmain:\tt.c:12\n\
        \t0000000000401766\tinsn: 8b 45 fc\t# MISPRED 7 cycles [14] 0.43 IPC\n\
        \t... not reaching sample ...\n";
    let event = "node  33 [001] 336.405: 5 cycles:ppp: ";
    let single = format!("          401781 f3+0x2c (/bin/t)\n{code}\n");
    let stack = format!(
        "\n\t          401781 f3+0x2c (/bin/t)\n\t          401800 main (/bin/t)\n\n{code}\n"
    );
    for (body, expected) in [(single, "f3 15\n"), (stack, "main;f3 15\n")] {
        let text = format!("{event}{body}").repeat(3);
        let profile = parse(text.as_bytes(), &Options::default()).unwrap();
        assert_eq!(fold(&profile), expected, "{text}");
        assert!(profile.losses.is_empty(), "{:?}", profile.losses);
        assert!(profile.warnings.is_empty(), "{:?}", profile.warnings);
    }
}

/// The error was: text of `--show-round-events`, which perf writes in any order, was called two recordings,
/// and samples before the first one had its time.
#[test]
fn samples_may_be_in_any_order_behind_a_note_of_rounds() {
    let sample = |at: u64| format!("node 7 {}.000000: 1 c: \n\t1 f (/m)\n\n", 100 + at);
    let times = || (10..30).chain(0..10);
    let text: String = times().map(sample).collect();
    let marked = format!("{}PERF_RECORD_FINISHED_ROUND\n{text}", sample(10));
    for (text, told, count) in [(text, 1, 30), (marked, 0, 31)] {
        let profile = parse(text.as_bytes(), &Options::default()).unwrap();
        let samples = &profile.threads[0].samples;
        let (first, last) = (samples.iter().next().unwrap().0.time_us, samples.last().unwrap());
        assert_eq!((samples.len(), first, last.time_us), (count, 0, 29_000_000));
        assert_eq!(profile.sources[0].zero, Zero::Monotonic(100_000_000));
        assert_eq!(profile.sources[0].end_us, 29_000_000);
        assert_eq!(profile.warnings.len(), told, "{:?}", profile.warnings);
        assert!(profile.losses.is_empty());
    }
}

/// The error was: names with spaces in branches, and sizes of pages, were unknown lines.
#[test]
fn fields_behind_a_stack_are_no_frames() {
    let event = "node 7 1.000001: 1 c: ";
    for field in [
        " operator new(unsigned long)+0x8/f(int, char)+0x1/P/-/-/0/CALL/-  [unknown]/g+0x1/M/-/-/2 ",
        " N/A",
        " 4K 2M",
        " ABI:2    AX:0x4    BX:0x100 ",
    ] {
        let text = format!("{event}\n\t1 f (/m)\n\t2 main (/m)\n{field}\n");
        assert_eq!(samples(&text.repeat(2)), ("main;f 2\n".to_owned(), 2, 0), "{field}");
        let profile = parse(text.as_bytes(), &Options::default()).unwrap();
        assert!(profile.losses.is_empty(), "{field}: {:?}", profile.losses);
    }
    let branches = "operator new(unsigned long)+0x8/main+0x1/P/-/-/0";
    let text = format!("{event} 4011a0 f+0x1 (/m) {branches} {branches} \n").repeat(2);
    assert_eq!(samples(&text), ("f 2\n".to_owned(), 2, 0));
}

/// The error was: times of `--deltatime` were taken for those of a clock.
#[test]
fn times_since_the_event_before_are_not_used() {
    let sample = |at: u64| format!("node 7 0.00{at}: 1 c: \n\t1 f{at} (/m)\n\n");
    let steps = [9000, 1004, 1001, 1003, 1002, 1005, 1001, 1006, 1000, 1002];
    let profile = parse(steps.map(sample).concat().as_bytes(), &Options::default()).unwrap();
    let source = &profile.sources[0];
    assert_eq!((source.timed, source.end_us, source.zero), (false, 0, Zero::Unknown));
    assert!(profile.threads[0].samples.iter().all(|(sample, _)| sample.time_us == 0));
    assert!(profile.warnings[0].to_string().contains("--deltatime"), "{:?}", profile.warnings);
}
