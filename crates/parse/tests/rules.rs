//! The rules of `docs/v8-log.md`, one by one, on the smallest logs that need them.

use spikeflame_parse::{Options, read_stream};
use spikeflame_profile::warning::{Fact, V8Fact};
use spikeflame_profile::{CallTree, Idle, Profile, Selection, folded};
use std::path::Path;

/// Reads a log of Node 20 with these lines.
fn profile(lines: &str) -> Profile {
    let log = format!(
        "v8-version,11,3,244,8,-node.38,0\nshared-library,/opt/bin/node,0x400000,0x2000000,0\n\
         new,CodeRange,0x7f0000000000,0\nprofiler,begin,1000\n\
         code-creation,Builtin,2,1,0x1000000,256,ArrayMap\n\
         code-creation,BytecodeHandler,2,1,0x1000100,256,LdaZero\n\
         code-creation,JS,10,1,0x1000,256,f /a.js:1:1,0x9000,~\n\
         code-creation,JS,10,1,0x2000,256,g /a.js:2:1,0x9100,~\n{lines}\nprofiler,end\n"
    );
    let options = Options { threads: 1, ..Options::default() };
    let profile = read_stream(log.as_bytes(), Path::new("x.log"), &options).unwrap();
    assert!(profile.losses.is_empty(), "{:?}", profile.losses);
    profile
}

/// Returns folded stacks, with marks and idle, of a log of Node 20 with these lines.
fn fold(lines: &str) -> String {
    let profile = profile(lines);
    let selection = Selection { idle: Idle::Keep, annotate: true, ..Selection::default() };
    let mut text = Vec::new();
    folded::write(&CallTree::build(&profile, &selection), &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

#[test]
fn code_wins_over_the_library_that_it_lies_in() {
    assert_eq!(fold("tick,0x1000010,1,0,0x0,0,0x1010"), "f /a.js:1:1;Builtin: ArrayMap 1\n");
    assert_eq!(fold("tick,0x1800000,1,0,0x0,0,0x1010"), "f /a.js:1:1;node 1\n");
}

#[test]
fn a_copied_builtin_is_named_and_one_elsewhere_is_some_builtin() {
    // The copy is 512 MiB after the range's start, minus 512 bytes rounded up to 256 KiB.
    let copy = 0x7f00_0000_0000u64 + (512 << 20) - (256 << 10);
    assert_eq!(
        fold(&format!("tick,{:#x},1,0,0x0,0,0x1010", copy + 16)),
        "f /a.js:1:1;Builtin: ArrayMap 1\n"
    );
    assert_eq!(fold(&format!("tick,{:#x},1,0,0x0,0,0x1010", copy + 0x110)), "f /a.js:1:1 1\n");
    assert_eq!(fold("tick,0x7f0000400000,1,0,0x0,0,0x1010"), "f /a.js:1:1;(builtin) 1\n");
    assert_eq!(
        fold("tick,0x6f0000400000,1,0,0x0,0,0x1010"),
        "f /a.js:1:1;(native code loaded later) 1\n"
    );
}

#[test]
fn states_add_their_frame() {
    assert_eq!(fold("tick,0x1800000,1,0,0x0,1"), "(garbage collector) 1\n");
    assert_eq!(fold("tick,0x1800000,1,0,0x0,3,0x1010"), "f /a.js:1:1;(compiler) 1\n");
    assert_eq!(fold("tick,0x1800000,1,0,0x0,4,0x1010"), "f /a.js:1:1;(compiler) 1\n");
    assert_eq!(fold("tick,0x1800000,1,0,0x0,8"), "(idle) 1\n");
    assert_eq!(fold("tick,0x1800000,1,0,0x0,7,0x1010"), "f /a.js:1:1;(idle) 1\n");
    assert_eq!(fold("tick,0x0,1,0,0x0,5"), "(program) 1\n");
    assert_eq!(fold("tick,0x1010,1,0,0x0,77"), "f /a.js:1:1 1\n", "a state to come");
}

#[test]
fn a_callback_stands_above_where_it_was() {
    // Both are the same library without symbols: one frame.
    assert_eq!(fold("tick,0x1800000,1,1,0x1900000,6,0x1010"), "f /a.js:1:1;node 1\n");
    let two = "shared-library,/lib/libc.so.6,0x7e0000000000,0x7e0000100000,0";
    let tick = "tick,0x7e0000000010,1,1,0x1900000,6,0x1010";
    assert_eq!(fold(&format!("{two}\n{tick}")), "f /a.js:1:1;node;libc.so.6 1\n");
}

#[test]
fn the_top_of_the_stack_is_a_caller_without_a_frame_yet() {
    assert_eq!(
        fold("tick,0x1000010,1,0,0x2010,0,0x1010"),
        "f /a.js:1:1;g /a.js:2:1;Builtin: ArrayMap 1\n"
    );
}

#[test]
fn old_logs_count_frames_from_the_program_counter() {
    // 0x2010 + 0 is g; the next distance leads back to f.
    assert_eq!(fold("tick,0x2010,1,0,0x0,0,-0x1000"), "f /a.js:1:1;g /a.js:2:1 1\n");
    assert_eq!(fold("tick,0x1010,1,0,0x0,0,overflow,+0x1000"), "g /a.js:2:1;f /a.js:1:1 1\n");
}

#[test]
fn inlined_functions_are_found_at_the_leaf_and_at_return_addresses() {
    let code = "code-creation,JS,13,2,0x5000,256,f /a.js:1:1,0x9000,*\n\
                code-source-info,0x5000,1,0,99,C0O1C16O2I0C32O3,F0O5,S0x9100";
    let at = |pc: &str| fold(&format!("{code}\ntick,{pc},1,0,0x0,0"));
    assert_eq!(at("0x5000"), "f /a.js:1:1_[j] 1\n");
    assert_eq!(at("0x5010"), "f /a.js:1:1_[j];g /a.js:2:1_[i] 1\n");
    assert_eq!(at("0x5020"), "f /a.js:1:1_[j] 1\n");
    // A return address of 0x5020 is after a call in g.
    let called = fold(&format!("{code}\ntick,0x1000010,1,0,0x0,0,0x5020"));
    assert_eq!(called, "f /a.js:1:1_[j];g /a.js:2:1_[i];Builtin: ArrayMap 1\n");
    // The function's current address counts, not the one of its first record.
    let moved = format!("sfi-move,0x9100,0x9900\n{}", code.replace("S0x9100", "S0x9900"));
    assert!(fold(&format!("{moved}\ntick,0x5010,1,0,0x0,0")).contains("g /a.js:2:1_[i]"));
}

#[test]
fn moved_and_overwritten_code_is_what_lies_there_now() {
    let tick = "tick,0x1010,1,0,0x0,0";
    assert_eq!(
        fold(&format!("{tick}\ncode-move,0x2000,0x1000\n{tick}")),
        "f /a.js:1:1 1\ng /a.js:2:1 1\n"
    );
    let over = "code-creation,JS,10,1,0x10f0,32,h /a.js:3:1,0x9200,~";
    assert_eq!(fold(&format!("{tick}\n{over}\n{tick}")), "(unresolved) 1\nf /a.js:1:1 1\n");
    assert_eq!(fold(&format!("code-delete,0x1000\n{tick}")), "(unresolved) 1\n");
}

#[test]
fn the_interpreters_entry_is_the_function_it_was_copied_for() {
    let entry = "code-creation,JS,2,1,0x6000,64,g /a.js:2:1,0x9100,~";
    let in_g = fold(&format!("{entry}\ntick,0x6010,1,0,0x0,0,0x2010,0x1010"));
    assert_eq!(in_g, "f /a.js:1:1;g /a.js:2:1 1\n");
    let calling_g = fold(&format!("{entry}\ntick,0x6010,1,0,0x0,0,0x1010"));
    assert_eq!(calling_g, "f /a.js:1:1;g /a.js:2:1 1\n");
}

#[test]
fn webassembly_has_its_names_and_its_jump_table() {
    let code = "code-creation,JS,5,1,0x30001000,64,hot\\x2C loop,0x9300,*";
    assert_eq!(
        fold(&format!("{code}\ntick,0x30001010,1,0,0x0,0,0x1010")),
        "f /a.js:1:1;hot, loop_[j] 1\n"
    );
    assert_eq!(
        fold(&format!("{code}\ntick,0x30000000,1,0,0x0,0,0x1010")),
        "f /a.js:1:1;(jump table) 1\n"
    );
}

/// The error was: functions of a `.ts` file that ts-node compiled were shown at their compiled places
/// without a word, when the log contained no text of the script.
#[test]
fn a_runner_is_named_when_the_scripts_have_no_map() {
    let log = |script: &str| {
        format!(
            "v8-version,11,3,244,8,-node.38,0\nshared-library,/opt/bin/node,0x400000,0x2000000,0\n\
             profiler,begin,1000\n{script}\
             code-creation,JS,10,1,0x1000,256,f /srv/a.ts:1:1,0x9000,~\n\
             code-creation,JS,10,1,0x2000,256,g /srv/node_modules/ts-node/dist/index.js:2:1,0x9100,~\n\
             tick,0x1010,1,0,0x0,0,0x2010\ntick,0x1010,2,0,0x0,0,0x2010\nprofiler,end\n"
        )
    };
    let told = |logs: &[String]| {
        let folder = tempfile::tempdir().unwrap();
        for (number, log) in logs.iter().enumerate() {
            std::fs::write(folder.path().join(format!("{number}-v8.log")), log).unwrap();
        }
        let options = Options { threads: 1, ..Options::default() };
        let profile = spikeflame_parse::read(&[folder.path().to_owned()], &options).unwrap();
        let told = profile.warnings.iter().map(ToString::to_string);
        told.filter(|told| told.contains("compiled the program while it ran")).count()
    };
    // {"version":3,"sources":["a.ts"],"mappings":"AAAA"}
    let map = "data:application/json;base64\\x2ceyJ2ZXJzaW9uIjozLCJzb3VyY2VzIjpbImEudHMiXSwibWFwcGluZ3MiOiJBQUFBIn0=";
    let script = format!("script-source,1,/srv/a.ts,f()\\n//# sourceMappingURL={map}\n");
    let other = log("").replace("0x1010,2", "0x1010,3");
    assert_eq!(told(&[log("")]), 1);
    assert_eq!(told(&[log(""), other]), 1);
    assert_eq!(told(&[log(&script)]), 0);
}

/// The error was: one byte of a path that is not UTF-8 made the whole copy of the mappings unread.
#[test]
fn mappings_beside_a_log_may_have_paths_that_are_not_utf8() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("isolate-0x5581-12-v8.log");
    let text = "v8-version,11,3,244,8,-node.38,0\nshared-library,/opt/bin/node,0x400000,0x2000000,0\n\
                shared-library,/lib/libc.so.6,0x7f0000000000,0x7f0000100000,0\n\
                profiler,begin,1000\ntick,0x7e0000000010,1,0,0x0,6\nprofiler,end\n";
    std::fs::write(&log, text).unwrap();
    let maps = b"7f0000000000-7f0000100000 r-xp 00000000 08:01 1 /lib/libc.so.6\n\
                 7d0000000000-7d0000001000 r--p 00000000 08:01 2 /srv/\xe9.dat\n\
                 7e0000000000-7e0000001000 r-xp 00000000 08:01 3 /srv/addon.node\n";
    std::fs::write(folder.path().join("maps"), maps).unwrap();
    let profile = spikeflame_parse::read(&[log], &Options::default()).unwrap();
    let mut folded = Vec::new();
    folded::write(&CallTree::build(&profile, &Selection::default()), &mut folded).unwrap();
    assert_eq!(String::from_utf8(folded).unwrap(), "addon.node 1\n");
}

/// Returns the folded stacks of a log with these ticks, whose times are numbered. In all of them, `f` calls
/// `g` just before 0x1010, and `ArrayMap` just before 0x1020.
fn below_f(ticks: &[&str]) -> String {
    let numbered = ticks.iter().zip(1..).map(|(tick, us)| tick.replace("US", &us.to_string()));
    fold(&numbered.collect::<Vec<_>>().join("\n"))
}

#[test]
fn the_function_that_called_a_builtin_without_a_frame_is_put_back() {
    // Another tick shows that this call entered `g`.
    let calls_g = "tick,0x2010,US,0,0x0,0,0x1010";
    let builtin = "tick,0x1000010,US,0,0x0,0,0x1010";
    assert_eq!(
        below_f(&[builtin, calls_g]),
        "f /a.js:1:1;g /a.js:2:1 1\nf /a.js:1:1;g /a.js:2:1;Builtin: ArrayMap 1\n"
    );
    // `f` itself calls the builtin, at another place.
    let direct = "tick,0x1000020,US,0,0x0,0,0x1020";
    assert_eq!(
        below_f(&[direct, calls_g]),
        "f /a.js:1:1;Builtin: ArrayMap 1\nf /a.js:1:1;g /a.js:2:1 1\n"
    );
    // Most ticks at this instruction have a return address that entered no function, so it has a frame.
    let framed = "tick,0x1000010,US,0,0x0,0,0x1020";
    assert_eq!(
        below_f(&[builtin, calls_g, framed, framed]),
        "f /a.js:1:1;Builtin: ArrayMap 3\nf /a.js:1:1;g /a.js:2:1 1\n"
    );
    // The call enters several functions.
    let other =
        "code-creation,JS,10,1,0x3000,256,h /a.js:3:1,0x9200,~\ntick,0x3010,US,0,0x0,0,0x1010";
    assert_eq!(
        below_f(&[builtin, calls_g, other]),
        "f /a.js:1:1;(caller not logged);Builtin: ArrayMap 1\nf /a.js:1:1;g /a.js:2:1 1\n\
         f /a.js:1:1;h /a.js:3:1 1\n"
    );
    // `h`, which `g` calls, had no frame yet in one tick.
    let within = "tick,0x3010,US,0,0x0,0,0x2020,0x1010";
    assert_eq!(
        below_f(&[builtin, calls_g, other, within]),
        "f /a.js:1:1;g /a.js:2:1 1\nf /a.js:1:1;g /a.js:2:1;Builtin: ArrayMap 1\n\
         f /a.js:1:1;g /a.js:2:1;h /a.js:3:1 1\nf /a.js:1:1;h /a.js:3:1 1\n"
    );
}

/// The error was: a builtin without a frame stood directly below the caller of the function that called it
/// when the call had entered several functions, and functions inlined into the left-out one were missing.
#[test]
fn a_caller_that_v8_left_out_is_put_back_or_stated_to_be_unknown() {
    let code = "code-creation,JS,10,1,0x3000,256,m /a.js:3:1,0x9200,~\n\
                code-creation,JS,10,1,0x6000,256,k /a.js:5:1,0x9400,~\n\
                code-creation,JS,13,2,0x5000,256,h /a.js:4:1,0x9300,*\n\
                code-source-info,0x5000,1,0,99,C0O1C16O2I0C32O3,F0O5,S0x9100\n";
    // The call at 0x3040 enters h, into which g is inlined, and k.
    let both = "tick,0x5010,1,0,0x0,0,0x3040\ntick,0x6010,2,0,0x0,0,0x3040\n";
    let in_builtin = "tick,0x1000010,3,0,0x0,0,0x3040\n";
    let seen = "m /a.js:3:1;h /a.js:4:1_[j];g /a.js:2:1_[i] 1\nm /a.js:3:1;k /a.js:5:1 1\n";
    let unknown = "m /a.js:3:1;(caller not logged);Builtin: ArrayMap 1\n";
    assert_eq!(fold(&format!("{code}{both}{in_builtin}")), format!("{unknown}{seen}"));
    // Elsewhere, g calls this builtin. Of the two functions, only h has g in it.
    let known = "tick,0x2010,4,0,0x0,0,0x1010\n\
                 tick,0x1000010,5,0,0x0,0,0x1010\ntick,0x1000010,6,0,0x0,0,0x1010\n";
    let text = fold(&format!("{code}{both}{in_builtin}{known}"));
    let of_h = "m /a.js:3:1;h /a.js:4:1_[j];g /a.js:2:1_[i];Builtin: ArrayMap 1\n";
    assert!(
        text.contains(of_h) && text.contains("f /a.js:1:1;g /a.js:2:1;Builtin: ArrayMap 2\n"),
        "{text}"
    );
    // A call that entered no function in other ticks: the instruction has no frame, as its other ticks show.
    let others = "tick,0x1000010,7,0,0x0,0,0x3080\n".to_owned() + &in_builtin.repeat(3);
    let text = fold(&format!("{code}{both}{others}"));
    assert!(text.contains("m /a.js:3:1;(caller not logged);Builtin: ArrayMap 4\n"), "{text}");
}

/// The error was: nothing reported that the cost of a builtin stood below the outermost function, when no tick was
/// in the function that V8 had inlined into it and that called the builtin.
#[test]
fn ticks_whose_caller_may_be_an_inlined_function_are_counted() {
    let code = "code-creation,JS,10,1,0x3000,256,m /a.js:3:1,0x9200,~\n\
                code-creation,JS,13,2,0x5000,256,h /a.js:4:1,0x9300,*\n";
    let inlined = "code-source-info,0x5000,1,0,99,C0O1C16O2I0C32O3,F0O5,S0x9100\n";
    // The call at 0x3040 enters h. No tick is in the code of g there.
    let ticks = "tick,0x5030,1,0,0x0,0,0x3040\n".to_owned()
        + &"tick,0x1000010,3,0,0x0,0,0x3040\n".repeat(60);
    for (inlined, counted) in [(inlined, true), ("", false)] {
        let text = format!("{code}{inlined}{ticks}");
        assert!(fold(&text).contains("m /a.js:3:1;h /a.js:4:1_[j];Builtin: ArrayMap 60\n"));
        let is_counted = profile(&text).warnings.iter().any(|warning| {
            matches!(warning.fact, Fact::V8(V8Fact::UncertainCallers { ticks: 60, all: 61 }))
        });
        assert_eq!(is_counted, counted);
    }
}

/// The error was: `StringEqual` stood below `h`, which compares nothing, and not below the inlined `g`, because
/// no other tick showed that `g` calls it. Only the text of the script shows it.
#[test]
fn the_text_of_functions_shows_which_of_them_called_a_builtin() {
    let code = "code-creation,Builtin,2,1,0x1100000,256,StringEqual\n\
                code-creation,JS,10,1,0x3000,256,m /a.js:3:1,0x9200,~\n";
    let made = "code-creation,JS,10,1,0x7000,9,g /a.js:2:1,0x9100,~\ncode-source-info,0x7000,7,20,40,C0O30,,\n\
                code-creation,JS,13,2,0x5000,256,h /a.js:4:1,0x9300,*\n\
                code-source-info,0x5000,7,10,45,C0O11C16O30I0C32O50,F0O45,S0x9100\n";
    let ticks = "tick,0x5030,1,0,0x0,0,0x3040\n".to_owned()
        + &"tick,0x1100010,3,0,0x0,0,0x3040\n".repeat(60);
    let of_h = "m /a.js:3:1;h /a.js:4:1_[j];Builtin: StringEqual 60\n";
    let of_g = "m /a.js:3:1;h /a.js:4:1_[j];g /a.js:2:1_[i];Builtin: StringEqual 60\n";
    let of_none = "m /a.js:3:1;(caller not logged);Builtin: StringEqual 60\n";
    // Both functions lie in these texts; g has the units 20 to 40, and the first letter takes one of them.
    for (outer, inner, expected, counted) in [
        ("i++ ", "a === b", of_g, false),
        ("a==b", "a === b", of_h, true),
        ("a==b", "a = b  ", of_h, false),
        ("a+b ", "a = b  ", of_none, false),
    ] {
        let script = format!(
            "script-source,7,/a.js,\\u4e2d        h({outer}) (((g({inner}) )))) more of h\n"
        );
        let text = format!("{code}{script}{made}{ticks}");
        assert!(fold(&text).contains(expected), "{outer} {inner}: {}", fold(&text));
        let is_counted = profile(&text).warnings.iter().any(|warning| {
            matches!(warning.fact, Fact::V8(V8Fact::UncertainCallers { ticks: 60, all: 61 }))
        });
        assert_eq!(is_counted, counted, "{outer} {inner}");
    }
}

/// The error was: a builtin stood below `h`, although ticks in which it had a frame showed that the inlined `g`
/// calls it.
#[test]
fn ticks_of_a_builtin_with_a_frame_show_its_caller() {
    let code = "code-creation,JS,10,1,0x3000,256,m /a.js:3:1,0x9200,~\n\
                code-creation,JS,13,2,0x5000,256,h /a.js:4:1,0x9300,*\n\
                code-source-info,0x5000,1,0,99,C0O1C16O2I0C32O3,F0O5,S0x9100\n\
                tick,0x5030,1,0,0x0,0,0x3040\n";
    let framed = "tick,0x1000050,2,0,0x0,0,0x5018,0x3040\n".repeat(2);
    let frameless = "tick,0x1000010,3,0,0x0,0,0x3040\n".repeat(3);
    let text = fold(&format!("{code}{framed}{frameless}"));
    assert!(
        text.contains("m /a.js:3:1;h /a.js:4:1_[j];g /a.js:2:1_[i];Builtin: ArrayMap 5\n"),
        "{text}"
    );
}
